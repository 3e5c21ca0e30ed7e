/* test_transaction.c - begin, commit, rollback: what is provisional, and that nothing is half done. */
#include <stdlib.h>
#include <string.h>

#include "../support/faulty.h"
#include "../support/registry.h"
#include "internal.h"

Suite *test_transaction_suite(void);

static registry r;

static void open_registry(void)
{
    registry_open(&r);
}

static void close_registry(void)
{
    registry_close(&r);
}

static const varsdb_variable *vector(const char *name)
{
    return got(r.db, name, VARSDB_WITH(.shape = VARSDB_SHAPE(4)));
}

static float value[4];

START_TEST(begin_commit_and_rollback_pair_up)
{
    ck_assert_int_eq(varsdb_in_transaction(r.db), 0);
    expect(r.db, VARSDB_MISUSE, varsdb_commit(r.db));
    expect(r.db, VARSDB_MISUSE, varsdb_rollback(r.db));
    ok(r.db, varsdb_begin(r.db));
    ck_assert_int_eq(varsdb_in_transaction(r.db), 1);
    expect(r.db, VARSDB_MISUSE, varsdb_begin(r.db));
    expect(r.db, VARSDB_MISUSE, varsdb_begin_read(r.db));
    ck_assert_int_eq(varsdb_in_transaction(r.db), 1);
    ok(r.db, varsdb_commit(r.db));
    ok(r.db, varsdb_begin_read(r.db));
    expect(r.db, VARSDB_MISUSE, varsdb_begin(r.db));
    ok(r.db, varsdb_rollback(r.db));
    ck_assert_int_eq(varsdb_in_transaction(r.db), 0);
    ck_assert_int_eq(varsdb_in_transaction(NULL), 0);
}
END_TEST

START_TEST(what_is_committed_is_there_and_what_is_rolled_back_is_not)
{
    ok(r.db, varsdb_begin(r.db));
    vector("a");
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM variables"), 0);
    ok(r.db, varsdb_commit(r.db));
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM variables"), 1);
    char *before = registry_dump(&r);
    ok(r.db, varsdb_begin(r.db));
    vector("s/b");
    ok(r.db, varsdb_assign(r.db, vector("a"), value, sizeof value));
    ok(r.db, varsdb_use_namespace(r.db, "other"));
    vector("c");
    ok(r.db, varsdb_rollback(r.db));
    char *after = registry_dump(&r);
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
}
END_TEST

START_TEST(closing_rolls_back)
{
    ok(r.db, varsdb_begin(r.db));
    vector("a");
    registry_reopen(&r);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM variables"), 0);
}
END_TEST

START_TEST(created_is_provisional)
{
    int created = 0;
    const varsdb_variable *first, *second;
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, varsdb_get_variable(r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(4)), &created, &first));
    ck_assert_int_eq(created, 1);
    ok(r.db, varsdb_rollback(r.db));
    expect(r.db, VARSDB_GONE, varsdb_read(r.db, first, value, sizeof value));
    says(r.db, "variable v");
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_variable(r.db, "v", &second));
    ok(r.db, varsdb_get_variable(r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(4)), &created, &second));
    ck_assert_int_eq(created, 1);
    ck_assert_ptr_ne(first, second);
    expect(r.db, VARSDB_GONE, varsdb_read(r.db, first, value, sizeof value));
    ck_assert_str_eq(varsdb_variable_name(first), "v");
}
END_TEST

START_TEST(a_deletion_rolled_back_leaves_the_same_pointer_alive)
{
    const varsdb_variable *v = vector("s/v"), *found, *again;
    const char *name = varsdb_variable_name(v);
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, varsdb_delete_variable(r.db, v));
    expect(r.db, VARSDB_GONE, varsdb_read(r.db, v, value, sizeof value));
    again = vector("s/v");
    ck_assert_ptr_ne(again, v);
    ok(r.db, varsdb_rollback(r.db));
    ok(r.db, varsdb_read(r.db, v, value, sizeof value));
    ok(r.db, varsdb_find_variable(r.db, "s/v", &found));
    ck_assert_ptr_eq(found, v);
    ck_assert_ptr_eq(varsdb_variable_name(v), name); /* it was never renamed */
    expect(r.db, VARSDB_GONE, varsdb_read(r.db, again, value, sizeof value));
}
END_TEST

