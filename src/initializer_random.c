/*
 * initializer_random.c - random_uniform, random_normal and truncated_normal.
 *
 * Which words of the Philox stream an element takes; a block is four 32-bit words:
 *   float16, bfloat16, float32, uniform: element i is word i mod 4 of block i / 4.
 *   The same, normal: words 0 and 1 of block i / 4 make the elements 0 and 1 of its
 *     four, words 2 and 3 the other two (Box-Muller: cosine, then sine).
 *   float64, uniform, and every integer (initializer_integer.c): element i is the 64-bit
 *     number, low word first, of words 0 and 1 (i even) or 2 and 3 (i odd) of block i / 2.
 *   float64, normal: both numbers of block i / 2 make its two elements.
 * The upper 64 bits of the block's counter are 0, except that truncated_normal takes
 * them for the attempt: an element whose draw was too far out takes its place in the
 * same block of attempt 1, 2, ...
 */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "elementary.h"
#include "initializer_kind.h"

#define WHAT         VDB_INITIALIZER_WHAT
#define WORDS        4
#define CHUNK_BLOCKS 64
#define CHUNK        (CHUNK_BLOCKS * WORDS)
#define CUT          2.0 /* of truncated_normal, in standard deviations */
#define ATTEMPTS     200 /* each fails with a probability of 0.0455 */

/* Values of `blocks` blocks in a row, per_block of them each. */
typedef void sampler(const vdb_initializer *init, uint64_t block, uint64_t attempt, size_t blocks,
                     double *values);

static bool is_wide(const vdb_initializer *init)
{
    return init->dtype == VARSDB_FLOAT64;
}

static int64_t per_block(const vdb_initializer *init)
{
    return is_wide(init) ? 2 : WORDS;
}

static uint64_t pair(const uint32_t *words)
{
    return words[0] | (uint64_t)words[1] << 32;
}

/* Multiples of 2^-24 or 2^-53 in [0, 1), which float32 and float64 hold exactly. */
static void units(const vdb_initializer *init, const uint32_t *words, size_t blocks, double *values)
{
    if (is_wide(init))
        for (size_t i = 0; i < 2 * blocks; i++)
            values[i] = (double)(int64_t)(pair(words + 2 * i) >> 11) * 0x1p-53;
    else
        for (size_t i = 0; i < WORDS * blocks; i++)
            values[i] = (double)(int32_t)(words[i] >> 8) * 0x1p-24;
}

static void sample_uniform(const vdb_initializer *init, uint64_t block, uint64_t attempt, size_t blocks,
                           double *values)
{
    uint32_t words[CHUNK];
    double low = init->a, width = init->b - init->a, lowest = init->lowest, highest = init->highest;
    vdb_philox_blocks(init->key, block, attempt, blocks, words);
    units(init, words, blocks, values);
    size_t count = (size_t)per_block(init) * blocks;
    for (size_t i = 0; i < count; i++) {
        double x = low + values[i] * width;
        x = x < lowest ? lowest : x;
        values[i] = x > highest ? highest : x;
    }
}

/* u1 in (0, 1], u2 in [0, 1). */
static void box_muller(double u1, double u2, double *values)
{
    double radius = vdb_sqrt(-2.0 * vdb_log(u1));
    values[0] = radius * vdb_cos_turn(u2);
    values[1] = radius * vdb_sin_turn(u2);
}

static void standard_normals(const vdb_initializer *init, uint64_t block, uint64_t attempt, size_t blocks,
                             double *values)
{
    uint32_t words[CHUNK];
    vdb_philox_blocks(init->key, block, attempt, blocks, words);
    if (is_wide(init))
        for (size_t i = 0; i < blocks; i++, values += 2) {
            uint64_t first = pair(words + WORDS * i) >> 11, second = pair(words + WORDS * i + 2) >> 11;
            box_muller((double)(first + 1) * 0x1p-53, (double)second * 0x1p-53, values);
        }
    else
        for (size_t i = 0; i < 2 * blocks; i++, values += 2)
            box_muller(((double)words[2 * i] + 1.0) * 0x1p-32, (double)words[2 * i + 1] * 0x1p-32, values);
}

