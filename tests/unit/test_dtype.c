/*
 * Tests of dtypes and of the small floats: against hand-worked tables, against the
 * definition of a binary float worked with ldexp, and against the processor's float.
 */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dtype.h"

Suite *test_dtype_suite(void);

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

START_TEST(names_bits_and_numbers)
{
    ck_assert_str_eq(varsdb_dtype_name(VARSDB_BOOL), "bool");
    ck_assert_str_eq(varsdb_dtype_name(VARSDB_FLOAT8_E4M3FNUZ), "float8_e4m3fnuz");
    ck_assert_int_eq(varsdb_dtype_bits(VARSDB_BOOL), 8);
    ck_assert_int_eq(varsdb_dtype_bits(VARSDB_COMPLEX128), 128);
    ck_assert_int_eq(varsdb_dtype_bits(VARSDB_FLOAT6_E2M3), 6);
    ck_assert_int_eq(varsdb_dtype_bits(VARSDB_STRING), 0);
    ck_assert_int_eq(VARSDB_STRING, 24);
    for (int i = 1; i <= 24; i++) {
        ck_assert(vdb_dtype_valid((varsdb_dtype)i));
        ck_assert_int_eq(varsdb_dtype_parse(varsdb_dtype_name((varsdb_dtype)i)), i);
    }
}
END_TEST

START_TEST(what_is_no_dtype)
{
    static const int numbers[] = {0, -1, 25, 255, VARSDB_DTYPE_FORCE_INT};
    for (size_t i = 0; i < COUNT(numbers); i++) {
        ck_assert(!vdb_dtype_valid((varsdb_dtype)numbers[i]));
        ck_assert_ptr_null(varsdb_dtype_name((varsdb_dtype)numbers[i]));
        ck_assert_int_eq(varsdb_dtype_bits((varsdb_dtype)numbers[i]), 0);
    }
    static const char *const names[] = {"", "float", "Float32", "float32 ", "int4", "f32", "double"};
    for (size_t i = 0; i < COUNT(names); i++)
        ck_assert_int_eq(varsdb_dtype_parse(names[i]), VARSDB_DTYPE_NOT_SAID);
    ck_assert_int_eq(varsdb_dtype_parse(NULL), VARSDB_DTYPE_NOT_SAID);
}
END_TEST

START_TEST(classes)
{
    static const vdb_dtype_class by_number[] = {
        [1] = VDB_CLASS_BOOL,     [2] = VDB_CLASS_SIGNED,   [3] = VDB_CLASS_SIGNED,
        [4] = VDB_CLASS_SIGNED,   [5] = VDB_CLASS_SIGNED,   [6] = VDB_CLASS_UNSIGNED,
        [7] = VDB_CLASS_UNSIGNED, [8] = VDB_CLASS_UNSIGNED, [9] = VDB_CLASS_UNSIGNED,
        [10] = VDB_CLASS_FLOAT,   [11] = VDB_CLASS_FLOAT,   [12] = VDB_CLASS_FLOAT,
        [13] = VDB_CLASS_FLOAT,   [14] = VDB_CLASS_COMPLEX, [15] = VDB_CLASS_COMPLEX,
        [16] = VDB_CLASS_FLOAT,   [17] = VDB_CLASS_FLOAT,   [18] = VDB_CLASS_FLOAT,
        [19] = VDB_CLASS_FLOAT,   [20] = VDB_CLASS_FLOAT,   [21] = VDB_CLASS_FLOAT,
        [22] = VDB_CLASS_FLOAT,   [23] = VDB_CLASS_FLOAT,   [24] = VDB_CLASS_STRING};
    for (int i = 1; i <= 24; i++)
        ck_assert_int_eq(vdb_dtype_class_of((varsdb_dtype)i), by_number[i]);
}
END_TEST

