/* rowsql.c - see rowsql.h. */
#include "rowsql.h"

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "column_value.h"
#include "digest.h"
#include "engine_sqlite.h"
#include "internal.h"

#define COLUMNS_MAX 32

static sqlite3 *connection(varsdb *db)
{
    return vdb_sqlite_of(db->engine)->db;
}

/* ---- functions */

static size_t columns_of(int count, sqlite3_value **values, vdb_value at[COLUMNS_MAX])
{
    ck_assert_int_le(count, COLUMNS_MAX);
    for (int i = 0; i < count; i++)
        at[i] = column_value(values[i]);
    return (size_t)count;
}

static void row_digest(sqlite3_context *c, int count, sqlite3_value **values)
{
    vdb_value at[COLUMNS_MAX];
    size_t n = columns_of(count, values, at);
    sqlite3_result_int64(c, vdb_digest_row(at, n));
}

static void row_hash(sqlite3_context *c, int count, sqlite3_value **values)
{
    vdb_value at[COLUMNS_MAX];
    size_t n = columns_of(count, values, at);
    vdb_hash hash = vdb_hash_row(at, n);
    sqlite3_result_blob(c, &hash, sizeof hash, SQLITE_TRANSIENT);
}

static void bytes_hash(sqlite3_context *c, int count, sqlite3_value **values)
{
    (void)count;
    vdb_hash hash = vdb_hash_bytes(sqlite3_value_blob(values[0]), (size_t)sqlite3_value_bytes(values[0]));
    sqlite3_result_blob(c, &hash, sizeof hash, SQLITE_TRANSIENT);
}

static void flipped(sqlite3_context *c, int count, sqlite3_value **values)
{
    int bytes = sqlite3_value_bytes(values[0]), i = count > 1 ? sqlite3_value_int(values[1]) : 0;
    if (i >= bytes) {
        sqlite3_result_blob(c, "?", 1, SQLITE_STATIC);
        return;
    }
    unsigned char *copy = malloc((size_t)bytes);
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, sqlite3_value_blob(values[0]), (size_t)bytes);
    copy[i] ^= 0x40;
    sqlite3_result_blob(c, copy, bytes, free);
}

static void add_digest(sqlite3_context *c, int count, sqlite3_value **values)
{
    (void)count;
    uint64_t *sum = sqlite3_aggregate_context(c, sizeof *sum);
    *sum += (uint64_t)sqlite3_value_int64(values[0]);
}

static void end_digests(sqlite3_context *c)
{
    uint64_t *sum = sqlite3_aggregate_context(c, 0);
    sqlite3_result_int64(c, sum ? (int64_t)*sum : 0);
}

void rowsql_install(varsdb *db)
{
    sqlite3 *s = connection(db);
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
    sqlite3_create_function(s, "row_digest", -1, flags, NULL, row_digest, NULL, NULL);
    sqlite3_create_function(s, "row_hash", -1, flags, NULL, row_hash, NULL, NULL);
    sqlite3_create_function(s, "bytes_hash", 1, flags, NULL, bytes_hash, NULL, NULL);
    sqlite3_create_function(s, "flipped", -1, flags, NULL, flipped, NULL, NULL);
    sqlite3_create_function(s, "digest_sum", 1, flags, NULL, NULL, add_digest, end_digests);
    rowsql_run(db, "PRAGMA ignore_check_constraints=ON");
}

/* ---- the schema */

void rowsql_loosen(varsdb *db)
{
    ck_assert_int_eq(sqlite3_db_config(connection(db), SQLITE_DBCONFIG_DEFENSIVE, 0, NULL), SQLITE_OK);
    rowsql_run(db, "PRAGMA writable_schema=ON;"
                   "UPDATE sqlite_schema SET sql = replace(replace(replace(sql, ' NOT NULL', ''), ' ANY',"
                   " ' BLOB'), ') STRICT', ')')"
                   " WHERE type = 'table' AND name LIKE 'varsdb_%%';"
                   "PRAGMA writable_schema=RESET");
}

