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

#endif
