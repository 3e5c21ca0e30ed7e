/* test_sql_table.c - tensors as tables of SQL.  Their rows are compared with what was put there, and what
 * constraints, orders and limits leave of them with what SQLite itself leaves of an ordinary table that
 * has the same rows. */
#include <stdbool.h>
#include <stdlib.h>

#include "../support/client.h"
#include "../support/sanitized.h"
#include "shape.h"

Suite *test_sql_table_suite(void);

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static uint64_t state;

static unsigned below(unsigned n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)((state * 0x2545f4914f6cdd1d) >> 33) % n;
}

static void open_client(void)
{
    state = 88172645463325252;
    client_open();
}

static const varsdb_variable *ramp(const char *name, const varsdb_shape *shape, int32_t first,
                                   const char *partitioner)
{
    static int32_t values[500000];
    int64_t count = 1;
    for (int i = 0; i < shape->rank; i++)
        count *= shape->dims[i];
    for (int32_t i = 0; i < count; i++)
        values[i] = first + i;
    return got(r.db, name,
               VARSDB_WITH(.shape = shape, .dtype = VARSDB_INT32, .value = values,
                           .value_bytes = (size_t)count * sizeof *values, .partitioner = partitioner));
}

static sqlite3_stmt *prepared(const char *sql)
{
    sqlite3_stmt *s = NULL;
    ck_assert_msg(sqlite3_prepare_v2(client, sql, -1, &s, NULL) == SQLITE_OK, "%s: %s", sql,
                  sqlite3_errmsg(client));
    return s;
}

/* ---- rows */

static void print_indices(char *out, const varsdb_shape *shape, int64_t flat)
{
    int64_t below_axis = 1;
    char *at = out + sprintf(out, "[");
    for (int i = 0; i < shape->rank; i++)
        below_axis *= shape->dims[i];
    for (int i = 0; i < shape->rank; i++) {
        below_axis /= shape->dims[i];
        at += sprintf(at, "%s%lld", i ? "," : "", (long long)(flat / below_axis % shape->dims[i]));
    }
    strcpy(at, "]");
}

/* _i: the shape; the values begin with 1000. */
START_TEST(a_tensor_has_a_row_an_element_in_c_order)
{
    static const vdb_dims shapes[] = {{0, {0}},       {1, {7}},          {1, {1}},       {2, {3, 4}},
                                      {3, {1, 1, 1}}, {4, {2, 3, 1, 5}}, {2, {400, 500}}};
    const varsdb_shape lent = vdb_dims_shape(&shapes[_i]), *shape = &lent;
    int64_t count = 1, i = 0;
    ramp("v", shape, 1000, NULL);
    for (int axis = 0; axis < shape->rank; axis++)
        count *= shape->dims[axis];
    sqlite3_stmt *s =
        prepared("SELECT flat_index, indices, value, rowid, typeof(value) FROM tensor_each('v')");
    int code;
    for (; (code = sqlite3_step(s)) == SQLITE_ROW; i++) {
        char indices[128];
        print_indices(indices, shape, i);
        if (sqlite3_column_int64(s, 0) != i ||
            strcmp((const char *)sqlite3_column_text(s, 1), indices) != 0 ||
            sqlite3_column_int64(s, 2) != 1000 + i || sqlite3_column_int64(s, 3) != i ||
            strcmp((const char *)sqlite3_column_text(s, 4), "integer") != 0)
            ck_abort_msg("row %lld: %s", (long long)i, (const char *)sqlite3_column_text(s, 1));
    }
    ck_assert_int_eq(code, SQLITE_DONE);
    ck_assert_int_eq(i, count);
    sqlite3_finalize(s);
}
END_TEST

