/*
 * test_model.c - random calls on two handles, against a model of what each must return and leave behind
 * (support/model.h), with transactions, rollbacks, reopening, and both kinds of root.
 *
 * A run is many sequences, each from a seed of its own, which a failure prints: VARSDB_TEST_SEED repeats it.
 * VARSDB_TEST_SEQUENCES says how many there are; VARSDB_TEST_VERBOSE=1 counts the calls.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/clean.h"
#include "../support/player.h"
#include "../support/small_chunks.h"
#include "internal.h"

Suite *test_model_suite(void);

#define STEPS 220
#define CHUNK 4096

static const handle *writer(void)
{
    for (int i = 0; i < HANDLES; i++)
        if (run.handles[i].in_transaction)
            return &run.handles[i];
    return NULL;
}

/* ---- transactions and handles */

static void open_handle(handle *h)
{
    bool strict = h->strict;
    *h = (handle){.strict = strict, .reuse = {strict ? VARSDB_CREATE : VARSDB_AUTO}};
    static const int64_t seed = 42;
    int rc = varsdb_open(
        run.path,
        VARSDB_OPEN(.flags = VARSDB_CREATE_FILE, .seed = &seed, .reuse = h->reuse[0], .timeout_ms = 5000),
        &h->db);
    ck_assert_msg(rc == VARSDB_OK, "%s", varsdb_errmsg(h->db));
    if (run.save_bytes)
        h->db->save_bytes = (size_t)run.save_bytes;
}

static void call_transaction(handle *h)
{
    if (h->is_reading) {
        run.call = "commit, of a picture";
        expect_result(h, VARSDB_OK, once_in(2) ? varsdb_commit(h->db) : varsdb_rollback(h->db));
        h->is_reading = false;
    } else if (!h->in_transaction && once_in(3)) {
        run.call = "begin_read";
        expect_result(h, VARSDB_OK, varsdb_begin_read(h->db));
        h->is_reading = true;
        h->picture = run.committed;
    } else if (!h->in_transaction && !writer()) {
        run.call = "begin";
        expect_result(h, VARSDB_OK, varsdb_begin(h->db));
        h->in_transaction = true;
        run.working = run.committed;
    } else if (h->in_transaction && once_in(3)) {
        run.call = "rollback";
        expect_result(h, VARSDB_OK, varsdb_rollback(h->db));
        h->in_transaction = false;
        run.committed.next = run.working.next; /* keys are not given twice */
    } else if (h->in_transaction) {
        run.call = "commit";
        expect_result(h, VARSDB_OK, varsdb_commit(h->db));
        h->in_transaction = false;
        run.committed = run.working;
    }
}

static void call_reopen(handle *h)
{
    if (h->in_transaction)
        run.committed.next = run.working.next;
    varsdb_close(h->db);
    open_handle(h);
}

static void call_upkeep(handle *h)
{
    run.call = "collect_garbage";
    if (h->in_transaction || h->is_reading)
        return;
    expect_result(h, VARSDB_OK, varsdb_collect_garbage(h->db, NULL, NULL, NULL, NULL));
}

static void step(void)
{
    handle *h = &run.handles[below(HANDLES)];
    const handle *w = writer();
    if (h->is_reading && once_in(6))
        call_transaction(h);
    else if (h->is_reading || (w && w != h) || once_in(2))
        player_look(h);
    else if (once_in(9))
        call_transaction(h);
    else
        player_write(h);
    if (once_in(60))
        call_reopen(h);
    if (!writer() && once_in(100))
        call_upkeep(h);
}

/* In one of two registries values are many chunks, stored in several short transactions. */
static void choose_sizes(void)
{
    handle first = {0};
    run.save_bytes = 0;
    if (once_in(2))
        return;
    open_handle(&first);
    varsdb_close(first.db);
    ck_assert(small_chunks_make(run.path, 64, CHUNK));
    run.save_bytes = 2 * CHUNK;
}

static void sequence(uint64_t seed)
{
    run.seed = seed;
    run.random = (test_random){seed};
    run.committed = run.working = (model){0};
    temp_file(&run.dir, "model.db", run.path);
    choose_sizes();
    for (int i = 0; i < HANDLES; i++) {
        run.handles[i].strict = once_in(2);
        open_handle(&run.handles[i]);
    }
    for (run.step = 0; run.step < STEPS; run.step++)
        step();
    for (int i = 0; i < HANDLES; i++)
        player_compare_all(&run.handles[i]);
    for (int i = 0; i < HANDLES; i++)
        if (run.handles[i].in_transaction || run.handles[i].is_reading)
            call_transaction(&run.handles[i]);
    check_clean(run.handles[0].db);
    for (int i = 0; i < HANDLES; i++)
        varsdb_close(run.handles[i].db);
    unlink(run.path);
    model_forget();
}

static int sequences(void)
{
    const char *given = getenv("VARSDB_TEST_SEQUENCES");
    return given ? atoi(given) : 200;
}

/* Each kind of call is done often and, where it can be, refused often: a run that only failed would prove
 * little. */
static void print_counts(int sequences)
{
    long calls = 0;
    for (int i = 0; run.counts[i].call; i++) {
        calls += run.counts[i].done + run.counts[i].refused;
        ck_assert_msg(sequences < 100 || run.counts[i].done >= sequences / 10, "%s was done %ld times",
                      run.counts[i].call, run.counts[i].done);
        if (getenv("VARSDB_TEST_VERBOSE"))
            printf("model: %-20s %7ld done, %7ld refused\n", run.counts[i].call, run.counts[i].done,
                   run.counts[i].refused);
    }
    ck_assert_int_ge(calls, sequences * 150L);
    printf("model: %d sequences, %ld calls\n", sequences, calls);
}

START_TEST(random_calls_do_what_the_model_does)
{
    uint64_t seed = test_seed("model");
    int count = getenv("VARSDB_TEST_SEED") ? 1 : sequences();
    if (access("/dev/shm", W_OK | X_OK) == 0) /* nothing here is about the disk */
        setenv("TMPDIR", "/dev/shm", 1);
    temp_make(&run.dir);
    for (int i = 0; i < count; i++)
        sequence(seed + (uint64_t)i);
    temp_remove(&run.dir);
    print_counts(count);
}
END_TEST

Suite *test_model_suite(void)
{
    Suite *s = suite_create("model");
    TCase *t = tcase_create("model");
    tcase_set_timeout(t, 3600);
    tcase_add_test(t, random_calls_do_what_the_model_does);
    suite_add_tcase(s, t);
    return s;
}
