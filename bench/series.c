/*
 * series.c - a series of checkpoints, of which a part of the tensors changes each time.
 *
 * Each is durable when it is taken: a snapshot's commit syncs the log, the peers sync each
 * file.  Ours is told without and with the end, when the log is copied into the file.
 */
#include "series.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "file.h"
#include "folder.h"
#include "ours.h"
#include "peer_file.h"
#include "process.h"
#include "tensors.h"
#include "timer.h"

enum {
    CHECKPOINTS = 20,
    TENSORS = 60, /* a multiple of ten, so that 10 % are 10 % */
    ROUNDS = 3,   /* each of many gigabytes */
    QUICK_ROUNDS = 1,
    BYTES = 1 << 20,
    QUICK_BYTES = 256 << 10,
    NAME_ROOM = 64
};

static const int percents[] = {0, 10, 50, 100};

/* Who takes the checkpoints: ours as one who does not know what changed, or does; and the peers. */
enum side {
    OURS_ALL,
    OURS_CHANGED,
    PEER_TORCH,
    PEER_RAW,
    SIDES
};

/* What one series took. */
struct taken {
    double seconds, closed, mib; /* until all was durable, and was closed too */
};

struct series {
    const struct contest *contest;
    struct tensors *tensors, *room;
    size_t rounds, changed; /* of the tensors, each time */
    int has_torch;
};

/* ---- Ours ---- */

static void check_snapshots(const struct series *series, struct ours *ours)
{
    int64_t id;

    must(ours->db, varsdb_find_snapshot(ours->db, "latest", &id));
    for (size_t i = 0; i < ours->count; i++)
        must(ours->db, varsdb_read_range_at(ours->db, id, varsdb_variable_name(ours->variables[i]), 0,
                                            series->room->data[i], series->room->bytes));
    if (!tensors_equal(series->room, series->tensors))
        fail("snapshot", "does not have the bytes that were saved");
}

static struct taken take_ours(const struct series *series, size_t assigned)
{
    struct taken taken = {0};
    char folder[FILE_PATH_ROOM], path[FILE_PATH_ROOM];
    struct ours *ours;
    double start;

    folder_fresh(series->contest->directory, "series", folder);
    file_path(folder, "ours.db", path);
    ours = ours_open(path, VARSDB_CREATE_FILE);
    ours_create(ours, series->tensors, 0);
    for (size_t i = 0; i < CHECKPOINTS; i++) {
        if (i > 0)
            tensors_change(series->tensors, 0, series->changed);
        start = timer_now();
        ours_assign(ours, series->tensors, 0, i > 0 ? assigned : ours->count);
        must(ours->db, varsdb_take_snapshot(ours->db, NULL, NULL));
        taken.seconds += timer_now() - start;
    }
    check_snapshots(series, ours);
    start = timer_now();
    ours_close(ours);
    taken.closed = taken.seconds + timer_now() - start;
    taken.mib = (double)folder_bytes(folder) / (1 << 20);
    folder_remove(folder);
    return taken;
}

/* ---- Peers ---- */

static struct taken take_raw(const struct series *series)
{
    struct taken taken = {0};
    char folder[FILE_PATH_ROOM], path[FILE_PATH_ROOM], name[NAME_ROOM];

    folder_fresh(series->contest->directory, "series", folder);
    for (size_t i = 0; i < CHECKPOINTS; i++) {
        double start;

        if (i > 0)
            tensors_change(series->tensors, 0, series->changed);
        snprintf(name, sizeof name, "raw.%zu", i);
        file_path(folder, name, path);
        start = timer_now();
        peer_file_write(path, series->tensors);
        taken.seconds += timer_now() - start;
    }
    peer_file_read(path, series->room);
    if (!tensors_equal(series->room, series->tensors))
        fail(path, "does not have the bytes that were saved");
    taken.mib = (double)folder_bytes(folder) / (1 << 20);
    folder_remove(folder);
    return taken;
}

static struct taken take_torch(struct series *series)
{
    struct taken taken = {0};
    char script[FILE_PATH_ROOM], folder[FILE_PATH_ROOM], raw[FILE_PATH_ROOM], path[FILE_PATH_ROOM];
    char count[24], checkpoints[24], changed[24], line[256];
    char *argv[] = {
        (char *)series->contest->python, "-B", script, raw, count, path, checkpoints, changed, NULL};
    struct process *peer;

