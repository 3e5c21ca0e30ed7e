/*
 * engine_sqlite_backup.c - a copy of all pages, while others write.
 *
 * The caller holds a read transaction on the source, so that every step copies from one picture; without
 * it SQLite's backup would start over whenever another connection commits between two steps.  The copy is
 * built as any new file is (engine_sqlite_build.c), and SQLite alone opens the source.
 */
#include <assert.h>
#include <sys/stat.h>

#include "engine_sqlite.h"
#include "mem.h"

/* Pages of one step: 4 MiB, between two looks at whether to go on. */
#define PAGES_A_STEP 256

/* A log or journal that lies where the copy's would be would be played into it by whoever opens it. */
static int check_free(vdb_error *e, const char *path)
{
    static const char *const suffixes[] = {"", "-wal", "-journal"};
    int rc = VARSDB_OK;
    for (size_t i = 0; rc == VARSDB_OK && i < sizeof suffixes / sizeof *suffixes; i++) {
        struct stat at;
        char *name = sqlite3_mprintf("%s%s", path, suffixes[i]);
        if (!name)
            rc = vdb_fail_nomem(e);
        else if (lstat(name, &at) == 0)
            rc = vdb_fail(e, VARSDB_EXISTS, "%s is there already; a backup replaces nothing", name);
        sqlite3_free(name);
    }
    return rc;
}

static int connect_copy(vdb_sqlite *copy)
{
    vdb_fork_part_from_parent();
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    int code = sqlite3_open_v2(copy->temporary, &copy->db, flags, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_extended_result_codes(copy->db, 1);
    if (code != SQLITE_OK)
        return vdb_sqlite_fail(copy, code, "making the copy");
    return vdb_sqlite_exec(copy,
                           "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
                           "PRAGMA cache_spill=ON; PRAGMA cache_size=-8192",
                           "making the copy");
}

/* Which of the two files a step failed at. */
static vdb_sqlite *blame(vdb_sqlite *source, vdb_sqlite *copy, int code)
{
    bool reading = code == SQLITE_IOERR_READ || code == SQLITE_IOERR_SHORT_READ ||
                   (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_BUSY;
    return reading ? source : copy;
}

static int copy_pages(vdb_sqlite *source, vdb_sqlite *copy, vdb_backup_cb progress, void *payload)
{
    sqlite3_backup *backup = sqlite3_backup_init(copy->db, "main", source->db, "main");
    if (!backup)
        return vdb_sqlite_fail(copy, sqlite3_extended_errcode(copy->db), "copying");
    vdb_space space = {0};
    int code = SQLITE_OK;
    int rc = vdb_sqlite_space(&source->base, &space);
    while (rc == VARSDB_OK && (code = sqlite3_backup_step(backup, PAGES_A_STEP)) == SQLITE_OK) {
        int64_t all = sqlite3_backup_pagecount(backup), left = sqlite3_backup_remaining(backup);
        vdb_writeback_start(copy);
        rc = progress(payload, (all - left) * space.page_bytes, all * space.page_bytes);
    }
    sqlite3_backup_finish(backup);
    if (rc == VARSDB_OK && code != SQLITE_DONE)
        rc = vdb_sqlite_fail(blame(source, copy, code), code, "copying");
    int64_t all = space.pages * space.page_bytes;
    return rc == VARSDB_OK ? progress(payload, all, all) : rc;
}

int vdb_sqlite_backup(vdb_engine *engine, const char *path, vdb_backup_cb progress, void *payload)
{
    vdb_sqlite *source = vdb_sqlite_of(engine);
    vdb_error *e = engine->error;
    assert(!sqlite3_get_autocommit(source->db) && !source->writing);
    vdb_engine_options options = {.path = path, .timeout_ms = source->timeout_ms};
    int rc = check_free(e, path);
    if (rc == VARSDB_OK)
        rc = vdb_file_check_directory(e, path);
    if (rc != VARSDB_OK)
        return rc;
    vdb_sqlite *copy = vdb_sqlite_new(e, &options);
    if (!copy)
        return vdb_fail_nomem(e);
    copy->temporary = vdb_file_temporary_name(path);
    rc = copy->temporary ? connect_copy(copy) : vdb_fail_nomem(e);
    if (rc == VARSDB_OK)
        rc = copy_pages(source, copy, progress, payload);
    if (rc == VARSDB_OK)
        rc = vdb_sqlite_publish(&copy->base);
    if (rc != VARSDB_OK)
        vdb_sqlite_free(copy);
    return rc;
}
