/* test_slice_text.c - slices as people write them, against begins and sizes that the texts were made of. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "../support/registry.h"
#include "../support/sanitized.h"
#include "slice_text.h"

Suite *test_slice_text_suite(void);

#define COUNT(a)  (sizeof(a) / sizeof(a)[0])
#define UNTOUCHED (-77)

typedef struct parsed {
    vdb_error error;
    int64_t begin[VARSDB_RANK_MAX], size[VARSDB_RANK_MAX];
} parsed;

static int parse(const char *text, const varsdb_shape *shape, parsed *out)
{
    *out = (parsed){0};
    for (int i = 0; i < VARSDB_RANK_MAX; i++)
        out->begin[i] = out->size[i] = UNTOUCHED;
    return vdb_slice_parse(&out->error, text, shape, out->begin, out->size);
}

/* ---- what is accepted */

/* Of axes with 5 and 3 elements: begin and size of each. */
START_TEST(ranges_and_indices_are_what_they_say)
{
    static const struct {
        const char *text;
        int64_t begin[2], size[2];
    } cases[] = {
        {NULL, {0, 0}, {5, 3}},      {":", {0, 0}, {5, 3}},          {":,:", {0, 0}, {5, 3}},
        {"0:5,0:3", {0, 0}, {5, 3}}, {"1", {1, 0}, {1, 3}},          {"4,2", {4, 2}, {1, 1}},
        {"-1,-3", {4, 0}, {1, 1}},   {"-5,-1", {0, 2}, {1, 1}},      {"2:", {2, 0}, {3, 3}},
        {":2", {0, 0}, {2, 3}},      {"1:4", {1, 0}, {3, 3}},        {"-2:", {3, 0}, {2, 3}},
        {":-2", {0, 0}, {3, 3}},     {"-4:-1", {1, 0}, {3, 3}},      {"1:-1,-2:2", {1, 1}, {3, 1}},
        {"0:0", {0, 0}, {0, 3}},     {"5:5,3:3", {5, 3}, {0, 0}},    {"5:", {5, 0}, {0, 3}},
        {":0", {0, 0}, {0, 3}},      {":-5", {0, 0}, {0, 3}},        {"2:2,1:1", {2, 1}, {0, 0}},
        {":,1", {0, 1}, {5, 1}},     {"0002:00003", {2, 0}, {1, 3}}, {"-0,-0:-0", {0, 0}, {1, 0}},
        {"-0:,:3", {0, 0}, {5, 3}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        parsed is;
        ck_assert_msg(parse(cases[i].text, VARSDB_SHAPE(5, 3), &is) == VARSDB_OK, "%s: %s", cases[i].text,
                      is.error.text);
        for (int axis = 0; axis < 2; axis++)
            ck_assert_msg(is.begin[axis] == cases[i].begin[axis] && is.size[axis] == cases[i].size[axis],
                          "%s, axis %d: from %lld, %lld elements", cases[i].text, axis,
                          (long long)is.begin[axis], (long long)is.size[axis]);
        ck_assert_int_eq(is.begin[2], UNTOUCHED);
        ck_assert_int_eq(is.size[2], UNTOUCHED);
    }
}
END_TEST

START_TEST(a_scalar_has_no_axes_to_name)
{
    parsed is;
    ck_assert_int_eq(parse(NULL, VARSDB_SCALAR, &is), VARSDB_OK);
    ck_assert_int_eq(is.begin[0], UNTOUCHED);
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(parse(((const char *[]){"", ":", "0"})[i], VARSDB_SCALAR, &is), VARSDB_INVALID);
        ck_assert_ptr_nonnull(strstr(is.error.text, "more ranges than the variable has axes, 0"));
    }
}
END_TEST

START_TEST(an_axis_without_elements_has_empty_ranges_alone)
{
    static const char *const good[] = {":", "0:", ":0", "0:0", "-0:"}, *const bad[] = {"0", "-1", "0:1",
                                                                                       ":1"};
    parsed is;
    for (size_t i = 0; i < COUNT(good); i++) {
        ck_assert_int_eq(parse(good[i], VARSDB_SHAPE(0), &is), VARSDB_OK);
        ck_assert(is.begin[0] == 0 && is.size[0] == 0);
    }
    for (size_t i = 0; i < COUNT(bad); i++)
        ck_assert_int_eq(parse(bad[i], VARSDB_SHAPE(0), &is), VARSDB_INVALID);
}
END_TEST

