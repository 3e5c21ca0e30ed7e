/* test_restore.c - variables get the values of a snapshot: whose, and what is told of each. */
#include "../support/restoring.h"

Suite *test_restore_suite(void);

START_TEST(values_come_back_and_versions_go_up)
{
    const varsdb_variable *a = vector("a", 1), *b = vector("b", 2);
    int64_t id = take(VARSDB_SNAPSHOT(.name = "s"));
    assign(a, 10);
    assign(a, 11);
    ck_assert_str_eq(restoring(VARSDB_OK, id, VARSDB_RESTORE(.reshape = 0)), "restored a\nrestored b");
    ck_assert_float_eq(first_of(a), 1);
    ck_assert_float_eq(first_of(b), 2);
    ck_assert_int_eq(version_of(r.db, a), 4);
    ck_assert_int_eq(version_of(r.db, b), 2);    /* though it is the same tensor */
    ck_assert_int_eq(rows("varsdb_tensors"), 2); /* what a had is gone */
    ck_assert_int_eq(rows("varsdb_variables"), 2);
    ok(r.db, varsdb_restore(r.db, id, NULL));
    ck_assert_int_eq(version_of(r.db, a), 5);
}
END_TEST

START_TEST(no_tensor_is_copied_and_large_ones_come_back)
{
    const size_t bytes = (size_t)3 << 20;
    char *value = calloc(bytes, 1), *back = calloc(bytes, 1);
    for (size_t i = 0; i < bytes; i++)
        value[i] = (char)(i * 7 + i / 4096);
    const varsdb_variable *v = got(r.db, "large",
                                   VARSDB_WITH(.shape = VARSDB_SHAPE(3 << 20), .dtype = VARSDB_UINT8,
                                               .value = value, .value_bytes = bytes));
    int64_t id = take(NULL), chunks = rows("varsdb_chunks");
    ok(r.db, varsdb_initialize(r.db, v, "zeros"));
    ok(r.db, varsdb_restore(r.db, id, NULL));
    audit(&r);
    ok(r.db, varsdb_read(r.db, v, back, bytes));
    ck_assert_mem_eq(value, back, bytes);
    /* the chunk of zeros is kept to be written over */
    ck_assert_int_eq(rows("varsdb_chunks") - rows("varsdb_free_chunks"), chunks);
    ck_assert_int_eq(rows("varsdb_tensors"), 1);
    free(value);
    free(back);
}
END_TEST

START_TEST(restoring_only_model_leaves_the_others_untouched_and_says_which)
{
    const varsdb_variable *m = vector("net/w", 1), *local;
    const varsdb_variable *o =
        got(r.db, "net/w/Adam", VARSDB_WITH(.shape = VARSDB_SHAPE(4), .initializer = "zeros"));
    ok(r.db, varsdb_local_variable(r.db, "step", VARSDB_WITH(.shape = VARSDB_SCALAR), NULL, &local));
    int64_t id = take(NULL);
    assign(m, 5);
    assign(o, 5);
    ck_assert_str_eq(restoring(VARSDB_OK, id, VARSDB_RESTORE(.collection = "MODEL")),
                     "restored net/w\nuntouched net/w/Adam\nuntouched step");
    ck_assert_float_eq(first_of(m), 1);
    ck_assert_float_eq(first_of(o), 5);
    ck_assert_int_eq(version_of(r.db, o), 2);
    ck_assert_str_eq(restoring(VARSDB_OK, id, VARSDB_RESTORE(.exclude = "Adam$")),
                     "restored net/w\nuntouched net/w/Adam\nuntouched step");
    ck_assert_str_eq(restoring(VARSDB_OK, id, VARSDB_RESTORE(.include = "Adam$")),
                     "restored net/w/Adam\nuntouched net/w\nuntouched step");
    ck_assert_float_eq(first_of(o), 0);
    ck_assert_str_eq(restoring(VARSDB_OK, id, VARSDB_RESTORE(.scope = "net/w")),
                     "restored net/w/Adam\nuntouched net/w\nuntouched step");
}
END_TEST

