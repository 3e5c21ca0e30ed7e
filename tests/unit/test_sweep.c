/* test_sweep.c - what deleted owners left goes, in short turns, and nothing else does. */
#include "sweep.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/faulty.h"
#include "../support/gate.h"
#include "../support/registry.h"
#include "transaction.h"

Suite *test_sweep_suite(void);

static registry r;

static void open_registry(void)
{
    registry_open(&r);
}

static void close_registry(void)
{
    registry_close(&r);
}

/* Rows by hand, by the stock shell; digests do not matter to a sweep. */
static void run(const char *sql)
{
    ck_assert_str_eq(registry_sql(&r, sql), "");
}

#define NUMBERS(from, to) \
    "WITH RECURSIVE k (i) AS (VALUES (" #from ") UNION ALL SELECT i + 1 FROM k WHERE i < " #to ") "
#define CHUNKS(from, to)                                                                            \
    NUMBERS(from, to)                                                                               \
    "INSERT INTO varsdb_chunks SELECT i, CAST(printf('%016d', i) AS BLOB), 10, 0, 0, zeroblob(10) " \
    "FROM k;"
#define LIST(tensor, from, to) \
    NUMBERS(from, to) "INSERT INTO varsdb_tensor_chunks SELECT " #tensor ", i, i, 0 FROM k;"
#define TENSOR(id, chunks)                                                                            \
    "INSERT INTO varsdb_tensors (id, hash, bytes, dtype, discriminator, chunk_count, chunks_digest, " \
    "digest) VALUES (" #id ", CAST(printf('%016d', " #id ") AS BLOB), 100, 'uint8', 0, " #chunks ", 0, 0);"
#define STATE(id, tensor)                                                  \
    "INSERT INTO varsdb_states VALUES (" #id ", CAST(printf('%016d', " #id \
    ") AS BLOB), 1, 1, 'v', 'uint8', '[1]', 1, 1, 'zeros', NULL, NULL, NULL, NULL, '[]', " #tensor ", 0);"
#define SNAPSHOT(id) \
    "INSERT INTO varsdb_snapshots VALUES (" #id ", 1, 1, NULL, NULL, NULL, 0, 1, 1, 1, 1, 0, 0);"

static const char *ids(const char *table)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT coalesce(group_concat(id), '') FROM (SELECT id FROM %s ORDER BY id)",
             table);
    return registry_sql(&r, sql);
}

static int64_t count(const char *table)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
    return registry_number(&r, sql);
}

static void check_whole(void)
{
    ck_assert_str_eq(registry_sql(&r, "PRAGMA integrity_check"), "ok");
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM varsdb_tensor_chunks x WHERE NOT EXISTS "
                                         "(SELECT 1 FROM varsdb_chunks c WHERE c.id = x.chunk_id)"),
                     0);
}

/* ---- tensors */

START_TEST(a_list_goes_with_the_chunks_that_only_it_has)
{
    /* 1-9 are of the gone tensor 7; 4 also of tensor 8, and 6 is pinned */
    run(CHUNKS(1, 9) LIST(7, 1, 9) TENSOR(8, 1) LIST(8, 4, 4)
            STATE(1, 8) "INSERT INTO varsdb_pins VALUES (1, 6)");
    ok(r.db, vdb_sweep_tensor(r.db, 7));
    ck_assert_str_eq(ids("varsdb_chunks"), "4,6");
    ck_assert_str_eq(registry_sql(&r, "SELECT tensor_id, chunk_id FROM varsdb_tensor_chunks"), "8|4");
    check_whole();
}
END_TEST

START_TEST(a_tensor_that_something_refers_to_stays)
{
    run(CHUNKS(1, 3) TENSOR(7, 3) LIST(7, 1, 3) STATE(1, 7));
    char *before = registry_dump(&r);
    ok(r.db, vdb_sweep_tensor(r.db, 7));
    char *after = registry_dump(&r);
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
    run("DELETE FROM varsdb_states");
    ok(r.db, vdb_sweep_tensor(r.db, 7));
    ck_assert_str_eq(ids("varsdb_tensors"), "");
    ck_assert_str_eq(ids("varsdb_chunks"), "");
}
END_TEST

