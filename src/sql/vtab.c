/* vtab.c - see vtab.h. */
#include "vtab.h"

int vdb_vtab_connect(sqlite3 *db, vdb_sql *sql, enum vdb_query declaration, sqlite3_vtab **out)
{
    vdb_vtab *t = vdb_calloc(1, sizeof *t);
    if (!t)
        return SQLITE_NOMEM;
    bool before = vdb_sql_trust(sql, true);
    int code = sqlite3_declare_vtab(db, vdb_queries[declaration].sql);
    vdb_sql_trust(sql, before);
    if (code != SQLITE_OK) {
        vdb_free(t);
        return code;
    }
    t->sql = vdb_sql_retain(sql);
    *out = &t->base;
    return SQLITE_OK;
}

/* The connection is being closed: a handle would keep it open. */
int vdb_vtab_disconnect(sqlite3_vtab *base)
{
    vdb_vtab *t = (vdb_vtab *)base;
    vdb_sql_forget(t->sql);
    vdb_sql_release(t->sql);
    vdb_free(t);
    return SQLITE_OK;
}

int vdb_vtab_open(size_t bytes, sqlite3_vtab_cursor **out)
{
    sqlite3_vtab_cursor *c = vdb_calloc(1, bytes);
    if (!c)
        return SQLITE_NOMEM;
    *out = c;
    return SQLITE_OK;
}

vdb_sql *vdb_vtab_sql(const sqlite3_vtab_cursor *cursor)
{
    return ((vdb_vtab *)cursor->pVtab)->sql;
}

int vdb_vtab_fail(sqlite3_vtab *base, const vdb_error *e)
{
    if (e->code == VARSDB_NOMEM)
        return SQLITE_NOMEM;
    sqlite3_free(base->zErrMsg);
    base->zErrMsg = sqlite3_mprintf("%s", e->text);
    return vdb_sql_code(((vdb_vtab *)base)->sql, e->code);
}

/* ---- arguments */

int vdb_vtab_take_arguments(sqlite3_index_info *info, int first, int count, int *given)
{
    int place[8], asked = 0, next = 0;
    assert(count <= 8);
    *given = 0;
    for (int i = 0; i < info->nConstraint; i++) {
        int argument = info->aConstraint[i].iColumn - first;
        if (argument < 0 || argument >= count || info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ)
            continue;
        asked |= 1 << argument;
        if (!info->aConstraint[i].usable)
            continue;
        place[argument] = i;
        *given |= 1 << argument;
    }
    if (asked != *given)
        return SQLITE_CONSTRAINT;
    for (int i = 0; i < count; i++)
        if (*given & 1 << i) {
            info->aConstraintUsage[place[i]].argvIndex = ++next;
            info->aConstraintUsage[place[i]].omit = 1;
        }
    return SQLITE_OK;
}

int vdb_vtab_spread(int given, int count, sqlite3_value **from, sqlite3_value **to)
{
    int next = 0;
    for (int i = 0; i < count; i++)
        to[i] = given & 1 << i ? from[next++] : NULL;
    return next;
}

int vdb_vtab_keep(sqlite3_value **from, int count, sqlite3_value **to)
{
    for (int i = 0; i < count; i++)
        if (from[i] && !(to[i] = sqlite3_value_dup(from[i])))
            return VARSDB_NOMEM;
    return VARSDB_OK;
}

void vdb_vtab_drop(sqlite3_value **values, int count)
{
    for (int i = 0; i < count; i++) {
        sqlite3_value_free(values[i]);
        values[i] = NULL;
    }
}

void vdb_vtab_result(sqlite3_context *context, sqlite3_value *kept)
{
    if (kept)
        sqlite3_result_value(context, kept);
}

/* ---- rows */

int vdb_vtab_rows_end(sqlite3_vtab_cursor *rows)
{
    return ((vdb_vtab_rows *)rows)->at >= ((vdb_vtab_rows *)rows)->count;
}

int vdb_vtab_rows_next(sqlite3_vtab_cursor *rows)
{
    ((vdb_vtab_rows *)rows)->at++;
    return SQLITE_OK;
}

int vdb_vtab_rows_id(sqlite3_vtab_cursor *rows, sqlite3_int64 *out)
{
    *out = ((vdb_vtab_rows *)rows)->at;
    return SQLITE_OK;
}
