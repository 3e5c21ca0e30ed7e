/* element.c - single elements of packed tensors, as numbers and as text; see dtype.h. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dtype.h"
#include "elementary.h"

#define NUMBER_BYTES 48 /* the longest is -1.7976931348623157e+308 */
#define DIGITS_BYTES 20 /* at most 17 */

static uint64_t load(const void *data, size_t bytes, size_t i)
{
    uint64_t value = 0;
    memcpy(&value, (const char *)data + i * bytes, bytes); /* little-endian, as the tensor is */
    return value;
}

static void store(void *data, size_t bytes, size_t i, uint64_t value)
{
    memcpy((char *)data + i * bytes, &value, bytes);
}

static size_t bytes_of(varsdb_dtype dtype)
{
    return (size_t)varsdb_dtype_bits(dtype) / 8;
}

static int64_t load_signed(varsdb_dtype dtype, const void *data, size_t i)
{
    uint64_t value = load(data, bytes_of(dtype), i);
    uint64_t sign = (uint64_t)1 << (varsdb_dtype_bits(dtype) - 1);
    return (int64_t)((value ^ sign) - sign);
}

static double load_float(varsdb_dtype dtype, const void *data, size_t i)
{
    float single;
    double value;
    switch (varsdb_dtype_bits(dtype)) {
    case 64:
        memcpy(&value, (const char *)data + i * sizeof value, sizeof value);
        return value;
    case 32:
        memcpy(&single, (const char *)data + i * sizeof single, sizeof single);
        return (double)single;
    case 16:
        return dtype == VARSDB_FLOAT16 ? vdb_float16_to_double((uint16_t)load(data, 2, i))
                                       : vdb_bfloat16_to_double((uint16_t)load(data, 2, i));
    case 8:
        return vdb_float8_to_double(dtype, (uint8_t)load(data, 1, i));
    default:
        return vdb_float_small_to_double(dtype, (uint8_t)vdb_packed_get(data, varsdb_dtype_bits(dtype), i));
    }
}

static varsdb_dtype part_of(varsdb_dtype complex)
{
    return complex == VARSDB_COMPLEX64 ? VARSDB_FLOAT32 : VARSDB_FLOAT64;
}

/* ---- Floats as text ----------------------------------------------------- */

static bool reads_back(varsdb_dtype dtype, const char *text, double value)
{
    double again = strtod(text, NULL);
    if (dtype == VARSDB_FLOAT64)
        return again == value;
    if (dtype == VARSDB_FLOAT32 && strtof(text, NULL) != (float)value)
        return false;
    return vdb_float_fits(dtype, again) &&
           vdb_double_to_float_bits(dtype, again) == vdb_double_to_float_bits(dtype, value);
}

/* Digits but for zeros at the end, and decimal exponent, of d.ddde+xx, whatever the locale puts
 * for the point. */
static size_t take_digits(const char *text, char digits[DIGITS_BYTES], int *exponent)
{
    size_t count = 0;
    const char *p = text;
    for (; *p && *p != 'e'; p++)
        if (*p >= '0' && *p <= '9' && count < DIGITS_BYTES - 1)
            digits[count++] = *p;
    while (count > 1 && digits[count - 1] == '0')
        count--;
    digits[count] = '\0';
    *exponent = *p ? (int)strtol(p + 1, NULL, 10) : 0;
    return count;
}

/* Writes the digits with a point or an exponent, so that nobody takes it for an integer. */
static void lay_out(char out[NUMBER_BYTES], bool negative, const char *digits, size_t count, int exponent)
{
    const char *sign = negative ? "-" : "";
    static const char zeros[] = "0000000000000000";
    if (exponent < -4 || exponent >= 16) {
        snprintf(out, NUMBER_BYTES, "%s%c%s%se%+03d", sign, digits[0], count > 1 ? "." : "", digits + 1,
                 exponent);
    } else if (exponent < 0) {
        snprintf(out, NUMBER_BYTES, "%s0.%.*s%s", sign, -exponent - 1, zeros, digits);
    } else if (count <= (size_t)exponent + 1) {
        snprintf(out, NUMBER_BYTES, "%s%s%.*s.0", sign, digits, exponent + 1 - (int)count, zeros);
    } else {
        snprintf(out, NUMBER_BYTES, "%s%.*s.%s", sign, exponent + 1, digits, digits + exponent + 1);
    }
}

/* Digits after the first to begin with.  What FLT_DIG or DBL_DIG digits can say, a normal number
 * printed with so many says too, with zeros at the end; so fewer need not be tried. */
static int first_precision(varsdb_dtype dtype, double value)
{
    if (dtype == VARSDB_FLOAT64 && fabs(value) >= DBL_MIN)
        return DBL_DIG - 1;
    if (dtype == VARSDB_FLOAT32 && fabs(value) >= (double)FLT_MIN)
        return FLT_DIG - 1;
    return 0;
}

