/*
 * slice.c - see slice.h.  Axes become loops from the innermost outwards.  A loop whose
 * step is just as long as what is inside it makes that longer instead of being one.
 */
#include "slice.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "dtype.h"
#include "shape.h"

/* ---- What is asked ------------------------------------------------------ */

__attribute__((format(printf, 5, 6))) static int
fail_axis(vdb_error *e, const char *name, const varsdb_shape *shape, int axis, const char *format, ...)
{
    char what[200];
    va_list ap;
    va_start(ap, format);
    vsnprintf(what, sizeof what, format, ap);
    va_end(ap);
    return vdb_fail(e, VARSDB_INVALID, "%s, axis %d of length %lld: %s", name, axis,
                    (long long)shape->dims[axis], what);
}

/* One axis with its defaults filled in; of a count of 1 the stride means nothing and is 1. */
typedef struct axis_range {
    int64_t begin, count, stride;
} axis_range;

static int read_axis(vdb_error *e, const char *name, const varsdb_shape *shape, const varsdb_slice *given,
                     int axis, axis_range *out)
{
    int64_t length = shape->dims[axis], reach;
    int64_t begin = given->begin ? given->begin[axis] : 0;
    int64_t size = given->size ? given->size[axis] : -1;
    int64_t stride = given->stride ? given->stride[axis] : 1;
    if (begin < 0 || begin > length)
        return fail_axis(e, name, shape, axis, "the slice begins at %lld; it begins at 0 to %lld",
                         (long long)begin, (long long)length);
    if (stride < 1)
        return fail_axis(e, name, shape, axis, "the slice's stride is %lld; it is 1 or more",
                         (long long)stride);
    if (size < -1)
        return fail_axis(e, name, shape, axis,
                         "the slice's size is %lld; it is 0 or more, or -1 for as many as there are",
                         (long long)size);
    if (size == -1)
        size = begin < length ? (length - 1 - begin) / stride + 1 : 0;
    if (size > 0 && (__builtin_mul_overflow(size - 1, stride, &reach) ||
                     __builtin_add_overflow(reach, begin, &reach) || reach >= length))
        return fail_axis(e, name, shape, axis,
                         "a slice that begins at %lld, of size %lld with stride %lld, reaches beyond the end",
                         (long long)begin, (long long)size, (long long)stride);
    *out = (axis_range){begin, size, size > 1 ? stride : 1};
    return VARSDB_OK;
}

static int read_axes(vdb_error *e, const char *name, varsdb_dtype dtype, const varsdb_shape *shape,
                     const varsdb_slice *given, axis_range *out)
{
    int64_t elements, bytes;
    int rc = vdb_shape_elements(e, shape, &elements);
    if (rc != VARSDB_OK)
        return rc;
    if (dtype == VARSDB_STRING)
        return vdb_fail(e, VARSDB_UNSUPPORTED,
                        "%s holds strings, of which there are no slices; take the whole", name);
    if (!vdb_dtype_bytes(dtype, elements, &bytes))
        return vdb_fail(e, VARSDB_INVALID, "%s: %lld elements of %s are more bytes than 63 bits can count",
                        name, (long long)elements, varsdb_dtype_name(dtype));
    if (given->rank != shape->rank)
        return vdb_fail(e, VARSDB_INVALID, "%s has rank %d; the slice has rank %d", name, shape->rank,
                        given->rank);
    for (int i = 0; rc == VARSDB_OK && i < shape->rank; i++)
        rc = read_axis(e, name, shape, given, i, &out[i]);
    return rc;
}

/* ---- Axes to loops ------------------------------------------------------ */

/* In elements at first.  None of the products overflows: with all counts positive they are
 * numbers of elements of the tensor. */
static void make_loops(const varsdb_shape *shape, const axis_range *axes, vdb_slice *out)
{
    uint64_t inner = 1;
    vdb_slice_loop innermost_first[VARSDB_RANK_MAX];
    out->run = 1;
    for (int i = shape->rank - 1; i >= 0; i--) {
        uint64_t count = (uint64_t)axes[i].count, step = inner * (uint64_t)axes[i].stride;
        vdb_slice_loop *last = out->loops ? &innermost_first[out->loops - 1] : NULL;
        out->begin += inner * (uint64_t)axes[i].begin;
        inner *= (uint64_t)shape->dims[i];
        if (count == 1)
            continue;
        if (!last && step == out->run)
            out->run *= count;
        else if (last && step == last->step * last->count)
            last->count *= count;
        else
            innermost_first[out->loops++] = (vdb_slice_loop){count, step};
    }
    if (out->loops == 0)
        innermost_first[out->loops++] = (vdb_slice_loop){1, out->run};
    for (int i = 0; i < out->loops; i++)
        out->loop[i] = innermost_first[out->loops - 1 - i];
}

