/* test_variable_update.c - values made of the ones that are there: sums, and slices laid over them. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/audit.h"
#include "../support/gate.h"
#include "../support/registry.h"
#include "internal.h"

Suite *test_variable_update_suite(void);

#define PART ((int64_t)VDB_CHUNK_BYTES * 4) /* of one short transaction of a save */

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

static void whole(void)
{
    ck_assert_str_eq(
        registry_sql(&r, "SELECT (SELECT count(*) FROM varsdb_sessions), (SELECT count(*) FROM varsdb_pins)"),
        "0|0");
    audit(&r);
}

/* ---- sums */

static const varsdb_dtype numeric[] = {
#define NUMERIC(name, number, text, bits) VARSDB_##name,
    VARSDB_DTYPES(NUMERIC)};
#define NUMERIC_COUNT (sizeof numeric / sizeof *numeric)

/* Eight elements from JSON, which are whole bytes of every dtype, over and over. */
static unsigned char *tiles(varsdb_dtype dtype, const char *json, const char *complex_json, int64_t elements,
                            size_t *bytes)
{
    unsigned char tile[128];
    bool complex = dtype == VARSDB_COMPLEX64 || dtype == VARSDB_COMPLEX128;
    size_t size = (size_t)varsdb_dtype_bits(dtype), rest = (size_t)(elements * (int64_t)size % 8);
    const varsdb_variable *v =
        got(r.db, "tile", VARSDB_WITH(.dtype = dtype, .value_json = complex ? complex_json : json));
    ok(r.db, varsdb_read(r.db, v, tile, size));
    ok(r.db, varsdb_delete_variable(r.db, v));
    *bytes = (size_t)(elements * (int64_t)size + 7) / 8;
    unsigned char *out = malloc(*bytes + size);
    for (size_t at = 0; at < *bytes; at += size)
        memcpy(out + at, tile, size);
    if (rest)
        out[*bytes - 1] &= (unsigned char)((1U << rest) - 1);
    return out;
}

#define ONES         "[1,2,1,2,2,2,1,1]"
#define SUMS         "[2,4,2,4,4,4,2,2]"
#define C(a)         "[" #a ",1]"
#define COMPLEX_ONES "[" C(1) "," C(2) "," C(1) "," C(2) "," C(2) "," C(2) "," C(1) "," C(1) "]"
#define D(a)         "[" #a ",2]"
#define COMPLEX_SUMS "[" D(2) "," D(4) "," D(2) "," D(4) "," D(4) "," D(4) "," D(2) "," D(2) "]"

START_TEST(every_number_is_added_and_subtracted)
{
    varsdb_dtype dtype = numeric[_i];
    if (dtype == VARSDB_BOOL || dtype == VARSDB_STRING)
        return;
    int64_t bits = varsdb_dtype_bits(dtype);
    const int64_t sizes[] = {1, 7, 16, 300000, (PART + 3 * VDB_CHUNK_BYTES) * 8 / bits + 3};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t bytes;
        unsigned char *ones = tiles(dtype, ONES, COMPLEX_ONES, sizes[i], &bytes);
        unsigned char *sums = tiles(dtype, SUMS, COMPLEX_SUMS, sizes[i], &bytes);
        unsigned char *back = malloc(bytes);
        const varsdb_variable *v = got(r.db, "v",
                                       VARSDB_WITH(.shape = VARSDB_SHAPE(sizes[i]), .dtype = dtype,
                                                   .value = ones, .value_bytes = bytes));
        ok(r.db, varsdb_assign_add(r.db, v, ones, bytes));
        ok(r.db, varsdb_read(r.db, v, back, bytes));
        ck_assert(memcmp(back, sums, bytes) == 0);
        ok(r.db, varsdb_begin(r.db));
        ok(r.db, varsdb_assign_sub(r.db, v, ones, bytes));
        ok(r.db, varsdb_read(r.db, v, back, bytes));
        ok(r.db, varsdb_commit(r.db));
        ck_assert(memcmp(back, ones, bytes) == 0);
        ck_assert_int_eq(version_of(r.db, v), 3);
        expect(r.db, VARSDB_INVALID, varsdb_assign_add(r.db, v, ones, bytes - 1));
        expect(r.db, VARSDB_INVALID, varsdb_assign_sub(r.db, v, ones, bytes + 1));
        expect(r.db, VARSDB_MISUSE, varsdb_assign_add(r.db, v, NULL, bytes));
        whole();
        ok(r.db, varsdb_delete_variable(r.db, v));
        free(ones);
        free(sums);
        free(back);
    }
}
END_TEST

