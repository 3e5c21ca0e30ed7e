/*
 * variable_plan.c - what a new variable is made of: decided and checked before
 * anything is locked or written.
 */
#include <string.h>

#include "collection.h"
#include "name.h"
#include "regularizer.h"
#include "scope_row.h"
#include "value.h"
#include "variable.h"

/* ---- attributes: argument, open scope, persistent scope, default of the dtype */

static int choose(varsdb *db, char **out, const char *argument, const char *scope, const char *persistent)
{
    const char *text = argument ? argument : scope ? scope : persistent;
    *out = text ? vdb_strdup(text) : NULL;
    return text && !*out ? vdb_fail_nomem(&db->error) : VARSDB_OK;
}

/* "none" switches off what would be inherited. */
static void drop_if_off(char **spec)
{
    if (*spec && strcmp(*spec, "none") == 0) {
        vdb_free(*spec);
        *spec = NULL;
    }
}

static int plan_attributes(varsdb *db, vdb_creation *c)
{
    const vdb_request *r = c->request;
    const varsdb_variable_options *o = r->options;
    const varsdb_scope *scope = vdb_scope_current(db);
    vdb_scope_node *node;
    size_t scope_bytes = vdb_name_scope_bytes(r->name, r->name_bytes);
    int rc = vdb_scope_row_resolve(db, r->name, scope_bytes, &node);
    if (rc != VARSDB_OK)
        return rc;
    c->dtype = o->dtype ? o->dtype : scope->dtype ? scope->dtype : node->dtype ? node->dtype : VARSDB_FLOAT32;
    rc = choose(db, &c->initializer, o->initializer, scope->initializer, node->initializer);
    if (rc == VARSDB_OK)
        rc = choose(db, &c->regularizer, o->regularizer, scope->regularizer, node->regularizer);
    if (rc == VARSDB_OK)
        rc = choose(db, &c->partitioner, o->partitioner, scope->partitioner, node->partitioner);
    drop_if_off(&c->regularizer);
    drop_if_off(&c->partitioner);
    return rc == VARSDB_OK && c->regularizer ? vdb_regularizer_check(&db->error, c->regularizer) : rc;
}

/* ---- shape and value */

static bool has_value(const vdb_request *r)
{
    return r->options->value || r->options->value_json || r->source;
}

static int check_value_arguments(varsdb *db, const vdb_request *r)
{
    const varsdb_variable_options *o = r->options;
    int given = (o->value != NULL) + (o->value_json != NULL) + (o->initializer != NULL) + (r->source != NULL);
    if (given > 1)
        return vdb_fail(&db->error, VARSDB_INVALID, "variable %.*s: give an initializer or a value, not both",
                        (int)r->name_bytes, r->name);
    if (!o->shape && !o->value_json)
        return vdb_fail(&db->error, VARSDB_INVALID, "variable %.*s is new, so it needs a shape",
                        (int)r->name_bytes, r->name);
    return VARSDB_OK;
}

static int plan_shape(varsdb *db, vdb_creation *c)
{
    const vdb_request *r = c->request;
    const varsdb_variable_options *o = r->options;
    int rc = check_value_arguments(db, r);
    if (rc != VARSDB_OK)
        return rc;
    if (o->value_json)
        rc = vdb_value_parse(&db->error, o->value_json, c->dtype, o->shape, &c->dims, &c->value);
    else if ((rc = vdb_shape_check(&db->error, o->shape, false)) == VARSDB_OK)
        rc = vdb_shape_copy(&db->error, o->shape, &c->dims);
    c->shape = vdb_dims_shape(&c->dims);
    if (rc == VARSDB_OK)
        rc = vdb_shape_elements(&db->error, &c->shape, &c->tensor.elements);
    if (rc == VARSDB_OK && vdb_shape_print(&c->shape_text, &c->shape) != VARSDB_OK)
        rc = vdb_fail_nomem(&db->error);
    if (rc != VARSDB_OK && rc != VARSDB_NOMEM)
        vdb_fail_in(&db->error, "variable %.*s", (int)r->name_bytes, r->name);
    return rc;
}

