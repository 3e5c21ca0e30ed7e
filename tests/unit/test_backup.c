/* test_backup.c - a copy is one picture, whole or not there, and nobody is disturbed. */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/child.h"
#include "../support/registry.h"
#include "../support/shell.h"

Suite *test_backup_suite(void);

#define MIB (1 << 20)

static registry r;
static char copy[TEMP_PATH_BYTES];
static unsigned char bytes[24 * MIB];

static void open_registry(void)
{
    registry_open(&r);
    temp_file(&r.dir, "copy.db", copy);
}

static void close_registry(void)
{
    registry_close(&r);
}

static void variable(varsdb *db, const char *name, unsigned seed, int64_t size)
{
    uint32_t x = seed * 2654435761U + 1;
    for (int64_t i = 0; i < size; i++) {
        x = x * 1664525U + 1013904223U;
        bytes[i] = (unsigned char)(x >> 24);
    }
    got(db, name,
        VARSDB_WITH(.shape = VARSDB_SHAPE(size), .dtype = VARSDB_UINT8, .value = bytes,
                    .value_bytes = (size_t)size));
}

/* What the stock shell says of a file. */
static void said_of(const char *path, const char *sql, const char *expected)
{
    char said[4096];
    int status = shell_sqlite(path, sql, said, sizeof said);
    ck_assert_msg(status == 0, "%s: %s", sql, said);
    ck_assert_str_eq(said, expected);
}

static void check_names(const char *expected)
{
    char names[512];
    temp_names(&r.dir, names, sizeof names);
    ck_assert_str_eq(names, expected);
}

/* A hash over all rows of all tables of ours. */
static void sum_of(const char *path, char out[128])
{
    ck_assert_int_eq(shell_sqlite(path, ".sha3sum varsdb_%", out, 128), 0);
    ck_assert_uint_gt(strlen(out), 32);
}

/* ---- the copy */

START_TEST(the_copy_has_the_same_rows_and_is_a_registry_of_its_own)
{
    char before[128], after[128], uuid[64];
    varsdb *db;
    variable(r.db, "a", 1, 100);
    variable(r.db, "b", 2, 3 * MIB);
    sum_of(r.path, before);
    ok(r.db, varsdb_backup(r.db, copy, NULL));
    check_names("copy.db run.db run.db-shm run.db-turnstile run.db-wal ");
    sum_of(copy, after);
    ck_assert_str_eq(before, after);
    said_of(copy, "PRAGMA integrity_check; PRAGMA journal_mode; PRAGMA auto_vacuum; PRAGMA page_size",
            "ok\nwal\n2\n16384");
    snprintf(uuid, sizeof uuid, "%s", varsdb_uuid(r.db));
    ck_assert_int_eq(varsdb_open(copy, NULL, &db), VARSDB_OK);
    ck_assert_str_eq(varsdb_uuid(db), uuid);
    const varsdb_variable *b = got(db, "b", NULL);
    static unsigned char read[3 * MIB];
    ok(db, varsdb_read(db, b, read, sizeof read));
    ck_assert_mem_eq(read, bytes, sizeof read);
    variable(db, "only_in_the_copy", 3, 10);
    varsdb_close(db);
    said_of(r.path, "SELECT count(*) FROM varsdb_variables", "2");
    said_of(copy, "SELECT count(*) FROM varsdb_variables", "3");
}
END_TEST

