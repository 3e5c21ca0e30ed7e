/* test_diff.c - differences between pictures of a registry, against what was done to it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/faulty.h"
#include "../support/registry.h"

Suite *test_diff_suite(void);

static registry r;

static void open_registry(void)
{
    registry_open(&r);
}

static void close_registry(void)
{
    registry_close(&r);
}

static const varsdb_variable *make(const char *name, const char *json)
{
    return got(r.db, name, VARSDB_WITH(.value_json = json));
}

static void assign(const char *name, const char *json)
{
    const varsdb_variable *v;
    ok(r.db, varsdb_find_variable(r.db, name, &v));
    ok(r.db, varsdb_assign_json(r.db, v, json));
}

static void remove_variable(const char *name)
{
    const varsdb_variable *v;
    ok(r.db, varsdb_find_variable(r.db, name, &v));
    ok(r.db, varsdb_delete_variable(r.db, v));
}

static void rename_variable(const char *from, const char *to)
{
    const varsdb_variable *v;
    ok(r.db, varsdb_find_variable(r.db, from, &v));
    ok(r.db, varsdb_rename_variable(r.db, v, to));
}

static int64_t snapshot(void)
{
    int64_t id;
    ok(r.db, varsdb_take_snapshot(r.db, NULL, &id));
    return id;
}

/* ---- differences as text, a line each */

typedef struct told {
    char text[8192];
    size_t lines, stop_at;  /* 0: never */
    double max_abs, rel_l2; /* of the last */
} told;

static void add_side(told *t, varsdb_dtype dtype, const char *shape)
{
    size_t at = strlen(t->text);
    ck_assert((dtype != VARSDB_DTYPE_NOT_SAID) == (shape != NULL));
    snprintf(t->text + at, sizeof t->text - at, " %s%s", shape ? varsdb_dtype_name(dtype) : "-",
             shape ? shape : "");
}

static int collect(void *payload, const varsdb_difference *d)
{
    static const char *const words[] = {"added", "removed", "renamed", "type", "value"};
    told *t = payload;
    size_t at = strlen(t->text);
    ck_assert_uint_eq(d->size, sizeof *d);
    snprintf(t->text + at, sizeof t->text - at, "%s %s", words[d->change], d->name);
    if (strcmp(d->name, d->old_name) != 0) {
        at = strlen(t->text);
        snprintf(t->text + at, sizeof t->text - at, " was %s", d->old_name);
    }
    add_side(t, d->old_dtype, d->old_shape_json);
    add_side(t, d->dtype, d->shape_json);
    at = strlen(t->text);
    if (d->has_delta)
        snprintf(t->text + at, sizeof t->text - at, " %g %g", d->max_abs, d->rel_l2);
    else
        ck_assert(d->max_abs == 0 && d->rel_l2 == 0);
    t->max_abs = d->max_abs;
    t->rel_l2 = d->rel_l2;
    at = strlen(t->text);
    snprintf(t->text + at, sizeof t->text - at, "\n");
    return ++t->lines == t->stop_at;
}

static told told_of(int64_t from, int64_t to, const varsdb_diff_options *options)
{
    told t = {0};
    ok(r.db, varsdb_diff(r.db, from, to, options, collect, &t));
    return t;
}

static void check_diff(int64_t from, int64_t to, const varsdb_diff_options *options, const char *expected)
{
    told t = told_of(from, to, options);
    ck_assert_msg(strcmp(t.text, expected) == 0, "it says\n%sand not\n%s", t.text, expected);
}

/* ---- what can happen to a variable */

/* Made in no order, so that the order of the differences is theirs. */
static void make_all(void)
{
    make("h/reshaped", "[1,2,3,4,5,6]");
    make("b/changed", "[6,8,0]");
    make("z/same", "[1,2]");
    make("c/removed", "1");
    make("i/retyped", "[1,2]");
    make("e/renamed", "[3]");
    make("f/renamed_and_changed", "[3,4]");
    got(r.db, "j/started", VARSDB_WITH(.shape = VARSDB_SHAPE(2), .initializer = "none"));
    make("k/lost", "[1,7]");
    got(r.db, "l/text", VARSDB_WITH(.value_json = "[\"a\",\"b\"]", .dtype = VARSDB_STRING));
    got(r.db, "m/unset", VARSDB_WITH(.shape = VARSDB_SHAPE(2), .initializer = "none"));
}

