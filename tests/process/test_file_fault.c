/*
 * test_file_fault.c - the disk is full, memory is out, or a call of the system fails, at any moment of an
 * import of each format: the call says so, nothing of the file is left, and the same call succeeds when there
 * is room again.
 */
#include <check.h>
#include <stdio.h>

#include "../support/content.h"
#include "../support/every_format.h"
#include "../support/fault.h"
#include "../support/held.h"
#include "../support/opened.h"
#include "../support/sanitized.h"
#include "../support/small_chunks.h"
#include "internal.h"

Suite *test_file_fault_suite(void);

#define CHUNK       4096
#define MOMENTS_MAX 20000
#define SAID_BYTES  1024
#define PIECE       5000 /* of what is read: no divisor of anything */

static test_folder folder, files;
static char template[PATH_BYTES], path[PATH_BYTES], file[PATH_BYTES];
static varsdb *db;
static char said[SAID_BYTES]; /* by the handle, when it failed */

static void must(int rc)
{
    ck_assert_msg(rc == VARSDB_OK, "%s: %s", varsdb_errname(rc), varsdb_errmsg(db));
}

/* ---- the registry */

static void make(const char *name, int rank, const int64_t *dims, size_t bytes)
{
    const varsdb_variable *v;
    const varsdb_shape shape = {rank, dims};
    static const char zeros[EVERY_BYTES];
    must(varsdb_get_variable(
        db, name, VARSDB_WITH(.dtype = VARSDB_INT16, .shape = &shape, .value = zeros, .value_bytes = bytes),
        NULL, &v));
}

static void set_up(void)
{
    static const int64_t seed = 3, x[] = {EVERY_ROWS, EVERY_COLUMNS}, y[] = {4};
    fault_install();
    folder_make_in_memory(&folder);
    folder_make_in_memory(&files);
    folder_path(&folder, "template.db", template);
    folder_path(&folder, "fault.db", path);
    varsdb_close(opened(template, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE, .seed = &seed)));
    ck_assert(small_chunks_make(template, 64, CHUNK));
    db = opened(template, NULL);
    make("old/x", 2, x, EVERY_BYTES);
    make("old/y", 1, y, 8);
    make("other", 2, x, EVERY_BYTES);
    must(varsdb_take_snapshot(db, VARSDB_SNAPSHOT(.name = "s"), NULL));
    varsdb_close(db);
}

static void tear_down(void)
{
    folder_remove(&folder);
    folder_remove(&files);
}

static void open_copy(void)
{
    file_copy(template, path);
    db = opened(path, NULL);
    db->save_bytes = 2 * CHUNK;
}

/* ---- what is done */

static int created(void)
{
    return varsdb_import(db, file,
                         VARSDB_IMPORT(.scope = "new", .names = "full", .model = 1, .trainable = "x"));
}

static int replaced(void)
{
    return varsdb_import(db, file,
                         VARSDB_IMPORT(.scope = "old", .renames = &(varsdb_rename){"^(.)$", "$1"},
                                       .rename_count = 1, .on_conflict = VARSDB_CONFLICT_REPLACE));
}

static int recorded(void)
{
    return varsdb_import(
        db, file, VARSDB_IMPORT(.scope = "new", .as_snapshot = VARSDB_SNAPSHOT(.name = "t"), .exclude = "z"));
}

/* Within a transaction of the caller's, which is rolled back when it failed. */
static int joined(void)
{
    int rc = varsdb_begin(db);
    if (rc == VARSDB_OK)
        rc = created();
    if (rc == VARSDB_OK)
        return varsdb_commit(db);
    snprintf(said, sizeof said, "%s", varsdb_errmsg(db));
    if (varsdb_in_transaction(db))
        must(varsdb_rollback(db));
    return rc;
}

static const struct {
    const char *name;
    int (*run)(void);
} modes[] = {{"create", created}, {"replace", replaced}, {"snapshot", recorded}, {"joined", joined}};
#define MODES ((int)(sizeof modes / sizeof *modes))

/* ---- one moment after the other */

static int run(int mode)
{
    *said = '\0';
    int rc = modes[mode].run();
    if (!*said)
        snprintf(said, sizeof said, "%s", varsdb_errmsg(db));
    return rc;
}

