/* gguf_header.c - texts, numbers and metadata of GGUF; see gguf.h. */
#ifndef VARSDB_OMIT_GGUF

#include "../byte_order.h"
#include "gguf.h"

#include <string.h>

#include "../json.h"
#include "../mem.h"
#include "../name.h"

#define WINDOW_BYTES ((size_t)64 << 10)

enum type {
    TYPE_TEXT = 8,
    TYPE_ARRAY = 9
};

/* The types of numbers; a text and an array have none. */
static const varsdb_dtype numbers[] = {VARSDB_UINT8,
                                       VARSDB_INT8,
                                       VARSDB_UINT16,
                                       VARSDB_INT16,
                                       VARSDB_UINT32,
                                       VARSDB_INT32,
                                       VARSDB_FLOAT32,
                                       VARSDB_BOOL,
                                       0,
                                       0,
                                       VARSDB_UINT64,
                                       VARSDB_INT64,
                                       VARSDB_FLOAT64};
#define TYPES (sizeof numbers / sizeof *numbers)

/* ---- Bytes -------------------------------------------------------------- */

int vdb_gguf_begin(vdb_error *e, const vdb_input *in, vdb_gguf_source *out)
{
    vdb_gguf_source s = {.error = e, .in = in, .window = vdb_malloc(WINDOW_BYTES)};
    if (!s.window)
        return vdb_fail_nomem(e);
    *out = s;
    return VARSDB_OK;
}

void vdb_gguf_end(vdb_gguf_source *s)
{
    vdb_free(s->window);
    *s = (vdb_gguf_source){0};
}

uint64_t vdb_gguf_left(const vdb_gguf_source *s)
{
    return s->in->bytes - s->at;
}

static int fail_end(const vdb_gguf_source *s)
{
    return vdb_fail(s->error, VARSDB_FORMAT,
                    "the file ends at byte %llu, in its header; it is truncated (an incomplete download?)",
                    (unsigned long long)s->in->bytes);
}

int vdb_gguf_skip(vdb_gguf_source *s, uint64_t bytes)
{
    if (bytes > vdb_gguf_left(s))
        return fail_end(s);
    s->at += bytes;
    return VARSDB_OK;
}

static int fill_window(vdb_gguf_source *s)
{
    uint64_t left = vdb_gguf_left(s);
    size_t bytes = left < WINDOW_BYTES ? (size_t)left : WINDOW_BYTES;
    s->window_bytes = 0;
    int rc = vdb_input_read(s->error, s->in, s->at, s->window, bytes);
    if (rc != VARSDB_OK)
        return rc;
    s->window_at = s->at;
    s->window_bytes = bytes;
    return VARSDB_OK;
}

int vdb_gguf_take(vdb_gguf_source *s, void *out, size_t bytes)
{
    char *to = out;
    int rc = VARSDB_OK;
    if (bytes > vdb_gguf_left(s))
        return fail_end(s);
    while (bytes) {
        if (s->at < s->window_at || s->at - s->window_at >= s->window_bytes)
            rc = fill_window(s);
        if (rc != VARSDB_OK)
            return rc;
        size_t from = (size_t)(s->at - s->window_at), there = s->window_bytes - from;
        size_t count = bytes < there ? bytes : there;
        memcpy(to, s->window + from, count);
        to += count;
        s->at += count;
        bytes -= count;
    }
    return VARSDB_OK;
}

int vdb_gguf_number(vdb_gguf_source *s, size_t bytes, uint64_t *out)
{
    unsigned char data[8];
    int rc = vdb_gguf_take(s, data, bytes);
    if (rc != VARSDB_OK)
        return rc;
    *out = vdb_get_little_endian(data, bytes);
    return VARSDB_OK;
}

/* ---- Texts -------------------------------------------------------------- */

static int take_length(vdb_gguf_source *s, const char *what, uint64_t *out)
{
    uint64_t length = 0;
    int rc = vdb_gguf_number(s, 8, &length);
    if (rc == VARSDB_OK && length > VDB_GGUF_TEXT_MAX)
        return vdb_fail(s->error, VARSDB_FORMAT, "%s has %llu bytes; 2^30 is the most", what,
                        (unsigned long long)length);
    if (rc == VARSDB_OK && length > vdb_gguf_left(s))
        rc = fail_end(s);
    if (rc == VARSDB_OK)
        *out = length;
    return rc;
}

int vdb_gguf_text(vdb_gguf_source *s, const char *what, size_t most, vdb_buf *out)
{
    uint64_t length = 0;
    void *to = NULL;
    int rc = take_length(s, what, &length);
    if (rc == VARSDB_OK && length > most)
        rc = vdb_fail(s->error, VARSDB_FORMAT, "%s has %llu bytes; %zu are the most", what,
                      (unsigned long long)length, most);
    if (rc != VARSDB_OK)
        return rc;
    vdb_buf_reset(out);
    if (vdb_buf_append(out, "", 0) != VARSDB_OK || vdb_buf_extend(out, (size_t)length, &to) != VARSDB_OK)
        return vdb_fail_nomem(s->error);
    rc = vdb_gguf_take(s, to, (size_t)length);
    if (rc == VARSDB_OK && !vdb_utf8_valid(out->data, out->size))
        rc = vdb_fail(s->error, VARSDB_FORMAT, "%s is not UTF-8, or holds NUL", what);
    return rc;
}

/* ---- Values ------------------------------------------------------------- */

static int append(const vdb_gguf_source *s, vdb_buf *out, const char *text)
{
    return vdb_buf_append_text(out, text) == VARSDB_OK ? VARSDB_OK : vdb_fail_nomem(s->error);
}

