/*
 * rich.h - a registry with something in every table, and what varsdb_verify finds in it.
 */
#ifndef TESTS_RICH_H
#define TESTS_RICH_H

#include <stdbool.h>

#include "varsdb.h"

/* Fills a fresh registry: two namespaces, scopes with defaults, collections, attributes, values of all
 * kinds, inline, in chunks and shared, a partitioned and an uninitialized variable, two snapshots,
 * a save in flight, and garbage.  "big/table" has so many elements of float32. */
void rich_fill(varsdb *db, int64_t big);

/* ---- findings */

#define FOUND_MAX        64
#define FOUND_TEXT_BYTES 1024

typedef struct found {
    int count; /* all of them; the first FOUND_MAX are kept */
    struct {
        char text[FOUND_TEXT_BYTES], kind[16], name_space[64], variable[64], snapshot[64]; /* "" for NULL */
        int64_t chunk;
    } at[FOUND_MAX];
} found;

/* varsdb_finding_cb; payload is a found. */
int found_keep(void *payload, const varsdb_finding *finding);
/* Verifies, and checks that result, message and count agree. */
void found_verify(varsdb *db, bool quick, found *out);
/* One of that kind (NULL: any) has the text in its sentence. */
bool found_says(const found *f, const char *kind, const char *text);
/* All sentences, for messages of tests; until the next call. */
const char *found_print(const found *f);

#endif
