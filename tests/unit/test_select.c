/* test_select.c - selecting names as tf-slim does: by expressions over the public name, "v:0". */
#include "select.h"

#include <stdio.h>
#include <string.h>

#include "../support/registry.h"

Suite *test_select_suite(void);

#define TEXT_BYTES 1024

static registry r;
static char text[TEXT_BYTES];

static void open_registry(void)
{
    registry_open(&r);
}

static void close_registry(void)
{
    registry_close(&r);
}

static const varsdb_variable *scalar(const char *name)
{
    return got(r.db, name, VARSDB_WITH(.shape = VARSDB_SCALAR, .initializer = "zeros"));
}

static void scalars(const char *const *names)
{
    for (; *names; names++)
        scalar(*names);
}

static void add_name(const char *name)
{
    size_t n = strlen(text);
    snprintf(text + n, TEXT_BYTES - n, "%s%s", n ? " " : "", name);
}

static int note_variable(void *payload, const varsdb_variable *v)
{
    (void)payload;
    add_name(varsdb_variable_name(v));
    return 0;
}

static int note_info(void *payload, const varsdb_variable_info *info)
{
    (void)payload;
    add_name(info->name);
    return 0;
}

/* ---- expressions */

static bool selects(const char *prefix, const char *suffix, const char *name)
{
    vdb_error e;
    vdb_match *m = NULL;
    vdb_buf scratch = {0};
    bool yes = false;
    ck_assert_msg(vdb_select_new(&e, prefix, suffix, &m) == VARSDB_OK, "%s: %s", prefix, e.text);
    ck_assert_int_eq(vdb_select_matches(m, &e, name, strlen(name), &scratch, &yes), VARSDB_OK);
    vdb_match_free(m);
    vdb_buf_release(&scratch);
    return yes;
}

START_TEST(prefixes_are_expressions_from_the_beginning)
{
    ck_assert(selects(NULL, NULL, "any/thing"));
    ck_assert(selects("", NULL, "any/thing"));
    ck_assert(selects("foo", NULL, "foo/v"));
    ck_assert(selects("foo", NULL, "foobar/v"));
    ck_assert(selects("foo", NULL, "foo_1/v"));
    ck_assert(!selects("foo/", NULL, "foobar/v"));
    ck_assert(!selects("foo", NULL, "a/foo"));
    ck_assert(!selects("Foo", NULL, "foo/v"));
    ck_assert(selects("layer.1/", NULL, "layerX1/v"));
    ck_assert(!selects("layer\\.1/", NULL, "layerX1/v"));
    ck_assert(selects("a|b", NULL, "b/v"));
    ck_assert(!selects("a|b", NULL, "c/b")); /* every branch begins at the beginning */
    ck_assert(selects("v:0$", NULL, "v"));
    ck_assert(!selects("v$", NULL, "v"));
    ck_assert(!selects("v:0$", NULL, "v1"));
}
END_TEST

START_TEST(suffixes_end_the_name)
{
    ck_assert(selects(NULL, "a", "A/a"));
    ck_assert(selects(NULL, "a", "A/fooa"));
    ck_assert(selects(NULL, "a", "a"));
    ck_assert(!selects(NULL, "a", "A/ab"));
    ck_assert(!selects(NULL, "a", "a/b"));
    ck_assert(selects(NULL, "/a", "A/a"));
    ck_assert(!selects(NULL, "/a", "A/fooa"));
    ck_assert(!selects(NULL, "/a", "a")); /* below a scope only */
    ck_assert(selects("A", "a", "A/a"));
    ck_assert(!selects("B", "a", "A/a"));
    ck_assert(selects(NULL, "a:0", "A/a")); /* one with a colon is taken as it is */
    ck_assert(!selects(NULL, "a:1", "A/a"));
}
END_TEST

START_TEST(bad_expressions_are_invalid)
{
    vdb_error e;
    vdb_match *m = NULL;
    ck_assert_int_eq(vdb_select_new(&e, "a(", NULL, &m), VARSDB_INVALID);
    ck_assert_int_eq(vdb_select_new(&e, NULL, "[a", &m), VARSDB_INVALID);
    /* No expression by itself, and inside a group it would match anywhere. */
    ck_assert_int_eq(vdb_select_new(&e, "a)|(?:b", NULL, &m), VARSDB_INVALID);
    ck_assert_ptr_nonnull(strstr(e.text, "'a)|(?:b'"));
    ck_assert_ptr_null(m);
}
END_TEST

