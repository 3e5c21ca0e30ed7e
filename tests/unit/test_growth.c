/* test_growth.c - what is done with one variable takes as many steps of SQLite's machine, however many others
 * are there. */
#include <stdio.h>
#include <string.h>

#include "../support/registry.h"
#include "engine_sqlite.h"
#include "internal.h"

Suite *test_growth_suite(void);

enum {
    FEW = 30,
    MANY = 1000,
    LATER = 300, /* snapshots */
    SCOPE_SIZE = 10
};

static registry r;

static void name_of(char name[64], int i)
{
    snprintf(name, 64, "net/layer_%d/w_%d", i / SCOPE_SIZE, i);
}

static const varsdb_variable *variable(int i)
{
    const varsdb_variable *v;
    char name[64];
    name_of(name, i);
    ok(r.db, varsdb_find_variable(r.db, name, &v));
    return v;
}

/* Variables with values of their own, of which a snapshot is taken. */
static void populate(int count)
{
    char name[64];
    registry_open(&r);
    ok(r.db, varsdb_begin(r.db));
    for (int i = 0; i < count; i++) {
        name_of(name, i);
        got_model(r.db, name, VARSDB_WITH(.shape = VARSDB_SHAPE(4), .initializer = "random_normal(0,1)"));
    }
    ok(r.db, varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.name = "all"), NULL));
    ok(r.db, varsdb_commit(r.db));
    registry_reopen(&r); /* nothing is known any more */
}

/* ---- what is done; each time with another variable of the last scope */

static void look_up(int i)
{
    ck_assert_ptr_nonnull(variable(i));
}

static void create(int i)
{
    char name[64];
    snprintf(name, sizeof name, "net/layer_0/made_%d", i);
    got(r.db, name, VARSDB_WITH(.shape = VARSDB_SHAPE(4), .initializer = "random_normal(0,1)"));
}

static void assign(int i)
{
    const float value[4] = {(float)i, 2, 3, 4};
    ok(r.db, varsdb_assign(r.db, variable(i), value, sizeof value));
}

static void rename_one(int i)
{
    char name[64];
    snprintf(name, sizeof name, "net/layer_0/renamed_%d", i);
    ok(r.db, varsdb_rename_variable(r.db, variable(i), name));
}

static void delete_one(int i)
{
    ok(r.db, varsdb_delete_variable(r.db, variable(i)));
}

static void read_at(int i)
{
    float value[4];
    char name[64];
    name_of(name, i);
    ok(r.db, varsdb_read_range_at(r.db, 1, name, 0, value, sizeof value));
}

static int ignore(void *payload, const varsdb_variable_info *info)
{
    (void)payload;
    (void)info;
    return 0;
}

static void list_scope(int i)
{
    (void)i;
    ok(r.db,
       varsdb_list_variables(r.db, VARSDB_FILTER(.scope = "net/layer_1", .match = "w_.5"), ignore, NULL));
}

/* ---- how much that is */

static int64_t steps(void)
{
    int64_t sum = 0;
    sqlite3 *db = vdb_sqlite_of(r.db->engine)->db;
    for (sqlite3_stmt *s = sqlite3_next_stmt(db, NULL); s; s = sqlite3_next_stmt(db, s))
        sum += sqlite3_stmt_status(s, SQLITE_STMTSTATUS_VM_STEP, 0);
    return sum;
}

typedef void (*operation)(int i);

/* Of the third time: what is prepared and remembered is by then. */
static int64_t cost_in(int count, operation before, operation operate)
{
    populate(count);
    for (int i = 1; before && i <= 3; i++)
        before(count - i);
    operate(count - 1);
    operate(count - 2);
    int64_t start = steps();
    operate(count - 3);
    int64_t cost = steps() - start;
    registry_close(&r);
    return cost;
}

static void costs_the_same(operation before, operation operate)
{
    int64_t few = cost_in(FEW, before, operate), many = cost_in(MANY, before, operate);
    ck_assert_int_gt(few, 0);
    ck_assert_int_le(many, few);
}

START_TEST(what_is_done_with_one_variable_takes_no_more_steps_among_many)
{
    static const operation operations[] = {look_up,    create,  assign,    rename_one,
                                           delete_one, read_at, list_scope};
    costs_the_same(NULL, operations[_i]);
}
END_TEST

