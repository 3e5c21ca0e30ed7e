/* global_step.c - the one variable that counts training steps. */
#include "collection.h"
#include "transaction.h"
#include "variable.h"
#include "variable_row.h"

#define STEP_NAME "global_step"

/* *out is NULL when there is none: neither a member of the collection, nor a variable of
 * the name at the root. */
static int find(varsdb *db, varsdb_variable **out)
{
    vdb_members members;
    vdb_variable_row row;
    *out = NULL;
    int rc = vdb_members_load(db, VARSDB_GLOBAL_STEP, &members);
    if (rc == VARSDB_OK && members.count > 1)
        rc = vdb_fail(&db->error, VARSDB_INVALID,
                      "%zu variables are in collection %s; one can be the global step", members.count,
                      VARSDB_GLOBAL_STEP);
    if (rc == VARSDB_OK && members.count == 1) {
        rc = vdb_variable_row_by_id(db, members.member[0].id, members.member[0].uid, &row);
        if (rc == VARSDB_OK)
            rc = vdb_variable_row_learn(db, &row, out);
        vdb_variable_row_release(db, &row);
    } else if (rc == VARSDB_OK) {
        rc = vdb_variable_lookup(db, STEP_NAME, strlen(STEP_NAME), out);
    }
    vdb_members_release(&members);
    return rc;
}

static int check(varsdb *db, const varsdb_variable *v)
{
    vdb_dtype_class kind = vdb_dtype_class_of(v->dtype);
    if (kind != VDB_CLASS_SIGNED && kind != VDB_CLASS_UNSIGNED)
        return vdb_fail(&db->error, VARSDB_INVALID, "%s is %s; a global step is an integer", v->name,
                        varsdb_dtype_name(v->dtype));
    if (v->shape.rank != 0)
        return vdb_fail(&db->error, VARSDB_INVALID, "%s has rank %d; a global step is a scalar", v->name,
                        v->shape.rank);
    return VARSDB_OK;
}

static int fail_exists(varsdb *db, const varsdb_variable *v)
{
    return vdb_variable_fail(db, v, VARSDB_EXISTS, "the global step exists already: %s", v->name);
}

static int enter(varsdb *db, bool has_out)
{
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && !has_out)
        rc = vdb_misuse(db, "the global step needs a place to go to");
    return rc == VARSDB_OK ? vdb_transaction_refresh(db) : rc;
}

int varsdb_get_global_step(varsdb *db, const varsdb_variable **out)
{
    varsdb_variable *v;
    int rc = enter(db, out != NULL);
    if (rc == VARSDB_OK)
        rc = find(db, &v);
    if (rc == VARSDB_OK && !v)
        rc = vdb_fail(&db->error, VARSDB_NOTFOUND, "there is no global step in namespace %s", db->space.name);
    if (rc == VARSDB_OK)
        rc = check(db, v);
    if (rc == VARSDB_OK)
        *out = v;
    return rc;
}

/* A step is never regularized, whatever the scope says of weights. */
static int create(varsdb *db, int *created, const varsdb_variable **out)
{
    static const char *const collections[] = {VARSDB_GLOBAL, VARSDB_GLOBAL_STEP, NULL};
    static const varsdb_shape scalar = {0, NULL};
    static const varsdb_variable_options options = {
        .size = sizeof options,
        .shape = &scalar,
        .dtype = VARSDB_INT64,
        .trainable = VARSDB_NO,
        .initializer = "zeros",
        .regularizer = "none",
        .collections = collections,
    };
    return varsdb_get_variable(db, STEP_NAME, &options, created, out);
}

/* What is there, or else a new one: between the two nobody may create another. */
static int find_or_create(varsdb *db, int *created, const varsdb_variable **out)
{
    varsdb_variable *v = NULL;
    bool own = !db->in_transaction;
    int rc = own ? varsdb_begin(db) : VARSDB_OK;
    if (rc != VARSDB_OK)
        return rc;
    rc = find(db, &v);
    *created = 0;
    if (rc == VARSDB_OK && v)
        *out = v;
    else if (rc == VARSDB_OK)
        rc = create(db, created, out);
    if (own && rc == VARSDB_OK)
        return varsdb_commit(db);
    if (own) {
        vdb_error saved = db->error;
        varsdb_rollback(db);
        db->error = saved;
    }
    return rc;
}

int varsdb_create_global_step(varsdb *db, const varsdb_variable **out)
{
    varsdb_variable *v;
    const varsdb_variable *step;
    int created;
    int rc = enter(db, out != NULL);
    if (rc == VARSDB_OK)
        rc = find(db, &v);
    if (rc == VARSDB_OK && v)
        return fail_exists(db, v);
    if (rc == VARSDB_OK)
        rc = find_or_create(db, &created, &step);
    if (rc == VARSDB_OK && !created)
        return fail_exists(db, step);
    if (rc == VARSDB_OK)
        *out = step;
    return rc;
}

int varsdb_get_or_create_global_step(varsdb *db, int *created, const varsdb_variable **out)
{
    varsdb_variable *v = NULL;
    const varsdb_variable *step = NULL;
    int made = 0;
    int rc = enter(db, out != NULL);
    if (rc == VARSDB_OK)
        rc = find(db, &v);
    step = v;
    if (rc == VARSDB_OK && !step)
        rc = find_or_create(db, &made, &step);
    if (rc == VARSDB_OK)
        rc = check(db, step);
    if (rc != VARSDB_OK)
        return rc;
    if (created)
        *created = made;
    *out = step;
    return VARSDB_OK;
}

int varsdb_check_global_step(varsdb *db, const varsdb_variable *variable)
{
    varsdb_variable *v;
    int rc = enter(db, true);
    if (rc == VARSDB_OK)
        rc = vdb_variable_revive(db, variable, &v);
    return rc == VARSDB_OK ? check(db, v) : rc;
}