START_TEST(a_chunk_that_a_list_has_often_goes_with_its_last_row)
{
    run(CHUNKS(1, 2) NUMBERS(0, 4999) "INSERT INTO varsdb_tensor_chunks SELECT 7, i, 1 + i % 2, 0 FROM k");
    vdb_swept swept = {0};
    vdb_left left = {VDB_LEFT_TENSOR, 7, 0};
    size_t finished = 1;
    ok(r.db, vdb_sweep_slice(r.db, &left, 1, &swept, &finished));
    ck_assert_uint_eq(finished, 0);
    ck_assert_int_eq(swept.chunks, 0);
    ck_assert_str_eq(ids("varsdb_chunks"), "1,2");
    ok(r.db, vdb_sweep_tensor(r.db, 7));
    ck_assert_str_eq(ids("varsdb_chunks"), "");
    ck_assert_int_eq(count("varsdb_tensor_chunks"), 0);
}
END_TEST

/* ---- turns */

START_TEST(a_turn_is_bounded_by_rows)
{
    vdb_swept swept = {0};
    vdb_left left = {VDB_LEFT_TENSOR, 7, 0};
    size_t finished = 0;
    int turns = 0;
    int64_t before = 5000;
    run(CHUNKS(1, 5000) LIST(7, 1, 5000));
    while (!finished) {
        ok(r.db, vdb_sweep_slice(r.db, &left, 1, &swept, &finished));
        int64_t now = count("varsdb_tensor_chunks");
        ck_assert_int_le(before - now, VDB_SWEEP_ROWS);
        ck_assert_int_eq(count("varsdb_chunks"), now);
        before = now;
        turns++;
    }
    ck_assert_int_eq(before, 0);
    ck_assert_int_eq(turns, 3);
    ck_assert_int_eq(swept.chunks, 5000);
    ck_assert_int_eq(swept.bytes, 50000);
}
END_TEST

START_TEST(a_turn_is_bounded_by_bytes)
{
    vdb_swept swept = {0};
    vdb_left left = {VDB_LEFT_TENSOR, 7, 0};
    size_t finished = 0;
    run(CHUNKS(1, 100) LIST(7, 1, 100) "UPDATE varsdb_chunks SET bytes = 1 << 20");
    ok(r.db, vdb_sweep_slice(r.db, &left, 1, &swept, &finished));
    ck_assert_uint_eq(finished, 0);
    ck_assert_int_eq(count("varsdb_chunks"), 100 - (VDB_SWEEP_BYTES >> 20));
    ok(r.db, vdb_sweep_slice(r.db, &left, 1, &swept, &finished));
    ck_assert_uint_eq(finished, 1);
    ck_assert_int_eq(swept.chunks, 100);
}
END_TEST

START_TEST(absurd_sizes_do_not_stop_a_sweep)
{
    run(CHUNKS(1, 9) LIST(
        7, 1,
        9) "UPDATE varsdb_chunks SET bytes = CASE id % 3 WHEN 0 THEN -1 WHEN 1 THEN 1 << 62 ELSE 0 END");
    ok(r.db, vdb_sweep_tensor(r.db, 7));
    ck_assert_str_eq(ids("varsdb_chunks"), "");
}
END_TEST

/* ---- snapshots */

