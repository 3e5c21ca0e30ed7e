/*
 * test_frozen.c - a registry that a release left is what it was to every later version: opened, upgraded at
 * once or step by step, and when the upgrade is cut short.
 *
 * tests/frozen/ has one of each released schema, and what the stock shell found in it then.  Two migrations
 * of the test's own follow those that there are, so that there is always something to upgrade to.
 */
#include <check.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/held.h"
#include "../support/opened.h"
#include "../support/registry.h"
#include "../support/rich.h"
#include "../support/sanitized.h"
#include "../support/shell.h"
#include "../support/sweep.h"
#include "../support/tensor_files.h"
#include "internal.h"
#include "migrate.h"

Suite *test_frozen_suite(void);

#define FROZEN      VARSDB_SOURCE_DIR "/tests/frozen"
#define TEXT_BYTES  (1 << 17)
#define STEPS_MAX   16
#define MOMENTS_MAX 20000
#define SECONDS_MAX 600
#define MOMENTS_MIN FEWER(2000, 60) /* of each frozen registry */

static test_folder folder;
static char path[PATH_BYTES], image[PATH_BYTES];
static char seen[TEXT_BYTES], expected[TEXT_BYTES];
static vdb_migration steps[STEPS_MAX];
static size_t count;
static vdb_error error;

