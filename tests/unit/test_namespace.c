/* test_namespace.c - namespaces: made, used, listed, deleted, and what they own. */
#include <stdio.h>
#include <string.h>

#include "../support/faulty.h"
#include "../support/registry.h"

Suite *test_namespace_suite(void);

static registry r;

static void open_registry(void)
{
    registry_open(&r);
}

static void close_registry(void)
{
    registry_close(&r);
}

static const varsdb_variable *vector(varsdb *db, const char *name)
{
    return got(db, name, VARSDB_WITH(.shape = VARSDB_SHAPE(6)));
}

START_TEST(main_always_exists_under_the_seed_given)
{
    int64_t seed = 0;
    ck_assert_str_eq(varsdb_namespace(r.db), "main");
    ok(r.db, varsdb_seed(r.db, &seed));
    ck_assert_int_eq(seed, REGISTRY_SEED);
    ck_assert_str_eq(registry_sql(&r, "SELECT id, name, seed, variables, bytes FROM namespaces"),
                     "1|main|42|0|0");
}
END_TEST

START_TEST(using_one_never_writes_and_the_first_variable_makes_it)
{
    int64_t seed = 99;
    ok(r.db, varsdb_use_namespace(r.db, "run1"));
    ck_assert_str_eq(varsdb_namespace(r.db), "run1");
    expect(r.db, VARSDB_NOTFOUND, varsdb_seed(r.db, &seed));
    ck_assert_int_eq(seed, 99);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM namespaces"), 1);
    vector(r.db, "v");
    ok(r.db, varsdb_seed(r.db, &seed));
    ck_assert_int_eq(seed, REGISTRY_SEED);
    ck_assert_str_eq(registry_sql(&r, "SELECT namespace, name FROM variables"), "run1|v");
}
END_TEST

START_TEST(creating_takes_a_seed_or_draws_one)
{
    int64_t seed = INT64_MIN, drawn[2];
    ok(r.db, varsdb_create_namespace(r.db, "a", &seed));
    expect(r.db, VARSDB_EXISTS, varsdb_create_namespace(r.db, "a", &seed));
    expect(r.db, VARSDB_EXISTS, varsdb_create_namespace(r.db, "main", NULL));
    ok(r.db, varsdb_create_namespace(r.db, "b", NULL));
    ok(r.db, varsdb_create_namespace(r.db, "c", NULL));
    ck_assert_str_eq(registry_sql(&r, "SELECT seed FROM namespaces WHERE name = 'a'"),
                     "-9223372036854775808");
    drawn[0] = registry_number(&r, "SELECT seed FROM namespaces WHERE name = 'b'");
    drawn[1] = registry_number(&r, "SELECT seed FROM namespaces WHERE name = 'c'");
    ck_assert_int_ne(drawn[0], drawn[1]);
}
END_TEST

START_TEST(bad_names_and_open_scopes_are_refused)
{
    static const char *const bad[] = {"", "a//b", "/a", "a\n", "\xff"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        expect(r.db, VARSDB_INVALID, varsdb_use_namespace(r.db, bad[i]));
        expect(r.db, VARSDB_INVALID, varsdb_create_namespace(r.db, bad[i], NULL));
        expect(r.db, VARSDB_INVALID, varsdb_delete_namespace(r.db, bad[i]));
    }
    expect(r.db, VARSDB_MISUSE, varsdb_use_namespace(r.db, NULL));
    expect(r.db, VARSDB_MISUSE, varsdb_seed(r.db, NULL));
    ok(r.db, varsdb_enter_scope(r.db, "s", NULL, NULL));
    expect(r.db, VARSDB_MISUSE, varsdb_use_namespace(r.db, "other"));
    ck_assert_str_eq(varsdb_namespace(r.db), "main");
    ck_assert_str_eq(varsdb_current_scope(r.db), "s");
}
END_TEST

START_TEST(the_same_name_in_two_namespaces_is_two_variables)
{
    const varsdb_variable *a = vector(r.db, "v");
    ok(r.db, varsdb_use_namespace(r.db, "other"));
    const varsdb_variable *b = vector(r.db, "v");
    ck_assert_ptr_ne(a, b);
    ok(r.db, varsdb_assign_json(r.db, b, "[1,2,3,4,5,6]"));
    ok(r.db, varsdb_use_namespace(r.db, "main"));
    ck_assert_ptr_eq(vector(r.db, "v"), a);
    ck_assert_int_eq(version_of(r.db, a), 1);
    ck_assert_int_eq(version_of(r.db, b), 2);
}
END_TEST

START_TEST(an_object_of_another_namespace_does_not_join_this_ones_collections)
{
    const varsdb_variable *v = vector(r.db, "v");
    ok(r.db, varsdb_use_namespace(r.db, "other"));
    vector(r.db, "w");
    expect(r.db, VARSDB_MISUSE, varsdb_collect(r.db, "mine", v));
    expect(r.db, VARSDB_MISUSE, varsdb_uncollect(r.db, VARSDB_TRAINABLE, v));
    expect(r.db, VARSDB_MISUSE, varsdb_rename_variable(r.db, v, "x"));
    expect(r.db, VARSDB_MISUSE, varsdb_delete_variable(r.db, v));
    ck_assert_str_eq(
        registry_sql(&r, "SELECT namespace, collection, name FROM collection_variables ORDER BY 1, 2"),
        "main|trainable_variables|v\nmain|variables|v\n"
        "other|trainable_variables|w\nother|variables|w");
}
END_TEST

