/*
 * distance.h - how many slips of the fingers lead from one text to another: characters
 * that are missing, too many, wrong, or swapped with their neighbour.  Upper and lower
 * case of ASCII are the same.
 */
#ifndef CLI_DISTANCE_H
#define CLI_DISTANCE_H

#include <stddef.h>

/* Characters that two texts may have between their common beginning and their common end. */
#define DISTANCE_MAX 256

/* The restricted Damerau-Levenshtein distance of UTF-8 characters, or limit + 1 when it is larger
 * than limit, or when the texts differ over more than DISTANCE_MAX characters. */
size_t distance_between(const char *a, size_t a_bytes, const char *b, size_t b_bytes, size_t limit);

/* How many slips a text of so many bytes may have to be recognized still. */
size_t distance_limit(size_t bytes);

/* c, or the small letter if it is one of ASCII's capitals: whatever the locale. */
unsigned char distance_fold(char c);

#endif
