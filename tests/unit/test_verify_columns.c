/*
 * test_verify_columns.c - whatever is changed in any column of any row of ours is found, and its
 * place named; and whatever is deleted, as far as something is left that shows it.
 */
#include <stdio.h>
#include <string.h>

#include "../support/registry.h"
#include "../support/rich.h"
#include "../support/rowsql.h"

Suite *test_verify_columns_suite(void);

#define BIG       20000 /* one chunk */
#define SQL_BYTES 2048

static registry r;
static found f;

static void open_rich(void)
{
    registry_open(&r);
    rich_fill(r.db, BIG);
}

static void close_registry(void)
{
    registry_close(&r);
}

/* ---- what does not matter, and why */

static const struct {
    const char *table, *column, *why;
} immaterial[] = {
    {"varsdb_names_version", "version", "only that it changes has a meaning"},
    {"varsdb_schema_migrations", "library", "for people"},
    {"varsdb_schema_migrations", "applied_at", "for people"},
    {"varsdb_sessions", "uid", "of a save in flight; gc looks whether it is alive"},
    {"varsdb_sessions", "program", "as above"},
    {"varsdb_sessions", "host", "as above"},
    {"varsdb_sessions", "pid", "as above"},
    {"varsdb_sessions", "started", "as above"},
    {"varsdb_sessions", "heartbeat_at", "as above"},
};

static bool matters(const char *table, const char *column)
{
    for (size_t i = 0; i < sizeof immaterial / sizeof *immaterial; i++)
        if (strcmp(immaterial[i].table, table) == 0 && strcmp(immaterial[i].column, column) == 0)
            return false;
    return true;
}

/* Rows that are garbage: owners are gone, or nothing refers to them. */
static const char *const live[][2] = {
    {"varsdb_snapshot_items", "snapshot_id IN (SELECT id FROM varsdb_snapshots)"},
    {"varsdb_sessions", "id IN (SELECT session_id FROM varsdb_pins)"},
};

static const char *live_rows(const char *table)
{
    for (size_t i = 0; i < sizeof live / sizeof *live; i++)
        if (strcmp(live[i][0], table) == 0)
            return live[i][1];
    return "1";
}

/* ---- tables, rows and columns, as SQLite tells them */

#define TABLES_MAX 32

static int tables(char out[TABLES_MAX][64])
{
    int count = (int)rowsql_number(r.db, "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"
                                         " AND name LIKE 'varsdb_%%'");
    ck_assert_int_gt(count, 15);
    ck_assert_int_le(count, TABLES_MAX);
    for (int i = 0; i < count; i++)
        snprintf(out[i], 64, "%s",
                 rowsql_text(r.db,
                             "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'varsdb_%%'"
                             " ORDER BY name LIMIT 1 OFFSET %d",
                             i));
    return count;
}

/* "id = 3", of row i. */
static void row_of(const char *table, int64_t i, char out[SQL_BYTES])
{
    const char *key = rowsql_text(
        r.db,
        "SELECT group_concat(name) FROM (SELECT name FROM pragma_table_info('%s') WHERE pk ORDER BY pk)",
        table);
    snprintf(out, SQL_BYTES,
             "(%.200s) = (SELECT %.200s FROM %.63s WHERE %.200s ORDER BY %.200s LIMIT 1 OFFSET %lld)", key,
             key, table, live_rows(table), key, (long long)i);
}

/* Another value of the same type; where there is none, one of the column's. */
static void change_of(const char *table, const char *column, const char *row, char out[SQL_BYTES])
{
    const char *type =
        rowsql_text(r.db, "SELECT type FROM pragma_table_info('%s') WHERE name = '%s'", table, column);
    const char *fresh = strcmp(type, "TEXT") == 0   ? "'x'"
                        : strcmp(type, "BLOB") == 0 ? "x'00'"
                        : strcmp(type, "REAL") == 0 ? "1.5"
                                                    : "1";
    snprintf(
        out, SQL_BYTES,
        "UPDATE %.63s SET %.63s = CASE typeof(%.63s) WHEN 'integer' THEN CASE WHEN %.63s > "
        "9000000000000000000"
        " THEN %.63s - 1 ELSE %.63s + 100000 END WHEN 'real' THEN %.63s * 2 + 1 WHEN 'text' THEN %.63s || 'x'"
        " WHEN 'blob' THEN flipped(%.63s) ELSE %.63s END WHERE %.900s",
        table, column, column, column, column, column, column, column, column, fresh, row);
}

