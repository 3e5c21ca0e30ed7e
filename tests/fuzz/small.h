/*
 * small.h - a small registry with a little of everything, and SQL to change what is in it.
 */
#ifndef FUZZ_SMALL_H
#define FUZZ_SMALL_H

#include <sqlite3.h>
#include <stddef.h>

#define SMALL_VIEWS_MAX 32
#define SMALL_EDITS_MAX 256
#define SMALL_FITS_MAX  32

/* Makes it at path, a file that is not there yet: its bytes, to be opened without a log. */
unsigned char *small_make(const char *path, size_t *bytes);

/* A connection that knows digests. */
sqlite3 *small_connect(const char *name);
void small_run(sqlite3 *db, const char *sql); /* or aborts */

/* Statements, one for each column: parameter 1 is the value, 2 the row. */
size_t small_edits(void);
const char *small_edit(size_t i);
/* What makes hashes fit after that one, so that an edit of a hash itself stays; NULL: nothing. */
const char *small_hash(size_t i);
/* What makes all digests fit what is there in the end; ended by NULL. */
const char *const *small_fits(void);
/* The names of the views, ended by NULL. */
const char *const *small_views(void);

#endif
