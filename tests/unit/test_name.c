/* Tests of the rules for names, against tables made by hand. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "name.h"

Suite *test_name_suite(void);

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static int created(const char *name)
{
    vdb_error e = {0};
    int rc = vdb_name_check_created(&e, "variable", name, strlen(name));
    ck_assert_int_eq(rc, e.code);
    return rc;
}

static int stored_bytes(const char *name, size_t bytes)
{
    vdb_error e = {0};
    int rc = vdb_name_check_stored(&e, "variable", name, bytes);
    ck_assert_int_eq(rc, e.code);
    return rc;
}

static int stored(const char *name)
{
    return stored_bytes(name, strlen(name));
}

START_TEST(created_names_that_are_accepted)
{
    static const char *const names[] = {"v",     "V9",         "0",   ".",       "..",    ".hidden",
                                        "a/b",   "a/_b",       "a/-", "a-b_c.d", "a/./b", "layer1/weights",
                                        "9/9/9", "A.B/c-d_e/f"};
    for (size_t i = 0; i < COUNT(names); i++)
        ck_assert_msg(created(names[i]) == VARSDB_OK, "'%s' was refused", names[i]);
}
END_TEST

START_TEST(created_names_that_are_refused)
{
    static const char *const names[] = {"",    "_a",  "-a",   "/",    "/a",        "a/",       "a//b", "//",
                                        "a b", "a:0", "a\\b", "a*",   "a\n",       "\x7f",     "a@b",  "a,b",
                                        "a'b", "a\"", "(a)",  "a[0]", "h\xc3\xa9", "\xc3\xa9", "a//",  "a+b"};
    for (size_t i = 0; i < COUNT(names); i++)
        ck_assert_msg(created(names[i]) == VARSDB_INVALID, "'%s' was accepted", names[i]);
}
END_TEST

/* Every byte in first and in later place, against the sets written out. */
START_TEST(created_names_byte_by_byte)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.";
    for (int c = 1; c < 256; c++) {
        char first[] = {(char)c, '\0'}, later[] = {'a', (char)c, 'b', '\0'};
        int may_begin = strchr(letters, c) != NULL, may_follow = may_begin || strchr("_-/", c) != NULL;
        ck_assert_msg((created(first) == VARSDB_OK) == may_begin, "byte %d first", c);
        ck_assert_msg((created(later) == VARSDB_OK) == may_follow, "byte %d later", c);
    }
    vdb_error e = {0};
    ck_assert_int_eq(vdb_name_check_created(&e, "variable", "a\0b", 3), VARSDB_INVALID);
}
END_TEST

START_TEST(stored_names_that_are_accepted)
{
    static const char *const names[] = {"v",
                                        "_CHECKPOINTABLE_OBJECT_GRAPH",
                                        "a b",
                                        "a:0",
                                        "-x",
                                        "model.layers.0/\xc3\xa9\xc3\xa8",
                                        "\xe5\xb1\xa4/\xe9\x87\x8d\xe3\x81\xbf",
                                        "\xf0\x9f\xa6\x86",
                                        "\xc2\xa0",
                                        "\xef\xbf\xbf",
                                        "\xf4\x8f\xbf\xbf",
                                        "\xed\x9f\xbf",
                                        "\xee\x80\x80",
                                        "a\\b\"c'"};
    for (size_t i = 0; i < COUNT(names); i++)
        ck_assert_msg(stored(names[i]) == VARSDB_OK, "%zu: '%s' was refused", i, names[i]);
}
END_TEST

START_TEST(stored_names_without_empty_components)
{
    static const char *const names[] = {"", "/", "/a", "a/", "a//b", "\xc3\xa9/", "a//"};
    for (size_t i = 0; i < COUNT(names); i++)
        ck_assert_msg(stored(names[i]) == VARSDB_INVALID, "'%s' was accepted", names[i]);
}
END_TEST

