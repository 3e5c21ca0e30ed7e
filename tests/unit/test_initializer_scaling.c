/* test_initializer_scaling.c - limits and deviations against formulas worked by hand. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "initializer.h"

Suite *test_initializer_scaling_suite(void);

#define ELEMENTS_MAX 200000

static vdb_initializer opened(const char *text, const varsdb_shape *shape)
{
    vdb_error e;
    vdb_initializer init;
    int rc = vdb_initializer_open(&e, text, VARSDB_FLOAT64, shape, 42, "w", &init);
    ck_assert_msg(rc == VARSDB_OK, "%s: %s", text, e.text);
    ck_assert(init.elements <= ELEMENTS_MAX);
    return init;
}

/* All that is drawn lies within the limit, and some of it close to it. */
static void check_limit(const char *text, const varsdb_shape *shape, double limit)
{
    static double x[ELEMENTS_MAX];
    double most = 0;
    vdb_initializer init = opened(text, shape);
    vdb_initializer_fill(&init, 0, init.elements, x);
    for (int64_t i = 0; i < init.elements; i++)
        most = fmax(most, fabs(x[i]));
    ck_assert_msg(most <= limit && most > limit * (1 - 30.0 / (double)init.elements), "%s: %g, not %g", text,
                  most, limit);
    vdb_initializer_close(&init);
}

static void check_deviation(const char *text, const varsdb_shape *shape, double expected)
{
    static double x[ELEMENTS_MAX];
    double squares = 0;
    vdb_initializer init = opened(text, shape);
    vdb_initializer_fill(&init, 0, init.elements, x);
    for (int64_t i = 0; i < init.elements; i++)
        squares += x[i] * x[i];
    ck_assert_double_eq_tol(sqrt(squares / (double)init.elements), expected,
                            4 * expected / sqrt(2.0 * (double)init.elements));
    vdb_initializer_close(&init);
}

START_TEST(fans_follow_the_rank)
{
    check_limit("glorot_uniform", VARSDB_SHAPE(300, 500), sqrt(6.0 / 800));
    check_limit("glorot_uniform", VARSDB_SHAPE(3, 5, 40, 80), sqrt(6.0 / (15 * 120)));
    check_limit("glorot_uniform", VARSDB_SHAPE(7, 40, 80), sqrt(6.0 / (7 * 120)));
    check_limit("glorot_uniform", VARSDB_SHAPE(10000), sqrt(6.0 / 20000));
    check_limit("he_uniform", VARSDB_SHAPE(300, 500), sqrt(6.0 / 300));
    check_limit("lecun_uniform", VARSDB_SHAPE(300, 500), sqrt(3.0 / 300));
    check_limit("variance_scaling(2,fan_out,uniform)", VARSDB_SHAPE(300, 500), sqrt(6.0 / 500));
    check_limit("uniform_unit_scaling(1.5)", VARSDB_SHAPE(10, 30, 500), 1.5 * sqrt(3.0 / 300));
}
END_TEST

/* What a mode divides by: with scale 3 the limit is 3 / sqrt(n). */
static double divisor(const char *mode, const varsdb_shape *shape)
{
    char text[64];
    snprintf(text, sizeof text, "variance_scaling(3,%s,uniform)", mode);
    vdb_initializer init = opened(text, shape);
    double limit = init.b;
    vdb_initializer_close(&init);
    return 9 / (limit * limit);
}

START_TEST(fans_are_those_of_the_table_for_ranks_0_to_5)
{
    const struct {
        const varsdb_shape *shape;
        double in, out; /* the last two dimensions, each times all before them */
    } table[] = {
        {VARSDB_SCALAR, 1, 1},
        {VARSDB_SHAPE(7), 7, 7},
        {VARSDB_SHAPE(5, 9), 5, 9},
        {VARSDB_SHAPE(4, 5, 9), 20, 36},
        {VARSDB_SHAPE(2, 3, 5, 11), 30, 66},
        {VARSDB_SHAPE(2, 3, 5, 7, 11), 210, 330},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        double in = table[i].in, out = table[i].out;
        ck_assert_double_eq_tol(divisor("fan_in", table[i].shape), in, 1e-9);
        ck_assert_double_eq_tol(divisor("fan_out", table[i].shape), out, 1e-9);
        ck_assert_double_eq_tol(divisor("fan_avg", table[i].shape), (in + out) / 2, 1e-9);
    }
}
END_TEST

