/* Tests of the JSON parser, against the grammar of RFC 8259 worked out by hand. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

Suite *test_json_suite(void);

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static int check(const char *text)
{
    vdb_error e = {0};
    return vdb_json_check(&e, text, strlen(text));
}

/* The tokens as letters, with "!" where it stops being JSON. */
static void tokens_of(const char *text, size_t bytes, int depth, char *out, size_t room)
{
    static const char by_token[] = {'.', '{', '}', '[', ']', 'k', 's', 'n', 't', 'f', 'z'};
    vdb_json j;
    vdb_error e = {0};
    size_t n = 0;
    vdb_json_begin(&j, text, bytes, depth);
    for (;;) {
        vdb_json_token token = VDB_JSON_END;
        ck_assert_uint_lt(n + 1, room);
        if (vdb_json_next(&j, &e, &token) != VARSDB_OK) {
            out[n++] = '!';
            break;
        }
        out[n++] = by_token[token];
        if (token == VDB_JSON_END)
            break;
    }
    out[n] = '\0';
}

static void expect_tokens(const char *text, const char *expected)
{
    char found[128];
    tokens_of(text, strlen(text), 64, found, sizeof found);
    ck_assert_msg(strcmp(found, expected) == 0, "%s: %s, not %s", text, found, expected);
}

START_TEST(tokens_in_order)
{
    expect_tokens("{\"a\":[1,2.5,{}],\"b\":null,\"c\":\"x\"}", "{k[nn{}]kzks}.");
    expect_tokens(" [ true , false , [ ] ] \r\n\t", "[tf[]].");
    expect_tokens("0", "n.");
    expect_tokens("\"\"", "s.");
    expect_tokens("{\"a\":{\"b\":[{}]},\"c\":[[],[]]}", "{k{k[{}]}k[[][]]}.");
}
END_TEST

START_TEST(the_end_stays_the_end)
{
    vdb_json j;
    vdb_error e = {0};
    vdb_json_token token = VDB_JSON_NULL;
    vdb_json_begin(&j, "1 ", 2, 4);
    ck_assert_int_eq(vdb_json_next(&j, &e, &token), VARSDB_OK);
    for (int i = 0; i < 3; i++) {
        token = VDB_JSON_NULL;
        ck_assert_int_eq(vdb_json_next(&j, &e, &token), VARSDB_OK);
        ck_assert_int_eq(token, VDB_JSON_END);
    }
}
END_TEST

START_TEST(what_is_json)
{
    static const char *const texts[] = {"0",
                                        "-0",
                                        "1e5",
                                        "1E+5",
                                        "1.5e-05",
                                        "-12.30",
                                        "1e999",
                                        "[0]",
                                        "{\"\":0}",
                                        "{\"a\":1,\"a\":2}",
                                        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"",
                                        "\"\\ud83e\\udd86\"",
                                        "\"\\uD83E\\uDD86\"",
                                        "\"\\u0000\"",
                                        "\"\xc3\xa9\xf0\x9f\xa6\x86\"",
                                        "\"\x7f\"",
                                        "[[[[]]]]",
                                        "\t\n\r true"};
    for (size_t i = 0; i < COUNT(texts); i++)
        ck_assert_msg(check(texts[i]) == VARSDB_OK, "%s was refused", texts[i]);
}
END_TEST

