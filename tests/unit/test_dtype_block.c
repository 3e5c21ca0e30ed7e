/* test_dtype_block.c - opaque blocks: sizes as GGML's headers have them, and variables of such dtypes, whose
 * bytes are kept and whose elements are no numbers. */
#include <stdlib.h>

#include "../support/clean.h"
#include "../support/client.h"
#include "dtype.h"

Suite *test_dtype_block_suite(void);

/* Rows of 64 elements in blocks of 32, of 18 bytes each. */
#define Q4_0      ((varsdb_dtype)(VARSDB_GGML + 2))
#define ROWS      5
#define ROW       64
#define ROW_BYTES 36
#define BYTES     (ROWS * ROW_BYTES)

static unsigned char bytes[BYTES];
static const varsdb_variable *q;

static void open_q(void)
{
    client_open();
    for (int i = 0; i < BYTES; i++)
        bytes[i] = (unsigned char)(i * 7 + 3);
    q = got(
        r.db, "q",
        VARSDB_WITH(.shape = VARSDB_SHAPE(ROWS, ROW), .dtype = Q4_0, .value = bytes, .value_bytes = BYTES));
}

/* ---- the dtypes */

/* The sum of the members of each block's structure: scales of 2 bytes, and bits of all elements. */
static const struct {
    unsigned number;
    const char *name;
    int elements, bytes;
} types[] = {
    {2, "ggml:Q4_0", 32, 2 + 32 / 2},
    {3, "ggml:Q4_1", 32, 2 + 2 + 32 / 2},
    {6, "ggml:Q5_0", 32, 2 + 32 / 8 + 32 / 2},
    {7, "ggml:Q5_1", 32, 2 + 2 + 32 / 8 + 32 / 2},
    {8, "ggml:Q8_0", 32, 2 + 32},
    {10, "ggml:Q2_K", 256, 256 / 16 + 256 / 4 + 2 + 2},
    {11, "ggml:Q3_K", 256, 256 / 8 + 256 / 4 + 12 + 2},
    {12, "ggml:Q4_K", 256, 2 + 2 + 12 + 256 / 2},
    {13, "ggml:Q5_K", 256, 2 + 2 + 12 + 256 / 8 + 256 / 2},
    {14, "ggml:Q6_K", 256, 256 / 2 + 256 / 4 + 256 / 16 + 2},
    {15, "ggml:Q8_K", 256, 4 + 256 + 256 / 16 * 2},
    {16, "ggml:IQ2_XXS", 256, 2 + 256 / 8 * 2},
    {17, "ggml:IQ2_XS", 256, 2 + 256 / 8 * 2 + 256 / 32},
    {18, "ggml:IQ3_XXS", 256, 2 + 3 * 256 / 8},
    {19, "ggml:IQ1_S", 256, 2 + 256 / 8 + 256 / 16},
    {20, "ggml:IQ4_NL", 32, 2 + 32 / 2},
    {21, "ggml:IQ3_S", 256, 2 + 13 * 256 / 32 + 256 / 64},
    {22, "ggml:IQ2_S", 256, 2 + 256 / 4 + 256 / 16},
    {23, "ggml:IQ4_XS", 256, 2 + 2 + 256 / 64 + 256 / 2},
    {29, "ggml:IQ1_M", 256, 256 / 8 + 256 / 16 + 256 / 32},
    {34, "ggml:TQ1_0", 256, 2 + 256 / 64 + (256 - 4 * 256 / 64) / 5},
    {35, "ggml:TQ2_0", 256, 2 + 256 / 4},
    {39, "ggml:MXFP4", 32, 1 + 32 / 2},
};

START_TEST(names_and_sizes)
{
    varsdb_dtype dtype = (varsdb_dtype)(VARSDB_GGML + types[_i].number);
    int in_bytes;
    int64_t all = 0;
    ck_assert_str_eq(varsdb_dtype_name(dtype), types[_i].name);
    ck_assert_int_eq(varsdb_dtype_parse(types[_i].name), dtype);
    ck_assert_int_eq(varsdb_dtype_bits(dtype), 0);
    ck_assert_int_eq(varsdb_dtype_block(dtype, &in_bytes), types[_i].elements);
    ck_assert_int_eq(in_bytes, types[_i].bytes);
    ck_assert_int_eq(vdb_dtype_class_of(dtype), VDB_CLASS_BLOCK);
    ck_assert(vdb_dtype_bytes(dtype, 3 * types[_i].elements, &all));
    ck_assert_int_eq(all, 3 * types[_i].bytes);
    ck_assert(vdb_dtype_bytes(dtype, 0, &all));
    ck_assert_int_eq(all, 0);
    ck_assert(!vdb_dtype_bytes(dtype, 3 * types[_i].elements + 1, &all));
    ck_assert(!vdb_dtype_bytes(dtype, -types[_i].elements, &all));
}
END_TEST

