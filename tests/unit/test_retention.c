/* test_retention.c - which snapshots a namespace keeps. */
#include "../support/faulty.h"
#include "../support/picture.h"

#include <stdlib.h>

Suite *test_retention_suite(void);

static int64_t take_step(int64_t step)
{
    return take(VARSDB_SNAPSHOT(.step = &step));
}

static const char *steps(void)
{
    return registry_sql(&r, "SELECT group_concat(coalesce(step, 'none')) FROM snapshots");
}

static const char *settings(void)
{
    return registry_sql(&r, "SELECT coalesce(keep_last, 'all'), coalesce(keep_every, 'none') FROM "
                            "varsdb_namespaces WHERE name = 'main'");
}

START_TEST(without_a_setting_all_are_kept)
{
    vector("w", 1);
    for (int64_t step = 1; step <= 5; step++)
        take_step(step);
    ck_assert_str_eq(steps(), "1,2,3,4,5");
    ck_assert_str_eq(settings(), "all|none");
}
END_TEST

START_TEST(the_last_ones_and_multiples_are_kept)
{
    vector("w", 1);
    ok(r.db, varsdb_set_retention(r.db, 2, 4));
    audit(&r);
    ck_assert_str_eq(settings(), "2|4");
    for (int64_t step = 1; step <= 10; step++)
        take_step(step);
    ck_assert_str_eq(steps(), "4,8,9,10");
}
END_TEST

START_TEST(steps_of_zero_and_below_are_multiples_too)
{
    vector("w", 1);
    ok(r.db, varsdb_set_retention(r.db, 1, 4));
    for (int64_t step = -5; step <= 2; step++)
        take_step(step);
    ck_assert_str_eq(steps(), "-4,0,2");
}
END_TEST

START_TEST(the_last_ones_are_those_taken_last)
{
    vector("w", 1);
    ok(r.db, varsdb_set_retention(r.db, 2, 0));
    take_step(9);
    take_step(3);
    take_step(1);
    ck_assert_str_eq(steps(), "3,1");
}
END_TEST

START_TEST(pinned_ones_stay_and_count_among_the_last)
{
    const int64_t one = 1, three = 3;
    vector("w", 1);
    ok(r.db, varsdb_set_retention(r.db, 2, -1));
    take(VARSDB_SNAPSHOT(.step = &one, .pinned = 1));
    take_step(2);
    take(VARSDB_SNAPSHOT(.step = &three, .pinned = 1));
    take_step(4);
    ck_assert_str_eq(steps(), "1,3,4");
    take_step(5);
    ck_assert_str_eq(steps(), "1,3,4,5");
    take_step(6);
    ck_assert_str_eq(steps(), "1,3,5,6");
    ok(r.db, varsdb_pin_snapshot(r.db, 1, 0));
    ck_assert_str_eq(steps(), "1,3,5,6"); /* nothing is dropped until one is taken */
    take_step(7);
    ck_assert_str_eq(steps(), "3,6,7");
}
END_TEST

START_TEST(names_do_not_save_and_steps_are_needed_for_multiples)
{
    vector("w", 1);
    ok(r.db, varsdb_set_retention(r.db, 1, 1));
    take(VARSDB_SNAPSHOT(.name = "named"));
    take(NULL);
    take_step(3);
    take(NULL);
    ck_assert_str_eq(steps(), "3,none");
}
END_TEST

START_TEST(all_surplus_ones_go_at_once)
{
    const varsdb_variable *v = vector("w", 1);
    for (int64_t step = 1; step <= 6; step++) {
        assign(v, (float)step);
        take_step(step);
    }
    ck_assert_int_eq(rows("varsdb_tensors"), 6);
    ok(r.db, varsdb_set_retention(r.db, 2, -1));
    ck_assert_str_eq(steps(), "1,2,3,4,5,6");
    take_step(7);
    ck_assert_str_eq(steps(), "6,7");
    ck_assert_int_eq(rows("varsdb_states"), 1);
    ck_assert_int_eq(rows("varsdb_tensors"), 1);
    ck_assert_int_eq(rows("varsdb_snapshot_items"), 2);
}
END_TEST

