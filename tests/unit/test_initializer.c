/*
 * test_initializer.c - initial values: by formula where there is one, and by the words of
 * the generator where they are drawn.
 */
#include <check.h>
#include <math.h>
#include <string.h>
#include <xxhash.h>

#include "initializer.h"

Suite *test_initializer_suite(void);

static vdb_initializer opened(const char *text, varsdb_dtype dtype, const varsdb_shape *shape,
                              const char *name)
{
    vdb_error e;
    vdb_initializer init;
    int rc = vdb_initializer_open(&e, text, dtype, shape, 42, name, &init);
    ck_assert_msg(rc == VARSDB_OK, "%s: %s", text, e.text);
    return init;
}

static void fill_all(const char *text, varsdb_dtype dtype, const varsdb_shape *shape, const char *name,
                     void *out)
{
    vdb_initializer init = opened(text, dtype, shape, name);
    vdb_initializer_fill(&init, 0, init.elements, out);
    vdb_initializer_close(&init);
}

static void check_invalid(const char *text, varsdb_dtype dtype, const varsdb_shape *shape, const char *says)
{
    vdb_error e = {0};
    vdb_initializer init;
    ck_assert_msg(vdb_initializer_open(&e, text, dtype, shape, 42, "w", &init) == VARSDB_INVALID, "%s", text);
    ck_assert_msg(strstr(e.text, says), "%s: %s", text, e.text);
}

/* ---- Constants ---------------------------------------------------------- */

START_TEST(defaults_follow_the_dtype)
{
    ck_assert_str_eq(vdb_initializer_default(VARSDB_FLOAT32), "glorot_uniform");
    ck_assert_str_eq(vdb_initializer_default(VARSDB_BFLOAT16), "glorot_uniform");
    ck_assert_str_eq(vdb_initializer_default(VARSDB_UINT64), "zeros");
    ck_assert_str_eq(vdb_initializer_default(VARSDB_BOOL), "zeros");
    ck_assert_str_eq(vdb_initializer_default(VARSDB_STRING), "zeros");
    ck_assert_ptr_null(vdb_initializer_default(VARSDB_COMPLEX64));
    ck_assert_ptr_null(vdb_initializer_default(VARSDB_FLOAT8_E4M3FN));
    ck_assert_ptr_null(vdb_initializer_default(VARSDB_FLOAT4_E2M1));
}
END_TEST

START_TEST(zeros_ones_and_constants_are_those_values_in_every_dtype)
{
    static const char *const texts[] = {"zeros", "ones", "constant(1)", "constant([0,1,0,1])"};
    for (varsdb_dtype dtype = VARSDB_BOOL; dtype < VARSDB_STRING; dtype++)
        for (size_t t = 0; dtype != VARSDB_FLOAT8_E8M0 && t < 4; t++) {
            unsigned char data[11 * 16];
            memset(data, 0xaa, sizeof data);
            fill_all(texts[t], dtype, VARSDB_SHAPE(11), "w", data);
            for (size_t i = 0; i < 11; i++) {
                double value, expected = t == 0 ? 0 : t < 3 ? 1 : i < 4 ? (double)(i % 2) : 1;
                ck_assert_int_eq(varsdb_element_real(dtype, data, i, &value), VARSDB_OK);
                ck_assert_double_eq(value, expected);
            }
            int64_t bytes;
            ck_assert(vdb_dtype_bytes(dtype, 11, &bytes));
            ck_assert(bytes == (int64_t)sizeof data || data[bytes] == 0xaa);
        }
}
END_TEST

START_TEST(unused_bits_of_the_last_byte_are_zero)
{
    unsigned char data[8] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    fill_all("ones", VARSDB_FLOAT4_E2M1, VARSDB_SHAPE(3), "w", data);
    ck_assert_uint_eq(data[0], 0x22);
    ck_assert_uint_eq(data[1], 0x02);
    ck_assert_uint_eq(data[2], 0xff);
}
END_TEST

START_TEST(the_last_value_of_a_list_repeats)
{
    int32_t data[2][5];
    fill_all("constant([7, -8, 9])", VARSDB_INT32, VARSDB_SHAPE(2, 5), "w", data);
    static const int32_t expected[] = {7, -8, 9, 9, 9, 9, 9, 9, 9, 9};
    ck_assert_mem_eq(data, expected, sizeof expected);
}
END_TEST

