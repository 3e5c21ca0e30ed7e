/* test_variable_plan.c - what a new variable is made of: shape, dtype, value, initializer, seeds. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/registry.h"

Suite *test_variable_plan_suite(void);

static registry r;

static void open_registry(void)
{
    registry_open(&r);
}

static void close_registry(void)
{
    registry_close(&r);
}

/* The creation fails, and nothing is left of it. */
static void refused(int code, const varsdb_variable_options *options, const char *why)
{
    const varsdb_variable *const nothing = (const varsdb_variable *)&r, *out = nothing;
    int created = 5;
    int rc = varsdb_get_variable(r.db, "bad", options, &created, &out);
    check_result(r.db, rc, code, why, __FILE__, __LINE__);
    says(r.db, why);
    says(r.db, "bad");
    ck_assert_ptr_eq(out, nothing);
    ck_assert_int_eq(created, 5);
    expect(r.db, VARSDB_NOTFOUND, varsdb_find_variable(r.db, "bad", &out));
}

/* ---- shapes */

START_TEST(scalars_empty_tensors_and_rank_64_are_shapes)
{
    int64_t ones[VARSDB_RANK_MAX];
    float value = 1;
    for (int i = 0; i < VARSDB_RANK_MAX; i++)
        ones[i] = 1;
    const varsdb_variable *scalar =
        got(r.db, "scalar", VARSDB_WITH(.shape = VARSDB_SCALAR, .initializer = "ones"));
    const varsdb_variable *empty = got(r.db, "empty", VARSDB_WITH(.shape = VARSDB_SHAPE(3, 0, 5)));
    got(r.db, "empty2", VARSDB_WITH(.shape = VARSDB_SHAPE(0)));
    const varsdb_variable *deep = got(
        r.db, "deep", VARSDB_WITH(.shape = &(varsdb_shape){VARSDB_RANK_MAX, ones}, .initializer = "zeros"));
    ok(r.db, varsdb_read(r.db, scalar, &value, 4));
    ck_assert(value == 1);
    ok(r.db, varsdb_read(r.db, deep, &value, 4));
    ck_assert(value == 0);
    ok(r.db, varsdb_read(r.db, empty, NULL, 0));
    ok(r.db, varsdb_assign(r.db, empty, NULL, 0));
    ck_assert_str_eq(
        registry_sql(&r, "SELECT name, shape, rank, elements, bytes, initialized, version FROM variables "
                         "WHERE name <> 'deep'"),
        "scalar|[]|0|1|4|1|1\nempty|[3,0,5]|3|0|0|1|2\nempty2|[0]|1|0|0|1|1");
    ck_assert_int_eq(registry_number(&r, "SELECT rank FROM variables WHERE name = 'deep'"), 64);
}
END_TEST

START_TEST(impossible_shapes_are_invalid)
{
    int64_t ones[VARSDB_RANK_MAX + 1] = {0};
    refused(VARSDB_INVALID, VARSDB_WITH(.shape = VARSDB_SHAPE(INT64_MAX)), "bad");
    refused(VARSDB_INVALID, VARSDB_WITH(.shape = VARSDB_SHAPE((int64_t)1 << 48, (int64_t)1 << 48)), "bad");
    refused(VARSDB_INVALID,
            VARSDB_WITH(.shape = VARSDB_SHAPE((int64_t)1 << 48, 1 << 13), .initializer = "zeros"), "float32");
    refused(VARSDB_INVALID,
            VARSDB_WITH(.shape = VARSDB_SHAPE((int64_t)1 << 48, 1 << 13), .dtype = VARSDB_STRING), "string");
    refused(VARSDB_INVALID, VARSDB_WITH(.shape = VARSDB_SHAPE(VARSDB_ANY)), "bad");
    refused(VARSDB_INVALID, NULL, "shape");
    refused(VARSDB_INVALID, VARSDB_WITH(.initializer = "zeros"), "shape");
    const varsdb_variable *out = NULL;
    expect(r.db, VARSDB_INVALID,
           varsdb_get_variable(r.db, "bad", VARSDB_WITH(.shape = VARSDB_SHAPE(-7)), NULL, &out));
    expect(r.db, VARSDB_INVALID,
           varsdb_get_variable(r.db, "bad", VARSDB_WITH(.shape = &(varsdb_shape){VARSDB_RANK_MAX + 1, ones}),
                               NULL, &out));
    expect(r.db, VARSDB_INVALID,
           varsdb_get_variable(r.db, "bad", VARSDB_WITH(.shape = &(varsdb_shape){-1, ones}), NULL, &out));
    ck_assert_ptr_null(out);
}
END_TEST

