/* engine_sqlite_script.c - SQL text of ours, the catalogue, and the schema number. */
#include <stdio.h>

#include "buf.h"
#include "engine_sqlite.h"

/* {schema}: of a host's databases ours may be an attached one, while names alone are of its main one.
 * {views}: where views are a host's too, ours have names of their own. */
static int script_text(vdb_engine *engine, const char *sql, vdb_buf *out)
{
    const struct {
        const char *mark, *text;
    } marks[] = {{"{schema}", vdb_sqlite_schema(engine)}, {"{views}", engine->view_prefix}};
    int rc = VARSDB_OK;
    while (rc == VARSDB_OK && *sql) {
        size_t plain = strcspn(sql, "{");
        plain += plain == 0;
        for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
            if (strncmp(sql, marks[i].mark, strlen(marks[i].mark)) == 0) {
                rc = vdb_buf_append_text(out, marks[i].text);
                sql += strlen(marks[i].mark);
                plain = 0;
            }
        if (rc == VARSDB_OK)
            rc = vdb_buf_append(out, sql, plain);
        sql += plain;
    }
    return rc == VARSDB_OK ? rc : vdb_fail_nomem(engine->error);
}

int vdb_sqlite_script(vdb_engine *engine, const char *sql)
{
    vdb_buf text = {0};
    vdb_sqlite_of(engine)->scripted = true;
    int rc = script_text(engine, sql, &text);
    if (rc == VARSDB_OK)
        rc = vdb_sqlite_exec(vdb_sqlite_of(engine), text.data, "running a migration");
    vdb_buf_release(&text);
    return rc;
}

int vdb_sqlite_pragma(vdb_sqlite *s, const char *name, int64_t *out)
{
    sqlite3_stmt *statement = NULL;
    char *sql = sqlite3_mprintf("PRAGMA %s.%s", s->quoted, name);
    if (!sql)
        return vdb_fail_nomem(s->base.error);
    int code = sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL);
    sqlite3_free(sql);
    if (code == SQLITE_OK) {
        code = sqlite3_step(statement);
        if (code == SQLITE_ROW)
            *out = sqlite3_column_int64(statement, 0);
        else
            code = sqlite3_extended_errcode(s->db);
    }
    sqlite3_finalize(statement);
    return code == SQLITE_ROW ? VARSDB_OK : vdb_sqlite_fail(s, code, "reading a setting");
}

/* In a host's own database the number in the head is the host's; ours is in the registry's row. */
int vdb_sqlite_user_version(vdb_engine *engine, int64_t *out)
{
    bool found;
    if (!*engine->view_prefix)
        return vdb_sqlite_pragma(vdb_sqlite_of(engine), "user_version", out);
    int64_t format = 0;
    int rc = vdb_get_int(engine, VDB_Q_REGISTRY_FORMAT, VDB_NO_ARGS, &format, &found);
    if (rc == VARSDB_OK)
        *out = found ? format : 0;
    return rc;
}

int vdb_sqlite_set_user_version(vdb_engine *engine, int64_t version)
{
    vdb_sqlite *s = vdb_sqlite_of(engine);
    if (*engine->view_prefix)
        return VARSDB_OK; /* that number is the host's */
    char *sql = sqlite3_mprintf("PRAGMA %s.user_version=%lld", s->quoted, (long long)version);
    if (!sql)
        return vdb_fail_nomem(s->base.error);
    int rc = vdb_sqlite_exec(s, sql, "setting the schema's number");
    sqlite3_free(sql);
    return rc;
}

/* NULL for whatever else a stranger wrote there: only text ends in NUL. */
static const char *text(vdb_engine *engine, vdb_rows *rows, int i)
{
    vdb_value v = vdb_column(engine, rows, i);
    return v.kind == VDB_TEXT ? v.data : NULL;
}

int vdb_sqlite_catalogue(vdb_engine *engine, vdb_catalogue_cb callback, void *payload)
{
    vdb_rows *rows = NULL;
    bool row = true;
    int rc = vdb_start(engine, VDB_Q_CATALOGUE, VDB_NO_ARGS, &rows);
    while (rc == VARSDB_OK && (rc = vdb_next(engine, rows, &row)) == VARSDB_OK && row)
        rc = callback(payload, text(engine, rows, 0), text(engine, rows, 1), text(engine, rows, 2));
    vdb_finish(engine, rows);
    return rc;
}
