/* test_variable_value.c - assigning and reading: exact bytes, versions, ranges, strings. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/registry.h"
#include "internal.h"

Suite *test_variable_value_suite(void);

#define CHUNK VDB_CHUNK_BYTES

static registry r;

static void open_registry(void)
{
    registry_open(&r);
}

static void close_registry(void)
{
    registry_close(&r);
}

/* Bytes of no particular kind, by a linear congruence; 0 and 1 alone when `bits` is 1. */
static void noise(unsigned char *out, size_t bytes, uint32_t seed, unsigned bits)
{
    for (size_t i = 0; i < bytes; i++) {
        seed = seed * 1664525U + 1013904223U;
        out[i] = (unsigned char)(seed >> 24 & (bits == 1 ? 1 : 0xff));
    }
}

static const varsdb_variable *of_bytes(const char *name, int64_t bytes)
{
    return got(r.db, name,
               VARSDB_WITH(.shape = VARSDB_SHAPE(bytes), .dtype = VARSDB_UINT8, .initializer = "none"));
}

START_TEST(every_dtype_gives_back_the_exact_bytes)
{
    static const int64_t counts[] = {1, 7, 65, 100000, 3000001};
    unsigned char *value = malloc(16 * 3000001), *back = malloc(16 * 3000001);
    for (varsdb_dtype dtype = VARSDB_BOOL; dtype < VARSDB_STRING; dtype++)
        for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
            char name[64];
            int bits = varsdb_dtype_bits(dtype);
            if (counts[i] > 1000000 && bits > 8)
                continue;
            size_t bytes = ((size_t)counts[i] * (size_t)bits + 7) / 8;
            unsigned unused = (unsigned)(bytes * 8 - (size_t)counts[i] * (size_t)bits);
            snprintf(name, sizeof name, "%s/%d", varsdb_dtype_name(dtype), (int)counts[i]);
            const varsdb_variable *v =
                got(r.db, name,
                    VARSDB_WITH(.shape = VARSDB_SHAPE(counts[i]), .dtype = dtype, .initializer = "none"));
            noise(value, bytes, (uint32_t)(dtype * 31 + i), dtype == VARSDB_BOOL);
            value[bytes - 1] = (unsigned char)(value[bytes - 1] & (0xffU >> unused));
            ok(r.db, varsdb_assign(r.db, v, value, bytes));
            memset(back, 0x55, bytes);
            ok(r.db, varsdb_read(r.db, v, back, bytes));
            ck_assert_msg(memcmp(value, back, bytes) == 0, "%s", name);
            expect(r.db, VARSDB_INVALID, varsdb_assign(r.db, v, value, bytes - 1));
            expect(r.db, VARSDB_INVALID, varsdb_assign(r.db, v, value, bytes + 1));
            ck_assert_int_eq(version_of(r.db, v), 1);
        }
    free(value);
    free(back);
}
END_TEST

START_TEST(non_numbers_and_negative_zero_keep_their_bits)
{
    const uint32_t bits[] = {0x80000000, 0x7fc00001, 0xffc12345, 0x7f800001, 0x7f800000, 0xff800000, 1};
    uint32_t back[7];
    const varsdb_variable *v = got(r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(7)));
    ok(r.db, varsdb_assign(r.db, v, bits, sizeof bits));
    ok(r.db, varsdb_read(r.db, v, back, sizeof back));
    ck_assert_mem_eq(back, bits, sizeof bits);
    ck_assert_str_eq(registry_sql(&r, "SELECT zeros, nans, pos_infs, neg_infs FROM variables"), "1|3|1|1");
}
END_TEST

START_TEST(every_assignment_adds_one_to_the_version)
{
    const varsdb_variable *v = of_bytes("v", 4);
    ck_assert_int_eq(version_of(r.db, v), 0);
    for (int i = 1; i <= 5; i++) {
        ok(r.db, varsdb_assign(r.db, v, "same", 4));
        ck_assert_int_eq(version_of(r.db, v), i);
    }
    ok(r.db, varsdb_assign_json(r.db, v, "[1,2,3,4]"));
    ok(r.db, varsdb_initialize(r.db, v, "ones"));
    ck_assert_int_eq(version_of(r.db, v), 7);
    expect(r.db, VARSDB_INVALID, varsdb_assign(r.db, v, "short", 3));
    expect(r.db, VARSDB_INVALID, varsdb_assign_json(r.db, v, "[1,2,3]"));
    expect(r.db, VARSDB_INVALID, varsdb_initialize(r.db, v, "nonsense"));
    ck_assert_int_eq(version_of(r.db, v), 7);
}
END_TEST

