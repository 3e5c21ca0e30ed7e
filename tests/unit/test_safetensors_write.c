/* test_safetensors_write.c - the writer's bytes, and real files written again. */
#include <fcntl.h>
#include <stdbool.h>

#include "../support/tensor_files.h"
#include "format/safetensors.h"
#include "mem.h"

static vdb_error error;
static test_folder folder;
static char path[PATH_BYTES];
static vdb_tensor_list list;

static void setup(void)
{
    folder_make(&folder);
    folder_path(&folder, "file.safetensors", path);
    list = (vdb_tensor_list){0};
}

static void teardown(void)
{
    vdb_tensor_list_release(&list);
    folder_remove(&folder);
}

static int read_file(void)
{
    vdb_input in;
    void *state = NULL;
    vdb_tensor_list_release(&list);
    ck_assert_int_eq(vdb_input_open(&error, path, &in), VARSDB_OK);
    int rc = vdb_format_safetensors.open(&error, &in, &list, &state);
    vdb_input_close(&in);
    return rc;
}

/* ---- Writer ------------------------------------------------------------- */

typedef struct memory_source {
    const char *data[8];
    int fail_at; /* a tag, or -1 */
} memory_source;

static int from_memory(void *payload, int64_t tag, uint64_t offset, void *buffer, size_t bytes)
{
    const memory_source *m = payload;
    if (tag == m->fail_at)
        return VARSDB_CORRUPT;
    memcpy(buffer, m->data[tag] + offset, bytes);
    return VARSDB_OK;
}

static int write_tensors(vdb_output_tensor *tensors, size_t count, const vdb_metadata *metadata,
                         size_t metadata_count, vdb_tensor_source_cb source, void *payload)
{
    const vdb_writing w = {.path = path,
                           .tensors = tensors,
                           .count = count,
                           .metadata = metadata,
                           .metadata_count = metadata_count,
                           .source = source,
                           .payload = payload};
    return vdb_format_safetensors.write(&error, &w);
}

START_TEST(written_file_has_the_layout_of_the_description)
{
    const int64_t two[] = {2}, none[] = {0, 3};
    memory_source source = {{"AB", "abcdefgh", "", "x"}, -1};
    vdb_output_tensor tensors[] = {{"u\xc3\xa9\"\\\n", VARSDB_UINT8, {1, two}, 2, 0, NULL},
                                   {"b", VARSDB_FLOAT32, {1, two}, 8, 1, NULL},
                                   {"a", VARSDB_FLOAT32, {2, none}, 0, 2, NULL},
                                   {"t", VARSDB_BOOL, {0, NULL}, 1, 3, NULL}};
    char z_key[] = "z", z_json[] = "\"last\"", k_key[] = "k", k_json[] = "[1,\"x\"]";
    const vdb_metadata metadata[] = {{z_key, z_json}, {k_key, k_json}};
    static const char header[] =
        "{\"__metadata__\":{\"k\":\"[1,\\\"x\\\"]\",\"z\":\"last\"},"
        "\"a\":{\"dtype\":\"F32\",\"shape\":[0,3],\"data_offsets\":[0,0]},"
        "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
        "\"u\xc3\xa9\\\"\\\\\\n\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[8,10]},"
        "\"t\":{\"dtype\":\"BOOL\",\"shape\":[],\"data_offsets\":[10,11]}}";
    ck_assert_int_eq(write_tensors(tensors, 4, metadata, 2, from_memory, &source), VARSDB_OK);
    size_t bytes, padded = (sizeof header - 1 + 7) / 8 * 8;
    char *file = file_read(path, &bytes);
    ck_assert_uint_eq(bytes, 8 + padded + 11);
    ck_assert_uint_eq((unsigned char)file[0] + 256U * (unsigned char)file[1], padded);
    ck_assert_mem_eq(file + 8, header, sizeof header - 1);
    for (size_t i = sizeof header - 1; i < padded; i++)
        ck_assert_int_eq(file[8 + i], ' ');
    ck_assert_mem_eq(file + 8 + padded, "abcdefghABx", 11);
    free(file);
    ck_assert_int_eq(read_file(), VARSDB_OK);
    ck_assert_uint_eq(list.count, 4);
}
END_TEST