START_TEST(a_rename_rolled_back_gives_the_old_name_back)
{
    const varsdb_variable *v = vector("s/v"), *other, *found;
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, varsdb_rename_variable(r.db, v, "t/w"));
    other = vector("s/v");
    ck_assert_ptr_ne(other, v);
    ok(r.db, varsdb_rename_variable(r.db, v, "t/x"));
    ok(r.db, varsdb_rollback(r.db));
    ck_assert_str_eq(varsdb_variable_name(v), "s/v");
    ok(r.db, varsdb_find_variable(r.db, "s/v", &found));
    ck_assert_ptr_eq(found, v);
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_variable(r.db, "t/w", &found));
    expect(r.db, VARSDB_GONE, varsdb_read(r.db, other, value, sizeof value));
}
END_TEST

START_TEST(memberships_rolled_back_are_forgotten)
{
    const varsdb_variable *v = vector("v");
    ok(r.db, varsdb_begin(r.db));
    got_model(r.db, "v", NULL);
    ok(r.db, varsdb_rollback(r.db));
    ck_assert_ptr_eq(got_model(r.db, "v", NULL), v);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM model_variables"), 1);
}
END_TEST

/* ---- pictures */

START_TEST(a_read_transaction_sees_one_picture)
{
    varsdb *other = registry_another(&r);
    const varsdb_variable *v = vector("v"), *theirs = got(other, "v", NULL), *found;
    ok(r.db, varsdb_begin_read(r.db));
    ck_assert_int_eq(version_of(r.db, v), 1);
    ok(other, varsdb_assign(other, theirs, value, sizeof value));
    ok(other, varsdb_rename_variable(other, theirs, "w"));
    ck_assert_int_eq(version_of(r.db, v), 1);
    ck_assert_str_eq(varsdb_variable_name(got(r.db, "v", NULL)), "v");
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_variable(r.db, "w", &found));
    ok(r.db, varsdb_commit(r.db));
    ok(r.db, varsdb_find_variable(r.db, "w", &found));
    ck_assert_ptr_eq(found, v);
    ck_assert_str_eq(varsdb_variable_name(v), "w");
    ck_assert_int_eq(version_of(r.db, v), 2);
    varsdb_close(other);
}
END_TEST

START_TEST(the_first_write_takes_the_lock_unless_another_wrote)
{
    varsdb *other = registry_another(&r);
    const varsdb_variable *v = vector("v");
    ok(r.db, varsdb_begin_read(r.db));
    ok(r.db, varsdb_assign(r.db, v, value, sizeof value));
    ok(r.db, varsdb_commit(r.db));
    ck_assert_int_eq(version_of(r.db, v), 2);
    ok(r.db, varsdb_begin_read(r.db));
    got(other, "w", VARSDB_WITH(.shape = VARSDB_SHAPE(4)));
    expect(r.db, VARSDB_RETRY, varsdb_assign(r.db, v, value, sizeof value));
    ok(r.db, varsdb_rollback(r.db));
    ck_assert_int_eq(version_of(r.db, v), 2);
    ok(r.db, varsdb_assign(r.db, v, value, sizeof value));
    varsdb_close(other);
}
END_TEST

START_TEST(the_write_lock_is_waited_for_until_the_deadline)
{
    varsdb *other = registry_another(&r);
    const varsdb_variable *out = NULL;
    ok(other, varsdb_set_timeout(other, 30));
    ok(r.db, varsdb_begin(r.db));
    expect(other, VARSDB_BUSY, varsdb_begin(other));
    ck_assert_int_eq(varsdb_in_transaction(other), 0);
    expect(other, VARSDB_BUSY,
           varsdb_get_variable(other, "v", VARSDB_WITH(.shape = VARSDB_SCALAR), NULL, &out));
    ck_assert_ptr_null(out);
    ok(other, varsdb_set_timeout(other, -1));
    expect(other, VARSDB_BUSY, varsdb_begin(other));
    ok(r.db, varsdb_commit(r.db));
    got(other, "v", VARSDB_WITH(.shape = VARSDB_SCALAR));
    varsdb_close(other);
}
END_TEST

