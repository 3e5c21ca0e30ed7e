/*
 * columns.h - a variable as a row, with the columns of the view `variables`.
 */
#ifndef CLI_COLUMNS_H
#define CLI_COLUMNS_H

#include "out.h"
#include "varsdb.h"

#define COLUMNS_ALL 32
extern const char *const columns_all[COLUMNS_ALL];
/* Those that a snapshot has: not the version, and not who made it when. */
#define COLUMNS_AT 25
extern const char *const columns_at[COLUMNS_AT];

/* Every column, for JSON and for one variable. */
void columns_print_all(out_rows *o, const varsdb_variable_info *info);
void columns_print_at(out_rows *o, const varsdb_variable_info *info);

#endif
