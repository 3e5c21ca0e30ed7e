/*
 * words.h - a line as words, quoted as in a POSIX shell: 'as it is', "with \" and \\", \c.
 */
#ifndef CLI_WORDS_H
#define CLI_WORDS_H

#include <stddef.h>

typedef struct words {
    size_t count;
    char **items; /* ends in NULL */
    char *text;   /* what they point into */
} words;

/* 0; EINVAL when a quote is not closed; ENOMEM.  Only after 0 there is something to free. */
int words_split(words *w, const char *line);
/* Makes one word, in place, what it is without its quotes, of which the last may be open. */
void words_unquote(char *word);
void words_free(words *w);

#endif
