/* test_slice.c - slices against a loop over all indices, and against hand-worked places. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/sanitized.h"
#include "rng.h"
#include "shape.h"
#include "slice.h"

Suite *test_slice_suite(void);

#define ROUNDS FEWER(2000, 200)
#define MOST   30000 /* bytes of a random tensor */

static vdb_error error;

static int resolve(varsdb_dtype dtype, const varsdb_shape *shape, const varsdb_slice *given, vdb_slice *out)
{
    vdb_error_clear(&error);
    return vdb_slice_resolve(&error, "w", dtype, shape, given, out);
}

static vdb_slice resolved(varsdb_dtype dtype, const varsdb_shape *shape, const varsdb_slice *given)
{
    vdb_slice s;
    memset(&s, 0xa5, sizeof s);
    int rc = resolve(dtype, shape, given, &s);
    ck_assert_msg(rc == VARSDB_OK, "%s", error.text);
    return s;
}

static void refused(int code, const char *text, varsdb_dtype dtype, const varsdb_shape *shape,
                    const varsdb_slice *given)
{
    vdb_slice s, before;
    memset(&s, 0xa5, sizeof s);
    before = s;
    int rc = resolve(dtype, shape, given, &s);
    ck_assert_msg(rc == code, "%s, not %s: %s", varsdb_errname(rc), varsdb_errname(code), error.text);
    ck_assert_msg(strcmp(error.text, text) == 0, "'%s' is not '%s'", error.text, text);
    ck_assert_mem_eq(&s, &before, sizeof s);
}

/* ---- random slices, against a naive loop */

static uint64_t drawn;

static int64_t draw(int64_t below)
{
    uint32_t w[4];
    vdb_philox(vdb_philox_key_of_seed(20240731), drawn++, 0, w);
    return (int64_t)(((uint64_t)w[0] << 32 | w[1]) % (uint64_t)below);
}

typedef struct sample {
    varsdb_dtype dtype;
    int rank;
    int64_t dims[VARSDB_RANK_MAX], begin[VARSDB_RANK_MAX], size[VARSDB_RANK_MAX], stride[VARSDB_RANK_MAX];
    int64_t counts[VARSDB_RANK_MAX], elements, taken;
    size_t width, bytes; /* of an element, of the tensor */
    /* Of every byte of the tensor where it stands in the slice, or -1. */
    int64_t *places;
    char text[400];
} sample;

static const varsdb_dtype dtypes[] = {VARSDB_UINT8,     VARSDB_FLOAT16,    VARSDB_FLOAT32,
                                      VARSDB_COMPLEX64, VARSDB_COMPLEX128, VARSDB_FLOAT8_E5M2};

static void draw_axis(sample *s, int i)
{
    int64_t length = s->dims[i], kind = draw(4);
    s->begin[i] = !kind ? 0 : length > 0 && draw(15) ? draw(length) : draw(length + 1);
    s->stride[i] = kind > 1 ? 1 + draw(length + 2) : 1;
    int64_t most = 0;
    while (s->begin[i] + most * s->stride[i] < length)
        most++;
    s->size[i] = !kind || draw(2) ? -1 : most > 0 && draw(15) ? 1 + draw(most) : draw(most + 1);
    s->counts[i] = s->size[i] == -1 ? most : s->size[i];
}

static void draw_shape(sample *s)
{
    memset(s, 0, sizeof *s);
    s->dtype = dtypes[draw(sizeof dtypes / sizeof dtypes[0])];
    s->width = (size_t)varsdb_dtype_bits(s->dtype) / 8;
    s->rank = (int)draw(6);
    s->elements = s->taken = 1;
    size_t at = (size_t)snprintf(s->text, sizeof s->text, "%s", varsdb_dtype_name(s->dtype));
    for (int i = 0; i < s->rank; i++) {
        int64_t room = MOST / 16 / s->elements;
        s->dims[i] = draw(40) ? 1 + draw(room < 11 ? room : 11) : 0;
        draw_axis(s, i);
        s->elements *= s->dims[i] ? s->dims[i] : 1;
        s->taken *= s->counts[i];
        at += (size_t)snprintf(s->text + at, sizeof s->text - at, " [%lld: %lld %lld %lld]",
                               (long long)s->dims[i], (long long)s->begin[i], (long long)s->size[i],
                               (long long)s->stride[i]);
    }
    for (int i = 0; i < s->rank; i++)
        s->elements *= s->dims[i] ? 1 : 0;
    s->bytes = (size_t)s->elements * s->width;
}

