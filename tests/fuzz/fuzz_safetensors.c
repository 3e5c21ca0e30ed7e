/* fuzz_safetensors.c - any bytes as a tensor file: opened, listed, and read to the last byte. */
#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "as_file.h"
#include "varsdb.h"

#define PIECE_BYTES 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int check_metadata(void *payload, const char *key, const char *json)
{
    size_t bytes = strlen(json);
    (void)payload;
    assert(key && bytes >= 2 && json[0] == '"' && json[bytes - 1] == '"');
    return 0;
}

/* Shape and dtype take the bytes that the reader says. */
static void check_size(const varsdb_tensor_info *t)
{
    unsigned __int128 bits = (unsigned)varsdb_dtype_bits(t->dtype);
    for (int i = 0; i < t->shape.rank; i++)
        bits *= (uint64_t)t->shape.dims[i];
    assert(bits % 8 == 0 && bits / 8 == t->bytes);
}

static void read_tensor(varsdb_reader *r, size_t i, uint64_t bytes)
{
    char piece[PIECE_BYTES];
    int rc = VARSDB_OK;
    for (uint64_t at = 0; at < bytes && rc == VARSDB_OK; at += sizeof piece)
        rc = varsdb_reader_read(r, i, at, piece,
                                bytes - at < sizeof piece ? (size_t)(bytes - at) : sizeof piece);
    assert(rc == VARSDB_OK || (rc == VARSDB_FORMAT && varsdb_reader_tensor(r, i)->dtype == VARSDB_BOOL));
}

static void read_file(varsdb_reader *r, size_t size)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < varsdb_reader_count(r); i++) {
        const varsdb_tensor_info *t = varsdb_reader_tensor(r, i);
        check_size(t);
        read_tensor(r, i, t->bytes);
        sum += t->bytes;
    }
    assert(sum < size);
    assert(varsdb_reader_metadata(r, check_metadata, NULL) == VARSDB_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    varsdb_reader *r = NULL;
    int rc = varsdb_open_reader(as_file(data, size), &r);
    assert(r && (rc == VARSDB_OK) == (varsdb_reader_errmsg(r)[0] == '\0'));
    /* Bytes that another format takes for its own are for that one's target. */
    const char *format = varsdb_reader_format(r);
    bool is_ours = !format || strcmp(format, "safetensors") == 0;
    if (rc == VARSDB_OK && is_ours)
        read_file(r, size);
    else if (is_ours)
        assert(rc == VARSDB_FORMAT || rc == VARSDB_CANTOPEN); /* the latter: a file of a set */
    varsdb_close_reader(r);
    return 0;
}
