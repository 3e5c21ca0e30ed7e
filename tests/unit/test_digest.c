/* test_digest.c - digests of rows and hashes of bytes. */
#include <check.h>
#include <stdio.h>
#include <xxhash.h>

#include "digest.h"

Suite *test_digest_suite(void);

#define DIGEST(...) vdb_digest_row(VDB_ARGS(__VA_ARGS__))

START_TEST(a_border_between_columns_cannot_be_moved)
{
    int64_t whole = DIGEST(vdb_text("ab"), vdb_text("c"));
    ck_assert_int_ne(whole, DIGEST(vdb_text("a"), vdb_text("bc")));
    ck_assert_int_ne(whole, DIGEST(vdb_text("abc"), vdb_text("")));
    ck_assert_int_ne(whole, DIGEST(vdb_text("abc")));
    ck_assert_int_ne(whole, DIGEST(vdb_text("ab"), vdb_text("c"), vdb_null()));
    ck_assert_int_ne(whole, DIGEST(vdb_text("c"), vdb_text("ab")));
    ck_assert_int_eq(whole, DIGEST(vdb_text("ab"), vdb_text("c")));
}
END_TEST

START_TEST(a_value_cannot_pass_for_one_of_another_kind)
{
    int64_t d[] = {DIGEST(vdb_null()),   DIGEST(vdb_int(0)),      DIGEST(vdb_real(0)),
                   DIGEST(vdb_text("")), DIGEST(vdb_blob("", 0)), DIGEST(vdb_real(-0.0)),
                   DIGEST(vdb_int(1)),   DIGEST(vdb_text("1")),   DIGEST(vdb_blob("1", 1)),
                   DIGEST(vdb_real(1)),  vdb_digest_row(NULL, 0)};
    size_t n = sizeof d / sizeof *d;
    for (size_t i = 0; i < n; i++)
        for (size_t k = i + 1; k < n; k++)
            ck_assert_msg(d[i] != d[k], "%zu and %zu", i, k);
}
END_TEST

static unsigned char row[4096];

/* Of each column its kind, its length or number in 8 bytes little-endian, and its bytes. */
static size_t row_by_hand(size_t text_bytes, const char *text)
{
    const unsigned char number[] = {VDB_INT, 0x2a, 0, 0, 0, 0, 0, 0, 0};
    memcpy(row, number, 9);
    memcpy(row + 9,
           (unsigned char[]){VDB_TEXT, (unsigned char)text_bytes, (unsigned char)(text_bytes >> 8), 0, 0, 0,
                             0, 0, 0},
           9);
    memcpy(row + 18, text, text_bytes);
    return 18 + text_bytes;
}

static int64_t digest_by_hand(size_t text_bytes, const char *text)
{
    return (int64_t)XXH3_64bits(row, row_by_hand(text_bytes, text));
}

START_TEST(a_row_s_hash_is_that_of_its_columns_one_after_the_other)
{
    const unsigned char bytes[] = {VDB_INT,  0x2a,     0, 0, 0, 0, 0, 0, 0, /* */
                                   VDB_TEXT, 2,        0, 0, 0, 0, 0, 0, 0, 'a',
                                   'b',      VDB_NULL, 0, 0, 0, 0, 0, 0, 0, 0};
    XXH128_canonical_t expected;
    XXH128_canonicalFromHash(&expected, XXH3_128bits(bytes, sizeof bytes));
    vdb_hash hash = vdb_hash_row(VDB_ARGS(vdb_int(42), vdb_text("ab"), vdb_null()));
    ck_assert_mem_eq(&hash, &expected, sizeof hash);
}
END_TEST

START_TEST(short_and_long_rows_are_digested_alike)
{
    static char text[3000];
    memset(text, 'x', sizeof text);
    for (size_t bytes = 980; bytes < 1040; bytes++)
        ck_assert_int_eq(DIGEST(vdb_int(42), vdb_text_n(text, bytes)), digest_by_hand(bytes, text));
    ck_assert_int_eq(DIGEST(vdb_int(42), vdb_text_n(text, 3000)), digest_by_hand(3000, text));
}
END_TEST

