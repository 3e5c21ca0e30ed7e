/*
 * any_reader.h - any bytes as a tensor file: opened, listed, and looked into.  What is listed must be as
 * the library promises, whatever the file is.
 */
#ifndef FUZZ_ANY_READER_H
#define FUZZ_ANY_READER_H

#include <assert.h>
#include <string.h>

#include "as_file.h"
#include "json.h"
#include "varsdb.h"

#define ANY_PIECE_BYTES 4096
#define ANY_TENSORS     32u /* are looked into */

static int any_metadata(void *payload, const char *key, const char *json)
{
    vdb_error e;
    (void)payload;
    assert(key && vdb_json_check(&e, json, strlen(json)) == VARSDB_OK);
    return 0;
}

/* Shape and dtype take the bytes that the reader says. */
static void any_check_size(const varsdb_tensor_info *t)
{
    int block_bytes, block = varsdb_dtype_block(t->dtype, &block_bytes);
    unsigned bits = (unsigned)varsdb_dtype_bits(t->dtype);
    unsigned __int128 elements = 1;
    for (int i = 0; i < t->shape.rank; i++)
        elements *= (uint64_t)t->shape.dims[i];
    if (block)
        assert(elements % (unsigned)block == 0 &&
               elements / (unsigned)block * (unsigned)block_bytes == t->bytes);
    else
        assert(t->dtype == VARSDB_DTYPE_NOT_SAID ||
               (elements * bits % 8 == 0 && elements * bits / 8 == t->bytes));
}

static void any_read(varsdb_reader *r, size_t i, uint64_t at)
{
    char piece[ANY_PIECE_BYTES];
    const varsdb_tensor_info *t = varsdb_reader_tensor(r, i);
    uint64_t left = t->bytes - at;
    int rc = varsdb_reader_read(r, i, at, piece, left < sizeof piece ? (size_t)left : sizeof piece);
    assert(rc == VARSDB_OK || (rc == VARSDB_FORMAT && t->dtype == VARSDB_BOOL) ||
           (rc == VARSDB_UNSUPPORTED && t->dtype == VARSDB_DTYPE_NOT_SAID));
}

/* The most bytes that all tensors of a file may have, a multiple of the file's and some for nothing. */
static void any_file(const uint8_t *data, size_t size, uint64_t times, uint64_t free_bytes)
{
    varsdb_reader *r = NULL;
    uint64_t sum = 0;
    int rc = varsdb_open_reader(as_file(data, size), &r);
    assert(r && (rc == VARSDB_OK) == (varsdb_reader_errmsg(r)[0] == '\0'));
    assert(rc == VARSDB_OK || rc == VARSDB_FORMAT || rc == VARSDB_UNSUPPORTED);
    for (size_t i = 0; rc == VARSDB_OK && i < varsdb_reader_count(r); i++) {
        const varsdb_tensor_info *t = varsdb_reader_tensor(r, i);
        any_check_size(t);
        sum += t->bytes;
        if (i >= ANY_TENSORS)
            continue;
        any_read(r, i, 0);
        any_read(r, i, t->bytes / 3);
        any_read(r, i, t->bytes > 100 ? t->bytes - 100 : 0);
    }
    assert(sum <= times * size + free_bytes);
    assert(rc != VARSDB_OK || varsdb_reader_metadata(r, any_metadata, NULL) == VARSDB_OK);
    varsdb_close_reader(r);
}

#endif
