/*
 * keys.h - what is told of one thing: a line for each key, with its value beside it.
 */
#ifndef CLI_KEYS_H
#define CLI_KEYS_H

#include "sink.h"

/* Nothing for NULL and the empty text. */
void keys_text(sink *to, const char *key, const char *text);
void keys_count(sink *to, const char *key, int64_t value);
void keys_real(sink *to, const char *key, double value);
/* Milliseconds since 1970. */
void keys_moment(sink *to, const char *key, int64_t milliseconds);

#endif
