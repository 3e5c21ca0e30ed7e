/*
 * arithmetic.c - see arithmetic.h.
 *
 * The floats of 16 bits and less are added in double and then narrowed.  Most of their sums are
 * exact in double.  Those of bfloat16 and float8_e8m0 need not be, but rounding them twice gives
 * what rounding them once would: double has more than twice the digits of each, and two to spare
 * (Figueroa 1995), and a sum below the least normal number is exact in any case.  The same holds
 * for float32 as the wider type of float16 and bfloat16, which is faster.
 */
#include "arithmetic.h"

#include <string.h>

#include "stats_scan.h"

#define BLOCK VDB_SCAN_MAX /* a multiple of 8: blocks of packed elements are whole bytes */

bool vdb_arithmetic_has(varsdb_dtype dtype)
{
    return vdb_dtype_valid(dtype) && dtype != VARSDB_BOOL && vdb_dtype_has_numbers(dtype);
}

/* ---- Types that the machine has ----------------------------------------- */

/* Loops of known length, of which compilers make vector instructions at every level. */
#define LANES 16

/* Blocks are copied, since the bytes may stand anywhere and out may be a.  Behind n there are
 * zeros up to the end of the last lanes. */
#define DEFINE_NATIVE(name, number)                                                                \
    static void name(const unsigned char *a, const unsigned char *b, unsigned char *out, size_t n, \
                     bool minus)                                                                   \
    {                                                                                              \
        number x[BLOCK], y[BLOCK];                                                                 \
        size_t rest = (BLOCK - n) % LANES;                                                         \
        memcpy(x, a, n * sizeof *x);                                                               \
        memcpy(y, b, n * sizeof *y);                                                               \
        memset(x + n, 0, rest * sizeof *x);                                                        \
        memset(y + n, 0, rest * sizeof *y);                                                        \
        for (size_t i = 0; i < n; i += LANES)                                                      \
            if (minus)                                                                             \
                for (size_t j = 0; j < LANES; j++)                                                 \
                    x[i + j] = (number)(x[i + j] - y[i + j]);                                      \
            else                                                                                   \
                for (size_t j = 0; j < LANES; j++)                                                 \
                    x[i + j] = (number)(x[i + j] + y[i + j]);                                      \
        memcpy(out, x, n * sizeof *x);                                                             \
    }

/* Of two's complement numbers with a sign too: the bits of a sum are the same. */
DEFINE_NATIVE(combine_bytes, uint8_t)
DEFINE_NATIVE(combine_words, uint16_t)
DEFINE_NATIVE(combine_longs, uint32_t)
DEFINE_NATIVE(combine_wides, uint64_t)
DEFINE_NATIVE(combine_singles, float)
DEFINE_NATIVE(combine_doubles, double)

/* ---- Halves ------------------------------------------------------------- */

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static float single_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Half of the last place that is kept is added, but one less where that one is even. */
static uint32_t round_off(uint32_t bits, int places)
{
    return (bits + ((1U << (places - 1)) - 1) + (bits >> places & 1)) >> places;
}

static void narrow_to_bfloat16(const float *x, size_t n, uint16_t *out)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t bits = bits_of(x[i]);
        uint32_t nan = (bits >> 16 & 0x8000U) | 0x7fc0U;
        out[i] = (uint16_t)((bits & 0x7fffffffU) > 0x7f800000U ? nan : round_off(bits, 16));
    }
}

/* A number below 2^-14 is rounded by adding 1/2, in which the last place is 2^-24. */
static void narrow_to_float16(const float *x, size_t n, uint16_t *out)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t bits = bits_of(x[i]), magnitude = bits & 0x7fffffffU;
        uint32_t subnormal = bits_of(single_of(magnitude) + 0.5f) - 0x3f000000U;
        uint32_t normal = round_off(magnitude - 0x38000000U, 13);
        uint32_t code = magnitude < 0x38800000U ? subnormal : normal;
        code = magnitude >= 0x47800000U ? 0x7c00U : code; /* 65536; a little less was rounded up to it */
        code = magnitude > 0x7f800000U ? 0x7e00U : code;
        out[i] = (uint16_t)((bits >> 16 & 0x8000U) | code);
    }
}

