/*
 * npy_header.c - the text before an array: a Python dict with three known keys.
 *
 * Accepted is what NumPy writes, and has written since Python 2, in any order of the
 * keys; not all that Python would take for a dict.
 */
#ifndef VARSDB_OMIT_NUMPY

#include <stdio.h>
#include <string.h>

#include "../byte_order.h"
#include "../dtype.h"
#include "npy.h"

#define MAGIC           "\x93NUMPY"
#define MAGIC_BYTES     6u
#define PREFIX_1_BYTES  10u
#define ALIGNMENT       64u
#define GROWTH_DIGITS   21u /* NumPy leaves room for a first dimension of so many */
#define DESCR_BYTES_MAX 64u
#define SHOWN_DESCR     "'%.*s'"

static const struct {
    varsdb_dtype dtype;
    const char code[4];
} codes[] = {
    {VARSDB_BOOL, "b1"},      {VARSDB_INT8, "i1"},        {VARSDB_INT16, "i2"},   {VARSDB_INT32, "i4"},
    {VARSDB_INT64, "i8"},     {VARSDB_UINT8, "u1"},       {VARSDB_UINT16, "u2"},  {VARSDB_UINT32, "u4"},
    {VARSDB_UINT64, "u8"},    {VARSDB_FLOAT16, "f2"},     {VARSDB_FLOAT32, "f4"}, {VARSDB_FLOAT64, "f8"},
    {VARSDB_COMPLEX64, "c8"}, {VARSDB_COMPLEX128, "c16"},
};
#define CODES (sizeof codes / sizeof *codes)

enum key {
    KEY_DESCR = 1,
    KEY_ORDER = 2,
    KEY_SHAPE = 4
};

typedef struct reading {
    vdb_error *error;
    const char *begin, *at, *end;
    int version;
    unsigned seen; /* of enum key */
    vdb_npy_header *header;
} reading;

/* ---- Words -------------------------------------------------------------- */

static int fail_expected(reading *r, const char *what)
{
    return vdb_fail(r->error, VARSDB_FORMAT, "the header: %s is expected at byte %zu", what,
                    (size_t)(r->at - r->begin));
}

static void skip_space(reading *r)
{
    while (r->at < r->end && memchr(" \t\r\n", *r->at, 4))
        r->at++;
}

static bool take(reading *r, const char *word)
{
    size_t bytes = strlen(word);
    skip_space(r);
    if ((size_t)(r->end - r->at) < bytes || memcmp(r->at, word, bytes) != 0)
        return false;
    r->at += bytes;
    return true;
}

/* A quoted string without escapes. */
static int take_string(reading *r, const char *what, const char **text, size_t *bytes)
{
    skip_space(r);
    if (r->at == r->end || (*r->at != '\'' && *r->at != '"'))
        return fail_expected(r, what);
    const char *from = r->at + 1, *to = from;
    while (to < r->end && *to != *r->at && *to != '\\')
        to++;
    if (to == r->end || *to == '\\')
        return fail_expected(r, what);
    r->at = to + 1;
    *text = from;
    *bytes = (size_t)(to - from);
    return VARSDB_OK;
}

/* ---- The dtype ---------------------------------------------------------- */

static const char *what_kind(const char *code, size_t bytes)
{
    char kind = bytes ? *code : '\0';
    switch (kind) {
    case 'O':
        return "holds Python objects, which only Python can read, and only by running what is in them";
    case 'S':
    case 'a':
    case 'U':
    case 'T':
        return "holds texts of NumPy's, which are not read";
    case 'V':
        return "holds raw bytes without a dtype (ml_dtypes saves bfloat16 and float8 so), which are not read";
    case 'M':
    case 'm':
        return "holds dates or times, which are not read";
    case 'f':
    case 'c':
    case 'g':
    case 'G':
        return "holds floats of a size that differs from platform to platform";
    default:
        return "has a dtype that varsdb does not have";
    }
}

static void leave_unread(reading *r, const char *why, const char *descr, size_t bytes)
{
    int shown = bytes < DESCR_BYTES_MAX ? (int)bytes : (int)DESCR_BYTES_MAX;
    r->header->dtype = VARSDB_DTYPE_NOT_SAID;
    snprintf(r->header->unread, sizeof r->header->unread, "%s (" SHOWN_DESCR ")", why, shown, descr);
}

