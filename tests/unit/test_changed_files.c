/*
 * test_changed_files.c - files with one byte changed, to every value at every place, and files cut at every
 * length: each is refused in a sentence, or gives the same however it is asked, in little memory; a value
 * whose checksum is stored is never given as another.
 */
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>

#include "../support/held.h"
#include "../support/sanitized.h"
#include "../support/seen_file.h"
#include "../support/small_files.h"
#include "varsdb.h"

Suite *test_changed_files_suite(void);

#define FILES_MAX   8
#define NAME_BYTES  64
#define PEAK_BYTES  ((sqlite3_int64)4 << 20)
#define EACH_VALUE  11
#define SOME_VALUES 101

static test_folder folder;
static const small_file *now;
static char path[PATH_BYTES];
static held before;
static seen_file right; /* what the file gives that was not changed */
static long tried, readable;

static void set_up(void)
{
    folder_make_in_memory(&folder);
}

static void tear_down(void)
{
    folder_remove(&folder);
}

/* All bytes of a shard that are read have checksums elsewhere. */
static bool has_checksums(const char *file)
{
    return strstr(file, ".data-") != NULL;
}

/* What is in a file that was changed is looked at twice, and agrees. */
static void look(const char *file, const char *what, size_t at, unsigned value)
{
    char when[256];
    snprintf(when, sizeof when, "%s, %.99s: %s %zu, 0x%02x", now->name, file, what, at, value);
    const seen_file one = seen_of(path, SEEN_IN_PIECES, true), other = seen_of(path, SEEN_BACKWARDS, true);
    const bool documented = one.rc == VARSDB_OK || one.rc == VARSDB_FORMAT || one.rc == VARSDB_UNSUPPORTED ||
                            one.rc == VARSDB_CANTOPEN;
    ck_assert_msg(documented, "%s: %s", when, varsdb_errname(one.rc));
    ck_assert_msg(one.rc == other.rc && (one.rc || one.seen == other.seen), "%s: %s, and backwards %s", when,
                  varsdb_errname(one.rc), varsdb_errname(other.rc));
    ck_assert_msg(!has_checksums(file) || one.rc || one.seen == right.seen, "%s: other values", when);
    held_check(before, when);
    tried++;
    readable += one.rc == VARSDB_OK;
}

static void change_each_byte(const char *file, int step)
{
    char at[PATH_BYTES];
    size_t bytes;
    unsigned char *data = (unsigned char *)file_read(folder_path(&folder, file, at), &bytes);
    unsigned char *changed = malloc(bytes);
    ck_assert_ptr_nonnull(changed);
    for (size_t i = 0; i < bytes; i++)
        for (unsigned by = 1 + (unsigned)(i % (size_t)step); by < 256; by += (unsigned)step) {
            memcpy(changed, data, bytes);
            changed[i] ^= (unsigned char)by;
            small_file_mend(file, changed, bytes, i);
            file_write(at, changed, bytes);
            look(file, "byte", i, changed[i]);
        }
    for (size_t i = 0; i < bytes; i++) {
        file_write(at, data, i);
        look(file, "cut to", i, 0);
    }
    file_write(at, data, bytes);
    free(changed);
    free(data);
}

/* ---- the files */

static int list_files(char names[FILES_MAX][NAME_BYTES])
{
    int count = 0;
    DIR *d = opendir(folder.path);
    ck_assert_ptr_nonnull(d);
    for (struct dirent *entry; (entry = readdir(d));) {
        if (entry->d_name[0] == '.')
            continue;
        ck_assert_int_lt(count, FILES_MAX);
        snprintf(names[count++], NAME_BYTES, "%.63s", entry->d_name);
    }
    closedir(d);
    return count;
}

/* _i: the kind of file */
START_TEST(a_changed_file_is_refused_or_read_as_one_thing)
{
    char names[FILES_MAX][NAME_BYTES];
    now = &small_files[_i];
    folder_path(&folder, now->file, path);
    now->make(&folder, path);
    right = seen_of(path, SEEN_IN_PIECES, true);
    ck_assert_msg(right.rc == VARSDB_OK, "%s: %s", now->name, varsdb_errname(right.rc));
    ck_assert_uint_eq(seen_of(path, SEEN_BACKWARDS, true).seen, right.seen);
    before = held_now();
    sqlite3_memory_highwater(1);
    const int count = list_files(names);
    for (int i = 0; i < count; i++)
        change_each_byte(names[i], FEWER(EACH_VALUE, SOME_VALUES));
    const sqlite3_int64 peak = sqlite3_memory_highwater(0);
    printf("changed: %s: %d files, %ld changes, %ld of them readable, %lld bytes of memory at most\n",
           now->name, count, tried, readable, (long long)peak);
    ck_assert_int_lt(peak, PEAK_BYTES);
    ck_assert_int_gt(tried, FEWER(2000, 500));
    ck_assert_uint_eq(seen_of(path, SEEN_IN_PIECES, true).seen, right.seen);
}
END_TEST

