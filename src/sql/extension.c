/*
 * extension.c - puts our functions on a connection: the entry point of the loadable extension, and of a
 * program that links the library.
 */
#include "extension.h"
#include "function.h"
#include "registry.h"
#include "varsdb_sql.h"
#include "vtab.h"

#ifdef VARSDB_LOADABLE
SQLITE_EXTENSION_INIT1
#endif

/* sqlite3_total_changes64 is the youngest of the functions that the library calls. */
#define OLDEST_SQLITE      3037000
#define OLDEST_SQLITE_TEXT "3.37.0"

#define ANY (-1)

typedef struct function_entry {
    const char *name, *usage;
    int least, most; /* arguments; ANY: more */
    int flags;
    vdb_function run;
} function_entry;

/* What a name, shape and so on are is told in varsdb_sql.h.  Those that change something can be called by
 * statements of the client's alone, not by views and triggers of a file that a stranger made. */
#define WRITES SQLITE_DIRECTONLY
#define PURE   (SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS)
static const function_entry functions[] = {
    {"get_variable", "get_variable(name[, shape[, dtype[, initializer[, options]]]])", 1, 5, WRITES,
     vdb_function_get_variable},
    {"model_variable", "model_variable(name[, shape[, dtype[, initializer[, options]]]])", 1, 5, WRITES,
     vdb_function_model_variable},
    {"assign", "assign(name, value)", 2, 2, WRITES, vdb_function_assign},
    {"tensor", "tensor(name)", 1, 1, 0, vdb_function_tensor},
    {"tensor_json", "tensor_json(name[, slice])", 1, 2, 0, vdb_function_tensor_json},
    {"tensor_item", "tensor_item(name, index, ...)", 1, ANY, 0, vdb_function_tensor_item},
    {"tensor_from_json", "tensor_from_json(json[, dtype[, shape]])", 1, 3, PURE,
     vdb_function_tensor_from_json},
    {"l1_loss", "l1_loss(name[, scale])", 1, 2, 0, vdb_function_l1_loss},
    {"l2_loss", "l2_loss(name[, scale])", 1, 2, 0, vdb_function_l2_loss},
    {"regularization_loss", "regularization_loss([name])", 0, 1, 0, vdb_function_regularization_loss},
    {"varsdb_version", "varsdb_version()", 0, 0, PURE, vdb_function_version},
    {"varsdb_create", "varsdb_create()", 0, 0, WRITES, vdb_function_create},
    {"varsdb_database", "varsdb_database([database])", 0, 1, WRITES, vdb_function_database},
    {"varsdb_namespace", "varsdb_namespace([namespace])", 0, 1, WRITES, vdb_function_namespace},
};
#define FUNCTIONS (sizeof functions / sizeof *functions)

/* A function on a connection. */
typedef struct function_binding {
    const function_entry *entry;
    vdb_sql *sql;
} function_binding;

/* ---- a call */

static int check_count(vdb_call *c, const function_entry *f)
{
    if (c->count >= f->least && (f->most == ANY || c->count <= f->most))
        return VARSDB_OK;
    return vdb_fail(&c->error, VARSDB_INVALID, "wrong number of arguments, %d: %s", c->count, f->usage);
}

/* A registry that was made in a transaction which was rolled back is as damaged as one that was
 * damaged: a fresh look tells. */
static int run(vdb_call *c, const function_entry *f)
{
    int rc = f->run(c);
    if (rc != VARSDB_CORRUPT)
        return rc;
    vdb_sql_forget(c->sql);
    return f->run(c);
}

static void call_function(sqlite3_context *context, int count, sqlite3_value **values)
{
    const function_binding *b = sqlite3_user_data(context);
    vdb_call c = {
        .sql = b->sql, .context = context, .count = count, .values = values, .usage = b->entry->usage};
    int rc = check_count(&c, b->entry);
    if (rc == VARSDB_OK)
        rc = run(&c, b->entry);
    if (rc == VARSDB_OK)
        return;
    int code = vdb_sql_code(b->sql, rc);
    if (code == SQLITE_NOMEM) {
        sqlite3_result_error_nomem(context);
        return;
    }
    sqlite3_result_error(context, c.error.text, -1);
    sqlite3_result_error_code(context, code);
}

/* ---- putting them there */

static void release_binding(void *payload)
{
    function_binding *b = payload;
    vdb_sql_release(b->sql);
    vdb_free(b);
}