START_TEST(packed_sizes)
{
    static const struct {
        varsdb_dtype dtype;
        int64_t elements, bytes; /* -1: refused */
    } cases[] = {{VARSDB_FLOAT32, 0, 0},
                 {VARSDB_FLOAT32, 7, 28},
                 {VARSDB_COMPLEX128, 3, 48},
                 {VARSDB_FLOAT4_E2M1, 1, 1},
                 {VARSDB_FLOAT4_E2M1, 2, 1},
                 {VARSDB_FLOAT4_E2M1, 3, 2},
                 {VARSDB_FLOAT6_E2M3, 1, 1},
                 {VARSDB_FLOAT6_E2M3, 2, 2},
                 {VARSDB_FLOAT6_E2M3, 4, 3},
                 {VARSDB_FLOAT6_E3M2, 5, 4},
                 {VARSDB_FLOAT4_E2M1, INT64_MAX, (int64_t)1 << 62},
                 {VARSDB_UINT8, INT64_MAX, INT64_MAX},
                 {VARSDB_INT16, INT64_MAX, -1},
                 {VARSDB_INT16, INT64_MAX / 2, INT64_MAX - 1},
                 {VARSDB_FLOAT64, (int64_t)1 << 60, -1},
                 {VARSDB_FLOAT64, ((int64_t)1 << 60) - 1, INT64_MAX - 7},
                 {VARSDB_COMPLEX128, (int64_t)1 << 59, -1},
                 {VARSDB_STRING, 1, -1},
                 {VARSDB_UINT8, -1, -1},
                 {VARSDB_DTYPE_NOT_SAID, 1, -1}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t bytes = -1;
        bool fine = vdb_dtype_bytes(cases[i].dtype, cases[i].elements, &bytes);
        ck_assert_msg(fine == (cases[i].bytes >= 0), "case %zu", i);
        ck_assert_int_eq(bytes, cases[i].bytes);
    }
}
END_TEST

/* Bit by bit, as the layout is defined: bit b of element i is bit i*bits+b of the tensor. */
START_TEST(packed_elements_lie_bit_after_bit)
{
    static const int widths[] = {4, 6};
    for (size_t w = 0; w < COUNT(widths); w++) {
        int bits = widths[w];
        unsigned char data[32], by_bit[32];
        memset(data, 0xa5, sizeof data);
        memset(by_bit, 0xa5, sizeof by_bit);
        size_t count = sizeof data * 8 / (size_t)bits;
        for (size_t i = 0; i < count; i++) {
            unsigned value = (unsigned)(i * 29 + 7) & ((1U << bits) - 1);
            vdb_packed_set(data, bits, i, value);
            for (int b = 0; b < bits; b++) {
                size_t at = i * (size_t)bits + (size_t)b;
                unsigned char mask = (unsigned char)(1U << at % 8);
                by_bit[at / 8] =
                    (unsigned char)(value >> b & 1 ? by_bit[at / 8] | mask : by_bit[at / 8] & ~mask);
            }
            ck_assert_mem_eq(data, by_bit, sizeof data);
        }
        for (size_t i = 0; i < count; i++)
            ck_assert_uint_eq(vdb_packed_get(data, bits, i), (i * 29 + 7) & ((1U << bits) - 1));
    }
    ck_assert_uint_eq(vdb_packed_get("\x21\x43", 4, 0), 1);
    ck_assert_uint_eq(vdb_packed_get("\x21\x43", 4, 3), 4);
}
END_TEST

/* ---- Small floats ------------------------------------------------------- */

typedef struct format {
    varsdb_dtype dtype;
    int exponent_bits, fraction_bits, bias;
    unsigned nan_from; /* codes from here on are NaN, but for infinity */
    unsigned infinity; /* its code; 0: none */
    bool fnuz;
} format;

