/* explore.c - see explore.h. */
#include "explore.h"

#include <inttypes.h>

#include "calls.h"
#include "judge.h"
#include "loss.h"
#include "need.h"
#include "varsdb.h"

#define SUBSETS_MAX 10  /* pending operations: every choice of them is tried */
#define DRAWN_FEW   24  /* images beside that, with torn writes */
#define DRAWN_MANY  240 /* images where more is pending */
#define OPEN_ONE_IN 24  /* of the images the library itself opens one, */
#define USE_ONE_IN  8   /* and of these uses one */
#define FAIL_CALLS  100 /* of the system, that opening, reading and closing takes */
#define TOLD_MAX    3

/* Random numbers of the process that lost its power, and of those that come after it: they are not the same,
 * and names of temporary files are made of them. */
#define BEFORE 1
#define AFTER  2

typedef struct exploration {
    const workload *workload;
    const explore_options *options;
    explore_counts *counts;
    disk start;
    disk_log log;
    judge_finding states[WORKLOAD_STEPS_MAX + 1]; /* after so many steps */
    loss loss;
    int done;    /* steps */
    int pending; /* 1 while another one is under way */
    uint64_t seed, image;
    int told;
} exploration;

/* ---- the run */

static void record(exploration *x)
{
    disk live;
    calls_restart(BEFORE);
    disk_make(&x->start);
    calls_use(&x->start);
    if (x->workload->prepare)
        x->workload->prepare();
    disk_copy(&x->start, &live);
    live.log = &x->log;
    calls_use(&live);
    for (int i = 0; x->workload->steps[i]; i++) {
        int rc = x->workload->steps[i]();
        must(rc == VARSDB_OK, "%s, step %d: %s: %s", x->workload->name, i + 1, varsdb_errname(rc),
             workloads_failure());
        disk_done(&live);
    }
    live.log = NULL;
    workloads_close();
    calls_use(NULL);
    disk_free(&live);
}

/* What a crash leaves that loses nothing. */
static void find_states(exploration *x)
{
    disk all, copy;
    int steps = 0;
    disk_copy(&x->start, &all);
    disk_copy(&all, &copy);
    judge_recover(&copy, &x->states[0]);
    disk_free(&copy);
    for (size_t i = 0; i < x->log.count; i++) {
        disk_apply(&all, &x->log.ops[i]);
        if (x->log.ops[i].kind != DISK_DONE)
            continue;
        disk_copy(&all, &copy);
        judge_recover(&copy, &x->states[++steps]);
        disk_free(&copy);
    }
    disk_free(&all);
}

/* ---- one image */

static void tell(exploration *x, const char *what, const loss_fate *fates, const judge_finding *found)
{
    FILE *out = x->options->losses;
    x->counts->losses++;
    if (!out || x->told++ >= TOLD_MAX)
        return;
    fprintf(out, "%s: %s: after operation %zu, image %" PRIu64 ", %d steps done%s\n", x->workload->name, what,
            x->loss.next - 1, x->image, x->done, x->pending ? " and one under way" : "");
    loss_print(&x->loss, fates, out);
    fprintf(out, "found:\n");
    judge_print(found, out);
    fprintf(out, "before:\n");
    judge_print(&x->states[x->done], out);
    if (x->pending) {
        fprintf(out, "after:\n");
        judge_print(&x->states[x->done + 1], out);
    }
}

static bool is_allowed(const exploration *x, const judge_finding *found)
{
    return judge_equal(found, &x->states[x->done]) ||
           (x->pending && judge_equal(found, &x->states[x->done + 1]));
}

static loss_sectors draw_sectors(const exploration *x, test_random *random)
{
    return (loss_sectors){.bytes = random_below(random, 2) ? 512 : 4096, .powersafe = x->options->powersafe};
}

/* The power is lost again while the disk is recovered. */
static void lose_again(exploration *x, const disk *image, const disk_log *log, test_random *random,
                       judge_finding *found)
{
    static loss second;
    loss_fate fates[LOSS_PENDING_MAX];
    disk left;
    loss_sectors sectors = draw_sectors(x, random);
    uint64_t until = random_below(random, log->count + 1);
    loss_begin(&second, image, log);
    while (second.next < until)
        loss_next(&second);
    loss_draw(&second, random, fates);
    loss_image(&second, fates, &sectors, random, &left);
    judge_recover(&left, found);
    disk_free(&left);
    loss_end(&second);
    x->counts->again++;
}

