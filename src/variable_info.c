/* variable_info.c - see variable_info.h. */
#include "variable_info.h"

#include <stdio.h>

#include "row.h"
#include "tensor.h"

bool vdb_info_set_type(varsdb_variable_info *info, const vdb_value *dtype, const vdb_value *shape,
                       vdb_info_texts *texts)
{
    vdb_error ignored;
    if (dtype->kind != VDB_TEXT || shape->kind != VDB_TEXT)
        return false;
    info->dtype = varsdb_dtype_parse(dtype->data);
    if (!info->dtype || vdb_shape_parse_json(&ignored, shape->data, shape->bytes, &texts->dims) != VARSDB_OK)
        return false;
    info->shape_json = shape->data;
    info->shape = vdb_dims_shape(&texts->dims);
    return true;
}

int vdb_info_check_tensor(varsdb *db, int64_t tensor, const vdb_value *row)
{
    if (row[TENSOR_HASH].kind != VDB_BLOB || row[TENSOR_HASH].bytes != sizeof(vdb_hash))
        return vdb_fail(&db->error, VARSDB_CORRUPT, "%s: tensor %lld has no hash: damaged", db->path,
                        (long long)tensor);
    return vdb_row_check(db, "tensor", tensor, row, TENSOR_COLUMNS, row[TENSOR_COLUMNS].integer);
}

/* An extreme as JSON text; integers beyond int64 are text already. */
static const char *extreme(const vdb_value *v, char out[64])
{
    switch (v->kind) {
    case VDB_INT:
        snprintf(out, 64, "%lld", (long long)v->integer);
        return out;
    case VDB_REAL:
        return varsdb_element_json(VARSDB_FLOAT64, &v->real, 0, out, 64) == VARSDB_OK ? out : NULL;
    case VDB_TEXT:
        return v->data;
    default:
        return NULL;
    }
}

void vdb_info_set_statistics(varsdb_variable_info *info, const vdb_value *row, vdb_info_texts *texts)
{
    vdb_hash_print(row[TENSOR_HASH].data, texts->hash);
    info->hash = texts->hash;
    info->min = extreme(&row[TENSOR_MIN], texts->min);
    info->max = extreme(&row[TENSOR_MAX], texts->max);
    info->has_moments = row[TENSOR_MEAN].kind == VDB_REAL && row[TENSOR_STD].kind == VDB_REAL &&
                        row[TENSOR_L2_NORM].kind == VDB_REAL;
    info->mean = row[TENSOR_MEAN].real;
    info->std = row[TENSOR_STD].real;
    info->l2_norm = row[TENSOR_L2_NORM].real;
    info->zeros = row[TENSOR_ZEROS].integer;
    info->nans = row[TENSOR_NANS].integer;
    info->pos_infs = row[TENSOR_POS_INFS].integer;
    info->neg_infs = row[TENSOR_NEG_INFS].integer;
}
