/* spec.c - see spec.h. */
#include "spec.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

#define SHOWN_BYTES 80 /* of the text, in messages */

typedef struct parser {
    vdb_error *e;
    const char *what;
    const char *text;
    const char *at;
    locale_t c_locale; /* a host's decimal comma must not change what 0.5 means */
} parser;

static int fail_at(const parser *p, const char *expected)
{
    const char *dots = strlen(p->text) > SHOWN_BYTES ? "..." : "";
    if (!*p->at)
        return vdb_fail(p->e, VARSDB_INVALID, "%s \"%.*s%s\" ends where %s is expected", p->what, SHOWN_BYTES,
                        p->text, dots, expected);
    return vdb_fail(p->e, VARSDB_INVALID, "%s \"%.*s%s\": \"%.12s\" at byte %zu where %s is expected",
                    p->what, SHOWN_BYTES, p->text, dots, p->at, (size_t)(p->at - p->text) + 1, expected);
}

static void skip_spaces(parser *p)
{
    while (*p->at == ' ' || *p->at == '\t')
        p->at++;
}

static bool take(parser *p, char c)
{
    skip_spaces(p);
    if (*p->at != c)
        return false;
    p->at++;
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static size_t word_length(const char *text)
{
    size_t n = 0;
    if (is_letter(text[0]))
        while (is_letter(text[n]) || is_digit(text[n]))
            n++;
    return n;
}

static bool words_equal(const char *a, size_t a_bytes, const char *b)
{
    return a_bytes == strlen(b) && memcmp(a, b, a_bytes) == 0;
}

static size_t digits(const char *text)
{
    size_t n = 0;
    while (is_digit(text[n]))
        n++;
    return n;
}

/* Length of JSON's number grammar without the sign; *whole is false with a fraction or exponent. */
static size_t number_length(const char *text, bool *whole)
{
    size_t n = digits(text);
    *whole = true;
    if (n == 0 || (n > 1 && text[0] == '0'))
        return 0;
    if (text[n] == '.') {
        size_t fraction = digits(text + n + 1);
        if (fraction == 0)
            return 0;
        *whole = false;
        n += 1 + fraction;
    }
    if (text[n] == 'e' || text[n] == 'E') {
        size_t sign = text[n + 1] == '+' || text[n + 1] == '-' ? 1 : 0;
        size_t exponent = digits(text + n + 1 + sign);
        if (exponent == 0)
            return 0;
        *whole = false;
        n += 1 + sign + exponent;
    }
    return n;
}

static bool parse_magnitude(const char *text, size_t bytes, uint64_t *out)
{
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++)
        if (__builtin_mul_overflow(value, UINT64_C(10), &value) ||
            __builtin_add_overflow(value, (uint64_t)(text[i] - '0'), &value))
            return false;
    *out = value;
    return true;
}

static void note_integer(vdb_spec_number *number, const char *text, size_t bytes)
{
    if (!parse_magnitude(text, bytes, &number->magnitude))
        return;
    number->is_whole = true;
    uint64_t limit = (uint64_t)INT64_MAX + (number->negative ? 1 : 0);
    if (number->magnitude > limit)
        return;
    number->is_integer = true;
    number->integer = number->negative ? (int64_t)(0 - number->magnitude) : (int64_t)number->magnitude;
}

static bool parse_special(parser *p, vdb_spec_number *out)
{
    size_t bytes = word_length(p->at);
    if (words_equal(p->at, bytes, "inf"))
        out->real = out->negative ? -INFINITY : INFINITY;
    else if (words_equal(p->at, bytes, "nan"))
        out->real = NAN;
    else
        return false;
    p->at += bytes;
    return true;
}

static int parse_number(parser *p, vdb_spec_number *out)
{
    vdb_spec_number number = {0};
    skip_spaces(p);
    const char *begin = p->at;
    if (*p->at == '-' || *p->at == '+')
        p->at++;
    number.negative = *begin == '-';
    if (!parse_special(p, &number)) {
        bool whole;
        size_t bytes = number_length(p->at, &whole);
        if (bytes == 0)
            return fail_at(p, "a number");
        double magnitude = strtod_l(p->at, NULL, p->c_locale);
        if (isinf(magnitude))
            return fail_at(p, "a number within the range of float64 (or inf)");
        number.real = number.negative ? -magnitude : magnitude;
        if (whole)
            note_integer(&number, p->at, bytes);
        p->at += bytes;
    }
    if (is_letter(*p->at) || is_digit(*p->at) || *p->at == '.')
        return fail_at(p, "a comma or a bracket");
    *out = number;
    return VARSDB_OK;
}

