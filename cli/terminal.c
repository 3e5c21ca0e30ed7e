/* terminal.c - see terminal.h. */
#include "terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

static size_t from_environment(const char *name)
{
    const char *text = getenv(name);
    char *end = NULL;
    unsigned long value = text && *text >= '0' && *text <= '9' ? strtoul(text, &end, 10) : 0;
    return end && !*end && value < 100000 ? value : 0;
}

size_t terminal_width(int fd, bool terminal)
{
    struct winsize size = {0};
    if (terminal && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col)
        return size.ws_col;
    size_t said = from_environment("COLUMNS");
    return said ? said : terminal ? 80 : 0;
}

size_t terminal_height(int fd)
{
    struct winsize size = {0};
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_row)
        return size.ws_row;
    size_t said = from_environment("LINES");
    return said ? said : 24;
}

bool terminal_is_dumb(void)
{
    const char *term = getenv("TERM");
    return !term || !*term || strcmp(term, "dumb") == 0;
}

bool terminal_has_colors(terminal_colors asked, bool terminal)
{
    if (asked != TERMINAL_AUTO)
        return asked == TERMINAL_ALWAYS;
    const char *refused = getenv("NO_COLOR");
    return terminal && !(refused && *refused) && !terminal_is_dumb();
}
