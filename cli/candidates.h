/*
 * candidates.h - what the word at the end of a command line can become.
 */
#ifndef CLI_CANDIDATES_H
#define CLI_CANDIDATES_H

#include "typed.h"

#define CANDIDATES_MOST 1000

typedef struct candidates candidates;

/* Names are of c's registry, where one is open.  NULL: out of memory, or none is known. */
candidates *candidates_find(cli *c, typed *t);
size_t candidates_count(const candidates *k);
/* The whole word, behind t->before.  One that ends in / or = goes on.  The note says what it is; NULL:
 * nothing does. */
const char *candidates_at(const candidates *k, size_t i, const char **note);
void candidates_free(candidates *k);

#endif