/* Every element of the tensor is asked whether it is in the slice. */
static void find_places(sample *s)
{
    s->places = malloc((s->bytes + 1) * sizeof *s->places);
    ck_assert_ptr_nonnull(s->places);
    for (int64_t e = 0; e < s->elements; e++) {
        int64_t rest = e, place = 0, weight = 1;
        for (int i = s->rank - 1; i >= 0; i--) {
            int64_t from = rest % s->dims[i] - s->begin[i];
            rest /= s->dims[i];
            if (place >= 0 && from >= 0 && from % s->stride[i] == 0 && from / s->stride[i] < s->counts[i])
                place += from / s->stride[i] * weight;
            else
                place = -1;
            weight *= s->counts[i];
        }
        for (size_t b = 0; b < s->width; b++)
            s->places[(size_t)e * s->width + b] = place < 0 ? -1 : place * (int64_t)s->width + (int64_t)b;
    }
}

static vdb_slice resolve_sample(const sample *s)
{
    varsdb_shape shape = {s->rank, s->dims};
    bool plain_begin = true, plain_size = true, plain_stride = true;
    for (int i = 0; i < s->rank; i++) {
        plain_begin = plain_begin && s->begin[i] == 0;
        plain_size = plain_size && s->size[i] == -1;
        plain_stride = plain_stride && s->stride[i] == 1;
    }
    varsdb_slice given = {s->rank, plain_begin ? NULL : s->begin, plain_size ? NULL : s->size,
                          plain_stride ? NULL : s->stride};
    return resolved(s->dtype, &shape, &given);
}

static void check_extent(const sample *s, const vdb_slice *slice)
{
    size_t first = 0, end = s->bytes;
    while (first < end && s->places[first] < 0)
        first++;
    while (end > first && s->places[end - 1] < 0)
        end--;
    ck_assert_msg(slice->bytes == (uint64_t)s->taken * s->width, "%s", s->text);
    ck_assert_int_eq(slice->rank, s->rank);
    for (int i = 0; i < s->rank; i++)
        ck_assert_msg(slice->counts[i] == s->counts[i], "%s", s->text);
    if (s->taken == 0) {
        ck_assert_msg(slice->begin == slice->end, "%s", s->text);
        return;
    }
    ck_assert_msg(slice->begin == first && slice->end == end, "%s", s->text);
}

/* The runs are what the places say, in order, and from any offset on. */
static void check_runs(const sample *s, const vdb_slice *slice)
{
    vdb_slice_cursor c;
    uint64_t offset, bytes, seen = 0, after = 0;
    vdb_slice_seek(&c, slice, 0);
    while (vdb_slice_next(&c, &offset, &bytes)) {
        ck_assert_msg(offset >= after && bytes > 0, "%s", s->text);
        for (uint64_t i = 0; i < bytes; i++)
            ck_assert_msg(s->places[offset + i] == (int64_t)(seen + i), "%s at %llu", s->text,
                          (unsigned long long)offset);
        seen += bytes;
        after = offset + bytes;
    }
    ck_assert_msg(seen == slice->bytes, "%s", s->text);
    for (int i = 0; i < 8; i++) {
        uint64_t from = (uint64_t)draw((int64_t)s->bytes + 5), at = from;
        while (at < s->bytes && s->places[at] < 0)
            at++;
        vdb_slice_seek(&c, slice, from);
        ck_assert_msg(c.at_end == (at >= s->bytes), "%s from %llu", s->text, (unsigned long long)from);
        if (!c.at_end)
            ck_assert_msg(c.offset <= at && at < c.offset + slice->run &&
                              s->places[at] == (int64_t)(c.packed + (at - c.offset)),
                          "%s from %llu", s->text, (unsigned long long)from);
    }
}

