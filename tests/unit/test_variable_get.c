/* test_variable_get.c - get or create: identity, agreement on reuse, and who joins what. */
#include <string.h>

#include "../support/registry.h"

Suite *test_variable_get_suite(void);

static registry r;
static const varsdb_variable *const nothing = (const varsdb_variable *)&r;

static void open_registry(void)
{
    registry_open(&r);
}

static void close_registry(void)
{
    registry_close(&r);
}

#define VECTOR VARSDB_SHAPE(2, 3)

START_TEST(the_same_variable_is_the_same_pointer_and_created_once)
{
    const varsdb_variable *a = NULL, *b = NULL, *found = NULL;
    int created = -1;
    ok(r.db, varsdb_get_variable(r.db, "s/v", VARSDB_WITH(.shape = VECTOR), &created, &a));
    ck_assert_int_eq(created, 1);
    VARSDB_IN_SCOPE (r.db, "s")
        ok(r.db, varsdb_get_variable(r.db, "v", NULL, &created, &b));
    ck_assert_int_eq(created, 0);
    ck_assert_ptr_eq(a, b);
    ok(r.db, varsdb_find_variable(r.db, "s/v", &found));
    ck_assert_ptr_eq(found, a);
    ck_assert_ptr_eq(got_model(r.db, "s/v", NULL), a);
    ok(r.db, varsdb_local_variable(r.db, "s/v", NULL, &created, &b));
    ck_assert_ptr_eq(b, a);
    ck_assert_int_eq(created, 0);
}
END_TEST

START_TEST(of_two_handles_one_is_told_created)
{
    const varsdb_variable *a, *b;
    int first = -1, second = -1;
    varsdb *other = registry_another(&r);
    ok(other, varsdb_get_variable(other, "v", VARSDB_WITH(.shape = VECTOR), &first, &a));
    ok(r.db, varsdb_get_variable(r.db, "v", VARSDB_WITH(.shape = VECTOR), &second, &b));
    ck_assert_int_eq(first, 1);
    ck_assert_int_eq(second, 0);
    ck_assert_int_eq(varsdb_variable_id(a), varsdb_variable_id(b));
    ck_assert_ptr_ne(a, b);
    varsdb_close(other);
}
END_TEST

START_TEST(getters_tell_what_was_made)
{
    const varsdb_variable *v = got(r.db, "a/v", VARSDB_WITH(.shape = VECTOR, .dtype = VARSDB_INT16));
    const varsdb_shape *shape = varsdb_variable_shape(v);
    ck_assert_str_eq(varsdb_variable_name(v), "a/v");
    ck_assert_int_eq(varsdb_variable_dtype(v), VARSDB_INT16);
    ck_assert_int_eq(varsdb_variable_id(v), registry_number(&r, "SELECT id FROM variables"));
    ck_assert_int_eq(shape->rank, 2);
    ck_assert_int_eq(shape->dims[0], 2);
    ck_assert_int_eq(shape->dims[1], 3);
}
END_TEST

START_TEST(finding_ignores_the_open_scope_and_never_creates)
{
    const varsdb_variable *v = got(r.db, "v", VARSDB_WITH(.shape = VECTOR)), *found = nothing;
    ok(r.db, varsdb_enter_scope(r.db, "s", VARSDB_SCOPE(.reuse = VARSDB_CREATE), NULL));
    ok(r.db, varsdb_find_variable(r.db, "v", &found));
    ck_assert_ptr_eq(found, v);
    found = nothing;
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_variable(r.db, "s/v", &found));
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_variable(r.db, "", &found));
    expect(r.db, VARSDB_MISUSE, varsdb_find_variable(r.db, NULL, &found));
    expect(r.db, VARSDB_MISUSE, varsdb_find_variable(r.db, "v", NULL));
    ck_assert_ptr_eq(found, nothing);
}
END_TEST

/* ---- agreement */

