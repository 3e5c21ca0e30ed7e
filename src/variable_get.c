/*
 * variable_get.c - get or create.
 *
 * The look-up comes first and takes no lock.  What it does not find is planned, and
 * a small initial value computed, still without a lock; then the write lock is
 * taken and the look-up repeated, because between the two somebody else may have
 * created the variable.  Who comes second gets what is there.
 */
#include "collection.h"
#include "name.h"
#include "namespace.h"
#include "scope_row.h"
#include "transaction.h"
#include "variable.h"

/* ---- the request */

const varsdb_variable_options vdb_no_variable_options = {.size = sizeof vdb_no_variable_options};

static int check_options(varsdb *db, const varsdb_variable_options *o)
{
    if (o->size < sizeof *o)
        return vdb_misuse(db, "variable options without their size; use VARSDB_WITH()");
    if ((unsigned)o->reuse > VARSDB_CREATE)
        return vdb_fail(&db->error, VARSDB_INVALID, "reuse is INHERIT, REQUIRE, AUTO or CREATE, not %d",
                        (int)o->reuse);
    if ((unsigned)o->trainable > VARSDB_NO)
        return vdb_fail(&db->error, VARSDB_INVALID, "trainable is YES, NO or NOT_SAID, not %d",
                        (int)o->trainable);
    if (o->dtype != VARSDB_DTYPE_NOT_SAID && !vdb_dtype_valid(o->dtype))
        return vdb_fail(&db->error, VARSDB_INVALID, "%d is no dtype", (int)o->dtype);
    if (o->value_dtype != VARSDB_DTYPE_NOT_SAID && !vdb_dtype_valid(o->value_dtype))
        return vdb_fail(&db->error, VARSDB_INVALID, "%d is no dtype", (int)o->value_dtype);
    if (o->value && o->value_dtype != VARSDB_DTYPE_NOT_SAID && o->dtype != VARSDB_DTYPE_NOT_SAID &&
        o->value_dtype != o->dtype)
        return vdb_fail(&db->error, VARSDB_INVALID, "the value is %s, and the call says %s",
                        varsdb_dtype_name(o->value_dtype), varsdb_dtype_name(o->dtype));
    return o->shape ? vdb_shape_check(&db->error, o->shape, true) : VARSDB_OK;
}

/* The full name, in the handle's scratch buffer. */
static int full_name(varsdb *db, const char *name, vdb_request *r)
{
    vdb_buf *full = &db->full_name;
    const varsdb_scope *scope = vdb_scope_current(db);
    size_t bytes = vdb_name_without_output(name, strlen(name));
    vdb_buf_reset(full);
    int rc = vdb_buf_append(full, scope->path, scope->path_bytes);
    if (rc == VARSDB_OK && scope->path_bytes)
        rc = vdb_buf_append(full, "/", 1);
    if (rc == VARSDB_OK)
        rc = vdb_buf_append(full, name, bytes);
    if (rc != VARSDB_OK)
        return vdb_fail_nomem(&db->error);
    r->name = full->data;
    r->name_bytes = full->size;
    return VARSDB_OK;
}

varsdb_reuse vdb_variable_effective_reuse(varsdb *db, const varsdb_variable_options *o)
{
    return o->reuse == VARSDB_INHERIT ? vdb_scope_current(db)->attributes.reuse : o->reuse;
}

/* ---- what is there */

static int fail_shape(varsdb *db, const varsdb_variable *v, const varsdb_shape *asked)
{
    vdb_buf wanted = {0}, stored = {0};
    int rc = vdb_shape_print(&wanted, asked);
    if (rc == VARSDB_OK)
        rc = vdb_shape_print(&stored, &v->shape);
    if (rc == VARSDB_OK)
        rc = vdb_variable_fail(db, v, VARSDB_MISMATCH, "variable %s has shape %s, not the requested %s",
                               v->name, stored.data, wanted.data);
    else
        rc = vdb_fail_nomem(&db->error);
    vdb_buf_release(&wanted);
    vdb_buf_release(&stored);
    return rc;
}

