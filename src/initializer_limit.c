/*
 * initializer_limit.c - the values of a float dtype that a uniform draw from [low, high)
 * may take, so that narrowing never rounds one out of the range.  [x, x) is x alone.
 */
#include <math.h>
#include <string.h>

#include "initializer_kind.h"

#define WHAT VDB_INITIALIZER_WHAT

static uint64_t bits_of(varsdb_dtype dtype, double value)
{
    uint64_t bits;
    if (dtype != VARSDB_FLOAT64)
        return vdb_double_to_float_bits(dtype, value);
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double value_of(varsdb_dtype dtype, uint64_t bits)
{
    switch (dtype) {
    case VARSDB_FLOAT16:
        return vdb_float16_to_double((uint16_t)bits);
    case VARSDB_BFLOAT16:
        return vdb_bfloat16_to_double((uint16_t)bits);
    case VARSDB_FLOAT32: {
        uint32_t narrow = (uint32_t)bits;
        float single;
        memcpy(&single, &narrow, sizeof single);
        return (double)single;
    }
    default: {
        double value;
        memcpy(&value, &bits, sizeof value);
        return value;
    }
    }
}

/* The greatest value of dtype that is below `limit`. */
static double next_below(varsdb_dtype dtype, double limit)
{
    uint64_t sign = UINT64_C(1) << (varsdb_dtype_bits(dtype) - 1);
    uint64_t bits = bits_of(dtype, limit);
    if (value_of(dtype, bits) < limit)
        return value_of(dtype, bits);
    if (bits == 0)
        return value_of(dtype, sign | 1);
    return value_of(dtype, bits & sign ? bits + 1 : bits - 1);
}

static double least_not_below(varsdb_dtype dtype, double limit)
{
    double nearest = value_of(dtype, bits_of(dtype, limit));
    return nearest >= limit ? nearest : -next_below(dtype, -limit);
}

int vdb_initializer_limit(vdb_error *e, const char *name, double low, double high, vdb_initializer *init)
{
    varsdb_dtype dtype = init->dtype;
    if (!isfinite(value_of(dtype, bits_of(dtype, low))) || !isfinite(value_of(dtype, bits_of(dtype, high))))
        return vdb_fail(e, VARSDB_INVALID, WHAT " %s: [%g, %g) goes beyond the range of %s", name, low, high,
                        varsdb_dtype_name(dtype));
    init->a = low;
    init->b = high;
    init->lowest = low == high ? value_of(dtype, bits_of(dtype, low)) : least_not_below(dtype, low);
    init->highest = low == high ? init->lowest : next_below(dtype, high);
    if (init->lowest > init->highest)
        return vdb_fail(e, VARSDB_INVALID, WHAT " %s: there is no value of %s in [%.17g, %.17g)", name,
                        varsdb_dtype_name(dtype), low, high);
    return VARSDB_OK;
}
