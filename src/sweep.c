/* sweep.c - see sweep.h. */
#include "sweep.h"

#include "row.h"
#include "transaction.h"

/* How long a sweep after somebody's commit waits for the lock, at most. */
#define PATIENCE_MS 1000

/* Lists of so many chunks (2 MiB) and more are worth keeping their chunks for. */
#define KEPT_FROM 8

/* What one transaction may still delete, and did. */
typedef struct sweep {
    int64_t rows, bytes;
    vdb_swept swept;
} sweep;

static bool is_spent(const sweep *w)
{
    return w->rows <= 0 || w->bytes <= 0;
}

void vdb_sweep_count(int64_t *sum, int64_t bytes)
{
    if (bytes > 0 && __builtin_add_overflow(*sum, bytes, sum))
        *sum = INT64_MAX;
}

static void charge(sweep *w, int64_t rows, int64_t bytes)
{
    w->rows -= rows;
    w->bytes -= bytes > 0 && bytes < VDB_SWEEP_BYTES ? bytes : 0;
}

static int is_there(varsdb *db, enum vdb_query query, int64_t id, bool *out)
{
    int64_t one;
    return vdb_get_int(db->engine, query, VDB_ARGS(vdb_int(id)), &one, out);
}

/* ---- lists of tensors */

/* Position up to which the budget goes; *count rows; *end when nothing is
 * behind it. */
static int measure_list(varsdb *db, int64_t tensor, sweep *w, int64_t *last, int64_t *count, bool *end)
{
    vdb_rows *rows = NULL;
    bool row = true;
    *count = 0;
    *end = false;
    int rc =
        vdb_start(db->engine, VDB_Q_SWEEP_LIST, VDB_ARGS(vdb_int(tensor), vdb_int(VDB_SWEEP_ROWS)), &rows);
    while (rc == VARSDB_OK && !is_spent(w) && (rc = vdb_next(db->engine, rows, &row)) == VARSDB_OK && row) {
        rc = vdb_row_integer(db, rows, 0, last);
        ++*count;
        charge(w, 1, vdb_column(db->engine, rows, 1).integer);
    }
    *end = !row && !is_spent(w);
    vdb_finish(db->engine, rows);
    return rc;
}

/* Runs a statement that yields the size of each chunk that goes. */
static int run_over_chunks(varsdb *db, enum vdb_query query, const vdb_value *args, size_t count, sweep *w)
{
    vdb_rows *rows = NULL;
    bool row = true;
    int rc = vdb_start(db->engine, query, args, count, &rows);
    while (rc == VARSDB_OK && (rc = vdb_next(db->engine, rows, &row)) == VARSDB_OK && row) {
        w->swept.chunks++;
        vdb_sweep_count(&w->swept.bytes, vdb_column(db->engine, rows, 0).integer);
    }
    vdb_finish(db->engine, rows);
    return rc;
}

/* Of a longer list the chunks are kept, to be written over, unless garbage is collected. */
static int delete_list_chunks(varsdb *db, int64_t tensor, int64_t last, int64_t count, sweep *w)
{
    int rc = VARSDB_OK;
    if (count >= KEPT_FROM && !db->collecting)
        rc = run_over_chunks(db, VDB_Q_SWEEP_LIST_FREE,
                             VDB_ARGS(vdb_int(tensor), vdb_int(last), vdb_int(db->chunk_bytes)), w);
    if (rc == VARSDB_OK)
        rc = run_over_chunks(db, VDB_Q_SWEEP_LIST_CHUNKS, VDB_ARGS(vdb_int(tensor), vdb_int(last)), w);
    return rc;
}

static int sweep_list(varsdb *db, int64_t tensor, sweep *w, bool *done)
{
    int64_t last = 0;
    int64_t count = 0;
    bool end;
    int rc = measure_list(db, tensor, w, &last, &count, &end);
    if (rc == VARSDB_OK && count)
        rc = delete_list_chunks(db, tensor, last, count, w);
    if (rc == VARSDB_OK && count)
        rc = vdb_row_delete(db, VDB_Q_SWEEP_LIST_ROWS, VDB_ARGS(vdb_int(tensor), vdb_int(last)));
    *done = end;
    return rc;
}

static int sweep_tensor(varsdb *db, int64_t id, sweep *w, bool *done)
{
    int64_t bytes;
    bool deleted, there = false;
    int rc = vdb_get_int(db->engine, VDB_Q_SWEEP_TENSOR_DELETE, VDB_ARGS(vdb_int(id)), &bytes, &deleted);
    if (rc == VARSDB_OK && deleted) {
        charge(w, 1, bytes);
        w->swept.tensors++;
        vdb_sweep_count(&w->swept.bytes, bytes);
    } else if (rc == VARSDB_OK) {
        rc = is_there(db, VDB_Q_SWEEP_TENSOR_THERE, id, &there);
    }
    *done = there;
    return rc == VARSDB_OK && !there ? sweep_list(db, id, w, done) : rc;
}

