/*
 * stored.h - a stored value, of a variable as it is or as a snapshot has it, and its elements through a
 * window of bounded size, whatever the size of the tensor.
 *
 * Values are immutable and known by their hash: what was found stays that value, and reading it fails
 * when it is gone, rather than to go on with another one.
 */
#ifndef VDB_SQL_STORED_H
#define VDB_SQL_STORED_H

#include "connection.h"
#include "shape.h"
#include "string_tensor.h"
#include "tensor.h"

/* What is asked for. */
typedef struct vdb_place {
    const char *name;     /* full, or a part's; NULL: by id */
    int64_t id;           /* of a variable */
    const char *snapshot; /* a selector; NULL: by snapshot_id */
    int64_t snapshot_id;  /* 0: the present */
} vdb_place;

typedef struct vdb_stored {
    vdb_sql_registry *registry;      /* retained */
    char *name;                      /* for messages */
    const varsdb_variable *variable; /* NULL in a snapshot */
    varsdb_dtype dtype;
    vdb_dims dims;
    int64_t elements;
    bool initialized;
    bool
        is_part; /* of the variable, which all of the above is about: along the axis, length from offset on */
    int axis;
    int64_t offset, length;
    vdb_tensor_row tensor;
    /* the window: elements [first, first + count), packed */
    unsigned char *window;
    size_t room;
    int64_t first, count;
    /* strings come one after the other */
    vdb_strings strings;
    int64_t next_string;
} vdb_stored;

/* NOTFOUND.  Whatever the result, out is to be released. */
int vdb_stored_find(vdb_sql_registry *registry, const vdb_place *place, vdb_error *e, vdb_stored *out);
void vdb_stored_release(vdb_stored *stored);
void vdb_stored_free(vdb_stored *stored); /* one that was allocated; NULL is allowed */
/* Whether both are the same value, of one shape, or the same part of it. */
bool vdb_stored_is(const vdb_stored *stored, const vdb_stored *other);

/* All of these need a value that is initialized.  CONFLICT: it is there no more. */
/* Bytes [offset, offset + bytes) of it. */
int vdb_stored_read(vdb_stored *stored, vdb_error *e, uint64_t offset, void *buffer, size_t bytes);
/* Brings element i into the window, in which it is the (i - first)-th; not for strings. */
int vdb_stored_load(vdb_stored *stored, vdb_error *e, int64_t i);
/* String i, borrowed until the next call.  In order they are read once. */
int vdb_stored_string(vdb_stored *stored, vdb_error *e, int64_t i, const char **out, size_t *bytes);

#endif
