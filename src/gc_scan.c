/* gc_scan.c - finding garbage, and deleting or counting it. */
#include "gc.h"
#include "row.h"
#include "transaction.h"

#define WINDOW 1000 /* rows looked at between two looks at whether to go on */

int vdb_gc_progress(vdb_gc *gc, const char *doing, int64_t done, int64_t total)
{
    const varsdb_upkeep_options *o = gc->options;
    if (!o->progress)
        return VARSDB_OK;
    gc->db->calling++;
    int stop = o->progress(o->payload, doing, (uint64_t)done, (uint64_t)total);
    gc->db->calling--;
    if (!stop)
        return VARSDB_OK;
    return vdb_fail(&gc->db->error, VARSDB_CANCELLED,
                    "the callback stopped the garbage collection; what was deleted until then is deleted");
}

static int remember(vdb_gc *gc, vdb_buf *buffer, const void *item, size_t bytes)
{
    return vdb_buf_append(buffer, item, bytes) == VARSDB_OK ? VARSDB_OK : vdb_fail_nomem(&gc->db->error);
}

/* All of `left`, to the end.  What a slice could not finish has lost its owner, so a later step finds it. */
static int sweep(vdb_gc *gc, const char *doing, const vdb_buf *left)
{
    const vdb_left *all = (const vdb_left *)(const void *)left->data;
    size_t count = left->size / sizeof *all, finished = 0;
    int rc = VARSDB_OK;
    for (size_t i = 0; rc == VARSDB_OK && i < count; i += finished) {
        rc = vdb_sweep_slice(gc->db, all + i, count - i, &gc->swept, &finished);
        vdb_sweep_forget(gc->db);
        if (rc == VARSDB_OK)
            rc = vdb_gc_progress(gc, doing, gc->swept.bytes, 0);
    }
    return rc;
}

/* ---- sessions */

static int take_session(vdb_gc *gc, const vdb_value *at, vdb_buf *dead)
{
    int rc = vdb_row_texts(gc->db, "session", at + 2, 2);
    if (rc != VARSDB_OK)
        return rc;
    vdb_session_signs signs = {at[2].data, at[3].data, at[4].integer, at[5].integer};
    if (vdb_session_is_dead(&gc->self, &signs, vdb_time_ms())) {
        vdb_left left = {VDB_LEFT_SESSION, at[0].integer, at[1].integer};
        return remember(gc, dead, &left, sizeof left);
    }
    vdb_gc_session alive = {.id = at[0].integer, .uid = at[1].integer};
    return remember(gc, &gc->sessions, &alive, sizeof alive);
}

static int read_sessions(vdb_gc *gc, vdb_buf *dead)
{
    int64_t last = INT64_MIN, seen = WINDOW;
    int rc = VARSDB_OK;
    while (rc == VARSDB_OK && seen == WINDOW) {
        vdb_rows *rows = NULL;
        bool row = true;
        seen = 0;
        rc = vdb_start(gc->db->engine, VDB_Q_GC_SESSIONS, VDB_ARGS(vdb_int(last), vdb_int(WINDOW)), &rows);
        while (rc == VARSDB_OK && (rc = vdb_next(gc->db->engine, rows, &row)) == VARSDB_OK && row) {
            vdb_value at[6];
            vdb_row_columns(gc->db, rows, at, 6);
            seen++;
            rc = vdb_row_advance(gc->db, &at[0], &last);
            if (rc == VARSDB_OK)
                rc = take_session(gc, at, dead);
        }
        vdb_finish(gc->db->engine, rows);
    }
    return rc;
}

static int scan_sessions(vdb_gc *gc)
{
    vdb_buf dead = {0};
    int rc = read_sessions(gc, &dead);
    if (rc == VARSDB_OK && gc->options->dry_run)
        gc->swept.sessions = (int64_t)(dead.size / sizeof(vdb_left));
    else if (rc == VARSDB_OK)
        rc = sweep(gc, "sessions", &dead);
    vdb_buf_release(&dead);
    return rc;
}

/* ---- lists whose owner is gone: a dry run need not look at them, it asks where references lead */

static int owner_is_there(vdb_gc *gc, enum vdb_query owner, int64_t id, bool *out)
{
    int64_t value;
    return vdb_get_int(gc->db->engine, owner, VDB_ARGS(vdb_int(id)), &value, out);
}

