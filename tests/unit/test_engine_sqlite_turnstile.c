/* test_engine_sqlite_turnstile.c - nobody starves beside a tight loop of commits. */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/child.h"
#include "../support/registry.h"
#include "engine_sqlite.h"
#include "internal.h"

Suite *test_engine_sqlite_turnstile_suite(void);

static registry r;
static const varsdb_variable *w;
static char side[256];

static void setup(void)
{
    registry_open(&r);
    w = got(r.db, "w", VARSDB_WITH(.shape = VARSDB_SHAPE(1)));
    snprintf(side, sizeof side, "%.200s-turnstile", r.path);
}

static void teardown(void)
{
    rmdir(side);
    registry_close(&r);
}

/* ---- two processes */

static int commit_for_a_second(void *started)
{
    varsdb *db;
    const varsdb_variable *own;
    int rc = varsdb_open(r.path, NULL, &db);
    if (rc == VARSDB_OK)
        rc = varsdb_get_variable(db, "loop", VARSDB_WITH(.shape = VARSDB_SHAPE(1)), NULL, &own);
    child_signal_send(started);
    for (int64_t end = vdb_now_ms() + 1000; rc == VARSDB_OK && vdb_now_ms() < end;)
        rc = varsdb_assign_json(db, own, "[1]");
    varsdb_close(db);
    return rc;
}

START_TEST(twenty_transactions_pass_beside_a_tight_loop)
{
    child_signal started;
    int64_t worst = 0;
    child_signal_make(&started);
    pid_t pid = child_start(commit_for_a_second, &started);
    child_signal_await(&started);
    for (int i = 0; i < 20; i++) {
        int64_t start = vdb_now_ms();
        ok(r.db, varsdb_begin(r.db));
        int64_t waited = vdb_now_ms() - start;
        worst = waited > worst ? waited : worst;
        ok(r.db, varsdb_assign_json(r.db, w, "[2]"));
        ok(r.db, varsdb_commit(r.db));
    }
    ck_assert_msg(worst < 1000, "waited %lld ms", (long long)worst);
    ck_assert_int_eq(child_wait(pid), VARSDB_OK);
    child_signal_close(&started);
    ck_assert_int_eq(version_of(r.db, w), 21);
    ok(r.db, varsdb_assign_json(r.db, w, "[3]"));
    ck_assert_int_eq(access(side, F_OK), 0);
    varsdb_close(r.db);
    r.db = NULL;
    ck_assert_int_eq(access(side, F_OK), -1);
}
END_TEST

/* ---- the side file */

static bool is_free(int place)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = place, .l_len = 1};
    int fd = open(side, O_RDWR | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    int got_it = fcntl(fd, F_OFD_SETLK, &lock);
    close(fd);
    return got_it == 0;
}

START_TEST(only_who_waits_is_in_the_turnstile)
{
    vdb_sqlite *s = vdb_sqlite_of(r.db->engine);
    ok(r.db, varsdb_begin(r.db));
    ck_assert(is_free(0));
    ok(r.db, varsdb_rollback(r.db));
    vdb_sqlite_start_clock(s);
    ck_assert_int_eq(vdb_turnstile_enter(s), VARSDB_OK);
    ck_assert(!is_free(0));
    vdb_turnstile_leave(s);
    ck_assert(is_free(0));
}
END_TEST

/* ---- the queue */

enum {
    QUEUE = 3
};

typedef struct arrival {
    int number, told; /* a pipe */
} arrival;

static int write_when_it_may(void *payload)
{
    arrival *a = payload;
    varsdb *db;
    int rc = varsdb_open(r.path, NULL, &db);
    if (rc == VARSDB_OK)
        rc = varsdb_begin(db);
    if (rc == VARSDB_OK && write(a->told, &a->number, sizeof a->number) != sizeof a->number)
        rc = VARSDB_IO;
    if (rc == VARSDB_OK)
        rc = varsdb_commit(db);
    varsdb_close(db);
    return rc;
}

