/* cmd_snapshot.c - varsdb snapshot: takes a picture of the variables as they are. */
#include <string.h>

#include "cli.h"
#include "pick.h"
#include "print.h"
#include "progress.h"
#include "snapshot.h"

typedef struct request {
    const char *step_text, *keep_text, *keep_every_text;
    int64_t step;
    pick_filter pick;
    varsdb_snapshot_options options;
} request;

/* How many to keep.  To the library 0 says nothing; here it is what switches retention off. */
static int pick_retention(cli *c, const char *what, const char *text, int64_t *out)
{
    int64_t value = 0;
    if (!text)
        return CLI_DONE;
    int status = strcmp(text, "all") == 0 ? CLI_DONE : pick_integer(c, what, text, &value);
    if (status != CLI_DONE)
        return status;
    if (value < 0)
        return cli_fail(c, CLI_USAGE,
                        "%s \"%s\" is not accepted; a number from 1 on is, and 0 or all to stop", what, text);
    *out = value ? value : -1;
    return CLI_DONE;
}

static int understand(cli *c, request *r)
{
    varsdb_filter *filter = &r->pick.filter;
    int status = CLI_DONE;
    if (r->step_text) {
        status = pick_integer(c, "--step", r->step_text, &r->step);
        r->options.step = &r->step;
    }
    if (status == CLI_DONE)
        status = pick_retention(c, "--keep", r->keep_text, &r->options.keep_last);
    if (status == CLI_DONE)
        status = pick_retention(c, "--keep-every", r->keep_every_text, &r->options.keep_every);
    /* Local variables stay out unless they are asked for. */
    if (!filter->collection)
        filter->collection = VARSDB_GLOBAL;
    r->options.filter = filter;
    r->options.progress = progress_report;
    return status == CLI_DONE ? pick_tidy(c, &r->pick) : status;
}

static void print_line(sink *to, const varsdb_snapshot_info *info)
{
    char bytes[PRINT_NUMBER_MAX], new_bytes[PRINT_NUMBER_MAX];
    print_size(bytes, info->bytes);
    print_size(new_bytes, info->new_bytes);
    snapshot_print(to, info);
    sink_printf(to, ": %lld variable%s, %s, %s new\n", (long long)info->variables,
                info->variables == 1 ? "" : "s", bytes, new_bytes);
}

static int report(void *payload, const varsdb_snapshot_info *info)
{
    static const char *const names[] = {"id", "name", "step", "variables", "bytes", "new_bytes"};
    cli *c = payload;
    out_rows o;
    if (c->format == OUT_AUTO) {
        print_line(&c->out, info);
        return 0;
    }
    out_begin(&o, &c->out, c->format, names, COUNT_OF(names));
    o.single = true;
    out_int(&o, info->id);
    out_text(&o, info->name);
    snapshot_print_step(&o, info);
    out_int(&o, info->variables);
    out_int(&o, info->bytes);
    out_int(&o, info->new_bytes);
    cli_end_rows(c, &o, VARSDB_OK);
    return 0;
}

int cmd_snapshot(cli *c, int argc, char **argv)
{
    request r = {.options.size = sizeof r.options};
    int64_t id;
    const opt options[] = {OPT_TEXT("name", &r.options.name),
                           OPT_TEXT("step", &r.step_text),
                           OPT_TEXT("collection", &r.pick.filter.collection),
                           OPT_TEXT("scope", &r.pick.filter.scope),
                           OPT_TEXT("match", &r.pick.filter.match),
                           OPT_TEXT("meta", &r.options.metadata),
                           OPT_FLAG("replace", &r.options.replace),
                           OPT_FLAG("pin", &r.options.pinned),
                           OPT_TEXT("keep", &r.keep_text),
                           OPT_TEXT("keep-every", &r.keep_every_text)};
    int status = cli_parse(c, argc, argv, options, COUNT_OF(options));
    if (status == CLI_DONE)
        status = understand(c, &r);
    if (status == CLI_DONE)
        status = cli_open(c, 0);
    if (status != CLI_DONE)
        return status;
    if (varsdb_take_snapshot(c->db, &r.options, &id) != VARSDB_OK)
        return varsdb_errcode(c->db) == VARSDB_NOTFOUND
                   ? pick_fail_empty(c)
                   : cli_fail_db_hint(c, VARSDB_EXISTS, " (--replace takes its place)");
    return snapshot_describe(c, id, report, c);
}
