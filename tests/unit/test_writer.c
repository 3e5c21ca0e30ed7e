/* test_writer.c - values that come piece by piece: as one assign, or without a trace. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/audit.h"
#include "../support/child.h"
#include "../support/opened.h"
#include "../support/registry.h"
#include "internal.h"

Suite *test_writer_suite(void);

#define SMALL  1000
#define MIDDLE ((1 << 20) + 7)
#define PART   (2 << 20) /* of one short transaction of a save */
#define LARGE  (PART + (1 << 20) + 12345)

static registry r;
static unsigned char *data, *back;

static void setup(void)
{
    uint32_t state = 1;
    registry_open(&r);
    r.db->save_bytes = PART;
    data = malloc(LARGE);
    back = malloc(LARGE);
    for (size_t i = 0; i < LARGE; i++)
        data[i] = (unsigned char)((state = state * 1664525 + 1013904223) >> 24);
}

static void teardown(void)
{
    free(data);
    free(back);
    registry_close(&r);
}

static const varsdb_variable *made(const char *name, int64_t bytes)
{
    return got(
        r.db, name,
        VARSDB_WITH(.shape = VARSDB_SHAPE(bytes), .dtype = VARSDB_UINT8, .initializer = "constant(7)"));
}

static varsdb_writer *opened_writer(const varsdb_variable *v)
{
    varsdb_writer *w = NULL;
    ok(r.db, varsdb_open_writer(r.db, v, &w));
    return w;
}

static void append_all(varsdb_writer *w, size_t from, size_t to, size_t piece)
{
    int rc = VARSDB_OK;
    for (size_t n; rc == VARSDB_OK && from < to; from += n) {
        n = to - from < piece ? to - from : piece;
        rc = varsdb_append(w, data + from, n);
    }
    ck_assert_msg(rc == VARSDB_OK, "before %zu: %s", from, varsdb_errmsg(r.db));
}

static void has_data(const varsdb_variable *v, size_t bytes)
{
    memset(back, 0, bytes);
    ok(r.db, varsdb_read(r.db, v, back, bytes));
    ck_assert(memcmp(back, data, bytes) == 0);
}

/* Nothing is there of saves, and no chunk that nobody has. */
static void no_trace(void)
{
    ck_assert_str_eq(
        registry_sql(&r, "SELECT (SELECT count(*) FROM varsdb_sessions), (SELECT count(*) FROM varsdb_pins)"),
        "0|0");
    audit(&r);
}

static int64_t chunks(void)
{
    return registry_number(&r, "SELECT count(*) FROM varsdb_chunks");
}

/* ---- the value */

static const struct {
    int64_t bytes;
    size_t piece;
} pieces[] = {
    {0, 1},           {1, 1},           {SMALL, 1},    {SMALL, SMALL},
    {MIDDLE, 1},      {MIDDLE, 255000}, {LARGE, 1},    {LARGE, 255 << 10},
    {LARGE, LARGE},   {PART, 99991},    {LARGE, PART}, {LARGE, PART + 99999},
    {PART + 1, PART},
};

START_TEST(pieces_of_any_size_are_one_assign)
{
    int64_t bytes = pieces[_i].bytes;
    const varsdb_variable *a = made("a", bytes), *b = made("b", bytes);
    varsdb_writer *w = opened_writer(a);
    append_all(w, 0, (size_t)bytes, pieces[_i].piece);
    ok(r.db, varsdb_finish(w));
    varsdb_close_writer(w);
    has_data(a, (size_t)bytes);
    ok(r.db, varsdb_assign(r.db, b, data, (size_t)bytes));
    ck_assert_int_eq(registry_number(&r, "SELECT count(DISTINCT hash) FROM variables"), 1);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM varsdb_tensors"), 1);
    ck_assert_int_eq(version_of(r.db, a), 2);
    no_trace();
}
END_TEST

