/* test_engine_sqlite_statement.c - named statements, their rows, and blobs by ranges. */
#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../support/registry.h"
#include "engine_sqlite.h"
#include "internal.h"

Suite *test_engine_sqlite_statement_suite(void);

static registry r;
static vdb_engine *engine;
static sqlite3 *db;

static void setup(void)
{
    registry_open(&r);
    engine = r.db->engine;
    db = vdb_sqlite_of(engine)->db;
}

static void teardown(void)
{
    registry_close(&r);
}

static int statements(void)
{
    int n = 0;
    for (sqlite3_stmt *s = NULL; (s = sqlite3_next_stmt(db, s)) != NULL;)
        n++;
    return n;
}

START_TEST(a_statement_in_use_can_be_used_again_inside)
{
    vdb_rows *rows[8] = {NULL};
    bool row = false, found = false;
    int64_t version = 0;
    int before = 0;
    for (int i = 0; i < 8; i++) {
        ck_assert_int_eq(vdb_start(engine, VDB_Q_NAMES_VERSION_GET, VDB_NO_ARGS, &rows[i]), VARSDB_OK);
        if (i == 0)
            before = statements();
        ck_assert_int_eq(vdb_next(engine, rows[i], &row), VARSDB_OK);
        ck_assert(row);
        ck_assert_int_eq(vdb_column(engine, rows[i], 0).integer, vdb_column(engine, rows[0], 0).integer);
    }
    ck_assert_int_eq(vdb_get_int(engine, VDB_Q_NAMES_VERSION_GET, VDB_NO_ARGS, &version, &found), VARSDB_OK);
    ck_assert(found && version == vdb_column(engine, rows[0], 0).integer);
    for (int i = 0; i < 8; i++)
        vdb_finish(engine, rows[i]);
    ck_assert_int_eq(statements(), before);
    for (sqlite3_stmt *s = NULL; (s = sqlite3_next_stmt(db, s)) != NULL;)
        ck_assert(!sqlite3_stmt_busy(s));
    vdb_finish(engine, NULL);
}
END_TEST

START_TEST(a_statement_that_found_nothing_says_so)
{
    int64_t out = 77;
    bool found = true;
    ck_assert_int_eq(
        vdb_get_int(engine, VDB_Q_COLLECTION_FIND, VDB_ARGS(vdb_int(1), vdb_text("no such")), &out, &found),
        VARSDB_OK);
    ck_assert(!found);
    ck_assert_int_eq(out, 77);
}
END_TEST

START_TEST(values_of_every_kind_pass_through)
{
    unsigned char blob[3] = {0, 0xff, 7};
    vdb_value in[] = {vdb_null(),        vdb_int(INT64_MIN), vdb_real(-0.5),   vdb_text_n("a\0b", 3),
                      vdb_blob(blob, 3), vdb_text(""),       vdb_blob(NULL, 0)};
    vdb_sqlite *s = vdb_sqlite_of(engine);
    for (size_t i = 0; i < sizeof in / sizeof *in; i++) {
        /* in the place of a statement of ours, one that yields its parameter */
        vdb_rows *rows = &s->rows[VDB_Q_VARIABLE_DELETE];
        ck_assert(rows->statement ||
                  sqlite3_prepare_v2(db, "SELECT ?1", -1, &rows->statement, NULL) == SQLITE_OK);
        if (!rows->columns)
            rows->columns = vdb_calloc(1, sizeof *rows->columns);
        ck_assert_ptr_nonnull(rows->columns);
        bool row;
        ck_assert_int_eq(vdb_start(engine, VDB_Q_VARIABLE_DELETE, &in[i], 1, &rows), VARSDB_OK);
        ck_assert_int_eq(vdb_next(engine, rows, &row), VARSDB_OK);
        vdb_value out = vdb_column(engine, rows, 0);
        ck_assert_int_eq(out.kind, in[i].kind);
        ck_assert_int_eq(out.integer, in[i].integer);
        ck_assert(out.real <= in[i].real && out.real >= in[i].real);
        ck_assert_uint_eq(out.bytes, in[i].bytes);
        ck_assert(out.bytes == 0 || memcmp(out.data, in[i].data, out.bytes) == 0);
        vdb_finish(engine, rows);
    }
}
END_TEST

