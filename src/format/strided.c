/*
 * strided.c - see strided.h.  A block is contiguous in C order: some indexes along one axis, and all of every
 * later axis.  In the file its elements are strewn; they are visited in the order in which they lie there,
 * each once, so that a block takes one pass forward over an archive that can only be read forward.
 */
#if !defined(VARSDB_OMIT_PYTORCH) || !defined(VARSDB_OMIT_NUMPY)

#include "strided.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "../byte_order.h"
#include "../mem.h"

#define WINDOW_BYTES ((size_t)256 << 10)
#define SPARSE       16u /* a part of the file of which less than this part is wanted is not read whole */

/* Elements whose places, in the file and in the block, are sums of one step along each axis. */
typedef struct axis {
    uint64_t count, from, to; /* steps in elements */
} axis;

typedef struct box {
    axis axes[VARSDB_RANK_MAX]; /* the farthest steps in the file first */
    int rank;
    uint64_t from;            /* the first element: bytes in the source */
    uint64_t end;             /* bytes in the source: behind the last one */
    uint64_t begin, elements; /* of the tensor, in C order */
    bool dense;
} box;

typedef struct copying {
    vdb_error *error;
    const vdb_source *source;
    const box *box;
    vdb_strided_cache *cache;
    size_t item;
} copying;

/* ---- The file ----------------------------------------------------------- */

static int read_at(const copying *c, uint64_t offset, void *buffer, size_t bytes)
{
    return c->source->read_at(c->error, c->source->payload, offset, buffer, bytes);
}

/* At most WINDOW_BYTES of the source.  What is there already is not read again: that would be a step back. */
static int look_at(const copying *c, uint64_t from, size_t bytes, const unsigned char **out)
{
    vdb_strided_cache *w = c->cache;
    uint64_t there = from >= w->window_begin && from - w->window_begin <= w->window_bytes
                         ? w->window_bytes - (from - w->window_begin)
                         : 0;
    if (bytes > there) {
        uint64_t rest = c->box->end - from;
        size_t wanted = !c->box->dense ? bytes : rest < WINDOW_BYTES ? (size_t)rest : WINDOW_BYTES;
        if (there)
            memmove(w->window, w->window + (from - w->window_begin), (size_t)there);
        w->window_bytes = 0;
        int rc = read_at(c, from + there, w->window + there, wanted - (size_t)there);
        if (rc != VARSDB_OK)
            return rc;
        w->window_begin = from;
        w->window_bytes = wanted;
    }
    *out = w->window + (from - w->window_begin);
    return VARSDB_OK;
}

/* ---- Copying ------------------------------------------------------------ */

static void copy_items(unsigned char *to, size_t to_step, const unsigned char *from, size_t from_step,
                       size_t count, size_t item)
{
    for (size_t i = 0; i < count; i++, to += to_step, from += from_step)
        switch (item) {
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
            memcpy(to, from, item);
        }
}

/* The elements along the innermost axis, as many at a time as the window has room for. */
static int copy_run(const copying *c, uint64_t from, uint64_t to)
{
    const axis *a = &c->box->axes[c->box->rank - 1];
    unsigned char *block = c->cache->block;
    uint64_t together = a->count, room = WINDOW_BYTES / c->item - 1;
    if (a->from == 1 && a->to == 1 && a->count > room)
        return read_at(c, from, block + to * c->item, (size_t)a->count * c->item);
    if (a->from && room / a->from + 1 < together)
        together = room / a->from + 1;
    for (uint64_t done = 0; done < a->count; done += together) {
        size_t count = (size_t)(a->count - done < together ? a->count - done : together);
        size_t step = count > 1 ? (size_t)a->from * c->item : 0; /* of one element it may be anything */
        const unsigned char *at = NULL;
        int rc = look_at(c, from + done * a->from * c->item, (count - 1) * step + c->item, &at);
        if (rc != VARSDB_OK)
            return rc;
        copy_items(block + (to + done * a->to) * c->item, (size_t)a->to * c->item, at, step, count, c->item);
    }
    return VARSDB_OK;
}

static int copy_box(const copying *c)
{
    const box *b = c->box;
    uint64_t index[VARSDB_RANK_MAX] = {0}, from = b->from, to = 0;
    for (;;) {
        int rc = copy_run(c, from, to), i = b->rank - 2;
        if (rc != VARSDB_OK)
            return rc;
        for (; i >= 0; i--) { /* the next one, as an odometer counts */
            const axis *a = &b->axes[i];
            from += a->from * c->item;
            to += a->to;
            if (++index[i] < a->count)
                break;
            index[i] = 0;
            from -= a->from * c->item * a->count;
            to -= a->to * a->count;
        }
        if (i < 0)
            return VARSDB_OK;
    }
}

/* ---- Blocks ------------------------------------------------------------- */

