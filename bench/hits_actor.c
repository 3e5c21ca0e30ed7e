/*
 * hits_actor.c - the processes of hits.c.
 */
#include "hits_actor.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actor.h"
#include "fail.h"
#include "ours.h"
#include "peer_sqlite.h"
#include "population.h"
#include "timer.h"

enum {
    ASKED_MAX = 100000,
    BATCH = 200 /* hits between two looks at what it is told */
};

/* Ours, or the peer. */
struct asker {
    struct ours *ours;
    struct peer *peer;
    size_t count; /* names */
    char (*names)[POPULATION_NAME_ROOM];
};

/* All of them, or as many from all over the registry, in random order. */
static void draw_names(struct asker *asker, int64_t there)
{
    uint64_t random = (uint64_t)getpid();
    int64_t stride;

    asker->count = there < ASKED_MAX ? (size_t)there : ASKED_MAX;
    asker->names = must_allocate(asker->count, sizeof *asker->names);
    stride = there / (int64_t)asker->count;
    for (size_t i = 0; i < asker->count; i++)
        population_name(asker->names[i], (int64_t)i * stride);
    for (size_t i = asker->count - 1; i > 0; i--) {
        char kept[POPULATION_NAME_ROOM];
        size_t other;

        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        other = (size_t)((random >> 33) % (i + 1));
        memcpy(kept, asker->names[i], sizeof kept);
        memcpy(asker->names[i], asker->names[other], sizeof kept);
        memcpy(asker->names[other], kept, sizeof kept);
    }
}

static void begin(const struct asker *asker)
{
    if (asker->peer != NULL)
        peer_begin_read(asker->peer);
    else
        must(asker->ours->db, varsdb_begin_read(asker->ours->db));
}

static void commit(const struct asker *asker)
{
    if (asker->peer != NULL)
        peer_commit(asker->peer);
    else
        must(asker->ours->db, varsdb_commit(asker->ours->db));
}

/* The next so many names, from number `from` on; returns where it stopped. */
static size_t ask(const struct asker *asker, size_t from, size_t count)
{
    const varsdb_variable *variable;

    for (; count > 0; count--, from = from + 1 < asker->count ? from + 1 : 0)
        if (asker->peer != NULL)
            (void)peer_find(asker->peer, asker->names[from]);
        else
            must(asker->ours->db,
                 varsdb_get_variable(asker->ours->db, asker->names[from], NULL, NULL, &variable));
    return from;
}

static void ask_until_stopped(const struct asker *asker, int is_inside)
{
    double start = timer_now(), done = 0.0;
    size_t next = 0;

    if (is_inside)
        begin(asker);
    do {
        next = ask(asker, next, BATCH);
        done += BATCH;
    } while (!actor_is_stopped());
    printf("%.0f %.9f\n", done, timer_now() - start);
    fflush(stdout);
    if (is_inside)
        commit(asker);
}

int hits_is_actor(const char *kind)
{
    return strncmp(kind, "hits ", 5) == 0;
}

int hits_actor_main(int argc, char **argv)
{
    struct asker asker = {0};
    char line[16];

    if (argc != 3)
        return 2;
    /* What it has not read yet must be seen by poll. */
    (void)setvbuf(stdin, NULL, _IONBF, 0);
    draw_names(&asker, strtoll(argv[2], NULL, 10));
    if (strcmp(argv[0], "hits of ours") == 0)
        asker.ours = ours_open(argv[1], VARSDB_READ_ONLY);
    else
        asker.peer = peer_open(argv[1], PEER_FULL_NAMES);
    begin(&asker);
    (void)ask(&asker, 0, asker.count);
    commit(&asker);
    puts("ready");
    fflush(stdout);
    while (fgets(line, sizeof line, stdin) != NULL && strcmp(line, "end\n") != 0) {
        ask_until_stopped(&asker, strcmp(line, "in\n") == 0);
        if (fgets(line, sizeof line, stdin) == NULL)
            break;
    }
    if (asker.ours != NULL)
        ours_close(asker.ours);
    peer_close(asker.peer);
    free(asker.names);
    return 0;
}
