/* cmd_ls.c - varsdb ls: the variables of a namespace. */
#include "cli.h"
#include "columns.h"
#include "pick.h"

typedef struct listing {
    out_rows rows;
    bool is_long;
} listing;

static int print_all(void *payload, const varsdb_variable_info *info)
{
    listing *l = payload;
    columns_print_all(&l->rows, info);
    return !out_alive(&l->rows);
}

static int print_some(void *payload, const varsdb_variable_info *info)
{
    listing *l = payload;
    out_rows *o = &l->rows;
    out_text(o, info->name);
    out_text(o, varsdb_dtype_name(info->dtype));
    out_raw(o, info->shape_json);
    if (l->is_long) {
        out_int(o, info->elements);
        out_int(o, info->bytes);
        out_int(o, info->trainable);
        out_int(o, info->version);
        out_raw(o, info->collections_json);
        out_text(o, info->initializer);
        out_time(o, info->created_at);
    }
    return !out_alive(o);
}

static int list(cli *c, const varsdb_filter *filter, bool is_long)
{
    static const char *const some[] = {"name",      "dtype",   "shape",       "elements",    "bytes",
                                       "trainable", "version", "collections", "initializer", "created"};
    listing l = {.is_long = is_long};
    if (c->format == OUT_JSON)
        out_begin(&l.rows, &c->out, c->format, columns_all, COLUMNS_ALL);
    else
        out_begin(&l.rows, &c->out, c->format, some, is_long ? COUNT_OF(some) : 3);
    int rc = varsdb_list_variables(c->db, filter, c->format == OUT_JSON ? print_all : print_some, &l);
    return cli_end_rows(c, &l.rows, rc);
}

int cmd_ls(cli *c, int argc, char **argv)
{
    pick_filter pick = {0};
    int is_long = 0;
    const opt options[] = {OPT_TEXT("collection", &pick.filter.collection),
                           OPT_TEXT("scope", &pick.filter.scope), OPT_TEXT("match", &pick.filter.match),
                           OPT_TEXT("name", &pick.filter.glob), OPT_FLAG("long", &is_long)};
    int status = cli_parse(c, argc, argv, options, COUNT_OF(options));
    if (status == CLI_DONE)
        status = pick_tidy(c, &pick);
    if (status == CLI_DONE)
        status = cli_open(c, VARSDB_READ_ONLY);
    if (status != CLI_DONE)
        return status;
    return list(c, &pick.filter, is_long);
}
