/* test_format.c - what is opened as a tensor file, and what a wrong file is said to be. */
#include <fcntl.h>
#include <stdbool.h>

#include "../support/tensor_files.h"
#include "format/format.h"

static vdb_error error;
static test_folder folder;
static char path[PATH_BYTES];

static void setup(void)
{
    folder_make(&folder);
    folder_path(&folder, "file", path);
}

static void teardown(void)
{
    folder_remove(&folder);
}

static void check_refused(int code, const char *said)
{
    vdb_input in = {.fd = -1};
    ck_assert_int_eq(vdb_input_open(&error, path, &in), code);
    ck_assert_int_eq(in.fd, -1);
    ck_assert_msg(strstr(error.text, said) != NULL, "'%s' is not in: %s", said, error.text);
}

START_TEST(missing_file_is_refused_by_name)
{
    check_refused(VARSDB_CANTOPEN, path);
    ck_assert_ptr_nonnull(strstr(error.text, "No such file"));
}
END_TEST

START_TEST(directory_fifo_and_device_are_refused_without_waiting)
{
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    check_refused(VARSDB_CANTOPEN, "a FIFO");
    snprintf(path, sizeof path, "%s", folder.path);
    check_refused(VARSDB_CANTOPEN, "a directory");
    snprintf(path, sizeof path, "/dev/null");
    check_refused(VARSDB_CANTOPEN, "a device");
}
END_TEST

START_TEST(file_with_a_database_neighbour_is_left_alone)
{
    static const char *const neighbours[] = {"file-wal", "file-shm", "file-journal", "file-turnstile"};
    char beside[PATH_BYTES];
    vdb_input in;
    file_write(path, "0123456789", 10);
    for (size_t i = 0; i < 4; i++) {
        file_write(folder_path(&folder, neighbours[i], beside), "", 0);
        check_refused(VARSDB_CANTOPEN, "database in use");
        ck_assert_int_eq(unlink(beside), 0);
    }
    ck_assert_int_eq(vdb_input_open(&error, path, &in), VARSDB_OK);
    vdb_input_close(&in);
}
END_TEST

START_TEST(symbolic_link_to_a_database_in_use_is_left_alone)
{
    char link_path[PATH_BYTES], beside[PATH_BYTES];
    file_write(path, "x", 1);
    file_write(folder_path(&folder, "file-wal", beside), "", 0);
    ck_assert_int_eq(symlink(path, folder_path(&folder, "alias", link_path)), 0);
    snprintf(path, sizeof path, "%s", link_path);
    check_refused(VARSDB_CANTOPEN, "database in use");
}
END_TEST

START_TEST(reads_stay_within_the_size_taken_at_open)
{
    char got[4] = "";
    vdb_input in;
    file_write(path, "0123456789", 10);
    ck_assert_int_eq(vdb_input_open(&error, path, &in), VARSDB_OK);
    ck_assert_uint_eq(in.bytes, 10);
    ck_assert_int_eq(vdb_input_read(&error, &in, 7, got, 3), VARSDB_OK);
    ck_assert_mem_eq(got, "789", 3);
    ck_assert_int_eq(vdb_input_read(&error, &in, 8, got, 3), VARSDB_FORMAT);
    ck_assert_int_eq(vdb_input_read(&error, &in, UINT64_MAX, got, 2), VARSDB_FORMAT);
    ck_assert_int_eq(vdb_input_read(&error, &in, 10, got, 0), VARSDB_OK);
    vdb_input_close(&in);
}
END_TEST

START_TEST(file_that_shrinks_is_reported_as_changed)
{
    char got[10];
    vdb_input in;
    file_write(path, "0123456789", 10);
    ck_assert_int_eq(vdb_input_open(&error, path, &in), VARSDB_OK);
    ck_assert_int_eq(truncate(path, 4), 0);
    ck_assert_int_eq(vdb_input_read(&error, &in, 0, got, 10), VARSDB_FORMAT);
    ck_assert_ptr_nonnull(strstr(error.text, "changed or truncated"));
    vdb_input_close(&in);
}
END_TEST

