/* cmd_ls.c - varsdb ls: the variables of a namespace, or of a snapshot. */
#include "cli.h"
#include "columns.h"
#include "pick.h"
#include "snapshot.h"

typedef struct listing {
    out_rows rows;
    bool is_long;
    int64_t snapshot; /* 0: as they are */
} listing;

static int print_all(void *payload, const varsdb_variable_info *info)
{
    listing *l = payload;
    if (l->snapshot)
        columns_print_at(&l->rows, info);
    else
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
    if (!l->is_long)
        return !out_alive(o);
    out_int(o, info->elements);
    out_int(o, info->bytes);
    out_int(o, info->trainable);
    if (!l->snapshot)
        out_int(o, info->version);
    out_raw(o, info->collections_json);
    out_text(o, info->initializer);
    if (!l->snapshot)
        out_time(o, info->created_at);
    return !out_alive(o);
}

static void begin(cli *c, listing *l)
{
    static const char *const some[] = {"name",      "dtype",   "shape",       "elements",    "bytes",
                                       "trainable", "version", "collections", "initializer", "created"};
    static const char *const some_at[] = {"name",  "dtype",     "shape",       "elements",
                                          "bytes", "trainable", "collections", "initializer"};
    if (c->format == OUT_JSON)
        out_begin(&l->rows, &c->out, c->format, l->snapshot ? columns_at : columns_all,
                  l->snapshot ? COLUMNS_AT : COLUMNS_ALL);
    else if (l->snapshot)
        out_begin(&l->rows, &c->out, c->format, some_at, l->is_long ? COUNT_OF(some_at) : 3);
    else
        out_begin(&l->rows, &c->out, c->format, some, l->is_long ? COUNT_OF(some) : 3);
}

static int list(cli *c, const varsdb_filter *filter, listing *l)
{
    varsdb_variable_cb print = c->format == OUT_JSON ? print_all : print_some;
    begin(c, l);
    int rc = l->snapshot ? varsdb_list_snapshot_variables(c->db, l->snapshot, filter, print, l)
                         : varsdb_list_variables(c->db, filter, print, l);
    return cli_end_rows(c, &l->rows, rc);
}

int cmd_ls(cli *c, int argc, char **argv)
{
    pick_filter pick = {0};
    const char *at = NULL;
    int is_long = 0;
    listing l = {0};
    const opt options[] = {OPT_TEXT("collection", &pick.filter.collection),
                           OPT_TEXT("scope", &pick.filter.scope),
                           OPT_TEXT("match", &pick.filter.match),
                           OPT_TEXT("name", &pick.filter.glob),
                           OPT_FLAG("long", &is_long),
                           OPT_TEXT("at", &at)};
    int status = cli_parse(c, argc, argv, options, COUNT_OF(options));
    if (status == CLI_DONE)
        status = pick_tidy(c, &pick);
    if (status == CLI_DONE)
        status = cli_open(c, VARSDB_READ_ONLY);
    if (status == CLI_DONE && at)
        status = snapshot_find(c, at, &l.snapshot);
    if (status != CLI_DONE)
        return status;
    l.is_long = is_long;
    return list(c, &pick.filter, &l);
}
