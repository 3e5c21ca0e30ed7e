/*
 * mixed_actor.c - the processes of mixed.c.
 */
#include "mixed_actor.h"

#include <stdlib.h>
#include <string.h>

#include "actor.h"
#include "fail.h"
#include "mixed.h"
#include "ours.h"
#include "peer_sqlite.h"
#include "population.h"
#include "timer.h"

enum {
    NAME_ROOM = 64,
    SAVED = 8,
    SAVED_BYTES = 8 << 20
};

static void tell(struct samples waits[MIXED_KINDS])
{
    for (int kind = 0; kind < MIXED_KINDS; kind++) {
        for (size_t i = 0; i < waits[kind].count; i++)
            printf("%d %.9f\n", kind, waits[kind].values[i]);
        free(waits[kind].values);
    }
    puts("end");
}

static void be_writer(const char *path, const char *number, struct samples waits[MIXED_KINDS])
{
    struct ours *ours = ours_open(path, 0);
    float value[POPULATION_ELEMENTS] = {strtof(number, NULL)};
    const varsdb_variable *variable;
    char name[NAME_ROOM];

    actor_wait();
    while (!actor_is_stopped()) {
        double start;

        snprintf(name, sizeof name, "writer_%s/weights_%zu", number, waits[MIXED_CREATE].count);
        start = timer_now();
        must(ours->db, varsdb_get_variable(ours->db, name, population_options, NULL, &variable));
        samples_add(&waits[MIXED_CREATE], timer_now() - start);
        value[1] += 1.0F; /* a value that nobody else has */
        start = timer_now();
        must(ours->db, varsdb_assign(ours->db, variable, value, sizeof value));
        samples_add(&waits[MIXED_ASSIGN], timer_now() - start);
    }
    ours_close(ours);
}

static void be_raw_writer(const char *path, const char *number, struct samples waits[MIXED_KINDS])
{
    struct peer *peer = peer_open(path, PEER_SCOPED_NAMES);
    char name[NAME_ROOM];
    int64_t scope;

    peer_join(peer, (int)strtol(number, NULL, 10) + 1);
    actor_wait();
    snprintf(name, sizeof name, "writer_%s", number);
    scope = peer_create_scope(peer, name);
    while (!actor_is_stopped()) {
        double start = timer_now();

        snprintf(name, sizeof name, "weights_%zu", waits[MIXED_CREATE].count);
        peer_begin_write(peer);
        (void)peer_create(peer, scope, name);
        peer_commit(peer);
        samples_add(&waits[MIXED_CREATE], timer_now() - start);
    }
    peer_close(peer);
}

static void be_reader(const char *path, const char *number, struct samples waits[MIXED_KINDS])
{
    struct ours *ours = ours_open(path, VARSDB_READ_ONLY);
    uint64_t random = strtoul(number, NULL, 10);
    float value[POPULATION_ELEMENTS];
    const varsdb_variable *variable;
    char name[NAME_ROOM];

    actor_wait();
    while (!actor_is_stopped()) {
        double start;

        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        mixed_base_name(name, sizeof name, (int)((random >> 33) % MIXED_BASE));
        start = timer_now();
        must(ours->db, varsdb_get_variable(ours->db, name, NULL, NULL, &variable));
        samples_add(&waits[MIXED_GET], timer_now() - start);
        start = timer_now();
        must(ours->db, varsdb_read(ours->db, variable, value, sizeof value));
        samples_add(&waits[MIXED_READ], timer_now() - start);
        timer_sleep(0.001);
    }
    ours_close(ours);
}

static void be_saver(const char *path, struct samples waits[MIXED_KINDS])
{
    struct tensors *tensors = tensors_new(SAVED, SAVED_BYTES, 1);
    struct ours *ours = ours_open(path, 0);

    ours_create(ours, tensors, 0);
    actor_wait();
    while (!actor_is_stopped()) {
        double start;

        tensors_change(tensors, 0, SAVED);
        start = timer_now();
        ours_assign(ours, tensors, 0, SAVED);
        samples_add(&waits[MIXED_SAVE], timer_now() - start);
    }
    ours_close(ours);
    tensors_free(tensors);
}

int mixed_actor_main(int argc, char **argv)
{
    struct samples waits[MIXED_KINDS] = {{0}};

    if (argc != 3)
        return 2;
    if (strcmp(argv[0], "writer") == 0)
        be_writer(argv[1], argv[2], waits);
    else if (strcmp(argv[0], "raw writer") == 0)
        be_raw_writer(argv[1], argv[2], waits);
    else if (strcmp(argv[0], "reader") == 0)
        be_reader(argv[1], argv[2], waits);
    else if (strcmp(argv[0], "saver") == 0)
        be_saver(argv[1], waits);
    else
        return 2;
    tell(waits);
    return 0;
}
