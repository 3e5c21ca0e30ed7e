/*
 * process.h - timing of whole processes.
 */
#ifndef BENCH_PROCESS_H
#define BENCH_PROCESS_H

/* Seconds that a program takes from start to end, its output thrown away.  If it
 * fails, so does the benchmark. */
double process_seconds(char *const argv[]);

#endif
