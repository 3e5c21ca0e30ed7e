/* test_scope.c - entering and leaving scopes: names, reuse, attributes, and that nothing leaks. */
#include <stdio.h>
#include <string.h>

#include "../support/registry.h"

Suite *test_scope_suite(void);

static registry r;

static void open_registry(void)
{
    registry_open(&r);
}

static void close_registry(void)
{
    registry_close(&r);
}

static const varsdb_variable_options *scalar(void)
{
    static const varsdb_shape shape = {0, NULL};
    static const varsdb_variable_options options = {
        .size = sizeof options, .shape = &shape, .initializer = "zeros"};
    return &options;
}

/* What calls here do about existing variables, found out by making one and asking for it again. */
static varsdb_reuse effective(varsdb *db)
{
    static int serial;
    char name[32];
    const varsdb_variable *v;
    snprintf(name, sizeof name, "probe%d", serial++);
    int rc = varsdb_get_variable(db, name, scalar(), NULL, &v);
    if (rc == VARSDB_NOTFOUND)
        return VARSDB_REQUIRE;
    ck_assert_int_eq(rc, VARSDB_OK);
    rc = varsdb_get_variable(db, name, scalar(), NULL, &v);
    ck_assert(rc == VARSDB_OK || rc == VARSDB_EXISTS);
    return rc == VARSDB_EXISTS ? VARSDB_CREATE : VARSDB_AUTO;
}

/* ---- names */

START_TEST(full_names_are_built_from_nested_scopes)
{
    ok(r.db, varsdb_enter_scope(r.db, "s", NULL, NULL));
    const varsdb_variable *inner = got(r.db, "a/b", scalar());
    ck_assert_str_eq(varsdb_variable_name(inner), "s/a/b");
    ok(r.db, varsdb_enter_scope(r.db, "a", NULL, NULL));
    ck_assert_str_eq(varsdb_current_scope(r.db), "s/a");
    ck_assert_ptr_eq(got(r.db, "b", scalar()), inner);
    ok(r.db, varsdb_leave_scope(r.db, NULL));
    ok(r.db, varsdb_leave_scope(r.db, NULL));
    ck_assert_ptr_eq(got(r.db, "s/a/b", scalar()), inner);
    ok(r.db, varsdb_enter_scope(r.db, "s/a", NULL, NULL));
    ck_assert_ptr_eq(got(r.db, "b", scalar()), inner);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM variables"), 1);
}
END_TEST

START_TEST(bad_names_enter_nothing_and_create_nothing)
{
    static const char *const bad[] = {"",   "/",   "/a",  "a/",        "a//b", "_a",
                                      "-a", "a b", "a:0", "v\xc3\xa9", "a\n",  "a\\b"};
    const varsdb_variable *v = (const varsdb_variable *)&r;
    const varsdb_scope *s = (const varsdb_scope *)&r;
    int created = 7;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (*bad[i]) /* an empty scope at the root is the root */
            expect(r.db, VARSDB_INVALID, varsdb_enter_scope(r.db, bad[i], NULL, &s));
        ck_assert_str_eq(varsdb_current_scope(r.db), "");
        if (strcmp(bad[i], "a:0") != 0)
            expect(r.db, VARSDB_INVALID, varsdb_get_variable(r.db, bad[i], scalar(), &created, &v));
    }
    ck_assert_ptr_eq(v, (const varsdb_variable *)&r);
    ck_assert_ptr_eq(s, (const varsdb_scope *)&r);
    ck_assert_int_eq(created, 7);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM varsdb_variables"), 0);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM scopes"), 0);
}
END_TEST

START_TEST(an_underscore_may_begin_a_name_inside_a_scope)
{
    ok(r.db, varsdb_enter_scope(r.db, "s", NULL, NULL));
    ck_assert_str_eq(varsdb_variable_name(got(r.db, "_v", scalar())), "s/_v");
    ok(r.db, varsdb_enter_scope(r.db, "-t", NULL, NULL));
    ck_assert_str_eq(varsdb_current_scope(r.db), "s/-t");
}
END_TEST

