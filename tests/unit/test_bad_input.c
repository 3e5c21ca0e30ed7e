/*
 * test_bad_input.c - values of the wrong size, slices beyond the end, and files that end too early: each is
 * refused with a sentence, and changes nothing.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/registry.h"
#include "../support/rich.h"
#include "../support/tensor_files.h"
#include "engine_sqlite.h"
#include "internal.h"

Suite *test_bad_input_suite(void);

#define ROWS  3
#define CHUNK VDB_CHUNK_BYTES

static registry r;

static void open_registry(void)
{
    registry_open(&r);
}

static void close_registry(void)
{
    registry_close(&r);
}

/* ---- sizes */

/* Inline, in chunks, and larger than a part of a save is. */
static const int64_t columns[] = {4, CHUNK, 4 * CHUNK};

static const varsdb_variable *matrix(int which)
{
    r.db->save_bytes = 2 * CHUNK;
    return got(r.db, "some/matrix",
               VARSDB_WITH(.dtype = VARSDB_UINT8, .shape = VARSDB_SHAPE(ROWS, columns[which]),
                           .initializer = "ones"));
}

static void is_untouched(const varsdb_variable *v, size_t bytes)
{
    unsigned char *there = malloc(bytes);
    ck_assert_ptr_nonnull(there);
    ck_assert_int_eq(version_of(r.db, v), 1);
    ok(r.db, varsdb_read(r.db, v, there, bytes));
    size_t same = 0;
    while (same < bytes && there[same] == 1)
        same++;
    ck_assert_uint_eq(same, bytes);
    free(there);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM varsdb_sessions"), 0);
}

#define REFUSED(call, text)                 \
    do {                                    \
        expect(r.db, VARSDB_INVALID, call); \
        says(r.db, "some/matrix");          \
        says(r.db, text);                   \
    } while (0)

START_TEST(a_value_of_the_wrong_size_is_refused)
{
    const varsdb_variable *v = matrix(_i);
    size_t bytes = (size_t)(ROWS * columns[_i]);
    unsigned char *data = calloc(1, bytes + 1);
    char right[32];
    ck_assert_ptr_nonnull(data);
    snprintf(right, sizeof right, "%zu", bytes);
    const size_t sizes[] = {0, bytes - 1, bytes + 1};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        varsdb_assignment one = {v, data, sizes[i]};
        REFUSED(varsdb_assign(r.db, v, data, sizes[i]), right);
        REFUSED(varsdb_assign_if(r.db, v, 1, data, sizes[i]), right);
        REFUSED(varsdb_assign_add(r.db, v, data, sizes[i]), right);
        REFUSED(varsdb_assign_sub(r.db, v, data, sizes[i]), right);
        REFUSED(varsdb_assign_all(r.db, &one, 1), right);
        REFUSED(varsdb_read(r.db, v, data, sizes[i]), right);
    }
    REFUSED(varsdb_read_range(r.db, v, 1, data, bytes), right);
    REFUSED(varsdb_read_range(r.db, v, bytes + 1, data, 0), right);
    REFUSED(varsdb_read_range(r.db, v, UINT64_MAX, data, 2), right);
    is_untouched(v, bytes);
    free(data);
}
END_TEST

START_TEST(a_writer_takes_neither_more_nor_less)
{
    const varsdb_variable *v = matrix(_i);
    size_t bytes = (size_t)(ROWS * columns[_i]);
    unsigned char *data = calloc(1, bytes + 1);
    varsdb_writer *w;
    ck_assert_ptr_nonnull(data);
    ok(r.db, varsdb_open_writer(r.db, v, &w));
    REFUSED(varsdb_append(w, data, bytes + 1), "too many");
    ok(r.db, varsdb_append(w, data, bytes - 1));
    REFUSED(varsdb_append(w, data, 2), "too many");
    REFUSED(varsdb_finish(w), "so far");
    varsdb_close_writer(w);
    is_untouched(v, bytes);
    free(data);
}
END_TEST

