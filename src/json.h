/*
 * json.h - a pull parser for JSON text in memory: one pass, no recursion, no
 * allocation, exact about where things stand and how numbers are written.
 * Used for tensor file headers, for values, and to check attributes.
 */
#ifndef VDB_JSON_H
#define VDB_JSON_H

#include <stdbool.h>

#include "buf.h"
#include "error.h"

#define VDB_JSON_DEPTH_MAX 128

typedef enum vdb_json_token {
    VDB_JSON_END, /* of the text */
    VDB_JSON_OBJECT,
    VDB_JSON_OBJECT_END,
    VDB_JSON_ARRAY,
    VDB_JSON_ARRAY_END,
    VDB_JSON_KEY, /* raw and bytes: between the quotes, escapes as they stand */
    VDB_JSON_STRING,
    VDB_JSON_NUMBER, /* raw and bytes: as written, JSON's grammar */
    VDB_JSON_TRUE,
    VDB_JSON_FALSE,
    VDB_JSON_NULL
} vdb_json_token;

typedef struct vdb_json {
    const char *text;
    size_t bytes, at;
    const char *raw; /* the token's text */
    size_t raw_bytes;
    bool escaped; /* the string has escapes */
    int depth, depth_max;
    uint64_t kinds[2]; /* a bit a level: object or array */
    int state;
} vdb_json;

void vdb_json_begin(vdb_json *j, const char *text, size_t bytes, int depth_max);
/* The next token.  VARSDB_INVALID, with the offset in the message: not JSON, not UTF-8, too
 * deep, a lone surrogate escape, something after the end. */
int vdb_json_next(vdb_json *j, vdb_error *e, vdb_json_token *out);
/* Skips the value whose first token was just returned. */
int vdb_json_skip(vdb_json *j, vdb_error *e, vdb_json_token first);
/* Appends the string token's text with escapes resolved; may hold NUL from \u0000. */
int vdb_json_unescape(const vdb_json *j, vdb_buf *out);
/* The number token as a non-negative integer without fraction, exponent, sign or leading
 * zero, up to 2^63-1; false otherwise. */
bool vdb_json_uint(const vdb_json *j, uint64_t *out);
/* The number that the four hex digits at p are, -1 when they are not there. */
long vdb_json_hex4(const char *p, size_t bytes);
/* Checks that text is one JSON value. */
int vdb_json_check(vdb_error *e, const char *text, size_t bytes);
/* Appends text as a JSON string with quotes: escapes only for ", \ and controls. */
int vdb_json_print_string(vdb_buf *out, const char *text, size_t bytes);

#endif
