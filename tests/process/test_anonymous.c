/*
 * test_anonymous.c - a model whose scopes have no names of their own finds its variables again,
 * however often and by how many processes at once it is built.
 */
#include <check.h>

#include "../support/actor.h"
#include "../support/anonymous.h"
#include "../support/tensor_files.h"

Suite *test_anonymous_suite(void);

#define BUILDERS 8

static test_folder folder;
static char registry[PATH_BYTES];

static void set_up(void)
{
    folder_make(&folder);
    folder_path(&folder, "anonymous.db", registry);
}

static void tear_down(void)
{
    folder_remove(&folder);
}

/* The variables are the model's, all of them, and nothing else is there. */
static void check_rows(void)
{
    char out[ACTOR_LINE_BYTES], expected[ACTOR_LINE_BYTES] = "";
    size_t bytes = 0;
    for (int i = 0; i < ANONYMOUS_VARIABLES; i++)
        bytes += (size_t)snprintf(expected + bytes, sizeof expected - bytes, "%s%s", i ? "\n" : "",
                                  anonymous_names[i]);
    ck_assert(shell_query(registry, "SELECT name FROM variables ORDER BY id", out, sizeof out));
    ck_assert_str_eq(out, expected);
    ck_assert(shell_query(registry, "SELECT group_concat(name) FROM (SELECT name FROM scopes ORDER BY name)",
                          out, sizeof out));
    ck_assert_str_eq(out,
                     "block,block/conv,block/conv_1,block/conv_1/norm,block_1,block_1/conv,block_1/conv_1,"
                     "block_1/conv_1/norm,conv,conv_1,conv_2");
    ck_assert(shell_query(registry, "PRAGMA integrity_check", out, sizeof out));
    ck_assert_str_eq(out, "ok");
}

START_TEST(built_twice_in_one_process_it_has_the_same_variables)
{
    char names[ANONYMOUS_VARIABLES][ANONYMOUS_BYTES];
    varsdb *handles[2];
    for (int i = 0; i < 2; i++) {
        int created = -1;
        ck_assert_int_eq(varsdb_open(registry, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &handles[i]),
                         VARSDB_OK);
        ck_assert_msg(anonymous_build(handles[i], names, &created) == VARSDB_OK, "%s",
                      varsdb_errmsg(handles[i]));
        ck_assert_int_eq(created, i ? 0 : ANONYMOUS_VARIABLES);
        for (int j = 0; j < ANONYMOUS_VARIABLES; j++)
            ck_assert_str_eq(names[j], anonymous_names[j]);
    }
    varsdb_close(handles[0]);
    varsdb_close(handles[1]);
    check_rows();
}
END_TEST

static void hear_names(actor *a, int *created)
{
    char line[ACTOR_LINE_BYTES];
    for (int i = 0; i < ANONYMOUS_VARIABLES; i++) {
        ck_assert(actor_receive(a, line));
        ck_assert_str_eq(line, anonymous_names[i]);
    }
    ck_assert(actor_receive(a, line));
    *created += (int)strtol(line, NULL, 10);
}

START_TEST(built_by_eight_processes_at_once_it_has_the_same_variables)
{
    actor builders[BUILDERS];
    char line[ACTOR_LINE_BYTES];
    int created = 0;
    const char *arguments[] = {"actor_builder", registry, NULL};
    for (int i = 0; i < BUILDERS; i++)
        ck_assert(actor_start(&builders[i], arguments));
    for (int i = 0; i < BUILDERS; i++) {
        ck_assert(actor_receive(&builders[i], line));
        ck_assert_str_eq(line, "ready");
    }
    for (int i = 0; i < BUILDERS; i++)
        ck_assert(actor_send(&builders[i], "go"));
    for (int i = 0; i < BUILDERS; i++) {
        hear_names(&builders[i], &created);
        ck_assert_int_eq(actor_finish(&builders[i]), 0);
    }
    ck_assert_int_eq(created, ANONYMOUS_VARIABLES);
    check_rows();
}
END_TEST

/* The names are the counters' of one handle: where it goes on it makes new ones. */
START_TEST(built_again_on_the_same_handle_it_is_another_model)
{
    char names[ANONYMOUS_VARIABLES][ANONYMOUS_BYTES];
    int created = -1;
    varsdb *db;
    ck_assert_int_eq(varsdb_open(registry, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &db), VARSDB_OK);
    ck_assert_int_eq(anonymous_build(db, names, &created), VARSDB_OK);
    ck_assert_int_eq(anonymous_build(db, names, &created), VARSDB_OK);
    ck_assert_int_eq(created, ANONYMOUS_VARIABLES);
    ck_assert_str_eq(names[0], "conv_3/weights");
    ck_assert_str_eq(names[5], "block_2/conv_1/weights");
    varsdb_close(db);
}
END_TEST

Suite *test_anonymous_suite(void)
{
    Suite *suite = suite_create("anonymous");
    TCase *tc = tcase_create("anonymous");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_test(tc, built_twice_in_one_process_it_has_the_same_variables);
    tcase_add_test(tc, built_by_eight_processes_at_once_it_has_the_same_variables);
    tcase_add_test(tc, built_again_on_the_same_handle_it_is_another_model);
    suite_add_tcase(suite, tc);
    return suite;
}
