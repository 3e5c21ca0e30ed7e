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
/* Of the processor, spent by this thread, and by all threads of the process: of what does not wait, whatever
 * else the machine does. */
double timer_processor(void);
double timer_used(void);
void timer_sleep(double seconds);

/* Sorts the values; count >= 1. */
struct summary timer_summarize(double *values, size_t count);
/* The value that `percent` of a hundred do not exceed; sorts them; count >= 1. */
double timer_percentile(double *values, size_t count, double percent);

/* Times of single operations, as many as there come. */
struct samples {
    double *values;
    size_t count, room;
};
void samples_add(struct samples *samples, double value);

#endif
