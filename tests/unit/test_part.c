/* test_part.c - parts of partitioned variables are slices, read and assigned by themselves. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/forge.h"
#include "../support/registry.h"

Suite *test_part_suite(void);

#define TEXT_BYTES 4096

static registry r;

static void open_registry(void)
{
    registry_open(&r);
}

static void close_registry(void)
{
    registry_close(&r);
}

static const varsdb_variable *partitioned(const char *name, varsdb_dtype dtype, const varsdb_shape *shape,
                                          const char *partitioner)
{
    return got(
        r.db, name,
        VARSDB_WITH(.shape = shape, .dtype = dtype, .partitioner = partitioner, .initializer = "zeros"));
}

/* ---- a tensor cut by the book */

static int64_t count_of(const varsdb_shape *shape)
{
    int64_t n = 1;
    for (int i = 0; i < shape->rank; i++)
        n *= shape->dims[i];
    return n;
}

/* Element i of the value in its lowest bytes: its neighbours all differ from it. */
static void put_element(unsigned char *to, int64_t i, size_t width)
{
    uint64_t x = (uint64_t)i * UINT64_C(0x9e3779b97f4a7c15) >> 17;
    for (size_t b = 0; b < width; b++)
        to[b] = (unsigned char)(x >> (8 * (b % 8)));
}

/* The elements of the slice [offset, offset + length) of an axis, one by one by their indices. */
static unsigned char *slice_of(const varsdb_shape *shape, int axis, int64_t offset, int64_t length,
                               size_t width)
{
    int64_t dims[VARSDB_RANK_MAX];
    memcpy(dims, shape->dims, sizeof *dims * (size_t)shape->rank);
    dims[axis] = length;
    int64_t n = count_of(&(varsdb_shape){shape->rank, dims});
    unsigned char *out = malloc((size_t)n * width + 1);
    ck_assert_ptr_nonnull(out);
    for (int64_t i = 0; i < n; i++) {
        int64_t rest = i, flat = 0, step = 1;
        for (int d = shape->rank - 1; d >= 0; d--) {
            flat += (rest % dims[d] + (d == axis ? offset : 0)) * step;
            rest /= dims[d];
            step *= shape->dims[d];
        }
        put_element(out + (size_t)i * width, flat, width);
    }
    return out;
}

static void assign_numbered(const varsdb_variable *v, size_t width)
{
    int64_t n = count_of(varsdb_variable_shape(v));
    unsigned char *all = malloc((size_t)n * width + 1);
    ck_assert_ptr_nonnull(all);
    for (int64_t i = 0; i < n; i++)
        put_element(all + (size_t)i * width, i, width);
    ok(r.db, varsdb_assign(r.db, v, all, (size_t)n * width));
    free(all);
}

/* Every part of a numbered tensor of the shape, cut along every axis into `parts`. */
static void check_axes(varsdb_dtype dtype, const varsdb_shape *shape, int64_t parts)
{
    size_t width = (size_t)varsdb_dtype_bits(dtype) / 8;
    for (int axis = 0; axis < shape->rank; axis++) {
        char name[64], partitioner[64];
        int64_t d = shape->dims[axis], n = parts < d ? parts : d, offset = 0;
        snprintf(name, sizeof name, "rank%d/axis%d/%lld", shape->rank, axis, (long long)parts);
        snprintf(partitioner, sizeof partitioner, "fixed_size(%lld,axis=%d)", (long long)parts, axis);
        const varsdb_variable *v = partitioned(name, dtype, shape, partitioner);
        assign_numbered(v, width);
        for (int64_t i = 0; i < n; i++) {
            int64_t length = d / n + (i < d % n);
            size_t bytes = (size_t)(count_of(shape) / d * length) * width;
            unsigned char *expected = slice_of(shape, axis, offset, length, width);
            unsigned char *read = malloc(bytes);
            ck_assert_ptr_nonnull(read);
            ok(r.db, varsdb_read_part(r.db, v, i, read, bytes));
            ck_assert_msg(memcmp(read, expected, bytes) == 0, "%s/part_%lld differs", name, (long long)i);
            free(read);
            free(expected);
            offset += length;
        }
        ck_assert_int_eq(offset, d);
    }
}