START_TEST(an_output_suffix_finds_and_is_never_created)
{
    const varsdb_variable *v = got(r.db, "v:0", scalar()), *found;
    ck_assert_str_eq(varsdb_variable_name(v), "v");
    ck_assert_ptr_eq(got(r.db, "v", scalar()), v);
    ok(r.db, varsdb_find_variable(r.db, "v:0", &found));
    ck_assert_ptr_eq(found, v);
    expect(r.db, VARSDB_INVALID, varsdb_get_variable(r.db, "v:1", scalar(), NULL, &found));
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_variable(r.db, "v:1", &found));
    ck_assert_str_eq(registry_sql(&r, "SELECT name FROM variables"), "v");
}
END_TEST

START_TEST(a_variable_and_a_scope_may_share_a_name_and_case_matters)
{
    const varsdb_variable *w = got(r.db, "w", scalar()), *slot = got(r.db, "w/Adam", scalar());
    ck_assert_ptr_ne(w, slot);
    ck_assert_ptr_ne(got(r.db, "W", scalar()), w);
    ck_assert_ptr_ne(got(r.db, "w/adam", scalar()), slot);
    ck_assert_str_eq(registry_sql(&r, "SELECT group_concat(name) FROM variables"), "w,w/Adam,W,w/adam");
}
END_TEST

/* ---- reuse */

START_TEST(entry_by_string_inherits_and_overrides_reuse)
{
    static const varsdb_reuse parents[] = {VARSDB_CREATE, VARSDB_REQUIRE, VARSDB_AUTO};
    static const varsdb_reuse expected[3][4] = {
        /* INHERIT        REQUIRE         AUTO         CREATE */
        {VARSDB_CREATE, VARSDB_REQUIRE, VARSDB_AUTO, VARSDB_CREATE},
        {VARSDB_REQUIRE, VARSDB_REQUIRE, VARSDB_AUTO, VARSDB_CREATE},
        {VARSDB_AUTO, VARSDB_REQUIRE, VARSDB_AUTO, VARSDB_CREATE},
    };
    for (int p = 0; p < 3; p++)
        for (varsdb_reuse argument = VARSDB_INHERIT; argument <= VARSDB_CREATE; argument++) {
            ok(r.db, varsdb_enter_scope(r.db, "p", VARSDB_SCOPE(.reuse = parents[p]), NULL));
            ok(r.db, varsdb_enter_scope(r.db, "c", VARSDB_SCOPE(.reuse = argument), NULL));
            ck_assert_int_eq(effective(r.db), expected[p][argument]);
            ok(r.db, varsdb_leave_scope(r.db, NULL));
            ck_assert_int_eq(effective(r.db), parents[p]);
            ok(r.db, varsdb_leave_scope(r.db, NULL));
            ck_assert_int_eq(effective(r.db), VARSDB_AUTO);
        }
}
END_TEST

START_TEST(entry_by_object_takes_the_objects_flag_not_the_current_ones)
{
    static const varsdb_reuse flags[] = {VARSDB_CREATE, VARSDB_REQUIRE, VARSDB_AUTO};
    for (int object = 0; object < 3; object++)
        for (int current = 0; current < 3; current++)
            for (varsdb_reuse argument = VARSDB_INHERIT; argument <= VARSDB_CREATE; argument++) {
                const varsdb_scope *s;
                ok(r.db, varsdb_enter_scope(r.db, "o", VARSDB_SCOPE(.reuse = flags[object]), &s));
                ok(r.db, varsdb_leave_scope(r.db, s));
                ok(r.db, varsdb_enter_scope(r.db, "x", VARSDB_SCOPE(.reuse = flags[current]), NULL));
                ok(r.db, varsdb_reenter_scope(r.db, s, VARSDB_SCOPE(.reuse = argument), NULL));
                ck_assert_str_eq(varsdb_current_scope(r.db), "o");
                ck_assert_int_eq(effective(r.db), argument == VARSDB_INHERIT ? flags[object] : argument);
                ok(r.db, varsdb_leave_scope(r.db, NULL));
                ck_assert_str_eq(varsdb_current_scope(r.db), "x");
                ok(r.db, varsdb_leave_scope(r.db, NULL));
            }
}
END_TEST

