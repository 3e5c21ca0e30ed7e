/*
 * sqlite.h - SQLite's functions: those that are linked, or, in the loadable extension (VARSDB_LOADABLE),
 * those of the program that loads it.  Two copies of SQLite in one process would drop each other's locks.
 */
#ifndef VDB_SQLITE_H
#define VDB_SQLITE_H

#ifdef VARSDB_LOADABLE
#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT3
#else
#include <sqlite3.h>
#endif

#endif
