/* memory.h - how much memory this process needed so far. */
#ifndef TEST_MEMORY_H
#define TEST_MEMORY_H

#include <stdint.h>
#include <stdio.h>

#include "sanitized.h"

/* The most that was resident at a time, in bytes, as /proc has it.  Under the address sanitizer,
 * which keeps what was freed, it is always 0. */
static inline int64_t memory_peak(void)
{
    long long kib = 0;
#if !SANITIZED
    char line[256];
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "VmHWM: %lld kB", &kib) == 1)
            break;
    if (f)
        fclose(f);
#endif
    return (int64_t)kib * 1024;
}

#endif
