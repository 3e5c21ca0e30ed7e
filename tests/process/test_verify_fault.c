/*
 * test_verify_fault.c - the check of a registry that is damaged all over, while memory is out, the engine
 * refuses what it is asked, or the callback has heard enough.  What goes wrong is told as what it is: it
 * neither becomes a finding nor takes one away.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "../support/fault.h"
#include "../support/faulty.h"
#include "../support/held.h"
#include "../support/registry.h"
#include "../support/rich.h"
#include "../support/rowsql.h"
#include "../support/sanitized.h"
#include "internal.h"

Suite *test_verify_fault_suite(void);

#define BIG 140000 /* a few chunks */

static registry r;
static found all; /* of the damage */

/* Rows that cannot be, with digests that fit. */
static const char *const forged[] = {
    "UPDATE varsdb_variables SET tensor_id = 999 WHERE name = 'signed'",
    "UPDATE varsdb_variables SET origin_id = 999 WHERE name = 'special'",
    "UPDATE varsdb_variables SET partition_axis = 2 WHERE name = 'p'",
    "UPDATE varsdb_variables SET elements = 5, shape = '[5]', bytes = bytes - 8 WHERE name = 'text'",
    "UPDATE varsdb_states SET elements = 5, shape = '[5]', bytes = bytes - 8 WHERE name = 'kinds/text'",
    "UPDATE varsdb_scopes SET name = 'p', parent_id = (SELECT id FROM varsdb_scopes WHERE path = 'cut'),"
    " path = 'cut/p' WHERE path = 'big'",
    "UPDATE varsdb_variables SET name = 'part_1' WHERE name = 'blank'",
    "UPDATE varsdb_scopes SET initializer = 'magic(1)' WHERE path = 'net'",
    "UPDATE varsdb_namespaces SET name = 'a' || char(10) WHERE id = 2",
    "UPDATE varsdb_collections SET name = 'a//b' WHERE name = 'local_variables'",
    "UPDATE varsdb_collection_members SET collection_id = 777 WHERE variable_id ="
    " (SELECT id FROM varsdb_variables WHERE name = 'nan') AND collection_id = (SELECT id FROM"
    " varsdb_collections WHERE namespace_id = 1 AND name = 'variables')",
    "DELETE FROM varsdb_collection_members WHERE collection_id = (SELECT id FROM varsdb_collections WHERE"
    " namespace_id = 1 AND name = 'variables') AND variable_id ="
    " (SELECT id FROM varsdb_variables WHERE name = 'w' AND shape = '[4,3]')",
    "DELETE FROM varsdb_variables WHERE name = 'steps'",
    "UPDATE varsdb_tensors SET inline = flipped(inline) WHERE id ="
    " (SELECT tensor_id FROM varsdb_variables WHERE name = 'twin')",
    "UPDATE varsdb_tensors SET inline = flipped(inline) WHERE id IN (SELECT tensor_id FROM varsdb_states"
    " WHERE name = 'net/layer/b' EXCEPT SELECT tensor_id FROM varsdb_variables)",
    "UPDATE varsdb_tensors SET inline = x'0002', hash = bytes_hash(x'0002') WHERE id ="
    " (SELECT tensor_id FROM varsdb_variables WHERE name = 'flag')",
    "UPDATE varsdb_tensors SET min = 0.25 WHERE id ="
    " (SELECT tensor_id FROM varsdb_variables WHERE name = 'negative_zero')",
    "UPDATE varsdb_tensors SET dtype = 'float33' WHERE id ="
    " (SELECT tensor_id FROM varsdb_variables WHERE name = 'complex')",
    "UPDATE varsdb_chunks SET data = flipped(data, 1000) WHERE id = (SELECT chunk_id FROM"
    " varsdb_tensor_chunks WHERE position = 1 AND tensor_id ="
    " (SELECT tensor_id FROM varsdb_variables WHERE name = 'table'))",
    "UPDATE varsdb_tensor_chunks SET chunk_id = 777 WHERE position = 1 AND tensor_id ="
    " (SELECT tensor_id FROM varsdb_variables WHERE name = 'part_1')",
    "UPDATE varsdb_chunks SET data = flipped(data) WHERE id = (SELECT chunk_id FROM varsdb_pins)",
    "UPDATE varsdb_states SET collections = '[1]' WHERE name = 'net/layer/w'",
    "DELETE FROM varsdb_states WHERE name = 'kinds/sixes'",
    "UPDATE varsdb_snapshots SET variables = 3 WHERE id = 1",
    "UPDATE varsdb_snapshots SET bytes = 3, metadata = '{' WHERE id = 1",
    "UPDATE varsdb_attributes SET owner_id = 999 WHERE owner_kind = 'snapshot'",
    "UPDATE varsdb_attributes SET value = 'metre' WHERE owner_kind = 'variable'",
    "DELETE FROM varsdb_sessions WHERE id = 1",
    "INSERT INTO varsdb_free_chunks VALUES (999)",
};