START_TEST(what_has_no_elements_or_no_value_has_no_rows)
{
    query(
        "SELECT get_variable('a', '[0]'), get_variable('b', '[3,0]'), get_variable('c', '[0,3]', 'string'), "
        "get_variable('d', '[2]', NULL, 'none')",
        "1|2|3|4");
    query("SELECT name, (SELECT count(*) FROM tensor_each(v.name)) + (SELECT count(*) FROM "
          "tensor_slice(v.name, ':')) + (SELECT count(*) FROM tensor_histogram(v.name)) FROM variables v",
          "a|0;b|0;c|0;d|0");
    query("SELECT v.name, e.flat_index FROM variables v LEFT JOIN tensor_each(v.name) e WHERE v.name IN "
          "('a', 'd')",
          "a|-;d|-");
    query("SELECT count(*) FROM tensor_each('b') WHERE flat_index >= 0", "0");
    query("SELECT count(*) FROM tensor_each('a') WHERE indices = '[0]'", "0");
    query("SELECT count(*) FROM tensor_each('d') WHERE flat_index = 1", "0");
    query("SELECT count(*) FROM tensor_slice('b', '1:2,0:0')", "0");
    refused("SELECT count(*) FROM tensor_slice('d', '2')", SQLITE_ERROR, "axis 0, of 2 elements");
}
END_TEST

/* The rows of the whole tensor whose indices are in the ranges. */
START_TEST(a_slice_has_the_rows_of_its_elements)
{
    char sql[512];
    ramp("v", VARSDB_SHAPE(4, 5, 6), 0, NULL);
    run(client, "CREATE TEMP TABLE plain AS SELECT * FROM tensor_each('v')");
    for (int round = 0; round < FEWER(300, 60); round++) {
        unsigned begin[3], end[3];
        for (unsigned axis = 0; axis < 3; axis++) {
            begin[axis] = below(5 + axis);
            end[axis] = begin[axis] + below(5 + axis - begin[axis]);
        }
        snprintf(sql, sizeof sql,
                 "SELECT count(*), group_concat(flat_index), group_concat(indices), group_concat(value), "
                 "group_concat(flat_index) = group_concat(rowid) FROM "
                 "tensor_slice('v', '%u:%u,%u:%u,%u:%u')",
                 begin[0], end[0], begin[1], end[1], begin[2], end[2]);
        const char *is = asked(client, sql);
        snprintf(sql, sizeof sql,
                 "SELECT count(*), group_concat(flat_index), group_concat(indices), group_concat(value), "
                 "nullif(count(*) > 0, 0) FROM plain WHERE flat_index / 30 BETWEEN %u AND %d AND "
                 "flat_index / 6 %% 5 BETWEEN %u AND %d AND flat_index %% 6 BETWEEN %u AND %d",
                 begin[0], (int)end[0] - 1, begin[1], (int)end[1] - 1, begin[2], (int)end[2] - 1);
        const char *expected = asked(client, sql);
        if (strcmp(is, expected) != 0)
            ck_abort_msg("%s\n%s\n%s", sql, is, expected);
    }
    query("SELECT flat_index, indices, value FROM tensor_slice('v', '1,-1,2')", "56|[1,4,2]|56");
    query("SELECT count(*), min(value), max(value) FROM tensor_slice('v', '-1')", "30|90|119");
    query("SELECT count(*) FROM tensor_slice('v')", "120");
    query("SELECT count(*) FROM tensor_slice('v', NULL)", "120");
    query("SELECT value FROM tensor_slice('v', ':,0,0') WHERE flat_index > 30 AND indices <> '[3,0,0]'",
          "60");
}
END_TEST

START_TEST(a_part_is_counted_by_itself_and_its_slices_in_the_whole)
{
    ramp("w", VARSDB_SHAPE(2, 5), 10, "fixed_size(2,axis=1)");
    query("SELECT flat_index, indices, value, rowid FROM tensor_each('w/part_1')",
          "0|[0,0]|13|0;1|[0,1]|14|1;2|[1,0]|18|2;3|[1,1]|19|3");
    query("SELECT value FROM tensor_each('w/part_1') WHERE flat_index >= 1 AND flat_index < 3", "14;18");
    query("SELECT flat_index, value FROM tensor_each('w/part_0') WHERE indices = '[1,2]'", "5|17");
    query("SELECT count(*) FROM tensor_each('w/part_1') WHERE indices = '[0,2]'", "0");
    query("SELECT flat_index, indices, value, rowid FROM tensor_slice('w/part_1', '1,:')",
          "8|[1,3]|18|8;9|[1,4]|19|9");
    query("SELECT value FROM tensor_slice('w/part_1', ':,-1')", "14;19");
    refused("SELECT value FROM tensor_slice('w/part_1', ':,2')", SQLITE_ERROR, "axis 1, of 2 elements");
    query("SELECT sum(count), max(high), min(low) FROM tensor_histogram('w/part_1')", "4|19.0|13.0");
}
END_TEST

