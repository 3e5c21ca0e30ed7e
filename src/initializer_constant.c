/* initializer_constant.c - zeros, ones, constant and none. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "initializer_kind.h"

#define WHAT           VDB_INITIALIZER_WHAT
#define UNIT_ELEMENTS  8 /* so many elements of any dtype are whole bytes: as many as one has bits */
#define UNIT_BYTES_MAX 128
#define REPEAT_BYTES   32768 /* what is copied over and over stays in the fastest cache */
#define STRING_LENGTH  8     /* bytes of an empty string: its length */

static bool is_exact_class(varsdb_dtype dtype)
{
    vdb_dtype_class class = vdb_dtype_class_of(dtype);
    return class == VDB_CLASS_BOOL || class == VDB_CLASS_SIGNED || class == VDB_CLASS_UNSIGNED;
}

static int set_number(vdb_error *e, varsdb_dtype dtype, const vdb_spec_number *number, void *data, size_t i)
{
    if (is_exact_class(dtype) && number->is_whole)
        return vdb_element_set_int(e, dtype, data, i, number->negative, number->magnitude);
    return vdb_element_set_real(e, dtype, data, i, number->real);
}

static void set_checked(varsdb_dtype dtype, const vdb_spec_number *number, void *data, size_t i)
{
    vdb_error e;
    int rc = set_number(&e, dtype, number, data, i);
    assert(rc == VARSDB_OK);
    (void)rc;
}

static bool all_equal(const unsigned char *data, size_t bytes)
{
    return bytes < 2 || memcmp(data, data + 1, bytes - 1) == 0;
}

static void repeat(const unsigned char *unit, size_t unit_bytes, unsigned char *out, size_t bytes)
{
    if (all_equal(unit, unit_bytes)) {
        memset(out, unit[0], bytes);
        return;
    }
    size_t done = bytes < unit_bytes ? bytes : unit_bytes;
    memcpy(out, unit, done);
    for (size_t step = done; done < bytes; done += step) {
        if (2 * step <= REPEAT_BYTES && done >= 2 * step)
            step *= 2;
        if (step > bytes - done)
            step = bytes - done;
        memcpy(out + done, out, step);
    }
}

static void fill_same(const vdb_initializer *init, const vdb_spec_number *number, int64_t count, void *out)
{
    unsigned char unit[UNIT_BYTES_MAX] = {0}, *to = out;
    size_t bits = (size_t)varsdb_dtype_bits(init->dtype);
    int64_t bytes;
    bool fits = vdb_dtype_bytes(init->dtype, count, &bytes);
    assert(fits && bytes > 0);
    (void)fits;
    for (size_t i = 0; i < UNIT_ELEMENTS; i++)
        set_checked(init->dtype, number, unit, i);
    repeat(unit, bits, to, (size_t)bytes);
    unsigned rest = (unsigned)((uint64_t)count % UNIT_ELEMENTS * bits % 8);
    if (rest)
        to[bytes - 1] &= (unsigned char)((1U << rest) - 1);
}

static void fill_constant(const vdb_initializer *init, int64_t first, int64_t count, void *out)
{
    const vdb_spec_argument *argument = &init->spec.arguments[init->value_argument];
    const vdb_spec_number *numbers = argument->numbers;
    int64_t last = (int64_t)argument->count - 1;
    fill_same(init, &numbers[last], count, out);
    for (int64_t i = first; i < last && i < first + count; i++)
        set_checked(init->dtype, &numbers[i], out, (size_t)(i - first));
}

static const vdb_spec_number zero = {.real = 0, .is_integer = true, .is_whole = true};
static const vdb_spec_number one = {
    .real = 1, .is_integer = true, .integer = 1, .is_whole = true, .magnitude = 1};

static void fill_zeros(const vdb_initializer *init, int64_t first, int64_t count, void *out)
{
    (void)first;
    if (init->dtype == VARSDB_STRING)
        memset(out, 0, (size_t)count * STRING_LENGTH);
    else
        fill_same(init, &zero, count, out);
}

static void fill_ones(const vdb_initializer *init, int64_t first, int64_t count, void *out)
{
    (void)first;
    fill_same(init, &one, count, out);
}

/* There are formats without a zero. */
static int check_exact(vdb_error *e, const vdb_initializer_kind *kind, varsdb_dtype dtype,
                       const vdb_spec_number *number)
{
    unsigned char element[UNIT_BYTES_MAX] = {0};
    double back = 0;
    int rc = set_number(e, dtype, number, element, 0);
    if (rc == VARSDB_OK)
        rc = varsdb_element_real(dtype, element, 0, &back);
    if (rc == VARSDB_OK && !(back <= number->real && back >= number->real))
        rc = vdb_fail(e, VARSDB_INVALID, WHAT " %s is not for %s, which has no %g", kind->name,
                      varsdb_dtype_name(dtype), number->real);
    return rc;
}

