/* cmd_collect.c - varsdb collect, uncollect: membership in a collection, all names or none. */
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "nearby.h"
#include "pick.h"
#include "print.h"

/* The names given, scopes replaced by what is in them, and in the collection where one is given. */
static int gather(cli *c, const char *members_of, pick_names *names)
{
    char scope[PICK_NAME_MAX];
    for (size_t i = 2; i < c->count; i++) {
        int status;
        if (!pick_names_scope(c->args[i])) {
            status = pick_add(c, names, c->args[i]);
        } else {
            status = pick_scope(c, c->args[i], scope);
            if (status == CLI_DONE)
                status = pick_in_scope(c, scope, members_of, names);
        }
        if (status != CLI_DONE)
            return status;
    }
    return CLI_DONE;
}

static int change(cli *c, const char *collection, const pick_names *names, bool add)
{
    char message[OPT_MESSAGE_BYTES], near[SUGGEST_TEXT_MAX];
    for (size_t i = 0; i < names->count; i++) {
        int status;
        const varsdb_variable *variable = pick_variable(c, names->names[i], &status);
        if (!variable)
            return status;
        int rc =
            add ? varsdb_collect(c->db, collection, variable) : varsdb_uncollect(c->db, collection, variable);
        if (rc == VARSDB_NOTFOUND) {
            snprintf(message, sizeof message, "%s", varsdb_errmsg(c->db));
            return cli_fail(c, CLI_NO, "%s%s", message, nearby_collection(c, collection, near));
        }
        if (rc != VARSDB_OK)
            return cli_fail_db(c);
    }
    return varsdb_commit(c->db) == VARSDB_OK ? CLI_DONE : cli_fail_db(c);
}

static void report(cli *c, const char *collection, const pick_names *names, bool add)
{
    for (size_t i = 0; i < names->count; i++) {
        sink_text(&c->out, add ? "collected " : "uncollected ");
        print_visible(&c->out, names->names[i], strlen(names->names[i]));
        sink_char(&c->out, ' ');
        print_visible(&c->out, collection, strlen(collection));
        sink_char(&c->out, '\n');
    }
}

int cmd_collect(cli *c, int argc, char **argv)
{
    pick_names names = {0};
    bool add = strcmp(c->command->name, "collect") == 0;
    int status = cli_parse(c, argc, argv, NULL, 0);
    if (status == CLI_DONE)
        status = cli_open(c, 0);
    if (status == CLI_DONE && varsdb_begin(c->db) != VARSDB_OK)
        status = cli_fail_db(c);
    if (status != CLI_DONE)
        return status; /* what is open is rolled back when the registry is closed */
    const char *collection = pick_collection(c->args[1]);
    status = gather(c, add ? NULL : collection, &names);
    if (status == CLI_DONE)
        status = change(c, collection, &names, add);
    if (status == CLI_DONE)
        report(c, collection, &names, add);
    pick_release(&names);
    return status;
}
