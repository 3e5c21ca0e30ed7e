/*
 * bounds.h - what one input may cost: processor time, and memory of the library.
 */
#ifndef FUZZ_BOUNDS_H
#define FUZZ_BOUNDS_H

#include <assert.h>
#include <sqlite3.h>
#include <time.h>

#define BOUNDS_MEMORY_BYTES ((sqlite3_int64)64 << 20)
#define BOUNDS_SECONDS      1.0
/* The sanitizers and the coverage take their time too. */
#if defined(__SANITIZE_ADDRESS__)
#define BOUNDS_SLOWER 6
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define BOUNDS_SLOWER 6
#endif
#endif
#ifndef BOUNDS_SLOWER
#define BOUNDS_SLOWER 1
#endif

typedef struct bounds {
    struct timespec begin;
} bounds;

static inline void bounds_begin(bounds *b)
{
    sqlite3_memory_highwater(1);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b->begin);
}

static inline void bounds_check(const bounds *b)
{
    struct timespec end;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    double seconds = (double)(end.tv_sec - b->begin.tv_sec) + (double)(end.tv_nsec - b->begin.tv_nsec) * 1e-9;
    assert(seconds < BOUNDS_SECONDS * BOUNDS_SLOWER);
    assert(sqlite3_memory_highwater(0) <= BOUNDS_MEMORY_BYTES);
}

#endif
