/* test_sql_options.c - what functions of SQL are told: every option of get_variable, what is no option, and
 * arguments of the wrong number and kind, which change nothing. */
#include <stdlib.h>

#include "../support/client.h"

Suite *test_sql_options_suite(void);

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const char *get(const char *name, const char *shape, const char *options)
{
    static char sql[4][4096];
    static unsigned turn;
    return sqlite3_snprintf(4096, sql[turn++ % 4], "SELECT get_variable(%Q, %Q, NULL, NULL, %Q)", name, shape,
                            options);
}

/* A column of the view. */
static void check_column(const char *column, const char *name, const char *expected)
{
    char sql[256];
    snprintf(sql, sizeof sql, "SELECT %s FROM variables WHERE name = '%s'", column, name);
    ck_assert_str_eq(registry_sql(&r, sql), expected);
}

/* Its collections, by name. */
static void check_collections(const char *name, const char *expected)
{
    char sql[256];
    snprintf(sql, sizeof sql,
             "SELECT group_concat(value) FROM (SELECT j.value FROM variables v, json_each(v.collections) j "
             "WHERE v.name = '%s' ORDER BY 1)",
             name);
    query(sql, expected);
}

/* ---- each of them */

START_TEST(every_option_is_what_it_is_in_the_library)
{
    query(get("t", "[2]", "{\"trainable\": false}"), "1");
    check_column("trainable", "t", "0");
    check_collections("t", "variables");
    query(get("u", "[2]", "{\"trainable\": true}"), "2");
    check_column("trainable", "u", "1");
    query(get("c", "[2]", "{\"collections\": [\"mine\", \"\xc3\xa4\", \"a \\\"b\\\"\"]}"), "3");
    check_collections("c", "a \"b\",mine,trainable_variables,\xc3\xa4");
    query(get("e", "[2]", "{\"collections\": [], \"trainable\": false}"), "4");
    check_collections("e", "-");
    query(get("r", "[2]", "{\"regularizer\": \"l2(0.5)\"}"), "5");
    check_column("regularizer", "r", "l2(0.5)");
    query(get("p", "[5]", "{\"partitioner\": \"fixed_size(2)\"}"), "6");
    ck_assert_str_eq(registry_sql(&r, "SELECT name, count(*) FROM variable_parts"), "p|2");
    query(get("k", "[2]", "{\"constraint\": \"no \\u00e4 and no \\n\"}"), "7");
    ck_assert_str_eq(registry_sql(&r, "SELECT hex(constraint_text) FROM varsdb_variables WHERE name = 'k'"),
                     "6E6F20C3A420616E64206E6F200A");
    query(get("s", "[2]", "{\"site\": \"train.py:12\"}"), "8");
    check_column("site", "s", "train.py:12");
    query(get("v", NULL, "{\"value\": [[1,2],[3,4]]}"), "9");
    query("SELECT tensor_json('v')", "[[1.0,2.0],[3.0,4.0]]");
    query("SELECT get_variable('i', '[3]', 'int8', 'constant(7)')", "10");
    query("SELECT tensor_json('i')", "[7,7,7]");
    query(get("n", "[2]", "{}"), "11");
    query("SELECT get_variable('m', '[2]'), get_variable('m', NULL, NULL, NULL, NULL), get_variable('m')",
          "12|12|12");
    check_column("coalesce(regularizer, '-')", "m", "-");
}
END_TEST

