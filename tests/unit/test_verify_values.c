/* test_verify_values.c - values whose bytes say less than others do, or cannot be read where they lie. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/registry.h"
#include "../support/rich.h"
#include "../support/rowsql.h"
#include "../support/shell.h"
#include "engine_sqlite.h"
#include "internal.h"

Suite *test_verify_values_suite(void);

static registry r;
static found f;

static void setup(void)
{
    registry_open(&r);
    rowsql_install(r.db);
}

static void teardown(void)
{
    registry_close(&r);
}

static void check_whole(const char *what)
{
    found_verify(r.db, false, &f);
    ck_assert_msg(f.count == 0, "%s: %s", what, found_print(&f));
}

/* ---- elements smaller than a byte: the size does not tell whether there is one more */

static const struct {
    varsdb_dtype dtype;
    int bits;
} small[] = {{VARSDB_FLOAT4_E2M1, 4}, {VARSDB_FLOAT6_E2M3, 6}, {VARSDB_FLOAT6_E3M2, 6}};

/* All of its elements are 0 or, in every third byte, are not. */
static const varsdb_variable *packed(const char *name, int kind, int64_t elements)
{
    size_t bytes = (size_t)(elements * small[kind].bits + 7) / 8;
    unsigned char *data = calloc(1, bytes + 1);
    for (size_t i = 0; i + 1 < bytes; i += 3)
        data[i] = (unsigned char)(i * 37 + 11);
    const varsdb_variable *v =
        got(r.db, name,
            VARSDB_WITH(.shape = VARSDB_SHAPE(elements), .dtype = small[kind].dtype, .initializer = "none"));
    ok(r.db, varsdb_assign(r.db, v, data, bytes));
    free(data);
    return v;
}

START_TEST(small_elements_are_whole_in_every_number)
{
    static const int64_t elements[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 2000001, 2000002, 2000003, 2000004};
    char name[32];
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++) {
        snprintf(name, sizeof name, "v%lld", (long long)elements[i]);
        packed(name, _i, elements[i]);
        check_whole(name);
    }
    ck_assert_int_gt(registry_number(&r, "SELECT max(chunk_count) FROM varsdb_tensors"), 1);
}
END_TEST

/* One element less has other statistics, and nobody takes the value for that one where it cannot be. */
START_TEST(a_statistic_of_small_elements_that_is_wrong_is_found)
{
    static const int64_t elements[] = {2, 9, 2000001};
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++) {
        const varsdb_variable *v = packed("v", _i, elements[i]);
        ok(r.db, varsdb_begin(r.db));
        rowsql_run(r.db, "UPDATE varsdb_tensors SET zeros = zeros - 2");
        rowsql_refit_all(r.db);
        found_verify(r.db, false, &f);
        ck_assert_msg(f.count == 1 &&
                          found_says(&f, "statistics", "variable v in namespace main: its stored "),
                      "%lld: %s", (long long)elements[i], found_print(&f));
        ok(r.db, varsdb_rollback(r.db));
        ok(r.db, varsdb_delete_variable(r.db, v));
        ok(r.db, varsdb_collect_garbage(r.db, NULL, NULL, NULL, NULL));
    }
}
END_TEST

/* ---- blocks, of which nothing is known but their size */

START_TEST(blocks_are_hashed_and_not_measured)
{
    unsigned char blocks[4 * 18];
    const varsdb_variable *v =
        got(r.db, "q",
            VARSDB_WITH(.shape = VARSDB_SHAPE(128), .dtype = varsdb_dtype_parse("ggml:Q4_0"),
                        .initializer = "none"));
    for (size_t i = 0; i < sizeof blocks; i++)
        blocks[i] = (unsigned char)(i * 7);
    ok(r.db, varsdb_assign(r.db, v, blocks, sizeof blocks));
    check_whole("blocks");
    registry_sql(&r, "UPDATE varsdb_tensors SET inline = CAST(substr(inline, 2) || x'00' AS BLOB)");
    found_verify(r.db, false, &f);
    ck_assert_msg(f.count == 1 && found_says(&f, "hash", "its value does not match its hash"), "%s",
                  found_print(&f));
}
END_TEST

/* ---- a value in its row that goes on in pages of its own, and the way there is lost */

static void lose(const char *table)
{
    char sql[256];
    snprintf(sql, sizeof sql, "SELECT min(pageno) FROM dbstat WHERE name = '%s' AND pagetype = 'overflow'",
             table);
    long page = (long)registry_number(&r, sql);
    ck_assert_int_gt(page, 1);
    FILE *file = fopen(r.path, "r+b");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, (page - 1) * VDB_PAGE_BYTES, SEEK_SET), 0);
    ck_assert_uint_eq(fwrite("\x7f\xff\xff\xff", 1, 4, file), 4);
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(a_value_that_cannot_be_read_is_named)
{
    unsigned char data[VDB_INLINE_BYTES];
    memset(data, 7, sizeof data);
    got(r.db, "whole", VARSDB_WITH(.shape = VARSDB_SHAPE(3), .initializer = "ones"));
    got(r.db, "lost",
        VARSDB_WITH(.dtype = VARSDB_UINT8, .shape = VARSDB_SHAPE(sizeof data), .value = data,
                    .value_bytes = sizeof data));
    ok(r.db, varsdb_checkpoint(r.db));
    varsdb_close(r.db);
    lose("varsdb_tensors");
    r.db = registry_another(&r);
    found_verify(r.db, false, &f);
    ck_assert_msg(found_says(&f, "hash", "variable lost in namespace main: its value cannot be read"), "%s",
                  found_print(&f));
    ck_assert_msg(!found_says(&f, NULL, "variable whole"), "%s", found_print(&f));
}
END_TEST

Suite *test_verify_values_suite(void)
{
    Suite *suite = suite_create("verify_values");
    TCase *t = tcase_create("values");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, small_elements_are_whole_in_every_number, 0, 3);
    tcase_add_loop_test(t, a_statistic_of_small_elements_that_is_wrong_is_found, 0, 3);
    tcase_add_test(t, blocks_are_hashed_and_not_measured);
    tcase_add_test(t, a_value_that_cannot_be_read_is_named);
    suite_add_tcase(suite, t);
    return suite;
}