/* SQLite releases the binding also when it fails. */
static int add_function(vdb_sql *sql, const function_entry *f)
{
    function_binding *b = vdb_calloc(1, sizeof *b);
    if (!b)
        return SQLITE_NOMEM;
    *b = (function_binding){f, vdb_sql_retain(sql)};
    return sqlite3_create_function_v2(sql->connection, f->name, -1, SQLITE_UTF8 | f->flags, b, call_function,
                                      NULL, NULL, release_binding);
}

static int add_table(vdb_sql *sql, const char *name, const sqlite3_module *module)
{
    return sqlite3_create_module_v2(sql->connection, name, module, vdb_sql_retain(sql), vdb_sql_release);
}

static int add_all(vdb_sql *sql)
{
    const struct {
        const char *name;
        const sqlite3_module *module;
    } tables[] = {
        {"tensor_each", vdb_vtab_each()},           {"tensor_slice", vdb_vtab_slice()},
        {"tensor_histogram", vdb_vtab_histogram()}, {"snapshot_diff", vdb_vtab_diff()},
        {"varsdb_connection", vdb_vtab_each()}, /* a name that no table of the host's has; see connection.h */
    };
    int code = SQLITE_OK;
    for (size_t i = 0; code == SQLITE_OK && i < FUNCTIONS; i++)
        code = add_function(sql, &functions[i]);
    for (size_t i = 0; code == SQLITE_OK && i < sizeof tables / sizeof *tables; i++)
        code = add_table(sql, tables[i].name, tables[i].module);
    return code;
}

/* The version of what is on the connection already; "" when nothing is.  A failure would be taken for one
 * of sqlite3_open, which calls us for sqlite3_auto_extension. */
static void find_loaded(sqlite3 *db, char version[16])
{
    static const enum vdb_query steps[] = {VDB_Q_FUNCTION_IS_LOADED, VDB_Q_FUNCTION_VERSION};
    *version = '\0';
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        sqlite3_stmt *s = NULL;
        const char *text = NULL;
        if (sqlite3_prepare_v2(db, vdb_queries[steps[i]].sql, -1, &s, NULL) == SQLITE_OK &&
            sqlite3_step(s) == SQLITE_ROW)
            text = (const char *)sqlite3_column_text(s, 0);
        sqlite3_snprintf(16, version, "%s", text ? text : "");
        sqlite3_finalize(s);
        if (!*version)
            return;
    }
}

static int set_up(sqlite3 *db, char **error)
{
    char loaded[16];
    if (sqlite3_libversion_number() < OLDEST_SQLITE) {
        *error = sqlite3_mprintf("varsdb needs SQLite " OLDEST_SQLITE_TEXT ", and this is %s",
                                 sqlite3_libversion());
        return SQLITE_ERROR;
    }
    find_loaded(db, loaded);
    if (*loaded) {
        *error = sqlite3_mprintf("varsdb %s is loaded on this connection already", loaded);
        return SQLITE_ERROR;
    }
    vdb_sql *sql = vdb_sql_new(db);
    if (!sql)
        return SQLITE_NOMEM;
    int code = add_all(sql);
    vdb_sql_release(sql);
    return code;
}

int vdb_sql_add_for_query(sqlite3 *connection, const char *name_space, bool *trusted)
{
    vdb_sql *sql = vdb_sql_new(connection);
    if (!sql)
        return SQLITE_NOMEM;
    sql->reads_only = true;
    sql->trusted = trusted;
    sql->name_space = vdb_strdup(name_space);
    int code = sql->name_space ? add_all(sql) : SQLITE_NOMEM;
    vdb_sql_release(sql);
    return code;
}

#ifdef VARSDB_LOADABLE
__attribute__((visibility("default")))
#endif
int sqlite3_varsdb_init(sqlite3 *db, char **error, const sqlite3_api_routines *api)
{
#ifdef VARSDB_LOADABLE
    if (sqlite3_api && sqlite3_api != api) {
        *error = api->mprintf("varsdb is in use with another copy of SQLite in this process");
        return SQLITE_ERROR;
    }
    SQLITE_EXTENSION_INIT2(api)
#else
    (void)api;
#endif
    char *text = NULL;
    int code = set_up(db, &text);
    if (error)
        *error = text;
    else
        sqlite3_free(text);
    return code;
}
