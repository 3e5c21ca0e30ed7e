/* test_schema.c - the statements, and the schema as people read it. */
#include <check.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/registry.h"
#include "../support/shell.h"
#include "../support/temp.h"
#include "engine_sqlite.h"
#include "engine_sqlite_watch.h"
#include "internal.h"
#include "migrate.h"
#include "schema.h"
#include "varsdb_sql.h"

Suite *test_schema_suite(void);

#define CATALOGUE_BYTES (1 << 16)

static registry r;
static temp_dir dir;
static vdb_watch *watch; /* some statements are about it, and some about our functions */

static void setup(void)
{
    registry_open(&r);
    ck_assert_int_eq(sqlite3_varsdb_init(vdb_sqlite_of(r.db->engine)->db, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(vdb_watch_share(vdb_sqlite_of(r.db->engine)->db, &watch), SQLITE_OK);
    temp_make(&dir);
}

static void teardown(void)
{
    vdb_watch_release(watch);
    registry_close(&r);
    temp_remove(&dir);
}

/* ---- statements */

static const char *prepared_text(enum vdb_query query)
{
    vdb_value nothing[64] = {{0}};
    vdb_rows *rows = NULL;
    size_t count = (size_t)vdb_queries[query].parameters;
    ck_assert_uint_le(count, 64);
    int rc = vdb_start(r.db->engine, query, nothing, count, &rows);
    ck_assert_msg(rc == VARSDB_OK, "%s: %s", vdb_queries[query].name, varsdb_errmsg(r.db));
    ck_assert_int_eq(sqlite3_bind_parameter_count(rows->statement), vdb_queries[query].parameters);
    const char *text = sqlite3_sql(rows->statement);
    vdb_finish(r.db->engine, rows);
    return text;
}

START_TEST(every_statement_prepares_with_the_parameters_it_says)
{
    for (int q = 0; q < VDB_QUERY_COUNT; q++)
        ck_assert_ptr_nonnull(prepared_text((enum vdb_query)q));
}
END_TEST

/* Whether `name` is a table of the file, or what a statement calls one: "main.varsdb_scopes s". */
static bool is_table(const char *sql, const char *name)
{
    size_t bytes = strlen(name);
    if (strncmp(name, "main.", 5) == 0 || strncmp(name, "varsdb_", 7) == 0)
        return true;
    for (const char *at = sql; (at = strstr(at, "main.")) != NULL;) {
        at += strcspn(at, " \n");
        const char *word = at + strspn(at, " \n");
        if (strncmp(word, name, bytes) == 0 && !isalnum((unsigned char)word[bytes]) && word[bytes] != '_')
            return true;
    }
    return false;
}

/* How SQLite would run it, a row a line; to be finalized. */
static sqlite3_stmt *plan_of(const char *sql)
{
    sqlite3_stmt *plan = NULL;
    char *text = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sql);
    int code = sqlite3_prepare_v2(vdb_sqlite_of(r.db->engine)->db, text, -1, &plan, NULL);
    ck_assert_msg(code == SQLITE_OK, "%s", text);
    sqlite3_free(text);
    return plan;
}

/* The first line of the plan that reads a whole table or index; false when there is none. */
static bool scans(const char *sql, char line[256])
{
    sqlite3_stmt *plan = plan_of(sql);
    bool found = false;
    while (!found && sqlite3_step(plan) == SQLITE_ROW) {
        char name[128];
        snprintf(line, 256, "%s", (const char *)sqlite3_column_text(plan, 3));
        found = sscanf(line, "SCAN %127s", name) == 1 && is_table(sql, name);
    }
    sqlite3_finalize(plan);
    return found;
}

START_TEST(no_statement_reads_a_whole_table_unless_it_says_why)
{
    char line[256];
    for (int q = 0; q < VDB_QUERY_COUNT; q++) {
        bool scan = scans(prepared_text((enum vdb_query)q), line);
        ck_assert_msg(!scan || vdb_queries[q].scan, "%s: %s", vdb_queries[q].name, line);
        ck_assert_msg(scan || !vdb_queries[q].scan, "%s: the marker is stale", vdb_queries[q].name);
    }
}
END_TEST

START_TEST(the_test_knows_a_scan_when_it_sees_one)
{
    char line[256];
    ck_assert(scans("SELECT path FROM main.varsdb_scopes", line));
    ck_assert(scans("SELECT a.id FROM main.varsdb_variables a WHERE a.bytes = 1", line));
    ck_assert(scans("SELECT name FROM main.varsdb_namespaces ORDER BY name", line));
    ck_assert(!scans("SELECT path FROM main.varsdb_scopes WHERE id = 1", line));
    ck_assert(!scans("WITH k (i) AS (VALUES (1), (2)) SELECT i FROM k", line));
}
END_TEST

/* A line of the plan that has the text in it. */
static bool plans(const char *sql, const char *part)
{
    sqlite3_stmt *plan = plan_of(sql);
    bool found = false;
    while (!found && sqlite3_step(plan) == SQLITE_ROW)
        found = strstr((const char *)sqlite3_column_text(plan, 3), part) != NULL;
    sqlite3_finalize(plan);
    return found;
}

/* Sorted, a million rows would be in memory at once. */
START_TEST(lists_of_variables_are_found_in_their_order)
{
    static const enum vdb_query lists[] = {
        VDB_Q_VARIABLES_LIST, VDB_Q_VARIABLES_LIST_SCOPE, VDB_Q_VARIABLES_LIST_COLLECTION,
        VDB_Q_STATES_PRESENT, VDB_Q_STATES_PRESENT_SCOPE, VDB_Q_STATES_PRESENT_COLLECTION,
    };
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        ck_assert_msg(!plans(prepared_text(lists[i]), "FOR ORDER BY"), "%s", vdb_queries[lists[i]].name);
    ck_assert(plans("SELECT name FROM main.varsdb_variables ORDER BY site", "FOR ORDER BY"));
}
END_TEST

START_TEST(statements_name_their_schema_everywhere)
{
    for (int q = 0; q < VDB_QUERY_COUNT; q++) {
        const char *sql = vdb_queries[q].sql;
        static const char *const before[] = {"FROM varsdb_", "JOIN varsdb_", "INTO varsdb_",
                                             "UPDATE varsdb_"};
        for (size_t i = 0; i < sizeof before / sizeof *before; i++)
            ck_assert_msg(!strstr(sql, before[i]), "%s: %s", vdb_queries[q].name, before[i]);
    }
}
END_TEST

/* ---- the catalogue */

/* Comments go, and white space is one blank, or none beside punctuation. */
static void normalize(char *text)
{
    char *to = text;
    for (const char *p = text; *p; p++) {
        if (p[0] == '-' && p[1] == '-')
            p += strcspn(p, "\n") - 1;
        else if (!isspace((unsigned char)*p))
            *to++ = *p;
        else if (to > text && !strchr(" (,", to[-1]) && !strchr(" ,()\n\t", p[1]))
            *to++ = ' ';
    }
    *to = '\0';
}

static void read_catalogue(const char *path, char out[CATALOGUE_BYTES])
{
    int status = shell_sqlite(
        path, "SELECT type, name, tbl_name, coalesce(sql, '-') FROM sqlite_schema ORDER BY type, name", out,
        CATALOGUE_BYTES);
    ck_assert_msg(status == 0, "%s", out);
    ck_assert_uint_lt(strlen(out), CATALOGUE_BYTES - 1);
    normalize(out);
}

static char fresh[CATALOGUE_BYTES], other[CATALOGUE_BYTES];

START_TEST(the_embedded_schema_is_that_of_a_fresh_registry)
{
    char path[TEMP_PATH_BYTES];
    sqlite3 *db;
    ck_assert_int_eq(sqlite3_open(temp_file(&dir, "embedded.db", path), &db), SQLITE_OK);
    for (size_t i = 0; i < vdb_schema_object_count; i++) {
        const struct vdb_schema_object *o = &vdb_schema_objects[i];
        ck_assert_msg(sqlite3_exec(db, o->sql, NULL, NULL, NULL) == SQLITE_OK, "%s: %s", o->name,
                      sqlite3_errmsg(db));
    }
    sqlite3_close(db);
    read_catalogue(r.path, fresh);
    read_catalogue(path, other);
    ck_assert_str_eq(fresh, other);
    ck_assert_ptr_nonnull(strstr(fresh, "table|varsdb_variables|"));
    ck_assert_ptr_nonnull(strstr(fresh, "view|global_variables|"));
}
END_TEST

START_TEST(the_stock_shell_makes_the_same_schema_from_the_files)
{
    char path[TEMP_PATH_BYTES], said[1024];
    const char *const argv[] = {"sqlite3",
                                "-batch",
                                "-bail",
                                temp_file(&dir, "shell.db", path),
                                ".read " VARSDB_SOURCE_DIR "/schema/schema.sql",
                                ".read " VARSDB_SOURCE_DIR "/schema/views.sql",
                                NULL};
    int status = shell_run(said, sizeof said, argv);
    ck_assert_msg(status == 0 && !*said, "%s", said);
    read_catalogue(r.path, fresh);
    read_catalogue(path, other);
    ck_assert_str_eq(fresh, other);
}
END_TEST

START_TEST(the_file_says_what_it_is)
{
    ck_assert_int_eq(registry_number(&r, "PRAGMA application_id"),
                     ('v' << 24) | ('d' << 16) | ('r' << 8) | '0');
    ck_assert_int_eq(registry_number(&r, "PRAGMA user_version"),
                     vdb_migrations[vdb_migration_count - 1].number);
    ck_assert_int_eq(registry_number(&r, "SELECT format FROM varsdb_registry"),
                     vdb_migrations[vdb_migration_count - 1].number);
    ck_assert_str_eq(registry_sql(&r, "PRAGMA journal_mode"), "wal");
    ck_assert_str_eq(registry_sql(&r, "PRAGMA foreign_key_check"), "");
}
END_TEST

START_TEST(tables_are_strict_and_ours_by_name)
{
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM pragma_table_list WHERE type = 'table'"
                                         " AND schema = 'main' AND name NOT LIKE 'sqlite_%'"
                                         " AND (strict = 0 OR name NOT LIKE 'varsdb\\_%' ESCAPE '\\')"),
                     0);
    ck_assert_int_gt(registry_number(&r, "SELECT count(*) FROM pragma_table_list WHERE strict = 1"), 10);
}
END_TEST

Suite *test_schema_suite(void)
{
    Suite *suite = suite_create("schema");
    TCase *tc = tcase_create("schema");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, every_statement_prepares_with_the_parameters_it_says);
    tcase_add_test(tc, no_statement_reads_a_whole_table_unless_it_says_why);
    tcase_add_test(tc, the_test_knows_a_scan_when_it_sees_one);
    tcase_add_test(tc, lists_of_variables_are_found_in_their_order);
    tcase_add_test(tc, statements_name_their_schema_everywhere);
    tcase_add_test(tc, the_embedded_schema_is_that_of_a_fresh_registry);
    tcase_add_test(tc, the_stock_shell_makes_the_same_schema_from_the_files);
    tcase_add_test(tc, the_file_says_what_it_is);
    tcase_add_test(tc, tables_are_strict_and_ours_by_name);
    suite_add_tcase(suite, tc);
    return suite;
}
