/*
 * test_sweepers.c - savers whose values have chunks in common, a deleter, a deleter of namespaces and a
 * garbage collection at once, and savers that are killed: what is there is whole, and what is not needed
 * is gone in the end.
 */
#include <check.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/child.h"
#include "../support/registry.h"

Suite *test_sweepers_suite(void);

/* A value is saved in several transactions, and a piece of it is one or two chunks. */
#define ROUNDS   12
#define PIECE    (512 << 10)
#define PIECES   40
#define PATTERNS 64

static registry r;
static unsigned char value[PIECES * PIECE];

/* Values of neighbouring seeds have all pieces but one in common, so that what one saver finds there is just
 * being deleted for another. */
static void make_value(unsigned seed)
{
    for (unsigned p = 0; p < PIECES; p++) {
        uint32_t x = (seed + p) % PATTERNS;
        for (size_t i = 0; i < PIECE; i++) {
            if (i % 1024 == 0)
                x = x * 1664525U + 1013904223U;
            value[p * PIECE + i] = (unsigned char)(x >> 24);
        }
    }
}

static varsdb *open_one(const char *in)
{
    varsdb *db;
    return varsdb_open(r.path, VARSDB_OPEN(.in = in), &db) == VARSDB_OK ? db : NULL;
}

static int complain(varsdb *db, const char *what, int rc)
{
    fprintf(stderr, "%d: %s: %s: %s\n", (int)getpid(), what, varsdb_errname(rc), varsdb_errmsg(db));
    return 1;
}

/* Somebody may delete the variable at any moment: then it is not there, or gone. */
static bool is_unlucky(int rc)
{
    return rc == VARSDB_GONE || rc == VARSDB_NOTFOUND || rc == VARSDB_UNINITIALIZED;
}

static int save(varsdb *db, const char *name, unsigned seed)
{
    static unsigned char read[sizeof value];
    const varsdb_variable *v;
    make_value(seed);
    int rc = varsdb_get_variable(
        db, name, VARSDB_WITH(.shape = VARSDB_SHAPE(sizeof value), .dtype = VARSDB_UINT8), NULL, &v);
    if (rc == VARSDB_OK)
        rc = varsdb_assign(db, v, value, sizeof value);
    if (rc == VARSDB_OK)
        rc = varsdb_read(db, v, read, sizeof read);
    return rc == VARSDB_OK || is_unlucky(rc) ? 0 : complain(db, "saving", rc);
}

static int run_saver(void *payload)
{
    const char *name = payload;
    varsdb *db = open_one(*name == 'n' ? "run" : "main");
    int bad = !db;
    for (unsigned i = 0; !bad && i < ROUNDS; i++)
        bad = save(db, name, i + (unsigned)name[1]);
    varsdb_close(db);
    return bad;
}

static int run_deleter(void *payload)
{
    varsdb *db = open_one("main");
    int bad = !db;
    const varsdb_variable *v;
    (void)payload;
    for (int i = 0; !bad && i < ROUNDS; i++) {
        int rc = varsdb_find_variable(db, i % 2 ? "s1" : "s2", &v);
        if (rc == VARSDB_OK)
            rc = varsdb_delete_variable(db, v);
        bad = rc == VARSDB_OK || is_unlucky(rc) ? 0 : complain(db, "deleting", rc);
        rc = i % 4 ? VARSDB_OK : varsdb_delete_namespace(db, "run");
        if (rc != VARSDB_OK && rc != VARSDB_NOTFOUND)
            bad = complain(db, "deleting a namespace", rc);
        usleep(20000);
    }
    varsdb_close(db);
    return bad;
}

static int run_collector(void *payload)
{
    varsdb *db = open_one("main");
    int bad = !db;
    (void)payload;
    for (int i = 0; !bad && i < ROUNDS; i++) {
        varsdb_garbage g;
        int rc = varsdb_collect_garbage(db, VARSDB_UPKEEP(.dry_run = i % 3 == 0), NULL, NULL, &g);
        bad = rc == VARSDB_OK ? 0 : complain(db, "collecting", rc);
    }
    varsdb_close(db);
    return bad;
}

static const char dangling[] =
    "SELECT (SELECT count(*) FROM varsdb_tensor_chunks WHERE chunk_id NOT IN (SELECT id FROM varsdb_chunks)),"
    "(SELECT count(*) FROM varsdb_variables WHERE tensor_id NOT IN (SELECT id FROM varsdb_tensors)),"
    "(SELECT count(*) FROM varsdb_tensors t WHERE chunk_count <>"
    " (SELECT count(*) FROM varsdb_tensor_chunks x WHERE x.tensor_id = t.id))";

static const char garbage[] =
    "SELECT (SELECT count(*) FROM varsdb_tensor_chunks WHERE tensor_id NOT IN (SELECT id FROM "
    "varsdb_tensors)),"
    "(SELECT count(*) FROM varsdb_tensors WHERE id NOT IN (SELECT tensor_id FROM varsdb_variables)),"
    "(SELECT count(*) FROM varsdb_chunks WHERE id NOT IN (SELECT chunk_id FROM varsdb_tensor_chunks)),"
    "(SELECT count(*) FROM varsdb_pins), (SELECT count(*) FROM varsdb_sessions)";

static int read_one(void *payload, const varsdb_variable_info *info)
{
    int *count = payload;
    varsdb *db = open_one(info->name_space);
    const varsdb_variable *v = NULL;
    ok(db, varsdb_find_variable(db, info->name, &v));
    int rc = varsdb_read(db, v, value, sizeof value);
    ck_assert_msg(rc == VARSDB_OK, "%s: %s", info->name, varsdb_errmsg(db));
    varsdb_close(db);
    ++*count;
    return 0;
}

START_TEST(nothing_dangles_and_no_garbage_is_left)
{
    static const char *const names[] = {"s1", "s2", "n1"};
    registry_open(&r);
    varsdb_close(r.db);
    pid_t children[6];
    for (int i = 0; i < 3; i++)
        children[i] = child_start(run_saver, (void *)(uintptr_t)names[i]);
    children[3] = child_start(run_deleter, NULL);
    children[4] = child_start(run_collector, NULL);
    children[5] = child_start(run_saver, (void *)(uintptr_t) "s3");
    usleep(300000);
    kill(children[5], SIGKILL);
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(child_wait(children[i]), 0);
    child_wait(children[5]);
    ck_assert_str_eq(registry_sql(&r, dangling), "0|0|0");
    ck_assert_str_eq(registry_sql(&r, "PRAGMA integrity_check"), "ok");

    int count = 0;
    r.db = registry_another(&r);
    ok(r.db, varsdb_collect_garbage(r.db, NULL, NULL, NULL, NULL));
    ck_assert_str_eq(registry_sql(&r, garbage), "0|0|0|0|0");
    ck_assert_str_eq(registry_sql(&r, dangling), "0|0|0");
    ok(r.db, varsdb_list_variables(r.db, NULL, read_one, &count));
    ck_assert_int_eq(count, registry_number(&r, "SELECT count(*) FROM variables WHERE namespace = 'main'"));
    registry_close(&r);
}
END_TEST

Suite *test_sweepers_suite(void)
{
    Suite *suite = suite_create("sweepers");
    TCase *t = tcase_create("sweepers");
    tcase_add_test(t, nothing_dangles_and_no_garbage_is_left);
    suite_add_tcase(suite, t);
    return suite;
}
