/*
 * test_killed.c - writers are killed at random moments, and what was acknowledged to them is there.
 * VARSDB_TEST_KILLS says how often; many are in memory, since what a kill leaves the system keeps.
 */
#include <check.h>
#include <inttypes.h>
#include <time.h>

#include "../support/actor.h"
#include "../support/journal.h"
#include "../support/tensor_files.h"
#include "../support/whole.h"

Suite *test_killed_suite(void);

#define WRITERS   3
#define KILLS     40
#define ACKS      100 /* at least, for each kill */
#define SIGKILLED (256 + 9)
#define ABSENT    ((int64_t)-1)

static test_folder folder;
static char registry[PATH_BYTES], journals[WRITERS][PATH_BYTES];
static int kills_wanted;

static void set_up(void)
{
    const char *given = getenv("VARSDB_TEST_KILLS");
    kills_wanted = given && atoi(given) > 0 ? atoi(given) : KILLS;
    if (kills_wanted > KILLS)
        folder_make_in_memory(&folder);
    else
        folder_make(&folder);
    folder_path(&folder, "killed.db", registry);
    for (int i = 0; i < WRITERS; i++) {
        char name[32];
        snprintf(name, sizeof name, "journal.%d", i);
        file_write(folder_path(&folder, name, journals[i]), "", 0);
    }
}

static void tear_down(void)
{
    folder_remove(&folder);
}

static void start_writer(actor *a, int number, test_random *r)
{
    char text[16], seed[32];
    snprintf(text, sizeof text, "%d", number);
    snprintf(seed, sizeof seed, "%" PRIu64, random_next(r));
    const char *arguments[] = {"actor_logger", registry, journals[number], text, seed, NULL};
    ck_assert(actor_start(a, arguments));
}

/* ---- what the journals say */

/* The last acknowledged value of each name: less than that is a loss.  How many there were in all. */
static int64_t read_floor(int64_t floor[WRITERS][JOURNAL_NAMES])
{
    int64_t acknowledged = 0;
    for (int w = 0; w < WRITERS; w++) {
        size_t bytes;
        journal_record *all = (journal_record *)(void *)file_read(journals[w], &bytes);
        for (size_t i = 0; i < bytes / sizeof *all; i++) {
            acknowledged += all[i].kind == JOURNAL_DONE;
            if (all[i].kind == JOURNAL_DONE && all[i].number > floor[w][all[i].name])
                floor[w][all[i].name] = all[i].number;
        }
        free(all);
    }
    return acknowledged;
}

static bool was_intended(int writer, uint32_t name, int64_t number)
{
    size_t bytes;
    bool found = false;
    journal_record *all = (journal_record *)(void *)file_read(journals[writer], &bytes);
    for (size_t i = 0; i < bytes / sizeof *all; i++)
        found = found || (all[i].kind == JOURNAL_INTENT && all[i].name == name && all[i].number == number);
    free(all);
    return found;
}

/* ---- what the registry says */

static int64_t stored_number(varsdb *db, int writer, uint32_t i)
{
    char name[JOURNAL_NAME_BYTES];
    int64_t number = ABSENT;
    const varsdb_variable *v;
    snprintf(name, sizeof name, "writer%d/v%" PRIu32, writer, i);
    int rc = varsdb_find_variable(db, name, &v);
    if (rc == VARSDB_NOTFOUND)
        return ABSENT;
    ck_assert_msg(rc == VARSDB_OK, "%s: %s", name, varsdb_errmsg(db));
    ck_assert_int_eq(varsdb_variable_shape(v)->dims[0], journal_elements(i));
    ck_assert_msg(whole_read(db, v, &number) == VARSDB_OK, "%s: %s", name, varsdb_errmsg(db));
    ck_assert_msg(number >= 0, "%s is torn", name);
    return number;
}

static int count_one(void *payload, const varsdb_variable_info *info)
{
    ck_assert_int_eq(info->initialized, 1);
    ++*(int *)payload;
    return 0;
}

/* The floor was read before the registry is, the intents are read after it: so it holds beside
 * writers that go on.  What was seen once is the floor of the next time. */
