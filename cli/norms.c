/* norms.c - see norms.h. */
#include "norms.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* FNV-1a. */
static uint64_t hash_of(const char *name)
{
    uint64_t hash = 0xcbf29ce484222325U;
    for (const unsigned char *p = (const unsigned char *)name; *p; p++)
        hash = (hash ^ *p) * 0x100000001b3U;
    return hash;
}

static int add(void *payload, size_t columns, const char *const *names, const varsdb_value *values)
{
    norms *n = payload;
    (void)columns;
    (void)names;
    if (n->count == n->room) {
        size_t room = n->room ? n->room * 2 : 256;
        norm *bigger = realloc(n->items, room * sizeof *bigger);
        n->failed = !bigger;
        if (!bigger)
            return 1;
        n->items = bigger;
        n->room = room;
    }
    n->items[n->count++] = (norm){hash_of(values[0].text), strtod(values[1].text, NULL), NAN};
    return 0;
}

static int compare(const void *left, const void *right)
{
    uint64_t a = ((const norm *)left)->hash, b = ((const norm *)right)->hash;
    return (a > b) - (a < b);
}

int norms_read(cli *c, int64_t snapshot, norms *out)
{
    char query[160];
    norms n = {0};
    snprintf(query, sizeof query,
             "SELECT name, l2_norm FROM snapshot_variables WHERE snapshot_id = %lld AND l2_norm IS NOT NULL",
             (long long)snapshot);
    int rc = varsdb_query(c->db, query, add, &n);
    int status = n.failed ? cli_fail_memory(c) : rc != VARSDB_OK ? cli_fail_db(c) : CLI_DONE;
    if (status != CLI_DONE) {
        norms_release(&n);
        return status;
    }
    if (n.count)
        qsort(n.items, n.count, sizeof *n.items, compare);
    *out = n;
    return CLI_DONE;
}

static const norm *find(const norms *n, uint64_t hash)
{
    norm wanted = {.hash = hash};
    return n->count ? bsearch(&wanted, n->items, n->count, sizeof wanted, compare) : NULL;
}

typedef struct last_two {
    int64_t before, newest, earlier; /* 0: none */
} last_two;

static int take_snapshot(void *payload, const varsdb_snapshot_info *info)
{
    last_two *last = payload;
    if (last->before && info->id >= last->before)
        return 0;
    last->earlier = last->newest;
    last->newest = info->id;
    return 0;
}

static int add_earlier(cli *c, int64_t snapshot, norms *n)
{
    norms earlier = {0};
    int status = norms_read(c, snapshot, &earlier);
    for (size_t i = 0; i < n->count && status == CLI_DONE; i++) {
        const norm *found = find(&earlier, n->items[i].hash);
        n->items[i].earlier = found ? found->value : NAN;
    }
    norms_release(&earlier);
    return status;
}

int norms_read_last(cli *c, int64_t before, norms *out)
{
    last_two last = {.before = before};
    norms n = {0};
    int status = varsdb_list_snapshots(c->db, take_snapshot, &last) == VARSDB_OK ? CLI_DONE : cli_fail_db(c);
    if (status == CLI_DONE && last.newest)
        status = norms_read(c, last.newest, &n);
    if (status == CLI_DONE && last.earlier)
        status = add_earlier(c, last.earlier, &n);
    if (status != CLI_DONE) {
        norms_release(&n);
        return status;
    }
    *out = n;
    return CLI_DONE;
}

bool norms_find(const norms *n, const char *name, double now, double *out)
{
    const norm *found = find(n, hash_of(name));
    double value = !found ? NAN : found->value != now ? found->value : found->earlier;
    if (isnan(value))
        return false;
    *out = value;
    return true;
}

void norms_release(norms *n)
{
    free(n->items);
    *n = (norms){0};
}
