/*
 * fuzzy.h - how well a name answers to a few letters of it: all letters of a term in
 * their order, best where components and words begin and where they follow each other;
 * else a component with a slip or two in it.
 */
#ifndef CLI_FUZZY_H
#define CLI_FUZZY_H

#include <stddef.h>
#include <stdint.h>

#define FUZZY_NAME_MAX 4200
#define FUZZY_TERMS    8
#define FUZZY_TEXT_MAX 256

typedef struct fuzzy_term {
    const char *given; /* as typed; capitals that agree count a little */
    const unsigned char *folded;
    size_t bytes, components;
    uint64_t letters;
} fuzzy_term;

typedef struct fuzzy {
    char given[FUZZY_TEXT_MAX];
    unsigned char folded[FUZZY_TEXT_MAX];
    size_t count;
    fuzzy_term terms[FUZZY_TERMS];
} fuzzy;

/* Terms stand between spaces; a name must answer to each.  0, or why the text is not accepted. */
const char *fuzzy_begin(fuzzy *f, const char *text);
/* The higher the better; 0 if it does not answer. */
int fuzzy_score(const fuzzy *f, const char *name, size_t bytes);

#endif
