/* read_file.h - a tensor file read to its end: it is right, or refused in a sentence. */
#ifndef FUZZ_READ_FILE_H
#define FUZZ_READ_FILE_H

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "varsdb.h"

#define READ_PIECE_BYTES 997 /* no multiple of anything */
#define READ_BYTES_MAX   ((uint64_t)16 << 20)

/* Shape and dtype take the bytes that the reader says. */
static void read_check_size(const varsdb_tensor_info *t)
{
    unsigned __int128 bits = (unsigned)varsdb_dtype_bits(t->dtype);
    for (int i = 0; i < t->shape.rank; i++)
        bits *= (uint64_t)t->shape.dims[i];
    assert(bits % 8 == 0 && bits / 8 == t->bytes);
}

static void read_tensor(varsdb_reader *r, size_t i)
{
    char piece[READ_PIECE_BYTES];
    const varsdb_tensor_info *t = varsdb_reader_tensor(r, i);
    int rc = VARSDB_OK;
    if (t->dtype == VARSDB_DTYPE_NOT_SAID) {
        assert(varsdb_reader_read(r, i, 0, NULL, 0) == VARSDB_UNSUPPORTED);
        return;
    }
    read_check_size(t);
    for (uint64_t at = 0; at < t->bytes && at < READ_BYTES_MAX && rc == VARSDB_OK; at += sizeof piece)
        rc = varsdb_reader_read(r, i, at, piece,
                                t->bytes - at < sizeof piece ? (size_t)(t->bytes - at) : sizeof piece);
    assert(rc == VARSDB_OK || rc == VARSDB_FORMAT);
    if (rc == VARSDB_OK && t->bytes) /* and back again */
        assert(varsdb_reader_read(r, i, 0, piece, 1) == VARSDB_OK);
}

static int read_metadatum(void *payload, const char *key, const char *json)
{
    (void)payload;
    assert(*key && *json);
    return 0;
}

/* No file claims more than so many times its bytes. */
static void read_file(const char *path, size_t size)
{
    varsdb_reader *r = NULL;
    int rc = varsdb_open_reader(path, &r);
    assert(r && (rc == VARSDB_OK) == (varsdb_reader_errmsg(r)[0] == '\0'));
    assert(rc == VARSDB_OK || rc == VARSDB_FORMAT || rc == VARSDB_UNSUPPORTED);
    uint64_t sum = 0;
    for (size_t i = 0; rc == VARSDB_OK && i < varsdb_reader_count(r); i++) {
        if (varsdb_reader_tensor(r, i)->dtype != VARSDB_DTYPE_NOT_SAID)
            sum += varsdb_reader_tensor(r, i)->bytes;
        read_tensor(r, i);
    }
    assert(sum <= 1100 * (uint64_t)size);
    if (rc == VARSDB_OK)
        assert(varsdb_reader_metadata(r, read_metadatum, NULL) == VARSDB_OK);
    varsdb_close_reader(r);
}

#endif
