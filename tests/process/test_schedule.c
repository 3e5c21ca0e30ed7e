/*
 * test_schedule.c - every way in which two callers that get or create the same variable can be
 * interleaved, run one by one.
 *
 * Alone, a caller that creates makes m steps: look-up, begin, its writes, commit.  Beside it the other
 * makes its look-up after step i of the first; if that is the last step it finds the variable.
 * Otherwise it asks for the lock after step j >= i, and, for the first to be first, j >= 2; what
 * follows is forced.  So with the first as the creator there are
 *     1 + sum over i = 0 .. m-1 of (m - max(i, 2) + 1)
 * schedules.  This is counted by hand here, and compared with what the search has found.
 */
#include <check.h>

#include "../support/actor.h"
#include "../support/stage.h"
#include "../support/tensor_files.h"

Suite *test_schedule_suite(void);

#define STEPS_MAX  128
#define ALL_STOPS  (GATE_LOOKUP | GATE_BEGIN | GATE_WRITE | GATE_COMMIT)
#define MAIN_STOPS (GATE_LOOKUP | GATE_BEGIN | GATE_COMMIT)

static test_folder folder;
static char empty[PATH_BYTES], registry[PATH_BYTES];

static void make_registry(const char *path)
{
    varsdb *db;
    const int64_t seed = 5;
    const varsdb_open_options *options = VARSDB_OPEN(.flags = VARSDB_CREATE_FILE, .seed = &seed);
    ck_assert_int_eq(varsdb_open(path, options, &db), VARSDB_OK);
    varsdb_close(db);
}

static void set_up(void)
{
    folder_make(&folder);
    make_registry(folder_path(&folder, "empty.db", empty));
    folder_path(&folder, "schedule.db", registry);
}

static void tear_down(void)
{
    folder_remove(&folder);
}

/* ---- the two callers, and what must be true in the end */

typedef struct pair {
    player_request requests[2];
    int loser_rc[2]; /* of each, when the other creates */
} pair;

static const pair pairs[] = {
    {{{false, NULL, "random_normal(0,1)", VARSDB_AUTO, 4},
      {false, NULL, "random_uniform(2,3)", VARSDB_AUTO, 4}},
     {VARSDB_OK, VARSDB_OK}},
    {{{true, NULL, "random_normal(0,1)", VARSDB_AUTO, 4},
      {false, NULL, "random_uniform(2,3)", VARSDB_AUTO, 4}},
     {VARSDB_OK, VARSDB_OK}},
    {{{false, NULL, "random_normal(0,1)", VARSDB_CREATE, 4},
      {true, NULL, "random_uniform(2,3)", VARSDB_AUTO, 6}},
     {VARSDB_EXISTS, VARSDB_MISMATCH}},
};

typedef struct listed {
    int variables, in_model, in_global;
    int64_t id, version;
} listed;

static int count_variable(void *payload, const varsdb_variable_info *info)
{
    listed *l = payload;
    l->variables++;
    l->id = info->id;
    l->version = info->version;
    l->in_model = strstr(info->collections_json, "\"model_variables\"") != NULL;
    l->in_global = strstr(info->collections_json, "\"variables\"") != NULL;
    return 0;
}

static void check_row(const char *name, const player_result *winner, bool in_model)
{
    listed l = {0};
    varsdb *db;
    unsigned char value[STAGE_VALUE_BYTES] = {0};
    const varsdb_variable *v;
    ck_assert_int_eq(varsdb_open(registry, VARSDB_OPEN(.flags = VARSDB_READ_ONLY), &db), VARSDB_OK);
    ck_assert_int_eq(varsdb_list_variables(db, VARSDB_FILTER(.glob = name), count_variable, &l), VARSDB_OK);
    ck_assert_int_eq(l.variables, 1);
    ck_assert_int_eq(l.id, winner->id);
    ck_assert_int_eq(l.version, 1);
    ck_assert_int_eq(l.in_global, 1);
    ck_assert_int_eq(l.in_model, in_model);
    ck_assert_int_eq(varsdb_find_variable(db, name, &v), VARSDB_OK);
    size_t bytes = (size_t)varsdb_variable_shape(v)->dims[0] * sizeof(float);
    ck_assert_int_eq(varsdb_read(db, v, value, bytes), VARSDB_OK);
    ck_assert_mem_eq(value, winner->value, bytes);
    varsdb_close(db);
}

