/* print.c - see print.h. */
#include "print.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t print_uint(char *out, uint64_t value)
{
    char digits[20];
    size_t n = 0;
    do
        digits[n++] = (char)('0' + value % 10);
    while (value /= 10);
    for (size_t i = 0; i < n; i++)
        out[i] = digits[n - 1 - i];
    return n;
}

size_t print_int(char *out, int64_t value)
{
    if (value >= 0)
        return print_uint(out, (uint64_t)value);
    out[0] = '-';
    return 1 + print_uint(out + 1, -(uint64_t)value);
}

static size_t print_word(char *out, const char *word)
{
    size_t n = strlen(word);
    memcpy(out, word, n);
    return n;
}

/* A whole number below 1e15: no search for digits is needed. */
static size_t print_whole(char *out, double value)
{
    size_t n = 0;
    if (signbit(value))
        out[n++] = '-';
    n += print_uint(out + n, (uint64_t)fabs(value));
    return n + print_word(out + n, ".0");
}

size_t print_double(char *out, double value)
{
    if (isnan(value))
        return print_word(out, "NaN");
    if (isinf(value))
        return print_word(out, value > 0 ? "Infinity" : "-Infinity");
    if (fabs(value) < 1e15 && !islessgreater(value, trunc(value)))
        return print_whole(out, value);
    int n = 0;
    for (int digits = 15; digits <= 17; digits++) {
        n = snprintf(out, PRINT_NUMBER_MAX, "%.*g", digits, value);
        if (!islessgreater(strtod(out, NULL), value))
            break;
    }
    size_t bytes = (size_t)n;
    if (!memchr(out, '.', bytes) && !memchr(out, 'e', bytes))
        bytes += print_word(out + bytes, ".0");
    return bytes;
}

static char *put_digits(char *out, unsigned value, int digits)
{
    for (int i = digits - 1; i >= 0; i--, value /= 10)
        out[i] = (char)('0' + value % 10);
    return out + digits;
}

/* Days since 1970 to a date of the Gregorian calendar, counted in eras of 400 years that
 * begin on the first of March of year 0. */
static void civil_date(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    unsigned in_era = (unsigned)(days - era * 146097);
    unsigned year_of_era = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    unsigned in_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned from_march = (5 * in_year + 2) / 153;
    *day = in_year - (153 * from_march + 2) / 5 + 1;
    *month = from_march < 10 ? from_march + 3 : from_march - 9;
    *year = (int64_t)year_of_era + era * 400 + (*month <= 2);
}

size_t print_time(char *out, int64_t milliseconds)
{
    const int64_t day_ms = 86400000;
    int64_t days = milliseconds / day_ms, rest = milliseconds % day_ms, year;
    if (rest < 0) {
        rest += day_ms;
        days--;
    }
    unsigned month, day, ms = (unsigned)rest;
    civil_date(days, &year, &month, &day);
    if (year < 0 || year > 9999)
        return print_int(out, milliseconds);
    char *p = put_digits(out, (unsigned)year, 4);
    *p++ = '-';
    p = put_digits(p, month, 2);
    *p++ = '-';
    p = put_digits(p, day, 2);
    *p++ = 'T';
    p = put_digits(p, ms / 3600000, 2);
    *p++ = ':';
    p = put_digits(p, ms / 60000 % 60, 2);
    *p++ = ':';
    p = put_digits(p, ms / 1000 % 60, 2);
    *p++ = '.';
    p = put_digits(p, ms % 1000, 3);
    *p++ = 'Z';
    return (size_t)(p - out);
}

void print_size(char *out, int64_t bytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    if (bytes < 1024) {
        snprintf(out, PRINT_NUMBER_MAX, "%lld B", (long long)bytes);
        return;
    }
    double scaled = (double)bytes / 1024;
    size_t unit = 0;
    while (scaled >= 1024 && unit + 1 < sizeof units / sizeof *units) {
        scaled /= 1024;
        unit++;
    }
    snprintf(out, PRINT_NUMBER_MAX, "%.1f %s", scaled, units[unit]);
}

size_t print_utf8_length(const char *text, size_t bytes)
{
    const unsigned char *p = (const unsigned char *)text;
    if (!bytes)
        return 0;
    if (p[0] < 0x80)
        return 1;
    size_t n = p[0] >= 0xc2 && p[0] <= 0xdf   ? 2
               : (p[0] & 0xf0) == 0xe0        ? 3
               : p[0] >= 0xf0 && p[0] <= 0xf4 ? 4
                                              : 0;
    if (!n || n > bytes)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    /* Overlong forms, surrogates, and what lies beyond U+10FFFF. */
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf0 && p[1] < 0x90) ||
        (p[0] == 0xf4 && p[1] > 0x8f))
        return 0;
    return n;
}

static void print_json_escape(sink *to, unsigned char c)
{
    switch (c) {
    case '"':
        sink_text(to, "\\\"");
        break;
    case '\\':
        sink_text(to, "\\\\");
        break;
    case '\n':
        sink_text(to, "\\n");
        break;
    case '\t':
        sink_text(to, "\\t");
        break;
    case '\r':
        sink_text(to, "\\r");
        break;
    default:
        sink_printf(to, "\\u%04x", (unsigned)c);
    }
}

void print_json(sink *to, const char *text, size_t bytes)
{
    size_t from = 0, at = 0; /* plain characters are copied in one go */
    sink_char(to, '"');
    while (at < bytes) {
        unsigned char c = (unsigned char)text[at];
        size_t n = c < 0x80 ? 1 : print_utf8_length(text + at, bytes - at);
        if (n == 2 && c == 0xc2 && (unsigned char)text[at + 1] < 0xa0) { /* some terminals obey these */
            sink_bytes(to, text + from, at - from);
            print_json_escape(to, (unsigned char)text[at + 1]);
            from = at + 2;
        } else if (n == 1 && (c < 0x20 || c == '"' || c == '\\' || c == 0x7f)) {
            sink_bytes(to, text + from, at - from);
            print_json_escape(to, c);
            from = at + 1;
        } else if (!n) {
            sink_bytes(to, text + from, at - from);
            sink_text(to, "\\ufffd");
            from = at + 1;
            n = 1;
        }
        at += n;
    }
    sink_bytes(to, text + from, at - from);
    sink_char(to, '"');
}

void print_tsv(sink *to, const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        const char *escape = text[i] == '\t'   ? "\\t"
                             : text[i] == '\n' ? "\\n"
                             : text[i] == '\r' ? "\\r"
                             : text[i] == '\\' ? "\\\\"
                                               : NULL;
        if (escape)
            sink_text(to, escape);
        else
            sink_char(to, text[i]);
    }
}

bool print_can_steer(const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        unsigned char c = (unsigned char)text[i];
        if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7f ||
            (c == 0xc2 && i + 1 < bytes && (unsigned char)text[i + 1] < 0xa0))
            return true;
    }
    return false;
}

static bool csv_needs_quotes(const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if (text[i] == ',' || text[i] == '"' || text[i] == '\n' || text[i] == '\r')
            return true;
    return false;
}

void print_csv(sink *to, const char *text, size_t bytes)
{
    if (bytes && !csv_needs_quotes(text, bytes)) {
        sink_bytes(to, text, bytes);
        return;
    }
    sink_char(to, '"');
    for (size_t i = 0; i < bytes; i++) {
        if (text[i] == '"')
            sink_char(to, '"');
        sink_char(to, text[i]);
    }
    sink_char(to, '"');
}