START_TEST(the_copy_is_as_the_file_system_wants_it)
{
    struct stat at, there;
    ok(r.db, varsdb_backup(r.db, copy, NULL));
    ck_assert_int_eq(stat(copy, &at), 0);
    ck_assert_int_eq(stat(r.path, &there), 0);
    ck_assert_uint_eq(at.st_nlink, 1);
    ck_assert_uint_eq(at.st_mode, there.st_mode);
    /* its header says WAL, and no log is beside it */
    unsigned char header[20];
    FILE *file = fopen(copy, "rb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fread(header, 1, sizeof header, file), sizeof header);
    fclose(file);
    ck_assert_int_eq(header[18], 2);
    ck_assert_int_eq(header[19], 2);
}
END_TEST

START_TEST(a_long_log_is_part_of_it)
{
    struct stat log;
    char path[TEMP_PATH_BYTES + 8];
    variable(r.db, "v", 1, 20 * MIB);
    snprintf(path, sizeof path, "%s-wal", r.path);
    ck_assert_int_eq(stat(path, &log), 0);
    ck_assert_int_gt(log.st_size, 20 * MIB);
    ok(r.db, varsdb_backup(r.db, copy, NULL));
    said_of(copy, "SELECT sum(length(data)) FROM varsdb_chunks", "20971520");
    said_of(copy, "PRAGMA integrity_check", "ok");
}
END_TEST

/* ---- beside others */

typedef struct witness {
    varsdb *writer;
    uint64_t last, total;
    int steps, stop_at;
} witness;

static int watch(void *payload, const char *doing, uint64_t done, uint64_t total)
{
    witness *w = payload;
    char name[16];
    ck_assert_str_eq(doing, "copying");
    ck_assert_uint_gt(done, w->last - (done == total));
    ck_assert_uint_le(done, total);
    ck_assert(w->total == 0 || w->total == total);
    ck_assert_int_eq(varsdb_checkpoint(r.db), VARSDB_MISUSE); /* not from here */
    w->last = done;
    w->total = total;
    if (w->writer) {
        snprintf(name, sizeof name, "new%d", w->steps);
        variable(w->writer, name, 100 + (unsigned)w->steps, 100000);
    }
    return ++w->steps == w->stop_at;
}

START_TEST(a_writer_between_any_two_steps_changes_neither_the_copy_nor_its_progress)
{
    char before[128], after[128];
    witness w = {.writer = registry_another(&r)};
    variable(r.db, "v", 1, 24 * MIB);
    sum_of(r.path, before);
    ok(r.db, varsdb_backup(r.db, copy, VARSDB_UPKEEP(.progress = watch, .payload = &w)));
    ck_assert_int_ge(w.steps, 6);
    ck_assert_uint_eq(w.last, w.total);
    ck_assert_uint_gt(w.total, 24 * MIB);
    varsdb_close(w.writer);
    sum_of(copy, after);
    ck_assert_str_eq(before, after);
    said_of(copy, "PRAGMA integrity_check", "ok");
    char expected[16];
    snprintf(expected, sizeof expected, "%d", w.steps + 1);
    said_of(r.path, "SELECT count(*) FROM varsdb_variables", expected);
}
END_TEST

static int try_to_write(void *payload)
{
    char said[256];
    (void)payload;
    int status = shell_sqlite(r.path, "BEGIN IMMEDIATE; ROLLBACK", said, sizeof said);
    return status != 0 && strstr(said, "locked") ? 7 : 0;
}

START_TEST(locks_of_this_process_survive_it)
{
    varsdb *other = registry_another(&r);
    ok(other, varsdb_begin(other));
    ck_assert_int_eq(child_run(try_to_write, NULL), 7);
    ok(r.db, varsdb_backup(r.db, copy, NULL));
    ck_assert_int_eq(child_run(try_to_write, NULL), 7);
    ok(other, varsdb_rollback(other));
    ck_assert_int_eq(child_run(try_to_write, NULL), 0);
    varsdb_close(other);
}
END_TEST

START_TEST(a_picture_that_is_open_is_what_is_copied)
{
    varsdb *other = registry_another(&r);
    variable(r.db, "a", 1, 10);
    ok(r.db, varsdb_begin_read(r.db));
    variable(other, "b", 2, 10);
    ok(r.db, varsdb_backup(r.db, copy, NULL));
    ok(r.db, varsdb_rollback(r.db));
    said_of(copy, "SELECT group_concat(name) FROM variables", "a");
    varsdb_close(other);
}
END_TEST

START_TEST(read_only_and_immutable_handles_can)
{
    variable(r.db, "v", 1, 2 * MIB);
    varsdb_close(r.db);
    for (unsigned flags = 0; flags < 2; flags++) {
        ck_assert_int_eq(varsdb_open(r.path,
                                     VARSDB_OPEN(.flags = VARSDB_READ_ONLY | (flags ? VARSDB_IMMUTABLE : 0)),
                                     &r.db),
                         VARSDB_OK);
        ok(r.db, varsdb_backup(r.db, copy, NULL));
        said_of(copy, "PRAGMA integrity_check; SELECT name FROM variables", "ok\nv");
        varsdb_close(r.db);
        check_names("copy.db run.db ");
        ck_assert_int_eq(unlink(copy), 0);
    }
    r.db = registry_another(&r);
}
END_TEST

/* ---- stopping, failing */

START_TEST(stopping_leaves_nothing)
{
    char before[512], after[512];
    variable(r.db, "v", 1, 12 * MIB);
    temp_names(&r.dir, before, sizeof before);
    int rc = VARSDB_CANCELLED;
    for (int n = 1; rc != VARSDB_OK; n++) {
        witness w = {.stop_at = n};
        rc = varsdb_backup(r.db, copy, VARSDB_UPKEEP(.progress = watch, .payload = &w));
        check_result(r.db, rc, w.steps == n ? VARSDB_CANCELLED : VARSDB_OK, "backup", __FILE__, __LINE__);
        temp_names(&r.dir, after, sizeof after);
        if (rc != VARSDB_OK)
            ck_assert_str_eq(before, after);
        else
            ck_assert_int_gt(n, 4);
        ok(r.db, varsdb_begin(r.db));
        ok(r.db, varsdb_rollback(r.db));
    }
    said_of(copy, "PRAGMA integrity_check", "ok");
}
END_TEST

/* A file may not grow beyond what the limit says: as good as a full disk. */
static int run_out_of_disk(void *payload)
{
    struct rlimit limit = {4 * MIB, 4 * MIB};
    varsdb *db;
    (void)payload;
    if (varsdb_open(r.path, VARSDB_OPEN(.flags = VARSDB_READ_ONLY), &db) != VARSDB_OK)
        return 1;
    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return 2;
    int rc = varsdb_backup(db, copy, NULL);
    if ((rc != VARSDB_IO && rc != VARSDB_FULL) || !strstr(varsdb_errmsg(db), "copy.db"))
        return 3;
    varsdb_close(db);
    return 0;
}

START_TEST(a_disk_that_fails_leaves_nothing_and_is_named)
{
    char before[512], after[512];
    variable(r.db, "v", 1, 12 * MIB);
    ok(r.db, varsdb_checkpoint(r.db));
    temp_names(&r.dir, before, sizeof before);
    ck_assert_int_eq(child_run(run_out_of_disk, NULL), 0);
    temp_names(&r.dir, after, sizeof after);
    ck_assert_str_eq(before, after);
}
END_TEST

START_TEST(what_is_there_is_never_replaced)
{
    char path[TEMP_PATH_BYTES + 16], said[65], again[65];
    static const char *const there[] = {"", "-wal", "-journal"};
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s%s", copy, there[i]);
        temp_write(path, "precious", 8);
        shell_sha256(path, said);
        expect(r.db, VARSDB_EXISTS, varsdb_backup(r.db, copy, NULL));
        says(r.db, path);
        shell_sha256(path, again);
        ck_assert_str_eq(said, again);
        ck_assert_int_eq(unlink(path), 0);
    }
    ck_assert_int_eq(symlink("nowhere", copy), 0);
    expect(r.db, VARSDB_EXISTS, varsdb_backup(r.db, copy, NULL));
    expect(r.db, VARSDB_EXISTS, varsdb_backup(r.db, r.path, NULL));
    expect(r.db, VARSDB_EXISTS, varsdb_backup(r.db, r.dir.path, NULL));
}
END_TEST