static unsigned char *noise(size_t bytes)
{
    unsigned char *p = malloc(bytes + 1);
    ck_assert_ptr_nonnull(p);
    for (size_t i = 0; i < bytes; i++)
        p[i] = (unsigned char)(i * 167 + i / 256 * 13 + 1);
    return p;
}

/* The tensor in windows of `room`, in order or the last first: gathered, then scattered. */
static void check_copies(const sample *s, const vdb_slice *slice, size_t room, bool backwards)
{
    unsigned char *tensor = noise(s->bytes), *packed = noise(slice->bytes + 8), *target = noise(s->bytes);
    memset(target, 0, s->bytes);
    memset(packed, 0xee, slice->bytes + 8);
    size_t windows = (s->bytes + room - 1) / room;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < windows; i++) {
            size_t offset = (backwards ? windows - 1 - i : i) * room;
            size_t here = s->bytes - offset < room ? s->bytes - offset : room;
            bool touched = false;
            for (size_t b = offset; b < offset + here; b++)
                touched = touched || s->places[b] >= 0;
            ck_assert_msg(vdb_slice_touches(slice, offset, here) == touched, "%s", s->text);
            if (pass == 0)
                vdb_slice_gather(slice, offset, tensor + offset, here, packed);
            else
                vdb_slice_scatter(slice, offset, target + offset, here, packed);
        }
    for (size_t i = 0; i < s->bytes; i++) {
        if (s->places[i] >= 0)
            ck_assert_msg(packed[s->places[i]] == tensor[i], "%s", s->text);
        ck_assert_msg(target[i] == (s->places[i] >= 0 ? tensor[i] : 0), "%s", s->text);
    }
    for (size_t i = 0; i < 8; i++)
        ck_assert_msg(packed[slice->bytes + i] == 0xee, "%s", s->text);
    free(tensor);
    free(packed);
    free(target);
}

START_TEST(random_slices_are_what_a_loop_over_all_indices_finds)
{
    static sample s;
    static const size_t rooms[] = {1, 3, 16, 61, 1000, MOST};
    size_t runs = 0, empty = 0;
    for (int round = 0; round < ROUNDS; round++) {
        draw_shape(&s);
        find_places(&s);
        vdb_slice slice = resolve_sample(&s);
        check_extent(&s, &slice);
        check_runs(&s, &slice);
        check_copies(&s, &slice, s.bytes > 5000 && round % 6 < 2 ? 500 : rooms[round % 6], round % 4 == 3);
        runs += slice.run && slice.bytes > slice.run;
        empty += slice.bytes == 0;
        free(s.places);
    }
    /* the draw is worth its name */
    ck_assert_msg(runs > ROUNDS / 4 && empty > ROUNDS / 50, "%zu of several runs, %zu empty", runs, empty);
}
END_TEST

/* ---- hand-worked places */

static void check_run(vdb_slice_cursor *c, uint64_t expected_offset, uint64_t expected_bytes)
{
    uint64_t offset, bytes;
    ck_assert(vdb_slice_next(c, &offset, &bytes));
    ck_assert_uint_eq(offset, expected_offset);
    ck_assert_uint_eq(bytes, expected_bytes);
}

static void check_no_more(vdb_slice_cursor *c)
{
    uint64_t offset = 7, bytes = 7;
    ck_assert(!vdb_slice_next(c, &offset, &bytes));
    ck_assert(offset == 7 && bytes == 7);
}