START_TEST(all_options_stand_together_in_any_order)
{
    query(
        get("v", NULL,
            " { \"site\" : \"a.py:1\" ,\n\"value\"\t: [ 1 , -2 ] , \"trainable\":false,\"constraint\":\"c\", "
            "\"collections\" : [ \"x\" , \"y\" ], \"partitioner\":\"fixed_size(2)\",\r\n\"reuse\":\"auto\", "
            "\"regularizer\":\"l1(1)\" } "),
        "1");
    check_column("site, trainable, regularizer, shape", "v", "a.py:1|0|l1(1)|[2]");
    check_collections("v", "regularization_losses,x,y");
    query("SELECT tensor_json('v'), regularization_loss('v'), tensor_json('v/part_1')",
          "[1.0,-2.0]|3.0|[-2.0]");
    query("SELECT model_variable('m', '[2]', 'float64', NULL, '{\"collections\": [\"x\"], \"value\": 0.5}')",
          "2");
    check_column("dtype", "m", "float64");
    check_collections("m", "model_variables,trainable_variables,variables,x");
    query("SELECT tensor_json('m')", "[0.5,0.5]");
    query(get("k", "[1]", "{\"tr\\u0061inable\": false, \"s\\u0069te\": \"\\u0062\"}"), "3");
    check_column("trainable, site", "k", "0|b");
}
END_TEST

START_TEST(reuse_says_whether_it_must_be_there)
{
    refused(get("v", "[2]", "{\"reuse\": \"require\"}"), SQLITE_ERROR, "v does not exist");
    query(get("v", "[2]", "{\"reuse\": \"create\"}"), "1");
    refused(get("v", "[2]", "{\"reuse\": \"create\"}"), SQLITE_ERROR, "v");
    query(get("v", "[2]", "{\"reuse\": \"require\"}"), "1");
    query(get("v", NULL, "{\"reuse\": \"auto\"}"), "1");
    refused(get("v", "[3]", NULL), SQLITE_ERROR, "v");
    query("SELECT model_variable('v')", "1");
    check_collections("v", "model_variables,trainable_variables,variables");
}
END_TEST

/* As a member that is not there, so that json_object may have them all. */
START_TEST(an_option_that_is_null_is_none)
{
    query(get("v", "[2]",
              "{\"trainable\": null, \"reuse\": null, \"collections\": null, \"regularizer\": null, "
              "\"partitioner\": null, \"constraint\": null, \"value\": null, \"site\": null}"),
          "1");
    query(get("w", "[2]", NULL), "2");
    query("SELECT count(*), count(DISTINCT collections || dtype || initializer || initialized), max(site), "
          "max(regularizer) FROM variables",
          "2|1|-|-");
    query("SELECT get_variable('x', '[2]', NULL, NULL, json_object('site', NULL, 'trainable', NULL))", "3");
    refused(get("y", "[2]", "{\"nothing\": null}"), SQLITE_ERROR, "there is no option \"nothing\"");
}
END_TEST

START_TEST(of_an_option_that_is_there_twice_the_last_one_counts)
{
    char *options = malloc(1 << 16), *at = options;
    ck_assert_ptr_nonnull(options);
    query(get("v", NULL, "{\"value\": [1], \"site\": \"a\", \"value\": [2, 3], \"site\": \"b\"}"), "1");
    query("SELECT tensor_json('v'), (SELECT site FROM variables)", "[2.0,3.0]|b");
    query(get("c", "[]", "{\"collections\": [\"a\", \"b\", \"c\"], \"collections\": [\"d\"]}"), "2");
    check_collections("c", "d,trainable_variables");
    at += sprintf(at, "{");
    for (int i = 0; i < 2000; i++)
        at += sprintf(at, "\"site\":\"%d\",\"value\":%d,", i, i);
    sprintf(at, "\"value\":7}");
    sqlite3_stmt *s;
    ck_assert_int_eq(
        sqlite3_prepare_v2(client, "SELECT get_variable('m', '[]', NULL, NULL, ?1)", -1, &s, NULL),
        SQLITE_OK);
    sqlite3_bind_text(s, 1, options, -1, SQLITE_STATIC);
    ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
    sqlite3_finalize(s);
    free(options);
    query("SELECT tensor_json('m'), (SELECT site FROM variables WHERE name = 'm')", "7.0|1999");
}
END_TEST

