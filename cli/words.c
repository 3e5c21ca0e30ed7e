/* words.c - see words.h. */
#include "words.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* One word from *at on to *to, with a NUL after it; false when a quote, or a backslash, is not closed. */
static bool take(const char **at, char **to)
{
    const char *p = *at;
    char quote = '\0';
    bool whole = true;
    for (; *p && (quote || !is_blank(*p)); p++) {
        if (quote ? *p == quote : *p == '\'' || *p == '"') {
            quote = quote ? '\0' : *p;
        } else if (*p == '\\' && quote != '\'') {
            /* Between double quotes it stands for itself, but before what it takes the meaning of. */
            if (quote && !(p[1] && strchr("\"\\$`", p[1])))
                *(*to)++ = *p;
            else if (p[1])
                *(*to)++ = *++p;
            else
                whole = false;
        } else {
            *(*to)++ = *p;
        }
    }
    *(*to)++ = '\0';
    *at = p;
    return whole && !quote;
}

void words_unquote(char *word)
{
    const char *at = word;
    take(&at, &word);
}

int words_split(words *w, const char *line)
{
    size_t bytes = strlen(line);
    *w = (words){.items = calloc(bytes / 2 + 2, sizeof *w->items), .text = malloc(bytes + 2)};
    char *to = w->text;
    bool closed = true;
    int result = w->items && w->text ? 0 : ENOMEM;
    while (result == 0 && closed) {
        while (is_blank(*line))
            line++;
        if (!*line || *line == '#')
            break;
        w->items[w->count++] = to;
        closed = take(&line, &to);
    }
    if (result == 0 && closed)
        return 0;
    words_free(w);
    return result ? result : EINVAL;
}

void words_free(words *w)
{
    free(w->items);
    free(w->text);
    *w = (words){0};
}