/* Rows whose digests do not fit. */
static const char *const rotten[] = {
    "UPDATE varsdb_namespaces SET digest = digest + 1 WHERE id = 1",
    "UPDATE varsdb_scopes SET digest = digest + 1 WHERE path = 'kinds'",
    "UPDATE varsdb_origins SET pid = pid + 1",
    "UPDATE varsdb_collections SET digest = digest + 1 WHERE name = 'favourites'",
    "UPDATE varsdb_attributes SET digest = digest + 1 WHERE owner_kind = 'namespace'",
    "UPDATE varsdb_variables SET site = 'elsewhere' WHERE name = 'unsigned'",
    "UPDATE varsdb_collection_members SET position = position + 100 WHERE variable_id ="
    " (SELECT id FROM varsdb_variables WHERE name = 'nothing')",
    "UPDATE varsdb_tensors SET digest = digest + 1 WHERE id ="
    " (SELECT tensor_id FROM varsdb_variables WHERE name = 'nan')",
    "UPDATE varsdb_tensors SET digest = digest + 1 WHERE id ="
    " (SELECT tensor_id FROM varsdb_variables WHERE name = 'special')",
    "UPDATE varsdb_tensors SET digest = digest + 1 WHERE id ="
    " (SELECT tensor_id FROM varsdb_variables WHERE name = 'unsigned')",
    "UPDATE varsdb_chunks SET digest = digest + 1 WHERE id = 1",
    "UPDATE varsdb_tensor_chunks SET digest = digest + 1 WHERE position = 0 AND tensor_id ="
    " (SELECT tensor_id FROM varsdb_variables WHERE name = 'table')",
    "UPDATE varsdb_tensor_chunks SET position = 77 WHERE position = 2 AND tensor_id ="
    " (SELECT tensor_id FROM varsdb_variables WHERE name = 'table')",
    "UPDATE varsdb_states SET digest = digest + 1 WHERE name = 'net/layer/b'",
    "UPDATE varsdb_states SET hash = flipped(hash), digest = row_digest(id, flipped(hash), variable_id,"
    " variable_uid, name, dtype, shape, elements, bytes, initializer, seed, regularizer, constraint_text,"
    " partitioner, collections, tensor_id) WHERE name = 'steps'",
    "UPDATE varsdb_snapshots SET digest = digest + 1 WHERE id = 2",
    "UPDATE varsdb_snapshot_items SET state_id = state_id + 1000 WHERE snapshot_id = 2 AND state_id ="
    " (SELECT max(state_id) FROM varsdb_snapshot_items WHERE snapshot_id = 2)",
    "UPDATE varsdb_schema_migrations SET checksum = 'x'",
    "UPDATE varsdb_registry SET format = 9, digest = row_digest(id, uuid, 9, inline_bytes, chunk_bytes,"
    " created_at)",
    "DROP VIEW local_variables",
};

static void run_all(const char *const *sql, size_t count)
{
    for (size_t i = 0; i < count; i++)
        rowsql_run(r.db, "%s", sql[i]);
}

static void open_whole(void)
{
    fault_install();
    registry_open(&r);
    rich_fill(r.db, BIG);
}

