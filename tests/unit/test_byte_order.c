/* test_byte_order.c - numbers as files have them: against bytes written out here. */
#include <check.h>
#include <string.h>

#include "byte_order.h"
#include "dtype.h"

static const unsigned char eight[8] = {0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01};

START_TEST(low_byte_comes_first)
{
    unsigned char put[9];
    uint64_t value = 0x0123456789abcdef;
    for (size_t bytes = 0; bytes <= 8; bytes++) {
        uint64_t low = bytes == 8 ? value : value & ((UINT64_C(1) << (8 * bytes)) - 1);
        ck_assert_uint_eq(vdb_get_little_endian(eight, bytes), low);
        memset(put, 0x5a, sizeof put);
        vdb_put_little_endian(put, value, bytes);
        ck_assert_int_eq(memcmp(put, eight, bytes), 0);
        ck_assert_uint_eq(put[bytes], 0x5a);
    }
}
END_TEST

START_TEST(each_number_is_turned_round_and_nothing_behind)
{
    static const struct {
        size_t number;
        const char *is;
    } cases[] = {{1, "abcdefghi"}, {2, "badcfehgi"}, {4, "dcbahgfei"}, {8, "hgfedcbai"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char bytes[] = "abcdefghi";
        vdb_reverse_numbers(bytes, 9, cases[i].number);
        ck_assert_str_eq(bytes, cases[i].is);
    }
}
END_TEST

START_TEST(complex_numbers_are_two_and_small_ones_are_not_turned)
{
    ck_assert_uint_eq(vdb_dtype_number_bytes(VARSDB_FLOAT32), 4);
    ck_assert_uint_eq(vdb_dtype_number_bytes(VARSDB_BFLOAT16), 2);
    ck_assert_uint_eq(vdb_dtype_number_bytes(VARSDB_COMPLEX64), 4);
    ck_assert_uint_eq(vdb_dtype_number_bytes(VARSDB_COMPLEX128), 8);
    ck_assert_uint_eq(vdb_dtype_number_bytes(VARSDB_BOOL), 1);
    ck_assert_uint_eq(vdb_dtype_number_bytes(VARSDB_FLOAT4_E2M1), 1);
    ck_assert_uint_eq(vdb_dtype_number_bytes(VARSDB_STRING), 1);
}
END_TEST

Suite *test_byte_order_suite(void);
Suite *test_byte_order_suite(void)
{
    Suite *s = suite_create("byte_order");
    TCase *t = tcase_create("byte_order");
    tcase_add_test(t, low_byte_comes_first);
    tcase_add_test(t, each_number_is_turned_round_and_nothing_behind);
    tcase_add_test(t, complex_numbers_are_two_and_small_ones_are_not_turned);
    suite_add_tcase(s, t);
    return s;
}