START_TEST(initializing_an_object_of_another_namespace_never_takes_the_wrong_seed)
{
    float before[6], after[6];
    const int64_t seed = 1;
    const varsdb_variable *v = vector(r.db, "v");
    ok(r.db, varsdb_read(r.db, v, before, sizeof before));
    ok(r.db, varsdb_create_namespace(r.db, "other", &seed));
    ok(r.db, varsdb_use_namespace(r.db, "other"));
    if (varsdb_initialize(r.db, v, "glorot_uniform") != VARSDB_OK)
        ck_assert_int_eq(varsdb_errcode(r.db), VARSDB_MISUSE);
    ok(r.db, varsdb_read(r.db, v, after, sizeof after));
    ck_assert_mem_eq(before, after, sizeof before);
}
END_TEST

START_TEST(deleting_takes_all_that_is_in_it_and_leaves_the_rest)
{
    got(r.db, "keep", VARSDB_WITH(.shape = VARSDB_SHAPE(3), .value_json = "[1,2,3]"));
    ok(r.db, varsdb_use_namespace(r.db, "run1"));
    const varsdb_variable *v = vector(r.db, "a/v");
    got_model(r.db, "m", VARSDB_WITH(.shape = VARSDB_SHAPE(300000)));
    got(r.db, "same", VARSDB_WITH(.shape = VARSDB_SHAPE(3), .value_json = "[1,2,3]"));
    ok(r.db, varsdb_set_attribute(r.db, v, "k", "1"));
    ok(r.db, varsdb_set_attribute(r.db, NULL, "k", "2"));
    ok(r.db, varsdb_delete_namespace(r.db, "run1"));
    expect(r.db, VARSDB_GONE, varsdb_read(r.db, v, NULL, 0));
    expect(r.db, VARSDB_NOTFOUND, varsdb_delete_namespace(r.db, "run1"));
    ck_assert_str_eq(
        registry_sql(
            &r, "SELECT (SELECT count(*) FROM varsdb_variables), (SELECT count(*) FROM varsdb_scopes),"
                "(SELECT count(*) FROM varsdb_tensors), (SELECT count(*) FROM varsdb_chunks),"
                "(SELECT count(*) FROM varsdb_tensor_chunks), (SELECT count(*) FROM varsdb_attributes),"
                "(SELECT count(*) FROM varsdb_collections), (SELECT count(*) FROM varsdb_collection_members),"
                "(SELECT group_concat(name) FROM namespaces)"),
        "1|1|1|0|0|0|2|2|main");
    vector(r.db, "a/v");
    ck_assert_str_eq(registry_sql(&r, "SELECT namespace, name FROM variables"), "main|keep\nrun1|a/v");
}
END_TEST

START_TEST(main_is_emptied_not_deleted)
{
    int64_t seed = 0;
    const varsdb_variable *v = vector(r.db, "a/v");
    ok(r.db, varsdb_delete_namespace(r.db, "main"));
    ck_assert_str_eq(registry_sql(&r, "SELECT name, seed, variables FROM namespaces"), "main|42|0");
    expect(r.db, VARSDB_GONE, varsdb_read(r.db, v, NULL, 0));
    ok(r.db, varsdb_seed(r.db, &seed));
    ck_assert_int_eq(seed, REGISTRY_SEED);
    ck_assert_ptr_ne(vector(r.db, "a/v"), v);
}
END_TEST

START_TEST(a_deletion_rolled_back_leaves_the_same_objects_alive)
{
    float value[6];
    const varsdb_variable *v = vector(r.db, "a/v");
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, varsdb_delete_namespace(r.db, "main"));
    expect(r.db, VARSDB_GONE, varsdb_read(r.db, v, value, sizeof value));
    const varsdb_variable *again = vector(r.db, "a/v");
    ck_assert_ptr_ne(again, v);
    ok(r.db, varsdb_rollback(r.db));
    ok(r.db, varsdb_read(r.db, v, value, sizeof value));
    ck_assert_ptr_eq(vector(r.db, "a/v"), v);
    expect(r.db, VARSDB_GONE, varsdb_read(r.db, again, value, sizeof value));
}
END_TEST

START_TEST(deletion_by_another_handle_is_noticed)
{
    float value[6];
    varsdb *other = registry_another(&r);
    ok(r.db, varsdb_use_namespace(r.db, "run"));
    const varsdb_variable *v = vector(r.db, "a/v");
    ok(other, varsdb_delete_namespace(other, "run"));
    expect(r.db, VARSDB_GONE, varsdb_read(r.db, v, value, sizeof value));
    const varsdb_variable *again = vector(r.db, "a/v");
    ck_assert_ptr_ne(again, v);
    ok(r.db, varsdb_read(r.db, again, value, sizeof value));
    varsdb_close(other);
}
END_TEST

