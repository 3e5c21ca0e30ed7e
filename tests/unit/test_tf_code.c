/* test_tf_code.c - checksums, Snappy, and ordered codes, by published and by hand-made vectors. */
#include <check.h>

#include "../support/memory.h"
#include "format/crc32c.h"
#include "format/snappy.h"
#include "format/tf_slice.h"
#include "varsdb.h"

static vdb_error error;

/* ---- CRC-32C: RFC 3720, B.4, and the check value of the catalogue -------- */

START_TEST(checksums_are_the_published_ones)
{
    unsigned char zeros[32] = {0}, ones[32], up[32], down[32];
    for (int i = 0; i < 32; i++) {
        ones[i] = 0xff;
        up[i] = (unsigned char)i;
        down[i] = (unsigned char)(31 - i);
    }
    uint32_t (*const ways[])(uint32_t, const void *, size_t) = {vdb_crc32c, vdb_crc32c_by_tables};
    for (int w = 0; w < 2; w++) {
        ck_assert_uint_eq(ways[w](0, zeros, 32), 0x8a9136aa);
        ck_assert_uint_eq(ways[w](0, ones, 32), 0x62a8ab43);
        ck_assert_uint_eq(ways[w](0, up, 32), 0x46dd794e);
        ck_assert_uint_eq(ways[w](0, down, 32), 0x113fdb5c);
        ck_assert_uint_eq(ways[w](0, "123456789", 9), 0xe3069283);
        ck_assert_uint_eq(ways[w](0, "", 0), 0);
    }
    ck_assert_uint_eq(vdb_crc32c_mask(0), 0xa282ead8);
}
END_TEST

START_TEST(both_ways_agree_however_it_is_cut)
{
    unsigned char data[200];
    for (int i = 0; i < 200; i++)
        data[i] = (unsigned char)(i * 37 + 11);
    uint32_t whole = vdb_crc32c_by_tables(0, data, sizeof data);
    for (size_t cut = 0; cut <= sizeof data; cut++) {
        ck_assert_uint_eq(vdb_crc32c(vdb_crc32c(0, data, cut), data + cut, sizeof data - cut), whole);
        ck_assert_uint_eq(
            vdb_crc32c_by_tables(vdb_crc32c_by_tables(0, data, cut), data + cut, sizeof data - cut), whole);
    }
}
END_TEST

/* ---- Snappy -------------------------------------------------------------- */

static const struct {
    const char *in;
    size_t bytes;
    const char *out; /* NULL: refused */
    size_t out_bytes;
} blocks[] = {
    {"\0", 1, "", 0},
    {"\5\x10"
     "abcde",
     7, "abcde", 5},
    {"\3\xf0\2abc", 6, "abc", 3},                 /* one byte of length */
    {"\3\xf4\2\0abc", 7, "abc", 3},               /* two */
    {"\3\xf8\2\0\0abc", 8, "abc", 3},             /* three */
    {"\3\xfc\2\0\0\0abc", 9, "abc", 3},           /* four */
    {"\6\4ab\1\2", 6, "ababab", 6},               /* a copy of what it writes, 11 bits */
    {"\x0a\0a\x22\1\0", 6, "aaaaaaaaaa", 10},     /* 16 bits */
    {"\x0a\0a\x23\1\0\0\0", 8, "aaaaaaaaaa", 10}, /* 32 bits */
    {"", 0, NULL, 0},
    {"\x80", 1, NULL, 0},
    {"\xff\xff\xff\xff\x7f", 5, NULL, 0},    /* a length above 32 bits */
    {"\xff\xff\xff\xff\x0f\0a", 7, NULL, 0}, /* four gigabytes of two bytes */
    {"\6\x10"
     "abcde",
     7, NULL, 0}, /* shorter than it says */
    {"\4\x10"
     "abcde",
     7, NULL, 0}, /* longer */
    {"\5\x14"
     "abcde",
     7, NULL, 0}, /* a literal past the end */
    {"\5\xf0", 2, NULL, 0},
    {"\6\4ab\1\0", 6, NULL, 0}, /* offset 0 */
    {"\6\4ab\1\3", 6, NULL, 0}, /* before the begin */
    {"\5\4ab\1\2", 6, NULL, 0}, /* a copy past the end */
    {"\6\4ab\2\2", 6, NULL, 0}, /* half an offset */
    {"\2\4ab\0", 5, NULL, 0},   /* something left over */
};

START_TEST(blocks_are_decompressed_or_refused)
{
    vdb_buf out = {0};
    int rc = vdb_snappy_decode(&error, blocks[_i].in, blocks[_i].bytes, &out);
    ck_assert_int_eq(rc, blocks[_i].out ? VARSDB_OK : VARSDB_FORMAT);
    if (blocks[_i].out) {
        ck_assert_uint_eq(out.size, blocks[_i].out_bytes);
        ck_assert(out.size == 0 || memcmp(out.data, blocks[_i].out, out.size) == 0);
    } else {
        ck_assert_uint_eq(out.size, 0);
        ck_assert_ptr_nonnull(strstr(error.text, "Snappy"));
        ck_assert_int_lt(memory_peak(), (int64_t)256 << 20);
    }
    vdb_buf_release(&out);
}
END_TEST

