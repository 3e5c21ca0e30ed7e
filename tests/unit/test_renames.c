/* test_renames.c - expressions that are applied one after the other. */
#include <check.h>
#include <string.h>

#include "renames.h"

Suite *test_renames_suite(void);

static vdb_error error;

static void check(const varsdb_rename *items, size_t count, const char *from, const char *to)
{
    vdb_renames r = {0};
    vdb_buf name = {0};
    ck_assert_int_eq(vdb_renames_open(&error, items, count, &r), VARSDB_OK);
    for (int again = 0; again < 2; again++) {
        ck_assert_int_eq(vdb_renames_apply(&r, &error, from, &name), VARSDB_OK);
        ck_assert_str_eq(name.data, to);
        ck_assert_uint_eq(name.size, strlen(to));
    }
    vdb_buf_release(&name);
    vdb_renames_close(&r);
}

START_TEST(each_takes_what_the_one_before_it_made)
{
    const varsdb_rename swap[] = {{"a", "x"}, {"b", "a"}, {"x", "b"}};
    check(swap, 3, "aab", "bba");
    check(swap, 2, "aab", "xxa");
    check(swap, 3, "c", "c");
}
END_TEST

START_TEST(what_matches_nothing_stays)
{
    const varsdb_rename items[] = {{"^q", "p"}, {"(w)$", "$1$1"}, {"^q", ""}};
    check(NULL, 0, "a/w", "a/w");
    check(items, 3, "a/w", "a/ww");
    check(items, 3, "q", "p");
    check(items, 3, "", "");
}
END_TEST

START_TEST(a_name_may_become_empty_and_long)
{
    const varsdb_rename empty[] = {{".*", ""}}, twice[] = {{"^(.*)$", "$1$1"}, {"^(.*)$", "$1$1"}};
    check(empty, 1, "a", "");
    check(twice, 2, "0123456789abcdef0123456789abcdef",
          "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
          "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
}
END_TEST

START_TEST(what_is_none_is_refused)
{
    const varsdb_rename bad[] = {{"a", "b"}, {"[", "b"}}, from[] = {{NULL, "b"}}, to[] = {{"a", NULL}},
                        group[] = {{"a", "$7"}};
    vdb_renames r = {0};
    vdb_buf name = {0};
    ck_assert_int_eq(vdb_renames_open(&error, NULL, 1, &r), VARSDB_MISUSE);
    ck_assert_int_eq(vdb_renames_open(&error, from, 1, &r), VARSDB_MISUSE);
    ck_assert_int_eq(vdb_renames_open(&error, to, 1, &r), VARSDB_MISUSE);
    ck_assert_int_eq(vdb_renames_open(&error, bad, 2, &r), VARSDB_INVALID);
    ck_assert_int_eq(vdb_renames_open(&error, group, 1, &r), VARSDB_OK);
    ck_assert_int_eq(vdb_renames_apply(&r, &error, "a", &name), VARSDB_INVALID);
    vdb_renames_close(&r);
    vdb_buf_release(&name);
}
END_TEST

Suite *test_renames_suite(void)
{
    Suite *s = suite_create("renames");
    TCase *t = tcase_create("renames");
    tcase_add_test(t, each_takes_what_the_one_before_it_made);
    tcase_add_test(t, what_matches_nothing_stays);
    tcase_add_test(t, a_name_may_become_empty_and_long);
    tcase_add_test(t, what_is_none_is_refused);
    suite_add_tcase(s, t);
    return s;
}
