/*
 * import_plan.h - which tensors of a file become which variables: what is left out,
 * and the names, by the caller's rules.  It reads no registry.
 */
#ifndef VDB_IMPORT_PLAN_H
#define VDB_IMPORT_PLAN_H

#include <stdbool.h>

#include "error.h"

typedef struct vdb_import_item {
    size_t tensor;                   /* in the reader */
    const varsdb_tensor_info *info;  /* the reader's */
    char *name;                      /* in the registry */
    bool left_out;                   /* by include or exclude */
    const varsdb_variable *existing; /* NULL: there is none.  For the importer */
    varsdb_outcome outcome;          /* for the importer */
} vdb_import_item;

typedef struct vdb_import_plan {
    vdb_import_item *items; /* in the file's order */
    const vdb_import_item **by_name;
    size_t count;
} vdb_import_plan;

/* VARSDB_INVALID: an expression, a name that cannot be stored, two tensors for one name. */
int vdb_import_plan_make(vdb_error *e, const varsdb_reader *reader, const varsdb_import_options *options,
                         vdb_import_plan *out);
/* Whether full names are to be taken, where the file tells of them. */
bool vdb_import_full_names(const varsdb_import_options *options);
/* Whether the file has a tensor for the name, left out or not. */
bool vdb_import_plan_has(const vdb_import_plan *plan, const char *name);
void vdb_import_plan_release(vdb_import_plan *plan);

#endif
