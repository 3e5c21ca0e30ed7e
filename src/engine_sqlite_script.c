/* engine_sqlite_script.c - SQL text of ours, the catalogue, and the schema number. */
#include <stdio.h>

#include "engine_sqlite.h"

int vdb_sqlite_script(vdb_engine *engine, const char *sql)
{
    return vdb_sqlite_exec(vdb_sqlite_of(engine), sql, "running a migration");
}

int vdb_sqlite_user_version(vdb_engine *engine, int64_t *out)
{
    vdb_sqlite *s = vdb_sqlite_of(engine);
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(s->db, "PRAGMA main.user_version", -1, &statement, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_step(statement);
        if (code == SQLITE_ROW)
            *out = sqlite3_column_int64(statement, 0);
        else
            code = sqlite3_extended_errcode(s->db);
    }
    sqlite3_finalize(statement);
    return code == SQLITE_ROW ? VARSDB_OK : vdb_sqlite_fail(s, code, "reading the schema's number");
}

int vdb_sqlite_set_user_version(vdb_engine *engine, int64_t version)
{
    char sql[64];
    snprintf(sql, sizeof sql, "PRAGMA main.user_version=%lld", (long long)version);
    return vdb_sqlite_exec(vdb_sqlite_of(engine), sql, "setting the schema's number");
}

int vdb_sqlite_catalogue(vdb_engine *engine, vdb_catalogue_cb callback, void *payload)
{
    static const char sql[] = "SELECT type, name, sql FROM main.sqlite_schema"
                              " WHERE substr(tbl_name, 1, 7) = 'varsdb_' AND sql IS NOT NULL";
    vdb_sqlite *s = vdb_sqlite_of(engine);
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL);
    int rc = VARSDB_OK;
    while (code == SQLITE_OK && rc == VARSDB_OK) {
        code = sqlite3_step(statement);
        if (code != SQLITE_ROW)
            break;
        code = SQLITE_OK;
        rc = callback(payload, (const char *)sqlite3_column_text(statement, 0),
                      (const char *)sqlite3_column_text(statement, 1),
                      (const char *)sqlite3_column_text(statement, 2));
    }
    if (rc == VARSDB_OK && code != SQLITE_DONE)
        rc = vdb_sqlite_fail(s, sqlite3_extended_errcode(s->db), "reading the catalogue");
    sqlite3_finalize(statement);
    return rc;
}
