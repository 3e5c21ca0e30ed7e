/* tensor_initial.c - initial values as tensors: made range by range, when they are pulled. */
#include "tensor.h"

/* Bits an element takes in canonical bytes; an empty string is its length. */
static unsigned element_bits(varsdb_dtype dtype)
{
    return dtype == VARSDB_STRING ? 64 : (unsigned)varsdb_dtype_bits(dtype);
}

/* How many elements lie in so many bytes, without overflow on the way. */
static int64_t elements_in(uint64_t bytes, unsigned bits)
{
    return (int64_t)(bytes / bits * 8 + bytes % bits * 8 / bits);
}

static int fill(void *payload, int64_t tag, uint64_t offset, void *buffer, size_t bytes)
{
    const vdb_initializer *init = payload;
    (void)tag;
    unsigned bits = element_bits(init->dtype);
    int64_t first = elements_in(offset, bits), count = elements_in(bytes, bits);
    if (count > init->elements - first)
        count = init->elements - first;
    vdb_initializer_fill(init, first, count, buffer);
    return VARSDB_OK;
}

int vdb_tensor_of_initializer(varsdb *db, vdb_initializer *init, vdb_tensor *out)
{
    int64_t bytes;
    bool fits = init->dtype == VARSDB_STRING ? !__builtin_mul_overflow(init->elements, (int64_t)8, &bytes)
                                             : vdb_dtype_bytes(init->dtype, init->elements, &bytes);
    if (!fits)
        return vdb_fail(&db->error, VARSDB_INVALID, "%lld elements of %s are more bytes than can be counted",
                        (long long)init->elements, varsdb_dtype_name(init->dtype));
    *out = (vdb_tensor){
        .dtype = init->dtype,
        .elements = init->elements,
        .bytes = (uint64_t)bytes,
        .source = fill,
        .payload = init,
    };
    return VARSDB_OK;
}
