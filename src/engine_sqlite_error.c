/* engine_sqlite_error.c - SQLite's result codes as ours, with a sentence for people. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "engine_sqlite.h"

static int fail_busy(vdb_sqlite *s)
{
    if (s->host)
        return vdb_fail(s->base.error, VARSDB_BUSY,
                        "%s: another connection holds the write lock, and was waited for as the host's busy "
                        "timeout says; finish its transaction, or raise that",
                        s->path);
    int64_t waited = s->deadline ? vdb_now_ms() - s->began : 0;
    return vdb_fail(s->base.error, VARSDB_BUSY,
                    "%s: waited %lld.%lld s for the write lock, which another connection holds; finish its "
                    "transaction, or raise the timeout",
                    s->path, (long long)(waited / 1000), (long long)(waited % 1000 / 100));
}

/* A reader who may not write to the file may still have left a log that its owner may not
 * write to. */
static int fail_read_only(vdb_sqlite *s, const char *doing)
{
    char *index = sqlite3_mprintf("%s-shm", s->path);
    bool stray = index && access(s->path, W_OK) == 0 && access(index, F_OK) == 0 && access(index, W_OK) != 0;
    sqlite3_free(index);
    if (stray)
        return vdb_fail(
            s->base.error, VARSDB_READONLY,
            "%s: %s-shm and %s-wal belong to another user and cannot be written to; when nobody has "
            "the registry open, remove them",
            s->path, s->path, s->path);
    return vdb_fail(s->base.error, VARSDB_READONLY, "%s: no permission to write (while %s)", s->path, doing);
}

/* What the system said of the last write that failed: 0, or one of ENOSPC, EDQUOT, EFBIG.  errno itself may
 * be another's by now, but the files keep theirs. */
static int want_of_room(vdb_sqlite *s)
{
    sqlite3_file *journal = NULL;
    int numbers[3] = {sqlite3_system_errno(s->db)};
    sqlite3_file_control(s->db, s->schema, SQLITE_FCNTL_LAST_ERRNO, &numbers[1]);
    if (sqlite3_file_control(s->db, s->schema, SQLITE_FCNTL_JOURNAL_POINTER, &journal) == SQLITE_OK &&
        journal && journal->pMethods && journal->pMethods->xFileControl) /* one in memory has none */
        journal->pMethods->xFileControl(journal, SQLITE_FCNTL_LAST_ERRNO, &numbers[2]);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (numbers[i] == ENOSPC || numbers[i] == EDQUOT || numbers[i] == EFBIG)
            return numbers[i];
    return 0;
}

/* SQLite has a code of its own for ENOSPC alone, and for that only where it writes. */
static bool takes_room(int code)
{
    return code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_TRUNCATE || code == SQLITE_IOERR_SHMOPEN ||
           code == SQLITE_IOERR_SHMSIZE;
}

static int fail_full(vdb_sqlite *s, const char *why, const char *doing)
{
    return vdb_fail(s->base.error, VARSDB_FULL, "%s: %s (while %s); nothing was changed", s->path, why,
                    doing);
}

static int fail_io(vdb_sqlite *s, int code, const char *doing)
{
    int want = s->db && takes_room(code) ? want_of_room(s) : 0;
    if (want)
        return fail_full(s, strerror(want), doing);
    if (code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_DIR_FSYNC)
        s->poisoned = true;
    if (code == SQLITE_IOERR_NOMEM)
        return vdb_fail_nomem(s->base.error);
    return vdb_fail(s->base.error, VARSDB_IO, "%s: the disk failed while %s: %s", s->path, doing,
                    sqlite3_errstr(code));
}

int vdb_sqlite_fail(vdb_sqlite *s, int code, const char *doing)
{
    vdb_error *e = s->base.error;
    if (code == SQLITE_BUSY_SNAPSHOT)
        return vdb_fail(e, VARSDB_RETRY,
                        "%s: your transaction read before another one wrote; roll back, begin a writing "
                        "transaction, and repeat",
                        s->path);
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_DONE:
    case SQLITE_ROW:
        return VARSDB_OK;
    case SQLITE_NOMEM:
        return vdb_fail_nomem(e);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL: /* a log's locks were never free when it tried */
        return fail_busy(s);
    case SQLITE_READONLY:
        return fail_read_only(s, doing);
    case SQLITE_INTERRUPT:
        return vdb_fail(e, VARSDB_CANCELLED, "%s: interrupted while %s", s->path, doing);
    case SQLITE_IOERR:
        return fail_io(s, code, doing);
    case SQLITE_CORRUPT:
        return vdb_fail(e, VARSDB_CORRUPT, "%s: the file is damaged (found while %s)", s->path, doing);
    case SQLITE_ERROR:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
        return vdb_fail(e, VARSDB_CORRUPT,
                        "%s: the file is damaged: what it holds cannot be (found "
                        "while %s: %s)",
                        s->path, doing, s->db ? sqlite3_errmsg(s->db) : sqlite3_errstr(code));
    case SQLITE_FULL:
        return fail_full(s, "the disk is full", doing);
    case SQLITE_CANTOPEN:
        return vdb_fail(e, VARSDB_CANTOPEN, "%s: cannot open the file or its log (while %s)", s->path, doing);
    case SQLITE_NOTADB:
        return vdb_fail(e, VARSDB_NOTDB, "%s: not an SQLite database", s->path);
    case SQLITE_TOOBIG:
        return vdb_fail(e, VARSDB_INVALID, "%s: a text or attribute is larger than %d MiB", s->path,
                        VDB_VALUE_BYTES_MAX >> 20);
    default:
        return vdb_fail(e, VARSDB_ERROR, "%s: while %s: %s", s->path, doing,
                        s->db ? sqlite3_errmsg(s->db) : sqlite3_errstr(code));
    }
}