/* ---- chunks, states, snapshots, sessions */

static int sweep_chunk(varsdb *db, int64_t id, sweep *w)
{
    int64_t bytes;
    bool deleted;
    int rc = vdb_get_int(db->engine, VDB_Q_SWEEP_CHUNK_DELETE, VDB_ARGS(vdb_int(id)), &bytes, &deleted);
    if (rc == VARSDB_OK && deleted) {
        charge(w, 1, bytes);
        w->swept.chunks++;
        vdb_sweep_count(&w->swept.bytes, bytes);
        /* nor is it there to be written over */
        rc = vdb_run(db->engine, VDB_Q_CHUNK_KEEP, VDB_ARGS(vdb_int(id)));
    }
    return rc;
}

/* The tensor that the deleted state had; *out is 0 when it had none, or was not deleted. */
static int delete_state(varsdb *db, int64_t id, int64_t *out, sweep *w)
{
    bool deleted;
    *out = 0;
    int rc = vdb_get_int(db->engine, VDB_Q_SWEEP_STATE_DELETE, VDB_ARGS(vdb_int(id)), out, &deleted);
    if (rc == VARSDB_OK && deleted) {
        charge(w, 1, 0);
        w->swept.states++;
    }
    return rc;
}

static int sweep_state(varsdb *db, int64_t id, sweep *w)
{
    int64_t tensor;
    bool done = true;
    int rc = delete_state(db, id, &tensor, w);
    if (rc == VARSDB_OK && tensor)
        rc = sweep_tensor(db, tensor, w, &done);
    if (rc == VARSDB_OK && !done)
        vdb_sweep_later(db, VDB_LEFT_TENSOR, tensor);
    return rc;
}

/* The first column of the rows for `owner`, as many as the budget has. */
static int read_ids(varsdb *db, enum vdb_query query, int64_t owner, const sweep *w, vdb_buf *out)
{
    vdb_rows *rows = NULL;
    bool row = true;
    int rc = vdb_start(db->engine, query, VDB_ARGS(vdb_int(owner), vdb_int(w->rows)), &rows);
    while (rc == VARSDB_OK && (rc = vdb_next(db->engine, rows, &row)) == VARSDB_OK && row) {
        int64_t id;
        rc = vdb_row_integer(db, rows, 0, &id);
        if (rc == VARSDB_OK && vdb_buf_append(out, &id, sizeof id) != VARSDB_OK)
            rc = vdb_fail_nomem(&db->error);
    }
    vdb_finish(db->engine, rows);
    return rc;
}

/* Deletes the rows (owner, member) that `list` yields by `delete`, and what each member left. */
static int sweep_members(varsdb *db, int64_t owner, enum vdb_query list, enum vdb_query delete,
                         int (*member)(varsdb *db, int64_t id, sweep *w), sweep *w, bool *done)
{
    vdb_buf ids = {0};
    int64_t asked = w->rows, id;
    *done = false;
    if (is_spent(w))
        return VARSDB_OK;
    int rc = read_ids(db, list, owner, w, &ids);
    size_t i = 0, count = ids.size / sizeof id;
    for (; rc == VARSDB_OK && i < count && !is_spent(w); i++) {
        memcpy(&id, ids.data + i * sizeof id, sizeof id);
        rc = vdb_row_delete(db, delete, VDB_ARGS(vdb_int(owner), vdb_int(id)));
        charge(w, 1, 0);
        if (rc == VARSDB_OK)
            rc = member(db, id, w);
    }
    *done = i == count && (int64_t)count < asked;
    vdb_buf_release(&ids);
    return rc;
}

static int sweep_snapshot(varsdb *db, int64_t id, sweep *w, bool *done)
{
    int rc = is_there(db, VDB_Q_SWEEP_SNAPSHOT_THERE, id, done);
    if (rc != VARSDB_OK || *done)
        return rc;
    return sweep_members(db, id, VDB_Q_SWEEP_ITEMS, VDB_Q_SWEEP_ITEM_DELETE, sweep_state, w, done);
}

static int sweep_session(varsdb *db, int64_t id, int64_t uid, sweep *w, bool *done)
{
    int64_t there;
    bool found;
    int rc = vdb_get_int(db->engine, VDB_Q_SWEEP_SESSION_UID, VDB_ARGS(vdb_int(id)), &there, &found);
    *done = rc == VARSDB_OK && found && there != uid;
    if (rc != VARSDB_OK || *done)
        return rc;
    rc = sweep_members(db, id, VDB_Q_SWEEP_PINS, VDB_Q_SWEEP_PIN_DELETE, sweep_chunk, w, done);
    if (rc != VARSDB_OK || !*done || !found)
        return rc;
    w->swept.sessions++;
    return vdb_run(db->engine, VDB_Q_SWEEP_SESSION_DELETE, VDB_ARGS(vdb_int(id)));
}

/* ---- one transaction */

