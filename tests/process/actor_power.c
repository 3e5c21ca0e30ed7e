/*
 * actor_power.c ONE_IN FLOOR JOBS [PLANT [WORKLOAD]] - loses power at every moment of every workload
 * (tests/power), several at a time, and tells what was lost; of the images that there are it makes one in so
 * many.  PLANT is a fault that is to be found, on the same images each time; without one, "none",
 * VARSDB_TEST_SEED repeats a run.
 *
 * It ends with "points P, images I, losses L".  Its status is 0 when nothing was lost and the images are as
 * many as the floor.
 */
#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../power/calls.h"
#include "../power/explore.h"
#include "../power/handles.h"
#include "../power/need.h"
#include "../support/actor.h"

static const struct {
    const char *name;
    calls_plant plant;
    const char *synchronous;
} plants[] = {
    {"none", CALLS_RIGHT, NULL},
    {"synchronous=OFF", CALLS_RIGHT, "OFF"},
    {"synchronous=NORMAL", CALLS_RIGHT, "NORMAL"},
    {"no sync of the log", CALLS_NO_LOG_SYNC, NULL},
    {"no sync of the database", CALLS_NO_DATABASE_SYNC, NULL},
    {"no sync of new files", CALLS_NO_NEW_FILE_SYNC, NULL},
    {"new files synced after they are published", CALLS_LATE_NEW_FILE_SYNC, NULL},
    {"no sync of the directory", CALLS_NO_DIRECTORY_SYNC, NULL},
};

/* What the processes share. */
typedef struct totals {
    atomic_int next; /* the workload that nobody has begun */
    _Atomic int64_t points, images, opened, failed, again, losses, milliseconds;
} totals;

static void plant(const char *name)
{
    for (size_t i = 0; i < sizeof plants / sizeof *plants; i++)
        if (strcmp(plants[i].name, name) == 0) {
            calls_plant_fault(plants[i].plant);
            handles_plant_synchronous(plants[i].synchronous);
            return;
        }
    must(false, "there is no plant \"%s\"", name);
}

/* What is said comes out in one piece, as others run beside it. */
static void run(const workload *w, explore_options options, totals *all)
{
    char *text = NULL;
    size_t bytes;
    explore_counts c = {0};
    clock_t began = clock();
    FILE *out = need(open_memstream(&text, &bytes));
    options.losses = options.losses ? out : NULL;
    explore(w, &options, &c);
    int64_t ms = (int64_t)(clock() - began) * 1000 / CLOCKS_PER_SEC;
    fprintf(out, "workload %s%s: points %" PRId64 ", images %" PRId64 ", losses %" PRId64 " (%.1f s)\n",
            w->name, options.powersafe ? "" : ", sectors not safe", c.points, c.images, c.losses,
            (double)ms / 1000);
    fclose(out);
    fwrite(text, 1, bytes, stdout);
    fflush(stdout);
    free(text);
    all->points += c.points;
    all->images += c.images;
    all->opened += c.opened;
    all->failed += c.failed;
    all->again += c.again;
    all->losses += c.losses;
    all->milliseconds += ms;
}

static void work(const explore_options *options, const char *only, totals *all)
{
    for (int i; (i = atomic_fetch_add(&all->next, 1)) < 2 * workload_count;) {
        explore_options each = *options;
        each.powersafe = i % 2 == 0;
        if (!only || strcmp(only, workloads[i / 2].name) == 0)
            run(&workloads[i / 2], each, all);
    }
}

/* Whether all came to their ends. */
static bool share(int jobs, const explore_options *options, const char *only, totals *all)
{
    bool ended = true;
    int status = 0, started = 0;
    for (; started < jobs; started++) {
        pid_t pid = fork();
        must(pid >= 0, "no process for a job");
        if (pid == 0) {
            work(options, only, all);
            _exit(0);
        }
    }
    for (; started > 0; started--)
        ended = wait(&status) > 0 && status == 0 && ended;
    if (!ended)
        printf("power: not all came to their ends\n");
    return ended;
}

int main(int count, char **arguments)
{
    must(count >= 4, "actor_power ONE_IN FLOOR JOBS [PLANT [WORKLOAD]]");
    const char *planted = count > 4 ? arguments[4] : "none", *only = count > 5 ? arguments[5] : NULL;
    int64_t floor = strtoll(arguments[2], NULL, 10);
    totals *all = mmap(NULL, sizeof *all, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    must(all != MAP_FAILED, "no memory to share");
    bool is_right = strcmp(planted, "none") == 0;
    explore_options options = {.seed = is_right ? test_seed("power") : 1,
                               .one_in = (int)strtol(arguments[1], NULL, 10),
                               .losses = is_right ? stdout : NULL};
    calls_install();
    plant(planted);
    bool ended = share((int)strtol(arguments[3], NULL, 10), &options, only, all);
    printf("power: %" PRId64 " of these opened by the library, %" PRId64 " with failing calls; %" PRId64
           " recoveries lost too (%.0f s)\n",
           all->opened, all->failed, all->again, (double)all->milliseconds / 1000);
    actor_say("points %" PRId64 ", images %" PRId64 ", losses %" PRId64, all->points, all->images,
              all->losses);
    return ended && all->losses == 0 && all->images >= floor ? 0 : 1;
}
