/*
 * test_verify_flips.c - any single bit of a registry's file may change: then it is refused, or
 * verify finds something, or all that it holds can still be read as it was.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/registry.h"
#include "../support/rich.h"
#include "../support/sanitized.h"
#include "digest.h"
#include "engine_sqlite.h"

Suite *test_verify_flips_suite(void);

#define BIG       20000          /* one chunk */
#define RUNS      8              /* side by side, when the tests run so */
#define FLIPS     FEWER(250, 60) /* a run */
#define SQL_BYTES 4096

static registry r;
static found f;
static unsigned char *image;
static size_t image_bytes;

static void read_image(void)
{
    FILE *file = fopen(r.path, "rb");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
    image_bytes = (size_t)ftell(file);
    rewind(file);
    image = malloc(image_bytes);
    ck_assert_ptr_nonnull(image);
    ck_assert_uint_eq(fread(image, 1, image_bytes, file), image_bytes);
    fclose(file);
}

static void open_rich(void)
{
    registry_open(&r);
    rich_fill(r.db, BIG);
    varsdb_close(r.db);
    r.db = NULL;
    read_image();
}

static void close_registry(void)
{
    free(image);
    temp_remove(&r.dir);
}

static void write_image(void)
{
    static const char *const beside[] = {"-wal", "-shm", "-journal", "-turnstile"};
    char path[TEMP_PATH_BYTES + 16];
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
        snprintf(path, sizeof path, "%s%s", r.path, beside[i]);
        unlink(path);
    }
    temp_write(r.path, image, image_bytes);
}

/* ---- all that the tables hold, by SQLite alone */

/* The columns whose change has no meaning (test_verify_columns.c tells why). */
static const char tables_sql[] =
    "SELECT t.name, (SELECT group_concat(c.name) FROM pragma_table_info(t.name) c WHERE NOT"
    "  (t.name = 'varsdb_names_version' AND c.name = 'version'"
    "   OR t.name = 'varsdb_schema_migrations' AND c.name IN ('library', 'applied_at')"
    "   OR t.name = 'varsdb_sessions' AND c.name <> 'id')),"
    " (SELECT group_concat(k.name) FROM pragma_table_info(t.name) k WHERE k.pk)"
    " FROM sqlite_schema t WHERE t.type = 'table' AND t.name LIKE 'varsdb_%' ORDER BY t.name";

static vdb_value value_at(sqlite3_stmt *row, int i)
{
    switch (sqlite3_column_type(row, i)) {
    case SQLITE_INTEGER:
        return vdb_int(sqlite3_column_int64(row, i));
    case SQLITE_FLOAT:
        return vdb_real(sqlite3_column_double(row, i));
    case SQLITE_TEXT:
        return vdb_text_n((const char *)sqlite3_column_text(row, i), (size_t)sqlite3_column_bytes(row, i));
    case SQLITE_BLOB:
        return vdb_blob(sqlite3_column_blob(row, i), (size_t)sqlite3_column_bytes(row, i));
    default:
        return vdb_null();
    }
}

/* Adds the rows of one table, in the order of their keys; 0 when SQLite cannot. */
static bool add_table(sqlite3 *db, const char *sql, int64_t *rows, int64_t *sum)
{
    sqlite3_stmt *row;
    int code = sqlite3_prepare_v2(db, sql, -1, &row, NULL);
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(row);
        if (code != SQLITE_ROW)
            break;
        vdb_value at[33] = {vdb_int(*sum)};
        int columns = sqlite3_column_count(row);
        ck_assert_int_lt(columns, 33);
        for (int i = 0; i < columns; i++)
            at[i + 1] = value_at(row, i);
        *sum = vdb_digest_row(at, (size_t)columns + 1);
        ++*rows;
    }
    sqlite3_finalize(row);
    return code == SQLITE_DONE;
}

typedef struct contents {
    bool readable;
    int64_t tables, rows, sum;
} contents;

