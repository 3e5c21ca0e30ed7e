/*
 * bench_registry.c - the registry against hand-written C on raw SQLite.
 *
 *     bench_registry DIRECTORY VARSDB [--quick]
 *
 * Both sides store the same rows, with the same durability, in files of their own in
 * DIRECTORY, and take turns; each workload is a few rounds.  No figure makes it fail.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "file.h"
#include "peer_sqlite.h"
#include "process.h"
#include "report.h"
#include "tensors.h"
#include "timer.h"
#include "varsdb.h"

enum {
    NAME_ROOM = 48,
    SCOPE_SIZE = 100,
    BLOCK = 100,
    LARGE_BYTES = 1 << 20 /* of a large initial value */
};

struct sizes {
    size_t rounds;
    int names, hits, lone_hits; /* variables, and how often they are asked for */
    int creates;                /* each its own commit; a multiple of BLOCK */
    int batch, listed;
    int large; /* creates of LARGE_BYTES */
};

static const struct sizes full = {5, 10000, 200000, 100000, 2000, 50000, 100000, 100};
static const struct sizes quick = {3, 10000, 50000, 20000, 400, 10000, 20000, 20};

struct bench {
    char *directory, *command;
    struct sizes sizes;
    char (*names)[NAME_ROOM]; /* those that hits ask for */
    int *order;               /* which of them, one after the other */
};

static const char initializer[] = "random_normal(0,0.1)";
static const int64_t seed = 20;

static struct workload new_workload(const struct bench *bench, const char *name, const char *unit,
                                    const char *goal)
{
    return (struct workload){.name = name, .unit = unit, .goal = goal, .rounds = bench->sizes.rounds};
}

/* ---- Both sides ---- */

static varsdb *open_ours(const struct bench *bench)
{
    char path[FILE_PATH_ROOM];
    varsdb *db;

    file_fresh(bench->directory, "ours.db", path);
    must(db, varsdb_open(path, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE, .seed = &seed), &db));
    return db;
}

static struct peer *open_peer(const struct bench *bench, enum peer_names names)
{
    char path[FILE_PATH_ROOM];

    file_fresh(bench->directory, "peer.db", path);
    return peer_open(path, names);
}

static void full_name(char name[NAME_ROOM], int i)
{
    snprintf(name, NAME_ROOM, "model/layer_%d/weight_%d", i / SCOPE_SIZE, i);
}

static void create_ours(varsdb *db, int from, int to)
{
    const varsdb_variable_options *options =
        VARSDB_WITH(.shape = VARSDB_SHAPE(4), .dtype = VARSDB_FLOAT32, .initializer = initializer);
    const varsdb_variable *variable;
    char name[NAME_ROOM];

    for (int i = from; i < to; i++) {
        int created = 0;

        full_name(name, i);
        must(db, varsdb_get_variable(db, name, options, &created, &variable));
        if (!created)
            fail(name, "was to be created");
    }
}

/* The hand-written program knows when a new layer begins, and keeps the scope's id. */
static void create_peer(struct peer *peer, int from, int to, int64_t *scope_id, int each_commits)
{
    char name[NAME_ROOM], scope[NAME_ROOM];

    for (int i = from; i < to; i++) {
        snprintf(name, sizeof name, "weight_%d", i);
        if (each_commits)
            peer_begin_write(peer);
        if (i % SCOPE_SIZE == 0) {
            snprintf(scope, sizeof scope, "model/layer_%d", i / SCOPE_SIZE);
            *scope_id = peer_create_scope(peer, scope);
        }
        (void)peer_create(peer, *scope_id, name);
        if (each_commits)
            peer_commit(peer);
    }
}

/* ---- Hits ---- */

static double hits_ours(const struct bench *bench, varsdb *db, const varsdb_variable_options *options,
                        int count)
{
    const varsdb_variable *variable;
    double start = timer_now();

    for (int i = 0; i < count; i++)
        must(db, varsdb_get_variable(db, bench->names[bench->order[i]], options, NULL, &variable));
    return count / (timer_now() - start);
}

static double hits_peer(const struct bench *bench, struct peer *peer, int count)
{
    double start = timer_now();

    for (int i = 0; i < count; i++)
        (void)peer_find(peer, bench->names[bench->order[i]]);
    return count / (timer_now() - start);
}

static double hits_ours_inside(const struct bench *bench, varsdb *db, const varsdb_variable_options *options)
{
    double speed;

    must(db, varsdb_begin_read(db));
    speed = hits_ours(bench, db, options, bench->sizes.hits);
    must(db, varsdb_commit(db));
    return speed;
}

static double hits_peer_inside(const struct bench *bench, struct peer *peer)
{
    double speed;

    peer_begin_read(peer);
    speed = hits_peer(bench, peer, bench->sizes.hits);
    peer_commit(peer);
    return speed;
}

