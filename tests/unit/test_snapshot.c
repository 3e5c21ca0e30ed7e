/* test_snapshot.c - taking and dropping snapshots: what is stored, and what is not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/picture.h"

Suite *test_snapshot_suite(void);

/* ---- taking */

START_TEST(a_snapshot_records_the_global_variables)
{
    const varsdb_variable *local;
    const int64_t step = 100;
    vector("net/w", 1);
    vector("net/b", 2);
    ok(r.db, varsdb_local_variable(r.db, "counter",
                                   VARSDB_WITH(.shape = VARSDB_SCALAR, .dtype = VARSDB_INT32), NULL, &local));
    int64_t id =
        take(VARSDB_SNAPSHOT(.name = "best", .step = &step, .metadata = "{\"loss\": 0.5}", .pinned = 1));
    ck_assert_str_eq(registry_sql(&r, "SELECT id, namespace, name, step, metadata, pinned, variables, bytes, "
                                      "new_bytes, exclusive_bytes FROM snapshots"),
                     "1|main|best|100|{\"loss\": 0.5}|1|2|32|32|0");
    ck_assert_int_eq(id, 1);
    ck_assert_int_eq(
        registry_number(&r, "SELECT abs(julianday(created_at) - julianday('now')) < 0.01 FROM snapshots"), 1);
    ck_assert_str_eq(
        registry_sql(&r, "SELECT snapshot_id, namespace, snapshot, step, name, dtype, shape, bytes, min, "
                         "max, zeros FROM snapshot_variables ORDER BY name"),
        "1|main|best|100|net/b|float32|[4]|16|2.0|4.0|0\n"
        "1|main|best|100|net/w|float32|[4]|16|1.0|4.0|0");
    ck_assert_str_eq(
        registry_sql(&r, "SELECT count(*) FROM snapshot_variables s JOIN variables v ON v.name = s.name "
                         "AND v.hash = s.hash"),
        "2");
}
END_TEST

START_TEST(options_may_be_absent_and_so_may_the_id)
{
    vector("w", 1);
    ok(r.db, varsdb_take_snapshot(r.db, NULL, NULL));
    ck_assert_str_eq(
        registry_sql(&r, "SELECT name IS NULL, step IS NULL, metadata IS NULL, pinned FROM snapshots"),
        "1|1|1|0");
    audit(&r);
}
END_TEST

START_TEST(a_filter_selects)
{
    const varsdb_variable *v = vector("a/w", 1);
    vector("b/w", 2);
    ok(r.db, varsdb_uncollect(r.db, VARSDB_MODEL, v));
    ok(r.db, varsdb_uncollect(r.db, VARSDB_GLOBAL, v));
    take(NULL);
    take(VARSDB_SNAPSHOT(.filter = VARSDB_FILTER(.scope = "a")));
    take(VARSDB_SNAPSHOT(.filter = VARSDB_FILTER(.collection = "MODEL")));
    take(VARSDB_SNAPSHOT(.filter = VARSDB_FILTER(.match = "w$")));
    take(VARSDB_SNAPSHOT(.filter = VARSDB_FILTER(.exclude = "^a")));
    ck_assert_str_eq(registry_sql(&r, "SELECT snapshot_id, name FROM snapshot_variables ORDER BY 1, 2"),
                     "1|b/w\n2|a/w\n3|b/w\n4|a/w\n4|b/w\n5|b/w");
}
END_TEST

START_TEST(what_is_not_valid_is_refused_and_nothing_is_written)
{
    int64_t id = 77;
    vector("w", 1);
    char *before = registry_dump(&r);
    expect(r.db, VARSDB_NOTFOUND,
           varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.filter = VARSDB_FILTER(.scope = "x")), &id));
    says(r.db, "no variable of namespace main is selected");
    expect(r.db, VARSDB_INVALID, varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.metadata = "{loss}"), &id));
    says(r.db, "metadata");
    expect(r.db, VARSDB_INVALID,
           varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.filter = VARSDB_FILTER(.match = "(")), &id));
    expect(r.db, VARSDB_INVALID, varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.name = ""), &id));
    expect(r.db, VARSDB_INVALID, varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.name = "a\nb"), &id));
    expect(r.db, VARSDB_INVALID, varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.keep_last = -2), &id));
    expect(r.db, VARSDB_INVALID, varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.keep_every = -7), &id));
    says(r.db, "keep_every is -7");
    expect(r.db, VARSDB_MISUSE, varsdb_take_snapshot(r.db, &(varsdb_snapshot_options){0}, &id));
    expect(r.db, VARSDB_MISUSE,
           varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.filter = &(varsdb_filter){0}), &id));
    ck_assert_int_eq(id, 77);
    char *after = registry_dump(&r);
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
}
END_TEST

