/* name.c - see name.h. */
#include "name.h"

#include <stdint.h>
#include <string.h>

#define SHOWN_BYTES 128 /* of a name in a message */

/* One code point of UTF-8 at p, and its length in bytes; 0 when it is not well formed. */
static size_t decode(const unsigned char *p, size_t bytes, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = p[0] < 0x80   ? 1
                    : p[0] < 0xc0 ? 0
                    : p[0] < 0xe0 ? 2
                    : p[0] < 0xf0 ? 3
                    : p[0] < 0xf8 ? 4
                                  : 0;
    if (length == 0 || length > bytes)
        return 0;
    uint32_t c = length == 1 ? p[0] : p[0] & (0x7fU >> length);
    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (p[i] & 0x3fU);
    }
    if (c < least[length] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return 0;
    *code = c;
    return length;
}

bool vdb_utf8_valid(const char *text, size_t bytes)
{
    const unsigned char *p = (const unsigned char *)text;
    uint32_t code = 0;
    for (size_t at = 0, length; at < bytes; at += length) {
        length = decode(p + at, bytes - at, &code);
        if (length == 0 || code == 0)
            return false;
    }
    return true;
}

static bool is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

/* A name as a message may show it: cut where it is long, '?' for what is no character. */
static const char *shown(char out[SHOWN_BYTES + 4], const char *name, size_t bytes)
{
    const unsigned char *p = (const unsigned char *)name;
    size_t at = 0, length, size = 0;
    while (at < bytes) {
        uint32_t code = 0;
        length = decode(p + at, bytes - at, &code);
        if (size + (length ? length : 1) > SHOWN_BYTES)
            break;
        if (length == 0 || is_control(code)) {
            out[size++] = '?';
            at += length ? length : 1;
            continue;
        }
        memcpy(out + size, name + at, length);
        size += length;
        at += length;
    }
    memcpy(out + size, "...", 4);
    if (at == bytes)
        out[size] = '\0';
    return out;
}

static int refuse(vdb_error *e, const char *what, const char *name, size_t bytes, const char *why)
{
    char text[SHOWN_BYTES + 4];
    return vdb_fail(e, VARSDB_INVALID, "%s name '%s': %s", what, shown(text, name, bytes), why);
}

static int check_size(vdb_error *e, const char *what, const char *name, size_t bytes)
{
    if (bytes == 0)
        return vdb_fail(e, VARSDB_INVALID, "the %s name is empty", what);
    if (bytes > VDB_NAME_BYTES_MAX) {
        char text[SHOWN_BYTES + 4];
        return vdb_fail(e, VARSDB_INVALID, "%s name '%s': it has %zu bytes, at most %d are accepted", what,
                        shown(text, name, bytes), bytes, VDB_NAME_BYTES_MAX);
    }
    return VARSDB_OK;
}

static int check_components(vdb_error *e, const char *what, const char *name, size_t bytes)
{
    if (name[0] == '/')
        return refuse(e, what, name, bytes, "it begins with '/'");
    if (name[bytes - 1] == '/')
        return refuse(e, what, name, bytes, "it ends in '/'");
    if (memmem(name, bytes, "//", 2))
        return refuse(e, what, name, bytes, "it has an empty component ('//')");
    return VARSDB_OK;
}

static bool may_begin(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.';
}

static bool may_follow(char c)
{
    return may_begin(c) || c == '_' || c == '-' || c == '/';
}

int vdb_name_check_created(vdb_error *e, const char *what, const char *name, size_t bytes)
{
    int rc = check_size(e, what, name, bytes);
    if (rc != VARSDB_OK)
        return rc;
    rc = check_components(e, what, name, bytes);
    if (rc != VARSDB_OK)
        return rc;
    if (!may_begin(name[0]))
        return refuse(e, what, name, bytes, "it must begin with a letter A-Z or a-z, a digit or '.'");
    for (size_t i = 1; i < bytes; i++)
        if (!may_follow(name[i]))
            return refuse(e, what, name, bytes,
                          "only letters A-Z and a-z, digits, '.', '_', '-' and '/' are accepted");
    return VARSDB_OK;
}

int vdb_name_check_stored(vdb_error *e, const char *what, const char *name, size_t bytes)
{
    int rc = check_size(e, what, name, bytes);
    if (rc != VARSDB_OK)
        return rc;
    const unsigned char *p = (const unsigned char *)name;
    uint32_t code = 0;
    for (size_t at = 0, length; at < bytes; at += length) {
        length = decode(p + at, bytes - at, &code);
        if (length == 0)
            return refuse(e, what, name, bytes, "it is not UTF-8");
        if (is_control(code))
            return refuse(e, what, name, bytes, "it has a control character");
    }
    return check_components(e, what, name, bytes);
}

size_t vdb_name_without_output(const char *name, size_t bytes)
{
    bool has_output = bytes > 2 && name[bytes - 2] == ':' && name[bytes - 1] == '0';
    return has_output ? bytes - 2 : bytes;
}

size_t vdb_name_scope_bytes(const char *name, size_t bytes)
{
    const char *slash = bytes ? memrchr(name, '/', bytes) : NULL;
    return slash ? (size_t)(slash - name) : 0;
}

bool vdb_name_in_scope(const char *name, size_t bytes, const char *scope, size_t scope_bytes)
{
    if (scope_bytes == 0)
        return true;
    if (bytes < scope_bytes || memcmp(name, scope, scope_bytes) != 0)
        return false;
    return bytes == scope_bytes || name[scope_bytes] == '/';
}

int64_t vdb_name_part_number(const char *name, size_t bytes)
{
    int64_t n = 0;
    if (bytes < 6 || bytes > 20 || memcmp(name, "part_", 5) != 0 || (name[5] == '0' && bytes > 6))
        return -1;
    for (size_t i = 5; i < bytes; i++) {
        if (name[i] < '0' || name[i] > '9')
            return -1;
        n = n * 10 + (name[i] - '0');
    }
    return n;
}
