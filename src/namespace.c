/* namespace.c - namespaces: resolve, make, list, delete. */
#include "namespace.h"

#include "name.h"
#include "row.h"
#include "scope_row.h"
#include "sweep.h"
#include "transaction.h"

enum {
    SPACE_ID,
    SPACE_UID,
    SPACE_NAME,
    SPACE_SEED,
    SPACE_KEEP_LAST,
    SPACE_KEEP_EVERY,
    SPACE_CREATED_AT,
    SPACE_COLUMNS /* the digest comes next */
};

/* The row of that name, whose texts are borrowed until *rows is finished; *found is false when there
 * is none. */
static int load(varsdb *db, const char *name, vdb_value at[SPACE_COLUMNS], vdb_rows **rows, bool *found)
{
    *found = false;
    int rc = vdb_start(db->engine, VDB_Q_NAMESPACE_BY_NAME, VDB_ARGS(vdb_text(name)), rows);
    if (rc == VARSDB_OK)
        rc = vdb_next(db->engine, *rows, found);
    if (rc != VARSDB_OK || !*found)
        return rc;
    vdb_row_columns(db, *rows, at, SPACE_COLUMNS);
    return vdb_row_check(db, "namespace", at[SPACE_ID].integer, at, SPACE_COLUMNS,
                         vdb_column(db->engine, *rows, SPACE_COLUMNS).integer);
}

/* *id is 0 when there is none of that name. */
static int find(varsdb *db, const char *name, int64_t *id, int64_t *seed)
{
    vdb_value at[SPACE_COLUMNS];
    vdb_rows *rows = NULL;
    bool row;
    int rc = load(db, name, at, &rows, &row);
    if (rc == VARSDB_OK && row)
        *seed = at[SPACE_SEED].integer;
    if (rc == VARSDB_OK)
        *id = row ? at[SPACE_ID].integer : 0;
    vdb_finish(db->engine, rows);
    return rc;
}

int vdb_namespace_resolve(varsdb *db)
{
    vdb_namespace *space = &db->space;
    if (space->id && space->epoch == db->epoch)
        return VARSDB_OK;
    int rc = find(db, space->name, &space->id, &space->seed);
    if (rc == VARSDB_OK)
        space->epoch = db->epoch;
    return rc;
}

int vdb_namespace_insert(varsdb *db, const char *name, const int64_t *seed)
{
    vdb_value at[SPACE_COLUMNS] = {
        [SPACE_UID] = vdb_int(vdb_random()),
        [SPACE_NAME] = vdb_text(name),
        [SPACE_SEED] = vdb_int(seed ? *seed : vdb_random()),
        [SPACE_CREATED_AT] = vdb_int(vdb_time_ms()),
    };
    int64_t id, root;
    int rc = vdb_row_next_id(db, VDB_Q_NAMESPACE_NEXT_ID, &id);
    if (rc != VARSDB_OK)
        return rc;
    at[SPACE_ID] = vdb_int(id);
    rc = vdb_row_write(db, VDB_Q_NAMESPACE_INSERT, at, SPACE_COLUMNS);
    return rc == VARSDB_OK ? vdb_scope_row_insert(db, id, 0, "", 0, &root) : rc;
}

int vdb_namespace_ensure(varsdb *db, const int64_t *seed)
{
    int rc = vdb_namespace_resolve(db);
    if (rc != VARSDB_OK || db->space.id)
        return rc;
    rc = vdb_namespace_insert(db, db->space.name, seed);
    return rc == VARSDB_OK ? vdb_namespace_resolve(db) : rc;
}

int vdb_namespace_name(varsdb *db, int64_t id, char **out)
{
    vdb_rows *rows = NULL;
    bool row = false;
    int rc = vdb_start(db->engine, VDB_Q_NAMESPACE_NAME, VDB_ARGS(vdb_int(id)), &rows);
    if (rc == VARSDB_OK)
        rc = vdb_next(db->engine, rows, &row);
    vdb_value name = rc == VARSDB_OK && row ? vdb_column(db->engine, rows, 0) : vdb_null();
    if (rc == VARSDB_OK)
        rc = vdb_row_texts(db, "namespace", &name, 1);
    if (rc == VARSDB_OK && !(*out = vdb_strndup(name.data, name.bytes)))
        rc = vdb_fail_nomem(&db->error);
    vdb_finish(db->engine, rows);
    return rc;
}

/* ---- retention */

