/* test_fork.c - a handle does not survive fork(), and harms nobody by it. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/child.h"
#include "../support/registry.h"
#include "fork.h"

Suite *test_fork_suite(void);

static registry r;
static const varsdb_variable *w;
static const float values[2] = {1, 2};

static void setup(void)
{
    registry_open(&r);
    w = got(r.db, "w", VARSDB_WITH(.shape = VARSDB_SHAPE(2)));
}

static void teardown(void)
{
    registry_close(&r);
}

static int compare_with_parent(void *parents)
{
    unsigned own = vdb_fork_generation();
    if (own == *(unsigned *)parents || own != vdb_fork_generation())
        return 1;
    return own == 2 ? 0 : child_run(compare_with_parent, &own);
}

START_TEST(children_and_their_children_are_told_apart)
{
    unsigned own = vdb_fork_generation();
    ck_assert_uint_eq(own, vdb_fork_generation());
    ck_assert_int_eq(child_run(compare_with_parent, &own), 0);
    ck_assert_uint_eq(own, vdb_fork_generation());
}
END_TEST

static int refused(int rc, int *calls)
{
    ++*calls;
    const char *text = varsdb_errmsg(r.db);
    return rc == VARSDB_MISUSE && varsdb_errcode(r.db) == VARSDB_MISUSE && strstr(text, "fork") ? 0 : *calls;
}

static int no_transaction(varsdb *db, void *payload)
{
    (void)db, (void)payload;
    return VARSDB_OK;
}
static int no_row(void *payload, size_t columns, const char *const *names, const varsdb_value *v)
{
    (void)payload, (void)columns, (void)names, (void)v;
    return 0;
}
static int no_variable(void *payload, const varsdb_variable_info *info)
{
    (void)payload, (void)info;
    return 0;
}
static int no_attribute(void *payload, const char *key, const char *json)
{
    (void)payload, (void)key, (void)json;
    return 0;
}
static int no_string(void *payload, const char *string, size_t bytes)
{
    (void)payload, (void)string, (void)bytes;
    return 0;
}
static int no_namespace(void *payload, const varsdb_namespace_info *info)
{
    (void)payload, (void)info;
    return 0;
}
static int no_collection(void *payload, const varsdb_collection_info *info)
{
    (void)payload, (void)info;
    return 0;
}

/* Yields the number of the first call that is not refused, or 0. */
static int call_everything(void *payload)
{
    (void)payload;
    varsdb *db = r.db;
    int n = 0, bad = 0, created;
    int64_t number;
    float buffer[2];
    const varsdb_variable *v;
#define REFUSED(call) bad = bad ? bad : refused(call, &n)
    REFUSED(varsdb_set_timeout(db, 5));
    REFUSED(varsdb_begin(db));
    REFUSED(varsdb_begin_read(db));
    REFUSED(varsdb_commit(db));
    REFUSED(varsdb_rollback(db));
    REFUSED(varsdb_transact(db, no_transaction, NULL));
    REFUSED(varsdb_use_namespace(db, "other"));
    REFUSED(varsdb_create_namespace(db, "other", NULL));
    REFUSED(varsdb_delete_namespace(db, "main"));
    REFUSED(varsdb_seed(db, &number));
    REFUSED(varsdb_list_namespaces(db, no_namespace, NULL));
    REFUSED(varsdb_get_variable(db, "w", NULL, &created, &v));
    REFUSED(varsdb_model_variable(db, "w", NULL, &created, &v));
    REFUSED(varsdb_local_variable(db, "w", NULL, &created, &v));
    REFUSED(varsdb_find_variable(db, "w", &v));
    REFUSED(varsdb_describe(db, w, no_variable, NULL));
    REFUSED(varsdb_list_variables(db, NULL, no_variable, NULL));
    REFUSED(varsdb_rename_variable(db, w, "x"));
    REFUSED(varsdb_rename_scope(db, "a", "b"));
    REFUSED(varsdb_delete_variable(db, w));
    REFUSED(varsdb_delete_scope(db, "a", NULL));
    REFUSED(varsdb_assign(db, w, values, sizeof values));
    REFUSED(varsdb_assign_strings(db, w, NULL, NULL, 0));
    REFUSED(varsdb_assign_json(db, w, "[1,2]"));
    REFUSED(varsdb_initialize(db, w, "zeros"));
    REFUSED(varsdb_read(db, w, buffer, sizeof buffer));
    REFUSED(varsdb_read_range(db, w, 0, buffer, 4));
    REFUSED(varsdb_read_strings(db, w, no_string, NULL));
    REFUSED(varsdb_collect(db, VARSDB_MODEL, w));
    REFUSED(varsdb_uncollect(db, VARSDB_GLOBAL, w));
    REFUSED(varsdb_list_collections(db, no_collection, NULL));
    REFUSED(varsdb_set_attribute(db, w, "k", "1"));
    REFUSED(varsdb_list_attributes(db, w, no_attribute, NULL));
    REFUSED(varsdb_query(db, "SELECT 1", no_row, NULL));
    REFUSED(varsdb_import(db, "x.safetensors", NULL));
    REFUSED(varsdb_export(db, "x.safetensors", NULL, NULL));
#undef REFUSED
    varsdb_close(db);
    return bad;
}

