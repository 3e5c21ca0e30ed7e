/* help_man.c - the section COMMANDS of varsdb(1), made from the tables of --help, so that neither drifts. */
#include <ctype.h>
#include <string.h>

#include "help.h"
#include "help_text.h"

#define FILL_COLUMNS 74

/* Characters that roff would take for its own. */
static void print_escaped(sink *to, const char *text, size_t bytes)
{
    if (bytes && (*text == '.' || *text == '\''))
        sink_text(to, "\\&");
    for (size_t i = 0; i < bytes; i++) {
        if (text[i] == '\\')
            sink_text(to, "\\e");
        else
            sink_char(to, text[i]);
    }
}

/* Lines as they are, without the two spaces that --help sets them in by. */
static void print_display(sink *to, const char *kind, const char *text)
{
    sink_printf(to, ".Bd -%s -offset indent\n", kind);
    while (*text) {
        size_t bytes = strcspn(text, "\n"), in = strncmp(text, "  ", 2) == 0 ? 2 : 0;
        print_escaped(to, text + in, bytes - in);
        sink_char(to, '\n');
        text += bytes + (text[bytes] == '\n');
    }
    sink_text(to, ".Ed\n");
}

/* "--step N, --step-from RE" */
static void print_tag(sink *to, const char *tag, size_t bytes)
{
    sink_text(to, ".It");
    for (size_t at = 0; at < bytes;) {
        size_t word = 0;
        while (at + word < bytes && tag[at + word] != ' ')
            word++;
        bool comma = word > 1 && tag[at + word - 1] == ',';
        bool option = word > 2 && strncmp(tag + at, "--", 2) == 0;
        size_t skip = option ? 2 : 0;
        sink_text(to, option ? " Fl Fl " : " Ar ");
        print_escaped(to, tag + at + skip, word - skip - comma);
        if (comma)
            sink_text(to, " ,");
        at += word;
        while (at < bytes && tag[at] == ' ')
            at++;
    }
    sink_char(to, '\n');
}

/* Words of one description, in lines that are no longer than mandoc likes and end where a sentence does. */
static void print_filled(sink *to, const char *text, size_t bytes, size_t *column)
{
    for (size_t at = 0; at < bytes;) {
        size_t word = 0;
        while (at + word < bytes && text[at + word] != ' ')
            word++;
        if (word) {
            bool fits = *column + word < FILL_COLUMNS;
            if (*column)
                sink_char(to, fits ? ' ' : '\n');
            print_escaped(to, text + at, word);
            *column = fits ? *column + word + 1 : word;
            if (text[at + word - 1] == '.' && (word < 2 || text[at + word - 2] != '.')) {
                sink_char(to, '\n');
                *column = 0;
            }
        }
        at += word;
        while (at < bytes && text[at] == ' ')
            at++;
    }
}

/* An option begins a line two columns in; lines that are further in go on with what it says. */
static void print_options(sink *to, const char *text)
{
    size_t column = 0;
    if (!*text)
        return;
    sink_text(to, ".Bl -tag -width Ds\n");
    while (*text) {
        size_t bytes = strcspn(text, "\n"), from = strspn(text, " ");
        if (from == 2) {
            size_t tag = 2;
            while (tag < bytes && strncmp(text + tag, "  ", 2) != 0)
                tag++;
            if (column)
                sink_char(to, '\n');
            column = 0;
            print_tag(to, text + 2, tag - 2);
            from = tag;
        }
        if (from < bytes)
            print_filled(to, text + from, bytes - from, &column);
        text += bytes + (text[bytes] == '\n');
    }
    sink_text(to, column ? "\n.El\n" : ".El\n");
}

/* "DB [SCOPE]", "DB NAME..." */
static void print_arguments(sink *to, const char *arguments)
{
    while (*arguments) {
        size_t bytes = strcspn(arguments, " ");
        bool optional = *arguments == '[';
        sink_text(to, optional ? " Op Ar " : " Ar ");
        print_escaped(to, arguments + optional, bytes - (optional ? 2 : 0));
        arguments += bytes + (arguments[bytes] == ' ');
    }
}

static void print_command(sink *to, const cli_command *command)
{
    const help_text *text = help_text_of(command->name);
    sink_printf(to, ".It Cm %s", command->name);
    print_arguments(to, command->arguments);
    sink_printf(to, "\n%s\n", command->summary);
    if (!text)
        return;
    print_display(to, "literal", text->examples);
    print_options(to, text->options);
    if (text->notes)
        print_display(to, "unfilled", text->notes);
}

void help_print_man(sink *to)
{
    sink_text(to, ".Sh COMMANDS\n");
    for (size_t group = 0; group < HELP_GROUPS; group++) {
        const char *title = help_group_title(group);
        sink_printf(to, ".Ss %c%s\n.Bl -tag -width Ds\n", toupper((unsigned char)*title), title + 1);
        for (const cli_command *command = cli_commands(); command->name; command++)
            if (help_group_of(command) == group)
                print_command(to, command);
        sink_text(to, ".El\n");
    }
}
