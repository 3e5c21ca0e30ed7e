/* test_scope_row.c - what is inherited: open scopes, persistent defaults, and who wins. */
#include <stdio.h>
#include <string.h>

#include "../support/registry.h"

Suite *test_scope_row_suite(void);

static registry r;

static void open_registry(void)
{
    registry_open(&r);
}

static void close_registry(void)
{
    registry_close(&r);
}

static void set_defaults(varsdb *db, const char *scope, varsdb_scope_defaults d)
{
    ok(db, varsdb_set_scope_defaults(db, scope, &d));
}

static const char *column(const char *what, const char *name)
{
    char sql[256];
    snprintf(sql, sizeof sql, "SELECT coalesce(%s, 'NULL') FROM variables WHERE name = '%s'", what, name);
    return registry_sql(&r, sql);
}

#define VECTOR VARSDB_SHAPE(43)

/* ---- open scopes */

START_TEST(nested_scopes_inherit_and_override)
{
    const varsdb_variable_options *vector = VARSDB_WITH(.shape = VECTOR);
    VARSDB_IN_SCOPE (r.db, "a", .initializer = "ones", .regularizer = "l2(0.5)", .dtype = VARSDB_FLOAT64) {
        got(r.db, "v", vector);
        VARSDB_IN_SCOPE (r.db, "b", .initializer = "constant(3)") {
            got(r.db, "v", vector);
            VARSDB_IN_SCOPE (r.db, "c", .regularizer = "none", .dtype = VARSDB_INT32)
                got(r.db, "v", vector);
        }
        got(r.db, "after", vector);
    }
    got(r.db, "outside", vector);
    ck_assert_str_eq(registry_sql(&r, "SELECT name, dtype, initializer, regularizer FROM variables"),
                     "a/v|float64|ones|l2(0.5)\n"
                     "a/b/v|float64|constant(3)|l2(0.5)\n"
                     "a/b/c/v|int32|constant(3)|\n"
                     "a/after|float64|ones|l2(0.5)\n"
                     "outside|float32|glorot_uniform|");
}
END_TEST

START_TEST(a_reentered_object_has_its_own_attributes_not_the_current_ones)
{
    const varsdb_scope *s;
    ok(r.db, varsdb_enter_scope(r.db, "a", VARSDB_SCOPE(.initializer = "ones", .dtype = VARSDB_INT16), &s));
    ok(r.db, varsdb_leave_scope(r.db, s));
    VARSDB_IN_SCOPE (r.db, "b", .initializer = "zeros", .regularizer = "l1(1)", .dtype = VARSDB_INT64) {
        ok(r.db, varsdb_reenter_scope(r.db, s, NULL, NULL));
        got(r.db, "v", VARSDB_WITH(.shape = VECTOR));
        ok(r.db, varsdb_leave_scope(r.db, NULL));
        ok(r.db, varsdb_reenter_scope(r.db, s, VARSDB_SCOPE(.initializer = "constant(2)"), NULL));
        got(r.db, "w", VARSDB_WITH(.shape = VECTOR));
        ok(r.db, varsdb_leave_scope(r.db, NULL));
    }
    ck_assert_str_eq(registry_sql(&r, "SELECT name, dtype, initializer, regularizer FROM variables"),
                     "a/v|int16|ones|\na/w|int16|constant(2)|");
}
END_TEST

/* ---- persistent defaults */

START_TEST(the_nearest_persistent_ancestor_decides)
{
    set_defaults(r.db, "a", (varsdb_scope_defaults){.initializer = "ones", .dtype = VARSDB_INT8});
    set_defaults(r.db, "a/b/c", (varsdb_scope_defaults){.initializer = "constant(5)"});
    got(r.db, "a/v", VARSDB_WITH(.shape = VECTOR));
    got(r.db, "a/b/v", VARSDB_WITH(.shape = VECTOR));
    got(r.db, "a/b/c/d/v", VARSDB_WITH(.shape = VECTOR));
    got(r.db, "ab/v", VARSDB_WITH(.shape = VECTOR));
    ck_assert_str_eq(
        registry_sql(&r, "SELECT name, dtype, initializer FROM variables"),
        "a/v|int8|ones\na/b/v|int8|ones\na/b/c/d/v|int8|constant(5)\nab/v|float32|glorot_uniform");
}
END_TEST

