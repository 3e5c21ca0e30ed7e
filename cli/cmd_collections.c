/* cmd_collections.c - varsdb collections and namespaces: what there is, counted. */
#include "cli.h"

static int print_collection(void *payload, const varsdb_collection_info *info)
{
    out_rows *o = payload;
    out_text(o, info->name);
    out_int(o, info->variables);
    out_int(o, info->elements);
    out_int(o, info->bytes);
    return !out_wants_more(o);
}

int cmd_collections(cli *c, int argc, char **argv)
{
    static const char *const names[] = {"name", "variables", "elements", "bytes"};
    out_rows o;
    int status = cli_parse(c, argc, argv, NULL, 0);
    if (status == CLI_DONE)
        status = cli_open(c, VARSDB_READ_ONLY);
    if (status != CLI_DONE)
        return status;
    out_begin(&o, &c->out, c->format, names, COUNT_OF(names));
    return cli_end_rows(c, &o, varsdb_list_collections(c->db, print_collection, &o));
}

static int print_namespace(void *payload, const varsdb_namespace_info *info)
{
    out_rows *o = payload;
    out_int(o, info->id);
    out_text(o, info->name);
    out_int(o, info->seed);
    out_time(o, info->created_at);
    out_int(o, info->variables);
    out_int(o, info->bytes);
    return !out_wants_more(o);
}

int cmd_namespaces(cli *c, int argc, char **argv)
{
    static const char *const names[] = {"id", "name", "seed", "created_at", "variables", "bytes"};
    out_rows o;
    int status = cli_parse(c, argc, argv, NULL, 0);
    if (status == CLI_DONE)
        status = cli_open(c, VARSDB_READ_ONLY);
    if (status != CLI_DONE)
        return status;
    out_begin(&o, &c->out, c->format, names, COUNT_OF(names));
    return cli_end_rows(c, &o, varsdb_list_namespaces(c->db, print_namespace, &o));
}
