/* test_misuse_file.c - readers, tensors and elements that are none: each is refused in words, and makes no
 * file. */
#include <check.h>
#include <string.h>

#include "../support/tensor_files.h"
#include "varsdb.h"

Suite *test_misuse_file_suite(void);

static const float value[4];

static int never(void)
{
    ck_abort_msg("the callback was called");
}

static int no_bytes(void *payload, size_t i, uint64_t offset, void *buffer, size_t bytes)
{
    return (void)payload, (void)i, (void)offset, (void)buffer, (void)bytes, never();
}

static int no_metadata(void *p, const char *key, const char *json)
{
    return (void)p, (void)key, (void)json, never();
}

START_TEST(a_reader_that_is_none_has_nothing)
{
    varsdb_reader *failed = NULL;
    char buffer[4];
    ck_assert_int_eq(varsdb_open_reader("/nonexistent/x.npz", &failed), VARSDB_CANTOPEN);
    varsdb_reader *const readers[] = {NULL, failed};
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(varsdb_reader_read(readers[i], 0, 0, buffer, 4), VARSDB_MISUSE);
        ck_assert_int_eq(varsdb_reader_read(readers[i], 0, 0, NULL, 4), VARSDB_MISUSE);
        ck_assert_int_eq(varsdb_reader_metadata(readers[i], no_metadata, NULL), VARSDB_MISUSE);
        ck_assert_int_eq(varsdb_reader_metadata(readers[i], NULL, NULL), VARSDB_MISUSE);
        ck_assert_uint_eq(varsdb_reader_count(readers[i]), 0);
        ck_assert_ptr_null(varsdb_reader_tensor(readers[i], 0));
        ck_assert_ptr_null(varsdb_reader_format(readers[i]));
        ck_assert_ptr_null(varsdb_reader_passed_over(readers[i], NULL));
        ck_assert_str_ne(varsdb_reader_errmsg(readers[i]), "");
    }
    varsdb_close_reader(failed);
}
END_TEST

static const struct {
    varsdb_tensor_info tensor;
    const char *said;
} unwritable[] = {
    {{.dtype = VARSDB_INT8, .bytes = 1}, "without a name or a dtype"},
    {{.name = "t", .dtype = (varsdb_dtype)99, .bytes = 1}, "without a name or a dtype"},
    {{.name = "t", .dtype = VARSDB_INT8, .shape = {-1, NULL}, .bytes = 1}, "tensor 't'"},
    {{.name = "t", .dtype = VARSDB_INT8, .shape = {1, (const int64_t[]){-1}}, .bytes = 1}, "tensor 't'"},
    {{.name = "t", .dtype = VARSDB_INT8, .bytes = 2}, "do not take 2 bytes"},
    {{.name = "t", .dtype = VARSDB_FLOAT64, .shape = {2, (const int64_t[]){1 << 30, (int64_t)1 << 31}}},
     "tensor 't'"},
};

START_TEST(a_tensor_that_is_none_makes_no_file)
{
    test_folder folder;
    char path[PATH_BYTES], error[200] = "";
    const varsdb_tensor_info *t = &unwritable[_i].tensor;
    folder_make_in_memory(&folder);
    folder_path(&folder, "t.npz", path);
    ck_assert_int_eq(varsdb_write_file(path, NULL, t, 1, no_bytes, NULL, error, sizeof error),
                     VARSDB_INVALID);
    ck_assert_msg(strstr(error, unwritable[_i].said), "%s", error);
    ck_assert_int_eq(varsdb_write_file(path, NULL, t, 1, no_bytes, NULL, NULL, 0), VARSDB_INVALID);
    ck_assert_int_eq(varsdb_write_file(path, NULL, t, 1, no_bytes, NULL, error, 0), VARSDB_INVALID);
    ck_assert_int_eq(varsdb_write_file(NULL, NULL, t, 1, no_bytes, NULL, NULL, 0), VARSDB_MISUSE);
    ck_assert_int_eq(varsdb_write_file(path, NULL, NULL, 1, no_bytes, NULL, NULL, 0), VARSDB_MISUSE);
    ck_assert_int_eq(varsdb_write_file(path, NULL, t, 1, NULL, NULL, NULL, 0), VARSDB_MISUSE);
    ck_assert_int_eq(varsdb_write_file(path, "gguf", t, 1, no_bytes, NULL, error, sizeof error),
                     VARSDB_UNSUPPORTED);
    ck_assert_msg(strstr(error, "read, and not written"), "%s", error);
    ck_assert_uint_eq(folder_count(&folder), 0);
    folder_remove(&folder);
}
END_TEST

/* Of numbers alone, which have a place to go to. */
START_TEST(an_element_that_is_none_is_not_printed)
{
    char text[80];
    double real = 77;
    for (int which = 0; which < 4; which++) {
        const varsdb_dtype dtype = which == 0   ? (varsdb_dtype)99
                                   : which == 1 ? VARSDB_STRING
                                                : VARSDB_FLOAT32;
        const void *data = which == 2 ? NULL : value;
        ck_assert_int_eq(varsdb_element_json(dtype, data, 0, which == 3 ? NULL : text, sizeof text),
                         VARSDB_MISUSE);
        ck_assert_int_eq(varsdb_element_real(dtype, data, 0, which == 3 ? NULL : &real), VARSDB_MISUSE);
    }
    ck_assert(real == 77);
}
END_TEST

Suite *test_misuse_file_suite(void)
{
    Suite *suite = suite_create("misuse_file");
    TCase *t = tcase_create("misuse_file");
    tcase_add_test(t, a_reader_that_is_none_has_nothing);
    tcase_add_loop_test(t, a_tensor_that_is_none_makes_no_file, 0,
                        (int)(sizeof unwritable / sizeof *unwritable));
    tcase_add_test(t, an_element_that_is_none_is_not_printed);
    suite_add_tcase(suite, t);
    return suite;
}