static const char *listed(const char *collection, const char *prefix, const char *suffix)
{
    text[0] = '\0';
    ok(r.db, varsdb_list_variables(
                 r.db, VARSDB_FILTER(.collection = collection, .match_prefix = prefix, .suffix = suffix),
                 note_info, NULL));
    return text;
}

START_TEST(lists_take_prefix_and_suffix)
{
    scalars((const char *const[]){"a", "A/a", "A/fooa", "B/a", "AB/a", "A/b", NULL});
    ck_assert_str_eq(listed(VARSDB_GLOBAL, "A", NULL), "A/a A/fooa AB/a A/b");
    ck_assert_str_eq(listed(VARSDB_GLOBAL, "A/", NULL), "A/a A/fooa A/b");
    ck_assert_str_eq(listed(VARSDB_GLOBAL, NULL, "a"), "a A/a A/fooa B/a AB/a");
    ck_assert_str_eq(listed(VARSDB_GLOBAL, NULL, "/a"), "A/a B/a AB/a");
    ck_assert_str_eq(listed(VARSDB_GLOBAL, "A", "/a"), "A/a AB/a");
    ck_assert_str_eq(listed(VARSDB_GLOBAL, "A/", "fooa"), "A/fooa");
    ck_assert_str_eq(listed(VARSDB_GLOBAL, ".*/a:|^a:", NULL), "a A/a B/a AB/a"); /* by last component */
    ck_assert_str_eq(listed(VARSDB_MODEL, "A", NULL), "");
}
END_TEST

/* ---- the unique one */

START_TEST(unique_is_the_exact_name)
{
    const varsdb_variable *found = NULL, *a = scalar("net/a"), *b = scalar("net/ab");
    ok(r.db, varsdb_find_unique(r.db, "net/a", &found));
    ck_assert_ptr_eq(found, a);
    ok(r.db, varsdb_find_unique(r.db, "net/ab", &found));
    ck_assert_ptr_eq(found, b);
    found = NULL;
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_unique(r.db, "a", &found));
    says(r.db, "begins with a");
    expect(r.db, VARSDB_INVALID, varsdb_find_unique(r.db, "net", &found));
    says(r.db, "net is not unique: 2");
    /* One only begins so, but that is not exact. */
    scalar("other/w");
    expect(r.db, VARSDB_INVALID, varsdb_find_unique(r.db, "other", &found));
    expect(r.db, VARSDB_INVALID, varsdb_find_unique(r.db, "net/(", &found));
    expect(r.db, VARSDB_MISUSE, varsdb_find_unique(r.db, NULL, &found));
    expect(r.db, VARSDB_MISUSE, varsdb_find_unique(r.db, "net/a", NULL));
    ck_assert_ptr_null(found);
}
END_TEST

START_TEST(unique_is_sought_in_global_alone)
{
    const varsdb_variable *found = NULL, *v = NULL;
    ok(r.db, varsdb_local_variable(r.db, "count", VARSDB_WITH(.shape = VARSDB_SCALAR), NULL, &v));
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_unique(r.db, "count", &found));
    ok(r.db, varsdb_collect(r.db, VARSDB_GLOBAL, v));
    ok(r.db, varsdb_find_unique(r.db, "count", &found));
    ck_assert_ptr_eq(found, v);
    ok(r.db, varsdb_use_namespace(r.db, "other"));
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_unique(r.db, "count", &found));
}
END_TEST

/* ---- to restore */

static const char *to_restore(const char *const *include, const char *const *exclude)
{
    text[0] = '\0';
    ok(r.db, varsdb_list_to_restore(r.db, include, exclude, note_variable, NULL));
    return text;
}

#define LIST(...)  ((const char *const[]){__VA_ARGS__, NULL})
#define EMPTY_LIST ((const char *const[]){NULL})

