/*
 * fault.h - disks that fail or are full, memory that is out, locks that others hold and calls of the system
 * that fail, once or from the moment on that a test chooses.
 *
 * For a process of its own (Check's children are): SQLite is set up anew, with a file system that stands in
 * front of the usual one (fault_files.c) and an allocator that stands in front of the usual one.  What the
 * library asks of the system by itself goes through fault_calls.c: the Makefile links the runner with --wrap.
 */
#ifndef TEST_FAULT_H
#define TEST_FAULT_H

#include <stdbool.h>

typedef enum fault_kind {
    FAULT_ALLOCATION,
    FAULT_OWN,         /* an allocation that the library makes itself; SQLite's are not counted */
    FAULT_CALL,        /* open, read, write, sync, close, rename, link; SQLite's not counted */
    FAULT_READ,        /* and what follows is of SQLite's file system */
    FAULT_SHORT_READ,  /* the system gives fewer bytes than were asked for, and the rest when asked again */
    FAULT_WRITE,       /* nothing is written */
    FAULT_SHORT_WRITE, /* half of it is */
    FAULT_FULL,        /* nothing is written, as the disk is full */
    FAULT_SYNC,        /* of a file, or of the folder where one was deleted */
    FAULT_TRUNCATE,
    FAULT_OPEN,
    FAULT_DELETE,
    FAULT_ACCESS, /* asking whether a file is there */
    FAULT_SIZE,
    FAULT_LOCK, /* another has it */
    FAULT_SHM_MAP,
    FAULT_SHM_LOCK, /* the disk failed */
    FAULT_SHM_BUSY, /* another has it */
    FAULT_KINDS
} fault_kind;

/* "short write". */
const char *fault_name(fault_kind kind);

/* Before anything of SQLite's is open. */
void fault_install(void);
/* The operation of that kind after `after` more ones fails; those of a full disk and all after it. */
void fault_arm(fault_kind kind, int after);
/* As fault_arm; lasting: all that come after it fail too. */
void fault_arm_for(fault_kind kind, int after, bool lasting);
void fault_disarm(void);
/* Whether something was made to fail since fault_arm. */
bool fault_happened(void);
/* What is read at that offset of any file of SQLite's gives that code of SQLite's, so many times. */
void fault_refuse(long long offset, int code, int times);
/* How many of these times are left. */
int fault_refusals_left(void);
/* How many operations of that kind there were, failed or not. */
long fault_counted(fault_kind kind);
/* What the call that failed said, see errno: EACCES of a rename, EREMOTEIO of the sync of a folder. */
int fault_errno(void);
/* How many files were renamed that had been written to and not synced since, after the last call of this. */
int fault_renamed_unsynced(void);
/* Counts one such operation; whether it is one that fails. */
bool fault_is_due(fault_kind kind);
/* From now on what the library writes and is nothing but zeros leaves a hole, for files that no disk has room
 * for. */
void fault_leave_holes(void);
/* From now on it is said of files that writing to a part of a sector can damage the rest of it. */
void fault_break_sectors(void);
/* A file system of SQLite's in front of its usual one, from now on the usual one. */
void fault_install_files(void);

#endif
