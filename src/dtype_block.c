/*
 * dtype_block.c - dtypes of opaque blocks: GGML's quantized types, whose elements have no bits of their own.
 * Sizes are those of ggml's block structures.
 */
#include <string.h>

#include "dtype.h"
#include "shape.h"

/* By GGML's numbers. */
#define GGML(number) (varsdb_dtype)(VARSDB_GGML + (number))
static const struct block {
    varsdb_dtype dtype;
    const char *name;
    vdb_dtype_block block;
} blocks[] = {
    {GGML(2), "ggml:Q4_0", {32, 18}},      {GGML(3), "ggml:Q4_1", {32, 20}},
    {GGML(6), "ggml:Q5_0", {32, 22}},      {GGML(7), "ggml:Q5_1", {32, 24}},
    {GGML(8), "ggml:Q8_0", {32, 34}},      {GGML(10), "ggml:Q2_K", {256, 84}},
    {GGML(11), "ggml:Q3_K", {256, 110}},   {GGML(12), "ggml:Q4_K", {256, 144}},
    {GGML(13), "ggml:Q5_K", {256, 176}},   {GGML(14), "ggml:Q6_K", {256, 210}},
    {GGML(15), "ggml:Q8_K", {256, 292}},   {GGML(16), "ggml:IQ2_XXS", {256, 66}},
    {GGML(17), "ggml:IQ2_XS", {256, 74}},  {GGML(18), "ggml:IQ3_XXS", {256, 98}},
    {GGML(19), "ggml:IQ1_S", {256, 50}},   {GGML(20), "ggml:IQ4_NL", {32, 18}},
    {GGML(21), "ggml:IQ3_S", {256, 110}},  {GGML(22), "ggml:IQ2_S", {256, 82}},
    {GGML(23), "ggml:IQ4_XS", {256, 136}}, {GGML(29), "ggml:IQ1_M", {256, 56}},
    {GGML(34), "ggml:TQ1_0", {256, 54}},   {GGML(35), "ggml:TQ2_0", {256, 66}},
    {GGML(39), "ggml:MXFP4", {32, 17}},
};
#define COUNT (sizeof blocks / sizeof *blocks)

static const struct block *find(varsdb_dtype dtype)
{
    for (size_t i = 0; dtype > VARSDB_GGML && i < COUNT; i++) /* most dtypes are none of them */
        if (blocks[i].dtype == dtype)
            return &blocks[i];
    return NULL;
}

const vdb_dtype_block *vdb_dtype_block_of(varsdb_dtype dtype)
{
    const struct block *found = find(dtype);
    return found ? &found->block : NULL;
}

const char *vdb_dtype_block_name(varsdb_dtype dtype)
{
    const struct block *found = find(dtype);
    return found ? found->name : NULL;
}

varsdb_dtype vdb_dtype_block_parse(const char *name)
{
    for (size_t i = 0; i < COUNT; i++)
        if (strcmp(blocks[i].name, name) == 0)
            return blocks[i].dtype;
    return VARSDB_DTYPE_NOT_SAID;
}

int varsdb_dtype_block(varsdb_dtype dtype, int *bytes)
{
    const vdb_dtype_block *block = vdb_dtype_block_of(dtype);
    if (bytes)
        *bytes = block ? block->bytes : 0;
    return block ? block->elements : 0;
}

int vdb_dtype_check_rows(vdb_error *e, varsdb_dtype dtype, const varsdb_shape *shape)
{
    const vdb_dtype_block *block = vdb_dtype_block_of(dtype);
    int64_t row = shape->rank ? shape->dims[shape->rank - 1] : 1;
    if (!block || row % block->elements == 0)
        return VARSDB_OK;
    return vdb_fail(e, VARSDB_INVALID, "rows of %lld do not fill the blocks of %s, which are of %d elements",
                    (long long)row, vdb_dtype_block_name(dtype), block->elements);
}