START_TEST(settings_change_one_by_one)
{
    vector("w", 1);
    ok(r.db, varsdb_set_retention(r.db, 3, 10));
    ok(r.db, varsdb_set_retention(r.db, 0, 0));
    ck_assert_str_eq(settings(), "3|10");
    ok(r.db, varsdb_set_retention(r.db, 5, 0));
    ck_assert_str_eq(settings(), "5|10");
    ok(r.db, varsdb_set_retention(r.db, 0, -1));
    ck_assert_str_eq(settings(), "5|none");
    ok(r.db, varsdb_set_retention(r.db, -1, 7));
    ck_assert_str_eq(settings(), "all|7");
    audit(&r);
    take(VARSDB_SNAPSHOT(.keep_last = 2, .keep_every = -1));
    ck_assert_str_eq(settings(), "2|none");
    take(NULL);
    ck_assert_str_eq(settings(), "2|none");
    take(NULL);
    ck_assert_int_eq(rows("snapshots"), 2);
    expect(r.db, VARSDB_INVALID, varsdb_set_retention(r.db, -2, 0));
    says(r.db, "keep_last is -2");
    expect(r.db, VARSDB_INVALID, varsdb_set_retention(r.db, 1, -9));
    ck_assert_str_eq(settings(), "2|none");
    registry_reopen(&r);
    take(NULL);
    ck_assert_int_eq(rows("snapshots"), 2);
}
END_TEST

START_TEST(each_namespace_has_its_own)
{
    const int64_t seed = 1;
    vector("w", 1);
    ok(r.db, varsdb_set_retention(r.db, 1, 0));
    take(NULL);
    ok(r.db, varsdb_create_namespace(r.db, "run", &seed));
    ok(r.db, varsdb_use_namespace(r.db, "run"));
    vector("w", 1);
    take(NULL);
    take(NULL);
    ck_assert_str_eq(registry_sql(&r, "SELECT namespace, count(*) FROM snapshots GROUP BY 1"),
                     "main|1\nrun|2");
    /* a namespace that is not made yet is made */
    ok(r.db, varsdb_use_namespace(r.db, "new"));
    ok(r.db, varsdb_set_retention(r.db, 4, 0));
    ck_assert_str_eq(registry_sql(&r, "SELECT keep_last FROM varsdb_namespaces WHERE name = 'new'"), "4");
    audit(&r);
}
END_TEST

START_TEST(values_that_others_need_stay)
{
    const varsdb_variable *v = vector("w", 1);
    take_step(1);
    assign(v, 2);
    take(VARSDB_SNAPSHOT(.keep_last = 1));
    assign(v, 3);
    ck_assert_int_eq(rows("varsdb_tensors"), 2);
    assign(v, 1);
    ck_assert_float_eq(first_at(find("latest"), "w"), 2);
    take_step(9);
    ck_assert_str_eq(steps(), "9");
    ck_assert_int_eq(rows("varsdb_tensors"), 1);
}
END_TEST

static int take_one(void *unused)
{
    (void)unused;
    return varsdb_take_snapshot(r.db, NULL, NULL);
}

START_TEST(a_statement_that_fails_leaves_all_snapshots)
{
    const varsdb_variable *v = vector("w", 1);
    for (int64_t step = 1; step <= 4; step++) {
        assign(v, (float)step);
        take_step(step);
    }
    ok(r.db, varsdb_set_retention(r.db, 2, 0));
    ck_assert_int_gt(faulty_fail_each(&r, take_one, NULL), 0);
    audit(&r);
    ck_assert_str_eq(steps(), "4,none");
}
END_TEST

Suite *test_retention_suite(void)
{
    Suite *suite = suite_create("retention");
    TCase *t = tcase_create("retention");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_test(t, without_a_setting_all_are_kept);
    tcase_add_test(t, the_last_ones_and_multiples_are_kept);
    tcase_add_test(t, steps_of_zero_and_below_are_multiples_too);
    tcase_add_test(t, the_last_ones_are_those_taken_last);
    tcase_add_test(t, pinned_ones_stay_and_count_among_the_last);
    tcase_add_test(t, names_do_not_save_and_steps_are_needed_for_multiples);
    tcase_add_test(t, all_surplus_ones_go_at_once);
    tcase_add_test(t, settings_change_one_by_one);
    tcase_add_test(t, each_namespace_has_its_own);
    tcase_add_test(t, values_that_others_need_stay);
    tcase_add_test(t, a_statement_that_fails_leaves_all_snapshots);
    suite_add_tcase(suite, t);
    return suite;
}
