/*
 * test_verify_flips.c - any single bit of a registry's file may change: then it is refused, or
 * verify finds something, or all that it holds can still be read as it was.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/flips.h"
#include "../support/registry.h"
#include "../support/sanitized.h"
#include "engine_sqlite.h"

Suite *test_verify_flips_suite(void);

#define BIG   20000          /* one chunk */
#define RUNS  8              /* side by side, when the tests run so */
#define FLIPS FEWER(250, 60) /* a run */

static registry r;
static flips f;

static void open_rich(void)
{
    registry_open(&r);
    rich_fill(r.db, BIG);
    varsdb_close(r.db);
    r.db = NULL;
    flips_begin(&f, r.path);
}

static void close_registry(void)
{
    flips_end(&f);
    temp_remove(&r.dir);
}

/* ---- flips */

static uint64_t next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 20;
}

/* Every other one in a byte that is not 0: most of a small file is empty. */
static size_t choose(uint64_t *state, int i)
{
    size_t at = next(state) % f.bytes;
    while (i % 2 && f.image[at] == 0)
        at = next(state) % f.bytes;
    return at;
}

static void flip(size_t at, int bit)
{
    f.image[at] ^= (unsigned char)(1 << bit);
    flips_judge(&f, f.bytes, "byte %zu bit %d", at, bit);
    f.image[at] ^= (unsigned char)(1 << bit);
}

START_TEST(a_flipped_bit_is_seen_or_is_nowhere)
{
    uint64_t state = (uint64_t)_i * 1000003 + 17;
    for (int i = 0; i < FLIPS; i++) {
        size_t at = choose(&state, i);
        flip(at, (int)(next(&state) % 8));
    }
    ck_assert_int_gt(f.seen, FLIPS / 4);
    ck_assert_int_gt(f.unread, FLIPS / 8);
}
END_TEST

/* The catalogue and the file's head, every bit of what is in them. */
START_TEST(a_flipped_bit_of_the_head_is_seen_or_is_nowhere)
{
    for (size_t at = 0; at < 110; at++)
        flip(at, (int)(at % 8));
    ck_assert_int_gt(f.refused, 16);
}
END_TEST

/* ---- whole pages */

/* Where the roots of our tables and indexes lie: in so small a file, mostly all that there is of them. */
#define ROOTS_MAX 64

static int roots(size_t out[ROOTS_MAX], char names[ROOTS_MAX][64])
{
    int count = 0;
    sqlite3 *db;
    sqlite3_stmt *row;
    ck_assert_int_eq(sqlite3_open_v2(r.path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    ck_assert_int_eq(
        sqlite3_prepare_v2(db, "SELECT rootpage, name FROM sqlite_schema WHERE rootpage > 0", -1, &row, NULL),
        SQLITE_OK);
    while (sqlite3_step(row) == SQLITE_ROW) {
        ck_assert_int_lt(count, ROOTS_MAX);
        out[count] = (size_t)(sqlite3_column_int64(row, 0) - 1) * VDB_PAGE_BYTES;
        snprintf(names[count++], 64, "%s", (const char *)sqlite3_column_text(row, 1));
    }
    sqlite3_finalize(row);
    sqlite3_close(db);
    return count;
}

/* Damage elsewhere is told all the same. */
static void check_page(const char *name)
{
    varsdb *db;
    flips_write(&f, f.bytes);
    int rc = varsdb_open(r.path, NULL, &db);
    if (rc != VARSDB_OK) {
        ck_assert_msg(rc == VARSDB_CORRUPT, "%s: %s", name, varsdb_errmsg(db));
        varsdb_close(db);
        f.refused++;
        return;
    }
    found_verify(db, false, &f.found);
    ck_assert_msg(found_says(&f.found, "structure", "the file's structure:"), "%s:\n%s", name,
                  found_print(&f.found));
    ck_assert_msg(found_says(&f.found, "digest", "origin 1 "), "%s:\n%s", name, found_print(&f.found));
    f.seen++;
    varsdb_close(db);
}

START_TEST(behind_a_destroyed_page_the_rest_is_checked)
{
    static const unsigned char none[12] = {0};
    unsigned char kept[sizeof none];
    char names[ROOTS_MAX][64];
    size_t at[ROOTS_MAX];
    r.db = registry_another(&r);
    registry_sql(&r, "UPDATE varsdb_origins SET pid = pid + 1");
    varsdb_close(r.db);
    flips_end(&f);
    flips_begin(&f, r.path);
    int count = roots(at, names);
    ck_assert_int_gt(count, 30);
    for (int i = 0; i < count; i++) {
        if (strstr(names[i], "origins"))
            continue;
        memcpy(kept, f.image + at[i], sizeof kept);
        memcpy(f.image + at[i], none, sizeof none);
        check_page(names[i]);
        memcpy(f.image + at[i], kept, sizeof kept);
    }
    ck_assert_int_gt(f.seen, 25);
}
END_TEST

Suite *test_verify_flips_suite(void)
{
    Suite *suite = suite_create("verify_flips");
    TCase *t = tcase_create("flips");
    tcase_add_checked_fixture(t, open_rich, close_registry);
    tcase_add_loop_test(t, a_flipped_bit_is_seen_or_is_nowhere, 0, RUNS);
    tcase_add_test(t, a_flipped_bit_of_the_head_is_seen_or_is_nowhere);
    tcase_add_test(t, behind_a_destroyed_page_the_rest_is_checked);
    suite_add_tcase(suite, t);
    return suite;
}
