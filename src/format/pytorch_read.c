/*
 * pytorch_read.c - a view's elements in C order; see pytorch.h.  What lies in the file in that order is read
 * as it is.  Anything else is put in order a block at a time, and the file is read through a window, in the
 * order in which it lies there: memory is BLOCK_BYTES and WINDOW_BYTES, however large the tensor and however
 * far apart its elements.
 */
#ifndef VARSDB_OMIT_PYTORCH

#include <string.h>

#include "../byte_order.h"
#include "../mem.h"
#include "pytorch.h"

#define BLOCK_BYTES  ((size_t)4 << 20)
#define WINDOW_BYTES ((size_t)256 << 10)
#define SPARSE       16u /* a part of the file of which less than this part is wanted is not read whole */

/* Elements whose places, in the file and in the block, are sums of one step along each axis. */
typedef struct axis {
    uint64_t count, from, to; /* steps in elements */
} axis;

typedef struct box {
    axis axes[VARSDB_RANK_MAX];
    int rank;
    uint64_t from; /* the first element: bytes in the file */
    uint64_t to;   /* elements in the block */
    uint64_t end;  /* bytes in the file: behind the last one */
    bool dense;
} box;

static bool is_plain(const vdb_pytorch_view *v)
{
    return v->number_bytes == 1 && (v->rank == 0 || (v->rank == 1 && v->strides[0] == 1));
}

/* ---- The file ----------------------------------------------------------- */

/* Bytes of the file, at most WINDOW_BYTES of them, of a box that ends at `end`. */
static int look(vdb_error *e, vdb_pytorch *t, const vdb_input *in, const box *b, uint64_t from, size_t bytes,
                const unsigned char **out)
{
    bool there = from >= t->window_at && from - t->window_at <= t->window_bytes &&
                 bytes <= t->window_bytes - (from - t->window_at);
    if (!there) {
        uint64_t rest = b->end - from;
        size_t wanted = !b->dense ? bytes : rest < WINDOW_BYTES ? (size_t)rest : WINDOW_BYTES;
        t->window_bytes = 0;
        int rc = vdb_input_read(e, in, from, t->window, wanted);
        if (rc != VARSDB_OK)
            return rc;
        t->window_at = from;
        t->window_bytes = wanted;
    }
    *out = t->window + (from - t->window_at);
    return VARSDB_OK;
}

static void copy_items(unsigned char *to, size_t to_step, const unsigned char *from, size_t from_step,
                       size_t count, unsigned item_bytes)
{
    for (size_t i = 0; i < count; i++, to += to_step, from += from_step)
        switch (item_bytes) {
        case 1:
            *to = *from;
            break;
        case 2:
            memcpy(to, from, 2);
            break;
        case 4:
            memcpy(to, from, 4);
            break;
        case 8:
            memcpy(to, from, 8);
            break;
        default:
            memcpy(to, from, item_bytes);
        }
}

/* The elements along the innermost axis, as many at a time as the window has room for. */
static int copy_run(vdb_error *e, vdb_pytorch *t, const vdb_input *in, const box *b, unsigned item_bytes,
                    uint64_t from, uint64_t to)
{
    const axis *a = &b->axes[b->rank - 1];
    uint64_t together = a->count, room = WINDOW_BYTES / item_bytes - 1;
    if (a->from && room / a->from + 1 < together)
        together = room / a->from + 1;
    for (uint64_t done = 0; done < a->count; done += together) {
        size_t count = (size_t)(a->count - done < together ? a->count - done : together);
        size_t step = count > 1 ? (size_t)(a->from * item_bytes) : 0; /* of one element it may be anything */
        const unsigned char *source = NULL;
        int rc =
            look(e, t, in, b, from + done * a->from * item_bytes, (count - 1) * step + item_bytes, &source);
        if (rc != VARSDB_OK)
            return rc;
        copy_items(t->block + (to + done * a->to) * item_bytes, (size_t)(a->to * item_bytes), source, step,
                   count, item_bytes);
    }
    return VARSDB_OK;
}

/* ---- Boxes -------------------------------------------------------------- */

static void add_axis(box *b, axis a)
{
    int at = b->rank++;
    for (; at > 0 && b->axes[at - 1].from < a.from; at--)
        b->axes[at] = b->axes[at - 1];
    b->axes[at] = a;
}

