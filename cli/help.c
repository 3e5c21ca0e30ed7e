/* help.c - see help.h. */
#include "help.h"

#include <stdio.h>
#include <string.h>

#include "help_text.h"

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
    sink_text(
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
        sink_text(to, text->options);
    if (command->takes & CLI_ROWS)
        sink_text(to, HELP_ROWS);
    if (command->takes & CLI_LISTS)
        sink_text(to, HELP_LISTS);
    if (command->takes & CLI_READS)
        sink_text(to, HELP_IMMUTABLE);
    sink_text(to, HELP_NAMESPACE HELP_NOTES);
    if (text && text->notes)
        sink_printf(to, "\n%s", text->notes);
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

#define NEAR_BYTES 24

/* Insertions, deletions, replacements and swaps of neighbours that lead from a to b. */
static size_t edit_distance(const char *a, const char *b)
{
    size_t d[NEAR_BYTES + 1][NEAR_BYTES + 1];
    size_t rows = strlen(a), columns = strlen(b);
    if (rows > NEAR_BYTES || columns > NEAR_BYTES)
        return NEAR_BYTES;
    for (size_t i = 0; i <= rows; i++)
        d[i][0] = i;
    for (size_t j = 0; j <= columns; j++)
        d[0][j] = j;
    for (size_t i = 1; i <= rows; i++) {
        for (size_t j = 1; j <= columns; j++) {
            d[i][j] =
                smaller(smaller(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = smaller(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[rows][columns];
}

static bool is_near(const char *name, const char *command)
{
    size_t bytes = strlen(name);
    if (bytes >= 2 && strncmp(name, command, bytes) == 0)
        return true;
    return edit_distance(name, command) <= (strlen(command) <= 3 ? 1 : 2);
}

int help_fail_unknown(cli *c, const char *name)
{
    char near[128] = "";
    size_t used = 0;
    if (*name == '-')
        return cli_fail(c, CLI_USAGE, "options come after the command, as in: varsdb ls DB %s", name);
    for (const cli_command *command = cli_commands(); command->name; command++) {
        size_t bytes = strlen(command->name);
        if (!is_near(name, command->name) || used + bytes + 5 > sizeof near)
            continue;
        memcpy(near + used, used ? " or " : "", used ? 4 : 0);
        used += used ? 4 : 0;
        memcpy(near + used, command->name, bytes + 1);
        used += bytes;
    }
    if (*near)
        return cli_fail(c, CLI_USAGE, "unknown command \"%s\"; did you mean %s?", name, near);
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
