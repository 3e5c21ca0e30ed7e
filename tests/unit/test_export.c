/* test_export.c - variables become a tensor file that appears complete or not at all. */
#include <check.h>

#include "../support/tensor_files.h"

static test_folder folder;
static char path[PATH_BYTES];
static varsdb *db;

static void setup(void)
{
    char registry[PATH_BYTES];
    folder_make(&folder);
    folder_path(&folder, "out.safetensors", path);
    folder_path(&folder, "r.db", registry);
    ck_assert_int_eq(varsdb_open(registry, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &db), VARSDB_OK);
}

static void teardown(void)
{
    varsdb_close(db);
    folder_remove(&folder);
}

static const varsdb_variable *create(const char *name, varsdb_dtype dtype, const char *json)
{
    const varsdb_variable *v = NULL;
    ck_assert_msg(varsdb_get_variable(db, name, VARSDB_WITH(.dtype = dtype, .value_json = json), NULL, &v) ==
                      VARSDB_OK,
                  "%s", varsdb_errmsg(db));
    return v;
}

/* No temporary file stays behind, whatever the registry's own side files are. */
static void check_no_temporary(void)
{
    DIR *d = opendir(folder.path);
    ck_assert_ptr_nonnull(d);
    for (struct dirent *entry; (entry = readdir(d));)
        ck_assert_ptr_null(strstr(entry->d_name, ".tmp"));
    closedir(d);
}

START_TEST(file_has_the_bytes_of_the_format)
{
    static const char header[] = "{\"b\":{\"dtype\":\"I16\",\"shape\":[2],\"data_offsets\":[0,4]},"
                                 "\"a\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[4,5]}}";
    size_t bytes, padded = (sizeof header - 1 + 7) / 8 * 8;
    int64_t count = 0;
    create("a", VARSDB_UINT8, "7");
    create("b", VARSDB_INT16, "[1,-1]");
    ck_assert_int_eq(varsdb_export(db, path, NULL, &count), VARSDB_OK);
    ck_assert_int_eq(count, 2);
    char *file = file_read(path, &bytes);
    ck_assert_uint_eq(bytes, 8 + padded + 5);
    ck_assert_mem_eq(file + 8, header, sizeof header - 1);
    ck_assert_mem_eq(file + 8 + padded, "\1\0\xff\xff\7", 5);
    free(file);
    check_no_temporary();
}
END_TEST

START_TEST(imported_file_comes_back_byte_for_byte)
{
    char original[PATH_BYTES];
    size_t bytes, again_bytes;
    safetensors_write(folder_path(&folder, "in.safetensors", original),
                      "{\"__metadata__\":{\"by\":\"me \\\"x\\\"\",\"format\":\"pt\"},"
                      "\"l.w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
                      "\"l.b\":{\"dtype\":\"U8\",\"shape\":[2,1],\"data_offsets\":[4,6]}} ",
                      "abcdef", 6);
    ck_assert_int_eq(varsdb_import(db, original, VARSDB_IMPORT(.scope = "s", .separator = ".")), VARSDB_OK);
    ck_assert_int_eq(varsdb_export(db, path, NULL, NULL), VARSDB_OK);
    char *file = file_read(original, &bytes), *again = file_read(path, &again_bytes);
    ck_assert_int_eq(file[0] % 8, 0);
    ck_assert_uint_eq(again_bytes, bytes);
    ck_assert_mem_eq(again, file, bytes);
    free(file);
    free(again);
}
END_TEST

START_TEST(original_names_survive_a_rename)
{
    char original[PATH_BYTES];
    const varsdb_variable *v = NULL;
    varsdb_reader *r = NULL;
    safetensors_write(folder_path(&folder, "in.safetensors", original),
                      "{\"w\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", "a", 1);
    ck_assert_int_eq(varsdb_import(db, original, NULL), VARSDB_OK);
    ck_assert_int_eq(varsdb_find_variable(db, "w", &v), VARSDB_OK);
    ck_assert_int_eq(varsdb_rename_variable(db, v, "net/v"), VARSDB_OK);
    ck_assert_int_eq(varsdb_export(db, path, NULL, NULL), VARSDB_OK);
    ck_assert_int_eq(varsdb_open_reader(path, &r), VARSDB_OK);
    ck_assert_str_eq(varsdb_reader_tensor(r, 0)->name, "w");
    varsdb_close_reader(r);
}
END_TEST

