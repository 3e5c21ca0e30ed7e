/*
 * records.h - very many small variables, in every store: made, found by name, read.
 */
#ifndef BENCH_RECORDS_H
#define BENCH_RECORDS_H

#include "contest.h"

enum {
    RECORD_NAME_ROOM = 64
};

void bench_records(const struct contest *contest);

/* The name of variable i, as a model has them: a hundred to a layer. */
void record_name(size_t i, char name[RECORD_NAME_ROOM]);

#endif
