/* test_tensor.c - stored values: deduplicated, measured, and never handed out damaged. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "../support/registry.h"
#include "internal.h"

Suite *test_tensor_suite(void);

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

static const varsdb_variable *of_bytes(const char *name, const void *value, int64_t bytes)
{
    return got(r.db, name,
               VARSDB_WITH(.shape = VARSDB_SHAPE(bytes), .dtype = VARSDB_UINT8, .value = value,
                           .value_bytes = (size_t)bytes));
}

static const char *counts(void)
{
    return registry_sql(
        &r, "SELECT (SELECT count(*) FROM varsdb_tensors), (SELECT count(*) FROM varsdb_tensor_chunks),"
            "(SELECT count(*) FROM varsdb_chunks)");
}

/* ---- deduplication */

START_TEST(equal_values_share_one_row)
{
    const varsdb_variable *a = of_bytes("a", "abcd", 4);
    of_bytes("b", "abcd", 4);
    ck_assert_str_eq(counts(), "1|0|0");
    /* the same bytes of another dtype have other statistics */
    got(r.db, "c",
        VARSDB_WITH(.shape = VARSDB_SCALAR, .dtype = VARSDB_INT32, .value = "abcd", .value_bytes = 4));
    ck_assert_str_eq(counts(), "2|0|0");
    got(r.db, "d",
        VARSDB_WITH(.shape = VARSDB_SHAPE(2, 2), .dtype = VARSDB_UINT8, .value = "abcd", .value_bytes = 4));
    ck_assert_str_eq(counts(), "2|0|0");
    ok(r.db, varsdb_assign(r.db, a, "efgh", 4));
    ck_assert_str_eq(counts(), "3|0|0");
    ok(r.db, varsdb_assign(r.db, a, "abcd", 4));
    ck_assert_str_eq(counts(), "2|0|0");
}
END_TEST

START_TEST(empty_values_share_one_row)
{
    got(r.db, "a", VARSDB_WITH(.shape = VARSDB_SHAPE(0)));
    got(r.db, "b", VARSDB_WITH(.shape = VARSDB_SHAPE(3, 0)));
    ck_assert_str_eq(counts(), "1|0|0");
}
END_TEST

START_TEST(replaced_values_are_deleted_unless_shared)
{
    const varsdb_variable *a = of_bytes("a", "abcd", 4), *b = of_bytes("b", "abcd", 4);
    char back[5] = "";
    ok(r.db, varsdb_assign(r.db, a, "efgh", 4));
    ok(r.db, varsdb_read(r.db, b, back, 4));
    ck_assert_str_eq(back, "abcd");
    ok(r.db, varsdb_delete_variable(r.db, a));
    ck_assert_str_eq(counts(), "1|0|0");
    ok(r.db, varsdb_delete_variable(r.db, b));
    ck_assert_str_eq(counts(), "0|0|0");
}
END_TEST

START_TEST(chunks_that_tensors_share_are_stored_once)
{
    unsigned char *value = malloc(3 * CHUNK), *back = malloc(3 * CHUNK);
    for (size_t i = 0; i < 3 * CHUNK; i++)
        value[i] = (unsigned char)(i / CHUNK);
    const varsdb_variable *a = of_bytes("a", value, 3 * CHUNK);
    ck_assert_str_eq(counts(), "1|3|3");
    value[2 * CHUNK] = 77; /* another last chunk */
    const varsdb_variable *b = of_bytes("b", value, 3 * CHUNK);
    ck_assert_str_eq(counts(), "2|6|4");
    of_bytes("c", value, 2 * CHUNK);
    ck_assert_str_eq(counts(), "3|8|4");
    ok(r.db, varsdb_delete_variable(r.db, a));
    ck_assert_str_eq(counts(), "2|5|3");
    ok(r.db, varsdb_read(r.db, b, back, 3 * CHUNK));
    ck_assert(memcmp(back, value, 3 * CHUNK) == 0);
    ok(r.db, varsdb_assign(r.db, b, memset(value, 9, 3 * CHUNK), 3 * CHUNK)); /* three times one chunk */
    ck_assert_str_eq(counts(), "2|5|3");
    ok(r.db, varsdb_read(r.db, b, back, 3 * CHUNK));
    ck_assert(memcmp(back, value, 3 * CHUNK) == 0);
    ok(r.db, varsdb_delete_namespace(r.db, "main"));
    ck_assert_str_eq(counts(), "0|0|0");
    free(value);
    free(back);
}
END_TEST