START_TEST(selecting_nothing_writes_nothing)
{
    size_t bytes;
    create("a/x", VARSDB_UINT8, "1");
    ck_assert_int_eq(varsdb_export(db, path, NULL, NULL), VARSDB_OK);
    char *before = file_read(path, &bytes);
    ck_assert_int_eq(varsdb_export(db, path, VARSDB_EXPORT(.filter = VARSDB_FILTER(.scope = "b")), NULL),
                     VARSDB_NOTFOUND);
    size_t bytes_after;
    char *after = file_read(path, &bytes_after);
    ck_assert_uint_eq(bytes_after, bytes);
    ck_assert_mem_eq(after, before, bytes);
    free(before);
    free(after);
}
END_TEST

START_TEST(registry_names_are_used_on_request)
{
    char original[PATH_BYTES];
    varsdb_reader *r = NULL;
    safetensors_write(folder_path(&folder, "in.safetensors", original),
                      "{\"l.w\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", "a", 1);
    ck_assert_int_eq(varsdb_import(db, original, VARSDB_IMPORT(.separator = ".")), VARSDB_OK);
    ck_assert_int_eq(varsdb_export(db, path, VARSDB_EXPORT(.registry_names = 1), NULL), VARSDB_OK);
    ck_assert_int_eq(varsdb_open_reader(path, &r), VARSDB_OK);
    ck_assert_str_eq(varsdb_reader_tensor(r, 0)->name, "l/w");
    varsdb_close_reader(r);
}
END_TEST

static void check_names(const char *wanted)
{
    char got[256] = "";
    varsdb_reader *reader = NULL;
    ck_assert_int_eq(varsdb_open_reader(path, &reader), VARSDB_OK);
    for (size_t i = 0; i < varsdb_reader_count(reader); i++) {
        size_t at = strlen(got);
        snprintf(got + at, sizeof got - at, "%s ", varsdb_reader_tensor(reader, i)->name);
    }
    varsdb_close_reader(reader);
    ck_assert_str_eq(got, wanted);
}

START_TEST(renames_are_over_the_names_that_tensors_would_have)
{
    const varsdb_rename renames[] = {{"^one/", ""}, {"^(.)$", "n.$1"}, {"^n\\.a", "$0$0"}};
    int64_t snapshot = 0;
    safetensors_write(path, "{\"w\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", "a", 1);
    ck_assert_int_eq(varsdb_import(db, path, VARSDB_IMPORT(.scope = "one")), VARSDB_OK);
    create("one/a", VARSDB_UINT8, "1");
    ck_assert_int_eq(varsdb_export(db, path, VARSDB_EXPORT(.renames = renames, .rename_count = 3), NULL),
                     VARSDB_OK);
    check_names("n.an.a n.w ");
    ck_assert_int_eq(varsdb_export(db, path,
                                   VARSDB_EXPORT(.renames = renames, .rename_count = 1, .registry_names = 1),
                                   NULL),
                     VARSDB_OK);
    check_names("a w ");
    ck_assert_int_eq(varsdb_take_snapshot(db, NULL, &snapshot), VARSDB_OK);
    ck_assert_int_eq(varsdb_export(db, path,
                                   VARSDB_EXPORT(.renames = renames, .rename_count = 2, .snapshot = snapshot),
                                   NULL),
                     VARSDB_OK);
    check_names("n.a n.w ");
}
END_TEST

START_TEST(renames_that_cannot_be_are_refused)
{
    const varsdb_rename same[] = {{".*", "x"}}, nothing[] = {{"^a$", ""}}, bad[] = {{"(", ""}},
                        half[] = {{"a", NULL}};
    create("a", VARSDB_UINT8, "1");
    create("b", VARSDB_UINT8, "1");
    ck_assert_int_eq(varsdb_export(db, path, VARSDB_EXPORT(.renames = same, .rename_count = 1), NULL),
                     VARSDB_INVALID);
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(db), "'a' and 'b'"));
    ck_assert_int_eq(varsdb_export(db, path, VARSDB_EXPORT(.renames = nothing, .rename_count = 1), NULL),
                     VARSDB_INVALID);
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(db), "'a'"));
    ck_assert_int_eq(varsdb_export(db, path, VARSDB_EXPORT(.renames = bad, .rename_count = 1), NULL),
                     VARSDB_INVALID);
    ck_assert_int_eq(varsdb_export(db, path, VARSDB_EXPORT(.renames = half, .rename_count = 1), NULL),
                     VARSDB_MISUSE);
    ck_assert_int_eq(varsdb_export(db, path, VARSDB_EXPORT(.rename_count = 1), NULL), VARSDB_MISUSE);
    ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

