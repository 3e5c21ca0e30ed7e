/*
 * hits.c - many processes that ask for variables which are there, all at once.
 */
#include "hits.h"

#include <stdint.h>
#include <stdio.h>

#include "actor.h"
#include "fail.h"
#include "file.h"
#include "peer_sqlite.h"
#include "population.h"
#include "report.h"
#include "timer.h"

enum {
    CROWD = 8,
    NAME_ROOM = 80
};

struct hits {
    const char *directory;
    char *self;
    size_t rounds;
    double seconds; /* of a round */
    struct population population;
    char peer_path[FILE_PATH_ROOM];
    int64_t peer_count;
    struct process *ours[CROWD], *peers[CROWD];
};

/* The same variables by hand. */
static void grow_peer(struct hits *hits, int64_t count)
{
    struct peer *peer = peer_open(hits->peer_path, PEER_FULL_NAMES);
    char name[POPULATION_NAME_ROOM];

    peer_begin_write(peer);
    for (; hits->peer_count < count; hits->peer_count++) {
        population_name(name, hits->peer_count);
        (void)peer_create(peer, 1, name);
    }
    peer_commit(peer);
    peer_close(peer);
}

static void start_crowds(struct hits *hits)
{
    char count[24];

    snprintf(count, sizeof count, "%lld", (long long)hits->population.count);
    for (int i = 0; i < CROWD; i++) {
        hits->ours[i] = actor_start(hits->self, "hits of ours", hits->population.path, count);
        hits->peers[i] = actor_start(hits->self, "hits by hand", hits->peer_path, count);
    }
}

static void end_crowds(struct hits *hits)
{
    for (int i = 0; i < CROWD; i++) {
        process_say(hits->ours[i], "end");
        process_end(hits->ours[i]);
        process_say(hits->peers[i], "end");
        process_end(hits->peers[i]);
    }
}

/* Hits a second of the first `size` of a crowd together. */
static double ask(const struct hits *hits, struct process *const *crowd, int size, const char *how)
{
    double total = 0.0;

    for (int i = 0; i < size; i++)
        process_say(crowd[i], how);
    timer_sleep(hits->seconds);
    for (int i = 0; i < size; i++)
        actor_stop(crowd[i]);
    for (int i = 0; i < size; i++) {
        double told[2];

        process_hear_numbers(crowd[i], told, 2);
        total += told[0] / told[1];
    }
    return total;
}

static void measure(const struct hits *hits, const char *label, int size, int is_inside)
{
    char name[NAME_ROOM];
    struct workload w = {
        .name = name, .unit = "/s", .goal = is_inside ? ">= 5x" : ">= 0.9x", .rounds = hits->rounds};
    const char *how = is_inside ? "in" : "out";

    snprintf(name, sizeof name, "(h) hits %sside a transaction, %d process%s, of %s", how, size,
             size > 1 ? "es" : "", label);
    for (size_t r = 0; r < w.rounds; r++) {
        w.ours[r] = ask(hits, hits->ours, size, how);
        w.peer[r] = ask(hits, hits->peers, size, how);
    }
    report_workload(&w);
}

void bench_hits(const char *directory, char *self, int is_quick)
{
    static const struct {
        int64_t count;
        const char *label;
    } whole[] = {{1, "1"}, {1000, "10^3"}, {100000, "10^5"}, {1000000, "10^6"}},
      quick[] = {{1, "1"}, {1000, "10^3"}, {10000, "10^4"}};
    const size_t sizes = is_quick ? sizeof quick / sizeof *quick : sizeof whole / sizeof *whole;
    struct hits hits = {
        .directory = directory, .self = self, .rounds = is_quick ? 1 : 5, .seconds = is_quick ? 0.05 : 0.5};

    population_begin(&hits.population, directory);
    file_fresh(directory, "peer.db", hits.peer_path);
    report_header("raw SQLite (min-max)");
    for (size_t i = 0; i < sizes; i++) {
        const char *label = is_quick ? quick[i].label : whole[i].label;

        population_grow(&hits.population, is_quick ? quick[i].count : whole[i].count);
        grow_peer(&hits, hits.population.count);
        start_crowds(&hits);
        for (int size = 1; size <= CROWD; size *= 2) {
            measure(&hits, label, size, 1);
            measure(&hits, label, size, 0);
        }
        end_crowds(&hits);
    }
    report_note("a second of all processes together, of so many variables; each asks for up to 100,000 names "
                "in random order, which it has asked for before; by hand: a prepared SELECT; %.2f s a round",
                hits.seconds);
    population_end(&hits.population, directory);
    file_fresh(directory, "peer.db", hits.peer_path);
}
