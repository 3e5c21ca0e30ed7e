/* mem.c - mem.h by the C library, where there is no SQLite to allocate from. */
#include "mem.h"

#include <stdlib.h>
#include <string.h>

void *vdb_malloc(size_t bytes)
{
    return malloc(bytes);
}

void *vdb_calloc(size_t count, size_t bytes)
{
    return calloc(count, bytes);
}

void *vdb_realloc(void *p, size_t count, size_t bytes)
{
    return reallocarray(p, count, bytes);
}

char *vdb_strndup(const char *text, size_t bytes)
{
    return strndup(text, bytes);
}

char *vdb_strdup(const char *text)
{
    return strdup(text);
}

void vdb_free(void *p)
{
    free(p);
}