START_TEST(parts_along_every_axis_are_the_slices)
{
    check_axes(VARSDB_INT32, VARSDB_SHAPE(43), 4);
    check_axes(VARSDB_INT16, VARSDB_SHAPE(7, 5), 3);
    check_axes(VARSDB_UINT8, VARSDB_SHAPE(3, 4, 5), 3);
    check_axes(VARSDB_COMPLEX128, VARSDB_SHAPE(2, 3, 4, 5), 2);
    check_axes(VARSDB_FLOAT64, VARSDB_SHAPE(3, 1, 4, 2), 4);
}
END_TEST

/* Megabytes: runs longer than a chunk, runs across its bounds, and many in one. */
START_TEST(parts_of_chunked_tensors_are_the_slices)
{
    check_axes(VARSDB_INT32, VARSDB_SHAPE(700001), 2);
    check_axes(VARSDB_INT16, VARSDB_SHAPE(3, 400003), 3);
    check_axes(VARSDB_INT64, VARSDB_SHAPE(61, 67, 71), 5);
    check_axes(VARSDB_UINT32, VARSDB_SHAPE(13, 29, 31, 37), 4);
}
END_TEST

/* ---- geometry */

static int print_part(void *payload, const varsdb_part *part)
{
    char *text = payload;
    size_t n = strlen(text);
    n +=
        (size_t)snprintf(text + n, TEXT_BYTES - n, "%s%lld of %lld axis %d at %lld:", n ? "\n" : "",
                         (long long)part->index, (long long)part->count, part->axis, (long long)part->offset);
    for (int i = 0; i < part->shape.rank; i++)
        n += (size_t)snprintf(text + n, TEXT_BYTES - n, " %lld", (long long)part->shape.dims[i]);
    return 0;
}

static const char *parts_of(const varsdb_variable *v)
{
    static char text[TEXT_BYTES];
    text[0] = '\0';
    ok(r.db, varsdb_list_parts(r.db, v, print_part, text));
    return text;
}

START_TEST(first_parts_are_longer_by_one)
{
    const varsdb_variable *v = partitioned("w", VARSDB_FLOAT32, VARSDB_SHAPE(20, 43), "fixed_size(4,axis=1)");
    ck_assert_str_eq(parts_of(v), "0 of 4 axis 1 at 0: 20 11\n1 of 4 axis 1 at 11: 20 11\n"
                                  "2 of 4 axis 1 at 22: 20 11\n3 of 4 axis 1 at 33: 20 10");
    v = partitioned("u", VARSDB_FLOAT32, VARSDB_SHAPE(43), "fixed_size(5)");
    ck_assert_str_eq(parts_of(v), "0 of 5 axis 0 at 0: 9\n1 of 5 axis 0 at 9: 9\n2 of 5 axis 0 at 18: 9\n"
                                  "3 of 5 axis 0 at 27: 8\n4 of 5 axis 0 at 35: 8");
}
END_TEST

START_TEST(one_part_is_the_whole)
{
    float four[4] = {1, 2, 3, 4}, read[4] = {0};
    const varsdb_variable *v = partitioned("w", VARSDB_FLOAT32, VARSDB_SHAPE(2, 2), "fixed_size(1)");
    ck_assert_str_eq(parts_of(v), "0 of 1 axis 0 at 0: 2 2");
    ok(r.db, varsdb_assign_part(r.db, v, 0, four, sizeof four));
    ok(r.db, varsdb_read(r.db, v, read, sizeof read));
    ck_assert_mem_eq(read, four, sizeof four);
}
END_TEST

