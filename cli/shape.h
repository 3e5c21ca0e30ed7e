/*
 * shape.h - shapes as text, and slices of tensors: a range for each axis, taken
 * apart into the runs of elements that lie side by side.
 */
#ifndef CLI_SHAPE_H
#define CLI_SHAPE_H

#include "cli.h"

#define SHAPE_TEXT_MAX (VARSDB_RANK_MAX * 21 + 3)

/* "[2,3]" */
void shape_print(char out[SHAPE_TEXT_MAX], const varsdb_shape *shape);

typedef struct slice {
    int rank;
    int64_t dims[VARSDB_RANK_MAX];   /* of the tensor */
    int64_t begins[VARSDB_RANK_MAX]; /* where the slice begins on each axis */
    int64_t counts[VARSDB_RANK_MAX]; /* and how much of it */
    int64_t elements;                /* in the slice */
    int64_t of;                      /* elements of the tensor */
    int run_axis;                    /* from here on the elements lie side by side */
    int64_t run;                     /* how many do */
} slice;

/* text as "0:2,:,-1" with Python's meaning of negative numbers; NULL selects all.
 * Unlike Python's, a range that leaves the axis is refused. */
int slice_parse(cli *c, const char *text, const varsdb_shape *shape, slice *out);
/* A slice of a part, which begins at offset on the axis, becomes one of the tensor of that shape. */
void slice_move(slice *s, const varsdb_shape *shape, int axis, int64_t offset);
bool slice_is_whole(const slice *s);
varsdb_shape slice_shape(const slice *s);

/* Calls back for each run, in order, with its first element's index in the tensor.
 * Stops at the first result that is not CLI_DONE, and returns it. */
typedef int (*slice_run_cb)(void *payload, int64_t first, int64_t count);
int slice_each_run(const slice *s, slice_run_cb callback, void *payload);
/* Whether element `flat` of the tensor is in the slice. */
bool slice_holds(const slice *s, int64_t flat);

#endif
