/*
 * digest.h - XXH3 over the values of rows: what makes a flipped bit visible.
 */
#ifndef VDB_DIGEST_H
#define VDB_DIGEST_H

#include <stdint.h>

#include "engine.h"
#include "hash.h"

/* 64 bits over a row's columns: kind, length and bytes of each, so that no two rows that
 * differ look alike by moving a border. */
int64_t vdb_digest_row(const vdb_value *columns, size_t count);

/* 128 bits over columns, in the same form as vdb_digest_row's. */
vdb_hash vdb_hash_row(const vdb_value *columns, size_t count);

#endif
