/* main.c - the command line tool: finds the command, runs it, and sees that its output arrived. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "complete.h"
#include "help.h"
#include "interrupt.h"
#include "progress.h"

static const cli_command commands[] = {
    {"init", cmd_init, "DB", 1, 1, CLI_ROWS, "make an empty registry"},
    {"get", cmd_get, "DB NAME", 2, 2, CLI_ROWS, "get a variable, or create it"},
    {"model", cmd_get, "DB NAME", 2, 2, CLI_ROWS, "get a model variable, or create it"},
    {"local", cmd_get, "DB NAME", 2, 2, CLI_ROWS, "get a local variable, or create it"},
    {"scope", cmd_scope, "DB NAME", 2, 2, CLI_ROWS | CLI_READS, "show or set the defaults of a scope"},
    {"set", cmd_set, "DB NAME", 2, 2, CLI_ROWS, "assign a value"},
    {"cat", cmd_cat, "DB NAME", 2, 2, CLI_READS, "print a value, or a slice of it"},
    {"ls", cmd_ls, "DB", 1, 1, CLI_ROWS | CLI_LISTS | CLI_READS, "list variables"},
    {"tree", cmd_tree, "DB [SCOPE]", 1, 2, CLI_ROWS | CLI_LISTS | CLI_READS,
     "show scopes and variables as a tree"},
    {"show", cmd_show, "DB NAME", 2, 2, CLI_ROWS | CLI_READS,
     "show one variable with statistics and a histogram"},
    {"collections", cmd_collections, "DB", 1, 1, CLI_ROWS | CLI_LISTS | CLI_READS, "list collections"},
    {"namespaces", cmd_namespaces, "DB", 1, 1, CLI_ROWS | CLI_LISTS | CLI_READS, "list namespaces"},
    {"log", cmd_log, "DB NAME", 2, 2, CLI_ROWS | CLI_LISTS | CLI_READS,
     "show one variable through the snapshots"},
    {"stats", cmd_stats, "DB", 1, 1, CLI_ROWS | CLI_LISTS | CLI_READS,
     "statistics of variables, with what looks ill flagged"},
    {"top", cmd_top, "DB", 1, 1, CLI_ROWS | CLI_LISTS | CLI_READS | CLI_LONG,
     "what is big, or what moved most"},
    {"find", cmd_find, "DB TEXT", 2, 2, CLI_ROWS | CLI_LISTS | CLI_READS,
     "find variables by some letters of their names"},
    {"collect", cmd_collect, "DB COLLECTION NAME...", 3, SIZE_MAX, CLI_SCOPES,
     "add variables to a collection"},
    {"uncollect", cmd_collect, "DB COLLECTION NAME...", 3, SIZE_MAX, CLI_SCOPES,
     "take variables out of a collection"},
    {"mv", cmd_mv, "DB OLD NEW", 3, 3, CLI_SCOPES, "rename a variable or a scope"},
    {"rm", cmd_rm, "DB NAME...", 1, SIZE_MAX, CLI_SCOPES, "delete variables, scopes, or a namespace"},
    {"import", cmd_import, "DB FILE...", 2, SIZE_MAX, CLI_ROWS | CLI_LISTS | CLI_LONG,
     "read tensor files into the registry"},
    {"export", cmd_export, "DB FILE", 2, 2, CLI_READS | CLI_LONG, "write variables to a tensor file"},
    {"inspect", cmd_inspect, "FILE", 1, 1, CLI_ROWS | CLI_LISTS, "list what is in a tensor file"},
    {"snapshot", cmd_snapshot, "DB", 1, 1, CLI_ROWS | CLI_LONG,
     "take a snapshot of the variables as they are"},
    {"snapshots", cmd_snapshots, "DB", 1, 1, CLI_ROWS | CLI_LISTS | CLI_READS, "list snapshots"},
    {"snapshot-rm", cmd_snapshot_rm, "DB SNAPSHOT...", 2, SIZE_MAX, 0, "delete snapshots"},
    {"snapshot-pin", cmd_snapshot_pin, "DB SNAPSHOT...", 2, SIZE_MAX, 0, "keep snapshots from being dropped"},
    {"restore", cmd_restore, "DB SNAPSHOT", 2, 2, CLI_ROWS | CLI_LISTS | CLI_LONG,
     "give variables a snapshot's values back"},
    {"diff", cmd_diff, "DB A [B]", 2, 3, CLI_ROWS | CLI_LISTS | CLI_READS | CLI_LONG,
     "compare snapshots, or one with the present"},
    {"report", cmd_report, "DB", 1, 1, CLI_READS | CLI_LONG, "make a page to look at, in one file"},
    {"verify", cmd_verify, "DB", 1, 1, CLI_ROWS | CLI_LISTS | CLI_READS | CLI_LONG, "look for damage"},
    {"gc", cmd_gc, "DB", 1, 1, CLI_ROWS | CLI_LONG, "delete what nothing needs, and give space back"},
    {"backup", cmd_backup, "DB OUT", 2, 2, CLI_READS | CLI_LONG, "make a consistent copy"},
    {"migrate", cmd_migrate, "DB", 1, 1, CLI_ROWS, "bring a registry to the schema of today"},
    {"sql", cmd_sql, "DB QUERY", 2, 2, CLI_ROWS | CLI_LISTS | CLI_READS, "run a SELECT over the views"},
    {"shell", cmd_shell, "DB", 1, 1, 0, "work in a registry by commands and SQL"},
    {"completion", cmd_completion, "SHELL", 1, 1, 0,
     "print what makes bash, zsh or fish complete commands and names"},
    {"version", cmd_version, "", 0, 0, CLI_ROWS, "show the versions of varsdb and its engine"},
    {"help", cmd_help, "[COMMAND]", 0, 1, 0, "explain a command"},
    {.name = NULL},
};

const cli_command *cli_commands(void)
{
    return commands;
}

const cli_command *cli_find_command(const char *name)
{
    for (const cli_command *command = commands; command->name; command++)
        if (strcmp(command->name, name) == 0)
            return command;
    return NULL;
}

/* A descriptor 0 to 2 that is closed would be given to the registry's file, and output would be
 * written into it.  /dev/null keeps the place; on 1 it stays unwritable, so that the loss is seen. */
static int hold_standard_descriptors(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
            continue;
        if (open("/dev/null", fd == 2 ? O_WRONLY : O_RDONLY) != fd)
            return -1;
    }
    return 0;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

int cli_run(cli *c, int argc, char **argv)
{
    if (argc < 1 || strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0) {
        help_print_all(&c->out);
        return CLI_DONE;
    }
    const char *name = strcmp(argv[0], "--version") == 0 ? "version" : argv[0];
    c->command = cli_find_command(name);
    if (!c->command) {
        c->command = commands;
        return help_fail_unknown(c, name);
    }
    if (asks_for_help(argc - 1, argv + 1)) {
        help_print_command(&c->out, c->command);
        return CLI_DONE;
    }
    if (c->command->takes & CLI_LONG)
        interrupt_watch();
    return c->command->run(c, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    cli c = {.command = commands};
    if (hold_standard_descriptors() != 0)
        return CLI_FAILED;
    sink_open(&c.out, STDOUT_FILENO);
    int status = argc > 1 && strcmp(argv[1], "complete") == 0 ? complete_run(&c, argc - 2, argv + 2)
                                                              : cli_run(&c, argc - 1, argv + 1);
    varsdb_close(c.db);
    status = cli_finish(&c, status);
    if (interrupt_asked())
        interrupt_die();
    return status;
}