static const format FORMATS[] = {
    {VARSDB_FLOAT16, 5, 10, 15, 0x7c01, 0x7c00, false}, {VARSDB_BFLOAT16, 8, 7, 127, 0x7f81, 0x7f80, false},
    {VARSDB_FLOAT8_E4M3FN, 4, 3, 7, 0x7f, 0, false},    {VARSDB_FLOAT8_E5M2, 5, 2, 15, 0x7d, 0x7c, false},
    {VARSDB_FLOAT8_E4M3FNUZ, 4, 3, 8, 0x80, 0, true},   {VARSDB_FLOAT8_E5M2FNUZ, 5, 2, 16, 0x80, 0, true},
    {VARSDB_FLOAT6_E2M3, 2, 3, 1, 0x20, 0, false},      {VARSDB_FLOAT6_E3M2, 3, 2, 3, 0x20, 0, false},
    {VARSDB_FLOAT4_E2M1, 2, 1, 1, 0x8, 0, false}};

static double widened(varsdb_dtype dtype, unsigned bits)
{
    switch (varsdb_dtype_bits(dtype)) {
    case 16:
        return dtype == VARSDB_FLOAT16 ? vdb_float16_to_double((uint16_t)bits)
                                       : vdb_bfloat16_to_double((uint16_t)bits);
    case 8:
        return vdb_float8_to_double(dtype, (uint8_t)bits);
    default:
        return vdb_float_small_to_double(dtype, (uint8_t)bits);
    }
}

/* The definition: (-1)^s * 2^(e-bias) * 1.f, and 2^(1-bias) * 0.f where e is 0. */
static double defined(const format *f, unsigned bits)
{
    unsigned sign = 1U << (f->exponent_bits + f->fraction_bits), code = bits & (sign - 1);
    int exponent = (int)(code >> f->fraction_bits);
    double fraction = (double)(code & ((1U << f->fraction_bits) - 1)) / (double)(1U << f->fraction_bits);
    if (f->fnuz && bits == sign)
        return (double)NAN;
    if (f->infinity && code == f->infinity)
        return bits & sign ? -(double)INFINITY : (double)INFINITY;
    if (code >= f->nan_from)
        return (double)NAN;
    double magnitude =
        exponent == 0 ? ldexp(fraction, 1 - f->bias) : ldexp(1.0 + fraction, exponent - f->bias);
    return bits & sign ? -magnitude : magnitude;
}

static bool same(double a, double b)
{
    return (isnan(a) && isnan(b)) || (a == b && signbit(a) == signbit(b));
}

START_TEST(every_pattern_widens_by_the_definition)
{
    const format *f = &FORMATS[_i];
    unsigned patterns = 1U << (1 + f->exponent_bits + f->fraction_bits);
    ck_assert_uint_eq(patterns, 1U << varsdb_dtype_bits(f->dtype));
    for (unsigned bits = 0; bits < patterns; bits++)
        if (!same(widened(f->dtype, bits), defined(f, bits)))
            ck_abort_msg("%s: pattern %x", varsdb_dtype_name(f->dtype), bits);
}
END_TEST

START_TEST(every_number_narrows_to_its_pattern)
{
    const format *f = &FORMATS[_i];
    unsigned patterns = 1U << varsdb_dtype_bits(f->dtype);
    for (unsigned bits = 0; bits < patterns; bits++) {
        double value = defined(f, bits);
        unsigned again = vdb_double_to_float_bits(f->dtype, value);
        if (isnan(value) ? !isnan(defined(f, again)) : again != bits)
            ck_abort_msg("%s: pattern %x became %x", varsdb_dtype_name(f->dtype), bits, again);
        ck_assert(vdb_float_fits(f->dtype, value));
    }
}
END_TEST

static void expect_bits(varsdb_dtype dtype, double value, unsigned bits)
{
    unsigned found = vdb_double_to_float_bits(dtype, value);
    if (found != bits)
        ck_abort_msg("%s: %a became %x, not %x", varsdb_dtype_name(dtype), value, found, bits);
}

