/*
 * engine_sqlite_host.c - a host's connection instead of one of our own.
 *
 * Nothing of it is changed: no pragma, no handler, no hook.  What is begun while a transaction of the
 * host's is open becomes a savepoint of that; otherwise SQLite makes a transaction of the savepoint, and
 * there is one way to end both, which fails when the host was there before.  BEGIN IMMEDIATE would lock
 * every database of the connection, so the lock is taken by a first write.
 */
#include <assert.h>

#include "engine_sqlite.h"
#include "engine_sqlite_watch.h"
#include "mem.h"

typedef struct vdb_host {
    vdb_watch *watch;
    sqlite3_stmt *begin_watching, *savepoint, *release, *rollback_to, *rollback;
    bool whole;               /* the savepoint is a transaction, as the host had none */
    bool open;                /* a savepoint of ours, which is a transaction where the host has none */
    vdb_rows *picture;        /* a statement that holds what is read, instead of a savepoint */
    uint64_t undone, written; /* of the watch, as this handle knows them */
    int depth;                /* of our savepoint among those of all handles, from 1 */
    int64_t others;           /* counts writes of other handles that were noticed */
    char *schema, *quoted;
} vdb_host;

/* ---- transactions */

/* Whoever is still inside ours is not there any more. */
static void forget_savepoint(vdb_sqlite *s)
{
    vdb_host *h = s->host;
    if (h->open && h->depth <= h->watch->depth)
        h->watch->depth = h->depth - 1;
    h->open = s->writing = false;
}

static bool within(vdb_engine *engine)
{
    const vdb_sqlite *s = vdb_sqlite_of(engine);
    return !s->host->open && !sqlite3_get_autocommit(s->db);
}

static int watch(vdb_sqlite *s)
{
    if (s->host->watch->watching)
        return VARSDB_OK;
    int rc = vdb_sqlite_step(s, s->host->begin_watching, "beginning a transaction");
    if (rc != VARSDB_CORRUPT)
        return rc;
    return vdb_fail(
        s->base.error, VARSDB_MISUSE,
        "%s: the table varsdb_watch, which tells of the host's rollbacks, was taken from the connection "
        "(sqlite3_drop_modules)",
        s->path);
}

/* It takes no lock: BUSY has one reason. */
static int open_savepoint(vdb_sqlite *s)
{
    s->host->whole = sqlite3_get_autocommit(s->db);
    s->scripted = false;
    int rc = vdb_sqlite_step(s, s->host->savepoint, "beginning a transaction");
    s->host->open = rc == VARSDB_OK;
    if (rc == VARSDB_OK)
        s->host->depth = ++s->host->watch->depth;
    if (rc != VARSDB_BUSY)
        return rc;
    return vdb_fail(
        s->base.error, VARSDB_MISUSE,
        s->flags & VDB_INSIDE_STATEMENT
            ? "%s: this cannot write inside a statement that writes; BEGIN IMMEDIATE first, call it in a "
              "query of its own, and then write"
            : "%s: a statement of the host's that writes is not at its end; step it to there, or reset "
              "it, first",
        s->path);
}

/* A savepoint that is gone is the only thing that SQLite has no code of its own for. */
static int end_savepoint(vdb_sqlite *s, sqlite3_stmt *statement)
{
    int rc = vdb_sqlite_step(s, statement, "ending a transaction");
    if (rc != VARSDB_CORRUPT)
        return rc;
    return vdb_fail(s->base.error, VARSDB_ABORTED,
                    "%s: the host ended the transaction in which this one was begun", s->path);
}

/* Going back to a savepoint where the schema was another makes SQLite prepare all statements anew, the one
 * that releases it too; without memory that fails.  A whole transaction is rolled back at once. */
static bool is_undone_at_once(const vdb_sqlite *s)
{
    return s->host->whole && s->scripted;
}

/* While the host interrupts a statement of its own in which we are, nothing can be run, nor undone.  But
 * SQLite rolls the whole transaction back when a statement that writes is interrupted.  And where the disk
 * fails so that a savepoint cannot be undone, a whole transaction still can, from its journal later on. */
