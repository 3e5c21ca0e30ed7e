/* partition.c - see partition.h. */
#include "partition.h"

#include <assert.h>

#include "dtype.h"
#include "spec.h"

#define WHAT           "partitioner"
#define PARAMETERS_MAX 4

/* All of a spec's numbers, in the order of the kind's parameters. */
typedef struct rule {
    const char *name;
    size_t count;
    vdb_spec_parameter parameters[PARAMETERS_MAX];
    int64_t defaults[PARAMETERS_MAX], least[PARAMETERS_MAX];
    int64_t (*parts)(const int64_t *numbers, int64_t length, int64_t slice_bytes, int64_t total_bytes);
} rule;

enum {
    FIRST,
    AXIS,
    THIRD,
    FOURTH
}; /* places of parameters; the axis is the second in every kind */

static int64_t least_of(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t divide_up(int64_t a, int64_t b)
{
    return a / b + (a % b != 0);
}

static int64_t fixed_size_parts(const int64_t *numbers, int64_t length, int64_t slice_bytes,
                                int64_t total_bytes)
{
    (void)slice_bytes;
    (void)total_bytes;
    return least_of(numbers[FIRST], length);
}

static int64_t variable_axis_size_parts(const int64_t *numbers, int64_t length, int64_t slice_bytes,
                                        int64_t total_bytes)
{
    (void)total_bytes;
    int64_t per_part = slice_bytes > 0 ? numbers[FIRST] / slice_bytes : length;
    int64_t parts = divide_up(length, per_part > 1 ? per_part : 1);
    return numbers[FOURTH] > 0 ? least_of(parts, numbers[FOURTH]) : parts;
}

static int64_t min_max_parts(const int64_t *numbers, int64_t length, int64_t slice_bytes, int64_t total_bytes)
{
    (void)slice_bytes;
    int64_t parts = least_of(least_of(length, numbers[FIRST]), divide_up(total_bytes, numbers[THIRD]));
    return parts > 1 ? parts : 1;
}

#define STRING_BYTES 16 /* assumed of an element of a string tensor, unless said */

static const rule kinds[] = {
    {"fixed_size",
     2,
     {{"shards", "num_shards", VDB_SPEC_NUMBER, true, false}, {"axis", NULL, VDB_SPEC_NUMBER, false, false}},
     {0, 0},
     {1, 0},
     fixed_size_parts},
    {"variable_axis_size",
     4,
     {{"max_shard_bytes", NULL, VDB_SPEC_NUMBER, true, false},
      {"axis", NULL, VDB_SPEC_NUMBER, false, false},
      {"bytes_per_string_element", NULL, VDB_SPEC_NUMBER, false, false},
      {"max_shards", NULL, VDB_SPEC_NUMBER | VDB_SPEC_WORD, false, false}},
     {0, 0, STRING_BYTES, 0},
     {1, 0, 1, 0},
     variable_axis_size_parts},
    {"min_max",
     4,
     {{"max_partitions", NULL, VDB_SPEC_NUMBER, true, false},
      {"axis", NULL, VDB_SPEC_NUMBER, false, false},
      {"min_slice_size", NULL, VDB_SPEC_NUMBER, false, false},
      {"bytes_per_string_element", NULL, VDB_SPEC_NUMBER, false, false}},
     {0, 0, 262144, STRING_BYTES},
     {1, 0, 1, 1},
     min_max_parts},
};

static int64_t string_bytes(const rule *kind, const int64_t *numbers)
{
    return kind->parts == min_max_parts              ? numbers[FOURTH]
           : kind->parts == variable_axis_size_parts ? numbers[THIRD]
                                                     : STRING_BYTES;
}

static bool is_word_none(const vdb_spec_argument *argument)
{
    static const char none[] = "none";
    if (argument->word_bytes != sizeof none - 1)
        return false;
    for (size_t i = 0; i < argument->word_bytes; i++)
        if (argument->word[i] != none[i])
            return false;
    return true;
}

/* Only a bare "none" among words, and it means the default. */
static int read_number(vdb_error *e, const rule *kind, size_t i, const vdb_spec_argument *argument,
                       int64_t *out)
{
    if (argument->word) {
        if (is_word_none(argument))
            return VARSDB_OK;
    } else if (argument->numbers[0].is_integer && argument->numbers[0].integer >= kind->least[i]) {
        *out = argument->numbers[0].integer;
        return VARSDB_OK;
    }
    return vdb_fail(e, VARSDB_INVALID, WHAT " %s: %s must be an integer not below %lld%s", kind->name,
                    kind->parameters[i].name, (long long)kind->least[i],
                    kind->parameters[i].types & VDB_SPEC_WORD ? ", or none" : "");
}

static const rule *find_kind(const vdb_spec *spec)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (vdb_spec_is(spec, kinds[i].name))
            return &kinds[i];
    return NULL;
}