/* The least owner above *id that has a list; *id is it from then on. */
static int next_owner(vdb_gc *gc, enum vdb_query next, int64_t *id, bool *found)
{
    vdb_rows *rows = NULL;
    int rc = vdb_start(gc->db->engine, next, VDB_ARGS(vdb_int(*id)), &rows);
    if (rc == VARSDB_OK)
        rc = vdb_next(gc->db->engine, rows, found);
    if (rc == VARSDB_OK && *found) {
        vdb_value owner = vdb_column(gc->db->engine, rows, 0);
        rc = vdb_row_advance(gc->db, &owner, id);
    }
    vdb_finish(gc->db->engine, rows);
    return rc;
}

static int scan_lists(vdb_gc *gc, const char *doing, enum vdb_query next, enum vdb_query owner,
                      vdb_left_kind kind)
{
    vdb_buf left = {0};
    int64_t id = INT64_MIN, seen = 0;
    bool found = true, there = true;
    int rc = VARSDB_OK;
    while (rc == VARSDB_OK && found) {
        rc = next_owner(gc, next, &id, &found);
        if (rc == VARSDB_OK && found)
            rc = owner_is_there(gc, owner, id, &there);
        if (rc == VARSDB_OK && found && !there) {
            vdb_left one = {.kind = kind, .id = id};
            rc = remember(gc, &left, &one, sizeof one);
        }
        if (rc == VARSDB_OK && (++seen % WINDOW == 0 || !found)) {
            rc = sweep(gc, doing, &left);
            vdb_buf_reset(&left);
            if (rc == VARSDB_OK)
                rc = vdb_gc_progress(gc, doing, gc->swept.bytes, 0);
        }
    }
    vdb_buf_release(&left);
    return rc;
}

/* ---- states, tensors, chunks */