/* Elements to bytes, if they are whole ones, and whole blocks. */
static bool to_bytes(varsdb_dtype dtype, uint64_t *elements)
{
    const vdb_dtype_block *block = vdb_dtype_block_of(dtype);
    if (block) {
        uint64_t odd = *elements % (uint64_t)block->elements;
        *elements = *elements / (uint64_t)block->elements * (uint64_t)block->bytes;
        return odd == 0;
    }
    uint64_t bits = (uint64_t)varsdb_dtype_bits(dtype), rest = *elements % 8 * bits;
    *elements = *elements / 8 * bits + rest / 8;
    return rest % 8 == 0;
}

static int loops_to_bytes(vdb_error *e, const char *name, varsdb_dtype dtype, vdb_slice *s)
{
    bool whole = to_bytes(dtype, &s->begin);
    whole = to_bytes(dtype, &s->run) && whole;
    s->bytes = s->run;
    s->end = s->begin + s->run;
    for (int i = 0; i < s->loops; i++) {
        whole = to_bytes(dtype, &s->loop[i].step) && whole;
        s->bytes *= s->loop[i].count;
        s->end += (s->loop[i].count - 1) * s->loop[i].step;
    }
    if (!whole)
        return vdb_fail(e, VARSDB_UNSUPPORTED,
                        "%s does not fill whole %s of %s in this slice; take the whole variable", name,
                        vdb_dtype_block_of(dtype) ? "blocks" : "bytes", varsdb_dtype_name(dtype));
    return VARSDB_OK;
}

int vdb_slice_resolve(vdb_error *e, const char *name, varsdb_dtype dtype, const varsdb_shape *shape,
                      const varsdb_slice *given, vdb_slice *out)
{
    axis_range axes[VARSDB_RANK_MAX] = {{0}};
    vdb_slice s = {.rank = given->rank};
    bool empty = false;
    int rc = read_axes(e, name, dtype, shape, given, axes);
    if (rc != VARSDB_OK)
        return rc;
    for (int i = 0; i < s.rank; i++) {
        s.counts[i] = axes[i].count;
        empty = empty || axes[i].count == 0;
    }
    if (empty) {
        s.loops = 1;
    } else {
        make_loops(shape, axes, &s);
        rc = loops_to_bytes(e, name, dtype, &s);
    }
    if (rc == VARSDB_OK)
        *out = s;
    return rc;
}

int vdb_slice_resolve_axis(vdb_error *e, const char *name, varsdb_dtype dtype, const varsdb_shape *shape,
                           int axis, int64_t offset, int64_t length, vdb_slice *out)
{
    int64_t begin[VARSDB_RANK_MAX] = {0}, size[VARSDB_RANK_MAX];
    assert(axis >= 0 && axis < shape->rank && shape->rank <= VARSDB_RANK_MAX);
    for (int i = 0; i < shape->rank; i++)
        size[i] = -1;
    begin[axis] = offset;
    size[axis] = length;
    varsdb_slice given = {shape->rank, begin, size, NULL};
    return vdb_slice_resolve(e, name, dtype, shape, &given, out);
}

/* ---- Runs --------------------------------------------------------------- */

/* Moves over `count` runs of the innermost loop, which has so many left. */
static void advance(vdb_slice_cursor *c, uint64_t count)
{
    const vdb_slice *s = c->slice;
    int i = s->loops - 1;
    c->packed += count * s->run;
    c->offset += count * s->loop[i].step;
    c->index[i] += count;
    while (c->index[i] == s->loop[i].count) {
        c->offset -= c->index[i] * s->loop[i].step;
        c->index[i] = 0;
        if (i == 0) {
            c->at_end = true;
            return;
        }
        i--;
        c->index[i]++;
        c->offset += s->loop[i].step;
    }
}

