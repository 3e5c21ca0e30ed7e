/* test_list.c - describing and listing variables: filters, order, and every member. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../support/registry.h"

Suite *test_list_suite(void);

static registry r;

static void open_registry(void)
{
    registry_open_with(&r, VARSDB_OPEN(.program = "trainer"));
}

static void close_registry(void)
{
    registry_close(&r);
}

static const varsdb_variable *vector(const char *name)
{
    return got(r.db, name, VARSDB_WITH(.shape = VARSDB_SHAPE(4)));
}

static int collect_names(void *payload, const varsdb_variable_info *info)
{
    char *out = payload;
    size_t at = strlen(out);
    snprintf(out + at, 512 - at, "%s%s", at ? " " : "", info->name);
    return strcmp(info->name, "stop") == 0;
}

static const char *list(const varsdb_filter *filter)
{
    static char out[512];
    out[0] = '\0';
    ok(r.db, varsdb_list_variables(r.db, filter, collect_names, out));
    return out;
}

static void populate(void)
{
    vector("conv1/w");
    got_model(r.db, "conv10/w", VARSDB_WITH(.shape = VARSDB_SHAPE(4)));
    got_model(r.db, "conv1/bn/gamma", VARSDB_WITH(.shape = VARSDB_SHAPE(4), .trainable = VARSDB_NO));
    vector("conv1");
    vector("conv1-x/w");
    vector("aconv1/w");
}

START_TEST(without_a_filter_all_are_listed_in_creation_order)
{
    ck_assert_str_eq(list(NULL), "");
    populate();
    ck_assert_str_eq(list(NULL), "conv1/w conv10/w conv1/bn/gamma conv1 conv1-x/w aconv1/w");
    ck_assert_str_eq(list(VARSDB_FILTER(.scope = "")), list(NULL));
    ok(r.db, varsdb_use_namespace(r.db, "other"));
    ck_assert_str_eq(list(NULL), "");
}
END_TEST

START_TEST(a_scope_is_filtered_by_component)
{
    populate();
    ck_assert_str_eq(list(VARSDB_FILTER(.scope = "conv1")), "conv1/w conv1/bn/gamma");
    ck_assert_str_eq(list(VARSDB_FILTER(.scope = "conv1/bn")), "conv1/bn/gamma");
    ck_assert_str_eq(list(VARSDB_FILTER(.scope = "conv")), "");
    ck_assert_str_eq(list(VARSDB_FILTER(.scope = "conv1/w")), "");
}
END_TEST

START_TEST(a_variable_with_the_scopes_name_is_beside_it_with_a_collection_too)
{
    populate();
    ck_assert_str_eq(list(VARSDB_FILTER(.scope = "conv1", .collection = VARSDB_GLOBAL)),
                     "conv1/w conv1/bn/gamma");
    ck_assert_str_eq(list(VARSDB_FILTER(.scope = "conv1/w", .collection = VARSDB_GLOBAL)), "");
}
END_TEST

START_TEST(a_collection_is_listed_in_its_own_order_by_name_or_alias)
{
    populate();
    ck_assert_str_eq(list(VARSDB_FILTER(.collection = "MODEL")), "conv10/w conv1/bn/gamma");
    ck_assert_str_eq(list(VARSDB_FILTER(.collection = VARSDB_MODEL)), "conv10/w conv1/bn/gamma");
    ck_assert_str_eq(list(VARSDB_FILTER(.collection = "TRAINABLE", .scope = "conv1")), "conv1/w");
    ck_assert_str_eq(list(VARSDB_FILTER(.collection = "LOCAL")), "");
    ck_assert_str_eq(list(VARSDB_FILTER(.collection = "no such")), "");
    ok(r.db, varsdb_collect(r.db, "mine", vector("conv1")));
    ok(r.db, varsdb_collect(r.db, "mine", vector("conv1/w")));
    ck_assert_str_eq(list(VARSDB_FILTER(.collection = "mine")), "conv1 conv1/w");
}
END_TEST

START_TEST(match_is_searched_for_and_exclude_leaves_out)
{
    populate();
    ck_assert_str_eq(list(VARSDB_FILTER(.match = "onv1/")), "conv1/w conv1/bn/gamma aconv1/w");
    ck_assert_str_eq(list(VARSDB_FILTER(.match = "^conv1/")), "conv1/w conv1/bn/gamma");
    ck_assert_str_eq(list(VARSDB_FILTER(.match = "w$", .exclude = "^conv")), "aconv1/w");
    ck_assert_str_eq(list(VARSDB_FILTER(.exclude = "w")), "conv1/bn/gamma conv1");
    ck_assert_str_eq(list(VARSDB_FILTER(.match = "conv1", .scope = "conv1", .exclude = "gamma")), "conv1/w");
}
END_TEST

START_TEST(a_glob_is_over_the_whole_name_and_passes_slashes)
{
    populate();
    ck_assert_str_eq(list(VARSDB_FILTER(.glob = "conv1/*")), "conv1/w conv1/bn/gamma");
    ck_assert_str_eq(list(VARSDB_FILTER(.glob = "*/w")), "conv1/w conv10/w conv1-x/w aconv1/w");
    ck_assert_str_eq(list(VARSDB_FILTER(.glob = "conv?/?")), "conv1/w");
    ck_assert_str_eq(list(VARSDB_FILTER(.glob = "conv[1]")), "conv1");
    ck_assert_str_eq(list(VARSDB_FILTER(.glob = "onv1")), "");
}
END_TEST

