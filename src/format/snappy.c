/* snappy.c - see snappy.h. */
#ifndef VARSDB_OMIT_TENSORFLOW

#include "snappy.h"

#include <stdint.h>
#include <string.h>

#include "../byte_order.h"

#define LENGTH_BITS_MAX 32
#define GAIN_MAX        22u /* a copy is three bytes and makes 64 at most */
#define SLACK           64u

enum {
    LITERAL,
    COPY_NEAR, /* 11 bits of offset */
    COPY_MIDDLE,
    COPY_FAR
};

typedef struct source {
    vdb_error *e;
    const unsigned char *at, *end;
} source;

typedef struct sink {
    unsigned char *data;
    size_t size, room;
} sink;

static int fail_damaged(const source *s, const char *what)
{
    return vdb_fail(s->e, VARSDB_FORMAT, "the Snappy compressed block is damaged: %s", what);
}

static size_t left(const source *s)
{
    return (size_t)(s->end - s->at);
}

static int take_length(source *s, size_t *out)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < LENGTH_BITS_MAX + 3 && left(s); shift += 7) {
        unsigned char byte = *s->at++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte & 0x80)
            continue;
        if (value > UINT32_MAX)
            break;
        *out = (size_t)value;
        return VARSDB_OK;
    }
    return fail_damaged(s, "its length is none");
}

static int take_number(source *s, unsigned bytes, size_t *out)
{
    if (left(s) < bytes)
        return fail_damaged(s, "it ends within an element");
    *out = (size_t)vdb_get_little_endian(s->at, bytes);
    s->at += bytes;
    return VARSDB_OK;
}

static int take_literal(source *s, sink *out, unsigned char tag)
{
    size_t length = tag >> 2;
    int rc = VARSDB_OK;
    if (length >= 60)
        rc = take_number(s, (unsigned)length - 59, &length);
    if (rc != VARSDB_OK)
        return rc;
    if (length >= left(s) || length >= out->room - out->size)
        return fail_damaged(s, "a literal is longer than what is left");
    memcpy(out->data + out->size, s->at, length + 1);
    s->at += length + 1;
    out->size += length + 1;
    return VARSDB_OK;
}

static int take_copy(source *s, sink *out, unsigned char tag)
{
    size_t length = (tag >> 2) + 1u, offset = 0;
    unsigned bytes = (tag & 3) == COPY_NEAR ? 1 : (tag & 3) == COPY_MIDDLE ? 2 : 4;
    int rc = take_number(s, bytes, &offset);
    if (rc != VARSDB_OK)
        return rc;
    if ((tag & 3) == COPY_NEAR) {
        length = ((tag >> 2) & 7) + 4u;
        offset |= (size_t)(tag >> 5) << 8;
    }
    if (offset == 0 || offset > out->size)
        return fail_damaged(s, "a copy is of what is not there");
    if (length > out->room - out->size)
        return fail_damaged(s, "it is longer than it says");
    /* one by one, since it may be of what it writes */
    for (unsigned char *to = out->data + out->size, *end = to + length; to < end; to++)
        *to = to[-(ptrdiff_t)offset];
    out->size += length;
    return VARSDB_OK;
}

static int take_elements(source *s, sink *out)
{
    int rc = VARSDB_OK;
    while (rc == VARSDB_OK && left(s)) {
        unsigned char tag = *s->at++;
        rc = (tag & 3) == LITERAL ? take_literal(s, out, tag) : take_copy(s, out, tag);
    }
    if (rc == VARSDB_OK && out->size != out->room)
        rc = fail_damaged(s, "it is shorter than it says");
    return rc;
}

int vdb_snappy_decode(vdb_error *e, const void *data, size_t bytes, vdb_buf *out)
{
    source s = {.e = e, .at = data, .end = (const unsigned char *)data + bytes};
    sink to = {0};
    void *room = NULL;
    vdb_buf_reset(out);
    int rc = take_length(&s, &to.room);
    if (rc != VARSDB_OK)
        return rc;
    if (to.room > left(&s) * GAIN_MAX + SLACK)
        return fail_damaged(&s, "it says that it is longer than it can be");
    if (vdb_buf_extend(out, to.room, &room) != VARSDB_OK)
        return vdb_fail_nomem(e);
    to.data = room;
    rc = take_elements(&s, &to);
    if (rc != VARSDB_OK)
        vdb_buf_reset(out);
    return rc;
}

#endif
