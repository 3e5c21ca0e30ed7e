/*
 * print.h - numbers, times, sizes and names as text, for every output format.
 */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sink.h"

#define PRINT_NUMBER_MAX 40

/* These write to out, of PRINT_NUMBER_MAX bytes, without a NUL, and return the length. */
size_t print_int(char *out, int64_t value);
/* The fewest of 15, 16 or 17 digits that read back equal; always with a '.' or an exponent;
 * NaN, Infinity and -Infinity as such words. */
size_t print_double(char *out, double value);
/* Milliseconds since 1970 as 2024-05-06T07:08:09.123Z. */
size_t print_time(char *out, int64_t milliseconds);

/* "12 B", "1.5 KiB"; with a NUL. */
void print_size(char *out, int64_t bytes);

/* A JSON string with its quotes.  Bytes that are not UTF-8 come out as U+FFFD. */
void print_json(sink *to, const char *text, size_t bytes);
/* A cell of TSV, with escapes for tab, newline, return and backslash. */
void print_tsv(sink *to, const char *text, size_t bytes);
/* A cell of CSV after RFC 4180.  An empty text is quoted, which tells it from NULL. */
void print_csv(sink *to, const char *text, size_t bytes);
/* Text for a terminal: as escapes what could steer it, what turns the direction of writing, and
 * what the locale has no characters for. */
void print_visible(sink *to, const char *text, size_t bytes);
/* Columns that print_visible takes on the screen. */
size_t print_visible_width(const char *text, size_t bytes);
/* The same in at most `room` columns: what is longer has an ellipsis in its middle. */
void print_fitting(sink *to, const char *text, size_t bytes, size_t room);
size_t print_fitting_width(const char *text, size_t bytes, size_t room);

/* Whether a terminal might obey some of it. */
bool print_can_steer(const char *text, size_t bytes);

/* Bytes of the valid UTF-8 character at text, 0 if there is none. */
size_t print_utf8_length(const char *text, size_t bytes);
/* Whether the user's terminal shows UTF-8. */
bool print_locale_is_utf8(void);

#endif