/* ---- a write that fails half-way */

typedef int (*operation)(varsdb *db);

static int create(varsdb *db)
{
    static const char *const mine[] = {"fresh", "GLOBAL", NULL};
    const varsdb_variable *v = NULL;
    return varsdb_get_variable(
        db, "new/scope/v",
        VARSDB_WITH(.shape = VARSDB_SHAPE(10000), .collections = mine, .partitioner = "fixed_size(2)"), NULL,
        &v);
}

static const varsdb_variable *big, *w;

static int assign(varsdb *db)
{
    static float values[10000];
    values[0] = 1;
    return varsdb_assign(db, big, values, sizeof values);
}

static int rename_variable(varsdb *db)
{
    return varsdb_rename_variable(db, big, "x/y/z");
}

static int delete_variable(varsdb *db)
{
    return varsdb_delete_variable(db, big);
}

static int rename_scope(varsdb *db)
{
    return varsdb_rename_scope(db, "s", "u/v");
}

static int delete_scope(varsdb *db)
{
    return varsdb_delete_scope(db, "s", NULL);
}

static int join(varsdb *db)
{
    const varsdb_variable *v;
    return varsdb_model_variable(db, "s/a/big", NULL, NULL, &v);
}

static int uncollect(varsdb *db)
{
    return varsdb_uncollect(db, "mine", w);
}

static int set_defaults(varsdb *db)
{
    return varsdb_set_scope_defaults(db, "d/e", &(varsdb_scope_defaults){.initializer = "ones"});
}

static int delete_namespace(varsdb *db)
{
    return varsdb_delete_namespace(db, "main");
}

static const operation operations[] = {
    create,       assign, rename_variable, delete_variable, rename_scope,
    delete_scope, join,   uncollect,       set_defaults,    delete_namespace};

/* A registry that every operation changes in several places. */
static void populate(void)
{
    big = got(r.db, "s/a/big", VARSDB_WITH(.shape = VARSDB_SHAPE(10000)));
    w = got(r.db, "s/w", VARSDB_WITH(.shape = VARSDB_SHAPE(2), .initializer = "ones"));
    ok(r.db, varsdb_collect(r.db, "mine", w));
    ok(r.db, varsdb_set_attribute(r.db, big, "k", "1"));
    ok(r.db, varsdb_set_scope_defaults(r.db, "s/a", &(varsdb_scope_defaults){.regularizer = "l2(1)"}));
}

/* The objects are as the registry is. */
static void check_objects(void)
{
    const varsdb_variable *found;
    static float values[10000];
    ok(r.db, varsdb_find_variable(r.db, "s/a/big", &found));
    ck_assert_ptr_eq(found, big);
    ck_assert_str_eq(varsdb_variable_name(big), "s/a/big");
    ok(r.db, varsdb_read(r.db, big, values, sizeof values));
    ok(r.db, varsdb_find_variable(r.db, "s/w", &found));
    ck_assert_ptr_eq(found, w);
    ok(r.db, varsdb_read(r.db, w, values, 8));
}

static void check_unchanged(const char *before, int i, int n)
{
    char *after = registry_dump(&r);
    ck_assert_msg(strcmp(before, after) == 0, "operation %d, statement %d: something is left", i, n);
    free(after);
    check_objects();
}

