/* test_snapshot_read.c - finding, listing and reading snapshots, and damage. */
#include <stdio.h>
#include <string.h>

#include "../support/picture.h"

Suite *test_snapshot_read_suite(void);

/* ---- finding */

START_TEST(selectors_find)
{
    const int64_t one = 1, minus = -2;
    int64_t id = 55;
    vector("w", 1);
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_snapshot(r.db, "latest", &id));
    says(r.db, "namespace main has no snapshots");
    take(VARSDB_SNAPSHOT(.name = "a", .step = &one));
    take(VARSDB_SNAPSHOT(.step = &one));
    take(VARSDB_SNAPSHOT(.name = "c", .step = &minus));
    ck_assert_int_eq(find("a"), 1);
    ck_assert_int_eq(find("c"), 3);
    ck_assert_int_eq(find("step:1"), 2);
    ck_assert_int_eq(find("step:-2"), 3);
    ck_assert_int_eq(find("#2"), 2);
    ck_assert_int_eq(find("latest"), 3);
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_snapshot(r.db, "step:7", &id));
    says(r.db, "there is no snapshot of step 7 in namespace main; the latest is snapshot c (#3, step -2)");
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_snapshot(r.db, "b", &id));
    says(r.db, "there is no snapshot b");
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_snapshot(r.db, "#9", &id));
    says(r.db, "there is no snapshot #9");
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_snapshot(r.db, "#99999999999999999999", &id));
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_snapshot(r.db, "", &id));
    expect(r.db, VARSDB_MISUSE, varsdb_find_snapshot(r.db, NULL, &id));
    expect(r.db, VARSDB_MISUSE, varsdb_find_snapshot(r.db, "a", NULL));
    ck_assert_int_eq(id, 55);
    /* ids are the registry's, names and steps the namespace's */
    ok(r.db, varsdb_use_namespace(r.db, "other"));
    ck_assert_int_eq(find("#2"), 2);
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_snapshot(r.db, "a", &id));
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_snapshot(r.db, "step:1", &id));
}
END_TEST

/* ---- listing */

static int print_snapshot(void *payload, const varsdb_snapshot_info *info)
{
    char *out = payload;
    size_t at = strlen(out);
    ck_assert_uint_eq(info->size, sizeof *info);
    snprintf(out + at, 512 - at, "%lld,%s,%s,%d:%lld,%d,%s,%lld,%lld,%lld ", (long long)info->id,
             info->name_space, info->name ? info->name : "-", info->has_step, (long long)info->step,
             info->pinned, info->metadata ? info->metadata : "-", (long long)info->variables,
             (long long)info->bytes, (long long)info->new_bytes);
    ck_assert_int_eq(info->created_at / 1000,
                     registry_number(&r, "SELECT max(strftime('%s', created_at)) FROM snapshots"));
    return 0;
}

static int stop_snapshot(void *payload, const varsdb_snapshot_info *info)
{
    (void)info;
    return ++*(int *)payload == 2;
}

START_TEST(snapshots_are_listed_oldest_first)
{
    const int64_t step = 4;
    char out[512] = "";
    int calls = 0;
    vector("w", 1);
    vector("x", 2);
    ok(r.db,
       varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.name = "b", .step = &step, .metadata = "[1]"), NULL));
    ok(r.db, varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.pinned = 1), NULL));
    ok(r.db, varsdb_list_snapshots(r.db, print_snapshot, out));
    ck_assert_str_eq(out, "1,main,b,1:4,0,[1],2,32,32 2,main,-,0:0,1,-,2,32,0 ");
    expect(r.db, VARSDB_CANCELLED, varsdb_list_snapshots(r.db, stop_snapshot, &calls));
    ck_assert_int_eq(calls, 2);
    expect(r.db, VARSDB_MISUSE, varsdb_list_snapshots(r.db, NULL, NULL));
    ok(r.db, varsdb_use_namespace(r.db, "other"));
    out[0] = '\0';
    ok(r.db, varsdb_list_snapshots(r.db, print_snapshot, out));
    ck_assert_str_eq(out, "");
}
END_TEST

