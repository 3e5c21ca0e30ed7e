/*
 * crowd.c - a large save and other processes: what each costs the other.
 */
#include "crowd.h"

#include <stdio.h>

#include "actor.h"
#include "fail.h"
#include "file.h"
#include "ours.h"
#include "stream.h"
#include "timer.h"

enum {
    CROWD = 8,
    STREAM_PIECE = 8 << 20,
    SAMPLE_BYTES = 1 << 20,
    TRANSACTION_BYTES = 16 << 20 /* about what the saver's transactions hold */
};

/* What an actor that waits for its turn tells. */
struct waits {
    double count, p99, longest;
};

struct crowd {
    const struct bench *bench;
    struct stream *stream;
    char path[FILE_PATH_ROOM];
    size_t size;
    struct waits waits[CROWD];
};

static void start(const struct bench *bench, struct crowd *crowd)
{
    *crowd = (struct crowd){.bench = bench, .stream = stream_new(STREAM_PIECE)};
}

static void tear_down(struct crowd *crowd)
{
    stream_free(crowd->stream);
    file_fresh(crowd->bench->directory, "crowd.db", crowd->path);
}

/* A registry with nothing but a sample in it. */
static struct ours *open_empty(struct crowd *crowd)
{
    struct ours *ours;

    file_fresh(crowd->bench->directory, "crowd.db", crowd->path);
    file_settle(crowd->bench->directory);
    ours = ours_open(crowd->path, VARSDB_CREATE_FILE);
    stream_save(crowd->stream, ours->db, stream_variable(ours->db, "small", STREAM_PIECE), STREAM_PIECE);
    return ours;
}

static double save(struct crowd *crowd, struct ours *ours)
{
    int64_t bytes = crowd->bench->sizes.large;
    const varsdb_variable *variable = stream_variable(ours->db, "large", bytes);
    double began = timer_now();

    stream_save(crowd->stream, ours->db, variable, bytes);
    return bench_speed((size_t)bytes, timer_now() - began);
}

/* ---- (h) ---- */

/* The speed of a save in a new registry, in which `size` others create variables. */
static double save_beside(struct crowd *crowd, size_t size)
{
    struct ours *ours = open_empty(crowd);
    struct process *creators[CROWD];
    char scope[24];
    double speed;

    crowd->size = size;
    for (size_t i = 0; i < size; i++) {
        snprintf(scope, sizeof scope, "creator_%zu", i);
        creators[i] = actor_start(crowd->bench->self, "creator", crowd->path, scope);
    }
    for (size_t i = 0; i < size; i++)
        actor_go(creators[i]);
    speed = save(crowd, ours);
    for (size_t i = 0; i < size; i++)
        actor_stop(creators[i]);
    for (size_t i = 0; i < size; i++) {
        double told[3];

        actor_hear(creators[i], told, 3);
        crowd->waits[i] = (struct waits){told[0], told[1], told[2]};
    }
    ours_close(ours);
    return speed;
}

static struct summary creates(const struct crowd *crowd)
{
    double counts[CROWD];

    for (size_t i = 0; i < crowd->size; i++)
        counts[i] = crowd->waits[i].count;
    return timer_summarize(counts, crowd->size);
}

static void note_crowd(const struct crowd *crowd)
{
    char text[512] = "";
    size_t used = 0;

    for (size_t i = 0; i < crowd->size; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%.0f (%.0f ms)", i > 0 ? ", " : "",
                                 crowd->waits[i].count, 1e3 * crowd->waits[i].longest);
    report_note("creates of each of the 8, and its longest wait: %s", text);
}

void bench_creators(const struct bench *bench)
{
    struct workload one = bench_workload(bench, "(h) large save beside a creator / alone", "GB/s", ">= 0.6x");
    struct workload p99 =
        bench_workload(bench, "(h) p99 of creates / one transaction of the save", "ms", "-");
    struct workload longest = bench_workload(bench, "(h) longest create / one transaction", "ms", "-");
    struct workload many = bench_workload(bench, "(h) large save beside 8 creators / alone", "GB/s", "-");
    struct workload fair =
        bench_workload(bench, "(h) creates of the slowest of 8 / of the median", "", ">= 0.25x");
    struct crowd crowd;
    double lone_creates = 0.0;

    start(bench, &crowd);
    for (size_t r = 0; r < one.rounds; r++) {
        double alone = save_beside(&crowd, 0);

        one.peer[r] = many.peer[r] = alone;
        p99.peer[r] = longest.peer[r] = 1e3 * TRANSACTION_BYTES / (alone * 1e9);
        one.ours[r] = save_beside(&crowd, 1);
        lone_creates = crowd.waits[0].count;
        p99.ours[r] = 1e3 * crowd.waits[0].p99;
        longest.ours[r] = 1e3 * crowd.waits[0].longest;
        many.ours[r] = save_beside(&crowd, CROWD);
        fair.ours[r] = creates(&crowd).min;
        fair.peer[r] = creates(&crowd).median;
    }
    report_workload(&one);
    report_workload(&p99);
    report_workload(&longest);
    report_workload(&many);
    report_workload(&fair);
    report_note("a tensor of %lld MiB; creators create without a pause; a transaction of the save: 16 MiB of "
                "it alone",
                (long long)(bench->sizes.large >> 20));
    report_note("creates of the one creator in the last round: %.0f", lone_creates);
    note_crowd(&crowd);
    tear_down(&crowd);
}

/* ---- (i) ---- */

static struct ours *open_with_sample(struct crowd *crowd)
{
    struct stream *sample = stream_new(SAMPLE_BYTES);
    struct ours *ours = open_empty(crowd);

    stream_save(sample, ours->db, stream_variable(ours->db, "sample", SAMPLE_BYTES), SAMPLE_BYTES);
    stream_free(sample);
    return ours;
}

static struct waits sample(struct crowd *crowd, struct ours *ours, int saving)
{
    struct process *sampler = actor_start(crowd->bench->self, "sampler", crowd->path, "");
    double told[3];

    actor_go(sampler);
    if (saving)
        (void)save(crowd, ours);
    else
        timer_sleep(2.0);
    actor_stop(sampler);
    actor_hear(sampler, told, 3);
    return (struct waits){told[0], told[1], told[2]};
}

void bench_sampler(const struct bench *bench)
{
    struct workload w =
        bench_workload(bench, "(i) p99 of reading 1 MiB during a large save / idle", "us", "<= 3x");
    struct waits idle = {0}, busy = {0};
    struct crowd crowd;

    start(bench, &crowd);
    for (size_t r = 0; r < w.rounds; r++) {
        struct ours *ours = open_with_sample(&crowd);

        idle = sample(&crowd, ours, 0);
        busy = sample(&crowd, ours, 1);
        ours_close(ours);
        w.ours[r] = 1e6 * busy.p99;
        w.peer[r] = 1e6 * idle.p99;
    }
    report_workload(&w);
    report_note("in the last round %.0f reads during the save (longest %.2f ms), %.0f idle (longest %.2f ms)",
                busy.count, 1e3 * busy.longest, idle.count, 1e3 * idle.longest);
    tear_down(&crowd);
}