void vdb_slice_seek(vdb_slice_cursor *c, const vdb_slice *slice, uint64_t offset)
{
    uint64_t rest = offset > slice->begin ? offset - slice->begin : 0, run_number = 0;
    bool behind = false; /* all that is inside the last index that was taken */
    memset(c, 0, sizeof *c);
    c->slice = slice;
    c->offset = slice->begin;
    c->at_end = slice->run == 0 || offset >= slice->end;
    if (c->at_end)
        return;
    for (int i = 0; i < slice->loops; i++) {
        const vdb_slice_loop *loop = &slice->loop[i];
        behind = behind || rest / loop->step >= loop->count;
        c->index[i] = behind ? loop->count - 1 : rest / loop->step;
        c->offset += c->index[i] * loop->step;
        run_number = run_number * loop->count + c->index[i];
        if (!behind)
            rest -= c->index[i] * loop->step;
    }
    c->packed = run_number * slice->run;
    if (behind || rest >= slice->run)
        advance(c, 1);
}

bool vdb_slice_next(vdb_slice_cursor *c, uint64_t *offset, uint64_t *bytes)
{
    if (c->at_end)
        return false;
    *offset = c->offset;
    *bytes = c->slice->run;
    advance(c, 1);
    return true;
}

bool vdb_slice_touches(const vdb_slice *slice, uint64_t offset, uint64_t bytes)
{
    vdb_slice_cursor c;
    vdb_slice_seek(&c, slice, offset);
    return bytes > 0 && !c.at_end && (c.offset <= offset || c.offset - offset < bytes);
}

/* ---- Runs against a window ---------------------------------------------- */

typedef enum direction {
    FROM_WINDOW,
    TO_WINDOW
} direction;

/* `count` runs of known length; the compiler makes loads and stores of them. */
#define COPY_RUNS(length)                                        \
    for (size_t i = 0; i < count; i++)                           \
        if (way == FROM_WINDOW)                                  \
            memcpy(packed + i * run, window + i * step, length); \
        else                                                     \
            memcpy(window + i * step, packed + i * run, length)

static void copy_runs(unsigned char *window, size_t step, unsigned char *packed, size_t run, size_t count,
                      direction way)
{
    switch (run) {
    case 1:
        COPY_RUNS(1);
        break;
    case 2:
        COPY_RUNS(2);
        break;
    case 4:
        COPY_RUNS(4);
        break;
    case 8:
        COPY_RUNS(8);
        break;
    case 16:
        COPY_RUNS(16);
        break;
    default:
        COPY_RUNS(run);
    }
}

/* The part of the run at the cursor that the window has. */
static void copy_partial(const vdb_slice_cursor *c, uint64_t offset, uint64_t end, unsigned char *window,
                         unsigned char *packed, direction way)
{
    uint64_t run_end = c->offset + c->slice->run;
    uint64_t a = c->offset > offset ? c->offset : offset, b = run_end < end ? run_end : end;
    copy_runs(window + (a - offset), 0, packed + c->packed + (a - c->offset), (size_t)(b - a), 1, way);
}

static void copy(const vdb_slice *s, uint64_t offset, unsigned char *window, size_t bytes,
                 unsigned char *packed, direction way)
{
    uint64_t end = offset + bytes; /* of a tensor, whose bytes 63 bits can count */
    vdb_slice_cursor c;
    vdb_slice_seek(&c, s, offset);
    const vdb_slice_loop *inner = &s->loop[s->loops - 1];
    while (!c.at_end && c.offset < end) {
        if (c.offset < offset || end - c.offset < s->run) {
            copy_partial(&c, offset, end, window, packed, way);
            advance(&c, 1);
            continue;
        }
        uint64_t here = (end - c.offset - s->run) / inner->step + 1;
        uint64_t left = inner->count - c.index[s->loops - 1];
        uint64_t count = here < left ? here : left;
        copy_runs(window + (c.offset - offset), (size_t)inner->step, packed + c.packed, (size_t)s->run,
                  (size_t)count, way);
        advance(&c, count);
    }
}

void vdb_slice_gather(const vdb_slice *slice, uint64_t offset, const void *window, size_t bytes, void *packed)
{
    copy(slice, offset, (unsigned char *)(uintptr_t)window, bytes, packed, FROM_WINDOW);
}

void vdb_slice_scatter(const vdb_slice *slice, uint64_t offset, void *window, size_t bytes,
                       const void *packed)
{
    copy(slice, offset, window, bytes, (unsigned char *)(uintptr_t)packed, TO_WINDOW);
}
