/* test_host_waits.c - a registry is made on a host's connection while others hold the lock: they are waited
 * for as the host's busy timeout says, and nothing is left of what was not made. */
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "../support/hosted.h"

Suite *test_host_waits_suite(void);

static sqlite3 *other; /* another connection, to the same file */

static void open_both(void)
{
    hosted_open();
    varsdb_close(db);
    db = NULL;
    ck_assert_int_eq(sqlite3_close(host), SQLITE_OK);
    ck_assert_int_eq(sqlite3_open(other_path, &host), SQLITE_OK);
    ck_assert_int_eq(sqlite3_open(other_path, &other), SQLITE_OK);
    sql("PRAGMA journal_mode=WAL; CREATE TABLE runs (id INTEGER PRIMARY KEY)");
}

static void close_both(void)
{
    ck_assert_int_eq(sqlite3_close(other), SQLITE_OK);
    hosted_close();
}

static void others_do(const char *text)
{
    ck_assert_msg(sqlite3_exec(other, text, NULL, NULL, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(other));
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int make(void)
{
    return varsdb_open_on(host, "main", VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), NULL, &db);
}

static const int patience_ms[] = {0, 150}; /* the host's */

START_TEST(a_lock_that_is_not_given_back_is_waited_for_and_told)
{
    char text[64];
    snprintf(text, sizeof text, "PRAGMA busy_timeout=%d", patience_ms[_i]);
    sql(text);
    others_do("BEGIN IMMEDIATE; INSERT INTO runs VALUES (7)");
    int64_t began = now_ms();
    ck_assert_int_eq(make(), VARSDB_BUSY);
    ck_assert_int_ge(now_ms() - began, patience_ms[_i]);
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(db), "busy timeout"));
    varsdb_close(db);
    others_do("COMMIT");
    ck_assert_int_eq(number("SELECT count(*) FROM sqlite_schema"), 1);
    ck_assert_int_eq(make(), VARSDB_OK);
    whole(db);
}
END_TEST

/* The host read before others wrote: no waiting makes its picture new. */
START_TEST(inside_a_transaction_of_the_host_nothing_is_waited_for)
{
    sql("PRAGMA busy_timeout=60000; BEGIN; SELECT * FROM runs");
    others_do("INSERT INTO runs VALUES (8)");
    int64_t began = now_ms();
    ck_assert_int_eq(make(), VARSDB_RETRY);
    ck_assert_int_lt(now_ms() - began, 30000);
    varsdb_close(db);
    sql("ROLLBACK");
    ck_assert_int_eq(make(), VARSDB_OK);
    whole(db);
}
END_TEST

static void *give_back(void *payload)
{
    usleep(200000);
    sqlite3_exec(other, "COMMIT", NULL, NULL, NULL);
    return payload;
}

START_TEST(a_lock_that_is_given_back_in_time_is_no_hindrance)
{
    pthread_t thread;
    sql("PRAGMA busy_timeout=60000");
    others_do("BEGIN IMMEDIATE; INSERT INTO runs VALUES (9)");
    ck_assert_int_eq(pthread_create(&thread, NULL, give_back, NULL), 0);
    int rc = make();
    pthread_join(thread, NULL);
    ck_assert_msg(rc == VARSDB_OK, "%s", varsdb_errmsg(db));
    ck_assert_int_eq(number("SELECT id FROM runs"), 9);
    whole(db);
}
END_TEST

Suite *test_host_waits_suite(void)
{
    Suite *suite = suite_create("host_waits");
    TCase *t = tcase_create("host_waits");
    tcase_set_timeout(t, 120);
    tcase_add_checked_fixture(t, open_both, close_both);
    tcase_add_loop_test(t, a_lock_that_is_not_given_back_is_waited_for_and_told, 0, 2);
    tcase_add_test(t, inside_a_transaction_of_the_host_nothing_is_waited_for);
    tcase_add_test(t, a_lock_that_is_given_back_in_time_is_no_hindrance);
    suite_add_tcase(suite, t);
    return suite;
}
