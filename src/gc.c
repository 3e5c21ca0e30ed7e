/* gc.c - collecting garbage: delete it (gc_scan.c), give its space back, say who holds the rest. */
#include "gc.h"
#include "row.h"
#include "save.h"
#include "transaction.h"

/* Pages moved in one transaction, at most; see engine_sqlite_space.c. */
#define PAGES_A_TURN 1024

/* ---- space */

static int get_space(vdb_gc *gc, vdb_space *out)
{
    return gc->db->engine->methods->space(gc->db->engine, out);
}

static int reclaim_some(vdb_gc *gc, int64_t *left)
{
    vdb_engine *engine = gc->db->engine;
    int rc = vdb_bulk_begin(gc->db);
    if (rc != VARSDB_OK)
        return rc;
    return vdb_bulk_end(gc->db, engine->methods->reclaim(engine, PAGES_A_TURN, left));
}

/* Ends when nothing is free, or when nothing moves: somebody may have taken auto_vacuum away. */
static int reclaim(vdb_gc *gc)
{
    vdb_space space;
    int rc = get_space(gc, &space);
    int64_t all = space.free_pages, before = all, left = all;
    while (rc == VARSDB_OK && before > 0) {
        rc = reclaim_some(gc, &left);
        if (rc == VARSDB_OK && left >= before)
            break;
        before = left;
        if (rc == VARSDB_OK)
            rc = vdb_gc_progress(gc, "shrinking", (all - left) * space.page_bytes, all * space.page_bytes);
    }
    return rc;
}

/* ---- who holds the rest */

static int tell(vdb_gc *gc, varsdb_holder_cb callback, void *payload, const varsdb_holder *holder)
{
    if (!callback || callback(payload, holder) == 0)
        return VARSDB_OK;
    return vdb_fail(&gc->db->error, VARSDB_CANCELLED,
                    "the callback stopped the list of holders; the garbage collection was complete");
}

static int tell_session(vdb_gc *gc, const vdb_gc_session *session, varsdb_holder_cb callback, void *payload)
{
    varsdb *db = gc->db;
    vdb_rows *rows = NULL;
    bool row = false;
    vdb_value at[4];
    int rc =
        vdb_start(db->engine, VDB_Q_GC_SESSION, VDB_ARGS(vdb_int(session->id), vdb_int(session->uid)), &rows);
    if (rc == VARSDB_OK)
        rc = vdb_next(db->engine, rows, &row);
    if (rc == VARSDB_OK && row) {
        vdb_row_columns(db, rows, at, 4);
        rc = vdb_row_texts(db, "session", at, 2);
    }
    if (rc == VARSDB_OK && row)
        rc = tell(gc, callback, payload,
                  &(varsdb_holder){.size = sizeof(varsdb_holder),
                                   .program = at[0].data,
                                   .host = at[1].data,
                                   .pid = at[2].integer,
                                   .bytes = session->bytes,
                                   .since = at[3].integer});
    vdb_finish(db->engine, rows);
    return rc;
}

static int tell_sessions(vdb_gc *gc, varsdb_holder_cb callback, void *payload)
{
    const vdb_gc_session *all = (const vdb_gc_session *)(const void *)gc->sessions.data;
    size_t count = gc->sessions.size / sizeof *all;
    int rc = VARSDB_OK;
    for (size_t i = 0; rc == VARSDB_OK && i < count; i++)
        if (all[i].bytes > 0)
            rc = tell_session(gc, &all[i], callback, payload);
    return rc;
}

/* A picture that somebody reads keeps the log from being copied, and the file from being cut. */
static int tell_reader(vdb_gc *gc, const vdb_space *space, varsdb_holder_cb callback, void *payload)
{
    int64_t in_log = space->log_frames * space->page_bytes;
    int64_t uncut = space->file_bytes - space->pages * space->page_bytes;
    int64_t bytes = uncut > in_log ? uncut : in_log;
    if (bytes <= 0)
        return VARSDB_OK;
    return tell(
        gc, callback, payload,
        &(varsdb_holder){.size = sizeof(varsdb_holder), .program = "a reader", .host = "", .bytes = bytes});
}

