/* test_variable_row.c - a variable's row: any change of it from outside is found. */
#include <stdio.h>
#include <string.h>

#include "../support/registry.h"

Suite *test_variable_row_suite(void);

static registry r;

static void open_registry(void)
{
    registry_open(&r);
    got(r.db, "a/v", VARSDB_WITH(.shape = VARSDB_SHAPE(2, 3), .regularizer = "l2(1)", .constraint = "c"));
    got(r.db, "other", VARSDB_WITH(.shape = VARSDB_SHAPE(6)));
}

static void close_registry(void)
{
    registry_close(&r);
}

static const char *const changes[] = {"uid = uid + 1",
                                      "dtype = 'int32'",
                                      "shape = '[3,2]'",
                                      "elements = 7",
                                      "bytes = 25",
                                      "initializer = 'ones'",
                                      "seed = 7",
                                      "regularizer = NULL",
                                      "constraint_text = 'd'",
                                      "partitioner = 'x'",
                                      "partition_axis = 0",
                                      "partition_count = 2",
                                      "tensor_id = 2",
                                      "tensor_id = NULL",
                                      "version = 9",
                                      "created_at = 0",
                                      "updated_at = 0",
                                      "site = 'x:1'",
                                      "members_digest = 0",
                                      "digest = digest + 1",
                                      "shape = 'nonsense'",
                                      "dtype = ''",
                                      "origin_id = origin_id + 0, seed = NULL"};

START_TEST(a_changed_column_is_found_by_whoever_looks)
{
    char sql[256];
    float value[6];
    const varsdb_variable *v = NULL;
    snprintf(sql, sizeof sql, "UPDATE varsdb_variables SET %s WHERE name = 'v'", changes[_i]);
    registry_sql(&r, sql);
    registry_reopen(&r);
    expect(r.db, VARSDB_CORRUPT, varsdb_find_variable(r.db, "a/v", &v));
    says(r.db, "variable");
    expect(r.db, VARSDB_CORRUPT, varsdb_get_variable(r.db, "a/v", NULL, NULL, &v));
    ck_assert_ptr_null(v);
    ok(r.db, varsdb_read(r.db, got(r.db, "other", NULL), value, sizeof value));
}
END_TEST

START_TEST(a_variable_moved_to_another_name_from_outside_is_found)
{
    const varsdb_variable *v = NULL;
    registry_sql(&r, "UPDATE varsdb_variables SET name = 'w' WHERE name = 'v'");
    registry_reopen(&r);
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_variable(r.db, "a/v", &v));
    expect(r.db, VARSDB_CORRUPT, varsdb_find_variable(r.db, "a/w", &v));
    ck_assert_ptr_null(v);
}
END_TEST

START_TEST(a_handle_that_knows_the_variable_finds_it_damaged_when_reading)
{
    float value[6] = {7};
    const varsdb_variable *v = got(r.db, "a/v", NULL);
    registry_sql(&r, "UPDATE varsdb_variables SET tensor_id = 2 WHERE name = 'v'");
    expect(r.db, VARSDB_CORRUPT, varsdb_read(r.db, v, value, sizeof value));
    expect(r.db, VARSDB_CORRUPT, varsdb_assign(r.db, v, value, sizeof value));
    ck_assert(value[0] == 7);
}
END_TEST

START_TEST(a_damaged_namespace_row_is_found)
{
    const varsdb_variable *v = NULL;
    registry_sql(&r, "UPDATE varsdb_namespaces SET seed = 43");
    registry_reopen(&r);
    expect(r.db, VARSDB_CORRUPT, varsdb_find_variable(r.db, "other", &v));
    says(r.db, "namespace");
    ck_assert_ptr_null(v);
}
END_TEST

Suite *test_variable_row_suite(void)
{
    Suite *suite = suite_create("variable_row");
    TCase *t = tcase_create("variable_row");
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_loop_test(t, a_changed_column_is_found_by_whoever_looks, 0, sizeof changes / sizeof *changes);
    tcase_add_test(t, a_variable_moved_to_another_name_from_outside_is_found);
    tcase_add_test(t, a_handle_that_knows_the_variable_finds_it_damaged_when_reading);
    tcase_add_test(t, a_damaged_namespace_row_is_found);
    suite_add_tcase(suite, t);
    return suite;
}