START_TEST(a_default_name_inherits_reuse_and_refuses_an_explicit_one)
{
    static const varsdb_reuse parents[] = {VARSDB_CREATE, VARSDB_REQUIRE, VARSDB_AUTO};
    for (int p = 0; p < 3; p++) {
        ok(r.db, varsdb_enter_scope(r.db, "p", VARSDB_SCOPE(.reuse = parents[p]), NULL));
        ok(r.db, varsdb_enter_scope(r.db, NULL, VARSDB_SCOPE(.default_name = "d"), NULL));
        ck_assert_str_eq(varsdb_current_scope(r.db), "p/d");
        ck_assert_int_eq(effective(r.db), parents[p]);
        ok(r.db, varsdb_leave_scope(r.db, NULL));
        expect(
            r.db, VARSDB_INVALID,
            varsdb_enter_scope(r.db, NULL, VARSDB_SCOPE(.default_name = "d", .reuse = VARSDB_REQUIRE), NULL));
        expect(r.db, VARSDB_INVALID,
               varsdb_enter_scope(r.db, NULL, VARSDB_SCOPE(.default_name = "d", .reuse = VARSDB_AUTO), NULL));
        ck_assert_str_eq(varsdb_current_scope(r.db), "p");
        ok(r.db,
           varsdb_enter_scope(r.db, NULL, VARSDB_SCOPE(.default_name = "d", .reuse = VARSDB_CREATE), NULL));
        ck_assert_str_eq(varsdb_current_scope(r.db), "p/d_1");
        ok(r.db, varsdb_leave_scope(r.db, NULL));
        ok(r.db, varsdb_leave_scope(r.db, NULL));
    }
}
END_TEST

static void check_outcome(varsdb *db, const char *name, varsdb_reuse call, varsdb_reuse eff, int exists)
{
    const varsdb_variable *v = NULL;
    int created = -1;
    varsdb_variable_options o = *scalar();
    o.reuse = call;
    int rc = varsdb_get_variable(db, name, &o, &created, &v);
    int expected = eff == VARSDB_REQUIRE && !exists ? VARSDB_NOTFOUND
                   : eff == VARSDB_CREATE && exists ? VARSDB_EXISTS
                                                    : VARSDB_OK;
    check_result(db, rc, expected, name, __FILE__, __LINE__);
    ck_assert_int_eq(created, expected == VARSDB_OK ? !exists : -1);
    ck_assert((v != NULL) == (expected == VARSDB_OK));
}

START_TEST(a_calls_flag_wins_over_the_scopes_and_that_over_the_handles)
{
    char name[32];
    for (varsdb_reuse root = VARSDB_INHERIT; root <= VARSDB_CREATE; root++) {
        registry own;
        registry_open_with(&own, VARSDB_OPEN(.reuse = root));
        for (varsdb_reuse scope = VARSDB_INHERIT; scope <= VARSDB_CREATE; scope++)
            for (varsdb_reuse call = VARSDB_INHERIT; call <= VARSDB_CREATE; call++)
                for (int exists = 0; exists < 2; exists++) {
                    varsdb_reuse eff = call ? call : scope ? scope : root ? root : VARSDB_AUTO;
                    snprintf(name, sizeof name, "v%d%d%d", (int)scope, (int)call, exists);
                    ok(own.db, varsdb_enter_scope(own.db, "s", VARSDB_SCOPE(.reuse = scope), NULL));
                    if (exists)
                        got(own.db, name, VARSDB_WITH(.shape = VARSDB_SCALAR, .reuse = VARSDB_CREATE));
                    check_outcome(own.db, name, call, eff, exists);
                    ok(own.db, varsdb_leave_scope(own.db, NULL));
                }
        registry_close(&own);
    }
}
END_TEST

