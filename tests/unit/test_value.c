/* Tests of tensors as JSON text; the expected bytes are C arrays. */
#include <check.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "value.h"

Suite *test_value_suite(void);

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* Parses into a buffer that holds something already, and compares what came behind it. */
static void expect_value(const char *json, varsdb_dtype dtype, const varsdb_shape *asked,
                         const varsdb_shape *shape, const void *bytes, size_t size)
{
    vdb_error e = {0};
    vdb_buf out = {0};
    vdb_dims dims = {.rank = 99};
    ck_assert_int_eq(vdb_buf_append_text(&out, "head"), VARSDB_OK);
    int rc = vdb_value_parse(&e, json, dtype, asked, &dims, &out);
    ck_assert_msg(rc == VARSDB_OK, "%s: %s", json, e.text);
    ck_assert_int_eq(dims.rank, shape->rank);
    for (int i = 0; i < dims.rank; i++)
        ck_assert_int_eq(dims.dim[i], shape->dims[i]);
    ck_assert_uint_eq(out.size, 4 + size);
    ck_assert_mem_eq(out.data, "head", 4);
    if (size)
        ck_assert_mem_eq(out.data + 4, bytes, size);
    vdb_buf_release(&out);
}

static void expect_refused(const char *json, varsdb_dtype dtype, const varsdb_shape *asked, const char *why)
{
    vdb_error e = {0};
    vdb_buf out = {0};
    vdb_dims dims = {.rank = 99};
    ck_assert_int_eq(vdb_buf_append_text(&out, "head"), VARSDB_OK);
    int rc = vdb_value_parse(&e, json, dtype, asked, &dims, &out);
    ck_assert_msg(rc == VARSDB_INVALID, "%s was accepted", json);
    ck_assert_msg(strstr(e.text, why) != NULL, "%s: '%s' lacks '%s'", json, e.text, why);
    ck_assert_int_eq(dims.rank, 99);
    ck_assert_str_eq(out.data, "head");
    ck_assert_uint_eq(out.size, 4);
    vdb_buf_release(&out);
}

START_TEST(the_nesting_is_the_shape)
{
    static const float data[] = {1, 2, 3, 4, 5, 6};
    expect_value("1", VARSDB_FLOAT32, NULL, VARSDB_SCALAR, data, 4);
    expect_value("[1,2,3]", VARSDB_FLOAT32, NULL, VARSDB_SHAPE(3), data, 12);
    expect_value("[[1,2],[3,4],[5,6]]", VARSDB_FLOAT32, NULL, VARSDB_SHAPE(3, 2), data, 24);
    expect_value(" [[[1],[2],[3]],\n[[4],[5],[6]]] ", VARSDB_FLOAT32, NULL, VARSDB_SHAPE(2, 3, 1), data, 24);
    expect_value("[]", VARSDB_FLOAT32, NULL, VARSDB_SHAPE(0), NULL, 0);
    expect_value("[[],[]]", VARSDB_FLOAT32, NULL, VARSDB_SHAPE(2, 0), NULL, 0);
    expect_value("[[[]]]", VARSDB_FLOAT32, NULL, VARSDB_SHAPE(1, 1, 0), NULL, 0);
}
END_TEST

START_TEST(ragged_nesting_is_refused)
{
    static const char *const texts[] = {"[1,[2]]",
                                        "[[1],2]",
                                        "[[1,2],[3]]",
                                        "[[1],[2,3]]",
                                        "[[],[1]]",
                                        "[[1],[]]",
                                        "[[[1]],[2]]",
                                        "[[1],[[2]]]",
                                        "[[],[[]]]",
                                        "[[[]],[]]",
                                        "[[],1]",
                                        "[1,[]]",
                                        "[[[1,2]],[[3,4],[5,6]]]"};
    for (size_t i = 0; i < COUNT(texts); i++)
        expect_refused(texts[i], VARSDB_FLOAT32, NULL, "not rectangular");
}
END_TEST

