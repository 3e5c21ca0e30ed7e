/* test_stats.c - statistics against quadruple-precision sums and hand-worked values. */
#include <check.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rng.h"
#include "stats.h"

Suite *test_stats_suite(void);

#define MANY 50003 /* a dozen blocks and a bit */

static vdb_stats stats_of(varsdb_dtype dtype, const void *data, size_t n)
{
    vdb_stats s;
    vdb_stats_begin(&s, dtype);
    vdb_stats_add(&s, data, n);
    return s;
}

static double uniform(uint64_t i)
{
    uint32_t w[4];
    vdb_philox(vdb_philox_key_of_seed(1), i, 0, w);
    return w[0] * 0x1p-32 + w[1] * 0x1p-64;
}

static void check_close(double got, double expected, double tolerance)
{
    ck_assert_msg(fabs(got - expected) <= tolerance * fabs(expected), "%.17g is not %.17g", got, expected);
}

/* Mean, standard deviation and norm by plain sums with 113 bits; x / unit must not overflow. */
static void check_moments(const vdb_stats *s, const double *x, size_t n, double unit, double tolerance)
{
    __float128 sum = 0, squares = 0, deviations = 0, one = unit;
    for (size_t i = 0; i < n; i++) {
        sum += x[i] / one;
        squares += (x[i] / one) * (x[i] / one);
    }
    __float128 mean = sum / (__float128)n;
    for (size_t i = 0; i < n; i++)
        deviations += (x[i] / one - mean) * (x[i] / one - mean);
    double std = (double)sqrtl((long double)(deviations / (__float128)n));
    ck_assert(fabs(s->mean / unit - (double)mean) <= tolerance * (fabs((double)mean) + std));
    check_close(vdb_stats_std(s) / unit, std, tolerance);
    check_close(vdb_stats_l2_norm(s) / unit, (double)sqrtl((long double)squares), tolerance);
}

static double *series(size_t n, double mean, double spread)
{
    double *x = malloc(n * sizeof *x);
    ck_assert_ptr_nonnull(x);
    for (size_t i = 0; i < n; i++)
        x[i] = mean + spread * (uniform(i) - 0.5);
    return x;
}

START_TEST(moments_agree_with_quadruple_precision)
{
    /* the hard ones: a mean of 1e12 standard deviations, and squares out of double's range */
    static const double cases[][3] = {
        {0, 1, 1},         {5, 1e-3, 1},          {1e9, 1e-3, 1},      {-1e9, 1e-3, 1},
        {0, 1e306, 1e300}, {1e305, 1e303, 1e300}, {0, 1e-200, 1e-200}, {1e-300, 1e-305, 1e-300},
        {1e200, 1, 1e200}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double *x = series(MANY, cases[i][0], cases[i][1]);
        vdb_stats s = stats_of(VARSDB_FLOAT64, x, MANY);
        if (cases[i][0] < 1e200 || cases[i][1] > 1)
            check_moments(&s, x, MANY, cases[i][2], 1e-11);
        else
            ck_assert(vdb_stats_std(&s) <= 1e200 * 1e-15); /* all are equal after rounding */
        ck_assert_int_eq(s.finite, MANY);
        free(x);
    }
}
END_TEST

START_TEST(blocks_of_very_different_size_are_merged)
{
    static const double scales[] = {1e-250, 1, 1e250, 1, 1e-250, 1e300};
    double *x = series(6 * 5000, 0.25, 1);
    for (size_t i = 0; i < 6 * 5000; i++)
        x[i] *= scales[i / 5000];
    for (size_t parts = 1; parts <= 6; parts++) {
        vdb_stats s = stats_of(VARSDB_FLOAT64, x, parts * 5000);
        double unit = parts < 2 ? 1e-250 : parts < 3 ? 1 : parts < 6 ? 1e250 : 1e300;
        check_moments(&s, x, parts * 5000, unit, 1e-12);
    }
    free(x);
}
END_TEST

START_TEST(values_at_the_end_of_the_range_have_mean_and_deviation)
{
    static const double opposite[] = {1.7e308, -1.7e308}, beside[] = {1.6e308, 1.7e308, 1.6e308, 1.7e308};
    vdb_stats s = stats_of(VARSDB_FLOAT64, opposite, 2);
    ck_assert_double_eq(s.mean, 0);
    check_close(vdb_stats_std(&s), 1.7e308, 1e-15);
    s = stats_of(VARSDB_FLOAT64, beside, 4);
    check_close(s.mean, 1.65e308, 1e-15);
    check_close(vdb_stats_std(&s), 0.05e308, 1e-13);
}
END_TEST

