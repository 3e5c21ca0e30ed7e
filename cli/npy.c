/* npy.c - what precedes an array in NumPy's file format; see npy.h. */
#include "npy.h"

#include <assert.h>
#include <stdio.h>

#include "print.h"

const char *npy_code(varsdb_dtype dtype)
{
    static const struct {
        varsdb_dtype dtype;
        const char *code;
    } codes[] = {
        {VARSDB_BOOL, "b1"},      {VARSDB_INT8, "i1"},        {VARSDB_INT16, "i2"},   {VARSDB_INT32, "i4"},
        {VARSDB_INT64, "i8"},     {VARSDB_UINT8, "u1"},       {VARSDB_UINT16, "u2"},  {VARSDB_UINT32, "u4"},
        {VARSDB_UINT64, "u8"},    {VARSDB_FLOAT16, "f2"},     {VARSDB_FLOAT32, "f4"}, {VARSDB_FLOAT64, "f8"},
        {VARSDB_COMPLEX64, "c8"}, {VARSDB_COMPLEX128, "c16"},
    };
    for (size_t i = 0; i < COUNT_OF(codes); i++)
        if (codes[i].dtype == dtype)
            return codes[i].code;
    return NULL;
}

/* Padded as NumPy does: room for the first dimension to grow to 21 digits, then spaces up to a
 * multiple of 64 for the data. */
void npy_write_header(sink *to, varsdb_dtype dtype, const varsdb_shape *shape)
{
    char text[VARSDB_RANK_MAX * 22 + 128];
    char digits[PRINT_NUMBER_MAX];
    char order = varsdb_dtype_bits(dtype) == 8 ? '|' : '<';
    int n = snprintf(text, sizeof text, "{'descr': '%c%s', 'fortran_order': False, 'shape': (", order,
                     npy_code(dtype));
    size_t used = (size_t)n;
    for (int i = 0; i < shape->rank; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%lld", i ? ", " : "",
                                 (long long)shape->dims[i]);
    used += (size_t)snprintf(text + used, sizeof text - used, "%s), }", shape->rank == 1 ? "," : "");
    assert(used < sizeof text);
    size_t growth = shape->rank ? 21 - print_int(digits, shape->dims[0]) : 0;
    size_t length = used + growth + 1, padding = 64 - (10 + length) % 64;
    length += padding;
    sink_bytes(to, "\x93NUMPY\1\0", 8);
    sink_char(to, (char)(length & 0xff));
    sink_char(to, (char)(length >> 8));
    sink_bytes(to, text, used);
    sink_repeat(to, ' ', growth + padding);
    sink_char(to, '\n');
}