START_TEST(a_value_is_the_text_that_it_is)
{
    static const struct {
        const char *dtype, *value, *shape, *json;
    } cases[] = {
        {"float32", "0.5", "[]", "0.5"},
        {"float32", "-1e-3", "[]", "-0.001"},
        {"float32", "[]", "[0]", "[]"},
        {"float32", "[[],[]]", "[2,0]", "[[],[]]"},
        {"float32", "[[[[1]]]]", "[1,1,1,1]", "[[[[1.0]]]]"},
        {"float32", " [ [ 1 , 2 ] , [ 3 , 4 ] ] ", "[2,2]", "[[1.0,2.0],[3.0,4.0]]"},
        {"float32", "[\"NaN\",\"-Infinity\"]", "[2]", "[\"NaN\",\"-Infinity\"]"},
        {"int64", "[9223372036854775807,-9223372036854775808]", "[2]",
         "[9223372036854775807,-9223372036854775808]"},
        {"bool", "[true,false]", "[2]", "[true,false]"},
        {"bool", "true", "[]", "true"},
        {"complex64", "[[1,2]]", "[1]", "[[1.0,2.0]]"},
        {"string", "\"}\"", "[]", "\"}\""},
        {"string", "[\"]\",\"[\",\"{\\\"a\\\": [\",\",\",\"\\\\\"]", "[5]",
         "[\"]\",\"[\",\"{\\\"a\\\": [\",\",\",\"\\\\\"]"},
        {"string", "[\"\\u00e4\\ud83d\\ude00\"]", "[1]", "[\"\xc3\xa4\xf0\x9f\x98\x80\"]"},
        {"string", "[\"a\\u0000b\"]", "[1]", "[\"a\\u0000b\"]"},
        {"string", "[\"\"]", "[1]", "[\"\"]"},
    };
    for (size_t i = 0; i < COUNT(cases) * 3; i++) {
        static const char *const around[] = {"{\"value\":%s}",
                                             "{\"site\":\"s\",\"value\" : %s , \"reuse\":\"create\"}",
                                             "{\"value\":%s,\"collections\":[\"c\"]}"};
        const char *const *pieces = &around[i % 3];
        const char *value = cases[i / 3].value, *at = strstr(*pieces, "%s");
        char sql[512];
        sqlite3_snprintf(sizeof sql, sql,
                         "SELECT get_variable('v%d', NULL, '%s', NULL, '%.*s%s%s') > 0, (SELECT shape FROM "
                         "variables WHERE name = 'v%d'), tensor_json('v%d')",
                         (int)i, cases[i / 3].dtype, (int)(at - *pieces), *pieces, value, at + 2, (int)i,
                         (int)i);
        char expected[256];
        snprintf(expected, sizeof expected, "1|%s|%s", cases[i / 3].shape, cases[i / 3].json);
        query(sql, expected);
    }
}
END_TEST

/* ---- what is none */

