/* function.c - see function.h. */
#include "function.h"

bool vdb_call_has(const vdb_call *call, int i)
{
    return i < call->count && sqlite3_value_type(call->values[i]) != SQLITE_NULL;
}

const char *vdb_text_of(sqlite3_value *value)
{
    if (sqlite3_value_type(value) != SQLITE_TEXT)
        return NULL;
    const char *text = (const char *)sqlite3_value_text(value);
    return text && strlen(text) == (size_t)sqlite3_value_bytes(value) ? text : NULL;
}

static int refuse(vdb_call *call, const char *what, const char *kind)
{
    return vdb_fail(&call->error, VARSDB_INVALID, "%s: %s is %s", call->usage, what, kind);
}

int vdb_call_text(vdb_call *call, int i, const char *what, const char **out)
{
    const char *text = vdb_text_of(call->values[i]);
    if (!text)
        return refuse(call, what, "a text");
    *out = text;
    return VARSDB_OK;
}

int vdb_call_optional_text(vdb_call *call, int i, const char *what, const char **out)
{
    if (vdb_call_has(call, i))
        return vdb_call_text(call, i, what, out);
    *out = NULL;
    return VARSDB_OK;
}

int vdb_call_integer(vdb_call *call, int i, const char *what, int64_t *out)
{
    if (sqlite3_value_type(call->values[i]) != SQLITE_INTEGER)
        return refuse(call, what, "an integer");
    *out = sqlite3_value_int64(call->values[i]);
    return VARSDB_OK;
}

int vdb_call_number(vdb_call *call, int i, const char *what, double *out)
{
    int type = sqlite3_value_type(call->values[i]);
    if (type != SQLITE_INTEGER && type != SQLITE_FLOAT)
        return refuse(call, what, "a number");
    *out = sqlite3_value_double(call->values[i]);
    return VARSDB_OK;
}

int vdb_place_of(vdb_error *e, const char *what, sqlite3_value *name, sqlite3_value *snapshot, vdb_place *out)
{
    vdb_place place = {.name = vdb_text_of(name)};
    int kind = snapshot ? sqlite3_value_type(snapshot) : SQLITE_NULL;
    if (!place.name && sqlite3_value_type(name) != SQLITE_INTEGER)
        return vdb_fail(e, VARSDB_INVALID, "%s: name is a variable's name, or its id", what);
    if (!place.name)
        place.id = sqlite3_value_int64(name);
    if (kind == SQLITE_INTEGER)
        place.snapshot_id = sqlite3_value_int64(snapshot);
    else if (kind != SQLITE_NULL)
        place.snapshot = vdb_text_of(snapshot);
    if (kind != SQLITE_NULL && !place.snapshot && place.snapshot_id <= 0)
        return vdb_fail(e, VARSDB_INVALID,
                        "%s: a snapshot is named as 'best', 'step:100', '#3' or 'latest', or by its id",
                        what);
    *out = place;
    return VARSDB_OK;
}

int vdb_call_find(vdb_call *call, vdb_stored *out)
{
    vdb_sql_registry *registry;
    vdb_place place;
    *out = (vdb_stored){0};
    int rc = vdb_place_of(&call->error, call->usage, call->values[0], NULL, &place);
    if (rc == VARSDB_OK)
        rc = vdb_sql_open(call->sql, VDB_SQL_READ, &call->error, &registry);
    return rc == VARSDB_OK ? vdb_stored_find(registry, &place, &call->error, out) : rc;
}

/* For SQLITE_FULL and SQLITE_IOERR, SQLite would roll the caller's transaction back, of which nothing is
 * broken: what we had written is undone.  Where there is none, they say what it was. */
int vdb_sql_code(const vdb_sql *sql, int rc)
{
    bool alone = sqlite3_get_autocommit(sql->connection) != 0;
    switch (rc) {
    case VARSDB_NOMEM:
        return SQLITE_NOMEM;
    case VARSDB_BUSY:
        return SQLITE_BUSY;
    case VARSDB_RETRY:
        return SQLITE_BUSY_SNAPSHOT;
    case VARSDB_READONLY:
        return SQLITE_READONLY;
    case VARSDB_CANCELLED:
        return SQLITE_INTERRUPT;
    case VARSDB_CORRUPT:
        return SQLITE_CORRUPT;
    case VARSDB_CANTOPEN:
        return SQLITE_CANTOPEN;
    case VARSDB_IO:
        return alone ? SQLITE_IOERR : SQLITE_ERROR;
    case VARSDB_FULL:
        return alone ? SQLITE_FULL : SQLITE_ERROR;
    default:
        return SQLITE_ERROR;
    }
}

uint64_t vdb_sql_length_limit(const vdb_sql *sql)
{
    return (uint64_t)sqlite3_limit(sql->connection, SQLITE_LIMIT_LENGTH, -1);
}
