/*
 * peak.c - the most memory that this process has had at once.
 */
#include "peak.h"

#include <stdio.h>

#include "fail.h"

int64_t peak_begin(void)
{
    FILE *file = fopen("/proc/self/clear_refs", "w");

    if (file != NULL) {
        (void)fputs("5", file);
        (void)fclose(file);
    }
    return peak_bytes();
}

int64_t peak_bytes(void)
{
    FILE *file = fopen("/proc/self/status", "r");
    long long kib = -1;
    char line[256];

    if (file == NULL)
        fail_errno("/proc/self/status");
    while (kib < 0 && fgets(line, sizeof line, file) != NULL)
        (void)sscanf(line, "VmHWM: %lld kB", &kib);
    (void)fclose(file);
    if (kib < 0)
        fail("/proc/self/status", "does not tell VmHWM");
    return (int64_t)kib << 10;
}
