/*
 * explore.h - a workload is run once, and then loses its power at each of its moments in many ways.
 *
 * A moment is just after a write, a cut, a sync, or a change of a name, or after a step was said to be done.
 * Where at most ten operations are pending, every choice of those that happened is tried, and some with torn
 * writes are drawn at random; where more are pending, 240 are drawn.  From each disk that is left the
 * registry is recovered.  It must be as it was after the last step that was done or, if one was under way, as
 * after that one.  The power is then lost once more, at some moment of the recovery, and the next recovery
 * must come to the same.
 *
 * Some of these disks the library itself opens, for writing or for reading only; it finds the same, and can
 * use what it finds.  Calls of the system fail while it opens it once more, before the power is lost again.
 */
#ifndef POWER_EXPLORE_H
#define POWER_EXPLORE_H

#include "workloads.h"

#include <stdint.h>
#include <stdio.h>

typedef struct explore_options {
    uint64_t seed;
    int one_in;     /* so many images, one is made */
    bool powersafe; /* writing does not damage bytes beside what it writes */
    FILE *losses;   /* where the first ones are told; NULL: nowhere */
} explore_options;

typedef struct explore_counts {
    int64_t points, images, losses;
    int64_t opened, failed; /* images that the library opened; with a call of the system that failed */
    int64_t again;          /* recoveries that were lost too */
} explore_counts;

/* Adds to the counts. */
void explore(const workload *w, const explore_options *options, explore_counts *counts);

#endif
