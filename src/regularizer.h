/*
 * regularizer.h - l1(s), l2(s), l1_l2(s1, s2) as specs and as numbers.  No I/O.
 */
#ifndef VDB_REGULARIZER_H
#define VDB_REGULARIZER_H

#include "dtype.h"

/* What a spec asks for: l1 * sum |x| + l2 * sum x^2 / 2. */
typedef struct vdb_regularizer {
    double l1, l2;
} vdb_regularizer;

/* Scales must be finite and not below 0; "none" is both 0.  VARSDB_INVALID. */
int vdb_regularizer_parse(vdb_error *e, const char *text, vdb_regularizer *out);
int vdb_regularizer_check(vdb_error *e, const char *text);
/* A sum whose rounding errors are carried along (Neumaier), so that one of any length loses nothing that
 * matters.  {0} is none yet. */
typedef struct vdb_long_sum {
    double sum, rest;
} vdb_long_sum;
void vdb_long_sum_add(vdb_long_sum *s, double x);
double vdb_long_sum_total(const vdb_long_sum *s);

/* What losses are made of; {0} is of no element.  Complex numbers count by magnitude; not for strings. */
typedef struct vdb_loss_sums {
    vdb_long_sum magnitudes, squares;
} vdb_loss_sums;
/* Adds elements [first, first + count) of the packed ones at data. */
void vdb_loss_sums_add(vdb_loss_sums *s, varsdb_dtype dtype, const void *data, size_t first, size_t count);
double vdb_regularizer_loss(const vdb_regularizer *r, double sum_magnitudes, double sum_squares);

#endif
