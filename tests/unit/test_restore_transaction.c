/* test_restore_transaction.c - restoring is all or nothing: transactions, callbacks, handles, faults. */
#include "../support/faulty.h"
#include "../support/restoring.h"

Suite *test_restore_transaction_suite(void);

/* ---- transactions */

START_TEST(inside_a_transaction_it_is_part_of_it)
{
    const varsdb_variable *a = vector("a", 1), *b = vector("b", 2), *made;
    int64_t id = take(NULL);
    assign(a, 5);
    ok(r.db, varsdb_delete_variable(r.db, b));
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, varsdb_restore(r.db, id, NULL));
    ck_assert_float_eq(first_of(a), 1);
    ok(r.db, varsdb_find_variable(r.db, "b", &made));
    ck_assert_str_eq(registry_sql(&r, "SELECT name, version FROM variables"), "a|2");
    ok(r.db, varsdb_rollback(r.db));
    ck_assert_float_eq(first_of(a), 5);
    expect(r.db, VARSDB_GONE, varsdb_describe(r.db, made, picture_add_name, NULL));
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_variable(r.db, "b", &made));
    audit(&r);
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, varsdb_restore(r.db, id, NULL));
    ok(r.db, varsdb_commit(r.db));
    audit(&r);
    ck_assert_str_eq(registry_sql(&r, "SELECT name, version FROM variables"), "a|3\nb|1");
}
END_TEST

START_TEST(taken_and_restored_in_one_transaction)
{
    const varsdb_variable *a = vector("a", 1);
    int64_t id;
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, varsdb_take_snapshot(r.db, NULL, &id));
    assign(a, 2);
    ok(r.db, varsdb_restore(r.db, id, NULL));
    ok(r.db, varsdb_drop_snapshot(r.db, id));
    ok(r.db, varsdb_commit(r.db));
    audit(&r);
    ck_assert_float_eq(first_of(a), 1);
    ck_assert_int_eq(rows("varsdb_states"), 0);
}
END_TEST

START_TEST(what_is_refused_does_not_doom_the_callers_transaction)
{
    const varsdb_variable *a = vector("a", 1);
    int64_t id = take(NULL);
    ok(r.db, varsdb_begin(r.db));
    assign(a, 6);
    vector("new", 1);
    expect(r.db, VARSDB_NOTFOUND, varsdb_restore(r.db, id, NULL));
    expect(r.db, VARSDB_INVALID, varsdb_restore(r.db, id, VARSDB_RESTORE(.include = "(")));
    expect(r.db, VARSDB_NOTFOUND, varsdb_restore(r.db, 9, NULL));
    ok(r.db, varsdb_restore(r.db, id, VARSDB_RESTORE(.dry_run = 1, .ignore_missing = 1)));
    ok(r.db, varsdb_commit(r.db));
    ck_assert_float_eq(first_of(a), 6);
}
END_TEST

START_TEST(a_dry_run_needs_no_lock_and_a_restore_waits_for_it)
{
    varsdb *other = registry_another(&r), *reader;
    char out[RESTORING_BYTES] = "";
    const varsdb_variable *a = vector("a", 1);
    int64_t id = take(NULL);
    assign(a, 2);
    ok(other, varsdb_begin(other));
    ok(r.db, varsdb_set_timeout(r.db, 20));
    ok(r.db,
       varsdb_restore(r.db, id, VARSDB_RESTORE(.dry_run = 1, .report = restoring_report, .payload = out)));
    ck_assert_str_eq(out, "restored a");
    expect(r.db, VARSDB_BUSY, varsdb_restore(r.db, id, NULL));
    ok(other, varsdb_rollback(other));
    varsdb_close(other);
    ck_assert_int_eq(varsdb_open(r.path, VARSDB_OPEN(.flags = VARSDB_READ_ONLY), &reader), VARSDB_OK);
    out[0] = '\0';
    ok(reader,
       varsdb_restore(reader, id, VARSDB_RESTORE(.dry_run = 1, .report = restoring_report, .payload = out)));
    ck_assert_str_eq(out, "restored a");
    expect(reader, VARSDB_READONLY, varsdb_restore(reader, id, NULL));
    varsdb_close(reader);
    ck_assert_float_eq(first_of(a), 2);
}
END_TEST

