/*
 * test_soak.c - processes that have a registry open for long, beside writers that are killed: they need no
 * more memory, descriptors and time in the end than before, nor does the file grow; and nothing is lost.
 *
 * VARSDB_TEST_SOAK says for how many seconds.  A few of them only show that everybody comes to work.
 */
#include <check.h>
#include <inttypes.h>
#include <time.h>

#include "../support/actor.h"
#include "../support/clean.h"
#include "../support/journal.h"
#include "../support/opened.h"
#include "../support/sanitized.h"
#include "../support/tensor_files.h"
#include "../support/whole.h"

Suite *test_soak_suite(void);

#define SECONDS       3
#define JUDGED_FROM   60 /* seconds; in less, what is only warming up looks like growth */
#define LOGGERS       2
#define SOAKERS       (sizeof roles / sizeof *roles)
#define SIGKILLED     (256 + 9)
#define STEPS_EACH    FEWER(50, 5) /* in a second, at least: of all soakers, and commits of all loggers */
#define ALL_EVERY     10           /* all loggers are killed, so that nobody but soakers has the log open */
#define MIB           ((int64_t)1 << 20)
#define LOG_BYTES_MAX (1280 * MIB)

static const char *const roles[] = {"writer", "reader", "keeper", "visitor"};

/* What is measured each second. */
typedef enum measure {
    RESIDENT, /* bytes, of each soaker */
    DESCRIPTORS,
    FILE_BYTES, /* of the registry, and of its log */
    LOG_BYTES,
    MEASURES
} measure;

typedef struct soaking {
    actor soakers[SOAKERS], loggers[LOGGERS];
    test_random random;
    int seconds, kills;
    int64_t steps[SOAKERS];
    int64_t *measured[SOAKERS][MEASURES]; /* the last two of the first soaker alone */
} soaking;

static test_folder folder;
static char registry[PATH_BYTES], journals[LOGGERS][PATH_BYTES];

static void set_up(void)
{
    folder_make_in_memory(&folder);
    folder_path(&folder, "soak.db", registry);
    for (int i = 0; i < LOGGERS; i++) {
        char name[32];
        snprintf(name, sizeof name, "journal.%d", i);
        file_write(folder_path(&folder, name, journals[i]), "", 0);
    }
}

static void tear_down(void)
{
    folder_remove(&folder);
}

/* ---- measuring */

static int64_t resident_bytes(pid_t pid)
{
    char path[64];
    long long pages = 0;
    snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
    FILE *f = fopen(path, "r");
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(fscanf(f, "%*d %lld", &pages), 1);
    fclose(f);
    return pages * sysconf(_SC_PAGESIZE);
}

static int64_t descriptors(pid_t pid)
{
    test_folder f;
    snprintf(f.path, sizeof f.path, "/proc/%d/fd", (int)pid);
    return (int64_t)folder_count(&f);
}

static int64_t file_bytes(const char *suffix)
{
    char path[PATH_BYTES + 8];
    struct stat st;
    snprintf(path, sizeof path, "%s%s", registry, suffix);
    return stat(path, &st) == 0 ? st.st_size : 0;
}