static const char *const NOT_JSON[] = {"",
                                       " ",
                                       "tru",
                                       "True",
                                       "nul",
                                       "nullx",
                                       "truefalse",
                                       "NaN",
                                       "Infinity",
                                       "-Infinity",
                                       "'a'",
                                       "a",
                                       "01",
                                       "-",
                                       "-a",
                                       "+1",
                                       ".5",
                                       "1.",
                                       "1.e5",
                                       "1e",
                                       "1e+",
                                       "0x10",
                                       "1_0",
                                       "--1",
                                       "00",
                                       "-01",
                                       "1.5.2",
                                       "[",
                                       "]",
                                       "[1",
                                       "[1,",
                                       "[,1]",
                                       "[1,]",
                                       "[1 2]",
                                       "[1}",
                                       "[1]]",
                                       "[]1",
                                       "1 2",
                                       ",",
                                       ":",
                                       "{",
                                       "}",
                                       "{1:2}",
                                       "{\"a\"}",
                                       "{\"a\":}",
                                       "{\"a\":1,}",
                                       "{,}",
                                       "{\"a\" 1}",
                                       "{\"a\":1 \"b\":2}",
                                       "{\"a\":1]",
                                       "{\"a\",1}",
                                       "{a:1}",
                                       "{\"a\":1,2}",
                                       "[\"a\":1]",
                                       "{\"a\":1}}",
                                       "{\"a\"::1}",
                                       "[1,,2]",
                                       "\"",
                                       "\"a",
                                       "\"\\",
                                       "\"\\\"",
                                       "\"\\x41\"",
                                       "\"\\u\"",
                                       "\"\\u12\"",
                                       "\"\\u12g4\"",
                                       "\"\\u 123\"",
                                       "\"\\U0041\"",
                                       "\"\\u+123\"",
                                       "\"a\nb\"",
                                       "\"a\tb\"",
                                       "\"\x01\"",
                                       "\"\\'\"",
                                       "//c\n1",
                                       "/**/1",
                                       "\xef\xbb\xbf"
                                       "1",
                                       "\x0b"
                                       "1",
                                       "1\x0c",
                                       "\xc2\xa0"
                                       "1"};

START_TEST(what_is_not_json)
{
    for (size_t i = 0; i < COUNT(NOT_JSON); i++)
        ck_assert_msg(check(NOT_JSON[i]) == VARSDB_INVALID, "%s was accepted", NOT_JSON[i]);
}
END_TEST

START_TEST(surrogate_escapes_come_in_pairs)
{
    static const char *const texts[] = {"\"\\ud800\"",        "\"\\udc00\"",  "\"\\ud800\\ud800\"",
                                        "\"\\udc00\\ud800\"", "\"\\ud800x\"", "\"\\ud800\\n\"",
                                        "\"\\ud800\\u0041\"", "\"\\udfff\"",  "\"\\ud800\\udc0\"",
                                        "\"\\ud800\\",        "\"\\ud800\\u", "\"\\udbff"};
    for (size_t i = 0; i < COUNT(texts); i++)
        ck_assert_msg(check(texts[i]) == VARSDB_INVALID, "%s was accepted", texts[i]);
    ck_assert_int_eq(check("\"\\ud800\\udc00\\udbff\\udfff\\ud7ff\\ue000\""), VARSDB_OK);
}
END_TEST

START_TEST(strings_must_be_utf8)
{
    static const char *const texts[] = {"\"\xff\"",         "\"\xc0\xaf\"",
                                        "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"",
                                        "\"\xc3\"",         "{\"\xe2\x82\":1}"};
    for (size_t i = 0; i < COUNT(texts); i++)
        ck_assert_msg(check(texts[i]) == VARSDB_INVALID, "%zu was accepted", i);
    vdb_error e = {0};
    ck_assert_int_eq(vdb_json_check(&e, "\"a\0b\"", 5), VARSDB_INVALID);
    ck_assert_int_eq(vdb_json_check(&e, "1\0", 2), VARSDB_INVALID);
}
END_TEST

START_TEST(messages_tell_offset_and_expectation)
{
    vdb_error e = {0};
    ck_assert_int_eq(vdb_json_check(&e, "[1, 2 x]", 8), VARSDB_INVALID);
    ck_assert_ptr_nonnull(strstr(e.text, "',' or ']'"));
    ck_assert_ptr_nonnull(strstr(e.text, "byte 6"));
    ck_assert_ptr_nonnull(strstr(e.text, "'x'"));
    ck_assert_int_eq(vdb_json_check(&e, "{\"a\":", 5), VARSDB_INVALID);
    ck_assert_ptr_nonnull(strstr(e.text, "byte 5"));
    ck_assert_ptr_nonnull(strstr(e.text, "end of the text"));
    ck_assert_int_eq(vdb_json_check(&e, "\"ab\x02\"", 5), VARSDB_INVALID);
    ck_assert_ptr_nonnull(strstr(e.text, "byte 3"));
}
END_TEST

