/* tf_emit.c - see tf_emit.h. */
#ifndef VARSDB_OMIT_TENSORFLOW

#include "tf_emit.h"

#include <string.h>

#include "../byte_order.h"
#include "../mem.h"
#include "crc32c.h"
#include "tf_table.h"

#define PIECE_BYTES    ((size_t)1 << 20)
#define WAITING_BYTES  ((size_t)64 << 10)
#define LENGTH_BYTES   8u
#define CHECKSUM_BYTES 4u

int vdb_tf_emitter_init(vdb_error *e, vdb_tf_emitter *x, const vdb_writing *w)
{
    *x = (vdb_tf_emitter){.e = e, .w = w, .fd = -1, .piece = vdb_malloc(PIECE_BYTES)};
    return x->piece ? VARSDB_OK : vdb_fail_nomem(e);
}

void vdb_tf_emitter_release(vdb_tf_emitter *x)
{
    vdb_buf_release(&x->waiting);
    vdb_free(x->piece);
}

int vdb_tf_emit_rest(vdb_tf_emitter *x)
{
    int rc = vdb_output_write(x->e, x->fd, x->waiting.data, x->waiting.size);
    vdb_buf_reset(&x->waiting);
    return rc;
}

static int emit(vdb_tf_emitter *x, const void *data, size_t bytes)
{
    int rc = VARSDB_OK;
    if (x->waiting.size + bytes >= WAITING_BYTES)
        rc = vdb_tf_emit_rest(x);
    if (rc != VARSDB_OK || bytes >= WAITING_BYTES)
        return rc == VARSDB_OK ? vdb_output_write(x->e, x->fd, data, bytes) : rc;
    return vdb_buf_append(&x->waiting, data, bytes) == VARSDB_OK ? rc : vdb_fail_nomem(x->e);
}

int vdb_tf_emit_zeros(vdb_tf_emitter *x, uint64_t bytes)
{
    static const char zeros[4096];
    int rc = VARSDB_OK;
    while (bytes && rc == VARSDB_OK) {
        size_t n = bytes < sizeof zeros ? (size_t)bytes : sizeof zeros;
        rc = emit(x, zeros, n);
        bytes -= n;
    }
    return rc;
}

/* ---- All bytes of a tensor ---------------------------------------------- */

typedef int (*bytes_cb)(vdb_tf_emitter *x, void *payload, const unsigned char *data, size_t bytes);

/* Calls back with all of it in order.  What fits into one piece is asked for once, however often it is
 * gone through. */
static int each_piece(vdb_tf_emitter *x, const vdb_output_tensor *t, bytes_cb callback, void *payload)
{
    int rc = VARSDB_OK;
    for (uint64_t at = 0; at < t->bytes && rc == VARSDB_OK;) {
        size_t bytes = t->bytes - at < PIECE_BYTES ? (size_t)(t->bytes - at) : PIECE_BYTES;
        if (x->held != t) {
            x->held = NULL;
            rc = x->w->source(x->w->payload, t->tag, at, x->piece, bytes);
        }
        if (rc == VARSDB_OK && t->bytes <= PIECE_BYTES)
            x->held = t;
        if (rc == VARSDB_OK)
            rc = callback(x, payload, (const unsigned char *)x->piece, bytes);
        at += bytes;
    }
    return rc;
}

/* bytes_cb; the payload is the checksum. */
static int emit_numbers(vdb_tf_emitter *x, void *payload, const unsigned char *data, size_t bytes)
{
    uint32_t *crc = payload;
    *crc = vdb_crc32c(*crc, data, bytes);
    return emit(x, data, bytes);
}

/* ---- Strings ------------------------------------------------------------ */

/* Goes through canonical strings, whatever pieces they come in. */
typedef struct walk {
    int (*on_length)(vdb_tf_emitter *x, struct walk *w, uint64_t length); /* NULL: they do not matter */
    bool emits_strings;
    unsigned char header[LENGTH_BYTES];
    size_t header_bytes;
    uint64_t left, strings, lengths_bytes, strings_bytes;
    uint32_t crc;
} walk;

