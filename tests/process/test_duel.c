/*
 * test_duel.c - two processes ask for one name, and both are held between their look-up and the write
 * lock: whoever gets the lock second finds what the first has done.
 */
#include <check.h>

#include "../support/actor.h"
#include "../support/tensor_files.h"

Suite *test_duel_suite(void);

static test_folder folder;
static char registry[PATH_BYTES];

static void set_up(void)
{
    folder_make(&folder);
    folder_path(&folder, "duel.db", registry);
}

static void tear_down(void)
{
    folder_remove(&folder);
}

static void check_integrity(void)
{
    char out[ACTOR_LINE_BYTES];
    ck_assert(shell_query(registry, "PRAGMA integrity_check", out, sizeof out));
    ck_assert_str_eq(out, "ok");
}

/* ---- two stand between the look-up and the lock */

typedef struct getters {
    actor each[2];
} getters;

typedef struct reply {
    char result[64], value[1024], message[ACTOR_LINE_BYTES];
    int created, begins;
} reply;

static const char one[] = "0000803f0000803f0000803f0000803f"; /* four times 1.0f, little-endian */
static const char two[] = "00000040000000400000004000000040"; /* and 2.0f */

static void expect_line(actor *a, const char *expected)
{
    char line[ACTOR_LINE_BYTES];
    ck_assert(actor_receive(a, line));
    ck_assert_str_eq(line, expected);
}

static void hear_reply(actor *a, reply *out)
{
    char line[ACTOR_LINE_BYTES];
    int at = 0;
    *out = (reply){0};
    ck_assert(actor_receive(a, line));
    int fields =
        sscanf(line, "%63s %d %d %1023s %n", out->result, &out->created, &out->begins, out->value, &at);
    ck_assert_msg(fields == 4, "not an answer: %s", line);
    snprintf(out->message, sizeof out->message, "%s", line + at);
}

static void tell(actor *a, const char *command, reply *out)
{
    ck_assert(actor_send(a, "%s", command));
    hear_reply(a, out);
    ck_assert_msg(strcmp(out->result, "VARSDB_OK") == 0, "%s: %s %s", command, out->result, out->message);
}

static void start_getters(getters *g)
{
    varsdb *db;
    reply ignored;
    const char *arguments[] = {"actor_getter", registry, NULL};
    ck_assert_int_eq(varsdb_open(registry, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &db), VARSDB_OK);
    varsdb_close(db);
    for (int i = 0; i < 2; i++) {
        ck_assert(actor_start(&g->each[i], arguments));
        tell(&g->each[i], "hold on", &ignored);
    }
}

static void finish_getters(getters *g)
{
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(actor_finish(&g->each[i]), 0);
    check_integrity();
}

/* Asks, and sees it stop: its look-up has missed, and it does not have the lock. */
static void ask(actor *a, const char *kind, const char *name, const char *rest)
{
    ck_assert(actor_send(a, "get %s %s %s", kind, name, rest));
    expect_line(a, "arrived");
}

static void pass(actor *a, reply *out)
{
    ck_assert(actor_send(a, "go"));
    hear_reply(a, out);
}

static int64_t rows_of(const char *view, const char *name)
{
    char sql[ACTOR_LINE_BYTES], out[64];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s WHERE name = '%s'", view, name);
    ck_assert(shell_query(registry, sql, out, sizeof out));
    return strtoll(out, NULL, 10);
}

/* Two requests for one name; the winner passes first, whichever of the two asked first. */
typedef struct duel {
    const char *winner_kind, *winner, *loser_kind, *loser; /* kind; initializer, shape and reuse */
    const char *loser_result;
    int in_model; /* in the end */
} duel;

