/* cmd_top.c - varsdb top: what is big, or what moved most. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "print.h"
#include "progress.h"
#include "selection.h"
#include "snapshot.h"

#define ROWS_SHOWN 20
#define SLACK      1000 /* rows of changes that are held beside those asked for */

enum {
    BY_SIZE,
    BY_ELEMENTS,
    BY_NORM,
    BY_CHANGE
};

/* A variable that moved. */
typedef struct moved {
    char *name, *shape;
    varsdb_dtype dtype;
    double max_abs, rel_l2;
} moved;

typedef struct ranking {
    cli *c;
    int by;
    int64_t most; /* rows; INT64_MAX: all */
    selection chosen;
    out_rows rows;
    double total, sum; /* of all, and of what is printed */
    int64_t variables, printed;
    moved *held;
    size_t held_count, held_room;
    bool failed;
} ranking;

/* Of norms the squares add up: the square of the norm of all together. */
static const char *const measures[] = {
    [BY_SIZE] = "v.bytes", [BY_ELEMENTS] = "v.elements", [BY_NORM] = "v.l2_norm"};
static const char *const conditions[] = {
    [BY_SIZE] = "",
    [BY_ELEMENTS] = "",
    [BY_NORM] = " AND v.l2_norm IS NOT NULL AND (v.dtype LIKE '%float%' OR v.dtype LIKE 'complex%')"};

static double weight_of(const ranking *r, const varsdb_value *value)
{
    double measure = value->text ? strtod(value->text, NULL) : 0;
    return r->by == BY_NORM ? measure * measure : measure;
}

static int add_up(void *payload, size_t columns, const char *const *names, const varsdb_value *values)
{
    ranking *r = payload;
    (void)columns;
    (void)names;
    if (!selection_has(&r->chosen, values[0].text))
        return 0;
    r->total += weight_of(r, &values[1]);
    r->variables++;
    return 0;
}

static void print_share(out_rows *o, double part, double whole)
{
    char text[64];
    int bytes = snprintf(text, sizeof text, "%.4f", whole > 0 ? part / whole : 0);
    if (bytes > 0 && isfinite(part) && isfinite(whole))
        out_number(o, text, (size_t)bytes);
    else
        out_null(o);
}

static int print_row(void *payload, size_t columns, const char *const *names, const varsdb_value *values)
{
    ranking *r = payload;
    out_rows *o = &r->rows;
    (void)columns;
    (void)names;
    if (r->printed >= r->most || !selection_has(&r->chosen, values[0].text))
        return 0;
    double weight = weight_of(r, &values[1]);
    r->printed++;
    r->sum += weight;
    out_bytes(o, values[0].text, values[0].bytes);
    out_text(o, values[2].text);
    out_raw(o, values[3].text);
    out_number(o, values[1].text, values[1].bytes);
    print_share(o, weight, r->total);
    print_share(o, r->sum, r->total);
    return !out_alive(o);
}

static int query(ranking *r, const char *more, const char *order, varsdb_row_cb callback)
{
    char *text = NULL;
    if (asprintf(&text, "SELECT v.name, %s%s %s%s%s", measures[r->by], more, r->chosen.from,
                 conditions[r->by], order) < 0) {
        r->failed = true;
        return VARSDB_OK;
    }
    int rc = varsdb_query(r->c->db, text, callback, r);
    free(text);
    return rc;
}

/* "20 of 312 variables, 93.1 % of 4.5 MiB" */
static void summarize(ranking *r)
{
    char size[PRINT_NUMBER_MAX] = "all";
    double percent = r->total > 0 ? r->sum / r->total * 100 : 100;
    if (r->by == BY_SIZE)
        print_size(size, (int64_t)r->total);
    else if (r->by == BY_ELEMENTS)
        snprintf(size, sizeof size, "%.0f elements", r->total);
    else
        snprintf(size, sizeof size, "the squared norm");
    sink_flush(&r->c->out); /* on a terminal the rows come first */
    if (!r->variables)
        cli_note("no variable");
    else
        cli_note("%lld of %lld variable%s, %.1f %% of %s", (long long)r->printed, (long long)r->variables,
                 r->variables == 1 ? "" : "s", percent, size);
}

static int rank_by_measure(ranking *r, const varsdb_filter *filter)
{
    static const char *const keys[] = {
        [BY_SIZE] = "bytes", [BY_ELEMENTS] = "elements", [BY_NORM] = "l2_norm"};
    const char *const names[] = {"name", "dtype", "shape", keys[r->by], "share", "cumulative"};
    cli *c = r->c;
    char order[96];
    int status = selection_make(c, filter, 0, &r->chosen);
    if (status != CLI_DONE)
        return status;
    /* Names that are picked out of the rows cannot be counted by the query. */
    int64_t limit = r->chosen.listed ? INT64_MAX : r->most;
    snprintf(order, sizeof order, " ORDER BY %s DESC, v.id LIMIT %lld", measures[r->by], (long long)limit);
    out_begin(&r->rows, &c->out, c->format, names, COUNT_OF(names));
    int rc = query(r, "", "", add_up);
    if (rc == VARSDB_OK && !r->failed)
        rc = query(r, ", v.dtype, v.shape", order, print_row);
    if (r->failed) {
        out_end(&r->rows, false);
        status = cli_fail_memory(c);
    } else {
        status = cli_end_rows(c, &r->rows, rc);
    }
    selection_release(&r->chosen);
    if (status == CLI_DONE)
        summarize(r);
    return status;
}

/* ---- What moved most ---- */

static void release(moved *m)
{
    free(m->name);
    free(m->shape);
}

