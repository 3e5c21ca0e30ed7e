/* test_reader.c - tensor files through the public interface. */
#include <check.h>

#include <stdbool.h>

#include "../support/tensor_files.h"

static test_folder folder;
static char path[PATH_BYTES];
static varsdb_reader *reader;

static void setup(void)
{
    folder_make(&folder);
    folder_path(&folder, "m.safetensors", path);
    reader = NULL;
}

static void teardown(void)
{
    varsdb_close_reader(reader);
    folder_remove(&folder);
}

static void open_example(void)
{
    safetensors_write(path,
                      "{\"__metadata__\":{\"format\":\"pt\",\"by\":\"\\u00fc\"},"
                      "\"w\":{\"dtype\":\"I16\",\"shape\":[2,2],\"data_offsets\":[0,8]},"
                      "\"flags\":{\"dtype\":\"BOOL\",\"shape\":[3],\"data_offsets\":[8,11]}}",
                      "\1\0\2\0\3\0\4\0\0\1\2", 11);
    ck_assert_int_eq(varsdb_open_reader(path, &reader), VARSDB_OK);
}

START_TEST(tensors_are_listed_with_their_properties)
{
    open_example();
    ck_assert_str_eq(varsdb_reader_format(reader), "safetensors");
    ck_assert_uint_eq(varsdb_reader_count(reader), 2);
    const varsdb_tensor_info *w = varsdb_reader_tensor(reader, 0);
    ck_assert_str_eq(w->name, "w");
    ck_assert_int_eq(w->dtype, VARSDB_INT16);
    ck_assert_int_eq(w->shape.rank, 2);
    ck_assert_int_eq(w->shape.dims[1], 2);
    ck_assert_uint_eq(w->bytes, 8);
    ck_assert_ptr_null(varsdb_reader_tensor(reader, 2));
    ck_assert_ptr_null(varsdb_reader_tensor(reader, SIZE_MAX));
}
END_TEST

START_TEST(ranges_are_read_within_the_tensor_only)
{
    char got[11] = "";
    open_example();
    ck_assert_int_eq(varsdb_reader_read(reader, 0, 2, got, 6), VARSDB_OK);
    ck_assert_mem_eq(got, "\2\0\3\0\4\0", 6);
    ck_assert_int_eq(varsdb_reader_read(reader, 0, 8, NULL, 0), VARSDB_OK);
    ck_assert_int_eq(varsdb_reader_read(reader, 0, 0, got, 9), VARSDB_INVALID);
    ck_assert_ptr_nonnull(strstr(varsdb_reader_errmsg(reader), "'w' has 8 bytes"));
    ck_assert_int_eq(varsdb_reader_read(reader, 0, 9, got, 0), VARSDB_INVALID);
    ck_assert_int_eq(varsdb_reader_read(reader, 0, UINT64_MAX, got, 2), VARSDB_INVALID);
    ck_assert_int_eq(varsdb_reader_read(reader, 2, 0, got, 0), VARSDB_INVALID);
    ck_assert_int_eq(varsdb_reader_read(reader, 0, 0, NULL, 1), VARSDB_MISUSE);
    ck_assert_int_eq(varsdb_reader_read(reader, 0, 0, got, 8), VARSDB_OK);
    ck_assert_str_eq(varsdb_reader_errmsg(reader), "");
}
END_TEST

START_TEST(bool_other_than_0_and_1_is_refused_where_it_is_read)
{
    unsigned char got[3];
    open_example();
    ck_assert_int_eq(varsdb_reader_read(reader, 1, 0, got, 2), VARSDB_OK);
    ck_assert_int_eq(varsdb_reader_read(reader, 1, 1, got, 2), VARSDB_FORMAT);
    ck_assert_ptr_nonnull(strstr(varsdb_reader_errmsg(reader), "'flags': element 2 is byte 0x02"));
}
END_TEST

typedef struct seen {
    char text[200];
    int stop_after;
} seen;

static int note(void *payload, const char *key, const char *json)
{
    seen *s = payload;
    size_t at = strlen(s->text);
    snprintf(s->text + at, sizeof s->text - at, "%s=%s;", key, json);
    return --s->stop_after == 0;
}

START_TEST(metadata_is_given_as_json)
{
    seen all = {"", -1}, first = {"", 1};
    open_example();
    ck_assert_int_eq(varsdb_reader_metadata(reader, note, &all), VARSDB_OK);
    ck_assert_str_eq(all.text, "by=\"\xc3\xbc\";format=\"pt\";");
    ck_assert_int_eq(varsdb_reader_metadata(reader, note, &first), VARSDB_CANCELLED);
    ck_assert_str_eq(first.text, "by=\"\xc3\xbc\";");
}
END_TEST

START_TEST(failed_reader_serves_its_message_only)
{
    char got[1];
    ck_assert_int_eq(varsdb_open_reader(path, &reader), VARSDB_CANTOPEN);
    ck_assert_ptr_nonnull(reader);
    ck_assert_ptr_nonnull(strstr(varsdb_reader_errmsg(reader), path));
    ck_assert_uint_eq(varsdb_reader_count(reader), 0);
    ck_assert_ptr_null(varsdb_reader_format(reader));
    ck_assert_ptr_null(varsdb_reader_tensor(reader, 0));
    ck_assert_int_eq(varsdb_reader_read(reader, 0, 0, got, 1), VARSDB_MISUSE);
    ck_assert_int_eq(varsdb_reader_metadata(reader, note, NULL), VARSDB_MISUSE);
}
END_TEST

START_TEST(bad_file_is_refused_with_path_and_tensor)
{
    safetensors_write(path, "{\"w\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,1]}}", "x", 1);
    ck_assert_int_eq(varsdb_open_reader(path, &reader), VARSDB_FORMAT);
    ck_assert_ptr_nonnull(strstr(varsdb_reader_errmsg(reader), path));
    ck_assert_ptr_nonnull(strstr(varsdb_reader_errmsg(reader), "tensor 'w'"));
}
END_TEST

START_TEST(misuse_is_answered)
{
    ck_assert_int_eq(varsdb_open_reader(path, NULL), VARSDB_MISUSE);
    ck_assert_int_eq(varsdb_open_reader(NULL, &reader), VARSDB_MISUSE);
    ck_assert_ptr_nonnull(reader);
    ck_assert_uint_eq(varsdb_reader_count(NULL), 0);
    ck_assert_str_eq(varsdb_reader_errmsg(NULL), "out of memory");
    varsdb_close_reader(NULL);
}
END_TEST

Suite *test_reader_suite(void);
Suite *test_reader_suite(void)
{
    Suite *s = suite_create("reader");
    TCase *t = tcase_create("reader");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, tensors_are_listed_with_their_properties);
    tcase_add_test(t, ranges_are_read_within_the_tensor_only);
    tcase_add_test(t, bool_other_than_0_and_1_is_refused_where_it_is_read);
    tcase_add_test(t, metadata_is_given_as_json);
    tcase_add_test(t, failed_reader_serves_its_message_only);
    tcase_add_test(t, bad_file_is_refused_with_path_and_tensor);
    tcase_add_test(t, misuse_is_answered);
    suite_add_tcase(s, t);
    return s;
}