START_TEST(constants_reach_the_ends_of_64_bits)
{
    uint64_t u;
    int64_t s;
    fill_all("constant(18446744073709551615)", VARSDB_UINT64, VARSDB_SCALAR, "w", &u);
    fill_all("constant(-9223372036854775808)", VARSDB_INT64, VARSDB_SCALAR, "w", &s);
    ck_assert_uint_eq(u, UINT64_MAX);
    ck_assert_int_eq(s, INT64_MIN);
}
END_TEST

START_TEST(a_constant_without_a_value_is_zero)
{
    int16_t data[3] = {1, 2, 3};
    static const int16_t zeros[3] = {0};
    fill_all("constant", VARSDB_INT16, VARSDB_SHAPE(3), "w", data);
    ck_assert_mem_eq(data, zeros, sizeof data);
}
END_TEST

START_TEST(verify_shape_takes_only_the_value_s_own_shape)
{
    int16_t data[3];
    static const int16_t expected[] = {4, 5, 6};
    fill_all("constant(verify_shape=true,value=[4,5,6])", VARSDB_INT16, VARSDB_SHAPE(3), "w", data);
    ck_assert_mem_eq(data, expected, sizeof data);
    fill_all("constant(7,verify_shape=1)", VARSDB_INT16, VARSDB_SCALAR, "w", data);
    ck_assert_int_eq(data[0], 7);
    fill_all("constant(8,verify_shape=0)", VARSDB_INT16, VARSDB_SHAPE(2), "w", data);
    ck_assert_int_eq(data[1], 8);
    check_invalid("constant(7,verify_shape=1)", VARSDB_INT16, VARSDB_SHAPE(1), "verify_shape");
    check_invalid("constant(verify_shape=1)", VARSDB_INT16, VARSDB_SHAPE(1), "verify_shape");
    check_invalid("constant([1,2],True)", VARSDB_INT16, VARSDB_SHAPE(3), "verify_shape");
    check_invalid("constant([1,2],True)", VARSDB_INT16, VARSDB_SHAPE(1, 2), "verify_shape");
    check_invalid("constant([1],True)", VARSDB_INT16, VARSDB_SCALAR, "verify_shape");
}
END_TEST

START_TEST(constants_that_do_not_fit_are_invalid)
{
    check_invalid("constant([1,2,3])", VARSDB_FLOAT32, VARSDB_SHAPE(2),
                  "has 3 values, and the shape takes 2");
    check_invalid("constant([])", VARSDB_FLOAT32, VARSDB_SHAPE(2), "empty list");
    check_invalid("constant(0.5)", VARSDB_INT32, VARSDB_SHAPE(2), "0.5");
    check_invalid("constant(256)", VARSDB_UINT8, VARSDB_SHAPE(2), "256");
    check_invalid("constant([1,-1])", VARSDB_UINT8, VARSDB_SHAPE(2), "-1");
    check_invalid("constant(2)", VARSDB_BOOL, VARSDB_SHAPE(2), "2");
    check_invalid("constant([1,nope])", VARSDB_BOOL, VARSDB_SHAPE(2), "a number");
    check_invalid("constant", VARSDB_STRING, VARSDB_SHAPE(2), "string");
    check_invalid("constant(1)", VARSDB_STRING, VARSDB_SHAPE(2), "string");
    check_invalid("zeros", VARSDB_FLOAT8_E8M0, VARSDB_SHAPE(2), "float8_e8m0");
}
END_TEST

START_TEST(strings_are_empty_and_none_has_no_value)
{
    unsigned char data[24];
    static const unsigned char empty[24] = {0};
    memset(data, 0xaa, sizeof data);
    fill_all("zeros", VARSDB_STRING, VARSDB_SHAPE(3), "w", data);
    ck_assert_mem_eq(data, empty, sizeof empty);
    vdb_initializer init = opened("none", VARSDB_COMPLEX64, VARSDB_SHAPE(3), "w");
    ck_assert(init.is_none && !init.is_random);
    vdb_initializer_close(&init);
}
END_TEST

/* ---- What is drawn ------------------------------------------------------ */

