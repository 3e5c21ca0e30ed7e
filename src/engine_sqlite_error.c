/* engine_sqlite_error.c - SQLite's result codes as ours, with a sentence for people. */
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

static int fail_io(vdb_sqlite *s, int code, const char *doing)
{
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
        return vdb_fail(e, VARSDB_FULL, "%s: the disk is full (while %s); nothing was changed", s->path,
                        doing);
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