START_TEST(restored_is_what_is_included_and_not_excluded)
{
    const varsdb_variable *v = NULL;
    scalars(LIST("A/a", "vgg_16/fc8/w", "B/a", "vgg_16/fc7/w", "A/b"));
    ok(r.db, varsdb_local_variable(r.db, "A/local", VARSDB_WITH(.shape = VARSDB_SCALAR), NULL, &v));
    ck_assert_str_eq(to_restore(NULL, NULL), "A/a vgg_16/fc8/w B/a vgg_16/fc7/w A/b");
    ck_assert_str_eq(to_restore(LIST("A"), NULL), "A/a A/b");
    ck_assert_str_eq(to_restore(LIST("a"), NULL), "");
    ck_assert_str_eq(to_restore(EMPTY_LIST, NULL), "");
    ck_assert_str_eq(to_restore(NULL, EMPTY_LIST), "A/a vgg_16/fc8/w B/a vgg_16/fc7/w A/b");
    ck_assert_str_eq(to_restore(NULL, LIST("fc8")), "A/a vgg_16/fc8/w B/a vgg_16/fc7/w A/b");
    ck_assert_str_eq(to_restore(NULL, LIST("vgg_16/fc8")), "A/a B/a vgg_16/fc7/w A/b");
    ck_assert_str_eq(to_restore(LIST("A", "vgg"), LIST("A/b", ".*fc7")), "A/a vgg_16/fc8/w");
}
END_TEST

START_TEST(overlapping_includes_repeat_in_their_order)
{
    scalars(LIST("A/a", "B/a", "A/b"));
    ck_assert_str_eq(to_restore(LIST("B", "A"), NULL), "B/a A/a A/b");
    ck_assert_str_eq(to_restore(LIST("A", ".*/a"), NULL), "A/a A/b A/a B/a");
    ck_assert_str_eq(to_restore(LIST("A", "A"), LIST("A/a")), "A/b A/b");
}
END_TEST

static int stop_at_once(void *payload, const varsdb_variable *v)
{
    (void)v;
    ++*(int *)payload;
    return 1;
}

START_TEST(lists_stop_when_told_and_refuse_bad_expressions)
{
    int calls = 0;
    scalars(LIST("a", "b"));
    expect(r.db, VARSDB_CANCELLED, varsdb_list_to_restore(r.db, NULL, NULL, stop_at_once, &calls));
    ck_assert_int_eq(calls, 1);
    expect(r.db, VARSDB_INVALID, varsdb_list_to_restore(r.db, LIST("("), NULL, stop_at_once, &calls));
    expect(r.db, VARSDB_INVALID, varsdb_list_to_restore(r.db, NULL, LIST("("), stop_at_once, &calls));
    expect(r.db, VARSDB_MISUSE, varsdb_list_to_restore(r.db, NULL, NULL, NULL, NULL));
    expect(r.db, VARSDB_MISUSE, varsdb_report_uninitialized(r.db, NULL, NULL));
    ck_assert_int_eq(calls, 1);
}
END_TEST

static int write_meanwhile(void *payload, const varsdb_variable *v)
{
    *(int *)payload = varsdb_assign_json(r.db, v, "1");
    return 0;
}

START_TEST(callbacks_may_not_write)
{
    int rc = VARSDB_OK;
    const varsdb_variable *v = scalar("a");
    ok(r.db, varsdb_list_to_restore(r.db, NULL, NULL, write_meanwhile, &rc));
    ck_assert_int_eq(rc, VARSDB_MISUSE);
    ck_assert_int_eq(version_of(r.db, v), 1);
}
END_TEST

/* ---- filtering */

static const char *filtered(const char *const *include, const char *const *exclude, int search)
{
    static const char *const names[] = {"conv1/weights", "conv1/biases", "fc/weights", "weights"};
    const varsdb_variable *all[4], *kept[4];
    size_t count = 0;
    for (int i = 0; i < 4; i++)
        all[i] = scalar(names[i]);
    ok(r.db, varsdb_filter_variables(r.db, all, 4, include, exclude, search, kept, &count));
    text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        add_name(varsdb_variable_name(kept[i]));
    return text;
}