/* ---- statements */

void rowsql_run(varsdb *db, const char *format, ...)
{
    va_list ap;
    char *said = NULL;
    va_start(ap, format);
    char *sql = sqlite3_vmprintf(format, ap);
    va_end(ap);
    int code = sqlite3_exec(connection(db), sql, NULL, NULL, &said);
    ck_assert_msg(code == SQLITE_OK, "%s: %s", said, sql);
    sqlite3_free(sql);
}

static const char *first(varsdb *db, const char *format, va_list ap)
{
    static char answers[4][1 << 14];
    static int turn;
    char *out = answers[turn++ % 4];
    sqlite3_stmt *statement;
    char *sql = sqlite3_vmprintf(format, ap);
    int code = sqlite3_prepare_v2(connection(db), sql, -1, &statement, NULL);
    ck_assert_msg(code == SQLITE_OK, "%s: %s", sqlite3_errmsg(connection(db)), sql);
    bool row = sqlite3_step(statement) == SQLITE_ROW;
    const char *text = row ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    snprintf(out, sizeof answers[0], "%s", text ? text : "");
    sqlite3_finalize(statement);
    sqlite3_free(sql);
    return out;
}

const char *rowsql_text(varsdb *db, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    const char *text = first(db, format, ap);
    va_end(ap);
    return text;
}

int64_t rowsql_number(varsdb *db, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    int64_t number = strtoll(first(db, format, ap), NULL, 10);
    va_end(ap);
    return number;
}

void rowsql_refit(varsdb *db, const char *table)
{
    rowsql_run(
        db, "UPDATE %s SET digest = row_digest(%s)", table,
        rowsql_text(
            db,
            "SELECT group_concat('\"' || name || '\"') FROM (SELECT name FROM pragma_table_info('%s') "
            "WHERE cid < (SELECT cid FROM pragma_table_info('%s') WHERE name = 'digest') ORDER BY cid)",
            table, table));
}

void rowsql_refit_lists(varsdb *db)
{
    rowsql_run(db, "UPDATE varsdb_variables SET members_digest ="
                   " (SELECT digest_sum(row_digest(collection_id, position, variable_id))"
                   "  FROM varsdb_collection_members WHERE variable_id = varsdb_variables.id)");
    rowsql_run(db, "UPDATE varsdb_tensors SET chunks_digest ="
                   " (SELECT digest_sum(row_digest(tensor_id, position, chunk_id))"
                   "  FROM varsdb_tensor_chunks WHERE tensor_id = varsdb_tensors.id)");
    rowsql_run(db, "UPDATE varsdb_snapshots SET items_digest ="
                   " (SELECT digest_sum(row_digest(snapshot_id, state_id))"
                   "  FROM varsdb_snapshot_items WHERE snapshot_id = varsdb_snapshots.id)");
    rowsql_refit(db, "varsdb_variables");
    rowsql_refit(db, "varsdb_tensors");
    rowsql_refit(db, "varsdb_tensor_chunks");
    rowsql_refit(db, "varsdb_snapshots");
}

void rowsql_refit_all(varsdb *db)
{
    static const char *const tables[] = {"varsdb_namespaces",  "varsdb_scopes", "varsdb_origins",
                                         "varsdb_collections", "varsdb_chunks", "varsdb_attributes"};
    rowsql_run(db, "UPDATE varsdb_states SET hash = row_hash(variable_id, variable_uid, name, dtype, shape,"
                   " elements, bytes, initializer, seed, regularizer, constraint_text, partitioner,"
                   " collections, tensor_id)");
    rowsql_refit(db, "varsdb_states");
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        rowsql_refit(db, tables[i]);
    rowsql_refit_lists(db);
}

void rowsql_forge(varsdb *db, const char *sql)
{
    ck_assert_int_eq(varsdb_begin(db), VARSDB_OK);
    rowsql_install(db);
    rowsql_run(db, "%s", sql);
    rowsql_refit_all(db);
    ck_assert_int_eq(varsdb_commit(db), VARSDB_OK);
}
