/* help.c - see help.h. */
#include "help.h"

#include <stdio.h>
#include <string.h>

#include "help_text.h"
#include "suggest.h"
#include "wrap.h"

const help_text *help_text_of(const char *name)
{
    const help_text *const nouns[] = {help_of_variables, help_of_snapshots, help_of_files};
    for (size_t i = 0; i < COUNT_OF(nouns); i++)
        for (const help_text *text = nouns[i]; text->command; text++)
            if (strcmp(text->command, name) == 0)
                return text;
    return NULL;
}

/* What commands are for; the last group takes those that no other names. */
static const struct {
    const char *title, *commands;
} groups[HELP_GROUPS] = {
    {"make", " init get model local scope "},
    {"look", " ls tree show cat find log stats top diff report sql shell inspect collections namespaces "},
    {"change", " set collect uncollect mv rm "},
    {"files", " import export "},
    {"snapshots", " snapshot snapshots snapshot-rm snapshot-pin restore "},
    {"upkeep", " verify gc backup migrate "},
    {"varsdb itself", ""},
};

const char *help_group_title(size_t group)
{
    return groups[group].title;
}

size_t help_group_of(const cli_command *command)
{
    char word[32];
    snprintf(word, sizeof word, " %s ", command->name);
    for (size_t i = 0; i + 1 < HELP_GROUPS; i++)
        if (strstr(groups[i].commands, word))
            return i;
    return HELP_GROUPS - 1;
}

static void print_group(sink *to, size_t group)
{
    sink_printf(to, "\n%s:\n", groups[group].title);
    for (const cli_command *command = cli_commands(); command->name; command++)
        if (help_group_of(command) == group)
            sink_printf(to, "  %-12s %s\n", command->name, command->summary);
}

void help_print_all(sink *to)
{
    sink_text(to, "usage: varsdb COMMAND DB [ARGUMENTS] [OPTIONS]\n\n"
                  "  varsdb init run.db\n"
                  "  varsdb get run.db layer1/weights --shape 784,128\n"
                  "  varsdb ls run.db\n");
    for (size_t i = 0; i < HELP_GROUPS; i++)
        print_group(to, i);
    wrap_print(
        to,
        "\noptions everywhere:\n" HELP_NAMESPACE HELP_NOTES HELP_ROWS HELP_IMMUTABLE
        "  --help               explain the command\n\n"
        "they come after the command; each command takes those that its --help lists\n\n"
        "exit status: 0 done, 1 no (not found, exists, differs, damage found), 2 called wrongly, 3 failed\n");
}

void help_print_command(sink *to, const cli_command *command)
{
    const help_text *text = help_text_of(command->name);
    if (text)
        sink_printf(to, "%s\n", text->examples);
    sink_printf(to, "usage: varsdb %s%s%s [OPTIONS]\n%s\n\noptions:\n", command->name,
                *command->arguments ? " " : "", command->arguments, command->summary);
    if (text)
        wrap_print(to, text->options);
    if (command->takes & CLI_ROWS)
        wrap_print(to, HELP_ROWS);
    if (command->takes & CLI_LISTS)
        wrap_print(to, HELP_LISTS);
    if (command->takes & CLI_READS)
        wrap_print(to, HELP_IMMUTABLE);
    wrap_print(to, HELP_NAMESPACE HELP_NOTES);
    if (text && text->notes) {
        sink_char(to, '\n');
        wrap_print(to, text->notes);
    }
}

int help_fail_unknown(cli *c, const char *name)
{
    char near[SUGGEST_TEXT_MAX];
    suggest s;
    if (*name == '-')
        return cli_fail(c, CLI_USAGE, "options come after the command, as in: varsdb ls DB %s", name);
    suggest_begin(&s, name, false);
    for (const cli_command *command = cli_commands(); command->name; command++)
        suggest_offer(&s, command->name);
    if (s.count)
        return cli_fail(c, CLI_USAGE, "unknown command \"%s\"%s", name, suggest_text(&s, near));
    return cli_fail(c, CLI_USAGE, "unknown command \"%s\" (see: varsdb --help)", name);
}

int cmd_help(cli *c, int argc, char **argv)
{
    int man = 0;
    const opt options[] = {OPT_FLAG("man", &man)};
    int status = cli_parse(c, argc, argv, options, COUNT_OF(options));
    if (status != CLI_DONE)
        return status;
    if (man) {
        help_print_man(&c->out);
        return CLI_DONE;
    }
    if (!c->count) {
        help_print_all(&c->out);
        return CLI_DONE;
    }
    const cli_command *command = cli_find_command(c->args[0]);
    if (!command)
        return help_fail_unknown(c, c->args[0]);
    help_print_command(&c->out, command);
    return CLI_DONE;
}
