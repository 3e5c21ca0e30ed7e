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

static int print_row(void *payload, const varsdb_variable_info *info)
{
    listing *l = payload;
    if (l->snapshot)
        columns_print_at(&l->rows, info);
    else
        columns_print_all(&l->rows, info);
    return !out_wants_more(&l->rows);
}

/* JSON has all; for people and for lines of text a few are enough. */
static const char *shown(const cli *c, const listing *l)
{
    if (c->format == OUT_JSON)
        return NULL;
    if (!l->is_long)
        return "name,dtype,shape";
    return l->snapshot
               ? "name,dtype,shape,elements,bytes,trainable,collections,initializer"
               : "name,dtype,shape,elements,bytes,trainable,version,collections,initializer,created_at";
}

static int list(cli *c, const varsdb_filter *filter, listing *l)
{
    out_begin_some(&l->rows, &c->out, c->format, l->snapshot ? columns_at : columns_all,
                   l->snapshot ? COLUMNS_AT : COLUMNS_ALL, shown(c, l));
    int rc = VARSDB_OK;
    if (out_wants_more(&l->rows))
        rc = l->snapshot ? varsdb_list_snapshot_variables(c->db, l->snapshot, filter, print_row, l)
                         : varsdb_list_variables(c->db, filter, print_row, l);
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
