/*
 * passes.h - the command's passes over a whole registry: how much of a processor they take, and of memory.
 */
#ifndef BENCH_PASSES_H
#define BENCH_PASSES_H

#include <stdint.h>

struct pass {
    double seconds; /* of processors */
    int64_t peak;   /* bytes of memory at most */
};

/* Runs a program with its output thrown away; if it fails, so does the benchmark.  `self` is this program,
 * which starts it as a process that is small itself: a child is told to have had its parent's memory. */
struct pass pass_run(char *self, char *const argv[]);
/* main() of that process; argv is the program and its arguments. */
int pass_main(char **argv);

#endif
