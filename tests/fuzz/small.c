/* small.c - see small.h. */
#include "small.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "digest.h"
#include "varsdb.h"

#define EDITS_MAX     256
#define ARGUMENTS_MAX 32

static char *edits[EDITS_MAX];
static size_t edit_count;
static char *sums, *digests; /* statements that make them fit */
static const char *views[SMALL_VIEWS_MAX + 1];

static void must(int good)
{
    if (!good)
        abort();
}

/* ---- digests in SQL */

static vdb_value value_of(sqlite3_value *v)
{
    switch (sqlite3_value_type(v)) {
    case SQLITE_INTEGER:
        return vdb_int(sqlite3_value_int64(v));
    case SQLITE_FLOAT:
        return vdb_real(sqlite3_value_double(v));
    case SQLITE_TEXT:
        return vdb_text_n((const char *)sqlite3_value_text(v), (size_t)sqlite3_value_bytes(v));
    case SQLITE_BLOB:
        return vdb_blob(sqlite3_value_blob(v), (size_t)sqlite3_value_bytes(v));
    default:
        return vdb_null();
    }
}

static void digest(sqlite3_context *context, int count, sqlite3_value **arguments)
{
    vdb_value columns[ARGUMENTS_MAX];
    must(count <= ARGUMENTS_MAX);
    for (int i = 0; i < count; i++)
        columns[i] = value_of(arguments[i]);
    sqlite3_result_int64(context, vdb_digest_row(columns, (size_t)count));
}

static void add(sqlite3_context *context, int count, sqlite3_value **arguments)
{
    uint64_t *sum = sqlite3_aggregate_context(context, sizeof *sum);
    (void)count;
    must(sum != NULL);
    *sum += (uint64_t)sqlite3_value_int64(arguments[0]);
}

static void end_sum(sqlite3_context *context)
{
    const uint64_t *sum = sqlite3_aggregate_context(context, 0);
    sqlite3_result_int64(context, sum ? (int64_t)*sum : 0);
}

/* ---- SQL */

void small_run(sqlite3 *db, const char *sql)
{
    char *message = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message) == SQLITE_OK)
        return;
    fprintf(stderr, "%s: %s\n", message, sql);
    abort();
}

sqlite3 *small_connect(const char *name)
{
    sqlite3 *db;
    must(sqlite3_open(name, &db) == SQLITE_OK);
    must(sqlite3_create_function(db, "digest_of", -1, SQLITE_UTF8, NULL, digest, NULL, NULL) == SQLITE_OK);
    must(sqlite3_create_function(db, "sum_of", 1, SQLITE_UTF8, NULL, NULL, add, end_sum) == SQLITE_OK);
    return db;
}

/* Calls back with the first two columns of each row. */
static void each_row(sqlite3 *db, const char *sql, void (*callback)(const char *a, const char *b))
{
    sqlite3_stmt *statement;
    must(sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW)
        callback((const char *)sqlite3_column_text(statement, 0),
                 (const char *)sqlite3_column_text(statement, 1));
    must(sqlite3_finalize(statement) == SQLITE_OK);
}

static void add_view(const char *name, const char *unused)
{
    size_t count = 0;
    (void)unused;
    while (views[count])
        count++;
    must(count < SMALL_VIEWS_MAX);
    views[count] = strdup(name);
}

static void add_edit(const char *table, const char *column)
{
    must(edit_count < EDITS_MAX);
    edits[edit_count++] = sqlite3_mprintf("UPDATE OR IGNORE %s SET \"%w\" = ?1 WHERE \"%w\" IS "
                                          "(SELECT \"%w\" FROM %s LIMIT 1 OFFSET ?2)",
                                          table, column, column, column, table);
}

static void add_digest(const char *table, const char *columns)
{
    digests = sqlite3_mprintf("%z UPDATE %s SET digest = digest_of(%s) WHERE digest IS NOT digest_of(%s);",
                              digests, table, columns, columns);
}

void small_redigest(sqlite3 *db)
{
    small_run(db, sums);
    small_run(db, digests);
}

/* The digests that the library made are those that this file would make. */
static void check_digests(sqlite3 *db)
{
    small_run(db, sums);
    int changes = sqlite3_total_changes(db);
    small_run(db, digests);
    must(sqlite3_total_changes(db) == changes);
}

/* What there is to change, and how digests follow: each is of the columns before it. */
static void learn(sqlite3 *db)
{
    each_row(db, "SELECT name, 0 FROM sqlite_schema WHERE type = 'view' ORDER BY name", add_view);
    each_row(db,
             "SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c"
             " WHERE m.type = 'table' ORDER BY m.name, c.cid",
             add_edit);
    sums = sqlite3_mprintf(
        "UPDATE varsdb_variables SET members_digest = (SELECT sum_of(digest_of(collection_id, position,"
        " variable_id)) FROM varsdb_collection_members WHERE variable_id = varsdb_variables.id);"
        "UPDATE varsdb_tensors SET chunks_digest = (SELECT sum_of(digest_of(tensor_id, position,"
        " chunk_id)) FROM varsdb_tensor_chunks WHERE tensor_id = varsdb_tensors.id);");
    each_row(db,
             "SELECT m.name, (SELECT group_concat(c.name) FROM (SELECT name, cid FROM"
             " pragma_table_info(m.name) ORDER BY cid) c WHERE c.cid < d.cid)"
             " FROM sqlite_schema m JOIN pragma_table_info(m.name) d"
             " WHERE m.type = 'table' AND d.name = 'digest' ORDER BY m.name",
             add_digest);
}

