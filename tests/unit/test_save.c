/* test_save.c - large values on their way in: in short turns, pinned, and gone when given up. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/audit.h"
#include "../support/gate.h"
#include "../support/memory.h"
#include "../support/registry.h"
#include "internal.h"
#include "save.h"

Suite *test_save_suite(void);

#define CHUNK ((int64_t)VDB_CHUNK_BYTES)
#define PART  (8 * CHUNK) /* of one short transaction of a save */
#define LARGE (2 * PART + CHUNK + 12345)

static registry r;
static varsdb *other; /* who looks on */
static unsigned char *data, *back;

static void fill(unsigned char *out, size_t bytes, uint32_t state)
{
    for (size_t i = 0; i < bytes; i++)
        out[i] = (unsigned char)((state = state * 1664525 + 1013904223) >> 24);
}

static void setup(void)
{
    registry_open(&r);
    r.db->save_bytes = PART;
    other = registry_another(&r);
    other->save_bytes = PART;
    data = malloc((size_t)LARGE + 1);
    back = malloc((size_t)LARGE + 1);
    fill(data, (size_t)LARGE + 1, 1);
}

static void teardown(void)
{
    varsdb_close(other);
    free(data);
    free(back);
    registry_close(&r);
}

static const varsdb_variable *empty(const char *name, varsdb_dtype dtype, int64_t elements)
{
    return got(r.db, name,
               VARSDB_WITH(.shape = VARSDB_SHAPE(elements), .dtype = dtype, .initializer = "none"));
}

static void has_data(const varsdb_variable *v, int64_t bytes)
{
    memset(back, 0, (size_t)bytes);
    ok(r.db, varsdb_read(r.db, v, back, (size_t)bytes));
    ck_assert(memcmp(back, data, (size_t)bytes) == 0);
}

static int64_t count(const char *table)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM varsdb_%s", table);
    /* those that are to be written over are there, and nobody's */
    bool chunks = strcmp(table, "chunks") == 0;
    return registry_number(&r, sql) -
           (chunks ? registry_number(&r, "SELECT count(*) FROM varsdb_free_chunks") : 0);
}

static void no_save_is_left(void)
{
    ck_assert_int_eq(count("sessions"), 0);
    ck_assert_int_eq(count("pins"), 0);
    audit(&r);
}

/* ---- a value that is pulled, and what others see meanwhile */

typedef struct fill_state {
    int calls, fail_at, code; /* the call that fails; 0: none */
    int64_t most_pins, sessions;
    bool look, write;
    const varsdb_variable *counter;
} fill_state;

static int fill_piece(void *payload, varsdb_dtype dtype, const varsdb_shape *shape, uint64_t offset,
                      void *buffer, size_t bytes)
{
    fill_state *s = payload;
    (void)dtype, (void)shape;
    if (++s->calls == s->fail_at)
        return s->code;
    if (s->look) {
        int64_t pins = count("pins"), sessions = count("sessions");
        s->most_pins = pins > s->most_pins ? pins : s->most_pins;
        s->sessions = sessions > s->sessions ? sessions : s->sessions;
    }
    if (s->write) { /* at once or not at all */
        ok(other, varsdb_set_timeout(other, -1));
        ok(other, varsdb_assign(other, s->counter, &s->calls, sizeof s->calls));
    }
    memcpy(buffer, data + offset, bytes);
    return VARSDB_OK;
}

static int get_filled(fill_state *s, const char *name, varsdb_dtype dtype, int64_t elements,
                      const varsdb_variable **v)
{
    return varsdb_get_variable(r.db, name,
                               VARSDB_WITH(.shape = VARSDB_SHAPE(elements), .dtype = dtype,
                                           .fill = fill_piece, .initial_payload = s),
                               NULL, v);
}

START_TEST(a_source_is_asked_while_nothing_is_locked_and_its_chunks_are_pinned)
{
    const varsdb_variable *v = NULL;
    fill_state s = {.look = true, .write = true};
    empty("counter", VARSDB_INT32, 1);
    ok(other, varsdb_find_variable(other, "counter", &s.counter));
    ok(r.db, get_filled(&s, "v", VARSDB_UINT8, LARGE, &v));
    ck_assert_int_ge(s.calls, 3);
    ck_assert_int_eq(version_of(other, s.counter), s.calls);
    ck_assert_int_eq(s.sessions, 1);
    ck_assert_int_eq(s.most_pins, 2 * PART / CHUNK);
    has_data(v, LARGE);
    no_save_is_left();
}
END_TEST

