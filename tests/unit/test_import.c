/* test_import.c - tensors of a file become variables, all of them or none. */
#include <check.h>

#include "../support/count.h"
#include "../support/tensor_files.h"

static test_folder folder;
static char path[PATH_BYTES], registry[PATH_BYTES];
static varsdb *db;
static char reported[4096];

static void setup(void)
{
    folder_make(&folder);
    folder_path(&folder, "m.safetensors", path);
    folder_path(&folder, "r.db", registry);
    reported[0] = '\0';
    ck_assert_int_eq(varsdb_open(registry, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &db), VARSDB_OK);
}

static void teardown(void)
{
    varsdb_close(db);
    folder_remove(&folder);
}

/* layer.w is [[1,2],[3,4]] of int16, layer.b is 5 of uint8. */
static void write_example(void)
{
    safetensors_write(path,
                      "{\"__metadata__\":{\"format\":\"pt\"},"
                      "\"layer.w\":{\"dtype\":\"I16\",\"shape\":[2,2],\"data_offsets\":[0,8]},"
                      "\"layer.b\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[8,9]}}",
                      "\1\0\2\0\3\0\4\0\5", 9);
}

static int note(void *payload, varsdb_outcome outcome, const char *name, const char *file_name)
{
    static const char letters[] = "IRSMXD"; /* imported, replaced, skipped, missing, extra, different */
    size_t at = strlen(reported);
    snprintf(reported + at, sizeof reported - at, "%c:%s=%s ", letters[outcome], name,
             file_name ? file_name : "-");
    return payload && --*(int *)payload == 0;
}

static const varsdb_variable *find(const char *name)
{
    const varsdb_variable *v = NULL;
    ck_assert_msg(varsdb_find_variable(db, name, &v) == VARSDB_OK, "%s", varsdb_errmsg(db));
    return v;
}

static void check_value(const char *name, const void *expected, size_t bytes)
{
    char got[64];
    ck_assert_int_eq(varsdb_read(db, find(name), got, bytes), VARSDB_OK);
    ck_assert_mem_eq(got, expected, bytes);
}

static int note_attribute(void *payload, const char *key, const char *json)
{
    char *text = payload;
    size_t at = strlen(text);
    snprintf(text + at, 256 - at, "%s=%s;", key, json);
    return 0;
}

START_TEST(tensors_become_variables_with_their_bytes)
{
    char attributes[256] = "";
    write_example();
    ck_assert_int_eq(varsdb_import(db, path, VARSDB_IMPORT(.report = note)), VARSDB_OK);
    ck_assert_str_eq(reported, "I:layer.w=layer.w I:layer.b=layer.b ");
    check_value("layer.w", "\1\0\2\0\3\0\4\0", 8);
    check_value("layer.b", "\5", 1);
    ck_assert_int_eq(varsdb_variable_dtype(find("layer.w")), VARSDB_INT16);
    ck_assert_int_eq(varsdb_variable_shape(find("layer.w"))->rank, 2);
    ck_assert_int_eq(count_variables(db, VARSDB_GLOBAL), 2);
    ck_assert_int_eq(count_variables(db, VARSDB_TRAINABLE), 0);
    ck_assert_int_eq(count_variables(db, VARSDB_MODEL), 0);
    ck_assert_int_eq(varsdb_list_attributes(db, find("layer.w"), note_attribute, attributes), VARSDB_OK);
    ck_assert_str_eq(attributes, "file_name=\"layer.w\";");
    attributes[0] = '\0';
    ck_assert_int_eq(varsdb_list_attributes(db, NULL, note_attribute, attributes), VARSDB_OK);
    ck_assert_str_eq(attributes, "safetensors.metadata={\"format\":\"pt\"};");
}
END_TEST

