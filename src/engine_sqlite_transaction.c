/*
 * engine_sqlite_transaction.c - begin, commit, rollback, and the deadline.
 *
 * All waiting for the write lock happens here, before a transaction is open, and
 * behind the turnstile.  Inside a transaction nothing waits: a reader that wants
 * to write while somebody else does would only wait for its picture to be stale.
 */
#include <assert.h>

#include "engine_sqlite.h"

#define TURN_MS 3 /* at most; the clock's step makes it 2.5 on the average */

void vdb_sqlite_start_clock(vdb_sqlite *s)
{
    s->began = vdb_now_ms();
    s->deadline = 0;
    if (s->timeout_ms >= 0 && __builtin_add_overflow(s->began, s->timeout_ms, &s->deadline))
        s->deadline = INT64_MAX;
}

int vdb_sqlite_busy(void *engine, int tries)
{
    vdb_sqlite *s = engine;
    if (s->deadline == 0 || vdb_now_ms() >= s->deadline)
        return 0;
    vdb_sleep_us(tries < VDB_BUSY_OFTEN ? 50 : tries < VDB_BUSY_SOMETIMES ? 200 : 1000);
    return 1;
}

/* Prepared when the connection is opened, and again when its schema was made, by which statements expire: a
 * rollback must not need memory. */
int vdb_sqlite_prepare_transactions(vdb_sqlite *s)
{
    const struct {
        sqlite3_stmt **statement;
        const char *sql;
    } all[] = {
        {&s->begin_read, "BEGIN"},  {&s->begin_write, "BEGIN IMMEDIATE"},           {&s->commit, "COMMIT"},
        {&s->rollback, "ROLLBACK"}, {&s->data_version, "PRAGMA main.data_version"},
    };
    int code = SQLITE_OK;
    for (size_t i = 0; code == SQLITE_OK && i < sizeof all / sizeof *all; i++) {
        sqlite3_finalize(*all[i].statement);
        *all[i].statement = NULL;
        code = sqlite3_prepare_v3(s->db, all[i].sql, -1, SQLITE_PREPARE_PERSISTENT, all[i].statement, NULL);
    }
    return vdb_sqlite_fail(s, code, "setting up");
}

int vdb_sqlite_step(vdb_sqlite *s, sqlite3_stmt *statement, const char *doing)
{
    int code = sqlite3_step(statement);
    assert(code != SQLITE_ROW);
    if (code != SQLITE_DONE)
        code = sqlite3_extended_errcode(s->db);
    sqlite3_reset(statement);
    return code == SQLITE_DONE ? VARSDB_OK : vdb_sqlite_fail(s, code, doing);
}

int vdb_sqlite_check_usable(vdb_sqlite *s)
{
    if (s->poisoned)
        return vdb_fail(s->base.error, VARSDB_IO,
                        "%s: a sync failed before, so what is on the disk is not known; close it and open "
                        "it again",
                        s->path);
    return VARSDB_OK;
}

/* SQLite forgets its whole cache when another process has committed, after which a small commit takes more
 * than twice the time.  So who came through the turnstile may commit more than once while the others wait,
 * for so long that this is seldom, and so short that nobody minds; a save, of which a part takes longer, may
 * not. */
static bool begin_in_turn(vdb_sqlite *s, bool bulk)
{
    int64_t deadline = s->deadline;
    if (bulk || vdb_now_ms() >= s->turn_ends)
        return false;
    s->deadline = 0; /* another client's lock is waited for in the turnstile */
    int code = sqlite3_step(s->begin_write);
    sqlite3_reset(s->begin_write);
    s->deadline = deadline;
    return code == SQLITE_DONE;
}

static int begin_behind_turnstile(vdb_sqlite *s, bool bulk)
{
    int rc = vdb_turnstile_enter(s);
    if (rc != VARSDB_OK)
        return rc;
    rc = vdb_sqlite_step(s, s->begin_write, "beginning a transaction");
    vdb_turnstile_leave(s);
    s->turn_ends = rc == VARSDB_OK && !bulk ? vdb_now_ms() + TURN_MS : 0;
    return rc;
}

static int begin_write(vdb_sqlite *s, bool bulk)
{
    if (s->flags & VARSDB_READ_ONLY)
        return vdb_fail(s->base.error, VARSDB_READONLY, "%s is open for reading only", s->path);
    int rc = vdb_sqlite_check_usable(s);
    if (rc == VARSDB_OK && !begin_in_turn(s, bulk))
        rc = begin_behind_turnstile(s, bulk);
    if (rc != VARSDB_OK)
        return rc;
    s->writing = true;
    s->bulk = bulk;
    return rc;
}

static int begin_read(vdb_sqlite *s)
{
    s->writing = s->bulk = false;
    return vdb_sqlite_step(s, s->begin_read, "beginning to read");
}

