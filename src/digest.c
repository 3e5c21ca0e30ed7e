/* digest.c - see digest.h. */
#include "digest.h"

#define XXH_STATIC_LINKING_ONLY /* lets a state be on the stack */
#include <xxhash.h>

#define ROW_BYTES 1024

static size_t put_column(unsigned char *at, const vdb_value *v)
{
    uint64_t word = v->bytes;
    if (v->kind == VDB_INT)
        memcpy(&word, &v->integer, sizeof word);
    else if (v->kind == VDB_REAL)
        memcpy(&word, &v->real, sizeof word);
    at[0] = (unsigned char)v->kind;
    memcpy(at + 1, &word, sizeof word);
    return 1 + sizeof word;
}

static size_t payload_bytes(const vdb_value *v)
{
    return v->kind == VDB_TEXT || v->kind == VDB_BLOB ? v->bytes : 0;
}

/* Columns one after the other; false when they are longer than a row mostly is. */
static bool put_row(unsigned char *row, size_t room, const vdb_value *columns, size_t count, size_t *bytes)
{
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        size_t payload = payload_bytes(&columns[i]);
        if (payload > room - 9 || at > room - 9 - payload)
            return false;
        at += put_column(row + at, &columns[i]);
        if (payload)
            memcpy(row + at, columns[i].data, payload);
        at += payload;
    }
    *bytes = at;
    return true;
}

typedef XXH_errorcode (*row_update)(XXH3_state_t *state, const void *input, size_t bytes);

static void add_row(XXH3_state_t *state, row_update update, const vdb_value *columns, size_t count)
{
    unsigned char head[9];
    for (size_t i = 0; i < count; i++) {
        update(state, head, put_column(head, &columns[i]));
        if (payload_bytes(&columns[i]))
            update(state, columns[i].data, columns[i].bytes);
    }
}

int64_t vdb_digest_row(const vdb_value *columns, size_t count)
{
    unsigned char row[ROW_BYTES];
    size_t bytes;
    uint64_t digest;
    int64_t stored;
    if (put_row(row, sizeof row, columns, count, &bytes)) {
        digest = XXH3_64bits(row, bytes);
    } else {
        XXH3_state_t state;
        XXH3_64bits_reset(&state);
        add_row(&state, XXH3_64bits_update, columns, count);
        digest = XXH3_64bits_digest(&state);
    }
    memcpy(&stored, &digest, sizeof stored);
    return stored;
}

static vdb_hash canonical(XXH128_hash_t hash)
{
    XXH128_canonical_t c;
    vdb_hash out;
    XXH128_canonicalFromHash(&c, hash);
    memcpy(out.byte, c.digest, sizeof out.byte);
    return out;
}

vdb_hash vdb_hash_row(const vdb_value *columns, size_t count)
{
    unsigned char row[ROW_BYTES];
    size_t bytes;
    if (put_row(row, sizeof row, columns, count, &bytes))
        return canonical(XXH3_128bits(row, bytes));
    XXH3_state_t state;
    XXH3_128bits_reset(&state);
    add_row(&state, XXH3_128bits_update, columns, count);
    return canonical(XXH3_128bits_digest(&state));
}
