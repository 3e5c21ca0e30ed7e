/* test_import_snapshot.c - tensors of a file become a snapshot; the variables that are there stay as they
 * are. */
#include <check.h>

#include "../support/registry.h"
#include "../support/rich.h"
#include "../support/tensor_files.h"

Suite *test_import_snapshot_suite(void);

static registry r;
static char path[PATH_BYTES];

static void setup(void)
{
    registry_open(&r);
    temp_file(&r.dir, "step-12.safetensors", path);
    safetensors_write(path,
                      "{\"__metadata__\":{\"format\":\"pt\"},"
                      "\"layer.w\":{\"dtype\":\"I16\",\"shape\":[2,2],\"data_offsets\":[0,8]},"
                      "\"layer.b\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[8,9]}}",
                      "\1\0\2\0\3\0\4\0\5", 9);
}

static void teardown(void)
{
    found f = {0};
    found_verify(r.db, false, &f);
    ck_assert_msg(f.count == 0, "%s", found_print(&f));
    registry_close(&r);
}

static const varsdb_snapshot_options *named(const char *name)
{
    static varsdb_snapshot_options o;
    o = (varsdb_snapshot_options){.size = sizeof o, .name = name};
    return &o;
}

static void check_recorded(const char *snapshot, const char *name, const void *expected, size_t bytes)
{
    char got[64];
    int64_t id;
    ok(r.db, varsdb_find_snapshot(r.db, snapshot, &id));
    ok(r.db, varsdb_read_range_at(r.db, id, name, 0, got, bytes));
    ck_assert_mem_eq(got, expected, bytes);
}

START_TEST(values_are_recorded_and_no_variable_is_made)
{
    ok(r.db, varsdb_import(r.db, path, VARSDB_IMPORT(.as_snapshot = named("file"))));
    check_recorded("file", "layer.w", "\1\0\2\0\3\0\4\0", 8);
    check_recorded("latest", "layer.b", "\5", 1);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM variables"), 0);
    ck_assert_str_eq(
        registry_sql(&r, "SELECT name, shape, dtype, bytes, min, max FROM snapshot_variables ORDER BY name"),
        "layer.b|[]|uint8|1|5|5\nlayer.w|[2,2]|int16|8|1|4");
    ck_assert_str_eq(registry_sql(&r, "SELECT name, variables, bytes, new_bytes, metadata FROM snapshots"),
                     "file|2|9|9|{\"file\":\"step-12.safetensors\",\"format\":\"safetensors\",\"metadata\":"
                     "{\"format\":\"pt\"}}");
}
END_TEST

START_TEST(variables_of_the_same_names_keep_their_values)
{
    const varsdb_variable *w =
        got(r.db, "layer/w",
            VARSDB_WITH(.dtype = VARSDB_INT16, .shape = VARSDB_SHAPE(2, 2), .initializer = "ones"));
    got(r.db, "layer/b", VARSDB_WITH(.shape = VARSDB_SHAPE(3), .initializer = "ones"));
    ok(r.db, varsdb_import(r.db, path, VARSDB_IMPORT(.as_snapshot = named("file"), .separator = ".")));
    ck_assert_int_eq(version_of(r.db, w), 1);
    ck_assert_str_eq(registry_sql(&r, "SELECT name, dtype, version, mean FROM variables"),
                     "layer/w|int16|1|1.0\nlayer/b|float32|1|1.0");
    check_recorded("file", "layer/w", "\1\0\2\0\3\0\4\0", 8);
    /* it is the variable's past: a variable that is renamed is restored from it */
    int64_t id;
    ok(r.db, varsdb_find_snapshot(r.db, "file", &id));
    ok(r.db, varsdb_rename_variable(r.db, w, "other"));
    ok(r.db, varsdb_restore(r.db, id, VARSDB_RESTORE(.include = "w$", .ignore_missing = 1)));
    char now[8];
    ok(r.db, varsdb_read(r.db, w, now, sizeof now));
    ck_assert_mem_eq(now, "\1\0\2\0\3\0\4\0", 8);
    ck_assert_int_eq(version_of(r.db, w), 2);
}
END_TEST

