/*
 * value.h - tensors as JSON text: 0.5, [[1,2],[3,4]], "text", [true,false].  No I/O.
 */
#ifndef VDB_VALUE_H
#define VDB_VALUE_H

#include "dtype.h"
#include "json.h"
#include "shape.h"

/*
 * Parses json as a tensor of `dtype`.  The nesting gives the shape; with `shape` given
 * it must agree, or the value be a scalar, which then fills it, or be flat with the right
 * count.  Integers stay exact; "NaN", "Infinity", "-Infinity" are floats; complex elements are
 * [re,im] pairs in an innermost array of two; strings go in canonical form (each with an 8-byte little-endian
 * length before it). Appends the packed bytes to out.  VARSDB_INVALID: not JSON, ragged, wrong count, out of
 * the dtype's range.
 */
int vdb_value_parse(vdb_error *e, const char *json, varsdb_dtype dtype, const varsdb_shape *shape,
                    vdb_dims *shape_out, vdb_buf *out);

#endif