static const vdb_format *format_of(const void *data, size_t bytes)
{
    const vdb_format *format = NULL;
    vdb_input in;
    file_write(path, data, bytes);
    ck_assert_int_eq(vdb_input_open(&error, path, &in), VARSDB_OK);
    int rc = vdb_format_of_file(&error, &in, &format);
    ck_assert_int_eq(rc, format ? VARSDB_OK : VARSDB_FORMAT);
    vdb_input_close(&in);
    return format;
}

static const struct {
    const char *bytes;
    size_t count;
    const char *said;
} others[] = {
    {"", 0, "empty"},
    {"version https://git-lfs.github.com/spec/v1\noid", 46, "git lfs pull"},
    {"\n<!DOCTYPE HTML><html>", 22, "HTML"},
    {"<html><body>404", 15, "HTML"},
    {"<?xml version='1.0'?><Error>", 28, "XML"},
    {"\x89HDF\r\n\x1a\n\0\0\0\0\0", 13, "HDF5"},
    {"\x80\x02}q\0(X\0\0\0\0", 11, "pickle"},
    {"SQLite format 3\0\x10\0", 18, "SQLite"},
    {"{\"model\":{},\"weight_map\":{}}", 28, "JSON"},
    {"\x1f\x8b\x08\0\0\0\0\0\0\3", 10, "gzip"},
    {"\0\0\0\0\0\0\0\0\0\0\0\0", 12, "known formats: safetensors"},
    {"abc", 3, "known formats: safetensors"},
};

START_TEST(other_kinds_of_file_are_named)
{
    ck_assert_ptr_null(format_of(others[_i].bytes, others[_i].count));
    ck_assert_msg(strstr(error.text, others[_i].said) != NULL, "'%s' is not in: %s", others[_i].said,
                  error.text);
}
END_TEST

START_TEST(safetensors_is_recognized_by_content)
{
    ck_assert_ptr_eq(format_of("\2\0\0\0\0\0\0\0{}", 10), &vdb_format_safetensors);
    ck_assert_ptr_eq(format_of("\4\0\0\0\0\0\0\0\t\n{}", 12), &vdb_format_safetensors);
    /* a length whose first bytes are those of a pickle and of gzip */
    ck_assert_ptr_eq(format_of("\x80\2\0\0\0\0\0\0{}", 10), &vdb_format_safetensors);
    ck_assert_ptr_eq(format_of("\x1f\x8b\0\0\0\0\0\0{}", 10), &vdb_format_safetensors);
    /* damaged, but it is still said as what */
    ck_assert_ptr_eq(format_of("\x3c\0\0\0\0\xff\xff\xff{}", 10), &vdb_format_safetensors);
}
END_TEST

static const struct {
    const char *name; /* of the archive's first member */
    bool pytorch;
} archives[] = {
    {"archive/data.pkl", true}, {"a/byteorder", true}, {"script/data/0", true},    {"s/code/x.py", true},
    {"weights.npy", false},     {"a/b.npy", false},    {"word/styles.xml", false},
};

START_TEST(pytorch_is_recognized_by_content)
{
    char head[30 + 40] = "PK\3\4", legacy[] = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
    for (size_t i = 0; i < sizeof archives / sizeof *archives; i++) {
        size_t bytes = strlen(archives[i].name);
        head[26] = (char)bytes;
        memcpy(head + 30, archives[i].name, bytes);
        ck_assert_ptr_eq(format_of(head, 30 + bytes),
                         archives[i].pytorch ? &vdb_format_pytorch : &vdb_format_npz);
    }
    ck_assert_ptr_eq(format_of(legacy, sizeof legacy - 1), &vdb_format_pytorch);
}
END_TEST

