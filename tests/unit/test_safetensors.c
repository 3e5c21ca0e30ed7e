/* test_safetensors.c - the reader lists what is right and refuses what is not exactly right. */
#include "../support/tensor_files.h"
#include "format/format.h"
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

static int read_header(const char *header, const void *data, size_t data_bytes)
{
    safetensors_write(path, header, data, data_bytes);
    return read_file();
}

/* ---- What is accepted --------------------------------------------------- */

START_TEST(scalar_empty_and_matrix_are_listed_in_the_order_of_data)
{
    ck_assert_int_eq(read_header("{\"m\":{\"dtype\":\"F32\",\"shape\":[2,1],\"data_offsets\":[2,10]},"
                                 "\"s\":{\"data_offsets\":[0,2],\"shape\":[],\"dtype\":\"BF16\"},"
                                 "\"z\":{\"dtype\":\"I64\",\"shape\":[3,0],\"data_offsets\":[2,2]}}",
                                 "0123456789", 10),
                     VARSDB_OK);
    ck_assert_uint_eq(list.count, 3);
    const vdb_tensor_entry *s = &list.tensors[0], *z = &list.tensors[1], *m = &list.tensors[2];
    ck_assert_str_eq(s->info.name, "s");
    ck_assert_int_eq(s->info.dtype, VARSDB_BFLOAT16);
    ck_assert_int_eq(s->info.shape.rank, 0);
    ck_assert_uint_eq(s->info.bytes, 2);
    ck_assert_str_eq(z->info.name, "z");
    ck_assert_int_eq(z->info.shape.rank, 2);
    ck_assert_int_eq(z->info.shape.dims[0], 3);
    ck_assert_int_eq(z->info.shape.dims[1], 0);
    ck_assert_uint_eq(z->info.bytes, 0);
    ck_assert_str_eq(m->info.name, "m");
    ck_assert_int_eq(m->info.shape.dims[0], 2);
    ck_assert_int_eq(m->info.shape.dims[1], 1);
    ck_assert_uint_eq(m->offset - s->offset, 2);
}
END_TEST

START_TEST(empty_sets_are_legal)
{
    ck_assert_int_eq(read_header("{}", "", 0), VARSDB_OK);
    ck_assert_uint_eq(list.count, 0);
    ck_assert_uint_eq(list.metadata_count, 0);
    ck_assert_int_eq(read_header("{\"__metadata__\":{}}", "", 0), VARSDB_OK);
    ck_assert_int_eq(read_header("{\"__metadata__\":null}", "", 0), VARSDB_OK);
    ck_assert_uint_eq(list.metadata_count, 0);
}
END_TEST

START_TEST(white_space_around_the_header_is_accepted)
{
    ck_assert_int_eq(read_header("\t\n{} \r\t\n", "", 0), VARSDB_OK);
}
END_TEST

START_TEST(metadata_comes_as_json_strings_by_key)
{
    ck_assert_int_eq(
        read_header("{\"__metadata__\":{\"format\":\"pt\",\"a\":\"x\\u0041\\/\\n\\u0000\"}}", "", 0),
        VARSDB_OK);
    ck_assert_uint_eq(list.metadata_count, 2);
    ck_assert_str_eq(list.metadata[0].key, "a");
    ck_assert_str_eq(list.metadata[0].json, "\"xA/\\n\\u0000\"");
    ck_assert_str_eq(list.metadata[1].key, "format");
    ck_assert_str_eq(list.metadata[1].json, "\"pt\"");
}
END_TEST

START_TEST(unknown_members_are_passed_over_and_escapes_are_resolved)
{
    ck_assert_int_eq(read_header("{\"a\\u00e9\\/b\":{\"more\":[{\"x\":[1,null]}],\"\\u0064type\":\"U8\","
                                 "\"shape\":[1],\"data_offsets\":[0,1]}}",
                                 "x", 1),
                     VARSDB_OK);
    ck_assert_str_eq(list.tensors[0].info.name, "a\xc3\xa9/b");
}
END_TEST

/* The format's names, ours, and the bits of an element, from the format's description. */
static const struct {
    const char *name, *ours;
    unsigned bits;
} crosswalk[] = {
    {"BOOL", "bool", 8},
    {"U8", "uint8", 8},
    {"I8", "int8", 8},
    {"U16", "uint16", 16},
    {"I16", "int16", 16},
    {"U32", "uint32", 32},
    {"I32", "int32", 32},
    {"U64", "uint64", 64},
    {"I64", "int64", 64},
    {"F16", "float16", 16},
    {"BF16", "bfloat16", 16},
    {"F32", "float32", 32},
    {"F64", "float64", 64},
    {"C64", "complex64", 64},
    {"F8_E5M2", "float8_e5m2", 8},
    {"F8_E4M3", "float8_e4m3fn", 8},
    {"F8_E8M0", "float8_e8m0", 8},
    {"F8_E4M3FNUZ", "float8_e4m3fnuz", 8},
    {"F8_E5M2FNUZ", "float8_e5m2fnuz", 8},
    {"F4", "float4_e2m1", 4},
    {"F6_E2M3", "float6_e2m3", 6},
    {"F6_E3M2", "float6_e3m2", 6},
};

