/*
 * test_arithmetic.c - sums and differences against exact ones, in 128 bits, that are looked up
 * among all the numbers of a small float, and against hand-worked values.
 */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "arithmetic.h"
#include "rng.h"

Suite *test_arithmetic_suite(void);

static uint64_t word(uint64_t i)
{
    uint32_t w[4];
    vdb_philox(vdb_philox_key_of_seed(77), i, 0, w);
    return (uint64_t)w[0] << 32 | w[1];
}

/* ---- small floats: the nearest of all the numbers there are */

typedef struct format {
    varsdb_dtype dtype;
    unsigned sign, most; /* the bit; code of the largest finite magnitude */
    double beyond;       /* the number that would come after it */
    unsigned overflow;
    double value[0x8000]; /* of magnitude codes up to most */
} format;

static double value_of(varsdb_dtype dtype, unsigned bits)
{
    if (dtype == VARSDB_FLOAT16)
        return vdb_float16_to_double((uint16_t)bits);
    if (dtype == VARSDB_BFLOAT16)
        return vdb_bfloat16_to_double((uint16_t)bits);
    return varsdb_dtype_bits(dtype) == 8 ? vdb_float8_to_double(dtype, (uint8_t)bits)
                                         : vdb_float_small_to_double(dtype, (uint8_t)bits);
}

static format *format_of(varsdb_dtype dtype, unsigned most, double beyond, unsigned overflow)
{
    static format f;
    f = (format){.dtype = dtype, .most = most, .beyond = beyond, .overflow = overflow};
    f.sign = dtype == VARSDB_FLOAT8_E8M0 ? 0 : 1U << (varsdb_dtype_bits(dtype) - 1);
    for (unsigned code = 0; code <= most; code++)
        f.value[code] = value_of(dtype, code);
    return &f;
}

/* The nearest magnitude; between two the even code. */
static unsigned nearest(const format *f, __float128 magnitude)
{
    unsigned low = 0, high = f->most + 1; /* low <= magnitude, if anything is */
    if (magnitude >= f->beyond)
        return f->most + 1;
    while (high - low > 1) {
        unsigned middle = (low + high) / 2;
        if (f->value[middle] <= magnitude)
            low = middle;
        else
            high = middle;
    }
    __float128 next = high > f->most ? f->beyond : f->value[high];
    __float128 to_low = magnitude - f->value[low], to_high = next - magnitude;
    return to_low < to_high || (to_low == to_high && low % 2 == 0) ? low : high;
}

static bool is_fnuz(varsdb_dtype dtype)
{
    return dtype == VARSDB_FLOAT8_E4M3FNUZ || dtype == VARSDB_FLOAT8_E5M2FNUZ;
}

/* Bits of the sum of two finite numbers. */
static unsigned exact_sum(const format *f, double a, double b)
{
    __float128 sum = (__float128)a + b;
    bool negative = sum < 0 || (sum == 0 && signbit(a) && signbit(b));
    if (f->dtype == VARSDB_FLOAT8_E8M0 && sum <= 0)
        return 0xff; /* it has neither zero nor a sign */
    unsigned code = nearest(f, sum < 0 ? -sum : sum);
    if (code > f->most)
        code = f->overflow;
    if (is_fnuz(f->dtype) && (code == 0 || code == f->overflow))
        return code;
    return code | (negative ? f->sign : 0);
}

static void check_sum(const format *f, unsigned a, unsigned b, bool minus, unsigned got)
{
    double x = value_of(f->dtype, a), y = minus ? -value_of(f->dtype, b) : value_of(f->dtype, b);
    if (isfinite(x) && isfinite(y)) {
        unsigned expected = exact_sum(f, x, y);
        ck_assert_msg(got == expected, "%s %x %c %x is %x, not %x", varsdb_dtype_name(f->dtype), a,
                      minus ? '-' : '+', b, got, expected);
        return;
    }
    double sum = value_of(f->dtype, got);
    ck_assert_msg(isnan(x + y) ? isnan(sum) : sum == x + y, "%s %x %c %x is %x", varsdb_dtype_name(f->dtype),
                  a, minus ? '-' : '+', b, got);
}

