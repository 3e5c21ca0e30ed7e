/* test_engine_sqlite_transaction.c - waiting, stale pictures, and files that move away. */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../support/child.h"
#include "../support/fault.h"
#include "../support/opened.h"
#include "../support/registry.h"
#include "../support/shell.h"
#include "../support/temp.h"
#include "engine_sqlite.h"
#include "internal.h"
#include "transaction.h"

Suite *test_engine_sqlite_transaction_suite(void);

static registry r;
static const varsdb_variable *w;
static char beside[TEMP_PATH_BYTES], said[1024];

static void setup(void)
{
    registry_open(&r);
    w = got(r.db, "w", VARSDB_WITH(.shape = VARSDB_SHAPE(2)));
    snprintf(beside, sizeof beside, "%s/beside.db", r.dir.path);
}

static void teardown(void)
{
    registry_close(&r);
}

static int64_t milliseconds_of(int (*call)(varsdb *), varsdb *db, int expected)
{
    int64_t start = vdb_now_ms();
    int rc = call(db);
    int64_t took = vdb_now_ms() - start;
    ck_assert_msg(rc == expected, "%s: %s", varsdb_errname(rc), varsdb_errmsg(db));
    return took;
}

/* ---- the deadline */

typedef struct holder {
    child_signal has, release;
    pid_t pid;
} holder;

static int hold(void *payload)
{
    holder *h = payload;
    varsdb *db;
    int rc = varsdb_open(r.path, NULL, &db);
    if (rc == VARSDB_OK)
        rc = varsdb_begin(db);
    child_signal_send(&h->has);
    child_signal_await(&h->release);
    varsdb_close(db);
    return rc;
}

static void start_holder(holder *h)
{
    child_signal_make(&h->has);
    child_signal_make(&h->release);
    h->pid = child_start(hold, h);
    child_signal_await(&h->has);
}

static void end_holder(holder *h)
{
    child_signal_send(&h->release);
    ck_assert_int_eq(child_wait(h->pid), VARSDB_OK);
    child_signal_close(&h->has);
    child_signal_close(&h->release);
}

START_TEST(a_write_waits_until_the_deadline_and_then_says_for_what)
{
    holder h;
    start_holder(&h);
    ok(r.db, varsdb_set_timeout(r.db, 200));
    int64_t took = milliseconds_of(varsdb_begin, r.db, VARSDB_BUSY);
    ck_assert_int_ge(took, 200);
    ck_assert_int_lt(took, 5000);
    says(r.db, r.path);
    says(r.db, "waited 0.2 s");
    says(r.db, "raise the timeout");
    ck_assert_int_eq(varsdb_in_transaction(r.db), 0);
    ok(r.db, varsdb_find_variable(r.db, "w", &w));
    end_holder(&h);
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, varsdb_rollback(r.db));
}
END_TEST

START_TEST(a_timeout_of_minus_one_does_not_wait)
{
    holder h;
    start_holder(&h);
    ok(r.db, varsdb_set_timeout(r.db, -1));
    ck_assert_int_lt(milliseconds_of(varsdb_begin, r.db, VARSDB_BUSY), 150);
    says(r.db, "waited 0.0 s");
    end_holder(&h);
}
END_TEST

START_TEST(the_longest_timeout_is_no_overflow)
{
    ok(r.db, varsdb_set_timeout(r.db, INT64_MAX));
    ok(r.db, varsdb_begin(r.db));
    ck_assert_int_gt(vdb_sqlite_of(r.db->engine)->deadline, vdb_now_ms());
    ok(r.db, varsdb_rollback(r.db));
}
END_TEST

/* ---- stale pictures */

START_TEST(a_first_write_after_anothers_commit_is_retry)
{
    varsdb *other = registry_another(&r);
    ok(r.db, varsdb_begin_read(r.db));
    ok(other, varsdb_assign_json(other, got(other, "w", NULL), "[1,2]"));
    int64_t start = vdb_now_ms();
    expect(r.db, VARSDB_RETRY, varsdb_assign_json(r.db, w, "[3,4]"));
    ck_assert_int_lt(vdb_now_ms() - start, 1000);
    says(r.db, "roll back");
    says(r.db, "before another one wrote");
    ck_assert_int_eq(version_of(r.db, w), 1);
    ok(r.db, varsdb_rollback(r.db));
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, varsdb_assign_json(r.db, w, "[3,4]"));
    ok(r.db, varsdb_commit(r.db));
    ck_assert_int_eq(version_of(r.db, w), 3);
    varsdb_close(other);
}
END_TEST