START_TEST(what_is_no_block)
{
    static const unsigned numbers[] = {0, 1, 4, 5, 9, 24, 30, 31, 36, 38, 40, 100};
    static const char *const names[] = {"ggml:", "ggml:F32", "ggml:q4_0", "Q4_0", "ggml:Q4_0 "};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        ck_assert(!vdb_dtype_valid((varsdb_dtype)(VARSDB_GGML + numbers[i])));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ck_assert_int_eq(varsdb_dtype_parse(names[i]), VARSDB_DTYPE_NOT_SAID);
    ck_assert_int_eq(varsdb_dtype_block(VARSDB_FLOAT32, NULL), 0);
    ck_assert_int_eq(varsdb_dtype_block(VARSDB_STRING, NULL), 0);
    ck_assert_int_eq(varsdb_dtype_block(VARSDB_GGML, NULL), 0);
}
END_TEST

/* ---- variables */

static const varsdb_slice *slice(const int64_t *begin, const int64_t *size)
{
    static varsdb_slice out;
    out = (varsdb_slice){2, begin, size, NULL};
    return &out;
}

START_TEST(a_value_is_its_bytes)
{
    unsigned char back[BYTES];
    ok(r.db, varsdb_read(r.db, q, back, BYTES));
    ck_assert_mem_eq(back, bytes, BYTES);
    ck_assert_str_eq(
        registry_sql(&r, "SELECT dtype, shape, elements, bytes, min, mean, zeros, nans FROM variables"),
        "ggml:Q4_0|[5,64]|320|180||||");
    bytes[17] ^= 1;
    ok(r.db, varsdb_assign(r.db, q, bytes, BYTES));
    ok(r.db, varsdb_read(r.db, q, back, BYTES));
    ck_assert_mem_eq(back, bytes, BYTES);
    check_clean(r.db);
}
END_TEST

START_TEST(slices_are_of_whole_blocks)
{
    unsigned char back[BYTES];
    ok(r.db, varsdb_read_slice(r.db, q, slice((int64_t[]){1, 0}, (int64_t[]){3, ROW}), back, 3 * ROW_BYTES));
    ck_assert_mem_eq(back, bytes + ROW_BYTES, 3 * ROW_BYTES);
    ok(r.db, varsdb_read_slice(r.db, q, slice((int64_t[]){0, 32}, (int64_t[]){ROWS, 32}), back, ROWS * 18));
    for (int i = 0; i < ROWS; i++)
        ck_assert_mem_eq(back + i * 18, bytes + i * ROW_BYTES + 18, 18);
    memset(back, 0xee, 18);
    ok(r.db, varsdb_assign_slice(r.db, q, slice((int64_t[]){4, 32}, (int64_t[]){1, 32}), back, 18));
    memcpy(bytes + BYTES - 18, back, 18);
    ok(r.db, varsdb_read(r.db, q, back, BYTES));
    ck_assert_mem_eq(back, bytes, BYTES);
    expect(r.db, VARSDB_UNSUPPORTED,
           varsdb_read_slice(r.db, q, slice((int64_t[]){0, 0}, (int64_t[]){1, 31}), back, 18));
    says(r.db, "does not fill whole blocks of ggml:Q4_0");
}
END_TEST

START_TEST(shapes_must_fill_blocks)
{
    const varsdb_variable *any;
    expect(r.db, VARSDB_INVALID,
           varsdb_get_variable(
               r.db, "x", VARSDB_WITH(.shape = VARSDB_SHAPE(32, 2), .dtype = Q4_0, .initializer = "none"),
               NULL, &any));
    says(r.db, "rows of 2 do not fill the blocks of ggml:Q4_0, which are of 32 elements");
    expect(r.db, VARSDB_INVALID,
           varsdb_get_variable(r.db, "x",
                               VARSDB_WITH(.shape = VARSDB_SCALAR, .dtype = Q4_0, .initializer = "none"),
                               NULL, &any));
    expect(r.db, VARSDB_INVALID,
           varsdb_get_variable(
               r.db, "x",
               VARSDB_WITH(.shape = VARSDB_SHAPE(32), .dtype = Q4_0, .value = bytes, .value_bytes = 17), NULL,
               &any));
    says(r.db, "takes 18 bytes; the value has 17");
}
END_TEST

START_TEST(numbers_are_no_blocks)
{
    const varsdb_variable *any;
    varsdb_variable_options with = *VARSDB_WITH(.shape = VARSDB_SHAPE(32), .dtype = Q4_0);
    expect(r.db, VARSDB_INVALID, varsdb_get_variable(r.db, "x", &with, NULL, &any));
    says(r.db, "no default initializer");
    with.initializer = "zeros";
    expect(r.db, VARSDB_INVALID, varsdb_get_variable(r.db, "x", &with, NULL, &any));
    with.initializer = "random_normal(0,1)";
    expect(r.db, VARSDB_INVALID, varsdb_get_variable(r.db, "x", &with, NULL, &any));
    expect(r.db, VARSDB_INVALID, varsdb_assign_json(r.db, q, "1"));
    says(r.db, "opaque blocks");
    expect(r.db, VARSDB_INVALID, varsdb_assign_add(r.db, q, bytes, BYTES));
    double loss;
    const varsdb_variable *decayed = got(r.db, "decayed",
                                         VARSDB_WITH(.shape = VARSDB_SHAPE(32), .dtype = Q4_0, .value = bytes,
                                                     .value_bytes = 18, .regularizer = "l2(0.5)"));
    expect(r.db, VARSDB_INVALID, varsdb_regularization_loss(r.db, decayed, &loss));
    says(r.db, "holds ggml:Q4_0, which has no loss");
    char text[64];
    ck_assert_int_eq(varsdb_element_json(Q4_0, bytes, 0, text, sizeof text), VARSDB_MISUSE);
}
END_TEST

