/*
 * whole.h - values that show whether they are whole: all elements of a value are the same number.
 */
#ifndef TEST_WHOLE_H
#define TEST_WHOLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "varsdb.h"

#define WHOLE_SMALL 256    /* elements: inline */
#define WHOLE_LARGE 20000  /* one chunk */
#define WHOLE_HUGE  700000 /* several chunks */

/* Numbers below 2^24 are exact as float32. */
static inline int whole_assign(varsdb *db, const varsdb_variable *v, int64_t number)
{
    size_t elements = (size_t)varsdb_variable_shape(v)->dims[0];
    float *value = malloc(elements * sizeof *value);
    if (!value)
        return VARSDB_NOMEM;
    for (size_t i = 0; i < elements; i++)
        value[i] = (float)number;
    int rc = varsdb_assign(db, v, value, elements * sizeof *value);
    free(value);
    return rc;
}

/* Gets the variable, or creates it with the number as its value. */
static inline int whole_get(varsdb *db, const char *name, int64_t elements, int64_t number, int *created,
                            const varsdb_variable **v)
{
    char initializer[48];
    snprintf(initializer, sizeof initializer, "constant(%lld)", (long long)number);
    return varsdb_get_variable(
        db, name, VARSDB_WITH(.shape = VARSDB_SHAPE(elements), .initializer = initializer), created, v);
}

/* Reads the variable's number; -1 when its elements are not all the same one. */
static inline int whole_read(varsdb *db, const varsdb_variable *v, int64_t *number)
{
    size_t elements = (size_t)varsdb_variable_shape(v)->dims[0];
    float *value = malloc(elements * sizeof *value);
    if (!value)
        return VARSDB_NOMEM;
    int rc = varsdb_read(db, v, value, elements * sizeof *value);
    if (rc == VARSDB_OK) {
        *number = (int64_t)value[0];
        for (size_t i = 1; i < elements; i++)
            if (value[i] < value[0] || value[i] > value[0])
                *number = -1;
    }
    free(value);
    return rc;
}

#endif
