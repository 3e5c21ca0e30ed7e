/*
 * connection.h - what the SQL functions of a connection work on: one registry, opened when it is first
 * asked for.
 *
 * SQLite does not close a connection on which statements are left, and a handle has some.  What it
 * does before it looks for them is to disconnect virtual tables, so that ends the handle.
 */
#ifndef VDB_SQL_CONNECTION_H
#define VDB_SQL_CONNECTION_H

#include "internal.h"
#include "sqlite.h"

/* A handle, and whoever is using it. */
typedef struct vdb_sql_registry {
    varsdb *db;
    int references;
    bool writable;
    char *schema, *file; /* of the connection's database */
} vdb_sql_registry;

typedef struct vdb_sql {
    sqlite3 *connection;
    int references;               /* functions and tables that have it */
    unsigned generation;          /* of the process, see fork.h */
    char *schema;                 /* that was chosen; NULL: the first that holds a registry */
    char *name_space;             /* that was chosen; NULL: "main" */
    bool reads_only;              /* nothing is created */
    bool *trusted;                /* to be true while statements of ours are made; or NULL */
    vdb_sql_registry *current;    /* NULL: none is open */
    struct vdb_stored *looked_at; /* the last value of which single elements were asked for, or NULL */
} vdb_sql;

/* With one reference; NULL when memory is out. */
vdb_sql *vdb_sql_new(sqlite3 *connection);
vdb_sql *vdb_sql_retain(vdb_sql *sql);
void vdb_sql_release(void *sql);

/* Whether statements are made that are ours; what it was. */
bool vdb_sql_trust(vdb_sql *sql, bool trusted);

/* The registry, for the call at hand; whoever keeps it longer retains it.  NOTDB: there is none. */
typedef enum vdb_sql_access {
    VDB_SQL_READ, /* it is never written to */
    VDB_SQL_WRITE,
    VDB_SQL_CREATE /* it is made if need be */
} vdb_sql_access;
int vdb_sql_open(vdb_sql *sql, vdb_sql_access access, vdb_error *e, vdb_sql_registry **out);
vdb_sql_registry *vdb_sql_registry_retain(vdb_sql_registry *registry);
void vdb_sql_registry_release(vdb_sql_registry *registry); /* NULL is allowed */
/* The next call opens it anew. */
void vdb_sql_forget(vdb_sql *sql);
/* From now on another database, or namespace, of the connection; NULL: the one that is found. */
int vdb_sql_choose_schema(vdb_sql *sql, const char *schema, vdb_error *e);
int vdb_sql_choose_namespace(vdb_sql *sql, const char *name, vdb_error *e);

#endif
