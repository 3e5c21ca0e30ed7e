/* test_sql_histogram.c - tensor_histogram and snapshot_diff: counts against those that were made here, of
 * the ranges that the rows say, and differences against varsdb_diff's own. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "../support/client.h"
#include "../support/sanitized.h"

Suite *test_sql_histogram_suite(void);

#define COUNT(a)   (sizeof(a) / sizeof(a)[0])
#define DIFF_BYTES 4096

static uint64_t state;

static double uniform(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (double)((state * 0x2545f4914f6cdd1d) >> 11) * 0x1p-53;
}

static void open_client(void)
{
    state = 88172645463325252;
    client_open();
}

static sqlite3_stmt *prepared(const char *sql)
{
    sqlite3_stmt *s = NULL;
    ck_assert_msg(sqlite3_prepare_v2(client, sql, -1, &s, NULL) == SQLITE_OK, "%s: %s", sql,
                  sqlite3_errmsg(client));
    return s;
}

static int64_t count_in(const double *x, int count, double low, double high, int is_last)
{
    int64_t n = 0;
    for (int i = 0; i < count; i++)
        n += isfinite(x[i]) && x[i] >= low && (x[i] < high || (is_last && x[i] == high));
    return n;
}

/* Its rows: one range behind the other, from the least to the greatest, of one width, and each with as many
 * elements as are in it; an edge belongs to the range that begins there, the last one to the last. */
static void check_histogram(const char *name, const double *x, int count, int bins)
{
    char sql[128];
    double least = (double)INFINITY, most = -(double)INFINITY, edge = 0;
    int bin = 0, code, total = bins;
    for (int i = 0; i < count; i++)
        if (isfinite(x[i])) {
            least = x[i] < least ? x[i] : least;
            most = x[i] > most ? x[i] : most;
        }
    total = least < most ? bins : least == most;
    snprintf(sql, sizeof sql, "SELECT bin, low, high, count FROM tensor_histogram('%s', %d)", name, bins);
    sqlite3_stmt *s = prepared(sql);
    for (; (code = sqlite3_step(s)) == SQLITE_ROW; bin++) {
        double low = sqlite3_column_double(s, 1), high = sqlite3_column_double(s, 2);
        double expected = least / bins * (bins - bin) + most / bins * bin, width = most / bins - least / bins;
        if (sqlite3_column_int(s, 0) != bin || low != (bin ? edge : least) ||
            fabs(low - expected) > width * 1e-6 + fabs(expected) * 1e-15 + bins * 1e-323 ||
            sqlite3_column_int64(s, 3) != count_in(x, count, low, high, bin == total - 1))
            ck_abort_msg("%s, bin %d of %d, %.17g to %.17g: %lld", name, bin, bins, low, high,
                         (long long)sqlite3_column_int64(s, 3));
        edge = high;
    }
    ck_assert_msg(code == SQLITE_DONE, "%s", sqlite3_errmsg(client));
    ck_assert_int_eq(bin, total);
    ck_assert(bin == 0 || edge == most);
    sqlite3_finalize(s);
}

static void make_doubles(const char *name, const double *x, int count)
{
    got(r.db, name,
        VARSDB_WITH(.shape = VARSDB_SHAPE(count), .dtype = VARSDB_FLOAT64, .value = x,
                    .value_bytes = (size_t)count * sizeof *x));
}

static const int bins_of[] = {1, 2, 3, 7, 10, 20, 29, 100, 1000};

START_TEST(whole_numbers_are_counted_where_they_begin)
{
    double x[101];
    for (int i = 0; i <= 100; i++)
        x[i] = i;
    make_doubles("v", x, 101);
    for (size_t i = 0; i < COUNT(bins_of); i++)
        check_histogram("v", x, 101, bins_of[i]);
    query("SELECT sum(count = 1), max(count), sum(low = bin) FROM tensor_histogram('v', 100)", "99|2|100");
    query("SELECT count(*), min(count), max(count) FROM tensor_histogram('v')", "20|5|6");
}
END_TEST

