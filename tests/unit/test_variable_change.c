/* test_variable_change.c - renaming and deleting variables and scopes. */
#include <stdlib.h>
#include <string.h>

#include "../support/registry.h"

Suite *test_variable_change_suite(void);

static registry r;

static void open_registry(void)
{
    registry_open(&r);
}

static void close_registry(void)
{
    registry_close(&r);
}

static const varsdb_variable *vector(const char *name)
{
    return got(r.db, name, VARSDB_WITH(.shape = VARSDB_SHAPE(4)));
}

static const char *names(void)
{
    return registry_sql(&r, "SELECT group_concat(name, ' ') FROM variables");
}

static const char *scopes(void)
{
    return registry_sql(
        &r, "SELECT coalesce(group_concat(name, ' '), '') FROM (SELECT name FROM scopes ORDER BY name)");
}

START_TEST(a_renamed_variable_keeps_its_identity_and_value)
{
    float before[4], after[4];
    const varsdb_variable *v = vector("a/b/v"), *found;
    int64_t id = varsdb_variable_id(v);
    ok(r.db, varsdb_read(r.db, v, before, sizeof before));
    ok(r.db, varsdb_rename_variable(r.db, v, "c/w"));
    ck_assert_str_eq(varsdb_variable_name(v), "c/w");
    ok(r.db, varsdb_find_variable(r.db, "c/w", &found));
    ck_assert_ptr_eq(found, v);
    ck_assert_int_eq(varsdb_variable_id(v), id);
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_variable(r.db, "a/b/v", &found));
    ok(r.db, varsdb_read(r.db, v, after, sizeof after));
    ck_assert_mem_eq(before, after, sizeof before);
    ck_assert_int_eq(version_of(r.db, v), 1);
    ck_assert_str_eq(names(), "c/w");
    ck_assert_str_eq(scopes(), "c");
    ck_assert_ptr_ne(vector("a/b/v"), v);
}
END_TEST

START_TEST(a_taken_name_is_refused_and_nothing_changes)
{
    const varsdb_variable *a = vector("s/a"), *found;
    vector("t/b");
    char *before = registry_dump(&r);
    expect(r.db, VARSDB_EXISTS, varsdb_rename_variable(r.db, a, "t/b"));
    says(r.db, "t/b");
    says(r.db, "test_variable_change.c:");
    expect(r.db, VARSDB_INVALID, varsdb_rename_variable(r.db, a, ""));
    expect(r.db, VARSDB_INVALID, varsdb_rename_variable(r.db, a, "x//y"));
    expect(r.db, VARSDB_MISUSE, varsdb_rename_variable(r.db, a, NULL));
    expect(r.db, VARSDB_MISUSE, varsdb_rename_variable(r.db, NULL, "x"));
    ok(r.db, varsdb_rename_variable(r.db, a, "s/a"));
    char *after = registry_dump(&r);
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
    ok(r.db, varsdb_find_variable(r.db, "s/a", &found));
    ck_assert_ptr_eq(found, a);
}
END_TEST

START_TEST(a_variable_cannot_take_the_name_of_a_part)
{
    const varsdb_variable *v = vector("v");
    got(r.db, "w", VARSDB_WITH(.shape = VARSDB_SHAPE(4), .partitioner = "fixed_size(2)"));
    expect(r.db, VARSDB_EXISTS, varsdb_rename_variable(r.db, v, "w/part_1"));
    ok(r.db, varsdb_rename_variable(r.db, v, "x/part_1"));
    expect(r.db, VARSDB_EXISTS, varsdb_rename_variable(r.db, got(r.db, "w", NULL), "x"));
    ck_assert_str_eq(names(), "x/part_1 w");
}
END_TEST

START_TEST(a_scope_that_is_not_there_has_no_new_name_not_even_its_own)
{
    expect(r.db, VARSDB_NOTFOUND, varsdb_rename_scope(r.db, "nosuch", "nosuch"));
    expect(r.db, VARSDB_NOTFOUND, varsdb_rename_scope(r.db, "nosuch", "other"));
    vector("s/a");
    ok(r.db, varsdb_rename_scope(r.db, "s", "s"));
    ck_assert_str_eq(names(), "s/a");
}
END_TEST

START_TEST(a_renamed_scope_takes_all_below_it_with_defaults)
{
    const varsdb_variable *inner = vector("conv1/a/w"), *outer = vector("conv1/w"),
                          *other = vector("conv10/w"), *found;
    const varsdb_variable *namesake = vector("conv1");
    ok(r.db, varsdb_set_scope_defaults(r.db, "conv1/a", &(varsdb_scope_defaults){.initializer = "ones"}));
    ok(r.db, varsdb_rename_scope(r.db, "conv1", "net/first"));
    ck_assert_str_eq(names(), "net/first/a/w net/first/w conv10/w conv1");
    ck_assert_str_eq(scopes(), "conv10 net net/first net/first/a");
    ck_assert_str_eq(registry_sql(&r, "SELECT name FROM scopes WHERE initializer = 'ones'"), "net/first/a");
    ok(r.db, varsdb_find_variable(r.db, "net/first/a/w", &found));
    ck_assert_ptr_eq(found, inner);
    ok(r.db, varsdb_find_variable(r.db, "net/first/w", &found));
    ck_assert_ptr_eq(found, outer);
    ok(r.db, varsdb_find_variable(r.db, "conv10/w", &found));
    ck_assert_ptr_eq(found, other);
    ok(r.db, varsdb_find_variable(r.db, "conv1", &found));
    ck_assert_ptr_eq(found, namesake);
    ck_assert_ptr_ne(vector("conv1/w"), outer);
}
END_TEST