START_TEST(ranges_are_read_at_every_border_of_chunks)
{
    const size_t bytes = 2 * CHUNK + CHUNK / 2 + 3;
    static const int64_t borders[] = {
        0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 2 * CHUNK + 1};
    unsigned char *value = malloc(bytes), *back = malloc(bytes);
    const varsdb_variable *v = of_bytes("v", (int64_t)bytes);
    noise(value, bytes, 1, 8);
    ok(r.db, varsdb_assign(r.db, v, value, bytes));
    for (size_t i = 0; i < 8; i++)
        for (size_t j = 0; j <= 8; j++) {
            size_t from = (size_t)borders[i], to = j == 8 ? bytes : (size_t)borders[j];
            if (from > to)
                continue;
            memset(back, 0xaa, bytes);
            ok(r.db, varsdb_read_range(r.db, v, from, back, to - from));
            ck_assert(memcmp(back, value + from, to - from) == 0);
            ck_assert(to - from == bytes || back[to - from] == 0xaa);
        }
    ok(r.db, varsdb_read_range(r.db, v, bytes, back, 0));
    expect(r.db, VARSDB_INVALID, varsdb_read_range(r.db, v, bytes, back, 1));
    expect(r.db, VARSDB_INVALID, varsdb_read_range(r.db, v, bytes + 1, back, 0));
    expect(r.db, VARSDB_INVALID, varsdb_read_range(r.db, v, UINT64_MAX, back, 2));
    expect(r.db, VARSDB_INVALID, varsdb_read_range(r.db, v, 1, back, bytes));
    expect(r.db, VARSDB_INVALID, varsdb_read(r.db, v, back, bytes - 1));
    expect(r.db, VARSDB_MISUSE, varsdb_read(r.db, v, NULL, bytes));
    expect(r.db, VARSDB_MISUSE, varsdb_assign(r.db, v, NULL, bytes));
    free(value);
    free(back);
}
END_TEST

START_TEST(ranges_of_inline_values_are_read)
{
    char back[5] = "....";
    const varsdb_variable *v = of_bytes("v", 6);
    ok(r.db, varsdb_assign(r.db, v, "abcdef", 6));
    ok(r.db, varsdb_read_range(r.db, v, 2, back, 3));
    ck_assert_str_eq(back, "cde.");
    expect(r.db, VARSDB_INVALID, varsdb_read_range(r.db, v, 4, back, 3));
    says(r.db, "v");
    ck_assert_str_eq(back, "cde.");
}
END_TEST

START_TEST(sizes_around_the_limits_of_inline_and_chunk_come_back)
{
    static const int64_t sizes[] = {32767, 32768, 32769, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK};
    static const int chunks[] = {0, 0, 1, 1, 1, 2, 2};
    unsigned char *value = malloc(2 * CHUNK), *back = malloc(2 * CHUNK);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const varsdb_variable *v = of_bytes("v", sizes[i]);
        noise(value, (size_t)sizes[i], (uint32_t)i, 8);
        ok(r.db, varsdb_assign(r.db, v, value, (size_t)sizes[i]));
        ok(r.db, varsdb_read(r.db, v, back, (size_t)sizes[i]));
        ck_assert(memcmp(value, back, (size_t)sizes[i]) == 0);
        ck_assert_int_eq(registry_number(&r, "SELECT chunk_count FROM varsdb_tensors"), chunks[i]);
        ok(r.db, varsdb_delete_variable(r.db, v));
        ck_assert_str_eq(
            registry_sql(&r,
                         "SELECT (SELECT count(*) FROM varsdb_tensors), (SELECT count(*) FROM varsdb_chunks),"
                         "(SELECT count(*) FROM varsdb_tensor_chunks)"),
            "0|0|0");
    }
    free(value);
    free(back);
}
END_TEST

