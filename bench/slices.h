/*
 * slices.h - reading a little of a large tensor (f).
 */
#ifndef BENCH_SLICES_H
#define BENCH_SLICES_H

#include "bench.h"

void bench_slices(const struct bench *bench);

#endif