START_TEST(parts_lie_across_blocks_and_do_not_cut_them)
{
    unsigned char back[2 * ROW_BYTES];
    const varsdb_variable *any;
    varsdb_variable_options with = *VARSDB_WITH(.shape = VARSDB_SHAPE(4, ROW), .dtype = Q4_0, .value = bytes,
                                                .value_bytes = 4 * ROW_BYTES, .partitioner = "fixed_size(2)");
    const varsdb_variable *v = got(r.db, "cut", &with);
    ok(r.db, varsdb_read_slice(r.db, v, slice((int64_t[]){2, 0}, (int64_t[]){2, ROW}), back, sizeof back));
    ck_assert_mem_eq(back, bytes + 2 * ROW_BYTES, sizeof back);
    with.partitioner = "fixed_size(2, axis=1)";
    expect(r.db, VARSDB_INVALID, varsdb_get_variable(r.db, "across", &with, NULL, &any));
    says(r.db, "along axis 1 lie the blocks of ggml:Q4_0");
}
END_TEST

static int keep_difference(void *payload, const varsdb_difference *d)
{
    *(varsdb_difference *)payload = *d;
    return 0;
}

START_TEST(snapshots_keep_and_compare_bytes)
{
    int64_t id;
    unsigned char back[BYTES], old[BYTES];
    varsdb_difference d = {0};
    memcpy(old, bytes, BYTES);
    ok(r.db, varsdb_take_snapshot(r.db, VARSDB_SNAPSHOT(.name = "s"), &id));
    bytes[0] ^= 1;
    ok(r.db, varsdb_assign(r.db, q, bytes, BYTES));
    expect(r.db, VARSDB_OK, varsdb_diff(r.db, id, 0, NULL, keep_difference, &d));
    ck_assert_int_eq(d.change, VARSDB_VALUE_CHANGED);
    ck_assert_int_eq(d.has_delta, 0);
    ok(r.db, varsdb_restore(r.db, id, NULL));
    ok(r.db, varsdb_read(r.db, q, back, BYTES));
    ck_assert_mem_eq(back, old, BYTES);
}
END_TEST

/* ---- SQL and files */

START_TEST(sql_has_the_bytes_and_no_elements)
{
    char hex[2 * BYTES + 1];
    for (int i = 0; i < BYTES; i++)
        snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
    query("SELECT tensor('q')", hex);
    query("SELECT count(*) FROM tensor_histogram('q', 4)", "0");
    refused("SELECT tensor_json('q')", SQLITE_ERROR, "opaque blocks");
    refused("SELECT tensor_item('q', 0, 0)", SQLITE_ERROR, "opaque blocks");
    refused("SELECT value FROM tensor_each('q')", SQLITE_ERROR, "opaque blocks");
    refused("SELECT l2_loss('q')", SQLITE_ERROR, "which has no loss");
    refused("SELECT assign('q', '1')", SQLITE_ERROR, "opaque blocks");
}
END_TEST

START_TEST(files_that_have_no_blocks_are_not_written)
{
    static const char *const files[] = {"q.safetensors", "q.npy", "q.npz", "q.index"};
    char path[TEMP_PATH_BYTES];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        temp_file(&r.dir, files[i], path);
        expect(r.db, VARSDB_UNSUPPORTED, varsdb_export(r.db, path, NULL, NULL));
        says(r.db, "ggml:Q4_0");
        says(r.db, "'q'");
    }
}
END_TEST

Suite *test_dtype_block_suite(void)
{
    Suite *s = suite_create("dtype_block");
    TCase *t = tcase_create("dtypes");
    tcase_add_loop_test(t, names_and_sizes, 0, (int)(sizeof types / sizeof *types));
    tcase_add_test(t, what_is_no_block);
    suite_add_tcase(s, t);
    t = tcase_create("variables");
    tcase_add_checked_fixture(t, open_q, client_close);
    tcase_add_test(t, a_value_is_its_bytes);
    tcase_add_test(t, slices_are_of_whole_blocks);
    tcase_add_test(t, shapes_must_fill_blocks);
    tcase_add_test(t, numbers_are_no_blocks);
    tcase_add_test(t, parts_lie_across_blocks_and_do_not_cut_them);
    tcase_add_test(t, snapshots_keep_and_compare_bytes);
    tcase_add_test(t, sql_has_the_bytes_and_no_elements);
    tcase_add_test(t, files_that_have_no_blocks_are_not_written);
    suite_add_tcase(s, t);
    return s;
}
