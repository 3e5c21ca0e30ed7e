/* variable_initial.c - shape and initial value of a variable that is to be made. */
#include <string.h>

#include "name.h"
#include "value.h"
#include "variable.h"

/* Puts the variable's name before a message about its arguments. */
static int name_failure(varsdb *db, const vdb_request *r, int rc)
{
    if (rc != VARSDB_OK && rc != VARSDB_NOMEM)
        vdb_fail_in(&db->error, "variable %.*s", (int)r->name_bytes, r->name);
    return rc;
}

/* ---- which kind of value */

static bool has_value(const vdb_request *r)
{
    const varsdb_variable_options *o = r->options;
    return o->value || o->value_json || o->fill || o->make || r->value;
}

static int check_arguments(varsdb *db, const vdb_request *r)
{
    const varsdb_variable_options *o = r->options;
    int given = (o->initializer != NULL) + (o->value != NULL) + (o->value_json != NULL) + (o->fill != NULL) +
                (o->make != NULL) + (r->value != NULL);
    if (given > 1)
        return vdb_fail(&db->error, VARSDB_INVALID, "give an initializer or a value, not both");
    if (!o->shape && !o->value_json && !o->make)
        return vdb_fail(&db->error, VARSDB_INVALID, "it is new, so it needs a shape");
    return VARSDB_OK;
}

/* ---- a value that brings its shape */

static int check_made(varsdb *db, const vdb_creation *c, const varsdb_made_value *made)
{
    const varsdb_variable_options *o = c->request->options;
    if (!vdb_dtype_valid(made->dtype) || !made->data)
        return vdb_fail(&db->error, VARSDB_INVALID, "the callback made a value without dtype or data");
    if (o->dtype != VARSDB_DTYPE_NOT_SAID && o->dtype != made->dtype)
        return vdb_fail(&db->error, VARSDB_INVALID, "the callback made %s; the call says %s",
                        varsdb_dtype_name(made->dtype), varsdb_dtype_name(o->dtype));
    int rc = vdb_shape_check(&db->error, &made->shape, false);
    if (rc == VARSDB_OK && o->shape && !vdb_shape_agrees(o->shape, &made->shape))
        rc = vdb_fail(&db->error, VARSDB_INVALID, "the callback made another shape than the call says");
    return rc;
}

static int make_value(varsdb *db, vdb_creation *c)
{
    const varsdb_variable_options *o = c->request->options;
    varsdb_made_value made = {VARSDB_DTYPE_NOT_SAID, {0, NULL}, NULL, 0};
    db->calling++;
    int rc = o->make(o->initial_payload, &made);
    db->calling--;
    if (rc != VARSDB_OK)
        return vdb_fail(&db->error, rc, "its callback failed: %s", varsdb_errstr(rc));
    rc = check_made(db, c, &made);
    if (rc != VARSDB_OK)
        return rc;
    c->dtype = made.dtype;
    c->given = made.data;
    c->given_bytes = made.bytes;
    return vdb_shape_copy(&db->error, &made.shape, &c->dims);
}

/* ---- shape */

static int find_shape(varsdb *db, vdb_creation *c)
{
    const varsdb_variable_options *o = c->request->options;
    if (o->value_json)
        return vdb_value_parse(&db->error, o->value_json, c->dtype, o->shape, &c->dims, &c->value);
    if (o->make)
        return make_value(db, c);
    int rc = vdb_shape_check(&db->error, o->shape, false);
    return rc == VARSDB_OK ? vdb_shape_copy(&db->error, o->shape, &c->dims) : rc;
}

static int plan_shape(varsdb *db, vdb_creation *c)
{
    int rc = find_shape(db, c);
    c->shape = vdb_dims_shape(&c->dims);
    if (rc == VARSDB_OK)
        rc = vdb_shape_elements(&db->error, &c->shape, &c->tensor.elements);
    if (rc == VARSDB_OK && vdb_shape_print(&c->shape_text, &c->shape) != VARSDB_OK)
        rc = vdb_fail_nomem(&db->error);
    return rc;
}

static int plan_bytes(varsdb *db, vdb_creation *c)
{
    int64_t bytes;
    int rc = vdb_dtype_check_rows(&db->error, c->dtype, &c->shape);
    if (rc != VARSDB_OK)
        return rc;
    bool fits = c->dtype == VARSDB_STRING ? !__builtin_mul_overflow(c->tensor.elements, (int64_t)8, &bytes)
                                          : vdb_dtype_bytes(c->dtype, c->tensor.elements, &bytes);
    if (!fits)
        return vdb_fail(&db->error, VARSDB_INVALID, "%s %s is more bytes than can be counted",
                        varsdb_dtype_name(c->dtype), c->shape_text.data);
    c->tensor.dtype = c->dtype;
    c->tensor.bytes = (uint64_t)bytes;
    return VARSDB_OK;
}

