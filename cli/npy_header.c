/* npy_header.c - the text header of NumPy's format: a Python dict with three known keys. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "npy.h"
#include "print.h"

static const struct {
    varsdb_dtype dtype;
    const char code[4];
} codes[] = {
    {VARSDB_BOOL, "b1"},      {VARSDB_INT8, "i1"},        {VARSDB_INT16, "i2"},   {VARSDB_INT32, "i4"},
    {VARSDB_INT64, "i8"},     {VARSDB_UINT8, "u1"},       {VARSDB_UINT16, "u2"},  {VARSDB_UINT32, "u4"},
    {VARSDB_UINT64, "u8"},    {VARSDB_FLOAT16, "f2"},     {VARSDB_FLOAT32, "f4"}, {VARSDB_FLOAT64, "f8"},
    {VARSDB_COMPLEX64, "c8"}, {VARSDB_COMPLEX128, "c16"},
};

/* ---- Reading ---- */

typedef struct cursor {
    const char *at, *end;
} cursor;

static void skip_space(cursor *p)
{
    while (p->at < p->end && (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r'))
        p->at++;
}

static bool take(cursor *p, char c)
{
    skip_space(p);
    if (p->at == p->end || *p->at != c)
        return false;
    p->at++;
    return true;
}

static bool take_word(cursor *p, const char *word)
{
    size_t n = strlen(word);
    skip_space(p);
    if ((size_t)(p->end - p->at) < n || memcmp(p->at, word, n) != 0)
        return false;
    p->at += n;
    return true;
}

/* A quoted string without escapes. */
static bool take_string(cursor *p, const char **text, size_t *bytes)
{
    skip_space(p);
    if (p->at == p->end || (*p->at != '\'' && *p->at != '"'))
        return false;
    char quote = *p->at++;
    const char *from = p->at;
    while (p->at < p->end && *p->at != quote && *p->at != '\\')
        p->at++;
    if (p->at == p->end || *p->at != quote)
        return false;
    *text = from;
    *bytes = (size_t)(p->at++ - from);
    return true;
}

static const char *parse_descr(cursor *p, npy_header *out)
{
    const char *text;
    size_t bytes;
    if (!take_string(p, &text, &bytes))
        return "its dtype is structured, or no string";
    if (bytes < 2 || bytes > 4 || !memchr("<>|=", text[0], 4))
        return "its dtype is of an unknown form";
    if (strchr("OSaUTVMm", text[1]))
        return "its dtype holds objects, text, dates or raw bytes, not numbers";
    for (size_t i = 0; i < COUNT_OF(codes); i++) {
        if (strlen(codes[i].code) != bytes - 1 || memcmp(codes[i].code, text + 1, bytes - 1) != 0)
            continue;
        out->dtype = codes[i].dtype;
        out->big_endian = text[0] == '>';
        return NULL;
    }
    return "its dtype is not one of b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 c8 c16";
}

static const char *parse_order(cursor *p, npy_header *out)
{
    out->fortran_order = take_word(p, "True");
    return out->fortran_order || take_word(p, "False") ? NULL : "fortran_order is neither True nor False";
}

/* Digits, and the L that Python 2 put after long integers. */
static const char *parse_dimension(cursor *p, int64_t *out)
{
    int64_t value = 0;
    skip_space(p);
    if (p->at == p->end || *p->at < '0' || *p->at > '9')
        return "a dimension is no plain whole number";
    for (; p->at < p->end && *p->at >= '0' && *p->at <= '9'; p->at++)
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, *p->at - '0', &value))
            return "a dimension does not fit 64 bits";
    if (p->at < p->end && *p->at == 'L')
        p->at++;
    *out = value;
    return NULL;
}

static const char *parse_shape(cursor *p, npy_header *out)
{
    bool comma = true;
    if (!take(p, '('))
        return "its shape is no tuple";
    out->rank = 0;
    while (!take(p, ')')) {
        if (!comma)
            return "its shape is no tuple of whole numbers";
        if (out->rank == VARSDB_RANK_MAX)
            return "it has more than 64 dimensions";
        const char *why = parse_dimension(p, &out->dims[out->rank]);
        if (why)
            return why;
        out->rank++;
        comma = take(p, ',');
    }
    return out->rank == 1 && !comma ? "its shape is a number, not a tuple" : NULL;
}

static const char *parse_pair(cursor *p, npy_header *out, unsigned *seen)
{
    static const char *const keys[] = {"descr", "fortran_order", "shape"};
    static const char *(*const parsers[])(cursor *, npy_header *) = {parse_descr, parse_order, parse_shape};
    const char *key;
    size_t bytes;
    if (!take_string(p, &key, &bytes) || !take(p, ':'))
        return "its header is no dict of quoted keys";
    for (unsigned i = 0; i < COUNT_OF(keys); i++) {
        if (strlen(keys[i]) != bytes || memcmp(keys[i], key, bytes) != 0)
            continue;
        if (*seen & 1u << i)
            return "its header repeats a key";
        *seen |= 1u << i;
        return parsers[i](p, out);
    }
    return "its header has another key than descr, fortran_order and shape";
}

const char *npy_parse_header(const char *text, size_t bytes, npy_header *out)
{
    cursor p = {text, text + bytes};
    npy_header header = {0};
    unsigned seen = 0;
    bool comma = true;
    if (!take(&p, '{'))
        return "its header is no dict";
    while (!take(&p, '}')) {
        const char *why = comma ? parse_pair(&p, &header, &seen) : "its header is no dict";
        if (why)
            return why;
        comma = take(&p, ',');
    }
    skip_space(&p);
    if (p.at != p.end)
        return "its header goes on after the dict";
    if (seen != 7)
        return "its header lacks one of descr, fortran_order and shape";
    *out = header;
    return NULL;
}

/* ---- Writing ---- */

const char *npy_descr(varsdb_dtype dtype)
{
    for (size_t i = 0; i < COUNT_OF(codes); i++)
        if (codes[i].dtype == dtype)
            return codes[i].code;
    return NULL;
}

/* Padded as NumPy does: room for the first dimension to grow to 21 digits, then spaces up to a
 * multiple of 64 for the data. */
void npy_write_header(sink *to, varsdb_dtype dtype, const varsdb_shape *shape)
{
    char text[VARSDB_RANK_MAX * 22 + 128];
    char digits[PRINT_NUMBER_MAX];
    char order = varsdb_dtype_bits(dtype) == 8 ? '|' : '<';
    int n = snprintf(text, sizeof text, "{'descr': '%c%s', 'fortran_order': False, 'shape': (", order,
                     npy_descr(dtype));
    size_t used = (size_t)n;
    for (int i = 0; i < shape->rank; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%lld", i ? ", " : "",
                                 (long long)shape->dims[i]);
    used += (size_t)snprintf(text + used, sizeof text - used, "%s), }", shape->rank == 1 ? "," : "");
    assert(used < sizeof text);
    size_t growth = shape->rank ? 21 - print_int(digits, shape->dims[0]) : 0;
    size_t length = used + growth + 1, padding = 64 - (10 + length) % 64;
    length += padding;
    sink_bytes(to, "\x93NUMPY\1\0", 8);
    sink_char(to, (char)(length & 0xff));
    sink_char(to, (char)(length >> 8));
    sink_bytes(to, text, used);
    sink_repeat(to, ' ', growth + padding);
    sink_char(to, '\n');
}
