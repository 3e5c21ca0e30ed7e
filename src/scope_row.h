/*
 * scope_row.h - scopes as rows: they hold variables and persistent defaults.
 */
#ifndef VDB_SCOPE_ROW_H
#define VDB_SCOPE_ROW_H

#include "internal.h"

/* The node of path in the namespace in use, right for this epoch; its id is 0 when there
 * is no row, its defaults are those that hold there all the same. */
int vdb_scope_row_resolve(varsdb *db, const char *path, size_t bytes, vdb_scope_node **out);
/* Inside a write transaction: makes the row, and its ancestors', if need be. */
int vdb_scope_row_ensure(varsdb *db, const char *path, size_t bytes, vdb_scope_node **out);
/* Inserts one row.  parent_id 0: a root. */
int vdb_scope_row_insert(varsdb *db, int64_t namespace_id, int64_t parent_id, const char *path, size_t bytes,
                         int64_t *id);
/* Inside a write transaction: what was set on `from` is set on `to`, as far as that has nothing
 * of its own, and no longer on `from`.  Both have rows. */
int vdb_scope_row_move_defaults(varsdb *db, const char *from, const char *to);
/* Inside a write transaction: removes path and its ancestors as far as they are empty. */
int vdb_scope_row_prune(varsdb *db, const char *path, size_t bytes);

#endif
