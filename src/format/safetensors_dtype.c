/* safetensors_dtype.c - the format's element types; see safetensors.h. */
#ifndef VARSDB_OMIT_SAFETENSORS

#include <string.h>

#include "../dtype.h"
#include "../shape.h"
#include "safetensors.h"

/* In the order that the format's writer sorts data by. */
static const struct {
    varsdb_dtype dtype;
    const char *name;
} types[] = {
    {VARSDB_BOOL, "BOOL"},
    {VARSDB_FLOAT4_E2M1, "F4"},
    {VARSDB_FLOAT6_E2M3, "F6_E2M3"},
    {VARSDB_FLOAT6_E3M2, "F6_E3M2"},
    {VARSDB_UINT8, "U8"},
    {VARSDB_INT8, "I8"},
    {VARSDB_FLOAT8_E5M2, "F8_E5M2"},
    {VARSDB_FLOAT8_E4M3FN, "F8_E4M3"},
    {VARSDB_FLOAT8_E8M0, "F8_E8M0"},
    {VARSDB_FLOAT8_E4M3FNUZ, "F8_E4M3FNUZ"},
    {VARSDB_FLOAT8_E5M2FNUZ, "F8_E5M2FNUZ"},
    {VARSDB_INT16, "I16"},
    {VARSDB_UINT16, "U16"},
    {VARSDB_FLOAT16, "F16"},
    {VARSDB_BFLOAT16, "BF16"},
    {VARSDB_INT32, "I32"},
    {VARSDB_UINT32, "U32"},
    {VARSDB_FLOAT32, "F32"},
    {VARSDB_COMPLEX64, "C64"},
    {VARSDB_FLOAT64, "F64"},
    {VARSDB_INT64, "I64"},
    {VARSDB_UINT64, "U64"},
};
#define TYPES ((int)(sizeof types / sizeof *types))

int vdb_safetensors_dtype_rank(varsdb_dtype dtype)
{
    for (int i = 0; i < TYPES; i++)
        if (types[i].dtype == dtype)
            return i;
    return -1;
}

const char *vdb_safetensors_dtype_name(varsdb_dtype dtype)
{
    int rank = vdb_safetensors_dtype_rank(dtype);
    return rank < 0 ? NULL : types[rank].name;
}

varsdb_dtype vdb_safetensors_dtype_of(const char *name, size_t bytes)
{
    for (int i = 0; i < TYPES; i++)
        if (strlen(types[i].name) == bytes && memcmp(types[i].name, name, bytes) == 0)
            return types[i].dtype;
    return VARSDB_DTYPE_NOT_SAID;
}

int vdb_safetensors_tensor_bytes(vdb_error *e, varsdb_dtype dtype, const varsdb_shape *shape, uint64_t *out)
{
    int64_t elements, bytes;
    int rc = vdb_shape_elements(e, shape, &elements);
    if (rc != VARSDB_OK)
        return rc;
    if (!vdb_dtype_bytes(dtype, elements, &bytes))
        return vdb_fail(e, VARSDB_INVALID, "%lld elements of %s are more bytes than can be counted",
                        (long long)elements, varsdb_dtype_name(dtype));
    if (elements % 8 * varsdb_dtype_bits(dtype) % 8 != 0)
        return vdb_fail(e, VARSDB_INVALID, "%lld elements of %s, of %d bits each, do not fill whole bytes",
                        (long long)elements, varsdb_dtype_name(dtype), varsdb_dtype_bits(dtype));
    *out = (uint64_t)bytes;
    return VARSDB_OK;
}

#endif
