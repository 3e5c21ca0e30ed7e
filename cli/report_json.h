/*
 * report_json.h - one JSON document, written as it comes: commas are its business, and no "<" is ever in
 * it, so that a page may hold it between tags.
 */
#ifndef CLI_REPORT_JSON_H
#define CLI_REPORT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sink.h"

typedef struct report_json {
    sink *to;
    bool follows; /* a value stands before the next one, in the same array or object */
} report_json;

void json_open(report_json *j, char bracket); /* '[' or '{' */
void json_close(report_json *j, char bracket);
/* A member's name; ours, so that it needs no escape. */
void json_key(report_json *j, const char *key);

void json_int(report_json *j, int64_t value);
/* In as many digits as a picture shows; what is no number in JSON is a string of its name. */
void json_real(report_json *j, double value);
/* NULL is null.  Bytes that are not UTF-8 come out as U+FFFD. */
void json_text(report_json *j, const char *text);
/* A number's text: as it is while every reader keeps it exactly, else a string. */
void json_number(report_json *j, const char *text);
void json_null(report_json *j);

#endif
