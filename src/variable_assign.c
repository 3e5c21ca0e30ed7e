/* variable_assign.c - replacing values. */
#include "byte_order.h"
#include "namespace.h"
#include "save.h"
#include "transaction.h"
#include "value.h"
#include "variable.h"
#include "variable_row.h"

int vdb_variable_set_tensor(varsdb *db, const varsdb_variable *v, const vdb_tensor *t, int64_t tensor)
{
    vdb_variable_row row;
    uint64_t bytes = t->bytes;
    if (v->dtype == VARSDB_STRING)
        bytes -= (uint64_t)v->elements * 8;
    int rc = vdb_variable_row_by_id(db, v->id, v->uid, &row);
    bool had = rc == VARSDB_OK && row.at[ROW_TENSOR_ID].kind == VDB_INT;
    int64_t old = had ? row.at[ROW_TENSOR_ID].integer : 0;
    if (rc == VARSDB_OK) {
        row.at[ROW_TENSOR_ID] = vdb_int(tensor);
        row.at[ROW_BYTES] = vdb_int((int64_t)bytes);
        row.at[ROW_VERSION] = vdb_int(row.at[ROW_VERSION].integer + 1);
        row.at[ROW_UPDATED_AT] = vdb_int(vdb_time_ms());
        rc = vdb_variable_row_write(db, VDB_Q_VARIABLE_SET_VALUE, &row,
                                    VDB_COLUMNS(ROW_TENSOR_ID, ROW_BYTES, ROW_VERSION, ROW_UPDATED_AT));
    }
    vdb_variable_row_release(db, &row);
    return rc == VARSDB_OK && had && old != tensor ? vdb_tensor_drop(db, old) : rc;
}

/* What a call assigns: the version that it expects, or ANY_VERSION. */
#define ANY_VERSION ((int64_t)-1)

static int check_version(varsdb *db, const varsdb_variable *v, int64_t expected)
{
    vdb_variable_row row;
    if (expected == ANY_VERSION)
        return VARSDB_OK;
    int rc = vdb_variable_row_by_id(db, v->id, v->uid, &row);
    int64_t version = rc == VARSDB_OK ? row.at[ROW_VERSION].integer : 0;
    vdb_variable_row_release(db, &row);
    if (rc == VARSDB_OK && version != expected)
        rc = vdb_fail(&db->error, VARSDB_CONFLICT,
                      "variable %s has version %lld, not %lld: somebody assigned it meanwhile; read it again",
                      v->name, (long long)version, (long long)expected);
    return rc;
}

int vdb_variable_assign_locked(varsdb *db, const varsdb_variable *variable, int64_t version, vdb_tensor *t)
{
    varsdb_variable *v;
    int64_t tensor = 0;
    int rc = vdb_variable_revive(db, variable, &v);
    if (rc == VARSDB_OK)
        rc = check_version(db, v, version);
    if (rc == VARSDB_OK)
        rc = vdb_tensor_store(db, t, &tensor);
    return rc == VARSDB_OK ? vdb_variable_set_tensor(db, v, t, tensor) : rc;
}

static int prepare(varsdb *db, const varsdb_variable *v, vdb_tensor *t)
{
    int rc = vdb_tensor_prepare(db, t);
    return rc == VARSDB_INVALID ? vdb_fail_in(&db->error, "variable %s", v->name) : rc;
}

static int assign_version(varsdb *db, const varsdb_variable *v, int64_t version, vdb_tensor *t)
{
    vdb_write w;
    int rc = prepare(db, v, t);
    if (rc == VARSDB_OK)
        rc = vdb_write_begin(db, &w);
    return rc == VARSDB_OK ? vdb_write_end(db, &w, vdb_variable_assign_locked(db, v, version, t)) : rc;
}

static int assign(varsdb *db, const varsdb_variable *v, vdb_tensor *t)
{
    return assign_version(db, v, ANY_VERSION, t);
}

/* The object is alive as far as we know; dtype and shape never change, so a tensor can be
 * prepared for it before the lock is taken. */
static int enter_with(varsdb *db, const varsdb_variable *variable)
{
    varsdb_variable *v;
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK)
        rc = vdb_transaction_refresh(db);
    return rc == VARSDB_OK ? vdb_variable_revive(db, variable, &v) : rc;
}

int vdb_variable_canonical_bytes(varsdb *db, const varsdb_variable *v, uint64_t *out)
{
    int64_t bytes;
    if (!vdb_dtype_bytes(v->dtype, v->elements, &bytes))
        return vdb_fail(&db->error, VARSDB_CORRUPT, "variable %s is larger than can be counted", v->name);
    *out = (uint64_t)bytes;
    return VARSDB_OK;
}

