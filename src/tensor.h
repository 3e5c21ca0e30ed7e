/*
 * tensor.h - values as rows: immutable, addressed by their content, inline when
 * small, in chunks otherwise.  No tensor ever is one value of SQL or one
 * allocation: whatever is larger than a chunk is pulled and handed out piece by
 * piece.
 */
#ifndef VDB_TENSOR_H
#define VDB_TENSOR_H

#include "digest.h"
#include "format/format.h"
#include "initializer.h"
#include "internal.h"
#include "stats.h"

/* A value on its way into the registry. */
typedef struct vdb_tensor {
    varsdb_dtype dtype;
    int64_t elements;
    uint64_t bytes; /* canonical: strings with their lengths */
    /* where the bytes are: in memory, or to be pulled (in order, every range once) */
    const void *data;
    vdb_tensor_source_cb source;
    void *payload;
    int64_t tag;
    /* made by vdb_tensor_prepare */
    void *owned;
    bool prepared;
    vdb_hash hash;
    vdb_stats stats;
} vdb_tensor;

/* A tensor whose bytes the initializer makes; it must outlive the tensor.  VARSDB_INVALID: too large
 * to be counted. */
int vdb_tensor_of_initializer(varsdb *db, vdb_initializer *init, vdb_tensor *out);
/* Pulls, hashes and measures what is small enough to be inline, so that it need not be done
 * while the write lock is held. */
int vdb_tensor_prepare(varsdb *db, vdb_tensor *t);
/* Inside a write transaction: the id of the tensor with these bytes, stored if it is new. */
int vdb_tensor_store(varsdb *db, vdb_tensor *t, int64_t *id);
void vdb_tensor_release(vdb_tensor *t);
/* Inside a write transaction: deletes it unless something refers to it. */
int vdb_tensor_drop(varsdb *db, int64_t id);

/* Checks the canonical bytes of a bool tensor or a string tensor; VARSDB_INVALID. */
int vdb_tensor_check_bytes(vdb_error *e, varsdb_dtype dtype, int64_t elements, const void *data,
                           uint64_t bytes);
/* What chunks of a tensor hold: whole elements, so that each can be measured by itself. */
size_t vdb_tensor_chunk_bytes(const varsdb *db, varsdb_dtype dtype);

/* Inside a transaction: bytes [offset, offset + bytes) of a stored tensor, checked against
 * its hashes.  `name` is for messages.  VARSDB_CORRUPT names the chunk. */
int vdb_tensor_read(varsdb *db, int64_t id, const char *name, uint64_t offset, void *buffer, size_t bytes);
/* Its canonical size. */
int vdb_tensor_bytes(varsdb *db, int64_t id, const char *name, uint64_t *out);

/* The columns of a tensor row that the digest covers, from `first` of a current row on. */
enum vdb_tensor_column {
    TENSOR_ID,
    TENSOR_HASH,
    TENSOR_BYTES,
    TENSOR_DTYPE,
    TENSOR_DISCRIMINATOR,
    TENSOR_MIN,
    TENSOR_MAX,
    TENSOR_MEAN,
    TENSOR_STD,
    TENSOR_L2_NORM,
    TENSOR_ZEROS,
    TENSOR_NANS,
    TENSOR_POS_INFS,
    TENSOR_NEG_INFS,
    TENSOR_CHUNK_COUNT,
    TENSOR_CHUNKS_DIGEST,
    TENSOR_COLUMNS /* the digest comes next */
};

#endif
