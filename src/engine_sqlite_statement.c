/*
 * engine_sqlite_statement.c - named statements: prepared when first used, kept, and
 * handed out as rows.  A statement that is asked for while it is in use (a callback
 * that looks something up) gets a second copy, which is dropped when finished.
 */
#include <assert.h>
#include <stdint.h>

#include "buf.h"
#include "engine_sqlite.h"
#include "mem.h"

#define SCHEMA_MARK "{schema}"

/* Statements carry the schema's name, because unqualified names resolve temp first; and
 * parameters as ?1, because SQLite numbers $1 by its first appearance. */
static int statement_text(vdb_sqlite *s, enum vdb_query query, vdb_buf *out)
{
    const char *at = vdb_queries[query].sql;
    int rc = VARSDB_OK;
    while (rc == VARSDB_OK && *at) {
        size_t plain = strcspn(at, "{$");
        rc = vdb_buf_append(out, at, plain);
        at += plain;
        if (rc == VARSDB_OK && strncmp(at, SCHEMA_MARK, strlen(SCHEMA_MARK)) == 0) {
            rc = vdb_buf_append_text(out, s->quoted);
            at += strlen(SCHEMA_MARK);
        } else if (rc == VARSDB_OK && *at) {
            rc = vdb_buf_append(out, *at == '$' ? "?" : at, 1);
            at++;
        }
    }
    return rc == VARSDB_OK ? rc : vdb_fail_nomem(s->base.error);
}

static int prepare(vdb_sqlite *s, enum vdb_query query, bool cached, sqlite3_stmt **out)
{
    vdb_buf text = {0};
    int rc = statement_text(s, query, &text);
    if (rc == VARSDB_OK) {
        unsigned flags = cached ? SQLITE_PREPARE_PERSISTENT : 0;
        int code = sqlite3_prepare_v3(s->db, text.data, -1, flags, out, NULL);
        if (code != SQLITE_OK)
            rc = vdb_sqlite_fail(s, code, vdb_queries[query].name);
    }
    vdb_buf_release(&text);
    return rc;
}

static void release(vdb_rows *rows)
{
    sqlite3_finalize(rows->statement);
    vdb_free(rows->columns);
    rows->statement = NULL;
    rows->columns = NULL;
}

static int make(vdb_sqlite *s, enum vdb_query query, vdb_rows *rows)
{
    int rc = prepare(s, query, rows->cached, &rows->statement);
    if (rc != VARSDB_OK)
        return rc;
    rows->columns = vdb_calloc((size_t)sqlite3_column_count(rows->statement) + 1, sizeof *rows->columns);
    if (rows->columns)
        return VARSDB_OK;
    release(rows);
    return vdb_fail_nomem(s->base.error);
}

static int acquire(vdb_sqlite *s, enum vdb_query query, vdb_rows **out)
{
    vdb_rows *rows = &s->rows[query];
    if (rows->used) {
        rows = vdb_calloc(1, sizeof *rows);
        if (!rows)
            return vdb_fail_nomem(s->base.error);
    } else {
        rows->cached = true;
    }
    int rc = rows->statement ? VARSDB_OK : make(s, query, rows);
    if (rc != VARSDB_OK) {
        if (!rows->cached)
            vdb_free(rows);
        return rc;
    }
    rows->engine = s;
    rows->query = query;
    rows->used = true;
    *out = rows;
    return VARSDB_OK;
}

static int bind(sqlite3_stmt *statement, int i, const vdb_value *v)
{
    switch (v->kind) {
    case VDB_NULL:
        return sqlite3_bind_null(statement, i);
    case VDB_INT:
        return sqlite3_bind_int64(statement, i, v->integer);
    case VDB_REAL:
        return sqlite3_bind_double(statement, i, v->real);
    case VDB_TEXT:
        return sqlite3_bind_text64(statement, i, v->data, v->bytes, SQLITE_STATIC, SQLITE_UTF8);
    case VDB_BLOB:
        return v->bytes ? sqlite3_bind_blob64(statement, i, v->data, v->bytes, SQLITE_STATIC)
                        : sqlite3_bind_zeroblob(statement, i, 0);
    }
    return SQLITE_MISUSE;
}

int vdb_sqlite_start(vdb_engine *engine, enum vdb_query query, const vdb_value *args, size_t count,
                     vdb_rows **out)
{
    vdb_sqlite *s = vdb_sqlite_of(engine);
    vdb_rows *rows = NULL;
    int rc = acquire(s, query, &rows);
    if (rc != VARSDB_OK)
        return rc;
    for (size_t i = 0; i < count; i++) {
        int code = bind(rows->statement, (int)i + 1, &args[i]);
        if (code != SQLITE_OK) {
            rc = vdb_sqlite_fail(s, code, vdb_queries[query].name);
            vdb_sqlite_finish(rows);
            return rc;
        }
    }
    if (sqlite3_get_autocommit(s->db))
        vdb_sqlite_start_clock(s);
    *out = rows;
    return VARSDB_OK;
}

