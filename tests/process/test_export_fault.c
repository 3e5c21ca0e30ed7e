/*
 * test_export_fault.c - memory is out, a call of the system fails, or the disk is full, at any moment of an
 * export to each format: the call says so, what was under the file's name is there still, nothing else is
 * left, and the same call succeeds right after.
 */
#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

#include "../support/every_format.h"
#include "../support/fault.h"
#include "../support/held.h"
#include "../support/opened.h"
#include "../support/sanitized.h"
#include "../support/small_chunks.h"

Suite *test_export_fault_suite(void);

#define CHUNK       4096
#define MOMENTS_MAX 20000
#define LIMITS      150
#define FILES_MAX   8
#define NAME_BYTES  64

static test_folder folder, out;
static char path[PATH_BYTES];
static varsdb *db;
static int64_t snapshot;
static held base;   /* without a handle */
static bool direct; /* without a registry */
static char said[1024];

static void must(int rc)
{
    ck_assert_msg(rc == VARSDB_OK, "%s: %s", varsdb_errname(rc), direct ? said : varsdb_errmsg(db));
}

/* ---- the registry, and what is written of it */

static void import(int format, const char *scope)
{
    char file[PATH_BYTES];
    every_format[format].make(&folder, folder_path(&folder, every_format[format].file, file));
    must(varsdb_import(db, file, VARSDB_IMPORT(.scope = scope)));
}

static int format_named(const char *name)
{
    for (int i = 0; i < EVERY_FORMATS; i++)
        if (strcmp(every_format[i].name, name) == 0)
            return i;
    return -1;
}

static void set_up(void)
{
    static const int64_t seed = 3;
    fault_install();
    folder_make_in_memory(&folder);
    folder_make_in_memory(&out);
    folder_path(&folder, "r.db", path);
    varsdb_close(opened(path, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE, .seed = &seed)));
    ck_assert(small_chunks_make(path, 64, CHUNK));
    db = opened(path, NULL);
    import(format_named("safetensors"), "st");
    import(format_named("npz"), "np");
    import(format_named("tensorflow"), "tf");
    must(varsdb_take_snapshot(db, VARSDB_SNAPSHOT(.name = "s"), &snapshot));
}

static void tear_down(void)
{
    varsdb_close(db);
    folder_remove(&folder);
    folder_remove(&out);
}

static const struct {
    const char *name, *scope, *glob, *file; /* the file by which others are visible */
    const char *argument;                   /* NULL: the file */
    uint64_t most;
    bool of_snapshot;
} exports[] = {
    {.name = "safetensors", .scope = "st", .file = "m.safetensors"},
    {.name = "safetensors of a snapshot", .scope = "st", .file = "m.safetensors", .of_snapshot = true},
    {.name = "set",
     .scope = "st",
     .file = "m.safetensors.index.json",
     .argument = "m.safetensors",
     .most = EVERY_BYTES},
    {.name = "npy", .scope = "np", .glob = "np/x", .file = "x.npy"},
    {.name = "npz", .scope = "np", .file = "m.npz"},
    {.name = "tensorflow", .scope = "tf", .file = "m.index"},
    {.name = "tensorflow in shards",
     .scope = "tf",
     .file = "m.index",
     .argument = "m.index",
     .most = EVERY_BYTES},
};
#define EXPORTS ((int)(sizeof exports / sizeof *exports))

/* varsdb_tensor_cb */
static int give(void *payload, size_t i, uint64_t offset, void *buffer, size_t bytes)
{
    return every_bytes(payload, (int64_t)i, offset, buffer, bytes);
}

static int write_directly(int which)
{
    char to[PATH_BYTES];
    const int64_t x[] = {EVERY_ROWS, EVERY_COLUMNS}, y[] = {4};
    const varsdb_tensor_info tensors[] = {{"x", VARSDB_INT16, {2, x}, EVERY_BYTES},
                                          {"y", VARSDB_INT16, {1, y}, 8}};
    return varsdb_write_file(folder_path(&out, exports[which].file, to), NULL, tensors,
                             exports[which].glob ? 1 : 2, give, NULL, said, sizeof said);
}

static int export_it(int which)
{
    char to[PATH_BYTES];
    const varsdb_filter filter = {
        .size = sizeof filter, .scope = exports[which].scope, .glob = exports[which].glob};
    return varsdb_export(
        db, folder_path(&out, exports[which].argument ? exports[which].argument : exports[which].file, to),
        VARSDB_EXPORT(.filter = &filter, .max_shard_bytes = exports[which].most,
                      .snapshot = exports[which].of_snapshot ? snapshot : 0),
        NULL);
}

