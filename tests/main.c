/*
 * main.c - runs every suite under tests/unit and tests/process, several at a time.
 *
 * VARSDB_TEST_ONLY=<suite> runs one, in this process, and "<suite> ..." several. VARSDB_TEST_WITHOUT="<suite>
 * ..." leaves some out, and says so.  VARSDB_TEST_JOBS=<n> says how many run at a time; without it as many as
 * there are processors. Check's own variables (CK_FORK, CK_VERBOSITY, CK_DEFAULT_TIMEOUT, CK_RUN_CASE ...)
 * work as its manual says.
 */
#include <check.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "suites.h"

#define SECONDS_A_TEST "120"
#define JOBS_MAX       64
#define ONLY           "VARSDB_TEST_ONLY"
#define WITHOUT        "VARSDB_TEST_WITHOUT"
#define SPACE          " \t\n"

#define DECLARE(name) Suite *test_##name##_suite(void);
VDB_TEST_SUITES(DECLARE)

static const struct {
    const char *name;
    Suite *(*create)(void);
} suites[] = {
#define ENTRY(name) {#name, test_##name##_suite},
    VDB_TEST_SUITES(ENTRY){NULL, NULL}};

#define SUITES ((int)(sizeof suites / sizeof *suites) - 1)

/* ---- one suite */

typedef struct totals {
    atomic_int next; /* the suite that nobody has begun */
    atomic_int suites, checks, failures, errors;
    double seconds[SUITES];
} totals;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void count(totals *t, SRunner *runner)
{
    int failed = srunner_ntests_failed(runner);
    TestResult **results = srunner_failures(runner);
    for (int i = 0; i < failed; i++)
        atomic_fetch_add(tr_rtype(results[i]) == CK_FAILURE ? &t->failures : &t->errors, 1);
    atomic_fetch_add(&t->suites, 1);
    atomic_fetch_add(&t->checks, srunner_ntests_run(runner));
    free(results);
}

/* What it says comes out in one piece, as others run beside it. */
static void run_suite(int which, totals *t)
{
    double began = now();
    SRunner *runner = srunner_create(suites[which].create());
    srunner_run_all(runner, CK_SILENT);
    printf("Running suite(s): %s\n", suites[which].name);
    srunner_print(runner, CK_ENV);
    fflush(stdout);
    count(t, runner);
    t->seconds[which] = now() - began;
    srunner_free(runner);
}

static int run_only(const char *name)
{
    totals t = {0};
    for (int i = 0; i < SUITES; i++)
        if (strcmp(name, suites[i].name) == 0)
            run_suite(i, &t);
    if (t.checks > 0)
        return t.failures + t.errors == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    fprintf(stderr, "VARSDB_TEST_ONLY: no test is in a suite named '%s'; there are:", name);
    for (int i = 0; i < SUITES; i++)
        fprintf(stderr, " %s", suites[i].name);
    fputc('\n', stderr);
    return EXIT_FAILURE;
}

/* ---- all of them */

/* Those whose names a variable has, as words. */
static bool is_among(const char *variable, const char *suite)
{
    const char *words = getenv(variable);
    size_t length = strlen(suite);
    for (const char *at = words ? words : ""; *(at += strspn(at, SPACE)); at += strcspn(at, SPACE))
        if (strcspn(at, SPACE) == length && strncmp(at, suite, length) == 0)
            return true;
    return false;
}

static bool is_wanted(const char *suite)
{
    const char *only = getenv(ONLY);
    return (!only || !*only || is_among(ONLY, suite)) && !is_among(WITHOUT, suite);
}

/* Each word of that variable is a suite's name. */
static bool has_names(const char *variable)
{
    const char *words = getenv(variable);
    int named = 0, known = 0;
    for (const char *at = words ? words : ""; *(at += strspn(at, SPACE)); at += strcspn(at, SPACE))
        named++;
    for (int i = 0; i < SUITES; i++)
        known += is_among(variable, suites[i].name);
    if (known != named)
        fprintf(stderr, "%s: no suite has one of these names: %s\n", variable, words);
    return known == named;
}

static int jobs_wanted(void)
{
    const char *given = getenv("VARSDB_TEST_JOBS");
    long jobs = given && *given ? strtol(given, NULL, 10) : sysconf(_SC_NPROCESSORS_ONLN);
    return jobs < 1 ? 1 : jobs > JOBS_MAX ? JOBS_MAX : (int)jobs;
}

static bool wait_for(int processes)
{
    bool all = true;
    for (int status = 0; processes > 0; processes--)
        all = wait(&status) > 0 && status == 0 && all;
    return all;
}

static pid_t start_process(void)
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        prctl(PR_SET_PDEATHSIG, SIGTERM);
    return pid;
}

/* Each test is a fork of what runs its suite: what other suites left in memory would make all of them slow.
 */
static bool run_apart(int which, totals *t)
{
    pid_t pid = start_process();
    if (pid == 0) {
        run_suite(which, t);
        exit(EXIT_SUCCESS);
    }
    return pid > 0 && wait_for(1);
}

static pid_t start_worker(totals *t)
{
    pid_t pid = start_process();
    bool all = true;
    if (pid != 0)
        return pid;
    for (int i; (i = atomic_fetch_add(&t->next, 1)) < SUITES;)
        if (is_wanted(suites[i].name))
            all = run_apart(i, t) && all;
    exit(all ? EXIT_SUCCESS : EXIT_FAILURE);
}

static void tell_of_the_slowest(totals *t)
{
    printf("Slowest:");
    for (int k = 0; k < 5; k++) {
        int slowest = 0;
        for (int i = 1; i < SUITES; i++)
            if (t->seconds[i] > t->seconds[slowest])
                slowest = i;
        if (t->seconds[slowest] > 0)
            printf("%s %s %.0f s", k ? "," : "", suites[slowest].name, t->seconds[slowest]);
        t->seconds[slowest] = 0;
    }
    printf("\n");
}

static void tell_of_those_left_out(void)
{
    int left = 0;
    for (int i = 0; i < SUITES; i++)
        if (is_among(WITHOUT, suites[i].name))
            printf("%s%s", left++ ? ", " : "Left out: ", suites[i].name);
    if (left > 0)
        putchar('\n');
}

static int run_all(void)
{
    totals *t = mmap(NULL, sizeof *t, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int jobs = jobs_wanted(), started = 0;
    if (t == MAP_FAILED)
        return EXIT_FAILURE;
    while (started < jobs && start_worker(t) > 0)
        started++;
    bool ended = started > 0 && wait_for(started);
    tell_of_those_left_out();
    tell_of_the_slowest(t);
    printf("%d of %d suites, %d at a time: %d checks, %d failures, %d errors%s\n", t->suites, SUITES, started,
           t->checks, t->failures, t->errors, ended ? "" : "; a runner did not come to its end");
    return ended && t->failures + t->errors == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(void)
{
    const char *only = getenv(ONLY);
    static char buffer[1 << 20];
    if (setenv("CK_DEFAULT_TIMEOUT", SECONDS_A_TEST, 0) != 0 ||
        setvbuf(stdout, buffer, _IOFBF, sizeof buffer) != 0)
        return EXIT_FAILURE;
    if (only && *only && strcspn(only, SPACE) == strlen(only))
        return run_only(only);
    return has_names(ONLY) && has_names(WITHOUT) ? run_all() : EXIT_FAILURE;
}
