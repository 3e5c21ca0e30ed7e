/* test_spec.c - the language of specs: what is read, what is refused and why. */
#include <check.h>
#include <locale.h>
#include <math.h>
#include <string.h>

#include "spec.h"

Suite *test_spec_suite(void);

static vdb_spec parsed(const char *text)
{
    vdb_error e;
    vdb_spec spec;
    int rc = vdb_spec_parse(&e, "initializer", text, &spec);
    ck_assert_msg(rc == VARSDB_OK, "%s: %s", text, e.text);
    return spec;
}

START_TEST(empty_parentheses_are_no_parentheses)
{
    static const char *const texts[] = {"zeros", "zeros()", "  zeros ( ) "};
    for (size_t i = 0; i < 3; i++) {
        vdb_spec spec = parsed(texts[i]);
        ck_assert(vdb_spec_is(&spec, "zeros"));
        ck_assert(!vdb_spec_is(&spec, "zero"));
        ck_assert_uint_eq(spec.count, 0);
        vdb_spec_release(&spec);
    }
}
END_TEST

START_TEST(arguments_keep_key_type_and_value)
{
    vdb_spec spec = parsed("f(-0.5, +1e3, [1, 2.5 ,-3], mode = fan_in, seed=-7, v=inf, w=-inf, x=nan)");
    const vdb_spec_argument *a = spec.arguments;
    ck_assert_uint_eq(spec.count, 8);
    ck_assert_double_eq(a[0].numbers[0].real, -0.5);
    ck_assert(!a[0].key && !a[0].is_list && a[0].count == 1 && !a[0].numbers[0].is_integer);
    ck_assert_double_eq(a[1].numbers[0].real, 1000);
    ck_assert(!a[1].numbers[0].is_integer);
    ck_assert(a[2].is_list && a[2].count == 3 && a[2].numbers[2].integer == -3);
    ck_assert(a[3].key_bytes == 4 && memcmp(a[3].key, "mode", 4) == 0);
    ck_assert(a[3].word_bytes == 6 && memcmp(a[3].word, "fan_in", 6) == 0 && a[3].count == 0);
    ck_assert(a[4].numbers[0].is_integer && a[4].numbers[0].integer == -7);
    ck_assert_double_eq(a[5].numbers[0].real, INFINITY);
    ck_assert_double_eq(a[6].numbers[0].real, -INFINITY);
    ck_assert_double_nan(a[7].numbers[0].real);
    vdb_spec_release(&spec);
}
END_TEST

START_TEST(integers_are_exact_to_64_bits)
{
    vdb_spec spec = parsed("f(9223372036854775807, -9223372036854775808, 18446744073709551615, "
                           "18446744073709551616, 9007199254740993)");
    const vdb_spec_argument *a = spec.arguments;
    ck_assert(a[0].numbers[0].is_integer && a[0].numbers[0].integer == INT64_MAX);
    ck_assert(a[1].numbers[0].is_integer && a[1].numbers[0].integer == INT64_MIN);
    ck_assert(!a[2].numbers[0].is_integer && a[2].numbers[0].is_whole);
    ck_assert_uint_eq(a[2].numbers[0].magnitude, UINT64_MAX);
    ck_assert(!a[3].numbers[0].is_whole);
    ck_assert_double_eq(a[3].numbers[0].real, 0x1p+64);
    ck_assert_int_eq(a[4].numbers[0].integer, INT64_C(9007199254740993));
    vdb_spec_release(&spec);
}
END_TEST

START_TEST(a_decimal_comma_locale_changes_nothing)
{
    bool has_comma = setlocale(LC_NUMERIC, "de_DE.UTF-8") || setlocale(LC_NUMERIC, "fr_FR.UTF-8");
    vdb_spec spec = parsed("f(0.5,1.25e-3)");
    ck_assert_uint_eq(spec.count, 2);
    ck_assert_double_eq(spec.arguments[0].numbers[0].real, 0.5);
    ck_assert_double_eq(spec.arguments[1].numbers[0].real, 0.00125);
    vdb_spec_release(&spec);
    if (has_comma)
        setlocale(LC_NUMERIC, "C");
}
END_TEST

START_TEST(spaces_cases_and_exponents_are_free)
{
    vdb_spec spec =
        parsed("\tFoo_Z\t(\t1E3 ,2.5E-1\t, 2e+0, [ ], 999999999999999999999999, Key\t = Word )\t");
    const vdb_spec_argument *a = spec.arguments;
    ck_assert(vdb_spec_is(&spec, "Foo_Z"));
    ck_assert_uint_eq(spec.count, 6);
    ck_assert(a[0].numbers[0].real >= 1000 && a[0].numbers[0].real <= 1000);
    ck_assert(a[1].numbers[0].real >= 0.25 && a[1].numbers[0].real <= 0.25);
    ck_assert(a[2].numbers[0].real >= 2 && a[2].numbers[0].real <= 2);
    ck_assert(a[3].is_list && a[3].count == 0);
    ck_assert(!a[4].numbers[0].is_whole && a[4].numbers[0].real >= 1e24 && a[4].numbers[0].real <= 1e24);
    ck_assert(a[5].key_bytes == 3 && memcmp(a[5].key, "Key", 3) == 0);
    ck_assert(a[5].word_bytes == 4 && memcmp(a[5].word, "Word", 4) == 0);
    vdb_spec_release(&spec);
}
END_TEST

