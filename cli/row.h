/*
 * row.h - a row in memory, and the order of rows.
 */
#ifndef CLI_ROW_H
#define CLI_ROW_H

#include "out.h"

typedef struct row_cell {
    const char *text;
    size_t bytes;
    out_kind kind;
    bool quoted;
} row_cell;

typedef struct row_key {
    size_t column;
    bool descending;
} row_key;

/* What a cell is compared by: numbers by their value, then texts by their bytes; nothing is last. */
typedef struct row_value {
    out_kind kind;
    long double number;
    const char *text;
    size_t bytes;
} row_value;

typedef struct row {
    size_t ordinal; /* rows that compare equal stay in the order in which they came */
    const row_value *values;
    row_cell cells[];
} row;

typedef struct row_list {
    row **rows;
    size_t count, room;
} row_list;

/* A copy of the cells, to be freed; NULL: out of memory. */
row *row_copy(const row_cell *cells, size_t count, const row_key *keys, size_t key_count);
/* Takes the row, which may be NULL; false: out of memory, and the row is gone. */
bool row_list_add(row_list *list, row *added);
void row_list_sort(row_list *list, const row_key *keys, size_t key_count);
void row_list_clear(row_list *list);

#endif
