/* test_scope_counter.c - how default names are numbered. */
#include <string.h>

#include "../support/registry.h"
#include "scope_counter.h"

Suite *test_scope_counter_suite(void);

static registry r;

static void open_registry(void)
{
    registry_open(&r);
}

static void close_registry(void)
{
    registry_close(&r);
}

/* Enters an anonymous scope, checks its name, and leaves it. */
static void pass_anonymous(const char *base, const char *expected)
{
    ok(r.db, varsdb_enter_scope(r.db, NULL, VARSDB_SCOPE(.default_name = base), NULL));
    ck_assert_str_eq(varsdb_current_scope(r.db), expected);
    ok(r.db, varsdb_leave_scope(r.db, NULL));
}

START_TEST(successive_ones_are_numbered)
{
    pass_anonymous("conv", "conv");
    pass_anonymous("conv", "conv_1");
    pass_anonymous("conv", "conv_2");
    pass_anonymous("dense", "dense");
    pass_anonymous("conv_1", "conv_1_1");
    pass_anonymous("conv", "conv_3");
}
END_TEST

START_TEST(names_with_a_common_beginning_do_not_disturb_each_other)
{
    pass_anonymous("defaultScope1", "defaultScope1");
    pass_anonymous("defaultScope1", "defaultScope1_1");
    pass_anonymous("defaultScope", "defaultScope");
    pass_anonymous("defaultScope1", "defaultScope1_2");
    pass_anonymous("Conv", "Conv");
    pass_anonymous("conv", "conv");
}
END_TEST

START_TEST(an_explicit_name_occupies_its_slot)
{
    ok(r.db, varsdb_enter_scope(r.db, "conv", NULL, NULL));
    ok(r.db, varsdb_leave_scope(r.db, NULL));
    ok(r.db, varsdb_enter_scope(r.db, "conv_2", NULL, NULL));
    ok(r.db, varsdb_leave_scope(r.db, NULL));
    pass_anonymous("conv", "conv_1");
    pass_anonymous("conv", "conv_3");
}
END_TEST

START_TEST(a_name_wins_over_a_default_name)
{
    ok(r.db, varsdb_enter_scope(r.db, "given", VARSDB_SCOPE(.default_name = "conv"), NULL));
    ck_assert_str_eq(varsdb_current_scope(r.db), "given");
    ok(r.db, varsdb_leave_scope(r.db, NULL));
    pass_anonymous("conv", "conv");
}
END_TEST

START_TEST(nested_numbers_are_of_their_parent)
{
    ok(r.db, varsdb_enter_scope(r.db, NULL, VARSDB_SCOPE(.default_name = "tower"), NULL));
    pass_anonymous("conv", "tower/conv");
    pass_anonymous("conv", "tower/conv_1");
    ok(r.db, varsdb_leave_scope(r.db, NULL));
    ok(r.db, varsdb_enter_scope(r.db, NULL, VARSDB_SCOPE(.default_name = "tower"), NULL));
    pass_anonymous("conv", "tower_1/conv");
    ok(r.db, varsdb_leave_scope(r.db, NULL));
    pass_anonymous("conv", "conv");
}
END_TEST

START_TEST(reentering_the_parent_by_string_restarts)
{
    for (int pass = 0; pass < 2; pass++) {
        ok(r.db, varsdb_enter_scope(r.db, "net", NULL, NULL));
        pass_anonymous("conv", "net/conv");
        pass_anonymous("conv", "net/conv_1");
        ok(r.db, varsdb_leave_scope(r.db, NULL));
    }
}
END_TEST

START_TEST(reentering_the_parent_by_object_restarts)
{
    const varsdb_scope *net;
    ok(r.db, varsdb_enter_scope(r.db, "net", NULL, &net));
    pass_anonymous("conv", "net/conv");
    pass_anonymous("conv", "net/conv_1");
    ok(r.db, varsdb_leave_scope(r.db, net));
    for (int pass = 0; pass < 2; pass++) {
        ok(r.db, varsdb_reenter_scope(r.db, net, NULL, NULL));
        pass_anonymous("conv", "net/conv");
        pass_anonymous("conv", "net/conv_1");
        ok(r.db, varsdb_leave_scope(r.db, NULL));
    }
}
END_TEST

START_TEST(a_jump_into_an_open_scope_does_not_disturb_numbering)
{
    const varsdb_scope *net, *inner;
    ok(r.db, varsdb_enter_scope(r.db, "net", NULL, &net));
    pass_anonymous("conv", "net/conv");
    ok(r.db, varsdb_enter_scope(r.db, "inner", NULL, &inner));
    ok(r.db, varsdb_reenter_scope(r.db, net, NULL, NULL));
    pass_anonymous("conv", "net/conv_1");
    ok(r.db, varsdb_leave_scope(r.db, NULL));
    ck_assert_str_eq(varsdb_current_scope(r.db), "net/inner");
    ok(r.db, varsdb_leave_scope(r.db, inner));
    /* what was counted inside the jump is forgotten, what was counted before is not */
    pass_anonymous("conv", "net/conv_1");
    pass_anonymous("conv", "net/conv_2");
}
END_TEST