/* Every pair there is. */
static void check_all_pairs(const format *f)
{
    static unsigned char a[65536], b[65536], out[65536];
    unsigned bits = (unsigned)varsdb_dtype_bits(f->dtype), all = 1U << bits, n = all * all;
    for (int minus = 0; minus < 2; minus++) {
        for (unsigned i = 0; i < n; i++)
            if (bits == 8) {
                a[i] = (unsigned char)(i / all);
                b[i] = (unsigned char)(i % all);
            } else {
                vdb_packed_set(a, (int)bits, i, i / all);
                vdb_packed_set(b, (int)bits, i, i % all);
            }
        ck_assert_int_eq((minus ? vdb_arithmetic_subtract : vdb_arithmetic_add)(f->dtype, a, b, out, n),
                         VARSDB_OK);
        for (unsigned i = 0; i < n; i++)
            check_sum(f, i / all, i % all, minus, bits == 8 ? out[i] : vdb_packed_get(out, (int)bits, i));
    }
}

/* Formats as their papers have them: the largest number, and what comes of a larger one. */
START_TEST(every_sum_of_small_floats_is_the_nearest)
{
    check_all_pairs(format_of(VARSDB_FLOAT8_E4M3FN, 0x7e, 480, 0x7f));
    check_all_pairs(format_of(VARSDB_FLOAT8_E5M2, 0x7b, 65536, 0x7c));
    check_all_pairs(format_of(VARSDB_FLOAT8_E4M3FNUZ, 0x7f, 256, 0x80));
    check_all_pairs(format_of(VARSDB_FLOAT8_E5M2FNUZ, 0x7f, 65536, 0x80));
    check_all_pairs(format_of(VARSDB_FLOAT8_E8M0, 0xfe, 0x1p128, 0xff));
    check_all_pairs(format_of(VARSDB_FLOAT6_E2M3, 0x1f, 8, 0x1f));
    check_all_pairs(format_of(VARSDB_FLOAT6_E3M2, 0x1f, 32, 0x1f));
    check_all_pairs(format_of(VARSDB_FLOAT4_E2M1, 0x7, 8, 0x7));
}
END_TEST

#define PAIRS 200000

/* Near each other, so that they round at every place; and anything beside anything. */
static void check_halves(const format *f)
{
    static uint16_t a[PAIRS], b[PAIRS], out[PAIRS];
    for (size_t i = 0; i < PAIRS; i++) {
        uint64_t w = word(i);
        unsigned shift = f->dtype == VARSDB_FLOAT16 ? 10 : 7;
        unsigned far = (unsigned)(w >> 33) % 16 << shift;
        a[i] = (uint16_t)w;
        b[i] = (uint16_t)(i % 2 ? w >> 16 : ((w >> 16) % (1U << shift)) | ((a[i] & 0x7fffU) - far) % 0x8000U);
        b[i] ^= (uint16_t)(w >> 40 & 0x8000U);
    }
    for (int minus = 0; minus < 2; minus++) {
        ck_assert_int_eq((minus ? vdb_arithmetic_subtract : vdb_arithmetic_add)(f->dtype, a, b, out, PAIRS),
                         VARSDB_OK);
        for (size_t i = 0; i < PAIRS; i++)
            check_sum(f, a[i], b[i], minus, out[i]);
    }
}

START_TEST(sums_of_halves_are_the_nearest)
{
    check_halves(format_of(VARSDB_FLOAT16, 0x7bff, 65536, 0x7c00));
    check_halves(format_of(VARSDB_BFLOAT16, 0x7f7f, 0x1p128, 0x7f80));
}
END_TEST

/* By hand, where one and two roundings could differ, and at the ends of the range. */
START_TEST(hand_worked_halves)
{
    /* float16: 1 + 2^-11 is a tie, to even; 1 + 2^-11 + 2^-24 is none, in two steps;
     * 65504 + 16 is a tie, to infinity, 65504 + 8 is not; the two least numbers; 2^-14 - 2^-24. */
    static const uint16_t a[] = {0x3c00, 0x3c01, 0x1001, 0x7bff, 0x7bff, 0x0001, 0x0400, 0x8000},
                          b[] = {0x1000, 0x1000, 0x3c00, 0x4c00, 0x4800, 0x0001, 0x8001, 0x8000},
                          sum[] = {0x3c00, 0x3c02, 0x3c01, 0x7c00, 0x7bff, 0x0002, 0x03ff, 0x8000};
    uint16_t out[8];
    ck_assert_int_eq(vdb_arithmetic_add(VARSDB_FLOAT16, a, b, out, 8), VARSDB_OK);
    for (size_t i = 0; i < 8; i++)
        ck_assert_msg(out[i] == sum[i], "%zu: %x is not %x", i, out[i], sum[i]);
    /* bfloat16: 1 + 2^-8 is a tie; 1 + 2^-8 + 2^-15 is not, nor 1 - 2^-133, which no double holds */
    static const uint16_t c[] = {0x3f80, 0x3f80, 0x3f80}, d[] = {0x3b80, 0x3b81, 0x8001},
                          total[] = {0x3f80, 0x3f81, 0x3f80};
    ck_assert_int_eq(vdb_arithmetic_add(VARSDB_BFLOAT16, c, d, out, 3), VARSDB_OK);
    for (size_t i = 0; i < 3; i++)
        ck_assert_msg(out[i] == total[i], "%zu: %x is not %x", i, out[i], total[i]);
}
END_TEST