/* _i: how large they are, and how far apart */
START_TEST(random_numbers_are_in_the_ranges_that_count_them)
{
    static const double cases[][2] = {{0, 1},    {-1, 1},     {1e9, 1}, {-1e300, 1e299},
                                      {5, 1e-9}, {0, 1e-300}, {-7, 700}};
    enum {
        MANY = 5000
    };
    double x[MANY];
    for (int i = 0; i < MANY; i++)
        x[i] = cases[_i][0] + cases[_i][1] * uniform();
    for (int i = 0; i < MANY; i += 97)
        x[i] = (double[]){(double)NAN, (double)INFINITY, -(double)INFINITY}[i % 3];
    make_doubles("v", x, MANY);
    for (size_t i = 0; i < COUNT(bins_of); i++)
        check_histogram("v", x, MANY, bins_of[i]);
}
END_TEST

/* Widths that overflow, and those of a few steps of the format. */
START_TEST(the_widest_and_the_narrowest_ranges_are_counted_too)
{
    const double widest[] = {-DBL_MAX, DBL_MAX, 0, 1, -DBL_MAX / 2, DBL_MAX / 4, DBL_MAX};
    const double large[] = {DBL_MAX / 2, DBL_MAX, DBL_MAX / 4 * 3, DBL_MAX / 8 * 5};
    const double least[] = {0, 5e-324, 0, 5e-324, 5e-324};
    const double subnormal[] = {5e-324, 1e-323, 1.5e-323, 2e-323, 2.5e-323};
    const double close[] = {1, 1 + 0x1p-52, 1 + 0x1p-51, 1 + 0x1.8p-51, 1};
    make_doubles("widest", widest, COUNT(widest));
    make_doubles("large", large, COUNT(large));
    make_doubles("least", least, COUNT(least));
    make_doubles("subnormal", subnormal, COUNT(subnormal));
    make_doubles("close", close, COUNT(close));
    for (size_t i = 0; i < COUNT(bins_of); i++) {
        check_histogram("widest", widest, COUNT(widest), bins_of[i]);
        check_histogram("large", large, COUNT(large), bins_of[i]);
    }
    check_histogram("least", least, COUNT(least), 1);
    check_histogram("subnormal", subnormal, COUNT(subnormal), 4);
    check_histogram("close", close, COUNT(close), 3);
    query("SELECT sum(count) FILTER (WHERE high > 0), sum(count) FROM tensor_histogram('least')", "3|5");
    query("SELECT sum(count), min(low), max(high) FROM tensor_histogram('close', 1000)", "5|1.0|1.0");
}
END_TEST