/* A structured dtype is a list of fields, and is passed over. */
static int skip_fields(reading *r)
{
    int depth = 0;
    const char *text;
    size_t bytes;
    do {
        skip_space(r);
        if (r->at == r->end)
            return fail_expected(r, "the end of the fields");
        if (*r->at == '\'' || *r->at == '"') {
            int rc = take_string(r, "a field's text", &text, &bytes);
            if (rc != VARSDB_OK)
                return rc;
            continue;
        }
        depth += (*r->at == '[' || *r->at == '(') - (*r->at == ']' || *r->at == ')');
        r->at++;
    } while (depth > 0);
    snprintf(r->header->unread, sizeof r->header->unread, "is a structured array, which is not read");
    return VARSDB_OK;
}

static int read_descr(reading *r)
{
    const char *descr;
    size_t bytes;
    skip_space(r);
    if (r->at < r->end && (*r->at == '[' || *r->at == '('))
        return skip_fields(r);
    int rc = take_string(r, "a quoted dtype", &descr, &bytes);
    if (rc != VARSDB_OK)
        return rc;
    bool ordered = bytes && memchr("<>|=", *descr, 4);
    const char *code = descr + ordered;
    size_t code_bytes = bytes - ordered;
    for (size_t i = 0; i < CODES && ordered; i++)
        if (strlen(codes[i].code) == code_bytes && memcmp(codes[i].code, code, code_bytes) == 0) {
            r->header->dtype = codes[i].dtype;
            r->header->layout.big_endian = *descr == '>' && varsdb_dtype_bits(codes[i].dtype) > 8;
            return VARSDB_OK;
        }
    leave_unread(r, what_kind(code, ordered ? code_bytes : 0), descr, bytes);
    return VARSDB_OK;
}

/* ---- Order and shape ---------------------------------------------------- */

static int read_order(reading *r)
{
    bool fortran = take(r, "True");
    if (!fortran && !take(r, "False"))
        return fail_expected(r, "True or False");
    r->header->layout.fortran = fortran;
    return VARSDB_OK;
}

static bool is_digit(const reading *r)
{
    return r->at < r->end && *r->at >= '0' && *r->at <= '9';
}

/* Python 2 put an L behind what it had as a long. */
static int read_dim(reading *r)
{
    vdb_dims *dims = &r->header->dims;
    int64_t dim = 0;
    skip_space(r);
    if (take(r, "np.int"))
        return vdb_fail(r->error, VARSDB_FORMAT,
                        "the header has np.int64(...) in its shape, a slip of an early NumPy 2 that NumPy "
                        "does not read either; save the array again");
    if (!is_digit(r) || (*r->at == '0' && r->at + 1 < r->end && r->at[1] >= '0' && r->at[1] <= '9'))
        return fail_expected(r, "a dimension, a whole number");
    for (; is_digit(r); r->at++) {
        dim = dim * 10 + (*r->at - '0');
        if (dim > VDB_DIM_MAX)
            return vdb_fail(r->error, VARSDB_FORMAT, "dimension %d is above 2^48", dims->rank);
    }
    if (r->version < 3 && r->at < r->end && *r->at == 'L')
        r->at++;
    if (dims->rank == VARSDB_RANK_MAX)
        return vdb_fail(r->error, VARSDB_FORMAT, "it has more than %d dimensions", VARSDB_RANK_MAX);
    dims->dim[dims->rank++] = dim;
    return VARSDB_OK;
}

static int read_shape(reading *r)
{
    bool comma = true;
    int rc = take(r, "(") ? VARSDB_OK : fail_expected(r, "a shape in parentheses");
    while (rc == VARSDB_OK && !take(r, ")")) {
        rc = comma ? read_dim(r) : fail_expected(r, "a comma or the shape's end");
        comma = rc == VARSDB_OK && take(r, ",");
    }
    if (rc == VARSDB_OK && r->header->dims.rank == 1 && !comma)
        rc = fail_expected(r, "a comma in a shape of one dimension");
    return rc;
}

/* ---- The dict ----------------------------------------------------------- */

