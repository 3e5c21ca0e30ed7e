/* digest.c - see digest.h. */
#include "digest.h"

#include <stdio.h>

#define XXH_STATIC_LINKING_ONLY /* lets the states below be members, of known size */
#include <xxhash.h>
#ifdef VDB_XXH_DISPATCH /* by the Makefile, where the library has it: the processor's widest registers */
#include <xxh_x86dispatch.h>
#endif

#include "mem.h"

struct vdb_hasher {
    XXH3_state_t *state; /* within memory, aligned as it wants */
    unsigned char memory[sizeof(XXH3_state_t) + 63];
};

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

static uint64_t digest_long_row(const vdb_value *columns, size_t count)
{
    XXH3_state_t state;
    unsigned char head[9];
    XXH3_64bits_reset(&state);
    for (size_t i = 0; i < count; i++) {
        XXH3_64bits_update(&state, head, put_column(head, &columns[i]));
        if (payload_bytes(&columns[i]))
            XXH3_64bits_update(&state, columns[i].data, columns[i].bytes);
    }
    return XXH3_64bits_digest(&state);
}

int64_t vdb_digest_row(const vdb_value *columns, size_t count)
{
    unsigned char row[1024];
    size_t at = 0;
    uint64_t digest;
    for (size_t i = 0; i < count; i++) {
        size_t payload = payload_bytes(&columns[i]);
        if (payload > sizeof row - 9 || at > sizeof row - 9 - payload) {
            digest = digest_long_row(columns, count);
            goto out;
        }
        at += put_column(row + at, &columns[i]);
        if (payload)
            memcpy(row + at, columns[i].data, payload);
        at += payload;
    }
    digest = XXH3_64bits(row, at);
out:;
    int64_t stored;
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

vdb_hash vdb_hash_bytes(const void *data, size_t bytes)
{
    return canonical(XXH3_128bits(data, bytes));
}

vdb_hasher *vdb_hasher_new(void)
{
    vdb_hasher *h = vdb_malloc(sizeof *h);
    if (!h)
        return NULL;
    uintptr_t at = ((uintptr_t)h->memory + 63) & ~(uintptr_t)63;
    h->state = (XXH3_state_t *)at;
    XXH3_128bits_reset(h->state);
    return h;
}

void vdb_hasher_add(vdb_hasher *h, const void *data, size_t bytes)
{
    XXH3_128bits_update(h->state, data, bytes);
}

vdb_hash vdb_hasher_end(const vdb_hasher *h)
{
    return canonical(XXH3_128bits_digest(h->state));
}

void vdb_hasher_free(vdb_hasher *h)
{
    vdb_free(h);
}

void vdb_hash_print(const void *hash, char out[33])
{
    const unsigned char *byte = hash;
    for (int i = 0; i < 16; i++)
        snprintf(out + 2 * i, 3, "%02x", byte[i]);
}