/* Nothing can be cut from an axis of no length; along the others there are parts of no bytes. */
START_TEST(empty_tensors_have_parts_of_no_bytes)
{
    const varsdb_variable *v = NULL;
    v = partitioned("w", VARSDB_FLOAT32, VARSDB_SHAPE(4, 0), "fixed_size(2)");
    ck_assert_str_eq(parts_of(v), "0 of 2 axis 0 at 0: 2 0\n1 of 2 axis 0 at 2: 2 0");
    ok(r.db, varsdb_read_part(r.db, v, 1, NULL, 0));
    ok(r.db, varsdb_assign_part(r.db, v, 1, NULL, 0));
    ck_assert_int_eq(version_of(r.db, v), 2);
}
END_TEST

static int print_as_view(void *payload, const varsdb_part *part)
{
    char *text = payload;
    size_t n = strlen(text);
    n += (size_t)snprintf(text + n, TEXT_BYTES - n, "%sw/part_%lld|%lld|[", n ? "\n" : "",
                          (long long)part->index, (long long)part->index);
    for (int i = 0; i < part->shape.rank; i++)
        n += (size_t)snprintf(text + n, TEXT_BYTES - n, "%s%lld", i ? "," : "",
                              i == part->axis ? (long long)part->offset : 0);
    n += (size_t)snprintf(text + n, TEXT_BYTES - n, "]|[");
    for (int i = 0; i < part->shape.rank; i++)
        n += (size_t)snprintf(text + n, TEXT_BYTES - n, "%s%lld", i ? "," : "",
                              (long long)part->shape.dims[i]);
    snprintf(text + n, TEXT_BYTES - n, "]");
    return 0;
}

START_TEST(the_view_agrees_with_the_list)
{
    char text[TEXT_BYTES] = "";
    const varsdb_variable *v =
        partitioned("w", VARSDB_FLOAT32, VARSDB_SHAPE(2, 11, 3), "fixed_size(4,axis=1)");
    ok(r.db, varsdb_list_parts(r.db, v, print_as_view, text));
    ck_assert_str_eq(
        registry_sql(&r, "SELECT part_name, part, offset, shape FROM variable_parts WHERE name = 'w'"), text);
    ck_assert_str_eq(text, "w/part_0|0|[0,0,0]|[2,3,3]\nw/part_1|1|[0,3,0]|[2,3,3]\n"
                           "w/part_2|2|[0,6,0]|[2,3,3]\nw/part_3|3|[0,9,0]|[2,2,3]");
}
END_TEST

static int stop_at_once(void *payload, const varsdb_part *part)
{
    (void)part;
    ++*(int *)payload;
    return 1;
}

START_TEST(a_list_can_be_stopped_and_is_empty_without_parts)
{
    int calls = 0;
    const varsdb_variable *v = partitioned("w", VARSDB_FLOAT32, VARSDB_SHAPE(4), "fixed_size(2)");
    expect(r.db, VARSDB_CANCELLED, varsdb_list_parts(r.db, v, stop_at_once, &calls));
    ck_assert_int_eq(calls, 1);
    expect(r.db, VARSDB_MISUSE, varsdb_list_parts(r.db, v, NULL, NULL));
    v = partitioned("plain", VARSDB_FLOAT32, VARSDB_SHAPE(4), NULL);
    ok(r.db, varsdb_list_parts(r.db, v, stop_at_once, &calls));
    ck_assert_int_eq(calls, 1);
}
END_TEST

/* ---- assigning */

