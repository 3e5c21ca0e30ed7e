/*
 * tf_read.c - the bytes of a checkpoint's tensors; see tf_bundle.h.
 *
 * Read in order, a tensor is checked as it goes, before its last byte is handed out.  In any other
 * order, or when it has to be put together or turned around, what is read is checked as a whole first.
 */
#ifndef VARSDB_OMIT_TENSORFLOW

#include <string.h>

#include "../byte_order.h"
#include "../dtype.h"
#include "../mem.h"
#include "crc32c.h"
#include "tf_bundle.h"

#define PIECE_BYTES ((size_t)64 << 10)
#define UNIT_MAX    8

int vdb_tf_fail_checksum(vdb_error *e, const vdb_tf_bundle *b, const vdb_tf_item *item)
{
    vdb_fail(e, VARSDB_FORMAT, "they do not have the checksum that the index tells; the file is damaged");
    return vdb_tf_shards_fail_in(e, &b->shards, item->shard, (uint64_t)item->offset, item->stored);
}

static int read_stored(vdb_error *e, vdb_tf_bundle *b, const vdb_tf_item *item, uint64_t offset, void *buffer,
                       size_t bytes)
{
    return vdb_tf_shards_read(e, &b->shards, item->shard, (uint64_t)item->offset + offset, buffer, bytes);
}

/* The whole of what is stored for it. */
static int check_item(vdb_error *e, vdb_tf_bundle *b, vdb_tf_item *item)
{
    uint32_t crc = 0;
    int rc = VARSDB_OK;
    if (item->checked)
        return VARSDB_OK;
    char *piece = vdb_malloc(PIECE_BYTES);
    if (!piece)
        return vdb_fail_nomem(e);
    for (uint64_t at = 0; at < item->stored && rc == VARSDB_OK; at += PIECE_BYTES) {
        size_t bytes = item->stored - at < PIECE_BYTES ? (size_t)(item->stored - at) : PIECE_BYTES;
        rc = read_stored(e, b, item, at, piece, bytes);
        if (rc == VARSDB_OK)
            crc = vdb_crc32c(crc, piece, bytes);
    }
    vdb_free(piece);
    if (rc == VARSDB_OK && vdb_crc32c_mask(crc) != item->crc)
        rc = vdb_tf_fail_checksum(e, b, item);
    item->checked = rc == VARSDB_OK;
    return rc;
}

/* ---- In order ----------------------------------------------------------- */

static int read_in_order(vdb_error *e, vdb_tf_bundle *b, vdb_tf_item *item, uint64_t offset, void *buffer,
                         size_t bytes)
{
    vdb_tf_stream *s = &b->stream;
    if (offset == 0)
        *s = (vdb_tf_stream){.item = item};
    int rc = read_stored(e, b, item, offset, buffer, bytes);
    if (rc == VARSDB_OK) {
        s->crc = vdb_crc32c(s->crc, buffer, bytes);
        s->at += bytes;
    }
    if (rc == VARSDB_OK && s->at == item->stored) {
        item->checked = vdb_crc32c_mask(s->crc) == item->crc;
        if (!item->checked)
            rc = vdb_tf_fail_checksum(e, b, item);
    }
    if (rc != VARSDB_OK)
        s->item = NULL;
    return rc;
}

/* ---- Turned around ------------------------------------------------------ */

/* A range of it that has been checked, in little-endian. */
static int read_anywhere(vdb_error *e, vdb_tf_bundle *b, const vdb_tf_item *item, uint64_t offset,
                         unsigned char *to, size_t bytes)
{
    unsigned char one[UNIT_MAX];
    size_t unit = b->header.big_endian ? vdb_dtype_number_bytes(item->dtype) : 1;
    int rc = VARSDB_OK;
    if (unit == 1)
        return read_stored(e, b, item, offset, to, bytes);
    while (bytes && rc == VARSDB_OK) {
        size_t within = (size_t)(offset % unit), n = bytes - bytes % unit;
        if (!within && n) {
            rc = read_stored(e, b, item, offset, to, n);
            if (rc == VARSDB_OK)
                vdb_reverse_numbers(to, n, unit);
        } else {
            n = unit - within < bytes ? unit - within : bytes;
            rc = read_stored(e, b, item, offset - within, one, unit);
            if (rc != VARSDB_OK)
                return rc;
            vdb_reverse_numbers(one, unit, unit);
            memcpy(to, one + within, n);
        }
        offset += n;
        to += n;
        bytes -= n;
    }
    return rc;
}

