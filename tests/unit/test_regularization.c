/* test_regularization.c - losses of variables, and their sum, against values worked by hand. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../support/forge.h"
#include "../support/registry.h"

Suite *test_regularization_suite(void);

static registry r;

static void open_registry(void)
{
    registry_open(&r);
}

static void close_registry(void)
{
    registry_close(&r);
}

static double loss_of(const varsdb_variable *v)
{
    double loss = -1;
    ok(r.db, varsdb_regularization_loss(r.db, v, &loss));
    return loss;
}

static const varsdb_variable *regularized(const char *name, varsdb_dtype dtype, const char *json,
                                          const char *regularizer)
{
    return got(r.db, name, VARSDB_WITH(.value_json = json, .dtype = dtype, .regularizer = regularizer));
}

static void check_loss(const char *name, varsdb_dtype dtype, const char *json, const char *regularizer,
                       double expected)
{
    ck_assert_double_eq(loss_of(regularized(name, dtype, json, regularizer)), expected);
}

/* [1,-2,3]: magnitudes 6, squares 14. */
START_TEST(losses_are_those_worked_by_hand)
{
    check_loss("l1", VARSDB_FLOAT32, "[1,-2,3]", "l1(0.5)", 3);
    check_loss("l2", VARSDB_FLOAT32, "[1,-2,3]", "l2(0.5)", 3.5);
    check_loss("both", VARSDB_FLOAT32, "[1,-2,3]", "l1_l2(0.5,0.25)", 3 + 1.75);
    check_loss("both_by_key", VARSDB_FLOAT32, "[1,-2,3]", "l1_l2(scale_l2=0.5,scale_l1=0.25)", 1.5 + 3.5);
    check_loss("zero", VARSDB_FLOAT32, "[1,-2,3]", "l1_l2(0,0)", 0);
    check_loss("none", VARSDB_FLOAT32, "[1,-2,3]", "none", 0);
    check_loss("without", VARSDB_FLOAT32, "[1,-2,3]", NULL, 0);
    check_loss("scalar", VARSDB_FLOAT64, "-3", "l2(2)", 9);
    check_loss("matrix", VARSDB_FLOAT64, "[[1,2],[3,4]]", "l1(1)", 10);
    check_loss("no_elements", VARSDB_FLOAT32, "[]", "l2(1)", 0);
}
END_TEST

START_TEST(every_dtype_of_numbers_has_losses)
{
    check_loss("int8", VARSDB_INT8, "[-128,127]", "l1(1)", 255);
    check_loss("uint64", VARSDB_UINT64, "[9223372036854775808]", "l1(1)", 9223372036854775808.0);
    check_loss("int64", VARSDB_INT64, "[-3,4]", "l2(1)", 12.5);
    check_loss("bool", VARSDB_BOOL, "[true,false,true]", "l1(1)", 2);
    check_loss("float16", VARSDB_FLOAT16, "[0.5,-1.5]", "l2(1)", 1.25);
    check_loss("bfloat16", VARSDB_BFLOAT16, "[0.5,-1.5]", "l1(1)", 2);
    check_loss("complex64", VARSDB_COMPLEX64, "[[3,-4],[0,1]]", "l1(1)", 6); /* |3-4i| = 5 */
    check_loss("complex128", VARSDB_COMPLEX128, "[[3,-4]]", "l2(1)", 12.5);
    check_loss("float4", VARSDB_FLOAT4_E2M1, "[1,-2,3]", "l1(1)", 6);
    check_loss("float6", VARSDB_FLOAT6_E2M3, "[1,-2,3]", "l2(1)", 7);
}
END_TEST

/* ---- many elements */

static const varsdb_variable *long_vector(const char *name, const double *value, int64_t count,
                                          const char *regularizer)
{
    return got(r.db, name,
               VARSDB_WITH(.shape = VARSDB_SHAPE(count), .dtype = VARSDB_FLOAT64, .value = value,
                           .value_bytes = (size_t)count * sizeof *value, .regularizer = regularizer));
}

static void check_close(double loss, long double expected)
{
    ck_assert_msg(fabsl((long double)loss - expected) <= 4 * (long double)0x1p-53 * expected,
                  "%.17g is not %.21Lg", loss, expected);
}

START_TEST(many_elements_sum_as_in_long_double)
{
    enum {
        COUNT = 100000
    };
    long double magnitudes = 0, squares = 0;
    double *value = malloc(COUNT * sizeof *value);
    ck_assert_ptr_nonnull(value);
    for (int i = 0; i < COUNT; i++) {
        value[i] = (i % 2 ? -1.0 : 1.0) * (double)(i * 7919 % 100003) / 97.0;
        magnitudes += fabsl((long double)value[i]);
        squares += (long double)value[i] * (long double)value[i];
    }
    check_close(loss_of(long_vector("l1", value, COUNT, "l1(0.5)")), magnitudes / 2);
    check_close(loss_of(long_vector("l2", value, COUNT, "l2(0.5)")), squares / 4);
    check_close(loss_of(long_vector("l1_l2", value, COUNT, "l1_l2(1,2)")), magnitudes + squares);
    free(value);
}
END_TEST

