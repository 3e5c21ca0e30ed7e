/* test_engine_sqlite_checkpoint.c - the log does not grow for ever, and no row is lost to it. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../support/audit.h"
#include "../support/child.h"
#include "../support/registry.h"
#include "../support/shell.h"
#include "engine_sqlite.h"
#include "internal.h"

Suite *test_engine_sqlite_checkpoint_suite(void);

static registry r;

static void setup(void)
{
    registry_open(&r);
}

static void teardown(void)
{
    registry_close(&r);
}

/* ---- which versions have the bug: fixed in 3.51.3, and in 3.50.7 and 3.44.6 of their lines */

START_TEST(the_versions_with_the_bug_are_known)
{
    static const struct {
        int number;
        bool bug;
    } versions[] = {{3007000, true},  {3037002, true},  {3040001, true},  {3044000, true},  {3044005, true},
                    {3044006, false}, {3044007, false}, {3045000, true},  {3045003, true},  {3049002, true},
                    {3050000, true},  {3050006, true},  {3050007, false}, {3050008, false}, {3051000, true},
                    {3051002, true},  {3051003, false}, {3052000, false}, {4000000, false}};
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
        ck_assert_msg(vdb_sqlite_has_wal_reset_bug(versions[i].number) == versions[i].bug, "%d",
                      versions[i].number);
}
END_TEST

START_TEST(the_engines_version_says_what_is_known_of_the_bug)
{
    const char *text = varsdb_engine_version();
    bool bug = vdb_sqlite_has_wal_reset_bug(sqlite3_libversion_number());
    ck_assert_ptr_nonnull(strstr(text, sqlite3_libversion()));
    ck_assert_ptr_nonnull(strstr(text, bug ? "guarded" : "fixed"));
}
END_TEST

/* ---- the schedule
 *
 * All of the log was copied.  The next checkpoint reads where the log ends, and then, since
 * that changed since its last look, drops its mapping of the database: xUnfetch without an
 * address.  There another connection commits, which restarts the log.
 */

static const sqlite3_io_methods *plain;
static sqlite3_io_methods watched;
static sqlite3 *writer;
static int inside = SQLITE_OK; /* what the commit in the window came to */
static int armed;              /* the window from now on in which it comes; 0: in none */
static bool came;

static int insert_three(sqlite3 *db)
{
    return sqlite3_exec(db,
                        "WITH RECURSIVE k (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 3)"
                        " INSERT INTO host SELECT 'new', randomblob(9000) FROM k",
                        NULL, NULL, NULL);
}

static int unfetch(sqlite3_file *file, sqlite3_int64 offset, void *page)
{
    if (armed && !page && --armed == 0) {
        came = true;
        inside = insert_three(writer);
        if (!sqlite3_get_autocommit(writer))
            inside = sqlite3_exec(writer, "COMMIT", NULL, NULL, NULL);
    }
    return plain->xUnfetch(file, offset, page);
}

static void watch(sqlite3 *db)
{
    sqlite3_file *file = NULL;
    ck_assert_int_eq(sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file), SQLITE_OK);
    plain = file->pMethods;
    watched = *plain;
    watched.xUnfetch = unfetch;
    file->pMethods = &watched;
}

static int64_t log_bytes(void)
{
    char path[256];
    struct stat at;
    snprintf(path, sizeof path, "%.200s-wal", r.path);
    ck_assert_int_eq(stat(path, &at), 0);
    return at.st_size;
}

static int count(const char *what)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM host WHERE a = '%s'", what);
    return (int)registry_number(&r, sql);
}

static int plain_checkpoint(int mode)
{
    sqlite3 *db = vdb_sqlite_of(r.db->engine)->db;
    sqlite3_busy_handler(db, NULL, NULL);
    return sqlite3_wal_checkpoint_v2(db, "main", mode, NULL, NULL);
}

