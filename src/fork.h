/*
 * fork.h - whether this process is a child of the one that opened a handle.
 */
#ifndef VDB_FORK_H
#define VDB_FORK_H

/* A number that is another one in every child of fork().  This file has what in the library is of the
 * process and not of a handle. */
unsigned vdb_fork_generation(void);

/* Around what a thread of the library's own does: fork() waits for it, since in the child a mutex that the
 * thread holds would be held for ever. */
void vdb_fork_hold(void);
void vdb_fork_release(void);

#endif
