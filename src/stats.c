/*
 * stats.c - see stats.h.  A block of elements becomes moments about a shift from the
 * block itself; blocks are merged by Chan's formula (Chan, Golub, LeVeque 1979).
 */
#include "stats.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "elementary.h"
#include "stats_scan.h"

#define BLOCK VDB_SCAN_MAX
/* Blocks of float64 whose largest magnitude lies outside [2^-400, 2^400] are scaled by 2^600
 * or 2^-600: their squares, and sums of 2^63 of those, are normal numbers again. */
#define SCALE      600
#define HUGE_LIMIT 0x1p+400
#define TINY_LIMIT 0x1p-400

static void count_nan(vdb_stats *s)
{
    s->nans++;
}

static void count_infinity(vdb_stats *s, bool negative)
{
    *(negative ? &s->neg_infs : &s->pos_infs) += 1;
}

static void note_extremes(vdb_stats *s, double min, double max)
{
    s->min_real = min < s->min_real ? min : s->min_real;
    s->max_real = max > s->max_real ? max : s->max_real;
}

/* ---- Merging ------------------------------------------------------------ */

static void two_sum(double a, double b, double *sum, double *rest)
{
    double s = a + b, b_part = s - a;
    *rest = (a - (s - b_part)) + (b - b_part);
    *sum = s;
}

/* Only ever towards larger magnitudes: what underflows is nothing beside them. */
static void rescale(vdb_stats *s, int scale)
{
    double by = ldexp(1.0, scale - s->scale);
    s->center *= by;
    s->center_rest *= by;
    s->m2 = s->m2 * by * by;
    s->sum_squares = s->sum_squares * by * by;
    s->scale = scale;
}

/* The block's values were multiplied by 2^s->scale before they were scanned. */
static void merge(vdb_stats *s, const vdb_scan *block, double shift)
{
    double n = (double)block->count, before = (double)s->finite, all = before + n;
    double center, rest, deviation = block->sum / n;
    two_sum(shift, deviation, &center, &rest);
    double m2 = block->squares - block->sum * deviation;
    m2 = m2 > 0 ? m2 : 0;
    s->sum_squares += m2 + n * (center * center);
    if (s->finite == 0) {
        s->center = center;
        s->center_rest = rest;
        s->m2 = m2;
    } else {
        double delta = (center - s->center) + (rest - s->center_rest);
        s->m2 += m2 + delta * delta * (before * n / all);
        two_sum(s->center, s->center_rest + delta * (n / all), &s->center, &s->center_rest);
    }
    s->finite += (int64_t)block->count;
    s->mean = ldexp(s->center + s->center_rest, -s->scale);
}

/* ---- Blocks ------------------------------------------------------------- */

/* Whether the shift was so far from the mean that the squares lost digits. */
static bool ill_placed(const vdb_scan *scan)
{
    return scan->sum * (scan->sum / (double)scan->count) > 0.99 * scan->squares;
}

static bool usable(const vdb_scan *scan)
{
    return isfinite(scan->squares);
}

static size_t keep_finite_singles(vdb_stats *s, const float *x, size_t n, float *out)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(x[i]))
            out[kept++] = x[i];
        else if (isnan(x[i]))
            count_nan(s);
        else
            count_infinity(s, x[i] < 0);
    return kept;
}

static size_t keep_finite_doubles(vdb_stats *s, const double *x, size_t n, double *out)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(x[i]))
            out[kept++] = x[i];
        else if (isnan(x[i]))
            count_nan(s);
        else
            count_infinity(s, x[i] < 0);
    return kept;
}

/* The squares of finite float32 numbers never overflow in double: it takes a NaN or an
 * infinity to spoil the sum. */
static void add_singles(vdb_stats *s, const float *x, size_t n)
{
    float finite[BLOCK];
    vdb_scan scan;
    double shift = (double)x[n / 2];
    vdb_scan_singles(x, n, shift, &scan);
    if (!usable(&scan)) {
        n = keep_finite_singles(s, x, n, finite);
        if (n == 0)
            return;
        x = finite;
        shift = (double)x[n / 2];
        vdb_scan_singles(x, n, shift, &scan);
    }
    if (ill_placed(&scan)) {
        shift += scan.sum / (double)n;
        vdb_scan_singles(x, n, shift, &scan);
    }
    note_extremes(s, scan.min, scan.max);
    s->zeros += scan.zeros;
    if (s->scale != 0)
        rescale(s, 0);
    merge(s, &scan, shift);
}

static int scale_for(const vdb_stats *s, double magnitude)
{
    int wanted = magnitude > HUGE_LIMIT ? -SCALE : magnitude < TINY_LIMIT ? SCALE : 0;
    return wanted < s->scale ? wanted : s->scale;
}

static void scan_centered(const double *x, size_t n, double *shift, vdb_scan *scan)
{
    assert(n > 0);
    *shift = x[n / 2];
    vdb_scan_doubles(x, n, *shift, scan);
    if (ill_placed(scan)) {
        *shift += scan->sum / (double)n;
        vdb_scan_doubles(x, n, *shift, scan);
    }
}

/* Finite numbers, of which the extremes are known, at the scale that they need. */
static void add_scaled(vdb_stats *s, const double *x, size_t n, int scale)
{
    double scaled[BLOCK] = {0}, shift, by = ldexp(1.0, scale);
    vdb_scan scan;
    if (s->scale != scale)
        rescale(s, scale);
    for (size_t i = 0; i < n; i++)
        scaled[i] = x[i] * by;
    scan_centered(scaled, n, &shift, &scan);
    merge(s, &scan, shift);
}

