/*
 * test_fault.c - the disk is full, or memory is out, at any moment of what changes a registry: the call
 * says so, all is as it was, and the same call succeeds when there is room again.
 */
#include <check.h>
#include <stdio.h>

#include "../support/fault.h"
#include "../support/opened.h"
#include "../support/rich.h"
#include "../support/sanitized.h"
#include "../support/small_chunks.h"
#include "../support/tensor_files.h"
#include "internal.h"

Suite *test_fault_suite(void);

#define CHUNK           4096
#define LARGE           (6 * CHUNK)
#define PRINT_BYTES     8192
#define WRITE_STEP      FEWER(1, 4)
#define ALLOCATION_STEP FEWER(7, 41) /* they are many */
#define HOST_STEPS      5            /* so many times fewer on a host's connection, where most is the same */
#define MOMENTS_MAX     20000

static test_folder folder;
static char template[PATH_BYTES], path[PATH_BYTES], copy[PATH_BYTES], tensors[PATH_BYTES];
static varsdb *db;
static bool hosted;
static sqlite3 *host; /* whose connection db is on, when hosted */

/* ---- the registry */

static const unsigned char *content(int which)
{
    static unsigned char value[LARGE];
    for (size_t i = 0; i < LARGE; i++)
        value[i] = (unsigned char)((i / CHUNK + 1) * (size_t)which + i % 251);
    return value;
}

static const varsdb_variable *variable(const char *name)
{
    const varsdb_variable *v = NULL;
    return varsdb_find_variable(db, name, &v) == VARSDB_OK ? v : NULL;
}

static void must(int rc)
{
    ck_assert_msg(rc == VARSDB_OK, "%s: %s", varsdb_errname(rc), varsdb_errmsg(db));
}

static void make(const char *name, int64_t bytes, int which)
{
    const varsdb_variable *v;
    must(varsdb_get_variable(db, name,
                             VARSDB_WITH(.dtype = VARSDB_UINT8, .shape = VARSDB_SHAPE(bytes),
                                         .value = content(which), .value_bytes = (size_t)bytes),
                             NULL, &v));
}

static void file_copy(const char *from, const char *to)
{
    size_t bytes;
    char *all = file_read(from, &bytes);
    file_write(to, all, bytes);
    free(all);
}

static void open_on_host(void)
{
    ck_assert_int_eq(sqlite3_open(path, &host), SQLITE_OK);
    ck_assert_int_eq(
        sqlite3_exec(host, "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0", NULL, NULL, NULL),
        SQLITE_OK);
    ck_assert_int_eq(varsdb_open_on(host, NULL, NULL, NULL, &db), VARSDB_OK);
}

static void open_copy(void)
{
    file_copy(template, path);
    if (hosted)
        open_on_host();
    else
        db = opened(path, NULL);
    db->save_bytes = 2 * CHUNK;
}

static void close_copy(void)
{
    varsdb_close(db);
    ck_assert_int_eq(sqlite3_close(host), SQLITE_OK);
    host = NULL;
}