START_TEST(filter_chooses_and_local_variables_stay_out)
{
    const varsdb_variable *v = NULL;
    int64_t count = 0;
    create("a/x", VARSDB_UINT8, "1");
    create("b/x", VARSDB_UINT8, "1");
    ck_assert_int_eq(varsdb_local_variable(db, "step", VARSDB_WITH(.shape = VARSDB_SCALAR), NULL, &v),
                     VARSDB_OK);
    ck_assert_int_eq(varsdb_export(db, path, NULL, &count), VARSDB_OK);
    ck_assert_int_eq(count, 2);
    ck_assert_int_eq(varsdb_export(db, path, VARSDB_EXPORT(.filter = VARSDB_FILTER(.scope = "a")), &count),
                     VARSDB_OK);
    ck_assert_int_eq(count, 1);
}
END_TEST

START_TEST(two_variables_of_one_file_name_are_refused)
{
    char original[PATH_BYTES];
    safetensors_write(folder_path(&folder, "in.safetensors", original),
                      "{\"w\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", "a", 1);
    ck_assert_int_eq(varsdb_import(db, original, VARSDB_IMPORT(.scope = "one")), VARSDB_OK);
    ck_assert_int_eq(varsdb_import(db, original, VARSDB_IMPORT(.scope = "two")), VARSDB_OK);
    ck_assert_int_eq(varsdb_export(db, path, NULL, NULL), VARSDB_INVALID);
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(db), "'one/w'"));
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(db), "'two/w'"));
    ck_assert_int_ne(access(path, F_OK), 0);
    ck_assert_int_eq(varsdb_export(db, path, VARSDB_EXPORT(.registry_names = 1), NULL), VARSDB_OK);
}
END_TEST

START_TEST(failure_names_the_variable_and_leaves_the_old_file)
{
    const varsdb_variable *v = NULL;
    int64_t count = 77;
    size_t bytes;
    file_write(path, "old", 3);
    create("c", VARSDB_COMPLEX128, "[1,2]");
    ck_assert_int_eq(varsdb_export(db, path, NULL, &count), VARSDB_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(db), "'c' (complex128)"));
    ck_assert_int_eq(varsdb_get_variable(
                         db, "empty", VARSDB_WITH(.shape = VARSDB_SHAPE(2), .initializer = "none"), NULL, &v),
                     VARSDB_OK);
    ck_assert_int_eq(varsdb_export(db, path, NULL, &count), VARSDB_UNINITIALIZED);
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(db), "'empty'"));
    ck_assert_int_eq(count, 77);
    ck_assert_int_eq(varsdb_in_transaction(db), 0);
    char *file = file_read(path, &bytes);
    ck_assert_uint_eq(bytes, 3);
    ck_assert_mem_eq(file, "old", 3);
    free(file);
    check_no_temporary();
}
END_TEST

START_TEST(format_is_chosen_by_suffix_or_by_name)
{
    char plain[PATH_BYTES];
    folder_path(&folder, "plain", plain);
    create("a", VARSDB_UINT8, "1");
    ck_assert_int_eq(varsdb_export(db, plain, NULL, NULL), VARSDB_UNSUPPORTED);
    ck_assert_int_eq(varsdb_export(db, plain, VARSDB_EXPORT(.format = "safetensors"), NULL), VARSDB_OK);
}
END_TEST

START_TEST(registry_itself_is_never_overwritten)
{
    create("a", VARSDB_UINT8, "1");
    ck_assert_int_eq(varsdb_export(db, varsdb_path(db), VARSDB_EXPORT(.format = "safetensors"), NULL),
                     VARSDB_CANTOPEN);
    ck_assert_int_eq(varsdb_export(db, path, NULL, NULL), VARSDB_OK);
}
END_TEST