START_TEST(a_first_write_while_another_writes_is_retry_at_once)
{
    varsdb *other = registry_another(&r);
    ok(r.db, varsdb_begin_read(r.db));
    ok(other, varsdb_begin(other));
    int64_t start = vdb_now_ms();
    expect(r.db, VARSDB_RETRY, varsdb_assign_json(r.db, w, "[3,4]"));
    ck_assert_int_lt(vdb_now_ms() - start, 1000);
    says(r.db, "roll");
    ok(other, varsdb_rollback(other));
    ok(r.db, varsdb_rollback(r.db));
    varsdb_close(other);
}
END_TEST

START_TEST(a_reading_transaction_becomes_a_writing_one_when_nobody_wrote)
{
    ok(r.db, varsdb_begin_read(r.db));
    ck_assert_int_eq(r.db->engine->methods->state(r.db->engine), VDB_TRANSACTION_READ);
    ok(r.db, varsdb_assign_json(r.db, w, "[3,4]"));
    ck_assert_int_eq(r.db->engine->methods->state(r.db->engine), VDB_TRANSACTION_WRITE);
    ok(r.db, varsdb_commit(r.db));
    ck_assert_int_eq(r.db->engine->methods->state(r.db->engine), VDB_TRANSACTION_NONE);
    ck_assert_int_eq(version_of(r.db, w), 2);
}
END_TEST

START_TEST(the_data_version_moves_with_others_commits_only)
{
    int64_t first, second;
    vdb_engine *engine = r.db->engine;
    varsdb *other = registry_another(&r);
    ck_assert_int_eq(engine->methods->data_version(engine, &first), VARSDB_OK);
    ok(r.db, varsdb_assign_json(r.db, w, "[1,1]"));
    ck_assert_int_eq(engine->methods->data_version(engine, &second), VARSDB_OK);
    ck_assert_int_eq(first, second);
    ok(other, varsdb_assign_json(other, got(other, "w", NULL), "[2,2]"));
    ck_assert_int_eq(engine->methods->data_version(engine, &second), VARSDB_OK);
    ck_assert_int_ne(first, second);
    varsdb_close(other);
}
END_TEST

/* ---- the file moves away */

static int no_row(void *payload, size_t columns, const char *const *names, const varsdb_value *v)
{
    (void)payload, (void)columns, (void)names, (void)v;
    return 0;
}

static void writes_are_moved(void)
{
    const varsdb_variable *v;
    expect(r.db, VARSDB_MOVED,
           varsdb_get_variable(r.db, "late", VARSDB_WITH(.shape = VARSDB_SHAPE(1)), NULL, &v));
    says(r.db, r.path);
    says(r.db, "open it again");
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, varsdb_assign_json(r.db, w, "[1,2]"));
    expect(r.db, VARSDB_MOVED, varsdb_commit(r.db));
    ck_assert_int_eq(varsdb_in_transaction(r.db), 0);
    expect(r.db, VARSDB_MOVED, varsdb_query(r.db, "SELECT 1", no_row, NULL));
}

static void check_names(const char *path, const char *expected)
{
    ck_assert_msg(shell_sqlite(path, "PRAGMA integrity_check; SELECT name FROM variables ORDER BY id", said,
                               sizeof said) == 0,
                  "%s", said);
    ck_assert_str_eq(said, expected);
}

/* What was committed went along; without the log it would not be in the file. */
START_TEST(after_a_rename_commits_are_moved_and_what_was_committed_went_along)
{
    ck_assert_int_eq(rename(r.path, beside), 0);
    writes_are_moved();
    check_names(beside, "ok\nw");
    varsdb_close(r.db);
    r.db = NULL;
    check_names(beside, "ok\nw");
    ck_assert_int_eq(rename(beside, r.path), 0);
    r.db = opened(r.path, NULL);
    ck_assert_int_eq(version_of(r.db, got(r.db, "w", NULL)), 1);
    got(r.db, "more", VARSDB_WITH(.shape = VARSDB_SHAPE(1)));
}
END_TEST

