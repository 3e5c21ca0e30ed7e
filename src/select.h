/*
 * select.h - TensorFlow's way to select names: a regular expression that must match
 * from the beginning of the public name, "v:0".
 */
#ifndef VDB_SELECT_H
#define VDB_SELECT_H

#include "buf.h"
#include "match.h"

/* The expression prefix, or prefix.*suffix: when there is a suffix (a suffix that has a ':' is taken
 * as it is), from the beginning.  prefix may be NULL.  VARSDB_INVALID. */
int vdb_select_new(vdb_error *e, const char *prefix, const char *suffix, vdb_match **out);
/* Whether it selects the variable of that full name; `scratch` is reused from call to call. */
int vdb_select_matches(vdb_match *m, vdb_error *e, const char *name, size_t bytes, vdb_buf *scratch,
                       bool *out);

#endif
