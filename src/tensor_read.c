/* tensor_read.c - reading stored tensors: no byte is handed out unchecked. */
#include "chunk.h"
#include "row.h"
#include "tensor.h"

typedef struct stored_tensor {
    int64_t id;
    const char *name; /* the variable's, for messages */
    uint64_t bytes;
    size_t chunk_bytes;
    int64_t chunk_count, chunks_digest;
    vdb_hash hash;
} stored_tensor;

static int fail_damaged(varsdb *db, const char *name)
{
    return vdb_fail(&db->error, VARSDB_CORRUPT, "%s: the stored value of variable %s is damaged", db->path,
                    name);
}

static int load(varsdb *db, int64_t id, const char *name, stored_tensor *out)
{
    vdb_value at[TENSOR_COLUMNS] = {0};
    vdb_rows *rows = NULL;
    bool row = false;
    int rc = vdb_start(db->engine, VDB_Q_TENSOR_BY_ID, VDB_ARGS(vdb_int(id)), &rows);
    if (rc == VARSDB_OK)
        rc = vdb_next(db->engine, rows, &row);
    if (rc == VARSDB_OK && row) {
        vdb_row_columns(db, rows, at, TENSOR_COLUMNS);
        rc = vdb_row_check(db, "tensor", id, at, TENSOR_COLUMNS,
                           vdb_column(db->engine, rows, TENSOR_COLUMNS).integer);
    }
    if (rc == VARSDB_OK && (!row || at[TENSOR_HASH].bytes != sizeof out->hash))
        rc = fail_damaged(db, name);
    if (rc == VARSDB_CORRUPT)
        vdb_fail_in(&db->error, "variable %s", name);
    if (rc == VARSDB_OK) {
        *out = (stored_tensor){
            .id = id,
            .name = name,
            .bytes = (uint64_t)at[TENSOR_BYTES].integer,
            .chunk_bytes = vdb_tensor_chunk_bytes(db, varsdb_dtype_parse(at[TENSOR_DTYPE].data)),
            .chunk_count = at[TENSOR_CHUNK_COUNT].integer,
            .chunks_digest = at[TENSOR_CHUNKS_DIGEST].integer,
        };
        memcpy(&out->hash, at[TENSOR_HASH].data, sizeof out->hash);
    }
    vdb_finish(db->engine, rows);
    return rc;
}

static int read_inline(varsdb *db, const stored_tensor *t, uint64_t offset, void *buffer, size_t bytes)
{
    if (t->bytes > (uint64_t)db->inline_bytes)
        return fail_damaged(db, t->name);
    bool whole = bytes == t->bytes;
    void *all = whole ? buffer : vdb_malloc((size_t)t->bytes);
    if (!all && t->bytes)
        return vdb_fail_nomem(&db->error);
    int rc = VARSDB_OK;
    if (t->bytes)
        rc = db->engine->methods->blob_read(db->engine, VDB_BLOB_TENSOR, t->id, 0, all, (size_t)t->bytes);
    if (rc == VARSDB_CORRUPT)
        rc = fail_damaged(db, t->name);
    if (rc == VARSDB_OK) {
        vdb_hash now = vdb_hash_bytes(all, (size_t)t->bytes);
        if (memcmp(&now, &t->hash, sizeof now) != 0)
            rc = fail_damaged(db, t->name);
        else if (!whole)
            memcpy(buffer, (const char *)all + offset, bytes);
    }
    if (!whole)
        vdb_free(all);
    return rc;
}

/* Which chunks lie at positions [first, last], after the whole list agreed with its digest:
 * a chunk's own hash does not tell that it is the right chunk. */
