/* test_rng.c - Philox4x32-10 against its authors' known answers; keys. */
#include <check.h>
#include <string.h>
#include <xxhash.h>

#include "rng.h"

Suite *test_rng_suite(void);

static void check_block(vdb_philox_key key, uint64_t low, uint64_t high, const uint32_t expected[4])
{
    uint32_t out[4];
    vdb_philox(key, low, high, out);
    for (int i = 0; i < 4; i++)
        ck_assert_uint_eq(out[i], expected[i]);
}

/* The three vectors of "philox4x32 10" in Random123's kat_vectors. */
START_TEST(published_known_answers)
{
    check_block((vdb_philox_key){{0, 0}}, 0, 0,
                (const uint32_t[]){0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    check_block((vdb_philox_key){{0xffffffff, 0xffffffff}}, UINT64_MAX, UINT64_MAX,
                (const uint32_t[]){0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
    check_block((vdb_philox_key){{0xa4093822, 0x299f31d0}}, UINT64_C(0x85a308d3243f6a88),
                UINT64_C(0x0370734413198a2e),
                (const uint32_t[]){0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}
END_TEST

START_TEST(blocks_in_a_row_are_single_blocks)
{
    vdb_philox_key key = vdb_philox_key_of_seed(77);
    uint64_t first = UINT64_C(0xfffffffe); /* the low word carries on the way */
    uint32_t many[5 * 4], one[4];
    vdb_philox_blocks(key, first, 3, 5, many);
    for (size_t i = 0; i < 5; i++) {
        vdb_philox(key, first + i, 3, one);
        ck_assert_mem_eq(one, many + 4 * i, sizeof one);
    }
}
END_TEST

START_TEST(seed_bits_are_the_key_words)
{
    vdb_philox_key key = vdb_philox_key_of_seed(INT64_C(0x0123456789abcdef));
    ck_assert_uint_eq(key.word[0], 0x89abcdef);
    ck_assert_uint_eq(key.word[1], 0x01234567);
    key = vdb_philox_key_of_seed(-1);
    ck_assert_uint_eq(key.word[0], 0xffffffff);
    ck_assert_uint_eq(key.word[1], 0xffffffff);
}
END_TEST

START_TEST(name_key_is_seeded_xxh3)
{
    vdb_philox_key key = vdb_philox_key_of_name(-5, "layer/w", 7);
    uint64_t hash = XXH3_64bits_withSeed("layer/w", 7, (XXH64_hash_t)-5);
    ck_assert_uint_eq(key.word[0], (uint32_t)hash);
    ck_assert_uint_eq(key.word[1], (uint32_t)(hash >> 32));
}
END_TEST

Suite *test_rng_suite(void)
{
    Suite *suite = suite_create("rng");
    TCase *tests = tcase_create("rng");
    tcase_add_test(tests, published_known_answers);
    tcase_add_test(tests, blocks_in_a_row_are_single_blocks);
    tcase_add_test(tests, seed_bits_are_the_key_words);
    tcase_add_test(tests, name_key_is_seeded_xxh3);
    suite_add_tcase(suite, tests);
    return suite;
}
