/* test_sql_string.c - strings of tensors in SQL: any bytes, of any length. */
#include <stdlib.h>

#include "../support/client.h"

Suite *test_sql_string_suite(void);

#define LONG_BYTES 700000 /* more than two chunks */

/* The canonical form: before each string its length, in 8 bytes, little-endian. */
static size_t put(unsigned char *at, const void *string, size_t bytes)
{
    for (int i = 0; i < 8; i++)
        at[i] = (unsigned char)((uint64_t)bytes >> 8 * i);
    if (bytes)
        memcpy(at + 8, string, bytes);
    return bytes + 8;
}

static unsigned char *room_for(size_t bytes)
{
    unsigned char *out = malloc(bytes);
    ck_assert_ptr_nonnull(out);
    return out;
}

static void make_strings(const char *name, int64_t count, const unsigned char *value, size_t bytes)
{
    got(r.db, name,
        VARSDB_WITH(.shape = VARSDB_SHAPE(count), .dtype = VARSDB_STRING, .value = value,
                    .value_bytes = bytes));
}

START_TEST(strings_are_text_unless_they_are_no_utf_8_or_hold_nul)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *expected; /* type, and bytes in hex */
    } cases[] = {
        {"plain", 5, "text|706C61696E"},
        {"", 0, "text|"},
        {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 9, "text|C3A4E282ACF09F9880"},
        {"a\0b", 3, "blob|610062"},
        {"\0", 1, "blob|00"},
        {"\xff", 1, "blob|FF"},
        {"a\xc3", 2, "blob|61C3"},
        {"\xed\xa0\x80", 3, "blob|EDA080"}, /* a surrogate */
        {"\xc0\x80", 2, "blob|C080"},       /* NUL in two bytes */
        {"\"\\\n\x01", 4, "text|225C0A01"},
    };
    enum {
        COUNT = sizeof cases / sizeof *cases
    };
    unsigned char value[COUNT * 32], *end = value;
    for (int i = 0; i < COUNT; i++)
        end += put(end, cases[i].bytes, cases[i].size);
    make_strings("s", COUNT, value, (size_t)(end - value));
    for (int i = 0; i < COUNT; i++) {
        char sql[256];
        snprintf(sql, sizeof sql, "SELECT typeof(tensor_item('s', %d)), hex(tensor_item('s', %d))", i, i);
        query(sql, cases[i].expected);
        snprintf(sql, sizeof sql,
                 "SELECT typeof(value), hex(value) FROM tensor_each('s') WHERE flat_index = %d", i);
        query(sql, cases[i].expected);
    }
    query("SELECT hex(value) FROM tensor_slice('s', '3:5')", "610062;00");
}
END_TEST

START_TEST(json_has_escapes_and_no_bytes_that_are_no_text)
{
    unsigned char value[64], *end = value;
    end += put(end, "\"\\\n\x01\x7f", 5);
    end += put(end, "a\0b", 3);
    end += put(end, "\xc3\xa4", 2);
    end += put(end, "a\xc3", 2);
    make_strings("s", 4, value, (size_t)(end - value));
    query("SELECT tensor_json('s', ':3')", "[\"\\\"\\\\\\n\\u0001\x7f\",\"a\\u0000b\",\"\xc3\xa4\"]");
    query("SELECT hex(tensor_from_json(tensor_json('s', ':3'), 'string')) = substr(hex(tensor('s')), 1, 68)",
          "1");
    query("SELECT json_valid(tensor_json('s', ':3')), hex(json_extract(tensor_json('s', ':3'), '$[2]'))",
          "1|C3A4");
    refused("SELECT tensor_json('s')", SQLITE_ERROR, "variable s: string 3 is not UTF-8");
    refused("SELECT tensor_json('s', '-1')", SQLITE_ERROR, "variable s: string 3 is not UTF-8");
}
END_TEST

/* A letter a string, so that none can be taken for another. */
START_TEST(a_string_may_be_longer_than_a_chunk)
{
    unsigned char *value = room_for(3 * LONG_BYTES), *end = value;
    char *letters = (char *)room_for(LONG_BYTES);
    end += put(end, "before", 6);
    memset(letters, 'x', LONG_BYTES);
    end += put(end, letters, LONG_BYTES);
    end += put(end, "", 0);
    memset(letters, 'y', LONG_BYTES);
    end += put(end, letters, LONG_BYTES);
    end += put(end, "after", 5);
    make_strings("s", 5, value, (size_t)(end - value));
    query("SELECT length(value), substr(value, 1, 1), length(replace(value, substr(value, 1, 1), '')) FROM "
          "tensor_each('s')",
          "6|b|5;700000|x|0;0||0;700000|y|0;5|a|4");
    query("SELECT tensor_item('s', 4), length(tensor_item('s', 1)), tensor_item('s', 0), "
          "substr(tensor_item('s', 3), -1), tensor_item('s', -5)",
          "after|700000|before|y|before");
    query("SELECT value FROM tensor_each('s') WHERE flat_index IN (4, 0, 2)", "before;;after");
    query("SELECT length(tensor_json('s')), json_array_length(tensor_json('s')), length(tensor('s'))",
          "1400027|5|1400051");
    query("SELECT group_concat(length(value)) FROM json_each(tensor_json('s', '1:4'))", "700000,0,700000");
    free(letters);
    free(value);
}
END_TEST

