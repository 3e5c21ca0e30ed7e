/*
 * string_tensor.h - reading string tensors: many short elements, in windows of the tensor.
 */
#ifndef VDB_STRING_TENSOR_H
#define VDB_STRING_TENSOR_H

#include "internal.h"

/* Inside a transaction: calls back for each of the tensor's `count` strings, with a NUL behind it.
 * `name` is the variable's, for messages.  CANCELLED; CORRUPT. */
int vdb_string_tensor_read(varsdb *db, int64_t tensor, const char *name, int64_t count,
                           varsdb_string_cb callback, void *payload);

#endif
