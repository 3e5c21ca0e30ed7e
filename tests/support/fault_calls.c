/* fault_calls.c - calls of the system that fail when a test wants it; see fault.h.  The linker puts each
 * __wrap_ in the place of the call, and calls that the call itself __real_. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fault.h"

int __wrap_open(const char *path, int flags, ...);
int __wrap___open_2(const char *path, int flags);
int __real_open(const char *path, int flags, ...);
int __real___open_2(const char *path, int flags);
int __wrap_openat(int folder, const char *path, int flags, ...);
int __real_openat(int folder, const char *path, int flags, ...);
ssize_t __wrap_pread(int fd, void *buffer, size_t bytes, off_t offset);
ssize_t __real_pread(int fd, void *buffer, size_t bytes, off_t offset);
ssize_t __wrap_write(int fd, const void *data, size_t bytes);
ssize_t __real_write(int fd, const void *data, size_t bytes);
ssize_t __wrap_pwrite(int fd, const void *data, size_t bytes, off_t offset);
ssize_t __real_pwrite(int fd, const void *data, size_t bytes, off_t offset);
int __wrap_fsync(int fd);
int __real_fsync(int fd);
int __wrap_close(int fd);
int __real_close(int fd);
int __wrap_rename(const char *from, const char *to);
int __real_rename(const char *from, const char *to);
int __wrap_link(const char *from, const char *to);
int __real_link(const char *from, const char *to);

static int said;

int fault_errno(void)
{
    return said;
}

/* ---- what was written and not synced since */

static struct stat written[64];
static size_t written_count;
static int unsynced;

static bool is_same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static void note_synced(int fd)
{
    struct stat at;
    size_t kept = 0;
    if (fstat(fd, &at) != 0)
        return;
    for (size_t i = 0; i < written_count; i++)
        if (!is_same_file(&written[i], &at))
            written[kept++] = written[i];
    written_count = kept;
}

static void note_written(int fd)
{
    struct stat at;
    note_synced(fd);
    if (fstat(fd, &at) == 0 && written_count < sizeof written / sizeof *written)
        written[written_count++] = at;
}

static void note_renamed(const char *from)
{
    struct stat at;
    if (stat(from, &at) != 0)
        return;
    for (size_t i = 0; i < written_count; i++)
        unsynced += is_same_file(&written[i], &at);
}

int fault_renamed_unsynced(void)
{
    int count = unsynced;
    unsynced = 0;
    return count;
}

/* ---- the calls */

static bool fails(int number)
{
    bool due = fault_is_due(FAULT_CALL);
    if (due)
        errno = said = number;
    return due;
}

static mode_t mode_of(int flags, va_list more)
{
    return flags & O_CREAT ? va_arg(more, mode_t) : 0;
}

int __wrap_open(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = mode_of(flags, more);
    va_end(more);
    return fails(ENFILE) ? -1 : __real_open(path, flags, mode);
}

/* What open is, where the C library checks that flags which are not known ask for no mode. */
int __wrap___open_2(const char *path, int flags)
{
    return fails(ENFILE) ? -1 : __real___open_2(path, flags);
}

int __wrap_openat(int folder, const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = mode_of(flags, more);
    va_end(more);
    return fails(ENFILE) ? -1 : __real_openat(folder, path, flags, mode);
}

ssize_t __wrap_pread(int fd, void *buffer, size_t bytes, off_t offset)
{
    return fails(EIO) ? -1 : __real_pread(fd, buffer, bytes, offset);
}

/* Half of it is written before the disk is full. */
static bool leaves_holes;

void fault_leave_holes(void)
{
    leaves_holes = true;
}

static bool is_zeros(const unsigned char *data, size_t bytes)
{
    return bytes && !*data && memcmp(data, data + 1, bytes - 1) == 0;
}

ssize_t __wrap_write(int fd, const void *data, size_t bytes)
{
    note_written(fd);
    if (leaves_holes && is_zeros(data, bytes))
        return lseek(fd, (off_t)bytes, SEEK_CUR) < 0 ? -1 : (ssize_t)bytes;
    if (!fails(ENOSPC))
        return __real_write(fd, data, bytes);
    if (bytes > 1 && __real_write(fd, data, bytes / 2) < 0)
        perror("write");
    errno = said;
    return -1;
}

ssize_t __wrap_pwrite(int fd, const void *data, size_t bytes, off_t offset)
{
    note_written(fd);
    return fails(ENOSPC) ? -1 : __real_pwrite(fd, data, bytes, offset);
}

static bool is_folder(int fd)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

int __wrap_fsync(int fd)
{
    if (fails(is_folder(fd) ? EREMOTEIO : EIO))
        return -1;
    note_synced(fd);
    return __real_fsync(fd);
}

/* What is closed is closed, whatever it says. */
int __wrap_close(int fd)
{
    bool due = fails(EIO);
    int result = __real_close(fd);
    if (due)
        errno = said;
    return due ? -1 : result;
}

int __wrap_rename(const char *from, const char *to)
{
    note_renamed(from);
    return fails(EACCES) ? -1 : __real_rename(from, to);
}

int __wrap_link(const char *from, const char *to)
{
    return fails(EACCES) ? -1 : __real_link(from, to);
}

/* ---- the library's own memory */

void *__wrap_vdb_malloc(size_t bytes);
void *__real_vdb_malloc(size_t bytes);
void *__wrap_vdb_calloc(size_t count, size_t bytes);
void *__real_vdb_calloc(size_t count, size_t bytes);
void *__wrap_vdb_realloc(void *p, size_t count, size_t bytes);
void *__real_vdb_realloc(void *p, size_t count, size_t bytes);
char *__wrap_vdb_strndup(const char *text, size_t bytes);
char *__real_vdb_strndup(const char *text, size_t bytes);
char *__wrap_vdb_strdup(const char *text);
char *__real_vdb_strdup(const char *text);

void *__wrap_vdb_malloc(size_t bytes)
{
    return fault_is_due(FAULT_OWN) ? NULL : __real_vdb_malloc(bytes);
}

void *__wrap_vdb_calloc(size_t count, size_t bytes)
{
    return fault_is_due(FAULT_OWN) ? NULL : __real_vdb_calloc(count, bytes);
}

void *__wrap_vdb_realloc(void *p, size_t count, size_t bytes)
{
    return fault_is_due(FAULT_OWN) ? NULL : __real_vdb_realloc(p, count, bytes);
}

char *__wrap_vdb_strndup(const char *text, size_t bytes)
{
    return fault_is_due(FAULT_OWN) ? NULL : __real_vdb_strndup(text, bytes);
}

char *__wrap_vdb_strdup(const char *text)
{
    return fault_is_due(FAULT_OWN) ? NULL : __real_vdb_strdup(text);
}