static int undo(vdb_sqlite *s)
{
    if (is_undone_at_once(s))
        return vdb_sqlite_step(s, s->host->rollback, "rolling back");
    int rc = end_savepoint(s, s->host->rollback_to);
    if (rc == VARSDB_OK)
        rc = end_savepoint(s, s->host->release);
    if (rc == VARSDB_CANCELLED)
        vdb_run(&s->base, VDB_Q_TRANSACTION_UPGRADE, VDB_NO_ARGS);
    else if (rc != VARSDB_OK && rc != VARSDB_ABORTED && s->host->whole && !sqlite3_get_autocommit(s->db))
        rc = vdb_sqlite_step(s, s->host->rollback, "rolling back");
    if (rc == VARSDB_OK)
        vdb_error_clear(s->base.error);
    return rc;
}

/* ---- inside a statement of the host's */

/* A savepoint could not be ended if the host interrupted its statement, nor begun if that writes. */
static int hold_picture(vdb_sqlite *s)
{
    bool row;
    vdb_rows *rows;
    int rc = vdb_sqlite_start(&s->base, VDB_Q_REGISTRY_PICTURE, VDB_NO_ARGS, &rows);
    if (rc != VARSDB_OK)
        return rc;
    rc = vdb_sqlite_next(rows, &row);
    if (rc == VARSDB_OK) {
        s->host->picture = rows;
        s->host->open = true;
    } else {
        vdb_sqlite_finish(rows);
    }
    return rc;
}

static void drop_picture(vdb_sqlite *s)
{
    if (s->host->picture)
        vdb_sqlite_finish(s->host->picture);
    s->host->picture = NULL;
    s->host->open = false;
}

/* What was begun and failed at once; the error is kept. */
static void give_up(vdb_sqlite *s)
{
    vdb_error saved = *s->base.error;
    undo(s);
    forget_savepoint(s);
    *s->base.error = saved;
}

/* Who has read already is not waited for: what it read would be stale. */
static int take_lock(vdb_sqlite *s)
{
    bool reading = sqlite3_txn_state(s->db, s->schema) == SQLITE_TXN_READ;
    int rc = VARSDB_OK;
    if (sqlite3_txn_state(s->db, s->schema) != SQLITE_TXN_WRITE)
        rc = vdb_run(&s->base, VDB_Q_TRANSACTION_UPGRADE, VDB_NO_ARGS);
    if ((rc == VARSDB_BUSY && reading) || rc == VARSDB_RETRY)
        return vdb_fail(s->base.error, VARSDB_RETRY,
                        "%s: the transaction has read, and another connection wrote or is writing; roll it "
                        "back, BEGIN IMMEDIATE, and repeat",
                        s->path);
    if (rc == VARSDB_READONLY)
        return vdb_fail(s->base.error, rc, "%s: the connection cannot write to it", s->path);
    if (rc == VARSDB_OK)
        rc = watch(s);
    s->writing = rc == VARSDB_OK;
    return rc;
}

static int refuse_read_only(vdb_sqlite *s)
{
    if (s->flags & VARSDB_READ_ONLY)
        return vdb_fail(s->base.error, VARSDB_READONLY, "%s is open for reading only", s->path);
    /* SQLite counts varsdb_watch as a table of main. */
    if (sqlite3_db_readonly(s->db, s->schema) == 1 || sqlite3_db_readonly(s->db, "main") == 1)
        return vdb_fail(s->base.error, VARSDB_READONLY, "%s: the connection cannot write to it", s->path);
    return VARSDB_OK;
}

static int refuse_write(vdb_sqlite *s)
{
    int rc = refuse_read_only(s);
    return rc == VARSDB_OK ? vdb_sqlite_check_usable(s) : rc;
}