START_TEST(only_finishing_changes_the_variable)
{
    static const int64_t sizes[] = {SMALL, MIDDLE, LARGE};
    int64_t bytes = sizes[_i];
    const varsdb_variable *v = made("v", bytes);
    varsdb_writer *w = opened_writer(v);
    append_all(w, 0, (size_t)bytes, 1 << 20);
    ok(r.db, varsdb_stage(w));
    ok(r.db, varsdb_stage(w));
    ck_assert_int_eq(version_of(r.db, v), 1);
    ok(r.db, varsdb_read(r.db, v, back, (size_t)bytes));
    ck_assert_int_eq(back[bytes - 1], 7);
    ok(r.db, varsdb_finish(w));
    has_data(v, (size_t)bytes);
    varsdb_close_writer(w);
    no_trace();
}
END_TEST

START_TEST(two_writers_do_not_mix)
{
    const varsdb_variable *a = made("a", LARGE), *b = made("b", LARGE - 1);
    varsdb_writer *first = opened_writer(a), *second = opened_writer(b);
    for (size_t at = 0; at < LARGE; at += 1 << 20) {
        size_t n = LARGE - at < 1 << 20 ? LARGE - at : 1 << 20;
        ok(r.db, varsdb_append(first, data + at, n));
        ok(r.db, varsdb_append(second, data + LARGE - at - n, at + n == LARGE ? n - 1 : n));
    }
    ok(r.db, varsdb_finish(second));
    ok(r.db, varsdb_finish(first));
    varsdb_close_writer(first);
    varsdb_close_writer(second);
    has_data(a, LARGE);
    ok(r.db, varsdb_read(r.db, b, back, LARGE - 1));
    ck_assert(memcmp(back, data + LARGE - (1 << 20), 1 << 20) == 0);
    no_trace();
}
END_TEST

/* ---- what is refused */

START_TEST(too_few_and_too_many_bytes_are_invalid_and_take_nothing)
{
    static const int64_t sizes[] = {SMALL, LARGE};
    size_t bytes = (size_t)sizes[_i];
    const varsdb_variable *v = made("v", sizes[_i]);
    varsdb_writer *w = opened_writer(v);
    expect(r.db, VARSDB_INVALID, varsdb_append(w, data, bytes + 1));
    append_all(w, 0, bytes - 1, bytes);
    expect(r.db, VARSDB_INVALID, varsdb_stage(w));
    expect(r.db, VARSDB_INVALID, varsdb_finish(w));
    says(r.db, "variable v");
    expect(r.db, VARSDB_INVALID, varsdb_append(w, data, 2));
    ok(r.db, varsdb_append(w, data + bytes - 1, 1));
    ok(r.db, varsdb_append(w, NULL, 0));
    expect(r.db, VARSDB_INVALID, varsdb_append(w, data, SIZE_MAX));
    ok(r.db, varsdb_finish(w));
    has_data(v, bytes);
    varsdb_close_writer(w);
    no_trace();
}
END_TEST

START_TEST(a_writer_is_finished_once)
{
    varsdb_writer *w = opened_writer(made("v", 3));
    append_all(w, 0, 3, 3);
    ok(r.db, varsdb_finish(w));
    expect(r.db, VARSDB_MISUSE, varsdb_finish(w));
    expect(r.db, VARSDB_MISUSE, varsdb_stage(w));
    expect(r.db, VARSDB_MISUSE, varsdb_append(w, data, 0));
    varsdb_close_writer(w);
    varsdb_close_writer(NULL);
    ck_assert_int_eq(varsdb_append(NULL, data, 1), VARSDB_MISUSE);
    ck_assert_int_eq(varsdb_finish(NULL), VARSDB_MISUSE);
    ck_assert_int_eq(varsdb_stage(NULL), VARSDB_MISUSE);
}
END_TEST