static void check_failure(fault_kind kind, int rc, const char *when)
{
    bool right = kind == FAULT_ALLOCATION ? rc == VARSDB_NOMEM && strstr(said, "memory")
                 : kind == FAULT_CALL ? (rc == VARSDB_IO || rc == VARSDB_CANTOPEN) && strstr(said, file) &&
                                            strstr(said, strerror(fault_errno()))
                                      : (rc == VARSDB_FULL || rc == VARSDB_IO) && strstr(said, "disk");
    ck_assert_msg(right, "%s: %s: %s", when, varsdb_errname(rc), said);
}

static void check_repeated(int mode, uint64_t rows, const content *after, const char *when)
{
    content now;
    must(varsdb_collect_garbage(db, NULL, NULL, NULL, NULL));
    ck_assert_msg(content_rows(path) == rows, "%s: rows are not as before", when);
    int rc = run(mode);
    ck_assert_msg(rc == VARSDB_OK, "%s, repeated: %s: %s", when, varsdb_errname(rc), said);
    content_show(db, when, &now);
    ck_assert_msg(strcmp(now.text, after->text) == 0, "%s, repeated:\n%s", when, now.text);
}

typedef struct sight {
    content before, after;
    uint64_t rows; /* before */
    held held;     /* when it is closed again */
} sight;

/* False when the import does not last so long. */
static bool fail_once(int mode, fault_kind kind, int moment, const sight *s, const char *format)
{
    char when[128];
    content now;
    snprintf(when, sizeof when, "%s, %s, kind %d, moment %d", format, modes[mode].name, (int)kind, moment);
    open_copy();
    fault_arm(kind, moment);
    int rc = run(mode);
    bool happened = fault_happened();
    if (kind != FAULT_FULL)
        fault_disarm();
    if (rc != VARSDB_OK)
        check_failure(kind, rc, when);
    content_show(db, when, &now); /* readers do not mind that a disk is full */
    fault_disarm();
    ck_assert_msg(strcmp(now.text, (rc == VARSDB_OK ? &s->after : &s->before)->text) == 0, "%s:\n%s", when,
                  now.text);
    ck_assert_msg(happened || rc == VARSDB_OK, "%s: %s", when, said);
    if (rc != VARSDB_OK)
        check_repeated(mode, s->rows, &s->after, when);
    must(varsdb_collect_garbage(db, NULL, NULL, NULL, NULL));
    ck_assert_msg(content_garbage(path) == 0, "%s: something is left for good", when);
    varsdb_close(db);
    held_check(s->held, when);
    return happened;
}

static void look(int mode, sight *s)
{
    open_copy();
    must(varsdb_collect_garbage(db, NULL, NULL, NULL, NULL));
    content_show(db, "before", &s->before);
    s->rows = content_rows(path);
    must(run(mode));
    content_show(db, "after", &s->after);
    ck_assert_str_ne(s->before.text, s->after.text);
    varsdb_close(db);
    s->held = held_now();
}

static int make_file(int format)
{
    folder_remove(&files);
    folder_make_in_memory(&files);
    every_format[format].make(&files, folder_path(&files, every_format[format].file, file));
    return format;
}

/* What the registry does is nearly the same for each format, so most moments are left out for all but the
 * first.  Each begins at another one, so that all of them together try most. */
static void fail_everywhere(int which, fault_kind kind, int step, int least)
{
    static sight s;
    int mode = which % MODES, format = make_file(which / MODES), points = 0;
    look(mode, &s);
    for (int moment = (format + which) % step; fail_once(mode, kind, moment, &s, every_format[format].name);
         points++) {
        moment += step;
        ck_assert_int_lt(moment, MOMENTS_MAX);
    }
    printf("fault: import of %s, %s, kind %d: %d moments\n", every_format[format].name, modes[mode].name,
           (int)kind, points);
    ck_assert_int_ge(points, least / step);
}

static int step_of(int which)
{
    return which < MODES ? FEWER(1, 5) : FEWER(4, 11);
}

static int memory_step_of(int which)
{
    return which == 0 ? FEWER(7, 61) : FEWER(37, 211);
}

START_TEST(a_write_may_fail_at_any_moment_of_an_import)
{
    fail_everywhere(_i, FAULT_WRITE, step_of(_i), 40);
}
END_TEST

START_TEST(a_disk_may_be_full_from_any_moment_of_an_import_on)
{
    fail_everywhere(_i, FAULT_FULL, step_of(_i), 40);
}
END_TEST

START_TEST(memory_may_be_out_at_any_moment_of_an_import)
{
    fail_everywhere(_i, FAULT_ALLOCATION, memory_step_of(_i), 2200);
}
END_TEST