START_TEST(outside_a_transaction_every_statement_may_fail_and_nothing_is_left)
{
    operation run = operations[_i];
    int n = 0;
    populate();
    char *before = registry_dump(&r);
    faulty_install(r.db);
    for (;; n++) {
        faulty_fail(n);
        int rc = run(r.db);
        if (!faulty_failed()) {
            faulty_fail(-1);
            check_result(r.db, rc, VARSDB_OK, "the operation", __FILE__, __LINE__);
            break;
        }
        faulty_fail(-1);
        ck_assert_int_eq(varsdb_in_transaction(r.db), 0);
        if (rc == VARSDB_OK && run == delete_namespace) {
            /* It is committed; what failed is the sweep behind it, and garbage is left. */
            ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM varsdb_variables"), 0);
            break;
        }
        check_result(r.db, rc, VARSDB_IO, "the operation", __FILE__, __LINE__);
        check_unchanged(before, _i, n);
    }
    ck_assert_int_ge(n, 5);
    char *after = registry_dump(&r);
    ck_assert_str_ne(before, after);
    free(before);
    free(after);
    faulty_remove(r.db);
}
END_TEST

/* One round: returns whether the statement was reached. */
static int fail_inside(operation run, int i, int n, const char *before)
{
    const varsdb_variable *found;
    ok(r.db, varsdb_begin(r.db));
    vector("inside");
    faulty_fail(n);
    int rc = run(r.db), failed = faulty_failed();
    faulty_fail(-1);
    check_result(r.db, rc, failed ? VARSDB_IO : VARSDB_OK, "the operation", __FILE__, __LINE__);
    rc = varsdb_find_variable(r.db, "inside", &found);
    if (rc == VARSDB_ABORTED) {
        ck_assert(failed);
        expect(r.db, VARSDB_ABORTED, varsdb_assign(r.db, w, value, 8));
        expect(r.db, VARSDB_ABORTED, varsdb_read(r.db, w, value, 8));
        ck_assert_int_eq(varsdb_in_transaction(r.db), 1);
    }
    /* both ways to end it */
    if (rc == VARSDB_ABORTED && n % 2)
        expect(r.db, VARSDB_ABORTED, varsdb_commit(r.db));
    else
        ok(r.db, varsdb_rollback(r.db));
    ck_assert_int_eq(varsdb_in_transaction(r.db), 0);
    check_unchanged(before, i, n);
    return failed;
}

START_TEST(inside_a_transaction_every_statement_may_fail_and_rollback_leaves_nothing)
{
    int n = 0;
    populate();
    char *before = registry_dump(&r);
    faulty_install(r.db);
    while (fail_inside(operations[_i], _i, n, before))
        n++;
    ck_assert_int_ge(n, 3);
    free(before);
    faulty_remove(r.db);
    vector("works");
}
END_TEST

/* ---- transact */

typedef struct attempts {
    int runs, fail_first, code;
} attempts;

static int attempt(varsdb *db, void *payload)
{
    attempts *a = payload;
    ck_assert_int_eq(varsdb_in_transaction(db), 1);
    got(db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(4)));
    return ++a->runs <= a->fail_first ? a->code : VARSDB_OK;
}

START_TEST(a_handle_for_reading_refuses_to_write_inside_a_transaction_too)
{
    varsdb *db;
    const varsdb_variable *v;
    got(r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(4), .initializer = "zeros"));
    ck_assert_int_eq(varsdb_open(r.path, VARSDB_OPEN(.flags = VARSDB_READ_ONLY), &db), VARSDB_OK);
    ok(db, varsdb_begin_read(db));
    ok(db, varsdb_find_variable(db, "v", &v));
    expect(db, VARSDB_READONLY, varsdb_assign_json(db, v, "[1,2,3,4]"));
    expect(db, VARSDB_READONLY, varsdb_delete_variable(db, v));
    ok(db, varsdb_rollback(db));
    varsdb_close(db);
    ck_assert_int_eq(registry_number(&r, "SELECT version FROM variables"), 1);
}
END_TEST

#define MANY_BYTES (3 << 20) /* stored in transactions of its own */

typedef struct attempt_to_store {
    varsdb *db;
    const varsdb_variable *v;
    void *value;
    int runs;
} attempt_to_store;

