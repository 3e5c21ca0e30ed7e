/*
 * engine_sqlite_query.c - a user's SELECT over the views, on a connection of its own
 * that cannot write, cannot attach, and runs nothing of the file but its views.
 */
#include "engine_sqlite.h"
#include "mem.h"

/* `trusted` points at whether the statement is one of ours.  Of these PRAGMA data_version may have to be
 * prepared again at any time. */
static int authorize(void *trusted, int action, const char *a, const char *b, const char *c, const char *d)
{
    (void)b, (void)c, (void)d;
    if (*(const bool *)trusted || (action == SQLITE_PRAGMA && a && strcmp(a, "data_version") == 0))
        return SQLITE_OK;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_FUNCTION:
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    default:
        return SQLITE_DENY;
    }
}

/* A function of ours that failed has said more than its code does. */
static int fail_told(vdb_sqlite *s, sqlite3 *db, int code)
{
    const char *told = sqlite3_errmsg(db);
    int rc = vdb_sqlite_fail(s, code, "running the query");
    return strcmp(told, sqlite3_errstr(code)) == 0 ? rc : vdb_fail(s->base.error, rc, "SQL: %s", told);
}

static int fail_sql(vdb_sqlite *s, sqlite3 *db, int code)
{
    switch (code & 0xff) {
    case SQLITE_AUTH:
    case SQLITE_READONLY:
        return vdb_fail(s->base.error, VARSDB_INVALID, "only queries are possible here: %s",
                        sqlite3_errmsg(db));
    case SQLITE_ERROR:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
    case SQLITE_TOOBIG:
        return vdb_fail(s->base.error, VARSDB_INVALID, "SQL: %s", sqlite3_errmsg(db));
    default:
        return fail_told(s, db, code);
    }
}

static int open_for_query(vdb_sqlite *s, const vdb_engine_query *q, bool *trusted, sqlite3 **out)
{
    if (s->temporary)
        return vdb_fail(s->base.error, VARSDB_UNSUPPORTED,
                        "%s is being built; it can be queried when it is published", s->path);
    if (vdb_file_has_moved(s))
        return vdb_file_fail_moved(s);
    char *uri = vdb_sqlite_read_only_uri(s);
    if (!uri)
        return vdb_fail_nomem(s->base.error);
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI;
    int code = sqlite3_open_v2(uri, out, flags, NULL);
    sqlite3_free(uri);
    if (code != SQLITE_OK)
        return vdb_sqlite_fail(s, code, "opening for a query");
    sqlite3_busy_handler(*out, vdb_sqlite_busy, s);
    vdb_sqlite_start_clock(s);
    int rc = vdb_sqlite_harden(s, *out, true);
    if (rc != VARSDB_OK)
        return rc;
    /* Loads the schema: without one, a statement that is denied looks like a changed schema. */
    code = sqlite3_table_column_metadata(*out, "main", "sqlite_schema", NULL, NULL, NULL, NULL, NULL, NULL);
    if (code != SQLITE_OK)
        return vdb_sqlite_fail(s, code, "reading the catalogue for a query");
    if (q->set_up && (code = q->set_up(*out, q->name_space, trusted)) != SQLITE_OK)
        return vdb_sqlite_fail(s, code, "setting up a query");
    sqlite3_set_authorizer(*out, authorize, trusted);
    return VARSDB_OK;
}

#define REAL_BYTES 64

typedef struct row_buffer {
    size_t columns;
    char (*reals)[REAL_BYTES]; /* their texts, exact, which SQLite's own are not */
    const char **names;
    varsdb_value *values;
} row_buffer;

static int row_buffer_init(vdb_sqlite *s, row_buffer *row, sqlite3_stmt *statement)
{
    row->columns = (size_t)sqlite3_column_count(statement);
    row->names = vdb_calloc(row->columns, sizeof *row->names);
    row->values = vdb_calloc(row->columns, sizeof *row->values);
    row->reals = vdb_calloc(row->columns, sizeof *row->reals);
    if (!row->names || !row->values || !row->reals)
        return vdb_fail_nomem(s->base.error);
    for (size_t i = 0; i < row->columns; i++)
        row->names[i] = sqlite3_column_name(statement, (int)i);
    return VARSDB_OK;
}