START_TEST(what_is_no_option_is_refused_in_words)
{
    static const struct {
        const char *options, *text;
    } cases[] = {
        {"{\"trainble\": false}", "there is no option \"trainble\"; there are trainable, reuse, collections, "
                                  "regularizer, partitioner, constraint, value, site"},
        {"{\"\": 1}", "there is no option \"\"; there are trainable"},
        {"{\"site\": \"a\", \"Value\": 1}", "there is no option \"Value\""},
        {"{\"dtype\": \"int8\"}", "there is no option \"dtype\""},
        {"[]", "options are a JSON object, {\"trainable\": false}; there are trainable"},
        {"1", "options are a JSON object"},
        {"null", "options are a JSON object"},
        {"\"trainable\"", "options are a JSON object"},
        {"{\"trainable\": 1}", "option \"trainable\" is true or false"},
        {"{\"trainable\": \"false\"}", "option \"trainable\" is true or false"},
        {"{\"trainable\": {\"a\": 1}}", "option \"trainable\" is true or false"},
        {"{\"reuse\": true}", "option \"reuse\" is a"},
        {"{\"reuse\": \"maybe\"}", "option \"reuse\" is \"auto\", \"create\" or \"require\""},
        {"{\"reuse\": \"\"}", "option \"reuse\" is \"auto\", \"create\" or \"require\""},
        {"{\"collections\": \"a\"}", "option \"collections\" is an array of names"},
        {"{\"collections\": {\"a\": 1}}", "option \"collections\" is an array of names"},
        {"{\"collections\": [1]}", "option \"collections\" is an array of names"},
        {"{\"collections\": [\"a\", null]}", "option \"collections\" is an array of names"},
        {"{\"collections\": [[\"a\"]]}", "option \"collections\" is an array of names"},
        {"{\"collections\": [\"\"]}", "collection"},
        {"{\"regularizer\": 0.1}", "option \"regularizer\" is a text"},
        {"{\"regularizer\": \"l3(1)\"}", "l3"},
        {"{\"partitioner\": [1]}", "option \"partitioner\" is a text"},
        {"{\"partitioner\": \"fixed_size(x)\"}", "partitioner fixed_size: shards must be a number"},
        {"{\"constraint\": false}", "option \"constraint\" is a text"},
        {"{\"site\": 12}", "option \"site\" is a text"},
        {"{\"site\": \"a\\u0000b\"}", "a text of the options holds NUL"},
        {"{\"collections\": [\"a\\u0000\"]}", "a text of the options holds NUL"},
        {"{\"si\\u0000te\": \"a\"}", "a text of the options holds NUL"},
        {"{\"value\": [1, [2]]}", "value"},
        {"{\"value\": {\"a\": 1}}", "value"},
        {"{\"value\": \"text\"}", "value"},
        {"{\"value\": [1, 2, 3]}", "value"},
        {"", "not JSON"},
        {" ", "not JSON"},
        {"{", "JSON"},
        {"{\"trainable\"", "JSON"},
        {"{\"trainable\": ", "JSON"},
        {"{\"trainable\": false", "JSON"},
        {"{\"trainable\": false,}", "JSON"},
        {"{\"trainable\": false} x", "JSON"},
        {"{\"trainable\": false}{}", "JSON"},
        {"{trainable: false}", "JSON"},
        {"{'trainable': false}", "JSON"},
        {"{\"value\": [1", "JSON"},
        {"{\"value\": [1}", "JSON"},
        {"{\"value\": 01}", "JSON"},
        {"{\"site\": \"\\ud800\"}", "JSON"},
        {"{\"site\": \"\xff\"}", "JSON"},
    };
    char *before = registry_dump(&r);
    for (size_t i = 0; i < COUNT(cases); i++)
        refused(get("v", "[2]", cases[i].options), SQLITE_ERROR, cases[i].text);
    char *after = registry_dump(&r);
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
}
END_TEST

/* `count` of a text, between two others. */
static void many(char *out, const char *begin, const char *text, int count, const char *end)
{
    out += sprintf(out, "%s", begin);
    for (int i = 0; i < count; i++)
        out += sprintf(out, "%s%s", i && *text == '"' ? "," : "", text);
    strcpy(out, end);
}

START_TEST(there_is_an_end_to_depth_and_number)
{
    char options[2048];
    many(options, "{\"collections\": [", "\"c\"", 64, "]}");
    query(get("v", "[2]", options), "1");
    many(options, "{\"collections\": [", "\"c\"", 65, "]}");
    refused(get("w", "[2]", options), SQLITE_ERROR, "more than 64 collections");
    many(options, "{\"value\": ", "[", 500, "");
    refused(get("w", NULL, options), SQLITE_ERROR, "deep");
    many(options, "{\"trainble", "x", 1000, "\": 1}");
    refused(get("w", NULL, options), SQLITE_ERROR, "there is no option \"trainblexxx");
}
END_TEST

