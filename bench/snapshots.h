/*
 * snapshots.h - what a snapshot costs when little changed, and when nothing did.
 */
#ifndef BENCH_SNAPSHOTS_H
#define BENCH_SNAPSHOTS_H

#include "bench.h"

/* (d) some tensors changed */
void bench_changed(const struct bench *bench);
/* (e) none of very many changed */
void bench_unchanged(const struct bench *bench);

#endif