static const duel duels[] = {
    {"plain", "constant(1) 4 auto", "plain", "constant(2) 4 auto", "VARSDB_OK", 0},
    {"plain", "constant(2) 4 auto", "plain", "constant(1) 4 auto", "VARSDB_OK", 0},
    {"plain", "random_normal(0,1,seed=1) 4 auto", "plain", "random_normal(0,1,seed=2) 4 auto", "VARSDB_OK",
     0},
    {"plain", "constant(1) 4 auto", "model", "constant(2) 4 auto", "VARSDB_OK", 1},
    {"model", "constant(1) 4 auto", "plain", "constant(2) 4 auto", "VARSDB_OK", 1},
    {"local", "constant(1) 4 auto", "model", "constant(2) 4 auto", "VARSDB_OK", 1},
    {"model", "constant(1) 4 auto", "model", "constant(2) 4 auto", "VARSDB_OK", 1},
    {"plain", "constant(1) 4 auto", "plain", "constant(2) 2,3 auto", "VARSDB_MISMATCH", 0},
    {"plain", "constant(1) 4 auto", "model", "constant(2) 2,3 auto", "VARSDB_MISMATCH", 0},
    {"plain", "constant(1) 4 auto", "plain", "constant(2) 4 create", "VARSDB_EXISTS", 0},
    {"plain", "constant(1) 4 create", "plain", "constant(2) 4 create", "VARSDB_EXISTS", 0},
    {"plain", "constant(1) 4 create", "plain", "constant(2) 4 auto", "VARSDB_OK", 0},
    {"plain", "none 4 auto", "plain", "constant(2) 4 auto", "VARSDB_OK", 0},
};

static void check_loser(const duel *d, const reply *won, const reply *lost, pid_t winner)
{
    char creator[64];
    ck_assert_str_eq(lost->result, d->loser_result);
    ck_assert_int_eq(lost->created, 0);
    ck_assert_int_eq(lost->begins, 1); /* it did go for the lock: its look-up had missed */
    if (strcmp(d->loser_result, "VARSDB_OK") == 0) {
        ck_assert_str_eq(lost->value, won->value);
        return;
    }
    snprintf(creator, sizeof creator, "by getter (pid %d on ", (int)winner);
    ck_assert_msg(strstr(lost->message, creator) != NULL, "no '%s' in: %s", creator, lost->message);
}

static void fight(getters *g, const duel *d, int winner, int first_to_ask, const char *name)
{
    reply won, lost;
    for (int i = 0; i < 2; i++) {
        int who = i ? !first_to_ask : first_to_ask;
        bool wins = who == winner;
        ask(&g->each[who], wins ? d->winner_kind : d->loser_kind, name, wins ? d->winner : d->loser);
    }
    pass(&g->each[winner], &won);
    ck_assert_str_eq(won.result, "VARSDB_OK");
    ck_assert_int_eq(won.created, 1);
    ck_assert_int_eq(won.begins, 1);
    if (strncmp(d->winner, "constant", 8) == 0)
        ck_assert_str_eq(won.value, d->winner[9] == '1' ? one : two);
    pass(&g->each[!winner], &lost);
    check_loser(d, &won, &lost, g->each[winner].pid);
    ck_assert_int_eq(rows_of("variables", name), 1);
    ck_assert_int_eq(rows_of("model_variables", name), d->in_model);
    ck_assert_int_eq(rows_of("global_variables", name), strcmp(d->winner_kind, "local") != 0 || d->in_model);
}

START_TEST(who_comes_second_gets_what_is_there)
{
    getters g;
    char name[64];
    start_getters(&g);
    for (int i = 0; i < 4; i++) {
        snprintf(name, sizeof name, "duel%d/round%d", _i, i);
        fight(&g, &duels[_i], i & 1, i >> 1, name);
    }
    finish_getters(&g);
}
END_TEST

/* ---- and a third thing happens in between */

START_TEST(deleted_between_a_miss_and_the_lock_it_is_created_again)
{
    getters g;
    reply won, second;
    start_getters(&g);
    ask(&g.each[0], "plain", "w", "constant(1) 4 auto");
    ask(&g.each[1], "plain", "w", "constant(2) 4 auto");
    pass(&g.each[0], &won);
    ck_assert_int_eq(won.created, 1);
    tell(&g.each[0], "hold off", &won);
    tell(&g.each[0], "delete w", &won);
    pass(&g.each[1], &second);
    ck_assert_str_eq(second.result, "VARSDB_OK");
    ck_assert_int_eq(second.created, 1);
    ck_assert_str_eq(second.value, two);
    ck_assert_int_eq(rows_of("variables", "w"), 1);
    finish_getters(&g);
}
END_TEST

