/*
 * scope_attributes.h - what an open scope decides for the variables created in it:
 * inherited from the scope around it (or from the object entered), or set on it.
 */
#ifndef VDB_SCOPE_ATTRIBUTES_H
#define VDB_SCOPE_ATTRIBUTES_H

#include <stddef.h>

#include "error.h"

typedef struct vdb_getter {
    varsdb_getter call;
    void *payload;
} vdb_getter;

typedef struct vdb_scope_attributes {
    varsdb_reuse reuse; /* effective, never INHERIT */
    varsdb_dtype dtype;
    /* NULL: nobody set it; "none": switched off */
    char *initializer, *regularizer, *partitioner;
    char *constraint;    /* of this scope alone */
    char **collections;  /* ends in NULL; NULL: nobody set them */
    vdb_getter *getters; /* the innermost first */
    size_t getter_count;
} vdb_scope_attributes;

/* The options are well-formed and their specs known.  `may_clear`: "" and DTYPE_CLEAR are
 * allowed.  MISUSE, INVALID. */
int vdb_scope_options_check(vdb_error *e, const varsdb_scope_options *o, int may_clear);

/* Those of a scope entered with these options from one that has `from`.  NOMEM. */
int vdb_scope_attributes_inherit(const vdb_scope_attributes *from, const varsdb_scope_options *o,
                                 vdb_scope_attributes *out);
/* Those of the same scope after a change.  NOMEM leaves it as it was. */
int vdb_scope_attributes_change(vdb_scope_attributes *a, const varsdb_scope_options *o);
void vdb_scope_attributes_release(vdb_scope_attributes *a);

#endif