START_TEST(names_that_read_like_selectors_are_refused)
{
    static const char *const bad[] = {"latest", "#1", "step:3", "step:-3"}, *const good[] = {
                                                                                "#x", "step:", "step:x",
                                                                                "Latest", "#"};
    vector("w", 1);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        expect(r.db, VARSDB_INVALID, varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.name = bad[i]), NULL));
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t id = take(VARSDB_SNAPSHOT(.name = good[i])), found = 0;
        ok(r.db, varsdb_find_snapshot(r.db, good[i], &found));
        ck_assert_int_eq(found, id);
    }
}
END_TEST

START_TEST(a_name_is_unique_in_its_namespace)
{
    const int64_t step = 5;
    vector("w", 1);
    take(VARSDB_SNAPSHOT(.name = "best", .step = &step));
    expect(r.db, VARSDB_EXISTS, varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.name = "best"), NULL));
    says(r.db, "best (#1, step 5)");
    says(r.db, "taken 20");
    says(r.db, "replace it");
    ok(r.db, varsdb_use_namespace(r.db, "other"));
    vector("w", 1);
    take(VARSDB_SNAPSHOT(.name = "best"));
    ck_assert_str_eq(registry_sql(&r, "SELECT id, namespace, name FROM snapshots"),
                     "1|main|best\n2|other|best");
}
END_TEST

START_TEST(replace_drops_the_one_of_the_name)
{
    const varsdb_variable *v = vector("w", 1);
    take(VARSDB_SNAPSHOT(.name = "best"));
    assign(v, 9);
    int64_t id = take(VARSDB_SNAPSHOT(.name = "best", .replace = 1));
    ck_assert_int_eq(id, 2);
    ck_assert_str_eq(registry_sql(&r, "SELECT id, name, variables, new_bytes FROM snapshots"), "2|best|1|16");
    ck_assert_int_eq(rows("varsdb_states"), 1);
    ck_assert_float_eq(first_at(id, "w"), 9);
    /* unchanged, so the state stays, and is new to what is left */
    take(VARSDB_SNAPSHOT(.name = "best", .replace = 1));
    ck_assert_str_eq(registry_sql(&r, "SELECT id, name, variables, new_bytes FROM snapshots"), "3|best|1|16");
    ck_assert_int_eq(rows("varsdb_states"), 1);
    take(VARSDB_SNAPSHOT(.name = "first", .replace = 1));
    ck_assert_int_eq(rows("varsdb_snapshots"), 2);
}
END_TEST

START_TEST(replace_without_a_name_drops_the_unnamed_one_of_the_step)
{
    const int64_t five = 5, six = 6;
    vector("w", 1);
    take(VARSDB_SNAPSHOT(.step = &five));
    take(VARSDB_SNAPSHOT(.step = &six));
    take(VARSDB_SNAPSHOT(.step = &five, .name = "named"));
    take(VARSDB_SNAPSHOT(.step = &five, .replace = 1));
    ck_assert_str_eq(registry_sql(&r, "SELECT id, step, name FROM snapshots"), "2|6|\n3|5|named\n4|5|");
    take(VARSDB_SNAPSHOT(.replace = 1)); /* neither name nor step: nothing is meant */
    ck_assert_int_eq(rows("varsdb_snapshots"), 4);
}
END_TEST

/* ---- interning */

START_TEST(what_did_not_change_has_one_state_for_all)
{
    const varsdb_variable *v = vector("a", 1);
    vector("b", 2);
    take(NULL);
    take(NULL);
    ck_assert_int_eq(rows("varsdb_states"), 2);
    assign(v, 7);
    take(NULL);
    ck_assert_int_eq(rows("varsdb_states"), 3);
    assign(v, 1); /* as it was before */
    take(NULL);
    ck_assert_int_eq(rows("varsdb_states"), 3);
    ok(r.db, varsdb_rename_variable(r.db, v, "c"));
    take(NULL);
    ck_assert_int_eq(rows("varsdb_states"), 4);
    ok(r.db, varsdb_collect(r.db, "mine", v));
    take(NULL);
    ck_assert_int_eq(rows("varsdb_states"), 5);
    ck_assert_int_eq(rows("varsdb_snapshot_items"), 12);
    ck_assert_str_eq(registry_sql(&r, "SELECT group_concat(new_bytes) FROM snapshots"), "32,0,16,0,0,0");
}
END_TEST

