/* store.c - the tracker's file: its settings, its transactions, its tables, and the registry in it. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tracker.h"

enum {
    PATIENCE_MS = 30000, /* how long a writer waits for others */
    GUARD_PATIENCE_MS = 1000,
    PAUSE_MS = 5,
    LOG_FRAMES = 1000 /* a longer log is copied into the file */
};

static const char tables[] =
    "CREATE TABLE runs ("
    "    id         INTEGER PRIMARY KEY,"
    "    name       TEXT NOT NULL UNIQUE CHECK (name <> 'main')," /* the namespace that always exists */
    "    state      TEXT NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done')),"
    "    started_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ')));"
    "CREATE TABLE params ("
    "    run_id INTEGER NOT NULL REFERENCES runs (id),"
    "    name   TEXT NOT NULL,"
    "    value  TEXT NOT NULL,"
    "    PRIMARY KEY (run_id, name)) WITHOUT ROWID;"
    "CREATE TABLE metrics ("
    "    run_id   INTEGER NOT NULL REFERENCES runs (id),"
    "    step     INTEGER NOT NULL,"
    "    loss     REAL NOT NULL,"
    "    accuracy REAL NOT NULL,"
    "    PRIMARY KEY (run_id, step)) WITHOUT ROWID";

/*
 * The tracker's tables beside the registry's views.  A variable has version 1 when it is made, and one
 * more for each step: a run is whole when all that is kept of it, here and there, agrees about its steps.
 */
static const char views[] =
    "CREATE VIEW run_states AS "
    "SELECT *, params >= 3 AND variables = 3 AND snapshots = steps AND last_step = steps"
    "          AND oldest = steps + 1 AND newest = steps + 1 AS whole "
    "FROM (SELECT r.id, r.name, r.state, r.started_at,"
    "             (SELECT count(*) FROM params p WHERE p.run_id = r.id) AS params,"
    "             (SELECT count(*) FROM metrics m WHERE m.run_id = r.id) AS steps,"
    "             (SELECT coalesce(max(step), 0) FROM metrics m WHERE m.run_id = r.id) AS last_step,"
    "             (SELECT count(*) FROM vars_variables v WHERE v.namespace = r.name) AS variables,"
    "             (SELECT min(version) FROM vars_variables v WHERE v.namespace = r.name) AS oldest,"
    "             (SELECT max(version) FROM vars_variables v WHERE v.namespace = r.name) AS newest,"
    "             (SELECT count(*) FROM vars_snapshots s WHERE s.namespace = r.name) AS snapshots"
    "      FROM runs r)";

/* It can be prepared where all that the tracker needs is there. */
static const char probe[] =
    "SELECT s.whole, m.loss, m.accuracy, p.value FROM run_states s, params p, metrics m";

int complain(const char *what)
{
    fprintf(stderr, "tracker: %s\n", what);
    return TRACKER_FAILED;
}

int complain_sql(const struct store *store)
{
    fprintf(stderr, "tracker: %s: %s\n", store->path, sqlite3_errmsg(store->connection));
    return TRACKER_FAILED;
}

/* ---- statements ---- */

static int bind(sqlite3_stmt *statement, const char *types, va_list values)
{
    int code = SQLITE_OK;

    for (int i = 0; types[i] != '\0' && code == SQLITE_OK; i++) {
        if (types[i] == 'i')
            code = sqlite3_bind_int64(statement, i + 1, va_arg(values, int64_t));
        else if (types[i] == 'd')
            code = sqlite3_bind_double(statement, i + 1, va_arg(values, double));
        else
            code = sqlite3_bind_text(statement, i + 1, va_arg(values, const char *), -1, SQLITE_TRANSIENT);
    }
    return code;
}

static sqlite3_stmt *prepare(struct store *store, const char *sql, const char *types, va_list values)
{
    sqlite3_stmt *statement = NULL;

    if (sqlite3_prepare_v2(store->connection, sql, -1, &statement, NULL) == SQLITE_OK &&
        bind(statement, types, values) == SQLITE_OK)
        return statement;
    (void)complain_sql(store);
    sqlite3_finalize(statement);
    return NULL;
}

sqlite3_stmt *store_select(struct store *store, const char *sql, const char *types, ...)
{
    va_list values;
    sqlite3_stmt *statement;

    va_start(values, types);
    statement = prepare(store, sql, types, values);
    va_end(values);
    return statement;
}

int store_do(struct store *store, const char *sql, const char *types, ...)
{
    va_list values;
    sqlite3_stmt *statement;
    int status = TRACKER_FAILED;

    va_start(values, types);
    statement = prepare(store, sql, types, values);
    va_end(values);
    if (statement != NULL)
        status = sqlite3_step(statement) == SQLITE_DONE ? TRACKER_OK : complain_sql(store);
    sqlite3_finalize(statement);
    return status;
}

/* ---- checkpoints ---- */

static int count_frames(void *payload, sqlite3 *connection, const char *schema, int frames)
{
    struct store *store = payload;

    (void)connection, (void)schema;
    store->frames = frames;
    return SQLITE_OK;
}

