/* variable_change.c - renaming and deleting variables and scopes. */
#include "name.h"
#include "namespace.h"
#include "part_name.h"
#include "scope_row.h"
#include "transaction.h"
#include "variable.h"
#include "variable_row.h"

/* ---- rename a variable */

static int check_new_name(varsdb *db, const varsdb_variable *v, const char *name, size_t bytes)
{
    varsdb_variable *taken;
    int64_t parts = 0;
    int rc = vdb_variable_lookup(db, name, bytes, &taken);
    if (rc == VARSDB_OK && taken)
        rc = vdb_variable_fail(db, taken, VARSDB_EXISTS, "variable %s exists already", taken->name);
    if (rc == VARSDB_OK)
        rc = vdb_part_name_check(db, name, bytes);
    if (rc == VARSDB_OK)
        rc = vdb_part_count(db, v->name, v->name_bytes, &parts);
    return rc == VARSDB_OK ? vdb_part_names_free(db, name, bytes, parts, name, bytes) : rc;
}

static int move_row(varsdb *db, const varsdb_variable *v, const char *name, size_t bytes)
{
    vdb_variable_row row;
    vdb_scope_node *scope;
    size_t scope_bytes = vdb_name_scope_bytes(name, bytes);
    size_t last = scope_bytes ? scope_bytes + 1 : 0;
    int rc = vdb_scope_row_ensure(db, name, scope_bytes, &scope);
    if (rc != VARSDB_OK)
        return rc;
    rc = vdb_variable_row_by_id(db, v->id, v->uid, &row);
    if (rc == VARSDB_OK) {
        row.at[ROW_SCOPE_ID] = vdb_int(scope->id);
        row.at[ROW_NAME] = vdb_text_n(name + last, bytes - last);
        rc = vdb_variable_row_write(db, VDB_Q_VARIABLE_SET_NAME, &row, VDB_COLUMNS(ROW_SCOPE_ID, ROW_NAME));
    }
    vdb_variable_row_release(db, &row);
    return rc;
}

/* What was true of names is so no longer, here and elsewhere. */
static int names_changed(varsdb *db)
{
    int rc = vdb_transaction_bump_names(db);
    if (rc == VARSDB_OK)
        db->epoch++;
    return rc;
}

static int rename_variable(varsdb *db, const varsdb_variable *variable, const char *name)
{
    varsdb_variable *v;
    size_t bytes = strlen(name);
    int rc = vdb_variable_revive(db, variable, &v);
    if (rc != VARSDB_OK)
        return rc;
    if (v->name_bytes == bytes && memcmp(v->name, name, bytes) == 0)
        return VARSDB_OK;
    rc = vdb_namespace_resolve(db);
    if (rc == VARSDB_OK && v->namespace_id != db->space.id)
        rc = vdb_misuse(db, "the variable is of another namespace than the one in use");
    if (rc == VARSDB_OK)
        rc = check_new_name(db, v, name, bytes);
    char *old = rc == VARSDB_OK ? vdb_strndup(v->name, v->name_bytes) : NULL;
    if (rc == VARSDB_OK && !old)
        rc = vdb_fail_nomem(&db->error);
    if (rc == VARSDB_OK)
        rc = move_row(db, v, name, bytes);
    if (rc == VARSDB_OK)
        rc = vdb_scope_row_prune(db, old, vdb_name_scope_bytes(old, strlen(old)));
    vdb_free(old);
    if (rc == VARSDB_OK)
        rc = names_changed(db);
    return rc == VARSDB_OK ? vdb_variable_revive(db, variable, &v) : rc;
}

int varsdb_rename_variable(varsdb *db, const varsdb_variable *variable, const char *name)
{
    vdb_write w;
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && !name)
        rc = vdb_misuse(db, "a new name is needed");
    if (rc == VARSDB_OK)
        rc = vdb_name_check_stored(&db->error, "variable", name, strlen(name));
    if (rc == VARSDB_OK)
        rc = vdb_write_begin(db, &w);
    return rc == VARSDB_OK ? vdb_write_end(db, &w, rename_variable(db, variable, name)) : rc;
}

/* ---- rename a scope */

