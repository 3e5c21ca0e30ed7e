/* test_host.c - a registry on a host's connection: in its file, its transactions, beside its tables. */
#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/child.h"
#include "../support/registry.h"
#include "../support/rich.h"
#include "../support/shell.h"
#include "internal.h"

Suite *test_host_suite(void);

static temp_dir dir;
static char path[TEMP_PATH_BYTES], other_path[TEMP_PATH_BYTES];
static sqlite3 *host;
static varsdb *db;

static void sql(const char *text)
{
    ck_assert_msg(sqlite3_exec(host, text, NULL, NULL, NULL) == SQLITE_OK, "%s: %s", text,
                  sqlite3_errmsg(host));
}

static int64_t number(const char *text)
{
    sqlite3_stmt *s;
    ck_assert_msg(sqlite3_prepare_v2(host, text, -1, &s, NULL) == SQLITE_OK, "%s: %s", text,
                  sqlite3_errmsg(host));
    ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return n;
}

static varsdb *on(const char *schema, unsigned flags)
{
    varsdb *out;
    int rc = varsdb_open_on(host, schema, VARSDB_OPEN(.flags = flags), NULL, &out);
    ck_assert_msg(rc == VARSDB_OK, "%s", varsdb_errmsg(out));
    return out;
}

static void setup(void)
{
    temp_make(&dir);
    temp_file(&dir, "host.db", path);
    temp_file(&dir, "other.db", other_path);
    ck_assert_int_eq(sqlite3_open(path, &host), SQLITE_OK);
    sql("PRAGMA journal_mode=WAL; PRAGMA application_id=77; PRAGMA user_version=5; PRAGMA busy_timeout=10000;"
        "CREATE TABLE runs (id INTEGER PRIMARY KEY, name TEXT); CREATE VIEW variables AS SELECT 1 AS mine");
    db = on(NULL, VARSDB_CREATE_FILE);
}

static void teardown(void)
{
    varsdb_close(db);
    ck_assert_int_eq(sqlite3_close(host), SQLITE_OK); /* nothing of ours is left on it */
    temp_remove(&dir);
}

static const varsdb_variable *made(const char *name)
{
    return got(db, name, VARSDB_WITH(.shape = VARSDB_SHAPE(3), .initializer = "ones"));
}

static int find(varsdb *in, const char *name)
{
    const varsdb_variable *v;
    return varsdb_find_variable(in, name, &v);
}

/* All of it agrees with itself. */
static void whole(varsdb *in)
{
    found f = {0};
    found_verify(in, false, &f);
    ck_assert_msg(f.count == 0, "%s", found_print(&f));
}

/* ---- what it looks like */

START_TEST(tables_and_views_are_beside_the_hosts)
{
    made("w");
    ck_assert_int_eq(number("PRAGMA application_id"), 77);
    ck_assert_int_eq(number("PRAGMA user_version"), 5);
    ck_assert_int_eq(number("SELECT mine FROM variables"), 1);
    ck_assert_int_eq(number("SELECT count(*) FROM vars_global_variables WHERE name = 'w' AND mean = 1"), 1);
    ck_assert_int_eq(number("SELECT count(*) FROM vars_collections"), 2);
    ck_assert_int_eq(number("SELECT count(*) FROM sqlite_schema WHERE type = 'view' AND name LIKE 'vars_%'"),
                     15);
    ck_assert_int_eq(
        number("SELECT count(*) FROM sqlite_schema WHERE type = 'view' AND name NOT LIKE 'vars_%'"), 1);
    ck_assert_int_eq(number("PRAGMA quick_check") == 0, 1); /* "ok" as a number */
    whole(db);
    varsdb_close(db);
    db = on("main", 0);
    ck_assert_int_eq(find(db, "w"), VARSDB_OK);
}
END_TEST