static int check_agreement(varsdb *db, const varsdb_variable *v, const vdb_request *r)
{
    const varsdb_variable_options *o = r->options;
    if (r->reuse == VARSDB_CREATE)
        return vdb_variable_fail(db, v, VARSDB_EXISTS, "variable %s exists already; reuse AUTO would get it",
                                 v->name);
    if (o->shape && !vdb_shape_agrees(o->shape, &v->shape))
        return fail_shape(db, v, o->shape);
    if (o->dtype != VARSDB_DTYPE_NOT_SAID && o->dtype != v->dtype)
        return vdb_variable_fail(db, v, VARSDB_MISMATCH, "variable %s has dtype %s, not the requested %s",
                                 v->name, varsdb_dtype_name(v->dtype), varsdb_dtype_name(o->dtype));
    return VARSDB_OK;
}

/* Collections that the call guarantees and the variable is not in yet. */
static int lacks_collection(varsdb *db, const varsdb_variable *v, const vdb_request *r, bool *out)
{
    unsigned wanted = r->kind == VDB_KIND_MODEL ? VDB_IN_GLOBAL | VDB_IN_MODEL : 0;
    bool there = (v->members & wanted) == wanted;
    for (const char *const *name = r->options->collections; name && *name; name++) {
        int rc = vdb_collection_check_name(&db->error, vdb_collection_name(*name));
        if (rc == VARSDB_OK && there)
            rc = vdb_collection_has(db, v, vdb_collection_name(*name), &there);
        if (rc != VARSDB_OK)
            return rc;
    }
    *out = !there;
    return VARSDB_OK;
}

static int join_collections(varsdb *db, varsdb_variable *v, const vdb_request *r)
{
    int rc = r->kind == VDB_KIND_MODEL ? vdb_collection_add(db, v, VARSDB_MODEL) : VARSDB_OK;
    for (const char *const *name = r->options->collections; rc == VARSDB_OK && name && *name; name++)
        rc = vdb_collection_add(db, v, vdb_collection_name(*name));
    return rc;
}

static int reuse_locked(varsdb *db, varsdb_variable *v, const vdb_request *r)
{
    bool lacks = false;
    int rc = check_agreement(db, v, r);
    if (rc == VARSDB_OK)
        rc = lacks_collection(db, v, r, &lacks);
    return rc == VARSDB_OK && lacks ? join_collections(db, v, r) : rc;
}

/* ---- the two ways */

static int create_locked(varsdb *db, vdb_creation *c, int *created, varsdb_variable **out)
{
    varsdb_variable *v;
    int rc = vdb_variable_lookup(db, c->request->name, c->request->name_bytes, &v);
    if (rc != VARSDB_OK)
        return rc;
    *created = !v;
    if (v)
        rc = reuse_locked(db, v, c->request);
    else
        rc = vdb_creation_write(db, c, &v);
    if (rc == VARSDB_OK)
        *out = v;
    return rc;
}

static int create(varsdb *db, const vdb_request *r, int *created, varsdb_variable **out)
{
    vdb_creation c;
    vdb_write w;
    int rc = vdb_creation_plan(db, r, &c);
    if (rc == VARSDB_OK)
        rc = vdb_creation_prepare(db, &c);
    if (rc == VARSDB_OK)
        rc = vdb_write_begin(db, &w);
    if (rc == VARSDB_OK)
        rc = vdb_write_end(db, &w, create_locked(db, &c, created, out));
    if (rc == VARSDB_READONLY)
        vdb_fail_in(&db->error, "variable %.*s does not exist and cannot be created", (int)r->name_bytes,
                    r->name);
    vdb_creation_release(&c);
    return rc;
}

/* Joins what the call guarantees; only then is the lock needed.  The variable was found without it,
 * so by now the name may be another variable's, or nobody's: then *out is NULL. */
static int reuse(varsdb *db, const vdb_request *r, varsdb_variable *found, varsdb_variable **out)
{
    bool lacks = false;
    vdb_write w;
    varsdb_variable *v = found;
    int rc = check_agreement(db, v, r);
    if (rc == VARSDB_OK)
        rc = lacks_collection(db, v, r, &lacks);
    if (rc == VARSDB_OK && lacks)
        rc = vdb_write_begin(db, &w);
    if (rc == VARSDB_OK && lacks) {
        rc = vdb_variable_lookup(db, r->name, r->name_bytes, &v);
        rc = vdb_write_end(db, &w, rc == VARSDB_OK && v ? reuse_locked(db, v, r) : rc);
    }
    if (rc == VARSDB_READONLY)
        vdb_fail_in(&db->error, "variable %s cannot join its collections", found->name);
    if (rc == VARSDB_OK)
        *out = v;
    return rc;
}