int vdb_variable_check_tensor(varsdb *db, const varsdb_variable *v, uint64_t bytes)
{
    uint64_t needed = 0;
    int rc = vdb_variable_canonical_bytes(db, v, &needed);
    if (rc == VARSDB_OK && (bytes != needed || needed > INT64_MAX / 8))
        rc = vdb_fail(&db->error, VARSDB_CORRUPT, "%s: the value of variable %s has %llu bytes, not %llu",
                      db->path, v->name, (unsigned long long)bytes, (unsigned long long)needed);
    return rc;
}

/* A tensor over the caller's bytes, if they are as many as the variable takes. */
static int tensor_of_bytes(varsdb *db, const varsdb_variable *v, const void *data, size_t bytes,
                           vdb_tensor *out)
{
    uint64_t needed = 0;
    *out = (vdb_tensor){.dtype = v->dtype, .elements = v->elements, .bytes = bytes, .data = data ? data : ""};
    if (v->dtype == VARSDB_STRING)
        return vdb_tensor_check_bytes(&db->error, out->dtype, out->elements, out->data, out->bytes);
    int rc = vdb_variable_canonical_bytes(db, v, &needed);
    if (rc == VARSDB_OK && needed != bytes)
        rc = vdb_fail(&db->error, VARSDB_INVALID, "variable %s (%s, %lld elements) takes %llu bytes, not %zu",
                      v->name, varsdb_dtype_name(v->dtype), (long long)v->elements,
                      (unsigned long long)needed, bytes);
    return rc;
}

int vdb_variable_assign_bytes(varsdb *db, const varsdb_variable *v, const void *data, size_t bytes)
{
    vdb_tensor t;
    int rc = tensor_of_bytes(db, v, data, bytes, &t);
    if (rc == VARSDB_OK)
        rc = vdb_tensor_prepare(db, &t);
    if (rc == VARSDB_OK)
        rc = vdb_variable_assign_locked(db, v, ANY_VERSION, &t);
    vdb_tensor_release(&t);
    return rc;
}

static int assign_bytes(varsdb *db, const varsdb_variable *variable, int64_t version, const void *data,
                        size_t bytes)
{
    vdb_tensor t;
    int rc = enter_with(db, variable);
    if (rc == VARSDB_OK && !data && bytes)
        rc = vdb_misuse(db, "data is NULL");
    if (rc != VARSDB_OK)
        return rc;
    rc = tensor_of_bytes(db, variable, data, bytes, &t);
    if (rc == VARSDB_OK)
        rc = assign_version(db, variable, version, &t);
    vdb_tensor_release(&t);
    return rc;
}

int varsdb_assign(varsdb *db, const varsdb_variable *variable, const void *data, size_t bytes)
{
    return assign_bytes(db, variable, ANY_VERSION, data, bytes);
}

int varsdb_assign_if(varsdb *db, const varsdb_variable *variable, int64_t version, const void *data,
                     size_t bytes)
{
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && version < 0)
        rc = vdb_fail(&db->error, VARSDB_INVALID, "a version is 0 or more, not %lld", (long long)version);
    return rc == VARSDB_OK ? assign_bytes(db, variable, version, data, bytes) : rc;
}

/* ---- many at once */

static int prepare_all(varsdb *db, const varsdb_assignment *list, size_t count, vdb_save *save,
                       vdb_tensor *tensors)
{
    int rc = VARSDB_OK;
    for (size_t i = 0; rc == VARSDB_OK && i < count; i++) {
        const varsdb_variable *v = list[i].variable;
        rc = tensor_of_bytes(db, v, list[i].data, list[i].bytes, &tensors[i]);
        tensors[i].save = save;
    }
    for (size_t i = 0; rc == VARSDB_OK && i < count; i++)
        rc = prepare(db, list[i].variable, &tensors[i]);
    return rc == VARSDB_OK && save ? vdb_save_flush(save) : rc;
}

static int assign_all_locked(varsdb *db, const varsdb_assignment *list, size_t count, vdb_save *save,
                             vdb_tensor *tensors)
{
    int rc = VARSDB_OK;
    for (size_t i = 0; rc == VARSDB_OK && i < count; i++)
        rc = vdb_variable_assign_locked(db, list[i].variable, ANY_VERSION, &tensors[i]);
    return rc == VARSDB_OK && save ? vdb_save_settle(save) : rc;
}

static int assign_all(varsdb *db, const varsdb_assignment *list, size_t count, vdb_tensor *tensors)
{
    vdb_write w;
    vdb_save *save = NULL;
    int rc = vdb_transaction_is_callers(db) ? VARSDB_OK : vdb_save_open(db, &save);
    if (rc == VARSDB_OK)
        rc = prepare_all(db, list, count, save, tensors);
    if (rc == VARSDB_OK)
        rc = vdb_write_begin(db, &w);
    if (rc == VARSDB_OK)
        rc = vdb_write_end(db, &w, assign_all_locked(db, list, count, save, tensors));
    vdb_save_close(save);
    return rc;
}