START_TEST(every_view_works_under_its_new_name)
{
    sqlite3_stmt *names;
    int count = 0;
    made("w");
    ok(db, varsdb_take_snapshot(db, VARSDB_SNAPSHOT(.name = "s"), NULL));
    ck_assert_int_eq(
        sqlite3_prepare_v2(host, "SELECT name FROM sqlite_schema WHERE type = 'view'", -1, &names, NULL),
        SQLITE_OK);
    for (; sqlite3_step(names) == SQLITE_ROW; count++) {
        char text[256];
        snprintf(text, sizeof text, "SELECT count(*) FROM \"%s\"",
                 (const char *)sqlite3_column_text(names, 0));
        ck_assert_int_ge(number(text), 0);
    }
    sqlite3_finalize(names);
    ck_assert_int_eq(count, 16);
    ck_assert_int_eq(number("SELECT count(*) FROM vars_snapshot_variables"), 1);
}
END_TEST

START_TEST(a_database_without_a_registry_is_left_alone_unless_asked)
{
    varsdb *none;
    sqlite3 *empty = NULL;
    ck_assert_int_eq(sqlite3_open(":memory:", &empty), SQLITE_OK);
    ck_assert_int_eq(varsdb_open_on(empty, "main", NULL, NULL, &none), VARSDB_NOTDB);
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(none), "VARSDB_CREATE_FILE"));
    varsdb_close(none);
    ck_assert_int_eq(
        varsdb_open_on(empty, "elsewhere", VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), NULL, &none),
        VARSDB_NOTFOUND);
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(none), "elsewhere"));
    varsdb_close(none);
    ck_assert_int_eq(varsdb_open_on(empty, "temp", VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), NULL, &none),
                     VARSDB_NOTFOUND);
    varsdb_close(none);
    ck_assert_int_eq(sqlite3_total_changes(empty), 0);
    ck_assert_int_eq(sqlite3_close(empty), SQLITE_OK);
}
END_TEST

START_TEST(wrong_arguments_are_named)
{
    varsdb *none;
    ck_assert_int_eq(varsdb_open_on(NULL, NULL, NULL, NULL, &none), VARSDB_MISUSE);
    varsdb_close(none);
    ck_assert_int_eq(varsdb_open_on(host, NULL, NULL, NULL, NULL), VARSDB_MISUSE);
    ck_assert_int_eq(varsdb_open_on(host, NULL, VARSDB_OPEN(.flags = VARSDB_BUILD), NULL, &none),
                     VARSDB_INVALID);
    varsdb_close(none);
    ck_assert_int_eq(varsdb_open_on(host, NULL, VARSDB_OPEN(.timeout_ms = 5), NULL, &none), VARSDB_INVALID);
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(none), "busy timeout"));
    varsdb_close(none);
    expect(db, VARSDB_MISUSE, varsdb_set_timeout(db, 7));
    expect(db, VARSDB_UNSUPPORTED, varsdb_checkpoint(db));
    expect(db, VARSDB_UNSUPPORTED, varsdb_backup(db, other_path, NULL));
}
END_TEST

/* ---- the host's transactions */

START_TEST(a_rollback_of_the_hosts_takes_all_with_it)
{
    const varsdb_variable *kept = made("kept");
    sql("BEGIN; INSERT INTO runs VALUES (1, 'a')");
    const varsdb_variable *v = made("v");
    ok(db, varsdb_assign_json(db, kept, "[5,5,5]"));
    ck_assert_int_eq(version_of(db, kept), 2);
    sql("ROLLBACK");
    expect(db, VARSDB_GONE, varsdb_assign_json(db, v, "[1,2,3]"));
    ck_assert_int_eq(find(db, "v"), VARSDB_NOTFOUND);
    ck_assert_int_eq(version_of(db, kept), 1);
    ck_assert_ptr_eq(got(db, "kept", NULL), kept);
    ck_assert_int_eq(number("SELECT count(*) FROM runs"), 0);
    ck_assert_ptr_ne(made("v"), v);
    whole(db);
}
END_TEST