/* Between neighbours: below the middle down, above it up, in the middle to the even one. */
START_TEST(rounding_is_to_nearest_even)
{
    const format *f = &FORMATS[_i];
    unsigned sign = 1U << (varsdb_dtype_bits(f->dtype) - 1);
    for (unsigned low = 0; isfinite(defined(f, low + 1)) && low + 1 < sign; low++) {
        double middle = (defined(f, low) + defined(f, low + 1)) / 2;
        unsigned even = low % 2 == 0 ? low : low + 1;
        expect_bits(f->dtype, middle, even);
        expect_bits(f->dtype, nextafter(middle, 0), low);
        expect_bits(f->dtype, nextafter(middle, (double)INFINITY), low + 1);
        if (even != 0 || !f->fnuz)
            expect_bits(f->dtype, -middle, even | sign);
    }
}
END_TEST

START_TEST(beyond_the_largest)
{
    static const struct {
        varsdb_dtype dtype;
        double last, first; /* the last that rounds to the largest, the first beyond */
        unsigned largest, beyond;
    } cases[] = {{VARSDB_FLOAT16, 65519.99, 65520, 0x7bff, 0x7c00},
                 {VARSDB_BFLOAT16, 0x1.fefp127, 0x1.ffp127, 0x7f7f, 0x7f80},
                 {VARSDB_FLOAT32, 0x1.fffffefffffffp127, 0x1.ffffffp127, 0x7f7fffff, 0x7f800000},
                 {VARSDB_FLOAT8_E4M3FN, 464, 464.001, 0x7e, 0x7f},
                 {VARSDB_FLOAT8_E5M2, 61439.9, 61440, 0x7b, 0x7c},
                 {VARSDB_FLOAT8_E4M3FNUZ, 247.9, 248, 0x7f, 0x80},
                 {VARSDB_FLOAT8_E5M2FNUZ, 61439.9, 61440, 0x7f, 0x80},
                 {VARSDB_FLOAT8_E8M0, 0x1.7ffp127, 0x1.8001p127, 0xfe, 0xff},
                 {VARSDB_FLOAT6_E2M3, 7.74, 7.75, 0x1f, 0x1f},
                 {VARSDB_FLOAT6_E3M2, 29.9, 30, 0x1f, 0x1f},
                 {VARSDB_FLOAT4_E2M1, 6.9, 7, 0x7, 0x7}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        expect_bits(cases[i].dtype, cases[i].last, cases[i].largest);
        expect_bits(cases[i].dtype, cases[i].first, cases[i].beyond);
        expect_bits(cases[i].dtype, (double)INFINITY, cases[i].beyond);
        ck_assert(vdb_float_fits(cases[i].dtype, cases[i].last));
        ck_assert(!vdb_float_fits(cases[i].dtype, cases[i].first));
        ck_assert(!vdb_float_fits(cases[i].dtype, 1e300));
    }
}
END_TEST

START_TEST(nan_and_infinity_where_they_are_had)
{
    static const struct {
        varsdb_dtype dtype;
        bool has_infinity, has_nan;
    } cases[] = {{VARSDB_FLOAT16, true, true},          {VARSDB_BFLOAT16, true, true},
                 {VARSDB_FLOAT32, true, true},          {VARSDB_FLOAT8_E4M3FN, false, true},
                 {VARSDB_FLOAT8_E5M2, true, true},      {VARSDB_FLOAT8_E4M3FNUZ, false, true},
                 {VARSDB_FLOAT8_E5M2FNUZ, false, true}, {VARSDB_FLOAT8_E8M0, false, true},
                 {VARSDB_FLOAT6_E2M3, false, false},    {VARSDB_FLOAT6_E3M2, false, false},
                 {VARSDB_FLOAT4_E2M1, false, false}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        ck_assert_int_eq(vdb_float_fits(cases[i].dtype, (double)NAN), cases[i].has_nan);
        ck_assert_int_eq(vdb_float_fits(cases[i].dtype, (double)INFINITY), cases[i].has_infinity);
    }
    expect_bits(VARSDB_FLOAT8_E4M3FNUZ, (double)NAN, 0x80);
    expect_bits(VARSDB_FLOAT8_E5M2FNUZ, -1e9, 0x80);
    expect_bits(VARSDB_FLOAT8_E4M3FNUZ, -0.0, 0);
    expect_bits(VARSDB_FLOAT8_E4M3FNUZ, -1e-9, 0);
    expect_bits(VARSDB_FLOAT8_E8M0, (double)NAN, 0xff);
    expect_bits(VARSDB_FLOAT16, -(double)INFINITY, 0xfc00);
    expect_bits(VARSDB_FLOAT6_E3M2, -1000, 0x3f);
}
END_TEST

