/* test_collection.c - sets with insertion order, and the rules of GLOBAL and MODEL. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/registry.h"

Suite *test_collection_suite(void);

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

static const char *members(const char *collection)
{
    char sql[256];
    snprintf(sql, sizeof sql,
             "SELECT coalesce(group_concat(name), '') FROM (SELECT name FROM collection_variables "
             "WHERE collection = '%s' ORDER BY position)",
             collection);
    return registry_sql(&r, sql);
}

START_TEST(members_are_a_set_in_insertion_order)
{
    const varsdb_variable *a = vector("a"), *b = vector("b"), *c = vector("c");
    ok(r.db, varsdb_collect(r.db, "mine", c));
    ok(r.db, varsdb_collect(r.db, "mine", a));
    ok(r.db, varsdb_collect(r.db, "mine", b));
    ok(r.db, varsdb_collect(r.db, "mine", c));
    ck_assert_str_eq(members("mine"), "c,a,b");
    ok(r.db, varsdb_uncollect(r.db, "mine", c));
    ck_assert_str_eq(members("mine"), "a,b");
    ok(r.db, varsdb_collect(r.db, "mine", c));
    ck_assert_str_eq(members("mine"), "a,b,c");
    ok(r.db, varsdb_uncollect(r.db, "mine", c));
    ok(r.db, varsdb_uncollect(r.db, "mine", b));
    ok(r.db, varsdb_collect(r.db, "mine", c));
    ok(r.db, varsdb_collect(r.db, "mine", b));
    ck_assert_str_eq(members("mine"), "a,c,b");
}
END_TEST

START_TEST(order_holds_within_one_transaction_too)
{
    const varsdb_variable *a = vector("a"), *b = vector("b"), *c = vector("c");
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, varsdb_collect(r.db, "mine", b));
    ok(r.db, varsdb_collect(r.db, "mine", a));
    ok(r.db, varsdb_uncollect(r.db, "mine", a));
    ok(r.db, varsdb_collect(r.db, "mine", c));
    ok(r.db, varsdb_collect(r.db, "mine", a));
    ok(r.db, varsdb_commit(r.db));
    ck_assert_str_eq(members("mine"), "b,c,a");
}
END_TEST

START_TEST(adding_to_model_adds_to_global)
{
    static const char *const mine[] = {"mine", NULL};
    const varsdb_variable *v = got(r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(4), .collections = mine));
    ck_assert_str_eq(members(VARSDB_GLOBAL), "");
    ok(r.db, varsdb_collect(r.db, "MODEL", v));
    ck_assert_str_eq(members(VARSDB_GLOBAL), "v");
    ck_assert_str_eq(members(VARSDB_MODEL), "v");
    got(r.db, "w",
        VARSDB_WITH(.shape = VARSDB_SHAPE(4), .collections = (const char *const[]){"MODEL", NULL}));
    ck_assert_str_eq(members(VARSDB_GLOBAL), "v,w");
}
END_TEST

START_TEST(a_model_variable_cannot_leave_global)
{
    const varsdb_variable *v = got_model(r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(4)));
    expect(r.db, VARSDB_INVALID, varsdb_uncollect(r.db, VARSDB_GLOBAL, v));
    says(r.db, "v is a model variable");
    expect(r.db, VARSDB_INVALID, varsdb_uncollect(r.db, "GLOBAL", v));
    ok(r.db, varsdb_uncollect(r.db, VARSDB_MODEL, v));
    ok(r.db, varsdb_uncollect(r.db, "GLOBAL", v));
    ck_assert_str_eq(members(VARSDB_GLOBAL), "");
}
END_TEST

START_TEST(a_model_variable_of_another_handles_making_cannot_leave_global)
{
    varsdb *other = registry_another(&r);
    const varsdb_variable *v = vector("v");
    ok(other, varsdb_collect(other, VARSDB_MODEL, got(other, "v", NULL)));
    expect(r.db, VARSDB_INVALID, varsdb_uncollect(r.db, VARSDB_GLOBAL, v));
    ck_assert_str_eq(members(VARSDB_GLOBAL), "v");
    varsdb_close(other);
}
END_TEST

START_TEST(trainable_is_membership)
{
    const varsdb_variable *v = vector("v");
    ok(r.db, varsdb_uncollect(r.db, "TRAINABLE", v));
    ck_assert_str_eq(registry_sql(&r, "SELECT trainable FROM variables"), "0");
    ok(r.db, varsdb_collect(r.db, "TRAINABLE", v));
    ck_assert_str_eq(registry_sql(&r, "SELECT trainable FROM variables"), "1");
}
END_TEST

START_TEST(taking_out_what_is_not_in_is_notfound)
{
    const varsdb_variable *v = vector("v");
    char *before = registry_dump(&r);
    expect(r.db, VARSDB_NOTFOUND, varsdb_uncollect(r.db, "mine", v));
    says(r.db, "mine");
    expect(r.db, VARSDB_NOTFOUND, varsdb_uncollect(r.db, "LOCAL", v));
    ok(r.db, varsdb_collect(r.db, "GLOBAL", v));
    char *after = registry_dump(&r);
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
    ok(r.db, varsdb_begin(r.db));
    expect(r.db, VARSDB_NOTFOUND, varsdb_uncollect(r.db, "mine", v));
    vector("w");
    ok(r.db, varsdb_commit(r.db));
}
END_TEST

START_TEST(bad_arguments_are_refused)
{
    const varsdb_variable *v = vector("v");
    static const char *const bad[] = {"", "/a", "a//b", "a\nb", "\xff"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        expect(r.db, VARSDB_INVALID, varsdb_collect(r.db, bad[i], v));
        expect(r.db, VARSDB_INVALID, varsdb_uncollect(r.db, bad[i], v));
    }
    expect(r.db, VARSDB_MISUSE, varsdb_collect(r.db, NULL, v));
    expect(r.db, VARSDB_MISUSE, varsdb_collect(r.db, "c", NULL));
    expect(r.db, VARSDB_MISUSE, varsdb_uncollect(r.db, "c", NULL));
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM collections"), 2);
}
END_TEST

static int collect(void *payload, const varsdb_collection_info *info)
{
    char *out = payload;
    size_t at = strlen(out);
    snprintf(out + at, 256 - at, "%s:%d:%d:%d ", info->name, (int)info->variables, (int)info->elements,
             (int)info->bytes);
    return strcmp(info->name, "stop") == 0;
}

START_TEST(collections_are_listed_with_counts)
{
    char text[256] = "";
    vector("v");
    got(r.db, "w", VARSDB_WITH(.shape = VARSDB_SHAPE(3), .dtype = VARSDB_INT8, .trainable = VARSDB_NO));
    ok(r.db, varsdb_list_collections(r.db, collect, text));
    ck_assert_str_eq(text, "variables:2:7:19 trainable_variables:1:4:16 ");
    ok(r.db, varsdb_collect(r.db, "stop", vector("v")));
    expect(r.db, VARSDB_CANCELLED, varsdb_list_collections(r.db, collect, text));
    expect(r.db, VARSDB_MISUSE, varsdb_list_collections(r.db, NULL, NULL));
    ok(r.db, varsdb_use_namespace(r.db, "other"));
    text[0] = '\0';
    ok(r.db, varsdb_list_collections(r.db, collect, text));
    ck_assert_str_eq(text, "");
}
END_TEST

Suite *test_collection_suite(void)
{
    Suite *suite = suite_create("collection");
    TCase *t = tcase_create("collection");
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_test(t, members_are_a_set_in_insertion_order);
    tcase_add_test(t, order_holds_within_one_transaction_too);
    tcase_add_test(t, adding_to_model_adds_to_global);
    tcase_add_test(t, a_model_variable_cannot_leave_global);
    tcase_add_test(t, a_model_variable_of_another_handles_making_cannot_leave_global);
    tcase_add_test(t, trainable_is_membership);
    tcase_add_test(t, taking_out_what_is_not_in_is_notfound);
    tcase_add_test(t, bad_arguments_are_refused);
    tcase_add_test(t, collections_are_listed_with_counts);
    suite_add_tcase(suite, t);
    return suite;
}