static int copy_box(vdb_error *e, vdb_pytorch *t, const vdb_input *in, box *b, unsigned item_bytes)
{
    uint64_t index[VARSDB_RANK_MAX] = {0}, from = b->from, to = b->to, last = 0, elements = 1;
    for (int i = 0; i < b->rank; i++) {
        last += (b->axes[i].count - 1) * b->axes[i].from; /* the view was checked: it lies in the file */
        elements *= b->axes[i].count;
    }
    b->end = b->from + (last + 1) * item_bytes;
    b->dense = last / SPARSE <= elements;
    for (;;) {
        int rc = copy_run(e, t, in, b, item_bytes, from, to), i = b->rank - 2;
        if (rc != VARSDB_OK)
            return rc;
        for (; i >= 0; i--) { /* the next one, as an odometer counts */
            const axis *a = &b->axes[i];
            from += a->from * item_bytes;
            to += a->to;
            if (++index[i] < a->count)
                break;
            index[i] = 0;
            from -= a->from * item_bytes * a->count;
            to -= a->to * a->count;
        }
        if (i < 0)
            return VARSDB_OK;
    }
}

/* The largest box that begins at element `at`, in C order, and has at most `most` elements. */
static uint64_t next_box(const vdb_pytorch_view *v, uint64_t at, uint64_t most, box *b)
{
    uint64_t below = 1, rest = at, from = 0;
    int k = v->rank - 1; /* the axis along which it is cut; it has all of those behind */
    while (k > 0 && at % (below * v->dims[k]) == 0 && below * v->dims[k] <= most)
        below *= v->dims[k--];
    uint64_t count = v->dims[k] - at / below % v->dims[k];
    if (count > most / below)
        count = most / below;
    for (int i = v->rank - 1; i >= 0; i--) {
        from += rest % v->dims[i] * v->strides[i];
        rest /= v->dims[i];
    }
    *b = (box){.from = v->base + from * v->item_bytes};
    uint64_t to = 1;
    for (int i = v->rank - 1; i > k; i--) {
        add_axis(b, (axis){v->dims[i], v->strides[i], to});
        to *= v->dims[i];
    }
    add_axis(b, (axis){count, v->strides[k], below});
    return count * below;
}

/* ---- Blocks ------------------------------------------------------------- */

static int make_memory(vdb_error *e, vdb_pytorch *t)
{
    if (!t->block)
        t->block = vdb_malloc(BLOCK_BYTES);
    if (t->block && !t->window)
        t->window = vdb_malloc(WINDOW_BYTES);
    return t->block && t->window ? VARSDB_OK : vdb_fail_nomem(e);
}

/* Puts the block in order that element `at` is in. */
static int fill_block(vdb_error *e, vdb_pytorch *t, const vdb_input *in, const vdb_pytorch_view *v,
                      uint64_t at)
{
    uint64_t whole = BLOCK_BYTES / v->item_bytes, begin = at / whole * whole, rest = v->elements - begin;
    size_t elements = (size_t)(rest < whole ? rest : whole);
    if (t->block_view == v && t->block_at == begin && t->block_elements)
        return VARSDB_OK;
    int rc = make_memory(e, t);
    t->block_elements = 0;
    if (rc == VARSDB_OK && v->rank == 0)
        rc = vdb_input_read(e, in, v->base, t->block, v->item_bytes);
    for (uint64_t done = 0; rc == VARSDB_OK && v->rank && done < elements;) {
        box b;
        uint64_t count = next_box(v, begin + done, elements - done, &b);
        b.to = done;
        rc = copy_box(e, t, in, &b, v->item_bytes);
        done += count;
    }
    if (rc != VARSDB_OK)
        return rc;
    if (v->number_bytes > 1)
        vdb_reverse_numbers(t->block, elements * v->item_bytes, v->number_bytes);
    t->block_view = v;
    t->block_at = begin;
    t->block_elements = elements;
    return VARSDB_OK;
}

int vdb_pytorch_read(vdb_error *e, vdb_pytorch *t, const vdb_input *in, const vdb_pytorch_view *view,
                     uint64_t offset, void *buffer, size_t bytes)
{
    unsigned char *to = buffer;
    int rc = VARSDB_OK;
    if (is_plain(view))
        return vdb_input_read(e, in, view->base + offset, buffer, bytes);
    while (bytes && rc == VARSDB_OK) {
        rc = fill_block(e, t, in, view, offset / view->item_bytes);
        if (rc != VARSDB_OK)
            break;
        uint64_t begin = t->block_at * view->item_bytes;
        size_t skipped = (size_t)(offset - begin), there = t->block_elements * view->item_bytes - skipped;
        size_t count = bytes < there ? bytes : there;
        memcpy(to, t->block + skipped, count);
        to += count;
        offset += count;
        bytes -= count;
    }
    return rc;
}

#endif
