/* test_partition.c - partitioners against numbers worked by hand. */
#include <check.h>
#include <string.h>

#include "dtype.h"
#include "partition.h"

Suite *test_partition_suite(void);

static void check_parts(int64_t d, int64_t n, const int64_t *lengths)
{
    int64_t expected = 0;
    for (int64_t i = 0; i < n; i++) {
        int64_t offset, length;
        vdb_partition_part(d, n, i, &offset, &length);
        ck_assert_int_eq(offset, expected);
        ck_assert_int_eq(length, lengths[i]);
        expected += length;
    }
    ck_assert_int_eq(expected, d);
}

START_TEST(first_parts_are_the_longer_ones)
{
    check_parts(43, 4, (const int64_t[]){11, 11, 11, 10});
    check_parts(43, 5, (const int64_t[]){9, 9, 9, 8, 8});
    check_parts(4, 4, (const int64_t[]){1, 1, 1, 1});
    check_parts(7, 1, (const int64_t[]){7});
    check_parts(VDB_DIM_MAX + 1, 2, (const int64_t[]){VDB_DIM_MAX / 2 + 1, VDB_DIM_MAX / 2});
}
END_TEST

static void check_plan(const char *text, varsdb_dtype dtype, const varsdb_shape *shape, int axis,
                       int64_t parts)
{
    vdb_error e;
    vdb_partition plan;
    int rc = vdb_partition_plan(&e, text, dtype, shape, &plan);
    ck_assert_msg(rc == VARSDB_OK, "%s: %s", text, e.text);
    ck_assert_int_eq(plan.axis, axis);
    ck_assert_msg(plan.parts == parts, "%s: %lld parts", text, (long long)plan.parts);
}

START_TEST(fixed_size_is_at_most_the_axis)
{
    check_plan("fixed_size(4)", VARSDB_FLOAT32, VARSDB_SHAPE(43, 3), 0, 4);
    check_plan("fixed_size(5, axis=1)", VARSDB_FLOAT32, VARSDB_SHAPE(43, 3), 1, 3);
    check_plan("fixed_size(num_shards=2, axis=1)", VARSDB_STRING, VARSDB_SHAPE(43, 3), 1, 2);
    check_plan("none", VARSDB_FLOAT32, VARSDB_SHAPE(43, 3), 0, 1);
}
END_TEST

/* A row of [20, 43] float32 takes 172 bytes. */
START_TEST(variable_axis_size_keeps_parts_below_the_bytes)
{
    check_plan("variable_axis_size(600)", VARSDB_FLOAT32, VARSDB_SHAPE(20, 43), 0, 7);  /* 3 rows: 20/3 up */
    check_plan("variable_axis_size(344)", VARSDB_FLOAT32, VARSDB_SHAPE(20, 43), 0, 10); /* 2 rows exactly */
    check_plan("variable_axis_size(1)", VARSDB_FLOAT32, VARSDB_SHAPE(20, 43), 0, 20);   /* at least 1 row */
    check_plan("variable_axis_size(1000000)", VARSDB_FLOAT32, VARSDB_SHAPE(20, 43), 0, 1);
    check_plan("variable_axis_size(600, max_shards=4)", VARSDB_FLOAT32, VARSDB_SHAPE(20, 43), 0, 4);
    check_plan("variable_axis_size(600, max_shards=0)", VARSDB_FLOAT32, VARSDB_SHAPE(20, 43), 0, 7);
    check_plan("variable_axis_size(600, max_shards=none)", VARSDB_FLOAT32, VARSDB_SHAPE(20, 43), 0, 7);
    /* columns of 20 * 4 = 80 bytes: 7 of them, 43/7 up */
    check_plan("variable_axis_size(600, 1)", VARSDB_FLOAT32, VARSDB_SHAPE(20, 43), 1, 7);
    /* strings of 16 bytes: rows of 688, so one row a part; of 2 bytes: rows of 86, 6 rows a part */
    check_plan("variable_axis_size(700)", VARSDB_STRING, VARSDB_SHAPE(20, 43), 0, 20);
    check_plan("variable_axis_size(600, bytes_per_string_element=2)", VARSDB_STRING, VARSDB_SHAPE(20, 43), 0,
               4);
    check_plan("variable_axis_size(5)", VARSDB_FLOAT32, VARSDB_SHAPE(20, 0), 0, 1);
}
END_TEST