START_TEST(unknown_dimensions_match_any_on_reuse)
{
    const varsdb_variable *v = got(r.db, "v", VARSDB_WITH(.shape = VECTOR)), *out = nothing;
    ck_assert_ptr_eq(got(r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(VARSDB_ANY, 3))), v);
    ck_assert_ptr_eq(got(r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(2, VARSDB_ANY))), v);
    ck_assert_ptr_eq(got(r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(VARSDB_ANY, VARSDB_ANY))), v);
    expect(r.db, VARSDB_MISMATCH,
           varsdb_get_variable(r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(VARSDB_ANY)), NULL, &out));
    expect(r.db, VARSDB_MISMATCH,
           varsdb_get_variable(r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(VARSDB_ANY, 4)), NULL, &out));
    expect(r.db, VARSDB_INVALID,
           varsdb_get_variable(r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(-2, 3)), NULL, &out));
    ck_assert_ptr_eq(out, nothing);
}
END_TEST

START_TEST(a_scalar_and_one_element_are_different_shapes)
{
    const varsdb_variable *out = nothing;
    got(r.db, "scalar", VARSDB_WITH(.shape = VARSDB_SCALAR));
    got(r.db, "one", VARSDB_WITH(.shape = VARSDB_SHAPE(1)));
    expect(r.db, VARSDB_MISMATCH,
           varsdb_get_variable(r.db, "scalar", VARSDB_WITH(.shape = VARSDB_SHAPE(1)), NULL, &out));
    expect(r.db, VARSDB_MISMATCH,
           varsdb_get_variable(r.db, "one", VARSDB_WITH(.shape = VARSDB_SCALAR), NULL, &out));
    expect(r.db, VARSDB_MISMATCH,
           varsdb_get_variable(r.db, "one", VARSDB_WITH(.shape = VARSDB_SHAPE(2)), NULL, &out));
    ck_assert_ptr_eq(out, nothing);
}
END_TEST

START_TEST(a_mismatch_shows_both_and_who_created_it)
{
    int created = 9;
    const varsdb_variable *out = nothing;
    got(r.db, "v", VARSDB_WITH(.shape = VECTOR, .dtype = VARSDB_INT16));
    expect(r.db, VARSDB_MISMATCH,
           varsdb_get_variable(r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(4, 5)), &created, &out));
    says(r.db, "variable v");
    says(r.db, "[2,3]");
    says(r.db, "[4,5]");
    says(r.db, "test_variable_get.c:");
    expect(r.db, VARSDB_MISMATCH,
           varsdb_get_variable(r.db, "v", VARSDB_WITH(.dtype = VARSDB_FLOAT64), &created, &out));
    says(r.db, "variable v");
    says(r.db, "int16");
    says(r.db, "float64");
    says(r.db, "test_variable_get.c:");
    ck_assert_int_eq(created, 9);
    ck_assert_ptr_eq(out, nothing);
}
END_TEST

START_TEST(a_dtype_not_given_in_the_call_is_not_checked)
{
    const varsdb_variable *v = got(r.db, "s/v", VARSDB_WITH(.shape = VECTOR, .dtype = VARSDB_INT16));
    ck_assert_ptr_eq(got(r.db, "s/v", VARSDB_WITH(.shape = VECTOR)), v);
    VARSDB_IN_SCOPE (r.db, "s", .dtype = VARSDB_FLOAT64)
        ck_assert_ptr_eq(got(r.db, "v", VARSDB_WITH(.shape = VECTOR)), v);
    ck_assert_ptr_eq(got(r.db, "s/v", VARSDB_WITH(.dtype = VARSDB_INT16)), v);
}
END_TEST

START_TEST(reuse_ignores_initializer_value_regularizer_and_trainable)
{
    float before[6], after[6];
    const varsdb_variable *v = got(r.db, "v", VARSDB_WITH(.shape = VECTOR));
    ok(r.db, varsdb_read(r.db, v, before, sizeof before));
    ck_assert_ptr_eq(got(r.db, "v",
                         VARSDB_WITH(.initializer = "ones", .regularizer = "l2(1)", .trainable = VARSDB_NO,
                                     .partitioner = "fixed_size(2)", .constraint = "positive")),
                     v);
    ck_assert_ptr_eq(got(r.db, "v", VARSDB_WITH(.value_json = "1")), v);
    ok(r.db, varsdb_read(r.db, v, after, sizeof after));
    ck_assert_mem_eq(before, after, sizeof before);
    ck_assert_str_eq(collections_of(&r, "v"), "[\"variables\",\"trainable_variables\"]");
    ck_assert_str_eq(registry_sql(&r, "SELECT version, initializer, regularizer IS NULL FROM variables"),
                     "1|glorot_uniform|1");
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM variable_parts"), 0);
}
END_TEST