START_TEST(a_bool_is_zero_or_one_and_a_bad_one_writes_nothing)
{
    const size_t bytes = 2 * CHUNK;
    unsigned char *value = calloc(bytes, 1), back = 9;
    const varsdb_variable *small =
        got(r.db, "small", VARSDB_WITH(.shape = VARSDB_SHAPE(3), .dtype = VARSDB_BOOL));
    const varsdb_variable *large =
        got(r.db, "large", VARSDB_WITH(.shape = VARSDB_SHAPE(2 * CHUNK), .dtype = VARSDB_BOOL));
    value[2] = 2;
    expect(r.db, VARSDB_INVALID, varsdb_assign(r.db, small, value, 3));
    says(r.db, "small");
    says(r.db, "element 2");
    value[2] = 1;
    value[bytes - 1] = 255;
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, varsdb_assign(r.db, small, value, 3));
    expect(r.db, VARSDB_INVALID, varsdb_assign(r.db, large, value, bytes));
    says(r.db, "large");
    says(r.db, "element 524287");
    ok(r.db, varsdb_commit(r.db));
    ok(r.db, varsdb_read_range(r.db, small, 2, &back, 1));
    ck_assert_int_eq(back, 1);
    ck_assert_int_eq(version_of(r.db, large), 1);
    free(value);
}
END_TEST

START_TEST(initializing_again_gives_the_initial_bytes_back)
{
    float first[100], now[100];
    const varsdb_variable *v = got(r.db, "s/v", VARSDB_WITH(.shape = VARSDB_SHAPE(10, 10)));
    ok(r.db, varsdb_read(r.db, v, first, sizeof first));
    ok(r.db, varsdb_initialize(r.db, v, "zeros"));
    ok(r.db, varsdb_initialize(r.db, v, "glorot_uniform"));
    ok(r.db, varsdb_read(r.db, v, now, sizeof now));
    ck_assert_mem_eq(first, now, sizeof first);
    ck_assert_int_eq(version_of(r.db, v), 3);
    expect(r.db, VARSDB_MISUSE, varsdb_initialize(r.db, v, NULL));
    expect(r.db, VARSDB_MISUSE, varsdb_assign_json(r.db, v, NULL));
}
END_TEST

/* ---- strings */

typedef struct expected_strings {
    const char *const *strings;
    const size_t *sizes;
    size_t at, stop_at;
} expected_strings;

static int compare_string(void *payload, const char *string, size_t bytes)
{
    expected_strings *e = payload;
    ck_assert_uint_eq(bytes, e->sizes[e->at]);
    ck_assert(memcmp(string, e->strings[e->at], bytes) == 0);
    ck_assert_int_eq(string[bytes], 0);
    return ++e->at == e->stop_at;
}

START_TEST(strings_come_back_whatever_is_in_them)
{
    const size_t long_bytes = 2 << 20;
    char *long_string = malloc(long_bytes);
    memset(long_string, 'x', long_bytes);
    const char *strings[] = {"", "a\0b", long_string, "\xff\xfe", "end"};
    const size_t sizes[] = {0, 3, long_bytes, 2, 3};
    const varsdb_variable *v = got(r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(5), .dtype = VARSDB_STRING));
    ok(r.db, varsdb_assign_strings(r.db, v, strings, sizes, 5));
    expected_strings e = {strings, sizes, 0, 0};
    ok(r.db, varsdb_read_strings(r.db, v, compare_string, &e));
    ck_assert_uint_eq(e.at, 5);
    ck_assert_int_eq(registry_number(&r, "SELECT bytes FROM variables"), (int64_t)long_bytes + 8);
    e = (expected_strings){strings, sizes, 0, 2};
    expect(r.db, VARSDB_CANCELLED, varsdb_read_strings(r.db, v, compare_string, &e));
    ck_assert_uint_eq(e.at, 2);
    expect(r.db, VARSDB_MISUSE, varsdb_read_strings(r.db, v, NULL, NULL));
    free(long_string);
}
END_TEST