START_TEST(collections_and_scopes_are_those_of_then)
{
    const varsdb_variable *a = vector("s/a", 1), *b = vector("s/b", 2);
    int64_t id = take(NULL);
    ok(r.db, varsdb_uncollect(r.db, VARSDB_MODEL, a));
    ok(r.db, varsdb_collect(r.db, "late", b));
    assign(a, 7);
    ck_assert_str_eq(restoring(VARSDB_OK, id, VARSDB_RESTORE(.collection = VARSDB_MODEL)),
                     "restored s/a\nrestored s/b");
    ck_assert_float_eq(first_of(a), 1);
    /* values come back; memberships are left as they are */
    ck_assert_str_eq(collections_of(&r, "s/a"), "[\"variables\",\"trainable_variables\"]");
    /* b is in the snapshot, though not in that collection: it is not missing */
    ck_assert_str_eq(restoring(VARSDB_NOTFOUND, id, VARSDB_RESTORE(.collection = "late")),
                     "untouched s/a\nuntouched s/b");
    says(r.db, "nothing of snapshot #1 is selected");
}
END_TEST

START_TEST(a_deleted_variable_is_made_again_as_it_was)
{
    const char *const collections[] = {VARSDB_GLOBAL, "mine", NULL};
    const varsdb_variable *v =
        got(r.db, "net/w",
            VARSDB_WITH(.shape = VARSDB_SHAPE(8, 3), .initializer = "random_normal(0,1,seed=7)",
                        .regularizer = "l2(0.5)", .partitioner = "fixed_size(3)", .constraint = "free",
                        .collections = collections));
    const varsdb_variable *again,
        *u = got(r.db, "u", VARSDB_WITH(.shape = VARSDB_SHAPE(2), .initializer = "none"));
    static const char columns[] = "SELECT name, dtype, shape, elements, bytes, initializer, seed, "
                                  "regularizer, constraint_text, partitioner, "
                                  "partition_axis, partition_count, tensor_id, version FROM varsdb_variables";
    char *then = strdup(registry_sql(&r, columns));
    char *membership = strdup(collections_of(&r, "net/w"));
    int64_t id = take(NULL);
    ok(r.db, varsdb_delete_scope(r.db, "net", NULL));
    ok(r.db, varsdb_delete_variable(r.db, u));
    ck_assert_str_eq(restoring(VARSDB_OK, id, VARSDB_RESTORE(.reshape = 0)), "recreated net/w\nrecreated u");
    ck_assert_str_eq(registry_sql(&r, columns), then);
    ck_assert_str_eq(collections_of(&r, "net/w"), membership);
    ck_assert_int_eq(
        registry_number(&r, "SELECT count(*) FROM variables WHERE site GLOB '*test_restore.c:[0-9]*'"), 2);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM variable_parts"), 3);
    ck_assert_str_eq(registry_sql(&r, "SELECT version, initialized FROM variables WHERE name = 'u'"), "0|0");
    expect(r.db, VARSDB_GONE, varsdb_describe(r.db, v, picture_add_name, then));
    ok(r.db, varsdb_find_variable(r.db, "net/w", &again));
    ck_assert_ptr_ne(again, v);
    free(then);
    free(membership);
}
END_TEST

START_TEST(a_variable_in_many_collections_gets_them_all_back)
{
    const varsdb_variable *v = vector("w", 1);
    ok(r.db, varsdb_begin(r.db));
    for (int i = 0; i < 100; i++) {
        char name[32];
        snprintf(name, sizeof name, "c \"%d\"", i);
        ok(r.db, varsdb_collect(r.db, name, v));
    }
    ok(r.db, varsdb_commit(r.db));
    int64_t id = take(NULL);
    char *then = strdup(collections_of(&r, "w"));
    ok(r.db, varsdb_delete_variable(r.db, v));
    restoring(VARSDB_OK, id, VARSDB_RESTORE(.reshape = 0));
    ck_assert_str_eq(collections_of(&r, "w"), then);
    ck_assert_int_eq(rows("varsdb_collection_members"), 103);
    free(then);
}
END_TEST

START_TEST(an_uninitialized_variable_becomes_so_again)
{
    float value[4];
    const varsdb_variable *u = got(r.db, "u", VARSDB_WITH(.shape = VARSDB_SHAPE(4), .initializer = "none"));
    int64_t id = take(NULL);
    assign(u, 3);
    ck_assert_int_eq(version_of(r.db, u), 1);
    ck_assert_str_eq(restoring(VARSDB_OK, id, VARSDB_RESTORE(.reshape = 0)), "restored u");
    ck_assert_int_eq(version_of(r.db, u), 2);
    expect(r.db, VARSDB_UNINITIALIZED, varsdb_read(r.db, u, value, sizeof value));
    ck_assert_str_eq(registry_sql(&r, "SELECT bytes, initialized FROM variables"), "16|0");
    ck_assert_int_eq(rows("varsdb_tensors"), 0);
}
END_TEST

