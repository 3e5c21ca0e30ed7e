/* calls.c - see calls.h. */
#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "../support/actor.h"
#include "need.h"

#define FIRST_FD  100000 /* beyond those of the system */
#define FDS_MAX   64
#define MAP_BYTES (256 << 10)
#define DIRECTORY (-2)

static struct {
    bool used;
    int file; /* or DIRECTORY */
    uint64_t at;
} fds[FDS_MAX];

static disk *now;
static bool has_links = true;
static calls_plant plant;
static test_random chance;
static int64_t microseconds; /* 0: before calls_install */
static int failing_in = -1;  /* calls; negative: none fails */
static bool failing_for_good, has_failed;
static int late = -1; /* the file whose sync is put off */

void calls_use(disk *d)
{
    for (int i = 0; i < FDS_MAX; i++)
        must(!fds[i].used, "descriptor %d of a disk is still open", FIRST_FD + i);
    now = d;
    late = -1;
}

void calls_set_links(bool links)
{
    has_links = links;
}

void calls_plant_fault(calls_plant which)
{
    plant = which;
}

void calls_fail(int after, bool for_good)
{
    failing_in = after;
    failing_for_good = for_good;
    has_failed = false;
}

bool calls_failed(void)
{
    return has_failed;
}

/* Whether this call is to fail. */
static bool fails(void)
{
    if (failing_in < 0)
        return false;
    if (failing_in > 0) {
        failing_in--;
        return false;
    }
    if (!failing_for_good)
        failing_in = -1;
    return has_failed = true;
}

/* ---- whose it is */

/* The name of a file on the disk, "" for the directory, NULL for what is not on it. */
static const char *name_of(const char *path)
{
    size_t root = strlen(DISK_ROOT);
    if (!path || strncmp(path, DISK_ROOT, root) != 0 || (path[root] && path[root] != '/'))
        return NULL;
    return path[root] ? path + root + 1 : path + root;
}

static bool is_ours(int fd)
{
    return fd >= FIRST_FD && fd < FIRST_FD + FDS_MAX && fds[fd - FIRST_FD].used;
}

static int file_of(int fd)
{
    return fds[fd - FIRST_FD].file;
}

static int fail(int code)
{
    errno = code;
    return -1;
}

static void tell(int file, struct stat *at)
{
    memset(at, 0, sizeof *at);
    at->st_dev = 0x706f;
    at->st_ino = now->number * (2 * DISK_FILES_MAX) + (file >= 0 ? (ino_t)file : DISK_FILES_MAX);
    at->st_mode = file >= 0 ? S_IFREG | 0644 : S_IFDIR | 0755;
    at->st_nlink = file >= 0 ? (nlink_t)disk_names(now, file) : 2;
    at->st_size = file >= 0 ? (off_t)now->files[file].contents.bytes : 0;
    at->st_blksize = 4096;
}

static int tell_name(const char *name, struct stat *at)
{
    int file = *name ? disk_find(now, name) : DIRECTORY;
    if (file == -1)
        return fail(ENOENT);
    tell(file, at);
    return 0;
}

/* ---- opening */

/* Declares the system's call and ours, and begins the latter. */
#define CALL(type, name, ...)        \
    type __real_##name(__VA_ARGS__); \
    type __wrap_##name(__VA_ARGS__); \
    type __wrap_##name(__VA_ARGS__)

static int open_name(const char *name, int flags)
{
    int slot = 0, file = *name ? disk_find(now, name) : DIRECTORY;
    while (slot < FDS_MAX && fds[slot].used)
        slot++;
    must(slot < FDS_MAX, "too many descriptors");
    if (fails())
        return fail(EIO);
    if (file >= 0 && (flags & O_CREAT) && (flags & O_EXCL))
        return fail(EEXIST);
    if (file == -1 && !(flags & O_CREAT))
        return fail(ENOENT);
    if (file == -1)
        file = disk_make_file(now, name);
    if (file >= 0 && (flags & O_TRUNC))
        disk_resize(now, file, 0);
    fds[slot].used = true;
    fds[slot].file = file;
    fds[slot].at = 0;
    return FIRST_FD + slot;
}

