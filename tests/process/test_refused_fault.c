/*
 * test_refused_fault.c - sets of tensors that no file of a format can have: each is refused in words, at
 * once, and with any allocation failing it is that, or memory.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "../support/fault.h"
#include "../support/held.h"
#include "../support/tensor_files.h"
#include "format/format.h"
#include "format/tf_table.h"

Suite *test_refused_fault_suite(void);

#define MANY      60
#define LONG      (VDB_TF_TABLE_KEY_MAX + 1)
#define HUGE      ((int64_t)1 << 31)
#define HUGE_MANY ((uint64_t)1 << 62)

static test_folder folder;
static char path[PATH_BYTES], long_name[LONG + 1], names[MANY][220];
static vdb_output_tensor tensors[MANY];
static size_t count;
static vdb_error error;
static varsdb_dtype lacking; /* what the format has not */

static void add(const char *name, varsdb_dtype dtype, int rank, const int64_t *dims, uint64_t bytes)
{
    tensors[count] = (vdb_output_tensor){name, dtype, {rank, dims}, bytes, (int64_t)count, NULL};
    count++;
}

static void add_many(varsdb_dtype dtype)
{
    for (int i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof names[i], "%02d%.*s", i, 180, long_name);
        add(names[i], dtype, 0, NULL, 1);
    }
}

static void unknown_dtypes(void)
{
    add("ok", VARSDB_UINT8, 0, NULL, 1);
    add("a", lacking, 0, NULL, 1);
    add("b", lacking, 0, NULL, 1);
}

/* More than a message has room for. */
static void many_dtypes(void)
{
    add_many(lacking);
}

static void no_name(void)
{
    add("", VARSDB_UINT8, 0, NULL, 1);
}

static void too_long_name(void)
{
    add(long_name, VARSDB_UINT8, 0, NULL, 1);
}

static void parent_name(void)
{
    add("a/../b", VARSDB_UINT8, 0, NULL, 1);
}

static void reserved_name(void)
{
    add("__metadata__", VARSDB_UINT8, 0, NULL, 1);
}

static void other_bytes(void)
{
    static const int64_t three[] = {3};
    add("w", VARSDB_UINT8, 1, three, 4);
}

static void bytes_beyond_counting(void)
{
    static const int64_t dims[] = {HUGE, HUGE};
    add("x", VARSDB_UINT8, 2, dims, HUGE_MANY);
    add("y", VARSDB_UINT8, 2, dims, HUGE_MANY);
}

static void half_a_string(void)
{
    add("s", VARSDB_STRING, 0, NULL, 9);
}

static const struct {
    const char *format;
    void (*make)(void);
    int code;
    const char *said;
} refused[] = {
    {"safetensors", unknown_dtypes, VARSDB_UNSUPPORTED, "no such dtype: 'a' ("},
    {"safetensors", many_dtypes, VARSDB_UNSUPPORTED, "no such dtype: '00nnn"},
    {"safetensors", reserved_name, VARSDB_UNSUPPORTED, "reserves the name '__metadata__'"},
    {"safetensors", other_bytes, VARSDB_INVALID, "'w' has 4 bytes"},
    {"safetensors", bytes_beyond_counting, VARSDB_UNSUPPORTED, "more bytes than a file can have"},
    {"npz", unknown_dtypes, VARSDB_UNSUPPORTED, "no such dtype: 'a' ("},
    {"npz", many_dtypes, VARSDB_UNSUPPORTED, "no such dtype: '00nnn"},
    {"npz", too_long_name, VARSDB_UNSUPPORTED, "an npz cannot have 'nnn"},
    {"npz", parent_name, VARSDB_UNSUPPORTED, "an npz cannot have 'a/../b'"},
    {"tensorflow", unknown_dtypes, VARSDB_UNSUPPORTED, "no such dtype: 'a' ("},
    {"tensorflow", many_dtypes, VARSDB_UNSUPPORTED, "no such dtype: '00nnn"},
    {"tensorflow", no_name, VARSDB_UNSUPPORTED, "is empty"},
    {"tensorflow", too_long_name, VARSDB_UNSUPPORTED, "is too long"},
    {"tensorflow", other_bytes, VARSDB_INVALID, "'w' has 4 bytes"},
    {"tensorflow", bytes_beyond_counting, VARSDB_UNSUPPORTED, "more bytes than a file can have"},
    {"tensorflow", half_a_string, VARSDB_INVALID, "'s'"},
};
#define REFUSED ((int)(sizeof refused / sizeof *refused))

static void set_up(void)
{
    fault_install();
    folder_make_in_memory(&folder);
    memset(long_name, 'n', LONG);
}

static void tear_down(void)
{
    folder_remove(&folder);
}

/* vdb_tensor_source_cb: of a string of two bytes the length says one */
static int give(void *payload, int64_t tag, uint64_t offset, void *buffer, size_t bytes)
{
    static const char text[] = "\2\0\0\0\0\0\0\0a";
    (void)payload;
    (void)tag;
    memset(buffer, 0, bytes);
    if (offset < sizeof text)
        memcpy(buffer, text + offset, bytes < sizeof text - offset ? bytes : sizeof text - offset);
    return VARSDB_OK;
}

static int write_it(int which)
{
    const vdb_format *format = NULL;
    vdb_error_clear(&error);
    int rc = vdb_format_of_name(&error, refused[which].format, path, &format);
    count = 0;
    lacking = strcmp(refused[which].format, "safetensors") == 0 ? VARSDB_COMPLEX128 : VARSDB_FLOAT6_E2M3;
    refused[which].make();
    const vdb_writing w = {.path = path, .tensors = tensors, .count = count, .source = give};
    return rc == VARSDB_OK ? format->write(&error, &w) : rc;
}

/* _i: what is refused */
START_TEST(what_cannot_be_written_is_refused_in_words_whatever_fails)
{
    folder_path(&folder, "m.npz", path);
    const int rc = write_it(_i);
    ck_assert_msg(rc == refused[_i].code && strstr(error.text, refused[_i].said), "%s: %s",
                  varsdb_errname(rc), error.text);
    ck_assert_uint_eq(folder_count(&folder), 0);
    const held before = held_now();
    int moment = 0;
    for (bool happened = true; happened; moment++) {
        fault_arm(FAULT_OWN, moment);
        const int now = write_it(_i);
        happened = fault_happened();
        fault_disarm();
        const char *said = happened && now == VARSDB_NOMEM ? "memory" : refused[_i].said;
        ck_assert_msg((now == rc || (happened && now == VARSDB_NOMEM)) && strstr(error.text, said),
                      "moment %d: %s: %s", moment, varsdb_errname(now), error.text);
        ck_assert_uint_eq(folder_count(&folder), 0);
        held_check(before, refused[_i].said);
        ck_assert_int_lt(moment, 1000);
    }
    printf("fault: %s, refused: %s: %d moments\n", refused[_i].format, refused[_i].said, moment);
}
END_TEST

Suite *test_refused_fault_suite(void)
{
    Suite *suite = suite_create("refused_fault");
    TCase *tc = tcase_create("refused_fault");
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, what_cannot_be_written_is_refused_in_words_whatever_fails, 0, REFUSED);
    suite_add_tcase(suite, tc);
    return suite;
}
