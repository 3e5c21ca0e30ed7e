/* cmd_report.c - varsdb report: a registry as one page to look at. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "pick.h"
#include "report.h"
#include "report_file.h"

/* What is read without being asked for: a second or two. */
#define READ_BYTES ((uint64_t)256 << 20)

typedef struct request {
    report_options options;
    const char *output, *histograms, *changes;
} request;

/* "none", or a number of bytes. */
static int pick_bound(cli *c, const char *what, const char *text, uint64_t *out)
{
    *out = READ_BYTES;
    if (text && strcmp(text, "none") == 0)
        *out = 0;
    else if (text)
        return pick_bytes(c, what, text, out);
    return CLI_DONE;
}

static int understand(cli *c, request *q)
{
    if (!q->output && isatty(STDOUT_FILENO))
        return cli_fail(
            c, CLI_USAGE,
            "report makes a page for a browser, not for a terminal: give -o FILE, as in -o report.html");
    int status = pick_bound(c, "--histograms", q->histograms, &q->options.histogram_bytes);
    if (status == CLI_DONE)
        status = pick_bound(c, "--changes", q->changes, &q->options.change_bytes);
    return status == CLI_DONE ? pick_tidy(c, &q->options.pick) : status;
}

static int write_file(cli *c, const request *q)
{
    report_file file;
    int status = report_file_open(c, q->output, &file);
    if (status != CLI_DONE)
        return status;
    status = report_write(c, &q->options, &file.to);
    /* Publishing tells how a write failed. */
    if (status == CLI_DONE || file.to.error)
        status = report_file_publish(&file);
    report_file_close(&file);
    return status;
}

static int stop_at_the_first(void *payload, const varsdb_variable_info *info)
{
    (void)payload;
    (void)info;
    return 1;
}

/* What a pattern is refused for is said before anything is written. */
static int check_filter(cli *c, const varsdb_filter *filter)
{
    int rc = varsdb_list_variables(c->db, filter, stop_at_the_first, NULL);
    return rc == VARSDB_OK || rc == VARSDB_CANCELLED ? CLI_DONE : cli_fail_db(c);
}

static int write_out(cli *c, const request *q)
{
    int status = report_write(c, &q->options, &c->out);
    if (status != CLI_DONE)
        sink_discard(&c->out);
    return status;
}

int cmd_report(cli *c, int argc, char **argv)
{
    request q = {0};
    const opt options[] = {OPT_SHORT('o', "output", &q.output),
                           OPT_TEXT("title", &q.options.title),
                           OPT_TEXT("collection", &q.options.pick.filter.collection),
                           OPT_TEXT("scope", &q.options.pick.filter.scope),
                           OPT_TEXT("match", &q.options.pick.filter.match),
                           OPT_TEXT("name", &q.options.pick.filter.glob),
                           OPT_TEXT("histograms", &q.histograms),
                           OPT_TEXT("changes", &q.changes)};
    int status = cli_parse(c, argc, argv, options, COUNT_OF(options));
    if (status == CLI_DONE)
        status = understand(c, &q);
    if (status == CLI_DONE)
        status = cli_open(c, VARSDB_READ_ONLY);
    /* All of the page is of one moment. */
    if (status == CLI_DONE && varsdb_begin_read(c->db) != VARSDB_OK)
        status = cli_fail_db(c);
    if (status == CLI_DONE)
        status = check_filter(c, &q.options.pick.filter);
    if (status != CLI_DONE)
        return status;
    return q.output ? write_file(c, &q) : write_out(c, &q);
}
