/* norms.c - see norms.h. */
#include "norms.h"

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
    n->items[n->count++] = (norm){hash_of(values[0].text), strtod(values[1].text, NULL)};
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

bool norms_find(const norms *n, const char *name, double *out)
{
    norm wanted = {.hash = hash_of(name)};
    const norm *found = n->count ? bsearch(&wanted, n->items, n->count, sizeof wanted, compare) : NULL;
    if (found)
        *out = found->value;
    return found != NULL;
}

void norms_release(norms *n)
{
    free(n->items);
    *n = (norms){0};
}