static int fail_no_scope(varsdb *db, const char *scope)
{
    return vdb_fail(&db->error, VARSDB_NOTFOUND, "there is no scope %s in namespace %s", scope,
                    db->space.name);
}

/* Scopes of the subtree, deepest last, as (id, path). */
typedef struct scope_entry {
    int64_t id;
    char *path;
} scope_entry;

static void free_subtree(vdb_buf *list)
{
    scope_entry *entry = (scope_entry *)(void *)list->data;
    for (size_t i = 0; i < list->size / sizeof *entry; i++)
        vdb_free(entry[i].path);
    vdb_buf_release(list);
}

static int load_subtree(varsdb *db, const char *scope, vdb_buf *out)
{
    vdb_rows *rows = NULL;
    bool row = true;
    int rc =
        vdb_start(db->engine, VDB_Q_SCOPE_SUBTREE, VDB_ARGS(vdb_int(db->space.id), vdb_text(scope)), &rows);
    while (rc == VARSDB_OK && (rc = vdb_next(db->engine, rows, &row)) == VARSDB_OK && row) {
        vdb_value path = vdb_column(db->engine, rows, 1);
        scope_entry entry = {vdb_column(db->engine, rows, 0).integer, vdb_strndup(path.data, path.bytes)};
        if (!entry.path || vdb_buf_append(out, &entry, sizeof entry) != VARSDB_OK) {
            vdb_free(entry.path);
            rc = vdb_fail_nomem(&db->error);
        }
    }
    vdb_finish(db->engine, rows);
    return rc;
}

static int move_variables(varsdb *db, int64_t from_scope, int64_t to_scope)
{
    vdb_rows *rows = NULL;
    bool row = true;
    int rc = vdb_start(db->engine, VDB_Q_VARIABLES_OF_SCOPE, VDB_ARGS(vdb_int(from_scope)), &rows);
    while (rc == VARSDB_OK && (rc = vdb_next(db->engine, rows, &row)) == VARSDB_OK && row) {
        vdb_variable_row v;
        rc = vdb_variable_row_by_id(db, vdb_column(db->engine, rows, 0).integer,
                                    vdb_column(db->engine, rows, 1).integer, &v);
        if (rc == VARSDB_OK) {
            v.at[ROW_SCOPE_ID] = vdb_int(to_scope);
            rc = vdb_variable_row_write(db, VDB_Q_VARIABLE_SET_NAME, &v, VDB_COLUMNS(ROW_SCOPE_ID, ROW_NAME));
        }
        vdb_variable_row_release(db, &v);
    }
    vdb_finish(db->engine, rows);
    return rc;
}

/* Moves one scope of the subtree: its variables and defaults to the new path. */
static int move_scope(varsdb *db, const scope_entry *entry, size_t old_bytes, const char *name)
{
    vdb_buf path = {0};
    vdb_scope_node *to;
    int rc = vdb_buf_append_text(&path, name) == VARSDB_OK &&
                     vdb_buf_append_text(&path, entry->path + old_bytes) == VARSDB_OK
                 ? VARSDB_OK
                 : vdb_fail_nomem(&db->error);
    if (rc == VARSDB_OK)
        rc = vdb_name_check_stored(&db->error, "scope", path.data, path.size);
    if (rc == VARSDB_OK)
        rc = vdb_scope_row_ensure(db, path.data, path.size, &to);
    if (rc == VARSDB_OK)
        rc = vdb_scope_row_move_defaults(db, entry->path, path.data);
    if (rc == VARSDB_OK)
        rc = move_variables(db, entry->id, to->id);
    vdb_buf_release(&path);
    return rc;
}

/* Objects of the subtree get their new names at once, not when they are next used. */
static int rename_objects(varsdb *db, const char *scope, size_t bytes)
{
    int rc = VARSDB_OK;
    for (varsdb_variable *v = db->cache.all, *same; rc == VARSDB_OK && v; v = v->next) {
        if (v->state != VDB_OBJECT_ALIVE || v->namespace_id != db->space.id ||
            !vdb_name_in_scope(v->name, v->name_bytes, scope, bytes))
            continue;
        rc = vdb_variable_revive(db, v, &same);
        if (rc == VARSDB_GONE)
            rc = VARSDB_OK; /* another process deleted it before */
    }
    return rc;
}