START_TEST(variables_are_listed_by_the_names_of_then_and_filters_too)
{
    const varsdb_variable *v = vector("b/w", 1);
    vector("a/w", 1);
    vector("b/x", 1);
    ok(r.db, varsdb_collect(r.db, "mine \"1\"", v));
    int64_t id = take(NULL);
    ok(r.db, varsdb_uncollect(r.db, "mine \"1\"", v));
    ok(r.db, varsdb_rename_scope(r.db, "b", "c"));
    ck_assert_str_eq(names_at(id, NULL), "a/w b/w b/x");
    ck_assert_str_eq(names_at(id, VARSDB_FILTER(.scope = "b")), "b/w b/x");
    ck_assert_str_eq(names_at(id, VARSDB_FILTER(.scope = "c")), "");
    ck_assert_str_eq(names_at(id, VARSDB_FILTER(.collection = "mine \"1\"")), "b/w");
    ck_assert_str_eq(names_at(id, VARSDB_FILTER(.collection = "GLOBAL")), "a/w b/w b/x");
    ck_assert_str_eq(names_at(id, VARSDB_FILTER(.collection = "mine")), "");
    ck_assert_str_eq(names_at(id, VARSDB_FILTER(.match = "w", .exclude = "^a")), "b/w");
    ck_assert_str_eq(names_at(id, VARSDB_FILTER(.glob = "*x")), "b/x");
    ck_assert_str_eq(names_at(id, VARSDB_FILTER(.match_prefix = "b", .suffix = "w")), "b/w");
    char out[512] = "";
    expect(r.db, VARSDB_INVALID,
           varsdb_list_snapshot_variables(r.db, id, VARSDB_FILTER(.match = "("), picture_add_name, out));
    expect(r.db, VARSDB_NOTFOUND, varsdb_list_snapshot_variables(r.db, 9, NULL, picture_add_name, out));
    says(r.db, "there is no snapshot #9 in namespace main; the latest is snapshot #1");
    expect(r.db, VARSDB_MISUSE, varsdb_list_snapshot_variables(r.db, id, NULL, NULL, NULL));
    ck_assert_str_eq(out, "");
}
END_TEST

static int check_info(void *payload, const varsdb_variable_info *info)
{
    ++*(int *)payload;
    ck_assert_uint_eq(info->size, sizeof *info);
    ck_assert_str_eq(info->name_space, "main");
    ck_assert_str_eq(info->name, "s/w");
    ck_assert_str_eq(info->scope, "s");
    ck_assert_int_eq(info->dtype, VARSDB_FLOAT64);
    ck_assert_str_eq(info->shape_json, "[4,1]");
    ck_assert_int_eq(info->shape.rank, 2);
    ck_assert_int_eq(info->shape.dims[0], 4);
    ck_assert_int_eq(info->elements, 4);
    ck_assert_int_eq(info->bytes, 32);
    ck_assert_int_eq(info->trainable, 1);
    ck_assert_int_eq(info->initialized, 1);
    ck_assert_int_eq(info->has_seed, 0);
    ck_assert_str_eq(info->initializer, "value");
    ck_assert_str_eq(info->regularizer, "l1(1)");
    ck_assert_str_eq(info->constraint, "c");
    ck_assert_str_eq(info->collections_json,
                     "[\"variables\",\"trainable_variables\",\"regularization_losses\"]");
    ck_assert_int_eq(info->version, 0);
    ck_assert_ptr_null(info->program);
    ck_assert_ptr_null(info->site);
    ck_assert_int_eq(info->created_at, 0);
    ck_assert_str_eq(info->hash, registry_sql(&r, "SELECT hash FROM snapshot_variables"));
    ck_assert_str_eq(info->min, "-4.0");
    ck_assert_str_eq(info->max, "3.0");
    ck_assert_int_eq(info->has_moments, 1);
    ck_assert_double_eq(info->mean, 0.5);
    ck_assert_double_eq_tol(info->l2_norm, 5.477225575, 1e-8);
    ck_assert_int_eq(info->zeros, 0);
    ck_assert_str_eq(info->partitioner, "fixed_size(3)");
    ck_assert_int_eq(info->partition_axis, 0);
    ck_assert_int_eq(info->parts, 3);
    return 0;
}

START_TEST(all_that_is_recorded_of_a_variable_is_told)
{
    int calls = 0;
    got(r.db, "s/w",
        VARSDB_WITH(.value_json = "[[1],[2],[3],[-4]]", .dtype = VARSDB_FLOAT64, .regularizer = "l1(1)",
                    .constraint = "c", .partitioner = "fixed_size(3)"));
    int64_t id = take(NULL);
    ok(r.db, varsdb_delete_variable(r.db, got(r.db, "s/w", NULL)));
    ok(r.db, varsdb_list_snapshot_variables(r.db, id, NULL, check_info, &calls));
    ck_assert_int_eq(calls, 1);
}
END_TEST

