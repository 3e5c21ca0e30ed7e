/* test_initializer_random.c - moments and distributions of a million drawn values. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "initializer.h"

Suite *test_initializer_random_suite(void);

#define SAMPLES 1000000

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double uniform_cdf(double x)
{
    return x < 0 ? 0 : x > 1 ? 1 : x;
}

static double normal_cdf(double x)
{
    return 0.5 * erfc(-x * sqrt(0.5));
}

static double truncated_cdf(double x)
{
    double outside = normal_cdf(-2);
    return x < -2 ? 0 : x > 2 ? 1 : (normal_cdf(x) - outside) / (1 - 2 * outside);
}

static double *drawn(const char *text, varsdb_dtype dtype)
{
    vdb_error e;
    vdb_initializer init;
    unsigned char *data = malloc(SAMPLES * 8);
    double *x = malloc(SAMPLES * sizeof *x);
    ck_assert(data && x);
    int rc = vdb_initializer_open(&e, text, dtype, VARSDB_SHAPE(SAMPLES), 42, "w", &init);
    ck_assert_msg(rc == VARSDB_OK, "%s: %s", text, e.text);
    vdb_initializer_fill(&init, 0, SAMPLES, data);
    vdb_initializer_close(&init);
    for (size_t i = 0; rc == VARSDB_OK && i < SAMPLES; i++)
        rc = varsdb_element_real(dtype, data, i, &x[i]);
    ck_assert_int_eq(rc, VARSDB_OK);
    free(data);
    return x;
}

/* Means of x, x^2, x^3, x^4 and of products of neighbours within 5 of their standard errors. */
static void check_moments(const double *x, double mean, double variance, double fourth)
{
    double sums[5] = {0}, n = SAMPLES;
    for (size_t i = 0; i < SAMPLES; i++) {
        double d = x[i] - mean;
        sums[0] += d;
        sums[1] += d * d;
        sums[2] += d * d * d;
        sums[3] += d * d * d * d;
        sums[4] += i ? d * (x[i - 1] - mean) : 0;
    }
    ck_assert_double_eq_tol(sums[0] / n, 0, 5 * sqrt(variance / n));
    ck_assert_double_eq_tol(sums[1] / n, variance, 5 * sqrt((fourth - variance * variance) / n));
    ck_assert_double_eq_tol(sums[2] / n, 0, 5 * sqrt(15 * variance * variance * variance / n));
    ck_assert_double_eq_tol(sums[3] / n, fourth, 5 * sqrt(96 / n) * variance * variance);
    ck_assert_double_eq_tol(sums[4] / n, 0, 5 * variance / sqrt(n));
}

/* Kolmogorov and Smirnov's distance; 1.95 / sqrt(n) is passed once in a thousand. */
static void check_distribution(double *x, double (*cdf)(double))
{
    double distance = 0;
    qsort(x, SAMPLES, sizeof *x, compare);
    for (size_t i = 0; i < SAMPLES; i++) {
        double p = cdf(x[i]);
        distance = fmax(distance, fmax(p - (double)i / SAMPLES, (double)(i + 1) / SAMPLES - p));
    }
    ck_assert_msg(distance < 1.95 / sqrt(SAMPLES), "distance %g", distance);
}

START_TEST(uniform_is_uniform)
{
    double *x = drawn("random_uniform(seed=11)", _i ? VARSDB_FLOAT64 : VARSDB_FLOAT32);
    check_moments(x, 0.5, 1.0 / 12, 1.0 / 80);
    check_distribution(x, uniform_cdf);
    free(x);
}
END_TEST

START_TEST(normal_is_normal)
{
    double *x = drawn("random_normal(seed=11)", _i ? VARSDB_FLOAT64 : VARSDB_FLOAT32);
    check_moments(x, 0, 1, 3);
    check_distribution(x, normal_cdf);
    ck_assert(x[SAMPLES - 1] > 4.2 && x[0] < -4.2); /* the tails are there */
    free(x);
}
END_TEST

/* With f the density at 2 and p what lies inside: variance 1 - 4 f/p, fourth moment
 * 3 variance - 16 f/p. */
START_TEST(truncated_normal_is_normal_within_two_deviations)
{
    double density = exp(-2.0) / sqrt(6.283185307179586), inside = 1 - 2 * normal_cdf(-2);
    double variance = 1 - 4 * density / inside, fourth = 3 * variance - 16 * density / inside;
    double *x = drawn("truncated_normal(seed=11)", _i ? VARSDB_FLOAT64 : VARSDB_FLOAT32);
    check_moments(x, 0, variance, fourth);
    check_distribution(x, truncated_cdf);
    ck_assert(x[0] >= -2 && x[SAMPLES - 1] <= 2);
    free(x);
}
END_TEST

Suite *test_initializer_random_suite(void)
{
    Suite *suite = suite_create("initializer_random");
    TCase *tests = tcase_create("initializer_random");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, uniform_is_uniform, 0, 2); /* float32, float64 */
    tcase_add_loop_test(tests, normal_is_normal, 0, 2);
    tcase_add_loop_test(tests, truncated_normal_is_normal_within_two_deviations, 0, 2);
    suite_add_tcase(suite, tests);
    return suite;
}
