/* function_get.c - get_variable and model_variable: get or create, by the library's own rules. */
#include "function.h"
#include "options.h"

typedef int (*getter)(varsdb *db, const char *name, const varsdb_variable_options *options, int *created,
                      const varsdb_variable **out);

static int read_options(vdb_call *c, vdb_sql_options *o)
{
    const char *shape = NULL, *dtype = NULL, *json = NULL;
    int rc = vdb_call_optional_text(c, 1, "shape, as '[2,3]',", &shape);
    if (rc == VARSDB_OK)
        rc = vdb_call_optional_text(c, 2, "dtype, as 'float32',", &dtype);
    if (rc == VARSDB_OK)
        rc = vdb_call_optional_text(c, 3, "initializer, as 'zeros',", &o->with.initializer);
    if (rc == VARSDB_OK)
        rc = vdb_call_optional_text(c, 4, "options, a JSON object,", &json);
    if (rc == VARSDB_OK && shape)
        rc = vdb_sql_options_set_shape(o, &c->error, shape);
    if (rc == VARSDB_OK && dtype)
        rc = vdb_sql_options_set_dtype(o, &c->error, dtype);
    return rc == VARSDB_OK && json ? vdb_sql_options_set_json(o, &c->error, json) : rc;
}

static int get(vdb_call *c, getter get_from)
{
    const char *name;
    vdb_sql_registry *registry;
    vdb_sql_options options;
    const varsdb_variable *variable;
    vdb_sql_options_begin(&options);
    int rc = vdb_call_text(c, 0, "name", &name);
    if (rc == VARSDB_OK)
        rc = read_options(c, &options);
    if (rc == VARSDB_OK)
        rc = vdb_sql_open(c->sql, VDB_SQL_WRITE, &c->error, &registry);
    if (rc == VARSDB_OK) {
        rc = get_from(registry->db, name, &options.with, NULL, &variable);
        if (rc == VARSDB_OK)
            sqlite3_result_int64(c->context, varsdb_variable_id(variable));
        else
            vdb_fail(&c->error, rc, "%s", varsdb_errmsg(registry->db));
    }
    vdb_sql_options_release(&options);
    return rc;
}

int vdb_function_get_variable(vdb_call *c)
{
    return get(c, varsdb_get_variable);
}

int vdb_function_model_variable(vdb_call *c)
{
    return get(c, varsdb_model_variable);
}