int varsdb_assign_all(varsdb *db, const varsdb_assignment *list, size_t count)
{
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && count && !list)
        rc = vdb_misuse(db, "the assignments are NULL");
    for (size_t i = 0; rc == VARSDB_OK && i < count; i++) {
        rc = enter_with(db, list[i].variable);
        if (rc == VARSDB_OK && !list[i].data && list[i].bytes)
            rc = vdb_misuse(db, "data is NULL");
    }
    if (rc != VARSDB_OK || !count)
        return rc;
    vdb_tensor *tensors = vdb_calloc(count, sizeof *tensors);
    if (!tensors)
        return vdb_fail_nomem(&db->error);
    rc = assign_all(db, list, count, tensors);
    for (size_t i = 0; i < count; i++)
        vdb_tensor_release(&tensors[i]);
    vdb_free(tensors);
    return rc;
}

/* ---- other forms */

static int put_string(vdb_buf *out, const char *string, size_t bytes)
{
    unsigned char length[8];
    vdb_put_little_endian(length, bytes, sizeof length);
    int rc = vdb_buf_append(out, length, sizeof length);
    return rc == VARSDB_OK ? vdb_buf_append(out, string, bytes) : rc;
}

int varsdb_assign_strings(varsdb *db, const varsdb_variable *variable, const char *const *strings,
                          const size_t *sizes, size_t count)
{
    vdb_buf bytes = {0};
    int rc = enter_with(db, variable);
    if (rc == VARSDB_OK && !strings && count)
        rc = vdb_misuse(db, "strings is NULL");
    if (rc == VARSDB_OK && (variable->dtype != VARSDB_STRING || count != (size_t)variable->elements))
        rc = vdb_fail(&db->error, VARSDB_INVALID, "variable %s holds %lld elements of %s, not %zu strings",
                      variable->name, (long long)variable->elements, varsdb_dtype_name(variable->dtype),
                      count);
    for (size_t i = 0; rc == VARSDB_OK && i < count; i++)
        if (!strings[i])
            rc = vdb_misuse(db, "a string is NULL");
        else if (put_string(&bytes, strings[i], sizes ? sizes[i] : strlen(strings[i])) != VARSDB_OK)
            rc = vdb_fail_nomem(&db->error);
    if (rc == VARSDB_OK) {
        vdb_tensor t = {.dtype = VARSDB_STRING, .elements = variable->elements, .bytes = bytes.size};
        t.data = bytes.data ? bytes.data : "";
        rc = assign(db, variable, &t);
        vdb_tensor_release(&t);
    }
    vdb_buf_release(&bytes);
    return rc;
}

int varsdb_assign_json(varsdb *db, const varsdb_variable *variable, const char *json)
{
    vdb_buf bytes = {0};
    vdb_dims dims;
    int rc = enter_with(db, variable);
    if (rc == VARSDB_OK && !json)
        rc = vdb_misuse(db, "json is NULL");
    if (rc == VARSDB_OK) {
        rc = vdb_value_parse(&db->error, json, variable->dtype, &variable->shape, &dims, &bytes);
        if (rc == VARSDB_INVALID)
            vdb_fail_in(&db->error, "variable %s", variable->name);
    }
    if (rc == VARSDB_OK) {
        vdb_tensor t = {.dtype = variable->dtype, .elements = variable->elements, .bytes = bytes.size};
        t.data = bytes.data ? bytes.data : "";
        rc = assign(db, variable, &t);
        vdb_tensor_release(&t);
    }
    vdb_buf_release(&bytes);
    return rc;
}

int varsdb_initialize(varsdb *db, const varsdb_variable *variable, const char *initializer)
{
    vdb_initializer init;
    int rc = enter_with(db, variable);
    if (rc == VARSDB_OK && !initializer)
        rc = vdb_misuse(db, "an initializer is needed");
    /* its seed is the namespace's */
    if (rc == VARSDB_OK)
        rc = vdb_variable_check_namespace(db, variable);
    if (rc == VARSDB_OK)
        rc = vdb_initializer_open(&db->error, initializer, variable->dtype, &variable->shape, db->space.seed,
                                  variable->name, &init);
    if (rc != VARSDB_OK)
        return rc;
    vdb_tensor t = {0};
    rc = vdb_tensor_of_initializer(db, &init, &t);
    if (rc == VARSDB_OK && init.is_none)
        rc = vdb_fail(&db->error, VARSDB_INVALID, "variable %s: none is no value to assign", variable->name);
    if (rc == VARSDB_OK)
        rc = assign(db, variable, &t);
    vdb_tensor_release(&t);
    vdb_initializer_close(&init);
    return rc;
}
