/* test_diff_value.c - differences of values in chunks: what is read, and what it adds up to. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/registry.h"

Suite *test_diff_value_suite(void);

static registry r;

static void open_registry(void)
{
    registry_open(&r);
}

static void close_registry(void)
{
    registry_close(&r);
}

static int64_t snapshot(void)
{
    int64_t id;
    ok(r.db, varsdb_take_snapshot(r.db, NULL, &id));
    return id;
}

typedef struct told {
    size_t lines;
    double max_abs, rel_l2; /* of the last */
} told;

static int collect(void *payload, const varsdb_difference *d)
{
    told *t = payload;
    ck_assert_int_eq(d->change, VARSDB_VALUE_CHANGED);
    ck_assert(d->has_delta);
    *t = (told){t->lines + 1, d->max_abs, d->rel_l2};
    return 0;
}

static told told_of(int64_t from, int64_t to, const varsdb_diff_options *options)
{
    told t = {0};
    ok(r.db, varsdb_diff(r.db, from, to, options, collect, &t));
    return t;
}

/* ---- values */

#define MANY (600 * 1024) /* float32: some chunks, and a part of one */

static float *values;

static int last_chunk(void)
{
    return (int)((MANY * sizeof *values - 1) /
                 (uint64_t)registry_number(&r, "SELECT chunk_bytes FROM varsdb_registry"));
}

static const varsdb_variable *make_large(const char *name)
{
    values = realloc(values, MANY * sizeof *values);
    ck_assert_ptr_nonnull(values);
    for (size_t i = 0; i < MANY; i++)
        values[i] = (float)(i % 4096) + 1; /* chunks are alike */
    const varsdb_variable *v =
        got(r.db, name,
            VARSDB_WITH(.shape = VARSDB_SHAPE(MANY), .dtype = VARSDB_FLOAT32, .initializer = "zeros"));
    values[5] = 0; /* but for the first */
    ok(r.db, varsdb_assign(r.db, v, values, MANY * sizeof *values));
    return v;
}

static double norm_of_values(void)
{
    long double sum = 0;
    for (size_t i = 0; i < MANY; i++)
        if (isfinite(values[i]))
            sum += (long double)values[i] * values[i];
    return (double)sqrtl(sum);
}

/* Bytes of the chunk at a place of a variable's value are spoiled. */
static void spoil_chunk(const char *name, int position)
{
    char sql[400];
    snprintf(
        sql, sizeof sql,
        "UPDATE varsdb_chunks SET data = zeroblob(length(data)) WHERE id = (SELECT chunk_id FROM "
        "varsdb_tensor_chunks l JOIN varsdb_variables v ON v.tensor_id = l.tensor_id WHERE v.name = '%s' "
        "AND l.position = %d)",
        name, position);
    registry_sql(&r, sql);
}

static void check_delta(int64_t from, double max_abs, double rel_l2)
{
    told t = told_of(from, 0, NULL);
    ck_assert_uint_eq(t.lines, 1);
    ck_assert_msg(t.max_abs == max_abs, "%.17g", t.max_abs);
    ck_assert_msg(fabs(t.rel_l2 - rel_l2) <= 1e-12 * rel_l2, "%.17g is not %.17g", t.rel_l2, rel_l2);
}

START_TEST(chunks_that_both_have_are_not_read)
{
    const varsdb_variable *v = make_large("v");
    double norm = norm_of_values();
    int64_t before = snapshot();
    ck_assert_int_gt(last_chunk(), 1);
    values[MANY - 1] += 3;
    values[MANY - 2] -= 4;
    ok(r.db, varsdb_assign(r.db, v, values, MANY * sizeof *values));
    check_delta(before, 4, 5 / norm);
    spoil_chunk("v", 0);
    check_delta(before, 4, 5 / norm);
    spoil_chunk("v", last_chunk());
    told t = {0};
    expect(r.db, VARSDB_CORRUPT, varsdb_diff(r.db, before, 0, NULL, collect, &t));
    says(r.db, "chunk");
}
END_TEST

/* The stored norm of old has what is not finite in new. */
START_TEST(chunks_that_both_have_count_where_something_is_not_finite)
{
    const varsdb_variable *v = make_large("v");
    int64_t before = snapshot();
    values[MANY - 1] = INFINITY;
    values[MANY - 2] -= 4;
    float left_out = (float)((MANY - 1) % 4096) + 1;
    ok(r.db, varsdb_assign(r.db, v, values, MANY * sizeof *values));
    values[MANY - 2] += 4;
    double norm = norm_of_values();
    ck_assert(left_out > 1000); /* it makes a difference */
    check_delta(before, INFINITY, 4 / norm);
    spoil_chunk("v", 0);
    told t = {0};
    expect(r.db, VARSDB_CORRUPT, varsdb_diff(r.db, before, 0, NULL, collect, &t));
    says(r.db, "chunk 0");
}
END_TEST

/* What is not finite in old alone is not in its stored norm, and is left out anyway. */
START_TEST(an_infinity_that_went_needs_no_reading)
{
    const varsdb_variable *v = make_large("v");
    values[MANY - 1] = INFINITY;
    ok(r.db, varsdb_assign(r.db, v, values, MANY * sizeof *values));
    double norm = norm_of_values();
    int64_t before = snapshot();
    values[MANY - 1] = 1;
    values[MANY - 2] += 2;
    ok(r.db, varsdb_assign(r.db, v, values, MANY * sizeof *values));
    spoil_chunk("v", 0);
    check_delta(before, INFINITY, 2 / norm);
}
END_TEST

