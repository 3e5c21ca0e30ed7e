/*
 * records.c - very many small variables, in every store: made, found by name, read.
 */
#include "records.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "folder.h"
#include "timer.h"
#include "varsdb.h"

enum {
    ELEMENTS = 4,
    LAYER = 100,
    COUNT = 100000,
    QUICK_COUNT = 10000,
    DURABLE = 1000, /* creates, each its own commit */
    QUICK_DURABLE = 50,
    PERCENTS = 3
};

/* The workloads of a round, in the order of the table. */
enum {
    FIND_INSIDE,
    FIND_LONE,
    READ_INSIDE,
    READ_LONE,
    FIND_FIRST,
    OPEN,
    BATCH,
    DURABLY,
    BYTES,
    WAITS_DURABLY, /* of each kind of wait its p50, p99 and p99.9 */
    WAITS_INSIDE = WAITS_DURABLY + PERCENTS,
    WAITS_LONE = WAITS_INSIDE + PERCENTS,
    EVENTS = WAITS_LONE + PERCENTS
};

static const double percents[PERCENTS] = {50.0, 99.0, 99.9};

static const struct event kinds_of_events[EVENTS] = {
    [FIND_INSIDE] = {.name = "(1) find a record in one transaction", .unit = "/s"},
    [FIND_LONE] = {.name = "(1) find a record, a transaction for each", .unit = "/s"},
    [READ_INSIDE] = {.name = "(1) read 16 bytes in one transaction", .unit = "/s"},
    [READ_LONE] = {.name = "(1) read 16 bytes, a transaction for each", .unit = "/s"},
    [FIND_FIRST] = {.name = "(1) find each once, after an open", .unit = "/s"},
    [OPEN] = {.name = "(1) open to the first answer", .unit = "us"},
    [BATCH] = {.name = "(1) create all in one durable commit", .unit = "/s"},
    [DURABLY] = {.name = "(1) create, each its own durable commit", .unit = "/s"},
    [BYTES] = {.name = "(1) bytes of the files a variable", .unit = ""},
    [WAITS_DURABLY] = {.name = "(1) p50 of a durable create", .unit = "us"},
    [WAITS_DURABLY + 1] = {.name = "(1) p99 of a durable create", .unit = "us"},
    [WAITS_DURABLY + 2] = {.name = "(1) p99.9 of a durable create", .unit = "us"},
    [WAITS_INSIDE] = {.name = "(1) p50 of finding a record, in one", .unit = "ns"},
    [WAITS_INSIDE + 1] = {.name = "(1) p99 of finding a record, in one", .unit = "ns"},
    [WAITS_INSIDE + 2] = {.name = "(1) p99.9 of finding a record, in one", .unit = "ns"},
    [WAITS_LONE] = {.name = "(1) p50 of finding a record, one for each", .unit = "ns"},
    [WAITS_LONE + 1] = {.name = "(1) p99 of finding a record, one for each", .unit = "ns"},
    [WAITS_LONE + 2] = {.name = "(1) p99.9 of finding a record, one for each", .unit = "ns"},
};

struct records {
    const struct contest *contest;
    size_t count, durable;
    char (*names)[RECORD_NAME_ROOM];
    size_t *order; /* all of them, shuffled */
    struct event events[EVENTS];
};

/* One store in one round. */
struct turn {
    const struct records *records;
    const struct store_kind *kind;
    char folder[FILE_PATH_ROOM];
    void *store;
};

void record_name(size_t i, char name[RECORD_NAME_ROOM])
{
    snprintf(name, RECORD_NAME_ROOM, "model/layer_%zu/weight_%zu", i / LAYER, i);
}

static struct item item_of(const struct records *records, size_t i)
{
    return (struct item){.i = i, .bytes = ELEMENTS * sizeof(float), .name = records->names[i]};
}

static void value_of(size_t i, float value[ELEMENTS])
{
    for (size_t at = 0; at < ELEMENTS; at++)
        value[at] = (float)(i * ELEMENTS + at);
}

static void call(void (*function)(void *store), void *store)
{
    if (function != NULL)
        function(store);
}

/* The percentiles of waits in seconds, which end here, in units of so many seconds. */
static void tell_waits(struct samples *waits, double unit, double told[PERCENTS])
{
    for (size_t i = 0; i < PERCENTS; i++)
        told[i] = timer_percentile(waits->values, waits->count, percents[i]) / unit;
    free(waits->values);
}

/* ---- Making ---- */

static void create(const struct turn *turn, size_t i)
{
    struct item item = item_of(turn->records, i);
    float value[ELEMENTS];

    value_of(i, value);
    turn->kind->create(turn->store, &item, value);
}

static double create_all(struct turn *turn)
{
    double start = timer_now(), speed;

    turn->store = turn->kind->open(turn->folder, STORE_MAKE);
    call(turn->kind->begin_write, turn->store);
    for (size_t i = 0; i < turn->records->count; i++)
        create(turn, i);
    turn->kind->commit(turn->store);
    speed = (double)turn->records->count / (timer_now() - start);
    turn->kind->close(turn->store);
    return speed;
}

static double create_durably(struct turn *turn, double told[PERCENTS])
{
    struct samples waits = {0};
    double start, speed;

    turn->store = turn->kind->open(turn->folder, STORE_MAKE);
    start = timer_now();
    for (size_t i = 0; i < turn->records->durable; i++) {
        double begun = timer_now();

        call(turn->kind->begin_write, turn->store);
        create(turn, i);
        turn->kind->commit(turn->store);
        samples_add(&waits, timer_now() - begun);
    }
    speed = (double)turn->records->durable / (timer_now() - start);
    turn->kind->close(turn->store);
    tell_waits(&waits, 1e-6, told);
    return speed;
}