START_TEST(a_commit_of_the_hosts_makes_all_last)
{
    sql("BEGIN; INSERT INTO runs VALUES (1, 'a')");
    const varsdb_variable *v = made("v");
    sql("INSERT INTO runs VALUES (2, 'b')");
    ok(db, varsdb_rename_variable(db, v, "w"));
    sql("COMMIT");
    ck_assert_ptr_eq(got(db, "w", NULL), v);
    sqlite3 *another;
    ck_assert_int_eq(sqlite3_open(path, &another), SQLITE_OK);
    sqlite3 *mine = host;
    host = another;
    ck_assert_int_eq(number("SELECT count(*) FROM runs, vars_variables WHERE vars_variables.name = 'w'"), 2);
    host = mine;
    sqlite3_close(another);
}
END_TEST

/* Created, renamed and deleted before and after the savepoint: what was before stays. */
START_TEST(rollback_to_takes_what_came_after)
{
    const varsdb_variable *gone = made("deleted"), *renamed = made("renamed"), *early, *late;
    sql("BEGIN");
    early = made("early");
    sql("SAVEPOINT s");
    late = made("late");
    ok(db, varsdb_delete_variable(db, gone));
    ok(db, varsdb_rename_variable(db, renamed, "other"));
    ck_assert_int_eq(find(db, "deleted"), VARSDB_NOTFOUND);
    sql("ROLLBACK TO s");
    expect(db, VARSDB_GONE, varsdb_assign_json(db, late, "[1,2,3]"));
    ck_assert_int_eq(find(db, "late"), VARSDB_NOTFOUND);
    ck_assert_ptr_eq(got(db, "early", NULL), early);
    ck_assert_ptr_eq(got(db, "deleted", NULL), gone);
    ck_assert_ptr_eq(got(db, "renamed", NULL), renamed);
    ck_assert_str_eq(varsdb_variable_name(renamed), "renamed");
    ck_assert_int_eq(find(db, "other"), VARSDB_NOTFOUND);
    sql("RELEASE s; COMMIT");
    ck_assert_ptr_eq(got(db, "early", NULL), early);
    ck_assert_int_eq(number("SELECT count(*) FROM vars_variables"), 3);
    whole(db);
}
END_TEST

START_TEST(a_savepoint_inside_begin_is_undone_too)
{
    ok(db, varsdb_begin(db));
    const varsdb_variable *early = made("early");
    sql("SAVEPOINT s");
    const varsdb_variable *late = made("late");
    sql("ROLLBACK TO s; RELEASE s");
    expect(db, VARSDB_GONE, varsdb_assign_json(db, late, "[1,2,3]"));
    ck_assert_ptr_eq(got(db, "early", NULL), early);
    ok(db, varsdb_commit(db));
    ck_assert_int_eq(number("SELECT count(*) FROM vars_variables"), 1);
    whole(db);
}
END_TEST

START_TEST(a_call_that_fails_leaves_the_hosts_transaction_as_it_was)
{
    sql("BEGIN; INSERT INTO runs VALUES (1, 'a')");
    const varsdb_variable *v = made("v");
    expect(db, VARSDB_INVALID, varsdb_assign_json(db, v, "[1,2]"));
    expect(db, VARSDB_EXISTS,
           varsdb_get_variable(db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(3), .reuse = VARSDB_CREATE), NULL,
                               &v));
    ok(db, varsdb_begin(db));
    made("undone");
    ok(db, varsdb_rollback(db));
    ck_assert_int_eq(find(db, "undone"), VARSDB_NOTFOUND);
    ck_assert_int_eq(sqlite3_get_autocommit(host), 0);
    sql("COMMIT");
    ck_assert_int_eq(number("SELECT count(*) FROM runs"), 1);
    ck_assert_int_eq(find(db, "v"), VARSDB_OK);
    whole(db);
}
END_TEST

