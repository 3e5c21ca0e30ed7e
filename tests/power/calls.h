/*
 * calls.h - system calls on a disk in memory, and on this machine's for every other path.
 *
 * A registry's file is written through two doors: by SQLite, and, where a new file is built and published, by
 * the library itself.  Both end in calls of the system, so the disk stands there, and what runs above it is
 * what always runs: SQLite's own code for Unix, which decides when a directory is synced, included.
 *   - SQLite has a table of the calls that it makes, for tests to put others in (xSetSystemCall);
 *   - the calls of the library are linked to these by --wrap (the Makefile has their names);
 *   - fsync and fdatasync, which are not in SQLite's table, are defined here: a library that is loaded finds
 *     the program's before the system's.
 *
 * Locks are always had: only one process is there, and SQLite itself keeps its connections apart.  The clock
 * is a counter and random numbers are always the same, so that a program does the same each time.
 */
#ifndef POWER_CALLS_H
#define POWER_CALLS_H

#include "disk.h"

/* What a disk, or a program, does wrong, to see that it is found. */
typedef enum calls_plant {
    CALLS_RIGHT,
    CALLS_NO_DATABASE_SYNC, /* syncing a database does nothing, when its log is copied into it */
    CALLS_NO_LOG_SYNC,
    CALLS_NO_NEW_FILE_SYNC,   /* syncing a file that the library publishes does nothing */
    CALLS_LATE_NEW_FILE_SYNC, /* it is done after the directory was synced */
    CALLS_NO_DIRECTORY_SYNC
} calls_plant;

/* Before anything of SQLite's is open. */
void calls_install(void);
/* From here on, DISK_ROOT is that disk; everything on the last one is closed. */
void calls_use(disk *d);
/* The clock and random numbers begin anew, by a seed that is not 0. */
void calls_restart(int seed);

/* Writing never damages bytes beside those that are written, as SQLite believes unless it is told. */
void calls_set_powersafe(bool powersafe);
/* Whether a file can have several names. */
void calls_set_links(bool links);
void calls_plant_fault(calls_plant plant);
/* The call after `after` more ones fails, and for good all others after it; negative: none. */
void calls_fail(int after, bool for_good);
bool calls_failed(void); /* since then */

#endif
