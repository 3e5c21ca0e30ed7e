/*
 * footprint.h - the most memory that a process has while it saves or loads a set in a store.
 */
#ifndef BENCH_FOOTPRINT_H
#define BENCH_FOOTPRINT_H

#include "contest.h"

void bench_footprint(const struct contest *contest);

/* main() of such a process; argv is "save" or "load", the store's folder, and "KIND COUNT BYTES": the number
 * of the kind, and what the set is. */
int footprint_actor_main(const struct store_kind *const *kinds, int argc, char **argv);

#endif
