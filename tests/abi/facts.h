/* facts.h - what the program that facts.awk writes prints with. */
#ifndef FACTS_H
#define FACTS_H

#include <stddef.h>
#include <stdio.h>

#include "varsdb_sql.h"

static size_t reached; /* of the structure that is printed */
static int failed;

static size_t round_up(size_t n, size_t to)
{
    return (n + to - 1) / to * to;
}

static void no_gap(const char *what, size_t begin, size_t expected)
{
    if (begin == expected)
        return;
    fprintf(stderr, "%s: a member before it was not understood\n", what);
    failed = 1;
}

/* Offsets come first, so that members are sorted as they lie. */
#define STRUCT(type)                                                                               \
    do {                                                                                           \
        printf(#type " is %zu bytes, aligned to %zu\n", sizeof(type), (size_t) __alignof__(type)); \
        reached = 0;                                                                               \
    } while (0)
#define MEMBER(type, name, text)                                                                \
    do {                                                                                        \
        const type *p = NULL;                                                                   \
        printf(#type " %03zu+%zu " text "\n", offsetof(type, name), sizeof p->name);            \
        no_gap(#type "." #name, offsetof(type, name), round_up(reached, __alignof__(p->name))); \
        reached = offsetof(type, name) + sizeof p->name;                                        \
    } while (0)
#define END_OF_STRUCT(type) no_gap("end of " #type, sizeof(type), round_up(reached, __alignof__(type)))

#define ENUM(type) \
    printf(#type " is %zu bytes, %s\n", sizeof(type), (type)-1 < (type)0 ? "signed" : "unsigned")
#define ENUMERATOR(of, name) printf("enum %s %s = %lld\n", of, #name, (long long)(name))

#endif