static int begin(vdb_engine *engine, vdb_begin_mode mode)
{
    vdb_sqlite *s = vdb_sqlite_of(engine);
    assert(!s->host->open);
    vdb_sqlite_close_blobs(s);
    s->writing = false;
    if (mode == VDB_BEGIN_READ && s->flags & VDB_INSIDE_STATEMENT)
        return hold_picture(s);
    int rc = mode == VDB_BEGIN_READ ? VARSDB_OK : refuse_write(s);
    if (rc == VARSDB_OK)
        rc = open_savepoint(s);
    if (rc != VARSDB_OK || mode == VDB_BEGIN_READ)
        return rc;
    rc = take_lock(s);
    if (rc != VARSDB_OK)
        give_up(s);
    return rc;
}

int vdb_sqlite_begin_creating(vdb_engine *engine)
{
    vdb_sqlite *s = vdb_sqlite_of(engine);
    assert(!s->host->open);
    int rc = refuse_write(s);
    if (rc == VARSDB_OK)
        rc = open_savepoint(s);
    if (rc != VARSDB_OK)
        return rc;
    rc = watch(s);
    s->writing = rc == VARSDB_OK;
    if (rc != VARSDB_OK)
        give_up(s);
    return rc;
}

static void count_write(vdb_host *h)
{
    bool sure = h->written == h->watch->written; /* nobody else's write went unnoticed */
    h->watch->written++;
    if (sure)
        h->written = h->watch->written;
}

static int write_within(vdb_engine *engine)
{
    vdb_sqlite *s = vdb_sqlite_of(engine);
    if (s->host->depth < s->host->watch->depth)
        return vdb_fail(
            s->base.error, VARSDB_MISUSE,
            "%s: another handle of the connection began a transaction inside this one; end that first",
            s->path);
    count_write(s->host);
    return VARSDB_OK;
}

static int upgrade(vdb_engine *engine)
{
    vdb_sqlite *s = vdb_sqlite_of(engine);
    assert(s->host->open && !s->writing && !s->host->picture);
    int rc = refuse_write(s);
    return rc == VARSDB_OK ? take_lock(s) : rc;
}

static int commit(vdb_engine *engine)
{
    vdb_sqlite *s = vdb_sqlite_of(engine);
    vdb_sqlite_close_blobs(s);
    assert(!s->host->picture);
    int rc = end_savepoint(s, s->host->release);
    if (rc != VARSDB_OK)
        return rc;
    if (s->writing)
        count_write(s->host);
    forget_savepoint(s);
    return VARSDB_OK;
}

/* What only read has nothing to undo.  What the host, or SQLite by itself, rolled back already is undone. */
static int rollback(vdb_engine *engine)
{
    vdb_sqlite *s = vdb_sqlite_of(engine);
    bool open = s->host->open, wrote = s->writing;
    vdb_sqlite_close_blobs(s);
    if (s->host->picture) {
        drop_picture(s);
        return VARSDB_OK;
    }
    forget_savepoint(s);
    if (!open || sqlite3_get_autocommit(s->db))
        return VARSDB_OK;
    int rc = wrote ? undo(s) : end_savepoint(s, s->host->release);
    return rc == VARSDB_ABORTED ? VARSDB_OK : rc;
}

static vdb_transaction_state state(vdb_engine *engine)
{
    const vdb_sqlite *s = vdb_sqlite_of(engine);
    if (s->host->picture)
        return VDB_TRANSACTION_READ;
    if (!s->host->open || sqlite3_get_autocommit(s->db))
        return VDB_TRANSACTION_NONE;
    return s->writing ? VDB_TRANSACTION_WRITE : VDB_TRANSACTION_READ;
}

/* ---- what others did */

static int data_version(vdb_engine *engine, int64_t *out)
{
    vdb_sqlite *s = vdb_sqlite_of(engine);
    int64_t version;
    int rc = vdb_sqlite_data_version(engine, &version);
    if (rc == VARSDB_OK)
        *out = version + (s->host->others << 32);
    return rc;
}

