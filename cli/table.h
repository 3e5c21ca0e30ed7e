/*
 * table.h - rows as a table for people: aligned, and as wide as the screen at most.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "out.h"

/* What the columns' names tell, and the screen. */
void table_begin(out_rows *o);
/* The cell at o->at. */
void table_cell(out_rows *o, out_kind kind, const char *text, size_t bytes);
/* The widths are known, or as good as: prints what was held back. */
void table_lay_out(out_rows *o);
/* After the last row. */
void table_end(out_rows *o);

#endif
