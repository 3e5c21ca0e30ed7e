/*
 * seen.h - what calls answer and what callbacks are given about a stranger's registry, looked at in full.
 */
#ifndef FUZZ_SEEN_H
#define FUZZ_SEEN_H

#include "varsdb.h"

#define NAMES_MAX 12

typedef struct names {
    char *name[NAMES_MAX];
    size_t count;
} names;

void names_keep(names *n, const char *name); /* the first NAMES_MAX */
void names_release(names *n);

/* rc again.  Whatever a file holds, it is neither our mistake nor the caller's, and there is a sentence for
 * it. */
int told(const varsdb *db, int rc);

/* Callbacks; payloads are NULL, or names to keep those that are seen. */
int see_namespace(void *payload, const varsdb_namespace_info *info);
int see_scope(void *payload, const varsdb_scope_info *info);
int see_collection(void *payload, const varsdb_collection_info *info);
int see_attribute(void *payload, const char *key, const char *json);
int see_string(void *payload, const char *string, size_t bytes);
int see_row(void *payload, size_t columns, const char *const *columns_names, const varsdb_value *values);
int see_variable(void *payload, const varsdb_variable_info *info);
int see_part(void *payload, const varsdb_part *part);
int see_selected(void *payload, const varsdb_variable *variable);
int see_difference(void *payload, const varsdb_difference *difference);

#endif
