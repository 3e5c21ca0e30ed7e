/* print_visible.c - text as a terminal may have it (print.h). */
#include <assert.h>
#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "print.h"

bool print_locale_is_utf8(void)
{
    static int known;
    if (!known)
        known = setlocale(LC_CTYPE, "") && strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? 1 : -1;
    return known > 0;
}

/* One character as it is shown. */
typedef struct glyph {
    size_t bytes; /* of the text */
    size_t width; /* columns */
    size_t escaped;
    char escape[12]; /* shown instead of the text, if `escaped` */
} glyph;

static unsigned long code_point(const char *text, size_t bytes)
{
    static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    unsigned long code = (unsigned char)text[0] & masks[bytes];
    for (size_t i = 1; i < bytes; i++)
        code = code << 6 | ((unsigned char)text[i] & 0x3f);
    return code;
}

/* Marks that reorder or break a line: two names could look alike that are not. */
static bool steers(unsigned long code)
{
    return (code >= 0x80 && code < 0xa0) || code == 0x61c || (code >= 0x200e && code <= 0x200f) ||
           (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

__attribute__((format(printf, 2, 3))) static void escape(glyph *g, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    int n = vsnprintf(g->escape, sizeof g->escape, format, ap);
    va_end(ap);
    assert(n > 0 && (size_t)n < sizeof g->escape);
    g->escaped = g->width = (size_t)n;
}

static glyph read_glyph(const char *text, size_t bytes)
{
    unsigned char c = (unsigned char)text[0];
    size_t n = print_utf8_length(text, bytes);
    glyph g = {.bytes = n ? n : 1, .width = 1};
    if (c == '\n' || c == '\t' || c == '\r') {
        escape(&g, "\\%c", c == '\n' ? 'n' : c == '\t' ? 't' : 'r');
    } else if (!n || c < 0x20 || c == 0x7f) {
        escape(&g, "\\x%02x", (unsigned)c);
    } else if (n > 1) {
        unsigned long code = code_point(text, n);
        if (steers(code) || !print_locale_is_utf8()) {
            if (code > 0xffff)
                escape(&g, "\\U%08lx", code);
            else
                escape(&g, "\\u%04lx", code);
        } else {
            int width = wcwidth((wchar_t)code);
            g.width = width >= 0 ? (size_t)width : 1; /* newer than the C library's tables */
        }
    }
    return g;
}

void print_visible(sink *to, const char *text, size_t bytes)
{
    for (size_t at = 0; at < bytes;) {
        glyph g = read_glyph(text + at, bytes - at);
        if (g.escaped)
            sink_bytes(to, g.escape, g.escaped);
        else
            sink_bytes(to, text + at, g.bytes);
        at += g.bytes;
    }
}

size_t print_visible_width(const char *text, size_t bytes)
{
    size_t width = 0;
    for (size_t at = 0; at < bytes;) {
        glyph g = read_glyph(text + at, bytes - at);
        width += g.width;
        at += g.bytes;
    }
    return width;
}

/* What is kept of a text on each side of the ellipsis. */
typedef struct fitting {
    size_t head, tail;  /* the head ends there, the tail begins there */
    size_t width;       /* of all with the ellipsis */
    const char *middle; /* "" if it fits */
} fitting;

static fitting fit(const char *text, size_t bytes, size_t room)
{
    bool utf8 = print_locale_is_utf8();
    fitting f = {bytes, bytes, print_visible_width(text, bytes), ""};
    if (f.width <= room)
        return f;
    f.middle = utf8 ? "\xe2\x80\xa6" : room > 3 ? "..." : room > 1 ? "." : "";
    size_t dots = utf8 ? 1 : strlen(f.middle), left = room > dots ? room - dots : 0;
    size_t whole = f.width, head = 0, passed = 0;
    f.head = f.tail = 0;
    /* A name's end tells more than its beginning: the odd column is the tail's. */
    while (f.head < bytes) {
        glyph g = read_glyph(text + f.head, bytes - f.head);
        if (head + g.width > left / 2)
            break;
        head += g.width;
        f.head += g.bytes;
    }
    /* A mark that combines goes with what stands before it. */
    while (f.tail < bytes) {
        glyph g = read_glyph(text + f.tail, bytes - f.tail);
        if (whole - passed <= left - head && g.width)
            break;
        passed += g.width;
        f.tail += g.bytes;
    }
    f.width = head + dots + whole - passed;
    return f;
}

void print_fitting(sink *to, const char *text, size_t bytes, size_t room)
{
    fitting f = fit(text, bytes, room);
    print_visible(to, text, f.head);
    sink_text(to, f.middle);
    print_visible(to, text + f.tail, bytes - f.tail);
}

size_t print_fitting_width(const char *text, size_t bytes, size_t room)
{
    return fit(text, bytes, room).width;
}
