/*
 * actor_creator.c PATH RESULTS NAMES THREADS SEED - threads with a handle each, which open (or make)
 * the registry and get or create the same names, each in an order of its own.
 */
#include <pthread.h>
#include <stdlib.h>

#include "../support/actor.h"
#include "../support/creation.h"

#define THREADS_MAX 16

typedef struct worker {
    pthread_t thread;
    pthread_barrier_t *start;
    const char *path;
    uint64_t seed;
    uint32_t names;
    creation_record *records;
    bool ok;
} worker;

static bool create_all(varsdb *db, const worker *w)
{
    bool ok = true;
    test_random r = {w->seed};
    uint32_t *order = calloc(w->names, sizeof *order);
    if (!order)
        return false;
    for (uint32_t i = 0; i < w->names; i++)
        order[i] = i;
    random_shuffle(&r, order, w->names);
    for (uint32_t i = 0; ok && i < w->names; i++) {
        creation_get(db, order[i], &w->records[order[i]]);
        ok = w->records[order[i]].rc == VARSDB_OK;
    }
    free(order);
    return ok;
}

static void *run(void *argument)
{
    worker *w = argument;
    varsdb *db;
    const int64_t seed = CREATION_SEED;
    pthread_barrier_wait(w->start);
    const int64_t patience_ms = 600000; /* a machine that is busy with other things is no failure */
    int rc = varsdb_open(
        w->path, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE, .seed = &seed, .timeout_ms = patience_ms), &db);
    w->ok = rc == VARSDB_OK && create_all(db, w);
    if (!w->ok)
        fprintf(stderr, "creator: %s\n", varsdb_errmsg(db));
    varsdb_close(db);
    return NULL;
}

static bool run_threads(worker *workers, unsigned threads)
{
    bool ok = true;
    char line[ACTOR_LINE_BYTES];
    pthread_barrier_t start;
    pthread_barrier_init(&start, NULL, threads + 1);
    for (unsigned i = 0; i < threads; i++) {
        workers[i].start = &start;
        if (pthread_create(&workers[i].thread, NULL, run, &workers[i]) != 0)
            return false;
    }
    actor_say("ready");
    if (!actor_hear(line))
        return false;
    pthread_barrier_wait(&start);
    for (unsigned i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
        ok = ok && workers[i].ok;
    }
    pthread_barrier_destroy(&start);
    return ok;
}

static bool save(const char *path, const creation_record *records, size_t count)
{
    FILE *file = fopen(path, "wb");
    if (!file)
        return false;
    bool ok = fwrite(records, sizeof *records, count, file) == count;
    return fclose(file) == 0 && ok;
}

int main(int argc, char **argv)
{
    worker workers[THREADS_MAX] = {0};
    if (argc != 6)
        return 2;
    uint32_t names = (uint32_t)strtoul(argv[3], NULL, 10);
    unsigned threads = (unsigned)strtoul(argv[4], NULL, 10);
    test_random seeds = {strtoull(argv[5], NULL, 10)};
    creation_record *records = calloc((size_t)names * threads, sizeof *records);
    if (!records || threads > THREADS_MAX)
        return 2;
    for (unsigned i = 0; i < threads; i++)
        workers[i] = (worker){.path = argv[1],
                              .seed = random_next(&seeds),
                              .names = names,
                              .records = records + (size_t)i * names};
    bool ok = run_threads(workers, threads) && save(argv[2], records, (size_t)names * threads);
    actor_say(ok ? "done" : "failed");
    free(records);
    return !ok;
}