START_TEST(a_source_that_fails_leaves_nothing)
{
    static const int codes[] = {VARSDB_CANCELLED, VARSDB_IO, VARSDB_NOMEM};
    static const int64_t sizes[] = {LARGE, PART, CHUNK, 100};
    const varsdb_variable *v = NULL;
    for (size_t i = 0; i < 4; i++)
        for (int at = 1; at <= (sizes[i] == LARGE ? 3 : 1); at++) {
            fill_state s = {.fail_at = at, .code = codes[_i]};
            expect(r.db, codes[_i], get_filled(&s, "v", VARSDB_UINT8, sizes[i], &v));
            ck_assert_ptr_null(v);
            ck_assert_int_eq(count("chunks") + count("tensors") + count("variables"), 0);
            no_save_is_left();
        }
    fill_state s = {0};
    ok(r.db, get_filled(&s, "v", VARSDB_UINT8, LARGE, &v));
    has_data(v, LARGE);
}
END_TEST

START_TEST(in_a_transaction_it_is_part_of_that)
{
    const varsdb_variable *v = NULL, *w = empty("w", VARSDB_UINT8, LARGE);
    fill_state s = {.look = true};
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, get_filled(&s, "v", VARSDB_UINT8, LARGE, &v));
    fill(data, (size_t)LARGE, 2);
    ok(r.db, varsdb_assign(r.db, w, data, (size_t)LARGE));
    has_data(w, LARGE);
    ck_assert_int_eq(s.sessions + s.most_pins, 0);
    ck_assert_int_eq(count("sessions") + count("chunks"), 0);
    ok(r.db, _i ? varsdb_commit(r.db) : varsdb_rollback(r.db));
    ck_assert_int_eq(count("tensors"), _i ? 2 : 0);
    ck_assert_int_eq(count("chunks"), _i ? 2 * (LARGE / CHUNK + 1) : 0);
    no_save_is_left();
}
END_TEST

/* ---- equal values */

static int64_t log_bytes(void)
{
    char path[TEMP_PATH_BYTES + 8];
    snprintf(path, sizeof path, "%s-wal", r.path);
    FILE *f = fopen(path, "rb"); /* of the log a descriptor may be closed */
    ck_assert_ptr_nonnull(f);
    ck_assert_int_eq(fseek(f, 0, SEEK_END), 0);
    long bytes = ftell(f);
    fclose(f);
    return bytes;
}

START_TEST(an_equal_value_is_found_and_not_written)
{
    const varsdb_variable *a = empty("a", VARSDB_UINT8, LARGE), *b = empty("b", VARSDB_UINT8, LARGE);
    ok(r.db, varsdb_assign(r.db, a, data, (size_t)LARGE));
    int64_t chunks = count("chunks"), log = log_bytes();
    ok(r.db, varsdb_assign(r.db, b, data, (size_t)LARGE));
    ok(r.db, varsdb_assign(r.db, a, data, (size_t)LARGE));
    ck_assert_int_eq(count("chunks"), chunks);
    ck_assert_int_eq(count("tensors"), 1);
    ck_assert_int_lt(log_bytes() - log, 1 << 20);
    ck_assert_int_eq(version_of(r.db, a), 2);
    ck_assert_int_eq(version_of(r.db, b), 1);
    has_data(b, LARGE);
    no_save_is_left();
}
END_TEST

START_TEST(a_first_chunk_in_common_is_not_enough)
{
    const varsdb_variable *a = empty("a", VARSDB_UINT8, LARGE), *b = empty("b", VARSDB_UINT8, LARGE);
    ok(r.db, varsdb_assign(r.db, a, data, (size_t)LARGE));
    int64_t chunks = count("chunks");
    data[LARGE - 1] ^= 1;
    data[LARGE / 2] ^= 1;
    ok(r.db, varsdb_assign(r.db, b, data, (size_t)LARGE));
    ck_assert_int_eq(count("chunks"), chunks + 2);
    has_data(b, LARGE);
    data[LARGE - 1] ^= 1;
    data[LARGE / 2] ^= 1;
    has_data(a, LARGE);
    ok(r.db, varsdb_delete_variable(r.db, a));
    ck_assert_int_eq(count("chunks"), chunks);
    no_save_is_left();
}
END_TEST

