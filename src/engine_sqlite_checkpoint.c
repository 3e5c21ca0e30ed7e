/*
 * engine_sqlite_checkpoint.c - checkpoints off the saving path, guarded against
 * the WAL-reset bug.
 *
 * SQLite before 3.51.3 (3.50.7 and 3.44.6 in their lines) can lose committed pages:
 *   1. the checkpointer has copied all frames and is about to say so;
 *   2. a writer commits; seeing that all was copied, it restarts the log;
 *   3. the checkpointer goes on and marks the new log's frames as copied too;
 *   4. the next writer overwrites frames that were never copied.
 * Step 2 cannot happen while the write lock is held, nor while somebody reads the log: a
 * restart needs all readers of it gone.  So a checkpoint of ours runs beside a sibling connection
 * of ours, in three ways:
 *   - beside_writers: the sibling reads.  Writers go on meanwhile, so this copies the bulk.  Where
 *     the sibling finds that all was copied already, it reads the file instead of the log, and
 *     SQLite then copies nothing, and marks nothing as copied, since a reader of the file is in its
 *     way.
 *   - alone: the sibling holds BEGIN IMMEDIATE.  What is left is copied; as nobody adds to the log
 *     meanwhile, all of it is, and the next writer may begin it anew.
 *   - cut: the sibling reads, which is the file now, and SQLite truncates the log, for which it
 *     takes the write lock itself.  Where somebody else has that, its TRUNCATE becomes PASSIVE,
 *     which is the first way.
 * The automatic checkpoint of every connection of ours is off.  FULL and TRUNCATE alone are no
 * substitute: when they do not get the write lock they become PASSIVE.  Closing the last
 * connection is safe, it has the file to itself.
 */
#include "engine_sqlite.h"

/* More than so many frames are copied beside writers, who add to them meanwhile, as often as this. */
#define BESIDE_FRAMES 512
#define BESIDE_TIMES  3
#define LONG_PAUSES   100 /* of vdb_sqlite_busy: tries after which its pauses are long */

bool vdb_sqlite_has_wal_reset_bug(int n)
{
    if (n >= 3051003)
        return false;
    if (n >= 3050000 && n < 3051000)
        return n < 3050007;
    if (n >= 3044000 && n < 3045000)
        return n < 3044006;
    return true;
}

/* After each commit that wrote to the log. */
static int count_frames(void *engine, sqlite3 *db, const char *schema, int frames)
{
    (void)db;
    (void)schema;
    vdb_sqlite *s = engine;
    if (frames < s->log.frames)
        s->log.copied = s->log.helped = 0; /* it began anew */
    s->log.frames = frames;
    s->log.unsynced = s->syncs;
    return SQLITE_OK;
}

void vdb_checkpoint_watch(vdb_sqlite *s)
{
    sqlite3_wal_hook(s->db, count_frames, s);
}

static void close_guard(vdb_sqlite *s)
{
    sqlite3_finalize(s->guard_rollback);
    sqlite3_close(s->guard);
    s->guard_rollback = NULL;
    s->guard = NULL;
}

