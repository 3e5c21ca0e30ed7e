/* small.c - see small.h. */
#include "small.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fitting.h"
#include "varsdb.h"

#define BIG 768 /* elements, in two chunks */

static char *edits[SMALL_EDITS_MAX];
static const char *hashes[SMALL_EDITS_MAX];
static size_t edit_count, fit_count;
static char *fits[SMALL_FITS_MAX + 1];
static const char *views[SMALL_VIEWS_MAX + 1];

static void must(int good)
{
    if (!good)
        abort();
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
    fitting_add(db);
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

/* Bytes of a value bring their length and their hash along. */
static const char *also_set(const char *column)
{
    bool is_value = strcmp(column, "data") == 0 || strcmp(column, "inline") == 0;
    return is_value ? ", hash = hash_of(?1), bytes = length(CAST(?1 AS BLOB))" : "";
}

/* What hashes the changed rows anew; NULL: none does. */
static const char *hash_after(const char *table, const char *column)
{
    if (strcmp(column, "data") == 0)
        return "UPDATE OR IGNORE varsdb_tensors SET hash = (SELECT hash_of_all(data) FROM (SELECT data"
               " FROM varsdb_tensor_chunks t JOIN varsdb_chunks c ON c.id = t.chunk_id"
               " WHERE t.tensor_id = varsdb_tensors.id ORDER BY position)) WHERE chunk_count > 0";
    if (strcmp(table, "varsdb_states") == 0 && strcmp(column, "hash") != 0)
        return "UPDATE OR IGNORE varsdb_states SET hash = hash_of_row(variable_id, variable_uid, name,"
               " dtype, shape, elements, bytes, initializer, seed, regularizer, constraint_text,"
               " partitioner, collections, tensor_id)";
    return NULL;
}

static void add_edit(const char *table, const char *column)
{
    must(edit_count < SMALL_EDITS_MAX);
    hashes[edit_count] = hash_after(table, column);
    edits[edit_count++] = sqlite3_mprintf("UPDATE OR IGNORE %s SET \"%w\" = ?1%s WHERE \"%w\" IS "
                                          "(SELECT \"%w\" FROM %s LIMIT 1 OFFSET ?2)",
                                          table, column, also_set(column), column, column, table);
}

static void add_fit(char *sql)
{
    must(fit_count < SMALL_FITS_MAX);
    fits[fit_count++] = sql;
}

/* `rows` is a list of columns and the table that they are in; it yields the sum of the rows' digests. */
static void add_sum(const char *table, const char *column, const char *rows, const char *owner)
{
    char *sum = sqlite3_mprintf("(SELECT sum_of(digest_of%s WHERE %s = %s.id)", rows, owner, table);
    add_fit(sqlite3_mprintf("UPDATE %s SET %s = %s WHERE %s IS NOT %s", table, column, sum, column, sum));
    sqlite3_free(sum);
}

static void add_digest(const char *table, const char *columns)
{
    add_fit(sqlite3_mprintf("UPDATE %s SET digest = digest_of(%s) WHERE digest IS NOT digest_of(%s)", table,
                            columns, columns));
}

static void redigest(sqlite3 *db)
{
    for (size_t i = 0; i < fit_count; i++)
        small_run(db, fits[i]);
}

/* The digests that the library made are those that this file would make. */
static void check_digests(sqlite3 *db)
{
    int changes = sqlite3_total_changes(db);
    redigest(db);
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
    add_sum("varsdb_variables", "members_digest",
            "(collection_id, position, variable_id)) FROM varsdb_collection_members", "variable_id");
    add_sum("varsdb_tensors", "chunks_digest", "(tensor_id, position, chunk_id)) FROM varsdb_tensor_chunks",
            "tensor_id");
    add_sum("varsdb_snapshots", "items_digest", "(snapshot_id, state_id)) FROM varsdb_snapshot_items",
            "snapshot_id");
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
    static const int64_t numbers[BIG] = {1, 2, 3};
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
                             VARSDB_WITH(.shape = VARSDB_SHAPE(BIG), .dtype = VARSDB_INT64, .value = numbers,
                                         .value_bytes = sizeof numbers, .partitioner = "fixed_size(3)",
                                         .regularizer = "l2(0.1)"),
                             NULL, &v) == VARSDB_OK);
    must(varsdb_get_variable(db, "empty", VARSDB_WITH(.shape = VARSDB_SCALAR, .initializer = "none"), NULL,
                             &v) == VARSDB_OK);
    must(varsdb_set_scope_defaults(db, "a", &defaults) == VARSDB_OK);
    must(varsdb_create_namespace(db, "run", &(int64_t){5}) == VARSDB_OK);
    must(varsdb_use_namespace(db, "run") == VARSDB_OK);
    must(varsdb_get_variable(db, "w", VARSDB_WITH(.shape = VARSDB_SHAPE(1)), NULL, &v) == VARSDB_OK);
    must(varsdb_use_namespace(db, "main") == VARSDB_OK);
}

/* Two of them, between which something changed; and what a save left whose process died. */
static void take_snapshots(varsdb *db)
{
    const varsdb_variable *v;
    must(varsdb_take_snapshot(db, VARSDB_SNAPSHOT(.name = "s", .step = &(int64_t){3}, .metadata = "{}"),
                              NULL) == VARSDB_OK);
    must(varsdb_find_variable(db, "a/b/w", &v) == VARSDB_OK);
    must(varsdb_assign_json(db, v, "[[1,2,3],[4,5,6]]") == VARSDB_OK);
    must(varsdb_find_variable(db, "a/u", &v) == VARSDB_OK);
    must(varsdb_rename_variable(db, v, "a/v") == VARSDB_OK);
    must(varsdb_take_snapshot(db, VARSDB_SNAPSHOT(.step = &(int64_t){4}, .pinned = 1), NULL) == VARSDB_OK);
    must(varsdb_rename_variable(db, v, "a/u") == VARSDB_OK);
}

static const char left_over[] =
    "INSERT INTO varsdb_sessions VALUES (1, 2, 'fuzz', 'elsewhere', 3, 'then', 4);"
    "INSERT INTO varsdb_pins SELECT 1, min(id) FROM varsdb_chunks;"
    "INSERT INTO varsdb_snapshot_items VALUES (9, 1)";

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
    redigest(raw);
    must(sqlite3_close(raw) == SQLITE_OK);
    must(varsdb_open(path, VARSDB_OPEN(.program = "fuzz"), &db) == VARSDB_OK);
    fill(db);
    take_snapshots(db);
    varsdb_close(db);
}

unsigned char *small_make(const char *path, size_t *bytes)
{
    sqlite3_int64 size;
    make(path);
    sqlite3 *raw = small_connect(path);
    check_digests(raw);
    small_run(raw, "PRAGMA journal_mode = DELETE");
    small_run(raw, left_over);
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

const char *small_hash(size_t i)
{
    return hashes[i];
}

const char *const *small_fits(void)
{
    return (const char *const *)fits;
}

const char *const *small_views(void)
{
    return views;
}