START_TEST(every_dtype_of_numbers_has_a_histogram)
{
    static const struct {
        const char *dtype, *value, *rows; /* of two bins */
    } cases[] = {
        {"bool", "[true,false,true,true]", "0|0.0|0.5|1;1|0.5|1.0|3"},
        {"int8", "[-128,127,0,-1]", "0|-128.0|-0.5|2;1|-0.5|127.0|2"},
        {"uint64", "[0,18446744073709551615]",
         "0|0.0|9.22337203685478e+18|1;1|9.22337203685478e+18|1.84467440737096e+19|1"},
        {"float16", "[1,2,1.25,\"NaN\",\"Infinity\"]", "0|1.0|1.5|2;1|1.5|2.0|1"},
        {"complex64", "[[3,-4],[0,1],[0,0]]", "0|0.0|2.5|2;1|2.5|5.0|1"},
        {"float6_e3m2", "[1,2,3,3]", "0|1.0|2.0|1;1|2.0|3.0|3"},
        {"float4_e2m1", "[-6,6,0.5]", "0|-6.0|0.0|1;1|0.0|6.0|2"},
        {"int32", "[4,4,4]", "0|4.0|4.0|3"},
        {"float32", "-2.5", "0|-2.5|-2.5|1"},
        {"float32", "[]", ""},
        {"float32", "[\"NaN\",\"Infinity\",\"-Infinity\"]", ""},
        {"float32", "[\"NaN\",0.5]", "0|0.5|0.5|1"},
        {"string", "[\"a\",\"b\"]", ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char sql[256];
        snprintf(sql, sizeof sql, "SELECT get_variable('v%zu', NULL, '%s', NULL, '{\"value\": %s}') > 0", i,
                 cases[i].dtype, cases[i].value);
        query(sql, "1");
        snprintf(sql, sizeof sql, "SELECT * FROM tensor_histogram('v%zu', 2)", i);
        query(sql, cases[i].rows);
    }
}
END_TEST

START_TEST(a_histogram_has_from_one_to_a_million_bins)
{
    double x[] = {0, 1, 2, 3, 4, 5, 6, 7};
    make_doubles("v", x, 8);
    query("SELECT count(*), sum(count) FROM tensor_histogram('v')", "20|8");
    query("SELECT count(*), sum(count) FROM tensor_histogram('v', NULL)", "20|8");
    query("SELECT * FROM tensor_histogram('v', 1)", "0|0.0|7.0|8");
    query("SELECT count(*), sum(count), max(bin) FROM tensor_histogram('v', 1000000)", "1000000|8|999999");
    query("SELECT bin FROM tensor_histogram('v', 3) ORDER BY bin DESC", "2;1;0");
    query("SELECT bin, rowid FROM tensor_histogram('v', 3) WHERE count > 0 ORDER BY bin LIMIT 1 OFFSET 1",
          "1|1");
    for (int i = 0; i < 8; i++) {
        static const char *const bad[] = {"0",   "-1",  "1000001", "9223372036854775807",
                                          "2.0", "'2'", "x'02'",   "''"};
        char sql[128];
        snprintf(sql, sizeof sql, "SELECT * FROM tensor_histogram('v', %s)", bad[i]);
        refused(sql, SQLITE_ERROR, "bins is an integer from 1 to 1000000");
    }
    refused("SELECT * FROM tensor_histogram", SQLITE_ERROR, "a name is needed");
    refused("SELECT * FROM tensor_histogram('x', 1)", SQLITE_ERROR, "variable x does not exist");
    refused("SELECT * FROM tensor_histogram(NULL)", SQLITE_ERROR, "name is a variable's name, or its id");
}
END_TEST

/* Many chunks, in two passes; a part's rows alone. */
START_TEST(large_values_and_parts_are_counted_whole)
{
    enum {
        MANY = FEWER(300000, 100000)
    };
    double *x = malloc(MANY * sizeof *x);
    ck_assert_ptr_nonnull(x);
    for (int i = 0; i < MANY; i++)
        x[i] = uniform() * uniform() * 100 - 20;
    got(r.db, "v",
        VARSDB_WITH(.shape = VARSDB_SHAPE(MANY / 100, 100), .dtype = VARSDB_FLOAT64, .value = x,
                    .value_bytes = MANY * sizeof *x, .partitioner = "fixed_size(2)"));
    check_histogram("v", x, MANY, 20);
    check_histogram("v/part_1", x + MANY / 2, MANY / 2, 13);
    free(x);
}
END_TEST

/* ---- snapshot_diff */

/* Numbers as SQLite prints them, NaN as NULL. */
static int print_difference(void *payload, const varsdb_difference *d)
{
    static const char *const words[] = {"added", "removed", "renamed", "type_changed", "value_changed"};
    char *out = payload;
    sqlite3_stmt *s =
        prepared("SELECT ?1 || '|' || ?2 || '|' || coalesce(?3, '-') || '|' || coalesce(?4, '-') "
                 "|| '|' || coalesce(nullif(?5, ?1), '-')");
    sqlite3_bind_text(s, 1, d->name, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 2, words[d->change], -1, SQLITE_STATIC);
    if (d->has_delta) {
        sqlite3_bind_double(s, 3, d->max_abs);
        sqlite3_bind_double(s, 4, d->rel_l2);
    }
    sqlite3_bind_text(s, 5, d->old_name, -1, SQLITE_STATIC);
    ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
    snprintf(out + strlen(out), DIFF_BYTES - strlen(out), "%s%s", *out ? ";" : "",
             (const char *)sqlite3_column_text(s, 0));
    sqlite3_finalize(s);
    return 0;
}

static void check_diff(const char *arguments, int64_t from, int64_t to)
{
    char expected[DIFF_BYTES] = "", sql[128];
    ok(r.db, varsdb_diff(r.db, from, to, NULL, print_difference, expected));
    snprintf(sql, sizeof sql, "SELECT name, change, max_abs, rel_l2, old_name FROM snapshot_diff(%s)",
             arguments);
    query(sql, expected);
}

static void make_history(void)
{
    static const int64_t steps[] = {1, 2};
    const varsdb_variable *v = got(r.db, "changed", VARSDB_WITH(.value_json = "[3,4]"));
    const varsdb_variable *gone = got(r.db, "gone", VARSDB_WITH(.value_json = "[1]"));
    const varsdb_variable *old = got(r.db, "old_name", VARSDB_WITH(.value_json = "[1]"));
    const varsdb_variable *zero = got(r.db, "zero", VARSDB_WITH(.value_json = "[0]"));
    const varsdb_variable *typed = got(r.db, "typed", VARSDB_WITH(.value_json = "[0]"));
    got(r.db, "same", VARSDB_WITH(.value_json = "[7]"));
    got(r.db, "text", VARSDB_WITH(.value_json = "[\"a\"]", .dtype = VARSDB_STRING));
    ok(r.db, varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.name = "first", .step = &steps[0]), NULL));
    ok(r.db, varsdb_assign_json(r.db, v, "[3,9]"));
    ok(r.db, varsdb_assign_json(r.db, zero, "[1]"));
    ok(r.db, varsdb_delete_variable(r.db, gone));
    ok(r.db, varsdb_delete_variable(r.db, typed));
    ok(r.db, varsdb_rename_variable(r.db, old, "new_name"));
    got(r.db, "typed", VARSDB_WITH(.value_json = "[0,1]"));
    got(r.db, "added", VARSDB_WITH(.value_json = "[0]"));
    ok(r.db, varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.step = &steps[1]), NULL));
    ok(r.db, varsdb_assign_json(r.db, v, "[\"NaN\",0]"));
    query("SELECT assign('text', '[\"b\"]')", "2");
}

