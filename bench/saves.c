/*
 * saves.c - saving and loading the whole set, against one raw file.
 */
#include "saves.h"

#include <stdio.h>

#include "actor.h"
#include "fail.h"
#include "file.h"
#include "ours.h"
#include "peer_file.h"
#include "timer.h"

enum {
    READERS = 4
};

static double save_raw(const struct bench *bench)
{
    char path[FILE_PATH_ROOM];
    double start;

    file_fresh(bench->directory, "raw.bin", path);
    file_settle(bench->directory);
    start = timer_now();
    peer_file_write(path, bench->tensors);
    return bench_speed(tensors_total(bench->tensors), timer_now() - start);
}

/* ---- (a) ---- */

static double save_new(const struct bench *bench)
{
    char path[FILE_PATH_ROOM];
    double start;

    file_fresh(bench->directory, "new.db", path);
    file_settle(bench->directory);
    start = timer_now();
    ours_build(path, bench->tensors);
    return bench_speed(tensors_total(bench->tensors), timer_now() - start);
}

void bench_new(const struct bench *bench)
{
    struct workload w = bench_workload(bench, "(a) save into a new registry / raw file", "GB/s", ">= 0.7x");

    for (size_t r = 0; r < w.rounds; r++) {
        w.ours[r] = save_new(bench);
        w.peer[r] = save_raw(bench);
    }
    report_workload(&w);
}

/* ---- (b) ---- */

static void start_readers(const struct bench *bench, const char *path, struct process *readers[READERS])
{
    char count[24];

    snprintf(count, sizeof count, "%zu", bench->tensors->count);
    for (size_t i = 0; i < READERS; i++)
        readers[i] = actor_start(bench->self, "reader", path, count);
    for (size_t i = 0; i < READERS; i++)
        actor_go(readers[i]);
}

static double stop_readers(struct process *readers[READERS])
{
    double reads, all = 0.0;

    for (size_t i = 0; i < READERS; i++)
        actor_stop(readers[i]);
    for (size_t i = 0; i < READERS; i++) {
        actor_hear(readers[i], &reads, 1);
        all += reads;
    }
    return all;
}

/* Speeds to the durable commit, and with the checkpoint after it. */
static void save_shared(const struct bench *bench, struct ours *ours, double *committed, double *checkpointed)
{
    size_t bytes = tensors_total(bench->tensors);
    double start;

    tensors_change(bench->tensors, 0, bench->tensors->count);
    file_settle(bench->directory);
    start = timer_now();
    ours_assign(ours, bench->tensors, 0, bench->tensors->count);
    *committed = bench_speed(bytes, timer_now() - start);
    must(ours->db, varsdb_checkpoint(ours->db));
    *checkpointed = bench_speed(bytes, timer_now() - start);
}

void bench_shared(const struct bench *bench)
{
    struct workload commit =
        bench_workload(bench, "(b) save beside 4 readers, to durable commit / raw", "GB/s", ">= 0.4x");
    struct workload checkpoint =
        bench_workload(bench, "(b) the same, with the checkpoint / raw", "GB/s", ">= 0.2x");
    struct process *readers[READERS];
    char path[FILE_PATH_ROOM];
    struct ours *ours;
    double start, reads;

    file_fresh(bench->directory, "shared.db", path);
    ours_build(path, bench->tensors);
    ours = ours_open(path, 0);
    ours_find(ours, bench->tensors->count);
    start_readers(bench, path, readers);
    start = timer_now();
    for (size_t r = 0; r < commit.rounds; r++) {
        save_shared(bench, ours, &commit.ours[r], &checkpoint.ours[r]);
        commit.peer[r] = checkpoint.peer[r] = save_raw(bench);
    }
    reads = stop_readers(readers);
    report_workload(&commit);
    report_workload(&checkpoint);
    report_note("4 readers: each reads 1 MiB of a random tensor, asks for 20 names, and sleeps 10 ms; "
                "%.0f reads a second in all,",
                reads / (timer_now() - start));
    report_note("beside the raw file's writer too; all values are replaced in each round");
    ours_close(ours);
    (void)file_fresh(bench->directory, "shared.db", path);
}

/* ---- (c) ---- */

static double load_ours(struct ours *ours, struct tensors *room)
{
    double start = timer_now();

    ours_read(ours, room);
    return bench_speed(tensors_total(room), timer_now() - start);
}

static double load_raw(const char *path, struct tensors *room)
{
    double start = timer_now();

    peer_file_read(path, room);
    return bench_speed(tensors_total(room), timer_now() - start);
}

/* The files are read before, so that they are cached, and have what was saved. */
static void check_load(const struct bench *bench, struct ours *ours, const char *raw)
{
    peer_file_read(raw, bench->room);
    if (!tensors_equal(bench->room, bench->tensors))
        fail(raw, "does not have the bytes that were saved");
    tensors_change(bench->room, 0, bench->room->count);
    ours_read(ours, bench->room);
    if (!tensors_equal(bench->room, bench->tensors))
        fail(varsdb_path(ours->db), "does not have the bytes that were saved");
}

void bench_load(const struct bench *bench)
{
    struct workload plain =
        bench_workload(bench, "(c) load, cached, hashes unchecked / read(2)", "GB/s", ">= 0.7x");
    struct workload checked =
        bench_workload(bench, "(c) load, cached, hashes checked / read(2)", "GB/s", ">= 0.5x");
    char path[FILE_PATH_ROOM], raw[FILE_PATH_ROOM];
    struct ours *with, *without;

    file_fresh(bench->directory, "new.db", path);
    file_fresh(bench->directory, "raw.bin", raw);
    ours_build(path, bench->tensors);
    peer_file_write(raw, bench->tensors);
    with = ours_open(path, 0);
    without = ours_open(path, VARSDB_UNCHECKED);
    ours_find(with, bench->tensors->count);
    ours_find(without, bench->tensors->count);
    check_load(bench, with, raw);
    for (size_t r = 0; r < plain.rounds; r++) {
        plain.ours[r] = load_ours(without, bench->room);
        checked.ours[r] = load_ours(with, bench->room);
        plain.peer[r] = checked.peer[r] = load_raw(raw, bench->room);
    }
    report_workload(&plain);
    report_workload(&checked);
    ours_close(with);
    ours_close(without);
}