START_TEST(a_reused_namespace_id_is_another_namespace)
{
    varsdb *other = registry_another(&r);
    ok(r.db, varsdb_use_namespace(r.db, "run"));
    const varsdb_variable *v = vector(r.db, "a/v");
    ok(other, varsdb_delete_namespace(other, "run"));
    ok(other, varsdb_use_namespace(other, "next"));
    vector(other, "a/v");
    const varsdb_variable *again = vector(r.db, "a/v");
    ck_assert_ptr_ne(again, v);
    ck_assert_str_eq(registry_sql(&r, "SELECT namespace, name FROM variables"), "next|a/v\nrun|a/v");
    varsdb_close(other);
}
END_TEST

static int collect(void *payload, const varsdb_namespace_info *info)
{
    char *out = payload;
    size_t at = strlen(out);
    snprintf(out + at, 256 - at, "%d:%s:%d:%d:%d ", (int)info->id, info->name, (int)info->seed,
             (int)info->variables, (int)info->bytes);
    return strcmp(info->name, "stop") == 0 ? 1 : 0;
}

START_TEST(namespaces_are_listed_with_their_counts)
{
    char text[256] = "";
    const int64_t seed = 7;
    vector(r.db, "v");
    vector(r.db, "w");
    ok(r.db, varsdb_create_namespace(r.db, "a", &seed));
    ok(r.db, varsdb_list_namespaces(r.db, collect, text));
    ck_assert_str_eq(text, "1:main:42:2:48 2:a:7:0:0 ");
    ok(r.db, varsdb_create_namespace(r.db, "stop", &seed));
    ok(r.db, varsdb_create_namespace(r.db, "z", &seed));
    text[0] = '\0';
    expect(r.db, VARSDB_CANCELLED, varsdb_list_namespaces(r.db, collect, text));
    ck_assert_str_eq(text, "1:main:42:2:48 2:a:7:0:0 3:stop:7:0:0 ");
    expect(r.db, VARSDB_MISUSE, varsdb_list_namespaces(r.db, NULL, NULL));
}
END_TEST

static int use_main(void *payload, const varsdb_namespace_info *info)
{
    (void)info;
    *(int *)payload = varsdb_use_namespace(r.db, "main");
    return 0;
}

START_TEST(a_list_callback_does_not_change_the_namespace)
{
    int result = VARSDB_OK;
    ok(r.db, varsdb_list_namespaces(r.db, use_main, &result));
    ck_assert_int_eq(result, VARSDB_MISUSE);
}
END_TEST

/* The id of a deleted namespace goes to the next one that is made. */
START_TEST(a_failed_look_up_does_not_keep_a_deleted_namespace)
{
    const varsdb_variable *found;
    for (int n = 0; n < 6; n++) {
        varsdb *other = registry_another(&r);
        ok(r.db, varsdb_use_namespace(r.db, "A"));
        vector(r.db, "only_in_A");
        ok(other, varsdb_delete_namespace(other, "A"));
        ok(other, varsdb_use_namespace(other, "B"));
        vector(other, "only_in_B");
        faulty_install(r.db);
        faulty_fail(n);
        int rc = varsdb_find_variable(r.db, "only_in_B", &found);
        ck_assert_int_eq(rc, faulty_failed() ? VARSDB_IO : VARSDB_NOTFOUND);
        faulty_fail(-1);
        faulty_remove(r.db);
        expect(r.db, VARSDB_NOTFOUND, varsdb_find_variable(r.db, "only_in_B", &found));
        ok(other, varsdb_delete_namespace(other, "B"));
        varsdb_close(other);
    }
}
END_TEST

Suite *test_namespace_suite(void)
{
    Suite *suite = suite_create("namespace");
    TCase *t = tcase_create("namespace");
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_test(t, main_always_exists_under_the_seed_given);
    tcase_add_test(t, using_one_never_writes_and_the_first_variable_makes_it);
    tcase_add_test(t, creating_takes_a_seed_or_draws_one);
    tcase_add_test(t, bad_names_and_open_scopes_are_refused);
    tcase_add_test(t, the_same_name_in_two_namespaces_is_two_variables);
    tcase_add_test(t, an_object_of_another_namespace_does_not_join_this_ones_collections);
    tcase_add_test(t, initializing_an_object_of_another_namespace_never_takes_the_wrong_seed);
    tcase_add_test(t, deleting_takes_all_that_is_in_it_and_leaves_the_rest);
    tcase_add_test(t, main_is_emptied_not_deleted);
    tcase_add_test(t, a_deletion_rolled_back_leaves_the_same_objects_alive);
    tcase_add_test(t, deletion_by_another_handle_is_noticed);
    tcase_add_test(t, a_reused_namespace_id_is_another_namespace);
    tcase_add_test(t, namespaces_are_listed_with_their_counts);
    tcase_add_test(t, a_list_callback_does_not_change_the_namespace);
    tcase_add_test(t, a_failed_look_up_does_not_keep_a_deleted_namespace);
    suite_add_tcase(suite, t);
    return suite;
}
