/*
 * dtype.c - see dtype.h.  One routine widens and one narrows all small floats; a
 * table says how they differ.  They work on bits alone, so that neither the rounding
 * mode nor the compiler has a say.
 */
#include "dtype.h"

#include <assert.h>
#include <float.h>
#include <string.h>

/* ---- The list ----------------------------------------------------------- */

const char *varsdb_dtype_name(varsdb_dtype dtype)
{
    switch ((int)dtype) {
#define CASE(name, number, text, bits) \
    case number:                       \
        return text;
        VARSDB_DTYPES(CASE)
#undef CASE
    default:
        return vdb_dtype_block_name(dtype);
    }
}

varsdb_dtype varsdb_dtype_parse(const char *name)
{
    if (!name)
        return VARSDB_DTYPE_NOT_SAID;
    for (int i = VARSDB_BOOL; i <= VARSDB_STRING; i++)
        if (strcmp(varsdb_dtype_name((varsdb_dtype)i), name) == 0)
            return (varsdb_dtype)i;
    return vdb_dtype_block_parse(name);
}

int varsdb_dtype_bits(varsdb_dtype dtype)
{
    switch ((int)dtype) {
#define CASE(name, number, text, bits) \
    case number:                       \
        return bits;
        VARSDB_DTYPES(CASE)
#undef CASE
    default:
        return 0;
    }
}

bool vdb_dtype_valid(varsdb_dtype dtype)
{
    return varsdb_dtype_name(dtype) != NULL;
}

vdb_dtype_class vdb_dtype_class_of(varsdb_dtype dtype)
{
    assert(vdb_dtype_valid(dtype));
    if (dtype == VARSDB_BOOL)
        return VDB_CLASS_BOOL;
    if (dtype <= VARSDB_INT64)
        return VDB_CLASS_SIGNED;
    if (dtype <= VARSDB_UINT64)
        return VDB_CLASS_UNSIGNED;
    if (dtype == VARSDB_COMPLEX64 || dtype == VARSDB_COMPLEX128)
        return VDB_CLASS_COMPLEX;
    if (dtype >= VARSDB_GGML)
        return VDB_CLASS_BLOCK;
    return dtype == VARSDB_STRING ? VDB_CLASS_STRING : VDB_CLASS_FLOAT;
}

bool vdb_dtype_has_numbers(varsdb_dtype dtype)
{
    vdb_dtype_class class = vdb_dtype_class_of(dtype);
    return class != VDB_CLASS_STRING && class != VDB_CLASS_BLOCK;
}

bool vdb_dtype_bytes(varsdb_dtype dtype, int64_t elements, int64_t *out)
{
    int bits = varsdb_dtype_bits(dtype);
    int64_t bytes;
    const vdb_dtype_block *block = vdb_dtype_block_of(dtype);
    if (block)
        return elements >= 0 && elements % block->elements == 0 &&
               !__builtin_mul_overflow(elements / block->elements, (int64_t)block->bytes, out);
    if (bits == 0 || elements < 0)
        return false;
    /* Eight elements take `bits` bytes; this way only a result that is too large overflows. */
    if (__builtin_mul_overflow(elements / 8, bits, &bytes) ||
        __builtin_add_overflow(bytes, (elements % 8 * bits + 7) / 8, &bytes))
        return false;
    *out = bytes;
    return true;
}

size_t vdb_dtype_number_bytes(varsdb_dtype dtype)
{
    size_t bytes = (size_t)varsdb_dtype_bits(dtype) / 8;
    if (vdb_dtype_class_of(dtype) == VDB_CLASS_COMPLEX)
        bytes /= 2;
    return bytes ? bytes : 1;
}

/* ---- Packed elements ---------------------------------------------------- */

unsigned vdb_packed_get(const void *data, int bits, size_t i)
{
    const unsigned char *p = data;
    assert(bits > 0 && bits < 8);
    size_t byte = i / 8 * (size_t)bits + i % 8 * (size_t)bits / 8;
    unsigned shift = (unsigned)(i % 8 * (size_t)bits % 8);
    unsigned value = (unsigned)p[byte] >> shift;
    if (shift + (unsigned)bits > 8)
        value |= (unsigned)p[byte + 1] << (8 - shift);
    return value & ((1U << bits) - 1);
}

