/* out.c - see out.h. */
#include "out.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chooser.h"
#include "print.h"
#include "table.h"

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

void out_begin_chosen(out_rows *o, sink *to, out_format format, const char *const *names, size_t count)
{
    *o = (out_rows){.to = to, .format = format, .count = count};
    o->keys = calloc(o->count + 1, sizeof *o->keys);
    o->columns = calloc(o->count + 1, sizeof *o->columns);
    o->failed = !o->keys || !o->columns;
    for (size_t i = 0; i < o->count && !o->failed; i++) {
        o->keys[i] = make_key(names[i], o->format);
        o->failed = !o->keys[i];
    }
    if (!o->failed && o->format == OUT_TABLE)
        table_begin(o);
}

void out_begin_some(out_rows *o, sink *to, out_format format, const char *const *names, size_t count,
                    const char *shown)
{
    *o = (out_rows){.to = to, .format = format, .count = count};
    if (format == OUT_AUTO)
        o->format = to->terminal ? OUT_TABLE : OUT_TSV;
    if (count && chooser_is_wanted(to->style, shown)) {
        o->chooser = chooser_begin(to, o->format, names, count, shown);
        o->failed = !o->chooser;
    } else {
        out_begin_chosen(o, to, o->format, names, count);
    }
}

void out_begin(out_rows *o, sink *to, out_format format, const char *const *names, size_t count)
{
    out_begin_some(o, to, format, names, count, NULL);
}

bool out_alive(const out_rows *o)
{
    return !o->failed && !o->to->error && !(o->chooser && chooser_is_refused(o->chooser));
}

bool out_wants_more(const out_rows *o)
{
    return out_alive(o) && !(o->chooser && chooser_has_enough(o->chooser));
}

/* ---- Delimited text ---- */

static void print_delimited(const out_rows *o, const char *text, size_t bytes)
{
    if (o->to->terminal && print_can_steer(text, bytes))
        print_visible(o->to, text, bytes); /* a person looks at it: safety before form */
    else if (o->format == OUT_CSV)
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
        table_lay_out(o);
}

void out_cell(out_rows *o, out_kind kind, const char *text, size_t bytes, bool quoted)
{
    if (o->failed)
        return;
    if (o->chooser) {
        chooser_cell(o, kind, text, bytes, quoted);
        return;
    }
    begin_cell(o);
    if (o->format == OUT_TABLE)
        table_cell(o, kind, text, bytes);
    else if (o->format == OUT_JSON && quoted)
        print_json(o->to, text, bytes);
    else if (o->format == OUT_JSON)
        sink_bytes(o->to, text, bytes);
    else if (kind == OUT_TEXT || kind == OUT_FIXED)
        print_delimited(o, text, bytes);
    else
        sink_bytes(o->to, text, bytes);
    end_cell(o);
}

/* A cell that nobody asked for need not be made. */
static bool is_skipped(out_rows *o)
{
    if (!o->chooser || chooser_needs_cell(o->chooser))
        return false;
    out_cell(o, OUT_NULL, "", 0, false);
    return true;
}

void out_bytes(out_rows *o, const char *text, size_t bytes)
{
    out_cell(o, OUT_TEXT, text, bytes, true);
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
    if (is_skipped(o))
        return;
    char *hex = bytes < SIZE_MAX / 2 ? malloc(bytes * 2 + 1) : NULL;
    if (!hex) {
        o->failed = true;
        return;
    }
    for (size_t i = 0; i < bytes; i++) {
        hex[2 * i] = digits[((const unsigned char *)data)[i] >> 4];
        hex[2 * i + 1] = digits[((const unsigned char *)data)[i] & 15];
    }
    out_cell(o, OUT_TEXT, hex, bytes * 2, true);
    free(hex);
}

void out_int(out_rows *o, int64_t value)
{
    char text[PRINT_NUMBER_MAX];
    if (!is_skipped(o))
        out_cell(o, OUT_NUMBER, text, print_int(text, value), false);
}

void out_number(out_rows *o, const char *text, size_t bytes)
{
    bool word = !bytes || text[bytes - 1] < '0' || text[bytes - 1] > '9';
    if (word && o->format == OUT_JSON && o->to->style && o->to->style->nan_null)
        out_null(o);
    else
        out_cell(o, OUT_NUMBER, text, bytes, word);
}

void out_double(out_rows *o, double value)
{
    char text[PRINT_NUMBER_MAX] = "";
    if (is_skipped(o))
        return;
    size_t bytes = print_double(text, value);
    out_number(o, text, bytes);
}

static out_kind kind_of_json(const char *json)
{
    if (*json == '-' || (*json >= '0' && *json <= '9'))
        return OUT_NUMBER;
    return *json == '[' && !json[strspn(json, "[]0123456789,?")] ? OUT_FIXED : OUT_TEXT;
}

void out_raw(out_rows *o, const char *json)
{
    if (json)
        out_cell(o, kind_of_json(json), json, strlen(json), false);
    else
        out_null(o);
}

void out_time(out_rows *o, int64_t milliseconds)
{
    char text[PRINT_NUMBER_MAX];
    if (!is_skipped(o))
        out_cell(o, OUT_FIXED, text, print_time(text, milliseconds), true);
}

void out_null(out_rows *o)
{
    if (o->format == OUT_JSON)
        out_cell(o, OUT_NULL, "null", 4, false);
    else
        out_cell(o, OUT_NULL, "", 0, false);
}

/* What stands around the rows, also when there is none. */
static void print_end(out_rows *o)
{
    if (o->format == OUT_JSON)
        sink_text(o->to, o->single ? "\n" : o->rows ? "\n]\n" : "[]\n");
    else if (o->format == OUT_TABLE)
        table_end(o);
    else if (o->format != OUT_TABLE && !o->rows && o->count)
        print_header(o);
}

int out_end(out_rows *o, bool whole)
{
    if (o->chooser)
        o->failed |= chooser_end(o->chooser, whole && !o->failed) != 0;
    else if (!o->failed && whole)
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