START_TEST(integers_stay_exact)
{
    static const int64_t wide[] = {INT64_MAX, INT64_MIN, 9007199254740993, 0};
    static const uint64_t most[] = {UINT64_MAX};
    static const int8_t narrow[] = {-128, 127};
    expect_value("[9223372036854775807,-9223372036854775808,9007199254740993,-0]", VARSDB_INT64, NULL,
                 VARSDB_SHAPE(4), wide, sizeof wide);
    expect_value("18446744073709551615", VARSDB_UINT64, NULL, VARSDB_SCALAR, most, sizeof most);
    expect_value("[-128,127]", VARSDB_INT8, NULL, VARSDB_SHAPE(2), narrow, 2);
    expect_refused("9223372036854775808", VARSDB_INT64, NULL, "9223372036854775808 does not fit int64");
    expect_refused("-9223372036854775809", VARSDB_INT64, NULL, "does not fit int64");
    expect_refused("18446744073709551616", VARSDB_UINT64, NULL, "out of the range of uint64");
    expect_refused("-1", VARSDB_UINT64, NULL, "does not fit uint64");
    expect_refused("[1,2,300]", VARSDB_UINT8, NULL,
                   "at byte 5: 300 does not fit uint8, which takes 0 to 255");
    expect_refused("1.0", VARSDB_INT32, NULL, "without fraction");
    expect_refused("1e2", VARSDB_INT32, NULL, "without fraction");
    expect_refused("true", VARSDB_INT32, NULL, "int32 takes numbers");
    expect_refused("\"NaN\"", VARSDB_INT32, NULL, "int32 takes numbers");
}
END_TEST

START_TEST(booleans)
{
    expect_value("[true,false,1,0]", VARSDB_BOOL, NULL, VARSDB_SHAPE(4), "\1\0\1\0", 4);
    expect_refused("2", VARSDB_BOOL, NULL, "does not fit bool");
    expect_refused("-1", VARSDB_BOOL, NULL, "does not fit bool");
    expect_refused("\"true\"", VARSDB_BOOL, NULL, "bool takes true, false");
    expect_refused("0.0", VARSDB_BOOL, NULL, "bool takes true, false");
}
END_TEST

START_TEST(floats)
{
    static const float single[] = {0.1f, -0.0f, 16777216, 3.4028235e38f};
    static const double wide[] = {0.1, 0, 9007199254740992};
    const float odd[] = {(float)INFINITY, -(float)INFINITY};
    expect_value("[0.1,-0,16777217,3.4028235e38]", VARSDB_FLOAT32, NULL, VARSDB_SHAPE(4), single,
                 sizeof single);
    expect_value("[0.1,1e-400,9007199254740993]", VARSDB_FLOAT64, NULL, VARSDB_SHAPE(3), wide, sizeof wide);
    expect_value("[\"Infinity\",\"-Infinity\"]", VARSDB_FLOAT32, NULL, VARSDB_SHAPE(2), odd, sizeof odd);
    expect_value("\"NaN\"", VARSDB_FLOAT16, NULL, VARSDB_SCALAR, "\x00\x7e", 2);
    expect_value("[1,-2.5]", VARSDB_FLOAT16, NULL, VARSDB_SHAPE(2), "\x00\x3c\x00\xc1", 4);
    expect_value("[1,6,-0.5]", VARSDB_FLOAT4_E2M1, NULL, VARSDB_SHAPE(3), "\x72\x09", 2);
    expect_refused("1e39", VARSDB_FLOAT32, NULL, "out of the range of float32");
    expect_refused("1e999", VARSDB_FLOAT64, NULL, "out of the range of float64");
    expect_refused("70000", VARSDB_FLOAT16, NULL, "70000.0 does not fit float16");
    expect_refused("\"Infinity\"", VARSDB_FLOAT8_E4M3FN, NULL, "does not fit float8_e4m3fn");
    expect_refused("\"nan\"", VARSDB_FLOAT32, NULL, "float32 takes");
    expect_refused("NaN", VARSDB_FLOAT32, NULL, "not JSON");
    expect_refused("true", VARSDB_FLOAT32, NULL, "float32 takes");
}
END_TEST