START_TEST(bad_options_are_refused_on_reuse_too)
{
    const varsdb_variable *out = nothing;
    got(r.db, "v", VARSDB_WITH(.shape = VECTOR));
    expect(r.db, VARSDB_MISUSE, varsdb_get_variable(r.db, "v", &(varsdb_variable_options){0}, NULL, &out));
    expect(r.db, VARSDB_INVALID,
           varsdb_get_variable(r.db, "v", VARSDB_WITH(.reuse = (varsdb_reuse)4), NULL, &out));
    expect(r.db, VARSDB_INVALID,
           varsdb_get_variable(r.db, "v", VARSDB_WITH(.trainable = (varsdb_tristate)3), NULL, &out));
    expect(r.db, VARSDB_INVALID,
           varsdb_get_variable(r.db, "v", VARSDB_WITH(.dtype = (varsdb_dtype)99), NULL, &out));
    ck_assert_ptr_eq(out, nothing);
}
END_TEST

/* ---- collections of the three calls */

START_TEST(get_joins_global_and_trainable)
{
    got(r.db, "v", VARSDB_WITH(.shape = VECTOR));
    got(r.db, "frozen", VARSDB_WITH(.shape = VECTOR, .trainable = VARSDB_NO));
    got(r.db, "said", VARSDB_WITH(.shape = VECTOR, .trainable = VARSDB_YES));
    ck_assert_str_eq(registry_sql(&r, "SELECT name, trainable, collections FROM variables"),
                     "v|1|[\"variables\",\"trainable_variables\"]\n"
                     "frozen|0|[\"variables\"]\n"
                     "said|1|[\"variables\",\"trainable_variables\"]");
}
END_TEST

START_TEST(a_given_list_stands_instead_of_global)
{
    static const char *const mine[] = {"mine", "weights", "mine", NULL}, *const none[] = {NULL};
    got(r.db, "v", VARSDB_WITH(.shape = VECTOR, .collections = mine));
    got(r.db, "w", VARSDB_WITH(.shape = VECTOR, .collections = none));
    got(r.db, "x", VARSDB_WITH(.shape = VECTOR, .collections = none, .trainable = VARSDB_NO));
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM global_variables"), 0);
    ck_assert_str_eq(registry_sql(&r, "SELECT collection, name FROM collection_variables ORDER BY 1, 2"),
                     "mine|v\ntrainable_variables|v\ntrainable_variables|w\nweights|v");
}
END_TEST

START_TEST(model_joins_global_model_and_what_is_given)
{
    static const char *const mine[] = {"mine", NULL};
    got_model(r.db, "v", VARSDB_WITH(.shape = VECTOR));
    got_model(r.db, "w", VARSDB_WITH(.shape = VECTOR, .collections = mine, .trainable = VARSDB_NO));
    ck_assert_str_eq(
        registry_sql(&r, "SELECT collection, name FROM collection_variables ORDER BY 1, 2"),
        "mine|w\nmodel_variables|v\nmodel_variables|w\ntrainable_variables|v\nvariables|v\nvariables|w");
}
END_TEST

START_TEST(local_joins_local_only_and_is_never_trainable)
{
    const varsdb_variable *v;
    static const char *const mine[] = {"mine", NULL};
    ok(r.db,
       varsdb_local_variable(r.db, "v", VARSDB_WITH(.shape = VECTOR, .trainable = VARSDB_YES), NULL, &v));
    ok(r.db, varsdb_local_variable(r.db, "w", VARSDB_WITH(.shape = VECTOR, .collections = mine), NULL, &v));
    ck_assert_str_eq(registry_sql(&r, "SELECT collection, name FROM collection_variables ORDER BY 1, 2"),
                     "local_variables|v\nlocal_variables|w\nmine|w");
}
END_TEST

START_TEST(model_on_a_plain_variable_adds_model)
{
    const varsdb_variable *v = got(r.db, "v", VARSDB_WITH(.shape = VECTOR));
    ck_assert_ptr_eq(got_model(r.db, "v", NULL), v);
    ck_assert_str_eq(registry_sql(&r, "SELECT name FROM model_variables"), "v");
    ck_assert_ptr_eq(got_model(r.db, "v", NULL), v);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM collection_variables"), 3);
}
END_TEST