START_TEST(argument_over_open_scope_over_persistent_over_default_of_the_dtype)
{
    set_defaults(r.db, "p",
                 (varsdb_scope_defaults){.initializer = "constant(1)",
                                         .regularizer = "l1(1)",
                                         .partitioner = "fixed_size(2)",
                                         .dtype = VARSDB_FLOAT16});
    got(r.db, "p/persistent", VARSDB_WITH(.shape = VECTOR));
    VARSDB_IN_SCOPE (r.db, "p", .initializer = "constant(2)", .regularizer = "l1(2)",
                     .partitioner = "fixed_size(3)", .dtype = VARSDB_BFLOAT16) {
        got(r.db, "open", VARSDB_WITH(.shape = VECTOR));
        got(r.db, "argument",
            VARSDB_WITH(.shape = VECTOR, .initializer = "constant(3)", .regularizer = "l1(3)",
                        .partitioner = "fixed_size(4)", .dtype = VARSDB_FLOAT64));
    }
    got(r.db, "none", VARSDB_WITH(.shape = VECTOR));
    ck_assert_str_eq(
        registry_sql(&r, "SELECT name, dtype, initializer, regularizer, "
                         "(SELECT count(*) FROM variable_parts p WHERE p.name = v.name) FROM variables v"),
        "p/persistent|float16|constant(1)|l1(1)|2\n"
        "p/open|bfloat16|constant(2)|l1(2)|3\n"
        "p/argument|float64|constant(3)|l1(3)|4\n"
        "none|float32|glorot_uniform||0");
}
END_TEST

START_TEST(none_switches_off_at_every_level)
{
    set_defaults(r.db, "p", (varsdb_scope_defaults){.regularizer = "l1(1)", .partitioner = "fixed_size(2)"});
    set_defaults(r.db, "p/q", (varsdb_scope_defaults){.regularizer = "none", .partitioner = "none"});
    got(r.db, "p/on", VARSDB_WITH(.shape = VECTOR));
    got(r.db, "p/argument", VARSDB_WITH(.shape = VECTOR, .regularizer = "none", .partitioner = "none"));
    got(r.db, "p/q/persistent", VARSDB_WITH(.shape = VECTOR));
    VARSDB_IN_SCOPE (r.db, "p", .regularizer = "none", .partitioner = "none")
        got(r.db, "scope", VARSDB_WITH(.shape = VECTOR));
    ck_assert_str_eq(
        registry_sql(&r, "SELECT name, regularizer, "
                         "(SELECT count(*) FROM variable_parts p WHERE p.name = v.name) FROM variables v"),
        "p/on|l1(1)|2\np/argument||0\np/q/persistent||0\np/scope||0");
}
END_TEST

START_TEST(a_persistent_initializer_none_makes_uninitialized_variables)
{
    set_defaults(r.db, "p", (varsdb_scope_defaults){.initializer = "none"});
    const varsdb_variable *v = got(r.db, "p/v", VARSDB_WITH(.shape = VECTOR));
    ck_assert_int_eq(version_of(r.db, v), 0);
    ck_assert_str_eq(column("initialized", "p/v"), "0");
}
END_TEST

START_TEST(the_root_has_defaults_too)
{
    set_defaults(r.db, "", (varsdb_scope_defaults){.initializer = "ones"});
    got(r.db, "v", VARSDB_WITH(.shape = VECTOR));
    got(r.db, "a/v", VARSDB_WITH(.shape = VECTOR));
    ck_assert_str_eq(column("initializer", "v"), "ones");
    ck_assert_str_eq(column("initializer", "a/v"), "ones");
}
END_TEST

