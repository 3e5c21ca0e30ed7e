/* query.c - a user's query, on a connection of its own that cannot write, with our functions on it. */
#include "internal.h"
#include "sql/extension.h"

int varsdb_query(varsdb *db, const char *sql, varsdb_row_cb callback, void *payload)
{
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && (!sql || !callback))
        rc = vdb_misuse(db, "a query and a callback are needed");
    if (rc == VARSDB_OK)
        rc = db->engine->methods->query(db->engine, &(const vdb_engine_query){.sql = sql,
                                                                              .callback = callback,
                                                                              .payload = payload,
                                                                              .set_up = vdb_sql_add_for_query,
                                                                              .name_space = db->space.name});
    /* A callback may have failed at something and not minded. */
    if (rc == VARSDB_OK)
        vdb_error_clear(&db->error);
    return rc;
}
