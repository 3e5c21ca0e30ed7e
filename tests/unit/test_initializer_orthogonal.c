/*
 * test_initializer_orthogonal.c - orthogonal and delta_orthogonal against what defines them:
 * Q'Q = I, and Q'A is an upper triangle with a positive diagonal, A being random_normal's.
 */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "initializer.h"

Suite *test_initializer_orthogonal_suite(void);

static const varsdb_dtype floats[] = {VARSDB_FLOAT16, VARSDB_BFLOAT16, VARSDB_FLOAT32, VARSDB_FLOAT64};
/* Half a unit in the last place of a number below 1, and for float64 what the sums may add. */
static const double roundings[] = {0x1p-12, 0x1p-9, 0x1p-25, 0x1p-50};

/* All elements as doubles, to be freed. */
static double *made(const char *text, varsdb_dtype dtype, const varsdb_shape *shape)
{
    vdb_error e;
    vdb_initializer init;
    int rc = vdb_initializer_open(&e, text, dtype, shape, 42, "w", &init);
    ck_assert_msg(rc == VARSDB_OK, "%s: %s", text, e.text);
    unsigned char *data = malloc((size_t)init.elements * 8 + 1);
    double *x = malloc((size_t)init.elements * sizeof *x + 1);
    ck_assert(data && x);
    vdb_initializer_fill(&init, 0, init.elements, data);
    for (size_t i = 0; i < (size_t)init.elements; i++)
        ck_assert_int_eq(varsdb_element_real(dtype, data, i, &x[i]), VARSDB_OK);
    vdb_initializer_close(&init);
    free(data);
    return x;
}

/* Product of two lines of a matrix: rows when `stride` is 1, columns when it is their number. */
static double product(const double *a, const double *b, size_t count, size_t stride)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += a[i * stride] * b[i * stride];
    return sum;
}

/* The shorter side's lines have the length of the gain, and stand at right angles. */
static void check_orthogonal(const double *q, size_t rows, size_t columns, double gain, double rounding)
{
    bool is_tall = rows >= columns;
    size_t lines = is_tall ? columns : rows, count = is_tall ? rows : columns;
    size_t stride = is_tall ? columns : 1, next = is_tall ? 1 : columns;
    double tolerance = 4 * gain * gain * rounding * sqrt((double)count);
    for (size_t a = 0; a < lines; a++)
        for (size_t b = 0; b <= a; b++)
            ck_assert_double_eq_tol(product(q + a * next, q + b * next, count, stride),
                                    a == b ? gain * gain : 0, tolerance);
}

START_TEST(columns_or_rows_are_orthonormal_times_the_gain)
{
    static const int64_t shapes[][2] = {{1, 1},   {5, 5},   {64, 64},  {90, 33}, {33, 90},
                                        {200, 1}, {1, 200}, {129, 65}, {32, 64}, {100, 97}};
    static const char *const texts[] = {"orthogonal", "orthogonal(2)", "orthogonal(gain=0.25)"};
    static const double gains[] = {1, 2, 0.25};
    for (size_t d = 0; d < 4; d++)
        for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++)
            for (size_t g = 0; g < 3; g++) {
                double *q = made(texts[g], floats[d], VARSDB_SHAPE(shapes[s][0], shapes[s][1]));
                check_orthogonal(q, (size_t)shapes[s][0], (size_t)shapes[s][1], gains[g], roundings[d]);
                free(q);
            }
}
END_TEST

START_TEST(leading_dimensions_are_rows)
{
    double *kernel = made("orthogonal(seed=4)", VARSDB_FLOAT64, VARSDB_SHAPE(3, 5, 4, 20));
    double *matrix = made("orthogonal(seed=4)", VARSDB_FLOAT64, VARSDB_SHAPE(60, 20));
    ck_assert_mem_eq(kernel, matrix, 1200 * sizeof *kernel);
    check_orthogonal(kernel, 60, 20, 1, roundings[3]);
    free(kernel);
    free(matrix);
}
END_TEST