START_TEST(defaults_of_another_handle_are_seen)
{
    varsdb *other = registry_another(&r);
    got(r.db, "p/one", VARSDB_WITH(.shape = VECTOR));
    set_defaults(other, "p", (varsdb_scope_defaults){.initializer = "ones"});
    got(r.db, "p/two", VARSDB_WITH(.shape = VECTOR));
    set_defaults(other, "p", (varsdb_scope_defaults){.initializer = ""});
    got(r.db, "p/three", VARSDB_WITH(.shape = VECTOR));
    varsdb_close(other);
    ck_assert_str_eq(registry_sql(&r, "SELECT group_concat(initializer) FROM variables"),
                     "glorot_uniform,ones,glorot_uniform");
}
END_TEST

START_TEST(null_leaves_and_empty_removes_a_default)
{
    static const char all[] = "SELECT name, initializer, regularizer, dtype FROM scopes";
    set_defaults(
        r.db, "p",
        (varsdb_scope_defaults){.initializer = "ones", .regularizer = "l2(1)", .dtype = VARSDB_INT8});
    set_defaults(r.db, "p", (varsdb_scope_defaults){.regularizer = ""});
    ck_assert_str_eq(registry_sql(&r, all), "p|ones||int8");
    set_defaults(r.db, "p", (varsdb_scope_defaults){.dtype = VARSDB_DTYPE_CLEAR});
    ck_assert_str_eq(registry_sql(&r, all), "p|ones||");
    set_defaults(r.db, "p", (varsdb_scope_defaults){.initializer = "zeros"});
    ck_assert_str_eq(registry_sql(&r, all), "p|zeros||");
}
END_TEST