START_TEST(who_ends_the_transaction_beneath_begin_is_told)
{
    ok(db, varsdb_begin(db));
    const varsdb_variable *v = made("v");
    sql("COMMIT");
    expect(db, VARSDB_ABORTED, varsdb_assign_json(db, v, "[1,2,3]"));
    expect(db, VARSDB_ABORTED, varsdb_commit(db));
    ck_assert(!varsdb_in_transaction(db));
    ck_assert_int_eq(find(db, "v"), VARSDB_OK); /* the host committed it */
    ok(db, varsdb_begin(db));
    made("w");
    sql("ROLLBACK; BEGIN");
    expect(db, VARSDB_ABORTED, varsdb_commit(db));
    ck_assert_int_eq(sqlite3_get_autocommit(host), 0); /* the host's other one is its own */
    sql("COMMIT");
    ck_assert_int_eq(find(db, "w"), VARSDB_NOTFOUND);
    whole(db);
}
END_TEST

START_TEST(a_stale_reading_transaction_says_begin_immediate)
{
    varsdb *writer;
    made("v");
    sqlite3 *another;
    ck_assert_int_eq(sqlite3_open(path, &another), SQLITE_OK);
    ck_assert_int_eq(varsdb_open_on(another, NULL, NULL, NULL, &writer), VARSDB_OK);
    sql("BEGIN; SELECT count(*) FROM vars_variables");
    ok(writer, varsdb_get_variable(writer, "theirs", VARSDB_WITH(.shape = VARSDB_SHAPE(1)), NULL,
                                   &(const varsdb_variable *){NULL}));
    const varsdb_variable *v = got(db, "v", NULL);
    expect(db, VARSDB_RETRY, varsdb_assign_json(db, v, "[1,2,3]"));
    says(db, "BEGIN IMMEDIATE");
    ck_assert_int_eq(find(db, "theirs"), VARSDB_NOTFOUND); /* the picture is the transaction's */
    sql("ROLLBACK; BEGIN IMMEDIATE");
    ck_assert_int_eq(find(db, "theirs"), VARSDB_OK);
    ok(db, varsdb_assign_json(db, v, "[1,2,3]"));
    sql("COMMIT");
    varsdb_close(writer);
    sqlite3_close(another);
    whole(db);
}
END_TEST

START_TEST(another_writer_is_waited_for_as_the_host_says)
{
    sqlite3 *another;
    ck_assert_int_eq(sqlite3_open(path, &another), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(another, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    sql("PRAGMA busy_timeout=200");
    int64_t before = vdb_time_ms();
    const varsdb_variable *v;
    expect(db, VARSDB_BUSY, varsdb_get_variable(db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(1)), NULL, &v));
    says(db, "busy timeout");
    ck_assert_int_ge(vdb_time_ms() - before, 190);
    ck_assert_int_eq(sqlite3_get_autocommit(host), 1);
    sqlite3_exec(another, "COMMIT", NULL, NULL, NULL);
    ok(db, varsdb_get_variable(db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(1)), NULL, &v));
    sqlite3_close(another);
}
END_TEST

