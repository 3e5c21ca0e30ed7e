/* table.c - see table.h. */
#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pager.h"
#include "print.h"
#include "terminal.h"

#define ALIGNED_MAX 60 /* longer cells stand out of line rather than push the others away */
#define SHORTEST    13 /* a text is not shortened below */
#define FIXED_MAX   26 /* and a shape that is longer is a text */
#define GAP         2
#define DIGITS      6 /* of numbers with a point, where the screen is the limit */
#define BOLD        "\033[1m"
#define DIM         "\033[2m"
#define RED         "\033[31m"
#define RESET       "\033[0m"

static bool ends_with(const char *text, const char *end)
{
    size_t bytes = strlen(text), last = strlen(end);
    return bytes >= last && strcmp(text + bytes - last, end) == 0;
}

void table_begin(out_rows *o)
{
    const out_style *style = o->to->style;
    if (!style || !style->wide)
        o->screen = terminal_width(o->to->fd, o->to->terminal);
    for (size_t i = o->count; i-- > 0;) {
        const char *name = o->keys[i];
        if (strcmp(name, "name") == 0)
            o->subject = i;
        o->columns[i].size = strcmp(name, "bytes") == 0 || ends_with(name, "_bytes");
        o->columns[i].alarms = strcmp(name, "nans") == 0 || strcmp(name, "infs") == 0 ||
                               ends_with(name, "_infs") || strcmp(name, "flags") == 0;
    }
}

/* ---- Rows held back ---- */

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

/* Whether the cell says what the row's name has not said yet. */
static bool tells(const out_rows *o, const char *text, size_t bytes)
{
    bool behind = o->at > o->subject && bytes == o->name_bytes;
    return bytes && !(behind && memcmp(text, o->held + o->name_at, bytes) == 0);
}

static void hold_cell(out_rows *o, out_kind kind, const char *text, size_t bytes)
{
    out_column *column = &o->columns[o->at];
    size_t width = print_visible_width(text, bytes);
    char tag = (char)kind;
    if (width > column->width && (o->screen || width <= ALIGNED_MAX))
        column->width = width;
    column->tells |= tells(o, text, bytes);
    column->text |= kind == OUT_TEXT || kind == OUT_FIXED;
    column->fixed |= kind == OUT_NUMBER || (kind == OUT_FIXED && width <= FIXED_MAX);
    hold(o, &tag, 1);
    hold(o, &bytes, sizeof bytes);
    if (o->at == o->subject) {
        o->name_at = o->held_size;
        o->name_bytes = bytes;
    }
    hold(o, text, bytes);
}

/* ---- Widths ---- */

/* Of those that are shown. */
static bool is_last(const out_rows *o, size_t column)
{
    while (++column < o->count)
        if (!o->columns[column].hidden)
            return false;
    return true;
}

/* What a row is about keeps a third of the screen. */
static size_t smallest(const out_rows *o, size_t at)
{
    const out_column *column = &o->columns[at];
    size_t head = print_visible_width(o->keys[at], strlen(o->keys[at]));
    size_t least = at == o->subject && o->screen / 3 > SHORTEST ? o->screen / 3 : SHORTEST;
    least = head > least ? head : least;
    return column->fixed || column->width < least ? column->width : least;
}

/* What the columns take that are shown: with gaps, and at their smallest or as they are. */
static size_t total(const out_rows *o, bool at_smallest)
{
    size_t width = 0;
    for (size_t i = 0; i < o->count; i++)
        if (!o->columns[i].hidden)
            width += (width ? GAP : 0) + (at_smallest ? smallest(o, i) : o->columns[i].width);
    return width;
}

/* Where not all fit as they are, those that tell nothing are left out; where not at their smallest, the last
 * ones. */
static void hide(out_rows *o)
{
    for (size_t i = o->count - 1; i > 0 && o->rows > 0 && total(o, false) > o->screen; i--)
        o->columns[i].hidden = !o->columns[i].tells;
    for (size_t i = o->count - 1; i > 0 && total(o, true) > o->screen; i--)
        o->columns[i].hidden = true;
}

/* The widest texts give way first. */
static void fit(out_rows *o)
{
    hide(o);
    for (size_t taken = total(o, false); taken > o->screen; taken--) {
        out_column *widest = NULL;
        for (size_t i = 0; i < o->count; i++) {
            out_column *column = &o->columns[i];
            if (!column->hidden && column->width > smallest(o, i) &&
                (!widest || column->width >= widest->width))
                widest = column;
        }
        if (!widest)
            break;
        widest->width--;
    }
    /* One column on a screen that is narrower than any should be. */
    if (is_last(o, 0) && !o->columns[0].fixed && o->columns[0].width > o->screen)
        o->columns[0].width = o->screen;
}

/* ---- Printing ---- */

static void print_aligned(out_rows *o, size_t column, const char *text, size_t bytes, bool right,
                          const char *color)
{
    size_t room = o->columns[column].width;
    bool shortens = o->screen && !right && !o->columns[column].fixed;
    size_t width = shortens ? print_fitting_width(text, bytes, room) : print_visible_width(text, bytes);
    size_t gap = width < room ? room - width : 0;
    if (column)
        sink_repeat(o->to, ' ', GAP);
    if (right)
        sink_repeat(o->to, ' ', gap);
    sink_text(o->to, color);
    if (shortens)
        print_fitting(o->to, text, bytes, room);
    else
        print_visible(o->to, text, bytes);
    if (*color)
        sink_text(o->to, RESET);
    if (!right && !is_last(o, column))
        sink_repeat(o->to, ' ', gap);
}