START_TEST(names_are_renamed_separated_and_put_below_a_scope)
{
    char attributes[256] = "";
    write_example();
    ck_assert_int_eq(
        varsdb_import(db, path,
                      VARSDB_IMPORT(.scope = "net", .separator = ".",
                                    .renames = &(varsdb_rename){"^layer\\.(.)$", "l.$1"}, .rename_count = 1,
                                    .report = note, .model = 1, .collection = "mine", .trainable = "w$")),
        VARSDB_OK);
    ck_assert_str_eq(reported, "I:net/l/w=layer.w I:net/l/b=layer.b ");
    ck_assert_int_eq(count_variables(db, VARSDB_MODEL), 2);
    ck_assert_int_eq(count_variables(db, "mine"), 2);
    ck_assert_int_eq(count_variables(db, VARSDB_TRAINABLE), 1);
    ck_assert_int_eq(varsdb_list_attributes(db, find("net/l/w"), note_attribute, attributes), VARSDB_OK);
    ck_assert_str_eq(attributes, "file_name=\"layer.w\";");
}
END_TEST

START_TEST(include_and_exclude_choose_by_the_names_of_the_file)
{
    write_example();
    ck_assert_int_eq(
        varsdb_import(db, path, VARSDB_IMPORT(.include = "layer", .exclude = "\\.b$", .report = note)),
        VARSDB_OK);
    ck_assert_str_eq(reported, "I:layer.w=layer.w ");
    ck_assert_int_eq(count_variables(db, NULL), 1);
}
END_TEST

START_TEST(existing_variables_are_refused_skipped_or_replaced)
{
    write_example();
    ck_assert_int_eq(varsdb_import(db, path, VARSDB_IMPORT(.include = "w")), VARSDB_OK);
    ck_assert_int_eq(varsdb_assign(db, find("layer.w"), "\0\0\0\0\0\0\0\0", 8), VARSDB_OK);
    ck_assert_int_eq(varsdb_import(db, path, NULL), VARSDB_EXISTS);
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(db), "'layer.w'"));
    ck_assert_int_eq(count_variables(db, NULL), 1);
    ck_assert_int_eq(
        varsdb_import(db, path, VARSDB_IMPORT(.on_conflict = VARSDB_CONFLICT_SKIP, .report = note)),
        VARSDB_OK);
    ck_assert_str_eq(reported, "S:layer.w=layer.w I:layer.b=layer.b ");
    check_value("layer.w", "\0\0\0\0\0\0\0\0", 8);
    ck_assert_int_eq(varsdb_import(db, path, VARSDB_IMPORT(.on_conflict = VARSDB_CONFLICT_REPLACE)),
                     VARSDB_OK);
    check_value("layer.w", "\1\0\2\0\3\0\4\0", 8);
}
END_TEST

static void create(const char *name, varsdb_dtype dtype, const varsdb_shape *shape)
{
    const varsdb_variable *v = NULL;
    ck_assert_msg(varsdb_get_variable(db, name, VARSDB_WITH(.shape = shape, .dtype = dtype), NULL, &v) ==
                      VARSDB_OK,
                  "%s", varsdb_errmsg(db));
}

START_TEST(mismatch_changes_nothing)
{
    write_example();
    create("layer.w", VARSDB_INT16, VARSDB_SHAPE(4));
    ck_assert_int_eq(
        varsdb_import(db, path, VARSDB_IMPORT(.on_conflict = VARSDB_CONFLICT_REPLACE, .report = note)),
        VARSDB_MISMATCH);
    ck_assert_str_eq(reported, "D:layer.w=layer.w I:layer.b=layer.b ");
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(db), "int16[4]"));
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(db), "int16[2,2]"));
    ck_assert_int_eq(count_variables(db, NULL), 1);
}
END_TEST

START_TEST(existing_only_assigns_and_reports_what_is_missing_and_extra)
{
    write_example();
    create("layer.w", VARSDB_INT16, VARSDB_SHAPE(2, 2));
    create("other", VARSDB_FLOAT32, VARSDB_SHAPE(1));
    ck_assert_int_eq(varsdb_import(db, path, VARSDB_IMPORT(.existing_only = 1, .report = note)), VARSDB_OK);
    ck_assert_str_eq(reported, "R:layer.w=layer.w X:layer.b=layer.b M:other=- ");
    check_value("layer.w", "\1\0\2\0\3\0\4\0", 8);
    ck_assert_int_eq(count_variables(db, NULL), 2);
}
END_TEST

