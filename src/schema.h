/*
 * schema.h - schema/schema.sql and views.sql as data, made at build.
 */
#ifndef VDB_SCHEMA_H
#define VDB_SCHEMA_H

#include <stddef.h>

struct vdb_schema_object {
    const char *type, *name, *sql;
};

extern const struct vdb_schema_object vdb_schema_objects[];
extern const size_t vdb_schema_object_count;

#endif
