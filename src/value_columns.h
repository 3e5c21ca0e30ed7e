/*
 * value_columns.h - what the columns that a variable's row and a state's share say of each other: a stranger
 * may have written them, with digests that fit.
 */
#ifndef VDB_VALUE_COLUMNS_H
#define VDB_VALUE_COLUMNS_H

#include "internal.h"

/* Of dtype, shape, elements, bytes, and a tensor that may be there (its id, dtype and bytes).  NULL when they
 * agree, else what is wrong. */
const char *vdb_value_columns_wrong(const vdb_value *dtype, const vdb_value *shape, const vdb_value *elements,
                                    const vdb_value *bytes, const vdb_value *tensor_id,
                                    const vdb_value *tensor);

#endif
