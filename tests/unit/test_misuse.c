/*
 * test_misuse.c - calls that lack something, or come at the wrong time: each is misuse that is told in words,
 * nothing is handed out, and the registry is as it was.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/registry.h"
#include "internal.h"

Suite *test_misuse_suite(void);

static registry r;
static const varsdb_variable *v, *halves, *words;
static int64_t snapshot;
static float value[4];
static const varsdb_slice whole = {0};

static void open_registry(void)
{
    registry_open(&r);
    v = got(r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(4)));
    halves = got(r.db, "halves", VARSDB_WITH(.shape = VARSDB_SHAPE(4), .partitioner = "fixed_size(2)"));
    words = got(r.db, "words",
                VARSDB_WITH(.dtype = VARSDB_STRING, .shape = VARSDB_SHAPE(2), .value_json = "[\"a\",\"b\"]"));
    ok(r.db, varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.name = "s"), &snapshot));
}

static void close_registry(void)
{
    registry_close(&r);
}

static int never(void)
{
    ck_abort_msg("the callback was called");
}

static int no_part(void *p, const varsdb_part *i)
{
    return (void)p, (void)i, never();
}

static int no_variable(void *p, const varsdb_variable *i)
{
    return (void)p, (void)i, never();
}

static int no_description(void *p, const varsdb_variable_info *i)
{
    return (void)p, (void)i, never();
}

static int no_snapshot(void *p, const varsdb_snapshot_info *i)
{
    return (void)p, (void)i, never();
}

static int no_string(void *p, const char *s, size_t n)
{
    return (void)p, (void)s, (void)n, never();
}

static int no_difference(void *p, const varsdb_difference *d)
{
    return (void)p, (void)d, never();
}

static int no_finding(void *p, const varsdb_finding *f)
{
    return (void)p, (void)f, never();
}

/* ---- without a handle */

#define EACH_IS_MISUSE(results)                                   \
    for (size_t i = 0; i < sizeof results / sizeof *results; i++) \
    ck_assert_msg(results[i] == VARSDB_MISUSE, "call %zu: %s", i, varsdb_errname(results[i]))

static void calls_of_values_are_misuse(varsdb *db)
{
    const varsdb_variable *out = NULL;
    varsdb_writer *writer = NULL;
    int64_t n = 77;
    size_t kept = 77;
    double loss = 77;
    const varsdb_named_value named = {"v", value, sizeof value};
    const int results[] = {varsdb_assign_if(db, v, 1, value, sizeof value),
                           varsdb_variable_version(db, v, &n),
                           varsdb_assign_add(db, v, value, sizeof value),
                           varsdb_assign_sub(db, v, value, sizeof value),
                           varsdb_assign_all(db, NULL, 0),
                           varsdb_open_writer(db, v, &writer),
                           varsdb_read_slice(db, v, &whole, value, sizeof value),
                           varsdb_assign_slice(db, v, &whole, value, sizeof value),
                           varsdb_list_parts(db, halves, no_part, NULL),
                           varsdb_find_part(db, "halves/part_0", &out, &n),
                           varsdb_read_part(db, halves, 0, value, 8),
                           varsdb_assign_part(db, halves, 0, value, 8),
                           varsdb_assign_part_json(db, halves, 0, "[1,2]"),
                           varsdb_regularization_loss(db, NULL, &loss),
                           varsdb_find_unique(db, "v", &out),
                           varsdb_list_to_restore(db, NULL, NULL, no_variable, NULL),
                           varsdb_filter_variables(db, &v, 1, NULL, NULL, 0, &out, &kept),
                           varsdb_assign_values(db, &named, 1),
                           varsdb_report_uninitialized(db, no_variable, NULL),
                           varsdb_get_global_step(db, &out),
                           varsdb_create_global_step(db, &out),
                           varsdb_get_or_create_global_step(db, NULL, &out),
                           varsdb_check_global_step(db, v)};
    EACH_IS_MISUSE(results);
    ck_assert(!out && !writer && n == 77 && kept == 77 && loss == 77);
}

