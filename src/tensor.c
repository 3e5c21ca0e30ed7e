/* tensor.c - storing tensors; see tensor.h. */
#include "tensor.h"

#include "byte_order.h"
#include "save.h"
#include "sweep.h"

/* ---- canonical bytes */

static uint64_t string_length(const unsigned char *at)
{
    return vdb_get_little_endian(at, 8);
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

int vdb_tensor_check_piece(vdb_error *e, varsdb_dtype dtype, uint64_t offset, const void *data, size_t bytes)
{
    const unsigned char *byte = data;
    if (dtype != VARSDB_BOOL)
        return VARSDB_OK;
    for (size_t i = 0; i < bytes; i++)
        if (byte[i] > 1)
            return vdb_fail(e, VARSDB_INVALID, "element %llu is %u; a bool is 0 or 1",
                            (unsigned long long)(offset + i), byte[i]);
    return VARSDB_OK;
}

int vdb_tensor_check_bytes(vdb_error *e, varsdb_dtype dtype, int64_t elements, const void *data,
                           uint64_t bytes)
{
    if (dtype == VARSDB_STRING)
        return check_strings(e, elements, data, bytes);
    return vdb_tensor_check_piece(e, dtype, 0, data, (size_t)bytes);
}

size_t vdb_tensor_chunk_bytes(const varsdb *db, varsdb_dtype dtype)
{
    size_t bytes = (size_t)db->chunk_bytes;
    return varsdb_dtype_bits(dtype) == 6 ? bytes - bytes % 6 : bytes;
}

/* ---- preparing */

int vdb_tensor_pull(varsdb *db, const vdb_tensor *t, uint64_t offset, void *buffer, size_t bytes)
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

static int hash_inline(varsdb *db, vdb_tensor *t)
{
    int rc = vdb_tensor_check_bytes(&db->error, t->dtype, t->elements, t->data, t->bytes);
    if (rc != VARSDB_OK)
        return rc;
    t->hash = vdb_hash_bytes(t->data, (size_t)t->bytes);
    vdb_stats_begin(&t->stats, t->dtype);
    vdb_stats_add(&t->stats, t->data, (size_t)t->elements);
    t->prepared = true;
    return rc;
}

/* What a source makes, in memory of ours: only for what is not larger than a part of a save. */
static int pull_all(varsdb *db, vdb_tensor *t)
{
    if (t->data)
        return VARSDB_OK;
    t->owned = vdb_malloc(t->bytes ? (size_t)t->bytes : 1);
    if (!t->owned)
        return vdb_fail_nomem(&db->error);
    int rc = t->bytes ? vdb_tensor_pull(db, t, 0, t->owned, (size_t)t->bytes) : VARSDB_OK;
    if (rc == VARSDB_OK)
        t->data = t->owned;
    return rc;
}

/* What is stored need not stay in memory; if an equal tensor that was found is gone when the value is
 * stored, it is pulled again, and may be another one. */
static void forget_pulled(vdb_tensor *t)
{
    if (!t->owned)
        return;
    vdb_free(t->owned);
    t->owned = NULL;
    t->data = NULL;
    vdb_buf_release(&t->hashes);
}

static int save_beforehand(varsdb *db, vdb_tensor *t)
{
    vdb_save *save = t->save;
    int rc = save ? VARSDB_OK : vdb_save_open(db, &t->own_save);
    if (!save)
        save = t->own_save;
    if (rc == VARSDB_OK)
        rc = vdb_save_tensor(save, t);
    if (rc == VARSDB_OK)
        forget_pulled(t);
    return rc == VARSDB_OK && save == t->own_save ? vdb_save_flush(save) : rc;
}

int vdb_tensor_prepare(varsdb *db, vdb_tensor *t)
{
    bool is_inline = t->bytes <= (uint64_t)db->inline_bytes, large = t->bytes > db->save_bytes;
    bool inside =
        db->engine->methods->state(db->engine) != VDB_TRANSACTION_NONE && !(t->save && t->save->open);
    /* As save.c asks its source; strings are checked as a whole. */
    bool by_chunks = inside || (t->save && (db->flags & VARSDB_BUILD) && t->dtype != VARSDB_STRING);
    int rc = t->save ? vdb_save_yield(t->save, t->bytes) : VARSDB_OK;
    if (rc == VARSDB_OK && !large && (is_inline || !by_chunks))
        rc = pull_all(db, t);
    if (rc == VARSDB_OK && is_inline)
        return hash_inline(db, t);
    /* What is wrong with bytes in memory is found before anything is written. */
    if (rc == VARSDB_OK && t->data)
        rc = vdb_tensor_check_bytes(&db->error, t->dtype, t->elements, t->data, t->bytes);
    /* Where nobody else waits, all is done in one pass, when it is stored. */
    if (rc != VARSDB_OK || inside || (!large && !t->save && (db->flags & VARSDB_BUILD)))
        return rc;
    return large || t->save ? save_beforehand(db, t) : vdb_chunks_hash(db, t, true);
}

void vdb_tensor_release(vdb_tensor *t)
{
    vdb_save_close(t->own_save);
    vdb_free(t->owned);
    vdb_buf_release(&t->hashes);
    vdb_buf_release(&t->chunks);
    t->own_save = NULL;
    t->owned = NULL;
    t->is_in_chunks = false;
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
    vdb_extreme_text text;
    void *scratch = NULL;
    bool found = true, same = false;
    int64_t there = 0, discriminator = 0;
    int rc = vdb_tensor_row_find(db, t, &discriminator, &there, &found);
    if (rc == VARSDB_OK && found && !(scratch = vdb_malloc((size_t)t->bytes)))
        rc = vdb_fail_nomem(&db->error);
    while (rc == VARSDB_OK && found) {
        rc = same_inline(db, there, t, scratch, &same);
        if (rc != VARSDB_OK || same)
            break;
        /* Other bytes under our hash: rot, or a collision.  Either way they are not ours. */
        discriminator++;
        rc = vdb_tensor_row_find(db, t, &discriminator, &there, &found);
    }
    vdb_free(scratch);
    if (rc == VARSDB_OK && found) {
        *id = there;
        return VARSDB_OK;
    }
    if (rc == VARSDB_OK)
        rc = vdb_tensor_row_next_id(db, &there);
    if (rc != VARSDB_OK)
        return rc;
    vdb_tensor_row_fill(t, there, discriminator, at, &text);
    rc = vdb_tensor_row_insert(db, at, vdb_blob(t->data, (size_t)t->bytes));
    if (rc == VARSDB_OK)
        *id = there;
    return rc;
}

/* ---- store and drop */

/* An equal tensor was found before the lock was taken; it may be gone since. */
static int use_equal(varsdb *db, const vdb_tensor *t, int64_t *id, bool *used)
{
    int64_t there = 0;
    bool found = true;
    int rc = VARSDB_OK;
    *used = false;
    for (int64_t discriminator = 0; rc == VARSDB_OK && found && !*used; discriminator++) {
        rc = vdb_tensor_row_find(db, t, &discriminator, &there, &found);
        *used = rc == VARSDB_OK && found && there == t->equal_id;
    }
    if (*used)
        *id = there;
    return rc;
}

int vdb_tensor_store(varsdb *db, vdb_tensor *t, int64_t *id)
{
    bool done = false;
    int rc = VARSDB_OK;
    if (!t->prepared && t->bytes <= (uint64_t)db->inline_bytes)
        rc = vdb_tensor_prepare(db, t);
    if (rc == VARSDB_OK && t->equal_id)
        rc = use_equal(db, t, id, &done);
    if (rc == VARSDB_OK && !done)
        rc = t->bytes <= (uint64_t)db->inline_bytes ? store_inline(db, t, id) : vdb_chunks_store(db, t, id);
    if (rc == VARSDB_OK && t->own_save)
        rc = vdb_save_settle(t->own_save);
    return rc;
}

int vdb_tensor_drop(varsdb *db, int64_t id)
{
    return vdb_sweep_now(db, VDB_LEFT_TENSOR, id);
}
