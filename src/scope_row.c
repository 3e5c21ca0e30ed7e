/* scope_row.c - see scope_row.h. */
#include "scope_row.h"

#include "initializer.h"
#include "name.h"
#include "namespace.h"
#include "partition.h"
#include "regularizer.h"
#include "row.h"
#include "transaction.h"

enum {
    SCOPE_ID,
    SCOPE_NAMESPACE_ID,
    SCOPE_PARENT_ID,
    SCOPE_NAME,
    SCOPE_PATH,
    SCOPE_INITIALIZER,
    SCOPE_REGULARIZER,
    SCOPE_PARTITIONER,
    SCOPE_DTYPE,
    SCOPE_COLUMNS
};

/* The row of path, or at[SCOPE_ID] null; the columns live until *rows is finished. */
static int load(varsdb *db, int64_t namespace_id, const char *path, size_t bytes, vdb_value *at,
                vdb_rows **rows)
{
    bool row = false;
    vdb_value digest;
    at[SCOPE_ID] = vdb_null();
    int rc = vdb_start(db->engine, VDB_Q_SCOPE_BY_PATH,
                       VDB_ARGS(vdb_int(namespace_id), vdb_text_n(path, bytes)), rows);
    if (rc == VARSDB_OK)
        rc = vdb_next(db->engine, *rows, &row);
    if (rc != VARSDB_OK || !row)
        return rc;
    vdb_row_columns(db, *rows, at, SCOPE_COLUMNS);
    digest = vdb_column(db->engine, *rows, SCOPE_COLUMNS);
    return vdb_row_check(db, "scope", at[SCOPE_ID].integer, at, SCOPE_COLUMNS, digest.integer);
}

/* Of a scope that was just listed or made: in a damaged file an index may not have it. */
static int load_there(varsdb *db, const char *path, size_t bytes, vdb_value *at, vdb_rows **rows)
{
    int rc = load(db, db->space.id, path, bytes, at, rows);
    if (rc == VARSDB_OK && at[SCOPE_ID].kind == VDB_NULL)
        rc = vdb_fail(&db->error, VARSDB_CORRUPT,
                      "%s: scope %.*s is there and is not found: the file is damaged", db->path, (int)bytes,
                      path);
    return rc;
}

/* ---- defaults */

/* The row's own default, else the one that holds in the parent. */
static bool set_text(char **member, const vdb_value *own, const char *inherited)
{
    const char *text = own && own->kind == VDB_TEXT ? own->data : inherited;
    char *copy = text ? vdb_strdup(text) : NULL;
    if (text && !copy)
        return false;
    vdb_free(*member);
    *member = copy;
    return true;
}

static int set_defaults(varsdb *db, vdb_scope_node *node, const vdb_value *at, const vdb_scope_node *parent)
{
    bool there = at[SCOPE_ID].kind == VDB_INT;
    if (!set_text(&node->initializer, there ? &at[SCOPE_INITIALIZER] : NULL,
                  parent ? parent->initializer : NULL) ||
        !set_text(&node->regularizer, there ? &at[SCOPE_REGULARIZER] : NULL,
                  parent ? parent->regularizer : NULL) ||
        !set_text(&node->partitioner, there ? &at[SCOPE_PARTITIONER] : NULL,
                  parent ? parent->partitioner : NULL))
        return vdb_fail_nomem(&db->error);
    node->dtype = parent ? parent->dtype : VARSDB_DTYPE_NOT_SAID;
    if (there && at[SCOPE_DTYPE].kind == VDB_TEXT)
        node->dtype = varsdb_dtype_parse(at[SCOPE_DTYPE].data);
    node->id = there ? at[SCOPE_ID].integer : 0;
    return VARSDB_OK;
}

static int parent_of(varsdb *db, const char *path, size_t bytes, vdb_scope_node **out)
{
    *out = NULL;
    return bytes ? vdb_scope_row_resolve(db, path, vdb_name_scope_bytes(path, bytes), out) : VARSDB_OK;
}

int vdb_scope_row_resolve(varsdb *db, const char *path, size_t bytes, vdb_scope_node **out)
{
    vdb_value at[SCOPE_COLUMNS] = {[SCOPE_ID] = vdb_null()};
    vdb_rows *rows = NULL;
    vdb_scope_node *parent;
    int rc = vdb_namespace_resolve(db);
    if (rc != VARSDB_OK)
        return rc;
    int64_t space = db->space.id;
    vdb_scope_node *node = vdb_cache_scope(&db->cache, space, path, bytes);
    if (!node)
        return vdb_fail_nomem(&db->error);
    if (node->epoch != db->epoch) {
        rc = parent_of(db, path, bytes, &parent);
        if (rc == VARSDB_OK && space)
            rc = load(db, space, path, bytes, at, &rows);
        if (rc == VARSDB_OK)
            rc = set_defaults(db, node, at, parent);
        vdb_finish(db->engine, rows);
        if (rc != VARSDB_OK)
            return rc;
        node->epoch = db->epoch;
    }
    *out = node;
    return VARSDB_OK;
}