static int read_pair(reading *r)
{
    const char *text;
    size_t bytes;
    int rc = take_string(r, "a key in quotes", &text, &bytes);
    if (rc != VARSDB_OK)
        return rc;
    enum key key = bytes == 5 && memcmp(text, "descr", 5) == 0             ? KEY_DESCR
                   : bytes == 13 && memcmp(text, "fortran_order", 13) == 0 ? KEY_ORDER
                   : bytes == 5 && memcmp(text, "shape", 5) == 0           ? KEY_SHAPE
                                                                           : 0;
    if (!key || (r->seen & key))
        return vdb_fail(r->error, VARSDB_FORMAT, "the header has the key '%.*s'%s",
                        bytes < DESCR_BYTES_MAX ? (int)bytes : (int)DESCR_BYTES_MAX, text,
                        key ? " twice" : ", which is unknown");
    r->seen |= key;
    if (!take(r, ":"))
        return fail_expected(r, "a colon");
    return key == KEY_DESCR ? read_descr(r) : key == KEY_ORDER ? read_order(r) : read_shape(r);
}

static int read_dict(reading *r)
{
    bool comma = true;
    int rc = take(r, "{") ? VARSDB_OK : fail_expected(r, "a dict in braces");
    while (rc == VARSDB_OK && !take(r, "}")) {
        rc = comma ? read_pair(r) : fail_expected(r, "a comma or the dict's end");
        comma = rc == VARSDB_OK && take(r, ",");
    }
    if (rc != VARSDB_OK)
        return rc;
    const char *missing = !(r->seen & KEY_DESCR)   ? "descr"
                          : !(r->seen & KEY_ORDER) ? "fortran_order"
                          : !(r->seen & KEY_SHAPE) ? "shape"
                                                   : NULL;
    if (missing)
        return vdb_fail(r->error, VARSDB_FORMAT, "the header has no '%s'", missing);
    skip_space(r);
    return r->at == r->end ? VARSDB_OK : fail_expected(r, "nothing more");
}

/* ---- Sizes -------------------------------------------------------------- */

static int check_bytes(vdb_error *e, const vdb_source *source, vdb_npy_header *h)
{
    varsdb_shape shape = vdb_dims_shape(&h->dims);
    int64_t elements, bytes;
    unsigned long long there = source->bytes - h->layout.data;
    h->bytes = there;
    int rc = vdb_shape_elements(e, &shape, &elements);
    if (rc == VARSDB_INVALID)
        e->code = rc = VARSDB_FORMAT;
    if (rc != VARSDB_OK || h->dtype == VARSDB_DTYPE_NOT_SAID)
        return rc;
    if (!vdb_dtype_bytes(h->dtype, elements, &bytes))
        return vdb_fail(e, VARSDB_FORMAT, "its shape and dtype take more bytes than can be counted");
    if ((uint64_t)bytes > there)
        return vdb_fail(e, VARSDB_FORMAT,
                        "its shape and dtype take %lld bytes, but only %llu are there; it is truncated (an "
                        "incomplete download?)",
                        (long long)bytes, there);
    if ((uint64_t)bytes < there)
        return vdb_fail(e, VARSDB_FORMAT, "%llu byte%s the array's %lld", there - (uint64_t)bytes,
                        there - (uint64_t)bytes == 1 ? " follows" : "s follow", (long long)bytes);
    return VARSDB_OK;
}

/* Of the orders that say the same, C's. */
static void simplify_order(vdb_npy_header *h)
{
    int wide = 0;
    for (int i = 0; i < h->dims.rank; i++)
        wide += h->dims.dim[i] != 1;
    if (wide < 2 || !h->bytes)
        h->layout.fortran = false;
}

/* Version, length and begin of the text. */
static int read_prefix(vdb_error *e, const vdb_source *source, int *version, uint32_t *begin,
                       uint32_t *length)
{
    unsigned char p[VDB_NPY_PREFIX_BYTES] = {0};
    size_t bytes = source->bytes < PREFIX_1_BYTES ? (size_t)source->bytes : PREFIX_1_BYTES;
    int rc = source->read_at(e, source->payload, 0, p, bytes);
    if (rc == VARSDB_OK && p[6] > 1 && source->bytes >= sizeof p)
        rc = source->read_at(e, source->payload, bytes, p + bytes, sizeof p - bytes);
    if (rc != VARSDB_OK)
        return rc;
    if (memcmp(p, MAGIC, MAGIC_BYTES) != 0)
        return vdb_fail(e, VARSDB_FORMAT, "it is not an array of NumPy's: it does not begin with its magic");
    if (p[6] < 1 || p[6] > 3 || p[7] != 0)
        return vdb_fail(e, VARSDB_FORMAT, "it has version %d.%d of the format; 1.0, 2.0 and 3.0 are read",
                        p[6], p[7]);
    uint32_t at = p[6] == 1 ? PREFIX_1_BYTES : VDB_NPY_PREFIX_BYTES,
             count = (uint32_t)vdb_get_little_endian(p + 8, p[6] == 1 ? 2 : 4);
    if (count > VDB_NPY_HEADER_MAX)
        return vdb_fail(e, VARSDB_FORMAT, "the header's length is given as %u; at most %u bytes are read",
                        count, VDB_NPY_HEADER_MAX);
    if (source->bytes < at || count > source->bytes - at)
        return vdb_fail(
            e, VARSDB_FORMAT,
            "the header's length is given as %u, but the array's bytes end before; it is truncated", count);
    *version = p[6];
    *begin = at;
    *length = count;
    return VARSDB_OK;
}

