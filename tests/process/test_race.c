/*
 * test_race.c - many processes and threads that ask for one name get one variable, and exactly one
 * of them is told that it created it.
 */
#include <check.h>
#include <inttypes.h>

#include "../support/actor.h"
#include "../support/creation.h"
#include "../support/tensor_files.h"

Suite *test_race_suite(void);

static test_folder folder;
static char registry[PATH_BYTES];

static void set_up(void)
{
    folder_make(&folder);
    folder_path(&folder, "race.db", registry);
}

static void tear_down(void)
{
    folder_remove(&folder);
}

#define PROCESSES 16
#define THREADS   4
#define NAMES     1000

static void start_creators(actor *creators, uint64_t seed, char results[PROCESSES][PATH_BYTES])
{
    test_random r = {seed};
    char names[16], threads[16], line[ACTOR_LINE_BYTES];
    snprintf(names, sizeof names, "%d", NAMES);
    snprintf(threads, sizeof threads, "%d", THREADS);
    for (int i = 0; i < PROCESSES; i++) {
        char file[32], own_seed[32];
        snprintf(file, sizeof file, "result.%d", i);
        snprintf(own_seed, sizeof own_seed, "%" PRIu64, random_next(&r));
        folder_path(&folder, file, results[i]);
        const char *arguments[] = {"actor_creator", registry, results[i], names, threads, own_seed, NULL};
        ck_assert(actor_start(&creators[i], arguments));
    }
    for (int i = 0; i < PROCESSES; i++) {
        ck_assert(actor_receive(&creators[i], line));
        ck_assert_str_eq(line, "ready");
    }
    for (int i = 0; i < PROCESSES; i++)
        ck_assert(actor_send(&creators[i], "go"));
}

static void finish_creators(actor *creators)
{
    char line[ACTOR_LINE_BYTES];
    for (int i = 0; i < PROCESSES; i++) {
        ck_assert(actor_receive(&creators[i], line));
        ck_assert_str_eq(line, "done");
        ck_assert_int_eq(actor_finish(&creators[i]), 0);
    }
}

/* What one thread alone makes with the same seed, in a file of its own. */
static void create_alone(creation_record *expected)
{
    char path[PATH_BYTES];
    varsdb *db;
    const int64_t seed = CREATION_SEED;
    const varsdb_open_options *options = VARSDB_OPEN(.flags = VARSDB_CREATE_FILE, .seed = &seed);
    ck_assert_int_eq(varsdb_open(folder_path(&folder, "alone.db", path), options, &db), VARSDB_OK);
    ck_assert_int_eq(varsdb_begin(db), VARSDB_OK);
    for (uint32_t i = 0; i < NAMES; i++) {
        creation_get(db, i, &expected[i]);
        ck_assert_int_eq(expected[i].rc, VARSDB_OK);
        ck_assert_int_eq(expected[i].created, 1);
    }
    ck_assert_int_eq(varsdb_commit(db), VARSDB_OK);
    varsdb_close(db);
}

/* Adds up who was told "created"; first holds what the first thread saw. */
static void check_records(const creation_record *records, const creation_record *expected,
                          const creation_record *first, unsigned *created)
{
    for (size_t i = 0; i < NAMES; i++) {
        ck_assert_int_eq(records[i].rc, VARSDB_OK);
        ck_assert_int_eq(records[i].id, first[i].id);
        ck_assert_mem_eq(records[i].value, expected[i].value, sizeof expected[i].value);
        created[i] += (unsigned)records[i].created;
    }
}

static void check_results(char results[PROCESSES][PATH_BYTES], const creation_record *expected)
{
    size_t bytes;
    static unsigned created[NAMES];
    static bool seen[NAMES + 1];
    char *first = file_read(results[0], &bytes);
    for (int i = 0; i < PROCESSES; i++) {
        creation_record *all = (creation_record *)(void *)file_read(results[i], &bytes);
        ck_assert_uint_eq(bytes, sizeof *all * NAMES * THREADS);
        for (size_t t = 0; t < THREADS; t++)
            check_records(all + t * NAMES, expected, (creation_record *)(void *)first, created);
        free(all);
    }
    for (size_t i = 0; i < NAMES; i++) {
        int64_t id = ((creation_record *)(void *)first)[i].id;
        ck_assert_uint_eq(created[i], 1);
        ck_assert(id >= 1 && id <= NAMES && !seen[id]);
        seen[id] = true;
    }
    free(first);
}

START_TEST(sixty_four_threads_make_each_name_once)
{
    static creation_record expected[NAMES];
    static char results[PROCESSES][PATH_BYTES];
    actor creators[PROCESSES];
    char out[ACTOR_LINE_BYTES];
    start_creators(creators, test_seed("race: 64 threads"), results);
    finish_creators(creators);
    create_alone(expected);
    check_results(results, expected);
    ck_assert(shell_query(registry, "PRAGMA integrity_check", out, sizeof out));
    ck_assert_str_eq(out, "ok");
    ck_assert(
        shell_query(registry, "SELECT count(*), count(DISTINCT name) FROM model_variables", out, sizeof out));
    ck_assert_str_eq(out, "1000|1000");
    ck_assert(shell_query(registry, "SELECT count(*) FROM variables WHERE version <> 1", out, sizeof out));
    ck_assert_str_eq(out, "0");
}
END_TEST

Suite *test_race_suite(void)
{
    Suite *suite = suite_create("race");
    TCase *tc = tcase_create("race");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, sixty_four_threads_make_each_name_once);
    suite_add_tcase(suite, tc);
    return suite;
}