START_TEST(arguments_of_get_variable_are_texts)
{
    static const struct {
        const char *arguments, *text;
    } cases[] = {
        {"", "wrong number of arguments, 0: get_variable(name[, shape[, dtype[, initializer[, options]]]])"},
        {"'v', '[2]', 'int8', 'zeros', '{}', 1", "wrong number of arguments, 6"},
        {"NULL", "name is a text"},
        {"1", "name is a text"},
        {"x'76', '[2]'", "name is a text"},
        {"'v' || char(0), '[2]'", "name is a text"},
        {"'', '[2]'", "name"},
        {"'a//b', '[2]'", "a//b"},
        {"'v', 2", "shape, as '[2,3]', is a text"},
        {"'v', '2'", "shape"},
        {"'v', '[2'", "shape"},
        {"'v', '[2.0]'", "shape"},
        {"'v', '[-2]'", ""},
        {"'v', '[2]', 12", "dtype, as 'float32', is a text"},
        {"'v', '[2]', ''", "there is no dtype ''"},
        {"'v', '[2]', 'Float32'", "there is no dtype 'Float32'"},
        {"'v', '[2]', 'int8', 0", "initializer, as 'zeros', is a text"},
        {"'v', '[2]', 'int8', 'zeroes'", "zeroes"},
        {"'v', '[2]', 'int8', 'constant(300)'", "300"},
        {"'v', '[2]', 'int8', 'zeros', 1", "options, a JSON object, is a text"},
        {"'v', '[2]', 'int8', 'zeros', x'7b7d'", "options, a JSON object, is a text"},
        {"'v', '[2]', 'int8', 'zeros', '{}' || char(0)", "options, a JSON object, is a text"},
        {"'v', '[2]', 'int8', 'zeros', '{\"value\": [1, 2]}'", "not both"},
        {"'v'", "v"},
    };
    char *before = registry_dump(&r), sql[256];
    for (size_t i = 0; i < COUNT(cases); i++) {
        snprintf(sql, sizeof sql, "SELECT get_variable(%s)", cases[i].arguments);
        refused(sql, SQLITE_ERROR, cases[i].text);
    }
    refused("SELECT model_variable()", SQLITE_ERROR,
            "wrong number of arguments, 0: model_variable(name[, shape[");
    refused("SELECT model_variable('v', 2)", SQLITE_ERROR,
            "model_variable(name[, shape[, dtype[, initializer[, "
            "options]]]]): shape, as '[2,3]', is a text");
    char *after = registry_dump(&r);
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
}
END_TEST

START_TEST(arguments_of_the_others_are_checked_too)
{
    static const struct {
        const char *call, *text;
    } cases[] = {
        {"assign('i')", "wrong number of arguments, 1: assign(name, value)"},
        {"assign('i', 1, 2)", "wrong number of arguments, 3"},
        {"assign(1.0, 2)", "name is a variable's name, or its id"},
        {"assign(NULL, 2)", "name is a variable's name, or its id"},
        {"assign(77, 2)", "no variable with the id 77"},
        {"assign('x', 2)", "variable x does not exist"},
        {"assign('i/part_0', 2)", "does not exist"},
        {"assign('i', NULL)", "not NULL"},
        {"assign('i', '[1]' || char(0))", "the JSON text holds NUL"},
        {"assign('i', '[1')", "JSON"},
        {"assign('i', '')", "JSON"},
        {"assign('i', '[1]')", "[1]"},
        {"assign('i', '[1,2,3]')", "[3]"},
        {"assign('i', 1.5)", "int32 takes numbers without fraction"},
        {"assign('i', 9e999)", "int32"},
        {"assign('i', 4294967296)", "int32"},
        {"assign('i', x'0102')", "takes 8 bytes, not 2"},
        {"assign('i', x'')", "takes 8 bytes, not 0"},
        {"tensor()", "wrong number of arguments, 0: tensor(name)"},
        {"tensor('i', '0')", "wrong number of arguments, 2"},
        {"tensor(1.0)", "name is a variable's name, or its id"},
        {"tensor(x'69')", "name is a variable's name, or its id"},
        {"tensor('i' || char(0))", "name is a variable's name, or its id"},
        {"tensor(NULL)", "name is a variable's name, or its id"},
        {"tensor(-1)", "no variable with the id -1"},
        {"tensor('')", ""},
        {"tensor_json()", "wrong number of arguments, 0: tensor_json(name[, slice])"},
        {"tensor_json('i', '0', '0')", "wrong number of arguments, 3"},
        {"tensor_json('i', x'30')", "slice, as '0:2,:', is a text"},
        {"tensor_item()", "wrong number of arguments, 0: tensor_item(name, index, ...)"},
        {"tensor_from_json()", "wrong number of arguments, 0: tensor_from_json(json[, dtype[, shape]])"},
        {"tensor_from_json('1', 'int8', '[]', 1)", "wrong number of arguments, 4"},
        {"varsdb_version(1)", "wrong number of arguments, 1: varsdb_version()"},
        {"varsdb_create(1)", "wrong number of arguments, 1: varsdb_create()"},
        {"varsdb_database(1)", "database is a text"},
        {"varsdb_database('main', 1)", "wrong number of arguments, 2: varsdb_database([database])"},
        {"varsdb_database('')", "no database ''"},
        {"varsdb_namespace(1)", "namespace is a text"},
        {"varsdb_namespace('a', 'b')", "wrong number of arguments, 2: varsdb_namespace([namespace])"},
        {"varsdb_namespace('a' || char(10))", "namespace"},
    };
    char sql[256];
    query("SELECT get_variable('i', '[2]', 'int32', 'ones')", "1");
    char *before = registry_dump(&r);
    for (size_t i = 0; i < COUNT(cases); i++) {
        snprintf(sql, sizeof sql, "SELECT %s", cases[i].call);
        refused(sql, SQLITE_ERROR, cases[i].text);
    }
    char *after = registry_dump(&r);
    ck_assert_str_eq(before, after);
    query("SELECT tensor_json('i'), varsdb_namespace(), varsdb_database()", "[1,1]|main|main");
    free(before);
    free(after);
}
END_TEST