static int prepare_zeros(vdb_error *e, const vdb_initializer_kind *kind,
                         const vdb_spec_argument *const *bound, vdb_initializer *init)
{
    (void)bound;
    init->fill = fill_zeros;
    return init->dtype == VARSDB_STRING ? VARSDB_OK : check_exact(e, kind, init->dtype, &zero);
}

static int prepare_ones(vdb_error *e, const vdb_initializer_kind *kind, const vdb_spec_argument *const *bound,
                        vdb_initializer *init)
{
    (void)bound;
    init->fill = fill_ones;
    return check_exact(e, kind, init->dtype, &one);
}

static int check_constant(vdb_error *e, const vdb_initializer_kind *kind,
                          const vdb_spec_argument *const *bound, vdb_initializer *init)
{
    (void)init;
    bool verify;
    return vdb_initializer_flag(e, kind, "verify_shape", bound[1], false, &verify);
}

/* A number is a scalar and a list a vector; without verify_shape either fills any shape. */
static int verify_shape(vdb_error *e, const vdb_initializer_kind *kind, const vdb_spec_argument *value,
                        const vdb_initializer *init)
{
    if (value->is_list && (init->shape.rank != 1 || (int64_t)value->count != init->elements))
        return vdb_fail(e, VARSDB_INVALID,
                        WHAT " %s: verify_shape is set, the value is a list of %zu, and the shape is of %d "
                             "dimensions and %lld elements",
                        kind->name, value->count, init->shape.rank, (long long)init->elements);
    if (!value->is_list && init->shape.rank != 0)
        return vdb_fail(e, VARSDB_INVALID,
                        WHAT " %s: verify_shape is set, the value is a scalar, and the shape is of %d "
                             "dimensions",
                        kind->name, init->shape.rank);
    return VARSDB_OK;
}

static int check_count(vdb_error *e, const vdb_initializer_kind *kind, const vdb_spec_argument *value,
                       const vdb_initializer *init)
{
    if (value->is_list && (int64_t)value->count > init->elements)
        return vdb_fail(e, VARSDB_INVALID, WHAT " %s has %zu values, and the shape takes %lld", kind->name,
                        value->count, (long long)init->elements);
    if (value->count == 0 && init->elements > 0)
        return vdb_fail(e, VARSDB_INVALID, WHAT " %s has an empty list, and the shape takes %lld values",
                        kind->name, (long long)init->elements);
    return VARSDB_OK;
}

/* The value may be a list; missing values repeat the last one. */
static int prepare_constant(vdb_error *e, const vdb_initializer_kind *kind,
                            const vdb_spec_argument *const *bound, vdb_initializer *init)
{
    static const vdb_spec_argument absent = {.count = 1};
    unsigned char element[UNIT_BYTES_MAX] = {0};
    const vdb_spec_argument *value = bound[0];
    bool verify = false;
    int rc = check_count(e, kind, value ? value : &absent, init);
    if (rc == VARSDB_OK)
        rc = vdb_initializer_flag(e, kind, "verify_shape", bound[1], false, &verify);
    if (rc == VARSDB_OK && verify)
        rc = verify_shape(e, kind, value ? value : &absent, init);
    if (rc != VARSDB_OK)
        return rc;
    if (!value)
        return prepare_zeros(e, kind, bound, init);
    for (size_t i = 0; i < value->count; i++)
        if (set_number(e, init->dtype, &value->numbers[i], element, 0) != VARSDB_OK)
            return vdb_fail_in(e, WHAT " %s", kind->name);
    init->value_argument = (size_t)(value - init->spec.arguments);
    init->fill = fill_constant;
    return VARSDB_OK;
}

static int prepare_none(vdb_error *e, const vdb_initializer_kind *kind, const vdb_spec_argument *const *bound,
                        vdb_initializer *init)
{
    (void)e;
    (void)kind;
    (void)bound;
    init->is_none = true;
    return VARSDB_OK;
}

const vdb_initializer_kind vdb_constant_kinds[] = {
    {.name = "zeros", .takes = VDB_TAKES_ANY, .prepare = prepare_zeros},
    {.name = "ones", .takes = VDB_TAKES_NUMBERS, .prepare = prepare_ones},
    {.name = "constant",
     .takes = VDB_TAKES_NUMBERS,
     .count = 2,
     .parameters = {{"value", NULL, VDB_SPEC_NUMBER | VDB_SPEC_LIST, false, false},
                    {"verify_shape", NULL, VDB_SPEC_NUMBER | VDB_SPEC_WORD, false, false}},
     .check = check_constant,
     .prepare = prepare_constant},
    {.name = "none", .takes = VDB_TAKES_ANY, .prepare = prepare_none},
    {.name = NULL},
};
