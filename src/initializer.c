/*
 * initializer.c - see initializer.h: from the text of a spec to a kind made ready
 * for one variable.  The kinds are in initializer_constant.c, _random.c, _scaling.c and _orthogonal.c.
 */
#include "initializer.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "initializer_kind.h"
#include "mem.h"

#define WHAT        VDB_INITIALIZER_WHAT
#define NAMES_BYTES 512

static const vdb_initializer_kind *const tables[] = {vdb_constant_kinds, vdb_random_kinds, vdb_scaling_kinds,
                                                     vdb_orthogonal_kinds};
#define TABLES (sizeof tables / sizeof tables[0])

const char *vdb_initializer_default(varsdb_dtype dtype)
{
    switch (vdb_dtype_class_of(dtype)) {
    case VDB_CLASS_FLOAT:
        return dtype == VARSDB_FLOAT16 || dtype == VARSDB_BFLOAT16 || dtype == VARSDB_FLOAT32 ||
                       dtype == VARSDB_FLOAT64
                   ? "glorot_uniform"
                   : NULL;
    case VDB_CLASS_COMPLEX:
    case VDB_CLASS_BLOCK:
        return NULL;
    default:
        return "zeros";
    }
}

static const vdb_initializer_kind *find_kind(const vdb_spec *spec)
{
    for (size_t t = 0; t < TABLES; t++)
        for (const vdb_initializer_kind *kind = tables[t]; kind->name; kind++)
            if (vdb_spec_is(spec, kind->name))
                return kind;
    return NULL;
}

static int fail_unknown(vdb_error *e, const vdb_spec *spec)
{
    char names[NAMES_BYTES] = "";
    size_t used = 0;
    for (size_t t = 0; t < TABLES; t++)
        for (const vdb_initializer_kind *kind = tables[t]; kind->name && used < sizeof names; kind++) {
            int n = snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "", kind->name);
            used += n > 0 ? (size_t)n : 0;
        }
    return vdb_fail(e, VARSDB_INVALID, "there is no " WHAT " %.*s; there are %s",
                    (int)(spec->name_bytes < 80 ? spec->name_bytes : 80), spec->name, names);
}

static int read_seed(vdb_error *e, const vdb_initializer_kind *kind, const vdb_spec_argument *argument,
                     vdb_initializer *init)
{
    if (!argument)
        return VARSDB_OK;
    if (!argument->numbers[0].is_integer)
        return vdb_fail(e, VARSDB_INVALID, WHAT " %s: seed must be an integer of 64 bits with sign",
                        kind->name);
    init->has_seed = true;
    init->seed = argument->numbers[0].integer;
    return VARSDB_OK;
}

/* All that can be said without a variable. */
static int read_spec(vdb_error *e, const char *text, vdb_initializer *init, const vdb_initializer_kind **kind,
                     const vdb_spec_argument **bound)
{
    int rc = vdb_spec_parse(e, WHAT, text, &init->spec);
    if (rc != VARSDB_OK)
        return rc;
    const vdb_initializer_kind *found = find_kind(&init->spec);
    if (!found)
        return fail_unknown(e, &init->spec);
    *kind = found;
    init->is_random = found->is_random;
    rc = vdb_spec_bind(e, WHAT, &init->spec, found->parameters, found->count, bound);
    if (rc == VARSDB_OK && found->is_random)
        rc = read_seed(e, found, bound[found->count - 1], init);
    if (rc == VARSDB_OK && found->check)
        rc = found->check(e, found, bound, init);
    return rc;
}

int vdb_initializer_check(vdb_error *e, const char *text)
{
    vdb_initializer init = {0};
    const vdb_initializer_kind *kind;
    const vdb_spec_argument *bound[VDB_INITIALIZER_PARAMETERS_MAX];
    int rc = read_spec(e, text, &init, &kind, bound);
    vdb_initializer_close(&init);
    return rc;
}

static bool is_plain_float(varsdb_dtype dtype)
{
    return vdb_dtype_class_of(dtype) == VDB_CLASS_FLOAT && varsdb_dtype_bits(dtype) >= 16;
}

static bool is_integer(varsdb_dtype dtype)
{
    vdb_dtype_class class = vdb_dtype_class_of(dtype);
    return class == VDB_CLASS_SIGNED || class == VDB_CLASS_UNSIGNED;
}