static bool is_alarming(const out_column *column, out_kind kind, const char *text, size_t bytes)
{
    if (kind != OUT_NUMBER || !bytes)
        return column->alarms && kind == OUT_TEXT && bytes;
    bool word = *text == 'N' || *text == 'I' || (bytes > 1 && text[1] == 'I');
    return word || (column->alarms && !(bytes == 1 && *text == '0'));
}

static void print_cell(out_rows *o, size_t column, out_kind kind, const char *text, size_t bytes)
{
    bool colors = o->to->style && o->to->style->color;
    const char *color = colors && is_alarming(&o->columns[column], kind, text, bytes) ? RED : "";
    if (!o->columns[column].hidden)
        print_aligned(o, column, text, bytes, kind == OUT_NUMBER, color);
    if (column + 1 == o->count)
        sink_char(o->to, '\n');
}

static void print_head(out_rows *o)
{
    bool colors = o->to->style && o->to->style->color;
    for (size_t i = 0; i < o->count; i++)
        if (!o->columns[i].hidden)
            print_aligned(o, i, o->keys[i], strlen(o->keys[i]), o->rows > 0 && !o->columns[i].text,
                          colors ? BOLD : "");
    sink_text(o->to, colors ? "\n" DIM : "\n");
    for (size_t i = 0; i < o->count; i++) {
        if (o->columns[i].hidden)
            continue;
        if (i)
            sink_repeat(o->to, ' ', GAP);
        sink_repeat(o->to, '-', o->columns[i].width);
    }
    sink_text(o->to, colors ? RESET "\n" : "\n");
}

void table_lay_out(out_rows *o)
{
    o->laid_out = true;
    for (size_t i = 0; i < o->count; i++) {
        size_t width = print_visible_width(o->keys[i], strlen(o->keys[i]));
        if (width > o->columns[i].width)
            o->columns[i].width = width;
    }
    if (o->screen)
        fit(o);
    pager_offer(o->to, (size_t)o->rows + 3);
    print_head(o);
    size_t at = 0, column = 0;
    while (at < o->held_size) {
        out_kind kind = (out_kind)(unsigned char)o->held[at];
        size_t bytes;
        memcpy(&bytes, o->held + at + 1, sizeof bytes);
        at += 1 + sizeof bytes;
        print_cell(o, column, kind, o->held + at, bytes);
        at += bytes;
        column = column + 1 < o->count ? column + 1 : 0;
    }
    free(o->held);
    o->held = NULL;
    o->held_size = o->held_room = 0;
}

/* A number as a person reads it: sizes as KiB and MiB, and of a long fraction the first digits.  False: as it
 * is. */
static bool simplify(const out_rows *o, const char *text, size_t bytes, char *out)
{
    char number[PRINT_NUMBER_MAX] = "";
    if (!bytes || bytes >= sizeof number)
        return false;
    memcpy(number, text, bytes);
    if (o->columns[o->at].size && *text >= '0' && *text <= '9')
        print_size(out, strtoll(number, NULL, 10));
    else if (o->screen && bytes > DIGITS + 2 && strpbrk(number, ".e"))
        snprintf(out, PRINT_NUMBER_MAX, "%.*g", DIGITS, strtod(number, NULL));
    else
        return false;
    return true;
}

void table_cell(out_rows *o, out_kind kind, const char *text, size_t bytes)
{
    char simple[PRINT_NUMBER_MAX];
    if (kind == OUT_NUMBER && simplify(o, text, bytes, simple)) {
        text = simple;
        bytes = strlen(simple);
    }
    if (o->laid_out)
        print_cell(o, o->at, kind, text, bytes);
    else
        hold_cell(o, kind, text, bytes);
}

/* Their names, if the screen has room for them. */
static void print_hidden(out_rows *o, size_t hidden)
{
    const char *plural = hidden == 1 ? "" : "s", *before = " ";
    size_t width = strlen("(99 more columns: ; --wide shows all)");
    for (size_t i = 0; i < o->count; i++)
        if (o->columns[i].hidden)
            width += print_visible_width(o->keys[i], strlen(o->keys[i])) + 2;
    if (width > o->screen) {
        sink_printf(o->to, "(%zu more column%s; --wide shows all)\n", hidden, plural);
        return;
    }
    sink_printf(o->to, "(%zu more column%s:", hidden, plural);
    for (size_t i = 0; i < o->count; i++) {
        if (!o->columns[i].hidden)
            continue;
        sink_text(o->to, before);
        before = ", ";
        print_visible(o->to, o->keys[i], strlen(o->keys[i]));
    }
    sink_text(o->to, "; --wide shows all)\n");
}

void table_end(out_rows *o)
{
    size_t hidden = 0;
    if (!o->laid_out && o->count)
        table_lay_out(o);
    for (size_t i = 0; i < o->count; i++)
        hidden += o->columns[i].hidden;
    if (hidden)
        print_hidden(o, hidden);
}
