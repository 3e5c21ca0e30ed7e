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
#include "slice.h"
#include "stats.h"

struct vdb_save;

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
    struct vdb_save *save; /* where large ones are stored beforehand; NULL: in one of its own */
    /* made by vdb_tensor_prepare */
    void *owned;
    struct vdb_save *own_save;
    bool prepared;     /* hash and statistics are there */
    bool is_in_chunks; /* and stored: chunks has their ids */
    int64_t equal_id;  /* a stored tensor that is the same; 0: none was found */
    vdb_hash hash;
    vdb_stats stats;
    vdb_buf hashes; /* of chunks (vdb_hash), known before they are stored */
    vdb_buf chunks; /* ids (int64_t) */
} vdb_tensor;

/* A tensor whose bytes the initializer makes; it must outlive the tensor.  VARSDB_INVALID: too large
 * to be counted. */
int vdb_tensor_of_initializer(varsdb *db, vdb_initializer *init, vdb_tensor *out);
/* Does beforehand what need not be done while the write lock is held: pulls, hashes and measures what
 * is small, stores what is large (save.h).  Inside a transaction large ones are left to
 * vdb_tensor_store, and are part of it. */
int vdb_tensor_prepare(varsdb *db, vdb_tensor *t);
/* Inside a write transaction: the id of the tensor with these bytes, stored if it is new.  A save of
 * its own is settled. */
int vdb_tensor_store(varsdb *db, vdb_tensor *t, int64_t *id);
void vdb_tensor_release(vdb_tensor *t);
/* Inside a write transaction: deletes it unless something refers to it. */
int vdb_tensor_drop(varsdb *db, int64_t id);
/* Bytes [offset, offset + bytes) from memory or the source. */
int vdb_tensor_pull(varsdb *db, const vdb_tensor *t, uint64_t offset, void *buffer, size_t bytes);

/* Checks the canonical bytes of a bool tensor or a string tensor; VARSDB_INVALID. */
int vdb_tensor_check_bytes(vdb_error *e, varsdb_dtype dtype, int64_t elements, const void *data,
                           uint64_t bytes);
/* The same for a piece that comes in order, of any dtype but string; `offset` bytes came before it. */
int vdb_tensor_check_piece(vdb_error *e, varsdb_dtype dtype, uint64_t offset, const void *data, size_t bytes);
/* What chunks of a tensor hold: whole elements, so that each can be measured by itself. */
size_t vdb_tensor_chunk_bytes(const varsdb *db, varsdb_dtype dtype);

/* Inside a transaction: bytes [offset, offset + bytes) of a stored tensor, checked against
 * its hashes.  `name` is for messages.  VARSDB_CORRUPT names the chunk. */
int vdb_tensor_read(varsdb *db, int64_t id, const char *name, uint64_t offset, void *buffer, size_t bytes);
/* A slice of it, packed: of s->bytes. */
int vdb_tensor_read_slice(varsdb *db, int64_t id, const char *name, const vdb_slice *s, void *out);
/* Its canonical size. */
int vdb_tensor_bytes(varsdb *db, int64_t id, const char *name, uint64_t *out);

/* The current row of a statement that yields {tensor_columns} from column 0 on, checked. */
typedef struct vdb_tensor_row {
    int64_t id;
    uint64_t bytes;
    varsdb_dtype dtype;
    size_t chunk_bytes; /* of its chunks, but for the last */
    int64_t chunk_count, chunks_digest;
    vdb_hash hash;
} vdb_tensor_row;
int vdb_tensor_row_load(varsdb *db, int64_t id, const char *name, vdb_tensor_row *out);
/* As vdb_tensor_read, for many reads of one tensor in one picture. */
int vdb_tensor_row_read(varsdb *db, const vdb_tensor_row *t, const char *name, uint64_t offset, void *buffer,
                        size_t bytes);

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

/* Texts that columns may borrow. */
typedef struct vdb_extreme_text {
    char min[24], max[24];
} vdb_extreme_text;
/* The columns from TENSOR_MIN to TENSOR_NEG_INFS; at is a whole row. */
void vdb_tensor_row_statistics(const vdb_stats *s, vdb_value *at, vdb_extreme_text *text);
/* What the row says of a prepared tensor, but for its chunks. */
void vdb_tensor_row_fill(const vdb_tensor *t, int64_t id, int64_t discriminator, vdb_value *at,
                         vdb_extreme_text *text);
int vdb_tensor_row_insert(varsdb *db, const vdb_value *at, vdb_value inline_bytes);
int vdb_tensor_row_next_id(varsdb *db, int64_t *out);
/* A row with t's hash, size and dtype: the one with the least discriminator from *discriminator on,
 * which becomes its. */
int vdb_tensor_row_find(varsdb *db, const vdb_tensor *t, int64_t *discriminator, int64_t *id, bool *found);

#endif
