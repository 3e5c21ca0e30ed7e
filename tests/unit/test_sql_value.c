/* test_sql_value.c - values as SQL has them: bytes, JSON, elements and losses, against bytes that were
 * decoded here and formulas that were worked here. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "../support/client.h"
#include "../support/sanitized.h"

Suite *test_sql_value_suite(void);

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define ODD      83 /* elements; no multiple of what shares a byte */

static uint64_t state;

static uint64_t random_bits(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state * 0x2545f4914f6cdd1d;
}

static int64_t below(int64_t n)
{
    return (int64_t)(random_bits() >> 1) % n;
}

static void open_client(void)
{
    state = 88172645463325252;
    client_open();
}

static sqlite3_stmt *prepared(const char *sql)
{
    sqlite3_stmt *s = NULL;
    ck_assert_msg(sqlite3_prepare_v2(client, sql, -1, &s, NULL) == SQLITE_OK, "%s", sqlite3_errmsg(client));
    return s;
}

static void check_blob(const char *sql, const void *bytes, size_t size)
{
    sqlite3_stmt *s = prepared(sql);
    ck_assert_msg(sqlite3_step(s) == SQLITE_ROW, "%s: %s", sql, sqlite3_errmsg(client));
    ck_assert_int_eq(sqlite3_column_type(s, 0), SQLITE_BLOB);
    ck_assert_uint_eq((size_t)sqlite3_column_bytes(s, 0), size);
    ck_assert_msg(!size || memcmp(sqlite3_column_blob(s, 0), bytes, size) == 0, "%s", sql);
    sqlite3_finalize(s);
}

/* ---- elements, as the formats' definitions have them */

typedef enum specials {
    AS_IEEE, /* the highest exponent is infinity and NaN */
    FN,      /* all ones are NaN, and there is no infinity */
    FNUZ,    /* -0 is NaN, and there is no infinity */
    NO_SPECIALS
} specials;

typedef struct small_float {
    varsdb_dtype dtype;
    int exponent, mantissa, bias; /* bits of the first two */
    specials kind;
} small_float;

static const small_float small_floats[] = {
    {VARSDB_FLOAT16, 5, 10, 15, AS_IEEE},       {VARSDB_BFLOAT16, 8, 7, 127, AS_IEEE},
    {VARSDB_FLOAT8_E4M3FN, 4, 3, 7, FN},        {VARSDB_FLOAT8_E5M2, 5, 2, 15, AS_IEEE},
    {VARSDB_FLOAT8_E4M3FNUZ, 4, 3, 8, FNUZ},    {VARSDB_FLOAT8_E5M2FNUZ, 5, 2, 16, FNUZ},
    {VARSDB_FLOAT6_E2M3, 2, 3, 1, NO_SPECIALS}, {VARSDB_FLOAT6_E3M2, 3, 2, 3, NO_SPECIALS},
    {VARSDB_FLOAT4_E2M1, 2, 1, 1, NO_SPECIALS},
};

static double small_value(const small_float *f, unsigned bits)
{
    unsigned most = (1u << f->exponent) - 1, exponent = bits >> f->mantissa & most;
    unsigned fraction = bits & ((1u << f->mantissa) - 1), sign = bits >> (f->mantissa + f->exponent);
    if (f->kind == AS_IEEE && exponent == most && fraction)
        return (double)NAN;
    if (f->kind == AS_IEEE && exponent == most)
        return sign ? -(double)INFINITY : (double)INFINITY;
    if (f->kind == FN && exponent == most && fraction == (1u << f->mantissa) - 1)
        return (double)NAN;
    if (f->kind == FNUZ && sign && !exponent && !fraction)
        return (double)NAN;
    double x = exponent ? ldexp(1 + ldexp(fraction, -f->mantissa), (int)exponent - f->bias)
                        : ldexp(ldexp(fraction, -f->mantissa), 1 - f->bias);
    return sign ? -x : x;
}

static uint64_t bits_at(const unsigned char *data, int bits, size_t i)
{
    uint64_t out = 0;
    for (int k = 0; k < bits && k < 64; k++) {
        size_t bit = i * (size_t)bits + (size_t)k;
        out |= (uint64_t)(data[bit / 8] >> bit % 8 & 1) << k;
    }
    return out;
}