static int plan_bytes(varsdb *db, vdb_creation *c)
{
    int64_t bytes;
    bool fits = c->dtype == VARSDB_STRING ? !__builtin_mul_overflow(c->tensor.elements, (int64_t)8, &bytes)
                                          : vdb_dtype_bytes(c->dtype, c->tensor.elements, &bytes);
    if (!fits)
        return vdb_fail(&db->error, VARSDB_INVALID, "variable %.*s: %s %s is more bytes than can be counted",
                        (int)c->request->name_bytes, c->request->name, varsdb_dtype_name(c->dtype),
                        c->shape_text.data);
    c->tensor.dtype = c->dtype;
    c->tensor.bytes = (uint64_t)bytes;
    return VARSDB_OK;
}

/* ---- the initial value */

int vdb_creation_open_initializer(varsdb *db, vdb_creation *c, int64_t namespace_seed)
{
    const vdb_request *r = c->request;
    char *name = vdb_strndup(r->name, r->name_bytes);
    if (!name)
        return vdb_fail_nomem(&db->error);
    int rc =
        vdb_initializer_open(&db->error, c->initializer, c->dtype, &c->shape, namespace_seed, name, &c->init);
    c->has_init = rc == VARSDB_OK;
    if (rc == VARSDB_OK)
        rc = vdb_tensor_of_initializer(db, &c->init, &c->tensor);
    if (rc != VARSDB_OK && rc != VARSDB_NOMEM)
        vdb_fail_in(&db->error, "variable %s", name);
    vdb_free(name);
    c->namespace_seed = namespace_seed;
    c->initialized = rc == VARSDB_OK && !c->init.is_none;
    return rc;
}

static int plan_initializer(varsdb *db, vdb_creation *c)
{
    const char *by_dtype = vdb_initializer_default(c->dtype);
    if (!c->initializer && by_dtype && !(c->initializer = vdb_strdup(by_dtype)))
        return vdb_fail_nomem(&db->error);
    if (!c->initializer)
        return vdb_fail(&db->error, VARSDB_INVALID,
                        "variable %.*s: %s has no default initializer; give one (\"none\" for no value yet)",
                        (int)c->request->name_bytes, c->request->name, varsdb_dtype_name(c->dtype));
    int64_t seed = db->space.id ? db->space.seed : db->new_seed ? *db->new_seed : vdb_random();
    return vdb_creation_open_initializer(db, c, seed);
}

static int fail_value_bytes(varsdb *db, const vdb_creation *c)
{
    return vdb_fail(&db->error, VARSDB_INVALID, "variable %.*s: %s %s takes %llu bytes; the value has %llu",
                    (int)c->request->name_bytes, c->request->name, varsdb_dtype_name(c->dtype),
                    c->shape_text.data, (unsigned long long)c->tensor.bytes,
                    (unsigned long long)c->request->options->value_bytes);
}

static int plan_value(varsdb *db, vdb_creation *c)
{
    const vdb_request *r = c->request;
    int rc = plan_bytes(db, c);
    if (rc != VARSDB_OK || !has_value(r))
        return rc == VARSDB_OK ? plan_initializer(db, c) : rc;
    vdb_free(c->initializer);
    c->initializer = vdb_strdup("value");
    if (!c->initializer)
        return vdb_fail_nomem(&db->error);
    c->initialized = true;
    if (r->source) {
        c->tensor.source = r->source;
        c->tensor.payload = r->payload;
        c->tensor.tag = r->tag;
        return VARSDB_OK;
    }
    if (r->options->value_json) {
        c->tensor.data = c->value.data ? c->value.data : "";
        c->tensor.bytes = c->value.size;
        return VARSDB_OK;
    }
    c->tensor.data = r->options->value;
    if (c->dtype == VARSDB_STRING) {
        c->tensor.bytes = r->options->value_bytes;
        return vdb_tensor_check_bytes(&db->error, c->dtype, c->tensor.elements, c->tensor.data,
                                      c->tensor.bytes);
    }
    return r->options->value_bytes == c->tensor.bytes ? VARSDB_OK : fail_value_bytes(db, c);
}