/* ---- constraints */

static const char *const operators[] = {"=", "<", "<=", ">", ">=", "=", "<", "<=", ">", ">=", "IS", "<>"};
static const char *const odd_values[] = {
    "NULL",
    "''",
    "'abc'",
    "'7x'",
    "' 12 '",
    "'1e1'",
    "'5.5'",
    "x''",
    "x'3132'",
    "9223372036854775807",
    "-9223372036854775807 - 1",
    "9223372036854775808",
    "-9223372036854775808.0",
    "1e300",
    "-1e300",
    "9e999",
    "-9e999",
    "-0.0",
    "CAST(12 AS TEXT)",
    "'20' COLLATE NOCASE",
    "CAST('7' AS BLOB)",
    "+33",
    "true",
    "(SELECT 17)",
    "(SELECT '17')",
    "(SELECT NULL)",
    "9007199254740993",
    "59.999999999999999",
    "1e-300",
};
static const char *const odd_indices[] = {
    "NULL",
    "''",
    "'[]'",
    "'[1]'",
    "'[1,2,3]'",
    "'[1, 2]'",
    "'[01,2]'",
    "'[-1,0]'",
    "'[3,20]'",
    "'[0,19'",
    "12",
    "x'5b302c305d'",
    "'[0,1] '",
    "'[0,1]  ' COLLATE RTRIM",
    "'[2,7]' || ''",
    "'[0,1e0]'",
    "'[2,?]'",
    "(SELECT '[1,1]')",
    "'[99999999999999999999,0]'",
    "'null'",
    "'[0,0]' || char(0)",
};

/* Of a tensor of 3 * 20 elements. */
static const char *value_of_index(char out[64])
{
    if (below(3) == 0)
        return odd_values[below(COUNT(odd_values))];
    int value = (int)below(70) - 5;
    switch (below(8)) {
    case 0:
        snprintf(out, 64, "%d.0", value);
        break;
    case 1:
        snprintf(out, 64, "%d.5", value);
        break;
    case 2:
        snprintf(out, 64, "'%d'", value);
        break;
    default:
        snprintf(out, 64, "%d", value);
    }
    return out;
}

static const char *value_of_indices(char out[64])
{
    if (below(2) == 0)
        return odd_indices[below(COUNT(odd_indices))];
    snprintf(out, 64, "'[%u,%u]'", below(4), below(22));
    return out;
}

static int add_constraint(char *out, size_t room)
{
    char a[64], b[64], c[64];
    const char *column = below(4) ? "flat_index" : "rowid";
    switch (below(10)) {
    case 0:
        return snprintf(out, room, "%s BETWEEN %s AND %s", column, value_of_index(a), value_of_index(b));
    case 1:
        return snprintf(out, room, "%s IN (%s, %s, %s)", column, value_of_index(a), value_of_index(b),
                        value_of_index(c));
    case 2:
        return snprintf(out, room, "(%s = %s OR %s > %s)", column, value_of_index(a), column,
                        value_of_index(b));
    case 3:
        return snprintf(out, room, "indices IN (%s, %s)", value_of_indices(a), value_of_indices(b));
    case 4:
    case 5:
        return snprintf(out, room, "indices %s %s", operators[below(COUNT(operators))], value_of_indices(a));
    case 6:
        return snprintf(out, room, "%s %s %s", value_of_index(a), operators[below(COUNT(operators))], column);
    default:
        return snprintf(out, room, "%s %s %s", column, operators[below(COUNT(operators))], value_of_index(a));
    }
}

static void make_condition(char *out, size_t room)
{
    static const char *const orders[] = {"flat_index", "flat_index DESC",   "rowid",
                                         "rowid DESC", "flat_index, value", "indices, flat_index",
                                         "value DESC", "+flat_index"};
    size_t n = (size_t)snprintf(out, room, "WHERE ");
    for (unsigned i = 0, count = 1 + below(3); i < count; i++) {
        n += (size_t)snprintf(out + n, room - n, "%s", i ? " AND " : "");
        n += (size_t)add_constraint(out + n, room - n);
    }
    n += (size_t)snprintf(out + n, room - n, " ORDER BY %s", orders[below(COUNT(orders))]);
    if (below(3) == 0)
        snprintf(out + n, room - n, " LIMIT %d OFFSET %u", (int)below(12) - 1, below(5));
}

