/*
 * test_permissions.c - files and directories that may not be read, written or searched, and things that are
 * no files: the right code, a sentence that says what to do, and nothing changed.
 *
 * Every case is tried with a registry in WAL mode and with one that some client took out of it, by somebody
 * whom permissions bind.
 */
#include <check.h>
#include <errno.h>
#include <sched.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "../support/child.h"
#include "../support/opened.h"
#include "../support/registry.h"
#include "../support/shell.h"

Suite *test_permissions_suite(void);

#define RO        VARSDB_READ_ONLY
#define IMMUTABLE (VARSDB_READ_ONLY | VARSDB_IMMUTABLE)
#define CREATE    VARSDB_CREATE_FILE
#define OK        VARSDB_OK
#define NONE      0xffff /* no such file */

static temp_dir dir, away;
static char path[TEMP_PATH_BYTES];

/* ---- what lies there */

static void sql(const char *text)
{
    char said[1024];
    int status = shell_sqlite(path, text, said, sizeof said);
    ck_assert_msg(status == 0, "%s: %s", text, said);
}

static void lay_nothing(void)
{
    ck_assert_int_eq(unlink(path), 0);
}

static void lay_missing_parent(void)
{
    lay_nothing();
    temp_file(&dir, "no/such/run.db", path);
}

static void lay_below_file(void)
{
    temp_file(&dir, "run.db/run.db", path);
}

static void lay_long_name(void)
{
    char name[300];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    lay_nothing();
    temp_file(&dir, name, path);
}

static void lay_directory(void)
{
    lay_nothing();
    ck_assert_int_eq(mkdir(path, 0777), 0);
}

static void lay_fifo(void)
{
    lay_nothing();
    ck_assert_int_eq(mkfifo(path, 0666), 0);
}

static void lay_socket(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    lay_nothing();
    ck_assert_uint_lt(strlen(path), sizeof at.sun_path);
    memcpy(at.sun_path, path, strlen(path));
    ck_assert_int_eq(bind(fd, (const struct sockaddr *)&at, sizeof at), 0);
    close(fd);
}

static void lay_device(void)
{
    lay_nothing();
    ck_assert_int_eq(symlink("/dev/zero", path), 0);
}

/* The registry moves to another directory, and a link to it is in its place. */
static void lay_link(void)
{
    char target[TEMP_PATH_BYTES];
    ck_assert_int_eq(rename(path, temp_file(&away, "target.db", target)), 0);
    ck_assert_int_eq(symlink(target, path), 0);
}

static void lay_link_to_secret(void)
{
    lay_link();
    ck_assert_int_eq(chmod(away.path, 0), 0);
}

static void lay_link_to_nothing(void)
{
    lay_nothing();
    ck_assert_int_eq(symlink("nothing", path), 0);
}

static void lay_link_to_itself(void)
{
    lay_nothing();
    ck_assert_int_eq(symlink("run.db", path), 0);
}

/* ---- what a process that died left beside it */

static bool has_log; /* the registry is in WAL mode */

static int die_writing(void *payload)
{
    sqlite3 *stock;
    (void)payload;
    const char *text = has_log ? "PRAGMA wal_autocheckpoint=0; PRAGMA user_version=1; CREATE TABLE mine (a)"
                               : "PRAGMA cache_size=2; BEGIN; UPDATE varsdb_variables SET version = 77;"
                                 "CREATE TABLE mine (a); INSERT INTO mine SELECT zeroblob(1000000)";
    return sqlite3_open(path, &stock) != SQLITE_OK ||
           sqlite3_exec(stock, text, NULL, NULL, NULL) != SQLITE_OK; /* and _exit: it stays */
}

static void beside(const char *suffix, mode_t mode)
{
    char name[TEMP_PATH_BYTES + 16];
    snprintf(name, sizeof name, "%s%s", path, suffix);
    ck_assert_int_eq(chmod(name, mode), 0);
}

static void lay_log(void)
{
    ck_assert_int_eq(child_run(die_writing, NULL), 0);
    if (has_log)
        beside("-shm", 0444);
    beside(has_log ? "-wal" : "-journal", 0444);
}

