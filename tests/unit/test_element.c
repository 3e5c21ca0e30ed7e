/* Tests of single elements as text and as numbers. */
#include <check.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dtype.h"
#include "json.h"

Suite *test_element_suite(void);

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static void expect_json(varsdb_dtype dtype, const void *data, size_t i, const char *expected)
{
    char text[64] = "";
    ck_assert_int_eq(varsdb_element_json(dtype, data, i, text, sizeof text), VARSDB_OK);
    ck_assert_str_eq(text, expected);
}

static void expect_double(double value, const char *expected)
{
    expect_json(VARSDB_FLOAT64, &value, 0, expected);
}

static void expect_float(float value, const char *expected)
{
    expect_json(VARSDB_FLOAT32, &value, 0, expected);
}

START_TEST(integers_are_exact)
{
    expect_json(VARSDB_INT8, (const int8_t[]){0, -128, 127}, 1, "-128");
    expect_json(VARSDB_INT8, (const int8_t[]){0, -128, 127}, 2, "127");
    expect_json(VARSDB_INT16, (const int16_t[]){-32768}, 0, "-32768");
    expect_json(VARSDB_INT32, (const int32_t[]){5, INT32_MIN}, 1, "-2147483648");
    expect_json(VARSDB_INT64, (const int64_t[]){INT64_MIN, -1}, 0, "-9223372036854775808");
    expect_json(VARSDB_INT64, (const int64_t[]){INT64_MIN, -1}, 1, "-1");
    expect_json(VARSDB_UINT8, (const uint8_t[]){255}, 0, "255");
    expect_json(VARSDB_UINT16, (const uint16_t[]){65535}, 0, "65535");
    expect_json(VARSDB_UINT32, (const uint32_t[]){UINT32_MAX}, 0, "4294967295");
    expect_json(VARSDB_UINT64, (const uint64_t[]){0, UINT64_MAX}, 1, "18446744073709551615");
    expect_json(VARSDB_BOOL, "\0\1", 0, "false");
    expect_json(VARSDB_BOOL, "\0\1", 1, "true");
}
END_TEST

START_TEST(doubles_in_the_fewest_digits)
{
    expect_double(0.5, "0.5");
    expect_double(1, "1.0");
    expect_double(-0.0, "-0.0");
    expect_double(0, "0.0");
    expect_double(0.1, "0.1");
    expect_double(0.1 + 0.2, "0.30000000000000004");
    expect_double(1.0 / 3, "0.3333333333333333");
    expect_double(100, "100.0");
    expect_double(-123.25, "-123.25");
    expect_double(1e15, "1000000000000000.0");
    expect_double(1e16, "1e+16");
    expect_double(1e30, "1e+30");
    expect_double(0.0001, "0.0001");
    expect_double(0.00012345, "0.00012345");
    expect_double(0.00001, "1e-05");
    expect_double(0x1p53, "9007199254740992.0");
    expect_double(DBL_MAX, "1.7976931348623157e+308");
    expect_double(-DBL_MAX, "-1.7976931348623157e+308");
    expect_double(DBL_MIN, "2.2250738585072014e-308");
    expect_double(5e-324, "5e-324");
    expect_double((double)NAN, "\"NaN\"");
    expect_double((double)INFINITY, "\"Infinity\"");
    expect_double(-(double)INFINITY, "\"-Infinity\"");
}
END_TEST