static int check_dtype(vdb_error *e, const vdb_initializer_kind *kind, varsdb_dtype dtype)
{
    const char *accepted = NULL;
    switch (kind->takes) {
    case VDB_TAKES_ANY:
        return VARSDB_OK;
    case VDB_TAKES_NUMBERS:
        accepted = vdb_dtype_has_numbers(dtype) ? NULL : "numbers";
        break;
    case VDB_TAKES_FLOATS:
        accepted = is_plain_float(dtype) ? NULL : "float16, bfloat16, float32 and float64";
        break;
    case VDB_TAKES_DRAWN:
        accepted = is_plain_float(dtype) || is_integer(dtype)
                       ? NULL
                       : "integers, float16, bfloat16, float32 and float64";
        break;
    }
    if (!accepted)
        return VARSDB_OK;
    return vdb_fail(e, VARSDB_INVALID, WHAT " %s is not for %s; it takes %s", kind->name,
                    varsdb_dtype_name(dtype), accepted);
}

static int set_variable(vdb_error *e, const vdb_initializer_kind *kind, varsdb_dtype dtype,
                        const varsdb_shape *shape, vdb_initializer *init)
{
    init->dtype = dtype;
    int rc = check_dtype(e, kind, dtype);
    if (rc == VARSDB_OK)
        rc = vdb_shape_check(e, shape, false);
    if (rc == VARSDB_OK)
        rc = vdb_shape_elements(e, shape, &init->elements);
    if (rc == VARSDB_OK)
        rc = vdb_shape_copy(e, shape, &init->shape);
    return rc;
}

int vdb_initializer_open(vdb_error *e, const char *text, varsdb_dtype dtype, const varsdb_shape *shape,
                         int64_t namespace_seed, const char *name, vdb_initializer *out)
{
    vdb_initializer init = {0};
    const vdb_initializer_kind *kind;
    const vdb_spec_argument *bound[VDB_INITIALIZER_PARAMETERS_MAX];
    int rc = read_spec(e, text, &init, &kind, bound);
    if (rc == VARSDB_OK)
        rc = set_variable(e, kind, dtype, shape, &init);
    if (rc != VARSDB_OK)
        goto out;
    init.key = init.has_seed ? vdb_philox_key_of_seed(init.seed)
                             : vdb_philox_key_of_name(namespace_seed, name, strlen(name));
    rc = kind->prepare(e, kind, bound, &init);
    if (rc != VARSDB_OK)
        goto out;
    *out = init;
    init = (vdb_initializer){0};
out:
    vdb_initializer_close(&init);
    return rc;
}

void vdb_initializer_fill(const vdb_initializer *init, int64_t first, int64_t count, void *out)
{
    assert(!init->is_none && init->fill);
    assert(first >= 0 && count >= 0 && count <= init->elements - first);
    if (count > 0)
        init->fill(init, first, count, out);
}

void vdb_initializer_close(vdb_initializer *init)
{
    vdb_spec_release(&init->spec);
    vdb_free(init->matrix.data);
    *init = (vdb_initializer){0};
}

double vdb_initializer_number(const vdb_spec_argument *argument, double otherwise)
{
    return argument ? argument->numbers[0].real : otherwise;
}

static bool is_word(const vdb_spec_argument *argument, const char *word)
{
    return argument->word && strlen(word) == argument->word_bytes &&
           strncasecmp(argument->word, word, argument->word_bytes) == 0;
}

static bool is_whole_number(const vdb_spec_argument *argument, int64_t value)
{
    return !argument->word && argument->numbers[0].is_integer && argument->numbers[0].integer == value;
}

int vdb_initializer_flag(vdb_error *e, const vdb_initializer_kind *kind, const char *parameter,
                         const vdb_spec_argument *argument, bool otherwise, bool *out)
{
    bool is_yes = argument ? is_whole_number(argument, 1) || is_word(argument, "true") : otherwise;
    bool is_no = argument ? is_whole_number(argument, 0) || is_word(argument, "false") : !otherwise;
    if (!is_yes && !is_no)
        return vdb_fail(e, VARSDB_INVALID, WHAT " %s: %s must be 0 or 1", kind->name, parameter);
    *out = is_yes;
    return VARSDB_OK;
}
