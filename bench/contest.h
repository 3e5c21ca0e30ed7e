/*
 * contest.h - stores that take turns in each round, and the table of what each reached.
 */
#ifndef BENCH_CONTEST_H
#define BENCH_CONTEST_H

#include "file.h"
#include "report.h"
#include "store.h"

struct contest {
    const char *self; /* this program, to be started as an actor */
    const char *directory, *python, *scripts;
    const struct store_kind *const *kinds; /* STORE_KINDS of them, ours first */
    size_t rounds;
    int is_quick;
};

/* One workload; what nobody reached is 0, and that store is not in its table. */
struct event {
    const char *name, *unit;
    double reached[STORE_KINDS][REPORT_ROUNDS_MAX];
};

/* The kinds with their versions, and those that are not there. */
void contest_conditions(const struct contest *contest);
/* A line for each peer that took part, with ours beside it. */
void contest_report(const struct contest *contest, const struct event *event);
/* An empty directory for a store of that kind. */
void contest_folder(const struct contest *contest, const struct store_kind *kind, char path[FILE_PATH_ROOM]);

#endif
