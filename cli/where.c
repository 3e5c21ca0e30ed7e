/* where.c - see where.h. */
#include "where.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The rows' numbers; not a name that an expression meets by chance. */
#define ORDINAL "\"varsdb: row\""

struct where {
    out_style *style;
    char *const *names;
    size_t count;
    bool *needed;
    const size_t *slots;
    varsdb *db, *own;
    char folder[512]; /* of `own` */
    char *sql;
    size_t used, room;
    bool failed;
    bool *keep;
    size_t rows;
};

__attribute__((format(printf, 2, 3))) static bool refuse(where *w, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    vsnprintf(w->style->refused, sizeof w->style->refused, format, ap);
    va_end(ap);
    return false;
}

static bool break_down(where *w, const char *why)
{
    w->style->broken = true;
    return refuse(w, "%s", why);
}

/* ---- The query's text ---- */

static void put(where *w, const char *text, size_t bytes)
{
    if (w->failed || !bytes)
        return;
    if (bytes + 1 > w->room - w->used) {
        size_t room = (w->room + bytes) * 2 + 4096;
        char *bigger = realloc(w->sql, room);
        w->failed = !bigger;
        if (!bigger)
            return;
        w->sql = bigger;
        w->room = room;
    }
    memcpy(w->sql + w->used, text, bytes);
    w->used += bytes;
    w->sql[w->used] = '\0';
}

static void put_text(where *w, const char *text)
{
    put(w, text, strlen(text));
}

static void put_quoted(where *w, const char *text, size_t bytes, char quote)
{
    put(w, &quote, 1);
    for (const char *found; bytes && (found = memchr(text, quote, bytes));) {
        size_t run = (size_t)(found - text) + 1;
        put(w, text, run);
        put(w, &quote, 1);
        text += run;
        bytes -= run;
    }
    put(w, text, bytes);
    put(w, &quote, 1);
}

/* Text with a zero byte would end the query. */
static void put_hexadecimal(where *w, const char *text, size_t bytes)
{
    char digits[3];
    put_text(w, "CAST(x'");
    for (size_t i = 0; i < bytes; i++) {
        snprintf(digits, sizeof digits, "%02x", (unsigned)(unsigned char)text[i]);
        put(w, digits, 2);
    }
    put_text(w, "' AS TEXT)");
}

/* SQL has infinities, but no NaN: that is the text 'NaN', which is more than any number. */
static void put_value(where *w, const row_cell *cell)
{
    if (cell->kind == OUT_NULL)
        put_text(w, "NULL");
    else if (cell->kind == OUT_NUMBER && cell->bytes && cell->text[cell->bytes - 1] == 'y')
        put_text(w, *cell->text == '-' ? "-9e999" : "9e999");
    else if (cell->kind == OUT_NUMBER && cell->bytes && cell->text[cell->bytes - 1] <= '9')
        put(w, cell->text, cell->bytes);
    else if (memchr(cell->text, '\0', cell->bytes))
        put_hexadecimal(w, cell->text, cell->bytes);
    else
        put_quoted(w, cell->text, cell->bytes, '\'');
}

static void put_row(where *w, size_t ordinal, const row *r)
{
    char number[32];
    snprintf(number, sizeof number, "(%zu", ordinal);
    put_text(w, number);
    for (size_t i = 0; i < w->count; i++) {
        if (!w->needed[i])
            continue;
        put_text(w, ",");
        if (r)
            put_value(w, &r->cells[w->slots[i]]);
        else
            put_text(w, "NULL");
    }
    put_text(w, ")");
}

static void begin_query(where *w)
{
    w->used = 0;
    put_text(w, "WITH \"varsdb: rows\"(" ORDINAL);
    for (size_t i = 0; i < w->count; i++) {
        if (!w->needed[i])
            continue;
        put_text(w, ",");
        put_quoted(w, w->names[i], strlen(w->names[i]), '"');
    }
    put_text(w, ") AS (VALUES");
}

/* The expression stands on lines of its own: a comment in it ends there. */
static void end_query(where *w, const char *after)
{
    put_text(w, ") SELECT " ORDINAL " FROM \"varsdb: rows\" WHERE (\n");
    put_text(w, w->style->where);
    put_text(w, "\n)");
    put_text(w, after);
}

/* ---- Running it ---- */

static int mark(void *payload, size_t columns, const char *const *names, const varsdb_value *values)
{
    where *w = payload;
    (void)columns, (void)names;
    size_t ordinal = values[0].text ? strtoul(values[0].text, NULL, 10) : w->rows;
    if (ordinal < w->rows)
        w->keep[ordinal] = true;
    return 0;
}

