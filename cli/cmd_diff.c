/* cmd_diff.c - varsdb diff: what changed from one snapshot to another, or to the present. */
#include "cli.h"
#include "differences.h"
#include "pick.h"
#include "progress.h"
#include "snapshot.h"
#include "tally.h"

typedef struct request {
    const char *sort_text;
    int order;
    pick_filter pick;
    varsdb_diff_options options;
} request;

static const char *const orders[] = {[DIFFERENCES_BY_NAME] = "name",
                                     [DIFFERENCES_BY_MAX_ABS] = "max_abs",
                                     [DIFFERENCES_BY_REL_L2] = "rel_l2",
                                     NULL};

static int understand(cli *c, request *r)
{
    const varsdb_filter *filter = &r->pick.filter;
    int status = r->sort_text ? pick_word(c, "--sort", r->sort_text, orders, &r->order) : CLI_DONE;
    if (status == CLI_DONE && r->options.hashes_only && r->order != DIFFERENCES_BY_NAME)
        status = cli_fail(c, CLI_USAGE, "--sort %s needs the values, which --hashes-only does not read",
                          r->sort_text);
    if (filter->collection || filter->scope || filter->match)
        r->options.filter = filter;
    /* Without values nothing is known of how far it moved. */
    if (!r->sort_text && !r->options.hashes_only)
        r->order = DIFFERENCES_BY_REL_L2;
    r->options.progress = progress_report;
    return status == CLI_DONE ? pick_tidy(c, &r->pick) : status;
}

static int run(cli *c, const request *r)
{
    differences d;
    char text[TALLY_TEXT_MAX];
    int64_t from = 0, to = 0, total = 0;
    int status = snapshot_find(c, c->args[1], &from);
    if (status == CLI_DONE && c->count > 2)
        status = snapshot_find(c, c->args[2], &to);
    if (status != CLI_DONE)
        return status;
    differences_begin(&d, c, (differences_order)r->order);
    status = differences_end(&d, c, varsdb_diff(c->db, from, to, &r->options, differences_add, &d));
    if (status != CLI_DONE)
        return status;
    for (int n = 0; n < DIFFERENCES_KINDS; n++)
        total += d.counts[n];
    sink_flush(&c->out); /* on a terminal the rows come first */
    cli_note("%s",
             total ? tally_text(text, d.counts, differences_words, DIFFERENCES_KINDS, -1) : "no difference");
    return total ? CLI_NO : CLI_DONE;
}

int cmd_diff(cli *c, int argc, char **argv)
{
    request r = {.options.size = sizeof r.options};
    const opt options[] = {OPT_TEXT("collection", &r.pick.filter.collection),
                           OPT_TEXT("scope", &r.pick.filter.scope), OPT_TEXT("match", &r.pick.filter.match),
                           OPT_WORD("sort", orders, &r.sort_text),
                           OPT_FLAG("hashes-only", &r.options.hashes_only)};
    int status = cli_parse(c, argc, argv, options, COUNT_OF(options));
    if (status == CLI_DONE)
        status = understand(c, &r);
    if (status == CLI_DONE)
        status = cli_open(c, VARSDB_READ_ONLY);
    /* Both snapshots are there until the end. */
    if (status == CLI_DONE && varsdb_begin_read(c->db) != VARSDB_OK)
        status = cli_fail_db(c);
    return status == CLI_DONE ? run(c, &r) : status;
}
