/* test_chunk.c - pieces of tensors: found again, compared, and mended when they rotted. */
#include <stdlib.h>
#include <string.h>

#include "../support/clean.h"
#include "../support/registry.h"
#include "chunk.h"

Suite *test_chunk_suite(void);

#define CHUNK VDB_CHUNK_BYTES

static registry r;
static unsigned char *value, *back;

static void open_registry(void)
{
    registry_open(&r);
    value = malloc(2 * CHUNK);
    back = malloc(2 * CHUNK);
    for (size_t i = 0; i < 2 * CHUNK; i++)
        value[i] = (unsigned char)(i % 251);
}

static void close_registry(void)
{
    free(value);
    free(back);
    registry_close(&r);
}

static const varsdb_variable *large(const char *name)
{
    return got(r.db, name,
               VARSDB_WITH(.shape = VARSDB_SHAPE(2 * CHUNK), .dtype = VARSDB_UINT8, .value = value,
                           .value_bytes = 2 * CHUNK));
}

START_TEST(a_rotten_chunk_is_mended_when_the_same_bytes_are_stored_again)
{
    static const char *const rot[] = {
        "UPDATE varsdb_chunks SET data = CAST(x'ff' || substr(data, 2) AS BLOB) WHERE id = 2",
        "UPDATE varsdb_chunks SET data = x'00' WHERE id = 2"};
    large("a");
    registry_sql(&r, rot[_i]);
    registry_reopen(&r);
    const varsdb_variable *a = got(r.db, "a", NULL);
    expect(r.db, VARSDB_CORRUPT, varsdb_read(r.db, a, back, 2 * CHUNK));
    large("b");
    ck_assert_str_eq(registry_sql(&r, "SELECT count(*), sum(bytes) FROM varsdb_chunks"), "2|524288");
    ok(r.db, varsdb_read(r.db, a, back, 2 * CHUNK));
    ck_assert(memcmp(back, value, 2 * CHUNK) == 0);
}
END_TEST

START_TEST(a_rotten_inline_value_does_not_harm_who_stores_the_same_bytes)
{
    static const char *const rot[] = {"UPDATE varsdb_tensors SET inline = x'00000000'",
                                      "UPDATE varsdb_tensors SET inline = x'00'"};
    const varsdb_variable_options *options =
        VARSDB_WITH(.shape = VARSDB_SCALAR, .dtype = VARSDB_INT32, .value = "abcd", .value_bytes = 4);
    got(r.db, "a", options);
    registry_sql(&r, rot[_i]);
    registry_reopen(&r);
    const varsdb_variable *b = got(r.db, "b", options);
    ok(r.db, varsdb_read(r.db, b, back, 4));
    ck_assert_mem_eq(back, "abcd", 4);
    expect(r.db, VARSDB_CORRUPT, varsdb_read(r.db, got(r.db, "a", NULL), back, 4));
}
END_TEST

static int64_t stored(const vdb_hash *hash)
{
    int64_t id;
    ck_assert_int_eq(vdb_chunk_store(r.db, hash, value, CHUNK, back, &id), VARSDB_OK);
    return id;
}

START_TEST(the_same_bytes_are_the_same_chunk_and_others_are_not)
{
    large("a");
    ok(r.db, varsdb_begin(r.db));
    vdb_hash hash = vdb_hash_bytes(value, CHUNK);
    ck_assert_int_eq(stored(&hash), 1);
    value[0] ^= 1;
    hash = vdb_hash_bytes(value, CHUNK);
    int64_t second = stored(&hash);
    ck_assert_int_ne(second, 1);
    ck_assert_int_eq(stored(&hash), second);
    ok(r.db, varsdb_rollback(r.db));
}
END_TEST

/* Other bytes under the hash of bytes that did not rot, as two texts with one hash would be.  What such
 * chunks are read as is tested in tests/process/test_collision.c. */
START_TEST(a_true_collision_of_hashes_makes_two_chunks)
{
    large("a");
    ok(r.db, varsdb_begin(r.db));
    vdb_hash hash = vdb_hash_bytes(value, CHUNK);
    value[0] ^= 1;
    int64_t second = stored(&hash);
    ck_assert_int_ne(second, 1);
    ck_assert_int_eq(stored(&hash), second);
    ok(r.db, varsdb_commit(r.db));
    ck_assert_str_eq(
        registry_sql(&r, "SELECT id, discriminator FROM varsdb_chunks WHERE id <> 2 ORDER BY id"),
        "1|0\n3|1");
}
END_TEST

