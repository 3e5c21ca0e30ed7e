/* test_tensor_slice.c - slices of stored values: the right bytes, from no more chunks than they lie in. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/opened.h"
#include "../support/registry.h"
#include "internal.h"

Suite *test_tensor_slice_suite(void);

#define CHUNK VDB_CHUNK_BYTES

static registry r;
static uint32_t state;

static int64_t below(int64_t n)
{
    state = state * 1664525 + 1013904223;
    return (int64_t)(state >> 8) % n;
}

static void setup(void)
{
    state = 7;
    registry_open(&r);
}

static void teardown(void)
{
    registry_close(&r);
}

/* A value whose element i is a function of i. */
static int32_t element(int64_t i)
{
    return (int32_t)((uint32_t)i * 2654435761U >> 3);
}

static const varsdb_variable *tensor(const char *name, int rank, const int64_t *dims)
{
    int64_t elements = 1;
    for (int a = 0; a < rank; a++)
        elements *= dims[a];
    int32_t *value = malloc((size_t)elements * 4);
    for (int64_t i = 0; i < elements; i++)
        value[i] = element(i);
    const varsdb_variable *v = got(r.db, name,
                                   VARSDB_WITH(.shape = &((varsdb_shape){rank, dims}), .dtype = VARSDB_INT32,
                                               .value = value, .value_bytes = (size_t)elements * 4));
    free(value);
    return v;
}

/* ---- the bytes */

static void check_box(const varsdb_variable *v, const int64_t *dims, const int64_t *begin,
                      const int64_t *size, const int64_t *stride)
{
    int64_t elements = size[0] * size[1] * size[2];
    int32_t *out = malloc((size_t)elements * 4 + 4), *at = out;
    out[elements] = 77;
    ok(r.db, varsdb_read_slice(r.db, v, VARSDB_SLICE(3, begin, size, stride), out, (size_t)elements * 4));
    for (int64_t i = 0; i < size[0]; i++)
        for (int64_t j = 0; j < size[1]; j++)
            for (int64_t k = 0; k < size[2]; k++) {
                int64_t x = begin[0] + i * stride[0], y = begin[1] + j * stride[1],
                        z = begin[2] + k * stride[2];
                int32_t expected = element((x * dims[1] + y) * dims[2] + z);
                if (*at++ != expected)
                    ck_abort_msg("element %lld,%lld,%lld is another", (long long)i, (long long)j,
                                 (long long)k);
            }
    ck_assert_int_eq(out[elements], 77);
    free(out);
}

static const int64_t shapes[][3] = {
    {3, 5, 100},    /* inline */
    {5, 7, 11003},  /* short runs, many a chunk */
    {3, 4, 200003}, /* runs longer than a chunk */
    {2, 3, 65536},  /* runs as long as a chunk */
    {70001, 3, 4},
};

START_TEST(random_slices_are_what_a_loop_finds)
{
    const int64_t *dims = shapes[_i];
    const varsdb_variable *v = tensor("v", 3, dims);
    for (int times = 0; times < 60; times++) {
        int64_t begin[3], size[3], stride[3];
        for (int a = 0; a < 3; a++) {
            bool all = below(3) == 0;
            begin[a] = all ? 0 : below(dims[a]);
            stride[a] = all || below(2) ? 1 : 1 + below(dims[a]);
            int64_t most = (dims[a] - begin[a] - 1) / stride[a] + 1;
            size[a] = all ? dims[a] : 1 + below(most);
        }
        check_box(v, dims, begin, size, stride);
    }
}
END_TEST

START_TEST(slices_around_every_border_of_chunks)
{
    const int64_t dims[3] = {1, 1, 4 * CHUNK / 4 + 5};
    const varsdb_variable *v = tensor("v", 3, dims);
    for (int64_t border = 1; border <= 4; border++)
        for (int64_t from = -2; from <= 1; from++)
            for (int64_t size = 1; size <= 4; size++) {
                const int64_t begin[3] = {0, 0, border * CHUNK / 4 + from}, sizes[3] = {1, 1, size};
                check_box(v, dims, begin, sizes, (const int64_t[]){1, 1, 1});
            }
    check_box(v, dims, (const int64_t[]){0, 0, 1}, (const int64_t[]){1, 1, 5},
              (const int64_t[]){1, 1, CHUNK / 4 - 1});
}
END_TEST

