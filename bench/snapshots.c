/*
 * snapshots.c - what a snapshot costs when little changed, and when nothing did.
 */
#include "snapshots.h"

#include <stdio.h>

#include "fail.h"
#include "file.h"
#include "ours.h"
#include "peer_sqlite.h"
#include "timer.h"

enum {
    NAME_ROOM = 48
};

/* ---- (d) ---- */

/* What one snapshot took. */
struct taken {
    double seconds; /* of the assigns and of taking it */
    double new_mib; /* as the registry counts it */
    double file_mib;
};

static int keep_new_bytes(void *payload, const varsdb_snapshot_info *info)
{
    *(int64_t *)payload = info->new_bytes; /* the last is the newest */
    return 0;
}

static double checkpointed_mib(const struct ours *ours)
{
    must(ours->db, varsdb_checkpoint(ours->db));
    return (double)file_bytes(varsdb_path(ours->db)) / (1 << 20);
}

static struct taken take(const struct bench *bench, struct ours *ours, size_t first, size_t count)
{
    double before = checkpointed_mib(ours), start;
    int64_t new_bytes = 0;
    struct taken taken;

    file_settle(bench->directory);
    start = timer_now();
    ours_assign(ours, bench->tensors, first, count);
    must(ours->db, varsdb_take_snapshot(ours->db, NULL, NULL));
    taken.seconds = timer_now() - start;
    taken.file_mib = checkpointed_mib(ours) - before;
    must(ours->db, varsdb_list_snapshots(ours->db, keep_new_bytes, &new_bytes));
    taken.new_mib = (double)new_bytes / (1 << 20);
    return taken;
}

/* A multiple of ten tensors, so that 10 % are 10 %. */
static void take_three(const struct bench *bench, struct taken *first, struct taken *second,
                       struct taken *third)
{
    struct tensors tensors = *bench->tensors;
    char path[FILE_PATH_ROOM];
    struct ours *ours;
    size_t some;

    tensors.count -= tensors.count % 10;
    some = tensors.count / 10;
    file_fresh(bench->directory, "snapshots.db", path);
    ours = ours_open(path, VARSDB_CREATE_FILE);
    ours_create(ours, &tensors, 0);
    *first = take(bench, ours, 0, tensors.count);
    tensors_change(bench->tensors, 0, some);
    *second = take(bench, ours, 0, some);
    tensors_change(bench->tensors, some, some);
    *third = take(bench, ours, 0, tensors.count);
    ours_close(ours);
}

void bench_changed(const struct bench *bench)
{
    struct workload time =
        bench_workload(bench, "(d) 2nd snapshot, 10 % assigned: time / 1st", "s", "<= 0.2x");
    struct workload added = bench_workload(bench, "(d) its new bytes / 1st", "MiB", "<= 0.12x");
    struct workload growth = bench_workload(bench, "(d) growth of the file / 1st", "MiB", "<= 0.12x");
    struct workload again =
        bench_workload(bench, "(d) all assigned, 90 % as they were: time / 1st", "s", "-");
    struct workload again_growth =
        bench_workload(bench, "(d) growth of the file then / 1st", "MiB", "<= 0.12x");
    char path[FILE_PATH_ROOM];

    for (size_t r = 0; r < time.rounds; r++) {
        struct taken first, second, third;

        take_three(bench, &first, &second, &third);
        time.ours[r] = second.seconds;
        added.ours[r] = second.new_mib;
        growth.ours[r] = second.file_mib;
        again.ours[r] = third.seconds;
        again_growth.ours[r] = third.file_mib;
        time.peer[r] = again.peer[r] = first.seconds;
        added.peer[r] = first.new_mib;
        growth.peer[r] = again_growth.peer[r] = first.file_mib;
    }
    report_workload(&time);
    report_workload(&added);
    report_workload(&growth);
    report_workload(&again);
    report_workload(&again_growth);
    file_fresh(bench->directory, "snapshots.db", path);
}

/* ---- (e) ---- */

static void create_many(varsdb *db, int count)
{
    const varsdb_variable_options *options = VARSDB_WITH(.shape = VARSDB_SHAPE(4), .dtype = VARSDB_FLOAT32);
    const varsdb_variable *variable;
    char name[NAME_ROOM];

    must(db, varsdb_begin(db));
    for (int i = 0; i < count; i++) {
        snprintf(name, sizeof name, "model/layer_%d/weight_%d", i / 100, i);
        must(db, varsdb_get_variable(db, name, options, NULL, &variable));
    }
    must(db, varsdb_commit(db));
    must(db, varsdb_take_snapshot(db, NULL, NULL));
}

void bench_unchanged(const struct bench *bench)
{
    struct workload w = bench_workload(bench, "(e) snapshot, nothing changed / rows by hand", "s", "<= 10x");
    char path[FILE_PATH_ROOM];
    struct ours *ours;
    struct peer *peer;

    file_fresh(bench->directory, "ours.db", path);
    ours = ours_open(path, VARSDB_CREATE_FILE);
    create_many(ours->db, bench->sizes.states);
    file_fresh(bench->directory, "peer.db", path);
    peer = peer_open(path, PEER_FULL_NAMES);
    for (size_t r = 0; r < w.rounds; r++) {
        double start = timer_now(), middle;

        must(ours->db, varsdb_take_snapshot(ours->db, NULL, NULL));
        middle = timer_now();
        peer_begin_write(peer);
        peer_take_snapshot(peer, bench->sizes.states);
        peer_commit(peer);
        w.ours[r] = middle - start;
        w.peer[r] = timer_now() - middle;
    }
    report_workload(&w);
    report_note("%d variables; by hand: a row for each, and one for the snapshot, in one commit",
                bench->sizes.states);
    ours_close(ours);
    peer_close(peer);
}
