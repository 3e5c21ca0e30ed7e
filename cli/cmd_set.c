/* cmd_set.c - varsdb set: assign a value to a variable, or to a part of it. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "npy.h"
#include "part.h"
#include "print.h"

typedef struct source {
    const char *json, *path, *initializer;
} source;

static int assign_bytes(cli *c, const varsdb_variable *variable, const part *p, const void *data,
                        size_t bytes)
{
    int rc = p->given ? varsdb_assign_part(c->db, variable, p->index, data, bytes)
                      : varsdb_assign(c->db, variable, data, bytes);
    return rc == VARSDB_OK ? CLI_DONE : cli_fail_db(c);
}

static int assign_file(cli *c, const varsdb_variable *variable, const part *p, const char *path)
{
    void *data = NULL;
    size_t bytes;
    int status = npy_read(c, path, varsdb_variable_dtype(variable), &p->shape, &data, &bytes);
    if (status == CLI_DONE)
        status = assign_bytes(c, variable, p, data, bytes);
    free(data);
    return status;
}

static int assign(cli *c, const varsdb_variable *variable, const part *p, const source *from)
{
    if (from->path)
        return assign_file(c, variable, p, from->path);
    if (from->initializer && p->given)
        return cli_fail(c, CLI_USAGE, "set: a part takes --value or --from; --init is for whole variables");
    int rc = from->initializer ? varsdb_initialize(c->db, variable, from->initializer)
             : p->given        ? varsdb_assign_part_json(c->db, variable, p->index, from->json)
                               : varsdb_assign_json(c->db, variable, from->json);
    return rc == VARSDB_OK ? CLI_DONE : cli_fail_db(c);
}

static int report_text(cli *c, const varsdb_variable_info *info)
{
    sink_text(&c->out, "assigned ");
    print_visible(&c->out, info->name, strlen(info->name));
    sink_printf(&c->out, " version %lld\n", (long long)info->version);
    return 0;
}

static int report(void *payload, const varsdb_variable_info *info)
{
    static const char *const names[] = {"outcome", "name", "id", "version"};
    cli *c = payload;
    out_rows o;
    if (c->format == OUT_AUTO)
        return report_text(c, info);
    out_begin(&o, &c->out, c->format, names, COUNT_OF(names));
    o.single = true;
    out_text(&o, "assigned");
    out_text(&o, info->name);
    out_int(&o, info->id);
    out_int(&o, info->version);
    cli_end_rows(c, &o, VARSDB_OK);
    return 0;
}

int cmd_set(cli *c, int argc, char **argv)
{
    source from = {0};
    const opt options[] = {OPT_TEXT("value", &from.json), OPT_TEXT("from", &from.path),
                           OPT_TEXT("init", &from.initializer)};
    int status = cli_parse(c, argc, argv, options, COUNT_OF(options));
    if (status == CLI_DONE && !!from.json + !!from.path + !!from.initializer != 1)
        status = cli_fail(c, CLI_USAGE, "set: give one of --value JSON, --from FILE.npy and --init SPEC");
    if (status == CLI_DONE)
        status = cli_open(c, 0);
    if (status != CLI_DONE)
        return status;
    part target;
    const varsdb_variable *variable = part_pick(c, c->args[1], &target, &status);
    if (variable)
        status = assign(c, variable, &target, &from);
    if (status != CLI_DONE)
        return status;
    if (varsdb_describe(c->db, variable, report, c) != VARSDB_OK)
        return cli_fail_db(c);
    return CLI_DONE;
}
