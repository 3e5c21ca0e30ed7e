/*
 * progress.h - telling callers how far a long operation is.
 */
#ifndef VDB_PROGRESS_H
#define VDB_PROGRESS_H

#include "internal.h"

/* Calls it, unless it is NULL, while the handle may not be used.  VARSDB_CANCELLED when it stops. */
int vdb_progress(varsdb *db, varsdb_progress_cb progress, void *payload, const char *doing, uint64_t done,
                 uint64_t total);

#endif
