/*
 * health.h - what is wrong with a variable's values, as far as its statistics tell.
 */
#ifndef CLI_HEALTH_H
#define CLI_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "varsdb.h"

/* The root of the mean square above which values are exploding, and below which they vanish. */
#define HEALTH_RMS_HIGH 1e3
#define HEALTH_RMS_LOW  1e-8
/* Times that a norm is the one before, or the other way round, for the same. */
#define HEALTH_GROWTH 10.0

enum {
    HEALTH_NAN,
    HEALTH_INF,
    HEALTH_DEAD,
    HEALTH_EXPLODING,
    HEALTH_VANISHING,
    HEALTH_KINDS
};

typedef struct health_signs {
    varsdb_dtype dtype;
    int64_t elements, nans, infs;
    bool has_moments, has_before;
    bool untouched; /* the value is the one that its initializer made */
    double std, l2_norm, norm_before;
} health_signs;

extern const char *const health_words[HEALTH_KINDS];

/* Bit 1 << kind for each that is so. */
unsigned health_judge(const health_signs *signs);

#endif
