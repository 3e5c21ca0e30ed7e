/* cmd_tree.c - varsdb tree: scopes and variables as a tree, with counts and sizes. */
#include <string.h>

#include "cli.h"
#include "forest.h"
#include "pager.h"
#include "pick.h"
#include "print.h"
#include "snapshot.h"

/* What is drawn before a node: for each level above it, and for the node itself. */
typedef struct strokes {
    const char *through, *blank, *branch, *end;
} strokes;

static const strokes utf8_strokes = {"│   ", "    ", "├── ", "└── "};
static const strokes ascii_strokes = {"|   ", "    ", "|-- ", "`-- "};

static const char *last_component(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash ? slash + 1 : name;
}

static void print_totals(sink *to, int64_t variables, int64_t bytes)
{
    char size[PRINT_NUMBER_MAX];
    print_size(size, bytes);
    sink_printf(to, "  %lld variable%s, %s\n", (long long)variables, variables == 1 ? "" : "s", size);
}

static void print_node(sink *to, const forest_node *node)
{
    char size[PRINT_NUMBER_MAX];
    const char *name = last_component(node->name);
    print_visible(to, name, strlen(name));
    if (node->is_scope) {
        sink_char(to, '/');
        print_totals(to, node->variables, node->bytes);
        return;
    }
    print_size(size, node->bytes);
    sink_printf(to, "  %s ", varsdb_dtype_name(node->dtype));
    sink_text(to, node->shape);
    sink_printf(to, "  %s\n", size);
}

static void print_drawing(sink *to, const forest *f)
{
    const strokes *draw = print_locale_is_utf8() ? &utf8_strokes : &ascii_strokes;
    bool ended[PICK_NAME_MAX] = {false};
    for (size_t i = 0; i < f->count && !to->error; i++) {
        const forest_node *node = &f->nodes[i];
        for (int level = 0; level < node->depth; level++)
            sink_text(to, ended[level] ? draw->blank : draw->through);
        sink_text(to, node->is_last ? draw->end : draw->branch);
        ended[node->depth] = node->is_last;
        print_node(to, node);
    }
}

static void print_tree(cli *c, const char *scope, const forest *f)
{
    const char *head = *scope ? scope : varsdb_namespace(c->db);
    pager_offer(&c->out, f->count + 1);
    print_visible(&c->out, head, strlen(head));
    if (*scope)
        sink_char(&c->out, '/');
    print_totals(&c->out, f->variables, f->bytes);
    print_drawing(&c->out, f);
}

static int print_rows(cli *c, const forest *f)
{
    static const char *const names[] = {"kind", "name", "dtype", "shape", "variables", "elements", "bytes"};
    out_rows o;
    out_begin(&o, &c->out, c->format, names, COUNT_OF(names));
    for (size_t i = 0; i < f->count && out_wants_more(&o); i++) {
        const forest_node *node = &f->nodes[i];
        out_text(&o, node->is_scope ? "scope" : "variable");
        out_text(&o, node->name);
        out_text(&o, node->is_scope ? NULL : varsdb_dtype_name(node->dtype));
        out_raw(&o, node->shape);
        out_int(&o, node->variables);
        out_int(&o, node->elements);
        out_int(&o, node->bytes);
    }
    return cli_end_rows(c, &o, VARSDB_OK);
}

int cmd_tree(cli *c, int argc, char **argv)
{
    char scope[PICK_NAME_MAX] = "";
    const char *at = NULL;
    int64_t snapshot = 0;
    forest f;
    const opt options[] = {OPT_TEXT("at", &at)};
    int status = cli_parse(c, argc, argv, options, COUNT_OF(options));
    if (status == CLI_DONE && c->count > 1)
        status = pick_scope(c, c->args[1], scope);
    if (status == CLI_DONE)
        status = cli_open(c, VARSDB_READ_ONLY);
    /* Scopes and variables of one moment. */
    if (status == CLI_DONE && varsdb_begin_read(c->db) != VARSDB_OK)
        status = cli_fail_db(c);
    if (status == CLI_DONE && at)
        status = snapshot_find(c, at, &snapshot);
    if (status == CLI_DONE)
        status = forest_read(c, scope, snapshot, &f);
    if (status != CLI_DONE)
        return status;
    if (c->format == OUT_AUTO && !cli_lists(c))
        print_tree(c, scope, &f);
    else
        status = print_rows(c, &f);
    forest_release(&f);
    return status;
}
