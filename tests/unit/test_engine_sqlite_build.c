/* test_engine_sqlite_build.c - a registry that is built unseen, and then is there, whole. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/audit.h"
#include "../support/child.h"
#include "../support/fault.h"
#include "../support/memory.h"
#include "../support/opened.h"
#include "../support/registry.h"

Suite *test_engine_sqlite_build_suite(void);

#define LARGE ((9 << 20) + 5)

static registry r;

static void setup(void)
{
    temp_make(&r.dir);
    temp_file(&r.dir, "run.db", r.path);
    r.db = opened(r.path, VARSDB_OPEN(.flags = VARSDB_BUILD));
}

static void teardown(void)
{
    registry_close(&r);
}

static const char *names(void)
{
    static char out[2048];
    temp_names(&r.dir, out, sizeof out);
    return out;
}

/* The one file that is there, of a name that nobody looks for. */
static void is_hidden(void)
{
    const char *all = names();
    ck_assert_msg(strncmp(all, ".run.db.", 8) == 0 && strchr(all, ' ') == all + strlen(all) - 1, "%s", all);
}

static const varsdb_variable *made(varsdb *db, const char *name, int64_t bytes, const char *initializer)
{
    return got(db, name,
               VARSDB_WITH(.shape = VARSDB_SHAPE(bytes), .dtype = VARSDB_UINT8, .initializer = initializer));
}

static void all_are(varsdb *db, const varsdb_variable *v, size_t bytes, int value)
{
    unsigned char *back = malloc(bytes);
    ok(db, varsdb_read(db, v, back, bytes));
    for (size_t i = 0; i < bytes; i++)
        if (back[i] != value)
            ck_abort_msg("byte %zu is %d, not %d", i, back[i], value);
    free(back);
}

/* ---- published */

START_TEST(nothing_is_there_before_and_all_of_it_after)
{
    unsigned char header[100];
    struct stat at;
    made(r.db, "a/small", 4, "constant(1)");
    const varsdb_variable *large = made(r.db, "large", LARGE, "constant(2)");
    is_hidden();
    ck_assert_int_ne(stat(r.path, &at), 0);
    ok(r.db, varsdb_publish(r.db));
    ck_assert_str_eq(registry_sql(&r, "PRAGMA integrity_check"), "ok");
    ck_assert_str_eq(registry_sql(&r, "SELECT group_concat(name) FROM variables"), "a/small,large");
    ck_assert_int_eq(registry_number(&r, "PRAGMA page_size"), 16384);
    audit(&r);
    all_are(r.db, large, LARGE, 2);
    made(r.db, "later", 4, "zeros");
    varsdb_close(r.db);
    r.db = NULL;
    ck_assert_str_eq(names(), "run.db ");
    FILE *f = fopen(r.path, "rb");
    ck_assert_uint_eq(fread(header, 1, sizeof header, f), sizeof header);
    fclose(f);
    ck_assert_int_eq(header[18], 2);
    ck_assert_int_eq(header[19], 2);
    r.db = registry_another(&r);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM variables"), 3);
}
END_TEST

START_TEST(a_published_handle_is_like_any_other)
{
    const varsdb_variable *v = made(r.db, "v", 4, "constant(1)"), *again = NULL;
    char uuid[40];
    snprintf(uuid, sizeof uuid, "%s", varsdb_uuid(r.db));
    ok(r.db, varsdb_enter_scope(r.db, "inner", NULL, NULL));
    ok(r.db, varsdb_publish(r.db));
    ck_assert_str_eq(varsdb_current_scope(r.db), "inner");
    ck_assert_str_eq(varsdb_uuid(r.db), uuid);
    ok(r.db, varsdb_find_variable(r.db, "v", &again));
    ck_assert_ptr_eq(again, v);
    ok(r.db, varsdb_assign(r.db, v, "abcd", 4));
    ck_assert_int_eq(version_of(r.db, v), 2);
    varsdb *other = registry_another(&r);
    ok(other, varsdb_find_variable(other, "v", &again));
    ok(other, varsdb_delete_variable(other, again));
    varsdb_close(other);
    expect(r.db, VARSDB_GONE, varsdb_assign(r.db, v, "abcd", 4));
    expect(r.db, VARSDB_MISUSE, varsdb_publish(r.db));
}
END_TEST