START_TEST(it_can_be_restored_as_variables_in_their_collections)
{
    int64_t id;
    ok(r.db, varsdb_import(r.db, path,
                           VARSDB_IMPORT(.as_snapshot = named("file"), .scope = "a", .model = 1,
                                         .collection = "mine", .trainable = "w$")));
    ok(r.db, varsdb_find_snapshot(r.db, "file", &id));
    ok(r.db, varsdb_restore(r.db, id, NULL));
    ck_assert_str_eq(collections_of(&r, "a/layer.w"),
                     "[\"variables\",\"model_variables\",\"mine\",\"trainable_variables\"]");
    ck_assert_str_eq(collections_of(&r, "a/layer.b"), "[\"variables\",\"model_variables\",\"mine\"]");
}
END_TEST

START_TEST(the_step_is_read_from_the_path)
{
    ok(r.db,
       varsdb_import(r.db, path, VARSDB_IMPORT(.as_snapshot = named(NULL), .step_from = "step-(\\d+)")));
    ck_assert_str_eq(registry_sql(&r, "SELECT step FROM snapshots"), "12");
    expect(r.db, VARSDB_INVALID,
           varsdb_import(r.db, path, VARSDB_IMPORT(.as_snapshot = named("b"), .step_from = "epoch(\\d+)")));
    says(r.db, "matches nothing");
    expect(r.db, VARSDB_INVALID,
           varsdb_import(r.db, path, VARSDB_IMPORT(.as_snapshot = named("b"), .step_from = "(st)ep")));
    says(r.db, "a step is a whole number");
    expect(r.db, VARSDB_INVALID,
           varsdb_import(r.db, path, VARSDB_IMPORT(.as_snapshot = named("b"), .step_from = "step-\\d+")));
    expect(r.db, VARSDB_INVALID,
           varsdb_import(r.db, path, VARSDB_IMPORT(.as_snapshot = named("b"), .step_from = "(")));
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM snapshots"), 1);
}
END_TEST

START_TEST(the_same_file_again_costs_nothing)
{
    ok(r.db, varsdb_import(r.db, path, VARSDB_IMPORT(.as_snapshot = named("one"))));
    ok(r.db, varsdb_import(r.db, path, VARSDB_IMPORT(.as_snapshot = named("two"))));
    ck_assert_str_eq(registry_sql(&r, "SELECT name, new_bytes FROM snapshots"), "one|9\ntwo|0");
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM varsdb_states"), 2);
    expect(r.db, VARSDB_EXISTS, varsdb_import(r.db, path, VARSDB_IMPORT(.as_snapshot = named("two"))));
}
END_TEST

START_TEST(what_cannot_be_is_refused_and_nothing_is_left)
{
    char *before = registry_dump(&r);
    expect(r.db, VARSDB_INVALID,
           varsdb_import(r.db, path, VARSDB_IMPORT(.as_snapshot = named("x"), .existing_only = 1)));
    expect(r.db, VARSDB_INVALID,
           varsdb_import(r.db, path,
                         VARSDB_IMPORT(.as_snapshot = named("x"), .on_conflict = VARSDB_CONFLICT_REPLACE)));
    expect(r.db, VARSDB_INVALID, varsdb_import(r.db, path, VARSDB_IMPORT(.as_snapshot = named("latest"))));
    expect(r.db, VARSDB_NOTFOUND,
           varsdb_import(r.db, path, VARSDB_IMPORT(.as_snapshot = named("x"), .include = "nothing")));
    ok(r.db, varsdb_import(r.db, path, VARSDB_IMPORT(.as_snapshot = named("x"), .dry_run = 1)));
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, varsdb_import(r.db, path, VARSDB_IMPORT(.as_snapshot = named("x"))));
    check_recorded("x", "layer.b", "\5", 1);
    ok(r.db, varsdb_rollback(r.db));
    char *after = registry_dump(&r);
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
}
END_TEST

Suite *test_import_snapshot_suite(void)
{
    Suite *suite = suite_create("import_snapshot");
    TCase *tcase = tcase_create("as a snapshot");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, values_are_recorded_and_no_variable_is_made);
    tcase_add_test(tcase, variables_of_the_same_names_keep_their_values);
    tcase_add_test(tcase, it_can_be_restored_as_variables_in_their_collections);
    tcase_add_test(tcase, the_step_is_read_from_the_path);
    tcase_add_test(tcase, the_same_file_again_costs_nothing);
    tcase_add_test(tcase, what_cannot_be_is_refused_and_nothing_is_left);
    suite_add_tcase(suite, tcase);
    return suite;
}
