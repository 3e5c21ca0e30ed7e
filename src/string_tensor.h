/*
 * string_tensor.h - reading string tensors: many short elements, in windows of the tensor.
 */
#ifndef VDB_STRING_TENSOR_H
#define VDB_STRING_TENSOR_H

#include "internal.h"

/* A string tensor from its beginning on, and a piece of it in memory; strings are short and many, reads
 * are checked and dear.  What is not named below is 0 at first. */
typedef struct vdb_strings {
    varsdb *db;       /* whose error is set */
    const char *name; /* the variable's, for messages; borrowed */
    uint64_t end;     /* bytes of the tensor */
    int (*read)(void *payload, uint64_t offset, void *buffer, size_t bytes);
    void *payload;
    uint64_t at, begin; /* of the next string; of the piece */
    vdb_buf piece;
} vdb_strings;

/* The next string, borrowed until the next call.  CORRUPT: there is none. */
int vdb_strings_next(vdb_strings *s, const char **string, uint64_t *bytes);
void vdb_strings_release(vdb_strings *s);

/* Inside a transaction: calls back for each of the tensor's `count` strings, with a NUL behind it.
 * `name` is the variable's, for messages.  CANCELLED; CORRUPT. */
int vdb_string_tensor_read(varsdb *db, int64_t tensor, const char *name, int64_t count,
                           varsdb_string_cb callback, void *payload);

#endif
