/* chooser.c - see chooser.h. */
#include "chooser.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "row.h"
#include "where.h"

#define KEYS_MAX    16
#define ROWS_FIRST  32
#define BATCH_FIRST 16 /* the first row should not wait for thousands */
#define BATCH_MOST  1024
#define BATCH_BYTES ((size_t)1 << 20)

struct chooser {
    sink *to;
    out_style *style;
    bool refused, failed, begun;
    size_t count; /* columns that come */
    char **names;
    bool *needed; /* those that are printed, sorted by or asked about: only they are kept, in `cells` */
    size_t *slots, slot_count;
    size_t *shown, shown_count; /* those that are printed, in that order; once begun, their slots */
    row_key keys[KEYS_MAX];
    size_t key_count;
    int64_t limit, printed;

    /* The row that comes: cells whose texts are offsets still. */
    row_cell *cells;
    size_t *offsets;
    size_t at, used, room;
    char *text;

    where *where;
    row_list batch; /* not asked about yet */
    size_t batch_most, batch_bytes;
    row_list held; /* to be sorted */
    out_format format;
    out_rows rows;
};

__attribute__((format(printf, 2, 3))) static void refuse(chooser *l, const char *format, ...)
{
    if (!l->refused) {
        va_list ap;
        va_start(ap, format);
        vsnprintf(l->style->refused, sizeof l->style->refused, format, ap);
        va_end(ap);
    }
    l->refused = true;
}

bool chooser_is_refused(const chooser *l)
{
    return l->refused || l->rows.failed;
}

bool chooser_has_enough(const chooser *l)
{
    return l->limit >= 0 && l->printed >= l->limit && !l->key_count;
}

bool chooser_needs_cell(const chooser *l)
{
    return l->needed[l->at];
}

bool chooser_is_wanted(const out_style *style, const char *shown)
{
    return style && (shown || style->columns || style->sort || style->where || style->limit >= 0);
}

/* ---- What is asked for ---- */

static void refuse_column(chooser *l, const char *option, const char *name, size_t bytes)
{
    char there[600] = "";
    size_t used = 0;
    for (size_t i = 0; i < l->count && used < sizeof there; i++)
        used += (size_t)snprintf(there + used, sizeof there - used, "%s%s", i ? ", " : "", l->names[i]);
    refuse(l, "%s: there is no column \"%.*s\"; the columns are: %s", option,
           (int)(bytes < 200 ? bytes : 200), name, there);
}

