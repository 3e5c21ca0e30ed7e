/* test_difference.c - differences against sums of 113 bits, and against hand-worked values. */
#include <check.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "difference.h"
#include "rng.h"
#include "stats.h"

Suite *test_difference_suite(void);

#define MANY 20011 /* a score of blocks and a bit */

static vdb_difference between(varsdb_dtype dtype, const void *now, const void *old, size_t n)
{
    vdb_difference d;
    vdb_difference_begin(&d, dtype);
    vdb_difference_add(&d, now, old, n);
    return d;
}

static double uniform(uint64_t i)
{
    uint32_t w[4];
    vdb_philox(vdb_philox_key_of_seed(5), i, 0, w);
    return w[0] * 0x1p-32 + w[1] * 0x1p-64;
}

static void check_close(double got, double expected, double tolerance)
{
    ck_assert_msg(got == expected || fabs(got - expected) <= tolerance * fabs(expected), "%.17g is not %.17g",
                  got, expected);
}

static void check_is(const vdb_difference *d, double max_abs, double rel_l2)
{
    check_close(vdb_difference_max_abs(d), max_abs, 0);
    check_close(vdb_difference_rel_l2(d), rel_l2, 1e-14);
}

/* ---- the reference */

/* By Newton's method, to more digits than are asked. */
static __float128 root(__float128 x)
{
    int exponent = 0;
    if (x <= 0)
        return 0;
    for (; x >= 4; x /= 4)
        exponent++;
    for (; x < 1; x *= 4)
        exponent--;
    __float128 y = sqrt((double)x);
    for (int i = 0; i < 3; i++)
        y = (y + x / y) / 2;
    for (; exponent > 0; exponent--)
        y *= 2;
    for (; exponent < 0; exponent++)
        y /= 2;
    return y;
}

typedef struct reference {
    double max_abs;
    double rel_l2;
} reference;

/* Parts are 2 for complex numbers; equal[i] says that bits of part i are the same. */
static reference reference_of(const double *now, const double *old, size_t n, size_t parts)
{
    __float128 change = 0, before = 0, max = 0;
    bool nan = false, infinite = false;
    for (size_t i = 0; i < n; i++) {
        __float128 size = 0, here = 0;
        bool finite = true;
        for (size_t j = i * parts; j < (i + 1) * parts; j++) {
            bool same = memcmp(&now[j], &old[j], sizeof *now) == 0;
            __float128 d = same ? 0 : (__float128)now[j] - old[j];
            finite = finite && isfinite(now[j]) && isfinite(old[j]);
            nan = nan || (!same && isnan(now[j] - old[j]) && !(isfinite(now[j]) && isfinite(old[j])));
            infinite = infinite || (!same && (isinf(now[j]) || isinf(old[j])));
            size += d * d;
            here += (__float128)old[j] * old[j];
        }
        if (finite) {
            change += size;
            before += here;
        }
        if (finite && size > max)
            max = size;
    }
    return (reference){nan        ? NAN
                       : infinite ? INFINITY
                                  : (double)root(max),
                       change == 0 ? 0 : (double)(root(change) / root(before))};
}

static void check_against(const vdb_difference *d, reference r, double tolerance)
{
    double max_abs = vdb_difference_max_abs(d);
    if (isnan(r.max_abs))
        ck_assert(isnan(max_abs));
    else
        check_close(max_abs, r.max_abs, 1e-15);
    check_close(vdb_difference_rel_l2(d), r.rel_l2, tolerance);
}

/* ---- floats */

static double *series(size_t n, uint64_t from, double mean, double spread)
{
    double *x = malloc(n * sizeof *x);
    ck_assert_ptr_nonnull(x);
    for (size_t i = 0; i < n; i++)
        x[i] = mean + spread * (uniform(from + i) - 0.5);
    return x;
}