/* ---- values */

START_TEST(a_value_array_is_stored_as_it_is)
{
    const int16_t value[] = {-1, 2, 300, INT16_MIN, 0, INT16_MAX};
    int16_t back[6];
    const varsdb_variable *v = got(r.db, "v",
                                   VARSDB_WITH(.shape = VARSDB_SHAPE(2, 3), .dtype = VARSDB_INT16,
                                               .value = value, .value_bytes = sizeof value));
    ok(r.db, varsdb_read(r.db, v, back, sizeof back));
    ck_assert_mem_eq(back, value, sizeof value);
    ck_assert_str_eq(registry_sql(&r, "SELECT initializer, seed IS NULL, version, min, max FROM variables"),
                     "value|1|1|-32768|32767");
}
END_TEST

START_TEST(wrong_value_bytes_are_invalid_with_both_numbers)
{
    const float value[7] = {0};
    refused(VARSDB_INVALID, VARSDB_WITH(.shape = VARSDB_SHAPE(2, 3), .value = value, .value_bytes = 28),
            "28");
    refused(VARSDB_INVALID, VARSDB_WITH(.shape = VARSDB_SHAPE(2, 3), .value = value, .value_bytes = 28),
            "24");
    refused(VARSDB_INVALID, VARSDB_WITH(.value = value, .value_bytes = 28), "shape");
}
END_TEST

/* Small ones are looked at when they are prepared, and again when they are stored; large ones are not. */
START_TEST(bad_values_of_all_sizes_are_refused)
{
    static const size_t sizes[] = {3, 100000, 9 << 20};
    unsigned char *value = calloc(sizes[2], 1);
    for (size_t i = 0; i < 3; i++) {
        value[sizes[i] - 1] = 2;
        const varsdb_variable_options *bad =
            VARSDB_WITH(.shape = VARSDB_SHAPE((int64_t)sizes[i]), .dtype = VARSDB_BOOL, .value = value,
                        .value_bytes = sizes[i]);
        refused(VARSDB_INVALID, bad, "a bool is 0 or 1");
        ok(r.db, varsdb_begin(r.db));
        refused(VARSDB_INVALID, bad, "a bool is 0 or 1");
        ok(r.db, varsdb_commit(r.db));
        value[sizes[i] - 1] = 0;
    }
    free(value);
    ck_assert_int_eq(registry_number(&r, "SELECT count(*) FROM varsdb_chunks"), 0);
}
END_TEST

START_TEST(a_value_and_an_initializer_together_are_invalid)
{
    const float value[6] = {0};
    refused(VARSDB_INVALID,
            VARSDB_WITH(.shape = VARSDB_SHAPE(6), .initializer = "ones", .value = value, .value_bytes = 24),
            "both");
    refused(VARSDB_INVALID, VARSDB_WITH(.initializer = "ones", .value_json = "[1]"), "both");
    refused(VARSDB_INVALID,
            VARSDB_WITH(.shape = VARSDB_SHAPE(6), .value_json = "1", .value = value, .value_bytes = 24),
            "both");
}
END_TEST

START_TEST(a_value_stands_beside_a_scopes_initializer)
{
    float back[2];
    VARSDB_IN_SCOPE (r.db, "s", .initializer = "ones")
        got(r.db, "v", VARSDB_WITH(.value_json = "[2,3]"));
    ok(r.db, varsdb_read(r.db, got(r.db, "s/v", NULL), back, sizeof back));
    ck_assert(back[0] == 2 && back[1] == 3);
}
END_TEST

