/*
 * file.c - the files of a benchmark, all in its directory.
 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "fail.h"

void file_path(const char *directory, const char *name, char path[FILE_PATH_ROOM])
{
    if (snprintf(path, FILE_PATH_ROOM, "%s/%s", directory, name) >= FILE_PATH_ROOM)
        fail(directory, "the path is too long");
}

void file_fresh(const char *directory, const char *name, char path[FILE_PATH_ROOM])
{
    static const char *const suffixes[] = {"-wal", "-shm", "-turnstile", ""};
    char rest[FILE_PATH_ROOM + 16];

    file_path(directory, name, path);
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        snprintf(rest, sizeof rest, "%s%s", path, suffixes[i]);
        if (unlink(rest) != 0 && errno != ENOENT)
            fail_errno(rest);
    }
}

int64_t file_bytes(const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0)
        fail_errno(path);
    return (int64_t)status.st_size;
}

int64_t file_room(const char *directory)
{
    struct statvfs fs;

    if (statvfs(directory, &fs) != 0)
        fail_errno(directory);
    return (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
}

void file_settle(const char *directory)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 || syncfs(fd) != 0)
        fail_errno(directory);
    (void)close(fd);
}