static int store_many(void *payload, const varsdb_namespace_info *info)
{
    attempt_to_store *a = payload;
    (void)info;
    a->runs++;
    expect(a->db, VARSDB_MISUSE, varsdb_assign(a->db, a->v, a->value, MANY_BYTES));
    says(a->db, "a list callback may not write");
    return 0;
}

START_TEST(a_list_callback_may_not_store_a_large_value_either)
{
    attempt_to_store a = {.db = r.db, .value = calloc(1, MANY_BYTES)};
    ck_assert_ptr_nonnull(a.value);
    a.v = got(r.db, "many",
              VARSDB_WITH(.dtype = VARSDB_UINT8, .shape = VARSDB_SHAPE(MANY_BYTES), .initializer = "ones"));
    ok(r.db, varsdb_list_namespaces(r.db, store_many, &a));
    ck_assert_int_eq(a.runs, 1);
    ok(r.db, varsdb_assign(r.db, a.v, a.value, MANY_BYTES));
    free(a.value);
}
END_TEST

static int look_for_nothing(varsdb *db, void *payload)
{
    const varsdb_variable *v;
    (void)payload;
    return varsdb_find_variable(db, "nothing", &v);
}

static int give_up(varsdb *db, void *payload)
{
    (void)payload;
    got(db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(4)));
    ok(db, varsdb_rollback(db));
    return VARSDB_INVALID;
}

START_TEST(transact_says_what_its_callback_failed_at_and_bears_that_it_rolled_back_itself)
{
    attempts retried = {0, 1, VARSDB_RETRY};
    expect(r.db, VARSDB_NOTFOUND, varsdb_transact(r.db, look_for_nothing, NULL));
    says(r.db, "nothing");
    expect(r.db, VARSDB_INVALID, varsdb_transact(r.db, give_up, NULL));
    says(r.db, "the transaction's callback returned");
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM variables"), 0);
    ok(r.db, varsdb_set_timeout(r.db, INT64_MAX)); /* no deadline is beyond the end of time */
    ok(r.db, varsdb_transact(r.db, attempt, &retried));
    ck_assert_int_eq(retried.runs, 2);
}
END_TEST

START_TEST(transact_repeats_on_retry_and_rolls_back_otherwise)
{
    attempts retried = {0, 3, VARSDB_RETRY}, failed = {0, 1, VARSDB_INVALID},
             always = {0, 1 << 30, VARSDB_RETRY};
    expect(r.db, VARSDB_INVALID, varsdb_transact(r.db, attempt, &failed));
    ck_assert_int_eq(failed.runs, 1);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM variables"), 0);
    ok(r.db, varsdb_set_timeout(r.db, 50));
    expect(r.db, VARSDB_RETRY, varsdb_transact(r.db, attempt, &always));
    ck_assert_int_gt(always.runs, 1);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM variables"), 0);
    ok(r.db, varsdb_set_timeout(r.db, 0));
    ok(r.db, varsdb_transact(r.db, attempt, &retried));
    ck_assert_int_eq(retried.runs, 4);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM variables"), 1);
    expect(r.db, VARSDB_MISUSE, varsdb_transact(r.db, NULL, NULL));
    ok(r.db, varsdb_begin(r.db));
    expect(r.db, VARSDB_MISUSE, varsdb_transact(r.db, attempt, &retried));
    ck_assert_int_eq(varsdb_in_transaction(r.db), 1);
}
END_TEST

/* SQLite rolls back by itself when memory or the disk fails, in a read too. */
START_TEST(a_transaction_that_sqlite_ended_is_aborted)
{
    float x[4];
    const varsdb_variable *v = got(r.db, "kept", VARSDB_WITH(.shape = VARSDB_SHAPE(4)));
    ok(r.db, varsdb_begin(r.db));
    got(r.db, "lost", VARSDB_WITH(.shape = VARSDB_SHAPE(4)));
    ck_assert_int_eq(r.db->engine->methods->rollback(r.db->engine), VARSDB_OK);
    expect(r.db, VARSDB_ABORTED, varsdb_read(r.db, v, x, sizeof x));
    expect(r.db, VARSDB_ABORTED, varsdb_assign(r.db, v, x, sizeof x));
    expect(r.db, VARSDB_ABORTED, varsdb_commit(r.db));
    ck_assert_int_eq(varsdb_in_transaction(r.db), 0);
    ok(r.db, varsdb_read(r.db, v, x, sizeof x));
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM variables"), 1);
}
END_TEST