static void measure_all(soaking *k, int second)
{
    for (size_t i = 0; i < SOAKERS; i++) {
        k->measured[i][RESIDENT][second] = resident_bytes(k->soakers[i].pid);
        k->measured[i][DESCRIPTORS][second] = descriptors(k->soakers[i].pid);
    }
    k->measured[0][FILE_BYTES][second] = file_bytes("");
    k->measured[0][LOG_BYTES][second] = file_bytes("-wal");
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Of a third of the seconds: nine in ten were not above it. */
static int64_t level(const soaking *k, const int64_t *measured, int third)
{
    size_t count = (size_t)k->seconds / 3;
    int64_t *sorted = malloc(count * sizeof *sorted);
    ck_assert_ptr_nonnull(sorted);
    memcpy(sorted, measured + count * (size_t)third, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare);
    int64_t out = sorted[count * 9 / 10];
    free(sorted);
    return out;
}

/* The first third is for warming up: caches fill, and the file finds its size.  From the second to the last
 * nothing may grow by more than a tenth and what is given. */
static void check_flat(const soaking *k, size_t soaker, measure m, int64_t more)
{
    static const char *const names[] = {"resident bytes", "descriptors", "bytes of the file"};
    int64_t before = level(k, k->measured[soaker][m], 1), after = level(k, k->measured[soaker][m], 2);
    printf("soak: %s: %s: %" PRId64 ", in the end %" PRId64 "\n", roles[soaker], names[m], before, after);
    if (k->seconds >= JUDGED_FROM && !(m == RESIDENT && SANITIZED))
        ck_assert_msg(after <= before + before / 10 + more, "%s: %s grew from %" PRId64 " to %" PRId64,
                      roles[soaker], names[m], before, after);
}

/* Who reads all the time keeps the log from beginning anew, so it does grow; but a commit that finds a GiB
 * of it waits until it can. */
static void check_log(const soaking *k)
{
    int64_t most = 0;
    for (int i = 0; i < k->seconds; i++)
        most = k->measured[0][LOG_BYTES][i] > most ? k->measured[0][LOG_BYTES][i] : most;
    printf("soak: the log had at most %" PRId64 " bytes\n", most);
    ck_assert_int_le(most, LOG_BYTES_MAX);
}

/* ---- the work */

static void start_logger(soaking *k, int i)
{
    char text[16], seed[32];
    snprintf(text, sizeof text, "%d", i);
    snprintf(seed, sizeof seed, "%" PRIu64, random_next(&k->random));
    const char *arguments[] = {"actor_logger", registry, journals[i], text, seed, NULL};
    ck_assert(actor_start(&k->loggers[i], arguments));
}

static void start_all(soaking *k)
{
    for (int i = 0; i < LOGGERS; i++)
        start_logger(k, i);
    for (size_t i = 0; i < SOAKERS; i++) {
        char text[16], seed[32];
        snprintf(text, sizeof text, "%zu", i);
        snprintf(seed, sizeof seed, "%" PRIu64, random_next(&k->random));
        const char *arguments[] = {"actor_soaker", registry, roles[i], text, seed, NULL};
        ck_assert(actor_start(&k->soakers[i], arguments));
        for (measure m = 0; m < MEASURES; m++) {
            k->measured[i][m] = calloc((size_t)k->seconds, sizeof(int64_t));
            ck_assert_ptr_nonnull(k->measured[i][m]);
        }
    }
}

static void kill_some(soaking *k, int second)
{
    int victim = (int)random_below(&k->random, LOGGERS);
    struct timespec moment = {.tv_nsec = (long)random_below(&k->random, 900) * 1000000};
    nanosleep(&moment, NULL);
    for (int i = 0; i < LOGGERS; i++)
        if (i == victim || second % ALL_EVERY == 0) {
            ck_assert_int_eq(actor_kill(&k->loggers[i]), SIGKILLED);
            k->kills++;
            start_logger(k, i);
        }
}

static void work_for_a_second(soaking *k, int second)
{
    char line[ACTOR_LINE_BYTES];
    int64_t steps;
    for (size_t i = 0; i < SOAKERS; i++)
        ck_assert(actor_send(&k->soakers[i], "work %d 1000", second * 3 / k->seconds));
    kill_some(k, second);
    for (size_t i = 0; i < SOAKERS; i++) {
        ck_assert_msg(actor_receive(&k->soakers[i], line) && sscanf(line, "did %" SCNd64, &steps) == 1,
                      "%s, second %d: %s", roles[i], second, line);
        k->steps[i] += steps;
    }
    measure_all(k, second);
}

/* ---- in the end */

/* On a machine that others work on too a call may wait long: ten times as long, and a second, is no growth;
 * what becomes slower with each row that is left over is soon beyond it. */
static void check_latency(soaking *k, size_t soaker)
{
    char line[ACTOR_LINE_BYTES] = "";
    int64_t half, most, half_last, most_last;
    ck_assert(actor_send(&k->soakers[soaker], "tell") && actor_receive(&k->soakers[soaker], line));
    ck_assert_msg(sscanf(line, "took %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64, &half, &most, &half_last,
                         &most_last) == 4,
                  "%s", line);
    printf("soak: %s: %" PRId64 " steps; half took at most %" PRId64 " us, 999 of 1000 %" PRId64
           "; in the end %" PRId64 " and %" PRId64 "\n",
           roles[soaker], k->steps[soaker], half, most, half_last, most_last);
    ck_assert_msg(k->steps[soaker] >= k->seconds, "%s hardly came to work", roles[soaker]);
    if (k->seconds >= JUDGED_FROM) {
        ck_assert_int_le(half_last, 3 * half + 10000);
        ck_assert_int_le(most_last, 10 * most + 1000000);
    }
}

static int64_t check_logger(varsdb *db, int logger)
{
    int64_t done[JOURNAL_NAMES], intended[JOURNAL_NAMES], acknowledged = 0;
    size_t bytes;
    memset(done, -1, sizeof done);
    memset(intended, -1, sizeof intended);
    journal_record *all = (journal_record *)(void *)file_read(journals[logger], &bytes);
    for (size_t i = 0; i < bytes / sizeof *all; i++) {
        acknowledged += all[i].kind == JOURNAL_DONE;
        (all[i].kind == JOURNAL_DONE ? done : intended)[all[i].name] = all[i].number;
    }
    free(all);
    for (uint32_t i = 0; i < JOURNAL_NAMES; i++) {
        char name[JOURNAL_NAME_BYTES];
        int64_t number = -1;
        const varsdb_variable *v;
        snprintf(name, sizeof name, "writer%d/v%" PRIu32, logger, i);
        int rc = varsdb_find_variable(db, name, &v);
        if (rc == VARSDB_OK)
            rc = whole_read(db, v, &number);
        ck_assert_msg(rc == VARSDB_OK || (rc == VARSDB_NOTFOUND && done[i] < 0), "%s: %s", name,
                      varsdb_errmsg(db));
        ck_assert_msg(number >= done[i] && number <= intended[i],
                      "%s has %" PRId64 ", %" PRId64 " was acknowledged, %" PRId64 " intended", name, number,
                      done[i], intended[i]);
    }
    return acknowledged;
}

static void check_nothing_is_lost(const soaking *k)
{
    int64_t acknowledged = 0, steps = 0;
    char out[ACTOR_LINE_BYTES];
    varsdb *db = opened(registry, NULL);
    for (int i = 0; i < LOGGERS; i++)
        acknowledged += check_logger(db, i);
    check_clean(db);
    varsdb_close(db);
    ck_assert(shell_query(registry, "PRAGMA integrity_check", out, sizeof out));
    ck_assert_str_eq(out, "ok");
    for (size_t i = 0; i < SOAKERS; i++)
        steps += k->steps[i];
    printf("soak: %d seconds, %" PRId64 " steps, %d kills, %" PRId64
           " commits acknowledged to who was killed\n",
           k->seconds, steps, k->kills, acknowledged);
    ck_assert_int_ge(steps, (int64_t)k->seconds * STEPS_EACH);
    ck_assert_int_ge(acknowledged, (int64_t)k->seconds * STEPS_EACH);
}

static void finish(soaking *k)
{
    for (size_t i = 0; i < SOAKERS; i++) {
        ck_assert_int_eq(actor_finish(&k->soakers[i]), 0);
        for (measure m = 0; m < MEASURES; m++)
            free(k->measured[i][m]);
    }
}

START_TEST(who_works_for_long_needs_no_more_than_before)
{
    static soaking k;
    const char *given = getenv("VARSDB_TEST_SOAK");
    k.seconds = given && atoi(given) > SECONDS ? atoi(given) : SECONDS;
    k.random.state = test_seed("soak");
    varsdb_close(opened(registry, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE)));
    start_all(&k);
    for (int second = 0; second < k.seconds; second++)
        work_for_a_second(&k, second);
    for (int i = 0; i < LOGGERS; i++)
        ck_assert_int_eq(actor_kill(&k.loggers[i]), SIGKILLED);
    for (size_t i = 0; i < SOAKERS; i++) {
        check_latency(&k, i);
        check_flat(&k, i, RESIDENT, 2 * MIB);
        check_flat(&k, i, DESCRIPTORS, 0);
    }
    check_flat(&k, 0, FILE_BYTES, MIB);
    check_log(&k);
    finish(&k);
    check_nothing_is_lost(&k);
}
END_TEST

Suite *test_soak_suite(void)
{
    Suite *suite = suite_create("soak");
    TCase *tc = tcase_create("soak");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_set_timeout(tc, 30 * 3600);
    tcase_add_test(tc, who_works_for_long_needs_no_more_than_before);
    suite_add_tcase(suite, tc);
    return suite;
}
