/* test_views.c - the views that any SQLite client may rely on, through the stock shell. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/registry.h"

Suite *test_views_suite(void);

static registry r;

/* A small registry in which every view has something to show. */
static void open_registry(void)
{
    const varsdb_variable *v;
    const int64_t seed = 7;
    registry_open_with(&r, VARSDB_OPEN(.program = "trainer"));
    got_model(r.db, "net/w", VARSDB_WITH(.value_json = "[[1,2],[3,-4]]", .regularizer = "l2(0.5)"));
    got_model(r.db, "net/mean",
              VARSDB_WITH(.value_json = "[0,1]", .dtype = VARSDB_INT32, .trainable = VARSDB_NO));
    ok(r.db, varsdb_local_variable(r.db, "step", VARSDB_WITH(.shape = VARSDB_SCALAR, .initializer = "none"),
                                   NULL, &v));
    got(r.db, "table",
        VARSDB_WITH(.shape = VARSDB_SHAPE(43, 2), .partitioner = "fixed_size(4)",
                    .initializer = "random_uniform(0,1)"));
    ok(r.db, varsdb_collect(r.db, VARSDB_MOVING_AVERAGE, got(r.db, "net/w", NULL)));
    ok(r.db, varsdb_set_scope_defaults(
                 r.db, "net", &(varsdb_scope_defaults){"ones", "l1(1)", "fixed_size(2)", VARSDB_FLOAT16}));
    ok(r.db, varsdb_set_attribute(r.db, got(r.db, "step", NULL), "unit", "\"steps\""));
    ok(r.db, varsdb_set_attribute(r.db, NULL, "task", "{\"a\":1}"));
    ok(r.db, varsdb_create_namespace(r.db, "run2", &seed));
    ok(r.db, varsdb_use_namespace(r.db, "run2"));
    got(r.db, "net/w", VARSDB_WITH(.value_json = "[5]", .dtype = VARSDB_UINT8));
    ok(r.db, varsdb_use_namespace(r.db, "main"));
}

static void close_registry(void)
{
    registry_close(&r);
}

static void columns_are(const char *view, const char *expected)
{
    char sql[256];
    snprintf(sql, sizeof sql, "SELECT group_concat(name, ', ') FROM pragma_table_info('%s')", view);
    ck_assert_str_eq(registry_sql(&r, sql), expected);
}

#define VARIABLE_COLUMNS                                                                                     \
    "id, namespace, name, scope, dtype, shape, rank, elements, bytes, trainable, initialized, initializer, " \
    "seed, regularizer, collections, version, hash, created_at, updated_at, program, host, pid, site, min, " \
    "max, mean, std, l2_norm, zeros, nans, pos_infs, neg_infs"