static void check_registry(int64_t floor[WRITERS][JOURNAL_NAMES], int kills)
{
    varsdb *db;
    int listed = 0, present = 0;
    read_floor(floor);
    const varsdb_open_options *options = VARSDB_OPEN(.flags = VARSDB_CREATE_FILE);
    ck_assert_msg(varsdb_open(registry, options, &db) == VARSDB_OK, "after kill %d: %s", kills,
                  varsdb_errmsg(db));
    for (int w = 0; w < WRITERS; w++) {
        for (uint32_t i = 0; i < JOURNAL_NAMES; i++) {
            int64_t number = stored_number(db, w, i);
            ck_assert_msg(number >= floor[w][i],
                          "after kill %d: writer%d/v%" PRIu32 " has %" PRId64 ", but %" PRId64
                          " was acknowledged",
                          kills, w, i, number, floor[w][i]);
            ck_assert_msg(number == ABSENT || was_intended(w, i, number),
                          "after kill %d: writer%d/v%" PRIu32 " has %" PRId64 ", which nobody wrote", kills,
                          w, i, number);
            floor[w][i] = number;
            present += number != ABSENT;
        }
    }
    ck_assert_msg(varsdb_list_variables(db, NULL, count_one, &listed) == VARSDB_OK, "after kill %d: %s",
                  kills, varsdb_errmsg(db));
    ck_assert_int_ge(listed, present);
    varsdb_close(db);
}

static int count_present(const int64_t numbers[JOURNAL_NAMES])
{
    int count = 0;
    for (int i = 0; i < JOURNAL_NAMES; i++)
        count += numbers[i] != ABSENT;
    return count;
}

/* A moment to be killed in; nothing waits for it. */
static void let_them_work(test_random *r)
{
    struct timespec moment = {.tv_nsec = (long)(30 + random_below(r, 71)) * 1000000};
    nanosleep(&moment, NULL);
}

START_TEST(what_was_acknowledged_survives_a_kill)
{
    actor writers[WRITERS];
    int64_t floor[WRITERS][JOURNAL_NAMES];
    char out[ACTOR_LINE_BYTES];
    test_random r = {test_seed("killed")};
    memset(floor, -1, sizeof floor);
    for (int i = 0; i < WRITERS; i++)
        start_writer(&writers[i], i, &r);
    for (int kills = 0; kills < kills_wanted;) {
        /* now and then all of them, so that nobody has the log open any more */
        bool all = kills + WRITERS <= kills_wanted && random_below(&r, 6) == 0;
        int victim = (int)random_below(&r, WRITERS);
        let_them_work(&r);
        for (int i = 0; i < WRITERS; i++)
            if (all || i == victim) {
                ck_assert_int_eq(actor_kill(&writers[i]), SIGKILLED);
                kills++;
            }
        check_registry(floor, kills);
        for (int i = 0; i < WRITERS; i++)
            if (all || i == victim)
                start_writer(&writers[i], i, &r);
    }
    for (int i = 0; i < WRITERS; i++)
        ck_assert_int_eq(actor_kill(&writers[i]), SIGKILLED);
    check_registry(floor, kills_wanted + WRITERS);
    int64_t acknowledged = read_floor(floor);
    printf("killed: %d kills, %lld commits acknowledged\n", kills_wanted, (long long)acknowledged);
    if (kills_wanted > KILLS)
        ck_assert_int_ge(acknowledged, (int64_t)kills_wanted * ACKS);
    for (int i = 0; i < WRITERS; i++)
        ck_assert_msg(count_present(floor[i]) > 0, "writer %d never came to write", i);
    ck_assert(shell_query(registry, "PRAGMA integrity_check", out, sizeof out));
    ck_assert_str_eq(out, "ok");
}
END_TEST

Suite *test_killed_suite(void)
{
    Suite *suite = suite_create("killed");
    TCase *tc = tcase_create("killed");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_set_timeout(tc, 3600);
    tcase_add_test(tc, what_was_acknowledged_survives_a_kill);
    suite_add_tcase(suite, tc);
    return suite;
}
