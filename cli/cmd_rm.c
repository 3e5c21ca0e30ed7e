/* cmd_rm.c - varsdb rm: delete variables and scopes, all that are named or none; or a namespace. */
#include <string.h>

#include "cli.h"
#include "nearby.h"
#include "pick.h"
#include "print.h"

static int remove_one(cli *c, const char *name)
{
    char scope[PICK_NAME_MAX];
    int status;
    if (pick_names_scope(name)) {
        status = pick_scope(c, name, scope);
        if (status == CLI_DONE && !*scope)
            status =
                cli_fail(c, CLI_USAGE, "\"/\" names no scope; x/ is the scope x, --all a whole namespace");
        if (status == CLI_DONE && varsdb_delete_scope(c->db, scope, NULL) != VARSDB_OK)
            status = pick_fail_scope(c, name);
        return status;
    }
    const varsdb_variable *variable = pick_variable(c, name, &status);
    if (variable && varsdb_delete_variable(c->db, variable) != VARSDB_OK)
        status = cli_fail_db(c);
    return status;
}

static int remove_names(cli *c)
{
    int status = cli_open(c, 0);
    if (status == CLI_DONE && varsdb_begin(c->db) != VARSDB_OK)
        status = cli_fail_db(c);
    for (size_t i = 1; i < c->count && status == CLI_DONE; i++)
        status = remove_one(c, c->args[i]);
    if (status == CLI_DONE && varsdb_commit(c->db) != VARSDB_OK)
        status = cli_fail_db(c);
    for (size_t i = 1; i < c->count && status == CLI_DONE; i++) {
        sink_text(&c->out, "deleted ");
        print_visible(&c->out, c->args[i], strlen(c->args[i]));
        sink_char(&c->out, '\n');
    }
    return status;
}

static int remove_namespace(cli *c)
{
    const char *name_space = c->name_space;
    char shown[CLI_SHOWN_MAX], near[SUGGEST_TEXT_MAX];
    if (!name_space)
        return cli_fail(c, CLI_USAGE, "rm --all deletes a whole namespace: say which with --namespace NS");
    if (c->count > 1)
        return cli_fail(c, CLI_USAGE, "rm --all takes no names, not %s", cli_shown(shown, c->args[1]));
    unsigned flags = c->allow_network ? VARSDB_ALLOW_NETWORK : 0;
    if (varsdb_open(c->args[0], VARSDB_OPEN(.flags = flags), &c->db) != VARSDB_OK)
        return cli_fail_db(c);
    int rc = varsdb_delete_namespace(c->db, name_space);
    if (rc == VARSDB_NOTFOUND)
        return cli_fail(c, CLI_NO, "there is no namespace %s%s", cli_shown(shown, name_space),
                        nearby_namespace(c, name_space, near));
    if (rc != VARSDB_OK)
        return cli_fail_db(c);
    sink_text(&c->out, "deleted namespace ");
    print_visible(&c->out, name_space, strlen(name_space));
    sink_char(&c->out, '\n');
    return CLI_DONE;
}

int cmd_rm(cli *c, int argc, char **argv)
{
    int all = 0;
    const opt options[] = {OPT_FLAG("all", &all)};
    int status = cli_parse(c, argc, argv, options, COUNT_OF(options));
    if (status != CLI_DONE)
        return status;
    if (all)
        return remove_namespace(c);
    if (c->count < 2)
        return cli_fail(c, CLI_USAGE, "rm takes DB NAME...; no name is given (see: varsdb rm --help)");
    return remove_names(c);
}
