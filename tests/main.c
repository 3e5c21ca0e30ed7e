/*
 * main.c - runs every suite under tests/unit and tests/process.
 *
 * VARSDB_TEST_ONLY=<suite> runs one.  Check's own variables (CK_FORK,
 * CK_VERBOSITY, CK_DEFAULT_TIMEOUT, CK_RUN_CASE ...) work as its manual says.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suites.h"

#define SECONDS_A_TEST "120"

#define DECLARE(name) Suite *test_##name##_suite(void);
VDB_TEST_SUITES(DECLARE)

static const struct {
    const char *name;
    Suite *(*create)(void);
} suites[] = {
#define ENTRY(name) {#name, test_##name##_suite},
    VDB_TEST_SUITES(ENTRY){NULL, NULL}};

static int add_suites(SRunner *runner, const char *only)
{
    int added = 0;

    for (size_t i = 0; suites[i].name != NULL; i++) {
        if (only != NULL && strcmp(only, suites[i].name) != 0)
            continue;
        srunner_add_suite(runner, suites[i].create());
        added++;
    }
    return added;
}

static void list_suites(FILE *out)
{
    for (size_t i = 0; suites[i].name != NULL; i++)
        fprintf(out, " %s", suites[i].name);
    fputc('\n', out);
}

int main(void)
{
    const char *only = getenv("VARSDB_TEST_ONLY");
    SRunner *runner;
    int failed;

    if (setenv("CK_DEFAULT_TIMEOUT", SECONDS_A_TEST, 0) != 0)
        return EXIT_FAILURE;
    if (only != NULL && *only == '\0')
        only = NULL;
    runner = srunner_create(NULL);
    if (add_suites(runner, only) == 0) {
        fprintf(stderr, "VARSDB_TEST_ONLY: no suite is named '%s'; there are:", only != NULL ? only : "");
        list_suites(stderr);
        srunner_free(runner);
        return EXIT_FAILURE;
    }
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
