/* test_regularizer.c - which regularizer specs are accepted. */
#include <check.h>
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

Suite *test_regularizer_suite(void)
{
    Suite *suite = suite_create("regularizer");
    TCase *tests = tcase_create("regularizer");
    tcase_add_test(tests, known_ones_with_finite_scales_pass);
    tcase_add_test(tests, others_are_invalid_with_a_sentence);
    suite_add_tcase(suite, tests);
    return suite;
}