START_TEST(any_part_of_the_one_before_may_have_changed)
{
    char name[32], *expected;
    /* of 300 none, one, a half, all but one, all; what is left out; what is added */
    static const int changed[] = {0, 1, 150, 299, 300};
    many(300);
    take(NULL);
    for (size_t i = 0; i < sizeof changed / sizeof *changed; i++) {
        ok(r.db, varsdb_begin(r.db));
        for (int k = 0; k < changed[i]; k++) {
            snprintf(name, sizeof name, "s/v%04d", k);
            assign(vector(name, 0), (float)(1000 * (i + 1) + (size_t)k));
        }
        ok(r.db, varsdb_commit(r.db));
        int64_t before = rows("varsdb_states");
        take(NULL);
        ck_assert_int_eq(rows("varsdb_states") - before, changed[i]);
    }
    ok(r.db, varsdb_delete_variable(r.db, vector("s/v0000", 0)));
    vector("new", 1);
    int64_t last = take(NULL), part = take(VARSDB_SNAPSHOT(.filter = VARSDB_FILTER(.match = "1$")));
    expected =
        strdup(registry_sql(&r, "SELECT group_concat(name || ' ' || hash, ';') FROM (SELECT name, hash FROM "
                                "variables ORDER BY name)"));
    ck_assert_str_eq(
        registry_sql(&r, "SELECT group_concat(name || ' ' || hash, ';') FROM (SELECT name, hash FROM "
                         "snapshot_variables WHERE snapshot_id = 7 ORDER BY name)"),
        expected);
    ck_assert_int_eq(last, 7);
    ck_assert_int_eq(registry_number(&r, "SELECT variables FROM snapshots WHERE id = 8"), 30);
    ck_assert_int_eq(part, 8);
    free(expected);
}
END_TEST

START_TEST(a_variable_made_again_is_another_state)
{
    const varsdb_variable *v = vector("a", 1);
    take(NULL);
    ok(r.db, varsdb_delete_variable(r.db, v));
    vector("a", 1);
    take(NULL);
    ck_assert_int_eq(rows("varsdb_states"), 2);
    ck_assert_str_eq(registry_sql(&r, "SELECT group_concat(new_bytes) FROM snapshots"), "16,0");
}
END_TEST

START_TEST(every_recorded_column_is_as_it_was)
{
    got_model(r.db, "w",
              VARSDB_WITH(.shape = VARSDB_SHAPE(8, 3), .initializer = "random_normal(0,1,seed=7)",
                          .regularizer = "l2(0.5)", .partitioner = "fixed_size(2)",
                          .constraint = "norm \"<\" 1"));
    got(r.db, "u",
        VARSDB_WITH(.shape = VARSDB_SHAPE(2), .initializer = "none", .dtype = VARSDB_INT8,
                    .trainable = VARSDB_NO));
    take(NULL);
    ck_assert_str_eq(
        registry_sql(&r, "SELECT s.name = v.name, s.variable_id = v.id, s.variable_uid = v.uid, s.dtype, "
                         "s.shape, s.elements, "
                         "s.bytes, s.initializer, s.seed, s.regularizer, s.constraint_text, s.partitioner, "
                         "s.collections, s.tensor_id IS v.tensor_id FROM varsdb_states s JOIN "
                         "varsdb_variables v ON v.id = "
                         "s.variable_id ORDER BY s.name DESC"),
        "1|1|1|float32|[8,3]|24|96|random_normal(0,1,seed=7)|7|l2(0.5)|norm \"<\" 1|fixed_size(2)|"
        "[\"variables\",\"model_variables\",\"trainable_variables\",\"regularization_losses\"]|1\n"
        "1|1|1|int8|[2]|2|2|none|||||[\"variables\"]|1");
}
END_TEST

/* ---- bytes */

START_TEST(bytes_are_counted_as_they_are_stored)
{
    large("a", 1, 1);
    large("same", 1, 1);
    vector("small", 1);
    vector("small2", 1);
    take(NULL);
    ck_assert_str_eq(registry_sql(&r, "SELECT variables, bytes, new_bytes, exclusive_bytes FROM snapshots"),
                     "4|160032|80016|0");
    ok(r.db, varsdb_delete_variable(r.db, large("a", 0, 0)));
    ck_assert_str_eq(registry_sql(&r, "SELECT exclusive_bytes FROM snapshots"), "0");
    ok(r.db, varsdb_delete_variable(r.db, large("same", 0, 0)));
    ck_assert_str_eq(registry_sql(&r, "SELECT exclusive_bytes FROM snapshots"), "80000");
    assign(vector("small", 1), 5);
    ck_assert_str_eq(registry_sql(&r, "SELECT exclusive_bytes FROM snapshots"), "80000");
    assign(vector("small2", 1), 5);
    ck_assert_str_eq(registry_sql(&r, "SELECT exclusive_bytes FROM snapshots"), "80016");
    take(NULL);
    ck_assert_str_eq(registry_sql(&r, "SELECT id, new_bytes, exclusive_bytes FROM snapshots"),
                     "1|80016|80016\n2|16|0");
}
END_TEST