static void lay_log_without_index(void)
{
    char name[TEMP_PATH_BYTES];
    lay_log();
    if (has_log)
        ck_assert_int_eq(unlink(temp_file(&dir, "run.db-shm", name)), 0);
}

static void lay_secret_log(void)
{
    lay_log();
    beside(has_log ? "-wal" : "-journal", 0);
}

/* All of it was taken into the file. */
static void lay_kept_log(void)
{
    varsdb_close(opened(path, VARSDB_OPEN(.flags = VARSDB_KEEP_WAL)));
    beside("-wal", 0444);
    beside("-shm", 0444);
}

/* ---- the cases */

#define ALL     0777, 0666
#define CLOSED  0555, 0444 /* nobody may change anything */
#define WHOLE   "\1"       /* it is read, and all is there */
#define CHANGES NULL       /* not tried: something may stay, or be written */
#define BOTH(...)   \
    {__VA_ARGS__},  \
    {               \
        __VA_ARGS__ \
    }

/* Of each mode, what is said; a code of OK goes with WHOLE. */
static const struct {
    const char *name;
    void (*lay)(void);
    mode_t directory, file;
    unsigned flags;
    struct {
        int code;
        const char *says;
    } log, journal;
} cases[] = {
    {"file", NULL, 0777, 0444, RO, {OK, CHANGES}, {OK, WHOLE}},
    {"file", NULL, 0777, 0444, IMMUTABLE, BOTH(OK, WHOLE)},
    {"file", NULL, 0777, 0444, 0, {OK, CHANGES}, {VARSDB_READONLY, "permission"}},
    {"file and directory", NULL, CLOSED, RO, {VARSDB_CANTOPEN, "immutable"}, {OK, WHOLE}},
    {"file and directory", NULL, CLOSED, IMMUTABLE, BOTH(OK, WHOLE)},
    {"file and directory", NULL, CLOSED, 0, {VARSDB_CANTOPEN, "immutable"}, {VARSDB_READONLY, "permission"}},
    {"directory", NULL, 0555, 0666, RO, {VARSDB_CANTOPEN, "immutable"}, {OK, WHOLE}},
    {"directory", NULL, 0555, 0666, IMMUTABLE, BOTH(OK, WHOLE)},
    {"directory", NULL, 0555, 0666, 0, {VARSDB_CANTOPEN, "directory"}, {VARSDB_READONLY, "permission"}},
    {"secret file", NULL, 0777, 0, RO, BOTH(VARSDB_CANTOPEN, "permission")},
    {"secret file", NULL, 0777, 0, 0, BOTH(VARSDB_CANTOPEN, "permission")},
    {"secret file", NULL, 0777, 0, IMMUTABLE, BOTH(VARSDB_CANTOPEN, "permission")},
    {"secret directory", NULL, 0, 0666, RO, BOTH(VARSDB_CANTOPEN, "ermission")},
    {"secret directory", NULL, 0, 0666, CREATE, BOTH(VARSDB_CANTOPEN, "ermission")},
    {"unsearchable", NULL, 0666, 0666, RO, BOTH(VARSDB_CANTOPEN, "ermission")},
    {"no file", lay_nothing, 0777, NONE, RO, BOTH(VARSDB_CANTOPEN, "init")},
    {"no file", lay_nothing, 0555, NONE, CREATE, BOTH(VARSDB_CANTOPEN, "ermission")},
    {"no parent", lay_missing_parent, 0777, NONE, RO, BOTH(VARSDB_CANTOPEN, "init")},
    {"no parent", lay_missing_parent, 0777, NONE, CREATE, BOTH(VARSDB_CANTOPEN, "no/such")},
    {"file as parent", lay_below_file, 0777, NONE, CREATE, BOTH(VARSDB_CANTOPEN, "Not a dir")},
    {"long name", lay_long_name, 0777, NONE, CREATE, BOTH(VARSDB_CANTOPEN, "too long")},
    {"a directory", lay_directory, ALL, RO, BOTH(VARSDB_CANTOPEN, "is a dir")},
    {"a FIFO", lay_fifo, ALL, 0, BOTH(VARSDB_CANTOPEN, "not a regular")},
    {"a socket", lay_socket, ALL, RO, BOTH(VARSDB_CANTOPEN, "not a regular")},
    {"a device", lay_device, 0777, NONE, RO, BOTH(VARSDB_CANTOPEN, "not a regular")},
    {"a link", lay_link, 0555, 0444, RO, {VARSDB_CANTOPEN, "immutable"}, {OK, WHOLE}},
    {"a link", lay_link, 0555, 0444, IMMUTABLE, BOTH(OK, WHOLE)},
    {"a link to a secret", lay_link_to_secret, 0777, NONE, CREATE, BOTH(VARSDB_CANTOPEN, "ermission")},
    {"a link to nothing", lay_link_to_nothing, 0777, NONE, RO, BOTH(VARSDB_CANTOPEN, "init")},
    {"a link to itself", lay_link_to_itself, 0777, NONE, CREATE, BOTH(VARSDB_CANTOPEN, "symbolic")},
    {"a log", lay_log, CLOSED, RO, {OK, WHOLE}, {VARSDB_CANTOPEN, "run.db-journal"}},
    {"a log",
     lay_log,
     CLOSED,
     IMMUTABLE,
     {VARSDB_CANTOPEN, "run.db-wal"},
     {VARSDB_CANTOPEN, "run.db-journal"}},
    {"a log", lay_log, CLOSED, 0, {OK, WHOLE}, {VARSDB_CANTOPEN, "run.db-journal"}},
    {"a log",
     lay_log,
     0555,
     0666,
     IMMUTABLE,
     {VARSDB_CANTOPEN, "run.db-wal"},
     {VARSDB_CANTOPEN, "run.db-journal"}},
    {"another's log", lay_log, ALL, 0, {OK, WHOLE}, {OK, CHANGES}},
    {"a kept log", lay_kept_log, CLOSED, RO, {OK, WHOLE}, {OK, CHANGES}},
    {"a kept log", lay_kept_log, CLOSED, IMMUTABLE, {OK, WHOLE}, {OK, CHANGES}},
    {"a log without index",
     lay_log_without_index,
     CLOSED,
     RO,
     {VARSDB_CANTOPEN, "run.db-wal"},
     {VARSDB_CANTOPEN, "run.db-journal"}},
    {"a log without index",
     lay_log_without_index,
     CLOSED,
     IMMUTABLE,
     {VARSDB_CANTOPEN, "run.db-wal"},
     {VARSDB_CANTOPEN, "run.db-journal"}},
    {"a secret log", lay_secret_log, CLOSED, RO, BOTH(VARSDB_CANTOPEN, "run.db")},
    {"a secret log",
     lay_secret_log,
     CLOSED,
     IMMUTABLE,
     {VARSDB_CANTOPEN, "run.db-wal"},
     {VARSDB_CANTOPEN, "run.db-journal"}},
};

