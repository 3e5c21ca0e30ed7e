/* test_elementary.c - our logarithm, cosine, sine and magnitude against long double. */
#include <check.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

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

/* A double of any scale, subnormal ones among them. */
static double any_double(uint64_t *state)
{
    double x;
    do {
        *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint64_t bits = *state ^ *state >> 33;
        memcpy(&x, &bits, sizeof x);
    } while (!isfinite(x));
    return x;
}

START_TEST(roots_are_those_of_libm)
{
    uint64_t state = 1;
    int differ = 0;
    for (int i = 0; i < POINTS; i++) {
        double x = fabs(any_double(&state));
        differ += !(vdb_sqrt(x) >= sqrt(x) && vdb_sqrt(x) <= sqrt(x));
    }
    ck_assert_int_eq(differ, 0);
    ck_assert(isnan(vdb_sqrt(-1)));
    ck_assert_double_eq(vdb_sqrt(INFINITY), INFINITY);
    ck_assert(signbit(vdb_sqrt(-0.0)));
}
END_TEST

/* A long double holds the sum of two squares of 24 bits each, nearly. */
START_TEST(magnitudes_are_within_a_unit_in_the_last_place)
{
    uint64_t state = 2;
    long double worst = 0;
    for (int i = 0; i < POINTS; i++) {
        double x = (double)(float)ldexp(1 + (double)i / POINTS, i % 30);
        double y = (double)(float)frexp(any_double(&state), &(int){0});
        long double exact = sqrtl((long double)x * (long double)x + (long double)y * (long double)y);
        worst = fmaxl(worst, ulps(vdb_hypot(x, y), exact));
    }
    ck_assert_msg(worst <= 1, "%Lf ulps", worst);
}
END_TEST

START_TEST(magnitudes_of_any_scale_neither_overflow_nor_vanish)
{
    uint64_t state = 3;
    int differ = 0;
    for (int i = 0; i < POINTS; i++) {
        double x = any_double(&state), factor = 0.5 + (double)(i + 1) / POINTS, y = x * factor;
        double mine = vdb_hypot(x, y), libm = hypot(x, y);
        differ += isfinite(libm) ? fabs(mine - libm) > libm * 0x1p-52 + 0x1p-1074 : !isinf(mine);
    }
    ck_assert_int_eq(differ, 0);
    ck_assert_double_eq(vdb_hypot(0x1p+1000 * 3, -0x1p+1000 * 4), 0x1p+1000 * 5);
    ck_assert_double_eq(vdb_hypot(-0x1p-1070 * 3, 0x1p-1070 * 4), 0x1p-1070 * 5);
    ck_assert_double_eq(vdb_hypot(0, -0.0), 0);
    ck_assert_double_eq(vdb_hypot(1, 0x1p-1074), 1);
    ck_assert(isinf(vdb_hypot(DBL_MAX, DBL_MAX)));
    ck_assert(isinf(vdb_hypot(NAN, -INFINITY)));
    ck_assert(isnan(vdb_hypot(NAN, 1)));
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
    tcase_add_test(tests, roots_are_those_of_libm);
    tcase_add_test(tests, magnitudes_are_within_a_unit_in_the_last_place);
    tcase_add_test(tests, magnitudes_of_any_scale_neither_overflow_nor_vanish);
    suite_add_tcase(suite, tests);
    return suite;
}