START_TEST(repeated_chunks_are_stored_once)
{
    const varsdb_variable *a = empty("a", VARSDB_UINT8, LARGE);
    for (int64_t at = CHUNK; at + CHUNK <= LARGE; at += CHUNK)
        memcpy(data + at, data, (size_t)CHUNK);
    ok(r.db, varsdb_assign(r.db, a, data, (size_t)LARGE));
    ck_assert_int_eq(count("chunks"), 2);
    ck_assert_int_eq(count("tensor_chunks"), LARGE / CHUNK + 1);
    has_data(a, LARGE);
    no_save_is_left();
}
END_TEST

START_TEST(an_equal_value_whose_bytes_rotted_is_not_equal)
{
    const varsdb_variable *a = empty("a", VARSDB_UINT8, LARGE), *b = empty("b", VARSDB_UINT8, LARGE);
    ok(r.db, varsdb_assign(r.db, a, data, (size_t)LARGE));
    registry_sql(&r, "UPDATE varsdb_chunks SET data = CAST(x'ff' || substr(data, 2) AS BLOB) WHERE id = 9");
    ok(r.db, varsdb_assign(r.db, b, data, (size_t)LARGE));
    has_data(b, LARGE);
    has_data(a, LARGE); /* mended */
    no_save_is_left();
}
END_TEST

/* ---- sizes and dtypes */

START_TEST(sizes_around_every_limit_come_back)
{
    const int64_t limits[] = {VDB_INLINE_BYTES, CHUNK, 2 * CHUNK, PART, PART + CHUNK, 2 * PART};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        for (int64_t bytes = limits[i] - 1; bytes <= limits[i] + 1; bytes++) {
            char name[32];
            const varsdb_variable *v = NULL;
            fill_state s = {0};
            snprintf(name, sizeof name, "v%lld", (long long)bytes);
            if (_i == 0) {
                v = empty(name, VARSDB_UINT8, bytes);
                ok(r.db, varsdb_assign(r.db, v, data, (size_t)bytes));
            } else {
                ok(r.db, get_filled(&s, name, VARSDB_UINT8, bytes, &v));
            }
            has_data(v, bytes);
        }
    ck_assert_int_eq(count("tensors"), 18);
    no_save_is_left();
}
END_TEST

static const struct {
    varsdb_dtype dtype;
    int bits;
} dtypes[] = {{VARSDB_FLOAT6_E2M3, 6},
              {VARSDB_FLOAT6_E3M2, 6},
              {VARSDB_FLOAT4_E2M1, 4},
              {VARSDB_BOOL, 8},
              {VARSDB_COMPLEX128, 128}};

START_TEST(elements_of_every_width_are_cut_whole)
{
    int bits = dtypes[_i].bits;
    int64_t elements = (LARGE - 100) * 8 / bits;
    for (int64_t more = 0; more < 5; more++) {
        int64_t bytes = ((elements + more) * bits + 7) / 8;
        char name[2] = {(char)('a' + more), 0};
        const varsdb_variable *v = NULL;
        fill_state s = {0};
        fill(data, (size_t)bytes, 3);
        if (bits * (elements + more) % 8)
            data[bytes - 1] &= (unsigned char)((1 << bits * (elements + more) % 8) - 1);
        for (int64_t i = 0; dtypes[_i].dtype == VARSDB_BOOL && i < bytes; i++)
            data[i] &= 1;
        if (more % 2) {
            v = empty(name, dtypes[_i].dtype, elements + more);
            ok(r.db, varsdb_assign(r.db, v, data, (size_t)bytes));
        } else {
            ok(r.db, get_filled(&s, name, dtypes[_i].dtype, elements + more, &v));
        }
        has_data(v, bytes);
        ok(r.db, varsdb_delete_variable(r.db, v));
    }
    no_save_is_left();
}
END_TEST

START_TEST(a_bad_bool_of_a_source_is_named_and_leaves_nothing)
{
    const varsdb_variable *v = NULL;
    fill_state s = {0};
    memset(data, 1, (size_t)LARGE);
    data[PART + 77] = 3;
    char number[64];
    snprintf(number, sizeof number, "element %lld is 3", (long long)PART + 77);
    if (_i)
        ok(r.db, varsdb_begin(r.db));
    expect(r.db, VARSDB_INVALID, get_filled(&s, "v", VARSDB_BOOL, LARGE, &v));
    says(r.db, number);
    if (_i)
        ok(r.db, varsdb_rollback(r.db));
    ck_assert_int_eq(count("chunks"), 0);
    no_save_is_left();
}
END_TEST