START_TEST(the_hash_is_xxh3_of_the_canonical_bytes)
{
    char expected[33];
    unsigned char *value = calloc(2 * CHUNK, 1);
    static const size_t sizes[] = {4, 2 * CHUNK};
    for (size_t i = 0; i < 2; i++) {
        XXH128_canonical_t canonical;
        value[1] = (unsigned char)i;
        XXH128_canonicalFromHash(&canonical, XXH3_128bits(value, sizes[i]));
        for (int k = 0; k < 16; k++)
            snprintf(expected + 2 * k, 3, "%02x", canonical.digest[k]);
        const varsdb_variable *v = of_bytes("v", value, (int64_t)sizes[i]);
        ck_assert_str_eq(registry_sql(&r, "SELECT hash FROM variables"), expected);
        ok(r.db, varsdb_delete_variable(r.db, v));
    }
    free(value);
}
END_TEST

/* ---- statistics */

static void check_statistics(const char *name, const char *expected)
{
    char sql[256];
    snprintf(sql, sizeof sql,
             "SELECT min, max, mean, printf('%%.6f', std), printf('%%.6f', l2_norm), zeros, nans, pos_infs, "
             "neg_infs "
             "FROM variables WHERE name = '%s'",
             name);
    ck_assert_str_eq(registry_sql(&r, sql), expected);
}

START_TEST(statistics_are_those_of_the_finite_elements)
{
    const float f[] = {1, -2, 0, 5, NAN, INFINITY, -INFINITY, INFINITY};
    const float none[] = {NAN, NAN};
    const int8_t i8[] = {-128, 127, 0, 0};
    const uint64_t u64[] = {UINT64_MAX, 0};
    const int64_t i64[] = {INT64_MIN, INT64_MAX};
    const float complex_[] = {3, 4, 0, 0};
    got(r.db, "f", VARSDB_WITH(.shape = VARSDB_SHAPE(8), .value = f, .value_bytes = sizeof f));
    got(r.db, "none", VARSDB_WITH(.shape = VARSDB_SHAPE(2), .value = none, .value_bytes = sizeof none));
    got(r.db, "i8",
        VARSDB_WITH(.shape = VARSDB_SHAPE(4), .dtype = VARSDB_INT8, .value = i8, .value_bytes = 4));
    got(r.db, "u64",
        VARSDB_WITH(.shape = VARSDB_SHAPE(2), .dtype = VARSDB_UINT64, .value = u64, .value_bytes = 16));
    got(r.db, "i64",
        VARSDB_WITH(.shape = VARSDB_SHAPE(2), .dtype = VARSDB_INT64, .value = i64, .value_bytes = 16));
    got(r.db, "c",
        VARSDB_WITH(.shape = VARSDB_SHAPE(2), .dtype = VARSDB_COMPLEX64, .value = complex_,
                    .value_bytes = 16));
    got(r.db, "s", VARSDB_WITH(.value_json = "[\"a\"]", .dtype = VARSDB_STRING));
    /* mean 1, squares 30, variance 30/4 - 1 */
    check_statistics("f", "-2.0|5.0|1.0|2.549510|5.477226|1|1|2|1");
    ck_assert_str_eq(
        registry_sql(&r, "SELECT min, max, mean, std, l2_norm, zeros, nans FROM variables WHERE name='none'"),
        "|||||0|2");
    /* squares 16384 + 16129, mean -0.25, variance 8128.25 - 0.0625 */
    check_statistics("i8", "-128|127|-0.25|90.156461|180.313616|2|0|0|0");
    ck_assert_str_eq(registry_sql(&r, "SELECT min, max, zeros FROM variables WHERE name='u64'"),
                     "0|18446744073709551615|1");
    ck_assert_str_eq(registry_sql(&r, "SELECT min, max FROM variables WHERE name='i64'"),
                     "-9223372036854775808|9223372036854775807");
    check_statistics("c", "0.0|5.0|2.5|2.500000|5.000000|1|0|0|0");
    ck_assert_str_eq(registry_sql(&r, "SELECT min IS NULL, zeros IS NULL FROM variables WHERE name='s'"),
                     "1|1");
}
END_TEST

