/* cmd_gc.c - varsdb gc: deletes what nothing refers to, and gives space back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "print.h"
#include "progress.h"

#define SHOWN_BYTES 1024 /* of a program's name, which a stranger may have written */

/* Who holds what: as lines for people, or as a JSON array. */
typedef struct holders {
    bool json;
    FILE *text;
    sink *piece; /* holds one holder while it is made; never written anywhere */
    bool begun;
} holders;

static size_t shown_bytes(const char *text)
{
    return text ? strnlen(text, SHOWN_BYTES) : 0;
}

static void print_as_json(holders *h, const varsdb_holder *holder)
{
    sink *s = h->piece;
    char since[PRINT_NUMBER_MAX];
    sink_text(s, h->begun ? ",{\"program\":" : "[{\"program\":");
    print_json(s, holder->program ? holder->program : "", shown_bytes(holder->program));
    sink_text(s, ",\"host\":");
    print_json(s, holder->host ? holder->host : "", shown_bytes(holder->host));
    sink_printf(s, ",\"pid\":%lld,\"bytes\":%lld,\"since\":", (long long)holder->pid,
                (long long)holder->bytes);
    if (holder->since)
        print_json(s, since, print_time(since, holder->since));
    else
        sink_text(s, "null");
    sink_char(s, '}');
}

static void print_as_line(holders *h, const varsdb_holder *holder)
{
    sink *s = h->piece;
    char bytes[PRINT_NUMBER_MAX], since[PRINT_NUMBER_MAX];
    print_size(bytes, holder->bytes);
    sink_printf(s, "held: %s by ", bytes);
    print_visible(s, holder->program ? holder->program : "?",
                  holder->program ? shown_bytes(holder->program) : 1);
    if (holder->host && *holder->host) {
        sink_text(s, " on ");
        print_visible(s, holder->host, shown_bytes(holder->host));
    }
    if (holder->pid)
        sink_printf(s, ", pid %lld", (long long)holder->pid);
    if (holder->since) {
        sink_text(s, ", since ");
        sink_bytes(s, since, print_time(since, holder->since));
    }
    sink_char(s, '\n');
}

static int add_holder(void *payload, const varsdb_holder *holder)
{
    holders *h = payload;
    h->piece->used = 0;
    if (h->json)
        print_as_json(h, holder);
    else
        print_as_line(h, holder);
    h->begun = true;
    fwrite(h->piece->data, 1, h->piece->used, h->text);
    return ferror(h->text);
}

/* "12 chunks, 3 tensors" of those that there are. */
static void print_counts(sink *to, const varsdb_garbage *g)
{
    const struct {
        int64_t count;
        const char *one, *many;
    } parts[] = {{g->tensors, "tensor", "tensors"},
                 {g->chunks, "chunk", "chunks"},
                 {g->states, "snapshot's variable", "snapshots' variables"},
                 {g->sessions, "unfinished save", "unfinished saves"}};
    const char *before = ": ";
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (!parts[i].count)
            continue;
        sink_printf(to, "%s%lld %s", before, (long long)parts[i].count,
                    parts[i].count == 1 ? parts[i].one : parts[i].many);
        before = ", ";
    }
}

static void print_lines(sink *to, const varsdb_garbage *g, bool dry, const char *held)
{
    char bytes[PRINT_NUMBER_MAX];
    if (g->tensors || g->chunks || g->states || g->sessions || g->bytes) {
        print_size(bytes, g->bytes);
        sink_printf(to, "%s %s", dry ? "would free" : "freed", bytes);
        print_counts(to, g);
        sink_char(to, '\n');
    } else {
        sink_text(to, "nothing to free\n");
    }
    print_size(bytes, g->file_bytes);
    if (g->file_bytes)
        sink_printf(to, "%s %s back to the file system\n", dry ? "would give" : "gave", bytes);
    sink_text(to, held);
}

static int print_row(cli *c, const varsdb_garbage *g, const char *held)
{
    static const char *const names[] = {"chunks", "tensors",    "states",     "sessions",
                                        "bytes",  "file_bytes", "held_bytes", "holders"};
    out_rows o;
    out_begin(&o, &c->out, c->format, names, COUNT_OF(names));
    o.single = true;
    out_int(&o, g->chunks);
    out_int(&o, g->tensors);
    out_int(&o, g->states);
    out_int(&o, g->sessions);
    out_int(&o, g->bytes);
    out_int(&o, g->file_bytes);
    out_int(&o, g->held_bytes);
    out_raw(&o, held);
    return cli_end_rows(c, &o, VARSDB_OK);
}

static int collect(cli *c, bool dry, holders *h, varsdb_garbage *g)
{
    c->left = dry ? NULL : "what was deleted until then stays deleted";
    int rc = varsdb_collect_garbage(c->db, VARSDB_UPKEEP(.dry_run = dry, .progress = progress_report),
                                    add_holder, h, g);
    if (ferror(h->text))
        return cli_fail_memory(c);
    if (h->json)
        fputs(h->begun ? "]" : "[]", h->text);
    return rc == VARSDB_OK ? CLI_DONE : cli_fail_db(c);
}

static int run(cli *c, bool dry)
{
    varsdb_garbage g = {.size = sizeof g};
    char *held = NULL;
    size_t bytes;
    holders h = {.json = c->format != OUT_AUTO, .piece = malloc(sizeof *h.piece)};
    h.text = h.piece ? open_memstream(&held, &bytes) : NULL;
    if (!h.text) {
        free(h.piece);
        return cli_fail_memory(c);
    }
    sink_open(h.piece, -1);
    int status = collect(c, dry, &h, &g);
    if (fclose(h.text) != 0 && status == CLI_DONE)
        status = cli_fail_memory(c);
    if (status == CLI_DONE && h.json)
        status = print_row(c, &g, held);
    else if (status == CLI_DONE)
        print_lines(&c->out, &g, dry, held);
    free(held);
    free(h.piece);
    return status;
}

int cmd_gc(cli *c, int argc, char **argv)
{
    int dry = 0;
    const opt options[] = {OPT_FLAG("dry-run", &dry)};
    int status = cli_parse(c, argc, argv, options, COUNT_OF(options));
    if (status == CLI_DONE)
        status = cli_open(c, 0);
    return status == CLI_DONE ? run(c, dry) : status;
}