static void shadow(const char *table)
{
    char sql[256];
    snprintf(sql, sizeof sql, "CREATE TEMP TABLE %s AS SELECT * FROM main.%s WHERE 0", table, table);
    ck_assert_msg(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(db));
}

START_TEST(tables_of_ours_cannot_be_shadowed)
{
    static const char *const tables[] = {
        "varsdb_variables", "varsdb_scopes",        "varsdb_namespaces",         "varsdb_collections",
        "varsdb_tensors",   "varsdb_names_version", "varsdb_collection_members", "varsdb_chunks"};
    got(r.db, "a/w", VARSDB_WITH(.shape = VARSDB_SHAPE(2)));
    registry_reopen(&r);
    db = vdb_sqlite_of(r.db->engine)->db;
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        shadow(tables[i]);
    const varsdb_variable *w = got(r.db, "a/w", NULL);
    ok(r.db, varsdb_assign_json(r.db, w, "[1,2]"));
    got(r.db, "b", VARSDB_WITH(.shape = VARSDB_SHAPE(1)));
    ck_assert_str_eq(registry_sql(&r, "SELECT name, version FROM variables ORDER BY id"), "a/w|2\nb|1");
}
END_TEST

/* ---- blobs */

static const varsdb_variable *large(void)
{
    const varsdb_variable *w =
        got(r.db, "large", VARSDB_WITH(.shape = VARSDB_SHAPE(20000), .initializer = "ones"));
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM varsdb_chunks"), 1);
    return w;
}

static int read_chunk(int64_t id, uint64_t offset, void *buffer, size_t bytes)
{
    int rc = engine->methods->blob_read(engine, VDB_BLOB_CHUNK, id, offset, buffer, bytes);
    ck_assert(rc == VARSDB_OK || (rc == VARSDB_CORRUPT && strstr(varsdb_errmsg(r.db), "varsdb_chunks")));
    return rc;
}

START_TEST(ranges_of_blobs_stay_within_them)
{
    static float buffer[20001];
    large();
    int64_t id = registry_number(&r, "SELECT id FROM varsdb_chunks");
    int64_t bytes = registry_number(&r, "SELECT length(data) FROM varsdb_chunks");
    ck_assert_int_eq(bytes, 80000);
    ck_assert_int_eq(read_chunk(id, 0, buffer, 80000), VARSDB_OK);
    ck_assert(buffer[0] >= 1 && buffer[19999] <= 1);
    ck_assert_int_eq(read_chunk(id, 79996, buffer, 4), VARSDB_OK);
    ck_assert_int_eq(read_chunk(id, 80000, buffer, 0), VARSDB_OK);
    ck_assert_int_eq(read_chunk(id, 79997, buffer, 4), VARSDB_CORRUPT);
    ck_assert_int_eq(read_chunk(id, 80001, buffer, 0), VARSDB_CORRUPT);
    ck_assert_int_eq(read_chunk(id, 0, buffer, 80001), VARSDB_CORRUPT);
    ck_assert_int_eq(read_chunk(id, UINT64_MAX, buffer, 4), VARSDB_CORRUPT);
    ck_assert_int_eq(read_chunk(id, (uint64_t)1 << 32, buffer, 4), VARSDB_CORRUPT);
    ck_assert_int_eq(read_chunk(id + 1, 0, buffer, 4), VARSDB_CORRUPT);
    ck_assert_int_eq(read_chunk(-1, 0, buffer, 4), VARSDB_CORRUPT);
    ck_assert_int_eq(read_chunk(id, 4, buffer, 4), VARSDB_OK);
}
END_TEST

START_TEST(a_blob_that_is_none_is_damage_and_not_a_crash)
{
    float buffer[4];
    const varsdb_variable *w = large();
    registry_sql(&r, "PRAGMA ignore_check_constraints=ON; UPDATE varsdb_chunks SET data = x'00'");
    ck_assert_int_eq(varsdb_read_range(r.db, w, 0, buffer, sizeof buffer), VARSDB_CORRUPT);
    says(r.db, "large");
    registry_sql(&r, "DELETE FROM varsdb_chunks");
    ck_assert_int_eq(varsdb_read_range(r.db, w, 0, buffer, sizeof buffer), VARSDB_CORRUPT);
}
END_TEST

