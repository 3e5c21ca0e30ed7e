/* tf_table.c - the reader of tables; see tf_table.h. */
#ifndef VARSDB_OMIT_TENSORFLOW

#include "tf_table.h"

#include <string.h>

#include "../byte_order.h"
#include "../mem.h"
#include "crc32c.h"
#include "snappy.h"

#define FOOTER_BYTES  48u
#define TRAILER_BYTES 5u /* the type, and the checksum of the block and the type */
#define NUMBER_BYTES  4u

enum {
    BLOCK_RAW,
    BLOCK_SNAPPY
};

bool vdb_tf_take_varint(const unsigned char **at, const unsigned char *end, uint64_t *out)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && *at < end; shift += 7) {
        unsigned char byte = *(*at)++;
        if (shift == 63 && byte > 1)
            return false;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            *out = value;
            return true;
        }
    }
    return false;
}

/* ---- Blocks ------------------------------------------------------------- */

typedef struct handle {
    uint64_t offset, bytes;
} handle;

typedef struct table {
    vdb_error *e;
    const vdb_input *in;
    vdb_tf_item_cb callback;
    void *payload;
    vdb_buf key; /* the last, over all blocks */
    bool began;
} table;

static bool take_handle(const unsigned char **at, const unsigned char *end, handle *out)
{
    return vdb_tf_take_varint(at, end, &out->offset) && vdb_tf_take_varint(at, end, &out->bytes);
}

static int check_handle(const table *t, const handle *h)
{
    uint64_t end, room = t->in->bytes - FOOTER_BYTES;
    if (__builtin_add_overflow(h->offset, h->bytes, &end) ||
        __builtin_add_overflow(end, TRAILER_BYTES, &end) || end > room)
        return vdb_fail(t->e, VARSDB_FORMAT, "a block of the index is said to be outside of the file");
    return VARSDB_OK;
}

static int fail_checksum(const table *t, const handle *h)
{
    return vdb_fail(t->e, VARSDB_FORMAT,
                    "the index is damaged: bytes %llu to %llu do not have the checksum stored with them",
                    (unsigned long long)h->offset, (unsigned long long)(h->offset + h->bytes));
}

static int read_block(const table *t, const handle *h, vdb_buf *out)
{
    void *room = NULL;
    vdb_buf stored = {0};
    int rc = check_handle(t, h);
    if (rc != VARSDB_OK)
        return rc;
    size_t bytes = (size_t)h->bytes;
    vdb_buf_reset(out);
    if (vdb_buf_extend(out, bytes + TRAILER_BYTES, &room) != VARSDB_OK)
        return vdb_fail_nomem(t->e);
    rc = vdb_input_read(t->e, t->in, h->offset, room, bytes + TRAILER_BYTES);
    if (rc != VARSDB_OK)
        return rc;
    const unsigned char *type = (const unsigned char *)room + bytes;
    if (vdb_crc32c_mask(vdb_crc32c(0, room, bytes + 1)) != vdb_get_little_endian(type + 1, 4))
        return fail_checksum(t, h);
    if (*type == BLOCK_RAW) {
        out->size = bytes;
    } else if (*type == BLOCK_SNAPPY) {
        stored = *out;
        *out = (vdb_buf){0};
        rc = vdb_snappy_decode(t->e, stored.data, bytes, out);
        vdb_buf_release(&stored);
    } else {
        rc =
            vdb_fail(t->e, VARSDB_FORMAT, "a block of the index is compressed in an unknown way (%u)", *type);
    }
    return rc;
}

typedef struct item {
    const unsigned char *suffix, *value;
    uint64_t shared, suffix_bytes, value_bytes;
} item;

static bool take_item(const unsigned char **at, const unsigned char *end, item *out)
{
    if (!vdb_tf_take_varint(at, end, &out->shared) || !vdb_tf_take_varint(at, end, &out->suffix_bytes) ||
        !vdb_tf_take_varint(at, end, &out->value_bytes))
        return false;
    size_t left = (size_t)(end - *at);
    if (out->suffix_bytes > left || out->value_bytes > left - out->suffix_bytes)
        return false;
    out->suffix = *at;
    out->value = *at + out->suffix_bytes;
    *at = out->value + out->value_bytes;
    return true;
}

/* Where the items end and the restarts, which only searches need, begin. */
static const unsigned char *end_of_items(const vdb_buf *block)
{
    if (block->size < NUMBER_BYTES)
        return NULL;
    const unsigned char *begin = (const unsigned char *)block->data;
    size_t room = (block->size - NUMBER_BYTES) / NUMBER_BYTES;
    uint64_t restarts = vdb_get_little_endian(begin + block->size - NUMBER_BYTES, NUMBER_BYTES);
    return restarts > room ? NULL : begin + block->size - NUMBER_BYTES - (size_t)restarts * NUMBER_BYTES;
}

static int by_bytes(const void *a, size_t a_bytes, const void *b, size_t b_bytes)
{
    size_t common = a_bytes < b_bytes ? a_bytes : b_bytes;
    int difference = common ? memcmp(a, b, common) : 0;
    return difference ? difference : (a_bytes > b_bytes) - (a_bytes < b_bytes);
}

