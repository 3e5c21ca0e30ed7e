/*
 * mem.h - all of the library's memory, from SQLite's allocator, so that whoever
 * replaces that one (a host, a fault test) has replaced ours too.
 * NULL means out of memory or a size that overflows; freeing NULL is allowed.
 */
#ifndef VDB_MEM_H
#define VDB_MEM_H

#include <stddef.h>

void *vdb_malloc(size_t bytes);
void *vdb_calloc(size_t count, size_t bytes);           /* zeroed */
void *vdb_realloc(void *p, size_t count, size_t bytes); /* p stays valid on failure */
char *vdb_strndup(const char *text, size_t bytes);      /* ends in NUL */
char *vdb_strdup(const char *text);
void vdb_free(void *p);

#endif