START_TEST(elements_are_made_of_the_documented_words)
{
    float singles[6];
    double doubles[3], normals[4];
    int16_t integers[3];
    uint32_t w[8];
    fill_all("random_uniform(seed=5)", VARSDB_FLOAT32, VARSDB_SHAPE(6), "w", singles);
    fill_all("random_uniform(-1,3,seed=5)", VARSDB_FLOAT64, VARSDB_SHAPE(3), "w", doubles);
    fill_all("random_uniform(-10,10,seed=5)", VARSDB_INT16, VARSDB_SHAPE(3), "w", integers);
    fill_all("random_normal(10,2,seed=5)", VARSDB_FLOAT64, VARSDB_SHAPE(4), "w", normals);
    for (uint64_t block = 0; block < 2; block++)
        vdb_philox(vdb_philox_key_of_seed(5), block, 0, w + 4 * block);
    for (size_t i = 0; i < 6; i++)
        ck_assert_float_eq(singles[i], (float)(w[i] >> 8) / 16777216.0f);
    for (size_t i = 0; i < 3; i++) {
        uint64_t wide = w[2 * i] + ((uint64_t)w[2 * i + 1] << 32);
        ck_assert_double_eq(doubles[i], -1 + 4 * ((double)(wide / 2048) / 9007199254740992.0));
        ck_assert_int_eq(integers[i], -10 + (int)((long double)wide * 20 / 18446744073709551616.0L));
    }
    for (size_t i = 0; i < 2; i++) {
        double u1 = (double)((w[4 * i] + ((uint64_t)w[4 * i + 1] << 32)) / 2048 + 1) / 9007199254740992.0;
        double u2 = (double)((w[4 * i + 2] + ((uint64_t)w[4 * i + 3] << 32)) / 2048) / 9007199254740992.0;
        double radius = sqrt(-2 * log(u1)), angle = 6.283185307179586 * u2;
        ck_assert_double_eq_tol(normals[2 * i], 10 + 2 * radius * cos(angle), 1e-13);
        ck_assert_double_eq_tol(normals[2 * i + 1], 10 + 2 * radius * sin(angle), 1e-13);
    }
}
END_TEST

START_TEST(any_range_is_the_same_bits_as_the_whole)
{
    static const char *const texts[] = {"random_uniform(0,9)", "random_normal",       "truncated_normal",
                                        "glorot_uniform",      "constant([1,2,3,4])", "identity(gain=2)"};
    static const varsdb_dtype dtypes[] = {VARSDB_FLOAT16, VARSDB_BFLOAT16, VARSDB_FLOAT32,
                                          VARSDB_FLOAT64, VARSDB_UINT8,    VARSDB_INT64};
    for (size_t t = 0; t < 6; t++)
        for (size_t d = 0; d < (t % 4 ? 4 : 6); d++) {
            unsigned char whole[700 * 8], part[700 * 8];
            vdb_initializer init = opened(texts[t], dtypes[d], VARSDB_SHAPE(20, 35), "w");
            size_t bytes = (size_t)varsdb_dtype_bits(dtypes[d]) / 8;
            vdb_initializer_fill(&init, 0, 700, whole);
            for (int64_t first = 0; first < 700; first += 37)
                for (int64_t count = 0; count <= 700 - first; count = count * 2 + 1) {
                    vdb_initializer_fill(&init, first, count, part);
                    ck_assert_int_eq(memcmp(part, whole + (size_t)first * bytes, (size_t)count * bytes), 0);
                }
            vdb_initializer_close(&init);
        }
}
END_TEST

static uint64_t hash_of(const char *text, const char *name, int64_t namespace_seed)
{
    vdb_error e;
    vdb_initializer init;
    float data[64];
    ck_assert_int_eq(
        vdb_initializer_open(&e, text, VARSDB_FLOAT32, VARSDB_SHAPE(64), namespace_seed, name, &init),
        VARSDB_OK);
    vdb_initializer_fill(&init, 0, 64, data);
    vdb_initializer_close(&init);
    return XXH3_64bits(data, sizeof data);
}

START_TEST(an_explicit_seed_alone_decides)
{
    ck_assert(hash_of("random_uniform(seed=1)", "a", 1) == hash_of("random_uniform(seed=1)", "b", 2));
    ck_assert(hash_of("random_uniform(seed=1)", "a", 1) != hash_of("random_uniform(seed=2)", "a", 1));
    ck_assert(hash_of("random_uniform", "a", 1) == hash_of("random_uniform", "a", 1));
    ck_assert(hash_of("random_uniform", "a", 1) != hash_of("random_uniform", "b", 1));
    ck_assert(hash_of("random_uniform", "a", 1) != hash_of("random_uniform", "a", 2));
}
END_TEST

