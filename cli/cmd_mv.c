/* cmd_mv.c - varsdb mv: rename a variable, or a scope with all below it. */
#include <string.h>

#include "cli.h"
#include "pick.h"
#include "print.h"

static int rename_scope(cli *c, const char *old_name, const char *new_name)
{
    char from[PICK_NAME_MAX], to[PICK_NAME_MAX];
    int status = pick_scope(c, old_name, from);
    if (status == CLI_DONE)
        status = pick_scope(c, new_name, to);
    if (status == CLI_DONE && varsdb_rename_scope(c->db, from, to) != VARSDB_OK)
        status = pick_fail_scope(c, old_name);
    return status;
}

static int rename_either(cli *c, const char *old_name, const char *new_name)
{
    int status;
    if (pick_names_scope(old_name))
        return rename_scope(c, old_name, new_name);
    const varsdb_variable *variable = pick_variable(c, old_name, &status);
    if (variable && varsdb_rename_variable(c->db, variable, new_name) != VARSDB_OK)
        status = cli_fail_db(c);
    return status;
}

int cmd_mv(cli *c, int argc, char **argv)
{
    int status = cli_parse(c, argc, argv, NULL, 0);
    if (status == CLI_DONE)
        status = cli_open(c, 0);
    /* One transaction, so that what is renamed is what was found. */
    if (status == CLI_DONE && varsdb_begin(c->db) != VARSDB_OK)
        status = cli_fail_db(c);
    if (status == CLI_DONE)
        status = rename_either(c, c->args[1], c->args[2]);
    if (status == CLI_DONE && varsdb_commit(c->db) != VARSDB_OK)
        status = cli_fail_db(c);
    if (status != CLI_DONE)
        return status;
    sink_text(&c->out, "renamed ");
    print_visible(&c->out, c->args[1], strlen(c->args[1]));
    sink_char(&c->out, ' ');
    print_visible(&c->out, c->args[2], strlen(c->args[2]));
    sink_char(&c->out, '\n');
    return CLI_DONE;
}