/* What both give for a condition; the rows of `plain` are those of the table. */
static void compare(const char *table, const char *condition)
{
    static const char columns[] =
        "SELECT count(*), coalesce(group_concat(row, ' '), '') FROM (SELECT flat_index "
        "|| indices || value || ':' || rowid AS row FROM %s AS t %s)";
    char sql[1200];
    snprintf(sql, sizeof sql, columns, table, condition);
    const char *is = asked(client, sql);
    snprintf(sql, sizeof sql, columns, "plain", condition);
    const char *expected = asked(client, sql);
    if (strcmp(is, expected) != 0)
        ck_abort_msg("%s %s\ngives %s\nnot   %s", table, condition, is, expected);
}

/* _i: a tensor, a slice that is all of it, or a part, which have the same rows. */
START_TEST(constraints_leave_what_they_leave_of_an_ordinary_table)
{
    static const char *const tables[] = {"tensor_each('v')", "tensor_slice('v', ':')",
                                         "tensor_each('w/part_1')"};
    ramp("v", VARSDB_SHAPE(3, 20), 500, NULL);
    query("SELECT get_variable('w', '[3,40]', 'int32', NULL, '{\"partitioner\": \"fixed_size(2,axis=1)\"}')",
          "2");
    query("SELECT assign('w/part_1', tensor('v'))", "2");
    run(client, "CREATE TEMP TABLE plain (flat_index INTEGER, indices TEXT, value, i INTEGER PRIMARY KEY)");
    run(client,
        "INSERT INTO plain SELECT value - 500, printf('[%d,%d]', (value - 500) / 20, value % 20), value, "
        "value - 500 FROM (WITH RECURSIVE n (value) AS (VALUES (500) UNION ALL SELECT value + 1 FROM n "
        "WHERE value < 559) SELECT value FROM n)");
    compare(tables[_i], "ORDER BY flat_index");
    for (int round = 0; round < FEWER(6000, 600); round++) {
        char condition[900];
        make_condition(condition, sizeof condition);
        compare(tables[_i], condition);
    }
    for (size_t i = 0; i < COUNT(odd_values); i++)
        for (size_t k = 0; k < COUNT(operators); k++) {
            char condition[128];
            snprintf(condition, sizeof condition, "WHERE flat_index %s %s ORDER BY rowid", operators[k],
                     odd_values[i]);
            compare(tables[_i], condition);
        }
}
END_TEST

START_TEST(constraints_come_from_other_tables_too)
{
    ramp("v", VARSDB_SHAPE(3, 20), 500, NULL);
    run(client, "CREATE TEMP TABLE wanted (i, low, high)");
    run(client,
        "INSERT INTO wanted VALUES (3, 1, 4), (NULL, 58, 70), ('59', NULL, 9), (60, 5, 5), (7.0, 9, 8), "
        "(7.5, '3', '5')");
    query("SELECT w.i, e.value FROM wanted w, tensor_each('v') e WHERE e.flat_index = w.i ORDER BY w.rowid",
          "3|503;59|559;7.0|507");
    query("SELECT w.rowid, group_concat(e.value) FROM wanted w JOIN tensor_each('v') e "
          "ON e.flat_index BETWEEN w.low AND w.high GROUP BY w.rowid ORDER BY w.rowid",
          "1|501,502,503,504;2|558,559;4|505;6|503,504,505");
    query("SELECT w.rowid, e.value FROM wanted w LEFT JOIN tensor_each('v') e ON e.flat_index = w.low "
          "ORDER BY w.rowid",
          "1|501;2|558;3|-;4|505;5|509;6|503");
    query("SELECT a.value, b.value FROM tensor_each('v') a JOIN tensor_each('v') b ON b.indices = '[' || "
          "(2 - a.flat_index) || ',19]' WHERE a.flat_index < 3",
          "500|559;501|539;502|519");
}
END_TEST