START_TEST(another_handle_sees_all_of_it)
{
    varsdb *other = registry_another(&r);
    const varsdb_variable *a = vector("a", 1), *theirs = got(other, "a", NULL), *b = vector("b", 2);
    const varsdb_variable *gone = got(other, "b", NULL);
    int64_t id = take(NULL);
    assign(a, 2);
    ok(r.db, varsdb_delete_variable(r.db, b));
    ok(r.db, varsdb_restore(r.db, id, NULL));
    ck_assert_int_eq(version_of(other, theirs), 3);
    expect(other, VARSDB_GONE, varsdb_describe(other, gone, picture_add_name, NULL));
    const varsdb_variable *again = got(other, "b", NULL);
    ck_assert_ptr_ne(again, gone);
    float value[4];
    ok(other, varsdb_read(other, again, value, sizeof value));
    ck_assert_float_eq(value[0], 2);
    /* and what that one renames is found by this one */
    ok(other, varsdb_rename_variable(other, theirs, "c"));
    ck_assert_str_eq(restoring(VARSDB_OK, id, VARSDB_RESTORE(.reshape = 0)), "restored b\nrestored c <- a");
    varsdb_close(other);
}
END_TEST

START_TEST(a_snapshot_of_another_namespace_is_matched_by_name)
{
    vector("a", 1);
    vector("b", 2);
    int64_t id = take(NULL);
    ok(r.db, varsdb_use_namespace(r.db, "fork"));
    const varsdb_variable *mine = vector("a", 7);
    ck_assert_str_eq(restoring(VARSDB_OK, id, VARSDB_RESTORE(.reshape = 0)), "restored a\nrecreated b");
    ck_assert_float_eq(first_of(mine), 1);
    ck_assert_str_eq(registry_sql(&r, "SELECT namespace, name, version FROM variables"),
                     "main|a|1\nmain|b|1\nfork|a|2\nfork|b|1");
    ok(r.db, varsdb_use_namespace(r.db, "made"));
    ck_assert_str_eq(restoring(VARSDB_OK, id, VARSDB_RESTORE(.reshape = 0)), "recreated a\nrecreated b");
    ck_assert_int_eq(rows("varsdb_tensors"), 2);
}
END_TEST

/* ---- callbacks */

typedef struct looker {
    int64_t id;
    int calls, stop_at;
} looker;

static int look(void *payload, varsdb_restore_outcome outcome, const char *name, const char *snapshot_name)
{
    looker *l = payload;
    const varsdb_variable *v;
    int64_t found;
    (void)outcome, (void)snapshot_name;
    /* it may look, and sees nothing of the restore yet */
    ok(r.db, varsdb_find_snapshot(r.db, "latest", &found));
    ck_assert_int_eq(found, l->id);
    ok(r.db, varsdb_find_variable(r.db, name, &v));
    ck_assert_float_eq(first_of(v), 9);
    expect(r.db, VARSDB_MISUSE, varsdb_assign_json(r.db, v, "[1,2,3,4]"));
    expect(r.db, VARSDB_MISUSE, varsdb_drop_snapshot(r.db, l->id));
    expect(r.db, VARSDB_MISUSE, varsdb_restore(r.db, l->id, NULL));
    return ++l->calls == l->stop_at;
}

START_TEST(the_report_may_look_and_may_cancel)
{
    const varsdb_variable *a = vector("a", 1), *b = vector("b", 2);
    looker l = {.id = take(NULL)};
    assign(a, 9);
    assign(b, 9);
    l.stop_at = 2;
    expect(r.db, VARSDB_CANCELLED, varsdb_restore(r.db, l.id, VARSDB_RESTORE(.report = look, .payload = &l)));
    ck_assert_int_eq(l.calls, 2);
    ck_assert_float_eq(first_of(a), 9);
    ok(r.db, varsdb_begin(r.db));
    l.calls = 0;
    expect(r.db, VARSDB_CANCELLED, varsdb_restore(r.db, l.id, VARSDB_RESTORE(.report = look, .payload = &l)));
    ok(r.db, varsdb_commit(r.db));
    l.calls = l.stop_at = 0;
    ok(r.db, varsdb_restore(r.db, l.id, VARSDB_RESTORE(.report = look, .payload = &l)));
    ck_assert_int_eq(l.calls, 2);
    ck_assert_float_eq(first_of(a), 1);
}
END_TEST

typedef struct teller {
    const char *stop_at;
    int matching, restoring;
} teller;

static int tell(void *payload, const char *doing, uint64_t done, uint64_t total)
{
    teller *t = payload;
    int64_t id;
    expect(r.db, VARSDB_MISUSE, varsdb_find_snapshot(r.db, "latest", &id));
    if (strcmp(doing, "matching") == 0) {
        ck_assert_uint_eq(done, 256 * (uint64_t)++t->matching);
        ck_assert_uint_eq(total, 0);
    } else {
        ck_assert_str_eq(doing, "restoring");
        ck_assert_uint_eq(done, 256 * (uint64_t)++t->restoring);
        ck_assert_uint_eq(total, 600);
    }
    return t->stop_at && strcmp(doing, t->stop_at) == 0;
}

