/* attribute.c - keys with JSON values on variables and namespaces. */
#include "json.h"
#include "name.h"
#include "namespace.h"
#include "row.h"
#include "transaction.h"
#include "variable.h"

enum {
    ATTRIBUTE_OWNER_KIND,
    ATTRIBUTE_OWNER_ID,
    ATTRIBUTE_KEY,
    ATTRIBUTE_VALUE,
    ATTRIBUTE_COLUMNS
};

typedef struct owner {
    const char *kind;
    int64_t id; /* 0: a namespace that is not made yet */
} owner;

static int find_owner(varsdb *db, const varsdb_variable *variable, owner *out)
{
    varsdb_variable *v;
    if (variable) {
        int rc = vdb_variable_revive(db, variable, &v);
        if (rc == VARSDB_OK)
            *out = (owner){"variable", v->id};
        return rc;
    }
    int rc = vdb_namespace_resolve(db);
    if (rc == VARSDB_OK)
        *out = (owner){"namespace", db->space.id};
    return rc;
}

static int set(varsdb *db, const varsdb_variable *variable, const char *key, const char *json)
{
    owner o;
    int rc = variable || !json ? VARSDB_OK : vdb_namespace_ensure(db, db->new_seed);
    if (rc == VARSDB_OK)
        rc = find_owner(db, variable, &o);
    if (rc != VARSDB_OK)
        return rc;
    vdb_value at[ATTRIBUTE_COLUMNS] = {
        [ATTRIBUTE_OWNER_KIND] = vdb_text(o.kind),
        [ATTRIBUTE_OWNER_ID] = vdb_int(o.id),
        [ATTRIBUTE_KEY] = vdb_text(key),
        [ATTRIBUTE_VALUE] = vdb_text(json),
    };
    if (!json)
        return vdb_run(db->engine, VDB_Q_ATTRIBUTE_DELETE, at, ATTRIBUTE_VALUE);
    return vdb_row_write(db, VDB_Q_ATTRIBUTE_SET, at, ATTRIBUTE_COLUMNS);
}

int varsdb_set_attribute(varsdb *db, const varsdb_variable *variable, const char *key, const char *json)
{
    vdb_write w;
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && !key)
        rc = vdb_misuse(db, "an attribute needs a key");
    if (rc == VARSDB_OK)
        rc = vdb_name_check_stored(&db->error, "attribute", key, strlen(key));
    if (rc == VARSDB_OK && json) {
        rc = vdb_json_check(&db->error, json, strlen(json));
        if (rc == VARSDB_INVALID)
            vdb_fail_in(&db->error, "attribute %s", key);
    }
    if (rc == VARSDB_OK)
        rc = vdb_write_begin(db, &w);
    return rc == VARSDB_OK ? vdb_write_end(db, &w, set(db, variable, key, json)) : rc;
}

static int list(varsdb *db, const varsdb_variable *variable, varsdb_attribute_cb callback, void *payload)
{
    owner o;
    vdb_rows *rows = NULL;
    bool row = true;
    int rc = find_owner(db, variable, &o);
    if (rc == VARSDB_OK)
        rc = vdb_start(db->engine, VDB_Q_ATTRIBUTES_LIST, VDB_ARGS(vdb_text(o.kind), vdb_int(o.id)), &rows);
    while (rc == VARSDB_OK && (rc = vdb_next(db->engine, rows, &row)) == VARSDB_OK && row) {
        vdb_value at[ATTRIBUTE_COLUMNS];
        vdb_row_columns(db, rows, at, ATTRIBUTE_COLUMNS);
        rc = vdb_row_check(db, "an attribute of", o.id, at, ATTRIBUTE_COLUMNS,
                           vdb_column(db->engine, rows, ATTRIBUTE_COLUMNS).integer);
        if (rc == VARSDB_OK)
            rc = vdb_row_texts(db, "attribute", VDB_ARGS(at[ATTRIBUTE_KEY], at[ATTRIBUTE_VALUE]));
        if (rc == VARSDB_OK && callback(payload, at[ATTRIBUTE_KEY].data, at[ATTRIBUTE_VALUE].data) != 0)
            rc = vdb_fail(&db->error, VARSDB_CANCELLED, "the callback stopped the list");
    }
    vdb_finish(db->engine, rows);
    return rc;
}

int varsdb_list_attributes(varsdb *db, const varsdb_variable *variable, varsdb_attribute_cb callback,
                           void *payload)
{
    vdb_read r;
    int rc = vdb_list_begin(db, callback != NULL, &r);
    return rc == VARSDB_OK ? vdb_list_end(db, &r, list(db, variable, callback, payload)) : rc;
}