/* ---- what is read, and in which order tables are */

static int statements;

static int count_statement(unsigned event, void *text, void *statement, void *sql)
{
    (void)event, (void)statement;
    statements += strstr(sql, text) != NULL;
    return 0;
}

/* How many statements of the library look at the chunks of a tensor. */
static int looks(const char *sql)
{
    statements = 0;
    sqlite3_trace_v2(client, SQLITE_TRACE_STMT, count_statement, "varsdb_tensor_chunks");
    ck_assert_str_eq(asked(client, sql), "1");
    sqlite3_trace_v2(client, 0, NULL, NULL);
    return statements;
}

START_TEST(a_constraint_reads_what_it_needs_alone)
{
    ramp("v", VARSDB_SHAPE(500, 1000), 0, NULL); /* eight chunks of 65536 elements */
    int all = looks("SELECT sum(value) = 499999 * 250000 FROM tensor_each('v')");
    int one = looks("SELECT value = 300000 FROM tensor_each('v') WHERE flat_index = 300000");
    ck_assert_int_gt(one, 0);
    ck_assert_int_eq(all, 8 * one);
    ck_assert_int_eq(
        looks("SELECT sum(value) = 300001 FROM tensor_each('v') WHERE flat_index BETWEEN 150000 AND "
              "150001"),
        one);
    ck_assert_int_eq(looks("SELECT value = 499999 FROM tensor_each('v') WHERE indices = '[499,999]'"), one);
    ck_assert_int_eq(looks("SELECT value = 0 FROM tensor_each('v') ORDER BY flat_index LIMIT 1"), one);
    ck_assert_int_eq(looks("SELECT count(*) = 10 FROM tensor_each('v') WHERE flat_index >= 499990"), 0);
    ck_assert_int_eq(looks("SELECT count(*) = 0 FROM tensor_each('v') WHERE flat_index > 1e300"), 0);
    ck_assert_int_eq(looks("SELECT sum(value) = 2 FROM tensor_slice('v', '0,0:3') WHERE value > 1"), one);
    ck_assert_int_eq(looks("SELECT count(*) = 500000 FROM tensor_each('v')"), 0);
}
END_TEST

/* The plan's lines, of which the table's is the last of those that are looped over. */
static void check_inside(const char *from)
{
    char sql[512];
    const char *last = NULL;
    snprintf(sql, sizeof sql, "EXPLAIN QUERY PLAN SELECT e.value FROM %s", from);
    sqlite3_stmt *s = prepared(sql);
    while (sqlite3_step(s) == SQLITE_ROW) {
        const char *line = (const char *)sqlite3_column_text(s, 3);
        if (strncmp(line, "SCAN ", 5) == 0 || strncmp(line, "SEARCH ", 7) == 0)
            last = strstr(line, "VIRTUAL TABLE");
    }
    ck_assert_msg(last != NULL, "%s", from);
    sqlite3_finalize(s);
}

START_TEST(a_table_of_each_variable_is_inside_whichever_is_named_first)
{
    static const char *const joins[] = {
        "global_variables v, tensor_each(v.name) e",
        "tensor_each(v.name) e, global_variables v",
        "tensor_each(v.id) e JOIN mine v ON true",
        "mine v JOIN tensor_each(v.id) e",
        "mine v JOIN tensor_each e WHERE e.of_variable = v.name",
        "tensor_each e JOIN mine v WHERE v.name = e.of_variable AND e.value > 1",
        "tensor_slice(v.name, ':' || v.rest) e, mine v",
        "tensor_each(v.name, w.x) e, mine v, nulls w",
    };
    ramp("a", VARSDB_SHAPE(2), 1, NULL);
    ramp("b", VARSDB_SHAPE(2), 5, NULL);
    run(client, "CREATE TEMP TABLE mine AS SELECT id, name, '' AS rest FROM variables");
    run(client, "CREATE TEMP TABLE nulls AS SELECT NULL AS x");
    for (size_t i = 0; i < COUNT(joins); i++) {
        char sql[256];
        run(client, i % 2 ? "ANALYZE temp" : "SELECT 1");
        snprintf(sql, sizeof sql, "SELECT total(e.value > 1), group_concat(e.value) FROM %s", joins[i]);
        const char *expected = strstr(joins[i], "> 1") ? "3.0|2,5,6" : "3.0|1,2,5,6";
        query(sql, expected);
        snprintf(sql, sizeof sql, "%s", joins[i]);
        check_inside(sql);
    }
    query("SELECT v.name, h.bin, h.count FROM tensor_histogram(v.name, 1) h, mine v", "a|0|2;b|0|2");
    refused("SELECT * FROM tensor_each(e.of_variable) e", SQLITE_ERROR, "");
    refused("SELECT * FROM tensor_each(b.of_variable) a, tensor_each(a.of_variable) b", SQLITE_ERROR, "");
}
END_TEST

