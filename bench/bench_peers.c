/*
 * bench_peers.c - the registry against the stores that a user would take instead.
 *
 *     bench_peers DIRECTORY [--quick] [--only NUMBERS] [--rounds N]
 *
 * All do the same, with the same durability, in directories of their own in DIRECTORY, and
 * take turns round by round; each gives back what it was given, or the benchmark fails.
 * NUMBERS are those of the rows; N is 5, or 3 with --quick, and at most 16.  A peer that was not there when
 * this was compiled is left out, and told.  SCRIPTS and PYTHON as for bench_tensors.  No figure makes it
 * fail.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contest.h"
#include "dictionary.h"
#include "footprint.h"
#include "records.h"
#include "series.h"
#include "sets.h"

static const struct {
    char number;
    void (*run)(const struct contest *contest);
} workloads[] = {
    {'1', bench_records},    {'2', bench_sets},      {'3', bench_series},
    {'4', bench_dictionary}, {'5', bench_footprint},
};

static const char *from_environment(const char *name, const char *otherwise)
{
    const char *value = getenv(name);

    return value != NULL && *value != '\0' ? value : otherwise;
}

static int usage(void)
{
    fprintf(stderr, "usage: bench_peers DIRECTORY [--quick] [--only NUMBERS] [--rounds N]\n");
    return 2;
}

int main(int argc, char **argv)
{
    struct contest contest = {.self = argv[0], .kinds = store_kinds};
    const char *only = "12345", *rounds = NULL;

    if (argc > 1 && strcmp(argv[1], "--actor") == 0)
        return footprint_actor_main(store_kinds, argc - 2, argv + 2);
    if (argc < 2)
        return usage();
    for (int i = 2; i < argc; i++)
        if (strcmp(argv[i], "--quick") == 0)
            contest.is_quick = 1;
        else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc)
            only = argv[++i];
        else if (strcmp(argv[i], "--rounds") == 0 && i + 1 < argc)
            rounds = argv[++i];
        else
            return usage();
    contest.directory = argv[1];
    contest.python = from_environment("PYTHON", "/usr/bin/python3");
    contest.scripts = from_environment("SCRIPTS", "bench");
    contest.rounds = rounds != NULL ? strtoul(rounds, NULL, 10) : contest.is_quick ? 3 : 5;
    if (contest.rounds < 1 || contest.rounds > REPORT_ROUNDS_MAX)
        return usage();
    contest_conditions(&contest);
    report_header("peer (min-max)");
    for (size_t i = 0; i < sizeof workloads / sizeof *workloads; i++)
        if (strchr(only, workloads[i].number) != NULL)
            workloads[i].run(&contest);
    return 0;
}
