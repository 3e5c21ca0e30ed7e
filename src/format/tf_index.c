/*
 * tf_index.c - the index of a checkpoint as a list of what it says; see tf_bundle.h.
 *
 * Memory is at most 64 MiB and 64 times the file, however it is compressed.
 */
#ifndef VARSDB_OMIT_TENSORFLOW

#include <stdlib.h>
#include <string.h>

#include "../dtype.h"
#include "../mem.h"
#include "../name.h"
#include "crc32c.h"
#include "tf_bundle.h"
#include "tf_table.h"

#define MEMORY_FREE   ((uint64_t)64 << 20)
#define MEMORY_FACTOR 64u
#define V1_BEGIN      0x0a /* the header of a V1 checkpoint, a SavedTensorSliceMeta */

typedef struct loader {
    vdb_error *e;
    vdb_tf_bundle *b;
} loader;

static int spend(loader *l, uint64_t bytes)
{
    if (bytes > l->b->memory_left)
        return vdb_fail(l->e, VARSDB_FORMAT,
                        "the index would take much more memory than a file of its size should");
    l->b->memory_left -= bytes;
    return VARSDB_OK;
}

static int load_header(loader *l, size_t key_bytes, const void *value, size_t bytes)
{
    if (key_bytes)
        return vdb_fail(l->e, VARSDB_FORMAT, "it is a table, but not the index of a TensorFlow checkpoint");
    if (bytes && *(const unsigned char *)value == V1_BEGIN)
        return vdb_fail(l->e, VARSDB_FORMAT,
                        "it is a TensorFlow checkpoint of version 1, which is not read; TensorFlow's "
                        "tf.compat.v1.train.Saver makes version 2 of it");
    l->b->began = true;
    int rc = vdb_tf_read_header(l->e, value, bytes, &l->b->header);
    l->b->shards.count = l->b->header.shards;
    return rc;
}

/* ---- One item ----------------------------------------------------------- */

static int new_item(loader *l, vdb_tf_item **out)
{
    vdb_tf_bundle *b = l->b;
    if (b->count == b->room) {
        size_t room = b->room ? b->room * 2 : 64;
        vdb_tf_item *items = vdb_realloc(b->items, room, sizeof *items);
        if (!items)
            return vdb_fail_nomem(l->e);
        b->items = items;
        b->room = room;
    }
    *out = &b->items[b->count++];
    **out = (vdb_tf_item){0};
    return VARSDB_OK;
}

static int new_piece(loader *l, vdb_tf_piece **out)
{
    vdb_tf_bundle *b = l->b;
    if (b->piece_count == b->piece_room) {
        size_t room = b->piece_room ? b->piece_room * 2 : 16;
        vdb_tf_piece *pieces = vdb_realloc(b->pieces, room, sizeof *pieces);
        if (!pieces)
            return vdb_fail_nomem(l->e);
        b->pieces = pieces;
        b->piece_room = room;
    }
    *out = &b->pieces[b->piece_count++];
    return VARSDB_OK;
}

static int add_piece(loader *l, vdb_tf_message body, int rank)
{
    vdb_tf_extent extents[VARSDB_RANK_MAX];
    vdb_tf_piece *piece = NULL;
    size_t bytes = (size_t)rank * sizeof *extents, at = l->b->extents.size / sizeof *extents;
    int rc = vdb_tf_read_slice(l->e, body, rank, extents);
    if (rc == VARSDB_OK)
        rc = spend(l, sizeof *piece + bytes);
    if (rc == VARSDB_OK)
        rc = new_piece(l, &piece);
    if (rc != VARSDB_OK)
        return rc;
    *piece = (vdb_tf_piece){.item = 0, .extents = at};
    return vdb_buf_append(&l->b->extents, extents, bytes) == VARSDB_OK ? rc : vdb_fail_nomem(l->e);
}

