/*
 * part.c - parts of partitioned variables: slices of one stored tensor, read and
 * written by themselves.
 *
 * In C order a slice along one axis is a series of equal runs at equal distances.
 * The tensor passes window by window, so that each chunk is checked once however
 * many runs lie in it.
 */
#include <string.h>

#include "name.h"
#include "namespace.h"
#include "transaction.h"
#include "value.h"
#include "variable.h"
#include "variable_row.h"

typedef struct part_place {
    int64_t axis, parts, index;
    int64_t offset, length;      /* along the axis */
    uint64_t start, run, stride; /* in bytes: the first run, its length, from one to the next */
    uint64_t runs;
    int64_t dims[VARSDB_RANK_MAX];
} part_place;

/* ---- where a part lies */

static int fail_no_part(varsdb *db, const varsdb_variable *v, int64_t index, int64_t parts)
{
    return vdb_fail(&db->error, VARSDB_INVALID, "variable %s has parts 0 to %lld, not %lld", v->name,
                    (long long)parts - 1, (long long)index);
}

/* The runs in bytes.  Parts of packed elements may begin in the middle of a byte. */
static int place_bytes(varsdb *db, const varsdb_variable *v, part_place *p)
{
    uint64_t inner = (uint64_t)varsdb_dtype_bits(v->dtype), outer = 1;
    for (int i = 0; i < v->shape.rank; i++) {
        if (i < p->axis)
            outer *= (uint64_t)v->dims[i];
        if (i > p->axis)
            inner *= (uint64_t)v->dims[i];
    }
    uint64_t run = inner * (uint64_t)p->length, start = inner * (uint64_t)p->offset;
    uint64_t stride = inner * (uint64_t)v->dims[p->axis];
    if (v->dtype == VARSDB_STRING)
        return vdb_fail(
            &db->error, VARSDB_UNSUPPORTED,
            "variable %s holds strings, whose parts are neither read nor assigned; take the whole", v->name);
    if (run % 8 || start % 8 || stride % 8)
        return vdb_fail(&db->error, VARSDB_UNSUPPORTED,
                        "%s/part_%lld does not fill whole bytes of %s; take the whole variable", v->name,
                        (long long)p->index, varsdb_dtype_name(v->dtype));
    p->run = run / 8;
    p->start = start / 8;
    p->stride = stride / 8;
    p->runs = outer;
    return VARSDB_OK;
}

