/*
 * memory.c - peak memory while a tensor larger than most memories is saved and loaded (g).
 */
#include "memory.h"

#include <stdio.h>

#include "actor.h"
#include "file.h"

static const char goal[] = "<= 64 MiB";

static double grown_mib(const struct bench *bench, const char *kind, const char *path)
{
    struct process *actor;
    char bytes[24];
    double grown;

    snprintf(bytes, sizeof bytes, "%lld", (long long)bench->sizes.peak_bytes);
    actor = actor_start(bench->self, kind, path, bytes);
    actor_go(actor);
    actor_hear(actor, &grown, 1);
    return grown / (1 << 20);
}

void bench_memory(const struct bench *bench)
{
    struct workload save = {.name = "(g) peak memory beyond the buffer, saving", .unit = "MiB", .goal = goal};
    struct workload load = {
        .name = "(g) peak memory beyond the buffer, loading", .unit = "MiB", .goal = goal};
    /* The file, and a log that may grow as large before it is copied. */
    int64_t needed = 2 * bench->sizes.peak_bytes + (1 << 30), room;
    char path[FILE_PATH_ROOM], why[80];

    file_fresh(bench->directory, "large.db", path);
    room = file_room(bench->directory);
    if (room < needed) {
        snprintf(why, sizeof why, "left out: needs %lld GiB, there are %lld", (long long)(needed >> 30),
                 (long long)(room >> 30));
        report_left_out(save.name, goal, why);
        report_left_out(load.name, goal, why);
        return;
    }
    save.rounds = load.rounds = 1;
    save.ours[0] = grown_mib(bench, "saver", path);
    load.ours[0] = grown_mib(bench, "loader", path);
    report_figure(&save);
    report_figure(&load);
    report_note("one tensor of %lld MiB, 1 MiB at a time, once; VmHWM, from before varsdb_open on",
                (long long)(bench->sizes.peak_bytes >> 20));
    file_fresh(bench->directory, "large.db", path);
}