/* ---- arguments */

START_TEST(a_snapshot_is_named_in_every_way)
{
    static const int64_t steps[] = {5, 7};
    const varsdb_variable *v = ramp("v", VARSDB_SHAPE(2), 10, NULL);
    int64_t first, second;
    ok(r.db, varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.name = "first", .step = &steps[0]), &first));
    ok(r.db, varsdb_assign_json(r.db, v, "[20,21]"));
    ramp("late", VARSDB_SHAPE(1), 77, NULL);
    ok(r.db, varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.step = &steps[1]), &second));
    ok(r.db, varsdb_assign_json(r.db, v, "[30,31]"));
    ck_assert(first == 1 && second == 2);
    query("SELECT value FROM tensor_each('v', 'first')", "10;11");
    query("SELECT value FROM tensor_each('v', 'step:5') WHERE flat_index = 1", "11");
    query("SELECT value FROM tensor_each('v:0', '#1')", "10;11");
    query("SELECT value FROM tensor_each('v', 1)", "10;11");
    query("SELECT value FROM tensor_each('v', 'latest')", "20;21");
    query("SELECT value FROM tensor_each('v', 'step:7')", "20;21");
    query("SELECT value FROM tensor_each('v', NULL)", "30;31");
    query("SELECT value FROM tensor_slice('v', '-1', 'first')", "11");
    query("SELECT low, high FROM tensor_histogram('v', 1, '#2')", "20.0|21.0");
    query("SELECT s.id, e.value FROM snapshots s, tensor_each('v', s.id) e WHERE e.flat_index = 0",
          "1|10;2|20");
    query("SELECT e.value - o.value FROM tensor_each('v') e, tensor_each('v', 'first') o "
          "WHERE o.flat_index = e.flat_index",
          "20;20");
    refused("SELECT value FROM tensor_each('v', 'third')", SQLITE_ERROR, "third");
    refused("SELECT value FROM tensor_each('v', 3)", SQLITE_ERROR, "3");
    refused("SELECT value FROM tensor_each('v', -1)", SQLITE_ERROR, "a snapshot is named as 'best'");
    refused("SELECT value FROM tensor_each('v', 1.0)", SQLITE_ERROR, "a snapshot is named as 'best'");
    refused("SELECT value FROM tensor_each('late', 'first')", SQLITE_ERROR, "variable late is not in");
    refused("SELECT value FROM tensor_each(1, 'first')", SQLITE_ERROR, "by their names, not by ids");
    ok(r.db, varsdb_delete_variable(r.db, v));
    ramp("v", VARSDB_SHAPE(2, 2), 0, NULL);
    query("SELECT indices, value FROM tensor_each('v', 'latest')", "[0]|20;[1]|21");
    query("SELECT indices, value FROM tensor_each('v') WHERE indices = '[1,0]'", "[1,0]|2");
}
END_TEST