/* actor 0 has made w; actor 1 finds it, and stops before it adds it to MODEL. */
static void find_and_stop(getters *g, const char *reuse)
{
    reply r;
    char rest[64];
    tell(&g->each[0], "hold off", &r);
    tell(&g->each[0], "get plain w constant(1) 4 auto", &r);
    ck_assert_int_eq(r.created, 1);
    snprintf(rest, sizeof rest, "constant(2) 4 %s", reuse);
    ask(&g->each[1], "model", "w", rest);
}

START_TEST(deleted_between_a_hit_and_the_lock_it_is_created_again)
{
    getters g;
    reply r;
    start_getters(&g);
    find_and_stop(&g, "auto");
    tell(&g.each[0], "delete w", &r);
    ck_assert(actor_send(&g.each[1], "go"));
    expect_line(&g.each[1], "arrived"); /* now to create it */
    pass(&g.each[1], &r);
    ck_assert_msg(strcmp(r.result, "VARSDB_OK") == 0, "%s: %s", r.result, r.message);
    ck_assert_int_eq(r.created, 1);
    ck_assert_str_eq(r.value, two);
    ck_assert_int_eq(rows_of("model_variables", "w"), 1);
    finish_getters(&g);
}
END_TEST

START_TEST(deleted_and_made_again_between_a_hit_and_the_lock_the_new_one_is_got)
{
    getters g;
    reply r;
    start_getters(&g);
    find_and_stop(&g, "auto");
    tell(&g.each[0], "delete w", &r);
    tell(&g.each[0], "get plain w constant(1) 4 auto", &r);
    ck_assert_int_eq(r.created, 1);
    pass(&g.each[1], &r);
    ck_assert_msg(strcmp(r.result, "VARSDB_OK") == 0, "%s: %s", r.result, r.message);
    ck_assert_int_eq(r.created, 0);
    ck_assert_str_eq(r.value, one);
    ck_assert_int_eq(rows_of("model_variables", "w"), 1);
    finish_getters(&g);
}
END_TEST

START_TEST(renamed_between_a_hit_and_the_lock_the_other_name_is_left_alone)
{
    getters g;
    reply r;
    start_getters(&g);
    find_and_stop(&g, "auto");
    tell(&g.each[0], "rename w elsewhere", &r);
    ck_assert(actor_send(&g.each[1], "go"));
    expect_line(&g.each[1], "arrived");
    pass(&g.each[1], &r);
    ck_assert_msg(strcmp(r.result, "VARSDB_OK") == 0, "%s: %s", r.result, r.message);
    ck_assert_int_eq(r.created, 1);
    ck_assert_int_eq(rows_of("model_variables", "w"), 1);
    ck_assert_int_eq(rows_of("model_variables", "elsewhere"), 0);
    finish_getters(&g);
}
END_TEST

START_TEST(deleted_between_a_hit_and_the_lock_a_required_one_is_not_found)
{
    getters g;
    reply r;
    start_getters(&g);
    find_and_stop(&g, "require");
    tell(&g.each[0], "delete w", &r);
    pass(&g.each[1], &r);
    ck_assert_str_eq(r.result, "VARSDB_NOTFOUND");
    ck_assert_int_eq(rows_of("variables", "w"), 0);
    finish_getters(&g);
}
END_TEST

Suite *test_duel_suite(void)
{
    Suite *suite = suite_create("duel");
    TCase *tc = tcase_create("duel");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, who_comes_second_gets_what_is_there, 0, sizeof duels / sizeof *duels);
    tcase_add_test(tc, deleted_between_a_miss_and_the_lock_it_is_created_again);
    tcase_add_test(tc, deleted_between_a_hit_and_the_lock_it_is_created_again);
    tcase_add_test(tc, deleted_and_made_again_between_a_hit_and_the_lock_the_new_one_is_got);
    tcase_add_test(tc, renamed_between_a_hit_and_the_lock_the_other_name_is_left_alone);
    tcase_add_test(tc, deleted_between_a_hit_and_the_lock_a_required_one_is_not_found);
    suite_add_tcase(suite, tc);
    return suite;
}
