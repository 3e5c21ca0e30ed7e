/*
 * namespace.h - namespaces as rows.
 */
#ifndef VDB_NAMESPACE_H
#define VDB_NAMESPACE_H

#include "internal.h"

/* Makes db->space right for this epoch; its id is 0 when there is no such namespace yet. */
int vdb_namespace_resolve(varsdb *db);
/* Inside a write transaction: resolves, and makes it, with this seed, if there is none. */
int vdb_namespace_ensure(varsdb *db, const int64_t *seed);
/* Inserts a namespace with its root scope; seed NULL draws one. */
int vdb_namespace_insert(varsdb *db, const char *name, const int64_t *seed);

/* Which snapshots of a namespace are kept; see varsdb_set_retention.  0: not limited, not set. */
typedef struct vdb_retention {
    int64_t last, every;
} vdb_retention;
/* Of the namespace in use. */
int vdb_namespace_retention(varsdb *db, vdb_retention *out);
/* VARSDB_INVALID: a number that neither counts nor is -1 or 0. */
int vdb_namespace_check_retention(varsdb *db, int64_t keep_last, int64_t keep_every);
/* Inside a write transaction; makes the namespace if need be.  -1: none; 0: as it is. */
int vdb_namespace_set_retention(varsdb *db, int64_t keep_last, int64_t keep_every);
/* The name of the namespace with that id; to be freed.  VARSDB_CORRUPT: there is none. */
int vdb_namespace_name(varsdb *db, int64_t id, char **out);

#endif
