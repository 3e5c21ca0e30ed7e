/*
 * tf_strings.c - string tensors of a checkpoint, where all lengths stand before all
 * strings, read as the registry has them: each length before its string.
 */
#ifndef VARSDB_OMIT_TENSORFLOW

#include <string.h>

#include "../byte_order.h"
#include "crc32c.h"
#include "tf_bundle.h"
#include "tf_table.h"

#define LENGTH_BYTES   8u
#define CHECKSUM_BYTES 4u
#define VARINT_MAX     10u
#define BATCH_BYTES    4096u

/* The length at *at, which goes behind it; both behind the tensor's offset. */
static int take_length(vdb_error *e, vdb_tf_bundle *b, const vdb_tf_item *item, uint64_t *at, uint64_t *out)
{
    unsigned char bytes[VARINT_MAX];
    uint64_t left = item->stored - *at;
    size_t count = 0, most = left < VARINT_MAX ? (size_t)left : VARINT_MAX;
    const unsigned char *from, *end = bytes;
    int rc = VARSDB_OK;
    while (rc == VARSDB_OK && count < most && (count == 0 || bytes[count - 1] & 0x80)) {
        size_t n;
        rc = vdb_tf_shards_view(e, &b->shards, item->shard, (uint64_t)item->offset + *at + count, 1, &from,
                                &n);
        if (rc == VARSDB_OK)
            bytes[count++] = *from;
    }
    if (rc != VARSDB_OK)
        return rc;
    from = bytes;
    end = bytes + count;
    if (!vdb_tf_take_varint(&from, end, out)) {
        vdb_fail(e, VARSDB_FORMAT, "no length of a string is there");
        return vdb_tf_shards_fail_in(e, &b->shards, item->shard, (uint64_t)item->offset + *at, count);
    }
    *at += (uint64_t)(from - bytes);
    return VARSDB_OK;
}

/* Their sum, their checksum, and where they end. */
static int scan_lengths(vdb_error *e, vdb_tf_bundle *b, const vdb_tf_item *item, uint64_t *at, uint64_t *sum,
                        uint32_t *crc)
{
    unsigned char batch[BATCH_BYTES];
    size_t used = 0;
    int rc = VARSDB_OK;
    *at = *sum = *crc = 0;
    for (int64_t i = 0; i < item->elements && rc == VARSDB_OK; i++) {
        uint64_t length = 0;
        rc = take_length(e, b, item, at, &length);
        if (rc == VARSDB_OK && (length > item->stored || *sum > item->stored - length))
            rc = vdb_fail(e, VARSDB_FORMAT, "its strings are said to be longer than its %llu bytes",
                          (unsigned long long)item->stored);
        *sum += length;
        size_t bytes = length > UINT32_MAX ? 8 : 4;
        vdb_put_little_endian(batch + used, length, bytes);
        used += bytes;
        if (used > sizeof batch - LENGTH_BYTES) {
            *crc = vdb_crc32c(*crc, batch, used);
            used = 0;
        }
    }
    *crc = vdb_crc32c(*crc, batch, used);
    return rc;
}

/* Without its shard: exact for one string, at most so much for several. */
static void guess(vdb_tf_item *item)
{
    uint64_t elements = (uint64_t)item->elements, rest = item->stored - CHECKSUM_BYTES, lengths = elements;
    if (elements == 1)
        while (lengths < VARINT_MAX && rest > lengths && (rest - lengths) >> (7 * lengths))
            lengths++;
    item->bytes = elements * LENGTH_BYTES + rest - lengths;
}

int vdb_tf_strings_measure(vdb_error *e, vdb_tf_bundle *b, vdb_tf_item *item)
{
    uint64_t at, sum;
    uint32_t crc;
    unsigned char stored[CHECKSUM_BYTES];
    if (item->stored == 0)
        return VARSDB_OK;
    if (item->elements > INT64_MAX / 16)
        return vdb_fail(e, VARSDB_FORMAT, "it has more bytes than can be counted");
    if (!vdb_tf_shards_has(&b->shards, item->shard)) {
        guess(item);
        return VARSDB_OK;
    }
    /* that all of it is there, before anything of it is believed */
    int rc =
        vdb_tf_shards_read(e, &b->shards, item->shard, (uint64_t)item->offset + item->stored - 1, stored, 1);
    if (rc == VARSDB_OK)
        rc = scan_lengths(e, b, item, &at, &sum, &crc);
    if (rc != VARSDB_OK)
        return rc;
    if (at + CHECKSUM_BYTES + sum != item->stored)
        return vdb_fail(e, VARSDB_FORMAT,
                        "its strings, lengths and checksum take %llu bytes in place of its %llu",
                        (unsigned long long)(at + CHECKSUM_BYTES + sum), (unsigned long long)item->stored);
    rc = vdb_tf_shards_read(e, &b->shards, item->shard, (uint64_t)item->offset + at, stored, CHECKSUM_BYTES);
    if (rc == VARSDB_OK && vdb_get_little_endian(stored, CHECKSUM_BYTES) != vdb_crc32c_mask(crc)) {
        vdb_fail(e, VARSDB_FORMAT, "the lengths of its strings do not have the checksum stored with them");
        rc = vdb_tf_shards_fail_in(e, &b->shards, item->shard, (uint64_t)item->offset, at);
    }
    item->strings = at + CHECKSUM_BYTES;
    item->strings_crc = vdb_crc32c(crc, stored, CHECKSUM_BYTES);
    item->bytes = (uint64_t)item->elements * LENGTH_BYTES + sum;
    return rc;
}

