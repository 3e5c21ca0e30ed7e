/* test_variable_assign.c - compare and assign; many values, all or none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/audit.h"
#include "../support/gate.h"
#include "../support/registry.h"
#include "internal.h"

Suite *test_variable_assign_suite(void);

#define CHUNKED (3 * VDB_CHUNK_BYTES + 5)
#define PART    (4 * VDB_CHUNK_BYTES) /* of one short transaction of a save */
#define LARGE   (PART + VDB_CHUNK_BYTES + 5)

static registry r;
static unsigned char *data, *back;

static void setup(void)
{
    uint32_t state = 1;
    registry_open(&r);
    r.db->save_bytes = PART;
    data = malloc(2 * LARGE);
    back = malloc(LARGE);
    for (size_t i = 0; i < 2 * LARGE; i++)
        data[i] = (unsigned char)((state = state * 1664525 + 1013904223) >> 24);
}

static void teardown(void)
{
    free(data);
    free(back);
    registry_close(&r);
}

static const varsdb_variable *of_bytes(const char *name, int64_t bytes)
{
    return got(r.db, name,
               VARSDB_WITH(.shape = VARSDB_SHAPE(bytes), .dtype = VARSDB_UINT8, .initializer = "zeros"));
}

static void has(const varsdb_variable *v, const void *value, size_t bytes)
{
    memset(back, 0xee, bytes);
    ok(r.db, varsdb_read(r.db, v, back, bytes));
    ck_assert(memcmp(back, value, bytes) == 0);
}

static void whole(void)
{
    ck_assert_str_eq(
        registry_sql(&r, "SELECT (SELECT count(*) FROM varsdb_sessions), (SELECT count(*) FROM varsdb_pins)"),
        "0|0");
    audit(&r);
}

static int64_t version(const varsdb_variable *v)
{
    int64_t out = -1;
    ok(r.db, varsdb_variable_version(r.db, v, &out));
    ck_assert_int_eq(out, version_of(r.db, v));
    return out;
}

/* ---- compare and assign */

static const int64_t sizes[] = {4, CHUNKED, LARGE};

START_TEST(the_right_version_assigns_and_a_wrong_one_does_nothing)
{
    size_t bytes = (size_t)sizes[_i];
    const varsdb_variable *v = of_bytes("v", sizes[_i]);
    const varsdb_variable *u =
        got(r.db, "u",
            VARSDB_WITH(.shape = VARSDB_SHAPE(sizes[_i]), .dtype = VARSDB_UINT8, .initializer = "none"));
    ok(r.db, varsdb_assign_if(r.db, v, 1, data, bytes));
    has(v, data, bytes);
    ck_assert_int_eq(version(v), 2);
    for (int64_t wrong = 0; wrong < 5; wrong++)
        if (wrong != 2) {
            expect(r.db, VARSDB_CONFLICT, varsdb_assign_if(r.db, v, wrong, data + 1, bytes));
            says(r.db, "has version 2");
        }
    has(v, data, bytes);
    ck_assert_int_eq(version(v), 2);
    expect(r.db, VARSDB_CONFLICT, varsdb_assign_if(r.db, u, 1, data, bytes));
    ok(r.db, varsdb_assign_if(r.db, u, 0, data, bytes));
    ck_assert_int_eq(version(u), 1);
    expect(r.db, VARSDB_INVALID, varsdb_assign_if(r.db, v, -1, data, bytes));
    expect(r.db, VARSDB_INVALID, varsdb_assign_if(r.db, v, 2, data, bytes - 1));
    expect(r.db, VARSDB_MISUSE, varsdb_assign_if(r.db, v, 2, NULL, bytes));
    expect(r.db, VARSDB_MISUSE, varsdb_assign_if(r.db, NULL, 2, data, bytes));
    expect(r.db, VARSDB_MISUSE, varsdb_variable_version(r.db, v, NULL));
    whole();
}
END_TEST

START_TEST(a_conflict_in_a_transaction_dooms_nothing)
{
    size_t bytes = (size_t)sizes[_i];
    const varsdb_variable *v = of_bytes("v", sizes[_i]);
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, varsdb_assign_if(r.db, v, 1, data, bytes));
    expect(r.db, VARSDB_CONFLICT, varsdb_assign_if(r.db, v, 1, data + 1, bytes));
    ok(r.db, varsdb_assign_if(r.db, v, 2, data + 2, bytes));
    ok(r.db, varsdb_commit(r.db));
    has(v, data + 2, bytes);
    ck_assert_int_eq(version(v), 3);
    ok(r.db, varsdb_begin(r.db));
    ok(r.db, varsdb_assign_if(r.db, v, 3, data, bytes));
    ok(r.db, varsdb_rollback(r.db));
    ok(r.db, varsdb_assign_if(r.db, v, 3, data + 3, bytes));
    has(v, data + 3, bytes);
    whole();
}
END_TEST

