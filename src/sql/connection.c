/* connection.c - see connection.h. */
#include "connection.h"

#include "fork.h"
#include "queries.h"
#include "registry.h"
#include "stored.h"

vdb_sql *vdb_sql_new(sqlite3 *connection)
{
    vdb_sql *sql = vdb_calloc(1, sizeof *sql);
    if (sql) {
        sql->connection = connection;
        sql->generation = vdb_fork_generation();
        sql->references = 1;
    }
    return sql;
}

vdb_sql *vdb_sql_retain(vdb_sql *sql)
{
    sql->references++;
    return sql;
}

void vdb_sql_release(void *payload)
{
    vdb_sql *sql = payload;
    if (!sql || --sql->references > 0)
        return;
    vdb_sql_forget(sql);
    vdb_free(sql->schema);
    vdb_free(sql->name_space);
    vdb_free(sql);
}

/* ---- handles */

vdb_sql_registry *vdb_sql_registry_retain(vdb_sql_registry *registry)
{
    registry->references++;
    return registry;
}

void vdb_sql_registry_release(vdb_sql_registry *registry)
{
    if (!registry || --registry->references > 0)
        return;
    varsdb_close(registry->db);
    vdb_free(registry->schema);
    vdb_free(registry->file);
    vdb_free(registry);
}

void vdb_sql_forget(vdb_sql *sql)
{
    vdb_stored_free(sql->looked_at);
    sql->looked_at = NULL;
    vdb_sql_registry_release(sql->current);
    sql->current = NULL;
}

static const char *file_of(const vdb_sql *sql, const char *schema)
{
    const char *file = sqlite3_db_filename(sql->connection, schema);
    return file ? file : "";
}

static int open_in(vdb_sql *sql, const char *schema, vdb_sql_access access, vdb_error *e,
                   vdb_sql_registry **out)
{
    unsigned flags = access == VDB_SQL_CREATE ? VARSDB_CREATE_FILE
                     : access == VDB_SQL_READ ? VARSDB_READ_ONLY
                                              : 0;
    vdb_sql_registry *r = vdb_calloc(1, sizeof *r);
    if (!r)
        return vdb_fail_nomem(e);
    r->references = 1;
    r->writable = access != VDB_SQL_READ;
    r->schema = vdb_strdup(schema);
    r->file = vdb_strdup(file_of(sql, schema));
    int rc = r->schema && r->file ? VARSDB_OK : vdb_fail_nomem(e);
    if (rc == VARSDB_OK) {
        rc = vdb_open_inside(sql->connection, schema, VARSDB_OPEN(.flags = flags, .in = sql->name_space),
                             &r->db);
        if (rc != VARSDB_OK)
            vdb_fail(e, rc, "%s", varsdb_errmsg(r->db));
    }
    if (rc == VARSDB_OK)
        *out = r;
    else
        vdb_sql_registry_release(r);
    return rc;
}

/* ---- which database */

static int open_first_attached(vdb_sql *sql, vdb_sql_access access, vdb_error *e, vdb_sql_registry **out)
{
    sqlite3_stmt *list = NULL;
    int rc = VARSDB_NOTDB;
    int code =
        sqlite3_prepare_v2(sql->connection, vdb_queries[VDB_Q_FUNCTION_DATABASES].sql, -1, &list, NULL);
    while (code == SQLITE_OK && rc == VARSDB_NOTDB && sqlite3_step(list) == SQLITE_ROW) {
        const char *schema = (const char *)sqlite3_column_text(list, 1);
        if (schema && strcmp(schema, "main") != 0 && strcmp(schema, "temp") != 0)
            rc = open_in(sql, schema, access, e, out);
    }
    sqlite3_finalize(list);
    return rc;
}

static int open_found(vdb_sql *sql, vdb_sql_access access, vdb_error *e, vdb_sql_registry **out)
{
    if (sql->schema)
        return open_in(sql, sql->schema, access, e, out);
    int rc = open_in(sql, "main", access, e, out);
    if (rc == VARSDB_NOTDB)
        rc = open_first_attached(sql, access, e, out);
    if (rc == VARSDB_NOTDB)
        vdb_fail(e, rc,
                 "no database of this connection holds a registry; varsdb_create() makes one in it, and "
                 "'varsdb init FILE' one in a file of its own");
    return rc;
}

/* A table of ours is connected, and will be disconnected when the connection is closed. */
static int connect_table(vdb_sql *sql, vdb_error *e)
{
    sqlite3_stmt *statement = NULL;
    int code =
        sqlite3_prepare_v2(sql->connection, vdb_queries[VDB_Q_FUNCTION_CONNECT].sql, -1, &statement, NULL);
    sqlite3_finalize(statement);
    if (code == SQLITE_OK)
        return VARSDB_OK;
    return vdb_fail(e, code == SQLITE_NOMEM ? VARSDB_NOMEM : VARSDB_ERROR, "varsdb cannot be set up: %s",
                    sqlite3_errmsg(sql->connection));
}

/* Only attached databases can be detached, and another be attached under the same name. */
static bool is_there_still(const vdb_sql *sql, const vdb_sql_registry *r)
{
    return strcmp(r->schema, "main") == 0 || strcmp(file_of(sql, r->schema), r->file) == 0;
}

bool vdb_sql_trust(vdb_sql *sql, bool trusted)
{
    bool before = sql->trusted && *sql->trusted;
    if (sql->trusted)
        *sql->trusted = trusted;
    return before;
}

int vdb_sql_open(vdb_sql *sql, vdb_sql_access access, vdb_error *e, vdb_sql_registry **out)
{
    vdb_sql_registry *r = sql->current;
    if (sql->generation != vdb_fork_generation())
        return vdb_fail(e, VARSDB_MISUSE,
                        "the connection was opened before fork(); open a new one in the child");
    if (sql->reads_only)
        access = VDB_SQL_READ;
    if (r && is_there_still(sql, r) && (access == VDB_SQL_READ || r->writable)) {
        *out = r;
        return VARSDB_OK;
    }
    vdb_sql_forget(sql);
    bool before = vdb_sql_trust(sql, true);
    int rc = connect_table(sql, e);
    if (rc == VARSDB_OK)
        rc = open_found(sql, access == VDB_SQL_CREATE ? VDB_SQL_WRITE : access, e, &sql->current);
    if (rc == VARSDB_NOTDB && access == VDB_SQL_CREATE)
        rc = open_in(sql, sql->schema ? sql->schema : "main", access, e, &sql->current);
    vdb_sql_trust(sql, before);
    if (rc == VARSDB_OK)
        *out = sql->current;
    return rc;
}

static int choose(vdb_sql *sql, char **which, const char *value, vdb_error *e)
{
    char *copy = value ? vdb_strdup(value) : NULL;
    if (value && !copy)
        return vdb_fail_nomem(e);
    vdb_free(*which);
    *which = copy;
    vdb_sql_forget(sql);
    return VARSDB_OK;
}

int vdb_sql_choose_schema(vdb_sql *sql, const char *schema, vdb_error *e)
{
    return choose(sql, &sql->schema, schema, e);
}

int vdb_sql_choose_namespace(vdb_sql *sql, const char *name, vdb_error *e)
{
    return choose(sql, &sql->name_space, name, e);
}