/* ---- integers */

static const varsdb_dtype integers[] = {VARSDB_INT8,  VARSDB_INT16,  VARSDB_INT32,  VARSDB_INT64,
                                        VARSDB_UINT8, VARSDB_UINT16, VARSDB_UINT32, VARSDB_UINT64};

START_TEST(integers_wrap_around)
{
    enum {
        N = 5000
    }; /* two blocks and a bit */
    static unsigned char a[8 * N + 1], b[8 * N + 3], out[8 * N + 5];
    for (size_t i = 0; i < sizeof integers / sizeof integers[0]; i++) {
        size_t width = (size_t)varsdb_dtype_bits(integers[i]) / 8;
        uint64_t mask = width == 8 ? UINT64_MAX : ((uint64_t)1 << 8 * width) - 1;
        for (size_t j = 0; j < sizeof a; j++)
            a[j] = (unsigned char)word(j);
        for (size_t j = 0; j < sizeof b; j++)
            b[j] = (unsigned char)word(j + 100000);
        for (int minus = 0; minus < 2; minus++) {
            /* at odd addresses */
            (minus ? vdb_arithmetic_subtract : vdb_arithmetic_add)(integers[i], a + 1, b + 3, out + 5, N);
            for (size_t j = 0; j < N; j++) {
                uint64_t x = 0, y = 0, z = 0;
                memcpy(&x, a + 1 + j * width, width);
                memcpy(&y, b + 3 + j * width, width);
                memcpy(&z, out + 5 + j * width, width);
                unsigned __int128 whole =
                    minus ? ((unsigned __int128)1 << 100) + x - y : (unsigned __int128)x + y;
                ck_assert_uint_eq(z, (uint64_t)whole & mask);
            }
        }
    }
    int64_t most = INT64_MAX, one = 1, sum;
    ck_assert_int_eq(vdb_arithmetic_add(VARSDB_INT64, &most, &one, &sum, 1), VARSDB_OK);
    ck_assert_int_eq(sum, INT64_MIN);
    int8_t least = -128, single = 1, difference;
    ck_assert_int_eq(vdb_arithmetic_subtract(VARSDB_INT8, &least, &single, &difference, 1), VARSDB_OK);
    ck_assert_int_eq(difference, 127);
}
END_TEST

/* ---- floats and complex */

/* 113 bits round to 53 and to 24 as if once. */
START_TEST(floats_round_once)
{
    enum {
        N = 30000
    };
    static float a[N], b[N], out[N];
    static double c[N], d[N], total[N];
    for (size_t i = 0; i < N; i++) {
        uint64_t w = word(i), v = word(i + N);
        uint32_t low = (uint32_t)w, high = (uint32_t)(w >> 32);
        memcpy(&a[i], &low, 4);
        memcpy(&b[i], &high, 4);
        v = i % 2 ? v : (v & 0x800fffffffffffff) | ((w & 0x7fe0000000000000) ^ (v >> 3 & 0x01f0000000000000));
        memcpy(&c[i], &w, 8);
        memcpy(&d[i], &v, 8);
    }
    for (int minus = 0; minus < 2; minus++) {
        (minus ? vdb_arithmetic_subtract : vdb_arithmetic_add)(VARSDB_FLOAT32, a, b, out, N);
        (minus ? vdb_arithmetic_subtract : vdb_arithmetic_add)(VARSDB_FLOAT64, c, d, total, N);
        for (size_t i = 0; i < N; i++) {
            float single = (float)(minus ? (__float128)a[i] - b[i] : (__float128)a[i] + b[i]);
            double wide = (double)(minus ? (__float128)c[i] - d[i] : (__float128)c[i] + d[i]);
            ck_assert(isnan(single) ? isnan(out[i]) : out[i] == single);
            ck_assert(isnan(wide) ? isnan(total[i]) : total[i] == wide);
        }
    }
}
END_TEST

