/* Tests of shapes. */
#include <check.h>
#include <string.h>

#include "shape.h"

Suite *test_shape_suite(void);

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

START_TEST(ranks_and_dims_in_range)
{
    vdb_error e = {0};
    int64_t dims[VARSDB_RANK_MAX + 1] = {0};
    ck_assert_int_eq(vdb_shape_check(&e, VARSDB_SCALAR, false), VARSDB_OK);
    ck_assert_int_eq(vdb_shape_check(&e, VARSDB_SHAPE(0, VDB_DIM_MAX), false), VARSDB_OK);
    ck_assert_int_eq(vdb_shape_check(&e, &(varsdb_shape){VARSDB_RANK_MAX, dims}, false), VARSDB_OK);
    ck_assert_int_eq(vdb_shape_check(&e, &(varsdb_shape){VARSDB_RANK_MAX + 1, dims}, false), VARSDB_INVALID);
    ck_assert_int_eq(vdb_shape_check(&e, &(varsdb_shape){-1, dims}, false), VARSDB_INVALID);
    ck_assert_int_eq(vdb_shape_check(&e, &(varsdb_shape){1, NULL}, false), VARSDB_INVALID);
    ck_assert_int_eq(vdb_shape_check(&e, VARSDB_SHAPE(2, VDB_DIM_MAX + 1), false), VARSDB_INVALID);
    ck_assert_ptr_nonnull(strstr(e.text, "281474976710657"));
    ck_assert_int_eq(vdb_shape_check(&e, VARSDB_SHAPE(-2), true), VARSDB_INVALID);
    ck_assert_int_eq(vdb_shape_check(&e, VARSDB_SHAPE(INT64_MIN), true), VARSDB_INVALID);
    ck_assert_int_eq(vdb_shape_check(&e, VARSDB_SHAPE(2, VARSDB_ANY), true), VARSDB_OK);
    ck_assert_int_eq(vdb_shape_check(&e, VARSDB_SHAPE(2, VARSDB_ANY), false), VARSDB_INVALID);
}
END_TEST

START_TEST(element_counts)
{
    vdb_error e = {0};
    int64_t n = -1;
    ck_assert_int_eq(vdb_shape_elements(&e, VARSDB_SCALAR, &n), VARSDB_OK);
    ck_assert_int_eq(n, 1);
    ck_assert_int_eq(vdb_shape_elements(&e, VARSDB_SHAPE(2, 3, 4), &n), VARSDB_OK);
    ck_assert_int_eq(n, 24);
    ck_assert_int_eq(vdb_shape_elements(&e, VARSDB_SHAPE(5, 0, 7), &n), VARSDB_OK);
    ck_assert_int_eq(n, 0);
    ck_assert_int_eq(vdb_shape_elements(&e, VARSDB_SHAPE(VDB_DIM_MAX, (1 << 15) - 1), &n), VARSDB_OK);
    ck_assert_int_eq(n, VDB_DIM_MAX * 32767);
}
END_TEST

START_TEST(element_counts_that_overflow)
{
    vdb_error e = {0};
    int64_t n = 77;
    ck_assert_int_eq(vdb_shape_elements(&e, VARSDB_SHAPE(VDB_DIM_MAX, 1 << 15), &n), VARSDB_INVALID);
    ck_assert_int_eq(vdb_shape_elements(&e, VARSDB_SHAPE(0, VDB_DIM_MAX, VDB_DIM_MAX), &n), VARSDB_INVALID);
    ck_assert_int_eq(vdb_shape_elements(&e, VARSDB_SHAPE(VDB_DIM_MAX, 0, VDB_DIM_MAX), &n), VARSDB_INVALID);
    ck_assert_int_eq(vdb_shape_elements(&e, VARSDB_SHAPE(VARSDB_ANY), &n), VARSDB_INVALID);
    ck_assert_int_eq(n, 77);
}
END_TEST

START_TEST(copies_stand_alone)
{
    vdb_error e = {0};
    int64_t dims[] = {2, VARSDB_ANY, 4};
    vdb_dims copy = {0};
    ck_assert_int_eq(vdb_shape_copy(&e, &(varsdb_shape){3, dims}, &copy), VARSDB_OK);
    dims[0] = 9;
    varsdb_shape lent = vdb_dims_shape(&copy);
    ck_assert_int_eq(lent.rank, 3);
    ck_assert_int_eq(lent.dims[0], 2);
    ck_assert_int_eq(lent.dims[1], VARSDB_ANY);
    ck_assert_int_eq(lent.dims[2], 4);
    ck_assert_int_eq(vdb_shape_copy(&e, VARSDB_SCALAR, &copy), VARSDB_OK);
    ck_assert_int_eq(copy.rank, 0);
    ck_assert_int_eq(vdb_shape_copy(&e, VARSDB_SHAPE(-5), &copy), VARSDB_INVALID);
}
END_TEST

