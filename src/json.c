/* json.c - see json.h. */
#include "json.h"

#include <stdio.h>
#include <string.h>

#include "name.h"

/* What may stand at `at`, blanks aside. */
enum state {
    WANT_VALUE,          /* of the text, or after a comma in an array */
    WANT_VALUE_OR_CLOSE, /* after '[' */
    WANT_KEY,            /* after a comma in an object */
    WANT_KEY_OR_CLOSE,   /* after '{' */
    WANT_COLON,          /* after a key */
    WANT_COMMA_OR_CLOSE, /* after a value inside something */
    WANT_END             /* after the text's value */
};

void vdb_json_begin(vdb_json *j, const char *text, size_t bytes, int depth_max)
{
    bool limited = depth_max >= 0 && depth_max < VDB_JSON_DEPTH_MAX;
    *j = (vdb_json){.text = text,
                    .bytes = bytes,
                    .depth_max = limited ? depth_max : VDB_JSON_DEPTH_MAX,
                    .state = WANT_VALUE};
}

/* Reports what was expected at a place, and what is there instead. */
static int refuse(const vdb_json *j, vdb_error *e, size_t at, const char *expected)
{
    char found[32] = "the end of the text";
    if (at < j->bytes) {
        unsigned c = (unsigned char)j->text[at];
        bool printable = c > 0x20 && c < 0x7f;
        snprintf(found, sizeof found, printable ? "'%c'" : "byte 0x%02X", c);
    }
    return vdb_fail(e, VARSDB_INVALID, "not JSON: expected %s at byte %zu, found %s", expected, at, found);
}

static int refuse_string(vdb_error *e, size_t at, const char *why)
{
    return vdb_fail(e, VARSDB_INVALID, "not JSON: %s at byte %zu", why, at);
}

