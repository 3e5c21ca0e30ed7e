/* Every line of the conformance file holds through the public C API. */
#include <check.h>
#include <stdio.h>

#include "../support/conformance.h"

#define CASES_AT_LEAST 250
#define TRIED_AT_LEAST 400

Suite *test_conformance_suite(void);

/* _i: in a file of its own, in a host's database, in a transaction of the host's */
START_TEST(every_line_of_the_conformance_file_holds)
{
    char why[1024];
    size_t held = 0, tried = 0;
    conformance_place place = (conformance_place)_i;
    conformance_cases cases;
    conformance_load(VARSDB_SOURCE_DIR "/tests/conformance", &cases);
    ck_assert_msg(!*cases.problem, "%s", cases.problem);
    for (size_t i = 0; i < cases.count; i++) {
        const conformance_case *c = &cases.at[i];
        if (!conformance_can_be(c, place))
            continue;
        tried++;
        if (conformance_holds(c, place, why, sizeof why))
            held++;
        else
            printf("%s:%d: %s does not hold: %s\n", c->file, c->line, c->id, why);
    }
    printf("conformance: place %d: %zu cases, %zu tried, %zu held\n", _i, cases.count, tried, held);
    fflush(stdout);
    ck_assert_uint_ge(cases.count, CASES_AT_LEAST);
    ck_assert_uint_eq(held, tried);
    ck_assert_uint_ge(tried, place == CONFORMANCE_TRANSACTION ? TRIED_AT_LEAST : cases.count);
    conformance_release(&cases);
}
END_TEST

Suite *test_conformance_suite(void)
{
    Suite *suite = suite_create("conformance");
    TCase *tcase = tcase_create("file");
    tcase_add_loop_test(tcase, every_line_of_the_conformance_file_holds, 0, CONFORMANCE_PLACES);
    suite_add_tcase(suite, tcase);
    return suite;
}
