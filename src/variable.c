/* variable.c - finding variables, and what a handle knows of them without asking. */
#include "variable.h"

#include <stdio.h>
#include <time.h>

#include "name.h"
#include "namespace.h"
#include "transaction.h"
#include "variable_row.h"

/* ---- finding */

/* There is no row of that name.  An object that still has the name was deleted or renamed
 * by another process; its uid tells. */
static int forget_name(varsdb *db, varsdb_variable *stale)
{
    vdb_variable_row row;
    varsdb_variable *renamed;
    int rc = vdb_variable_row_by_id(db, stale->id, stale->uid, &row);
    if (rc == VARSDB_OK)
        rc = vdb_variable_row_learn(db, &row, &renamed);
    vdb_variable_row_release(db, &row);
    if (rc == VARSDB_GONE) {
        vdb_cache_missing(db, stale);
        vdb_error_clear(&db->error);
        rc = VARSDB_OK;
    }
    return rc;
}

int vdb_variable_lookup(varsdb *db, const char *name, size_t bytes, varsdb_variable **out)
{
    vdb_variable_row row;
    varsdb_variable *v = NULL;
    int rc = vdb_namespace_resolve(db);
    if (rc != VARSDB_OK)
        return rc;
    if (!db->space.id) {
        *out = NULL;
        return VARSDB_OK;
    }
    v = vdb_cache_find(&db->cache, db->space.id, name, bytes);
    if (v && v->epoch == db->epoch) {
        *out = v;
        return VARSDB_OK;
    }
    rc = vdb_variable_row_by_name(db, name, bytes, &row);
    bool found = rc == VARSDB_OK && row.found;
    if (found)
        rc = vdb_variable_row_learn(db, &row, &v);
    vdb_variable_row_release(db, &row);
    if (rc == VARSDB_OK && !found && v) {
        rc = forget_name(db, v);
        v = NULL;
    }
    if (rc == VARSDB_OK)
        *out = v;
    return rc;
}

int vdb_variable_by_id(varsdb *db, int64_t id, varsdb_variable **out)
{
    int64_t uid;
    bool found;
    vdb_variable_row row;
    int rc = vdb_get_int(db->engine, VDB_Q_VARIABLE_UID, VDB_ARGS(vdb_int(id)), &uid, &found);
    if (rc == VARSDB_OK && !found)
        rc = vdb_fail(&db->error, VARSDB_NOTFOUND, "there is no variable with the id %lld", (long long)id);
    if (rc != VARSDB_OK)
        return rc;
    rc = vdb_variable_row_by_id(db, id, uid, &row);
    if (rc == VARSDB_OK)
        rc = vdb_variable_row_learn(db, &row, out);
    vdb_variable_row_release(db, &row);
    return rc;
}

int vdb_variable_fail_missing(varsdb *db, const char *name, size_t bytes)
{
    return vdb_fail(&db->error, VARSDB_NOTFOUND, "variable %.*s does not exist in namespace %s", (int)bytes,
                    name, db->space.name);
}

int varsdb_find_variable(varsdb *db, const char *name, const varsdb_variable **out)
{
    varsdb_variable *v;
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && (!name || !out))
        rc = vdb_misuse(db, "a name, and a place for the variable, are needed");
    if (rc == VARSDB_OK)
        rc = vdb_transaction_refresh(db);
    if (rc != VARSDB_OK)
        return rc;
    /* A copy: name may be varsdb_variable_name() of an object that the look-up renames. */
    vdb_buf *own = &db->full_name;
    vdb_buf_reset(own);
    if (vdb_buf_append(own, name, vdb_name_without_output(name, strlen(name))) != VARSDB_OK)
        return vdb_fail_nomem(&db->error);
    rc = vdb_variable_lookup(db, own->data, own->size, &v);
    if (rc == VARSDB_OK && !v)
        rc = vdb_variable_fail_missing(db, own->data, own->size);
    if (rc == VARSDB_OK)
        *out = v;
    return rc;
}

