/*
 * results.h - the rows of the tables for programs: JSON, one object a line.
 */
#ifndef BENCH_RESULTS_H
#define BENCH_RESULTS_H

#include "report.h"

/*
 * Appends a row to the file that the environment's RESULTS names, if it does.  A workload
 * without a peer has ratio and peer null; one that was left out has neither ours, but why.
 */
void results_workload(const struct workload *workload);
void results_figure(const struct workload *workload);
void results_left_out(const char *name, const char *goal, const char *why);

#endif
