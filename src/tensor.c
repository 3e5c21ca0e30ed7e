/* tensor.c - storing tensors; see tensor.h. */
#include "tensor.h"

#include <stdio.h>

#include "chunk.h"
#include "row.h"

/* ---- canonical bytes */

static uint64_t string_length(const unsigned char *at)
{
    uint64_t length = 0;
    for (int i = 7; i >= 0; i--)
        length = length << 8 | at[i];
    return length;
}

static int check_strings(vdb_error *e, int64_t elements, const unsigned char *data, uint64_t bytes)
{
    uint64_t at = 0;
    for (int64_t i = 0; i < elements; i++) {
        if (bytes - at < 8 || string_length(data + at) > bytes - at - 8)
            return vdb_fail(e, VARSDB_INVALID, "string %lld reaches beyond the value's end", (long long)i);
        at += 8 + string_length(data + at);
    }
    if (at != bytes)
        return vdb_fail(e, VARSDB_INVALID, "the value holds more than its %lld strings", (long long)elements);
    return VARSDB_OK;
}

int vdb_tensor_check_bytes(vdb_error *e, varsdb_dtype dtype, int64_t elements, const void *data,
                           uint64_t bytes)
{
    const unsigned char *byte = data;
    if (dtype == VARSDB_STRING)
        return check_strings(e, elements, byte, bytes);
    if (dtype != VARSDB_BOOL)
        return VARSDB_OK;
    for (uint64_t i = 0; i < bytes; i++)
        if (byte[i] > 1)
            return vdb_fail(e, VARSDB_INVALID, "element %llu is %u; a bool is 0 or 1", (unsigned long long)i,
                            byte[i]);
    return VARSDB_OK;
}

size_t vdb_tensor_chunk_bytes(const varsdb *db, varsdb_dtype dtype)
{
    size_t bytes = (size_t)db->chunk_bytes;
    return varsdb_dtype_bits(dtype) == 6 ? bytes - bytes % 6 : bytes;
}

/* ---- preparing */

static int pull(varsdb *db, const vdb_tensor *t, uint64_t offset, void *buffer, size_t bytes)
{
    if (t->data) {
        memcpy(buffer, (const char *)t->data + offset, bytes);
        return VARSDB_OK;
    }
    int rc = t->source(t->payload, t->tag, offset, buffer, bytes);
    if (rc != VARSDB_OK && db->error.code != rc)
        return vdb_fail(&db->error, rc, "the value's source failed: %s", varsdb_errstr(rc));
    return rc;
}

int vdb_tensor_prepare(varsdb *db, vdb_tensor *t)
{
    /* What is wrong with bytes in memory is found before anything is written. */
    if (t->bytes > (uint64_t)db->inline_bytes)
        return t->data ? vdb_tensor_check_bytes(&db->error, t->dtype, t->elements, t->data, t->bytes)
                       : VARSDB_OK;
    if (!t->data) {
        t->owned = vdb_malloc((size_t)t->bytes);
        if (!t->owned)
            return vdb_fail_nomem(&db->error);
        int rc = t->bytes ? pull(db, t, 0, t->owned, (size_t)t->bytes) : VARSDB_OK;
        if (rc != VARSDB_OK)
            return rc;
        t->data = t->owned;
    }
    int rc = vdb_tensor_check_bytes(&db->error, t->dtype, t->elements, t->data, t->bytes);
    if (rc != VARSDB_OK)
        return rc;
    t->hash = vdb_hash_bytes(t->data, (size_t)t->bytes);
    vdb_stats_begin(&t->stats, t->dtype);
    vdb_stats_add(&t->stats, t->data, (size_t)t->elements);
    t->prepared = true;
    return VARSDB_OK;
}

void vdb_tensor_release(vdb_tensor *t)
{
    vdb_free(t->owned);
    t->owned = NULL;
}

/* ---- the row */

typedef struct extreme_text {
    char min[24], max[24];
} extreme_text;

/* uint64 beyond int64 is kept exact, as text. */
static vdb_value unsigned_value(uint64_t v, char text[24])
{
    if (v <= INT64_MAX)
        return vdb_int((int64_t)v);
    snprintf(text, 24, "%llu", (unsigned long long)v);
    return vdb_text(text);
}