static int place_of(varsdb *db, const varsdb_variable *v, const vdb_variable_row *row, int64_t index,
                    part_place *out)
{
    if (row->at[ROW_PARTITION_COUNT].kind != VDB_INT)
        return vdb_fail(&db->error, VARSDB_INVALID, "variable %s is not partitioned", v->name);
    *out = (part_place){
        .axis = row->at[ROW_PARTITION_AXIS].integer,
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

/* ---- runs against a window */

typedef enum direction {
    FROM_WINDOW, /* the part is read */
    TO_WINDOW    /* the part is written over what is there */
} direction;

static void copy_runs(const part_place *p, uint64_t offset, unsigned char *window, size_t bytes,
                      unsigned char *part, direction way)
{
    uint64_t end = offset + bytes, last = p->start + p->run;
    if (p->run == 0 || end <= p->start)
        return;
    uint64_t first = offset >= last ? (offset - last) / p->stride + 1 : 0;
    for (uint64_t i = first; i < p->runs && p->start + i * p->stride < end; i++) {
        uint64_t from = p->start + i * p->stride, to = from + p->run;
        uint64_t a = from > offset ? from : offset, b = to < end ? to : end;
        unsigned char *there = part + i * p->run + (a - from);
        if (way == FROM_WINDOW)
            memcpy(there, window + (a - offset), (size_t)(b - a));
        else
            memcpy(window + (a - offset), there, (size_t)(b - a));
    }
}

/* ---- a part of a variable, for a call */

typedef struct part_call {
    varsdb_variable *v;
    part_place place;
    bool initialized;
    int64_t tensor;
    uint64_t bytes; /* of the tensor */
} part_call;

/* Where the part lies, and the tensor if there is one. */
static int find_place(varsdb *db, const varsdb_variable *variable, int64_t index, part_call *out)
{
    vdb_variable_row row;
    int rc = vdb_variable_revive(db, variable, &out->v);
    if (rc != VARSDB_OK)
        return rc;
    rc = vdb_variable_row_by_id(db, out->v->id, out->v->uid, &row);
    if (rc == VARSDB_OK)
        rc = place_of(db, out->v, &row, index, &out->place);
    if (rc == VARSDB_OK)
        rc = place_bytes(db, out->v, &out->place);
    if (rc == VARSDB_OK) {
        out->initialized = row.at[ROW_TENSOR_ID].kind == VDB_INT;
        out->tensor = out->initialized ? row.at[ROW_TENSOR_ID].integer : 0;
    }
    vdb_variable_row_release(db, &row);
    return rc;
}

static int open_part(varsdb *db, const varsdb_variable *variable, int64_t index, size_t bytes, part_call *out)
{
    int rc = find_place(db, variable, index, out);
    if (rc == VARSDB_OK && out->initialized)
        rc = vdb_tensor_bytes(db, out->tensor, out->v->name, &out->bytes);
    if (rc == VARSDB_OK && out->initialized)
        rc = vdb_variable_check_tensor(db, out->v, out->bytes);
    uint64_t needed = out->place.run * out->place.runs;
    if (rc == VARSDB_OK && bytes != needed)
        rc = vdb_fail(&db->error, VARSDB_INVALID, "%s/part_%lld takes %llu bytes, not %zu", out->v->name,
                      (long long)index, (unsigned long long)needed, bytes);
    if (rc == VARSDB_OK && !out->initialized)
        rc = vdb_fail(&db->error, VARSDB_UNINITIALIZED,
                      "variable %s has no value yet; assign the whole first", out->v->name);
    return rc;
}

static int read_part(varsdb *db, const part_call *c, unsigned char *part)
{
    size_t room = vdb_tensor_chunk_bytes(db, c->v->dtype);
    unsigned char *window = vdb_malloc(room);
    int rc = window ? VARSDB_OK : vdb_fail_nomem(&db->error);
    const part_place *p = &c->place;
    uint64_t end = p->runs ? p->start + (p->runs - 1) * p->stride + p->run : 0;
    for (uint64_t at = p->start / room * room; rc == VARSDB_OK && at < end; at += room) {
        size_t here = c->bytes - at < room ? (size_t)(c->bytes - at) : room;
        rc = vdb_tensor_read(db, c->tensor, c->v->name, at, window, here);
        if (rc == VARSDB_OK)
            copy_runs(p, at, window, here, part, FROM_WINDOW);
    }
    vdb_free(window);
    return rc;
}

/* The new value: the old one with the part's runs in their places. */
typedef struct overlay {
    varsdb *db;
    const part_call *call;
    const unsigned char *part;
} overlay;

static int pull_overlay(void *payload, int64_t tag, uint64_t offset, void *buffer, size_t bytes)
{
    const overlay *o = payload;
    (void)tag;
    int rc = vdb_tensor_read(o->db, o->call->tensor, o->call->v->name, offset, buffer, bytes);
    if (rc == VARSDB_OK)
        copy_runs(&o->call->place, offset, buffer, bytes, (unsigned char *)(uintptr_t)o->part, TO_WINDOW);
    return rc;
}

static int assign_part(varsdb *db, const varsdb_variable *variable, int64_t index, const void *data,
                       size_t bytes)
{
    part_call c = {0};
    int64_t tensor = 0;
    int rc = open_part(db, variable, index, bytes, &c);
    if (rc != VARSDB_OK)
        return rc;
    overlay o = {db, &c, data};
    vdb_tensor t = {.dtype = c.v->dtype, .elements = c.v->elements, .bytes = c.bytes};
    t.source = pull_overlay;
    t.payload = &o;
    rc = vdb_tensor_prepare(db, &t);
    if (rc == VARSDB_OK)
        rc = vdb_tensor_store(db, &t, &tensor);
    if (rc == VARSDB_OK)
        rc = vdb_variable_set_tensor(db, c.v, &t, tensor);
    vdb_tensor_release(&t);
    return rc;
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
    return vdb_read_end(db, &r, rc == VARSDB_OK ? read_part(db, &c, buffer) : rc);
}

int varsdb_assign_part(varsdb *db, const varsdb_variable *variable, int64_t part, const void *data,
                       size_t bytes)
{
    vdb_write w;
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && !data && bytes)
        rc = vdb_misuse(db, "data is NULL");
    if (rc == VARSDB_OK)
        rc = vdb_write_begin(db, &w);
    return rc == VARSDB_OK ? vdb_write_end(db, &w, assign_part(db, variable, part, data, bytes)) : rc;
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
    vdb_write w;
    vdb_buf data = {0};
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && !json)
        rc = vdb_misuse(db, "json is NULL");
    if (rc == VARSDB_OK)
        rc = parse_part(db, variable, part, json, &data);
    if (rc == VARSDB_OK)
        rc = vdb_write_begin(db, &w);
    if (rc == VARSDB_OK)
        rc = vdb_write_end(db, &w, assign_part(db, variable, part, data.data, data.size));
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
