/*
 * fail.h - a benchmark that cannot go on says why, and ends.
 */
#ifndef BENCH_FAIL_H
#define BENCH_FAIL_H

#include <stddef.h>

#include "varsdb.h"

_Noreturn void fail(const char *what, const char *why);
/* The same with the last error of the system. */
_Noreturn void fail_errno(const char *what);

/* An error of the library is the one thing that makes a benchmark fail. */
void must(const varsdb *db, int rc);

/* Memory that is there. */
void *must_allocate(size_t count, size_t bytes);

#endif
