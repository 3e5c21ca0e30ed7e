/*
 * overhead.c - what the registry adds to SQLite: bytes of a variable, and time to a first answer.
 */
#include "overhead.h"

#include <sqlite3.h>
#include <stdio.h>

#include "fail.h"
#include "file.h"
#include "peer_sqlite.h"
#include "population.h"
#include "report.h"
#include "timer.h"

enum {
    VARIABLES = 100000,
    SCOPE_SIZE = 100,
    OPENS = 20,
    NAME_ROOM = 64
};

/* ---- SQLite by hand ---- */

static sqlite3 *raw_open(const char *path)
{
    sqlite3 *db = NULL;

    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        fail(path, "cannot be opened");
    return db;
}

static void raw_run(const char *path, const char *sql)
{
    sqlite3 *db = raw_open(path);

    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail(sql, sqlite3_errmsg(db));
    (void)sqlite3_close(db);
}

/* Seconds from nothing to the first row; the close is not counted, on either side. */
static double raw_first_answer(const char *path)
{
    static const char sql[] = "SELECT v.id, v.dtype, v.shape FROM varsdb_scopes s JOIN varsdb_variables v "
                              "ON v.scope_id = s.id WHERE s.namespace_id = 1 AND s.path = 'model/layer_500' "
                              "AND v.name = 'weight_50000'";
    double start = timer_now(), seconds;
    sqlite3 *db = raw_open(path);
    sqlite3_stmt *stmt = NULL;

    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK || sqlite3_step(stmt) != SQLITE_ROW)
        fail(sql, sqlite3_errmsg(db));
    seconds = timer_now() - start;
    (void)sqlite3_finalize(stmt);
    (void)sqlite3_close(db);
    return seconds;
}

static double first_answer(const struct population *population)
{
    char name[POPULATION_NAME_ROOM];
    const varsdb_variable *variable;
    double start = timer_now(), seconds;
    varsdb *db = population_open(population);

    population_name(name, VARIABLES / 2);
    must(db, varsdb_find_variable(db, name, &variable));
    seconds = timer_now() - start;
    varsdb_close(db);
    return seconds;
}

/* ---- Bytes ---- */

static void make_raw(const char *path)
{
    struct peer *peer = peer_open(path, PEER_SCOPED_NAMES);
    char name[NAME_ROOM];
    int64_t scope = 0;

    peer_begin_write(peer);
    for (int i = 0; i < VARIABLES; i++) {
        if (i % SCOPE_SIZE == 0) {
            snprintf(name, sizeof name, "model/layer_%d", i / SCOPE_SIZE);
            scope = peer_create_scope(peer, name);
        }
        snprintf(name, sizeof name, "weight_%d", i);
        (void)peer_create(peer, scope, name);
    }
    peer_commit(peer);
    peer_close(peer);
}

static double bytes_each(const char *path)
{
    return (double)file_bytes(path) / VARIABLES;
}

static void bench_bytes(const struct population *population, const char *raw)
{
    struct workload with = {
        .name = "(o) the file, a variable with 16 bytes", .unit = "", .goal = "<= 1.3x", .rounds = 1};
    struct workload without = {
        .name = "(o) the file, a variable without a value", .unit = "", .goal = "<= 1.3x", .rounds = 1};

    with.ours[0] = bytes_each(population->path);
    with.peer[0] = bytes_each(raw);
    report_workload(&with);
    /* Both without values, and as small as SQLite makes them.  No library opens the registry any more. */
    raw_run(population->path,
            "UPDATE varsdb_variables SET tensor_id = NULL; DELETE FROM varsdb_tensors; VACUUM");
    raw_run(raw, "UPDATE variables SET tensor_id = NULL; DELETE FROM tensors; VACUUM");
    without.ours[0] = bytes_each(population->path);
    without.peer[0] = bytes_each(raw);
    report_workload(&without);
    report_note("bytes; %d variables of 4 float32, %d in a scope, in two collections", VARIABLES, SCOPE_SIZE);
}

/* ---- Opening ---- */

static void bench_open(const struct population *population, size_t rounds, const char *name)
{
    struct workload w = {.name = name, .unit = "us", .goal = "<= 1.3x", .rounds = rounds};

    for (size_t r = 0; r < rounds; r++) {
        double ours = 0.0, peer = 0.0;

        for (int i = 0; i < OPENS; i++) {
            ours += first_answer(population);
            peer += raw_first_answer(population->path);
        }
        w.ours[r] = 1e6 * ours / OPENS;
        w.peer[r] = 1e6 * peer / OPENS;
    }
    report_workload(&w);
}

void bench_overhead(const char *directory, size_t rounds)
{
    struct population population;
    char raw[FILE_PATH_ROOM];
    varsdb *other;

    population_begin(&population, directory);
    population_grow(&population, VARIABLES);
    file_fresh(directory, "raw.db", raw);
    make_raw(raw);
    report_header("raw SQLite");
    bench_open(&population, rounds, "(o) open to first answer, nobody else there");
    other = population_open(&population);
    bench_open(&population, rounds, "(o) open to first answer, others there");
    varsdb_close(other);
    bench_bytes(&population, raw);
    file_fresh(directory, "raw.db", raw);
    population_end(&population, directory);
}