/* A save that died: its chunks are garbage. */
static void leave_garbage(void)
{
    sqlite3 *stock;
    make("garbage", LARGE, 99);
    ck_assert_int_eq(sqlite3_open(template, &stock), SQLITE_OK);
    ck_assert_int_eq(
        sqlite3_exec(stock,
                     "INSERT INTO varsdb_sessions SELECT 1, 1, 'dead', '', 0, '', 0;"
                     "INSERT INTO varsdb_pins SELECT DISTINCT 1, chunk_id FROM varsdb_tensor_chunks "
                     "x JOIN varsdb_variables v ON v.tensor_id = x.tensor_id "
                     "WHERE v.name = 'garbage'",
                     NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(stock);
    must(varsdb_delete_variable(db, variable("garbage")));
}

static void set_up(void)
{
    static const int64_t seed = 3;
    unsigned char data[LARGE + 8] = {0};
    fault_install();
    folder_make_in_memory(&folder);
    folder_path(&folder, "template.db", template);
    folder_path(&folder, "fault.db", path);
    folder_path(&folder, "copy.db", copy);
    folder_path(&folder, "t.safetensors", tensors);
    varsdb_close(opened(template, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE, .seed = &seed)));
    ck_assert(small_chunks_make(template, 64, CHUNK));
    db = opened(template, NULL);
    make("a", LARGE, 1);
    make("b", 40, 2);
    make("c/lost", LARGE, 3);
    must(varsdb_take_snapshot(db, VARSDB_SNAPSHOT(.name = "s"), NULL));
    must(varsdb_assign(db, variable("a"), content(4), LARGE));
    must(varsdb_delete_variable(db, variable("c/lost")));
    leave_garbage();
    varsdb_close(db);
    memcpy(data, content(5), LARGE);
    safetensors_write(tensors,
                      "{\"x\":{\"dtype\":\"U8\",\"shape\":[24576],\"data_offsets\":[0,24576]},"
                      "\"y\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[24576,24584]}}",
                      data, sizeof data);
}

static void tear_down(void)
{
    folder_remove(&folder);
}

/* ---- what is done */

static int assign(void)
{
    return varsdb_assign(db, variable("a"), content(6), LARGE);
}

static int assign_all(void)
{
    varsdb_assignment all[] = {{variable("a"), content(6), LARGE}, {variable("b"), content(6), 40}};
    return varsdb_assign_all(db, all, 2);
}

static int assign_slice(void)
{
    return varsdb_assign_slice(
        db, variable("a"), VARSDB_SLICE(.rank = 1, .begin = VARSDB_INDEX(5000), .size = VARSDB_INDEX(9000)),
        content(7), 9000);
}

static int assign_add(void)
{
    return varsdb_assign_add(db, variable("a"), content(7), LARGE);
}

static int write_pieces(void)
{
    varsdb_writer *w = NULL;
    int rc = varsdb_open_writer(db, variable("a"), &w);
    for (size_t at = 0; rc == VARSDB_OK && at < LARGE; at += LARGE / 8)
        rc = varsdb_append(w, content(6) + at, LARGE / 8);
    if (rc == VARSDB_OK)
        rc = varsdb_stage(w);
    if (rc == VARSDB_OK)
        rc = varsdb_finish(w);
    varsdb_close_writer(w);
    return rc;
}

static int create(void)
{
    const varsdb_variable *v;
    return varsdb_get_variable(
        db, "new/scope/v", VARSDB_WITH(.shape = VARSDB_SHAPE(LARGE / 4), .initializer = "random_normal(0,1)"),
        NULL, &v);
}

static int take_snapshot(void)
{
    return varsdb_take_snapshot(db, VARSDB_SNAPSHOT(.name = "t"), NULL);
}

static int replace_snapshot(void)
{
    return varsdb_take_snapshot(db, VARSDB_SNAPSHOT(.name = "s", .replace = 1), NULL);
}

static int snapshot_id(int64_t *id)
{
    return varsdb_find_snapshot(db, "s", id);
}

static int drop_snapshot(void)
{
    int64_t id = 0;
    int rc = snapshot_id(&id);
    return rc == VARSDB_OK ? varsdb_drop_snapshot(db, id) : rc;
}

static int restore(void)
{
    int64_t id = 0;
    int rc = snapshot_id(&id);
    return rc == VARSDB_OK ? varsdb_restore(db, id, NULL) : rc;
}

static int delete_variable(void)
{
    return varsdb_delete_variable(db, variable("a"));
}

static int collect(void)
{
    return varsdb_collect_garbage(db, NULL, NULL, NULL, NULL);
}

static int back_up(void)
{
    return varsdb_backup(db, copy, NULL);
}

static int import_file(void)
{
    return varsdb_import(db, tensors, VARSDB_IMPORT(.scope = "imported"));
}

static const struct {
    const char *name;
    int (*run)(void);
    bool changes; /* what the public interface shows */
} operations[] = {
    {"assign", assign, true},
    {"assign_all", assign_all, true},
    {"assign_slice", assign_slice, true},
    {"assign_add", assign_add, true},
    {"writer", write_pieces, true},
    {"get_variable", create, true},
    {"take_snapshot", take_snapshot, true},
    {"take_snapshot, replace", replace_snapshot, true},
    {"drop_snapshot", drop_snapshot, true},
    {"restore", restore, true},
    {"delete_variable", delete_variable, true},
    {"collect_garbage", collect, false},
    {"backup", back_up, false},
    {"import", import_file, true},
};
#define OPERATIONS ((int)(sizeof operations / sizeof *operations))

/* ---- what is there */

typedef struct print {
    char text[PRINT_BYTES];
    size_t bytes;
    const char *under;
} print;

static int print_variable(void *payload, const varsdb_variable_info *info)
{
    print *p = payload;
    p->bytes += (size_t)snprintf(p->text + p->bytes, sizeof p->text - p->bytes, "%s%s %s %s %lld %s\n",
                                 p->under, info->name, info->shape_json, info->collections_json,
                                 (long long)info->version, info->hash);
    return 0;
}

typedef struct snapshot_list {
    int count;
    int64_t ids[8];
    char names[8][16];
} snapshot_list;

static int keep_snapshot(void *payload, const varsdb_snapshot_info *info)
{
    snapshot_list *l = payload;
    l->ids[l->count] = info->id;
    snprintf(l->names[l->count++], sizeof l->names[0], "%s: ", info->name);
    return 0;
}

/* Names, shapes, versions and hashes, of now and of all snapshots; the bytes have these hashes. */
static void take_print(print *p, const char *when)
{
    snapshot_list l = {0};
    found f = {0};
    *p = (print){.under = ""};
    must(varsdb_list_variables(db, NULL, print_variable, p));
    must(varsdb_list_snapshots(db, keep_snapshot, &l));
    for (int i = 0; i < l.count; i++) {
        p->under = l.names[i];
        must(varsdb_list_snapshot_variables(db, l.ids[i], NULL, print_variable, p));
    }
    found_verify(db, false, &f);
    ck_assert_msg(f.count == 0, "%s: %s", when, found_print(&f));
}

static int64_t count_in(const char *file, const char *sql)
{
    sqlite3 *stock;
    sqlite3_stmt *s;
    ck_assert_int_eq(sqlite3_open_v2(file, &stock, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(stock, sql, -1, &s, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    sqlite3_close(stock);
    return n;
}

/* The backup is whole, or not there. */
static void check_copy(bool there, const char *when)
{
    found f = {0};
    ck_assert_msg((access(copy, F_OK) == 0) == there, "%s: the copy", when);
    if (!there)
        return;
    varsdb *other = opened(copy, NULL);
    found_verify(other, false, &f);
    ck_assert_msg(f.count == 0, "%s: %s", when, found_print(&f));
    varsdb_close(other);
    ck_assert_int_eq(unlink(copy), 0);
}

static void check_nothing_is_left(const char *when)
{
    must(collect());
    ck_assert_msg(count_in(path, "SELECT (SELECT count(*) FROM varsdb_sessions) + (SELECT count(*) FROM "
                                 "varsdb_pins) + (SELECT count(*) FROM varsdb_chunks WHERE id NOT IN (SELECT "
                                 "chunk_id FROM varsdb_tensor_chunks))") == 0,
                  "%s: something is left for good", when);
}

/* ---- one moment after the other */

/* Looks that are not what is tested: objects are cached before. */
static void warm_up(void)
{
    static const char *const names[] = {"a", "b"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ck_assert_ptr_nonnull(variable(names[i]));
}

static void check_failure(fault_kind kind, int rc, const char *when)
{
    bool expected = kind == FAULT_ALLOCATION ? rc == VARSDB_NOMEM : rc == VARSDB_FULL || rc == VARSDB_IO;
    ck_assert_msg(expected, "%s: %s: %s", when, varsdb_errname(rc), varsdb_errmsg(db));
    ck_assert_msg(strstr(varsdb_errmsg(db), kind == FAULT_ALLOCATION ? "memory" : "disk"), "%s: %s", when,
                  varsdb_errmsg(db));
}

/* False when the operation does not last so long. */
static bool fail_once(int operation, fault_kind kind, int moment, const print *before, const print *after)
{
    char when[128];
    print now;
    bool is_backup = operations[operation].run == back_up;
    snprintf(when, sizeof when, "%s, kind %d, moment %d", operations[operation].name, (int)kind, moment);
    open_copy();
    warm_up();
    fault_arm(kind, moment);
    int rc = operations[operation].run();
    bool happened = fault_happened();
    if (kind != FAULT_FULL)
        fault_disarm();
    if (rc != VARSDB_OK)
        check_failure(kind, rc, when);
    take_print(&now, when); /* readers do not mind that a disk is full */
    fault_disarm();
    ck_assert_msg(strcmp(now.text, (rc == VARSDB_OK ? after : before)->text) == 0, "%s:\n%s", when, now.text);
    ck_assert_msg(happened || rc == VARSDB_OK, "%s: %s", when, varsdb_errmsg(db));
    if (rc != VARSDB_OK) {
        if (is_backup)
            check_copy(false, when);
        must(operations[operation].run());
        take_print(&now, when);
        ck_assert_msg(strcmp(now.text, after->text) == 0, "%s, repeated:\n%s", when, now.text);
    }
    if (is_backup)
        check_copy(true, when);
    check_nothing_is_left(when);
    close_copy();
    return happened;
}

static void prints(int operation, print *before, print *after)
{
    open_copy();
    take_print(before, "before");
    must(operations[operation].run());
    take_print(after, "after");
    ck_assert_int_eq(strcmp(before->text, after->text) != 0, operations[operation].changes);
    close_copy();
    unlink(copy);
}

/* which: an operation in a registry of its own, or, from OPERATIONS on, on a host's connection. */
static void fail_everywhere(int which, fault_kind kind, int step)
{
    print before, after;
    int moment = 0, operation = which % OPERATIONS;
    hosted = which >= OPERATIONS;
    if (hosted && operations[operation].run == back_up)
        return; /* the host's to do */
    step *= hosted ? HOST_STEPS : 1;
    prints(operation, &before, &after);
    while (fail_once(operation, kind, moment, &before, &after)) {
        moment += step;
        ck_assert_int_lt(moment, MOMENTS_MAX);
    }
    ck_assert_int_gt(moment, 0);
    printf("fault: %s%s, kind %d: %d moments\n", operations[operation].name, hosted ? " on a host" : "",
           (int)kind, moment / step);
}

START_TEST(a_write_may_fail_at_any_moment)
{
    fail_everywhere(_i, FAULT_WRITE, WRITE_STEP);
}
END_TEST

START_TEST(a_disk_may_be_full_from_any_moment_on)
{
    fail_everywhere(_i, FAULT_FULL, WRITE_STEP);
}
END_TEST

START_TEST(memory_may_be_out_at_any_moment)
{
    fail_everywhere(_i, FAULT_ALLOCATION, ALLOCATION_STEP);
}
END_TEST

/* Whatever fails in making a registry on a host's connection, no transaction is left open there, and the
 * registry is whole or not there. */
START_TEST(memory_may_be_out_while_a_host_gets_a_registry)
{
    int moment = 0;
    for (bool happened = true; happened; moment += ALLOCATION_STEP) {
        ck_assert_int_eq(sqlite3_open(":memory:", &host), SQLITE_OK);
        ck_assert_int_eq(sqlite3_exec(host, "CREATE TABLE mine (a)", NULL, NULL, NULL), SQLITE_OK);
        fault_arm(FAULT_ALLOCATION, moment);
        int rc = varsdb_open_on(host, NULL, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), NULL, &db);
        happened = fault_happened();
        fault_disarm();
        varsdb_close(db);
        ck_assert_msg(rc == VARSDB_OK || rc == VARSDB_NOMEM, "moment %d: %s", moment, varsdb_errname(rc));
        ck_assert_msg(sqlite3_get_autocommit(host), "moment %d: a transaction is open", moment);
        rc = varsdb_open_on(host, NULL, NULL, NULL, &db);
        ck_assert_msg(rc == VARSDB_OK || rc == VARSDB_NOTDB, "moment %d: %s", moment, varsdb_errmsg(db));
        close_copy();
    }
    ck_assert_int_gt(moment, 500);
}
END_TEST

Suite *test_fault_suite(void)
{
    Suite *suite = suite_create("fault");
    TCase *tc = tcase_create("fault");
    tcase_set_timeout(tc, 600);
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, a_write_may_fail_at_any_moment, 0, 2 * OPERATIONS);
    tcase_add_loop_test(tc, a_disk_may_be_full_from_any_moment_on, 0, 2 * OPERATIONS);
    tcase_add_loop_test(tc, memory_may_be_out_at_any_moment, 0, 2 * OPERATIONS);
    tcase_add_test(tc, memory_may_be_out_while_a_host_gets_a_registry);
    suite_add_tcase(suite, tc);
    return suite;
}
