/*
 * folder.c - a directory with all that one store keeps.
 */
#include "folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fail.h"

/* No store has directories in its own. */
static void each_file(const char *path, void (*visit)(const char *file, void *payload), void *payload)
{
    DIR *directory = opendir(path);
    char file[FILE_PATH_ROOM];
    const struct dirent *entry;

    if (directory == NULL)
        fail_errno(path);
    while ((entry = readdir(directory)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            file_path(path, entry->d_name, file);
            visit(file, payload);
        }
    (void)closedir(directory);
}

static void remove_one(const char *file, void *payload)
{
    (void)payload;
    if (unlink(file) != 0)
        fail_errno(file);
}

void folder_remove(const char *path)
{
    each_file(path, remove_one, NULL);
    if (rmdir(path) != 0)
        fail_errno(path);
}

void folder_fresh(const char *directory, const char *name, char path[FILE_PATH_ROOM])
{
    file_path(directory, name, path);
    if (access(path, F_OK) == 0)
        folder_remove(path);
    if (mkdir(path, 0755) != 0)
        fail_errno(path);
    file_settle(directory);
}

static void add_bytes(const char *file, void *payload)
{
    *(int64_t *)payload += file_bytes(file);
}

int64_t folder_bytes(const char *path)
{
    int64_t bytes = 0;

    each_file(path, add_bytes, &bytes);
    return bytes;
}

static void forget_one(const char *file, void *payload)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC);

    (void)payload;
    if (fd < 0 || fdatasync(fd) != 0 || posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) != 0)
        fail_errno(file);
    (void)close(fd);
}

void folder_forget(const char *path)
{
    each_file(path, forget_one, NULL);
}