START_TEST(the_longest_axes_and_the_most_of_them_can_be_sliced)
{
    static const int64_t longest = (int64_t)1 << 48;
    int64_t dims[VARSDB_RANK_MAX];
    char text[VARSDB_RANK_MAX * 4 + 1] = "";
    parsed is;
    ck_assert_int_eq(parse("281474976710655", VARSDB_SHAPE(longest), &is), VARSDB_OK);
    ck_assert(is.begin[0] == longest - 1 && is.size[0] == 1);
    ck_assert_int_eq(parse("-281474976710656:281474976710656", VARSDB_SHAPE(longest), &is), VARSDB_OK);
    ck_assert(is.begin[0] == 0 && is.size[0] == longest);
    for (int i = 0; i < VARSDB_RANK_MAX; i++) {
        dims[i] = i + 1;
        strcat(text, i ? ",-1" : "-1");
    }
    ck_assert_int_eq(parse(text, &(varsdb_shape){VARSDB_RANK_MAX, dims}, &is), VARSDB_OK);
    for (int i = 0; i < VARSDB_RANK_MAX; i++)
        ck_assert(is.begin[i] == i && is.size[i] == 1);
    strcat(text, ",0");
    ck_assert_int_eq(parse(text, &(varsdb_shape){VARSDB_RANK_MAX, dims}, &is), VARSDB_INVALID);
}
END_TEST

/* ---- drawn at random */

static uint64_t state = 20250101;

static int64_t below(int64_t n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (int64_t)(state % (uint64_t)n);
}

/* A place on an axis, as it is or counted from the end, which cannot say the end itself. */
static int write_place(char *out, int64_t place, int64_t length)
{
    bool from_end = place < length && below(2);
    return sprintf(out, "%lld", (long long)(from_end ? place - length : place));
}

static int write_range(char *out, int64_t begin, int64_t size, int64_t length)
{
    char *at = out;
    if (size == 1 && below(2))
        return write_place(out, begin, length);
    if (begin > 0 || below(2))
        at += write_place(at, begin, length);
    *at++ = ':';
    *at = '\0';
    if (begin + size < length || below(2))
        at += write_place(at, begin + size, length);
    return (int)(at - out);
}

START_TEST(what_is_written_at_random_is_read_back)
{
    for (int round = 0; round < FEWER(20000, 2000); round++) {
        int64_t dims[4], begin[4], size[4];
        char text[256] = "", *at = text;
        parsed is;
        int rank = 1 + (int)below(4), named = 1 + (int)below(rank), wrong = 0;
        for (int i = 0; i < rank; i++) {
            dims[i] = below(8) ? below(12) : below((int64_t)1 << 40);
            begin[i] = i < named ? below(dims[i] + 1) : 0;
            size[i] = i < named ? below(dims[i] - begin[i] + 1) : dims[i];
            if (i < named) {
                at += sprintf(at, "%s", i ? "," : "");
                at += write_range(at, begin[i], size[i], dims[i]);
            }
        }
        int rc = parse(text, &(varsdb_shape){rank, dims}, &is);
        for (int i = 0; rc == VARSDB_OK && i < rank; i++)
            wrong += is.begin[i] != begin[i] || is.size[i] != size[i];
        if (rc != VARSDB_OK || wrong)
            ck_abort_msg("%s: %s", text, is.error.text);
    }
}
END_TEST

/* ---- what is refused */

