/*
 * part_name.h - a partitioned variable w takes the names of its parts, w/part_0 and
 * so on: no other variable may have them.
 */
#ifndef VDB_PART_NAME_H
#define VDB_PART_NAME_H

#include "internal.h"

/* No part of a partitioned variable is called so.  VARSDB_EXISTS. */
int vdb_part_name_check(varsdb *db, const char *name, size_t bytes);
/* No variable of the scope is called as one of the parts that `whole` has, or is to have.
 * VARSDB_EXISTS. */
int vdb_part_names_free(varsdb *db, const char *whole, size_t bytes, int64_t parts, const char *scope,
                        size_t scope_bytes);
/* How many parts the variable of that name has; 0 when it has none, or is not there. */
int vdb_part_count(varsdb *db, const char *name, size_t bytes, int64_t *out);

#endif
