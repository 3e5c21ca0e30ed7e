/* variable_update.c - see variable_update.h. */
#include "variable_update.h"

#include "arithmetic.h"
#include "save.h"
#include "transaction.h"
#include "variable_row.h"

#define FREE_TRIES 4 /* without the lock; after these it is held all the time */

typedef struct update {
    varsdb *db;
    varsdb_variable *v;
    vdb_update_cb change;
    const void *payload;
    /* of the old value */
    int64_t tensor, version;
    uint64_t bytes;
    bool free; /* no transaction is open: every read is one of its own */
} update;

static int read_old(const update *u, uint64_t offset, void *buffer, size_t bytes)
{
    vdb_read r;
    if (!u->free)
        return vdb_tensor_read(u->db, u->tensor, u->v->name, offset, buffer, bytes);
    int rc = vdb_read_begin(u->db, &r);
    if (rc != VARSDB_OK)
        return rc;
    return vdb_read_end(u->db, &r, vdb_tensor_read(u->db, u->tensor, u->v->name, offset, buffer, bytes));
}

/* vdb_tensor_source_cb */
static int pull(void *payload, int64_t tag, uint64_t offset, void *buffer, size_t bytes)
{
    const update *u = payload;
    (void)tag;
    int rc = read_old(u, offset, buffer, bytes);
    if (rc == VARSDB_OK)
        u->change(u->payload, offset, buffer, bytes);
    return rc;
}

static int look(update *u, const varsdb_variable *variable)
{
    varsdb *db = u->db;
    vdb_variable_row row;
    int rc = vdb_variable_revive(db, variable, &u->v);
    if (rc != VARSDB_OK)
        return rc;
    rc = vdb_variable_row_by_id(db, u->v->id, u->v->uid, &row);
    if (rc == VARSDB_OK && row.at[ROW_TENSOR_ID].kind != VDB_INT)
        rc = vdb_fail(&db->error, VARSDB_UNINITIALIZED,
                      "variable %s has no value yet; assign the whole first", u->v->name);
    if (rc == VARSDB_OK) {
        u->tensor = row.at[ROW_TENSOR_ID].integer;
        u->version = row.at[ROW_VERSION].integer;
    }
    vdb_variable_row_release(db, &row);
    if (rc == VARSDB_OK)
        rc = vdb_tensor_bytes(db, u->tensor, u->v->name, &u->bytes);
    return rc == VARSDB_OK ? vdb_variable_check_tensor(db, u->v, u->bytes) : rc;
}

static int look_freely(update *u, const varsdb_variable *variable)
{
    vdb_read r;
    int rc = vdb_read_begin(u->db, &r);
    return rc == VARSDB_OK ? vdb_read_end(u->db, &r, look(u, variable)) : rc;
}

static vdb_tensor tensor_of(update *u)
{
    return (vdb_tensor){
        .dtype = u->v->dtype, .elements = u->v->elements, .bytes = u->bytes, .source = pull, .payload = u};
}

static int update_locked(update *u, const varsdb_variable *variable)
{
    int rc = look(u, variable);
    if (rc != VARSDB_OK)
        return rc;
    vdb_tensor t = tensor_of(u);
    rc = vdb_tensor_prepare(u->db, &t);
    if (rc == VARSDB_OK)
        rc = vdb_variable_assign_locked(u->db, variable, -1, &t);
    vdb_tensor_release(&t);
    return rc;
}

static int update_at_once(update *u, const varsdb_variable *variable)
{
    vdb_write w;
    int rc = vdb_write_begin(u->db, &w);
    return rc == VARSDB_OK ? vdb_write_end(u->db, &w, update_locked(u, variable)) : rc;
}

/* Whether a failure came from a value that is not the variable's any more: its bytes may be gone. */
static bool was_overtaken(update *u, const varsdb_variable *variable, int rc)
{
    int64_t version = u->version;
    if (rc == VARSDB_CONFLICT)
        return true;
    if (rc != VARSDB_CORRUPT && rc != VARSDB_INVALID) /* gone, or another's of fewer bytes by now */
        return false;
    vdb_error kept = u->db->error;
    bool overtaken = look_freely(u, variable) == VARSDB_OK && u->version != version;
    if (!overtaken)
        u->db->error = kept;
    return overtaken;
}

static int update_freely(update *u, const varsdb_variable *variable)
{
    vdb_write w;
    vdb_tensor t = tensor_of(u);
    u->free = true;
    int rc = vdb_tensor_prepare(u->db, &t);
    u->free = false;
    if (rc == VARSDB_OK)
        rc = vdb_write_begin(u->db, &w);
    if (rc == VARSDB_OK)
        rc = vdb_write_end(u->db, &w, vdb_variable_assign_locked(u->db, variable, u->version, &t));
    vdb_tensor_release(&t);
    return rc;
}