START_TEST(doubles_agree_with_quadruple_precision)
{
    /* mean and spread of old, and the same of what is added to it: also squares out of double's
     * range, changes far below old, and old far below changes */
    static const double cases[][4] = {
        {0, 1, 0, 1},           {1e9, 1, 0, 1e-3},     {0, 1e306, 0, 1e300},   {1e200, 1e200, 0, 1e190},
        {0, 1e-200, 0, 1e-210}, {0, 1, 0, 1e-12},      {0, 1e-300, 0, 1},      {1, 0, 0, 1e-10},
        {0, 1e-150, 1e-150, 0}, {0, 1e-300, 1e306, 1}, {1e300, 1, -1e300, 1e5}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double *old = series(MANY, 0, cases[i][0], cases[i][1]);
        double *now = series(MANY, MANY, cases[i][2], cases[i][3]);
        for (size_t j = 0; j < MANY; j++)
            now[j] += old[j];
        vdb_difference d = between(VARSDB_FLOAT64, now, old, MANY);
        check_against(&d, reference_of(now, old, MANY, 1), 1e-13);
        free(old);
        free(now);
    }
}
END_TEST

/* Changes and olds that need other scales in each block, one after the other. */
START_TEST(blocks_of_very_different_size)
{
    static const double scales[] = {1e-250, 1, 1e250, 1e-250, 1, 1e300, 1e-300, 1e308};
    enum {
        N = 8 * 1500
    };
    double *old = series(N, 0, 0.25, 1), *now = series(N, N, 0.25, 1);
    for (size_t i = 0; i < N; i++) {
        old[i] *= scales[i / 1500];
        now[i] *= scales[i / 3 % 8];
    }
    for (size_t parts = 1; parts <= 8; parts++) {
        vdb_difference d = between(VARSDB_FLOAT64, now, old, parts * 1500);
        check_against(&d, reference_of(now, old, parts * 1500, 1), 1e-13);
        d = between(VARSDB_FLOAT64, old, now, parts * 1500);
        check_against(&d, reference_of(old, now, parts * 1500, 1), 1e-13);
    }
    free(old);
    free(now);
}
END_TEST

START_TEST(singles_agree_with_quadruple_precision)
{
    static float now[MANY], old[MANY];
    static double wide_new[MANY], wide_old[MANY];
    for (size_t i = 0; i < MANY; i++) {
        old[i] = (float)(uniform(i) - 0.5);
        now[i] = old[i] + (float)((uniform(i + MANY) - 0.5) * 1e-4);
        if (i % 1000 == 7)
            old[i] = FLT_MAX;
        if (i % 1000 == 8)
            now[i] = -FLT_MAX;
        wide_new[i] = (double)now[i];
        wide_old[i] = (double)old[i];
    }
    vdb_difference d = between(VARSDB_FLOAT32, now, old, MANY);
    check_against(&d, reference_of(wide_new, wide_old, MANY, 1), 1e-13);
    d = between(VARSDB_FLOAT32, now + 9, old + 9, 900);
    check_against(&d, reference_of(wide_new + 9, wide_old + 9, 900, 1), 1e-13);
}
END_TEST

/* 3-4-5: the changes are 3 and 4, old's norm is 10. */
START_TEST(hand_worked_values)
{
    static const double old[] = {6, 8, 0}, now[] = {9, 4, 0};
    static const float old32[] = {6, 8, 0}, new32[] = {9, 4, 0};
    static const int8_t old8[] = {6, 8, 0}, new8[] = {9, 4, 0};
    vdb_difference d = between(VARSDB_FLOAT64, now, old, 3);
    check_is(&d, 4, 0.5);
    d = between(VARSDB_FLOAT32, new32, old32, 3);
    check_is(&d, 4, 0.5);
    d = between(VARSDB_INT8, new8, old8, 3);
    check_is(&d, 4, 0.5);
    ck_assert_double_eq(vdb_difference_rel_l2_to(&d, 20), 0.25);
    ck_assert(isinf(vdb_difference_rel_l2_to(&d, 0x1p-1070))); /* 5 * 2^1070 */
    ck_assert_double_eq(vdb_difference_rel_l2_to(&d, 0x1p-1000), 5 * 0x1p+1000);
}
END_TEST