START_TEST(who_waits_longer_writes_first)
{
    pid_t pids[QUEUE];
    int told[2], number;
    ck_assert_int_eq(pipe2(told, O_CLOEXEC), 0);
    ok(r.db, varsdb_begin(r.db));
    for (int i = 0; i < QUEUE; i++) {
        pids[i] = child_start(write_when_it_may, &(arrival){i, told[1]});
        while (is_free(i))
            usleep(1000);
        while (i + 1 < QUEUE && !is_free(i + 1)) /* it steps forward */
            usleep(1000);
    }
    ok(r.db, varsdb_commit(r.db));
    for (int i = 0; i < QUEUE; i++) {
        ck_assert_int_eq(read(told[0], &number, sizeof number), sizeof number);
        ck_assert_int_eq(number, i);
        ck_assert_int_eq(child_wait(pids[i]), VARSDB_OK);
    }
    close(told[0]);
    close(told[1]);
}
END_TEST

START_TEST(who_is_stopped_while_it_waits_is_passed_by)
{
    pid_t pids[2];
    int told[2], number;
    ck_assert_int_eq(pipe2(told, O_CLOEXEC), 0);
    ok(r.db, varsdb_begin(r.db));
    for (int i = 0; i < 2; i++) {
        pids[i] = child_start(write_when_it_may, &(arrival){i, told[1]});
        while (is_free(i) || !is_free(i + 1))
            usleep(1000);
    }
    ck_assert_int_eq(kill(pids[1], SIGSTOP), 0);
    ok(r.db, varsdb_commit(r.db));
    ck_assert_int_eq(read(told[0], &number, sizeof number), sizeof number);
    ck_assert_int_eq(child_wait(pids[0]), VARSDB_OK);
    vdb_sqlite_of(r.db->engine)->turn_ends = 0;
    ok(r.db, varsdb_set_timeout(r.db, 30000));
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, varsdb_rollback(r.db));
    ck_assert(!is_free(1));
    ck_assert_int_eq(kill(pids[1], SIGCONT), 0);
    ck_assert_int_eq(child_wait(pids[1]), VARSDB_OK);
    close(told[0]);
    close(told[1]);
}
END_TEST

START_TEST(who_just_wrote_may_write_again_for_a_moment_before_others)
{
    varsdb *other = registry_another(&r);
    vdb_sqlite *s = vdb_sqlite_of(r.db->engine), *theirs = vdb_sqlite_of(other->engine);
    s->turn_ends = 0;
    int64_t before = vdb_now_ms();
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, varsdb_rollback(r.db));
    ck_assert_int_gt(s->turn_ends, before);
    ck_assert_int_le(s->turn_ends, vdb_now_ms() + 5);

    vdb_sqlite_start_clock(theirs);
    ck_assert_int_eq(vdb_turnstile_enter(theirs), VARSDB_OK);
    ok(r.db, varsdb_set_timeout(r.db, -1)); /* it does not wait */
    s->turn_ends = INT64_MAX;
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, varsdb_rollback(r.db));
    ck_assert_int_eq(vdb_sqlite_begin(r.db->engine, VDB_BEGIN_BULK), VARSDB_BUSY);
    s->turn_ends = vdb_now_ms();
    expect(r.db, VARSDB_BUSY, varsdb_begin(r.db));
    vdb_turnstile_leave(theirs);

    ck_assert_int_eq(vdb_sqlite_begin(r.db->engine, VDB_BEGIN_BULK), VARSDB_OK);
    ck_assert_int_eq(s->turn_ends, 0);
    ck_assert_int_eq(vdb_sqlite_rollback(r.db->engine), VARSDB_OK);
    varsdb_close(other);
}
END_TEST

START_TEST(in_its_turn_too_it_waits_for_who_has_the_lock)
{
    varsdb *other = registry_another(&r);
    ok(other, varsdb_begin(other));
    vdb_sqlite_of(r.db->engine)->turn_ends = INT64_MAX;
    ok(r.db, varsdb_set_timeout(r.db, 100));
    int64_t start = vdb_now_ms();
    expect(r.db, VARSDB_BUSY, varsdb_begin(r.db));
    ck_assert_int_ge(vdb_now_ms() - start, 100);
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(r.db), "wait"));
    ok(other, varsdb_rollback(other));
    varsdb_close(other);
}
END_TEST

START_TEST(waiting_at_the_turnstile_ends_at_the_deadline)
{
    vdb_sqlite *s = vdb_sqlite_of(r.db->engine);
    varsdb *other = registry_another(&r);
    vdb_sqlite_start_clock(s);
    ck_assert_int_eq(vdb_turnstile_enter(s), VARSDB_OK);
    ok(other, varsdb_set_timeout(other, 100));
    int64_t start = vdb_now_ms();
    expect(other, VARSDB_BUSY, varsdb_begin(other));
    ck_assert_int_ge(vdb_now_ms() - start, 100);
    vdb_turnstile_leave(s);
    ok(other, varsdb_begin(other));
    varsdb_close(other);
}
END_TEST