START_TEST(differences_are_those_of_the_library)
{
    make_history();
    query(
        "SELECT name, change, max_abs, rel_l2, old_name FROM snapshot_diff('first', 2)",
        "added|added|-|-|-;changed|value_changed|5.0|1.0|-;gone|removed|-|-|-;new_name|renamed|-|-|old_name;"
        "typed|type_changed|-|-|-;zero|value_changed|1.0|Inf|-");
    check_diff("'first', 2", 1, 2);
    check_diff("1, 'latest'", 1, 2);
    check_diff("'step:2', '#1'", 2, 1);
    check_diff("2, 1", 2, 1);
    check_diff("'latest', 'latest'", 2, 2);
    query("SELECT count(*) FROM snapshot_diff('first', 'first')", "0");
    query("SELECT name, change, max_abs, rel_l2 FROM snapshot_diff('latest')",
          "changed|value_changed|-|1.0;text|value_changed|-|-");
    query("SELECT name FROM snapshot_diff('latest', NULL)", "changed;text");
    query("SELECT from_snapshot, to_snapshot, typeof(to_snapshot), name FROM snapshot_diff('first', 2) WHERE "
          "change = 'removed'",
          "first|2|integer|gone");
    query("SELECT from_snapshot, to_snapshot FROM snapshot_diff(2) LIMIT 1", "2|-");
    query("SELECT a.id, count(d.name) FROM snapshots a LEFT JOIN snapshot_diff(a.id) d GROUP BY a.id",
          "1|7;2|2");
    query("SELECT name FROM snapshot_diff WHERE from_snapshot = 1 AND to_snapshot = '#2' AND max_abs > 1 "
          "ORDER BY name DESC",
          "changed");
    query("SELECT rowid, name FROM snapshot_diff(1, 2) ORDER BY rowid DESC LIMIT 2", "5|zero;4|typed");
}
END_TEST