static void extremes(const vdb_stats *s, vdb_value *at, extreme_text *text)
{
    switch (vdb_dtype_class_of(s->dtype)) {
    case VDB_CLASS_SIGNED:
        at[TENSOR_MIN] = vdb_int(s->min_signed);
        at[TENSOR_MAX] = vdb_int(s->max_signed);
        break;
    case VDB_CLASS_BOOL:
    case VDB_CLASS_UNSIGNED:
        at[TENSOR_MIN] = unsigned_value(s->min_unsigned, text->min);
        at[TENSOR_MAX] = unsigned_value(s->max_unsigned, text->max);
        break;
    default:
        at[TENSOR_MIN] = vdb_real(s->min_real);
        at[TENSOR_MAX] = vdb_real(s->max_real);
    }
}

/* SQL has no NaN, and -0.0 comes back as 0: a moment that overflowed is stored as none. */
static vdb_value moment(double v)
{
    return v - v == 0 ? vdb_real(v == 0 ? 0 : v) : vdb_null();
}

static void statistics(const vdb_stats *s, vdb_value *at, extreme_text *text)
{
    if (s->dtype == VARSDB_STRING)
        return;
    if (vdb_stats_has_extremes(s)) {
        extremes(s, at, text);
        at[TENSOR_MEAN] = moment(s->mean);
        at[TENSOR_STD] = moment(vdb_stats_std(s));
        at[TENSOR_L2_NORM] = moment(vdb_stats_l2_norm(s));
    }
    at[TENSOR_ZEROS] = vdb_int(s->zeros);
    at[TENSOR_NANS] = vdb_int(s->nans);
    at[TENSOR_POS_INFS] = vdb_int(s->pos_infs);
    at[TENSOR_NEG_INFS] = vdb_int(s->neg_infs);
}

/* What the tensor's row says of it, but for its chunks. */
static void fill_row(const vdb_tensor *t, int64_t id, int64_t discriminator, vdb_value *at,
                     extreme_text *text)
{
    memset(at, 0, TENSOR_COLUMNS * sizeof *at);
    at[TENSOR_ID] = vdb_int(id);
    at[TENSOR_HASH] = vdb_blob(&t->hash, sizeof t->hash);
    at[TENSOR_BYTES] = vdb_int((int64_t)t->bytes);
    at[TENSOR_DTYPE] = vdb_text(varsdb_dtype_name(t->dtype));
    at[TENSOR_DISCRIMINATOR] = vdb_int(discriminator);
    at[TENSOR_CHUNK_COUNT] = vdb_int(0);
    at[TENSOR_CHUNKS_DIGEST] = vdb_int(0);
    statistics(&t->stats, at, text);
}

static int insert_row(varsdb *db, const vdb_value *at, vdb_value inline_bytes)
{
    vdb_value args[TENSOR_COLUMNS + 2];
    memcpy(args, at, TENSOR_COLUMNS * sizeof *args);
    args[TENSOR_COLUMNS] = vdb_int(vdb_digest_row(at, TENSOR_COLUMNS));
    args[TENSOR_COLUMNS + 1] = inline_bytes;
    return vdb_run(db->engine, VDB_Q_TENSOR_INSERT, args, TENSOR_COLUMNS + 2);
}

static int next_id(varsdb *db, int64_t *out)
{
    return vdb_row_take_id(db, VDB_Q_TENSOR_NEXT_ID, &db->next.tensor, out);
}

static int find_row(varsdb *db, const vdb_tensor *t, int64_t discriminator, int64_t *id, bool *found)
{
    return vdb_get_int(db->engine, VDB_Q_TENSOR_FIND,
                       VDB_ARGS(vdb_blob(&t->hash, sizeof t->hash), vdb_int((int64_t)t->bytes),
                                vdb_text(varsdb_dtype_name(t->dtype)), vdb_int(discriminator)),
                       id, found);
}

/* ---- inline */

static int same_inline(varsdb *db, int64_t id, const vdb_tensor *t, void *scratch, bool *out)
{
    int rc = VARSDB_OK;
    if (t->bytes)
        rc = db->engine->methods->blob_read(db->engine, VDB_BLOB_TENSOR, id, 0, scratch, (size_t)t->bytes);
    *out = rc == VARSDB_OK && memcmp(scratch, t->data, (size_t)t->bytes) == 0;
    if (rc == VARSDB_CORRUPT) {
        /* too short a blob: not our bytes */
        vdb_error_clear(&db->error);
        rc = VARSDB_OK;
    }
    return rc;
}

