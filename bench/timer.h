/*
 * timer.h - measuring: a clock, and what a few rounds of a measurement say.
 */
#ifndef BENCH_TIMER_H
#define BENCH_TIMER_H

#include <stddef.h>

struct summary {
    double median, min, max;
};

/* Seconds of a clock that only goes forward. */
double timer_now(void);

/* Sorts the values; count >= 1. */
struct summary timer_summarize(double *values, size_t count);

#endif