START_TEST(strings_come_back)
{
    const varsdb_variable *s =
        got(r.db, "s", VARSDB_WITH(.value_json = "[\"ab\",\"c\"]", .dtype = VARSDB_STRING));
    int64_t id = take(NULL);
    ok(r.db, varsdb_assign_json(r.db, s, "[\"longer\",\"than before\"]"));
    restoring(VARSDB_OK, id, VARSDB_RESTORE(.reshape = 0));
    ck_assert_str_eq(registry_sql(&r, "SELECT bytes, version FROM variables"), "3|3");
}
END_TEST

/* ---- names */

START_TEST(a_variable_renamed_since_is_found_by_identity)
{
    const varsdb_variable *a = vector("a", 1);
    vector("b", 2);
    int64_t id = take(NULL);
    ok(r.db, varsdb_rename_variable(r.db, a, "z"));
    assign(a, 9);
    ck_assert_str_eq(restoring(VARSDB_OK, id, VARSDB_RESTORE(.reshape = 0)), "restored b\nrestored z <- a");
    ck_assert_float_eq(first_of(a), 1);
    ck_assert_str_eq(varsdb_variable_name(a), "z");
    ck_assert_int_eq(rows("varsdb_variables"), 2);
    /* selected by the name of then; the variable itself is not missing by its name of now */
    ck_assert_str_eq(restoring(VARSDB_OK, id, VARSDB_RESTORE(.include = "^a$")),
                     "restored z <- a\nuntouched b");
    ck_assert_str_eq(restoring(VARSDB_NOTFOUND, id, VARSDB_RESTORE(.include = "^z$")),
                     "untouched z\nuntouched b");
}
END_TEST

START_TEST(names_go_before_identity)
{
    const varsdb_variable *a = vector("a", 1), *b = vector("b", 2);
    int64_t id = take(NULL);
    /* the names change places: each name gets the value that it had */
    ok(r.db, varsdb_rename_variable(r.db, a, "t"));
    ok(r.db, varsdb_rename_variable(r.db, b, "a"));
    ok(r.db, varsdb_rename_variable(r.db, a, "b"));
    ck_assert_str_eq(restoring(VARSDB_OK, id, VARSDB_RESTORE(.reshape = 0)), "restored a\nrestored b");
    ck_assert_float_eq(first_of(b), 1);
    ck_assert_float_eq(first_of(a), 2);
    /* b's variable is gone and a is called b: b's value is for that name, and a is made again */
    ok(r.db, varsdb_delete_variable(r.db, b));
    ck_assert_str_eq(restoring(VARSDB_OK, id, VARSDB_RESTORE(.reshape = 0)), "recreated a\nrestored b");
    ck_assert_float_eq(first_of(a), 2);
    ck_assert_float_eq(first_of(got(r.db, "a", NULL)), 1);
}
END_TEST

START_TEST(a_renamed_variable_whose_name_of_then_another_has_is_missing)
{
    const varsdb_variable *a = vector("a", 1);
    int64_t id = take(VARSDB_SNAPSHOT(.name = "s"));
    ok(r.db, varsdb_rename_variable(r.db, a, "z"));
    const varsdb_variable *heir = vector("a", 2);
    ck_assert_str_eq(restoring(VARSDB_NOTFOUND, id, VARSDB_RESTORE(.reshape = 0)), "restored a\nmissing z");
    says(r.db, "variable z is not in snapshot s (#1); nothing was restored");
    ck_assert_str_eq(restoring(VARSDB_OK, id, VARSDB_RESTORE(.ignore_missing = 1)), "restored a\nmissing z");
    ck_assert_float_eq(first_of(heir), 1);
    ok(r.db, varsdb_delete_variable(r.db, heir));
    assign(a, 9);
    ck_assert_str_eq(restoring(VARSDB_OK, id, VARSDB_RESTORE(.reshape = 0)), "restored z <- a");
    ck_assert_float_eq(first_of(a), 1);
}
END_TEST

