/*
 * scope.h - the scopes that a handle has entered: a stack of frames.  Nothing of it
 * is in the registry; the persistent side is in scope_row.h.
 */
#ifndef VDB_SCOPE_H
#define VDB_SCOPE_H

#include <stdbool.h>
#include <stddef.h>

#include "scope_attributes.h"
#include "scope_counter.h"
#include "varsdb.h"

struct varsdb_scope {
    varsdb *db;
    char *path;
    size_t path_bytes;
    vdb_scope_attributes attributes;
    bool captured; /* given out: lives until the handle is closed */
    varsdb_scope *next_captured;
};

typedef struct vdb_scope_frame {
    varsdb_scope *scope;
    bool by_object;
    vdb_scope_counter *saved; /* counters before an entry by object */
} vdb_scope_frame;

typedef struct vdb_scope_stack {
    varsdb_scope root; /* path "" */
    vdb_scope_frame *frames;
    size_t depth, room;
    vdb_scope_counter *counters;
    varsdb_scope *captured;
} vdb_scope_stack;

int vdb_scope_stack_init(varsdb *db, varsdb_reuse root_reuse);
void vdb_scope_stack_release(vdb_scope_stack *stack);
/* The innermost scope, or the root. */
varsdb_scope *vdb_scope_current(varsdb *db);

#endif
