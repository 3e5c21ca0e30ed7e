/*
 * difference.c - see difference.h.  Blocks of both sides become doubles, without loss but for
 * 64-bit integers, whose differences are taken as integers.  A block in which all is finite,
 * as nearly all are, takes three passes that vectorize; the others are cleaned first.
 */
#include "difference.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "elementary.h"
#include "stats_scan.h"

#define LANES 16
#define BLOCK ((size_t)1024) /* a multiple of LANES; blocks of packed elements are whole bytes */
/* As in stats.c: numbers whose largest lies outside [2^-400, 2^400] are squared at another scale. */
#define SCALE      600
#define HUGE_LIMIT 0x1p+400
#define TINY_LIMIT 0x1p-400

/* Numbers of both sides, of complex dtypes two an element, and new - old.  Behind n there are
 * zeros up to the end of the last lanes. */
typedef struct block {
    size_t n;
    double now[BLOCK], old[BLOCK], change[BLOCK];
} block;

/* ---- Sums of squares ---------------------------------------------------- */

typedef struct scan {
    double max; /* of the magnitudes; NaN is left out */
    double sum; /* of the squares; not finite if a number is not */
} scan;

static scan scan_squares(const double *x, size_t n)
{
    double max[LANES] = {0}, sum[LANES] = {0};
    scan all = {0};
    for (size_t i = 0; i < n; i += LANES)
        for (size_t j = 0; j < LANES; j++) {
            double v = fabs(x[i + j]);
            sum[j] += v * v;
            max[j] = v > max[j] ? v : max[j];
        }
    for (size_t j = 0; j < LANES; j++) {
        all.sum += sum[j];
        all.max = max[j] > all.max ? max[j] : all.max;
    }
    return all;
}

static void two_sum(double a, double b, double *sum, double *rest)
{
    double s = a + b, b_part = s - a;
    *rest = (a - (s - b_part)) + (b - b_part);
    *sum = s;
}

static void add_to_sum(vdb_squares *s, double squares)
{
    double rest;
    two_sum(s->sum, squares, &s->sum, &rest);
    s->rest += rest;
}

/* Only ever towards larger magnitudes: what underflows is nothing beside them. */
static void rescale(vdb_squares *s, int scale)
{
    double by = ldexp(1.0, scale - s->scale);
    s->sum = s->sum * by * by;
    s->rest = s->rest * by * by;
    s->scale = scale;
}

static int scale_for(const vdb_squares *s, double magnitude)
{
    int wanted = magnitude > HUGE_LIMIT ? -SCALE : magnitude < TINY_LIMIT ? SCALE : 0;
    return wanted < s->scale ? wanted : s->scale;
}

/* Finite numbers, and what a scan said of them. */
static void add_squares(vdb_squares *s, const double *x, size_t n, const scan *scanned)
{
    double scaled[BLOCK] = {0};
    if (scanned->max <= 0)
        return;
    int scale = scale_for(s, scanned->max);
    if (s->scale != scale)
        rescale(s, scale);
    if (scale == 0) {
        add_to_sum(s, scanned->sum);
        return;
    }
    double by = ldexp(1.0, scale);
    for (size_t i = 0; i < n; i++)
        scaled[i] = x[i] * by;
    add_to_sum(s, scan_squares(scaled, n).sum);
}

/* ---- Element types to blocks -------------------------------------------- */

static bool is_complex(varsdb_dtype dtype)
{
    return vdb_dtype_class_of(dtype) == VDB_CLASS_COMPLEX;
}

static varsdb_dtype part_of(varsdb_dtype dtype)
{
    return dtype == VARSDB_COMPLEX64 ? VARSDB_FLOAT32 : dtype == VARSDB_COMPLEX128 ? VARSDB_FLOAT64 : dtype;
}