START_TEST(bool_string_and_nothing_have_no_sums)
{
    const varsdb_variable *b = got(r.db, "b", VARSDB_WITH(.shape = VARSDB_SHAPE(1), .dtype = VARSDB_BOOL));
    const varsdb_variable *s = got(r.db, "s", VARSDB_WITH(.shape = VARSDB_SHAPE(1), .dtype = VARSDB_STRING));
    const varsdb_variable *u = got(r.db, "u", VARSDB_WITH(.shape = VARSDB_SHAPE(1), .initializer = "none"));
    const varsdb_variable *e = got(r.db, "e", VARSDB_WITH(.shape = VARSDB_SHAPE(0, 3)));
    expect(r.db, VARSDB_INVALID, varsdb_assign_add(r.db, b, "\1", 1));
    expect(r.db, VARSDB_INVALID, varsdb_assign_sub(r.db, b, "\0", 1));
    expect(r.db, VARSDB_INVALID, varsdb_assign_add(r.db, s, "\0\0\0\0\0\0\0", 8));
    expect(r.db, VARSDB_UNINITIALIZED, varsdb_assign_add(r.db, u, "abcd", 4));
    says(r.db, "variable u");
    ok(r.db, varsdb_assign_add(r.db, e, NULL, 0));
    ck_assert_int_eq(version_of(r.db, e), 2);
    ok(r.db, varsdb_delete_variable(r.db, u));
    expect(r.db, VARSDB_GONE, varsdb_assign_add(r.db, u, "abcd", 4));
}
END_TEST

/* ---- beside others */

#define ROUNDS   20
#define ELEMENTS ((PART + PART / 4) / 8)

static void *add_ones(void *payload)
{
    bool real = *(int *)payload;
    varsdb *db;
    const varsdb_variable *v = NULL;
    union {
        int64_t integer;
        double real;
    } *ones = malloc((size_t)ELEMENTS * 8);
    for (int64_t i = 0; i < ELEMENTS; i++)
        if (real)
            ones[i].real = 1;
        else
            ones[i].integer = 1;
    int rc = varsdb_open(r.path, NULL, &db);
    if (rc == VARSDB_OK) {
        db->save_bytes = PART;
        rc = varsdb_find_variable(db, "v", &v);
    }
    for (int i = 0; rc == VARSDB_OK && i < ROUNDS; i++)
        rc = varsdb_assign_add(db, v, ones, (size_t)ELEMENTS * 8);
    free(ones);
    varsdb_close(db);
    return rc == VARSDB_OK ? NULL : v ? (void *)1 : (void *)2;
}

START_TEST(no_addition_is_lost)
{
    pthread_t threads[2];
    void *failed;
    int real = _i;
    const varsdb_variable *v =
        got(r.db, "v",
            VARSDB_WITH(.shape = VARSDB_SHAPE(ELEMENTS), .dtype = real ? VARSDB_FLOAT64 : VARSDB_INT64,
                        .initializer = "zeros"));
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, add_ones, &real), 0);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(pthread_join(threads[i], &failed), 0);
        ck_assert_ptr_null(failed);
    }
    double *back = malloc((size_t)ELEMENTS * 8), sum = 2 * ROUNDS;
    int64_t count = 2 * ROUNDS;
    ok(r.db, varsdb_read(r.db, v, back, (size_t)ELEMENTS * 8));
    int64_t right = 0;
    for (int64_t i = 0; i < ELEMENTS; i++)
        right += memcmp(&back[i], real ? (void *)&sum : (void *)&count, 8) == 0;
    ck_assert_int_eq(right, ELEMENTS);
    free(back);
    ck_assert_int_eq(version_of(r.db, v), 2 * ROUNDS + 1);
    whole();
}
END_TEST