START_TEST(an_error_names_the_axis_and_what_is_wrong)
{
    static const struct {
        const char *text, *why;
        int axis; /* of 5 and 3 elements; -1: too many */
    } cases[] = {
        {"", "a range is missing", 0},
        {",1", "a range is missing", 0},
        {"1,", "a range is missing", 1},
        {"x", "a range is missing", 0},
        {" 1", "a range is missing", 0},
        {"1, 2", "a range is missing", 1},
        {"+1", "a range is missing", 0},
        {"...", "a range is missing", 0},
        {"1 ", "something else", 0},
        {"1x", "something else", 0},
        {"1.5", "something else", 0},
        {"0:5:2", "something else", 0},
        {"::", "something else", 0},
        {":,1:2;", "something else", 1},
        {"-", "a number is missing after -", 0},
        {"--1", "a number is missing after -", 0},
        {"1:-", "a number is missing after -", 0},
        {":,-x", "a number is missing after -", 1},
        {"5", "the index is out of range", 0},
        {"-6", "the index is out of range", 0},
        {"0,3", "the index is out of range", 1},
        {"0,-4", "the index is out of range", 1},
        {"0:6", "the range leaves the axis", 0},
        {"6:", "the range leaves the axis", 0},
        {"-6:", "the range leaves the axis", 0},
        {":-6", "the range leaves the axis", 0},
        {":,0:4", "the range leaves the axis", 1},
        {"3:2", "ends before it begins", 0},
        {"-1:-2", "ends before it begins", 0},
        {":,-1:0", "ends before it begins", 1},
        {"9223372036854775807", "the index is out of range", 0},
        {"-9223372036854775807", "the index is out of range", 0},
        {"9223372036854775808", "does not fit 64 bits", 0},
        {"-9223372036854775808", "does not fit 64 bits", 0},
        {":,0:18446744073709551616", "does not fit 64 bits", 1},
        {"100000000000000000000000000000000000000000:", "does not fit 64 bits", 0},
        {"0,0,0", "more ranges than the variable has axes, 2", -1},
        {":,:,", "more ranges than the variable has axes, 2", -1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        parsed is;
        char axis[64];
        snprintf(axis, sizeof axis, "axis %d, of %d elements: ", cases[i].axis, cases[i].axis ? 3 : 5);
        ck_assert_msg(parse(cases[i].text, VARSDB_SHAPE(5, 3), &is) == VARSDB_INVALID, "%s", cases[i].text);
        ck_assert_msg(strstr(is.error.text, cases[i].why) && strstr(is.error.text, cases[i].text) &&
                          (cases[i].axis < 0 || strstr(is.error.text, axis)),
                      "%s: %s", cases[i].text, is.error.text);
        ck_assert(is.begin[0] == UNTOUCHED && is.size[0] == UNTOUCHED);
    }
}
END_TEST

START_TEST(a_text_of_any_length_gives_one_line)
{
    static char text[100000];
    parsed is;
    memset(text, '1', sizeof text - 1);
    ck_assert_int_eq(parse(text, VARSDB_SHAPE(5), &is), VARSDB_INVALID);
    ck_assert_ptr_nonnull(strstr(is.error.text, "does not fit 64 bits"));
    ck_assert_int_eq(parse("1\n2", VARSDB_SHAPE(5), &is), VARSDB_INVALID);
    ck_assert_ptr_null(strchr(is.error.text, '\n'));
}
END_TEST

/* ---- the public one */

START_TEST(a_program_parses_slices_for_the_calls_that_take_them)
{
    registry r;
    int64_t begin[2] = {UNTOUCHED, UNTOUCHED}, size[2] = {UNTOUCHED, UNTOUCHED};
    float column[2] = {0};
    registry_open(&r);
    const varsdb_variable *v = got(r.db, "v", VARSDB_WITH(.value_json = "[[1,2,3],[4,5,6]]"));
    ok(r.db, varsdb_parse_slice(r.db, ":,-2", VARSDB_SHAPE(2, 3), begin, size));
    ok(r.db, varsdb_read_slice(r.db, v, VARSDB_SLICE(2, begin, size, NULL), column, sizeof column));
    ck_assert(column[0] == 2 && column[1] == 5);
    begin[0] = UNTOUCHED;
    expect(r.db, VARSDB_INVALID, varsdb_parse_slice(r.db, ":,3", VARSDB_SHAPE(2, 3), begin, size));
    says(r.db, "axis 1, of 3 elements");
    expect(r.db, VARSDB_INVALID, varsdb_parse_slice(r.db, ":", VARSDB_SHAPE(VARSDB_ANY, 3), begin, size));
    expect(r.db, VARSDB_INVALID, varsdb_parse_slice(r.db, ":", &(varsdb_shape){-1, NULL}, begin, size));
    expect(r.db, VARSDB_MISUSE, varsdb_parse_slice(r.db, ":", NULL, begin, size));
    expect(r.db, VARSDB_MISUSE, varsdb_parse_slice(r.db, ":", VARSDB_SHAPE(2, 3), NULL, size));
    expect(r.db, VARSDB_MISUSE, varsdb_parse_slice(r.db, ":", VARSDB_SHAPE(2, 3), begin, NULL));
    ck_assert_int_eq(begin[0], UNTOUCHED);
    ck_assert_int_eq(varsdb_parse_slice(NULL, ":", VARSDB_SHAPE(2, 3), begin, size), VARSDB_MISUSE);
    registry_close(&r);
}
END_TEST

Suite *test_slice_text_suite(void)
{
    Suite *suite = suite_create("slice_text");
    TCase *tcase = tcase_create("texts");
    tcase_add_test(tcase, ranges_and_indices_are_what_they_say);
    tcase_add_test(tcase, a_scalar_has_no_axes_to_name);
    tcase_add_test(tcase, an_axis_without_elements_has_empty_ranges_alone);
    tcase_add_test(tcase, the_longest_axes_and_the_most_of_them_can_be_sliced);
    tcase_add_test(tcase, what_is_written_at_random_is_read_back);
    tcase_add_test(tcase, an_error_names_the_axis_and_what_is_wrong);
    tcase_add_test(tcase, a_text_of_any_length_gives_one_line);
    tcase_add_test(tcase, a_program_parses_slices_for_the_calls_that_take_them);
    suite_add_tcase(suite, tcase);
    return suite;
}
