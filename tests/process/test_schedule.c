/*
 * test_schedule.c - every way in which two or three callers that get or create the same variable can be
 * interleaved, run one by one.
 *
 * Alone, a caller that creates makes m steps: look-up, begin, its writes, commit.  Beside it the other
 * makes its look-up after step i of the first; if that is the last step it finds the variable.
 * Otherwise it asks for the lock after step j >= i, and, for the first to be first, j >= 2; what
 * follows is forced.  So with the first as the creator there are
 *     1 + sum over i = 0 .. m-1 of (m - max(i, 2) + 1)
 * schedules.  This is counted by hand here, and compared with what the search has found; those of three are
 * counted on paper callers, which know a lock and whether somebody has committed, and nothing else.
 */
#include <check.h>

#include "../support/actor.h"
#include "../support/stage.h"
#include "../support/tensor_files.h"

Suite *test_schedule_suite(void);

#define STEPS_MAX  128
#define NAMES_MAX  200
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
    folder_make_in_memory(&folder); /* who comes first is not about the disk */
    make_registry(folder_path(&folder, "empty.db", empty));
    folder_path(&folder, "schedule.db", registry);
}

static void tear_down(void)
{
    folder_remove(&folder);
}

/* ---- the callers, and what must be true in the end */

typedef struct group {
    player_request requests[STAGE_PLAYERS];
    int loser_rc[STAGE_PLAYERS]; /* of each, when another creates */
    int count;
} group;

static const group pairs[] = {
    {{{false, NULL, "random_normal(0,1)", VARSDB_AUTO, 4},
      {false, NULL, "random_uniform(2,3)", VARSDB_AUTO, 4}},
     {VARSDB_OK, VARSDB_OK},
     2},
    {{{true, NULL, "random_normal(0,1)", VARSDB_AUTO, 4},
      {false, NULL, "random_uniform(2,3)", VARSDB_AUTO, 4}},
     {VARSDB_OK, VARSDB_OK},
     2},
    {{{false, NULL, "random_normal(0,1)", VARSDB_CREATE, 4},
      {true, NULL, "random_uniform(2,3)", VARSDB_AUTO, 6}},
     {VARSDB_EXISTS, VARSDB_MISMATCH},
     2},
};

static const group trio = {{{false, NULL, "random_normal(0,1)", VARSDB_AUTO, 4},
                            {false, NULL, "random_uniform(2,3)", VARSDB_AUTO, 4},
                            {false, NULL, "random_uniform(5,6)", VARSDB_AUTO, 4}},
                           {VARSDB_OK, VARSDB_OK, VARSDB_OK},
                           3};

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

/* One is told "created"; the others have the same variable, or the error that is due. */
static void check_outcome(const stage *s, const group *p, const char *name)
{
    const player_result *winner = NULL;
    bool joined = false;
    for (int i = 0; i < p->count; i++) {
        const player_result *r = &s->players[i].result;
        if (!r->created)
            continue;
        ck_assert_ptr_null(winner);
        winner = r;
        joined = p->requests[i].model;
    }
    ck_assert_ptr_nonnull(winner);
    ck_assert_msg(winner->rc == VARSDB_OK, "%s", winner->message);
    ck_assert_int_eq(winner->read_rc, VARSDB_OK);
    for (int i = 0; i < p->count; i++) {
        const player_result *r = &s->players[i].result;
        if (r == winner)
            continue;
        ck_assert_msg(r->rc == p->loser_rc[i], "%s: %s", varsdb_errname(r->rc), r->message);
        if (r->rc != VARSDB_OK)
            continue;
        ck_assert_int_eq(r->id, winner->id);
        ck_assert_int_eq(r->read_rc, VARSDB_OK);
        ck_assert_mem_eq(r->value, winner->value, STAGE_VALUE_BYTES);
        joined = joined || p->requests[i].model;
    }
    check_row(name, winner, joined);
}

/* ---- the search: depth first over the choices, each schedule run from its beginning */

typedef struct schedule {
    unsigned char choice[STEPS_MAX], options[STEPS_MAX]; /* who was chosen of how many */
    int length;
    int runs, blocked, missed_twice; /* of all schedules */
} schedule;

/* Of those who can move, the one that the schedule says; where it says nothing, the first. */
static int choose(schedule *c, int step, stage *s)
{
    int can[STAGE_PLAYERS], count = 0;
    for (int i = 0; i < s->count; i++)
        if (stage_can_move(s, i))
            can[count++] = i;
    ck_assert_int_gt(count, 0);
    ck_assert_int_lt(step, STEPS_MAX);
    if (step >= c->length)
        c->choice[step] = 0;
    c->options[step] = (unsigned char)count;
    return can[c->choice[step] < count ? c->choice[step] : count - 1];
}

static void start(stage *s, const group *p, const char *name)
{
    player_request requests[STAGE_PLAYERS];
    for (int i = 0; i < p->count; i++) {
        requests[i] = p->requests[i];
        requests[i].name = name;
    }
    ck_assert_msg(stage_prepare(s, requests), "the callers did not come to their first stops");
}

/* Runs the schedule, which is complete afterwards. */
static void run(schedule *c, stage *s, const group *p, const char *name)
{
    int step = 0, blocked = 0, began = 0;
    start(s, p, name);
    for (; !stage_is_over(s); step++) {
        int who = choose(c, step, s);
        ck_assert_msg(stage_move(s, who), "%s: step %d of caller %d did not end", name, step, who);
    }
    c->length = step;
    c->runs++;
    for (int i = 0; i < s->count; i++) {
        blocked += s->players[i].result.blocked > 0;
        began += s->players[i].result.begins > 0;
    }
    c->blocked += blocked > 0;
    c->missed_twice += began > 1;
}