static bool disturbed(vdb_engine *engine)
{
    vdb_host *h = vdb_sqlite_of(engine)->host;
    if (h->undone == h->watch->undone && h->written == h->watch->written)
        return false;
    h->others += h->written != h->watch->written;
    h->undone = h->watch->undone;
    h->written = h->watch->written;
    return true;
}

/* ---- what is the host's affair */

static int checkpoint(vdb_engine *engine)
{
    return vdb_fail(
        engine->error, VARSDB_UNSUPPORTED,
        "%s: the connection is the host's, and so are its checkpoints (sqlite3_wal_checkpoint_v2)",
        vdb_sqlite_path(engine));
}

static int query(vdb_engine *engine, const vdb_engine_query *asked)
{
    (void)asked;
    return vdb_fail(engine->error, VARSDB_UNSUPPORTED,
                    "%s: the connection is the host's; query the views %s... there", vdb_sqlite_path(engine),
                    engine->view_prefix);
}

static int backup(vdb_engine *engine, const char *path, vdb_backup_cb progress, void *payload)
{
    (void)path, (void)progress, (void)payload;
    return vdb_fail(engine->error, VARSDB_UNSUPPORTED,
                    "%s: the connection is the host's; back its database up as a whole (sqlite3_backup_init, "
                    "VACUUM INTO)",
                    vdb_sqlite_path(engine));
}

static int reclaim(vdb_engine *engine, int64_t pages, int64_t *left)
{
    (void)engine, (void)pages;
    *left = 0;
    return VARSDB_OK;
}

static void set_timeout(vdb_engine *engine, int64_t timeout_ms)
{
    (void)engine, (void)timeout_ms;
}

/* ---- opening and closing */

static void release_host(vdb_sqlite *s)
{
    vdb_host *h = s->host;
    if (!h)
        return;
    sqlite3_finalize(h->begin_watching);
    sqlite3_finalize(h->savepoint);
    sqlite3_finalize(h->release);
    sqlite3_finalize(h->rollback_to);
    sqlite3_finalize(h->rollback);
    vdb_watch_release(h->watch);
    sqlite3_free(h->schema);
    sqlite3_free(h->quoted);
    vdb_free(h);
}

/* The connection stays as it is, and open. */
static void close_engine(vdb_engine *engine)
{
    vdb_sqlite *s = vdb_sqlite_of(engine);
    if (s->host)
        drop_picture(s);
    vdb_sqlite_close_statements(s);
    release_host(s);
    s->host = NULL;
    s->db = NULL;
    vdb_sqlite_free(s);
}

static const vdb_engine_methods host_methods = {
    .api_version = VDB_ENGINE_API_VERSION,
    .name = "SQLite of a host",
    .close = close_engine,
    .abandon = vdb_sqlite_abandon,
    .set_timeout = set_timeout,
    .begin = begin,
    .upgrade = upgrade,
    .commit = commit,
    .rollback = rollback,
    .state = state,
    .data_version = data_version,
    .changes = vdb_sqlite_changes,
    .checkpoint = checkpoint,
    .start = vdb_sqlite_start,
    .next = vdb_sqlite_next,
    .column = vdb_sqlite_column,
    .finish = vdb_sqlite_finish,
    .blob_read = vdb_sqlite_blob_read,
    .space = vdb_sqlite_space,
    .reclaim = reclaim,
    .backup = backup,
    .check = vdb_sqlite_check,
    .query = query,
    .within = within,
    .write_within = write_within,
    .disturbed = disturbed,
};

