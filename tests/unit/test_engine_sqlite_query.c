/* test_engine_sqlite_query.c - a user's SELECT, and nothing else. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "../support/registry.h"
#include "engine_sqlite.h"

Suite *test_engine_sqlite_query_suite(void);

static registry r;
static char rows[4096];
static int limit; /* rows until the callback stops; 0: never */

static void setup(void)
{
    registry_open(&r);
    got(r.db, "a/w", VARSDB_WITH(.shape = VARSDB_SHAPE(2, 3)));
    got_model(r.db, "b", VARSDB_WITH(.value_json = "1.5"));
    rows[0] = '\0';
    limit = 0;
}

static void teardown(void)
{
    registry_close(&r);
}

/* Kind and bytes of each value: "I1 R0.5 T'abc' B00ff N". */
static int note(void *payload, size_t columns, const char *const *names, const varsdb_value *v)
{
    static const char kinds[] = "NIRTB";
    size_t at = strlen(rows);
    (void)payload;
    for (size_t i = 0; i < columns; i++) {
        ck_assert_ptr_nonnull(names[i]);
        at += (size_t)snprintf(rows + at, sizeof rows - at, "%c", kinds[v[i].kind]);
        if (v[i].kind == VARSDB_SQL_NULL)
            ck_assert(!v[i].text && !v[i].bytes);
        for (size_t k = 0; k < v[i].bytes; k++)
            at += (size_t)snprintf(rows + at, sizeof rows - at, v[i].kind == VARSDB_SQL_BLOB ? "%02x" : "%c",
                                   (unsigned char)v[i].text[k]);
        at += (size_t)snprintf(rows + at, sizeof rows - at, i + 1 < columns ? " " : ";");
    }
    return limit && --limit == 0;
}

static void yields(const char *sql, const char *expected)
{
    rows[0] = '\0';
    ok(r.db, varsdb_query(r.db, sql, note, NULL));
    ck_assert_str_eq(rows, expected);
}

static void refused(const char *sql)
{
    rows[0] = '\0';
    int rc = varsdb_query(r.db, sql, note, NULL);
    ck_assert_msg(rc == VARSDB_INVALID, "%s: %s %s", sql, varsdb_errname(rc), varsdb_errmsg(r.db));
    ck_assert_uint_gt(strlen(varsdb_errmsg(r.db)), 10);
    ck_assert_str_eq(rows, "");
}

START_TEST(the_views_answer)
{
    yields("SELECT name, rank, elements, initialized FROM variables", "Ta/w I2 I6 I1;Tb I0 I1 I1;");
    yields("SELECT name FROM model_variables", "Tb;");
    yields("SELECT collection, name FROM collection_variables WHERE collection = 'model_variables'",
           "Tmodel_variables Tb;");
    yields("SELECT name FROM scopes", "Ta;");
    yields("SELECT name, variables FROM namespaces", "Tmain I2;");
    yields("SELECT count(*) FROM snapshots", "I0;");
    yields("SELECT min, max, mean, zeros FROM variables WHERE name = 'b'", "R1.5 R1.5 R1.5 I0;");
    yields("  SELECT 1 ; ; \n", "I1;");
    yields("WITH k (i) AS (VALUES (1), (2)) SELECT i FROM k", "I1;I2;");
    yields("SELECT 1 WHERE 0", "");
}
END_TEST

START_TEST(every_view_can_be_read)
{
    static const char *const views[] = {"variables",
                                        "global_variables",
                                        "model_variables",
                                        "trainable_variables",
                                        "local_variables",
                                        "moving_average_variables",
                                        "uninitialized_variables",
                                        "namespaces",
                                        "scopes",
                                        "collections",
                                        "collection_variables",
                                        "variable_parts",
                                        "snapshots",
                                        "snapshot_variables",
                                        "attributes"};
    for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
        char sql[128];
        snprintf(sql, sizeof sql, "SELECT * FROM %s", views[i]);
        ok(r.db, varsdb_query(r.db, sql, note, NULL));
        rows[0] = '\0';
    }
}
END_TEST

START_TEST(values_come_by_kind)
{
    yields("SELECT NULL, 1, -9223372036854775808, 0.5, -1e300, 'a''b', '', x'00ff', x''",
           "N I1 I-9223372036854775808 R0.5 R-1e+300 Ta'b T B00ff B;");
    yields("SELECT char(97) || char(10)", "Ta\n;");
    yields("SELECT 9e999, -9e999, 9e999 - 9e999", "RInfinity R-Infinity N;");
}
END_TEST

