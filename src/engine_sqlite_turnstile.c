/*
 * engine_sqlite_turnstile.c - who waits for the write lock, waits here.
 *
 * SQLite's write lock is not fair: beside a process that commits in a tight loop
 * a polling one starves.  So everybody who wants the lock first stands in a queue:
 * places are bytes of a side file, each of which one can lock.  Who comes takes the
 * last place, and steps forward when the one before it is free; whoever polls for
 * SQLite's lock keeps the first place meanwhile, and the tight loop stops behind it.
 * With more who wait than there are places, chance decides who gets the last one.
 * It serves fairness only: where the file cannot be made, or was removed by another
 * process that closed, nothing breaks.
 *
 * The locks are of the open file description (OFD), so that closing the file
 * elsewhere in the process does not drop them.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine_sqlite.h"

#define PLACES 8
/* Who keeps a place for so long may be stopped, or a child of his has it: he is passed by. */
#define STALL_MS 1000

static int lock_places(vdb_sqlite *s, short type, int first, int count)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = first, .l_len = count};
    return fcntl(s->turnstile_fd, F_OFD_SETLK, &lock);
}

/* Another process that closed may have removed it. */
static bool has_name(const vdb_sqlite *s)
{
    struct stat at = {0}; /* as of a file without a name, should fstat fail */
    fstat(s->turnstile_fd, &at);
    return at.st_nlink > 0;
}

static void open_side_file(vdb_sqlite *s)
{
    if (s->turnstile_fd >= 0 && !has_name(s)) {
        close(s->turnstile_fd);
        s->turnstile_fd = -1;
    }
    if (s->turnstile_fd < 0)
        s->turnstile_fd = open(s->turnstile_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
}

/* Who is next looks often whether it is free, and who comes after many others seldom. */
static int take_place(vdb_sqlite *s, int place)
{
    const int64_t until = vdb_now_ms() + STALL_MS;
    int tries = place == 0 ? 0 : place == 1 ? VDB_BUSY_OFTEN : VDB_BUSY_SOMETIMES;
    while (lock_places(s, F_WRLCK, place, 1) != 0) {
        if (errno != EAGAIN && errno != EACCES)
            return VARSDB_OK;
        if (vdb_now_ms() >= until)
            return VARSDB_OK;
        if (!vdb_sqlite_busy(s, tries++))
            return vdb_sqlite_fail(s, SQLITE_BUSY, "waiting");
    }
    return VARSDB_OK;
}

int vdb_turnstile_enter(vdb_sqlite *s)
{
    int rc = VARSDB_OK;
    if (s->temporary)
        return VARSDB_OK; /* nobody else is there */
    open_side_file(s);
    if (s->turnstile_fd < 0)
        return VARSDB_OK;
    bool is_empty = lock_places(s, F_WRLCK, 0, PLACES) == 0;
    if (is_empty)
        lock_places(s, F_UNLCK, 1, PLACES - 1);
    for (int place = PLACES - 1; !is_empty && rc == VARSDB_OK && place >= 0; place--) {
        rc = take_place(s, place);
        if (rc == VARSDB_OK)
            lock_places(s, F_UNLCK, place + 1, PLACES);
    }
    if (rc != VARSDB_OK)
        vdb_turnstile_leave(s);
    return rc;
}

void vdb_turnstile_leave(vdb_sqlite *s)
{
    if (s->turnstile_fd >= 0)
        lock_places(s, F_UNLCK, 0, PLACES);
}

void vdb_turnstile_close(vdb_sqlite *s)
{
    if (s->turnstile_fd < 0)
        return;
    /* Nobody is in it: take it away, so that a closed registry is one file.  Whoever has
     * it open sees that its last name is gone and makes a new one. */
    if (has_name(s) && lock_places(s, F_WRLCK, 0, PLACES) == 0)
        unlink(s->turnstile_path);
    vdb_turnstile_leave(s); /* a child of a fork has the description open too */
    close(s->turnstile_fd);
    s->turnstile_fd = -1;
}