START_TEST(what_cannot_be_written_has_no_writer)
{
    varsdb_writer *w = (varsdb_writer *)&w, *untouched = w;
    const varsdb_variable *v = made("v", 3);
    const varsdb_variable *s = got(r.db, "s", VARSDB_WITH(.shape = VARSDB_SHAPE(1), .dtype = VARSDB_STRING));
    expect(r.db, VARSDB_UNSUPPORTED, varsdb_open_writer(r.db, s, &w));
    expect(r.db, VARSDB_MISUSE, varsdb_open_writer(r.db, v, NULL));
    expect(r.db, VARSDB_MISUSE, varsdb_open_writer(r.db, NULL, &w));
    ok(r.db, varsdb_delete_variable(r.db, v));
    expect(r.db, VARSDB_GONE, varsdb_open_writer(r.db, v, &w));
    varsdb *reader = opened(r.path, VARSDB_OPEN(.flags = VARSDB_READ_ONLY));
    const varsdb_variable *there = NULL;
    ok(reader, varsdb_find_variable(reader, "s", &there));
    expect(reader, VARSDB_READONLY, varsdb_open_writer(reader, there, &w));
    made("v", 3);
    ok(reader, varsdb_find_variable(reader, "v", &there));
    expect(reader, VARSDB_READONLY, varsdb_open_writer(reader, there, &w));
    ck_assert_ptr_eq(w, untouched);
    varsdb_close(reader);
    v = made("v", 3);
    w = opened_writer(v);
    expect(r.db, VARSDB_MISUSE, varsdb_append(w, NULL, 1));
    varsdb_close_writer(w);
}
END_TEST

START_TEST(a_bad_bool_in_the_middle_is_named_by_its_number)
{
    static const int64_t sizes[] = {SMALL, MIDDLE, LARGE};
    size_t bytes = (size_t)sizes[_i], bad = bytes - 3;
    char number[32];
    const varsdb_variable *v =
        got(r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(sizes[_i]), .dtype = VARSDB_BOOL));
    for (size_t i = 0; i < bytes; i++)
        data[i] &= 1;
    data[bad] = 2;
    snprintf(number, sizeof number, "element %zu is 2", bad);
    varsdb_writer *w = opened_writer(v);
    append_all(w, 0, bytes, 1 << 20);
    expect(r.db, VARSDB_INVALID, varsdb_finish(w));
    says(r.db, number);
    varsdb_close_writer(w);
    ck_assert_int_eq(version_of(r.db, v), 1);
    no_trace();
}
END_TEST

START_TEST(a_failed_part_ends_the_writer)
{
    const varsdb_variable *v =
        got(r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(LARGE), .dtype = VARSDB_BOOL));
    memset(data, 1, LARGE);
    data[5] = 9;
    varsdb_writer *w = opened_writer(v);
    expect(r.db, VARSDB_INVALID, varsdb_append(w, data, LARGE));
    says(r.db, "element 5 is 9");
    expect(r.db, VARSDB_MISUSE, varsdb_append(w, data, 1));
    expect(r.db, VARSDB_MISUSE, varsdb_finish(w));
    varsdb_close_writer(w);
    no_trace();
}
END_TEST

START_TEST(a_deleted_variable_is_gone_and_leaves_no_trace)
{
    const varsdb_variable *v = made("v", LARGE);
    varsdb_writer *w = opened_writer(v);
    append_all(w, 0, LARGE, LARGE);
    ok(r.db, varsdb_delete_variable(r.db, v));
    expect(r.db, VARSDB_GONE, varsdb_finish(w));
    varsdb_close_writer(w);
    ck_assert_int_eq(chunks(), 0);
    no_trace();
}
END_TEST

/* ---- transactions */

