/* test_import_plan.c - which tensors are taken, and what they are named. */
#include <check.h>

#include "../support/tensor_files.h"
#include "import_plan.h"

static vdb_error error;
static test_folder folder;
static varsdb_reader *reader;
static vdb_import_plan plan;

#define TENSOR(name, at, end) \
    "\"" name "\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[" at "," end "]}"

static void setup(void)
{
    char path[PATH_BYTES];
    folder_make(&folder);
    safetensors_write(
        folder_path(&folder, "m", path),
        "{" TENSOR("m.1.w", "0", "1") "," TENSOR("m.1.b", "1", "2") "," TENSOR("m.2.w", "2", "3") "}", "abc",
        3);
    reader = NULL;
    plan = (vdb_import_plan){0};
    ck_assert_int_eq(varsdb_open_reader(path, &reader), VARSDB_OK);
}

static void teardown(void)
{
    vdb_import_plan_release(&plan);
    varsdb_close_reader(reader);
    folder_remove(&folder);
}

static int make(const varsdb_import_options *options)
{
    vdb_import_plan_release(&plan);
    return vdb_import_plan_make(&error, reader, options, &plan);
}

START_TEST(names_stay_as_they_are_and_in_the_order_of_the_file)
{
    ck_assert_int_eq(make(VARSDB_IMPORT(.scope = NULL)), VARSDB_OK);
    ck_assert_uint_eq(plan.count, 3);
    ck_assert_str_eq(plan.items[0].name, "m.1.w");
    ck_assert_str_eq(plan.items[1].name, "m.1.b");
    ck_assert_str_eq(plan.items[2].name, "m.2.w");
    ck_assert_uint_eq(plan.items[2].tensor, 2);
}
END_TEST

START_TEST(rename_comes_before_separator_and_scope)
{
    ck_assert_int_eq(make(VARSDB_IMPORT(.renames = &(varsdb_rename){"^m\\.(\\d)", "layer.$1"},
                                        .rename_count = 1, .separator = ".", .scope = "a/b")),
                     VARSDB_OK);
    ck_assert_str_eq(plan.items[0].name, "a/b/layer/1/w");
    ck_assert_str_eq(plan.items[2].name, "a/b/layer/2/w");
}
END_TEST

START_TEST(long_separator_and_empty_replacement)
{
    ck_assert_int_eq(
        make(VARSDB_IMPORT(.renames = &(varsdb_rename){"^m\\.", ""}, .rename_count = 1, .separator = ".w")),
        VARSDB_INVALID);
    ck_assert_ptr_nonnull(strstr(error.text, "tensor 'm.1.w'"));
    ck_assert_int_eq(
        make(VARSDB_IMPORT(.renames = &(varsdb_rename){"^m\\.", ""}, .rename_count = 1, .separator = "1.")),
        VARSDB_INVALID);
    ck_assert_int_eq(
        make(VARSDB_IMPORT(.renames = &(varsdb_rename){"^m\\.", ""}, .rename_count = 1, .separator = ".")),
        VARSDB_OK);
    ck_assert_str_eq(plan.items[1].name, "1/b");
}
END_TEST

START_TEST(each_rename_takes_what_the_one_before_it_made)
{
    const varsdb_rename renames[] = {
        {"^m\\.1", "first"}, {"^m", "other"}, {"\\.", "/"}, {"^first/(.)$", "$1/of"}};
    ck_assert_int_eq(make(VARSDB_IMPORT(.renames = renames, .rename_count = 4)), VARSDB_OK);
    ck_assert_str_eq(plan.items[0].name, "w/of");
    ck_assert_str_eq(plan.items[1].name, "b/of");
    ck_assert_str_eq(plan.items[2].name, "other/2/w");
    ck_assert_int_eq(make(VARSDB_IMPORT(.renames = renames, .rename_count = 0)), VARSDB_OK);
    ck_assert_str_eq(plan.items[0].name, "m.1.w");
}
END_TEST

START_TEST(renames_that_are_none_are_refused)
{
    const varsdb_rename half[] = {{"m", "n"}, {"w", NULL}}, other[] = {{NULL, "w"}},
                        bad[] = {{"m", "n"}, {"(", "x"}};
    ck_assert_int_eq(make(VARSDB_IMPORT(.renames = half, .rename_count = 2)), VARSDB_MISUSE);
    ck_assert_int_eq(make(VARSDB_IMPORT(.renames = other, .rename_count = 1)), VARSDB_MISUSE);
    ck_assert_int_eq(make(VARSDB_IMPORT(.rename_count = 1)), VARSDB_MISUSE);
    ck_assert_int_eq(make(VARSDB_IMPORT(.renames = bad, .rename_count = 2)), VARSDB_INVALID);
    ck_assert_ptr_nonnull(strstr(error.text, "'('"));
}
END_TEST

START_TEST(left_out_tensors_are_marked_but_known)
{
    ck_assert_int_eq(make(VARSDB_IMPORT(.include = "w$", .exclude = "2")), VARSDB_OK);
    ck_assert(!plan.items[0].left_out);
    ck_assert(plan.items[1].left_out);
    ck_assert(plan.items[2].left_out);
    ck_assert(vdb_import_plan_has(&plan, "m.1.b"));
    ck_assert(vdb_import_plan_has(&plan, "m.1.w"));
    ck_assert(!vdb_import_plan_has(&plan, "m.1"));
    ck_assert(!vdb_import_plan_has(&plan, "z"));
}
END_TEST

START_TEST(clash_names_both_tensors_unless_one_is_left_out)
{
    const char *both = "^m\\.\\d\\.w$";
    ck_assert_int_eq(make(VARSDB_IMPORT(.renames = &(varsdb_rename){both, "w"}, .rename_count = 1)),
                     VARSDB_INVALID);
    ck_assert_ptr_nonnull(strstr(error.text, "'m.1.w'"));
    ck_assert_ptr_nonnull(strstr(error.text, "'m.2.w'"));
    ck_assert_ptr_nonnull(strstr(error.text, "variable 'w'"));
    ck_assert_int_eq(
        make(VARSDB_IMPORT(.renames = &(varsdb_rename){both, "w"}, .rename_count = 1, .exclude = "2")),
        VARSDB_OK);
}
END_TEST

Suite *test_import_plan_suite(void);
Suite *test_import_plan_suite(void)
{
    Suite *s = suite_create("import_plan");
    TCase *t = tcase_create("import_plan");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, names_stay_as_they_are_and_in_the_order_of_the_file);
    tcase_add_test(t, rename_comes_before_separator_and_scope);
    tcase_add_test(t, long_separator_and_empty_replacement);
    tcase_add_test(t, each_rename_takes_what_the_one_before_it_made);
    tcase_add_test(t, renames_that_are_none_are_refused);
    tcase_add_test(t, left_out_tensors_are_marked_but_known);
    tcase_add_test(t, clash_names_both_tensors_unless_one_is_left_out);
    suite_add_tcase(s, t);
    return s;
}