int vdb_npy_read_header(vdb_error *e, const vdb_source *source, vdb_npy_header *out)
{
    char text[VDB_NPY_HEADER_MAX];
    uint32_t begin = 0, length = 0;
    vdb_npy_header h = {.dtype = VARSDB_DTYPE_NOT_SAID};
    reading r = {.error = e, .begin = text, .at = text, .header = &h};
    int rc = read_prefix(e, source, &r.version, &begin, &length);
    if (rc == VARSDB_OK)
        rc = source->read_at(e, source->payload, begin, text, length);
    if (rc != VARSDB_OK)
        return rc;
    r.end = text + length;
    h.layout.data = begin + length;
    rc = read_dict(&r);
    if (rc == VARSDB_OK)
        rc = check_bytes(e, source, &h);
    if (rc == VARSDB_OK) {
        simplify_order(&h);
        *out = h;
    }
    return rc;
}

/* ---- Writing ------------------------------------------------------------ */

static const char *code_of(varsdb_dtype dtype)
{
    for (size_t i = 0; i < CODES; i++)
        if (codes[i].dtype == dtype)
            return codes[i].code;
    return NULL;
}

static int print_dict(vdb_buf *out, varsdb_dtype dtype, const varsdb_shape *shape)
{
    int rc = vdb_buf_printf(out, "{'descr': '%c%s', 'fortran_order': False, 'shape': (",
                            varsdb_dtype_bits(dtype) > 8 ? '<' : '|', code_of(dtype));
    for (int i = 0; i < shape->rank && rc == VARSDB_OK; i++)
        rc = vdb_buf_printf(out, i ? ", %lld" : "%lld", (long long)shape->dims[i]);
    if (rc == VARSDB_OK)
        rc = vdb_buf_append_text(out, shape->rank == 1 ? ",), }" : "), }");
    if (rc == VARSDB_OK && shape->rank) {
        int digits = snprintf(NULL, 0, "%lld", (long long)shape->dims[0]);
        rc = vdb_buf_printf(out, "%*s", (int)GROWTH_DIGITS - digits, "");
    }
    return rc;
}

int vdb_npy_print_header(vdb_buf *out, varsdb_dtype dtype, const varsdb_shape *shape)
{
    size_t begin = out->size;
    int rc = vdb_buf_append(out, MAGIC "\1\0\0\0", MAGIC_BYTES + 4);
    if (rc == VARSDB_OK)
        rc = print_dict(out, dtype, shape);
    if (rc == VARSDB_OK)
        rc = vdb_buf_printf(out, "%*s\n", (int)(ALIGNMENT - (out->size - begin + 1) % ALIGNMENT), "");
    if (rc != VARSDB_OK)
        return rc;
    size_t bytes = out->size - begin - MAGIC_BYTES - 4;
    vdb_put_little_endian(out->data + begin + 8, bytes, 2);
    return VARSDB_OK;
}

int vdb_npy_check_dtypes(vdb_error *e, const vdb_output_tensor *tensors, size_t count)
{
    vdb_buf names = {0};
    int rc = VARSDB_OK;
    for (size_t i = 0; i < count && rc == VARSDB_OK && names.size < VDB_ERROR_BYTES; i++)
        if (!code_of(tensors[i].dtype))
            rc = vdb_buf_printf(&names, "%s'%.200s' (%s)", names.size ? ", " : "", tensors[i].name,
                                varsdb_dtype_name(tensors[i].dtype));
    if (rc != VARSDB_OK)
        rc = vdb_fail_nomem(e);
    else if (names.size)
        rc = vdb_fail(e, VARSDB_UNSUPPORTED, "NumPy has no such dtype: %s", names.data);
    vdb_buf_release(&names);
    return rc;
}

#endif