int vdb_sqlite_begin(vdb_engine *engine, vdb_begin_mode mode)
{
    vdb_sqlite *s = vdb_sqlite_of(engine);
    assert(sqlite3_get_autocommit(s->db));
    vdb_sqlite_close_blobs(s); /* an open one keeps the picture that it was opened in */
    vdb_sqlite_start_clock(s);
    return mode == VDB_BEGIN_READ ? begin_read(s) : begin_write(s, mode == VDB_BEGIN_BULK);
}

int vdb_sqlite_upgrade(vdb_engine *engine)
{
    vdb_sqlite *s = vdb_sqlite_of(engine);
    assert(!sqlite3_get_autocommit(s->db) && !s->writing);
    if (s->flags & VARSDB_READ_ONLY)
        return vdb_fail(s->base.error, VARSDB_READONLY, "%s is open for reading only", s->path);
    int rc = vdb_sqlite_check_usable(s);
    if (rc == VARSDB_OK)
        rc = vdb_run(engine, VDB_Q_TRANSACTION_UPGRADE, VDB_NO_ARGS);
    if (rc == VARSDB_BUSY)
        rc = vdb_fail(s->base.error, VARSDB_RETRY,
                      "%s: another transaction is writing, after which your picture would be stale; roll "
                      "back, begin a writing transaction, and repeat",
                      s->path);
    s->writing = rc == VARSDB_OK;
    return rc;
}

int vdb_sqlite_rollback(vdb_engine *engine)
{
    vdb_sqlite *s = vdb_sqlite_of(engine);
    vdb_sqlite_close_blobs(s);
    s->writing = false;
    /* A failed write may have made SQLite roll back already. */
    if (sqlite3_get_autocommit(s->db))
        return VARSDB_OK;
    return vdb_sqlite_step(s, s->rollback, "rolling back");
}

static int refuse_moved(vdb_sqlite *s)
{
    if (!s->writing || s->temporary || !vdb_file_has_moved(s))
        return VARSDB_OK;
    vdb_sqlite_rollback(&s->base);
    vdb_checkpoint_moved(s);
    return vdb_file_fail_moved(s);
}

/* Others may commit while this waits for the disk, and one sync serves for all that is in the log by then:
 * SQLite's own (synchronous=FULL) is made with the write lock held.  So a commit is seen before it is
 * durable, but nothing that was built on it can last without it, since a log is valid only as far as all of
 * it is there.  For the same reason a part of a save is left to the sync of its last part. */
static int sync_log(vdb_sqlite *s)
{
    int code = vdb_file_sync_log(s);
    if (code == SQLITE_OK) {
        s->log.unsynced = false;
        return VARSDB_OK;
    }
    s->poisoned = true;
    return vdb_fail(
        s->base.error, VARSDB_COMMIT_UNKNOWN,
        "%s: the disk failed while a commit was synced (%s): it was made, and a loss of power may "
        "undo it; close it, open it again, and look whether it is there",
        s->path, sqlite3_errstr(code));
}

static void after_commit(vdb_sqlite *s)
{
    if (s->bulk || s->temporary)
        vdb_writeback_start(s);
    if (!s->temporary)
        vdb_checkpoint_after_commit(s);
}

int vdb_sqlite_commit(vdb_engine *engine)
{
    vdb_sqlite *s = vdb_sqlite_of(engine);
    bool wrote = s->writing;
    vdb_sqlite_close_blobs(s);
    int rc = refuse_moved(s);
    if (rc == VARSDB_OK)
        rc = vdb_sqlite_step(s, s->commit, "committing");
    if (rc != VARSDB_OK)
        return rc;
    s->writing = false;
    if (wrote && s->log.unsynced && !s->bulk)
        rc = sync_log(s);
    if (wrote && rc == VARSDB_OK)
        after_commit(s);
    return rc;
}

vdb_transaction_state vdb_sqlite_state(vdb_engine *engine)
{
    vdb_sqlite *s = vdb_sqlite_of(engine);
    if (sqlite3_get_autocommit(s->db))
        return VDB_TRANSACTION_NONE;
    return s->writing ? VDB_TRANSACTION_WRITE : VDB_TRANSACTION_READ;
}

int vdb_sqlite_data_version(vdb_engine *engine, int64_t *out)
{
    vdb_sqlite *s = vdb_sqlite_of(engine);
    if (sqlite3_get_autocommit(s->db))
        vdb_sqlite_start_clock(s);
    int code = sqlite3_step(s->data_version);
    if (code == SQLITE_ROW)
        *out = sqlite3_column_int64(s->data_version, 0);
    else
        code = sqlite3_extended_errcode(s->db);
    sqlite3_reset(s->data_version);
    return code == SQLITE_ROW ? VARSDB_OK : vdb_sqlite_fail(s, code, "looking for changes");
}
