/*
 * result.h - elements of tensors as values of SQL.
 */
#ifndef VDB_SQL_RESULT_H
#define VDB_SQL_RESULT_H

#include "stored.h"

/* Element i of packed ones: INTEGER of integers and bool, REAL of floats (NaN is NULL), of complex numbers
 * the magnitude, and of what is larger than 2^63 - 1.  Not for strings. */
void vdb_result_element(sqlite3_context *context, varsdb_dtype dtype, const void *data, size_t i);
/* TEXT, or BLOB when it is no UTF-8 or holds NUL, where many a reader of texts stops. */
void vdb_result_string(sqlite3_context *context, const char *string, size_t bytes);
/* Element i of a value, of whatever dtype; the value is initialized. */
int vdb_result_of_stored(sqlite3_context *context, vdb_stored *stored, vdb_error *e, int64_t i);

#endif