int vdb_namespace_retention(varsdb *db, vdb_retention *out)
{
    vdb_value at[SPACE_COLUMNS];
    vdb_rows *rows = NULL;
    bool row;
    int rc = load(db, db->space.name, at, &rows, &row);
    if (rc == VARSDB_OK)
        *out = row ? (vdb_retention){at[SPACE_KEEP_LAST].integer, at[SPACE_KEEP_EVERY].integer}
                   : (vdb_retention){0, 0};
    vdb_finish(db->engine, rows);
    return rc;
}

int vdb_namespace_check_retention(varsdb *db, int64_t keep_last, int64_t keep_every)
{
    if (keep_last >= -1 && keep_every >= -1)
        return VARSDB_OK;
    return vdb_fail(&db->error, VARSDB_INVALID, "retention: %s is %lld; it is a count, 0 for as it is, or -1",
                    keep_last < -1 ? "keep_last" : "keep_every",
                    (long long)(keep_last < -1 ? keep_last : keep_every));
}

static vdb_value changed(vdb_value now, int64_t asked)
{
    if (asked == 0)
        return now;
    return asked < 0 ? vdb_null() : vdb_int(asked);
}

int vdb_namespace_set_retention(varsdb *db, int64_t keep_last, int64_t keep_every)
{
    vdb_value at[SPACE_COLUMNS];
    vdb_rows *rows = NULL;
    bool row;
    if (keep_last == 0 && keep_every == 0)
        return VARSDB_OK;
    int rc = vdb_namespace_ensure(db, db->new_seed);
    if (rc == VARSDB_OK)
        rc = load(db, db->space.name, at, &rows, &row);
    if (rc == VARSDB_OK) {
        at[SPACE_KEEP_LAST] = changed(at[SPACE_KEEP_LAST], keep_last);
        at[SPACE_KEEP_EVERY] = changed(at[SPACE_KEEP_EVERY], keep_every);
        rc = vdb_run(db->engine, VDB_Q_NAMESPACE_SET_RETENTION,
                     VDB_ARGS(at[SPACE_ID], at[SPACE_KEEP_LAST], at[SPACE_KEEP_EVERY],
                              vdb_int(vdb_digest_row(at, SPACE_COLUMNS))));
    }
    vdb_finish(db->engine, rows);
    return rc;
}

/* ---- public */

static int check_name(varsdb *db, const char *name)
{
    if (!name)
        return vdb_misuse(db, "a namespace needs a name");
    return vdb_name_check_stored(&db->error, "namespace", name, strlen(name));
}

int varsdb_use_namespace(varsdb *db, const char *name)
{
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK)
        rc = check_name(db, name);
    if (rc != VARSDB_OK)
        return rc;
    if (db->listing)
        return vdb_misuse(db, "a list callback may not change the namespace");
    if (db->scopes.depth)
        return vdb_misuse(db, "leave the scopes that are open before changing the namespace");
    char *copy = vdb_strdup(name);
    if (!copy)
        return vdb_fail_nomem(&db->error);
    vdb_free(db->space.name);
    db->space = (vdb_namespace){.name = copy};
    return VARSDB_OK;
}

const char *varsdb_namespace(const varsdb *db)
{
    return db && db->space.name ? db->space.name : "";
}

int varsdb_seed(varsdb *db, int64_t *out)
{
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && !out)
        rc = vdb_misuse(db, "the seed needs a place to go to");
    if (rc == VARSDB_OK)
        rc = vdb_transaction_refresh(db);
    if (rc == VARSDB_OK)
        rc = vdb_namespace_resolve(db);
    if (rc == VARSDB_OK && !db->space.id)
        rc = vdb_fail(&db->error, VARSDB_NOTFOUND, "namespace %s is not made yet", db->space.name);
    if (rc == VARSDB_OK)
        *out = db->space.seed;
    return rc;
}

static int create(varsdb *db, const char *name, const int64_t *seed)
{
    int64_t id, old_seed;
    int rc = find(db, name, &id, &old_seed);
    if (rc != VARSDB_OK)
        return rc;
    if (id)
        return vdb_fail(&db->error, VARSDB_EXISTS, "namespace %s exists already, with seed %lld", name,
                        (long long)old_seed);
    return vdb_namespace_insert(db, name, seed);
}

int varsdb_create_namespace(varsdb *db, const char *name, const int64_t *seed)
{
    vdb_write w;
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK)
        rc = check_name(db, name);
    if (rc == VARSDB_OK)
        rc = vdb_write_begin(db, &w);
    if (rc != VARSDB_OK)
        return rc;
    db->space.epoch = 0;
    return vdb_write_end(db, &w, create(db, name, seed));
}

/* Objects for its variables: they die when the transaction commits. */
static void delete_objects(varsdb *db, int64_t namespace_id)
{
    for (varsdb_variable *v = db->cache.all; v; v = v->next)
        if (v->namespace_id == namespace_id && v->state == VDB_OBJECT_ALIVE)
            vdb_cache_deleted(db, v);
}

