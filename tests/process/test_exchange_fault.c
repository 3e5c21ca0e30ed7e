/*
 * test_exchange_fault.c - imports of small files with all their options, and exports of what came: each
 * allocation of the library's own, each call of the system, and whatever the engine is asked, fails in its
 * turn.  The call says so, or says and does what it would have; what is refused is refused as ever.
 */
#include <check.h>
#include <stdio.h>

#include "../support/content.h"
#include "../support/fault.h"
#include "../support/faulty.h"
#include "../support/held.h"
#include "../support/opened.h"
#include "../support/sanitized.h"
#include "../support/small_chunks.h"
#include "../support/small_files.h"
#include "internal.h"

Suite *test_exchange_fault_suite(void);

#define CHUNK       4096
#define MOMENTS_MAX 20000
#define STEP        4
#define ENGINE      FAULT_KINDS /* beside those of fault.h: what it is asked (faulty.h) */

static test_folder folder, files, out;
static char template[PATH_BYTES], path[PATH_BYTES], file[PATH_BYTES], to[PATH_BYTES];
static char first[256]; /* an expression that only the file's first tensor matches */
static char odd[256];   /* a variable of its name, and of another shape */
static varsdb *db;
static int64_t snapshot;
static char said[1024], told[4096]; /* by the handle; to the report */

static void must(int rc)
{
    ck_assert_msg(rc == VARSDB_OK, "%s: %s", varsdb_errname(rc), varsdb_errmsg(db));
}

/* varsdb_import_cb */
static int hear(void *payload, varsdb_outcome outcome, const char *name, const char *tensor)
{
    (void)payload;
    size_t at = strlen(told);
    snprintf(told + at, sizeof told - at, "%d %s %s\n", (int)outcome, name, tensor ? tensor : "-");
    return 0;
}

/* ---- what is done */

static int create(void)
{
    return varsdb_import(db, file,
                         VARSDB_IMPORT(.scope = "new", .names = "full", .model = 1, .collection = "c",
                                       .trainable = ".", .report = hear));
}

static int replace(void)
{
    return varsdb_import(db, file,
                         VARSDB_IMPORT(.scope = "have", .model = 1, .collection = "c", .trainable = ".",
                                       .on_conflict = VARSDB_CONFLICT_REPLACE));
}

static int skip(void)
{
    return varsdb_import(db, file,
                         VARSDB_IMPORT(.scope = "some", .on_conflict = VARSDB_CONFLICT_SKIP, .report = hear));
}

static int refuse(void)
{
    return varsdb_import(db, file, VARSDB_IMPORT(.scope = "some"));
}

static int assign(void)
{
    return varsdb_import(
        db, file, VARSDB_IMPORT(.scope = "some", .existing_only = 1, .trainable = ".", .report = hear));
}

static int mismatch(void)
{
    return varsdb_import(
        db, file, VARSDB_IMPORT(.scope = "other", .on_conflict = VARSDB_CONFLICT_REPLACE, .report = hear));
}

static int look_only(void)
{
    return varsdb_import(db, file, VARSDB_IMPORT(.dry_run = 1, .report = hear, .separator = "."));
}

static int rename_all(void)
{
    const varsdb_rename renames[] = {{"^(.)", "a.$1"}, {"a", "aa"}};
    return varsdb_import(db, file,
                         VARSDB_IMPORT(.scope = "deep/er", .separator = ".", .renames = renames,
                                       .rename_count = 2, .include = ".", .exclude = first));
}

static int record(void)
{
    return varsdb_import(db, file,
                         VARSDB_IMPORT(.scope = "new", .as_snapshot = VARSDB_SNAPSHOT(.name = "t"),
                                       .model = 1, .collection = "c", .trainable = ".", .report = hear));
}

static int record_no_step(void)
{
    return varsdb_import(db, file,
                         VARSDB_IMPORT(.as_snapshot = VARSDB_SNAPSHOT(.name = "t"), .step_from = "(m)[.]"));
}

static int join(void)
{
    int rc = varsdb_begin(db);
    if (rc == VARSDB_OK)
        rc = create();
    if (rc == VARSDB_OK)
        return varsdb_commit(db);
    snprintf(said, sizeof said, "%s", varsdb_errmsg(db));
    if (varsdb_in_transaction(db))
        varsdb_rollback(db);
    return rc;
}

static int export_as(const char *name, const varsdb_export_options *options)
{
    return varsdb_export(db, folder_path(&out, name, to), options, NULL);
}

static int export_set(void)
{
    return export_as("m.safetensors",
                     VARSDB_EXPORT(.filter = VARSDB_FILTER(.scope = "have"), .max_shard_bytes = 8));
}

