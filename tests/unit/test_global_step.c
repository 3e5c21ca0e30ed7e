/* test_global_step.c - one variable counts steps, by its collection or else by its name. */
#include <pthread.h>
#include <string.h>

#include "../support/registry.h"

Suite *test_global_step_suite(void);

static registry r;

static void open_registry(void)
{
    registry_open(&r);
}

static void close_registry(void)
{
    registry_close(&r);
}

static const varsdb_variable *created_step(void)
{
    const varsdb_variable *v = NULL;
    ok(r.db, varsdb_create_global_step(r.db, &v));
    return v;
}

static const varsdb_variable *scalar(const char *name, varsdb_dtype dtype)
{
    return got(r.db, name, VARSDB_WITH(.shape = VARSDB_SCALAR, .dtype = dtype, .initializer = "zeros"));
}

START_TEST(it_is_an_untrained_int64_zero_in_two_collections)
{
    int64_t value = -1;
    const varsdb_variable *v = created_step(), *found = NULL;
    ck_assert_str_eq(varsdb_variable_name(v), "global_step");
    ck_assert_int_eq(varsdb_variable_dtype(v), VARSDB_INT64);
    ck_assert_int_eq(varsdb_variable_shape(v)->rank, 0);
    ck_assert_str_eq(registry_sql(&r, "SELECT collection FROM collection_variables ORDER BY collection"),
                     "global_step\nvariables");
    ck_assert_int_eq(registry_number(&r, "SELECT trainable FROM variables"), 0);
    ok(r.db, varsdb_read(r.db, v, &value, sizeof value));
    ck_assert_int_eq(value, 0);
    ok(r.db, varsdb_get_global_step(r.db, &found));
    ck_assert_ptr_eq(found, v);
}
END_TEST

START_TEST(it_is_made_below_the_current_scope_and_found_from_anywhere)
{
    const varsdb_variable *v = NULL, *found = NULL;
    VARSDB_IN_SCOPE (r.db, "A", .regularizer = "l2(0.5)", .dtype = VARSDB_FLOAT32,
                     .partitioner = "fixed_size(2)")
        v = created_step();
    ck_assert_ptr_nonnull(v);
    ck_assert_str_eq(varsdb_variable_name(v), "A/global_step");
    ok(r.db, varsdb_get_global_step(r.db, &found));
    ck_assert_ptr_eq(found, v);
    /* What the scope says of weights is not for it. */
    ck_assert_str_eq(registry_sql(&r, "SELECT collection FROM collection_variables ORDER BY collection"),
                     "global_step\nvariables");
}
END_TEST

START_TEST(a_second_one_exists_already)
{
    const varsdb_variable *v = created_step(), *second = NULL;
    expect(r.db, VARSDB_EXISTS, varsdb_create_global_step(r.db, &second));
    says(r.db, "global_step");
    VARSDB_IN_SCOPE (r.db, "A")
        expect(r.db, VARSDB_EXISTS, varsdb_create_global_step(r.db, &second));
    ck_assert_ptr_null(second);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM variables"), 1);
    ok(r.db, varsdb_delete_variable(r.db, v));
    created_step();
}
END_TEST

START_TEST(a_variable_of_the_name_stands_in_for_the_collection)
{
    const varsdb_variable *found = NULL, *v;
    expect(r.db, VARSDB_NOTFOUND, varsdb_get_global_step(r.db, &found));
    scalar("A/global_step", VARSDB_INT64);
    expect(r.db, VARSDB_NOTFOUND, varsdb_get_global_step(r.db, &found));
    says(r.db, "main");
    v = scalar("global_step", VARSDB_INT32);
    ok(r.db, varsdb_get_global_step(r.db, &found));
    ck_assert_ptr_eq(found, v);
    expect(r.db, VARSDB_EXISTS, varsdb_create_global_step(r.db, &found));
    /* A member of the collection comes first. */
    v = scalar("steps", VARSDB_UINT8);
    ok(r.db, varsdb_collect(r.db, VARSDB_GLOBAL_STEP, v));
    ok(r.db, varsdb_get_global_step(r.db, &found));
    ck_assert_ptr_eq(found, v);
}
END_TEST

START_TEST(several_are_none)
{
    const varsdb_variable *found = NULL;
    int created = -1;
    created_step();
    ok(r.db, varsdb_collect(r.db, VARSDB_GLOBAL_STEP, scalar("steps", VARSDB_INT64)));
    expect(r.db, VARSDB_INVALID, varsdb_get_global_step(r.db, &found));
    says(r.db, "2 variables");
    expect(r.db, VARSDB_INVALID, varsdb_create_global_step(r.db, &found));
    expect(r.db, VARSDB_INVALID, varsdb_get_or_create_global_step(r.db, &created, &found));
    ck_assert_ptr_null(found);
    ck_assert_int_eq(created, -1);
}
END_TEST

START_TEST(get_or_create_creates_once)
{
    const varsdb_variable *first = NULL, *second = NULL;
    int created = -1;
    ok(r.db, varsdb_get_or_create_global_step(r.db, &created, &first));
    ck_assert_int_eq(created, 1);
    VARSDB_IN_SCOPE (r.db, "A")
        ok(r.db, varsdb_get_or_create_global_step(r.db, &created, &second));
    ck_assert_int_eq(created, 0);
    ck_assert_ptr_eq(first, second);
    ok(r.db, varsdb_get_or_create_global_step(r.db, NULL, &second));
    expect(r.db, VARSDB_MISUSE, varsdb_get_or_create_global_step(r.db, &created, NULL));
}
END_TEST

