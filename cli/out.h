/*
 * out.h - rows of named columns as a table, TSV, CSV or JSON.  Cells are given one
 * after the other, in the order of the columns, and stream: a table alone holds
 * its first OUT_TABLE_ROWS rows back, to learn how wide the columns are.  What the
 * sink's style asks for - some columns, some rows, another order - is done on the
 * way (chooser.h), for every command alike.
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

struct varsdb;

/* How the user wants rows. */
typedef struct out_style {
    bool wide;     /* a table is as wide as it needs, whatever the terminal is */
    bool color;    /* heads are bold, what is no number is red */
    bool pager;    /* for what is longer than the screen */
    bool nan_null; /* JSON: NaN and infinities are null, not strings */
    bool at_once;  /* --where is asked of each row as it comes: what it tells of can be stopped */
    const char *columns, *sort, *where; /* of --columns, --sort and --where; NULL: not said */
    int64_t limit;                      /* of --limit; negative: not said */
    struct varsdb **db;                 /* where expressions are worked out; *db may be NULL */
    char refused[1024];                 /* why they are not done; empty: they are */
    bool broken;                        /* by no fault of theirs */
} out_style;

/* What a cell is, which decides how it is aligned, shortened and compared. */
typedef enum out_kind {
    OUT_NULL,
    OUT_NUMBER, /* also NaN, Infinity and -Infinity */
    OUT_FIXED,  /* a time or a shape: never shortened */
    OUT_TEXT
} out_kind;

/* What a column knows about itself while a table is laid out. */
typedef struct out_column {
    size_t width;
    bool text;   /* a cell that is no number was seen: align left */
    bool fixed;  /* one that is not to be shortened */
    bool size;   /* of bytes, which a table shows as KiB, MiB... */
    bool alarms; /* counts of what is no number, and flags: red unless 0, or empty */
    bool tells;  /* a cell was seen that is neither empty nor the row's name again */
    bool hidden; /* did not fit */
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
    size_t subject, name_at,
        name_bytes;          /* the column that says what a row is about; its cell in the last row held */
    size_t screen;           /* columns that a table may take; 0: any number */
    struct chooser *chooser; /* what chooses and sorts; NULL: rows are printed as they come */
} out_rows;

/* AUTO is a table on a terminal and TSV elsewhere.  names may go after the call. */
void out_begin(out_rows *o, sink *to, out_format format, const char *const *names, size_t count);
/* The same of rows with more columns than are printed unless --columns asks for them, which --sort
 * and --where may name too; shown is a list of names with commas. */
void out_begin_some(out_rows *o, sink *to, out_format format, const char *const *names, size_t count,
                    const char *shown);
/* The same of rows that chooser.h has chosen already. */
void out_begin_chosen(out_rows *o, sink *to, out_format format, const char *const *names, size_t count);
/* Ends the output and frees what is held; 0, or ENOMEM if a cell was lost.  Rows that are not the
 * whole, because something failed, get no header and no end of their own. */
int out_end(out_rows *o, bool whole);
/* Whether rows still reach somebody: callbacks stop when not. */
bool out_alive(const out_rows *o);
/* Whether more rows would be printed: not when out_alive is not, nor when --limit is reached.  For
 * callbacks that do nothing but print. */
bool out_wants_more(const out_rows *o);

/* NULL text is out_null. */
void out_text(out_rows *o, const char *text);
void out_bytes(out_rows *o, const char *text, size_t bytes);
void out_blob(out_rows *o, const void *data, size_t bytes);
void out_int(out_rows *o, int64_t value);
void out_double(out_rows *o, double value);
/* A value that is JSON already, a number if it looks like one; NULL is out_null. */
void out_raw(out_rows *o, const char *json);
/* A number's text: raw where JSON allows it, else a string. */
void out_number(out_rows *o, const char *text, size_t bytes);
void out_time(out_rows *o, int64_t milliseconds);
void out_null(out_rows *o);

/* A cell as the functions above make it: its text, and in JSON quoted or not. */
void out_cell(out_rows *o, out_kind kind, const char *text, size_t bytes, bool quoted);

#endif
