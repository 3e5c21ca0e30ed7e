/* asking.c - see asking.h. */
#include "asking.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "hostile.h"
#include "reading.h"
#include "seen.h"
#include "varsdb_sql.h"

/* A row may claim any number of parts, and SQL lists them: a client that has seen enough stops it. */
#define STEPS_EACH    1000
#define PATIENCE_EACH 200
static int patience;

static int lose_patience(void *unused)
{
    (void)unused;
    return --patience < 0;
}

static sqlite3 *connect(const char *path, int flags)
{
    sqlite3 *connection;
    if (sqlite3_open_v2(path, &connection, flags, NULL) != SQLITE_OK ||
        sqlite3_varsdb_init(connection, NULL, NULL) != SQLITE_OK)
        abort();
    sqlite3_progress_handler(connection, STEPS_EACH, lose_patience, NULL);
    return connection;
}

/* A refusal has a sentence; every column of every row is there. */
static void ask(sqlite3 *connection, const char *sql)
{
    sqlite3_stmt *s = NULL;
    patience = PATIENCE_EACH;
    int code = sqlite3_prepare_v2(connection, sql, -1, &s, NULL);
    while (code == SQLITE_OK && (code = sqlite3_step(s)) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(s); i++) {
            const char *text = (const char *)sqlite3_column_blob(s, i);
            if (text)
                see_string(NULL, text, (size_t)sqlite3_column_bytes(s, i));
        }
        code = SQLITE_OK;
    }
    assert(code != SQLITE_MISUSE && code != SQLITE_INTERNAL);
    assert(code == SQLITE_DONE || *sqlite3_errmsg(connection));
    sqlite3_finalize(s);
}

static void ask_some(sqlite3 *connection, const char *const *queries, size_t count, unsigned turn)
{
    for (size_t i = turn; i < count; i += ASK_TURNS)
        ask(connection, queries[i]);
}

void ask_views(const char *path, unsigned turn)
{
    char sql[128];
    sqlite3 *connection = connect(path, SQLITE_OPEN_READONLY);
    const char *const *views = hostile_views();
    for (unsigned i = 0; views[i]; i++) {
        snprintf(sql, sizeof sql, "SELECT * FROM %s LIMIT 100", views[i]);
        if (i % ASK_TURNS == turn)
            ask(connection, sql);
    }
    sqlite3_close_v2(connection);
}

void ask_values(const char *path, unsigned turn)
{
    static const char *const queries[] = {
        "SELECT e.* FROM variables v, tensor_each(v.id) e LIMIT 100",
        "SELECT e.* FROM variables v, tensor_each(v.name) e WHERE e.flat_index > 400 LIMIT 10",
        "SELECT e.* FROM snapshot_variables v, tensor_slice(v.name, NULL, v.snapshot_id) e LIMIT 100",
        "SELECT tensor_json(id), length(tensor(id)) FROM variables WHERE elements < 5000",
        "SELECT l1_loss(id), l2_loss(id, 2) FROM variables WHERE elements < 5000",
        "SELECT tensor_item(id), tensor_item(id, 0), tensor_item(id, 0, -1) FROM variables",
        "SELECT h.* FROM variables v, tensor_histogram(v.id, 3) h WHERE v.elements < 5000 LIMIT 100",
        "SELECT d.* FROM snapshots s, snapshot_diff(s.id) d LIMIT 100",
        "SELECT tensor_json(part_name) FROM variable_parts LIMIT 10",
        "SELECT get_variable(name), regularization_loss(id) FROM variables",
    };
    sqlite3 *connection = connect(path, SQLITE_OPEN_READONLY);
    ask_some(connection, queries, sizeof queries / sizeof *queries, turn);
    sqlite3_close_v2(connection);
}

void ask_host(const char *path, unsigned unused)
{
    static const char *const changes[] = {
        "SELECT assign('a/b/w', 1), assign('text', '[\"z\",\"\"]')",
        "SELECT get_variable('b/new', '[2]'), model_variable('a/u')",
        "SELECT varsdb_namespace('run'), tensor_json('w'), varsdb_namespace('main')",
    };
    varsdb *db;
    (void)unused;
    sqlite3 *connection = connect(path, SQLITE_OPEN_READWRITE);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
        ask(connection, changes[i]);
    sqlite3_progress_handler(connection, 0, NULL, NULL);
    int rc = varsdb_open_on(connection, NULL, NULL, NULL, &db);
    assert(db);
    if (told(db, rc) == VARSDB_OK)
        read_selected(db);
    varsdb_close(db);
    sqlite3_close_v2(connection);
}

void ask_library(varsdb *db)
{
    told(db, varsdb_query(db, "SELECT * FROM variables", see_row, NULL));
    told(db, varsdb_query(db, "SELECT name, tensor_json(id) FROM variables WHERE elements < 5000", see_row,
                          NULL));
}
