/* test_migrate.c - an older file becomes a newer one, wholly or not at all. */
#include <check.h>
#include <signal.h>
#include <sqlite3.h>
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
                                            "CREATE TABLE {schema}.next_step (a INTEGER) STRICT;"
                                            "INSERT INTO {schema}.next_step VALUES (1);"
                                            "UPDATE {schema}.varsdb_names_version SET version = 77"};
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
    ck_assert_int_eq(registry_number(&r, "SELECT format FROM varsdb_registry"), version);
    ck_assert_int_eq(registry_number(&r, "SELECT max(number) FROM varsdb_schema_migrations"), version);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM varsdb_schema_migrations"), version);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM sqlite_schema WHERE name = 'next_step'"),
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
    ck_assert_int_eq(registry_number(&r, "SELECT version FROM varsdb_names_version"), 77);
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
    steps[step_count - 1].sql = "CREATE TABLE next_step (a INTEGER) STRICT;"
                                "UPDATE varsdb_names_version SET version = 77;"
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
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM next_step"), 1);
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

/* ---- in a database of a host's */

static sqlite3 *host;

static int64_t host_number(const char *sql)
{
    sqlite3_stmt *s;
    ck_assert_msg(sqlite3_prepare_v2(host, sql, -1, &s, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(host));
    ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return n;
}

static int migrate_on_host(const char *schema)
{
    vdb_engine *engine = NULL;
    int rc = vdb_sqlite_open_on(&error, host, schema, 0, &engine);
    ck_assert_msg(rc == VARSDB_OK, "%s", error.text);
    rc = vdb_migrate_file(engine, &error, "attached", false, steps, step_count);
    engine->methods->close(engine);
    return rc;
}

START_TEST(what_a_host_attached_is_upgraded_and_not_its_main_database)
{
    varsdb *db;
    char path[TEMP_PATH_BYTES], sql[TEMP_PATH_BYTES + 64];
    ck_assert_int_eq(sqlite3_open(temp_file(&r.dir, "main.db", path), &host), SQLITE_OK);
    snprintf(sql, sizeof sql, "ATTACH '%s' AS \"the other\"", temp_file(&r.dir, "other.db", path));
    ck_assert_int_eq(sqlite3_exec(host, sql, NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(varsdb_open_on(host, "the other", VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), NULL, &db),
                     VARSDB_OK);
    varsdb_close(db);
    for (int twice = 0; twice < 2; twice++) {
        ck_assert_msg(migrate_on_host("the other") == VARSDB_OK, "%s", error.text);
        ck_assert_int_eq(host_number("SELECT format FROM \"the other\".varsdb_registry"), next);
        ck_assert_int_eq(host_number("SELECT count(*) FROM \"the other\".varsdb_schema_migrations"), next);
        ck_assert_int_eq(host_number("SELECT count(*) FROM \"the other\".next_step"), 1);
        ck_assert_int_eq(host_number("SELECT count(*) FROM main.sqlite_schema"), 0);
        ck_assert_int_eq(host_number("PRAGMA \"the other\".user_version"), 0);
    }
    ck_assert_int_eq(sqlite3_close(host), SQLITE_OK);
}
END_TEST

static void refused_on_host(const char *sql, int expected, const char *says)
{
    char *said = NULL;
    int code = sqlite3_exec(host, sql, NULL, NULL, &said);
    ck_assert_msg(code == SQLITE_OK, "%s", said);
    ck_assert_int_eq(migrate_on_host("main"), expected);
    ck_assert_msg(strstr(error.text, says), "%s", error.text);
    ck_assert_int_eq(host_number("SELECT count(*) FROM sqlite_schema WHERE name = 'next_step'"), 0);
}

/* In its own row alone: the number in the head is the host's. */
START_TEST(a_hosts_registry_whose_number_is_gone_is_refused)
{
    varsdb *db;
    char path[TEMP_PATH_BYTES];
    ck_assert_int_eq(sqlite3_open(temp_file(&r.dir, "host.db", path), &host), SQLITE_OK);
    ck_assert_int_eq(varsdb_open_on(host, NULL, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), NULL, &db),
                     VARSDB_OK);
    varsdb_close(db);
    refused_on_host("BEGIN; DELETE FROM varsdb_registry", VARSDB_NOTDB, "has no varsdb schema");
    refused_on_host("ROLLBACK; BEGIN; ALTER TABLE varsdb_registry RENAME COLUMN format TO shape",
                    VARSDB_CORRUPT, "");
    ck_assert_int_eq(sqlite3_exec(host, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(host), SQLITE_OK);
}
END_TEST

/* ---- one at a time */

typedef struct holding {
    child_signal holds, go;
    size_t count; /* of steps that it applies */
} holding;

/* Has the write lock, with everything applied, until it is told to commit. */
static int migrate_when_told(void *payload)
{
    const holding *h = payload;
    vdb_engine *engine = open_engine(0);
    if (vdb_engine_begin(engine, VDB_BEGIN_WRITE) != VARSDB_OK ||
        vdb_migrate_apply(engine, steps, h->count) != VARSDB_OK)
        return 1;
    child_signal_send(&h->holds);
    child_signal_await(&h->go);
    return engine->methods->commit(engine);
}

static pid_t hold(holding *h, size_t count)
{
    h->count = count;
    child_signal_make(&h->holds);
    child_signal_make(&h->go);
    pid_t pid = child_start(migrate_when_told, h);
    child_signal_await(&h->holds);
    return pid;
}

static void let_go(holding *h, pid_t pid)
{
    child_signal_send(&h->go);
    ck_assert_int_eq(child_wait(pid), VARSDB_OK);
    child_signal_close(&h->holds);
    child_signal_close(&h->go);
}

START_TEST(who_does_not_wait_for_another_that_upgrades_is_told_busy)
{
    holding h;
    pid_t pid = hold(&h, step_count);
    vdb_engine *engine = open_engine(0);
    engine->methods->set_timeout(engine, -1);
    ck_assert_int_eq(vdb_migrate_file(engine, &error, r.path, false, steps, step_count), VARSDB_BUSY);
    check_version(first);
    let_go(&h, pid);
    ck_assert_int_eq(vdb_migrate_file(engine, &error, r.path, false, steps, step_count), VARSDB_OK);
    engine->methods->close(engine);
    check_version(next);
}
END_TEST

static int commit_in_a_while(void *payload)
{
    const holding *h = payload;
    usleep(300000);
    child_signal_send(&h->go);
    return 0;
}

START_TEST(who_finds_that_another_was_as_far_does_nothing)
{
    holding h;
    pid_t pid = hold(&h, step_count), other = child_start(commit_in_a_while, &h);
    vdb_engine *engine = open_engine(0);
    ck_assert_int_eq(vdb_migrate_file(engine, &error, r.path, false, steps, step_count), VARSDB_OK);
    ck_assert_int_eq(child_wait(other), 0);
    ck_assert_int_eq(child_wait(pid), VARSDB_OK);
    engine->methods->close(engine);
    check_version(next);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM next_step"), 1);
}
END_TEST

START_TEST(what_is_recorded_already_is_not_recorded_again_nor_what_comes_after)
{
    vdb_engine *engine = open_engine(0);
    ck_assert_int_eq(vdb_engine_begin(engine, VDB_BEGIN_WRITE), VARSDB_OK);
    ck_assert_int_ne(vdb_migrate_record(engine, steps, step_count), VARSDB_OK);
    ck_assert_int_eq(engine->methods->commit(engine), VARSDB_OK);
    engine->methods->close(engine);
    check_version(first);
}
END_TEST

/* A program that is newer than we are does it while we wait for the lock. */
START_TEST(who_finds_that_a_newer_one_was_faster_leaves_it_alone)
{
    holding h;
    pid_t pid, other;
    steps[step_count++] = (vdb_migration){next + 1, "later.sql", "4567", "CREATE TABLE later (a)"};
    pid = hold(&h, step_count--);
    other = child_start(commit_in_a_while, &h);
    vdb_engine *engine = open_engine(0);
    ck_assert_int_eq(vdb_migrate_file(engine, &error, r.path, false, steps, step_count), VARSDB_TOONEW);
    ck_assert_int_eq(child_wait(other), 0);
    ck_assert_int_eq(child_wait(pid), VARSDB_OK);
    engine->methods->close(engine);
    ck_assert_int_eq(registry_number(&r, "PRAGMA user_version"), next + 1);
}
END_TEST

/* ---- files that are not what they say */

static void refused_as_it_was(const char *sql, int64_t version, const char *word)
{
    registry_sql(&r, sql);
    dump(before);
    ck_assert_int_eq(migrate(false), VARSDB_CORRUPT);
    ck_assert_msg(strstr(error.text, word), "%s", error.text);
    dump(after);
    ck_assert_str_eq(before, after);
    ck_assert_int_eq(registry_number(&r, "PRAGMA user_version"), version);
}

START_TEST(an_older_file_that_would_not_become_one_of_today_stays_as_it_was)
{
    refused_as_it_was("DROP INDEX varsdb_scopes_path", first, "varsdb_scopes_path");
}
END_TEST

START_TEST(an_older_file_whose_own_row_is_damaged_stays_as_it_was)
{
    refused_as_it_was("UPDATE varsdb_registry SET created_at = created_at + 1", first, "registry");
}
END_TEST

START_TEST(an_older_file_without_its_own_row_stays_as_it_was)
{
    refused_as_it_was("DELETE FROM varsdb_registry", first, "registry");
}
END_TEST

START_TEST(a_file_that_other_migrations_led_to_is_refused_as_it_was)
{
    static const char *const altered[] = {
        "UPDATE varsdb_schema_migrations SET checksum = 'x' || substr(checksum, 2)",
        "UPDATE varsdb_schema_migrations SET name = 'other.sql'",
        "UPDATE varsdb_schema_migrations SET number = 7 WHERE number = 1",
        ("INSERT INTO varsdb_schema_migrations SELECT 100, name, checksum, library, applied_at "
         "FROM varsdb_schema_migrations WHERE number = 1"),
        "DELETE FROM varsdb_schema_migrations WHERE number = 1",
    };
    for (size_t i = 0; i < sizeof altered / sizeof *altered; i++) {
        registry_close(&r);
        setup();
        refused_as_it_was(altered[i], first, "migration");
        ck_assert_int_eq(varsdb_open(r.path, NULL, &r.db), VARSDB_CORRUPT);
        varsdb_close(r.db);
        r.db = NULL;
    }
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
    tcase_add_test(tc, what_a_host_attached_is_upgraded_and_not_its_main_database);
    tcase_add_test(tc, who_does_not_wait_for_another_that_upgrades_is_told_busy);
    tcase_add_test(tc, who_finds_that_another_was_as_far_does_nothing);
    tcase_add_test(tc, what_is_recorded_already_is_not_recorded_again_nor_what_comes_after);
    tcase_add_test(tc, a_hosts_registry_whose_number_is_gone_is_refused);
    tcase_add_test(tc, who_finds_that_a_newer_one_was_faster_leaves_it_alone);
    tcase_add_test(tc, an_older_file_that_would_not_become_one_of_today_stays_as_it_was);
    tcase_add_test(tc, an_older_file_whose_own_row_is_damaged_stays_as_it_was);
    tcase_add_test(tc, an_older_file_without_its_own_row_stays_as_it_was);
    tcase_add_test(tc, a_file_that_other_migrations_led_to_is_refused_as_it_was);
    suite_add_tcase(suite, tc);
    return suite;
}
