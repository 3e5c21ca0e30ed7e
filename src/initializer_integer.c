/*
 * initializer_integer.c - random_uniform of integers.  Element i is made of 64 bits: words
 * 0 and 1 (i even) or 2 and 3 (i odd), low word first, of block i / 2 of the stream.
 */
#include <string.h>

#include "initializer_kind.h"

#define WHAT         VDB_INITIALIZER_WHAT
#define CHUNK_BLOCKS 64
#define CHUNK        (CHUNK_BLOCKS * 2)
#define WORDS        (CHUNK_BLOCKS * 4)

static uint64_t pair(const uint32_t *words)
{
    return words[0] | (uint64_t)words[1] << 32;
}

/* Upper 64 bits of the product.  random * range / 2^64 rounded down favours some of the
 * `range` results by one part in 2^64 / range: nothing that a sample could show. */
static uint64_t multiply_high(uint64_t a, uint64_t b)
{
    uint64_t a_low = (uint32_t)a, a_high = a >> 32, b_low = (uint32_t)b, b_high = b >> 32;
    uint64_t low = a_low * b_low;
    uint64_t middle = a_high * b_low + (low >> 32);
    uint64_t other = a_low * b_high + (uint32_t)middle;
    return a_high * b_high + (middle >> 32) + (other >> 32);
}

static void store_integers(int bits, const uint64_t *values, size_t count, unsigned char *out)
{
    uint8_t bytes[CHUNK];
    uint16_t halves[CHUNK];
    uint32_t words[CHUNK];
    for (size_t i = 0; i < count; i++) {
        bytes[i] = (uint8_t)values[i];
        halves[i] = (uint16_t)values[i];
        words[i] = (uint32_t)values[i];
    }
    const void *from = bits == 8    ? (const void *)bytes
                       : bits == 16 ? halves
                       : bits == 32 ? words
                                    : (const void *)values;
    memcpy(out, from, count * (size_t)bits / 8);
}

static void fill_integers(const vdb_initializer *init, int64_t first, int64_t count, void *out)
{
    uint32_t words[WORDS];
    uint64_t values[CHUNK];
    unsigned char *to = out;
    int bits = varsdb_dtype_bits(init->dtype);
    for (int64_t skip = first % 2, block = first / 2; count > 0; skip = 0, block += CHUNK_BLOCKS) {
        int64_t n = (int64_t)CHUNK - skip;
        n = n < count ? n : count;
        vdb_philox_blocks(init->key, (uint64_t)block, 0, (size_t)((skip + n + 1) / 2), words);
        for (size_t i = 0; i < (size_t)n; i++) {
            uint64_t random = pair(words + 2 * (i + (size_t)skip));
            values[i] = init->low + (init->range ? multiply_high(random, init->range) : random);
        }
        store_integers(bits, values, (size_t)n, to);
        to += (size_t)n * (size_t)bits / 8;
        count -= n;
    }
}

/* How far value is above the least number of the dtype; false when it is not in the dtype. */
static bool place_of(varsdb_dtype dtype, bool negative, uint64_t magnitude, uint64_t *out)
{
    uint64_t half = UINT64_C(1) << (varsdb_dtype_bits(dtype) - 1);
    bool has_sign = vdb_dtype_class_of(dtype) == VDB_CLASS_SIGNED;
    uint64_t below = has_sign ? half : 0, above = has_sign ? half - 1 : half - 1 + half;
    if (magnitude > (negative ? below : above))
        return false;
    *out = negative ? below - magnitude : below + magnitude;
    return true;
}

/* The last number of a range that ends before `end`. */
static bool place_before(varsdb_dtype dtype, const vdb_spec_number *end, uint64_t *out)
{
    bool negative = end->negative || end->magnitude == 0;
    if (negative && end->magnitude == UINT64_MAX)
        return false;
    return place_of(dtype, negative, negative ? end->magnitude + 1 : end->magnitude - 1, out);
}

int vdb_initializer_prepare_integers(vdb_error *e, const vdb_initializer_kind *kind,
                                     const vdb_spec_argument *const *bound, vdb_initializer *init)
{
    const char *dtype = varsdb_dtype_name(init->dtype);
    static const vdb_spec_number zero = {.is_whole = true};
    if (!bound[1])
        return vdb_fail(e, VARSDB_INVALID, WHAT " %s needs max for %s", kind->name, dtype);
    const vdb_spec_number *low = bound[0] ? bound[0]->numbers : &zero, *end = bound[1]->numbers;
    if (!low->is_whole || !end->is_whole)
        return vdb_fail(e, VARSDB_INVALID, WHAT " %s: min and max must be integers for %s", kind->name,
                        dtype);
    uint64_t from, to, sign = UINT64_C(1) << (varsdb_dtype_bits(init->dtype) - 1);
    if (!place_of(init->dtype, low->negative, low->magnitude, &from) ||
        !place_before(init->dtype, end, &to) || to < from)
        return vdb_fail(e, VARSDB_INVALID, WHAT " %s: [%.17g, %.17g) is empty or goes beyond the range of %s",
                        kind->name, low->real, end->real, dtype);
    init->low = vdb_dtype_class_of(init->dtype) == VDB_CLASS_SIGNED ? from - sign : from;
    init->range = to - from + 1;
    init->fill = fill_integers;
    return VARSDB_OK;
}