START_TEST(filters_search_or_match_from_the_beginning)
{
    ck_assert_str_eq(filtered(NULL, NULL, 1), "conv1/weights conv1/biases fc/weights weights");
    ck_assert_str_eq(filtered(LIST("weights"), NULL, 1), "conv1/weights fc/weights weights");
    ck_assert_str_eq(filtered(LIST("weights"), NULL, 0), "weights");
    ck_assert_str_eq(filtered(LIST("fc", "conv1"), NULL, 0), "conv1/weights conv1/biases fc/weights");
    ck_assert_str_eq(filtered(LIST("weights", "conv1"), LIST("fc"), 1),
                     "conv1/weights conv1/biases weights"); /* in the list's order, none twice */
    ck_assert_str_eq(filtered(NULL, LIST("biases:0$"), 1), "conv1/weights fc/weights weights");
    ck_assert_str_eq(filtered(NULL, LIST("biases"), 0), "conv1/weights conv1/biases fc/weights weights");
    ck_assert_str_eq(filtered(NULL, EMPTY_LIST, 1), "conv1/weights conv1/biases fc/weights weights");
    ck_assert_str_eq(filtered(EMPTY_LIST, NULL, 1), "");
}
END_TEST

START_TEST(a_filter_that_fails_writes_nothing)
{
    const varsdb_variable *all[2] = {scalar("a"), scalar("b")}, *kept[2] = {NULL, NULL};
    size_t count = 7;
    expect(r.db, VARSDB_INVALID, varsdb_filter_variables(r.db, all, 2, LIST("("), NULL, 1, kept, &count));
    expect(r.db, VARSDB_MISUSE, varsdb_filter_variables(r.db, NULL, 2, NULL, NULL, 1, kept, &count));
    expect(r.db, VARSDB_MISUSE, varsdb_filter_variables(r.db, all, 2, NULL, NULL, 1, kept, NULL));
    ok(r.db, varsdb_delete_variable(r.db, all[1]));
    expect(r.db, VARSDB_GONE, varsdb_filter_variables(r.db, all, 2, NULL, NULL, 1, kept, &count));
    ck_assert_ptr_null(kept[0]);
    ck_assert_uint_eq(count, 7);
    ok(r.db, varsdb_filter_variables(r.db, NULL, 0, NULL, NULL, 1, NULL, &count));
    ck_assert_uint_eq(count, 0);
}
END_TEST

/* ---- assigning by name */

static float value_of(const varsdb_variable *v)
{
    float x = -1;
    ok(r.db, varsdb_read(r.db, v, &x, sizeof x));
    return x;
}

START_TEST(values_are_assigned_to_their_names)
{
    static const float five = 5, six = 6;
    const varsdb_variable *a = scalar("net/a"), *ab = scalar("net/ab"), *w = scalar("other/w");
    ok(r.db,
       varsdb_assign_values(
           r.db, (const varsdb_named_value[]){{"net/a", &five, sizeof five}, {"other", &six, sizeof six}},
           2));
    ck_assert_float_eq(value_of(a), 5);
    ck_assert_float_eq(value_of(ab), 0);
    ck_assert_float_eq(value_of(w), 6); /* the only one that begins so stands for it */
    ck_assert_int_eq(version_of(r.db, a), 2);
    ok(r.db, varsdb_assign_values(r.db, NULL, 0));
}
END_TEST

static void check_none_assigned(const varsdb_variable *a, int code, const char *said, varsdb_named_value bad)
{
    static const float five = 5;
    const varsdb_named_value values[] = {{"net/a", &five, sizeof five}, bad};
    expect(r.db, code, varsdb_assign_values(r.db, values, 2));
    says(r.db, said);
    ck_assert_float_eq(value_of(a), 0);
    ck_assert_int_eq(version_of(r.db, a), 1);
}

START_TEST(values_are_assigned_all_or_none)
{
    static const float six[2] = {6, 6};
    static const unsigned char two = 2;
    const varsdb_variable *a = scalar("net/a");
    scalars(LIST("net/ab", "w"));
    got(r.db, "flag", VARSDB_WITH(.value_json = "true", .dtype = VARSDB_BOOL));
    for (int inside = 0; inside < 2; inside++) {
        if (inside)
            ok(r.db, varsdb_begin(r.db));
        check_none_assigned(a, VARSDB_NOTFOUND, "begins with nobody", (varsdb_named_value){"nobody", six, 4});
        check_none_assigned(a, VARSDB_INVALID, "net is not unique: 2", (varsdb_named_value){"net", six, 4});
        check_none_assigned(a, VARSDB_INVALID, "variable w", (varsdb_named_value){"w", six, 8});
        check_none_assigned(a, VARSDB_INVALID, "variable flag", (varsdb_named_value){"flag", &two, 1});
        check_none_assigned(a, VARSDB_MISUSE, "needs a name", (varsdb_named_value){NULL, six, 4});
        check_none_assigned(a, VARSDB_MISUSE, "needs a name", (varsdb_named_value){"w", NULL, 4});
    }
    /* None of it doomed the transaction. */
    ok(r.db, varsdb_assign_values(r.db, (const varsdb_named_value[]){{"net/a", six, 4}}, 1));
    ok(r.db, varsdb_commit(r.db));
    ck_assert_float_eq(value_of(a), 6);
}
END_TEST