START_TEST(float32_has_the_moments_of_its_values)
{
    double *x = series(MANY, 300, 5);
    float *narrow = malloc(MANY * sizeof *narrow);
    ck_assert_ptr_nonnull(narrow);
    narrow[0] = -1e30f; /* an outlier, then values far from it */
    for (size_t i = 1; i < MANY; i++)
        narrow[i] = (float)x[i];
    for (size_t skip = 0; skip < 2; skip++) {
        vdb_stats s = stats_of(VARSDB_FLOAT32, narrow + skip, MANY - skip);
        for (size_t i = skip; i < MANY; i++)
            x[i - skip] = (double)narrow[i];
        check_moments(&s, x, MANY - skip, 1, 1e-11);
    }
    free(narrow);
    free(x);
}
END_TEST

START_TEST(equal_elements_deviate_by_exactly_nothing)
{
    double x[9001];
    float y[9001];
    for (size_t i = 0; i < 9001; i++) {
        x[i] = 0.1;
        y[i] = 0.1f;
    }
    vdb_stats s = stats_of(VARSDB_FLOAT64, x, 9001);
    ck_assert_double_eq(s.mean, 0.1);
    ck_assert_double_eq(vdb_stats_std(&s), 0);
    check_close(vdb_stats_l2_norm(&s), 0.1 * sqrt(9001), 1e-15);
    s = stats_of(VARSDB_FLOAT32, y, 9001);
    ck_assert_double_eq(s.mean, (double)0.1f);
    ck_assert_double_eq(vdb_stats_std(&s), 0);
}
END_TEST

START_TEST(one_and_no_elements)
{
    double x = -3;
    vdb_stats s = stats_of(VARSDB_FLOAT64, &x, 1);
    ck_assert(vdb_stats_has_extremes(&s));
    ck_assert_double_eq(s.mean, -3);
    ck_assert_double_eq(s.min_real, -3);
    ck_assert_double_eq(s.max_real, -3);
    ck_assert_double_eq(vdb_stats_std(&s), 0);
    ck_assert_double_eq(vdb_stats_l2_norm(&s), 3);
    s = stats_of(VARSDB_FLOAT64, NULL, 0);
    ck_assert(!vdb_stats_has_extremes(&s));
    ck_assert_int_eq(s.finite, 0);
    ck_assert_double_eq(vdb_stats_l2_norm(&s), 0);
    s = stats_of(VARSDB_STRING, "ignored", 1);
    ck_assert(!vdb_stats_has_extremes(&s));
}
END_TEST

static void spoil(float *single, double *wide, size_t n, int64_t counts[4])
{
    static const double specials[] = {NAN, INFINITY, -INFINITY, -0.0};
    for (size_t i = 0; i < n; i++) {
        size_t which = i % 7 == 3 ? i / 7 % 4 : 4;
        wide[i] = which < 4 ? specials[which] : (double)(float)(uniform(i) + 1);
        single[i] = (float)wide[i];
        if (which < 4)
            counts[which]++;
    }
}

START_TEST(special_values_are_counted_and_left_out)
{
    static float single[MANY];
    static double wide[MANY], kept[MANY];
    int64_t counts[4] = {0};
    size_t n = 0;
    spoil(single, wide, MANY, counts);
    for (size_t i = 0; i < MANY; i++)
        if (isfinite(wide[i]))
            kept[n++] = wide[i];
    for (int pass = 0; pass < 2; pass++) {
        vdb_stats s = pass ? stats_of(VARSDB_FLOAT32, single, MANY) : stats_of(VARSDB_FLOAT64, wide, MANY);
        ck_assert_int_eq(s.nans, counts[0]);
        ck_assert_int_eq(s.pos_infs, counts[1]);
        ck_assert_int_eq(s.neg_infs, counts[2]);
        ck_assert_int_eq(s.zeros, counts[3]);
        ck_assert_int_eq(s.finite, (int64_t)n);
        check_moments(&s, kept, n, 1, 1e-12);
        ck_assert_double_eq(s.min_real, 0);
        ck_assert(s.max_real > 1.99 && s.max_real < 2.01);
    }
}
END_TEST