static double float_value(varsdb_dtype dtype, const unsigned char *data, size_t i)
{
    float single[2];
    double twice[2];
    uint64_t bits = bits_at(data, varsdb_dtype_bits(dtype), i);
    switch (dtype) {
    case VARSDB_FLOAT32:
        memcpy(single, data + i * sizeof *single, sizeof *single);
        return (double)*single;
    case VARSDB_FLOAT64:
        memcpy(twice, data + i * sizeof *twice, sizeof *twice);
        return *twice;
    case VARSDB_COMPLEX64:
        memcpy(single, data + i * sizeof single, sizeof single);
        return hypot((double)single[0], (double)single[1]);
    case VARSDB_COMPLEX128:
        memcpy(twice, data + i * sizeof twice, sizeof twice);
        return hypot(twice[0], twice[1]);
    case VARSDB_FLOAT8_E8M0:
        return bits == 255 ? (double)NAN : ldexp(1, (int)bits - 127);
    default:
        for (size_t k = 0; k < COUNT(small_floats); k++)
            if (small_floats[k].dtype == dtype)
                return small_value(&small_floats[k], (unsigned)bits);
        ck_abort_msg("dtype %d", (int)dtype);
    }
    return 0;
}

static bool is_integer(varsdb_dtype dtype)
{
    return dtype <= VARSDB_UINT64;
}

/* A signed one's sign reaches to the top. */
static int64_t integer_value(varsdb_dtype dtype, const unsigned char *data, size_t i)
{
    int bits = varsdb_dtype_bits(dtype);
    uint64_t raw = bits_at(data, bits, i);
    bool negative = dtype >= VARSDB_INT8 && dtype <= VARSDB_INT64 && raw >> (bits - 1);
    return (int64_t)(negative && bits < 64 ? raw | ~(uint64_t)0 << bits : raw);
}

static bool is_right(sqlite3_stmt *s, int column, varsdb_dtype dtype, const unsigned char *data, size_t i)
{
    int type = sqlite3_column_type(s, column);
    double real = sqlite3_column_double(s, column);
    if (dtype == VARSDB_UINT64 && integer_value(dtype, data, i) < 0)
        return type == SQLITE_FLOAT && real == (double)(uint64_t)integer_value(dtype, data, i);
    if (is_integer(dtype))
        return type == SQLITE_INTEGER && sqlite3_column_int64(s, column) == integer_value(dtype, data, i);
    double expected = float_value(dtype, data, i);
    if (isnan(expected))
        return type == SQLITE_NULL;
    bool magnitude = dtype == VARSDB_COMPLEX64 || dtype == VARSDB_COMPLEX128;
    return type == SQLITE_FLOAT &&
           (real == expected || (magnitude && fabs(real - expected) <= 0x1p-52 * expected));
}

/* Random bits, but bools of 0 and 1, and nothing in the bits behind the last element. */
static void fill(varsdb_dtype dtype, unsigned char *data, size_t bytes, size_t elements)
{
    size_t bits = (size_t)varsdb_dtype_bits(dtype) * elements;
    for (size_t i = 0; i < bytes; i++)
        data[i] = (unsigned char)(random_bits() >> 40);
    for (size_t i = 0; dtype == VARSDB_BOOL && i < bytes; i++)
        data[i] &= 1;
    if (bits % 8)
        data[bytes - 1] &= (unsigned char)((1u << bits % 8) - 1);
}

/* _i: the dtype */
START_TEST(every_element_of_every_dtype_is_what_its_bits_are)
{
    static unsigned char data[ODD * 16];
    varsdb_dtype dtype = (varsdb_dtype)_i;
    size_t bytes = ((size_t)varsdb_dtype_bits(dtype) * ODD + 7) / 8;
    fill(dtype, data, bytes, ODD);
    if (dtype == VARSDB_FLOAT64) { /* of random bits, hardly any is */
        const double some[] = {(double)NAN, (double)INFINITY, -(double)INFINITY, 0.0, -0.0, 5e-324};
        memcpy(data, some, sizeof some);
    }
    got(r.db, "v",
        VARSDB_WITH(.shape = VARSDB_SHAPE(ODD), .dtype = dtype, .value = data, .value_bytes = bytes));
    check_blob("SELECT tensor('v')", data, bytes);
    sqlite3_stmt *s = prepared("SELECT tensor_item('v', ?1), tensor_item('v', ?1 - 83), "
                               "(SELECT value FROM tensor_each('v') WHERE flat_index = ?1)");
    for (int i = 0; i < ODD; i++) {
        sqlite3_bind_int(s, 1, i);
        if (sqlite3_step(s) != SQLITE_ROW)
            ck_abort_msg("%s", sqlite3_errmsg(client));
        for (int column = 0; column < 3; column++)
            if (!is_right(s, column, dtype, data, (size_t)i))
                ck_abort_msg("%s, element %d, column %d: %s", varsdb_dtype_name(dtype), i, column,
                             (const char *)sqlite3_column_text(s, column));
        sqlite3_reset(s);
    }
    sqlite3_finalize(s);
}
END_TEST