START_TEST(nothing_and_zero)
{
    static const double zero[] = {0, -0.0}, other[] = {-0.0, 0}, one[] = {0, 1};
    vdb_difference d = between(VARSDB_FLOAT64, NULL, NULL, 0);
    check_is(&d, 0, 0);
    d = between(VARSDB_FLOAT64, zero, other, 2);
    check_is(&d, 0, 0);
    d = between(VARSDB_FLOAT64, one, zero, 2);
    check_is(&d, 1, INFINITY);
    ck_assert(isinf(vdb_difference_rel_l2_to(&d, 0)));
    d = between(VARSDB_FLOAT64, zero, one, 2);
    check_is(&d, 1, 1);
    d = between(VARSDB_FLOAT64, one, one, 2);
    check_is(&d, 0, 0);
    ck_assert_double_eq(vdb_difference_rel_l2_to(&d, 0), 0);
}
END_TEST

/* The distance of finite numbers is never infinite, and their norms are right nevertheless. */
START_TEST(distances_beyond_the_range_of_double)
{
    static const double old[] = {DBL_MAX, -1, 3}, now[] = {-DBL_MAX, 2, 3};
    vdb_difference d = between(VARSDB_FLOAT64, now, old, 3);
    check_is(&d, DBL_MAX, 2);
    static const double re_im[] = {DBL_MAX, DBL_MAX}, none[] = {0, 0};
    d = between(VARSDB_COMPLEX128, none, re_im, 1);
    check_is(&d, DBL_MAX, 1);
}
END_TEST

START_TEST(tiny_changes_are_not_lost_beside_large_values)
{
    static const double old[] = {1, 0, 3}, now[] = {1, 1e-200, 3};
    vdb_difference d = between(VARSDB_FLOAT64, now, old, 3);
    check_is(&d, 1e-200, 1e-200 / sqrt(10));
    static const double least[] = {0, 0x1p-1074};
    d = between(VARSDB_FLOAT64, least, old + 1, 1);
    check_is(&d, 0, 0);
    d = between(VARSDB_FLOAT64, least + 1, old + 1, 1);
    check_is(&d, 0x1p-1074, INFINITY);
    d = between(VARSDB_FLOAT64, least, least + 1, 1);
    check_is(&d, 0x1p-1074, 1);
}
END_TEST

/* ---- NaN and infinities */

