/* test_host_transaction.c - a host's transactions and savepoints, with the library's calls in them. */
#include "../support/hosted.h"

Suite *test_host_transaction_suite(void);

/* ---- the host's transactions */

START_TEST(a_rollback_of_the_hosts_takes_all_with_it)
{
    const varsdb_variable *kept = made("kept");
    sql("BEGIN; INSERT INTO runs VALUES (1, 'a')");
    const varsdb_variable *v = made("v");
    ok(db, varsdb_assign_json(db, kept, "[5,5,5]"));
    ck_assert_int_eq(version_of(db, kept), 2);
    sql("ROLLBACK");
    expect(db, VARSDB_GONE, varsdb_assign_json(db, v, "[1,2,3]"));
    ck_assert_int_eq(find(db, "v"), VARSDB_NOTFOUND);
    ck_assert_int_eq(version_of(db, kept), 1);
    ck_assert_ptr_eq(got(db, "kept", NULL), kept);
    ck_assert_int_eq(number("SELECT count(*) FROM runs"), 0);
    ck_assert_ptr_ne(made("v"), v);
    whole(db);
}
END_TEST

START_TEST(a_commit_of_the_hosts_makes_all_last)
{
    sql("BEGIN; INSERT INTO runs VALUES (1, 'a')");
    const varsdb_variable *v = made("v");
    sql("INSERT INTO runs VALUES (2, 'b')");
    ok(db, varsdb_rename_variable(db, v, "w"));
    sql("COMMIT");
    ck_assert_ptr_eq(got(db, "w", NULL), v);
    sqlite3 *another;
    ck_assert_int_eq(sqlite3_open(path, &another), SQLITE_OK);
    sqlite3 *mine = host;
    host = another;
    ck_assert_int_eq(number("SELECT count(*) FROM runs, vars_variables WHERE vars_variables.name = 'w'"), 2);
    host = mine;
    sqlite3_close(another);
}
END_TEST

/* Created, renamed and deleted before and after the savepoint: what was before stays. */
START_TEST(rollback_to_takes_what_came_after)
{
    const varsdb_variable *gone = made("deleted"), *renamed = made("renamed"), *early, *late;
    sql("BEGIN");
    early = made("early");
    sql("SAVEPOINT s");
    late = made("late");
    ok(db, varsdb_delete_variable(db, gone));
    ok(db, varsdb_rename_variable(db, renamed, "other"));
    ck_assert_int_eq(find(db, "deleted"), VARSDB_NOTFOUND);
    sql("ROLLBACK TO s");
    expect(db, VARSDB_GONE, varsdb_assign_json(db, late, "[1,2,3]"));
    ck_assert_int_eq(find(db, "late"), VARSDB_NOTFOUND);
    ck_assert_ptr_eq(got(db, "early", NULL), early);
    ck_assert_ptr_eq(got(db, "deleted", NULL), gone);
    ck_assert_ptr_eq(got(db, "renamed", NULL), renamed);
    ck_assert_str_eq(varsdb_variable_name(renamed), "renamed");
    ck_assert_int_eq(find(db, "other"), VARSDB_NOTFOUND);
    sql("RELEASE s; COMMIT");
    ck_assert_ptr_eq(got(db, "early", NULL), early);
    ck_assert_int_eq(number("SELECT count(*) FROM vars_variables"), 3);
    whole(db);
}
END_TEST

START_TEST(a_savepoint_inside_begin_is_undone_too)
{
    ok(db, varsdb_begin(db));
    const varsdb_variable *early = made("early");
    sql("SAVEPOINT s");
    const varsdb_variable *late = made("late");
    sql("ROLLBACK TO s; RELEASE s");
    expect(db, VARSDB_GONE, varsdb_assign_json(db, late, "[1,2,3]"));
    ck_assert_ptr_eq(got(db, "early", NULL), early);
    ok(db, varsdb_commit(db));
    ck_assert_int_eq(number("SELECT count(*) FROM vars_variables"), 1);
    whole(db);
}
END_TEST

START_TEST(a_call_that_fails_leaves_the_hosts_transaction_as_it_was)
{
    sql("BEGIN; INSERT INTO runs VALUES (1, 'a')");
    const varsdb_variable *v = made("v");
    expect(db, VARSDB_INVALID, varsdb_assign_json(db, v, "[1,2]"));
    expect(db, VARSDB_EXISTS,
           varsdb_get_variable(db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(3), .reuse = VARSDB_CREATE), NULL,
                               &v));
    ok(db, varsdb_begin(db));
    made("undone");
    ok(db, varsdb_rollback(db));
    ck_assert_int_eq(find(db, "undone"), VARSDB_NOTFOUND);
    ck_assert_int_eq(sqlite3_get_autocommit(host), 0);
    sql("COMMIT");
    ck_assert_int_eq(number("SELECT count(*) FROM runs"), 1);
    ck_assert_int_eq(find(db, "v"), VARSDB_OK);
    whole(db);
}
END_TEST

