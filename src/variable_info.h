/*
 * variable_info.h - what rows say, as a varsdb_variable_info: for lists of variables as they are
 * and as snapshots have them.
 */
#ifndef VDB_VARIABLE_INFO_H
#define VDB_VARIABLE_INFO_H

#include "internal.h"
#include "shape.h"

/* The texts that are not as they stand in a row. */
typedef struct vdb_info_texts {
    vdb_dims dims;
    char hash[33], min[64], max[64];
} vdb_info_texts;

/* dtype and shape of a row, both texts; false: they are none. */
bool vdb_info_set_type(varsdb_variable_info *info, const vdb_value *dtype, const vdb_value *shape,
                       vdb_info_texts *texts);
/* A tensor's row, which its digest follows, is that of `tensor` and whole.  VARSDB_CORRUPT. */
int vdb_info_check_tensor(varsdb *db, int64_t tensor, const vdb_value *row);
/* Hash and statistics, from a tensor's row that was checked. */
void vdb_info_set_statistics(varsdb_variable_info *info, const vdb_value *row, vdb_info_texts *texts);

#endif
