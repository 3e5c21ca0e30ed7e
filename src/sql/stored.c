/* stored.c - see stored.h. */
#include "stored.h"

#include "name.h"
#include "namespace.h"
#include "snapshot.h"
#include "transaction.h"
#include "variable.h"
#include "variable_info.h"
#include "variable_row.h"

/* Elements that begin together on a byte, whatever their bits. */
#define GROUP 8

/* ---- finding */

static void set_type(vdb_stored *s, varsdb_dtype dtype, const varsdb_shape *shape, int64_t elements)
{
    s->dtype = dtype;
    s->dims.rank = shape->rank;
    if (shape->rank)
        memcpy(s->dims.dim, shape->dims, sizeof *s->dims.dim * (size_t)shape->rank);
    s->elements = elements;
}

static int set_name(varsdb *db, vdb_stored *s, const char *name, size_t bytes)
{
    s->name = vdb_strndup(name, bytes);
    return s->name ? VARSDB_OK : vdb_fail_nomem(&db->error);
}

/* The row and what its elements are, agreeing with each other. */
static int take_tensor(varsdb *db, vdb_stored *s, int64_t id)
{
    int64_t bytes;
    s->initialized = true;
    int rc = vdb_tensor_row_load(db, id, s->name, &s->tensor);
    if (rc != VARSDB_OK || s->dtype == VARSDB_STRING)
        return rc;
    if (s->tensor.dtype != s->dtype || !vdb_dtype_bytes(s->dtype, s->elements, &bytes) ||
        (uint64_t)bytes != s->tensor.bytes)
        return vdb_fail(&db->error, VARSDB_CORRUPT, "%s: the stored value of variable %s is damaged",
                        db->path, s->name);
    return VARSDB_OK;
}

/* "w/part_1" is a part of w, unless there is a variable of that name. */
static int find_part(varsdb *db, const char *name, size_t bytes, varsdb_variable **out, vdb_stored *s)
{
    vdb_variable_row row;
    size_t whole = vdb_name_scope_bytes(name, bytes);
    int64_t index = whole ? vdb_name_part_number(name + whole + 1, bytes - whole - 1) : -1;
    varsdb_variable *v = NULL;
    int rc = index >= 0 ? vdb_variable_lookup(db, name, whole, &v) : VARSDB_OK;
    if (rc != VARSDB_OK || !v)
        return rc;
    rc = vdb_variable_row_by_id(db, v->id, v->uid, &row);
    if (rc == VARSDB_OK && row.at[ROW_PARTITION_COUNT].kind == VDB_INT) {
        int64_t count = row.at[ROW_PARTITION_COUNT].integer, axis = row.at[ROW_PARTITION_AXIS].integer;
        if (axis < 0 || axis >= v->shape.rank || count < 1 || count > v->dims[axis])
            rc = vdb_fail(&db->error, VARSDB_CORRUPT, "variable %s has an impossible partition", v->name);
        else if (index < count) {
            s->is_part = true;
            s->axis = (int)axis;
            vdb_partition_part(v->dims[axis], count, index, &s->offset, &s->length);
            *out = v;
        }
    }
    vdb_variable_row_release(db, &row);
    return rc;
}

static int find_variable(varsdb *db, const vdb_place *place, varsdb_variable **out, vdb_stored *s)
{
    if (!place->name)
        return vdb_variable_by_id(db, place->id, out);
    size_t bytes = vdb_name_without_output(place->name, strlen(place->name));
    *out = NULL;
    int rc = vdb_variable_lookup(db, place->name, bytes, out);
    if (rc == VARSDB_OK && !*out)
        rc = find_part(db, place->name, bytes, out, s);
    return rc == VARSDB_OK && !*out ? vdb_variable_fail_missing(db, place->name, bytes) : rc;
}

static int find_present(varsdb *db, const vdb_place *place, vdb_stored *s)
{
    varsdb_variable *v;
    vdb_variable_row row;
    int rc = find_variable(db, place, &v, s);
    if (rc != VARSDB_OK)
        return rc;
    s->variable = v;
    set_type(s, v->dtype, &v->shape, v->elements);
    rc = set_name(db, s, v->name, strlen(v->name));
    if (rc != VARSDB_OK)
        return rc;
    rc = vdb_variable_row_by_id(db, v->id, v->uid, &row);
    int64_t tensor =
        rc == VARSDB_OK && row.at[ROW_TENSOR_ID].kind == VDB_INT ? row.at[ROW_TENSOR_ID].integer : 0;
    vdb_variable_row_release(db, &row);
    return rc == VARSDB_OK && tensor ? take_tensor(db, s, tensor) : rc;
}

