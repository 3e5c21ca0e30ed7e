/*
 * flips.h - a registry's file with something in it changed: it is refused, or varsdb_verify finds something,
 * or all that it holds can still be read as it was, by SQLite alone.
 */
#ifndef TESTS_FLIPS_H
#define TESTS_FLIPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rich.h"
#include "temp.h"

typedef struct contents {
    bool readable;
    int64_t tables, rows, sum;
} contents;

typedef struct flips {
    char path[TEMP_PATH_BYTES];
    unsigned char *image; /* to be changed by the test, and changed back */
    size_t bytes;
    contents before;
    found found;
    long refused, seen, unread; /* what came of the changes */
} flips;

/* Reads the file, which nobody has open. */
void flips_begin(flips *f, const char *path);
void flips_end(flips *f);
/* Writes the first `bytes` of the image as the file, without anything beside it. */
void flips_write(const flips *f, size_t bytes);
/* Writes them, opens the registry, and judges; a failure of the test says what was changed. */
__attribute__((format(printf, 3, 4))) void flips_judge(flips *f, size_t bytes, const char *what, ...);

#endif