START_TEST(assigning_a_part_leaves_the_others)
{
    /* 2 x 5 cut into columns 0-1, 2-3 and 4 */
    static const int32_t part[4] = {1, 2, 3, 4}, last[2] = {8, 9};
    static const int32_t expected[10] = {0, 0, 1, 2, 8, 0, 0, 3, 4, 9};
    int32_t read[10];
    const varsdb_variable *v = partitioned("w", VARSDB_INT32, VARSDB_SHAPE(2, 5), "fixed_size(3,axis=1)");
    ck_assert_int_eq(version_of(r.db, v), 1);
    ok(r.db, varsdb_assign_part(r.db, v, 1, part, sizeof part));
    ck_assert_int_eq(version_of(r.db, v), 2);
    ok(r.db, varsdb_assign_part(r.db, v, 2, last, sizeof last));
    ck_assert_int_eq(version_of(r.db, v), 3);
    ok(r.db, varsdb_read(r.db, v, read, sizeof read));
    ck_assert_mem_eq(read, expected, sizeof expected);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM varsdb_tensors"), 1);
}
END_TEST

/* 600 rows of 701 columns, 1.6 MB; columns 234 to 467 become -1, by hand: 701 = 234 + 234 + 233. */
START_TEST(assigning_a_part_of_a_chunked_tensor_leaves_the_others)
{
    enum {
        ROWS = 600,
        COLUMNS = 701,
        FIRST = 234,
        LAST = 468
    };
    const varsdb_variable *v =
        partitioned("w", VARSDB_INT32, VARSDB_SHAPE(ROWS, COLUMNS), "fixed_size(3,axis=1)");
    int32_t *all = malloc(sizeof *all * ROWS * COLUMNS), *part = malloc(sizeof *part * ROWS * FIRST);
    ck_assert(all && part);
    for (int i = 0; i < ROWS * COLUMNS; i++)
        all[i] = i;
    memset(part, 0xff, sizeof *part * ROWS * FIRST);
    ok(r.db, varsdb_assign(r.db, v, all, sizeof *all * ROWS * COLUMNS));
    ok(r.db, varsdb_assign_part(r.db, v, 1, part, sizeof *part * ROWS * FIRST));
    memset(all, 0, sizeof *all * ROWS * COLUMNS);
    registry_reopen(&r);
    ok(r.db, varsdb_find_variable(r.db, "w", &v));
    ok(r.db, varsdb_read(r.db, v, all, sizeof *all * ROWS * COLUMNS));
    for (int i = 0; i < ROWS * COLUMNS; i++) {
        int column = i % COLUMNS;
        ck_assert_int_eq(all[i], column >= FIRST && column < LAST ? -1 : i);
    }
    ck_assert_int_eq(version_of(r.db, v), 3);
    ck_assert_int_eq(registry_number(&r, "SELECT min FROM variables WHERE name = 'w'"), -1);
    free(all);
    free(part);
}
END_TEST

START_TEST(json_has_the_shape_of_the_part)
{
    static const int32_t expected[10] = {0, 0, 1, 2, 7, 0, 0, 3, 4, 7};
    int32_t read[10];
    const varsdb_variable *v = partitioned("w", VARSDB_INT32, VARSDB_SHAPE(2, 5), "fixed_size(3,axis=1)");
    ok(r.db, varsdb_assign_part_json(r.db, v, 1, "[[1,2],[3,4]]"));
    ok(r.db, varsdb_assign_part_json(r.db, v, 2, "7"));
    expect(r.db, VARSDB_INVALID, varsdb_assign_part_json(r.db, v, 2, "[[1,2],[3,4]]"));
    says(r.db, "w/part_2");
    expect(r.db, VARSDB_INVALID, varsdb_assign_part_json(r.db, v, 1, "[[1,2],[3"));
    expect(r.db, VARSDB_INVALID, varsdb_assign_part_json(r.db, v, 3, "1"));
    expect(r.db, VARSDB_MISUSE, varsdb_assign_part_json(r.db, v, 1, NULL));
    ok(r.db, varsdb_read(r.db, v, read, sizeof read));
    ck_assert_mem_eq(read, expected, sizeof expected);
    ck_assert_int_eq(version_of(r.db, v), 3);
}
END_TEST

