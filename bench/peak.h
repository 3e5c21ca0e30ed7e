/*
 * peak.h - the most memory that this process has had at once.
 */
#ifndef BENCH_PEAK_H
#define BENCH_PEAK_H

#include <stdint.h>

/* Begins anew from the memory that it has now, where the kernel allows that; returns the peak. */
int64_t peak_begin(void);
/* Bytes, by VmHWM of /proc/self/status. */
int64_t peak_bytes(void);

#endif
