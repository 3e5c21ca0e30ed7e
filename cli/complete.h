/*
 * complete.h - what may stand where the cursor is in a shell's line.
 */
#ifndef CLI_COMPLETE_H
#define CLI_COMPLETE_H

#include <stddef.h>

#include "varsdb.h"

typedef void (*complete_cb)(void *payload, const char *word);

/*
 * Calls back for each word that begins with `prefix`: commands where none stands before it
 * (`before` is NULL), variables of db, which may be NULL, otherwise.
 */
void complete_words(varsdb *db, const char *before, const char *prefix, complete_cb callback, void *payload);

#endif