/* Just above the middle of two float32s, closer to it than a double can tell. */
START_TEST(float32_is_rounded_once)
{
    static const float up[] = {0x1.000002p0f};
    expect_value("1.00000005960464477539062500000000001", VARSDB_FLOAT32, NULL, VARSDB_SCALAR, up, 4);
    static const float even[] = {1};
    expect_value("1.000000059604644775390625", VARSDB_FLOAT32, NULL, VARSDB_SCALAR, even, 4);
}
END_TEST

START_TEST(complex_numbers_are_pairs)
{
    static const float data[] = {1, 2, 3, 4};
    static const double wide[] = {0.5, -1};
    expect_value("[1,2]", VARSDB_COMPLEX64, NULL, VARSDB_SCALAR, data, 8);
    expect_value("[[1,2],[3,4]]", VARSDB_COMPLEX64, NULL, VARSDB_SHAPE(2), data, 16);
    expect_value("[[[1,2],[3,4]]]", VARSDB_COMPLEX64, NULL, VARSDB_SHAPE(1, 2), data, 16);
    expect_value("[0.5,-1]", VARSDB_COMPLEX128, NULL, VARSDB_SCALAR, wide, 16);
    expect_value("[]", VARSDB_COMPLEX64, NULL, VARSDB_SHAPE(0), NULL, 0);
    static const float twice[] = {1, 2, 1, 2};
    expect_value("[1,2]", VARSDB_COMPLEX64, VARSDB_SHAPE(2), VARSDB_SHAPE(2), twice, 16);
    expect_refused("1", VARSDB_COMPLEX64, NULL, "pairs [re,im]");
    expect_refused("[1,2,3]", VARSDB_COMPLEX64, NULL, "pairs [re,im]");
    expect_refused("[1]", VARSDB_COMPLEX128, NULL, "pairs [re,im]");
}
END_TEST

START_TEST(strings_carry_their_length)
{
    static const char two[] = "\2\0\0\0\0\0\0\0hi\0\0\0\0\0\0\0\0", accent[] = "\3\0\0\0\0\0\0\0\xc3\xa9\0";
    expect_value("[\"hi\",\"\"]", VARSDB_STRING, NULL, VARSDB_SHAPE(2), two, 18);
    expect_value("\"\\u00e9\\u0000\"", VARSDB_STRING, NULL, VARSDB_SCALAR, accent, 11);
    static const char filled[] = "\1\0\0\0\0\0\0\0x\1\0\0\0\0\0\0\0x\1\0\0\0\0\0\0\0x";
    expect_value("\"x\"", VARSDB_STRING, VARSDB_SHAPE(3, 1), VARSDB_SHAPE(3, 1), filled, 27);
    expect_refused("1", VARSDB_STRING, NULL, "string takes texts");
    expect_refused("[\"a\",null]", VARSDB_STRING, NULL, "string takes texts");
}
END_TEST

START_TEST(what_is_asked_for_must_agree)
{
    static const int32_t data[] = {1, 2, 3, 4, 5, 6};
    expect_value("[[1,2,3],[4,5,6]]", VARSDB_INT32, VARSDB_SHAPE(2, 3), VARSDB_SHAPE(2, 3), data, 24);
    expect_value("[1,2,3,4,5,6]", VARSDB_INT32, VARSDB_SHAPE(2, 3), VARSDB_SHAPE(2, 3), data, 24);
    expect_value("[[1,2,3],[4,5,6]]", VARSDB_INT32, VARSDB_SHAPE(VARSDB_ANY, 3), VARSDB_SHAPE(2, 3), data,
                 24);
    expect_value("[]", VARSDB_INT32, VARSDB_SHAPE(4, 0), VARSDB_SHAPE(4, 0), NULL, 0);
    expect_value("[1]", VARSDB_INT32, VARSDB_SCALAR, VARSDB_SCALAR, data, 4);
    expect_refused("[[1,2],[3,4],[5,6]]", VARSDB_INT32, VARSDB_SHAPE(2, 3), "shape [3,2], and [2,3]");
    expect_refused("[[1,2,3,4,5,6]]", VARSDB_INT32, VARSDB_SHAPE(6), "shape [1,6], and [6]");
    expect_refused("[1,2,3,4,5]", VARSDB_INT32, VARSDB_SHAPE(2, 3), "shape [5], and [2,3]");
    expect_refused("[1,2,3]", VARSDB_INT32, VARSDB_SHAPE(VARSDB_ANY, 3), "[?,3]");
    expect_refused("1", VARSDB_INT32, VARSDB_SHAPE(VARSDB_ANY), "[?]");
    expect_refused("1", VARSDB_INT32, VARSDB_SHAPE(-7), "-7");
}
END_TEST