START_TEST(known_values_worked_by_hand)
{
    static const double e2m1[] = {0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0, -0.5, -1, -1.5, -2, -3, -4, -6};
    for (unsigned i = 0; i < 16; i++)
        ck_assert(same(vdb_float_small_to_double(VARSDB_FLOAT4_E2M1, (uint8_t)i), e2m1[i]));
    static const struct {
        varsdb_dtype dtype;
        unsigned bits;
        double value;
    } cases[] = {{VARSDB_FLOAT8_E4M3FN, 0x7e, 448},
                 {VARSDB_FLOAT8_E4M3FN, 0x38, 1},
                 {VARSDB_FLOAT8_E4M3FN, 0x01, 1.0 / 512},
                 {VARSDB_FLOAT8_E4M3FN, 0x08, 1.0 / 64},
                 {VARSDB_FLOAT8_E5M2, 0x7b, 57344},
                 {VARSDB_FLOAT8_E5M2, 0x3c, 1},
                 {VARSDB_FLOAT8_E5M2, 0x01, 1.0 / 65536},
                 {VARSDB_FLOAT8_E4M3FNUZ, 0x7f, 240},
                 {VARSDB_FLOAT8_E4M3FNUZ, 0x40, 1},
                 {VARSDB_FLOAT8_E4M3FNUZ, 0x01, 1.0 / 1024},
                 {VARSDB_FLOAT8_E5M2FNUZ, 0x7f, 57344},
                 {VARSDB_FLOAT8_E5M2FNUZ, 0x40, 1},
                 {VARSDB_FLOAT8_E5M2FNUZ, 0x01, 1.0 / 131072},
                 {VARSDB_FLOAT6_E2M3, 0x1f, 7.5},
                 {VARSDB_FLOAT6_E2M3, 0x08, 1},
                 {VARSDB_FLOAT6_E2M3, 0x01, 0.125},
                 {VARSDB_FLOAT6_E2M3, 0x3f, -7.5},
                 {VARSDB_FLOAT6_E3M2, 0x1f, 28},
                 {VARSDB_FLOAT6_E3M2, 0x0c, 1},
                 {VARSDB_FLOAT6_E3M2, 0x01, 0.0625},
                 {VARSDB_FLOAT16, 0x3555, 0.333251953125},
                 {VARSDB_FLOAT16, 0x7bff, 65504},
                 {VARSDB_FLOAT16, 0x0001, 0x1p-24},
                 {VARSDB_BFLOAT16, 0x4049, 3.140625},
                 {VARSDB_BFLOAT16, 0x0001, 0x1p-133}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        ck_assert(same(widened(cases[i].dtype, cases[i].bits), cases[i].value));
        expect_bits(cases[i].dtype, cases[i].value, cases[i].bits);
    }
}
END_TEST

START_TEST(e8m0_is_an_exponent_alone)
{
    for (unsigned b = 0; b < 255; b++) {
        double value = ldexp(1.0, (int)b - 127);
        ck_assert(vdb_float8_to_double(VARSDB_FLOAT8_E8M0, (uint8_t)b) == value);
        expect_bits(VARSDB_FLOAT8_E8M0, value, b);
        expect_bits(VARSDB_FLOAT8_E8M0, value * 1.49, b);
        expect_bits(VARSDB_FLOAT8_E8M0, value * 1.51, b + 1);
        expect_bits(VARSDB_FLOAT8_E8M0, value * 1.5, b % 2 == 0 ? b : b + 1);
    }
    ck_assert(isnan(vdb_float8_to_double(VARSDB_FLOAT8_E8M0, 0xff)));
    expect_bits(VARSDB_FLOAT8_E8M0, 1e-300, 0);
    expect_bits(VARSDB_FLOAT8_E8M0, 0.0, 0xff);
    expect_bits(VARSDB_FLOAT8_E8M0, -1.0, 0xff);
    ck_assert(!vdb_float_fits(VARSDB_FLOAT8_E8M0, 0.0));
    ck_assert(!vdb_float_fits(VARSDB_FLOAT8_E8M0, -1.0));
    ck_assert(vdb_float_fits(VARSDB_FLOAT8_E8M0, 0.7));
}
END_TEST