START_TEST(a_statement_of_the_hosts_that_writes_must_be_at_its_end)
{
    sqlite3_stmt *s;
    const varsdb_variable *v = made("v");
    ck_assert_int_eq(
        sqlite3_prepare_v2(host, "INSERT INTO runs (name) VALUES ('a'), ('b') RETURNING id", -1, &s, NULL),
        SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
    expect(db, VARSDB_MISUSE, varsdb_assign_json(db, v, "[1,2,3]"));
    says(db, "reset");
    sqlite3_finalize(s);
    ok(db, varsdb_assign_json(db, v, "[1,2,3]"));
    /* one that reads may go on */
    ck_assert_int_eq(sqlite3_prepare_v2(host, "SELECT runs.name FROM vars_variables, runs", -1, &s, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
    ok(db, varsdb_assign_json(db, v, "[3,2,1]"));
    made("w");
    ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
    sqlite3_finalize(s);
    whole(db);
}
END_TEST

START_TEST(a_name_that_is_taken_is_told_and_nothing_made)
{
    varsdb *none;
    sqlite3 *other;
    ck_assert_int_eq(sqlite3_open(":memory:", &other), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(other, "CREATE TABLE vars_scopes (a)", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(varsdb_open_on(other, NULL, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), NULL, &none),
                     VARSDB_EXISTS);
    says(none, "vars_scopes");
    varsdb_close(none);
    sqlite3 *mine = host;
    host = other;
    ck_assert_int_eq(number("SELECT count(*) FROM sqlite_schema"), 1);
    host = mine;
    ck_assert_int_eq(sqlite3_close(other), SQLITE_OK);
}
END_TEST

/* Eight processes find no registry in the file, and all want one. */
static int create_and_get(void *payload)
{
    const varsdb_variable *v;
    varsdb *mine;
    sqlite3 *connection;
    (void)payload;
    if (sqlite3_open(other_path, &connection) != SQLITE_OK ||
        sqlite3_busy_timeout(connection, 30000) != SQLITE_OK)
        return 1;
    if (varsdb_open_on(connection, NULL, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), NULL, &mine) != VARSDB_OK)
        return fprintf(stderr, "host: %s\n", varsdb_errmsg(mine)), 2;
    if (varsdb_get_variable(mine, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(2)), NULL, &v) != VARSDB_OK)
        return fprintf(stderr, "host: %s\n", varsdb_errmsg(mine)), 3;
    varsdb_close(mine);
    return sqlite3_close(connection) == SQLITE_OK ? 0 : 4;
}

START_TEST(racing_creators_make_one)
{
    pid_t children[8];
    sqlite3 *connection;
    ck_assert_int_eq(sqlite3_open(other_path, &connection), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(connection, "PRAGMA journal_mode=WAL", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(connection);
    for (int i = 0; i < 8; i++)
        children[i] = child_start(create_and_get, NULL);
    for (int i = 0; i < 8; i++)
        ck_assert_int_eq(child_wait(children[i]), 0);
    ck_assert_int_eq(sqlite3_open(other_path, &connection), SQLITE_OK);
    sqlite3 *mine = host;
    host = connection;
    ck_assert_int_eq(number("SELECT count(*) FROM vars_variables"), 1);
    ck_assert_int_eq(number("SELECT count(*) FROM varsdb_registry"), 1);
    host = mine;
    sqlite3_close(connection);
}
END_TEST

/* ---- two handles, large values, snapshots */

START_TEST(two_handles_on_one_connection_see_each_other)
{
    varsdb *other = on(NULL, 0);
    const varsdb_variable *v = made("v"), *theirs, *w;
    ok(other, varsdb_find_variable(other, "v", &theirs));
    ok(other, varsdb_rename_variable(other, theirs, "w"));
    ck_assert_int_eq(find(db, "v"), VARSDB_NOTFOUND);
    ck_assert_ptr_eq(got(db, "w", NULL), v);
    sql("BEGIN");
    made("x");
    ok(other, varsdb_find_variable(other, "x", &w));
    ok(other, varsdb_assign_json(other, w, "[7,7,7]"));
    sql("ROLLBACK");
    ck_assert_int_eq(find(other, "x"), VARSDB_NOTFOUND);
    expect(other, VARSDB_GONE, varsdb_assign_json(other, w, "[7,7,7]"));
    ok(db, varsdb_begin(db));
    made("y");
    ok(other, varsdb_get_variable(other, "z", VARSDB_WITH(.shape = VARSDB_SHAPE(2)), NULL, &w));
    made("u"); /* its number is not one that the other handle has taken */
    ok(db, varsdb_commit(db));
    ck_assert_int_eq(number("SELECT count(*) FROM vars_variables"), 4);
    whole(other);
    varsdb_close(other);
    whole(db);
}
END_TEST

/* Who commits first commits what the other one did inside it; the other one is told, and undoes nothing. */
START_TEST(a_handle_that_rolls_back_leaves_what_another_one_committed)
{
    varsdb *other = on(NULL, 0);
    const varsdb_variable *w;
    ok(db, varsdb_begin(db));
    made("v");
    ok(other, varsdb_begin(other));
    ok(other, varsdb_get_variable(other, "w", VARSDB_WITH(.shape = VARSDB_SHAPE(2)), NULL, &w));
    ok(db, varsdb_commit(db));
    ck_assert_int_eq(sqlite3_get_autocommit(host), 1); /* it is durable, as OK says */
    expect(other, VARSDB_ABORTED, varsdb_assign_json(other, w, "[1,2]"));
    ok(other, varsdb_rollback(other));
    ck_assert_int_eq(find(db, "v"), VARSDB_OK);
    ck_assert_int_eq(find(other, "v"), VARSDB_OK);
    varsdb_close(other);
    whole(db);
}
END_TEST

START_TEST(a_commit_is_one_whatever_the_host_calls_its_savepoints)
{
    ok(db, varsdb_begin(db));
    made("v");
    sql("SAVEPOINT varsdb");
    ok(db, varsdb_commit(db));
    ck_assert_int_eq(sqlite3_get_autocommit(host), 1);
    ck_assert_int_eq(find(db, "v"), VARSDB_OK);
}
END_TEST

#define LARGE (3 * VDB_CHUNK_BYTES + 77)

static void large_values(const char *before, const char *after)
{
    unsigned char *bytes = malloc(LARGE), *back = malloc(LARGE);
    for (size_t i = 0; i < LARGE; i++)
        bytes[i] = (unsigned char)(i * 7 + i / 4096);
    db->save_bytes = VDB_CHUNK_BYTES;
    sql(before);
    const varsdb_variable *v = got(
        db, "large", VARSDB_WITH(.shape = VARSDB_SHAPE(LARGE), .dtype = VARSDB_UINT8, .initializer = "none"));
    ok(db, varsdb_assign(db, v, bytes, LARGE));
    ok(db, varsdb_take_snapshot(db, VARSDB_SNAPSHOT(.name = "s"), NULL));
    ok(db, varsdb_assign_slice(
               db, v, VARSDB_SLICE(.rank = 1, .begin = VARSDB_INDEX(5), .size = VARSDB_INDEX(3)), "abc", 3));
    varsdb_writer *w;
    ok(db, varsdb_open_writer(db, v, &w));
    for (size_t at = 0; at < LARGE; at += LARGE / 4 + 1)
        ok(db, varsdb_append(w, bytes + at, LARGE - at < LARGE / 4 + 1 ? LARGE - at : LARGE / 4 + 1));
    ok(db, varsdb_finish(w));
    varsdb_close_writer(w);
    sql(after);
    ok(db, varsdb_read(db, v, back, LARGE));
    ck_assert(memcmp(bytes, back, LARGE) == 0);
    int64_t id;
    ok(db, varsdb_find_snapshot(db, "s", &id));
    ok(db, varsdb_restore(db, id, NULL));
    ck_assert_int_eq(version_of(db, v), 4);
    ok(db, varsdb_collect_garbage(db, NULL, NULL, NULL, NULL));
    ck_assert_int_eq(number("SELECT count(*) FROM varsdb_sessions"), 0);
    ck_assert_int_eq(number("SELECT count(*) FROM varsdb_pins"), 0);
    whole(db);
    free(bytes);
    free(back);
}

START_TEST(large_values_go_in_and_out)
{
    large_values(_i ? "BEGIN" : "SELECT 1", _i ? "COMMIT" : "SELECT 1");
}
END_TEST

/* ---- where else it can be */

START_TEST(an_attached_registry_keeps_its_views)
{
    varsdb *file;
    char text[TEMP_PATH_BYTES + 64];
    ck_assert_int_eq(varsdb_open(other_path, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &file), VARSDB_OK);
    got(file, "theirs", VARSDB_WITH(.shape = VARSDB_SHAPE(2)));
    varsdb_close(file);
    snprintf(text, sizeof text, "ATTACH '%s' AS \"my \"\"vars\"", other_path);
    sql(text);
    varsdb *attached = on("my \"vars", 0);
    got(attached, "ours", VARSDB_WITH(.shape = VARSDB_SHAPE(2)));
    made("main");
    ck_assert_int_eq(number("SELECT count(*) FROM \"my \"\"vars\".variables"), 2);
    ck_assert_int_eq(number("SELECT count(*) FROM vars_variables"), 1);
    sql("BEGIN");
    got(attached, "undone", VARSDB_WITH(.shape = VARSDB_SHAPE(2)));
    sql("ROLLBACK");
    ck_assert_int_eq(find(attached, "undone"), VARSDB_NOTFOUND);
    whole(attached);
    varsdb_close(attached);
    ck_assert_int_eq(varsdb_open(other_path, NULL, &file), VARSDB_OK);
    ck_assert_int_eq(find(file, "ours"), VARSDB_OK);
    varsdb_close(file);
}
END_TEST

START_TEST(it_can_be_made_in_an_attached_database_and_in_memory)
{
    sql("ATTACH ':memory:' AS mem");
    varsdb *memory = on("mem", VARSDB_CREATE_FILE);
    got(memory, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(100000), .initializer = "ones"));
    ck_assert_int_eq(number("SELECT sum(elements) FROM mem.vars_variables WHERE mean = 1"), 100000);
    ck_assert_int_eq(number("SELECT count(*) FROM vars_variables"), 0);
    whole(memory);
    varsdb_close(memory);
}
END_TEST

START_TEST(a_registry_file_as_the_main_database_works_beside_the_library)
{
    varsdb *file, *hosted;
    sqlite3 *connection;
    ck_assert_int_eq(varsdb_open(other_path, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &file), VARSDB_OK);
    ck_assert_int_eq(sqlite3_open(other_path, &connection), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(connection, "CREATE TABLE mine (a)", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(varsdb_open_on(connection, NULL, NULL, NULL, &hosted), VARSDB_OK);
    got(hosted, "a", VARSDB_WITH(.shape = VARSDB_SHAPE(2)));
    ck_assert_int_eq(find(file, "a"), VARSDB_OK);
    ok(file, varsdb_rename_variable(file, got(file, "a", NULL), "b"));
    ck_assert_int_eq(find(hosted, "a"), VARSDB_NOTFOUND);
    ck_assert_int_eq(find(hosted, "b"), VARSDB_OK);
    whole(hosted);
    varsdb_close(hosted);
    sqlite3_close(connection);
    varsdb_close(file);
}
END_TEST

/* ---- what the host's settings weaken */

static unsigned weaknesses(sqlite3 *connection, const char *schema)
{
    unsigned weak = 12345;
    varsdb *out;
    int rc = varsdb_open_on(connection, schema, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &weak, &out);
    ck_assert_msg(rc == VARSDB_OK, "%s", varsdb_errmsg(out));
    varsdb_close(out);
    return weak;
}

START_TEST(weak_settings_are_reported)
{
    const unsigned bug = strstr(varsdb_engine_version(), "guarded") ? VARSDB_HOST_UNGUARDED : 0;
    ck_assert_uint_eq(weaknesses(host, "main"), bug);
    sql("PRAGMA wal_autocheckpoint=0");
    ck_assert_uint_eq(weaknesses(host, "main"), 0);
    sql("PRAGMA synchronous=NORMAL");
    ck_assert_uint_eq(weaknesses(host, "main"), VARSDB_HOST_NOT_DURABLE);
    sql("PRAGMA synchronous=FULL; PRAGMA busy_timeout=0");
    ck_assert_uint_eq(weaknesses(host, "main"), VARSDB_HOST_NO_TIMEOUT);
    sql("PRAGMA busy_timeout=100; PRAGMA journal_mode=DELETE");
    ck_assert_uint_eq(weaknesses(host, "main"), VARSDB_HOST_NOT_WAL);
    sql("PRAGMA journal_mode=MEMORY");
    ck_assert_uint_eq(weaknesses(host, "main"), VARSDB_HOST_NOT_WAL | VARSDB_HOST_NOT_DURABLE);
    sql("PRAGMA journal_mode=WAL; ATTACH ':memory:' AS m");
    ck_assert_uint_eq(weaknesses(host, "m"), VARSDB_HOST_IN_MEMORY);
    for (unsigned bit = 1; bit <= VARSDB_HOST_IN_MEMORY; bit *= 2)
        ck_assert_int_gt((int)strlen(varsdb_host_weakness_text(bit)), 20);
    ck_assert_str_eq(varsdb_host_weakness_text(0), "");
}
END_TEST

/* What the host set is as it was, whatever was done. */
START_TEST(nothing_of_the_connection_is_changed)
{
    sql("PRAGMA wal_autocheckpoint=123; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-777; PRAGMA "
        "foreign_keys=ON");
    varsdb_close(db);
    db = on(NULL, 0);
    large_values("SELECT 1", "SELECT 1");
    ck_assert_int_eq(number("PRAGMA wal_autocheckpoint"), 123);
    ck_assert_int_eq(number("PRAGMA synchronous"), 1);
    ck_assert_int_eq(number("PRAGMA cache_size"), -777);
    ck_assert_int_eq(number("PRAGMA busy_timeout"), 10000);
    ck_assert_int_eq(number("PRAGMA foreign_keys"), 1);
    ck_assert_int_eq(number("PRAGMA application_id"), 77);
}
END_TEST

Suite *test_host_suite(void)
{
    Suite *suite = suite_create("host");
    TCase *t = tcase_create("host");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, tables_and_views_are_beside_the_hosts);
    tcase_add_test(t, every_view_works_under_its_new_name);
    tcase_add_test(t, a_database_without_a_registry_is_left_alone_unless_asked);
    tcase_add_test(t, wrong_arguments_are_named);
    tcase_add_test(t, a_rollback_of_the_hosts_takes_all_with_it);
    tcase_add_test(t, a_commit_of_the_hosts_makes_all_last);
    tcase_add_test(t, rollback_to_takes_what_came_after);
    tcase_add_test(t, a_savepoint_inside_begin_is_undone_too);
    tcase_add_test(t, a_call_that_fails_leaves_the_hosts_transaction_as_it_was);
    tcase_add_test(t, who_ends_the_transaction_beneath_begin_is_told);
    tcase_add_test(t, a_stale_reading_transaction_says_begin_immediate);
    tcase_add_test(t, another_writer_is_waited_for_as_the_host_says);
    tcase_add_test(t, a_statement_of_the_hosts_that_writes_must_be_at_its_end);
    tcase_add_test(t, a_name_that_is_taken_is_told_and_nothing_made);
    tcase_add_test(t, racing_creators_make_one);
    tcase_add_test(t, two_handles_on_one_connection_see_each_other);
    tcase_add_test(t, a_handle_that_rolls_back_leaves_what_another_one_committed);
    tcase_add_test(t, a_commit_is_one_whatever_the_host_calls_its_savepoints);
    tcase_add_loop_test(t, large_values_go_in_and_out, 0, 2);
    tcase_add_test(t, an_attached_registry_keeps_its_views);
    tcase_add_test(t, it_can_be_made_in_an_attached_database_and_in_memory);
    tcase_add_test(t, a_registry_file_as_the_main_database_works_beside_the_library);
    tcase_add_test(t, weak_settings_are_reported);
    tcase_add_test(t, nothing_of_the_connection_is_changed);
    suite_add_tcase(suite, t);
    return suite;
}
