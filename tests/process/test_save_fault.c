/* test_save_fault.c - a clock that jumps during a save, and an engine that refuses at every moment of one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/audit.h"
#include "../support/faulty.h"
#include "../support/registry.h"
#include "internal.h"
#include "save.h"
#include "transaction.h"

Suite *test_save_fault_suite(void);

#define CHUNK  ((int64_t)VDB_CHUNK_BYTES)
#define PART   (4 * CHUNK)
#define PIECES 3
#define HOUR   3600000

static registry r;

static void setup(void)
{
    registry_open(&r);
    r.db->save_bytes = PART;
}

static void teardown(void)
{
    registry_close(&r);
}

/* ---- the clock */

typedef struct jump {
    int64_t by;
    int pieces, beats;
} jump;

/* Before each piece but the first the session last showed that it lives at another time, by our clock; others
 * saw it long ago. */
static int jumping_fill(void *payload, varsdb_dtype dtype, const varsdb_shape *shape, uint64_t offset,
                        void *buffer, size_t bytes)
{
    jump *j = payload;
    (void)dtype, (void)shape;
    if (j->pieces++ > 0) {
        j->beats += registry_number(&r, "SELECT heartbeat_at FROM varsdb_sessions") > 0;
        r.db->saves->beat_at = vdb_time_ms() + j->by;
        registry_sql(&r, "UPDATE varsdb_sessions SET heartbeat_at = 0");
    }
    memset(buffer, (int)(offset / PART) + 1, bytes);
    return VARSDB_OK;
}

START_TEST(a_session_shows_that_it_lives_whichever_way_the_clock_jumps)
{
    static const int64_t jumps[] = {-HOUR, HOUR, 0};
    jump j = {.by = jumps[_i]};
    got(r.db, "v",
        VARSDB_WITH(.shape = VARSDB_SHAPE(PIECES * PART), .dtype = VARSDB_UINT8, .fill = jumping_fill,
                    .initial_payload = &j));
    ck_assert_int_eq(j.pieces, PIECES);
    ck_assert_int_eq(j.beats, j.by ? PIECES - 1 : 1); /* the first is as it was made */
    audit(&r);
}
END_TEST

START_TEST(a_short_transaction_ends_when_the_clock_is_set_back)
{
    vdb_save *s = NULL;
    ok(r.db, vdb_save_open(r.db, &s));
    for (int back = 0; back < 2; back++) {
        ok(r.db, vdb_bulk_begin(r.db));
        s->open = true;
        s->opened_at = vdb_time_ms() + (back ? HOUR : 0);
        ok(r.db, vdb_save_yield(s, 10));
        ck_assert(s->open == !back);
        ok(r.db, vdb_save_flush(s));
        ck_assert_int_eq(r.db->engine->methods->state(r.db->engine), VDB_TRANSACTION_NONE);
    }
    vdb_save_close(s);
}
END_TEST

/* ---- the engine: a small value in a short transaction, which ends before a large one is asked for */

static char path[TEMP_PATH_BYTES];

static int give(void *payload, size_t i, uint64_t offset, void *buffer, size_t bytes)
{
    (void)payload;
    for (size_t k = 0; k < bytes; k++)
        ((unsigned char *)buffer)[k] = (unsigned char)((offset + k) * (i + 3) >> 3);
    return VARSDB_OK;
}

static int64_t stored(void)
{
    return registry_number(&r, "SELECT coalesce(sum(bytes), 0) FROM varsdb_variables");
}

/* Nothing, or all of it; what is left besides is garbage. */
static void check_import(int rc, int64_t all, int moment)
{
    check_result(r.db, rc, rc == VARSDB_OK ? rc : VARSDB_IO, "import", __FILE__, moment);
    ck_assert_int_eq(stored(), rc == VARSDB_OK ? all : 0);
    if (rc == VARSDB_OK) {
        ok(r.db, varsdb_delete_variable(r.db, got(r.db, "a", NULL)));
        ok(r.db, varsdb_delete_variable(r.db, got(r.db, "b", NULL)));
    }
    ok(r.db, varsdb_collect_garbage(r.db, NULL, NULL, NULL, NULL));
    ck_assert_int_eq(registry_number(&r, "SELECT (SELECT count(*) FROM varsdb_pins) +"
                                         " (SELECT count(*) FROM varsdb_tensors)"),
                     0);
}

START_TEST(an_import_that_the_engine_refuses_anywhere_leaves_nothing)
{
    const varsdb_tensor_info tensors[] = {
        {.name = "a", .dtype = VARSDB_UINT8, .shape = *VARSDB_SHAPE(CHUNK / 2), .bytes = CHUNK / 2},
        {.name = "b", .dtype = VARSDB_UINT8, .shape = *VARSDB_SHAPE(PART + CHUNK), .bytes = PART + CHUNK}};
    char error[256];
    int rc = varsdb_write_file(temp_file(&r.dir, "m.safetensors", path), NULL, tensors, 2, give, NULL, error,
                               sizeof error);
    ck_assert_msg(rc == VARSDB_OK, "%s", error);
    int moment = 0, refused = 0;
    faulty_install_whole(r.db);
    for (;; moment++) {
        faulty_fail(moment);
        rc = varsdb_import(r.db, path, NULL);
        if (!faulty_failed())
            break;
        faulty_fail(-1);
        refused += rc != VARSDB_OK;
        check_import(rc, CHUNK / 2 + PART + CHUNK, moment);
    }
    ck_assert_int_eq(rc, VARSDB_OK);
    ck_assert_int_gt(refused, 30);
    faulty_remove(r.db);
    audit(&r);
}
END_TEST

Suite *test_save_fault_suite(void)
{
    Suite *suite = suite_create("save_fault");
    TCase *t = tcase_create("save");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, a_session_shows_that_it_lives_whichever_way_the_clock_jumps, 0, 3);
    tcase_add_test(t, a_short_transaction_ends_when_the_clock_is_set_back);
    tcase_add_test(t, an_import_that_the_engine_refuses_anywhere_leaves_nothing);
    suite_add_tcase(suite, t);
    return suite;
}
