/* test_header.c - the public header read as a manual: result codes, misuse, and what a failure leaves. */
#include <string.h>

#include "../support/registry.h"

Suite *test_header_suite(void);

static registry r;

static void open_registry(void)
{
    registry_open(&r);
}

static void close_registry(void)
{
    registry_close(&r);
}

static const varsdb_variable *vector(varsdb *db, const char *name)
{
    return got(db, name, VARSDB_WITH(.shape = VARSDB_SHAPE(4)));
}

static int never(void)
{
    ck_abort_msg("the callback was called");
}

static int no_namespace(void *p, const varsdb_namespace_info *i)
{
    return (void)p, (void)i, never();
}

static int no_scope(void *p, const varsdb_scope_info *i)
{
    return (void)p, (void)i, never();
}

static int no_variable(void *p, const varsdb_variable_info *i)
{
    return (void)p, (void)i, never();
}

static int no_string(void *p, const char *s, size_t n)
{
    return (void)p, (void)s, (void)n, never();
}

static int no_collection(void *p, const varsdb_collection_info *i)
{
    return (void)p, (void)i, never();
}

static int no_attribute(void *p, const char *key, const char *json)
{
    return (void)p, (void)key, (void)json, never();
}

static int no_row(void *p, size_t n, const char *const *names, const varsdb_value *values)
{
    return (void)p, (void)n, (void)names, (void)values, never();
}

static int no_transaction(varsdb *db, void *p)
{
    return (void)db, (void)p, never();
}

/* Every call that needs a handle. */
static void every_call_is_misuse(varsdb *db, const varsdb_variable *v)
{
    const varsdb_variable *out = NULL;
    const varsdb_scope *scope = NULL;
    const varsdb_scope_defaults defaults = {.initializer = "ones"};
    int64_t n = 77;
    int created = 77;
    float value[4] = {0};
    const int results[] = {varsdb_set_timeout(db, 1),
                           varsdb_begin(db),
                           varsdb_begin_read(db),
                           varsdb_commit(db),
                           varsdb_rollback(db),
                           varsdb_transact(db, no_transaction, NULL),
                           varsdb_use_namespace(db, "x"),
                           varsdb_create_namespace(db, "x", NULL),
                           varsdb_delete_namespace(db, "x"),
                           varsdb_seed(db, &n),
                           varsdb_list_namespaces(db, no_namespace, NULL),
                           varsdb_enter_scope(db, "s", NULL, &scope),
                           varsdb_reenter_scope(db, NULL, NULL, &scope),
                           varsdb_leave_scope(db, NULL),
                           varsdb_reuse_variables(db),
                           varsdb_set_scope_defaults(db, "s", &defaults),
                           varsdb_list_scopes(db, NULL, no_scope, NULL),
                           varsdb_get_variable(db, "v", NULL, &created, &out),
                           varsdb_model_variable(db, "v", NULL, &created, &out),
                           varsdb_local_variable(db, "v", NULL, &created, &out),
                           varsdb_find_variable(db, "v", &out),
                           varsdb_describe(db, v, no_variable, NULL),
                           varsdb_list_variables(db, NULL, no_variable, NULL),
                           varsdb_rename_variable(db, v, "w"),
                           varsdb_rename_scope(db, "s", "t"),
                           varsdb_delete_variable(db, v),
                           varsdb_delete_scope(db, "s", &n),
                           varsdb_assign(db, v, value, sizeof value),
                           varsdb_assign_strings(db, v, NULL, NULL, 0),
                           varsdb_assign_json(db, v, "1"),
                           varsdb_initialize(db, v, "ones"),
                           varsdb_read(db, v, value, sizeof value),
                           varsdb_read_range(db, v, 0, value, 4),
                           varsdb_read_strings(db, v, no_string, NULL),
                           varsdb_collect(db, "c", v),
                           varsdb_uncollect(db, "c", v),
                           varsdb_list_collections(db, no_collection, NULL),
                           varsdb_set_attribute(db, v, "k", "1"),
                           varsdb_list_attributes(db, v, no_attribute, NULL),
                           varsdb_query(db, "SELECT 1", no_row, NULL),
                           varsdb_import(db, "x", NULL),
                           varsdb_export(db, "x.safetensors", NULL, &n)};
    for (size_t i = 0; i < sizeof results / sizeof *results; i++)
        ck_assert_msg(results[i] == VARSDB_MISUSE, "call %zu: %s", i, varsdb_errname(results[i]));
    ck_assert_ptr_null(out);
    ck_assert_ptr_null(scope);
    ck_assert(n == 77 && created == 77);
}