static int add_pieces(loader *l, vdb_tf_item *item, size_t count, const void *value, size_t bytes)
{
    vdb_tf_field f;
    bool there = true;
    vdb_tf_message m = vdb_tf_message_of(value, bytes);
    int rc = VARSDB_OK;
    item->first_piece = l->b->piece_count;
    item->pieces = count;
    if (count > VDB_TF_SLICES_MAX)
        return vdb_fail(l->e, VARSDB_FORMAT, "it is in %zu slices; at most %u are read", count,
                        VDB_TF_SLICES_MAX);
    if (count && item->dtype == VARSDB_STRING)
        return vdb_fail(l->e, VARSDB_UNSUPPORTED, "strings in slices are not read");
    while (count && rc == VARSDB_OK && (rc = vdb_tf_next_field(l->e, &m, &f, &there)) == VARSDB_OK && there)
        if (f.number == 7 && f.wire == VDB_TF_BYTES)
            rc = add_piece(l, f.body, item->rank);
    return rc;
}

static int set_dtype(const loader *l, vdb_tf_item *item, unsigned number)
{
    const char *name = vdb_tf_dtype_name(number);
    item->tf_dtype = number;
    item->dtype = vdb_tf_dtype(number);
    if (item->dtype != VARSDB_DTYPE_NOT_SAID)
        return VARSDB_OK;
    if (name)
        return vdb_fail(l->e, VARSDB_UNSUPPORTED, "its dtype %s is none that a registry has", name);
    return vdb_fail(l->e, VARSDB_FORMAT, "its dtype is given as %u, which is none", number);
}

/* What is stored has exactly the bytes that dtype and shape take; of strings there is a least number. */
static int check_size(const loader *l, const vdb_tf_item *item)
{
    const uint64_t elements = (uint64_t)item->elements, stored = item->stored;
    if (item->pieces)
        return VARSDB_OK;
    if (item->dtype != VARSDB_STRING && stored != item->bytes)
        return vdb_fail(l->e, VARSDB_FORMAT, "its shape and dtype take %llu bytes, but it has %llu",
                        (unsigned long long)item->bytes, (unsigned long long)stored);
    if (item->dtype == VARSDB_STRING && (stored < 4 || elements > stored - 4) && (stored || elements))
        return vdb_fail(l->e, VARSDB_FORMAT, "%llu strings take more than the %llu bytes that it has",
                        (unsigned long long)elements, (unsigned long long)stored);
    if (item->dtype != VARSDB_STRING && !stored && item->crc != vdb_crc32c_mask(0))
        return vdb_fail(l->e, VARSDB_FORMAT, "the checksum of its no bytes is wrong");
    return VARSDB_OK;
}

static int set_shape(const loader *l, vdb_tf_item *item, const vdb_dims *dims)
{
    int64_t bytes = 0;
    varsdb_shape shape = vdb_dims_shape(dims);
    int rc = vdb_shape_elements(l->e, &shape, &item->elements);
    if (rc == VARSDB_OK && item->dtype != VARSDB_STRING &&
        !vdb_dtype_bytes(item->dtype, item->elements, &bytes))
        rc = vdb_fail(l->e, VARSDB_INVALID, "it has more bytes than can be counted");
    if (rc != VARSDB_OK)
        l->e->code = VARSDB_FORMAT;
    item->bytes = (uint64_t)bytes;
    item->rank = dims->rank;
    item->dims = l->b->dims.size / sizeof *dims->dim;
    if (rc != VARSDB_OK)
        return VARSDB_FORMAT;
    return vdb_buf_append(&l->b->dims, dims->dim, (size_t)dims->rank * sizeof *dims->dim) == VARSDB_OK
               ? rc
               : vdb_fail_nomem(l->e);
}

static int fill_item(loader *l, vdb_tf_item *item, const vdb_tf_entry *entry, const void *value, size_t bytes)
{
    int rc = set_dtype(l, item, entry->dtype);
    if (rc == VARSDB_OK)
        rc = set_shape(l, item, &entry->dims);
    if (rc == VARSDB_OK && (entry->shard < 0 || entry->shard >= l->b->header.shards))
        rc = vdb_fail(l->e, VARSDB_FORMAT, "it is in shard %lld of %lld", (long long)entry->shard,
                      (long long)l->b->header.shards);
    item->shard = entry->shard;
    item->offset = entry->offset;
    item->stored = (uint64_t)entry->bytes;
    item->crc = entry->crc;
    if (rc == VARSDB_OK)
        rc = add_pieces(l, item, entry->slices, value, bytes);
    return rc == VARSDB_OK ? check_size(l, item) : rc;
}