/* ---- making rows */

static size_t last_component(const char *path, size_t bytes)
{
    size_t scope = vdb_name_scope_bytes(path, bytes);
    return scope ? scope + 1 : 0;
}

int vdb_scope_row_insert(varsdb *db, int64_t namespace_id, int64_t parent_id, const char *path, size_t bytes,
                         int64_t *id)
{
    size_t name = last_component(path, bytes);
    vdb_value at[SCOPE_COLUMNS] = {
        [SCOPE_NAMESPACE_ID] = vdb_int(namespace_id),
        [SCOPE_PARENT_ID] = parent_id ? vdb_int(parent_id) : vdb_null(),
        [SCOPE_NAME] = vdb_text_n(path + name, bytes - name),
        [SCOPE_PATH] = vdb_text_n(path, bytes),
    };
    int rc = vdb_row_next_id(db, VDB_Q_SCOPE_NEXT_ID, id);
    if (rc != VARSDB_OK)
        return rc;
    at[SCOPE_ID] = vdb_int(*id);
    return vdb_row_write(db, VDB_Q_SCOPE_INSERT, at, SCOPE_COLUMNS);
}

int vdb_scope_row_ensure(varsdb *db, const char *path, size_t bytes, vdb_scope_node **out)
{
    vdb_scope_node *node = NULL, *parent;
    int rc = vdb_namespace_ensure(db, db->new_seed);
    if (rc == VARSDB_OK)
        rc = vdb_scope_row_resolve(db, path, bytes, &node);
    if (rc == VARSDB_OK && !node->id) {
        /* Another process may have made it: making a scope does not end an epoch. */
        node->epoch = 0;
        rc = vdb_scope_row_resolve(db, path, bytes, &node);
    }
    if (rc == VARSDB_OK && !node->id && !bytes)
        rc = vdb_fail(&db->error, VARSDB_CORRUPT, "%s: namespace %s has no root scope: the file is damaged",
                      db->path, db->space.name);
    if (rc == VARSDB_OK && !node->id) {
        int64_t id;
        rc = vdb_scope_row_ensure(db, path, vdb_name_scope_bytes(path, bytes), &parent);
        if (rc == VARSDB_OK)
            rc = vdb_scope_row_insert(db, db->space.id, parent->id, path, bytes, &id);
        if (rc == VARSDB_OK)
            node->id = id;
    }
    if (rc == VARSDB_OK)
        *out = node;
    return rc;
}

int vdb_scope_row_prune(varsdb *db, const char *path, size_t bytes)
{
    int rc = VARSDB_OK;
    while (rc == VARSDB_OK && bytes) {
        int64_t changes = db->engine->methods->changes(db->engine);
        rc = vdb_run(db->engine, VDB_Q_SCOPE_DELETE_EMPTY,
                     VDB_ARGS(vdb_int(db->space.id), vdb_text_n(path, bytes)));
        if (db->engine->methods->changes(db->engine) == changes)
            break;
        bytes = vdb_name_scope_bytes(path, bytes);
    }
    return rc;
}

int vdb_scope_row_move_defaults(varsdb *db, const char *from, const char *to)
{
    vdb_value old[SCOPE_COLUMNS], new[SCOPE_COLUMNS];
    vdb_rows *old_rows = NULL, *new_rows = NULL;
    int rc = load_there(db, from, strlen(from), old, &old_rows);
    if (rc == VARSDB_OK)
        rc = load_there(db, to, strlen(to), new, &new_rows);
    for (int i = SCOPE_INITIALIZER; rc == VARSDB_OK && i <= SCOPE_DTYPE; i++) {
        if (new[i].kind == VDB_NULL)
            new[i] = old[i];
    }
    if (rc == VARSDB_OK)
        rc = vdb_row_write(db, VDB_Q_SCOPE_UPDATE, new, SCOPE_COLUMNS);
    for (int i = SCOPE_INITIALIZER; i <= SCOPE_DTYPE; i++)
        old[i] = vdb_null();
    if (rc == VARSDB_OK)
        rc = vdb_row_write(db, VDB_Q_SCOPE_UPDATE, old, SCOPE_COLUMNS);
    vdb_finish(db->engine, old_rows);
    vdb_finish(db->engine, new_rows);
    return rc;
}

/* ---- persistent defaults, public */