START_TEST(every_view_has_its_columns)
{
    static const char *const kinds[] = {
        "variables",       "global_variables",         "model_variables",        "trainable_variables",
        "local_variables", "moving_average_variables", "uninitialized_variables"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        columns_are(kinds[i], VARIABLE_COLUMNS);
    columns_are("namespaces", "id, name, seed, created_at, variables, bytes");
    columns_are("scopes", "id, namespace, name, variables, elements, bytes, initializer, regularizer, dtype");
    columns_are("collections", "namespace, name, variables, elements, bytes");
    columns_are("collection_variables", "namespace, collection, position, id, name");
    columns_are("variable_parts", "namespace, name, part, part_name, offset, shape");
    columns_are("snapshots", "id, namespace, name, step, created_at, metadata, pinned, variables, bytes, "
                             "new_bytes, exclusive_bytes");
    columns_are(
        "snapshot_variables",
        "snapshot_id, namespace, snapshot, step, name, dtype, shape, bytes, hash, min, max, mean, std, "
        "l2_norm, zeros, nans, pos_infs, neg_infs");
    columns_are("attributes", "owner, owner_id, key, value");
}
END_TEST

START_TEST(variables_shows_all_in_creation_order)
{
    ck_assert_str_eq(
        registry_sql(&r, "SELECT id, namespace, name, scope, dtype, shape, rank, elements, bytes, trainable, "
                         "initialized, initializer, seed, regularizer, version FROM variables"),
        "1|main|net/w|net|float32|[2,2]|2|4|16|1|1|value||l2(0.5)|1\n"
        "2|main|net/mean|net|int32|[2]|1|2|8|0|1|value|||1\n"
        "3|main|step||float32|[]|0|1|4|0|0|none|||0\n"
        "4|main|table||float32|[43,2]|2|86|344|1|1|random_uniform(0,1)|42||1\n"
        "5|run2|net/w|net|uint8|[1]|1|1|1|1|1|value|||1");
}
END_TEST

START_TEST(statistics_hash_and_origin_are_there)
{
    char expected[512], host[256] = "";
    gethostname(host, sizeof host - 1);
    /* 1, 2, 3, -4: mean 1/2, squares 30, variance 7.25 */
    ck_assert_str_eq(
        registry_sql(&r, "SELECT min, max, mean, printf('%.9f', std), printf('%.9f', l2_norm), zeros, nans, "
                         "pos_infs, neg_infs FROM variables WHERE id = 1"),
        "-4.0|3.0|0.5|2.692582404|5.477225575|0|0|0|0");
    ck_assert_str_eq(registry_sql(&r, "SELECT min, max, zeros, typeof(min) FROM variables WHERE id = 2"),
                     "0|1|1|integer");
    ck_assert_str_eq(registry_sql(&r, "SELECT count(*) FROM variables WHERE id <> 3 AND hash GLOB "
                                      "replace(hex(zeroblob(16)), '0', '[0-9a-f]')"),
                     "4");
    snprintf(expected, sizeof expected, "trainer|%s|%ld", host, (long)getpid());
    ck_assert_str_eq(registry_sql(&r, "SELECT DISTINCT program, host, pid FROM variables"), expected);
    ck_assert_int_eq(
        registry_number(&r, "SELECT count(*) FROM variables WHERE site GLOB '*test_views.c:[0-9]*'"), 5);
    ck_assert_int_eq(
        registry_number(
            &r, "SELECT count(*) FROM variables WHERE created_at GLOB "
                "'20[0-9][0-9]-[0-1][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9].[0-9][0-9][0-9]Z' "
                "AND abs(julianday(created_at) - julianday('now')) < 0.1 AND updated_at = created_at"),
        5);
}
END_TEST

START_TEST(a_variable_without_a_value_has_no_hash_and_no_statistics)
{
    ck_assert_str_eq(
        registry_sql(&r, "SELECT hash IS NULL, min IS NULL, max IS NULL, mean IS NULL, std IS NULL, "
                         "l2_norm IS NULL, zeros IS NULL, nans IS NULL FROM uninitialized_variables"),
        "1|1|1|1|1|1|1|1");
}
END_TEST

START_TEST(the_views_by_collection_hold_their_members)
{
    ck_assert_str_eq(registry_sql(&r, "SELECT group_concat(id) FROM global_variables"), "1,2,4,5");
    ck_assert_str_eq(registry_sql(&r, "SELECT group_concat(id) FROM model_variables"), "1,2");
    ck_assert_str_eq(registry_sql(&r, "SELECT group_concat(id) FROM trainable_variables"), "1,4,5");
    ck_assert_str_eq(registry_sql(&r, "SELECT group_concat(id) FROM local_variables"), "3");
    ck_assert_str_eq(registry_sql(&r, "SELECT group_concat(id) FROM moving_average_variables"), "1");
    ck_assert_str_eq(registry_sql(&r, "SELECT group_concat(id) FROM uninitialized_variables"), "3");
}
END_TEST

START_TEST(namespaces_and_scopes_count_their_variables)
{
    ck_assert_str_eq(registry_sql(&r, "SELECT id, name, seed, variables, bytes FROM namespaces"),
                     "1|main|42|4|372\n2|run2|7|1|1");
    ck_assert_str_eq(
        registry_sql(&r,
                     "SELECT namespace, name, variables, elements, bytes, initializer, regularizer, dtype "
                     "FROM scopes"),
        "main|net|2|6|24|ones|l1(1)|float16\nrun2|net|1|1|1|||");
    got(r.db, "net/deep/er/v", VARSDB_WITH(.value_json = "1"));
    ck_assert_str_eq(registry_sql(&r, "SELECT name, variables, bytes FROM scopes WHERE namespace = 'main'"),
                     "net|3|26\nnet/deep|1|2\nnet/deep/er|1|2");
}
END_TEST

START_TEST(collections_and_their_members_are_there)
{
    ck_assert_str_eq(
        registry_sql(&r, "SELECT name, variables, elements, bytes FROM collections WHERE namespace = 'main'"),
        "variables|3|92|368\nmodel_variables|2|6|24\ntrainable_variables|2|90|360\n"
        "regularization_losses|1|4|16\nlocal_variables|1|1|4\nmoving_average_variables|1|4|16");
    ck_assert_str_eq(registry_sql(&r, "SELECT namespace, position, id, name FROM collection_variables "
                                      "WHERE collection = 'variables'"),
                     "main|0|1|net/w\nmain|1|2|net/mean\nmain|2|4|table\nrun2|0|5|net/w");
    ck_assert_str_eq(
        registry_sql(&r, "SELECT value FROM variables v, json_each(v.collections) WHERE v.id = 1 ORDER BY 1"),
        "model_variables\nmoving_average_variables\nregularization_losses\ntrainable_variables\nvariables");
}
END_TEST

START_TEST(parts_of_43_rows_in_4_are_11_11_11_and_10)
{
    ck_assert_str_eq(registry_sql(&r, "SELECT * FROM variable_parts"),
                     "main|table|0|table/part_0|[0,0]|[11,2]\n"
                     "main|table|1|table/part_1|[11,0]|[11,2]\n"
                     "main|table|2|table/part_2|[22,0]|[11,2]\n"
                     "main|table|3|table/part_3|[33,0]|[10,2]");
}
END_TEST

/* Which it would not be if all parts were made before the first is shown. */
START_TEST(the_first_of_a_million_million_parts_is_there_at_once)
{
    const varsdb_variable *v;
    ck_assert_int_eq(
        varsdb_get_variable(r.db, "many",
                            VARSDB_WITH(.shape = VARSDB_SHAPE(1000000000000), .dtype = VARSDB_INT8,
                                        .initializer = "none", .partitioner = "fixed_size(1000000000000)"),
                            NULL, &v),
        VARSDB_OK);
    ck_assert_str_eq(registry_sql(&r, "SELECT name, part, offset FROM variable_parts LIMIT 6"),
                     "table|0|[0,0]\ntable|1|[11,0]\ntable|2|[22,0]\ntable|3|[33,0]\nmany|0|[0]\nmany|1|[1]");
}
END_TEST

START_TEST(attributes_and_empty_snapshots_are_there)
{
    ck_assert_str_eq(registry_sql(&r, "SELECT * FROM attributes ORDER BY owner"),
                     "namespace|1|task|{\"a\":1}\nvariable|3|unit|\"steps\"");
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM snapshots"), 0);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM snapshot_variables"), 0);
}
END_TEST