/* ---- Reading ------------------------------------------------------------ */

static void begin(vdb_tf_bundle *b, const vdb_tf_item *item)
{
    b->stream = (vdb_tf_stream){.item = item, .crc = item->strings_crc, .strings_at = item->strings};
}

static int next_string(vdb_error *e, vdb_tf_bundle *b, const vdb_tf_item *item)
{
    vdb_tf_stream *s = &b->stream;
    int rc = take_length(e, b, item, &s->lengths_at, &s->string_left);
    if (rc == VARSDB_OK && s->string_left > item->stored - s->strings_at)
        rc = vdb_fail(e, VARSDB_FORMAT, "the shard was changed while it was read");
    vdb_put_little_endian(s->header, s->string_left, LENGTH_BYTES);
    s->header_left = LENGTH_BYTES;
    return rc;
}

/* Some of the bytes that are next, at least one. */
static int read_some(vdb_error *e, vdb_tf_bundle *b, const vdb_tf_item *item, unsigned char *to, size_t bytes,
                     size_t *done)
{
    vdb_tf_stream *s = &b->stream;
    int rc = VARSDB_OK;
    if (!s->header_left && !s->string_left)
        rc = next_string(e, b, item);
    if (rc != VARSDB_OK)
        return rc;
    if (s->header_left) {
        size_t n = bytes < s->header_left ? bytes : s->header_left;
        memcpy(to, s->header + LENGTH_BYTES - s->header_left, n);
        s->header_left -= (unsigned)n;
        *done = n;
        return VARSDB_OK;
    }
    size_t n = s->string_left < bytes ? (size_t)s->string_left : bytes;
    rc = vdb_tf_shards_read(e, &b->shards, item->shard, (uint64_t)item->offset + s->strings_at, to, n);
    if (rc != VARSDB_OK)
        return rc;
    s->crc = vdb_crc32c(s->crc, to, n);
    s->strings_at += n;
    s->string_left -= n;
    *done = n;
    return VARSDB_OK;
}

/* Goes on from where the stream is. */
static int read_on(vdb_error *e, vdb_tf_bundle *b, vdb_tf_item *item, unsigned char *to, size_t bytes)
{
    int rc = VARSDB_OK;
    while (bytes && rc == VARSDB_OK) {
        size_t n = 0;
        rc = read_some(e, b, item, to, bytes, &n);
        b->stream.at += n;
        to += n;
        bytes -= n;
    }
    if (rc == VARSDB_OK && b->stream.at == item->bytes) {
        item->checked = vdb_crc32c_mask(b->stream.crc) == item->crc;
        if (!item->checked)
            rc = vdb_tf_fail_checksum(e, b, item);
    }
    if (rc != VARSDB_OK)
        b->stream.item = NULL;
    return rc;
}

static int skip(vdb_error *e, vdb_tf_bundle *b, vdb_tf_item *item, uint64_t end)
{
    unsigned char batch[BATCH_BYTES];
    int rc = VARSDB_OK;
    begin(b, item);
    while (rc == VARSDB_OK && b->stream.at < end) {
        uint64_t left = end - b->stream.at;
        rc = read_on(e, b, item, batch, left < sizeof batch ? (size_t)left : sizeof batch);
    }
    return rc;
}

int vdb_tf_strings_read(vdb_error *e, vdb_tf_bundle *b, vdb_tf_item *item, uint64_t offset, void *buffer,
                        size_t bytes)
{
    int rc = VARSDB_OK;
    if (!item->strings) { /* nothing was measured; it may be there by now */
        rc = vdb_tf_shards_read(e, &b->shards, item->shard, (uint64_t)item->offset, buffer, 1);
        if (rc == VARSDB_OK)
            rc = vdb_fail(e, VARSDB_FORMAT, "its shard was not there when the index was read; open it again");
        return rc;
    }
    if (offset == 0) {
        begin(b, item);
    } else if (b->stream.item != item || b->stream.at != offset) {
        if (!item->checked)
            rc = skip(e, b, item, item->bytes);
        if (rc == VARSDB_OK)
            rc = skip(e, b, item, offset);
    }
    return rc == VARSDB_OK ? read_on(e, b, item, buffer, bytes) : rc;
}

#endif
