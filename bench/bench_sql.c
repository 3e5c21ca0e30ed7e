/*
 * bench_sql.c - the functions of the loadable extension against ordinary tables, through SQL alike.
 *
 *     bench_sql DIRECTORY EXTENSION [--quick]
 *
 * Both sides are databases of one connection's settings in DIRECTORY, and statements that are prepared once.
 * They take turns; each workload is a few rounds.  No figure makes it fail.
 */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "file.h"
#include "report.h"
#include "timer.h"

enum {
    NAME_ROOM = 48,
    NAMES = 2000
};

struct sizes {
    size_t rounds;
    int hits;
    long elements;
};

static const struct sizes full = {9, 200000, 10000000};
static const struct sizes quick = {3, 20000, 1000000};

/* ---- Two databases ---- */

enum {
    OURS,
    PEER
};
static sqlite3 *sides[2];
static char names[NAMES][NAME_ROOM];

static void run(int side, const char *sql)
{
    if (sqlite3_exec(sides[side], sql, NULL, NULL, NULL) != SQLITE_OK)
        fail(sql, sqlite3_errmsg(sides[side]));
}

static sqlite3_stmt *prepared(int side, const char *sql)
{
    sqlite3_stmt *statement;

    if (sqlite3_prepare_v3(sides[side], sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK)
        fail(sql, sqlite3_errmsg(sides[side]));
    return statement;
}

static void open_side(int side, const char *directory, const char *name)
{
    char path[FILE_PATH_ROOM];

    file_fresh(directory, name, path);
    if (sqlite3_open(path, &sides[side]) != SQLITE_OK)
        fail(path, sqlite3_errmsg(sides[side]));
    run(side, "PRAGMA page_size=16384; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
              "PRAGMA cache_size=-65536");
}

static void load(const char *extension)
{
    char *why = NULL;

    sqlite3_enable_load_extension(sides[OURS], 1);
    if (sqlite3_load_extension(sides[OURS], extension, NULL, &why) != SQLITE_OK)
        fail(extension, why);
}

static void fill(long elements)
{
    char sql[512];
    sqlite3_stmt *ours, *peer;

    run(OURS, "SELECT varsdb_create(); BEGIN IMMEDIATE");
    run(PEER, "CREATE TABLE variables (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
              "CREATE TABLE elements (flat_index INTEGER PRIMARY KEY, value REAL NOT NULL); BEGIN");
    ours = prepared(OURS, "SELECT get_variable(?1, '[4]', 'float32', 'zeros')");
    peer = prepared(PEER, "INSERT INTO variables (name) VALUES (?1)");
    for (int i = 0; i < NAMES; i++) {
        snprintf(names[i], NAME_ROOM, "model/layer_%d/weight_%d", i / 100, i);
        sqlite3_bind_text(ours, 1, names[i], -1, SQLITE_STATIC);
        sqlite3_bind_text(peer, 1, names[i], -1, SQLITE_STATIC);
        if (sqlite3_step(ours) != SQLITE_ROW || sqlite3_step(peer) != SQLITE_DONE)
            fail(names[i], sqlite3_errmsg(sides[OURS]));
        sqlite3_reset(ours);
        sqlite3_reset(peer);
    }
    sqlite3_finalize(ours);
    sqlite3_finalize(peer);
    snprintf(sql, sizeof sql,
             "SELECT get_variable('large', '[%ld]', 'float32', 'random_normal(0,1)'); COMMIT", elements);
    run(OURS, sql);
    /* the same numbers */
    ours = prepared(OURS, "SELECT flat_index, value FROM tensor_each('large')");
    peer = prepared(PEER, "INSERT INTO elements VALUES (?1, ?2)");
    while (sqlite3_step(ours) == SQLITE_ROW) {
        sqlite3_bind_int64(peer, 1, sqlite3_column_int64(ours, 0));
        sqlite3_bind_double(peer, 2, sqlite3_column_double(ours, 1));
        if (sqlite3_step(peer) != SQLITE_DONE)
            fail("elements", sqlite3_errmsg(sides[PEER]));
        sqlite3_reset(peer);
    }
    sqlite3_finalize(ours);
    sqlite3_finalize(peer);
    run(PEER, "COMMIT");
}

/* ---- What is measured: seconds ---- */

struct work {
    const char *name, *goal;
    const char *sql[2];
    int by_name; /* runs once for each of so many names; otherwise once */
    int inside;  /* in a transaction that reads */
};

static double by_name(sqlite3_stmt *statement, int count)
{
    double start = timer_now();

    for (int i = 0; i < count; i++) {
        sqlite3_bind_text(statement, 1, names[i * 7 % NAMES], -1, SQLITE_STATIC);
        if (sqlite3_step(statement) != SQLITE_ROW || sqlite3_column_int64(statement, 0) < 1)
            fail("hit", sqlite3_errmsg(sqlite3_db_handle(statement)));
        sqlite3_reset(statement);
    }
    return timer_now() - start;
}

static double once(sqlite3_stmt *statement, double *answer)
{
    double start = timer_now();

    if (sqlite3_step(statement) != SQLITE_ROW)
        fail("scan", sqlite3_errmsg(sqlite3_db_handle(statement)));
    *answer = sqlite3_column_double(statement, 0);
    sqlite3_reset(statement);
    return timer_now() - start;
}

static double measure_side(const struct work *w, int side, int count, double *answer)
{
    sqlite3_stmt *statement = prepared(side, w->sql[side]);
    double seconds;

    if (w->inside)
        run(side, "BEGIN; SELECT count(*) FROM sqlite_schema");
    seconds = w->by_name ? by_name(statement, count) : once(statement, answer);
    if (w->inside)
        run(side, "COMMIT");
    sqlite3_finalize(statement);
    return seconds;
}

static void measure(const struct work *work, const struct sizes *sizes)
{
    struct workload w = {.name = work->name, .unit = "/s", .goal = work->goal, .rounds = sizes->rounds};
    double count = work->by_name ? sizes->hits : (double)sizes->elements, answers[2] = {0, 0};

    for (size_t r = 0; r < w.rounds; r++)
        for (size_t turn = 0; turn < 2; turn++) {
            int side = (int)((turn + r) % 2); /* who is first changes */
            double speed = count / measure_side(work, side, sizes->hits, &answers[side]);

            if (side == OURS)
                w.ours[r] = speed;
            else
                w.peer[r] = speed;
        }
    if (answers[OURS] != answers[PEER])
        fail(work->name, "the two sides have different answers");
    report_workload(&w);
}

int main(int argc, char **argv)
{
    static const struct work works[] = {
        {"sql: get_variable, a hit",
         ">= 0.7x",
         {"SELECT get_variable(?1)", "SELECT id FROM variables WHERE name = ?1"},
         1,
         0},
        {"sql: get_variable, a hit in a transaction",
         ">= 0.7x",
         {"SELECT get_variable(?1)", "SELECT id FROM variables WHERE name = ?1"},
         1,
         1},
        {"sql: sum of a column, elements",
         ">= 0.8x",
         {"SELECT sum(value) FROM tensor_each('large')", "SELECT sum(value) FROM elements"},
         0,
         0},
    };
    int is_quick = argc == 4 && strcmp(argv[3], "--quick") == 0;
    const struct sizes *sizes = is_quick ? &quick : &full;

    if (argc < 3 || argc > 4 || (argc == 4 && !is_quick)) {
        fprintf(stderr, "usage: bench_sql DIRECTORY EXTENSION [--quick]\n");
        return 2;
    }
    open_side(OURS, argv[1], "ours.db");
    open_side(PEER, argv[1], "peer.db");
    load(argv[2]);
    fill(sizes->elements);
    report_header("ordinary table (min-max)");
    for (size_t i = 0; i < sizeof works / sizeof *works; i++)
        measure(&works[i], sizes);
    sqlite3_close(sides[OURS]);
    sqlite3_close(sides[PEER]);
    return 0;
}
