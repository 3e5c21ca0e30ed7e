/*
 * fork.h - whether this process is a child of the one that opened a handle.
 */
#ifndef VDB_FORK_H
#define VDB_FORK_H

/* A number that is another one in every child of fork().  The one thing in the library
 * that is of the process and not of a handle. */
unsigned vdb_fork_generation(void);

#endif
