/* test_gguf.c - files of GGUF, made byte by byte: what is right is listed, and what is not is refused. */
#include "../support/clean.h"
#include "../support/memory.h"
#include "../support/zips.h"
#include "buf.h"

static test_folder folder;
static char path[PATH_BYTES];
static varsdb_reader *reader;
static zip_maker file; /* bytes that grow */
static vdb_buf kept;

static void setup(void)
{
    folder_make(&folder);
    folder_path(&folder, "file.gguf", path);
}

static void forget(void)
{
    varsdb_close_reader(reader);
    reader = NULL;
    free(file.data);
    file = (zip_maker){0};
}

static void teardown(void)
{
    forget();
    vdb_buf_release(&kept);
    folder_remove(&folder);
}

/* ---- Making ------------------------------------------------------------- */

static void begin(uint64_t version, uint64_t tensors, uint64_t pairs)
{
    forget();
    zip_put(&file, "GGUF", 4);
    zip_number(&file, version, 4);
    zip_number(&file, tensors, 8);
    zip_number(&file, pairs, 8);
}

static void text(const char *value)
{
    zip_number(&file, strlen(value), 8);
    zip_put(&file, value, strlen(value));
}

/* A key, and the type and bytes of its value. */
static void pair(const char *key, unsigned type, const void *value, size_t bytes)
{
    text(key);
    zip_number(&file, type, 4);
    zip_put(&file, value, bytes);
}

static void array(const char *key, unsigned type, uint64_t count)
{
    text(key);
    zip_number(&file, 9, 4);
    zip_number(&file, type, 4);
    zip_number(&file, count, 8);
}

static void tensor(const char *name, unsigned type, uint64_t offset, unsigned rank, const uint64_t *dims)
{
    text(name);
    zip_number(&file, rank, 4);
    for (unsigned i = 0; i < rank; i++)
        zip_number(&file, dims[i], 8);
    zip_number(&file, type, 4);
    zip_number(&file, offset, 8);
}

static void pad(size_t alignment)
{
    while (file.bytes % alignment)
        zip_number(&file, 0, 1);
}

static int open_file(void)
{
    file_write(path, file.data, file.bytes);
    varsdb_close_reader(reader);
    return varsdb_open_reader(path, &reader);
}

static void check_opened(void)
{
    ck_assert_msg(open_file() == VARSDB_OK, "%s", varsdb_reader_errmsg(reader));
    ck_assert_str_eq(varsdb_reader_format(reader), "gguf");
}

static void check_refused(int code, const char *said)
{
    ck_assert_int_eq(open_file(), code);
    ck_assert_msg(strstr(varsdb_reader_errmsg(reader), said) != NULL, "'%s' is not in: %s", said,
                  varsdb_reader_errmsg(reader));
}

static int keep_pair(void *payload, const char *key, const char *json)
{
    return vdb_buf_printf(payload, "%s=%s;", key, json) != VARSDB_OK;
}

static const char *metadata(void)
{
    vdb_buf_reset(&kept);
    ck_assert_int_eq(varsdb_reader_metadata(reader, keep_pair, &kept), VARSDB_OK);
    return kept.data;
}

/* ---- What is read ------------------------------------------------------- */

static const struct {
    unsigned type;
    const char *ours;
    unsigned bytes;
} plain[] = {
    {0, "float32", 4}, {1, "float16", 2}, {24, "int8", 1},    {25, "int16", 2},
    {26, "int32", 4},  {27, "int64", 8},  {28, "float64", 8}, {30, "bfloat16", 2},
};

