/*
 * dictionary.h - a hit, against TensorFlow's way: a dictionary of Python's behind a lock.
 */
#ifndef BENCH_DICTIONARY_H
#define BENCH_DICTIONARY_H

#include "contest.h"

void bench_dictionary(const struct contest *contest);

#endif
