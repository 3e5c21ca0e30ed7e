/* report_json.c - see report_json.h. */
#include "report_json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "print.h"

/* Digits of an integer that a double holds, whatever they are. */
#define EXACT_DIGITS 15

static void separate(report_json *j)
{
    if (j->follows)
        sink_char(j->to, ',');
    j->follows = true;
}

void json_open(report_json *j, char bracket)
{
    separate(j);
    sink_char(j->to, bracket);
    j->follows = false;
}

void json_close(report_json *j, char bracket)
{
    sink_char(j->to, bracket);
    j->follows = true;
}

void json_key(report_json *j, const char *key)
{
    separate(j);
    sink_char(j->to, '"');
    sink_text(j->to, key);
    sink_text(j->to, "\":");
    j->follows = false;
}

void json_int(report_json *j, int64_t value)
{
    separate(j);
    sink_commit(j->to, print_int(sink_reserve(j->to), value));
}

void json_real(report_json *j, double value)
{
    separate(j);
    if (isnan(value))
        sink_text(j->to, "\"NaN\"");
    else if (isinf(value))
        sink_text(j->to, value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
    else
        sink_printf(j->to, "%.6g", value);
}

/* print_json leaves "<" as it is, which may begin a tag. */
void json_text(report_json *j, const char *text)
{
    if (!text) {
        json_null(j);
        return;
    }
    separate(j);
    sink_char(j->to, '"');
    size_t bytes = strlen(text), from = 0;
    for (size_t at = 0, n; at < bytes; at += n) {
        unsigned char c = (unsigned char)text[at];
        n = print_utf8_length(text + at, bytes - at);
        if (n && c >= 0x20 && c != '"' && c != '\\' && c != '<' && c != 0x7f)
            continue;
        sink_bytes(j->to, text + from, at - from);
        sink_printf(j->to, "\\u%04x", n ? (unsigned)c : 0xfffdU);
        n = 1;
        from = at + 1;
    }
    sink_bytes(j->to, text + from, bytes - from);
    sink_char(j->to, '"');
}

void json_number(report_json *j, const char *text)
{
    if (!text) {
        json_null(j);
        return;
    }
    bool whole = !text[strspn(text, "-0123456789")], plain = !text[strspn(text, "-+.eE0123456789")];
    if (!plain || (whole && strlen(text) > EXACT_DIGITS)) {
        json_text(j, text);
        return;
    }
    separate(j);
    sink_text(j->to, text);
}

void json_null(report_json *j)
{
    separate(j);
    sink_text(j->to, "null");
}