START_TEST(min_max_keeps_parts_above_the_bytes)
{
    /* 1000 * 1000 float32: 4,000,000 bytes, 15.26 slices of 262,144 */
    check_plan("min_max(100)", VARSDB_FLOAT32, VARSDB_SHAPE(1000, 1000), 0, 16);
    check_plan("min_max(10)", VARSDB_FLOAT32, VARSDB_SHAPE(1000, 1000), 0, 10);
    check_plan("min_max(100, axis=1)", VARSDB_FLOAT32, VARSDB_SHAPE(250000, 4), 1, 4);
    check_plan("min_max(100, min_slice_size=4000000)", VARSDB_FLOAT32, VARSDB_SHAPE(1000, 1000), 0, 1);
    check_plan("min_max(100, min_slice_size=3999999)", VARSDB_FLOAT32, VARSDB_SHAPE(1000, 1000), 0, 2);
    check_plan("min_max(100, 0, 160)", VARSDB_STRING, VARSDB_SHAPE(100), 0, 10);
    check_plan("min_max(100, 0, 160, 32)", VARSDB_STRING, VARSDB_SHAPE(100), 0, 20);
    check_plan("min_max(100)", VARSDB_FLOAT32, VARSDB_SHAPE(3), 0, 1);
}
END_TEST

START_TEST(what_cannot_be_cut_is_invalid)
{
    static const int64_t none[] = {0, 3}, some[] = {4, 3}, open[] = {VARSDB_ANY, 3};
    static const struct {
        const char *text, *says;
        int rank;
        const int64_t *dims;
    } bad[] = {{"fixed_size(2)", "scalar", 0, NULL},           {"fixed_size(2,axis=2)", "axis is 2", 2, some},
               {"fixed_size(2)", "length 0", 2, none},         {"min_max(2)", "length 0", 2, none},
               {"variable_axis_size(2)", "length 0", 2, none}, {"fixed_size(2)", "", 2, open}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        vdb_error e = {0};
        vdb_partition plan;
        varsdb_shape shape = {bad[i].rank, bad[i].dims};
        ck_assert_int_eq(vdb_partition_plan(&e, bad[i].text, VARSDB_FLOAT32, &shape, &plan), VARSDB_INVALID);
        ck_assert_msg(strstr(e.text, bad[i].says), "%s", e.text);
    }
}
END_TEST

START_TEST(bad_specs_are_invalid_without_a_shape)
{
    static const char *const bad[] = {"halves(2)",
                                      "fixed_size",
                                      "fixed_size(0)",
                                      "fixed_size(-1)",
                                      "fixed_size(1.5)",
                                      "fixed_size(2,axis=-1)",
                                      "fixed_size(2,0,3)",
                                      "fixed_size(none)",
                                      "variable_axis_size(0)",
                                      "variable_axis_size(1,bytes_per_string_element=0)",
                                      "variable_axis_size(1,max_shards=-1)",
                                      "variable_axis_size(1,max_shards=nothing)",
                                      "min_max(0)",
                                      "min_max(2,min_slice_size=0)",
                                      "none(1)",
                                      "fixed_size(9223372036854775808)"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        vdb_error e = {0};
        ck_assert_msg(vdb_partitioner_check(&e, bad[i]) == VARSDB_INVALID, "%s", bad[i]);
        ck_assert_ptr_nonnull(strstr(e.text, "partitioner"));
    }
    vdb_error e;
    ck_assert_int_eq(vdb_partitioner_check(&e, "none"), VARSDB_OK);
    ck_assert_int_eq(vdb_partitioner_check(&e, "fixed_size(3)"), VARSDB_OK);
}
END_TEST

START_TEST(byte_counts_beyond_63_bits_are_invalid)
{
    vdb_error e;
    vdb_partition plan;
    const varsdb_shape *shape = VARSDB_SHAPE(VDB_DIM_MAX, 16384);
    ck_assert_int_eq(vdb_partition_plan(&e, "min_max(2)", VARSDB_FLOAT64, shape, &plan), VARSDB_INVALID);
    ck_assert_int_eq(vdb_partition_plan(&e, "min_max(2)", VARSDB_STRING, shape, &plan), VARSDB_INVALID);
}
END_TEST

Suite *test_partition_suite(void)
{
    Suite *suite = suite_create("partition");
    TCase *tests = tcase_create("partition");
    tcase_add_test(tests, first_parts_are_the_longer_ones);
    tcase_add_test(tests, fixed_size_is_at_most_the_axis);
    tcase_add_test(tests, variable_axis_size_keeps_parts_below_the_bytes);
    tcase_add_test(tests, min_max_keeps_parts_above_the_bytes);
    tcase_add_test(tests, what_cannot_be_cut_is_invalid);
    tcase_add_test(tests, bad_specs_are_invalid_without_a_shape);
    tcase_add_test(tests, byte_counts_beyond_63_bits_are_invalid);
    suite_add_tcase(suite, tests);
    return suite;
}
