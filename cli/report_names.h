/*
 * report_names.h - texts by number, each once: the names of the variables, and what many of them have
 * alike (dtypes, shapes, who made them), which the page then says by number.
 */
#ifndef CLI_REPORT_NAMES_H
#define CLI_REPORT_NAMES_H

#include <stddef.h>

typedef struct report_names {
    size_t count, room;
    size_t *offsets; /* where each begins in text */
    char *text;
    size_t bytes, text_room;
    size_t *slots; /* of the hash table: number + 1, 0 for none */
    size_t slot_count;
} report_names;

#define REPORT_NO_NAME ((size_t)-1)

/* The number of that text, REPORT_NO_NAME if it has none. */
size_t names_find(const report_names *n, const char *text);
/* The same, and gives it the next number first if it has none; REPORT_NO_NAME: out of memory. */
size_t names_add(report_names *n, const char *text);
/* Borrowed until the next addition. */
const char *names_at(const report_names *n, size_t number);
void names_release(report_names *n);

#endif
