/*
 * prompt.h - lines from a terminal, edited and remembered where libedit was there at the build,
 * or from anything else.
 */
#ifndef CLI_PROMPT_H
#define CLI_PROMPT_H

#include <stdbool.h>

typedef struct prompt prompt;

enum {
    PROMPT_LINE,
    PROMPT_END,     /* Ctrl-D, or the end of the file */
    PROMPT_DROPPED, /* Ctrl-C */
    PROMPT_FAILED,
};

typedef void (*prompt_offer_cb)(void *payload, const char *word);
/* Calls back for each word that the end of `line` can become; *from is where its last one begins. */
typedef void (*prompt_complete_cb)(void *payload, const char *line, const char **from,
                                   prompt_offer_cb callback, void *to);

/* NULL: out of memory.  With `terminal` it prompts. */
prompt *prompt_open(bool terminal, prompt_complete_cb complete, void *payload);
/* *line is borrowed until the next call, with its newline. */
int prompt_read(prompt *p, const char *text, const char **line);
void prompt_remember(prompt *p, const char *line);
void prompt_close(prompt *p);

#endif