START_TEST(arguments_by_place_and_key_are_the_same)
{
    ck_assert(hash_of("random_uniform(-2,5)", "a", 1) == hash_of("random_uniform(max=5,min=-2)", "a", 1));
    ck_assert(hash_of("random_uniform(-2,5)", "a", 1) ==
              hash_of("random_uniform(minval=-2,maxval=5)", "a", 1));
    ck_assert(hash_of("random_normal(1,3)", "a", 1) == hash_of("random_normal(stddev=3,mean=1)", "a", 1));
    ck_assert(hash_of("glorot_uniform", "a", 1) == hash_of("xavier_uniform", "a", 1));
    ck_assert(hash_of("glorot_uniform", "a", 1) == hash_of("xavier", "a", 1));
    ck_assert(hash_of("xavier_normal", "a", 1) == hash_of("xavier(uniform=False)", "a", 1));
    ck_assert(hash_of("xavier_normal", "a", 1) == hash_of("slim_variance_scaling(1,FAN_AVG)", "a", 1));
    ck_assert(hash_of("xavier_uniform", "a", 1) ==
              hash_of("slim_variance_scaling(factor=1,mode=fan_avg,uniform=1)", "a", 1));
    ck_assert(hash_of("he_normal", "a", 1) != hash_of("slim_variance_scaling", "a", 1));
    ck_assert(hash_of("glorot_uniform", "a", 1) == hash_of("variance_scaling(1,fan_avg,uniform)", "a", 1));
}
END_TEST

START_TEST(uniform_values_keep_inside_a_narrow_range)
{
    static const varsdb_dtype dtypes[] = {VARSDB_FLOAT16, VARSDB_BFLOAT16, VARSDB_FLOAT32, VARSDB_FLOAT64};
    static const char *const texts[] = {"random_uniform(0.1,0.9)", "random_uniform(-0.9,-0.1)",
                                        "random_uniform(-1,0)", "random_uniform(1,1.02)"};
    static const double low[] = {0.1, -0.9, -1, 1}, high[] = {0.9, -0.1, 0, 1.02};
    for (size_t d = 0; d < 4; d++)
        for (size_t t = 0; t < 4; t++) {
            unsigned char data[10000 * 8];
            fill_all(texts[t], dtypes[d], VARSDB_SHAPE(10000), "w", data);
            for (size_t i = 0; i < 10000; i++) {
                double value;
                ck_assert_int_eq(varsdb_element_real(dtypes[d], data, i, &value), VARSDB_OK);
                ck_assert(value >= low[t] && value < high[t]);
            }
        }
}
END_TEST

START_TEST(a_uniform_range_of_one_point_is_that_point)
{
    double x[3];
    uint16_t half[3], rounded[3]; /* to 0.0999755859375 */
    fill_all("random_uniform(0.1,0.1)", VARSDB_FLOAT64, VARSDB_SHAPE(3), "w", x);
    fill_all("random_uniform(0.1,0.1)", VARSDB_FLOAT16, VARSDB_SHAPE(3), "w", rounded);
    fill_all("random_uniform(minval=1)", VARSDB_FLOAT16, VARSDB_SHAPE(3), "w", half);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_double_eq(x[i], 0.1);
        ck_assert_uint_eq(half[i], 0x3c00);
        ck_assert_uint_eq(rounded[i], 0x2e66);
    }
}
END_TEST

START_TEST(integers_take_every_value_of_their_range_alike)
{
    static uint8_t data[256 * 1000];
    int64_t counts[256] = {0};
    double chi_square = 0;
    fill_all("random_uniform(0,256,seed=3)", VARSDB_UINT8, VARSDB_SHAPE(256 * 1000), "w", data);
    for (size_t i = 0; i < sizeof data; i++)
        counts[data[i]]++;
    for (size_t i = 0; i < 256; i++)
        chi_square += (double)((counts[i] - 1000) * (counts[i] - 1000)) / 1000;
    ck_assert(chi_square > 255 - 5 * sqrt(510) && chi_square < 255 + 5 * sqrt(510));
    int64_t wide[1000], negative = 0;
    fill_all("random_uniform(-9223372036854775808,9223372036854775808)", VARSDB_INT64, VARSDB_SHAPE(1000),
             "w", wide);
    for (size_t i = 0; i < 1000; i++)
        negative += wide[i] < 0;
    ck_assert(negative > 420 && negative < 580);
    int8_t small[100];
    fill_all("random_uniform(-3,-2)", VARSDB_INT8, VARSDB_SHAPE(100), "w", small);
    for (size_t i = 0; i < 100; i++)
        ck_assert_int_eq(small[i], -3);
}
END_TEST