CALL(int, open, const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
    const char *name = name_of(path);
    if (name)
        return open_name(name, flags);
    va_list more;
    va_start(more, flags);
    int fd = __real_open(path, flags, (flags & O_CREAT) ? va_arg(more, int) : 0);
    va_end(more);
    return fd;
}

/* What the compiler makes of open() where it does not see the flags. */
CALL(int, __open_2, const char *path, int flags)
{
    const char *name = name_of(path);
    return name ? open_name(name, flags) : __real___open_2(path, flags);
}

CALL(int, close, int fd)
{
    if (!is_ours(fd))
        return __real_close(fd);
    fds[fd - FIRST_FD].used = false;
    return 0;
}

CALL(int, access, const char *path, int mode)
{
    const char *name = name_of(path);
    if (!name)
        return __real_access(path, mode);
    return !*name || disk_find(now, name) >= 0 ? 0 : fail(ENOENT);
}

CALL(int, stat, const char *path, struct stat *at)
{
    const char *name = name_of(path);
    return name ? tell_name(name, at) : __real_stat(path, at);
}

CALL(int, lstat, const char *path, struct stat *at)
{
    const char *name = name_of(path);
    return name ? tell_name(name, at) : __real_lstat(path, at);
}

CALL(int, fstat, int fd, struct stat *at)
{
    if (!is_ours(fd))
        return __real_fstat(fd, at);
    tell(file_of(fd), at);
    return 0;
}

CALL(int, statfs, const char *path, struct statfs *fs)
{
    if (!name_of(path))
        return __real_statfs(path, fs);
    memset(fs, 0, sizeof *fs);
    return 0;
}

CALL(int, statvfs, const char *path, struct statvfs *fs)
{
    if (!name_of(path))
        return __real_statvfs(path, fs);
    memset(fs, 0, sizeof *fs);
    return 0;
}

CALL(int, fcntl, int fd, int command, ...);
int __wrap_fcntl(int fd, int command, ...)
{
    va_list more;
    va_start(more, command);
    void *argument = va_arg(more, void *);
    va_end(more);
    if (!is_ours(fd))
        return __real_fcntl(fd, command, argument);
    if (command == F_GETLK)
        ((struct flock *)argument)->l_type = F_UNLCK;
    return 0;
}

/* ---- names */

CALL(int, link, const char *from, const char *to)
{
    const char *name = name_of(from), *other = name_of(to);
    if (!name || !other)
        return __real_link(from, to);
    if (!has_links)
        return fail(EPERM);
    if (disk_find(now, other) >= 0)
        return fail(EEXIST);
    disk_link(now, disk_find(now, name), other);
    return 0;
}

CALL(int, rename, const char *from, const char *to)
{
    const char *name = name_of(from), *other = name_of(to);
    if (!name || !other)
        return __real_rename(from, to);
    if (disk_find(now, name) < 0)
        return fail(ENOENT);
    disk_rename(now, name, other);
    return 0;
}

CALL(int, renameat2, int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
    const char *name = name_of(from), *other = name_of(to);
    if (!name || !other)
        return __real_renameat2(from_folder, from, to_folder, to, flags);
    if ((flags & RENAME_NOREPLACE) && disk_find(now, other) >= 0)
        return fail(EEXIST);
    return __wrap_rename(from, to);
}

CALL(int, unlink, const char *path)
{
    const char *name = name_of(path);
    if (!name)
        return __real_unlink(path);
    if (disk_find(now, name) < 0)
        return fail(ENOENT);
    if (fails())
        return fail(EIO);
    disk_unlink(now, name);
    return 0;
}

/* ---- bytes */

CALL(ssize_t, pread, int fd, void *out, size_t bytes, off_t offset)
{
    if (!is_ours(fd))
        return __real_pread(fd, out, bytes, offset);
    if (fails())
        return fail(EIO);
    return (ssize_t)contents_read(&now->files[file_of(fd)].contents, (uint64_t)offset, out, bytes);
}

CALL(ssize_t, pwrite, int fd, const void *data, size_t bytes, off_t offset)
{
    if (!is_ours(fd))
        return __real_pwrite(fd, data, bytes, offset);
    if (fails())
        return fail(failing_for_good ? ENOSPC : EIO);
    disk_write(now, file_of(fd), (uint64_t)offset, data, bytes);
    return (ssize_t)bytes;
}

