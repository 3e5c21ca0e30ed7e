/*
 * engine_sqlite_check.c - what SQLite itself says of the file's structure: b-trees, free list,
 * indexes against their tables, and the constraints of the schema.
 */
#include <stdlib.h>

#include "engine_sqlite.h"

#define TICK_STEPS 20000 /* of SQLite's machine, between two looks at whether to go on */

/* Before 3.42 a walk through all b-trees is one step, so a cancellation waits for its end. */
static int tick(void *payload)
{
    const vdb_engine_check *check = payload;
    return check->tick(check->payload);
}

typedef struct walk {
    vdb_sqlite *s;
    const vdb_engine_check *check;
    const char *sql;
    bool sure; /* what is told of pages that were not read was told twice */
} walk;

/* A page that cannot be read for want of memory, or as the disk failed, is one more of SQLite's messages, and
 * no damage.  Its code, or SQLITE_OK: it was read. */
static int code_of(const char *line)
{
    const char *told = strstr(line, "unable to get the page. error code=");
    int code = told ? (int)strtol(strchr(told, '=') + 1, NULL, 10) : SQLITE_OK;
    return (code & 0xff) == SQLITE_CORRUPT ? SQLITE_OK : code;
}

/* These leave the code out. */
static bool may_be_unread(const char *line)
{
    return strstr(line, "failed to get page") || strstr(line, "Failed to read ptrmap");
}

static int fail_check(vdb_sqlite *s, int code)
{
    return vdb_sqlite_fail(s, code, "checking the file's structure");
}

/* Whether the line is told again, when all is looked at again. */
static int ask_again(walk *w, const char *line, bool *again)
{
    sqlite3_stmt *statement = NULL;
    int rc = VARSDB_OK;
    int code = sqlite3_prepare_v2(w->s->db, w->sql, -1, &statement, NULL);
    *again = false;
    while (rc == VARSDB_OK && code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(statement, 0);
        if (!text)
            rc = vdb_fail_nomem(w->s->base.error);
        else if ((rc = fail_check(w->s, code_of(text))) == VARSDB_OK && strstr(text, line))
            *again = true;
        code = SQLITE_OK;
    }
    if (rc == VARSDB_OK && code != SQLITE_DONE)
        rc = fail_check(w->s, sqlite3_extended_errcode(w->s->db));
    sqlite3_finalize(statement);
    return rc;
}

static int tell(walk *w, const char *line)
{
    bool real = true;
    int rc = fail_check(w->s, code_of(line));
    if (rc == VARSDB_OK && !w->sure && may_be_unread(line)) {
        rc = ask_again(w, line, &real);
        w->sure = real;
    }
    return rc == VARSDB_OK && real ? w->check->found(w->check->payload, line) : rc;
}

/* One row may hold several messages, each on a line, below a heading. */
static int tell_lines(walk *w, const char *text)
{
    int rc = VARSDB_OK;
    while (rc == VARSDB_OK && *text) {
        size_t bytes = strcspn(text, "\n");
        if (strncmp(text, "*** in database", 15) != 0) {
            char *line = sqlite3_mprintf("%.*s", (int)bytes, text);
            rc = line ? tell(w, line) : vdb_fail_nomem(w->s->base.error);
            sqlite3_free(line);
        }
        text += bytes + (text[bytes] == '\n');
    }
    return rc;
}

static int run(walk *w, sqlite3_stmt *statement)
{
    int rc = VARSDB_OK, code = SQLITE_ROW;
    while (rc == VARSDB_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(statement, 0);
        if (!text)
            return vdb_fail_nomem(w->s->base.error);
        if (strcmp(text, "ok") != 0)
            rc = tell_lines(w, text);
    }
    if (rc != VARSDB_OK || code == SQLITE_DONE)
        return rc;
    code = sqlite3_extended_errcode(w->s->db);
    if ((code & 0xff) == SQLITE_INTERRUPT)
        return vdb_fail(w->s->base.error, VARSDB_CANCELLED, "the callback stopped the check");
    return fail_check(w->s, code);
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
        rc = fail_check(s, code);
    else
        rc = run(&(walk){.s = s, .check = check, .sql = sql}, statement);
    sqlite3_finalize(statement);
    if (!s->host)
        sqlite3_progress_handler(s->db, 0, NULL, NULL);
    sqlite3_free(sql);
    return rc;
}
