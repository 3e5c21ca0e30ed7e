/*
 * regularizer.h - l1(s), l2(s), l1_l2(s1, s2) as specs and as numbers.  No I/O.
 */
#ifndef VDB_REGULARIZER_H
#define VDB_REGULARIZER_H

#include "error.h"

/* What a spec asks for: l1 * sum |x| + l2 * sum x^2 / 2. */
typedef struct vdb_regularizer {
    double l1, l2;
} vdb_regularizer;

/* Scales must be finite and not below 0; "none" is both 0.  VARSDB_INVALID. */
int vdb_regularizer_parse(vdb_error *e, const char *text, vdb_regularizer *out);
int vdb_regularizer_check(vdb_error *e, const char *text);
double vdb_regularizer_loss(const vdb_regularizer *r, double sum_magnitudes, double sum_squares);

#endif