/* ---- without a value */

START_TEST(uninitialized_are_global_then_local)
{
    const varsdb_variable_options *none = VARSDB_WITH(.shape = VARSDB_SHAPE(2), .initializer = "none");
    const varsdb_variable *local = NULL, *both = NULL;
    text[0] = '\0';
    ok(r.db, varsdb_report_uninitialized(r.db, note_variable, NULL));
    ck_assert_str_eq(text, "");
    ok(r.db, varsdb_local_variable(r.db, "local", none, NULL, &local));
    ok(r.db, varsdb_local_variable(r.db, "both", none, NULL, &both));
    ok(r.db, varsdb_collect(r.db, VARSDB_GLOBAL, both));
    const varsdb_variable *b = got(r.db, "b", none);
    scalar("has_a_value");
    got(r.db, "a", none);
    got(r.db, "no_elements", VARSDB_WITH(.shape = VARSDB_SHAPE(0)));
    got(r.db, "mine",
        VARSDB_WITH(.shape = VARSDB_SHAPE(2), .initializer = "none", .collections = LIST("mine")));
    ok(r.db, varsdb_report_uninitialized(r.db, note_variable, NULL));
    ck_assert_str_eq(text, "both b a local");
    ok(r.db, varsdb_assign_json(r.db, b, "[1,2]"));
    ok(r.db, varsdb_assign_json(r.db, local, "[1,2]"));
    text[0] = '\0';
    ok(r.db, varsdb_report_uninitialized(r.db, note_variable, NULL));
    ck_assert_str_eq(text, "both a");
}
END_TEST

/* Renames and deletions of another handle are seen at once. */
START_TEST(selections_follow_another_handle)
{
    const varsdb_variable *theirs = NULL, *found = NULL, *w = scalar("w");
    scalar("x");
    varsdb *another = registry_another(&r);
    ok(another, varsdb_find_variable(another, "w", &theirs));
    ok(another, varsdb_rename_variable(another, theirs, "renamed"));
    ok(r.db, varsdb_find_unique(r.db, "renamed", &found));
    ck_assert_ptr_eq(found, w);
    ck_assert_str_eq(to_restore(LIST("renamed"), NULL), "renamed");
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_unique(r.db, "w", &found));
    ok(another, varsdb_delete_variable(another, theirs));
    ck_assert_str_eq(to_restore(NULL, NULL), "x");
    varsdb_close(another);
}
END_TEST

Suite *test_select_suite(void)
{
    Suite *suite = suite_create("select");
    TCase *tests = tcase_create("select");
    tcase_set_timeout(tests, 30);
    tcase_add_checked_fixture(tests, open_registry, close_registry);
    tcase_add_test(tests, prefixes_are_expressions_from_the_beginning);
    tcase_add_test(tests, suffixes_end_the_name);
    tcase_add_test(tests, bad_expressions_are_invalid);
    tcase_add_test(tests, lists_take_prefix_and_suffix);
    tcase_add_test(tests, unique_is_the_exact_name);
    tcase_add_test(tests, unique_is_sought_in_global_alone);
    tcase_add_test(tests, restored_is_what_is_included_and_not_excluded);
    tcase_add_test(tests, overlapping_includes_repeat_in_their_order);
    tcase_add_test(tests, lists_stop_when_told_and_refuse_bad_expressions);
    tcase_add_test(tests, callbacks_may_not_write);
    tcase_add_test(tests, filters_search_or_match_from_the_beginning);
    tcase_add_test(tests, a_filter_that_fails_writes_nothing);
    tcase_add_test(tests, values_are_assigned_to_their_names);
    tcase_add_test(tests, values_are_assigned_all_or_none);
    tcase_add_test(tests, uninitialized_are_global_then_local);
    tcase_add_test(tests, selections_follow_another_handle);
    suite_add_tcase(suite, tests);
    return suite;
}
