/* variable_value.c - assigning and reading values. */
#include "namespace.h"
#include "transaction.h"
#include "value.h"
#include "variable.h"
#include "variable_row.h"

/* ---- assign */

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

static int assign_locked(varsdb *db, const varsdb_variable *variable, vdb_tensor *t)
{
    varsdb_variable *v;
    int64_t tensor = 0;
    int rc = vdb_variable_revive(db, variable, &v);
    if (rc == VARSDB_OK)
        rc = vdb_tensor_store(db, t, &tensor);
    return rc == VARSDB_OK ? vdb_variable_set_tensor(db, v, t, tensor) : rc;
}

static int assign(varsdb *db, const varsdb_variable *variable, vdb_tensor *t)
{
    vdb_write w;
    int rc = vdb_tensor_prepare(db, t);
    if (rc == VARSDB_INVALID)
        vdb_fail_in(&db->error, "variable %s", variable->name);
    if (rc == VARSDB_OK)
        rc = vdb_write_begin(db, &w);
    return rc == VARSDB_OK ? vdb_write_end(db, &w, assign_locked(db, variable, t)) : rc;
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
        rc = assign_locked(db, v, &t);
    vdb_tensor_release(&t);
    return rc;
}

int varsdb_assign(varsdb *db, const varsdb_variable *variable, const void *data, size_t bytes)
{
    vdb_tensor t;
    int rc = enter_with(db, variable);
    if (rc == VARSDB_OK && !data && bytes)
        rc = vdb_misuse(db, "data is NULL");
    if (rc != VARSDB_OK)
        return rc;
    rc = tensor_of_bytes(db, variable, data, bytes, &t);
    if (rc == VARSDB_OK)
        rc = assign(db, variable, &t);
    vdb_tensor_release(&t);
    return rc;
}