START_TEST(complex_numbers_are_added_by_parts)
{
    enum {
        N = 2500
    };
    static float a[2 * N], b[2 * N], out[2 * N];
    static double c[2 * N], d[2 * N], total[2 * N];
    for (size_t i = 0; i < 2 * (size_t)N; i++) {
        c[i] = a[i] = (float)i * 0.5f;
        d[i] = b[i] = (float)(i % 7) - 3;
    }
    ck_assert_int_eq(vdb_arithmetic_add(VARSDB_COMPLEX64, a, b, out, N), VARSDB_OK);
    ck_assert_int_eq(vdb_arithmetic_subtract(VARSDB_COMPLEX128, c, d, total, N), VARSDB_OK);
    for (size_t i = 0; i < 2 * (size_t)N; i++) {
        ck_assert(out[i] == (float)i * 0.5f + (float)(i % 7) - 3);
        ck_assert(total[i] == (double)i * 0.5 - (double)(i % 7) + 3);
    }
}
END_TEST

/* ---- places */

START_TEST(the_sum_may_stand_where_an_addend_stood)
{
    enum {
        N = 4099
    };
    for (int i = VARSDB_INT8; i < VARSDB_STRING; i++) {
        static unsigned char a[16 * N + 1], b[16 * N + 1], out[16 * N + 1], in_place[16 * N + 1];
        varsdb_dtype dtype = (varsdb_dtype)i;
        int64_t bytes;
        ck_assert(vdb_dtype_bytes(dtype, N, &bytes));
        for (size_t j = 0; j < sizeof a; j++) {
            a[j] = (unsigned char)word(j);
            b[j] = (unsigned char)word(j + 99999);
        }
        memset(out, 0xa5, sizeof out);
        ck_assert_int_eq(vdb_arithmetic_add(dtype, a, b, out, N), VARSDB_OK);
        ck_assert_int_eq(out[bytes], 0xa5);
        memcpy(in_place, a, sizeof a);
        vdb_arithmetic_add(dtype, in_place, b, in_place, N);
        ck_assert_mem_eq(in_place, out, (size_t)bytes);
        ck_assert_int_eq(in_place[bytes], a[bytes]);
        memcpy(in_place, b, sizeof b);
        vdb_arithmetic_add(dtype, a, in_place, in_place, N);
        ck_assert_mem_eq(in_place, out, (size_t)bytes);
    }
}
END_TEST

/* float4: 1 + 0.5 = 1.5, 6 + 6 = 6, 2 - 3 = -1; three elements are a byte and a half. */
START_TEST(packed_elements_and_the_rest_of_a_byte)
{
    unsigned char a[] = {0x72, 0xf4}, b[] = {0x71, 0xfd}, out[] = {0xff, 0xff, 0xff};
    ck_assert_int_eq(vdb_arithmetic_add(VARSDB_FLOAT4_E2M1, a, b, out, 3), VARSDB_OK);
    ck_assert(out[0] == 0x73 && out[1] == 0x0a && out[2] == 0xff);
    ck_assert_int_eq(vdb_arithmetic_add(VARSDB_FLOAT4_E2M1, a, b, out, 0), VARSDB_OK);
    ck_assert(out[0] == 0x73);
}
END_TEST

START_TEST(bool_and_string_have_no_sums)
{
    unsigned char a = 1, b = 1, out = 7;
    for (int i = -1; i < 40; i++)
        ck_assert_int_eq(vdb_arithmetic_has((varsdb_dtype)i), i >= VARSDB_INT8 && i < VARSDB_STRING);
    ck_assert_int_eq(vdb_arithmetic_add(VARSDB_BOOL, &a, &b, &out, 1), VARSDB_INVALID);
    ck_assert_int_eq(vdb_arithmetic_subtract(VARSDB_STRING, &a, &b, &out, 1), VARSDB_INVALID);
    ck_assert_int_eq(out, 7);
}
END_TEST

Suite *test_arithmetic_suite(void)
{
    Suite *suite = suite_create("arithmetic");
    TCase *tests = tcase_create("arithmetic");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, every_sum_of_small_floats_is_the_nearest);
    tcase_add_test(tests, sums_of_halves_are_the_nearest);
    tcase_add_test(tests, hand_worked_halves);
    tcase_add_test(tests, integers_wrap_around);
    tcase_add_test(tests, floats_round_once);
    tcase_add_test(tests, complex_numbers_are_added_by_parts);
    tcase_add_test(tests, the_sum_may_stand_where_an_addend_stood);
    tcase_add_test(tests, packed_elements_and_the_rest_of_a_byte);
    tcase_add_test(tests, bool_and_string_have_no_sums);
    suite_add_tcase(suite, tests);
    return suite;
}