START_TEST(nothing_but_special_values_has_no_extremes)
{
    static const double x[] = {NAN, INFINITY, NAN, -INFINITY};
    vdb_stats s = stats_of(VARSDB_FLOAT64, x, 4);
    ck_assert(!vdb_stats_has_extremes(&s));
    ck_assert_int_eq(s.nans, 2);
    ck_assert_int_eq(s.pos_infs, 1);
    ck_assert_int_eq(s.neg_infs, 1);
    ck_assert_double_eq(vdb_stats_std(&s), 0);
}
END_TEST

START_TEST(odd_pieces_give_the_same_as_the_whole)
{
    static float single[MANY];
    static double wide[MANY];
    int64_t counts[4] = {0};
    spoil(single, wide, MANY, counts);
    vdb_stats whole = stats_of(VARSDB_FLOAT32, single, MANY), pieces;
    vdb_stats_begin(&pieces, VARSDB_FLOAT32);
    for (size_t at = 0, step = 1; at < MANY; at += step, step = step * 3 + 2)
        vdb_stats_add(&pieces, single + at, step < MANY - at ? step : MANY - at);
    ck_assert_int_eq(pieces.finite, whole.finite);
    ck_assert_int_eq(pieces.zeros, whole.zeros);
    ck_assert_int_eq(pieces.nans, whole.nans);
    ck_assert_int_eq(pieces.pos_infs, whole.pos_infs);
    ck_assert_int_eq(pieces.neg_infs, whole.neg_infs);
    ck_assert_double_eq(pieces.min_real, whole.min_real);
    ck_assert_double_eq(pieces.max_real, whole.max_real);
    check_close(pieces.mean, whole.mean, 1e-13);
    check_close(vdb_stats_std(&pieces), vdb_stats_std(&whole), 1e-13);
    check_close(vdb_stats_l2_norm(&pieces), vdb_stats_l2_norm(&whole), 1e-13);
}
END_TEST

START_TEST(bytes_may_stand_anywhere)
{
    char room[8 * 20 + 1];
    double x[20];
    for (size_t i = 0; i < 20; i++)
        x[i] = (double)i;
    memcpy(room + 1, x, sizeof x);
    vdb_stats s = stats_of(VARSDB_FLOAT64, room + 1, 20);
    ck_assert_double_eq(s.mean, 9.5);
    ck_assert_double_eq(s.max_real, 19);
}
END_TEST

START_TEST(integer_extremes_are_exact)
{
    static const int64_t s64[] = {0, INT64_MAX, INT64_MAX - 1, INT64_MIN, INT64_MIN + 1};
    static const uint64_t u64[] = {UINT64_MAX, UINT64_MAX - 1, 1, 0};
    static const int32_t s32[] = {-5, INT32_MIN, INT32_MAX, 0};
    static const uint16_t u16[] = {65535, 2, 3};
    static const int8_t s8[] = {-128, 127, 0, 0};
    vdb_stats s = stats_of(VARSDB_INT64, s64, 5);
    ck_assert(s.min_signed == INT64_MIN && s.max_signed == INT64_MAX && s.zeros == 1 && s.finite == 5);
    s = stats_of(VARSDB_INT64, s64 + 2, 1);
    ck_assert(s.min_signed == INT64_MAX - 1 && s.max_signed == INT64_MAX - 1);
    s = stats_of(VARSDB_UINT64, u64 + 1, 2);
    ck_assert(s.min_unsigned == 1 && s.max_unsigned == UINT64_MAX - 1 && s.zeros == 0);
    s = stats_of(VARSDB_INT32, s32, 4);
    ck_assert(s.min_signed == INT32_MIN && s.max_signed == INT32_MAX && s.zeros == 1);
    s = stats_of(VARSDB_UINT16, u16, 3);
    ck_assert(s.min_unsigned == 2 && s.max_unsigned == 65535);
    check_close(s.mean, 65540.0 / 3, 1e-15);
    s = stats_of(VARSDB_INT8, s8, 4);
    ck_assert(s.min_signed == -128 && s.max_signed == 127 && s.zeros == 2);
    ck_assert_double_eq(s.mean, -0.25);
}
END_TEST

START_TEST(bool_counts_as_zero_and_one)
{
    static const unsigned char x[] = {1, 0, 1, 1};
    vdb_stats s = stats_of(VARSDB_BOOL, x, 4);
    ck_assert(s.min_unsigned == 0 && s.max_unsigned == 1 && s.zeros == 1);
    ck_assert_double_eq(s.mean, 0.75);
    check_close(vdb_stats_std(&s), sqrt(3.0 / 16), 1e-15);
    check_close(vdb_stats_l2_norm(&s), sqrt(3.0), 1e-15);
}
END_TEST