START_TEST(a_scalar_is_one_run)
{
    vdb_slice s = resolved(VARSDB_FLOAT64, VARSDB_SCALAR, &(varsdb_slice){0});
    vdb_slice_cursor c;
    ck_assert(s.bytes == 8 && s.begin == 0 && s.end == 8);
    vdb_slice_seek(&c, &s, 0);
    check_run(&c, 0, 8);
    check_no_more(&c);
}
END_TEST

START_TEST(axes_without_a_gap_are_one_run)
{
    const varsdb_shape *shape = VARSDB_SHAPE(4, 3, 5);
    vdb_slice s = resolved(VARSDB_INT16, shape, VARSDB_SLICE(.rank = 3));
    ck_assert(s.run == 120 && s.bytes == 120);
    s = resolved(VARSDB_INT16, shape,
                 VARSDB_SLICE(.rank = 3, .begin = VARSDB_INDEX(1, 0, 0), .size = VARSDB_INDEX(2, 3, -1)));
    ck_assert(s.run == 60 && s.begin == 30 && s.end == 90);
    /* one of the outer axis, two rows of it */
    s = resolved(VARSDB_INT16, shape,
                 VARSDB_SLICE(.rank = 3, .begin = VARSDB_INDEX(2, 1, 0), .size = VARSDB_INDEX(1, 2, 5)));
    ck_assert(s.run == 20 && s.begin == 70 && s.end == 90);
    /* a stride that one element never takes */
    s = resolved(VARSDB_INT16, shape,
                 VARSDB_SLICE(.rank = 3, .begin = VARSDB_INDEX(2, 1, 0), .size = VARSDB_INDEX(1, 2, 5),
                              .stride = VARSDB_INDEX(INT64_MAX, 1, 1)));
    ck_assert(s.run == 20 && s.begin == 70 && s.end == 90);
}
END_TEST

/* [4,3,5] of int16: of axis 0 elements 1 and 3, of axis 2 elements 0 and 3. */
START_TEST(strides_take_single_elements)
{
    vdb_slice s = resolved(VARSDB_INT16, VARSDB_SHAPE(4, 3, 5),
                           VARSDB_SLICE(.rank = 3, .begin = VARSDB_INDEX(1, 1, 0),
                                        .size = VARSDB_INDEX(-1, 2, 2), .stride = VARSDB_INDEX(2, 1, 3)));
    vdb_slice_cursor c;
    static const uint64_t elements[] = {20, 23, 25, 28, 50, 53, 55, 58};
    ck_assert(s.bytes == 16 && s.begin == 40 && s.end == 118 && s.run == 2);
    ck_assert(s.counts[0] == 2 && s.counts[1] == 2 && s.counts[2] == 2);
    vdb_slice_seek(&c, &s, 0);
    for (size_t i = 0; i < 8; i++)
        check_run(&c, elements[i] * 2, 2);
    check_no_more(&c);
    vdb_slice_seek(&c, &s, 57); /* behind element 28 */
    check_run(&c, 56, 2);
    check_run(&c, 100, 2);
    ck_assert(!vdb_slice_touches(&s, 58, 42));
    ck_assert(vdb_slice_touches(&s, 58, 43) && !vdb_slice_touches(&s, 100, 0));
}
END_TEST

START_TEST(evenly_strided_axes_are_one_loop)
{
    /* rows of 6, each second element: the distance goes on over the rows' ends */
    vdb_slice s =
        resolved(VARSDB_FLOAT32, VARSDB_SHAPE(100, 6), VARSDB_SLICE(.rank = 2, .stride = VARSDB_INDEX(1, 2)));
    ck_assert(s.loops == 1 && s.loop[0].count == 300 && s.loop[0].step == 8 && s.run == 4);
    ck_assert(s.end == 100 * 24 - 4);
}
END_TEST