/* The character at a place; 0, which is nowhere valid, past the end. */
static char peek(const vdb_json *j, size_t at)
{
    return at < j->bytes ? j->text[at] : '\0';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void skip_blanks(vdb_json *j)
{
    while (j->at < j->bytes) {
        char c = j->text[j->at];
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
            return;
        j->at++;
    }
}

static bool in_object(const vdb_json *j)
{
    int level = j->depth - 1;
    return j->depth > 0 && (j->kinds[level / 64] >> (level % 64) & 1);
}

static void after_value(vdb_json *j)
{
    j->state = j->depth > 0 ? WANT_COMMA_OR_CLOSE : WANT_END;
}

static void take(vdb_json *j, size_t from, size_t to)
{
    j->raw = j->text + from;
    j->raw_bytes = to - from;
}

/* ---- Strings ------------------------------------------------------------ */

static bool is_high_surrogate(long code)
{
    return code >= 0xd800 && code < 0xdc00;
}

static bool is_low_surrogate(long code)
{
    return code >= 0xdc00 && code < 0xe000;
}

/* Checks the escape whose backslash is at *at, and passes over it. */
static int scan_escape(const vdb_json *j, vdb_error *e, size_t *at)
{
    size_t from = *at;
    char c = peek(j, from + 1);
    if (c != 'u') {
        if (c == '\0' || !strchr("\"\\/bfnrt", c))
            return refuse(j, e, from + 1, "one of \" \\ / b f n r t u after a backslash");
        *at = from + 2;
        return VARSDB_OK;
    }
    long code = vdb_json_hex4(j->text + from + 2, j->bytes - from - 2);
    if (code < 0)
        return refuse_string(e, from, "four hex digits are missing after \\u");
    *at = from + 6;
    if (is_high_surrogate(code)) {
        bool paired = peek(j, from + 6) == '\\' && peek(j, from + 7) == 'u' &&
                      is_low_surrogate(vdb_json_hex4(j->text + from + 8, j->bytes - from - 8));
        if (!paired)
            return refuse_string(e, from, "a surrogate escape without its second half");
        *at = from + 12;
    } else if (is_low_surrogate(code)) {
        return refuse_string(e, from, "a surrogate escape without its first half");
    }
    return VARSDB_OK;
}

/* Takes the string whose quote is at j->at. */
static int scan_string(vdb_json *j, vdb_error *e)
{
    size_t from = j->at + 1, at = from;
    bool escaped = false;
    while (at < j->bytes && j->text[at] != '"') {
        if ((unsigned char)j->text[at] < 0x20)
            return refuse_string(e, at, "a control character in a string");
        if (j->text[at] != '\\') {
            at++;
            continue;
        }
        escaped = true;
        int rc = scan_escape(j, e, &at);
        if (rc != VARSDB_OK)
            return rc;
    }
    if (at >= j->bytes)
        return refuse(j, e, j->bytes, "the closing quote of a string");
    if (!vdb_utf8_valid(j->text + from, at - from))
        return refuse_string(e, from, "a string that is not UTF-8 begins");
    take(j, from, at);
    j->escaped = escaped;
    j->at = at + 1;
    return VARSDB_OK;
}

/* ---- Numbers ------------------------------------------------------------ */

static int scan_digits(const vdb_json *j, vdb_error *e, size_t *at)
{
    if (!is_digit(peek(j, *at)))
        return refuse(j, e, *at, "a digit");
    while (is_digit(peek(j, *at)))
        ++*at;
    return VARSDB_OK;
}

static int scan_number(vdb_json *j, vdb_error *e)
{
    size_t at = j->at;
    int rc = VARSDB_OK;
    if (peek(j, at) == '-')
        at++;
    if (peek(j, at) == '0')
        at++;
    else
        rc = scan_digits(j, e, &at);
    if (rc == VARSDB_OK && peek(j, at) == '.') {
        at++;
        rc = scan_digits(j, e, &at);
    }
    if (rc == VARSDB_OK && (peek(j, at) == 'e' || peek(j, at) == 'E')) {
        at++;
        if (peek(j, at) == '+' || peek(j, at) == '-')
            at++;
        rc = scan_digits(j, e, &at);
    }
    if (rc != VARSDB_OK)
        return rc;
    take(j, j->at, at);
    j->at = at;
    return VARSDB_OK;
}

/* ---- Structure ---------------------------------------------------------- */

static bool scan_word(vdb_json *j, const char *word)
{
    size_t bytes = strlen(word);
    if (j->bytes - j->at < bytes || memcmp(j->text + j->at, word, bytes) != 0)
        return false;
    take(j, j->at, j->at + bytes);
    j->at += bytes;
    return true;
}

static int open_level(vdb_json *j, vdb_error *e, vdb_json_token *out)
{
    bool object = j->text[j->at] == '{';
    if (j->depth >= j->depth_max)
        return vdb_fail(e, VARSDB_INVALID, "JSON nested deeper than %d levels at byte %zu", j->depth_max,
                        j->at);
    uint64_t bit = (uint64_t)1 << (j->depth % 64);
    uint64_t *kinds = &j->kinds[j->depth / 64];
    *kinds = object ? *kinds | bit : *kinds & ~bit;
    j->depth++;
    take(j, j->at, j->at + 1);
    j->at++;
    j->state = object ? WANT_KEY_OR_CLOSE : WANT_VALUE_OR_CLOSE;
    *out = object ? VDB_JSON_OBJECT : VDB_JSON_ARRAY;
    return VARSDB_OK;
}

static int close_level(vdb_json *j, vdb_json_token *out)
{
    vdb_json_token token = in_object(j) ? VDB_JSON_OBJECT_END : VDB_JSON_ARRAY_END;
    j->depth--;
    take(j, j->at, j->at + 1);
    j->at++;
    after_value(j);
    *out = token;
    return VARSDB_OK;
}

static int next_value(vdb_json *j, vdb_error *e, vdb_json_token *out)
{
    vdb_json_token token;
    int rc = VARSDB_OK;
    char c = peek(j, j->at);
    if (c == '{' || c == '[')
        return open_level(j, e, out);
    if (c == '"') {
        token = VDB_JSON_STRING;
        rc = scan_string(j, e);
    } else if (c == '-' || is_digit(c)) {
        token = VDB_JSON_NUMBER;
        rc = scan_number(j, e);
    } else if (scan_word(j, "true")) {
        token = VDB_JSON_TRUE;
    } else if (scan_word(j, "false")) {
        token = VDB_JSON_FALSE;
    } else if (scan_word(j, "null")) {
        token = VDB_JSON_NULL;
    } else {
        return refuse(j, e, j->at, j->state == WANT_VALUE_OR_CLOSE ? "a value or ']'" : "a value");
    }
    if (rc != VARSDB_OK)
        return rc;
    after_value(j);
    *out = token;
    return VARSDB_OK;
}

static int next_key(vdb_json *j, vdb_error *e, vdb_json_token *out)
{
    if (peek(j, j->at) != '"')
        return refuse(j, e, j->at,
                      j->state == WANT_KEY_OR_CLOSE ? "a key in quotes or '}'" : "a key in quotes");
    int rc = scan_string(j, e);
    if (rc != VARSDB_OK)
        return rc;
    j->state = WANT_COLON;
    *out = VDB_JSON_KEY;
    return VARSDB_OK;
}

/* Passes over a comma or colon that must be there, and says what follows it. */
static int pass(vdb_json *j, vdb_error *e, char mark, const char *expected, enum state then)
{
    if (peek(j, j->at) != mark)
        return refuse(j, e, j->at, expected);
    j->at++;
    j->state = (int)then;
    skip_blanks(j);
    return VARSDB_OK;
}

int vdb_json_next(vdb_json *j, vdb_error *e, vdb_json_token *out)
{
    int rc = VARSDB_OK;
    bool object = in_object(j);
    skip_blanks(j);
    if (j->state == WANT_END) {
        if (j->at < j->bytes)
            return refuse(j, e, j->at, "the end of the text");
        take(j, j->at, j->at);
        *out = VDB_JSON_END;
        return VARSDB_OK;
    }
    if (j->state != WANT_VALUE && j->state != WANT_KEY && j->state != WANT_COLON &&
        peek(j, j->at) == (object ? '}' : ']'))
        return close_level(j, out);
    if (j->state == WANT_COLON)
        rc = pass(j, e, ':', "':'", WANT_VALUE);
    else if (j->state == WANT_COMMA_OR_CLOSE)
        rc = pass(j, e, ',', object ? "',' or '}'" : "',' or ']'", object ? WANT_KEY : WANT_VALUE);
    if (rc != VARSDB_OK)
        return rc;
    bool want_key = j->state == WANT_KEY || j->state == WANT_KEY_OR_CLOSE;
    return want_key ? next_key(j, e, out) : next_value(j, e, out);
}

int vdb_json_skip(vdb_json *j, vdb_error *e, vdb_json_token first)
{
    if (first != VDB_JSON_OBJECT && first != VDB_JSON_ARRAY)
        return VARSDB_OK;
    int outside = j->depth - 1;
    while (j->depth > outside) {
        vdb_json_token token;
        int rc = vdb_json_next(j, e, &token);
        if (rc != VARSDB_OK)
            return rc;
    }
    return VARSDB_OK;
}

int vdb_json_check(vdb_error *e, const char *text, size_t bytes)
{
    vdb_json j;
    vdb_json_token token;
    int rc;
    vdb_json_begin(&j, text, bytes, VDB_JSON_DEPTH_MAX);
    do
        rc = vdb_json_next(&j, e, &token);
    while (rc == VARSDB_OK && token != VDB_JSON_END);
    return rc;
}