START_TEST(statistics_of_chunked_values_are_of_the_whole)
{
    const int64_t count = 1000001; /* 0 + 1 + ... + 1,000,000 */
    int32_t *value = malloc((size_t)count * 4);
    for (int32_t i = 0; i < count; i++)
        value[i] = i;
    got(r.db, "v",
        VARSDB_WITH(.shape = VARSDB_SHAPE(count), .dtype = VARSDB_INT32, .value = value,
                    .value_bytes = (size_t)count * 4));
    /* variance of 0..n is n(n+2)/12; the norm's square is n(n+1)(2n+1)/6 */
    double n = 1000000, deviation = sqrt(n * (n + 2) / 12), norm = sqrt(n * (n + 1) * (2 * n + 1) / 6);
    ck_assert_str_eq(registry_sql(&r, "SELECT min, max, mean, zeros FROM variables"), "0|1000000|500000.0|1");
    ck_assert_double_eq_tol(atof(registry_sql(&r, "SELECT printf('%.9f', std) FROM variables")), deviation,
                            1e-6);
    ck_assert_double_eq_tol(atof(registry_sql(&r, "SELECT printf('%.9f', l2_norm) FROM variables")), norm,
                            norm * 1e-12);
    free(value);
}
END_TEST

START_TEST(six_bit_elements_are_measured_across_chunks)
{
    /* e2m3: 0x08 is 1.0 (exponent 1, bias 1, mantissa 0) */
    const int64_t count = 3000000;
    unsigned char *value = malloc((size_t)count * 6 / 8);
    for (size_t i = 0; i < (size_t)count * 6 / 8; i += 3) /* four times 001000, packed from the low bits */
        memcpy(value + i, "\x08\x82\x20", 3);
    got(r.db, "v",
        VARSDB_WITH(.shape = VARSDB_SHAPE(count), .dtype = VARSDB_FLOAT6_E2M3, .value = value,
                    .value_bytes = (size_t)count * 6 / 8));
    ck_assert_str_eq(registry_sql(&r, "SELECT min, max, mean, std, zeros FROM variables"),
                     "1.0|1.0|1.0|0.0|0");
    free(value);
}
END_TEST

/* ---- damage */

/* The registry is changed by the stock shell; a fresh handle must not read `name`. */
static void check_damaged(const char *sql, const char *name, const char *also)
{
    char *back = malloc(3 * CHUNK);
    const varsdb_variable *v;
    registry_sql(&r, sql);
    registry_reopen(&r);
    int rc = varsdb_find_variable(r.db, name, &v);
    if (rc == VARSDB_OK)
        rc = varsdb_read(r.db, v, back, (size_t)registry_number(&r, "SELECT max(bytes) FROM varsdb_tensors"));
    check_result(r.db, rc, VARSDB_CORRUPT, sql, __FILE__, __LINE__);
    says(r.db, name);
    says(r.db, also);
    free(back);
}

static void make_large(void)
{
    unsigned char *value = malloc(3 * CHUNK);
    for (size_t i = 0; i < 3 * CHUNK; i++)
        value[i] = (unsigned char)(i / CHUNK);
    of_bytes("net/large", value, 3 * CHUNK);
    free(value);
}

START_TEST(a_flipped_byte_of_an_inline_value_is_found)
{
    of_bytes("net/small", "abcd", 4);
    check_damaged("UPDATE varsdb_tensors SET inline = x'61626365'", "net/small", "damaged");
}
END_TEST

START_TEST(a_shortened_inline_value_is_found)
{
    of_bytes("net/small", "abcd", 4);
    check_damaged("UPDATE varsdb_tensors SET inline = x'616263'", "net/small", "damaged");
}
END_TEST

START_TEST(a_changed_column_of_a_tensor_is_found)
{
    static const char *const changes[] = {"max = 1",        "zeros = 3",  "mean = 0.5", "hash = zeroblob(16)",
                                          "dtype = 'int8'", "min = '97'", "std = NULL"};
    of_bytes("net/small", "abcd", 4);
    char sql[128];
    snprintf(sql, sizeof sql, "UPDATE varsdb_tensors SET %s", changes[_i]);
    check_damaged(sql, "net/small", "damaged");
}
END_TEST

START_TEST(a_missing_tensor_is_found)
{
    of_bytes("net/small", "abcd", 4);
    of_bytes("other", "efgh", 4);
    check_damaged(
        "DELETE FROM varsdb_tensors WHERE id = (SELECT tensor_id FROM varsdb_variables WHERE name = 'small')",
        "net/small", "damaged");
}
END_TEST