typedef struct rival {
    varsdb *db;
    const varsdb_variable *v;
    int times; /* still to come */
    int overtaken;
    bool reuse; /* leave the tensor's id to a smaller one */
} rival;

/* Before the update takes the lock another assigns, so that the update was for nothing. */
static void overtake(void *payload, gate_point point)
{
    rival *o = payload;
    if (point != GATE_BEGIN || o->times == 0)
        return;
    o->times--;
    o->overtaken++;
    const varsdb_variable *small = NULL;
    if (o->reuse) { /* an equal value of less than the largest id, then another that gets that id */
        ok(o->db, varsdb_initialize(o->db, o->v, "constant(3)"));
        ok(o->db, varsdb_get_variable(o->db, "small",
                                      VARSDB_WITH(.shape = VARSDB_SHAPE(4), .dtype = VARSDB_INT64,
                                                  .initializer = "constant(9)"),
                                      NULL, &small));
    } else {
        char initializer[32];
        snprintf(initializer, sizeof initializer, "constant(%d)", 10 * o->overtaken);
        ok(o->db, varsdb_initialize(o->db, o->v, initializer));
    }
}

static void add_beside(rival *o, int64_t expected)
{
    gate g;
    size_t bytes = (size_t)ELEMENTS * 8;
    int64_t *ones = malloc(bytes), *back = malloc(bytes);
    for (int64_t i = 0; i < ELEMENTS; i++)
        ones[i] = i % 3;
    const varsdb_variable *v = got(r.db, "v", NULL);
    o->db = registry_another(&r);
    o->db->save_bytes = PART;
    ok(o->db, varsdb_find_variable(o->db, "v", &o->v));
    gate_install(&g, r.db, overtake, o);
    ok(r.db, varsdb_assign_add(r.db, v, ones, bytes));
    gate_remove(&g);
    ok(r.db, varsdb_read(r.db, v, back, bytes));
    int64_t right = 0;
    for (int64_t i = 0; i < ELEMENTS; i++)
        right += back[i] == expected + i % 3;
    ck_assert_int_eq(right, ELEMENTS);
    ck_assert_int_eq(version_of(r.db, v), 2 + o->overtaken);
    varsdb_close(o->db);
    free(ones);
    free(back);
    whole();
}

static const varsdb_variable *numbers(const char *name, const char *initializer)
{
    return got(
        r.db, name,
        VARSDB_WITH(.shape = VARSDB_SHAPE(ELEMENTS), .dtype = VARSDB_INT64, .initializer = initializer));
}

START_TEST(who_is_overtaken_begins_anew)
{
    rival o = {.times = _i};
    numbers("v", "constant(1)");
    add_beside(&o, _i ? 10 * _i : 1);
    ck_assert_int_eq(o.overtaken, _i);
}
END_TEST

START_TEST(another_tensor_under_the_old_id_is_not_taken_for_it)
{
    rival o = {.times = 1, .reuse = true};
    numbers("u", "constant(3)"); /* keeps a tensor of a smaller id */
    numbers("v", "constant(1)");
    add_beside(&o, 3);
}
END_TEST