/* ---- changes of a file that is open */

static char part[PATH_BYTES];
static unsigned char *whole;
static size_t whole_bytes, kept;

static void cut(void)
{
    file_write(part, whole, kept);
}

static void put_back(void)
{
    file_write(part, whole, whole_bytes);
}

static void put_twice(void)
{
    unsigned char *twice = malloc(2 * whole_bytes);
    ck_assert_ptr_nonnull(twice);
    memcpy(twice, whole, whole_bytes);
    memcpy(twice + whole_bytes, whole, whole_bytes);
    file_write(part, twice, 2 * whole_bytes);
    free(twice);
}

static void put_other(void)
{
    unsigned char *other = malloc(whole_bytes);
    ck_assert_ptr_nonnull(other);
    for (size_t i = 0; i < whole_bytes; i++)
        other[i] = i < kept ? whole[i] : whole[i] ^ 0x81;
    file_write(part, other, whole_bytes);
    free(other);
}

static void take_away(void)
{
    ck_assert(unlink(part) == 0 || errno == ENOENT);
}

static void look_open(const char *file, void (*before_open)(void), void (*change)(void))
{
    if (before_open)
        before_open();
    for (int order = SEEN_IN_PIECES; order <= SEEN_BACKWARDS; order++) {
        const seen_file is = seen_of_changed(path, (seen_order)order, true, change);
        ck_assert_msg(is.rc == VARSDB_OK || is.rc == VARSDB_FORMAT || is.rc == VARSDB_UNSUPPORTED ||
                          is.rc == VARSDB_CANTOPEN,
                      "%s, %s: %s", now->name, file, varsdb_errname(is.rc));
        ck_assert_msg(!has_checksums(file) || is.rc || is.seen == right.seen, "%s, %s: other values",
                      now->name, file);
        if (before_open)
            before_open();
        else
            put_back();
        tried++;
        readable += is.rc == VARSDB_OK;
    }
    put_back();
}

/* _i: the kind of file */
START_TEST(a_file_that_changes_while_it_is_open_is_refused_or_read_as_it_was)
{
    char names[FILES_MAX][NAME_BYTES];
    now = &small_files[_i];
    folder_path(&folder, now->file, path);
    now->make(&folder, path);
    right = seen_of(path, SEEN_IN_PIECES, true);
    before = held_now();
    const int count = list_files(names);
    for (int i = 0; i < count; i++) {
        folder_path(&folder, names[i], part);
        whole = (unsigned char *)file_read(part, &whole_bytes);
        for (kept = 0; kept < whole_bytes; kept += 1 + whole_bytes / 50) {
            look_open(names[i], NULL, cut);
            look_open(names[i], NULL, put_other);
        }
        look_open(names[i], NULL, put_twice);
        look_open(names[i], NULL, take_away);
        put_back();
        look_open(names[i], take_away, put_back);
        free(whole);
    }
    held_check(before, now->name);
    printf("changed: %s: %ld times while it is open, %ld of them readable\n", now->name, tried, readable);
    ck_assert_int_gt(tried, 100);
    ck_assert_uint_eq(seen_of(path, SEEN_IN_PIECES, true).seen, right.seen);
}
END_TEST

Suite *test_changed_files_suite(void)
{
    Suite *suite = suite_create("changed_files");
    TCase *tc = tcase_create("changed_files");
    tcase_set_timeout(tc, 300);
    tcase_add_checked_fixture(tc, set_up, tear_down);
    tcase_add_loop_test(tc, a_changed_file_is_refused_or_read_as_one_thing, 0, small_file_count);
    tcase_add_loop_test(tc, a_file_that_changes_while_it_is_open_is_refused_or_read_as_it_was, 0,
                        small_file_count);
    suite_add_tcase(suite, tc);
    return suite;
}