START_TEST(nesting_is_limited)
{
    char text[2 * (VDB_JSON_DEPTH_MAX + 1)];
    vdb_error e = {0};
    for (int depth = VDB_JSON_DEPTH_MAX; depth <= VDB_JSON_DEPTH_MAX + 1; depth++) {
        size_t n = (size_t)depth;
        memset(text, '[', n);
        memset(text + n, ']', n);
        int expected = depth <= VDB_JSON_DEPTH_MAX ? VARSDB_OK : VARSDB_INVALID;
        ck_assert_int_eq(vdb_json_check(&e, text, 2 * n), expected);
    }
    char found[16];
    tokens_of("[[1]]", 5, 1, found, sizeof found);
    ck_assert_str_eq(found, "[!");
    tokens_of("[1]", 3, 0, found, sizeof found);
    ck_assert_str_eq(found, "!");
    tokens_of("1", 1, 0, found, sizeof found);
    ck_assert_str_eq(found, "n.");
}
END_TEST

/* Objects and arrays in turn, over the border between the two words of kinds. */
START_TEST(kinds_of_levels_are_kept_apart)
{
    char text[1024] = "";
    size_t n = 0;
    for (int i = 0; i < 100; i++) {
        const char *open = i % 3 == 0 ? "{\"k\":" : "[";
        memcpy(text + n, open, strlen(open));
        n += strlen(open);
    }
    text[n++] = '1';
    for (int i = 99; i >= 0; i--)
        text[n++] = i % 3 == 0 ? '}' : ']';
    vdb_error e = {0};
    ck_assert_int_eq(vdb_json_check(&e, text, n), VARSDB_OK);
    for (size_t at = n - 100; at < n; at++) {
        char right = text[at];
        text[at] = right == ']' ? '}' : ']';
        ck_assert_msg(vdb_json_check(&e, text, n) == VARSDB_INVALID, "mark %zu", at);
        text[at] = right;
    }
}
END_TEST

START_TEST(skipping_passes_over_a_whole_value)
{
    static const char text[] = "{\"a\":[1,{\"x\":[]},2],\"b\":{},\"c\":\"s\",\"d\":7}";
    vdb_json j;
    vdb_error e = {0};
    vdb_json_token token = VDB_JSON_END;
    char keys[8] = "";
    size_t n = 0;
    vdb_json_begin(&j, text, strlen(text), 8);
    ck_assert_int_eq(vdb_json_next(&j, &e, &token), VARSDB_OK);
    while (vdb_json_next(&j, &e, &token) == VARSDB_OK && token == VDB_JSON_KEY) {
        keys[n++] = j.raw[0];
        ck_assert_int_eq(vdb_json_next(&j, &e, &token), VARSDB_OK);
        ck_assert_int_eq(vdb_json_skip(&j, &e, token), VARSDB_OK);
    }
    ck_assert_str_eq(keys, "abcd");
    ck_assert_int_eq(token, VDB_JSON_OBJECT_END);
    vdb_json_begin(&j, "[[1,}", 5, 8);
    ck_assert_int_eq(vdb_json_next(&j, &e, &token), VARSDB_OK);
    ck_assert_int_eq(vdb_json_skip(&j, &e, token), VARSDB_INVALID);
}
END_TEST

static void expect_unescaped(const char *text, const char *expected, size_t bytes)
{
    vdb_json j;
    vdb_error e = {0};
    vdb_json_token token = VDB_JSON_END;
    vdb_buf b = {0};
    ck_assert_int_eq(vdb_buf_append_text(&b, "<"), VARSDB_OK);
    vdb_json_begin(&j, text, strlen(text), 1);
    ck_assert_int_eq(vdb_json_next(&j, &e, &token), VARSDB_OK);
    ck_assert_int_eq(token, VDB_JSON_STRING);
    ck_assert_int_eq(j.escaped, strchr(text, '\\') != NULL);
    ck_assert_int_eq(vdb_json_unescape(&j, &b), VARSDB_OK);
    ck_assert_uint_eq(b.size, bytes + 1);
    ck_assert_mem_eq(b.data + 1, expected, bytes);
    vdb_buf_release(&b);
}