#define CASES ((int)(sizeof cases / sizeof *cases))

/* ---- trying them */

typedef struct attempt {
    unsigned flags;
    int code;
    const char *says;
    bool medium; /* which is read-only */
} attempt;

static int complain(const char *what, varsdb *db)
{
    fprintf(stderr, "%s: %s: %s\n", what, varsdb_errname(varsdb_errcode(db)), varsdb_errmsg(db));
    return 1;
}

static int read_it(varsdb *db)
{
    const varsdb_variable *v;
    float value[2] = {0, 0};
    if (varsdb_find_variable(db, "w", &v) != OK || varsdb_read(db, v, value, sizeof value) != OK)
        return complain("reading", db);
    return value[0] == 1 && value[1] == 1 ? 0 : complain("it is not what was committed", db);
}

static int can_mount(void *payload)
{
    (void)payload;
    return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 ? 0 : 1;
}

static int open_it(void *payload)
{
    const attempt *a = payload;
    varsdb *db;
    if (a->medium && (can_mount(NULL) != 0 || mount(dir.path, dir.path, NULL, MS_BIND, NULL) != 0 ||
                      mount(NULL, dir.path, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) != 0))
        return perror("mount"), 1;
    child_give_up_privileges();
    int rc = varsdb_open(path, VARSDB_OPEN(.flags = a->flags), &db);
    if (rc != a->code)
        return complain("opening", db);
    const char *text = varsdb_errmsg(db);
    if (rc != OK && (!strstr(text, a->says) || strchr(text, '\n')))
        return complain(a->says, db);
    rc = rc == OK ? read_it(db) : 0;
    varsdb_close(db);
    return rc;
}

