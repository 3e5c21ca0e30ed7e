/*
 * options.h - what get_variable is told in SQL, as the library takes it.
 */
#ifndef VDB_SQL_OPTIONS_H
#define VDB_SQL_OPTIONS_H

#include "shape.h"
#include "variable.h"

typedef struct vdb_sql_options {
    varsdb_variable_options with;
    vdb_dims dims;
    varsdb_shape shape;
    const char *collections[VDB_COLLECTIONS_MAX + 1];
    char *texts; /* of all members that are texts */
} vdb_sql_options;

/* {0} is nothing said; to be released after that too. */
void vdb_sql_options_begin(vdb_sql_options *o);
void vdb_sql_options_release(vdb_sql_options *o);
/* "[2,3]".  INVALID. */
int vdb_sql_options_set_shape(vdb_sql_options *o, vdb_error *e, const char *json);
int vdb_sql_options_set_dtype(vdb_sql_options *o, vdb_error *e, const char *name);
/* An object: {"trainable": false, "collections": ["a"], "reuse": "create", "value": [1, 2], ...}. */
int vdb_sql_options_set_json(vdb_sql_options *o, vdb_error *e, const char *json);

#endif
