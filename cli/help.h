/*
 * help.h - what is printed for --help, and for a command that there is none of.
 */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli.h"

void help_print_all(sink *to);
void help_print_command(sink *to, const cli_command *command);
/* The section COMMANDS of varsdb(1), from the same tables. */
void help_print_man(sink *to);

#define HELP_GROUPS 7
const char *help_group_title(size_t group);
size_t help_group_of(const cli_command *command);
/* "unknown command "gte"; did you mean get?" */
int help_fail_unknown(cli *c, const char *name);

#endif
