/* json_text.c - numbers and strings of JSON, out of tokens and into text; see json.h. */
#include <string.h>

#include "json.h"

static const char HEX[] = "0123456789abcdef";

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

long vdb_json_hex4(const char *p, size_t bytes)
{
    long value = 0;
    if (bytes < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        char c = p[i];
        int digit = is_digit(c)              ? c - '0'
                    : (c >= 'a' && c <= 'f') ? c - 'a' + 10
                    : (c >= 'A' && c <= 'F') ? c - 'A' + 10
                                             : -1;
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

bool vdb_json_uint(const vdb_json *j, uint64_t *out)
{
    uint64_t value = 0;
    for (size_t i = 0; i < j->raw_bytes; i++) {
        if (!is_digit(j->raw[i]) || __builtin_mul_overflow(value, 10U, &value) ||
            __builtin_add_overflow(value, (uint64_t)(j->raw[i] - '0'), &value) || value > INT64_MAX)
            return false;
    }
    if (j->raw_bytes == 0)
        return false;
    *out = value;
    return true;
}

static int append_utf8(vdb_buf *out, long code)
{
    unsigned char text[4];
    size_t bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = bytes; i-- > 1; code >>= 6)
        text[i] = (unsigned char)(0x80 | (code & 0x3f));
    text[0] = (unsigned char)(lead[bytes] | code);
    return vdb_buf_append(out, text, bytes);
}

/* Appends what the escape at p stands for, and passes over it; the scan has checked it. */
static int append_escape(vdb_buf *out, const char **p)
{
    static const char names[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    const char *at = *p + 1;
    if (*at != 'u') {
        *p = at + 1;
        return vdb_buf_append(out, meanings + (strchr(names, *at) - names), 1);
    }
    long code = vdb_json_hex4(at + 1, 4);
    *p = at + 5;
    if (code >= 0xd800 && code < 0xdc00) {
        code = 0x10000 + ((code - 0xd800) << 10) + (vdb_json_hex4(at + 7, 4) - 0xdc00);
        *p = at + 11;
    }
    return append_utf8(out, code);
}

static int give_back(vdb_buf *out, size_t size, int rc)
{
    if (rc != VARSDB_OK && out->data) {
        out->size = size;
        out->data[size] = '\0';
    }
    return rc;
}

int vdb_json_unescape(const vdb_json *j, vdb_buf *out)
{
    size_t before = out->size;
    const char *p = j->raw, *end = p + j->raw_bytes;
    int rc = VARSDB_OK;
    while (p < end && rc == VARSDB_OK) {
        const char *escape = memchr(p, '\\', (size_t)(end - p));
        const char *stop = escape ? escape : end;
        rc = vdb_buf_append(out, p, (size_t)(stop - p));
        p = stop;
        if (rc == VARSDB_OK && escape)
            rc = append_escape(out, &p);
    }
    return give_back(out, before, rc);
}

static int print_control(vdb_buf *out, unsigned char c)
{
    static const char controls[] = "\b\f\n\r\t", letters[] = "bfnrt";
    const char *known = c ? strchr(controls, c) : NULL;
    if (known)
        return vdb_buf_append(out, (const char[]){'\\', letters[known - controls]}, 2);
    return vdb_buf_append(out, (const char[]){'\\', 'u', '0', '0', HEX[c >> 4], HEX[c & 15]}, 6);
}

int vdb_json_print_string(vdb_buf *out, const char *text, size_t bytes)
{
    size_t before = out->size, plain = 0;
    int rc = vdb_buf_append(out, "\"", 1);
    for (size_t i = 0; i < bytes && rc == VARSDB_OK; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        rc = vdb_buf_append(out, text + plain, i - plain);
        if (rc == VARSDB_OK)
            rc = c < 0x20 ? print_control(out, c) : vdb_buf_append(out, (const char[]){'\\', text[i]}, 2);
        plain = i + 1;
    }
    if (rc == VARSDB_OK && plain < bytes)
        rc = vdb_buf_append(out, text + plain, bytes - plain);
    if (rc == VARSDB_OK)
        rc = vdb_buf_append(out, "\"", 1);
    return give_back(out, before, rc);
}
