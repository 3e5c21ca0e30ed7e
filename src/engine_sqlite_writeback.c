/*
 * engine_sqlite_writeback.c - see engine_sqlite.h.
 *
 * The descriptor is of FILE-wal, on which SQLite takes no POSIX locks, or of a file that
 * nobody else sees yet: closing it drops nobody's.
 */
#include <fcntl.h>
#include <unistd.h>

#include "engine_sqlite.h"

enum {
    LOG_HEADER_BYTES = 32,
    FRAME_HEADER_BYTES = 24,
    WORTH_A_CALL = 4 << 20
};

static void open_log(vdb_sqlite *s)
{
    char *path = s->temporary ? sqlite3_mprintf("%s", s->temporary)
                              : sqlite3_mprintf("%s-wal", vdb_sqlite_file_name(s));
    if (path)
        s->log_fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    sqlite3_free(path);
}

static uint64_t bytes_written(const vdb_sqlite *s)
{
    if (!s->temporary)
        return LOG_HEADER_BYTES + (uint64_t)s->log.frames * (FRAME_HEADER_BYTES + VDB_PAGE_BYTES);
    off_t end = lseek(s->log_fd, 0, SEEK_END);
    return end > 0 ? (uint64_t)end : 0;
}

static void ask(const vdb_sqlite *s, uint64_t from, uint64_t to, unsigned flags)
{
    if (to > from)
        sync_file_range(s->log_fd, (off_t)from, (off_t)(to - from), flags);
}

/* A small commit of another process is synced with all that is in the log by then; so a save does not run
 * ahead of the disk by more than two of its parts. */
void vdb_writeback_start(vdb_sqlite *s)
{
    if (s->log_fd < 0)
        open_log(s);
    if (s->log_fd < 0)
        return;
    uint64_t end = bytes_written(s);
    if (end < s->written_back)
        s->written_back = 0; /* the log began anew */
    if (end - s->written_back < WORTH_A_CALL)
        return;
    ask(s, s->written_back, end, SYNC_FILE_RANGE_WRITE);
    if (!s->temporary)
        ask(s, 0, s->written_back, SYNC_FILE_RANGE_WAIT_BEFORE);
    s->written_back = end;
}

void vdb_writeback_close(vdb_sqlite *s)
{
    if (s->log_fd >= 0)
        close(s->log_fd);
    s->log_fd = -1;
}
