/*
 * timer.c - measuring: a clock, and what a few rounds of a measurement say.
 */
#include "timer.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>

double timer_now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

struct summary timer_summarize(double *values, size_t count)
{
    assert(count >= 1);
    qsort(values, count, sizeof *values, compare);
    return (struct summary){
        .median = (values[(count - 1) / 2] + values[count / 2]) / 2,
        .min = values[0],
        .max = values[count - 1],
    };
}
