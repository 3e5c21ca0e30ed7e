/* test_engine_sqlite_helper.c - the thread that checkpoints is in nobody's way. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/audit.h"
#include "../support/child.h"
#include "../support/opened.h"
#include "../support/registry.h"
#include "../support/sanitized.h"
#include "engine_sqlite.h"
#include "internal.h"

Suite *test_engine_sqlite_helper_suite(void);

#define LARGE (24 << 20)

static registry r;
static unsigned char *data, *back;
static const varsdb_variable *v;

static void setup(void)
{
    registry_open_with(&r, VARSDB_OPEN(.flags = VARSDB_HELPER_THREAD));
    v = got(r.db, "v",
            VARSDB_WITH(.shape = VARSDB_SHAPE(LARGE), .dtype = VARSDB_UINT8, .initializer = "none"));
    data = malloc(LARGE);
    back = malloc(LARGE);
}

static void teardown(void)
{
    free(data);
    free(back);
    registry_close(&r);
}

static void save(int number)
{
    uint32_t state = (uint32_t)number;
    for (size_t i = 0; i < LARGE; i++)
        data[i] = (unsigned char)((state = state * 1664525 + 1013904223) >> 24);
    ok(r.db, varsdb_assign(r.db, v, data, LARGE));
}

static vdb_sqlite *connection(void)
{
    return vdb_sqlite_of(r.db->engine);
}

static int64_t file_bytes(void)
{
    struct stat at;
    ck_assert_int_eq(stat(r.path, &at), 0);
    return at.st_size;
}

START_TEST(a_close_right_after_a_save_waits_for_the_copy)
{
    varsdb *other = registry_another(&r); /* otherwise SQLite's own close would copy the log */
    for (int i = 0; i < 2; i++) {
        save(_i * 10 + i);
        varsdb_close(r.db);
        ck_assert_int_gt(file_bytes(), LARGE);
        r.db = opened(r.path, VARSDB_OPEN(.flags = VARSDB_HELPER_THREAD));
        ok(r.db, varsdb_find_variable(r.db, "v", &v));
        ok(r.db, varsdb_read(r.db, v, back, LARGE));
        ck_assert(memcmp(back, data, LARGE) == 0);
    }
    varsdb_close(other);
    ck_assert_str_eq(registry_sql(&r, "PRAGMA integrity_check"), "ok");
    audit(&r);
}
END_TEST

START_TEST(saves_go_on_beside_it)
{
    for (int i = 1; i <= 5; i++) {
        save(i);
        ok(r.db, varsdb_read(r.db, v, back, LARGE));
        ck_assert(memcmp(back, data, LARGE) == 0);
    }
    vdb_helper_join(connection());
    ck_assert_int_ge(connection()->log.copied, connection()->log.helped);
    audit(&r);
}
END_TEST

static int read_and_write(void *payload)
{
    varsdb *db;
    const varsdb_variable *w = NULL;
    (void)payload;
    varsdb_close(r.db);
    if (varsdb_open(r.path, NULL, &db) != VARSDB_OK || varsdb_find_variable(db, "v", &w) != VARSDB_OK)
        return 1;
    if (varsdb_read(db, w, back, LARGE) != VARSDB_OK || memcmp(back, data, LARGE) != 0)
        return 2;
    if (varsdb_get_variable(db, "of_child", VARSDB_WITH(.shape = VARSDB_SHAPE(3)), NULL, &w) != VARSDB_OK)
        return 3;
    varsdb_close(db);
    return 0;
}

START_TEST(a_child_of_fork_can_open_while_it_is_at_work)
{
    for (int i = 1; i <= 5; i++) {
        save(i);
        ck_assert_int_eq(child_run(read_and_write, NULL), 0);
    }
    const varsdb_variable *w = NULL;
    ok(r.db, varsdb_find_variable(r.db, "of_child", &w));
    audit(&r);
}
END_TEST

START_TEST(who_holds_the_lock_keeps_it_waiting_for_a_second_at_most)
{
    save(1);
    vdb_helper_join(connection());
    varsdb *other = registry_another(&r);
    ok(other, varsdb_begin(other));
    connection()->log.saved = true;
    vdb_helper_start(connection());
    int64_t began = vdb_now_ms();
    vdb_helper_join(connection());
    ck_assert_int_lt(vdb_now_ms() - began, 10000); /* the handle's own deadline is a minute */
    ck_assert(connection()->log.saved);            /* it is tried again */
    varsdb_close(other);
}
END_TEST

static pthread_t handler_thread;
static volatile sig_atomic_t handled;

static void handle(int number)
{
    (void)number;
    handler_thread = pthread_self();
    handled = 1;
}

START_TEST(signals_are_not_for_it)
{
    sigset_t set;
    varsdb *other = registry_another(&r);
    struct sigaction action = {.sa_handler = handle};
    ck_assert_int_eq(sigaction(SIGUSR1, &action, NULL), 0);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    save(1);
    vdb_helper_join(connection());
    ok(other, varsdb_begin(other));
    vdb_helper_start(connection());
    ck_assert_int_eq(pthread_sigmask(SIG_BLOCK, &set, NULL), 0);
    ck_assert_int_eq(kill(getpid(), SIGUSR1), 0);
    vdb_sleep_us(50000);
    ck_assert_int_eq(handled, 0);
    ck_assert_int_eq(pthread_sigmask(SIG_UNBLOCK, &set, NULL), 0);
    ck_assert_int_eq(handled, 1);
    ck_assert(pthread_equal(handler_thread, pthread_self()));
    varsdb_close(other);
}
END_TEST

Suite *test_engine_sqlite_helper_suite(void)
{
    Suite *suite = suite_create("engine_sqlite_helper");
    TCase *tests = tcase_create("helper");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, a_close_right_after_a_save_waits_for_the_copy, 0, 2);
    tcase_add_test(tests, saves_go_on_beside_it);
    if (!SANITIZED) /* whose allocator, other than glibc's, stays locked in a child when a thread was using it
                     */
        tcase_add_test(tests, a_child_of_fork_can_open_while_it_is_at_work);
    tcase_add_test(tests, who_holds_the_lock_keeps_it_waiting_for_a_second_at_most);
    tcase_add_test(tests, signals_are_not_for_it);
    suite_add_tcase(suite, tests);
    return suite;
}