/* ---- partition and collections */

static int plan_partition(varsdb *db, vdb_creation *c)
{
    /* A scalar ignores a partitioner that it merely inherited. */
    if (!c->partitioner || (c->shape.rank == 0 && !c->request->options->partitioner))
        return VARSDB_OK;
    c->is_partitioned = true;
    return vdb_partition_plan(&db->error, c->partitioner, c->dtype, &c->shape, &c->partition);
}

static int add_collection(varsdb *db, vdb_creation *c, const char *name)
{
    for (size_t i = 0; i < c->collection_count; i++)
        if (strcmp(c->collections[i], name) == 0)
            return VARSDB_OK;
    int rc = vdb_collection_check_name(&db->error, name);
    if (rc == VARSDB_OK && c->collection_count == VDB_COLLECTIONS_MAX)
        rc = vdb_fail(&db->error, VARSDB_INVALID, "variable %.*s: more than %d collections at creation",
                      (int)c->request->name_bytes, c->request->name, VDB_COLLECTIONS_MAX);
    if (rc == VARSDB_OK)
        c->collections[c->collection_count++] = name;
    return rc;
}

static int plan_collections(varsdb *db, vdb_creation *c)
{
    const vdb_request *r = c->request;
    const char *const *given = r->options->collections;
    bool model = r->kind == VDB_KIND_MODEL, local = r->kind == VDB_KIND_LOCAL;
    bool trainable = !local && r->options->trainable != VARSDB_NO;
    int rc = VARSDB_OK;
    for (size_t i = 0; given && given[i]; i++)
        model = model || strcmp(vdb_collection_name(given[i]), VARSDB_MODEL) == 0;
    if (model || (!given && !local))
        rc = add_collection(db, c, VARSDB_GLOBAL);
    if (rc == VARSDB_OK && local)
        rc = add_collection(db, c, VARSDB_LOCAL);
    if (rc == VARSDB_OK && model)
        rc = add_collection(db, c, VARSDB_MODEL);
    if (rc == VARSDB_OK && trainable)
        rc = add_collection(db, c, VARSDB_TRAINABLE);
    for (size_t i = 0; rc == VARSDB_OK && given && given[i]; i++)
        rc = add_collection(db, c, vdb_collection_name(given[i]));
    if (rc == VARSDB_OK && c->regularizer)
        rc = add_collection(db, c, VARSDB_REGULARIZATION_LOSSES);
    return rc;
}

int vdb_creation_plan(varsdb *db, const vdb_request *r, vdb_creation *out)
{
    *out = (vdb_creation){.request = r};
    int rc = r->stored_name ? vdb_name_check_stored(&db->error, "variable", r->name, r->name_bytes)
                            : vdb_name_check_created(&db->error, "variable", r->name, r->name_bytes);
    if (rc == VARSDB_OK)
        rc = plan_attributes(db, out);
    if (rc == VARSDB_OK)
        rc = plan_shape(db, out);
    if (rc == VARSDB_OK)
        rc = plan_value(db, out);
    if (rc == VARSDB_OK)
        rc = plan_partition(db, out);
    if (rc == VARSDB_OK)
        rc = plan_collections(db, out);
    return rc;
}

int vdb_creation_prepare(varsdb *db, vdb_creation *c)
{
    int rc = c->initialized ? vdb_tensor_prepare(db, &c->tensor) : VARSDB_OK;
    if (rc == VARSDB_INVALID)
        vdb_fail_in(&db->error, "variable %.*s", (int)c->request->name_bytes, c->request->name);
    return rc;
}

void vdb_creation_release(vdb_creation *c)
{
    vdb_tensor_release(&c->tensor);
    if (c->has_init)
        vdb_initializer_close(&c->init);
    vdb_free(c->initializer);
    vdb_free(c->regularizer);
    vdb_free(c->partitioner);
    vdb_buf_release(&c->shape_text);
    vdb_buf_release(&c->value);
}
