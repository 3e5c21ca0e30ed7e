/*
 * beside.c - a program that links the library, and loads the extension, a second copy of it, into its own
 * connection: beside LIBRARY-FILE.  Says what does not hold, and answers 1.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <varsdb_sql.h>

static sqlite3 *host;
static int wrong;

static void check(int holds, const char *what)
{
    if (!holds)
        printf("%s: %s\n", what, sqlite3_errmsg(host));
    wrong |= !holds;
}

static const char *asked(const char *sql)
{
    static char text[512];
    sqlite3_stmt *s = NULL;

    sqlite3_prepare_v2(host, sql, -1, &s, NULL);
    if (sqlite3_step(s) == SQLITE_ROW)
        snprintf(text, sizeof text, "%s", (const char *)sqlite3_column_text(s, 0));
    else
        snprintf(text, sizeof text, "%s", sqlite3_errmsg(host));
    sqlite3_finalize(s);
    return text;
}

static int has(varsdb *db, const char *name)
{
    const varsdb_variable *v;

    return varsdb_find_variable(db, name, &v) == VARSDB_OK;
}

/* What one copy does, the other one sees, and what the host undoes is undone for both. */
static void take_turns(varsdb *db)
{
    const varsdb_variable *v;

    check(!strcmp(asked("SELECT get_variable('a', '[2]', NULL, 'ones')"), "1"), "the extension creates");
    check(has(db, "a"), "the program sees it");
    check(varsdb_begin(db) == VARSDB_OK, "begin");
    check(varsdb_get_variable(db, "b", VARSDB_WITH(.shape = VARSDB_SHAPE(2)), NULL, &v) == VARSDB_OK,
          "the program creates");
    check(!strcmp(asked("SELECT get_variable('b')"), "2"), "the extension sees it");
    check(!strcmp(asked("SELECT assign('b', '[1,2]')"), "2"), "the extension assigns");
    check(varsdb_rollback(db) == VARSDB_OK, "rollback");
    check(strstr(asked("SELECT tensor_json('b')"), "does not exist") != NULL,
          "the extension sees that it is gone");
    check(!has(db, "b"), "so does the program");
    sqlite3_exec(host, "BEGIN; SAVEPOINT s", NULL, NULL, NULL);
    check(!strcmp(asked("SELECT get_variable('c', '[]')"), "2"), "the extension creates in a savepoint");
    check(has(db, "c"), "the program sees it");
    sqlite3_exec(host, "ROLLBACK TO s", NULL, NULL, NULL);
    check(!has(db, "c"), "the program sees that it is gone");
    check(strstr(asked("SELECT tensor_json('c')"), "does not exist") != NULL, "so does the extension");
    sqlite3_exec(host, "COMMIT", NULL, NULL, NULL);
}

int main(int argc, char **argv)
{
    varsdb *db;
    char *why = NULL;

    if (argc != 3 || sqlite3_open(argv[1], &host) != SQLITE_OK)
        return 2;
    check(varsdb_open_on(host, NULL, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), NULL, &db) == VARSDB_OK,
          "opening");
    sqlite3_db_config(host, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL);
    check(sqlite3_load_extension(host, argv[2], NULL, &why) == SQLITE_OK, "loading");
    take_turns(db);
    check(sqlite3_varsdb_init(host, &why, NULL) == SQLITE_ERROR &&
              strstr(why, "is loaded on this connection already"),
          "the library's own functions are refused");
    sqlite3_free(why);
    take_turns(db);
    varsdb_close(db);
    check(sqlite3_close(host) == SQLITE_OK, "closing");
    check(sqlite3_open(argv[1], &host) == SQLITE_OK, "opening again");
    check(sqlite3_varsdb_init(host, NULL, NULL) == SQLITE_OK, "the library's own functions");
    sqlite3_db_config(host, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL);
    check(sqlite3_load_extension(host, argv[2], NULL, &why) != SQLITE_OK &&
              strstr(why, "is loaded on this connection already"),
          "the extension is refused");
    sqlite3_free(why);
    check(!strcmp(asked("SELECT tensor_json('a')"), "[1.0,1.0]"), "the functions that were there work on");
    check(sqlite3_close(host) == SQLITE_OK, "closing again");
    return wrong;
}
