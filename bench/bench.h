/*
 * bench.h - what the workloads of bench_tensors share.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdint.h>

#include "report.h"
#include "tensors.h"

struct sizes {
    size_t rounds;
    size_t tensors, tensor_bytes;           /* of the set that most workloads save */
    int64_t slice_bytes, peak_bytes, large; /* tensors of (f), (g), and of (h) and (i) */
    size_t slices;                          /* reads in each round of (f) */
    int states;                             /* variables of (e) */
};

struct bench {
    char *directory;
    char *self;          /* this program, to be started as an actor */
    const char *python;  /* the interpreter of the peers */
    const char *scripts; /* their directory */
    struct sizes sizes;
    struct tensors *tensors; /* the set */
    struct tensors *room;    /* as large, to load into */
};

static inline struct workload bench_workload(const struct bench *bench, const char *name, const char *unit,
                                             const char *goal)
{
    return (struct workload){.name = name, .unit = unit, .goal = goal, .rounds = bench->sizes.rounds};
}

/* 10^9 bytes a second. */
static inline double bench_speed(size_t bytes, double seconds)
{
    return (double)bytes / seconds * 1e-9;
}

#endif