START_TEST(every_dtype_of_the_format_is_known)
{
    char header[200], data[64] = {0};
    unsigned bytes = crosswalk[_i].bits * 8 / 8; /* of eight elements */
    snprintf(header, sizeof header, "{\"t\":{\"dtype\":\"%s\",\"shape\":[8],\"data_offsets\":[0,%u]}}",
             crosswalk[_i].name, bytes);
    ck_assert_int_eq(read_header(header, data, bytes), VARSDB_OK);
    ck_assert_str_eq(varsdb_dtype_name(list.tensors[0].info.dtype), crosswalk[_i].ours);
    ck_assert_uint_eq(list.tensors[0].info.bytes, bytes);
}
END_TEST

/* ---- What is refused ---------------------------------------------------- */

#define T(members)  "{\"t\":{" members "}}"
#define U8(more)    "{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":" more "}"
#define DEEP_8(x)   x x x x x x x x
#define DEEP_128(x) DEEP_8(DEEP_8(x x))

static const struct {
    const char *header;
    size_t data_bytes;
    const char *said;
} bad[] = {
    {"{", 0, "header"},
    {"\xff ", 0, "header"},
    {"[]", 0, "an object is expected"},
    {"{} x", 0, "header"},
    {"{}{}", 0, "header"},
    {"{\"t\":1}", 0, "'t'"},
    {T(""), 0, "no \"dtype\""},
    {T("\"dtype\":\"U8\",\"data_offsets\":[0,0]"), 0, "no \"shape\""},
    {T("\"dtype\":\"U8\",\"shape\":[0]"), 0, "no \"data_offsets\""},
    {T("\"dtype\":\"F7\",\"shape\":[0],\"data_offsets\":[0,0]"), 0, "'F7'"},
    {T("\"dtype\":\"\",\"shape\":[0],\"data_offsets\":[0,0]"), 0, "unknown dtype"},
    {T("\"dtype\":5,\"shape\":[0],\"data_offsets\":[0,0]"), 0, "\"dtype\": a string"},
    {T("\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]"), 0, "\"dtype\" twice"},
    {T("\"shape\":[0],\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]"), 0, "\"shape\" twice"},
    {T("\"data_offsets\":[0,0],\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]"), 0, "twice"},
    {T("\"dtype\":\"U8\",\"shape\":{},\"data_offsets\":[0,0]"), 0, "\"shape\": a list"},
    {T("\"dtype\":\"U8\",\"shape\":[-1],\"data_offsets\":[0,0]"), 0, "whole number"},
    {T("\"dtype\":\"U8\",\"shape\":[1.0],\"data_offsets\":[0,1]"), 1, "whole number"},
    {T("\"dtype\":\"U8\",\"shape\":[1e0],\"data_offsets\":[0,1]"), 1, "whole number"},
    {T("\"dtype\":\"U8\",\"shape\":[01],\"data_offsets\":[0,1]"), 1, "'t'"},
    {T("\"dtype\":\"U8\",\"shape\":[\"1\"],\"data_offsets\":[0,1]"), 1, "whole number"},
    {T("\"dtype\":\"U8\",\"shape\":[[1]],\"data_offsets\":[0,1]"), 1, "whole number"},
    {"{\"t\":" U8("[0]") "}", 1, "list of two numbers"},
    {"{\"t\":" U8("[]") "}", 1, "list of two numbers"},
    {"{\"t\":" U8("[0,1,1]") "}", 1, "list of two numbers"},
    {"{\"t\":" U8("null") "}", 1, "\"data_offsets\": a list"},
    {"{\"t\":" U8("[1,0]") "}", 1, "before its begin"},
    {"{\"t\":" U8("[0,9223372036854775808]") "}", 1, "whole number"},
    {"{\"t\":" U8("[9223372036854775806,9223372036854775807]") "}", 1, "truncated"},
    {"{\"t\":" U8("[0,2]") "}", 2, "take 1 bytes, but it has 2"},
    {"{\"t\":" U8("[0,1]") "}", 0, "truncated"},
    {"{\"t\":" U8("[0,1]") "}", 2, "1 bytes at the end"},
    {"{}", 1, "1 bytes at the end"},
    {"{\"t\":" U8("[1,2]") "}", 2, "1 bytes before tensor 't'"},
    {"{\"a\":" U8("[0,1]") ",\"b\":" U8("[2,3]") "}", 3, "1 bytes before tensor 'b'"},
    {"{\"a\":" U8("[0,1]") ",\"b\":" U8("[0,1]") "}", 1, "'b' overlaps tensor 'a'"},
    {"{\"a\":" U8("[0,1]") ",\"a\":" U8("[1,2]") "}", 2, "'a' is in the header twice"},
    {"{\"a\":" U8("[0,1]") ",\"\\u0061\":" U8("[1,2]") "}", 2, "'a' is in the header twice"},
    {"{\"a\\u0000\":" U8("[0,1]") "}", 1, "NUL"},
    {"{\"a\\ud800\":" U8("[0,1]") "}", 1, "surrogate"},
    {"{\"a\xff\":" U8("[0,1]") "}", 1, "UTF-8"},
    {"{\"a\n\":" U8("[0,1]") "}", 1, "control character"},
    {T("\"dtype\":\"F4\",\"shape\":[3],\"data_offsets\":[0,2]"), 2, "whole bytes"},
    {T("\"dtype\":\"F6_E2M3\",\"shape\":[2],\"data_offsets\":[0,2]"), 2, "whole bytes"},
    /* products that wrap, also beside a 0 */
    {T("\"dtype\":\"U8\",\"shape\":[2,18446744073709551614],\"data_offsets\":[0,16]"), 16, "whole number"},
    {T("\"dtype\":\"U8\",\"shape\":[2,9223372036854775807],\"data_offsets\":[0,16]"), 16, "above 2^48"},
    {T("\"dtype\":\"F32\",\"shape\":[65536,65536,65536,65536],\"data_offsets\":[0,0]"), 0, "'t'"},
    {T("\"dtype\":\"F32\",\"shape\":[65536,65536,65536,65536,0],\"data_offsets\":[0,0]"), 0, "'t'"},
    {T("\"dtype\":\"F64\",\"shape\":[281474976710656,16384],\"data_offsets\":[0,0]"), 0, "'t'"},
    {T("\"dtype\":\"U8\",\"shape\":[" DEEP_8("1,1,1,1,1,1,1,1,") "1],\"data_offsets\":[0,1]"), 1,
     "64 dimensions"},
    {T("\"x\":" DEEP_128("[")), 0, "deep"},
    {DEEP_128("{\"a\":"), 0, "'a'"},
    {"{\"__metadata__\":{},\"__metadata__\":{}}", 0, "twice"},
    {"{\"__metadata__\":[]}", 0, "object of strings"},
    {"{\"__metadata__\":{\"k\":1}}", 0, "metadata 'k'"},
    {"{\"__metadata__\":{\"k\":\"\",\"k\":\"\"}}", 0, "metadata 'k'"},
    {"{\"__metadata__\":{\"k\\u0000\":\"\"}}", 0, "NUL"},
};