START_TEST(of_two_handles_one_wins)
{
    size_t bytes = (size_t)sizes[_i];
    const varsdb_variable *mine = of_bytes("v", sizes[_i]), *theirs = NULL;
    varsdb *other = registry_another(&r);
    ok(other, varsdb_find_variable(other, "v", &theirs));
    ok(other, varsdb_assign_if(other, theirs, 1, data, bytes));
    expect(r.db, VARSDB_CONFLICT, varsdb_assign_if(r.db, mine, 1, data + 1, bytes));
    has(mine, data, bytes);
    ok(r.db, varsdb_assign_if(r.db, mine, 2, data + 1, bytes));
    expect(other, VARSDB_CONFLICT, varsdb_assign_if(other, theirs, 2, data, bytes));
    ok(other, varsdb_delete_variable(other, theirs));
    expect(r.db, VARSDB_GONE, varsdb_assign_if(r.db, mine, 3, data + 1, bytes));
    varsdb_close(other);
    whole();
}
END_TEST

/* ---- many */

#define STRINGS "\2\0\0\0\0\0\0\0ab\0\0\0\0\0\0\0\0"

START_TEST(values_of_all_sizes_are_assigned_at_once)
{
    const varsdb_variable *s = got(r.db, "s", VARSDB_WITH(.shape = VARSDB_SHAPE(2), .dtype = VARSDB_STRING));
    varsdb_assignment list[] = {
        {of_bytes("a", 4), data, 4},
        {of_bytes("b", CHUNKED), data + 1, CHUNKED},
        {of_bytes("c", LARGE), data + 2, LARGE},
        {s, STRINGS, sizeof STRINGS - 1},
        {of_bytes("d", LARGE), data + 2, LARGE}, /* equal to another of the list */
        {of_bytes("e", 0), NULL, 0},
    };
    size_t count = sizeof list / sizeof *list;
    if (_i)
        ok(r.db, varsdb_begin(r.db));
    ok(r.db, varsdb_assign_all(r.db, list, count));
    if (_i == 1)
        ok(r.db, varsdb_commit(r.db));
    if (_i == 2)
        ok(r.db, varsdb_rollback(r.db));
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(version(list[i].variable), _i == 2 ? 1 : 2);
        if (_i != 2 && list[i].bytes)
            has(list[i].variable, list[i].data, list[i].bytes);
    }
    whole();
}
END_TEST

START_TEST(one_bad_value_changes_nothing)
{
    static const unsigned char bad[] = {0, 1, 2};
    const varsdb_variable *a = of_bytes("a", 4), *c = of_bytes("c", LARGE);
    const varsdb_variable *flags =
        got(r.db, "flags", VARSDB_WITH(.shape = VARSDB_SHAPE(3), .dtype = VARSDB_BOOL));
    const varsdb_variable *s = got(r.db, "s", VARSDB_WITH(.shape = VARSDB_SHAPE(2), .dtype = VARSDB_STRING));
    const varsdb_variable *gone = of_bytes("gone", 4);
    ok(r.db, varsdb_delete_variable(r.db, gone));
    const struct {
        varsdb_assignment bad;
        int code;
    } cases[] = {
        {{a, data, 5}, VARSDB_INVALID},    {{a, data, 3}, VARSDB_INVALID},
        {{flags, bad, 3}, VARSDB_INVALID}, {{s, STRINGS, sizeof STRINGS - 2}, VARSDB_INVALID},
        {{gone, data, 4}, VARSDB_GONE},    {{a, NULL, 4}, VARSDB_MISUSE},
        {{NULL, data, 4}, VARSDB_MISUSE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t at = 0; at < 3; at++) {
            varsdb_assignment list[3] = {{a, data, 4}, {c, data, LARGE}, {c, data + 1, LARGE}};
            list[at] = cases[i].bad;
            expect(r.db, cases[i].code, varsdb_assign_all(r.db, list, 3));
            ck_assert_int_eq(version(a) + version(c) + version(flags) + version(s), 4);
        }
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM varsdb_chunks"), 2); /* of zeros */
    whole();
}
END_TEST

START_TEST(of_one_variable_the_last_value_stays)
{
    size_t bytes = (size_t)sizes[_i];
    const varsdb_variable *v = of_bytes("v", sizes[_i]);
    const varsdb_assignment list[] = {{v, data, bytes}, {v, data + 1, bytes}, {v, data + 2, bytes}};
    ok(r.db, varsdb_assign_all(r.db, list, 3));
    has(v, data + 2, bytes);
    ck_assert_int_eq(version(v), 4);
    /* of the others no chunk is left */
    whole();
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM varsdb_chunks WHERE id NOT IN "
                                         "(SELECT chunk_id FROM varsdb_free_chunks)"),
                     bytes > VDB_INLINE_BYTES ? (int64_t)(bytes / VDB_CHUNK_BYTES + 1) : 0);
}
END_TEST