static int check_new_scope(varsdb *db, const char *scope, const char *name)
{
    int64_t parts = 0;
    vdb_scope_node *there = vdb_cache_scope(&db->cache, db->space.id, name, strlen(name));
    if (!there)
        return vdb_fail_nomem(&db->error);
    there->epoch = 0; /* that it is missing is not remembered for long enough */
    int rc = vdb_scope_row_resolve(db, name, strlen(name), &there);
    if (rc == VARSDB_OK && there->id)
        rc = vdb_fail(&db->error, VARSDB_EXISTS, "scope %s exists already; two scopes are not merged", name);
    if (rc == VARSDB_OK)
        rc = vdb_part_count(db, name, strlen(name), &parts);
    if (rc == VARSDB_OK)
        rc = vdb_part_names_free(db, name, strlen(name), parts, scope, strlen(scope));
    return rc;
}

static int rename_scope(varsdb *db, const char *scope, const char *name)
{
    vdb_buf list = {0};
    size_t bytes = strlen(scope);
    int rc = vdb_namespace_resolve(db);
    if (rc == VARSDB_OK)
        rc = load_subtree(db, scope, &list);
    size_t count = list.size / sizeof(scope_entry);
    const scope_entry *entry = (const scope_entry *)(void *)list.data;
    if (rc == VARSDB_OK && count == 0)
        rc = fail_no_scope(db, scope);
    if (rc != VARSDB_OK || strcmp(scope, name) == 0)
        goto out;
    rc = check_new_scope(db, scope, name);
    for (size_t i = 0; rc == VARSDB_OK && i < count; i++)
        rc = move_scope(db, &entry[i], bytes, name);
    /* The old rows are empty now; the deepest go first. */
    for (size_t i = count; rc == VARSDB_OK && i > 0; i--)
        rc = vdb_scope_row_prune(db, entry[i - 1].path, strlen(entry[i - 1].path));
    if (rc == VARSDB_OK)
        rc = names_changed(db);
    if (rc == VARSDB_OK)
        rc = rename_objects(db, scope, bytes);
out:
    free_subtree(&list);
    return rc;
}

int varsdb_rename_scope(varsdb *db, const char *scope, const char *name)
{
    vdb_write w;
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && (!scope || !name))
        rc = vdb_misuse(db, "the scope's old and new names are needed");
    if (rc == VARSDB_OK && !*scope)
        rc = vdb_fail(&db->error, VARSDB_INVALID, "the root cannot be renamed");
    if (rc == VARSDB_OK)
        rc = vdb_name_check_stored(&db->error, "scope", name, strlen(name));
    if (rc == VARSDB_OK && strcmp(scope, name) != 0 &&
        vdb_name_in_scope(name, strlen(name), scope, strlen(scope)))
        rc =
            vdb_fail(&db->error, VARSDB_INVALID, "scope %s cannot be moved below itself, to %s", scope, name);
    if (rc == VARSDB_OK)
        rc = vdb_write_begin(db, &w);
    if (rc != VARSDB_OK)
        return rc;
    rc = vdb_write_end(db, &w, rename_scope(db, scope, name));
    db->epoch++;
    return rc;
}

/* ---- delete */

/* The rows of one variable; the caller sees to scopes, names and objects. */
static int delete_rows(varsdb *db, int64_t id, int64_t uid)
{
    vdb_variable_row row;
    int rc = vdb_variable_row_by_id(db, id, uid, &row);
    bool has_tensor = rc == VARSDB_OK && row.at[ROW_TENSOR_ID].kind == VDB_INT;
    int64_t tensor = has_tensor ? row.at[ROW_TENSOR_ID].integer : 0;
    vdb_variable_row_release(db, &row);
    if (rc == VARSDB_OK)
        rc = vdb_run(db->engine, VDB_Q_VARIABLE_DELETE_MEMBERS, VDB_ARGS(vdb_int(id)));
    if (rc == VARSDB_OK)
        rc = vdb_run(db->engine, VDB_Q_VARIABLE_DELETE_ATTRIBUTES, VDB_ARGS(vdb_int(id)));
    if (rc == VARSDB_OK)
        rc = vdb_run(db->engine, VDB_Q_VARIABLE_DELETE, VDB_ARGS(vdb_int(id)));
    if (rc == VARSDB_OK && has_tensor)
        rc = vdb_tensor_drop(db, tensor);
    return rc;
}