START_TEST(bad_header_is_refused_and_says_why)
{
    char data[32] = {0};
    ck_assert_int_eq(read_header(bad[_i].header, data, bad[_i].data_bytes), VARSDB_FORMAT);
    ck_assert_uint_eq(list.count, 0);
    ck_assert_msg(strstr(error.text, bad[_i].said) != NULL, "'%s' is not in: %s", bad[_i].said, error.text);
}
END_TEST

static const struct {
    uint64_t length;
    const char *said;
} lengths[] = {
    {0, "it must be 2"},
    {1, "it must be 2"},
    {3, "truncated"},
    {100000000, "truncated"},
    {100000001, "it must be 2 to 100000000"},
    {UINT64_C(0xffffff000000003c), "it must be 2"},
    {UINT64_C(1) << 63, "it must be 2"},
    {UINT64_MAX, "it must be 2"},
};

START_TEST(bad_header_length_is_refused_before_anything_is_read)
{
    safetensors_write_raw(path, lengths[_i].length, "{}", 2, NULL, 0);
    ck_assert_int_eq(read_file(), VARSDB_FORMAT);
    ck_assert_msg(strstr(error.text, lengths[_i].said) != NULL, "%s", error.text);
}
END_TEST

START_TEST(files_too_short_for_a_length_are_refused)
{
    for (size_t bytes = 0; bytes < 8; bytes++) {
        file_write(path, "\2\0\0\0\0\0\0", bytes);
        ck_assert_int_eq(read_file(), VARSDB_FORMAT);
    }
}
END_TEST

