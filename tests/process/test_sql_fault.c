/* test_sql_fault.c - SQL while memory is out, at one allocation after the other: a statement of several of
 * our functions gives what it should, or says that memory is out, and the next one gives what it should. */
#include <stdbool.h>
#include <stdlib.h>

#include "../support/client.h"
#include "../support/fault.h"
#include "../support/sanitized.h"

Suite *test_sql_fault_suite(void);

#define OPTIONS                                                                                    \
    "'{\"value\": [1, 2], \"site\": \"s\", \"collections\": [\"c\"], \"regularizer\": \"l1(1)\", " \
    "\"reuse\": \"auto\"}'"

static const char *const statements[] = {
    "SELECT tensor('w'), tensor('w/part_1'), tensor(1)",
    "SELECT tensor_json('w'), tensor_json('w', '1,:'), tensor_json('s')",
    "SELECT tensor_item('w', 1, 1), tensor_item('s', 1), tensor_item('w/part_0', 0, 0)",
    "SELECT tensor_from_json('[1,2,3]', 'int16', '[3,1]'), tensor_from_json('[]')",
    "SELECT l1_loss('w'), l2_loss('w/part_1', 2), regularization_loss('w'), regularization_loss()",
    "SELECT * FROM tensor_each('w') WHERE flat_index > 1",
    "SELECT * FROM tensor_each('s', 'kept') WHERE indices = '[1]'",
    "SELECT *, of_variable, of_slice, of_snapshot FROM tensor_slice('w', ':,1', '#1')",
    "SELECT *, of_variable, of_bins FROM tensor_histogram('w', 3)",
    "SELECT * FROM snapshot_diff('kept')",
    "SELECT v.name, e.value FROM global_variables v, tensor_each(v.id) e",
    "SELECT get_variable('w'), get_variable('new', NULL, 'float64', NULL, " OPTIONS ")",
    "SELECT model_variable('new', '[2,2]', 'int8', 'constant(3)'), tensor_json('new')",
    "SELECT assign('w', '[[9,8],[7,6]]'), tensor_json('w')",
    "SELECT assign('s', tensor('s')), assign('w', 0.5), assign('w/part_0', '[[1,2]]'), tensor_json('w')",
    "SELECT varsdb_database(), varsdb_database('main'), varsdb_namespace('main'), varsdb_version()",
};

static void make_all(void)
{
    fault_install();
    client_open();
    query("SELECT get_variable('w', NULL, NULL, NULL, '{\"value\": [[1,2],[3,4]], \"partitioner\": "
          "\"fixed_size(2)\", \"regularizer\": \"l2(1)\"}')",
          "1");
    query("SELECT get_variable('s', NULL, 'string', NULL, '{\"value\": [\"a\",\"b\"]}')", "2");
    query("SELECT get_variable('gone', '[]', 'int8', 'ones')", "3");
    ok(r.db, varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.name = "kept"), NULL));
    query("SELECT assign('w', '[[1,2],[3,5]]'), get_variable('later', '[]', 'int8')", "2|4");
    const varsdb_variable *gone;
    ok(r.db, varsdb_find_variable(r.db, "gone", &gone));
    ok(r.db, varsdb_delete_variable(r.db, gone));
}

/* What it gives while the allocation after so many more fails, in a transaction that is undone.  `fresh`: the
 * registry is opened for it. */
static const char *asked_without_memory(const char *sql, int after, bool fresh)
{
    if (fresh)
        ck_assert_str_eq(asked(client, "SELECT varsdb_namespace('main')"), "main");
    run(client, "BEGIN");
    fault_arm(FAULT_ALLOCATION, after);
    const char *is = asked(client, sql);
    fault_disarm();
    if (!sqlite3_get_autocommit(client))
        run(client, "ROLLBACK");
    return is;
}

/* _i: the statement, with the registry open and not */
START_TEST(memory_that_is_out_is_told_and_nothing_is_broken)
{
    const char *sql = statements[_i / 2];
    char expected[4096];
    bool more = true;
    make_all();
    snprintf(expected, sizeof expected, "%s", asked_without_memory(sql, 1 << 30, _i % 2));
    ck_assert_msg(strncmp(expected, "1: ", 3) != 0, "%s: %s", sql, expected);
    char *before = registry_dump(&r);
    for (int after = 0; more; after += _i % 2 ? FEWER(5, 61) : FEWER(1, 13)) {
        const char *is = asked_without_memory(sql, after, _i % 2);
        more = fault_happened();
        if (strcmp(is, expected) != 0 && strncmp(is, "7: out of memory", 16) != 0)
            ck_abort_msg("%s, allocation %d\ngives %s\nnot   %s", sql, after, is, expected);
        is = asked_without_memory(sql, 1 << 30, false);
        if (strcmp(is, expected) != 0)
            ck_abort_msg("%s, after the failure of allocation %d\ngives %s\nnot   %s", sql, after, is,
                         expected);
    }
    char *after = registry_dump(&r);
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
    client_close();
}
END_TEST

Suite *test_sql_fault_suite(void)
{
    Suite *suite = suite_create("sql_fault");
    TCase *tcase = tcase_create("memory");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, memory_that_is_out_is_told_and_nothing_is_broken, 0,
                        2 * sizeof statements / sizeof *statements);
    suite_add_tcase(suite, tcase);
    return suite;
}
