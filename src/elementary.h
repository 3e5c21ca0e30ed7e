/*
 * elementary.h - logarithm, cosine and sine of our own, from + - * / in a fixed
 * order and no contracted multiply-add, so that initial values are the same bits
 * with every compiler, level and machine.  Accuracy: a few units in the last
 * place, on the ranges that initializers need.  Roots are rounded
 * correctly, magnitudes to within one unit.  Nothing here needs libm.  No I/O.
 */
#ifndef VDB_ELEMENTARY_H
#define VDB_ELEMENTARY_H

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#else
#include <math.h>
#endif

double vdb_log(double x);      /* x finite and > 0 */
double vdb_cos_turn(double t); /* cos(2 pi t), t in [0, 1) */
double vdb_sin_turn(double t); /* sin(2 pi t), t in [0, 1) */
/* hypot(): sqrt(x^2 + y^2) without an overflow or underflow on the way; infinite if one of them is. */
double vdb_hypot(double x, double y);

/* The instruction.  sqrt() is that too, and then a call into libm that sets errno. */
static inline double vdb_sqrt(double x)
{
#if defined(__SSE2__)
    return _mm_cvtsd_f64(_mm_sqrt_sd(_mm_setzero_pd(), _mm_set_sd(x)));
#elif defined(__aarch64__)
    return vget_lane_f64(vsqrt_f64(vdup_n_f64(x)), 0);
#else
    return sqrt(x);
#endif
}

#endif
