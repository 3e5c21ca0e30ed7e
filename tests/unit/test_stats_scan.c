/* test_stats_scan.c - one pass over a block: by the definition, and with the same bits in registers of any
 * width. */
#include "stats_scan.h"

#include <check.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "rng.h"

Suite *test_stats_scan_suite(void);

#define SERIES 6
#define MOST   ((size_t)200) /* a dozen times the lanes, and all remainders */

/* Rising, falling, with zeros of both signs, equal, very large beside very small, and at random. */
static double number(int series, size_t i)
{
    uint32_t w[4];
    vdb_philox(vdb_philox_key_of_seed(5), (uint64_t)i, (uint64_t)series, w);
    switch (series) {
    case 0:
        return (double)i - 20;
    case 1:
        return 20 - (double)i;
    case 2:
        return w[0] % 3 == 0 ? -0.0 : w[0] % 3 == 1 ? 0.0 : (double)w[1];
    case 3:
        return -7;
    case 4:
        return ldexp((double)(int32_t)w[0], (int)(w[1] % 60) - 30);
    default:
        return (double)w[0] * 0x1p-32 - 0.5;
    }
}

static bool same_bits(const vdb_scan *a, const vdb_scan *b)
{
    return a->count == b->count && a->zeros == b->zeros && memcmp(&a->min, &b->min, sizeof a->min) == 0 &&
           memcmp(&a->max, &b->max, sizeof a->max) == 0 && memcmp(&a->sum, &b->sum, sizeof a->sum) == 0 &&
           memcmp(&a->squares, &b->squares, sizeof a->squares) == 0;
}

/* By sums with 113 bits; sums of n doubles are off by n half units of what was added, at most. */
static void check_scan(const vdb_scan *s, const double *x, size_t n, double shift)
{
    __float128 sum = 0, squares = 0, sizes = 0;
    double min = x[0], max = x[0];
    int64_t zeros = 0;
    for (size_t i = 0; i < n; i++) {
        const __float128 d = (__float128)x[i] - shift;
        sum += d;
        sizes += d < 0 ? -d : d;
        squares += d * d;
        min = fmin(min, x[i]);
        max = fmax(max, x[i]);
        zeros += x[i] == 0;
    }
    const __float128 unit = (__float128)DBL_EPSILON * n;
    const __float128 off = s->sum - sum, square_off = s->squares - squares;
    ck_assert(s->count == n && s->zeros == zeros);
    ck_assert(s->min == min && s->max == max);
    ck_assert((off < 0 ? -off : off) <= unit * sizes);
    ck_assert((square_off < 0 ? -square_off : square_off) <= 4 * unit * squares);
}

static void fill(int series, double *doubles, float *singles, double *widened)
{
    for (size_t i = 0; i < MOST; i++) {
        doubles[i] = number(series, i);
        singles[i] = (float)doubles[i];
        widened[i] = (double)singles[i];
    }
}

/* _i: the series */
START_TEST(a_block_is_scanned_by_the_definition_in_registers_of_any_width)
{
    double doubles[MOST], widened[MOST];
    float singles[MOST];
    fill(_i, doubles, singles, widened);
    for (size_t from = 0; from < 3; from++)
        for (size_t n = 1; n <= MOST - from; n++) {
            vdb_scan wide, narrow;
            const double shift = doubles[from + n / 2];
            vdb_scan_doubles(doubles + from, n, shift, &wide);
            vdb_scan_doubles_narrow(doubles + from, n, shift, &narrow);
            check_scan(&narrow, doubles + from, n, shift);
            ck_assert_msg(same_bits(&wide, &narrow), "%zu doubles from %zu on", n, from);
            vdb_scan_singles(singles + from, n, widened[from + n / 2], &wide);
            vdb_scan_singles_narrow(singles + from, n, widened[from + n / 2], &narrow);
            check_scan(&narrow, widened + from, n, widened[from + n / 2]);
            ck_assert_msg(same_bits(&wide, &narrow), "%zu singles from %zu on", n, from);
        }
}
END_TEST

/* Whatever the lane that has it, in whatever register. */
START_TEST(one_element_that_is_no_number_spoils_the_sum)
{
    static const double spoilers[] = {INFINITY, -INFINITY, NAN};
    double doubles[MOST], widened[MOST];
    float singles[MOST];
    vdb_scan s;
    for (size_t k = 0; k < sizeof spoilers / sizeof *spoilers; k++)
        for (size_t at = 0; at < MOST; at++) {
            fill(5, doubles, singles, widened);
            doubles[at] = spoilers[k];
            singles[at] = (float)spoilers[k];
            vdb_scan_doubles(doubles, MOST, 0, &s);
            ck_assert(!isfinite(s.squares));
            vdb_scan_doubles_narrow(doubles, MOST, 0, &s);
            ck_assert(!isfinite(s.squares));
            vdb_scan_singles(singles, MOST, 0, &s);
            ck_assert(!isfinite(s.squares));
            vdb_scan_singles_narrow(singles, MOST, 0, &s);
            ck_assert(!isfinite(s.squares));
        }
}
END_TEST

START_TEST(a_magnitude_beyond_the_range_is_the_largest)
{
    static const double parts[] = {DBL_MAX, DBL_MAX, DBL_MAX, 0, 0, -DBL_MAX, 3e-320, 4e-320, 0, 0};
    double out[5];
    vdb_scan_widen_doubles(VARSDB_COMPLEX128, (const unsigned char *)parts, 5, out);
    ck_assert(out[0] == DBL_MAX && out[1] == DBL_MAX && out[2] == DBL_MAX && out[4] == 0);
    ck_assert(fabs(out[3] - 5e-320) <= DBL_TRUE_MIN);
}
END_TEST

Suite *test_stats_scan_suite(void)
{
    Suite *suite = suite_create("stats_scan");
    TCase *tc = tcase_create("stats_scan");
    tcase_add_loop_test(tc, a_block_is_scanned_by_the_definition_in_registers_of_any_width, 0, SERIES);
    tcase_add_test(tc, one_element_that_is_no_number_spoils_the_sum);
    tcase_add_test(tc, a_magnitude_beyond_the_range_is_the_largest);
    suite_add_tcase(suite, tc);
    return suite;
}