static int check_defaults(varsdb *db, const varsdb_scope_defaults *d)
{
    int rc = VARSDB_OK;
    if (d->initializer && *d->initializer)
        rc = vdb_initializer_check(&db->error, d->initializer);
    if (rc == VARSDB_OK && d->regularizer && *d->regularizer)
        rc = vdb_regularizer_check(&db->error, d->regularizer);
    if (rc == VARSDB_OK && d->partitioner && *d->partitioner)
        rc = vdb_partitioner_check(&db->error, d->partitioner);
    bool dtype_good =
        d->dtype == VARSDB_DTYPE_NOT_SAID || d->dtype == VARSDB_DTYPE_CLEAR || varsdb_dtype_name(d->dtype);
    if (rc == VARSDB_OK && !dtype_good)
        rc = vdb_fail(&db->error, VARSDB_INVALID, "scope: %d is no dtype", (int)d->dtype);
    return rc;
}

/* NULL leaves the column, "" clears it */
static void change(vdb_value *column, const char *text)
{
    if (text)
        *column = *text ? vdb_text(text) : vdb_null();
}

static int set_persistent(varsdb *db, const char *scope, const varsdb_scope_defaults *d)
{
    vdb_value at[SCOPE_COLUMNS];
    vdb_rows *rows = NULL;
    vdb_scope_node *node;
    size_t bytes = strlen(scope);
    int rc = vdb_scope_row_ensure(db, scope, bytes, &node);
    if (rc == VARSDB_OK)
        rc = load_there(db, scope, bytes, at, &rows);
    if (rc == VARSDB_OK) {
        change(&at[SCOPE_INITIALIZER], d->initializer);
        change(&at[SCOPE_REGULARIZER], d->regularizer);
        change(&at[SCOPE_PARTITIONER], d->partitioner);
        if (d->dtype != VARSDB_DTYPE_NOT_SAID)
            change(&at[SCOPE_DTYPE], d->dtype == VARSDB_DTYPE_CLEAR ? "" : varsdb_dtype_name(d->dtype));
        rc = vdb_row_write(db, VDB_Q_SCOPE_UPDATE, at, SCOPE_COLUMNS);
    }
    vdb_finish(db->engine, rows);
    return rc == VARSDB_OK ? vdb_transaction_bump_names(db) : rc;
}

int varsdb_set_scope_defaults(varsdb *db, const char *scope, const varsdb_scope_defaults *defaults)
{
    vdb_write w;
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && (!scope || !defaults))
        rc = vdb_misuse(db, "a scope and its defaults are needed");
    if (rc == VARSDB_OK && *scope)
        rc = vdb_name_check_created(&db->error, "scope", scope, strlen(scope));
    if (rc == VARSDB_OK)
        rc = check_defaults(db, defaults);
    if (rc == VARSDB_OK)
        rc = vdb_write_begin(db, &w);
    if (rc != VARSDB_OK)
        return rc;
    rc = vdb_write_end(db, &w, set_persistent(db, scope, defaults));
    db->epoch++;
    return rc;
}

/* ---- list, public */

static int list(varsdb *db, const char *scope, varsdb_scope_cb callback, void *payload)
{
    vdb_rows *rows = NULL;
    bool row = true, any = false;
    int rc = vdb_namespace_resolve(db);
    if (rc == VARSDB_OK)
        rc = vdb_start(db->engine, VDB_Q_SCOPES_LIST,
                       VDB_ARGS(vdb_int(db->space.id), vdb_text(scope ? scope : "")), &rows);
    while (rc == VARSDB_OK && (rc = vdb_next(db->engine, rows, &row)) == VARSDB_OK && row) {
        vdb_value at[9];
        vdb_row_columns(db, rows, at, 9);
        varsdb_scope_info info = {
            .id = at[0].integer,
            .name = at[1].data,
            .defaults = {.initializer = at[2].data, .regularizer = at[3].data, .partitioner = at[4].data},
            .variables = at[6].integer,
            .elements = at[7].integer,
            .bytes = at[8].integer,
        };
        if (at[5].kind == VDB_TEXT)
            info.defaults.dtype = varsdb_dtype_parse(at[5].data);
        any = true;
        rc = vdb_row_texts(db, "scope", at + 1, 1);
        if (rc == VARSDB_OK && (scope || at[1].bytes) && callback(payload, &info) != 0)
            rc = vdb_fail(&db->error, VARSDB_CANCELLED, "the callback stopped the list");
    }
    vdb_finish(db->engine, rows);
    if (rc == VARSDB_OK && !any && scope)
        rc = vdb_fail(&db->error, VARSDB_NOTFOUND, "there is no scope %s in namespace %s", scope,
                      db->space.name);
    return rc;
}

int varsdb_list_scopes(varsdb *db, const char *scope, varsdb_scope_cb callback, void *payload)
{
    vdb_read r;
    int rc = vdb_list_begin(db, callback != NULL, &r);
    return rc == VARSDB_OK ? vdb_list_end(db, &r, list(db, scope, callback, payload)) : rc;
}
