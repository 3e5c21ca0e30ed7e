/* tf_proto.c - see tf_proto.h. */
#ifndef VARSDB_OMIT_TENSORFLOW

#include "tf_proto.h"

#include "../byte_order.h"
#include "tf_table.h"

#define READER_VERSION 1
#define REFERENCE      100u /* from here on types are references, which are never stored */
#define DTYPE_MAX      1000u

enum {
    HEADER_SHARDS = 1,
    HEADER_ENDIANNESS = 2,
    HEADER_VERSION = 3,
    VERSION_PRODUCER = 1,
    VERSION_MIN_CONSUMER = 2,
    VERSION_BAD_CONSUMERS = 3
};

enum {
    ENTRY_DTYPE = 1,
    ENTRY_SHAPE = 2,
    ENTRY_SHARD = 3,
    ENTRY_OFFSET = 4,
    ENTRY_BYTES = 5,
    ENTRY_CRC = 6,
    ENTRY_SLICES = 7,
    SHAPE_DIM = 2,
    SHAPE_UNKNOWN = 3,
    DIM_SIZE = 1,
    SLICE_EXTENT = 1,
    EXTENT_START = 1,
    EXTENT_LENGTH = 2
};

vdb_tf_message vdb_tf_message_of(const void *data, size_t bytes)
{
    return (vdb_tf_message){data, (const unsigned char *)data + bytes};
}

static int fail_message(vdb_error *e)
{
    return vdb_fail(e, VARSDB_FORMAT, "its entry in the index is damaged");
}

static bool take_fixed(vdb_tf_message *m, size_t bytes, uint64_t *out)
{
    if ((size_t)(m->end - m->at) < bytes)
        return false;
    *out = vdb_get_little_endian(m->at, bytes);
    m->at += bytes;
    return true;
}

static bool take_body(vdb_tf_message *m, vdb_tf_message *out)
{
    uint64_t bytes;
    if (!vdb_tf_take_varint(&m->at, m->end, &bytes) || bytes > (uint64_t)(m->end - m->at))
        return false;
    *out = (vdb_tf_message){m->at, m->at + bytes};
    m->at += bytes;
    return true;
}

int vdb_tf_next_field(vdb_error *e, vdb_tf_message *m, vdb_tf_field *out, bool *there)
{
    uint64_t tag;
    bool good = false;
    *there = m->at < m->end;
    if (!*there)
        return VARSDB_OK;
    if (!vdb_tf_take_varint(&m->at, m->end, &tag) || tag >> 3 == 0)
        return fail_message(e);
    *out = (vdb_tf_field){.number = tag >> 3, .wire = (vdb_tf_wire)(tag & 7)};
    switch (out->wire) {
    case VDB_TF_VARINT:
        good = vdb_tf_take_varint(&m->at, m->end, &out->value);
        break;
    case VDB_TF_FIXED64:
        good = take_fixed(m, 8, &out->value);
        break;
    case VDB_TF_BYTES:
        good = take_body(m, &out->body);
        break;
    case VDB_TF_FIXED32:
        good = take_fixed(m, 4, &out->value);
        break;
    }
    return good ? VARSDB_OK : fail_message(e);
}

/* ---- Header ------------------------------------------------------------- */

static int take_bad_consumer(vdb_error *e, const vdb_tf_field *f, bool *bad)
{
    vdb_tf_message packed = f->body;
    uint64_t value = f->value;
    if (f->wire == VDB_TF_VARINT)
        *bad = *bad || value == READER_VERSION;
    else if (f->wire == VDB_TF_BYTES)
        while (packed.at < packed.end) {
            if (!vdb_tf_take_varint(&packed.at, packed.end, &value))
                return fail_message(e);
            *bad = *bad || value == READER_VERSION;
        }
    return VARSDB_OK;
}

static int read_version(vdb_error *e, vdb_tf_message m)
{
    vdb_tf_field f;
    bool there = true, bad = false;
    int64_t producer = 0, min_consumer = 0;
    int rc = VARSDB_OK;
    while ((rc = vdb_tf_next_field(e, &m, &f, &there)) == VARSDB_OK && there) {
        if (f.number == VERSION_PRODUCER && f.wire == VDB_TF_VARINT)
            producer = (int64_t)f.value;
        else if (f.number == VERSION_MIN_CONSUMER && f.wire == VDB_TF_VARINT)
            min_consumer = (int64_t)f.value;
        else if (f.number == VERSION_BAD_CONSUMERS)
            rc = take_bad_consumer(e, &f, &bad);
        if (rc != VARSDB_OK)
            return rc;
    }
    if (rc != VARSDB_OK)
        return rc;
    if (producer < 0 || min_consumer > READER_VERSION || bad)
        return vdb_fail(e, VARSDB_FORMAT,
                        "the checkpoint is of version %lld and for readers of version %lld%s; this one is of "
                        "version %d",
                        (long long)producer, (long long)min_consumer, bad ? ", but not 1" : "",
                        READER_VERSION);
    return VARSDB_OK;
}