/* ---- in a snapshot */

typedef struct recorded {
    varsdb *db;
    vdb_stored *s;
    int64_t tensor;
} recorded;

/* vdb_state_cb */
static int take_state(void *payload, const vdb_value *at, const vdb_value *tensor)
{
    recorded *r = payload;
    varsdb_variable_info info = {0};
    vdb_info_texts texts;
    (void)tensor;
    if (!vdb_info_set_type(&info, &at[STATE_DTYPE], &at[STATE_SHAPE], &texts))
        return vdb_fail(&r->db->error, VARSDB_CORRUPT, "%s: state %lld has an impossible dtype or shape",
                        r->db->path, (long long)at[STATE_ID].integer);
    set_type(r->s, info.dtype, &info.shape, at[STATE_ELEMENTS].integer);
    r->tensor = at[STATE_TENSOR_ID].kind == VDB_INT ? at[STATE_TENSOR_ID].integer : 0;
    return VARSDB_OK;
}

static int find_recorded(varsdb *db, const vdb_place *place, vdb_stored *s)
{
    vdb_snapshot snapshot;
    bool found = false;
    int64_t id = place->snapshot_id;
    recorded r = {.db = db, .s = s};
    if (!place->name)
        return vdb_fail(&db->error, VARSDB_INVALID, "in a snapshot variables go by their names, not by ids");
    int rc = set_name(db, s, place->name, vdb_name_without_output(place->name, strlen(place->name)));
    if (rc == VARSDB_OK && place->snapshot)
        rc = vdb_snapshot_find(db, place->snapshot, &id);
    if (rc != VARSDB_OK)
        return rc;
    rc = vdb_snapshot_open(db, id, &snapshot);
    if (rc == VARSDB_OK)
        rc = vdb_state_of_name(db, id, s->name, take_state, &r, &found);
    if (rc == VARSDB_OK && !found)
        rc = vdb_fail(&db->error, VARSDB_NOTFOUND, "variable %.400s is not in %s", s->name, snapshot.label);
    vdb_snapshot_release(db, &snapshot);
    return rc == VARSDB_OK && r.tensor ? take_tensor(db, s, r.tensor) : rc;
}

int vdb_stored_find(vdb_sql_registry *registry, const vdb_place *place, vdb_error *e, vdb_stored *out)
{
    varsdb *db = registry->db;
    vdb_read r;
    *out = (vdb_stored){.registry = vdb_sql_registry_retain(registry)};
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK)
        rc = vdb_read_begin(db, &r);
    if (rc == VARSDB_OK) {
        rc = place->snapshot || place->snapshot_id ? find_recorded(db, place, out)
                                                   : find_present(db, place, out);
        rc = vdb_read_end(db, &r, rc);
    }
    return rc == VARSDB_OK ? rc : vdb_fail(e, rc, "%s", db->error.text);
}

void vdb_stored_release(vdb_stored *s)
{
    vdb_free(s->name);
    vdb_free(s->window);
    vdb_strings_release(&s->strings);
    vdb_sql_registry_release(s->registry);
    *s = (vdb_stored){0};
}

void vdb_stored_free(vdb_stored *s)
{
    if (s)
        vdb_stored_release(s);
    vdb_free(s);
}

bool vdb_stored_is(const vdb_stored *s, const vdb_stored *other)
{
    return s->registry == other->registry && s->initialized && other->initialized &&
           s->tensor.id == other->tensor.id &&
           memcmp(&s->tensor.hash, &other->tensor.hash, sizeof s->tensor.hash) == 0 &&
           s->dtype == other->dtype && s->dims.rank == other->dims.rank &&
           memcmp(s->dims.dim, other->dims.dim, sizeof *s->dims.dim * (size_t)s->dims.rank) == 0 &&
           s->is_part == other->is_part && s->axis == other->axis && s->offset == other->offset &&
           s->length == other->length;
}

/* ---- reading */