START_TEST(complex_counts_by_magnitude)
{
    static const double x[] = {3, 4, 0,         -0.0,  NAN,   INFINITY, INFINITY,
                               1, 1, -INFINITY, 3e200, 4e200, 3e-200,   4e-200};
    static const float y[] = {3, 4, -6, 8};
    vdb_stats s = stats_of(VARSDB_COMPLEX128, x, 5);
    ck_assert(s.finite == 2 && s.zeros == 1 && s.nans == 1 && s.pos_infs == 2 && s.neg_infs == 0);
    ck_assert_double_eq(s.max_real, 5);
    ck_assert_double_eq(s.min_real, 0);
    ck_assert_double_eq(s.mean, 2.5);
    s = stats_of(VARSDB_COMPLEX128, x + 10, 2);
    check_close(s.max_real, 5e200, 1e-15);
    check_close(s.min_real, 5e-200, 1e-15);
    check_close(vdb_stats_l2_norm(&s), 5e200, 1e-15);
    s = stats_of(VARSDB_COMPLEX64, y, 2);
    ck_assert_double_eq(s.mean, 7.5);
    ck_assert_double_eq(vdb_stats_std(&s), 2.5);
}
END_TEST

/* Every bit pattern of a small float, against the widening of single elements. */
START_TEST(small_floats_are_widened_exactly)
{
    static const varsdb_dtype dtypes[] = {VARSDB_FLOAT16, VARSDB_BFLOAT16};
    for (size_t d = 0; d < 2; d++)
        for (unsigned bits = 0; bits <= 0xffff; bits++) {
            uint16_t half = (uint16_t)bits;
            double value = d ? vdb_bfloat16_to_double(half) : vdb_float16_to_double(half);
            vdb_stats s = stats_of(dtypes[d], &half, 1);
            ck_assert(s.nans == (isnan(value) ? 1 : 0) && s.finite == (isfinite(value) ? 1 : 0));
            ck_assert(s.pos_infs == (value > DBL_MAX ? 1 : 0) && s.neg_infs == (value < -DBL_MAX ? 1 : 0));
            if (isfinite(value))
                ck_assert(s.mean <= value && s.mean >= value && s.min_real <= value && s.min_real >= value);
        }
}
END_TEST

/* float4_e2m1: 0.5 is 1, 1 is 2, 1.5 is 3, 2 is 4, 6 is 7, -6 is 15; two a byte, low half first. */
START_TEST(packed_elements_are_unpacked_across_blocks)
{
    static unsigned char data[4100];
    memset(data, 0x21, sizeof data); /* 0.5 and 1 */
    data[4099] = 0xf7;               /* 6 and -6 */
    vdb_stats s = stats_of(VARSDB_FLOAT4_E2M1, data, 8200);
    ck_assert_int_eq(s.finite, 8200);
    ck_assert_double_eq(s.max_real, 6);
    ck_assert_double_eq(s.min_real, -6);
    check_close(s.mean, 4099 * 1.5 / 8200, 1e-14);
    check_close(vdb_stats_l2_norm(&s), sqrt(4099 * 1.25 + 72), 1e-14);
}
END_TEST

Suite *test_stats_suite(void)
{
    Suite *suite = suite_create("stats");
    TCase *tests = tcase_create("stats");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, moments_agree_with_quadruple_precision);
    tcase_add_test(tests, blocks_of_very_different_size_are_merged);
    tcase_add_test(tests, values_at_the_end_of_the_range_have_mean_and_deviation);
    tcase_add_test(tests, float32_has_the_moments_of_its_values);
    tcase_add_test(tests, equal_elements_deviate_by_exactly_nothing);
    tcase_add_test(tests, one_and_no_elements);
    tcase_add_test(tests, special_values_are_counted_and_left_out);
    tcase_add_test(tests, nothing_but_special_values_has_no_extremes);
    tcase_add_test(tests, odd_pieces_give_the_same_as_the_whole);
    tcase_add_test(tests, bytes_may_stand_anywhere);
    tcase_add_test(tests, integer_extremes_are_exact);
    tcase_add_test(tests, bool_counts_as_zero_and_one);
    tcase_add_test(tests, complex_counts_by_magnitude);
    tcase_add_test(tests, small_floats_are_widened_exactly);
    tcase_add_test(tests, packed_elements_are_unpacked_across_blocks);
    suite_add_tcase(suite, tests);
    return suite;
}