START_TEST(stored_names_without_controls)
{
    for (int c = 0; c < 0xa0; c++) {
        char ascii[] = {'a', (char)c, 'b'}, latin[] = {'a', (char)0xc2, (char)c, 'b'};
        if (c < 0x80)
            ck_assert_msg((stored_bytes(ascii, 3) == VARSDB_OK) == (c >= 0x20 && c != 0x7f), "byte %d", c);
        else
            ck_assert_msg(stored_bytes(latin, 4) == VARSDB_INVALID, "U+00%02X", (unsigned)c);
    }
}
END_TEST

static const char *const NOT_UTF8[] = {"\x80",
                                       "\xbf",
                                       "\xff",
                                       "\xfe",
                                       "\xc2",
                                       "\xc2\x61",
                                       "\xe2\x82",
                                       "\xe2\x28\xa1",
                                       "\xe2\x82\x28",
                                       "\xf0\x9f\xa6",
                                       "\xf0\x28\x8c\xbc",
                                       "\xf0\x90\x28\xbc",
                                       "\xf0\x28\x8c\x28",
                                       "\xc0\xaf",
                                       "\xc1\xbf",
                                       "\xc0\x80",
                                       "\xe0\x80\xaf",
                                       "\xe0\x9f\xbf",
                                       "\xf0\x80\x80\xaf",
                                       "\xf0\x8f\xbf\xbf", /* overlong */
                                       "\xed\xa0\x80",
                                       "\xed\xbf\xbf",
                                       "\xed\xa0\xbd\xed\xb8\x80", /* surrogates */
                                       "\xf4\x90\x80\x80",
                                       "\xf5\x80\x80\x80",
                                       "\xf7\xbf\xbf\xbf", /* beyond U+10FFFF */
                                       "\xf8\x88\x80\x80\x80",
                                       "\xfc\x84\x80\x80\x80\x80"};

START_TEST(what_is_not_utf8_is_refused)
{
    for (size_t i = 0; i < COUNT(NOT_UTF8); i++) {
        char name[16] = "ab";
        memcpy(name + 2, NOT_UTF8[i], strlen(NOT_UTF8[i]) + 1);
        ck_assert_msg(!vdb_utf8_valid(NOT_UTF8[i], strlen(NOT_UTF8[i])), "%zu", i);
        ck_assert_msg(!vdb_utf8_valid(name, strlen(name)), "%zu", i);
        ck_assert_msg(stored(name) == VARSDB_INVALID, "%zu", i);
    }
}
END_TEST

/* All code points, encoded by the formula of the standard. */
START_TEST(every_code_point_is_utf8_but_nul_and_surrogates)
{
    for (unsigned c = 0; c <= 0x110000; c++) {
        char text[4];
        size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        unsigned lead = n == 1 ? 0 : n == 2 ? 0xc0 : n == 3 ? 0xe0 : 0xf0;
        text[0] = (char)(lead | c >> 6 * (n - 1));
        for (size_t i = 1; i < n; i++)
            text[i] = (char)(0x80 | (c >> 6 * (n - 1 - i) & 0x3f));
        bool expected = c != 0 && c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff);
        if (vdb_utf8_valid(text, n) != expected)
            ck_abort_msg("U+%04X", c);
        if (vdb_utf8_valid(text, n - 1) != (n == 1))
            ck_abort_msg("U+%04X cut short", c);
    }
    ck_assert(vdb_utf8_valid("", 0));
    ck_assert(!vdb_utf8_valid("a\0b", 3));
}
END_TEST

START_TEST(the_longest_name)
{
    char name[VDB_NAME_BYTES_MAX + 1];
    vdb_error e = {0};
    memset(name, 'n', sizeof name);
    ck_assert_int_eq(vdb_name_check_created(&e, "scope", name, VDB_NAME_BYTES_MAX), VARSDB_OK);
    ck_assert_int_eq(vdb_name_check_stored(&e, "scope", name, VDB_NAME_BYTES_MAX), VARSDB_OK);
    ck_assert_int_eq(vdb_name_check_created(&e, "scope", name, sizeof name), VARSDB_INVALID);
    ck_assert_ptr_nonnull(strstr(e.text, "4097 bytes"));
    ck_assert_int_eq(vdb_name_check_stored(&e, "scope", name, sizeof name), VARSDB_INVALID);
}
END_TEST

