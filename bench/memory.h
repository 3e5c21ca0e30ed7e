/*
 * memory.h - peak memory while a tensor larger than most memories is saved and loaded (g).
 */
#ifndef BENCH_MEMORY_H
#define BENCH_MEMORY_H

#include "bench.h"

void bench_memory(const struct bench *bench);

#endif