static int export_npz(void)
{
    return export_as("m.npz", VARSDB_EXPORT(.registry_names = 1, .filter = VARSDB_FILTER(.scope = "have")));
}

static int export_tensorflow(void)
{
    return export_as("m.index",
                     VARSDB_EXPORT(.filter = VARSDB_FILTER(.scope = "have"), .max_shard_bytes = 8));
}

static int export_snapshot(void)
{
    const varsdb_rename renames[] = {{"^(.)", "a.$1"}, {"a", "aa"}};
    return export_as("m.index", VARSDB_EXPORT(.snapshot = snapshot, .filter = VARSDB_FILTER(.scope = "have"),
                                              .renames = renames, .rename_count = 2));
}

static int export_twice(void) /* "some" has a tensor that "have" has */
{
    return export_as("m.index", VARSDB_EXPORT(.filter = VARSDB_FILTER(.glob = "[hs]*")));
}

static const struct {
    const char *name;
    int (*run)(void);
    bool exports;
} actions[] = {{"create", create, false},
               {"replace", replace, false},
               {"skip", skip, false},
               {"refuse", refuse, false},
               {"assign", assign, false},
               {"mismatch", mismatch, false},
               {"dry run", look_only, false},
               {"rename", rename_all, false},
               {"record", record, false},
               {"record without a step", record_no_step, false},
               {"join", join, false},
               {"export of a set", export_set, true},
               {"export to npz", export_npz, true},
               {"export to tensorflow", export_tensorflow, true},
               {"export of a snapshot", export_snapshot, true},
               {"export of two of one name", export_twice, true}};
#define ACTIONS ((int)(sizeof actions / sizeof *actions))

/* With metadata, with what is passed over, in columns, and with strings and other names. */
static const char *const exchanged[] = {"set", "npz", "pytorch", "tensorflow"};
#define EXCHANGED ((int)(sizeof exchanged / sizeof *exchanged))

/* ---- the registry */

static void look_at_file(void)
{
    varsdb_reader *r = NULL;
    ck_assert_int_eq(varsdb_open_reader(file, &r), VARSDB_OK);
    snprintf(first, sizeof first, "^\\Q%.200s\\E$", varsdb_reader_tensor(r, 0)->name);
    snprintf(odd, sizeof odd, "other/%.200s", varsdb_reader_tensor(r, 0)->name);
    varsdb_close_reader(r);
}

static void make_template(const small_file *f)
{
    static const int64_t seed = 3;
    const varsdb_variable *v;
    f->make(&files, folder_path(&files, f->file, file));
    look_at_file();
    varsdb_close(opened(template, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE, .seed = &seed)));
    ck_assert(small_chunks_make(template, 8, CHUNK));
    db = opened(template, NULL);
    must(varsdb_import(db, file, VARSDB_IMPORT(.scope = "have")));
    must(varsdb_import(db, file, VARSDB_IMPORT(.scope = "some", .include = first)));
    must(varsdb_get_variable(db, odd, VARSDB_WITH(.shape = VARSDB_SHAPE(7)), NULL, &v));
    must(varsdb_get_variable(db, "some/more", VARSDB_WITH(.shape = VARSDB_SHAPE(2)), NULL, &v));
    must(varsdb_take_snapshot(db, VARSDB_SNAPSHOT(.name = "s"), &snapshot));
    varsdb_close(db);
}

static void set_up(void)
{
    fault_install();
    folder_make_in_memory(&folder);
    folder_make_in_memory(&files);
    folder_make_in_memory(&out);
    folder_path(&folder, "template.db", template);
    folder_path(&folder, "fault.db", path);
}

static void tear_down(void)
{
    folder_remove(&folder);
    folder_remove(&files);
    folder_remove(&out);
}

static void open_copy(void)
{
    file_copy(template, path);
    db = opened(path, NULL);
    db->save_bytes = CHUNK;
}

/* ---- one moment after the other */

typedef struct outcome {
    int rc;
    char said[sizeof said], told[sizeof told];
    content content;
} outcome;

static outcome before, right;
static held base;

static int run(int action)
{
    *said = *told = '\0';
    int rc = actions[action].run();
    if (!*said)
        snprintf(said, sizeof said, "%s", varsdb_errmsg(db));
    return rc;
}

static void see(int action, outcome *o)
{
    o->rc = run(action);
    memcpy(o->said, said, sizeof said);
    memcpy(o->told, told, sizeof told);
    content_show(db, actions[action].name, &o->content);
}