START_TEST(empty_set_is_written_as_an_empty_object)
{
    size_t bytes;
    ck_assert_int_eq(write_tensors(NULL, 0, NULL, 0, from_memory, NULL), VARSDB_OK);
    char *file = file_read(path, &bytes);
    ck_assert_uint_eq(bytes, 16);
    ck_assert_mem_eq(file, "\x8\0\0\0\0\0\0\0{}      ", 16);
    free(file);
}
END_TEST

START_TEST(order_of_data_follows_the_rank_of_dtypes)
{
    static const char *const high_to_low[] = {
        "uint64",          "int64",       "float64",       "complex64",   "float32", "uint32",
        "int32",           "bfloat16",    "float16",       "uint16",      "int16",   "float8_e5m2fnuz",
        "float8_e4m3fnuz", "float8_e8m0", "float8_e4m3fn", "float8_e5m2", "int8",    "uint8",
        "float6_e3m2",     "float6_e2m3", "float4_e2m1",   "bool"};
    enum {
        COUNT = sizeof high_to_low / sizeof *high_to_low
    };
    const int64_t none[] = {0};
    vdb_output_tensor tensors[COUNT];
    for (int i = 0; i < COUNT; i++) /* by number of dtype, which is another order */
        tensors[i] = (vdb_output_tensor){
            "t", varsdb_dtype_parse(high_to_low[(i * 5 + 3) % COUNT]), {1, none}, 0, i, NULL};
    ck_assert_int_eq(write_tensors(tensors, COUNT, NULL, 0, from_memory, NULL), VARSDB_OK);
    for (int i = 0; i < COUNT; i++)
        ck_assert_str_eq(varsdb_dtype_name(tensors[i].dtype), high_to_low[i]);
}
END_TEST

START_TEST(what_the_format_lacks_is_refused_by_name)
{
    const int64_t three[] = {3};
    memory_source source = {{"0123456789abcdefghij"}, -1};
    vdb_output_tensor strange[] = {{"c1", VARSDB_COMPLEX128, {0, NULL}, 16, 0, NULL},
                                   {"ok", VARSDB_UINT8, {0, NULL}, 1, 0, NULL},
                                   {"s1", VARSDB_STRING, {0, NULL}, 9, 0, NULL}};
    ck_assert_int_eq(write_tensors(strange, 3, NULL, 0, from_memory, &source), VARSDB_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(error.text, "'c1' (complex128), 's1' (string)"));
    vdb_output_tensor odd = {"f4", VARSDB_FLOAT4_E2M1, {1, three}, 2, 0, NULL};
    ck_assert_int_eq(write_tensors(&odd, 1, NULL, 0, from_memory, &source), VARSDB_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(error.text, "'f4'"));
    vdb_output_tensor reserved = {"__metadata__", VARSDB_UINT8, {0, NULL}, 1, 0, NULL};
    ck_assert_int_eq(write_tensors(&reserved, 1, NULL, 0, from_memory, &source), VARSDB_UNSUPPORTED);
    vdb_output_tensor wrong = {"w", VARSDB_UINT8, {1, three}, 4, 0, NULL};
    ck_assert_int_eq(write_tensors(&wrong, 1, NULL, 0, from_memory, &source), VARSDB_INVALID);
}
END_TEST

START_TEST(header_beyond_the_limit_is_not_written)
{
    char *name = malloc(60000001);
    ck_assert_ptr_nonnull(name);
    memset(name, 'n', 60000000);
    name[60000000] = '\0';
    vdb_output_tensor tensors[] = {{name, VARSDB_UINT8, {0, NULL}, 1, 0, NULL},
                                   {name + 1, VARSDB_UINT8, {0, NULL}, 1, 0, NULL}};
    ck_assert_int_eq(write_tensors(tensors, 2, NULL, 0, from_memory, NULL), VARSDB_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(error.text, "100000000"));
    free(name);
}
END_TEST

START_TEST(failure_of_the_source_is_passed_on)
{
    const int64_t two[] = {2};
    memory_source source = {{"AB", "CD"}, 1};
    vdb_output_tensor tensors[] = {{"a", VARSDB_UINT8, {1, two}, 2, 0, NULL},
                                   {"b", VARSDB_UINT8, {1, two}, 2, 1, NULL}};
    ck_assert_int_eq(write_tensors(tensors, 2, NULL, 0, from_memory, &source), VARSDB_CORRUPT);
}
END_TEST

