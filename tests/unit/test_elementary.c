/* test_elementary.c - our logarithm, cosine and sine against long double. */
#include <check.h>
#include <float.h>
#include <math.h>

#include "elementary.h"

Suite *test_elementary_suite(void);

#define ULPS_MAX 4.0L
#define POINTS   200000

static long double ulps(double got, long double expected)
{
    int exponent;
    if (expected == 0)
        return got == 0 ? 0 : INFINITY;
    (void)frexpl(expected, &exponent);
    return fabsl(((long double)got - expected) / ldexpl(1.0L, exponent - DBL_MANT_DIG));
}

START_TEST(log_is_within_four_ulps_at_every_scale)
{
    long double worst = 0;
    for (int i = 1; i <= POINTS; i++) {
        double x = (double)i / POINTS;
        for (int scale = -1060; scale <= 1020; scale += 130) {
            double y = ldexp(x, scale);
            if (y > 0)
                worst = fmaxl(worst, ulps(vdb_log(y), logl((long double)y)));
        }
    }
    ck_assert_msg(worst <= ULPS_MAX, "%Lf ulps", worst);
}
END_TEST

START_TEST(log_is_within_four_ulps_beside_one)
{
    long double worst = 0;
    for (int i = 1; i <= POINTS; i++) {
        worst = fmaxl(worst, ulps(vdb_log(1.0 - i * 0x1p-53), log1pl(-(long double)i * 0x1p-53L)));
        worst = fmaxl(worst, ulps(vdb_log(1.0 + i * 0x1p-52), log1pl((long double)i * 0x1p-52L)));
        double x = 0.6 + 0.9 * i / POINTS;
        worst = fmaxl(worst, ulps(vdb_log(x), logl((long double)x)));
    }
    ck_assert_msg(worst <= ULPS_MAX, "%Lf ulps", worst);
    ck_assert_double_eq(vdb_log(1.0), 0.0);
    ck_assert(ulps(vdb_log(DBL_MAX), logl((long double)DBL_MAX)) <= ULPS_MAX);
    ck_assert(ulps(vdb_log(0x1p-1074), logl(0x1p-1074L)) <= ULPS_MAX);
}
END_TEST

/* The reference reduces exactly too, so that the neighbourhood of zeros counts in full. */
static long double reference_sine(double t)
{
    const long double two_pi = 6.283185307179586476925286766559005768L;
    double quarter = floor(4 * t + 0.5);
    long double angle = ((long double)t - (long double)quarter / 4) * two_pi;
    switch ((int)quarter & 3) {
    case 0:
        return sinl(angle);
    case 1:
        return cosl(angle);
    case 2:
        return -sinl(angle);
    default:
        return -cosl(angle);
    }
}

static long double reference_cosine(double t)
{
    return reference_sine(t < 0.75 ? t + 0.25 : t - 0.75);
}

START_TEST(sine_and_cosine_are_within_four_ulps)
{
    long double worst_sine = 0, worst_cosine = 0;
    for (int i = 0; i < POINTS; i++) {
        double t = (double)i / POINTS, grid = floor(t * 0x1p+40) * 0x1p-40; /* t + 0.25 is exact */
        worst_sine = fmaxl(worst_sine, ulps(vdb_sin_turn(t), reference_sine(t)));
        worst_cosine = fmaxl(worst_cosine, ulps(vdb_cos_turn(grid), reference_cosine(grid)));
    }
    ck_assert_msg(worst_sine <= ULPS_MAX, "%Lf ulps", worst_sine);
    ck_assert_msg(worst_cosine <= ULPS_MAX, "%Lf ulps", worst_cosine);
}
END_TEST

START_TEST(quarter_turns_are_exact)
{
    ck_assert_double_eq(vdb_cos_turn(0), 1);
    ck_assert_double_eq(vdb_sin_turn(0), 0);
    ck_assert_double_eq(vdb_cos_turn(0.25), 0);
    ck_assert_double_eq(vdb_sin_turn(0.25), 1);
    ck_assert_double_eq(vdb_cos_turn(0.5), -1);
    ck_assert_double_eq(vdb_sin_turn(0.5), 0);
    ck_assert_double_eq(vdb_cos_turn(0.75), 0);
    ck_assert_double_eq(vdb_sin_turn(0.75), -1);
    ck_assert_double_eq(vdb_cos_turn(1 - 0x1p-53), 1);
    ck_assert(ulps(vdb_sin_turn(1 - 0x1p-53), -0x1p-53L * 6.283185307179586477L) <= ULPS_MAX);
}
END_TEST

Suite *test_elementary_suite(void)
{
    Suite *suite = suite_create("elementary");
    TCase *tests = tcase_create("elementary");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, log_is_within_four_ulps_at_every_scale);
    tcase_add_test(tests, log_is_within_four_ulps_beside_one);
    tcase_add_test(tests, sine_and_cosine_are_within_four_ulps);
    tcase_add_test(tests, quarter_turns_are_exact);
    suite_add_tcase(suite, tests);
    return suite;
}
