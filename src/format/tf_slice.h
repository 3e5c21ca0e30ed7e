/*
 * tf_slice.h - the keys under which a checkpoint keeps the slices of a partitioned
 * variable: numbers and texts in a code that sorts as they do.  No I/O.
 */
#ifndef VDB_TF_SLICE_H
#define VDB_TF_SLICE_H
#ifndef VARSDB_OMIT_TENSORFLOW

#include <stdint.h>

#include "../buf.h"

#define VDB_TF_SLICE_ALL (-1) /* length of a dimension that is not cut */

typedef struct vdb_tf_extent {
    int64_t start, length;
} vdb_tf_extent;

/* Append the key of a slice; a whole, a text, and a number that may be negative. */
int vdb_tf_slice_key(vdb_buf *out, const char *name, size_t bytes, int rank, const vdb_tf_extent *extents);
int vdb_tf_put_ordered_number(vdb_buf *out, uint64_t value);
int vdb_tf_put_ordered_text(vdb_buf *out, const char *text, size_t bytes);
int vdb_tf_put_ordered_signed(vdb_buf *out, int64_t value);
/* Appends "0,64:-" as TensorFlow writes a slice. */
int vdb_tf_slice_print(vdb_buf *out, int rank, const vdb_tf_extent *extents);

#endif
#endif
