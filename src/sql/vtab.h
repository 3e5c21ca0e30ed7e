/*
 * vtab.h - our functions that are tables, as SQLite's virtual tables: there without CREATE VIRTUAL
 * TABLE, with their arguments as hidden columns.
 *
 *   vtab_each.c       tensor_each, tensor_slice
 *   vtab_histogram.c  tensor_histogram
 *   vtab_diff.c       snapshot_diff
 */
#ifndef VDB_SQL_VTAB_H
#define VDB_SQL_VTAB_H

#include "function.h"
#include "queries.h"

typedef struct vdb_vtab {
    sqlite3_vtab base;
    vdb_sql *sql; /* retained */
} vdb_vtab;

const sqlite3_module *vdb_vtab_each(void);
const sqlite3_module *vdb_vtab_slice(void);
const sqlite3_module *vdb_vtab_histogram(void);
const sqlite3_module *vdb_vtab_diff(void);

/* ---- what they share */

/* What a cursor begins with whose rows are all there: the number of the one it is at, and of all. */
typedef struct vdb_vtab_rows {
    sqlite3_vtab_cursor base;
    int64_t at, count;
} vdb_vtab_rows;
int vdb_vtab_rows_end(sqlite3_vtab_cursor *rows);
int vdb_vtab_rows_next(sqlite3_vtab_cursor *rows);
int vdb_vtab_rows_id(sqlite3_vtab_cursor *rows, sqlite3_int64 *out);

/* Connects a table whose declaration is that statement; its payload is the vdb_sql. */
int vdb_vtab_connect(sqlite3 *db, vdb_sql *sql, enum vdb_query declaration, sqlite3_vtab **out);
int vdb_vtab_disconnect(sqlite3_vtab *vtab);
/* A cursor of that many bytes, all 0, which begins with SQLite's. */
int vdb_vtab_open(size_t bytes, sqlite3_vtab_cursor **out);
vdb_sql *vdb_vtab_sql(const sqlite3_vtab_cursor *cursor); /* borrowed */
/* SQLite's code for a failure, whose sentence the table keeps. */
int vdb_vtab_fail(sqlite3_vtab *vtab, const vdb_error *e);

/*
 * Arguments are columns from `first` on, `count` of them, and come to xFilter in their order, those that
 * are given; *given gets a bit for each.  An argument that depends on a table which comes later cannot
 * be used: SQLITE_CONSTRAINT, and SQLite tries another order.
 */
int vdb_vtab_take_arguments(sqlite3_index_info *info, int first, int count, int *given);
/* xFilter's arguments by their place, NULL where they are not given; how many there were. */
int vdb_vtab_spread(int given, int count, sqlite3_value **from, sqlite3_value **to);
/* Copies of arguments, for the hidden columns, to be released. */
int vdb_vtab_keep(sqlite3_value **from, int count, sqlite3_value **to);
void vdb_vtab_drop(sqlite3_value **values, int count);
/* A hidden column. */
void vdb_vtab_result(sqlite3_context *context, sqlite3_value *kept);

#endif