START_TEST(floats_in_the_fewest_digits_of_their_own)
{
    expect_float(0.1f, "0.1");
    expect_float(1.0f / 3, "0.33333334");
    expect_float(16777216.0f, "16777216.0");
    expect_float(3.14159274f, "3.1415927");
    expect_float(FLT_MAX, "3.4028235e+38");
    expect_float(1e-45f, "1e-45");
    expect_json(VARSDB_FLOAT16, (const uint16_t[]){0x2e66, 0x3555, 0x7c00, 0xfc00, 0x7e00}, 0, "0.1");
    expect_json(VARSDB_FLOAT16, (const uint16_t[]){0x2e66, 0x3555, 0x7c00, 0xfc00, 0x7e00}, 1, "0.3333");
    expect_json(VARSDB_FLOAT16, (const uint16_t[]){0x2e66, 0x3555, 0x7c00, 0xfc00, 0x7e00}, 3,
                "\"-Infinity\"");
    expect_json(VARSDB_FLOAT16, (const uint16_t[]){0x2e66, 0x3555, 0x7c00, 0xfc00, 0x7e00}, 4, "\"NaN\"");
    expect_json(VARSDB_BFLOAT16, (const uint16_t[]){0x3dcd, 0x3f80}, 0, "0.1");
    expect_json(VARSDB_BFLOAT16, (const uint16_t[]){0x3dcd, 0x3f80}, 1, "1.0");
    expect_json(VARSDB_FLOAT8_E4M3FN, "\x38\x80\x7f", 0, "1.0");
    expect_json(VARSDB_FLOAT8_E4M3FN, "\x38\x80\x7f", 1, "-0.0");
    expect_json(VARSDB_FLOAT8_E4M3FN, "\x38\x80\x7f", 2, "\"NaN\"");
    expect_json(VARSDB_FLOAT8_E8M0, "\x80", 0, "2.0");
    expect_json(VARSDB_FLOAT4_E2M1, "\x71", 0, "0.5");
    expect_json(VARSDB_FLOAT4_E2M1, "\x71", 1, "6.0");
    expect_json(VARSDB_FLOAT6_E3M2, "\x0c\x08", 0, "1.0");
}
END_TEST

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Digits of a number, without the zeros that only place the point. */
static int digits_of(const char *text)
{
    char digits[64];
    int n = 0, from = 0;
    for (const char *p = text; *p && *p != 'e'; p++)
        if (*p >= '0' && *p <= '9')
            digits[n++] = *p;
    while (n > 1 && digits[n - 1] == '0')
        n--;
    while (from < n - 1 && digits[from] == '0')
        from++;
    return n - from;
}

/* The C library's own conversions tell how many digits are needed. */
START_TEST(random_floats_read_back_and_are_shortest)
{
    uint64_t state = 0x9e3779b97f4a7c15u;
    for (int i = 0; i < 20000; i++) {
        uint32_t bits = (uint32_t)next_random(&state);
        float value;
        char text[64], tried[64];
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        ck_assert_int_eq(varsdb_element_json(VARSDB_FLOAT32, &value, 0, text, sizeof text), VARSDB_OK);
        if (strtof(text, NULL) != value)
            ck_abort_msg("%s is not %a", text, (double)value);
        snprintf(tried, sizeof tried, "%.*e", digits_of(text) > 1 ? digits_of(text) - 2 : 0, (double)value);
        if (digits_of(text) > 1 && strtof(tried, NULL) == value)
            ck_abort_msg("%s is longer than %s", text, tried);
    }
}
END_TEST

START_TEST(random_doubles_read_back)
{
    uint64_t state = 0x2545f4914f6cdd1du;
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = next_random(&state);
        double value;
        char text[64];
        vdb_error e = {0};
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        ck_assert_int_eq(varsdb_element_json(VARSDB_FLOAT64, &value, 0, text, sizeof text), VARSDB_OK);
        if (strtod(text, NULL) != value)
            ck_abort_msg("%s is not %a", text, value);
        if (vdb_json_check(&e, text, strlen(text)) != VARSDB_OK)
            ck_abort_msg("%s is not JSON", text);
    }
}
END_TEST

/* Every pattern of the small floats, through text and back. */
START_TEST(small_floats_read_back)
{
    static const varsdb_dtype dtypes[] = {VARSDB_FLOAT16,     VARSDB_BFLOAT16,        VARSDB_FLOAT8_E4M3FN,
                                          VARSDB_FLOAT8_E5M2, VARSDB_FLOAT8_E4M3FNUZ, VARSDB_FLOAT8_E5M2FNUZ,
                                          VARSDB_FLOAT8_E8M0, VARSDB_FLOAT6_E2M3,     VARSDB_FLOAT6_E3M2,
                                          VARSDB_FLOAT4_E2M1};
    varsdb_dtype dtype = dtypes[_i];
    for (unsigned bits = 0; bits < 1U << varsdb_dtype_bits(dtype); bits++) {
        unsigned char data[4] = {(unsigned char)bits, (unsigned char)(bits >> 8), 0, 0}, again[4] = {0};
        char text[64];
        vdb_error e = {0};
        ck_assert_int_eq(varsdb_element_json(dtype, data, 0, text, sizeof text), VARSDB_OK);
        if (text[0] == '"')
            continue;
        ck_assert_int_eq(vdb_element_set_real(&e, dtype, again, 0, strtod(text, NULL)), VARSDB_OK);
        if (memcmp(data, again, sizeof data) != 0)
            ck_abort_msg("%s: pattern %x through %s", varsdb_dtype_name(dtype), bits, text);
    }
}
END_TEST

