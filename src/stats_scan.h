/*
 * stats_scan.h - one pass over a block of numbers, and the widening of element types
 * to the two kinds of number that are scanned; of stats*.c, arithmetic.c and difference.c.
 */
#ifndef VDB_STATS_SCAN_H
#define VDB_STATS_SCAN_H

#include <stdbool.h>

#include "dtype.h"

#define VDB_SCAN_MAX ((size_t)2048) /* elements of a block; a multiple of 16 */

typedef struct vdb_scan {
    size_t count;
    int64_t zeros;
    double min, max;
    double sum, squares; /* of the distances from the shift; not finite if an element is not */
} vdb_scan;

/* 1 to VDB_SCAN_MAX numbers. */
void vdb_scan_singles(const float *x, size_t n, double shift, vdb_scan *out);
void vdb_scan_doubles(const double *x, size_t n, double shift, vdb_scan *out);
/* The same bits, in the registers that every processor has. */
void vdb_scan_singles_narrow(const float *x, size_t n, double shift, vdb_scan *out);
void vdb_scan_doubles_narrow(const double *x, size_t n, double shift, vdb_scan *out);

/* Whether float32 holds every value of dtype; otherwise float64 does, 64-bit integers aside. */
bool vdb_scan_is_single(varsdb_dtype dtype);
/* Up to VDB_SCAN_MAX elements; data may stand anywhere.  Complex: the magnitude. */
void vdb_scan_widen_singles(varsdb_dtype dtype, const unsigned char *data, size_t n, float *out);
void vdb_scan_widen_doubles(varsdb_dtype dtype, const unsigned char *data, size_t n, double *out);

#endif
