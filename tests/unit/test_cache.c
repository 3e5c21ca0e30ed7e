/* test_cache.c - what a handle believes: hits without SQL, and what another handle did. */
#include <stdio.h>
#include <string.h>

#include "../support/faulty.h"
#include "../support/registry.h"

Suite *test_cache_suite(void);

static registry r;
static varsdb *b; /* another handle */
static float value[4];

static void open_registry(void)
{
    registry_open(&r);
    b = registry_another(&r);
}

static void close_registry(void)
{
    varsdb_close(b);
    registry_close(&r);
}

static const varsdb_variable *vector(varsdb *db, const char *name)
{
    return got(db, name, VARSDB_WITH(.shape = VARSDB_SHAPE(4)));
}

/* ---- what a hit costs */

START_TEST(a_hit_inside_a_transaction_asks_the_database_nothing)
{
    vector(r.db, "s/v");
    got_model(r.db, "s/m", VARSDB_WITH(.shape = VARSDB_SHAPE(4)));
    ok(r.db, varsdb_begin(r.db));
    faulty_install(r.db);
    for (int i = 0; i < 10; i++)
        VARSDB_IN_SCOPE (r.db, "s") {
            vector(r.db, "v");
            got_model(r.db, "m", NULL);
        }
    faulty_counts counts = faulty_take_counts();
    ck_assert_int_eq(counts.statements, 0);
    ck_assert_int_eq(counts.data_versions, 0);
    ck_assert_int_eq(counts.begins, 0);
    faulty_remove(r.db);
    ok(r.db, varsdb_commit(r.db));
}
END_TEST

START_TEST(a_hit_outside_one_asks_for_the_data_version_alone)
{
    vector(r.db, "s/v");
    vector(r.db, "s/v");
    faulty_install(r.db);
    for (int i = 0; i < 10; i++)
        vector(r.db, "s/v");
    faulty_counts counts = faulty_take_counts();
    ck_assert_int_eq(counts.statements, 0);
    ck_assert_int_eq(counts.begins, 0);
    ck_assert_int_eq(counts.data_versions, 10);
    faulty_remove(r.db);
}
END_TEST

START_TEST(after_a_commit_of_another_a_hit_reads_the_names_version_once)
{
    vector(r.db, "v");
    const varsdb_variable *theirs = vector(b, "v");
    faulty_install(r.db);
    for (int i = 0; i < 3; i++) {
        ok(b, varsdb_assign(b, theirs, value, sizeof value));
        vector(r.db, "v");
        vector(r.db, "v");
        ck_assert_int_eq(faulty_take_counts().statements, 1);
    }
    faulty_remove(r.db);
}
END_TEST

START_TEST(a_read_only_handle_hits_and_says_by_name_what_it_cannot_make)
{
    varsdb *reader;
    const varsdb_variable *out;
    vector(r.db, "v");
    ck_assert_int_eq(varsdb_open(r.path, VARSDB_OPEN(.flags = VARSDB_READ_ONLY), &reader), VARSDB_OK);
    vector(reader, "v");
    expect(reader, VARSDB_READONLY,
           varsdb_get_variable(reader, "missing", VARSDB_WITH(.shape = VARSDB_SCALAR), NULL, &out));
    says(reader, "missing");
    expect(reader, VARSDB_READONLY, varsdb_model_variable(reader, "v", NULL, NULL, &out));
    says(reader, "variable v");
    expect(reader, VARSDB_READONLY, varsdb_assign(reader, vector(reader, "v"), value, sizeof value));
    varsdb_close(reader);
}
END_TEST

/* ---- what another handle did; each with and without a transaction of ours around the look */

static void begin_if(int inside)
{
    if (inside)
        ok(r.db, varsdb_begin(r.db));
}

static void commit_if(int inside)
{
    if (inside)
        ok(r.db, varsdb_commit(r.db));
}

START_TEST(a_rename_by_another_is_noticed)
{
    const varsdb_variable *v = vector(r.db, "s/v"), *found;
    ok(b, varsdb_rename_variable(b, vector(b, "s/v"), "t/w"));
    begin_if(_i);
    ok(r.db, varsdb_find_variable(r.db, "t/w", &found));
    ck_assert_ptr_eq(found, v);
    ck_assert_str_eq(varsdb_variable_name(v), "t/w");
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_variable(r.db, "s/v", &found));
    ck_assert_ptr_ne(vector(r.db, "s/v"), v);
    commit_if(_i);
}
END_TEST