START_TEST(strings_without_sizes_end_in_nul)
{
    const char *strings[] = {"one", "", "three"};
    const size_t sizes[] = {3, 0, 5};
    const varsdb_variable *v = got(r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(3), .dtype = VARSDB_STRING));
    expected_strings e = {(const char *const[]){"", "", ""}, (const size_t[]){0, 0, 0}, 0, 0};
    ok(r.db, varsdb_read_strings(r.db, v, compare_string, &e));
    ok(r.db, varsdb_assign_strings(r.db, v, strings, NULL, 3));
    e = (expected_strings){strings, sizes, 0, 0};
    ok(r.db, varsdb_read_strings(r.db, v, compare_string, &e));
    ok(r.db, varsdb_assign_json(r.db, v, "[\"one\",\"\",\"three\"]"));
    e.at = 0;
    ok(r.db, varsdb_read_strings(r.db, v, compare_string, &e));
    expect(r.db, VARSDB_INVALID, varsdb_assign_strings(r.db, v, strings, NULL, 2));
    expect(r.db, VARSDB_MISUSE, varsdb_assign_strings(r.db, v, NULL, NULL, 3));
    const varsdb_variable *n = got(r.db, "n", VARSDB_WITH(.shape = VARSDB_SHAPE(3)));
    expect(r.db, VARSDB_INVALID, varsdb_assign_strings(r.db, n, strings, NULL, 3));
    expect(r.db, VARSDB_INVALID, varsdb_read_strings(r.db, n, compare_string, &e));
}
END_TEST

START_TEST(canonical_bytes_of_strings_are_checked)
{
    const varsdb_variable *v = got(r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(2), .dtype = VARSDB_STRING));
    const char good[] = "\3\0\0\0\0\0\0\0abc\0\0\0\0\0\0\0\0";
    char back[19];
    ok(r.db, varsdb_assign(r.db, v, good, 19));
    ok(r.db, varsdb_read(r.db, v, back, 19));
    ck_assert_mem_eq(back, good, 19);
    expect(r.db, VARSDB_INVALID, varsdb_assign(r.db, v, good, 18));
    expect(r.db, VARSDB_INVALID, varsdb_assign(r.db, v, good, 11));
    expect(r.db, VARSDB_INVALID, varsdb_assign(r.db, v, good, 20));
    expect(r.db, VARSDB_INVALID, varsdb_assign(r.db, v, "\xff\xff\xff\xff\xff\xff\xff\xff", 8));
}
END_TEST

typedef struct counted {
    int64_t count, sum;
} counted;

static int count_string(void *payload, const char *string, size_t bytes)
{
    counted *c = payload;
    char expected[16];
    int n = snprintf(expected, sizeof expected, "%d", (int)c->count);
    ck_assert(bytes == (size_t)n && memcmp(string, expected, bytes) == 0);
    c->count++;
    c->sum += n;
    return 0;
}

START_TEST(a_hundred_thousand_strings_come_back_in_order)
{
    enum {
        COUNT = 100000
    };
    char(*text)[12] = malloc(COUNT * sizeof *text);
    const char **strings = malloc(COUNT * sizeof *strings);
    counted c = {0, 0};
    for (int i = 0; i < COUNT; i++) {
        snprintf(text[i], sizeof *text, "%d", i);
        strings[i] = text[i];
    }
    const varsdb_variable *v =
        got(r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(COUNT), .dtype = VARSDB_STRING));
    ok(r.db, varsdb_assign_strings(r.db, v, strings, NULL, COUNT));
    ok(r.db, varsdb_read_strings(r.db, v, count_string, &c));
    ck_assert_int_eq(c.count, COUNT);
    ck_assert_int_eq(c.sum, 488890); /* 10 + 90*2 + 900*3 + 9000*4 + 90000*5 */
    ck_assert_int_eq(registry_number(&r, "SELECT bytes FROM variables"), 488890);
    free(text);
    free(strings);
}
END_TEST

Suite *test_variable_value_suite(void)
{
    Suite *suite = suite_create("variable_value");
    TCase *t = tcase_create("variable_value");
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_test(t, every_dtype_gives_back_the_exact_bytes);
    tcase_add_test(t, non_numbers_and_negative_zero_keep_their_bits);
    tcase_add_test(t, every_assignment_adds_one_to_the_version);
    tcase_add_test(t, ranges_are_read_at_every_border_of_chunks);
    tcase_add_test(t, ranges_of_inline_values_are_read);
    tcase_add_test(t, sizes_around_the_limits_of_inline_and_chunk_come_back);
    tcase_add_test(t, a_bool_is_zero_or_one_and_a_bad_one_writes_nothing);
    tcase_add_test(t, initializing_again_gives_the_initial_bytes_back);
    tcase_add_test(t, strings_come_back_whatever_is_in_them);
    tcase_add_test(t, strings_without_sizes_end_in_nul);
    tcase_add_test(t, canonical_bytes_of_strings_are_checked);
    tcase_add_test(t, a_hundred_thousand_strings_come_back_in_order);
    suite_add_tcase(suite, t);
    return suite;
}
