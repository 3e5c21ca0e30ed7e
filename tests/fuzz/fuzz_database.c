/*
 * fuzz_database.c - a stranger's registry (hostile.h), opened for reading and for writing: all of it is
 * listed, read, queried, verified, changed and kept.
 *
 * That is much for one input, so its last byte, which may be part of a change too, says which script is
 * run on it.  A replay runs them all.
 */
#include <assert.h>
#include <stdbool.h>

#include "asking.h"
#include "bounds.h"
#include "changing.h"
#include "hostile.h"
#include "reading.h"
#include "seen.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const bool fuzz_replays __attribute__((weak)); /* of standalone.c */

static int see_finding(void *payload, const varsdb_finding *finding)
{
    assert(finding->text && *finding->text && finding->kind);
    for (const char *p = finding->text; *p; p++)
        assert((unsigned char)*p >= 0x20 && *p != 0x7f);
    ++*(int *)payload;
    return 0;
}

/* A finding for every damage, and damage for every finding. */
static bool is_clean(varsdb *db, int quick)
{
    int findings = 0;
    int rc = varsdb_verify(db, VARSDB_UPKEEP(.quick = quick), see_finding, &findings);
    told(db, rc);
    assert(rc != VARSDB_OK || findings == 0);
    assert(rc != VARSDB_CORRUPT || findings > 0);
    return rc == VARSDB_OK;
}

static void verify_all(varsdb *db)
{
    bool quickly = is_clean(db, 1), clean = is_clean(db, 0);
    assert(quickly || !clean);
}

static const struct script {
    unsigned flags;
    void (*run)(varsdb *db);
    void (*run_at)(const char *path, unsigned turn); /* which opens the file by itself */
    unsigned turn;
} scripts[] = {
    {.flags = VARSDB_READ_ONLY, .run = read_namespaces},
    {.flags = VARSDB_READ_ONLY | VARSDB_IMMUTABLE, .run = read_selected},
    {.flags = VARSDB_READ_ONLY, .run = read_snapshots},
    {.flags = VARSDB_READ_ONLY | VARSDB_IMMUTABLE, .run = verify_all},
    {.flags = VARSDB_READ_ONLY, .run = ask_library},
    {.run_at = ask_views, .turn = 0},
    {.run_at = ask_views, .turn = 1},
    {.run_at = ask_views, .turn = 2},
    {.run_at = ask_values, .turn = 0},
    {.run_at = ask_values, .turn = 1},
    {.run_at = ask_values, .turn = 2},
    {.run_at = ask_host},
    {.run = change_variables},
    {.run = change_snapshots},
    {.run = keep_up},
};
#define SCRIPTS (sizeof scripts / sizeof *scripts)

/* What was clean stays clean, whatever is done to it. */
static void run_on(const struct script *s, varsdb *db)
{
    bool writes = !(s->flags & VARSDB_READ_ONLY), clean = writes && is_clean(db, 0);
    s->run(db);
    if (writes)
        assert(!clean || is_clean(db, 0));
}

static void open_and_run(const struct script *s)
{
    varsdb *db;
    int rc = varsdb_open(hostile_path(), VARSDB_OPEN(.flags = s->flags, .timeout_ms = -1), &db);
    assert(db);
    if (told(db, rc) == VARSDB_OK)
        run_on(s, db);
    varsdb_close(db);
}

static void run_script(const struct script *s, const uint8_t *data, size_t size)
{
    bounds cost;
    hostile_write(data, size);
    bounds_begin(&cost);
    if (s->run_at)
        s->run_at(hostile_path(), s->turn);
    else
        open_and_run(s);
    bounds_check(&cost);
    hostile_remove();
}

/* ---- what SQLite itself takes */

static sqlite3_mem_methods memory;

static void *give(int bytes)
{
    return bytes > BOUNDS_MEMORY_BYTES ? NULL : memory.xMalloc(bytes);
}

static void *give_more(void *there, int bytes)
{
    return bytes > BOUNDS_MEMORY_BYTES ? NULL : memory.xRealloc(there, bytes);
}

/* SQLite 3.40 takes as much for one value as a forged row says that it has, and a forged log that the file
 * has, before it looks for the bytes: up to 2 GiB, none of which it touches.  No limit of a connection is
 * asked there.  So such a request fails here, as it does where a process has a limit. */
static void refuse_giants(void)
{
    sqlite3_mem_methods ours;
    int code = sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory);
    assert(code == SQLITE_OK);
    ours = memory;
    ours.xMalloc = give;
    ours.xRealloc = give_more;
    code = sqlite3_config(SQLITE_CONFIG_MALLOC, &ours);
    assert(code == SQLITE_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!memory.xMalloc)
        refuse_giants();
    size_t chosen = size ? data[size - 1] % SCRIPTS : 0;
    for (size_t i = 0; i < SCRIPTS; i++)
        if (i == chosen || &fuzz_replays)
            run_script(&scripts[i], data, size);
    return 0;
}
