/* test_extension.c - our functions on a connection: transactions, statements that are interrupted, databases
 * that come and go, and closing. */
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../support/client.h"

Suite *test_extension_suite(void);

#define ELEMENTS 200000 /* of float32: more than three chunks */

static const float *ramp(float first)
{
    static float values[ELEMENTS];
    for (int i = 0; i < ELEMENTS; i++)
        values[i] = first + (float)i;
    return values;
}

static const varsdb_variable *large(void)
{
    return got(r.db, "large",
               VARSDB_WITH(.shape = VARSDB_SHAPE(ELEMENTS), .value = ramp(0),
                           .value_bytes = ELEMENTS * sizeof(float)));
}

static sqlite3_stmt *begun(const char *sql)
{
    sqlite3_stmt *s;
    ck_assert_int_eq(sqlite3_prepare_v2(client, sql, -1, &s, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
    return s;
}

/* ---- closing */

START_TEST(a_connection_closes_although_the_registry_was_used)
{
    query("SELECT get_variable('v', '[2]', NULL, 'ones')", "1");
    query("SELECT tensor_item('v', 1)", "1.0");
    ck_assert_int_eq(sqlite3_close(client), SQLITE_OK);
    client = client_connect(r.path, SQLITE_OPEN_READWRITE);
}
END_TEST

START_TEST(a_connection_with_a_statement_of_the_clients_stays_open_until_that_ends)
{
    large();
    sqlite3_stmt *s = begun("SELECT value FROM tensor_each('large')");
    ck_assert_int_eq(sqlite3_close(client), SQLITE_BUSY);
    ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
    query("SELECT tensor_item('large', 7)", "7.0");
    sqlite3_finalize(s);
}
END_TEST

START_TEST(a_statement_may_end_after_its_connection)
{
    large();
    sqlite3_stmt *s = begun("SELECT value FROM tensor_each('large')");
    ck_assert_int_eq(sqlite3_close_v2(client), SQLITE_OK);
    for (int i = 1; i < ELEMENTS; i++)
        if (sqlite3_step(s) != SQLITE_ROW || sqlite3_column_double(s, 0) != i)
            ck_abort_msg("element %d", i);
    ck_assert_int_eq(sqlite3_step(s), SQLITE_DONE);
    sqlite3_finalize(s);
    client = client_connect(r.path, SQLITE_OPEN_READWRITE);
}
END_TEST

START_TEST(loading_it_again_fails_and_changes_nothing)
{
    char *error = NULL;
    query("SELECT get_variable('v', '[]')", "1");
    ck_assert_int_eq(sqlite3_varsdb_init(client, &error, NULL), SQLITE_ERROR);
    ck_assert_str_eq(error, "varsdb 0.1.0 is loaded on this connection already");
    sqlite3_free(error);
    query("SELECT get_variable('v')", "1");
}
END_TEST

START_TEST(a_program_may_have_it_on_every_connection)
{
    sqlite3 *other;
    ck_assert_int_eq(sqlite3_auto_extension((void (*)(void))sqlite3_varsdb_init), SQLITE_OK);
    ck_assert_int_eq(sqlite3_open(r.path, &other), SQLITE_OK);
    query_on(other, "SELECT get_variable('v', '[]')", "1");
    query_on(other, "SELECT varsdb_version()", VARSDB_VERSION);
    ck_assert_int_eq(sqlite3_close(other), SQLITE_OK);
    sqlite3_reset_auto_extension();
}
END_TEST

START_TEST(a_child_of_fork_opens_a_connection_of_its_own)
{
    query("SELECT get_variable('v', '[]')", "1");
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        const char *said = asked(client, "SELECT assign('v', 1)"),
                   *read = asked(client, "SELECT tensor('v')");
        _exit(strstr(said, "opened before fork()") && strstr(read, "opened before fork()") ? 0 : 1);
    }
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_int_eq(status, 0);
    query("SELECT assign('v', 1)", "2");
}
END_TEST

/* ---- transactions */

START_TEST(what_is_made_in_a_transaction_is_undone_with_it)
{
    run(client, "BEGIN");
    query("SELECT get_variable('a', '[2]', NULL, 'zeros')", "1");
    run(client, "SAVEPOINT inner");
    query("SELECT model_variable('b', '[]')", "2");
    query("SELECT assign('a', '[1,2]')", "2");
    run(client, "ROLLBACK TO inner");
    query("SELECT tensor_json('a')", "[0.0,0.0]");
    refused("SELECT tensor_json('b')", SQLITE_ERROR, "variable b does not exist");
    run(client, "COMMIT");
    query("SELECT tensor_json('a')", "[0.0,0.0]");
    run(client, "BEGIN");
    query("SELECT assign('a', '[5,6]')", "2");
    run(client, "ROLLBACK");
    query("SELECT tensor_json('a')", "[0.0,0.0]");
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM variables"), 1);
}
END_TEST

START_TEST(one_statement_may_make_many)
{
    query("SELECT count(get_variable('l' || value || '/w', '[2,2]')) FROM json_each('[1,2,3,4,5]')", "5");
    query("SELECT count(*) FROM variables WHERE get_variable(name) = id", "5");
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM global_variables"), 5);
    ck_assert_int_eq(sqlite3_get_autocommit(client), 1);
}
END_TEST

START_TEST(inside_a_statement_that_writes_one_can_read)
{
    large();
    run(client, "CREATE TABLE copy AS SELECT flat_index, value FROM tensor_each('large')");
    query("SELECT count(*), sum(value), max(flat_index) FROM copy", "200000|19999900000.0|199999");
    run(client, "INSERT INTO copy SELECT get_variable('large'), tensor_item('large', 5)");
    query("SELECT flat_index, value FROM copy WHERE rowid > 200000", "1|5.0");
    run(client, "BEGIN; UPDATE copy SET value = tensor_item('large', flat_index) + 1; COMMIT");
    query("SELECT count(*) FROM copy WHERE value = flat_index + 1 AND rowid <= 200000", "200000");
}
END_TEST

START_TEST(inside_a_statement_that_writes_one_cannot_write)
{
    query("SELECT get_variable('there', '[]')", "1");
    run(client, "CREATE TABLE t (x)");
    refused("INSERT INTO t SELECT get_variable('new', '[2]')", SQLITE_ERROR, "BEGIN IMMEDIATE first");
    refused("INSERT INTO t SELECT assign('there', 5)", SQLITE_ERROR, "BEGIN IMMEDIATE first");
    run(client, "BEGIN IMMEDIATE");
    query("SELECT get_variable('new', '[2]')", "2");
    run(client, "INSERT INTO t SELECT get_variable('new', '[2]')");
    run(client, "COMMIT");
    query("SELECT x FROM t", "2");
}
END_TEST

START_TEST(a_transaction_that_read_what_is_old_by_now_says_what_to_do)
{
    got(r.db, "old", VARSDB_WITH(.shape = VARSDB_SCALAR));
    run(client, "BEGIN");
    query("SELECT count(*) FROM variables", "1");
    got(r.db, "other", VARSDB_WITH(.shape = VARSDB_SCALAR));
    refused("SELECT get_variable('new', '[]')", SQLITE_BUSY_SNAPSHOT, "BEGIN IMMEDIATE");
    refused("SELECT assign('old', 5)", SQLITE_BUSY_SNAPSHOT, "BEGIN IMMEDIATE");
    query("SELECT get_variable('old')", "1");
    run(client, "ROLLBACK; BEGIN IMMEDIATE");
    query("SELECT get_variable('new', '[]')", "3");
    run(client, "COMMIT");
}
END_TEST

START_TEST(a_lock_that_another_holds_is_waited_for_and_told)
{
    sqlite3_busy_timeout(client, 20);
    ok(r.db, varsdb_begin(r.db));
    refused("SELECT get_variable('new', '[]')", SQLITE_BUSY, "another connection holds the write lock");
    ok(r.db, varsdb_rollback(r.db));
    query("SELECT get_variable('new', '[]')", "1");
}
END_TEST

START_TEST(the_hosts_own_handle_may_be_in_a_transaction)
{
    varsdb *db;
    ck_assert_int_eq(varsdb_open_on(client, NULL, NULL, NULL, &db), VARSDB_OK);
    ok(db, varsdb_begin(db));
    const varsdb_variable *v = got(db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(2), .initializer = "ones"));
    query("SELECT tensor_json('v'), get_variable('v')", "[1.0,1.0]|1");
    query("SELECT assign('v', '[3,4]')", "2");
    query("SELECT get_variable('w', '[]')", "2");
    float now[2];
    ok(db, varsdb_read(db, v, now, sizeof now));
    ck_assert(now[0] == 3 && now[1] == 4);
    ok(db, varsdb_rollback(db));
    refused("SELECT tensor_json('v')", SQLITE_ERROR, "does not exist");
    varsdb_close(db);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM variables"), 0);
}
END_TEST