START_TEST(a_part_is_a_slice_of_one_axis)
{
    vdb_slice s, t;
    const varsdb_shape *shape = VARSDB_SHAPE(3, 10, 4);
    ck_assert_int_eq(vdb_slice_resolve_axis(&error, "w", VARSDB_FLOAT32, shape, 1, 7, 3, &s), VARSDB_OK);
    t = resolved(VARSDB_FLOAT32, shape,
                 VARSDB_SLICE(.rank = 3, .begin = VARSDB_INDEX(0, 7, 0), .size = VARSDB_INDEX(3, 3, 4)));
    ck_assert(s.run == 48 && s.begin == 112 && s.end == 480 && s.bytes == 144);
    ck_assert(s.loops == 1 && s.loop[0].count == 3 && s.loop[0].step == 160);
    ck_assert(s.run == t.run && s.begin == t.begin && s.end == t.end);
    ck_assert_int_eq(vdb_slice_resolve_axis(&error, "w", VARSDB_FLOAT32, shape, 1, 8, 3, &s), VARSDB_INVALID);
}
END_TEST

START_TEST(nothing_is_taken_from_empty_axes_and_empty_slices)
{
    vdb_slice s = resolved(VARSDB_FLOAT32, VARSDB_SHAPE(3, 0, 5), VARSDB_SLICE(.rank = 3));
    vdb_slice_cursor c;
    unsigned char window[8] = {0}, packed[8] = {1};
    ck_assert(s.bytes == 0 && s.begin == s.end && s.counts[0] == 3 && s.counts[1] == 0);
    s = resolved(
        VARSDB_FLOAT4_E2M1, VARSDB_SHAPE(3, 5),
        VARSDB_SLICE(.rank = 2, .begin = VARSDB_INDEX(3, 1), .stride = VARSDB_INDEX(INT64_MAX, INT64_MAX)));
    ck_assert(s.bytes == 0 && s.counts[0] == 0 && s.counts[1] == 1);
    vdb_slice_seek(&c, &s, 0);
    check_no_more(&c);
    ck_assert(!vdb_slice_touches(&s, 0, 100));
    vdb_slice_gather(&s, 0, window, 8, packed);
    vdb_slice_scatter(&s, 0, window, 8, packed);
    ck_assert(packed[0] == 1 && window[0] == 0);
}
END_TEST

/* float4: two a byte.  float6: four in three bytes. */
START_TEST(packed_elements_are_taken_where_bytes_are_whole)
{
    const varsdb_shape *fours = VARSDB_SHAPE(6, 4), *threes = VARSDB_SHAPE(4, 3), *sixes = VARSDB_SHAPE(5, 8);
    vdb_slice s =
        resolved(VARSDB_FLOAT4_E2M1, fours,
                 VARSDB_SLICE(.rank = 2, .begin = VARSDB_INDEX(1, 2), .stride = VARSDB_INDEX(2, 1)));
    ck_assert(s.begin == 3 && s.run == 1 && s.bytes == 3 && s.end == 12 && s.loop[0].step == 4);
    s = resolved(VARSDB_FLOAT6_E3M2, sixes,
                 VARSDB_SLICE(.rank = 2, .begin = VARSDB_INDEX(1, 4), .size = VARSDB_INDEX(4, 4)));
    ck_assert(s.begin == 9 && s.run == 3 && s.bytes == 12 && s.end == 30 && s.loop[0].step == 6);
    s = resolved(VARSDB_FLOAT4_E2M1, threes, VARSDB_SLICE(.rank = 2, .begin = VARSDB_INDEX(2, 0)));
    ck_assert(s.begin == 3 && s.run == 3 && s.end == 6);
    static const char *sentence =
        "w does not fill whole bytes of float4_e2m1 in this slice; take the whole variable";
    refused(VARSDB_UNSUPPORTED, sentence, VARSDB_FLOAT4_E2M1, threes,
            VARSDB_SLICE(.rank = 2, .begin = VARSDB_INDEX(3, 0)));
    refused(VARSDB_UNSUPPORTED, sentence, VARSDB_FLOAT4_E2M1, threes,
            VARSDB_SLICE(.rank = 2, .size = VARSDB_INDEX(1, 3)));
    refused(VARSDB_UNSUPPORTED, sentence, VARSDB_FLOAT4_E2M1, threes,
            VARSDB_SLICE(.rank = 2, .size = VARSDB_INDEX(2, 2)));
    refused(VARSDB_UNSUPPORTED, sentence, VARSDB_FLOAT4_E2M1, fours,
            VARSDB_SLICE(.rank = 2, .stride = VARSDB_INDEX(1, 2)));
    refused(VARSDB_UNSUPPORTED,
            "w does not fill whole bytes of float6_e2m3 in this slice; take the whole variable",
            VARSDB_FLOAT6_E2M3, sixes,
            VARSDB_SLICE(.rank = 2, .begin = VARSDB_INDEX(0, 2), .size = VARSDB_INDEX(5, 4)));
}
END_TEST

