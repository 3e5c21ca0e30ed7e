/*
 * report.h - the table of a benchmark: one line for each workload.
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
    const char *unit; /* "/s" (more is better) or "s" (less is better) */
    const char *goal; /* of the ratio ours / peer */
    size_t rounds;
    double ours[REPORT_ROUNDS_MAX], peer[REPORT_ROUNDS_MAX];
};

/* Which file system a path is on, the SQLite in use, and the page sizes. */
void report_conditions(const char *directory, int page_size_ours, int page_size_peer);

void report_header(void);
/* Medians of both, and the median of the rounds' ratios with its range. */
void report_workload(const struct workload *workload);

#endif