static int check_bare(void *payload, const varsdb_variable_info *info)
{
    ++*(int *)payload;
    ck_assert_int_eq(info->initialized, 0);
    ck_assert_ptr_null(info->hash);
    ck_assert_ptr_null(info->min);
    ck_assert_int_eq(info->has_moments, 0);
    ck_assert_int_eq(info->trainable, 0);
    ck_assert_int_eq(info->parts, 0);
    ck_assert_str_eq(info->scope, "");
    return 0;
}

START_TEST(an_uninitialized_variable_is_recorded_as_such)
{
    int calls = 0;
    float value[2];
    got(r.db, "u", VARSDB_WITH(.shape = VARSDB_SHAPE(2), .initializer = "none", .trainable = VARSDB_NO));
    int64_t id = take(NULL);
    assign(vector("other", 1), 1);
    ok(r.db, varsdb_list_snapshot_variables(r.db, id, NULL, check_bare, &calls));
    ck_assert_int_eq(calls, 1);
    expect(r.db, VARSDB_UNINITIALIZED, varsdb_read_range_at(r.db, id, "u", 0, value, sizeof value));
    says(r.db, "u had no value when snapshot #1 was taken");
    ck_assert_str_eq(registry_sql(&r, "SELECT bytes, new_bytes FROM snapshots"), "8|0");
}
END_TEST

/* ---- reading */

START_TEST(values_are_read_by_the_names_of_then)
{
    float value[4] = {0};
    const varsdb_variable *v = vector("a", 1), *b = vector("b", 2);
    int64_t id = take(VARSDB_SNAPSHOT(.name = "s"));
    /* the names change places */
    ok(r.db, varsdb_rename_variable(r.db, v, "tmp"));
    ok(r.db, varsdb_rename_variable(r.db, b, "a"));
    ok(r.db, varsdb_rename_variable(r.db, v, "b"));
    ck_assert_float_eq(first_at(id, "a"), 1);
    ck_assert_float_eq(first_at(id, "b"), 2);
    ck_assert_float_eq(first_at(id, "a:0"), 1);
    ok(r.db, varsdb_read_range_at(r.db, id, "a", 8, value, 8));
    ck_assert_float_eq(value[0], 3);
    ck_assert_float_eq(value[1], 4);
    ok(r.db, varsdb_read_range_at(r.db, id, varsdb_variable_name(v), 0, value, sizeof value));
    ck_assert_float_eq(value[0], 2);
    expect(r.db, VARSDB_INVALID, varsdb_read_range_at(r.db, id, "a", 8, value, 9));
    expect(r.db, VARSDB_NOTFOUND, varsdb_read_range_at(r.db, id, "tmp", 0, value, 4));
    says(r.db, "variable tmp is not in snapshot s (#1)");
    expect(r.db, VARSDB_NOTFOUND, varsdb_read_range_at(r.db, 4, "a", 0, value, 4));
    expect(r.db, VARSDB_MISUSE, varsdb_read_range_at(r.db, id, NULL, 0, value, 4));
    expect(r.db, VARSDB_MISUSE, varsdb_read_range_at(r.db, id, "a", 0, NULL, 4));
    ok(r.db, varsdb_read_range_at(r.db, id, "a", 16, NULL, 0));
}
END_TEST

