/* cmd_verify.c - varsdb verify: looks for damage, and tells all that it finds. */
#include <string.h>

#include "cli.h"
#include "print.h"
#include "progress.h"

typedef struct inspection {
    cli *c;
    out_rows rows;
    bool lines; /* and no rows */
    int64_t findings;
} inspection;

/* Each is printed at once: who verifies something large wants to know early. */
static int print_line(void *payload, const varsdb_finding *finding)
{
    inspection *i = payload;
    sink *to = &i->c->out;
    i->findings++;
    print_visible(to, finding->text, strlen(finding->text));
    sink_char(to, '\n');
    return sink_flush(to);
}

static int print_row(void *payload, const varsdb_finding *finding)
{
    inspection *i = payload;
    out_rows *o = &i->rows;
    i->findings++;
    out_text(o, finding->kind);
    out_text(o, finding->name_space);
    out_text(o, finding->variable);
    out_text(o, finding->snapshot);
    if (finding->chunk >= 0)
        out_int(o, finding->chunk);
    else
        out_null(o);
    out_text(o, finding->text);
    return !out_alive(o);
}

static int count_variables(void *payload, const varsdb_namespace_info *info)
{
    *(int64_t *)payload += info->variables;
    return 0;
}

static int say_sound(cli *c, bool quick)
{
    int64_t variables = 0;
    if (varsdb_list_namespaces(c->db, count_variables, &variables) != VARSDB_OK)
        return cli_fail_db(c);
    cli_note("no problem found in %lld variable%s%s", (long long)variables, variables == 1 ? "" : "s",
             quick ? " (the values' bytes were not read)" : "");
    return CLI_DONE;
}

/* Findings make CORRUPT: the rows are whole then. */
static int end(inspection *i, int rc, bool quick)
{
    cli *c = i->c;
    bool damaged = rc == VARSDB_CORRUPT && i->findings, lines = i->lines;
    int status = CLI_DONE;
    if (!lines)
        status = cli_end_rows(c, &i->rows, damaged ? VARSDB_OK : rc);
    else if (rc != VARSDB_OK && !damaged)
        status = c->out.error ? CLI_FAILED : cli_fail_db(c);
    if (status == CLI_DONE && damaged)
        return cli_fail(c, CLI_NO, "%lld problem%s found", (long long)i->findings,
                        i->findings == 1 ? "" : "s");
    if (rc == VARSDB_CORRUPT)
        return CLI_NO;
    return status == CLI_DONE ? say_sound(c, quick) : status;
}

int cmd_verify(cli *c, int argc, char **argv)
{
    static const char *const names[] = {"kind", "namespace", "variable", "snapshot", "chunk", "text"};
    int quick = 0;
    inspection i = {.c = c};
    const opt options[] = {OPT_FLAG("quick", &quick)};
    int status = cli_parse(c, argc, argv, options, COUNT_OF(options));
    if (status != CLI_DONE)
        return status;
    status = cli_open(c, VARSDB_READ_ONLY);
    /* Damage that keeps it from being opened is found by this, too. */
    if (status != CLI_DONE)
        return c->db && varsdb_errcode(c->db) == VARSDB_CORRUPT ? CLI_NO : status;
    i.lines = c->format == OUT_AUTO && !cli_lists(c);
    if (!i.lines)
        out_begin(&i.rows, &c->out, c->format, names, COUNT_OF(names));
    int rc = varsdb_verify(c->db, VARSDB_UPKEEP(.quick = quick, .progress = progress_report),
                           i.lines ? print_line : print_row, &i);
    return end(&i, rc, quick);
}