static void calls_of_registries_are_misuse(varsdb *db)
{
    int64_t n = 77;
    char copy[TEMP_PATH_BYTES];
    temp_file(&r.dir, "copy.db", copy);
    const int results[] = {varsdb_publish(db),
                           varsdb_checkpoint(db),
                           varsdb_change_scope(db, VARSDB_SCOPE(.dtype = VARSDB_INT8)),
                           varsdb_take_snapshot(db, VARSDB_SNAPSHOT(.name = "t"), &n),
                           varsdb_set_retention(db, 1, 0),
                           varsdb_list_snapshots(db, no_snapshot, NULL),
                           varsdb_find_snapshot(db, "s", &n),
                           varsdb_pin_snapshot(db, snapshot, 1),
                           varsdb_drop_snapshot(db, snapshot),
                           varsdb_list_snapshot_variables(db, snapshot, NULL, no_description, NULL),
                           varsdb_read_range_at(db, snapshot, "v", 0, value, sizeof value),
                           varsdb_read_slice_at(db, snapshot, "v", &whole, value, sizeof value),
                           varsdb_read_strings_at(db, snapshot, "words", no_string, NULL),
                           varsdb_restore(db, snapshot, NULL),
                           varsdb_diff(db, snapshot, 0, NULL, no_difference, NULL),
                           varsdb_verify(db, NULL, no_finding, NULL),
                           varsdb_collect_garbage(db, NULL, NULL, NULL, NULL),
                           varsdb_backup(db, copy, NULL)};
    EACH_IS_MISUSE(results);
    ck_assert_int_eq(n, 77);
    ck_assert_int_ne(access(copy, F_OK), 0);
}

START_TEST(what_needs_a_handle_that_is_open_is_misuse_without)
{
    varsdb *failed = NULL;
    ck_assert_int_eq(varsdb_open("/nonexistent/directory/run.db", NULL, &failed), VARSDB_CANTOPEN);
    calls_of_values_are_misuse(NULL);
    calls_of_registries_are_misuse(NULL);
    calls_of_values_are_misuse(failed);
    calls_of_registries_are_misuse(failed);
    ck_assert_str_eq(varsdb_current_scope(failed), "");
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(failed), "/nonexistent/directory/run.db"));
    varsdb_close(failed);
}
END_TEST

/* ---- without what a call is about */

#define LACKS(text, call)                  \
    do {                                   \
        expect(r.db, VARSDB_MISUSE, call); \
        says(r.db, text);                  \
    } while (0)
#define INVALID(text, call)                 \
    do {                                    \
        expect(r.db, VARSDB_INVALID, call); \
        says(r.db, text);                   \
    } while (0)

static void reads_lack_something(void)
{
    const size_t all = sizeof value;
    LACKS("a slice", varsdb_read_slice(r.db, v, NULL, value, all));
    LACKS("a buffer", varsdb_read_slice(r.db, v, &whole, NULL, all));
    LACKS("buffer", varsdb_read_part(r.db, halves, 0, NULL, 8));
    LACKS("callback", varsdb_list_parts(r.db, halves, NULL, NULL));
    LACKS("place", varsdb_variable_version(r.db, v, NULL));
    LACKS("place", varsdb_regularization_loss(r.db, v, NULL));
    LACKS("name", varsdb_read_range_at(r.db, snapshot, NULL, 0, value, all));
    LACKS("buffer", varsdb_read_range_at(r.db, snapshot, "v", 0, NULL, all));
    LACKS("name", varsdb_read_slice_at(r.db, snapshot, NULL, &whole, value, all));
    LACKS("a slice", varsdb_read_slice_at(r.db, snapshot, "v", NULL, value, all));
    LACKS("a buffer", varsdb_read_slice_at(r.db, snapshot, "v", &whole, NULL, all));
    LACKS("name", varsdb_read_strings_at(r.db, snapshot, NULL, no_string, NULL));
    LACKS("callback", varsdb_read_strings_at(r.db, snapshot, "words", NULL, NULL));
    INVALID("not strings", varsdb_read_strings_at(r.db, snapshot, "v", no_string, NULL));
    INVALID("not strings", varsdb_read_strings(r.db, v, no_string, NULL));
}

