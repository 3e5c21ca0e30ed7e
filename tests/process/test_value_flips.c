/*
 * test_value_flips.c - every bit of what is stored of a value: the read that meets a flipped one says so, and
 * names the variable and the chunk; so does verify.
 */
#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/clean.h"
#include "../support/registry.h"
#include "../support/rich.h"
#include "../support/sanitized.h"
#include "../support/small_chunks.h"
#include "engine_sqlite.h"
#include "internal.h"

Suite *test_value_flips_suite(void);

#define INLINE       64
#define CHUNK        4096
#define EVERY        FEWER(1, 61) /* bit */
#define VERIFY_EVERY FEWER(997, 61)
#define LARGE_BYTES  (13 * CHUNK + 100)
#define FLOOR        500000 /* flips, of all four */

static registry r;
static long flips, verified;

static const struct value {
    const char *name;
    varsdb_dtype dtype;
    int64_t elements;
    bool is_inline;
} values[] = {
    {"inline", VARSDB_UINT8, INLINE, true},
    {"one/chunk", VARSDB_INT16, CHUNK / 2 - 3, false},
    {"chunks", VARSDB_FLOAT32, LARGE_BYTES / 4, false},
    {"packed", VARSDB_FLOAT4_E2M1, 2 * CHUNK * 2 + 5, false},
};
#define VALUES ((int)(sizeof values / sizeof *values))

static size_t bytes_of(const struct value *v)
{
    return (size_t)((v->elements * varsdb_dtype_bits(v->dtype) + 7) / 8);
}

/* No two chunks are the same. */
static void fill(unsigned char *bytes, size_t count, int which)
{
    uint32_t state = (uint32_t)which * 2654435761u + 1;
    for (size_t i = 0; i < count; i++) {
        state = state * 1664525u + 1013904223u;
        bytes[i] = (unsigned char)(state >> 25); /* below 128: finite floats */
    }
}

static void open_values(void)
{
    static unsigned char bytes[LARGE_BYTES];
    registry_open(&r);
    varsdb_close(r.db);
    ck_assert(small_chunks_make(r.path, INLINE, CHUNK));
    r.db = registry_another(&r);
    for (int i = 0; i < VALUES; i++) {
        const struct value *v = &values[i];
        fill(bytes, bytes_of(v), i);
        got(r.db, v->name,
            VARSDB_WITH(.shape = VARSDB_SHAPE(v->elements), .dtype = v->dtype, .value = bytes,
                        .value_bytes = bytes_of(v)));
    }
    check_clean(r.db);
}

static void close_values(void)
{
    registry_close(&r);
}

/* ---- where the bytes lie */

typedef struct place {
    const struct value *value;
    const varsdb_variable *variable;
    sqlite3_blob *blob;
    int64_t chunk; /* of the value; -1: it is inline */
} place;

static int64_t number(const char *sql, const char *name, int64_t position)
{
    sqlite3_stmt *s;
    sqlite3 *db = vdb_sqlite_of(r.db->engine)->db;
    ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
    sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, position);
    ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return n;
}

#define TENSOR_OF                                                                               \
    "(SELECT tensor_id FROM varsdb_variables v LEFT JOIN varsdb_scopes s ON s.id = v.scope_id " \
    "WHERE ?1 IN (v.name, s.name || '/' || v.name))"

static void open_place(place *p)
{
    sqlite3 *db = vdb_sqlite_of(r.db->engine)->db;
    bool in_chunk = p->chunk >= 0;
    int64_t row =
        in_chunk
            ? number(
                  "SELECT chunk_id FROM varsdb_tensor_chunks WHERE position = ?2 AND tensor_id = " TENSOR_OF,
                  p->value->name, p->chunk)
            : number("SELECT " TENSOR_OF " + 0 * ?2", p->value->name, 0);
    ck_assert_msg(sqlite3_blob_open(db, "main", in_chunk ? "varsdb_chunks" : "varsdb_tensors",
                                    in_chunk ? "data" : "inline", row, 1, &p->blob) == SQLITE_OK,
                  "%s", sqlite3_errmsg(db));
}

/* ---- one bit */

static void check_read(const place *p, int bit)
{
    static unsigned char got_bytes[LARGE_BYTES];
    char chunk[32];
    int rc = varsdb_read(r.db, p->variable, got_bytes, bytes_of(p->value));
    snprintf(chunk, sizeof chunk, "chunk %lld ", (long long)p->chunk);
    const char *said = varsdb_errmsg(r.db);
    ck_assert_msg(
        rc == VARSDB_CORRUPT && strstr(said, p->value->name) && (p->chunk < 0 || strstr(said, chunk)),
        "%s, chunk %lld, bit %d: %s: %s", p->value->name, (long long)p->chunk, bit, varsdb_errname(rc), said);
}

static void check_verified(const place *p, int bit)
{
    found f;
    found_verify(r.db, false, &f);
    bool named = false;
    for (int i = 0; i < f.count && i < FOUND_MAX; i++)
        named = named || (strcmp(f.at[i].variable, p->value->name) == 0 && f.at[i].chunk == p->chunk);
    ck_assert_msg(named, "%s, chunk %lld, bit %d: verify says\n%s", p->value->name, (long long)p->chunk, bit,
                  found_print(&f));
    verified++;
}

static void flip_each(place *p)
{
    int bits = sqlite3_blob_bytes(p->blob) * 8;
    for (int bit = 0; bit < bits; bit += EVERY) {
        unsigned char byte, flipped;
        ck_assert_int_eq(sqlite3_blob_read(p->blob, &byte, 1, bit / 8), SQLITE_OK);
        flipped = (unsigned char)(byte ^ (1 << bit % 8));
        ck_assert_int_eq(sqlite3_blob_write(p->blob, &flipped, 1, bit / 8), SQLITE_OK);
        check_read(p, bit);
        if (flips++ % VERIFY_EVERY == 0)
            check_verified(p, bit);
        ck_assert_int_eq(sqlite3_blob_write(p->blob, &byte, 1, bit / 8), SQLITE_OK);
    }
}

START_TEST(a_flipped_bit_of_a_value_is_seen_and_its_place_is_named)
{
    for (int i = 0; i < VALUES; i++) {
        const struct value *v = &values[i];
        int64_t chunks = v->is_inline ? 1 : (int64_t)(bytes_of(v) + CHUNK - 1) / CHUNK;
        for (int64_t c = 0; c < chunks; c++) {
            place p = {.value = v, .chunk = v->is_inline ? -1 : c};
            ok(r.db, varsdb_find_variable(r.db, v->name, &p.variable));
            ok(r.db, varsdb_begin(r.db));
            open_place(&p);
            flip_each(&p);
            ck_assert_int_eq(sqlite3_blob_close(p.blob), SQLITE_OK);
            ok(r.db, varsdb_rollback(r.db));
        }
    }
    check_clean(r.db);
    printf("value_flips: %ld flips, %ld of them verified too\n", flips, verified);
    ck_assert_int_ge(flips, FLOOR / EVERY);
    ck_assert_int_gt(verified, 100);
}
END_TEST

Suite *test_value_flips_suite(void)
{
    Suite *suite = suite_create("value_flips");
    TCase *t = tcase_create("value_flips");
    tcase_set_timeout(t, 600);
    tcase_add_checked_fixture(t, open_values, close_values);
    tcase_add_test(t, a_flipped_bit_of_a_value_is_seen_and_its_place_is_named);
    suite_add_tcase(suite, t);
    return suite;
}
