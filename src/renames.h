/*
 * renames.h - expressions and what to put for them, one after the other: each takes the name that the one
 * before it made, and leaves alone what it does not match.
 */
#ifndef VDB_RENAMES_H
#define VDB_RENAMES_H

#include "match.h"

typedef struct vdb_renames {
    const varsdb_rename *items; /* borrowed */
    vdb_match **matches;
    size_t count;
} vdb_renames;

/* MISUSE: a NULL among them; INVALID: an expression. */
int vdb_renames_open(vdb_error *e, const varsdb_rename *items, size_t count, vdb_renames *out);
/* Sets *out, reset before, to the name that comes of it, changed or not. */
int vdb_renames_apply(const vdb_renames *r, vdb_error *e, const char *name, vdb_buf *out);
void vdb_renames_close(vdb_renames *r);

#endif
