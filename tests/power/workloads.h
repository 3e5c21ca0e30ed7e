/*
 * workloads.h - what programs do to a registry while the power is lost.
 *
 * A workload prepares the disk, and then takes its steps.  A step is what a program is told of when it is
 * done: from then on it is to last.  Until then all of it is there, or nothing.
 */
#ifndef POWER_WORKLOADS_H
#define POWER_WORKLOADS_H

#include <stdbool.h>

#define WORKLOAD_STEPS_MAX 16

typedef struct workload {
    const char *name;
    void (*prepare)(void);                  /* NULL: nothing is there */
    int (*steps[WORKLOAD_STEPS_MAX])(void); /* each returns VARSDB_OK; up to a NULL */
} workload;

extern const workload workloads[];
extern const int workload_count;

/* Closes what the steps left open. */
void workloads_close(void);
/* Of the last step that failed. */
const char *workloads_failure(void);

#endif