START_TEST(export_sees_the_open_transaction)
{
    int64_t count = 0;
    ck_assert_int_eq(varsdb_begin(db), VARSDB_OK);
    create("a", VARSDB_UINT8, "1");
    ck_assert_int_eq(varsdb_export(db, path, NULL, &count), VARSDB_OK);
    ck_assert_int_eq(count, 1);
    ck_assert_int_eq(varsdb_in_transaction(db), 1);
    ck_assert_int_eq(varsdb_rollback(db), VARSDB_OK);
}
END_TEST

/* Name, dtype and first byte of each tensor of the file, in its order. */
static const char *tensors_of_file(void)
{
    static char out[512];
    varsdb_reader *r = NULL;
    ck_assert_int_eq(varsdb_open_reader(path, &r), VARSDB_OK);
    out[0] = '\0';
    for (size_t i = 0; i < varsdb_reader_count(r); i++) {
        unsigned char byte = 0;
        const varsdb_tensor_info *t = varsdb_reader_tensor(r, i);
        size_t at = strlen(out);
        ck_assert_int_eq(varsdb_reader_read(r, i, 0, &byte, 1), VARSDB_OK);
        snprintf(out + at, sizeof out - at, "%s%s:%s:%d:%d", at ? " " : "", t->name,
                 varsdb_dtype_name(t->dtype), t->shape.rank, byte);
    }
    varsdb_close_reader(r);
    return out;
}

START_TEST(a_snapshot_is_exported_as_it_was)
{
    char original[PATH_BYTES];
    const varsdb_variable *v = NULL, *u = create("u", VARSDB_UINT8, "[5,6]");
    int64_t id = 0, count = 0;
    safetensors_write(folder_path(&folder, "in.safetensors", original),
                      "{\"l.w\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", "a", 1);
    ck_assert_int_eq(varsdb_import(db, original, VARSDB_IMPORT(.scope = "net")), VARSDB_OK);
    ck_assert_int_eq(varsdb_find_variable(db, "net/l.w", &v), VARSDB_OK);
    ck_assert_int_eq(varsdb_take_snapshot(db, NULL, &id), VARSDB_OK);
    /* renamed, it still knows its file's name; deleted and made again it is another variable */
    ck_assert_int_eq(varsdb_rename_variable(db, v, "renamed"), VARSDB_OK);
    ck_assert_int_eq(varsdb_assign_json(db, v, "[9]"), VARSDB_OK);
    ck_assert_int_eq(varsdb_delete_variable(db, u), VARSDB_OK);
    create("u", VARSDB_INT64, "1");
    ck_assert_int_eq(varsdb_export(db, path, VARSDB_EXPORT(.snapshot = id), &count), VARSDB_OK);
    ck_assert_int_eq(count, 2);
    ck_assert_str_eq(tensors_of_file(), "l.w:uint8:1:97 u:uint8:1:5");
    ck_assert_int_eq(varsdb_export(db, path, VARSDB_EXPORT(.snapshot = id, .registry_names = 1), NULL),
                     VARSDB_OK);
    ck_assert_str_eq(tensors_of_file(), "net/l.w:uint8:1:97 u:uint8:1:5");
    ck_assert_int_eq(varsdb_delete_variable(db, v), VARSDB_OK);
    ck_assert_int_eq(varsdb_export(db, path, VARSDB_EXPORT(.snapshot = id), NULL), VARSDB_OK);
    ck_assert_str_eq(tensors_of_file(), "net/l.w:uint8:1:97 u:uint8:1:5");
}
END_TEST

