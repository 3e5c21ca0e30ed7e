/* test_write_file.c - tensor files from a program's own arrays. */
#include <check.h>

#include "../support/tensor_files.h"

Suite *test_write_file_suite(void);

static test_folder folder;
static char path[PATH_BYTES], said[256];

static void setup(void)
{
    folder_make(&folder);
    folder_path(&folder, "m.safetensors", path);
}

static void teardown(void)
{
    folder_remove(&folder);
}

static const char *const arrays[] = {"\1\0\2\0\3\0\4\0\5\0\6\0", "x"};

static int from_arrays(void *payload, size_t i, uint64_t offset, void *buffer, size_t bytes)
{
    if (payload && *(int *)payload == (int)i)
        return VARSDB_CANCELLED;
    memcpy(buffer, arrays[i] + offset, bytes);
    return VARSDB_OK;
}

static const int64_t dims[] = {2, 3};
static const varsdb_tensor_info tensors[] = {
    {"w", VARSDB_INT16, {2, dims}, 12},
    {"b", VARSDB_UINT8, {0, NULL}, 1},
};

START_TEST(what_is_written_is_read)
{
    varsdb_reader *r;
    char got[12];
    ck_assert_int_eq(varsdb_write_file(path, NULL, tensors, 2, from_arrays, NULL, said, sizeof said),
                     VARSDB_OK);
    ck_assert_str_eq(said, "");
    ck_assert_int_eq(varsdb_open_reader(path, &r), VARSDB_OK);
    ck_assert_uint_eq(varsdb_reader_count(r), 2);
    for (size_t i = 0; i < 2; i++) {
        const varsdb_tensor_info *t = varsdb_reader_tensor(r, i);
        const varsdb_tensor_info *original = strcmp(t->name, "w") == 0 ? &tensors[0] : &tensors[1];
        ck_assert_int_eq(t->dtype, original->dtype);
        ck_assert_int_eq(t->shape.rank, original->shape.rank);
        ck_assert_int_eq(varsdb_reader_read(r, i, 0, got, (size_t)t->bytes), VARSDB_OK);
        ck_assert_mem_eq(got, arrays[original - tensors], t->bytes);
    }
    varsdb_close_reader(r);
}
END_TEST

START_TEST(nothing_at_all_is_a_file_too)
{
    varsdb_reader *r;
    ck_assert_int_eq(varsdb_write_file(path, "safetensors", NULL, 0, NULL, NULL, NULL, 0), VARSDB_OK);
    ck_assert_int_eq(varsdb_open_reader(path, &r), VARSDB_OK);
    ck_assert_uint_eq(varsdb_reader_count(r), 0);
    varsdb_close_reader(r);
}
END_TEST

static void refused(const char *to, const varsdb_tensor_info *what, size_t count, int *fail_at, int code,
                    const char *text)
{
    ck_assert_int_eq(varsdb_write_file(to, NULL, what, count, from_arrays, fail_at, said, sizeof said), code);
    ck_assert_msg(strstr(said, text) != NULL, "%s", said);
    ck_assert_uint_eq(folder_count(&folder), 0);
}

START_TEST(what_cannot_be_written_is_told_and_leaves_no_file)
{
    char odd[PATH_BYTES];
    int second = 1;
    varsdb_tensor_info wrong[2] = {tensors[0], tensors[0]};
    folder_path(&folder, "m.xyz", odd);
    refused(odd, tensors, 2, NULL, VARSDB_UNSUPPORTED, "known formats");
    refused(path, wrong, 2, NULL, VARSDB_INVALID, "two tensors 'w'");
    wrong[0].bytes = 11;
    refused(path, wrong, 1, NULL, VARSDB_INVALID, "do not take 11 bytes");
    wrong[0] = (varsdb_tensor_info){"s", VARSDB_STRING, {0, NULL}, 8};
    refused(path, wrong, 1, NULL, VARSDB_UNSUPPORTED, "'s' (string)");
    wrong[0] = (varsdb_tensor_info){NULL, VARSDB_UINT8, {0, NULL}, 1};
    refused(path, wrong, 1, NULL, VARSDB_INVALID, "without a name");
    refused(path, tensors, 2, &second, VARSDB_CANCELLED, "'b' returned VARSDB_CANCELLED");
    ck_assert_int_eq(varsdb_write_file(NULL, NULL, tensors, 2, from_arrays, NULL, NULL, 0), VARSDB_MISUSE);
}
END_TEST

Suite *test_write_file_suite(void)
{
    Suite *suite = suite_create("write_file");
    TCase *tcase = tcase_create("files");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, what_is_written_is_read);
    tcase_add_test(tcase, nothing_at_all_is_a_file_too);
    tcase_add_test(tcase, what_cannot_be_written_is_told_and_leaves_no_file);
    suite_add_tcase(suite, tcase);
    return suite;
}
