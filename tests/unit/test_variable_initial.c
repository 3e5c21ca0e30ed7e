/* test_variable_initial.c - what a variable would begin with, given or made in a wrong way: nothing is made.
 */
#include <string.h>

#include "../support/registry.h"

Suite *test_variable_initial_suite(void);

static registry r;
static const float value[4];

static void open_registry(void)
{
    registry_open(&r);
}

static void close_registry(void)
{
    registry_close(&r);
}

/* Options of new variables that are none, or contradict each other. */
static const struct {
    varsdb_variable_options options;
    const char *said;
} contradictions[] = {
#define OPTIONS(...)                                         \
    {                                                        \
        .size = sizeof(varsdb_variable_options), __VA_ARGS__ \
    }
    {OPTIONS(.value = value, .value_dtype = (varsdb_dtype)99), "99 is no dtype"},
    {OPTIONS(.dtype = (varsdb_dtype)99), "99 is no dtype"},
    {OPTIONS(.value = value, .value_dtype = VARSDB_INT8, .dtype = VARSDB_INT16), "the value is int8"},
    {OPTIONS(.reuse = (varsdb_reuse)9), "reuse is"},
    {OPTIONS(.trainable = (varsdb_tristate)9), "trainable is"},
};

START_TEST(options_that_contradict_themselves_make_nothing)
{
    const varsdb_variable *out = NULL;
    expect(r.db, VARSDB_INVALID, varsdb_get_variable(r.db, "w", &contradictions[_i].options, NULL, &out));
    says(r.db, contradictions[_i].said);
    ck_assert_ptr_null(out);
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_variable(r.db, "w", &out));
}
END_TEST

static const varsdb_made_value made_values[] = {
    {(varsdb_dtype)99, {0, NULL}, value, 4},
    {VARSDB_DTYPE_NOT_SAID, {0, NULL}, value, 4},
    {VARSDB_FLOAT32, {0, NULL}, NULL, 4},
    {VARSDB_INT32, {0, NULL}, value, 4},
    {VARSDB_FLOAT32, {1, (const int64_t[]){4}}, value, 16},
    {VARSDB_FLOAT32, {1, (const int64_t[]){-4}}, value, 16},
    {VARSDB_FLOAT32, {-1, NULL}, value, 16},
};

static int make(void *payload, varsdb_made_value *out)
{
    *out = *(const varsdb_made_value *)payload;
    return VARSDB_OK;
}

START_TEST(a_value_that_was_made_wrong_makes_nothing)
{
    const varsdb_variable *out = NULL;
    const varsdb_variable_options *asked =
        VARSDB_WITH(.make = make, .initial_payload = (void *)&made_values[_i], .dtype = VARSDB_FLOAT32,
                    .shape = VARSDB_SHAPE(2));
    expect(r.db, VARSDB_INVALID, varsdb_get_variable(r.db, "w", asked, NULL, &out));
    says(r.db, "w");
    ck_assert_ptr_null(out);
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_variable(r.db, "w", &out));
}
END_TEST

Suite *test_variable_initial_suite(void)
{
    Suite *suite = suite_create("variable_initial");
    TCase *t = tcase_create("variable_initial");
#define COUNT(of) ((int)(sizeof of / sizeof *of))
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_loop_test(t, options_that_contradict_themselves_make_nothing, 0, COUNT(contradictions));
    tcase_add_loop_test(t, a_value_that_was_made_wrong_makes_nothing, 0, COUNT(made_values));
    suite_add_tcase(suite, t);
    return suite;
}