START_TEST(full_disk_is_reported)
{
    const int64_t many[] = {1 << 22};
    char *data = calloc(1, 1 << 22);
    memory_source source = {{data}, -1};
    vdb_output_tensor tensor = {"a", VARSDB_UINT8, {1, many}, 1 << 22, 0, NULL};
    int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    const vdb_writing w = {.tensors = &tensor, .count = 1, .source = from_memory, .payload = &source};
    ck_assert_int_eq(vdb_safetensors_write(&error, fd, &w), VARSDB_FULL);
    close(fd);
    free(data);
}
END_TEST

/* ---- Other people's files ----------------------------------------------- */

static int from_input(void *payload, int64_t tag, uint64_t offset, void *buffer, size_t bytes)
{
    return vdb_input_read(&error, payload, list.tensors[tag].offset + offset, buffer, bytes);
}

/* Writes again what was read from the file at `original`. */
static void rewrite(const char *original)
{
    vdb_input in;
    void *state = NULL;
    ck_assert_int_eq(vdb_input_open(&error, original, &in), VARSDB_OK);
    vdb_tensor_list_release(&list);
    ck_assert_int_eq(vdb_format_safetensors.open(&error, &in, &list, &state), VARSDB_OK);
    vdb_output_tensor *tensors = calloc(list.count + 1, sizeof *tensors);
    ck_assert_ptr_nonnull(tensors);
    for (size_t i = 0; i < list.count; i++) {
        const varsdb_tensor_info *t = &list.tensors[i].info;
        tensors[i] = (vdb_output_tensor){t->name, t->dtype, t->shape, t->bytes, (int64_t)i, NULL};
    }
    ck_assert_int_eq(write_tensors(tensors, list.count, list.metadata, list.metadata_count, from_input, &in),
                     VARSDB_OK);
    free(tensors);
    vdb_input_close(&in);
}

/* Files of today's writers have a padded header; older ones did not pad nor sort. */
static bool is_padded(const char *file)
{
    return (unsigned char)file[0] % 8 == 0;
}

START_TEST(real_files_are_written_again_byte_for_byte)
{
    char room[PATH_BYTES], original[PATH_BYTES * 2];
    const char *fixtures = fixtures_folder("safetensors", room);
    if (!fixtures) {
        ck_assert_ptr_null(fixtures);
        return;
    }
    int padded = 0, unpadded = 0;
    DIR *d = opendir(fixtures);
    ck_assert_ptr_nonnull(d);
    for (struct dirent *entry; (entry = readdir(d));) {
        size_t bytes, again_bytes;
        if (!strstr(entry->d_name, ".safetensors"))
            continue;
        snprintf(original, sizeof original, "%s/%s", fixtures, entry->d_name);
        rewrite(original);
        char *file = file_read(original, &bytes), *again = file_read(path, &again_bytes);
        if (is_padded(file)) {
            ck_assert_msg(bytes == again_bytes && memcmp(file, again, bytes) == 0, "%s differs",
                          entry->d_name);
            padded++;
        } else {
            unpadded++;
        }
        free(file);
        free(again);
    }
    closedir(d);
    ck_assert_int_gt(padded, 0);
    ck_assert_int_gt(unpadded, 0);
}
END_TEST

Suite *test_safetensors_write_suite(void);
Suite *test_safetensors_write_suite(void)
{
    Suite *s = suite_create("safetensors_write");
    TCase *t = tcase_create("safetensors_write");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 120);
    tcase_add_test(t, written_file_has_the_layout_of_the_description);
    tcase_add_test(t, empty_set_is_written_as_an_empty_object);
    tcase_add_test(t, order_of_data_follows_the_rank_of_dtypes);
    tcase_add_test(t, what_the_format_lacks_is_refused_by_name);
    tcase_add_test(t, header_beyond_the_limit_is_not_written);
    tcase_add_test(t, failure_of_the_source_is_passed_on);
    tcase_add_test(t, full_disk_is_reported);
    tcase_add_test(t, real_files_are_written_again_byte_for_byte);
    suite_add_tcase(s, t);
    return s;
}
