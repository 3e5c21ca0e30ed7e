/*
 * sets.c - sets of tensors, tiny to large, in every store: saved, loaded, loaded in part.
 */
#include "sets.h"

#include <string.h>

#include "bench.h"
#include "folder.h"
#include "set.h"
#include "timer.h"

enum {
    LARGE = 52 << 20,
    LARGE_COUNT = 10,
    LARGE_QUICK_COUNT = 1,
    VAST = 64 << 20, /* each of 4 GiB */
    VAST_COUNT = 64,
    VAST_SECONDS_MAX = 60,
    VAST_ROOM = 28, /* GiB: the files of one store, its own copies of them, and 20 that stay free */
    PART = 20       /* one tensor in so many is 5 % */
};

static const int64_t gib = 1 << 30;

/* The workloads of a round, in the order of the tables. */
enum {
    SAVE,
    LOAD,
    LOAD_COLD,
    LOAD_PART,
    BYTES,
    EVENTS
};

static const struct event medium_events[EVENTS] = {
    [SAVE] = {.name = "(2) save into a new store, durably", .unit = "GB/s"},
    [LOAD] = {.name = "(2) load, cached", .unit = "GB/s"},
    [LOAD_COLD] = {.name = "(2) open and load, not cached", .unit = "GB/s"},
    [LOAD_PART] = {.name = "(2) open and load 5 %, cached", .unit = "ms"},
    [BYTES] = {.name = "(2) its files", .unit = "MiB"},
};

static const struct event tiny_events[EVENTS] = {
    [SAVE] = {.name = "(2) tiny tensors: save, durably", .unit = "s"},
    [LOAD] = {.name = "(2) tiny tensors: load, cached", .unit = "s"},
    [LOAD_COLD] = {.name = "(2) tiny tensors: open and load, not cached", .unit = "s"},
    [LOAD_PART] = {.name = "(2) tiny tensors: open and load 5 %, cached", .unit = "ms"},
    [BYTES] = {.name = "(2) tiny tensors: its files", .unit = "MiB"},
};

static const struct event large_events[EVENTS] = {
    [SAVE] = {.name = "(2) large ones: save, durably", .unit = "GB/s"},
    [LOAD] = {.name = "(2) large ones: load, cached", .unit = "GB/s"},
    [LOAD_COLD] = {.name = "(2) large ones: open and load, not cached", .unit = "GB/s"},
    [LOAD_PART] = {.name = "(2) large ones: open and load one, cached", .unit = "ms"},
    [BYTES] = {.name = "(2) large ones: its files", .unit = "MiB"},
};

static const struct event vast_events[EVENTS] = {
    [SAVE] = {.name = "(2) 4 GiB: save, durably", .unit = "GB/s"},
    [LOAD] = {.name = "(2) 4 GiB: load again", .unit = "GB/s"},
    [LOAD_COLD] = {.name = "(2) 4 GiB: open and load, not cached", .unit = "GB/s"},
    [LOAD_PART] = {.name = "(2) 4 GiB: open and load 5 %", .unit = "ms"},
    [BYTES] = {.name = "(2) 4 GiB: its files", .unit = "MiB"},
};

/* A table: a set in the stores. */
struct table {
    const struct contest *contest;
    struct set *set;
    struct event events[EVENTS];
};

/* One store in one round. */
struct turn {
    const struct set *set;
    const struct store_kind *kind;
    char folder[FILE_PATH_ROOM];
};

static double open_and_load(const struct turn *turn, size_t step)
{
    double start = timer_now(), seconds;
    void *store = turn->kind->open(turn->folder, STORE_USE);

    set_load(turn->set, turn->kind, store, step);
    seconds = timer_now() - start;
    turn->kind->close(store);
    return seconds;
}

/* The store is open, and gave back once what it was given. */
static double load_cached(const struct turn *turn)
{
    void *store = turn->kind->open(turn->folder, STORE_USE);
    double start, seconds;

    set_check(turn->set, turn->kind, store);
    start = timer_now();
    set_load(turn->set, turn->kind, store, 1);
    seconds = timer_now() - start;
    turn->kind->close(store);
    return seconds;
}