static void combine_singles_in_place(float *x, const float *y, size_t n, bool minus)
{
    if (minus)
        for (size_t i = 0; i < n; i++)
            x[i] -= y[i];
    else
        for (size_t i = 0; i < n; i++)
            x[i] += y[i];
}

/* ---- Small floats ------------------------------------------------------- */

static void narrow_small(varsdb_dtype dtype, const double *x, size_t n, unsigned char *out)
{
    int bits = varsdb_dtype_bits(dtype);
    if (bits < 8)
        memset(out, 0, (n * (size_t)bits + 7) / 8);
    for (size_t i = 0; i < n; i++)
        if (bits < 8)
            vdb_packed_set(out, bits, i, vdb_double_to_float_bits(dtype, x[i]));
        else
            out[i] = (unsigned char)vdb_double_to_float_bits(dtype, x[i]);
}

static void combine_small(varsdb_dtype dtype, const unsigned char *a, const unsigned char *b,
                          unsigned char *out, size_t n, bool minus)
{
    float x[BLOCK], y[BLOCK];
    double sums[BLOCK];
    uint16_t halves[BLOCK];
    vdb_scan_widen_singles(dtype, a, n, x);
    vdb_scan_widen_singles(dtype, b, n, y);
    if (varsdb_dtype_bits(dtype) < 16) {
        for (size_t i = 0; i < n; i++)
            sums[i] = (double)x[i] + (double)(minus ? -y[i] : y[i]);
        narrow_small(dtype, sums, n, out);
        return;
    }
    combine_singles_in_place(x, y, n, minus);
    if (dtype == VARSDB_FLOAT16)
        narrow_to_float16(x, n, halves);
    else
        narrow_to_bfloat16(x, n, halves);
    memcpy(out, halves, n * sizeof *halves);
}

/* ---- The interface ------------------------------------------------------ */

static varsdb_dtype part_of(varsdb_dtype dtype)
{
    return dtype == VARSDB_COMPLEX64 ? VARSDB_FLOAT32 : dtype == VARSDB_COMPLEX128 ? VARSDB_FLOAT64 : dtype;
}

static void combine_block(varsdb_dtype dtype, const unsigned char *a, const unsigned char *b,
                          unsigned char *out, size_t n, bool minus)
{
    bool is_float = vdb_dtype_class_of(dtype) == VDB_CLASS_FLOAT;
    int bits = varsdb_dtype_bits(dtype);
    if (is_float && bits < 32)
        combine_small(dtype, a, b, out, n, minus);
    else if (is_float)
        (bits == 32 ? combine_singles : combine_doubles)(a, b, out, n, minus);
    else if (bits <= 16)
        (bits == 8 ? combine_bytes : combine_words)(a, b, out, n, minus);
    else
        (bits == 32 ? combine_longs : combine_wides)(a, b, out, n, minus);
}

static int combine(varsdb_dtype dtype, const void *a, const void *b, void *out, size_t elements, bool minus)
{
    if (!vdb_arithmetic_has(dtype))
        return VARSDB_INVALID;
    varsdb_dtype part = part_of(dtype);
    size_t bits = (size_t)varsdb_dtype_bits(part), parts = elements * (part == dtype ? 1 : 2);
    for (size_t first = 0; first < parts; first += BLOCK) {
        size_t n = parts - first < BLOCK ? parts - first : BLOCK, at = first / 8 * bits;
        combine_block(part, (const unsigned char *)a + at, (const unsigned char *)b + at,
                      (unsigned char *)out + at, n, minus);
    }
    return VARSDB_OK;
}

int vdb_arithmetic_add(varsdb_dtype dtype, const void *a, const void *b, void *out, size_t elements)
{
    return combine(dtype, a, b, out, elements, false);
}

int vdb_arithmetic_subtract(varsdb_dtype dtype, const void *a, const void *b, void *out, size_t elements)
{
    return combine(dtype, a, b, out, elements, true);
}
