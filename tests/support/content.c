/* content.c - see content.h. */
#include "content.h"

#include <check.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "rich.h"

#define SNAPSHOTS_MAX 8
#define NAME_BYTES    64
#define SQL_BYTES     192

static void must(varsdb *db, int rc, const char *when)
{
    if (rc != VARSDB_OK) /* a check that holds is a message to the parent, and these are many */
        ck_abort_msg("%s: %s: %s", when, varsdb_errname(rc), varsdb_errmsg(db));
}

/* ---- what is shown */

typedef struct page {
    varsdb *db;
    content *to;
    size_t bytes;
    const char *under, *when;
} page;

__attribute__((format(printf, 2, 3))) static void add(page *p, const char *format, ...)
{
    va_list more;
    va_start(more, format);
    p->bytes += (size_t)vsnprintf(p->to->text + p->bytes, CONTENT_BYTES - p->bytes, format, more);
    va_end(more);
    if (p->bytes >= CONTENT_BYTES)
        ck_abort_msg("%s: it has too much to be shown", p->when);
}

static int add_attribute(void *payload, const char *key, const char *json)
{
    page *p = payload;
    add(p, "  %s=%s\n", key, json);
    return 0;
}

static int add_variable(void *payload, const varsdb_variable_info *info)
{
    page *p = payload;
    add(p, "%s%s %s %s %lld %s\n", p->under, info->name, info->shape_json, info->collections_json,
        (long long)info->version, info->hash);
    return 0;
}

/* Of what is there now, in the order of the names. */
static int add_attributes(void *payload, const varsdb_variable_info *info)
{
    page *p = payload;
    const varsdb_variable *v = NULL;
    must(p->db, varsdb_find_variable(p->db, info->name, &v), p->when);
    add(p, "%s\n", info->name);
    must(p->db, varsdb_list_attributes(p->db, v, add_attribute, p), p->when);
    return 0;
}

static int add_namespace(void *payload, const varsdb_namespace_info *info)
{
    add(payload, "namespace %s: %lld, %lld bytes\n", info->name, (long long)info->variables,
        (long long)info->bytes);
    return 0;
}

static int add_scope(void *payload, const varsdb_scope_info *info)
{
    const varsdb_scope_defaults *d = &info->defaults;
    add(payload, "scope %s: %lld, %s %s %s %d\n", info->name, (long long)info->variables,
        d->initializer ? d->initializer : "-", d->regularizer ? d->regularizer : "-",
        d->partitioner ? d->partitioner : "-", (int)d->dtype);
    return 0;
}

static int add_collection(void *payload, const varsdb_collection_info *info)
{
    add(payload, "collection %s: %lld\n", info->name, (long long)info->variables);
    return 0;
}

typedef struct snapshot_list {
    int count;
    int64_t ids[SNAPSHOTS_MAX];
    char names[SNAPSHOTS_MAX][NAME_BYTES];
} snapshot_list;

static int keep_snapshot(void *payload, const varsdb_snapshot_info *info)
{
    snapshot_list *l = payload;
    l->ids[l->count] = info->id;
    snprintf(l->names[l->count++], NAME_BYTES, "%s %lld%s %s: ", info->name ? info->name : "-",
             info->has_step ? (long long)info->step : -1LL, info->pinned ? " pinned" : "",
             info->metadata ? info->metadata : "");
    return l->count == SNAPSHOTS_MAX;
}

void content_show(varsdb *db, const char *when, content *out)
{
    snapshot_list l = {0};
    found f = {0};
    page p = {.db = db, .to = out, .under = "", .when = when};
    out->text[0] = '\0';
    must(db, varsdb_list_namespaces(db, add_namespace, &p), when);
    must(db, varsdb_list_scopes(db, NULL, add_scope, &p), when);
    must(db, varsdb_list_collections(db, add_collection, &p), when);
    must(db, varsdb_list_variables(db, NULL, add_variable, &p), when);
    must(db, varsdb_list_variables(db, NULL, add_attributes, &p), when);
    must(db, varsdb_list_attributes(db, NULL, add_attribute, &p), when);
    must(db, varsdb_list_snapshots(db, keep_snapshot, &l), when);
    for (int i = 0; i < l.count; i++) {
        p.under = l.names[i];
        must(db, varsdb_list_snapshot_variables(db, l.ids[i], NULL, add_variable, &p), when);
    }
    found_verify(db, false, &f);
    if (f.count != 0)
        ck_abort_msg("%s: %s", when, found_print(&f));
}

/* ---- what is stored */

static sqlite3 *open_stock(const char *path)
{
    sqlite3 *stock;
    ck_assert_int_eq(sqlite3_open_v2(path, &stock, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    return stock;
}

static void add_row(XXH3_state_t *sum, sqlite3_stmt *s)
{
    for (int i = 0; i < sqlite3_column_count(s); i++) {
        const unsigned char type = (unsigned char)sqlite3_column_type(s, i);
        const void *data = sqlite3_column_blob(s, i);
        const int bytes = sqlite3_column_bytes(s, i);
        XXH3_64bits_update(sum, &type, 1);
        XXH3_64bits_update(sum, &bytes, sizeof bytes);
        if (bytes)
            XXH3_64bits_update(sum, data, (size_t)bytes);
    }
}

static void add_rows(XXH3_state_t *sum, sqlite3 *stock, const char *table)
{
    sqlite3_stmt *s;
    char sql[SQL_BYTES];
    const char *only =
        strcmp(table, "varsdb_chunks") == 0 ? "WHERE id IN (SELECT chunk_id FROM varsdb_tensor_chunks)" : "";
    snprintf(sql, sizeof sql, "SELECT * FROM %s %s ORDER BY 1, 2", table, only);
    ck_assert_msg(sqlite3_prepare_v2(stock, sql, -1, &s, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(stock));
    while (sqlite3_step(s) == SQLITE_ROW)
        add_row(sum, s);
    ck_assert_int_eq(sqlite3_finalize(s), SQLITE_OK);
}

uint64_t content_rows(const char *path)
{
    sqlite3 *stock = open_stock(path);
    sqlite3_stmt *s;
    XXH3_state_t *sum = XXH3_createState();
    int tables = 0;
    XXH3_64bits_reset(sum);
    ck_assert_int_eq(sqlite3_prepare_v2(stock,
                                        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB "
                                        "'varsdb_*' AND name NOT IN ('varsdb_sessions', 'varsdb_pins', "
                                        "'varsdb_free_chunks') ORDER BY 1",
                                        -1, &s, NULL),
                     SQLITE_OK);
    for (; sqlite3_step(s) == SQLITE_ROW; tables++)
        add_rows(sum, stock, (const char *)sqlite3_column_text(s, 0));
    ck_assert_int_eq(sqlite3_finalize(s), SQLITE_OK);
    ck_assert_int_ge(tables, 10);
    uint64_t result = XXH3_64bits_digest(sum);
    XXH3_freeState(sum);
    sqlite3_close(stock);
    return result;
}

int64_t content_number(const char *path, const char *sql)
{
    sqlite3 *stock = open_stock(path);
    sqlite3_stmt *s;
    ck_assert_int_eq(sqlite3_prepare_v2(stock, sql, -1, &s, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    sqlite3_close(stock);
    return n;
}

int64_t content_garbage(const char *path)
{
    return content_number(
        path, "SELECT (SELECT count(*) FROM varsdb_sessions) + (SELECT count(*) FROM varsdb_pins) + (SELECT "
              "count(*) FROM varsdb_chunks WHERE id NOT IN (SELECT chunk_id FROM varsdb_tensor_chunks))");
}