START_TEST(random_ones_refuse_what_they_cannot_draw)
{
    const varsdb_shape *shape = VARSDB_SHAPE(4);
    check_invalid("random_uniform", VARSDB_INT32, shape, "needs max");
    check_invalid("random_uniform(0,0.5)", VARSDB_INT32, shape, "integers");
    check_invalid("random_uniform(0,257)", VARSDB_UINT8, shape, "beyond the range");
    check_invalid("random_uniform(-1,5)", VARSDB_UINT8, shape, "beyond the range");
    check_invalid("random_uniform(5,5)", VARSDB_UINT8, shape, "empty");
    check_invalid("random_uniform(0,0)", VARSDB_UINT64, shape, "empty");
    check_invalid("random_uniform(2,1)", VARSDB_FLOAT32, shape, "above");
    check_invalid("random_uniform(5)", VARSDB_FLOAT32, shape, "no value");
    check_invalid("random_uniform(1.00001,1.00002)", VARSDB_BFLOAT16, shape, "no value");
    check_invalid("random_uniform(0,1e300)", VARSDB_FLOAT32, shape, "beyond the range");
    check_invalid("random_uniform(-1e308,1e308)", VARSDB_FLOAT64, shape, "finite");
    check_invalid("random_uniform(0,inf)", VARSDB_FLOAT64, shape, "finite");
    check_invalid("random_uniform(0,1)", VARSDB_BOOL, shape, "not for bool");
    check_invalid("random_uniform(0,1)", VARSDB_COMPLEX64, shape, "not for complex64");
    check_invalid("random_uniform(0,1,seed=0.5)", VARSDB_FLOAT32, shape, "seed");
    check_invalid("random_uniform(0,1,7)", VARSDB_FLOAT32, shape, "seed=");
    check_invalid("random_normal", VARSDB_INT32, shape, "not for int32");
    check_invalid("random_normal(0,-1)", VARSDB_FLOAT32, shape, "stddev");
    check_invalid("glorot_uniform", VARSDB_INT32, shape, "not for int32");
    check_invalid("glorot_uniform(3)", VARSDB_FLOAT32, shape, "takes");
    check_invalid("zeroes", VARSDB_FLOAT32, shape, "glorot_uniform");
    check_invalid("zeroes", VARSDB_FLOAT32, shape, ", convolutional_delta_orthogonal");
}
END_TEST

START_TEST(check_alone_knows_spec_and_arguments)
{
    static const char *const good[] = {"zeros", "constant([1,2])",      "random_uniform(0,1,seed=-3)",
                                       "none",  "random_uniform(-5,5)", "variance_scaling(2, mode=fan_out)"};
    static const char *const bad[] = {"zeros(1)",
                                      "constant(1,maybe)",
                                      "constant(1,2)",
                                      "slim_variance_scaling(0)",
                                      "slim_variance_scaling(2,fan_in,3)",
                                      "xavier(uniform=0.5)",
                                      "xavier(uniform=[1])",
                                      "orthogonal(inf)",
                                      "delta_orthogonal(nan)",
                                      "random_normal(0,-1)",
                                      "random_uniform(3,1)",
                                      "gauss",
                                      "variance_scaling(0)",
                                      "variance_scaling(1,middle)",
                                      "identity(gain=inf)"};
    vdb_error e;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        ck_assert_msg(vdb_initializer_check(&e, good[i]) == VARSDB_OK, "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(vdb_initializer_check(&e, bad[i]) == VARSDB_INVALID, "%s", bad[i]);
}
END_TEST

Suite *test_initializer_suite(void)
{
    Suite *suite = suite_create("initializer");
    TCase *tests = tcase_create("initializer");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, defaults_follow_the_dtype);
    tcase_add_test(tests, zeros_ones_and_constants_are_those_values_in_every_dtype);
    tcase_add_test(tests, unused_bits_of_the_last_byte_are_zero);
    tcase_add_test(tests, the_last_value_of_a_list_repeats);
    tcase_add_test(tests, constants_reach_the_ends_of_64_bits);
    tcase_add_test(tests, a_constant_without_a_value_is_zero);
    tcase_add_test(tests, verify_shape_takes_only_the_value_s_own_shape);
    tcase_add_test(tests, constants_that_do_not_fit_are_invalid);
    tcase_add_test(tests, strings_are_empty_and_none_has_no_value);
    tcase_add_test(tests, elements_are_made_of_the_documented_words);
    tcase_add_test(tests, any_range_is_the_same_bits_as_the_whole);
    tcase_add_test(tests, an_explicit_seed_alone_decides);
    tcase_add_test(tests, arguments_by_place_and_key_are_the_same);
    tcase_add_test(tests, uniform_values_keep_inside_a_narrow_range);
    tcase_add_test(tests, a_uniform_range_of_one_point_is_that_point);
    tcase_add_test(tests, integers_take_every_value_of_their_range_alike);
    tcase_add_test(tests, random_ones_refuse_what_they_cannot_draw);
    tcase_add_test(tests, check_alone_knows_spec_and_arguments);
    suite_add_tcase(suite, tests);
    return suite;
}