static vdb_gc_session *find_session(vdb_gc *gc, int64_t id)
{
    vdb_gc_session *all = (vdb_gc_session *)(void *)gc->sessions.data;
    size_t low = 0, high = gc->sessions.size / sizeof *all;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (all[middle].id == id)
            return &all[middle];
        if (all[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* A chunk that no list refers to: *held when a save that lives has it pinned. */
static int look_at_pins(vdb_gc *gc, int64_t chunk, int64_t bytes, bool *held)
{
    vdb_rows *rows = NULL;
    bool row = true;
    *held = false;
    int rc = vdb_start(gc->db->engine, VDB_Q_GC_PINS_OF_CHUNK, VDB_ARGS(vdb_int(chunk)), &rows);
    while (rc == VARSDB_OK && (rc = vdb_next(gc->db->engine, rows, &row)) == VARSDB_OK && row) {
        vdb_gc_session *session = find_session(gc, vdb_column(gc->db->engine, rows, 0).integer);
        if (session) {
            vdb_sweep_count(&session->bytes, bytes);
            *held = true;
        }
    }
    vdb_finish(gc->db->engine, rows);
    if (rc == VARSDB_OK && *held)
        vdb_sweep_count(&gc->held_bytes, bytes);
    return rc;
}

static void count(vdb_gc *gc, vdb_left_kind kind, int64_t bytes)
{
    gc->swept.states += kind == VDB_LEFT_STATE;
    gc->swept.tensors += kind == VDB_LEFT_TENSOR;
    gc->swept.chunks += kind == VDB_LEFT_CHUNK;
    vdb_sweep_count(&gc->swept.bytes, bytes);
}

/* Columns: id, whether nothing refers to it, bytes. */
static int take_row(vdb_gc *gc, vdb_left_kind kind, const vdb_value *at, vdb_buf *left)
{
    bool held = false;
    vdb_left one = {.kind = kind, .id = at[0].integer};
    if (!at[1].integer)
        return VARSDB_OK;
    int rc = kind == VDB_LEFT_CHUNK ? look_at_pins(gc, one.id, at[2].integer, &held) : VARSDB_OK;
    if (rc != VARSDB_OK || held)
        return rc;
    if (!gc->options->dry_run)
        return remember(gc, left, &one, sizeof one);
    count(gc, kind, at[2].integer);
    return VARSDB_OK;
}

static int read_window(vdb_gc *gc, enum vdb_query query, vdb_left_kind kind, int64_t *last, int64_t *seen,
                       vdb_buf *left)
{
    vdb_rows *rows = NULL;
    bool row = true;
    int rc = vdb_start(gc->db->engine, query, VDB_ARGS(vdb_int(*last), vdb_int(WINDOW)), &rows);
    while (rc == VARSDB_OK && (rc = vdb_next(gc->db->engine, rows, &row)) == VARSDB_OK && row) {
        vdb_value at[3];
        vdb_row_columns(gc->db, rows, at, 3);
        ++*seen;
        rc = vdb_row_advance(gc->db, &at[0], last);
        if (rc == VARSDB_OK)
            rc = take_row(gc, kind, at, left);
    }
    vdb_finish(gc->db->engine, rows);
    return rc;
}

static int scan(vdb_gc *gc, const char *doing, enum vdb_query query, vdb_left_kind kind)
{
    vdb_buf left = {0};
    int64_t last = INT64_MIN, seen = WINDOW;
    int rc = VARSDB_OK;
    while (rc == VARSDB_OK && seen == WINDOW) {
        seen = 0;
        vdb_buf_reset(&left);
        rc = read_window(gc, query, kind, &last, &seen, &left);
        if (rc == VARSDB_OK)
            rc = sweep(gc, doing, &left);
        if (rc == VARSDB_OK)
            rc = vdb_gc_progress(gc, doing, gc->swept.bytes, 0);
    }
    vdb_buf_release(&left);
    return rc;
}

/* ---- attributes */

static int delete_attributes(vdb_gc *gc, bool *more)
{
    varsdb *db = gc->db;
    vdb_rows *rows = NULL;
    *more = false;
    int rc = vdb_bulk_begin(db);
    if (rc != VARSDB_OK)
        return rc;
    rc = vdb_start(db->engine, VDB_Q_GC_ATTRIBUTE_OWNERS, VDB_NO_ARGS, &rows);
    if (rc == VARSDB_OK)
        rc = vdb_next(db->engine, rows, more);
    if (rc == VARSDB_OK && *more) {
        vdb_value at[2];
        vdb_row_columns(db, rows, at, 2);
        rc = vdb_row_delete(db, VDB_Q_GC_ATTRIBUTES_DELETE, at, 2);
    }
    vdb_finish(db->engine, rows);
    return vdb_bulk_end(db, rc);
}

static int scan_attributes(vdb_gc *gc)
{
    bool more = true;
    int rc = VARSDB_OK;
    while (rc == VARSDB_OK && more) {
        rc = delete_attributes(gc, &more);
        if (rc == VARSDB_OK)
            rc = vdb_gc_progress(gc, "attributes", gc->swept.bytes, 0);
    }
    return rc;
}

/* ---- in the order in which one makes garbage of the next */

int vdb_gc_scan(vdb_gc *gc)
{
    bool dry = gc->options->dry_run;
    int rc = scan_sessions(gc);
    if (rc == VARSDB_OK && !dry)
        rc = scan_lists(gc, "sessions", VDB_Q_GC_NEXT_PINNER, VDB_Q_SWEEP_SESSION_UID, VDB_LEFT_SESSION);
    if (rc == VARSDB_OK && !dry)
        rc = scan_lists(gc, "snapshots", VDB_Q_GC_NEXT_SNAPSHOT, VDB_Q_SWEEP_SNAPSHOT_THERE,
                        VDB_LEFT_SNAPSHOT);
    if (rc == VARSDB_OK)
        rc = scan(gc, "states", VDB_Q_GC_STATES, VDB_LEFT_STATE);
    if (rc == VARSDB_OK)
        rc = scan(gc, "tensors", VDB_Q_GC_TENSORS, VDB_LEFT_TENSOR);
    if (rc == VARSDB_OK && !dry)
        rc = scan_lists(gc, "tensors", VDB_Q_GC_NEXT_LIST, VDB_Q_SWEEP_TENSOR_THERE, VDB_LEFT_TENSOR);
    if (rc == VARSDB_OK)
        rc = scan(gc, "chunks", VDB_Q_GC_CHUNKS, VDB_LEFT_CHUNK);
    return rc == VARSDB_OK && !dry ? scan_attributes(gc) : rc;
}