static void measure_hits(const struct bench *bench, varsdb *db, struct peer *peer)
{
    const varsdb_variable_options *with_shape = VARSDB_WITH(.shape = VARSDB_SHAPE(4));
    struct workload plain = new_workload(bench, "(a) hit in a transaction", "/s", ">= 5x");
    struct workload shaped = new_workload(bench, "(a) hit in a transaction, shape given", "/s", ">= 5x");
    struct workload lone = new_workload(bench, "(b) hit outside a transaction", "/s", ">= 0.9x");

    for (size_t r = 0; r < bench->sizes.rounds; r++) {
        plain.ours[r] = hits_ours_inside(bench, db, NULL);
        plain.peer[r] = hits_peer_inside(bench, peer);
        shaped.ours[r] = hits_ours_inside(bench, db, with_shape);
        shaped.peer[r] = hits_peer_inside(bench, peer);
        lone.ours[r] = hits_ours(bench, db, NULL, bench->sizes.lone_hits);
        lone.peer[r] = hits_peer(bench, peer, bench->sizes.lone_hits);
    }
    report_workload(&plain);
    report_workload(&shaped);
    report_workload(&lone);
}

static void bench_hits(struct bench *bench)
{
    varsdb *db = open_ours(bench);
    struct peer *peer = open_peer(bench, PEER_FULL_NAMES);
    uint64_t random = 1;

    bench->names = must_allocate((size_t)bench->sizes.names, sizeof *bench->names);
    bench->order = must_allocate((size_t)bench->sizes.hits, sizeof *bench->order);
    must(db, varsdb_begin(db));
    create_ours(db, 0, bench->sizes.names);
    must(db, varsdb_commit(db));
    peer_begin_write(peer);
    for (int i = 0; i < bench->sizes.names; i++) {
        full_name(bench->names[i], i);
        (void)peer_create(peer, 1, bench->names[i]);
    }
    peer_commit(peer);
    for (int i = 0; i < bench->sizes.hits; i++) {
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        bench->order[i] = (int)((random >> 33) % (uint64_t)bench->sizes.names);
    }
    report_conditions(bench->directory);
    printf("pages of %d bytes (ours) and %d bytes (raw)\n", peer_page_size(varsdb_path(db)),
           peer_page_size(peer_path(peer)));
    report_header("raw SQLite (min-max)");
    measure_hits(bench, db, peer);
    varsdb_close(db);
    peer_close(peer);
    free(bench->names);
    free(bench->order);
}

/* ---- Creates ---- */

static void bench_commits(const struct bench *bench)
{
    struct workload w = new_workload(bench, "(c) create, each its own durable commit", "/s", ">= 0.8x");
    varsdb *db = open_ours(bench);
    struct peer *peer = open_peer(bench, PEER_SCOPED_NAMES);
    int64_t scope_id = 0;
    int next = 0;

    for (size_t r = 0; r < bench->sizes.rounds; r++) {
        double ours = 0.0, theirs = 0.0;

        for (int end = next + bench->sizes.creates; next < end; next += BLOCK) {
            double start = timer_now(), middle;

            create_ours(db, next, next + BLOCK);
            middle = timer_now();
            create_peer(peer, next, next + BLOCK, &scope_id, 1);
            ours += middle - start;
            theirs += timer_now() - middle;
        }
        w.ours[r] = bench->sizes.creates / ours;
        w.peer[r] = bench->sizes.creates / theirs;
    }
    report_workload(&w);
    varsdb_close(db);
    peer_close(peer);
}

static double batch_ours(const struct bench *bench)
{
    varsdb *db = open_ours(bench);
    double start = timer_now(), speed;

    must(db, varsdb_begin(db));
    create_ours(db, 0, bench->sizes.batch);
    must(db, varsdb_commit(db));
    speed = bench->sizes.batch / (timer_now() - start);
    varsdb_close(db);
    return speed;
}

static double batch_peer(const struct bench *bench)
{
    struct peer *peer = open_peer(bench, PEER_SCOPED_NAMES);
    int64_t scope_id = 0;
    double start = timer_now(), speed;

    peer_begin_write(peer);
    create_peer(peer, 0, bench->sizes.batch, &scope_id, 0);
    peer_commit(peer);
    speed = bench->sizes.batch / (timer_now() - start);
    peer_close(peer);
    return speed;
}

static void bench_batch(const struct bench *bench)
{
    struct workload w = new_workload(bench, "(d) create, all in one transaction", "/s", ">= 0.6x");

    for (size_t r = 0; r < bench->sizes.rounds; r++) {
        w.ours[r] = batch_ours(bench);
        w.peer[r] = batch_peer(bench);
    }
    report_workload(&w);
}

/* ---- Creates with large initial values ---- */

struct large {
    const struct bench *bench;
    varsdb *db;
    struct peer *peer;
    struct tensors *value; /* one that nobody had before, each time */
    int64_t scope_id;
    int next;
};