/* Numbers as text: 88890 digits and more. */
START_TEST(many_strings_come_in_their_order)
{
    enum {
        MANY = 20000
    };
    unsigned char *value = room_for(MANY * 16), *end = value;
    for (int i = 0; i < MANY; i++) {
        char text[16];
        end += put(end, text, (size_t)snprintf(text, sizeof text, "%d", i));
    }
    make_strings("s", MANY, value, (size_t)(end - value));
    query("SELECT count(*), sum(value = flat_index || ''), min(typeof(value)) FROM tensor_each('s')",
          "20000|20000|text");
    query("SELECT count(*), sum(value = flat_index || '') FROM tensor_slice('s', '7000:-1')", "12999|12999");
    query("SELECT tensor_item('s', 19999), tensor_item('s', 3), tensor_item('s', 3), tensor_item('s', 12345)",
          "19999|3|3|12345");
    query("SELECT sum(tensor_item('s', value) = value || '') FROM json_each('[5,1,19999,0,77,76,78]')", "7");
    query("SELECT a.value, b.value FROM tensor_each('s') a, tensor_each('s') b WHERE a.flat_index = 9 AND "
          "b.flat_index > 19997",
          "9|19998;9|19999");
    free(value);
}
END_TEST

START_TEST(shapes_of_strings_are_those_of_other_values)
{
    query("SELECT get_variable('w', '[2,2]', 'string', NULL, '{\"value\": [[\"a\",\"b\"],[\"c\",\"d\"]]}')",
          "1");
    query("SELECT get_variable('e', '[2,0]', 'string'), get_variable('s', '[]', 'string', NULL, "
          "'{\"value\": \"one\"}'), get_variable('d', '[2]', 'string')",
          "2|3|4");
    query("SELECT tensor_json('w'), tensor_json('w', ':,1'), tensor_json('e'), tensor_json('s'), "
          "tensor_json('d')",
          "[[\"a\",\"b\"],[\"c\",\"d\"]]|[[\"b\"],[\"d\"]]|[[],[]]|\"one\"|[\"\",\"\"]");
    query("SELECT tensor_item('w', -1, 0), tensor_item('s'), length(tensor('e')), tensor_item('d', 1)",
          "c|one|0|");
    query("SELECT assign('w', '[[\"e\",\"f\"],[\"g\",\"h\"]]'), tensor_item('w', 0, 1)", "2|f");
    query("SELECT assign('s', '\"two\"'), tensor_item('s'), assign('s', tensor('s')), tensor_item('s')",
          "2|two|3|two");
}
END_TEST

START_TEST(a_database_of_utf_16_takes_no_registry_and_has_the_functions_that_need_none)
{
    sqlite3 *host = client_connect(":memory:", SQLITE_OPEN_READWRITE);
    run(host, "PRAGMA encoding = 'UTF-16le'");
    run(host, "CREATE TABLE mine (x)");
    check_refusal(__FILE__, __LINE__, host, "SELECT varsdb_create()", SQLITE_ERROR, "a registry needs UTF-8");
    query_on(host, "SELECT hex(tensor_from_json('[\"\xc3\xa4\"]', 'string')), varsdb_version()",
             "0200000000000000C3A4|" VARSDB_VERSION);
    query_on(host, "SELECT name FROM sqlite_schema", "mine");
    ck_assert_int_eq(sqlite3_close(host), SQLITE_OK);
}
END_TEST

Suite *test_sql_string_suite(void)
{
    Suite *suite = suite_create("sql_string");
    TCase *tcase = tcase_create("strings");
    tcase_add_checked_fixture(tcase, client_open, client_close);
    tcase_add_test(tcase, strings_are_text_unless_they_are_no_utf_8_or_hold_nul);
    tcase_add_test(tcase, json_has_escapes_and_no_bytes_that_are_no_text);
    tcase_add_test(tcase, a_string_may_be_longer_than_a_chunk);
    tcase_add_test(tcase, many_strings_come_in_their_order);
    tcase_add_test(tcase, shapes_of_strings_are_those_of_other_values);
    tcase_add_test(tcase, a_database_of_utf_16_takes_no_registry_and_has_the_functions_that_need_none);
    suite_add_tcase(suite, tcase);
    return suite;
}