static int take_write_lock(const struct store *store, sqlite3 **guard)
{
    const char *file = sqlite3_db_filename(store->connection, "main");

    return sqlite3_open_v2(file, guard, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
           sqlite3_busy_timeout(*guard, GUARD_PATIENCE_MS) == SQLITE_OK &&
           sqlite3_exec(*guard, "PRAGMA wal_autocheckpoint=0; BEGIN IMMEDIATE", NULL, NULL, NULL) ==
               SQLITE_OK;
}

/*
 * Copies a long log into the file.  SQLite before 3.51.3 may lose pages when somebody commits during a
 * checkpoint, so a second connection holds the write lock meanwhile.  Where it is not to be had, or a
 * reader is in the way, a later commit tries again, and the last close does it in any case.
 */
static void checkpoint(struct store *store)
{
    sqlite3 *guard = NULL;

    if (take_write_lock(store, &guard))
        (void)sqlite3_wal_checkpoint_v2(store->connection, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    (void)sqlite3_close(guard); /* with it goes the lock */
}

/* ---- transactions ---- */

/* Who waits for the lock before it reads never has to begin again: VARSDB_RETRY cannot happen. */
int store_begin(struct store *store)
{
    return store_do(store, "BEGIN IMMEDIATE", "");
}

int store_end(struct store *store, int status)
{
    if (status == TRACKER_OK)
        status = store_do(store, "COMMIT", "");
    if (!sqlite3_get_autocommit(store->connection))
        (void)sqlite3_exec(store->connection, "ROLLBACK", NULL, NULL, NULL);
    if (status == TRACKER_OK && store->frames > LOG_FRAMES)
        checkpoint(store);
    return status;
}

/* ---- the registry ---- */

int store_registry(struct store *store, const varsdb_open_options *options, varsdb **out)
{
    unsigned weaknesses = 0;

    if (varsdb_open_on(store->connection, "main", options, &weaknesses, out) != VARSDB_OK) {
        (void)complain(varsdb_errmsg(*out));
        varsdb_close(*out);
        *out = NULL;
        return TRACKER_FAILED;
    }
    for (unsigned bit = 1; bit != 0 && bit <= weaknesses; bit <<= 1)
        if ((weaknesses & bit & ~store->told) != 0)
            (void)complain(varsdb_host_weakness_text(bit));
    store->told |= weaknesses;
    return TRACKER_OK;
}

/* ---- opening and closing ---- */

static int is_ours(struct store *store)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(store->connection, probe, -1, &statement, NULL);

    sqlite3_finalize(statement);
    return code == SQLITE_OK;
}

/* The tables and the registry appear together.  A handle of a registry that was rolled back serves no more.
 */
static int make(struct store *store)
{
    varsdb *registry = NULL;
    int status = store_begin(store);

    if (status == TRACKER_OK && !is_ours(store)) { /* nobody else made them meanwhile */
        if (sqlite3_exec(store->connection, tables, NULL, NULL, NULL) != SQLITE_OK)
            status = complain_sql(store);
        if (status == TRACKER_OK)
            status = store_registry(store, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &registry);
        if (status == TRACKER_OK)
            status = store_do(store, views, "");
        if (status == TRACKER_OK && !is_ours(store))
            status = complain("the file has other things in it, or it is a registry's own");
    }
    status = store_end(store, status);
    varsdb_close(registry);
    return status;
}

/* The settings are the host's.  Others that open a new file at the same time are not waited for by WAL. */
static int configure(struct store *store)
{
    int code = sqlite3_busy_timeout(store->connection, PATIENCE_MS);

    for (int waited = 0; code == SQLITE_OK || code == SQLITE_BUSY; waited += PAUSE_MS) {
        code = sqlite3_exec(store->connection,
                            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                            "PRAGMA wal_autocheckpoint=0",
                            NULL, NULL, NULL);
        if (code != SQLITE_BUSY || waited >= PATIENCE_MS)
            break;
        sqlite3_sleep(PAUSE_MS);
    }
    if (code != SQLITE_OK)
        return complain_sql(store);
    sqlite3_wal_hook(store->connection, count_frames, store);
    return TRACKER_OK;
}

static int open_for_writing(struct store *store, const char *path)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    int status;

    if (sqlite3_open_v2(path, &store->connection, flags, NULL) != SQLITE_OK)
        return complain_sql(store);
    status = configure(store);
    return status == TRACKER_OK && !is_ours(store) ? make(store) : status;
}

/* Not SQLITE_OPEN_READONLY: the last one to close a log should be able to clear it away. */
static int open_for_reading(struct store *store, const char *path)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;

    if (sqlite3_open_v2(path, &store->connection, flags, NULL) != SQLITE_OK ||
        sqlite3_busy_timeout(store->connection, PATIENCE_MS) != SQLITE_OK ||
        sqlite3_exec(store->connection,
                     "PRAGMA wal_autocheckpoint=0; PRAGMA query_only=ON; SELECT 1 FROM sqlite_schema", NULL,
                     NULL, NULL) != SQLITE_OK)
        return complain_sql(store);
    return is_ours(store) ? TRACKER_OK : complain("the file is not a tracker's; run makes one");
}

int store_open(struct store *store, const char *path, int writing)
{
    int status;

    *store = (struct store){.path = path};
    status = writing ? open_for_writing(store, path) : open_for_reading(store, path);
    if (status != TRACKER_OK)
        store_close(store);
    return status;
}

/* All handles of the registry are closed by now. */
void store_close(struct store *store)
{
    if (sqlite3_close(store->connection) != SQLITE_OK)
        (void)complain_sql(store);
    store->connection = NULL;
}
