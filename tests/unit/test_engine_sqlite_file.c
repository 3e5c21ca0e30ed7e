/* test_engine_sqlite_file.c - making a file, finding it, and leaving descriptors alone. */
#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/child.h"
#include "../support/opened.h"
#include "../support/registry.h"
#include "../support/shell.h"
#include "../support/temp.h"
#include "engine_sqlite.h"
#include "internal.h"

Suite *test_engine_sqlite_file_suite(void);

static temp_dir dir;
static char path[TEMP_PATH_BYTES], said[4096];
static varsdb *db;

static void setup(void)
{
    temp_make(&dir);
    temp_file(&dir, "run.db", path);
    db = NULL;
}

static void teardown(void)
{
    varsdb_close(db);
    temp_remove(&dir);
}

static const varsdb_variable *make_registry(unsigned flags)
{
    db = opened(path, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE | flags));
    return got(db, "w", VARSDB_WITH(.shape = VARSDB_SHAPE(2)));
}

static void close_registry(void)
{
    varsdb_close(db);
    db = NULL;
}

/* ---- publishing */

#define RACERS 40
#define ROUNDS 10

typedef struct race {
    child_signal go;
    int answers[2];
} race;

static int open_and_tell(void *payload)
{
    race *all = payload;
    varsdb *own;
    child_signal_await(&all->go);
    int rc = varsdb_open(path, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &own);
    if (rc != VARSDB_OK)
        fprintf(stderr, "%s\n", varsdb_errmsg(own));
    else if (write(all->answers[1], varsdb_uuid(own), 36) != 36)
        rc = -1;
    varsdb_close(own);
    return rc == VARSDB_OK ? 0 : 1;
}

static void one_round(void)
{
    race all;
    pid_t pids[RACERS];
    char uuid[RACERS][36], names[1024];
    child_signal_make(&all.go);
    ck_assert_int_eq(pipe(all.answers), 0);
    for (int i = 0; i < RACERS; i++)
        pids[i] = child_start(open_and_tell, &all);
    for (int i = 0; i < RACERS; i++)
        child_signal_send(&all.go);
    for (int i = 0; i < RACERS; i++) {
        ck_assert_int_eq(child_wait(pids[i]), 0);
        ck_assert_int_eq(read(all.answers[0], uuid[i], 36), 36);
        ck_assert_mem_eq(uuid[i], uuid[0], 36);
    }
    close(all.answers[0]);
    close(all.answers[1]);
    child_signal_close(&all.go);
    /* Two that close in the same moment may each take the other for the last and leave the log;
     * the next one takes it away. */
    varsdb *last = opened(path, NULL);
    varsdb_close(last);
    temp_names(&dir, names, sizeof names);
    ck_assert_str_eq(names, "run.db ");
}

START_TEST(racing_creators_end_with_one_registry_and_no_error)
{
    for (int i = 0; i < ROUNDS; i++) {
        one_round();
        ck_assert_int_eq(unlink(path), 0);
    }
}
END_TEST

static int die_while_filling(void *payload, vdb_engine *engine)
{
    (void)payload;
    if (vdb_sqlite_script(engine, "CREATE TABLE varsdb_x (a)") == VARSDB_OK)
        kill(getpid(), SIGKILL);
    return VARSDB_ERROR;
}

static int create_and_die(void *payload)
{
    vdb_error error;
    (void)payload;
    vdb_engine_options options = {.path = path};
    return vdb_sqlite_create(&error, &options, die_while_filling, NULL);
}

START_TEST(a_creator_killed_half_way_leaves_only_a_hidden_file)
{
    char names[1024];
    ck_assert_int_eq(child_run(create_and_die, NULL), 128 + SIGKILL);
    temp_names(&dir, names, sizeof names);
    for (const char *name = names; *name; name += strcspn(name, " ") + 1)
        ck_assert_msg(*name == '.', "%s", names);
    make_registry(0);
}
END_TEST

static int fail_to_fill(void *payload, vdb_engine *engine)
{
    (void)payload;
    return vdb_fail(engine->error, VARSDB_FULL, "enough");
}

START_TEST(a_creation_that_fails_leaves_nothing)
{
    char names[1024];
    vdb_error error;
    vdb_engine_options options = {.path = path};
    ck_assert_int_eq(vdb_sqlite_create(&error, &options, fail_to_fill, NULL), VARSDB_FULL);
    ck_assert_str_eq(error.text, "enough");
    temp_names(&dir, names, sizeof names);
    ck_assert_str_eq(names, "");
}
END_TEST