START_TEST(slim_s_normals_are_truncated_at_1_3_times_the_variance)
{
    double cut = 0.87962566103423978; /* of the deviation, by truncation */
    check_deviation("slim_variance_scaling", VARSDB_SHAPE(300, 500), cut * sqrt(1.3 * 2 / 300));
    check_limit("slim_variance_scaling", VARSDB_SHAPE(300, 500), 2 * sqrt(1.3 * 2 / 300));
    check_limit("slim_variance_scaling(3,fan_out,0)", VARSDB_SHAPE(300, 500), 2 * sqrt(1.3 * 3 / 500));
    check_limit("slim_variance_scaling(3,FAN_AVG,true)", VARSDB_SHAPE(300, 500), sqrt(3.0 * 3 / 400));
    check_deviation("xavier_normal", VARSDB_SHAPE(3, 3, 50, 70), cut * sqrt(1.3 / 540));
    check_limit("xavier(uniform=false)", VARSDB_SHAPE(3, 3, 50, 70), 2 * sqrt(1.3 / 540));
    check_limit("xavier", VARSDB_SHAPE(300, 500), sqrt(6.0 / 800));
}
END_TEST

START_TEST(a_scalar_and_an_empty_tensor_have_limits_too)
{
    vdb_initializer init = opened("glorot_uniform", VARSDB_SCALAR);
    double x;
    vdb_initializer_fill(&init, 0, 1, &x);
    ck_assert(fabs(x) <= sqrt(3));
    ck_assert_double_eq(init.b, sqrt(3)); /* both fans are 1 */
    vdb_initializer_close(&init);
    init = opened("glorot_uniform", VARSDB_SHAPE(0, 4));
    ck_assert_double_eq(init.b, sqrt(3.0 / 2)); /* fans of 0 and 4 */
    vdb_initializer_close(&init);
    init = opened("he_uniform", VARSDB_SHAPE(0, 4));
    ck_assert_double_eq(init.b, sqrt(6)); /* a fan of 0 counts as 1 */
    vdb_initializer_close(&init);
}
END_TEST

START_TEST(normals_have_the_deviation_they_are_named_for)
{
    check_deviation("glorot_normal", VARSDB_SHAPE(300, 500), sqrt(2.0 / 800));
    check_deviation("he_normal", VARSDB_SHAPE(300, 500), sqrt(2.0 / 300));
    check_deviation("lecun_normal", VARSDB_SHAPE(300, 500), sqrt(1.0 / 300));
    check_deviation("variance_scaling", VARSDB_SHAPE(300, 500), sqrt(1.0 / 300));
    check_deviation("variance_scaling(3,FAN_OUT,Normal)", VARSDB_SHAPE(300, 500), sqrt(3.0 / 500));
    check_deviation("variance_scaling(3,fan_avg,untruncated_normal)", VARSDB_SHAPE(300, 500),
                    sqrt(3.0 / 400));
    check_limit("lecun_normal", VARSDB_SHAPE(300, 500), 2 / (0.87962566103423978 * sqrt(300)));
}
END_TEST

START_TEST(identity_may_be_rectangular)
{
    static const double expected[2][6] = {{3, 0, 0, 0, 3, 0}, {3, 0, 0, 3, 0, 0}};
    double x[6];
    for (int64_t tall = 0; tall < 2; tall++) {
        vdb_initializer init = opened("identity(gain=3)", VARSDB_SHAPE(2 + tall, 3 - tall));
        vdb_initializer_fill(&init, 0, 6, x);
        ck_assert_mem_eq(x, expected[tall], sizeof x);
        ck_assert(!init.is_random);
        vdb_initializer_close(&init);
    }
    vdb_error e;
    vdb_initializer init;
    ck_assert_int_eq(vdb_initializer_open(&e, "identity", VARSDB_FLOAT32, VARSDB_SHAPE(2), 1, "w", &init),
                     VARSDB_INVALID);
    ck_assert_ptr_nonnull(strstr(e.text, "2 dimensions"));
}
END_TEST

Suite *test_initializer_scaling_suite(void)
{
    Suite *suite = suite_create("initializer_scaling");
    TCase *tests = tcase_create("initializer_scaling");
    tcase_add_test(tests, fans_follow_the_rank);
    tcase_add_test(tests, fans_are_those_of_the_table_for_ranks_0_to_5);
    tcase_add_test(tests, slim_s_normals_are_truncated_at_1_3_times_the_variance);
    tcase_add_test(tests, a_scalar_and_an_empty_tensor_have_limits_too);
    tcase_add_test(tests, normals_have_the_deviation_they_are_named_for);
    tcase_add_test(tests, identity_may_be_rectangular);
    suite_add_tcase(suite, tests);
    return suite;
}