int vdb_variable_update(varsdb *db, const varsdb_variable *variable, vdb_update_cb change,
                        const void *payload)
{
    update u = {.db = db, .change = change, .payload = payload};
    for (int tries = 0; tries < FREE_TRIES; tries++) {
        int rc = look_freely(&u, variable);
        if (rc != VARSDB_OK)
            return rc;
        if (vdb_transaction_is_callers(db) || u.bytes <= db->save_bytes)
            break;
        rc = update_freely(&u, variable);
        if (!was_overtaken(&u, variable, rc))
            return rc;
        vdb_error_clear(&db->error);
    }
    return update_at_once(&u, variable);
}

/* ---- sums */

typedef struct addition {
    varsdb_dtype dtype;
    const unsigned char *data;
    uint64_t bytes;
    int64_t elements;
    bool subtract;
} addition;

static void add(const void *payload, uint64_t offset, void *data, size_t bytes)
{
    const addition *a = payload;
    uint64_t bits = (uint64_t)varsdb_dtype_bits(a->dtype);
    int64_t first = (int64_t)(offset / bits * 8 + offset % bits * 8 / bits);
    int64_t count = (int64_t)((uint64_t)bytes * 8 / bits);
    if (count > a->elements - first)
        count = a->elements - first;
    int rc = (a->subtract ? vdb_arithmetic_subtract : vdb_arithmetic_add)(a->dtype, data, a->data + offset,
                                                                          data, (size_t)count);
    assert(rc == VARSDB_OK);
    (void)rc;
}

static int check_addition(varsdb *db, const varsdb_variable *variable, const void *data, size_t bytes)
{
    varsdb_variable *v;
    uint64_t needed;
    int rc = vdb_variable_revive(db, variable, &v);
    if (rc == VARSDB_OK && !vdb_arithmetic_has(v->dtype))
        rc = vdb_fail(&db->error, VARSDB_INVALID, "variable %s holds %s, which has no sums", v->name,
                      varsdb_dtype_name(v->dtype));
    if (rc == VARSDB_OK)
        rc = vdb_variable_canonical_bytes(db, v, &needed);
    if (rc == VARSDB_OK && needed != bytes)
        rc = vdb_fail(&db->error, VARSDB_INVALID, "variable %s (%s, %lld elements) takes %llu bytes, not %zu",
                      v->name, varsdb_dtype_name(v->dtype), (long long)v->elements,
                      (unsigned long long)needed, bytes);
    return rc == VARSDB_OK && bytes && !data ? vdb_misuse(db, "data is NULL") : rc;
}

static int assign_sum(varsdb *db, const varsdb_variable *v, const void *data, size_t bytes, bool subtract)
{
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK)
        rc = vdb_transaction_refresh(db);
    if (rc == VARSDB_OK)
        rc = check_addition(db, v, data, bytes);
    if (rc != VARSDB_OK)
        return rc;
    addition a = {v->dtype, data, bytes, v->elements, subtract};
    return vdb_variable_update(db, v, add, &a);
}

int varsdb_assign_add(varsdb *db, const varsdb_variable *variable, const void *data, size_t bytes)
{
    return assign_sum(db, variable, data, bytes, false);
}

int varsdb_assign_sub(varsdb *db, const varsdb_variable *variable, const void *data, size_t bytes)
{
    return assign_sum(db, variable, data, bytes, true);
}

/* ---- slices */

typedef struct overlay {
    const vdb_slice *slice;
    const void *packed;
} overlay;

static void lay_over(const void *payload, uint64_t offset, void *data, size_t bytes)
{
    const overlay *o = payload;
    vdb_slice_scatter(o->slice, offset, data, bytes, o->packed);
}

int vdb_variable_update_slice(varsdb *db, const varsdb_variable *variable, const vdb_slice *slice,
                              const void *packed)
{
    overlay o = {slice, packed};
    return vdb_variable_update(db, variable, lay_over, &o);
}

int varsdb_assign_slice(varsdb *db, const varsdb_variable *variable, const varsdb_slice *slice,
                        const void *data, size_t bytes)
{
    vdb_slice s;
    varsdb_variable *v;
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && (!slice || (!data && bytes)))
        rc = vdb_misuse(db, "a slice, and data for it, are needed");
    if (rc == VARSDB_OK)
        rc = vdb_transaction_refresh(db);
    if (rc == VARSDB_OK)
        rc = vdb_variable_revive(db, variable, &v);
    if (rc == VARSDB_OK)
        rc = vdb_slice_resolve(&db->error, v->name, v->dtype, &v->shape, slice, &s);
    if (rc == VARSDB_OK)
        rc = vdb_variable_check_slice_bytes(db, v, &s, bytes);
    return rc == VARSDB_OK ? vdb_variable_update_slice(db, variable, &s, data) : rc;
}