/* A writer whose log is full of old rows, and all of it copied once. */
static void prepare_schedule(void)
{
    ck_assert_int_eq(sqlite3_open(r.path, &writer), SQLITE_OK);
    ck_assert_int_eq(
        sqlite3_exec(writer,
                     "PRAGMA wal_autocheckpoint=0; CREATE TABLE host (a, b);"
                     "WITH RECURSIVE k (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM k WHERE i < 50)"
                     " INSERT INTO host SELECT 'old', randomblob(9000) FROM k",
                     NULL, NULL, NULL),
        SQLITE_OK);
    watch(vdb_sqlite_of(r.db->engine)->db);
}

static void finish_schedule(void)
{
    ck_assert(came);
    ck_assert_int_eq(sqlite3_exec(writer, "INSERT INTO host VALUES ('after', 1)", NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(writer);
}

/* _i: whether it is TRUNCATE, which becomes PASSIVE as somebody else has the write lock when it begins. */
START_TEST(the_schedule_loses_rows_without_the_guard)
{
    if (!vdb_sqlite_has_wal_reset_bug(sqlite3_libversion_number())) {
        ck_assert_ptr_nonnull(strstr(varsdb_engine_version(), "fixed"));
        return;
    }
    prepare_schedule();
    ck_assert_int_eq(plain_checkpoint(SQLITE_CHECKPOINT_PASSIVE), SQLITE_OK);
    armed = 1;
    if (_i)
        ck_assert_int_eq(sqlite3_exec(writer, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(plain_checkpoint(_i ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE),
                     _i ? SQLITE_BUSY : SQLITE_OK);
    ck_assert_int_eq(inside, SQLITE_OK);
    finish_schedule();
    varsdb_close(r.db);
    r.db = NULL;
    char said[1024];
    int status = shell_sqlite(r.path, "SELECT count(*) FROM host WHERE a = 'new'", said, sizeof said);
    ck_assert_msg(status != 0 || strcmp(said, "3") != 0, "the rows are there: %s", said);
}
END_TEST

static void check_nothing_is_lost(void)
{
    varsdb_close(r.db);
    r.db = NULL;
    ck_assert_int_eq(count("old"), 50);
    ck_assert_int_eq(count("new"), 3);
    ck_assert_int_eq(count("after"), 1);
    ck_assert_str_eq(registry_sql(&r, "PRAGMA integrity_check"), "ok");
}

START_TEST(the_schedule_loses_nothing_with_the_guard)
{
    vdb_sqlite *s = vdb_sqlite_of(r.db->engine);
    prepare_schedule();
    ck_assert_int_eq(vdb_checkpoint_run(s, false), VARSDB_OK);
    armed = 1;
    ck_assert_int_eq(vdb_checkpoint_run(s, false), VARSDB_OK);
    ck_assert_int_eq(inside, SQLITE_BUSY);
    ck_assert_int_eq(insert_three(writer), SQLITE_OK);
    finish_schedule();
    check_nothing_is_lost();
}
END_TEST

/* The sibling reads instead of holding the lock, as for large checkpoints: the commit in the window
 * goes through, whether all was copied before (then it begins the log anew) or not. */
START_TEST(the_schedule_loses_nothing_beside_writers)
{
    vdb_sqlite *s = vdb_sqlite_of(r.db->engine);
    prepare_schedule();
    ck_assert_int_eq(vdb_checkpoint_run(s, false), VARSDB_OK); /* all is copied, and the sibling open */
    if (_i)
        ck_assert_int_eq(sqlite3_exec(writer, "INSERT INTO host VALUES ('more', 1)", NULL, NULL, NULL),
                         SQLITE_OK);
    armed = 1;
    s->log.frames = 1000000; /* as if much were to be copied */
    s->log.copied = 0;
    ck_assert_int_eq(vdb_checkpoint_run(s, false), VARSDB_OK);
    ck_assert_int_eq(inside, SQLITE_OK);
    finish_schedule();
    check_nothing_is_lost();
}
END_TEST

/* The log is cut after all of it was copied: who commits in that window is refused, for SQLite has the
 * write lock. */
START_TEST(the_schedule_loses_nothing_when_the_log_is_cut)
{
    vdb_sqlite *s = vdb_sqlite_of(r.db->engine);
    prepare_schedule();
    ck_assert_int_eq(vdb_checkpoint_run(s, false), VARSDB_OK);
    s->log.kept = 10;
    armed = 2; /* first it is copied */
    ck_assert_int_eq(vdb_checkpoint_run(s, false), VARSDB_OK);
    ck_assert_int_eq(inside, SQLITE_BUSY);
    ck_assert_int_eq(log_bytes(), 0);
    ck_assert_int_eq(s->log.frames, 0);
    ck_assert_int_eq(insert_three(writer), SQLITE_OK);
    finish_schedule();
    check_nothing_is_lost();
}
END_TEST

typedef struct intruder {
    const char *before; /* it acts when the sibling begins this */
    const char *sql;
    bool done;
} intruder;

static int intrude(unsigned event, void *payload, void *statement, void *text)
{
    intruder *i = payload;
    (void)event, (void)statement;
    if (i->done || strncmp(text, i->before, strlen(i->before)) != 0 || strstr(text, "IMMEDIATE"))
        return 0;
    i->done = true;
    ck_assert_int_eq(sqlite3_exec(writer, i->sql, NULL, NULL, NULL), SQLITE_OK);
    return 0;
}

/* The writer has the lock when SQLite wants to cut the log, and commits in the window.
 * _i: whether it adds to the log before the sibling reads, too, so that not all was copied. */
START_TEST(the_schedule_loses_nothing_when_the_log_cannot_be_cut)
{
    vdb_sqlite *s = vdb_sqlite_of(r.db->engine);
    intruder i = {.before = _i ? "BEGIN" : "PRAGMA schema_version",
                  .sql = _i ? "INSERT INTO host VALUES ('more', 1); BEGIN IMMEDIATE" : "BEGIN IMMEDIATE"};
    prepare_schedule();
    ck_assert_int_eq(vdb_checkpoint_run(s, false), VARSDB_OK);
    s->log.kept = 10;
    armed = 2;
    sqlite3_trace_v2(s->guard, SQLITE_TRACE_STMT, intrude, &i);
    ck_assert_int_eq(vdb_checkpoint_run(s, false), VARSDB_OK);
    sqlite3_trace_v2(s->guard, 0, NULL, NULL);
    ck_assert(i.done);
    ck_assert_int_eq(inside, SQLITE_OK);
    ck_assert_int_gt(log_bytes(), 0);
    finish_schedule();
    check_nothing_is_lost();
    ck_assert_int_eq(count("more"), _i);
}
END_TEST

/* ---- when */

START_TEST(nothing_checkpoints_by_itself)
{
    vdb_sqlite *s = vdb_sqlite_of(r.db->engine);
    ck_assert_int_eq(vdb_checkpoint_run(s, false), VARSDB_OK);
    ck_assert_ptr_nonnull(s->guard);
    sqlite3 *const both[] = {s->db, s->guard};
    for (int i = 0; i < 2; i++) {
        sqlite3_stmt *statement = NULL;
        ck_assert_int_eq(sqlite3_prepare_v2(both[i], "PRAGMA wal_autocheckpoint", -1, &statement, NULL),
                         SQLITE_OK);
        ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
        ck_assert_int_eq(sqlite3_column_int(statement, 0), 0);
        sqlite3_finalize(statement);
    }
}
END_TEST

START_TEST(a_checkpoint_does_not_wait_unless_told_to)
{
    vdb_sqlite *s = vdb_sqlite_of(r.db->engine);
    varsdb *other = registry_another(&r);
    ok(other, varsdb_begin(other));
    int64_t start = vdb_now_ms();
    ck_assert_int_eq(vdb_checkpoint_run(s, false), VARSDB_BUSY);
    ck_assert_int_lt(vdb_now_ms() - start, 1000);
    ok(r.db, varsdb_set_timeout(r.db, 150));
    start = vdb_now_ms();
    ck_assert_int_eq(vdb_checkpoint_run(s, true), VARSDB_BUSY);
    ck_assert_int_ge(vdb_now_ms() - start, 150);
    ok(other, varsdb_rollback(other));
    ck_assert_int_eq(vdb_checkpoint_run(s, true), VARSDB_OK);
    varsdb_close(other);
}
END_TEST

#define PIECE (24 << 20)

static void save(unsigned char *bytes, const varsdb_variable *v, unsigned char with)
{
    for (size_t i = 0; i < PIECE; i += 4096)
        memset(bytes + i, with ^ (int)(i >> 12) ^ (int)(i >> 20) * 7, 4096),
            bytes[i] = (unsigned char)(i >> 12);
    ok(r.db, varsdb_assign(r.db, v, bytes, PIECE));
}

/* A save is not slowed down by checkpoints, until the log has reached its limit. */
START_TEST(many_large_saves_do_not_grow_the_log_beyond_its_limit)
{
    unsigned char *bytes = malloc(PIECE);
    const varsdb_variable *v = got(
        r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(PIECE), .dtype = VARSDB_UINT8, .initializer = "none"));
    varsdb *other = registry_another(&r);
    vdb_sqlite_log *log = &vdb_sqlite_of(r.db->engine)->log;
    ck_assert_int_eq(log->limit, 65536); /* 1 GiB */
    log->limit = 2 * PIECE / VDB_PAGE_BYTES;
    int most = 0;
    struct stat at;
    for (unsigned char i = 1; i <= 10; i++) {
        save(bytes, v, i);
        most = log->frames > most ? log->frames : most;
    }
    ck_assert_int_eq(stat(r.path, &at), 0);
    ck_assert_int_gt(at.st_size, PIECE); /* it was copied */
    ck_assert_int_lt(most, 2 * log->limit);
    ck_assert_int_lt(log_bytes(), (int64_t)2 * log->limit * (VDB_PAGE_BYTES + 24));
    varsdb_close(other);
    free(bytes);
}
END_TEST

START_TEST(an_idle_moment_can_be_used_to_copy_the_log)
{
    unsigned char *bytes = malloc(PIECE);
    const varsdb_variable *v = got(
        r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(PIECE), .dtype = VARSDB_UINT8, .initializer = "none"));
    vdb_sqlite_log *log = &vdb_sqlite_of(r.db->engine)->log;
    struct stat at;
    save(bytes, v, 1);
    ck_assert_int_gt(log->frames - log->copied, PIECE / VDB_PAGE_BYTES);
    ok(r.db, varsdb_begin(r.db));
    expect(r.db, VARSDB_MISUSE, varsdb_checkpoint(r.db));
    ok(r.db, varsdb_rollback(r.db));
    ok(r.db, varsdb_checkpoint(r.db));
    ck_assert_int_eq(log->frames, log->copied);
    ck_assert_int_eq(stat(r.path, &at), 0);
    ck_assert_int_gt(at.st_size, PIECE);
    free(bytes);
}
END_TEST

/* _i: whether somebody reads the log meanwhile, who is not waited for; or reads what was before it */
START_TEST(a_long_log_is_cut_when_it_was_copied)
{
    unsigned char *bytes = malloc(PIECE);
    const varsdb_variable *v = got(
        r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(PIECE), .dtype = VARSDB_UINT8, .initializer = "none"));
    varsdb *other = registry_another(&r);
    vdb_sqlite_log *log = &vdb_sqlite_of(r.db->engine)->log;
    ck_assert_int_eq(log->kept, 8192); /* 128 MiB */
    save(bytes, v, 1);
    ok(r.db, varsdb_checkpoint(r.db));
    ck_assert_int_gt(log_bytes(), PIECE); /* to be written over */
    log->kept = PIECE / VDB_PAGE_BYTES;
    sqlite3 *reader = vdb_sqlite_of(other->engine)->db;
    const char *read = "BEGIN; SELECT count(*) FROM varsdb_variables";
    if (_i == 2)
        ck_assert_int_eq(sqlite3_exec(reader, read, NULL, NULL, NULL), SQLITE_OK);
    save(bytes, v, 2);
    if (_i == 1)
        ck_assert_int_eq(sqlite3_exec(reader, read, NULL, NULL, NULL), SQLITE_OK);
    int64_t before = vdb_now_ms();
    ok(r.db, varsdb_checkpoint(r.db));
    ck_assert_int_lt(vdb_now_ms() - before, 10000); /* the deadline is a minute */
    if (_i)
        ck_assert_int_gt(log_bytes(), 0);
    else
        ck_assert_int_eq(log_bytes(), 0);
    ck_assert(_i == 2 ? log->copied < log->frames : log->copied == log->frames);
    if (_i)
        ck_assert_int_eq(sqlite3_exec(reader, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    save(bytes, v, 3);
    audit(&r);
    varsdb_close(other);
    free(bytes);
}
END_TEST

/* The thread has copied it all by the time that the handle is closed; the other keeps the log. */
START_TEST(a_helper_thread_copies_the_log_after_a_save)
{
    unsigned char *bytes = malloc(PIECE);
    varsdb *db;
    const varsdb_variable *v = got(
        r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(PIECE), .dtype = VARSDB_UINT8, .initializer = "none"));
    struct stat at;
    ck_assert_int_eq(varsdb_open(r.path, VARSDB_OPEN(.flags = VARSDB_HELPER_THREAD), &db), VARSDB_OK);
    ck_assert_int_eq(varsdb_find_variable(db, "v", &v), VARSDB_OK);
    for (size_t i = 0; i < PIECE; i++)
        bytes[i] = (unsigned char)((i >> 18) * 31 + (i >> 8) + i);
    ok(db, varsdb_assign(db, v, bytes, PIECE));
    vdb_helper_join(vdb_sqlite_of(db->engine));
    ck_assert_int_eq(stat(r.path, &at), 0);
    ck_assert_int_gt(at.st_size, PIECE);
    varsdb_close(db);
    free(bytes);
}
END_TEST

/* ---- another connection copies the log just now: it holds a lock of its own, and not the write lock */

#define CHECKPOINTER 121 /* the byte of FILE-shm that stands for it */
#define COPYING_MS   300

static child_signal copying;

static int hold_the_checkpointers_lock(void *payload)
{
    char name[TEMP_PATH_BYTES + 8];
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = CHECKPOINTER, .l_len = 1};
    struct timespec time = {.tv_nsec = COPYING_MS * 1000000L};
    (void)payload;
    snprintf(name, sizeof name, "%s-shm", r.path);
    int fd = open(name, O_RDWR | O_CLOEXEC);
    if (fd < 0 || fcntl(fd, F_SETLK, &lock) != 0)
        return 1;
    child_signal_send(&copying);
    nanosleep(&time, NULL);
    return 0;
}

/* _i: whether the log is so long that it is copied beside writers first */
START_TEST(a_checkpoint_of_another_connection_is_waited_for)
{
    vdb_sqlite *s = vdb_sqlite_of(r.db->engine);
    got(r.db, "v",
        VARSDB_WITH(.shape = VARSDB_SHAPE(_i ? 4000000 : 100000), .initializer = "random_normal(0,1)"));
    ck_assert((s->log.frames - s->log.copied >= 512) == _i);
    child_signal_make(&copying);
    pid_t pid = child_start(hold_the_checkpointers_lock, NULL);
    child_signal_await(&copying);
    int64_t before = vdb_now_ms();
    ck_assert_int_eq(vdb_checkpoint_run(s, false), VARSDB_BUSY);
    ok(r.db, varsdb_set_timeout(r.db, -1));
    expect(r.db, VARSDB_BUSY, varsdb_checkpoint(r.db));
    ok(r.db, varsdb_set_timeout(r.db, 20000));
    ok(r.db, varsdb_checkpoint(r.db));
    ck_assert_int_ge(vdb_now_ms() - before, COPYING_MS / 2);
    ck_assert_int_eq(child_wait(pid), 0);
    child_signal_close(&copying);
    ck_assert_int_eq(s->log.frames, s->log.copied);
}
END_TEST

START_TEST(who_waits_before_the_writers_is_waited_for_until_the_deadline)
{
    vdb_sqlite *s = vdb_sqlite_of(r.db->engine);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
    got(r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(9)));
    int fd = open(s->turnstile_path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    ck_assert_int_eq(fcntl(fd, F_OFD_SETLK, &lock), 0);
    ok(r.db, varsdb_set_timeout(r.db, 150));
    int64_t before = vdb_now_ms();
    expect(r.db, VARSDB_BUSY, varsdb_checkpoint(r.db));
    ck_assert_int_ge(vdb_now_ms() - before, 150);
    close(fd);
    ok(r.db, varsdb_checkpoint(r.db));
}
END_TEST

START_TEST(whose_checkpoint_it_cannot_be_is_told)
{
    varsdb *db;
    char path[TEMP_PATH_BYTES], elsewhere[TEMP_PATH_BYTES];
    ck_assert_int_eq(varsdb_open(r.path, VARSDB_OPEN(.flags = VARSDB_READ_ONLY), &db), VARSDB_OK);
    expect(db, VARSDB_READONLY, varsdb_checkpoint(db));
    varsdb_close(db);
    /* what nobody changes has none, and neither has what is built */
    ck_assert_int_eq(varsdb_open(r.path, VARSDB_OPEN(.flags = VARSDB_IMMUTABLE | VARSDB_READ_ONLY), &db),
                     VARSDB_OK);
    ok(db, varsdb_checkpoint(db));
    varsdb_close(db);
    ck_assert_int_eq(
        varsdb_open(temp_file(&r.dir, "built.db", path), VARSDB_OPEN(.flags = VARSDB_BUILD), &db), VARSDB_OK);
    got(db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(9)));
    ok(db, varsdb_checkpoint(db));
    varsdb_close(db);
    got(r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(9)));
    ck_assert_int_eq(rename(r.path, temp_file(&r.dir, "elsewhere.db", elsewhere)), 0);
    expect(r.db, VARSDB_MOVED, varsdb_checkpoint(r.db));
    ck_assert_int_eq(rename(elsewhere, r.path), 0);
}
END_TEST