START_TEST(one_value_fills_the_shape)
{
    static const int16_t data[] = {-7, -7, -7, -7, -7, -7, -7};
    static const unsigned char threes[] = {0x55, 0x05};
    expect_value("-7", VARSDB_INT16, VARSDB_SHAPE(7), VARSDB_SHAPE(7), data, sizeof data);
    expect_value("-7", VARSDB_INT16, VARSDB_SHAPE(7, 0), VARSDB_SHAPE(7, 0), NULL, 0);
    expect_value("3", VARSDB_FLOAT4_E2M1, VARSDB_SHAPE(3), VARSDB_SHAPE(3), threes, 2);
    /* 28 is 011111: three bytes hold four of them. */
    static const unsigned char sixes[] = {0xdf, 0xf7, 0x7d, 0x1f};
    expect_value("28", VARSDB_FLOAT6_E3M2, VARSDB_SHAPE(5), VARSDB_SHAPE(5), sixes, 4);
}
END_TEST

START_TEST(filling_is_bounded)
{
    expect_refused("0.5", VARSDB_FLOAT32, VARSDB_SHAPE((1 << 28) + 1), "constant(0.5)");
    expect_refused("0.5", VARSDB_FLOAT64, VARSDB_SHAPE(VDB_DIM_MAX, 1000), "constant(0.5)");
    expect_refused("0", VARSDB_COMPLEX128, VARSDB_SHAPE(VDB_DIM_MAX, 30000), "pairs");
    expect_refused("[0,0]", VARSDB_COMPLEX128, VARSDB_SHAPE(VDB_DIM_MAX, 30000), "constant(0.5)");
    expect_refused("\"x\"", VARSDB_STRING, VARSDB_SHAPE(VDB_DIM_MAX, 30000), "constant(0.5)");
    expect_refused("1", VARSDB_INT8, VARSDB_SHAPE(VDB_DIM_MAX, VDB_DIM_MAX), "elements");
}
END_TEST

START_TEST(what_is_no_value)
{
    static const char *const texts[] = {"null", "{}", "[null]", "[{}]", "[1,{}]", "{\"a\":1}", "[[1],{}]"};
    for (size_t i = 0; i < COUNT(texts); i++)
        expect_refused(texts[i], VARSDB_FLOAT32, NULL, "float32 takes");
    expect_refused("", VARSDB_FLOAT32, NULL, "not JSON");
    expect_refused("[1,2", VARSDB_FLOAT32, NULL, "not JSON");
    expect_refused("[1] 2", VARSDB_FLOAT32, NULL, "not JSON");
    expect_refused("0x10", VARSDB_FLOAT32, NULL, "not JSON");
    expect_refused("1", (varsdb_dtype)0, NULL, "dtype");
    expect_refused("1", (varsdb_dtype)25, NULL, "dtype");
}
END_TEST

static void nest(char *text, int depth, const char *inside)
{
    memset(text, '[', (size_t)depth);
    size_t n = strlen(inside);
    memcpy(text + depth, inside, n);
    memset(text + (size_t)depth + n, ']', (size_t)depth);
    text[2 * (size_t)depth + n] = '\0';
}

START_TEST(the_deepest_nesting)
{
    char text[256];
    vdb_error e = {0};
    vdb_buf out = {0};
    vdb_dims dims = {0};
    nest(text, VARSDB_RANK_MAX, "7");
    ck_assert_int_eq(vdb_value_parse(&e, text, VARSDB_UINT8, NULL, &dims, &out), VARSDB_OK);
    ck_assert_int_eq(dims.rank, VARSDB_RANK_MAX);
    nest(text, VARSDB_RANK_MAX, "[7,8]");
    ck_assert_int_eq(vdb_value_parse(&e, text, VARSDB_COMPLEX64, NULL, &dims, &out), VARSDB_OK);
    ck_assert_int_eq(dims.rank, VARSDB_RANK_MAX);
    ck_assert_uint_eq(out.size, 9);
    vdb_buf_release(&out);
    nest(text, VARSDB_RANK_MAX + 1, "7");
    expect_refused(text, VARSDB_UINT8, NULL, "deeper");
    nest(text, VARSDB_RANK_MAX + 1, "");
    expect_refused(text, VARSDB_COMPLEX64, NULL, "deeper");
    nest(text, VARSDB_RANK_MAX + 1, "[7,8]");
    expect_refused(text, VARSDB_COMPLEX64, NULL, "deeper");
}
END_TEST