static int parse(const char *text, vdb_dims *out)
{
    vdb_error e = {0};
    return vdb_shape_parse_json(&e, text, strlen(text), out);
}

START_TEST(parsing)
{
    vdb_dims d = {0};
    ck_assert_int_eq(parse("[2,3]", &d), VARSDB_OK);
    ck_assert_int_eq(d.rank, 2);
    ck_assert_int_eq(d.dim[0], 2);
    ck_assert_int_eq(d.dim[1], 3);
    ck_assert_int_eq(parse(" [ 7 ] ", &d), VARSDB_OK);
    ck_assert_int_eq(d.rank, 1);
    ck_assert_int_eq(d.dim[0], 7);
    ck_assert_int_eq(parse("[]", &d), VARSDB_OK);
    ck_assert_int_eq(d.rank, 0);
    ck_assert_int_eq(parse("[0,281474976710656]", &d), VARSDB_OK);
    ck_assert_int_eq(d.dim[1], VDB_DIM_MAX);
}
END_TEST

START_TEST(parsing_what_is_no_shape)
{
    static const char *const texts[] = {"",
                                        "2",
                                        "[2",
                                        "[2,]",
                                        "[2]x",
                                        "[2][3]",
                                        "[-1]",
                                        "[1.0]",
                                        "[1e2]",
                                        "[02]",
                                        "[\"2\"]",
                                        "[null]",
                                        "[?]",
                                        "{}",
                                        "[[2]]",
                                        "[{}]",
                                        "2,3",
                                        "null",
                                        "\"[2]\"",
                                        "[true]",
                                        "[[]]",
                                        "[2 3]",
                                        "[281474976710657]",
                                        "[99999999999999999999]"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        vdb_dims d = {.rank = 55};
        ck_assert_msg(parse(texts[i], &d) == VARSDB_INVALID, "%s was accepted", texts[i]);
        ck_assert_int_eq(d.rank, 55);
    }
}
END_TEST

START_TEST(parsing_the_highest_rank)
{
    char text[3 * VARSDB_RANK_MAX + 8] = "[1";
    vdb_dims d = {0};
    for (int i = 1; i < VARSDB_RANK_MAX; i++)
        memcpy(text + 2 * i, ",1", 3);
    size_t n = strlen(text);
    memcpy(text + n, "]", 2);
    ck_assert_int_eq(parse(text, &d), VARSDB_OK);
    ck_assert_int_eq(d.rank, VARSDB_RANK_MAX);
    memcpy(text + n, ",1]", 4);
    ck_assert_int_eq(parse(text, &d), VARSDB_INVALID);
}
END_TEST

START_TEST(printing)
{
    vdb_buf b = {0};
    ck_assert_int_eq(vdb_shape_print(&b, VARSDB_SCALAR), VARSDB_OK);
    ck_assert_int_eq(vdb_shape_print(&b, VARSDB_SHAPE(5)), VARSDB_OK);
    ck_assert_int_eq(vdb_shape_print(&b, VARSDB_SHAPE(2, VARSDB_ANY, 0)), VARSDB_OK);
    ck_assert_str_eq(b.data, "[][5][2,?,0]");
    vdb_buf_release(&b);
}
END_TEST

START_TEST(agreement)
{
    ck_assert(vdb_shape_agrees(VARSDB_SCALAR, VARSDB_SCALAR));
    ck_assert(vdb_shape_agrees(VARSDB_SHAPE(2, 3), VARSDB_SHAPE(2, 3)));
    ck_assert(vdb_shape_agrees(VARSDB_SHAPE(2, VARSDB_ANY), VARSDB_SHAPE(2, 3)));
    ck_assert(vdb_shape_agrees(VARSDB_SHAPE(VARSDB_ANY), VARSDB_SHAPE(0)));
    ck_assert(!vdb_shape_agrees(VARSDB_SHAPE(2, 3), VARSDB_SHAPE(3, 2)));
    ck_assert(!vdb_shape_agrees(VARSDB_SHAPE(6), VARSDB_SHAPE(2, 3)));
    ck_assert(!vdb_shape_agrees(VARSDB_SHAPE(1), VARSDB_SCALAR));
    ck_assert(!vdb_shape_agrees(VARSDB_SHAPE(VARSDB_ANY), VARSDB_SCALAR));
}
END_TEST

Suite *test_shape_suite(void)
{
    Suite *s = suite_create("shape");
    TCase *t = tcase_create("shape");
    tcase_add_test(t, ranks_and_dims_in_range);
    tcase_add_test(t, element_counts);
    tcase_add_test(t, element_counts_that_overflow);
    tcase_add_test(t, copies_stand_alone);
    tcase_add_test(t, parsing);
    tcase_add_test(t, parsing_what_is_no_shape);
    tcase_add_test(t, parsing_the_highest_rank);
    tcase_add_test(t, printing);
    tcase_add_test(t, agreement);
    suite_add_tcase(s, t);
    return s;
}
