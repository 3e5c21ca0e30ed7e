/*
 * mixed.c - processes that write, read and save in one registry at once, and one that writes by hand.
 */
#include "mixed.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "actor.h"
#include "fail.h"
#include "file.h"
#include "peer_sqlite.h"
#include "population.h"
#include "report.h"
#include "timer.h"

enum {
    WRITERS = 8,
    READERS = 4,
    CROWD_MAX = WRITERS + READERS + 1,
    NAME_ROOM = 64
};

static const char *const kind_names[MIXED_KINDS] = {"create", "assign", "get", "read", "save of 64 MiB"};

struct mixed {
    const char *directory;
    char *self, path[FILE_PATH_ROOM];
    double seconds; /* of a round */
    struct samples waits[MIXED_KINDS];
    double written[WRITERS]; /* commits of each in the last round */
};

/* ---- The others ---- */

static void make_registry(struct mixed *mixed)
{
    const varsdb_variable *variable;
    char name[NAME_ROOM];
    varsdb *db;

    file_fresh(mixed->directory, "mixed.db", mixed->path);
    file_settle(mixed->directory);
    must(db, varsdb_open(mixed->path, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &db));
    must(db, varsdb_begin(db));
    for (int i = 0; i < MIXED_BASE; i++) {
        mixed_base_name(name, sizeof name, i);
        must(db, varsdb_get_variable(db, name, population_options, NULL, &variable));
    }
    must(db, varsdb_commit(db));
    varsdb_close(db);
}

struct crowd {
    struct process *members[CROWD_MAX];
    int count;
};

/* How many waits it tells of; they go to those of its kinds. */
static double hear(struct mixed *mixed, struct process *process)
{
    double count = 0.0;
    char line[64];

    while (process_hear(process, line, sizeof line) && strcmp(line, "end") != 0) {
        char *end;
        unsigned long kind = strtoul(line, &end, 10);

        if (kind >= MIXED_KINDS || end == line)
            fail("mixed", line);
        samples_add(&mixed->waits[kind], strtod(end, NULL));
        count += 1.0;
    }
    process_end(process);
    return count;
}

static void add(const struct mixed *mixed, struct crowd *crowd, const char *kind, int count)
{
    char number[16];

    for (; count > 0; count--) {
        snprintf(number, sizeof number, "%d", crowd->count);
        crowd->members[crowd->count++] = actor_start(mixed->self, kind, mixed->path, number);
    }
}

/* Commits a second of all writers, who are the first. */
static double run(struct mixed *mixed, struct crowd *of)
{
    struct process **crowd = of->members;
    double start = timer_now(), total = 0.0;
    int count = of->count;

    for (int i = 0; i < count; i++)
        actor_go(crowd[i]);
    timer_sleep(mixed->seconds);
    for (int i = 0; i < count; i++)
        actor_stop(crowd[i]);
    start = timer_now() - start;
    for (int i = 0; i < count; i++) {
        double waits = hear(mixed, crowd[i]);

        if (i < WRITERS)
            total += mixed->written[i] = waits;
    }
    return total / start;
}

static double run_ours(struct mixed *mixed, int is_saved)
{
    struct crowd crowd = {.count = 0};

    make_registry(mixed);
    add(mixed, &crowd, "writer", WRITERS);
    add(mixed, &crowd, "reader", READERS);
    add(mixed, &crowd, "saver", is_saved);
    return run(mixed, &crowd);
}

/* ---- The one by hand ---- */

static double run_raw(const struct mixed *mixed)
{
    char path[FILE_PATH_ROOM], name[NAME_ROOM];
    double start, count = 0.0;
    struct peer *peer;
    int64_t scope;

    file_fresh(mixed->directory, "raw.db", path);
    file_settle(mixed->directory);
    peer = peer_open(path, PEER_SCOPED_NAMES);
    scope = peer_create_scope(peer, "writer");
    start = timer_now();
    while (timer_now() - start < mixed->seconds) {
        snprintf(name, sizeof name, "weights_%.0f", count);
        peer_begin_write(peer);
        (void)peer_create(peer, scope, name);
        peer_commit(peer);
        count += 1.0;
    }
    count /= timer_now() - start;
    peer_close(peer);
    file_fresh(mixed->directory, "raw.db", path);
    return count;
}

