/* input.c - a tensor file open for reading; see format.h. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "format.h"

#define SUFFIX_BYTES_MAX 16

/* Symbolic links are resolved, as SQLite does before it names its side files.  What cannot
 * be resolved, such as a descriptor under /proc, has no neighbours to look for. */
static const char *resolve(const char *path, char room[PATH_MAX])
{
    return realpath(path, room) ? room : path;
}

int vdb_input_refuse_database(vdb_error *e, const char *path)
{
    static const char *const suffixes[] = {"-wal", "-shm", "-journal", "-turnstile"};
    char resolved[PATH_MAX], beside[PATH_MAX + SUFFIX_BYTES_MAX];
    const char *file = resolve(path, resolved);
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        int n = snprintf(beside, sizeof beside, "%s%s", file, suffixes[i]);
        struct stat st;
        if (n > 0 && (size_t)n < sizeof beside && lstat(beside, &st) == 0)
            return vdb_fail(
                e, VARSDB_CANTOPEN,
                "'%s' may be a database in use, since a file with %s after its name stands beside it; "
                "it was left alone",
                path, suffixes[i]);
    }
    return VARSDB_OK;
}

static const char *kind_of(mode_t mode)
{
    return S_ISDIR(mode)    ? "a directory"
           : S_ISFIFO(mode) ? "a FIFO"
           : S_ISSOCK(mode) ? "a socket"
                            : "a device";
}

static int check_kind(vdb_error *e, const char *path, const struct stat *st)
{
    if (S_ISREG(st->st_mode))
        return VARSDB_OK;
    return vdb_fail(e, VARSDB_CANTOPEN, "'%s' is %s; a tensor file must be a regular file", path,
                    kind_of(st->st_mode));
}

/* O_NONBLOCK is for a FIFO that took the file's place since it was looked at. */
static int open_as_seen(vdb_error *e, const char *path, const struct stat *seen, vdb_input *out)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return vdb_fail(e, VARSDB_CANTOPEN, "'%s' cannot be opened: %m", path);
    int rc = VARSDB_OK;
    if (fstat(fd, &st) != 0)
        rc = vdb_fail(e, VARSDB_IO, "'%s' cannot be examined: %m", path);
    else if (st.st_dev != seen->st_dev || st.st_ino != seen->st_ino || st.st_size < 0)
        rc = vdb_fail(e, VARSDB_CANTOPEN, "'%s' was replaced while it was opened; try again", path);
    else
        rc = check_kind(e, path, &st);
    if (rc != VARSDB_OK) {
        close(fd);
        return rc;
    }
    *out = (vdb_input){.fd = fd, .bytes = (uint64_t)st.st_size, .path = path};
    return VARSDB_OK;
}

int vdb_input_open(vdb_error *e, const char *path, vdb_input *out)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return vdb_fail(e, VARSDB_CANTOPEN, "'%s' cannot be opened: %m", path);
    int rc = check_kind(e, path, &st);
    if (rc == VARSDB_OK)
        rc = vdb_input_refuse_database(e, path);
    if (rc == VARSDB_OK)
        rc = open_as_seen(e, path, &st, out);
    return rc;
}

static int fail_short(vdb_error *e, uint64_t at)
{
    return vdb_fail(e, VARSDB_FORMAT,
                    "the file ends at byte %llu, before the end that it had; it was changed or truncated",
                    (unsigned long long)at);
}

int vdb_input_read(vdb_error *e, const vdb_input *in, uint64_t offset, void *buffer, size_t bytes)
{
    uint64_t end;
    if (__builtin_add_overflow(offset, bytes, &end) || end > in->bytes)
        return fail_short(e, in->bytes);
    char *at = buffer;
    while (bytes) {
        ssize_t n = pread(in->fd, at, bytes, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return vdb_fail(e, VARSDB_IO, "the file cannot be read at byte %llu: %m",
                            (unsigned long long)offset);
        if (n == 0)
            return fail_short(e, offset);
        at += n;
        offset += (uint64_t)n;
        bytes -= (size_t)n;
    }
    return VARSDB_OK;
}

static int read_at(vdb_error *e, const void *payload, uint64_t offset, void *buffer, size_t bytes)
{
    return vdb_input_read(e, payload, offset, buffer, bytes);
}

vdb_source vdb_input_source(const vdb_input *in)
{
    return (vdb_source){.read_at = read_at, .payload = in, .bytes = in->bytes};
}

void vdb_input_close(vdb_input *in)
{
    if (in->fd >= 0)
        close(in->fd);
    in->fd = -1;
}
