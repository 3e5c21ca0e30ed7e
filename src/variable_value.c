/* variable_value.c - reading values. */
#include "string_tensor.h"
#include "transaction.h"
#include "variable.h"
#include "variable_row.h"

/* The id of the variable's tensor. */
static int tensor_of(varsdb *db, const varsdb_variable *v, int64_t *out)
{
    vdb_variable_row row;
    int rc = vdb_variable_row_alone(db, v->id, v->uid, &row);
    if (rc == VARSDB_OK && row.at[ROW_TENSOR_ID].kind != VDB_INT)
        rc = vdb_fail(&db->error, VARSDB_UNINITIALIZED, "variable %s has no value yet; assign one", v->name);
    if (rc == VARSDB_OK)
        *out = row.at[ROW_TENSOR_ID].integer;
    vdb_variable_row_release(db, &row);
    return rc;
}

typedef struct read_range {
    uint64_t offset;
    void *buffer;
    size_t bytes;
    bool whole; /* bytes must be all of it */
} read_range;

static int read_value(varsdb *db, const varsdb_variable *variable, const read_range *range)
{
    varsdb_variable *v;
    vdb_tensor_row tensor;
    int64_t id = 0;
    int rc = vdb_variable_revive(db, variable, &v);
    if (rc == VARSDB_OK)
        rc = tensor_of(db, v, &id);
    if (rc == VARSDB_OK)
        rc = vdb_tensor_row_load(db, id, v->name, &tensor);
    if (rc == VARSDB_OK && range->whole && tensor.bytes != range->bytes)
        rc = vdb_fail(&db->error, VARSDB_INVALID, "variable %s has %llu bytes; room was given for %zu",
                      v->name, (unsigned long long)tensor.bytes, range->bytes);
    return rc == VARSDB_OK
               ? vdb_tensor_row_read(db, &tensor, v->name, range->offset, range->buffer, range->bytes)
               : rc;
}

static int read_public(varsdb *db, const varsdb_variable *variable, const read_range *range)
{
    vdb_read r;
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && !range->buffer && range->bytes)
        rc = vdb_misuse(db, "the buffer is NULL");
    if (rc == VARSDB_OK)
        rc = vdb_read_begin(db, &r);
    return rc == VARSDB_OK ? vdb_read_end(db, &r, read_value(db, variable, range)) : rc;
}

int varsdb_read(varsdb *db, const varsdb_variable *variable, void *buffer, size_t bytes)
{
    read_range range = {0, buffer, bytes, true};
    return read_public(db, variable, &range);
}

int varsdb_read_range(varsdb *db, const varsdb_variable *variable, uint64_t offset, void *buffer,
                      size_t bytes)
{
    read_range range = {offset, buffer, bytes, false};
    return read_public(db, variable, &range);
}

/* ---- slices */

static int read_slice(varsdb *db, const varsdb_variable *variable, const varsdb_slice *slice, void *buffer,
                      size_t bytes)
{
    varsdb_variable *v;
    vdb_slice s;
    int64_t tensor = 0;
    int rc = vdb_variable_revive(db, variable, &v);
    if (rc == VARSDB_OK)
        rc = vdb_slice_resolve(&db->error, v->name, v->dtype, &v->shape, slice, &s);
    if (rc == VARSDB_OK)
        rc = vdb_variable_check_slice_bytes(db, v, &s, bytes);
    if (rc == VARSDB_OK)
        rc = tensor_of(db, v, &tensor);
    return rc == VARSDB_OK ? vdb_tensor_read_slice(db, tensor, v->name, &s, buffer) : rc;
}

int vdb_variable_check_slice_bytes(varsdb *db, const varsdb_variable *v, const vdb_slice *s, size_t bytes)
{
    if (s->bytes == bytes)
        return VARSDB_OK;
    return vdb_fail(&db->error, VARSDB_INVALID, "the slice of variable %s takes %llu bytes, not %zu", v->name,
                    (unsigned long long)s->bytes, bytes);
}

int varsdb_read_slice(varsdb *db, const varsdb_variable *variable, const varsdb_slice *slice, void *buffer,
                      size_t bytes)
{
    vdb_read r;
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && (!slice || (!buffer && bytes)))
        rc = vdb_misuse(db, "a slice, and a buffer for it, are needed");
    if (rc == VARSDB_OK)
        rc = vdb_read_begin(db, &r);
    return rc == VARSDB_OK ? vdb_read_end(db, &r, read_slice(db, variable, slice, buffer, bytes)) : rc;
}

/* ---- version */

static int read_version(varsdb *db, const varsdb_variable *variable, int64_t *out)
{
    varsdb_variable *v;
    vdb_variable_row row;
    int rc = vdb_variable_revive(db, variable, &v);
    if (rc != VARSDB_OK)
        return rc;
    rc = vdb_variable_row_alone(db, v->id, v->uid, &row);
    if (rc == VARSDB_OK)
        *out = row.at[ROW_VERSION].integer;
    vdb_variable_row_release(db, &row);
    return rc;
}

int varsdb_variable_version(varsdb *db, const varsdb_variable *variable, int64_t *out)
{
    vdb_read r;
    int64_t version = 0;
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && !out)
        rc = vdb_misuse(db, "the version needs a place to go to");
    if (rc == VARSDB_OK)
        rc = vdb_read_begin(db, &r);
    if (rc == VARSDB_OK)
        rc = vdb_read_end(db, &r, read_version(db, variable, &version));
    if (rc == VARSDB_OK)
        *out = version;
    return rc;
}

/* ---- strings */

static int read_strings(varsdb *db, const varsdb_variable *variable, varsdb_string_cb callback, void *payload)
{
    varsdb_variable *v;
    int64_t tensor = 0;
    int rc = vdb_variable_revive(db, variable, &v);
    if (rc == VARSDB_OK && v->dtype != VARSDB_STRING)
        rc = vdb_fail(&db->error, VARSDB_INVALID, "variable %s holds %s, not strings", v->name,
                      varsdb_dtype_name(v->dtype));
    if (rc == VARSDB_OK)
        rc = tensor_of(db, v, &tensor);
    return rc == VARSDB_OK ? vdb_string_tensor_read(db, tensor, v->name, v->elements, callback, payload) : rc;
}

int varsdb_read_strings(varsdb *db, const varsdb_variable *variable, varsdb_string_cb callback, void *payload)
{
    vdb_read r;
    int rc = vdb_list_begin(db, callback != NULL, &r);
    return rc == VARSDB_OK ? vdb_list_end(db, &r, read_strings(db, variable, callback, payload)) : rc;
}