START_TEST(a_rolled_back_part_is_as_it_was)
{
    static const float ones[2] = {1, 1};
    float read[2] = {9, 9};
    const varsdb_variable *v = partitioned("w", VARSDB_FLOAT32, VARSDB_SHAPE(4), "fixed_size(2)");
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, varsdb_assign_part(r.db, v, 1, ones, sizeof ones));
    ok(r.db, varsdb_read_part(r.db, v, 1, read, sizeof read));
    ck_assert_mem_eq(read, ones, sizeof ones);
    ok(r.db, varsdb_rollback(r.db));
    ok(r.db, varsdb_read_part(r.db, v, 1, read, sizeof read));
    ck_assert_mem_eq(read, ((float[]){0, 0}), sizeof read);
    ck_assert_int_eq(version_of(r.db, v), 1);
}
END_TEST

/* ---- what is refused */

START_TEST(wrong_sizes_and_indices_are_invalid)
{
    unsigned char bytes[64] = {1}, before[64] = {1};
    const varsdb_variable *v = partitioned("w", VARSDB_FLOAT32, VARSDB_SHAPE(5), "fixed_size(2)");
    expect(r.db, VARSDB_INVALID, varsdb_read_part(r.db, v, 0, bytes, 8));
    says(r.db, "w/part_0 takes 12 bytes, not 8");
    expect(r.db, VARSDB_INVALID, varsdb_read_part(r.db, v, 1, bytes, 12));
    expect(r.db, VARSDB_INVALID, varsdb_read_part(r.db, v, 0, NULL, 0));
    expect(r.db, VARSDB_INVALID, varsdb_assign_part(r.db, v, 0, bytes, 20));
    expect(r.db, VARSDB_INVALID, varsdb_assign_part(r.db, v, 1, bytes, 7));
    static const int64_t beyond[] = {-1, 2, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof beyond / sizeof *beyond; i++) {
        expect(r.db, VARSDB_INVALID, varsdb_read_part(r.db, v, beyond[i], bytes, 8));
        says(r.db, "parts 0 to 1");
        expect(r.db, VARSDB_INVALID, varsdb_assign_part(r.db, v, beyond[i], bytes, 8));
    }
    expect(r.db, VARSDB_MISUSE, varsdb_read_part(r.db, v, 0, NULL, 12));
    expect(r.db, VARSDB_MISUSE, varsdb_assign_part(r.db, v, 0, NULL, 12));
    ck_assert_mem_eq(bytes, before, sizeof bytes);
    ck_assert_int_eq(version_of(r.db, v), 1);
}
END_TEST

START_TEST(without_parts_or_a_value_there_is_nothing_to_read)
{
    float x[4] = {0};
    const varsdb_variable *v = partitioned("plain", VARSDB_FLOAT32, VARSDB_SHAPE(4), NULL);
    expect(r.db, VARSDB_INVALID, varsdb_read_part(r.db, v, 0, x, sizeof x));
    says(r.db, "plain is not partitioned");
    expect(r.db, VARSDB_INVALID, varsdb_assign_part(r.db, v, 0, x, sizeof x));
    v = got(r.db, "empty",
            VARSDB_WITH(.shape = VARSDB_SHAPE(8), .partitioner = "fixed_size(2)", .initializer = "none"));
    expect(r.db, VARSDB_UNINITIALIZED, varsdb_read_part(r.db, v, 0, x, sizeof x));
    expect(r.db, VARSDB_UNINITIALIZED, varsdb_assign_part(r.db, v, 0, x, sizeof x));
    ck_assert_int_eq(version_of(r.db, v), 0);
    ok(r.db, varsdb_delete_variable(r.db, v));
    expect(r.db, VARSDB_GONE, varsdb_read_part(r.db, v, 0, x, sizeof x));
    expect(r.db, VARSDB_GONE, varsdb_assign_part(r.db, v, 0, x, sizeof x));
}
END_TEST

