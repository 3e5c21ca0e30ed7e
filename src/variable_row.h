/*
 * variable_row.h - a variable as its row: the columns in the order of the digest.
 */
#ifndef VDB_VARIABLE_ROW_H
#define VDB_VARIABLE_ROW_H

#include "internal.h"

enum vdb_variable_column {
    ROW_ID,
    ROW_UID,
    ROW_SCOPE_ID,
    ROW_NAME,
    ROW_DTYPE,
    ROW_SHAPE,
    ROW_ELEMENTS,
    ROW_BYTES,
    ROW_INITIALIZER,
    ROW_SEED,
    ROW_REGULARIZER,
    ROW_CONSTRAINT,
    ROW_PARTITIONER,
    ROW_PARTITION_AXIS,
    ROW_PARTITION_COUNT,
    ROW_TENSOR_ID,
    ROW_VERSION,
    ROW_CREATED_AT,
    ROW_UPDATED_AT,
    ROW_ORIGIN_ID,
    ROW_SITE,
    ROW_MEMBERS_DIGEST,
    ROW_COLUMNS /* the digest comes next */
};

typedef struct vdb_variable_row {
    vdb_value at[ROW_COLUMNS]; /* of a loaded row: borrowed until it is released */
    bool found;
    unsigned members; /* of vdb_member_bits */
    int64_t namespace_id;
    const char *scope_path;
    size_t scope_path_bytes;
    vdb_rows *rows;
} vdb_variable_row;

/* Loads and checks a row; by name: of the namespace in use.  found is false when there is none. */
int vdb_variable_row_by_name(varsdb *db, const char *name, size_t bytes, vdb_variable_row *out);
/* VARSDB_GONE when it is not there, or another variable has the id. */
int vdb_variable_row_by_id(varsdb *db, int64_t id, int64_t uid, vdb_variable_row *out);
/* The same without members, namespace and scope. */
int vdb_variable_row_alone(varsdb *db, int64_t id, int64_t uid, vdb_variable_row *out);
void vdb_variable_row_release(varsdb *db, vdb_variable_row *row);

/* The object of a loaded row. */
int vdb_variable_row_learn(varsdb *db, const vdb_variable_row *row, varsdb_variable **out);

int vdb_variable_row_insert(varsdb *db, const vdb_variable_row *row);
/* Runs an update whose parameters are the id, the columns listed, and the new digest. */
int vdb_variable_row_write(varsdb *db, enum vdb_query query, const vdb_variable_row *row,
                           const enum vdb_variable_column *columns, size_t count);
#define VDB_COLUMNS(...)                             \
    (const enum vdb_variable_column[]){__VA_ARGS__}, \
        sizeof((const enum vdb_variable_column[]){__VA_ARGS__}) / sizeof(enum vdb_variable_column)

#endif