START_TEST(a_snapshot_takes_with_it_what_only_it_needs)
{
    /* 1 and 2 are of the gone snapshot 5 only, 3 of 6 too; tensor 11 is also in state 3 */
    run(CHUNKS(1, 4) TENSOR(10, 2) LIST(10, 1, 2) TENSOR(11, 1) LIST(11, 3, 3) TENSOR(12, 0) STATE(1, 10)
            STATE(2, 11) STATE(3, 11) STATE(4, NULL) STATE(5, 12) SNAPSHOT(
                6) "INSERT INTO varsdb_snapshot_items VALUES (5, 1), (5, 2), (5, 3), (5, 4), (5, 5), (6, 3)");
    ok(r.db, vdb_sweep_snapshot(r.db, 6));
    ck_assert_int_eq(count("varsdb_snapshot_items"), 6);
    ok(r.db, vdb_sweep_snapshot(r.db, 5));
    ck_assert_str_eq(registry_sql(&r, "SELECT * FROM varsdb_snapshot_items"), "6|3");
    ck_assert_str_eq(ids("varsdb_states"), "3");
    ck_assert_str_eq(ids("varsdb_tensors"), "11");
    ck_assert_str_eq(ids("varsdb_chunks"), "3,4"); /* 4 never was anybody's: gc's affair */
    check_whole();
}
END_TEST

START_TEST(a_long_snapshot_with_long_tensors_goes_in_several_turns)
{
    run(CHUNKS(1, 6000) TENSOR(10, 6000) LIST(10, 1, 6000) STATE(1, 10) NUMBERS(
        2, 3000) "INSERT INTO varsdb_states SELECT i, CAST(printf('%016d', i) AS BLOB), 1, 1, 'v', 'uint8',"
                 "'[1]', 1, 1, 'zeros', NULL, NULL, NULL, NULL, '[]', NULL, 0 FROM k;"
                 "INSERT INTO varsdb_snapshot_items SELECT 5, id FROM varsdb_states");
    faulty_install(r.db);
    ok(r.db, vdb_sweep_snapshot(r.db, 5));
    int commits = faulty_take_counts().commits;
    faulty_remove(r.db);
    ck_assert_int_ge(commits, 6);
    ck_assert_int_le(commits, 12);
    ck_assert_str_eq(
        registry_sql(&r, "SELECT (SELECT count(*) FROM varsdb_snapshot_items),"
                         "(SELECT count(*) FROM varsdb_states), (SELECT count(*) FROM varsdb_tensors),"
                         "(SELECT count(*) FROM varsdb_tensor_chunks),"
                         "(SELECT count(*) FROM varsdb_chunks)"),
        "0|0|0|0|0");
}
END_TEST

/* ---- sessions */

START_TEST(a_session_takes_its_pins_and_what_only_they_held)
{
    run(CHUNKS(1, 5) TENSOR(8, 1) LIST(8, 2, 2) STATE(
        1, 8) "INSERT INTO varsdb_sessions VALUES (1, 77, 'p', 'h', 1, '', 0), (2, 78, 'p', 'h', 1, '', 0);"
              "INSERT INTO varsdb_pins VALUES (1, 1), (1, 2), (1, 3), (2, 3), (2, 4)");
    vdb_swept swept = {0};
    vdb_left left[] = {{VDB_LEFT_SESSION, 1, 99}, {VDB_LEFT_SESSION, 1, 77}};
    size_t finished = 0;
    ok(r.db, vdb_sweep_slice(r.db, left, 1, &swept, &finished));
    ck_assert_uint_eq(finished, 1); /* the id is another's by now */
    ck_assert_str_eq(ids("varsdb_sessions"), "1,2");
    ok(r.db, vdb_sweep_slice(r.db, left + 1, 1, &swept, &finished));
    ck_assert_uint_eq(finished, 1);
    ck_assert_str_eq(ids("varsdb_sessions"), "2");
    ck_assert_str_eq(ids("varsdb_chunks"), "2,3,4,5");
    ck_assert_str_eq(registry_sql(&r, "SELECT session_id, chunk_id FROM varsdb_pins"), "2|3\n2|4");
    ck_assert_int_eq(swept.sessions, 1);
    ck_assert_int_eq(swept.chunks, 1);
}
END_TEST

/* ---- in and after a transaction */