/* ---- an initializer */

int vdb_creation_open_initializer(varsdb *db, vdb_creation *c, int64_t namespace_seed)
{
    const vdb_request *r = c->request;
    char *name = vdb_strndup(r->name, r->name_bytes);
    if (!name)
        return vdb_fail_nomem(&db->error);
    int rc =
        vdb_initializer_open(&db->error, c->initializer, c->dtype, &c->shape, namespace_seed, name, &c->init);
    vdb_free(name);
    c->has_init = rc == VARSDB_OK;
    if (rc == VARSDB_OK)
        rc = vdb_tensor_of_initializer(db, &c->init, &c->tensor);
    c->namespace_seed = namespace_seed;
    c->initialized = rc == VARSDB_OK && !c->init.is_none;
    return rc;
}

/* Before the shape is looked at: a dtype without a default comes before a shape that is missing. */
static int choose_initializer(varsdb *db, vdb_creation *c)
{
    const char *by_dtype = vdb_initializer_default(c->dtype);
    if (c->initializer || has_value(c->request))
        return VARSDB_OK;
    if (!by_dtype)
        return vdb_fail(&db->error, VARSDB_INVALID,
                        "%s has no default initializer; give one (\"none\" for no value yet)",
                        varsdb_dtype_name(c->dtype));
    c->initializer = vdb_strdup(by_dtype);
    return c->initializer ? VARSDB_OK : vdb_fail_nomem(&db->error);
}

static int plan_initializer(varsdb *db, vdb_creation *c)
{
    int64_t seed = db->space.id ? db->space.seed : db->new_seed ? *db->new_seed : vdb_random();
    return vdb_creation_open_initializer(db, c, seed);
}

/* ---- a value */

/* The caller's callback, which may not use the handle meanwhile. */
static int pull_fill(void *payload, int64_t tag, uint64_t offset, void *buffer, size_t bytes)
{
    vdb_creation *c = payload;
    const varsdb_variable_options *o = c->request->options;
    (void)tag;
    c->db->calling++;
    int rc = o->fill(o->initial_payload, c->dtype, &c->shape, offset, buffer, bytes);
    c->db->calling--;
    return rc;
}

/* Bytes in memory: as many as the shape takes; of strings, as many as they are. */
static int plan_memory(varsdb *db, vdb_creation *c, const void *data, size_t bytes)
{
    c->tensor.data = data;
    if (c->dtype == VARSDB_STRING) {
        c->tensor.bytes = bytes;
        return vdb_tensor_check_bytes(&db->error, c->dtype, c->tensor.elements, data, bytes);
    }
    if (bytes == c->tensor.bytes)
        return VARSDB_OK;
    return vdb_fail(&db->error, VARSDB_INVALID, "%s %s takes %llu bytes; the value has %zu",
                    varsdb_dtype_name(c->dtype), c->shape_text.data, (unsigned long long)c->tensor.bytes,
                    bytes);
}

static int plan_value(varsdb *db, vdb_creation *c)
{
    const vdb_request *r = c->request;
    const varsdb_variable_options *o = r->options;
    vdb_free(c->initializer);
    c->initializer = vdb_strdup(o->fill || o->make ? "callback" : "value");
    if (!c->initializer)
        return vdb_fail_nomem(&db->error);
    c->initialized = true;
    if (o->value_json)
        return plan_memory(db, c, c->value.data ? c->value.data : "", c->value.size);
    if (o->make)
        return plan_memory(db, c, c->given, c->given_bytes);
    if (o->value)
        return plan_memory(db, c, o->value, o->value_bytes);
    if (o->fill && c->dtype == VARSDB_STRING)
        return vdb_fail(&db->error, VARSDB_UNSUPPORTED, "strings cannot be filled by a callback; use make");
    c->tensor.source = o->fill ? pull_fill : NULL;
    c->tensor.payload = c;
    return VARSDB_OK;
}

int vdb_creation_plan_initial(varsdb *db, vdb_creation *c)
{
    int rc = choose_initializer(db, c);
    if (rc == VARSDB_OK)
        rc = check_arguments(db, c->request);
    if (rc == VARSDB_OK)
        rc = plan_shape(db, c);
    if (rc == VARSDB_OK)
        rc = plan_bytes(db, c);
    if (rc == VARSDB_OK)
        rc = has_value(c->request) ? plan_value(db, c) : plan_initializer(db, c);
    return name_failure(db, c->request, rc);
}
