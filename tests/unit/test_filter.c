/* test_filter.c - filters made ready, and collections looked for in JSON. */
#include <string.h>

#include "../support/registry.h"
#include "filter.h"

Suite *test_filter_suite(void);

static registry r;
static vdb_filter f;

static void open_registry(void)
{
    registry_open(&r);
    f = (vdb_filter){0};
}

static void close_registry(void)
{
    vdb_filter_release(&f);
    registry_close(&r);
}

static bool passes(const varsdb_filter *given, const char *name)
{
    bool out = false;
    vdb_filter_release(&f);
    ck_assert_int_eq(vdb_filter_init(r.db, given, &f), VARSDB_OK);
    ck_assert_int_eq(vdb_filter_passes(r.db, &f, name, strlen(name), &out), VARSDB_OK);
    return out;
}

START_TEST(no_filter_passes_everything)
{
    ck_assert(passes(NULL, "a/b"));
    ck_assert(passes(VARSDB_FILTER(.scope = ""), "a"));
    ck_assert(passes(VARSDB_FILTER(.collection = "x"), "a")); /* that is not the filter's to say */
    ck_assert_str_eq(f.collection, "x");
    ck_assert(passes(VARSDB_FILTER(.collection = "MODEL"), "a"));
    ck_assert_str_eq(f.collection, VARSDB_MODEL);
}
END_TEST

START_TEST(every_condition_must_hold)
{
    const varsdb_filter *all = VARSDB_FILTER(.scope = "a/", .match = "w", .exclude = "x", .glob = "*w",
                                             .match_prefix = "a/b", .suffix = "w");
    ck_assert(passes(all, "a/b/w"));
    ck_assert(!passes(all, "c/a/b/w")); /* scope, prefix */
    ck_assert(!passes(all, "a/b/xw"));  /* exclude */
    ck_assert(!passes(all, "a/b/wz"));  /* glob */
    ck_assert(!passes(all, "a/c/w"));   /* prefix */
    ck_assert(!passes(all, "a"));       /* beside the scope */
    ck_assert(vdb_filter_has_patterns(&f));
    passes(VARSDB_FILTER(.scope = "a", .glob = "*"), "a/b");
    ck_assert(!vdb_filter_has_patterns(&f));
}
END_TEST

START_TEST(bad_patterns_and_sizes_are_refused)
{
    vdb_filter bad;
    const varsdb_filter *given[] = {VARSDB_FILTER(.match = "("), VARSDB_FILTER(.exclude = "["),
                                    VARSDB_FILTER(.match_prefix = "(?<"), VARSDB_FILTER(.suffix = ")")};
    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        ck_assert_int_eq(vdb_filter_init(r.db, given[i], &bad), VARSDB_INVALID);
        vdb_filter_release(&bad);
    }
    ck_assert_int_eq(vdb_filter_init(r.db, &(varsdb_filter){0}, &bad), VARSDB_MISUSE);
    vdb_filter_release(&bad);
}
END_TEST

static bool hold(const char *json, const char *name)
{
    return vdb_filter_names_hold(json, strlen(json), name);
}

START_TEST(a_collection_is_found_in_a_list_by_its_whole_name)
{
    ck_assert(hold("[\"a\",\"b\"]", "a"));
    ck_assert(hold("[\"a\",\"b\"]", "b"));
    ck_assert(!hold("[\"ab\",\"ba\"]", "a"));
    ck_assert(!hold("[]", "a"));
    ck_assert(hold("[\"\"]", ""));
    ck_assert(hold("[\"a\\\"b\"]", "a\"b"));
    ck_assert(!hold("[\"a\\\"b\"]", "a\\\"b"));
    ck_assert(hold("[\"\\u00e4\"]", "\u00e4"));
    ck_assert(hold("[\"x\", \"\\\\\"]", "\\"));
}
END_TEST

START_TEST(what_is_no_list_of_names_holds_none)
{
    static const char *const bad[] = {"", "{", "[", "\"a\"", "{\"a\":1}", "[1,\"a\"]", "[[\"a\"]]", "null"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!hold(bad[i], "a"), "%s", bad[i]);
}
END_TEST

Suite *test_filter_suite(void)
{
    Suite *suite = suite_create("filter");
    TCase *t = tcase_create("filter");
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_test(t, no_filter_passes_everything);
    tcase_add_test(t, every_condition_must_hold);
    tcase_add_test(t, bad_patterns_and_sizes_are_refused);
    tcase_add_test(t, a_collection_is_found_in_a_list_by_its_whole_name);
    tcase_add_test(t, what_is_no_list_of_names_holds_none);
    suite_add_tcase(suite, t);
    return suite;
}
