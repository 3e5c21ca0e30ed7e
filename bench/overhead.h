/*
 * overhead.h - what the registry adds to SQLite: bytes of a variable, and time to a first answer.
 */
#ifndef BENCH_OVERHEAD_H
#define BENCH_OVERHEAD_H

#include <stddef.h>

void bench_overhead(const char *directory, size_t rounds);

#endif
