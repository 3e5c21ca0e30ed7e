/*
 * hash.h - XXH3 over bytes: the names of tensors and chunks.  No I/O.
 */
#ifndef VDB_HASH_H
#define VDB_HASH_H

#include <stddef.h>
#include <stdint.h>

/* 128 bits of canonical bytes, in the big-endian form that XXH3 calls canonical. */
typedef struct vdb_hash {
    unsigned char byte[16];
} vdb_hash;

vdb_hash vdb_hash_bytes(const void *data, size_t bytes);

typedef struct vdb_hasher vdb_hasher; /* the same, piece by piece */
vdb_hasher *vdb_hasher_new(void);     /* NULL: out of memory */
void vdb_hasher_add(vdb_hasher *h, const void *data, size_t bytes);
vdb_hash vdb_hasher_end(const vdb_hasher *h);
void vdb_hasher_free(vdb_hasher *h);

/* 32 hex digits and a NUL. */
void vdb_hash_print(const void *hash, char out[33]);

#endif