/* There is only one Q R with a positive diagonal of R, so this leaves no other Q. */
static void check_factor(const double *q, bool is_turned, const double *a, size_t rows, size_t columns)
{
    for (size_t i = 0; i < columns; i++)
        for (size_t j = 0; j <= i; j++) {
            double r = 0;
            for (size_t k = 0; k < rows; k++)
                r += (is_turned ? q[i * rows + k] : q[k * columns + i]) * a[k * columns + j];
            if (i == j)
                ck_assert_double_gt(r, 1e-6);
            else
                ck_assert_double_eq_tol(r, 0, 1e-12);
        }
}

START_TEST(it_is_the_factor_q_of_what_random_normal_draws)
{
    static const int64_t sides[][2] = {{1, 1}, {2, 2}, {40, 40}, {75, 33}, {120, 64}, {64, 1}};
    for (size_t s = 0; s < sizeof sides / sizeof sides[0]; s++) {
        int64_t rows = sides[s][0], columns = sides[s][1];
        double *a = made("random_normal(seed=8)", VARSDB_FLOAT64, VARSDB_SHAPE(rows, columns));
        double *tall = made("orthogonal(seed=8)", VARSDB_FLOAT64, VARSDB_SHAPE(rows, columns));
        double *wide = made("orthogonal(seed=8)", VARSDB_FLOAT64, VARSDB_SHAPE(columns, rows));
        check_factor(tall, false, a, (size_t)rows, (size_t)columns);
        check_factor(wide, rows > columns, a, (size_t)rows, (size_t)columns);
        free(a);
        free(tall);
        free(wide);
    }
}
END_TEST

/* Of [[a, c], [b, d]]: the first column is (a, b) over its length, the second (-b, a) or
 * (b, -a) over it, whichever makes the determinant's sign that of a d - b c. */
START_TEST(two_by_two_is_as_by_hand)
{
    double *m = made("random_normal(seed=1)", VARSDB_FLOAT64, VARSDB_SHAPE(2, 2));
    double *q = made("orthogonal(seed=1)", VARSDB_FLOAT64, VARSDB_SHAPE(2, 2));
    double length = sqrt(m[0] * m[0] + m[2] * m[2]);
    double sign = m[0] * m[3] - m[2] * m[1] > 0 ? 1 : -1;
    ck_assert_double_eq_tol(q[0], m[0] / length, 1e-15);
    ck_assert_double_eq_tol(q[2], m[2] / length, 1e-15);
    ck_assert_double_eq_tol(q[1], -sign * m[2] / length, 1e-15);
    ck_assert_double_eq_tol(q[3], sign * m[0] / length, 1e-15);
    free(m);
    free(q);
}
END_TEST

/* Entries of an evenly distributed 3 x 3 rotation are uniform in [-1, 1]: variance 1/3, and
 * as often positive as negative; without the signs of R the diagonal would lean one way. */
START_TEST(all_rotations_are_as_likely)
{
    enum {
        TIMES = 4000
    };
    double sums[9] = {0}, squares[9] = {0};
    char text[64];
    for (int i = 0; i < TIMES; i++) {
        snprintf(text, sizeof text, "orthogonal(seed=%d)", i);
        double *q = made(text, VARSDB_FLOAT64, VARSDB_SHAPE(3, 3));
        for (size_t j = 0; j < 9; j++) {
            sums[j] += q[j];
            squares[j] += q[j] * q[j];
        }
        free(q);
    }
    for (size_t j = 0; j < 9; j++) {
        ck_assert_double_eq_tol(sums[j] / TIMES, 0, 5 * sqrt(1.0 / 3 / TIMES));
        ck_assert_double_eq_tol(squares[j] / TIMES, 1.0 / 3, 5 * sqrt(4.0 / 45 / TIMES));
    }
}
END_TEST

START_TEST(key_and_shape_alone_decide)
{
    double *a = made("orthogonal(seed=5)", VARSDB_FLOAT32, VARSDB_SHAPE(30, 20));
    double *between = made("orthogonal(seed=6)", VARSDB_FLOAT32, VARSDB_SHAPE(30, 20));
    double *again = made("orthogonal(gain=1,seed=5)", VARSDB_FLOAT32, VARSDB_SHAPE(30, 20));
    ck_assert_mem_eq(a, again, 600 * sizeof *a);
    ck_assert_mem_ne(a, between, 600 * sizeof *a);
    free(a);
    free(between);
    free(again);
}
END_TEST

