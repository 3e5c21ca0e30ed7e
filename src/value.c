/*
 * value.c - see value.h.  One pass over the text: elements are packed as they come,
 * and the lengths that the first arrays of every level had bind the later ones.
 */
#include "value.h"

#include <assert.h>
#include <langinfo.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEVELS_MAX       (VARSDB_RANK_MAX + 1) /* complex numbers are a level of their own */
#define FILL_BYTES_MAX   ((int64_t)1 << 30)
#define NUMBER_SHOWN_MAX 40

typedef struct reading {
    vdb_json json;
    varsdb_dtype dtype;
    varsdb_dtype part; /* of one scalar in the text: half a complex number, else an element */
    vdb_buf *out;
    size_t base;     /* bytes that out had before */
    vdb_buf scratch; /* a number as text of its own */
    int rank;        /* -1 until the first scalar or empty array */
    int64_t dim[LEVELS_MAX], count[LEVELS_MAX];
    int64_t parts;
} reading;

static int refuse_ragged(const reading *r, vdb_error *e)
{
    return vdb_fail(e, VARSDB_INVALID,
                    "the nesting is not rectangular at byte %zu: arrays of one level must have one length",
                    r->json.at);
}

/* ---- Scalars ------------------------------------------------------------ */

static const char *accepted(varsdb_dtype part)
{
    switch (vdb_dtype_class_of(part)) {
    case VDB_CLASS_BOOL:
        return "true, false, 0 and 1";
    case VDB_CLASS_SIGNED:
    case VDB_CLASS_UNSIGNED:
        return "numbers without fraction and exponent";
    case VDB_CLASS_STRING:
        return "texts in quotes";
    default:
        return "numbers, \"NaN\", \"Infinity\" and \"-Infinity\"";
    }
}

static int shown_bytes(const vdb_json *j)
{
    return j->raw_bytes < NUMBER_SHOWN_MAX ? (int)j->raw_bytes : NUMBER_SHOWN_MAX;
}

static int refuse_scalar(const reading *r, vdb_error *e)
{
    const vdb_json *j = &r->json;
    return vdb_fail(e, VARSDB_INVALID, "'%.*s' at byte %zu: %s takes %s", shown_bytes(j), j->raw,
                    (size_t)(j->raw - j->text), varsdb_dtype_name(r->dtype), accepted(r->part));
}

static int refuse_too_large(const reading *r, vdb_error *e)
{
    const vdb_json *j = &r->json;
    return vdb_fail(e, VARSDB_INVALID, "'%.*s' at byte %zu is out of the range of %s", shown_bytes(j), j->raw,
                    (size_t)(j->raw - j->text), varsdb_dtype_name(r->dtype));
}

/* Says where in the text the number is that its dtype refused. */
static int located(const reading *r, vdb_error *e, int rc)
{
    return rc == VARSDB_INVALID ? vdb_fail_in(e, "at byte %zu", (size_t)(r->json.raw - r->json.text)) : rc;
}

static int add_integer(reading *r, vdb_error *e, void *data)
{
    const vdb_json *j = &r->json;
    bool negative = j->raw[0] == '-';
    uint64_t magnitude = 0;
    for (size_t i = negative ? 1 : 0; i < j->raw_bytes; i++) {
        unsigned digit = (unsigned)(j->raw[i] - '0');
        if (digit > 9)
            return refuse_scalar(r, e);
        if (__builtin_mul_overflow(magnitude, 10U, &magnitude) ||
            __builtin_add_overflow(magnitude, digit, &magnitude))
            return refuse_too_large(r, e);
    }
    return located(r, e, vdb_element_set_int(e, r->part, data, (size_t)r->parts, negative, magnitude));
}

