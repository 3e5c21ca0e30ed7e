/*
 * timer.c - measuring: a clock, and what a few rounds of a measurement say.
 */
#include "timer.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>

#include "fail.h"

static double seconds_of(clockid_t clock)
{
    struct timespec t;

    (void)clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

double timer_now(void)
{
    return seconds_of(CLOCK_MONOTONIC);
}

double timer_processor(void)
{
    return seconds_of(CLOCK_THREAD_CPUTIME_ID);
}

double timer_used(void)
{
    return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

void timer_sleep(double seconds)
{
    const struct timespec t = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};

    (void)nanosleep(&t, NULL);
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

double timer_percentile(double *values, size_t count, double percent)
{
    size_t rank;

    assert(count >= 1);
    qsort(values, count, sizeof *values, compare);
    rank = (size_t)((double)count * percent / 100.0);
    return values[rank < count ? rank : count - 1];
}

void samples_add(struct samples *samples, double value)
{
    if (samples->count == samples->room) {
        samples->room = samples->room > 0 ? 2 * samples->room : 1024;
        samples->values = realloc(samples->values, samples->room * sizeof *samples->values);
        if (samples->values == NULL)
            fail("bench", "out of memory");
    }
    samples->values[samples->count++] = value;
}
