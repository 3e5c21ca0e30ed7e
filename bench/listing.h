/*
 * listing.h - how long it takes to tell what is in a tensor file.
 */
#ifndef BENCH_LISTING_H
#define BENCH_LISTING_H

#include <stddef.h>

/* Of files in the directory; `command` is varsdb. */
void bench_listings(const char *directory, char *command, size_t rounds);

#endif