/* Makes *key of what it was and the item, with room for a key behind it. */
static int step_key(const table *t, vdb_buf *key, const item *i)
{
    if (i->shared > key->size)
        return vdb_fail(t->e, VARSDB_FORMAT, "the index is damaged: a key shares more than there is");
    if (i->shared + i->suffix_bytes > VDB_TF_TABLE_KEY_MAX)
        return vdb_fail(t->e, VARSDB_FORMAT, "a key of the index has more than %u bytes",
                        VDB_TF_TABLE_KEY_MAX);
    key->size = (size_t)i->shared;
    if (vdb_buf_append(key, i->suffix, (size_t)i->suffix_bytes) != VARSDB_OK)
        return vdb_fail_nomem(t->e);
    return VARSDB_OK;
}

/* ---- The data ----------------------------------------------------------- */

/* It is above the one before when the first byte that it does not share is. */
static int check_order(const table *t, const item *i)
{
    size_t shared = (size_t)i->shared;
    if (!t->began || shared > t->key.size ||
        by_bytes(i->suffix, (size_t)i->suffix_bytes, t->key.data + shared, t->key.size - shared) > 0)
        return VARSDB_OK;
    return vdb_fail(t->e, VARSDB_FORMAT, "the index is damaged: its keys do not ascend");
}

static int each_of_block(table *t, const vdb_buf *block)
{
    const unsigned char *at = (const unsigned char *)block->data, *end = end_of_items(block);
    int rc = end ? VARSDB_OK
                 : vdb_fail(t->e, VARSDB_FORMAT, "the index is damaged: a block has more restarts than room");
    bool first = true;
    while (rc == VARSDB_OK && at < end) {
        item i;
        if (!take_item(&at, end, &i))
            rc = vdb_fail(t->e, VARSDB_FORMAT, "the index is damaged: an item ends behind its block");
        else if (first && i.shared)
            rc = vdb_fail(t->e, VARSDB_FORMAT, "the index is damaged: a block begins with half a key");
        else
            rc = check_order(t, &i);
        if (rc == VARSDB_OK)
            rc = step_key(t, &t->key, &i);
        if (rc == VARSDB_OK)
            rc = t->callback(t->payload, t->key.data ? t->key.data : "", t->key.size, i.value,
                             (size_t)i.value_bytes);
        first = false;
        t->began = true;
    }
    return rc;
}

/* An item of the block of blocks; its key is not below the block's last. */
static int each_of_handle(table *t, const vdb_buf *key, const item *i, vdb_buf *block)
{
    handle h;
    const unsigned char *at = i->value, *end = at + i->value_bytes;
    if (!take_handle(&at, end, &h))
        return vdb_fail(t->e, VARSDB_FORMAT, "the index is damaged: a block's place is none");
    int rc = read_block(t, &h, block);
    if (rc == VARSDB_OK)
        rc = each_of_block(t, block);
    if (rc == VARSDB_OK && by_bytes(t->key.data, t->key.size, key->data, key->size) > 0)
        rc = vdb_fail(t->e, VARSDB_FORMAT, "the index is damaged: a block holds keys that belong behind it");
    return rc;
}

static int each_block(table *t, const vdb_buf *blocks)
{
    vdb_buf key = {0}, block = {0};
    const unsigned char *at = (const unsigned char *)blocks->data, *end = end_of_items(blocks);
    int rc = end ? VARSDB_OK
                 : vdb_fail(t->e, VARSDB_FORMAT, "the index is damaged: a block has more restarts than room");
    while (rc == VARSDB_OK && at < end) {
        item i;
        if (!take_item(&at, end, &i))
            rc = vdb_fail(t->e, VARSDB_FORMAT, "the index is damaged: an item ends behind its block");
        if (rc == VARSDB_OK)
            rc = step_key(t, &key, &i);
        if (rc == VARSDB_OK)
            rc = each_of_handle(t, &key, &i, &block);
    }
    vdb_buf_release(&key);
    vdb_buf_release(&block);
    return rc;
}

static int read_footer(const table *t, handle *out)
{
    unsigned char footer[FOOTER_BYTES];
    const unsigned char *at = footer, *end = footer + FOOTER_BYTES - VDB_TF_TABLE_MAGIC_BYTES;
    handle meta;
    if (t->in->bytes < FOOTER_BYTES)
        return vdb_fail(t->e, VARSDB_FORMAT, "the file has %llu bytes, too few for an index; it is truncated",
                        (unsigned long long)t->in->bytes);
    int rc = vdb_input_read(t->e, t->in, t->in->bytes - FOOTER_BYTES, footer, FOOTER_BYTES);
    if (rc != VARSDB_OK)
        return rc;
    if (memcmp(end, VDB_TF_TABLE_MAGIC, VDB_TF_TABLE_MAGIC_BYTES) != 0)
        return vdb_fail(t->e, VARSDB_FORMAT,
                        "the index does not end as one does; it is truncated or damaged");
    if (!take_handle(&at, end, &meta) || !take_handle(&at, end, out))
        return vdb_fail(t->e, VARSDB_FORMAT, "the index is damaged: its last bytes name no block");
    return VARSDB_OK;
}

int vdb_tf_table_each(vdb_error *e, const vdb_input *in, vdb_tf_item_cb callback, void *payload)
{
    handle index;
    vdb_buf blocks = {0};
    table t = {.e = e, .in = in, .callback = callback, .payload = payload};
    int rc = read_footer(&t, &index);
    if (rc == VARSDB_OK)
        rc = read_block(&t, &index, &blocks);
    if (rc == VARSDB_OK)
        rc = each_block(&t, &blocks);
    vdb_buf_release(&blocks);
    vdb_buf_release(&t.key);
    return rc;
}

#endif
