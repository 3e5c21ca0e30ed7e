/*
 * test_scope_fault.c - scopes are entered and changed while memory is out, at one allocation after the other:
 * the call says so and the handle is where it was, with the names and attributes that it had; made again it
 * leads to where it leads otherwise.
 */
#include <string.h>

#include "../support/fault.h"
#include "../support/held.h"
#include "../support/registry.h"

Suite *test_scope_fault_suite(void);

#define MOMENTS_MAX 1000

static registry r;
static const varsdb_scope *kept; /* "kept", and left */

static const char *const collections[] = {"weights", "watched", NULL};

static int get_as_it_is(varsdb *db, const varsdb_getters *rest, void *payload, const char *name,
                        const varsdb_variable_options *options, int *created, const varsdb_variable **out)
{
    (void)payload;
    return varsdb_call_getter(db, rest, name, options, created, out);
}

#define ATTRIBUTES                                                                                        \
    .initializer = "constant(3)", .regularizer = "l2(0.5)", .partitioner = "fixed_size(2,0)",             \
    .constraint = "unit norm", .collections = collections, .dtype = VARSDB_FLOAT64, .reuse = VARSDB_AUTO, \
    .getter = get_as_it_is

/* ---- what is done, inside "top", where "layer" was entered before */

static int enter(varsdb *db)
{
    return varsdb_enter_scope(db, "a/b", VARSDB_SCOPE(ATTRIBUTES), NULL);
}

static int enter_next(varsdb *db)
{
    return varsdb_enter_scope(db, NULL, VARSDB_SCOPE(.default_name = "layer"), NULL);
}

static int enter_and_keep(varsdb *db)
{
    const varsdb_scope *scope = NULL;
    int rc = varsdb_enter_scope(db, "c", NULL, &scope);
    if (rc == VARSDB_OK)
        ck_assert_str_eq(varsdb_scope_name(scope), "top/c");
    else
        ck_assert_ptr_null(scope);
    return rc;
}

static int reenter(varsdb *db)
{
    return varsdb_reenter_scope(db, kept, VARSDB_SCOPE(ATTRIBUTES), NULL);
}

static int change(varsdb *db)
{
    return varsdb_change_scope(db, VARSDB_SCOPE(ATTRIBUTES));
}

static const struct {
    int (*act)(varsdb *db);
    const char *where;            /* it leads to */
    const char *variable, *dtype; /* what is made there */
} cases[] = {
    {enter, "top/a/b", "top/a/b/v", "float64"},   {enter_next, "top/layer_1", "top/layer_1/v", "int8"},
    {enter_and_keep, "top/c", "top/c/v", "int8"}, {reenter, "kept", "kept/v", "float64"},
    {change, "top", "top/v", "float64"},
};
#define CASES ((int)(sizeof cases / sizeof *cases))

/* ---- where it is done */

static void go(varsdb *db, int more)
{
    ok(db, varsdb_enter_scope(db, "kept", NULL, &kept));
    ok(db, varsdb_leave_scope(db, kept));
    for (int i = 0; i < more; i++)
        ok(db, varsdb_enter_scope(db, "", NULL, NULL));
    ok(db, varsdb_enter_scope(db, "top", VARSDB_SCOPE(.dtype = VARSDB_INT8), NULL));
    ok(db, varsdb_enter_scope(db, NULL, VARSDB_SCOPE(.default_name = "layer"), NULL));
    ok(db, varsdb_leave_scope(db, NULL));
}

static int check_info(void *payload, const varsdb_variable_info *info)
{
    const int which = *(const int *)payload;
    ck_assert_str_eq(info->name, cases[which].variable);
    ck_assert_str_eq(varsdb_dtype_name(info->dtype), cases[which].dtype);
    return 0;
}

static void check_made(varsdb *db, int which)
{
    const varsdb_variable *v = got(db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(4)));
    ok(db, varsdb_describe(db, v, check_info, &which));
    ok(db, varsdb_delete_variable(db, v));
}

/* `more` scopes are open before: with 7 of them there is no room for another. */
static bool fail_once(int which, int more, int moment)
{
    varsdb *db = registry_another(&r);
    go(db, more);
    fault_arm(FAULT_OWN, moment);
    int rc = cases[which].act(db);
    bool happened = fault_happened();
    fault_disarm();
    check_result(db, rc, happened ? VARSDB_NOMEM : VARSDB_OK, "the call", __FILE__, __LINE__);
    if (happened) {
        ck_assert_str_eq(varsdb_current_scope(db), "top");
        ok(db, cases[which].act(db));
    }
    ck_assert_str_eq(varsdb_current_scope(db), cases[which].where);
    check_made(db, which);
    varsdb_close(db);
    return happened;
}

/* _i: the case, and whether there is room for one more scope */
START_TEST(a_scope_that_cannot_be_entered_changes_nothing)
{
    int moment = 0, which = _i / 2;
    fault_install();
    registry_open(&r);
    fail_once(which, _i % 2 * 7, MOMENTS_MAX);
    const held before = held_now();
    while (fail_once(which, _i % 2 * 7, moment))
        ck_assert_int_lt(++moment, MOMENTS_MAX);
    held_check(before, cases[which].where);
    ck_assert_int_ge(moment, 3);
    registry_close(&r);
}
END_TEST

Suite *test_scope_fault_suite(void)
{
    Suite *suite = suite_create("scope_fault");
    TCase *tc = tcase_create("memory");
    tcase_add_loop_test(tc, a_scope_that_cannot_be_entered_changes_nothing, 0, 2 * CASES);
    suite_add_tcase(suite, tc);
    return suite;
}