static contents read_contents(void)
{
    contents c = {.readable = true};
    sqlite3 *db;
    sqlite3_stmt *table = NULL;
    ck_assert_int_eq(sqlite3_open_v2(r.path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    int code = sqlite3_prepare_v2(db, tables_sql, -1, &table, NULL);
    c.readable = code == SQLITE_OK;
    while (c.readable && (code = sqlite3_step(table)) == SQLITE_ROW) {
        char sql[SQL_BYTES];
        const char *name = (const char *)sqlite3_column_text(table, 0);
        snprintf(sql, sizeof sql, "SELECT %s FROM %s ORDER BY %s",
                 (const char *)sqlite3_column_text(table, 1), name,
                 (const char *)sqlite3_column_text(table, 2));
        c.tables++;
        c.readable = add_table(db, sql, &c.rows, &c.sum);
    }
    c.readable = c.readable && code == SQLITE_DONE;
    sqlite3_finalize(table);
    sqlite3_close(db);
    return c;
}

static bool same(const contents *a, const contents *b)
{
    return a->readable && b->readable && a->tables == b->tables && a->rows == b->rows && a->sum == b->sum;
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
    size_t at = next(state) % image_bytes;
    while (i % 2 && image[at] == 0)
        at = next(state) % image_bytes;
    return at;
}

typedef struct outcome {
    int refused, found, unread;
} outcome;

static void check_flip(size_t at, int bit, const contents *before, outcome *out)
{
    varsdb *db;
    write_image();
    int rc = varsdb_open(r.path, NULL, &db);
    ck_assert_msg(rc == VARSDB_OK || *varsdb_errmsg(db), "byte %zu bit %d: %s without a word", at, bit,
                  varsdb_errname(rc));
    if (rc != VARSDB_OK) {
        ck_assert_msg(rc == VARSDB_CORRUPT || rc == VARSDB_NOTDB || rc == VARSDB_TOONEW,
                      "byte %zu bit %d: %s", at, bit, varsdb_errmsg(db));
        varsdb_close(db);
        out->refused++;
        return;
    }
    found_verify(db, false, &f);
    varsdb_close(db);
    if (f.count > 0) {
        out->found++;
        return;
    }
    contents now = read_contents();
    ck_assert_msg(same(&now, before), "byte %zu bit %d changes what is read, and nobody saw it", at, bit);
    out->unread++;
}

START_TEST(a_flipped_bit_is_seen_or_is_nowhere)
{
    uint64_t state = (uint64_t)_i * 1000003 + 17;
    outcome out = {0};
    contents before = read_contents();
    ck_assert(before.readable);
    ck_assert_int_gt(before.tables, 15);
    ck_assert_int_gt(before.rows, 150);
    for (int i = 0; i < FLIPS; i++) {
        size_t at = choose(&state, i);
        int bit = (int)(next(&state) % 8);
        image[at] ^= (unsigned char)(1 << bit);
        check_flip(at, bit, &before, &out);
        image[at] ^= (unsigned char)(1 << bit);
    }
    ck_assert_int_gt(out.found, FLIPS / 4);
    ck_assert_int_gt(out.unread, FLIPS / 8);
}
END_TEST

/* The catalogue and the file's head, every bit of what is in them. */
START_TEST(a_flipped_bit_of_the_head_is_seen_or_is_nowhere)
{
    outcome out = {0};
    contents before = read_contents();
    for (size_t at = 0; at < 110; at++) {
        int bit = (int)(at % 8);
        image[at] ^= (unsigned char)(1 << bit);
        check_flip(at, bit, &before, &out);
        image[at] ^= (unsigned char)(1 << bit);
    }
    ck_assert_int_gt(out.refused, 16);
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
static void check_page(const char *name, outcome *out)
{
    varsdb *db;
    write_image();
    int rc = varsdb_open(r.path, NULL, &db);
    if (rc != VARSDB_OK) {
        ck_assert_msg(rc == VARSDB_CORRUPT, "%s: %s", name, varsdb_errmsg(db));
        varsdb_close(db);
        out->refused++;
        return;
    }
    found_verify(db, false, &f);
    ck_assert_msg(found_says(&f, "structure", "the file's structure:"), "%s:\n%s", name, found_print(&f));
    ck_assert_msg(found_says(&f, "digest", "origin 1 "), "%s:\n%s", name, found_print(&f));
    out->found++;
    varsdb_close(db);
}

START_TEST(behind_a_destroyed_page_the_rest_is_checked)
{
    static const unsigned char none[12] = {0};
    unsigned char kept[sizeof none];
    char names[ROOTS_MAX][64];
    size_t at[ROOTS_MAX];
    outcome out = {0};
    r.db = registry_another(&r);
    registry_sql(&r, "UPDATE varsdb_origins SET pid = pid + 1");
    varsdb_close(r.db);
    free(image);
    read_image();
    int count = roots(at, names);
    ck_assert_int_gt(count, 30);
    for (int i = 0; i < count; i++) {
        if (strstr(names[i], "origins"))
            continue;
        memcpy(kept, image + at[i], sizeof kept);
        memcpy(image + at[i], none, sizeof none);
        check_page(names[i], &out);
        memcpy(image + at[i], kept, sizeof kept);
    }
    ck_assert_int_gt(out.found, 25);
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
