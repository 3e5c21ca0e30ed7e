/*
 * match.h - regular expressions over names: PCRE2 with limits on time and depth, so
 * that no pattern can hang.  With VARSDB_OMIT_REGEX there are none.  No I/O.
 */
#ifndef VDB_MATCH_H
#define VDB_MATCH_H

#include <stdbool.h>

#include "buf.h"
#include "error.h"

typedef struct vdb_match vdb_match;

/* VARSDB_INVALID with the pattern, the position and PCRE2's reason.  VARSDB_UNSUPPORTED: there are none. */
int vdb_match_new(vdb_error *e, const char *pattern, vdb_match **out);
void vdb_match_free(vdb_match *m);
/* Whether it is found anywhere in text.  VARSDB_INVALID: the match limit was reached. */
int vdb_match_find(vdb_match *m, vdb_error *e, const char *text, size_t bytes, bool *out);
/* Replaces every match by `replacement` ($1 for groups); *out is empty and *changed false when there is none.
 */
int vdb_match_replace(vdb_match *m, vdb_error *e, const char *text, size_t bytes, const char *replacement,
                      vdb_buf *out, bool *changed);

#endif