static void sample_normal(const vdb_initializer *init, uint64_t block, uint64_t attempt, size_t blocks,
                          double *values)
{
    size_t count = (size_t)per_block(init) * blocks;
    standard_normals(init, block, attempt, blocks, values);
    for (size_t i = 0; i < count; i++)
        values[i] = init->a + init->b * values[i];
}

static double redraw(const vdb_initializer *init, uint64_t block, size_t place)
{
    double values[WORDS];
    for (uint64_t attempt = 1; attempt <= ATTEMPTS; attempt++) {
        standard_normals(init, block, attempt, 1, values);
        if (fabs(values[place]) <= CUT)
            return values[place];
    }
    return 0.0;
}

static void sample_truncated(const vdb_initializer *init, uint64_t block, uint64_t attempt, size_t blocks,
                             double *values)
{
    size_t each = (size_t)per_block(init), count = each * blocks;
    standard_normals(init, block, attempt, blocks, values);
    for (size_t i = 0; i < count; i++) {
        double z = fabs(values[i]) <= CUT ? values[i] : redraw(init, block + i / each, i % each);
        values[i] = init->a + init->b * z;
    }
}

void vdb_initializer_store(varsdb_dtype dtype, const double *values, size_t count, void *out)
{
    unsigned char *at = out;
    if (dtype == VARSDB_FLOAT64) {
        memcpy(out, values, count * sizeof *values);
    } else if (dtype == VARSDB_FLOAT32) {
        for (size_t i = 0; i < count; i++) {
            float single = (float)values[i];
            memcpy(at + i * sizeof single, &single, sizeof single);
        }
    } else {
        for (size_t i = 0; i < count; i++) {
            uint16_t half = (uint16_t)vdb_double_to_float_bits(dtype, values[i]);
            memcpy(at + i * sizeof half, &half, sizeof half);
        }
    }
}

/* `stored` is what the values are narrowed to; init->dtype says how they are drawn. */
static void fill_as(const vdb_initializer *init, varsdb_dtype stored, sampler *sample, int64_t first,
                    int64_t count, void *out)
{
    double values[CHUNK];
    unsigned char *to = out;
    int64_t each = per_block(init);
    size_t element = (size_t)varsdb_dtype_bits(stored) / 8;
    for (int64_t skip = first % each, block = first / each; count > 0; skip = 0, block += CHUNK_BLOCKS) {
        int64_t n = each * CHUNK_BLOCKS - skip;
        n = n < count ? n : count;
        sample(init, (uint64_t)block, 0, (size_t)((skip + n + each - 1) / each), values);
        vdb_initializer_store(stored, values + skip, (size_t)n, to);
        to += (size_t)n * element;
        count -= n;
    }
}

static void fill_uniform(const vdb_initializer *init, int64_t first, int64_t count, void *out)
{
    fill_as(init, init->dtype, sample_uniform, first, count, out);
}

static void fill_normal(const vdb_initializer *init, int64_t first, int64_t count, void *out)
{
    fill_as(init, init->dtype, sample_normal, first, count, out);
}

static void fill_truncated(const vdb_initializer *init, int64_t first, int64_t count, void *out)
{
    fill_as(init, init->dtype, sample_truncated, first, count, out);
}

int vdb_initializer_draw_uniform(vdb_error *e, const char *name, double low, double high,
                                 vdb_initializer *init)
{
    int rc = vdb_initializer_limit(e, name, low, high, init);
    if (rc == VARSDB_OK)
        init->fill = fill_uniform;
    return rc;
}

void vdb_initializer_draw_normal(double mean, double stddev, vdb_initializer *init)
{
    init->a = mean;
    init->b = stddev;
    init->fill = fill_normal;
}

void vdb_initializer_draw_truncated(double mean, double stddev, vdb_initializer *init)
{
    init->a = mean;
    init->b = stddev;
    init->fill = fill_truncated;
}