START_TEST(what_is_staged_adds_no_bytes_to_the_transaction)
{
    static const int64_t sizes[] = {MIDDLE, LARGE};
    size_t bytes = (size_t)sizes[_i];
    const varsdb_variable *v = made("v", sizes[_i]);
    varsdb_writer *w = opened_writer(v);
    append_all(w, 0, bytes, 100000);
    ok(r.db, varsdb_stage(w));
    ck_assert_int_gt(chunks(), (int64_t)(bytes / VDB_CHUNK_BYTES));
    int64_t last = registry_number(&r, "SELECT max(id) FROM varsdb_chunks");
    ok(r.db, varsdb_begin(r.db));
    expect(r.db, VARSDB_MISUSE, varsdb_stage(w));
    ok(r.db, varsdb_finish(w));
    has_data(v, bytes);
    ok(r.db, varsdb_commit(r.db));
    varsdb_close_writer(w);
    ck_assert_int_eq(registry_number(&r, "SELECT max(id) FROM varsdb_chunks"), last);
    has_data(v, bytes);
    ck_assert_int_eq(version_of(r.db, v), 2);
    no_trace();
}
END_TEST

START_TEST(a_rolled_back_finish_leaves_no_trace)
{
    bool staged = _i & 1, closed_before = _i & 2;
    const varsdb_variable *v = made("v", LARGE);
    varsdb_writer *w = opened_writer(v);
    append_all(w, 0, LARGE - 1, 1 << 20);
    if (staged) {
        append_all(w, LARGE - 1, LARGE, 1);
        ok(r.db, varsdb_stage(w));
    }
    ok(r.db, varsdb_begin(r.db));
    if (!staged)
        append_all(w, LARGE - 1, LARGE, 1);
    ok(r.db, varsdb_finish(w));
    if (closed_before)
        varsdb_close_writer(w);
    ok(r.db, varsdb_rollback(r.db));
    if (!closed_before)
        varsdb_close_writer(w);
    ck_assert_int_eq(version_of(r.db, v), 1);
    ck_assert_int_eq(chunks(), 2);
    no_trace();
}
END_TEST

START_TEST(a_writer_ends_with_the_transaction_that_it_wrote_in)
{
    bool commit = _i & 1, closed_before = _i & 2;
    const varsdb_variable *v = made("v", LARGE);
    varsdb_writer *w = opened_writer(v);
    ok(r.db, varsdb_begin(r.db));
    append_all(w, 0, LARGE - 5, 1 << 20);
    if (closed_before)
        varsdb_close_writer(w);
    ok(r.db, commit ? varsdb_commit(r.db) : varsdb_rollback(r.db));
    if (!closed_before) {
        expect(r.db, VARSDB_MISUSE, varsdb_append(w, data, 5));
        ok(r.db, varsdb_begin(r.db));
        expect(r.db, VARSDB_MISUSE, varsdb_append(w, data, 5));
        ok(r.db, varsdb_rollback(r.db));
        varsdb_close_writer(w);
    }
    ck_assert_int_eq(version_of(r.db, v), 1);
    ck_assert_int_eq(chunks(), 2);
    no_trace();
}
END_TEST

/* The chunks that the writer found in another variable's value go with that, unless it holds them. */
START_TEST(what_a_writer_found_stays_though_its_last_owner_goes)
{
    if (_i == 1) {
        registry_close(&r);
        temp_make(&r.dir);
        temp_file(&r.dir, "run.db", r.path);
        r.db = opened(r.path, VARSDB_OPEN(.flags = VARSDB_BUILD));
        r.db->save_bytes = PART;
    }
    const varsdb_variable *a = made("a", LARGE), *b = made("b", LARGE);
    ok(r.db, varsdb_assign(r.db, b, data, LARGE));
    if (_i == 0)
        ok(r.db, varsdb_begin(r.db));
    varsdb_writer *w = opened_writer(a);
    append_all(w, 0, LARGE, LARGE);
    ok(r.db, varsdb_delete_variable(r.db, b));
    ok(r.db, varsdb_finish(w));
    varsdb_close_writer(w);
    ok(r.db, _i == 0 ? varsdb_commit(r.db) : varsdb_publish(r.db));
    has_data(a, LARGE);
    no_trace();
}
END_TEST

static int close_it(void *payload, const varsdb_variable_info *info)
{
    (void)info;
    varsdb_close_writer(payload);
    return 0;
}

