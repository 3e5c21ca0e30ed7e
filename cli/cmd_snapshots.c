/* cmd_snapshots.c - varsdb snapshots: those of a namespace, the oldest first. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "snapshot.h"

/* What each would free by its deletion: only the view knows, and it takes its time. */
typedef struct exclusive {
    int64_t id, bytes;
} exclusive;

typedef struct listing {
    out_rows rows;
    bool is_long;
    exclusive *own;
    size_t count, room;
    bool failed;
} listing;

static int remember(void *payload, size_t columns, const char *const *names, const varsdb_value *values)
{
    listing *l = payload;
    (void)columns, (void)names;
    if (l->count == l->room) {
        size_t room = l->room ? l->room * 2 : 64;
        exclusive *bigger = realloc(l->own, room * sizeof *bigger);
        l->failed = !bigger;
        if (!bigger)
            return 1;
        l->own = bigger;
        l->room = room;
    }
    l->own[l->count++] = (exclusive){strtoll(values[0].text, NULL, 10), strtoll(values[1].text, NULL, 10)};
    return 0;
}

static int compare(const void *left, const void *right)
{
    const exclusive *a = left, *b = right;
    return a->id < b->id ? -1 : a->id > b->id;
}

/* All namespaces': a name need not be quoted then. */
static int read_exclusive(cli *c, listing *l)
{
    int rc = varsdb_query(c->db, "SELECT id, exclusive_bytes FROM snapshots ORDER BY id", remember, l);
    return l->failed ? cli_fail_memory(c) : rc == VARSDB_OK ? CLI_DONE : cli_fail_db(c);
}

static void print_exclusive(listing *l, int64_t id)
{
    const exclusive key = {.id = id};
    const exclusive *found = l->count ? bsearch(&key, l->own, l->count, sizeof key, compare) : NULL;
    if (found)
        out_int(&l->rows, found->bytes);
    else
        out_null(&l->rows);
}

static int print_row(void *payload, const varsdb_snapshot_info *info)
{
    listing *l = payload;
    out_rows *o = &l->rows;
    out_int(o, info->id);
    out_text(o, info->name);
    snapshot_print_step(o, info);
    out_time(o, info->created_at);
    out_int(o, info->pinned);
    out_int(o, info->variables);
    out_int(o, info->bytes);
    out_int(o, info->new_bytes);
    if (l->is_long)
        print_exclusive(l, info->id);
    out_raw(o, info->metadata);
    return !out_wants_more(o);
}

int cmd_snapshots(cli *c, int argc, char **argv)
{
    static const char *const names[] = {"id",        "name",  "step",      "created_at", "pinned",
                                        "variables", "bytes", "new_bytes", "metadata"};
    static const char *const long_names[] = {
        "id",        "name",  "step",      "created_at",      "pinned",
        "variables", "bytes", "new_bytes", "exclusive_bytes", "metadata"};
    listing l = {0};
    int is_long = 0;
    const opt options[] = {OPT_FLAG("long", &is_long)};
    int status = cli_parse(c, argc, argv, options, COUNT_OF(options));
    if (status == CLI_DONE)
        status = cli_open(c, VARSDB_READ_ONLY);
    if (status == CLI_DONE && is_long)
        status = read_exclusive(c, &l);
    if (status == CLI_DONE) {
        l.is_long = is_long;
        out_begin(&l.rows, &c->out, c->format, is_long ? long_names : names,
                  is_long ? COUNT_OF(long_names) : COUNT_OF(names));
        status = cli_end_rows(c, &l.rows, varsdb_list_snapshots(c->db, print_row, &l));
    }
    free(l.own);
    return status;
}
