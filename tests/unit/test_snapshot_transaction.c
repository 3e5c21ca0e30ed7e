/* test_snapshot_transaction.c - taking is all or nothing: transactions, callbacks, handles, faults. */
#include "../support/faulty.h"
#include "../support/picture.h"

Suite *test_snapshot_transaction_suite(void);

/* ---- transactions and handles */

START_TEST(inside_a_transaction_a_snapshot_is_part_of_it)
{
    int64_t id;
    vector("w", 1);
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.name = "x"), &id));
    ck_assert_int_eq(rows("snapshots"), 0);
    ck_assert_int_eq(find("x"), id);
    ok(r.db, varsdb_rollback(r.db));
    ck_assert_int_eq(rows("varsdb_states"), 0);
    int64_t other;
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_snapshot(r.db, "x", &other));
    /* the same id, but another snapshot */
    ck_assert_int_eq(take(VARSDB_SNAPSHOT(.name = "y")), id);
    ck_assert_str_eq(names_at(id, NULL), "w");
}
END_TEST

static int cancel_at_once(void *payload, const char *doing, uint64_t done, uint64_t total)
{
    ++*(int *)payload;
    ck_assert_str_eq(doing, "recording");
    ck_assert_uint_eq(total, 0);
    ck_assert_uint_gt(done, 0);
    return 1;
}

START_TEST(what_is_refused_does_not_doom_the_callers_transaction)
{
    int calls = 0;
    many(300);
    ok(r.db, varsdb_begin(r.db));
    vector("kept", 1);
    expect(r.db, VARSDB_CANCELLED,
           varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.progress = cancel_at_once, .payload = &calls), NULL));
    ck_assert_int_eq(calls, 1);
    expect(r.db, VARSDB_NOTFOUND,
           varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.filter = VARSDB_FILTER(.scope = "no")), NULL));
    /* for the last name this takes more steps than a match may */
    vector("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", 1);
    expect(r.db, VARSDB_INVALID,
           varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.filter = VARSDB_FILTER(.match = "^s|^(a+)+$")), NULL));
    says(r.db, "takes too long");
    ok(r.db, varsdb_commit(r.db));
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM variables WHERE name = 'kept'"), 1);
    expect(r.db, VARSDB_CANCELLED,
           varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.progress = cancel_at_once, .payload = &calls), NULL));
    audit(&r);
}
END_TEST

static int use_handle(void *payload, const char *doing, uint64_t done, uint64_t total)
{
    int64_t id;
    (void)doing, (void)done, (void)total;
    ++*(int *)payload;
    return varsdb_find_snapshot(r.db, "latest", &id) != VARSDB_MISUSE;
}

START_TEST(progress_is_told_and_may_not_use_the_handle)
{
    int calls = 0;
    many(600);
    take(VARSDB_SNAPSHOT(.progress = use_handle, .payload = &calls));
    ck_assert_int_eq(calls, 2);
}
END_TEST

START_TEST(two_handles_see_each_others_snapshots)
{
    varsdb *other = registry_another(&r);
    int64_t id, found = 0;
    float value[4];
    const varsdb_variable *v = vector("w", 1);
    ok(other, varsdb_take_snapshot(other, VARSDB_SNAPSHOT(.name = "theirs"), &id));
    assign(v, 2);
    ck_assert_int_eq(find("theirs"), id);
    ck_assert_float_eq(first_at(id, "w"), 1);
    ok(r.db, varsdb_drop_snapshot(r.db, id));
    expect(other, VARSDB_NOTFOUND, varsdb_find_snapshot(other, "theirs", &found));
    expect(other, VARSDB_NOTFOUND, varsdb_read_range_at(other, id, "w", 0, value, sizeof value));
    ck_assert_int_eq(take(VARSDB_SNAPSHOT(.name = "ours")), id); /* the id again, with another value */
    ok(other, varsdb_read_range_at(other, id, "w", 0, value, sizeof value));
    ck_assert_float_eq(value[0], 2);
    varsdb_close(other);
}
END_TEST

START_TEST(a_read_only_handle_reads_and_takes_none)
{
    varsdb *reader;
    int64_t id;
    float value[4];
    vector("w", 1);
    take(VARSDB_SNAPSHOT(.name = "s"));
    ck_assert_int_eq(varsdb_open(r.path, VARSDB_OPEN(.flags = VARSDB_READ_ONLY), &reader), VARSDB_OK);
    ok(reader, varsdb_find_snapshot(reader, "s", &id));
    ok(reader, varsdb_read_range_at(reader, id, "w", 0, value, sizeof value));
    expect(reader, VARSDB_READONLY, varsdb_take_snapshot(reader, NULL, NULL));
    expect(reader, VARSDB_READONLY, varsdb_drop_snapshot(reader, id));
    expect(reader, VARSDB_READONLY, varsdb_pin_snapshot(reader, id, 1));
    expect(reader, VARSDB_READONLY, varsdb_set_retention(reader, 1, 0));
    varsdb_close(reader);
}
END_TEST

/* ---- faults */

START_TEST(a_statement_that_fails_leaves_the_registry_as_it_was)
{
    const int64_t one = 1;
    int i = 0;
    vector("a", 1);
    large("b", 1, 2);
    take(VARSDB_SNAPSHOT(.name = "s", .step = &one));
    assign(vector("a", 1), 5);
    char *before = registry_dump(&r);
    faulty_install(r.db);
    for (;; i++) {
        int64_t id = 99;
        faulty_fail(i);
        int rc = varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.name = "s", .replace = 1, .keep_last = 1), &id);
        if (!faulty_failed())
            break;
        ck_assert_int_eq(rc, VARSDB_IO);
        ck_assert_int_eq(id, 99);
        char *after = registry_dump(&r);
        ck_assert_str_eq(before, after);
        free(after);
    }
    faulty_fail(-1);
    faulty_remove(r.db);
    ck_assert_int_gt(i, 15);
    audit(&r);
    ck_assert_str_eq(registry_sql(&r, "SELECT id, name FROM snapshots"), "2|s");
    free(before);
}
END_TEST

Suite *test_snapshot_transaction_suite(void)
{
    Suite *suite = suite_create("snapshot_transaction");
    TCase *t = tcase_create("snapshot_transaction");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_test(t, inside_a_transaction_a_snapshot_is_part_of_it);
    tcase_add_test(t, what_is_refused_does_not_doom_the_callers_transaction);
    tcase_add_test(t, progress_is_told_and_may_not_use_the_handle);
    tcase_add_test(t, two_handles_see_each_others_snapshots);
    tcase_add_test(t, a_read_only_handle_reads_and_takes_none);
    tcase_add_test(t, a_statement_that_fails_leaves_the_registry_as_it_was);
    suite_add_tcase(suite, t);
    return suite;
}