CALL(ssize_t, write, int fd, const void *data, size_t bytes)
{
    if (!is_ours(fd))
        return __real_write(fd, data, bytes);
    disk_write(now, file_of(fd), fds[fd - FIRST_FD].at, data, bytes);
    fds[fd - FIRST_FD].at += bytes;
    return (ssize_t)bytes;
}

CALL(off_t, lseek, int fd, off_t offset, int whence)
{
    if (!is_ours(fd))
        return __real_lseek(fd, offset, whence);
    uint64_t base = whence == SEEK_SET   ? 0
                    : whence == SEEK_CUR ? fds[fd - FIRST_FD].at
                                         : now->files[file_of(fd)].contents.bytes;
    return (off_t)(fds[fd - FIRST_FD].at = base + (uint64_t)offset);
}

CALL(int, fallocate, int fd, int mode, off_t offset, off_t bytes)
{
    return is_ours(fd) ? fail(EOPNOTSUPP) : __real_fallocate(fd, mode, offset, bytes);
}

static int cut(int fd, off_t bytes)
{
    disk_file *file = &now->files[file_of(fd)];
    if (fails())
        return fail(EIO);
    if (file->map && bytes < MAP_BYTES)
        memset(file->map + bytes, 0, (size_t)(MAP_BYTES - bytes));
    disk_resize(now, file_of(fd), (uint64_t)bytes);
    return 0;
}

/* SQLite maps its shared memory, and nothing else. */
static void *map(void *at, size_t bytes, int protection, int flags, int fd, off_t offset)
{
    if (!is_ours(fd))
        return mmap(at, bytes, protection, flags, fd, offset);
    disk_file *file = &now->files[file_of(fd)];
    must(file->scratch && (size_t)offset + bytes <= MAP_BYTES, "what is mapped is not shared memory");
    if (!file->map)
        file->map = need(calloc(1, MAP_BYTES));
    return file->map + offset;
}

static int unmap(void *at, size_t bytes)
{
    (void)at;
    (void)bytes;
    return 0;
}

static int change_owner(int fd, uid_t user, gid_t group)
{
    return is_ours(fd) ? 0 : fchown(fd, user, group);
}

static int change_mode(int fd, mode_t mode)
{
    return is_ours(fd) ? 0 : fchmod(fd, mode);
}

/* ---- syncs */

static bool ends_in(const char *text, const char *end)
{
    size_t a = strlen(text), b = strlen(end);
    return a >= b && strcmp(text + a - b, end) == 0;
}

static bool has_name_that_ends_in(int file, const char *end)
{
    for (int i = 0; i < DISK_NAMES_MAX; i++)
        if (now->names[i].name[0] && now->names[i].file == file && ends_in(now->names[i].name, end))
            return true;
    return false;
}

static bool is_planted(int file)
{
    switch (plant) {
    case CALLS_NO_DATABASE_SYNC:
        return has_name_that_ends_in(file, ".db") && !has_name_that_ends_in(file, ".new");
    case CALLS_NO_LOG_SYNC:
        return has_name_that_ends_in(file, "-wal");
    case CALLS_NO_NEW_FILE_SYNC:
    case CALLS_LATE_NEW_FILE_SYNC:
        return has_name_that_ends_in(file, ".new") || has_name_that_ends_in(file, ".tmp");
    case CALLS_NO_DIRECTORY_SYNC:
    case CALLS_RIGHT:
        break;
    }
    return false;
}

static void sync_names(void)
{
    if (plant != CALLS_NO_DIRECTORY_SYNC)
        disk_sync_names(now);
    if (late >= 0)
        disk_sync(now, late);
    late = -1;
}

/* Found by SQLite, which is in a library of its own. */
#define SEEN_BY_ALL __attribute__((visibility("default")))

SEEN_BY_ALL int fsync(int fd)
{
    if (!is_ours(fd))
        return (int)syscall(SYS_fsync, fd);
    int file = file_of(fd);
    if (fails())
        return fail(EIO);
    if (file == DIRECTORY)
        sync_names();
    else if (!is_planted(file))
        disk_sync(now, file);
    else if (plant == CALLS_LATE_NEW_FILE_SYNC)
        late = file;
    return 0;
}

