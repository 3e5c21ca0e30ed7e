/* test_row.c - loops over rows of a damaged file come to an end. */
#include "../support/registry.h"
#include "row.h"
#include "transaction.h"

Suite *test_row_suite(void);

static registry r;

static void open_registry(void)
{
    registry_open(&r);
    ok(r.db, varsdb_begin(r.db));
}

static void close_registry(void)
{
    ok(r.db, varsdb_rollback(r.db));
    registry_close(&r);
}

START_TEST(a_list_goes_on_above_what_it_had_or_is_damaged)
{
    const vdb_value same = vdb_int(5), less = vdb_int(INT64_MIN), more = vdb_int(6), text = vdb_text("6");
    int64_t last = 5;
    expect(r.db, VARSDB_CORRUPT, vdb_row_advance(r.db, &same, &last));
    says(r.db, "out of order");
    expect(r.db, VARSDB_CORRUPT, vdb_row_advance(r.db, &less, &last));
    says(r.db, "out of order");
    expect(r.db, VARSDB_CORRUPT, vdb_row_advance(r.db, &text, &last));
    says(r.db, "no number");
    ck_assert_int_eq(last, 5);
    ck_assert_int_eq(vdb_row_advance(r.db, &more, &last), VARSDB_OK);
    ck_assert_int_eq(last, 6);
}
END_TEST

START_TEST(where_a_row_was_found_one_is_deleted_or_the_file_is_damaged)
{
    got(r.db, "a", VARSDB_WITH(.shape = VARSDB_SHAPE(2)));
    ok(r.db, varsdb_take_snapshot(r.db, NULL, NULL));
    ck_assert_int_eq(vdb_row_delete(r.db, VDB_Q_SWEEP_ITEM_DELETE, VDB_ARGS(vdb_int(1), vdb_int(1))),
                     VARSDB_OK);
    expect(r.db, VARSDB_CORRUPT,
           vdb_row_delete(r.db, VDB_Q_SWEEP_ITEM_DELETE, VDB_ARGS(vdb_int(1), vdb_int(1))));
    says(r.db, "cannot be deleted");
}
END_TEST

/* An index out of order answers a search from 1 on with what is at 0, and would do so again and again. */
START_TEST(a_value_with_the_same_hash_is_behind_the_one_before_or_the_index_is_damaged)
{
    const int32_t value[2] = {1, 2};
    vdb_hash hash = vdb_hash_bytes(value, sizeof value);
    const vdb_value args[] = {vdb_blob(&hash, sizeof hash), vdb_int(sizeof value), vdb_text("int32"),
                              vdb_int(0)};
    int64_t id = 0, from = 0;
    bool found = false;
    got(r.db, "a",
        VARSDB_WITH(.shape = VARSDB_SHAPE(2), .dtype = VARSDB_INT32, .value = value,
                    .value_bytes = sizeof value));
    ck_assert_int_eq(vdb_row_find_alike(r.db, VDB_Q_TENSOR_FIND, args, 4, &id, &from, &found), VARSDB_OK);
    ck_assert(found);
    ck_assert_int_eq(from, 0);
    from = 1;
    expect(r.db, VARSDB_CORRUPT, vdb_row_find_alike(r.db, VDB_Q_TENSOR_FIND, args, 4, &id, &from, &found));
    says(r.db, "out of order");
    ck_assert(!found);
}
END_TEST

Suite *test_row_suite(void)
{
    Suite *suite = suite_create("row");
    TCase *t = tcase_create("row");
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_test(t, a_list_goes_on_above_what_it_had_or_is_damaged);
    tcase_add_test(t, where_a_row_was_found_one_is_deleted_or_the_file_is_damaged);
    tcase_add_test(t, a_value_with_the_same_hash_is_behind_the_one_before_or_the_index_is_damaged);
    suite_add_tcase(suite, t);
    return suite;
}
