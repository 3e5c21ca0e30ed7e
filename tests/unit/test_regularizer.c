/* test_regularizer.c - which regularizer specs are accepted, and what they make of sums. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "regularizer.h"

Suite *test_regularizer_suite(void);

START_TEST(known_ones_with_finite_scales_pass)
{
    static const char *const good[] = {"l1(0.5)",     "l2(1e-4)",     "l1_l2(0.1, 0)",
                                       "l2(scale=3)", "l2(weight=3)", "l1_l2(scale_l2=1,scale_l1=2)",
                                       "none",        "none()"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        vdb_error e;
        ck_assert_msg(vdb_regularizer_check(&e, good[i]) == VARSDB_OK, "%s", good[i]);
    }
}
END_TEST

START_TEST(others_are_invalid_with_a_sentence)
{
    static const struct {
        const char *text, *says;
    } bad[] = {{"l3(1)", "l1_l2"},       {"l2", "needs scale"},   {"l2(-1)", "not below 0"},
               {"l2(inf)", "finite"},    {"l2(nan)", "finite"},   {"l2(1,2)", "takes"},
               {"l1_l2(1)", "scale_l2"}, {"l2([1])", "a number"}, {"l2(none)", "number"},
               {"none(1)", "nothing"},   {"", "a name"},          {"l2(1", "a comma"}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        vdb_error e;
        ck_assert_msg(vdb_regularizer_check(&e, bad[i].text) == VARSDB_INVALID, "%s", bad[i].text);
        ck_assert_msg(strstr(e.text, bad[i].says), "%s: %s", bad[i].text, e.text);
    }
}
END_TEST

static void check_scales(const char *text, double l1, double l2)
{
    vdb_error e;
    vdb_regularizer parsed = {-1, -1};
    ck_assert_msg(vdb_regularizer_parse(&e, text, &parsed) == VARSDB_OK, "%s: %s", text, e.text);
    ck_assert_double_eq(parsed.l1, l1);
    ck_assert_double_eq(parsed.l2, l2);
}

START_TEST(scales_go_where_their_names_say)
{
    check_scales("l1(0.5)", 0.5, 0);
    check_scales("l2(1e-4)", 0, 1e-4);
    check_scales("l1(weight=3)", 3, 0);
    check_scales("l2(scale=3)", 0, 3);
    check_scales("l1_l2(0.25, 2)", 0.25, 2);
    check_scales("l1_l2(scale_l2=1,scale_l1=2)", 2, 1);
    check_scales("l1_l2(weight_l2=1,weight_l1=2)", 2, 1);
    check_scales("l1_l2(0.25, scale_l2=0)", 0.25, 0);
    check_scales("none", 0, 0);
}
END_TEST

START_TEST(nothing_is_written_for_a_bad_spec)
{
    static const char *const bad[] = {"l2(-1)", "l1_l2(1,nan)", "l3(1)", "l1(1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        vdb_error e;
        vdb_regularizer kept = {7, 8};
        ck_assert_int_eq(vdb_regularizer_parse(&e, bad[i], &kept), VARSDB_INVALID);
        ck_assert_double_eq(kept.l1, 7);
        ck_assert_double_eq(kept.l2, 8);
    }
}
END_TEST

/* [1,-2,3]: magnitudes 6, squares 14. */
START_TEST(losses_are_scaled_sums)
{
    ck_assert_double_eq(vdb_regularizer_loss(&(vdb_regularizer){0.5, 0}, 6, 14), 3);
    ck_assert_double_eq(vdb_regularizer_loss(&(vdb_regularizer){0, 0.5}, 6, 14), 3.5);
    ck_assert_double_eq(vdb_regularizer_loss(&(vdb_regularizer){0.5, 0.25}, 6, 14), 4.75);
    ck_assert_double_eq(vdb_regularizer_loss(&(vdb_regularizer){0, 0}, 6, 14), 0);
}
END_TEST

START_TEST(a_scale_of_zero_is_no_term_even_of_infinity)
{
    ck_assert_double_eq(vdb_regularizer_loss(&(vdb_regularizer){1, 0}, 6, INFINITY), 6);
    ck_assert_double_eq(vdb_regularizer_loss(&(vdb_regularizer){0, 1}, NAN, 2), 1);
    ck_assert_double_eq(vdb_regularizer_loss(&(vdb_regularizer){0, 0}, INFINITY, NAN), 0);
    ck_assert_double_eq(vdb_regularizer_loss(&(vdb_regularizer){0, 1}, 6, INFINITY), INFINITY);
    ck_assert_double_nan(vdb_regularizer_loss(&(vdb_regularizer){1, 1}, NAN, 2));
}
END_TEST

Suite *test_regularizer_suite(void)
{
    Suite *suite = suite_create("regularizer");
    TCase *tests = tcase_create("regularizer");
    tcase_add_test(tests, known_ones_with_finite_scales_pass);
    tcase_add_test(tests, others_are_invalid_with_a_sentence);
    tcase_add_test(tests, scales_go_where_their_names_say);
    tcase_add_test(tests, nothing_is_written_for_a_bad_spec);
    tcase_add_test(tests, losses_are_scaled_sums);
    tcase_add_test(tests, a_scale_of_zero_is_no_term_even_of_infinity);
    suite_add_tcase(suite, tests);
    return suite;
}