START_TEST(a_filter_is_over_what_the_snapshot_has)
{
    const varsdb_variable *v = NULL;
    int64_t id = 0, count = 0;
    create("a/x", VARSDB_UINT8, "1");
    create("b/x", VARSDB_UINT8, "2");
    ck_assert_int_eq(
        varsdb_local_variable(db, "local", VARSDB_WITH(.dtype = VARSDB_UINT8, .value_json = "3"), NULL, &v),
        VARSDB_OK);
    ck_assert_int_eq(
        varsdb_take_snapshot(db, VARSDB_SNAPSHOT(.filter = VARSDB_FILTER(.collection = NULL)), &id),
        VARSDB_OK);
    ck_assert_int_eq(varsdb_rename_scope(db, "a", "c"), VARSDB_OK);
    ck_assert_int_eq(
        varsdb_export(db, path, VARSDB_EXPORT(.snapshot = id, .filter = VARSDB_FILTER(.scope = "a")), &count),
        VARSDB_OK);
    ck_assert_str_eq(tensors_of_file(), "a/x:uint8:0:1");
    ck_assert_int_eq(
        varsdb_export(db, path, VARSDB_EXPORT(.snapshot = id, .filter = VARSDB_FILTER(.scope = "c")), &count),
        VARSDB_NOTFOUND);
    ck_assert_int_eq(
        varsdb_export(db, path,
                      VARSDB_EXPORT(.snapshot = id, .filter = VARSDB_FILTER(.collection = "GLOBAL")), &count),
        VARSDB_OK);
    ck_assert_int_eq(count, 2);
    /* without one it is all that was taken */
    ck_assert_int_eq(varsdb_export(db, path, VARSDB_EXPORT(.snapshot = id), &count), VARSDB_OK);
    ck_assert_int_eq(count, 3);
    ck_assert_int_eq(varsdb_export(db, path, VARSDB_EXPORT(.snapshot = 9), &count), VARSDB_NOTFOUND);
    ck_assert_ptr_nonnull(strstr(varsdb_errmsg(db), "snapshot #9"));
    ck_assert_int_eq(varsdb_get_variable(
                         db, "empty", VARSDB_WITH(.shape = VARSDB_SHAPE(2), .initializer = "none"), NULL, &v),
                     VARSDB_OK);
    ck_assert_int_eq(varsdb_take_snapshot(db, NULL, &id), VARSDB_OK);
    ck_assert_int_eq(varsdb_export(db, path, VARSDB_EXPORT(.snapshot = id), NULL), VARSDB_UNINITIALIZED);
}
END_TEST

START_TEST(large_value_passes_in_pieces)
{
    const varsdb_variable *v = NULL;
    size_t all = (3 << 20) + 5, bytes;
    unsigned char *value = malloc(all);
    ck_assert_ptr_nonnull(value);
    for (size_t i = 0; i < all; i++)
        value[i] = (unsigned char)(i * 2654435761U >> 24);
    ck_assert_int_eq(
        varsdb_get_variable(db, "big",
                            VARSDB_WITH(.dtype = VARSDB_UINT8, .shape = VARSDB_SHAPE((3 << 20) + 5),
                                        .value = value, .value_bytes = all),
                            NULL, &v),
        VARSDB_OK);
    ck_assert_int_eq(varsdb_export(db, path, NULL, NULL), VARSDB_OK);
    char *file = file_read(path, &bytes);
    ck_assert_uint_gt(bytes, all);
    ck_assert_mem_eq(file + bytes - all, value, all);
    ck_assert_int_eq(varsdb_import(db, path, VARSDB_IMPORT(.scope = "again")), VARSDB_OK);
    ck_assert_int_eq(varsdb_find_variable(db, "again/big", &v), VARSDB_OK);
    memset(file, 0, bytes);
    ck_assert_int_eq(varsdb_read(db, v, file, all), VARSDB_OK);
    ck_assert_mem_eq(file, value, all);
    free(file);
    free(value);
}
END_TEST

Suite *test_export_suite(void);
Suite *test_export_suite(void)
{
    Suite *s = suite_create("export");
    TCase *t = tcase_create("export");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, file_has_the_bytes_of_the_format);
    tcase_add_test(t, imported_file_comes_back_byte_for_byte);
    tcase_add_test(t, original_names_survive_a_rename);
    tcase_add_test(t, selecting_nothing_writes_nothing);
    tcase_add_test(t, registry_names_are_used_on_request);
    tcase_add_test(t, renames_are_over_the_names_that_tensors_would_have);
    tcase_add_test(t, renames_that_cannot_be_are_refused);
    tcase_add_test(t, filter_chooses_and_local_variables_stay_out);
    tcase_add_test(t, two_variables_of_one_file_name_are_refused);
    tcase_add_test(t, failure_names_the_variable_and_leaves_the_old_file);
    tcase_add_test(t, format_is_chosen_by_suffix_or_by_name);
    tcase_add_test(t, registry_itself_is_never_overwritten);
    tcase_add_test(t, export_sees_the_open_transaction);
    tcase_add_test(t, a_snapshot_is_exported_as_it_was);
    tcase_add_test(t, a_filter_is_over_what_the_snapshot_has);
    tcase_add_test(t, large_value_passes_in_pieces);
    suite_add_tcase(s, t);
    return s;
}