START_TEST(a_flipped_byte_of_a_chunk_is_found_and_the_chunk_named)
{
    char part[8];
    make_large();
    check_damaged(
        "UPDATE varsdb_chunks SET data = CAST(substr(data, 1, 500) || x'ff' || substr(data, 502) AS BLOB) "
        "WHERE id = (SELECT chunk_id FROM varsdb_tensor_chunks WHERE position = 1)",
        "net/large", "chunk 1");
    /* what lies in other chunks is still read */
    const varsdb_variable *v = got(r.db, "net/large", NULL);
    ok(r.db, varsdb_read_range(r.db, v, CHUNK - 8, part, 8));
    ok(r.db, varsdb_read_range(r.db, v, 2 * CHUNK, part, 8));
    expect(r.db, VARSDB_CORRUPT, varsdb_read_range(r.db, v, CHUNK, part, 1));
}
END_TEST

START_TEST(a_changed_list_of_chunks_is_found)
{
    static const char *const changes[] = {
        "UPDATE varsdb_tensor_chunks SET chunk_id = 1 WHERE position = 1",
        "UPDATE varsdb_tensor_chunks SET position = 3 WHERE position = 2",
        "DELETE FROM varsdb_tensor_chunks WHERE position = 2",
        "DELETE FROM varsdb_tensor_chunks",
        "UPDATE varsdb_tensor_chunks SET chunk_id = 4 - chunk_id",
    };
    make_large();
    check_damaged(changes[_i], "net/large", "damaged");
}
END_TEST

/* A range of a list is checked by itself: what it does not touch may be damaged. */
START_TEST(rows_beyond_the_range_that_is_read_do_not_matter)
{
    char part[8];
    make_large();
    registry_sql(&r, "UPDATE varsdb_tensor_chunks SET digest = digest + 1 WHERE position = 2");
    registry_reopen(&r);
    const varsdb_variable *v = got(r.db, "net/large", NULL);
    ok(r.db, varsdb_read_range(r.db, v, 2 * CHUNK - 8, part, 8));
    expect(r.db, VARSDB_CORRUPT, varsdb_read_range(r.db, v, 2 * CHUNK - 7, part, 8));
}
END_TEST

START_TEST(a_missing_or_shortened_chunk_is_found)
{
    static const char *const changes[] = {"DELETE FROM varsdb_chunks WHERE id = 2",
                                          "UPDATE varsdb_chunks SET data = x'01' WHERE id = 2",
                                          "UPDATE varsdb_chunks SET hash = zeroblob(16) WHERE id = 2",
                                          "UPDATE varsdb_chunks SET hash = x'00' WHERE id = 2"};
    make_large();
    check_damaged(changes[_i], "net/large", "chunk 1");
}
END_TEST

Suite *test_tensor_suite(void)
{
    Suite *suite = suite_create("tensor");
    TCase *t = tcase_create("tensor");
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_test(t, equal_values_share_one_row);
    tcase_add_test(t, empty_values_share_one_row);
    tcase_add_test(t, replaced_values_are_deleted_unless_shared);
    tcase_add_test(t, chunks_that_tensors_share_are_stored_once);
    tcase_add_test(t, the_hash_is_xxh3_of_the_canonical_bytes);
    tcase_add_test(t, statistics_are_those_of_the_finite_elements);
    tcase_add_test(t, statistics_of_chunked_values_are_of_the_whole);
    tcase_add_test(t, six_bit_elements_are_measured_across_chunks);
    tcase_add_test(t, a_flipped_byte_of_an_inline_value_is_found);
    tcase_add_test(t, a_shortened_inline_value_is_found);
    tcase_add_loop_test(t, a_changed_column_of_a_tensor_is_found, 0, 7);
    tcase_add_test(t, a_missing_tensor_is_found);
    tcase_add_test(t, a_flipped_byte_of_a_chunk_is_found_and_the_chunk_named);
    tcase_add_loop_test(t, a_changed_list_of_chunks_is_found, 0, 5);
    tcase_add_test(t, rows_beyond_the_range_that_is_read_do_not_matter);
    tcase_add_loop_test(t, a_missing_or_shortened_chunk_is_found, 0, 4);
    suite_add_tcase(suite, t);
    return suite;
}
