/*
 * test_mixed.c - writers, readers, a full log and a stock shell on one registry at once: nobody sees
 * half of anything, and no call fails that has no reason to.
 */
#include <check.h>
#include <inttypes.h>

#include "../support/actor.h"
#include "../support/tensor_files.h"
#include "../support/whole.h"

Suite *test_mixed_suite(void);

#define MILLISECONDS "5000"

static test_folder folder;
static char registry[PATH_BYTES];

static void set_up(void)
{
    folder_make(&folder);
    folder_path(&folder, "mixed.db", registry);
}

static void tear_down(void)
{
    folder_remove(&folder);
}

static const struct {
    const char *role, *number;
} mixers[] = {{"writer", "0"}, {"writer", "1"}, {"writer", "2"}, {"writer", "3"},
              {"reader", "4"}, {"reader", "5"}, {"bulk", "6"}};

#define MIXERS (sizeof mixers / sizeof *mixers)

static void start_mixers(actor *actors, uint64_t seed)
{
    test_random r = {seed};
    char line[ACTOR_LINE_BYTES], own_seed[32];
    for (size_t i = 0; i < MIXERS; i++) {
        snprintf(own_seed, sizeof own_seed, "%" PRIu64, random_next(&r));
        const char *arguments[] = {"actor_mixer", registry, mixers[i].role, mixers[i].number, MILLISECONDS,
                                   own_seed,      NULL};
        ck_assert(actor_start(&actors[i], arguments));
        ck_assert(actor_receive(&actors[i], line));
        ck_assert_str_eq(line, "ready");
    }
    for (size_t i = 0; i < MIXERS; i++)
        ck_assert(actor_send(&actors[i], "go"));
}

/* A stock shell looks at the views, again and again; whatever it sees fits together. */
static int poll_views(int64_t until)
{
    int polls = 0;
    char out[ACTOR_LINE_BYTES];
    const char *sql =
        "SELECT (SELECT count(*) FROM variables) - (SELECT count(*) FROM global_variables),"
        " (SELECT count(*) FROM uninitialized_variables),"
        " (SELECT count(*) FROM collection_variables WHERE id NOT IN (SELECT id FROM variables)),"
        " (SELECT coalesce(sum(variables), 0) FROM scopes WHERE name NOT LIKE '%/%') - (SELECT count(*) FROM "
        "variables"
        "   WHERE scope <> ''),"
        " (SELECT coalesce(sum(variables), 0) FROM collections WHERE name = 'variables') - (SELECT count(*) "
        "FROM "
        "variables)";
    for (; test_now_ms() < until; polls++) {
        ck_assert_msg(shell_query(registry, sql, out, sizeof out), "the shell failed: %s", out);
        ck_assert_str_eq(out, "0|0|0|0|0");
    }
    return polls;
}

static void finish_mixers(actor *actors)
{
    char line[ACTOR_LINE_BYTES];
    for (size_t i = 0; i < MIXERS; i++) {
        if (strcmp(mixers[i].role, "bulk") == 0) /* the last one: now it is alone */
            ck_assert(actor_send(&actors[i], "go on"));
        ck_assert(actor_receive(&actors[i], line));
        ck_assert_msg(strncmp(line, "done ", 5) == 0, "%s %s: %s", mixers[i].role, mixers[i].number, line);
        ck_assert_int_gt(strtoll(line + 5, NULL, 10), 0);
        printf("mixed: %s %s: %s\n", mixers[i].role, mixers[i].number, line);
        ck_assert_int_eq(actor_finish(&actors[i]), 0);
    }
}

typedef struct reading {
    varsdb *db;
    int count;
} reading;

static int count_one(void *payload, const varsdb_variable_info *info)
{
    int *count = payload;
    ck_assert_int_eq(info->initialized, 1);
    ++*count;
    return 0;
}

static int read_one(void *payload, const varsdb_variable_info *info)
{
    reading *r = payload;
    int64_t number = -1;
    const varsdb_variable *v;
    ck_assert_msg(varsdb_find_variable(r->db, info->name, &v) == VARSDB_OK, "%s", varsdb_errmsg(r->db));
    ck_assert_msg(whole_read(r->db, v, &number) == VARSDB_OK, "%s", varsdb_errmsg(r->db));
    ck_assert_msg(number >= 0, "%s is torn", info->name);
    r->count++;
    return 0;
}

static void check_everything(varsdb *db)
{
    int count = 0;
    char out[ACTOR_LINE_BYTES];
    reading r = {.db = NULL};
    ck_assert_msg(varsdb_list_variables(db, NULL, count_one, &count) == VARSDB_OK, "%s", varsdb_errmsg(db));
    ck_assert_int_eq(varsdb_open(registry, VARSDB_OPEN(.flags = VARSDB_READ_ONLY), &r.db), VARSDB_OK);
    ck_assert_msg(varsdb_list_variables(db, NULL, read_one, &r) == VARSDB_OK, "%s", varsdb_errmsg(db));
    varsdb_close(r.db);
    ck_assert_int_gt(count, 0);
    ck_assert_int_eq(r.count, count);
    ck_assert(shell_query(registry, "PRAGMA integrity_check", out, sizeof out));
    ck_assert_str_eq(out, "ok");
}

START_TEST(everybody_at_once)
{
    struct stat before, after;
    varsdb *db;
    actor actors[MIXERS];
    uint64_t seed = test_seed("mixed: everybody at once");
    const varsdb_open_options *options = VARSDB_OPEN(.flags = VARSDB_CREATE_FILE);
    ck_assert_int_eq(varsdb_open(registry, options, &db), VARSDB_OK);
    ck_assert_int_eq(stat(registry, &before), 0);
    start_mixers(actors, seed);
    printf("mixed: %d polls by the shell\n", poll_views(test_now_ms() + strtoll(MILLISECONDS, NULL, 10)));
    finish_mixers(actors);
    /* The file is written by checkpoints alone, as long as this handle is open. */
    ck_assert_int_eq(stat(registry, &after), 0);
    ck_assert_int_gt(after.st_size, before.st_size);
    check_everything(db);
    varsdb_close(db);
}
END_TEST

Suite *test_mixed_suite(void)
{
    Suite *suite = suite_create("mixed");
    TCase *tc = tcase_create("mixed");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, everybody_at_once);
    suite_add_tcase(suite, tc);
    return suite;
}
