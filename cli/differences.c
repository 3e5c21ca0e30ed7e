/* differences.c - see differences.h. */
#include "differences.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const differences_words[DIFFERENCES_KINDS] = {
    [VARSDB_ADDED] = "added",
    [VARSDB_REMOVED] = "removed",
    [VARSDB_RENAMED] = "renamed",
    [VARSDB_TYPE_CHANGED] = "type_changed",
    [VARSDB_VALUE_CHANGED] = "value_changed",
};

void differences_begin(differences *d, cli *c, differences_order order)
{
    static const char *const names[] = {"change",    "name",      "max_abs",   "rel_l2",  "old_shape",
                                        "new_shape", "old_dtype", "new_dtype", "old_name"};
    *d = (differences){.order = order};
    out_begin(&d->rows, &c->out, c->format, names, COUNT_OF(names));
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* What is the same on both sides is left out, so that a reader sees what is not. */
static void print_row(out_rows *o, const varsdb_difference *d)
{
    bool same_dtype = d->dtype == d->old_dtype, same_shape = same_text(d->shape_json, d->old_shape_json);
    out_text(o, differences_words[d->change]);
    out_text(o, d->name);
    if (d->has_delta) {
        out_double(o, d->max_abs);
        out_double(o, d->rel_l2);
    } else {
        out_null(o);
        out_null(o);
    }
    out_raw(o, same_shape ? NULL : d->old_shape_json);
    out_raw(o, same_shape ? NULL : d->shape_json);
    out_text(o, same_dtype ? NULL : varsdb_dtype_name(d->old_dtype));
    out_text(o, same_dtype ? NULL : varsdb_dtype_name(d->dtype));
    out_text(o, same_text(d->name, d->old_name) ? NULL : d->old_name);
}

static bool copy_text(const char **to, const char *from)
{
    *to = from ? strdup(from) : NULL;
    return !from || *to;
}

static void release(varsdb_difference *d)
{
    free((char *)d->name);
    free((char *)d->old_name);
    free((char *)d->shape_json);
    free((char *)d->old_shape_json);
}

static bool hold(differences *d, const varsdb_difference *from)
{
    if (d->held_count == d->held_room) {
        size_t room = d->held_room ? d->held_room * 2 : 64;
        varsdb_difference *bigger = realloc(d->held, room * sizeof *bigger);
        if (!bigger)
            return false;
        d->held = bigger;
        d->held_room = room;
    }
    varsdb_difference copy = *from;
    copy.name = copy.old_name = copy.shape_json = copy.old_shape_json = NULL;
    bool whole = copy_text(&copy.name, from->name) && copy_text(&copy.old_name, from->old_name) &&
                 copy_text(&copy.shape_json, from->shape_json) &&
                 copy_text(&copy.old_shape_json, from->old_shape_json);
    if (whole)
        d->held[d->held_count++] = copy;
    else
        release(&copy);
    return whole;
}

int differences_add(void *payload, const varsdb_difference *difference)
{
    differences *d = payload;
    d->counts[difference->change]++;
    if (d->order == DIFFERENCES_BY_NAME)
        print_row(&d->rows, difference);
    else
        d->failed = !hold(d, difference);
    return d->failed || !out_alive(&d->rows);
}

/* How far it moved: what is no number any more farthest, what has no measure not at all. */
static double distance(const varsdb_difference *d, differences_order order)
{
    double value = order == DIFFERENCES_BY_MAX_ABS ? d->max_abs : d->rel_l2;
    return !d->has_delta ? -1 : isnan(value) ? INFINITY : value;
}

static int compare(const void *left, const void *right, void *payload)
{
    const varsdb_difference *a = left, *b = right;
    differences_order order = *(const differences_order *)payload;
    double x = distance(a, order), y = distance(b, order);
    if (x > y || x < y)
        return x > y ? -1 : 1;
    int by_name = strcmp(a->name, b->name);
    return by_name ? by_name : (int)a->change - (int)b->change;
}

int differences_end(differences *d, cli *c, int code)
{
    if (code == VARSDB_OK && d->held_count)
        qsort_r(d->held, d->held_count, sizeof *d->held, compare, &d->order);
    for (size_t i = 0; i < d->held_count; i++) {
        if (code == VARSDB_OK)
            print_row(&d->rows, &d->held[i]);
        release(&d->held[i]);
    }
    free(d->held);
    d->held = NULL;
    if (!d->failed)
        return cli_end_rows(c, &d->rows, code);
    out_end(&d->rows, false);
    return cli_fail_memory(c);
}
