/*
 * out.h - rows of named columns as a table, TSV, CSV or JSON.  Cells are given one
 * after the other, in the order of the columns, and stream: a table alone holds
 * its first OUT_TABLE_ROWS rows back, to learn how wide the columns are.
 */
#ifndef CLI_OUT_H
#define CLI_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sink.h"

#define OUT_TABLE_ROWS 1000

typedef enum out_format {
    OUT_AUTO,
    OUT_TABLE,
    OUT_TSV,
    OUT_CSV,
    OUT_JSON
} out_format;

/* What a column knows about itself while a table is laid out. */
typedef struct out_column {
    size_t width;
    bool text; /* a cell that is no number was seen: align left */
} out_column;

typedef struct out_rows {
    sink *to;
    out_format format;
    bool single; /* JSON: one object instead of an array of them */
    size_t count, at;
    char **keys; /* names, in JSON as `"name":` */
    uint64_t rows;
    bool failed; /* out of memory */
    bool laid_out;
    out_column *columns;
    char *held; /* cells of rows held back: kind, 8 bytes of length, text */
    size_t held_size, held_room;
} out_rows;

/* AUTO is a table on a terminal and TSV elsewhere.  names may go after the call. */
void out_begin(out_rows *o, sink *to, out_format format, const char *const *names, size_t count);
/* Ends the output and frees what is held; 0, or ENOMEM if a cell was lost.  Rows that are not the
 * whole, because something failed, get no header and no end of their own. */
int out_end(out_rows *o, bool whole);
/* Whether rows still reach somebody: callbacks stop when not. */
bool out_alive(const out_rows *o);

/* NULL text is out_null. */
void out_text(out_rows *o, const char *text);
void out_bytes(out_rows *o, const char *text, size_t bytes);
void out_blob(out_rows *o, const void *data, size_t bytes);
void out_int(out_rows *o, int64_t value);
void out_double(out_rows *o, double value);
/* A value that is JSON already; NULL is out_null. */
void out_raw(out_rows *o, const char *json);
/* A number's text: raw where JSON allows it, else a string. */
void out_number(out_rows *o, const char *text, size_t bytes);
void out_time(out_rows *o, int64_t milliseconds);
void out_null(out_rows *o);

#endif