static int export(int which)
{
    int rc = direct ? write_directly(which) : export_it(which);
    if (!direct)
        snprintf(said, sizeof said, "%s", varsdb_errmsg(db));
    return rc;
}

/* ---- files */

typedef struct known_file {
    char name[NAME_BYTES];
    char *data;
    size_t bytes;
} known_file;

static known_file known[FILES_MAX]; /* as they are when nothing fails */
static int known_count;

static void each_name(void (*each)(const char *name, const char *when), const char *when)
{
    DIR *d = opendir(out.path);
    ck_assert_ptr_nonnull(d);
    for (struct dirent *entry; (entry = readdir(d));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            each(entry->d_name, when);
    closedir(d);
}

static void know(const char *name, const char *when)
{
    char at[PATH_BYTES];
    (void)when;
    ck_assert_int_lt(known_count, FILES_MAX);
    known_file *f = &known[known_count++];
    snprintf(f->name, sizeof f->name, "%s", name);
    f->data = file_read(folder_path(&out, name, at), &f->bytes);
}

static void forget(void)
{
    while (known_count)
        free(known[--known_count].data);
}

static void check_file(const char *name, const char *when)
{
    char at[PATH_BYTES];
    size_t bytes;
    const known_file *f = NULL;
    for (int i = 0; i < known_count; i++)
        if (strcmp(known[i].name, name) == 0)
            f = &known[i];
    ck_assert_msg(f != NULL, "%s: %s was left", when, name);
    char *data = file_read(folder_path(&out, name, at), &bytes);
    bool old = bytes == 3 && memcmp(data, "old", 3) == 0;
    ck_assert_msg(old || (bytes == f->bytes && memcmp(data, f->data, bytes) == 0), "%s: half of %s", when,
                  name);
    free(data);
}

/* Whether the file that makes others visible is a new one. */
static bool appeared(int which)
{
    char at[PATH_BYTES], head[3];
    FILE *f = fopen(folder_path(&out, exports[which].file, at), "rb");
    bool is_new = f && !(fread(head, 1, 3, f) == 3 && memcmp(head, "old", 3) == 0);
    if (f)
        fclose(f);
    return is_new;
}

static void check_whole(int which, const char *when)
{
    ck_assert_msg(appeared(which), "%s: no file", when);
    ck_assert_msg((int)folder_count(&out) == known_count, "%s: other files", when);
    each_name(check_file, when);
}

static void look(int which)
{
    forget();
    must(export(which));
    each_name(know, "");
    ck_assert_int_ge(known_count, 1);
    varsdb_close(db);
    base = held_now();
    db = opened(path, NULL);
}

/* Every other time there was a file of that name. */
static void clear(int which, int moment)
{
    char at[PATH_BYTES];
    folder_remove(&out);
    folder_make_in_memory(&out);
    if (moment % 2)
        file_write(folder_path(&out, exports[which].file, at), "old", 3);
}

/* ---- one moment after the other */

static void check_failure(fault_kind kind, int rc, const char *when)
{
    bool right = kind == FAULT_ALLOCATION ? rc == VARSDB_NOMEM && strstr(said, "memory")
                 : kind == FAULT_CALL     ? (rc == VARSDB_IO || rc == VARSDB_CANTOPEN || rc == VARSDB_FULL) &&
                                            strstr(said, out.path) && strstr(said, strerror(fault_errno()))
                                      : rc == VARSDB_FULL && strstr(said, out.path);
    ck_assert_msg(right, "%s: %s: %s", when, varsdb_errname(rc), said);
}

/* Renaming, and syncing the folder, is all that can fail when the first file has its name.  It cannot be
 * taken back then, and is whole; the one that makes others visible is the last but for TensorFlow's
 * "checkpoint". */
static void check_left(int which, fault_kind kind, int moment, const char *when)
{
    each_name(check_file, when);
    if (kind != FAULT_CALL || (fault_errno() != EACCES && fault_errno() != EREMOTEIO))
        ck_assert_msg(!appeared(which) && (int)folder_count(&out) == moment % 2, "%s: something is left",
                      when);
    if (appeared(which))
        for (int i = 0; i < known_count; i++) {
            char at[PATH_BYTES];
            ck_assert_msg(access(folder_path(&out, known[i].name, at), F_OK) == 0 ||
                              strcmp(known[i].name, "checkpoint") == 0,
                          "%s: %s is not there", when, known[i].name);
        }
}

static void check_repeated(int which, const char *when)
{
    must(export(which));
    check_whole(which, when);
}

/* One that has looked at nothing yet. */
static void open_anew(void)
{
    varsdb_close(db);
    db = direct ? NULL : opened(path, NULL);
}

static bool fail_once(int which, fault_kind kind, int moment)
{
    char when[128];
    snprintf(when, sizeof when, "%s, kind %d, moment %d", exports[which].name, (int)kind, moment);
    clear(which, moment);
    open_anew();
    fault_arm(kind, moment);
    int rc = export(which);
    bool happened = fault_happened();
    fault_disarm();
    ck_assert_msg(happened || rc == VARSDB_OK, "%s: %s", when, said);
    if (rc == VARSDB_OK) {
        check_whole(which, when);
    } else {
        check_failure(kind, rc, when);
        check_left(which, kind, moment, when);
        check_repeated(which, when);
    }
    ck_assert_msg(fault_renamed_unsynced() == 0, "%s: a file has its name before it is on the disk", when);
    varsdb_close(db);
    db = NULL;
    held_check(base, when);
    return happened;
}

static void fail_everywhere(int which, fault_kind kind, int step, int least)
{
    int points = 0;
    look(which);
    for (int moment = 0; fail_once(which, kind, moment); moment += step)
        ck_assert_int_lt(++points, MOMENTS_MAX);
    printf("fault: %s of %s, kind %d: %d moments\n", direct ? "writing" : "export", exports[which].name,
           (int)kind, points);
    ck_assert_int_ge(points, least / step);
    forget();
}

START_TEST(memory_may_be_out_at_any_moment_of_an_export)
{
    fail_everywhere(_i, FAULT_ALLOCATION, FEWER(3, 29), 1500);
}
END_TEST

START_TEST(a_file_may_fail_at_any_moment_of_an_export)
{
    fail_everywhere(_i, FAULT_CALL, 1, 6);
}
END_TEST

START_TEST(memory_may_be_out_at_any_moment_of_writing)
{
    direct = true;
    fail_everywhere(_i, FAULT_ALLOCATION, 1, 5);
}
END_TEST

/* ---- a disk with room for the first bytes of each file */

static int export_limited(int which, size_t bytes)
{
    struct rlimit before, less;
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
    less = before;
    less.rlim_cur = bytes;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &less), 0);
    int rc = export(which);
    setrlimit(RLIMIT_FSIZE, &before);
    return rc;
}

