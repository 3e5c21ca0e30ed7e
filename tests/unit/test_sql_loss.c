/* test_sql_loss.c - losses in SQL against sums that were made here, in long double. */
#include <math.h>
#include <stdlib.h>

#include "../support/client.h"

Suite *test_sql_loss_suite(void);

#define ELEMENTS 70001 /* of 8 bytes: three chunks */

static double number(const char *sql)
{
    sqlite3_stmt *s = NULL;
    ck_assert_msg(sqlite3_prepare_v2(client, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW,
                  "%s: %s", sql, sqlite3_errmsg(client));
    ck_assert_int_eq(sqlite3_column_type(s, 0), SQLITE_FLOAT);
    double out = sqlite3_column_double(s, 0);
    sqlite3_finalize(s);
    return out;
}

static void check_close(const char *sql, long double expected)
{
    double is = number(sql);
    ck_assert_msg(fabsl((long double)is - expected) <= 4 * (long double)0x1p-53 * expected,
                  "%s: %.17g is not %.21Lg", sql, is, expected);
}

/* Parts of it along the first axis, of 70001 rows: 23334, 23334 and 23333. */
START_TEST(losses_are_the_sums_that_they_are_called_after)
{
    long double l1 = 0, l2 = 0, part = 0;
    double *value = malloc(ELEMENTS * sizeof *value);
    ck_assert_ptr_nonnull(value);
    for (int i = 0; i < ELEMENTS; i++) {
        value[i] = (i % 3 ? 1.0 : -1.0) * (double)(i * 7919LL % 100003) / 97.0;
        l1 += fabsl((long double)value[i]);
        l2 += (long double)value[i] * (long double)value[i] / 2;
        part += i >= 46668 ? fabsl((long double)value[i]) : 0;
    }
    got(r.db, "w",
        VARSDB_WITH(.shape = VARSDB_SHAPE(ELEMENTS), .dtype = VARSDB_FLOAT64, .value = value,
                    .value_bytes = ELEMENTS * sizeof *value, .regularizer = "l1_l2(0.25,3)",
                    .partitioner = "fixed_size(3)"));
    check_close("SELECT l1_loss('w')", l1);
    check_close("SELECT l1_loss('w', 2.5)", l1 * 2.5L);
    check_close("SELECT l1_loss(1, 3)", l1 * 3);
    check_close("SELECT l2_loss('w', NULL)", l2);
    check_close("SELECT l2_loss('w:0', 0.5)", l2 / 2);
    check_close("SELECT l1_loss('w/part_2')", part);
    check_close("SELECT regularization_loss('w')", l1 / 4 + l2 * 3);
    check_close("SELECT regularization_loss()", l1 / 4 + l2 * 3);
    ck_assert_double_eq(number("SELECT l1_loss('w', 0)"), 0);
    free(value);
}
END_TEST

/* [1,-2,3]: magnitudes 6, squares 14. */
START_TEST(a_regularizer_is_found_by_name_and_id)
{
    query(
        "SELECT get_variable('a', NULL, NULL, NULL, '{\"value\": [1,-2,3], \"regularizer\": \"l1(0.5)\"}'), "
        "get_variable('b', NULL, 'int8', NULL, '{\"value\": [1,-2,3], \"regularizer\": \"l2(2)\"}'), "
        "get_variable('c', NULL, NULL, NULL, '{\"value\": [1,-2,3]}')",
        "1|2|3");
    query("SELECT regularization_loss('a'), regularization_loss('b:0'), regularization_loss('c')",
          "3.0|14.0|0.0");
    query("SELECT id, regularization_loss(id), regularization_loss(name) FROM variables",
          "1|3.0|3.0;2|14.0|14.0;3|0.0|0.0");
    query("SELECT regularization_loss(), regularization_loss(NULL)", "17.0|17.0");
    query("SELECT varsdb_namespace('other'), regularization_loss(2), regularization_loss()",
          "other|14.0|0.0");
}
END_TEST

START_TEST(numbers_of_every_kind_have_losses)
{
    static const struct {
        const char *dtype, *value, *losses;
    } cases[] = {
        {"bool", "[true,false,true]", "2.0|1.0"},
        {"int8", "[-128,127]", "255.0|16256.5"},
        {"uint64", "[9223372036854775808]", "9.22337203685478e+18|4.25352958651173e+37"},
        {"float16", "[0.5,-1.5]", "2.0|1.25"},
        {"bfloat16", "[0.5,-1.5]", "2.0|1.25"},
        {"complex64", "[[3,-4],[0,1]]", "6.0|13.0"},
        {"float8_e4m3fn", "[2,-3]", "5.0|6.5"},
        {"float6_e2m3", "[1,-2,3]", "6.0|7.0"},
        {"float4_e2m1", "[1,-2,3]", "6.0|7.0"},
        {"float32", "[]", "0.0|0.0"},
        {"float32", "-3", "3.0|4.5"},
        {"float32", "[\"Infinity\",1]", "Inf|Inf"},
        {"float32", "[\"NaN\",1]", "-|-"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char sql[256];
        snprintf(sql, sizeof sql, "SELECT get_variable('v%zu', NULL, '%s', NULL, '{\"value\": %s}') > 0", i,
                 cases[i].dtype, cases[i].value);
        query(sql, "1");
        snprintf(sql, sizeof sql, "SELECT l1_loss('v%zu'), l2_loss('v%zu')", i, i);
        query(sql, cases[i].losses);
    }
    query("SELECT l1_loss('v11', 0), l2_loss('v12', 0)", "0.0|0.0");
}
END_TEST

START_TEST(what_is_no_scale_or_has_no_loss_is_refused)
{
    query("SELECT get_variable('w', '[2]', NULL, 'ones'), get_variable('s', '[2]', 'string')", "1|2");
    refused("SELECT l1_loss('w', -1)", SQLITE_ERROR, "scale is finite and not below 0");
    refused("SELECT l2_loss('w', 9e999)", SQLITE_ERROR, "scale is finite and not below 0");
    refused("SELECT l2_loss('w', '1')", SQLITE_ERROR, "l2_loss(name[, scale]): scale is a number");
    refused("SELECT l1_loss('w', x'01')", SQLITE_ERROR, "scale is a number");
    refused("SELECT l1_loss('s')", SQLITE_ERROR, "variable s holds string, which has no loss");
    query("SELECT regularization_loss('s'), regularization_loss('w')", "0.0|0.0");
    refused("SELECT l1_loss('x')", SQLITE_ERROR, "variable x does not exist");
    refused("SELECT regularization_loss('x')", SQLITE_ERROR, "variable x does not exist");
    query("SELECT get_variable('p', '[2]', NULL, 'ones', '{\"partitioner\": \"fixed_size(2)\"}')", "3");
    refused("SELECT regularization_loss('p/part_1')", SQLITE_ERROR, "variable p has one");
    refused("SELECT regularization_loss(77)", SQLITE_ERROR, "no variable with the id 77");
    refused("SELECT regularization_loss(1.5)", SQLITE_ERROR, "name is a variable's name, or its id");
    refused("SELECT l1_loss(NULL)", SQLITE_ERROR, "name is a variable's name, or its id");
    refused("SELECT l1_loss()", SQLITE_ERROR, "wrong number of arguments, 0: l1_loss(name[, scale])");
    refused("SELECT l2_loss('w', 1, 2)", SQLITE_ERROR, "wrong number of arguments, 3");
    refused("SELECT regularization_loss('w', 1)", SQLITE_ERROR, "wrong number of arguments, 2");
}
END_TEST

Suite *test_sql_loss_suite(void)
{
    Suite *suite = suite_create("sql_loss");
    TCase *tcase = tcase_create("losses");
    tcase_add_checked_fixture(tcase, client_open, client_close);
    tcase_add_test(tcase, losses_are_the_sums_that_they_are_called_after);
    tcase_add_test(tcase, a_regularizer_is_found_by_name_and_id);
    tcase_add_test(tcase, numbers_of_every_kind_have_losses);
    tcase_add_test(tcase, what_is_no_scale_or_has_no_loss_is_refused);
    suite_add_tcase(suite, tcase);
    return suite;
}
