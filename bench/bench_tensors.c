/*
 * bench_tensors.c - tensors in a registry against the same bytes in files.
 *
 *     bench_tensors DIRECTORY [--quick] [--only LETTERS]
 *
 * Both sides handle the same bytes, with the same durability, in files of their own in
 * DIRECTORY, and take turns round by round.  LETTERS are those of the rows, "p" the peers in
 * Python.  SCRIPTS is the directory of these and PYTHON their interpreter.  No figure makes
 * it fail.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "actor.h"
#include "bench.h"
#include "crowd.h"
#include "fail.h"
#include "file.h"
#include "memory.h"
#include "ours.h"
#include "peer_file.h"
#include "peer_python.h"
#include "peer_sqlite.h"
#include "saves.h"
#include "slices.h"
#include "snapshots.h"
#include "upkeep.h"

static const int64_t mib = 1 << 20;

static const struct {
    char letter;
    void (*run)(const struct bench *bench);
} workloads[] = {
    {'a', bench_new},       {'b', bench_shared}, {'c', bench_load},   {'d', bench_changed},
    {'e', bench_unchanged}, {'f', bench_slices}, {'g', bench_memory}, {'h', bench_creators},
    {'i', bench_sampler},   {'j', bench_upkeep}, {'p', bench_python},
};

static struct sizes sizes_of(int is_quick)
{
    struct sizes sizes = {.rounds = 5, .tensors = 64, .slices = 400, .states = 10000};

    sizes.tensor_bytes = (size_t)(8 * mib);
    sizes.slice_bytes = 1024 * mib;
    sizes.peak_bytes = 8192 * mib;
    sizes.large = 2048 * mib;
    if (is_quick) {
        sizes.rounds = 3;
        sizes.tensors = 16;
        sizes.slices = 100;
        sizes.slice_bytes = 128 * mib;
        sizes.peak_bytes = 1024 * mib;
        sizes.large = 256 * mib;
    }
    return sizes;
}

/* The first writes to memory and disk after a start are slow; and the registry tells its sizes. */
static void warm_up(const struct bench *bench)
{
    char path[FILE_PATH_ROOM];

    for (int i = 0; i < 2; i++) {
        file_fresh(bench->directory, "raw.bin", path);
        peer_file_write(path, bench->tensors);
        peer_file_read(path, bench->room);
    }
    file_fresh(bench->directory, "raw.bin", path);
    file_fresh(bench->directory, "new.db", path);
    ours_build(path, bench->tensors);
    report_conditions(bench->directory);
    printf("pages of %lld bytes, auto_vacuum %lld, chunks of %lld bytes; %zu tensors of %lld MiB of random "
           "float32; %zu rounds\n",
           (long long)peer_ask(path, "PRAGMA page_size"), (long long)peer_ask(path, "PRAGMA auto_vacuum"),
           (long long)peer_ask(path, "SELECT chunk_bytes FROM varsdb_registry"), bench->tensors->count,
           (long long)bench->tensors->bytes / mib, bench->sizes.rounds);
    file_fresh(bench->directory, "new.db", path);
}

static const char *from_environment(const char *name, const char *otherwise)
{
    const char *value = getenv(name);

    return value != NULL && *value != '\0' ? value : otherwise;
}

static int usage(void)
{
    fprintf(stderr, "usage: bench_tensors DIRECTORY [--quick] [--only LETTERS]\n");
    return 2;
}

int main(int argc, char **argv)
{
    struct bench bench = {.self = argv[0]};
    const char *only = "abcdefghijp";
    int is_quick = 0;

    /* An actor that ended early is told by what it says, not by a signal. */
    (void)signal(SIGPIPE, SIG_IGN);
    if (argc > 1 && strcmp(argv[1], "--actor") == 0)
        return actor_main(argc - 2, argv + 2);
    if (argc < 2)
        return usage();
    for (int i = 2; i < argc; i++)
        if (strcmp(argv[i], "--quick") == 0)
            is_quick = 1;
        else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc)
            only = argv[++i];
        else
            return usage();
    bench.directory = argv[1];
    bench.python = from_environment("PYTHON", "/usr/bin/python3");
    bench.scripts = from_environment("SCRIPTS", "bench");
    bench.sizes = sizes_of(is_quick);
    bench.tensors = tensors_new(bench.sizes.tensors, bench.sizes.tensor_bytes, 1);
    bench.room = tensors_new(bench.sizes.tensors, bench.sizes.tensor_bytes, 0);
    warm_up(&bench);
    report_header("peer (min-max)");
    for (size_t i = 0; i < sizeof workloads / sizeof *workloads; i++)
        if (strchr(only, workloads[i].letter) != NULL)
            workloads[i].run(&bench);
    tensors_free(bench.tensors);
    tensors_free(bench.room);
    return 0;
}