/* A long list leaves its chunks to be written over: the file does not grow, and no page is freed. */
START_TEST(chunks_that_nothing_needs_are_written_over)
{
    const int64_t bytes = 16 * CHUNK;
    unsigned char *many = malloc((size_t)bytes);
    const varsdb_variable *v = got(
        r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(bytes), .dtype = VARSDB_UINT8, .initializer = "none"));
    int64_t pages = 0;
    for (int round = 0; round < 6; round++) {
        for (int64_t i = 0; i < bytes; i++)
            many[i] = (unsigned char)(i / 251 + i + round * 7);
        ok(r.db, varsdb_assign(r.db, v, many, (size_t)bytes));
        if (round == 1)
            pages = registry_number(&r, "PRAGMA page_count");
        if (round > 0)
            ck_assert_str_eq(registry_sql(&r, "SELECT (SELECT count(*) FROM varsdb_chunks),"
                                              "(SELECT count(*) FROM varsdb_free_chunks)"),
                             "32|16");
    }
    ck_assert_int_le(registry_number(&r, "PRAGMA page_count"), pages + 8);
    ck_assert_int_eq(registry_number(&r, "PRAGMA freelist_count"), 0);
    unsigned char *there = malloc((size_t)bytes);
    ok(r.db, varsdb_read(r.db, v, there, (size_t)bytes));
    ck_assert(memcmp(there, many, (size_t)bytes) == 0);
    check_clean(r.db);
    ok(r.db, varsdb_collect_garbage(r.db, NULL, NULL, NULL, NULL));
    ck_assert_str_eq(registry_sql(&r, "SELECT (SELECT count(*) FROM varsdb_chunks),"
                                      "(SELECT count(*) FROM varsdb_free_chunks)"),
                     "16|0");
    free(there);
    free(many);
}
END_TEST

/* What was replaced a moment ago comes back. */
START_TEST(a_free_chunk_that_is_stored_again_is_free_no_more)
{
    const int64_t bytes = 16 * CHUNK;
    unsigned char *many = malloc((size_t)bytes), *other = malloc((size_t)bytes);
    const varsdb_variable *v = got(
        r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(bytes), .dtype = VARSDB_UINT8, .initializer = "none"));
    for (int64_t i = 0; i < bytes; i++) {
        many[i] = (unsigned char)(i / 251 + i);
        other[i] = (unsigned char)(i / 241 + i);
    }
    ok(r.db, varsdb_assign(r.db, v, many, (size_t)bytes));
    ok(r.db, varsdb_assign(r.db, v, other, (size_t)bytes));
    const varsdb_variable *w = got(r.db, "w",
                                   VARSDB_WITH(.shape = VARSDB_SHAPE(bytes), .dtype = VARSDB_UINT8,
                                               .value = many, .value_bytes = (size_t)bytes));
    ck_assert_str_eq(registry_sql(&r, "SELECT (SELECT count(*) FROM varsdb_chunks),"
                                      "(SELECT count(*) FROM varsdb_free_chunks)"),
                     "32|0");
    many[0] ^= 1;
    ok(r.db, varsdb_assign(r.db, v, many, (size_t)bytes)); /* takes nothing of w's */
    ok(r.db, varsdb_read(r.db, w, other, (size_t)bytes));
    many[0] ^= 1;
    ck_assert(memcmp(other, many, (size_t)bytes) == 0);
    check_clean(r.db);
    free(other);
    free(many);
}
END_TEST

START_TEST(chunks_are_of_the_registrys_size_and_are_hashed)
{
    large("a");
    ck_assert_str_eq(registry_sql(&r, "SELECT id, bytes, length(data), length(hash) FROM varsdb_chunks"),
                     "1|262144|262144|16\n2|262144|262144|16");
}
END_TEST

Suite *test_chunk_suite(void)
{
    Suite *suite = suite_create("chunk");
    TCase *t = tcase_create("chunk");
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_loop_test(t, a_rotten_chunk_is_mended_when_the_same_bytes_are_stored_again, 0, 2);
    tcase_add_loop_test(t, a_rotten_inline_value_does_not_harm_who_stores_the_same_bytes, 0, 2);
    tcase_add_test(t, the_same_bytes_are_the_same_chunk_and_others_are_not);
    tcase_add_test(t, a_true_collision_of_hashes_makes_two_chunks);
    tcase_add_test(t, chunks_that_nothing_needs_are_written_over);
    tcase_add_test(t, a_free_chunk_that_is_stored_again_is_free_no_more);
    tcase_add_test(t, chunks_are_of_the_registrys_size_and_are_hashed);
    suite_add_tcase(suite, t);
    return suite;
}