START_TEST(plain_types_are_tensors_with_the_innermost_dimension_last)
{
    unsigned char got[64];
    uint64_t bytes = plain[_i].bytes * 6;
    for (unsigned version = 2; version <= 3; version++) {
        begin(version, 2, 0);
        tensor("w", plain[_i].type, 0, 2, (uint64_t[]){3, 2});
        tensor("s", plain[_i].type, (bytes + 31) / 32 * 32, 0, NULL);
        pad(32);
        for (unsigned i = 0; i < bytes; i++)
            zip_number(&file, i, 1);
        pad(32);
        zip_put(&file, "abcdefgh", plain[_i].bytes);
        check_opened();
        const varsdb_tensor_info *w = varsdb_reader_tensor(reader, 0), *s = varsdb_reader_tensor(reader, 1);
        ck_assert_str_eq(varsdb_dtype_name(w->dtype), plain[_i].ours);
        ck_assert_int_eq(w->shape.rank, 2);
        ck_assert_int_eq(w->shape.dims[0], 2);
        ck_assert_int_eq(w->shape.dims[1], 3);
        ck_assert_uint_eq(w->bytes, bytes);
        ck_assert_int_eq(s->shape.rank, 0);
        ck_assert_int_eq(varsdb_reader_read(reader, 0, 0, got, (size_t)bytes), VARSDB_OK);
        for (unsigned i = 0; i < bytes; i++)
            ck_assert_uint_eq(got[i], i);
        ck_assert_int_eq(varsdb_reader_read(reader, 1, 0, got, plain[_i].bytes), VARSDB_OK);
        ck_assert_mem_eq(got, "abcdefgh", plain[_i].bytes);
    }
}
END_TEST

/* Elements of a block, and its bytes. */
static const struct {
    unsigned type;
    const char *name;
    unsigned elements, bytes;
} quantized[] = {
    {2, "Q4_0", 32, 18},    {3, "Q4_1", 32, 20},    {6, "Q5_0", 32, 22},      {7, "Q5_1", 32, 24},
    {8, "Q8_0", 32, 34},    {10, "Q2_K", 256, 84},  {11, "Q3_K", 256, 110},   {12, "Q4_K", 256, 144},
    {13, "Q5_K", 256, 176}, {14, "Q6_K", 256, 210}, {15, "Q8_K", 256, 292},   {16, "IQ2_XXS", 256, 66},
    {19, "IQ1_S", 256, 50}, {20, "IQ4_NL", 32, 18}, {23, "IQ4_XS", 256, 136}, {29, "IQ1_M", 256, 56},
    {39, "MXFP4", 32, 17},
};

START_TEST(quantized_blocks_are_opaque_and_read_as_they_lie)
{
    unsigned char got[2048];
    char name[32];
    begin(3, 1, 0);
    tensor("q", quantized[_i].type, 0, 2, (uint64_t[]){quantized[_i].elements * 2, 3});
    pad(32);
    for (unsigned i = 0; i < quantized[_i].bytes * 6; i++)
        zip_number(&file, i * 5 % 251, 1);
    check_opened();
    const varsdb_tensor_info *t = varsdb_reader_tensor(reader, 0);
    snprintf(name, sizeof name, "ggml:%s", quantized[_i].name);
    ck_assert_str_eq(varsdb_dtype_name(t->dtype), name);
    ck_assert_uint_eq(t->bytes, quantized[_i].bytes * 6);
    ck_assert_int_eq(t->shape.dims[1], quantized[_i].elements * 2);
    ck_assert_int_eq(varsdb_reader_read(reader, 0, 0, got, (size_t)t->bytes), VARSDB_OK);
    for (unsigned i = 0; i < t->bytes; i++)
        ck_assert_uint_eq(got[i], i * 5 % 251);
    file.bytes--;
    check_refused(VARSDB_FORMAT, "truncated");
    begin(3, 1, 0);
    tensor("q", quantized[_i].type, 0, 1, (uint64_t[]){quantized[_i].elements / 2});
    check_refused(VARSDB_FORMAT, "do not fill");
}
END_TEST

