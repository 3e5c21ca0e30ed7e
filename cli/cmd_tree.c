/* cmd_tree.c - varsdb tree: scopes and variables as a tree, with counts and sizes. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "forest.h"
#include "pager.h"
#include "pick.h"
#include "print.h"
#include "snapshot.h"

#define STROKE_COLUMNS 4
#define NAME_COLUMNS   48
#define TEXT_COLUMNS   40
#define TEXT_BYTES     1024
#define BAR_COLUMNS    10

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

/* "3 variables, 36 elements" of a scope, "float32 [2,3]" of a variable. */
static void describe_scope(char out[TEXT_BYTES], int64_t variables, int64_t elements)
{
    snprintf(out, TEXT_BYTES, "%lld variable%s, %lld element%s", (long long)variables,
             variables == 1 ? "" : "s", (long long)elements, elements == 1 ? "" : "s");
}

static void describe(char out[TEXT_BYTES], const forest_node *node)
{
    if (node->is_scope)
        describe_scope(out, node->variables, node->elements);
    else
        snprintf(out, TEXT_BYTES, "%s %s", varsdb_dtype_name(node->dtype), node->shape);
}

static size_t columns_of(const char *text)
{
    return print_visible_width(text, strlen(text));
}

/* Where the names, the descriptions and the sizes end.  What is longer than that stands out of line. */
typedef struct layout {
    size_t name, text, size;
} layout;

static void widen(size_t *to, size_t columns, size_t most)
{
    if (columns > *to && columns <= most)
        *to = columns;
}

static layout lay_out(const forest *f, size_t head, const char *total)
{
    char text[TEXT_BYTES], size[PRINT_NUMBER_MAX];
    layout l = {0};
    print_size(size, f->bytes);
    widen(&l.name, head, NAME_COLUMNS);
    widen(&l.text, columns_of(total), TEXT_COLUMNS);
    widen(&l.size, columns_of(size), PRINT_NUMBER_MAX);
    for (size_t i = 0; i < f->count; i++) {
        const forest_node *node = &f->nodes[i];
        describe(text, node);
        print_size(size, node->bytes);
        widen(&l.name,
              STROKE_COLUMNS * ((size_t)node->depth + 1) + columns_of(last_component(node->name)) +
                  node->is_scope,
              NAME_COLUMNS);
        widen(&l.text, columns_of(text), TEXT_COLUMNS);
        widen(&l.size, columns_of(size), PRINT_NUMBER_MAX);
    }
    return l;
}

static void pad(sink *to, size_t columns, size_t room)
{
    sink_repeat(to, ' ', (columns < room ? room - columns : 0) + 2);
}

/* What stands behind a name: the description, the size, and a bar of its share of all bytes. */
static void print_columns(sink *to, const layout *l, const char *text, int64_t bytes, int64_t all)
{
    char size[PRINT_NUMBER_MAX];
    const char *stroke = print_locale_is_utf8() ? "█" : "#";
    double share = all > 0 ? (double)bytes / (double)all : 0;
    print_size(size, bytes);
    print_visible(to, text, strlen(text));
    pad(to, columns_of(text), l->text);
    sink_repeat(to, ' ', l->size > strlen(size) ? l->size - strlen(size) : 0);
    sink_text(to, size);
    int bar = (int)(share * BAR_COLUMNS + 0.5);
    if (bar)
        sink_text(to, "  ");
    while (bar-- > 0)
        sink_text(to, stroke);
    sink_char(to, '\n');
}

static void print_drawing(sink *to, const forest *f, const layout *l)
{
    const strokes *draw = print_locale_is_utf8() ? &utf8_strokes : &ascii_strokes;
    bool ended[PICK_NAME_MAX] = {false};
    for (size_t i = 0; i < f->count && !to->error; i++) {
        const forest_node *node = &f->nodes[i];
        const char *name = last_component(node->name);
        char text[TEXT_BYTES];
        for (int level = 0; level < node->depth; level++)
            sink_text(to, ended[level] ? draw->blank : draw->through);
        sink_text(to, node->is_last ? draw->end : draw->branch);
        ended[node->depth] = node->is_last;
        print_visible(to, name, strlen(name));
        if (node->is_scope)
            sink_char(to, '/');
        pad(to, STROKE_COLUMNS * ((size_t)node->depth + 1) + columns_of(name) + node->is_scope, l->name);
        describe(text, node);
        print_columns(to, l, text, node->bytes, f->bytes);
    }
}

static void print_tree(cli *c, const char *scope, const forest *f)
{
    const char *head = *scope ? scope : varsdb_namespace(c->db);
    char total[TEXT_BYTES];
    describe_scope(total, f->variables, f->elements);
    layout l = lay_out(f, columns_of(head) + (*scope != '\0'), total);
    pager_offer(&c->out, f->count + 1);
    print_visible(&c->out, head, strlen(head));
    if (*scope)
        sink_char(&c->out, '/');
    pad(&c->out, columns_of(head) + (*scope != '\0'), l.name);
    print_columns(&c->out, &l, total, f->bytes, 0); /* it is all there is: no bar */
    print_drawing(&c->out, f, &l);
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
