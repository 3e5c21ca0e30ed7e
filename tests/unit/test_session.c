/* test_session.c - saves in flight that others take for dead: what they stored may be gone. */
#include <stdlib.h>
#include <string.h>

#include "../support/registry.h"
#include "internal.h"

Suite *test_session_suite(void);

#define CHUNK VDB_CHUNK_BYTES
#define PART  (2 * CHUNK)
#define BYTES (5 * PART)

static registry r;
static unsigned char *value, *back;
static const varsdb_variable *v;

static void open_registry(void)
{
    registry_open(&r);
    r.db->save_bytes = PART;
    value = malloc(BYTES);
    back = malloc(BYTES);
    for (size_t i = 0; i < BYTES; i++)
        value[i] = (unsigned char)(i / CHUNK + i % 251);
    v = got(r.db, "v",
            VARSDB_WITH(.shape = VARSDB_SHAPE(BYTES), .dtype = VARSDB_UINT8, .initializer = "zeros"));
}

static void close_registry(void)
{
    free(value);
    free(back);
    registry_close(&r);
}

/* As another machine sees a save that has not shown for hours that it lives. */
static void take_for_dead(void)
{
    varsdb *other = registry_another(&r);
    varsdb_garbage g;
    registry_sql(&r, "UPDATE varsdb_sessions SET host = 'elsewhere', heartbeat_at = 0");
    ok(other, varsdb_collect_garbage(other, NULL, NULL, NULL, &g));
    ck_assert_int_eq(g.sessions, 1);
    varsdb_close(other);
}

/* Another save, which gets the id of the one that is gone. */
static void begin_another(varsdb **other, varsdb_writer **out)
{
    *other = registry_another(&r);
    (*other)->save_bytes = PART;
    const varsdb_variable *w = got(
        *other, "w", VARSDB_WITH(.shape = VARSDB_SHAPE(BYTES), .dtype = VARSDB_UINT8, .initializer = "none"));
    ok(*other, varsdb_open_writer(*other, w, out));
    ok(*other, varsdb_append(*out, value + 1, BYTES - 1));
}

static void is_as_it_was(void)
{
    ok(r.db, varsdb_read(r.db, v, back, BYTES));
    size_t same = 0;
    while (same < BYTES && back[same] == 0)
        same++;
    ck_assert_uint_eq(same, BYTES);
    ck_assert_int_eq(version_of(r.db, v), 1);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM varsdb_tensor_chunks WHERE chunk_id NOT IN "
                                         "(SELECT id FROM varsdb_chunks)"),
                     0);
}

START_TEST(a_save_that_was_taken_for_dead_cannot_be_finished)
{
    varsdb_writer *w, *others = NULL;
    varsdb *other = NULL;
    ok(r.db, varsdb_open_writer(r.db, v, &w));
    ok(r.db, varsdb_append(w, value, BYTES));
    ok(r.db, varsdb_stage(w));
    take_for_dead();
    if (_i)
        begin_another(&other, &others);
    expect(r.db, VARSDB_RETRY, varsdb_finish(w));
    says(r.db, "took it for dead");
    varsdb_close_writer(w);
    is_as_it_was();
    if (_i) {
        ok(other, varsdb_append(others, value, 1));
        ok(other, varsdb_finish(others));
        varsdb_close_writer(others);
        varsdb_close(other);
    }
    ok(r.db, varsdb_assign(r.db, v, value, BYTES));
    ok(r.db, varsdb_read(r.db, v, back, BYTES));
    ck_assert(memcmp(back, value, BYTES) == 0);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM varsdb_sessions"), 0);
}
END_TEST

START_TEST(a_save_that_was_taken_for_dead_cannot_go_on)
{
    varsdb_writer *w, *others;
    varsdb *other;
    ok(r.db, varsdb_open_writer(r.db, v, &w));
    ok(r.db, varsdb_append(w, value, 2 * PART));
    take_for_dead();
    begin_another(&other, &others);
    expect(r.db, VARSDB_RETRY, varsdb_append(w, value + 2 * PART, BYTES - 2 * PART));
    varsdb_close_writer(w);
    is_as_it_was();
    ck_assert_int_gt(registry_number(&r, "SELECT count(*) FROM varsdb_pins"), 0);
    ok(other, varsdb_append(others, value, 1));
    ok(other, varsdb_finish(others));
    varsdb_close_writer(others);
    varsdb_close(other);
}
END_TEST

START_TEST(a_save_that_was_taken_for_dead_dooms_the_transaction_it_is_finished_in)
{
    varsdb_writer *w;
    ok(r.db, varsdb_open_writer(r.db, v, &w));
    ok(r.db, varsdb_append(w, value, BYTES));
    ok(r.db, varsdb_stage(w));
    take_for_dead();
    ok(r.db, varsdb_begin(r.db));
    expect(r.db, VARSDB_RETRY, varsdb_finish(w));
    expect(r.db, VARSDB_ABORTED, varsdb_commit(r.db));
    varsdb_close_writer(w);
    is_as_it_was();
}
END_TEST

Suite *test_session_suite(void)
{
    Suite *suite = suite_create("session");
    TCase *t = tcase_create("session");
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_loop_test(t, a_save_that_was_taken_for_dead_cannot_be_finished, 0, 2);
    tcase_add_test(t, a_save_that_was_taken_for_dead_cannot_go_on);
    tcase_add_test(t, a_save_that_was_taken_for_dead_dooms_the_transaction_it_is_finished_in);
    suite_add_tcase(suite, t);
    return suite;
}
