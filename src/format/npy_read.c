/* npy_read.c - the elements of an array, from what its header says of them; see npy.h. */
#ifndef VARSDB_OMIT_NUMPY

#include "../dtype.h"
#include "npy.h"

/* In Fortran order the first axis varies fastest. */
static int lay_out(const varsdb_shape *shape, uint64_t *dims, uint64_t *strides)
{
    uint64_t stride = 1;
    for (int i = 0; i < shape->rank; i++) {
        dims[i] = (uint64_t)shape->dims[i];
        strides[i] = stride;
        stride *= dims[i];
    }
    return shape->rank;
}

int vdb_npy_read_data(vdb_error *e, const vdb_source *source, const varsdb_tensor_info *info,
                      const vdb_npy_layout *layout, vdb_strided_cache *cache, uint64_t key, uint64_t offset,
                      void *buffer, size_t bytes)
{
    unsigned item = (unsigned)varsdb_dtype_bits(info->dtype) / 8;
    uint64_t dims[VARSDB_RANK_MAX] = {info->bytes / item}, strides[VARSDB_RANK_MAX] = {1};
    vdb_strided s = {.base = layout->data,
                     .item_bytes = item,
                     .number_bytes = layout->big_endian ? (unsigned)vdb_dtype_number_bytes(info->dtype) : 1,
                     .rank = layout->fortran ? lay_out(&info->shape, dims, strides) : 1,
                     .dims = dims,
                     .strides = strides};
    return vdb_strided_read(e, source, &s, cache, key, offset, buffer, bytes);
}

#endif