START_TEST(arguments_come_back_as_hidden_columns)
{
    ramp("v", VARSDB_SHAPE(2), 10, NULL);
    ramp("w", VARSDB_SHAPE(1), 20, NULL);
    ok(r.db, varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.name = "kept"), NULL));
    query("SELECT * FROM tensor_each('w')", "0|[0]|20");
    query("SELECT of_variable, of_snapshot, value FROM tensor_each('w')", "w|-|20");
    query("SELECT of_variable, of_snapshot, value FROM tensor_each('w', 'kept')", "w|kept|20");
    query("SELECT of_variable, typeof(of_variable), of_snapshot, typeof(of_snapshot) FROM tensor_each('w:0', "
          "1)",
          "w:0|text|1|integer");
    query("SELECT of_variable, typeof(of_variable) FROM tensor_each(2)", "2|integer");
    query("SELECT of_variable, of_slice, of_snapshot FROM tensor_slice('v', '0', 'kept')", "v|0|kept");
    query("SELECT of_variable, of_bins, of_snapshot FROM tensor_histogram('w', 3, 'kept')", "w|3|kept");
    query("SELECT of_variable, of_bins, of_snapshot FROM tensor_histogram('w')", "w|-|-");
    query("SELECT value FROM tensor_each WHERE of_variable = 'v' AND of_snapshot = 'kept'", "10;11");
    query("SELECT of_variable, value FROM tensor_each WHERE of_variable IN ('v', 'w') ORDER BY value DESC",
          "w|20;v|11;v|10");
    query("SELECT of_variable, value FROM tensor_each WHERE of_variable IN ('w', 'v') AND flat_index = 0 "
          "ORDER BY value",
          "v|10;w|20");
    query("SELECT value FROM tensor_each('v') WHERE of_variable = 'v'", "10;11");
    query("SELECT value FROM tensor_each('v') WHERE of_variable = 'w'", "");
    query("SELECT value FROM tensor_slice WHERE of_slice = '1' AND of_variable = 'v'", "11");
    refused("SELECT * FROM tensor_each", SQLITE_ERROR, "tensor_each(name[, snapshot]): a name is needed");
    refused("SELECT * FROM tensor_each()", SQLITE_ERROR, "a name is needed");
    query("SELECT name, (SELECT max(value) FROM tensor_each(name)) FROM variables", "v|11;w|20");
    refused("SELECT * FROM tensor_each WHERE flat_index = 1", SQLITE_ERROR, "a name is needed");
    refused("SELECT * FROM tensor_each WHERE of_variable LIKE 'v'", SQLITE_ERROR, "a name is needed");
    refused("SELECT * FROM tensor_slice", SQLITE_ERROR,
            "tensor_slice(name, slice[, snapshot]): a name is needed");
    refused("SELECT * FROM tensor_each(NULL)", SQLITE_ERROR, "name is a variable's name, or its id");
    refused("SELECT * FROM tensor_each(x'76')", SQLITE_ERROR, "name is a variable's name, or its id");
    refused("SELECT * FROM tensor_each('x')", SQLITE_ERROR, "variable x does not exist");
    refused("SELECT * FROM tensor_each('v', 'kept', 1)", SQLITE_ERROR, "too many arguments");
    refused("SELECT * FROM tensor_slice('v', 0)", SQLITE_ERROR, "a slice is a text, as '0:2,:'");
    refused("SELECT * FROM tensor_slice('v', ':,:')", SQLITE_ERROR,
            "more ranges than the variable has axes, 1");
    refused("INSERT INTO tensor_each(value) VALUES (1)", SQLITE_ERROR, "may not be modified");
}
END_TEST

Suite *test_sql_table_suite(void)
{
    Suite *suite = suite_create("sql_table");
    TCase *tcase = tcase_create("tables");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, open_client, client_close);
    tcase_add_loop_test(tcase, a_tensor_has_a_row_an_element_in_c_order, 0, 7);
    tcase_add_test(tcase, what_has_no_elements_or_no_value_has_no_rows);
    tcase_add_test(tcase, a_slice_has_the_rows_of_its_elements);
    tcase_add_test(tcase, a_part_is_counted_by_itself_and_its_slices_in_the_whole);
    tcase_add_loop_test(tcase, constraints_leave_what_they_leave_of_an_ordinary_table, 0, 3);
    tcase_add_test(tcase, constraints_come_from_other_tables_too);
    tcase_add_test(tcase, a_constraint_reads_what_it_needs_alone);
    tcase_add_test(tcase, a_table_of_each_variable_is_inside_whichever_is_named_first);
    tcase_add_test(tcase, a_snapshot_is_named_in_every_way);
    tcase_add_test(tcase, arguments_come_back_as_hidden_columns);
    suite_add_tcase(suite, tcase);
    return suite;
}