/* What a sentence about a row of the table has in it, before anything is changed. */
static void name_of(const char *table, const char *row, char out[256])
{
    static const struct {
        const char *table, *sql; /* the row's table is t */
    } names[] = {
        {"varsdb_registry", "'registry'"},
        {"varsdb_names_version", "'names version'"},
        {"varsdb_schema_migrations", "'migration'"},
        {"varsdb_namespaces", "'namespace '"},
        {"varsdb_scopes", "'scope '''"},
        {"varsdb_origins", "'origin '"},
        {"varsdb_variables", "'variable '"},
        {"varsdb_collections", "'collection '"},
        {"varsdb_snapshots", "'snapshot '"},
        {"varsdb_states", "'variable '"},
        {"varsdb_attributes", "'attribute '"},
        {"varsdb_sessions", "'a pin of session ' || t.id"},
        {"varsdb_pins", "'a pin of session '"},
        {"varsdb_free_chunks", "'piece '"},
        {"varsdb_collection_members",
         "'variable ' || (SELECT CASE s.path WHEN '' THEN '' ELSE s.path || '/' END || v.name FROM"
         " varsdb_variables v JOIN varsdb_scopes s ON s.id = v.scope_id WHERE v.id = t.variable_id)"},
        {"varsdb_snapshot_items", "'snapshot ' || (SELECT coalesce(p.name, '#' || p.id) FROM "
                                  "varsdb_snapshots p WHERE p.id = t.snapshot_id)"},
        {"varsdb_tensors",
         "coalesce('variable ' || (SELECT s.path || '/' || v.name FROM varsdb_variables v"
         " JOIN varsdb_scopes s ON s.id = v.scope_id WHERE v.tensor_id = t.id AND s.path <> ''"
         " ORDER BY v.id), 'v')"},
        {"varsdb_tensor_chunks",
         "coalesce('variable ' || (SELECT s.path || '/' || v.name FROM varsdb_variables v JOIN varsdb_scopes "
         "s"
         " ON s.id = v.scope_id WHERE v.tensor_id = t.tensor_id ORDER BY v.id), 'nothing refers to')"},
        {"varsdb_chunks",
         "coalesce('variable ' || (SELECT s.path || '/' || v.name FROM varsdb_tensor_chunks x"
         " JOIN varsdb_variables v ON v.tensor_id = x.tensor_id JOIN varsdb_scopes s ON s.id = v.scope_id"
         " WHERE x.chunk_id = t.id ORDER BY v.id), 'which no value has')"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i].table, table) == 0) {
            snprintf(out, 256, "%s",
                     rowsql_text(r.db, "SELECT %s FROM %s t WHERE %s", names[i].sql, table, row));
            ck_assert_msg(*out, "%s has no name for %s", table, row);
            return;
        }
    ck_abort_msg("%s is a new table: what do findings in it name?", table);
}

/* A row with another key is another row, and what is found then may name what missed it. */
static void check_found(const char *table, const char *column, const char *row, const char *name)
{
    found_verify(r.db, false, &f);
    ck_assert_msg(f.count > 0, "%s.%s of %s was changed, and nobody saw it", table, column, row);
    bool key = rowsql_number(r.db, "SELECT pk > 0 FROM pragma_table_info('%s') WHERE name = '%s'", table,
                             column) > 0;
    ck_assert_msg(key || found_says(&f, NULL, name), "%s.%s of %s: nothing says '%s':\n%s", table, column,
                  row, name, found_print(&f));
}

static int changed;

static void change_row(const char *table, int64_t i)
{
    char row[SQL_BYTES], sql[SQL_BYTES], column[64], name[256];
    int64_t columns = rowsql_number(r.db, "SELECT count(*) FROM pragma_table_info('%s')", table);
    for (int64_t c = 0; c < columns; c++) {
        ok(r.db, varsdb_begin(r.db));
        row_of(table, i, row);
        name_of(table, row, name);
        snprintf(column, sizeof column, "%s",
                 rowsql_text(r.db, "SELECT name FROM pragma_table_info('%s') WHERE cid = %lld", table,
                             (long long)c));
        change_of(table, column, row, sql);
        if (matters(table, column)) {
            rowsql_run(r.db, "%s", sql);
            check_found(table, column, row, name);
            changed++;
        }
        ok(r.db, varsdb_rollback(r.db));
    }
}

#define ROWS_A_TABLE 6 /* spread over it */

START_TEST(a_change_of_any_column_is_found)
{
    char table[TABLES_MAX][64];
    int count = tables(table);
    for (int t = 0; t < count; t++) {
        int64_t rows = rowsql_number(r.db, "SELECT count(*) FROM %s WHERE %s", table[t], live_rows(table[t]));
        ck_assert_msg(rows > 0, "%s is empty", table[t]);
        int64_t step = rows > ROWS_A_TABLE ? rows / ROWS_A_TABLE : 1;
        for (int64_t i = 0; i < rows; i += step)
            change_row(table[t], i);
    }
    ck_assert_int_gt(changed, 600);
}
END_TEST

START_TEST(what_does_not_matter_is_there)
{
    for (size_t i = 0; i < sizeof immaterial / sizeof *immaterial; i++)
        ck_assert_int_eq(rowsql_number(r.db, "SELECT count(*) FROM pragma_table_info('%s') WHERE name = '%s'",
                                       immaterial[i].table, immaterial[i].column),
                         1);
}
END_TEST

/* ---- deletions, with all entries of indexes, as by SQL */