START_TEST(an_open_blob_keeps_no_snapshot_after_the_call)
{
    static float buffer[20000];
    const varsdb_variable *w = large();
    ok(r.db, varsdb_read(r.db, w, buffer, sizeof buffer));
    varsdb *other = registry_another(&r);
    buffer[0] = 5;
    ok(other, varsdb_assign(other, got(other, "large", NULL), buffer, sizeof buffer));
    buffer[0] = 0;
    ok(r.db, varsdb_read(r.db, w, buffer, sizeof buffer));
    ck_assert(buffer[0] >= 5);
    ok(r.db, varsdb_assign(r.db, w, buffer, sizeof buffer));
    varsdb_close(other);
}
END_TEST

/* ---- settings */

static int64_t pragma(const char *name)
{
    char sql[64];
    int64_t value = -1;
    sqlite3_stmt *s = NULL;
    snprintf(sql, sizeof sql, "PRAGMA %s", name);
    ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
    if (sqlite3_step(s) == SQLITE_ROW)
        value = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return value;
}

static int config(int what)
{
    int value = -1;
    ck_assert_int_eq(sqlite3_db_config(db, what, -1, &value), SQLITE_OK);
    return value;
}

START_TEST(connections_are_set_up_as_designed)
{
    static const struct {
        const char *name;
        int64_t value;
    } settings[] = {{"secure_delete", 0},   {"synchronous", 1},     {"page_size", 16384},
                    {"auto_vacuum", 2},     {"cache_size", -16384}, {"wal_autocheckpoint", 0},
                    {"mmap_size", 0},       {"trusted_schema", 0},  {"temp_store", 2},
                    {"cell_size_check", 1}, {"foreign_keys", 0}};
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        ck_assert_msg(pragma(settings[i].name) == settings[i].value, "%s: %lld", settings[i].name,
                      (long long)pragma(settings[i].name));
    ck_assert_int_gt(pragma("journal_size_limit"), 0);
    ck_assert_int_eq(pragma("cache_spill"), 1015); /* what the cache has: that it is fewer is not told */
}
END_TEST

START_TEST(nothing_of_a_strangers_file_runs)
{
    ck_assert_int_eq(config(SQLITE_DBCONFIG_ENABLE_TRIGGER), 0);
    ck_assert_int_eq(config(SQLITE_DBCONFIG_ENABLE_VIEW), 0);
    ck_assert_int_eq(config(SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION), 0);
    ck_assert_int_eq(config(SQLITE_DBCONFIG_DEFENSIVE), 1);
    ck_assert_int_eq(config(SQLITE_DBCONFIG_TRUSTED_SCHEMA), 0);
    ck_assert_int_eq(sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, -1), 0);
    ck_assert_int_eq(sqlite3_limit(db, SQLITE_LIMIT_LENGTH, -1), VDB_VALUE_BYTES_MAX);
    ck_assert_int_le(sqlite3_limit(db, SQLITE_LIMIT_TRIGGER_DEPTH, -1), 1);
    ck_assert_int_ne(sqlite3_exec(db, "SELECT * FROM variables", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_ne(sqlite3_exec(db, "ATTACH ':memory:' AS m", NULL, NULL, NULL), SQLITE_OK);
}
END_TEST

Suite *test_engine_sqlite_statement_suite(void)
{
    Suite *suite = suite_create("engine_sqlite_statement");
    TCase *tc = tcase_create("statement");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, a_statement_in_use_can_be_used_again_inside);
    tcase_add_test(tc, a_statement_that_found_nothing_says_so);
    tcase_add_test(tc, values_of_every_kind_pass_through);
    tcase_add_test(tc, tables_of_ours_cannot_be_shadowed);
    tcase_add_test(tc, ranges_of_blobs_stay_within_them);
    tcase_add_test(tc, a_blob_that_is_none_is_damage_and_not_a_crash);
    tcase_add_test(tc, an_open_blob_keeps_no_snapshot_after_the_call);
    tcase_add_test(tc, connections_are_set_up_as_designed);
    tcase_add_test(tc, nothing_of_a_strangers_file_runs);
    suite_add_tcase(suite, tc);
    return suite;
}
