/*
 * crowd.h - a large save and other processes: what each costs the other.
 */
#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

#include "bench.h"

/* (h) others create variables meanwhile */
void bench_creators(const struct bench *bench);
/* (i) another reads meanwhile */
void bench_sampler(const struct bench *bench);

#endif