START_TEST(after_a_scope_is_renamed_its_objects_have_the_new_names)
{
    const varsdb_variable *v = vector("a/b/v"), *w = vector("a/w"), *x = vector("ab/x");
    ok(r.db, varsdb_rename_scope(r.db, "a", "c"));
    ck_assert_str_eq(varsdb_variable_name(v), "c/b/v");
    ck_assert_str_eq(varsdb_variable_name(w), "c/w");
    ck_assert_str_eq(varsdb_variable_name(x), "ab/x");
}
END_TEST

START_TEST(a_scope_renamed_in_a_transaction_that_is_rolled_back_keeps_its_name)
{
    const varsdb_variable *v = vector("a/b/v"), *found;
    char *before = registry_dump(&r);
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, varsdb_rename_scope(r.db, "a", "c"));
    ck_assert_str_eq(varsdb_variable_name(v), "c/b/v");
    ok(r.db, varsdb_rollback(r.db));
    ck_assert_str_eq(varsdb_variable_name(v), "a/b/v");
    ok(r.db, varsdb_find_variable(r.db, "a/b/v", &found));
    ck_assert_ptr_eq(found, v);
    char *after = registry_dump(&r);
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
}
END_TEST

START_TEST(scopes_are_not_merged)
{
    vector("a/v");
    vector("a/b/w");
    vector("c/x");
    char *before = registry_dump(&r);
    expect(r.db, VARSDB_EXISTS, varsdb_rename_scope(r.db, "a", "c"));
    says(r.db, "scope c");
    expect(r.db, VARSDB_EXISTS, varsdb_rename_scope(r.db, "a/b", "a"));
    char *after = registry_dump(&r);
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
}
END_TEST

START_TEST(a_refused_scope_rename_does_not_doom_the_callers_transaction)
{
    vector("a/v");
    vector("a/w");
    vector("b/w");
    ok(r.db, varsdb_begin(r.db));
    vector("inside");
    expect(r.db, VARSDB_EXISTS, varsdb_rename_scope(r.db, "a", "b"));
    expect(r.db, VARSDB_INVALID, varsdb_rename_scope(r.db, "a", "a/b"));
    expect(r.db, VARSDB_NOTFOUND, varsdb_rename_scope(r.db, "nowhere", "x"));
    ok(r.db, varsdb_commit(r.db));
    ck_assert_str_eq(names(), "a/v a/w b/w inside");
}
END_TEST

START_TEST(impossible_scope_renames_are_refused)
{
    vector("a/b/v");
    char *before = registry_dump(&r);
    expect(r.db, VARSDB_INVALID, varsdb_rename_scope(r.db, "a", "a/c"));
    expect(r.db, VARSDB_INVALID, varsdb_rename_scope(r.db, "", "x"));
    expect(r.db, VARSDB_INVALID, varsdb_rename_scope(r.db, "a", ""));
    expect(r.db, VARSDB_NOTFOUND, varsdb_rename_scope(r.db, "x", "y"));
    expect(r.db, VARSDB_MISUSE, varsdb_rename_scope(r.db, NULL, "y"));
    expect(r.db, VARSDB_MISUSE, varsdb_rename_scope(r.db, "a", NULL));
    ok(r.db, varsdb_rename_scope(r.db, "a", "a"));
    char *after = registry_dump(&r);
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
}
END_TEST

START_TEST(a_scope_can_move_out_of_its_parent)
{
    const varsdb_variable *v = vector("a/b/v");
    ok(r.db, varsdb_rename_scope(r.db, "a/b", "b"));
    ck_assert_str_eq(varsdb_variable_name(v), "b/v");
    ck_assert_str_eq(scopes(), "b");
    ok(r.db, varsdb_rename_scope(r.db, "b", "bc"));
    ck_assert_str_eq(scopes(), "bc");
}
END_TEST