static int create_without_permission(void *payload)
{
    (void)payload;
    varsdb *own;
    child_give_up_privileges();
    int rc = varsdb_open(path, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &own);
    bool named = strstr(varsdb_errmsg(own), dir.path) && strstr(varsdb_errmsg(own), "ermission");
    varsdb_close(own);
    return rc == VARSDB_CANTOPEN && named ? 0 : 1;
}

START_TEST(a_directory_without_write_permission_is_named)
{
    ck_assert_int_eq(chmod(dir.path, 0555), 0);
    ck_assert_int_eq(child_run(create_without_permission, NULL), 0);
}
END_TEST

/* ---- readers in a directory that they may not write to */

typedef struct reading {
    unsigned flags;
    int code;
    const char *says;
} reading;

static int take_first(void *payload, size_t columns, const char *const *names, const varsdb_value *v)
{
    (void)columns, (void)names;
    *(char *)payload = *v->text;
    return 0;
}

/* 0: it went as `reading` says; otherwise the step that did not. */
static int read_unprivileged(void *payload)
{
    const reading *want = payload;
    varsdb *own;
    const varsdb_variable *v;
    float values[2];
    char name = 0;
    child_give_up_privileges();
    int rc = varsdb_open(path, VARSDB_OPEN(.flags = want->flags), &own);
    if (rc != want->code || !strstr(varsdb_errmsg(own), want->says))
        return fprintf(stderr, "%d %s\n", rc, varsdb_errmsg(own)), 1;
    if (rc != VARSDB_OK)
        return 0;
    if (varsdb_get_variable(own, "w", NULL, NULL, &v) != VARSDB_OK ||
        varsdb_read(own, v, values, sizeof values) != VARSDB_OK)
        return 2;
    if (varsdb_assign_json(own, v, "[1,2]") != VARSDB_READONLY || !strstr(varsdb_errmsg(own), path))
        return 3;
    if (varsdb_get_variable(own, "new", VARSDB_WITH(.shape = VARSDB_SHAPE(1)), NULL, &v) != VARSDB_READONLY ||
        !strstr(varsdb_errmsg(own), "new"))
        return fprintf(stderr, "%s\n", varsdb_errmsg(own)), 4;
    if (varsdb_query(own, "SELECT name FROM variables", take_first, &name) != VARSDB_OK || name != 'w')
        return fprintf(stderr, "%s\n", varsdb_errmsg(own)), 5;
    varsdb_close(own);
    return 0;
}

static void read_only_directory(unsigned writer_flags, reading want)
{
    char names[1024], names_after[1024], sum[65], sum_after[65];
    make_registry(writer_flags);
    close_registry();
    ck_assert_int_eq(chmod(dir.path, 0555), 0);
    temp_names(&dir, names, sizeof names);
    shell_sha256(path, sum);
    ck_assert_int_eq(child_run(read_unprivileged, &want), 0);
    temp_names(&dir, names_after, sizeof names_after);
    shell_sha256(path, sum_after);
    ck_assert_str_eq(names, names_after);
    ck_assert_str_eq(sum, sum_after);
}

START_TEST(a_reader_who_cannot_make_a_log_is_told_what_to_do)
{
    read_only_directory(0, (reading){VARSDB_READ_ONLY, VARSDB_CANTOPEN, "immutable"});
}
END_TEST

START_TEST(an_immutable_reader_needs_no_log)
{
    read_only_directory(0, (reading){VARSDB_READ_ONLY | VARSDB_IMMUTABLE, VARSDB_OK, ""});
}
END_TEST

START_TEST(a_reader_uses_the_log_that_a_writer_kept)
{
    read_only_directory(VARSDB_KEEP_WAL, (reading){VARSDB_READ_ONLY, VARSDB_OK, ""});
}
END_TEST

/* ---- descriptors of our own */

static int no_row(void *payload, size_t columns, const char *const *names, const varsdb_value *v)
{
    (void)payload, (void)columns, (void)names, (void)v;
    return 0;
}

static void others_are_locked_out(const char *after)
{
    int status = shell_sqlite(path, "UPDATE varsdb_names_version SET version = version", said, sizeof said);
    ck_assert_msg(status != 0 && strstr(said, "database is locked"), "after %s: %d %s", after, status, said);
}

