/*
 * latency.h - how long many calls took: a count for each eighth of a power of two of microseconds.
 */
#ifndef TEST_LATENCY_H
#define TEST_LATENCY_H

#include <stdint.h>
#include <time.h>

#define LATENCY_BUCKETS 320 /* up to 2^40 microseconds */

typedef struct latency {
    int64_t counts[LATENCY_BUCKETS], all;
} latency;

static inline int64_t latency_now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* The least of bucket i is (8 + i % 8) * 2^(i / 8 - 3). */
static inline int64_t latency_least(int i)
{
    return i < 24 ? (8 + i % 8) >> (3 - i / 8) : (int64_t)(8 + i % 8) << (i / 8 - 3);
}

static inline void latency_add(latency *l, int64_t us)
{
    int i = 0;
    while (i + 1 < LATENCY_BUCKETS && latency_least(i + 1) <= us)
        i++;
    l->counts[i]++;
    l->all++;
}

/* What all but so many of a thousand calls did not exceed, rounded up to an eighth. */
static inline int64_t latency_all_but(const latency *l, int64_t of_a_thousand)
{
    int64_t beyond = l->all * of_a_thousand / 1000;
    int i = LATENCY_BUCKETS - 1;
    for (; i > 0 && beyond >= l->counts[i]; i--)
        beyond -= l->counts[i];
    return latency_least(i + 1);
}

#endif