static void change_all(void)
{
    assign("b/changed", "[9,4,0]"); /* by 3 and -4; the norm was 10 */
    remove_variable("c/removed");
    make("d/added", "[[1,2]]");
    rename_variable("e/renamed", "a/renamed");
    rename_variable("f/renamed_and_changed", "x/new");
    assign("x/new", "[3,9]"); /* by 5; the norm was 5 */
    remove_variable("h/reshaped");
    make("h/reshaped", "[[1,2,3],[4,5,6]]");
    remove_variable("i/retyped");
    got(r.db, "i/retyped", VARSDB_WITH(.value_json = "[1,2]", .dtype = VARSDB_INT32));
    assign("j/started", "[1,1]");
    remove_variable("k/lost");
    got(r.db, "k/lost", VARSDB_WITH(.shape = VARSDB_SHAPE(2), .initializer = "none"));
    assign("l/text", "[\"a\",\"c\"]");
}

static const char forward[] = "renamed a/renamed was e/renamed float32[1] float32[1]\n"
                              "value b/changed float32[3] float32[3] 4 0.5\n"
                              "removed c/removed float32[] -\n"
                              "added d/added - float32[1,2]\n"
                              "type h/reshaped float32[6] float32[2,3]\n"
                              "type i/retyped float32[2] int32[2]\n"
                              "value j/started float32[2] float32[2]\n"
                              "value k/lost float32[2] float32[2]\n"
                              "value l/text string[2] string[2]\n"
                              "renamed x/new was f/renamed_and_changed float32[2] float32[2]\n"
                              "value x/new was f/renamed_and_changed float32[2] float32[2] 5 1\n";
/* norms of the new ones: sqrt(97), sqrt(90) */
static const char backward[] = "value b/changed float32[3] float32[3] 4 0.507673\n"
                               "added c/removed - float32[]\n"
                               "removed d/added float32[1,2] -\n"
                               "renamed e/renamed was a/renamed float32[1] float32[1]\n"
                               "renamed f/renamed_and_changed was x/new float32[2] float32[2]\n"
                               "value f/renamed_and_changed was x/new float32[2] float32[2] 5 0.527046\n"
                               "type h/reshaped float32[2,3] float32[6]\n"
                               "type i/retyped int32[2] float32[2]\n"
                               "value j/started float32[2] float32[2]\n"
                               "value k/lost float32[2] float32[2]\n"
                               "value l/text string[2] string[2]\n";

START_TEST(each_change_is_told_by_name_in_both_directions)
{
    make_all();
    int64_t before = snapshot();
    check_diff(before, 0, NULL, "");
    check_diff(before, before, NULL, "");
    check_diff(0, 0, NULL, "");
    change_all();
    int64_t after = snapshot();
    check_diff(before, 0, NULL, forward);
    check_diff(before, after, NULL, forward);
    check_diff(0, before, NULL, backward);
    check_diff(after, before, NULL, backward);
    check_diff(after, 0, NULL, "");
}
END_TEST

START_TEST(an_identity_is_more_than_a_name_or_an_id)
{
    make("v", "[1,2]");
    int64_t before = snapshot();
    rename_variable("v", "w");
    int64_t after = snapshot();
    check_diff(before, after, NULL, "renamed w was v float32[2] float32[2]\n");
    remove_variable("w");
    make("w", "[1,2]");
    /* SQLite gives it the id of the one that was deleted */
    check_diff(before, 0, NULL, "removed v float32[2] -\nadded w - float32[2]\n");
    check_diff(after, 0, NULL, "");
}
END_TEST