/* "no such column: x" is answered by those there are. */
static bool fail(where *w)
{
    const char *said = varsdb_errmsg(w->db);
    w->style->broken = varsdb_errcode(w->db) != VARSDB_INVALID;
    size_t prefix = strncmp(said, "SQL: ", 5) == 0 ? 5 : 0;
    refuse(w, "--where \"%.300s\": %.300s", w->style->where, said + prefix);
    if (!strstr(said, "no such column"))
        return false;
    char *to = w->style->refused;
    size_t room = sizeof w->style->refused, used = strlen(to);
    for (size_t i = 0; i < w->count && used < room; i++)
        used +=
            (size_t)snprintf(to + used, room - used, "%s%s", i ? ", " : "; the columns are: ", w->names[i]);
    return false;
}

static bool run(where *w)
{
    if (w->failed)
        return break_down(w, "out of memory");
    return varsdb_query(w->db, w->sql, mark, w) == VARSDB_OK || fail(w);
}

bool where_run(where *w, const row_list *rows, bool *keep)
{
    w->keep = keep;
    w->rows = rows->count;
    if (!rows->count)
        return true;
    begin_query(w);
    for (size_t i = 0; i < rows->count; i++) {
        if (i)
            put_text(w, ",");
        put_row(w, i, rows->rows[i]);
    }
    end_query(w, "");
    return run(w);
}

/* ---- Beginning and end ---- */

static bool make_registry(where *w)
{
    const char *temporary = getenv("TMPDIR");
    char path[sizeof w->folder + 16];
    int n = snprintf(w->folder, sizeof w->folder, "%s/varsdb-where-XXXXXX",
                     temporary && *temporary ? temporary : "/tmp");
    if ((size_t)n >= sizeof w->folder || !mkdtemp(w->folder)) {
        w->folder[0] = '\0';
        return break_down(w, "--where needs a folder for temporary files, which $TMPDIR or /tmp is not");
    }
    snprintf(path, sizeof path, "%s/rows.db", w->folder);
    if (varsdb_open(path, VARSDB_OPEN(.flags = VARSDB_CREATE_FILE), &w->own) != VARSDB_OK)
        return break_down(w, w->own ? varsdb_errmsg(w->own) : "out of memory");
    w->db = w->own;
    return true;
}

static void remove_registry(where *w)
{
    varsdb_close(w->own);
    DIR *folder = *w->folder ? opendir(w->folder) : NULL;
    if (!folder)
        return;
    for (const struct dirent *entry; (entry = readdir(folder));)
        if (*entry->d_name != '.')
            unlinkat(dirfd(folder), entry->d_name, 0);
    closedir(folder);
    rmdir(w->folder);
}

/* The columns that it may mean by what it says: what is not asked for need not become text of SQL. */
static bool find_needed(where *w)
{
    w->needed = calloc(w->count + 1, sizeof *w->needed);
    for (size_t i = 0; w->needed && i < w->count; i++)
        w->needed[i] = strchr(w->names[i], '"') || strcasestr(w->style->where, w->names[i]);
    return w->needed || break_down(w, "out of memory");
}

/* What is wrong with it is said before the first row, and where there is none.  (Beside a condition that is
 * never met SQLite does not look at it.) */
static bool try(where *w)
{
    if (!w->style->where[strspn(w->style->where, " \t\r\n")])
        return refuse(w, "--where needs an expression of SQL, as in: --where \"bytes > 1000\"");
    begin_query(w);
    put_row(w, 0, NULL);
    end_query(w, " LIMIT 0");
    return run(w);
}

where *where_open(out_style *style, char *const *names, size_t count)
{
    where *w = calloc(1, sizeof *w);
    if (!w) {
        snprintf(style->refused, sizeof style->refused, "out of memory");
        style->broken = true;
        return NULL;
    }
    w->style = style;
    w->names = names;
    w->count = count;
    w->db = style->db ? *style->db : NULL;
    if (find_needed(w) && (w->db || make_registry(w)) && try(w))
        return w;
    where_close(w);
    return NULL;
}

bool where_needs(const where *w, size_t column)
{
    return w->needed[column];
}

void where_use_slots(where *w, const size_t *slots)
{
    w->slots = slots;
}

void where_close(where *w)
{
    if (!w)
        return;
    remove_registry(w);
    free(w->needed);
    free(w->sql);
    free(w);
}
