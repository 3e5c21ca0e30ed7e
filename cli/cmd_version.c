/* cmd_version.c - varsdb version. */
#include "cli.h"

int cmd_version(cli *c, int argc, char **argv)
{
    static const char *const names[] = {"varsdb", "engine"};
    out_rows o;
    int status = cli_parse(c, argc, argv, NULL, 0);
    if (status != CLI_DONE)
        return status;
    if (c->format == OUT_AUTO) {
        sink_printf(&c->out, "varsdb %s\n%s\n", varsdb_version(), varsdb_engine_version());
        return CLI_DONE;
    }
    out_begin(&o, &c->out, c->format, names, COUNT_OF(names));
    o.single = true;
    out_text(&o, varsdb_version());
    out_text(&o, varsdb_engine_version());
    return cli_end_rows(c, &o, VARSDB_OK);
}