START_TEST(given_collections_are_added_on_reuse_but_global_is_not)
{
    static const char *const mine[] = {"mine", "TRAINABLE", NULL};
    const varsdb_variable *v = got(r.db, "v", VARSDB_WITH(.shape = VECTOR, .trainable = VARSDB_NO));
    ok(r.db, varsdb_uncollect(r.db, "GLOBAL", v));
    got(r.db, "v", NULL);
    ck_assert_str_eq(collections_of(&r, "v"), "[]");
    got(r.db, "v", VARSDB_WITH(.collections = mine));
    ck_assert_str_eq(registry_sql(&r, "SELECT collection FROM collection_variables ORDER BY 1"),
                     "mine\ntrainable_variables");
    got(r.db, "v", NULL);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM global_variables"), 0);
}
END_TEST

START_TEST(a_bad_collection_name_adds_nothing_wherever_it_stands)
{
    static const char *const bad[] = {"new", "bad//name", NULL};
    const varsdb_variable *out = nothing;
    expect(r.db, VARSDB_INVALID,
           varsdb_get_variable(r.db, "v", VARSDB_WITH(.shape = VECTOR, .collections = bad), NULL, &out));
    got(r.db, "v", VARSDB_WITH(.shape = VECTOR));
    expect(r.db, VARSDB_INVALID, varsdb_get_variable(r.db, "v", VARSDB_WITH(.collections = bad), NULL, &out));
    ck_assert_ptr_eq(out, nothing);
    ck_assert_str_eq(collections_of(&r, "v"), "[\"variables\",\"trainable_variables\"]");
}
END_TEST

START_TEST(a_regularizer_joins_the_losses)
{
    got(r.db, "v", VARSDB_WITH(.shape = VECTOR, .regularizer = "l2(0.1)"));
    got(r.db, "w", VARSDB_WITH(.shape = VECTOR));
    ck_assert_str_eq(
        registry_sql(&r, "SELECT name FROM collection_variables WHERE collection = 'regularization_losses'"),
        "v");
}
END_TEST

START_TEST(another_handle_that_joined_first_is_no_failure)
{
    static const char *const mine[] = {"mine", NULL};
    const varsdb_variable *v = got(r.db, "v", VARSDB_WITH(.shape = VECTOR));
    varsdb *other = registry_another(&r);
    got_model(other, "v", VARSDB_WITH(.collections = mine));
    ck_assert_ptr_eq(got_model(r.db, "v", VARSDB_WITH(.collections = mine)), v);
    ok(r.db, varsdb_collect(r.db, VARSDB_MODEL, v));
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM collection_variables"), 4);
    varsdb_close(other);
}
END_TEST

START_TEST(parts_and_variables_do_not_share_names)
{
    const varsdb_variable *out = nothing;
    got(r.db, "w", VARSDB_WITH(.shape = VARSDB_SHAPE(43), .partitioner = "fixed_size(4)"));
    expect(r.db, VARSDB_EXISTS,
           varsdb_get_variable(r.db, "w/part_0", VARSDB_WITH(.shape = VECTOR), NULL, &out));
    expect(r.db, VARSDB_EXISTS,
           varsdb_get_variable(r.db, "w/part_3", VARSDB_WITH(.shape = VECTOR), NULL, &out));
    got(r.db, "w/part_4", VARSDB_WITH(.shape = VECTOR));
    got(r.db, "w/part_00", VARSDB_WITH(.shape = VECTOR));
    got(r.db, "x/part_1", VARSDB_WITH(.shape = VECTOR));
    expect(r.db, VARSDB_EXISTS,
           varsdb_get_variable(r.db, "x", VARSDB_WITH(.shape = VECTOR, .partitioner = "fixed_size(2)"), NULL,
                               &out));
    got(r.db, "x", VARSDB_WITH(.shape = VECTOR));
    got(r.db, "x/part_0", VARSDB_WITH(.shape = VECTOR));
    ck_assert_ptr_eq(out, nothing);
}
END_TEST

