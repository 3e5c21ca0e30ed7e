/*
 * extension.h - putting our functions on a connection; sqlite3_varsdb_init is in varsdb_sql.h.
 */
#ifndef VDB_SQL_EXTENSION_H
#define VDB_SQL_EXTENSION_H

#include <stdbool.h>

/* For a query of varsdb_query, whose connection cannot write: names are those of the namespace.  *trusted,
 * which lives as long as the connection, is true while statements of ours are made on it.  An SQLite code. */
struct sqlite3;
int vdb_sql_add_for_query(struct sqlite3 *connection, const char *name_space, bool *trusted);

#endif
