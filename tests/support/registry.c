/* registry.c - see registry.h. */
#include "registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine_sqlite.h"
#include "internal.h"
#include "shell.h"

#define ANSWERS      4
#define ANSWER_BYTES (1 << 16)

void registry_open_with(registry *r, const varsdb_open_options *options)
{
    static const int64_t seed = REGISTRY_SEED;
    varsdb_open_options o = *options;
    o.flags |= VARSDB_CREATE_FILE;
    if (!o.seed)
        o.seed = &seed;
    temp_make(&r->dir);
    temp_file(&r->dir, "run.db", r->path);
    int rc = varsdb_open(r->path, &o, &r->db);
    ck_assert_msg(rc == VARSDB_OK, "%s: %s", r->path, varsdb_errmsg(r->db));
}

void registry_open(registry *r)
{
    registry_open_with(r, VARSDB_OPEN(.flags = 0));
}

varsdb *registry_another(const registry *r)
{
    varsdb *db;
    int rc = varsdb_open(r->path, NULL, &db);
    ck_assert_msg(rc == VARSDB_OK, "%s: %s", r->path, varsdb_errmsg(db));
    return db;
}

void registry_reopen(registry *r)
{
    varsdb_close(r->db);
    r->db = registry_another(r);
}

void registry_close(registry *r)
{
    varsdb_close(r->db);
    temp_remove(&r->dir);
}

/* ---- the shell */

static void run_shell(const registry *r, const char *mode, const char *sql, char *out, size_t room)
{
    int status =
        shell_run(out, room, (const char *const[]){"sqlite3", "-batch", "-bail", mode, r->path, sql, NULL});
    ck_assert_msg(status == 0 && strlen(out) + 1 < room, "sqlite3 failed: %s: %.200s", sql, out);
}

const char *registry_sql_mode(const registry *r, const char *mode, const char *sql)
{
    static char answers[ANSWERS][ANSWER_BYTES];
    static int turn;
    char *out = answers[turn++ % ANSWERS];
    run_shell(r, mode, sql, out, ANSWER_BYTES);
    return out;
}

const char *registry_sql(const registry *r, const char *sql)
{
    return registry_sql_mode(r, "-list", sql);
}

int64_t registry_number(const registry *r, const char *sql)
{
    char *end;
    const char *text = registry_sql(r, sql);
    int64_t n = strtoll(text, &end, 10);
    ck_assert_msg(*text && *end == '\0', "%s: '%s' is no number", sql, text);
    return n;
}

char *registry_dump(const registry *r)
{
    const size_t room = 4 << 20;
    char *out = malloc(room);
    ck_assert_ptr_nonnull(out);
    run_shell(r, "-list", ".dump varsdb_%", out, room);
    return out;
}

/* ---- results */

/* While a callback runs, the statement that called it is open. */
static void check_statements(const varsdb *db, const char *call, const char *file, int line)
{
    if (!db->engine || db->listing || db->calling)
        return;
    for (size_t i = 0; i < VDB_QUERY_COUNT; i++)
        ck_assert_msg(!vdb_sqlite_of(db->engine)->rows[i].used, "%s:%d: %s left the statement %s open", file,
                      line, call, vdb_queries[i].name);
}

void check_result(varsdb *db, int rc, int expected, const char *call, const char *file, int line)
{
    const char *text = varsdb_errmsg(db);
    ck_assert_msg(rc == expected, "%s:%d: %s gave %s, not %s: %s", file, line, call, varsdb_errname(rc),
                  varsdb_errname(expected), text);
    if (!db)
        return;
    ck_assert_msg(varsdb_errcode(db) == rc, "%s:%d: %s gave %s, but varsdb_errcode %s", file, line, call,
                  varsdb_errname(rc), varsdb_errname(varsdb_errcode(db)));
    ck_assert_msg((rc == VARSDB_OK) == (*text == '\0') && !strchr(text, '\n'),
                  "%s:%d: %s gave %s with the message '%s'", file, line, call, varsdb_errname(rc), text);
    check_statements(db, call, file, line);
}

const varsdb_variable *got(varsdb *db, const char *name, const varsdb_variable_options *options)
{
    const varsdb_variable *v = NULL;
    int rc = varsdb_get_variable(db, name, options, NULL, &v);
    check_result(db, rc, VARSDB_OK, name, __FILE__, __LINE__);
    return v;
}

const varsdb_variable *got_model(varsdb *db, const char *name, const varsdb_variable_options *options)
{
    const varsdb_variable *v = NULL;
    int rc = varsdb_model_variable(db, name, options, NULL, &v);
    check_result(db, rc, VARSDB_OK, name, __FILE__, __LINE__);
    return v;
}

static int keep_version(void *payload, const varsdb_variable_info *info)
{
    *(int64_t *)payload = info->version;
    return 0;
}

int64_t version_of(varsdb *db, const varsdb_variable *v)
{
    int64_t version = -1;
    ok(db, varsdb_describe(db, v, keep_version, &version));
    return version;
}

const char *collections_of(const registry *r, const char *name)
{
    char sql[256];
    snprintf(sql, sizeof sql, "SELECT collections FROM variables WHERE name = '%s'", name);
    return registry_sql(r, sql);
}
