/*
 * part.c - parts of partitioned variables: slices of one stored tensor, read and
 * written by themselves.
 */
#include <stdio.h>
#include <string.h>

#include "name.h"
#include "namespace.h"
#include "transaction.h"
#include "value.h"
#include "variable_row.h"
#include "variable_update.h"

typedef struct part_place {
    int axis;
    int64_t parts, index;
    int64_t offset, length; /* along the axis */
    int64_t dims[VARSDB_RANK_MAX];
} part_place;

/* ---- where a part lies */

static int fail_no_part(varsdb *db, const varsdb_variable *v, int64_t index, int64_t parts)
{
    return vdb_fail(&db->error, VARSDB_INVALID, "variable %s has parts 0 to %lld, not %lld", v->name,
                    (long long)parts - 1, (long long)index);
}

static int place_of(varsdb *db, const varsdb_variable *v, const vdb_variable_row *row, int64_t index,
                    part_place *out)
{
    if (row->at[ROW_PARTITION_COUNT].kind != VDB_INT)
        return vdb_fail(&db->error, VARSDB_INVALID, "variable %s is not partitioned", v->name);
    *out = (part_place){
        .axis = (int)row->at[ROW_PARTITION_AXIS].integer,
        .parts = row->at[ROW_PARTITION_COUNT].integer,
        .index = index,
    };
    if (out->axis < 0 || out->axis >= v->shape.rank || out->parts < 1 || out->parts > v->dims[out->axis])
        return vdb_fail(&db->error, VARSDB_CORRUPT, "variable %s has an impossible partition", v->name);
    if (index < 0 || index >= out->parts)
        return fail_no_part(db, v, index, out->parts);
    vdb_partition_part(v->dims[out->axis], out->parts, index, &out->offset, &out->length);
    memcpy(out->dims, v->dims, (size_t)v->shape.rank * sizeof *out->dims);
    out->dims[out->axis] = out->length;
    return VARSDB_OK;
}

/* ---- a part of a variable, for a call */

typedef struct part_call {
    varsdb_variable *v;
    part_place place;
    vdb_slice slice;
    bool initialized;
    int64_t tensor;
} part_call;

static int resolve_slice(varsdb *db, const varsdb_variable *v, int64_t index, const part_place *p,
                         vdb_slice *out)
{
    char name[VDB_ERROR_BYTES]; /* for messages, which cut it */
    snprintf(name, sizeof name, "%s/part_%lld", v->name, (long long)index);
    return vdb_slice_resolve_axis(&db->error, name, v->dtype, &v->shape, p->axis, p->offset, p->length, out);
}

/* Where the part lies, and the tensor if there is one. */
static int find_place(varsdb *db, const varsdb_variable *variable, int64_t index, part_call *out)
{
    vdb_variable_row row;
    int rc = vdb_variable_revive(db, variable, &out->v);
    if (rc != VARSDB_OK)
        return rc;
    varsdb_variable *v = out->v;
    part_place *p = &out->place;
    rc = vdb_variable_row_by_id(db, v->id, v->uid, &row);
    if (rc == VARSDB_OK)
        rc = place_of(db, v, &row, index, p);
    if (rc == VARSDB_OK)
        rc = resolve_slice(db, v, index, p, &out->slice);
    if (rc == VARSDB_OK) {
        out->initialized = row.at[ROW_TENSOR_ID].kind == VDB_INT;
        out->tensor = out->initialized ? row.at[ROW_TENSOR_ID].integer : 0;
    }
    vdb_variable_row_release(db, &row);
    return rc;
}

static int open_part(varsdb *db, const varsdb_variable *variable, int64_t index, size_t bytes, part_call *out)
{
    uint64_t there = 0;
    int rc = find_place(db, variable, index, out);
    if (rc == VARSDB_OK && out->initialized)
        rc = vdb_tensor_bytes(db, out->tensor, out->v->name, &there);
    if (rc == VARSDB_OK && out->initialized)
        rc = vdb_variable_check_tensor(db, out->v, there);
    if (rc == VARSDB_OK && bytes != out->slice.bytes)
        rc = vdb_fail(&db->error, VARSDB_INVALID, "%s/part_%lld takes %llu bytes, not %zu", out->v->name,
                      (long long)index, (unsigned long long)out->slice.bytes, bytes);
    if (rc == VARSDB_OK && !out->initialized)
        rc = vdb_fail(&db->error, VARSDB_UNINITIALIZED,
                      "variable %s has no value yet; assign the whole first", out->v->name);
    return rc;
}

/* The geometry of a part never changes while its variable lives. */
static int assign_part(varsdb *db, const varsdb_variable *variable, int64_t index, const void *data,
                       size_t bytes)
{
    vdb_read r;
    part_call c = {0};
    int rc = vdb_read_begin(db, &r);
    if (rc == VARSDB_OK)
        rc = vdb_read_end(db, &r, open_part(db, variable, index, bytes, &c));
    return rc == VARSDB_OK ? vdb_variable_update_slice(db, variable, &c.slice, data) : rc;
}

/* ---- public */