void vdb_initializer_normals(const vdb_initializer *init, int64_t first, int64_t count, double *out)
{
    vdb_initializer standard = *init;
    standard.a = 0;
    standard.b = 1;
    fill_as(&standard, VARSDB_FLOAT64, sample_normal, first, count, out);
}

/* ---- The kinds ---------------------------------------------------------- */

static int check_uniform(vdb_error *e, const vdb_initializer_kind *kind,
                         const vdb_spec_argument *const *bound, vdb_initializer *init)
{
    (void)init;
    double low = vdb_initializer_number(bound[0], 0), high = vdb_initializer_number(bound[1], 1);
    if (!isfinite(low) || !isfinite(high) || !isfinite(high - low))
        return vdb_fail(e, VARSDB_INVALID, WHAT " %s: min %g, max %g and their distance must be finite",
                        kind->name, low, high);
    if (bound[1] && low > high)
        return vdb_fail(e, VARSDB_INVALID, WHAT " %s: min %g is above max %g", kind->name, low, high);
    return VARSDB_OK;
}

static int prepare_uniform(vdb_error *e, const vdb_initializer_kind *kind,
                           const vdb_spec_argument *const *bound, vdb_initializer *init)
{
    if (vdb_dtype_class_of(init->dtype) != VDB_CLASS_FLOAT)
        return vdb_initializer_prepare_integers(e, kind, bound, init);
    return vdb_initializer_draw_uniform(e, kind->name, vdb_initializer_number(bound[0], 0),
                                        vdb_initializer_number(bound[1], 1), init);
}

static int check_normal(vdb_error *e, const vdb_initializer_kind *kind, const vdb_spec_argument *const *bound,
                        vdb_initializer *init)
{
    (void)init;
    double mean = vdb_initializer_number(bound[0], 0), stddev = vdb_initializer_number(bound[1], 1);
    if (!isfinite(mean) || !isfinite(stddev) || stddev < 0)
        return vdb_fail(e, VARSDB_INVALID,
                        WHAT " %s: mean %g and stddev %g must be finite, stddev not below 0", kind->name,
                        mean, stddev);
    return VARSDB_OK;
}

static int prepare_normal(vdb_error *e, const vdb_initializer_kind *kind,
                          const vdb_spec_argument *const *bound, vdb_initializer *init)
{
    (void)e;
    (void)kind;
    vdb_initializer_draw_normal(vdb_initializer_number(bound[0], 0), vdb_initializer_number(bound[1], 1),
                                init);
    return VARSDB_OK;
}

static int prepare_truncated(vdb_error *e, const vdb_initializer_kind *kind,
                             const vdb_spec_argument *const *bound, vdb_initializer *init)
{
    (void)e;
    (void)kind;
    vdb_initializer_draw_truncated(vdb_initializer_number(bound[0], 0), vdb_initializer_number(bound[1], 1),
                                   init);
    return VARSDB_OK;
}

#define MEAN_AND_STDDEV                                                                                 \
    {                                                                                                   \
        {"mean", NULL, VDB_SPEC_NUMBER, false, false}, {"stddev", NULL, VDB_SPEC_NUMBER, false, false}, \
            VDB_SEED_PARAMETER                                                                          \
    }

const vdb_initializer_kind vdb_random_kinds[] = {
    {.name = "random_uniform",
     .takes = VDB_TAKES_DRAWN,
     .is_random = true,
     .count = 3,
     .parameters = {{"minval", "min", VDB_SPEC_NUMBER, false, false},
                    {"maxval", "max", VDB_SPEC_NUMBER, false, false},
                    VDB_SEED_PARAMETER},
     .check = check_uniform,
     .prepare = prepare_uniform},
    {.name = "random_normal",
     .takes = VDB_TAKES_FLOATS,
     .is_random = true,
     .count = 3,
     .parameters = MEAN_AND_STDDEV,
     .check = check_normal,
     .prepare = prepare_normal},
    {.name = "truncated_normal",
     .takes = VDB_TAKES_FLOATS,
     .is_random = true,
     .count = 3,
     .parameters = MEAN_AND_STDDEV,
     .check = check_normal,
     .prepare = prepare_truncated},
    {.name = NULL},
};
