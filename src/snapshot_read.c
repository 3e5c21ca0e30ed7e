/* snapshot_read.c - values as snapshots have them. */
#include "name.h"
#include "snapshot.h"
#include "string_tensor.h"
#include "tensor.h"
#include "transaction.h"
#include "variable_info.h"

/* What is needed of a state to read its value. */
typedef struct recorded {
    varsdb *db;
    const char *name;
    varsdb_dtype dtype;
    vdb_info_texts texts;
    varsdb_shape shape;
    int64_t elements, tensor;
    bool initialized;
} recorded;

/* vdb_state_cb */
static int keep(void *payload, const vdb_value *at, const vdb_value *tensor)
{
    recorded *r = payload;
    varsdb_variable_info info = {0};
    (void)tensor;
    if (!vdb_info_set_type(&info, &at[STATE_DTYPE], &at[STATE_SHAPE], &r->texts))
        return vdb_fail(&r->db->error, VARSDB_CORRUPT, "%s: state %lld has an impossible dtype or shape",
                        r->db->path, (long long)at[STATE_ID].integer);
    r->dtype = info.dtype;
    r->shape = info.shape;
    r->elements = at[STATE_ELEMENTS].integer;
    r->initialized = at[STATE_TENSOR_ID].kind == VDB_INT;
    r->tensor = at[STATE_TENSOR_ID].integer;
    return VARSDB_OK;
}

static int find(recorded *r, int64_t snapshot)
{
    varsdb *db = r->db;
    vdb_snapshot s;
    bool found = false;
    int rc = vdb_snapshot_open(db, snapshot, &s);
    if (rc == VARSDB_OK)
        rc = vdb_state_of_name(db, snapshot, r->name, keep, r, &found);
    if (rc == VARSDB_OK && !found)
        rc = vdb_fail(&db->error, VARSDB_NOTFOUND, "variable %.400s is not in %s", r->name, s.label);
    if (rc == VARSDB_OK && !r->initialized)
        rc = vdb_fail(&db->error, VARSDB_UNINITIALIZED, "variable %.400s had no value when %s was taken",
                      r->name, s.label);
    vdb_snapshot_release(db, &s);
    return rc;
}

/* A copy of the name, "v" for "v:0": what is asked for may be an object's name, which a look-up renames. */
static int own_name(varsdb *db, const char *name, char **out)
{
    *out = vdb_strndup(name, vdb_name_without_output(name, strlen(name)));
    return *out ? VARSDB_OK : vdb_fail_nomem(&db->error);
}

int varsdb_read_range_at(varsdb *db, int64_t snapshot, const char *name, uint64_t offset, void *buffer,
                         size_t bytes)
{
    vdb_read r;
    char *own = NULL, none;
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && (!name || (!buffer && bytes)))
        rc = vdb_misuse(db, "a name and a buffer are needed");
    if (rc == VARSDB_OK)
        rc = own_name(db, name, &own);
    if (rc == VARSDB_OK)
        rc = vdb_read_begin(db, &r);
    if (rc == VARSDB_OK) {
        recorded v = {.db = db, .name = own};
        rc = find(&v, snapshot);
        if (rc == VARSDB_OK)
            rc = vdb_tensor_read(db, v.tensor, own, offset, buffer ? buffer : &none, bytes);
        rc = vdb_read_end(db, &r, rc);
    }
    vdb_free(own);
    return rc;
}

static int read_slice(recorded *v, int64_t snapshot, const varsdb_slice *slice, void *buffer, size_t bytes)
{
    vdb_slice s;
    int rc = find(v, snapshot);
    if (rc == VARSDB_OK)
        rc = vdb_slice_resolve(&v->db->error, v->name, v->dtype, &v->shape, slice, &s);
    if (rc == VARSDB_OK && s.bytes != bytes)
        rc = vdb_fail(&v->db->error, VARSDB_INVALID, "the slice of variable %s takes %llu bytes, not %zu",
                      v->name, (unsigned long long)s.bytes, bytes);
    return rc == VARSDB_OK ? vdb_tensor_read_slice(v->db, v->tensor, v->name, &s, buffer) : rc;
}

int varsdb_read_slice_at(varsdb *db, int64_t snapshot, const char *name, const varsdb_slice *slice,
                         void *buffer, size_t bytes)
{
    vdb_read r;
    char *own = NULL;
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && (!name || !slice || (!buffer && bytes)))
        rc = vdb_misuse(db, "a name, a slice, and a buffer for it, are needed");
    if (rc == VARSDB_OK)
        rc = own_name(db, name, &own);
    if (rc == VARSDB_OK)
        rc = vdb_read_begin(db, &r);
    if (rc == VARSDB_OK) {
        recorded v = {.db = db, .name = own};
        rc = vdb_read_end(db, &r, read_slice(&v, snapshot, slice, buffer, bytes));
    }
    vdb_free(own);
    return rc;
}

static int read_strings(varsdb *db, int64_t snapshot, const char *name, varsdb_string_cb callback,
                        void *payload)
{
    char *own = NULL;
    if (!name)
        return vdb_misuse(db, "a name is needed");
    int rc = own_name(db, name, &own);
    recorded v = {.db = db, .name = own};
    if (rc == VARSDB_OK)
        rc = find(&v, snapshot);
    if (rc == VARSDB_OK && v.dtype != VARSDB_STRING)
        rc = vdb_fail(&db->error, VARSDB_INVALID, "variable %s holds %s, not strings", own,
                      varsdb_dtype_name(v.dtype));
    if (rc == VARSDB_OK)
        rc = vdb_string_tensor_read(db, v.tensor, own, v.elements, callback, payload);
    vdb_free(own);
    return rc;
}

int varsdb_read_strings_at(varsdb *db, int64_t snapshot, const char *name, varsdb_string_cb callback,
                           void *payload)
{
    vdb_read r;
    int rc = vdb_list_begin(db, callback != NULL, &r);
    return rc == VARSDB_OK ? vdb_list_end(db, &r, read_strings(db, snapshot, name, callback, payload)) : rc;
}