START_TEST(renames_give_names_to_restore_to_and_one_value_can_go_to_several)
{
    const varsdb_rename renames[] = {
        {"^teacher/", "student/"}, {"^teacher/(.*)$", "copy/$1"}, {"^teacher/", "student/"}};
    vector("teacher/w", 1);
    vector("other", 2);
    int64_t id = take(NULL);
    const varsdb_variable *s = vector("student/w", 8);
    ck_assert_str_eq(restoring(VARSDB_OK, id, VARSDB_RESTORE(.renames = renames, .rename_count = 3)),
                     "recreated copy/w <- teacher/w\nrestored other\nrestored student/w <- teacher/w\n"
                     "untouched teacher/w");
    ck_assert_float_eq(first_of(s), 1);
    ck_assert_float_eq(first_of(got(r.db, "copy/w", NULL)), 1);
    ck_assert_str_eq(collections_of(&r, "copy/w"), collections_of(&r, "teacher/w"));
    ck_assert_int_eq(rows("varsdb_tensors"), 2);
}
END_TEST

START_TEST(two_sources_for_one_name_are_refused)
{
    const varsdb_rename renames[] = {{"^[ab]/", "c/"}};
    vector("a/w", 1);
    vector("b/w", 2);
    int64_t id = take(NULL);
    restoring(VARSDB_INVALID, id, VARSDB_RESTORE(.renames = renames, .rename_count = 1));
    says(r.db, "a/w and b/w would both be restored to c/w");
    /* also when one of them has the name already */
    const varsdb_rename onto[] = {{"^a/", "b/"}};
    restoring(VARSDB_INVALID, id, VARSDB_RESTORE(.renames = onto, .rename_count = 1));
    says(r.db, "a/w and b/w would both be restored to b/w");
    ck_assert_str_eq(
        restoring(VARSDB_OK, id, VARSDB_RESTORE(.renames = onto, .rename_count = 1, .include = "^a/")),
        "restored b/w <- a/w\nuntouched a/w");
}
END_TEST

START_TEST(expressions_and_the_names_they_make_are_checked)
{
    const varsdb_rename bad[] = {{"(", "x"}}, empty[] = {{"w", ""}}, half[] = {{"w", NULL}},
                        slash[] = {{"w", "a//b"}};
    vector("w", 1);
    int64_t id = take(NULL);
    restoring(VARSDB_INVALID, id, VARSDB_RESTORE(.renames = bad, .rename_count = 1));
    restoring(VARSDB_INVALID, id, VARSDB_RESTORE(.renames = empty, .rename_count = 1));
    says(r.db, "renaming w");
    restoring(VARSDB_INVALID, id, VARSDB_RESTORE(.renames = slash, .rename_count = 1));
    restoring(VARSDB_MISUSE, id, VARSDB_RESTORE(.renames = half, .rename_count = 1));
    restoring(VARSDB_MISUSE, id, VARSDB_RESTORE(.rename_count = 1));
    restoring(VARSDB_INVALID, id, VARSDB_RESTORE(.include = "["));
    restoring(VARSDB_INVALID, id, VARSDB_RESTORE(.exclude = "["));
    restoring(VARSDB_NOTFOUND, 44, VARSDB_RESTORE(.exclude = "x"));
    says(r.db, "there is no snapshot #44");
    expect(r.db, VARSDB_MISUSE, varsdb_restore(r.db, id, &(varsdb_restore_options){0}));
}
END_TEST

/* ---- what does not fit */

START_TEST(other_shapes_and_dtypes_are_refused_and_all_is_reported)
{
    const varsdb_variable *a = vector("a", 1), *b = vector("b", 2);
    vector("c", 3);
    int64_t id = take(VARSDB_SNAPSHOT(.name = "s"));
    ok(r.db, varsdb_delete_variable(r.db, a));
    ok(r.db, varsdb_delete_variable(r.db, b));
    got(r.db, "a", VARSDB_WITH(.shape = VARSDB_SHAPE(2, 2)));
    got(r.db, "b", VARSDB_WITH(.shape = VARSDB_SHAPE(4), .dtype = VARSDB_FLOAT64));
    ck_assert_str_eq(restoring(VARSDB_MISMATCH, id, VARSDB_RESTORE(.reshape = 0)),
                     "misfit a\nmisfit b\nrestored c");
    says(r.db, "variable a is float32[2,2], but snapshot s (#1) has float32[4] (and 1 more)");
    says(r.db, "reshape");
    ck_assert_str_eq(restoring(VARSDB_MISMATCH, id, VARSDB_RESTORE(.reshape = 1)),
                     "restored a\nmisfit b\nrestored c");
    says(r.db, "variable b is float64[4], but snapshot s (#1) has float32[4]; nothing was restored");
    ck_assert_str_eq(restoring(VARSDB_OK, id, VARSDB_RESTORE(.reshape = 1, .exclude = "b")),
                     "restored a\nrestored c\nuntouched b");
    ck_assert_float_eq(first_of(got(r.db, "a", NULL)), 1);
    ck_assert_str_eq(registry_sql(&r, "SELECT shape FROM variables WHERE name = 'a'"), "[2,2]");
    const varsdb_rename onto[] = {{"^c$", "b"}};
    restoring(VARSDB_MISMATCH, id, VARSDB_RESTORE(.renames = onto, .rename_count = 1, .include = "c"));
    says(r.db, "has float32[4] as c");
}
END_TEST

