/*
 * engine_sqlite_turnstile.c - who waits for the write lock, waits here.
 *
 * SQLite's write lock is not fair: beside a process that commits in a tight loop
 * a polling one starves.  So everybody who wants the lock first passes through a
 * one-byte lock on a side file, and whoever polls for SQLite's lock keeps that
 * one meanwhile; the tight loop then stops at the turnstile.  It serves fairness
 * only: where the file cannot be made, or was removed by another process that
 * closed, nothing breaks.
 *
 * The lock is of the open file description (OFD), so that closing the file
 * elsewhere in the process does not drop it.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine_sqlite.h"

static int lock_byte(int fd, short type)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
    return fcntl(fd, F_OFD_SETLK, &lock);
}

static void open_side_file(vdb_sqlite *s)
{
    struct stat at;
    if (s->turnstile_fd >= 0 && (fstat(s->turnstile_fd, &at) != 0 || at.st_nlink == 0)) {
        close(s->turnstile_fd);
        s->turnstile_fd = -1;
    }
    if (s->turnstile_fd < 0)
        s->turnstile_fd = open(s->turnstile_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
}

int vdb_turnstile_enter(vdb_sqlite *s)
{
    if (s->temporary)
        return VARSDB_OK; /* nobody else is there */
    open_side_file(s);
    if (s->turnstile_fd < 0)
        return VARSDB_OK;
    for (int tries = 0; lock_byte(s->turnstile_fd, F_WRLCK) != 0; tries++) {
        if (errno != EAGAIN && errno != EACCES)
            return VARSDB_OK;
        if (!vdb_sqlite_busy(s, tries))
            return vdb_sqlite_fail(s, SQLITE_BUSY, "waiting");
    }
    return VARSDB_OK;
}

void vdb_turnstile_leave(vdb_sqlite *s)
{
    if (s->turnstile_fd >= 0)
        lock_byte(s->turnstile_fd, F_UNLCK);
}

void vdb_turnstile_close(vdb_sqlite *s)
{
    if (s->turnstile_fd < 0)
        return;
    /* Nobody is in it: take it away, so that a closed registry is one file.  Whoever has
     * it open sees that its last name is gone and makes a new one. */
    if (lock_byte(s->turnstile_fd, F_WRLCK) == 0)
        unlink(s->turnstile_path);
    close(s->turnstile_fd);
    s->turnstile_fd = -1;
}
