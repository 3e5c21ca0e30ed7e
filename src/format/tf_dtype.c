/* tf_dtype.c - TensorFlow's element types; see tf_proto.h. */
#ifndef VARSDB_OMIT_TENSORFLOW

#include <string.h>

#include "tf_proto.h"

static const struct {
    const char *name;
    varsdb_dtype dtype;
    bool quantized;
} types[] = {
    [1] = {"DT_FLOAT", VARSDB_FLOAT32, false},
    [2] = {"DT_DOUBLE", VARSDB_FLOAT64, false},
    [3] = {"DT_INT32", VARSDB_INT32, false},
    [4] = {"DT_UINT8", VARSDB_UINT8, false},
    [5] = {"DT_INT16", VARSDB_INT16, false},
    [6] = {"DT_INT8", VARSDB_INT8, false},
    [VDB_TF_STRING] = {"DT_STRING", VARSDB_STRING, false},
    [8] = {"DT_COMPLEX64", VARSDB_COMPLEX64, false},
    [9] = {"DT_INT64", VARSDB_INT64, false},
    [10] = {"DT_BOOL", VARSDB_BOOL, false},
    [11] = {"DT_QINT8", VARSDB_INT8, true},
    [12] = {"DT_QUINT8", VARSDB_UINT8, true},
    [13] = {"DT_QINT32", VARSDB_INT32, true},
    [14] = {"DT_BFLOAT16", VARSDB_BFLOAT16, false},
    [15] = {"DT_QINT16", VARSDB_INT16, true},
    [16] = {"DT_QUINT16", VARSDB_UINT16, true},
    [17] = {"DT_UINT16", VARSDB_UINT16, false},
    [18] = {"DT_COMPLEX128", VARSDB_COMPLEX128, false},
    [19] = {"DT_HALF", VARSDB_FLOAT16, false},
    [20] = {"DT_RESOURCE", VARSDB_DTYPE_NOT_SAID, false},
    [21] = {"DT_VARIANT", VARSDB_DTYPE_NOT_SAID, false},
    [22] = {"DT_UINT32", VARSDB_UINT32, false},
    [23] = {"DT_UINT64", VARSDB_UINT64, false},
    [24] = {"DT_FLOAT8_E5M2", VARSDB_FLOAT8_E5M2, false},
    [25] = {"DT_FLOAT8_E4M3FN", VARSDB_FLOAT8_E4M3FN, false},
    [26] = {"DT_FLOAT8_E4M3FNUZ", VARSDB_FLOAT8_E4M3FNUZ, false},
    [27] = {"DT_FLOAT8_E4M3B11FNUZ", VARSDB_DTYPE_NOT_SAID, false},
    [28] = {"DT_FLOAT8_E5M2FNUZ", VARSDB_FLOAT8_E5M2FNUZ, false},
    [29] = {"DT_INT4", VARSDB_DTYPE_NOT_SAID, false},
    [30] = {"DT_UINT4", VARSDB_DTYPE_NOT_SAID, false},
    [31] = {"DT_INT2", VARSDB_DTYPE_NOT_SAID, false},
    [32] = {"DT_UINT2", VARSDB_DTYPE_NOT_SAID, false},
};
#define TYPES (sizeof types / sizeof *types)

const char *vdb_tf_dtype_name(unsigned number)
{
    return number < TYPES ? types[number].name : NULL;
}

varsdb_dtype vdb_tf_dtype(unsigned number)
{
    return number < TYPES ? types[number].dtype : VARSDB_DTYPE_NOT_SAID;
}

unsigned vdb_tf_dtype_of(varsdb_dtype dtype)
{
    for (unsigned i = 1; i < TYPES; i++)
        if (types[i].dtype == dtype && !types[i].quantized && dtype != VARSDB_DTYPE_NOT_SAID)
            return i;
    return 0;
}

bool vdb_tf_is_quantized(unsigned number)
{
    return number < TYPES && types[number].quantized;
}

unsigned vdb_tf_dtype_named(const char *name, size_t bytes)
{
    for (unsigned i = 1; i < TYPES; i++)
        if (types[i].name && strlen(types[i].name) == bytes && memcmp(types[i].name, name, bytes) == 0)
            return i;
    return 0;
}

#endif