START_TEST(transactions_are_committed_and_rolled_back_while_building)
{
    const varsdb_variable *v = made(r.db, "v", LARGE, "constant(1)");
    const varsdb_variable *w = made(r.db, "w", 4, "constant(3)");
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, varsdb_initialize(r.db, v, "constant(2)"));
    made(r.db, "x", 40 << 20, "constant(5)"); /* more than the cache holds */
    ok(r.db, varsdb_delete_variable(r.db, w));
    ok(r.db, varsdb_rollback(r.db));
    all_are(r.db, v, LARGE, 1);
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, varsdb_initialize(r.db, v, "constant(4)"));
    ok(r.db, varsdb_commit(r.db));
    ok(r.db, varsdb_publish(r.db));
    all_are(r.db, v, LARGE, 4);
    ck_assert_str_eq(registry_sql(&r, "SELECT group_concat(name) FROM variables"), "v,w");
    ck_assert_str_eq(registry_sql(&r, "PRAGMA integrity_check"), "ok");
    audit(&r);
}
END_TEST

static int no_row(void *payload, size_t columns, const char *const *column_names, const varsdb_value *values)
{
    (void)payload, (void)columns, (void)column_names, (void)values;
    return 0;
}

START_TEST(a_query_has_to_wait_for_the_publishing)
{
    expect(r.db, VARSDB_UNSUPPORTED, varsdb_query(r.db, "SELECT 1", no_row, NULL));
    says(r.db, "being built");
    ok(r.db, varsdb_publish(r.db));
    ok(r.db, varsdb_query(r.db, "SELECT 1", no_row, NULL));
}
END_TEST

/* ---- not published */

START_TEST(a_close_leaves_nothing)
{
    varsdb_writer *w = NULL;
    const varsdb_variable *v = made(r.db, "v", LARGE, "zeros");
    if (_i == 1)
        ok(r.db, varsdb_begin(r.db));
    if (_i == 2) {
        ok(r.db, varsdb_open_writer(r.db, v, &w));
        ok(r.db, varsdb_append(w, "abc", 3));
    }
    varsdb_close(r.db);
    varsdb_close_writer(w);
    r.db = NULL;
    ck_assert_str_eq(names(), "");
}
END_TEST

START_TEST(what_somebody_else_made_meanwhile_stays)
{
    const varsdb_variable *v = made(r.db, "mine", 4, "constant(1)");
    varsdb *other = opened(r.path, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE));
    made(other, "theirs", 4, "zeros");
    for (int i = 0; i < 2; i++) {
        expect(r.db, VARSDB_EXISTS, varsdb_publish(r.db));
        ok(r.db, varsdb_initialize(r.db, v, "constant(2)"));
        made(r.db, "large", LARGE, "zeros");
        ok(r.db, varsdb_begin(r.db));
        ok(r.db, varsdb_initialize(r.db, v, "constant(3)"));
        ok(r.db, varsdb_rollback(r.db));
        all_are(r.db, v, 4, 2);
    }
    ck_assert_str_eq(registry_sql(&r, "SELECT group_concat(name) FROM variables"), "theirs");
    varsdb_close(other);
    if (_i == 0) {
        ck_assert_int_eq(unlink(r.path), 0);
        ok(r.db, varsdb_publish(r.db));
        ck_assert_str_eq(registry_sql(&r, "SELECT group_concat(name) FROM variables"), "mine,large");
        audit(&r);
    }
    varsdb_close(r.db);
    r.db = NULL;
    ck_assert_str_eq(names(), "run.db ");
}
END_TEST

static void fails_to_build(const char *path, unsigned flags, int code)
{
    varsdb *db;
    int rc = varsdb_open(path, VARSDB_OPEN(.flags = VARSDB_BUILD | flags), &db);
    expect(db, code, rc);
    varsdb_close(db);
}

START_TEST(a_path_that_is_taken_or_impossible_is_not_built_at)
{
    char path[TEMP_PATH_BYTES];
    ok(r.db, varsdb_publish(r.db));
    fails_to_build(r.path, 0, VARSDB_EXISTS);
    fails_to_build(r.dir.path, 0, VARSDB_CANTOPEN);
    fails_to_build(temp_file(&r.dir, "no/run.db", path), 0, VARSDB_CANTOPEN);
    fails_to_build(temp_file(&r.dir, "new.db", path), VARSDB_READ_ONLY, VARSDB_INVALID);
    varsdb_close(r.db);
    r.db = NULL;
    ck_assert_str_eq(names(), "run.db ");
}
END_TEST

static int publish(void *payload, const varsdb_variable_info *info)
{
    (void)info;
    expect(payload, VARSDB_MISUSE, varsdb_publish(payload));
    return 0;
}

