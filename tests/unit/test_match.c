/* test_match.c - regular expressions over names, and that none can hang. */
#include <check.h>
#include <string.h>

#include "match.h"

static vdb_error error;

static bool finds(const char *pattern, const char *text)
{
    vdb_match *m = NULL;
    bool found = false;
    ck_assert_int_eq(vdb_match_new(&error, pattern, &m), VARSDB_OK);
    ck_assert_int_eq(vdb_match_find(m, &error, text, strlen(text), &found), VARSDB_OK);
    vdb_match_free(m);
    return found;
}

START_TEST(pattern_is_found_anywhere_unless_anchored)
{
    ck_assert(finds("bias", "layer1/bias"));
    ck_assert(finds("^layer[0-9]+/", "layer12/w"));
    ck_assert(!finds("^bias", "layer1/bias"));
    ck_assert(!finds("bias$", "bias/x"));
    ck_assert(finds("", "anything"));
    ck_assert(finds("", ""));
}
END_TEST

START_TEST(text_is_utf8_and_a_dot_is_a_character)
{
    ck_assert(finds("^.$", "\xc3\xa9"));
    ck_assert(!finds("^..$", "\xc3\xa9"));
}
END_TEST

START_TEST(bad_pattern_is_refused_with_position_and_reason)
{
    vdb_match *m = NULL;
    ck_assert_int_eq(vdb_match_new(&error, "a(b", &m), VARSDB_INVALID);
    ck_assert_ptr_null(m);
    ck_assert_ptr_nonnull(strstr(error.text, "'a(b'"));
    ck_assert_ptr_nonnull(strstr(error.text, "byte 3"));
    ck_assert_ptr_nonnull(strstr(error.text, "missing"));
    ck_assert_int_eq(vdb_match_new(&error, "\xff", &m), VARSDB_INVALID);
    ck_assert_int_eq(vdb_match_new(&error, "a\\C", &m), VARSDB_INVALID);
}
END_TEST

START_TEST(huge_pattern_is_refused)
{
    static char pattern[70000];
    vdb_match *m = NULL;
    memset(pattern, 'a', sizeof pattern - 1);
    ck_assert_int_eq(vdb_match_new(&error, pattern, &m), VARSDB_INVALID);
    ck_assert_int_eq(vdb_match_new(&error, "((a{1,1000}){1,1000}){1,1000}", &m), VARSDB_INVALID);
}
END_TEST

START_TEST(exponential_pattern_reaches_the_limit)
{
    vdb_match *m = NULL;
    bool found = true;
    const char *text = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!";
    ck_assert_int_eq(vdb_match_new(&error, "^(a+)+$", &m), VARSDB_OK);
    ck_assert_int_eq(vdb_match_find(m, &error, text, strlen(text), &found), VARSDB_INVALID);
    ck_assert(found);
    ck_assert_ptr_nonnull(strstr(error.text, "too long"));
    ck_assert_int_eq(vdb_match_find(m, &error, "aaa", 3, &found), VARSDB_OK);
    ck_assert(found);
    vdb_match_free(m);
}
END_TEST

START_TEST(recursive_pattern_reaches_a_limit)
{
    static char text[400001];
    vdb_match *m = NULL;
    bool found = true;
    memset(text, '(', sizeof text - 1);
    ck_assert_int_eq(vdb_match_new(&error, "^(\\((?1)*\\))$", &m), VARSDB_OK);
    ck_assert_int_eq(vdb_match_find(m, &error, text, sizeof text - 1, &found), VARSDB_INVALID);
    vdb_match_free(m);
}
END_TEST

static const char *replaced(const char *pattern, const char *replacement, const char *text, bool *changed)
{
    static char result[256];
    vdb_match *m = NULL;
    vdb_buf out = {0};
    ck_assert_int_eq(vdb_match_new(&error, pattern, &m), VARSDB_OK);
    ck_assert_int_eq(vdb_match_replace(m, &error, text, strlen(text), replacement, &out, changed), VARSDB_OK);
    ck_assert_uint_lt(out.size, sizeof result);
    memcpy(result, out.data, out.size);
    result[out.size] = '\0';
    vdb_buf_release(&out);
    vdb_match_free(m);
    return result;
}

