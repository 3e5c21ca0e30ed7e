/* test_fixtures.c - real files of others: each line of their list of expectations holds, and each file has
 * one. */
#include <stdbool.h>

#include "../support/clean.h"
#include "../support/count.h"
#include "../support/expected.h"

Suite *test_fixtures_suite(void);

static test_folder folder;
static char registry[PATH_BYTES];
static varsdb *db;

static void setup(void)
{
    folder_make_in_memory(&folder);
    folder_path(&folder, "r.db", registry);
    db = NULL;
}

static void teardown(void)
{
    varsdb_close(db);
    folder_remove(&folder);
}

static void check_imported(const char *path, int rc, size_t tensors)
{
    ck_assert_msg(rc == VARSDB_OK, "%s: %s: %s", path, varsdb_errname(rc), varsdb_errmsg(db));
    ck_assert_uint_eq((size_t)count_variables(db, NULL), tensors);
    check_clean_of(db, path);
}

static void check_refused(const char *path, int rc)
{
    ck_assert_msg(rc == VARSDB_FORMAT || rc == VARSDB_UNSUPPORTED || rc == VARSDB_CANTOPEN, "%s: %s: %s",
                  path, varsdb_errname(rc), varsdb_errmsg(db));
    ck_assert_msg(strstr(varsdb_errmsg(db), path) != NULL, "%s: %s", path, varsdb_errmsg(db));
    ck_assert_int_eq(count_variables(db, NULL), 0);
}

/* An expression for the names of what no registry can have; how many others there are. */
static size_t list_unread(const char *path, char *expression, size_t room)
{
    varsdb_reader *reader = NULL;
    size_t read = 0;
    ck_assert_msg(varsdb_open_reader(path, &reader) == VARSDB_OK, "%s", varsdb_reader_errmsg(reader));
    *expression = '\0';
    for (size_t i = 0; i < varsdb_reader_count(reader); i++) {
        const varsdb_tensor_info *t = varsdb_reader_tensor(reader, i);
        size_t at = strlen(expression);
        if (t->dtype == VARSDB_DTYPE_NOT_SAID)
            snprintf(expression + at, room - at, "%s^\\Q%s\\E$", at ? "|" : "", t->name);
        else
            read++;
    }
    varsdb_close_reader(reader);
    return read;
}

static void check_line(const char *path, expectation what)
{
    char unread[PATH_BYTES];
    size_t tensors = what == EXPECT_REFUSE ? 0 : list_unread(path, unread, sizeof unread);
    varsdb_close(db);
    unlink(registry);
    ck_assert_int_eq(varsdb_open(registry, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &db), VARSDB_OK);
    int rc = varsdb_import(db, path, NULL);
    if (what == EXPECT_ACCEPT) {
        check_imported(path, rc, tensors);
        ck_assert_str_eq(unread, "");
        return;
    }
    check_refused(path, rc);
    if (what == EXPECT_PARTIAL) {
        ck_assert_int_eq(rc, VARSDB_UNSUPPORTED);
        ck_assert_str_ne(unread, "");
        check_imported(path, varsdb_import(db, path, VARSDB_IMPORT(.exclude = unread)), tensors);
    }
}

static const struct {
    const char *kind;
    int least;
} kinds[] = {{"safetensors/", 20}, {"npy/", 50}, {"pytorch/", 25}, {"tf-bundle/", 25}};
#define KINDS ((int)(sizeof kinds / sizeof *kinds))

static void count_line(const char *path, expectation what)
{
    ck_assert(path != NULL && what <= EXPECT_PARTIAL);
}

START_TEST(each_line_of_the_list_holds)
{
    int count = expected_each(kinds[_i].kind, check_line);
    ck_assert(count == 0 || count >= kinds[_i].least);
    if (count)
        printf("fixtures: %d expectations of %s hold\n", count, kinds[_i].kind);
}
END_TEST

START_TEST(each_line_is_of_a_kind_that_is_tried)
{
    int sum = 0;
    for (int i = 0; i < KINDS; i++)
        sum += expected_each(kinds[i].kind, count_line);
    ck_assert_int_eq(sum, expected_each("", count_line));
}
END_TEST

static char entry_path[PATH_BYTES * 2];
static bool entry_listed;

/* A checkpoint is a folder, and the line has a prefix in it. */
static void look_for_entry(const char *path, expectation what)
{
    size_t bytes = strlen(entry_path);
    (void)what;
    entry_listed |= strncmp(path, entry_path, bytes) == 0 && (path[bytes] == '\0' || path[bytes] == '/');
}

START_TEST(each_file_has_a_line)
{
    char root[PATH_BYTES];
    if (!fixtures_folder(kinds[_i].kind, root))
        return;
    root[strlen(root) - 1] = '\0';
    DIR *d = opendir(root);
    ck_assert_ptr_nonnull(d);
    for (struct dirent *entry; (entry = readdir(d));) {
        if (*entry->d_name == '.')
            continue;
        snprintf(entry_path, sizeof entry_path, "%s/%s", root, entry->d_name);
        entry_listed = false;
        expected_each(kinds[_i].kind, look_for_entry);
        ck_assert_msg(entry_listed, "%s has no line", entry_path);
    }
    closedir(d);
}
END_TEST

Suite *test_fixtures_suite(void)
{
    Suite *s = suite_create("fixtures");
    TCase *t = tcase_create("fixtures");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_set_timeout(t, 120);
    tcase_add_loop_test(t, each_line_of_the_list_holds, 0, KINDS);
    tcase_add_test(t, each_line_is_of_a_kind_that_is_tried);
    tcase_add_loop_test(t, each_file_has_a_line, 0, KINDS);
    suite_add_tcase(s, t);
    return s;
}