static void open_damaged(void)
{
    open_whole();
    ok(r.db, varsdb_begin(r.db));
    run_all(forged, sizeof forged / sizeof *forged);
    rowsql_refit_all(r.db);
    run_all(rotten, sizeof rotten / sizeof *rotten);
    ok(r.db, varsdb_commit(r.db));
    found_verify(r.db, false, &all);
}

static void close_registry(void)
{
    registry_close(&r);
}

/* ---- what was told is true, and in its order */

static void check_told(const found *f, const char *when)
{
    ck_assert_msg(f->count <= all.count, "%s: %d findings, not %d", when, f->count, all.count);
    for (int i = 0; i < f->count && i < FOUND_MAX; i++)
        if (strcmp(f->at[i].text, all.at[i].text) != 0)
            ck_abort_msg("%s: finding %d is\n%s\nnot\n%s", when, i, f->at[i].text, all.at[i].text);
}

/* All of it was told, or why not. */
static void check_verified(int rc, int expected, const char *what, int moment, const found *f)
{
    char when[64];
    snprintf(when, sizeof when, "%s %d", what, moment);
    check_told(f, when);
    check_result(r.db, rc, rc == VARSDB_CORRUPT ? rc : expected, when, __FILE__, __LINE__);
    if (rc == VARSDB_CORRUPT)
        ck_assert_msg(f->count == all.count, "%s: %d findings, not %d", when, f->count, all.count);
}