START_TEST(a_side_file_that_was_removed_is_made_again)
{
    varsdb *other = registry_another(&r);
    ok(r.db, varsdb_assign_json(r.db, w, "[1]"));
    ck_assert_int_eq(unlink(side), 0);
    vdb_sqlite_of(r.db->engine)->turn_ends = 0;
    ok(r.db, varsdb_assign_json(r.db, w, "[2]"));
    ck_assert_int_eq(access(side, F_OK), 0);
    ok(other, varsdb_assign_json(other, got(other, "w", NULL), "[3]"));
    varsdb_close(other);
    ok(r.db, varsdb_assign_json(r.db, w, "[4]"));
    ck_assert_int_eq(version_of(r.db, w), 5);
}
END_TEST

static int wait_for_a_signal(void *payload)
{
    (void)payload;
    pause();
    return 0;
}

START_TEST(a_child_of_a_fork_keeps_no_place_when_its_parent_closes)
{
    char away[280];
    varsdb *other = registry_another(&r);
    ok(other, varsdb_begin(other));
    ok(other, varsdb_rollback(other));
    pid_t child = child_start(wait_for_a_signal, NULL);
    snprintf(away, sizeof away, "%s-away", side);
    ck_assert_int_eq(rename(side, away), 0); /* so that it cannot be unlinked */
    varsdb_close(other);
    ck_assert_int_eq(rename(away, side), 0);
    ck_assert(is_free(0));
    ck_assert_int_eq(kill(child, SIGKILL), 0);
    ck_assert_int_eq(child_wait(child), 128 + SIGKILL);
}
END_TEST

START_TEST(who_closes_takes_away_its_own_side_file_alone)
{
    varsdb *other = registry_another(&r);
    ok(other, varsdb_begin(other));
    ok(other, varsdb_rollback(other));
    ck_assert_int_eq(unlink(side), 0);
    vdb_sqlite_of(r.db->engine)->turn_ends = 0;
    ok(r.db, varsdb_begin(r.db)); /* makes another */
    ok(r.db, varsdb_rollback(r.db));
    varsdb_close(other);
    ck_assert_int_eq(access(side, F_OK), 0);
}
END_TEST

START_TEST(where_the_side_file_cannot_be_made_nothing_breaks)
{
    registry_reopen(&r);
    ck_assert_int_eq(mkdir(side, 0777), 0);
    w = got(r.db, "w", NULL);
    ok(r.db, varsdb_assign_json(r.db, w, "[1]"));
    ck_assert_int_eq(vdb_sqlite_of(r.db->engine)->turnstile_fd, -1);
    ck_assert_int_eq(rmdir(side), 0);
    ck_assert_int_eq(symlink("/dev/null", side), 0);
    ok(r.db, varsdb_assign_json(r.db, w, "[2]"));
    ck_assert_int_eq(vdb_sqlite_of(r.db->engine)->turnstile_fd, -1);
    ck_assert_int_eq(version_of(r.db, w), 3);
}
END_TEST

Suite *test_engine_sqlite_turnstile_suite(void)
{
    Suite *suite = suite_create("engine_sqlite_turnstile");
    TCase *tc = tcase_create("turnstile");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, twenty_transactions_pass_beside_a_tight_loop);
    tcase_add_test(tc, only_who_waits_is_in_the_turnstile);
    tcase_add_test(tc, who_waits_longer_writes_first);
    tcase_add_test(tc, who_is_stopped_while_it_waits_is_passed_by);
    tcase_add_test(tc, who_just_wrote_may_write_again_for_a_moment_before_others);
    tcase_add_test(tc, in_its_turn_too_it_waits_for_who_has_the_lock);
    tcase_add_test(tc, waiting_at_the_turnstile_ends_at_the_deadline);
    tcase_add_test(tc, a_side_file_that_was_removed_is_made_again);
    tcase_add_test(tc, a_child_of_a_fork_keeps_no_place_when_its_parent_closes);
    tcase_add_test(tc, who_closes_takes_away_its_own_side_file_alone);
    tcase_add_test(tc, where_the_side_file_cannot_be_made_nothing_breaks);
    suite_add_tcase(suite, tc);
    return suite;
}