static int load_entry(loader *l, const char *key, size_t key_bytes, const void *value, size_t bytes)
{
    vdb_tf_entry entry;
    vdb_tf_item *item = NULL;
    bool is_slice = *key == '\0';
    if (!is_slice && !vdb_utf8_valid(key, key_bytes))
        return vdb_fail(l->e, VARSDB_FORMAT, "a tensor's name is not UTF-8 without NUL");
    int rc = vdb_tf_read_entry(l->e, value, bytes, &entry);
    if (rc == VARSDB_OK)
        rc = spend(l, sizeof *item + key_bytes + (size_t)entry.dims.rank * sizeof(int64_t));
    if (rc == VARSDB_OK)
        rc = new_item(l, &item);
    if (rc == VARSDB_OK) {
        item->key = l->b->keys.size;
        item->key_bytes = key_bytes;
        rc = fill_item(l, item, &entry, value, bytes);
    }
    if (rc == VARSDB_OK && vdb_buf_append(&l->b->keys, key, key_bytes + 1) != VARSDB_OK)
        rc = vdb_fail_nomem(l->e);
    if (rc != VARSDB_OK && rc != VARSDB_NOMEM)
        vdb_fail_in(l->e, is_slice ? "a slice of tensor " VDB_TF_SHOWN : "tensor " VDB_TF_SHOWN,
                    is_slice ? key + 1 : key);
    return rc;
}

/* vdb_tf_item_cb; there is a NUL behind the key. */
static int load_item(void *payload, const void *key, size_t key_bytes, const void *value, size_t value_bytes)
{
    loader *l = payload;
    return l->b->began ? load_entry(l, key, key_bytes, value, value_bytes)
                       : load_header(l, key_bytes, value, value_bytes);
}

int vdb_tf_bundle_load(vdb_error *e, vdb_tf_bundle *b, const vdb_input *in)
{
    loader l = {e, b};
    if (__builtin_mul_overflow(in->bytes, MEMORY_FACTOR, &b->memory_left) ||
        __builtin_add_overflow(b->memory_left, MEMORY_FREE, &b->memory_left))
        b->memory_left = UINT64_MAX;
    int rc = vdb_tf_table_each(e, in, load_item, &l);
    if (rc == VARSDB_OK && !b->began)
        rc = vdb_fail(e, VARSDB_FORMAT, "it is a table without anything in it");
    return rc;
}

void vdb_tf_bundle_release(vdb_tf_bundle *b)
{
    vdb_tf_shards_release(&b->shards);
    vdb_free(b->items);
    vdb_free(b->pieces);
    vdb_buf_release(&b->keys);
    vdb_buf_release(&b->dims);
    vdb_buf_release(&b->extents);
    vdb_buf_release(&b->full_names);
}

/* ---- Slices ------------------------------------------------------------- */

const vdb_tf_item *vdb_tf_find_item(const vdb_tf_bundle *b, const void *key, size_t bytes)
{
    size_t low = 0, high = b->count;
    while (low < high) {
        const vdb_tf_item *i = &b->items[low + (high - low) / 2];
        size_t common = i->key_bytes < bytes ? i->key_bytes : bytes;
        int difference = memcmp(vdb_tf_key(b, i), key, common);
        if (!difference)
            difference = (i->key_bytes > bytes) - (i->key_bytes < bytes);
        if (!difference)
            return i;
        if (difference < 0)
            low = low + (high - low) / 2 + 1;
        else
            high = low + (high - low) / 2;
    }
    return NULL;
}

/* Makes an extent of what is not cut, and checks that all are within. */
static int check_extents(vdb_error *e, const varsdb_shape *shape, vdb_tf_extent *extents, int64_t *elements)
{
    *elements = 1;
    for (int i = 0; i < shape->rank; i++) {
        vdb_tf_extent *x = &extents[i];
        int64_t dim = shape->dims[i], end;
        if (x->length == VDB_TF_SLICE_ALL && x->start == 0)
            x->length = dim;
        else if (x->start < 0 || x->length < 1 || __builtin_add_overflow(x->start, x->length, &end) ||
                 end > dim)
            return vdb_fail(e, VARSDB_FORMAT, "a slice of it has %lld elements from %lld on, of %lld",
                            (long long)x->length, (long long)x->start, (long long)dim);
        *elements *= x->length; /* not above the tensor's, which were counted */
    }
    return VARSDB_OK;
}