/* Whatever each of them looks at first, none writes outside of the transaction that it was meant for. */
START_TEST(a_transaction_that_sqlite_ended_takes_no_write)
{
    const varsdb_named_value named = {"kept", value, sizeof value};
    const varsdb_scope_defaults defaults = {.initializer = "ones"};
    vector("kept");
    char *before = registry_dump(&r), *after;
    ok(r.db, varsdb_begin(r.db));
    vector("lost");
    ck_assert_int_eq(r.db->engine->methods->rollback(r.db->engine), VARSDB_OK);
    expect(r.db, VARSDB_ABORTED, varsdb_assign_values(r.db, &named, 1));
    expect(r.db, VARSDB_ABORTED, varsdb_create_namespace(r.db, "other", NULL));
    expect(r.db, VARSDB_ABORTED, varsdb_set_scope_defaults(r.db, "s", &defaults));
    expect(r.db, VARSDB_ABORTED, varsdb_set_attribute(r.db, NULL, "k", "1"));
    expect(r.db, VARSDB_ABORTED, varsdb_set_retention(r.db, 1, 0));
    expect(r.db, VARSDB_ABORTED, varsdb_take_snapshot(r.db, NULL, NULL));
    expect(r.db, VARSDB_ABORTED, varsdb_rename_scope(r.db, "s", "t"));
    expect(r.db, VARSDB_ABORTED, varsdb_delete_scope(r.db, "s", NULL));
    expect(r.db, VARSDB_ABORTED, varsdb_delete_namespace(r.db, "main"));
    says(r.db, "roll it back");
    ok(r.db, varsdb_rollback(r.db));
    after = registry_dump(&r);
    ck_assert_str_eq(after, before);
    free(before);
    free(after);
}
END_TEST

Suite *test_transaction_suite(void)
{
    Suite *suite = suite_create("transaction");
    TCase *t = tcase_create("transaction");
    const int count = sizeof operations / sizeof *operations;
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_test(t, begin_commit_and_rollback_pair_up);
    tcase_add_test(t, what_is_committed_is_there_and_what_is_rolled_back_is_not);
    tcase_add_test(t, closing_rolls_back);
    tcase_add_test(t, created_is_provisional);
    tcase_add_test(t, a_deletion_rolled_back_leaves_the_same_pointer_alive);
    tcase_add_test(t, a_rename_rolled_back_gives_the_old_name_back);
    tcase_add_test(t, memberships_rolled_back_are_forgotten);
    tcase_add_test(t, a_read_transaction_sees_one_picture);
    tcase_add_test(t, the_first_write_takes_the_lock_unless_another_wrote);
    tcase_add_test(t, the_write_lock_is_waited_for_until_the_deadline);
    tcase_add_loop_test(t, outside_a_transaction_every_statement_may_fail_and_nothing_is_left, 0, count);
    tcase_add_loop_test(t, inside_a_transaction_every_statement_may_fail_and_rollback_leaves_nothing, 0,
                        count);
    tcase_add_test(t, transact_repeats_on_retry_and_rolls_back_otherwise);
    tcase_add_test(t, a_handle_for_reading_refuses_to_write_inside_a_transaction_too);
    tcase_add_test(t, a_list_callback_may_not_store_a_large_value_either);
    tcase_add_test(t, transact_says_what_its_callback_failed_at_and_bears_that_it_rolled_back_itself);
    tcase_add_test(t, a_transaction_that_sqlite_ended_is_aborted);
    tcase_add_test(t, a_transaction_that_sqlite_ended_takes_no_write);
    suite_add_tcase(suite, t);
    return suite;
}
