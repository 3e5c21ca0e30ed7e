/* export_plan.h - which variables become which tensors of a file. */
#ifndef VDB_EXPORT_PLAN_H
#define VDB_EXPORT_PLAN_H

#include <stdbool.h>

#include "format/format.h"

typedef struct vdb_export_item {
    char *name;      /* in the registry */
    char *file_name; /* NULL: the same */
    char *renamed;   /* NULL: neither of them is */
    char *json;      /* what a file of that format said of it; NULL: nothing */
    int64_t *dims;
    varsdb_dtype dtype;
    int rank;
    uint64_t bytes;
    bool initialized;
    const varsdb_variable *variable;           /* of a snapshot: NULL when it is not there any more */
    int64_t tensor, variable_id, variable_uid; /* of a snapshot */
} vdb_export_item;

typedef struct vdb_export_plan {
    varsdb *db;
    vdb_error *error; /* the handle's */
    const varsdb_export_options *options;
    const vdb_format *format;
    vdb_export_item *items;
    size_t count, room;
    vdb_output_tensor *tensors; /* count of them; a tag is an item's number */
} vdb_export_plan;

/* VARSDB_UNINITIALIZED; VARSDB_INVALID: an expression, two variables for one tensor. */
int vdb_export_plan_make(varsdb *db, const varsdb_export_options *options, const vdb_format *format,
                         vdb_export_plan *out);
void vdb_export_plan_release(vdb_export_plan *plan);

#endif
