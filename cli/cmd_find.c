/* cmd_find.c - varsdb find: variables by a few letters of their names, the best first. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "fuzzy.h"
#include "nearby.h"
#include "sqltext.h"

#define SHOWN_MOST 20

typedef struct hit {
    int score;
    char *name, *dtype, *shape; /* one block, that begins with the name */
} hit;

/* A heap with the worst on top while `most` are kept; with most 0 a list of all. */
typedef struct hits {
    fuzzy wanted;
    size_t most, count, room;
    uint64_t found;
    hit *items;
    bool failed;
} hits;

/* Negative if a is better; shorter names are, of those with the same score. */
static int compare(const void *a, const void *b)
{
    const hit *x = a, *y = b;
    size_t x_bytes = strlen(x->name), y_bytes = strlen(y->name);
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    if (x_bytes != y_bytes)
        return x_bytes < y_bytes ? -1 : 1;
    return strcmp(x->name, y->name);
}

static void swap(hit *a, hit *b)
{
    hit kept = *a;
    *a = *b;
    *b = kept;
}

static void sink_down(hits *h)
{
    for (size_t at = 0;;) {
        size_t worst = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < h->count; child++)
            if (compare(&h->items[child], &h->items[worst]) > 0)
                worst = child;
        if (worst == at)
            return;
        swap(&h->items[at], &h->items[worst]);
        at = worst;
    }
}

static void rise(hits *h, size_t at)
{
    while (at && compare(&h->items[at], &h->items[(at - 1) / 2]) > 0) {
        swap(&h->items[at], &h->items[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
}

static bool make_room(hits *h)
{
    if (h->count < h->room)
        return true;
    size_t room = h->room ? h->room * 2 : 64;
    hit *bigger = realloc(h->items, room * sizeof *bigger);
    if (!bigger)
        return false;
    h->items = bigger;
    h->room = room;
    return true;
}

/* values are a name, a dtype and a shape. */
static bool copy_hit(int score, const varsdb_value *values, hit *out)
{
    size_t name = values[0].bytes + 1, dtype = values[1].bytes + 1, shape = values[2].bytes + 1;
    out->name = malloc(name + dtype + shape); /* all three */
    if (!out->name)
        return false;
    out->score = score;
    out->dtype = out->name + name;
    out->shape = out->dtype + dtype;
    memcpy(out->name, values[0].text, name);
    memcpy(out->dtype, values[1].text, dtype);
    memcpy(out->shape, values[2].text, shape);
    return true;
}

static int keep(hits *h, int score, const varsdb_value *values)
{
    hit one;
    bool full = h->most && h->count == h->most;
    if (full && score < h->items[0].score)
        return 0;
    if (full && compare(&(hit){score, (char *)(uintptr_t)values[0].text, NULL, NULL}, &h->items[0]) > 0)
        return 0;
    h->failed = (!full && !make_room(h)) || !copy_hit(score, values, &one);
    if (h->failed)
        return 1;
    if (full) {
        free(h->items[0].name);
        h->items[0] = one;
        sink_down(h);
        return 0;
    }
    h->items[h->count++] = one;
    if (h->most)
        rise(h, h->count - 1);
    return 0;
}

static int consider(void *payload, size_t columns, const char *const *names, const varsdb_value *values)
{
    hits *h = payload;
    (void)columns;
    (void)names;
    int score = fuzzy_score(&h->wanted, values[0].text, values[0].bytes);
    if (!score)
        return 0;
    h->found++;
    return keep(h, score, values);
}

/* In the order of an index, so that nothing is sorted before the first name is there. */
static int search(cli *c, hits *h)
{
    char *space = NULL, *sql = NULL;
    int bytes = -1;
    if (sqltext_literal(&space, varsdb_namespace(c->db)) == 0)
        bytes = asprintf(&sql, "SELECT name, dtype, shape FROM variables WHERE namespace = %s ORDER BY scope",
                         space);
    free(space);
    if (bytes < 0)
        return cli_fail_memory(c);
    int rc = varsdb_query(c->db, sql, consider, h);
    free(sql);
    if (h->failed)
        return cli_fail_memory(c);
    return rc == VARSDB_OK ? CLI_DONE : cli_fail_db(c);
}

static int print_hits(cli *c, const hits *h, bool scores)
{
    static const char *const names[] = {"name", "dtype", "shape", "score"};
    out_rows o;
    out_begin(&o, &c->out, c->format, names, scores ? 4 : 3);
    for (size_t i = 0; i < h->count && out_alive(&o); i++) {
        out_text(&o, h->items[i].name);
        out_text(&o, h->items[i].dtype);
        out_raw(&o, h->items[i].shape);
        if (scores)
            out_int(&o, h->items[i].score);
    }
    int status = cli_end_rows(c, &o, VARSDB_OK);
    if (status == CLI_DONE && h->found > h->count) {
        sink_flush(&c->out); /* on a terminal the rows come first */
        cli_note("the best %zu of %llu; --all lists them", h->count, (unsigned long long)h->found);
    }
    return status;
}

static int fail_nothing(cli *c)
{
    char shown[CLI_SHOWN_MAX], space[CLI_SHOWN_MAX], reason[NEARBY_REASON_MAX];
    if (*nearby_reason(c, reason))
        return cli_fail(c, CLI_NO, "%s", reason);
    return cli_fail(c, CLI_NO, "no variable of namespace %s has a name like %s",
                    cli_shown(space, varsdb_namespace(c->db)), cli_shown(shown, c->args[1]));
}

int cmd_find(cli *c, int argc, char **argv)
{
    int all = 0, scores = 0;
    hits h = {.most = SHOWN_MOST};
    const opt options[] = {OPT_FLAG("all", &all), OPT_FLAG("score", &scores)};
    int status = cli_parse(c, argc, argv, options, COUNT_OF(options));
    const char *why = status == CLI_DONE ? fuzzy_begin(&h.wanted, c->args[1]) : NULL;
    if (why)
        status = cli_fail(c, CLI_USAGE, "find: TEXT is not accepted: %s; some letters of a name are", why);
    if (status == CLI_DONE)
        status = cli_open(c, VARSDB_READ_ONLY);
    if (all)
        h.most = 0;
    if (status == CLI_DONE)
        status = search(c, &h);
    if (status == CLI_DONE && !h.count)
        status = fail_nothing(c);
    if (status == CLI_DONE) {
        qsort(h.items, h.count, sizeof *h.items, compare);
        status = print_hits(c, &h, scores);
    }
    for (size_t i = 0; i < h.count; i++)
        free(h.items[i].name);
    free(h.items);
    return status;
}