START_TEST(a_rename_is_noticed_by_looking_for_the_old_name_first)
{
    const varsdb_variable *v = vector(r.db, "s/v"), *found;
    ok(b, varsdb_rename_variable(b, vector(b, "s/v"), "t/w"));
    begin_if(_i);
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_variable(r.db, "s/v", &found));
    ok(r.db, varsdb_read(r.db, v, value, sizeof value));
    ck_assert_str_eq(varsdb_variable_name(v), "t/w");
    commit_if(_i);
}
END_TEST

START_TEST(a_deletion_by_another_is_noticed)
{
    const varsdb_variable *v = vector(r.db, "s/v"), *found;
    ok(b, varsdb_delete_variable(b, vector(b, "s/v")));
    begin_if(_i);
    expect(r.db, VARSDB_GONE, varsdb_read(r.db, v, value, sizeof value));
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_variable(r.db, "s/v", &found));
    commit_if(_i);
}
END_TEST

START_TEST(a_variable_deleted_and_made_again_by_another_is_a_new_pointer)
{
    const varsdb_variable *v = vector(r.db, "s/v"), *again;
    int64_t id = varsdb_variable_id(v);
    ok(b, varsdb_delete_variable(b, vector(b, "s/v")));
    ck_assert_int_eq(varsdb_variable_id(vector(b, "s/v")), id); /* the row's id comes again */
    begin_if(_i);
    again = vector(r.db, "s/v");
    ck_assert_ptr_ne(again, v);
    expect(r.db, VARSDB_GONE, varsdb_read(r.db, v, value, sizeof value));
    ok(r.db, varsdb_read(r.db, again, value, sizeof value));
    commit_if(_i);
    expect(r.db, VARSDB_GONE, varsdb_assign(r.db, v, value, sizeof value));
}
END_TEST

START_TEST(a_scope_renamed_by_another_is_noticed)
{
    const varsdb_variable *v = vector(r.db, "a/b/v"), *found;
    ok(b, varsdb_rename_scope(b, "a", "c"));
    begin_if(_i);
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_variable(r.db, "a/b/v", &found));
    ok(r.db, varsdb_find_variable(r.db, "c/b/v", &found));
    ck_assert_ptr_eq(found, v);
    ck_assert_str_eq(varsdb_variable_name(v), "c/b/v");
    commit_if(_i);
    ck_assert_ptr_ne(vector(r.db, "a/b/v"), v);
}
END_TEST

START_TEST(a_membership_taken_out_by_another_is_noticed)
{
    const varsdb_variable *v = got_model(r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(4)));
    ok(b, varsdb_uncollect(b, VARSDB_MODEL, vector(b, "v")));
    begin_if(_i);
    ck_assert_ptr_eq(got_model(r.db, "v", NULL), v);
    commit_if(_i);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM model_variables"), 1);
}
END_TEST

START_TEST(a_collection_made_by_another_is_found)
{
    const varsdb_variable *v = vector(r.db, "v");
    ok(b, varsdb_collect(b, "mine", vector(b, "w")));
    begin_if(_i);
    ok(r.db, varsdb_collect(r.db, "mine", v));
    commit_if(_i);
    ok(b, varsdb_delete_namespace(b, "main"));
    begin_if(_i);
    ok(r.db, varsdb_collect(r.db, "mine", vector(r.db, "x")));
    commit_if(_i);
    ck_assert_str_eq(registry_sql(&r, "SELECT name FROM collection_variables WHERE collection = 'mine'"),
                     "x");
}
END_TEST

START_TEST(scopes_pruned_by_another_are_made_again)
{
    vector(r.db, "a/b/v");
    ok(b, varsdb_delete_variable(b, vector(b, "a/b/v")));
    begin_if(_i);
    vector(r.db, "a/b/w");
    commit_if(_i);
    ck_assert_str_eq(registry_sql(&r, "SELECT group_concat(name) FROM scopes"), "a,a/b");
    ck_assert_str_eq(registry_sql(&r, "SELECT name, scope FROM variables"), "a/b/w|a/b");
}
END_TEST

