/*
 * engine_sqlite_watch.h - what happens on a host's connection, for all handles on it.
 */
#ifndef VDB_ENGINE_SQLITE_WATCH_H
#define VDB_ENGINE_SQLITE_WATCH_H

#include "sqlite.h"
#include <stdbool.h>
#include <stdint.h>

/* Counted from the first handle's opening to the connection's closing. */
typedef struct vdb_watch {
    int references;
    bool watching;    /* the open transaction will be told of */
    uint64_t undone;  /* such transactions, and savepoints in them, that were rolled back */
    uint64_t written; /* writes of all handles */
    int depth;        /* handles with a transaction open, each inside the one before */
} vdb_watch;

/* The connection's watch, made if need be; to be released. */
int vdb_watch_share(sqlite3 *db, vdb_watch **out);
void vdb_watch_release(vdb_watch *w); /* NULL is allowed */
/* A statement that makes it watch the open transaction. */
int vdb_watch_prepare(sqlite3 *db, sqlite3_stmt **out);

#endif