START_TEST(progress_is_told_and_may_cancel)
{
    teller t = {0};
    ok(r.db, varsdb_begin(r.db));
    for (int i = 0; i < 600; i++) {
        char name[32];
        snprintf(name, sizeof name, "s/v%d", i);
        vector(name, 1);
    }
    ok(r.db, varsdb_commit(r.db));
    int64_t id = take(NULL);
    ok(r.db, varsdb_restore(r.db, id, VARSDB_RESTORE(.progress = tell, .payload = &t)));
    ck_assert_int_eq(t.matching, 2);
    ck_assert_int_eq(t.restoring, 2);
    t = (teller){.stop_at = "matching"};
    expect(r.db, VARSDB_CANCELLED, varsdb_restore(r.db, id, VARSDB_RESTORE(.progress = tell, .payload = &t)));
    t = (teller){.stop_at = "restoring"};
    expect(r.db, VARSDB_CANCELLED, varsdb_restore(r.db, id, VARSDB_RESTORE(.progress = tell, .payload = &t)));
    says(r.db, "while restoring");
    ck_assert_int_eq(registry_number(&r, "SELECT min(version) + max(version) FROM variables"), 4);
    /* in a transaction of the caller's it stops while nothing is written, or not at all */
    ok(r.db, varsdb_begin(r.db));
    t = (teller){.stop_at = "matching"};
    expect(r.db, VARSDB_CANCELLED, varsdb_restore(r.db, id, VARSDB_RESTORE(.progress = tell, .payload = &t)));
    t = (teller){.stop_at = "restoring"};
    ok(r.db, varsdb_restore(r.db, id, VARSDB_RESTORE(.progress = tell, .payload = &t)));
    ck_assert_int_eq(t.restoring, 0);
    ok(r.db, varsdb_commit(r.db));
    audit(&r);
}
END_TEST

/* ---- faults */

static int restore_all(void *id)
{
    return varsdb_restore(r.db, *(int64_t *)id, NULL);
}

START_TEST(a_statement_that_fails_leaves_the_registry_as_it_was)
{
    const varsdb_variable *a = vector("a", 1), *b = vector("s/b", 2), *c = vector("c", 3);
    int64_t id = take(NULL);
    assign(a, 5);
    ok(r.db, varsdb_delete_variable(r.db, b));
    ok(r.db, varsdb_rename_variable(r.db, c, "d"));
    ck_assert_int_gt(faulty_fail_each(&r, restore_all, &id), 20);
    audit(&r);
    ck_assert_float_eq(first_of(a), 1);
    ck_assert_float_eq(first_of(c), 3);
    ck_assert_str_eq(registry_sql(&r, "SELECT name FROM variables ORDER BY name"), "a\nd\ns/b");
}
END_TEST

START_TEST(a_write_that_fails_half_way_dooms_the_callers_transaction)
{
    const varsdb_variable *a = vector("a", 1), *b = vector("b", 1);
    int64_t id = take(NULL);
    int i = 0, doomed = 0;
    assign(a, 5);
    assign(b, 5);
    faulty_install(r.db);
    for (int rc = VARSDB_IO; rc != VARSDB_OK; i++) {
        ok(r.db, varsdb_begin(r.db));
        faulty_fail(i);
        rc = varsdb_restore(r.db, id, NULL);
        faulty_fail(-1);
        int end = varsdb_commit(r.db);
        ck_assert(rc == VARSDB_OK ? end == VARSDB_OK : end == VARSDB_OK || end == VARSDB_ABORTED);
        doomed += end == VARSDB_ABORTED;
        if (rc != VARSDB_OK)
            ck_assert_int_eq(registry_number(&r, "SELECT sum(version) FROM variables"), 4);
    }
    faulty_remove(r.db);
    ck_assert_int_gt(doomed, 0);
    ck_assert_int_gt(i, doomed);
    ck_assert_int_eq(registry_number(&r, "SELECT sum(version) FROM variables"), 6);
    audit(&r);
}
END_TEST

Suite *test_restore_transaction_suite(void)
{
    Suite *suite = suite_create("restore_transaction");
    TCase *t = tcase_create("restore_transaction");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_test(t, inside_a_transaction_it_is_part_of_it);
    tcase_add_test(t, taken_and_restored_in_one_transaction);
    tcase_add_test(t, what_is_refused_does_not_doom_the_callers_transaction);
    tcase_add_test(t, a_dry_run_needs_no_lock_and_a_restore_waits_for_it);
    tcase_add_test(t, another_handle_sees_all_of_it);
    tcase_add_test(t, a_snapshot_of_another_namespace_is_matched_by_name);
    tcase_add_test(t, the_report_may_look_and_may_cancel);
    tcase_add_test(t, progress_is_told_and_may_cancel);
    tcase_add_test(t, a_statement_that_fails_leaves_the_registry_as_it_was);
    tcase_add_test(t, a_write_that_fails_half_way_dooms_the_callers_transaction);
    suite_add_tcase(suite, t);
    return suite;
}