int varsdb_read_part(varsdb *db, const varsdb_variable *variable, int64_t part, void *buffer, size_t bytes)
{
    vdb_read r;
    part_call c = {0};
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && !buffer && bytes)
        rc = vdb_misuse(db, "the buffer is NULL");
    if (rc == VARSDB_OK)
        rc = vdb_read_begin(db, &r);
    if (rc != VARSDB_OK)
        return rc;
    rc = open_part(db, variable, part, bytes, &c);
    if (rc == VARSDB_OK)
        rc = vdb_tensor_read_slice(db, c.tensor, c.v->name, &c.slice, buffer);
    return vdb_read_end(db, &r, rc);
}

int varsdb_assign_part(varsdb *db, const varsdb_variable *variable, int64_t part, const void *data,
                       size_t bytes)
{
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && !data && bytes)
        rc = vdb_misuse(db, "data is NULL");
    return rc == VARSDB_OK ? assign_part(db, variable, part, data, bytes) : rc;
}

/* The value as text, packed in the part's shape; nothing is locked meanwhile. */
static int parse_part(varsdb *db, const varsdb_variable *variable, int64_t index, const char *json,
                      vdb_buf *out)
{
    vdb_read r;
    vdb_dims ignored;
    part_call c = {0};
    int rc = vdb_read_begin(db, &r);
    if (rc == VARSDB_OK)
        rc = vdb_read_end(db, &r, find_place(db, variable, index, &c));
    if (rc != VARSDB_OK)
        return rc;
    varsdb_shape shape = {c.v->shape.rank, c.place.dims};
    rc = vdb_value_parse(&db->error, json, c.v->dtype, &shape, &ignored, out);
    if (rc == VARSDB_INVALID)
        vdb_fail_in(&db->error, "%s/part_%lld", c.v->name, (long long)index);
    return rc;
}

int varsdb_assign_part_json(varsdb *db, const varsdb_variable *variable, int64_t part, const char *json)
{
    vdb_buf data = {0};
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && !json)
        rc = vdb_misuse(db, "json is NULL");
    if (rc == VARSDB_OK)
        rc = parse_part(db, variable, part, json, &data);
    if (rc == VARSDB_OK)
        rc = assign_part(db, variable, part, data.data, data.size);
    vdb_buf_release(&data);
    return rc;
}

static int list_parts(varsdb *db, const varsdb_variable *variable, varsdb_part_cb callback, void *payload)
{
    vdb_variable_row row;
    varsdb_variable *v;
    part_place p;
    int rc = vdb_variable_revive(db, variable, &v);
    if (rc != VARSDB_OK)
        return rc;
    rc = vdb_variable_row_by_id(db, v->id, v->uid, &row);
    int64_t parts = rc == VARSDB_OK && row.at[ROW_PARTITION_COUNT].kind == VDB_INT
                        ? row.at[ROW_PARTITION_COUNT].integer
                        : 0;
    for (int64_t i = 0; rc == VARSDB_OK && i < parts; i++) {
        rc = place_of(db, v, &row, i, &p);
        if (rc != VARSDB_OK)
            break;
        varsdb_part info = {i, parts, (int)p.axis, p.offset, {v->shape.rank, p.dims}};
        if (callback(payload, &info) != 0)
            rc = vdb_fail(&db->error, VARSDB_CANCELLED, "the callback stopped the list");
    }
    vdb_variable_row_release(db, &row);
    return rc;
}

int varsdb_list_parts(varsdb *db, const varsdb_variable *variable, varsdb_part_cb callback, void *payload)
{
    vdb_read r;
    int rc = vdb_list_begin(db, callback != NULL, &r);
    return rc == VARSDB_OK ? vdb_list_end(db, &r, list_parts(db, variable, callback, payload)) : rc;
}

static int find_part(varsdb *db, const char *name, varsdb_variable **out, int64_t *part)
{
    size_t bytes = vdb_name_without_output(name, strlen(name));
    size_t whole = vdb_name_scope_bytes(name, bytes);
    int64_t index = whole ? vdb_name_part_number(name + whole + 1, bytes - whole - 1) : -1;
    vdb_variable_row row = {0};
    int rc = index >= 0 ? vdb_namespace_resolve(db) : VARSDB_OK;
    if (rc == VARSDB_OK && index >= 0)
        rc = vdb_variable_row_by_name(db, name, whole, &row);
    bool found = rc == VARSDB_OK && row.found && row.at[ROW_PARTITION_COUNT].kind == VDB_INT &&
                 index < row.at[ROW_PARTITION_COUNT].integer;
    if (found)
        rc = vdb_variable_row_learn(db, &row, out);
    else if (rc == VARSDB_OK)
        rc = vdb_fail(&db->error, VARSDB_NOTFOUND, "%s is no part of a partitioned variable", name);
    vdb_variable_row_release(db, &row);
    if (rc == VARSDB_OK)
        *part = index;
    return rc;
}

int varsdb_find_part(varsdb *db, const char *name, const varsdb_variable **out, int64_t *part)
{
    varsdb_variable *v;
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && (!name || !out || !part))
        rc = vdb_misuse(db, "a name, and places for the variable and the part, are needed");
    if (rc == VARSDB_OK)
        rc = vdb_transaction_refresh(db);
    if (rc == VARSDB_OK)
        rc = find_part(db, name, &v, part);
    if (rc == VARSDB_OK)
        *out = v;
    return rc;
}
