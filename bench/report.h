/*
 * report.h - the table of a benchmark: one line for each workload, its ratio first, and the same for
 * programs (results.h).
 */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <stddef.h>

enum {
    REPORT_ROUNDS_MAX = 16
};

/* One workload: what each side reached in each round. */
struct workload {
    const char *name;
    const char *unit; /* "/s", "GB/s": more is better; "s", "ms", "us", "ns", "MiB": less is; or "" */
    const char *goal; /* of the ratio ours / peer, or of ours where there is no peer; "-": none */
    size_t rounds;
    double ours[REPORT_ROUNDS_MAX], peer[REPORT_ROUNDS_MAX];
};

/* The versions, the file system a path is on, and the cores. */
void report_conditions(const char *directory);

/* `peer` says what stands in the last column. */
void report_header(const char *peer);
/* Medians with their ranges; the first is that of the rounds' ratios. */
void report_workload(const struct workload *workload);
/* Of a workload that has no peer. */
void report_figure(const struct workload *workload);
/* A workload that was left out, and why. */
void report_left_out(const char *name, const char *goal, const char *why);
/* A line below the rows that it belongs to. */
void report_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