START_TEST(what_a_snapshot_has_is_sliced_too)
{
    const int64_t dims[3] = {5, 7, 11003}, begin[3] = {1, 2, 3}, size[3] = {2, 2, 2},
                  stride[3] = {2, 3, 5000};
    const varsdb_variable *v = tensor("v", 3, dims);
    int64_t id;
    int32_t now[8], then[8];
    ok(r.db, varsdb_take_snapshot(r.db, NULL, &id));
    const varsdb_slice *s = VARSDB_SLICE(3, begin, size, stride);
    ok(r.db, varsdb_read_slice(r.db, v, s, now, sizeof now));
    ok(r.db, varsdb_initialize(r.db, v, "zeros"));
    ok(r.db, varsdb_read_slice_at(r.db, id, "v", s, then, sizeof then));
    ck_assert(memcmp(now, then, sizeof now) == 0);
}
END_TEST

/* ---- what is read for them */

static const vdb_engine_methods *real;
static vdb_engine_methods counting;
static int reads;

static int count_reads(vdb_engine *engine, vdb_blob_column column, int64_t id, uint64_t offset, void *buffer,
                       size_t bytes)
{
    reads++;
    return real->blob_read(engine, column, id, offset, buffer, bytes);
}

static int reads_of(const varsdb_variable *v, const varsdb_slice *s, void *out, size_t bytes)
{
    real = r.db->engine->methods;
    counting = *real;
    counting.blob_read = count_reads;
    r.db->engine->methods = &counting;
    reads = 0;
    ok(r.db, varsdb_read_slice(r.db, v, s, out, bytes));
    r.db->engine->methods = real;
    return reads;
}

START_TEST(a_slice_reads_no_chunk_that_it_does_not_touch_and_none_twice)
{
    enum {
        ROWS = 1000,
        COLUMNS = 1700, /* 6,800 bytes: 38.55 rows a chunk */
        ROW = COLUMNS * 4
    };
    const int64_t dims[] = {ROWS, COLUMNS};
    const varsdb_variable *v = tensor("v", 2, dims);
    int32_t *out = malloc((size_t)ROWS * ROW);
    for (int64_t row = 0; row < ROWS; row += 13) {
        int64_t first = row * ROW / CHUNK, last = ((row + 1) * ROW - 1) / CHUNK;
        const varsdb_slice *s = VARSDB_SLICE(2, VARSDB_INDEX(row, 0), VARSDB_INDEX(1, COLUMNS), NULL);
        ck_assert_int_eq(reads_of(v, s, out, ROW), last - first + 1);
        ck_assert_int_eq(out[5], element(row * COLUMNS + 5));
    }
    int chunks = (ROWS * ROW - 1) / CHUNK + 1;
    /* a column lies in all; all of it, too */
    const varsdb_slice *column = VARSDB_SLICE(2, VARSDB_INDEX(0, 9), VARSDB_INDEX(ROWS, 1), NULL);
    ck_assert_int_eq(reads_of(v, column, out, ROWS * 4), chunks);
    ck_assert_int_eq(reads_of(v, VARSDB_SLICE(2, NULL, NULL, NULL), out, (size_t)ROWS * ROW), chunks);
    /* the beginnings of every 200th row */
    const varsdb_slice *few = VARSDB_SLICE(2, VARSDB_INDEX(7, 0), VARSDB_INDEX(5, 3), VARSDB_INDEX(200, 1));
    ck_assert_int_eq(reads_of(v, few, out, 5 * 3 * 4), 5);
    ck_assert_int_eq(reads_of(v, VARSDB_SLICE(2, NULL, VARSDB_INDEX(0, 5), NULL), out, 0), 0);
    free(out);
}
END_TEST

START_TEST(damage_matters_where_it_is_touched)
{
    const int64_t dims[] = {8, CHUNK / 4}; /* a row is a chunk */
    tensor("v", 2, dims);
    int32_t *out = malloc(8 * CHUNK);
    registry_sql(&r,
                 "UPDATE varsdb_chunks SET data = CAST(substr(data, 1, 99) || x'ff00' || substr(data, 102) "
                 "AS BLOB) WHERE id = 4");
    registry_reopen(&r);
    const varsdb_variable *v = got(r.db, "v", NULL);
    for (int64_t row = 0; row < 8; row++)
        for (int64_t width = 1; width <= CHUNK / 4; width += CHUNK / 4 - 1) {
            const varsdb_slice *s = VARSDB_SLICE(2, VARSDB_INDEX(row, 0), VARSDB_INDEX(1, width), NULL);
            if (row == 3) {
                expect(r.db, VARSDB_CORRUPT, varsdb_read_slice(r.db, v, s, out, (size_t)width * 4));
                says(r.db, "chunk 3 of variable v");
            } else {
                ok(r.db, varsdb_read_slice(r.db, v, s, out, (size_t)width * 4));
                ck_assert_int_eq(out[width - 1], element(row * dims[1] + width - 1));
            }
        }
    const varsdb_slice *around = VARSDB_SLICE(2, VARSDB_INDEX(2, 0), VARSDB_INDEX(2, 2), VARSDB_INDEX(2, 1));
    ok(r.db, varsdb_read_slice(r.db, v, around, out, 16));
    free(out);
}
END_TEST