START_TEST(who_ends_the_transaction_beneath_begin_is_told)
{
    ok(db, varsdb_begin(db));
    const varsdb_variable *v = made("v");
    sql("COMMIT");
    expect(db, VARSDB_ABORTED, varsdb_assign_json(db, v, "[1,2,3]"));
    expect(db, VARSDB_ABORTED, varsdb_commit(db));
    ck_assert(!varsdb_in_transaction(db));
    ck_assert_int_eq(find(db, "v"), VARSDB_OK); /* the host committed it */
    ok(db, varsdb_begin(db));
    made("w");
    sql("ROLLBACK; BEGIN");
    expect(db, VARSDB_ABORTED, varsdb_commit(db));
    ck_assert_int_eq(sqlite3_get_autocommit(host), 0); /* the host's other one is its own */
    sql("COMMIT");
    ck_assert_int_eq(find(db, "w"), VARSDB_NOTFOUND);
    whole(db);
}
END_TEST

START_TEST(a_stale_reading_transaction_says_begin_immediate)
{
    varsdb *writer;
    made("v");
    sqlite3 *another;
    ck_assert_int_eq(sqlite3_open(path, &another), SQLITE_OK);
    ck_assert_int_eq(varsdb_open_on(another, NULL, NULL, NULL, &writer), VARSDB_OK);
    sql("BEGIN; SELECT count(*) FROM vars_variables");
    ok(writer, varsdb_get_variable(writer, "theirs", VARSDB_WITH(.shape = VARSDB_SHAPE(1)), NULL,
                                   &(const varsdb_variable *){NULL}));
    const varsdb_variable *v = got(db, "v", NULL);
    expect(db, VARSDB_RETRY, varsdb_assign_json(db, v, "[1,2,3]"));
    says(db, "BEGIN IMMEDIATE");
    ck_assert_int_eq(find(db, "theirs"), VARSDB_NOTFOUND); /* the picture is the transaction's */
    sql("ROLLBACK; BEGIN IMMEDIATE");
    ck_assert_int_eq(find(db, "theirs"), VARSDB_OK);
    ok(db, varsdb_assign_json(db, v, "[1,2,3]"));
    sql("COMMIT");
    varsdb_close(writer);
    sqlite3_close(another);
    whole(db);
}
END_TEST

START_TEST(another_writer_is_waited_for_as_the_host_says)
{
    sqlite3 *another;
    ck_assert_int_eq(sqlite3_open(path, &another), SQLITE_OK);
    ck_assert_int_eq(sqlite3_exec(another, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    sql("PRAGMA busy_timeout=200");
    int64_t before = vdb_time_ms();
    const varsdb_variable *v;
    expect(db, VARSDB_BUSY, varsdb_get_variable(db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(1)), NULL, &v));
    says(db, "busy timeout");
    ck_assert_int_ge(vdb_time_ms() - before, 190);
    ck_assert_int_eq(sqlite3_get_autocommit(host), 1);
    sqlite3_exec(another, "COMMIT", NULL, NULL, NULL);
    ok(db, varsdb_get_variable(db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(1)), NULL, &v));
    sqlite3_close(another);
}
END_TEST

