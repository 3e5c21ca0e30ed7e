/* stats_scan.c - see stats_scan.h. */
#include "stats_scan.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "elementary.h"

/* Sums in independent lanes: a fixed order of additions that still fills vector registers. */
#define LANES 16

/* Both scans are this, for two types of number. */
#define SCAN(number, counter)                                                    \
    number min[LANES], max[LANES];                                               \
    double sum[LANES] = {0}, squares[LANES] = {0};                               \
    counter zeros[LANES] = {0};                                                  \
    for (size_t j = 0; j < LANES; j++)                                           \
        min[j] = max[j] = x[0];                                                  \
    for (size_t i = 0; i + LANES <= n; i += LANES)                               \
        for (size_t j = 0; j < LANES; j++) {                                     \
            number v = x[i + j];                                                 \
            double d = (double)v - shift;                                        \
            sum[j] += d;                                                         \
            squares[j] += d * d;                                                 \
            min[j] = v < min[j] ? v : min[j];                                    \
            max[j] = v > max[j] ? v : max[j];                                    \
            zeros[j] += v == 0;                                                  \
        }                                                                        \
    for (size_t i = n - n % LANES, j = 0; i < n; i++, j++) {                     \
        double d = (double)x[i] - shift;                                         \
        sum[j] += d;                                                             \
        squares[j] += d * d;                                                     \
        min[j] = x[i] < min[j] ? x[i] : min[j];                                  \
        max[j] = x[i] > max[j] ? x[i] : max[j];                                  \
        zeros[j] += x[i] == 0;                                                   \
    }                                                                            \
    *out = (vdb_scan){.count = n, .min = (double)min[0], .max = (double)max[0]}; \
    for (size_t j = 0; j < LANES; j++) {                                         \
        out->sum += sum[j];                                                      \
        out->squares += squares[j];                                              \
        out->min = (double)min[j] < out->min ? (double)min[j] : out->min;        \
        out->max = (double)max[j] > out->max ? (double)max[j] : out->max;        \
        out->zeros += zeros[j];                                                  \
    }

void vdb_scan_singles_narrow(const float *x, size_t n, double shift, vdb_scan *out)
{
    SCAN(float, int32_t)
}

void vdb_scan_doubles_narrow(const double *x, size_t n, double shift, vdb_scan *out)
{
    SCAN(double, int64_t)
}

/* The same additions in the same order, so the same bits, in registers twice as wide. */
#if defined(__x86_64__)
__attribute__((target("avx2"))) static void scan_singles_wide(const float *x, size_t n, double shift,
                                                              vdb_scan *out)
{
    SCAN(float, int32_t)
}

__attribute__((target("avx2"))) static void scan_doubles_wide(const double *x, size_t n, double shift,
                                                              vdb_scan *out)
{
    SCAN(double, int64_t)
}
#define IS_WIDE __builtin_cpu_supports("avx2")
#else
#define scan_singles_wide vdb_scan_singles_narrow
#define scan_doubles_wide vdb_scan_doubles_narrow
#define IS_WIDE           0
#endif

void vdb_scan_singles(const float *x, size_t n, double shift, vdb_scan *out)
{
    assert(n > 0 && n <= VDB_SCAN_MAX);
    (IS_WIDE ? scan_singles_wide : vdb_scan_singles_narrow)(x, n, shift, out);
}

void vdb_scan_doubles(const double *x, size_t n, double shift, vdb_scan *out)
{
    assert(n > 0 && n <= VDB_SCAN_MAX);
    (IS_WIDE ? scan_doubles_wide : vdb_scan_doubles_narrow)(x, n, shift, out);
}

/* ---- Widening ----------------------------------------------------------- */

bool vdb_scan_is_single(varsdb_dtype dtype)
{
    vdb_dtype_class class = vdb_dtype_class_of(dtype);
    int bits = varsdb_dtype_bits(dtype);
    return class == VDB_CLASS_FLOAT ? bits <= 32 : class != VDB_CLASS_COMPLEX && bits <= 16;
}

static float single_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* The exponent's bias moves by an addition, once more for infinity and NaN.  A subnormal
 * number is made normal by adding 2^-14 in its bits and taken back by a subtraction. */
static void widen_halves(const uint16_t *from, size_t n, float *out)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t magnitude = from[i] & 0x7fffU, sign = (uint32_t)(from[i] & 0x8000U) << 16;
        uint32_t normal = (magnitude << 13) + (magnitude >= 0x7c00U ? 0x70000000U : 0x38000000U);
        float tiny = single_of((magnitude << 13) + 0x38800000U) - 0x1p-14f;
        uint32_t subnormal;
        memcpy(&subnormal, &tiny, sizeof subnormal);
        out[i] = single_of((magnitude < 0x0400U ? subnormal : normal) | sign);
    }
}