/* Names come first: two that changed places are two changed values. */
START_TEST(names_that_changed_places_are_values_that_changed)
{
    make("a", "1");
    make("b", "2");
    int64_t before = snapshot();
    rename_variable("a", "c");
    rename_variable("b", "a");
    rename_variable("c", "b");
    check_diff(before, 0, NULL, "value a float32[] float32[] 1 1\nvalue b float32[] float32[] 1 0.5\n");
}
END_TEST

START_TEST(assigning_back_is_no_difference)
{
    make("a", "[1,2]");
    int64_t first = snapshot();
    assign("a", "[1,3]");
    int64_t second = snapshot();
    assign("a", "[1,2]");
    check_diff(first, 0, NULL, "");
    check_diff(first, second, NULL, "value a float32[2] float32[2] 1 0.447214\n");
}
END_TEST

/* ---- what is compared */

START_TEST(hashes_alone_have_no_delta)
{
    make_all();
    int64_t before = snapshot();
    change_all();
    /* values that cannot be read are not missed */
    registry_sql(&r, "UPDATE varsdb_tensors SET inline = zeroblob(length(inline))");
    told t = told_of(before, 0, VARSDB_DIFF(.hashes_only = 1));
    ck_assert_uint_eq(t.lines, 11);
    ck_assert_ptr_nonnull(strstr(t.text, "value b/changed float32[3] float32[3]\n"));
    told stopped = {0};
    expect(r.db, VARSDB_CORRUPT, varsdb_diff(r.db, before, 0, NULL, collect, &stopped));
    says(r.db, "b/changed");
    ck_assert_uint_eq(stopped.lines, 1);
}
END_TEST

START_TEST(the_filter_is_over_names_of_either_side)
{
    make_all();
    int64_t before = snapshot();
    change_all();
    check_diff(before, 0, VARSDB_DIFF(.filter = VARSDB_FILTER(.match = "^[bh]/")),
               "value b/changed float32[3] float32[3] 4 0.5\ntype h/reshaped float32[6] float32[2,3]\n");
    static const char moved[] = "renamed a/renamed was e/renamed float32[1] float32[1]\n";
    check_diff(before, 0, VARSDB_DIFF(.filter = VARSDB_FILTER(.scope = "e")), moved);
    check_diff(before, 0, VARSDB_DIFF(.filter = VARSDB_FILTER(.scope = "a")), moved);
    check_diff(before, 0, VARSDB_DIFF(.filter = VARSDB_FILTER(.glob = "f/*")),
               "renamed x/new was f/renamed_and_changed float32[2] float32[2]\n"
               "value x/new was f/renamed_and_changed float32[2] float32[2] 5 1\n");
    check_diff(before, 0, VARSDB_DIFF(.filter = VARSDB_FILTER(.match = "nowhere")), "");
}
END_TEST

START_TEST(the_present_is_global_or_the_collection)
{
    const varsdb_variable *a = make("a", "1"), *local, *b = make("b", "2");
    int created;
    ok(r.db, varsdb_local_variable(r.db, "counter", VARSDB_WITH(.value_json = "0"), &created, &local));
    ok(r.db, varsdb_collect(r.db, "mine", a));
    int64_t before = snapshot(), whole;
    ok(r.db,
       varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.filter = VARSDB_FILTER(.collection = NULL)), &whole));
    check_diff(before, 0, NULL, "");
    /* a snapshot is compared as it is */
    check_diff(whole, 0, NULL, "removed counter float32[] -\n");
    check_diff(whole, 0, VARSDB_DIFF(.filter = VARSDB_FILTER(.collection = "LOCAL")), "");
    assign("a", "3");
    assign("b", "4");
    ok(r.db, varsdb_collect(r.db, "mine", b));
    check_diff(before, 0, VARSDB_DIFF(.filter = VARSDB_FILTER(.collection = "mine")),
               "value a float32[] float32[] 2 2\nadded b - float32[]\n");
}
END_TEST

/* ---- numbers */