static void check_ranges(const char *text, varsdb_dtype dtype, const varsdb_shape *shape)
{
    vdb_error e;
    vdb_initializer init;
    unsigned char whole[700 * 8], part[700 * 8];
    ck_assert_int_eq(vdb_initializer_open(&e, text, dtype, shape, 42, "w", &init), VARSDB_OK);
    ck_assert(init.elements <= 700);
    size_t bytes = (size_t)varsdb_dtype_bits(dtype) / 8;
    vdb_initializer_fill(&init, 0, init.elements, whole);
    for (int64_t first = init.elements; first >= 0; first -= 23)
        for (int64_t count = 0; count <= init.elements - first; count = count * 2 + 1) {
            vdb_initializer_fill(&init, first, count, part);
            ck_assert_int_eq(memcmp(part, whole + (size_t)first * bytes, (size_t)count * bytes), 0);
        }
    vdb_initializer_close(&init);
}

START_TEST(any_range_is_the_same_bits_as_the_whole)
{
    for (size_t d = 0; d < 4; d++) {
        check_ranges("orthogonal", floats[d], VARSDB_SHAPE(20, 35));
        check_ranges("orthogonal(3)", floats[d], VARSDB_SHAPE(7, 5, 20));
        check_ranges("delta_orthogonal", floats[d], VARSDB_SHAPE(3, 4, 7, 8));
    }
}
END_TEST

/* ---- delta_orthogonal --------------------------------------------------- */

START_TEST(only_the_centre_tap_is_not_zero)
{
    static const struct {
        int rank;
        int64_t dim[5];
        size_t centre; /* worked by hand: (k - 1) / 2 of each length, row by row */
    } kernels[] = {
        {3, {1, 6, 9}, 0},        {3, {4, 6, 6}, 1},       {3, {5, 1, 4}, 2},
        {4, {3, 3, 6, 9}, 4},     {4, {2, 4, 5, 7}, 1},    {4, {5, 2, 3, 3}, 4},
        {5, {3, 3, 3, 4, 5}, 13}, {5, {1, 2, 5, 3, 8}, 2}, {5, {4, 3, 2, 2, 2}, 8},
    };
    for (size_t i = 0; i < sizeof kernels / sizeof kernels[0]; i++) {
        const int64_t *dim = kernels[i].dim;
        int rank = kernels[i].rank;
        size_t in = (size_t)dim[rank - 2], out = (size_t)dim[rank - 1], taps = 1;
        for (int d = 0; d < rank - 2; d++)
            taps *= (size_t)dim[d];
        double *x = made("delta_orthogonal(gain=3)", VARSDB_FLOAT64, &(varsdb_shape){rank, dim});
        for (size_t j = 0; j < taps * in * out; j++)
            ck_assert(j / (in * out) == kernels[i].centre || fabs(x[j]) <= 0);
        check_orthogonal(x + kernels[i].centre * in * out, in, out, 3, roundings[3]);
        free(x);
    }
}
END_TEST

START_TEST(the_centre_tap_is_the_orthogonal_matrix)
{
    double *kernel = made("convolutional_delta_orthogonal(2,seed=3)", VARSDB_FLOAT32, VARSDB_SHAPE(3, 8, 12));
    double *same = made("delta_orthogonal(gain=2,seed=3)", VARSDB_FLOAT32, VARSDB_SHAPE(3, 8, 12));
    double *matrix = made("orthogonal(2,seed=3)", VARSDB_FLOAT32, VARSDB_SHAPE(8, 12));
    ck_assert_mem_eq(kernel, same, 3 * 96 * sizeof *kernel);
    ck_assert_mem_eq(kernel + 96, matrix, 96 * sizeof *kernel);
    free(kernel);
    free(same);
    free(matrix);
}
END_TEST

/* ---- Limits ------------------------------------------------------------- */

START_TEST(empty_tensors_have_no_matrix)
{
    free(made("orthogonal", VARSDB_FLOAT32, VARSDB_SHAPE(0, 5)));
    free(made("orthogonal", VARSDB_FLOAT32, VARSDB_SHAPE(5, 0)));
    free(made("delta_orthogonal", VARSDB_FLOAT32, VARSDB_SHAPE(0, 3, 5)));
    free(made("delta_orthogonal", VARSDB_FLOAT32, VARSDB_SHAPE(3, 0, 5)));
}
END_TEST

