/*
 * tensor_chunks.h - a larger tensor as a list of chunks: cut, hashed and measured while its
 * bytes pass.
 */
#ifndef VDB_TENSOR_CHUNKS_H
#define VDB_TENSOR_CHUNKS_H

#include "tensor.h"

/* Cuts a tensor's bytes, which come in order, into chunks and stores them. */
typedef struct vdb_chunk_writer {
    varsdb *db;
    vdb_tensor *tensor; /* gets the ids, and in the end hash and statistics */
    vdb_hasher *hasher; /* NULL: the tensor's hash is known */
    unsigned char *scratch;
    size_t chunk_bytes;
    uint64_t offset;
    int64_t session; /* pins for it; 0: does not */
} vdb_chunk_writer;

int vdb_chunks_open(varsdb *db, vdb_tensor *t, vdb_chunk_writer *out);
/* Inside a write transaction.  Whole chunks; the tensor's last may be shorter. */
int vdb_chunks_write(vdb_chunk_writer *w, const unsigned char *data, size_t bytes);
/* All bytes passed: the tensor is prepared. */
void vdb_chunks_finish(vdb_chunk_writer *w);
void vdb_chunks_close(vdb_chunk_writer *w);

/* Hashes and measures a tensor in memory chunk by chunk; chunks are found by the hashes later. */
int vdb_chunks_hash(varsdb *db, vdb_tensor *t, bool measure);
/* Inside a write transaction: pulls what is not in chunks yet, and finds or inserts the row. */
int vdb_chunks_store(varsdb *db, vdb_tensor *t, int64_t *id);
/* The id of a stored tensor with the same hash and, compared one by one, the same bytes; 0: none. */
int vdb_chunks_find_equal(varsdb *db, vdb_tensor *t, int64_t *id);
/* Inside a write transaction: the list goes, and chunks that nothing else needs. */
int64_t vdb_chunk_link_digest(int64_t tensor_id, int64_t position, int64_t chunk_id);

#endif