/* What is no number any more moved farthest. */
static int compare(const void *left, const void *right)
{
    const moved *a = left, *b = right;
    double x = isnan(a->rel_l2) || isnan(a->max_abs) ? INFINITY : a->rel_l2;
    double y = isnan(b->rel_l2) || isnan(b->max_abs) ? INFINITY : b->rel_l2;
    if (x > y || x < y)
        return x > y ? -1 : 1;
    return strcmp(a->name, b->name);
}

/* Sorts, and forgets all but those asked for. */
static void cut(ranking *r)
{
    if (r->held_count)
        qsort(r->held, r->held_count, sizeof *r->held, compare);
    while (r->held_count && (int64_t)r->held_count > r->most)
        release(&r->held[--r->held_count]);
}

static bool make_room(ranking *r)
{
    if (r->held_count < r->held_room)
        return true;
    if (r->held_count && r->most <= (int64_t)r->held_count / 2) {
        cut(r);
        return true;
    }
    size_t room = r->held_room ? r->held_room * 2 : SLACK;
    moved *bigger = realloc(r->held, room * sizeof *bigger);
    if (!bigger)
        return false;
    r->held = bigger;
    r->held_room = room;
    return true;
}

static int hold(void *payload, const varsdb_difference *d)
{
    ranking *r = payload;
    if (d->change != VARSDB_VALUE_CHANGED || !d->has_delta)
        return 0;
    r->variables++;
    r->failed = !make_room(r);
    if (r->failed)
        return 1;
    moved m = {strdup(d->name), strdup(d->shape_json), d->dtype, d->max_abs, d->rel_l2};
    r->failed = !m.name || !m.shape;
    if (r->failed)
        release(&m);
    else
        r->held[r->held_count++] = m;
    return r->failed;
}

static int print_moved(ranking *r)
{
    static const char *const names[] = {"name", "dtype", "shape", "rel_l2", "max_abs"};
    cli *c = r->c;
    out_rows *o = &r->rows;
    out_begin(o, &c->out, c->format, names, COUNT_OF(names));
    for (size_t i = 0; i < r->held_count && out_alive(o); i++) {
        const moved *m = &r->held[i];
        out_text(o, m->name);
        out_text(o, varsdb_dtype_name(m->dtype));
        out_raw(o, m->shape);
        out_double(o, m->rel_l2);
        out_double(o, m->max_abs);
    }
    return cli_end_rows(c, o, VARSDB_OK);
}

static int rank_by_change(ranking *r, const pick_filter *pick, const char *since)
{
    cli *c = r->c;
    const varsdb_filter *f = &pick->filter;
    bool filtered = f->collection || f->scope || f->match || f->glob;
    int64_t from = 0;
    int status = snapshot_find(c, since ? since : "latest", &from);
    if (status != CLI_DONE)
        return status;
    int rc = varsdb_diff(c->db, from, 0,
                         VARSDB_DIFF(.filter = filtered ? f : NULL, .progress = progress_report), hold, r);
    if (r->failed)
        status = cli_fail_memory(c);
    else if (rc != VARSDB_OK)
        status = cli_fail_db(c);
    cut(r);
    if (status == CLI_DONE)
        status = print_moved(r);
    if (status == CLI_DONE) {
        sink_flush(&c->out);
        cli_note("%zu of %lld that moved since snapshot #%lld", r->held_count, (long long)r->variables,
                 (long long)from);
    }
    for (size_t i = 0; i < r->held_count; i++)
        release(&r->held[i]);
    free(r->held);
    return status;
}

static const char *const by_words[] = {"size", "elements", "norm", "change", NULL};

static int understand(ranking *r, const char *by, const char *count, const char *since)
{
    int status = by ? pick_word(r->c, "--by", by, by_words, &r->by) : CLI_DONE;
    if (status == CLI_DONE && since && by && r->by != BY_CHANGE)
        return cli_fail(r->c, CLI_USAGE, "--since goes with --by change, not with --by %s", by);
    if (since)
        r->by = BY_CHANGE;
    r->most = ROWS_SHOWN;
    if (count && strcmp(count, "all") == 0)
        r->most = INT64_MAX;
    else if (status == CLI_DONE && count)
        status = pick_integer(r->c, "--count", count, &r->most);
    if (status == CLI_DONE && r->most < 1)
        return cli_fail(r->c, CLI_USAGE, "--count \"%s\" is not accepted; a number above 0, or all, is",
                        count);
    return status;
}

int cmd_top(cli *c, int argc, char **argv)
{
    pick_filter pick = {0};
    const char *by = NULL, *count = NULL, *since = NULL;
    ranking r = {.c = c};
    const opt options[] = {OPT_WORD("by", by_words, &by),
                           OPT_TEXT("count", &count),
                           OPT_TEXT("since", &since),
                           OPT_TEXT("collection", &pick.filter.collection),
                           OPT_TEXT("scope", &pick.filter.scope),
                           OPT_TEXT("match", &pick.filter.match),
                           OPT_TEXT("name", &pick.filter.glob)};
    int status = cli_parse(c, argc, argv, options, COUNT_OF(options));
    if (status == CLI_DONE)
        status = understand(&r, by, count, since);
    if (status == CLI_DONE)
        status = pick_tidy(c, &pick);
    if (status == CLI_DONE)
        status = cli_open(c, VARSDB_READ_ONLY);
    /* The snapshot is there until the end. */
    if (status == CLI_DONE && varsdb_begin_read(c->db) != VARSDB_OK)
        status = cli_fail_db(c);
    if (status != CLI_DONE)
        return status;
    if (r.by == BY_CHANGE)
        return rank_by_change(&r, &pick, since);
    return rank_by_measure(&r, &pick.filter);
}