START_TEST(an_update_in_a_transaction_is_part_of_it)
{
    const varsdb_variable *v = numbers("v", "constant(1)");
    int64_t one = 1, back = 0;
    ok(r.db, _i ? varsdb_begin(r.db) : varsdb_begin_read(r.db));
    ok(r.db, varsdb_assign_slice(r.db, v, VARSDB_SLICE(1, VARSDB_INDEX(5), VARSDB_INDEX(1), NULL), &back, 8));
    ok(r.db, varsdb_read_range(r.db, v, 40, &back, 8));
    ck_assert_int_eq(back, 0);
    ok(r.db, varsdb_rollback(r.db));
    ok(r.db, varsdb_read_range(r.db, v, 40, &back, 8));
    ck_assert_int_eq(back, one);
    ck_assert_int_eq(version_of(r.db, v), 1);
    whole();
}
END_TEST

/* ---- slices */

static uint32_t state = 7;
static int64_t below(int64_t n)
{
    state = state * 1664525 + 1013904223;
    return (int64_t)(state >> 8) % n;
}

typedef struct box {
    int rank;
    int64_t dims[4], begin[4], size[4], stride[4], bytes;
} box;

static void random_box(box *b, int64_t columns)
{
    const int64_t dims[] = {7, 5, 6, columns};
    b->rank = 4;
    b->bytes = 4;
    for (int a = 0; a < 4; a++) {
        b->dims[a] = dims[a];
        b->begin[a] = below(dims[a]);
        b->stride[a] = 1 + below(3);
        b->size[a] = 1 + below((dims[a] - b->begin[a] - 1) / b->stride[a] + 1);
        b->bytes *= b->size[a];
    }
}

/* Lays packed over the copy, element by element. */
static void lay(const box *b, int32_t *copy, const int32_t *packed)
{
    for (int64_t i = 0; i < b->size[0]; i++)
        for (int64_t j = 0; j < b->size[1]; j++)
            for (int64_t k = 0; k < b->size[2]; k++)
                for (int64_t l = 0; l < b->size[3]; l++) {
                    int64_t x = b->begin[0] + i * b->stride[0], y = b->begin[1] + j * b->stride[1];
                    int64_t z = b->begin[2] + k * b->stride[2], t = b->begin[3] + l * b->stride[3];
                    copy[((x * b->dims[1] + y) * b->dims[2] + z) * b->dims[3] + t] = *packed++;
                }
}

START_TEST(slices_are_laid_over_as_a_loop_would)
{
    static const int64_t columns[] = {9, 2003, 13001}; /* inline, a few chunks, more than a part of a save */
    int64_t elements = 7 * 5 * 6 * columns[_i];
    size_t bytes = (size_t)elements * 4;
    int32_t *copy = malloc(bytes), *back = malloc(bytes), *packed = malloc(bytes);
    for (int64_t i = 0; i < elements; i++)
        copy[i] = (int32_t)(i * 7 - 3);
    const varsdb_variable *v = got(r.db, "v",
                                   VARSDB_WITH(.shape = VARSDB_SHAPE(7, 5, 6, columns[_i]),
                                               .dtype = VARSDB_INT32, .value = copy, .value_bytes = bytes));
    for (int times = 0; times < 12; times++) {
        box b;
        random_box(&b, columns[_i]);
        for (int64_t i = 0; i < b.bytes / 4; i++)
            packed[i] = (int32_t)below(1 << 24);
        lay(&b, copy, packed);
        const varsdb_slice *s = VARSDB_SLICE(4, b.begin, b.size, b.stride);
        ok(r.db, varsdb_assign_slice(r.db, v, s, packed, (size_t)b.bytes));
        expect(r.db, VARSDB_INVALID, varsdb_assign_slice(r.db, v, s, packed, (size_t)b.bytes - 1));
        ok(r.db, varsdb_read(r.db, v, back, bytes));
        ck_assert(memcmp(back, copy, bytes) == 0);
    }
    ck_assert_int_eq(version_of(r.db, v), 13);
    free(copy);
    free(back);
    free(packed);
    whole();
}
END_TEST