START_TEST(what_is_no_query_is_refused_with_a_sentence)
{
    static const char *const texts[] = {
        "",
        "   ;  ",
        "-- only a comment",
        "garbage",
        "SELECT",
        "SELECT nothing FROM variables",
        "SELECT * FROM no_such_table",
        "SELECT 1; SELECT 2",
        "SELECT 1; DELETE FROM varsdb_variables",
        "SELECT ?1 FROM",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        refused(texts[i]);
}
END_TEST

START_TEST(nothing_but_queries_runs)
{
    static const char *const texts[] = {
        "INSERT INTO varsdb_namespaces SELECT * FROM varsdb_namespaces",
        "UPDATE varsdb_variables SET version = 9",
        "DELETE FROM varsdb_variables",
        "DELETE FROM varsdb_variables RETURNING id",
        "REPLACE INTO varsdb_names_version VALUES (1, 9)",
        "WITH k AS (SELECT 1) DELETE FROM varsdb_variables",
        "CREATE TABLE t (a)",
        "CREATE TEMP TABLE t (a)",
        "CREATE TEMP VIEW variables AS SELECT 1",
        "DROP TABLE varsdb_variables",
        "ALTER TABLE varsdb_variables ADD COLUMN x",
        "PRAGMA journal_mode=DELETE",
        "PRAGMA user_version",
        "SELECT * FROM pragma_user_version",
        "ATTACH ':memory:' AS m",
        "DETACH main",
        "BEGIN IMMEDIATE",
        "SAVEPOINT s",
        "VACUUM",
        "VACUUM INTO '/tmp/varsdb-never.db'",
        "REINDEX",
        "ANALYZE",
        "EXPLAIN DELETE FROM varsdb_variables",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        refused(texts[i]);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM variables"), 2);
}
END_TEST

START_TEST(extensions_and_files_are_out_of_reach)
{
    refused("SELECT load_extension('libm.so.6')");
    refused("SELECT writefile('/tmp/varsdb-never', 'x')");
    refused("SELECT readfile('/etc/passwd')");
    yields("SELECT fts3_tokenizer('simple')", "N;"); /* not an address */
    refused("SELECT zeroblob(100000000)");
}
END_TEST

START_TEST(explain_is_allowed)
{
    ok(r.db, varsdb_query(r.db, "EXPLAIN QUERY PLAN SELECT * FROM varsdb_scopes WHERE id = 1", note, NULL));
    ck_assert_ptr_nonnull(strstr(rows, "SEARCH"));
}
END_TEST

START_TEST(the_callback_stops_it)
{
    limit = 2;
    expect(r.db, VARSDB_CANCELLED, varsdb_query(r.db, "VALUES (1), (2), (3)", note, NULL));
    ck_assert_str_eq(rows, "I1;I2;");
    yields("SELECT 7", "I7;");
}
END_TEST

START_TEST(it_sees_what_is_committed_also_inside_a_transaction)
{
    ok(r.db, varsdb_begin(r.db));
    got(r.db, "c", VARSDB_WITH(.shape = VARSDB_SHAPE(1)));
    yields("SELECT count(*) FROM variables", "I2;");
    ok(r.db, varsdb_commit(r.db));
    yields("SELECT count(*) FROM variables", "I3;");
}
END_TEST

START_TEST(arguments_are_checked)
{
    expect(r.db, VARSDB_MISUSE, varsdb_query(r.db, NULL, note, NULL));
    expect(r.db, VARSDB_MISUSE, varsdb_query(r.db, "SELECT 1", NULL, NULL));
    ck_assert_int_eq(varsdb_query(NULL, "SELECT 1", note, NULL), VARSDB_MISUSE);
}
END_TEST

Suite *test_engine_sqlite_query_suite(void)
{
    Suite *suite = suite_create("engine_sqlite_query");
    TCase *tc = tcase_create("query");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, the_views_answer);
    tcase_add_test(tc, every_view_can_be_read);
    tcase_add_test(tc, values_come_by_kind);
    tcase_add_test(tc, what_is_no_query_is_refused_with_a_sentence);
    tcase_add_test(tc, nothing_but_queries_runs);
    tcase_add_test(tc, extensions_and_files_are_out_of_reach);
    tcase_add_test(tc, explain_is_allowed);
    tcase_add_test(tc, the_callback_stops_it);
    tcase_add_test(tc, it_sees_what_is_committed_also_inside_a_transaction);
    tcase_add_test(tc, arguments_are_checked);
    suite_add_tcase(suite, tc);
    return suite;
}
