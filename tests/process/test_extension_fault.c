/*
 * test_extension_fault.c - the disk is full, or memory is out, at any moment of an SQL function: the
 * statement says so, the registry is as it was, no transaction is left, the same statement succeeds when
 * there is room again, and the connection closes.
 */
#include <stdio.h>

#include "../support/client.h"
#include "../support/fault.h"
#include "../support/opened.h"
#include "../support/rich.h"
#include "../support/sanitized.h"
#include "../support/small_chunks.h"
#include "../support/tensor_files.h"

Suite *test_extension_fault_suite(void);

#define CHUNK           4096
#define LARGE           (6 * CHUNK)
#define ANSWER_BYTES    8192
#define MOMENTS_MAX     20000
#define ALLOCATION_STEP FEWER(5, 61)

static test_folder folder;
static char template[PATH_BYTES], path[PATH_BYTES];

static void set_up(void)
{
    static const int64_t seed = 3;
    static unsigned char value[LARGE];
    const varsdb_variable *v;
    fault_install();
    folder_make_in_memory(&folder);
    folder_path(&folder, "template.db", template);
    folder_path(&folder, "fault.db", path);
    varsdb_close(opened(template, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE, .seed = &seed)));
    ck_assert(small_chunks_make(template, 64, CHUNK));
    varsdb *db = opened(template, NULL);
    for (size_t i = 0; i < LARGE; i++)
        value[i] = (unsigned char)(i * 7 % 251);
    ok(db, varsdb_get_variable(db, "a",
                               VARSDB_WITH(.dtype = VARSDB_UINT8, .shape = VARSDB_SHAPE(LARGE),
                                           .value = value, .value_bytes = LARGE),
                               NULL, &v));
    ok(db, varsdb_take_snapshot(db, VARSDB_SNAPSHOT(.name = "s"), NULL));
    value[0] = 9;
    ok(db, varsdb_assign(db, v, value, LARGE));
    got(db, "b",
        VARSDB_WITH(.shape = VARSDB_SHAPE(2), .dtype = VARSDB_STRING, .value_json = "[\"x\",\"yy\"]"));
    varsdb_close(db);
}

static void tear_down(void)
{
    folder_remove(&folder);
}

static void open_copy(void)
{
    file_copy(template, path);
    client = client_connect(path, SQLITE_OPEN_READWRITE);
    run(client, "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; CREATE TABLE mine (x)");
}

/* In a transaction that has something of the client's in it too. */
static const struct {
    const char *sql;
    bool writes;
} statements[] = {
    {"SELECT assign('a', zeroblob(24576))", true},
    {"SELECT get_variable('new/v', '[6000]', 'float32', 'random_normal(0,1)', "
     "'{\"collections\":[\"variables\",\"x\"]}')",
     true},
    {"SELECT model_variable('m', NULL, 'int64', NULL, '{\"value\":[[1,2],[3,4]],\"regularizer\":null}')",
     true},
    {"SELECT length(tensor_json('a')), tensor_item('a', 5000), length(tensor('a')), tensor_json('b', '1')",
     false},
    {"SELECT sum(value), count(indices) FROM tensor_each('a', 's')", false},
    {"SELECT count(*), max(value) FROM tensor_slice('a', '100:9000')", false},
    {"SELECT sum(count * bin) FROM tensor_histogram('a', 7)", false},
    {"SELECT name, change, max_abs FROM snapshot_diff('s', 'latest')", false},
    {"SELECT l1_loss('a'), l2_loss('a', 2), regularization_loss(), hex(tensor_from_json('[1,2]', 'int8'))",
     false},
};
#define STATEMENTS ((int)(sizeof statements / sizeof *statements))

static void check_whole(const char *when)
{
    found f = {0};
    varsdb *db = opened(path, NULL);
    found_verify(db, false, &f);
    ck_assert_msg(f.count == 0, "%s: %s", when, found_print(&f));
    varsdb_close(db);
}

