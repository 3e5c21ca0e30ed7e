/*
 * test_fault.c - memory is out, or the disk fails in each of its ways, or is full, at any moment of every
 * call that touches a registry; sweep.h says what is expected then.
 *
 * A run of all tests tries one moment in many; `make check-faults` tries all of them.
 */
#include <check.h>
#include <stdio.h>
#include <time.h>

#include "../support/sanitized.h"
#include "../support/sweep.h"

Suite *test_fault_suite(void);

#define SECONDS_MAX 14400
#define SCENARIOS   60 /* at least */
#define MODES(mode) for (int mode = SCENE_OWN; mode < SCENE_MODES; mode++)

static scene stage;

static void set_up(void)
{
    fault_install();
    scene_set_up(&stage);
}

static void tear_down(void)
{
    scene_tear_down(&stage);
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static const char *name_of(int kind)
{
    return kind == SWEEP_FILE_LIMIT   ? "file limit"
           : kind == SWEEP_PAGE_LIMIT ? "page limit"
           : kind == SWEEP_ENGINE     ? "engine"
                                      : fault_name((fault_kind)kind);
}

/* How many points there were. */
static long run(scene_mode mode, sweep w)
{
    double began = seconds();
    sweep_counts n = sweep_run(&stage, mode, &w);
    printf("fault: %-11s %-9s %-13s step %3d: %3d scenarios, %6ld points, %6.1f s\n", name_of(w.kind),
           w.lasting ? "from then" : "once", scene_mode_name(mode), w.step, n.scenarios, n.points,
           seconds() - began);
    fflush(stdout);
    ck_assert_int_ge(n.scenarios, w.only ? 1 : SCENARIOS);
    return n.points;
}

static long run_twice_of(scene_mode mode, int kind, int step, const char *only)
{
    return run(mode, (sweep){.kind = kind, .step = step, .only = only}) +
           run(mode, (sweep){.kind = kind, .step = step, .only = only, .lasting = true});
}

static long run_twice(scene_mode mode, int kind, int step)
{
    return run_twice_of(mode, kind, step, NULL);
}

/* So many are the least for all moments; a run that tries fewer has its own least. */
static void check_points(const char *what, long points, long all, long some)
{
    printf("fault: %s: %ld points\n", what, points);
    ck_assert_int_ge(points, sweep_is_whole() ? all : getenv("VARSDB_FAULT_STEP") ? 1 : some);
}

START_TEST(any_allocation_may_fail)
{
    long points = 0;
    MODES(mode)
    points += run_twice((scene_mode)mode, FAULT_ALLOCATION, sweep_step(mode == SCENE_OWN ? 401 : 1499));
    check_points("allocations", points, 20000, FEWER(1700, 300));
}
END_TEST

/* They are few beside SQLite's, and each has a way of its own to give up. */
START_TEST(any_allocation_of_the_library_itself_may_fail)
{
    const sweep once = {.kind = FAULT_OWN, .step = sweep_step(3)};
    const sweep from_then = {.kind = FAULT_OWN, .step = sweep_step(11), .lasting = true};
    long points = run(SCENE_OWN, once) + run(SCENE_OWN, from_then);
    check_points("allocations of the library itself", points, 10000, FEWER(2500, 400));
}
END_TEST

/* What has the lock must give it back, memory or not. */
START_TEST(no_allocation_of_a_checkpoint_keeps_the_lock)
{
    long points = run_twice_of(SCENE_OWN, FAULT_ALLOCATION, FEWER(1, 7), "collect_garbage, of nothing");
    points += run_twice_of(SCENE_OWN, FAULT_ALLOCATION, FEWER(1, 7), "checkpoint");
    check_points("allocations of checkpoints", points, 2000, FEWER(2000, 200));
}
END_TEST

/* What the library asks of the engine is little beside what that asks of memory and disk, so that more of it
 * can be tried. */
START_TEST(whatever_is_asked_of_the_engine_may_fail)
{
    const sweep once = {.kind = SWEEP_ENGINE, .step = sweep_step(7), .without = SCENARIO_OPENS};
    const sweep from_then = {
        .kind = SWEEP_ENGINE, .step = sweep_step(23), .without = SCENARIO_OPENS, .lasting = true};
    const sweep inside = {.kind = SWEEP_ENGINE, .step = sweep_step(53), .without = SCENARIO_OPENS};
    long points = run(SCENE_OWN, once) + run(SCENE_OWN, from_then) + run(SCENE_HOST_WAL, inside);
    check_points("the engine", points, 15000, FEWER(1500, 250));
}
END_TEST

START_TEST(any_call_of_the_file_system_may_fail)
{
    static const fault_kind kinds[] = {
        FAULT_CALL, FAULT_READ, FAULT_SHORT_READ, FAULT_WRITE,    FAULT_SHORT_WRITE,
        FAULT_SYNC, FAULT_OPEN, FAULT_TRUNCATE,   FAULT_DELETE,   FAULT_ACCESS,
        FAULT_SIZE, FAULT_LOCK, FAULT_SHM_MAP,    FAULT_SHM_LOCK, FAULT_SHM_BUSY,
    };
    long points = 0;
    MODES(mode)
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        points += run_twice((scene_mode)mode, (int)kinds[i],
                            sweep_step(mode == SCENE_HOST_WAL ? 211 : FEWER(67, 25)));
    check_points("calls of the file system", points, 30000, FEWER(1500, 250));
}
END_TEST

/* A function of SQL has no error of its own but a sentence; the query still says what it was. */
START_TEST(what_failed_inside_of_sql_is_named)
{
    long points = 0;
    for (int kind = FAULT_CALL; kind < FAULT_KINDS; kind++)
        points += run_twice_of(SCENE_OWN, kind, FEWER(1, 5), "query");
    check_points("calls of the file system in a query", points, 200, FEWER(200, 30));
}
END_TEST

START_TEST(the_disk_may_be_full)
{
    long points = 0;
    MODES(mode)
    {
        int step = sweep_step(mode == SCENE_HOST_WAL ? 211 : 53);
        points += run_twice((scene_mode)mode, FAULT_FULL, step);
        points += run((scene_mode)mode, (sweep){.kind = SWEEP_FILE_LIMIT, .step = step});
        points += run((scene_mode)mode,
                      (sweep){.kind = SWEEP_PAGE_LIMIT, .step = sweep_step(3), .with = SCENARIO_WRITES});
    }
    check_points("room on the disk", points, 5000, FEWER(1100, 200));
}
END_TEST

static TCase *add_case(Suite *suite, const char *name)
{
    TCase *tc = tcase_create(name);
    tcase_set_timeout(tc, SECONDS_MAX);
    tcase_add_checked_fixture(tc, set_up, tear_down);
    suite_add_tcase(suite, tc);
    return tc;
}

Suite *test_fault_suite(void)
{
    Suite *suite = suite_create("fault");
    TCase *tc = add_case(suite, "fault");
    tcase_add_test(tc, any_allocation_may_fail);
    tcase_add_test(tc, no_allocation_of_a_checkpoint_keeps_the_lock);
    tcase_add_test(tc, any_call_of_the_file_system_may_fail);
    tcase_add_test(tc, what_failed_inside_of_sql_is_named);
    tcase_add_test(tc, the_disk_may_be_full);
    tcase_add_test(add_case(suite, "engine"), whatever_is_asked_of_the_engine_may_fail);
    tcase_add_test(add_case(suite, "own"), any_allocation_of_the_library_itself_may_fail);
    return suite;
}
