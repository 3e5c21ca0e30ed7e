/*
 * filter.h - a varsdb_filter made ready: patterns compiled, the scope measured.
 */
#ifndef VDB_FILTER_H
#define VDB_FILTER_H

#include "internal.h"
#include "match.h"

typedef struct vdb_filter {
    const varsdb_filter *given; /* one that passes everything when none was given */
    const char *collection;     /* by its own name; NULL: any */
    vdb_match *match, *exclude, *prefix;
    vdb_buf public_name; /* scratch */
    size_t scope_bytes;  /* "a/" is "a" */
} vdb_filter;

/* VARSDB_INVALID: a pattern is bad.  To be released after a failure too. */
int vdb_filter_init(varsdb *db, const varsdb_filter *given, vdb_filter *out);
void vdb_filter_release(vdb_filter *f);
/* Whether the full name, which ends in NUL, passes all but the collection.  VARSDB_INVALID: the
 * match limit was reached. */
int vdb_filter_passes(varsdb *db, vdb_filter *f, const char *name, size_t bytes, bool *out);
/* Whether matching may fail, or takes its time. */
bool vdb_filter_has_patterns(const vdb_filter *f);
/* Whether a JSON array of names, as a listing makes it, holds the collection; false when it is none. */
bool vdb_filter_names_hold(const char *json, size_t bytes, const char *collection);

#endif