START_TEST(bad_filters_are_refused_before_anything_is_listed)
{
    char out[512] = "";
    populate();
    expect(r.db, VARSDB_INVALID,
           varsdb_list_variables(r.db, VARSDB_FILTER(.match = "("), collect_names, out));
    expect(r.db, VARSDB_INVALID,
           varsdb_list_variables(r.db, VARSDB_FILTER(.exclude = "[a"), collect_names, out));
    expect(r.db, VARSDB_MISUSE, varsdb_list_variables(r.db, &(varsdb_filter){0}, collect_names, out));
    expect(r.db, VARSDB_MISUSE, varsdb_list_variables(r.db, NULL, NULL, out));
    ck_assert_str_eq(out, "");
    vector("stop");
    vector("after");
    expect(r.db, VARSDB_CANCELLED, varsdb_list_variables(r.db, NULL, collect_names, out));
    ck_assert_ptr_null(strstr(out, "after"));
}
END_TEST

/* ---- what is told */

static int check_info(void *payload, const varsdb_variable_info *i)
{
    char host[256] = "";
    *(int *)payload += 1;
    gethostname(host, sizeof host - 1);
    ck_assert_uint_eq(i->size, sizeof *i);
    ck_assert_str_eq(i->name_space, "main");
    ck_assert_str_eq(i->name, "a/b/v");
    ck_assert_str_eq(i->scope, "a/b");
    ck_assert_int_eq(i->dtype, VARSDB_INT16);
    ck_assert_str_eq(i->shape_json, "[2,2]");
    ck_assert(i->shape.rank == 2 && i->shape.dims[0] == 2 && i->shape.dims[1] == 2);
    ck_assert(i->elements == 4 && i->bytes == 8 && i->trainable && i->initialized && !i->has_seed);
    ck_assert_str_eq(i->initializer, "value");
    ck_assert_str_eq(i->regularizer, "l2(0.5)");
    ck_assert_str_eq(i->constraint, "unit norm");
    ck_assert_str_eq(i->collections_json,
                     "[\"variables\",\"trainable_variables\",\"regularization_losses\"]");
    ck_assert_int_eq(i->version, 1);
    ck_assert_uint_eq(strlen(i->hash), 32);
    ck_assert_int_gt(i->created_at, 1600000000000);
    ck_assert_int_eq(i->updated_at, i->created_at);
    ck_assert_str_eq(i->program, "trainer");
    ck_assert_str_eq(i->host, host);
    ck_assert_int_eq(i->pid, getpid());
    ck_assert_ptr_nonnull(strstr(i->site, "test_list.c:"));
    ck_assert_str_eq(i->min, "-3");
    ck_assert_str_eq(i->max, "4");
    ck_assert_int_eq(i->has_moments, 1);
    /* -3, 0, 4, 3: sum 4, squares 34 */
    ck_assert_double_eq_tol(i->mean, 1, 1e-15);
    ck_assert_double_eq_tol(i->std * i->std, 7.5, 1e-14);
    ck_assert_double_eq_tol(i->l2_norm * i->l2_norm, 34, 1e-13);
    ck_assert(i->zeros == 1 && i->nans == 0 && i->pos_infs == 0 && i->neg_infs == 0);
    return 0;
}

START_TEST(describe_and_list_tell_all_there_is)
{
    int calls = 0;
    const varsdb_variable *v = got(r.db, "a/b/v",
                                   VARSDB_WITH(.value_json = "[[-3,0],[4,3]]", .dtype = VARSDB_INT16,
                                               .regularizer = "l2(0.5)", .constraint = "unit norm"));
    ok(r.db, varsdb_describe(r.db, v, check_info, &calls));
    ok(r.db, varsdb_list_variables(r.db, NULL, check_info, &calls));
    ok(r.db, varsdb_list_variables(r.db, VARSDB_FILTER(.collection = "GLOBAL"), check_info, &calls));
    ok(r.db, varsdb_list_variables(r.db, VARSDB_FILTER(.scope = "a"), check_info, &calls));
    ck_assert_int_eq(calls, 4);
    expect(r.db, VARSDB_MISUSE, varsdb_describe(r.db, v, NULL, NULL));
    expect(r.db, VARSDB_MISUSE, varsdb_describe(r.db, NULL, check_info, NULL));
}
END_TEST