/* ---- Slices ------------------------------------------------------------- */

static bool holds(const vdb_tf_extent *x, const int64_t *index, int rank)
{
    for (int i = 0; i < rank; i++)
        if (index[i] < x[i].start || index[i] - x[i].start >= x[i].length)
            return false;
    return true;
}

/* Most often it is the one that was last, or the one behind it. */
static const vdb_tf_piece *find_piece(vdb_tf_bundle *b, const vdb_tf_item *item, const int64_t *index)
{
    const vdb_tf_piece *pieces = b->pieces + item->first_piece;
    for (size_t n = 0; n < item->pieces; n++) {
        size_t i = (b->hint + n) % item->pieces;
        if (holds(vdb_tf_extents(b, &pieces[i]), index, item->rank)) {
            b->hint = i;
            return &pieces[i];
        }
    }
    return NULL;
}

/* Where in the slice the element is, and how many stand behind it there as they do in the whole. */
static void place(const vdb_tf_bundle *b, const vdb_tf_item *item, const vdb_tf_extent *x,
                  const int64_t *index, uint64_t *at, uint64_t *run)
{
    const varsdb_shape shape = vdb_tf_shape(b, item);
    uint64_t stride = 1, inner = 0;
    bool whole = true;
    *at = 0;
    *run = 1;
    for (int i = shape.rank; i-- > 0;) {
        uint64_t here = (uint64_t)(index[i] - x[i].start);
        *at += here * stride;
        if (whole) {
            inner += here * stride;
            *run = stride * (uint64_t)x[i].length - inner;
            whole = x[i].length == shape.dims[i];
        }
        stride *= (uint64_t)x[i].length;
    }
}

static int read_run(vdb_error *e, vdb_tf_bundle *b, const vdb_tf_item *item, uint64_t offset,
                    unsigned char *to, size_t bytes, size_t *done)
{
    int64_t index[VARSDB_RANK_MAX];
    const varsdb_shape shape = vdb_tf_shape(b, item);
    uint64_t size = (uint64_t)varsdb_dtype_bits(item->dtype) / 8, left = offset / size, at, run;
    for (int i = shape.rank; i-- > 0; left /= (uint64_t)shape.dims[i])
        index[i] = (int64_t)(left % (uint64_t)shape.dims[i]);
    const vdb_tf_piece *piece = find_piece(b, item, index);
    if (!piece)
        return vdb_fail(e, VARSDB_FORMAT, "its slices do not cover it");
    vdb_tf_item *slice = &b->items[piece->item];
    int rc = check_item(e, b, slice);
    if (rc != VARSDB_OK)
        return rc;
    place(b, item, vdb_tf_extents(b, piece), index, &at, &run);
    uint64_t within = offset % size, most = run * size - within;
    *done = most < bytes ? (size_t)most : bytes;
    return read_anywhere(e, b, slice, at * size + within, to, *done);
}

static int read_slices(vdb_error *e, vdb_tf_bundle *b, const vdb_tf_item *item, uint64_t offset,
                       unsigned char *to, size_t bytes)
{
    int rc = VARSDB_OK;
    while (bytes && rc == VARSDB_OK) {
        size_t n = 0;
        rc = read_run(e, b, item, offset, to, bytes, &n);
        offset += n;
        to += n;
        bytes -= n;
    }
    return rc;
}

/* ---- All ---------------------------------------------------------------- */

int vdb_tf_read(vdb_error *e, void *state, const vdb_input *in, const vdb_tensor_entry *tensor,
                uint64_t offset, void *buffer, size_t bytes)
{
    vdb_tf_bundle *b = state;
    vdb_tf_item *item = &b->items[tensor->offset];
    (void)in;
    if (!bytes)
        return VARSDB_OK;
    if (item->pieces)
        return read_slices(e, b, item, offset, buffer, bytes);
    if (item->dtype == VARSDB_STRING)
        return vdb_tf_strings_read(e, b, item, offset, buffer, bytes);
    bool turned = b->header.big_endian && vdb_dtype_number_bytes(item->dtype) > 1;
    if (!turned && (offset == 0 || (b->stream.item == item && b->stream.at == offset)))
        return read_in_order(e, b, item, offset, buffer, bytes);
    int rc = check_item(e, b, item);
    return rc == VARSDB_OK ? read_anywhere(e, b, item, offset, buffer, bytes) : rc;
}

#endif