/* Its row may be another tensor's by now. */
static int read_locked(vdb_stored *s, uint64_t offset, void *buffer, size_t bytes)
{
    varsdb *db = s->registry->db;
    vdb_tensor_row now = {0};
    int64_t id;
    bool found;
    int rc = vdb_get_int(db->engine, VDB_Q_TENSOR_BY_ID, VDB_ARGS(vdb_int(s->tensor.id)), &id, &found);
    if (rc == VARSDB_OK && found)
        rc = vdb_tensor_row_load(db, s->tensor.id, s->name, &now);
    if (rc == VARSDB_OK && (!found || memcmp(&now.hash, &s->tensor.hash, sizeof now.hash) != 0))
        rc = vdb_fail(&db->error, VARSDB_CONFLICT, "variable %s was assigned another value while it was read",
                      s->name);
    return rc == VARSDB_OK ? vdb_tensor_row_read(db, &now, s->name, offset, buffer, bytes) : rc;
}

int vdb_stored_read(vdb_stored *s, vdb_error *e, uint64_t offset, void *buffer, size_t bytes)
{
    varsdb *db = s->registry->db;
    vdb_read r;
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK)
        rc = vdb_read_begin(db, &r);
    if (rc == VARSDB_OK)
        rc = vdb_read_end(db, &r, read_locked(s, offset, buffer, bytes));
    return rc == VARSDB_OK ? rc : vdb_fail(e, rc, "%s", db->error.text);
}

static int need_window(vdb_stored *s, vdb_error *e, size_t bytes)
{
    if (bytes <= s->room)
        return VARSDB_OK;
    void *window = vdb_realloc(s->window, bytes, 1);
    if (!window)
        return vdb_fail_nomem(e);
    s->window = window;
    s->room = bytes;
    return VARSDB_OK;
}

/* A chunk at a time, since a chunk is checked whole. */
int vdb_stored_load(vdb_stored *s, vdb_error *e, int64_t i)
{
    uint64_t bits = (uint64_t)varsdb_dtype_bits(s->dtype);
    if (!bits)
        return vdb_fail(e, VARSDB_UNSUPPORTED,
                        "variable %.200s holds %s, opaque blocks without elements; tensor() has its bytes",
                        s->name, varsdb_dtype_name(s->dtype));
    size_t window = vdb_tensor_chunk_bytes(s->registry->db, s->dtype);
    int64_t groups = (int64_t)(window * 8 / bits / GROUP), elements = groups ? groups * GROUP : GROUP;
    int64_t first = i / elements * elements;
    int64_t count = s->elements - first < elements ? s->elements - first : elements;
    uint64_t offset = (uint64_t)first / 8 * bits;
    size_t bytes = (size_t)(((uint64_t)count * bits + 7) / 8);
    assert(i >= 0 && i < s->elements && s->dtype != VARSDB_STRING);
    s->count = 0;
    int rc = need_window(s, e, bytes);
    if (rc == VARSDB_OK)
        rc = vdb_stored_read(s, e, offset, s->window, bytes);
    if (rc != VARSDB_OK)
        return rc;
    s->first = first;
    s->count = count;
    return VARSDB_OK;
}

/* ---- strings */

/* For vdb_strings, whose error is the handle's. */
static int read_piece(void *payload, uint64_t offset, void *buffer, size_t bytes)
{
    vdb_stored *s = payload;
    vdb_error ignored;
    return vdb_stored_read(s, &ignored, offset, buffer, bytes);
}

int vdb_stored_string(vdb_stored *s, vdb_error *e, int64_t i, const char **out, size_t *bytes)
{
    uint64_t n = 0;
    int rc = VARSDB_OK;
    assert(i >= 0 && i < s->elements && s->dtype == VARSDB_STRING);
    if (i < s->next_string || !s->strings.read) {
        vdb_strings_release(&s->strings);
        s->strings = (vdb_strings){
            .db = s->registry->db, .name = s->name, .end = s->tensor.bytes, .read = read_piece, .payload = s};
        s->next_string = 0;
    }
    for (; rc == VARSDB_OK && s->next_string <= i; s->next_string += rc == VARSDB_OK)
        rc = vdb_strings_next(&s->strings, out, &n);
    if (rc != VARSDB_OK)
        return vdb_fail(e, rc, "%s", s->registry->db->error.text);
    *bytes = (size_t)n;
    return VARSDB_OK;
}