static int take_the_name(void *payload, const char *doing, uint64_t done, uint64_t total)
{
    (void)payload, (void)doing;
    if (done == total)
        temp_write(copy, "precious", 8);
    return 0;
}

START_TEST(a_name_that_is_taken_meanwhile_stays_taken)
{
    char before[65], after[65], names[512];
    temp_write(copy, "precious", 8);
    shell_sha256(copy, before);
    ck_assert_int_eq(unlink(copy), 0);
    expect(r.db, VARSDB_EXISTS, varsdb_backup(r.db, copy, VARSDB_UPKEEP(.progress = take_the_name)));
    shell_sha256(copy, after);
    ck_assert_str_eq(before, after);
    temp_names(&r.dir, names, sizeof names);
    ck_assert_ptr_null(strstr(names, ".new"));
}
END_TEST

START_TEST(wrong_calls_are_refused)
{
    char path[TEMP_PATH_BYTES];
    expect(r.db, VARSDB_MISUSE, varsdb_backup(r.db, NULL, NULL));
    expect(r.db, VARSDB_MISUSE, varsdb_backup(r.db, "", NULL));
    expect(r.db, VARSDB_MISUSE, varsdb_backup(r.db, copy, &(varsdb_upkeep_options){0}));
    expect(NULL, VARSDB_MISUSE, varsdb_backup(NULL, copy, NULL));
    expect(r.db, VARSDB_CANTOPEN, varsdb_backup(r.db, temp_file(&r.dir, "no/such", path), NULL));
    ok(r.db, varsdb_begin(r.db));
    expect(r.db, VARSDB_MISUSE, varsdb_backup(r.db, copy, NULL));
    ok(r.db, varsdb_rollback(r.db));
    ok(r.db, varsdb_backup(r.db, copy, NULL));
}
END_TEST

Suite *test_backup_suite(void)
{
    Suite *suite = suite_create("backup");
    TCase *t = tcase_create("backup");
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_test(t, the_copy_has_the_same_rows_and_is_a_registry_of_its_own);
    tcase_add_test(t, the_copy_is_as_the_file_system_wants_it);
    tcase_add_test(t, a_long_log_is_part_of_it);
    tcase_add_test(t, a_writer_between_any_two_steps_changes_neither_the_copy_nor_its_progress);
    tcase_add_test(t, locks_of_this_process_survive_it);
    tcase_add_test(t, a_picture_that_is_open_is_what_is_copied);
    tcase_add_test(t, read_only_and_immutable_handles_can);
    tcase_add_test(t, stopping_leaves_nothing);
    tcase_add_test(t, a_disk_that_fails_leaves_nothing_and_is_named);
    tcase_add_test(t, what_is_there_is_never_replaced);
    tcase_add_test(t, a_name_that_is_taken_meanwhile_stays_taken);
    tcase_add_test(t, wrong_calls_are_refused);
    suite_add_tcase(suite, t);
    return suite;
}