/* In the first chunk, which both have, there is an infinity; old's norm is of the rest. */
START_TEST(an_infinity_that_stayed_is_left_out)
{
    const varsdb_variable *v = make_large("v");
    values[7] = -INFINITY;
    values[8] = NAN;
    ok(r.db, varsdb_assign(r.db, v, values, MANY * sizeof *values));
    double norm = norm_of_values();
    int64_t before = snapshot();
    values[MANY - 1] += 0.5f;
    ok(r.db, varsdb_assign(r.db, v, values, MANY * sizeof *values));
    check_delta(before, 0.5, 0.5 / norm);
}
END_TEST

START_TEST(a_row_of_common_chunks_is_checked)
{
    const varsdb_variable *v = make_large("v");
    int64_t before = snapshot();
    values[MANY - 1] += 1;
    ok(r.db, varsdb_assign(r.db, v, values, MANY * sizeof *values));
    registry_sql(&r, "UPDATE varsdb_tensor_chunks SET digest = digest + 1 WHERE position = 1");
    told t = {0};
    expect(r.db, VARSDB_CORRUPT, varsdb_diff(r.db, before, 0, NULL, collect, &t));
    says(r.db, "chunk 1");
}
END_TEST

/* Four elements in three bytes: chunks are no power of two, and the last byte is padded. */
START_TEST(packed_values_in_chunks)
{
    enum {
        ELEMENTS = 3 * 1024 * 1024 + 5,
        BYTES = (ELEMENTS * 6 + 7) / 8
    };
    unsigned char *data = calloc(BYTES, 1);
    ck_assert_ptr_nonnull(data);
    const varsdb_variable *v = got(
        r.db, "v",
        VARSDB_WITH(.shape = VARSDB_SHAPE(ELEMENTS), .dtype = VARSDB_FLOAT6_E2M3, .initializer = "zeros"));
    data[0] = 0x08;         /* element 0 is 1 */
    data[BYTES - 1] = 0x02; /* the last element, in the low six bits, is 2/8 */
    ok(r.db, varsdb_assign(r.db, v, data, BYTES));
    int64_t before = snapshot();
    data[BYTES / 2 / 3 * 3] = 0x10; /* the first of four, in the middle: 2 */
    ok(r.db, varsdb_assign(r.db, v, data, BYTES));
    check_delta(before, 2, 2 / sqrt(1 + 0.0625));
    free(data);
}
END_TEST

/* ---- progress and stopping */

typedef struct meter {
    uint64_t done, total;
    size_t calls, stop_at;
} meter;

static int measure(void *payload, const char *doing, uint64_t done, uint64_t total)
{
    meter *m = payload;
    ck_assert_str_eq(doing, "comparing");
    ck_assert(done > m->done && done <= total && (m->total == 0 || m->total == total));
    ck_assert_int_eq(varsdb_begin(r.db), VARSDB_MISUSE);
    m->done = done;
    m->total = total;
    return ++m->calls == m->stop_at;
}

START_TEST(progress_counts_bytes_and_can_cancel)
{
    const varsdb_variable *v = make_large("v");
    const varsdb_variable *x = got(r.db, "x", VARSDB_WITH(.value_json = "[1,2]"));
    got(r.db, "w", VARSDB_WITH(.value_json = "[1,2]"));
    int64_t before = snapshot();
    values[0] += 1;
    ok(r.db, varsdb_assign(r.db, v, values, MANY * sizeof *values));
    ok(r.db, varsdb_assign_json(r.db, x, "[1,3]"));
    meter m = {0};
    told t = told_of(before, 0, VARSDB_DIFF(.progress = measure, .payload = &m));
    ck_assert_uint_eq(t.lines, 2);
    ck_assert_uint_eq(m.total, MANY * sizeof *values + 8);
    ck_assert_uint_eq(m.done, m.total);
    ck_assert_uint_eq(m.calls, (size_t)last_chunk() + 2); /* of chunks, and of x */
    m = (meter){.stop_at = 2};
    t = (told){0};
    expect(r.db, VARSDB_CANCELLED,
           varsdb_diff(r.db, before, 0, VARSDB_DIFF(.progress = measure, .payload = &m), collect, &t));
    ck_assert(t.lines == 0 && m.calls == 2);
    told_of(before, 0, NULL);
}
END_TEST

Suite *test_diff_value_suite(void)
{
    Suite *suite = suite_create("diff_value");
    TCase *tests = tcase_create("diff_value");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, open_registry, close_registry);
    tcase_add_test(tests, chunks_that_both_have_are_not_read);
    tcase_add_test(tests, chunks_that_both_have_count_where_something_is_not_finite);
    tcase_add_test(tests, an_infinity_that_went_needs_no_reading);
    tcase_add_test(tests, an_infinity_that_stayed_is_left_out);
    tcase_add_test(tests, a_row_of_common_chunks_is_checked);
    tcase_add_test(tests, packed_values_in_chunks);
    tcase_add_test(tests, progress_counts_bytes_and_can_cancel);
    suite_add_tcase(suite, tests);
    return suite;
}
