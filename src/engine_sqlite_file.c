/*
 * engine_sqlite_file.c - what is at the path.
 *
 * No descriptor of an existing database is ever opened here: closing it would
 * drop the POSIX locks of every connection of this process.  stat tells whether
 * there is a file; its header is read through SQLite's own descriptor.  It may be torn
 * where the power failed, and whole in what lies beside it.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

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

enum {
    HEADER_BYTES = 100,
    WRITE_VERSION = 18, /* places in it */
    USER_VERSION = 60,
    APPLICATION_ID = 68
};

/* Signed, as a pragma says it. */
static int32_t big_endian_32(const unsigned char *p)
{
    return (int32_t)((uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]);
}

int vdb_sqlite_fail_newer(vdb_error *e, const char *path, int64_t version, int64_t newest)
{
    return vdb_fail(e, VARSDB_TOONEW,
                    "%s has schema %lld, written by a newer varsdb; this one knows %lld: upgrade varsdb",
                    path, (long long)version, (long long)newest);
}

/* Zeros where the file is shorter. */
static int read_header(vdb_sqlite *s, unsigned char header[HEADER_BYTES])
{
    sqlite3_file *file = NULL;
    int code = sqlite3_file_control(s->db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (code == SQLITE_OK && file && file->pMethods)
        code = file->pMethods->xRead(file, header, HEADER_BYTES, 0);
    if (code != SQLITE_IOERR_SHORT_READ)
        return code;
    memset(header, 0, HEADER_BYTES);
    return SQLITE_OK;
}

static bool is_sqlite(const unsigned char header[HEADER_BYTES])
{
    return memcmp(header, "SQLite format 3", 16) == 0;
}

static int fail_not_sqlite(vdb_sqlite *s)
{
    return vdb_fail(s->base.error, VARSDB_NOTDB, "%s is not a varsdb registry: not an SQLite database",
                    s->path);
}

static int check_identity(vdb_sqlite *s, int64_t application, int64_t version, int64_t newest)
{
    vdb_error *e = s->base.error;
    if (application != VDB_APPLICATION_ID)
        return vdb_fail(e, VARSDB_NOTDB, "%s is an SQLite database, but not a varsdb registry", s->path);
    return newest && version > newest ? vdb_sqlite_fail_newer(e, s->path, version, newest) : VARSDB_OK;
}

/* No locks are on logs and journals, so a descriptor of one may be closed.  What cannot be looked at may be
 * what recovers the file. */
static int begins_with(vdb_sqlite *s, const char *suffix, const unsigned char *magic, size_t bytes, bool *out)
{
    unsigned char there[8] = {0};
    char *path = sqlite3_mprintf("%s%s", vdb_sqlite_file_name(s), suffix);
    if (!path)
        return vdb_fail_nomem(s->base.error);
    int rc = VARSDB_OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    ssize_t n = fd >= 0 ? pread(fd, there, bytes, 0) : 0;
    if ((fd < 0 && errno != ENOENT && errno != ELOOP) || (n < 0 && errno != EISDIR))
        rc = vdb_fail(s->base.error, fd < 0 ? VARSDB_CANTOPEN : VARSDB_IO, "%s: cannot read it: %s", path,
                      strerror(errno));
    if (fd >= 0)
        close(fd);
    sqlite3_free(path);
    *out = n == (ssize_t)bytes && memcmp(there, magic, bytes) == 0;
    return rc;
}

/* What lies beside it that has what the file has not; NULL: nothing. */
static int find_beside(vdb_sqlite *s, const char **suffix)
{
    static const unsigned char log[] = {0x37, 0x7f, 0x06}, /* 0x82, or 0x83 on big-endian machines */
        journal[] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};
    bool there = false;
    *suffix = "-wal";
    int rc = begins_with(s, *suffix, log, sizeof log, &there);
    if (rc == VARSDB_OK && !there) {
        *suffix = "-journal";
        rc = begins_with(s, *suffix, journal, sizeof journal, &there);
    }
    if (!there)
        *suffix = NULL;
    return rc;
}

/* SQLite takes away a journal that is none, so what lies beside another kind of file is looked at first. */
static int can_be_recovered(vdb_sqlite *s, bool *out)
{
    const char *suffix = NULL;
    int rc = s->immutable ? VARSDB_OK : find_beside(s, &suffix);
    *out = suffix != NULL;
    return rc;
}

int vdb_file_check_alone(vdb_sqlite *s)
{
    const char *suffix;
    int rc = find_beside(s, &suffix);
    if (rc != VARSDB_OK || !suffix)
        return rc;
    return vdb_fail(
        s->base.error, VARSDB_CANTOPEN,
        "%s: a part of it is in %s%s, which cannot be taken in where nothing may be written; copy both "
        "to where it may, and open it there",
        s->path, s->path, suffix);
}

/* When the power fails during a checkpoint, or while a host's connection writes without a log, the first page
 * may be torn.  It is whole in the log or the journal, and SQLite recovers it as it begins to read.  A file
 * that is refused all the same does not get its log copied into it at the close. */
static int check_recovered(vdb_sqlite *s, int64_t newest)
{
    int64_t application = 0, version = 0;
    unsigned char header[HEADER_BYTES] = {0};
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    vdb_sqlite_start_clock(s);
    int rc = vdb_sqlite_pragma(s, "application_id", &application);
    if (rc == VARSDB_OK)
        rc = vdb_sqlite_pragma(s, "user_version", &version);
    if (rc != VARSDB_OK)
        return (sqlite3_errcode(s->db) & 0xff) == SQLITE_NOTADB ? fail_not_sqlite(s) : rc;
    rc = check_identity(s, application, version, newest);
    if (rc != VARSDB_OK)
        return rc;
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    int code = read_header(s, header);
    s->has_wal = !is_sqlite(header) || header[WRITE_VERSION] == 2; /* torn still: it is whole in the log */
    return vdb_sqlite_fail(s, code, "reading the header");
}

int vdb_file_check_header(vdb_sqlite *s, int64_t newest)
{
    unsigned char header[HEADER_BYTES] = {0};
    int code = read_header(s, header);
    if (code != SQLITE_OK)
        return vdb_sqlite_fail(s, code, "reading the header");
    if (!is_sqlite(header)) {
        bool recoverable;
        int rc = can_be_recovered(s, &recoverable);
        if (rc != VARSDB_OK)
            return rc;
        return recoverable ? check_recovered(s, newest) : fail_not_sqlite(s);
    }
    s->has_wal = header[WRITE_VERSION] == 2;
    int rc = check_identity(s, big_endian_32(header + APPLICATION_ID), big_endian_32(header + USER_VERSION),
                            newest);
    return rc == VARSDB_OK && s->immutable ? vdb_file_check_alone(s) : rc;
}

/* SQLite's own, of the database or of its log; while it has them open. */
static sqlite3_file *file_of(vdb_sqlite *s, int which)
{
    sqlite3_file *file = NULL;
    sqlite3_file_control(s->db, "main", which, &file);
    return file;
}

bool vdb_file_has_safe_sectors(vdb_sqlite *s)
{
    sqlite3_file *file = file_of(s, SQLITE_FCNTL_FILE_POINTER);
    return file->pMethods->xDeviceCharacteristics(file) & SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

int vdb_file_sync(vdb_sqlite *s)
{
    sqlite3_file *file = file_of(s, SQLITE_FCNTL_FILE_POINTER);
    return file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
}

int vdb_file_sync_log(vdb_sqlite *s)
{
    sqlite3_file *log = file_of(s, SQLITE_FCNTL_JOURNAL_POINTER);
    return log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
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
