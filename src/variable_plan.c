/*
 * variable_plan.c - what a new variable is made of: decided and checked before
 * anything is locked or written.
 */
#include <string.h>

#include "collection.h"
#include "name.h"
#include "regularizer.h"
#include "scope_row.h"
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

/* The call's, the array's own, the open scope's, the persistent scope's. */
static varsdb_dtype first_dtype(varsdb_dtype call, varsdb_dtype array, varsdb_dtype scope,
                                varsdb_dtype persistent)
{
    if (call)
        return call;
    if (array)
        return array;
    if (scope)
        return scope;
    return persistent ? persistent : VARSDB_FLOAT32;
}

static int plan_attributes(varsdb *db, vdb_creation *c)
{
    const vdb_request *r = c->request;
    const varsdb_variable_options *o = r->options;
    const vdb_scope_attributes *scope = &vdb_scope_current(db)->attributes;
    vdb_scope_node *node;
    size_t scope_bytes = vdb_name_scope_bytes(r->name, r->name_bytes);
    int rc = vdb_scope_row_resolve(db, r->name, scope_bytes, &node);
    if (rc != VARSDB_OK)
        return rc;
    c->dtype =
        first_dtype(o->dtype, o->value ? o->value_dtype : VARSDB_DTYPE_NOT_SAID, scope->dtype, node->dtype);
    c->constraint = o->constraint ? o->constraint : scope->constraint;
    rc = choose(db, &c->initializer, o->initializer, scope->initializer, node->initializer);
    if (rc == VARSDB_OK)
        rc = choose(db, &c->regularizer, o->regularizer, scope->regularizer, node->regularizer);
    if (rc == VARSDB_OK)
        rc = choose(db, &c->partitioner, o->partitioner, scope->partitioner, node->partitioner);
    drop_if_off(&c->regularizer);
    drop_if_off(&c->partitioner);
    return rc == VARSDB_OK && c->regularizer ? vdb_regularizer_check(&db->error, c->regularizer) : rc;
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
    const vdb_scope_attributes *scope = &vdb_scope_current(db)->attributes;
    const char *const *given = r->options->collections;
    bool model = r->kind == VDB_KIND_MODEL, local = r->kind == VDB_KIND_LOCAL;
    bool trainable = !local && r->options->trainable != VARSDB_NO;
    int rc = VARSDB_OK;
    if (!given)
        given = (const char *const *)scope->collections;
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
    *out = (vdb_creation){.db = db, .request = r};
    int rc = r->stored_name ? vdb_name_check_stored(&db->error, "variable", r->name, r->name_bytes)
                            : vdb_name_check_created(&db->error, "variable", r->name, r->name_bytes);
    if (rc == VARSDB_OK)
        rc = plan_attributes(db, out);
    if (rc == VARSDB_OK)
        rc = vdb_creation_plan_initial(db, out);
    if (rc == VARSDB_OK)
        rc = plan_partition(db, out);
    if (rc == VARSDB_OK)
        rc = plan_collections(db, out);
    return rc;
}

int vdb_creation_prepare(varsdb *db, vdb_creation *c)
{
    vdb_tensor *t = c->request->value ? c->request->value : &c->tensor;
    int rc = c->initialized && !t->prepared ? vdb_tensor_prepare(db, t) : VARSDB_OK;
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
