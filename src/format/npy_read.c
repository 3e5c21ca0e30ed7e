/*
 * npy_read.c - the elements of an array as varsdb has them: C order, little-endian.
 *
 * A window is a block of the tensor that is contiguous in C order: some indexes along
 * one axis, and all of every later axis.  In Fortran order its elements are strewn over
 * the file; they are visited as they come there, so that a window takes one pass
 * forward, and each is put where it belongs.
 */
#ifndef VARSDB_OMIT_NUMPY

#include <assert.h>
#include <string.h>

#include "../byte_order.h"
#include "../dtype.h"
#include "../mem.h"
#include "npy.h"

#define PIECE_BYTES 65536u
#define NEAR_BYTES  4096u /* what lies nearer than this is read with what is between */

/* Everything in elements. */
typedef struct block {
    int axis;
    uint64_t begin, count; /* in C order; of indexes along the axis */
    uint64_t first, inner; /* index along the axis; elements of one index */
} block;

typedef struct cursor {
    vdb_error *error;
    const vdb_npy_source *source;
    uint64_t data, begin, count, all; /* of elements read */
    size_t item, piece;
    unsigned char bytes[PIECE_BYTES];
} cursor;

typedef struct gather {
    const varsdb_shape *shape;
    block block;
    uint64_t stride[VARSDB_RANK_MAX]; /* in the file */
    unsigned char *out;
    cursor from;
} gather;

static size_t item_bytes(varsdb_dtype dtype)
{
    return (size_t)varsdb_dtype_bits(dtype) / 8;
}

/* ---- Order -------------------------------------------------------------- */

/* The block with element e; there is one, so that no dimension is 0. */
static block choose_block(const varsdb_shape *shape, uint64_t e, uint64_t room)
{
    block b = {.axis = shape->rank - 1, .inner = 1};
    while (b.axis > 0 && (uint64_t)shape->dims[b.axis] <= room / b.inner)
        b.inner *= (uint64_t)shape->dims[b.axis--];
    uint64_t dim = (uint64_t)shape->dims[b.axis], step = room / b.inner, index = e / b.inner % dim;
    b.first = index - index % step;
    b.count = dim - b.first < step ? dim - b.first : step;
    b.begin = e / b.inner / dim * dim * b.inner + b.first * b.inner;
    return b;
}

/* The element at that place of the file; each call asks for a later one. */
static int look_at(cursor *c, uint64_t place, const unsigned char **out)
{
    if (place - c->begin >= c->count) {
        uint64_t left = c->all - place;
        c->begin = place;
        c->count = left < c->piece ? left : c->piece;
        int rc = c->source->read_at(c->error, c->source->payload, c->data + place * c->item, c->bytes,
                                    (size_t)c->count * c->item);
        if (rc != VARSDB_OK)
            return rc;
    }
    *out = c->bytes + (size_t)(place - c->begin) * c->item;
    return VARSDB_OK;
}

/* The block's elements along its axis, for one index of all later ones. */
static int gather_run(gather *g, uint64_t place, uint64_t to)
{
    size_t item = g->from.item;
    const unsigned char *element;
    int rc = VARSDB_OK;
    for (uint64_t i = 0; i < g->block.count && rc == VARSDB_OK; i++) {
        rc = look_at(&g->from, place + i * g->stride[g->block.axis], &element);
        if (rc == VARSDB_OK)
            memcpy(g->out + (size_t)(to + i * g->block.inner) * item, element, item);
    }
    return rc;
}

/* Indexes of the later axes count as they do in the file, the earliest of them fastest. */
static int gather_runs(gather *g, uint64_t place)
{
    int rank = g->shape->rank, axis = 0;
    uint64_t index[VARSDB_RANK_MAX] = {0}, step[VARSDB_RANK_MAX], to = 0;
    step[rank - 1] = 1;
    for (int i = rank - 1; i > 0; i--)
        step[i - 1] = step[i] * (uint64_t)g->shape->dims[i];
    int rc = VARSDB_OK;
    while (rc == VARSDB_OK && axis < rank) {
        rc = gather_run(g, place, to);
        for (axis = g->block.axis + 1; axis < rank; axis++) {
            place += g->stride[axis];
            to += step[axis];
            if (++index[axis] < (uint64_t)g->shape->dims[axis])
                break;
            place -= index[axis] * g->stride[axis];
            to -= index[axis] * step[axis];
            index[axis] = 0;
        }
    }
    return rc;
}

/* Single elements far from each other are read singly. */
static size_t choose_piece(const gather *g)
{
    uint64_t stride = g->stride[g->block.axis], item = g->from.item;
    uint64_t run = stride == 1 ? g->block.count : 1;
    uint64_t distance = stride == 1 ? (uint64_t)g->shape->dims[g->block.axis] : stride;
    uint64_t most = PIECE_BYTES / item;
    return (size_t)(distance <= NEAR_BYTES / item || run > most ? most : run);
}