START_TEST(what_a_snapshot_has_of_a_deleted_variable_takes_no_more_steps_among_many)
{
    costs_the_same(delete_one, read_at);
}
END_TEST

START_TEST(what_a_snapshot_has_of_a_renamed_variable_takes_no_more_steps_among_many)
{
    costs_the_same(rename_one, read_at);
}
END_TEST

/* ---- snapshots */

static void leave(int i)
{
    (void)i;
}

static void read_first(int64_t snapshot)
{
    float first;
    ok(r.db, varsdb_read_range_at(r.db, snapshot, "net/layer_0/w_0", 0, &first, sizeof first));
    ck_assert(first == (float)snapshot);
}

static void take(int i)
{
    const float value[4] = {(float)i, 2, 3, 4};
    int64_t id;
    ok(r.db, varsdb_assign(r.db, variable(0), value, sizeof value));
    ok(r.db, varsdb_take_snapshot(r.db, NULL, &id));
    ck_assert_int_eq(id, i);
}

static void populate_history(int count)
{
    populate(1);
    ok(r.db, varsdb_begin(r.db));
    for (int i = 2; i <= count; i++)
        take(i);
    ok(r.db, varsdb_commit(r.db));
}

/* Of a value in the first of that many snapshots, in the one in the middle, and in the last; each has its
 * own. */
static int64_t cost_in_history(int count, operation after)
{
    populate_history(count);
    after(0);
    registry_reopen(&r);
    read_first(2);
    int64_t start = steps();
    read_first(3);
    read_first(count / 2);
    read_first(count);
    int64_t cost = steps() - start;
    registry_close(&r);
    return cost;
}

START_TEST(what_a_snapshot_has_takes_no_more_steps_after_many_others)
{
    static const operation after[] = {leave, rename_one, delete_one};
    int64_t few = cost_in_history(FEW, after[_i]), many = cost_in_history(LATER, after[_i]);
    ck_assert_int_gt(few, 0);
    ck_assert_int_le(many, few);
}
END_TEST

static int64_t cost_of_one_more(int count)
{
    populate_history(count);
    int64_t start = steps();
    take(count + 1);
    int64_t cost = steps() - start;
    registry_close(&r);
    return cost;
}

START_TEST(a_snapshot_takes_no_more_steps_after_many_others)
{
    int64_t few = cost_of_one_more(FEW), many = cost_of_one_more(LATER);
    ck_assert_int_gt(few, 0);
    ck_assert_int_le(many, few);
}
END_TEST

/* ---- pages */

static int misses(void)
{
    int count = 0, ignored;
    ck_assert_int_eq(
        sqlite3_db_status(vdb_sqlite_of(r.db->engine)->db, SQLITE_DBSTATUS_CACHE_MISS, &count, &ignored, 0),
        SQLITE_OK);
    return count;
}

/* Pages that are to be written may not drive out all others: each row would be read from the file again. */
START_TEST(beside_a_large_write_what_was_read_is_still_there)
{
    float value[4];
    populate(MANY);
    ok(r.db, varsdb_begin(r.db));
    got(r.db, "large", VARSDB_WITH(.shape = VARSDB_SHAPE(24 << 18), .initializer = "random_normal(0,1)"));
    ok(r.db, varsdb_read(r.db, variable(0), value, sizeof value));
    int before = misses();
    for (int i = 0; i < 100; i++)
        ok(r.db, varsdb_read(r.db, variable(0), value, sizeof value));
    ck_assert_int_le(misses() - before, 10);
    ok(r.db, varsdb_rollback(r.db));
    registry_close(&r);
}
END_TEST

Suite *test_growth_suite(void)
{
    Suite *suite = suite_create("growth");
    TCase *tc = tcase_create("steps");
    tcase_add_loop_test(tc, what_is_done_with_one_variable_takes_no_more_steps_among_many, 0, 7);
    tcase_add_test(tc, what_a_snapshot_has_of_a_deleted_variable_takes_no_more_steps_among_many);
    tcase_add_test(tc, what_a_snapshot_has_of_a_renamed_variable_takes_no_more_steps_among_many);
    tcase_add_loop_test(tc, what_a_snapshot_has_takes_no_more_steps_after_many_others, 0, 3);
    tcase_add_test(tc, a_snapshot_takes_no_more_steps_after_many_others);
    tcase_add_test(tc, beside_a_large_write_what_was_read_is_still_there);
    suite_add_tcase(suite, tc);
    return suite;
}
