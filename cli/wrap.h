/*
 * wrap.h - lines of help, which are made for a hundred columns, on a terminal that has fewer.
 */
#ifndef CLI_WRAP_H
#define CLI_WRAP_H

#include "sink.h"

/* Breaks lines between words, and goes on below where they began, or below what an option means; the lines of
 * one option are one text.  What is no terminal gets the text as it is. */
void wrap_print(sink *to, const char *text);

#endif