    file_path(series->contest->scripts, "peer_torch_series.py", script);
    folder_fresh(series->contest->directory, "series", folder);
    file_path(folder, "raw.bin", raw);
    file_path(folder, "torch", path);
    peer_file_write(raw, series->tensors);
    snprintf(count, sizeof count, "%d", TENSORS);
    snprintf(checkpoints, sizeof checkpoints, "%d", CHECKPOINTS);
    snprintf(changed, sizeof changed, "%zu", series->changed);
    peer = process_start(argv);
    series->has_torch = 0;
    if (peer != NULL) {
        double bytes;

        if (!process_hear(peer, line, sizeof line))
            fail(script, "told nothing");
        series->has_torch = sscanf(line, "%lf %lf", &taken.seconds, &bytes) == 2;
        process_end(peer);
        if (series->has_torch)
            taken.mib = bytes / (1 << 20);
    }
    folder_remove(folder);
    return taken;
}

static struct taken take(struct series *series, enum side side)
{
    switch (side) {
    case OURS_ALL:
        return take_ours(series, TENSORS);
    case OURS_CHANGED:
        return take_ours(series, series->changed);
    case PEER_TORCH:
        return take_torch(series);
    default:
        return take_raw(series);
    }
}

/* ---- Rows ---- */

static void report(const struct series *series, int percent, const char *what, const char *unit,
                   enum side peer, const double *ours, const double *theirs)
{
    char name[NAME_ROOM];
    struct workload w = {.name = name, .unit = unit, .goal = "-", .rounds = series->rounds};

    if (percent == 10 && peer == PEER_TORCH && (*unit == 'M' || strcmp(what, "these assigned") == 0))
        w.goal = "<= 0.16x"; /* six times as fast, a sixth of the bytes */
    snprintf(name, sizeof name, "(3) %d %% changed, %s / %s", percent, what,
             peer == PEER_TORCH ? "torch.save" : "raw files");
    for (size_t r = 0; r < w.rounds; r++) {
        w.ours[r] = ours[r];
        w.peer[r] = theirs[r];
    }
    if (peer == PEER_TORCH && !series->has_torch)
        report_left_out(name, w.goal, "not installed");
    else
        report_workload(&w);
}

static void bench_percent(struct series *series, int percent)
{
    double seconds[SIDES][REPORT_ROUNDS_MAX], closed[SIDES][REPORT_ROUNDS_MAX], mib[SIDES][REPORT_ROUNDS_MAX];

    series->changed = (size_t)(TENSORS * percent / 100);
    for (size_t r = 0; r < series->rounds; r++)
        for (enum side side = 0; side < SIDES; side++) {
            struct taken taken = take(series, side);

            seconds[side][r] = taken.seconds;
            closed[side][r] = taken.closed;
            mib[side][r] = taken.mib;
        }
    for (enum side peer = PEER_TORCH; peer <= PEER_RAW; peer++) {
        report(series, percent, "all assigned", "s", peer, seconds[OURS_ALL], seconds[peer]);
        report(series, percent, "and closed", "s", peer, closed[OURS_ALL], seconds[peer]);
        report(series, percent, "these assigned", "s", peer, seconds[OURS_CHANGED], seconds[peer]);
        report(series, percent, "these, and closed", "s", peer, closed[OURS_CHANGED], seconds[peer]);
        report(series, percent, "bytes", "MiB", peer, mib[OURS_ALL], mib[peer]);
    }
}

void bench_series(const struct contest *contest)
{
    const size_t bytes = contest->is_quick ? QUICK_BYTES : BYTES;
    const size_t rounds = contest->is_quick ? QUICK_ROUNDS : ROUNDS;
    struct series series = {.contest = contest,
                            .rounds = rounds < contest->rounds ? rounds : contest->rounds,
                            .tensors = tensors_new(TENSORS, bytes, 1),
                            .room = tensors_new(TENSORS, bytes, 0)};

    for (size_t i = 0; i < sizeof percents / sizeof *percents; i++)
        bench_percent(&series, percents[i]);
    report_note("%d checkpoints of %d tensors of %zu KiB, each durable; all are kept", CHECKPOINTS, TENSORS,
                bytes >> 10);
    tensors_free(series.tensors);
    tensors_free(series.room);
}
