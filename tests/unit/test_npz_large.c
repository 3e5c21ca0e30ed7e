/* test_npz_large.c - archives of NumPy's arrays that are too large for zip without its 64-bit records. */
#include <fcntl.h>

#include "../support/fault.h"
#include "../support/sanitized.h"
#include "../support/tensor_files.h"

Suite *test_npz_large_suite(void);

#define LARGE (((int64_t)1 << 31) + 5)
#define MANY  65536

static test_folder folder;
static char path[PATH_BYTES];
static varsdb_reader *reader;

static void open_folder(void)
{
    folder_make_in_memory(&folder);
    folder_path(&folder, "large.npz", path);
    fault_leave_holes();
}

static void close_folder(void)
{
    varsdb_close_reader(reader);
    folder_remove(&folder);
}

static void write_it(const varsdb_tensor_info *tensors, size_t count, varsdb_tensor_cb give)
{
    char said[200];
    int rc = varsdb_write_file(path, NULL, tensors, count, give, NULL, said, sizeof said);
    ck_assert_msg(rc == VARSDB_OK, "%s", said);
    ck_assert_int_eq(varsdb_open_reader(path, &reader), VARSDB_OK);
    ck_assert_uint_eq(varsdb_reader_count(reader), count);
}

/* varsdb_tensor_cb: zeros, and then 1, 2, 3 */
static int give_zeros_and_some(void *payload, size_t i, uint64_t offset, void *buffer, size_t bytes)
{
    (void)payload, (void)offset;
    if (i == 0)
        memset(buffer, 0, bytes);
    else
        memcpy(buffer, "\1\2\3", 3);
    return VARSDB_OK;
}

/* From the directory on, what Python's zipfile writes of the same members with force_zip64, as numpy.savez
 * does. */
static const char by_python[] = "504b01022d032d00000000000000210083f03f4affffffffffffffff05001400000000000000"
                                "0000800100000000612e6e70790100100085000080000000008500008000000000"
                                "504b01022d032d0000000000000021002ae38eb1830000008300000005000c00000000000000"
                                "00008001ffffffff622e6e707901000800bc00008000000000"
                                "504b06062c000000000000002d002d0000000000000000000200000000000000020000000000"
                                "000086000000000000007601008000000000"
                                "504b060700000000fc0100800000000001000000"
                                "504b0506000000000200020086000000760100800000";

START_TEST(above_2_gib_it_ends_as_pythons_does_and_is_read)
{
    const varsdb_tensor_info tensors[] = {
        {.name = "a", .dtype = VARSDB_UINT8, .shape = {1, (const int64_t[]){LARGE}}, .bytes = LARGE},
        {.name = "b", .dtype = VARSDB_UINT8, .shape = {1, (const int64_t[]){3}}, .bytes = 3}};
    const size_t bytes = strlen(by_python) / 2;
    unsigned char end[sizeof by_python / 2];
    char hex[sizeof by_python];
    write_it(tensors, 2, give_zeros_and_some);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ck_assert_int_eq(pread(fd, end, bytes, 2147484022), (ssize_t)bytes); /* where Python has it */
    ck_assert_int_eq(pread(fd, end, 1, 2147484022 + (off_t)bytes), 0);
    close(fd);
    for (size_t i = 0; i < bytes; i++)
        snprintf(hex + 2 * i, 3, "%02x", end[i]);
    ck_assert_str_eq(hex, by_python);
    ck_assert_int_eq(varsdb_reader_read(reader, 0, LARGE - 5, end, 5), VARSDB_OK);
    ck_assert_mem_eq(end, "\0\0\0\0\0", 5);
    ck_assert_int_eq(varsdb_reader_read(reader, 1, 0, end, 3), VARSDB_OK);
    ck_assert_mem_eq(end, "\1\2\3", 3);
}
END_TEST

/* varsdb_tensor_cb */
static int give_number(void *payload, size_t i, uint64_t offset, void *buffer, size_t bytes)
{
    const uint32_t number = (uint32_t)i * 3;
    (void)payload, (void)offset;
    memcpy(buffer, &number, bytes);
    return VARSDB_OK;
}

START_TEST(above_65535_members_all_are_read)
{
    enum {
        NAME = 8
    };
    char *names = malloc(MANY * NAME);
    varsdb_tensor_info *tensors = calloc(MANY, sizeof *tensors);
    uint32_t wrong = 0;
    ck_assert(names && tensors);
    for (size_t i = 0; i < MANY; i++) {
        snprintf(names + NAME * i, NAME, "n%05zu", i);
        tensors[i] = (varsdb_tensor_info){.name = names + NAME * i, .dtype = VARSDB_UINT32, .bytes = 4};
    }
    write_it(tensors, MANY, give_number);
    for (uint32_t i = 0, number; i < MANY; i++) {
        wrong += varsdb_reader_read(reader, i, 0, &number, 4) != VARSDB_OK || number != 3 * i;
        wrong += strcmp(varsdb_reader_tensor(reader, i)->name, names + NAME * (size_t)i) != 0;
    }
    ck_assert_uint_eq(wrong, 0);
    free(names);
    free(tensors);
}
END_TEST

Suite *test_npz_large_suite(void)
{
    Suite *suite = suite_create("npz_large");
    TCase *t = tcase_create("npz_large");
    tcase_set_timeout(t, 300);
    tcase_add_checked_fixture(t, open_folder, close_folder);
    if (!SANITIZED)
        tcase_add_test(t, above_2_gib_it_ends_as_pythons_does_and_is_read);
    tcase_add_test(t, above_65535_members_all_are_read);
    suite_add_tcase(suite, t);
    return suite;
}