START_TEST(no_handle_is_misuse_everywhere)
{
    every_call_is_misuse(NULL, vector(r.db, "v"));
    ck_assert_str_ne(varsdb_errmsg(NULL), "");
    ck_assert_int_ne(varsdb_errcode(NULL), VARSDB_OK);
    ck_assert_str_eq(varsdb_path(NULL), "");
    ck_assert_str_eq(varsdb_uuid(NULL), "");
    ck_assert_str_eq(varsdb_namespace(NULL), "");
    ck_assert_str_eq(varsdb_current_scope(NULL), "");
    varsdb_close(NULL);
}
END_TEST

START_TEST(a_handle_that_failed_to_open_serves_only_its_error)
{
    varsdb *db = NULL;
    ck_assert_int_eq(varsdb_open("/nonexistent/directory/run.db", NULL, &db), VARSDB_CANTOPEN);
    ck_assert_ptr_nonnull(db);
    ck_assert_int_eq(varsdb_errcode(db), VARSDB_CANTOPEN);
    every_call_is_misuse(db, vector(r.db, "v"));
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(db), "/nonexistent/directory/run.db"));
    varsdb_close(db);
}
END_TEST

static void open_fails(const char *path, const varsdb_open_options *options, int code)
{
    varsdb *db = NULL;
    int rc = varsdb_open(path, options, &db);
    ck_assert_ptr_nonnull(db);
    check_result(db, rc, code, path ? path : "no path", __FILE__, __LINE__);
    varsdb_close(db);
}

START_TEST(open_reaches_its_documented_codes)
{
    char path[TEMP_PATH_BYTES];
    open_fails(NULL, NULL, VARSDB_MISUSE);
    open_fails("", NULL, VARSDB_MISUSE);
    open_fails(r.path, &(varsdb_open_options){0}, VARSDB_MISUSE);
    ck_assert_int_eq(varsdb_open(r.path, NULL, NULL), VARSDB_MISUSE);
    open_fails(r.path, VARSDB_OPEN(.reuse = (varsdb_reuse)9), VARSDB_INVALID);
    open_fails(r.path, VARSDB_OPEN(.in = "a//b"), VARSDB_INVALID);
    open_fails(r.path, VARSDB_OPEN(.flags = VARSDB_IMMUTABLE), VARSDB_INVALID);
    open_fails(temp_file(&r.dir, "missing.db", path), NULL, VARSDB_CANTOPEN);
    open_fails(path, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE | VARSDB_READ_ONLY), VARSDB_CANTOPEN);
    open_fails(r.dir.path, NULL, VARSDB_CANTOPEN);
    temp_write(temp_file(&r.dir, "other.txt", path), "this is some other kind of file, not a registry", 47);
    open_fails(path, NULL, VARSDB_NOTDB);
    registry_sql(&r, "PRAGMA user_version = 9999");
    open_fails(r.path, NULL, VARSDB_TOONEW);
}
END_TEST