START_TEST(exists_tells_who_created_it_where)
{
    const varsdb_variable *v;
    char here[64], pid[32];
    got(r.db, "w", VARSDB_WITH(.shape = VARSDB_SCALAR));
    snprintf(here, sizeof here, "test_scope.c:%d", __LINE__ - 1);
    snprintf(pid, sizeof pid, "pid %s", registry_sql(&r, "SELECT pid FROM variables"));
    expect(r.db, VARSDB_EXISTS,
           varsdb_get_variable(r.db, "w", VARSDB_WITH(.shape = VARSDB_SCALAR, .reuse = VARSDB_CREATE), NULL,
                               &v));
    says(r.db, "variable w exists");
    says(r.db, here);
    says(r.db, pid);
    says(r.db, registry_sql(&r, "SELECT program FROM variables"));
    says(r.db, registry_sql(&r, "SELECT host FROM variables"));
}
END_TEST

START_TEST(reuse_variables_holds_to_the_end_of_the_scope)
{
    expect(r.db, VARSDB_MISUSE, varsdb_reuse_variables(r.db));
    ck_assert_int_eq(effective(r.db), VARSDB_AUTO);
    ok(r.db, varsdb_enter_scope(r.db, "s", NULL, NULL));
    ck_assert_int_eq(effective(r.db), VARSDB_AUTO);
    ok(r.db, varsdb_reuse_variables(r.db));
    ck_assert_int_eq(effective(r.db), VARSDB_REQUIRE);
    ok(r.db, varsdb_enter_scope(r.db, "below", NULL, NULL));
    ck_assert_int_eq(effective(r.db), VARSDB_REQUIRE);
    ok(r.db, varsdb_leave_scope(r.db, NULL));
    ok(r.db, varsdb_leave_scope(r.db, NULL));
    ck_assert_int_eq(effective(r.db), VARSDB_AUTO);
    ok(r.db, varsdb_enter_scope(r.db, "s", NULL, NULL));
    ck_assert_int_eq(effective(r.db), VARSDB_AUTO);
}
END_TEST

/* ---- order, and what an error leaves */

START_TEST(scopes_are_left_in_the_opposite_order)
{
    const varsdb_scope *a, *b;
    expect(r.db, VARSDB_MISUSE, varsdb_leave_scope(r.db, NULL));
    ok(r.db, varsdb_enter_scope(r.db, "a", NULL, &a));
    ok(r.db, varsdb_enter_scope(r.db, "b", NULL, &b));
    expect(r.db, VARSDB_MISUSE, varsdb_leave_scope(r.db, a));
    ck_assert_str_eq(varsdb_current_scope(r.db), "a/b");
    ok(r.db, varsdb_leave_scope(r.db, b));
    expect(r.db, VARSDB_MISUSE, varsdb_leave_scope(r.db, b));
    ok(r.db, varsdb_leave_scope(r.db, a));
    expect(r.db, VARSDB_MISUSE, varsdb_leave_scope(r.db, a));
    ck_assert_str_eq(varsdb_scope_name(b), "a/b");
}
END_TEST

START_TEST(a_failed_entry_leaves_the_stack_as_it_was)
{
    const varsdb_scope *s = NULL;
    ok(r.db, varsdb_enter_scope(r.db, "a", VARSDB_SCOPE(.reuse = VARSDB_REQUIRE), NULL));
    expect(r.db, VARSDB_INVALID,
           varsdb_enter_scope(r.db, "b", VARSDB_SCOPE(.initializer = "nonsense(1)"), &s));
    expect(r.db, VARSDB_INVALID, varsdb_enter_scope(r.db, "b", VARSDB_SCOPE(.regularizer = "l9(1)"), &s));
    expect(r.db, VARSDB_INVALID, varsdb_enter_scope(r.db, "b", VARSDB_SCOPE(.partitioner = "cut(1)"), &s));
    expect(r.db, VARSDB_INVALID, varsdb_enter_scope(r.db, "b", VARSDB_SCOPE(.dtype = (varsdb_dtype)999), &s));
    expect(r.db, VARSDB_INVALID, varsdb_enter_scope(r.db, "b", VARSDB_SCOPE(.reuse = (varsdb_reuse)9), &s));
    expect(r.db, VARSDB_MISUSE, varsdb_enter_scope(r.db, NULL, NULL, &s));
    expect(r.db, VARSDB_MISUSE, varsdb_enter_scope(r.db, "b", &(varsdb_scope_options){0}, &s));
    ck_assert_ptr_null(s);
    ck_assert_str_eq(varsdb_current_scope(r.db), "a");
    ck_assert_int_eq(effective(r.db), VARSDB_REQUIRE);
    ok(r.db, varsdb_leave_scope(r.db, NULL));
    ck_assert_int_eq(effective(r.db), VARSDB_AUTO);
}
END_TEST