void vdb_packed_set(void *data, int bits, size_t i, unsigned value)
{
    unsigned char *p = data;
    assert(bits > 0 && bits < 8);
    size_t byte = i / 8 * (size_t)bits + i % 8 * (size_t)bits / 8;
    unsigned shift = (unsigned)(i % 8 * (size_t)bits % 8);
    unsigned mask = ((1U << bits) - 1) << shift;
    value <<= shift;
    p[byte] = (unsigned char)((p[byte] & ~mask) | (value & mask));
    if (mask > 0xff)
        p[byte + 1] = (unsigned char)((p[byte + 1] & ~(mask >> 8)) | ((value & mask) >> 8));
}

/* ---- Small floats ------------------------------------------------------- */

/* Codes are bits without the sign.  A code above `most` is no finite number. */
typedef struct float_format {
    int bits, fraction, bias;
    uint32_t most;     /* code of the largest finite number */
    uint32_t overflow; /* what stands for a number beyond it */
    uint32_t nan;      /* what stands for NaN */
    bool has_infinity, has_nan;
    bool is_fnuz; /* the sign bit alone is NaN, no negative zero */
} float_format;

static const float_format *format_of(varsdb_dtype dtype)
{
    static const float_format formats[] = {
        [VARSDB_FLOAT16] = {16, 10, 15, 0x7bff, 0x7c00, 0x7e00, true, true, false},
        [VARSDB_BFLOAT16] = {16, 7, 127, 0x7f7f, 0x7f80, 0x7fc0, true, true, false},
        [VARSDB_FLOAT32] = {32, 23, 127, 0x7f7fffff, 0x7f800000, 0x7fc00000, true, true, false},
        [VARSDB_FLOAT8_E4M3FN] = {8, 3, 7, 0x7e, 0x7f, 0x7f, false, true, false},
        [VARSDB_FLOAT8_E5M2] = {8, 2, 15, 0x7b, 0x7c, 0x7e, true, true, false},
        [VARSDB_FLOAT8_E4M3FNUZ] = {8, 3, 8, 0x7f, 0x80, 0x80, false, true, true},
        [VARSDB_FLOAT8_E5M2FNUZ] = {8, 2, 16, 0x7f, 0x80, 0x80, false, true, true},
        [VARSDB_FLOAT8_E8M0] = {8, 0, 127, 0xfe, 0xff, 0xff, false, true, false},
        [VARSDB_FLOAT6_E2M3] = {6, 3, 1, 0x1f, 0x1f, 0x1f, false, false, false},
        [VARSDB_FLOAT6_E3M2] = {6, 2, 3, 0x1f, 0x1f, 0x1f, false, false, false},
        [VARSDB_FLOAT4_E2M1] = {4, 1, 1, 0x7, 0x7, 0x7, false, false, false},
    };
    size_t count = sizeof formats / sizeof formats[0];
    bool found = (size_t)dtype < count && formats[dtype].bits != 0;
    assert(found);
    return found ? &formats[dtype] : &formats[VARSDB_FLOAT32];
}