static int read_arguments(vdb_error *e, const rule *kind, const vdb_spec *spec, int64_t *numbers)
{
    const vdb_spec_argument *bound[PARAMETERS_MAX];
    int rc = vdb_spec_bind(e, WHAT, spec, kind->parameters, kind->count, bound);
    for (size_t i = 0; rc == VARSDB_OK && i < kind->count; i++) {
        numbers[i] = kind->defaults[i];
        if (bound[i])
            rc = read_number(e, kind, i, bound[i], &numbers[i]);
    }
    return rc;
}

/* *out is NULL for "none". */
static int read_partitioner(vdb_error *e, const char *text, const rule **out, int64_t *numbers)
{
    vdb_spec spec = {0};
    int rc = vdb_spec_parse(e, WHAT, text, &spec);
    if (rc != VARSDB_OK)
        return rc;
    const rule *kind = find_kind(&spec);
    if (kind)
        rc = read_arguments(e, kind, &spec, numbers);
    else if (vdb_spec_is(&spec, "none"))
        rc = vdb_spec_bind(e, WHAT, &spec, NULL, 0, NULL);
    else
        rc = vdb_fail(e, VARSDB_INVALID,
                      "there is no " WHAT " %.*s; there are fixed_size, variable_axis_size, min_max and none",
                      (int)spec.name_bytes, spec.name);
    vdb_spec_release(&spec);
    if (rc == VARSDB_OK)
        *out = kind;
    return rc;
}

int vdb_partitioner_check(vdb_error *e, const char *text)
{
    const rule *kind;
    int64_t numbers[PARAMETERS_MAX];
    return read_partitioner(e, text, &kind, numbers);
}

static bool bytes_of(varsdb_dtype dtype, int64_t elements, int64_t string_element, int64_t *out)
{
    if (vdb_dtype_class_of(dtype) == VDB_CLASS_STRING)
        return !__builtin_mul_overflow(elements, string_element, out);
    return vdb_dtype_bytes(dtype, elements, out);
}

static int check_axis(vdb_error *e, const rule *kind, varsdb_dtype dtype, const varsdb_shape *shape,
                      int64_t axis)
{
    if (shape->rank == 0)
        return vdb_fail(e, VARSDB_INVALID, WHAT " %s: a scalar cannot be partitioned", kind->name);
    if (axis >= shape->rank)
        return vdb_fail(e, VARSDB_INVALID,
                        WHAT " %s: axis is %lld, and the shape has %d dimension%s, from 0 to %d", kind->name,
                        (long long)axis, shape->rank, shape->rank == 1 ? "" : "s", shape->rank - 1);
    if (vdb_dtype_block_of(dtype) && axis == shape->rank - 1)
        return vdb_fail(e, VARSDB_INVALID,
                        WHAT " %s: along axis %lld lie the blocks of %s, which are not cut", kind->name,
                        (long long)axis, varsdb_dtype_name(dtype));
    if (shape->dims[axis] == 0)
        return vdb_fail(e, VARSDB_INVALID, WHAT " %s: axis %lld has length 0 and cannot be partitioned",
                        kind->name, (long long)axis);
    return VARSDB_OK;
}

static int plan(vdb_error *e, const rule *kind, const int64_t *numbers, varsdb_dtype dtype,
                const varsdb_shape *shape, vdb_partition *out)
{
    int64_t axis = numbers[AXIS], elements, slice_bytes, total_bytes;
    int rc = check_axis(e, kind, dtype, shape, axis);
    if (rc == VARSDB_OK)
        rc = vdb_shape_elements(e, shape, &elements);
    if (rc != VARSDB_OK)
        return rc;
    int64_t length = shape->dims[axis], string_element = string_bytes(kind, numbers);
    if (!bytes_of(dtype, elements, string_element, &total_bytes) ||
        !bytes_of(dtype, elements / length, string_element, &slice_bytes))
        return vdb_fail(e, VARSDB_INVALID,
                        WHAT " %s: %lld elements of %s are more bytes than 63 bits can count", kind->name,
                        (long long)elements, varsdb_dtype_name(dtype));
    *out =
        (vdb_partition){.axis = (int)axis, .parts = kind->parts(numbers, length, slice_bytes, total_bytes)};
    assert(out->parts >= 1 && out->parts <= length);
    return VARSDB_OK;
}

int vdb_partition_plan(vdb_error *e, const char *text, varsdb_dtype dtype, const varsdb_shape *shape,
                       vdb_partition *out)
{
    const rule *kind;
    int64_t numbers[PARAMETERS_MAX] = {0};
    int rc = vdb_shape_check(e, shape, false);
    if (rc == VARSDB_OK)
        rc = read_partitioner(e, text, &kind, numbers);
    if (rc != VARSDB_OK)
        return rc;
    if (!kind) {
        *out = (vdb_partition){.axis = 0, .parts = 1};
        return VARSDB_OK;
    }
    return plan(e, kind, numbers, dtype, shape, out);
}

void vdb_partition_part(int64_t d, int64_t n, int64_t i, int64_t *offset, int64_t *length)
{
    assert(n >= 1 && i >= 0 && i < n);
    int64_t base = d / n, longer = d % n;
    *offset = i * base + (i < longer ? i : longer);
    *length = base + (i < longer ? 1 : 0);
}