START_TEST(existing_only_reports_every_mismatch_before_it_fails)
{
    write_example();
    create("layer.w", VARSDB_INT16, VARSDB_SHAPE(2, 2));
    create("layer.b", VARSDB_INT8, VARSDB_SCALAR);
    ck_assert_int_eq(varsdb_import(db, path, VARSDB_IMPORT(.existing_only = 1, .report = note)),
                     VARSDB_MISMATCH);
    ck_assert_str_eq(reported, "R:layer.w=layer.w D:layer.b=layer.b ");
    check_value("layer.w", "\0\0\0\0\0\0\0\0", 8);
}
END_TEST

START_TEST(dry_run_reports_and_changes_nothing)
{
    write_example();
    ck_assert_int_eq(varsdb_import(db, path, VARSDB_IMPORT(.dry_run = 1, .report = note)), VARSDB_OK);
    ck_assert_str_eq(reported, "I:layer.w=layer.w I:layer.b=layer.b ");
    ck_assert_int_eq(count_variables(db, NULL), 0);
    ck_assert_int_eq(varsdb_in_transaction(db), 0);
}
END_TEST

static const char bool_header[] = "{\"w\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
                                  "\"x\":{\"dtype\":\"BOOL\",\"shape\":[2],\"data_offsets\":[1,3]}}";

START_TEST(bad_bool_undoes_the_whole_import)
{
    safetensors_write(path, bool_header, "\7\1\2", 3);
    ck_assert_int_eq(varsdb_import(db, path, VARSDB_IMPORT(.dry_run = 1)), VARSDB_FORMAT);
    ck_assert_int_eq(varsdb_import(db, path, NULL), VARSDB_FORMAT);
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(db), "'x'"));
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(db), "a bool is 0 or 1"));
    ck_assert_int_eq(count_variables(db, NULL), 0);
    ck_assert_int_eq(varsdb_in_transaction(db), 0);
}
END_TEST

START_TEST(failure_inside_a_transaction_dooms_it)
{
    safetensors_write(path, bool_header, "\7\1\2", 3);
    ck_assert_int_eq(varsdb_begin(db), VARSDB_OK);
    ck_assert_int_eq(varsdb_import(db, path, NULL), VARSDB_FORMAT);
    ck_assert_int_eq(varsdb_in_transaction(db), 1);
    ck_assert_int_eq(varsdb_commit(db), VARSDB_ABORTED);
    ck_assert_int_eq(count_variables(db, NULL), 0);
}
END_TEST

START_TEST(import_is_part_of_an_open_transaction)
{
    write_example();
    ck_assert_int_eq(varsdb_begin(db), VARSDB_OK);
    ck_assert_int_eq(varsdb_import(db, path, NULL), VARSDB_OK);
    ck_assert_int_eq(varsdb_in_transaction(db), 1);
    ck_assert_int_eq(count_variables(db, NULL), 2);
    ck_assert_int_eq(varsdb_rollback(db), VARSDB_OK);
    ck_assert_int_eq(count_variables(db, NULL), 0);
}
END_TEST

START_TEST(report_can_cancel)
{
    int stop_at = 2;
    write_example();
    ck_assert_int_eq(varsdb_import(db, path, VARSDB_IMPORT(.report = note, .payload = &stop_at)),
                     VARSDB_CANCELLED);
    ck_assert_int_eq(count_variables(db, NULL), 0);
}
END_TEST