START_TEST(special_values_are_told)
{
    make("nan", "[6,8,0]");
    make("infinite", "[6,8,0]");
    make("still_nan", "[6,8,\"NaN\"]");
    make("zero", "[0,0,0]");
    int64_t before = snapshot();
    assign("nan", "[9,4,\"NaN\"]");
    assign("infinite", "[9,4,\"-Infinity\"]");
    assign("still_nan", "[9,4,\"NaN\"]");
    assign("zero", "[0,1,0]");
    told t = told_of(before, 0, VARSDB_DIFF(.filter = VARSDB_FILTER(.match = "^nan")));
    ck_assert(t.lines == 1 && isnan(t.max_abs) && t.rel_l2 == 0.5);
    check_diff(before, 0, VARSDB_DIFF(.filter = VARSDB_FILTER(.exclude = "^nan")),
               "value infinite float32[3] float32[3] inf 0.5\n"
               "value still_nan float32[3] float32[3] 4 0.5\n"
               "value zero float32[3] float32[3] 1 inf\n");
}
END_TEST

START_TEST(integers_complex_and_packed_values)
{
    got(r.db, "i", VARSDB_WITH(.value_json = "[9223372036854775807,0]", .dtype = VARSDB_INT64));
    got(r.db, "c", VARSDB_WITH(.value_json = "[[3,4]]", .dtype = VARSDB_COMPLEX64));
    got(r.db, "p", VARSDB_WITH(.value_json = "[1,2,2]", .dtype = VARSDB_FLOAT4_E2M1));
    got(r.db, "q", VARSDB_WITH(.value_json = "[true,false]", .dtype = VARSDB_BOOL));
    int64_t before = snapshot();
    assign("i", "[9223372036854775806,0]");
    assign("c", "[[0,0]]");
    assign("p", "[1,2,-4]");
    assign("q", "[true,true]");
    check_diff(before, 0, NULL,
               "value c complex64[1] complex64[1] 5 1\n"
               "value i int64[2] int64[2] 1 1.0842e-19\n"
               "value p float4_e2m1[3] float4_e2m1[3] 6 2\n"
               "value q bool[2] bool[2] 1 1\n");
}
END_TEST

/* ---- the call */

START_TEST(what_is_wrong_is_said)
{
    told t = {0};
    make("a", "1");
    int64_t id = snapshot();
    expect(r.db, VARSDB_NOTFOUND, varsdb_diff(r.db, id + 7, 0, NULL, collect, &t));
    expect(r.db, VARSDB_NOTFOUND, varsdb_diff(r.db, 0, id + 7, NULL, collect, &t));
    expect(r.db, VARSDB_NOTFOUND, varsdb_diff(r.db, id, -1, NULL, collect, &t));
    expect(r.db, VARSDB_MISUSE, varsdb_diff(r.db, id, 0, NULL, NULL, NULL));
    expect(r.db, VARSDB_MISUSE, varsdb_diff(r.db, id, 0, &(varsdb_diff_options){.size = 1}, collect, &t));
    expect(r.db, VARSDB_MISUSE,
           varsdb_diff(r.db, id, 0, VARSDB_DIFF(.filter = &(varsdb_filter){.size = 1}), collect, &t));
    expect(r.db, VARSDB_INVALID,
           varsdb_diff(r.db, id, 0, VARSDB_DIFF(.filter = VARSDB_FILTER(.match = "(")), collect, &t));
    ck_assert_uint_eq(t.lines, 0);
}
END_TEST

START_TEST(the_caller_may_stop_it)
{
    make_all();
    int64_t before = snapshot();
    change_all();
    told t = {.stop_at = 2};
    expect(r.db, VARSDB_CANCELLED, varsdb_diff(r.db, before, 0, NULL, collect, &t));
    ck_assert_uint_eq(t.lines, 2);
    ck_assert_int_eq(strncmp(t.text, forward, strlen(t.text)), 0);
    check_diff(before, 0, NULL, forward);
}
END_TEST