static int end_header(vdb_tf_emitter *x, walk *w)
{
    uint64_t length = vdb_get_little_endian(w->header, LENGTH_BYTES);
    w->header_bytes = 0;
    w->left = length;
    w->strings++;
    return w->on_length ? w->on_length(x, w, length) : VARSDB_OK;
}

/* bytes_cb */
static int walk_strings(vdb_tf_emitter *x, void *payload, const unsigned char *data, size_t bytes)
{
    walk *w = payload;
    int rc = VARSDB_OK;
    while (bytes && rc == VARSDB_OK) {
        size_t n;
        if (w->left) {
            n = w->left < bytes ? (size_t)w->left : bytes;
            w->left -= n;
            w->strings_bytes += n;
            if (w->emits_strings)
                rc = emit_numbers(x, &w->crc, data, n);
        } else {
            n = LENGTH_BYTES - w->header_bytes < bytes ? LENGTH_BYTES - w->header_bytes : bytes;
            memcpy(w->header + w->header_bytes, data, n);
            w->header_bytes += n;
            if (w->header_bytes == LENGTH_BYTES)
                rc = end_header(x, w);
        }
        data += n;
        bytes -= n;
    }
    return rc;
}

static int count_length(vdb_tf_emitter *x, walk *w, uint64_t length)
{
    (void)x;
    do
        w->lengths_bytes++;
    while (length >>= 7);
    return VARSDB_OK;
}

/* The checksum is of four bytes where that is enough. */
static int emit_length(vdb_tf_emitter *x, walk *w, uint64_t length)
{
    vdb_buf varint = {0};
    int rc = vdb_tf_put_varint(&varint, length);
    w->crc = vdb_crc32c(w->crc, w->header, length > UINT32_MAX ? LENGTH_BYTES : LENGTH_BYTES / 2);
    rc = rc == VARSDB_OK ? emit(x, varint.data, varint.size) : vdb_fail_nomem(x->e);
    vdb_buf_release(&varint);
    return rc;
}

int vdb_tf_measure(vdb_tf_emitter *x, vdb_tf_place *p)
{
    int64_t elements;
    walk w = {.on_length = count_length};
    p->stored = p->tensor->bytes;
    if (p->tensor->dtype != VARSDB_STRING)
        return VARSDB_OK;
    int rc = vdb_shape_elements(x->e, &p->tensor->shape, &elements);
    if (rc == VARSDB_OK)
        rc = each_piece(x, p->tensor, walk_strings, &w);
    if (rc == VARSDB_OK && (w.left || w.header_bytes || w.strings != (uint64_t)elements))
        rc = vdb_fail(x->e, VARSDB_INVALID, VDB_TF_SHOWN " does not have the strings that its shape tells",
                      p->tensor->name);
    p->stored = w.lengths_bytes + CHECKSUM_BYTES + w.strings_bytes;
    return rc;
}

static int emit_strings(vdb_tf_emitter *x, vdb_tf_place *p)
{
    walk lengths = {.on_length = emit_length}, strings = {.emits_strings = true};
    vdb_buf checksum = {0};
    int rc = each_piece(x, p->tensor, walk_strings, &lengths);
    if (rc == VARSDB_OK && vdb_tf_put32(&checksum, vdb_crc32c_mask(lengths.crc)) != VARSDB_OK)
        rc = vdb_fail_nomem(x->e);
    if (rc == VARSDB_OK) {
        strings.crc = lengths.crc;
        rc = emit_numbers(x, &strings.crc, (const unsigned char *)checksum.data, checksum.size);
    }
    if (rc == VARSDB_OK)
        rc = each_piece(x, p->tensor, walk_strings, &strings);
    p->crc = vdb_crc32c_mask(strings.crc);
    vdb_buf_release(&checksum);
    return rc;
}

int vdb_tf_emit(vdb_tf_emitter *x, vdb_tf_place *p)
{
    uint32_t crc = 0;
    if (p->tensor->dtype == VARSDB_STRING)
        return emit_strings(x, p);
    int rc = each_piece(x, p->tensor, emit_numbers, &crc);
    p->crc = vdb_crc32c_mask(crc);
    return rc;
}

#endif
