/* wrap.c - see wrap.h. */
#include "wrap.h"

#include <stdbool.h>
#include <string.h>

#include "terminal.h"

#define OPTION_INDENT  23   /* of what an option means */
#define LINE_MAX_BYTES 2048 /* that goes on over several */

/* Where what goes on from a line stands: below the text of an option, else below the line. */
static size_t indent_of(const char *line)
{
    size_t spaces = strspn(line, " ");
    return strncmp(line + spaces, "--", 2) == 0 ? OPTION_INDENT : spaces;
}

/* As much of a line as fits, up to a space; a word that is longer stands out. */
static size_t fitting(const char *line, size_t bytes, size_t room)
{
    size_t fits = room;
    if (bytes <= room)
        return bytes;
    while (fits > 0 && line[fits] != ' ')
        fits--;
    while (!fits || (fits < bytes && line[fits] != ' '))
        fits++;
    return fits;
}

static void print_broken(sink *to, const char *line, size_t bytes, size_t screen)
{
    size_t indent = indent_of(line), first = strspn(line, " ");
    size_t fits = first + fitting(line + first, bytes - first, screen > first ? screen - first : 1);
    sink_bytes(to, line, fits);
    for (size_t at = fits; at < bytes; at += fits) {
        at += strspn(line + at, " ");
        fits = fitting(line + at, bytes - at, screen > indent ? screen - indent : 1);
        sink_char(to, '\n');
        sink_repeat(to, ' ', indent);
        sink_bytes(to, line + at, fits);
    }
    sink_char(to, '\n');
}

/* Whether a line below an option's text goes on with it. */
static bool goes_on(const char *line, size_t bytes, const char *next)
{
    return bytes > OPTION_INDENT && line[OPTION_INDENT - 1] == ' ' && strspn(next, " ") == OPTION_INDENT;
}

void wrap_print(sink *to, const char *text)
{
    size_t screen = to->terminal ? terminal_width(to->fd, true) : 0;
    char line[LINE_MAX_BYTES];
    if (!screen) {
        sink_text(to, text);
        return;
    }
    while (*text) {
        size_t used = 0;
        for (bool more = true; more;) {
            size_t bytes = strcspn(text, "\n"),
                   taken = bytes < sizeof line - used ? bytes : sizeof line - used - 1;
            memcpy(line + used, text, taken);
            used += taken;
            text += bytes + (text[bytes] == '\n');
            more = goes_on(line, used, text) && used + 1 < sizeof line;
            if (more)
                line[used++] = ' ';
            text += more ? OPTION_INDENT : 0;
        }
        line[used] = '\0';
        print_broken(to, line, used, screen);
    }
}
