/* tf_table_write.c - the writer of tables; see tf_table.h. */
#ifndef VARSDB_OMIT_TENSORFLOW

#include <string.h>

#include "../byte_order.h"
#include "crc32c.h"
#include "tf_table.h"

#define DATA_INTERVAL  16u
#define INDEX_INTERVAL 1u
#define NUMBER_BYTES   4u
#define HANDLES_BYTES  40u
#define HUGE_BLOCKS    2u /* an item of so many blocks begins one */

int vdb_tf_put_varint(vdb_buf *out, uint64_t value)
{
    unsigned char bytes[10];
    size_t count = 0;
    for (; value >= 0x80; value >>= 7)
        bytes[count++] = (unsigned char)(value | 0x80);
    bytes[count++] = (unsigned char)value;
    return vdb_buf_append(out, bytes, count);
}

int vdb_tf_put32(vdb_buf *out, uint32_t value)
{
    unsigned char bytes[4];
    vdb_put_little_endian(bytes, value, sizeof bytes);
    return vdb_buf_append(out, bytes, sizeof bytes);
}

/* ---- Blocks ------------------------------------------------------------- */

static int begin_block(vdb_tf_block *b)
{
    vdb_buf_reset(&b->bytes);
    vdb_buf_reset(&b->restarts);
    vdb_buf_reset(&b->last_key);
    b->since_restart = 0;
    return vdb_tf_put32(&b->restarts, 0);
}

static void release_block(vdb_tf_block *b)
{
    vdb_buf_release(&b->bytes);
    vdb_buf_release(&b->restarts);
    vdb_buf_release(&b->last_key);
}

static size_t common_bytes(const void *a, size_t a_bytes, const void *b, size_t b_bytes)
{
    const unsigned char *x = a, *y = b;
    size_t n = 0;
    while (n < a_bytes && n < b_bytes && x[n] == y[n])
        n++;
    return n;
}

static int add_to_block(vdb_tf_block *b, const void *key, size_t key_bytes, const void *value,
                        size_t value_bytes)
{
    size_t shared = 0;
    int rc = VARSDB_OK;
    if (!b->restarts.size)
        rc = begin_block(b);
    if (b->since_restart < b->interval) {
        shared = common_bytes(b->last_key.data, b->last_key.size, key, key_bytes);
    } else {
        rc = vdb_tf_put32(&b->restarts, (uint32_t)b->bytes.size);
        b->since_restart = 0;
    }
    if (rc == VARSDB_OK)
        rc = vdb_tf_put_varint(&b->bytes, shared);
    if (rc == VARSDB_OK)
        rc = vdb_tf_put_varint(&b->bytes, key_bytes - shared);
    if (rc == VARSDB_OK)
        rc = vdb_tf_put_varint(&b->bytes, value_bytes);
    if (rc == VARSDB_OK)
        rc = vdb_buf_append(&b->bytes, (const char *)key + shared, key_bytes - shared);
    if (rc == VARSDB_OK)
        rc = vdb_buf_append(&b->bytes, value, value_bytes);
    b->last_key.size = shared;
    if (rc == VARSDB_OK)
        rc = vdb_buf_append(&b->last_key, (const char *)key + shared, key_bytes - shared);
    b->since_restart++;
    return rc;
}

static size_t estimate(const vdb_tf_block *b)
{
    return b->bytes.size + b->restarts.size + NUMBER_BYTES;
}

static int write_block(vdb_error *e, vdb_tf_table *t, vdb_tf_block *b, uint64_t *bytes)
{
    int rc = b->restarts.size ? VARSDB_OK : begin_block(b);
    uint32_t restarts = (uint32_t)(b->restarts.size / NUMBER_BYTES);
    if (rc == VARSDB_OK)
        rc = vdb_buf_append(&b->bytes, b->restarts.data, b->restarts.size);
    if (rc == VARSDB_OK)
        rc = vdb_tf_put32(&b->bytes, restarts);
    *bytes = b->bytes.size;
    if (rc == VARSDB_OK)
        rc = vdb_buf_append(&b->bytes, "", 1); /* it is not compressed */
    if (rc == VARSDB_OK)
        rc = vdb_tf_put32(&b->bytes, vdb_crc32c_mask(vdb_crc32c(0, b->bytes.data, b->bytes.size)));
    if (rc != VARSDB_OK)
        return vdb_fail_nomem(e);
    rc = vdb_output_write(e, t->fd, b->bytes.data, b->bytes.size);
    t->offset += b->bytes.size;
    return rc;
}

/* ---- The table ---------------------------------------------------------- */

void vdb_tf_table_begin(vdb_tf_table *t, int fd, size_t block_bytes)
{
    *t = (vdb_tf_table){.fd = fd,
                        .block_bytes = block_bytes,
                        .data.interval = DATA_INTERVAL,
                        .index.interval = INDEX_INTERVAL};
}

void vdb_tf_table_release(vdb_tf_table *t)
{
    release_block(&t->data);
    release_block(&t->index);
}