START_TEST(large_strings_come_back_and_bad_ones_are_refused_unwritten)
{
    int64_t bytes = PART + 5000;
    uint64_t first = (uint64_t)PART, second = 5000 - 16;
    const varsdb_variable *v = empty("v", VARSDB_STRING, 2);
    memcpy(data, &first, 8);
    memcpy(data + 8 + first, &second, 8);
    ok(r.db, varsdb_assign(r.db, v, data, (size_t)bytes));
    has_data(v, bytes);
    int64_t chunks = count("chunks");
    second++;
    memcpy(data + 8 + first, &second, 8);
    expect(r.db, VARSDB_INVALID, varsdb_assign(r.db, v, data, (size_t)bytes));
    ck_assert_int_eq(count("chunks"), chunks);
    no_save_is_left();
}
END_TEST

START_TEST(an_initializer_gives_the_same_bytes_in_one_turn_and_in_many)
{
    const varsdb_variable_options *o =
        VARSDB_WITH(.shape = VARSDB_SHAPE(LARGE / 4), .initializer = "random_normal(0,1,seed=5)",
                    .reuse = VARSDB_CREATE);
    got(r.db, "a", o);
    ok(r.db, varsdb_begin(r.db));
    got(r.db, "b", o);
    ok(r.db, varsdb_commit(r.db));
    ck_assert_int_eq(registry_number(&r, "SELECT count(DISTINCT hash) FROM variables"), 1);
    ck_assert_int_eq(count("tensors"), 1);
    no_save_is_left();
}
END_TEST

/* ---- the deadline */

START_TEST(a_lock_that_others_hold_is_waited_for_until_the_deadline)
{
    const varsdb_variable *v = empty("v", VARSDB_UINT8, LARGE);
    ok(r.db, varsdb_set_timeout(r.db, 100));
    ok(other, varsdb_begin(other));
    expect(r.db, VARSDB_BUSY, varsdb_assign(r.db, v, data, (size_t)LARGE));
    ok(other, varsdb_rollback(other));
    ck_assert_int_eq(count("chunks"), 0);
    no_save_is_left();
    ok(r.db, varsdb_assign(r.db, v, data, (size_t)LARGE));
    has_data(v, LARGE);
}
END_TEST

static void hold_at_third(void *payload, gate_point point)
{
    int *begins = payload;
    if (point == GATE_BEGIN && ++*begins == 3)
        ok(other, varsdb_begin(other));
}

START_TEST(a_lock_that_is_taken_half_way_leaves_nothing)
{
    const varsdb_variable *v = empty("v", VARSDB_UINT8, LARGE);
    gate g;
    int begins = 0;
    ok(r.db, varsdb_set_timeout(r.db, 100));
    gate_install(&g, r.db, hold_at_third, &begins);
    expect(r.db, VARSDB_BUSY, varsdb_assign(r.db, v, data, (size_t)LARGE));
    gate_remove(&g);
    ck_assert_int_eq(count("sessions"), 1); /* it could not be taken back at once */
    ok(other, varsdb_rollback(other));
    ck_assert_int_eq(version_of(r.db, v), 0);
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, varsdb_commit(r.db));
    no_save_is_left();
    ck_assert_int_eq(count("chunks"), 0);
}
END_TEST

static void assign_at_once(void *payload, gate_point point)
{
    if (point == GATE_BEGIN)
        ok(other, varsdb_assign(other, payload, "abcd", 4));
}

/* What was read to find an equal value is not the picture that the save begins in. */
START_TEST(others_may_write_between_the_look_and_the_save)
{
    const varsdb_variable *a = empty("a", VARSDB_UINT8, LARGE), *b = empty("b", VARSDB_UINT8, LARGE);
    const varsdb_variable *counter = NULL;
    gate g;
    empty("counter", VARSDB_INT32, 1);
    ok(other, varsdb_find_variable(other, "counter", &counter));
    ok(r.db, varsdb_assign(r.db, a, data, (size_t)LARGE));
    if (_i == 0)
        data[LARGE - 1] ^= 1;
    gate_install(&g, r.db, assign_at_once, (void *)counter);
    ok(r.db, varsdb_assign(r.db, b, data, (size_t)LARGE));
    gate_remove(&g);
    ck_assert_int_gt(version_of(other, counter), 0);
    has_data(b, LARGE);
    no_save_is_left();
}
END_TEST

/* ---- files */

