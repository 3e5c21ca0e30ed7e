/* test_engine_sqlite_check.c - what SQLite itself finds wrong with a file, message by message. */
#include <stdio.h>
#include <string.h>

#include "../support/registry.h"
#include "engine_sqlite.h"
#include "internal.h"

Suite *test_engine_sqlite_check_suite(void);

static registry r;

static void setup(void)
{
    registry_open(&r);
}

static void teardown(void)
{
    registry_close(&r);
}

typedef struct heard {
    int messages, ticks, code; /* code: what found returns */
    int stop;                  /* at this tick */
    char last[512];
} heard;

static int found(void *payload, const char *text)
{
    heard *h = payload;
    h->messages++;
    ck_assert_ptr_null(strchr(text, '\n'));
    ck_assert_uint_gt(strlen(text), 0);
    snprintf(h->last, sizeof h->last, "%s", text);
    return h->code;
}

static int tick(void *payload)
{
    heard *h = payload;
    return ++h->ticks == h->stop;
}

static int check_file(bool quick, heard *h)
{
    vdb_engine_check check = {quick, found, tick, h};
    return r.db->engine->methods->check(r.db->engine, &check);
}

/* A host's table beside ours, whose rows break its own rule. */
static void break_rules(int rows)
{
    char sql[512];
    snprintf(sql, sizeof sql,
             "PRAGMA ignore_check_constraints=ON; CREATE TABLE odd (n INTEGER CHECK (n %% 2 = 1));"
             "WITH RECURSIVE k (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < %d)"
             "INSERT INTO odd SELECT 2 FROM k",
             rows);
    registry_sql(&r, sql);
}

START_TEST(a_whole_file_has_no_messages)
{
    heard h = {0};
    ck_assert_int_eq(check_file(_i, &h), VARSDB_OK);
    ck_assert_int_eq(h.messages, 0);
}
END_TEST

START_TEST(messages_come_one_by_one_and_are_bounded)
{
    heard few = {0}, many = {0};
    break_rules(3);
    ck_assert_int_eq(check_file(true, &few), VARSDB_OK);
    ck_assert_int_eq(few.messages, 3);
    ck_assert_msg(strstr(few.last, "odd") != NULL, "%s", few.last);
    registry_sql(&r, "DROP TABLE odd");
    break_rules(3 * VDB_CHECK_MESSAGES);
    ck_assert_int_eq(check_file(false, &many), VARSDB_OK);
    ck_assert_int_eq(many.messages, VDB_CHECK_MESSAGES);
}
END_TEST

START_TEST(a_message_s_code_ends_it)
{
    heard h = {.code = VARSDB_FULL};
    break_rules(3);
    ck_assert_int_eq(check_file(false, &h), VARSDB_FULL);
    ck_assert_int_eq(h.messages, 1);
}
END_TEST

START_TEST(a_tick_cancels_it_and_leaves_the_transaction_open)
{
    heard h = {.stop = 2};
    ok(r.db, varsdb_begin(r.db));
    registry_sql(&r, "SELECT 1");
    ck_assert_int_eq(
        sqlite3_exec(vdb_sqlite_of(r.db->engine)->db,
                     "CREATE TABLE long (n INTEGER UNIQUE);"
                     "WITH RECURSIVE k (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < 50000)"
                     "INSERT INTO long SELECT n FROM k",
                     NULL, NULL, NULL),
        SQLITE_OK);
    ck_assert_int_eq(check_file(false, &h), VARSDB_CANCELLED);
    ck_assert_int_eq(h.ticks, 2);
    ck_assert_int_eq(r.db->engine->methods->state(r.db->engine), VDB_TRANSACTION_WRITE);
    /* and no later statement is bothered */
    ck_assert_int_eq(
        sqlite3_exec(vdb_sqlite_of(r.db->engine)->db, "SELECT sum(n) FROM long a", NULL, NULL, NULL),
        SQLITE_OK);
    ck_assert_int_eq(h.ticks, 2);
    ok(r.db, varsdb_rollback(r.db));
}
END_TEST

Suite *test_engine_sqlite_check_suite(void)
{
    Suite *suite = suite_create("engine_sqlite_check");
    TCase *t = tcase_create("check");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, a_whole_file_has_no_messages, 0, 2);
    tcase_add_test(t, messages_come_one_by_one_and_are_bounded);
    tcase_add_test(t, a_message_s_code_ends_it);
    tcase_add_test(t, a_tick_cancels_it_and_leaves_the_transaction_open);
    suite_add_tcase(suite, t);
    return suite;
}