/* The fewest digits that read back equal; infinities as JSON's users write them, unquoted. */
static varsdb_value real(double x, char text[REAL_BYTES])
{
    if (x - x != 0)
        memcpy(text, x > 0 ? "Infinity" : "-Infinity", x > 0 ? 9 : 10);
    else if (varsdb_element_json(VARSDB_FLOAT64, &x, 0, text, REAL_BYTES) != VARSDB_OK)
        text[0] = '\0';
    return (varsdb_value){VARSDB_SQL_REAL, text, strlen(text)};
}

static varsdb_value column(sqlite3_stmt *statement, int i, char text[REAL_BYTES])
{
    static const varsdb_kind kinds[] = {
        [SQLITE_INTEGER] = VARSDB_SQL_INTEGER, [SQLITE_FLOAT] = VARSDB_SQL_REAL,
        [SQLITE_TEXT] = VARSDB_SQL_TEXT,       [SQLITE_BLOB] = VARSDB_SQL_BLOB,
        [SQLITE_NULL] = VARSDB_SQL_NULL,
    };
    varsdb_value v = {.kind = kinds[sqlite3_column_type(statement, i)]};
    if (v.kind == VARSDB_SQL_REAL)
        return real(sqlite3_column_double(statement, i), text);
    if (v.kind == VARSDB_SQL_BLOB) {
        v.text = sqlite3_column_blob(statement, i);
        v.text = v.text ? v.text : ""; /* SQLite has no address for an empty one */
    } else if (v.kind != VARSDB_SQL_NULL)
        v.text = (const char *)sqlite3_column_text(statement, i);
    v.bytes = (size_t)sqlite3_column_bytes(statement, i);
    return v;
}

/* A number becomes text here, which takes memory. */
static int read_columns(vdb_sqlite *s, row_buffer *row, sqlite3_stmt *statement)
{
    for (size_t i = 0; i < row->columns; i++) {
        row->values[i] = column(statement, (int)i, row->reals[i]);
        if (row->values[i].kind != VARSDB_SQL_NULL && !row->values[i].text)
            return vdb_fail_nomem(s->base.error);
    }
    return VARSDB_OK;
}

static int run_rows(vdb_sqlite *s, sqlite3 *db, sqlite3_stmt *statement, varsdb_row_cb callback,
                    void *payload)
{
    row_buffer row = {0};
    int rc = row_buffer_init(s, &row, statement);
    int code = SQLITE_ROW;
    while (rc == VARSDB_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        rc = read_columns(s, &row, statement);
        if (rc == VARSDB_OK && callback(payload, row.columns, row.names, row.values) != 0)
            rc = vdb_fail(s->base.error, VARSDB_CANCELLED, "the callback stopped the query");
    }
    if (rc == VARSDB_OK && code != SQLITE_DONE)
        rc = fail_sql(s, db, sqlite3_extended_errcode(db));
    vdb_free(row.names);
    vdb_free(row.values);
    vdb_free(row.reals);
    return rc;
}

/* Behind the statement only spaces, semicolons and comments may stand. */
static bool is_last(sqlite3 *db, const char *rest)
{
    sqlite3_stmt *next = NULL;
    rest += strspn(rest, " \t\r\n;");
    bool last = *rest == '\0' || (sqlite3_prepare_v2(db, rest, -1, &next, NULL) == SQLITE_OK && !next);
    sqlite3_finalize(next);
    return last;
}

int vdb_sqlite_query(vdb_engine *engine, const vdb_engine_query *q)
{
    vdb_sqlite *s = vdb_sqlite_of(engine);
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    const char *rest = NULL;
    bool trusted = false;
    int code = SQLITE_OK, rc = open_for_query(s, q, &trusted, &db);
    if (rc != VARSDB_OK)
        goto out;
    code = sqlite3_prepare_v2(db, q->sql, -1, &statement, &rest);
    if (code != SQLITE_OK)
        rc = fail_sql(s, db, sqlite3_extended_errcode(db));
    else if (!statement)
        rc = vdb_fail(s->base.error, VARSDB_INVALID, "SQL: the query is empty");
    else if (!is_last(db, rest))
        rc = vdb_fail(s->base.error, VARSDB_INVALID, "SQL: one statement at a time, please");
    else
        rc = run_rows(s, db, statement, q->callback, q->payload);
out:
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return rc;
}
