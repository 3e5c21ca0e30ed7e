/* slice_text.c - see slice_text.h.  Negative numbers count from the end, as Python's; unlike Python's, a
 * range that leaves its axis is refused. */
#include "slice_text.h"

#include <stdbool.h>
#include <string.h>

#include "internal.h"
#include "shape.h"

/* An optional whole number; *at moves past it.  NULL, or what is wrong. */
static const char *read_position(const char **at, int64_t length, int64_t *out, bool *given)
{
    const char *p = *at;
    bool negative = *p == '-';
    int64_t value = 0;
    p += negative;
    *given = *p >= '0' && *p <= '9';
    if (!*given)
        return negative ? "a number is missing after -" : NULL;
    for (; *p >= '0' && *p <= '9'; p++)
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, *p - '0', &value))
            return "a number does not fit 64 bits";
    *out = negative && value > 0 ? length - value : value;
    *at = p;
    return NULL;
}

static const char *read_range(const char **at, int64_t length, int64_t *begin, int64_t *size)
{
    bool has_begin, has_end = false;
    int64_t first = 0, end = length;
    const char *why = read_position(at, length, &first, &has_begin);
    if (why)
        return why;
    if (**at == ':') {
        (*at)++;
        why = read_position(at, length, &end, &has_end);
        if (why)
            return why;
    } else if (has_begin) {
        if (first < 0 || first >= length)
            return "the index is out of range";
        end = first + 1;
    } else {
        return "a range is missing";
    }
    if (**at != ',' && **at != '\0')
        return "there is something else than a range";
    if (first < 0 || first > length || end < 0 || end > length)
        return "the range leaves the axis";
    if (end < first)
        return "the range ends before it begins";
    *begin = first;
    *size = end - first;
    return NULL;
}

static int read_ranges(vdb_error *e, const char *text, const varsdb_shape *shape, int64_t *begin,
                       int64_t *size)
{
    const char *p = text;
    for (int axis = 0;; axis++) {
        if (axis == shape->rank)
            return vdb_fail(e, VARSDB_INVALID,
                            "slice \"%.200s\" has more ranges than the variable has axes, %d", text,
                            shape->rank);
        const char *why = read_range(&p, shape->dims[axis], &begin[axis], &size[axis]);
        if (why)
            return vdb_fail(e, VARSDB_INVALID,
                            "slice \"%.200s\": axis %d, of %lld elements: %s; accepted: begin:end, : or an "
                            "index for each axis, as in 0:2,:,-1",
                            text, axis, (long long)shape->dims[axis], why);
        if (!*p)
            return VARSDB_OK;
        p++;
    }
}

int vdb_slice_parse(vdb_error *e, const char *text, const varsdb_shape *shape, int64_t *begin, int64_t *size)
{
    int64_t begins[VARSDB_RANK_MAX] = {0}, sizes[VARSDB_RANK_MAX];
    size_t bytes = sizeof *begins * (size_t)shape->rank;
    for (int i = 0; i < shape->rank; i++)
        sizes[i] = shape->dims[i];
    int rc = text ? read_ranges(e, text, shape, begins, sizes) : VARSDB_OK;
    if (rc == VARSDB_OK && bytes) {
        memcpy(begin, begins, bytes);
        memcpy(size, sizes, bytes);
    }
    return rc;
}

int varsdb_parse_slice(varsdb *db, const char *text, const varsdb_shape *shape, int64_t *begin, int64_t *size)
{
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK && (!shape || !begin || !size))
        rc = vdb_misuse(db, "a shape, and places for begin and size, are needed");
    if (rc == VARSDB_OK)
        rc = vdb_shape_check(&db->error, shape, false);
    return rc == VARSDB_OK ? vdb_slice_parse(&db->error, text, shape, begin, size) : rc;
}
