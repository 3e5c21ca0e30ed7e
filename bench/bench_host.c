/*
 * bench_host.c - a registry on a host's connection against the library's own.
 *
 *     bench_host DIRECTORY [--quick]
 *
 * Both are registries of the library in files of their own in DIRECTORY; the host's connection has the
 * settings of ours.  They take turns; each workload is a few rounds.  No figure makes it fail.
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
#include "varsdb.h"

enum {
    NAME_ROOM = 48,
    NAMES = 2000,
    LARGE = 8 << 20
};

struct sizes {
    size_t rounds;
    int hits, creates, batch, saves;
};

static const struct sizes full = {9, 400000, 500, 20000, 8};
static const struct sizes quick = {3, 50000, 100, 2000, 2};

struct side {
    sqlite3 *host; /* NULL: the library's own connection */
    varsdb *db;
    int made;
};

static struct side sides[2]; /* the host's, the library's */
static char names[NAMES][NAME_ROOM];

static sqlite3 *open_host(const char *path)
{
    sqlite3 *host;

    if (sqlite3_open(path, &host) != SQLITE_OK ||
        sqlite3_exec(host,
                     "PRAGMA page_size=16384; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL;"
                     "PRAGMA synchronous=FULL; PRAGMA secure_delete=OFF; PRAGMA cache_size=-16384;"
                     "PRAGMA wal_autocheckpoint=0; PRAGMA busy_timeout=60000",
                     NULL, NULL, NULL) != SQLITE_OK)
        fail(path, sqlite3_errmsg(host));
    return host;
}

static void open_sides(const char *directory)
{
    const varsdb_open_options *options = VARSDB_OPEN(.flags = VARSDB_CREATE_FILE);
    char path[FILE_PATH_ROOM];

    file_fresh(directory, "host.db", path);
    sides[0].host = open_host(path);
    must(sides[0].db, varsdb_open_on(sides[0].host, "main", options, NULL, &sides[0].db));
    file_fresh(directory, "own.db", path);
    must(sides[1].db, varsdb_open(path, options, &sides[1].db));
}

static void create(struct side *side, int count)
{
    const varsdb_variable_options *options = VARSDB_WITH(.shape = VARSDB_SHAPE(4));
    const varsdb_variable *variable;
    char name[NAME_ROOM];

    for (int end = side->made + count; side->made < end; side->made++) {
        snprintf(name, sizeof name, "model/layer_%d/weight_%d", side->made / 100, side->made);
        must(side->db, varsdb_get_variable(side->db, name, options, NULL, &variable));
    }
}

/* ---- What is measured: seconds ---- */

static double hit(struct side *side, int count)
{
    const varsdb_variable *variable;
    double start = timer_now();

    for (int i = 0; i < count; i++)
        must(side->db, varsdb_get_variable(side->db, names[i * 7 % NAMES], NULL, NULL, &variable));
    return timer_now() - start;
}

static double hit_inside(struct side *side, int count)
{
    double seconds;

    must(side->db, varsdb_begin_read(side->db));
    seconds = hit(side, count);
    must(side->db, varsdb_commit(side->db));
    return seconds;
}

static double create_each(struct side *side, int count)
{
    double start = timer_now();

    create(side, count);
    return timer_now() - start;
}

static double create_batch(struct side *side, int count)
{
    double start = timer_now();

    must(side->db, varsdb_begin(side->db));
    create(side, count);
    must(side->db, varsdb_commit(side->db));
    return timer_now() - start;
}

static double save(struct side *side, int count)
{
    static unsigned char bytes[LARGE];
    const varsdb_variable *variable;
    double start;

    must(side->db, varsdb_get_variable(side->db, "large",
                                       VARSDB_WITH(.shape = VARSDB_SHAPE(LARGE), .dtype = VARSDB_UINT8,
                                                   .initializer = "none"),
                                       NULL, &variable));
    start = timer_now();
    for (int i = 0; i < count; i++) {
        for (size_t k = 0; k < LARGE; k += 512)
            bytes[k] = (unsigned char)(bytes[k] + k / 512 + 1);
        must(side->db, varsdb_assign(side->db, variable, bytes, LARGE));
    }
    return timer_now() - start;
}

/* Both begin with a log that is copied, and that is written over from its start. */
static void copy_log(struct side *side)
{
    if (!side->host)
        must(side->db, varsdb_checkpoint(side->db));
    else if (sqlite3_wal_checkpoint_v2(side->host, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL) !=
             SQLITE_OK)
        fail("checkpoint", sqlite3_errmsg(side->host));
}

static void measure(const struct sizes *sizes, const char *name, double (*work)(struct side *, int),
                    int count)
{
    struct workload w = {.name = name, .unit = "/s", .goal = ">= 0.9x", .rounds = sizes->rounds};

    for (size_t r = 0; r < w.rounds; r++)
        for (size_t turn = 0; turn < 2; turn++) {
            size_t i = (turn + r) % 2; /* who is first changes */
            double speed;

            copy_log(&sides[i]);
            speed = count / work(&sides[i], count);
            if (i == 0)
                w.ours[r] = speed;
            else
                w.peer[r] = speed;
        }
    report_workload(&w);
}

int main(int argc, char **argv)
{
    int is_quick = argc == 3 && strcmp(argv[2], "--quick") == 0;
    const struct sizes *sizes = is_quick ? &quick : &full;

    if (argc < 2 || argc > 3 || (argc == 3 && !is_quick)) {
        fprintf(stderr, "usage: bench_host DIRECTORY [--quick]\n");
        return 2;
    }
    open_sides(argv[1]);
    report_header("library's own (min-max)");
    for (int i = 0; i < 2; i++) {
        must(sides[i].db, varsdb_begin(sides[i].db));
        create(&sides[i], NAMES);
        must(sides[i].db, varsdb_commit(sides[i].db));
    }
    for (int i = 0; i < NAMES; i++)
        snprintf(names[i], NAME_ROOM, "model/layer_%d/weight_%d", i / 100, i);
    measure(sizes, "host: hit in a transaction", hit_inside, sizes->hits);
    measure(sizes, "host: hit outside a transaction", hit, sizes->hits / 4);
    measure(sizes, "host: create, each its own durable commit", create_each, sizes->creates);
    measure(sizes, "host: create, all in one transaction", create_batch, sizes->batch);
    measure(sizes, "host: assign 8 MiB", save, sizes->saves);
    for (int i = 0; i < 2; i++) {
        varsdb_close(sides[i].db);
        sqlite3_close(sides[i].host);
    }
    return 0;
}