static size_t largest(void)
{
    size_t bytes = 0;
    for (int i = 0; i < known_count; i++)
        bytes = known[i].bytes > bytes ? known[i].bytes : bytes;
    return bytes;
}

START_TEST(a_disk_may_be_full_after_any_bytes_of_an_export)
{
    char when[128];
    int points = 0;
    look(_i);
    signal(SIGXFSZ, SIG_IGN);
    const size_t all = largest(), step = all / LIMITS + 1;
    for (size_t limit = 0; limit < all; limit += limit < 64 ? 7 : step, points++) {
        snprintf(when, sizeof when, "%s, %zu of %zu bytes", exports[_i].name, limit, all);
        clear(_i, points);
        int rc = export_limited(_i, limit);
        check_failure(FAULT_FULL, rc, when);
        check_left(_i, FAULT_FULL, points, when);
    }
    clear(_i, 0);
    must(export_limited(_i, all));
    check_repeated(_i, "repeated");
    printf("fault: export of %s, full disks: %d\n", exports[_i].name, points);
    ck_assert_int_ge(points, LIMITS * 2 / 3);
    forget();
}
END_TEST

Suite *test_export_fault_suite(void)
{
    Suite *suite = suite_create("export_fault");
    TCase *tc = tcase_create("export_fault");
    tcase_set_timeout(tc, 600);
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, memory_may_be_out_at_any_moment_of_an_export, 0, EXPORTS);
    tcase_add_loop_test(tc, memory_may_be_out_at_any_moment_of_writing, 0, EXPORTS);
    tcase_add_loop_test(tc, a_file_may_fail_at_any_moment_of_an_export, 0, EXPORTS);
    tcase_add_loop_test(tc, a_disk_may_be_full_after_any_bytes_of_an_export, 0, EXPORTS);
    suite_add_tcase(suite, tc);
    return suite;
}
