/*
 * chunk.h - pieces of larger tensors, stored once however often they occur.
 */
#ifndef VDB_CHUNK_H
#define VDB_CHUNK_H

#include "internal.h"

/* Inside a write transaction: the id of the chunk with these bytes, stored if it is new.
 * A hash that is there already counts only if the bytes are equal too.  `scratch` has room
 * for a chunk. */
int vdb_chunk_store(varsdb *db, const void *data, size_t bytes, void *scratch, int64_t *id);
/* A whole chunk, checked against its hash; VARSDB_CORRUPT names variable and position. */
int vdb_chunk_read(varsdb *db, int64_t id, const char *name, int64_t position, void *buffer, size_t bytes);

#endif
