/* report.c - see report.h. */
#include "report.h"

#include <stdlib.h>
#include <string.h>

#include "print.h"
#include "progress.h"

int report_stop(const report *r)
{
    return r->failed || r->json.to->error;
}

int report_end_list(report *r, int code)
{
    if (r->failed)
        return cli_fail_memory(r->c);
    /* Its line is printed where the file is closed. */
    if (r->json.to->error)
        return CLI_FAILED;
    return code == VARSDB_OK ? CLI_DONE : cli_fail_db(r->c);
}

int report_progress(report *r, const char *doing, uint64_t done, uint64_t total)
{
    if (progress_report(NULL, doing, done, total) == 0)
        return CLI_DONE;
    return cli_fail(r->c, CLI_FAILED, "stopped; no report was written");
}

const char *report_file_name(const report *r)
{
    const char *path = r->c->args[0], *slash = strrchr(path, '/');
    return slash && slash[1] ? slash + 1 : path;
}

/* Text between tags, whatever it is: no byte of it is taken for a tag, or for a control character. */
static void write_html(sink *to, const char *text)
{
    size_t bytes = strlen(text);
    for (size_t at = 0, n; at < bytes; at += n) {
        unsigned char c = (unsigned char)text[at];
        n = print_utf8_length(text + at, bytes - at);
        if (!n || c < 0x20 || c == 0x7f)
            sink_text(to, "\xef\xbf\xbd");
        else if (c == '<' || c == '>' || c == '&' || c == '"' || c == '\'')
            sink_printf(to, "&#%u;", (unsigned)c);
        else
            sink_bytes(to, text + at, n);
        n = n ? n : 1;
    }
}

static int write_data(report *r)
{
    static int (*const members[])(report *) = {report_overview,   report_variables, report_snapshots,
                                               report_histograms, report_changes,   report_texts};
    int status = CLI_DONE;
    json_open(&r->json, '{');
    for (size_t i = 0; i < COUNT_OF(members) && status == CLI_DONE; i++)
        status = members[i](r);
    json_close(&r->json, '}');
    sink_char(r->json.to, '\n');
    return status;
}

static int summarize_collection(void *payload, const varsdb_collection_info *info)
{
    report *r = payload;
    sink_text(r->json.to, "<tr><td>");
    write_html(r->json.to, info->name);
    sink_printf(r->json.to, "</td><td>%lld</td><td>%lld</td><td>%lld</td></tr>\n", (long long)info->variables,
                (long long)info->elements, (long long)info->bytes);
    return report_stop(r);
}

int report_summary(report *r)
{
    sink *to = r->json.to;
    sink_text(to, "<p>");
    write_html(to, report_file_name(r));
    sink_printf(to, ": %lld variables with %lld elements in %lld bytes, and %zu snapshots.</p>\n",
                (long long)r->variables, (long long)r->elements, (long long)r->bytes, r->snapshot_count);
    sink_text(to, "<table><thead><tr><th>collection</th><th>variables</th><th>elements</th>"
                  "<th>bytes</th></tr></thead><tbody>\n");
    int rc = varsdb_list_collections(r->c->db, summarize_collection, r);
    sink_text(to, "</tbody></table>\n");
    return report_end_list(r, rc);
}

static int write_piece(report *r, const report_piece *piece)
{
    switch (piece->kind) {
    case REPORT_TITLE:
        write_html(r->json.to, r->options->title ? r->options->title : report_file_name(r));
        return CLI_DONE;
    case REPORT_DATA:
        return write_data(r);
    case REPORT_SUMMARY:
        return report_summary(r);
    default:
        sink_text(r->json.to, piece->text);
        return CLI_DONE;
    }
}

static const varsdb_filter *filter_of(const report_options *options)
{
    const varsdb_filter *f = &options->pick.filter;
    return f->collection || f->scope || f->match || f->glob ? f : NULL;
}

int report_write(cli *c, const report_options *options, sink *to)
{
    report r = {.c = c, .options = options, .filter = filter_of(options), .json.to = to};
    int status = CLI_DONE;
    for (const report_piece *piece = report_page; piece->kind != REPORT_END && status == CLI_DONE; piece++)
        status = write_piece(&r, piece);
    names_release(&r.names);
    names_release(&r.texts);
    norms_release(&r.before);
    free(r.items);
    free(r.snapshots);
    return status;
}
