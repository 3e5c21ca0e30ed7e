/* variable_row.c - see variable_row.h. */
#include "variable_row.h"

#include "name.h"
#include "row.h"
#include "shape.h"

enum {
    EXTRA_DIGEST = ROW_COLUMNS,
    EXTRA_MEMBERS,
    EXTRA_NAMESPACE_ID,
    EXTRA_PATH
};

/* Reads the row that the statement yields, if any. */
static int read_alone(varsdb *db, vdb_variable_row *out)
{
    bool row = false;
    int rc = vdb_next(db->engine, out->rows, &row);
    if (rc != VARSDB_OK || !row)
        return rc;
    vdb_row_columns(db, out->rows, out->at, ROW_COLUMNS);
    vdb_value digest = vdb_column(db->engine, out->rows, EXTRA_DIGEST);
    rc = vdb_row_check(db, "variable", out->at[ROW_ID].integer, out->at, ROW_COLUMNS, digest.integer);
    out->found = rc == VARSDB_OK;
    return rc;
}

/* The same with what is not the row's own. */
static int read_row(varsdb *db, vdb_variable_row *out)
{
    int rc = read_alone(db, out);
    if (!out->found)
        return rc;
    vdb_value path = vdb_column(db->engine, out->rows, EXTRA_PATH);
    out->members = (unsigned)vdb_column(db->engine, out->rows, EXTRA_MEMBERS).integer;
    out->namespace_id = vdb_column(db->engine, out->rows, EXTRA_NAMESPACE_ID).integer;
    out->scope_path = path.data;
    out->scope_path_bytes = path.bytes;
    return VARSDB_OK;
}

int vdb_variable_row_by_name(varsdb *db, const char *name, size_t bytes, vdb_variable_row *out)
{
    size_t scope = vdb_name_scope_bytes(name, bytes);
    size_t last = scope ? scope + 1 : 0;
    *out = (vdb_variable_row){0};
    int rc = vdb_start(
        db->engine, VDB_Q_VARIABLE_BY_NAME,
        VDB_ARGS(vdb_int(db->space.id), vdb_text_n(name, scope), vdb_text_n(name + last, bytes - last)),
        &out->rows);
    return rc == VARSDB_OK ? read_row(db, out) : rc;
}

static int fail_gone(varsdb *db)
{
    return vdb_fail(&db->error, VARSDB_GONE, "the variable was deleted");
}

int vdb_variable_row_by_id(varsdb *db, int64_t id, int64_t uid, vdb_variable_row *out)
{
    *out = (vdb_variable_row){0};
    int rc = vdb_start(db->engine, VDB_Q_VARIABLE_BY_ID, VDB_ARGS(vdb_int(id), vdb_int(uid)), &out->rows);
    if (rc == VARSDB_OK)
        rc = read_row(db, out);
    return rc == VARSDB_OK && !out->found ? fail_gone(db) : rc;
}

int vdb_variable_row_alone(varsdb *db, int64_t id, int64_t uid, vdb_variable_row *out)
{
    *out = (vdb_variable_row){0};
    int rc = vdb_start(db->engine, VDB_Q_VARIABLE_ALONE, VDB_ARGS(vdb_int(id), vdb_int(uid)), &out->rows);
    if (rc == VARSDB_OK)
        rc = read_alone(db, out);
    return rc == VARSDB_OK && !out->found ? fail_gone(db) : rc;
}

void vdb_variable_row_release(varsdb *db, vdb_variable_row *row)
{
    vdb_finish(db->engine, row->rows);
    row->rows = NULL;
}

static int fail_damaged(varsdb *db, const vdb_variable_row *row)
{
    return vdb_fail(&db->error, VARSDB_CORRUPT,
                    "%s: the row of variable %lld has an impossible dtype or shape", db->path,
                    (long long)row->at[ROW_ID].integer);
}

static int full_name(varsdb *db, const vdb_variable_row *row)
{
    vdb_buf *name = &db->row_name;
    vdb_buf_reset(name);
    int rc = vdb_buf_append(name, row->scope_path, row->scope_path_bytes);
    if (rc == VARSDB_OK && row->scope_path_bytes)
        rc = vdb_buf_append(name, "/", 1);
    if (rc == VARSDB_OK)
        rc = vdb_buf_append(name, row->at[ROW_NAME].data, row->at[ROW_NAME].bytes);
    return rc == VARSDB_OK ? rc : vdb_fail_nomem(&db->error);
}

int vdb_variable_row_learn(varsdb *db, const vdb_variable_row *row, varsdb_variable **out)
{
    vdb_error ignored;
    vdb_dims dims;
    int64_t elements = 0;
    varsdb_dtype dtype = varsdb_dtype_parse(row->at[ROW_DTYPE].data);
    int rc = vdb_shape_parse_json(&ignored, row->at[ROW_SHAPE].data, row->at[ROW_SHAPE].bytes, &dims);
    varsdb_shape shape = vdb_dims_shape(&dims);
    if (rc == VARSDB_OK)
        rc = vdb_shape_elements(&ignored, &shape, &elements);
    if (rc != VARSDB_OK || dtype == VARSDB_DTYPE_NOT_SAID || elements != row->at[ROW_ELEMENTS].integer)
        return fail_damaged(db, row);
    rc = full_name(db, row);
    if (rc != VARSDB_OK)
        return rc;
    vdb_variable_facts facts = {
        .id = row->at[ROW_ID].integer,
        .uid = row->at[ROW_UID].integer,
        .namespace_id = row->namespace_id,
        .elements = elements,
        .name = db->row_name.data,
        .name_bytes = db->row_name.size,
        .dtype = dtype,
        .shape = shape,
        .members = row->members,
    };
    return vdb_cache_learn(db, &facts, out);
}

int vdb_variable_row_insert(varsdb *db, const vdb_variable_row *row)
{
    return vdb_row_write(db, VDB_Q_VARIABLE_INSERT, row->at, ROW_COLUMNS);
}

int vdb_variable_row_write(varsdb *db, enum vdb_query query, const vdb_variable_row *row,
                           const enum vdb_variable_column *columns, size_t count)
{
    vdb_value args[ROW_COLUMNS + 2];
    assert(count <= ROW_COLUMNS);
    args[0] = row->at[ROW_ID];
    for (size_t i = 0; i < count; i++)
        args[i + 1] = row->at[columns[i]];
    args[count + 1] = vdb_int(vdb_digest_row(row->at, ROW_COLUMNS));
    return vdb_run(db->engine, query, args, count + 2);
}
