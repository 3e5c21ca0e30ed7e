/*
 * engine_sqlite_build.c - how a new file gets to its path: built under another name
 * beside it, where nobody sees it, and then published whole.
 *
 * A crash leaves a file that nobody looks at, so nothing is synced until it is whole,
 * and the journal, which serves rollbacks only, stays in memory: it holds pages that
 * were there before the transaction, and a build hardly changes any.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <unistd.h>

#include "engine_sqlite.h"
#include "mem.h"

char *vdb_file_temporary_name(const char *path)
{
    uint64_t random;
    sqlite3_randomness(sizeof random, &random);
    char *directory = vdb_file_directory(path), *copy = vdb_strdup(path), *name = NULL;
    if (directory && copy)
        name = sqlite3_mprintf("%s/.%s.%016llx.new", directory, basename(copy), random);
    vdb_free(directory);
    vdb_free(copy);
    return name; /* mprintf and vdb_malloc are one allocator */
}

static int sync_path(vdb_error *e, const char *path, int flags)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | flags);
    int bad = fd < 0 || fsync(fd) != 0 ? errno : 0;
    if (fd >= 0)
        close(fd);
    return bad ? vdb_fail(e, fd < 0 ? VARSDB_CANTOPEN : VARSDB_IO, "%s: cannot sync: %s", path, strerror(bad))
               : VARSDB_OK;
}

static int sync_directory(vdb_error *e, const char *path)
{
    char *directory = vdb_file_directory(path);
    int rc = directory ? sync_path(e, directory, O_DIRECTORY) : vdb_fail_nomem(e);
    vdb_free(directory);
    return rc;
}

int vdb_file_check_directory(vdb_error *e, const char *path)
{
    char *directory = vdb_file_directory(path);
    int rc = VARSDB_OK;
    if (!directory)
        rc = vdb_fail_nomem(e);
    else if (access(directory, W_OK | X_OK) != 0)
        rc = vdb_fail(e, VARSDB_CANTOPEN, "%s: cannot make it: directory %s: %s", path, directory,
                      strerror(errno));
    vdb_free(directory);
    return rc;
}

/* ---- the connection */

static int connect_temporary(vdb_sqlite *s)
{
    vdb_fork_part_from_parent();
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    int code = sqlite3_open_v2(s->temporary, &s->db, flags, NULL);
    char pages[64], sql[256];
    snprintf(pages, sizeof pages, "PRAGMA page_size=%d; PRAGMA auto_vacuum=%d", VDB_PAGE_BYTES,
             VDB_AUTO_VACUUM);
    snprintf(sql, sizeof sql,
             "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF;"
             "PRAGMA application_id=%d",
             VDB_APPLICATION_ID);
    int rc = vdb_sqlite_fail(s, code, "making a new file");
    if (rc != VARSDB_OK)
        return rc;
    sqlite3_extended_result_codes(s->db, 1);
    /* The page size first: SQLite reckons the limits of its cache by it. */
    rc = vdb_sqlite_exec(s, pages, "making a new file");
    if (rc == VARSDB_OK)
        rc = vdb_sqlite_set_up(s);
    if (rc == VARSDB_OK)
        rc = vdb_sqlite_exec(s, sql, "making a new file");
    return rc == VARSDB_OK ? vdb_sqlite_prepare_transactions(s) : rc;
}

/* Closes the connection, with the file as it is to be found: in WAL mode. */
static int disconnect_temporary(vdb_sqlite *s)
{
    vdb_sqlite_close_statements(s);
    vdb_writeback_close(s); /* once the file has its name, closing a descriptor of it would drop locks */
    int rc =
        vdb_sqlite_exec(s, "PRAGMA locking_mode=NORMAL; PRAGMA journal_mode=WAL", "completing a new file");
    int code = sqlite3_close(s->db);
    s->db = NULL;
    return rc == VARSDB_OK ? vdb_sqlite_fail(s, code, "completing a new file") : rc;
}

/* link() refuses a name that is taken: of racing creators one wins.  EXISTS: it was another.  After a
 * failure the file has its temporary name alone. */
