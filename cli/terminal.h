/*
 * terminal.h - what standard output is shown on: how large, and whether colours are welcome.
 */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

typedef enum terminal_colors {
    TERMINAL_AUTO, /* on a terminal, unless NO_COLOR or TERM=dumb */
    TERMINAL_ALWAYS,
    TERMINAL_NEVER
} terminal_colors;

/* Columns to fit a table into: the terminal's, else $COLUMNS; without both 80 on a terminal, and 0,
 * as many as it needs, elsewhere. */
size_t terminal_width(int fd, bool terminal);
size_t terminal_height(int fd);
bool terminal_is_dumb(void);
bool terminal_has_colors(terminal_colors asked, bool terminal);

#endif