static void check_invalid(const char *text, varsdb_dtype dtype, const varsdb_shape *shape, const char *says)
{
    vdb_error e = {0};
    vdb_initializer init;
    ck_assert_msg(vdb_initializer_open(&e, text, dtype, shape, 42, "w", &init) == VARSDB_INVALID, "%s", text);
    ck_assert_msg(strstr(e.text, says), "%s: %s", text, e.text);
}

START_TEST(what_cannot_be_made_is_invalid)
{
    const varsdb_dtype f = VARSDB_FLOAT32;
    check_invalid("orthogonal", f, VARSDB_SCALAR, "2 dimensions or more, not 0");
    check_invalid("orthogonal", f, VARSDB_SHAPE(9), "2 dimensions or more, not 1");
    check_invalid("orthogonal", VARSDB_INT32, VARSDB_SHAPE(3, 3), "not for int32");
    check_invalid("orthogonal", VARSDB_COMPLEX64, VARSDB_SHAPE(3, 3), "not for complex64");
    check_invalid("orthogonal(nan)", f, VARSDB_SHAPE(3, 3), "gain is nan");
    check_invalid("orthogonal(1e6)", VARSDB_FLOAT16, VARSDB_SHAPE(3, 3), "float16");
    check_invalid("orthogonal(1,2)", f, VARSDB_SHAPE(3, 3), "takes gain, seed=");
    check_invalid("orthogonal", f, VARSDB_SHAPE(4096, 2049), "4096 x 2049; it may have 8388608 elements");
    check_invalid("delta_orthogonal", f, VARSDB_SHAPE(3, 3), "3 to 5 dimensions, not 2");
    check_invalid("delta_orthogonal", f, VARSDB_SHAPE(1, 1, 1, 1, 3, 3), "3 to 5 dimensions, not 6");
    check_invalid("delta_orthogonal", f, VARSDB_SHAPE(3, 5, 4), "not 4 of 5");
    check_invalid("delta_orthogonal(inf)", f, VARSDB_SHAPE(3, 3, 3), "gain is inf");
    check_invalid("delta_orthogonal", f, VARSDB_SHAPE(1, 2896, 2897), "2896 x 2897");
}
END_TEST

START_TEST(the_kernel_around_a_matrix_may_be_larger_than_a_matrix)
{
    vdb_error e;
    vdb_initializer init;
    float x[4];
    int64_t taps = INT64_C(1) << 30, centre = (taps - 1) / 2;
    ck_assert_int_eq(vdb_initializer_open(&e, "delta_orthogonal", VARSDB_FLOAT32, VARSDB_SHAPE(taps, 1, 1),
                                          42, "w", &init),
                     VARSDB_OK);
    vdb_initializer_fill(&init, centre - 1, 4, x);
    ck_assert_float_eq(x[0], 0);
    ck_assert_float_eq(fabsf(x[1]), 1);
    ck_assert_float_eq(x[2], 0);
    ck_assert_float_eq(x[3], 0);
    vdb_initializer_close(&init);
}
END_TEST

Suite *test_initializer_orthogonal_suite(void)
{
    Suite *suite = suite_create("initializer_orthogonal");
    TCase *tests = tcase_create("initializer_orthogonal");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, columns_or_rows_are_orthonormal_times_the_gain);
    tcase_add_test(tests, leading_dimensions_are_rows);
    tcase_add_test(tests, it_is_the_factor_q_of_what_random_normal_draws);
    tcase_add_test(tests, two_by_two_is_as_by_hand);
    tcase_add_test(tests, all_rotations_are_as_likely);
    tcase_add_test(tests, key_and_shape_alone_decide);
    tcase_add_test(tests, any_range_is_the_same_bits_as_the_whole);
    tcase_add_test(tests, only_the_centre_tap_is_not_zero);
    tcase_add_test(tests, the_centre_tap_is_the_orthogonal_matrix);
    tcase_add_test(tests, empty_tensors_have_no_matrix);
    tcase_add_test(tests, what_cannot_be_made_is_invalid);
    tcase_add_test(tests, the_kernel_around_a_matrix_may_be_larger_than_a_matrix);
    suite_add_tcase(suite, tests);
    return suite;
}