/* Copies the number so that strtod reads it in whatever locale the host has set. */
static int localize(reading *r, vdb_error *e)
{
    const vdb_json *j = &r->json;
    const char *point = memchr(j->raw, '.', j->raw_bytes);
    size_t whole = point ? (size_t)(point - j->raw) : j->raw_bytes;
    vdb_buf_reset(&r->scratch);
    int rc = vdb_buf_append(&r->scratch, j->raw, whole);
    if (rc == VARSDB_OK && point)
        rc = vdb_buf_append_text(&r->scratch, nl_langinfo(RADIXCHAR));
    if (rc == VARSDB_OK && point)
        rc = vdb_buf_append(&r->scratch, point + 1, j->raw_bytes - whole - 1);
    return rc == VARSDB_OK ? rc : vdb_fail_nomem(e);
}

static int add_real(reading *r, vdb_error *e, void *data)
{
    int rc = localize(r, e);
    if (rc != VARSDB_OK)
        return rc;
    /* float32 straight from the text: by way of a double it could be rounded twice. */
    bool single = r->part == VARSDB_FLOAT32;
    double value = single ? (double)strtof(r->scratch.data, NULL) : strtod(r->scratch.data, NULL);
    if (!isfinite(value))
        return refuse_too_large(r, e);
    return located(r, e, vdb_element_set_real(e, r->part, data, (size_t)r->parts, value));
}

static bool is_word(const vdb_json *j, const char *word)
{
    return j->raw_bytes == strlen(word) && memcmp(j->raw, word, j->raw_bytes) == 0;
}

/* "NaN" and the infinities. */
static int add_word(reading *r, vdb_error *e, void *data)
{
    double value;
    if (is_word(&r->json, "NaN"))
        value = (double)NAN;
    else if (is_word(&r->json, "Infinity"))
        value = (double)INFINITY;
    else if (is_word(&r->json, "-Infinity"))
        value = -(double)INFINITY;
    else
        return refuse_scalar(r, e);
    return located(r, e, vdb_element_set_real(e, r->part, data, (size_t)r->parts, value));
}

/* A text with its length before it. */
static int add_text(reading *r, vdb_error *e, vdb_json_token token)
{
    uint64_t bytes = 0;
    size_t at = r->out->size;
    if (token != VDB_JSON_STRING)
        return refuse_scalar(r, e);
    int rc = vdb_buf_append(r->out, &bytes, sizeof bytes);
    if (rc == VARSDB_OK)
        rc = vdb_json_unescape(&r->json, r->out);
    if (rc != VARSDB_OK)
        return vdb_fail_nomem(e);
    bytes = r->out->size - at - sizeof bytes;
    memcpy(r->out->data + at, &bytes, sizeof bytes);
    return VARSDB_OK;
}

/* Counts room for one more part; what is new is zero. */
static int make_room(reading *r, vdb_error *e)
{
    int64_t need;
    void *fresh;
    if (!vdb_dtype_bytes(r->part, r->parts + 1, &need))
        return vdb_fail_nomem(e);
    size_t more = (size_t)need - (r->out->size - r->base);
    if (more == 0)
        return VARSDB_OK;
    if (vdb_buf_extend(r->out, more, &fresh) != VARSDB_OK)
        return vdb_fail_nomem(e);
    memset(fresh, 0, more);
    return VARSDB_OK;
}

static int add_number(reading *r, vdb_error *e, vdb_json_token token)
{
    vdb_dtype_class class = vdb_dtype_class_of(r->part);
    int rc = make_room(r, e);
    if (rc != VARSDB_OK)
        return rc;
    char *data = r->out->data + r->base;
    if (token == VDB_JSON_NUMBER)
        return class == VDB_CLASS_FLOAT ? add_real(r, e, data) : add_integer(r, e, data);
    if (token == VDB_JSON_STRING && class == VDB_CLASS_FLOAT)
        return add_word(r, e, data);
    if ((token == VDB_JSON_TRUE || token == VDB_JSON_FALSE) && class == VDB_CLASS_BOOL)
        return vdb_element_set_int(e, r->part, data, (size_t)r->parts, false, token == VDB_JSON_TRUE);
    return refuse_scalar(r, e);
}

