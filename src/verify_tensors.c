/*
 * verify_tensors.c - rows of tensors, chunks and lists; the lists against their tensors; see verify.h.
 */
#include "tensor.h"

#include <stdio.h>

#include "verify.h"

#define WHAT_BYTES 160

_Static_assert((int)VT_DIGEST == (int)TENSOR_COLUMNS, "the digest is behind the tensor's columns");

/* ---- a tensor's row */

/* How many chunks it must have. */
static int64_t chunks_of(const varsdb *db, varsdb_dtype dtype, int64_t bytes)
{
    int64_t size = (int64_t)vdb_tensor_chunk_bytes(db, dtype);
    return bytes / size + (bytes % size != 0);
}

static const char *bad_place(const varsdb *db, const vdb_value *at, varsdb_dtype dtype)
{
    int64_t bytes = at[TENSOR_BYTES].integer, chunks = at[TENSOR_CHUNK_COUNT].integer;
    const vdb_value *there = &at[VT_INLINE_BYTES];
    if (chunks != 0)
        return there->kind == VDB_NULL && chunks == chunks_of(db, dtype, bytes)
                   ? NULL
                   : "its value has not as many chunks as its size asks for";
    if (there->kind != VDB_INT)
        return "its value is missing";
    if (there->integer != bytes)
        return "its value has more or fewer bytes than its row says";
    return bytes <= db->inline_bytes ? NULL : "its value is too large to stand in its row";
}

/* NULL when the row can be. */
static const char *bad_tensor(const varsdb *db, const vdb_value *at)
{
    int64_t bytes = at[TENSOR_BYTES].integer;
    varsdb_dtype dtype = varsdb_dtype_parse(vdb_verify_text(&at[TENSOR_DTYPE]));
    if (dtype == VARSDB_DTYPE_NOT_SAID)
        return "the dtype of its value is none";
    if (at[TENSOR_HASH].kind != VDB_BLOB || at[TENSOR_HASH].bytes != sizeof(vdb_hash))
        return "the hash of its value is none";
    if (at[TENSOR_BYTES].kind != VDB_INT || bytes < 0 || bytes > INT64_MAX / 8)
        return "the size of its value cannot be";
    const vdb_dtype_block *block = vdb_dtype_block_of(dtype);
    int bits = varsdb_dtype_bits(dtype);
    if ((bits >= 8 && bytes % (bits / 8) != 0) || (block && bytes % block->bytes != 0))
        return "its value holds a part of an element";
    if (at[TENSOR_DISCRIMINATOR].integer < 0)
        return "its value has an impossible discriminator";
    return bad_place(db, at, dtype);
}

static int check_tensor_row(vdb_verify *v, void *payload, const vdb_value *at)
{
    (void)payload;
    int64_t id = at[TENSOR_ID].integer;
    if (!vdb_verify_digest_fits(at, TENSOR_COLUMNS))
        return vdb_verify_tell_tensor(v, VDB_FOUND_DIGEST, id, -1,
                                      "the row of its value does not match its digest");
    const char *wrong = bad_tensor(v->db, at);
    if (wrong)
        return vdb_verify_tell_tensor(v, VDB_FOUND_REFERENCE, id, -1, wrong);
    if (__builtin_add_overflow(v->bytes_total, (uint64_t)at[TENSOR_BYTES].integer, &v->bytes_total))
        v->bytes_total = UINT64_MAX;
    return VARSDB_OK;
}

/* ---- rows of chunks and lists */

enum {
    CHUNK_ID,
    CHUNK_HASH,
    CHUNK_BYTES,
    CHUNK_DISCRIMINATOR,
    CHUNK_COLUMNS, /* the digest */
    CHUNK_DATA_BYTES,
    CHUNK_ALL
};

static bool chunk_fits(const varsdb *db, const vdb_value *hash, const vdb_value *bytes,
                       const vdb_value *data_bytes)
{
    return hash->kind == VDB_BLOB && hash->bytes == sizeof(vdb_hash) && bytes->kind == VDB_INT &&
           bytes->integer > 0 && bytes->integer <= db->chunk_bytes && data_bytes->kind == VDB_INT &&
           data_bytes->integer == bytes->integer;
}