static bool find_column(const chooser *l, const char *name, size_t bytes, size_t *out)
{
    for (size_t i = 0; i < l->count; i++) {
        if (strlen(l->names[i]) == bytes && memcmp(l->names[i], name, bytes) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

/* The next of names with commas between; spaces around do not matter. */
static bool next_word(const char **list, const char **word, size_t *bytes)
{
    const char *p = *list;
    if (!p)
        return false;
    size_t n = strcspn(p, ",");
    *list = p[n] ? p + n + 1 : NULL;
    for (; n && *p == ' '; n--)
        p++;
    while (n && p[n - 1] == ' ')
        n--;
    *word = p;
    *bytes = n;
    return true;
}

static void show_column(chooser *l, const char *word, size_t bytes)
{
    size_t column = 0;
    if (!find_column(l, word, bytes, &column)) {
        refuse_column(l, "--columns", word, bytes);
        return;
    }
    for (size_t i = 0; i < l->shown_count; i++)
        if (l->shown[i] == column)
            refuse(l, "--columns: %s is named twice", l->names[column]);
    if (!l->refused)
        l->shown[l->shown_count++] = column;
}

static void choose_columns(chooser *l, const char *list)
{
    const char *word = NULL;
    size_t bytes = 0;
    if (!list || strcmp(list, "*") == 0) {
        for (size_t i = 0; i < l->count; i++)
            l->shown[i] = i;
        l->shown_count = l->count;
        return;
    }
    while (!l->refused && next_word(&list, &word, &bytes))
        show_column(l, word, bytes);
}

static void add_key(chooser *l, const char *word, size_t bytes)
{
    row_key key = {0};
    bool found = find_column(l, word, bytes, &key.column);
    if (!found && bytes > 5 && memcmp(word + bytes - 5, ":desc", 5) == 0) {
        key.descending = true;
        bytes -= 5;
    } else if (!found && bytes > 4 && memcmp(word + bytes - 4, ":asc", 4) == 0) {
        bytes -= 4;
    }
    if (!found && !find_column(l, word, bytes, &key.column))
        refuse_column(l, "--sort", word, bytes);
    else if (l->key_count == KEYS_MAX)
        refuse(l, "--sort takes %d columns at most", KEYS_MAX);
    else
        l->keys[l->key_count++] = key;
}

static void choose_order(chooser *l, const char *list)
{
    const char *word = NULL;
    size_t bytes = 0;
    while (!l->refused && next_word(&list, &word, &bytes))
        add_key(l, word, bytes);
}

static void note_needed(chooser *l)
{
    for (size_t i = 0; i < l->shown_count; i++)
        l->needed[l->shown[i]] = true;
    for (size_t i = 0; i < l->key_count; i++)
        l->needed[l->keys[i].column] = true;
    for (size_t i = 0; l->where && i < l->count; i++)
        l->needed[i] |= where_needs(l->where, i);
}

/* From columns to places in a row that has the needed ones alone. */
static void assign_slots(chooser *l)
{
    for (size_t i = 0; i < l->count; i++) {
        l->slots[i] = l->slot_count;
        l->slot_count += l->needed[i];
    }
    for (size_t i = 0; i < l->shown_count; i++)
        l->shown[i] = l->slots[l->shown[i]];
    for (size_t i = 0; i < l->key_count; i++)
        l->keys[i].column = l->slots[l->keys[i].column];
    if (l->where)
        where_use_slots(l->where, l->slots);
}

static void begin_printing(chooser *l)
{
    const char **names = calloc(l->shown_count + 1, sizeof *names);
    l->failed = !names;
    for (size_t i = 0; names && i < l->shown_count; i++)
        names[i] = l->names[l->shown[i]];
    if (names) {
        out_begin_chosen(&l->rows, l->to, l->format, names, l->shown_count);
        l->begun = true;
    }
    free((void *)names);
}

static void release(chooser *l)
{
    for (size_t i = 0; l->names && i < l->count; i++)
        free(l->names[i]);
    where_close(l->where);
    row_list_clear(&l->batch);
    row_list_clear(&l->held);
    free(l->names);
    free(l->needed);
    free(l->shown);
    free(l->cells);
    free(l->offsets);
    free(l->slots);
    free(l->text);
    free(l);
}

/* The caller's may go after the call. */
static bool copy_names(char **to, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char *copy = strdup(names[i]);
        if (!copy)
            return false;
        to[i] = copy;
    }
    return true;
}

static bool allocate(chooser *l, const char *const *names)
{
    size_t n = l->count + 1;
    l->names = calloc(n, sizeof *l->names);
    l->needed = calloc(n, sizeof *l->needed);
    l->shown = calloc(n, sizeof *l->shown);
    l->cells = calloc(n, sizeof *l->cells);
    l->offsets = calloc(n, sizeof *l->offsets);
    l->slots = calloc(n, sizeof *l->slots);
    return l->names && l->needed && l->shown && l->cells && l->offsets && l->slots &&
           copy_names(l->names, names, l->count);
}

chooser *chooser_begin(sink *to, out_format format, const char *const *names, size_t count, const char *shown)
{
    chooser *l = calloc(1, sizeof *l);
    if (!l)
        return NULL;
    l->to = to;
    l->style = to->style;
    l->format = format;
    l->count = count;
    l->limit = l->style->limit;
    l->batch_most = l->style->at_once ? 1 : BATCH_FIRST;
    if (!allocate(l, names)) {
        release(l);
        return NULL;
    }
    choose_columns(l, l->style->columns ? l->style->columns : shown);
    choose_order(l, l->style->sort);
    if (!l->refused && l->style->where)
        l->refused = !(l->where = where_open(l->style, l->names, count));
    if (l->refused)
        return l;
    note_needed(l);
    begin_printing(l);
    assign_slots(l);
    return l;
}

/* ---- Rows ---- */

static void print_row(chooser *l, const row_cell *cells)
{
    if (l->limit >= 0 && l->printed >= l->limit)
        return;
    l->printed++;
    for (size_t i = 0; i < l->shown_count; i++) {
        const row_cell *cell = &cells[l->shown[i]];
        out_cell(&l->rows, cell->kind, cell->text, cell->bytes, cell->quoted);
    }
    /* Somebody waits for the first lines, not for the first buffer. */
    if (l->printed == ROWS_FIRST)
        sink_flush(l->to);
}

/* Takes the copy. */
static void keep_or_print(chooser *l, row *copy)
{
    if (l->key_count) {
        l->failed |= !row_list_add(&l->held, copy);
        return;
    }
    print_row(l, copy->cells);
    free(copy);
}

static void ask(chooser *l)
{
    bool *keep = calloc(l->batch.count + 1, sizeof *keep);
    l->failed |= !keep;
    if (keep && !where_run(l->where, &l->batch, keep))
        l->refused = true;
    for (size_t i = 0; keep && !l->refused && i < l->batch.count; i++) {
        if (!keep[i])
            continue;
        keep_or_print(l, l->batch.rows[i]);
        l->batch.rows[i] = NULL;
    }
    free(keep);
    row_list_clear(&l->batch);
    l->batch_bytes = 0;
    if (!l->style->at_once)
        l->batch_most = l->batch_most * 4 < BATCH_MOST ? l->batch_most * 4 : BATCH_MOST;
    /* The next that match may be far away. */
    if (!l->refused)
        sink_flush(l->to);
}

static void end_row(chooser *l)
{
    for (size_t i = 0; i < l->slot_count; i++)
        l->cells[i].text = l->text ? l->text + l->offsets[i] : "";
    if (l->where) {
        l->failed |= !row_list_add(&l->batch, row_copy(l->cells, l->slot_count, l->keys, l->key_count));
        l->batch_bytes += l->used;
        if (l->batch.count >= l->batch_most || l->batch_bytes >= BATCH_BYTES)
            ask(l);
    } else if (l->key_count) {
        l->failed |= !row_list_add(&l->held, row_copy(l->cells, l->slot_count, l->keys, l->key_count));
    } else {
        print_row(l, l->cells);
    }
    l->at = l->used = 0;
}

static bool remember(chooser *l, const char *text, size_t bytes)
{
    if (bytes > l->room - l->used) {
        size_t room = (l->room + bytes) * 2 + 256;
        char *bigger = realloc(l->text, room);
        if (!bigger)
            return false;
        l->text = bigger;
        l->room = room;
    }
    if (bytes)
        memcpy(l->text + l->used, text, bytes);
    l->used += bytes;
    return true;
}

void chooser_cell(out_rows *o, out_kind kind, const char *text, size_t bytes, bool quoted)
{
    chooser *l = o->chooser;
    if (l->refused || l->failed)
        return;
    assert(l->at < l->count);
    if (l->needed[l->at]) {
        size_t slot = l->slots[l->at];
        l->offsets[slot] = l->used;
        l->cells[slot] = (row_cell){.bytes = bytes, .kind = kind, .quoted = quoted};
        l->failed |= !remember(l, text, bytes);
    }
    l->rows.single = o->single;
    if (++l->at == l->count) {
        o->rows++;
        end_row(l);
    }
    o->failed |= l->failed;
}

int chooser_end(chooser *l, bool whole)
{
    if (whole && !l->refused && l->batch.count)
        ask(l);
    if (whole && !l->refused && !l->failed) {
        row_list_sort(&l->held, l->keys, l->key_count);
        for (size_t i = 0; i < l->held.count; i++)
            print_row(l, l->held.rows[i]->cells);
    }
    bool failed = l->failed;
    if (l->begun && out_end(&l->rows, whole && !l->refused && !failed) != 0)
        failed = true;
    release(l);
    return failed ? ENOMEM : 0;
}