START_TEST(a_file_may_fail_at_any_moment_of_an_import)
{
    fail_everywhere(_i, FAULT_CALL, 1, 5);
}
END_TEST

/* ---- reading without a registry, at every moment */

static int read_all(varsdb_reader *reader, unsigned char *x)
{
    int rc = VARSDB_OK;
    for (size_t i = 0; rc == VARSDB_OK && i < varsdb_reader_count(reader); i++) {
        const varsdb_tensor_info *t = varsdb_reader_tensor(reader, i);
        unsigned char other[EVERY_BYTES];
        unsigned char *to = strcmp(t->name, "x") == 0 ? x : other;
        ck_assert_uint_le(t->bytes, EVERY_BYTES);
        for (uint64_t at = 0; rc == VARSDB_OK && at < t->bytes; at += PIECE)
            rc = varsdb_reader_read(reader, i, at, to + at, t->bytes - at < PIECE ? t->bytes - at : PIECE);
    }
    return rc;
}

static void check_said(fault_kind kind, int rc, const varsdb_reader *reader, const char *when)
{
    const char *text = varsdb_reader_errmsg(reader);
    bool right = kind == FAULT_ALLOCATION
                     ? rc == VARSDB_NOMEM && strstr(text, "memory")
                     : (rc == VARSDB_IO || rc == VARSDB_CANTOPEN) && strstr(text, strerror(fault_errno()));
    ck_assert_msg(right, "%s: %s: %s", when, varsdb_errname(rc), text);
}

/* A reader that failed to read, and was opened, reads the same again. */
static bool read_once(int format, fault_kind kind, int moment)
{
    char when[128];
    varsdb_reader *reader = NULL;
    unsigned char x[EVERY_BYTES] = {0};
    const held before = held_now();
    snprintf(when, sizeof when, "%s, kind %d, moment %d", every_format[format].name, (int)kind, moment);
    fault_arm(kind, moment);
    int rc = varsdb_open_reader(file, &reader);
    bool open = rc == VARSDB_OK;
    if (open)
        rc = read_all(reader, x);
    bool happened = fault_happened();
    fault_disarm();
    if (rc != VARSDB_OK)
        check_said(kind, rc, reader, when);
    ck_assert_msg(happened || rc == VARSDB_OK, "%s: %s", when, varsdb_reader_errmsg(reader));
    if (open && rc != VARSDB_OK)
        ck_assert_msg(read_all(reader, x) == VARSDB_OK, "%s, repeated: %s", when,
                      varsdb_reader_errmsg(reader));
    if (open)
        ck_assert_msg(memcmp(x, every_x(false, false), EVERY_BYTES) == 0, "%s: other bytes", when);
    varsdb_close_reader(reader);
    held_check(before, when);
    return happened;
}

static void read_everywhere(int format, fault_kind kind, int least)
{
    int moment = 0;
    make_file(format);
    while (read_once(format, kind, moment))
        ck_assert_int_lt(++moment, MOMENTS_MAX);
    printf("fault: reading %s, kind %d: %d moments\n", every_format[format].name, (int)kind, moment);
    ck_assert_int_ge(moment, least);
}

START_TEST(memory_may_be_out_at_any_moment_of_reading)
{
    read_everywhere(_i, FAULT_ALLOCATION, 5);
}
END_TEST

START_TEST(a_file_may_fail_at_any_moment_of_reading)
{
    read_everywhere(_i, FAULT_CALL, 5);
}
END_TEST

Suite *test_file_fault_suite(void)
{
    Suite *suite = suite_create("file_fault");
    TCase *tc = tcase_create("file_fault");
    tcase_set_timeout(tc, 600);
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, a_write_may_fail_at_any_moment_of_an_import, 0, EVERY_FORMATS * MODES);
    tcase_add_loop_test(tc, a_disk_may_be_full_from_any_moment_of_an_import_on, 0, EVERY_FORMATS * MODES);
    tcase_add_loop_test(tc, memory_may_be_out_at_any_moment_of_an_import, 0, EVERY_FORMATS * MODES);
    tcase_add_loop_test(tc, a_file_may_fail_at_any_moment_of_an_import, 0, EVERY_FORMATS * MODES);
    tcase_add_loop_test(tc, memory_may_be_out_at_any_moment_of_reading, 0, EVERY_FORMATS);
    tcase_add_loop_test(tc, a_file_may_fail_at_any_moment_of_reading, 0, EVERY_FORMATS);
    suite_add_tcase(suite, tc);
    return suite;
}