START_TEST(only_integer_scalars_will_do)
{
    static const varsdb_dtype good[] = {VARSDB_INT8,  VARSDB_INT16,  VARSDB_INT32,  VARSDB_INT64,
                                        VARSDB_UINT8, VARSDB_UINT16, VARSDB_UINT32, VARSDB_UINT64};
    static const varsdb_dtype bad[] = {VARSDB_FLOAT32, VARSDB_FLOAT64, VARSDB_BOOL, VARSDB_COMPLEX64,
                                       VARSDB_STRING};
    const varsdb_variable *found = NULL;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ok(r.db, varsdb_check_global_step(r.db, scalar(varsdb_dtype_name(good[i]), good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *name = varsdb_dtype_name(bad[i]);
        const varsdb_variable *v =
            got(r.db, name, VARSDB_WITH(.shape = VARSDB_SCALAR, .dtype = bad[i], .initializer = "none"));
        expect(r.db, VARSDB_INVALID, varsdb_check_global_step(r.db, v));
        says(r.db, name);
    }
    const varsdb_variable *vector =
        got(r.db, "global_step", VARSDB_WITH(.shape = VARSDB_SHAPE(1), .dtype = VARSDB_INT64));
    expect(r.db, VARSDB_INVALID, varsdb_check_global_step(r.db, vector));
    says(r.db, "scalar");
    expect(r.db, VARSDB_INVALID, varsdb_get_global_step(r.db, &found));
    expect(r.db, VARSDB_INVALID, varsdb_get_or_create_global_step(r.db, NULL, &found));
    ck_assert_ptr_null(found);
}
END_TEST

START_TEST(a_rolled_back_one_is_not_there)
{
    const varsdb_variable *v = NULL, *found = NULL;
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, varsdb_get_or_create_global_step(r.db, NULL, &v));
    ok(r.db, varsdb_get_global_step(r.db, &found));
    ck_assert_ptr_eq(found, v);
    ok(r.db, varsdb_rollback(r.db));
    expect(r.db, VARSDB_NOTFOUND, varsdb_get_global_step(r.db, &found));
    expect(r.db, VARSDB_GONE, varsdb_check_global_step(r.db, v));
}
END_TEST

START_TEST(a_required_one_that_is_not_there_is_not_made)
{
    const varsdb_variable *v = NULL;
    VARSDB_IN_SCOPE (r.db, "A", .reuse = VARSDB_REQUIRE) {
        expect(r.db, VARSDB_NOTFOUND, varsdb_create_global_step(r.db, &v));
        expect(r.db, VARSDB_NOTFOUND, varsdb_get_or_create_global_step(r.db, NULL, &v));
    }
    ck_assert(!varsdb_in_transaction(r.db));
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM variables"), 0);
}
END_TEST

/* ---- many at once, each in a scope of its own */

#define THREADS 6

static const char *const scopes[THREADS] = {"a", "b", "c", "d", "e", "f"};
static pthread_barrier_t together;

typedef struct comer {
    int number, rc, created;
    int64_t id;
} comer;

static void *come(void *payload)
{
    comer *c = payload;
    const varsdb_variable *v = NULL;
    varsdb *db;
    c->rc = varsdb_open(r.path, NULL, &db);
    pthread_barrier_wait(&together);
    if (c->rc == VARSDB_OK)
        c->rc = varsdb_enter_scope(db, scopes[c->number], NULL, NULL);
    if (c->rc == VARSDB_OK)
        c->rc = varsdb_get_or_create_global_step(db, &c->created, &v);
    if (c->rc == VARSDB_OK)
        c->id = varsdb_variable_id(v);
    varsdb_close(db);
    return NULL;
}

START_TEST(of_many_at_once_one_creates_it)
{
    pthread_t threads[THREADS];
    comer comers[THREADS] = {{0}};
    int created = 0;
    pthread_barrier_init(&together, NULL, THREADS);
    for (int i = 0; i < THREADS; i++) {
        comers[i].number = i;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, come, &comers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&together);
    for (int i = 0; i < THREADS; i++) {
        ck_assert_int_eq(comers[i].rc, VARSDB_OK);
        ck_assert_int_eq(comers[i].id, comers[0].id);
        created += comers[i].created;
    }
    ck_assert_int_eq(created, 1);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM variables"), 1);
}
END_TEST

Suite *test_global_step_suite(void)
{
    Suite *suite = suite_create("global_step");
    TCase *tests = tcase_create("global_step");
    tcase_set_timeout(tests, 30);
    tcase_add_checked_fixture(tests, open_registry, close_registry);
    tcase_add_test(tests, it_is_an_untrained_int64_zero_in_two_collections);
    tcase_add_test(tests, it_is_made_below_the_current_scope_and_found_from_anywhere);
    tcase_add_test(tests, a_second_one_exists_already);
    tcase_add_test(tests, a_variable_of_the_name_stands_in_for_the_collection);
    tcase_add_test(tests, several_are_none);
    tcase_add_test(tests, get_or_create_creates_once);
    tcase_add_test(tests, only_integer_scalars_will_do);
    tcase_add_test(tests, a_rolled_back_one_is_not_there);
    tcase_add_test(tests, a_required_one_that_is_not_there_is_not_made);
    tcase_add_test(tests, of_many_at_once_one_creates_it);
    suite_add_tcase(suite, tests);
    return suite;
}