START_TEST(values_change_places)
{
    size_t bytes = (size_t)sizes[_i];
    const varsdb_variable *a = of_bytes("a", sizes[_i]), *b = of_bytes("b", sizes[_i]);
    ok(r.db, varsdb_assign(r.db, a, data, bytes));
    ok(r.db, varsdb_assign(r.db, b, data + 1, bytes));
    const varsdb_assignment list[] = {{a, data + 1, bytes}, {b, data, bytes}};
    ok(r.db, varsdb_assign_all(r.db, list, 2));
    has(a, data + 1, bytes);
    has(b, data, bytes);
    /* the value that is found beforehand has lost its last owner when it is assigned */
    const varsdb_assignment other[] = {{a, data + 2, bytes}, {b, data + 3, bytes}, {a, data + 1, bytes}};
    ok(r.db, varsdb_assign_all(r.db, other, 3));
    has(a, data + 1, bytes);
    has(b, data + 3, bytes);
    whole();
}
END_TEST

START_TEST(no_values_are_nothing_to_do)
{
    const varsdb_variable *v = of_bytes("v", 4);
    ok(r.db, varsdb_assign_all(r.db, NULL, 0));
    ok(r.db, varsdb_assign_all(r.db, &(varsdb_assignment){NULL, NULL, 0}, 0));
    expect(r.db, VARSDB_MISUSE, varsdb_assign_all(r.db, NULL, 1));
    ck_assert_int_eq(version(v), 1);
}
END_TEST

static void pass(void *payload, gate_point point)
{
    (void)payload, (void)point;
}

START_TEST(two_hundred_values_share_turns)
{
    enum {
        COUNT = 200,
        EACH = 40000
    };
    varsdb_assignment list[COUNT];
    char name[16];
    gate g;
    for (int i = 0; i < COUNT; i++) {
        snprintf(name, sizeof name, "v%d", i);
        list[i] = (varsdb_assignment){of_bytes(name, EACH), data + (size_t)i * 1000, EACH};
    }
    gate_install(&g, r.db, pass, NULL);
    ok(r.db, varsdb_assign_all(r.db, list, COUNT));
    gate_remove(&g);
    ck_assert_uint_lt(g.commits, COUNT);
    for (int i = 0; i < COUNT; i++)
        has(list[i].variable, list[i].data, EACH);
    whole();
}
END_TEST

START_TEST(a_string_that_is_null_is_refused)
{
    const varsdb_variable *v =
        got(r.db, "names", VARSDB_WITH(.shape = VARSDB_SHAPE(2), .dtype = VARSDB_STRING));
    expect(r.db, VARSDB_MISUSE, varsdb_assign_strings(r.db, v, (const char *const[]){"a", NULL}, NULL, 2));
    ck_assert_int_eq(version(v), 1);
}
END_TEST

Suite *test_variable_assign_suite(void)
{
    Suite *suite = suite_create("variable_assign");
    TCase *tests = tcase_create("assigning");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, the_right_version_assigns_and_a_wrong_one_does_nothing, 0, 3);
    tcase_add_loop_test(tests, a_conflict_in_a_transaction_dooms_nothing, 0, 3);
    tcase_add_loop_test(tests, of_two_handles_one_wins, 0, 3);
    tcase_add_loop_test(tests, values_of_all_sizes_are_assigned_at_once, 0, 3);
    tcase_add_test(tests, one_bad_value_changes_nothing);
    tcase_add_loop_test(tests, of_one_variable_the_last_value_stays, 0, 3);
    tcase_add_loop_test(tests, values_change_places, 0, 3);
    tcase_add_test(tests, no_values_are_nothing_to_do);
    tcase_add_test(tests, two_hundred_values_share_turns);
    tcase_add_test(tests, a_string_that_is_null_is_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