START_TEST(the_shells_json_mode_shows_types)
{
    ck_assert_str_eq(
        registry_sql_mode(&r, "-json",
                          "SELECT id, name, trainable, shape, mean, seed FROM variables WHERE id = 1"),
        "[{\"id\":1,\"name\":\"net/w\",\"trainable\":1,\"shape\":\"[2,2]\",\"mean\":0.5,\"seed\":null}]");
}
END_TEST

START_TEST(the_file_is_sound_to_sqlite)
{
    ck_assert_str_eq(registry_sql(&r, "PRAGMA integrity_check"), "ok");
    ck_assert_str_eq(registry_sql(&r, "PRAGMA foreign_key_check"), "");
    ck_assert_str_eq(registry_sql(&r, "PRAGMA journal_mode"), "wal");
}
END_TEST

Suite *test_views_suite(void)
{
    Suite *suite = suite_create("views");
    TCase *t = tcase_create("views");
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_test(t, every_view_has_its_columns);
    tcase_add_test(t, variables_shows_all_in_creation_order);
    tcase_add_test(t, statistics_hash_and_origin_are_there);
    tcase_add_test(t, a_variable_without_a_value_has_no_hash_and_no_statistics);
    tcase_add_test(t, the_views_by_collection_hold_their_members);
    tcase_add_test(t, namespaces_and_scopes_count_their_variables);
    tcase_add_test(t, collections_and_their_members_are_there);
    tcase_add_test(t, parts_of_43_rows_in_4_are_11_11_11_and_10);
    tcase_add_test(t, the_first_of_a_million_million_parts_is_there_at_once);
    tcase_add_test(t, attributes_and_empty_snapshots_are_there);
    tcase_add_test(t, the_shells_json_mode_shows_types);
    tcase_add_test(t, the_file_is_sound_to_sqlite);
    suite_add_tcase(suite, t);
    return suite;
}