static int leave_early(varsdb *db, int how)
{
    VARSDB_IN_SCOPE (db, "block", .reuse = VARSDB_CREATE) {
        ck_assert_str_eq(varsdb_current_scope(db), "block");
        if (how == 1)
            return 1;
        if (how == 2)
            break;
        if (how == 3)
            goto out;
    }
out:
    return 0;
}

START_TEST(a_block_leaves_its_scope_however_it_ends)
{
    int runs = 0;
    for (int how = 0; how < 4; how++) {
        ck_assert_int_eq(leave_early(r.db, how), how == 1);
        ck_assert_str_eq(varsdb_current_scope(r.db), "");
    }
    VARSDB_IN_SCOPE (r.db, "bad name")
        runs++;
    ck_assert_int_eq(runs, 0);
    ck_assert_int_eq(varsdb_errcode(r.db), VARSDB_INVALID);
    VARSDB_IN_SCOPE (r.db, "a")
        VARSDB_IN_SCOPE (r.db, "b")
            ck_assert_str_eq(varsdb_variable_name(got(r.db, "v", scalar())), "a/b/v");
    ck_assert_int_eq(effective(r.db), VARSDB_AUTO);
}
END_TEST

START_TEST(a_scope_of_another_handle_is_refused)
{
    const varsdb_scope *s;
    varsdb *other = registry_another(&r);
    ok(other, varsdb_enter_scope(other, "s", NULL, &s));
    expect(r.db, VARSDB_MISUSE, varsdb_reenter_scope(r.db, s, NULL, NULL));
    expect(r.db, VARSDB_MISUSE, varsdb_reenter_scope(r.db, NULL, NULL, NULL));
    expect(r.db, VARSDB_MISUSE, varsdb_leave_scope(r.db, s));
    expect(other, VARSDB_MISUSE, varsdb_reenter_scope(other, s, VARSDB_SCOPE(.default_name = "d"), NULL));
    ck_assert_str_eq(varsdb_current_scope(r.db), "");
    varsdb_close(other);
}
END_TEST

START_TEST(entering_never_writes)
{
    ok(r.db, varsdb_enter_scope(r.db, "a/b", VARSDB_SCOPE(.initializer = "ones"), NULL));
    ok(r.db, varsdb_leave_scope(r.db, NULL));
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM scopes"), 0);
}
END_TEST

Suite *test_scope_suite(void)
{
    Suite *suite = suite_create("scope");
    TCase *t = tcase_create("scope");
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_test(t, full_names_are_built_from_nested_scopes);
    tcase_add_test(t, bad_names_enter_nothing_and_create_nothing);
    tcase_add_test(t, an_underscore_may_begin_a_name_inside_a_scope);
    tcase_add_test(t, an_output_suffix_finds_and_is_never_created);
    tcase_add_test(t, a_variable_and_a_scope_may_share_a_name_and_case_matters);
    tcase_add_test(t, entry_by_string_inherits_and_overrides_reuse);
    tcase_add_test(t, entry_by_object_takes_the_objects_flag_not_the_current_ones);
    tcase_add_test(t, a_default_name_inherits_reuse_and_refuses_an_explicit_one);
    tcase_add_test(t, a_calls_flag_wins_over_the_scopes_and_that_over_the_handles);
    tcase_add_test(t, exists_tells_who_created_it_where);
    tcase_add_test(t, reuse_variables_holds_to_the_end_of_the_scope);
    tcase_add_test(t, scopes_are_left_in_the_opposite_order);
    tcase_add_test(t, a_failed_entry_leaves_the_stack_as_it_was);
    tcase_add_test(t, a_block_leaves_its_scope_however_it_ends);
    tcase_add_test(t, a_scope_of_another_handle_is_refused);
    tcase_add_test(t, entering_never_writes);
    suite_add_tcase(suite, t);
    return suite;
}