SEEN_BY_ALL int fdatasync(int fd)
{
    return is_ours(fd) ? fsync(fd) : (int)syscall(SYS_fdatasync, fd);
}

CALL(int, sync_file_range, int fd, off64_t offset, off64_t bytes, unsigned flags)
{
    return is_ours(fd) ? 0 : __real_sync_file_range(fd, offset, bytes, flags);
}

/* ---- the clock, and chance */

CALL(ssize_t, getrandom, void *out, size_t bytes, unsigned flags)
{
    (void)flags;
    (void)__real_getrandom;
    for (size_t at = 0, n; at < bytes; at += n) {
        uint64_t drawn = random_next(&chance);
        n = bytes - at < sizeof drawn ? bytes - at : sizeof drawn;
        memcpy((char *)out + at, &drawn, n);
    }
    return (ssize_t)bytes;
}

CALL(int, clock_gettime, clockid_t clock, struct timespec *t)
{
    if (!microseconds)
        return __real_clock_gettime(clock, t);
    microseconds += 5;
    t->tv_sec = microseconds / 1000000;
    t->tv_nsec = microseconds % 1000000 * 1000;
    return 0;
}

/* Nobody else is there to be waited for. */
CALL(int, nanosleep, const struct timespec *asked, struct timespec *left)
{
    if (!microseconds)
        return __real_nanosleep(asked, left);
    microseconds += asked->tv_sec * 1000000 + asked->tv_nsec / 1000;
    return 0;
}

/* ---- SQLite's table */

static sqlite3_vfs *of_unix, cautious;

static int open_cautiously(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    int powersafe = 0;
    (void)vfs;
    int code = of_unix->xOpen(of_unix, name, file, flags, out);
    if (code == SQLITE_OK)
        file->pMethods->xFileControl(file, SQLITE_FCNTL_POWERSAFE_OVERWRITE, &powersafe);
    return code;
}

void calls_set_powersafe(bool powersafe)
{
    sqlite3_vfs_register(powersafe ? of_unix : &cautious, 1);
}

void calls_restart(int seed)
{
    microseconds = 1700000000000000;
    chance.state = (uint64_t)seed;
    sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, seed, NULL);
}

void calls_install(void)
{
    static const struct {
        const char *name;
        sqlite3_syscall_ptr call;
    } calls[] = {
        {"open", (sqlite3_syscall_ptr)__wrap_open},       {"close", (sqlite3_syscall_ptr)__wrap_close},
        {"access", (sqlite3_syscall_ptr)__wrap_access},   {"stat", (sqlite3_syscall_ptr)__wrap_stat},
        {"fstat", (sqlite3_syscall_ptr)__wrap_fstat},     {"lstat", (sqlite3_syscall_ptr)__wrap_lstat},
        {"fcntl", (sqlite3_syscall_ptr)__wrap_fcntl},     {"unlink", (sqlite3_syscall_ptr)__wrap_unlink},
        {"pread64", (sqlite3_syscall_ptr)__wrap_pread},   {"ftruncate", (sqlite3_syscall_ptr)cut},
        {"pwrite64", (sqlite3_syscall_ptr)__wrap_pwrite}, {"mmap", (sqlite3_syscall_ptr)map},
        {"munmap", (sqlite3_syscall_ptr)unmap},           {"fchown", (sqlite3_syscall_ptr)change_owner},
        {"fchmod", (sqlite3_syscall_ptr)change_mode},
    };
    sqlite3_initialize();
    of_unix = sqlite3_vfs_find("unix");
    must(of_unix, "SQLite has no file system for Unix");
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        must(of_unix->xSetSystemCall(of_unix, calls[i].name, calls[i].call) == SQLITE_OK,
             "SQLite does not call %s", calls[i].name);
    cautious = *of_unix;
    cautious.zName = "cautious";
    cautious.xOpen = open_cautiously;
    sqlite3_vfs_register(&cautious, 0);
    calls_restart(1);
}
