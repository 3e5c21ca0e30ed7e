/*
 * engine_sqlite_check.c - what SQLite itself says of the file's structure: b-trees, free list,
 * indexes against their tables, and the constraints of the schema.
 */
#include "engine_sqlite.h"

#define TICK_STEPS 20000 /* of SQLite's machine, between two looks at whether to go on */

/* Before 3.42 a walk through all b-trees is one step, so a cancellation waits for its end. */
static int tick(void *payload)
{
    const vdb_engine_check *check = payload;
    return check->tick(check->payload);
}

/* One row may hold several messages, each on a line, below a heading. */
static int tell_lines(vdb_sqlite *s, const vdb_engine_check *check, const char *text, int *left)
{
    int rc = VARSDB_OK;
    while (rc == VARSDB_OK && *text && *left > 0) {
        size_t bytes = strcspn(text, "\n");
        if (bytes && strncmp(text, "*** in database", 15) != 0) {
            char *line = sqlite3_mprintf("%.*s", (int)bytes, text);
            rc = line ? check->found(check->payload, line) : vdb_fail_nomem(s->base.error);
            sqlite3_free(line);
            --*left;
        }
        text += bytes + (text[bytes] == '\n');
    }
    return rc;
}

static int run(vdb_sqlite *s, const vdb_engine_check *check, sqlite3_stmt *statement)
{
    int rc = VARSDB_OK, code = SQLITE_ROW, left = VDB_CHECK_MESSAGES;
    while (rc == VARSDB_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(statement, 0);
        if (!text)
            return vdb_fail_nomem(s->base.error);
        if (strcmp(text, "ok") != 0)
            rc = tell_lines(s, check, text, &left);
    }
    if (rc != VARSDB_OK || code == SQLITE_DONE)
        return rc;
    code = sqlite3_extended_errcode(s->db);
    if ((code & 0xff) == SQLITE_INTERRUPT)
        return vdb_fail(s->base.error, VARSDB_CANCELLED, "the callback stopped the check");
    return vdb_sqlite_fail(s, code, "checking the file's structure");
}

int vdb_sqlite_check(vdb_engine *engine, const vdb_engine_check *check)
{
    vdb_sqlite *s = vdb_sqlite_of(engine);
    sqlite3_stmt *statement = NULL;
    int rc = VARSDB_OK;
    char *sql = sqlite3_mprintf("PRAGMA %s.%s(%d)", s->quoted,
                                check->quick ? "quick_check" : "integrity_check", VDB_CHECK_MESSAGES);
    if (!sql)
        return vdb_fail_nomem(s->base.error);
    if (!s->host) /* whose progress handler is its own */
        sqlite3_progress_handler(s->db, TICK_STEPS, tick, (void *)(uintptr_t)check);
    int code = sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL);
    if (code != SQLITE_OK)
        rc = vdb_sqlite_fail(s, code, "checking the file's structure");
    else
        rc = run(s, check, statement);
    sqlite3_finalize(statement);
    if (!s->host)
        sqlite3_progress_handler(s->db, 0, NULL, NULL);
    sqlite3_free(sql);
    return rc;
}