START_TEST(complex_elements)
{
    const double two[] = {1, -0.5, (double)NAN, (double)INFINITY};
    const float one[] = {3, 4};
    double real = 0;
    expect_json(VARSDB_COMPLEX128, two, 0, "[1.0,-0.5]");
    expect_json(VARSDB_COMPLEX128, two, 1, "[\"NaN\",\"Infinity\"]");
    expect_json(VARSDB_COMPLEX64, one, 0, "[3.0,4.0]");
    ck_assert_int_eq(varsdb_element_real(VARSDB_COMPLEX64, one, 0, &real), VARSDB_OK);
    ck_assert_double_eq(real, 5);
    const double longest[] = {-1.7976931348623157e308, -2.2250738585072014e-308};
    expect_json(VARSDB_COMPLEX128, longest, 0, "[-1.7976931348623157e+308,-2.2250738585072014e-308]");
}
END_TEST

START_TEST(too_little_room_and_wrong_calls)
{
    char text[8] = "before";
    double real = 7;
    const int32_t value = -12345;
    ck_assert_int_eq(varsdb_element_json(VARSDB_INT32, &value, 0, text, 6), VARSDB_INVALID);
    ck_assert_str_eq(text, "before");
    ck_assert_int_eq(varsdb_element_json(VARSDB_INT32, &value, 0, text, 7), VARSDB_OK);
    ck_assert_str_eq(text, "-12345");
    ck_assert_int_eq(varsdb_element_json(VARSDB_STRING, &value, 0, text, 8), VARSDB_MISUSE);
    ck_assert_int_eq(varsdb_element_json((varsdb_dtype)99, &value, 0, text, 8), VARSDB_MISUSE);
    ck_assert_int_eq(varsdb_element_json(VARSDB_INT32, NULL, 0, text, 8), VARSDB_MISUSE);
    ck_assert_int_eq(varsdb_element_real(VARSDB_STRING, &value, 0, &real), VARSDB_MISUSE);
    ck_assert_double_eq(real, 7);
}
END_TEST

START_TEST(elements_as_doubles)
{
    double real = 0;
    ck_assert_int_eq(varsdb_element_real(VARSDB_INT8, "\x05\xff", 1, &real), VARSDB_OK);
    ck_assert_double_eq(real, -1);
    ck_assert_int_eq(varsdb_element_real(VARSDB_BOOL, "\x01", 0, &real), VARSDB_OK);
    ck_assert_double_eq(real, 1);
    ck_assert_int_eq(varsdb_element_real(VARSDB_UINT64, (const uint64_t[]){UINT64_MAX}, 0, &real), VARSDB_OK);
    ck_assert_double_eq(real, 0x1p64);
    ck_assert_int_eq(varsdb_element_real(VARSDB_FLOAT4_E2M1, "\xf0", 1, &real), VARSDB_OK);
    ck_assert_double_eq(real, -6);
    ck_assert_int_eq(varsdb_element_real(VARSDB_BFLOAT16, "\x80\xbf", 0, &real), VARSDB_OK);
    ck_assert_double_eq(real, -1);
}
END_TEST

typedef struct limit {
    varsdb_dtype dtype;
    uint64_t below, above; /* magnitudes of the least and of the greatest */
} limit;

static const limit LIMITS[] = {{VARSDB_BOOL, 0, 1},
                               {VARSDB_INT8, 128, 127},
                               {VARSDB_INT16, 32768, 32767},
                               {VARSDB_INT32, 2147483648u, 2147483647},
                               {VARSDB_INT64, (uint64_t)1 << 63, INT64_MAX},
                               {VARSDB_UINT8, 0, 255},
                               {VARSDB_UINT16, 0, 65535},
                               {VARSDB_UINT32, 0, UINT32_MAX},
                               {VARSDB_UINT64, 0, UINT64_MAX}};