static void print_float(varsdb_dtype dtype, double value, char out[NUMBER_BYTES])
{
    char text[NUMBER_BYTES], digits[DIGITS_BYTES];
    int exponent, precision = first_precision(dtype, value);
    if (isnan(value) || isinf(value)) {
        snprintf(out, NUMBER_BYTES, isnan(value) ? "\"NaN\"" : value < 0 ? "\"-Infinity\"" : "\"Infinity\"");
        return;
    }
    do
        snprintf(text, sizeof text, "%.*e", precision, value);
    while (!reads_back(dtype, text, value) && ++precision < 17);
    size_t count = take_digits(text, digits, &exponent);
    lay_out(out, signbit(value), digits, count, exponent);
}

/* ---- Reading ------------------------------------------------------------ */

static bool is_number(varsdb_dtype dtype)
{
    return vdb_dtype_valid(dtype) && vdb_dtype_has_numbers(dtype);
}

static void print_complex(varsdb_dtype dtype, const void *data, size_t i, char *out, size_t room)
{
    char re[NUMBER_BYTES], im[NUMBER_BYTES];
    varsdb_dtype part = part_of(dtype);
    print_float(part, load_float(part, data, 2 * i), re);
    print_float(part, load_float(part, data, 2 * i + 1), im);
    snprintf(out, room, "[%s,%s]", re, im);
}

int varsdb_element_json(varsdb_dtype dtype, const void *data, size_t i, char *out, size_t room)
{
    char text[2 * NUMBER_BYTES + 4] = "";
    if (!is_number(dtype) || !data || !out)
        return VARSDB_MISUSE;
    switch (vdb_dtype_class_of(dtype)) {
    case VDB_CLASS_BOOL:
        snprintf(text, sizeof text, load(data, 1, i) ? "true" : "false");
        break;
    case VDB_CLASS_SIGNED:
        snprintf(text, sizeof text, "%lld", (long long)load_signed(dtype, data, i));
        break;
    case VDB_CLASS_UNSIGNED:
        snprintf(text, sizeof text, "%llu", (unsigned long long)load(data, bytes_of(dtype), i));
        break;
    case VDB_CLASS_COMPLEX:
        print_complex(dtype, data, i, text, sizeof text);
        break;
    default:
        print_float(dtype, load_float(dtype, data, i), text);
    }
    size_t bytes = strlen(text) + 1;
    if (bytes > room)
        return VARSDB_INVALID;
    memcpy(out, text, bytes);
    return VARSDB_OK;
}

int varsdb_element_real(varsdb_dtype dtype, const void *data, size_t i, double *out)
{
    if (!is_number(dtype) || !data || !out)
        return VARSDB_MISUSE;
    switch (vdb_dtype_class_of(dtype)) {
    case VDB_CLASS_BOOL:
        *out = load(data, 1, i) ? 1 : 0;
        break;
    case VDB_CLASS_SIGNED:
        *out = (double)load_signed(dtype, data, i);
        break;
    case VDB_CLASS_UNSIGNED:
        *out = (double)load(data, bytes_of(dtype), i);
        break;
    case VDB_CLASS_COMPLEX:
        *out =
            vdb_hypot(load_float(part_of(dtype), data, 2 * i), load_float(part_of(dtype), data, 2 * i + 1));
        break;
    default:
        *out = load_float(dtype, data, i);
    }
    return VARSDB_OK;
}

/* ---- Writing ------------------------------------------------------------ */

static void store_float(varsdb_dtype dtype, void *data, size_t i, double value)
{
    int bits = varsdb_dtype_bits(dtype);
    if (bits == 64)
        memcpy((char *)data + i * sizeof value, &value, sizeof value);
    else if (bits >= 8)
        store(data, (size_t)bits / 8, i, vdb_double_to_float_bits(dtype, value));
    else
        vdb_packed_set(data, bits, i, vdb_double_to_float_bits(dtype, value));
}

static int refuse_integer(vdb_error *e, varsdb_dtype dtype, bool negative, uint64_t magnitude)
{
    const char *name = varsdb_dtype_name(dtype), *sign = negative && magnitude ? "-" : "";
    int bits = varsdb_dtype_bits(dtype);
    unsigned long long value = magnitude, half = 1ULL << (bits - 1);
    if (dtype == VARSDB_BOOL)
        return vdb_fail(e, VARSDB_INVALID, "%s%llu does not fit bool, which takes 0 and 1", sign, value);
    if (vdb_dtype_class_of(dtype) == VDB_CLASS_SIGNED)
        return vdb_fail(e, VARSDB_INVALID, "%s%llu does not fit %s, which takes -%llu to %llu", sign, value,
                        name, half, half - 1);
    return vdb_fail(e, VARSDB_INVALID, "%s%llu does not fit %s, which takes 0 to %llu", sign, value, name,
                    half - 1 + half);
}

