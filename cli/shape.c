/* shape.c - see shape.h. */
#include "shape.h"

#include <assert.h>
#include <string.h>

#include "print.h"

void shape_print(char out[SHAPE_TEXT_MAX], const varsdb_shape *shape)
{
    size_t n = 0;
    assert(shape->rank >= 0 && shape->rank <= VARSDB_RANK_MAX);
    out[n++] = '[';
    for (int i = 0; i < shape->rank; i++) {
        if (i)
            out[n++] = ',';
        n += print_int(out + n, shape->dims[i]);
    }
    out[n++] = ']';
    out[n] = '\0';
}

/* ---- Slices ---- */

static int fail_axis(cli *c, const char *text, int axis, int64_t dim, const char *why)
{
    return cli_fail(
        c, CLI_USAGE,
        "slice \"%s\": axis %d, of %lld elements: %s; accepted: begin:end, : or an index for each axis, "
        "as in 0:2,:,-1",
        text, axis, (long long)dim, why);
}

/* An optional whole number, counted from the end if negative; *at moves past it. */
static const char *read_position(const char **at, int64_t dim, int64_t *out, bool *given)
{
    const char *p = *at;
    bool negative = *p == '-';
    int64_t value = 0;
    p += negative;
    *given = *p >= '0' && *p <= '9';
    if (!*given)
        return negative ? "a number is missing after -" : NULL;
    for (; *p >= '0' && *p <= '9'; p++)
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, *p - '0', &value))
            return "a number does not fit 64 bits";
    *out = negative ? dim - value : value;
    *at = p;
    return NULL;
}

static const char *read_range(const char **at, int64_t dim, int64_t *begin, int64_t *count)
{
    bool has_begin, has_end = false;
    int64_t first = 0, end = dim;
    const char *why = read_position(at, dim, &first, &has_begin);
    if (why)
        return why;
    if (**at == ':') {
        (*at)++;
        why = read_position(at, dim, &end, &has_end);
        if (why)
            return why;
    } else if (has_begin) {
        if (first < 0 || first >= dim)
            return "the index is out of range";
        end = first + 1;
    } else {
        return "a range is missing";
    }
    if (**at != ',' && **at != '\0')
        return "there is something else than a range";
    if (first < 0 || first > dim || end < 0 || end > dim)
        return "the range leaves the axis";
    if (end < first)
        return "the range ends before it begins";
    *begin = first;
    *count = end - first;
    return NULL;
}

static int read_ranges(cli *c, const char *text, slice *s)
{
    const char *p = text;
    for (int axis = 0;; axis++) {
        if (axis == s->rank)
            return cli_fail(c, CLI_USAGE, "slice \"%s\" has more ranges than the variable has axes, %d", text,
                            s->rank);
        const char *why = read_range(&p, s->dims[axis], &s->begins[axis], &s->counts[axis]);
        if (why)
            return fail_axis(c, text, axis, s->dims[axis], why);
        if (!*p)
            return CLI_DONE;
        p++;
    }
}

/* Axes that are taken whole join the run of the axis before them. */
static void find_run(slice *s)
{
    s->elements = s->of = 1;
    for (int i = 0; i < s->rank; i++) {
        s->elements *= s->counts[i];
        s->of *= s->dims[i];
    }
    s->run = 1;
    s->run_axis = s->rank;
    while (s->run_axis > 0) {
        s->run_axis--;
        s->run *= s->counts[s->run_axis];
        if (s->counts[s->run_axis] != s->dims[s->run_axis])
            break;
    }
}

int slice_parse(cli *c, const char *text, const varsdb_shape *shape, slice *out)
{
    slice s = {.rank = shape->rank};
    for (int i = 0; i < s.rank; i++)
        s.dims[i] = s.counts[i] = shape->dims[i];
    int status = text ? read_ranges(c, text, &s) : CLI_DONE;
    if (status != CLI_DONE)
        return status;
    find_run(&s);
    *out = s;
    return CLI_DONE;
}

void slice_move(slice *s, const varsdb_shape *shape, int axis, int64_t offset)
{
    assert(shape->rank == s->rank && axis < s->rank);
    s->dims[axis] = shape->dims[axis];
    s->begins[axis] += offset;
    find_run(s);
}

bool slice_is_whole(const slice *s)
{
    return memcmp(s->dims, s->counts, sizeof *s->dims * (size_t)s->rank) == 0;
}

varsdb_shape slice_shape(const slice *s)
{
    return (varsdb_shape){s->rank, s->counts};
}

/* Index in the tensor of the slice's element at `index`. */
static int64_t flat_index(const slice *s, const int64_t *index)
{
    int64_t flat = 0;
    for (int i = 0; i < s->rank; i++)
        flat = flat * s->dims[i] + s->begins[i] + index[i];
    return flat;
}

int slice_each_run(const slice *s, slice_run_cb callback, void *payload)
{
    int64_t index[VARSDB_RANK_MAX] = {0};
    if (!s->elements)
        return CLI_DONE;
    for (;;) {
        int status = callback(payload, flat_index(s, index), s->run);
        if (status != CLI_DONE)
            return status;
        int axis = s->run_axis - 1;
        while (axis >= 0 && ++index[axis] == s->counts[axis])
            index[axis--] = 0;
        if (axis < 0)
            return CLI_DONE;
    }
}

bool slice_holds(const slice *s, int64_t flat)
{
    for (int i = s->rank - 1; i >= 0; i--) {
        int64_t at = flat % s->dims[i];
        flat /= s->dims[i];
        if (at < s->begins[i] || at >= s->begins[i] + s->counts[i])
            return false;
    }
    return true;
}