static int get_nothing(varsdb *db, const varsdb_getters *rest, void *payload, const char *name,
                       const varsdb_variable_options *options, int *created, const varsdb_variable **out)
{
    (void)db, (void)rest, (void)payload, (void)name, (void)options, (void)created, (void)out;
    return VARSDB_OK;
}

/* Asks for something that is not there first, and does not mind. */
static int look_then_get(varsdb *db, const varsdb_getters *rest, void *payload, const char *name,
                         const varsdb_variable_options *options, int *created, const varsdb_variable **out)
{
    const varsdb_variable *missing;
    (void)payload;
    ck_assert_int_eq(varsdb_find_variable(db, "nothing", &missing), VARSDB_NOTFOUND);
    int rc = varsdb_call_getter(db, rest, name, options, created, out);
    ck_assert_int_eq(varsdb_find_variable(db, "nothing", &missing), VARSDB_NOTFOUND);
    return rc;
}

START_TEST(a_getter_must_yield_a_variable_and_may_fail_at_others)
{
    const varsdb_variable *v = NULL;
    expect(r.db, VARSDB_MISUSE,
           varsdb_get_variable(r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(1), .getter = get_nothing), NULL,
                               &v));
    says(r.db, "no variable");
    ck_assert_ptr_null(v);
    ok(r.db, varsdb_get_variable(r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(1), .getter = look_then_get),
                                 NULL, &v));
    ck_assert_str_eq(varsdb_variable_name(v), "v");
    VARSDB_IN_SCOPE (r.db, "s", .getter = get_nothing) {
        expect(r.db, VARSDB_MISUSE, varsdb_get_or_create_global_step(r.db, NULL, &v));
    }
}
END_TEST

START_TEST(a_name_that_an_object_lends_may_be_looked_up)
{
    const varsdb_variable *v = got(r.db, "before", VARSDB_WITH(.shape = VARSDB_SHAPE(1))), *found;
    varsdb *other = registry_another(&r);
    ok(other, varsdb_rename_variable(other, got(other, "before", NULL), "after"));
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_variable(r.db, varsdb_variable_name(v), &found));
    says(r.db, "variable before does not exist");
    ok(other, varsdb_rename_variable(other, got(other, "after", NULL), "later"));
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_unique(r.db, varsdb_variable_name(v), &found));
    varsdb_close(other);
}
END_TEST

Suite *test_variable_get_suite(void)
{
    Suite *suite = suite_create("variable_get");
    TCase *t = tcase_create("variable_get");
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_test(t, the_same_variable_is_the_same_pointer_and_created_once);
    tcase_add_test(t, of_two_handles_one_is_told_created);
    tcase_add_test(t, getters_tell_what_was_made);
    tcase_add_test(t, finding_ignores_the_open_scope_and_never_creates);
    tcase_add_test(t, unknown_dimensions_match_any_on_reuse);
    tcase_add_test(t, a_scalar_and_one_element_are_different_shapes);
    tcase_add_test(t, a_mismatch_shows_both_and_who_created_it);
    tcase_add_test(t, a_dtype_not_given_in_the_call_is_not_checked);
    tcase_add_test(t, reuse_ignores_initializer_value_regularizer_and_trainable);
    tcase_add_test(t, bad_options_are_refused_on_reuse_too);
    tcase_add_test(t, get_joins_global_and_trainable);
    tcase_add_test(t, a_given_list_stands_instead_of_global);
    tcase_add_test(t, model_joins_global_model_and_what_is_given);
    tcase_add_test(t, local_joins_local_only_and_is_never_trainable);
    tcase_add_test(t, model_on_a_plain_variable_adds_model);
    tcase_add_test(t, given_collections_are_added_on_reuse_but_global_is_not);
    tcase_add_test(t, a_bad_collection_name_adds_nothing_wherever_it_stands);
    tcase_add_test(t, a_regularizer_joins_the_losses);
    tcase_add_test(t, another_handle_that_joined_first_is_no_failure);
    tcase_add_test(t, parts_and_variables_do_not_share_names);
    tcase_add_test(t, a_getter_must_yield_a_variable_and_may_fail_at_others);
    tcase_add_test(t, a_name_that_an_object_lends_may_be_looked_up);
    suite_add_tcase(suite, t);
    return suite;
}