static int store_inline(varsdb *db, const vdb_tensor *t, int64_t *id)
{
    vdb_value at[TENSOR_COLUMNS];
    extreme_text text;
    void *scratch = NULL;
    bool found = true, same = false;
    int64_t there = 0, discriminator = 0;
    int rc = find_row(db, t, 0, &there, &found);
    if (rc == VARSDB_OK && found && !(scratch = vdb_malloc((size_t)t->bytes)))
        rc = vdb_fail_nomem(&db->error);
    while (rc == VARSDB_OK && found) {
        rc = same_inline(db, there, t, scratch, &same);
        if (rc != VARSDB_OK || same)
            break;
        /* Other bytes under our hash: rot, or a collision.  Either way they are not ours. */
        rc = find_row(db, t, ++discriminator, &there, &found);
    }
    vdb_free(scratch);
    if (rc == VARSDB_OK && found) {
        *id = there;
        return VARSDB_OK;
    }
    if (rc == VARSDB_OK)
        rc = next_id(db, &there);
    if (rc != VARSDB_OK)
        return rc;
    fill_row(t, there, discriminator, at, &text);
    rc = insert_row(db, at, vdb_blob(t->data, (size_t)t->bytes));
    if (rc == VARSDB_OK)
        *id = there;
    return rc;
}

/* ---- chunked */

typedef struct chunk_writer {
    varsdb *db;
    vdb_tensor *t;
    vdb_hasher *hasher;
    unsigned char *buffer, *scratch;
    vdb_buf ids; /* of int64_t: known before the tensor's own id is */
} chunk_writer;

static int64_t link_digest(int64_t tensor_id, int64_t position, int64_t chunk_id)
{
    vdb_value at[] = {vdb_int(tensor_id), vdb_int(position), vdb_int(chunk_id)};
    return vdb_digest_row(at, 3);
}

static int write_chunk(chunk_writer *w, uint64_t offset, size_t bytes)
{
    vdb_tensor *t = w->t;
    int64_t id;
    int rc = pull(w->db, t, offset, w->buffer, bytes);
    if (rc == VARSDB_OK && t->dtype == VARSDB_BOOL)
        rc = vdb_tensor_check_bytes(&w->db->error, t->dtype, (int64_t)bytes, w->buffer, bytes);
    if (rc == VARSDB_OK)
        rc = vdb_chunk_store(w->db, w->buffer, bytes, w->scratch, &id);
    if (rc != VARSDB_OK)
        return rc;
    vdb_hasher_add(w->hasher, w->buffer, bytes);
    int bits = varsdb_dtype_bits(t->dtype);
    if (bits) {
        /* the last byte of a sub-byte tensor may be padded */
        int64_t before = (int64_t)(offset * 8) / bits, here = (int64_t)(bytes * 8) / bits;
        vdb_stats_add(&t->stats, w->buffer,
                      (size_t)(here < t->elements - before ? here : t->elements - before));
    }
    return vdb_buf_append(&w->ids, &id, sizeof id) == VARSDB_OK ? rc : vdb_fail_nomem(&w->db->error);
}

static int insert_links(varsdb *db, int64_t tensor_id, const vdb_buf *ids)
{
    int rc = VARSDB_OK;
    for (size_t i = 0; rc == VARSDB_OK && i < ids->size / sizeof(int64_t); i++) {
        int64_t chunk;
        memcpy(&chunk, ids->data + i * sizeof chunk, sizeof chunk);
        rc = vdb_run(db->engine, VDB_Q_TENSOR_CHUNK_INSERT,
                     VDB_ARGS(vdb_int(tensor_id), vdb_int((int64_t)i), vdb_int(chunk),
                              vdb_int(link_digest(tensor_id, (int64_t)i, chunk))));
    }
    return rc;
}

/* Every chunk is compared byte by byte when it is deduplicated, so equal chunk lists are
 * equal tensors: a tensor of the same hash with the same list is this one. */