/* What is read, written or synced while the disk is recovered fails, and then the power. */
static void fail_and_lose(exploration *x, const disk *image, test_random *random, judge_finding *found)
{
    disk failing;
    disk_log log = {0};
    disk_copy(image, &failing);
    failing.log = &log;
    x->counts->failed += judge_fail(&failing, (int)random_below(random, FAIL_CALLS), random_below(random, 2));
    lose_again(x, image, &log, random, found);
    disk_log_free(&log);
    disk_free(&failing);
}

static void open_image(exploration *x, const disk *image, const loss_fate *fates, test_random *random,
                       const judge_finding *found)
{
    judge_finding same;
    x->counts->opened++;
    judge_open(image, random_below(random, 2), &same);
    if (!judge_equal(found, &same))
        tell(x, "otherwise when the library opens it", fates, &same);
    else if (random_below(random, USE_ONE_IN) == 0 && !judge_serves(image, &same))
        tell(x, "of no use", fates, &same);
    fail_and_lose(x, image, random, &same);
    if (!judge_equal(found, &same))
        tell(x, "otherwise after the recovery failed", fates, &same);
}

static void try_image(exploration *x, const loss_fate *fates, test_random *random)
{
    disk image, recovered;
    disk_log log = {0};
    judge_finding found, same;
    loss_sectors sectors = draw_sectors(x, random);
    calls_restart(AFTER);
    loss_image(&x->loss, fates, &sectors, random, &image);
    disk_copy(&image, &recovered);
    recovered.log = &log;
    judge_recover(&recovered, &found);
    x->counts->images++;
    if (!is_allowed(x, &found))
        tell(x, "lost", fates, &found);
    lose_again(x, &image, &log, random, &same);
    if (!judge_equal(&found, &same))
        tell(x, "otherwise after the recovery was lost", fates, &same);
    if (random_below(random, OPEN_ONE_IN) == 0)
        open_image(x, &image, fates, random, &found);
    disk_log_free(&log);
    disk_free(&recovered);
    disk_free(&image);
}

/* ---- one moment */

/* The next image's chance, which depends on its place alone; false when it is left out. */
static bool take_turn(exploration *x, test_random *random)
{
    test_random of_image = {x->seed + x->image++};
    random->state = random_next(&of_image);
    return random_below(random, (uint64_t)x->options->one_in) == 0;
}

/* What the moment before tried is not tried again: there the newest operation was not there yet. */
static void try_choices(exploration *x, bool newest_only)
{
    loss_fate fates[SUBSETS_MAX];
    test_random random;
    uint64_t all = (uint64_t)1 << x->loss.count;
    for (uint64_t bits = newest_only ? all / 2 : 0; bits < all; bits++)
        if (take_turn(x, &random)) {
            loss_choose(&x->loss, bits, fates);
            try_image(x, fates, &random);
        }
}

static void try_drawn(exploration *x, int count)
{
    static loss_fate fates[LOSS_PENDING_MAX];
    test_random random;
    for (int i = 0; i < count; i++)
        if (take_turn(x, &random)) {
            loss_draw(&x->loss, &random, fates);
            try_image(x, fates, &random);
        }
}

static void try_moment(exploration *x, const disk_op *op)
{
    bool is_pending = op->kind != DISK_SYNC && op->kind != DISK_SYNC_NAMES && op->kind != DISK_DONE;
    x->counts->points++;
    x->done += op->kind == DISK_DONE;
    x->pending = op->kind != DISK_DONE;
    if (x->loss.count > SUBSETS_MAX) {
        try_drawn(x, DRAWN_MANY);
        return;
    }
    try_choices(x, is_pending);
    if (x->loss.count)
        try_drawn(x, DRAWN_FEW);
}

/* Each workload draws in its own way. */
static uint64_t seed_of(const workload *w, const explore_options *options)
{
    test_random r = {options->seed + options->powersafe};
    for (const char *c = w->name; *c; c++)
        r.state = random_next(&r) ^ (unsigned char)*c;
    return random_next(&r);
}

void explore(const workload *w, const explore_options *options, explore_counts *counts)
{
    static exploration x;
    x = (exploration){.workload = w, .options = options, .counts = counts};
    x.seed = seed_of(w, options);
    calls_set_powersafe(options->powersafe);
    record(&x);
    find_states(&x);
    loss_begin(&x.loss, &x.start, &x.log);
    for (const disk_op *op; (op = loss_next(&x.loss));)
        try_moment(&x, op);
    loss_end(&x.loss);
    disk_log_free(&x.log);
    disk_free(&x.start);
}