static void widen_sixteen(varsdb_dtype dtype, const unsigned char *data, size_t n, float *out)
{
    uint16_t from[VDB_SCAN_MAX];
    memcpy(from, data, n * sizeof *from);
    if (dtype == VARSDB_FLOAT16)
        widen_halves(from, n, out);
    else if (dtype == VARSDB_BFLOAT16)
        for (size_t i = 0; i < n; i++)
            out[i] = single_of((uint32_t)from[i] << 16);
    else if (dtype == VARSDB_INT16)
        for (size_t i = 0; i < n; i++)
            out[i] = (float)(int16_t)from[i];
    else
        for (size_t i = 0; i < n; i++)
            out[i] = (float)from[i];
}

static float small_value(varsdb_dtype dtype, uint8_t bits)
{
    if (dtype == VARSDB_BOOL)
        return bits ? 1.0f : 0.0f;
    if (dtype == VARSDB_INT8)
        return (float)(int8_t)bits;
    if (dtype == VARSDB_UINT8)
        return (float)bits;
    return (float)(varsdb_dtype_bits(dtype) == 8 ? vdb_float8_to_double(dtype, bits)
                                                 : vdb_float_small_to_double(dtype, bits));
}

/* All values of a type of 8 bits or less, looked up. */
static void widen_small(varsdb_dtype dtype, const unsigned char *data, size_t n, float *out)
{
    float value[256];
    int bits = varsdb_dtype_bits(dtype);
    for (unsigned i = 0; i < 1U << bits; i++)
        value[i] = small_value(dtype, (uint8_t)i);
    if (bits == 8)
        for (size_t i = 0; i < n; i++)
            out[i] = value[data[i]];
    else
        for (size_t i = 0; i < n; i++)
            out[i] = value[vdb_packed_get(data, bits, i)];
}

void vdb_scan_widen_singles(varsdb_dtype dtype, const unsigned char *data, size_t n, float *out)
{
    assert(vdb_scan_is_single(dtype) && n <= VDB_SCAN_MAX);
    switch (varsdb_dtype_bits(dtype)) {
    case 32:
        memcpy(out, data, n * sizeof *out);
        return;
    case 16:
        widen_sixteen(dtype, data, n, out);
        return;
    default:
        widen_small(dtype, data, n, out);
    }
}

/* Neither an overflow nor an underflow on the way; beyond the range of double, the largest. */
static double careful_magnitude(double re, double im)
{
    if (isnan(re) || isnan(im))
        return NAN;
    if (isinf(re) || isinf(im))
        return INFINITY;
    double a = fabs(re), b = fabs(im), large = a > b ? a : b, small = a > b ? b : a;
    if (large <= 0)
        return 0;
    double ratio = small / large, value = large * vdb_sqrt(1 + ratio * ratio);
    return isfinite(value) ? value : DBL_MAX;
}

static double magnitude(double re, double im)
{
    double square = re * re + im * im;
    return square > 0x1p-900 && square < 0x1p+1000 ? vdb_sqrt(square) : careful_magnitude(re, im);
}

static void widen_complex64(const unsigned char *data, size_t n, double *out)
{
    float parts[2];
    for (size_t i = 0; i < n; i++) {
        memcpy(parts, data + i * sizeof parts, sizeof parts);
        out[i] = magnitude((double)parts[0], (double)parts[1]);
    }
}

static void widen_complex128(const unsigned char *data, size_t n, double *out)
{
    double parts[2];
    for (size_t i = 0; i < n; i++) {
        memcpy(parts, data + i * sizeof parts, sizeof parts);
        out[i] = magnitude(parts[0], parts[1]);
    }
}

static void widen_thirty_two(varsdb_dtype dtype, const unsigned char *data, size_t n, double *out)
{
    uint32_t from[VDB_SCAN_MAX];
    memcpy(from, data, n * sizeof *from);
    if (dtype == VARSDB_INT32)
        for (size_t i = 0; i < n; i++)
            out[i] = (int32_t)from[i];
    else
        for (size_t i = 0; i < n; i++)
            out[i] = from[i];
}

void vdb_scan_widen_doubles(varsdb_dtype dtype, const unsigned char *data, size_t n, double *out)
{
    assert(!vdb_scan_is_single(dtype) && n <= VDB_SCAN_MAX);
    switch ((int)dtype) {
    case VARSDB_COMPLEX64:
        widen_complex64(data, n, out);
        return;
    case VARSDB_COMPLEX128:
        widen_complex128(data, n, out);
        return;
    case VARSDB_INT32:
    case VARSDB_UINT32:
        widen_thirty_two(dtype, data, n, out);
        return;
    default:
        memcpy(out, data, n * sizeof *out);
    }
}