START_TEST(results_and_dtypes_have_names)
{
#define CHECK_RESULT(name, number, text)                       \
    ck_assert_int_eq(VARSDB_##name, number);                   \
    ck_assert_str_eq(varsdb_errname(number), "VARSDB_" #name); \
    ck_assert_str_eq(varsdb_errstr(number), text);
    VARSDB_RESULTS(CHECK_RESULT)
    ck_assert_str_eq(varsdb_errname(-1), "VARSDB_?");
    ck_assert_str_eq(varsdb_errstr(1000), "unknown result");
#define CHECK_DTYPE(name, number, text, bits)                  \
    ck_assert_int_eq(varsdb_dtype_parse(text), VARSDB_##name); \
    ck_assert_str_eq(varsdb_dtype_name(VARSDB_##name), text);  \
    ck_assert_int_eq(varsdb_dtype_bits(VARSDB_##name), bits);
    VARSDB_DTYPES(CHECK_DTYPE)
    ck_assert_str_eq(varsdb_version(), VARSDB_VERSION);
    ck_assert_ptr_nonnull(strstr(varsdb_engine_version(), "SQLite 3."));
}
END_TEST

START_TEST(getters_of_nothing_are_empty)
{
    ck_assert_str_eq(varsdb_variable_name(NULL), "");
    ck_assert_int_eq(varsdb_variable_id(NULL), 0);
    ck_assert_int_eq(varsdb_variable_dtype(NULL), VARSDB_DTYPE_NOT_SAID);
    ck_assert_ptr_null(varsdb_variable_shape(NULL));
    ck_assert_str_eq(varsdb_scope_name(NULL), "");
}
END_TEST

START_TEST(path_and_uuid_live_with_the_handle)
{
    varsdb *other = registry_another(&r);
    ck_assert_str_eq(varsdb_path(r.db), r.path);
    ck_assert_uint_eq(strlen(varsdb_uuid(r.db)), 36);
    ck_assert_str_eq(varsdb_uuid(r.db), varsdb_uuid(other));
    ck_assert_int_eq(varsdb_uuid(r.db)[14], '4');
    varsdb_close(other);
}
END_TEST

START_TEST(an_object_of_another_handle_is_misuse)
{
    varsdb *other = registry_another(&r);
    const varsdb_variable *v = vector(other, "v");
    float value[4];
    expect(r.db, VARSDB_MISUSE, varsdb_read(r.db, v, value, sizeof value));
    expect(r.db, VARSDB_MISUSE, varsdb_assign(r.db, v, value, sizeof value));
    expect(r.db, VARSDB_MISUSE, varsdb_assign_json(r.db, v, "1"));
    expect(r.db, VARSDB_MISUSE, varsdb_initialize(r.db, v, "ones"));
    expect(r.db, VARSDB_MISUSE, varsdb_describe(r.db, v, no_variable, NULL));
    expect(r.db, VARSDB_MISUSE, varsdb_rename_variable(r.db, v, "w"));
    expect(r.db, VARSDB_MISUSE, varsdb_delete_variable(r.db, v));
    expect(r.db, VARSDB_MISUSE, varsdb_collect(r.db, "c", v));
    expect(r.db, VARSDB_MISUSE, varsdb_set_attribute(r.db, v, "k", "1"));
    varsdb_close(other);
}
END_TEST

START_TEST(a_missing_place_for_the_answer_is_misuse)
{
    expect(r.db, VARSDB_MISUSE,
           varsdb_get_variable(r.db, "v", VARSDB_WITH(.shape = VARSDB_SCALAR), NULL, NULL));
    expect(r.db, VARSDB_MISUSE, varsdb_get_variable(r.db, NULL, NULL, NULL, &(const varsdb_variable *){0}));
    expect(r.db, VARSDB_MISUSE, varsdb_seed(r.db, NULL));
    expect(r.db, VARSDB_MISUSE, varsdb_query(r.db, NULL, no_row, NULL));
    expect(r.db, VARSDB_MISUSE, varsdb_query(r.db, "SELECT 1", NULL, NULL));
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM variables"), 0);
}
END_TEST

START_TEST(a_failed_call_leaves_everything_as_it_was)
{
    const varsdb_variable *v = vector(r.db, "a/v"), *out = v;
    const varsdb_scope *scope, *same;
    int created = 3;
    ok(r.db, varsdb_enter_scope(r.db, "a", VARSDB_SCOPE(.reuse = VARSDB_CREATE), &scope));
    same = scope;
    expect(r.db, VARSDB_EXISTS,
           varsdb_get_variable(r.db, "v", VARSDB_WITH(.shape = VARSDB_SCALAR), &created, &out));
    expect(r.db, VARSDB_INVALID, varsdb_get_variable(r.db, "x", NULL, &created, &out));
    expect(r.db, VARSDB_NOTFOUND,
           varsdb_get_variable(r.db, "x", VARSDB_WITH(.reuse = VARSDB_REQUIRE), &created, &out));
    expect(r.db, VARSDB_MISMATCH,
           varsdb_get_variable(r.db, "v", VARSDB_WITH(.reuse = VARSDB_AUTO, .dtype = VARSDB_INT8), &created,
                               &out));
    expect(r.db, VARSDB_INVALID, varsdb_enter_scope(r.db, "b c", NULL, &same));
    expect(r.db, VARSDB_EXISTS, varsdb_rename_variable(r.db, vector(r.db, "w"), "a/v"));
    ok(r.db, varsdb_delete_variable(r.db, got(r.db, "w", VARSDB_WITH(.reuse = VARSDB_REQUIRE))));
    ck_assert_ptr_eq(out, v);
    ck_assert_ptr_eq(same, scope);
    ck_assert_int_eq(created, 3);
    ck_assert_str_eq(varsdb_current_scope(r.db), "a");
    ck_assert_str_eq(varsdb_namespace(r.db), "main");
    ck_assert_int_eq(varsdb_in_transaction(r.db), 0);
    ck_assert_str_eq(registry_sql(&r, "SELECT name, version FROM variables"), "a/v|1");
    ok(r.db, varsdb_leave_scope(r.db, scope));
}
END_TEST

START_TEST(the_message_is_that_of_the_last_call)
{
    const varsdb_variable *out;
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_variable(r.db, "v\nw\x1b[0m", &out));
    vector(r.db, "v");
    ck_assert_str_eq(varsdb_errmsg(r.db), "");
    ck_assert_int_eq(varsdb_errcode(r.db), VARSDB_OK);
    expect(r.db, VARSDB_INVALID, varsdb_enter_scope(r.db, "a b", NULL, NULL));
    ok(r.db, varsdb_find_variable(r.db, "v", &out));
}
END_TEST

START_TEST(messages_of_very_long_names_are_still_messages)
{
    static char name[5000];
    const varsdb_variable *out;
    memset(name, 'n', 4096);
    vector(r.db, name);
    expect(r.db, VARSDB_MISMATCH,
           varsdb_get_variable(r.db, name, VARSDB_WITH(.shape = VARSDB_SHAPE(5)), NULL, &out));
    expect(r.db, VARSDB_EXISTS,
           varsdb_get_variable(r.db, name, VARSDB_WITH(.reuse = VARSDB_CREATE), NULL, &out));
    memset(name, 'n', 4097);
    expect(r.db, VARSDB_INVALID,
           varsdb_get_variable(r.db, name, VARSDB_WITH(.shape = VARSDB_SCALAR), NULL, &out));
    expect(r.db, VARSDB_INVALID, varsdb_enter_scope(r.db, name, NULL, NULL));
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_variable(r.db, name, &out));
}
END_TEST

START_TEST(the_example_of_the_header_works)
{
    static float values[784 * 128];
    const varsdb_variable *w = NULL;
    int created = 0;
    VARSDB_IN_SCOPE (r.db, "layer1")
        ok(r.db, varsdb_model_variable(r.db, "weights", VARSDB_WITH(.shape = VARSDB_SHAPE(784, 128)),
                                       &created, &w));
    ck_assert_int_eq(created, 1);
    ok(r.db, varsdb_assign(r.db, w, values, sizeof values));
    ck_assert_str_eq(registry_sql(&r, "SELECT name, shape, version FROM model_variables"),
                     "layer1/weights|[784,128]|2");
}
END_TEST

Suite *test_header_suite(void)
{
    Suite *suite = suite_create("header");
    TCase *t = tcase_create("header");
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_test(t, no_handle_is_misuse_everywhere);
    tcase_add_test(t, a_handle_that_failed_to_open_serves_only_its_error);
    tcase_add_test(t, open_reaches_its_documented_codes);
    tcase_add_test(t, results_and_dtypes_have_names);
    tcase_add_test(t, getters_of_nothing_are_empty);
    tcase_add_test(t, path_and_uuid_live_with_the_handle);
    tcase_add_test(t, an_object_of_another_handle_is_misuse);
    tcase_add_test(t, a_missing_place_for_the_answer_is_misuse);
    tcase_add_test(t, a_failed_call_leaves_everything_as_it_was);
    tcase_add_test(t, the_message_is_that_of_the_last_call);
    tcase_add_test(t, messages_of_very_long_names_are_still_messages);
    tcase_add_test(t, the_example_of_the_header_works);
    suite_add_tcase(suite, t);
    return suite;
}