/* ---- unchecked */

START_TEST(who_does_not_want_checks_gets_what_is_there)
{
    const int64_t dims[] = {8, CHUNK / 4};
    int32_t *out = malloc(8 * CHUNK);
    tensor("v", 2, dims);
    got(r.db, "small",
        VARSDB_WITH(.shape = VARSDB_SHAPE(2), .dtype = VARSDB_INT32, .value = "abcdefgh", .value_bytes = 8));
    registry_sql(&r,
                 "UPDATE varsdb_chunks SET data = CAST(x'01020304' || substr(data, 5) AS BLOB) WHERE id = 4;"
                 "UPDATE varsdb_tensors SET inline = CAST('abcdefgX' AS BLOB) WHERE inline IS NOT NULL");
    registry_reopen(&r);
    varsdb *db = opened(r.path, VARSDB_OPEN(.flags = VARSDB_UNCHECKED));
    const varsdb_variable *v = NULL, *small = NULL;
    ok(db, varsdb_find_variable(db, "v", &v));
    ok(db, varsdb_find_variable(db, "small", &small));
    ok(db, varsdb_read(db, v, out, 8 * CHUNK));
    ck_assert_int_eq(out[3 * CHUNK / 4], 0x04030201);
    ck_assert_int_eq(out[3 * CHUNK / 4 + 1], element(3 * CHUNK / 4 + 1));
    ok(db, varsdb_read_range(db, v, 3 * CHUNK - 4, out, 8));
    ck_assert_int_eq(out[0], element(3 * CHUNK / 4 - 1));
    ck_assert_int_eq(out[1], 0x04030201);
    ok(db, varsdb_read_slice(db, v, VARSDB_SLICE(2, VARSDB_INDEX(3, 0), VARSDB_INDEX(1, 1), NULL), out, 4));
    ck_assert_int_eq(out[0], 0x04030201);
    ok(db, varsdb_read(db, small, out, 8));
    ck_assert(memcmp(out, "abcdefgX", 8) == 0);
    ok(db, varsdb_read_range(db, small, 5, out, 3));
    ck_assert(memcmp(out, "fgX", 3) == 0);
    expect(db, VARSDB_INVALID, varsdb_read_range(db, small, 5, out, 4));
    varsdb_close(db);
    /* the other way: bytes that are not there cannot be had */
    registry_sql(&r, "UPDATE varsdb_tensors SET inline = x'00' WHERE inline IS NOT NULL;"
                     "UPDATE varsdb_chunks SET data = x'00' WHERE id = 4");
    db = opened(r.path, VARSDB_OPEN(.flags = VARSDB_UNCHECKED));
    ok(db, varsdb_find_variable(db, "v", &v));
    ok(db, varsdb_find_variable(db, "small", &small));
    expect(db, VARSDB_CORRUPT, varsdb_read(db, small, out, 8));
    says(db, "variable small");
    expect(db, VARSDB_CORRUPT, varsdb_read(db, v, out, 8 * CHUNK));
    says(db, "chunk 3 of variable v");
    varsdb_close(db);
    const varsdb_variable *checked = got(r.db, "small", NULL);
    expect(r.db, VARSDB_CORRUPT, varsdb_read(r.db, checked, out, 8));
    free(out);
}
END_TEST

Suite *test_tensor_slice_suite(void)
{
    Suite *suite = suite_create("tensor_slice");
    TCase *tests = tcase_create("slices");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, random_slices_are_what_a_loop_finds, 0, sizeof shapes / sizeof *shapes);
    tcase_add_test(tests, slices_around_every_border_of_chunks);
    tcase_add_test(tests, what_a_snapshot_has_is_sliced_too);
    tcase_add_test(tests, a_slice_reads_no_chunk_that_it_does_not_touch_and_none_twice);
    tcase_add_test(tests, damage_matters_where_it_is_touched);
    tcase_add_test(tests, who_does_not_want_checks_gets_what_is_there);
    suite_add_tcase(suite, tests);
    return suite;
}
