/*
 * engine_sqlite_space.c - free pages, and how they go back to the file system.
 *
 * PRAGMA incremental_vacuum moves pages from the end of the file to free ones and yields a row for each,
 * so it can be left at any page, and what was moved stays moved in the open transaction.  A page costs
 * about 25 microseconds, and up to a millisecond while gigabytes are free, since a free page at the end
 * must be searched for in the list of them: so it is left by the clock.
 */
#include <assert.h>
#include <stdio.h>
#include <sys/stat.h>

#include "engine_sqlite.h"

/* Of one transaction, beside its commit. */
#define RECLAIM_MS 25

int vdb_sqlite_space(vdb_engine *engine, vdb_space *out)
{
    vdb_sqlite *s = vdb_sqlite_of(engine);
    vdb_space space = {.log_frames = s->log.frames - s->log.copied};
    struct stat at;
    if (sqlite3_get_autocommit(s->db))
        vdb_sqlite_start_clock(s);
    int rc = vdb_sqlite_pragma(s, "page_size", &space.page_bytes);
    if (rc == VARSDB_OK)
        rc = vdb_sqlite_pragma(s, "page_count", &space.pages);
    if (rc == VARSDB_OK)
        rc = vdb_sqlite_pragma(s, "freelist_count", &space.free_pages);
    if (rc != VARSDB_OK)
        return rc;
    /* By name: a descriptor of the file must not be opened, since closing it would drop locks. */
    space.file_bytes = stat(vdb_sqlite_file_name(s), &at) == 0 ? at.st_size : 0;
    *out = space;
    return VARSDB_OK;
}

int vdb_sqlite_reclaim(vdb_engine *engine, int64_t pages, int64_t *left)
{
    vdb_sqlite *s = vdb_sqlite_of(engine);
    assert(s->writing && pages > 0);
    char sql[64];
    sqlite3_stmt *statement = NULL;
    int64_t until = vdb_now_ms() + RECLAIM_MS;
    snprintf(sql, sizeof sql, "PRAGMA main.incremental_vacuum(%lld)", (long long)pages);
    int code = sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL);
    if (code == SQLITE_OK) {
        while ((code = sqlite3_step(statement)) == SQLITE_ROW && vdb_now_ms() < until)
            ;
        if (code != SQLITE_ROW && code != SQLITE_DONE)
            code = sqlite3_extended_errcode(s->db);
        else
            code = SQLITE_OK;
    }
    sqlite3_finalize(statement);
    if (code != SQLITE_OK)
        return vdb_sqlite_fail(s, code, "giving space back");
    return vdb_sqlite_pragma(s, "freelist_count", left);
}
