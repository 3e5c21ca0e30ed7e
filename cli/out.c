/* out.c - see out.h. */
#include "out.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "print.h"

#define ALIGNED_MAX 60 /* longer cells stand out of line rather than push the others away */

enum {
    CELL_NULL,
    CELL_NUMBER,
    CELL_TEXT
};

/* `name`, or in JSON the member's key as it is printed in every row. */
static char *make_key(const char *name, out_format format)
{
    if (format != OUT_JSON)
        return strdup(name);
    sink *s = malloc(sizeof *s);
    char *key = NULL;
    if (!s)
        return NULL;
    sink_open(s, -1);
    size_t bytes = strlen(name);
    print_json(s, name, bytes < 1024 ? bytes : 1024);
    sink_char(s, ':');
    key = strndup(s->data, s->used);
    free(s);
    return key;
}

void out_begin(out_rows *o, sink *to, out_format format, const char *const *names, size_t count)
{
    *o = (out_rows){.to = to, .format = format, .count = count};
    if (format == OUT_AUTO)
        o->format = isatty(to->fd) ? OUT_TABLE : OUT_TSV;
    o->keys = calloc(count + 1, sizeof *o->keys);
    o->columns = calloc(count + 1, sizeof *o->columns);
    if (!o->keys || !o->columns) {
        o->failed = true;
        return;
    }
    for (size_t i = 0; i < count && !o->failed; i++) {
        o->keys[i] = make_key(names[i], o->format);
        o->failed = !o->keys[i];
    }
}

bool out_alive(const out_rows *o)
{
    return !o->failed && !o->to->error;
}

/* ---- Delimited text ---- */

static void print_delimited(const out_rows *o, const char *text, size_t bytes)
{
    if (o->format == OUT_CSV)
        print_csv(o->to, text, bytes);
    else
        print_tsv(o->to, text, bytes);
}

static void end_line(const out_rows *o)
{
    sink_text(o->to, o->format == OUT_CSV ? "\r\n" : "\n");
}

static void print_header(out_rows *o)
{
    for (size_t i = 0; i < o->count; i++) {
        if (i)
            sink_char(o->to, o->format == OUT_CSV ? ',' : '\t');
        print_delimited(o, o->keys[i], strlen(o->keys[i]));
    }
    end_line(o);
}

/* ---- Tables ---- */

static void hold(out_rows *o, const void *data, size_t bytes)
{
    if (bytes > o->held_room - o->held_size) {
        size_t room = (o->held_room + bytes) * 2 + 4096;
        char *bigger = realloc(o->held, room);
        if (!bigger) {
            o->failed = true;
            return;
        }
        o->held = bigger;
        o->held_room = room;
    }
    if (bytes)
        memcpy(o->held + o->held_size, data, bytes);
    o->held_size += bytes;
}

static void hold_cell(out_rows *o, int kind, const char *text, size_t bytes)
{
    out_column *column = &o->columns[o->at];
    size_t width = print_visible_width(text, bytes);
    char tag = (char)kind;
    if (width > column->width && width <= ALIGNED_MAX)
        column->width = width;
    column->text |= kind == CELL_TEXT;
    hold(o, &tag, 1);
    hold(o, &bytes, sizeof bytes);
    hold(o, text, bytes);
}

static void print_aligned(out_rows *o, size_t column, const char *text, size_t bytes, bool right)
{
    size_t width = print_visible_width(text, bytes), room = o->columns[column].width;
    size_t gap = width < room ? room - width : 0;
    if (column)
        sink_text(o->to, "  ");
    if (right)
        sink_repeat(o->to, ' ', gap);
    print_visible(o->to, text, bytes);
    if (!right && column + 1 < o->count)
        sink_repeat(o->to, ' ', gap);
}

static void print_table_cell(out_rows *o, size_t column, int kind, const char *text, size_t bytes)
{
    print_aligned(o, column, text, bytes, kind == CELL_NUMBER);
    if (column + 1 == o->count)
        sink_char(o->to, '\n');
}

static void print_table_head(out_rows *o)
{
    for (size_t i = 0; i < o->count; i++) {
        size_t bytes = strlen(o->keys[i]), width = print_visible_width(o->keys[i], bytes);
        if (width > o->columns[i].width)
            o->columns[i].width = width;
        print_aligned(o, i, o->keys[i], bytes, o->rows > 0 && !o->columns[i].text);
    }
    sink_char(o->to, '\n');
    for (size_t i = 0; i < o->count; i++) {
        if (i)
            sink_text(o->to, "  ");
        sink_repeat(o->to, '-', o->columns[i].width);
    }
    sink_char(o->to, '\n');
}

/* The widths are known, or as good as: prints what was held back. */
static void lay_out(out_rows *o)
{
    o->laid_out = true;
    print_table_head(o);
    size_t at = 0, column = 0;
    while (at < o->held_size) {
        int kind = (unsigned char)o->held[at];
        size_t bytes;
        memcpy(&bytes, o->held + at + 1, sizeof bytes);
        at += 1 + sizeof bytes;
        print_table_cell(o, column, kind, o->held + at, bytes);
        at += bytes;
        column = column + 1 < o->count ? column + 1 : 0;
    }
    free(o->held);
    o->held = NULL;
    o->held_size = o->held_room = 0;
}