/* Bytes of the shortest key that is not below `last` and below `next`, which *last_byte then ends; all
 * of `last` and its own last byte where there is none shorter. */
static size_t separator(const vdb_buf *last, const unsigned char *next, size_t next_bytes,
                        unsigned char *last_byte)
{
    const unsigned char *key = (const unsigned char *)last->data;
    size_t n = common_bytes(key, last->size, next, next_bytes);
    if (n >= last->size || n >= next_bytes || key[n] == 0xff || key[n] + 1 >= next[n]) {
        *last_byte = last->size ? key[last->size - 1] : 0;
        return last->size;
    }
    *last_byte = (unsigned char)(key[n] + 1);
    return n + 1;
}

/* The same with nothing behind it. */
static size_t successor(const vdb_buf *last, unsigned char *last_byte)
{
    const unsigned char *key = (const unsigned char *)last->data;
    for (size_t n = 0; n < last->size; n++)
        if (key[n] != 0xff) {
            *last_byte = (unsigned char)(key[n] + 1);
            return n + 1;
        }
    *last_byte = 0xff;
    return last->size;
}

/* The written block's last key is still in t->data. */
static int settle_pending(vdb_error *e, vdb_tf_table *t, const void *next, size_t next_bytes)
{
    unsigned char last_byte = 0;
    vdb_buf key = {0}, value = {0};
    const vdb_buf *last = &t->data.last_key;
    size_t bytes = next ? separator(last, next, next_bytes, &last_byte) : successor(last, &last_byte);
    int rc = vdb_buf_append(&key, last->data, bytes);
    if (rc == VARSDB_OK && bytes)
        key.data[bytes - 1] = (char)last_byte;
    if (rc == VARSDB_OK)
        rc = vdb_tf_put_varint(&value, t->pending_offset);
    if (rc == VARSDB_OK)
        rc = vdb_tf_put_varint(&value, t->pending_bytes);
    if (rc == VARSDB_OK)
        rc = add_to_block(&t->index, key.data, key.size, value.data, value.size);
    if (rc == VARSDB_OK)
        rc = begin_block(&t->data);
    t->pending = false;
    vdb_buf_release(&key);
    vdb_buf_release(&value);
    return rc == VARSDB_OK ? rc : vdb_fail_nomem(e);
}

static int flush(vdb_error *e, vdb_tf_table *t)
{
    if (t->pending || !t->data.bytes.size)
        return VARSDB_OK;
    t->pending_offset = t->offset;
    t->pending = true;
    return write_block(e, t, &t->data, &t->pending_bytes);
}

int vdb_tf_table_add(vdb_error *e, vdb_tf_table *t, const void *key, size_t key_bytes, const void *value,
                     size_t value_bytes)
{
    int rc = VARSDB_OK;
    if (key_bytes + value_bytes >= HUGE_BLOCKS * t->block_bytes)
        rc = flush(e, t);
    if (rc == VARSDB_OK && t->pending)
        rc = settle_pending(e, t, key, key_bytes);
    if (rc != VARSDB_OK)
        return rc;
    if (add_to_block(&t->data, key, key_bytes, value, value_bytes) != VARSDB_OK)
        return vdb_fail_nomem(e);
    return estimate(&t->data) >= t->block_bytes ? flush(e, t) : VARSDB_OK;
}

static int write_footer(vdb_error *e, vdb_tf_table *t, const uint64_t place[4])
{
    static const char zeros[HANDLES_BYTES];
    vdb_buf footer = {0};
    int rc = VARSDB_OK;
    for (int i = 0; i < 4 && rc == VARSDB_OK; i++)
        rc = vdb_tf_put_varint(&footer, place[i]);
    if (rc == VARSDB_OK)
        rc = vdb_buf_append(&footer, zeros, HANDLES_BYTES - footer.size);
    if (rc == VARSDB_OK)
        rc = vdb_buf_append(&footer, VDB_TF_TABLE_MAGIC, VDB_TF_TABLE_MAGIC_BYTES);
    rc = rc == VARSDB_OK ? vdb_output_write(e, t->fd, footer.data, footer.size) : vdb_fail_nomem(e);
    vdb_buf_release(&footer);
    return rc;
}

int vdb_tf_table_finish(vdb_error *e, vdb_tf_table *t)
{
    uint64_t place[4];
    vdb_tf_block meta = {.interval = DATA_INTERVAL};
    int rc = flush(e, t);
    place[0] = t->offset;
    if (rc == VARSDB_OK)
        rc = write_block(e, t, &meta, &place[1]);
    if (rc == VARSDB_OK && t->pending)
        rc = settle_pending(e, t, NULL, 0);
    place[2] = t->offset;
    if (rc == VARSDB_OK)
        rc = write_block(e, t, &t->index, &place[3]);
    if (rc == VARSDB_OK)
        rc = write_footer(e, t, place);
    release_block(&meta);
    return rc;
}

#endif