START_TEST(rows_are_hashed_in_the_same_form)
{
    static char text[3000];
    static const size_t sizes[] = {0, 1, 980, 1000, 1006, 1007, 1030, 3000};
    memset(text, 'y', sizeof text);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        vdb_hash hash = vdb_hash_row(VDB_ARGS(vdb_int(42), vdb_text_n(text, sizes[i])));
        XXH128_canonical_t c;
        XXH128_canonicalFromHash(&c, XXH3_128bits(row, row_by_hand(sizes[i], text)));
        ck_assert_mem_eq(hash.byte, c.digest, sizeof hash.byte);
    }
}
END_TEST

/* XXH3-64 of nothing, as its authors publish it. */
START_TEST(a_row_of_no_columns_is_nothing_hashed)
{
    ck_assert_uint_eq((uint64_t)vdb_digest_row(NULL, 0), 0x2d06800538d394c2u);
}
END_TEST

START_TEST(every_flipped_bit_of_a_row_shows)
{
    unsigned char blob[40] = {0};
    int64_t whole = DIGEST(vdb_int(7), vdb_blob(blob, sizeof blob));
    for (size_t bit = 0; bit < 8 * sizeof blob; bit++) {
        blob[bit / 8] ^= (unsigned char)(1u << bit % 8);
        ck_assert_int_ne(whole, DIGEST(vdb_int(7), vdb_blob(blob, sizeof blob)));
        blob[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    for (int bit = 0; bit < 63; bit++)
        ck_assert_int_ne(whole, DIGEST(vdb_int(7 ^ ((int64_t)1 << bit)), vdb_blob(blob, sizeof blob)));
}
END_TEST

/* XXH3-128 with seed 0, printed big-endian as xxh128sum prints it. */
START_TEST(hashes_print_as_xxh128sum_does)
{
    static const struct {
        const char *text, *hash;
    } vectors[] = {{"", "99aa06d3014798d86001c324468d497f"}, {"abc", "06b05ab6733a618578af5f94892f3950"}};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        char out[33];
        vdb_hash hash = vdb_hash_bytes(vectors[i].text, strlen(vectors[i].text));
        vdb_hash_print(&hash, out);
        ck_assert_str_eq(out, vectors[i].hash);
    }
}
END_TEST

START_TEST(hashing_by_pieces_is_hashing_the_whole)
{
    static unsigned char data[5000];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * 131 + i / 256);
    for (size_t piece = 1; piece < 700; piece += 29) {
        vdb_hasher *h = vdb_hasher_new();
        ck_assert_ptr_nonnull(h);
        for (size_t at = 0; at < sizeof data; at += piece)
            vdb_hasher_add(h, data + at, sizeof data - at < piece ? sizeof data - at : piece);
        vdb_hash parts = vdb_hasher_end(h), whole = vdb_hash_bytes(data, sizeof data);
        ck_assert_mem_eq(&parts, &whole, sizeof whole);
        vdb_hasher_free(h);
    }
    vdb_hasher_free(NULL);
}
END_TEST

Suite *test_digest_suite(void)
{
    Suite *suite = suite_create("digest");
    TCase *tc = tcase_create("digest");
    tcase_add_test(tc, a_border_between_columns_cannot_be_moved);
    tcase_add_test(tc, a_value_cannot_pass_for_one_of_another_kind);
    tcase_add_test(tc, a_row_s_hash_is_that_of_its_columns_one_after_the_other);
    tcase_add_test(tc, short_and_long_rows_are_digested_alike);
    tcase_add_test(tc, rows_are_hashed_in_the_same_form);
    tcase_add_test(tc, a_row_of_no_columns_is_nothing_hashed);
    tcase_add_test(tc, every_flipped_bit_of_a_row_shows);
    tcase_add_test(tc, hashes_print_as_xxh128sum_does);
    tcase_add_test(tc, hashing_by_pieces_is_hashing_the_whole);
    suite_add_tcase(suite, tc);
    return suite;
}
