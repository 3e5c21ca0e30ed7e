/* test_hash.c - the names of tensors and chunks: XXH3-128, whatever registers compute it. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "hash.h"

Suite *test_hash_suite(void);

#define MOST ((size_t)1 << 20)

static unsigned char *bytes;

static void set_up(void)
{
    bytes = malloc(MOST);
    ck_assert_ptr_nonnull(bytes);
    for (size_t i = 0; i < MOST; i++)
        bytes[i] = (unsigned char)(i * 131 + i / 253);
}

static void tear_down(void)
{
    free(bytes);
}

/* The library's function of the narrowest registers, which includes nothing of ours. */
static void check_is_xxh3(vdb_hash hash, size_t n)
{
    XXH128_canonical_t expected;
    XXH128_canonicalFromHash(&expected, XXH3_128bits(bytes, n));
    ck_assert_msg(memcmp(&hash, &expected, sizeof hash) == 0, "%zu bytes", n);
}

START_TEST(a_hash_is_that_of_xxh3_whatever_the_size)
{
    static const size_t around[] = {0, 16, 240, 1024, 4096, 65536, MOST - 2};
    for (size_t i = 0; i < sizeof around / sizeof *around; i++)
        for (size_t n = around[i] ? around[i] - 2 : 0; n <= around[i] + 2; n++)
            check_is_xxh3(vdb_hash_bytes(bytes, n), n);
}
END_TEST

START_TEST(piece_by_piece_it_is_the_same)
{
    static const size_t pieces[] = {1, 63, 64, 1000, 4096, 300000, MOST};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        vdb_hasher *h = vdb_hasher_new();
        ck_assert_ptr_nonnull(h);
        for (size_t at = 0; at < MOST; at += pieces[i])
            vdb_hasher_add(h, bytes + at, MOST - at < pieces[i] ? MOST - at : pieces[i]);
        check_is_xxh3(vdb_hasher_end(h), MOST);
        vdb_hasher_free(h);
    }
}
END_TEST

/* From XXH's own test vectors: XXH3-128 of nothing, seed 0. */
START_TEST(the_hash_of_nothing_is_the_published_one)
{
    char text[33];
    vdb_hash hash = vdb_hash_bytes("", 0);
    vdb_hash_print(&hash, text);
    ck_assert_str_eq(text, "99aa06d3014798d86001c324468d497f");
}
END_TEST

#if defined(__x86_64__)
#include <cpuid.h>

/* Which parts of the registers are in use, as the processor sees it; 0 where it does not tell. */
static unsigned state_in_use(void)
{
    unsigned a, b, c, d, low, high;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE) || !__get_cpuid_count(13, 1, &a, &b, &c, &d) ||
        !(a & 4))
        return 0;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(1));
    return low;
}

#define UPPER_HALVES \
    (1U << 2 | 1U << 6) /* of the sixteen registers that all code uses: 128 and 256 bits and more */

START_TEST(wide_registers_are_left_clean)
{
    vdb_hash_bytes(bytes, MOST);
    unsigned in_use = state_in_use();
    ck_assert_uint_eq(in_use & UPPER_HALVES, 0);
}
END_TEST
#endif

Suite *test_hash_suite(void)
{
    Suite *suite = suite_create("hash");
    TCase *tc = tcase_create("hash");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, a_hash_is_that_of_xxh3_whatever_the_size);
    tcase_add_test(tc, piece_by_piece_it_is_the_same);
    tcase_add_test(tc, the_hash_of_nothing_is_the_published_one);
#if defined(__x86_64__)
    tcase_add_test(tc, wide_registers_are_left_clean);
#endif
    suite_add_tcase(suite, tc);
    return suite;
}
