/*
 * suggest.h - of the names that there are, those that somebody may have meant by one
 * that there is not: at most three, the nearest first, in constant memory however many
 * are offered.
 */
#ifndef CLI_SUGGEST_H
#define CLI_SUGGEST_H

#include <stdbool.h>
#include <stddef.h>

#define SUGGEST_MOST     3
#define SUGGEST_NAME_MAX 512 /* longer names are none that somebody types */
#define SUGGEST_TEXT_MAX 2048

typedef struct suggest {
    const char *wanted;
    bool path; /* components between slashes: its end alone may be known, too */
    size_t count;
    struct suggestion {
        unsigned cost;
        char name[SUGGEST_NAME_MAX];
    } best[SUGGEST_MOST];
} suggest;

/* wanted must outlive it. */
void suggest_begin(suggest *s, const char *wanted, bool path);
void suggest_offer(suggest *s, const char *name);
/* One that is meant, whatever it is called; they keep their order. */
void suggest_add(suggest *s, const char *name);
/* Offers each of them; they end in NULL. */
void suggest_offer_all(suggest *s, const char *const *names);

/* "; did you mean a, b or c?", "" if nothing is near. */
const char *suggest_text(const suggest *s, char out[SUGGEST_TEXT_MAX]);
/* The same in one call for a list of words that ends in NULL. */
const char *suggest_among(char out[SUGGEST_TEXT_MAX], const char *wanted, const char *const *words);

#endif