/* One is told "created"; the other has the same variable, or the error that is due. */
static void check_outcome(const stage *s, const pair *p, const char *name)
{
    const player_result *r[2] = {&s->players[0].result, &s->players[1].result};
    int winner = r[0]->created ? 0 : 1, loser = !winner;
    ck_assert_msg(r[winner]->rc == VARSDB_OK, "%s", r[winner]->message);
    ck_assert_int_eq(r[winner]->created, 1);
    ck_assert_int_eq(r[loser]->created, 0);
    ck_assert_msg(r[loser]->rc == p->loser_rc[loser], "%s: %s", varsdb_errname(r[loser]->rc),
                  r[loser]->message);
    ck_assert_int_eq(r[winner]->read_rc, VARSDB_OK);
    if (r[loser]->rc == VARSDB_OK) {
        ck_assert_int_eq(r[loser]->id, r[winner]->id);
        ck_assert_int_eq(r[loser]->read_rc, VARSDB_OK);
        ck_assert_mem_eq(r[loser]->value, r[winner]->value, STAGE_VALUE_BYTES);
    }
    bool joined = r[loser]->rc == VARSDB_OK && p->requests[loser].model;
    check_row(name, r[winner], joined || p->requests[winner].model);
}

/* ---- the search: depth first over the choices, each schedule run from its beginning */

typedef struct schedule {
    unsigned char choice[STEPS_MAX], options[STEPS_MAX]; /* who was chosen of how many */
    int length;
    int runs, blocked, missed_twice; /* of all schedules */
} schedule;

static int choose(const schedule *c, int step, stage *s)
{
    bool can[2] = {stage_can_move(s, 0), stage_can_move(s, 1)};
    ck_assert(can[0] || can[1]);
    ck_assert_int_lt(step, STEPS_MAX);
    if (!can[0] || !can[1])
        return can[1];
    return step < c->length ? c->choice[step] : 0;
}

/* Runs the schedule; where it says nothing, player 0 is first.  It is complete afterwards. */
static void run(schedule *c, stage *s, const pair *p, const char *name)
{
    int step = 0;
    player_request requests[2] = {p->requests[0], p->requests[1]};
    requests[0].name = requests[1].name = name;
    ck_assert_msg(stage_prepare(s, requests), "the callers did not come to their first stops");
    for (; !stage_is_over(s); step++) {
        int who = choose(c, step, s);
        c->options[step] = stage_can_move(s, !who) ? 2 : 1;
        c->choice[step] = (unsigned char)who;
        ck_assert_msg(stage_move(s, who), "%s: step %d of caller %d did not end", name, step, who);
    }
    c->length = step;
    c->runs++;
    const player_result *r[2] = {&s->players[0].result, &s->players[1].result};
    c->blocked += r[0]->blocked + r[1]->blocked > 0;
    c->missed_twice += r[0]->begins > 0 && r[1]->begins > 0;
}

/* The next schedule: the last free choice of player 0 becomes player 1. */
static bool advance(schedule *c)
{
    while (c->length && !(c->options[c->length - 1] == 2 && c->choice[c->length - 1] == 0))
        c->length--;
    if (c->length)
        c->choice[c->length - 1] = 1;
    return c->length > 0;
}

/* ---- counting by hand */

static int schedules_with_creator_of(int m)
{
    int total = 1;
    for (int i = 0; i < m; i++)
        total += m - (i > 2 ? i : 2) + 1;
    return total;
}

/* The steps that each of the two makes when it creates and nothing is in its way. */
static void measure(stage *s, const pair *p, const char *name, int creator, int *steps)
{
    player_request requests[2] = {p->requests[0], p->requests[1]};
    requests[0].name = requests[1].name = name;
    *steps = 0;
    ck_assert(stage_prepare(s, requests));
    while (stage_can_move(s, creator)) {
        ck_assert(stage_move(s, creator));
        ++*steps;
    }
    while (!stage_is_over(s))
        ck_assert(stage_move(s, !creator));
    ck_assert_int_eq(s->players[creator].result.created, 1);
}

static void copy_empty(void)
{
    size_t bytes;
    char *all = file_read(empty, &bytes);
    file_write(registry, all, bytes);
    free(all);
}