/* In a join one cursor is asked row after row: of other snapshots, of the same in other words, and of the
 * same as before, which is found once while nothing is written. */
START_TEST(differences_are_those_of_the_row_and_the_moment)
{
    make_history();
    query("WITH p (n, a, b) AS (VALUES (1, 1, 2), (2, 1, 2), (3, 1, 1), (4, 'first', 2), (5, 'first', '#2'),"
          "(6, 'first', '#2'), (7, 'first', 'first'), (8, 2, NULL), (9, 2, NULL), (10, 2, 2), (11, 'latest', "
          "NULL),"
          "(12, 2, 1)) SELECT n, count(d.name) FROM p LEFT JOIN snapshot_diff(p.a, p.b) d GROUP BY n ORDER "
          "BY n",
          "1|6;2|6;3|0;4|6;5|6;6|6;7|0;8|2;9|2;10|0;11|2;12|6");
    query("WITH p (n, a) AS (VALUES (1, 1), (2, 1), (3, 2), (4, 'latest')) SELECT n, count(d.name) FROM p "
          "LEFT JOIN "
          "snapshot_diff(p.a) d GROUP BY n ORDER BY n",
          "1|7;2|7;3|2;4|2");
    /* what a row of the outer table writes, the next one sees */
    query(
        "WITH p (n) AS (VALUES (1), (2), (3)) SELECT n, name, assign('zero', json_array(n + 1)) FROM p JOIN "
        "snapshot_diff(2 + n - n) d WHERE name IN ('changed', 'zero')",
        "1|changed|3;2|changed|4;2|zero|5;3|changed|6;3|zero|7");
}
END_TEST

START_TEST(what_is_no_snapshot_has_no_differences)
{
    static const char *const bad[] = {"NULL", "0", "-3", "1.0", "x'31'", "1, 0", "1, 1.5", "1, x''"};
    make_history();
    for (size_t i = 0; i < COUNT(bad); i++) {
        char sql[128];
        snprintf(sql, sizeof sql, "SELECT * FROM snapshot_diff(%s)", bad[i]);
        refused(sql, SQLITE_ERROR, "is a snapshot, as 'best', 'step:100', '#3' or 'latest', or its id");
    }
    refused("SELECT * FROM snapshot_diff", SQLITE_ERROR, "snapshot_diff(a[, b]): a is needed");
    refused("SELECT * FROM snapshot_diff('none')", SQLITE_ERROR, "none");
    refused("SELECT * FROM snapshot_diff(1, 'step:9')", SQLITE_ERROR, "no snapshot of step 9");
    refused("SELECT * FROM snapshot_diff(99)", SQLITE_ERROR, "99");
    refused("SELECT * FROM snapshot_diff(1, 99)", SQLITE_ERROR, "99");
    refused("SELECT * FROM snapshot_diff(1, 2, 3)", SQLITE_ERROR, "too many arguments");
}
END_TEST

Suite *test_sql_histogram_suite(void)
{
    Suite *suite = suite_create("sql_histogram");
    TCase *tcase = tcase_create("histogram"), *diff = tcase_create("diff");
    tcase_add_checked_fixture(tcase, open_client, client_close);
    tcase_add_test(tcase, whole_numbers_are_counted_where_they_begin);
    tcase_add_loop_test(tcase, random_numbers_are_in_the_ranges_that_count_them, 0, 7);
    tcase_add_test(tcase, the_widest_and_the_narrowest_ranges_are_counted_too);
    tcase_add_test(tcase, every_dtype_of_numbers_has_a_histogram);
    tcase_add_test(tcase, a_histogram_has_from_one_to_a_million_bins);
    tcase_add_test(tcase, large_values_and_parts_are_counted_whole);
    suite_add_tcase(suite, tcase);
    tcase_add_checked_fixture(diff, open_client, client_close);
    tcase_add_test(diff, differences_are_those_of_the_library);
    tcase_add_test(diff, differences_are_those_of_the_row_and_the_moment);
    tcase_add_test(diff, what_is_no_snapshot_has_no_differences);
    suite_add_tcase(suite, diff);
    return suite;
}
