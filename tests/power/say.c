/* say.c - see say.h. */
#include "say.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <string.h>

#include "need.h"
#include "varsdb.h"

#define LISTED_MAX 16
#define TIMEOUT_MS 1000
#define UNSOUND    "unsound"

static int print_variable(void *out, const varsdb_variable_info *i)
{
    fprintf(out, " %s %s %s %s v%" PRId64 " %s %s %d\n", i->name, varsdb_dtype_name(i->dtype), i->shape_json,
            i->collections_json, i->version, i->initialized ? i->hash : "-",
            i->initializer ? i->initializer : "-", i->trainable);
    return 0;
}

static int print_scope(void *out, const varsdb_scope_info *i)
{
    fprintf(out, " scope %s %s\n", i->name, i->defaults.initializer ? i->defaults.initializer : "-");
    return 0;
}

static int print_attribute(void *out, const char *key, const char *json)
{
    fprintf(out, " attribute %s %s\n", key, json);
    return 0;
}

typedef struct listed {
    int count;
    int64_t ids[LISTED_MAX];
    char names[LISTED_MAX][32];
    FILE *out;
} listed;

static int print_snapshot(void *payload, const varsdb_snapshot_info *i)
{
    listed *l = payload;
    must(l->count < LISTED_MAX, "too many snapshots");
    l->ids[l->count++] = i->id;
    fprintf(l->out, " snapshot %s %" PRId64 " variables\n", i->name ? i->name : "-", i->variables);
    return 0;
}

static int keep_namespace(void *payload, const varsdb_namespace_info *i)
{
    listed *l = payload;
    must(l->count < LISTED_MAX, "too many namespaces");
    snprintf(l->names[l->count++], sizeof l->names[0], "%s", i->name);
    return 0;
}

static int keep_finding(void *payload, const varsdb_finding *f)
{
    char **first = payload;
    if (!*first)
        *first = need(strdup(f->text));
    return 0;
}

static int print_namespace(varsdb *db, const char *name, FILE *out)
{
    listed snapshots = {.out = out};
    int rc = varsdb_use_namespace(db, name);
    fprintf(out, "%s\n", name);
    if (rc == VARSDB_OK)
        rc = varsdb_list_variables(db, NULL, print_variable, out);
    if (rc == VARSDB_OK)
        rc = varsdb_list_scopes(db, NULL, print_scope, out);
    if (rc == VARSDB_OK)
        rc = varsdb_list_attributes(db, NULL, print_attribute, out);
    if (rc == VARSDB_OK)
        rc = varsdb_list_snapshots(db, print_snapshot, &snapshots);
    for (int i = 0; rc == VARSDB_OK && i < snapshots.count; i++)
        rc = varsdb_list_snapshot_variables(db, snapshots.ids[i], NULL, print_variable, out);
    return rc;
}

static int print_registry(varsdb *db, FILE *out)
{
    listed spaces = {0};
    int rc = varsdb_list_namespaces(db, keep_namespace, &spaces);
    for (int i = 0; rc == VARSDB_OK && i < spaces.count; i++)
        rc = print_namespace(db, spaces.names[i], out);
    return rc;
}

static char *unsound(const char *what, const char *why)
{
    size_t bytes = strlen(what) + strlen(why) + 32;
    char *text = need(malloc(bytes));
    snprintf(text, bytes, UNSOUND ": %s: %s", what, why);
    return text;
}