START_TEST(values_of_every_type_are_json)
{
    begin(3, 0, 14);
    pair("u8", 0, "\xff", 1);
    pair("i8", 1, "\xff", 1);
    pair("u16", 2, "\1\2", 2);
    pair("i16", 3, "\xfe\xff", 2);
    pair("u32", 4, "\xff\xff\xff\xff", 4);
    pair("i32", 5, "\xff\xff\xff\xff", 4);
    pair("f32", 6, "\0\0\0\x3f", 4);
    pair("yes", 7, "\1", 1);
    pair("no", 7, "\0", 1);
    pair("text", 8, "\3\0\0\0\0\0\0\0a\"b", 11);
    pair("u64", 10, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
    pair("i64", 11, "\0\0\0\0\0\0\0\x80", 8);
    pair("f64", 12, "\0\0\0\0\0\0\xf0\x7f", 8);
    array("list", 8, 2);
    text("");
    text("\xc3\xa9");
    check_opened();
    ck_assert_str_eq(metadata(),
                     "u8=255;i8=-1;u16=513;i16=-2;u32=4294967295;i32=-1;f32=0.5;yes=true;no=false;"
                     "text=\"a\\\"b\";u64=18446744073709551615;i64=-9223372036854775808;"
                     "f64=\"Infinity\";list=[\"\",\"\xc3\xa9\"];");
}
END_TEST

START_TEST(long_values_are_named_by_their_length)
{
    char *large = calloc(1, 70000);
    ck_assert_ptr_nonnull(large);
    memset(large, 'x', 69999);
    begin(3, 1, 4);
    array("tokens", 8, 100000);
    for (int i = 0; i < 100000; i++)
        text("token");
    array("numbers", 4, 1000000);
    for (int i = 0; i < 1000000; i++)
        zip_number(&file, 0xffffffff, 4);
    text("template");
    zip_number(&file, 8, 4);
    text(large);
    pair("after", 0, "\7", 1);
    tensor("t", 24, 0, 1, (uint64_t[]){1});
    pad(32);
    zip_put(&file, "z", 1);
    check_opened();
    ck_assert_str_eq(metadata(), "tokens={\"type\":\"array\",\"length\":100000};"
                                 "numbers={\"type\":\"array\",\"length\":1000000};"
                                 "template={\"type\":\"text\",\"length\":69999};after=7;");
    ck_assert_int_eq(varsdb_reader_read(reader, 0, 0, large, 1), VARSDB_OK);
    ck_assert_int_eq(large[0], 'z');
    free(large);
}
END_TEST

START_TEST(alignment_is_what_the_file_says)
{
    char got[2];
    begin(3, 2, 1);
    pair("general.alignment", 4, "\0\1\0\0", 4);
    tensor("a", 24, 0, 1, (uint64_t[]){1});
    tensor("b", 24, 256, 1, (uint64_t[]){1});
    pad(256);
    zip_put(&file, "a", 1);
    pad(256);
    zip_put(&file, "b", 1);
    check_opened();
    for (size_t i = 0; i < 2; i++)
        ck_assert_int_eq(varsdb_reader_read(reader, i, 0, got + i, 1), VARSDB_OK);
    ck_assert_mem_eq(got, "ab", 2);
}
END_TEST

/* ---- Import ------------------------------------------------------------- */

START_TEST(import_keeps_quantized_tensors_byte_for_byte)
{
    char db_path[PATH_BYTES];
    unsigned char got[288];
    varsdb *db = NULL;
    const varsdb_variable *v = NULL;
    begin(3, 2, 1);
    pair("general.name", 8, "\1\0\0\0\0\0\0\0m", 9);
    tensor("norm", 0, 0, 1, (uint64_t[]){2});
    tensor("blk.0.weight", 12, 32, 2, (uint64_t[]){256, 2});
    pad(32);
    zip_put(&file, "\0\0\x80\x3f\0\0\0\x40", 8);
    pad(32);
    for (unsigned i = 0; i < sizeof got; i++)
        zip_number(&file, i * 3 % 253, 1);
    check_opened();
    ck_assert_int_eq(
        varsdb_open(folder_path(&folder, "r.db", db_path), VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &db),
        VARSDB_OK);
    ck_assert_int_eq(varsdb_import(db, path, NULL), VARSDB_OK);
    ck_assert_int_eq(varsdb_find_variable(db, "blk.0.weight", &v), VARSDB_OK);
    ck_assert_str_eq(varsdb_dtype_name(varsdb_variable_dtype(v)), "ggml:Q4_K");
    ck_assert_int_eq(varsdb_variable_shape(v)->dims[0], 2);
    ck_assert_int_eq(varsdb_variable_shape(v)->dims[1], 256);
    ck_assert_int_eq(varsdb_read(db, v, got, sizeof got), VARSDB_OK);
    for (unsigned i = 0; i < sizeof got; i++)
        ck_assert_uint_eq(got[i], i * 3 % 253);
    check_clean(db);
    varsdb_close(db);
}
END_TEST

/* ---- What is refused ---------------------------------------------------- */

START_TEST(bad_beginnings_are_refused)
{
    begin(1, 0, 0);
    check_refused(VARSDB_UNSUPPORTED, "version 1");
    begin(4, 0, 0);
    check_refused(VARSDB_UNSUPPORTED, "version 4");
    begin(0x03000000, 0, 0);
    check_refused(VARSDB_UNSUPPORTED, "big-endian");
    begin(3, UINT64_MAX, 0);
    check_refused(VARSDB_FORMAT, "18446744073709551615 tensors");
    begin(3, 0, (uint64_t)1 << 62);
    check_refused(VARSDB_FORMAT, "pairs of metadata");
    begin(3, 1, 0);
    check_refused(VARSDB_FORMAT, "1 tensors");
    begin(3, 0, 0);
    check_opened();
    for (size_t i = 0; i < 32; i++)
        zip_number(&file, 0, 1);
    check_refused(VARSDB_FORMAT, "32 bytes at the end");
}
END_TEST

static void one_pair(const char *key, unsigned type, const void *value, size_t bytes)
{
    begin(3, 0, 1);
    pair(key, type, value, bytes);
    zip_put(&file, "\0\0\0\0\0\0\0\0", 8); /* so that there is room for as many as are said */
}

START_TEST(bad_metadata_is_refused)
{
    one_pair("", 0, "\1", 1);
    check_refused(VARSDB_FORMAT, "is empty");
    one_pair("a\xff", 0, "\1", 1);
    check_refused(VARSDB_FORMAT, "not UTF-8");
    one_pair("k", 13, "\1", 1);
    check_refused(VARSDB_FORMAT, "metadata 'k': it is of type 13");
    one_pair("k", 7, "\2", 1);
    check_refused(VARSDB_FORMAT, "byte 0x02");
    one_pair("k", 8, "\0\0\0\0\0\0\0\1", 8);
    check_refused(VARSDB_FORMAT, "2^30");
    one_pair("k", 8, "\0\0\0\1\0\0\0\0", 8);
    check_refused(VARSDB_FORMAT, "truncated");
    one_pair("k", 9, "\x09\0\0\0\1\0\0\0\0\0\0\0", 12);
    check_refused(VARSDB_FORMAT, "an array is of type 9");
    one_pair("k", 9, "\x04\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff", 12);
    check_refused(VARSDB_FORMAT, "more than the rest");
    one_pair("k", 9, "\x08\0\0\0\2\0\0\0\0\0\0\0", 12);
    check_refused(VARSDB_FORMAT, "more than the rest");
    one_pair("general.alignment", 4, "\3\0\0\0", 4);
    check_refused(VARSDB_FORMAT, "power of two");
    one_pair("general.alignment", 4, "\0\0\0\0", 4);
    check_refused(VARSDB_FORMAT, "power of two");
    one_pair("general.alignment", 10, "\x20\0\0\0\0\0\0\0", 8);
    check_refused(VARSDB_FORMAT, "power of two");
    begin(3, 0, 2);
    pair("k", 0, "\1", 1);
    pair("k", 0, "\1", 1);
    check_refused(VARSDB_FORMAT, "'k' is in the header twice");
}
END_TEST

#define NAME_63 "123456789012345678901234567890123456789012345678901234567890123"

static const struct {
    const char *name;
    unsigned type, rank;
    uint64_t dims[5], offset;
    int code;
    const char *said;
} bad[] = {
    {NAME_63 "4", 0, 1, {1}, 0, VARSDB_FORMAT, "63 are the most"},
    {"a\xff", 0, 1, {1}, 0, VARSDB_FORMAT, "UTF-8"},
    {"t", 4, 1, {1}, 0, VARSDB_UNSUPPORTED, "type 4"},
    {"t", 9, 1, {32}, 0, VARSDB_UNSUPPORTED, "type 9"},
    {"t", UINT32_MAX, 1, {1}, 0, VARSDB_UNSUPPORTED, "type 4294967295"},
    {"t", 0, 5, {1, 1, 1, 1, 1}, 0, VARSDB_FORMAT, "5 dimensions"},
    {"t", 0, 1, {UINT64_MAX}, 0, VARSDB_FORMAT, "18446744073709551615"},
    {"t", 0, 2, {(uint64_t)1 << 40, (uint64_t)1 << 40}, 0, VARSDB_FORMAT, "elements"},
    {"t", 0, 3, {(uint64_t)1 << 40, (uint64_t)1 << 40, 0}, 0, VARSDB_FORMAT, "elements"},
    {"t", 28, 3, {(uint64_t)1 << 30, (uint64_t)1 << 30, 4}, 0, VARSDB_FORMAT, "counted"},
    {"t", 0, 1, {1}, 32, VARSDB_FORMAT, "that must be 0"},
    {"t", 0, 1, {65}, 0, VARSDB_FORMAT, "truncated"},
    {"t", 24, 1, {1}, 0, VARSDB_FORMAT, "bytes at the end"},
};

START_TEST(bad_tensor_is_refused)
{
    begin(3, 1, 0);
    tensor(bad[_i].name, bad[_i].type, bad[_i].offset, bad[_i].rank, bad[_i].dims);
    pad(32);
    for (int i = 0; i < 256; i++)
        zip_number(&file, 0, 1);
    check_refused(bad[_i].code, bad[_i].said);
}
END_TEST

START_TEST(tensors_must_follow_each_other)
{
    begin(3, 2, 0);
    tensor("a", 24, 0, 1, (uint64_t[]){33});
    tensor("b", 24, 32, 1, (uint64_t[]){1});
    for (int i = 0; i < 128; i++)
        zip_number(&file, 0, 1);
    check_refused(VARSDB_FORMAT,
                  "'b' begins at byte 32 of the data; after the one before it that must be 64");
    begin(3, 2, 0);
    tensor("a", 24, 0, 1, (uint64_t[]){0});
    tensor("a", 24, 0, 1, (uint64_t[]){0});
    pad(32);
    check_refused(VARSDB_FORMAT, "'a' is in the header twice");
}
END_TEST

START_TEST(every_truncation_and_every_changed_byte_is_survived)
{
    begin(3, 2, 3);
    pair("general.alignment", 4, "\x20\0\0\0", 4);
    pair("name", 8, "\1\0\0\0\0\0\0\0m", 9);
    array("a", 5, 2);
    zip_number(&file, 7, 8);
    tensor("w", 0, 0, 2, (uint64_t[]){2, 1});
    tensor("q", 8, 32, 1, (uint64_t[]){32});
    pad(32);
    for (int i = 0; i < 32 + 34; i++)
        zip_number(&file, 1, 1);
    check_opened();
    size_t bytes = file.bytes;
    for (file.bytes = 0; file.bytes < bytes; file.bytes++)
        ck_assert_int_eq(open_file(), VARSDB_FORMAT);
    for (size_t i = 4; i < bytes; i++) {
        file.data[i] ^= 0x21;
        int rc = open_file();
        ck_assert(rc == VARSDB_OK || rc == VARSDB_FORMAT || rc == VARSDB_UNSUPPORTED);
        file.data[i] ^= 0x21;
    }
    ck_assert_int_lt(memory_peak(), (int64_t)64 << 20);
}
END_TEST

Suite *test_gguf_suite(void);
Suite *test_gguf_suite(void)
{
    Suite *s = suite_create("gguf");
    TCase *t = tcase_create("gguf");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, plain_types_are_tensors_with_the_innermost_dimension_last, 0,
                        (int)(sizeof plain / sizeof *plain));
    tcase_add_loop_test(t, quantized_blocks_are_opaque_and_read_as_they_lie, 0,
                        (int)(sizeof quantized / sizeof *quantized));
    tcase_add_test(t, values_of_every_type_are_json);
    tcase_add_test(t, long_values_are_named_by_their_length);
    tcase_add_test(t, alignment_is_what_the_file_says);
    tcase_add_test(t, import_keeps_quantized_tensors_byte_for_byte);
    tcase_add_test(t, bad_beginnings_are_refused);
    tcase_add_test(t, bad_metadata_is_refused);
    tcase_add_loop_test(t, bad_tensor_is_refused, 0, (int)(sizeof bad / sizeof *bad));
    tcase_add_test(t, tensors_must_follow_each_other);
    tcase_add_test(t, every_truncation_and_every_changed_byte_is_survived);
    suite_add_tcase(s, t);
    return s;
}