START_TEST(the_damage_is_of_every_kind)
{
    static const char *const kinds[] = {"structure", "digest", "reference", "count", "statistics", "hash"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        ck_assert_msg(found_says(&all, kinds[i], ""), "no %s in\n%s", kinds[i], found_print(&all));
    ck_assert_int_ge(all.count, (int)(sizeof forged / sizeof *forged + sizeof rotten / sizeof *rotten));
    ck_assert_int_le(all.count, FOUND_MAX);
}
END_TEST

START_TEST(what_the_engine_refuses_is_no_finding)
{
    const int step = FEWER(1, 5);
    int moment = 0;
    const held before = held_now();
    faulty_install_whole(r.db);
    for (;; moment += step) {
        found f = {0};
        faulty_fail(moment);
        int rc = varsdb_verify(r.db, NULL, found_keep, &f);
        if (!faulty_failed())
            break;
        check_verified(rc, VARSDB_IO, "refused", moment, &f);
        ck_assert_int_eq(rc, VARSDB_IO);
        ck_assert(!varsdb_in_transaction(r.db));
    }
    faulty_fail(-1);
    faulty_remove(r.db);
    held_check(before, "after all");
    ck_assert_int_gt(moment, 500);
}
END_TEST

/* _i: whether it cannot even begin as usual. */
START_TEST(memory_that_is_out_is_no_finding)
{
    const int step = FEWER(1, 5);
    if (_i) {
        registry_sql(&r, "DELETE FROM varsdb_names_version");
        found_verify(r.db, false, &all);
    }
    for (int moment = 0;; moment += step) {
        found f = {0};
        fault_arm(FAULT_ALLOCATION, moment);
        int rc = varsdb_verify(r.db, NULL, found_keep, &f);
        bool failed = fault_happened();
        fault_disarm();
        check_verified(rc, VARSDB_NOMEM, "allocation", moment, &f);
        if (!failed) {
            ck_assert_int_gt(moment, 100);
            break;
        }
    }
    found f;
    found_verify(r.db, false, &f);
    check_told(&f, "afterwards");
    ck_assert_int_eq(f.count, all.count);
}
END_TEST

/* ---- the engine itself meets damage, at any moment */

static const int damage[] = {VARSDB_CORRUPT, VARSDB_NOTDB, VARSDB_INVALID};
#define DAMAGES ((int)(sizeof damage / sizeof *damage))

/* Rows that are not read are missed by nobody: what was counted of them is not compared. */
START_TEST(what_the_engine_cannot_read_of_a_whole_registry_is_one_finding)
{
    const int step = FEWER(1, 5);
    int moment = 0;
    faulty_install_whole(r.db);
    faulty_say(damage[_i]);
    for (;; moment += step) {
        found f = {0};
        faulty_fail(moment);
        int rc = varsdb_verify(r.db, NULL, found_keep, &f);
        if (!faulty_failed())
            break;
        ck_assert_msg(rc == VARSDB_CORRUPT && f.count == 1, "at %d: %d, %s\n%s", moment, rc,
                      varsdb_errmsg(r.db), found_print(&f));
        ck_assert(!varsdb_in_transaction(r.db));
    }
    faulty_remove(r.db);
    ck_assert_int_gt(moment, 300);
    found_verify(r.db, false, &all);
    ck_assert_msg(all.count == 0, "%s", found_print(&all));
}
END_TEST

START_TEST(where_nothing_can_be_read_that_is_the_finding)
{
    found f = {0};
    faulty_install_whole(r.db);
    faulty_say(damage[_i]);
    faulty_fail_from(0);
    expect(r.db, VARSDB_CORRUPT, varsdb_verify(r.db, NULL, found_keep, &f));
    ck_assert_msg(f.count == 1 && found_says(&f, "structure", "cannot be read to their end"), "%s",
                  found_print(&f));
    ck_assert_int_eq(r.db->engine->methods->state(r.db->engine), VDB_TRANSACTION_NONE);
    faulty_remove(r.db);
}
END_TEST

/* While who has a damaged value is looked up, more damage is met: less is known of it, and it is told. */
START_TEST(a_finding_is_not_lost_to_more_damage)
{
    const int step = FEWER(1, 5);
    int moment = 0, vague = 0;
    const held before = held_now();
    faulty_install_whole(r.db);
    faulty_say(damage[_i]);
    for (;; moment += step) {
        found f = {0};
        faulty_fail(moment);
        int rc = varsdb_verify(r.db, NULL, found_keep, &f);
        if (!faulty_failed())
            break;
        ck_assert_int_eq(rc, VARSDB_CORRUPT);
        bool unread = found_says(&f, NULL, "cannot be read");
        ck_assert_msg(unread || f.count == all.count, "at %d: %d findings, not %d:\n%s", moment, f.count,
                      all.count, found_print(&f));
        vague += !unread;
    }
    faulty_remove(r.db);
    held_check(before, "after all");
    ck_assert_int_gt(vague, 20 / step);
}
END_TEST

typedef struct patience {
    found f;
    int left;
} patience;

static int lose_patience(void *payload, const varsdb_finding *finding)
{
    patience *p = payload;
    found_keep(&p->f, finding);
    return --p->left == 0;
}

START_TEST(it_ends_at_whichever_finding_the_callback_stops_it)
{
    for (int i = 1; i <= all.count; i++) {
        patience p = {.left = i};
        expect(r.db, VARSDB_CANCELLED, varsdb_verify(r.db, NULL, lose_patience, &p));
        ck_assert_int_eq(p.f.count, i);
        check_told(&p.f, "stopped");
    }
}
END_TEST

Suite *test_verify_fault_suite(void)
{
    Suite *suite = suite_create("verify_fault");
    TCase *t = tcase_create("damaged");
    tcase_set_timeout(t, 300);
    tcase_add_checked_fixture(t, open_damaged, close_registry);
    tcase_add_test(t, the_damage_is_of_every_kind);
    tcase_add_test(t, what_the_engine_refuses_is_no_finding);
    tcase_add_loop_test(t, memory_that_is_out_is_no_finding, 0, 2);
    tcase_add_loop_test(t, a_finding_is_not_lost_to_more_damage, 0, DAMAGES);
    tcase_add_test(t, it_ends_at_whichever_finding_the_callback_stops_it);
    suite_add_tcase(suite, t);
    TCase *w = tcase_create("whole");
    tcase_set_timeout(w, 300);
    tcase_add_checked_fixture(w, open_whole, close_registry);
    tcase_add_loop_test(w, what_the_engine_cannot_read_of_a_whole_registry_is_one_finding, 0, DAMAGES);
    tcase_add_loop_test(w, where_nothing_can_be_read_that_is_the_finding, 0, DAMAGES);
    suite_add_tcase(suite, w);
    return suite;
}
