/* sqltext.c - see sqltext.h. */
#include "sqltext.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int sqltext_literal(char **out, const char *text)
{
    size_t bytes = strlen(text), used = 0;
    char *literal = bytes < (SIZE_MAX - 3) / 2 ? malloc(bytes * 2 + 3) : NULL;
    if (!literal)
        return ENOMEM;
    literal[used++] = '\'';
    for (const char *p = text; *p; p++) {
        if (*p == '\'')
            literal[used++] = '\'';
        literal[used++] = *p;
    }
    literal[used++] = '\'';
    literal[used] = '\0';
    *out = literal;
    return 0;
}