START_TEST(every_call_in_a_child_is_misuse)
{
    ck_assert_int_eq(child_run(call_everything, NULL), 0);
    ok(r.db, varsdb_assign(r.db, w, values, sizeof values));
}
END_TEST

START_TEST(the_parent_commits_after_a_child_closed_its_handle)
{
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, varsdb_assign(r.db, w, values, sizeof values));
    ck_assert_int_eq(child_run(call_everything, NULL), 0);
    ck_assert_str_eq(registry_sql(&r, "SELECT version FROM variables"), "1");
    got(r.db, "during", VARSDB_WITH(.shape = VARSDB_SHAPE(30000)));
    ok(r.db, varsdb_commit(r.db));
    ck_assert_str_eq(registry_sql(&r, "PRAGMA integrity_check"), "ok");
    ck_assert_str_eq(registry_sql(&r, "SELECT name, version FROM variables ORDER BY id"), "w|2\nduring|1");
}
END_TEST

/* ---- handles that a child opens by itself */

typedef struct two_ways {
    child_signal opened, go;
} two_ways;

static int create_late(void *payload)
{
    two_ways *s = payload;
    varsdb *db;
    const varsdb_variable *v;
    int created = 0;
    int rc = varsdb_open(r.path, NULL, &db);
    child_signal_send(&s->opened);
    child_signal_await(&s->go);
    if (rc == VARSDB_OK)
        rc = varsdb_get_variable(db, "late", VARSDB_WITH(.shape = VARSDB_SHAPE(1)), &created, &v);
    varsdb_close(db);
    return rc == VARSDB_OK && created ? 0 : 1;
}

/* SQLite in the child would take the parent's locks for its own. */
START_TEST(what_a_child_commits_survives_the_parents_close)
{
    two_ways s;
    child_signal_make(&s.opened);
    child_signal_make(&s.go);
    pid_t pid = child_start(create_late, &s);
    child_signal_await(&s.opened);
    varsdb_close(r.db);
    r.db = NULL;
    child_signal_send(&s.go);
    ck_assert_int_eq(child_wait(pid), 0);
    ck_assert_str_eq(registry_sql(&r, "SELECT name FROM variables ORDER BY id"), "w\nlate");
    ck_assert_str_eq(registry_sql(&r, "PRAGMA integrity_check"), "ok");
    child_signal_close(&s.opened);
    child_signal_close(&s.go);
}
END_TEST

static int write_after_parent(void *payload)
{
    two_ways *s = payload;
    varsdb *db;
    const varsdb_variable *v;
    int busy = varsdb_open(r.path, VARSDB_OPEN(.timeout_ms = -1), &db);
    busy = busy == VARSDB_OK ? varsdb_get_variable(db, "x", VARSDB_WITH(.shape = VARSDB_SHAPE(1)), NULL, &v)
                             : -1;
    child_signal_send(&s->opened);
    child_signal_await(&s->go);
    int rc = varsdb_get_variable(db, "x", VARSDB_WITH(.shape = VARSDB_SHAPE(1)), NULL, &v);
    varsdb_close(db);
    return busy == VARSDB_BUSY && rc == VARSDB_OK ? 0 : 1;
}

START_TEST(a_child_forked_in_a_transaction_waits_for_it_and_no_longer)
{
    two_ways s;
    child_signal_make(&s.opened);
    child_signal_make(&s.go);
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, varsdb_assign(r.db, w, values, sizeof values));
    pid_t pid = child_start(write_after_parent, &s);
    child_signal_await(&s.opened);
    ok(r.db, varsdb_commit(r.db));
    child_signal_send(&s.go);
    ck_assert_int_eq(child_wait(pid), 0);
    ck_assert_str_eq(registry_sql(&r, "SELECT name, version FROM variables ORDER BY id"), "w|2\nx|1");
    child_signal_close(&s.opened);
    child_signal_close(&s.go);
}
END_TEST

Suite *test_fork_suite(void)
{
    Suite *suite = suite_create("fork");
    TCase *tc = tcase_create("fork");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, children_and_their_children_are_told_apart);
    tcase_add_test(tc, every_call_in_a_child_is_misuse);
    tcase_add_test(tc, the_parent_commits_after_a_child_closed_its_handle);
    tcase_add_test(tc, what_a_child_commits_survives_the_parents_close);
    tcase_add_test(tc, a_child_forked_in_a_transaction_waits_for_it_and_no_longer);
    suite_add_tcase(suite, tc);
    return suite;
}
