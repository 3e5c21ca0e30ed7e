/* cli.c - see cli.h. */
#include "cli.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interrupt.h"
#include "nearby.h"
#include "pager.h"
#include "pick.h"
#include "progress.h"
#include "terminal.h"
#include "vocabulary.h"

#define LINE_BYTES 4096

static bool quiet; /* of the command that runs: its notes are not wanted */

/* Names and paths are quoted in messages; neither may break the line or steer a terminal. */
static void defuse(char *line, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        unsigned char c = (unsigned char)line[i];
        bool c1 = c == 0xc2 && i + 1 < bytes && (unsigned char)line[i + 1] < 0xa0;
        if (c < 0x20 || c == 0x7f || c1)
            line[i] = '?';
        if (c1)
            line[++i] = '?';
    }
}

__attribute__((format(printf, 1, 0))) static void print_line(const char *format, va_list ap)
{
    char line[LINE_BYTES] = "varsdb: ";
    size_t prefix = strlen(line);
    vsnprintf(line + prefix, sizeof line - prefix - 1, format, ap);
    size_t bytes = strlen(line);
    defuse(line, bytes);
    line[bytes++] = '\n';
    pager_wait();
    progress_erase();
    fwrite(line, 1, bytes, stderr);
}

int cli_fail(cli *c, int status, const char *format, ...)
{
    if (c->said)
        return status;
    va_list ap;
    va_start(ap, format);
    print_line(format, ap);
    va_end(ap);
    c->said = true;
    return status;
}

void cli_note(const char *format, ...)
{
    va_list ap;
    if (quiet)
        return;
    va_start(ap, format);
    print_line(format, ap);
    va_end(ap);
}

int cli_fail_memory(cli *c)
{
    return cli_fail(c, CLI_FAILED, "out of memory");
}

int cli_status(int code)
{
    switch (code) {
    case VARSDB_OK:
        return CLI_DONE;
    case VARSDB_NOTFOUND:
    case VARSDB_EXISTS:
    case VARSDB_MISMATCH:
    case VARSDB_UNINITIALIZED:
    case VARSDB_CONFLICT:
        return CLI_NO;
    case VARSDB_INVALID:
    case VARSDB_MISUSE:
        return CLI_USAGE;
    default:
        return CLI_FAILED;
    }
}

int cli_fail_db(cli *c)
{
    return cli_fail_db_hint(c, VARSDB_OK, "");
}

int cli_fail_db_hint(cli *c, int code, const char *hint)
{
    if (!c->db)
        return cli_fail_memory(c);
    int failed = varsdb_errcode(c->db), status = cli_status(failed);
    if (status == CLI_DONE)
        return status;
    if (failed == VARSDB_CANCELLED && interrupt_asked())
        return cli_fail(c, status, "stopped; %s", c->left ? c->left : "the registry is as it was");
    return cli_fail(c, status, "%s%s", varsdb_errmsg(c->db), failed == code ? hint : "");
}

const char *cli_shown(char out[CLI_SHOWN_MAX], const char *name)
{
    bool plain = *name != '\0';
    for (const char *p = name; *p && plain; p++)
        plain = (unsigned char)*p > ' ' && *p != 0x7f;
    const char *quote = plain ? "" : "\"";
    snprintf(out, CLI_SHOWN_MAX, "%s%.4096s%s", quote, name, quote);
    return out;
}

/* An empty list is an answer; that what it was asked of does not exist is another one. */
static void note_why_empty(cli *c)
{
    char reason[NEARBY_REASON_MAX];
    if (!c->db || !*nearby_reason(c, reason))
        return;
    sink_flush(&c->out); /* on a terminal the rows come first */
    cli_note("%s", reason);
}

int cli_end_rows(cli *c, out_rows *rows, int code)
{
    bool alive = out_alive(rows), none = !rows->rows;
    /* A callback that had printed --limit rows stopped it, and nothing else. */
    bool enough = alive && code == VARSDB_CANCELLED && !interrupt_asked() && !out_wants_more(rows);
    /* The message first: it lives until the next call on the handle. */
    int status = code == VARSDB_OK || enough ? CLI_DONE : alive ? cli_fail_db(c) : CLI_FAILED;
    int lost = out_end(rows, status == CLI_DONE);
    if (*c->style.refused)
        return cli_fail(c, c->style.broken ? CLI_FAILED : CLI_USAGE, "%s", c->style.refused);
    if (lost)
        return cli_fail_memory(c);
    if (status == CLI_DONE && none && !sink_left(&c->out))
        note_why_empty(c);
    return sink_left(&c->out) ? CLI_DONE : status;
}