static int add_number(parser *p, vdb_spec_argument *argument, size_t *room)
{
    if (argument->count == *room) {
        size_t more = *room ? 2 * *room : 1;
        vdb_spec_number *grown = vdb_realloc(argument->numbers, more, sizeof *grown);
        if (!grown)
            return vdb_fail_nomem(p->e);
        argument->numbers = grown;
        *room = more;
    }
    int rc = parse_number(p, &argument->numbers[argument->count]);
    if (rc == VARSDB_OK)
        argument->count++;
    return rc;
}

static int parse_list(parser *p, vdb_spec_argument *argument)
{
    size_t room = 0;
    int rc = VARSDB_OK;
    argument->is_list = true;
    if (take(p, ']'))
        return VARSDB_OK;
    do
        rc = add_number(p, argument, &room);
    while (rc == VARSDB_OK && take(p, ','));
    if (rc == VARSDB_OK && !take(p, ']'))
        rc = fail_at(p, "a comma or ]");
    return rc;
}

static bool at_key(const parser *p, size_t *bytes)
{
    *bytes = word_length(p->at);
    const char *after = p->at + *bytes;
    while (*after == ' ' || *after == '\t')
        after++;
    return *bytes > 0 && *after == '=';
}

static int parse_argument(parser *p, vdb_spec_argument *argument)
{
    size_t bytes, room = 0;
    skip_spaces(p);
    if (at_key(p, &bytes)) {
        argument->key = p->at;
        argument->key_bytes = bytes;
        p->at += bytes;
        (void)take(p, '=');
    }
    if (take(p, '['))
        return parse_list(p, argument);
    bytes = word_length(p->at);
    if (bytes > 0 && !words_equal(p->at, bytes, "inf") && !words_equal(p->at, bytes, "nan")) {
        argument->word = p->at;
        argument->word_bytes = bytes;
        p->at += bytes;
        return VARSDB_OK;
    }
    return add_number(p, argument, &room);
}

static int parse_arguments(parser *p, vdb_spec *spec)
{
    if (take(p, ')'))
        return VARSDB_OK;
    do {
        if (spec->count == VDB_SPEC_ARGUMENTS_MAX)
            return vdb_fail(p->e, VARSDB_INVALID, "%s %.*s has more than %d arguments", p->what,
                            (int)spec->name_bytes, spec->name, VDB_SPEC_ARGUMENTS_MAX);
        vdb_spec_argument *argument = &spec->arguments[spec->count++];
        int rc = parse_argument(p, argument);
        if (rc != VARSDB_OK)
            return rc;
        if (!argument->key && spec->count > 1 && argument[-1].key)
            return vdb_fail(p->e, VARSDB_INVALID,
                            "%s %.*s: a positional argument stands after %.*s=", p->what,
                            (int)spec->name_bytes, spec->name, (int)argument[-1].key_bytes, argument[-1].key);
    } while (take(p, ','));
    return take(p, ')') ? VARSDB_OK : fail_at(p, "a comma or )");
}

static int parse_spec(parser *p, vdb_spec *spec)
{
    skip_spaces(p);
    spec->name = p->at;
    spec->name_bytes = word_length(p->at);
    if (spec->name_bytes == 0)
        return fail_at(p, "a name");
    p->at += spec->name_bytes;
    int rc = take(p, '(') ? parse_arguments(p, spec) : VARSDB_OK;
    skip_spaces(p);
    if (rc == VARSDB_OK && *p->at)
        rc = fail_at(p, "the end");
    return rc;
}

int vdb_spec_parse(vdb_error *e, const char *what, const char *text, vdb_spec *out)
{
    vdb_spec spec = {0};
    parser p = {.e = e, .what = what, .text = text, .at = text};
    size_t bytes = strnlen(text, VDB_SPEC_BYTES_MAX + 1);
    if (bytes > VDB_SPEC_BYTES_MAX)
        return vdb_fail(e, VARSDB_INVALID, "%s \"%.*s...\" is longer than %d bytes", what, SHOWN_BYTES, text,
                        VDB_SPEC_BYTES_MAX);
    p.c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!p.c_locale)
        return vdb_fail_nomem(e);
    int rc = parse_spec(&p, &spec);
    freelocale(p.c_locale);
    if (rc == VARSDB_OK)
        *out = spec;
    else
        vdb_spec_release(&spec);
    return rc;
}

void vdb_spec_release(vdb_spec *spec)
{
    for (size_t i = 0; i < spec->count; i++)
        vdb_free(spec->arguments[i].numbers);
    *spec = (vdb_spec){0};
}

bool vdb_spec_is(const vdb_spec *spec, const char *name)
{
    return words_equal(spec->name, spec->name_bytes, name);
}
