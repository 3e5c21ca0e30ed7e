/* shape.c - see shape.h. */
#include "shape.h"

#include <string.h>

#include "json.h"

varsdb_shape vdb_dims_shape(const vdb_dims *dims)
{
    return (varsdb_shape){.rank = dims->rank, .dims = dims->dim};
}

int vdb_shape_check(vdb_error *e, const varsdb_shape *shape, bool unknown_allowed)
{
    if (shape->rank < 0 || shape->rank > VARSDB_RANK_MAX)
        return vdb_fail(e, VARSDB_INVALID, "a shape of rank %d: 0 to %d are accepted", shape->rank,
                        VARSDB_RANK_MAX);
    if (shape->rank > 0 && !shape->dims)
        return vdb_fail(e, VARSDB_INVALID, "a shape of rank %d has no dims (NULL)", shape->rank);
    for (int i = 0; i < shape->rank; i++) {
        int64_t dim = shape->dims[i];
        if (dim == VARSDB_ANY && unknown_allowed)
            continue;
        if (dim == VARSDB_ANY)
            return vdb_fail(e, VARSDB_INVALID,
                            "dimension %d of the shape is unknown (VARSDB_ANY): here it must be given", i);
        if (dim < 0 || dim > VDB_DIM_MAX)
            return vdb_fail(e, VARSDB_INVALID, "dimension %d of the shape is %lld: 0 to %lld are accepted", i,
                            (long long)dim, (long long)VDB_DIM_MAX);
    }
    return VARSDB_OK;
}

int vdb_shape_elements(vdb_error *e, const varsdb_shape *shape, int64_t *out)
{
    bool empty = false;
    int64_t product = 1;
    int rc = vdb_shape_check(e, shape, false);
    if (rc != VARSDB_OK)
        return rc;
    for (int i = 0; i < shape->rank; i++) {
        if (shape->dims[i] == 0)
            empty = true;
        else if (__builtin_mul_overflow(product, shape->dims[i], &product))
            return vdb_fail(e, VARSDB_INVALID, "the shape of rank %d has more than 2^63-1 elements",
                            shape->rank);
    }
    *out = empty ? 0 : product;
    return VARSDB_OK;
}

int vdb_shape_copy(vdb_error *e, const varsdb_shape *shape, vdb_dims *out)
{
    int rc = vdb_shape_check(e, shape, true);
    if (rc != VARSDB_OK)
        return rc;
    vdb_dims dims = {.rank = shape->rank};
    if (shape->rank > 0)
        memcpy(dims.dim, shape->dims, (size_t)shape->rank * sizeof dims.dim[0]);
    *out = dims;
    return VARSDB_OK;
}

static int add_dim(vdb_error *e, const vdb_json *j, vdb_json_token token, vdb_dims *dims)
{
    uint64_t dim;
    if (token != VDB_JSON_NUMBER || !vdb_json_uint(j, &dim) || dim > (uint64_t)VDB_DIM_MAX)
        return vdb_fail(
            e, VARSDB_INVALID, "dimension %d of the shape is %.*s: whole numbers from 0 to %lld are accepted",
            dims->rank, j->raw_bytes < 40 ? (int)j->raw_bytes : 40, j->raw, (long long)VDB_DIM_MAX);
    if (dims->rank == VARSDB_RANK_MAX)
        return vdb_fail(e, VARSDB_INVALID, "the shape has more than %d dimensions", VARSDB_RANK_MAX);
    dims->dim[dims->rank++] = (int64_t)dim;
    return VARSDB_OK;
}

int vdb_shape_parse_json(vdb_error *e, const char *text, size_t bytes, vdb_dims *out)
{
    vdb_dims dims = {0};
    vdb_json j;
    vdb_json_token token;
    vdb_json_begin(&j, text, bytes, 2);
    int rc = vdb_json_next(&j, e, &token);
    if (rc == VARSDB_OK && token != VDB_JSON_ARRAY)
        rc = vdb_fail(e, VARSDB_INVALID, "a list such as [2,3] is expected");
    while (rc == VARSDB_OK) {
        rc = vdb_json_next(&j, e, &token);
        if (rc != VARSDB_OK || token == VDB_JSON_ARRAY_END)
            break;
        rc = add_dim(e, &j, token, &dims);
    }
    if (rc == VARSDB_OK)
        rc = vdb_json_next(&j, e, &token);
    if (rc != VARSDB_OK)
        return vdb_fail_in(e, "shape '%.*s'", bytes < 100 ? (int)bytes : 100, text);
    *out = dims;
    return VARSDB_OK;
}

int vdb_shape_print(vdb_buf *out, const varsdb_shape *shape)
{
    size_t before = out->size;
    int rc = vdb_buf_append(out, "[", 1);
    for (int i = 0; i < shape->rank && rc == VARSDB_OK; i++) {
        const char *comma = i > 0 ? "," : "";
        if (shape->dims[i] == VARSDB_ANY)
            rc = vdb_buf_printf(out, "%s?", comma);
        else
            rc = vdb_buf_printf(out, "%s%lld", comma, (long long)shape->dims[i]);
    }
    if (rc == VARSDB_OK)
        rc = vdb_buf_append(out, "]", 1);
    if (rc != VARSDB_OK && out->data) {
        out->size = before;
        out->data[before] = '\0';
    }
    return rc;
}

bool vdb_shape_agrees(const varsdb_shape *asked, const varsdb_shape *stored)
{
    if (asked->rank != stored->rank)
        return false;
    for (int i = 0; i < asked->rank; i++)
        if (asked->dims[i] != VARSDB_ANY && asked->dims[i] != stored->dims[i])
            return false;
    return true;
}
