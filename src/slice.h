/*
 * slice.h - where the elements of a varsdb_slice lie in a tensor of C order.  No I/O.
 *
 * They are runs of bytes, all of one length, in ascending order; axes that follow each
 * other without a gap are one run.  A window is any range of the tensor's bytes; what
 * is asked about one costs no more than the runs in it, in whatever order windows come.
 */
#ifndef VDB_SLICE_H
#define VDB_SLICE_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

typedef struct vdb_slice_loop {
    uint64_t count, step; /* in bytes; a step is not shorter than what it steps over */
} vdb_slice_loop;

typedef struct vdb_slice {
    int rank;
    int64_t counts[VARSDB_RANK_MAX];      /* elements of each axis: the slice's shape */
    uint64_t bytes;                       /* of the slice */
    uint64_t begin, end;                  /* the tensor's bytes that it touches lie in [begin, end) */
    uint64_t run;                         /* bytes of a run; 0: there are none */
    int loops;                            /* at least 1 */
    vdb_slice_loop loop[VARSDB_RANK_MAX]; /* outermost first */
} vdb_slice;

/*
 * `name` is the variable's, for messages.  INVALID: the rank, or the axis that is out of bounds.
 * UNSUPPORTED: strings, and packed elements whose runs do not fill whole bytes.
 */
int vdb_slice_resolve(vdb_error *e, const char *name, varsdb_dtype dtype, const varsdb_shape *shape,
                      const varsdb_slice *given, vdb_slice *out);
/* All of the shape but for one axis, of which `length` from offset on: a part. */
int vdb_slice_resolve_axis(vdb_error *e, const char *name, varsdb_dtype dtype, const varsdb_shape *shape,
                           int axis, int64_t offset, int64_t length, vdb_slice *out);

/* A place among the runs. */
typedef struct vdb_slice_cursor {
    const vdb_slice *slice;
    bool at_end;
    uint64_t offset, packed; /* of the run at the cursor: in the tensor, in the slice */
    uint64_t index[VARSDB_RANK_MAX];
} vdb_slice_cursor;

/* To the first run that ends behind offset. */
void vdb_slice_seek(vdb_slice_cursor *c, const vdb_slice *slice, uint64_t offset);
/* The run at the cursor, which moves to the next; false when there is none. */
bool vdb_slice_next(vdb_slice_cursor *c, uint64_t *offset, uint64_t *bytes);
/* Whether any byte of the window is the slice's. */
bool vdb_slice_touches(const vdb_slice *slice, uint64_t offset, uint64_t bytes);

/* Copies what the window [offset, offset + bytes) has of the slice to its places in the packed
 * slice, of slice->bytes; and the other way round. */
void vdb_slice_gather(const vdb_slice *slice, uint64_t offset, const void *window, size_t bytes,
                      void *packed);
void vdb_slice_scatter(const vdb_slice *slice, uint64_t offset, void *window, size_t bytes,
                       const void *packed);

#endif
