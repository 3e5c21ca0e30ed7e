/*
 * partition.h - how a partitioner cuts a shape, and where part i lies.  No I/O.
 * fixed_size(shards, axis=0), variable_axis_size(max_shard_bytes, axis=0,
 * bytes_per_string_element=16, max_shards=none), min_max(max_partitions, axis=0,
 * min_slice_size=262144, bytes_per_string_element=16), with TensorFlow's geometry.
 */
#ifndef VDB_PARTITION_H
#define VDB_PARTITION_H

#include "shape.h"

typedef struct vdb_partition {
    int axis;      /* 0 when there is nothing to cut */
    int64_t parts; /* >= 1 */
} vdb_partition;

int vdb_partitioner_check(vdb_error *e, const char *text); /* "none" is allowed */
/* VARSDB_INVALID: axis beyond the rank, more parts than the axis is long, a scalar.
 * (A scalar ignores an inherited partitioner; the caller sees to that.) */
int vdb_partition_plan(vdb_error *e, const char *text, varsdb_dtype dtype, const varsdb_shape *shape,
                       vdb_partition *out);
/* Offset and length of part i on an axis of length d in n parts: the first d mod n get one more. */
void vdb_partition_part(int64_t d, int64_t n, int64_t i, int64_t *offset, int64_t *length);

#endif