START_TEST(messages_show_the_name_harmlessly)
{
    vdb_error e = {0};
    vdb_name_check_stored(&e, "variable",
                          "a\xc2\x9b"
                          "31m\xff"
                          "b\xc3\xa9",
                          10);
    ck_assert_ptr_nonnull(strstr(e.text, "variable name 'a?31m?b\xc3\xa9'"));
    ck_assert(vdb_utf8_valid(e.text, strlen(e.text)));
    char name[2001];
    for (size_t i = 0; i < 2000; i += 2)
        memcpy(name + i, "\xc3\xa9", 2);
    name[2000] = '/';
    vdb_name_check_stored(&e, "variable", name, sizeof name);
    ck_assert_ptr_nonnull(strstr(e.text, "\xc3\xa9...'"));
    ck_assert(vdb_utf8_valid(e.text, strlen(e.text)));
}
END_TEST

START_TEST(output_suffix)
{
    ck_assert_uint_eq(vdb_name_without_output("v:0", 3), 1);
    ck_assert_uint_eq(vdb_name_without_output("a/v:0", 5), 3);
    ck_assert_uint_eq(vdb_name_without_output("v", 1), 1);
    ck_assert_uint_eq(vdb_name_without_output("v:1", 3), 3);
    ck_assert_uint_eq(vdb_name_without_output("v:00", 4), 4);
    ck_assert_uint_eq(vdb_name_without_output("v:10", 4), 4);
    ck_assert_uint_eq(vdb_name_without_output("v0", 2), 2);
    ck_assert_uint_eq(vdb_name_without_output(":0", 2), 2);
    ck_assert_uint_eq(vdb_name_without_output("", 0), 0);
}
END_TEST

START_TEST(scope_part)
{
    ck_assert_uint_eq(vdb_name_scope_bytes("a/b/v", 5), 3);
    ck_assert_uint_eq(vdb_name_scope_bytes("a/v", 3), 1);
    ck_assert_uint_eq(vdb_name_scope_bytes("v", 1), 0);
    ck_assert_uint_eq(vdb_name_scope_bytes("", 0), 0);
    ck_assert_uint_eq(vdb_name_scope_bytes("a/b/v", 2), 1);
}
END_TEST

START_TEST(below_a_scope_by_component)
{
    ck_assert(vdb_name_in_scope("a/b/v", 5, "a", 1));
    ck_assert(vdb_name_in_scope("a/b/v", 5, "a/b", 3));
    ck_assert(vdb_name_in_scope("a/b/v", 5, "a/b/v", 5));
    ck_assert(vdb_name_in_scope("a/b/v", 5, "", 0));
    ck_assert(vdb_name_in_scope("", 0, "", 0));
    ck_assert(!vdb_name_in_scope("ab/v", 4, "a", 1));
    ck_assert(!vdb_name_in_scope("a", 1, "a/b", 3));
    ck_assert(!vdb_name_in_scope("b/a", 3, "a", 1));
    ck_assert(!vdb_name_in_scope("a.b", 3, "a", 1));
}
END_TEST

Suite *test_name_suite(void)
{
    Suite *s = suite_create("name");
    TCase *t = tcase_create("name");
    tcase_add_test(t, created_names_that_are_accepted);
    tcase_add_test(t, created_names_that_are_refused);
    tcase_add_test(t, created_names_byte_by_byte);
    tcase_add_test(t, stored_names_that_are_accepted);
    tcase_add_test(t, stored_names_without_empty_components);
    tcase_add_test(t, stored_names_without_controls);
    tcase_add_test(t, what_is_not_utf8_is_refused);
    tcase_add_test(t, every_code_point_is_utf8_but_nul_and_surrogates);
    tcase_add_test(t, the_longest_name);
    tcase_add_test(t, messages_show_the_name_harmlessly);
    tcase_add_test(t, output_suffix);
    tcase_add_test(t, scope_part);
    tcase_add_test(t, below_a_scope_by_component);
    suite_add_tcase(s, t);
    return s;
}