static int put_string(vdb_buf *out, const char *string, size_t bytes)
{
    unsigned char length[8];
    for (int i = 0; i < 8; i++)
        length[i] = (unsigned char)((uint64_t)bytes >> (8 * i));
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
        if (put_string(&bytes, strings[i], sizes ? sizes[i] : strlen(strings[i])) != VARSDB_OK)
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

int vdb_variable_assign_from(varsdb *db, const varsdb_variable *v, vdb_tensor_source_cb source, void *payload,
                             int64_t tag)
{
    vdb_tensor t = {
        .dtype = v->dtype, .elements = v->elements, .source = source, .payload = payload, .tag = tag};
    int rc = vdb_variable_canonical_bytes(db, v, &t.bytes);
    if (rc == VARSDB_OK)
        rc = assign(db, v, &t);
    vdb_tensor_release(&t);
    return rc;
}

/* ---- read */

/* The id of the variable's tensor. */
static int tensor_of(varsdb *db, const varsdb_variable *v, int64_t *out)
{
    vdb_variable_row row;
    int rc = vdb_variable_row_by_id(db, v->id, v->uid, &row);
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
    int64_t tensor = 0;
    uint64_t there;
    int rc = vdb_variable_revive(db, variable, &v);
    if (rc == VARSDB_OK)
        rc = tensor_of(db, v, &tensor);
    if (rc == VARSDB_OK && range->whole) {
        rc = vdb_tensor_bytes(db, tensor, v->name, &there);
        if (rc == VARSDB_OK && there != range->bytes)
            rc = vdb_fail(&db->error, VARSDB_INVALID, "variable %s has %llu bytes; room was given for %zu",
                          v->name, (unsigned long long)there, range->bytes);
    }
    return rc == VARSDB_OK ? vdb_tensor_read(db, tensor, v->name, range->offset, range->buffer, range->bytes)
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

/* ---- strings */

/* A piece of the tensor in memory; strings are short and many, reads are checked and dear. */
typedef struct string_window {
    varsdb *db;
    const char *name;
    int64_t tensor;
    uint64_t end; /* of the tensor */
    uint64_t begin;
    vdb_buf bytes;
} string_window;

/* Bytes [at, at + bytes) of the tensor, in memory until the next call. */
static int window_get(string_window *w, uint64_t at, uint64_t bytes, const char **out)
{
    if (at > w->end || bytes > w->end - at)
        return vdb_fail(&w->db->error, VARSDB_CORRUPT, "%s: the strings of variable %s are damaged",
                        w->db->path, w->name);
    if (at < w->begin || at + bytes > w->begin + w->bytes.size) {
        uint64_t wanted = bytes > (uint64_t)w->db->chunk_bytes ? bytes : (uint64_t)w->db->chunk_bytes;
        void *room;
        vdb_buf_reset(&w->bytes);
        w->begin = at;
        if (wanted > w->end - at)
            wanted = w->end - at;
        if (vdb_buf_extend(&w->bytes, (size_t)wanted, &room) != VARSDB_OK)
            return vdb_fail_nomem(&w->db->error);
        int rc = vdb_tensor_read(w->db, w->tensor, w->name, at, room, (size_t)wanted);
        if (rc != VARSDB_OK) {
            vdb_buf_reset(&w->bytes);
            return rc;
        }
    }
    *out = w->bytes.data + (at - w->begin);
    return VARSDB_OK;
}

static int next_string(string_window *w, uint64_t *at, const char **string, uint64_t *length)
{
    const char *head;
    uint64_t n = 0;
    int rc = window_get(w, *at, 8, &head);
    for (int i = 7; rc == VARSDB_OK && i >= 0; i--)
        n = n << 8 | (unsigned char)head[i];
    if (rc == VARSDB_OK)
        rc = window_get(w, *at + 8, n, string);
    if (rc != VARSDB_OK)
        return rc;
    *at += 8 + n;
    *length = n;
    return VARSDB_OK;
}

static int each_string(string_window *w, int64_t count, varsdb_string_cb callback, void *payload)
{
    uint64_t at = 0, length;
    const char *string;
    vdb_buf copy = {0};
    int rc = VARSDB_OK;
    for (int64_t i = 0; rc == VARSDB_OK && i < count; i++) {
        rc = next_string(w, &at, &string, &length);
        if (rc != VARSDB_OK)
            break;
        /* the callback gets a NUL behind it, which the window has not */
        vdb_buf_reset(&copy);
        if (vdb_buf_append(&copy, string, (size_t)length) != VARSDB_OK)
            rc = vdb_fail_nomem(&w->db->error);
        else if (callback(payload, copy.data, copy.size) != 0)
            rc = vdb_fail(&w->db->error, VARSDB_CANCELLED, "the callback stopped the reading");
    }
    vdb_buf_release(&copy);
    return rc;
}

static int read_strings(varsdb *db, const varsdb_variable *variable, varsdb_string_cb callback, void *payload)
{
    varsdb_variable *v;
    string_window w = {.db = db};
    int rc = vdb_variable_revive(db, variable, &v);
    if (rc == VARSDB_OK && v->dtype != VARSDB_STRING)
        rc = vdb_fail(&db->error, VARSDB_INVALID, "variable %s holds %s, not strings", v->name,
                      varsdb_dtype_name(v->dtype));
    if (rc == VARSDB_OK)
        rc = tensor_of(db, v, &w.tensor);
    if (rc == VARSDB_OK) {
        w.name = v->name;
        rc = vdb_tensor_bytes(db, w.tensor, v->name, &w.end);
    }
    if (rc == VARSDB_OK)
        rc = each_string(&w, v->elements, callback, payload);
    vdb_buf_release(&w.bytes);
    return rc;
}

int varsdb_read_strings(varsdb *db, const varsdb_variable *variable, varsdb_string_cb callback, void *payload)
{
    vdb_read r;
    int rc = vdb_list_begin(db, callback != NULL, &r);
    return rc == VARSDB_OK ? vdb_list_end(db, &r, read_strings(db, variable, callback, payload)) : rc;
}