START_TEST(escapes_are_resolved)
{
    expect_unescaped("\"\"", "", 0);
    expect_unescaped("\"plain\"", "plain", 5);
    expect_unescaped("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", 8);
    expect_unescaped("\"a\\u0000b\"", "a\0b", 3);
    expect_unescaped("\"\\u007f\\u0080\\u07ff\\u0800\\uffff\"",
                     "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf", 11);
    expect_unescaped("\"\\ud83e\\udd86!\"", "\xf0\x9f\xa6\x86!", 5);
    expect_unescaped("\"\\uD800\\uDC00\\uDBFF\\uDFFF\"", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", 8);
    expect_unescaped("\"\\\\u0041\"", "\\u0041", 6);
}
END_TEST

START_TEST(strings_are_printed_with_the_least_escapes)
{
    static const char text[] = "a\"b\\c/\b\f\n\r\t\x01\x1f\x7f\xc3\xa9\0z";
    vdb_buf b = {0};
    ck_assert_int_eq(vdb_json_print_string(&b, text, sizeof text - 1), VARSDB_OK);
    ck_assert_str_eq(b.data, "\"a\\\"b\\\\c/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\xc3\xa9\\u0000z\"");
    expect_unescaped(b.data, text, sizeof text - 1);
    vdb_buf_reset(&b);
    ck_assert_int_eq(vdb_json_print_string(&b, "", 0), VARSDB_OK);
    ck_assert_str_eq(b.data, "\"\"");
    vdb_buf_release(&b);
}
END_TEST

START_TEST(unsigned_numbers)
{
    static const struct {
        const char *text;
        bool is_uint;
        uint64_t value;
    } cases[] = {{"0", true, 0},
                 {"7", true, 7},
                 {"9223372036854775807", true, INT64_MAX},
                 {"9223372036854775808", false, 0},
                 {"18446744073709551616", false, 0},
                 {"99999999999999999999999999", false, 0},
                 {"-0", false, 0},
                 {"-1", false, 0},
                 {"1.0", false, 0},
                 {"1e2", false, 0}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        vdb_json j;
        vdb_error e = {0};
        vdb_json_token token = VDB_JSON_END;
        uint64_t value = 12345;
        vdb_json_begin(&j, cases[i].text, strlen(cases[i].text), 1);
        ck_assert_int_eq(vdb_json_next(&j, &e, &token), VARSDB_OK);
        ck_assert_int_eq(token, VDB_JSON_NUMBER);
        ck_assert_msg(vdb_json_uint(&j, &value) == cases[i].is_uint, "%s", cases[i].text);
        ck_assert_uint_eq(value, cases[i].is_uint ? cases[i].value : 12345);
    }
}
END_TEST

START_TEST(every_cut_of_a_text_is_refused)
{
    static const char text[] = "{\"a\\u00e9\":[1.5e-3,\"\\ud83e\\udd86\",true,null,{}],\"b\":false}";
    vdb_error e = {0};
    for (size_t n = 0; n < sizeof text - 1; n++) {
        char *exact = malloc(n ? n : 1); /* so that a read past the end is seen by the sanitizer */
        ck_assert_ptr_nonnull(exact);
        memcpy(exact, text, n);
        ck_assert_msg(vdb_json_check(&e, exact, n) == VARSDB_INVALID, "cut at %zu", n);
        free(exact);
    }
    ck_assert_int_eq(vdb_json_check(&e, text, sizeof text - 1), VARSDB_OK);
}
END_TEST

Suite *test_json_suite(void)
{
    Suite *s = suite_create("json");
    TCase *t = tcase_create("json");
    tcase_add_test(t, tokens_in_order);
    tcase_add_test(t, the_end_stays_the_end);
    tcase_add_test(t, what_is_json);
    tcase_add_test(t, what_is_not_json);
    tcase_add_test(t, surrogate_escapes_come_in_pairs);
    tcase_add_test(t, strings_must_be_utf8);
    tcase_add_test(t, messages_tell_offset_and_expectation);
    tcase_add_test(t, nesting_is_limited);
    tcase_add_test(t, kinds_of_levels_are_kept_apart);
    tcase_add_test(t, skipping_passes_over_a_whole_value);
    tcase_add_test(t, escapes_are_resolved);
    tcase_add_test(t, strings_are_printed_with_the_least_escapes);
    tcase_add_test(t, unsigned_numbers);
    tcase_add_test(t, every_cut_of_a_text_is_refused);
    suite_add_tcase(s, t);
    return s;
}