/* The text of each element is tested where it is made; here, that they are all there, in their order. */
START_TEST(json_of_every_dtype_has_its_elements_and_reads_back)
{
    static unsigned char data[ODD * 16];
    char expected[ODD * 64 + 2], sql[128], *at = expected;
    varsdb_dtype dtype = (varsdb_dtype)_i;
    size_t bytes = ((size_t)varsdb_dtype_bits(dtype) * ODD + 7) / 8;
    fill(dtype, data, bytes, ODD);
    got(r.db, "v",
        VARSDB_WITH(.shape = VARSDB_SHAPE(ODD), .dtype = dtype, .value = data, .value_bytes = bytes));
    for (size_t i = 0; i < ODD; i++) {
        *at++ = i ? ',' : '[';
        ck_assert_int_eq(varsdb_element_json(dtype, data, i, at, 64), VARSDB_OK);
        at += strlen(at);
    }
    strcpy(at, "]");
    query("SELECT tensor_json('v')", expected);
    query("SELECT tensor_json('v', '80:') = '[' || substr(tensor_json('v'), 1 - "
          "length(tensor_json('v', '80:')))",
          "1");
    snprintf(sql, sizeof sql,
             "SELECT get_variable('w', NULL, '%s', NULL, '{\"value\": ' || tensor_json('v') || '}')",
             varsdb_dtype_name(dtype));
    query(sql, "2");
    query("SELECT tensor_json('w') = tensor_json('v'), assign('v', tensor_json('w'))", "1|2");
    query("SELECT tensor_json('w') = tensor_json('v'), tensor('w') = tensor('v')", "1|1");
    snprintf(sql, sizeof sql, "SELECT tensor_from_json(tensor_json('v'), '%s') = tensor('v')",
             varsdb_dtype_name(dtype));
    query(sql, "1");
}
END_TEST

START_TEST(numbers_that_sql_has_not_are_the_nearest_or_null)
{
    query("SELECT get_variable('u', NULL, 'uint64', NULL, '{\"value\": [9223372036854775807, "
          "9223372036854775808, 18446744073709551615]}')",
          "1");
    query("SELECT typeof(tensor_item('u', 0)), tensor_item('u', 0) = 9223372036854775807", "integer|1");
    query("SELECT typeof(tensor_item('u', 1)), tensor_item('u', 1) = 9223372036854775808.0", "real|1");
    query("SELECT typeof(tensor_item('u', -1)), tensor_item('u', -1) = 18446744073709551616.0", "real|1");
    query("SELECT get_variable('f', NULL, 'float16', NULL, '{\"value\": [\"NaN\", \"Infinity\", "
          "\"-Infinity\", -0.0]}')",
          "2");
    query("SELECT typeof(tensor_item('f', 0)), tensor_item('f', 1) = 9e999, tensor_item('f', 2) = -9e999",
          "null|1|1");
    query("SELECT typeof(tensor_item('f', 3)), tensor_item('f', 3) = 0", "real|1");
    query("SELECT get_variable('z', NULL, 'complex64', NULL, '{\"value\": [[3, -4], [\"Infinity\", 0], "
          "[\"NaN\", 1]]}')",
          "3");
    query("SELECT tensor_item('z', 0), tensor_item('z', 1) = 9e999, tensor_item('z', 2)", "5.0|1|-");
    query("SELECT tensor_json('z')", "[[3.0,-4.0],[\"Infinity\",0.0],[\"NaN\",1.0]]");
}
END_TEST