START_TEST(numbers_bytes_and_json_are_assigned)
{
    query("SELECT get_variable('f', '[2]', NULL, 'zeros'), get_variable('u', '[]', 'uint8', 'zeros'), "
          "get_variable('b', '[0]', 'int8')",
          "1|2|3");
    query("SELECT assign('f', 0.1), tensor_json('f')", "2|[0.1,0.1]");
    query("SELECT assign('f', 3), tensor_json('f')", "3|[3.0,3.0]");
    query("SELECT assign('f', -9e999), tensor_json('f')", "4|[\"-Infinity\",\"-Infinity\"]");
    query("SELECT assign('f', '[\"NaN\", 1e-3]'), tensor_json('f')", "5|[\"NaN\",0.001]");
    query("SELECT assign('f', x'0000803f000000c0'), tensor_json('f')", "6|[1.0,-2.0]");
    query("SELECT assign('f:0', tensor('f')), hex(tensor('f'))", "7|0000803F000000C0");
    query("SELECT assign(2, 7), assign('u', tensor(2)), tensor_item(2)", "2|3|7");
    query("SELECT assign('u', 255), tensor_json('u'), assign('u', '0'), tensor_json('u')", "4|255|5|0");
    query("SELECT assign('b', x''), assign('b', '[]'), tensor_json('b')", "2|3|[]");
    query("SELECT assign('f', json_array(sum(value), max(value))) FROM tensor_each('f')", "8");
    query("SELECT tensor_json('f')", "[-1.0,1.0]");
}
END_TEST

Suite *test_sql_options_suite(void)
{
    Suite *suite = suite_create("sql_options");
    TCase *tcase = tcase_create("options");
    tcase_add_checked_fixture(tcase, client_open, client_close);
    tcase_add_test(tcase, every_option_is_what_it_is_in_the_library);
    tcase_add_test(tcase, all_options_stand_together_in_any_order);
    tcase_add_test(tcase, reuse_says_whether_it_must_be_there);
    tcase_add_test(tcase, an_option_that_is_null_is_none);
    tcase_add_test(tcase, of_an_option_that_is_there_twice_the_last_one_counts);
    tcase_add_test(tcase, a_value_is_the_text_that_it_is);
    tcase_add_test(tcase, what_is_no_option_is_refused_in_words);
    tcase_add_test(tcase, there_is_an_end_to_depth_and_number);
    tcase_add_test(tcase, arguments_of_get_variable_are_texts);
    tcase_add_test(tcase, arguments_of_the_others_are_checked_too);
    tcase_add_test(tcase, numbers_bytes_and_json_are_assigned);
    suite_add_tcase(suite, tcase);
    return suite;
}
