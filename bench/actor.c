/*
 * actor.c - what other processes do while a workload is measured.
 */
#include "actor.h"

#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fail.h"
#include "ours.h"
#include "peak.h"
#include "stream.h"
#include "timer.h"

enum {
    SAMPLE_BYTES = 1 << 20,
    HITS = 20,
    NAME_ROOM = 64
};

/* ---- The side that starts it ---- */

struct process *actor_start(const char *self, const char *kind, const char *path, const char *argument)
{
    char *argv[] = {(char *)self, "--actor", (char *)kind, (char *)path, (char *)argument, NULL};
    struct process *actor = process_start(argv);
    char line[16];

    if (actor == NULL)
        fail(self, "is not there");
    if (!process_hear(actor, line, sizeof line) || strcmp(line, "ready") != 0)
        fail(kind, "did not start");
    return actor;
}

void actor_go(struct process *actor)
{
    process_say(actor, "go");
}

void actor_stop(struct process *actor)
{
    process_say(actor, "stop");
}

void actor_hear(struct process *actor, double *numbers, size_t count)
{
    process_hear_numbers(actor, numbers, count);
    process_end(actor);
}

/* ---- The actor ---- */

void actor_wait(void)
{
    char line[16];

    puts("ready");
    fflush(stdout);
    if (fgets(line, sizeof line, stdin) == NULL)
        exit(1);
}

/* Whether there is another line, or nobody is there any more. */
int actor_is_stopped(void)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};

    return poll(&in, 1, 0) != 0;
}

static void tell_waits(struct samples *waits)
{
    double p99 = 0.0, longest = 0.0;

    if (waits->count > 0) {
        p99 = timer_percentile(waits->values, waits->count, 99.0);
        longest = waits->values[waits->count - 1];
    }
    printf("%zu %.9f %.9f\n", waits->count, p99, longest);
    free(waits->values);
}

static void be_reader(const char *path, size_t count)
{
    unsigned char *buffer = must_allocate(1, SAMPLE_BYTES);
    struct ours *ours = ours_open(path, VARSDB_READ_ONLY);
    uint64_t random = (uint64_t)getpid(), reads = 0;

    ours_find(ours, count);
    actor_wait();
    for (; !actor_is_stopped(); reads++) {
        const varsdb_variable *variable, *found;

        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        variable = ours->variables[(random >> 33) % count];
        must(ours->db, varsdb_read_range(ours->db, variable, 0, buffer, SAMPLE_BYTES));
        for (int i = 0; i < HITS; i++)
            must(ours->db, varsdb_find_variable(ours->db, varsdb_variable_name(variable), &found));
        timer_sleep(0.010);
    }
    printf("%llu\n", (unsigned long long)reads);
    ours_close(ours);
    free(buffer);
}

static void be_sampler(const char *path)
{
    unsigned char *buffer = must_allocate(1, SAMPLE_BYTES);
    struct ours *ours = ours_open(path, VARSDB_READ_ONLY);
    struct samples waits = {0};
    const varsdb_variable *variable;

    must(ours->db, varsdb_find_variable(ours->db, "sample", &variable));
    actor_wait();
    while (!actor_is_stopped()) {
        double start = timer_now();

        must(ours->db, varsdb_read(ours->db, variable, buffer, SAMPLE_BYTES));
        samples_add(&waits, timer_now() - start);
        timer_sleep(0.001);
    }
    tell_waits(&waits);
    ours_close(ours);
    free(buffer);
}

static void be_creator(const char *path, const char *scope)
{
    const varsdb_variable_options *options =
        VARSDB_WITH(.shape = VARSDB_SHAPE(4), .dtype = VARSDB_FLOAT32, .reuse = VARSDB_CREATE);
    struct ours *ours = ours_open(path, 0);
    struct samples waits = {0};
    const varsdb_variable *variable;
    char name[NAME_ROOM];

    actor_wait();
    while (!actor_is_stopped()) {
        double start;

        snprintf(name, sizeof name, "%s/weights_%zu", scope, waits.count);
        start = timer_now();
        must(ours->db, varsdb_get_variable(ours->db, name, options, NULL, &variable));
        samples_add(&waits, timer_now() - start);
    }
    tell_waits(&waits);
    ours_close(ours);
}

static void be_saver(const char *path, int64_t bytes)
{
    struct stream *stream = stream_new(SAMPLE_BYTES);
    struct ours *ours;
    int64_t before;

    actor_wait();
    before = peak_begin();
    ours = ours_open(path, VARSDB_CREATE_FILE);
    stream_save(stream, ours->db, stream_variable(ours->db, "large", bytes), bytes);
    printf("%lld\n", (long long)(peak_bytes() - before));
    ours_close(ours);
    stream_free(stream);
}

static void be_loader(const char *path, int64_t bytes)
{
    unsigned char *buffer = must_allocate(1, SAMPLE_BYTES);
    const varsdb_variable *variable;
    struct ours *ours;
    int64_t before;

    memset(buffer, 1, SAMPLE_BYTES);
    actor_wait();
    before = peak_begin();
    ours = ours_open(path, VARSDB_READ_ONLY);
    must(ours->db, varsdb_find_variable(ours->db, "large", &variable));
    for (int64_t done = 0; done < bytes; done += SAMPLE_BYTES)
        must(ours->db, varsdb_read_range(ours->db, variable, (uint64_t)done, buffer, SAMPLE_BYTES));
    printf("%lld\n", (long long)(peak_bytes() - before));
    ours_close(ours);
    free(buffer);
}

int actor_main(int argc, char **argv)
{
    const char *kind = argv[0], *path = argv[1], *argument = argv[2];

    if (argc != 3)
        return 2;
    if (strcmp(kind, "reader") == 0)
        be_reader(path, strtoul(argument, NULL, 10));
    else if (strcmp(kind, "sampler") == 0)
        be_sampler(path);
    else if (strcmp(kind, "creator") == 0)
        be_creator(path, argument);
    else if (strcmp(kind, "saver") == 0)
        be_saver(path, strtoll(argument, NULL, 10));
    else if (strcmp(kind, "loader") == 0)
        be_loader(path, strtoll(argument, NULL, 10));
    else
        return 2;
    return 0;
}