START_TEST(a_deleted_variable_is_gone_for_good)
{
    float value[4];
    const varsdb_variable *v = vector("a/v"), *found;
    ok(r.db, varsdb_set_attribute(r.db, v, "k", "1"));
    ok(r.db, varsdb_delete_variable(r.db, v));
    ck_assert_str_eq(scopes(), "");
    ck_assert_str_eq(
        registry_sql(
            &r, "SELECT (SELECT count(*) FROM varsdb_variables), (SELECT count(*) FROM varsdb_tensors),"
                "(SELECT count(*) FROM varsdb_attributes), (SELECT count(*) FROM varsdb_collection_members)"),
        "0|0|0|0");
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_variable(r.db, "a/v", &found));
    const varsdb_variable *again = vector("a/v");
    ck_assert_ptr_ne(again, v);
    expect(r.db, VARSDB_GONE, varsdb_read(r.db, v, value, sizeof value));
    says(r.db, "a/v");
    expect(r.db, VARSDB_GONE, varsdb_assign(r.db, v, value, sizeof value));
    expect(r.db, VARSDB_GONE, varsdb_delete_variable(r.db, v));
    expect(r.db, VARSDB_GONE, varsdb_rename_variable(r.db, v, "x"));
    expect(r.db, VARSDB_GONE, varsdb_collect(r.db, "c", v));
    expect(r.db, VARSDB_GONE, varsdb_set_attribute(r.db, v, "k", "1"));
    ck_assert_str_eq(varsdb_variable_name(v), "a/v");
    ok(r.db, varsdb_read(r.db, again, value, sizeof value));
}
END_TEST

START_TEST(deleting_a_scope_counts_and_leaves_its_neighbours)
{
    float value[4];
    int64_t count = 77;
    const varsdb_variable *v = vector("conv1/a/w");
    vector("conv1/w");
    vector("conv1/a/b/w");
    vector("conv10/w");
    vector("conv1");
    vector("conv1-x/w");
    ok(r.db, varsdb_set_scope_defaults(r.db, "conv1/z", &(varsdb_scope_defaults){.initializer = "ones"}));
    expect(r.db, VARSDB_NOTFOUND, varsdb_delete_scope(r.db, "conv", &count));
    expect(r.db, VARSDB_INVALID, varsdb_delete_scope(r.db, "", &count));
    expect(r.db, VARSDB_MISUSE, varsdb_delete_scope(r.db, NULL, &count));
    ck_assert_int_eq(count, 77);
    ok(r.db, varsdb_delete_scope(r.db, "conv1", &count));
    ck_assert_int_eq(count, 3);
    ck_assert_str_eq(names(), "conv10/w conv1 conv1-x/w");
    ck_assert_str_eq(scopes(), "conv1-x conv10");
    expect(r.db, VARSDB_GONE, varsdb_read(r.db, v, value, sizeof value));
    ok(r.db, varsdb_delete_scope(r.db, "conv10", NULL));
    ck_assert_str_eq(names(), "conv1 conv1-x/w");
}
END_TEST

START_TEST(deleting_a_scope_prunes_its_empty_parents)
{
    vector("a/b/c/v");
    ok(r.db, varsdb_delete_scope(r.db, "a/b/c", NULL));
    ck_assert_str_eq(scopes(), "");
}
END_TEST

START_TEST(names_may_be_swapped_by_way_of_a_third)
{
    const varsdb_variable *a = vector("a"), *b = vector("b"), *found;
    for (int committed = 0; committed < 2; committed++) {
        ok(r.db, varsdb_begin(r.db));
        ok(r.db, varsdb_rename_variable(r.db, a, "t"));
        ok(r.db, varsdb_rename_variable(r.db, b, "a"));
        ok(r.db, varsdb_rename_variable(r.db, a, "b"));
        ok(r.db, committed ? varsdb_commit(r.db) : varsdb_rollback(r.db));
        ck_assert_str_eq(varsdb_variable_name(a), committed ? "b" : "a");
        ck_assert_str_eq(varsdb_variable_name(b), committed ? "a" : "b");
        ok(r.db, varsdb_find_variable(r.db, "a", &found));
        ck_assert_ptr_eq(found, committed ? b : a);
        ok(r.db, varsdb_find_variable(r.db, "b", &found));
        ck_assert_ptr_eq(found, committed ? a : b);
    }
}
END_TEST

Suite *test_variable_change_suite(void)
{
    Suite *suite = suite_create("variable_change");
    TCase *t = tcase_create("variable_change");
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_test(t, a_renamed_variable_keeps_its_identity_and_value);
    tcase_add_test(t, a_taken_name_is_refused_and_nothing_changes);
    tcase_add_test(t, a_variable_cannot_take_the_name_of_a_part);
    tcase_add_test(t, a_scope_that_is_not_there_has_no_new_name_not_even_its_own);
    tcase_add_test(t, a_renamed_scope_takes_all_below_it_with_defaults);
    tcase_add_test(t, after_a_scope_is_renamed_its_objects_have_the_new_names);
    tcase_add_test(t, a_scope_renamed_in_a_transaction_that_is_rolled_back_keeps_its_name);
    tcase_add_test(t, scopes_are_not_merged);
    tcase_add_test(t, a_refused_scope_rename_does_not_doom_the_callers_transaction);
    tcase_add_test(t, impossible_scope_renames_are_refused);
    tcase_add_test(t, a_scope_can_move_out_of_its_parent);
    tcase_add_test(t, a_deleted_variable_is_gone_for_good);
    tcase_add_test(t, deleting_a_scope_counts_and_leaves_its_neighbours);
    tcase_add_test(t, deleting_a_scope_prunes_its_empty_parents);
    tcase_add_test(t, names_may_be_swapped_by_way_of_a_third);
    suite_add_tcase(suite, t);
    return suite;
}
