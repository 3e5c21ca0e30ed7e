/*
 * engine_sqlite_fork.c - locks of a process whose parent had registries open.
 *
 * SQLite keeps one list of open files for the process, by device and inode, with the
 * locks that the process holds on each.  A child of fork() inherits the list, but the
 * kernel gave it none of the locks.  A connection that the child then opens on the same
 * file believes that it is locked already: the parent, closing, takes itself for the
 * last one and removes the log that the child goes on to commit into.
 *
 * So in a child the devices get other numbers, through SQLite's own table of system
 * calls: what the parent had open is not found in the list, and the child's connections
 * lock for themselves.  The inode stays as it is; by it SQLite sees whether a file was
 * moved.
 */
#include <sys/stat.h>

#include "engine_sqlite.h"
#include "fork.h"

static int child_stat(const char *path, struct stat *at)
{
    int result = stat(path, at);
    if (result == 0)
        at->st_dev ^= (dev_t)vdb_fork_generation() << 48;
    return result;
}

static int child_fstat(int fd, struct stat *at)
{
    int result = fstat(fd, at);
    if (result == 0)
        at->st_dev ^= (dev_t)vdb_fork_generation() << 48;
    return result;
}

void vdb_fork_part_from_parent(void)
{
    sqlite3_vfs *vfs = sqlite3_vfs_find("unix");
    if (vdb_fork_generation() == 0 || !vfs || vfs->iVersion < 3)
        return;
    vfs->xSetSystemCall(vfs, "stat", (sqlite3_syscall_ptr)child_stat);
    vfs->xSetSystemCall(vfs, "fstat", (sqlite3_syscall_ptr)child_fstat);
}