START_TEST(a_failing_checkpoint_does_not_spoil_the_commit_before_it)
{
    vdb_sqlite *s = vdb_sqlite_of(r.db->engine);
    varsdb *other = registry_another(&r);
    const varsdb_variable *v = got(r.db, "w", VARSDB_WITH(.shape = VARSDB_SHAPE(1)));
    ok(other, varsdb_begin(other));
    s->log.own = VDB_CHECKPOINT_TRY_FRAMES;
    vdb_checkpoint_after_commit(s);
    ck_assert_str_eq(varsdb_errmsg(r.db), "");
    ck_assert_int_ge(s->log.own, VDB_CHECKPOINT_TRY_FRAMES);
    ok(other, varsdb_rollback(other));
    ok(r.db, varsdb_assign_json(r.db, v, "[1]"));
    vdb_checkpoint_after_commit(s);
    varsdb_close(other);
}
END_TEST

/* _i: whether so much of it is in the log that the commit waits for its turn, and does not only try. */
START_TEST(small_commits_copy_what_they_wrote_and_wait_when_it_is_much)
{
    vdb_sqlite *s = vdb_sqlite_of(r.db->engine);
    varsdb *other = registry_another(&r);
    got(r.db, "w", VARSDB_WITH(.shape = VARSDB_SHAPE(1)));
    ok(other, varsdb_begin(other));
    ok(r.db, varsdb_set_timeout(r.db, 200));
    s->log.own = _i ? VDB_CHECKPOINT_WAIT_FRAMES : VDB_CHECKPOINT_TRY_FRAMES;
    int64_t before = vdb_now_ms();
    vdb_checkpoint_after_commit(s);
    ck_assert((vdb_now_ms() - before >= 200) == _i);
    ck_assert_str_eq(varsdb_errmsg(r.db), "");
    ck_assert_int_gt(s->log.own, 0);
    ok(other, varsdb_rollback(other));
    vdb_checkpoint_after_commit(s);
    ck_assert_int_eq(s->log.own, 0);
    ck_assert_int_eq(s->log.copied, s->log.frames);
    varsdb_close(other);
}
END_TEST