static int delete_variable(varsdb *db, const varsdb_variable *variable)
{
    varsdb_variable *v;
    int rc = vdb_variable_revive(db, variable, &v);
    if (rc == VARSDB_OK)
        rc = vdb_namespace_resolve(db);
    if (rc == VARSDB_OK && v->namespace_id != db->space.id)
        rc = vdb_misuse(db, "the variable is of another namespace than the one in use");
    if (rc == VARSDB_OK)
        rc = delete_rows(db, v->id, v->uid);
    if (rc == VARSDB_OK)
        rc = vdb_scope_row_prune(db, v->name, vdb_name_scope_bytes(v->name, v->name_bytes));
    if (rc == VARSDB_OK)
        rc = names_changed(db);
    if (rc == VARSDB_OK)
        vdb_cache_deleted(db, v);
    return rc;
}

int varsdb_delete_variable(varsdb *db, const varsdb_variable *variable)
{
    vdb_write w;
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK)
        rc = vdb_write_begin(db, &w);
    return rc == VARSDB_OK ? vdb_write_end(db, &w, delete_variable(db, variable)) : rc;
}

static int delete_scope_variables(varsdb *db, int64_t scope_id, int64_t *count)
{
    vdb_rows *rows = NULL;
    bool row = true;
    int rc = vdb_start(db->engine, VDB_Q_VARIABLES_OF_SCOPE, VDB_ARGS(vdb_int(scope_id)), &rows);
    while (rc == VARSDB_OK && (rc = vdb_next(db->engine, rows, &row)) == VARSDB_OK && row) {
        int64_t id = vdb_column(db->engine, rows, 0).integer, uid = vdb_column(db->engine, rows, 1).integer;
        varsdb_variable *known = vdb_cache_find_uid(&db->cache, uid);
        rc = delete_rows(db, id, uid);
        if (rc == VARSDB_OK && known)
            vdb_cache_deleted(db, known);
        ++*count;
    }
    vdb_finish(db->engine, rows);
    return rc;
}

static int delete_scope(varsdb *db, const char *scope, int64_t *count)
{
    vdb_buf list = {0};
    int rc = vdb_namespace_resolve(db);
    if (rc == VARSDB_OK)
        rc = load_subtree(db, scope, &list);
    size_t scopes = list.size / sizeof(scope_entry);
    const scope_entry *entry = (const scope_entry *)(void *)list.data;
    if (rc == VARSDB_OK && scopes == 0)
        rc = fail_no_scope(db, scope);
    for (size_t i = 0; rc == VARSDB_OK && i < scopes; i++)
        rc = delete_scope_variables(db, entry[i].id, count);
    for (size_t i = scopes; rc == VARSDB_OK && i > 0; i--)
        rc = vdb_run(db->engine, VDB_Q_SCOPE_DELETE, VDB_ARGS(vdb_int(entry[i - 1].id)));
    free_subtree(&list);
    if (rc == VARSDB_OK)
        rc = vdb_scope_row_prune(db, scope, vdb_name_scope_bytes(scope, strlen(scope)));
    return rc == VARSDB_OK ? names_changed(db) : rc;
}

int varsdb_delete_scope(varsdb *db, const char *scope, int64_t *count)
{
    vdb_write w;
    int64_t deleted = 0;
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && !scope)
        rc = vdb_misuse(db, "a scope is needed");
    if (rc == VARSDB_OK && !*scope)
        rc = vdb_fail(&db->error, VARSDB_INVALID, "the root cannot be deleted; delete its namespace instead");
    if (rc == VARSDB_OK)
        rc = vdb_write_begin(db, &w);
    if (rc != VARSDB_OK)
        return rc;
    rc = vdb_write_end(db, &w, delete_scope(db, scope, &deleted));
    db->epoch++;
    if (rc == VARSDB_OK && count)
        *count = deleted;
    return rc;
}