/* 10^16 and 300000 ones, over several chunks: a plain sum of doubles loses every one of them. */
START_TEST(small_elements_beside_a_large_one_are_not_lost)
{
    enum {
        COUNT = 300001
    };
    double *value = malloc(COUNT * sizeof *value);
    ck_assert_ptr_nonnull(value);
    for (int i = 0; i < COUNT; i++)
        value[i] = i ? 1 : 1e16;
    ck_assert_double_eq(loss_of(long_vector("w", value, COUNT, "l1(1)")), 1e16 + 300000);
    free(value);
}
END_TEST

START_TEST(what_is_not_finite_stays_so)
{
    ck_assert_double_nan(loss_of(regularized("nan1", VARSDB_FLOAT32, "[1,\"NaN\"]", "l1(1)")));
    ck_assert_double_nan(loss_of(regularized("nan2", VARSDB_FLOAT32, "[\"NaN\",1]", "l2(1)")));
    ck_assert_double_nan(loss_of(regularized("nan_inf", VARSDB_FLOAT32, "[\"NaN\",\"Infinity\"]", "l2(1)")));
    check_loss("inf", VARSDB_FLOAT32, "[1,\"-Infinity\",1]", "l1(0.5)", INFINITY);
    check_loss("overflow", VARSDB_FLOAT64, "[1e200,1]", "l2(1)", INFINITY);
    check_loss("no_overflow", VARSDB_FLOAT64, "[1e200]", "l1(1)", 1e200);
    check_loss("no_term", VARSDB_FLOAT64, "[1e200]", "l1_l2(1,0)", 1e200);
    ck_assert_double_nan(loss_of(NULL));
}
END_TEST

/* ---- the collection */

START_TEST(the_sum_is_over_the_collection)
{
    ck_assert_double_eq(loss_of(NULL), 0);
    const varsdb_variable *a = regularized("a", VARSDB_FLOAT32, "[1,-2,3]", "l1(1)"); /* 6 */
    regularized("b", VARSDB_FLOAT32, "[2,2]", "l2(1)");                               /* 4 */
    const varsdb_variable *c = regularized("c", VARSDB_FLOAT32, "[9]", NULL);
    ck_assert_double_eq(loss_of(NULL), 10);
    ok(r.db, varsdb_assign_json(r.db, a, "[0,0,-1]"));
    ck_assert_double_eq(loss_of(NULL), 5);
    ok(r.db, varsdb_collect(r.db, VARSDB_REGULARIZATION_LOSSES, c));
    ck_assert_double_eq(loss_of(NULL), 5);
    ok(r.db, varsdb_uncollect(r.db, VARSDB_REGULARIZATION_LOSSES, a));
    ck_assert_double_eq(loss_of(NULL), 4);
    ck_assert_double_eq(loss_of(a), 1);
    ok(r.db, varsdb_use_namespace(r.db, "other"));
    ck_assert_double_eq(loss_of(NULL), 0);
}
END_TEST

START_TEST(sub_scopes_inherit_and_opt_out)
{
    VARSDB_IN_SCOPE (r.db, "net", .regularizer = "l2(1)") {
        regularized("w", VARSDB_FLOAT32, "[2]", NULL); /* 2 */
        VARSDB_IN_SCOPE (r.db, "conv")
            regularized("w", VARSDB_FLOAT32, "[4]", NULL); /* 8 */
        VARSDB_IN_SCOPE (r.db, "norm", .regularizer = "none") {
            regularized("w", VARSDB_FLOAT32, "[8]", NULL);
            VARSDB_IN_SCOPE (r.db, "inner")
                regularized("w", VARSDB_FLOAT32, "[16]", NULL);
            regularized("own", VARSDB_FLOAT32, "[32]", "l1(1)"); /* 32 */
        }
        regularized("biases", VARSDB_FLOAT32, "[64]", "none");
    }
    ck_assert_double_eq(loss_of(NULL), 2 + 8 + 32);
    ck_assert_str_eq(registry_sql(&r, "SELECT name FROM collection_variables "
                                      "WHERE collection = 'regularization_losses' ORDER BY position"),
                     "net/w\nnet/conv/w\nnet/norm/own");
}
END_TEST