START_TEST(chunks_that_two_tensors_share_are_counted_once)
{
    const varsdb_variable *v;
    char expected[128];
    int64_t chunk = registry_number(&r, "SELECT chunk_bytes FROM varsdb_registry"),
            elements = chunk / 4 + 100;
    float *value = calloc((size_t)elements, sizeof *value);
    size_t bytes = (size_t)elements * sizeof *value;
    /* two chunks each, the first of which is the same */
    value[elements - 1] = 1;
    v = got_model(r.db, "a",
                  VARSDB_WITH(.shape = VARSDB_SHAPE(elements), .value = value, .value_bytes = bytes));
    value[elements - 1] = 2;
    got_model(r.db, "b", VARSDB_WITH(.shape = VARSDB_SHAPE(elements), .value = value, .value_bytes = bytes));
    take(NULL);
    snprintf(expected, sizeof expected, "%lld|%lld|0", (long long)(2 * bytes), (long long)chunk + 800);
    ck_assert_str_eq(registry_sql(&r, "SELECT bytes, new_bytes, exclusive_bytes FROM snapshots"), expected);
    /* a third, of the shared chunk and one of its own */
    value[elements - 1] = 3;
    ok(r.db, varsdb_assign(r.db, v, value, bytes));
    take(NULL);
    ck_assert_str_eq(
        registry_sql(&r, "SELECT group_concat(new_bytes || ':' || exclusive_bytes) FROM snapshots"),
        (snprintf(expected, sizeof expected, "%lld:400,400:0", (long long)chunk + 800), expected));
    free(value);
}
END_TEST

/* ---- immutability */

START_TEST(nothing_that_happens_to_variables_alters_a_snapshot)
{
    const varsdb_variable *a = vector("a", 1), *b = vector("s/b", 2), *c = vector("c", 3);
    int64_t id = take(VARSDB_SNAPSHOT(.name = "one"));
    char *before = strdup(registry_sql(&r, "SELECT * FROM snapshot_variables"));
    char *states = strdup(registry_sql(&r, "SELECT * FROM varsdb_states"));
    assign(a, 10);
    ok(r.db, varsdb_rename_scope(r.db, "s", "t"));
    ok(r.db, varsdb_delete_variable(r.db, c));
    got(r.db, "c", VARSDB_WITH(.shape = VARSDB_SCALAR, .dtype = VARSDB_INT64));
    ok(r.db, varsdb_uncollect(r.db, VARSDB_TRAINABLE, b));
    audit(&r);
    ck_assert_str_eq(registry_sql(&r, "SELECT * FROM snapshot_variables"), before);
    ck_assert_str_eq(registry_sql(&r, "SELECT * FROM varsdb_states"), states);
    ck_assert_float_eq(first_at(id, "a"), 1);
    ck_assert_float_eq(first_at(id, "s/b"), 2);
    ck_assert_float_eq(first_at(id, "c"), 3);
    free(before);
    free(states);
}
END_TEST

/* ---- dropping */

START_TEST(what_only_a_dropped_snapshot_needs_goes_with_it)
{
    const varsdb_variable *v = vector("a", 1), *b = vector("b", 2);
    take(NULL);
    assign(v, 10);
    take(NULL);
    ok(r.db, varsdb_delete_variable(r.db, b));
    ck_assert_int_eq(rows("varsdb_tensors"), 3);
    ok(r.db, varsdb_drop_snapshot(r.db, 1));
    audit(&r);
    ck_assert_int_eq(rows("varsdb_states"), 2);
    ck_assert_int_eq(rows("varsdb_tensors"), 2);
    ok(r.db, varsdb_drop_snapshot(r.db, 2));
    audit(&r);
    ck_assert_int_eq(rows("varsdb_states") + rows("varsdb_snapshot_items"), 0);
    ck_assert_int_eq(rows("varsdb_tensors"), 1);
    expect(r.db, VARSDB_NOTFOUND, varsdb_drop_snapshot(r.db, 2));
    says(r.db, "no snapshots");
}
END_TEST