/* A statement that is there already needs no memory: without any the lock must be given back all the same. */
static int open_guard(vdb_sqlite *s)
{
    if (s->guard)
        return SQLITE_OK;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
    int code = sqlite3_open_v2(vdb_sqlite_file_name(s), &s->guard, flags, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(s->guard, "PRAGMA wal_autocheckpoint=0", NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code =
            sqlite3_prepare_v3(s->guard, "ROLLBACK", -1, SQLITE_PREPARE_PERSISTENT, &s->guard_rollback, NULL);
    if (code != SQLITE_OK)
        close_guard(s);
    return code;
}

static void release_guard(vdb_sqlite *s)
{
    if (sqlite3_get_autocommit(s->guard))
        return;
    sqlite3_step(s->guard_rollback);
    sqlite3_reset(s->guard_rollback);
}

static int copy(vdb_sqlite *s, int mode)
{
    int log = 0, copied = 0;
    int code = sqlite3_wal_checkpoint_v2(s->db, "main", mode, &log, &copied);
    if (code == SQLITE_OK) {
        s->log.frames = log;
        s->log.copied = copied;
        s->log.own = 0;
        s->log.saved = false;
    }
    return code;
}

static int copy_beside_writers(vdb_sqlite *s, int mode)
{
    int code = sqlite3_exec(s->guard, "BEGIN; PRAGMA schema_version", NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = copy(s, mode);
    release_guard(s);
    return code;
}

/* Waits for the lock as every writer does, behind the turnstile. */
static int lock_for_guard(vdb_sqlite *s, bool wait)
{
    if (wait) {
        int rc = vdb_turnstile_enter(s);
        if (rc != VARSDB_OK)
            return rc;
    }
    sqlite3_busy_handler(s->guard, wait ? vdb_sqlite_busy : NULL, wait ? s : NULL);
    int code = sqlite3_exec(s->guard, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (wait)
        vdb_turnstile_leave(s);
    return vdb_sqlite_fail(s, code, "checkpointing");
}

/* BUSY: another connection copies just now, which needs no write lock; ours is given back meanwhile. */
static int copy_alone(vdb_sqlite *s, bool wait)
{
    if (wait)
        vdb_sqlite_start_clock(s);
    for (int tries = LONG_PAUSES;; tries++) {
        int rc = lock_for_guard(s, wait);
        if (rc != VARSDB_OK)
            return rc;
        int code = copy(s, SQLITE_CHECKPOINT_PASSIVE);
        release_guard(s);
        if ((code & 0xff) != SQLITE_BUSY || !wait || !vdb_sqlite_busy(s, tries))
            return vdb_sqlite_fail(s, code, "checkpointing");
    }
}

/* Where another connection is copying, it does what we would.  SQLite syncs the file when all is copied,
 * which is when the sibling has the lock: little is to be left by then. */
static int copy_most(vdb_sqlite *s)
{
    int code = SQLITE_OK, times = 0;
    while (code == SQLITE_OK && times < BESIDE_TIMES && s->log.frames - s->log.copied >= BESIDE_FRAMES) {
        code = copy_beside_writers(s, SQLITE_CHECKPOINT_PASSIVE);
        times++;
    }
    if (code == SQLITE_OK && times > 0)
        code = vdb_file_sync(s);
    return (code & 0xff) == SQLITE_BUSY ? SQLITE_OK : code;
}

/* The next commit would cut the log to PRAGMA journal_size_limit as it begins it anew, and to cut off
 * hundreds of MiB takes longer than to commit.  Who reads or writes just now is not waited for: then
 * that commit does it. */
static void cut_if_long(vdb_sqlite *s)
{
    if (s->log.frames <= s->log.kept || s->log.copied < s->log.frames)
        return;
    sqlite3_busy_handler(s->db, NULL, NULL);
    copy_beside_writers(s, SQLITE_CHECKPOINT_TRUNCATE);
    sqlite3_busy_handler(s->db, vdb_sqlite_busy, s);
}

int vdb_checkpoint_run(vdb_sqlite *s, bool wait)
{
    int code = open_guard(s);
    if (code == SQLITE_OK)
        code = copy_most(s);
    if (code != SQLITE_OK)
        return vdb_sqlite_fail(s, code, "checkpointing");
    int rc = copy_alone(s, wait);
    if (rc == VARSDB_OK)
        cut_if_long(s);
    return rc;
}

int vdb_sqlite_checkpoint(vdb_engine *engine)
{
    vdb_sqlite *s = vdb_sqlite_of(engine);
    if (s->temporary || s->immutable)
        return VARSDB_OK;
    if (s->flags & VARSDB_READ_ONLY)
        return vdb_fail(s->base.error, VARSDB_READONLY, "%s is open for reading only", s->path);
    return vdb_file_has_moved(s) ? vdb_file_fail_moved(s) : vdb_checkpoint_run(s, true);
}

/* Pages that this connection wrote since it was asked last. */
static int64_t newly_written(vdb_sqlite *s)
{
    int written = 0, highest = 0;
    sqlite3_db_status(s->db, SQLITE_DBSTATUS_CACHE_WRITE, &written, &highest, 0);
    int64_t before = s->log.pages_written;
    s->log.pages_written = written;
    return written > before ? written - before : 0;
}

/* Small commits take care of what small commits wrote.  What a save wrote is left to an idle
 * moment, unless the log has grown to its limit: copying it costs more than the save. */
static bool is_due(vdb_sqlite *s, bool *wait)
{
    int64_t written = newly_written(s);
    if (s->bulk)
        s->log.saved = true;
    else if (written < VDB_CHECKPOINT_SMALL_FRAMES)
        s->log.own += (int)written;
    else
        s->log.saved = true; /* a value of a mebibyte or more, or much in one transaction of the caller's */
    bool full = s->log.frames - s->log.copied >= s->log.limit;
    *wait = full || s->log.own >= VDB_CHECKPOINT_WAIT_FRAMES;
    return full || s->log.own >= VDB_CHECKPOINT_TRY_FRAMES;
}

void vdb_checkpoint_after_commit(vdb_sqlite *s)
{
    bool wait;
    bool due = is_due(s, &wait);
    if (!s->bulk && s->log.saved && (s->flags & VARSDB_HELPER_THREAD))
        vdb_helper_start(s);
    if (!due)
        return;
    /* The commit has succeeded: what fails here is the next checkpoint's affair. */
    vdb_error saved = *s->base.error;
    vdb_checkpoint_run(s, wait);
    *s->base.error = saved;
}

/* The log is found by name: whoever opens the file that now has our name would play it
 * into that.  So what was committed goes to where our file went, and the log is emptied.
 * The sibling would open the wrong file; but whoever else has ours open finds it moved too. */
void vdb_checkpoint_moved(vdb_sqlite *s)
{
    sqlite3_wal_checkpoint_v2(s->db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
}

/* Not the last to close it: then SQLite's own close copies the log.  What is built has none. */
static void copy_what_was_saved(vdb_sqlite *s)
{
    if (s->log.saved && !vdb_file_has_moved(s))
        vdb_checkpoint_run(s, false);
}

void vdb_checkpoint_close(vdb_sqlite *s)
{
    copy_what_was_saved(s);
    close_guard(s);
}