static void assignments_lack_something(void)
{
    const size_t all = sizeof value;
    const varsdb_assignment no_data = {.variable = v, .bytes = all};
    const varsdb_named_value nameless = {NULL, value, sizeof value}, empty = {"v", NULL, sizeof value};
    const char *const strings[] = {"a", NULL};
    LACKS("data", varsdb_assign(r.db, v, NULL, all));
    LACKS("data", varsdb_assign_if(r.db, v, 1, NULL, all));
    INVALID("a version is 0 or more, not -1", varsdb_assign_if(r.db, v, -1, value, all));
    LACKS("assignments", varsdb_assign_all(r.db, NULL, 1));
    LACKS("data", varsdb_assign_all(r.db, &no_data, 1));
    LACKS("name", varsdb_assign_values(r.db, NULL, 1));
    LACKS("name", varsdb_assign_values(r.db, &nameless, 1));
    LACKS("data", varsdb_assign_values(r.db, &empty, 1));
    LACKS("strings", varsdb_assign_strings(r.db, words, NULL, NULL, 2));
    LACKS("a string", varsdb_assign_strings(r.db, words, strings, NULL, 2));
    LACKS("json", varsdb_assign_json(r.db, v, NULL));
    LACKS("initializer", varsdb_initialize(r.db, v, NULL));
    INVALID("none is no value", varsdb_initialize(r.db, v, "none"));
    LACKS("a slice", varsdb_assign_slice(r.db, v, NULL, value, all));
    LACKS("data", varsdb_assign_slice(r.db, v, &whole, NULL, all));
    LACKS("data", varsdb_assign_part(r.db, halves, 0, NULL, 8));
    LACKS("json", varsdb_assign_part_json(r.db, halves, 0, NULL));
    LACKS("place", varsdb_open_writer(r.db, v, NULL));
}

static void searches_lack_something(void)
{
    const varsdb_variable *out = NULL;
    int64_t part = 77;
    size_t kept = 77;
    LACKS("name", varsdb_find_unique(r.db, NULL, &out));
    LACKS("place", varsdb_find_unique(r.db, "v", NULL));
    LACKS("name", varsdb_find_part(r.db, NULL, &out, &part));
    LACKS("places", varsdb_find_part(r.db, "halves/part_0", NULL, &part));
    LACKS("places", varsdb_find_part(r.db, "halves/part_0", &out, NULL));
    LACKS("a list", varsdb_filter_variables(r.db, NULL, 1, NULL, NULL, 0, &out, &kept));
    LACKS("a place", varsdb_filter_variables(r.db, &v, 1, NULL, NULL, 0, NULL, &kept));
    LACKS("a place", varsdb_filter_variables(r.db, &v, 1, NULL, NULL, 0, &out, NULL));
    LACKS("place", varsdb_get_global_step(r.db, NULL));
    LACKS("place", varsdb_create_global_step(r.db, NULL));
    LACKS("place", varsdb_get_or_create_global_step(r.db, NULL, NULL));
    LACKS("getters", varsdb_call_getter(r.db, NULL, "w", NULL, NULL, &out));
    ck_assert(!out && part == 77 && kept == 77);
}

static void scopes_and_files_lack_something(void)
{
    LACKS("options", varsdb_change_scope(r.db, NULL));
    LACKS("default_name", varsdb_change_scope(r.db, VARSDB_SCOPE(.default_name = "d")));
    LACKS("size", varsdb_change_scope(r.db, &(const varsdb_scope_options){0}));
    LACKS("another handle", varsdb_reenter_scope(r.db, NULL, NULL, NULL));
    LACKS("path", varsdb_import(r.db, NULL, NULL));
    LACKS("on_conflict", varsdb_import(r.db, "x", VARSDB_IMPORT(.on_conflict = (varsdb_conflict)99)));
    LACKS("raw nor full", varsdb_import(r.db, "x", VARSDB_IMPORT(.names = "other")));
    LACKS("path", varsdb_export(r.db, NULL, NULL, NULL));
    LACKS("size", varsdb_export(r.db, "x.npz", &(const varsdb_export_options){0}, NULL));
    LACKS("size", varsdb_collect_garbage(r.db, &(const varsdb_upkeep_options){0}, NULL, NULL, NULL));
}