int cli_finish(cli *c, int status)
{
    sink_flush(&c->out);
    int unread = pager_end(&c->out), error = c->out.error;
    if (error)
        status = cli_fail(c, CLI_FAILED, "cannot write to standard output: %s", strerror(error));
    else if (unread)
        status =
            cli_fail(c, CLI_FAILED,
                     "the pager that $VARSDB_PAGER or $PAGER names cannot be run; --no-pager does without");
    progress_erase();
    if (interrupt_asked() && status == CLI_DONE)
        cli_note("it was done already when the signal came");
    return status;
}

/* ---- Arguments ---- */

static int check_count(cli *c)
{
    const cli_command *command = c->command;
    if (c->count >= command->least && c->count <= command->most)
        return CLI_DONE;
    if (c->count > command->most && command->most == 0)
        return cli_fail(c, CLI_USAGE, "%s takes no arguments, not \"%s\"", command->name, c->args[0]);
    if (c->count > command->most)
        return cli_fail(c, CLI_USAGE, "%s takes %s; \"%s\" is too many", command->name, command->arguments,
                        c->args[command->most]);
    return cli_fail(c, CLI_USAGE, "%s takes %s; %s (see: varsdb %s --help)", command->name,
                    command->arguments, c->count ? "not all are given" : "none is given", command->name);
}

static int choose_format(cli *c, const int *chosen)
{
    static const out_format formats[] = {OUT_JSON, OUT_CSV, OUT_TSV, OUT_TABLE};
    int given = 0;
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        if (!chosen[i])
            continue;
        given++;
        c->format = formats[i];
    }
    if (given > 1)
        return cli_fail(c, CLI_USAGE, "give one of --json, --csv, --tsv and --table");
    return CLI_DONE;
}

/* The options that are no command's own. */
typedef struct common {
    int formats[4], wide, no_pager, hushed, verbose;
    const char *color, *json_nan, *limit;
} common;

static bool has_option(const opt *options, size_t count, const char *name)
{
    size_t i = 0;
    while (i < count && strcmp(options[i].name, name) != 0)
        i++;
    return i < count;
}

/* Adds them to a command's own `count`, of which one may have the name of one of these, and stands for it. */
static size_t add_common(cli *c, common *given, opt *to, size_t count)
{
    const opt everywhere[] = {OPT_TEXT("namespace", &c->name_space),
                              OPT_FLAG("allow-network", &c->allow_network), OPT_FLAG("quiet", &given->hushed),
                              OPT_FLAG("verbose", &given->verbose)};
    const opt rows[] = {
        OPT_FLAG("json", &given->formats[0]),   OPT_FLAG("csv", &given->formats[1]),
        OPT_FLAG("tsv", &given->formats[2]),    OPT_FLAG("table", &given->formats[3]),
        OPT_FLAG("wide", &given->wide),         OPT_WORD("color", vocabulary_colors, &given->color),
        OPT_FLAG("no-pager", &given->no_pager), OPT_WORD("json-nan", vocabulary_nans, &given->json_nan)};
    const opt lists[] = {OPT_TEXT("columns", &c->style.columns), OPT_TEXT("sort", &c->style.sort),
                         OPT_TEXT("limit", &given->limit), OPT_TEXT("where", &c->style.where)};
    const opt reads[] = {OPT_FLAG("immutable", &c->immutable)};
    const struct {
        unsigned takes;
        const opt *options;
        size_t count;
    } groups[] = {{0, everywhere, COUNT_OF(everywhere)},
                  {CLI_ROWS, rows, COUNT_OF(rows)},
                  {CLI_LISTS, lists, COUNT_OF(lists)},
                  {CLI_READS, reads, COUNT_OF(reads)}};
    size_t own = count;
    for (size_t i = 0; i < COUNT_OF(groups); i++) {
        if (groups[i].takes && !(c->command->takes & groups[i].takes))
            continue;
        for (size_t k = 0; k < groups[i].count; k++)
            if (!has_option(to, own, groups[i].options[k].name))
                to[count++] = groups[i].options[k];
    }
    return count;
}

static int choose_style(cli *c, const common *given)
{
    int color = TERMINAL_AUTO, nan = 0, status = CLI_DONE;
    if (given->color)
        status = pick_word(c, "--color", given->color, vocabulary_colors, &color);
    if (status == CLI_DONE && given->json_nan)
        status = pick_word(c, "--json-nan", given->json_nan, vocabulary_nans, &nan);
    if (status == CLI_DONE && given->limit)
        status = pick_integer(c, "--limit", given->limit, &c->style.limit);
    if (status == CLI_DONE && given->limit && c->style.limit < 0)
        status = cli_fail(c, CLI_USAGE, "--limit takes a number of rows, not %s", given->limit);
    c->style.wide = given->wide;
    c->style.pager = !given->no_pager;
    c->style.nan_null = nan == 1;
    c->style.color = terminal_has_colors((terminal_colors)color, c->out.terminal);
    c->style.db = &c->db;
    c->out.style = &c->style;
    return status;
}

