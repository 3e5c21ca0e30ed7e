/* tensor_chunks.c - see tensor_chunks.h. */
#include "tensor_chunks.h"

#include "chunk.h"
#include "row.h"
#include "transaction.h"

int64_t vdb_chunk_link_digest(int64_t tensor_id, int64_t position, int64_t chunk_id)
{
    vdb_value at[] = {vdb_int(tensor_id), vdb_int(position), vdb_int(chunk_id)};
    return vdb_digest_row(at, 3);
}

static int64_t chunk_at(const vdb_buf *ids, size_t i)
{
    int64_t id;
    memcpy(&id, ids->data + i * sizeof id, sizeof id);
    return id;
}

static size_t chunk_count(const vdb_buf *ids)
{
    return ids->size / sizeof(int64_t);
}

/* ---- cutting */

/* The last byte of a tensor of elements smaller than a byte may be padded. */
static void measure(vdb_tensor *t, uint64_t offset, const void *data, size_t bytes)
{
    uint64_t bits = (uint64_t)varsdb_dtype_bits(t->dtype);
    if (!bits)
        return;
    int64_t before = (int64_t)(offset / bits * 8 + offset % bits * 8 / bits);
    int64_t here = (int64_t)((uint64_t)bytes * 8 / bits);
    vdb_stats_add(&t->stats, data, (size_t)(here < t->elements - before ? here : t->elements - before));
}

int vdb_chunks_open(varsdb *db, vdb_tensor *t, vdb_chunk_writer *out)
{
    vdb_chunk_writer w = {.db = db, .tensor = t, .chunk_bytes = vdb_tensor_chunk_bytes(db, t->dtype)};
    vdb_buf_reset(&t->chunks);
    w.scratch = vdb_malloc(w.chunk_bytes);
    if (!t->hashes.size)
        w.hasher = vdb_hasher_new();
    if (!w.scratch || (!t->hashes.size && !w.hasher)) {
        vdb_chunks_close(&w);
        return vdb_fail_nomem(&db->error);
    }
    if (!t->prepared)
        vdb_stats_begin(&t->stats, t->dtype);
    *out = w;
    return VARSDB_OK;
}

static vdb_hash hash_of(const vdb_chunk_writer *w, const unsigned char *data, size_t bytes)
{
    vdb_hash hash;
    const vdb_buf *known = &w->tensor->hashes;
    if (!known->size)
        return vdb_hash_bytes(data, bytes);
    memcpy(&hash, known->data + w->offset / w->chunk_bytes * sizeof hash, sizeof hash);
    return hash;
}

/* All that is done to a chunk is done while it is in the processor's cache. */
static int write_chunk(vdb_chunk_writer *w, const unsigned char *data, size_t bytes)
{
    varsdb *db = w->db;
    int64_t id;
    vdb_hash hash = hash_of(w, data, bytes);
    int rc = vdb_chunk_store(db, &hash, data, bytes, w->scratch, &id);
    if (rc == VARSDB_OK && w->session)
        rc = vdb_run(db->engine, VDB_Q_PIN_INSERT, VDB_ARGS(vdb_int(w->session), vdb_int(id)));
    if (rc != VARSDB_OK)
        return rc;
    if (w->hasher)
        vdb_hasher_add(w->hasher, data, bytes);
    if (!w->tensor->prepared)
        measure(w->tensor, w->offset, data, bytes);
    w->offset += bytes;
    return vdb_buf_append(&w->tensor->chunks, &id, sizeof id) == VARSDB_OK ? rc : vdb_fail_nomem(&db->error);
}

int vdb_chunks_write(vdb_chunk_writer *w, const unsigned char *data, size_t bytes)
{
    int rc = VARSDB_OK;
    assert(w->offset % w->chunk_bytes == 0 && bytes <= w->tensor->bytes - w->offset);
    for (size_t at = 0; rc == VARSDB_OK && at < bytes; at += w->chunk_bytes)
        rc = write_chunk(w, data + at, bytes - at < w->chunk_bytes ? bytes - at : w->chunk_bytes);
    return rc;
}

void vdb_chunks_finish(vdb_chunk_writer *w)
{
    assert(w->offset == w->tensor->bytes);
    if (w->hasher)
        w->tensor->hash = vdb_hasher_end(w->hasher);
    w->tensor->prepared = w->tensor->is_in_chunks = true;
}

void vdb_chunks_close(vdb_chunk_writer *w)
{
    vdb_hasher_free(w->hasher);
    vdb_free(w->scratch);
    w->hasher = NULL;
    w->scratch = NULL;
}

