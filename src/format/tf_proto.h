/*
 * tf_proto.h - the few messages of a TensorFlow checkpoint's index, in protocol
 * buffers' wire format, and its element types.  No I/O.
 */
#ifndef VDB_TF_PROTO_H
#define VDB_TF_PROTO_H
#ifndef VARSDB_OMIT_TENSORFLOW

#include <stdbool.h>

#include "../shape.h"
#include "tf_slice.h"

#define VDB_TF_SHARDS_MAX 100000

typedef struct vdb_tf_message {
    const unsigned char *at, *end;
} vdb_tf_message;

typedef enum vdb_tf_wire {
    VDB_TF_VARINT = 0,
    VDB_TF_FIXED64 = 1,
    VDB_TF_BYTES = 2,
    VDB_TF_FIXED32 = 5
} vdb_tf_wire;

typedef struct vdb_tf_field {
    uint64_t number;
    vdb_tf_wire wire;
    uint64_t value;      /* of all but VDB_TF_BYTES */
    vdb_tf_message body; /* of that */
} vdb_tf_field;

vdb_tf_message vdb_tf_message_of(const void *data, size_t bytes);
/* Whether there is another field, in *out.  VARSDB_FORMAT: bytes that are none. */
int vdb_tf_next_field(vdb_error *e, vdb_tf_message *m, vdb_tf_field *out, bool *there);

typedef struct vdb_tf_header {
    int64_t shards;
    bool big_endian;
} vdb_tf_header;

typedef struct vdb_tf_entry {
    unsigned dtype; /* TensorFlow's number */
    vdb_dims dims;
    int64_t shard, offset, bytes;
    uint32_t crc; /* masked */
    size_t slices;
} vdb_tf_entry;

/* FORMAT: damaged, or of a version that this is not. */
int vdb_tf_read_header(vdb_error *e, const void *data, size_t bytes, vdb_tf_header *out);
/* Each number in its range; what it says together is for the caller to check. */
int vdb_tf_read_entry(vdb_error *e, const void *data, size_t bytes, vdb_tf_entry *out);
/* The entry's slice number i, of as many dimensions as it has. */
int vdb_tf_read_slice(vdb_error *e, vdb_tf_message slice, int rank, vdb_tf_extent *out);

int vdb_tf_write_header(vdb_buf *out, int64_t shards);
int vdb_tf_write_entry(vdb_buf *out, const vdb_tf_entry *entry, const varsdb_shape *shape);

#define VDB_TF_STRING 7u
/* "DT_FLOAT"; NULL: there is no such number. */
const char *vdb_tf_dtype_name(unsigned number);
/* The registry's type for it, VARSDB_DTYPE_NOT_SAID if there is none; and back, 0 if there is none. */
varsdb_dtype vdb_tf_dtype(unsigned number);
unsigned vdb_tf_dtype_of(varsdb_dtype dtype);
/* Quantized integers are integers to the registry. */
bool vdb_tf_is_quantized(unsigned number);
/* 0: none has the name. */
unsigned vdb_tf_dtype_named(const char *name, size_t bytes);

#endif
#endif