static int publish(vdb_error *e, const char *temporary, const char *path)
{
    int failed = link(temporary, path) == 0 ? 0 : errno;
    bool linked = !failed;
    if (failed == EPERM || failed == EOPNOTSUPP || failed == ENOSYS) /* a file system without links */
        failed = renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) == 0 ? 0 : errno;
    if (failed == EEXIST)
        return vdb_fail(e, VARSDB_EXISTS, "%s: somebody else made it in the meantime; it was left as it is",
                        path);
    if (failed)
        return vdb_fail(e, VARSDB_CANTOPEN, "%s: cannot make the file: %s", path, strerror(failed));
    int rc = sync_directory(e, path);
    if (rc == VARSDB_OK)
        return rc;
    vdb_error kept = *e;
    if (linked)
        unlink(path);
    else
        renameat2(AT_FDCWD, path, AT_FDCWD, temporary, RENAME_NOREPLACE);
    *e = kept;
    return rc;
}

int vdb_sqlite_build(vdb_error *e, const vdb_engine_options *options, vdb_engine_fill_cb fill, void *payload,
                     vdb_engine **out)
{
    int rc = vdb_file_check_directory(e, options->path);
    if (rc != VARSDB_OK)
        return rc;
    vdb_sqlite *s = vdb_sqlite_new(e, options);
    if (!s)
        return vdb_fail_nomem(e);
    s->temporary = vdb_file_temporary_name(options->path);
    rc = s->temporary ? connect_temporary(s) : vdb_fail_nomem(e);
    if (rc == VARSDB_OK)
        rc = vdb_sqlite_begin(&s->base, VDB_BEGIN_WRITE);
    if (rc == VARSDB_OK)
        rc = fill(payload, &s->base);
    if (rc == VARSDB_OK)
        rc = vdb_sqlite_commit(&s->base);
    if (rc == VARSDB_OK)
        rc = vdb_sqlite_prepare_transactions(s);
    if (rc == VARSDB_OK)
        *out = &s->base;
    else
        vdb_sqlite_free(s);
    return rc;
}

/* The connection builds on; *engine is NULL when even that fails. */
static void connect_again(vdb_engine **engine)
{
    vdb_sqlite *s = vdb_sqlite_of(*engine);
    vdb_error *e = s->base.error, kept = *e;
    if (connect_temporary(s) != VARSDB_OK) {
        vdb_sqlite_free(s);
        *engine = NULL;
    }
    *e = kept;
}

int vdb_sqlite_publish(vdb_engine **engine)
{
    vdb_sqlite *s = vdb_sqlite_of(*engine);
    vdb_error *e = s->base.error;
    assert(s->temporary && sqlite3_get_autocommit(s->db));
    /* The file is in WAL mode from here on, which it could not be opened in again without a log. */
    int rc = vdb_sqlite_check_usable(s);
    if (rc == VARSDB_OK)
        rc = vdb_file_check_directory(e, s->path);
    if (rc != VARSDB_OK)
        return rc;
    rc = disconnect_temporary(s);
    bool written = rc == VARSDB_OK;
    if (rc == VARSDB_OK)
        rc = sync_path(e, s->temporary, 0);
    if (rc == VARSDB_OK)
        rc = publish(e, s->temporary, s->path);
    s->poisoned = written && rc == VARSDB_IO;
    if (rc == VARSDB_OK) {
        vdb_sqlite_free(s);
        *engine = NULL;
    } else {
        connect_again(engine);
    }
    return rc;
}

int vdb_sqlite_create(vdb_error *e, const vdb_engine_options *options, vdb_engine_fill_cb fill, void *payload)
{
    vdb_engine *engine;
    int rc = vdb_sqlite_build(e, options, fill, payload, &engine);
    if (rc != VARSDB_OK)
        return rc;
    rc = vdb_sqlite_publish(&engine);
    if (engine)
        vdb_sqlite_free(vdb_sqlite_of(engine));
    if (rc == VARSDB_EXISTS) { /* the winner's file is as good */
        vdb_error_clear(e);
        return VARSDB_OK;
    }
    return rc;
}