START_TEST(an_element_is_named_by_an_index_for_each_axis)
{
    query("SELECT get_variable('w', NULL, 'int32', NULL, '{\"value\": [[1,2,3],[4,5,6]]}')", "1");
    query("SELECT get_variable('s', '[]', 'int8', 'constant(-7)')", "2");
    query("SELECT get_variable('e', '[2,0]', 'int8')", "3");
    query("SELECT tensor_item('w', 1, 0), tensor_item('w', -2, -1), tensor_item('w:0', 0, 1)", "4|3|2");
    query("SELECT tensor_item(1, 1, 2), tensor_item('s'), tensor_item(2)", "6|-7|-7");
    refused("SELECT tensor_item('w', 2, 0)", SQLITE_ERROR, "axis 0, of 2 elements: there is no element 2");
    refused("SELECT tensor_item('w', 0, -4)", SQLITE_ERROR, "axis 1, of 3 elements: there is no element -4");
    refused("SELECT tensor_item('w', 0, 9223372036854775807)", SQLITE_ERROR, "there is no element");
    refused("SELECT tensor_item('w', -9223372036854775807 - 1, 0)", SQLITE_ERROR, "there is no element");
    refused("SELECT tensor_item('w', 1)", SQLITE_ERROR, "has 2 axes, and 1 indices were given");
    refused("SELECT tensor_item('w')", SQLITE_ERROR, "has 2 axes, and 0 indices were given");
    refused("SELECT tensor_item('s', 0)", SQLITE_ERROR, "has 0 axes, and 1 indices were given");
    refused("SELECT tensor_item('e', 0, 0)", SQLITE_ERROR, "axis 1, of 0 elements: there is no element 0");
    refused("SELECT tensor_item('w', 1.0, 0)", SQLITE_ERROR, "an index is an integer");
    refused("SELECT tensor_item('w', '1', 0)", SQLITE_ERROR, "an index is an integer");
    refused("SELECT tensor_item('w', NULL, 0)", SQLITE_ERROR, "an index is an integer");
}
END_TEST

/* Two variables by turns, and one that is assigned meanwhile: what is kept of the last look is not shown. */
START_TEST(elements_are_those_of_now)
{
    query("SELECT get_variable('a', '[3]', 'int32', 'zeros'), get_variable('b', '[3]', 'int32', 'ones')",
          "1|2");
    query("SELECT tensor_item('a', 0), tensor_item('b', 0), tensor_item('a', 1)", "0|1|0");
    query("SELECT tensor_item('a', 0), assign('a', '[7,8,9]'), tensor_item('a', 0)", "0|2|7");
    query("SELECT get_variable('c', '[1,3]', 'int32', NULL, '{\"value\": [[7,8,9]]}')", "3");
    query("SELECT tensor_item('a', 2), tensor_item('c', 0, 2), tensor_item('a', 2)", "9|9|9");
    query("SELECT get_variable('d', '[3]', 'float32', NULL, '{\"value\": [1e-44, 1.1e-44, 1.3e-44]}')", "4");
    query("SELECT tensor('d') = tensor('a'), typeof(tensor_item('a', 1)), typeof(tensor_item('d', 1))",
          "1|integer|real");
}
END_TEST

/* ---- JSON */