START_TEST(what_is_open_must_be_ended_first)
{
    varsdb_writer *w;
    const varsdb_variable *v = made(r.db, "v", 4, "zeros");
    ok(r.db, varsdb_begin(r.db));
    expect(r.db, VARSDB_MISUSE, varsdb_publish(r.db));
    ok(r.db, varsdb_rollback(r.db));
    ok(r.db, varsdb_open_writer(r.db, v, &w));
    expect(r.db, VARSDB_MISUSE, varsdb_publish(r.db));
    varsdb_close_writer(w);
    ok(r.db, varsdb_list_variables(r.db, NULL, publish, r.db));
    ok(r.db, varsdb_publish(r.db));
    ck_assert_int_eq(varsdb_publish(NULL), VARSDB_MISUSE);
}
END_TEST

/* ---- failures */

static int build_without_permission(void *payload)
{
    char own[TEMP_PATH_BYTES], path[TEMP_PATH_BYTES + 8];
    const varsdb_variable *v = NULL;
    varsdb *db;
    (void)payload;
    child_give_up_privileges();
    snprintf(path, sizeof path, "%s/run.db", temp_file(&r.dir, "own", own));
    if (mkdir(own, 0777) != 0)
        return 1;
    if (varsdb_open(path, VARSDB_OPEN(.flags = VARSDB_BUILD), &db) != VARSDB_OK || chmod(own, 0555) != 0)
        return 2;
    if (varsdb_publish(db) != VARSDB_CANTOPEN || varsdb_errcode(db) != VARSDB_CANTOPEN)
        return 3;
    if (varsdb_get_variable(db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(3)), NULL, &v) != VARSDB_OK)
        return 4;
    if (chmod(own, 0777) != 0 || varsdb_publish(db) != VARSDB_OK)
        return 5;
    varsdb_close(db);
    return access(path, R_OK) == 0 ? 0 : 6;
}

START_TEST(what_cannot_be_published_can_be_later)
{
    /* as somebody who may forbid himself to write there */
    ck_assert_int_eq(chmod(r.dir.path, 0777), 0);
    ck_assert_int_eq(child_run(build_without_permission, NULL), 0);
}
END_TEST

START_TEST(without_descriptors_the_handle_is_dead_and_can_be_closed)
{
    struct rlimit old, none = {3, 0};
    made(r.db, "v", LARGE, "zeros");
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &old), 0);
    none.rlim_max = old.rlim_max;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    int rc = varsdb_publish(r.db);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
    ck_assert_int_ne(rc, VARSDB_OK);
    ck_assert_int_eq(rc, varsdb_errcode(r.db));
    ck_assert_int_eq(varsdb_begin(r.db), VARSDB_MISUSE);
    varsdb_close(r.db);
    r.db = NULL;
    ck_assert_str_eq(names(), "");
}
END_TEST

START_TEST(a_file_that_was_taken_away_is_not_published)
{
    char path[TEMP_PATH_BYTES], name[2048];
    snprintf(name, sizeof name, "%s", names());
    name[strlen(name) - 1] = '\0';
    ck_assert_int_eq(unlink(temp_file(&r.dir, name, path)), 0);
    ck_assert_int_ne(varsdb_publish(r.db), VARSDB_OK);
    varsdb_close(r.db);
    r.db = NULL;
    struct stat at;
    ck_assert_int_ne(stat(r.path, &at), 0);
}
END_TEST

/* One build of its own; whether the call was reached.  A close that fails does not matter: all is synced. */
static bool publish_with_a_fault(int moment, int *failures)
{
    char path[TEMP_PATH_BYTES], name[32];
    struct stat at;
    snprintf(name, sizeof name, "%d.db", moment);
    varsdb *db = opened(temp_file(&r.dir, name, path), VARSDB_OPEN(.flags = VARSDB_BUILD));
    const varsdb_variable *v = made(db, "v", 4, "constant(1)");
    fault_arm(FAULT_CALL, moment);
    int rc = varsdb_publish(db);
    bool happened = fault_happened();
    fault_disarm();
    if (rc != VARSDB_OK) {
        ck_assert(happened);
        int named =
            fault_errno() == EACCES ? VARSDB_CANTOPEN : VARSDB_IO; /* by the link: it cannot be named */
        check_result(db, rc, fault_errno() == ENFILE ? rc : named, "publishing", __FILE__, __LINE__);
        ck_assert_int_ne(stat(path, &at), 0);
        all_are(db, v, 4, 1);
        ++*failures;
        if (fault_errno() == EIO || fault_errno() == EREMOTEIO) { /* nobody knows what the disk has */
            expect(db, VARSDB_IO, varsdb_publish(db));
            says(db, "a sync failed before");
            varsdb_close(db);
            ck_assert_int_ne(stat(path, &at), 0);
            return happened;
        }
        ok(db, varsdb_publish(db));
    }
    ck_assert_int_eq(stat(path, &at), 0);
    all_are(db, v, 4, 1);
    varsdb_close(db);
    return happened;
}

