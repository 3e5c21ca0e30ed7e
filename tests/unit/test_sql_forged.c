/* test_sql_forged.c - SQL's functions on rows that only a stranger writes, whose digests fit: what cannot be
 * is told; and on values that share their bytes: each is itself. */
#include "../support/client.h"
#include "../support/rowsql.h"

Suite *test_sql_forged_suite(void);

static void open_values(void)
{
    client_open();
    query("SELECT get_variable('w', '[4,2]', NULL, NULL, '{\"partitioner\": \"fixed_size(2)\", "
          "\"value\": [[0,1],[2,3],[4,5],[6,7]]}'), get_variable('v', '[2]', NULL, NULL, '{\"value\": "
          "[8,9]}'), "
          "get_variable('u', '[2]', NULL, 'none')",
          "1|2|3");
    ok(r.db, varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.name = "first"), NULL));
}

/* Who asks then has seen nothing before. */
static void forge(const char *sql)
{
    rowsql_forge(r.db, sql);
    ck_assert_int_eq(sqlite3_close(client), SQLITE_OK);
    client = client_connect(r.path, SQLITE_OPEN_READWRITE);
}

#define V "UPDATE varsdb_variables SET "
#define S "UPDATE varsdb_states SET "

static const struct {
    const char *forged, *sql, *said;
} forgeries[] = {
    {V "partition_axis = 2 WHERE name = 'w'", "SELECT tensor('w/part_0')", "impossible partition"},
    {V "partition_axis = -1 WHERE name = 'w'", "SELECT tensor('w/part_0')", "impossible partition"},
    {V "partition_count = 0 WHERE name = 'w'", "SELECT tensor('w/part_0')", "impossible partition"},
    {V "partition_count = 5 WHERE name = 'w'", "SELECT tensor_item('w/part_0', 0, 0)",
     "impossible partition"},
    {V "partition_count = NULL WHERE name = 'w'", "SELECT tensor('w/part_0')", "w/part_0 does not exist"},
    {V "dtype = 'int32' WHERE name = 'v'", "SELECT tensor_json('v')", "value of variable v is damaged"},
    {V "dtype = 'int64', bytes = 16 WHERE name = 'v'", "SELECT tensor_json('v')", "damaged"},
    {V "shape = '[3]', elements = 3, bytes = 12 WHERE name = 'v'", "SELECT tensor_item('v', 2)",
     "value of variable v is damaged"},
    {S "dtype = 'float31' WHERE name = 'v'", "SELECT value FROM tensor_each('v', 'first')",
     "impossible dtype or shape"},
    {S "shape = '[2' WHERE name = 'v'", "SELECT value FROM tensor_each('v', 'first')",
     "impossible dtype or shape"},
    {S "dtype = 'int32' WHERE name = 'v'", "SELECT value FROM tensor_each('v', 'first')",
     "value of variable v is damaged"},
    {S "shape = '[3]', elements = 3 WHERE name = 'v'", "SELECT value FROM tensor_each('v', 'first')",
     "value of variable v is damaged"},
    {S "tensor_id = 99 WHERE name = 'v'", "SELECT value FROM tensor_each('v', 'first')", "v"},
};

START_TEST(what_cannot_be_is_told_by_the_function_that_meets_it)
{
    query("SELECT tensor_item('w/part_1', 0, 1)", "5.0");
    query("SELECT value FROM tensor_each('v', 'first')", "8.0;9.0");
    forge(forgeries[_i].forged);
    const char *is = asked(client, forgeries[_i].sql);
    ck_assert_msg(strchr(is, ':') && strstr(is, forgeries[_i].said), "%s\n%s\ngives %s", forgeries[_i].forged,
                  forgeries[_i].sql, is);
    query("SELECT tensor_item('u', 1)", "-");
}
END_TEST

START_TEST(what_was_forged_to_nothing_has_no_elements)
{
    forge(S "tensor_id = NULL WHERE name = 'v'");
    query("SELECT count(*) FROM tensor_each('v', 'first')", "0");
    query("SELECT count(*) FROM tensor_each('u', 'first')", "0");
    query("SELECT tensor_item('v', 0)", "8.0");
}
END_TEST

/* One value is kept between calls; these have the same bytes, and mean others. */
START_TEST(values_of_the_same_bytes_are_not_taken_for_each_other)
{
    query("SELECT get_variable('wide', '[2,3]', 'int32', NULL, '{\"value\": [[1,2,3],[4,5,6]]}'), "
          "get_variable('high', '[3,2]', 'int32', NULL, '{\"value\": [[1,2],[3,4],[5,6]]}'), "
          "get_variable('flat', '[6]', 'int32', NULL, '{\"value\": [1,2,3,4,5,6]}')",
          "4|5|6");
    query("SELECT get_variable('rows', '[2,2]', 'int32', NULL, '{\"partitioner\": \"fixed_size(2)\", "
          "\"value\": [[1,2],[3,4]]}'), "
          "get_variable('columns', '[2,2]', 'int32', NULL, '{\"partitioner\": \"fixed_size(2,axis=1)\", "
          "\"value\": [[1,2],[3,4]]}'), "
          "get_variable('cut', '[2,2]', 'int32', NULL, '{\"partitioner\": \"fixed_size(1)\", "
          "\"value\": [[1,2],[3,4]]}')",
          "7|8|9");
    query("SELECT get_variable('whole', '[1]', 'int32', NULL, '{\"value\": [1065353216]}'), "
          "get_variable('real', '[1]', 'float32', NULL, '{\"value\": [1]}')",
          "10|11");
    query("SELECT tensor_item('wide', 1, 0), tensor_item('high', 1, 0), tensor_item('wide', 1, 0), "
          "tensor_item('flat', 1), tensor_item('high', 2, 1)",
          "4|3|4|2|6");
    query(
        "SELECT tensor_item('rows', 1, 0), tensor_item('rows/part_1', 0, 0), "
        "tensor_item('columns/part_1', 0, 0), tensor_item('rows/part_0', 0, 0), "
        "tensor_item('columns/part_0', 1, 0), tensor_item('columns', 1, 0), tensor_item('cut/part_0', 1, 1)",
        "3|3|2|1|3|3|4");
    query("SELECT tensor_item('whole', 0), tensor_item('real', 0), tensor_item('whole', 0)",
          "1065353216|1.0|1065353216");
    query("SELECT tensor_item('v', 0), tensor_item('u', 0), tensor_item('v', 0)", "8.0|-|8.0");
}
END_TEST

Suite *test_sql_forged_suite(void)
{
    Suite *suite = suite_create("sql_forged");
    TCase *tc = tcase_create("sql_forged");
    tcase_add_checked_fixture(tc, open_values, client_close);
    tcase_add_loop_test(tc, what_cannot_be_is_told_by_the_function_that_meets_it, 0,
                        sizeof forgeries / sizeof *forgeries);
    tcase_add_test(tc, what_was_forged_to_nothing_has_no_elements);
    tcase_add_test(tc, values_of_the_same_bytes_are_not_taken_for_each_other);
    suite_add_tcase(suite, tc);
    return suite;
}