START_TEST(reuse_never_doubles)
{
    const varsdb_variable_options *again = VARSDB_WITH(.shape = VARSDB_SHAPE(1), .regularizer = "l1(100)");
    const varsdb_variable *v = regularized("w", VARSDB_FLOAT32, "[3]", "l1(1)");
    varsdb *another = registry_another(&r);
    double loss = -1;
    for (int i = 0; i < 3; i++) {
        ck_assert_ptr_eq(got(r.db, "w", again), v);
        ck_assert_ptr_eq(got_model(r.db, "w", again), v);
        got_model(another, "w", again);
    }
    ck_assert_double_eq(loss_of(v), 3);
    ck_assert_double_eq(loss_of(NULL), 3);
    ok(another, varsdb_regularization_loss(another, NULL, &loss));
    ck_assert_double_eq(loss, 3);
    varsdb_close(another);
    /* Created without one, it gets none by being reused. */
    v = regularized("u", VARSDB_FLOAT32, "[3]", NULL);
    got(r.db, "u", again);
    ck_assert_double_eq(loss_of(v), 0);
    ck_assert_double_eq(loss_of(NULL), 3);
}
END_TEST

/* ---- what has none */

START_TEST(without_a_value_there_is_no_loss)
{
    double loss = -7;
    const varsdb_variable_options *options =
        VARSDB_WITH(.shape = VARSDB_SHAPE(2), .initializer = "none", .regularizer = "l2(1)");
    const varsdb_variable *plain =
        got(r.db, "plain", VARSDB_WITH(.shape = VARSDB_SHAPE(2), .initializer = "none"));
    ck_assert_double_eq(loss_of(plain), 0);
    const varsdb_variable *v = got(r.db, "scope/w", options);
    expect(r.db, VARSDB_UNINITIALIZED, varsdb_regularization_loss(r.db, v, &loss));
    says(r.db, "scope/w");
    expect(r.db, VARSDB_UNINITIALIZED, varsdb_regularization_loss(r.db, NULL, &loss));
    says(r.db, "scope/w");
    ck_assert_double_eq(loss, -7);
    ok(r.db, varsdb_assign_json(r.db, v, "[1,1]"));
    ck_assert_double_eq(loss_of(NULL), 1);
    ok(r.db, varsdb_delete_variable(r.db, v));
    expect(r.db, VARSDB_GONE, varsdb_regularization_loss(r.db, v, &loss));
    ck_assert_double_eq(loss_of(NULL), 0);
    expect(r.db, VARSDB_MISUSE, varsdb_regularization_loss(r.db, NULL, NULL));
}
END_TEST

START_TEST(strings_have_no_loss)
{
    double loss = -7;
    const varsdb_variable *v = regularized("names", VARSDB_STRING, "[\"a\",\"b\"]", "l2(1)");
    expect(r.db, VARSDB_INVALID, varsdb_regularization_loss(r.db, v, &loss));
    says(r.db, "names holds string, which has no loss");
    expect(r.db, VARSDB_INVALID, varsdb_regularization_loss(r.db, NULL, &loss));
    ck_assert_double_eq(loss, -7);
    ck_assert_double_eq(loss_of(regularized("plain", VARSDB_STRING, "[\"a\"]", NULL)), 0);
}
END_TEST

START_TEST(a_tensor_of_another_size_is_damage)
{
    double loss = -7;
    const varsdb_variable *small = regularized("small", VARSDB_FLOAT32, "[1,2]", "l2(1)");
    const varsdb_variable *large =
        got(r.db, "large", VARSDB_WITH(.shape = VARSDB_SHAPE(5000), .initializer = "ones"));
    forge_tensor_of(r.db, small, large);
    expect(r.db, VARSDB_CORRUPT, varsdb_regularization_loss(r.db, small, &loss));
    says(r.db, "small has 20000 bytes, not 8");
    ck_assert_double_eq(loss, -7);
}
END_TEST

Suite *test_regularization_suite(void)
{
    Suite *suite = suite_create("regularization");
    TCase *tests = tcase_create("regularization");
    tcase_set_timeout(tests, 30);
    tcase_add_checked_fixture(tests, open_registry, close_registry);
    tcase_add_test(tests, losses_are_those_worked_by_hand);
    tcase_add_test(tests, every_dtype_of_numbers_has_losses);
    tcase_add_test(tests, many_elements_sum_as_in_long_double);
    tcase_add_test(tests, small_elements_beside_a_large_one_are_not_lost);
    tcase_add_test(tests, what_is_not_finite_stays_so);
    tcase_add_test(tests, the_sum_is_over_the_collection);
    tcase_add_test(tests, sub_scopes_inherit_and_opt_out);
    tcase_add_test(tests, reuse_never_doubles);
    tcase_add_test(tests, without_a_value_there_is_no_loss);
    tcase_add_test(tests, strings_have_no_loss);
    tcase_add_test(tests, a_tensor_of_another_size_is_damage);
    suite_add_tcase(suite, tests);
    return suite;
}