int vdb_chunks_hash(varsdb *db, vdb_tensor *t, bool with_statistics)
{
    size_t chunk = vdb_tensor_chunk_bytes(db, t->dtype);
    vdb_hasher *hasher = vdb_hasher_new();
    int rc = hasher ? VARSDB_OK : vdb_fail_nomem(&db->error);
    vdb_buf_reset(&t->hashes);
    if (with_statistics)
        vdb_stats_begin(&t->stats, t->dtype);
    for (uint64_t at = 0; rc == VARSDB_OK && at < t->bytes; at += chunk) {
        const unsigned char *data = (const unsigned char *)t->data + at;
        size_t bytes = t->bytes - at < chunk ? (size_t)(t->bytes - at) : chunk;
        vdb_hash hash = vdb_hash_bytes(data, bytes);
        vdb_hasher_add(hasher, data, bytes);
        if (with_statistics)
            measure(t, at, data, bytes);
        if (vdb_buf_append(&t->hashes, &hash, sizeof hash) != VARSDB_OK)
            rc = vdb_fail_nomem(&db->error);
    }
    if (rc == VARSDB_OK) {
        t->hash = vdb_hasher_end(hasher);
        t->prepared = with_statistics;
    }
    vdb_hasher_free(hasher);
    return rc;
}

/* ---- the row and the list */

static int insert_links(varsdb *db, int64_t tensor_id, const vdb_buf *ids)
{
    int rc = VARSDB_OK;
    for (size_t i = 0; rc == VARSDB_OK && i < chunk_count(ids); i++) {
        int64_t position = (int64_t)i, chunk = chunk_at(ids, i);
        rc = vdb_run(db->engine, VDB_Q_TENSOR_CHUNK_INSERT,
                     VDB_ARGS(vdb_int(tensor_id), vdb_int(position), vdb_int(chunk),
                              vdb_int(vdb_chunk_link_digest(tensor_id, position, chunk))));
    }
    return rc;
}

/* Every chunk is compared byte by byte when it is deduplicated, so equal chunk lists are
 * equal tensors: a tensor of the same hash with the same list is this one. */
static int same_chunks(varsdb *db, int64_t tensor_id, const vdb_buf *ids, bool *out)
{
    vdb_rows *rows = NULL;
    bool row = true;
    size_t i = 0, count = chunk_count(ids);
    *out = true;
    int rc = vdb_start(db->engine, VDB_Q_TENSOR_CHUNKS, VDB_ARGS(vdb_int(tensor_id)), &rows);
    while (rc == VARSDB_OK && (rc = vdb_next(db->engine, rows, &row)) == VARSDB_OK && row) {
        *out = *out && i < count && vdb_column(db->engine, rows, 1).integer == chunk_at(ids, i);
        i++;
    }
    *out = *out && i == count;
    vdb_finish(db->engine, rows);
    return rc;
}

static int insert(varsdb *db, const vdb_tensor *t, int64_t discriminator, int64_t *id)
{
    vdb_value at[TENSOR_COLUMNS];
    vdb_extreme_text text;
    int64_t new_id;
    uint64_t digest = 0;
    size_t count = chunk_count(&t->chunks);
    int rc = vdb_tensor_row_next_id(db, &new_id);
    if (rc != VARSDB_OK)
        return rc;
    for (size_t i = 0; i < count; i++)
        digest += (uint64_t)vdb_chunk_link_digest(new_id, (int64_t)i, chunk_at(&t->chunks, i));
    vdb_tensor_row_fill(t, new_id, discriminator, at, &text);
    at[TENSOR_CHUNK_COUNT] = vdb_int((int64_t)count);
    at[TENSOR_CHUNKS_DIGEST] = vdb_int((int64_t)digest);
    rc = vdb_tensor_row_insert(db, at, vdb_null());
    if (rc == VARSDB_OK)
        rc = insert_links(db, new_id, &t->chunks);
    if (rc == VARSDB_OK)
        *id = new_id;
    return rc;
}

static int find_or_insert(varsdb *db, const vdb_tensor *t, int64_t *id)
{
    for (int64_t discriminator = 0;; discriminator++) {
        int64_t there;
        bool found = false, same = false;
        int rc = vdb_tensor_row_find(db, t, &discriminator, &there, &found);
        if (rc == VARSDB_OK && found)
            rc = same_chunks(db, there, &t->chunks, &same);
        if (rc != VARSDB_OK)
            return rc;
        if (!found)
            return insert(db, t, discriminator, id);
        if (same) {
            *id = there;
            return VARSDB_OK;
        }
    }
}

/* ---- within one transaction */

static int write_pulled(vdb_chunk_writer *w, unsigned char *buffer)
{
    vdb_tensor *t = w->tensor;
    int rc = VARSDB_OK;
    while (rc == VARSDB_OK && w->offset < t->bytes) {
        uint64_t left = t->bytes - w->offset;
        size_t bytes = left < w->chunk_bytes ? (size_t)left : w->chunk_bytes;
        rc = vdb_tensor_pull(w->db, t, w->offset, buffer, bytes);
        if (rc == VARSDB_OK)
            rc = vdb_tensor_check_piece(&w->db->error, t->dtype, w->offset, buffer, bytes);
        if (rc == VARSDB_OK)
            rc = vdb_chunks_write(w, buffer, bytes);
    }
    return rc;
}

