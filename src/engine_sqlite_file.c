/*
 * engine_sqlite_file.c - what is at the path.
 *
 * No descriptor of an existing database is ever opened here: closing it would
 * drop the POSIX locks of every connection of this process.  stat tells whether
 * there is a file; its header is read through SQLite's own descriptor.
 */
#include <errno.h>
#include <libgen.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <time.h>

#include "engine_sqlite.h"
#include "mem.h"

int64_t vdb_now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void vdb_sleep_us(unsigned microseconds)
{
    struct timespec t = {.tv_sec = 0, .tv_nsec = (long)microseconds * 1000};
    nanosleep(&t, NULL);
}

bool vdb_filesystem_is_remote(int64_t type)
{
    switch ((uint32_t)type) { /* of 32 bits, and signed on some machines */
    case 0x6969:              /* NFS */
    case 0x517b:              /* SMB */
    case 0xfe534d42:          /* SMB2 */
    case 0xff534d42:          /* CIFS */
    case 0x01021997:          /* 9p */
    case 0x0bd00bd0:          /* Lustre */
    case 0x00c36400:          /* Ceph */
    case 0x5346414f:          /* AFS */
    case 0x73757245:          /* Coda */
    case 0x47504653:          /* GPFS */
    case 0x19830326:          /* BeeGFS */
    case 0x65735546:          /* FUSE: sshfs, s3fs, glusterfs, and what else is mounted through it */
        return true;
    default:
        return false;
    }
}

char *vdb_file_directory(const char *path)
{
    char *copy = vdb_strdup(path);
    char *directory = copy ? vdb_strdup(dirname(copy)) : NULL;
    vdb_free(copy);
    return directory;
}

static int check_filesystem(vdb_error *e, const char *path, unsigned flags)
{
    if (flags & VARSDB_ALLOW_NETWORK)
        return VARSDB_OK;
    char *directory = vdb_file_directory(path);
    if (!directory)
        return vdb_fail_nomem(e);
    struct statfs fs;
    bool remote = statfs(directory, &fs) == 0 && vdb_filesystem_is_remote((int64_t)fs.f_type);
    vdb_free(directory);
    if (!remote)
        return VARSDB_OK;
    return vdb_fail(
        e, VARSDB_CANTOPEN,
        "%s is on a network file system, which does not lock reliably; use a local disk, or "
        "allow it explicitly (VARSDB_ALLOW_NETWORK, --allow-network) if only one machine ever opens it",
        path);
}

int vdb_sqlite_presence(vdb_error *e, const vdb_engine_options *options, vdb_file_presence *out)
{
    const char *path = options->path;
    struct stat at;
    if (stat(path, &at) != 0) {
        if (errno != ENOENT)
            return vdb_fail(e, VARSDB_CANTOPEN, "%s: %s", path, strerror(errno));
        *out = VDB_FILE_MISSING;
        return check_filesystem(e, path, options->flags);
    }
    if (S_ISDIR(at.st_mode))
        return vdb_fail(e, VARSDB_CANTOPEN, "%s is a directory, not a registry", path);
    if (!S_ISREG(at.st_mode))
        return vdb_fail(e, VARSDB_CANTOPEN, "%s is not a regular file", path);
    if (at.st_size == 0)
        return vdb_fail(e, VARSDB_NOTDB, "%s is an empty file, not a registry", path);
    *out = VDB_FILE_REGULAR;
    return check_filesystem(e, path, options->flags);
}

bool vdb_file_on_read_only_media(const char *path)
{
    struct statvfs fs;
    return statvfs(path, &fs) == 0 && (fs.f_flag & ST_RDONLY);
}

bool vdb_file_has_log(const char *path)
{
    struct stat at;
    char *log = sqlite3_mprintf("%s-wal", path);
    bool there = !log || stat(log, &at) == 0;
    sqlite3_free(log);
    return there;
}

/* ---- header */

static uint32_t big_endian_32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

int vdb_sqlite_fail_newer(vdb_error *e, const char *path, int64_t version, int64_t newest)
{
    return vdb_fail(e, VARSDB_TOONEW,
                    "%s has schema %lld, written by a newer varsdb; this one knows %lld: upgrade varsdb",
                    path, (long long)version, (long long)newest);
}

int vdb_file_check_header(vdb_sqlite *s, int64_t newest)
{
    vdb_error *e = s->base.error;
    unsigned char header[100];
    sqlite3_file *file = NULL;
    int code = sqlite3_file_control(s->db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (code == SQLITE_OK && file && file->pMethods)
        code = file->pMethods->xRead(file, header, sizeof header, 0);
    if (code == SQLITE_IOERR_SHORT_READ || (code == SQLITE_OK && memcmp(header, "SQLite format 3", 16) != 0))
        return vdb_fail(e, VARSDB_NOTDB, "%s is not a varsdb registry: not an SQLite database", s->path);
    if (code != SQLITE_OK)
        return vdb_sqlite_fail(s, code, "reading the header");
    if (big_endian_32(header + 68) != VDB_APPLICATION_ID)
        return vdb_fail(e, VARSDB_NOTDB, "%s is an SQLite database, but not a varsdb registry", s->path);
    s->has_wal = header[18] == 2;
    int64_t version = big_endian_32(header + 60);
    return newest && version > newest ? vdb_sqlite_fail_newer(e, s->path, version, newest) : VARSDB_OK;
}

bool vdb_file_has_moved(vdb_sqlite *s)
{
    int moved = 0;
    int code = sqlite3_file_control(s->db, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    return code == SQLITE_OK && moved;
}

int vdb_file_fail_moved(vdb_sqlite *s)
{
    return vdb_fail(
        s->base.error, VARSDB_MOVED,
        "%s was renamed, removed or replaced while it was open; nothing was written; close it and "
        "open it again",
        s->path);
}