START_TEST(json_gives_shape_by_nesting_fills_and_takes_flat_lists)
{
    float back[6];
    static const float nested[] = {1, 2, 3, 4, 5, 6}, filled[] = {.5F, .5F, .5F, .5F, .5F, .5F};
    got(r.db, "scalar", VARSDB_WITH(.value_json = "0.5"));
    ok(r.db,
       varsdb_read(r.db, got(r.db, "nested", VARSDB_WITH(.value_json = "[[1,2,3],[4,5,6]]")), back, 24));
    ck_assert_mem_eq(back, nested, 24);
    ok(r.db,
       varsdb_read(r.db, got(r.db, "fill", VARSDB_WITH(.shape = VARSDB_SHAPE(3, 2), .value_json = "0.5")),
                   back, 24));
    ck_assert_mem_eq(back, filled, 24);
    ok(r.db,
       varsdb_read(r.db,
                   got(r.db, "flat", VARSDB_WITH(.shape = VARSDB_SHAPE(3, 2), .value_json = "[1,2,3,4,5,6]")),
                   back, 24));
    ck_assert_mem_eq(back, nested, 24);
    got(r.db, "int", VARSDB_WITH(.value_json = "[7]", .dtype = VARSDB_UINT64));
    got(r.db, "strings", VARSDB_WITH(.value_json = "[\"a\",\"\",\"bcd\"]", .dtype = VARSDB_STRING));
    ck_assert_str_eq(registry_sql(&r, "SELECT name, dtype, shape, bytes, initializer FROM variables"),
                     "scalar|float32|[]|4|value\nnested|float32|[2,3]|24|value\nfill|float32|[3,2]|24|value\n"
                     "flat|float32|[3,2]|24|value\nint|uint64|[1]|8|value\nstrings|string|[3]|4|value");
    refused(VARSDB_INVALID, VARSDB_WITH(.value_json = "[[1,2],[3]]"), "bad");
    refused(VARSDB_INVALID, VARSDB_WITH(.value_json = "[1,"), "bad");
    refused(VARSDB_INVALID, VARSDB_WITH(.value_json = "[1,2]", .shape = VARSDB_SHAPE(3)), "bad");
    refused(VARSDB_INVALID, VARSDB_WITH(.value_json = "256", .dtype = VARSDB_UINT8), "bad");
}
END_TEST

/* ---- initializers by dtype */

static bool has_no_default(varsdb_dtype dtype)
{
    return dtype == VARSDB_COMPLEX64 || dtype == VARSDB_COMPLEX128 ||
           (dtype >= VARSDB_FLOAT8_E4M3FN && dtype <= VARSDB_FLOAT4_E2M1);
}

START_TEST(every_dtype_has_its_default_initializer_or_needs_one)
{
    char name[32];
    for (varsdb_dtype dtype = VARSDB_BOOL; dtype <= VARSDB_STRING; dtype++) {
        snprintf(name, sizeof name, "v%d", (int)dtype);
        if (has_no_default(dtype))
            refused(VARSDB_INVALID, VARSDB_WITH(.shape = VARSDB_SHAPE(5), .dtype = dtype),
                    varsdb_dtype_name(dtype));
        else
            got(r.db, name, VARSDB_WITH(.shape = VARSDB_SHAPE(5), .dtype = dtype));
    }
    ck_assert_str_eq(
        registry_sql(&r, "SELECT group_concat(dtype) FROM variables WHERE initializer = 'glorot_uniform'"),
        "float16,bfloat16,float32,float64");
    ck_assert_str_eq(
        registry_sql(&r, "SELECT group_concat(dtype) FROM variables WHERE initializer = 'zeros'"),
        "bool,int8,int16,int32,int64,uint8,uint16,uint32,uint64,string");
}
END_TEST