static int check_chunk_row(vdb_verify *v, void *payload, const vdb_value *at)
{
    (void)payload;
    int64_t id = at[CHUNK_ID].integer;
    if (!vdb_verify_digest_fits(at, CHUNK_COLUMNS))
        return vdb_verify_tell_chunk(v, VDB_FOUND_DIGEST, id,
                                     "the row of a chunk of its value does not match its digest");
    if (!chunk_fits(v->db, &at[CHUNK_HASH], &at[CHUNK_BYTES], &at[CHUNK_DATA_BYTES]) ||
        at[CHUNK_DISCRIMINATOR].integer < 0)
        return vdb_verify_tell_chunk(v, VDB_FOUND_REFERENCE, id,
                                     "a chunk of its value has more or fewer bytes than its row says");
    return VARSDB_OK;
}

static int check_link(vdb_verify *v, void *payload, const vdb_value *at)
{
    (void)payload;
    char what[WHAT_BYTES];
    if (vdb_verify_digest_fits(at, 3))
        return VARSDB_OK;
    snprintf(what, sizeof what,
             "the row that says which is chunk %lld of its value does not match its digest",
             (long long)at[1].integer);
    return vdb_verify_tell_tensor(v, VDB_FOUND_DIGEST, at[0].integer, at[1].integer, what);
}

int vdb_verify_tensor_rows(vdb_verify *v)
{
    int rc = vdb_verify_each(v, VDB_Q_VERIFY_TENSOR_ROWS, VT_INLINE_BYTES + 1, check_tensor_row, NULL,
                             "the rows of values");
    if (rc == VARSDB_OK)
        rc = vdb_verify_each(v, VDB_Q_VERIFY_CHUNK_ROWS, CHUNK_ALL, check_chunk_row, NULL,
                             "the rows of chunks");
    if (rc == VARSDB_OK)
        rc = vdb_verify_each(v, VDB_Q_VERIFY_LINKS, 4, check_link, NULL, "the lists of chunks");
    return rc;
}

/* ---- tensors with their lists and bytes */

/* The tensor whose chunks are passing. */
typedef struct tensor_check {
    vdb_verify_bytes *bytes; /* NULL: quick */
    bool any, good;          /* its row can be */
    bool pieces;             /* and so can its list, so far */
    int64_t id, chunk_count, digest, size, chunk_bytes;
    int64_t count;
    uint64_t sum;
} tensor_check;

static int end_list(vdb_verify *v, const tensor_check *c)
{
    char what[WHAT_BYTES];
    if (c->count != c->chunk_count) {
        snprintf(what, sizeof what, "its value has %lld chunks, and says it has %lld", (long long)c->count,
                 (long long)c->chunk_count);
        return vdb_verify_tell_tensor(v, VDB_FOUND_REFERENCE, c->id, -1, what);
    }
    if ((int64_t)c->sum != c->digest)
        return vdb_verify_tell_tensor(v, VDB_FOUND_DIGEST, c->id, -1,
                                      "the list of the chunks of its value does not match its digest");
    return VARSDB_OK;
}

static int end_tensor(vdb_verify *v, const tensor_check *c)
{
    if (!c->any || !c->good)
        return VARSDB_OK;
    int rc = end_list(v, c);
    bool complete = c->pieces && c->count == c->chunk_count;
    return rc == VARSDB_OK && c->bytes && complete ? vdb_verify_bytes_end(v, c->bytes) : rc;
}

static int begin_tensor(vdb_verify *v, tensor_check *c, const vdb_value *at)
{
    c->any = true;
    c->id = at[TENSOR_ID].integer;
    c->count = 0;
    c->sum = 0;
    c->good = c->pieces = bad_tensor(v->db, at) == NULL;
    if (!c->good)
        return VARSDB_OK;
    c->chunk_count = at[TENSOR_CHUNK_COUNT].integer;
    c->digest = at[TENSOR_CHUNKS_DIGEST].integer;
    c->size = at[TENSOR_BYTES].integer;
    c->chunk_bytes = (int64_t)vdb_tensor_chunk_bytes(v->db, varsdb_dtype_parse(at[TENSOR_DTYPE].data));
    if (!c->bytes)
        return VARSDB_OK;
    int rc = vdb_verify_bytes_begin(v, c->bytes, at);
    return rc == VARSDB_OK && c->chunk_count == 0 ? vdb_verify_bytes_inline(v, c->bytes) : rc;
}