START_TEST(json_is_nested_as_the_shape)
{
    static const struct {
        const char *value, *shape, *slice, *json;
    } cases[] = {
        {"5", "[]", "NULL", "5"},
        {"[]", "[0]", "NULL", "[]"},
        {"[]", "[0]", "':'", "[]"},
        {"[]", "[2,0]", "NULL", "[[],[]]"},
        {"[]", "[0,2]", "NULL", "[]"},
        {"[]", "[2,0,3]", "NULL", "[[],[]]"},
        {"[]", "[1,2,0]", "'0,1'", "[[[]]]"},
        {"[[1,2,3],[4,5,6]]", "[2,3]", "NULL", "[[1,2,3],[4,5,6]]"},
        {"[[1,2,3],[4,5,6]]", "[2,3]", "'1'", "[[4,5,6]]"},
        {"[[1,2,3],[4,5,6]]", "[2,3]", "':,-1'", "[[3],[6]]"},
        {"[[1,2,3],[4,5,6]]", "[2,3]", "'0:1,1:'", "[[2,3]]"},
        {"[[1,2,3],[4,5,6]]", "[2,3]", "':,1:1'", "[[],[]]"},
        {"[[1,2,3],[4,5,6]]", "[2,3]", "'2:,1'", "[]"},
        {"[[[1],[2]],[[3],[4]]]", "[2,2,1]", "'-1,-1'", "[[[4]]]"},
    };
    query("SELECT get_variable('v', '[]', 'int8', 'zeros')", "1");
    for (size_t i = 0; i < COUNT(cases); i++) {
        char sql[256];
        snprintf(sql, sizeof sql, "SELECT get_variable('v%zu', '%s', 'int16', NULL, '{\"value\": %s}')", i,
                 cases[i].shape, cases[i].value);
        asked(client, sql);
        snprintf(sql, sizeof sql, "SELECT tensor_json('v%zu', %s)", i, cases[i].slice);
        query(sql, cases[i].json);
    }
    refused("SELECT tensor_json('v', '0')", SQLITE_ERROR, "variable v: slice \"0\" has more ranges");
    refused("SELECT tensor_json('v7', ':,3')", SQLITE_ERROR, "variable v7: slice \":,3\": axis 1, of 3");
    refused("SELECT tensor_json('v7', 1)", SQLITE_ERROR, "slice, as '0:2,:', is a text");
}
END_TEST

/* Elements are their flat indices, begin and size a range of each axis; the flat index of the axes before. */
static char *print_range(char *out, const int64_t *dims, const int64_t *begin, const int64_t *size, int axis,
                         int64_t before)
{
    if (axis == 4)
        return out + sprintf(out, "%lld", (long long)before);
    *out++ = '[';
    for (int64_t i = begin[axis]; i < begin[axis] + size[axis]; i++) {
        if (i > begin[axis])
            *out++ = ',';
        out = print_range(out, dims, begin, size, axis + 1, before * dims[axis] + i);
    }
    *out++ = ']';
    *out = '\0';
    return out;
}

START_TEST(json_of_random_slices_is_that_of_their_elements)
{
    static const int64_t dims[] = {3, 4, 2, 5};
    int32_t ramp[120];
    char expected[2048];
    for (int i = 0; i < 120; i++)
        ramp[i] = i;
    got(r.db, "v",
        VARSDB_WITH(.shape = &(varsdb_shape){4, dims}, .dtype = VARSDB_INT32, .value = ramp,
                    .value_bytes = sizeof ramp));
    sqlite3_stmt *s = prepared("SELECT tensor_json('v', printf('%d:%d,%d:%d,%d:%d,%d:%d', ?1, ?2, ?3, ?4, "
                               "?5, ?6, ?7, ?8)), (SELECT coalesce(group_concat(value), '') FROM "
                               "tensor_slice('v', printf('%d:%d,%d:%d,%d:%d,%d:%d', ?1, ?2, ?3, ?4, ?5, ?6, "
                               "?7, ?8)))");
    for (int round = 0; round < FEWER(500, 100); round++) {
        int64_t begin[4], size[4];
        for (int i = 0; i < 4; i++) {
            begin[i] = below(dims[i] + 1);
            size[i] = below(dims[i] - begin[i] + 1);
            sqlite3_bind_int64(s, 2 * i + 1, begin[i]);
            sqlite3_bind_int64(s, 2 * i + 2, begin[i] + size[i]);
        }
        print_range(expected, dims, begin, size, 0, 0);
        if (sqlite3_step(s) != SQLITE_ROW || strcmp((const char *)sqlite3_column_text(s, 0), expected) != 0)
            ck_abort_msg("%s\nnot %s", (const char *)sqlite3_column_text(s, 0), expected);
        char *to = expected; /* the same elements without their nesting, which tensor_slice has not */
        for (const char *p = expected; *p; p++)
            if ((*p != '[' && *p != ']') && !(*p == ',' && (to == expected || to[-1] == ',')))
                *to++ = *p;
        to -= to > expected && to[-1] == ',';
        *to = '\0';
        if (strcmp((const char *)sqlite3_column_text(s, 1), expected) != 0)
            ck_abort_msg("%s\nnot %s", (const char *)sqlite3_column_text(s, 1), expected);
        sqlite3_reset(s);
    }
    sqlite3_finalize(s);
}
END_TEST