START_TEST(every_match_is_replaced_and_groups_are_numbered)
{
    bool changed = false;
    ck_assert_str_eq(replaced("\\.", "/", "model.layers.0.weight", &changed), "model/layers/0/weight");
    ck_assert(changed);
    ck_assert_str_eq(replaced("^(\\w+)\\.(\\w+)$", "$2-${1}", "ab.cd", &changed), "cd-ab");
    ck_assert_str_eq(replaced("(a)|(b)", "[$1]", "ab", &changed), "[a][]");
    ck_assert_str_eq(replaced("^a$", "", "a", &changed), "");
    ck_assert(changed);
    ck_assert_str_eq(replaced("x", "y", "abc", &changed), "");
    ck_assert(!changed);
}
END_TEST

START_TEST(long_replacement_grows_the_result)
{
    vdb_match *m = NULL;
    vdb_buf out = {0};
    bool changed = false;
    char text[101], replacement[101];
    memset(text, 'a', 100);
    memset(replacement, 'b', 100);
    text[100] = replacement[100] = '\0';
    ck_assert_int_eq(vdb_match_new(&error, "a", &m), VARSDB_OK);
    ck_assert_int_eq(vdb_match_replace(m, &error, text, 100, replacement, &out, &changed), VARSDB_OK);
    ck_assert_uint_eq(out.size, 10000);
    ck_assert_uint_eq(strspn(out.data, "b"), 10000);
    vdb_buf_release(&out);
    vdb_match_free(m);
}
END_TEST

START_TEST(bad_replacements_are_refused)
{
    vdb_match *m = NULL;
    vdb_buf out = {0};
    bool changed = true;
    ck_assert_int_eq(vdb_match_new(&error, "(a)", &m), VARSDB_OK);
    ck_assert_int_eq(vdb_match_replace(m, &error, "a", 1, "$7", &out, &changed), VARSDB_INVALID);
    ck_assert_ptr_nonnull(strstr(error.text, "'$7'"));
    ck_assert_int_eq(vdb_match_replace(m, &error, "a", 1, "${1", &out, &changed), VARSDB_INVALID);
    ck_assert(changed);
    vdb_buf_release(&out);
    vdb_match_free(m);
}
END_TEST

START_TEST(replacement_of_excessive_size_is_refused)
{
    static char text[20001], replacement[20001];
    vdb_match *m = NULL;
    vdb_buf out = {0};
    bool changed = false;
    memset(text, 'a', sizeof text - 1);
    memset(replacement, 'b', sizeof replacement - 1);
    ck_assert_int_eq(vdb_match_new(&error, "a", &m), VARSDB_OK);
    ck_assert_int_eq(vdb_match_replace(m, &error, text, 20000, replacement, &out, &changed), VARSDB_INVALID);
    ck_assert_ptr_nonnull(strstr(error.text, "too long"));
    vdb_buf_release(&out);
    vdb_match_free(m);
}
END_TEST

Suite *test_match_suite(void);
Suite *test_match_suite(void)
{
    Suite *s = suite_create("match");
    TCase *t = tcase_create("match");
    tcase_add_test(t, pattern_is_found_anywhere_unless_anchored);
    tcase_add_test(t, text_is_utf8_and_a_dot_is_a_character);
    tcase_add_test(t, bad_pattern_is_refused_with_position_and_reason);
    tcase_add_test(t, huge_pattern_is_refused);
    tcase_add_test(t, exponential_pattern_reaches_the_limit);
    tcase_add_test(t, recursive_pattern_reaches_a_limit);
    tcase_add_test(t, every_match_is_replaced_and_groups_are_numbered);
    tcase_add_test(t, long_replacement_grows_the_result);
    tcase_add_test(t, bad_replacements_are_refused);
    tcase_add_test(t, replacement_of_excessive_size_is_refused);
    suite_add_tcase(s, t);
    return s;
}