START_TEST(zeros_of_every_dtype_are_zero_bytes_of_the_packed_size)
{
    for (varsdb_dtype dtype = VARSDB_BOOL; dtype < VARSDB_STRING; dtype++) {
        unsigned char back[96], zero[96] = {0};
        size_t bytes = (size_t)(5 * varsdb_dtype_bits(dtype) + 7) / 8;
        const varsdb_variable *v = NULL;
        int rc = varsdb_get_variable(
            r.db, varsdb_dtype_name(dtype),
            VARSDB_WITH(.shape = VARSDB_SHAPE(5), .dtype = dtype, .initializer = "zeros"), NULL, &v);
        if (dtype == VARSDB_FLOAT8_E8M0) { /* powers of two alone: it has no zero */
            ck_assert_int_eq(rc, VARSDB_INVALID);
            continue;
        }
        ck_assert_int_eq(rc, VARSDB_OK);
        memset(back, 0xff, sizeof back);
        ok(r.db, varsdb_read(r.db, v, back, bytes));
        ck_assert_mem_eq(back, zero, bytes);
        ck_assert_int_eq(back[bytes], 0xff);
    }
}
END_TEST

START_TEST(initializer_none_makes_an_uninitialized_variable)
{
    float back[2];
    const varsdb_variable *v = got(r.db, "v", VARSDB_WITH(.shape = VARSDB_SHAPE(2), .initializer = "none"));
    const varsdb_variable *c = got(
        r.db, "c", VARSDB_WITH(.shape = VARSDB_SHAPE(2), .dtype = VARSDB_COMPLEX64, .initializer = "none"));
    ck_assert_int_eq(version_of(r.db, v), 0);
    expect(r.db, VARSDB_UNINITIALIZED, varsdb_read(r.db, v, back, sizeof back));
    says(r.db, "variable v");
    expect(r.db, VARSDB_UNINITIALIZED, varsdb_read_range(r.db, c, 0, back, 4));
    ck_assert_str_eq(registry_sql(&r, "SELECT name, initialized, version, min IS NULL, zeros IS NULL "
                                      "FROM uninitialized_variables"),
                     "v|0|0|1|1\nc|0|0|1|1");
    ok(r.db, varsdb_assign_json(r.db, v, "[1,2]"));
    ck_assert_int_eq(version_of(r.db, v), 1);
    expect(r.db, VARSDB_INVALID, varsdb_initialize(r.db, v, "none"));
}
END_TEST

START_TEST(bad_specs_are_invalid)
{
    refused(VARSDB_INVALID, VARSDB_WITH(.shape = VARSDB_SHAPE(2), .initializer = "nonsense(3)"), "nonsense");
    refused(VARSDB_INVALID, VARSDB_WITH(.shape = VARSDB_SHAPE(2), .initializer = "ones("), "bad");
}
END_TEST

/* ---- seeds */

static void read_vector(varsdb *db, const char *name, const char *initializer, float out[64])
{
    const varsdb_variable *v =
        got(db, name, VARSDB_WITH(.shape = VARSDB_SHAPE(64), .initializer = initializer));
    ok(db, varsdb_read(db, v, out, 64 * sizeof *out));
}

static const char normal[] = "random_normal(0,1)", seeded[] = "random_normal(0,1,seed=7)";

START_TEST(the_same_seed_and_name_give_the_same_bytes_in_any_order)
{
    registry second;
    float a[2][64], b[2][64];
    registry_open(&second);
    read_vector(r.db, "s/a", normal, a[0]);
    read_vector(r.db, "s/b", normal, b[0]);
    read_vector(second.db, "other", normal, b[1]);
    read_vector(second.db, "s/b", normal, b[1]);
    read_vector(second.db, "s/a", normal, a[1]);
    ck_assert_mem_eq(a[0], a[1], sizeof a[0]);
    ck_assert_mem_eq(b[0], b[1], sizeof b[0]);
    ck_assert_mem_ne(a[0], b[0], sizeof a[0]);
    registry_close(&second);
}
END_TEST

START_TEST(the_namespaces_seed_matters_and_equal_seeds_start_equal)
{
    float main[64], same[64], different[64];
    const int64_t equal = REGISTRY_SEED, other = REGISTRY_SEED + 1;
    read_vector(r.db, "v", normal, main);
    ok(r.db, varsdb_create_namespace(r.db, "same", &equal));
    ok(r.db, varsdb_create_namespace(r.db, "different", &other));
    ok(r.db, varsdb_use_namespace(r.db, "same"));
    read_vector(r.db, "v", normal, same);
    ok(r.db, varsdb_use_namespace(r.db, "different"));
    read_vector(r.db, "v", normal, different);
    ck_assert_mem_eq(main, same, sizeof main);
    ck_assert_mem_ne(main, different, sizeof main);
    ck_assert_str_eq(registry_sql(&r, "SELECT seed FROM variables"), "42\n42\n43");
}
END_TEST