START_TEST(strings_are_unsupported)
{
    char bytes[64] = {0};
    const varsdb_variable *v = got(
        r.db, "names",
        VARSDB_WITH(.value_json = "[\"a\",\"b\"]", .dtype = VARSDB_STRING, .partitioner = "fixed_size(2)"));
    expect(r.db, VARSDB_UNSUPPORTED, varsdb_read_part(r.db, v, 0, bytes, 9));
    says(r.db, "strings");
    expect(r.db, VARSDB_UNSUPPORTED, varsdb_assign_part(r.db, v, 0, bytes, 9));
    expect(r.db, VARSDB_UNSUPPORTED, varsdb_assign_part_json(r.db, v, 0, "[\"c\"]"));
}
END_TEST

/* Rows of 3 four-bit elements are 12 bits: two of them are whole bytes, one is not. */
START_TEST(packed_parts_must_fill_whole_bytes)
{
    static const unsigned char whole[6] = {0x21, 0x43, 0x65, 0x12, 0x34, 0x56}, other[3] = {1, 2, 3};
    unsigned char read[3];
    const varsdb_variable *v =
        got(r.db, "pairs",
            VARSDB_WITH(.shape = VARSDB_SHAPE(4, 3), .dtype = VARSDB_FLOAT4_E2M1,
                        .partitioner = "fixed_size(2)", .value = whole, .value_bytes = sizeof whole));
    ok(r.db, varsdb_read_part(r.db, v, 1, read, sizeof read));
    ck_assert_mem_eq(read, whole + 3, sizeof read);
    ok(r.db, varsdb_assign_part(r.db, v, 0, other, sizeof other));
    ok(r.db, varsdb_read_part(r.db, v, 0, read, sizeof read));
    ck_assert_mem_eq(read, other, sizeof read);
    v = got(r.db, "rows",
            VARSDB_WITH(.shape = VARSDB_SHAPE(4, 3), .dtype = VARSDB_FLOAT4_E2M1,
                        .partitioner = "fixed_size(4)", .value = whole, .value_bytes = sizeof whole));
    for (int64_t i = 0; i < 4; i++) {
        expect(r.db, VARSDB_UNSUPPORTED, varsdb_read_part(r.db, v, i, read, 2));
        expect(r.db, VARSDB_UNSUPPORTED, varsdb_assign_part(r.db, v, i, other, 2));
    }
    says(r.db, "rows/part_3");
}
END_TEST

/* ---- names and handles */

static void check_no_part(const char *name)
{
    const varsdb_variable *v = NULL;
    int64_t part = -7;
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_part(r.db, name, &v, &part));
    ck_assert_ptr_null(v);
    ck_assert_int_eq(part, -7);
}