static int chunk_ids(varsdb *db, const stored_tensor *t, int64_t first, int64_t last, vdb_buf *out)
{
    vdb_rows *rows = NULL;
    bool row = true;
    int64_t count = 0;
    uint64_t digest = 0;
    int rc = vdb_start(db->engine, VDB_Q_TENSOR_CHUNKS, VDB_ARGS(vdb_int(t->id)), &rows);
    while (rc == VARSDB_OK && (rc = vdb_next(db->engine, rows, &row)) == VARSDB_OK && row) {
        vdb_value at[] = {vdb_int(t->id), vdb_column(db->engine, rows, 0), vdb_column(db->engine, rows, 1)};
        digest += (uint64_t)vdb_digest_row(at, 3);
        if (count >= first && count <= last &&
            vdb_buf_append(out, &at[2].integer, sizeof at[2].integer) != VARSDB_OK)
            rc = vdb_fail_nomem(&db->error);
        count++;
    }
    vdb_finish(db->engine, rows);
    if (rc == VARSDB_OK && (count != t->chunk_count || (int64_t)digest != t->chunks_digest))
        rc = vdb_fail(&db->error, VARSDB_CORRUPT, "%s: the list of chunks of variable %s is damaged",
                      db->path, t->name);
    return rc;
}

/* One chunk's share of [offset, offset + bytes); straight into the buffer when it is all of it. */
static int read_chunk(varsdb *db, const stored_tensor *t, int64_t position, int64_t id, uint64_t offset,
                      unsigned char *buffer, size_t bytes, unsigned char *scratch)
{
    uint64_t begin = (uint64_t)position * t->chunk_bytes;
    uint64_t left = t->bytes - begin;
    size_t size = left < t->chunk_bytes ? (size_t)left : t->chunk_bytes;
    uint64_t from = offset > begin ? offset : begin;
    uint64_t to = offset + bytes < begin + size ? offset + bytes : begin + size;
    assert(from < to);
    if (to - from == size)
        return vdb_chunk_read(db, id, t->name, position, buffer + (from - offset), size);
    int rc = vdb_chunk_read(db, id, t->name, position, scratch, size);
    if (rc == VARSDB_OK)
        memcpy(buffer + (from - offset), scratch + (from - begin), (size_t)(to - from));
    return rc;
}

static int read_chunked(varsdb *db, const stored_tensor *t, uint64_t offset, void *buffer, size_t bytes)
{
    vdb_buf ids = {0};
    int64_t first = (int64_t)(offset / t->chunk_bytes);
    int64_t last = (int64_t)((offset + bytes - 1) / t->chunk_bytes);
    unsigned char *scratch = vdb_malloc(t->chunk_bytes);
    int rc = scratch ? chunk_ids(db, t, first, last, &ids) : vdb_fail_nomem(&db->error);
    if (rc == VARSDB_OK && ids.size != (size_t)(last - first + 1) * sizeof(int64_t))
        rc = fail_damaged(db, t->name);
    for (int64_t i = first; rc == VARSDB_OK && i <= last; i++) {
        int64_t id;
        memcpy(&id, ids.data + (size_t)(i - first) * sizeof id, sizeof id);
        rc = read_chunk(db, t, i, id, offset, buffer, bytes, scratch);
    }
    vdb_free(scratch);
    vdb_buf_release(&ids);
    return rc;
}

int vdb_tensor_read(varsdb *db, int64_t id, const char *name, uint64_t offset, void *buffer, size_t bytes)
{
    stored_tensor t;
    int rc = load(db, id, name, &t);
    if (rc != VARSDB_OK)
        return rc;
    if (offset > t.bytes || bytes > t.bytes - offset)
        return vdb_fail(&db->error, VARSDB_INVALID, "%s: bytes %llu to %llu were asked for; it has %llu",
                        name, (unsigned long long)offset, (unsigned long long)offset + bytes,
                        (unsigned long long)t.bytes);
    if (t.chunk_count == 0)
        return read_inline(db, &t, offset, buffer, bytes);
    return bytes ? read_chunked(db, &t, offset, buffer, bytes) : VARSDB_OK;
}

int vdb_tensor_bytes(varsdb *db, int64_t id, const char *name, uint64_t *out)
{
    stored_tensor t;
    int rc = load(db, id, name, &t);
    if (rc == VARSDB_OK)
        *out = t.bytes;
    return rc;
}
