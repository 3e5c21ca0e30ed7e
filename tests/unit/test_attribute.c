/* test_attribute.c - keys with JSON values on variables and namespaces. */
#include <stdio.h>
#include <string.h>

#include "../support/registry.h"

Suite *test_attribute_suite(void);

static registry r;

static void open_registry(void)
{
    registry_open(&r);
}

static void close_registry(void)
{
    registry_close(&r);
}

static int collect(void *payload, const char *key, const char *json)
{
    char *out = payload;
    size_t at = strlen(out);
    snprintf(out + at, 512 - at, "%s=%s;", key, json);
    return strcmp(key, "stop") == 0;
}

static const char *attributes(const varsdb_variable *v)
{
    static char out[512];
    out[0] = '\0';
    ok(r.db, varsdb_list_attributes(r.db, v, collect, out));
    return out;
}

START_TEST(values_are_set_replaced_and_removed_by_key)
{
    const varsdb_variable *v = got(r.db, "v", VARSDB_WITH(.shape = VARSDB_SCALAR));
    ok(r.db, varsdb_set_attribute(r.db, v, "unit", "\"m/s\""));
    ok(r.db, varsdb_set_attribute(r.db, v, "a key", "{\"x\": [1, null]}"));
    ok(r.db, varsdb_set_attribute(r.db, NULL, "unit", "1"));
    ck_assert_str_eq(attributes(v), "a key={\"x\": [1, null]};unit=\"m/s\";");
    ck_assert_str_eq(attributes(NULL), "unit=1;");
    ok(r.db, varsdb_set_attribute(r.db, v, "unit", "2"));
    ck_assert_str_eq(attributes(v), "a key={\"x\": [1, null]};unit=2;");
    ok(r.db, varsdb_set_attribute(r.db, v, "unit", NULL));
    ok(r.db, varsdb_set_attribute(r.db, v, "never set", NULL));
    ck_assert_str_eq(attributes(v), "a key={\"x\": [1, null]};");
    ck_assert_str_eq(registry_sql(&r, "SELECT owner, owner_id, key, value FROM attributes"),
                     "namespace|1|unit|1\nvariable|1|a key|{\"x\": [1, null]}");
}
END_TEST

START_TEST(what_is_not_json_is_invalid)
{
    static const char *const bad[] = {"", "{", "nul", "'x'", "1 2", "[1,]", "\"\\x\"", "\xff"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        expect(r.db, VARSDB_INVALID, varsdb_set_attribute(r.db, NULL, "thekey", bad[i]));
        says(r.db, "thekey");
    }
    expect(r.db, VARSDB_INVALID, varsdb_set_attribute(r.db, NULL, "", "1"));
    expect(r.db, VARSDB_MISUSE, varsdb_set_attribute(r.db, NULL, NULL, "1"));
    expect(r.db, VARSDB_MISUSE, varsdb_list_attributes(r.db, NULL, NULL, NULL));
    ck_assert_str_eq(attributes(NULL), "");
}
END_TEST

START_TEST(they_follow_a_rename_and_go_with_the_variable)
{
    const varsdb_variable *v = got(r.db, "v", VARSDB_WITH(.shape = VARSDB_SCALAR));
    char out[512] = "";
    ok(r.db, varsdb_set_attribute(r.db, v, "k", "true"));
    ok(r.db, varsdb_rename_variable(r.db, v, "a/w"));
    ck_assert_str_eq(attributes(v), "k=true;");
    ok(r.db, varsdb_delete_variable(r.db, v));
    expect(r.db, VARSDB_GONE, varsdb_list_attributes(r.db, v, collect, out));
    ck_assert_str_eq(attributes(got(r.db, "a/w", VARSDB_WITH(.shape = VARSDB_SCALAR))), "");
}
END_TEST

START_TEST(each_namespace_has_its_own)
{
    ok(r.db, varsdb_set_attribute(r.db, NULL, "k", "1"));
    ok(r.db, varsdb_use_namespace(r.db, "other"));
    ck_assert_str_eq(attributes(NULL), "");
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM namespaces"), 1);
    ok(r.db, varsdb_set_attribute(r.db, NULL, "k", "2"));
    ck_assert_str_eq(attributes(NULL), "k=2;");
    ok(r.db, varsdb_use_namespace(r.db, "main"));
    ck_assert_str_eq(attributes(NULL), "k=1;");
}
END_TEST

START_TEST(a_callback_may_stop_and_damage_is_found)
{
    char out[512] = "";
    ok(r.db, varsdb_set_attribute(r.db, NULL, "a", "1"));
    ok(r.db, varsdb_set_attribute(r.db, NULL, "stop", "2"));
    ok(r.db, varsdb_set_attribute(r.db, NULL, "z", "3"));
    expect(r.db, VARSDB_CANCELLED, varsdb_list_attributes(r.db, NULL, collect, out));
    ck_assert_str_eq(out, "a=1;stop=2;");
    registry_sql(&r, "UPDATE varsdb_attributes SET value = '9' WHERE key = 'a'");
    expect(r.db, VARSDB_CORRUPT, varsdb_list_attributes(r.db, NULL, collect, out));
}
END_TEST

Suite *test_attribute_suite(void)
{
    Suite *suite = suite_create("attribute");
    TCase *t = tcase_create("attribute");
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_test(t, values_are_set_replaced_and_removed_by_key);
    tcase_add_test(t, what_is_not_json_is_invalid);
    tcase_add_test(t, they_follow_a_rename_and_go_with_the_variable);
    tcase_add_test(t, each_namespace_has_its_own);
    tcase_add_test(t, a_callback_may_stop_and_damage_is_found);
    suite_add_tcase(suite, t);
    return suite;
}