static void check_failure(fault_kind kind, const char *answer, const char *when)
{
    bool expected = kind == FAULT_ALLOCATION
                        ? strstr(answer, "out of memory") != NULL
                        : strstr(answer, "disk") != NULL || strstr(answer, "rolled back") != NULL;
    ck_assert_msg(expected, "%s: %s", when, answer);
}

/* What the statement gives, or that it failed; its digest of what is stored afterwards. */
static bool fail_once(int which, fault_kind kind, int moment, bool inside, const char *right)
{
    char when[160];
    const char *sql = statements[which].sql;
    snprintf(when, sizeof when, "%.60s, kind %d, moment %d%s", sql, (int)kind, moment,
             inside ? ", inside" : "");
    open_copy();
    if (inside)
        run(client, "BEGIN; INSERT INTO mine VALUES (1)");
    fault_arm(kind, moment);
    char answer[ANSWER_BYTES];
    snprintf(answer, sizeof answer, "%s", asked(client, sql));
    bool happened = fault_happened();
    fault_disarm();
    if (strcmp(answer, right) != 0) {
        check_failure(kind, answer, when);
        ck_assert_msg(happened, "%s: %s", when, answer);
        ck_assert_msg(inside || sqlite3_get_autocommit(client), "%s: a transaction is left", when);
        ck_assert_msg(strcmp(asked(client, sql), right) == 0, "%s: afterwards: %s", when, asked(client, sql));
    }
    if (!sqlite3_get_autocommit(client))
        run(client, "COMMIT");
    if (statements[which].writes)
        check_whole(when);
    ck_assert_msg(sqlite3_close(client) == SQLITE_OK, "%s: the connection stays open", when);
    return happened;
}

static void fail_everywhere(int which, fault_kind kind, bool inside, int step)
{
    char right[ANSWER_BYTES];
    int moment = 0;
    open_copy();
    snprintf(right, sizeof right, "%s", asked(client, statements[which].sql));
    ck_assert_msg(strstr(right, ": ") == NULL, "%s", right);
    ck_assert_int_eq(sqlite3_close(client), SQLITE_OK);
    while (fail_once(which, kind, moment, inside, right)) {
        moment += step;
        ck_assert_int_lt(moment, MOMENTS_MAX);
    }
    printf("extension fault: %.40s, kind %d%s: %d moments\n", statements[which].sql, (int)kind,
           inside ? ", inside" : "", moment / step);
}

START_TEST(memory_may_be_out_at_any_moment)
{
    fail_everywhere(_i % STATEMENTS, FAULT_ALLOCATION, _i >= STATEMENTS, ALLOCATION_STEP);
}
END_TEST

START_TEST(a_disk_may_fail_at_any_moment)
{
    for (int inside = 0; inside < 2; inside++)
        if (statements[_i].writes) {
            fail_everywhere(_i, FAULT_WRITE, inside, 1);
            fail_everywhere(_i, FAULT_FULL, inside, 1);
        }
}
END_TEST

START_TEST(memory_may_be_out_while_it_is_loaded)
{
    int moment = 0;
    for (bool happened = true; happened; moment++) {
        ck_assert_int_eq(sqlite3_open(":memory:", &client), SQLITE_OK);
        fault_arm(FAULT_ALLOCATION, moment);
        int code = sqlite3_varsdb_init(client, NULL, NULL);
        happened = fault_happened();
        fault_disarm();
        ck_assert_msg(code == SQLITE_OK || code == SQLITE_NOMEM, "moment %d: %d", moment, code);
        ck_assert_int_eq(sqlite3_close(client), SQLITE_OK);
    }
    ck_assert_int_gt(moment, 20);
}
END_TEST

Suite *test_extension_fault_suite(void)
{
    Suite *suite = suite_create("extension_fault");
    TCase *tc = tcase_create("fault");
    tcase_set_timeout(tc, 600);
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, memory_may_be_out_at_any_moment, 0, 2 * STATEMENTS);
    tcase_add_loop_test(tc, a_disk_may_fail_at_any_moment, 0, STATEMENTS);
    tcase_add_test(tc, memory_may_be_out_while_it_is_loaded);
    suite_add_tcase(suite, tc);
    return suite;
}