START_TEST(slices_that_cannot_be_assigned_change_nothing)
{
    const varsdb_variable *v = got(r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(4), .initializer = "none"));
    const varsdb_variable *b = got(r.db, "b", VARSDB_WITH(.shape = VARSDB_SHAPE(4), .dtype = VARSDB_BOOL));
    const varsdb_slice *first = VARSDB_SLICE(1, VARSDB_INDEX(0), VARSDB_INDEX(1), NULL);
    expect(r.db, VARSDB_UNINITIALIZED, varsdb_assign_slice(r.db, v, first, "abcd", 4));
    expect(r.db, VARSDB_INVALID, varsdb_assign_slice(r.db, b, first, "\2", 1));
    expect(r.db, VARSDB_INVALID,
           varsdb_assign_slice(r.db, b, VARSDB_SLICE(2, VARSDB_INDEX(0, 0), NULL, NULL), "\1", 1));
    expect(r.db, VARSDB_MISUSE, varsdb_assign_slice(r.db, b, NULL, "\1", 1));
    expect(r.db, VARSDB_MISUSE, varsdb_assign_slice(r.db, b, first, NULL, 1));
    ck_assert_int_eq(version_of(r.db, v) + version_of(r.db, b), 1);
    whole();
}
END_TEST

START_TEST(parts_of_large_tensors_are_assigned)
{
    const int64_t rows = 10, columns = PART / 16 + 2;
    size_t bytes = (size_t)(rows * columns) * 4;
    int32_t *copy = calloc(1, bytes), *back = malloc(bytes), *part = malloc(bytes / 4);
    const varsdb_variable *v =
        got(r.db, "v",
            VARSDB_WITH(.shape = VARSDB_SHAPE(rows, columns), .dtype = VARSDB_INT32,
                        .partitioner = _i ? "fixed_size(5,0)" : "fixed_size(5,1)", .initializer = "zeros"));
    int64_t length = _i ? 2 : columns / 5 + 1, first = _i ? 4 : 2 * length;
    if (!_i)
        ck_assert_int_gt(columns % 5, 2);
    int64_t all = _i ? length * columns : rows * length;
    for (int64_t i = 0; i < all; i++)
        part[i] = (int32_t)i + 1;
    for (int64_t i = 0; i < all; i++)
        copy[_i ? first * columns + i : i / length * columns + first + i % length] = part[i];
    ok(r.db, varsdb_assign_part(r.db, v, 2, part, (size_t)all * 4));
    ok(r.db, varsdb_read(r.db, v, back, bytes));
    ck_assert(memcmp(back, copy, bytes) == 0);
    memset(part, 0, (size_t)all * 4);
    ok(r.db, varsdb_read_part(r.db, v, 2, part, (size_t)all * 4));
    int64_t right = 0;
    for (int64_t i = 0; i < all; i++)
        right += part[i] == i + 1;
    ck_assert_int_eq(right, all);
    free(copy);
    free(back);
    free(part);
    whole();
}
END_TEST

Suite *test_variable_update_suite(void)
{
    Suite *suite = suite_create("variable_update");
    TCase *tests = tcase_create("updates");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, every_number_is_added_and_subtracted, 0, (int)NUMERIC_COUNT);
    tcase_add_test(tests, bool_string_and_nothing_have_no_sums);
    tcase_add_loop_test(tests, no_addition_is_lost, 0, 2);
    tcase_add_loop_test(tests, who_is_overtaken_begins_anew, 0, 7);
    tcase_add_test(tests, another_tensor_under_the_old_id_is_not_taken_for_it);
    tcase_add_loop_test(tests, an_update_in_a_transaction_is_part_of_it, 0, 2);
    tcase_add_loop_test(tests, slices_are_laid_over_as_a_loop_would, 0, 3);
    tcase_add_test(tests, slices_that_cannot_be_assigned_change_nothing);
    tcase_add_loop_test(tests, parts_of_large_tensors_are_assigned, 0, 2);
    suite_add_tcase(suite, tests);
    return suite;
}