START_TEST(an_open_picture_does_not_change)
{
    const varsdb_variable *v = vector(r.db, "v"), *found;
    const varsdb_variable *u = got_model(r.db, "s/u", VARSDB_WITH(.shape = VARSDB_SHAPE(4)));
    ok(r.db, varsdb_begin_read(r.db));
    ok(b, varsdb_delete_variable(b, vector(b, "v")));
    ok(b, varsdb_rename_scope(b, "s", "t"));
    ok(r.db, varsdb_find_variable(r.db, "v", &found));
    ck_assert_ptr_eq(found, v);
    ok(r.db, varsdb_read(r.db, v, value, sizeof value));
    ok(r.db, varsdb_find_variable(r.db, "s/u", &found));
    ck_assert_ptr_eq(found, u);
    ok(r.db, varsdb_rollback(r.db));
    expect(r.db, VARSDB_GONE, varsdb_read(r.db, v, value, sizeof value));
    ok(r.db, varsdb_find_variable(r.db, "t/u", &found));
    ck_assert_ptr_eq(found, u);
}
END_TEST

START_TEST(names_chased_by_two_handles_stay_right)
{
    static const char *const names[] = {"a", "s/b", "s/t/c"};
    const varsdb_variable *mine = vector(r.db, "a"), *theirs = vector(b, "a"), *found;
    for (int i = 1; i < 30; i++) {
        varsdb *db = i % 2 ? r.db : b;
        ok(db, varsdb_rename_variable(db, i % 2 ? mine : theirs, names[i % 3]));
        ok(r.db, varsdb_find_variable(r.db, names[i % 3], &found));
        ck_assert_ptr_eq(found, mine);
        ok(b, varsdb_find_variable(b, names[i % 3], &found));
        ck_assert_ptr_eq(found, theirs);
        ck_assert_str_eq(varsdb_variable_name(mine), names[i % 3]);
        ck_assert_str_eq(varsdb_variable_name(theirs), names[i % 3]);
    }
}
END_TEST

START_TEST(many_variables_keep_their_pointers)
{
    enum {
        COUNT = 2000
    };
    static const varsdb_variable *all[COUNT];
    char name[32];
    ok(r.db, varsdb_begin(r.db));
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < COUNT; i++) {
            snprintf(name, sizeof name, "s%d/v%d", i % 7, i);
            const varsdb_variable *v =
                got(r.db, name, VARSDB_WITH(.shape = VARSDB_SCALAR, .initializer = "zeros"));
            ck_assert(pass == 0 || v == all[i]);
            all[i] = v;
        }
    ok(r.db, varsdb_commit(r.db));
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM variables"), COUNT);
}
END_TEST

Suite *test_cache_suite(void)
{
    Suite *suite = suite_create("cache");
    TCase *t = tcase_create("cache");
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_test(t, a_hit_inside_a_transaction_asks_the_database_nothing);
    tcase_add_test(t, a_hit_outside_one_asks_for_the_data_version_alone);
    tcase_add_test(t, after_a_commit_of_another_a_hit_reads_the_names_version_once);
    tcase_add_test(t, a_read_only_handle_hits_and_says_by_name_what_it_cannot_make);
    tcase_add_loop_test(t, a_rename_by_another_is_noticed, 0, 2);
    tcase_add_loop_test(t, a_rename_is_noticed_by_looking_for_the_old_name_first, 0, 2);
    tcase_add_loop_test(t, a_deletion_by_another_is_noticed, 0, 2);
    tcase_add_loop_test(t, a_variable_deleted_and_made_again_by_another_is_a_new_pointer, 0, 2);
    tcase_add_loop_test(t, a_scope_renamed_by_another_is_noticed, 0, 2);
    tcase_add_loop_test(t, a_membership_taken_out_by_another_is_noticed, 0, 2);
    tcase_add_loop_test(t, a_collection_made_by_another_is_found, 0, 2);
    tcase_add_loop_test(t, scopes_pruned_by_another_are_made_again, 0, 2);
    tcase_add_test(t, an_open_picture_does_not_change);
    tcase_add_test(t, names_chased_by_two_handles_stay_right);
    tcase_add_test(t, many_variables_keep_their_pointers);
    suite_add_tcase(suite, t);
    return suite;
}