/* ---- Ordered codes ------------------------------------------------------- */

static const struct {
    int64_t value;
    const char *code;
    size_t bytes;
} numbers[] = {
    {0, "\x80", 1},
    {1, "\x81", 1},
    {63, "\xbf", 1},
    {64, "\xc0\x40", 2},
    {-1, "\x7f", 1},
    {-64, "\x40", 1},
    {-65, "\x3f\xbf", 2},
    {8191, "\xdf\xff", 2},
    {8192, "\xe0\x20\x00", 3},
    {0x424242, "\xf0\x42\x42\x42", 4},
    {-0x800, "\x38\x00", 2},
    {1 << 20, "\xf0\x10\x00\x00", 4},
    {INT64_C(1) << 62, "\xff\xc0\x40\x00\x00\x00\x00\x00\x00\x00", 10},
    {INT64_MIN, "\x00\x3f\x80\x00\x00\x00\x00\x00\x00\x00", 10},
};

START_TEST(signed_numbers_have_the_codes_of_the_description)
{
    vdb_buf out = {0};
    ck_assert_int_eq(vdb_tf_put_ordered_signed(&out, numbers[_i].value), VARSDB_OK);
    ck_assert_uint_eq(out.size, numbers[_i].bytes);
    ck_assert_mem_eq(out.data, numbers[_i].code, numbers[_i].bytes);
    vdb_buf_release(&out);
}
END_TEST

static const struct {
    const char *name;
    vdb_tf_extent extents[2];
    const char *shown, *key;
    size_t bytes;
} slices[] = {
    {"foo", {{0, -1}, {0, 1}}, "-:0,1", "\0foo\0\1\1\2\x80\x7f\x80\x81", 12},
    {"foo", {{0, -1}, {1, 9}}, "-:1,9", "\0foo\0\1\1\2\x80\x7f\x81\x89", 12},
    {"w", {{0, 64}, {0, -1}}, "0,64:-", "\0w\0\1\1\2\x80\xc0\x40\x80\x7f", 11},
    {"emb/table",
     {{99184, 99184}, {0, -1}},
     "99184,99184:-",
     "\0emb/table\0\1\1\2\xe1\x83\x70\xe1\x83\x70\x80\x7f",
     22},
    {"\xff", {{0, 1}, {0, 1}}, "0,1:0,1", "\0\xff\0\0\1\1\2\x80\x81\x80\x81", 11},
};

START_TEST(slices_have_the_keys_of_the_description)
{
    vdb_buf key = {0}, shown = {0};
    ck_assert_int_eq(vdb_tf_slice_key(&key, slices[_i].name, strlen(slices[_i].name), 2, slices[_i].extents),
                     VARSDB_OK);
    ck_assert_uint_eq(key.size, slices[_i].bytes);
    ck_assert_mem_eq(key.data, slices[_i].key, slices[_i].bytes);
    ck_assert_int_eq(vdb_tf_slice_print(&shown, 2, slices[_i].extents), VARSDB_OK);
    ck_assert_str_eq(shown.data, slices[_i].shown);
    vdb_buf_release(&key);
    vdb_buf_release(&shown);
}
END_TEST

START_TEST(codes_of_texts_and_wholes_escape_and_count)
{
    vdb_buf out = {0};
    ck_assert_int_eq(vdb_tf_put_ordered_text(&out, "a\0b\xff", 4), VARSDB_OK);
    ck_assert_int_eq(vdb_tf_put_ordered_number(&out, 0), VARSDB_OK);
    ck_assert_int_eq(vdb_tf_put_ordered_number(&out, 258), VARSDB_OK);
    ck_assert_uint_eq(out.size, 12);
    ck_assert_mem_eq(out.data,
                     "a\0\xff"
                     "b\xff\0\0\1\0\2\1\2",
                     12);
    vdb_buf_release(&out);
}
END_TEST

Suite *test_tf_code_suite(void);
Suite *test_tf_code_suite(void)
{
    Suite *s = suite_create("tf_code");
    TCase *t = tcase_create("tf_code");
    tcase_add_test(t, checksums_are_the_published_ones);
    tcase_add_test(t, both_ways_agree_however_it_is_cut);
    tcase_add_loop_test(t, blocks_are_decompressed_or_refused, 0, (int)(sizeof blocks / sizeof *blocks));
    tcase_add_loop_test(t, signed_numbers_have_the_codes_of_the_description, 0,
                        (int)(sizeof numbers / sizeof *numbers));
    tcase_add_loop_test(t, slices_have_the_keys_of_the_description, 0, (int)(sizeof slices / sizeof *slices));
    tcase_add_test(t, codes_of_texts_and_wholes_escape_and_count);
    suite_add_tcase(s, t);
    return s;
}