START_TEST(integers_fit_or_are_refused)
{
    const limit *l = &LIMITS[_i];
    uint64_t data = 0, kept;
    char text[64], expected[64];
    vdb_error e = {0};
    ck_assert_int_eq(vdb_element_set_int(&e, l->dtype, &data, 0, true, l->below), VARSDB_OK);
    snprintf(expected, sizeof expected, "%s%llu", l->below ? "-" : "", (unsigned long long)l->below);
    varsdb_element_json(l->dtype, &data, 0, text, sizeof text);
    ck_assert_str_eq(text, l->dtype == VARSDB_BOOL ? "false" : expected);
    ck_assert_int_eq(vdb_element_set_int(&e, l->dtype, &data, 0, false, l->above), VARSDB_OK);
    snprintf(expected, sizeof expected, "%llu", (unsigned long long)l->above);
    varsdb_element_json(l->dtype, &data, 0, text, sizeof text);
    ck_assert_str_eq(text, l->dtype == VARSDB_BOOL ? "true" : expected);
    kept = data;
    ck_assert_int_eq(vdb_element_set_int(&e, l->dtype, &data, 0, true, l->below + 1), VARSDB_INVALID);
    ck_assert_ptr_nonnull(strstr(e.text, varsdb_dtype_name(l->dtype)));
    if (l->above < UINT64_MAX)
        ck_assert_int_eq(vdb_element_set_int(&e, l->dtype, &data, 0, false, l->above + 1), VARSDB_INVALID);
    ck_assert_uint_eq(data, kept);
}
END_TEST

START_TEST(reals_in_integers_must_be_whole)
{
    static const double refused[] = {0.5, -0.5, 128, -129, 1e300, 0x1p64};
    int8_t data = 77;
    uint64_t wide = 0;
    vdb_error e = {0};
    for (size_t i = 0; i < COUNT(refused); i++)
        ck_assert_int_eq(vdb_element_set_real(&e, VARSDB_INT8, &data, 0, refused[i]), VARSDB_INVALID);
    ck_assert_int_eq(vdb_element_set_real(&e, VARSDB_INT8, &data, 0, (double)NAN), VARSDB_INVALID);
    ck_assert_int_eq(vdb_element_set_real(&e, VARSDB_INT8, &data, 0, -(double)INFINITY), VARSDB_INVALID);
    ck_assert_int_eq(data, 77);
    ck_assert_int_eq(vdb_element_set_real(&e, VARSDB_INT8, &data, 0, -128), VARSDB_OK);
    ck_assert_int_eq(data, -128);
    ck_assert_int_eq(vdb_element_set_real(&e, VARSDB_UINT64, &wide, 0, 0x1p63), VARSDB_OK);
    ck_assert_uint_eq(wide, (uint64_t)1 << 63);
    ck_assert_int_eq(vdb_element_set_real(&e, VARSDB_UINT64, &wide, 0, 0x1p64), VARSDB_INVALID);
    ck_assert_int_eq(vdb_element_set_real(&e, VARSDB_BOOL, &data, 0, 2), VARSDB_INVALID);
    ck_assert_int_eq(vdb_element_set_real(&e, VARSDB_STRING, &data, 0, 2), VARSDB_INVALID);
    ck_assert_int_eq(vdb_element_set_int(&e, VARSDB_STRING, &data, 0, false, 2), VARSDB_INVALID);
}
END_TEST

START_TEST(floats_out_of_range_are_refused)
{
    float value = 5;
    uint8_t small = 5;
    vdb_error e = {0};
    ck_assert_int_eq(vdb_element_set_real(&e, VARSDB_FLOAT32, &value, 0, 1e39), VARSDB_INVALID);
    ck_assert_ptr_nonnull(strstr(e.text, "1e+39 does not fit float32"));
    ck_assert_int_eq(vdb_element_set_real(&e, VARSDB_FLOAT32, &value, 0, 1e-60), VARSDB_OK);
    ck_assert(value == 0);
    ck_assert_int_eq(vdb_element_set_real(&e, VARSDB_FLOAT32, &value, 0, (double)INFINITY), VARSDB_OK);
    ck_assert(isinf(value));
    ck_assert_int_eq(vdb_element_set_real(&e, VARSDB_FLOAT8_E4M3FN, &small, 0, 500), VARSDB_INVALID);
    ck_assert_ptr_nonnull(strstr(e.text, "-448.0 to 448.0"));
    ck_assert_int_eq(vdb_element_set_real(&e, VARSDB_FLOAT4_E2M1, &small, 0, (double)NAN), VARSDB_INVALID);
    ck_assert_int_eq(vdb_element_set_real(&e, VARSDB_FLOAT8_E8M0, &small, 0, 0), VARSDB_INVALID);
    ck_assert_uint_eq(small, 5);
    ck_assert_int_eq(vdb_element_set_int(&e, VARSDB_FLOAT4_E2M1, &small, 1, true, 6), VARSDB_OK);
    ck_assert_uint_eq(small, 0xf5);
}
END_TEST

