/*
 * scope_counter.h - how often each scope was entered below a place that is open:
 * what default names are made unique by.  A tree; leaving a scope forgets what was
 * counted below it.
 */
#ifndef VDB_SCOPE_COUNTER_H
#define VDB_SCOPE_COUNTER_H

#include <stddef.h>
#include <stdint.h>

typedef struct vdb_scope_counter vdb_scope_counter;

vdb_scope_counter *vdb_scope_counter_new(void); /* NULL: out of memory */
void vdb_scope_counter_free(vdb_scope_counter *root);
vdb_scope_counter *vdb_scope_counter_copy(const vdb_scope_counter *root);
/* Counts an entry of path.  VARSDB_NOMEM. */
int vdb_scope_counter_add(vdb_scope_counter *root, const char *path, size_t bytes);
int64_t vdb_scope_counter_get(const vdb_scope_counter *root, const char *path, size_t bytes);
/* The smallest k for which path_k was not counted; 0 when path itself was not.  Remembered, so
 * that n names of one base cost n look-ups.  NOMEM. */
int vdb_scope_counter_free_suffix(vdb_scope_counter *root, const char *path, size_t bytes, int64_t *out);
/* Forgets what was counted below path; its own count stays. */
void vdb_scope_counter_forget_below(vdb_scope_counter *root, const char *path, size_t bytes);

#endif