/* The file is synced before it has its name, and the folder when it has. */
START_TEST(any_call_may_fail_while_publishing)
{
    int failures = 0, of_files = 0, of_folders = 0, before = 0;
    for (int moment = 0; publish_with_a_fault(moment, &failures); moment++) {
        of_files += failures > before && fault_errno() == EIO;
        of_folders += failures > before && fault_errno() == EREMOTEIO;
        before = failures;
    }
    ck_assert_int_eq(of_files, 1);
    ck_assert_int_eq(of_folders, 1);
    ck_assert_int_ge(failures, 4);
}
END_TEST

static int use_in_child(void *payload)
{
    (void)payload;
    if (varsdb_publish(r.db) != VARSDB_MISUSE || varsdb_begin(r.db) != VARSDB_MISUSE)
        return 1;
    varsdb_close(r.db);
    return 0;
}

START_TEST(a_child_of_fork_leaves_the_file_to_its_parent)
{
    made(r.db, "v", LARGE, "constant(1)");
    ck_assert_int_eq(child_run(use_in_child, NULL), 0);
    is_hidden();
    made(r.db, "w", LARGE, "constant(2)");
    ok(r.db, varsdb_publish(r.db));
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM variables"), 2);
    audit(&r);
}
END_TEST

/* ---- memory */

#define HUGE ((int64_t)FEWER(200, 20) << 20)

START_TEST(memory_does_not_grow_with_what_is_built)
{
    int64_t before = memory_peak();
    made(r.db, "a", HUGE, "random_uniform(0,100)");
    ok(r.db, varsdb_begin(r.db));
    made(r.db, "b", HUGE, "random_uniform(100,200)");
    ok(r.db, varsdb_commit(r.db));
    ok(r.db, varsdb_publish(r.db));
    ck_assert_int_lt(memory_peak() - before, (int64_t)64 << 20);
    ck_assert_int_eq(registry_number(&r, "SELECT sum(bytes) FROM variables"), 2 * HUGE);
}
END_TEST

/* Syncing again could succeed while what was to be synced is lost. */
START_TEST(after_a_failed_sync_nothing_is_published)
{
    int syncs = 0;
    bool happened = true;
    registry_close(&r);
    fault_install();
    for (int call = 0; happened; call++) {
        registry_open_with(&r, VARSDB_OPEN(.flags = VARSDB_BUILD));
        fault_arm(FAULT_CALL, call);
        int rc = varsdb_publish(r.db);
        happened = fault_happened();
        fault_disarm();
        if (rc == VARSDB_IO) {
            syncs++;
            says(r.db, "cannot sync");
            expect(r.db, VARSDB_IO, varsdb_publish(r.db));
            says(r.db, "a sync failed before");
            ck_assert_int_ne(access(r.path, F_OK), 0);
        } else if (rc != VARSDB_OK) {
            ok(r.db, varsdb_publish(r.db));
        }
        registry_close(&r);
    }
    ck_assert_int_eq(syncs, 2); /* the file's and its directory's */
    registry_open(&r);
}
END_TEST

Suite *test_engine_sqlite_build_suite(void)
{
    Suite *suite = suite_create("engine_sqlite_build");
    TCase *tests = tcase_create("building");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, nothing_is_there_before_and_all_of_it_after);
    tcase_add_test(tests, a_published_handle_is_like_any_other);
    tcase_add_test(tests, after_a_failed_sync_nothing_is_published);
    tcase_add_test(tests, transactions_are_committed_and_rolled_back_while_building);
    tcase_add_test(tests, a_query_has_to_wait_for_the_publishing);
    tcase_add_loop_test(tests, a_close_leaves_nothing, 0, 3);
    tcase_add_loop_test(tests, what_somebody_else_made_meanwhile_stays, 0, 2);
    tcase_add_test(tests, a_path_that_is_taken_or_impossible_is_not_built_at);
    tcase_add_test(tests, what_is_open_must_be_ended_first);
    tcase_add_test(tests, what_cannot_be_published_can_be_later);
    tcase_add_test(tests, without_descriptors_the_handle_is_dead_and_can_be_closed);
    tcase_add_test(tests, a_file_that_was_taken_away_is_not_published);
    tcase_add_test(tests, any_call_may_fail_while_publishing);
    tcase_add_test(tests, a_child_of_fork_leaves_the_file_to_its_parent);
    tcase_add_test(tests, memory_does_not_grow_with_what_is_built);
    suite_add_tcase(suite, tests);
    return suite;
}