START_TEST(bad_names_and_clashes_are_refused_by_name)
{
    write_example();
    ck_assert_int_eq(
        varsdb_import(db, path, VARSDB_IMPORT(.renames = &(varsdb_rename){".*", "same"}, .rename_count = 1)),
        VARSDB_INVALID);
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(db), "'layer.b'"));
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(db), "'layer.w'"));
    ck_assert_int_eq(
        varsdb_import(db, path, VARSDB_IMPORT(.renames = &(varsdb_rename){"w$", "/"}, .rename_count = 1)),
        VARSDB_INVALID);
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(db), "tensor 'layer.w'"));
    ck_assert_int_eq(varsdb_import(db, path, VARSDB_IMPORT(.include = "(")), VARSDB_INVALID);
    ck_assert_int_eq(varsdb_import(db, path, VARSDB_IMPORT(.separator = "")), VARSDB_INVALID);
    ck_assert_int_eq(varsdb_import(db, path, VARSDB_IMPORT(.rename_count = 1)), VARSDB_MISUSE);
    ck_assert_int_eq(count_variables(db, NULL), 0);
}
END_TEST

START_TEST(names_that_creation_would_refuse_are_imported_unchanged)
{
    safetensors_write(path, "{\"_a b:0/\xc3\xa9\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}",
                      "x", 1);
    ck_assert_int_eq(varsdb_import(db, path, VARSDB_IMPORT(.report = note)), VARSDB_OK);
    ck_assert_str_eq(reported, "I:_a b:0/\xc3\xa9=_a b:0/\xc3\xa9 ");
}
END_TEST

START_TEST(wrong_calls_are_answered)
{
    const varsdb_import_options no_size = {0};
    ck_assert_int_eq(varsdb_import(db, NULL, NULL), VARSDB_MISUSE);
    ck_assert_int_eq(varsdb_import(db, path, &no_size), VARSDB_MISUSE);
    ck_assert_int_eq(varsdb_import(db, path, NULL), VARSDB_CANTOPEN);
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(db), path));
    ck_assert_int_eq(varsdb_import(db, registry, NULL), VARSDB_CANTOPEN);
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(db), "database in use"));
}
END_TEST

Suite *test_import_suite(void);
static int commit_and_cancel(void *payload, varsdb_outcome outcome, const char *name, const char *file_name)
{
    (void)payload, (void)outcome, (void)name, (void)file_name;
    ck_assert_int_eq(varsdb_commit(db), VARSDB_MISUSE);
    ck_assert_int_eq(varsdb_use_namespace(db, "other"), VARSDB_MISUSE);
    return 1;
}

START_TEST(a_report_cannot_end_the_transaction)
{
    write_example();
    ck_assert_int_eq(varsdb_import(db, path, VARSDB_IMPORT(.report = commit_and_cancel)), VARSDB_CANCELLED);
    ck_assert_int_eq(count_variables(db, NULL), 0);
}
END_TEST

Suite *test_import_suite(void)
{
    Suite *s = suite_create("import");
    TCase *t = tcase_create("import");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, tensors_become_variables_with_their_bytes);
    tcase_add_test(t, names_are_renamed_separated_and_put_below_a_scope);
    tcase_add_test(t, include_and_exclude_choose_by_the_names_of_the_file);
    tcase_add_test(t, existing_variables_are_refused_skipped_or_replaced);
    tcase_add_test(t, mismatch_changes_nothing);
    tcase_add_test(t, existing_only_assigns_and_reports_what_is_missing_and_extra);
    tcase_add_test(t, existing_only_reports_every_mismatch_before_it_fails);
    tcase_add_test(t, dry_run_reports_and_changes_nothing);
    tcase_add_test(t, bad_bool_undoes_the_whole_import);
    tcase_add_test(t, failure_inside_a_transaction_dooms_it);
    tcase_add_test(t, import_is_part_of_an_open_transaction);
    tcase_add_test(t, report_can_cancel);
    tcase_add_test(t, bad_names_and_clashes_are_refused_by_name);
    tcase_add_test(t, names_that_creation_would_refuse_are_imported_unchanged);
    tcase_add_test(t, wrong_calls_are_answered);
    tcase_add_test(t, a_report_cannot_end_the_transaction);
    suite_add_tcase(s, t);
    return s;
}