static void widen(varsdb_dtype part, const unsigned char *data, size_t n, double *out)
{
    float singles[BLOCK];
    if (vdb_scan_is_single(part)) {
        vdb_scan_widen_singles(part, data, n, singles);
        for (size_t i = 0; i < n; i++)
            out[i] = (double)singles[i];
    } else {
        vdb_scan_widen_doubles(part, data, n, out);
    }
}

static void subtract(block *b)
{
    for (size_t i = 0; i < b->n; i += LANES)
        for (size_t j = 0; j < LANES; j++)
            b->change[i + j] = b->now[i + j] - b->old[i + j];
}

/* Exact before it is a double.  Its sign means nothing. */
static double distance(bool less, uint64_t x, uint64_t y)
{
    return (double)(less ? y - x : x - y);
}

static void fill_wide_integers(block *b, varsdb_dtype dtype, const unsigned char *now,
                               const unsigned char *old)
{
    uint64_t x[BLOCK], y[BLOCK];
    memcpy(x, now, b->n * sizeof *x);
    memcpy(y, old, b->n * sizeof *y);
    for (size_t i = 0; i < b->n; i++)
        if (dtype == VARSDB_UINT64) {
            b->old[i] = (double)y[i];
            b->change[i] = distance(x[i] < y[i], x[i], y[i]);
        } else {
            b->old[i] = (double)(int64_t)y[i];
            b->change[i] = distance((int64_t)x[i] < (int64_t)y[i], x[i], y[i]);
        }
}

static void fill(block *b, varsdb_dtype part, const unsigned char *now, const unsigned char *old)
{
    size_t rest = (BLOCK - b->n) % LANES * sizeof(double);
    memset(b->now + b->n, 0, rest);
    memset(b->old + b->n, 0, rest);
    memset(b->change + b->n, 0, rest);
    if (part == VARSDB_INT64 || part == VARSDB_UINT64) {
        fill_wide_integers(b, part, now, old);
        return;
    }
    widen(part, now, b->n, b->now);
    widen(part, old, b->n, b->old);
    subtract(b);
}

/* ---- NaN and infinities ------------------------------------------------- */

static void note_special(vdb_difference *d, double change)
{
    d->has_nan = d->has_nan || isnan(change);
    d->has_infinity = d->has_infinity || isinf(change);
}

/* An element that is not finite on both sides is noted, and replaced by zeros. */
static void clean_element(vdb_difference *d, block *b, const unsigned char *now, const unsigned char *old,
                          size_t first, size_t parts)
{
    size_t width = (size_t)varsdb_dtype_bits(d->dtype) / 8 / parts;
    double change[2] = {0};
    bool finite = true;
    for (size_t i = 0; i < parts; i++) {
        size_t at = first + i;
        finite = finite && isfinite(b->now[at]) && isfinite(b->old[at]);
        if (memcmp(now + at * width, old + at * width, width) != 0)
            change[i] = b->now[at] - b->old[at];
    }
    if (finite)
        return;
    double largest = isnan(change[0]) || isnan(change[1]) ? NAN : vdb_hypot(change[0], change[1]);
    note_special(d, largest);
    if (isfinite(largest) && largest > d->max)
        d->max = largest;
    memset(b->now + first, 0, parts * sizeof *b->now);
    memset(b->old + first, 0, parts * sizeof *b->old);
}

static void clean(vdb_difference *d, block *b, const unsigned char *now, const unsigned char *old)
{
    size_t parts = is_complex(d->dtype) ? 2 : 1;
    assert(varsdb_dtype_bits(d->dtype) >= 8); /* smaller ones have finite numbers only */
    for (size_t i = 0; i < b->n; i += parts)
        clean_element(d, b, now, old, i, parts);
    subtract(b);
}

/* ---- Blocks ------------------------------------------------------------- */

