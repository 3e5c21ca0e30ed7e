/*
 * chunk.h - pieces of larger tensors, stored once however often they occur.
 */
#ifndef VDB_CHUNK_H
#define VDB_CHUNK_H

#include "internal.h"

#include "digest.h"

/* Inside a write transaction: the id of the chunk with these bytes, stored if it is new.
 * A hash that is there already counts only if the bytes are equal too.  `scratch` has room
 * for a chunk. */
int vdb_chunk_store(varsdb *db, const vdb_hash *hash, const void *data, size_t bytes, void *scratch,
                    int64_t *id);
/* Whether some chunk has that hash and so many bytes. */
int vdb_chunk_exists(varsdb *db, const vdb_hash *hash, size_t bytes, bool *out);

/* One place in a tensor's list of chunks, and the chunk there, as their rows say. */
typedef struct vdb_chunk_link {
    int64_t position, id;
    vdb_hash hash;
} vdb_chunk_link;
#define VDB_CHUNK_LINK_COLUMNS 9
/* Reads and checks the current row of the statement tensor_links, which is to be for `position`
 * and a chunk of `bytes`.  CORRUPT names variable and position. */
int vdb_chunk_link_read(varsdb *db, vdb_rows *rows, int64_t tensor_id, const char *name, int64_t position,
                        size_t bytes, vdb_chunk_link *out);
/* `bytes` of the chunk from offset on; all of it is checked against its hash, unless the handle
 * is unchecked.  CORRUPT names variable and position. */
int vdb_chunk_read(varsdb *db, const vdb_chunk_link *link, const char *name, size_t chunk_bytes,
                   size_t offset, void *buffer, size_t bytes, void *scratch);
int vdb_chunk_fail(varsdb *db, const char *name, int64_t position); /* CORRUPT */

#endif