/* Rows whose absence nothing that is left could show. */
static const char *const unmissed[][3] = {
    {"varsdb_attributes", "1", "nothing counts them"},
    {"varsdb_pins", "1", "they come and go"},
    {"varsdb_free_chunks", "1", "what is free may also be deleted"},
    {"varsdb_sessions", "id NOT IN (SELECT session_id FROM varsdb_pins)", "they come and go"},
    {"varsdb_snapshots", "id NOT IN (SELECT owner_id FROM varsdb_attributes WHERE owner_kind = 'snapshot')",
     "dropping one begins so"},
    {"varsdb_snapshot_items", "snapshot_id NOT IN (SELECT id FROM varsdb_snapshots)", "garbage"},
    {"varsdb_states",
     "id NOT IN (SELECT i.state_id FROM varsdb_snapshot_items i JOIN varsdb_snapshots p ON p.id = "
     "i.snapshot_id)",
     "garbage"},
    {"varsdb_tensors",
     "id NOT IN (SELECT tensor_id FROM varsdb_variables WHERE tensor_id IS NOT NULL UNION"
     " SELECT tensor_id FROM varsdb_states WHERE tensor_id IS NOT NULL)",
     "garbage"},
    {"varsdb_tensor_chunks", "tensor_id NOT IN (SELECT id FROM varsdb_tensors)", "garbage"},
    {"varsdb_chunks",
     "id NOT IN (SELECT chunk_id FROM varsdb_tensor_chunks UNION SELECT chunk_id FROM varsdb_pins)",
     "garbage"},
    {"varsdb_scopes",
     "path <> '' AND id NOT IN (SELECT scope_id FROM varsdb_variables UNION SELECT parent_id FROM "
     "varsdb_scopes"
     " WHERE parent_id IS NOT NULL)",
     "empty"},
    {"varsdb_origins", "id NOT IN (SELECT origin_id FROM varsdb_variables)", "garbage"},
    {"varsdb_collections", "id NOT IN (SELECT collection_id FROM varsdb_collection_members)", "empty"},
    {"varsdb_variables", "id NOT IN (SELECT variable_id FROM varsdb_collection_members)", "in no collection"},
};

static const char *unmissed_rows(const char *table)
{
    for (size_t i = 0; i < sizeof unmissed / sizeof *unmissed; i++)
        if (strcmp(unmissed[i][0], table) == 0)
            return unmissed[i][1];
    return "0";
}

START_TEST(a_row_that_is_missing_is_found_where_anything_could_show_it)
{
    char table[TABLES_MAX][64], row[SQL_BYTES];
    int count = tables(table), deleted = 0;
    for (int t = 0; t < count; t++) {
        int64_t rows = rowsql_number(r.db, "SELECT count(*) FROM %s WHERE %s", table[t], live_rows(table[t]));
        for (int64_t i = 0; i < rows; i++) {
            ok(r.db, varsdb_begin(r.db));
            row_of(table[t], i, row);
            if (rowsql_number(r.db, "SELECT count(*) FROM %s WHERE %s AND NOT (%s)", table[t], row,
                              unmissed_rows(table[t]))) {
                rowsql_run(r.db, "DELETE FROM %s WHERE %s", table[t], row);
                found_verify(r.db, true, &f);
                ck_assert_msg(f.count > 0, "%s %s was deleted, and nobody saw it", table[t], row);
                deleted++;
            }
            ok(r.db, varsdb_rollback(r.db));
        }
    }
    ck_assert_int_gt(deleted, 100);
}
END_TEST

START_TEST(a_row_more_in_a_list_is_found)
{
    static const char *const more[] = {
        "INSERT INTO varsdb_snapshot_items SELECT 1, max(state_id) FROM varsdb_snapshot_items WHERE "
        "snapshot_id = 2",
        "INSERT INTO varsdb_collection_members SELECT collection_id, 1000, (SELECT id FROM varsdb_variables "
        "WHERE"
        " name = 'steps') FROM varsdb_collection_members LIMIT 1",
        "INSERT INTO varsdb_tensor_chunks SELECT tensor_id, 1, chunk_id, row_digest(tensor_id, 1, chunk_id)"
        " FROM varsdb_tensor_chunks LIMIT 1",
        "INSERT INTO varsdb_tensor_chunks SELECT id, 0, 1, row_digest(id, 0, 1) FROM varsdb_tensors"
        " WHERE chunk_count = 0 LIMIT 1",
    };
    ok(r.db, varsdb_begin(r.db));
    rowsql_run(r.db, "%s", more[_i]);
    found_verify(r.db, true, &f);
    ck_assert_msg(f.count > 0, "%s", more[_i]);
    ok(r.db, varsdb_rollback(r.db));
}
END_TEST

Suite *test_verify_columns_suite(void)
{
    Suite *suite = suite_create("verify_columns");
    TCase *t = tcase_create("rich");
    tcase_add_checked_fixture(t, open_rich, close_registry);
    tcase_add_test(t, a_change_of_any_column_is_found);
    tcase_add_test(t, what_does_not_matter_is_there);
    tcase_add_test(t, a_row_that_is_missing_is_found_where_anything_could_show_it);
    tcase_add_loop_test(t, a_row_more_in_a_list_is_found, 0, 4);
    suite_add_tcase(suite, t);
    return suite;
}