START_TEST(an_import_keeps_one_value_at_a_time)
{
    enum {
        TENSORS = 36,
        BYTES = 4 << 20
    };
    char path[TEMP_PATH_BYTES];
    unsigned char *bytes = malloc(BYTES);
    r.db->save_bytes = VDB_SAVE_BYTES;
    FILE *f = fopen(temp_file(&r.dir, "m.safetensors", path), "wb");
    char header[8192] = "{";
    for (int i = 0; i < TENSORS; i++)
        snprintf(header + strlen(header), sizeof header - strlen(header),
                 "%s\"t%d\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[%lld,%lld]}", i ? "," : "", i,
                 BYTES, (long long)i * BYTES, (long long)(i + 1) * BYTES);
    strcat(header, "}");
    uint64_t length = strlen(header);
    fwrite(&length, 8, 1, f);
    fwrite(header, 1, length, f);
    for (int i = 0; i < TENSORS; i++) {
        fill(bytes, BYTES, (uint32_t)i);
        ck_assert_uint_eq(fwrite(bytes, 1, BYTES, f), BYTES);
    }
    ck_assert_int_eq(fclose(f), 0);
    int64_t before = memory_peak();
    ok(r.db, varsdb_import(r.db, path, NULL));
    ck_assert_int_lt(memory_peak() - before, (int64_t)64 << 20);
    const varsdb_variable *last = got(r.db, "t35", NULL);
    memcpy(data, bytes, BYTES);
    has_data(last, BYTES);
    free(bytes);
    no_save_is_left();
    /* again: all are there already */
    int64_t log = log_bytes();
    ok(r.db, varsdb_import(r.db, path, VARSDB_IMPORT(.on_conflict = VARSDB_CONFLICT_REPLACE)));
    ck_assert_int_lt(log_bytes() - log, 1 << 20);
    has_data(last, BYTES);
    no_save_is_left();
}
END_TEST

/* ---- memory */

START_TEST(a_transaction_of_two_hundred_megabytes_takes_little_memory)
{
    int64_t before = memory_peak();
    r.db->save_bytes = VDB_SAVE_BYTES;
    ok(r.db, varsdb_begin(r.db));
    const varsdb_variable *v =
        got(r.db, "v",
            VARSDB_WITH(.shape = VARSDB_SHAPE(FEWER(100, 20) << 20), .dtype = VARSDB_UINT8,
                        .initializer = "random_uniform(0,200)"));
    ok(r.db, varsdb_initialize(r.db, v, "random_uniform(3,250)"));
    ok(r.db, varsdb_commit(r.db));
    ck_assert_int_lt(memory_peak() - before, (int64_t)64 << 20);
    no_save_is_left();
}
END_TEST

Suite *test_save_suite(void)
{
    Suite *suite = suite_create("save");
    TCase *tests = tcase_create("saves");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_source_is_asked_while_nothing_is_locked_and_its_chunks_are_pinned);
    tcase_add_loop_test(tests, a_source_that_fails_leaves_nothing, 0, 3);
    tcase_add_loop_test(tests, in_a_transaction_it_is_part_of_that, 0, 2);
    tcase_add_test(tests, an_equal_value_is_found_and_not_written);
    tcase_add_test(tests, a_first_chunk_in_common_is_not_enough);
    tcase_add_test(tests, repeated_chunks_are_stored_once);
    tcase_add_test(tests, an_equal_value_whose_bytes_rotted_is_not_equal);
    tcase_add_loop_test(tests, sizes_around_every_limit_come_back, 0, 2);
    tcase_add_loop_test(tests, elements_of_every_width_are_cut_whole, 0, sizeof dtypes / sizeof *dtypes);
    tcase_add_loop_test(tests, a_bad_bool_of_a_source_is_named_and_leaves_nothing, 0, 2);
    tcase_add_test(tests, large_strings_come_back_and_bad_ones_are_refused_unwritten);
    tcase_add_test(tests, an_initializer_gives_the_same_bytes_in_one_turn_and_in_many);
    tcase_add_test(tests, a_lock_that_others_hold_is_waited_for_until_the_deadline);
    tcase_add_test(tests, a_lock_that_is_taken_half_way_leaves_nothing);
    tcase_add_loop_test(tests, others_may_write_between_the_look_and_the_save, 0, 2);
    tcase_add_test(tests, an_import_keeps_one_value_at_a_time);
    tcase_add_test(tests, a_transaction_of_two_hundred_megabytes_takes_little_memory);
    suite_add_tcase(suite, tests);
    return suite;
}