static double double_of(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double power_of_two(int exponent)
{
    return double_of((uint64_t)(exponent + 1023) << 52);
}

static const uint64_t INFINITE = (uint64_t)0x7ff << 52, A_NAN = (uint64_t)0xfff << 51;

/* e8m0 has an exponent and nothing else: no sign, no zero, no subnormals. */
static bool is_exponent_only(const float_format *f)
{
    return f->fraction == 0;
}

static double widen(const float_format *f, uint32_t bits)
{
    uint32_t sign_bit = is_exponent_only(f) ? 0 : (uint32_t)1 << (f->bits - 1);
    uint32_t code = bits & ~sign_bit;
    uint64_t sign = bits & sign_bit ? (uint64_t)1 << 63 : 0;
    if (f->is_fnuz && sign && code == 0)
        return double_of(A_NAN);
    if (code > f->most)
        return double_of(f->has_infinity && code == f->overflow ? sign | INFINITE : A_NAN);
    uint32_t exponent = code >> f->fraction;
    if (exponent == 0 && !is_exponent_only(f)) {
        double value = (double)code * power_of_two(1 - f->bias - f->fraction);
        return sign ? -value : value;
    }
    uint64_t fraction = code & (((uint32_t)1 << f->fraction) - 1);
    return double_of(sign | (uint64_t)((int)exponent - f->bias + 1023) << 52 |
                     fraction << (52 - f->fraction));
}

/* Code of a finite number's magnitude, rounded to nearest even, as if there were no largest. */
static uint32_t round_magnitude(const float_format *f, uint64_t magnitude)
{
    int exponent = (int)(magnitude >> 52) - 1023;
    int least = is_exponent_only(f) ? -f->bias : 1 - f->bias;
    if (exponent == -1023 || (is_exponent_only(f) && exponent < least))
        return 0; /* zero, and subnormal doubles, which are far below every format's least */
    uint64_t significand = (magnitude & (((uint64_t)1 << 52) - 1)) | (uint64_t)1 << 52;
    int kept = exponent < least ? least : exponent;
    int shift = 52 - f->fraction + (kept - exponent);
    if (shift > 54)
        return 0;
    uint64_t code = ((uint64_t)(kept + f->bias - 1) << f->fraction) + (significand >> shift);
    uint64_t rest = significand & (((uint64_t)1 << shift) - 1), half = (uint64_t)1 << (shift - 1);
    if (rest > half || (rest == half && (code & 1)))
        code++;
    return code > UINT32_MAX / 2 ? UINT32_MAX / 2 : (uint32_t)code;
}

/* The bits for value; whether it is still the same kind of number. */
static bool narrow(const float_format *f, double value, uint32_t *out)
{
    uint64_t bits = bits_of(value), magnitude = bits & ~((uint64_t)1 << 63);
    bool negative = bits >> 63;
    bool fits;
    uint32_t code;
    if (magnitude > INFINITE) {
        code = f->nan;
        fits = f->has_nan;
    } else if (is_exponent_only(f) && (negative || magnitude == 0)) {
        code = f->nan;
        fits = false;
    } else if (magnitude == INFINITE) {
        code = f->overflow;
        fits = f->has_infinity;
    } else {
        code = round_magnitude(f, magnitude);
        fits = code <= f->most;
        if (!fits)
            code = f->overflow;
    }
    if (negative && !is_exponent_only(f) && !(f->is_fnuz && code == 0))
        code |= (uint32_t)1 << (f->bits - 1);
    *out = code;
    return fits;
}

double vdb_float16_to_double(uint16_t bits)
{
    return widen(format_of(VARSDB_FLOAT16), bits);
}

double vdb_bfloat16_to_double(uint16_t bits)
{
    return widen(format_of(VARSDB_BFLOAT16), bits);
}

double vdb_float8_to_double(varsdb_dtype dtype, uint8_t bits)
{
    return widen(format_of(dtype), bits);
}

double vdb_float_small_to_double(varsdb_dtype dtype, uint8_t bits)
{
    return widen(format_of(dtype), bits);
}

uint32_t vdb_double_to_float_bits(varsdb_dtype dtype, double value)
{
    uint32_t bits;
    narrow(format_of(dtype), value, &bits);
    return bits;
}

bool vdb_float_fits(varsdb_dtype dtype, double value)
{
    uint32_t bits;
    return narrow(format_of(dtype), value, &bits);
}

void vdb_float_range(varsdb_dtype dtype, double *least, double *most)
{
    if (dtype == VARSDB_FLOAT64) {
        *least = -DBL_MAX;
        *most = DBL_MAX;
        return;
    }
    const float_format *f = format_of(dtype);
    *most = widen(f, f->most);
    *least = is_exponent_only(f) ? widen(f, 0) : -*most;
}