START_TEST(a_list_callback_may_close_a_writer)
{
    varsdb_writer *w = opened_writer(made("v", LARGE));
    append_all(w, 0, LARGE - 5, LARGE);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM varsdb_sessions"), 1);
    ok(r.db, varsdb_list_variables(r.db, NULL, close_it, w));
    no_trace();
}
END_TEST

/* ---- given up */

START_TEST(an_unfinished_writer_leaves_no_trace)
{
    varsdb_writer *w = opened_writer(made("v", LARGE));
    int64_t before = chunks();
    append_all(w, 0, LARGE - 5, 1 << 20);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM varsdb_sessions"), 1);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM varsdb_pins"), PART / VDB_CHUNK_BYTES);
    ck_assert_int_gt(chunks(), before + PART / VDB_CHUNK_BYTES - 1);
    varsdb_close_writer(w);
    ck_assert_int_eq(chunks(), before);
    no_trace();
}
END_TEST

START_TEST(a_writer_outlives_its_handle_and_does_nothing)
{
    varsdb_writer *large = opened_writer(made("v", LARGE)), *small = opened_writer(made("w", 3));
    append_all(large, 0, LARGE - 5, 1 << 20);
    if (_i) {
        ok(r.db, varsdb_begin(r.db));
        append_all(small, 0, 3, 1);
        ok(r.db, varsdb_finish(small));
    }
    varsdb_close(r.db);
    ck_assert_int_eq(varsdb_append(large, data, 5), VARSDB_MISUSE);
    ck_assert_int_eq(varsdb_stage(large), VARSDB_MISUSE);
    ck_assert_int_eq(varsdb_finish(small), VARSDB_MISUSE);
    varsdb_close_writer(large);
    r.db = registry_another(&r);
    varsdb_close_writer(small);
    ck_assert_int_eq(registry_number(&r, "SELECT sum(version) FROM variables"), 2);
    no_trace();
}
END_TEST

static int close_in_child(void *writer)
{
    int rc = varsdb_append(writer, data, 1);
    varsdb_close_writer(writer);
    varsdb_close(r.db);
    return rc == VARSDB_MISUSE ? 0 : 1;
}

static const char saved[] = "SELECT (SELECT group_concat(uid) FROM varsdb_sessions), "
                            "(SELECT count(*) FROM varsdb_pins), (SELECT count(*) FROM varsdb_chunks)";

START_TEST(a_child_of_fork_takes_nothing_from_its_parent)
{
    const varsdb_variable *v = made("v", LARGE);
    varsdb_writer *w = opened_writer(v);
    append_all(w, 0, LARGE - 5, 1 << 20);
    char before[256];
    snprintf(before, sizeof before, "%s", registry_sql(&r, saved));
    ck_assert_int_eq(child_run(close_in_child, w), 0);
    ck_assert_str_eq(registry_sql(&r, saved), before);
    append_all(w, LARGE - 5, LARGE, 5);
    ok(r.db, varsdb_finish(w));
    varsdb_close_writer(w);
    has_data(v, LARGE);
    no_trace();
}
END_TEST