/* ---- reading */

START_TEST(reading_never_writes)
{
    large();
    int64_t before = registry_number(&r, "PRAGMA data_version");
    char *all = registry_dump(&r);
    query("SELECT length(tensor('large')), tensor_item('large', -1), l1_loss('large') > 0",
          "800000|199999.0|1");
    query("SELECT sum(value) FROM tensor_each('large')", "19999900000.0");
    query("SELECT sum(count) FROM tensor_histogram('large', 7)", "200000");
    query("SELECT get_variable('large')", "1");
    ck_assert_int_eq(sqlite3_total_changes(client), 0);
    ck_assert_int_eq(registry_number(&r, "PRAGMA data_version"), before);
    char *after = registry_dump(&r);
    ck_assert_str_eq(all, after);
    free(all);
    free(after);
}
END_TEST

START_TEST(a_connection_that_cannot_write_reads)
{
    large();
    sqlite3 *reader = client_connect(r.path, SQLITE_OPEN_READONLY);
    query_on(reader, "SELECT tensor_item('large', 3), get_variable('large')", "3.0|1");
    check_refusal(__FILE__, __LINE__, reader, "SELECT get_variable('new', '[]')", SQLITE_READONLY, "new");
    check_refusal(__FILE__, __LINE__, reader, "SELECT assign('large', 0)", SQLITE_READONLY, "cannot write");
    ck_assert_int_eq(sqlite3_close(reader), SQLITE_OK);
    run(client, "PRAGMA query_only = 1");
    query("SELECT tensor_item('large', 3)", "3.0");
    refused("SELECT assign('large', 0)", SQLITE_READONLY, "the connection cannot write to it");
}
END_TEST

