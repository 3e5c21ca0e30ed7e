/*
 * difference.h - how far two tensors of one dtype and shape are from each other, while their
 * bytes pass: the largest |new - old| and the norm of new - old.  Numerically stable (sums of
 * squares of blocks, scaled and compensated).  No I/O.
 *
 * Elements whose bits are equal differ by 0, NaN too.  Complex elements are compared by parts,
 * and count by magnitude.
 */
#ifndef VDB_DIFFERENCE_H
#define VDB_DIFFERENCE_H

#include <stdbool.h>

#include "dtype.h"

/* A sum of squares, of numbers that were multiplied by 2^scale, as the sum of two. */
typedef struct vdb_squares {
    int scale;
    double sum, rest;
} vdb_squares;

typedef struct vdb_difference {
    varsdb_dtype dtype;
    bool has_nan, has_infinity; /* among the differences */
    double max;                 /* of the finite ones */
    /* over the elements that are finite on both sides */
    vdb_squares change, old;
} vdb_difference;

/* Any dtype but string. */
void vdb_difference_begin(vdb_difference *d, varsdb_dtype dtype);
/* Adds `elements` packed ones of each side; the bytes may stand anywhere.  For sub-byte dtypes
 * they begin at a byte.  now (the new side) and old may be the same. */
void vdb_difference_add(vdb_difference *d, const void *now, const void *old, size_t elements);
/* The largest |new - old|: NaN if one is NaN, else infinite if one is (and only then). */
double vdb_difference_max_abs(const vdb_difference *d);
/* ||new - old|| / ||old||: 0 when nothing differs, else infinite when old is all 0. */
double vdb_difference_rel_l2(const vdb_difference *d);
/* The same for an ||old|| that is known already, if not all of old was added. */
double vdb_difference_rel_l2_to(const vdb_difference *d, double old_norm);

#endif