/* Ids that a query yields for the namespace are left to the sweep: what they refer to goes piece by piece
 * when the names are gone. */
static int leave(varsdb *db, enum vdb_query query, int64_t namespace_id, vdb_left_kind kind)
{
    vdb_rows *rows = NULL;
    bool row = true;
    int rc = vdb_start(db->engine, query, VDB_ARGS(vdb_int(namespace_id)), &rows);
    while (rc == VARSDB_OK && (rc = vdb_next(db->engine, rows, &row)) == VARSDB_OK && row)
        vdb_sweep_later(db, kind, vdb_column(db->engine, rows, 0).integer);
    vdb_finish(db->engine, rows);
    return rc;
}

static int delete_rows(varsdb *db, const char *name, int64_t id)
{
    static const enum vdb_query steps[] = {
        VDB_Q_NAMESPACE_DELETE_ATTRIBUTES,     VDB_Q_NAMESPACE_DELETE_SNAPSHOT_ATTRIBUTES,
        VDB_Q_NAMESPACE_DELETE_OWN_ATTRIBUTES, VDB_Q_NAMESPACE_DELETE_MEMBERS,
        VDB_Q_NAMESPACE_DELETE_COLLECTIONS,    VDB_Q_NAMESPACE_DELETE_SNAPSHOTS,
        VDB_Q_NAMESPACE_DELETE_VARIABLES,      VDB_Q_NAMESPACE_DELETE_SCOPES,
    };
    int64_t root;
    int rc = leave(db, VDB_Q_NAMESPACE_SNAPSHOTS, id, VDB_LEFT_SNAPSHOT);
    if (rc == VARSDB_OK)
        rc = leave(db, VDB_Q_NAMESPACE_TENSORS, id, VDB_LEFT_TENSOR);
    for (size_t i = 0; rc == VARSDB_OK && i < sizeof steps / sizeof *steps; i++)
        rc = vdb_run(db->engine, steps[i], VDB_ARGS(vdb_int(id)));
    if (rc != VARSDB_OK)
        return rc;
    if (strcmp(name, "main") == 0)
        return vdb_scope_row_insert(db, id, 0, "", 0, &root);
    return vdb_run(db->engine, VDB_Q_NAMESPACE_DELETE, VDB_ARGS(vdb_int(id)));
}

static int delete_namespace(varsdb *db, const char *name)
{
    int64_t id, seed;
    int rc = find(db, name, &id, &seed);
    if (rc != VARSDB_OK)
        return rc;
    if (!id)
        return vdb_fail(&db->error, VARSDB_NOTFOUND, "there is no namespace %s", name);
    rc = delete_rows(db, name, id);
    if (rc == VARSDB_OK)
        rc = vdb_transaction_bump_names(db);
    if (rc == VARSDB_OK)
        delete_objects(db, id);
    return rc;
}

int varsdb_delete_namespace(varsdb *db, const char *name)
{
    vdb_write w;
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK)
        rc = check_name(db, name);
    if (rc == VARSDB_OK)
        rc = vdb_write_begin(db, &w);
    if (rc != VARSDB_OK)
        return rc;
    rc = vdb_write_end(db, &w, delete_namespace(db, name));
    db->epoch++;
    return rc;
}

static int list(varsdb *db, varsdb_namespace_cb callback, void *payload)
{
    vdb_rows *rows = NULL;
    bool row = true;
    int rc = vdb_start(db->engine, VDB_Q_NAMESPACES_LIST, VDB_NO_ARGS, &rows);
    while (rc == VARSDB_OK && (rc = vdb_next(db->engine, rows, &row)) == VARSDB_OK && row) {
        vdb_value at[6];
        vdb_row_columns(db, rows, at, 6);
        varsdb_namespace_info info = {
            .id = at[0].integer,
            .name = at[1].data,
            .seed = at[2].integer,
            .created_at = at[3].integer,
            .variables = at[4].integer,
            .bytes = at[5].integer,
        };
        rc = vdb_row_texts(db, "namespace", at + 1, 1);
        if (rc == VARSDB_OK && callback(payload, &info) != 0)
            rc = vdb_fail(&db->error, VARSDB_CANCELLED, "the callback stopped the list");
    }
    vdb_finish(db->engine, rows);
    return rc;
}

int varsdb_list_namespaces(varsdb *db, varsdb_namespace_cb callback, void *payload)
{
    vdb_read r;
    int rc = vdb_list_begin(db, callback != NULL, &r);
    return rc == VARSDB_OK ? vdb_list_end(db, &r, list(db, callback, payload)) : rc;
}