START_TEST(json_becomes_bytes_without_a_variable)
{
    check_blob("SELECT tensor_from_json('[1, -2]')", (const float[]){1, -2}, 8);
    check_blob("SELECT tensor_from_json('[[1],[-2]]', 'int16')", (const int16_t[]){1, -2}, 4);
    check_blob("SELECT tensor_from_json('3', 'int64', '[2,2]')", (const int64_t[]){3, 3, 3, 3}, 32);
    check_blob("SELECT tensor_from_json('[1,2,3,4]', 'uint8', '[2,2]')", "\1\2\3\4", 4);
    check_blob("SELECT tensor_from_json('0.5', NULL, '[]')", (const float[]){0.5f}, 4);
    check_blob("SELECT tensor_from_json('[]', 'float64')", "", 0);
    check_blob("SELECT tensor_from_json('[]', 'float64', '[3,0]')", "", 0);
    check_blob("SELECT tensor_from_json('[[1,-2]]', 'complex64')", (const float[]){1, -2}, 8);
    check_blob("SELECT tensor_from_json('[1,2,3]', 'float4_e2m1')", "\x42\x05", 2);
    check_blob("SELECT tensor_from_json('[\"a\",\"\"]', 'string')", "\1\0\0\0\0\0\0\0a\0\0\0\0\0\0\0\0", 17);
    refused("SELECT tensor_from_json('[1,[2]]')", SQLITE_ERROR, "");
    refused("SELECT tensor_from_json('[1,2]', 'uint8', '[3]')", SQLITE_ERROR, "");
    refused("SELECT tensor_from_json('[256]', 'uint8')", SQLITE_ERROR, "256");
    refused("SELECT tensor_from_json('[1', 'uint8')", SQLITE_ERROR, "");
    refused("SELECT tensor_from_json('[1]', 'uint9')", SQLITE_ERROR, "there is no dtype 'uint9'");
    refused("SELECT tensor_from_json('[1]', 8)", SQLITE_ERROR, "dtype, as 'float32', is a text");
    refused("SELECT tensor_from_json('[1]', 'int8', '2')", SQLITE_ERROR, "");
    refused("SELECT tensor_from_json(1)", SQLITE_ERROR, "json is a text");
    refused("SELECT tensor_from_json(NULL)", SQLITE_ERROR, "json is a text");
    refused("SELECT tensor_from_json(x'5b5d')", SQLITE_ERROR, "json is a text");
    refused("SELECT tensor_from_json('[]' || char(0))", SQLITE_ERROR, "json is a text");
}
END_TEST

/* ---- what is not whole, not there, or very large */

/* Rows of a part, and columns; of a dtype whose elements share bytes, too. */
START_TEST(a_part_is_a_value_of_its_own)
{
    query("SELECT get_variable('w', '[5,2]', 'int32', NULL, '{\"partitioner\": \"fixed_size(2)\", "
          "\"value\": [[0,1],[2,3],[4,5],[6,7],[8,-9]]}')",
          "1");
    check_blob("SELECT tensor('w/part_0')", (const int32_t[]){0, 1, 2, 3, 4, 5}, 24);
    check_blob("SELECT tensor('w/part_1')", (const int32_t[]){6, 7, 8, -9}, 16);
    query("SELECT tensor_json('w/part_1'), tensor_json('w/part_1', '-1'), tensor_json('w/part_0', ':,1')",
          "[[6,7],[8,-9]]|[[8,-9]]|[[1],[3],[5]]");
    query(
        "SELECT tensor_item('w/part_1', 0, 0), tensor_item('w/part_1', -1, 1), tensor_item('w/part_1', 1, 0)",
        "6|-9|8");
    query("SELECT l1_loss('w/part_1'), l2_loss('w/part_1', 2), l1_loss('w/part_0')", "30.0|230.0|15.0");
    refused("SELECT tensor_item('w/part_1', 2, 0)", SQLITE_ERROR, "axis 0, of 2 elements");
    refused("SELECT tensor_json('w/part_0', '3')", SQLITE_ERROR, "axis 0, of 3 elements");
    refused("SELECT tensor('w/part_2')", SQLITE_ERROR, "w/part_2 does not exist");
    refused("SELECT tensor('w/part_01')", SQLITE_ERROR, "w/part_01 does not exist");
    refused("SELECT tensor('x/part_0')", SQLITE_ERROR, "x/part_0 does not exist");
    query("SELECT assign('w/part_1', '[[1,2],[3,4]]'), tensor_json('w', '2:')", "2|[[4,5],[1,2],[3,4]]");
    query(
        "SELECT get_variable('c', '[2,3]', 'float4_e2m1', NULL, '{\"partitioner\": \"fixed_size(2,axis=1)\", "
        "\"value\": [[0.5,1,1.5],[2,3,4]]}')",
        "2");
    query("SELECT tensor_json('c/part_0'), tensor_json('c/part_1'), tensor_item('c/part_1', 1, 0)",
          "[[0.5,1.0],[2.0,3.0]]|[[1.5],[4.0]]|4.0");
    query("SELECT tensor('c/part_0') = tensor_from_json('[0.5,1,2,3]', 'float4_e2m1'), "
          "tensor('c/part_1') = tensor_from_json('[1.5,4]', 'float4_e2m1')",
          "1|1");
    query("SELECT get_variable('s', '[3]', 'string', NULL, '{\"partitioner\": \"fixed_size(2)\", "
          "\"value\": [\"a\",\"b\",\"c\"]}')",
          "3");
    query("SELECT tensor_json('s/part_0'), tensor_item('s/part_1', 0)", "[\"a\",\"b\"]|c");
    refused("SELECT tensor('s/part_0')", SQLITE_ERROR, "a part of variable s, of string, has no bytes");
}
END_TEST

