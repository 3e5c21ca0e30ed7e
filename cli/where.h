/*
 * where.h - an expression of SQL over rows in memory: it is worked out by the registry's own engine, on its
 * connection that cannot write, in batches.
 */
#ifndef CLI_WHERE_H
#define CLI_WHERE_H

#include "row.h"
#include "varsdb.h"

typedef struct where where;

/*
 * Prepares the expression of `style`, which stays where it is, for rows of these columns.  Without an open
 * registry one is made in a folder for temporary files, and removed by where_close.  NULL: style->refused
 * says why.
 */
where *where_open(out_style *style, char *const *names, size_t count);
/* Columns that the expression may name. */
bool where_needs(const where *w, size_t column);
/* From now on column i is cell slots[i] of a row, which has not all of them. */
void where_use_slots(where *w, const size_t *slots);
/* Sets keep[i] of each row for which it is true.  false: style->refused says why not. */
bool where_run(where *w, const row_list *rows, bool *keep);
void where_close(where *w);

#endif