int vdb_tf_read_header(vdb_error *e, const void *data, size_t bytes, vdb_tf_header *out)
{
    vdb_tf_field f;
    bool there = true;
    int64_t shards = 0;
    uint64_t endianness = 0;
    vdb_tf_message m = vdb_tf_message_of(data, bytes);
    int rc;
    while ((rc = vdb_tf_next_field(e, &m, &f, &there)) == VARSDB_OK && there) {
        if (f.number == HEADER_SHARDS && f.wire == VDB_TF_VARINT)
            shards = (int64_t)f.value;
        else if (f.number == HEADER_ENDIANNESS && f.wire == VDB_TF_VARINT)
            endianness = f.value;
        else if (f.number == HEADER_VERSION && f.wire == VDB_TF_BYTES)
            rc = read_version(e, f.body);
        if (rc != VARSDB_OK)
            return rc;
    }
    if (rc != VARSDB_OK)
        return vdb_fail(e, VARSDB_FORMAT, "the index is damaged: its header is none");
    if (shards < 1 || shards > VDB_TF_SHARDS_MAX)
        return vdb_fail(e, VARSDB_FORMAT, "the index tells of %lld shards; there must be 1 to %d",
                        (long long)shards, VDB_TF_SHARDS_MAX);
    if (endianness > 1)
        return vdb_fail(e, VARSDB_FORMAT, "the index tells of an unknown order of bytes (%llu)",
                        (unsigned long long)endianness);
    *out = (vdb_tf_header){.shards = shards, .big_endian = endianness == 1};
    return VARSDB_OK;
}

/* ---- Entries ------------------------------------------------------------ */

static int read_dim(vdb_error *e, vdb_tf_message m, vdb_dims *dims)
{
    vdb_tf_field f;
    bool there = true;
    int64_t size = 0;
    int rc;
    while ((rc = vdb_tf_next_field(e, &m, &f, &there)) == VARSDB_OK && there)
        if (f.number == DIM_SIZE && f.wire == VDB_TF_VARINT)
            size = (int64_t)f.value;
    if (rc != VARSDB_OK)
        return rc;
    if (dims->rank == VARSDB_RANK_MAX)
        return vdb_fail(e, VARSDB_FORMAT, "its shape has more than %d dimensions", VARSDB_RANK_MAX);
    if (size < 0 || size > VDB_DIM_MAX)
        return vdb_fail(e, VARSDB_FORMAT, "its dimension %d is %lld; it must be 0 to 2^48", dims->rank,
                        (long long)size);
    dims->dim[dims->rank++] = size;
    return VARSDB_OK;
}

static int read_shape(vdb_error *e, vdb_tf_message m, vdb_dims *dims)
{
    vdb_tf_field f;
    bool there = true;
    int rc;
    while ((rc = vdb_tf_next_field(e, &m, &f, &there)) == VARSDB_OK && there) {
        if (f.number == SHAPE_DIM && f.wire == VDB_TF_BYTES)
            rc = read_dim(e, f.body, dims);
        else if (f.number == SHAPE_UNKNOWN && f.wire == VDB_TF_VARINT && f.value)
            rc = vdb_fail(e, VARSDB_FORMAT, "its shape is said to be unknown");
        if (rc != VARSDB_OK)
            return rc;
    }
    return rc;
}

static int take_entry_field(vdb_error *e, const vdb_tf_field *f, vdb_tf_entry *out)
{
    if (f->wire == VDB_TF_BYTES) {
        out->slices += f->number == ENTRY_SLICES;
        return f->number == ENTRY_SHAPE ? read_shape(e, f->body, &out->dims) : VARSDB_OK;
    }
    if (f->wire == VDB_TF_FIXED32 && f->number == ENTRY_CRC)
        out->crc = (uint32_t)f->value;
    if (f->wire != VDB_TF_VARINT)
        return VARSDB_OK;
    if (f->number == ENTRY_DTYPE)
        out->dtype = f->value < DTYPE_MAX ? (unsigned)f->value : DTYPE_MAX;
    else if (f->number == ENTRY_SHARD)
        out->shard = (int64_t)f->value;
    else if (f->number == ENTRY_OFFSET)
        out->offset = (int64_t)f->value;
    else if (f->number == ENTRY_BYTES)
        out->bytes = (int64_t)f->value;
    return VARSDB_OK;
}

int vdb_tf_read_entry(vdb_error *e, const void *data, size_t bytes, vdb_tf_entry *out)
{
    vdb_tf_field f;
    bool there = true;
    vdb_tf_message m = vdb_tf_message_of(data, bytes);
    int64_t end;
    int rc;
    *out = (vdb_tf_entry){0};
    while ((rc = vdb_tf_next_field(e, &m, &f, &there)) == VARSDB_OK && there)
        if ((rc = take_entry_field(e, &f, out)) != VARSDB_OK)
            return rc;
    if (rc != VARSDB_OK)
        return rc;
    if (out->offset < 0 || out->bytes < 0 || __builtin_add_overflow(out->offset, out->bytes, &end))
        return vdb_fail(e, VARSDB_FORMAT, "its place is given as %lld bytes from %lld on",
                        (long long)out->bytes, (long long)out->offset);
    if (out->dtype > REFERENCE)
        return vdb_fail(e, VARSDB_FORMAT, "its dtype is given as %u, a reference, which is never stored",
                        out->dtype);
    return VARSDB_OK;
}

