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
    if (s.rank)
        memcpy(s.dims, shape->dims, sizeof *s.dims * (size_t)s.rank);
    if (varsdb_parse_slice(c->db, text, shape, s.begins, s.counts) != VARSDB_OK)
        return cli_fail(c, CLI_USAGE, "%s", varsdb_errmsg(c->db));
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