START_TEST(a_value_that_is_replaced_meanwhile_is_not_mixed_with_the_new_one)
{
    const varsdb_variable *v = large();
    run(client, "ATTACH ':memory:' AS other");
    sqlite3_stmt *s = begun("SELECT value FROM tensor_each('large')");
    query("SELECT assign('large', tensor('large'))", "2"); /* the same bytes */
    query("SELECT assign('large', zeroblob(800000))", "3");
    int code, i;
    for (i = 1; (code = sqlite3_step(s)) == SQLITE_ROW; i++)
        if (sqlite3_column_double(s, 0) != i)
            ck_abort_msg("element %d", i);
    ck_assert_int_eq(code, SQLITE_ERROR);
    ck_assert_ptr_nonnull(strstr(sqlite3_errmsg(client), "assigned another value while it was read"));
    ck_assert_int_eq(i, 65536); /* what had been read before */
    sqlite3_finalize(s);
    ok(r.db, varsdb_assign(r.db, v, ramp(1), ELEMENTS * sizeof(float)));
    ok(r.db, varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.name = "kept"), NULL));
    s = begun("SELECT value FROM tensor_each('large')");
    query("SELECT assign('large', zeroblob(800000))", "5");
    for (i = 1; (code = sqlite3_step(s)) == SQLITE_ROW; i++)
        if (sqlite3_column_double(s, 0) != i + 1)
            ck_abort_msg("element %d", i);
    ck_assert_int_eq(code, SQLITE_DONE);
    sqlite3_finalize(s);
}
END_TEST

/* ---- interrupts */

/* Interrupts the connection when a statement begins whose text has this in it. */
static const char *victim;

static int interrupt_victim(unsigned event, void *payload, void *statement, void *text)
{
    (void)event, (void)payload, (void)statement;
    if (victim && strstr(text, victim))
        sqlite3_interrupt(client);
    return 0;
}

static void interrupt_at(const char *text)
{
    victim = text;
    sqlite3_trace_v2(client, text ? SQLITE_TRACE_STMT : 0, interrupt_victim, NULL);
}