START_TEST(after_a_rename_closing_alone_brings_the_log_along)
{
    ck_assert_int_eq(rename(r.path, beside), 0);
    varsdb_close(r.db);
    r.db = NULL;
    check_names(beside, "ok\nw");
}
END_TEST

START_TEST(after_a_removal_commits_are_moved_and_a_new_registry_is_empty)
{
    char uuid[37];
    snprintf(uuid, sizeof uuid, "%s", varsdb_uuid(r.db));
    ck_assert_int_eq(unlink(r.path), 0);
    writes_are_moved();
    varsdb_close(r.db);
    r.db = opened(r.path, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE));
    ck_assert_str_ne(varsdb_uuid(r.db), uuid);
    check_names(r.path, "ok");
}
END_TEST

START_TEST(after_a_replacement_nothing_gets_into_the_other_file)
{
    varsdb *other;
    char uuid[37], sum[65], sum_after[65];
    other = opened(beside, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE));
    got(other, "theirs", VARSDB_WITH(.shape = VARSDB_SHAPE(1)));
    snprintf(uuid, sizeof uuid, "%s", varsdb_uuid(other));
    varsdb_close(other);
    shell_sha256(beside, sum);
    ck_assert_int_eq(rename(beside, r.path), 0);
    writes_are_moved();
    varsdb_close(r.db);
    shell_sha256(r.path, sum_after);
    ck_assert_str_eq(sum, sum_after);
    r.db = opened(r.path, NULL);
    ck_assert_str_eq(varsdb_uuid(r.db), uuid);
    got(r.db, "after", VARSDB_WITH(.shape = VARSDB_SHAPE(1)));
    check_names(r.path, "ok\ntheirs\nafter");
}
END_TEST

START_TEST(a_change_of_directory_moves_nothing)
{
    varsdb *db;
    ck_assert_int_eq(chdir(r.dir.path), 0);
    db = opened("run.db", NULL);
    ck_assert_int_eq(chdir("/"), 0);
    got(db, "more", VARSDB_WITH(.shape = VARSDB_SHAPE(1)));
    ck_assert_int_eq(vdb_checkpoint_run(vdb_sqlite_of(db->engine), true), VARSDB_OK);
    ok(db, varsdb_query(db, "SELECT * FROM variables", no_row, NULL));
    ck_assert_int_eq(access("/run.db-turnstile", F_OK), -1);
    ck_assert_int_eq(access("/run.db", F_OK), -1);
    varsdb_close(db);
}
END_TEST

/* ---- identity */

START_TEST(an_id_that_is_used_again_is_another_variable)
{
    const varsdb_variable *again;
    int created = 0;
    varsdb *other = registry_another(&r);
    const varsdb_variable *theirs = got(other, "w", NULL);
    int64_t id = varsdb_variable_id(w);
    ok(r.db, varsdb_delete_variable(r.db, w));
    ok(r.db, varsdb_get_variable(r.db, "new", VARSDB_WITH(.shape = VARSDB_SHAPE(2)), &created, &again));
    ck_assert_int_eq(created, 1);
    ck_assert_int_eq(varsdb_variable_id(again), id);
    ck_assert_ptr_ne(again, w);
    expect(r.db, VARSDB_GONE, varsdb_assign_json(r.db, w, "[1,2]"));
    expect(other, VARSDB_GONE, varsdb_assign_json(other, theirs, "[1,2]"));
    ck_assert_int_eq(version_of(r.db, again), 1);
    varsdb_close(other);
}
END_TEST

/* ---- what lasts */

