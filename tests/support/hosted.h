/*
 * hosted.h - a host's connection to a file with tables of its own, and a registry on it.
 */
#ifndef TESTS_HOSTED_H
#define TESTS_HOSTED_H

#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "internal.h"
#include "registry.h"
#include "rich.h"

static temp_dir dir;
static char path[TEMP_PATH_BYTES], other_path[TEMP_PATH_BYTES];
static sqlite3 *host;
static varsdb *db;

static inline void sql(const char *text)
{
    ck_assert_msg(sqlite3_exec(host, text, NULL, NULL, NULL) == SQLITE_OK, "%s: %s", text,
                  sqlite3_errmsg(host));
}

static inline int64_t number(const char *text)
{
    sqlite3_stmt *s;
    ck_assert_msg(sqlite3_prepare_v2(host, text, -1, &s, NULL) == SQLITE_OK, "%s: %s", text,
                  sqlite3_errmsg(host));
    ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return n;
}

static inline varsdb *on(const char *schema, unsigned flags)
{
    varsdb *out;
    int rc = varsdb_open_on(host, schema, VARSDB_OPEN(.flags = flags), NULL, &out);
    ck_assert_msg(rc == VARSDB_OK, "%s", varsdb_errmsg(out));
    return out;
}

static inline void hosted_open(void)
{
    temp_make(&dir);
    temp_file(&dir, "host.db", path);
    temp_file(&dir, "other.db", other_path);
    ck_assert_int_eq(sqlite3_open(path, &host), SQLITE_OK);
    sql("PRAGMA journal_mode=WAL; PRAGMA application_id=77; PRAGMA user_version=5; PRAGMA busy_timeout=10000;"
        "CREATE TABLE runs (id INTEGER PRIMARY KEY, name TEXT); CREATE VIEW variables AS SELECT 1 AS mine");
    db = on(NULL, VARSDB_CREATE_FILE);
}

static inline void hosted_close(void)
{
    varsdb_close(db);
    ck_assert_int_eq(sqlite3_close(host), SQLITE_OK); /* nothing of ours is left on it */
    temp_remove(&dir);
}

static inline const varsdb_variable *made(const char *name)
{
    return got(db, name, VARSDB_WITH(.shape = VARSDB_SHAPE(3), .initializer = "ones"));
}

static inline int find(varsdb *in, const char *name)
{
    const varsdb_variable *v;
    return varsdb_find_variable(in, name, &v);
}

/* All of it agrees with itself. */
static inline void whole(varsdb *in)
{
    found f = {0};
    found_verify(in, false, &f);
    ck_assert_msg(f.count == 0, "%s", found_print(&f));
}

#endif
