/* test_migrate.c - an older file becomes a newer one, wholly or not at all. */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../support/child.h"
#include "../support/opened.h"
#include "../support/registry.h"
#include "../support/shell.h"
#include "internal.h"
#include "migrate.h"

Suite *test_migrate_suite(void);

#define DUMP_BYTES (1 << 16)
#define STEPS_MAX  16

static registry r;
static vdb_migration steps[STEPS_MAX];
static size_t step_count;
static int64_t first, next; /* the number of a file of today, and one more */
static vdb_error error;

static void setup(void)
{
    registry_open(&r);
    got(r.db, "w", VARSDB_WITH(.shape = VARSDB_SHAPE(2)));
    varsdb_close(r.db);
    r.db = NULL;
    ck_assert_uint_lt(vdb_migration_count, STEPS_MAX);
    memcpy(steps, vdb_migrations, vdb_migration_count * sizeof *steps);
    first = steps[vdb_migration_count - 1].number;
    next = first + 1;
    step_count = vdb_migration_count + 1;
    steps[step_count - 1] = (vdb_migration){next, "next.sql", "0123",
                                            "CREATE TABLE varsdb_next (a INTEGER) STRICT;"
                                            "INSERT INTO varsdb_next VALUES (1);"
                                            "UPDATE varsdb_namespaces SET seed = 77"};
}

static void teardown(void)
{
    registry_close(&r);
}

static vdb_engine *open_engine(unsigned flags)
{
    vdb_engine *engine = NULL;
    vdb_engine_options options = {.path = r.path, .flags = flags, .timeout_ms = 20000};
    int rc = vdb_sqlite_open(&error, &options, &engine);
    ck_assert_msg(rc == VARSDB_OK, "%s", error.text);
    return engine;
}

static int migrate(bool read_only)
{
    vdb_engine *engine = open_engine(read_only ? VARSDB_READ_ONLY : 0);
    int rc = vdb_migrate_file(engine, &error, r.path, read_only, steps, step_count);
    engine->methods->close(engine);
    return rc;
}

static void check_version(int64_t version)
{
    ck_assert_int_eq(registry_number(&r, "PRAGMA user_version"), version);
    ck_assert_int_eq(registry_number(&r, "SELECT max(number) FROM varsdb_schema_migrations"), version);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM varsdb_schema_migrations"), version);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM sqlite_schema WHERE name = 'varsdb_next'"),
                     version == next);
}

static void dump(char out[DUMP_BYTES])
{
    ck_assert_int_eq(shell_sqlite(r.path, ".dump", out, DUMP_BYTES), 0);
    size_t at = strlen(out);
    ck_assert_uint_lt(at, DUMP_BYTES - 64);
    snprintf(out + at, DUMP_BYTES - at, "%s", registry_sql(&r, "PRAGMA user_version"));
}

static char before[DUMP_BYTES], after[DUMP_BYTES];

START_TEST(a_fresh_file_is_every_migration_applied_to_nothing)
{
    check_version(first);
    for (size_t i = 0; i < vdb_migration_count; i++) {
        char sql[256];
        snprintf(sql, sizeof sql,
                 "SELECT name || checksum || library FROM varsdb_schema_migrations WHERE number = %lld",
                 (long long)vdb_migrations[i].number);
        char expected[256];
        snprintf(expected, sizeof expected, "%s%s%s", vdb_migrations[i].name, vdb_migrations[i].checksum,
                 VARSDB_VERSION);
        ck_assert_str_eq(registry_sql(&r, sql), expected);
    }
}
END_TEST

START_TEST(checksums_are_those_of_the_files)
{
    for (size_t i = 0; i < vdb_migration_count; i++) {
        char path[512], sum[65];
        snprintf(path, sizeof path, "%s/migrations/%s", VARSDB_SOURCE_DIR, vdb_migrations[i].name);
        shell_sha256(path, sum);
        ck_assert_str_eq(sum, vdb_migrations[i].checksum);
        ck_assert_int_eq(vdb_migrations[i].number, (int64_t)i + 1);
    }
}
END_TEST

START_TEST(an_older_file_is_upgraded_and_keeps_what_it_holds)
{
    ck_assert_msg(migrate(false) == VARSDB_OK, "%s", error.text);
    check_version(next);
    ck_assert_str_eq(registry_sql(&r, "SELECT seed FROM varsdb_namespaces"), "77");
    ck_assert_str_eq(registry_sql(&r, "SELECT name FROM variables"), "w");
    ck_assert_msg(migrate(false) == VARSDB_OK, "%s", error.text);
    check_version(next);
}
END_TEST

