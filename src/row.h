/*
 * row.h - rows that carry a digest of their columns.
 */
#ifndef VDB_ROW_H
#define VDB_ROW_H

#include "digest.h"
#include "internal.h"

/* The digest stands behind `count` columns; VARSDB_CORRUPT names `what` and the id. */
int vdb_row_check(varsdb *db, const char *what, int64_t id, const vdb_value *columns, size_t count,
                  int64_t digest);
/* Columns 0 to count - 1 of the current row. */
void vdb_row_columns(varsdb *db, vdb_rows *rows, vdb_value *out, size_t count);
/* Each is a text: a stranger's row may hold anything anywhere, and a fitting digest. */
int vdb_row_texts(varsdb *db, const char *what, const vdb_value *columns, size_t count);
/* Column i, which leads on to the next rows: an integer, or a loop over them might never end. */
int vdb_row_integer(varsdb *db, vdb_rows *rows, int i, int64_t *out);
/* For lists that are read by the piece, in the order of their first column: it is above *last, and becomes
 * it.  In a damaged tree it may not be, and the pieces would never end. */
int vdb_row_advance(varsdb *db, const vdb_value *column, int64_t *last);
/* Runs a DELETE of rows that were just found.  CORRUPT when none goes: who deletes until none is found would
 * never end. */
int vdb_row_delete(varsdb *db, enum vdb_query query, const vdb_value *args, size_t count);
/* Runs an insert or update whose last parameter is the digest of the others before it. */
int vdb_row_write(varsdb *db, enum vdb_query query, const vdb_value *columns, size_t count);
/* By a query that yields id and discriminator of the next row from *discriminator on, if there is one. */
int vdb_row_find_alike(varsdb *db, enum vdb_query query, const vdb_value *args, size_t count, int64_t *id,
                       int64_t *discriminator, bool *found);
/* max(id) + 1 by a query that yields it. */
int vdb_row_next_id(varsdb *db, enum vdb_query query, int64_t *out);
/* The same for db->next.variable, .tensor or .chunk: nobody else inserts during our write
 * transaction, so it is asked for once. */
int vdb_row_take_id(varsdb *db, enum vdb_query query, int64_t *next, int64_t *out);

#define VDB_ROW_COLUMNS_MAX 32

#endif
