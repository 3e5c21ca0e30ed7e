/*
 * bench_growth.c - how cost grows with what is in a registry.
 *
 *     bench_growth DIRECTORY VARSDB [--quick] [--only LETTERS] [--sizes COUNT]
 *
 * LETTERS: "o" what is added to SQLite, "m" many processes at once, "h" hits by many, "q" queries, "n" so
 * many variables, "b" so many bytes of tensors.  COUNT is how many sizes, from the smallest on.  No figure
 * makes it fail.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "growth_bytes.h"
#include "growth_names.h"
#include "hits.h"
#include "hits_actor.h"
#include "mixed.h"
#include "mixed_actor.h"
#include "overhead.h"
#include "passes.h"
#include "queries.h"
#include "report.h"

static int usage(void)
{
    fprintf(stderr, "usage: bench_growth DIRECTORY VARSDB [--quick] [--only LETTERS] [--sizes COUNT]\n");
    return 2;
}

/* As many sizes as are asked for, if any are, and there are. */
static unsigned at_most(unsigned asked, unsigned there)
{
    return asked > 0 && asked < there ? asked : there;
}

int main(int argc, char **argv)
{
    const char *only = "omhqnb";
    unsigned sizes = 0;
    int is_quick = 0;

    (void)signal(SIGPIPE, SIG_IGN);
    if (argc > 2 && strcmp(argv[1], "--pass") == 0)
        return pass_main(argv + 2);
    if (argc > 1 && strcmp(argv[1], "--actor") == 0)
        return argc > 2 && hits_is_actor(argv[2]) ? hits_actor_main(argc - 2, argv + 2)
                                                  : mixed_actor_main(argc - 2, argv + 2);
    if (argc < 3)
        return usage();
    for (int i = 3; i < argc; i++)
        if (strcmp(argv[i], "--quick") == 0)
            is_quick = 1;
        else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc)
            only = argv[++i];
        else if (strcmp(argv[i], "--sizes") == 0 && i + 1 < argc)
            sizes = (unsigned)strtoul(argv[++i], NULL, 10);
        else
            return usage();
    report_conditions(argv[1]);
    if (strchr(only, 'o') != NULL)
        bench_overhead(argv[1], is_quick ? 3 : 5);
    if (strchr(only, 'm') != NULL)
        bench_mixed(argv[1], argv[0], is_quick);
    if (strchr(only, 'h') != NULL)
        bench_hits(argv[1], argv[0], is_quick);
    if (strchr(only, 'q') != NULL)
        bench_queries(argv[1], is_quick);
    if (strchr(only, 'n') != NULL)
        bench_growth_names(argv[1], argv[2], argv[0], at_most(sizes, is_quick ? 4 : 5));
    if (strchr(only, 'b') != NULL)
        bench_growth_bytes(argv[1], is_quick, at_most(sizes, is_quick ? 2 : 4));
    return 0;
}
