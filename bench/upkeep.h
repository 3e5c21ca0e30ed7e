/*
 * upkeep.h - keeping a registry: verifying it, collecting what was deleted, a copy of it (j).
 */
#ifndef BENCH_UPKEEP_H
#define BENCH_UPKEEP_H

#include "bench.h"

void bench_upkeep(const struct bench *bench);

#endif