/* ---- what is refused */

START_TEST(what_is_out_of_bounds_is_named)
{
    const varsdb_shape *shape = VARSDB_SHAPE(4, 3);
    refused(VARSDB_INVALID, "w has rank 2; the slice has rank 3", VARSDB_INT8, shape,
            VARSDB_SLICE(.rank = 3));
    refused(VARSDB_INVALID, "w has rank 2; the slice has rank -1", VARSDB_INT8, shape,
            VARSDB_SLICE(.rank = -1));
    refused(VARSDB_INVALID, "w, axis 1 of length 3: the slice begins at 4; it begins at 0 to 3", VARSDB_INT8,
            shape, VARSDB_SLICE(.rank = 2, .begin = VARSDB_INDEX(4, 4)));
    refused(VARSDB_INVALID, "w, axis 0 of length 4: the slice begins at -1; it begins at 0 to 4", VARSDB_INT8,
            shape, VARSDB_SLICE(.rank = 2, .begin = VARSDB_INDEX(-1, 0)));
    refused(VARSDB_INVALID, "w, axis 1 of length 3: the slice's stride is 0; it is 1 or more", VARSDB_INT8,
            shape, VARSDB_SLICE(.rank = 2, .stride = VARSDB_INDEX(1, 0)));
    refused(VARSDB_INVALID,
            "w, axis 0 of length 4: the slice's size is -2; it is 0 or more, or -1 for as many as there are",
            VARSDB_INT8, shape, VARSDB_SLICE(.rank = 2, .size = VARSDB_INDEX(-2, 1)));
    refused(
        VARSDB_INVALID,
        "w, axis 0 of length 4: a slice that begins at 1, of size 2 with stride 3, reaches beyond the end",
        VARSDB_INT8, shape,
        VARSDB_SLICE(.rank = 2, .begin = VARSDB_INDEX(1, 0), .size = VARSDB_INDEX(2, 1),
                     .stride = VARSDB_INDEX(3, 1)));
    refused(
        VARSDB_INVALID,
        "w, axis 1 of length 3: a slice that begins at 3, of size 1 with stride 1, reaches beyond the end",
        VARSDB_INT8, shape, VARSDB_SLICE(.rank = 2, .begin = VARSDB_INDEX(0, 3), .size = VARSDB_INDEX(1, 1)));
    refused(VARSDB_UNSUPPORTED, "w holds strings, of which there are no slices; take the whole",
            VARSDB_STRING, shape, VARSDB_SLICE(.rank = 2));
}
END_TEST

START_TEST(numbers_that_overflow_are_out_of_bounds)
{
    const varsdb_shape *shape = VARSDB_SHAPE(4);
    static const int64_t hard[][3] = {{1, INT64_MAX, INT64_MAX}, {1, INT64_MAX, 1}, {4, 2, INT64_MAX},
                                      {0, 3, INT64_MAX / 2 + 1}, {2, 2, INT64_MAX}, {INT64_MAX, 1, 1}};
    for (size_t i = 0; i < sizeof hard / sizeof hard[0]; i++) {
        vdb_slice s;
        varsdb_slice given = {1, &hard[i][0], &hard[i][1], &hard[i][2]};
        ck_assert_int_eq(resolve(VARSDB_INT8, shape, &given, &s), VARSDB_INVALID);
    }
    const int64_t most = (int64_t)1 << 48;
    refused(VARSDB_INVALID,
            "w: 1152921504606846976 elements of float64 are more bytes than 63 bits can count",
            VARSDB_FLOAT64, VARSDB_SHAPE(most, 4096), VARSDB_SLICE(.rank = 2, .size = VARSDB_INDEX(1, 1)));
}
END_TEST

