/* part_name.c - see part_name.h. */
#include "part_name.h"

#include "name.h"
#include "variable_row.h"

int vdb_part_count(varsdb *db, const char *name, size_t bytes, int64_t *out)
{
    vdb_variable_row row;
    int rc = vdb_variable_row_by_name(db, name, bytes, &row);
    if (rc == VARSDB_OK)
        *out = row.found && row.at[ROW_PARTITION_COUNT].kind == VDB_INT ? row.at[ROW_PARTITION_COUNT].integer
                                                                        : 0;
    vdb_variable_row_release(db, &row);
    return rc;
}

int vdb_part_name_check(varsdb *db, const char *name, size_t bytes)
{
    int64_t parts = 0;
    size_t whole = vdb_name_scope_bytes(name, bytes);
    int64_t part = whole ? vdb_name_part_number(name + whole + 1, bytes - whole - 1) : -1;
    if (part < 0)
        return VARSDB_OK;
    int rc = vdb_part_count(db, name, whole, &parts);
    if (rc == VARSDB_OK && part < parts)
        rc = vdb_fail(&db->error, VARSDB_EXISTS, "%.*s is part %lld of the partitioned variable %.*s",
                      (int)bytes, name, (long long)part, (int)whole, name);
    return rc;
}

int vdb_part_names_free(varsdb *db, const char *whole, size_t bytes, int64_t parts, const char *scope,
                        size_t scope_bytes)
{
    vdb_rows *rows = NULL;
    bool row = true;
    if (parts == 0)
        return VARSDB_OK;
    int rc = vdb_start(db->engine, VDB_Q_VARIABLE_NAMES_IN_SCOPE,
                       VDB_ARGS(vdb_int(db->space.id), vdb_text_n(scope, scope_bytes)), &rows);
    while (rc == VARSDB_OK && (rc = vdb_next(db->engine, rows, &row)) == VARSDB_OK && row) {
        vdb_value name = vdb_column(db->engine, rows, 0);
        int64_t part = vdb_name_part_number(name.data, name.bytes);
        if (part >= 0 && part < parts)
            rc = vdb_fail(&db->error, VARSDB_EXISTS,
                          "the partitioned variable %.*s and the variable %.*s/%s would have one name",
                          (int)bytes, whole, (int)scope_bytes, scope, (const char *)name.data);
    }
    vdb_finish(db->engine, rows);
    return rc;
}
