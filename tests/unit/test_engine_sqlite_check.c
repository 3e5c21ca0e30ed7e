/* test_engine_sqlite_check.c - what SQLite itself finds wrong with a file, message by message. */
#include <stdio.h>
#include <string.h>

#include "../support/fault.h"
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
    fault_refuse(0, SQLITE_OK, 0);
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

/* ---- pages that the file system does not give: it says what is wrong with them */

/* A table whose rows break its rule, another one, and a row that goes on in other pages, none of which is in
 * a cache or a log. */
static void prepare_pages(void)
{
    break_rules(3);
    registry_sql(&r,
                 "CREATE TABLE away (n); CREATE TABLE long (n); INSERT INTO long VALUES (zeroblob(100000))");
    registry_reopen(&r);
}

static void refuse(int64_t page, int code, int times)
{
    ck_assert_int_gt(page, 1);
    fault_refuse((page - 1) * VDB_PAGE_BYTES, code, times);
}

typedef struct messages {
    int count, table, rule; /* what is wrong with each */
    int vague;              /* does not say why */
} messages;

static int sort(void *payload, const char *text)
{
    messages *m = payload;
    m->count++;
    m->vague += strstr(text, "failed to get page") || strstr(text, "Failed to read ptrmap");
    m->table += strstr(text, "unable to get the page. error code=11") != NULL;
    m->rule += strstr(text, "odd") != NULL;
    return VARSDB_OK;
}

static int go_on(void *payload)
{
    (void)payload;
    return 0;
}

static int sort_all(messages *m)
{
    vdb_engine_check check = {false, sort, go_on, m};
    return r.db->engine->methods->check(r.db->engine, &check);
}

#define FOR_GOOD 1000000

/* It is told before the table's rows are read, which ends the check. */
START_TEST(a_page_that_is_called_damaged_is_a_message)
{
    messages m = {0};
    prepare_pages();
    refuse(registry_number(&r, "SELECT rootpage FROM sqlite_schema WHERE name = 'away'"), SQLITE_CORRUPT,
           FOR_GOOD);
    expect(r.db, VARSDB_CORRUPT, sort_all(&m));
    ck_assert_int_eq(m.table, 1);
}
END_TEST

/* The second page tells what each of the next ones is for. */
static int64_t vague_page(int which)
{
    return which ? 2
                 : registry_number(&r, "SELECT min(pageno) FROM dbstat WHERE name = 'long' AND pagetype ="
                                       " 'overflow'");
}

/* Of some pages SQLite does not say why they could not be read: it is asked again. */
START_TEST(a_page_that_can_be_read_the_second_time_is_no_message)
{
    messages m = {0};
    prepare_pages();
    refuse(vague_page(_i), SQLITE_IOERR_READ, 1);
    ok(r.db, sort_all(&m));
    ck_assert_int_eq(fault_refusals_left(), 0);
    ck_assert_int_eq(m.vague, 0);
    ck_assert_int_eq(m.rule, 3);
}
END_TEST

START_TEST(a_page_that_cannot_be_read_the_second_time_either_is_a_message)
{
    messages m = {0};
    prepare_pages();
    refuse(vague_page(_i), SQLITE_CORRUPT, FOR_GOOD);
    ok(r.db, sort_all(&m));
    ck_assert_int_ge(m.vague, 1);
    ck_assert_int_ge(m.rule, 3);
}
END_TEST

static void setup_faults(void)
{
    fault_install();
    setup();
}

/* Whatever was told until then is not told otherwise. */
START_TEST(memory_that_is_out_is_told_as_that)
{
    messages all = {0};
    prepare_pages();
    refuse(vague_page(0), SQLITE_CORRUPT, FOR_GOOD);
    ok(r.db, sort_all(&all));
    ck_assert_int_ge(all.vague, 1);
    for (int moment = 0;; moment++) {
        messages m = {0};
        fault_arm(FAULT_ALLOCATION, moment);
        int rc = sort_all(&m);
        bool failed = fault_happened();
        fault_disarm();
        ck_assert_int_le(m.count, all.count);
        if (rc == VARSDB_OK)
            ck_assert_int_eq(m.count, all.count);
        else
            check_result(r.db, rc, VARSDB_NOMEM, "check", __FILE__, __LINE__);
        if (!failed) {
            ck_assert_int_gt(moment, 50);
            break;
        }
    }
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
    TCase *m = tcase_create("pages");
    tcase_add_checked_fixture(m, setup_faults, teardown);
    tcase_add_test(m, a_page_that_is_called_damaged_is_a_message);
    tcase_add_loop_test(m, a_page_that_can_be_read_the_second_time_is_no_message, 0, 2);
    tcase_add_loop_test(m, a_page_that_cannot_be_read_the_second_time_either_is_a_message, 0, 2);
    tcase_add_test(m, memory_that_is_out_is_told_as_that);
    suite_add_tcase(suite, m);
    return suite;
}