START_TEST(a_slice_beyond_the_end_is_refused)
{
    const varsdb_variable *v = matrix(_i);
    const int64_t n = columns[_i];
    unsigned char data[64] = {0};
    const struct {
        int64_t begin[2], size[2], stride[2];
        const char *says;
    } slices[] = {
        {{ROWS, 0}, {1, 1}, {1, 1}, "axis 0"},      {{0, n}, {1, 1}, {1, 1}, "axis 1"},
        {{-1, 0}, {1, 1}, {1, 1}, "axis 0"},        {{0, -1}, {1, 1}, {1, 1}, "axis 1"},
        {{0, 0}, {ROWS + 1, 1}, {1, 1}, "axis 0"},  {{0, n - 1}, {1, 2}, {1, 1}, "axis 1"},
        {{1, 0}, {2, 1}, {2, 1}, "axis 0"},         {{0, 0}, {1, 2}, {1, n}, "axis 1"},
        {{0, 0}, {1, 1}, {0, 1}, "axis 0"},         {{0, 0}, {1, 1}, {1, -1}, "axis 1"},
        {{0, INT64_MAX}, {1, 1}, {1, 1}, "axis 1"}, {{0, 0}, {1, 2}, {1, INT64_MAX}, "axis 1"},
        {{0, 0}, {1, -2}, {1, 1}, "axis 1"},
    };
    for (size_t i = 0; i < sizeof slices / sizeof *slices; i++) {
        const varsdb_slice *s = VARSDB_SLICE(2, slices[i].begin, slices[i].size, slices[i].stride);
        REFUSED(varsdb_read_slice(r.db, v, s, data, 1), slices[i].says);
        REFUSED(varsdb_assign_slice(r.db, v, s, data, 1), slices[i].says);
    }
    const varsdb_slice *flat = VARSDB_SLICE(.rank = 1), *two = VARSDB_SLICE(2, .size = VARSDB_INDEX(1, 2));
    REFUSED(varsdb_read_slice(r.db, v, flat, data, 1), "rank");
    REFUSED(varsdb_assign_slice(r.db, v, flat, data, 1), "rank");
    REFUSED(varsdb_read_slice(r.db, v, two, data, 3), "2 bytes");
    REFUSED(varsdb_assign_slice(r.db, v, two, data, 1), "2 bytes");
    for (size_t i = 0; i < sizeof data; i++)
        ck_assert_int_eq(data[i], 0);
    is_untouched(v, (size_t)(ROWS * n));
}
END_TEST

/* ---- a file that ends too early */

#define BIG 400000 /* elements of rich_fill's largest value */

static bool is_refusal(int rc)
{
    return rc == VARSDB_CORRUPT || rc == VARSDB_NOTDB || rc == VARSDB_CANTOPEN || rc == VARSDB_IO;
}

/* What of "big/table" is told is right; the rest is damaged, and the variable named. */
static void read_what_is_left(varsdb *db, const float *whole, off_t length)
{
    static float there[BIG];
    const varsdb_variable *v;
    int rc = varsdb_find_variable(db, "big/table", &v);
    ck_assert_msg(rc == VARSDB_OK || is_refusal(rc), "%lld bytes: %s", (long long)length, varsdb_errmsg(db));
    for (uint64_t at = 0; rc == VARSDB_OK && at < BIG; at += 40000) {
        int read = varsdb_read_range(db, v, at * sizeof(float), there, 40000 * sizeof(float));
        ck_assert_msg(read == VARSDB_OK || is_refusal(read), "%lld bytes: %s", (long long)length,
                      varsdb_errmsg(db));
        if (read == VARSDB_OK)
            ck_assert(memcmp(there, whole + at, 40000 * sizeof(float)) == 0);
    }
}

static void check_cut(const char *path, const char *all, off_t length, const float *whole)
{
    varsdb *db;
    found f = {0};
    file_write(path, all, (size_t)length);
    int rc = varsdb_open(path, VARSDB_OPEN(.flags = VARSDB_READ_ONLY), &db);
    if (rc != VARSDB_OK) {
        ck_assert_msg(is_refusal(rc) && strstr(varsdb_errmsg(db), path), "%lld bytes: %s: %s",
                      (long long)length, varsdb_errname(rc), varsdb_errmsg(db));
    } else {
        read_what_is_left(db, whole, length);
        rc = varsdb_verify(db, NULL, found_keep, &f);
        ck_assert_msg(rc == VARSDB_CORRUPT && f.count > 0, "%lld bytes: %s: %s", (long long)length,
                      varsdb_errname(rc), varsdb_errmsg(db));
    }
    varsdb_close(db);
}

START_TEST(a_file_that_ends_too_early_is_told_wherever_it_ends)
{
    static float whole[BIG];
    char path[TEMP_PATH_BYTES];
    size_t bytes;
    rich_fill(r.db, BIG);
    ok(r.db, varsdb_read(r.db, got(r.db, "big/table", NULL), whole, sizeof whole));
    varsdb_close(r.db);
    char *all = file_read(r.path, &bytes);
    temp_file(&r.dir, "cut.db", path);
    ck_assert_uint_gt(bytes / VDB_PAGE_BYTES, 50);
    for (size_t pages = bytes / VDB_PAGE_BYTES; pages-- > 0;) {
        check_cut(path, all, (off_t)(pages * VDB_PAGE_BYTES), whole);
        if (pages % 4 == 0)
            check_cut(path, all, (off_t)(pages * VDB_PAGE_BYTES + 1000), whole);
    }
    free(all);
    r.db = registry_another(&r);
}
END_TEST

Suite *test_bad_input_suite(void)
{
    const int kinds = sizeof columns / sizeof *columns;
    Suite *suite = suite_create("bad_input");
    TCase *t = tcase_create("bad_input");
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_loop_test(t, a_value_of_the_wrong_size_is_refused, 0, kinds);
    tcase_add_loop_test(t, a_writer_takes_neither_more_nor_less, 0, kinds);
    tcase_add_loop_test(t, a_slice_beyond_the_end_is_refused, 0, kinds);
    tcase_add_test(t, a_file_that_ends_too_early_is_told_wherever_it_ends);
    suite_add_tcase(suite, t);
    return suite;
}