START_TEST(no_call_drops_the_write_lock_of_this_process)
{
    varsdb *second;
    varsdb_reader *reader;
    const varsdb_variable *w = make_registry(0);
    ok(db, varsdb_begin(db));
    ok(db, varsdb_assign_json(db, w, "[1,2]"));
    others_are_locked_out("a write");
    second = opened(path, NULL);
    got(second, "w", NULL);
    expect(second, VARSDB_BUSY, (varsdb_set_timeout(second, -1), varsdb_begin(second)));
    others_are_locked_out("opening");
    varsdb_close(second);
    others_are_locked_out("closing");
    second = opened(path, VARSDB_OPEN(.flags = VARSDB_READ_ONLY));
    ck_assert_int_ne(varsdb_export(second, path, VARSDB_EXPORT(.format = "safetensors"), NULL), VARSDB_OK);
    others_are_locked_out("an export onto it");
    varsdb_close(second);
    others_are_locked_out("closing a reader");
    ck_assert_int_ne(varsdb_open_reader(path, &reader), VARSDB_OK);
    varsdb_close_reader(reader);
    others_are_locked_out("opening it as a tensor file");
    ck_assert_int_ne(varsdb_import(db, path, NULL), VARSDB_OK);
    others_are_locked_out("an import of it");
    ok(db, varsdb_query(db, "SELECT * FROM variables", no_row, NULL));
    others_are_locked_out("a query");
    second = opened(path, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE));
    varsdb_close(second);
    others_are_locked_out("opening or making it");
    if (varsdb_commit(db) != VARSDB_OK)
        ck_abort_msg("%s", varsdb_errmsg(db));
    ck_assert_int_eq(shell_sqlite(path, "SELECT version FROM variables", said, sizeof said), 0);
    ck_assert_str_eq(said, "2");
}
END_TEST

/* ---- file systems */

START_TEST(file_systems_of_the_network_are_known)
{
    /* statfs(2): nfs, smb, smb2, cifs, 9p, lustre, ceph, afs, coda, gpfs, fuse */
    static const int64_t remote[] = {0x6969,     0x517b,     0xfe534d42, 0xff534d42, 0x01021997, 0x0bd00bd0,
                                     0x00c36400, 0x5346414f, 0x73757245, 0x47504653, 0x65735546};
    /* ext4, xfs, btrfs, tmpfs, overlay, zfs, f2fs, msdos, bcachefs, ramfs */
    static const int64_t local[] = {0xef53,     0x58465342, 0x9123683e, 0x01021994, 0x794c7630,
                                    0x2fc12fc1, 0xf2f52010, 0x4d44,     0xca451a4e, 0x858458f6};
    for (size_t i = 0; i < sizeof remote / sizeof *remote; i++)
        ck_assert_msg(vdb_filesystem_is_remote(remote[i]), "%llx", (unsigned long long)remote[i]);
    for (size_t i = 0; i < sizeof local / sizeof *local; i++)
        ck_assert_msg(!vdb_filesystem_is_remote(local[i]), "%llx", (unsigned long long)local[i]);
    /* where the type is an int of 32 bits, SMB2 and CIFS come out negative */
    ck_assert(vdb_filesystem_is_remote((int32_t)0xfe534d42) && vdb_filesystem_is_remote((int32_t)0xff534d42));
}
END_TEST

Suite *test_engine_sqlite_file_suite(void)
{
    Suite *suite = suite_create("engine_sqlite_file");
    TCase *tc = tcase_create("file");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, racing_creators_end_with_one_registry_and_no_error);
    tcase_add_test(tc, a_creator_killed_half_way_leaves_only_a_hidden_file);
    tcase_add_test(tc, a_creation_that_fails_leaves_nothing);
    tcase_add_test(tc, a_directory_without_write_permission_is_named);
    tcase_add_test(tc, a_reader_who_cannot_make_a_log_is_told_what_to_do);
    tcase_add_test(tc, an_immutable_reader_needs_no_log);
    tcase_add_test(tc, a_reader_uses_the_log_that_a_writer_kept);
    tcase_add_test(tc, no_call_drops_the_write_lock_of_this_process);
    tcase_add_test(tc, file_systems_of_the_network_are_known);
    suite_add_tcase(suite, tc);
    return suite;
}