/* 2^62 bytes: no number is narrowed to 32 bits, and nothing is scanned. */
START_TEST(the_largest_tensors_have_places)
{
    const int64_t most = (int64_t)1 << 48;
    vdb_slice s = resolved(VARSDB_INT64, VARSDB_SHAPE(most, 2048),
                           VARSDB_SLICE(.rank = 2, .begin = VARSDB_INDEX(1, 3), .size = VARSDB_INDEX(-1, 1),
                                        .stride = VARSDB_INDEX(2, 1)));
    const uint64_t row = 2048 * 8, last = ((uint64_t)most - 1) * row + 24;
    vdb_slice_cursor c;
    ck_assert_uint_eq(s.begin, row + 24);
    ck_assert_uint_eq(s.end, last + 8);
    ck_assert_uint_eq(s.bytes, (uint64_t)most / 2 * 8);
    vdb_slice_seek(&c, &s, last - 5);
    ck_assert_uint_eq(c.packed, s.bytes - 8);
    check_run(&c, last, 8);
    check_no_more(&c);
    ck_assert(!vdb_slice_touches(&s, last + 8, 1) && vdb_slice_touches(&s, last + 7, 1));
}
END_TEST

START_TEST(every_axis_can_be_a_loop)
{
    int64_t dims[VARSDB_RANK_MAX], size[VARSDB_RANK_MAX];
    vdb_slice s;
    vdb_slice_cursor c;
    uint64_t seen = 0, offset, bytes;
    for (int i = 0; i < VARSDB_RANK_MAX; i++) {
        dims[i] = i % 6 == 0 ? 3 : 1; /* eleven of them */
        size[i] = i % 6 == 0 ? 2 : 1;
    }
    s = resolved(VARSDB_INT8, &(varsdb_shape){VARSDB_RANK_MAX, dims},
                 &(varsdb_slice){VARSDB_RANK_MAX, NULL, size, NULL});
    ck_assert_uint_eq(s.bytes, 2048);
    vdb_slice_seek(&c, &s, 0);
    while (vdb_slice_next(&c, &offset, &bytes))
        seen += bytes;
    ck_assert_uint_eq(seen, 2048);
    ck_assert_uint_eq(s.end, (uint64_t)(177147 - 1) / 2 + 1); /* 3^11: digits 1 are half of digits 2 */
}
END_TEST

Suite *test_slice_suite(void)
{
    Suite *suite = suite_create("slice");
    TCase *tests = tcase_create("slice");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, random_slices_are_what_a_loop_over_all_indices_finds);
    tcase_add_test(tests, a_scalar_is_one_run);
    tcase_add_test(tests, axes_without_a_gap_are_one_run);
    tcase_add_test(tests, strides_take_single_elements);
    tcase_add_test(tests, evenly_strided_axes_are_one_loop);
    tcase_add_test(tests, a_part_is_a_slice_of_one_axis);
    tcase_add_test(tests, nothing_is_taken_from_empty_axes_and_empty_slices);
    tcase_add_test(tests, packed_elements_are_taken_where_bytes_are_whole);
    tcase_add_test(tests, what_is_out_of_bounds_is_named);
    tcase_add_test(tests, numbers_that_overflow_are_out_of_bounds);
    tcase_add_test(tests, the_largest_tensors_have_places);
    tcase_add_test(tests, every_axis_can_be_a_loop);
    suite_add_tcase(suite, tests);
    return suite;
}
