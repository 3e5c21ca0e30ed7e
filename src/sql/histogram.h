/*
 * histogram.h - finite numbers counted in ranges of one width.  No I/O.
 */
#ifndef VDB_HISTOGRAM_H
#define VDB_HISTOGRAM_H

#include "dtype.h"

typedef struct vdb_histogram {
    double low, high; /* the first range begins, the last one ends here, both included */
    int bins;
    int64_t *counts; /* of each */
} vdb_histogram;

/* Before it has bins: makes the range wide enough for elements [first, first + count) of the packed ones at
 * data; bins is 1 when there was any that is finite. */
void vdb_histogram_widen(vdb_histogram *h, varsdb_dtype dtype, const void *data, size_t first, size_t count);
/* Counts them, each in the range whose edges it is between, where that begins included; what is not finite
 * is left out. */
void vdb_histogram_add(vdb_histogram *h, varsdb_dtype dtype, const void *data, size_t first, size_t count);
/* Where bin i begins; for i == bins, where the last one ends. */
double vdb_histogram_edge(const vdb_histogram *h, int i);

#endif