START_TEST(a_reshape_needs_as_many_elements)
{
    vector("a", 1);
    int64_t id = take(NULL);
    ok(r.db, varsdb_delete_variable(r.db, got(r.db, "a", NULL)));
    got(r.db, "a", VARSDB_WITH(.shape = VARSDB_SHAPE(5)));
    ck_assert_str_eq(restoring(VARSDB_MISMATCH, id, VARSDB_RESTORE(.reshape = 1)), "misfit a");
}
END_TEST

START_TEST(a_selected_variable_that_the_snapshot_has_not_is_missing)
{
    const varsdb_variable *a = vector("a", 1), *local;
    int64_t id = take(VARSDB_SNAPSHOT(.name = "s"));
    vector("new", 2);
    vector("newer", 2);
    ok(r.db, varsdb_local_variable(r.db, "local", VARSDB_WITH(.shape = VARSDB_SCALAR), NULL, &local));
    assign(a, 4);
    ck_assert_str_eq(restoring(VARSDB_NOTFOUND, id, VARSDB_RESTORE(.reshape = 0)),
                     "restored a\nmissing new\nmissing newer\nuntouched local");
    says(r.db, "variable new (and 1 more) is not in snapshot s (#1); nothing was restored");
    ck_assert_float_eq(first_of(a), 4);
    ck_assert_str_eq(restoring(VARSDB_OK, id, VARSDB_RESTORE(.ignore_missing = 1)),
                     "restored a\nmissing new\nmissing newer\nuntouched local");
    ck_assert_float_eq(first_of(a), 1);
    ck_assert_str_eq(restoring(VARSDB_OK, id, VARSDB_RESTORE(.exclude = "^new")),
                     "restored a\nuntouched new\nuntouched newer\nuntouched local");
    ck_assert_str_eq(restoring(VARSDB_NOTFOUND, id, VARSDB_RESTORE(.include = "^(a|new)$")),
                     "restored a\nmissing new\nuntouched newer\nuntouched local");
    says(r.db, "variable new is not in");
}
END_TEST

START_TEST(with_existing_only_nothing_is_made)
{
    const varsdb_variable *b = vector("b", 1);
    vector("a", 1);
    int64_t id = take(NULL);
    ok(r.db, varsdb_delete_variable(r.db, got(r.db, "a", NULL)));
    assign(b, 2);
    ck_assert_str_eq(restoring(VARSDB_OK, id, VARSDB_RESTORE(.existing_only = 1)), "extra a\nrestored b");
    ck_assert_int_eq(rows("varsdb_variables"), 1);
    ck_assert_float_eq(first_of(b), 1);
}
END_TEST

START_TEST(parts_that_are_in_the_way_are_told_before_anything_is_written)
{
    const varsdb_variable *w =
        got(r.db, "w", VARSDB_WITH(.shape = VARSDB_SHAPE(4), .partitioner = "fixed_size(2)"));
    int64_t id = take(VARSDB_SNAPSHOT(.name = "whole"));
    ok(r.db, varsdb_delete_variable(r.db, w));
    const varsdb_variable *part = vector("w/part_1", 1);
    restoring(VARSDB_EXISTS, id, VARSDB_RESTORE(.ignore_missing = 1));
    says(r.db, "w/part_1");
    ok(r.db, varsdb_delete_variable(r.db, part));
    ck_assert_str_eq(restoring(VARSDB_OK, id, VARSDB_RESTORE(.reshape = 0)), "recreated w");
}
END_TEST