/* The next schedule: at the last step with a choice left, the next one. */
static bool advance(schedule *c)
{
    while (c->length && c->choice[c->length - 1] + 1 >= c->options[c->length - 1])
        c->length--;
    if (c->length)
        c->choice[c->length - 1]++;
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
static void measure(stage *s, const group *p, const char *name, int creator, int *steps)
{
    *steps = 0;
    start(s, p, name);
    while (stage_can_move(s, creator)) {
        ck_assert(stage_move(s, creator));
        ++*steps;
    }
    for (int i = 0; i < s->count; i++)
        while (stage_can_move(s, i))
            ck_assert(stage_move(s, i));
    ck_assert(stage_is_over(s));
    ck_assert_int_eq(s->players[creator].result.created, 1);
}

/* Callers on paper: where each has come to of its m steps. */
enum {
    AT_LOOKUP,
    AT_BEGIN,
    AT_WRITE /* the first of m - 2, of which the last is the commit */
};

typedef struct paper {
    int m, at[STAGE_PLAYERS], holder; /* holder of the lock; -1: nobody */
    bool waits[STAGE_PLAYERS], done[STAGE_PLAYERS], committed;
} paper;

/* False: it cannot. */
static bool paper_move(paper *p, int i)
{
    if (p->done[i] || (p->waits[i] && p->holder >= 0))
        return false;
    if (p->at[i] == AT_LOOKUP) {
        p->done[i] = p->committed;
        p->at[i] = AT_BEGIN;
    } else if (p->at[i] == AT_BEGIN && p->holder >= 0) {
        p->waits[i] = true;
    } else if (p->at[i] == AT_BEGIN) {
        p->waits[i] = false;
        p->holder = i;
        p->at[i] = p->committed ? p->m - 1 : AT_WRITE; /* who looks again and finds it has nothing to write */
    } else if (++p->at[i] == p->m) {
        p->done[i] = p->committed = true;
        p->holder = -1;
    }
    return true;
}

static long paper_schedules(const paper *p)
{
    long sum = 0;
    for (int i = 0; i < STAGE_PLAYERS; i++) {
        paper next = *p;
        if (paper_move(&next, i))
            sum += paper_schedules(&next);
    }
    return sum ? sum : 1;
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
    const group *p = &pairs[_i];
    int steps[2], expected = 0;
    char name[64];
    file_copy(empty, registry);
    ck_assert(stage_open(&s, registry, ALL_STOPS, 2));
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

static void measure_in_new_registry(const group *p, int creator, int *steps)
{
    stage s;
    file_copy(empty, registry);
    ck_assert(stage_open(&s, registry, ALL_STOPS, 2));
    measure(&s, p, "a/b/first", creator, steps);
    stage_close(&s);
}

/* The first variable of all: scopes, collections and the creator's row are made with it. */
START_TEST(every_interleaving_in_a_new_registry)
{
    schedule c = {0};
    const group *p = &pairs[_i];
    int steps[2];
    for (int i = 0; i < 2; i++)
        measure_in_new_registry(p, i, &steps[i]);
    do {
        stage s;
        file_copy(empty, registry);
        ck_assert(stage_open(&s, registry, ALL_STOPS, 2));
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

/* Three who want the same name, at look-up, begin and commit, or before every statement. */
static void open_three(stage *s, unsigned stops, int *m)
{
    char name[64];
    file_copy(empty, registry);
    ck_assert(stage_open(s, registry, stops, trio.count));
    for (int i = 0; i < trio.count; i++) {
        snprintf(name, sizeof name, "warm%d", i);
        measure(s, &trio, name, i, m);
    }
    measure(s, &trio, "measured", 0, m);
}

static void interleave_three(unsigned stops, const char *what)
{
    stage s;
    schedule c = {0};
    int m;
    char name[64];
    open_three(&s, stops, &m);
    do {
        snprintf(name, sizeof name, "three%d", c.runs);
        run(&c, &s, &trio, name);
        check_outcome(&s, &trio, name);
        if (c.runs % NAMES_MAX == 0) { /* a look at all names is to stay a short one */
            stage_close(&s);
            open_three(&s, stops, &m);
        }
    } while (advance(&c));
    stage_close(&s);
    printf("schedule: three creators of %d steps, %s: %d schedules, %d of them with a wait\n", m, what,
           c.runs, c.blocked);
    ck_assert_int_eq(c.runs, paper_schedules(&(paper){.m = m, .holder = -1}));
    ck_assert_int_gt(c.blocked, 0);
    check_integrity();
}

START_TEST(every_interleaving_of_three)
{
    interleave_three(MAIN_STOPS, "look-up, begin, commit");
}
END_TEST

/* Ten thousand of them: "make check-schedules". */
START_TEST(every_interleaving_of_three_at_every_statement)
{
    interleave_three(ALL_STOPS, "every statement");
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
        file_copy(empty, registry);
        ck_assert(stage_open(&s, registry, MAIN_STOPS, 2));
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
    tcase_add_test(tc, every_interleaving_of_three);
    if (getenv("VARSDB_TEST_WHOLE"))
        tcase_add_test(tc, every_interleaving_of_three_at_every_statement);
    tcase_set_timeout(tc, 1200);
    tcase_add_loop_test(tc, all_twenty_orders_of_look_up_begin_and_commit, 0, count);
    suite_add_tcase(suite, tc);
    return suite;
}