static unsigned processor_bits(double value)
{
    volatile float narrowed = (float)value;
    float copy = narrowed;
    unsigned bits;
    memcpy(&bits, &copy, sizeof bits);
    return bits;
}

/* Doubles of all exponents about float32's range, with random and with tie fractions. */
START_TEST(float32_rounds_as_the_processor_does)
{
    uint64_t state = 88172645463325252u;
    for (int i = 0; i < 400000; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        uint64_t exponent = 1023 - 160 + (state >> 52) % 295;
        uint64_t fraction = state & (((uint64_t)1 << 52) - 1);
        if (i % 2 == 0)
            fraction &= ~(((uint64_t)1 << (28 + i % 16)) - 1);
        uint64_t bits = (state >> 63) << 63 | exponent << 52 | fraction;
        double value;
        memcpy(&value, &bits, sizeof value);
        expect_bits(VARSDB_FLOAT32, value, processor_bits(value));
    }
    expect_bits(VARSDB_FLOAT32, 0.0, 0);
    expect_bits(VARSDB_FLOAT32, -0.0, 0x80000000);
    expect_bits(VARSDB_FLOAT32, 5e-324, 0);
    expect_bits(VARSDB_FLOAT32, 0x1p-150, 0);
    expect_bits(VARSDB_FLOAT32, 0x1.8p-149, 2);
}
END_TEST

START_TEST(ranges)
{
    static const struct {
        varsdb_dtype dtype;
        double least, most;
    } cases[] = {{VARSDB_FLOAT16, -65504, 65504},
                 {VARSDB_FLOAT32, -0x1.fffffep127, 0x1.fffffep127},
                 {VARSDB_FLOAT64, -0x1.fffffffffffffp1023, 0x1.fffffffffffffp1023},
                 {VARSDB_FLOAT8_E8M0, 0x1p-127, 0x1p127},
                 {VARSDB_FLOAT8_E4M3FN, -448, 448},
                 {VARSDB_FLOAT4_E2M1, -6, 6}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        double least = 0, most = 0;
        vdb_float_range(cases[i].dtype, &least, &most);
        ck_assert(least == cases[i].least);
        ck_assert(most == cases[i].most);
    }
}
END_TEST

Suite *test_dtype_suite(void)
{
    Suite *s = suite_create("dtype");
    TCase *t = tcase_create("dtype");
    tcase_add_test(t, names_bits_and_numbers);
    tcase_add_test(t, what_is_no_dtype);
    tcase_add_test(t, classes);
    tcase_add_test(t, packed_sizes);
    tcase_add_test(t, packed_elements_lie_bit_after_bit);
    tcase_add_loop_test(t, every_pattern_widens_by_the_definition, 0, (int)COUNT(FORMATS));
    tcase_add_loop_test(t, every_number_narrows_to_its_pattern, 0, (int)COUNT(FORMATS));
    tcase_add_loop_test(t, rounding_is_to_nearest_even, 0, (int)COUNT(FORMATS));
    tcase_add_test(t, beyond_the_largest);
    tcase_add_test(t, nan_and_infinity_where_they_are_had);
    tcase_add_test(t, known_values_worked_by_hand);
    tcase_add_test(t, e8m0_is_an_exponent_alone);
    tcase_add_test(t, float32_rounds_as_the_processor_does);
    tcase_add_test(t, ranges);
    suite_add_tcase(s, t);
    return s;
}