static bool has_shape_of(const vdb_tf_bundle *b, const vdb_tf_item *slice, const vdb_tf_extent *extents)
{
    const varsdb_shape shape = vdb_tf_shape(b, slice);
    for (int i = 0; i < shape.rank; i++)
        if (shape.dims[i] != extents[i].length)
            return false;
    return true;
}

static int join_piece(vdb_error *e, vdb_tf_bundle *b, const vdb_tf_item *item, vdb_tf_piece *piece,
                      int64_t *elements)
{
    vdb_buf key = {0};
    vdb_tf_extent *extents = vdb_tf_extents(b, piece);
    const varsdb_shape shape = vdb_tf_shape(b, item);
    vdb_tf_item *found = NULL;
    int rc = vdb_tf_slice_key(&key, vdb_tf_key(b, item), item->key_bytes, item->rank, extents);
    if (rc == VARSDB_OK)
        found = (vdb_tf_item *)(uintptr_t)vdb_tf_find_item(b, key.data, key.size);
    else
        vdb_fail_nomem(e);
    vdb_buf_release(&key);
    if (rc == VARSDB_OK && !found)
        rc = vdb_fail(e, VARSDB_FORMAT, "a slice of it is not in the index");
    if (rc == VARSDB_OK)
        rc = check_extents(e, &shape, extents, elements);
    if (rc == VARSDB_OK && (found->pieces || found->tf_dtype != item->tf_dtype || found->rank != item->rank ||
                            !has_shape_of(b, found, extents)))
        rc = vdb_fail(e, VARSDB_FORMAT, "a slice of it has another dtype or shape in the index");
    if (rc == VARSDB_OK) {
        piece->item = (size_t)(found - b->items);
        found->joined = true;
    }
    return rc;
}

static bool overlap(const vdb_tf_extent *a, const vdb_tf_extent *b, int rank)
{
    for (int i = 0; i < rank; i++)
        if (a[i].start + a[i].length <= b[i].start || b[i].start + b[i].length <= a[i].start)
            return false;
    return true;
}

static int join_item(vdb_error *e, vdb_tf_bundle *b, const vdb_tf_item *item)
{
    vdb_tf_piece *pieces = b->pieces + item->first_piece;
    int64_t sum = 0, elements;
    int rc = VARSDB_OK;
    for (size_t i = 0; i < item->pieces && rc == VARSDB_OK; i++) {
        rc = join_piece(e, b, item, &pieces[i], &elements);
        if (rc == VARSDB_OK && (__builtin_add_overflow(sum, elements, &sum) || sum > item->elements))
            rc = vdb_fail(e, VARSDB_FORMAT, "its slices overlap");
        for (size_t k = 0; k < i && rc == VARSDB_OK; k++)
            if (overlap(vdb_tf_extents(b, &pieces[i]), vdb_tf_extents(b, &pieces[k]), item->rank) && elements)
                rc = vdb_fail(e, VARSDB_FORMAT, "its slices overlap");
    }
    if (rc == VARSDB_OK && sum != item->elements)
        rc = vdb_fail(e, VARSDB_FORMAT, "its slices have %lld elements together, but it has %lld",
                      (long long)sum, (long long)item->elements);
    return rc;
}

int vdb_tf_bundle_join(vdb_error *e, vdb_tf_bundle *b)
{
    int rc = VARSDB_OK;
    for (size_t i = 0; i < b->count && rc == VARSDB_OK; i++) {
        const vdb_tf_item *item = &b->items[i];
        if (!item->pieces || vdb_tf_is_slice(b, item))
            continue;
        rc = join_item(e, b, item);
        if (rc != VARSDB_OK && rc != VARSDB_NOMEM)
            vdb_fail_in(e, "tensor " VDB_TF_SHOWN, vdb_tf_key(b, item));
    }
    return rc;
}

#endif