static int same_chunks(varsdb *db, int64_t tensor_id, const vdb_buf *ids, bool *out)
{
    vdb_rows *rows = NULL;
    bool row = true;
    size_t i = 0, count = ids->size / sizeof(int64_t);
    *out = true;
    int rc = vdb_start(db->engine, VDB_Q_TENSOR_CHUNKS, VDB_ARGS(vdb_int(tensor_id)), &rows);
    while (rc == VARSDB_OK && (rc = vdb_next(db->engine, rows, &row)) == VARSDB_OK && row) {
        int64_t chunk = vdb_column(db->engine, rows, 1).integer;
        *out = *out && i < count && memcmp(&chunk, ids->data + i * sizeof chunk, sizeof chunk) == 0;
        i++;
    }
    *out = *out && i == count;
    vdb_finish(db->engine, rows);
    return rc;
}

static int insert_chunked(varsdb *db, vdb_tensor *t, int64_t discriminator, const vdb_buf *ids, int64_t *id)
{
    vdb_value at[TENSOR_COLUMNS];
    extreme_text text;
    int64_t new_id, count = (int64_t)(ids->size / sizeof(int64_t));
    uint64_t digest = 0;
    int rc = next_id(db, &new_id);
    if (rc != VARSDB_OK)
        return rc;
    for (int64_t i = 0; i < count; i++) {
        int64_t chunk;
        memcpy(&chunk, ids->data + (size_t)i * sizeof chunk, sizeof chunk);
        digest += (uint64_t)link_digest(new_id, i, chunk);
    }
    fill_row(t, new_id, discriminator, at, &text);
    at[TENSOR_CHUNK_COUNT] = vdb_int(count);
    at[TENSOR_CHUNKS_DIGEST] = vdb_int((int64_t)digest);
    rc = insert_row(db, at, vdb_null());
    if (rc == VARSDB_OK)
        rc = insert_links(db, new_id, ids);
    if (rc == VARSDB_OK)
        *id = new_id;
    return rc;
}

static int find_or_insert_chunked(varsdb *db, vdb_tensor *t, const vdb_buf *ids, int64_t *id)
{
    for (int64_t discriminator = 0;; discriminator++) {
        int64_t there;
        bool found = false, same = false;
        int rc = find_row(db, t, discriminator, &there, &found);
        if (rc == VARSDB_OK && found)
            rc = same_chunks(db, there, ids, &same);
        if (rc != VARSDB_OK)
            return rc;
        if (!found)
            return insert_chunked(db, t, discriminator, ids, id);
        if (same) {
            *id = there;
            return VARSDB_OK;
        }
    }
}

static int store_chunked(varsdb *db, vdb_tensor *t, int64_t *id)
{
    size_t chunk = vdb_tensor_chunk_bytes(db, t->dtype);
    chunk_writer w = {.db = db, .t = t, .hasher = vdb_hasher_new()};
    w.buffer = vdb_malloc(chunk);
    w.scratch = vdb_malloc(chunk);
    int rc = w.hasher && w.buffer && w.scratch ? VARSDB_OK : vdb_fail_nomem(&db->error);
    vdb_stats_begin(&t->stats, t->dtype);
    for (uint64_t at = 0; rc == VARSDB_OK && at < t->bytes; at += chunk)
        rc = write_chunk(&w, at, t->bytes - at < chunk ? (size_t)(t->bytes - at) : chunk);
    if (rc == VARSDB_OK) {
        t->hash = vdb_hasher_end(w.hasher);
        rc = find_or_insert_chunked(db, t, &w.ids, id);
    }
    vdb_hasher_free(w.hasher);
    vdb_free(w.buffer);
    vdb_free(w.scratch);
    vdb_buf_release(&w.ids);
    return rc;
}

int vdb_tensor_store(varsdb *db, vdb_tensor *t, int64_t *id)
{
    if (t->bytes > (uint64_t)db->inline_bytes)
        return store_chunked(db, t, id);
    assert(t->prepared);
    return store_inline(db, t, id);
}

int vdb_tensor_drop(varsdb *db, int64_t id)
{
    int64_t changes = db->engine->methods->changes(db->engine);
    int rc = vdb_run(db->engine, VDB_Q_TENSOR_DELETE, VDB_ARGS(vdb_int(id)));
    if (rc != VARSDB_OK || db->engine->methods->changes(db->engine) == changes)
        return rc;
    rc = vdb_run(db->engine, VDB_Q_TENSOR_DELETE_CHUNKS, VDB_ARGS(vdb_int(id)));
    return rc == VARSDB_OK ? vdb_run(db->engine, VDB_Q_TENSOR_DELETE_LINKS, VDB_ARGS(vdb_int(id))) : rc;
}