START_TEST(bad_defaults_are_refused_whole)
{
    static const varsdb_scope_defaults bad[] = {{.initializer = "ones", .regularizer = "l9(1)"},
                                                {.initializer = "nonsense"},
                                                {.initializer = "ones", .partitioner = "cut(1)"},
                                                {.initializer = "ones", .dtype = (varsdb_dtype)777}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        expect(r.db, VARSDB_INVALID, varsdb_set_scope_defaults(r.db, "p", &bad[i]));
    expect(r.db, VARSDB_INVALID,
           varsdb_set_scope_defaults(r.db, "p//q", &(varsdb_scope_defaults){.initializer = "ones"}));
    expect(r.db, VARSDB_MISUSE, varsdb_set_scope_defaults(r.db, NULL, &bad[0]));
    expect(r.db, VARSDB_MISUSE, varsdb_set_scope_defaults(r.db, "p", NULL));
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM scopes"), 0);
}
END_TEST

START_TEST(defaults_that_are_rolled_back_are_forgotten)
{
    ok(r.db, varsdb_begin(r.db));
    set_defaults(r.db, "p", (varsdb_scope_defaults){.initializer = "ones"});
    got(r.db, "p/inside", VARSDB_WITH(.shape = VECTOR));
    ok(r.db, varsdb_rollback(r.db));
    got(r.db, "p/after", VARSDB_WITH(.shape = VECTOR));
    ck_assert_str_eq(registry_sql(&r, "SELECT name, initializer FROM variables"), "p/after|glorot_uniform");
}
END_TEST

/* ---- rows */

static int collect_scope(void *payload, const varsdb_scope_info *info)
{
    char *out = payload;
    size_t at = strlen(out);
    snprintf(out + at, 512 - at, "%s:%d:%d:%d:%s ", info->name, (int)info->variables, (int)info->elements,
             (int)info->bytes, info->defaults.initializer ? info->defaults.initializer : "-");
    return strcmp(info->name, "stop") == 0;
}

START_TEST(scopes_are_listed_by_name_with_counts_of_their_subtree)
{
    char text[512] = "";
    set_defaults(r.db, "z", (varsdb_scope_defaults){.initializer = "ones"});
    got(r.db, "a/b/v", VARSDB_WITH(.shape = VARSDB_SHAPE(2, 3)));
    got(r.db, "a/w", VARSDB_WITH(.shape = VARSDB_SHAPE(4), .dtype = VARSDB_INT8));
    got(r.db, "ab/w", VARSDB_WITH(.shape = VARSDB_SCALAR));
    got(r.db, "a-b/w", VARSDB_WITH(.shape = VARSDB_SCALAR));
    ok(r.db, varsdb_list_scopes(r.db, NULL, collect_scope, text));
    ck_assert_str_eq(text, "a:2:10:28:- a-b:1:1:4:- a/b:1:6:24:- ab:1:1:4:- z:0:0:0:ones ");
    text[0] = '\0';
    ok(r.db, varsdb_list_scopes(r.db, "a", collect_scope, text));
    ck_assert_str_eq(text, "a:2:10:28:- a/b:1:6:24:- ");
    expect(r.db, VARSDB_NOTFOUND, varsdb_list_scopes(r.db, "b", collect_scope, text));
    expect(r.db, VARSDB_MISUSE, varsdb_list_scopes(r.db, NULL, NULL, NULL));
    got(r.db, "stop/w", VARSDB_WITH(.shape = VARSDB_SCALAR));
    expect(r.db, VARSDB_CANCELLED, varsdb_list_scopes(r.db, "stop", collect_scope, text));
}
END_TEST

START_TEST(empty_scopes_are_pruned_but_not_those_with_defaults)
{
    const varsdb_variable *v = got(r.db, "a/b/c/v", VARSDB_WITH(.shape = VECTOR));
    set_defaults(r.db, "a", (varsdb_scope_defaults){.initializer = "ones"});
    ck_assert_str_eq(registry_sql(&r, "SELECT group_concat(name) FROM scopes"), "a,a/b,a/b/c");
    ok(r.db, varsdb_delete_variable(r.db, v));
    ck_assert_str_eq(registry_sql(&r, "SELECT group_concat(name) FROM scopes"), "a");
    got(r.db, "a/b/v", VARSDB_WITH(.shape = VECTOR));
    ck_assert_str_eq(registry_sql(&r, "SELECT group_concat(name) FROM scopes"), "a,a/b");
}
END_TEST

START_TEST(a_changed_scope_row_is_found_damaged)
{
    const varsdb_variable *v = NULL;
    set_defaults(r.db, "p", (varsdb_scope_defaults){.initializer = "ones"});
    registry_sql(&r, "UPDATE varsdb_scopes SET initializer = 'zeros' WHERE path = 'p'");
    registry_reopen(&r);
    expect(r.db, VARSDB_CORRUPT, varsdb_get_variable(r.db, "p/v", VARSDB_WITH(.shape = VECTOR), NULL, &v));
    says(r.db, "scope");
    ck_assert_ptr_null(v);
}
END_TEST

Suite *test_scope_row_suite(void)
{
    Suite *suite = suite_create("scope_row");
    TCase *t = tcase_create("scope_row");
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_test(t, nested_scopes_inherit_and_override);
    tcase_add_test(t, a_reentered_object_has_its_own_attributes_not_the_current_ones);
    tcase_add_test(t, the_nearest_persistent_ancestor_decides);
    tcase_add_test(t, argument_over_open_scope_over_persistent_over_default_of_the_dtype);
    tcase_add_test(t, none_switches_off_at_every_level);
    tcase_add_test(t, a_persistent_initializer_none_makes_uninitialized_variables);
    tcase_add_test(t, the_root_has_defaults_too);
    tcase_add_test(t, defaults_of_another_handle_are_seen);
    tcase_add_test(t, null_leaves_and_empty_removes_a_default);
    tcase_add_test(t, bad_defaults_are_refused_whole);
    tcase_add_test(t, defaults_that_are_rolled_back_are_forgotten);
    tcase_add_test(t, scopes_are_listed_by_name_with_counts_of_their_subtree);
    tcase_add_test(t, empty_scopes_are_pruned_but_not_those_with_defaults);
    tcase_add_test(t, a_changed_scope_row_is_found_damaged);
    suite_add_tcase(suite, t);
    return suite;
}