START_TEST(slices_are_read_as_they_were)
{
    float out[4] = {0};
    const varsdb_variable *v = got(r.db, "m", VARSDB_WITH(.value_json = "[[1,2,3],[4,5,6],[7,8,9]]"));
    got(r.db, "s", VARSDB_WITH(.value_json = "[\"a\"]", .dtype = VARSDB_STRING));
    int64_t id = take(NULL);
    ok(r.db, varsdb_initialize(r.db, v, "zeros"));
    const varsdb_slice *corners = VARSDB_SLICE(2, NULL, NULL, VARSDB_INDEX(2, 2));
    ok(r.db, varsdb_read_slice_at(r.db, id, "m", corners, out, sizeof out));
    ck_assert_float_eq(out[0], 1);
    ck_assert_float_eq(out[1], 3);
    ck_assert_float_eq(out[2], 7);
    ck_assert_float_eq(out[3], 9);
    ok(r.db, varsdb_read_slice_at(r.db, id, "m",
                                  VARSDB_SLICE(2, VARSDB_INDEX(1, 0), VARSDB_INDEX(1, 2), NULL), out, 8));
    ck_assert_float_eq(out[0], 4);
    ck_assert_float_eq(out[1], 5);
    expect(r.db, VARSDB_INVALID, varsdb_read_slice_at(r.db, id, "m", corners, out, 8));
    says(r.db, "takes 16 bytes, not 8");
    expect(r.db, VARSDB_INVALID,
           varsdb_read_slice_at(r.db, id, "m", VARSDB_SLICE(1, NULL, NULL, NULL), out, 4));
    expect(r.db, VARSDB_UNSUPPORTED,
           varsdb_read_slice_at(r.db, id, "s", VARSDB_SLICE(1, NULL, NULL, NULL), out, 4));
    expect(r.db, VARSDB_NOTFOUND, varsdb_read_slice_at(r.db, id, "n", corners, out, sizeof out));
    expect(r.db, VARSDB_MISUSE, varsdb_read_slice_at(r.db, id, "m", NULL, out, sizeof out));
    expect(r.db, VARSDB_MISUSE, varsdb_read_slice_at(r.db, id, NULL, corners, out, sizeof out));
    expect(r.db, VARSDB_MISUSE, varsdb_read_slice_at(r.db, id, "m", corners, NULL, sizeof out));
}
END_TEST

START_TEST(a_snapshot_of_another_namespace_is_read_by_its_id)
{
    vector("a", 1);
    int64_t id = take(NULL);
    ok(r.db, varsdb_use_namespace(r.db, "other"));
    vector("a", 2);
    ck_assert_float_eq(first_at(id, "a"), 1);
    ck_assert_str_eq(names_at(id, NULL), "a");
}
END_TEST

static int join(void *payload, const char *string, size_t bytes)
{
    char *out = payload;
    ck_assert_uint_eq(strlen(string), bytes);
    strcat(strcat(out, string), ";");
    return strcmp(string, "stop") == 0;
}

START_TEST(strings_are_read_as_they_were)
{
    char out[128] = "";
    const varsdb_variable *v =
        got(r.db, "s", VARSDB_WITH(.value_json = "[\"a\",\"\",\"l\u00e4nger\"]", .dtype = VARSDB_STRING));
    vector("w", 1);
    int64_t id = take(NULL);
    ok(r.db, varsdb_assign_json(r.db, v, "[\"x\",\"y\",\"stop\"]"));
    ok(r.db, varsdb_read_strings_at(r.db, id, "s", join, out));
    ck_assert_str_eq(out, "a;;l\u00e4nger;");
    id = take(NULL);
    out[0] = '\0';
    expect(r.db, VARSDB_CANCELLED, varsdb_read_strings_at(r.db, id, "s", join, out));
    ck_assert_str_eq(out, "x;y;stop;");
    expect(r.db, VARSDB_INVALID, varsdb_read_strings_at(r.db, id, "w", join, out));
    expect(r.db, VARSDB_NOTFOUND, varsdb_read_strings_at(r.db, id, "n", join, out));
    expect(r.db, VARSDB_MISUSE, varsdb_read_strings_at(r.db, id, NULL, join, out));
    expect(r.db, VARSDB_MISUSE, varsdb_read_strings_at(r.db, id, "s", NULL, out));
}
END_TEST

/* ---- pinning */

START_TEST(pinning_is_a_change_of_the_row)
{
    vector("w", 1);
    int64_t id = take(NULL);
    ok(r.db, varsdb_pin_snapshot(r.db, id, 7));
    audit(&r);
    ck_assert_int_eq(registry_number(&r, "SELECT pinned FROM snapshots"), 1);
    ok(r.db, varsdb_pin_snapshot(r.db, id, 0));
    audit(&r);
    ck_assert_int_eq(registry_number(&r, "SELECT pinned FROM snapshots"), 0);
    expect(r.db, VARSDB_NOTFOUND, varsdb_pin_snapshot(r.db, 2, 1));
}
END_TEST

/* ---- damage */

static void flip(const char *sql)
{
    registry_sql(&r, sql);
}

