/* Every line of the conformance file holds through the public C API. */
#include <check.h>
#include <stdio.h>

#include "../support/conformance.h"

#define CASES_AT_LEAST 250

Suite *test_conformance_suite(void);

START_TEST(every_line_of_the_conformance_file_holds)
{
    char why[1024];
    size_t held = 0;
    conformance_cases cases;
    conformance_load(VARSDB_SOURCE_DIR "/tests/conformance", &cases);
    ck_assert_msg(!*cases.problem, "%s", cases.problem);
    for (size_t i = 0; i < cases.count; i++) {
        const conformance_case *c = &cases.at[i];
        if (conformance_holds(c, why, sizeof why))
            held++;
        else
            printf("%s:%d: %s does not hold: %s\n", c->file, c->line, c->id, why);
    }
    printf("conformance: %zu cases, %zu held\n", cases.count, held);
    fflush(stdout);
    ck_assert_uint_ge(cases.count, CASES_AT_LEAST);
    ck_assert_uint_eq(held, cases.count);
    conformance_release(&cases);
}
END_TEST

Suite *test_conformance_suite(void)
{
    Suite *suite = suite_create("conformance");
    TCase *tcase = tcase_create("file");
    tcase_add_test(tcase, every_line_of_the_conformance_file_holds);
    suite_add_tcase(suite, tcase);
    return suite;
}