static int add_scalar(reading *r, vdb_error *e, vdb_json_token token)
{
    if (token == VDB_JSON_OBJECT)
        return refuse_scalar(r, e);
    if (r->rank < 0)
        r->rank = r->json.depth;
    if (r->rank != r->json.depth)
        return refuse_ragged(r, e);
    if (r->rank > 0)
        r->count[r->rank - 1]++;
    int rc = r->dtype == VARSDB_STRING ? add_text(r, e, token) : add_number(r, e, token);
    if (rc == VARSDB_OK)
        r->parts++;
    return rc;
}

/* ---- Nesting ------------------------------------------------------------ */

static int open_array(reading *r, vdb_error *e)
{
    int level = r->json.depth - 1;
    assert(level >= 0 && level < LEVELS_MAX);
    if (r->rank >= 0 && level >= r->rank)
        return refuse_ragged(r, e);
    if (level > 0)
        r->count[level - 1]++;
    r->count[level] = 0;
    return VARSDB_OK;
}

static int close_array(reading *r, vdb_error *e)
{
    int level = r->json.depth;
    assert(level < LEVELS_MAX);
    if (r->rank < 0)
        r->rank = level + 1;
    if (r->dim[level] < 0)
        r->dim[level] = r->count[level];
    return r->dim[level] == r->count[level] ? VARSDB_OK : refuse_ragged(r, e);
}

static int read_all(reading *r, vdb_error *e)
{
    for (;;) {
        vdb_json_token token;
        int rc = vdb_json_next(&r->json, e, &token);
        if (rc != VARSDB_OK || token == VDB_JSON_END)
            return rc;
        if (token == VDB_JSON_ARRAY)
            rc = open_array(r, e);
        else if (token == VDB_JSON_ARRAY_END)
            rc = close_array(r, e);
        else
            rc = add_scalar(r, e, token);
        if (rc != VARSDB_OK)
            return rc;
    }
}

/* The shape of the nesting; for complex without the level of the pairs. */
static int nested_shape(const reading *r, vdb_error *e, vdb_dims *out)
{
    int rank = r->rank;
    assert(rank >= 0);
    if (r->part != r->dtype && r->parts > 0) {
        if (rank == 0 || r->dim[rank - 1] != 2)
            return vdb_fail(e, VARSDB_INVALID, "%s elements are pairs [re,im]", varsdb_dtype_name(r->dtype));
        rank--;
    }
    if (rank > VARSDB_RANK_MAX)
        return vdb_fail(e, VARSDB_INVALID, "nested deeper than %d levels", VARSDB_RANK_MAX);
    *out = (vdb_dims){.rank = rank};
    memcpy(out->dim, r->dim, (size_t)rank * sizeof r->dim[0]);
    return VARSDB_OK;
}

/* ---- Into the shape that was asked for ---------------------------------- */

static void truncate_to(vdb_buf *out, size_t size)
{
    if (out->data) {
        out->size = size;
        out->data[size] = '\0';
    }
}

static bool has_unknown(const varsdb_shape *shape)
{
    for (int i = 0; i < shape->rank; i++)
        if (shape->dims[i] == VARSDB_ANY)
            return true;
    return false;
}

static void repeat_packed(void *data, int bits, int64_t elements)
{
    unsigned value = vdb_packed_get(data, bits, 0);
    for (int64_t i = 1; i < elements; i++)
        vdb_packed_set(data, bits, (size_t)i, value);
}

static void repeat_bytes(char *data, size_t unit, size_t all)
{
    for (size_t have = unit; have < all;) {
        size_t more = have < all - have ? have : all - have;
        memcpy(data + have, data, more);
        have += more;
    }
}