START_TEST(a_read_that_is_interrupted_leaves_no_transaction)
{
    static const char *const at[] = {"varsdb_registry", "varsdb_names_version", "varsdb_variables",
                                     "varsdb_tensors"};
    large();
    query("SELECT tensor_item('large', 1)", "1.0");
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        query("SELECT assign('large', tensor('large')) > 0", "1");
        interrupt_at(at[i]);
        refused("SELECT length(tensor_json('large'))", SQLITE_INTERRUPT, "interrupted");
        interrupt_at(NULL);
        ck_assert_int_eq(sqlite3_get_autocommit(client), 1);
        query("SELECT tensor_item('large', 2)", "2.0");
    }
    run(client, "BEGIN; CREATE TABLE mine (x)");
    interrupt_at("varsdb_tensors");
    refused("SELECT length(tensor_json('large'))", SQLITE_INTERRUPT, "interrupted");
    interrupt_at(NULL);
    ck_assert_int_eq(sqlite3_get_autocommit(client), 0);
    run(client, "COMMIT");
    query("SELECT count(*) FROM mine", "0");
}
END_TEST

/* _i: which statement is not run */
START_TEST(a_write_that_is_interrupted_is_undone)
{
    static const char *const at[] = {"INSERT INTO \"main\".varsdb_tensors",
                                     "INSERT INTO \"main\".varsdb_variables", "varsdb_collection_members (",
                                     "RELEASE", "varsdb_watch"};
    query("SELECT get_variable('there', '[]', NULL, 'ones')", "1");
    char *before = registry_dump(&r);
    interrupt_at(at[_i]);
    ck_assert_msg(strstr(asked(client, "SELECT get_variable('new', '[3]', NULL, 'ones')"), "interrupted"),
                  "%s", at[_i]);
    interrupt_at(NULL);
    ck_assert_int_eq(sqlite3_get_autocommit(client), 1);
    char *after = registry_dump(&r);
    ck_assert_str_eq(before, after);
    query("SELECT get_variable('new', '[3]', NULL, 'ones'), tensor_json('new')", "2|[1.0,1.0,1.0]");
    /* in a transaction of the client's that goes with it, or lives without it */
    run(client, "CREATE TABLE IF NOT EXISTS mine (x); BEGIN; INSERT INTO mine VALUES (1)");
    interrupt_at(at[_i]);
    ck_assert_msg(
        strstr(asked(client, "SELECT get_variable('newer', '[3]', NULL, 'constant(9)')"), "interrupted"),
        "%s", at[_i]);
    interrupt_at(NULL);
    if (!sqlite3_get_autocommit(client))
        run(client, "COMMIT");
    refused("SELECT tensor_json('newer')", SQLITE_ERROR, "does not exist");
    ck_assert_int_eq(varsdb_verify(r.db, NULL, NULL, NULL) == VARSDB_CORRUPT, 0);
    free(before);
    free(after);
}
END_TEST

/* ---- differences */

START_TEST(a_join_finds_the_differences_of_each_moment)
{
    query("SELECT get_variable('v', '[2]', NULL, 'zeros'), get_variable('w', '[]')", "1|2");
    ok(r.db, varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.name = "s"), NULL));
    query("SELECT assign('v', '[0,3]')", "2");
    query("SELECT j.value, d.name, d.max_abs FROM json_each('[1,2]') j LEFT JOIN snapshot_diff('s') d",
          "1|v|3.0;2|v|3.0");
    query("SELECT assign('v', json_array(0, j.value)),"
          " (SELECT d.max_abs FROM snapshot_diff('s') d WHERE d.name = 'v' AND j.value > 0)"
          " FROM json_each('[5,6,6]') j",
          "3|5.0;4|6.0;5|6.0");
    query("SELECT s.value, (SELECT count(*) FROM snapshot_diff('s', s.value))"
          " FROM json_each('[\"s\", null, \"s\"]') s",
          "s|0;-|1;s|0");
}
END_TEST

/* ---- databases and namespaces */

START_TEST(a_registry_is_made_in_a_database_on_request)
{
    sqlite3 *host = client_connect(":memory:", SQLITE_OPEN_READWRITE);
    check_refusal(__FILE__, __LINE__, host, "SELECT tensor('x')", SQLITE_ERROR, "varsdb_create() makes one");
    check_refusal(__FILE__, __LINE__, host, "SELECT get_variable('x', '[]')", SQLITE_ERROR,
                  "varsdb_create() makes one");
    query_on(host, "SELECT count(*) FROM sqlite_schema", "0");
    query_on(host, "SELECT length(varsdb_create())", "36");
    query_on(host, "SELECT varsdb_create() = varsdb_create()", "1");
    query_on(host, "SELECT model_variable('x', '[2]', 'int32', 'ones')", "1");
    query_on(host, "SELECT name, shape FROM vars_model_variables", "x|[2]");
    ck_assert_int_eq(sqlite3_close(host), SQLITE_OK);
}
END_TEST