START_TEST(what_has_no_value_yet_is_null)
{
    query("SELECT get_variable('u', '[2]', NULL, 'none', '{\"regularizer\": \"l1(1)\", \"partitioner\": "
          "\"fixed_size(2)\"}'), get_variable('s', '[]', 'string', 'none')",
          "1|2");
    query("SELECT tensor('u'), tensor_json('u'), tensor_json('u', '0'), tensor_item('u', 1), l1_loss('u'), "
          "l2_loss('u', 3)",
          "-|-|-|-|-|-");
    query("SELECT tensor('s'), tensor_json('s'), tensor_item('s'), tensor(1), tensor('u/part_1')",
          "-|-|-|-|-");
    query("SELECT tensor_item('u/part_0', 0), l1_loss('u/part_0')", "-|-");
    query("SELECT regularization_loss('u'), regularization_loss('s'), regularization_loss(1)", "-|-|-");
    refused("SELECT regularization_loss()", SQLITE_ERROR, "variable u has no value yet");
    refused("SELECT tensor_item('u', 2)", SQLITE_ERROR, "there is no element 2");
    query("SELECT assign('u', '[1,2]'), tensor_json('u'), regularization_loss('u')", "1|[1.0,2.0]|3.0");
}
END_TEST

#define MANY 100003 /* of 8 bytes: four chunks */

START_TEST(a_value_of_many_chunks_is_read_where_it_is_asked)
{
    double *ramp = malloc(MANY * sizeof *ramp), squares = 0;
    int wrong = 0;
    ck_assert_ptr_nonnull(ramp);
    for (int i = 0; i < MANY; i++) {
        ramp[i] = i - 50001;
        squares += ramp[i] * ramp[i];
    }
    got(r.db, "v",
        VARSDB_WITH(.shape = VARSDB_SHAPE(MANY), .dtype = VARSDB_FLOAT64, .value = ramp,
                    .value_bytes = MANY * sizeof *ramp));
    check_blob("SELECT tensor('v')", ramp, MANY * sizeof *ramp);
    sqlite3_stmt *s = prepared("SELECT tensor_item('v', ?1), tensor_json('v', ?1 || ':' || (?1 + 2))");
    for (int round = 0; round < FEWER(300, 60); round++) {
        char json[64];
        int64_t i = round % 3 ? below(MANY - 1) : below(4) * 32768 - (round % 2); /* by the chunks' ends */
        i = i < 0 ? 0 : i;
        snprintf(json, sizeof json, "[%.1f,%.1f]", ramp[i], ramp[i + 1]);
        sqlite3_bind_int64(s, 1, i);
        wrong += sqlite3_step(s) != SQLITE_ROW || sqlite3_column_double(s, 0) != ramp[i] ||
                 strcmp((const char *)sqlite3_column_text(s, 1), json) != 0;
        sqlite3_reset(s);
    }
    sqlite3_finalize(s);
    ck_assert_int_eq(wrong, 0);
    s = prepared("SELECT l1_loss('v', 0.5), l2_loss('v', 3), json_array_length(tensor_json('v'))");
    ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
    ck_assert_double_eq(sqlite3_column_double(s, 0), 50001.0 * 50002 / 2);
    ck_assert_double_eq(sqlite3_column_double(s, 1), squares * 3 / 2);
    ck_assert_int_eq(sqlite3_column_int(s, 2), MANY);
    sqlite3_finalize(s);
    free(ramp);
}
END_TEST