START_TEST(an_explicit_seed_alone_decides)
{
    registry second;
    float a[64], b[64], c[64];
    const int64_t other = 1;
    registry_open_with(&second, VARSDB_OPEN(.seed = &other));
    read_vector(r.db, "a", seeded, a);
    read_vector(r.db, "b", seeded, b);
    read_vector(second.db, "c/c", seeded, c);
    ck_assert_mem_eq(a, b, sizeof a);
    ck_assert_mem_eq(a, c, sizeof a);
    ck_assert_str_eq(registry_sql(&r, "SELECT seed FROM variables"), "7\n7");
    registry_close(&second);
}
END_TEST

START_TEST(a_chunked_value_equals_a_partitioned_one_and_its_own_slices)
{
    const size_t count = 700001; /* 2.67 chunks */
    float *whole = malloc(count * 4), *again = malloc(count * 4), slice[8];
    registry second;
    registry_open(&second);
    const varsdb_shape *shape = VARSDB_SHAPE(700001);
    const varsdb_variable *v = got(r.db, "big", VARSDB_WITH(.shape = shape, .initializer = normal));
    ok(r.db, varsdb_read(r.db, v, whole, count * 4));
    const varsdb_variable *p = got(
        second.db, "big", VARSDB_WITH(.shape = shape, .initializer = normal, .partitioner = "fixed_size(3)"));
    ok(second.db, varsdb_read(second.db, p, again, count * 4));
    ck_assert_mem_eq(whole, again, count * 4);
    for (size_t at = 0; at + 8 < count; at += 43691) {
        ok(r.db, varsdb_read_range(r.db, v, at * 4, slice, sizeof slice));
        ck_assert_mem_eq(slice, whole + at, sizeof slice);
    }
    /* as another variable of the same seed, but short enough to be inline, begins */
    float head[64], short_head[64];
    const varsdb_variable *l = got(r.db, "long", VARSDB_WITH(.shape = shape, .initializer = seeded));
    ok(r.db, varsdb_read_range(r.db, l, 0, head, sizeof head));
    read_vector(r.db, "short", seeded, short_head);
    ck_assert_mem_eq(head, short_head, sizeof head);
    free(whole);
    free(again);
    registry_close(&second);
}
END_TEST

Suite *test_variable_plan_suite(void)
{
    Suite *suite = suite_create("variable_plan");
    TCase *t = tcase_create("variable_plan");
    tcase_add_checked_fixture(t, open_registry, close_registry);
    tcase_add_test(t, scalars_empty_tensors_and_rank_64_are_shapes);
    tcase_add_test(t, impossible_shapes_are_invalid);
    tcase_add_test(t, a_value_array_is_stored_as_it_is);
    tcase_add_test(t, wrong_value_bytes_are_invalid_with_both_numbers);
    tcase_add_test(t, bad_values_of_all_sizes_are_refused);
    tcase_add_test(t, a_value_and_an_initializer_together_are_invalid);
    tcase_add_test(t, a_value_stands_beside_a_scopes_initializer);
    tcase_add_test(t, json_gives_shape_by_nesting_fills_and_takes_flat_lists);
    tcase_add_test(t, every_dtype_has_its_default_initializer_or_needs_one);
    tcase_add_test(t, zeros_of_every_dtype_are_zero_bytes_of_the_packed_size);
    tcase_add_test(t, initializer_none_makes_an_uninitialized_variable);
    tcase_add_test(t, bad_specs_are_invalid);
    tcase_add_test(t, the_same_seed_and_name_give_the_same_bytes_in_any_order);
    tcase_add_test(t, the_namespaces_seed_matters_and_equal_seeds_start_equal);
    tcase_add_test(t, an_explicit_seed_alone_decides);
    tcase_add_test(t, a_chunked_value_equals_a_partitioned_one_and_its_own_slices);
    suite_add_tcase(suite, t);
    return suite;
}