/* Whichever of its statements fails. */
START_TEST(a_failing_disk_is_told_and_leaves_the_handle_well)
{
    make_all();
    int64_t before = snapshot();
    change_all();
    int64_t after = snapshot();
    int failures = 0;
    faulty_install(r.db);
    for (int64_t to = 0; to <= after; to += after)
        for (int i = 0;; i++) {
            told t = {0};
            faulty_fail(i);
            int rc = varsdb_diff(r.db, before, to, NULL, collect, &t);
            int reached = faulty_failed();
            faulty_fail(-1);
            if (!reached) {
                ck_assert_int_eq(rc, VARSDB_OK);
                ck_assert_str_eq(t.text, forward);
                break;
            }
            failures++;
            ck_assert_int_eq(rc, VARSDB_IO);
            ck_assert_int_eq(strncmp(t.text, forward, strlen(t.text)), 0);
        }
    faulty_remove(r.db);
    ck_assert_int_gt(failures, 10);
    check_diff(before, 0, NULL, forward);
}
END_TEST

/* Names of which some are the beginning of others, and many of them. */
START_TEST(many_names_come_in_order)
{
    enum {
        NAMES = 500
    };
    char name[32], expected[32 * NAMES] = "";
    ok(r.db, varsdb_begin(r.db));
    for (int i = 0; i < NAMES; i++) {
        snprintf(name, sizeof name, "n%d", i * 7919 % 1000);
        make(name, "1");
    }
    ok(r.db, varsdb_commit(r.db));
    int64_t before = snapshot();
    ok(r.db, varsdb_begin(r.db));
    for (int i = 0; i < NAMES; i += 5) {
        snprintf(name, sizeof name, "n%d", i * 7919 % 1000);
        assign(name, "3");
    }
    ok(r.db, varsdb_commit(r.db));
    snprintf(expected, sizeof expected, "%s",
             registry_sql(
                 &r, "SELECT group_concat('value ' || name || ' float32[] float32[] 2 2', char(10)) || "
                     "char(10) FROM (SELECT name FROM varsdb_variables WHERE version = 2 ORDER BY name)"));
    told t = told_of(before, 0, NULL);
    ck_assert_uint_eq(t.lines, NAMES / 5);
    ck_assert_int_eq(strncmp(t.text, expected, strlen(expected)), 0);
}
END_TEST

/* Inside the caller's transaction the present has what was not committed yet. */
START_TEST(a_transaction_sees_its_own_changes)
{
    make("a", "1");
    int64_t before = snapshot();
    ok(r.db, varsdb_begin(r.db));
    assign("a", "2");
    check_diff(before, 0, NULL, "value a float32[] float32[] 1 1\n");
    ok(r.db, varsdb_rollback(r.db));
    check_diff(before, 0, NULL, "");
}
END_TEST

Suite *test_diff_suite(void)
{
    Suite *suite = suite_create("diff");
    TCase *tests = tcase_create("diff");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, open_registry, close_registry);
    tcase_add_test(tests, each_change_is_told_by_name_in_both_directions);
    tcase_add_test(tests, an_identity_is_more_than_a_name_or_an_id);
    tcase_add_test(tests, names_that_changed_places_are_values_that_changed);
    tcase_add_test(tests, assigning_back_is_no_difference);
    tcase_add_test(tests, hashes_alone_have_no_delta);
    tcase_add_test(tests, the_filter_is_over_names_of_either_side);
    tcase_add_test(tests, the_present_is_global_or_the_collection);
    tcase_add_test(tests, special_values_are_told);
    tcase_add_test(tests, integers_complex_and_packed_values);
    tcase_add_test(tests, what_is_wrong_is_said);
    tcase_add_test(tests, the_caller_may_stop_it);
    tcase_add_test(tests, a_failing_disk_is_told_and_leaves_the_handle_well);
    tcase_add_test(tests, many_names_come_in_order);
    tcase_add_test(tests, a_transaction_sees_its_own_changes);
    suite_add_tcase(suite, tests);
    return suite;
}