START_TEST(a_registry_whose_making_was_undone_is_not_there)
{
    sqlite3 *host = client_connect(":memory:", SQLITE_OPEN_READWRITE);
    run(host, "BEGIN");
    query_on(host, "SELECT length(varsdb_create()), get_variable('x', '[2]')", "36|1");
    run(host, "ROLLBACK");
    check_refusal(__FILE__, __LINE__, host, "SELECT tensor('x')", SQLITE_ERROR,
                  "no database of this connection");
    check_refusal(__FILE__, __LINE__, host, "SELECT * FROM tensor_each('x')", SQLITE_ERROR,
                  "no database of this connection");
    query_on(host, "SELECT length(varsdb_create())", "36");
    query_on(host, "SELECT get_variable('x', '[2]')", "1");
    ck_assert_int_eq(sqlite3_close(host), SQLITE_OK);
}
END_TEST

START_TEST(an_attached_registry_is_found_until_it_is_detached)
{
    char other[TEMP_PATH_BYTES], text[TEMP_PATH_BYTES + 64];
    varsdb *db;
    sqlite3 *host = client_connect(":memory:", SQLITE_OPEN_READWRITE);
    got(r.db, "v", VARSDB_WITH(.shape = VARSDB_SCALAR, .initializer = "constant(1)"));
    temp_file(&r.dir, "other.db", other);
    ck_assert_int_eq(varsdb_open(other, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &db), VARSDB_OK);
    got(db, "v", VARSDB_WITH(.shape = VARSDB_SCALAR, .initializer = "constant(2)"));
    varsdb_close(db);
    snprintf(text, sizeof text, "ATTACH '%s' AS one", r.path);
    run(host, text);
    query_on(host, "SELECT tensor_json('v'), varsdb_database()", "1.0|one");
    run(host, "DETACH one");
    check_refusal(__FILE__, __LINE__, host, "SELECT tensor('v')", SQLITE_ERROR,
                  "no database of this connection");
    snprintf(text, sizeof text, "ATTACH '%s' AS one", other);
    run(host, text);
    query_on(host, "SELECT tensor_json('v')", "2.0");
    snprintf(text, sizeof text, "ATTACH '%s' AS two", r.path);
    run(host, text);
    query_on(host, "SELECT tensor_json('v')", "2.0");
    query_on(host, "SELECT varsdb_database('two'), tensor_json('v'), assign('v', 9)", "two|1.0|2");
    query_on(host, "SELECT varsdb_database('one'), tensor_json('v')", "one|2.0");
    check_refusal(__FILE__, __LINE__, host, "SELECT varsdb_database('three')", SQLITE_ERROR,
                  "no database 'three'");
    query_on(host, "SELECT tensor_json('v')", "2.0");
    ck_assert_int_eq(sqlite3_close(host), SQLITE_OK);
    query("SELECT tensor_json('v')", "9.0");
}
END_TEST

START_TEST(names_are_of_one_namespace_and_ids_of_all)
{
    query("SELECT get_variable('v', '[]', NULL, 'constant(1)'), varsdb_namespace()", "1|main");
    query("SELECT varsdb_namespace('run 2')", "run 2");
    refused("SELECT tensor('v')", SQLITE_ERROR, "does not exist in namespace run 2");
    query("SELECT get_variable('v', '[]', NULL, 'constant(2)')", "2");
    query("SELECT v.namespace, tensor_json(v.id), e.value FROM variables v, tensor_each(v.id) e",
          "main|1.0|1.0;run 2|2.0|2.0");
    refused("SELECT varsdb_namespace('')", SQLITE_ERROR, "namespace");
    query("SELECT tensor_json('v')", "2.0");
    query("SELECT varsdb_namespace(NULL), tensor_json('v')", "main|1.0");
    refused("SELECT tensor(77)", SQLITE_ERROR, "no variable with the id 77");
    query("SELECT assign(2, 7), tensor_json(2), tensor_json('v')", "2|7.0|1.0");
    refused("SELECT assign(77, 7)", SQLITE_ERROR, "no variable with the id 77");
}
END_TEST