START_TEST(damage_is_seen_by_whoever_reads)
{
    static const char *const damages[] = {
        "UPDATE varsdb_snapshots SET step = step + 1",
        "UPDATE varsdb_snapshots SET items_digest = items_digest + 1",
        "UPDATE varsdb_snapshots SET variables = 3",
        "UPDATE varsdb_snapshot_items SET state_id = 3 WHERE state_id = 1 AND snapshot_id = 1",
        "DELETE FROM varsdb_snapshot_items WHERE state_id = 1 AND snapshot_id = 1",
        "INSERT INTO varsdb_snapshot_items VALUES (1, 3)",
        "UPDATE varsdb_states SET name = 'b' WHERE id = 1",
        "UPDATE varsdb_states SET tensor_id = 2 WHERE id = 1",
        "UPDATE varsdb_states SET elements = 5 WHERE id = 1",
        "DELETE FROM varsdb_states WHERE id = 1",
    };
    const int64_t step = 1;
    const varsdb_variable *v = vector("a", 1);
    vector("c", 2);
    take(VARSDB_SNAPSHOT(.step = &step));
    assign(v, 3);
    take(NULL);
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        char out[512] = "", sql[TEMP_PATH_BYTES + 32];
        registry copy = r;
        /* on a copy, so that each stands alone */
        snprintf(copy.path, sizeof copy.path, "%.200s-%zu", r.path, i);
        snprintf(sql, sizeof sql, "VACUUM INTO '%s'", copy.path);
        flip(sql);
        registry_sql(&copy, damages[i]);
        copy.db = registry_another(&copy);
        int rc = varsdb_list_snapshot_variables(copy.db, 1, NULL, picture_add_name, out);
        ck_assert_msg(rc == VARSDB_CORRUPT, "%s: listed as %s: %s", damages[i], varsdb_errname(rc), out);
        says(copy.db, "damaged");
        rc = varsdb_restore(copy.db, 1, NULL);
        ck_assert_msg(rc == VARSDB_CORRUPT, "%s: restored", damages[i]);
        float value[4];
        rc = varsdb_read_range_at(copy.db, 1, "a", 0, value, sizeof value);
        ck_assert_msg(rc == VARSDB_CORRUPT || (rc == VARSDB_NOTFOUND && i == 9), "%s: read as %s", damages[i],
                      varsdb_errname(rc));
        varsdb_close(copy.db);
    }
}
END_TEST

START_TEST(a_snapshot_is_not_built_upon_a_damaged_state)
{
    const varsdb_variable *v = vector("a", 1);
    vector("b", 2);
    take(NULL);
    flip("UPDATE varsdb_states SET collections = '[]' WHERE name = 'a'");
    expect(r.db, VARSDB_CORRUPT, varsdb_take_snapshot(r.db, NULL, NULL));
    says(r.db, "state 1");
    ck_assert_int_eq(rows("varsdb_snapshots"), 1);
    /* who does not need it is not bothered */
    ok(r.db, varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.filter = VARSDB_FILTER(.match = "b")), NULL));
    assign(v, 5);
    ok(r.db, varsdb_take_snapshot(r.db, NULL, NULL));
    ck_assert_str_eq(names_at(3, NULL), "a b");
    ck_assert_str_eq(
        registry_sql(&r, "SELECT group_concat(state_id) FROM varsdb_snapshot_items WHERE snapshot_id = 3"),
        "2,3");
    flip("DELETE FROM varsdb_states WHERE id = 3");
    ok(r.db, varsdb_take_snapshot(r.db, NULL, NULL)); /* it is recorded anew */
    ck_assert_str_eq(names_at(4, NULL), "a b");
    flip("UPDATE varsdb_variables SET shape = '[2,2]' WHERE id = 1");
    expect(r.db, VARSDB_CORRUPT, varsdb_take_snapshot(r.db, NULL, NULL));
    says(r.db, "variable 1");
}
END_TEST

Suite *test_snapshot_read_suite(void)
{
    Suite *suite = suite_create("snapshot_read");
    TCase *t = tcase_create("snapshot_read");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_test(t, selectors_find);
    tcase_add_test(t, snapshots_are_listed_oldest_first);
    tcase_add_test(t, variables_are_listed_by_the_names_of_then_and_filters_too);
    tcase_add_test(t, all_that_is_recorded_of_a_variable_is_told);
    tcase_add_test(t, an_uninitialized_variable_is_recorded_as_such);
    tcase_add_test(t, values_are_read_by_the_names_of_then);
    tcase_add_test(t, slices_are_read_as_they_were);
    tcase_add_test(t, a_snapshot_of_another_namespace_is_read_by_its_id);
    tcase_add_test(t, strings_are_read_as_they_were);
    tcase_add_test(t, pinning_is_a_change_of_the_row);
    tcase_add_test(t, damage_is_seen_by_whoever_reads);
    tcase_add_test(t, a_snapshot_is_not_built_upon_a_damaged_state);
    suite_add_tcase(suite, t);
    return suite;
}