/* %p is the handle: RELEASE ends the innermost savepoint of a name, which has to be its own. */
static int prepare(vdb_sqlite *s)
{
    vdb_host *h = s->host;
    const struct {
        sqlite3_stmt **statement;
        const char *format;
        const void *name;
    } all[] = {
        {&s->data_version, "PRAGMA %s.data_version", s->quoted},
        {&h->savepoint, "SAVEPOINT \"varsdb %p\"", h},
        {&h->release, "RELEASE \"varsdb %p\"", h},
        {&h->rollback_to, "ROLLBACK TO \"varsdb %p\"", h},
        {&h->rollback, "ROLLBACK", NULL},
    };
    int code = vdb_watch_prepare(s->db, &h->begin_watching);
    for (size_t i = 0; code == SQLITE_OK && i < sizeof all / sizeof *all; i++) {
        char *sql = sqlite3_mprintf(all[i].format, all[i].name);
        if (!sql)
            return vdb_fail_nomem(s->base.error);
        code = sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, all[i].statement, NULL);
        sqlite3_free(sql);
    }
    return vdb_sqlite_fail(s, code, "setting up");
}

/* In UTF-16 texts have another order, by which a scope's variables would not be what begins with its name. */
static int refuse_utf16(vdb_sqlite *s)
{
    char name[VDB_HOST_SETTING_BYTES];
    int rc = vdb_host_setting(s, "encoding", name);
    if (rc != VARSDB_OK || strcmp(name, "UTF-8") == 0)
        return rc;
    return vdb_fail(s->base.error, VARSDB_UNSUPPORTED, "%s: its texts are in %s; a registry needs UTF-8",
                    s->path, name);
}

/* The views of a registry's file are there under their own names, whoever opened it. */
static int choose_views(vdb_sqlite *s)
{
    int64_t application = 0;
    int rc = vdb_sqlite_pragma(s, "application_id", &application);
    if (rc == VARSDB_OK && application != VDB_APPLICATION_ID)
        s->base.view_prefix = "vars_";
    return rc;
}

static int take_host(vdb_sqlite *s, sqlite3 *connection, const char *schema)
{
    vdb_host *h = vdb_calloc(1, sizeof *h);
    if (!h)
        return vdb_fail_nomem(s->base.error);
    s->base.methods = &host_methods;
    s->db = connection;
    s->host = h;
    s->timeout_ms = -1;
    h->schema = sqlite3_mprintf("%s", schema);
    h->quoted = sqlite3_mprintf("\"%w\"", schema);
    if (!h->schema || !h->quoted)
        return vdb_fail_nomem(s->base.error);
    s->schema = h->schema;
    s->quoted = h->quoted;
    int code = vdb_watch_share(connection, &h->watch);
    if (code != SQLITE_OK)
        return vdb_sqlite_fail(s, code, "setting up");
    h->undone = h->watch->undone;
    h->written = h->watch->written;
    int rc = prepare(s);
    if (rc == VARSDB_OK)
        rc = refuse_utf16(s);
    return rc == VARSDB_OK ? choose_views(s) : rc;
}

int vdb_sqlite_open_on(vdb_error *error, sqlite3 *connection, const char *schema, unsigned flags,
                       vdb_engine **out)
{
    if (sqlite3_db_readonly(connection, schema) < 0 || sqlite3_stricmp(schema, "temp") == 0)
        return vdb_fail(
            error, VARSDB_NOTFOUND,
            "the connection has no database '%s' that a registry can be in; it is 'main', or what "
            "ATTACH called it",
            schema);
    const char *file = sqlite3_db_filename(connection, schema);
    vdb_engine_options options = {.path = file && *file ? file : ":memory:", .flags = flags};
    vdb_sqlite *s = vdb_sqlite_new(error, &options);
    if (!s)
        return vdb_fail_nomem(error);
    int rc = take_host(s, connection, schema);
    if (rc == VARSDB_OK)
        *out = &s->base;
    else
        close_engine(&s->base);
    return rc;
}

static int note_table(void *payload, const char *type, const char *name, const char *sql)
{
    (void)sql;
    if (type && name && strcmp(type, "table") == 0 && sqlite3_stricmp(name, "varsdb_registry") == 0)
        *(bool *)payload = true;
    return VARSDB_OK;
}

int vdb_sqlite_has_registry(vdb_engine *engine, bool *out)
{
    bool there = false;
    int rc = vdb_sqlite_catalogue(engine, note_table, &there);
    if (rc == VARSDB_OK)
        *out = there;
    return rc;
}