/* The largest magnitude among pairs of parts. */
static double largest_pair(const block *b, const scan *change)
{
    double largest = 0;
    bool plain = change->max >= TINY_LIMIT && change->max <= HUGE_LIMIT;
    for (size_t i = 0; i < b->n; i += 2) {
        double re = b->change[i], im = b->change[i + 1];
        double size = plain ? re * re + im * im : vdb_hypot(re, im);
        largest = size > largest ? size : largest;
    }
    return plain ? vdb_sqrt(largest) : largest;
}

/* `scale` is that of b->change. */
static void note_largest(vdb_difference *d, const block *b, const scan *change, int scale)
{
    double largest = is_complex(d->dtype) ? largest_pair(b, change) : change->max;
    largest = ldexp(largest, -scale);
    largest = isinf(largest) ? DBL_MAX : largest; /* of finite numbers: it is just beyond */
    d->max = largest > d->max ? largest : d->max;
}

/* Numbers whose distance no double can hold: at another scale it can. */
static void add_distant(vdb_difference *d, block *b)
{
    double by = ldexp(1.0, -SCALE);
    for (size_t i = 0; i < b->n; i++)
        b->change[i] = b->now[i] * by - b->old[i] * by;
    scan change = scan_squares(b->change, b->n);
    note_largest(d, b, &change, -SCALE);
    if (d->change.scale != -SCALE)
        rescale(&d->change, -SCALE);
    add_to_sum(&d->change, change.sum);
}

static void add_block(vdb_difference *d, const unsigned char *now, const unsigned char *old, size_t n)
{
    block b;
    b.n = n;
    fill(&b, part_of(d->dtype), now, old);
    scan change = scan_squares(b.change, n), before = scan_squares(b.old, n);
    if (!isfinite(change.sum) || !isfinite(before.sum)) {
        clean(d, &b, now, old);
        change = scan_squares(b.change, n);
        before = scan_squares(b.old, n);
    }
    add_squares(&d->old, b.old, n, &before);
    if (isinf(change.max)) {
        add_distant(d, &b);
        return;
    }
    note_largest(d, &b, &change, 0);
    add_squares(&d->change, b.change, n, &change);
}

/* ---- The interface ------------------------------------------------------ */

void vdb_difference_begin(vdb_difference *d, varsdb_dtype dtype)
{
    assert(vdb_dtype_has_numbers(dtype));
    *d = (vdb_difference){.dtype = dtype, .change.scale = SCALE, .old.scale = SCALE};
}

void vdb_difference_add(vdb_difference *d, const void *now, const void *old, size_t elements)
{
    varsdb_dtype part = part_of(d->dtype);
    size_t bits = (size_t)varsdb_dtype_bits(part), parts = elements * (part == d->dtype ? 1 : 2);
    for (size_t first = 0; first < parts; first += BLOCK) {
        size_t n = parts - first < BLOCK ? parts - first : BLOCK, at = first / 8 * bits;
        add_block(d, (const unsigned char *)now + at, (const unsigned char *)old + at, n);
    }
}

double vdb_difference_max_abs(const vdb_difference *d)
{
    return d->has_nan ? NAN : d->has_infinity ? INFINITY : d->max;
}

/* The norm, which may be beyond the range of double, as mantissa and exponent. */
static double norm_of(const vdb_squares *s, int *exponent)
{
    double norm = frexp(vdb_sqrt(s->sum + s->rest), exponent);
    *exponent -= s->scale;
    return norm;
}

static double ratio(const vdb_squares *change, double old, int old_exponent)
{
    int exponent;
    double norm = norm_of(change, &exponent);
    if (norm <= 0)
        return 0;
    return old > 0 ? ldexp(norm / old, exponent - old_exponent) : INFINITY;
}

double vdb_difference_rel_l2(const vdb_difference *d)
{
    int exponent;
    double old = norm_of(&d->old, &exponent);
    return ratio(&d->change, old, exponent);
}

double vdb_difference_rel_l2_to(const vdb_difference *d, double old_norm)
{
    int exponent;
    double old = frexp(old_norm, &exponent);
    return ratio(&d->change, old, exponent);
}
