/*
 * digest.h - XXH3 over values and bytes: what makes a flipped bit visible.
 */
#ifndef VDB_DIGEST_H
#define VDB_DIGEST_H

#include <stdint.h>

#include "engine.h"

/* 64 bits over a row's columns: kind, length and bytes of each, so that no two rows that
 * differ look alike by moving a border. */
int64_t vdb_digest_row(const vdb_value *columns, size_t count);

/* 128 bits of canonical bytes, in the big-endian form that XXH3 calls canonical. */
typedef struct vdb_hash {
    unsigned char byte[16];
} vdb_hash;

vdb_hash vdb_hash_bytes(const void *data, size_t bytes);
/* 128 bits over columns, in the same form as vdb_digest_row's. */
vdb_hash vdb_hash_row(const vdb_value *columns, size_t count);

typedef struct vdb_hasher vdb_hasher; /* the same, piece by piece */
vdb_hasher *vdb_hasher_new(void);     /* NULL: out of memory */
void vdb_hasher_add(vdb_hasher *h, const void *data, size_t bytes);
vdb_hash vdb_hasher_end(const vdb_hasher *h);
void vdb_hasher_free(vdb_hasher *h);

/* 32 hex digits and a NUL. */
void vdb_hash_print(const void *hash, char out[33]);

#endif