/* Names, kinds, permissions and bytes of all that is there; of an index only that it is. */
static void look(char *out, size_t room)
{
    char command[2 * TEMP_PATH_BYTES + 256];
    snprintf(command, sizeof command,
             "cd '%s' && find . '%s' -printf '%%p %%y %%m %%s\\n' | sort && "
             "find . '%s' -type f ! -name '*-shm' -exec sha256sum {} + | sort",
             dir.path, away.path, away.path);
    ck_assert_int_eq(shell_run(out, room, (const char *const[]){"sh", "-c", command, NULL}), 0);
}

static void set_up(void)
{
    temp_make(&dir);
    temp_make(&away);
    ck_assert_int_eq(chmod(away.path, 0755), 0);
    temp_file(&dir, "run.db", path);
    varsdb *db = opened(path, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE));
    got(db, "w", VARSDB_WITH(.shape = VARSDB_SHAPE(2), .initializer = "ones"));
    varsdb_close(db);
}

static void tear_down(void)
{
    chmod(dir.path, 0777);
    chmod(away.path, 0777);
    temp_remove(&dir);
    temp_remove(&away);
}

static void try_it(attempt *a, const char *name)
{
    static char before[8192], after[8192];
    look(before, sizeof before);
    ck_assert_msg(child_run(open_it, a) == 0, "%s, %s", name, has_log ? "log" : "journal");
    look(after, sizeof after);
    ck_assert_msg(strcmp(before, after) == 0, "%s, %s: from\n%s\nto\n%s", name, has_log ? "log" : "journal",
                  before, after);
}

START_TEST(it_is_refused_by_name_or_read_and_nothing_changes)
{
    const int i = _i / 2;
    has_log = _i % 2 == 0;
    attempt a = {.flags = cases[i].flags,
                 .code = has_log ? cases[i].log.code : cases[i].journal.code,
                 .says = has_log ? cases[i].log.says : cases[i].journal.says};
    if (!a.says)
        return;
    if (!has_log)
        sql("PRAGMA journal_mode=DELETE");
    if (cases[i].lay)
        cases[i].lay();
    if (cases[i].file != NONE)
        ck_assert_int_eq(chmod(path, cases[i].file), 0);
    ck_assert_int_eq(chmod(dir.path, cases[i].directory), 0);
    try_it(&a, cases[i].name);
}
END_TEST

/* ---- a medium that is read-only */

static const struct {
    bool log;
    void (*lay)(void);
    attempt a;
} media[] = {
    {true, NULL, {RO, OK, WHOLE, true}},
    {false, NULL, {RO, OK, WHOLE, true}},
    {true, NULL, {IMMUTABLE, OK, WHOLE, true}},
    {false, NULL, {IMMUTABLE, OK, WHOLE, true}},
    {true, NULL, {0, VARSDB_CANTOPEN, "immutable", true}},
    {false, NULL, {0, VARSDB_READONLY, "permission", true}},
    {true, lay_log, {RO, VARSDB_CANTOPEN, "run.db-wal", true}},
    {false, lay_log, {RO, VARSDB_CANTOPEN, "run.db-journal", true}},
};

/* Where containers may not mount anything, the rest of the suite stands for it. */
START_TEST(on_a_read_only_medium_it_is_read_without_locks)
{
    attempt a = media[_i].a;
    has_log = media[_i].log;
    if (child_run(can_mount, NULL) != 0) {
        printf("permissions: nothing may be mounted here, so read-only media are left out\n");
        return;
    }
    if (!has_log)
        sql("PRAGMA journal_mode=DELETE");
    if (media[_i].lay)
        media[_i].lay();
    try_it(&a, "medium");
}
END_TEST

Suite *test_permissions_suite(void)
{
    Suite *suite = suite_create("permissions");
    TCase *tc = tcase_create("permissions");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, it_is_refused_by_name_or_read_and_nothing_changes, 0, 2 * CASES);
    tcase_add_loop_test(tc, on_a_read_only_medium_it_is_read_without_locks, 0,
                        (int)(sizeof media / sizeof *media));
    suite_add_tcase(suite, tc);
    return suite;
}