/* ---- the small registry */

static void fill(varsdb *db)
{
    static const unsigned char bytes[6000] = {1, 2, 3};
    const varsdb_variable *v;
    varsdb_scope_defaults defaults = {.initializer = "random_normal(0,1)", .dtype = VARSDB_FLOAT64};
    must(varsdb_get_variable(db, "a/b/w", VARSDB_WITH(.shape = VARSDB_SHAPE(2, 3)), NULL, &v) == VARSDB_OK);
    must(varsdb_set_attribute(db, v, "note", "{\"a\":[1,2]}") == VARSDB_OK);
    must(varsdb_set_attribute(db, NULL, "run", "7") == VARSDB_OK);
    must(varsdb_model_variable(db, "a/u", VARSDB_WITH(.value_json = "[1,null]"), NULL, &v) != VARSDB_OK);
    must(varsdb_model_variable(db, "a/u", VARSDB_WITH(.value_json = "[1,2]", .dtype = VARSDB_UINT64), NULL,
                               &v) == VARSDB_OK);
    must(varsdb_local_variable(db, "text",
                               VARSDB_WITH(.value_json = "[\"x\",\"yz\"]", .dtype = VARSDB_STRING), NULL,
                               &v) == VARSDB_OK);
    must(varsdb_get_variable(db, "big",
                             VARSDB_WITH(.shape = VARSDB_SHAPE(6000), .dtype = VARSDB_UINT8, .value = bytes,
                                         .value_bytes = sizeof bytes, .partitioner = "fixed_size(3)",
                                         .regularizer = "l2(0.1)"),
                             NULL, &v) == VARSDB_OK);
    must(varsdb_get_variable(db, "empty", VARSDB_WITH(.shape = VARSDB_SCALAR, .initializer = "none"), NULL,
                             &v) == VARSDB_OK);
    must(varsdb_set_scope_defaults(db, "a", &defaults) == VARSDB_OK);
    must(varsdb_create_namespace(db, "run", &(int64_t){5}) == VARSDB_OK);
    must(varsdb_use_namespace(db, "run") == VARSDB_OK);
    must(varsdb_get_variable(db, "w", VARSDB_WITH(.shape = VARSDB_SHAPE(1)), NULL, &v) == VARSDB_OK);
}

/* Small limits, so that a few bytes are in chunks. */
static void make(const char *path)
{
    varsdb *db;
    must(varsdb_open(path, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE, .seed = &(int64_t){1}, .program = "fuzz"),
                     &db) == VARSDB_OK);
    varsdb_close(db);
    sqlite3 *raw = small_connect(path);
    learn(raw);
    check_digests(raw);
    small_run(raw, "UPDATE varsdb_registry SET inline_bytes = 64, chunk_bytes = 4096");
    small_redigest(raw);
    must(sqlite3_close(raw) == SQLITE_OK);
    must(varsdb_open(path, VARSDB_OPEN(.program = "fuzz"), &db) == VARSDB_OK);
    fill(db);
    varsdb_close(db);
}

unsigned char *small_make(const char *path, size_t *bytes)
{
    sqlite3_int64 size;
    make(path);
    sqlite3 *raw = small_connect(path);
    check_digests(raw);
    small_run(raw, "PRAGMA journal_mode = DELETE");
    small_run(raw,
              "INSERT INTO varsdb_snapshots VALUES (1, 2, 1, 's', 3, '{}', 0, 1, 24, 24, 0, 0, 0);"
              "INSERT INTO varsdb_states SELECT 1, x'00', id, uid, 'a/b/w', dtype, shape, elements, bytes,"
              " initializer, seed, NULL, NULL, NULL, '[]', tensor_id, 0 FROM varsdb_variables LIMIT 1;"
              "INSERT INTO varsdb_snapshot_items VALUES (1, 1)");
    /* Small pages, so that a change of a byte is likely to mean something. */
    small_run(raw, "PRAGMA page_size = 512; VACUUM");
    unsigned char *data = sqlite3_serialize(raw, "main", &size, 0);
    must(data != NULL);
    must(sqlite3_close(raw) == SQLITE_OK);
    *bytes = (size_t)size;
    return data;
}

size_t small_edits(void)
{
    return edit_count;
}

const char *small_edit(size_t i)
{
    return edits[i];
}

const char *const *small_views(void)
{
    return views;
}
