/*
 * shape.h - shapes: checks, element counts, JSON text, agreement.  No I/O.
 * A dimension is at most 2^48, a rank at most VARSDB_RANK_MAX.
 */
#ifndef VDB_SHAPE_H
#define VDB_SHAPE_H

#include <stdbool.h>

#include "buf.h"
#include "error.h"

#define VDB_DIM_MAX ((int64_t)1 << 48)

/* A shape with its own dimensions; vdb_dims_shape lends it as a public one. */
typedef struct vdb_dims {
    int rank;
    int64_t dim[VARSDB_RANK_MAX];
} vdb_dims;

varsdb_shape vdb_dims_shape(const vdb_dims *dims);
/* Rank and dims in range; VARSDB_ANY only where unknown_allowed.  VARSDB_INVALID. */
int vdb_shape_check(vdb_error *e, const varsdb_shape *shape, bool unknown_allowed);
/* Product of the dims; VARSDB_INVALID when it overflows int64_t, even beside a dim of 0. */
int vdb_shape_elements(vdb_error *e, const varsdb_shape *shape, int64_t *out);
int vdb_shape_copy(vdb_error *e, const varsdb_shape *shape, vdb_dims *out);
/* "[2,3]"; spaces allowed, nothing else around it. */
int vdb_shape_parse_json(vdb_error *e, const char *text, size_t bytes, vdb_dims *out);
/* Appends "[2,3]"; an unknown dimension as "?". */
int vdb_shape_print(vdb_buf *out, const varsdb_shape *shape);
/* Whether a requested shape agrees with a stored one: ranks equal, dims equal or ANY. */
bool vdb_shape_agrees(const varsdb_shape *asked, const varsdb_shape *stored);

#endif
