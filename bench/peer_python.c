/*
 * peer_python.c - ours against what programs in Python save tensors with.
 */
#include "peer_python.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "file.h"
#include "ours.h"
#include "peer_file.h"
#include "process.h"
#include "timer.h"

static const struct {
    const char *script, *save, *load;
} peers[] = {
    {"peer_numpy.py", "ours / np.savez: save, synced", "ours / np.load: load, cached"},
    {"peer_torch.py", "ours / torch.save: save, synced", "ours / torch.load: load, cached"},
    {"peer_h5py.py", "ours / h5py: save, synced", "ours / h5py: load, cached"},
};

enum {
    PEERS = sizeof peers / sizeof *peers
};

/* Its seconds for saving and for loading; 0 when it is not installed. */
static int run_peer(const struct bench *bench, const char *script, const char *raw, double seconds[2])
{
    char path[FILE_PATH_ROOM], file[FILE_PATH_ROOM], count[24], line[256];
    char *argv[] = {(char *)bench->python, "-B", path, (char *)raw, count, file, NULL};
    struct process *peer;
    int is_there;

    file_path(bench->scripts, script, path);
    file_fresh(bench->directory, "peer.tensors", file);
    file_settle(bench->directory);
    snprintf(count, sizeof count, "%zu", bench->tensors->count);
    peer = process_start(argv);
    if (peer == NULL)
        return 0;
    if (!process_hear(peer, line, sizeof line))
        fail(script, "told nothing");
    is_there = strcmp(line, "not installed") != 0;
    if (is_there && sscanf(line, "%lf %lf", &seconds[0], &seconds[1]) != 2)
        fail(script, line);
    process_end(peer);
    file_fresh(bench->directory, "peer.tensors", file);
    return is_there;
}

static double save_seconds(const struct bench *bench, const char *path)
{
    double start;

    file_settle(bench->directory);
    start = timer_now();
    ours_build(path, bench->tensors);
    return timer_now() - start;
}

/* Into memory that it gets now, as the peers do. */
static double load_seconds(const struct bench *bench, const char *path)
{
    struct ours *ours = ours_open(path, 0);
    unsigned char **values = must_allocate(bench->tensors->count, sizeof *values);
    double start = timer_now(), seconds;

    ours_find(ours, bench->tensors->count);
    for (size_t i = 0; i < ours->count; i++) {
        values[i] = malloc(bench->tensors->bytes);
        if (values[i] == NULL)
            fail("bench", "out of memory");
        must(ours->db, varsdb_read(ours->db, ours->variables[i], values[i], bench->tensors->bytes));
    }
    seconds = timer_now() - start;
    for (size_t i = 0; i < ours->count; i++)
        free(values[i]);
    free(values);
    ours_close(ours);
    return seconds;
}

static void bench_peer(const struct bench *bench, size_t i, const char *raw)
{
    struct workload save = bench_workload(bench, peers[i].save, "s", "-");
    struct workload load = bench_workload(bench, peers[i].load, "s", "-");
    char path[FILE_PATH_ROOM];

    for (size_t r = 0; r < save.rounds; r++) {
        double seconds[2];

        if (!run_peer(bench, peers[i].script, raw, seconds)) {
            report_left_out(save.name, save.goal, "not installed");
            report_left_out(load.name, load.goal, "not installed");
            return;
        }
        save.peer[r] = seconds[0];
        load.peer[r] = seconds[1];
        file_fresh(bench->directory, "new.db", path);
        save.ours[r] = save_seconds(bench, path);
        load.ours[r] = load_seconds(bench, path);
    }
    report_workload(&save);
    report_workload(&load);
}

void bench_python(const struct bench *bench)
{
    char raw[FILE_PATH_ROOM], path[FILE_PATH_ROOM];

    file_fresh(bench->directory, "raw.bin", raw);
    peer_file_write(raw, bench->tensors);
    for (size_t i = 0; i < PEERS; i++)
        bench_peer(bench, i, raw);
    file_fresh(bench->directory, "new.db", path);
    file_fresh(bench->directory, "raw.bin", raw);
}
