/*
 * upkeep.c - keeping a registry: verifying it, collecting what was deleted, a copy of it (j).
 *
 * A verification has to read the file, a backup to copy it, both of which a disk and the kernel's cache do at
 * a speed of their own.  A collection of garbage need not touch the values at all.
 */
#include "upkeep.h"

#include <stdlib.h>
#include <unistd.h>

#include "fail.h"
#include "file.h"
#include "ours.h"
#include "peer_file.h"
#include "timer.h"

enum {
    READ_BYTES = 1 << 20
};

static const int64_t mib = 1 << 20;

struct upkeep {
    const struct bench *bench;
    char path[FILE_PATH_ROOM], copy[FILE_PATH_ROOM];
    struct ours *ours;
};

/* No log is left, and nothing of what was written before is on its way. */
static void settle(struct upkeep *upkeep)
{
    must(upkeep->ours->db, varsdb_checkpoint(upkeep->ours->db));
    file_fresh(upkeep->bench->directory, "copy.db", upkeep->copy);
    file_settle(upkeep->bench->directory);
}

static size_t bytes_of_file(const struct upkeep *upkeep)
{
    return (size_t)file_bytes(upkeep->path);
}

static double read_file(struct upkeep *upkeep)
{
    const size_t bytes = bytes_of_file(upkeep);
    void *buffer = must_allocate(1, READ_BYTES);
    int fd = peer_file_open(upkeep->path);
    double start = timer_now(), seconds;

    for (size_t at = 0; at < bytes; at += READ_BYTES)
        peer_file_at(fd, at, buffer, bytes - at < READ_BYTES ? bytes - at : READ_BYTES);
    seconds = timer_now() - start;
    (void)close(fd);
    free(buffer);
    return bench_speed(bytes, seconds);
}

static double copy_file(struct upkeep *upkeep)
{
    double start;

    settle(upkeep);
    start = timer_now();
    peer_file_copy(upkeep->path, upkeep->copy);
    return bench_speed(bytes_of_file(upkeep), timer_now() - start);
}

static int fail_found(void *payload, const varsdb_finding *finding)
{
    (void)payload;
    fail("verify", finding->text);
}

static double verify(struct upkeep *upkeep)
{
    double start = timer_now();

    must(upkeep->ours->db, varsdb_verify(upkeep->ours->db, NULL, fail_found, NULL));
    return bench_speed(bytes_of_file(upkeep), timer_now() - start);
}

static double back_up(struct upkeep *upkeep)
{
    double start;

    settle(upkeep);
    start = timer_now();
    must(upkeep->ours->db, varsdb_backup(upkeep->ours->db, upkeep->copy, NULL));
    return bench_speed(bytes_of_file(upkeep), timer_now() - start);
}

/* Of the bytes of one tensor, which was deleted. */
static double collect(struct upkeep *upkeep, size_t deleted)
{
    const size_t bytes = upkeep->bench->tensors->bytes;
    varsdb *db = upkeep->ours->db;
    varsdb_garbage garbage = {.size = sizeof garbage};
    double start, seconds;

    must(db, varsdb_delete_variable(db, upkeep->ours->variables[deleted]));
    settle(upkeep);
    start = timer_now();
    must(db, varsdb_collect_garbage(db, NULL, NULL, NULL, &garbage));
    seconds = timer_now() - start;
    if (garbage.bytes != (int64_t)bytes)
        fail("gc", "freed something else than the tensor that was deleted");
    return bench_speed(bytes, seconds);
}

static void open_set(const struct bench *bench, struct upkeep *upkeep)
{
    *upkeep = (struct upkeep){.bench = bench};
    file_fresh(bench->directory, "upkeep.db", upkeep->path);
    ours_build(upkeep->path, bench->tensors);
    upkeep->ours = ours_open(upkeep->path, 0);
    ours_find(upkeep->ours, bench->tensors->count);
}

static void remove_set(struct upkeep *upkeep)
{
    ours_close(upkeep->ours);
    file_fresh(upkeep->bench->directory, "copy.db", upkeep->copy);
    file_fresh(upkeep->bench->directory, "upkeep.db", upkeep->path);
}

void bench_upkeep(const struct bench *bench)
{
    struct workload verified = bench_workload(bench, "(j) verify / reading the file", "GB/s", "-");
    struct workload checked = bench_workload(bench, "(j) verify / copying the file", "GB/s", "-");
    struct workload read = bench_workload(bench, "(j) backup / reading the file", "GB/s", "-");
    struct workload copied = bench_workload(bench, "(j) backup / copying the file", "GB/s", "-");
    struct workload freed =
        bench_workload(bench, "(j) gc of a deleted tensor / reading as much", "GB/s", "-");
    struct workload moved =
        bench_workload(bench, "(j) gc of a deleted tensor / copying as much", "GB/s", "-");
    struct upkeep upkeep;

    open_set(bench, &upkeep);
    for (size_t r = 0; r < verified.rounds; r++) {
        verified.peer[r] = read.peer[r] = freed.peer[r] = read_file(&upkeep);
        checked.peer[r] = copied.peer[r] = moved.peer[r] = copy_file(&upkeep);
        verified.ours[r] = checked.ours[r] = verify(&upkeep);
        read.ours[r] = copied.ours[r] = back_up(&upkeep);
        freed.ours[r] = moved.ours[r] = collect(&upkeep, r);
    }
    report_workload(&verified);
    report_workload(&checked);
    report_workload(&read);
    report_workload(&copied);
    report_workload(&freed);
    report_workload(&moved);
    report_note(
        "a registry of %lld MiB, cached; of tensors of %lld MiB, one is deleted and collected a round",
        (long long)((int64_t)tensors_total(bench->tensors) / mib),
        (long long)((int64_t)bench->tensors->bytes / mib));
    remove_set(&upkeep);
}