/* ---- Finding and reading ---- */

static void find(const struct turn *turn, size_t i)
{
    struct item item = item_of(turn->records, i);
    struct record record = {0};

    turn->kind->find(turn->store, &item, &record);
    if (record.dtype != VARSDB_FLOAT32 || record.rank != 1 || record.dims[0] != ELEMENTS)
        fail(turn->kind->name, "has another record than it was given");
}

static void read_one(const struct turn *turn, size_t i)
{
    struct item item = item_of(turn->records, i);
    float value[ELEMENTS], expected[ELEMENTS];

    value_of(i, expected);
    turn->kind->read(turn->store, &item, value);
    if (memcmp(value, expected, sizeof value) != 0)
        fail(turn->kind->name, "has another value than it was given");
}

/* Each of them once, in random order; a second of the processor's, as nobody waits. */
static double each(const struct turn *turn, void (*visit)(const struct turn *turn, size_t i), int in_one)
{
    const struct records *records = turn->records;
    double start = timer_processor();

    if (in_one)
        call(turn->kind->begin_read, turn->store);
    for (size_t i = 0; i < records->count; i++)
        visit(turn, records->order[i]);
    if (in_one)
        call(turn->kind->end_read, turn->store);
    return (double)records->count / (timer_processor() - start);
}

/* How long each of them takes by the clock: a caller waits for whatever else the machine does, too. */
static void find_each(const struct turn *turn, int in_one, double told[PERCENTS])
{
    const struct records *records = turn->records;
    struct samples waits = {0};

    if (in_one)
        call(turn->kind->begin_read, turn->store);
    for (size_t i = 0; i < records->count; i++) {
        double begun = timer_now();

        find(turn, records->order[i]);
        samples_add(&waits, timer_now() - begun);
    }
    if (in_one)
        call(turn->kind->end_read, turn->store);
    tell_waits(&waits, 1e-9, told);
}

static double open_and_find(struct turn *turn)
{
    double start = timer_now();

    turn->store = turn->kind->open(turn->folder, STORE_USE);
    find(turn, turn->records->count / 2);
    return 1e6 * (timer_now() - start);
}

static void play(struct records *records, size_t k, size_t round)
{
    struct turn turn = {.records = records, .kind = records->contest->kinds[k]};
    double reached[EVENTS];

    contest_folder(records->contest, turn.kind, turn.folder);
    reached[DURABLY] = create_durably(&turn, &reached[WAITS_DURABLY]);
    contest_folder(records->contest, turn.kind, turn.folder);
    reached[BATCH] = create_all(&turn);
    reached[BYTES] = (double)folder_bytes(turn.folder) / (double)records->count;
    reached[OPEN] = open_and_find(&turn);
    reached[FIND_FIRST] = each(&turn, find, 1);
    (void)each(&turn, read_one, 1); /* so that all that follow are warm */
    reached[FIND_INSIDE] = each(&turn, find, 1);
    reached[FIND_LONE] = each(&turn, find, 0);
    reached[READ_INSIDE] = each(&turn, read_one, 1);
    reached[READ_LONE] = each(&turn, read_one, 0);
    find_each(&turn, 1, &reached[WAITS_INSIDE]);
    find_each(&turn, 0, &reached[WAITS_LONE]);
    turn.kind->close(turn.store);
    folder_remove(turn.folder);
    for (size_t e = 0; e < EVENTS; e++)
        records->events[e].reached[k][round] = reached[e];
}

static void shuffle(size_t *order, size_t count)
{
    uint64_t random = 1;

    for (size_t i = 0; i < count; i++)
        order[i] = i;
    for (size_t i = count - 1; i > 0; i--) {
        size_t other, kept = order[i];

        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        other = (size_t)((random >> 33) % (i + 1));
        order[i] = order[other];
        order[other] = kept;
    }
}

void bench_records(const struct contest *contest)
{
    struct records *records = must_allocate(1, sizeof *records);

    records->contest = contest;
    records->count = contest->is_quick ? QUICK_COUNT : COUNT;
    records->durable = contest->is_quick ? QUICK_DURABLE : DURABLE;
    records->names = must_allocate(records->count, sizeof *records->names);
    records->order = must_allocate(records->count, sizeof *records->order);
    memcpy(records->events, kinds_of_events, sizeof kinds_of_events);
    shuffle(records->order, records->count);
    for (size_t i = 0; i < records->count; i++)
        record_name(i, records->names[i]);
    for (size_t r = 0; r < contest->rounds; r++)
        for (size_t k = 0; k < STORE_KINDS; k++)
            if (contest->kinds[k]->absent == NULL && contest->kinds[k]->takes_records)
                play(records, k, r);
    for (size_t e = 0; e < EVENTS; e++)
        contest_report(contest, &records->events[e]);
    report_note("%zu variables with records of %zu bytes and values of 16, asked for in random order; "
                "%zu durable creates",
                records->count, sizeof(struct record), records->durable);
    report_note(
        "HDF5 has no transactions: its two rows of finding and reading are the same thing, and a flush");
    report_note("that is cut short can leave no readable file");
    report_note("\"in one\": in one transaction for all of them; each wait has a look at the clock in it");
    free(records->names);
    free(records->order);
    free(records);
}
