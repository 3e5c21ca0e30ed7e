/* function_assign.c - assign: JSON, bytes or a number becomes a variable's value, or a part's. */
#include "function.h"
#include "variable.h"

#include <math.h>

#define NUMBER_BYTES 32

/* A variable, or a part of one when part is not below 0. */
typedef struct target {
    const varsdb_variable *variable;
    int64_t part;
} target;

/* By name, or with name NULL by id. */
static int find(varsdb *db, const vdb_place *place, target *out)
{
    const char *name = place->name;
    varsdb_variable *v = NULL;
    out->part = -1;
    if (!name) {
        int by_id = vdb_variable_by_id(db, place->id, &v);
        out->variable = v;
        return by_id;
    }
    int rc = varsdb_find_variable(db, name, &out->variable);
    if (rc != VARSDB_NOTFOUND)
        return rc;
    vdb_error missing = db->error;
    rc = varsdb_find_part(db, name, &out->variable, &out->part);
    if (rc == VARSDB_NOTFOUND)
        db->error = missing;
    return rc;
}

static int assign_json(varsdb *db, const target *t, const char *json)
{
    return t->part < 0 ? varsdb_assign_json(db, t->variable, json)
                       : varsdb_assign_part_json(db, t->variable, t->part, json);
}

static int assign_bytes(varsdb *db, const target *t, const void *data, size_t bytes)
{
    const void *there = data ? data : "";
    return t->part < 0 ? varsdb_assign(db, t->variable, there, bytes)
                       : varsdb_assign_part(db, t->variable, t->part, there, bytes);
}

static int assign_number(varsdb *db, const target *t, sqlite3_value *value)
{
    char text[NUMBER_BYTES];
    double real = sqlite3_value_double(value);
    if (sqlite3_value_type(value) == SQLITE_FLOAT && isinf(real))
        return assign_json(db, t, real < 0 ? "\"-Infinity\"" : "\"Infinity\"");
    if (sqlite3_value_type(value) == SQLITE_INTEGER)
        sqlite3_snprintf(sizeof text, text, "%lld", (long long)sqlite3_value_int64(value));
    else if (varsdb_element_json(VARSDB_FLOAT64, &real, 0, text, sizeof text) != VARSDB_OK)
        return vdb_fail(&db->error, VARSDB_ERROR, "a number cannot be printed");
    return assign_json(db, t, text);
}

static int assign_value(vdb_call *c, varsdb *db, const target *t)
{
    sqlite3_value *value = c->values[1];
    switch (sqlite3_value_type(value)) {
    case SQLITE_TEXT: {
        const char *json = vdb_text_of(value);
        return json ? assign_json(db, t, json)
                    : vdb_fail(&db->error, VARSDB_INVALID, "%s: the JSON text holds NUL", c->usage);
    }
    case SQLITE_BLOB:
        return assign_bytes(db, t, sqlite3_value_blob(value), (size_t)sqlite3_value_bytes(value));
    case SQLITE_NULL:
        return vdb_fail(
            &db->error, VARSDB_INVALID,
            "%s: a value is JSON text, the tensor's bytes as a blob, or a number, not NULL; NaN is "
            "'\"NaN\"'",
            c->usage);
    default:
        return assign_number(db, t, value);
    }
}

/* The value and the version are one transaction, or one savepoint of the caller's. */
static int assign(vdb_call *c, varsdb *db, const vdb_place *place, int64_t *version)
{
    target t;
    int rc = varsdb_begin(db);
    if (rc != VARSDB_OK)
        return rc;
    rc = find(db, place, &t);
    if (rc == VARSDB_OK)
        rc = assign_value(c, db, &t);
    if (rc == VARSDB_OK)
        rc = varsdb_variable_version(db, t.variable, version);
    if (rc == VARSDB_OK)
        return varsdb_commit(db);
    vdb_error saved = db->error;
    varsdb_rollback(db);
    db->error = saved;
    return rc;
}

int vdb_function_assign(vdb_call *c)
{
    vdb_place place;
    vdb_sql_registry *registry;
    int64_t version = 0;
    int rc = vdb_place_of(&c->error, c->usage, c->values[0], NULL, &place);
    if (rc == VARSDB_OK)
        rc = vdb_sql_open(c->sql, VDB_SQL_WRITE, &c->error, &registry);
    if (rc != VARSDB_OK)
        return rc;
    rc = assign(c, registry->db, &place, &version);
    if (rc != VARSDB_OK)
        return vdb_fail(&c->error, rc, "%s", registry->db->error.text);
    sqlite3_result_int64(c->context, version);
    return VARSDB_OK;
}
