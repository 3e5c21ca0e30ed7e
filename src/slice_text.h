/*
 * slice_text.h - slices as people write them: "0:2,:,-1".  No I/O.
 */
#ifndef VDB_SLICE_TEXT_H
#define VDB_SLICE_TEXT_H

#include "error.h"

/* A range for each axis from the first on, in arrays of the shape's rank; axes that are not named are
 * taken whole, as all are when text is NULL.  INVALID names the axis. */
int vdb_slice_parse(vdb_error *e, const char *text, const varsdb_shape *shape, int64_t *begin, int64_t *size);

#endif
