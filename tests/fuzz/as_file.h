/*
 * as_file.h - an input as a file, for readers that want a path: in memory, or where
 * there is no /proc, in a file that is removed at the end.
 */
#ifndef FUZZ_AS_FILE_H
#define FUZZ_AS_FILE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static char as_file_path[128];
static int as_file_fd = -1;

static void as_file_remove(void)
{
    unlink(as_file_path);
}

static void as_file_make(void)
{
    if (access("/proc/self/fd", X_OK) == 0) {
        as_file_fd = memfd_create("fuzz", MFD_CLOEXEC);
        snprintf(as_file_path, sizeof as_file_path, "/proc/self/fd/%d", as_file_fd);
        return;
    }
    const char *root = getenv("TMPDIR");
    snprintf(as_file_path, sizeof as_file_path, "%.90s/varsdb-fuzz-XXXXXX", root ? root : "/tmp");
    as_file_fd = mkstemp(as_file_path);
    atexit(as_file_remove);
}

/* The path of a file that holds the bytes, until the next call. */
static const char *as_file(const uint8_t *data, size_t size)
{
    if (as_file_fd < 0)
        as_file_make();
    if (as_file_fd < 0 || ftruncate(as_file_fd, 0) != 0 || pwrite(as_file_fd, data, size, 0) != (ssize_t)size)
        abort();
    return as_file_path;
}

#endif