START_TEST(a_result_that_the_connection_allows_not_is_refused_in_words)
{
    query("SELECT get_variable('v', '[300]', 'int32', 'zeros'), get_variable('b', '[2000]', 'bool', 'zeros', "
          "'{\"partitioner\": \"fixed_size(2)\"}')",
          "1|2");
    query("SELECT get_variable('e', '[4000000000,0]', 'int8'), get_variable('s', '[2]', 'string', NULL, "
          "json_object('value', json_array(hex(zeroblob(550)), 'b')))",
          "3|4");
    sqlite3_limit(client, SQLITE_LIMIT_LENGTH, 1000);
    refused("SELECT length(tensor('v'))", SQLITE_ERROR,
            "variable v: its value takes more than the 1000 bytes");
    refused("SELECT length(tensor('b'))", SQLITE_ERROR,
            "variable b: its value takes more than the 1000 bytes");
    query("SELECT length(tensor('b/part_0')), length(tensor_json('v'))", "1000|601");
    refused("SELECT length(tensor_json('b'))", SQLITE_ERROR, "variable b: its text takes more than the 1000");
    refused("SELECT length(tensor_json('e'))", SQLITE_ERROR, "variable e: its text takes more than the 1000");
    refused("SELECT length(tensor_json('s'))", SQLITE_ERROR, "variable s: its text takes more than the 1000");
    query("SELECT length(tensor_json('b', '0:166')), tensor_item('s', 1), tensor_item('b', -1)", "997|b|0");
    refused("SELECT length(tensor_item('s', 0))", SQLITE_TOOBIG, "too big");
    refused("SELECT length(tensor_from_json('1', 'int8', '[1001]'))", SQLITE_TOOBIG, "too big");
    query("SELECT length(tensor_from_json('1', 'int8', '[1000]'))", "1000");
    query("SELECT count(*) FROM tensor_each('b')", "2000");
}
END_TEST

Suite *test_sql_value_suite(void)
{
    Suite *suite = suite_create("sql_value");
    TCase *dtypes = tcase_create("dtypes"), *tcase = tcase_create("values");
    tcase_add_checked_fixture(dtypes, open_client, client_close);
    tcase_add_loop_test(dtypes, every_element_of_every_dtype_is_what_its_bits_are, VARSDB_BOOL,
                        VARSDB_STRING);
    tcase_add_loop_test(dtypes, json_of_every_dtype_has_its_elements_and_reads_back, VARSDB_BOOL,
                        VARSDB_STRING);
    suite_add_tcase(suite, dtypes);
    tcase_add_checked_fixture(tcase, open_client, client_close);
    tcase_add_test(tcase, numbers_that_sql_has_not_are_the_nearest_or_null);
    tcase_add_test(tcase, an_element_is_named_by_an_index_for_each_axis);
    tcase_add_test(tcase, elements_are_those_of_now);
    tcase_add_test(tcase, json_is_nested_as_the_shape);
    tcase_add_test(tcase, json_of_random_slices_is_that_of_their_elements);
    tcase_add_test(tcase, json_becomes_bytes_without_a_variable);
    tcase_add_test(tcase, a_part_is_a_value_of_its_own);
    tcase_add_test(tcase, what_has_no_value_yet_is_null);
    tcase_add_test(tcase, a_value_of_many_chunks_is_read_where_it_is_asked);
    tcase_add_test(tcase, a_result_that_the_connection_allows_not_is_refused_in_words);
    suite_add_tcase(suite, tcase);
    return suite;
}
