/* spec_bind.c - arguments of a spec find their parameters; see spec.h. */
#include "spec.h"

#include <stdio.h>
#include <string.h>

#define LIST_BYTES 200

static bool key_is(const vdb_spec_argument *argument, const char *name)
{
    return name && argument->key_bytes == strlen(name) &&
           memcmp(argument->key, name, argument->key_bytes) == 0;
}

/* "min, max, seed=" */
static void list_parameters(const vdb_spec_parameter *parameters, size_t count, char out[LIST_BYTES])
{
    size_t used = 0;
    snprintf(out, LIST_BYTES, "nothing");
    for (size_t i = 0; i < count && used < LIST_BYTES; i++) {
        int n = snprintf(out + used, LIST_BYTES - used, "%s%s%s", i ? ", " : "", parameters[i].name,
                         parameters[i].only_by_key ? "=" : "");
        used += n > 0 ? (size_t)n : 0;
    }
}

static int fail_unplaced(vdb_error *e, const char *what, const vdb_spec *spec,
                         const vdb_spec_argument *argument, const vdb_spec_parameter *parameters,
                         size_t count)
{
    char accepted[LIST_BYTES];
    list_parameters(parameters, count, accepted);
    if (argument->key)
        return vdb_fail(e, VARSDB_INVALID, "%s %.*s has no argument %.*s=; it takes %s", what,
                        (int)spec->name_bytes, spec->name, (int)argument->key_bytes, argument->key, accepted);
    return vdb_fail(e, VARSDB_INVALID, "%s %.*s is given %zu argument%s; it takes %s", what,
                    (int)spec->name_bytes, spec->name, spec->count, spec->count == 1 ? "" : "s", accepted);
}

static size_t find_parameter(const vdb_spec_argument *argument, size_t position,
                             const vdb_spec_parameter *parameters, size_t count)
{
    if (!argument->key)
        return position < count && !parameters[position].only_by_key ? position : count;
    size_t i = 0;
    while (i < count && !key_is(argument, parameters[i].name) && !key_is(argument, parameters[i].also))
        i++;
    return i;
}

static unsigned type_of(const vdb_spec_argument *argument)
{
    return argument->word ? VDB_SPEC_WORD : argument->is_list ? VDB_SPEC_LIST : VDB_SPEC_NUMBER;
}

static const char *types_text(unsigned types)
{
    switch (types) {
    case VDB_SPEC_NUMBER:
        return "a number";
    case VDB_SPEC_WORD:
        return "a word";
    case VDB_SPEC_NUMBER | VDB_SPEC_LIST:
        return "a number or a list of numbers";
    case VDB_SPEC_NUMBER | VDB_SPEC_WORD:
        return "a number or a word";
    default:
        return "a list of numbers";
    }
}

int vdb_spec_bind(vdb_error *e, const char *what, const vdb_spec *spec, const vdb_spec_parameter *parameters,
                  size_t count, const vdb_spec_argument **bound)
{
    for (size_t i = 0; i < count; i++)
        bound[i] = NULL;
    for (size_t i = 0; i < spec->count; i++) {
        const vdb_spec_argument *argument = &spec->arguments[i];
        size_t at = find_parameter(argument, i, parameters, count);
        if (at == count)
            return fail_unplaced(e, what, spec, argument, parameters, count);
        if (bound[at])
            return vdb_fail(e, VARSDB_INVALID, "%s %.*s: %s is given twice", what, (int)spec->name_bytes,
                            spec->name, parameters[at].name);
        if (!(type_of(argument) & parameters[at].types))
            return vdb_fail(e, VARSDB_INVALID, "%s %.*s: %s must be %s", what, (int)spec->name_bytes,
                            spec->name, parameters[at].name, types_text(parameters[at].types));
        bound[at] = argument;
    }
    for (size_t i = 0; i < count; i++)
        if (parameters[i].required && !bound[i])
            return vdb_fail(e, VARSDB_INVALID, "%s %.*s needs %s", what, (int)spec->name_bytes, spec->name,
                            parameters[i].name);
    return VARSDB_OK;
}