/* Another file has its name by then, and is not written to; nor is the log played into it. */
START_TEST(a_registry_that_was_saved_to_and_moved_is_closed_as_it_is)
{
    char elsewhere[TEMP_PATH_BYTES], text[] = "another file";
    unsigned char *bytes = malloc(PIECE);
    const varsdb_variable *v = got(
        r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(PIECE), .dtype = VARSDB_UINT8, .initializer = "none"));
    save(bytes, v, 1);
    ck_assert(vdb_sqlite_of(r.db->engine)->log.saved);
    ck_assert_int_eq(rename(r.path, temp_file(&r.dir, "elsewhere.db", elsewhere)), 0);
    FILE *file = fopen(r.path, "wb");
    ck_assert_uint_eq(fwrite(text, 1, sizeof text, file), sizeof text);
    ck_assert_int_eq(fclose(file), 0);
    varsdb_close(r.db);
    struct stat at;
    ck_assert_int_eq(stat(r.path, &at), 0);
    ck_assert_int_eq(at.st_size, sizeof text);
    ck_assert_int_eq(rename(elsewhere, r.path), 0);
    r.db = registry_another(&r);
    ok(r.db, varsdb_find_variable(r.db, "v", &v));
    ck_assert_str_eq(registry_sql(&r, "PRAGMA integrity_check"), "ok");
    free(bytes);
}
END_TEST

