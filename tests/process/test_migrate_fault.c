/*
 * test_migrate_fault.c - memory is out, or the disk fails in each of its ways, or is full, at every moment of
 * an upgrade: the registry has the older schema or the newer, wholly; sweep.h says what else is expected.
 */
#include <check.h>
#include <stdio.h>

#include "../support/sanitized.h"
#include "../support/sweep.h"

Suite *test_migrate_fault_suite(void);

#define SECONDS_MAX 1200
#define POINTS_MIN  FEWER(1500, 200)

static scene stage;

static void set_up(void)
{
    fault_install();
    scene_set_up(&stage);
}

static void tear_down(void)
{
    scene_tear_down(&stage);
}

/* With a handle of its own every moment, in short runs too. */
static long fail_everywhere(scene_mode mode)
{
    const int step = mode == SCENE_OWN ? FEWER(1, 7) : sweep_step(5);
    long points = 0;
    for (int kind = 0; kind < FAULT_KINDS; kind++)
        for (int lasting = 0; lasting < 2; lasting++) {
            sweep w = {.kind = kind, .lasting = lasting, .step = step, .only = "migrate"};
            sweep_counts n = sweep_run(&stage, mode, &w);
            ck_assert_int_eq(n.scenarios, 1);
            points += n.points;
        }
    return points;
}

START_TEST(an_upgrade_that_fails_anywhere_leaves_the_older_schema_or_the_newer)
{
    long points = 0;
    for (int mode = SCENE_OWN; mode < SCENE_MODES; mode++)
        points += fail_everywhere((scene_mode)mode);
    printf("migrate_fault: %ld moments\n", points);
    ck_assert_int_ge(points, POINTS_MIN);
}
END_TEST

Suite *test_migrate_fault_suite(void)
{
    Suite *suite = suite_create("migrate_fault");
    TCase *tc = tcase_create("migrate_fault");
    tcase_set_timeout(tc, SECONDS_MAX);
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, an_upgrade_that_fails_anywhere_leaves_the_older_schema_or_the_newer);
    suite_add_tcase(suite, tc);
    return suite;
}