START_TEST(a_statement_of_the_hosts_that_writes_must_be_at_its_end)
{
    sqlite3_stmt *s;
    const varsdb_variable *v = made("v");
    ck_assert_int_eq(
        sqlite3_prepare_v2(host, "INSERT INTO runs (name) VALUES ('a'), ('b') RETURNING id", -1, &s, NULL),
        SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
    expect(db, VARSDB_MISUSE, varsdb_assign_json(db, v, "[1,2,3]"));
    says(db, "reset");
    sqlite3_finalize(s);
    ok(db, varsdb_assign_json(db, v, "[1,2,3]"));
    /* one that reads may go on */
    ck_assert_int_eq(sqlite3_prepare_v2(host, "SELECT runs.name FROM vars_variables, runs", -1, &s, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
    ok(db, varsdb_assign_json(db, v, "[3,2,1]"));
    made("w");
    ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
    sqlite3_finalize(s);
    whole(db);
}
END_TEST

/* What is not there for now may be there again: it was looked for in between. */
START_TEST(what_a_rollback_brings_back_has_its_old_pointer)
{
    static const char *const disturbances[] = {
        "SAVEPOINT s; ROLLBACK TO s; RELEASE s",
        "INSERT INTO runs SELECT 2, 'x' UNION ALL SELECT 1, 'y'", /* fails, and SQLite undoes the first row */
    };
    const varsdb_variable *v = made("v");
    float back[3];
    sql("INSERT INTO runs VALUES (1, 'a'); BEGIN");
    ok(db, varsdb_delete_variable(db, v));
    int code = sqlite3_exec(host, disturbances[_i], NULL, NULL, NULL);
    ck_assert_int_eq(code, _i ? SQLITE_CONSTRAINT : SQLITE_OK);
    expect(db, VARSDB_GONE, varsdb_read(db, v, back, sizeof back));
    sql("ROLLBACK");
    ok(db, varsdb_read(db, v, back, sizeof back));
    ck_assert_ptr_eq(got(db, "v", NULL), v);
    ok(db, varsdb_begin(db));
    ok(db, varsdb_delete_variable(db, v));
    sql(disturbances[0]);
    expect(db, VARSDB_GONE, varsdb_read(db, v, back, sizeof back));
    ok(db, varsdb_rollback(db));
    ok(db, varsdb_read(db, v, back, sizeof back));
    ok(db, varsdb_delete_variable(db, v));
    expect(db, VARSDB_GONE, varsdb_read(db, v, back, sizeof back));
    ck_assert_ptr_ne(made("v"), v);
}
END_TEST

/* ---- two handles */

START_TEST(another_handle_finds_again_what_was_deleted_and_rolled_back)
{
    varsdb *other = on(NULL, 0);
    const varsdb_variable *v = made("v"), *theirs;
    float back[3];
    ok(other, varsdb_find_variable(other, "v", &theirs));
    sql("BEGIN");
    ok(db, varsdb_delete_variable(db, v));
    expect(other, VARSDB_GONE, varsdb_read(other, theirs, back, sizeof back));
    sql("ROLLBACK");
    ok(other, varsdb_read(other, theirs, back, sizeof back));
    ok(db, varsdb_read(db, v, back, sizeof back));
    varsdb_close(other);
}
END_TEST

START_TEST(a_transaction_inside_anothers_sees_it_and_ends_first)
{
    varsdb *inner = on(NULL, 0);
    const varsdb_variable *v = made("v"), *w;
    int created = 1;
    ok(inner, varsdb_find_variable(inner, "v", &w));
    ok(db, varsdb_begin(db));
    made("one");
    ok(inner, varsdb_begin(inner));
    ok(inner, varsdb_get_variable(inner, "two", VARSDB_WITH(.shape = VARSDB_SHAPE(3)), NULL, &w));
    expect(db, VARSDB_MISUSE, varsdb_rename_variable(db, v, "w"));
    says(db, "another handle");
    ok(inner, varsdb_commit(inner));
    made("three");
    ok(db, varsdb_rename_variable(db, v, "w"));
    ck_assert_int_eq(find(inner, "v"), VARSDB_NOTFOUND);
    ok(inner, varsdb_get_variable(inner, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(3)), &created, &w));
    ck_assert_int_eq(created, 1);
    ok(db, varsdb_commit(db));
    ck_assert_int_eq(number("SELECT count(*) FROM vars_variables"), 5);
    whole(inner);
    varsdb_close(inner);
}
END_TEST

START_TEST(two_handles_on_one_connection_see_each_other)
{
    varsdb *other = on(NULL, 0);
    const varsdb_variable *v = made("v"), *theirs, *w;
    ok(other, varsdb_find_variable(other, "v", &theirs));
    ok(other, varsdb_rename_variable(other, theirs, "w"));
    ck_assert_int_eq(find(db, "v"), VARSDB_NOTFOUND);
    ck_assert_ptr_eq(got(db, "w", NULL), v);
    sql("BEGIN");
    made("x");
    ok(other, varsdb_find_variable(other, "x", &w));
    ok(other, varsdb_assign_json(other, w, "[7,7,7]"));
    sql("ROLLBACK");
    ck_assert_int_eq(find(other, "x"), VARSDB_NOTFOUND);
    expect(other, VARSDB_GONE, varsdb_assign_json(other, w, "[7,7,7]"));
    ok(db, varsdb_begin(db));
    made("y");
    ok(other, varsdb_get_variable(other, "z", VARSDB_WITH(.shape = VARSDB_SHAPE(2)), NULL, &w));
    made("u"); /* its number is not one that the other handle has taken */
    ok(db, varsdb_commit(db));
    ck_assert_int_eq(number("SELECT count(*) FROM vars_variables"), 4);
    whole(other);
    varsdb_close(other);
    whole(db);
}
END_TEST

/* Who commits first commits what the other one did inside it; the other one is told, and undoes nothing. */
START_TEST(a_handle_that_rolls_back_leaves_what_another_one_committed)
{
    varsdb *other = on(NULL, 0);
    const varsdb_variable *w;
    ok(db, varsdb_begin(db));
    made("v");
    ok(other, varsdb_begin(other));
    ok(other, varsdb_get_variable(other, "w", VARSDB_WITH(.shape = VARSDB_SHAPE(2)), NULL, &w));
    ok(db, varsdb_commit(db));
    ck_assert_int_eq(sqlite3_get_autocommit(host), 1); /* it is durable, as OK says */
    expect(other, VARSDB_ABORTED, varsdb_assign_json(other, w, "[1,2]"));
    ok(other, varsdb_rollback(other));
    ck_assert_int_eq(find(db, "v"), VARSDB_OK);
    ck_assert_int_eq(find(other, "v"), VARSDB_OK);
    varsdb_close(other);
    whole(db);
}
END_TEST

START_TEST(a_commit_is_one_whatever_the_host_calls_its_savepoints)
{
    ok(db, varsdb_begin(db));
    made("v");
    sql("SAVEPOINT varsdb");
    ok(db, varsdb_commit(db));
    ck_assert_int_eq(sqlite3_get_autocommit(host), 1);
    ck_assert_int_eq(find(db, "v"), VARSDB_OK);
}
END_TEST

/* What every call begins with is missing: the rest is checked all the same, inside the host's transaction. */
START_TEST(a_registry_that_cannot_be_begun_with_is_verified_inside_a_transaction_of_the_hosts)
{
    found f = {0};
    made("v");
    sql("BEGIN; INSERT INTO runs VALUES (1, 'a'); DELETE FROM varsdb_names_version;"
        "UPDATE varsdb_origins SET pid = pid + 1");
    found_verify(db, false, &f);
    ck_assert_msg(f.count == 2 && found_says(&f, "structure", "the names version is missing") &&
                      found_says(&f, "digest", "origin 1 "),
                  "%s", found_print(&f));
    ck_assert_int_eq(sqlite3_get_autocommit(host), 0);
    ck_assert_int_eq(number("SELECT count(*) FROM runs"), 1);
    sql("ROLLBACK");
    whole(db);
}
END_TEST

Suite *test_host_transaction_suite(void)
{
    Suite *suite = suite_create("host_transaction");
    TCase *t = tcase_create("transactions");
    tcase_add_checked_fixture(t, hosted_open, hosted_close);
    tcase_add_test(t, a_rollback_of_the_hosts_takes_all_with_it);
    tcase_add_test(t, a_commit_of_the_hosts_makes_all_last);
    tcase_add_test(t, rollback_to_takes_what_came_after);
    tcase_add_test(t, a_savepoint_inside_begin_is_undone_too);
    tcase_add_test(t, a_call_that_fails_leaves_the_hosts_transaction_as_it_was);
    tcase_add_test(t, who_ends_the_transaction_beneath_begin_is_told);
    tcase_add_test(t, a_stale_reading_transaction_says_begin_immediate);
    tcase_add_test(t, another_writer_is_waited_for_as_the_host_says);
    tcase_add_test(t, a_statement_of_the_hosts_that_writes_must_be_at_its_end);
    tcase_add_loop_test(t, what_a_rollback_brings_back_has_its_old_pointer, 0, 2);
    tcase_add_test(t, another_handle_finds_again_what_was_deleted_and_rolled_back);
    tcase_add_test(t, a_transaction_inside_anothers_sees_it_and_ends_first);
    tcase_add_test(t, two_handles_on_one_connection_see_each_other);
    tcase_add_test(t, a_handle_that_rolls_back_leaves_what_another_one_committed);
    tcase_add_test(t, a_registry_that_cannot_be_begun_with_is_verified_inside_a_transaction_of_the_hosts);
    tcase_add_test(t, a_commit_is_one_whatever_the_host_calls_its_savepoints);
    suite_add_tcase(suite, t);
    return suite;
}