static int sweep_one(varsdb *db, const vdb_left *left, sweep *w, bool *done)
{
    *done = true;
    switch (left->kind) {
    case VDB_LEFT_TENSOR:
        return sweep_tensor(db, left->id, w, done);
    case VDB_LEFT_SNAPSHOT:
        return sweep_snapshot(db, left->id, w, done);
    case VDB_LEFT_STATE:
        return sweep_state(db, left->id, w);
    case VDB_LEFT_CHUNK:
        return sweep_chunk(db, left->id, w);
    case VDB_LEFT_SESSION:
        return sweep_session(db, left->id, left->uid, w, done);
    }
    return VARSDB_OK;
}

int vdb_sweep_now(varsdb *db, vdb_left_kind kind, int64_t id)
{
    sweep w = {.rows = VDB_SWEEP_NOW_ROWS, .bytes = VDB_SWEEP_NOW_BYTES};
    bool done;
    int rc = sweep_one(db, &(vdb_left){.kind = kind, .id = id}, &w, &done);
    if (rc == VARSDB_OK && !done)
        vdb_sweep_later(db, kind, id);
    return rc;
}

static int sweep_some(varsdb *db, const vdb_left *left, size_t count, sweep *w, size_t *finished)
{
    int rc = VARSDB_OK;
    bool done = true;
    size_t i = 0;
    while (rc == VARSDB_OK && done && i < count && !is_spent(w)) {
        charge(w, 1, 0);
        rc = sweep_one(db, &left[i], w, &done);
        i += rc == VARSDB_OK && done;
    }
    *finished = i;
    return rc;
}

int vdb_sweep_slice(varsdb *db, const vdb_left *left, size_t count, vdb_swept *swept, size_t *finished)
{
    sweep w = {.rows = VDB_SWEEP_ROWS, .bytes = VDB_SWEEP_BYTES};
    size_t done = 0;
    /* Nothing is lost when a crash undoes it: garbage is there again. */
    int rc = vdb_bulk_begin(db);
    if (rc == VARSDB_OK)
        rc = vdb_bulk_end(db, sweep_some(db, left, count, &w, &done));
    if (rc != VARSDB_OK)
        return rc;
    swept->chunks += w.swept.chunks;
    swept->tensors += w.swept.tensors;
    swept->states += w.swept.states;
    swept->sessions += w.swept.sessions;
    vdb_sweep_count(&swept->bytes, w.swept.bytes);
    *finished = done;
    return VARSDB_OK;
}

/* ---- to the end */

void vdb_sweep_later(varsdb *db, vdb_left_kind kind, int64_t id)
{
    vdb_left left = {.kind = kind, .id = id};
    (void)vdb_buf_append(&db->left, &left, sizeof left);
}

void vdb_sweep_forget(varsdb *db)
{
    vdb_buf_reset(&db->left);
}

/* What a slice finds too large for itself is remembered anew. */
static int sweep_remembered(varsdb *db)
{
    vdb_swept swept = {0};
    int rc = VARSDB_OK;
    while (rc == VARSDB_OK && db->left.size) {
        vdb_buf all = db->left;
        db->left = (vdb_buf){0};
        const vdb_left *left = (const vdb_left *)(const void *)all.data;
        size_t count = all.size / sizeof *left, finished = 0;
        for (size_t i = 0; rc == VARSDB_OK && i < count; i += finished)
            rc = vdb_sweep_slice(db, left + i, count - i, &swept, &finished);
        vdb_buf_release(&all);
    }
    vdb_sweep_forget(db);
    return rc;
}

/* db->sweeping: the sweep's own commits do not sweep. */
static int sweep_to_the_end(varsdb *db)
{
    db->sweeping = true;
    int rc = sweep_remembered(db);
    db->sweeping = false;
    return rc;
}

static int sweep_by_itself(varsdb *db, vdb_left_kind kind, int64_t id)
{
    assert(!db->in_transaction && !db->sweeping);
    vdb_left left = {.kind = kind, .id = id};
    if (vdb_buf_append(&db->left, &left, sizeof left) != VARSDB_OK)
        return vdb_fail_nomem(&db->error);
    return sweep_to_the_end(db);
}

int vdb_sweep_tensor(varsdb *db, int64_t id)
{
    return sweep_by_itself(db, VDB_LEFT_TENSOR, id);
}

int vdb_sweep_snapshot(varsdb *db, int64_t id)
{
    return sweep_by_itself(db, VDB_LEFT_SNAPSHOT, id);
}

void vdb_sweep_pending(varsdb *db)
{
    if (db->sweeping || db->left.size == 0)
        return;
    vdb_error saved = db->error;
    if (db->timeout_ms > PATIENCE_MS)
        db->engine->methods->set_timeout(db->engine, PATIENCE_MS);
    sweep_to_the_end(db);
    db->engine->methods->set_timeout(db->engine, db->timeout_ms);
    db->error = saved;
}
