/* handles.c - see handles.h. */
#include "handles.h"

#include <stdio.h>

#include "engine_sqlite.h"
#include "internal.h"
#include "judge.h"
#include "need.h"

#define TIMEOUT_MS 1000

varsdb *db, *other;
sqlite3 *host;
static const char *synchronous;

void handles_plant_synchronous(const char *value)
{
    synchronous = value;
}

static const char *planted(void)
{
    static char sql[64];
    snprintf(sql, sizeof sql, "PRAGMA synchronous=%s", synchronous);
    return sql;
}

static int plant(varsdb *handle)
{
    return synchronous ? vdb_sqlite_exec(vdb_sqlite_of(handle->engine), planted(), "planting") : VARSDB_OK;
}

int open_handle(const char *path, unsigned flags, varsdb **out)
{
    static const int64_t seed = 3;
    int rc = varsdb_open(
        path, VARSDB_OPEN(.flags = flags, .seed = &seed, .timeout_ms = TIMEOUT_MS, .program = "power"), out);
    if (rc == VARSDB_OK && (*out)->chunk_bytes == CHUNK)
        (*out)->save_bytes = 2 * CHUNK;
    return rc == VARSDB_OK ? plant(*out) : rc;
}

int open_registry(void)
{
    return open_handle(JUDGE_REGISTRY, 0, &db);
}

int open_other(void)
{
    return open_handle(JUDGE_REGISTRY, 0, &other);
}

int close_registry(void)
{
    varsdb_close(db);
    db = NULL;
    return VARSDB_OK;
}

int close_other(void)
{
    varsdb_close(other);
    other = NULL;
    return VARSDB_OK;
}

/* ---- a host */

static int connect_host(const char *settings, unsigned flags)
{
    int code = sqlite3_open(JUDGE_REGISTRY, &host);
    if (code == SQLITE_OK)
        code = sqlite3_exec(host, settings, NULL, NULL, NULL);
    if (code == SQLITE_OK && synchronous)
        code = sqlite3_exec(host, planted(), NULL, NULL, NULL);
    if (code != SQLITE_OK)
        return VARSDB_IO;
    return varsdb_open_on(host, NULL, VARSDB_OPEN(.flags = flags, .program = "power"), NULL, &db);
}

void prepare_host(const char *sql)
{
    must(sqlite3_open(JUDGE_REGISTRY, &host) == SQLITE_OK &&
             sqlite3_exec(host, sql, NULL, NULL, NULL) == SQLITE_OK,
         "preparing: %s", sqlite3_errmsg(host));
    sqlite3_close(host);
    host = NULL;
}

void prepare_host_with_log(void)
{
    prepare_host("PRAGMA journal_mode=WAL; CREATE TABLE mine (a)");
}

void prepare_host_with_journal(void)
{
    prepare_host("CREATE TABLE mine (a)");
}

int host_deletes(void)
{
    return connect_host("PRAGMA journal_mode=DELETE; PRAGMA synchronous=EXTRA", 0);
}

int host_cuts(void)
{
    return connect_host("PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=FULL", 0);
}

int host_overwrites(void)
{
    return connect_host("PRAGMA journal_mode=PERSIST; PRAGMA synchronous=FULL", 0);
}

int host_has_log(void)
{
    return connect_host("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL", 0);
}

int host_makes(void)
{
    return connect_host("PRAGMA synchronous=FULL", VARSDB_CREATE_FILE);
}

int host_makes_without_log(void)
{
    return connect_host("PRAGMA synchronous=EXTRA", VARSDB_CREATE_FILE);
}

int disconnect_host(void)
{
    close_registry();
    int code = sqlite3_close(host);
    host = NULL;
    return code == SQLITE_OK ? VARSDB_OK : VARSDB_IO;
}
