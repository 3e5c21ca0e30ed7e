/*
 * variable_update.h - values made of the ones that are there.
 */
#ifndef VDB_VARIABLE_UPDATE_H
#define VDB_VARIABLE_UPDATE_H

#include "variable.h"

/* Changes bytes [offset, offset + bytes) of the old value in place.  Ranges come in order, and begin
 * at an element. */
typedef void (*vdb_update_cb)(const void *payload, uint64_t offset, void *data, size_t bytes);

/* Atomically: no assignment of others is lost.  A large value is made without the write lock, and made
 * again if somebody assigned another one meanwhile.  UNINITIALIZED. */
int vdb_variable_update(varsdb *db, const varsdb_variable *variable, vdb_update_cb change,
                        const void *payload);
/* The same with a slice laid over the old value. */
int vdb_variable_update_slice(varsdb *db, const varsdb_variable *variable, const vdb_slice *slice,
                              const void *packed);

#endif
