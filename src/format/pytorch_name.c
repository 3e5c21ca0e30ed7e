/* pytorch_name.c - every name that a pickle of PyTorch may hold, and nothing else; see pytorch.h. */
#ifndef VARSDB_OMIT_PYTORCH

#include "pytorch.h"

#define STORAGE(name, is)                                                                       \
    {                                                                                           \
        .module = "torch", .attribute = name "Storage", .tag = VDB_PYTORCH_STORAGE, .dtype = is \
    }
#define DTYPE(name, is)                                                             \
    {                                                                               \
        .module = "torch", .attribute = name, .tag = VDB_PYTORCH_DTYPE, .dtype = is \
    }
#define CALLED(from, name, does, fewest, greatest, is)                                               \
    {                                                                                                \
        .module = from, .attribute = name, .use = does, .least = fewest, .most = greatest, .tag = is \
    }

static const vdb_pickle_name names[] = {
    CALLED("collections", "OrderedDict", VDB_PICKLE_AS_DICT, 0, 1, VDB_PYTORCH_OTHER),
    CALLED("torch", "Size", VDB_PICKLE_AS_TUPLE, 1, 1, VDB_PYTORCH_OTHER),
    CALLED("torch._utils", "_rebuild_tensor_v2", VDB_PICKLE_AS_CALL, 6, 7, VDB_PYTORCH_TENSOR),
    CALLED("torch._utils", "_rebuild_tensor_v3", VDB_PICKLE_AS_CALL, 7, 8, VDB_PYTORCH_TYPED_TENSOR),
    CALLED("torch._utils", "_rebuild_parameter", VDB_PICKLE_AS_CALL, 3, 3, VDB_PYTORCH_PARAMETER),
    {.module = "torch.storage", .attribute = "UntypedStorage", .tag = VDB_PYTORCH_BYTES},
    STORAGE("Float", VARSDB_FLOAT32),
    STORAGE("Double", VARSDB_FLOAT64),
    STORAGE("Half", VARSDB_FLOAT16),
    STORAGE("BFloat16", VARSDB_BFLOAT16),
    STORAGE("Long", VARSDB_INT64),
    STORAGE("Int", VARSDB_INT32),
    STORAGE("Short", VARSDB_INT16),
    STORAGE("Char", VARSDB_INT8),
    STORAGE("Byte", VARSDB_UINT8),
    STORAGE("Bool", VARSDB_BOOL),
    STORAGE("ComplexFloat", VARSDB_COMPLEX64),
    STORAGE("ComplexDouble", VARSDB_COMPLEX128),
    DTYPE("bool", VARSDB_BOOL),
    DTYPE("int8", VARSDB_INT8),
    DTYPE("int16", VARSDB_INT16),
    DTYPE("int32", VARSDB_INT32),
    DTYPE("int64", VARSDB_INT64),
    DTYPE("uint8", VARSDB_UINT8),
    DTYPE("uint16", VARSDB_UINT16),
    DTYPE("uint32", VARSDB_UINT32),
    DTYPE("uint64", VARSDB_UINT64),
    DTYPE("float16", VARSDB_FLOAT16),
    DTYPE("bfloat16", VARSDB_BFLOAT16),
    DTYPE("float32", VARSDB_FLOAT32),
    DTYPE("float64", VARSDB_FLOAT64),
    DTYPE("complex64", VARSDB_COMPLEX64),
    DTYPE("complex128", VARSDB_COMPLEX128),
    DTYPE("float8_e4m3fn", VARSDB_FLOAT8_E4M3FN),
    DTYPE("float8_e5m2", VARSDB_FLOAT8_E5M2),
    DTYPE("float8_e4m3fnuz", VARSDB_FLOAT8_E4M3FNUZ),
    DTYPE("float8_e5m2fnuz", VARSDB_FLOAT8_E5M2FNUZ),
    DTYPE("float8_e8m0fnu", VARSDB_FLOAT8_E8M0),
};

const vdb_pickle_name *vdb_pytorch_names(size_t *count)
{
    *count = sizeof names / sizeof *names;
    return names;
}

#endif