static void add_axis(box *b, axis a)
{
    if (a.count == 1)
        return;
    int at = b->rank++;
    for (; at > 0 && b->axes[at - 1].from < a.from; at--)
        b->axes[at] = b->axes[at - 1];
    b->axes[at] = a;
}

/* Where it lies in the file; every element of a view does. */
static void measure(box *b, size_t item)
{
    uint64_t last = 0;
    for (int i = 0; i < b->rank; i++)
        last += (b->axes[i].count - 1) * b->axes[i].from;
    b->end = b->from + (last + 1) * item;
    b->dense = last / SPARSE <= b->elements;
}

/* The block with element `at`: of those that divide the axis along which the tensor is cut most evenly. */
static void choose_box(const vdb_strided *s, uint64_t at, box *out)
{
    uint64_t most = VDB_STRIDED_BLOCK_BYTES / s->item_bytes, inner = 1, from = 0;
    int cut = s->rank - 1;
    while (cut > 0 && s->dims[cut] <= most / inner)
        inner *= s->dims[cut--];
    box b = {.begin = at - at % inner};
    axis last = {1, 0, inner};
    if (cut >= 0) {
        uint64_t dim = s->dims[cut], index = at / inner % dim, step = most / inner;
        uint64_t blocks = dim / step + (dim % step != 0);
        step = dim / blocks + (dim % blocks != 0);
        uint64_t first = index - index % step;
        b.begin -= (index - first) * inner;
        last = (axis){dim - first < step ? dim - first : step, s->strides[cut], inner};
    }
    b.elements = last.count * inner;
    uint64_t rest = b.begin, to = 1;
    for (int i = s->rank - 1; i >= 0; i--) {
        from += rest % s->dims[i] * s->strides[i];
        rest /= s->dims[i];
        if (i > cut) {
            add_axis(&b, (axis){s->dims[i], s->strides[i], to});
            to *= s->dims[i];
        }
    }
    add_axis(&b, last);
    if (!b.rank)
        b.axes[b.rank++] = (axis){1, 0, 1};
    b.from = s->base + from * s->item_bytes;
    measure(&b, s->item_bytes);
    *out = b;
}

static int make_room(vdb_error *e, vdb_strided_cache *c, size_t bytes)
{
    if (!c->window)
        c->window = vdb_malloc(WINDOW_BYTES);
    if (c->window && bytes > c->room) {
        void *block = vdb_realloc(c->block, bytes, 1);
        if (!block)
            return vdb_fail_nomem(e);
        c->block = block;
        c->room = bytes;
    }
    return c->window ? VARSDB_OK : vdb_fail_nomem(e);
}

static int fill(vdb_error *e, const vdb_source *source, const vdb_strided *s, vdb_strided_cache *c,
                uint64_t key, uint64_t at)
{
    box b;
    if (c->count && c->key == key && at >= c->begin && at - c->begin < c->count)
        return VARSDB_OK;
    choose_box(s, at, &b);
    size_t bytes = (size_t)b.elements * s->item_bytes;
    assert(b.elements && bytes <= VDB_STRIDED_BLOCK_BYTES && at >= b.begin && at - b.begin < b.elements);
    c->count = 0;
    if (c->key != key)
        c->window_bytes = 0;
    c->key = key;
    int rc = make_room(e, c, bytes);
    if (rc == VARSDB_OK)
        rc = copy_box(&(copying){e, source, &b, c, s->item_bytes});
    if (rc != VARSDB_OK)
        return rc;
    if (s->number_bytes > 1)
        vdb_reverse_numbers(c->block, bytes, s->number_bytes);
    c->begin = b.begin;
    c->count = (size_t)b.elements;
    return VARSDB_OK;
}

static bool is_plain(const vdb_strided *s)
{
    return s->number_bytes == 1 && (s->rank == 0 || (s->rank == 1 && s->strides[0] == 1));
}

int vdb_strided_read(vdb_error *e, const vdb_source *source, const vdb_strided *s, vdb_strided_cache *c,
                     uint64_t key, uint64_t offset, void *buffer, size_t bytes)
{
    unsigned char *to = buffer;
    if (is_plain(s))
        return source->read_at(e, source->payload, s->base + offset, buffer, bytes);
    while (bytes) {
        int rc = fill(e, source, s, c, key, offset / s->item_bytes);
        if (rc != VARSDB_OK)
            return rc;
        size_t skipped = (size_t)(offset - c->begin * s->item_bytes);
        size_t there = c->count * s->item_bytes - skipped, count = bytes < there ? bytes : there;
        memcpy(to, c->block + skipped, count);
        to += count;
        offset += count;
        bytes -= count;
    }
    return VARSDB_OK;
}

void vdb_strided_release(vdb_strided_cache *c)
{
    vdb_free(c->block);
    vdb_free(c->window);
    *c = (vdb_strided_cache){0};
}

#endif
