/*
 * sets.h - sets of tensors, tiny to large, in every store: saved, loaded, loaded in part.
 */
#ifndef BENCH_SETS_H
#define BENCH_SETS_H

#include "contest.h"

/* The sets that most is measured with. */
enum {
    SETS_MEDIUM = 8 << 20, /* bytes of each tensor */
    SETS_MEDIUM_COUNT = 64,
    SETS_MEDIUM_QUICK_COUNT = 8,
    SETS_TINY = 16 * sizeof(float),
    SETS_TINY_COUNT = 100000,
    SETS_TINY_QUICK_COUNT = 5000
};

void bench_sets(const struct contest *contest);

#endif