/* As many processes as ours, none of which reads. */
static double run_raw_crowd(struct mixed *mixed)
{
    struct crowd crowd = {.count = 0};

    file_fresh(mixed->directory, "mixed.db", mixed->path);
    file_settle(mixed->directory);
    peer_close(peer_open(mixed->path, PEER_SCOPED_NAMES));
    add(mixed, &crowd, "raw writer", WRITERS);
    return run(mixed, &crowd);
}

/* ---- What is told ---- */

static void note_waits(struct mixed *mixed)
{
    for (int kind = 0; kind < MIXED_KINDS; kind++) {
        static const double percents[] = {50.0, 90.0, 99.0, 99.9, 100.0};
        struct samples *waits = &mixed->waits[kind];
        double at[5];

        if (waits->count == 0)
            continue;
        for (size_t i = 0; i < 5; i++)
            at[i] = 1e3 * timer_percentile(waits->values, waits->count, percents[i]);
        report_note("%-14s %8zu times, ms: p50 %.3f, p90 %.3f, p99 %.3f, p99.9 %.3f, max %.3f; p99 is %.0fx "
                    "the median",
                    kind_names[kind], waits->count, at[0], at[1], at[2], at[3], at[4], at[2] / at[0]);
    }
}

static void forget_waits(struct mixed *mixed)
{
    for (int kind = 0; kind < MIXED_KINDS; kind++) {
        free(mixed->waits[kind].values);
        mixed->waits[kind] = (struct samples){0};
    }
}

static void measure(struct mixed *mixed, int is_saved, const char *total_name, const char *fair_name,
                    size_t rounds)
{
    struct workload total = {
        .name = total_name, .unit = "/s", .goal = is_saved ? "-" : ">= 0.8x", .rounds = rounds};
    struct workload fair = {.name = fair_name, .unit = "", .goal = ">= 0.25x", .rounds = rounds};

    for (size_t r = 0; r < rounds; r++) {
        struct summary writers;

        total.ours[r] = run_ours(mixed, is_saved);
        total.peer[r] = run_raw(mixed);
        writers = timer_summarize(mixed->written, WRITERS);
        fair.ours[r] = writers.min;
        fair.peer[r] = writers.median;
    }
    report_workload(&total);
    report_workload(&fair);
    note_waits(mixed);
    forget_waits(mixed);
}

/* By hand, one of them has the lock most of the time, and the others sleep for longer and longer. */
static void measure_raw_crowd(struct mixed *mixed, size_t rounds)
{
    struct workload total = {
        .name = "(m) commits of 8 raw writers, no readers", .unit = "/s", .goal = "-", .rounds = rounds};
    struct workload served = {.name = "(m) those of them with a 50th of all commits or more",
                              .unit = "",
                              .goal = "-",
                              .rounds = rounds};

    for (size_t r = 0; r < rounds; r++) {
        double all = 0.0;

        total.ours[r] = run_raw_crowd(mixed);
        total.peer[r] = run_raw(mixed);
        for (int i = 0; i < WRITERS; i++)
            all += mixed->written[i];
        for (int i = 0; i < WRITERS; i++)
            served.ours[r] += mixed->written[i] * 50.0 >= all;
    }
    report_workload(&total);
    report_figure(&served);
    note_waits(mixed);
    forget_waits(mixed);
}

void bench_mixed(const char *directory, char *self, int is_quick)
{
    struct mixed mixed = {.directory = directory, .self = self, .seconds = is_quick ? 2.0 : 5.0};
    size_t rounds = is_quick ? 1 : 3;

    report_header("one raw writer, alone");
    measure(&mixed, 0, "(m) commits of 8 writers beside 4 readers", "(m) commits, the fewest / the median",
            rounds);
    measure_raw_crowd(&mixed, rounds);
    measure(&mixed, 1, "(m) the same beside a saver too", "(m) commits, the fewest / the median", rounds);
    report_note(
        "creates and assigns of 16 bytes by turns, without a pause; readers rest 1 ms; the saver saves "
        "8 tensors of 8 MiB without a pause; %.0f s a round",
        mixed.seconds);
    file_fresh(directory, "mixed.db", mixed.path);
}
