/* engine_sqlite_mem.c - mem.h on SQLite's allocator. */
#include "mem.h"

#include "sqlite.h"
#include <stdint.h>
#include <string.h>

void *vdb_malloc(size_t bytes)
{
    return sqlite3_malloc64(bytes ? bytes : 1);
}

void *vdb_calloc(size_t count, size_t bytes)
{
    size_t all;
    if (__builtin_mul_overflow(count, bytes, &all))
        return NULL;
    void *p = vdb_malloc(all);
    if (p)
        memset(p, 0, all);
    return p;
}

void *vdb_realloc(void *p, size_t count, size_t bytes)
{
    size_t all;
    if (__builtin_mul_overflow(count, bytes, &all))
        return NULL;
    return sqlite3_realloc64(p, all ? all : 1);
}

char *vdb_strndup(const char *text, size_t bytes)
{
    char *p = bytes < SIZE_MAX ? vdb_malloc(bytes + 1) : NULL;
    if (p) {
        memcpy(p, text, bytes);
        p[bytes] = '\0';
    }
    return p;
}

char *vdb_strdup(const char *text)
{
    return vdb_strndup(text, strlen(text));
}

void vdb_free(void *p)
{
    sqlite3_free(p);
}