static int drop(varsdb *db, int64_t tensor)
{
    vdb_write w;
    int rc = vdb_write_begin(db, &w);
    return rc == VARSDB_OK ? vdb_write_end(db, &w, vdb_sweep_now(db, VDB_LEFT_TENSOR, tensor)) : rc;
}

START_TEST(what_is_small_goes_in_the_transaction_at_hand)
{
    run(CHUNKS(1, 16) TENSOR(7, 16) LIST(7, 1, 16));
    faulty_install(r.db);
    ok(r.db, drop(r.db, 7));
    ck_assert_int_eq(faulty_take_counts().commits, 1);
    faulty_remove(r.db);
    ck_assert_str_eq(ids("varsdb_chunks"), "");
}
END_TEST

START_TEST(what_is_large_goes_after_the_commit)
{
    run(CHUNKS(1, 500) TENSOR(7, 500) LIST(7, 1, 500));
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, drop(r.db, 7));
    ck_assert_uint_gt(r.db->left.size, 0);
    ok(r.db, varsdb_commit(r.db));
    ck_assert_uint_eq(r.db->left.size, 0);
    ck_assert_str_eq(ids("varsdb_chunks"), "");
    check_whole();
}
END_TEST

START_TEST(a_rollback_brings_all_of_it_back)
{
    run(CHUNKS(1, 500) TENSOR(7, 500) LIST(7, 1, 500));
    char *before = registry_dump(&r);
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, drop(r.db, 7));
    ok(r.db, varsdb_rollback(r.db));
    ck_assert_uint_eq(r.db->left.size, 0);
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, varsdb_commit(r.db));
    char *after = registry_dump(&r);
    ck_assert_str_eq(before, after);
    free(before);
    free(after);
}
END_TEST

START_TEST(a_sweep_that_fails_after_a_commit_does_not_fail_the_call)
{
    int failed = 0, n = 1; /* behind the commit */
    do {
        run("DELETE FROM varsdb_tensors; DELETE FROM varsdb_tensor_chunks; DELETE FROM varsdb_chunks;" CHUNKS(
            1, 500) TENSOR(7, 500) LIST(7, 1, 500));
        ok(r.db, varsdb_begin(r.db));
        ok(r.db, drop(r.db, 7));
        faulty_install(r.db);
        faulty_fail(n++);
        ok(r.db, varsdb_commit(r.db));
        failed = faulty_failed();
        faulty_fail(-1);
        faulty_remove(r.db);
        ck_assert_int_eq(varsdb_errcode(r.db), VARSDB_OK);
        ck_assert_int_eq(varsdb_in_transaction(r.db), 0);
        check_whole();
        ok(r.db, vdb_sweep_tensor(r.db, 7));
        ck_assert_str_eq(ids("varsdb_chunks"), "");
    } while (failed);
    ck_assert_int_gt(n, 3);
}
END_TEST

START_TEST(a_sweep_after_a_commit_does_not_wait_long_for_the_lock)
{
    varsdb *other = registry_another(&r);
    run(CHUNKS(1, 500) TENSOR(7, 500) LIST(7, 1, 500));
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, drop(r.db, 7));
    /* between the commit and the sweep another takes the lock */
    r.db->sweeping = true;
    ok(r.db, varsdb_commit(r.db));
    r.db->sweeping = false;
    ok(other, varsdb_begin(other));
    int64_t start = vdb_time_ms();
    vdb_sweep_pending(r.db);
    ck_assert_int_lt(vdb_time_ms() - start, 20000);
    ck_assert_int_eq(varsdb_errcode(r.db), VARSDB_OK);
    ck_assert_int_eq(r.db->timeout_ms, VDB_TIMEOUT_MS_DEFAULT);
    ok(other, varsdb_rollback(other));
    varsdb_close(other);
    ck_assert_int_gt(count("varsdb_chunks"), 400);
}
END_TEST