START_TEST(variables_made_again_are_not_in_each_others_way)
{
    const varsdb_rename renames[] = {{"^x$", "w/part_1"}}, other[] = {{"^x$", "w/part_2"}};
    got(r.db, "w", VARSDB_WITH(.shape = VARSDB_SHAPE(4), .partitioner = "fixed_size(2)"));
    vector("x", 1);
    int64_t id = take(NULL);
    /* w is there */
    restoring(VARSDB_EXISTS, id, VARSDB_RESTORE(.renames = renames, .rename_count = 1));
    ok(r.db, varsdb_delete_variable(r.db, got(r.db, "w", NULL)));
    /* w is to be made */
    restoring(VARSDB_EXISTS, id, VARSDB_RESTORE(.renames = renames, .rename_count = 1));
    says(r.db, "w/part_1 would have the name of a part of w");
    ck_assert_str_eq(restoring(VARSDB_OK, id, VARSDB_RESTORE(.renames = other, .rename_count = 1)),
                     "recreated w\nrecreated w/part_2 <- x\nuntouched x");
}
END_TEST

/* Names that look like those of w's two parts, and are none. */
START_TEST(what_is_called_nearly_like_a_part_is_in_nobodys_way)
{
    static const char *const near[] = {
        "w/part_01", "w/part_00",      "w/part_1x", "w/part_x", "w/part_", "w/part_1000000000000000000",
        "w/part_2",  "w/other/part_1", "u/part_0",  "part_1"};
    const varsdb_rename back[] = {{"^n/", ""}};
    char said[RESTORING_BYTES] = "", name[80];
    got(r.db, "n/w", VARSDB_WITH(.shape = VARSDB_SHAPE(4), .partitioner = "fixed_size(2)"));
    got(r.db, "n/u", VARSDB_WITH(.shape = VARSDB_SHAPE(4)));
    for (size_t i = 0; i < sizeof near / sizeof *near; i++) {
        snprintf(name, sizeof name, "n/%s", near[i]);
        vector(name, 1);
    }
    int64_t id = take(NULL);
    snprintf(said, sizeof said, "%s",
             restoring(VARSDB_OK, id, VARSDB_RESTORE(.renames = back, .rename_count = 1)));
    for (size_t i = 0; i < sizeof near / sizeof *near; i++) {
        snprintf(name, sizeof name, "recreated %s <- n/%s\n", near[i], near[i]);
        ck_assert_msg(strstr(said, name) != NULL, "%s is not in %s", name, said);
    }
    ck_assert_ptr_nonnull(strstr(said, "recreated w <- n/w\n"));
}
END_TEST

Suite *test_restore_suite(void)
{
    Suite *suite = suite_create("restore");
    TCase *t = tcase_create("restore");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_test(t, values_come_back_and_versions_go_up);
    tcase_add_test(t, no_tensor_is_copied_and_large_ones_come_back);
    tcase_add_test(t, restoring_only_model_leaves_the_others_untouched_and_says_which);
    tcase_add_test(t, collections_and_scopes_are_those_of_then);
    tcase_add_test(t, a_deleted_variable_is_made_again_as_it_was);
    tcase_add_test(t, a_variable_in_many_collections_gets_them_all_back);
    tcase_add_test(t, an_uninitialized_variable_becomes_so_again);
    tcase_add_test(t, strings_come_back);
    tcase_add_test(t, a_variable_renamed_since_is_found_by_identity);
    tcase_add_test(t, names_go_before_identity);
    tcase_add_test(t, a_renamed_variable_whose_name_of_then_another_has_is_missing);
    tcase_add_test(t, renames_give_names_to_restore_to_and_one_value_can_go_to_several);
    tcase_add_test(t, two_sources_for_one_name_are_refused);
    tcase_add_test(t, expressions_and_the_names_they_make_are_checked);
    tcase_add_test(t, other_shapes_and_dtypes_are_refused_and_all_is_reported);
    tcase_add_test(t, a_reshape_needs_as_many_elements);
    tcase_add_test(t, a_selected_variable_that_the_snapshot_has_not_is_missing);
    tcase_add_test(t, with_existing_only_nothing_is_made);
    tcase_add_test(t, parts_that_are_in_the_way_are_told_before_anything_is_written);
    tcase_add_test(t, variables_made_again_are_not_in_each_others_way);
    tcase_add_test(t, what_is_called_nearly_like_a_part_is_in_nobodys_way);
    suite_add_tcase(suite, t);
    return suite;
}