static int read_extent(vdb_error *e, vdb_tf_message m, vdb_tf_extent *out)
{
    vdb_tf_field f;
    bool there = true;
    int rc;
    *out = (vdb_tf_extent){.start = 0, .length = VDB_TF_SLICE_ALL};
    while ((rc = vdb_tf_next_field(e, &m, &f, &there)) == VARSDB_OK && there) {
        if (f.number == EXTENT_START && f.wire == VDB_TF_VARINT)
            out->start = (int64_t)f.value;
        else if (f.number == EXTENT_LENGTH && f.wire == VDB_TF_VARINT)
            out->length = (int64_t)f.value;
    }
    return rc;
}

int vdb_tf_read_slice(vdb_error *e, vdb_tf_message m, int rank, vdb_tf_extent *out)
{
    vdb_tf_field f;
    bool there = true;
    int count = 0, rc;
    while ((rc = vdb_tf_next_field(e, &m, &f, &there)) == VARSDB_OK && there) {
        if (f.number != SLICE_EXTENT || f.wire != VDB_TF_BYTES)
            continue;
        if (count == rank)
            return vdb_fail(e, VARSDB_FORMAT, "a slice of it has more than its %d dimensions", rank);
        rc = read_extent(e, f.body, &out[count++]);
        if (rc != VARSDB_OK)
            return rc;
    }
    if (rc == VARSDB_OK && count != rank)
        rc = vdb_fail(e, VARSDB_FORMAT, "a slice of it has %d dimensions in place of %d", count, rank);
    return rc;
}

/* ---- Writing ------------------------------------------------------------ */

static int put_tag(vdb_buf *out, unsigned number, vdb_tf_wire wire)
{
    return vdb_tf_put_varint(out, number << 3 | (unsigned)wire);
}

/* A zero is what is not there. */
static int put_number(vdb_buf *out, unsigned number, uint64_t value)
{
    int rc = value ? put_tag(out, number, VDB_TF_VARINT) : VARSDB_OK;
    return rc == VARSDB_OK && value ? vdb_tf_put_varint(out, value) : rc;
}

static int put_message(vdb_buf *out, unsigned number, const vdb_buf *body)
{
    int rc = put_tag(out, number, VDB_TF_BYTES);
    if (rc == VARSDB_OK)
        rc = vdb_tf_put_varint(out, body->size);
    return rc == VARSDB_OK ? vdb_buf_append(out, body->data, body->size) : rc;
}

int vdb_tf_write_header(vdb_buf *out, int64_t shards)
{
    vdb_buf version = {0};
    int rc = put_number(out, HEADER_SHARDS, (uint64_t)shards);
    if (rc == VARSDB_OK)
        rc = put_number(&version, VERSION_PRODUCER, READER_VERSION);
    if (rc == VARSDB_OK)
        rc = put_message(out, HEADER_VERSION, &version);
    vdb_buf_release(&version);
    return rc;
}

static int put_shape(vdb_buf *out, const varsdb_shape *shape)
{
    vdb_buf body = {0}, dim = {0};
    int rc = VARSDB_OK;
    for (int i = 0; i < shape->rank && rc == VARSDB_OK; i++) {
        vdb_buf_reset(&dim);
        rc = put_number(&dim, DIM_SIZE, (uint64_t)shape->dims[i]);
        if (rc == VARSDB_OK)
            rc = put_message(&body, SHAPE_DIM, &dim);
    }
    if (rc == VARSDB_OK)
        rc = put_message(out, ENTRY_SHAPE, &body);
    vdb_buf_release(&body);
    vdb_buf_release(&dim);
    return rc;
}

int vdb_tf_write_entry(vdb_buf *out, const vdb_tf_entry *entry, const varsdb_shape *shape)
{
    int rc = put_number(out, ENTRY_DTYPE, entry->dtype);
    if (rc == VARSDB_OK)
        rc = put_shape(out, shape);
    if (rc == VARSDB_OK)
        rc = put_number(out, ENTRY_SHARD, (uint64_t)entry->shard);
    if (rc == VARSDB_OK)
        rc = put_number(out, ENTRY_OFFSET, (uint64_t)entry->offset);
    if (rc == VARSDB_OK)
        rc = put_number(out, ENTRY_BYTES, (uint64_t)entry->bytes);
    if (rc == VARSDB_OK && entry->crc)
        rc = put_tag(out, ENTRY_CRC, VDB_TF_FIXED32);
    return rc == VARSDB_OK && entry->crc ? vdb_tf_put32(out, entry->crc) : rc;
}

#endif