/* Of a long text its beginning is told. */
START_TEST(a_long_text_that_is_bad_is_told_in_part)
{
    vdb_error e = {0};
    vdb_spec spec;
    char text[1000] = "f(";
    memset(text + 2, '1', sizeof text - 4);
    ck_assert_int_eq(vdb_spec_parse(&e, "initializer", text, &spec), VARSDB_INVALID);
    ck_assert_msg(strstr(e.text, "111...\""), "%s", e.text);
    ck_assert_uint_lt(strlen(e.text), 300);
}
END_TEST

START_TEST(bad_text_is_invalid_with_a_sentence)
{
    static const char *const bad[] = {
        "",       " ",        "7",        "f(",       "f(1",           "f(1,",    "f(1,)",    "f(,1)",
        "f)",     "f(1))",    "f() g",    "f(1 2)",   "f(.5)",         "f(5.)",   "f(01)",    "f(1e)",
        "f(1e+)", "f(0x10)",  "f(--1)",   "f([1)",    "f([1,])",       "f([a])",  "f([[1]])", "f(a=)",
        "f(=1)",  "f(a=b=c)", "f(1e999)", "f(a=1,2)", "f(1.5.2)",      "f(1e5_)", "f(Zz9x=)", "f([1 2])",
        "f(1_0)", "f(\"a\")", "f(1;2)",   "f\n",      "f(infinity1.)", "f(-x)",   "f(+)"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        vdb_error e = {0};
        vdb_spec spec;
        ck_assert_msg(vdb_spec_parse(&e, "initializer", bad[i], &spec) == VARSDB_INVALID, "\"%s\" passed",
                      bad[i]);
        ck_assert_msg(strstr(e.text, "initializer") && !strchr(e.text, '\n'), "\"%s\": %s", bad[i], e.text);
    }
}
END_TEST

START_TEST(too_many_arguments_and_too_long_a_text_are_invalid)
{
    static char text[VDB_SPEC_BYTES_MAX + 2];
    vdb_error e;
    vdb_spec spec = parsed("f(1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16)");
    ck_assert_uint_eq(spec.count, VDB_SPEC_ARGUMENTS_MAX);
    vdb_spec_release(&spec);
    ck_assert_int_eq(vdb_spec_parse(&e, "initializer", "f(1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17)", &spec),
                     VARSDB_INVALID);
    memset(text, 'a', sizeof text - 1);
    ck_assert_int_eq(vdb_spec_parse(&e, "initializer", text, &spec), VARSDB_INVALID);
    text[VDB_SPEC_BYTES_MAX] = '\0';
    spec = parsed(text);
    ck_assert_uint_eq(spec.name_bytes, VDB_SPEC_BYTES_MAX);
    vdb_spec_release(&spec);
}
END_TEST

static const vdb_spec_parameter parameters[] = {{"min", "minval", VDB_SPEC_NUMBER, true, false},
                                                {"mode", NULL, VDB_SPEC_WORD, false, false},
                                                {"seed", NULL, VDB_SPEC_NUMBER, false, true}};

static int bind(const char *text, const vdb_spec_argument **bound, vdb_spec *spec, vdb_error *e)
{
    *spec = parsed(text);
    return vdb_spec_bind(e, "initializer", spec, parameters, 3, bound);
}

START_TEST(arguments_bind_by_place_and_by_key)
{
    static const char *const good[] = {"f(4, a)", "f(4, mode=a)", "f(mode=a, min=4)", "f(minval=4, mode=a)"};
    const vdb_spec_argument *bound[3];
    vdb_error e;
    vdb_spec spec;
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(bind(good[i], bound, &spec, &e), VARSDB_OK);
        ck_assert_int_eq(bound[0]->numbers[0].integer, 4);
        ck_assert_int_eq(*bound[1]->word, 'a');
        ck_assert_ptr_null(bound[2]);
        vdb_spec_release(&spec);
    }
}
END_TEST

START_TEST(arguments_without_a_place_are_refused_by_name)
{
    static const struct {
        const char *text, *says;
    } bad[] = {{"f()", "needs min"},          {"f(1, min=2)", "twice"},    {"f(min=1, minval=2)", "twice"},
               {"f(1, a, 3)", "seed="},       {"f(1, wrong=2)", "wrong"},  {"f([1])", "a number"},
               {"f(1, 2)", "must be a word"}, {"f(a)", "must be a number"}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const vdb_spec_argument *bound[3];
        vdb_error e;
        vdb_spec spec;
        ck_assert_int_eq(bind(bad[i].text, bound, &spec, &e), VARSDB_INVALID);
        ck_assert_msg(strstr(e.text, bad[i].says), "%s: %s", bad[i].text, e.text);
        vdb_spec_release(&spec);
    }
}
END_TEST

Suite *test_spec_suite(void)
{
    Suite *suite = suite_create("spec");
    TCase *tests = tcase_create("spec");
    tcase_add_test(tests, empty_parentheses_are_no_parentheses);
    tcase_add_test(tests, arguments_keep_key_type_and_value);
    tcase_add_test(tests, integers_are_exact_to_64_bits);
    tcase_add_test(tests, a_decimal_comma_locale_changes_nothing);
    tcase_add_test(tests, spaces_cases_and_exponents_are_free);
    tcase_add_test(tests, a_long_text_that_is_bad_is_told_in_part);
    tcase_add_test(tests, bad_text_is_invalid_with_a_sentence);
    tcase_add_test(tests, too_many_arguments_and_too_long_a_text_are_invalid);
    tcase_add_test(tests, arguments_bind_by_place_and_by_key);
    tcase_add_test(tests, arguments_without_a_place_are_refused_by_name);
    suite_add_tcase(suite, tests);
    return suite;
}