START_TEST(what_a_call_is_about_must_be_given)
{
    char *before = registry_dump(&r), *after;
    reads_lack_something();
    assignments_lack_something();
    searches_lack_something();
    scopes_and_files_lack_something();
    after = registry_dump(&r);
    ck_assert_str_eq(after, before);
    ck_assert_int_eq(varsdb_in_transaction(r.db), 0);
    free(before);
    free(after);
}
END_TEST

/* ---- at the wrong time */

static varsdb_writer *writer;

/* varsdb_select_cb */
static int write_from_within(void *payload, const varsdb_variable *variable)
{
    char before[16];
    ++*(int *)payload;
    snprintf(before, sizeof before, "%.15s", varsdb_variable_name(variable));
    LACKS("end the transaction", varsdb_checkpoint(r.db));
    LACKS("end the transaction", varsdb_collect_garbage(r.db, NULL, NULL, NULL, NULL));
    LACKS("before the transaction", varsdb_stage(writer));
    LACKS("may not write", varsdb_assign(r.db, v, value, sizeof value));
    LACKS("may not begin", varsdb_begin(r.db));
    ck_assert_str_eq(varsdb_variable_name(variable), before);
    return 0;
}

START_TEST(a_list_callback_may_not_keep_the_registry)
{
    int calls = 0;
    ok(r.db, varsdb_open_writer(r.db, v, &writer));
    ok(r.db, varsdb_append(writer, value, sizeof value));
    ok(r.db, varsdb_list_to_restore(r.db, NULL, NULL, write_from_within, &calls));
    ck_assert_int_eq(calls, 3);
    ok(r.db, varsdb_begin(r.db));
    LACKS("end the transaction", varsdb_checkpoint(r.db));
    LACKS("end the transaction", varsdb_collect_garbage(r.db, NULL, NULL, NULL, NULL));
    LACKS("before the transaction", varsdb_stage(writer));
    ok(r.db, varsdb_rollback(r.db));
    ok(r.db, varsdb_stage(writer));
    ok(r.db, varsdb_finish(writer));
    ck_assert_int_eq(version_of(r.db, v), 2);
}
END_TEST

#define PIECE ((size_t)1 << 20) /* stored in a transaction of its own as soon as it is there */

static int append_from_within(void *payload, const varsdb_variable *variable)
{
    (void)variable;
    LACKS("a list callback may not write", varsdb_append(writer, payload, PIECE));
    LACKS("the writer failed before", varsdb_append(writer, payload, PIECE));
    return 0;
}

START_TEST(a_list_callback_may_not_store_a_piece_of_a_large_value)
{
    void *piece = calloc(1, PIECE);
    r.db->save_bytes = PIECE;
    const varsdb_variable *large =
        got(r.db, "large",
            VARSDB_WITH(.dtype = VARSDB_UINT8, .shape = VARSDB_SHAPE(3 * PIECE), .initializer = "ones"));
    char *before = registry_dump(&r), *after;
    ok(r.db, varsdb_open_writer(r.db, large, &writer));
    ok(r.db,
       varsdb_list_to_restore(r.db, (const char *const[]){"large", NULL}, NULL, append_from_within, piece));
    varsdb_close_writer(writer);
    after = registry_dump(&r);
    ck_assert_str_eq(after, before);
    ok(r.db, varsdb_open_writer(r.db, large, &writer));
    for (int i = 0; i < 3; i++)
        ok(r.db, varsdb_append(writer, piece, PIECE));
    ok(r.db, varsdb_finish(writer));
    ck_assert_int_eq(version_of(r.db, large), 2);
    free(piece);
    free(before);
    free(after);
}
END_TEST

Suite *test_misuse_suite(void)
{
    Suite *suite = suite_create("misuse");
    TCase *t = tcase_create("misuse");
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_test(t, what_needs_a_handle_that_is_open_is_misuse_without);
    tcase_add_test(t, what_a_call_is_about_must_be_given);
    tcase_add_test(t, a_list_callback_may_not_keep_the_registry);
    tcase_add_test(t, a_list_callback_may_not_store_a_piece_of_a_large_value);
    suite_add_tcase(suite, t);
    return suite;
}