Suite *test_engine_sqlite_checkpoint_suite(void)
{
    Suite *suite = suite_create("engine_sqlite_checkpoint");
    TCase *tc = tcase_create("checkpoint");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, the_versions_with_the_bug_are_known);
    tcase_add_test(tc, the_engines_version_says_what_is_known_of_the_bug);
    tcase_add_loop_test(tc, the_schedule_loses_rows_without_the_guard, 0, 2);
    tcase_add_test(tc, the_schedule_loses_nothing_with_the_guard);
    tcase_add_loop_test(tc, the_schedule_loses_nothing_beside_writers, 0, 2);
    tcase_add_test(tc, the_schedule_loses_nothing_when_the_log_is_cut);
    tcase_add_loop_test(tc, the_schedule_loses_nothing_when_the_log_cannot_be_cut, 0, 2);
    tcase_add_test(tc, nothing_checkpoints_by_itself);
    tcase_add_test(tc, a_checkpoint_does_not_wait_unless_told_to);
    tcase_add_test(tc, many_large_saves_do_not_grow_the_log_beyond_its_limit);
    tcase_add_test(tc, an_idle_moment_can_be_used_to_copy_the_log);
    tcase_add_loop_test(tc, a_long_log_is_cut_when_it_was_copied, 0, 3);
    tcase_add_test(tc, a_helper_thread_copies_the_log_after_a_save);
    tcase_add_loop_test(tc, a_checkpoint_of_another_connection_is_waited_for, 0, 2);
    tcase_add_test(tc, whose_checkpoint_it_cannot_be_is_told);
    tcase_add_test(tc, a_failing_checkpoint_does_not_spoil_the_commit_before_it);
    tcase_add_test(tc, who_waits_before_the_writers_is_waited_for_until_the_deadline);
    tcase_add_loop_test(tc, small_commits_copy_what_they_wrote_and_wait_when_it_is_much, 0, 2);
    tcase_add_test(tc, a_registry_that_was_saved_to_and_moved_is_closed_as_it_is);
    suite_add_tcase(suite, tc);
    return suite;
}