/* The processor converts 64-bit integers to float32 in one rounding. */
START_TEST(integers_in_floats_are_rounded_once)
{
    static const uint64_t values[] = {0,
                                      1,
                                      16777217,
                                      16777219,
                                      (1ULL << 53) + 1,
                                      (1ULL << 63) + (1ULL << 39) + 1,
                                      (1ULL << 60) + (1ULL << 36) + 1,
                                      (1ULL << 60) + (1ULL << 36),
                                      UINT64_MAX};
    for (size_t i = 0; i < COUNT(values); i++) {
        float single = 0;
        double wide = 0;
        vdb_error e = {0};
        ck_assert_int_eq(vdb_element_set_int(&e, VARSDB_FLOAT32, &single, 0, true, values[i]), VARSDB_OK);
        ck_assert_msg(single == -(float)values[i], "%llu", (unsigned long long)values[i]);
        ck_assert_int_eq(vdb_element_set_int(&e, VARSDB_FLOAT64, &wide, 0, false, values[i]), VARSDB_OK);
        ck_assert(wide == (double)values[i]);
    }
}
END_TEST

START_TEST(a_real_in_complex_has_no_imaginary_part)
{
    float data[] = {9, 9, 9, 9};
    double wide[] = {9, 9};
    vdb_error e = {0};
    ck_assert_int_eq(vdb_element_set_real(&e, VARSDB_COMPLEX64, data, 1, 1.5), VARSDB_OK);
    ck_assert(data[1] == 9 && data[2] == 1.5f && data[3] == 0);
    ck_assert_int_eq(vdb_element_set_int(&e, VARSDB_COMPLEX128, wide, 0, true, 3), VARSDB_OK);
    ck_assert(wide[0] == -3 && wide[1] == 0);
    ck_assert_int_eq(vdb_element_set_real(&e, VARSDB_COMPLEX64, data, 0, 1e39), VARSDB_INVALID);
    ck_assert(data[0] == 9);
}
END_TEST

/* Where the host has such a locale; the text is the same in any. */
START_TEST(the_locale_has_no_say)
{
    static const char *const locales[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE", "C"};
    size_t i = 0;
    while (!setlocale(LC_ALL, locales[i]))
        ck_assert_uint_lt(++i, COUNT(locales));
    expect_double(1234.5, "1234.5");
    expect_double(1e-7, "1e-07");
    expect_double(1.5e-7, "1.5e-07");
    expect_float(0.33333334f, "0.33333334");
    setlocale(LC_ALL, "C");
}
END_TEST

Suite *test_element_suite(void)
{
    Suite *s = suite_create("element");
    TCase *t = tcase_create("element");
    tcase_add_test(t, integers_are_exact);
    tcase_add_test(t, doubles_in_the_fewest_digits);
    tcase_add_test(t, floats_in_the_fewest_digits_of_their_own);
    tcase_add_test(t, random_floats_read_back_and_are_shortest);
    tcase_add_test(t, random_doubles_read_back);
    tcase_add_loop_test(t, small_floats_read_back, 0, 10);
    tcase_add_test(t, complex_elements);
    tcase_add_test(t, too_little_room_and_wrong_calls);
    tcase_add_test(t, elements_as_doubles);
    tcase_add_loop_test(t, integers_fit_or_are_refused, 0, (int)COUNT(LIMITS));
    tcase_add_test(t, reals_in_integers_must_be_whole);
    tcase_add_test(t, floats_out_of_range_are_refused);
    tcase_add_test(t, integers_in_floats_are_rounded_once);
    tcase_add_test(t, a_real_in_complex_has_no_imaginary_part);
    tcase_add_test(t, the_locale_has_no_say);
    suite_add_tcase(s, t);
    return s;
}
