/*
 * engine_sqlite_watch.c - what a host commits and rolls back.
 *
 * SQLite's commit and rollback hooks are the host's, and none is called for a savepoint.  But a virtual
 * table that was written to is told of all of them.  So a host's connection gets one, which holds
 * nothing; whatever handle writes, writes to it first.  All handles on the connection share it: the next
 * one finds it through an SQL function that hands out its address, typed, so that SQL text can do
 * nothing with it.
 */
#include "engine_sqlite_watch.h"

#include "mem.h"
#include "queries.h"

#define NAME "varsdb_watch"
/* Another layout of vdb_watch, of another version of the library, has another name. */
#define POINTER_TYPE "varsdb_watch 1"

typedef struct watch_table {
    sqlite3_vtab base;
    vdb_watch *watch;
} watch_table;

void vdb_watch_release(vdb_watch *w)
{
    if (w && --w->references == 0)
        vdb_free(w);
}

static void release(void *w)
{
    vdb_watch_release(w);
}

/* ---- the table */

static int connect_table(sqlite3 *db, void *payload, int argc, const char *const *argv, sqlite3_vtab **out,
                         char **error)
{
    (void)argc, (void)argv, (void)error;
    watch_table *t = vdb_calloc(1, sizeof *t);
    if (!t)
        return SQLITE_NOMEM;
    int code = sqlite3_declare_vtab(db, vdb_queries[VDB_Q_WATCH_TABLE].sql);
    if (code != SQLITE_OK) {
        vdb_free(t);
        return code;
    }
    sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
    t->watch = payload;
    t->watch->references++;
    *out = &t->base;
    return SQLITE_OK;
}

static int disconnect(sqlite3_vtab *base)
{
    vdb_watch_release(((watch_table *)base)->watch);
    vdb_free(base);
    return SQLITE_OK;
}

static int best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
    (void)base;
    info->estimatedCost = 1;
    return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab *base, sqlite3_vtab_cursor **out)
{
    (void)base;
    *out = vdb_calloc(1, sizeof **out);
    return *out ? SQLITE_OK : SQLITE_NOMEM;
}

static int close_cursor(sqlite3_vtab_cursor *cursor)
{
    vdb_free(cursor);
    return SQLITE_OK;
}

static int filter(sqlite3_vtab_cursor *cursor, int plan, const char *text, int argc, sqlite3_value **argv)
{
    (void)cursor, (void)plan, (void)text, (void)argc, (void)argv;
    return SQLITE_OK;
}

static int at_end(sqlite3_vtab_cursor *cursor)
{
    (void)cursor;
    return 1;
}

static int next_row(sqlite3_vtab_cursor *cursor)
{
    (void)cursor;
    return SQLITE_OK;
}

static int column(sqlite3_vtab_cursor *cursor, sqlite3_context *context, int i)
{
    (void)cursor, (void)context, (void)i;
    return SQLITE_OK;
}

static int row_id(sqlite3_vtab_cursor *cursor, sqlite3_int64 *out)
{
    (void)cursor;
    *out = 0;
    return SQLITE_OK;
}

static int update(sqlite3_vtab *base, int argc, sqlite3_value **argv, sqlite3_int64 *id)
{
    (void)base, (void)argc, (void)argv;
    *id = 1;
    return SQLITE_OK;
}

/* ---- what it is for */

static vdb_watch *watch_of(sqlite3_vtab *base)
{
    return ((watch_table *)base)->watch;
}

static int begin(sqlite3_vtab *base)
{
    watch_of(base)->watching = true;
    return SQLITE_OK;
}

static int sync_nothing(sqlite3_vtab *base)
{
    (void)base;
    return SQLITE_OK;
}

static int commit(sqlite3_vtab *base)
{
    watch_of(base)->watching = false;
    return SQLITE_OK;
}

static int rollback(sqlite3_vtab *base)
{
    watch_of(base)->watching = false;
    watch_of(base)->undone++;
    return SQLITE_OK;
}

static int savepoint(sqlite3_vtab *base, int number)
{
    (void)base, (void)number;
    return SQLITE_OK;
}

static int rollback_to(sqlite3_vtab *base, int number)
{
    (void)number;
    watch_of(base)->undone++;
    return SQLITE_OK;
}

static const sqlite3_module module = {
    .iVersion = 2,
    .xCreate = NULL, /* it is there without CREATE VIRTUAL TABLE, and cannot be made by it */
    .xConnect = connect_table,
    .xBestIndex = best_index,
    .xDisconnect = disconnect,
    .xOpen = open_cursor,
    .xClose = close_cursor,
    .xFilter = filter,
    .xNext = next_row,
    .xEof = at_end,
    .xColumn = column,
    .xRowid = row_id,
    .xUpdate = update,
    .xBegin = begin,
    .xSync = sync_nothing,
    .xCommit = commit,
    .xRollback = rollback,
    .xSavepoint = savepoint,
    .xRelease = savepoint,
    .xRollbackTo = rollback_to,
};

/* ---- one for a connection */

static void hand_out(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    vdb_watch **out = sqlite3_value_pointer(argv[0], POINTER_TYPE);
    if (out)
        *out = sqlite3_user_data(context);
}

/* NULL when the connection has none yet.  Memory that is out must not be taken for that: inside a
 * statement it stays out for SQLite, which then releases what it keeps. */
static int find(sqlite3 *db, vdb_watch **out)
{
    vdb_watch *found = NULL;
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(db, vdb_queries[VDB_Q_WATCH_FIND].sql, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_bind_pointer(statement, 1, &found, POINTER_TYPE, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    sqlite3_finalize(statement);
    if (code != SQLITE_ROW && code != SQLITE_ERROR) /* the latter: there is no such function */
        return code;
    *out = found;
    return SQLITE_OK;
}

/* SQLite releases what it was given also when it fails. */
static int create(sqlite3 *db, vdb_watch *w)
{
    w->references++;
    int code = sqlite3_create_module_v2(db, NAME, &module, w, release);
    if (code != SQLITE_OK)
        return code;
    w->references++;
    return sqlite3_create_function_v2(db, NAME, 1, SQLITE_UTF8 | SQLITE_DIRECTONLY, w, hand_out, NULL, NULL,
                                      release);
}

int vdb_watch_share(sqlite3 *db, vdb_watch **out)
{
    vdb_watch *w = NULL;
    int code = find(db, &w);
    if (code != SQLITE_OK)
        return code;
    if (w) {
        w->references++;
    } else {
        w = vdb_calloc(1, sizeof *w);
        if (!w)
            return SQLITE_NOMEM;
        w->references = 1;
        code = create(db, w);
    }
    if (code == SQLITE_OK)
        *out = w;
    else
        vdb_watch_release(w);
    return code;
}

int vdb_watch_prepare(sqlite3 *db, sqlite3_stmt **out)
{
    return sqlite3_prepare_v3(db, vdb_queries[VDB_Q_WATCH_BEGIN].sql, -1, SQLITE_PREPARE_PERSISTENT, out,
                              NULL);
}
