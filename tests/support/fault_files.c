/* fault_files.c - SQLite's file system, which fails when a test wants it; see fault.h.  Each kind of file has
 * its methods, and ours stand in front of them. */
#include <sqlite3.h>
#include <sys/types.h>

#include "fault.h"
#include "temp.h"

#define TABLES_MAX 16

typedef struct table {
    sqlite3_io_methods methods; /* first, so that a file's methods lead to its table */
    const sqlite3_io_methods *inner;
} table;

static table tables[TABLES_MAX];
static sqlite3_vfs shim, *real;

static const sqlite3_io_methods *inner_of(sqlite3_file *file)
{
    return ((const table *)(const void *)file->pMethods)->inner;
}

/* ---- a file */

static struct {
    sqlite3_int64 offset;
    int code, times;
} refused;

void fault_refuse(long long offset, int code, int times)
{
    refused.offset = offset;
    refused.code = code;
    refused.times = times;
}

int fault_refusals_left(void)
{
    return refused.times;
}

static int read_or_fail(sqlite3_file *file, void *buffer, int bytes, sqlite3_int64 offset)
{
    if (refused.times > 0 && offset == refused.offset) {
        refused.times--;
        return refused.code;
    }
    return fault_is_due(FAULT_READ) ? SQLITE_IOERR_READ : inner_of(file)->xRead(file, buffer, bytes, offset);
}

static int write_or_fail(sqlite3_file *file, const void *data, int bytes, sqlite3_int64 offset)
{
    if (fault_is_due(FAULT_FULL))
        return SQLITE_FULL;
    if (fault_is_due(FAULT_WRITE))
        return SQLITE_IOERR_WRITE;
    if (!fault_is_due(FAULT_SHORT_WRITE))
        return inner_of(file)->xWrite(file, data, bytes, offset);
    inner_of(file)->xWrite(file, data, bytes / 2, offset);
    return SQLITE_IOERR_WRITE;
}

static int truncate_or_fail(sqlite3_file *file, sqlite3_int64 bytes)
{
    return fault_is_due(FAULT_TRUNCATE) ? SQLITE_IOERR_TRUNCATE : inner_of(file)->xTruncate(file, bytes);
}

static int sync_or_fail(sqlite3_file *file, int flags)
{
    return fault_is_due(FAULT_SYNC) ? SQLITE_IOERR_FSYNC : inner_of(file)->xSync(file, flags);
}

static int size_or_fail(sqlite3_file *file, sqlite3_int64 *out)
{
    return fault_is_due(FAULT_SIZE) ? SQLITE_IOERR_FSTAT : inner_of(file)->xFileSize(file, out);
}

static int lock_or_fail(sqlite3_file *file, int level)
{
    return fault_is_due(FAULT_LOCK) ? SQLITE_BUSY : inner_of(file)->xLock(file, level);
}

static int map_or_fail(sqlite3_file *file, int page, int bytes, int extend, void volatile **out)
{
    return fault_is_due(FAULT_SHM_MAP) ? SQLITE_IOERR_SHMMAP
                                       : inner_of(file)->xShmMap(file, page, bytes, extend, out);
}

static int lock_shm_or_fail(sqlite3_file *file, int offset, int count, int flags)
{
    if (flags & SQLITE_SHM_LOCK && fault_is_due(FAULT_SHM_LOCK))
        return SQLITE_IOERR_SHMLOCK;
    if (flags & SQLITE_SHM_LOCK && fault_is_due(FAULT_SHM_BUSY))
        return SQLITE_BUSY;
    return inner_of(file)->xShmLock(file, offset, count, flags);
}

static int sectors_break;

static int characteristics_of(sqlite3_file *file)
{
    int inner = inner_of(file)->xDeviceCharacteristics(file);
    return sectors_break ? inner & ~SQLITE_IOCAP_POWERSAFE_OVERWRITE : inner;
}

void fault_break_sectors(void)
{
    sectors_break = 1;
}

static sqlite3_io_methods in_front_of(const sqlite3_io_methods *inner)
{
    sqlite3_io_methods m = *inner;
    m.xRead = read_or_fail;
    m.xWrite = write_or_fail;
    m.xTruncate = truncate_or_fail;
    m.xSync = sync_or_fail;
    m.xFileSize = size_or_fail;
    m.xLock = lock_or_fail;
    m.xDeviceCharacteristics = characteristics_of;
    if (m.iVersion >= 2) {
        m.xShmMap = map_or_fail;
        m.xShmLock = lock_shm_or_fail;
    }
    return m;
}

static const sqlite3_io_methods *methods_in_front_of(const sqlite3_io_methods *inner)
{
    for (int i = 0; i < TABLES_MAX; i++) {
        if (!tables[i].inner)
            tables[i] = (table){in_front_of(inner), inner};
        if (tables[i].inner == inner)
            return &tables[i].methods;
    }
    temp_give_up("find room for", "another kind of file");
}

/* ---- the file system */

static int open_or_fail(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    (void)vfs;
    file->pMethods = NULL;
    if (fault_is_due(FAULT_OPEN))
        return SQLITE_CANTOPEN;
    int code = real->xOpen(real, name, file, flags, out);
    if (file->pMethods)
        file->pMethods = methods_in_front_of(file->pMethods);
    return code;
}

/* The folder is synced after the file is gone. */
static int delete_or_fail(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)vfs;
    if (fault_is_due(FAULT_DELETE))
        return SQLITE_IOERR_DELETE;
    int code = real->xDelete(real, name, sync);
    return code == SQLITE_OK && sync && fault_is_due(FAULT_SYNC) ? SQLITE_IOERR_DIR_FSYNC : code;
}

static int access_or_fail(sqlite3_vfs *vfs, const char *name, int flags, int *out)
{
    (void)vfs;
    return fault_is_due(FAULT_ACCESS) ? SQLITE_IOERR_ACCESS : real->xAccess(real, name, flags, out);
}

/* Who waits for a lock that is held for good need not wait for long. */
static int sleep_less(sqlite3_vfs *vfs, int microseconds)
{
    (void)vfs;
    return microseconds;
}

/* ---- calls of the system below it */

typedef ssize_t (*read_call)(int fd, void *buffer, size_t bytes, off_t offset);

static read_call real_read;

static ssize_t read_less(int fd, void *buffer, size_t bytes, off_t offset)
{
    return real_read(fd, buffer, bytes > 1 && fault_is_due(FAULT_SHORT_READ) ? bytes / 2 : bytes, offset);
}

static void read_less_by(const char *call)
{
    sqlite3_syscall_ptr found = real->xGetSystemCall(real, call);
    if (!found)
        return;
    real_read = (read_call)found;
    real->xSetSystemCall(real, call, (sqlite3_syscall_ptr)read_less);
}

void fault_install_files(void)
{
    real = sqlite3_vfs_find(NULL);
    shim = *real;
    shim.zName = "fault";
    shim.xOpen = open_or_fail;
    shim.xDelete = delete_or_fail;
    shim.xAccess = access_or_fail;
    shim.xSleep = sleep_less;
    shim.pNext = NULL;
    if (sqlite3_vfs_register(&shim, 1) != SQLITE_OK)
        temp_give_up("replace", "SQLite's file system");
    read_less_by("pread");
    if (!real_read)
        read_less_by("pread64");
    if (!real_read)
        temp_give_up("replace", "SQLite's way to read");
}