static void add_doubles(vdb_stats *s, const double *x, size_t n)
{
    double finite[BLOCK], shift;
    vdb_scan scan;
    scan_centered(x, n, &shift, &scan);
    if (!usable(&scan)) {
        n = keep_finite_doubles(s, x, n, finite);
        if (n == 0)
            return;
        x = finite;
        scan_centered(x, n, &shift, &scan);
    }
    note_extremes(s, scan.min, scan.max);
    s->zeros += scan.zeros;
    double low = fabs(scan.min), high = fabs(scan.max);
    int scale = scale_for(s, low > high ? low : high);
    if (scale != 0) {
        add_scaled(s, x, n, scale);
        return;
    }
    if (s->scale != 0)
        rescale(s, 0);
    merge(s, &scan, shift);
}

/* ---- Element types to blocks -------------------------------------------- */

static void note_signed(vdb_stats *s, const int64_t *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        s->min_signed = x[i] < s->min_signed ? x[i] : s->min_signed;
        s->max_signed = x[i] > s->max_signed ? x[i] : s->max_signed;
    }
}

static void note_unsigned(vdb_stats *s, const uint64_t *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        s->min_unsigned = x[i] < s->min_unsigned ? x[i] : s->min_unsigned;
        s->max_unsigned = x[i] > s->max_unsigned ? x[i] : s->max_unsigned;
    }
}

static void add_wide_integers(vdb_stats *s, const unsigned char *data, size_t n)
{
    uint64_t x[BLOCK];
    int64_t with_sign[BLOCK];
    double real[BLOCK];
    memcpy(x, data, n * sizeof *x);
    if (s->dtype == VARSDB_UINT64) {
        note_unsigned(s, x, n);
        for (size_t i = 0; i < n; i++)
            real[i] = (double)x[i];
    } else {
        memcpy(with_sign, data, n * sizeof *with_sign);
        note_signed(s, with_sign, n);
        for (size_t i = 0; i < n; i++)
            real[i] = (double)with_sign[i];
    }
    add_doubles(s, real, n);
}

static void add_block(vdb_stats *s, const unsigned char *data, size_t first, size_t n)
{
    float singles[BLOCK];
    double doubles[BLOCK];
    size_t bits = (size_t)varsdb_dtype_bits(s->dtype);
    const unsigned char *at = data + first / 8 * bits; /* blocks begin at multiples of 8 elements */
    if (s->dtype == VARSDB_INT64 || s->dtype == VARSDB_UINT64) {
        add_wide_integers(s, at, n);
    } else if (s->dtype == VARSDB_FLOAT32 && (uintptr_t)at % _Alignof(float) == 0) {
        add_singles(s, (const float *)(const void *)at, n);
    } else if (s->dtype == VARSDB_FLOAT64 && (uintptr_t)at % _Alignof(double) == 0) {
        add_doubles(s, (const double *)(const void *)at, n);
    } else if (vdb_scan_is_single(s->dtype)) {
        vdb_scan_widen_singles(s->dtype, at, n, singles);
        add_singles(s, singles, n);
    } else {
        vdb_scan_widen_doubles(s->dtype, at, n, doubles);
        add_doubles(s, doubles, n);
    }
}

/* ---- The interface ------------------------------------------------------ */

void vdb_stats_begin(vdb_stats *s, varsdb_dtype dtype)
{
    *s = (vdb_stats){.dtype = dtype,
                     .min_real = INFINITY,
                     .max_real = -INFINITY,
                     .min_signed = INT64_MAX,
                     .max_signed = INT64_MIN,
                     .min_unsigned = UINT64_MAX,
                     .scale = SCALE};
}

/* Integers below 64 bits went through doubles without loss. */
static void note_narrow_extremes(vdb_stats *s)
{
    vdb_dtype_class class = vdb_dtype_class_of(s->dtype);
    if (s->finite == 0 || varsdb_dtype_bits(s->dtype) == 64)
        return;
    if (class == VDB_CLASS_SIGNED) {
        s->min_signed = (int64_t)s->min_real;
        s->max_signed = (int64_t)s->max_real;
    } else if (class == VDB_CLASS_UNSIGNED || class == VDB_CLASS_BOOL) {
        s->min_unsigned = (uint64_t)s->min_real;
        s->max_unsigned = (uint64_t)s->max_real;
    }
}

void vdb_stats_add(vdb_stats *s, const void *data, size_t elements)
{
    if (!vdb_dtype_has_numbers(s->dtype))
        return;
    for (size_t first = 0; first < elements; first += BLOCK) {
        size_t n = elements - first < BLOCK ? elements - first : BLOCK;
        add_block(s, data, first, n);
    }
    note_narrow_extremes(s);
}

bool vdb_stats_has_extremes(const vdb_stats *s)
{
    return s->finite > 0;
}

double vdb_stats_std(const vdb_stats *s)
{
    return s->finite > 0 ? ldexp(vdb_sqrt(s->m2 / (double)s->finite), -s->scale) : 0;
}

double vdb_stats_l2_norm(const vdb_stats *s)
{
    return ldexp(vdb_sqrt(s->sum_squares), -s->scale);
}