START_TEST(many_elements)
{
    enum {
        ELEMENTS = 100000
    };
    vdb_buf text = {0}, out = {0};
    vdb_error e = {0};
    vdb_dims dims = {0};
    for (int i = 0; i < ELEMENTS; i++)
        ck_assert_int_eq(vdb_buf_printf(&text, "%c%d", i ? ',' : '[', i * 7 - 1000), VARSDB_OK);
    ck_assert_int_eq(vdb_buf_append_text(&text, "]"), VARSDB_OK);
    ck_assert_int_eq(vdb_value_parse(&e, text.data, VARSDB_INT32, NULL, &dims, &out), VARSDB_OK);
    ck_assert_int_eq(dims.dim[0], ELEMENTS);
    ck_assert_uint_eq(out.size, 4 * ELEMENTS);
    for (int i = 0; i < ELEMENTS; i++) {
        int32_t value;
        memcpy(&value, out.data + 4 * (size_t)i, sizeof value);
        if (value != i * 7 - 1000)
            ck_abort_msg("element %d is %d", i, value);
    }
    ck_assert_uint_le(out.room, 8 * ELEMENTS);
    vdb_buf_release(&text);
    vdb_buf_release(&out);
}
END_TEST

/* A number of a million digits is a number, and takes no longer than its length. */
START_TEST(a_very_long_number)
{
    enum {
        DIGITS = 1000000
    };
    static const double third[] = {0.3333333333333333};
    char *text = malloc(DIGITS + 3);
    ck_assert_ptr_nonnull(text);
    memset(text, '3', DIGITS + 2);
    memcpy(text, "0.", 2);
    text[DIGITS + 2] = '\0';
    expect_value(text, VARSDB_FLOAT64, NULL, VARSDB_SCALAR, third, 8);
    expect_refused(text + 2, VARSDB_UINT64, NULL, "out of the range of uint64");
    free(text);
}
END_TEST

/* Where the host has such a locale; the value is the same in any. */
START_TEST(the_locale_has_no_say)
{
    static const char *const locales[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE", "C"};
    static const double data[] = {1234.5, 1.5e-7};
    size_t i = 0;
    while (!setlocale(LC_ALL, locales[i]))
        ck_assert_uint_lt(++i, COUNT(locales));
    expect_value("[1234.5,1.5e-7]", VARSDB_FLOAT64, NULL, VARSDB_SHAPE(2), data, sizeof data);
    setlocale(LC_ALL, "C");
}
END_TEST

Suite *test_value_suite(void)
{
    Suite *s = suite_create("value");
    TCase *t = tcase_create("value");
    tcase_add_test(t, the_nesting_is_the_shape);
    tcase_add_test(t, ragged_nesting_is_refused);
    tcase_add_test(t, integers_stay_exact);
    tcase_add_test(t, booleans);
    tcase_add_test(t, floats);
    tcase_add_test(t, float32_is_rounded_once);
    tcase_add_test(t, complex_numbers_are_pairs);
    tcase_add_test(t, strings_carry_their_length);
    tcase_add_test(t, what_is_asked_for_must_agree);
    tcase_add_test(t, one_value_fills_the_shape);
    tcase_add_test(t, filling_is_bounded);
    tcase_add_test(t, what_is_no_value);
    tcase_add_test(t, the_deepest_nesting);
    tcase_add_test(t, many_elements);
    tcase_add_test(t, a_very_long_number);
    tcase_add_test(t, the_locale_has_no_say);
    suite_add_tcase(s, t);
    return s;
}
