/*
 * footprint.c - the most memory that a process has while it saves or loads a set in a store.
 *
 * Each is a process of its own, with room for two tensors.  What it has mapped and looked at counts.
 */
#include "footprint.h"

#include <stdio.h>
#include <string.h>

#include "actor.h"
#include "folder.h"
#include "peak.h"
#include "set.h"
#include "sets.h"

/* ---- The side that starts it ---- */

static double peak_mib(const struct contest *contest, const char *what, const char *folder,
                       const char *argument)
{
    struct process *actor = actor_start(contest->self, what, folder, argument);
    double peak;

    actor_go(actor);
    actor_hear(actor, &peak, 1);
    return peak / (1 << 20);
}

static void measure(const struct contest *contest, const char *save_name, const char *load_name, size_t count,
                    size_t bytes)
{
    struct event save = {.name = save_name, .unit = "MiB"}, load = {.name = load_name, .unit = "MiB"};
    struct contest once = *contest;

    once.rounds = 1; /* memory does not vary as time does */
    for (size_t k = 0; k < STORE_KINDS; k++) {
        char folder[FILE_PATH_ROOM], argument[64];

        if (contest->kinds[k]->absent != NULL)
            continue;
        contest_folder(contest, contest->kinds[k], folder);
        snprintf(argument, sizeof argument, "%zu %zu %zu", k, count, bytes);
        save.reached[k][0] = peak_mib(contest, "save", folder, argument);
        load.reached[k][0] = peak_mib(contest, "load", folder, argument);
        folder_remove(folder);
    }
    contest_report(&once, &save);
    contest_report(&once, &load);
}

void bench_footprint(const struct contest *contest)
{
    const size_t medium = contest->is_quick ? SETS_MEDIUM_QUICK_COUNT : SETS_MEDIUM_COUNT;
    const size_t tiny = contest->is_quick ? SETS_TINY_QUICK_COUNT : SETS_TINY_COUNT;

    measure(contest, "(5) memory of saving the set", "(5) memory of loading it", medium, SETS_MEDIUM);
    measure(contest, "(5) memory of saving tiny tensors", "(5) memory of loading them", tiny, SETS_TINY);
    report_note("VmHWM of a process that has %zu tensors of %d bytes, or %zu of %zu, one at a time; the raw "
                "file's is what all of them have; of mapped files what is looked at counts",
                medium, SETS_MEDIUM, tiny, (size_t)SETS_TINY);
}

/* ---- The process ---- */

int footprint_actor_main(const struct store_kind *const *kinds, int argc, char **argv)
{
    size_t k, count, bytes;
    struct set *set;
    void *store;

    if (argc != 3 || sscanf(argv[2], "%zu %zu %zu", &k, &count, &bytes) != 3 || k >= STORE_KINDS)
        return 2;
    set = set_new(count, bytes, 1);
    actor_wait();
    if (strcmp(argv[0], "save") == 0) {
        (void)set_save(set, kinds[k], argv[1]);
    } else {
        store = kinds[k]->open(argv[1], STORE_USE);
        set_load(set, kinds[k], store, 1);
        kinds[k]->close(store);
    }
    printf("%lld\n", (long long)peak_bytes());
    set_free(set);
    return 0;
}