static double nan_of(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void check_pair(double now, double old, double max_abs)
{
    /* beside 6, 8 that became 9, 4 */
    double n[] = {9, now, 4}, o[] = {6, old, 8};
    vdb_difference d = between(VARSDB_FLOAT64, n, o, 3);
    double got = vdb_difference_max_abs(&d);
    ck_assert_msg(isnan(max_abs) ? isnan(got) : got == max_abs, "%g, %g: %g is not %g", now, old, got,
                  max_abs);
    check_close(vdb_difference_rel_l2(&d), 0.5, 1e-15);
    float n32[] = {9, (float)now, 4}, o32[] = {6, (float)old, 8};
    d = between(VARSDB_FLOAT32, n32, o32, 3);
    got = vdb_difference_max_abs(&d);
    ck_assert_msg(isnan(max_abs) ? isnan(got) : got == max_abs, "%g, %g: %g is not %g", now, old, got,
                  max_abs);
    check_close(vdb_difference_rel_l2(&d), 0.5, 1e-15);
}

START_TEST(special_values_on_one_side_and_on_both)
{
    double quiet = nan_of(0x7ff8000000000000), other = nan_of(0x7ff8100000000000);
    check_pair(INFINITY, 1e3, INFINITY);
    check_pair(1e3, -INFINITY, INFINITY);
    check_pair(-INFINITY, INFINITY, INFINITY);
    check_pair(INFINITY, INFINITY, 4);
    check_pair(-INFINITY, -INFINITY, 4);
    check_pair(quiet, 1, NAN);
    check_pair(1, quiet, NAN);
    check_pair(quiet, INFINITY, NAN);
    check_pair(quiet, quiet, 4);
    check_pair(quiet, other, NAN);
}
END_TEST

START_TEST(nan_wins_over_infinity_and_both_over_numbers)
{
    static double now[MANY], old[MANY];
    for (size_t i = 0; i < MANY; i++)
        now[i] = 1e300 * (old[i] = uniform(i));
    vdb_difference d = between(VARSDB_FLOAT64, now, old, MANY);
    check_against(&d, reference_of(now, old, MANY, 1), 1e-13);
    old[5] = INFINITY;
    d = between(VARSDB_FLOAT64, now, old, MANY);
    ck_assert(isinf(vdb_difference_max_abs(&d)));
    check_against(&d, reference_of(now, old, MANY, 1), 1e-13);
    now[MANY - 1] = NAN;
    d = between(VARSDB_FLOAT64, now, old, MANY);
    ck_assert(isnan(vdb_difference_max_abs(&d)));
    check_against(&d, reference_of(now, old, MANY, 1), 1e-13);
}
END_TEST

/* NaNs of float16 and float8 with other bits: widened they could look the same. */
START_TEST(bits_are_compared_before_they_are_widened)
{
    static const uint16_t old[] = {0x7e00, 0x3c00}, now[] = {0x7e01, 0x3c00};
    vdb_difference d = between(VARSDB_FLOAT16, now, old, 2);
    ck_assert(isnan(vdb_difference_max_abs(&d)));
    d = between(VARSDB_FLOAT16, old, old, 2);
    check_is(&d, 0, 0);
    static const uint8_t old8[] = {0x7d, 0x3c}, new8[] = {0x7e, 0x3c};
    d = between(VARSDB_FLOAT8_E5M2, new8, old8, 2);
    ck_assert(isnan(vdb_difference_max_abs(&d)));
    d = between(VARSDB_FLOAT8_E5M2, new8, new8, 2);
    check_is(&d, 0, 0);
}
END_TEST

/* ---- other types */

START_TEST(wide_integers_are_subtracted_exactly)
{
    /* doubles of these are equal */
    static const int64_t old[] = {(int64_t)1 << 62, INT64_MIN, 0},
                         now[] = {((int64_t)1 << 62) + 3, INT64_MIN, 0};
    vdb_difference d = between(VARSDB_INT64, now, old, 3);
    check_is(&d, 3, 3 / sqrt(0x1p124 + 0x1p126));
    static const int64_t least[] = {INT64_MIN}, most[] = {INT64_MAX};
    d = between(VARSDB_INT64, most, least, 1);
    check_is(&d, 0x1p64, 2); /* 2^64-1, as a double */
    d = between(VARSDB_INT64, least, most, 1);
    check_is(&d, 0x1p64, 2);
    static const uint64_t large[] = {UINT64_MAX, 5}, larger[] = {UINT64_MAX - 1, 7};
    d = between(VARSDB_UINT64, large, larger, 2);
    check_is(&d, 2, sqrt(5) / 0x1p64);
    static const uint64_t nought[] = {0, 5};
    d = between(VARSDB_UINT64, nought, large, 2);
    check_is(&d, 0x1p64, 1);
}
END_TEST

/* 3+4i became 0, 1 became 1+12i; |old|^2 is 25 + 1. */
START_TEST(complex_numbers_count_by_magnitude)
{
    static const float old[] = {3, 4, 1, 0, 2, 2}, now[] = {0, 0, 1, 12, 2, 2};
    static const double wide_old[] = {3, 4, 1, 0, 2, 2}, wide_new[] = {0, 0, 1, 12, 2, 2};
    vdb_difference d = between(VARSDB_COMPLEX64, now, old, 3);
    check_is(&d, 12, 13 / sqrt(34));
    d = between(VARSDB_COMPLEX128, wide_new, wide_old, 3);
    check_is(&d, 12, 13 / sqrt(34));
    d = between(VARSDB_COMPLEX64, now, old, 1);
    check_is(&d, 5, 1);
    /* an element with a part that is not finite is left out as a whole */
    static const double bad_old[] = {3, 4, INFINITY, 7, 1, 0}, bad_new[] = {0, 0, INFINITY, 1e6, 1, 0};
    d = between(VARSDB_COMPLEX128, bad_new, bad_old, 3);
    check_is(&d, 1e6 - 7, 5 / sqrt(26));
    static const double worse[] = {0, 0, 5, NAN, 1, 0};
    d = between(VARSDB_COMPLEX128, worse, bad_old, 3);
    ck_assert(isnan(vdb_difference_max_abs(&d)));
    check_close(vdb_difference_rel_l2(&d), 5 / sqrt(26), 1e-15);
}
END_TEST

START_TEST(complex_numbers_agree_with_quadruple_precision)
{
    static const double scales[] = {1, 1e-290, 1e290};
    for (size_t k = 0; k < 3; k++) {
        double *old = series(MANY + 1, 0, 0, scales[k]), *now = series(MANY + 1, MANY, 0, scales[k]);
        vdb_difference d = between(VARSDB_COMPLEX128, now, old, (MANY + 1) / 2);
        check_against(&d, reference_of(now, old, (MANY + 1) / 2, 2), 1e-13);
        free(old);
        free(now);
    }
}
END_TEST

static double number(varsdb_dtype dtype, const void *data, size_t i)
{
    double value;
    ck_assert_int_eq(varsdb_element_real(dtype, data, i, &value), VARSDB_OK);
    return value;
}

/* Random bits of every real type of 32 bits and less, at odd addresses, NaN and infinities included. */
START_TEST(every_narrow_type_agrees_with_its_elements)
{
    static unsigned char now[4 * MANY + 1], old[4 * MANY + 1];
    static double wide_new[MANY], wide_old[MANY];
    for (int i = VARSDB_BOOL; i < VARSDB_STRING; i++) {
        varsdb_dtype dtype = (varsdb_dtype)i;
        if (varsdb_dtype_bits(dtype) > 32)
            continue;
        for (size_t j = 0; j < sizeof now; j++) {
            now[j] = (unsigned char)(uniform(j) * 256);
            old[j] = uniform(j / 8) < 0.5 ? now[j] : (unsigned char)(uniform(j + 77777) * 256);
            if (dtype == VARSDB_BOOL) {
                now[j] &= 1;
                old[j] &= 1;
            }
        }
        for (int pass = 0; pass < 2; pass++) { /* as they are, then the NaNs and infinities made 0 */
            for (size_t j = 0; j < MANY; j++) {
                wide_new[j] = number(dtype, now + 1, j);
                wide_old[j] = number(dtype, old + 1, j);
                size_t width = (size_t)varsdb_dtype_bits(dtype) / 8;
                if (pass && !(isfinite(wide_new[j]) && isfinite(wide_old[j]))) {
                    memset(now + 1 + j * width, 0, width);
                    memset(old + 1 + j * width, 0, width);
                    wide_new[j] = wide_old[j] = number(dtype, now + 1, j);
                } else if (isnan(wide_new[j]) && isnan(wide_old[j])) {
                    bool same = memcmp(now + 1 + j * width, old + 1 + j * width, width) == 0;
                    wide_new[j] = nan_of(0x7ff8000000000000);
                    wide_old[j] = nan_of(same ? 0x7ff8000000000000 : 0x7ff8000000000001);
                }
            }
            vdb_difference d = between(dtype, now + 1, old + 1, MANY);
            check_against(&d, reference_of(wide_new, wide_old, MANY, 1), 1e-12);
        }
    }
}
END_TEST

/* A square of 2^60, and 20000 of 100, each of which is less than half of its last place. */
START_TEST(many_small_blocks_are_not_lost_beside_a_large_one)
{
    static const double large[] = {0x1p30, 0x1p30}, small[] = {10};
    vdb_difference d;
    vdb_difference_begin(&d, VARSDB_FLOAT64);
    vdb_difference_add(&d, (double[]){0, 0x1p30}, large, 2);
    for (int i = 0; i < 20000; i++)
        vdb_difference_add(&d, (double[]){0}, small, 1);
    long double change = 0x1p60L + 2e6L, old = 0x1p61L + 2e6L;
    check_close(vdb_difference_rel_l2(&d), (double)sqrtl(change / old), 1e-15);
}
END_TEST

START_TEST(pieces_give_what_the_whole_gives)
{
    double *old = series(MANY, 0, 0, 1), *now = series(MANY, MANY, 0, 1);
    vdb_difference whole = between(VARSDB_FLOAT64, now, old, MANY), pieces;
    vdb_difference_begin(&pieces, VARSDB_FLOAT64);
    for (size_t at = 0, n = 1; at < MANY; at += n, n = n * 3 % 1999 + 1) {
        n = MANY - at < n ? MANY - at : n;
        vdb_difference_add(&pieces, now + at, old + at, n);
    }
    ck_assert_double_eq(vdb_difference_max_abs(&pieces), vdb_difference_max_abs(&whole));
    check_close(vdb_difference_rel_l2(&pieces), vdb_difference_rel_l2(&whole), 1e-14);
    free(old);
    free(now);
}
END_TEST

/* What stays the same need not be added when the norm is known. */
START_TEST(a_known_norm_stands_for_what_was_not_added)
{
    double *old = series(MANY, 0, 0, 1), *now = series(MANY, 0, 0, 1);
    vdb_stats s;
    vdb_difference d;
    now[17] += 0.125;
    vdb_stats_begin(&s, VARSDB_FLOAT64);
    vdb_stats_add(&s, old, MANY);
    vdb_difference whole = between(VARSDB_FLOAT64, now, old, MANY);
    vdb_difference_begin(&d, VARSDB_FLOAT64);
    vdb_difference_add(&d, now, old, 100);
    check_close(vdb_difference_rel_l2_to(&d, vdb_stats_l2_norm(&s)), vdb_difference_rel_l2(&whole), 1e-13);
    free(old);
    free(now);
}
END_TEST

Suite *test_difference_suite(void)
{
    Suite *suite = suite_create("difference");
    TCase *tests = tcase_create("difference");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, doubles_agree_with_quadruple_precision);
    tcase_add_test(tests, blocks_of_very_different_size);
    tcase_add_test(tests, singles_agree_with_quadruple_precision);
    tcase_add_test(tests, hand_worked_values);
    tcase_add_test(tests, nothing_and_zero);
    tcase_add_test(tests, distances_beyond_the_range_of_double);
    tcase_add_test(tests, tiny_changes_are_not_lost_beside_large_values);
    tcase_add_test(tests, special_values_on_one_side_and_on_both);
    tcase_add_test(tests, nan_wins_over_infinity_and_both_over_numbers);
    tcase_add_test(tests, bits_are_compared_before_they_are_widened);
    tcase_add_test(tests, wide_integers_are_subtracted_exactly);
    tcase_add_test(tests, complex_numbers_count_by_magnitude);
    tcase_add_test(tests, complex_numbers_agree_with_quadruple_precision);
    tcase_add_test(tests, every_narrow_type_agrees_with_its_elements);
    tcase_add_test(tests, many_small_blocks_are_not_lost_beside_a_large_one);
    tcase_add_test(tests, pieces_give_what_the_whole_gives);
    tcase_add_test(tests, a_known_norm_stands_for_what_was_not_added);
    suite_add_tcase(suite, tests);
    return suite;
}
