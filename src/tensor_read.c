/* tensor_read.c - reading stored tensors: no byte is handed out unchecked. */
#include "chunk.h"
#include "tensor.h"

/* A range of a stored tensor, and where it goes. */
typedef struct reading {
    varsdb *db;
    const vdb_tensor_row *tensor;
    const char *name; /* the variable's, for messages */
    uint64_t offset;
    unsigned char *buffer;
    size_t bytes;
    unsigned char *scratch; /* a chunk; made when it is needed */
} reading;

static int fail_damaged(const reading *r)
{
    return vdb_fail(&r->db->error, VARSDB_CORRUPT, "%s: the stored value of variable %s is damaged",
                    r->db->path, r->name);
}

/* An inline value is read whole whatever is asked of it: the hash is of all of it. */
static int read_inline(const reading *r)
{
    varsdb *db = r->db;
    uint64_t bytes = r->tensor->bytes;
    if (bytes > (uint64_t)db->inline_bytes)
        return fail_damaged(r);
    bool whole = r->bytes == bytes;
    void *all = whole ? r->buffer : vdb_malloc((size_t)bytes);
    if (!all && bytes)
        return vdb_fail_nomem(&db->error);
    int rc = VARSDB_OK;
    if (bytes)
        rc =
            db->engine->methods->blob_read(db->engine, VDB_BLOB_TENSOR, r->tensor->id, 0, all, (size_t)bytes);
    if (rc == VARSDB_CORRUPT)
        rc = fail_damaged(r);
    if (rc == VARSDB_OK) {
        vdb_hash now = vdb_hash_bytes(all, (size_t)bytes);
        if (memcmp(&now, &r->tensor->hash, sizeof now) != 0)
            rc = fail_damaged(r);
        else if (!whole && r->bytes)
            memcpy(r->buffer, (const char *)all + r->offset, r->bytes);
    }
    if (!whole)
        vdb_free(all);
    return rc;
}

static int need_scratch(reading *r)
{
    if (!r->scratch)
        r->scratch = vdb_malloc(r->tensor->chunk_bytes);
    return r->scratch ? VARSDB_OK : vdb_fail_nomem(&r->db->error);
}

/* The chunk of the current row: its share of the range. */
static int read_chunk(reading *r, vdb_rows *rows, int64_t position)
{
    const vdb_tensor_row *t = r->tensor;
    vdb_chunk_link link;
    uint64_t begin = (uint64_t)position * t->chunk_bytes, left = t->bytes - begin;
    size_t size = left < t->chunk_bytes ? (size_t)left : t->chunk_bytes;
    uint64_t end = r->offset + r->bytes;
    uint64_t from = r->offset > begin ? r->offset : begin, to = end < begin + size ? end : begin + size;
    assert(from < to);
    int rc = vdb_chunk_link_read(r->db, rows, t->id, r->name, position, size, &link);
    if (rc == VARSDB_OK && to - from < size)
        rc = need_scratch(r);
    if (rc != VARSDB_OK)
        return rc;
    return vdb_chunk_read(r->db, &link, r->name, size, (size_t)(from - begin), r->buffer + (from - r->offset),
                          (size_t)(to - from), r->scratch);
}

static int read_chunks(reading *r)
{
    varsdb *db = r->db;
    const vdb_tensor_row *t = r->tensor;
    vdb_rows *rows = NULL;
    bool row = true;
    int64_t first = (int64_t)(r->offset / t->chunk_bytes);
    int64_t last = (int64_t)((r->offset + r->bytes - 1) / t->chunk_bytes);
    int rc = vdb_start(db->engine, VDB_Q_TENSOR_LINKS,
                       VDB_ARGS(vdb_int(t->id), vdb_int(first), vdb_int(last)), &rows);
    for (int64_t i = first; rc == VARSDB_OK && i <= last; i++) {
        rc = vdb_next(db->engine, rows, &row);
        if (rc == VARSDB_OK)
            rc = row ? read_chunk(r, rows, i) : vdb_chunk_fail(db, r->name, i);
    }
    vdb_finish(db->engine, rows);
    vdb_free(r->scratch);
    return rc;
}

/* As many chunks as the bytes take: a list that is too long is as damaged as one that is too short. */
static bool is_possible(const vdb_tensor_row *t)
{
    return t->chunk_count == 0 ||
           (t->bytes > 0 && (uint64_t)t->chunk_count == (t->bytes - 1) / t->chunk_bytes + 1);
}

int vdb_tensor_row_read(varsdb *db, const vdb_tensor_row *t, const char *name, uint64_t offset, void *buffer,
                        size_t bytes)
{
    reading r = {.db = db, .tensor = t, .name = name, .offset = offset, .buffer = buffer, .bytes = bytes};
    if (offset > t->bytes || bytes > t->bytes - offset)
        return vdb_fail(&db->error, VARSDB_INVALID, "%s: bytes %llu to %llu were asked for; it has %llu",
                        name, (unsigned long long)offset, (unsigned long long)offset + bytes,
                        (unsigned long long)t->bytes);
    if (!is_possible(t))
        return fail_damaged(&r);
    if (t->chunk_count == 0)
        return read_inline(&r);
    return bytes ? read_chunks(&r) : VARSDB_OK;
}

int vdb_tensor_read(varsdb *db, int64_t id, const char *name, uint64_t offset, void *buffer, size_t bytes)
{
    vdb_tensor_row t;
    int rc = vdb_tensor_row_load(db, id, name, &t);
    return rc == VARSDB_OK ? vdb_tensor_row_read(db, &t, name, offset, buffer, bytes) : rc;
}

int vdb_tensor_bytes(varsdb *db, int64_t id, const char *name, uint64_t *out)
{
    vdb_tensor_row t;
    int rc = vdb_tensor_row_load(db, id, name, &t);
    if (rc == VARSDB_OK)
        *out = t.bytes;
    return rc;
}