static void run(char *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void run(char *out, const char *format, ...)
{
    char command[2 * PATH_BYTES + 256];
    va_list more;
    va_start(more, format);
    vsnprintf(command, sizeof command, format, more);
    va_end(more);
    int status = shell_run(out, TEXT_BYTES, (const char *const[]){"sh", "-c", command, NULL});
    ck_assert_msg(status == 0, "%s: %s", command, out);
}

static void set_up(void)
{
    folder_make_in_memory(&folder);
    folder_path(&folder, "run.db", path);
    folder_path(&folder, "image.db", image);
    count = vdb_migration_count;
    ck_assert_uint_le(count + 2, STEPS_MAX);
    memcpy(steps, vdb_migrations, count * sizeof *steps);
    int64_t last = steps[count - 1].number;
    steps[count++] = (vdb_migration){last + 1, "next.sql", "0123",
                                     "CREATE TABLE {schema}.next_step (a INTEGER) STRICT;"
                                     "INSERT INTO {schema}.next_step SELECT id FROM {schema}.varsdb_tensors;"
                                     "CREATE INDEX {schema}.next_index ON next_step (a)"};
    steps[count++] = (vdb_migration){last + 2, "later.sql", "4567",
                                     "ALTER TABLE {schema}.next_step ADD COLUMN b TEXT;"
                                     "UPDATE {schema}.next_step SET b = 'later';"
                                     "UPDATE {schema}.varsdb_names_version SET version = version + 1"};
}

static void tear_down(void)
{
    folder_remove(&folder);
}

/* ---- what is there */

static size_t frozen_count(void)
{
    glob_t all;
    if (glob(FROZEN "/schema-*.db.gz", 0, NULL, &all) != 0)
        return 0;
    size_t n = all.gl_pathc;
    globfree(&all);
    return n;
}

static void thaw(int number, const char *as)
{
    run(seen, "gzip -dc '%s/schema-%d.db.gz' >'%s'", FROZEN, number, as);
}

static void ask(const char *sql, char *out)
{
    int status = shell_sqlite(path, sql, out, TEXT_BYTES);
    ck_assert_msg(status == 0, "%s: %s", sql, out);
    ck_assert_uint_lt(strlen(out), TEXT_BYTES - 1);
}

/* To the stock shell, which knows nothing of us, it has what it had. */
static void check_content(int number)
{
    run(expected, "cat '%s/schema-%d.txt'", FROZEN, number);
    ck_assert_uint_gt(strlen(expected), 1000);
    run(seen, "sqlite3 -batch -bail -init /dev/null '%s' <'%s/look.sql'", path, FROZEN);
    ck_assert_str_eq(seen, expected);
    ask("PRAGMA integrity_check", seen);
    ck_assert_str_eq(seen, "ok");
}

static void check_numbers(int64_t number)
{
    char wanted[64];
    snprintf(wanted, sizeof wanted, "%lld|%lld|%lld|%lld", (long long)number, (long long)number,
             (long long)number, (long long)number);
    ask("SELECT user_version, format, (SELECT count(*) FROM varsdb_schema_migrations),"
        " (SELECT max(number) FROM varsdb_schema_migrations) FROM pragma_user_version, varsdb_registry",
        seen);
    ck_assert_str_eq(seen, wanted);
}

static const char *schema_sql =
    "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name, tbl_name";

/* ---- upgrades */

static vdb_engine *open_engine(void)
{
    vdb_engine *engine = NULL;
    vdb_engine_options options = {.path = path, .timeout_ms = -1};
    return vdb_sqlite_open(&error, &options, &engine) == VARSDB_OK ? engine : NULL;
}

static int upgrade(void)
{
    vdb_engine *engine = open_engine();
    if (!engine)
        return error.code;
    int rc = vdb_migrate_file(engine, &error, path, false, steps, count);
    engine->methods->close(engine);
    return rc;
}

/* As each release in turn did it: none but the last knows the schema of today. */
static void upgrade_one_at_a_time(int number)
{
    for (size_t n = (size_t)number + 1; n <= count; n++) {
        vdb_engine *engine = open_engine();
        ck_assert_msg(engine, "%s", error.text);
        ck_assert_int_eq(vdb_engine_begin(engine, VDB_BEGIN_WRITE), VARSDB_OK);
        ck_assert_msg(vdb_migrate_apply(engine, steps, n) == VARSDB_OK, "%s", error.text);
        ck_assert_int_eq(engine->methods->commit(engine), VARSDB_OK);
        engine->methods->close(engine);
        check_numbers((int64_t)n);
    }
    ck_assert_msg(upgrade() == VARSDB_OK, "%s", error.text);
}

/* Of an empty file to which all of them were applied. */
static void read_fresh_schema(char *out)
{
    registry fresh;
    registry_open(&fresh);
    varsdb_close(fresh.db);
    fresh.db = NULL;
    snprintf(path, sizeof path, "%s", fresh.path);
    ck_assert_msg(upgrade() == VARSDB_OK, "%s", error.text);
    ask(schema_sql, out);
    registry_close(&fresh);
    folder_path(&folder, "run.db", path);
}

static void check_upgraded(int number)
{
    static char fresh[TEXT_BYTES];
    check_numbers(steps[count - 1].number);
    check_content(number);
    read_fresh_schema(fresh);
    ask(schema_sql, seen);
    ck_assert_str_eq(seen, fresh);
    ck_assert_ptr_nonnull(strstr(seen, "next_index"));
    ask("SELECT count(*) = (SELECT count(*) FROM varsdb_tensors) AND min(b) = 'later' FROM next_step", seen);
    ck_assert_str_eq(seen, "1");
}

START_TEST(each_is_upgraded_at_once)
{
    thaw(_i, path);
    ck_assert_msg(upgrade() == VARSDB_OK, "%s", error.text);
    check_upgraded(_i);
}
END_TEST

START_TEST(each_is_upgraded_one_step_at_a_time)
{
    thaw(_i, path);
    upgrade_one_at_a_time(_i);
    check_upgraded(_i);
}
END_TEST

/* ---- to the library */

static void check_values(varsdb *db)
{
    static float table[300 * 300];
    const float changed[] = {1, 2, 3};
    float b[3], scalar;
    int64_t step;
    ok(db, varsdb_read(db, got(db, "net/layer/b", NULL), b, sizeof b));
    ck_assert_mem_eq(b, changed, sizeof b);
    ok(db, varsdb_read(db, got(db, "kinds/scalar", NULL), &scalar, sizeof scalar));
    ck_assert(scalar == -1.5F);
    ok(db, varsdb_read(db, got(db, "steps", NULL), &step, sizeof step));
    ck_assert_int_eq(step, 7);
    ok(db, varsdb_read(db, got(db, "big/table", NULL), table, sizeof table));
    int wrong = 0;
    for (int i = 0; i < 300 * 300; i++)
        wrong += table[i] != (i / 300 == i % 300 ? 1.0F : 0.0F);
    ck_assert_int_eq(wrong, 0);
}

START_TEST(each_is_opened_with_every_value_in_it)
{
    found f = {0};
    int64_t newest = vdb_migrations[vdb_migration_count - 1].number;
    thaw(_i, path);
    varsdb *db = opened(path, NULL);
    check_values(db);
    found_verify(db, false, &f);
    ck_assert_msg(f.count == 0, "%s", found_print(&f));
    varsdb_close(db);
    check_numbers(newest);
    check_content(_i);
    db = opened(path, NULL);
    ok(db, varsdb_restore(db, 1, NULL));
    got(db, "another", VARSDB_WITH(.shape = VARSDB_SHAPE(2), .initializer = "ones"));
    found_verify(db, false, &f);
    ck_assert_msg(f.count == 0, "%s", found_print(&f));
    varsdb_close(db);
}
END_TEST

START_TEST(one_is_there_of_every_schema)
{
    ck_assert_uint_eq(frozen_count(), vdb_migration_count);
}
END_TEST

/* ---- cut short */

/* Every number of it that an upgrade changes, and one for what it must not. */
typedef struct state {
    int64_t numbers[7];
} state;

static state read_state(void)
{
    static const char sql[] =
        "SELECT user_version, (SELECT count(*) FROM sqlite_schema), format, digest,"
        " (SELECT sum(number) FROM varsdb_schema_migrations), (SELECT version FROM varsdb_names_version),"
        " (SELECT sum(digest / 4096) FROM varsdb_tensors) FROM pragma_user_version, varsdb_registry";
    state now;
    sqlite3 *stock;
    sqlite3_stmt *s;
    ck_assert_int_eq(sqlite3_open(path, &stock), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(stock, sql, -1, &s, NULL), SQLITE_OK);
    if (sqlite3_step(s) != SQLITE_ROW || sqlite3_column_count(s) != 7)
        ck_abort_msg("%s", sqlite3_errmsg(stock));
    for (int i = 0; i < 7; i++)
        now.numbers[i] = sqlite3_column_int64(s, i);
    sqlite3_finalize(s);
    sqlite3_close(stock);
    return now;
}

static bool is_same(state a, state b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static void lay(void)
{
    static const char *const beside[] = {"-wal", "-shm", "-journal", "-turnstile"};
    char name[PATH_BYTES + 16];
    size_t bytes;
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
        snprintf(name, sizeof name, "%s%s", path, beside[i]);
        unlink(name);
    }
    char *data = file_read(image, &bytes);
    file_write(path, data, bytes);
    free(data);
}

/* False when there was nothing left that could fail. */
static bool cut_short(fault_kind kind, bool lasting, int moment, state before, state after)
{
    char when[64];
    snprintf(when, sizeof when, "%s at %d%s", fault_name(kind), moment, lasting ? " and after" : "");
    lay();
    const held began = held_now();
    fault_arm_for(kind, moment, lasting);
    int rc = upgrade();
    bool happened = fault_happened();
    fault_disarm();
    state now = read_state();
    if (rc == VARSDB_OK ? !is_same(now, after) : !happened || !*error.text)
        ck_abort_msg("%s: %s: %s", when, varsdb_errname(rc), error.text);
    if (!is_same(now, before) && !is_same(now, after))
        ck_abort_msg("%s: it is neither the older nor the newer one", when);
    if (upgrade() != VARSDB_OK || !is_same(read_state(), after))
        ck_abort_msg("%s: afterwards: %s", when, error.text);
    held_check(began, when);
    return happened;
}

/* SQLite tries for ten seconds to find its place in a log. */
static bool may_last(fault_kind kind)
{
    return kind != FAULT_SHM_BUSY;
}

START_TEST(each_is_the_older_or_the_newer_one_whatever_fails)
{
    long moments = 0;
    const int step = sweep_step(5);
    fault_install();
    thaw(_i, image);
    lay();
    state before = read_state();
    ck_assert_int_eq(upgrade(), VARSDB_OK);
    state after = read_state();
    ck_assert(!is_same(before, after));
    for (int kind = 0; kind < FAULT_KINDS; kind++)
        for (int lasting = 0; lasting <= may_last((fault_kind)kind); lasting++)
            for (int moment = 0; cut_short((fault_kind)kind, lasting, moment, before, after); moment += step)
                ck_assert_int_lt(++moments, MOMENTS_MAX);
    printf("frozen: schema %d: %ld moments\n", _i, moments);
    ck_assert_int_ge(moments, MOMENTS_MIN);
}
END_TEST

Suite *test_frozen_suite(void)
{
    Suite *suite = suite_create("frozen");
    TCase *tc = tcase_create("frozen");
    const int end = (int)vdb_migration_count + 1;
    tcase_set_timeout(tc, SECONDS_MAX);
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, one_is_there_of_every_schema);
    tcase_add_loop_test(tc, each_is_opened_with_every_value_in_it, 1, end);
    tcase_add_loop_test(tc, each_is_upgraded_at_once, 1, end);
    tcase_add_loop_test(tc, each_is_upgraded_one_step_at_a_time, 1, end);
    tcase_add_loop_test(tc, each_is_the_older_or_the_newer_one_whatever_fails, 1, end);
    suite_add_tcase(suite, tc);
    return suite;
}