static int write_all(varsdb *db, vdb_tensor *t)
{
    vdb_chunk_writer w;
    unsigned char *buffer = NULL;
    int rc = vdb_chunks_open(db, t, &w);
    if (rc != VARSDB_OK)
        return rc;
    if (!t->data && !(buffer = vdb_malloc(w.chunk_bytes)))
        rc = vdb_fail_nomem(&db->error);
    for (; rc == VARSDB_OK && t->data && w.offset < t->bytes;) {
        uint64_t left = t->bytes - w.offset;
        rc = vdb_chunks_write(&w, (const unsigned char *)t->data + w.offset,
                              left < w.chunk_bytes ? (size_t)left : w.chunk_bytes);
    }
    if (rc == VARSDB_OK && !t->data)
        rc = write_pulled(&w, buffer);
    if (rc == VARSDB_OK)
        vdb_chunks_finish(&w);
    vdb_free(buffer);
    vdb_chunks_close(&w);
    return rc;
}

int vdb_chunks_store(varsdb *db, vdb_tensor *t, int64_t *id)
{
    bool beforehand = t->is_in_chunks;
    int rc = beforehand ? VARSDB_OK : write_all(db, t);
    if (rc == VARSDB_OK)
        rc = find_or_insert(db, t, id);
    /* what this transaction wrote goes if it is rolled back */
    t->is_in_chunks = beforehand;
    return rc;
}

/* ---- an equal one */

static int compare_links(varsdb *db, const vdb_tensor *t, vdb_rows *rows, int64_t id, unsigned char *scratch,
                         bool *same)
{
    size_t chunk = vdb_tensor_chunk_bytes(db, t->dtype);
    bool row = true;
    uint64_t at = 0;
    int rc = VARSDB_OK;
    *same = true;
    for (int64_t position = 0; rc == VARSDB_OK && *same && at < t->bytes; position++) {
        size_t bytes = t->bytes - at < chunk ? (size_t)(t->bytes - at) : chunk;
        vdb_chunk_link link;
        rc = vdb_next(db->engine, rows, &row);
        if (rc == VARSDB_OK && row)
            rc = vdb_chunk_link_read(db, rows, id, "", position, bytes, &link);
        if (rc == VARSDB_OK && row)
            rc = db->engine->methods->blob_read(db->engine, VDB_BLOB_CHUNK, link.id, 0, scratch, bytes);
        *same = rc == VARSDB_OK && row && memcmp(scratch, (const char *)t->data + at, bytes) == 0;
        at += bytes;
    }
    return rc;
}

/* A damaged one is not equal. */
static int compare(varsdb *db, const vdb_tensor *t, int64_t id, bool *same)
{
    vdb_rows *rows = NULL;
    unsigned char *scratch = vdb_malloc(vdb_tensor_chunk_bytes(db, t->dtype));
    int rc = scratch ? VARSDB_OK : vdb_fail_nomem(&db->error);
    if (rc == VARSDB_OK)
        rc = vdb_start(db->engine, VDB_Q_TENSOR_LINKS, VDB_ARGS(vdb_int(id), vdb_int(0), vdb_int(INT64_MAX)),
                       &rows);
    if (rc == VARSDB_OK)
        rc = compare_links(db, t, rows, id, scratch, same);
    vdb_finish(db->engine, rows);
    vdb_free(scratch);
    if (rc == VARSDB_CORRUPT) {
        vdb_error_clear(&db->error);
        rc = VARSDB_OK;
    }
    return rc;
}

/* In one picture: what is compared piece by piece must not be deleted meanwhile. */
static int find_equal(varsdb *db, vdb_tensor *t, int64_t *id)
{
    bool found = true, same = false;
    int64_t there = 0;
    int rc = VARSDB_OK;
    for (int64_t discriminator = 0; rc == VARSDB_OK && found && !same; discriminator++) {
        rc = vdb_tensor_row_find(db, t, &discriminator, &there, &found);
        if (rc == VARSDB_OK && found)
            rc = compare(db, t, there, &same);
    }
    if (rc == VARSDB_OK && same)
        *id = there;
    return rc;
}

/* The first chunk of a stored tensor is stored: without it there is none that is equal. */
int vdb_chunks_find_equal(varsdb *db, vdb_tensor *t, int64_t *id)
{
    size_t chunk = vdb_tensor_chunk_bytes(db, t->dtype);
    size_t first = t->bytes < chunk ? (size_t)t->bytes : chunk;
    vdb_hash hash = vdb_hash_bytes(t->data, first);
    bool found = false;
    *id = 0;
    int rc = vdb_chunk_exists(db, &hash, first, &found);
    if (rc != VARSDB_OK || !found)
        return rc;
    rc = vdb_chunks_hash(db, t, false);
    if (rc != VARSDB_OK || db->engine->methods->state(db->engine) != VDB_TRANSACTION_NONE)
        return rc == VARSDB_OK ? find_equal(db, t, id) : rc;
    vdb_read r;
    rc = vdb_read_begin(db, &r);
    return rc == VARSDB_OK ? vdb_read_end(db, &r, find_equal(db, t, id)) : rc;
}
