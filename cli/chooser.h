/*
 * chooser.h - what --columns, --sort, --limit and --where do to rows on their way to out.h, which is its
 * only caller.  Rows stream but for --sort, which holds all that it sorts in memory, and --where, which
 * holds a few thousand.
 */
#ifndef CLI_CHOOSER_H
#define CLI_CHOOSER_H

#include "out.h"

typedef struct chooser chooser;

/* Whether the user, or the command by `shown`, wants anything but the rows as they come. */
bool chooser_is_wanted(const out_style *style, const char *shown);
/* NULL: out of memory.  What is wrong with the request comes to stand in the style's `refused`. */
chooser *chooser_begin(sink *to, out_format format, const char *const *names, size_t count,
                       const char *shown);
/* 0, or ENOMEM. */
int chooser_end(chooser *l, bool whole);
bool chooser_is_refused(const chooser *l);
bool chooser_has_enough(const chooser *l);

/* Whether the cell that comes next is printed, sorted by or asked about. */
bool chooser_needs_cell(const chooser *l);
/* The next cell of o->chooser. */
void chooser_cell(out_rows *o, out_kind kind, const char *text, size_t bytes, bool quoted);

#endif
