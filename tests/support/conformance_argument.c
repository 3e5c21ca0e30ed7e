/* conformance_argument.c - operands and options of steps as the API takes them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance.h"

const char *const *conformance_list_of(conformance_list *list, const char *text)
{
    size_t count = 0;
    char *rest = NULL;
    if (!text)
        return NULL;
    snprintf(list->text, sizeof list->text, "%s", text);
    for (char *one = strtok_r(list->text, ",", &rest); one && count + 1 < sizeof list->at / sizeof *list->at;
         one = strtok_r(NULL, ",", &rest))
        list->at[count++] = one;
    list->at[count] = NULL;
    return list->at;
}

varsdb_reuse conformance_reuse(const char *text)
{
    static const char *const names[] = {"inherit", "require", "auto", "create"};
    for (unsigned i = 0; text && i < sizeof names / sizeof *names; i++)
        if (strcmp(text, names[i]) == 0)
            return (varsdb_reuse)i;
    return text ? (varsdb_reuse)strtol(text, NULL, 10) : VARSDB_INHERIT;
}

varsdb_dtype conformance_dtype(const char *text)
{
    if (!text)
        return VARSDB_DTYPE_NOT_SAID;
    if (strcmp(text, "clear") == 0)
        return VARSDB_DTYPE_CLEAR;
    varsdb_dtype dtype = varsdb_dtype_parse(text);
    return dtype == VARSDB_DTYPE_NOT_SAID ? (varsdb_dtype)99 : dtype;
}

const varsdb_shape *conformance_shape(conformance_dims *dims, const char *text)
{
    int rank = 0;
    if (!text)
        return NULL;
    for (const char *at = text; strcmp(text, "scalar") != 0 && rank < VARSDB_RANK_MAX; at++) {
        dims->dims[rank++] = *at == '?' ? VARSDB_ANY : strtoll(at, NULL, 10);
        at = strchr(at, ',');
        if (!at)
            break;
    }
    dims->shape = (varsdb_shape){rank, dims->dims};
    return &dims->shape;
}

void conformance_shape_text(const varsdb_shape *shape, char *out, size_t room)
{
    size_t at = 0;
    snprintf(out, room, "scalar");
    for (int i = 0; i < shape->rank && at < room; i++)
        at += (size_t)snprintf(out + at, room - at, "%s%lld", i ? "," : "", (long long)shape->dims[i]);
}

int64_t conformance_elements(const varsdb_shape *shape)
{
    int64_t elements = 1;
    for (int i = 0; i < shape->rank; i++)
        elements *= shape->dims[i];
    return elements;
}

/* ---- elements */

static size_t put(varsdb_dtype dtype, double number, unsigned char *out)
{
    union {
        float f;
        double d;
        int32_t i;
        int64_t l;
        unsigned char byte;
    } element;
    size_t bytes = (size_t)varsdb_dtype_bits(dtype) / 8;
    switch (dtype) {
    case VARSDB_FLOAT32:
        element.f = (float)number;
        break;
    case VARSDB_FLOAT64:
        element.d = number;
        break;
    case VARSDB_INT32:
        element.i = (int32_t)number;
        break;
    case VARSDB_INT64:
        element.l = (int64_t)number;
        break;
    case VARSDB_BOOL:
    case VARSDB_UINT8:
        element.byte = (unsigned char)number;
        break;
    default:
        return 0;
    }
    memcpy(out, &element, bytes);
    return bytes;
}

size_t conformance_encode(varsdb_dtype dtype, const char *numbers, void *out, size_t room)
{
    size_t bytes = 0;
    char *end;
    for (const char *at = numbers; *at && room - bytes >= sizeof(double); at = *end ? end + 1 : end) {
        bytes += put(dtype, strtod(at, &end), (unsigned char *)out + bytes);
        if (end == at)
            break;
    }
    return bytes;
}
