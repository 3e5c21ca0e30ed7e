/* flips.c - see flips.h. */
#include "flips.h"

#include <check.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "digest.h"

#define SQL_BYTES 4096

/* ---- the file */

static void read_image(flips *f)
{
    FILE *file = fopen(f->path, "rb");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
    f->bytes = (size_t)ftell(file);
    rewind(file);
    f->image = malloc(f->bytes + 1);
    ck_assert_ptr_nonnull(f->image);
    ck_assert_uint_eq(fread(f->image, 1, f->bytes, file), f->bytes);
    fclose(file);
}

void flips_write(const flips *f, size_t bytes)
{
    static const char *const beside[] = {"-wal", "-shm", "-journal", "-turnstile"};
    char path[TEMP_PATH_BYTES + 16];
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
        snprintf(path, sizeof path, "%s%s", f->path, beside[i]);
        unlink(path);
    }
    temp_write(f->path, f->image, bytes);
}

/* ---- all that the tables hold, by SQLite alone */

/* Without the columns whose change has no meaning (test_verify_columns.c tells why), and without sessions, of
 * which nothing matters but that pins find theirs. */
static const char tables_sql[] =
    "SELECT t.name, (SELECT group_concat(c.name) FROM pragma_table_info(t.name) c WHERE NOT"
    "  (t.name = 'varsdb_names_version' AND c.name = 'version'"
    "   OR t.name = 'varsdb_schema_migrations' AND c.name IN ('library', 'applied_at'))),"
    " (SELECT group_concat(k.name) FROM pragma_table_info(t.name) k WHERE k.pk)"
    " FROM sqlite_schema t WHERE t.type = 'table' AND t.name LIKE 'varsdb_%' AND t.name <> 'varsdb_sessions' "
    "ORDER BY t.name";

static vdb_value value_at(sqlite3_stmt *row, int i)
{
    switch (sqlite3_column_type(row, i)) {
    case SQLITE_INTEGER:
        return vdb_int(sqlite3_column_int64(row, i));
    case SQLITE_FLOAT:
        return vdb_real(sqlite3_column_double(row, i));
    case SQLITE_TEXT:
        return vdb_text_n((const char *)sqlite3_column_text(row, i), (size_t)sqlite3_column_bytes(row, i));
    case SQLITE_BLOB:
        return vdb_blob(sqlite3_column_blob(row, i), (size_t)sqlite3_column_bytes(row, i));
    default:
        return vdb_null();
    }
}

/* Adds the rows of one table, in the order of their keys; 0 when SQLite cannot. */
static bool add_table(sqlite3 *db, const char *sql, int64_t *rows, int64_t *sum)
{
    sqlite3_stmt *row;
    int code = sqlite3_prepare_v2(db, sql, -1, &row, NULL);
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(row);
        if (code != SQLITE_ROW)
            break;
        vdb_value at[33] = {vdb_int(*sum)};
        int columns = sqlite3_column_count(row);
        ck_assert_int_lt(columns, 33);
        for (int i = 0; i < columns; i++)
            at[i + 1] = value_at(row, i);
        *sum = vdb_digest_row(at, (size_t)columns + 1);
        ++*rows;
    }
    sqlite3_finalize(row);
    return code == SQLITE_DONE;
}

static contents read_contents(const char *path)
{
    contents c = {.readable = true};
    sqlite3 *db;
    sqlite3_stmt *table = NULL;
    ck_assert_int_eq(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    int code = sqlite3_prepare_v2(db, tables_sql, -1, &table, NULL);
    c.readable = code == SQLITE_OK;
    while (c.readable && (code = sqlite3_step(table)) == SQLITE_ROW) {
        char sql[SQL_BYTES];
        const char *name = (const char *)sqlite3_column_text(table, 0);
        snprintf(sql, sizeof sql, "SELECT %s FROM %s ORDER BY %s",
                 (const char *)sqlite3_column_text(table, 1), name,
                 (const char *)sqlite3_column_text(table, 2));
        c.tables++;
        c.readable = add_table(db, sql, &c.rows, &c.sum);
    }
    c.readable = c.readable && code == SQLITE_DONE;
    sqlite3_finalize(table);
    sqlite3_close(db);
    return c;
}

static bool same(const contents *a, const contents *b)
{
    return a->readable && b->readable && a->tables == b->tables && a->rows == b->rows && a->sum == b->sum;
}

/* ---- judging */

void flips_begin(flips *f, const char *path)
{
    *f = (flips){0};
    snprintf(f->path, sizeof f->path, "%s", path);
    read_image(f);
    f->before = read_contents(path);
    ck_assert(f->before.readable);
    ck_assert_int_gt(f->before.tables, 15);
    ck_assert_int_gt(f->before.rows, 150);
}

void flips_end(flips *f)
{
    free(f->image);
    f->image = NULL;
}

static void judge_refusal(flips *f, const varsdb *db, int rc, const char *what)
{
    ck_assert_msg(*varsdb_errmsg(db), "%s: %s without a word", what, varsdb_errname(rc));
    ck_assert_msg(rc == VARSDB_CORRUPT || rc == VARSDB_NOTDB || rc == VARSDB_TOONEW, "%s: %s", what,
                  varsdb_errmsg(db));
    f->refused++;
}

void flips_judge(flips *f, size_t bytes, const char *format, ...)
{
    char what[128];
    varsdb *db;
    va_list ap;
    va_start(ap, format);
    vsnprintf(what, sizeof what, format, ap);
    va_end(ap);
    flips_write(f, bytes);
    int rc = varsdb_open(f->path, NULL, &db);
    if (rc != VARSDB_OK) {
        judge_refusal(f, db, rc, what);
        varsdb_close(db);
        return;
    }
    found_verify(db, false, &f->found);
    varsdb_close(db);
    if (f->found.count > 0) {
        f->seen++;
        return;
    }
    contents now = read_contents(f->path);
    ck_assert_msg(same(&now, &f->before), "%s changes what is read, and nobody saw it", what);
    f->unread++;
}