static int print_number(vdb_gguf_source *s, varsdb_dtype dtype, vdb_buf *out, uint64_t *whole)
{
    char text[64];
    size_t bytes = (size_t)varsdb_dtype_bits(dtype) / 8;
    unsigned char data[8] = {0};
    int rc = vdb_gguf_take(s, data, bytes);
    if (rc != VARSDB_OK)
        return rc;
    uint64_t value = vdb_get_little_endian(data, bytes);
    if (dtype == VARSDB_BOOL && value > 1)
        return vdb_fail(s->error, VARSDB_FORMAT, "a bool is byte 0x%02x; it must be 0 or 1", data[0]);
    if (dtype == VARSDB_UINT8 || dtype == VARSDB_UINT16 || dtype == VARSDB_UINT32 || dtype == VARSDB_UINT64)
        *whole = value;
    rc = varsdb_element_json(dtype, data, 0, text, sizeof text);
    return rc == VARSDB_OK ? append(s, out, text) : vdb_fail(s->error, rc, "a number cannot be printed");
}

/* Of a text that is not kept, the length. */
static int print_text(vdb_gguf_source *s, size_t most, vdb_buf *out, bool *fits)
{
    uint64_t length = 0;
    vdb_buf text = {0};
    void *to = NULL;
    int rc = take_length(s, "a text", &length);
    if (rc != VARSDB_OK)
        return rc;
    *fits = length <= most;
    if (!*fits)
        return vdb_gguf_skip(s, length);
    if (vdb_buf_extend(&text, (size_t)length, &to) != VARSDB_OK)
        rc = vdb_fail_nomem(s->error);
    if (rc == VARSDB_OK)
        rc = vdb_gguf_take(s, to, (size_t)length);
    if (rc == VARSDB_OK)
        *fits = vdb_utf8_valid(text.data, text.size); /* tokens need not be */
    if (rc == VARSDB_OK && *fits && vdb_json_print_string(out, text.data, text.size) != VARSDB_OK)
        rc = vdb_fail_nomem(s->error);
    vdb_buf_release(&text);
    return rc;
}

static int print_stand_in(vdb_gguf_source *s, vdb_buf *out, const char *type, uint64_t length)
{
    vdb_buf_reset(out);
    int rc = vdb_buf_printf(out, "{\"type\":\"%s\",\"length\":%llu}", type, (unsigned long long)length);
    return rc == VARSDB_OK ? rc : vdb_fail_nomem(s->error);
}

/* What is left of an array that is not kept. */
static int skip_items(vdb_gguf_source *s, uint64_t type, uint64_t count)
{
    if (type != TYPE_TEXT)
        return vdb_gguf_skip(s, count * ((uint64_t)varsdb_dtype_bits(numbers[type]) / 8));
    int rc = VARSDB_OK;
    for (uint64_t i = 0, length = 0; i < count && rc == VARSDB_OK; i++) {
        rc = take_length(s, "a text", &length);
        if (rc == VARSDB_OK)
            rc = vdb_gguf_skip(s, length);
    }
    return rc;
}

static int begin_array(vdb_gguf_source *s, uint64_t *type, uint64_t *count)
{
    int rc = vdb_gguf_number(s, 4, type);
    if (rc == VARSDB_OK)
        rc = vdb_gguf_number(s, 8, count);
    if (rc != VARSDB_OK)
        return rc;
    if (*type >= TYPES || *type == TYPE_ARRAY)
        return vdb_fail(s->error, VARSDB_FORMAT, "an array is of type %llu, which there is not",
                        (unsigned long long)*type);
    uint64_t least = *type == TYPE_TEXT ? 8 : (uint64_t)varsdb_dtype_bits(numbers[*type]) / 8;
    if (*count > VDB_GGUF_TEXT_MAX || *count > vdb_gguf_left(s) / least)
        return vdb_fail(s->error, VARSDB_FORMAT,
                        "an array has %llu items, more than the rest of the file holds",
                        (unsigned long long)*count);
    return VARSDB_OK;
}

static int print_array(vdb_gguf_source *s, vdb_buf *out)
{
    uint64_t type = 0, count = 0, unused, done = 0;
    bool fits = true;
    int rc = begin_array(s, &type, &count);
    if (rc == VARSDB_OK)
        rc = append(s, out, "[");
    for (; rc == VARSDB_OK && fits && done < count; done++) {
        if (done)
            rc = append(s, out, ",");
        if (rc == VARSDB_OK)
            rc = type == TYPE_TEXT ? print_text(s, VDB_GGUF_JSON_MOST, out, &fits)
                                   : print_number(s, numbers[type], out, &unused);
        fits = fits && out->size < VDB_GGUF_JSON_MOST;
    }
    if (rc == VARSDB_OK && fits)
        return append(s, out, "]");
    if (rc == VARSDB_OK)
        rc = skip_items(s, type, count - done);
    return rc == VARSDB_OK ? print_stand_in(s, out, "array", count) : rc;
}

int vdb_gguf_value(vdb_gguf_source *s, uint64_t type, vdb_buf *out, uint64_t *whole)
{
    bool fits = true;
    uint64_t begin = s->at;
    *whole = UINT64_MAX;
    vdb_buf_reset(out);
    if (type >= TYPES)
        return vdb_fail(s->error, VARSDB_FORMAT, "it is of type %llu, which there is not",
                        (unsigned long long)type);
    if (type == TYPE_ARRAY)
        return print_array(s, out);
    if (type != TYPE_TEXT)
        return print_number(s, numbers[type], out, whole);
    int rc = print_text(s, VDB_GGUF_JSON_MOST, out, &fits);
    return rc == VARSDB_OK && !fits ? print_stand_in(s, out, "text", s->at - begin - 8) : rc;
}

#endif