/* Another machine's garbage collection may take a writer that rests for an hour for dead. */
START_TEST(a_save_that_was_taken_for_dead_is_refused)
{
    const varsdb_variable *v = made("v", LARGE);
    varsdb_writer *w = opened_writer(v);
    append_all(w, 0, LARGE, 1 << 20);
    ok(r.db, varsdb_stage(w));
    registry_sql(&r, "DELETE FROM varsdb_sessions; DELETE FROM varsdb_pins; DELETE FROM varsdb_chunks WHERE "
                     "id NOT IN (SELECT chunk_id FROM varsdb_tensor_chunks)");
    /* whoever comes next may get its number */
    varsdb *other = registry_another(&r);
    const varsdb_variable *u = NULL;
    ok(other, varsdb_get_variable(
                  other, "u",
                  VARSDB_WITH(.shape = VARSDB_SHAPE(LARGE), .dtype = VARSDB_UINT8, .initializer = "zeros"),
                  NULL, &u));
    varsdb_writer *another = NULL;
    ok(other, varsdb_open_writer(other, u, &another));
    ok(other, varsdb_append(another, data, LARGE - 1));
    if (_i)
        ok(r.db, varsdb_begin(r.db));
    expect(r.db, VARSDB_RETRY, varsdb_finish(w));
    says(r.db, "dead");
    if (_i)
        ok(r.db, varsdb_rollback(r.db));
    expect(r.db, VARSDB_MISUSE, varsdb_finish(w));
    varsdb_close_writer(w);
    ck_assert_int_eq(version_of(r.db, v), 1);
    ok(other, varsdb_append(another, data + LARGE - 1, 1));
    ok(other, varsdb_finish(another));
    varsdb_close_writer(another);
    varsdb_close(other);
    has_data(got(r.db, "u", NULL), LARGE);
    no_trace();
}
END_TEST

START_TEST(a_save_that_was_taken_for_dead_takes_no_more_in_a_transaction)
{
    const varsdb_variable *v = made("v", LARGE);
    varsdb_writer *w = opened_writer(v);
    append_all(w, 0, PART, 1 << 20);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM varsdb_sessions"), 1);
    registry_sql(&r, "DELETE FROM varsdb_sessions; DELETE FROM varsdb_pins; DELETE FROM varsdb_chunks WHERE "
                     "id NOT IN (SELECT chunk_id FROM varsdb_tensor_chunks)");
    ok(r.db, varsdb_begin(r.db));
    append_all(w, PART, LARGE, LARGE);
    expect(r.db, VARSDB_RETRY, varsdb_finish(w));
    says(r.db, "dead");
    ok(r.db, varsdb_rollback(r.db));
    varsdb_close_writer(w);
    ck_assert_int_eq(version_of(r.db, v), 1);
    no_trace();
}
END_TEST

Suite *test_writer_suite(void)
{
    Suite *suite = suite_create("writer");
    TCase *tests = tcase_create("writers");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, pieces_of_any_size_are_one_assign, 0, sizeof pieces / sizeof *pieces);
    tcase_add_loop_test(tests, only_finishing_changes_the_variable, 0, 3);
    tcase_add_test(tests, two_writers_do_not_mix);
    tcase_add_loop_test(tests, too_few_and_too_many_bytes_are_invalid_and_take_nothing, 0, 2);
    tcase_add_test(tests, a_writer_is_finished_once);
    tcase_add_test(tests, what_cannot_be_written_has_no_writer);
    tcase_add_loop_test(tests, a_bad_bool_in_the_middle_is_named_by_its_number, 0, 3);
    tcase_add_test(tests, a_failed_part_ends_the_writer);
    tcase_add_test(tests, a_deleted_variable_is_gone_and_leaves_no_trace);
    tcase_add_loop_test(tests, what_is_staged_adds_no_bytes_to_the_transaction, 0, 2);
    tcase_add_loop_test(tests, a_rolled_back_finish_leaves_no_trace, 0, 4);
    tcase_add_loop_test(tests, a_writer_ends_with_the_transaction_that_it_wrote_in, 0, 4);
    tcase_add_loop_test(tests, what_a_writer_found_stays_though_its_last_owner_goes, 0, 2);
    tcase_add_test(tests, a_list_callback_may_close_a_writer);
    tcase_add_test(tests, an_unfinished_writer_leaves_no_trace);
    tcase_add_loop_test(tests, a_writer_outlives_its_handle_and_does_nothing, 0, 2);
    tcase_add_test(tests, a_child_of_fork_takes_nothing_from_its_parent);
    tcase_add_loop_test(tests, a_save_that_was_taken_for_dead_is_refused, 0, 2);
    tcase_add_test(tests, a_save_that_was_taken_for_dead_takes_no_more_in_a_transaction);
    suite_add_tcase(suite, tests);
    return suite;
}