/* Repeats the one element that is there. */
static int fill(reading *r, vdb_error *e, int64_t elements)
{
    size_t unit = r->out->size - r->base;
    int bits = varsdb_dtype_bits(r->dtype);
    int64_t all;
    void *fresh;
    bool known = bits > 0 ? vdb_dtype_bytes(r->dtype, elements, &all)
                          : !__builtin_mul_overflow((int64_t)unit, elements, &all);
    if (!known || all > FILL_BYTES_MAX)
        return vdb_fail(e, VARSDB_INVALID,
                        "one value would fill more than %lld bytes; use an initializer such as constant(0.5)",
                        (long long)FILL_BYTES_MAX);
    if (elements == 0) {
        truncate_to(r->out, r->base);
        return VARSDB_OK;
    }
    if (vdb_buf_extend(r->out, (size_t)all - unit, &fresh) != VARSDB_OK)
        return vdb_fail_nomem(e);
    memset(fresh, 0, (size_t)all - unit);
    if (bits > 0 && bits < 8)
        repeat_packed(r->out->data + r->base, bits, elements);
    else
        repeat_bytes(r->out->data + r->base, unit, (size_t)all);
    return VARSDB_OK;
}

static int refuse_shape(vdb_error *e, const vdb_dims *have, const varsdb_shape *asked)
{
    vdb_buf there = {0}, wanted = {0};
    varsdb_shape nested = vdb_dims_shape(have);
    int rc = vdb_shape_print(&there, &nested);
    if (rc == VARSDB_OK)
        rc = vdb_shape_print(&wanted, asked);
    if (rc == VARSDB_OK)
        rc = vdb_fail(
            e, VARSDB_INVALID,
            "it has shape %s, and %s is asked for: give that nesting, a flat list of as many, or one value",
            there.data, wanted.data);
    else
        rc = vdb_fail_nomem(e);
    vdb_buf_release(&there);
    vdb_buf_release(&wanted);
    return rc;
}

static int fit_shape(reading *r, vdb_error *e, const varsdb_shape *asked, vdb_dims *dims)
{
    int64_t elements;
    varsdb_shape nested = vdb_dims_shape(dims);
    int rc = vdb_shape_check(e, asked, true);
    if (rc != VARSDB_OK || vdb_shape_agrees(asked, &nested))
        return rc;
    if (has_unknown(asked) || dims->rank > 1)
        return refuse_shape(e, dims, asked);
    rc = vdb_shape_elements(e, asked, &elements);
    if (rc == VARSDB_OK && dims->rank == 0)
        rc = fill(r, e, elements);
    else if (rc == VARSDB_OK && dims->dim[0] != elements)
        rc = refuse_shape(e, dims, asked);
    return rc == VARSDB_OK ? vdb_shape_copy(e, asked, dims) : rc;
}

static varsdb_dtype part_of(varsdb_dtype dtype)
{
    return dtype == VARSDB_COMPLEX64 ? VARSDB_FLOAT32 : dtype == VARSDB_COMPLEX128 ? VARSDB_FLOAT64 : dtype;
}

int vdb_value_parse(vdb_error *e, const char *json, varsdb_dtype dtype, const varsdb_shape *shape,
                    vdb_dims *shape_out, vdb_buf *out)
{
    vdb_dims dims;
    if (!json || !vdb_dtype_valid(dtype))
        return vdb_fail(e, VARSDB_INVALID, "a value needs %s", json ? "a dtype that exists" : "a text");
    if (vdb_dtype_block_of(dtype))
        return vdb_fail(e, VARSDB_INVALID, "%s holds opaque blocks, which have no JSON; give their bytes",
                        varsdb_dtype_name(dtype));
    reading r = {.dtype = dtype, .part = part_of(dtype), .out = out, .base = out->size, .rank = -1};
    for (int i = 0; i < LEVELS_MAX; i++)
        r.dim[i] = -1;
    vdb_json_begin(&r.json, json, strlen(json), r.part == dtype ? VARSDB_RANK_MAX : LEVELS_MAX);
    int rc = read_all(&r, e);
    if (rc == VARSDB_OK)
        rc = nested_shape(&r, e, &dims);
    if (rc == VARSDB_OK && shape)
        rc = fit_shape(&r, e, shape, &dims);
    vdb_buf_release(&r.scratch);
    if (rc != VARSDB_OK) {
        truncate_to(out, r.base);
        return rc == VARSDB_NOMEM ? rc : vdb_fail_in(e, "the value");
    }
    *shape_out = dims;
    return VARSDB_OK;
}