/* How many syncs it takes to commit, after a write or none, in such a transaction. */
static long syncs_of(varsdb *db, vdb_begin_mode mode, bool writes)
{
    vdb_engine *engine = db->engine;
    ok(db, engine->methods->begin(engine, mode));
    if (mode == VDB_BEGIN_READ && writes)
        ok(db, engine->methods->upgrade(engine));
    if (writes)
        ok(db, vdb_transaction_bump_names(db));
    long before = fault_counted(FAULT_SYNC);
    ok(db, engine->methods->commit(engine));
    return fault_counted(FAULT_SYNC) - before;
}

/* Whatever went before: a part of a save is not synced, all else is; a read may become a write. */
START_TEST(all_but_parts_of_saves_is_synced_once)
{
    static const struct {
        vdb_begin_mode mode;
        long syncs;
    } steps[] = {{VDB_BEGIN_WRITE, 1}, {VDB_BEGIN_BULK, 0}, {VDB_BEGIN_BULK, 0}, {VDB_BEGIN_WRITE, 1},
                 {VDB_BEGIN_READ, 1},  {VDB_BEGIN_BULK, 0}, {VDB_BEGIN_READ, 1}, {VDB_BEGIN_BULK, 0},
                 {VDB_BEGIN_WRITE, 1}, {VDB_BEGIN_WRITE, 1}};
    fault_install_files();
    varsdb *db = opened(r.path, NULL);
    syncs_of(db, VDB_BEGIN_WRITE, true); /* begins the log: its header is synced, too */
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        ck_assert_int_eq(syncs_of(db, steps[i].mode, true), steps[i].syncs);
    ck_assert_int_eq(syncs_of(db, VDB_BEGIN_READ, false), 0);
    ck_assert_int_eq(syncs_of(db, VDB_BEGIN_WRITE, false), 0);
    varsdb_close(db);
}
END_TEST

/* The sync of the log, once by what stands in front of it. */
static struct {
    sqlite3_io_methods methods;
    const sqlite3_io_methods *usual;
    varsdb *other;
    int code, times;
} syncing;

static int sync_otherwise(sqlite3_file *file, int flags)
{
    file->pMethods = syncing.usual;
    syncing.times++;
    if (syncing.other)
        ok(syncing.other, varsdb_assign_json(syncing.other, got(syncing.other, "w", NULL), "[7,8]"));
    return syncing.code ? syncing.code : file->pMethods->xSync(file, flags);
}

static void stand_before_the_next_sync(varsdb *db, varsdb *other, int code)
{
    sqlite3_file *log = NULL;
    ck_assert_int_eq(
        sqlite3_file_control(vdb_sqlite_of(db->engine)->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log),
        SQLITE_OK);
    syncing.usual = log->pMethods;
    syncing.methods = *log->pMethods;
    syncing.methods.xSync = sync_otherwise;
    syncing.other = other;
    syncing.code = code;
    log->pMethods = &syncing.methods;
}

START_TEST(others_commit_while_a_commit_is_synced)
{
    varsdb *other = registry_another(&r);
    ok(other, varsdb_set_timeout(other, -1)); /* it does not wait */
    stand_before_the_next_sync(r.db, other, SQLITE_OK);
    ok(r.db, varsdb_assign_json(r.db, w, "[1,2]"));
    ck_assert_int_eq(syncing.times, 1);
    ck_assert_int_eq(version_of(r.db, w), 3);
    varsdb_close(other);
}
END_TEST

/* Whoever was told so must not be told otherwise by the same handle. */
START_TEST(a_commit_whose_sync_fails_is_unknown_and_there)
{
    const varsdb_variable *made, *deleted = got(r.db, "deleted", VARSDB_WITH(.shape = VARSDB_SHAPE(2)));
    varsdb *other = registry_another(&r);
    ok(r.db, varsdb_begin(r.db));
    made = got(r.db, "made", VARSDB_WITH(.shape = VARSDB_SHAPE(2)));
    ok(r.db, varsdb_delete_variable(r.db, deleted));
    ok(r.db, varsdb_assign_json(r.db, w, "[1,2]"));
    stand_before_the_next_sync(r.db, NULL, SQLITE_IOERR_FSYNC);
    expect(r.db, VARSDB_COMMIT_UNKNOWN, varsdb_commit(r.db));
    says(r.db, "a loss of power may undo it");
    ck_assert(!varsdb_in_transaction(r.db));

    ck_assert_int_eq(version_of(r.db, w), 2);
    ck_assert_int_eq(version_of(r.db, made), 1);
    ck_assert_ptr_eq(got(r.db, "made", NULL), made);
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_variable(r.db, "deleted", &deleted));
    ck_assert_int_eq(version_of(other, got(other, "w", NULL)), 2);
    expect(r.db, VARSDB_IO, varsdb_assign_json(r.db, w, "[3,4]"));
    says(r.db, "a sync failed before");
    ok(other, varsdb_assign_json(other, got(other, "w", NULL), "[3,4]"));
    varsdb_close(other);
}
END_TEST

