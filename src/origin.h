/*
 * origin.h - who creates: program, host and pid, interned as rows.
 */
#ifndef VDB_ORIGIN_H
#define VDB_ORIGIN_H

#include "internal.h"

/* Inside a write transaction: the id of this handle's origin. */
int vdb_origin_ensure(varsdb *db, int64_t *out);

#endif