bool cli_lists(const cli *c)
{
    return c->style.columns || c->style.sort || c->style.where || c->style.limit >= 0;
}

/* As wrong arguments would, this ends the command where it has changed nothing yet. */
static int tell_options(cli_options *out, const opt *options, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out->items[i] = (cli_option){options[i].name, options[i].letter, !options[i].flag, options[i].list,
                                     options[i].words};
    out->count = count;
    return CLI_USAGE;
}

void cli_options_of(const cli_command *command, cli_options *out)
{
    /* Says nothing, and drops what it gets. */
    cli c = {.command = command, .asking = out, .said = true, .out = {.fd = -1, .error = EBADF}};
    out->count = 0;
    command->run(&c, 0, NULL);
    assert(!c.db);
}

int cli_parse(cli *c, int argc, char **argv, const opt *options, size_t count)
{
    common given = {0};
    opt all[CLI_OPTIONS_MAX];
    char message[OPT_MESSAGE_BYTES];
    assert(count + 20 < CLI_OPTIONS_MAX);
    if (count)
        memcpy(all, options, count * sizeof *all);
    c->style = (out_style){.limit = -1};
    count = add_common(c, &given, all, count);
    if (c->asking)
        return tell_options(c->asking, all, count);
    if (opt_parse(all, count, argc, argv, &c->count, message) != 0)
        return cli_fail(c, CLI_USAGE, "%s: %s", c->command->name, message);
    c->args = argv;
    if (given.hushed && given.verbose)
        return cli_fail(c, CLI_USAGE, "give one of --quiet and --verbose");
    quiet = given.hushed;
    progress_begin(given.hushed ? PROGRESS_QUIET : given.verbose ? PROGRESS_VERBOSE : PROGRESS_SHOWN);
    c->filter = NULL;
    int status = choose_format(c, given.formats);
    if (status == CLI_DONE)
        status = choose_style(c, &given);
    return status == CLI_DONE ? check_count(c) : status;
}

/* ---- The registry ---- */

const char *cli_namespace(const cli *c)
{
    const char *name = c->name_space ? c->name_space : getenv("VARSDB_NAMESPACE");
    return c->name_space || (name && *name) ? name : NULL;
}

/* The file may be read, but nothing may be made beside it. */
static bool lies_sealed(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *directory = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    bool sealed = directory && access(path, R_OK) == 0 && access(directory, W_OK) != 0;
    free(directory);
    return sealed;
}

/* Takes the shell's handle, when it does for this: of the same file, and for writing if that is asked. */
static bool take_kept(cli *c, const char *path, unsigned flags, int *status)
{
    bool reads = flags & VARSDB_READ_ONLY;
    const char *name_space = cli_namespace(c);
    if (!c->kept || (flags & ~(unsigned)VARSDB_READ_ONLY) || c->immutable || c->allow_network)
        return false;
    if ((c->kept_reads && !reads) || strcmp(varsdb_path(c->kept), path) != 0)
        return false;
    c->db = c->kept;
    c->kept = NULL;
    if (varsdb_use_namespace(c->db, name_space ? name_space : "main") != VARSDB_OK)
        *status = cli_fail_db(c);
    return true;
}

int cli_open_at(cli *c, const char *path, unsigned flags)
{
    bool reads = flags & VARSDB_READ_ONLY;
    int status = CLI_DONE;
    if (take_kept(c, path, flags, &status))
        return status;
    c->kept_reads = reads;
    if (c->allow_network)
        flags |= VARSDB_ALLOW_NETWORK;
    if (reads && c->immutable)
        flags |= VARSDB_IMMUTABLE;
    int rc = varsdb_open(path, VARSDB_OPEN(.flags = flags, .in = cli_namespace(c)), &c->db);
    if (rc == VARSDB_OK)
        return CLI_DONE;
    bool helps = (c->command->takes & CLI_READS) && reads && !c->immutable && lies_sealed(path);
    return cli_fail_db_hint(c, VARSDB_CANTOPEN, helps ? " (--immutable opens it so)" : "");
}

int cli_open(cli *c, unsigned flags)
{
    return cli_open_at(c, c->args[0], flags);
}
