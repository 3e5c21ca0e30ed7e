/*
 * test_disk_full.c - the disk gets full at any write of any long operation: the call says so, nothing of
 * it is left, the handle goes on, and with room again the same call succeeds.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/disk.h"
#include "../support/registry.h"
#include "internal.h"

Suite *test_disk_full_suite(void);

#define BYTES ((int64_t)3 << 20)
#define PART  ((size_t)512 << 10) /* of a save */

static registry r;
static const varsdb_variable *v, *w;
static unsigned char *old, *second, *fresh, *there; /* values: v's, w's, one that is nowhere yet */
static int latest = 2;
static int64_t snapshot;
static char out[TEMP_PATH_BYTES + 16], in[TEMP_PATH_BYTES + 16];

static void make(unsigned char *bytes, int seed)
{
    for (int64_t i = 0; i < BYTES; i++)
        bytes[i] = (unsigned char)(i * 31 + i / 257 + seed);
}

static void set_up(void)
{
    disk_install();
    registry_open(&r);
    r.db->save_bytes = PART;
    old = malloc(BYTES);
    fresh = malloc(BYTES);
    second = malloc(BYTES);
    there = malloc(BYTES);
    make(old, 1);
    const varsdb_variable_options *options =
        VARSDB_WITH(.shape = VARSDB_SHAPE(BYTES), .dtype = VARSDB_UINT8, .value = old, .value_bytes = BYTES);
    v = got(r.db, "v", options);
    make(second, 2);
    w = got(r.db, "w",
            VARSDB_WITH(.shape = VARSDB_SHAPE(BYTES), .dtype = VARSDB_UINT8, .value = second,
                        .value_bytes = BYTES));
    ok(r.db, varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.name = "first"), &snapshot));
    snprintf(out, sizeof out, "%s.copy", r.path);
    snprintf(in, sizeof in, "%s.safetensors", r.path);
    ok(r.db, varsdb_export(r.db, in, VARSDB_EXPORT(.snapshot = snapshot), NULL));
}

static void tear_down(void)
{
    disk_fill(-1);
    unlink(out);
    unlink(in);
    free(old);
    free(fresh);
    free(second);
    free(there);
    registry_close(&r);
}

/* ---- operations; what they assign is `fresh` */

static int do_assign(void)
{
    return varsdb_assign(r.db, v, fresh, BYTES);
}

static int do_assign_all(void)
{
    const varsdb_assignment list[] = {{v, fresh, BYTES}, {w, old, BYTES}};
    return varsdb_assign_all(r.db, list, 2);
}

static int do_write(void)
{
    varsdb_writer *writer;
    int rc = varsdb_open_writer(r.db, v, &writer);
    for (int64_t at = 0; rc == VARSDB_OK && at < BYTES; at += 1 << 18)
        rc = varsdb_append(writer, fresh + at, 1 << 18);
    if (rc == VARSDB_OK)
        rc = varsdb_finish(writer);
    int code = varsdb_errcode(r.db);
    varsdb_close_writer(writer);
    ck_assert_int_eq(varsdb_errcode(r.db), code);
    return rc;
}

static int do_add(void)
{
    for (int64_t i = 0; i < BYTES; i++)
        there[i] = (unsigned char)(fresh[i] - second[i]);
    return varsdb_assign_add(r.db, v, there, BYTES);
}

static int do_snapshot(void)
{
    return varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.name = "next", .replace = 1, .keep_last = 2), NULL);
}

static int do_restore(void)
{
    return varsdb_restore(r.db, snapshot, NULL);
}

static int do_import(void)
{
    return varsdb_import(r.db, in, VARSDB_IMPORT(.on_conflict = VARSDB_CONFLICT_REPLACE));
}

static int do_collect(void)
{
    return varsdb_collect_garbage(r.db, NULL, NULL, NULL, NULL);
}

static int do_backup(void)
{
    unlink(out);
    return varsdb_backup(r.db, out, NULL);
}

static const struct {
    const char *name;
    int (*run)(void);
    int least; /* points at which the disk was full */
} operations[] = {{"assign", do_assign, 10},    {"assign_all", do_assign_all, 10},
                  {"writer", do_write, 10},     {"assign_add", do_add, 10},
                  {"snapshot", do_snapshot, 5}, {"restore", do_restore, 3},
                  {"import", do_import, 10},    {"gc", do_collect, 3},
                  {"backup", do_backup, 10}};

/* ---- around them */

static int count_finding(void *payload, const varsdb_finding *finding)
{
    ck_abort_msg("%s: %s", (const char *)payload, finding->text);
    return 0;
}

/* Which of the three values v and w have, whole, and how many snapshots there are. */
static unsigned state(void)
{
    unsigned key = 0;
    const varsdb_variable *both[] = {v, w};
    for (int i = 0; i < 2; i++) {
        ok(r.db, varsdb_read(r.db, both[i], there, BYTES));
        unsigned which = memcmp(there, old, BYTES) == 0      ? 1
                         : memcmp(there, second, BYTES) == 0 ? 2
                         : memcmp(there, fresh, BYTES) == 0  ? 3
                                                             : 0;
        ck_assert_uint_ne(which, 0);
        key = key << 2 | which;
    }
    return key << 8 | (unsigned)registry_number(&r, "SELECT count(*) FROM varsdb_snapshots");
}

/* Something to do for each of them; and some garbage. */
static void prepare(void)
{
    ok(r.db, varsdb_assign(r.db, v, second, BYTES));
    ok(r.db, varsdb_assign(r.db, w, old, BYTES));
    make(fresh, ++latest);
    const varsdb_variable *x = got(r.db, "x",
                                   VARSDB_WITH(.shape = VARSDB_SHAPE(BYTES), .dtype = VARSDB_UINT8,
                                               .value = fresh, .value_bytes = BYTES));
    ok(r.db, varsdb_delete_variable(r.db, x));
    make(fresh, ++latest);
}

static bool try_at(int i, int point)
{
    struct stat at;
    prepare();
    unsigned before = state();
    disk_fill(point);
    int rc = operations[i].run();
    bool full = disk_was_full();
    disk_fill(-1);
    if (rc != VARSDB_OK) {
        ck_assert_msg(rc == VARSDB_FULL, "%s, write %d: %s", operations[i].name, point, varsdb_errmsg(r.db));
        says(r.db, "full");
        ck_assert_msg(state() == before, "%s, write %d: something is left of it", operations[i].name, point);
        ck_assert(operations[i].run != do_backup || stat(out, &at) != 0);
        ck_assert_msg(operations[i].run() == VARSDB_OK, "%s, write %d, again: %s", operations[i].name, point,
                      varsdb_errmsg(r.db));
    }
    char name[64];
    snprintf(name, sizeof name, "%s, write %d", operations[i].name, point);
    ok(r.db, varsdb_verify(r.db, NULL, count_finding, name));
    return full;
}

START_TEST(a_full_disk_leaves_all_as_it_was)
{
    int points = 0;
    for (int point = 0; try_at(_i, point); point += 1 + point / 4)
        points++;
    printf("disk_full: %s: full at %d points\n", operations[_i].name, points);
    ck_assert_int_ge(points, operations[_i].least);
}
END_TEST

Suite *test_disk_full_suite(void)
{
    Suite *suite = suite_create("disk_full");
    TCase *tc = tcase_create("disk_full");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_set_timeout(tc, 300);
    tcase_add_loop_test(tc, a_full_disk_leaves_all_as_it_was, 0,
                        (int)(sizeof operations / sizeof *operations));
    suite_add_tcase(suite, tc);
    return suite;
}