START_TEST(parts_are_found_by_name)
{
    const varsdb_variable *w = partitioned("a/w", VARSDB_FLOAT32, VARSDB_SHAPE(12), "fixed_size(12)");
    const varsdb_variable *found = NULL;
    int64_t part = -1;
    partitioned("plain", VARSDB_FLOAT32, VARSDB_SHAPE(4), NULL);
    ok(r.db, varsdb_find_part(r.db, "a/w/part_11", &found, &part));
    ck_assert_ptr_eq(found, w);
    ck_assert_int_eq(part, 11);
    ok(r.db, varsdb_find_part(r.db, "a/w/part_0:0", &found, &part));
    ck_assert_int_eq(part, 0);
    static const char *const none[] = {"a/w/part_12",
                                       "a/w/part_01",
                                       "a/w/part_",
                                       "a/w/part_-1",
                                       "a/w",
                                       "part_0",
                                       "",
                                       "plain/part_0",
                                       "a/w/Part_0",
                                       "x/part_0",
                                       "a/w/part_0/",
                                       "/part_0",
                                       "a/w/part_99999999999999999999"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        check_no_part(none[i]);
    ok(r.db, varsdb_rename_variable(r.db, w, "b"));
    ok(r.db, varsdb_find_part(r.db, "b/part_3", &found, &part));
    ck_assert_ptr_eq(found, w);
    check_no_part("a/w/part_3");
    expect(r.db, VARSDB_MISUSE, varsdb_find_part(r.db, NULL, &found, &part));
    expect(r.db, VARSDB_MISUSE, varsdb_find_part(r.db, "b/part_3", NULL, &part));
    expect(r.db, VARSDB_MISUSE, varsdb_find_part(r.db, "b/part_3", &found, NULL));
}
END_TEST

START_TEST(two_handles_assign_different_parts)
{
    static const int64_t mine[2] = {1, 2}, theirs[2] = {3, 4}, expected[4] = {1, 2, 3, 4};
    int64_t read[4] = {0}, part;
    const varsdb_variable *v = partitioned("w", VARSDB_INT64, VARSDB_SHAPE(4), "fixed_size(2)"), *other;
    varsdb *another = registry_another(&r);
    ok(another, varsdb_find_part(another, "w/part_1", &other, &part));
    ok(r.db, varsdb_assign_part(r.db, v, 0, mine, sizeof mine));
    ok(another, varsdb_assign_part(another, other, part, theirs, sizeof theirs));
    ok(r.db, varsdb_read(r.db, v, read, sizeof read));
    ck_assert_mem_eq(read, expected, sizeof read);
    ck_assert_int_eq(version_of(r.db, v), 3);
    ok(r.db, varsdb_read_part(r.db, v, 1, read, sizeof theirs));
    ck_assert_mem_eq(read, theirs, sizeof theirs);
    ok(another, varsdb_delete_variable(another, other));
    expect(r.db, VARSDB_GONE, varsdb_read_part(r.db, v, 1, read, sizeof theirs));
    check_no_part("w/part_1");
    varsdb_close(another);
}
END_TEST

START_TEST(parts_of_a_tensor_of_another_size_are_damage)
{
    float part[4] = {0};
    const varsdb_variable *v =
        got(r.db, "forged", VARSDB_WITH(.shape = VARSDB_SHAPE(8), .partitioner = "fixed_size(2)"));
    forge_tensor_of(r.db, v, got(r.db, "tiny", VARSDB_WITH(.shape = VARSDB_SHAPE(1))));
    expect(r.db, VARSDB_CORRUPT, varsdb_read_part(r.db, v, 1, part, sizeof part));
    expect(r.db, VARSDB_CORRUPT, varsdb_assign_part(r.db, v, 1, part, sizeof part));
}
END_TEST

Suite *test_part_suite(void)
{
    Suite *suite = suite_create("part");
    TCase *tests = tcase_create("part");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, open_registry, close_registry);
    tcase_add_test(tests, parts_along_every_axis_are_the_slices);
    tcase_add_test(tests, parts_of_chunked_tensors_are_the_slices);
    tcase_add_test(tests, first_parts_are_longer_by_one);
    tcase_add_test(tests, one_part_is_the_whole);
    tcase_add_test(tests, empty_tensors_have_parts_of_no_bytes);
    tcase_add_test(tests, the_view_agrees_with_the_list);
    tcase_add_test(tests, a_list_can_be_stopped_and_is_empty_without_parts);
    tcase_add_test(tests, assigning_a_part_leaves_the_others);
    tcase_add_test(tests, assigning_a_part_of_a_chunked_tensor_leaves_the_others);
    tcase_add_test(tests, json_has_the_shape_of_the_part);
    tcase_add_test(tests, a_rolled_back_part_is_as_it_was);
    tcase_add_test(tests, wrong_sizes_and_indices_are_invalid);
    tcase_add_test(tests, without_parts_or_a_value_there_is_nothing_to_read);
    tcase_add_test(tests, strings_are_unsupported);
    tcase_add_test(tests, packed_parts_must_fill_whole_bytes);
    tcase_add_test(tests, parts_are_found_by_name);
    tcase_add_test(tests, two_handles_assign_different_parts);
    tcase_add_test(tests, parts_of_a_tensor_of_another_size_are_damage);
    suite_add_tcase(suite, tests);
    return suite;
}