static void create_large_ours(struct large *large, int is_given)
{
    varsdb_variable_options options =
        *VARSDB_WITH(.shape = VARSDB_SHAPE(LARGE_BYTES / (int64_t)sizeof(float)), .dtype = VARSDB_FLOAT32,
                     .initializer = initializer);
    const varsdb_variable *variable;
    char name[NAME_ROOM];

    snprintf(name, sizeof name, "large/weight_%d", large->next++);
    if (is_given) {
        tensors_change(large->value, 0, 1);
        options.initializer = NULL;
        options.value = large->value->data[0];
        options.value_bytes = LARGE_BYTES;
    }
    must(large->db, varsdb_get_variable(large->db, name, &options, NULL, &variable));
}

static void create_large_peer(struct large *large)
{
    char name[NAME_ROOM];

    snprintf(name, sizeof name, "weight_%d", large->next++);
    tensors_change(large->value, 0, 1);
    (void)peer_create_with(large->peer, large->scope_id, name, large->value->data[0], LARGE_BYTES);
}

static double large_ours(struct large *large, int in_one, int is_given)
{
    double start = timer_now();

    if (in_one)
        must(large->db, varsdb_begin(large->db));
    for (int i = 0; i < large->bench->sizes.large; i++)
        create_large_ours(large, is_given);
    if (in_one)
        must(large->db, varsdb_commit(large->db));
    return large->bench->sizes.large / (timer_now() - start);
}

static double large_peer(struct large *large, int in_one)
{
    double start = timer_now();

    for (int i = 0; i < large->bench->sizes.large; i++) {
        if (!in_one || i == 0)
            peer_begin_write(large->peer);
        create_large_peer(large);
        if (!in_one || i == large->bench->sizes.large - 1)
            peer_commit(large->peer);
    }
    return large->bench->sizes.large / (timer_now() - start);
}

/* By hand the value is one blob, and whoever made it up has it already. */
static void bench_large(const struct bench *bench)
{
    struct workload alone =
        new_workload(bench, "(f) create with 1 MiB given, each its own commit", "/s", "-");
    struct workload in_one = new_workload(bench, "(g) create with 1 MiB given, all in one", "/s", "-");
    struct workload made =
        new_workload(bench, "(h) create with 1 MiB of random_normal, each its own", "/s", "-");
    struct large large = {.bench = bench,
                          .db = open_ours(bench),
                          .peer = open_peer(bench, PEER_SCOPED_NAMES),
                          .value = tensors_new(1, LARGE_BYTES, 1)};

    peer_begin_write(large.peer);
    large.scope_id = peer_create_scope(large.peer, "large");
    peer_commit(large.peer);
    for (size_t r = 0; r < bench->sizes.rounds; r++) {
        alone.ours[r] = large_ours(&large, 0, 1);
        alone.peer[r] = made.peer[r] = large_peer(&large, 0);
        in_one.ours[r] = large_ours(&large, 1, 1);
        in_one.peer[r] = large_peer(&large, 1);
        made.ours[r] = large_ours(&large, 0, 0);
    }
    report_workload(&alone);
    report_workload(&in_one);
    report_workload(&made);
    varsdb_close(large.db);
    peer_close(large.peer);
    tensors_free(large.value);
}

/* ---- Listing ---- */

static void bench_listing(const struct bench *bench)
{
    struct workload w = new_workload(bench, "(e) ls --json, whole process", "s", "<= 1.5x");
    varsdb *db = open_ours(bench);
    char path[FILE_PATH_ROOM];

    file_path(bench->directory, "ours.db", path);
    must(db, varsdb_begin(db));
    create_ours(db, 0, bench->sizes.listed);
    must(db, varsdb_commit(db));
    varsdb_close(db);
    for (size_t r = 0; r < w.rounds; r++) {
        w.ours[r] = process_seconds((char *const[]){bench->command, "ls", path, "--json", NULL});
        w.peer[r] =
            process_seconds((char *const[]){"sqlite3", "-json", path, "SELECT * FROM variables", NULL});
    }
    report_workload(&w);
}

int main(int argc, char **argv)
{
    struct bench bench = {0};
    int is_quick = argc == 4 && strcmp(argv[3], "--quick") == 0;

    if (argc < 3 || argc > 4 || (argc == 4 && !is_quick)) {
        fprintf(stderr, "usage: bench_registry DIRECTORY VARSDB [--quick]\n");
        return 2;
    }
    bench.directory = argv[1];
    bench.command = argv[2];
    bench.sizes = is_quick ? quick : full;
    bench_hits(&bench);
    bench_commits(&bench);
    bench_batch(&bench);
    bench_large(&bench);
    bench_listing(&bench);
    printf("\n%zu rounds; %d names for hits, %d creates a round for (c), %d for (d), %d variables for (e), "
           "%d creates for each of (f) to (h)\n",
           bench.sizes.rounds, bench.sizes.names, bench.sizes.creates, bench.sizes.batch, bench.sizes.listed,
           bench.sizes.large);
    return 0;
}