static int refuse_float(vdb_error *e, varsdb_dtype dtype, double value)
{
    double least, most;
    char asked[NUMBER_BYTES], from[NUMBER_BYTES], to[NUMBER_BYTES];
    vdb_float_range(dtype, &least, &most);
    print_float(VARSDB_FLOAT64, value, asked);
    print_float(VARSDB_FLOAT64, least, from);
    print_float(VARSDB_FLOAT64, most, to);
    return vdb_fail(e, VARSDB_INVALID, "%s does not fit %s, which takes %s to %s", asked,
                    varsdb_dtype_name(dtype), from, to);
}

static int set_integer(vdb_error *e, varsdb_dtype dtype, void *data, size_t i, bool negative,
                       uint64_t magnitude)
{
    bool is_signed = vdb_dtype_class_of(dtype) == VDB_CLASS_SIGNED;
    int bits = varsdb_dtype_bits(dtype);
    uint64_t half = (uint64_t)1 << (bits - 1);
    uint64_t most = dtype == VARSDB_BOOL ? 1 : is_signed ? half - 1 : half - 1 + half;
    if (negative)
        most = is_signed ? half : 0;
    if (magnitude > most)
        return refuse_integer(e, dtype, negative, magnitude);
    store(data, (size_t)bits / 8, i, negative ? 0 - magnitude : magnitude);
    return VARSDB_OK;
}

static int set_float(vdb_error *e, varsdb_dtype dtype, void *data, size_t i, double value)
{
    if (dtype != VARSDB_FLOAT64 && !vdb_float_fits(dtype, value))
        return refuse_float(e, dtype, value);
    store_float(dtype, data, i, value);
    return VARSDB_OK;
}

static int set_complex(vdb_error *e, varsdb_dtype dtype, void *data, size_t i, double value)
{
    int rc = set_float(e, part_of(dtype), data, 2 * i, value);
    if (rc == VARSDB_OK)
        store_float(part_of(dtype), data, 2 * i + 1, 0.0);
    return rc;
}

/* As a double; for narrower floats with the lost bits gathered into the lowest kept one,
 * so that the second rounding comes out as a single one would. */
static double integer_as_double(varsdb_dtype dtype, uint64_t magnitude)
{
    if (dtype == VARSDB_FLOAT64 || dtype == VARSDB_COMPLEX128 || magnitude >> 53 == 0)
        return (double)magnitude;
    uint64_t lost = magnitude & 0x7ff;
    return (double)(magnitude >> 11 | (lost ? 1 : 0)) * 2048.0;
}

int vdb_element_set_int(vdb_error *e, varsdb_dtype dtype, void *data, size_t i, bool negative,
                        uint64_t magnitude)
{
    double value = integer_as_double(dtype, magnitude);
    if (negative && magnitude)
        value = -value;
    switch (vdb_dtype_class_of(dtype)) {
    case VDB_CLASS_BOOL:
    case VDB_CLASS_SIGNED:
    case VDB_CLASS_UNSIGNED:
        return set_integer(e, dtype, data, i, negative, magnitude);
    case VDB_CLASS_COMPLEX:
        return set_complex(e, dtype, data, i, value);
    case VDB_CLASS_FLOAT:
        return set_float(e, dtype, data, i, value);
    default:
        return vdb_fail(e, VARSDB_INVALID, "a number does not fit %s", varsdb_dtype_name(dtype));
    }
}

int vdb_element_set_real(vdb_error *e, varsdb_dtype dtype, void *data, size_t i, double value)
{
    char text[NUMBER_BYTES];
    switch (vdb_dtype_class_of(dtype)) {
    case VDB_CLASS_FLOAT:
        return set_float(e, dtype, data, i, value);
    case VDB_CLASS_COMPLEX:
        return set_complex(e, dtype, data, i, value);
    case VDB_CLASS_STRING:
    case VDB_CLASS_BLOCK:
        return vdb_fail(e, VARSDB_INVALID, "a number does not fit %s", varsdb_dtype_name(dtype));
    default:
        break;
    }
    bool in_range = fabs(value) < 0x1p64;
    uint64_t whole = in_range ? (uint64_t)fabs(value) : 0;
    if (in_range && (double)whole == fabs(value))
        return set_integer(e, dtype, data, i, value < 0, whole);
    print_float(VARSDB_FLOAT64, value, text);
    return vdb_fail(e, VARSDB_INVALID, "%s does not fit %s, which takes whole numbers in its range", text,
                    varsdb_dtype_name(dtype));
}