START_TEST(root_counters_are_never_reset)
{
    const varsdb_scope *a;
    ok(r.db, varsdb_enter_scope(r.db, NULL, VARSDB_SCOPE(.default_name = "a"), &a));
    ok(r.db, varsdb_leave_scope(r.db, a));
    ok(r.db, varsdb_reenter_scope(r.db, a, NULL, NULL));
    ok(r.db, varsdb_leave_scope(r.db, NULL));
    pass_anonymous("a", "a_1");
}
END_TEST

static void build_model(varsdb *db)
{
    for (int i = 0; i < 3; i++) {
        ok(db, varsdb_enter_scope(db, NULL, VARSDB_SCOPE(.default_name = "layer"), NULL));
        got_model(db, "w", VARSDB_WITH(.shape = VARSDB_SHAPE(2, 2)));
        ok(db, varsdb_enter_scope(db, NULL, VARSDB_SCOPE(.default_name = "norm"), NULL));
        got_model(db, "gamma", VARSDB_WITH(.shape = VARSDB_SHAPE(2), .initializer = "ones"));
        ok(db, varsdb_leave_scope(db, NULL));
        ok(db, varsdb_leave_scope(db, NULL));
    }
}

START_TEST(the_same_program_again_finds_the_same_names)
{
    static const char all[] =
        "layer/w,layer/norm/gamma,layer_1/w,layer_1/norm/gamma,layer_2/w,layer_2/norm/gamma";
    build_model(r.db);
    ck_assert_str_eq(registry_sql(&r, "SELECT group_concat(name) FROM variables"), all);
    varsdb *other = registry_another(&r);
    build_model(other);
    varsdb_close(other);
    registry_reopen(&r);
    build_model(r.db);
    ck_assert_str_eq(registry_sql(&r, "SELECT group_concat(name) FROM variables"), all);
}
END_TEST

START_TEST(building_twice_below_a_parent_shares_on_one_handle)
{
    for (int pass = 0; pass < 2; pass++) {
        ok(r.db, varsdb_enter_scope(r.db, "net", NULL, NULL));
        build_model(r.db);
        ok(r.db, varsdb_leave_scope(r.db, NULL));
    }
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM variables"), 6);
}
END_TEST

START_TEST(a_failed_entry_takes_no_number)
{
    expect(r.db, VARSDB_INVALID,
           varsdb_enter_scope(r.db, NULL, VARSDB_SCOPE(.default_name = "conv", .initializer = "bad("), NULL));
    expect(r.db, VARSDB_INVALID,
           varsdb_enter_scope(r.db, NULL, VARSDB_SCOPE(.default_name = "bad name"), NULL));
    pass_anonymous("conv", "conv");
}
END_TEST

START_TEST(the_tree_counts_copies_and_forgets)
{
    vdb_scope_counter *root = vdb_scope_counter_new();
    static const char *const paths[] = {"a", "a/b", "a/b/c", "ab", "a/b"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        ck_assert_int_eq(vdb_scope_counter_add(root, paths[i], strlen(paths[i])), VARSDB_OK);
    vdb_scope_counter *copy = vdb_scope_counter_copy(root);
    vdb_scope_counter_forget_below(root, "a", 1);
    ck_assert_int_eq(vdb_scope_counter_get(root, "a", 1), 1);
    ck_assert_int_eq(vdb_scope_counter_get(root, "a/b", 3), 0);
    ck_assert_int_eq(vdb_scope_counter_get(root, "a/b/c", 5), 0);
    ck_assert_int_eq(vdb_scope_counter_get(root, "ab", 2), 1);
    ck_assert_int_eq(vdb_scope_counter_get(copy, "a/b", 3), 2);
    ck_assert_int_eq(vdb_scope_counter_get(copy, "a/b/c", 5), 1);
    vdb_scope_counter_forget_below(copy, "none/such", 9);
    vdb_scope_counter_forget_below(copy, "", 0);
    ck_assert_int_eq(vdb_scope_counter_get(copy, "ab", 2), 0);
    vdb_scope_counter_free(root);
    vdb_scope_counter_free(copy);
}
END_TEST

Suite *test_scope_counter_suite(void)
{
    Suite *suite = suite_create("scope_counter");
    TCase *t = tcase_create("scope_counter");
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_test(t, successive_ones_are_numbered);
    tcase_add_test(t, names_with_a_common_beginning_do_not_disturb_each_other);
    tcase_add_test(t, an_explicit_name_occupies_its_slot);
    tcase_add_test(t, a_name_wins_over_a_default_name);
    tcase_add_test(t, nested_numbers_are_of_their_parent);
    tcase_add_test(t, reentering_the_parent_by_string_restarts);
    tcase_add_test(t, reentering_the_parent_by_object_restarts);
    tcase_add_test(t, a_jump_into_an_open_scope_does_not_disturb_numbering);
    tcase_add_test(t, root_counters_are_never_reset);
    tcase_add_test(t, the_same_program_again_finds_the_same_names);
    tcase_add_test(t, building_twice_below_a_parent_shares_on_one_handle);
    tcase_add_test(t, a_failed_entry_takes_no_number);
    tcase_add_test(t, the_tree_counts_copies_and_forgets);
    suite_add_tcase(suite, t);
    return suite;
}