static void play(struct table *table, size_t k, size_t round)
{
    struct turn turn = {.set = table->set, .kind = table->contest->kinds[k]};
    const size_t step = turn.set->count < PART ? turn.set->count : PART;
    double reached[EVENTS];

    contest_folder(table->contest, turn.kind, turn.folder);
    reached[SAVE] = set_save(turn.set, turn.kind, turn.folder);
    reached[BYTES] = (double)folder_bytes(turn.folder) / (1 << 20);
    reached[LOAD] = load_cached(&turn);
    reached[LOAD_PART] = 1e3 * open_and_load(&turn, step);
    folder_forget(turn.folder);
    reached[LOAD_COLD] = open_and_load(&turn, 1);
    folder_remove(turn.folder);
    for (size_t e = 0; e < EVENTS; e++)
        table->events[e].reached[k][round] = strcmp(table->events[e].unit, "GB/s") == 0
                                                 ? bench_speed(set_bytes(turn.set), reached[e])
                                                 : reached[e];
}

/* What the stores saved with in the first round goes to `saves`, which may be NULL; the set ends here. */
static void bench_set(const struct contest *contest, const struct event events[EVENTS], struct set *set,
                      double saves[STORE_KINDS])
{
    struct table table = {.contest = contest, .set = set};

    memcpy(table.events, events, sizeof table.events);
    for (size_t r = 0; r < contest->rounds; r++)
        for (size_t k = 0; k < STORE_KINDS; k++)
            if (contest->kinds[k]->absent == NULL)
                play(&table, k, r);
    for (size_t e = 0; e < EVENTS; e++)
        contest_report(contest, &table.events[e]);
    report_note("tensors: %zu of %zu bytes; reads of ours are checked against their hashes, a raw file has "
                "no names",
                set->count, set->tensors->bytes);
    for (size_t k = 0; k < STORE_KINDS && saves != NULL; k++)
        saves[k] = table.events[SAVE].reached[k][0];
    set_free(set);
}

/* Of those who save so many GB/s, as many as save all of it within a minute, each once. */
static void bench_vast(const struct contest *contest, const double saves[STORE_KINDS])
{
    const double bytes = (double)VAST * VAST_COUNT;
    const struct store_kind *kinds[STORE_KINDS];
    struct store_kind slow[STORE_KINDS];
    struct contest once = *contest;

    if (contest->is_quick || file_room(contest->directory) < VAST_ROOM * gib) {
        report_left_out("(2) 4 GiB", "-", contest->is_quick ? "left out: quick" : "left out: disk full");
        return;
    }
    for (size_t k = 0; k < STORE_KINDS; k++) {
        kinds[k] = contest->kinds[k];
        slow[k] = *kinds[k];
        slow[k].absent = "over a minute";
        if (k != STORE_OURS && kinds[k]->absent == NULL && 1e-9 * bytes / saves[k] > VAST_SECONDS_MAX)
            kinds[k] = &slow[k];
    }
    once.kinds = kinds;
    once.rounds = 1;
    bench_set(&once, vast_events, set_new(VAST_COUNT, VAST, 1), NULL);
}

void bench_sets(const struct contest *contest)
{
    const size_t medium = contest->is_quick ? SETS_MEDIUM_QUICK_COUNT : SETS_MEDIUM_COUNT;
    const size_t tiny = contest->is_quick ? SETS_TINY_QUICK_COUNT : SETS_TINY_COUNT;
    const size_t large = contest->is_quick ? LARGE_QUICK_COUNT : LARGE_COUNT;
    struct contest few = *contest;
    double saves[STORE_KINDS];

    few.rounds = contest->is_quick ? 1 : contest->rounds;
    bench_set(contest, medium_events, set_new(medium, SETS_MEDIUM, medium), saves);
    bench_set(contest, tiny_events, set_new(tiny, SETS_TINY, tiny), NULL);
    bench_set(&few, large_events, set_new(large, LARGE, large), NULL);
    bench_vast(contest, saves);
}
