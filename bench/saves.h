/*
 * saves.h - saving and loading the whole set, against one raw file.
 */
#ifndef BENCH_SAVES_H
#define BENCH_SAVES_H

#include "bench.h"

/* (a) a new registry */
void bench_new(const struct bench *bench);
/* (b) one that others read */
void bench_shared(const struct bench *bench);
/* (c) loading */
void bench_load(const struct bench *bench);

#endif
