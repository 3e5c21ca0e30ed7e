/*
 * judge.h - what a disk holds, as a program finds it that starts after a crash.
 *
 * SQLite recovers the registry and closes it, which leaves one file without a log.  What that file says (all
 * that the public interface shows) and whether varsdb_verify finds anything wrong with it depends on its
 * bytes alone, so it is found out once for each content that occurs, and remembered.
 */
#ifndef POWER_JUDGE_H
#define POWER_JUDGE_H

#include <stdio.h>

#include "disk.h"

/* The files of a workload, below DISK_ROOT. */
#define JUDGE_REGISTRY     DISK_ROOT "/r.db"
#define JUDGE_COPY         DISK_ROOT "/copy.db" /* a backup, or another new registry */
#define JUDGE_EXPORT       DISK_ROOT "/out.safetensors"
#define JUDGE_EXPORT_INDEX JUDGE_EXPORT ".index.json" /* of several files */
#define JUDGE_CHECKPOINT   DISK_ROOT "/out"           /* TensorFlow's */

/* Numbers of texts: equal ones say the same. */
typedef struct judge_finding {
    int registry, copy, exported;
} judge_finding;

/* Recovers what is on the disk, as above. */
void judge_recover(disk *d, judge_finding *out);
/* The library itself opens what is there; the disk stays as it is. */
void judge_open(const disk *d, bool read_only, judge_finding *out);
/* The library opens and reads what is there, but a call of the system fails after so many, or all do from
 * there on.  False: it did not make so many. */
bool judge_fail(disk *d, int after, bool for_good);
/* The registry can be used, or made where there is none; or *out says what is wrong.  The disk stays. */
bool judge_serves(const disk *d, judge_finding *out);
bool judge_equal(const judge_finding *a, const judge_finding *b);
void judge_print(const judge_finding *f, FILE *out);

#endif