START_TEST(a_large_snapshot_is_swept_after_it_is_gone)
{
    int64_t first;
    many(300);
    first = take(NULL);
    ok(r.db, varsdb_delete_scope(r.db, "s", NULL));
    vector("w", 1);
    take(NULL);
    ck_assert_int_eq(rows("varsdb_states"), 301);
    ok(r.db, varsdb_drop_snapshot(r.db, first));
    audit(&r);
    ck_assert_int_eq(rows("varsdb_states"), 1);
    ck_assert_int_eq(rows("varsdb_tensors"), 1);
    /* in a transaction of the caller's it is dropped with that, or not at all */
    many(300);
    first = take(NULL);
    ok(r.db, varsdb_delete_scope(r.db, "s", NULL));
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, varsdb_drop_snapshot(r.db, first));
    ok(r.db, varsdb_rollback(r.db));
    audit(&r);
    ck_assert_float_eq(first_at(first, "s/v0007"), 7);
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, varsdb_drop_snapshot(r.db, first));
    ok(r.db, varsdb_commit(r.db));
    audit(&r);
    ck_assert_int_eq(rows("varsdb_states"), 1);
}
END_TEST

START_TEST(attributes_go_with_their_snapshot)
{
    vector("w", 1);
    take(NULL);
    take(NULL);
    registry_sql(
        &r,
        "INSERT INTO varsdb_attributes VALUES ('snapshot', 1, 'k', '1', 0), ('snapshot', 2, 'k', '1', 0), "
        "('variable', 1, 'k', '1', 0)");
    ok(r.db, varsdb_drop_snapshot(r.db, 1));
    ck_assert_str_eq(registry_sql(&r, "SELECT owner, owner_id FROM attributes ORDER BY 1"),
                     "snapshot|2\nvariable|1");
}
END_TEST

START_TEST(ids_are_above_items_that_are_still_to_be_swept)
{
    vector("w", 1);
    take(NULL);
    registry_sql(&r, "INSERT INTO varsdb_snapshot_items VALUES (8, 12)");
    int64_t id;
    assign(vector("w", 1), 6);
    ok(r.db, varsdb_take_snapshot(r.db, NULL, &id));
    ck_assert_int_eq(id, 9);
    ck_assert_int_eq(registry_number(&r, "SELECT max(id) FROM varsdb_states"), 13);
}
END_TEST

START_TEST(what_a_dropped_snapshot_still_holds_is_new_to_the_next)
{
    vector("w", 1);
    take(NULL);
    /* as after a crash before the sweep */
    registry_sql(&r, "DELETE FROM varsdb_snapshots");
    ok(r.db, varsdb_take_snapshot(r.db, NULL, NULL));
    ck_assert_str_eq(registry_sql(&r, "SELECT id, new_bytes FROM snapshots"), "2|16");
    ck_assert_int_eq(rows("varsdb_states"), 1);
    ok(r.db, varsdb_delete_variable(r.db, vector("w", 1)));
    ck_assert_str_eq(registry_sql(&r, "SELECT id, exclusive_bytes FROM snapshots"), "2|16");
}
END_TEST

Suite *test_snapshot_suite(void)
{
    Suite *suite = suite_create("snapshot");
    TCase *t = tcase_create("snapshot");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_test(t, a_snapshot_records_the_global_variables);
    tcase_add_test(t, options_may_be_absent_and_so_may_the_id);
    tcase_add_test(t, a_filter_selects);
    tcase_add_test(t, what_is_not_valid_is_refused_and_nothing_is_written);
    tcase_add_test(t, names_that_read_like_selectors_are_refused);
    tcase_add_test(t, a_name_is_unique_in_its_namespace);
    tcase_add_test(t, replace_drops_the_one_of_the_name);
    tcase_add_test(t, replace_without_a_name_drops_the_unnamed_one_of_the_step);
    tcase_add_test(t, what_did_not_change_has_one_state_for_all);
    tcase_add_test(t, any_part_of_the_one_before_may_have_changed);
    tcase_add_test(t, a_variable_made_again_is_another_state);
    tcase_add_test(t, every_recorded_column_is_as_it_was);
    tcase_add_test(t, bytes_are_counted_as_they_are_stored);
    tcase_add_test(t, chunks_that_two_tensors_share_are_counted_once);
    tcase_add_test(t, nothing_that_happens_to_variables_alters_a_snapshot);
    tcase_add_test(t, what_only_a_dropped_snapshot_needs_goes_with_it);
    tcase_add_test(t, a_large_snapshot_is_swept_after_it_is_gone);
    tcase_add_test(t, attributes_go_with_their_snapshot);
    tcase_add_test(t, ids_are_above_items_that_are_still_to_be_swept);
    tcase_add_test(t, what_a_dropped_snapshot_still_holds_is_new_to_the_next);
    suite_add_tcase(suite, t);
    return suite;
}