/* SQLite alone begins a commit in a new sector, and where that fails nobody has seen it. */
START_TEST(where_sectors_break_sqlite_syncs)
{
    fault_install_files();
    fault_break_sectors();
    varsdb *db = opened(r.path, NULL);
    syncs_of(db, VDB_BEGIN_WRITE, true);
    ck_assert_int_eq(syncs_of(db, VDB_BEGIN_WRITE, true), 1);
    ck_assert_int_eq(syncs_of(db, VDB_BEGIN_BULK, true), 1);
    fault_arm(FAULT_SYNC, 0);
    expect(db, VARSDB_IO, varsdb_assign_json(db, got(db, "w", NULL), "[1,2]"));
    ck_assert(fault_happened());
    fault_disarm();
    ck_assert_int_eq(version_of(db, got(db, "w", NULL)), 1);
    varsdb_close(db);
}
END_TEST

START_TEST(an_unpublished_file_is_never_synced_and_a_published_one_is)
{
    fault_install_files();
    varsdb *db = opened(beside, VARSDB_OPEN(.flags = VARSDB_BUILD));
    long before = fault_counted(FAULT_SYNC);
    for (int mode = VDB_BEGIN_READ; mode <= VDB_BEGIN_BULK; mode++)
        ck_assert_int_eq(syncs_of(db, (vdb_begin_mode)mode, mode != VDB_BEGIN_READ), 0);
    ck_assert_int_eq(fault_counted(FAULT_SYNC), before);
    ok(db, varsdb_publish(db));
    ck_assert_int_ge(syncs_of(db, VDB_BEGIN_WRITE, true), 1);
    varsdb_close(db);
}
END_TEST

Suite *test_engine_sqlite_transaction_suite(void)
{
    Suite *suite = suite_create("engine_sqlite_transaction");
    TCase *tc = tcase_create("transaction");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, a_write_waits_until_the_deadline_and_then_says_for_what);
    tcase_add_test(tc, a_timeout_of_minus_one_does_not_wait);
    tcase_add_test(tc, the_longest_timeout_is_no_overflow);
    tcase_add_test(tc, a_first_write_after_anothers_commit_is_retry);
    tcase_add_test(tc, a_first_write_while_another_writes_is_retry_at_once);
    tcase_add_test(tc, a_reading_transaction_becomes_a_writing_one_when_nobody_wrote);
    tcase_add_test(tc, the_data_version_moves_with_others_commits_only);
    tcase_add_test(tc, after_a_rename_commits_are_moved_and_what_was_committed_went_along);
    tcase_add_test(tc, after_a_rename_closing_alone_brings_the_log_along);
    tcase_add_test(tc, after_a_removal_commits_are_moved_and_a_new_registry_is_empty);
    tcase_add_test(tc, after_a_replacement_nothing_gets_into_the_other_file);
    tcase_add_test(tc, a_change_of_directory_moves_nothing);
    tcase_add_test(tc, an_id_that_is_used_again_is_another_variable);
    tcase_add_test(tc, all_but_parts_of_saves_is_synced_once);
    tcase_add_test(tc, where_sectors_break_sqlite_syncs);
    tcase_add_test(tc, others_commit_while_a_commit_is_synced);
    tcase_add_test(tc, a_commit_whose_sync_fails_is_unknown_and_there);
    tcase_add_test(tc, an_unpublished_file_is_never_synced_and_a_published_one_is);
    suite_add_tcase(suite, tc);
    return suite;
}