static int tell_holders(vdb_gc *gc, const vdb_space *space, varsdb_holder_cb callback, void *payload)
{
    vdb_read r;
    int rc = vdb_read_begin(gc->db, &r);
    if (rc != VARSDB_OK)
        return rc;
    gc->db->listing++;
    rc = tell_sessions(gc, callback, payload);
    if (rc == VARSDB_OK && space)
        rc = tell_reader(gc, space, callback, payload);
    gc->db->listing--;
    return vdb_read_end(gc->db, &r, rc);
}

/* ---- public */

static int count_garbage(vdb_gc *gc, varsdb_holder_cb callback, void *payload)
{
    vdb_read r;
    int rc = vdb_read_begin(gc->db, &r);
    if (rc != VARSDB_OK)
        return rc;
    rc = vdb_read_end(gc->db, &r, vdb_gc_scan(gc));
    return rc == VARSDB_OK ? tell_holders(gc, NULL, callback, payload) : rc;
}

static int collect_garbage(vdb_gc *gc, varsdb_holder_cb callback, void *payload, int64_t *file_bytes)
{
    vdb_engine *engine = gc->db->engine;
    vdb_space before, after;
    vdb_save_after_transaction(gc->db);
    int rc = get_space(gc, &before);
    if (rc == VARSDB_OK)
        rc = vdb_gc_scan(gc);
    if (rc == VARSDB_OK)
        rc = reclaim(gc);
    if (rc == VARSDB_OK && !engine->methods->within) /* a host's checkpoints are its own affair */
        rc = engine->methods->checkpoint(engine);
    if (rc == VARSDB_OK)
        rc = get_space(gc, &after);
    if (rc == VARSDB_OK)
        rc = tell_holders(gc, &after, callback, payload);
    if (rc == VARSDB_OK)
        *file_bytes = before.file_bytes > after.file_bytes ? before.file_bytes - after.file_bytes : 0;
    return rc;
}

static int check(varsdb *db, const varsdb_upkeep_options *o)
{
    int rc = vdb_enter(db);
    if (rc != VARSDB_OK)
        return rc;
    if (o->size < sizeof *o)
        return vdb_misuse(db, "upkeep options without their size; use VARSDB_UPKEEP()");
    if (vdb_transaction_is_callers(db) || db->listing)
        return vdb_misuse(db, "end the transaction before collecting garbage");
    if ((db->flags & VARSDB_READ_ONLY) && !o->dry_run)
        return vdb_fail(&db->error, VARSDB_READONLY,
                        "%s is open for reading only; its garbage can only be counted (dry_run)", db->path);
    return VARSDB_OK;
}

static int free_none(varsdb *db)
{
    int rc = vdb_bulk_begin(db);
    return rc == VARSDB_OK ? vdb_bulk_end(db, vdb_run(db->engine, VDB_Q_GC_FREE_NONE, VDB_NO_ARGS)) : rc;
}

static int collect(vdb_gc *gc, varsdb_holder_cb callback, void *payload, int64_t *file_bytes)
{
    int rc = free_none(gc->db);
    gc->db->collecting = true;
    if (rc == VARSDB_OK)
        rc = collect_garbage(gc, callback, payload, file_bytes);
    gc->db->collecting = false;
    return rc;
}

int varsdb_collect_garbage(varsdb *db, const varsdb_upkeep_options *options, varsdb_holder_cb callback,
                           void *payload, varsdb_garbage *out)
{
    static const varsdb_upkeep_options defaults = {.size = sizeof defaults};
    vdb_gc gc = {.db = db, .options = options ? options : &defaults};
    int64_t file_bytes = 0;
    int rc = check(db, gc.options);
    if (rc == VARSDB_OK)
        rc = vdb_session_identify(db, &gc.self);
    if (rc == VARSDB_OK)
        rc = gc.options->dry_run ? count_garbage(&gc, callback, payload)
                                 : collect(&gc, callback, payload, &file_bytes);
    if (rc == VARSDB_OK && out)
        *out = (varsdb_garbage){
            .size = sizeof *out,
            .chunks = gc.swept.chunks,
            .tensors = gc.swept.tensors,
            .states = gc.swept.states,
            .sessions = gc.swept.sessions,
            .bytes = gc.swept.bytes,
            .file_bytes = file_bytes,
            .held_bytes = gc.held_bytes,
        };
    vdb_buf_release(&gc.sessions);
    return rc;
}