/* ---- beside a saver
 *
 * The saver finds the chunk by its hash and pins it in one transaction.  It is let in before every
 * statement and commit of the sweep; what it finds it must still have afterwards. */

typedef struct saver {
    varsdb *db;
    int at, turn; /* at which report it comes */
    bool came, looked, found;
} saver;

static void come(void *payload, gate_point point)
{
    saver *s = payload;
    if (point == GATE_ROLLBACK || s->came || s->turn++ != s->at)
        return;
    s->came = true;
    vdb_write w;
    int64_t id;
    int rc = vdb_write_begin(s->db, &w);
    if (rc == VARSDB_BUSY)
        return; /* the sweep has the lock */
    s->looked = true;
    ck_assert_int_eq(rc, VARSDB_OK);
    rc = vdb_get_int(s->db->engine, VDB_Q_CHUNK_FIND,
                     VDB_ARGS(vdb_blob("0000000000000450", 16), vdb_int(10), vdb_int(0)), &id, &s->found);
    ck_assert_int_eq(vdb_write_end(s->db, &w, rc), VARSDB_OK);
    if (s->found)
        run("INSERT INTO varsdb_pins VALUES (1, 450)");
}

START_TEST(a_saver_between_any_two_steps_keeps_what_it_found)
{
    varsdb *other = registry_another(&r);
    ok(other, varsdb_set_timeout(other, -1));
    int with = 0, without = 0;
    bool came = true;
    for (int at = 0; came; at++) {
        run("DELETE FROM varsdb_tensor_chunks; DELETE FROM varsdb_chunks; DELETE FROM varsdb_pins;"
            "INSERT OR REPLACE INTO varsdb_sessions VALUES (1, 77, 'p', 'h', 1, '', 0);" CHUNKS(1, 5000)
                LIST(7, 1, 5000));
        /* chunk 450 is in the first of three turns */
        saver s = {.db = other, .at = at};
        gate g;
        gate_install(&g, r.db, come, &s);
        ok(r.db, vdb_sweep_tensor(r.db, 7));
        gate_remove(&g);
        came = s.came;
        with += s.found;
        without += s.looked && !s.found;
        ck_assert_str_eq(ids("varsdb_chunks"), s.found ? "450" : "");
    }
    ck_assert_int_gt(with, 0);
    ck_assert_int_gt(without, 0);
    varsdb_close(other);
}
END_TEST

START_TEST(deleting_a_namespace_leaves_others_chunks_and_sweeps_its_own)
{
    static unsigned char bytes[3 << 20];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i >> 20);
    const varsdb_variable_options *of_two = VARSDB_WITH(.shape = VARSDB_SHAPE(2 << 20), .dtype = VARSDB_UINT8,
                                                        .value = bytes, .value_bytes = 2 << 20);
    got(r.db, "keep", of_two);
    ok(r.db, varsdb_use_namespace(r.db, "run"));
    got(r.db, "all",
        VARSDB_WITH(.shape = VARSDB_SHAPE(3 << 20), .dtype = VARSDB_UINT8, .value = bytes,
                    .value_bytes = sizeof bytes));
    ck_assert_int_eq(count("varsdb_chunks"), 3);
    ok(r.db, varsdb_delete_namespace(r.db, "run"));
    /* the third is kept to be written over */
    ck_assert_str_eq(registry_sql(&r, "SELECT count(*), count(f.chunk_id) FROM varsdb_chunks k"
                                      " LEFT JOIN varsdb_free_chunks f ON f.chunk_id = k.id"),
                     "3|1");
    ck_assert_int_eq(count("varsdb_tensors"), 1);
    check_whole();
}
END_TEST