/* ---- reviving */

static int fail_gone(varsdb *db, const varsdb_variable *v)
{
    return vdb_fail(&db->error, VARSDB_GONE,
                    "variable %s was deleted, or its creation rolled back; get it again for a new one",
                    v->name);
}

int vdb_variable_revive(varsdb *db, const varsdb_variable *variable, varsdb_variable **out)
{
    vdb_variable_row row;
    varsdb_variable *v = (varsdb_variable *)variable;
    if (!v || v->db != db)
        return vdb_misuse(db, v ? "the variable is of another handle" : "a variable is needed");
    if (v->state != VDB_OBJECT_ALIVE)
        return fail_gone(db, v);
    /* A namespace that is not in use may be asked for its variables too. */
    if (v->epoch != db->epoch) {
        int rc = vdb_variable_row_by_id(db, v->id, v->uid, &row);
        if (rc == VARSDB_OK)
            rc = vdb_variable_row_learn(db, &row, &v);
        vdb_variable_row_release(db, &row);
        if (rc == VARSDB_GONE) {
            vdb_cache_missing(db, v);
            return fail_gone(db, v);
        }
        if (rc != VARSDB_OK)
            return rc;
    }
    *out = v;
    return VARSDB_OK;
}

int vdb_variable_check_namespace(varsdb *db, const varsdb_variable *v)
{
    int rc = vdb_namespace_resolve(db);
    if (rc == VARSDB_OK && v->namespace_id != db->space.id)
        rc = vdb_misuse(db, "the variable is of another namespace than the one in use");
    return rc;
}

/* ---- who made it */

/* ", created 2026-01-02 03:04:05 UTC by train (pid 7 on host) at train.c:12" */
static void describe_origin(varsdb *db, const varsdb_variable *v, char *out, size_t room)
{
    vdb_rows *rows = NULL;
    bool row = false;
    vdb_error saved = db->error;
    out[0] = '\0';
    int rc = vdb_start(db->engine, VDB_Q_VARIABLE_ORIGIN, VDB_ARGS(vdb_int(v->id)), &rows);
    if (rc == VARSDB_OK)
        rc = vdb_next(db->engine, rows, &row);
    if (rc == VARSDB_OK && row) {
        vdb_value site = vdb_column(db->engine, rows, 4);
        time_t seconds = (time_t)(vdb_column(db->engine, rows, 0).integer / 1000);
        struct tm at;
        char when[32] = "?";
        if (gmtime_r(&seconds, &at))
            strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S UTC", &at);
        snprintf(out, room, "; created %s by %s (pid %lld on %s)%s%s", when,
                 (const char *)vdb_column(db->engine, rows, 1).data,
                 (long long)vdb_column(db->engine, rows, 2).integer,
                 (const char *)vdb_column(db->engine, rows, 3).data, site.kind == VDB_TEXT ? " at " : "",
                 site.kind == VDB_TEXT ? (const char *)site.data : "");
    }
    vdb_finish(db->engine, rows);
    db->error = saved;
}

int vdb_variable_fail(varsdb *db, const varsdb_variable *v, int code, const char *format, ...)
{
    char text[VDB_ERROR_BYTES / 2], origin[VDB_ERROR_BYTES / 2 - 1];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    describe_origin(db, v, origin, sizeof origin);
    return vdb_fail(&db->error, code, "%s%s", text, origin);
}

/* ---- getters */

const char *varsdb_variable_name(const varsdb_variable *variable)
{
    return variable ? variable->name : "";
}

int64_t varsdb_variable_id(const varsdb_variable *variable)
{
    return variable ? variable->id : 0;
}

varsdb_dtype varsdb_variable_dtype(const varsdb_variable *variable)
{
    return variable ? variable->dtype : VARSDB_DTYPE_NOT_SAID;
}

const varsdb_shape *varsdb_variable_shape(const varsdb_variable *variable)
{
    return variable ? &variable->shape : NULL;
}