static int gather_block(gather *g)
{
    const block *b = &g->block;
    uint64_t place = 0, before = b->begin / b->inner / (uint64_t)g->shape->dims[b->axis];
    g->stride[0] = 1;
    for (int i = 1; i < g->shape->rank; i++)
        g->stride[i] = g->stride[i - 1] * (uint64_t)g->shape->dims[i - 1];
    for (int i = b->axis - 1; i >= 0; i--) {
        place += before % (uint64_t)g->shape->dims[i] * g->stride[i];
        before /= (uint64_t)g->shape->dims[i];
    }
    g->from.piece = choose_piece(g);
    return gather_runs(g, place + b->first * g->stride[b->axis]);
}

/* ---- The window --------------------------------------------------------- */

static int make_room(vdb_error *e, vdb_npy_window *w, uint64_t all)
{
    size_t bytes = all < VDB_NPY_WINDOW_BYTES ? (size_t)all : VDB_NPY_WINDOW_BYTES;
    w->bytes = 0;
    if (bytes <= w->room)
        return VARSDB_OK;
    void *data = vdb_realloc(w->data, bytes, 1);
    if (!data)
        return vdb_fail_nomem(e);
    w->data = data;
    w->room = bytes;
    return VARSDB_OK;
}

static int fill_ordered(vdb_error *e, const vdb_npy_source *source, const varsdb_tensor_info *info,
                        uint64_t data, vdb_npy_window *w, uint64_t offset)
{
    w->begin = offset - offset % VDB_NPY_WINDOW_BYTES;
    uint64_t left = info->bytes - w->begin;
    size_t bytes = left < VDB_NPY_WINDOW_BYTES ? (size_t)left : VDB_NPY_WINDOW_BYTES;
    int rc = source->read_at(e, source->payload, data + w->begin, w->data, bytes);
    if (rc == VARSDB_OK)
        w->bytes = bytes;
    return rc;
}

static int fill_gathered(vdb_error *e, const vdb_npy_source *source, const varsdb_tensor_info *info,
                         uint64_t data, vdb_npy_window *w, uint64_t offset)
{
    size_t item = item_bytes(info->dtype);
    gather *g = vdb_calloc(1, sizeof *g);
    if (!g)
        return vdb_fail_nomem(e);
    g->shape = &info->shape;
    g->out = w->data;
    g->block = choose_block(&info->shape, offset / item, VDB_NPY_WINDOW_BYTES / item);
    g->from.error = e;
    g->from.source = source;
    g->from.data = data;
    g->from.all = info->bytes / item;
    g->from.item = item;
    w->begin = g->block.begin * item;
    int rc = gather_block(g);
    if (rc == VARSDB_OK)
        w->bytes = (size_t)(g->block.count * g->block.inner) * item;
    assert(w->bytes <= w->room);
    vdb_free(g);
    return rc;
}

static int fill(vdb_error *e, const vdb_npy_source *source, const varsdb_tensor_info *info,
                const vdb_npy_layout *layout, vdb_npy_window *w, uint64_t offset)
{
    int rc = make_room(e, w, info->bytes);
    if (rc == VARSDB_OK)
        rc = layout->fortran ? fill_gathered(e, source, info, layout->data, w, offset)
                             : fill_ordered(e, source, info, layout->data, w, offset);
    if (rc == VARSDB_OK && layout->big_endian)
        vdb_reverse_numbers(w->data, w->bytes, vdb_dtype_number_bytes(info->dtype));
    return rc;
}

int vdb_npy_read_data(vdb_error *e, const vdb_npy_source *source, const varsdb_tensor_info *info,
                      const vdb_npy_layout *layout, vdb_npy_window *w, uint64_t key, uint64_t offset,
                      void *buffer, size_t bytes)
{
    unsigned char *out = buffer;
    if (!layout->fortran && !layout->big_endian)
        return source->read_at(e, source->payload, layout->data + offset, buffer, bytes);
    while (bytes) {
        if (key != w->key || offset < w->begin || offset - w->begin >= w->bytes) {
            int rc = fill(e, source, info, layout, w, offset);
            if (rc != VARSDB_OK)
                return rc;
            w->key = key;
        }
        size_t at = (size_t)(offset - w->begin), there = w->bytes - at;
        size_t count = there < bytes ? there : bytes;
        memcpy(out, w->data + at, count);
        out += count;
        offset += count;
        bytes -= count;
    }
    return VARSDB_OK;
}

void vdb_npy_window_release(vdb_npy_window *w)
{
    vdb_free(w->data);
    *w = (vdb_npy_window){0};
}

#endif