START_TEST(deleting_a_namespace_sweeps_its_snapshots)
{
    ok(r.db, varsdb_create_namespace(r.db, "run", NULL));
    run(CHUNKS(1, 4) TENSOR(10, 2) LIST(10, 1, 2) TENSOR(11, 1) LIST(11, 3, 3) STATE(1, 10) STATE(2, 11)
            SNAPSHOT(5) SNAPSHOT(6) "UPDATE varsdb_snapshots SET namespace_id = 2 WHERE id = 5;"
                                    "INSERT INTO varsdb_attributes VALUES ('snapshot', 5, 'k', '1', 0),"
                                    "('snapshot', 6, 'k', '1', 0);"
                                    "INSERT INTO varsdb_snapshot_items VALUES (5, 1), (5, 2), (6, 2)");
    ok(r.db, varsdb_delete_namespace(r.db, "run"));
    ck_assert_str_eq(ids("varsdb_snapshots"), "6");
    ck_assert_str_eq(ids("varsdb_states"), "2");
    ck_assert_str_eq(ids("varsdb_tensors"), "11");
    ck_assert_str_eq(ids("varsdb_chunks"), "3,4");
    ck_assert_str_eq(registry_sql(&r, "SELECT owner_id FROM varsdb_attributes"), "6");
}
END_TEST

/* As a garbage collection does beside another process that frees it. */
START_TEST(a_chunk_that_is_swept_is_not_left_to_be_written_over)
{
    static unsigned char bytes[3 << 20];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i >> 20);
    const varsdb_variable *v = got(r.db, "v",
                                   VARSDB_WITH(.shape = VARSDB_SHAPE(3 << 20), .dtype = VARSDB_UINT8,
                                               .value = bytes, .value_bytes = sizeof bytes));
    ok(r.db, varsdb_delete_variable(r.db, v));
    ck_assert_int_eq(count("varsdb_free_chunks"), 3);
    int64_t id = registry_number(&r, "SELECT min(chunk_id) FROM varsdb_free_chunks");
    vdb_left left = {.kind = VDB_LEFT_CHUNK, .id = id};
    vdb_swept swept = {0};
    size_t finished = 0;
    ck_assert_int_eq(vdb_sweep_slice(r.db, &left, 1, &swept, &finished), VARSDB_OK);
    ck_assert_int_eq(swept.chunks, 1);
    ck_assert_int_eq(count("varsdb_chunks"), 2);
    ck_assert_int_eq(count("varsdb_free_chunks"), 2);
    check_whole();
}
END_TEST

Suite *test_sweep_suite(void)
{
    Suite *suite = suite_create("sweep");
    TCase *t = tcase_create("sweep");
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_test(t, a_list_goes_with_the_chunks_that_only_it_has);
    tcase_add_test(t, a_tensor_that_something_refers_to_stays);
    tcase_add_test(t, a_chunk_that_a_list_has_often_goes_with_its_last_row);
    tcase_add_test(t, a_turn_is_bounded_by_rows);
    tcase_add_test(t, a_turn_is_bounded_by_bytes);
    tcase_add_test(t, absurd_sizes_do_not_stop_a_sweep);
    tcase_add_test(t, a_snapshot_takes_with_it_what_only_it_needs);
    tcase_add_test(t, a_long_snapshot_with_long_tensors_goes_in_several_turns);
    tcase_add_test(t, a_session_takes_its_pins_and_what_only_they_held);
    tcase_add_test(t, what_is_small_goes_in_the_transaction_at_hand);
    tcase_add_test(t, what_is_large_goes_after_the_commit);
    tcase_add_test(t, a_rollback_brings_all_of_it_back);
    tcase_add_test(t, a_sweep_that_fails_after_a_commit_does_not_fail_the_call);
    tcase_add_test(t, a_sweep_after_a_commit_does_not_wait_long_for_the_lock);
    tcase_add_test(t, a_saver_between_any_two_steps_keeps_what_it_found);
    tcase_add_test(t, deleting_a_namespace_leaves_others_chunks_and_sweeps_its_own);
    tcase_add_test(t, a_chunk_that_is_swept_is_not_left_to_be_written_over);
    tcase_add_test(t, deleting_a_namespace_sweeps_its_snapshots);
    suite_add_tcase(suite, t);
    return suite;
}