static void clear_out(void)
{
    struct dirent *entry;
    DIR *d = opendir(out.path);
    ck_assert_ptr_nonnull(d);
    while ((entry = readdir(d)))
        unlinkat(dirfd(d), entry->d_name, 0);
    closedir(d);
}

static void look(int action)
{
    open_copy();
    content_show(db, "before", &before.content);
    see(action, &right);
    varsdb_close(db);
    base = held_now();
}

static void arm(int kind, int moment)
{
    if (kind == ENGINE) {
        faulty_install_whole(db);
        faulty_fail(moment);
    } else {
        fault_arm((fault_kind)kind, moment);
    }
}

static bool disarm(int kind)
{
    const bool happened = kind == ENGINE ? faulty_failed() != 0 : fault_happened();
    if (kind == ENGINE) {
        faulty_fail(-1);
        faulty_remove(db);
    }
    fault_disarm();
    return happened;
}

static bool is_documented(int kind, int rc)
{
    switch (kind) {
    case FAULT_OWN:
        return rc == VARSDB_NOMEM && strstr(said, "memory");
    case ENGINE:
        return rc == VARSDB_IO && strstr(said, "the test failed");
    default:
        return (rc == VARSDB_IO || rc == VARSDB_CANTOPEN || rc == VARSDB_FULL) &&
               strstr(said, strerror(fault_errno()));
    }
}

static void check_same(const outcome *is, const char *when)
{
    ck_assert_msg(is->rc == right.rc, "%s: %s: %s", when, varsdb_errname(is->rc), is->said);
    ck_assert_msg(strcmp(is->told, right.told) == 0, "%s: it is told\n%s", when, is->told);
    ck_assert_msg(is->rc == VARSDB_OK || strcmp(is->said, right.said) == 0, "%s: %s", when, is->said);
    ck_assert_msg(strcmp(is->content.text, right.content.text) == 0, "%s:\n%s", when, is->content.text);
}

static bool fail_once(int action, int kind, int moment)
{
    static outcome is;
    char when[128];
    snprintf(when, sizeof when, "%s, kind %d, moment %d", actions[action].name, kind, moment);
    clear_out();
    open_copy();
    arm(kind, moment);
    int rc = run(action);
    const bool happened = disarm(kind);
    ck_assert_msg(!varsdb_in_transaction(db), "%s: a transaction is open", when);
    if (rc != right.rc) {
        ck_assert_msg(happened && is_documented(kind, rc), "%s: %s: %s", when, varsdb_errname(rc), said);
        content_show(db, when, &is.content);
        ck_assert_msg(strcmp(is.content.text, before.content.text) == 0, "%s:\n%s", when, is.content.text);
        ck_assert_msg(kind == FAULT_CALL || folder_count(&out) == 0, "%s: a file is left", when);
        see(action, &is);
    } else {
        is.rc = rc;
        memcpy(is.said, said, sizeof said);
        memcpy(is.told, told, sizeof told);
        content_show(db, when, &is.content);
    }
    check_same(&is, when);
    varsdb_close(db);
    held_check(base, when);
    return happened;
}

/* What the registry does is nearly the same for each file, so each begins at another moment: all of them
 * together try all. */
static long fail_everywhere(int of, int action, int kind)
{
    const int step = FEWER(STEP, 10 * STEP);
    int points = 0;
    look(action);
    for (int moment = of % step; fail_once(action, kind, moment); moment += step)
        ck_assert_int_lt(++points, MOMENTS_MAX);
    return points;
}

/* _i: the kind of file, and what is done */
START_TEST(whatever_fails_as_files_are_exchanged_is_told_and_undone)
{
    const int of = _i / ACTIONS, action = _i % ACTIONS;
    make_template(small_file_named(exchanged[of]));
    const long own = fail_everywhere(of, action, FAULT_OWN), engine = fail_everywhere(of, action, ENGINE),
               calls = fail_everywhere(of, action, FAULT_CALL);
    printf("fault: %s, %s (%s): %ld, %ld and %ld moments\n", exchanged[of], actions[action].name,
           varsdb_errname(right.rc), own, engine, calls);
    ck_assert_int_ge(own + engine, FEWER(5, 0));
}
END_TEST

Suite *test_exchange_fault_suite(void)
{
    Suite *suite = suite_create("exchange_fault");
    TCase *tc = tcase_create("exchange_fault");
    tcase_set_timeout(tc, 300);
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, whatever_fails_as_files_are_exchanged_is_told_and_undone, 0, EXCHANGED * ACTIONS);
    suite_add_tcase(suite, tc);
    return suite;
}