/* `position` counts rows that were read: of those there are not so many that their bytes overflow. */
static int64_t bytes_at(const tensor_check *c, int64_t position)
{
    int64_t left = c->size - position * c->chunk_bytes;
    return left < c->chunk_bytes ? left : c->chunk_bytes;
}

/* NULL when the chunk may stand where it does. */
static const char *bad_chunk(const varsdb *db, const tensor_check *c, const vdb_value *at)
{
    if (at[VT_POSITION].integer != c->count)
        return "is not where it should be in the list";
    if (at[VT_CHUNK].kind != VDB_INT)
        return "is missing";
    if (!chunk_fits(db, &at[VT_CHUNK_HASH], &at[VT_CHUNK_BYTES], &at[VT_CHUNK_DATA_BYTES]) ||
        at[VT_CHUNK_BYTES].integer != bytes_at(c, c->count))
        return "has not the size that it should have";
    return NULL;
}

static int check_piece(vdb_verify *v, tensor_check *c, const vdb_value *at)
{
    char what[WHAT_BYTES];
    int64_t position = at[VT_POSITION].integer;
    int rc = VARSDB_OK;
    c->sum += (uint64_t)vdb_digest_row(&at[VT_LINK], 3);
    const char *wrong = bad_chunk(v->db, c, at);
    if (wrong) {
        c->pieces = false;
        snprintf(what, sizeof what, "chunk %lld of its value %s", (long long)position, wrong);
        rc = vdb_verify_tell_tensor(v, VDB_FOUND_REFERENCE, c->id, position, what);
    } else if (c->bytes) {
        rc = vdb_verify_bytes_chunk(v, c->bytes, position, at[VT_CHUNK].integer, &at[VT_CHUNK_HASH],
                                    (size_t)at[VT_CHUNK_BYTES].integer);
    }
    c->count++;
    return rc;
}

static int check_tensor(vdb_verify *v, void *payload, const vdb_value *at)
{
    tensor_check *c = payload;
    int rc = VARSDB_OK;
    if (!c->any || c->id != at[TENSOR_ID].integer) {
        rc = end_tensor(v, c);
        if (rc == VARSDB_OK)
            rc = begin_tensor(v, c, at);
    }
    if (rc == VARSDB_OK && c->good && at[VT_LINK].kind != VDB_NULL)
        rc = check_piece(v, c, at);
    return rc;
}

static int check_loose_chunk(vdb_verify *v, void *payload, const vdb_value *at)
{
    if (!chunk_fits(v->db, &at[1], &at[2], &at[3]))
        return VARSDB_OK; /* told by its row */
    return vdb_verify_bytes_loose(v, payload, at[0].integer, &at[1], (size_t)at[2].integer);
}

int vdb_verify_tensors(vdb_verify *v)
{
    tensor_check c = {0};
    if (!v->quick && !(c.bytes = vdb_verify_bytes_new(v->db)))
        return vdb_fail_nomem(&v->db->error);
    v->in_values = !v->quick;
    int rc = v->quick ? VARSDB_OK : vdb_verify_progress(v, "tensors", 0, v->bytes_total);
    if (rc == VARSDB_OK)
        rc =
            vdb_verify_each(v, VDB_Q_VERIFY_TENSORS, VT_COLUMNS, check_tensor, &c, "values and their chunks");
    if (rc == VARSDB_OK && !v->broken)
        rc = end_tensor(v, &c);
    if (rc == VARSDB_OK && c.bytes)
        rc = vdb_verify_each(v, VDB_Q_VERIFY_LOOSE_CHUNKS, 4, check_loose_chunk, c.bytes,
                             "chunks that no value has");
    vdb_verify_bytes_free(c.bytes);
    return rc;
}