START_TEST(ten_tensors_over_the_same_bytes_are_refused)
{
    char header[2000] = "{";
    size_t at = 1;
    for (int i = 0; i < 10; i++)
        at += (size_t)snprintf(header + at, sizeof header - at,
                               "%s\"w%d\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]}",
                               i ? "," : "", i);
    snprintf(header + at, sizeof header - at, "}");
    ck_assert_int_eq(read_header(header, "0123456789abcdef", 16), VARSDB_FORMAT);
    ck_assert_ptr_nonnull(strstr(error.text, "'w1' overlaps tensor 'w0'"));
}
END_TEST

START_TEST(every_truncation_and_every_changed_byte_is_survived)
{
    static const char header[] =
        "{\"__metadata__\":{\"k\":\"v\"},\"a\":{\"dtype\":\"F32\",\"shape\":[2],"
        "\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[8,9]}}";
    size_t bytes;
    safetensors_write(path, header, "012345678", 9);
    char *whole = file_read(path, &bytes);
    for (size_t cut = 0; cut < bytes; cut++) {
        file_write(path, whole, cut);
        ck_assert_int_eq(read_file(), VARSDB_FORMAT);
    }
    for (size_t i = 0; i < bytes; i++) {
        char before = whole[i];
        whole[i] = (char)(before ^ 0x21);
        file_write(path, whole, bytes);
        int rc = read_file();
        ck_assert(rc == VARSDB_OK || (rc == VARSDB_FORMAT && error.text[0]));
        ck_assert(i < bytes - 9 || rc == VARSDB_OK);
        whole[i] = before;
    }
    free(whole);
}
END_TEST

/* ---- Size --------------------------------------------------------------- */

START_TEST(a_million_names_fit_and_are_found_in_order)
{
    enum {
        COUNT = 1000000,
        ENTRY = 70
    };
    char *header = malloc((size_t)COUNT * ENTRY);
    ck_assert_ptr_nonnull(header);
    size_t at = 0;
    for (int i = 0; i < COUNT; i++) /* the names in an order that is not the data's */
        at += (size_t)snprintf(header + at, ENTRY,
                               "%c\"%06d\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[%d,%d]}",
                               i ? ',' : '{', (int)((i * 7919LL) % COUNT), i, i + 1);
    header[at++] = '}';
    char *data = calloc(1, COUNT);
    safetensors_write_raw(path, at, header, at, data, COUNT);
    free(data);
    free(header);
    ck_assert_int_eq(read_file(), VARSDB_OK);
    ck_assert_uint_eq(list.count, COUNT);
    ck_assert_str_eq(list.tensors[1].info.name, "007919");
    ck_assert_uint_eq(list.tensors[COUNT - 1].offset, 8 + at + COUNT - 1);
}
END_TEST

START_TEST(a_million_equal_names_are_refused)
{
    enum {
        COUNT = 1000000,
        ENTRY = 60
    };
    char *header = malloc((size_t)COUNT * ENTRY);
    ck_assert_ptr_nonnull(header);
    size_t at = 0;
    for (int i = 0; i < COUNT; i++)
        at += (size_t)snprintf(header + at, ENTRY,
                               "%c\"w\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}",
                               i ? ',' : '{');
    header[at++] = '}';
    safetensors_write_raw(path, at, header, at, NULL, 0);
    free(header);
    ck_assert_int_eq(read_file(), VARSDB_FORMAT);
    ck_assert_ptr_nonnull(strstr(error.text, "'w' is in the header twice"));
}
END_TEST

Suite *test_safetensors_suite(void);
Suite *test_safetensors_suite(void)
{
    Suite *s = suite_create("safetensors");
    TCase *t = tcase_create("safetensors");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 120);
    tcase_add_test(t, scalar_empty_and_matrix_are_listed_in_the_order_of_data);
    tcase_add_test(t, empty_sets_are_legal);
    tcase_add_test(t, white_space_around_the_header_is_accepted);
    tcase_add_test(t, metadata_comes_as_json_strings_by_key);
    tcase_add_test(t, unknown_members_are_passed_over_and_escapes_are_resolved);
    tcase_add_loop_test(t, every_dtype_of_the_format_is_known, 0,
                        (int)(sizeof crosswalk / sizeof *crosswalk));
    tcase_add_loop_test(t, bad_header_is_refused_and_says_why, 0, (int)(sizeof bad / sizeof *bad));
    tcase_add_loop_test(t, bad_header_length_is_refused_before_anything_is_read, 0,
                        (int)(sizeof lengths / sizeof *lengths));
    tcase_add_test(t, files_too_short_for_a_length_are_refused);
    tcase_add_test(t, ten_tensors_over_the_same_bytes_are_refused);
    tcase_add_test(t, every_truncation_and_every_changed_byte_is_survived);
    tcase_add_test(t, a_million_names_fit_and_are_found_in_order);
    tcase_add_test(t, a_million_equal_names_are_refused);
    suite_add_tcase(s, t);
    return s;
}
