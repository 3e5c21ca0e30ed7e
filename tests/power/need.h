/*
 * need.h - what a test program cannot go on without.
 */
#ifndef POWER_NEED_H
#define POWER_NEED_H

#include <stdio.h>
#include <stdlib.h>

static inline void *need(void *memory)
{
    if (!memory) {
        fputs("out of memory\n", stderr);
        abort();
    }
    return memory;
}

/* Ends the program with a sentence unless it holds. */
#define must(holds, ...)                  \
    do {                                  \
        if (!(holds)) {                   \
            fprintf(stderr, __VA_ARGS__); \
            fputc('\n', stderr);          \
            abort();                      \
        }                                 \
    } while (0)

#endif
