/*
 * population.h - a registry of as many small variables as are wanted.
 */
#ifndef BENCH_POPULATION_H
#define BENCH_POPULATION_H

#include <stdint.h>

#include "file.h"
#include "varsdb.h"

enum {
    POPULATION_ELEMENTS = 4,
    POPULATION_NAME_ROOM = 64
};

/* Variables of four float32 that each have a value of their own, 100 in a scope; 100 of all are model
 * variables, however many there are. */
struct population {
    char path[FILE_PATH_ROOM];
    int64_t count;
};

extern const varsdb_variable_options *const population_options;

void population_begin(struct population *population, const char *directory);
void population_end(struct population *population, const char *directory);
/* Until there are so many; all of it is in the file, and nothing in its log. */
void population_grow(struct population *population, int64_t count);
/* A handle that knows nothing yet. */
varsdb *population_open(const struct population *population);
/* Of number i. */
void population_name(char name[POPULATION_NAME_ROOM], int64_t i);

#endif
