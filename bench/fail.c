/*
 * fail.c - a benchmark that cannot go on says why, and ends.
 */
#include "fail.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void fail(const char *what, const char *why)
{
    fflush(stdout);
    fprintf(stderr, "bench: %s: %s\n", what, why);
    exit(1);
}

_Noreturn void fail_errno(const char *what)
{
    fail(what, strerror(errno));
}

void must(const varsdb *db, int rc)
{
    if (rc != VARSDB_OK)
        fail("varsdb", varsdb_errmsg(db));
}

void *must_allocate(size_t count, size_t bytes)
{
    void *memory = calloc(count, bytes);

    if (memory == NULL)
        fail("bench", "out of memory");
    return memory;
}