/* Of such a name the first bytes do not hold the end; then the records at the file's end tell. */
START_TEST(pytorch_is_recognized_by_its_end_when_the_name_is_long)
{
    char file[400] = "PK\3\4";
    file[26] = 100;
    memset(file + 30, 'x', 100);
    ck_assert_ptr_eq(format_of(file, sizeof file), &vdb_format_npz);
    memcpy(file + sizeof file - 42, "PK\6\7", 4);
    ck_assert_ptr_eq(format_of(file, sizeof file), &vdb_format_pytorch);
}
END_TEST

START_TEST(gguf_is_recognized_by_content)
{
    ck_assert_ptr_eq(format_of("GGUF", 4), &vdb_format_gguf);
    ck_assert_ptr_eq(format_of("GGUF\3\0\0\0{\0\0\0\0\0\0\0", 16), &vdb_format_gguf);
}
END_TEST

#define LOCAL_HEADER(length) "PK\3\4\x14\0\0\0\0\0\x21\0AAAABBBBCCCCDDDD" length "\0\0\0"

START_TEST(arrays_and_archives_of_numpy_are_recognized_by_content)
{
    ck_assert_ptr_eq(format_of("\x93NUMPY\1\0v\0{'descr'", 17), &vdb_format_npy);
    ck_assert_ptr_eq(format_of(LOCAL_HEADER("\5") "a.npy", 35), &vdb_format_npz);
    ck_assert_ptr_eq(format_of("PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22), &vdb_format_npz);
    /* another zip archive, or one whose first name is too long to be seen: its own directory says */
    ck_assert_ptr_eq(format_of(LOCAL_HEADER("\10") "data.pkl", 38), &vdb_format_npz);
    ck_assert_ptr_eq(format_of("PK\3\4\x14\0\0\0\0\0", 10), &vdb_format_npz);
}
END_TEST

START_TEST(tensorflow_is_recognized_by_its_end_or_its_begin)
{
    ck_assert_ptr_eq(format_of("xxxxxxxxxxxxxx\x57\xfb\x80\x8b\x24\x75\x47\xdb", 22), &vdb_format_tensorflow);
    /* half a file */
    ck_assert_ptr_eq(format_of("\0\0\6\x08\1\x1a\2\x08\1\0\1\x0d", 12), &vdb_format_tensorflow);
}
END_TEST

START_TEST(format_is_found_by_name_or_by_suffix)
{
    const vdb_format *format = NULL;
    ck_assert_int_eq(vdb_format_of_name(&error, "safetensors", "x", &format), VARSDB_OK);
    ck_assert_ptr_eq(format, &vdb_format_safetensors);
    format = NULL;
    ck_assert_int_eq(vdb_format_of_name(&error, NULL, "a/b.SafeTensors", &format), VARSDB_OK);
    ck_assert_ptr_eq(format, &vdb_format_safetensors);
    ck_assert_int_eq(vdb_format_of_name(&error, NULL, "a/b.xyz", &format), VARSDB_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(error.text, "a/b.xyz"));
    ck_assert_ptr_nonnull(strstr(error.text, "known formats: safetensors"));
    ck_assert_int_eq(vdb_format_of_name(&error, "onnx", "b.safetensors", &format), VARSDB_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(error.text, "'onnx'"));
}
END_TEST

START_TEST(output_appears_only_when_published)
{
    vdb_output out = {.fd = -1};
    size_t bytes;
    ck_assert_int_eq(vdb_output_open(&error, path, &out), VARSDB_OK);
    ck_assert_int_eq(vdb_output_write(&error, out.fd, "abc", 3), VARSDB_OK);
    ck_assert_int_ne(access(path, F_OK), 0);
    ck_assert_uint_eq(folder_count(&folder), 1);
    ck_assert_int_eq(vdb_output_publish(&error, &out), VARSDB_OK);
    vdb_output_close(&out);
    ck_assert_uint_eq(folder_count(&folder), 1);
    char *data = file_read(path, &bytes);
    ck_assert_uint_eq(bytes, 3);
    ck_assert_mem_eq(data, "abc", 3);
    free(data);
}
END_TEST

START_TEST(output_that_is_given_up_leaves_the_old_file)
{
    vdb_output out = {.fd = -1};
    size_t bytes;
    file_write(path, "old", 3);
    ck_assert_int_eq(vdb_output_open(&error, path, &out), VARSDB_OK);
    ck_assert_int_eq(vdb_output_write(&error, out.fd, "new", 3), VARSDB_OK);
    vdb_output_close(&out);
    ck_assert_uint_eq(folder_count(&folder), 1);
    char *data = file_read(path, &bytes);
    ck_assert_mem_eq(data, "old", 3);
    free(data);
}
END_TEST

START_TEST(output_keeps_to_the_umask)
{
    vdb_output out = {.fd = -1};
    struct stat st;
    mode_t before = umask(027);
    ck_assert_int_eq(vdb_output_open(&error, path, &out), VARSDB_OK);
    umask(before);
    ck_assert_int_eq(vdb_output_publish(&error, &out), VARSDB_OK);
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0640);
    vdb_output_close(&out);
}
END_TEST

START_TEST(output_never_replaces_a_device_a_directory_or_a_database)
{
    vdb_output out = {.fd = -1};
    char beside[PATH_BYTES];
    ck_assert_int_eq(vdb_output_open(&error, "/dev/null", &out), VARSDB_CANTOPEN);
    ck_assert_int_eq(vdb_output_open(&error, folder.path, &out), VARSDB_CANTOPEN);
    file_write(path, "db", 2);
    file_write(folder_path(&folder, "file-wal", beside), "", 0);
    ck_assert_int_eq(vdb_output_open(&error, path, &out), VARSDB_CANTOPEN);
    snprintf(path, sizeof path, "%s/none/file", folder.path);
    ck_assert_int_eq(vdb_output_open(&error, path, &out), VARSDB_CANTOPEN);
    ck_assert_int_eq(out.fd, -1);
    ck_assert_uint_eq(folder_count(&folder), 2);
}
END_TEST

Suite *test_format_suite(void);
Suite *test_format_suite(void)
{
    Suite *s = suite_create("format");
    TCase *t = tcase_create("format");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, missing_file_is_refused_by_name);
    tcase_add_test(t, directory_fifo_and_device_are_refused_without_waiting);
    tcase_add_test(t, file_with_a_database_neighbour_is_left_alone);
    tcase_add_test(t, symbolic_link_to_a_database_in_use_is_left_alone);
    tcase_add_test(t, reads_stay_within_the_size_taken_at_open);
    tcase_add_test(t, file_that_shrinks_is_reported_as_changed);
    tcase_add_loop_test(t, other_kinds_of_file_are_named, 0, (int)(sizeof others / sizeof *others));
    tcase_add_test(t, safetensors_is_recognized_by_content);
    tcase_add_test(t, pytorch_is_recognized_by_content);
    tcase_add_test(t, pytorch_is_recognized_by_its_end_when_the_name_is_long);
    tcase_add_test(t, gguf_is_recognized_by_content);
    tcase_add_test(t, arrays_and_archives_of_numpy_are_recognized_by_content);
    tcase_add_test(t, tensorflow_is_recognized_by_its_end_or_its_begin);
    tcase_add_test(t, format_is_found_by_name_or_by_suffix);
    tcase_add_test(t, output_appears_only_when_published);
    tcase_add_test(t, output_that_is_given_up_leaves_the_old_file);
    tcase_add_test(t, output_keeps_to_the_umask);
    tcase_add_test(t, output_never_replaces_a_device_a_directory_or_a_database);
    suite_add_tcase(s, t);
    return s;
}
