/* Tests of results and messages. */
#include <check.h>
#include <string.h>

#include "error.h"

Suite *test_error_suite(void);

START_TEST(names_and_sentences_of_results)
{
    ck_assert_str_eq(varsdb_errname(0), "VARSDB_OK");
    ck_assert_str_eq(varsdb_errname(11), "VARSDB_BUSY");
    ck_assert_str_eq(varsdb_errname(24), "VARSDB_UNSUPPORTED");
    ck_assert_str_eq(varsdb_errstr(3), "out of memory");
    ck_assert_str_eq(varsdb_errstr(21), "the disk is full");
}
END_TEST

START_TEST(unknown_results_have_a_name_too)
{
    ck_assert_str_eq(varsdb_errname(26), "VARSDB_?");
    ck_assert_str_eq(varsdb_errname(-1), "VARSDB_?");
    ck_assert_str_eq(varsdb_errstr(1000000), "unknown result");
}
END_TEST

START_TEST(fail_sets_code_and_text)
{
    vdb_error e = {0};
    ck_assert_int_eq(vdb_fail(&e, VARSDB_EXISTS, "variable '%s' exists (%d)", "a/b", 7), VARSDB_EXISTS);
    ck_assert_int_eq(e.code, VARSDB_EXISTS);
    ck_assert_str_eq(e.text, "variable 'a/b' exists (7)");
    vdb_error_clear(&e);
    ck_assert_int_eq(e.code, VARSDB_OK);
    ck_assert_str_eq(e.text, "");
}
END_TEST

START_TEST(fail_in_puts_context_before)
{
    vdb_error e = {0};
    vdb_fail(&e, VARSDB_FORMAT, "header too long");
    ck_assert_int_eq(vdb_fail_in(&e, "file '%s'", "m.bin"), VARSDB_FORMAT);
    ck_assert_int_eq(vdb_fail_in(&e, "import"), VARSDB_FORMAT);
    ck_assert_str_eq(e.text, "import: file 'm.bin': header too long");
}
END_TEST

START_TEST(control_characters_cannot_reach_a_terminal)
{
    vdb_error e = {0};
    vdb_fail(&e, VARSDB_INVALID, "%s",
             "a\x1b[31mb\nc\x7f"
             "d\te");
    ck_assert_str_eq(e.text, "a?[31mb?c?d?e");
    vdb_fail_in(&e, "%s", "\r");
    ck_assert_str_eq(e.text, "?: a?[31mb?c?d?e");
}
END_TEST

START_TEST(long_texts_are_cut_and_end_in_nul)
{
    vdb_error e = {0};
    char text[3 * VDB_ERROR_BYTES];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    vdb_fail(&e, VARSDB_INVALID, "%s", text);
    ck_assert_uint_eq(strlen(e.text), VDB_ERROR_BYTES - 1);
    ck_assert_int_eq(vdb_fail_in(&e, "%s", text), VARSDB_INVALID);
    ck_assert_uint_eq(strlen(e.text), VDB_ERROR_BYTES - 1);
    vdb_fail(&e, VARSDB_INVALID, "inner");
    vdb_fail_in(&e, "%.*s", VDB_ERROR_BYTES - 4, text);
    ck_assert_uint_eq(strlen(e.text), VDB_ERROR_BYTES - 1);
    ck_assert_str_eq(e.text + VDB_ERROR_BYTES - 4, ": i");
}
END_TEST

START_TEST(nomem_is_reported_without_memory)
{
    vdb_error e = {0};
    ck_assert_int_eq(vdb_fail_nomem(&e), VARSDB_NOMEM);
    ck_assert_str_eq(e.text, "out of memory");
}
END_TEST

Suite *test_error_suite(void)
{
    Suite *s = suite_create("error");
    TCase *t = tcase_create("error");
    tcase_add_test(t, names_and_sentences_of_results);
    tcase_add_test(t, unknown_results_have_a_name_too);
    tcase_add_test(t, fail_sets_code_and_text);
    tcase_add_test(t, fail_in_puts_context_before);
    tcase_add_test(t, control_characters_cannot_reach_a_terminal);
    tcase_add_test(t, long_texts_are_cut_and_end_in_nul);
    tcase_add_test(t, nomem_is_reported_without_memory);
    suite_add_tcase(s, t);
    return s;
}