static int get_or_create(varsdb *db, const vdb_request *r, int *created, varsdb_variable **out)
{
    varsdb_variable *v = NULL;
    *created = 0;
    while (!v) {
        int rc = vdb_transaction_refresh(db);
        if (rc == VARSDB_OK)
            rc = vdb_variable_lookup(db, r->name, r->name_bytes, &v);
        if (rc != VARSDB_OK)
            return rc;
        if (!v && r->reuse == VARSDB_REQUIRE)
            return vdb_fail(&db->error, VARSDB_NOTFOUND,
                            "variable %.*s does not exist in namespace %s; reuse AUTO would create it",
                            (int)r->name_bytes, r->name, db->space.name);
        /* Deleted or renamed before reuse had the lock: look again. */
        rc = v ? reuse(db, r, v, &v) : create(db, r, created, &v);
        if (rc != VARSDB_OK)
            return rc;
    }
    *out = v;
    return VARSDB_OK;
}

/* ---- public */

int vdb_variable_get_from_registry(varsdb *db, const vdb_request *r, int *created,
                                   const varsdb_variable **out)
{
    int made = 0;
    varsdb_variable *v;
    int rc = get_or_create(db, r, &made, &v);
    if (rc != VARSDB_OK)
        return rc;
    if (created)
        *created = made;
    *out = v;
    return VARSDB_OK;
}

int vdb_variable_check_call(varsdb *db, const char *name, const varsdb_variable_options *options,
                            const varsdb_variable **out)
{
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && (!name || !out))
        rc = vdb_misuse(db, "a name, and a place for the variable, are needed");
    if (rc != VARSDB_OK)
        return rc;
    rc = check_options(db, options);
    if (rc == VARSDB_INVALID)
        vdb_fail_in(&db->error, "variable %.200s", name);
    return rc;
}

static int get(varsdb *db, vdb_variable_kind kind, const char *name, const varsdb_variable_options *options,
               int *created, const varsdb_variable **out)
{
    vdb_request r = {.kind = kind, .options = options ? options : &vdb_no_variable_options};
    int rc = vdb_variable_check_call(db, name, r.options, out);
    if (rc == VARSDB_OK)
        rc = full_name(db, name, &r);
    if (rc != VARSDB_OK)
        return rc;
    r.reuse = vdb_variable_effective_reuse(db, r.options);
    const vdb_scope_attributes *scope = &vdb_scope_current(db)->attributes;
    vdb_getter own = {r.options->getter, r.options->getter_payload};
    if (own.call)
        return vdb_variable_get_through(db, &r, &own, 1, created, out);
    if (scope->getter_count)
        return vdb_variable_get_through(db, &r, scope->getters, scope->getter_count, created, out);
    return vdb_variable_get_from_registry(db, &r, created, out);
}

int varsdb_get_variable(varsdb *db, const char *name, const varsdb_variable_options *options, int *created,
                        const varsdb_variable **out)
{
    return get(db, VDB_KIND_PLAIN, name, options, created, out);
}

int varsdb_model_variable(varsdb *db, const char *name, const varsdb_variable_options *options, int *created,
                          const varsdb_variable **out)
{
    return get(db, VDB_KIND_MODEL, name, options, created, out);
}

int varsdb_local_variable(varsdb *db, const char *name, const varsdb_variable_options *options, int *created,
                          const varsdb_variable **out)
{
    return get(db, VDB_KIND_LOCAL, name, options, created, out);
}

int vdb_variable_import(varsdb *db, const char *full, const varsdb_variable_options *options,
                        vdb_tensor *value, const varsdb_variable **out)
{
    vdb_request r = {
        .name = full,
        .name_bytes = strlen(full),
        .stored_name = true,
        .reuse = VARSDB_CREATE,
        .options = options,
        .value = value,
    };
    int made;
    varsdb_variable *v;
    int rc = check_options(db, options);
    if (rc == VARSDB_OK)
        rc = get_or_create(db, &r, &made, &v);
    if (rc == VARSDB_OK)
        *out = v;
    return rc;
}
