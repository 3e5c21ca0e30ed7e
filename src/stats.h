/*
 * stats.h - statistics of a tensor while its bytes pass: over finite elements,
 * complex by magnitude, integers exact, numerically stable (moments of blocks
 * merged pairwise).  No I/O.
 */
#ifndef VDB_STATS_H
#define VDB_STATS_H

#include <stdbool.h>

#include "dtype.h"

typedef struct vdb_stats {
    varsdb_dtype dtype;
    int64_t finite, zeros, nans, pos_infs, neg_infs;
    /* extremes: of floats and complex in real, of integers and bool exact */
    double min_real, max_real;
    int64_t min_signed, max_signed;
    uint64_t min_unsigned, max_unsigned;
    double mean; /* of the finite ones */
    /* In units of 2^-scale, so that neither huge nor tiny values leave the range of double:
     * the mean as the sum of two, the sum of squared deviations, the sum of squares. */
    int scale;
    double center, center_rest, m2, sum_squares;
} vdb_stats;

void vdb_stats_begin(vdb_stats *s, varsdb_dtype dtype);
/* Adds `elements` packed ones.  For sub-byte dtypes the data begins at a byte.  A string
 * tensor has no statistics and adds nothing. */
void vdb_stats_add(vdb_stats *s, const void *data, size_t elements);
bool vdb_stats_has_extremes(const vdb_stats *s); /* some element is finite, and the dtype is a number */
double vdb_stats_std(const vdb_stats *s);        /* of the population */
double vdb_stats_l2_norm(const vdb_stats *s);

#endif
