/*
 * registry.h - what all ways to open a handle have in common.
 */
#ifndef VDB_REGISTRY_H
#define VDB_REGISTRY_H

#include "internal.h"

int vdb_registry_check_options(varsdb *db, const varsdb_open_options *o);
/* The handle before it has an engine. */
int vdb_registry_set_up(varsdb *db, const char *path, const varsdb_open_options *o);
/* The first rows of new tables, inside a write transaction. */
int vdb_registry_fill(varsdb *db);
/* What the registry's own row says. */
int vdb_registry_load(varsdb *db);

/* varsdb_open_on for functions of SQL, whose calls come from inside a statement of the host's: reading works
 * also while that writes. */
int vdb_open_inside(struct sqlite3 *host, const char *schema, const varsdb_open_options *options,
                    varsdb **out);

#endif