START_TEST(rolled_back_half_way_it_is_the_older_file)
{
    dump(before);
    vdb_engine *engine = open_engine(0);
    ck_assert_int_eq(vdb_engine_begin(engine, VDB_BEGIN_WRITE), VARSDB_OK);
    ck_assert_int_eq(vdb_migrate_apply(engine, steps, step_count), VARSDB_OK);
    ck_assert_int_eq(engine->methods->rollback(engine), VARSDB_OK);
    engine->methods->close(engine);
    check_version(first);
    dump(after);
    ck_assert_str_eq(before, after);
}
END_TEST

static int die_half_way(void *payload)
{
    (void)payload;
    vdb_engine *engine = open_engine(0);
    if (vdb_engine_begin(engine, VDB_BEGIN_WRITE) == VARSDB_OK &&
        vdb_migrate_apply(engine, steps, step_count) == VARSDB_OK)
        kill(getpid(), SIGKILL);
    return 1;
}

START_TEST(killed_half_way_it_is_the_older_file_and_can_be_upgraded)
{
    dump(before);
    ck_assert_int_eq(child_run(die_half_way, NULL), 128 + SIGKILL);
    check_version(first);
    dump(after);
    ck_assert_str_eq(before, after);
    ck_assert_int_eq(migrate(false), VARSDB_OK);
    check_version(next);
}
END_TEST

START_TEST(failing_in_its_middle_it_leaves_the_file_as_it_was)
{
    dump(before);
    steps[step_count - 1].sql = "CREATE TABLE varsdb_next (a INTEGER) STRICT;"
                                "UPDATE varsdb_namespaces SET seed = 77;"
                                "CREATE TABLE varsdb_registry (a INTEGER) STRICT;"
                                "DELETE FROM varsdb_namespaces";
    ck_assert_int_ne(migrate(false), VARSDB_OK);
    ck_assert_ptr_nonnull(strstr(error.text, r.path));
    check_version(first);
    dump(after);
    ck_assert_str_eq(before, after);
    r.db = opened(r.path, NULL);
}
END_TEST

static int migrate_as_child(void *go)
{
    vdb_engine *engine = open_engine(0);
    child_signal_await(go);
    int rc = vdb_migrate_file(engine, &error, r.path, false, steps, step_count);
    engine->methods->close(engine);
    return rc;
}

START_TEST(processes_that_upgrade_at_once_do_it_once)
{
    pid_t pids[4];
    size_t n = sizeof pids / sizeof *pids;
    child_signal go;
    child_signal_make(&go);
    for (size_t i = 0; i < n; i++)
        pids[i] = child_start(migrate_as_child, &go);
    for (size_t i = 0; i < n; i++)
        child_signal_send(&go);
    for (size_t i = 0; i < n; i++)
        ck_assert_int_eq(child_wait(pids[i]), VARSDB_OK);
    child_signal_close(&go);
    check_version(next);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM varsdb_next"), 1);
}
END_TEST

START_TEST(an_older_file_that_is_open_for_reading_only_is_left_alone)
{
    ck_assert_int_eq(migrate(true), VARSDB_READONLY);
    ck_assert_ptr_nonnull(strstr(error.text, r.path));
    check_version(first);
}
END_TEST

START_TEST(a_newer_file_is_refused)
{
    ck_assert_int_eq(migrate(false), VARSDB_OK);
    step_count--;
    dump(before);
    ck_assert_int_eq(migrate(false), VARSDB_TOONEW);
    dump(after);
    ck_assert_str_eq(before, after);
    ck_assert_int_eq(varsdb_open(r.path, NULL, &r.db), VARSDB_TOONEW);
}
END_TEST

Suite *test_migrate_suite(void)
{
    Suite *suite = suite_create("migrate");
    TCase *tc = tcase_create("migrate");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, a_fresh_file_is_every_migration_applied_to_nothing);
    tcase_add_test(tc, checksums_are_those_of_the_files);
    tcase_add_test(tc, an_older_file_is_upgraded_and_keeps_what_it_holds);
    tcase_add_test(tc, rolled_back_half_way_it_is_the_older_file);
    tcase_add_test(tc, killed_half_way_it_is_the_older_file_and_can_be_upgraded);
    tcase_add_test(tc, failing_in_its_middle_it_leaves_the_file_as_it_was);
    tcase_add_test(tc, processes_that_upgrade_at_once_do_it_once);
    tcase_add_test(tc, an_older_file_that_is_open_for_reading_only_is_left_alone);
    tcase_add_test(tc, a_newer_file_is_refused);
    suite_add_tcase(suite, tc);
    return suite;
}