static vdb_value value_at(sqlite3_stmt *statement, int i)
{
    switch (sqlite3_column_type(statement, i)) {
    case SQLITE_INTEGER:
        return vdb_int(sqlite3_column_int64(statement, i));
    case SQLITE_FLOAT:
        return vdb_real(sqlite3_column_double(statement, i));
    case SQLITE_TEXT: {
        const char *text = (const char *)sqlite3_column_text(statement, i);
        return (vdb_value){
            .kind = VDB_TEXT, .data = text, .bytes = (size_t)sqlite3_column_bytes(statement, i)};
    }
    case SQLITE_BLOB: {
        const void *data = sqlite3_column_blob(statement, i);
        return vdb_blob(data, (size_t)sqlite3_column_bytes(statement, i));
    }
    default:
        return vdb_null();
    }
}

/* A text that takes several pages gets its NUL, and memory for it, when it is asked for.  Without that it
 * would be none, which whoever knows that there is a text takes for damage: false. */
static bool take_columns(vdb_rows *rows)
{
    int count = sqlite3_data_count(rows->statement);
    for (int i = 0; i < count; i++) {
        rows->columns[i] = value_at(rows->statement, i);
        if (rows->columns[i].kind == VDB_TEXT && !rows->columns[i].data)
            return false;
    }
    return true;
}

int vdb_sqlite_next(vdb_rows *rows, bool *row)
{
    assert(rows->used);
    int code = sqlite3_step(rows->statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return vdb_sqlite_fail(rows->engine, sqlite3_extended_errcode(rows->engine->db),
                               vdb_queries[rows->query].name);
    if (code == SQLITE_ROW && !take_columns(rows))
        return vdb_fail_nomem(rows->engine->base.error);
    *row = code == SQLITE_ROW;
    return VARSDB_OK;
}

vdb_value vdb_sqlite_column(vdb_rows *rows, int i)
{
    return rows->columns[i];
}

void vdb_sqlite_finish(vdb_rows *rows)
{
    assert(rows->used);
    rows->used = false;
    if (rows->cached) {
        sqlite3_reset(rows->statement);
        return;
    }
    release(rows);
    vdb_free(rows);
}

/* ---- blobs */

static const struct {
    const char *table, *column;
} blob_place[] = {
    [VDB_BLOB_CHUNK] = {"varsdb_chunks", "data"},
    [VDB_BLOB_TENSOR] = {"varsdb_tensors", "inline"},
};

/* SQLite acts on a handle's failure only when it is closed, and rolls back then. */
static void close_blob(vdb_sqlite *s, vdb_blob_column column)
{
    sqlite3_blob_close(s->blobs[column]);
    s->blobs[column] = NULL;
}

/* An open blob handle moves to another row for less than opening one costs; a handle
 * that failed, or whose row was written, is of no more use. */
static int blob_at(vdb_sqlite *s, vdb_blob_column column, int64_t id)
{
    sqlite3_blob **blob = &s->blobs[column];
    int code = *blob ? sqlite3_blob_reopen(*blob, id) : SQLITE_ABORT;
    if (code == SQLITE_OK)
        return code;
    close_blob(s, column);
    if (code != SQLITE_ABORT && code != SQLITE_ERROR)
        return code; /* closing it may have rolled the transaction back */
    return sqlite3_blob_open(s->db, s->schema, blob_place[column].table, blob_place[column].column, id, 0,
                             blob);
}

int vdb_sqlite_blob_read(vdb_engine *engine, vdb_blob_column column, int64_t id, uint64_t offset,
                         void *buffer, size_t bytes)
{
    vdb_sqlite *s = vdb_sqlite_of(engine);
    assert(bytes <= VDB_VALUE_BYTES_MAX);
    int code = blob_at(s, column, id);
    if (code == SQLITE_ERROR)
        return vdb_fail(s->base.error, VARSDB_CORRUPT, "%s: row %lld of %s is missing", s->path,
                        (long long)id, blob_place[column].table);
    if (code != SQLITE_OK)
        return vdb_sqlite_fail(s, code, "reading tensor bytes");
    int64_t there = sqlite3_blob_bytes(s->blobs[column]);
    if (offset > (uint64_t)there || bytes > (uint64_t)there - offset)
        return vdb_fail(s->base.error, VARSDB_CORRUPT, "%s: row %lld of %s holds %lld bytes, too few",
                        s->path, (long long)id, blob_place[column].table, (long long)there);
    code = sqlite3_blob_read(s->blobs[column], buffer, (int)bytes, (int)offset);
    if (code == SQLITE_OK)
        return VARSDB_OK;
    close_blob(s, column);
    return vdb_sqlite_fail(s, code, "reading tensor bytes");
}

void vdb_sqlite_close_blobs(vdb_sqlite *s)
{
    close_blob(s, VDB_BLOB_CHUNK);
    close_blob(s, VDB_BLOB_TENSOR);
}

static void finalize(sqlite3_stmt **statement)
{
    sqlite3_finalize(*statement);
    *statement = NULL;
}

void vdb_sqlite_close_statements(vdb_sqlite *s)
{
    vdb_sqlite_close_blobs(s);
    for (size_t i = 0; i < VDB_QUERY_COUNT; i++)
        release(&s->rows[i]);
    finalize(&s->begin_read);
    finalize(&s->begin_write);
    finalize(&s->commit);
    finalize(&s->rollback);
    finalize(&s->data_version);
}
