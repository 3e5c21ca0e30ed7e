/* value_columns.c - see value_columns.h. */
#include "value_columns.h"

#include <string.h>

#include "dtype.h"
#include "shape.h"

static const char *text_of(const vdb_value *column)
{
    return column->kind == VDB_TEXT ? column->data : "?";
}

/* -1: it is too large to be counted */
static int64_t bytes_of(varsdb_dtype dtype, int64_t elements)
{
    int64_t bytes;
    return vdb_dtype_bytes(dtype, elements, &bytes) ? bytes : -1;
}

static bool shape_of(const vdb_value *shape, vdb_dims *dims, int64_t *elements)
{
    vdb_error ignored;
    if (shape->kind != VDB_TEXT ||
        vdb_shape_parse_json(&ignored, shape->data, shape->bytes, dims) != VARSDB_OK)
        return false;
    varsdb_shape s = vdb_dims_shape(dims);
    return vdb_shape_elements(&ignored, &s, elements) == VARSDB_OK;
}

/* Of strings each has its length before it. */
static bool tensor_bytes_fit(varsdb_dtype dtype, int64_t elements, int64_t bytes, int64_t tensor_bytes)
{
    int64_t lengths = 0, whole;
    if (dtype == VARSDB_STRING && __builtin_mul_overflow(elements, (int64_t)8, &lengths))
        return false;
    return !__builtin_add_overflow(bytes, lengths, &whole) && whole == tensor_bytes;
}

const char *vdb_value_columns_wrong(const vdb_value *dtype, const vdb_value *shape, const vdb_value *elements,
                                    const vdb_value *bytes, const vdb_value *tensor_id,
                                    const vdb_value *tensor)
{
    vdb_dims dims;
    int64_t counted = 0;
    varsdb_dtype type = varsdb_dtype_parse(text_of(dtype));
    if (type == VARSDB_DTYPE_NOT_SAID)
        return "its dtype is none";
    if (!shape_of(shape, &dims, &counted))
        return "its shape is none";
    if (counted != elements->integer)
        return "it has not as many elements as its shape says";
    if (bytes->integer < 0 || (type != VARSDB_STRING && bytes->integer != bytes_of(type, counted)))
        return "it has not as many bytes as its dtype and shape say";
    if (tensor_id->kind == VDB_NULL)
        return NULL;
    if (tensor[0].kind != VDB_INT)
        return "its value is missing";
    if (strcmp(text_of(&tensor[1]), text_of(dtype)) != 0)
        return "its value has another dtype";
    if (!tensor_bytes_fit(type, counted, bytes->integer, tensor[2].integer))
        return "its value has another number of bytes";
    return NULL;
}