/* What a migration of a test's own made is newer than the library. */
static char *say_newer(const char *path)
{
    sqlite3 *db;
    sqlite3_stmt *s = NULL;
    char *text = NULL;
    size_t bytes;
    FILE *out = open_memstream(&text, &bytes);
    int code = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);
    fprintf(need(out), "newer\n");
    if (code == SQLITE_OK)
        code =
            sqlite3_prepare_v2(db,
                               "SELECT integrity_check FROM pragma_integrity_check UNION ALL "
                               "SELECT user_version FROM pragma_user_version UNION ALL "
                               "SELECT group_concat(sql) FROM sqlite_schema UNION ALL "
                               "SELECT group_concat(number || name) FROM varsdb_schema_migrations UNION ALL "
                               "SELECT group_concat(a) FROM next_step UNION ALL "
                               "SELECT group_concat(name || seed) FROM varsdb_namespaces UNION ALL "
                               "SELECT group_concat(name || digest) FROM varsdb_variables",
                               -1, &s, NULL);
    while (code == SQLITE_OK && (code = sqlite3_step(s)) == SQLITE_ROW) {
        fprintf(out, " %s\n", (const char *)sqlite3_column_text(s, 0));
        code = SQLITE_OK;
    }
    fclose(out);
    if (code != SQLITE_DONE) {
        free(text);
        text = unsound("newer", sqlite3_errmsg(db));
    }
    sqlite3_finalize(s);
    sqlite3_close(db);
    return text;
}

/* All of it, and what is wrong with it; the handle is closed. */
static char *say_all(varsdb *db)
{
    char *text = NULL, *finding = NULL;
    size_t bytes;
    FILE *out = need(open_memstream(&text, &bytes));
    int rc = print_registry(db, out);
    fclose(out);
    if (rc == VARSDB_OK)
        rc = varsdb_verify(db, NULL, keep_finding, &finding);
    if (rc != VARSDB_OK) {
        free(text);
        text = unsound(finding ? finding : "reading", varsdb_errmsg(db));
    }
    free(finding);
    varsdb_close(db);
    return text;
}

/* The file is a host's. */
static char *say_hosted(const char *path)
{
    sqlite3 *host;
    varsdb *db = NULL;
    char *text;
    int code = sqlite3_open_v2(path, &host, SQLITE_OPEN_READWRITE, NULL);
    int rc = code == SQLITE_OK ? varsdb_open_on(host, NULL, NULL, NULL, &db) : VARSDB_IO;
    if (rc == VARSDB_OK) {
        text = say_all(db);
    } else {
        text = rc == VARSDB_NOTDB
                   ? need(strdup("no registry\n"))
                   : unsound("opening on a host", db ? varsdb_errmsg(db) : sqlite3_errmsg(host));
        varsdb_close(db);
    }
    must(sqlite3_close(host) == SQLITE_OK, "a host's connection cannot be closed");
    return text;
}

static char *say_opened(const char *path, unsigned flags)
{
    varsdb *db;
    int rc = varsdb_open(path, VARSDB_OPEN(.flags = flags, .timeout_ms = TIMEOUT_MS), &db);
    if (rc == VARSDB_OK)
        return say_all(db);
    char *refused = unsound("opening", varsdb_errmsg(db));
    bool is_hosted = rc == VARSDB_NOTDB && strstr(refused, "is an SQLite database");
    varsdb_close(db);
    if (!is_hosted && rc != VARSDB_TOONEW)
        return refused;
    free(refused);
    return is_hosted ? say_hosted(path) : say_newer(path);
}

char *say_registry(const char *path)
{
    return say_opened(path, 0);
}

char *say_read_only(const char *path)
{
    return say_opened(path, VARSDB_READ_ONLY);
}

char *say_after_use(const char *path)
{
    varsdb *db;
    const varsdb_variable *v;
    int rc = varsdb_open(path, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE, .timeout_ms = TIMEOUT_MS), &db);
    if (rc == VARSDB_TOONEW || rc == VARSDB_NOTDB) {
        varsdb_close(db);
        return NULL;
    }
    if (rc == VARSDB_OK)
        rc = varsdb_get_variable(db, "after/power", VARSDB_WITH(.shape = VARSDB_SHAPE(10000)), NULL, &v);
    if (rc == VARSDB_OK)
        rc = varsdb_collect_garbage(db, NULL, NULL, NULL, NULL);
    char *text = rc == VARSDB_OK ? NULL : unsound("using", varsdb_errmsg(db));
    varsdb_close(db);
    if (text)
        return text;
    text = say_registry(path);
    if (strncmp(text, UNSOUND, strlen(UNSOUND)) == 0)
        return text;
    free(text);
    return NULL;
}
