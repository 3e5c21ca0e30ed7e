/*
 * test_power.c - the power is lost at any moment (tests/power, actor_power.c): what was acknowledged is
 * there, what was not is there as a whole or not at all; and what a disk or a program does wrong is seen.
 *
 * This is a part of all images, each time another one; "make check-power" makes them all.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/actor.h"
#include "../support/sanitized.h"

Suite *test_power_suite(void);

#define ONE_IN         FEWER("20", "100")
#define FLOOR          FEWER("40000", "8000")
#define PLANTED_ONE_IN "200"
#define SECONDS        600
#define WORKLOAD_LINE  "workload " /* too many for the log of all tests */

typedef struct outcome {
    long long points, images, losses;
    int status;
} outcome;

static outcome lose_power(const char *one_in, const char *floor, const char *plant)
{
    actor a;
    char line[ACTOR_LINE_BYTES];
    outcome out = {0};
    bool told = false;
    const char *arguments[] = {"actor_power", one_in, floor, "1", plant, NULL};
    ck_assert(actor_start(&a, arguments));
    while (actor_receive(&a, line)) {
        told =
            sscanf(line, "points %lld, images %lld, losses %lld", &out.points, &out.images, &out.losses) == 3;
        if (!told && strncmp(line, WORKLOAD_LINE, strlen(WORKLOAD_LINE)) != 0)
            printf("%s\n", line);
    }
    out.status = actor_finish(&a);
    ck_assert_msg(told, "actor_power did not come to its end: %d", out.status);
    printf("power: %s: %lld points, %lld images, %lld losses\n", plant, out.points, out.images, out.losses);
    return out;
}

START_TEST(nothing_acknowledged_is_lost_and_nothing_is_half_done)
{
    outcome found = lose_power(ONE_IN, FLOOR, "none");
    ck_assert_int_eq(found.losses, 0);
    ck_assert_int_ge(found.images, strtoll(FLOOR, NULL, 10));
    ck_assert_int_eq(found.status, 0);
}
END_TEST

static const char *const plants[] = {
    "synchronous=OFF",          "synchronous=NORMAL",   "no sync of the log",
    "no sync of the database",  "no sync of new files", "new files synced after they are published",
    "no sync of the directory",
};

START_TEST(what_is_done_wrong_is_seen)
{
    outcome found = lose_power(PLANTED_ONE_IN, "1", plants[_i]);
    ck_assert_msg(found.losses > 0, "%s: nothing was lost in %lld images", plants[_i], found.images);
    ck_assert_int_eq(found.status, 1);
}
END_TEST

Suite *test_power_suite(void)
{
    Suite *suite = suite_create("power");
    TCase *tc = tcase_create("power");
    tcase_set_timeout(tc, SECONDS);
    tcase_add_test(tc, nothing_acknowledged_is_lost_and_nothing_is_half_done);
    if (!SANITIZED) /* it is the harness that is tested, and once is enough */
        tcase_add_loop_test(tc, what_is_done_wrong_is_seen, 0, (int)(sizeof plants / sizeof *plants));
    suite_add_tcase(suite, tc);
    return suite;
}
