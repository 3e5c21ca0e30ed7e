/*
 * name.h - names of variables, scopes, collections and namespaces: what may be
 * created, what may be stored, and how they are taken apart.  No I/O.
 */
#ifndef VDB_NAME_H
#define VDB_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "error.h"

#define VDB_NAME_BYTES_MAX 4096

/* The rule for creating through get_* and scopes, on a full name: first a letter, a
 * digit or '.', then also '_', '-' and '/', no empty component.  `what` ("variable")
 * is for the message.  VARSDB_INVALID. */
int vdb_name_check_created(vdb_error *e, const char *what, const char *name, size_t bytes);
/* The rule for storage and import: UTF-8 (no overlong forms, no surrogates), no control
 * characters (C0, DEL, C1), no empty component, 1 to VDB_NAME_BYTES_MAX bytes. */
int vdb_name_check_stored(vdb_error *e, const char *what, const char *name, size_t bytes);
/* Bytes of the name without an output suffix: "v:0" counts as "v".  Other digits do not. */
size_t vdb_name_without_output(const char *name, size_t bytes);
/* Bytes of the scope part: for "a/b/v" 3, for "v" 0. */
size_t vdb_name_scope_bytes(const char *name, size_t bytes);
/* Whether name is `scope` itself or below it, by component; scope "" holds all. */
bool vdb_name_in_scope(const char *name, size_t bytes, const char *scope, size_t scope_bytes);
/* The number of a part's name, "part_7"; -1 for any other name. */
int64_t vdb_name_part_number(const char *name, size_t bytes);
/* Whether it is valid UTF-8 without NUL. */
bool vdb_utf8_valid(const char *text, size_t bytes);

#endif
