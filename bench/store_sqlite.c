/*
 * store_sqlite.c - one table of SQLite: a name, a record, a value.
 *
 * A commit syncs the log (WAL, synchronous=FULL).  A file that is built has no journal and
 * is synced by its commit, as rolling back is deleting it.
 */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "file.h"
#include "store.h"

struct table {
    sqlite3 *db;
    sqlite3_stmt *begin_read, *begin_write, *commit, *insert, *find, *read;
};

static void check(const struct table *table, int is_right)
{
    if (!is_right)
        fail("SQLite", sqlite3_errmsg(table->db));
}

static void execute(const struct table *table, const char *sql)
{
    check(table, sqlite3_exec(table->db, sql, NULL, NULL, NULL) == SQLITE_OK);
}

static sqlite3_stmt *prepare(const struct table *table, const char *sql)
{
    sqlite3_stmt *stmt = NULL;

    check(table, sqlite3_prepare_v3(table->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) == SQLITE_OK);
    return stmt;
}

static void run(const struct table *table, sqlite3_stmt *stmt)
{
    check(table, sqlite3_step(stmt) == SQLITE_DONE);
    (void)sqlite3_reset(stmt);
}

static void *open_table(const char *directory, enum store_use use)
{
    struct table *table = must_allocate(1, sizeof *table);
    char path[FILE_PATH_ROOM];

    file_path(directory, "table.db", path);
    check(table,
          sqlite3_open_v2(path, &table->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                          NULL) == SQLITE_OK);
    execute(table, "PRAGMA page_size = 16384; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;"
                   "PRAGMA mmap_size = 1073741824; PRAGMA wal_autocheckpoint = 4000");
    if (use != STORE_USE) {
        execute(table, use == STORE_BUILD ? "PRAGMA journal_mode = OFF" : "PRAGMA journal_mode = WAL");
        execute(table, "CREATE TABLE variables (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
                       " record BLOB NOT NULL, value BLOB NOT NULL) STRICT");
    }
    table->begin_read = prepare(table, "BEGIN");
    table->begin_write = prepare(table, "BEGIN IMMEDIATE");
    table->commit = prepare(table, "COMMIT");
    table->insert = prepare(table, "INSERT INTO variables (name, record, value) VALUES (?1, ?2, ?3)");
    table->find = prepare(table, "SELECT record FROM variables WHERE name = ?1");
    table->read = prepare(table, "SELECT value FROM variables WHERE name = ?1");
    return table;
}

static void close_table(void *store)
{
    struct table *table = store;
    sqlite3_stmt *stmt;

    while ((stmt = sqlite3_next_stmt(table->db, NULL)) != NULL)
        (void)sqlite3_finalize(stmt);
    (void)sqlite3_close(table->db);
    free(table);
}

static void begin_read(void *store)
{
    struct table *table = store;

    run(table, table->begin_read);
}

static void begin_write(void *store)
{
    struct table *table = store;

    run(table, table->begin_write);
}

static void commit(void *store)
{
    struct table *table = store;

    run(table, table->commit);
}

static void create(void *store, const struct item *item, const void *value)
{
    struct table *table = store;
    struct record record;

    store_record(item, &record);
    (void)sqlite3_bind_text(table->insert, 1, item->name, -1, SQLITE_STATIC);
    (void)sqlite3_bind_blob(table->insert, 2, &record, sizeof record, SQLITE_STATIC);
    (void)sqlite3_bind_blob(table->insert, 3, value, (int)item->bytes, SQLITE_STATIC);
    run(table, table->insert);
}

/* The one column of the one row. */
static void ask(const struct table *table, sqlite3_stmt *stmt, const char *name, void *answer, size_t bytes)
{
    (void)sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
    check(table, sqlite3_step(stmt) == SQLITE_ROW);
    if ((size_t)sqlite3_column_bytes(stmt, 0) != bytes)
        fail(name, "has another size in SQLite");
    memcpy(answer, sqlite3_column_blob(stmt, 0), bytes);
    (void)sqlite3_reset(stmt);
}

static void find(void *store, const struct item *item, struct record *record)
{
    struct table *table = store;

    ask(table, table->find, item->name, record, sizeof *record);
}

static void read_value(void *store, const struct item *item, void *value)
{
    struct table *table = store;

    ask(table, table->read, item->name, value, item->bytes);
}

const struct store_kind store_sqlite = {.name = "SQLite",
                                        .version = SQLITE_VERSION,
                                        .takes_records = 1,
                                        .is_atomic = 1,
                                        .open = open_table,
                                        .close = close_table,
                                        .begin_read = begin_read,
                                        .end_read = commit,
                                        .begin_write = begin_write,
                                        .commit = commit,
                                        .create = create,
                                        .find = find,
                                        .read = read_value};