static void check_integrity(void)
{
    char out[256];
    ck_assert(shell_query(registry, "PRAGMA integrity_check", out, sizeof out));
    ck_assert_str_eq(out, "ok");
}

/* A registry in which both have been at work before: each name is new, nothing else is. */
START_TEST(every_interleaving_in_a_registry_in_use)
{
    stage s;
    schedule c = {0};
    const pair *p = &pairs[_i];
    int steps[2], expected = 0;
    char name[64];
    copy_empty();
    ck_assert(stage_open(&s, registry, ALL_STOPS));
    measure(&s, p, "warm0", 0, &steps[0]);
    measure(&s, p, "warm1", 1, &steps[1]);
    for (int i = 0; i < 2; i++) {
        snprintf(name, sizeof name, "measured%d", i);
        measure(&s, p, name, i, &steps[i]);
        ck_assert_int_gt(steps[i], 5); /* look-up, begin, commit, and some writes */
        expected += schedules_with_creator_of(steps[i]);
    }
    do {
        snprintf(name, sizeof name, "schedule%d", c.runs);
        run(&c, &s, p, name);
        check_outcome(&s, p, name);
    } while (advance(&c));
    stage_close(&s);
    printf("schedule: pair %d, creators of %d and %d steps: %d schedules, %d of them with a wait\n", _i,
           steps[0], steps[1], c.runs, c.blocked);
    ck_assert_int_eq(c.runs, expected);
    ck_assert_int_gt(c.blocked, 0);
    ck_assert_int_ge(c.missed_twice, c.blocked);
    check_integrity();
}
END_TEST

static void measure_in_new_registry(const pair *p, int creator, int *steps)
{
    stage s;
    copy_empty();
    ck_assert(stage_open(&s, registry, ALL_STOPS));
    measure(&s, p, "a/b/first", creator, steps);
    stage_close(&s);
}

/* The first variable of all: scopes, collections and the creator's row are made with it. */
START_TEST(every_interleaving_in_a_new_registry)
{
    schedule c = {0};
    const pair *p = &pairs[_i];
    int steps[2];
    for (int i = 0; i < 2; i++)
        measure_in_new_registry(p, i, &steps[i]);
    do {
        stage s;
        copy_empty();
        ck_assert(stage_open(&s, registry, ALL_STOPS));
        run(&c, &s, p, "a/b/first");
        check_outcome(&s, p, "a/b/first");
        stage_close(&s);
    } while (advance(&c));
    printf("schedule: pair %d in a new registry: %d schedules, %d of them with a wait\n", _i, c.runs,
           c.blocked);
    ck_assert_int_eq(c.runs, schedules_with_creator_of(steps[0]) + schedules_with_creator_of(steps[1]));
    check_integrity();
}
END_TEST

/* All strings of three steps of each: C(6, 3).  Where one cannot move the other does. */
START_TEST(all_twenty_orders_of_look_up_begin_and_commit)
{
    int runs = 0;
    for (unsigned order = 0; order < 64; order++) {
        stage s;
        if (__builtin_popcount(order) != 3)
            continue;
        schedule c = {.length = 6};
        for (int i = 0; i < 6; i++)
            c.choice[i] = (unsigned char)(order >> i & 1);
        copy_empty();
        ck_assert(stage_open(&s, registry, MAIN_STOPS));
        run(&c, &s, &pairs[_i], "w");
        check_outcome(&s, &pairs[_i], "w");
        stage_close(&s);
        check_integrity();
        runs++;
    }
    printf("schedule: pair %d, look-up, begin, commit: %d orders\n", _i, runs);
    ck_assert_int_eq(runs, 20);
}
END_TEST

Suite *test_schedule_suite(void)
{
    const int count = sizeof pairs / sizeof *pairs;
    Suite *suite = suite_create("schedule");
    TCase *tc = tcase_create("schedule");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, every_interleaving_in_a_registry_in_use, 0, count);
    tcase_add_loop_test(tc, every_interleaving_in_a_new_registry, 0, count);
    tcase_add_loop_test(tc, all_twenty_orders_of_look_up_begin_and_commit, 0, count);
    suite_add_tcase(suite, tc);
    return suite;
}