static int check_uninitialized(void *payload, const varsdb_variable_info *i)
{
    *(int *)payload += 1;
    ck_assert(!i->initialized && i->version == 0 && !i->has_moments && !i->trainable);
    ck_assert_ptr_null(i->hash);
    ck_assert_ptr_null(i->min);
    ck_assert_ptr_null(i->max);
    ck_assert_ptr_null(i->regularizer);
    ck_assert_ptr_null(i->constraint);
    ck_assert_ptr_null(i->site);
    ck_assert_str_eq(i->collections_json, "[\"local_variables\"]");
    ck_assert_str_eq(i->scope, "");
    ck_assert_str_eq(i->initializer, "none");
    return 0;
}

START_TEST(members_that_do_not_apply_are_null)
{
    int calls = 0;
    const varsdb_variable *v;
    varsdb_variable_options o = {.size = sizeof o, .shape = VARSDB_SCALAR, .initializer = "none"};
    ok(r.db, varsdb_local_variable(r.db, "v", &o, NULL, &v));
    ok(r.db, varsdb_describe(r.db, v, check_uninitialized, &calls));
    ck_assert_int_eq(calls, 1);
}
END_TEST

static int check_extremes(void *payload, const varsdb_variable_info *i)
{
    const char *const *expected = payload;
    ck_assert_str_eq(i->min, expected[0]);
    ck_assert_str_eq(i->max, expected[1]);
    return 0;
}

START_TEST(extremes_are_exact_json)
{
    const uint64_t u[] = {1, UINT64_MAX};
    const float f[] = {0.1F, 1e30F};
    const char *of_u[] = {"1", "18446744073709551615"}, *of_i[] = {"-9223372036854775808", "0"};
    ok(r.db, varsdb_describe(r.db,
                             got(r.db, "u",
                                 VARSDB_WITH(.shape = VARSDB_SHAPE(2), .dtype = VARSDB_UINT64, .value = u,
                                             .value_bytes = 16)),
                             check_extremes, of_u));
    ok(r.db,
       varsdb_describe(
           r.db, got(r.db, "i", VARSDB_WITH(.value_json = "[-9223372036854775808,0]", .dtype = VARSDB_INT64)),
           check_extremes, of_i));
    got(r.db, "f", VARSDB_WITH(.shape = VARSDB_SHAPE(2), .value = f, .value_bytes = 8));
    ck_assert_str_eq(
        registry_sql(
            &r, "SELECT CAST(min AS REAL) = 0.100000001490116119384765625 FROM variables WHERE name = 'f'"),
        "1");
}
END_TEST

/* ---- callbacks */

static int read_and_try_to_write(void *payload, const varsdb_variable_info *info)
{
    float value[4] = {0};
    const varsdb_variable *v;
    varsdb *db = payload;
    ok(db, varsdb_find_variable(db, info->name, &v));
    ok(db, varsdb_read(db, v, value, sizeof value));
    ok(db, varsdb_describe(db, v, collect_names, (char[512]){""}));
    expect(db, VARSDB_MISUSE, varsdb_assign(db, v, value, sizeof value));
    expect(db, VARSDB_MISUSE, varsdb_delete_variable(db, v));
    expect(db, VARSDB_MISUSE, varsdb_get_variable(db, "new", VARSDB_WITH(.shape = VARSDB_SCALAR), NULL, &v));
    expect(db, VARSDB_MISUSE, varsdb_begin(db));
    return 0;
}

START_TEST(callbacks_may_read_but_not_write)
{
    vector("a");
    vector("b");
    ok(r.db, varsdb_list_variables(r.db, NULL, read_and_try_to_write, r.db));
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, varsdb_list_variables(r.db, NULL, read_and_try_to_write, r.db));
    ok(r.db, varsdb_commit(r.db));
    ck_assert_str_eq(list(NULL), "a b");
    vector("works");
}
END_TEST

Suite *test_list_suite(void)
{
    Suite *suite = suite_create("list");
    TCase *t = tcase_create("list");
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_test(t, without_a_filter_all_are_listed_in_creation_order);
    tcase_add_test(t, a_scope_is_filtered_by_component);
    tcase_add_test(t, a_variable_with_the_scopes_name_is_beside_it_with_a_collection_too);
    tcase_add_test(t, a_collection_is_listed_in_its_own_order_by_name_or_alias);
    tcase_add_test(t, match_is_searched_for_and_exclude_leaves_out);
    tcase_add_test(t, a_glob_is_over_the_whole_name_and_passes_slashes);
    tcase_add_test(t, bad_filters_are_refused_before_anything_is_listed);
    tcase_add_test(t, describe_and_list_tell_all_there_is);
    tcase_add_test(t, members_that_do_not_apply_are_null);
    tcase_add_test(t, extremes_are_exact_json);
    tcase_add_test(t, callbacks_may_read_but_not_write);
    suite_add_tcase(suite, t);
    return suite;
}
