/* function_registry.c - which registry, and which namespace of it, the other functions work on. */
#include "function.h"
#include "name.h"

static void result_text(vdb_call *c, const char *text)
{
    sqlite3_result_text(c->context, text, -1, SQLITE_TRANSIENT);
}

int vdb_function_version(vdb_call *c)
{
    sqlite3_result_text(c->context, VARSDB_VERSION, -1, SQLITE_STATIC);
    return VARSDB_OK;
}

/* Its UUID. */
int vdb_function_create(vdb_call *c)
{
    vdb_sql_registry *registry;
    int rc = vdb_sql_open(c->sql, VDB_SQL_CREATE, &c->error, &registry);
    if (rc == VARSDB_OK)
        result_text(c, varsdb_uuid(registry->db));
    return rc;
}

int vdb_function_database(vdb_call *c)
{
    vdb_sql_registry *registry;
    const char *name = NULL;
    int rc = c->count ? vdb_call_optional_text(c, 0, "database", &name) : VARSDB_OK;
    if (rc == VARSDB_OK && name && sqlite3_db_readonly(c->sql->connection, name) < 0)
        rc = vdb_fail(&c->error, VARSDB_NOTFOUND,
                      "the connection has no database '%.60s'; it is 'main', or what ATTACH called it", name);
    if (rc == VARSDB_OK && c->count)
        rc = vdb_sql_choose_schema(c->sql, name, &c->error);
    if (rc == VARSDB_OK && name) {
        result_text(c, name);
        return VARSDB_OK;
    }
    if (rc == VARSDB_OK)
        rc = vdb_sql_open(c->sql, VDB_SQL_READ, &c->error, &registry);
    if (rc == VARSDB_OK)
        result_text(c, registry->schema);
    return rc;
}

int vdb_function_namespace(vdb_call *c)
{
    const char *name = NULL;
    int rc = c->count ? vdb_call_optional_text(c, 0, "namespace", &name) : VARSDB_OK;
    if (rc == VARSDB_OK && name)
        rc = vdb_name_check_stored(&c->error, "namespace", name, strlen(name));
    if (rc == VARSDB_OK && c->count)
        rc = vdb_sql_choose_namespace(c->sql, name, &c->error);
    if (rc == VARSDB_OK)
        result_text(c, c->sql->name_space ? c->sql->name_space : "main");
    return rc;
}