START_TEST(a_loss_is_of_a_name_or_of_an_id_of_any_namespace)
{
    query("SELECT get_variable('v', '[2]', NULL, 'ones', '{\"regularizer\": \"l1(3)\", \"partitioner\": "
          "\"fixed_size(2)\"}')",
          "1");
    query("SELECT regularization_loss('v'), regularization_loss('v:0'), regularization_loss(1)",
          "6.0|6.0|6.0");
    query("SELECT varsdb_namespace('run 2'), regularization_loss(1), regularization_loss()", "run 2|6.0|0.0");
    refused("SELECT regularization_loss(77)", SQLITE_ERROR, "no variable with the id 77");
    refused("SELECT regularization_loss('v')", SQLITE_ERROR, "v does not exist in namespace run 2");
    query("SELECT varsdb_namespace(NULL)", "main");
    refused("SELECT regularization_loss('v/part_0')", SQLITE_ERROR, "a part has no loss of its own");
    refused("SELECT regularization_loss(x'76')", SQLITE_ERROR, "a variable's name, or its id");
}
END_TEST

/* ---- schemas of strangers */

START_TEST(views_and_triggers_cannot_write_by_our_functions)
{
    run(client, "CREATE VIEW evil AS SELECT get_variable('x', '[]') AS id");
    refused("SELECT id FROM evil", SQLITE_ERROR, "unsafe use of get_variable()");
    run(client,
        "CREATE TABLE t (x); CREATE TRIGGER evil2 AFTER INSERT ON t BEGIN SELECT assign('x', 1); END");
    refused("INSERT INTO t VALUES (1)", SQLITE_ERROR, "unsafe use of assign()");
    run(client, "DROP VIEW evil; DROP TRIGGER evil2; CREATE VIEW fair AS SELECT tensor_json('y') AS y");
    query("SELECT get_variable('y', '[]', NULL, 'ones')", "1");
    query("SELECT y FROM fair", "1.0");
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM variables"), 1);
}
END_TEST

static void add(Suite *suite, const char *name, const TTest *const *tests, size_t count)
{
    TCase *tcase = tcase_create(name);
    tcase_add_checked_fixture(tcase, client_open, client_close);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
}
#define ADD(suite, name, ...)                             \
    add(suite, name, (const TTest *const[]){__VA_ARGS__}, \
        sizeof((const TTest *const[]){__VA_ARGS__}) / sizeof(const TTest *))

Suite *test_extension_suite(void)
{
    Suite *suite = suite_create("extension");
    ADD(suite, "closing", a_connection_closes_although_the_registry_was_used,
        a_connection_with_a_statement_of_the_clients_stays_open_until_that_ends,
        a_statement_may_end_after_its_connection, loading_it_again_fails_and_changes_nothing,
        a_program_may_have_it_on_every_connection, a_child_of_fork_opens_a_connection_of_its_own);
    ADD(suite, "transactions", what_is_made_in_a_transaction_is_undone_with_it, one_statement_may_make_many,
        inside_a_statement_that_writes_one_can_read, inside_a_statement_that_writes_one_cannot_write,
        a_transaction_that_read_what_is_old_by_now_says_what_to_do,
        a_lock_that_another_holds_is_waited_for_and_told, the_hosts_own_handle_may_be_in_a_transaction);
    ADD(suite, "reading", reading_never_writes, a_connection_that_cannot_write_reads,
        a_value_that_is_replaced_meanwhile_is_not_mixed_with_the_new_one);
    ADD(suite, "interrupts", a_read_that_is_interrupted_leaves_no_transaction);
    TCase *writes = tcase_create("interrupted writes");
    tcase_add_checked_fixture(writes, client_open, client_close);
    tcase_add_loop_test(writes, a_write_that_is_interrupted_is_undone, 0, 5);
    suite_add_tcase(suite, writes);
    ADD(suite, "differences", a_join_finds_the_differences_of_each_moment);
    ADD(suite, "databases", a_registry_is_made_in_a_database_on_request,
        a_registry_whose_making_was_undone_is_not_there, an_attached_registry_is_found_until_it_is_detached,
        names_are_of_one_namespace_and_ids_of_all, a_loss_is_of_a_name_or_of_an_id_of_any_namespace);
    ADD(suite, "strangers", views_and_triggers_cannot_write_by_our_functions);
    return suite;
}
