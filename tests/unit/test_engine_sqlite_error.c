/* test_engine_sqlite_error.c - SQLite's codes as ours, each with a sentence. */
#include <check.h>
#include <string.h>

#include "../support/registry.h"
#include "engine_sqlite.h"
#include "internal.h"

Suite *test_engine_sqlite_error_suite(void);

static registry r;
static vdb_sqlite *s;

static void setup(void)
{
    registry_open(&r);
    s = vdb_sqlite_of(r.db->engine);
}

static void teardown(void)
{
    registry_close(&r);
}

START_TEST(every_code_becomes_one_of_ours)
{
    static const struct {
        int sqlite, ours;
    } codes[] = {
        {SQLITE_ERROR, VARSDB_CORRUPT},
        {SQLITE_PERM, VARSDB_ERROR},
        {SQLITE_BUSY, VARSDB_BUSY},
        {SQLITE_BUSY_RECOVERY, VARSDB_BUSY},
        {SQLITE_BUSY_SNAPSHOT, VARSDB_RETRY},
        {SQLITE_LOCKED, VARSDB_BUSY},
        {SQLITE_PROTOCOL, VARSDB_BUSY},
        {SQLITE_NOMEM, VARSDB_NOMEM},
        {SQLITE_IOERR_NOMEM, VARSDB_NOMEM},
        {SQLITE_READONLY, VARSDB_READONLY},
        {SQLITE_READONLY_DIRECTORY, VARSDB_READONLY},
        {SQLITE_INTERRUPT, VARSDB_CANCELLED},
        {SQLITE_IOERR, VARSDB_IO},
        {SQLITE_IOERR_READ, VARSDB_IO},
        {SQLITE_IOERR_WRITE, VARSDB_IO},
        {SQLITE_CORRUPT, VARSDB_CORRUPT},
        {SQLITE_CORRUPT_INDEX, VARSDB_CORRUPT},
        {SQLITE_FULL, VARSDB_FULL},
        {SQLITE_CANTOPEN, VARSDB_CANTOPEN},
        {SQLITE_NOTADB, VARSDB_NOTDB},
        {SQLITE_TOOBIG, VARSDB_INVALID},
        {SQLITE_CONSTRAINT_UNIQUE, VARSDB_CORRUPT},
        {SQLITE_MISMATCH, VARSDB_CORRUPT},
        {SQLITE_MISUSE, VARSDB_ERROR},
    };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        vdb_error_clear(&r.db->error);
        ck_assert_msg(vdb_sqlite_fail(s, codes[i].sqlite, "testing") == codes[i].ours, "%d", codes[i].sqlite);
        ck_assert_int_eq(varsdb_errcode(r.db), codes[i].ours);
        ck_assert_uint_gt(strlen(varsdb_errmsg(r.db)), 8);
        ck_assert_ptr_null(strchr(varsdb_errmsg(r.db), '\n'));
        ck_assert_msg(codes[i].ours == VARSDB_NOMEM || strstr(varsdb_errmsg(r.db), r.path), "%s",
                      varsdb_errmsg(r.db));
        ck_assert_ptr_null(strstr(varsdb_errmsg(r.db), "database is locked"));
    }
}
END_TEST

START_TEST(success_leaves_the_last_error_alone)
{
    static const int fine[] = {SQLITE_OK, SQLITE_ROW, SQLITE_DONE};
    vdb_fail(&r.db->error, VARSDB_INVALID, "before");
    for (size_t i = 0; i < 3; i++)
        ck_assert_int_eq(vdb_sqlite_fail(s, fine[i], "testing"), VARSDB_OK);
    says(r.db, "before");
}
END_TEST

/* After a failed sync the kernel may call pages clean that never reached the disk. */
START_TEST(after_a_failed_sync_the_connection_writes_no_more)
{
    const varsdb_variable *v = got(r.db, "w", VARSDB_WITH(.shape = VARSDB_SHAPE(1)));
    ck_assert_int_eq(vdb_sqlite_fail(s, SQLITE_IOERR_WRITE, "committing"), VARSDB_IO);
    ok(r.db, varsdb_assign_json(r.db, v, "[1]"));
    ck_assert_int_eq(vdb_sqlite_fail(s, SQLITE_IOERR_FSYNC, "committing"), VARSDB_IO);
    expect(r.db, VARSDB_IO, varsdb_assign_json(r.db, v, "[2]"));
    says(r.db, "sync");
    expect(r.db, VARSDB_IO, varsdb_begin(r.db));
    ok(r.db, varsdb_begin_read(r.db));
    expect(r.db, VARSDB_IO, varsdb_assign_json(r.db, v, "[2]"));
    ok(r.db, varsdb_rollback(r.db));
    registry_reopen(&r);
    ok(r.db, varsdb_assign_json(r.db, got(r.db, "w", NULL), "[2]"));
}
END_TEST

/* Our statements are right for every registry that is right, so one that fails met another. */
START_TEST(a_statement_that_cannot_run_says_what_sqlite_said)
{
    ck_assert_int_ne(sqlite3_exec(s->db, "SELECT no_such_column FROM varsdb_scopes", NULL, NULL, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(vdb_sqlite_fail(s, SQLITE_ERROR, "testing"), VARSDB_CORRUPT);
    says(r.db, "no_such_column");
    says(r.db, "testing");
}
END_TEST

Suite *test_engine_sqlite_error_suite(void)
{
    Suite *suite = suite_create("engine_sqlite_error");
    TCase *tc = tcase_create("error");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, every_code_becomes_one_of_ours);
    tcase_add_test(tc, success_leaves_the_last_error_alone);
    tcase_add_test(tc, after_a_failed_sync_the_connection_writes_no_more);
    tcase_add_test(tc, a_statement_that_cannot_run_says_what_sqlite_said);
    suite_add_tcase(suite, tc);
    return suite;
}