/* ---- Cells ---- */

static void begin_cell(out_rows *o)
{
    sink *to = o->to;
    switch (o->format) {
    case OUT_JSON:
        if (!o->at)
            sink_text(to, o->single ? "{" : o->rows ? ",\n{" : "[\n{");
        else
            sink_char(to, ',');
        sink_text(to, o->keys[o->at]);
        break;
    case OUT_TABLE:
        break;
    default:
        if (!o->at && !o->rows)
            print_header(o);
        if (o->at)
            sink_char(to, o->format == OUT_CSV ? ',' : '\t');
    }
}

static void end_cell(out_rows *o)
{
    if (++o->at < o->count)
        return;
    o->at = 0;
    o->rows++;
    if (o->format == OUT_JSON)
        sink_char(o->to, '}');
    else if (o->format != OUT_TABLE)
        end_line(o);
    else if (!o->laid_out && o->rows == OUT_TABLE_ROWS)
        lay_out(o);
}

/* A cell whose text is the same in JSON and elsewhere, but for quotes around text. */
static void cell(out_rows *o, int kind, const char *text, size_t bytes, bool quoted)
{
    if (o->failed)
        return;
    begin_cell(o);
    if (o->format == OUT_TABLE && o->laid_out)
        print_table_cell(o, o->at, kind, text, bytes);
    else if (o->format == OUT_TABLE)
        hold_cell(o, kind, text, bytes);
    else if (o->format == OUT_JSON && quoted)
        print_json(o->to, text, bytes);
    else if (o->format == OUT_JSON)
        sink_bytes(o->to, text, bytes);
    else if (kind == CELL_TEXT)
        print_delimited(o, text, bytes);
    else
        sink_bytes(o->to, text, bytes);
    end_cell(o);
}

void out_bytes(out_rows *o, const char *text, size_t bytes)
{
    cell(o, CELL_TEXT, text, bytes, true);
}

void out_text(out_rows *o, const char *text)
{
    if (text)
        out_bytes(o, text, strlen(text));
    else
        out_null(o);
}

void out_blob(out_rows *o, const void *data, size_t bytes)
{
    static const char digits[] = "0123456789ABCDEF";
    char *hex = bytes < SIZE_MAX / 2 ? malloc(bytes * 2 + 1) : NULL;
    if (!hex) {
        o->failed = true;
        return;
    }
    for (size_t i = 0; i < bytes; i++) {
        hex[2 * i] = digits[((const unsigned char *)data)[i] >> 4];
        hex[2 * i + 1] = digits[((const unsigned char *)data)[i] & 15];
    }
    cell(o, CELL_TEXT, hex, bytes * 2, true);
    free(hex);
}

void out_int(out_rows *o, int64_t value)
{
    char text[PRINT_NUMBER_MAX];
    cell(o, CELL_NUMBER, text, print_int(text, value), false);
}

void out_number(out_rows *o, const char *text, size_t bytes)
{
    bool word = !bytes || text[bytes - 1] < '0' || text[bytes - 1] > '9';
    cell(o, CELL_NUMBER, text, bytes, word);
}

void out_double(out_rows *o, double value)
{
    char text[PRINT_NUMBER_MAX] = "";
    size_t bytes = print_double(text, value);
    out_number(o, text, bytes);
}

void out_raw(out_rows *o, const char *json)
{
    if (json)
        cell(o, CELL_TEXT, json, strlen(json), false);
    else
        out_null(o);
}

void out_time(out_rows *o, int64_t milliseconds)
{
    char text[PRINT_NUMBER_MAX];
    cell(o, CELL_TEXT, text, print_time(text, milliseconds), true);
}

void out_null(out_rows *o)
{
    if (o->format == OUT_JSON)
        cell(o, CELL_NULL, "null", 4, false);
    else
        cell(o, CELL_NULL, "", 0, false);
}

/* What stands around the rows, also when there is none. */
static void print_end(out_rows *o)
{
    if (o->format == OUT_JSON)
        sink_text(o->to, o->single ? "\n" : o->rows ? "\n]\n" : "[]\n");
    else if (o->format == OUT_TABLE && !o->laid_out && o->count)
        lay_out(o);
    else if (o->format != OUT_TABLE && !o->rows && o->count)
        print_header(o);
}

int out_end(out_rows *o, bool whole)
{
    if (!o->failed && whole)
        print_end(o);
    else if (!o->failed && o->format == OUT_JSON && o->rows)
        sink_char(o->to, '\n'); /* no bracket that would make it look whole */
    for (size_t i = 0; o->keys && i < o->count; i++)
        free(o->keys[i]);
    free(o->keys);
    free(o->columns);
    free(o->held);
    int result = o->failed ? ENOMEM : 0;
    *o = (out_rows){.to = o->to};
    return result;
}
