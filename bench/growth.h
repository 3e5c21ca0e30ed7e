/*
 * growth.h - how figures change with the size of what they are taken of: a table with a column for each
 * size, and the power of the size that each row grows with.
 */
#ifndef BENCH_GROWTH_H
#define BENCH_GROWTH_H

#include <stddef.h>

enum {
    GROWTH_SIZES_MAX = 5,
    GROWTH_ROUNDS_MAX = 16
};

enum growth_goal {
    GROWTH_FREE,  /* it is only told */
    GROWTH_FLAT,  /* no size takes more than twice what a smaller one takes */
    GROWTH_LINEAR /* a whole pass: the exponent is at most 1.1 */
};

struct growth_row {
    const char *name, *unit;
    enum growth_goal goal;
};

struct growth;

/* Rows that live as long as the table; `of` says what is counted: "variables". */
struct growth *growth_new(const char *of, const struct growth_row *rows, size_t count);
void growth_free(struct growth *growth);

/* From here on figures are of this size; `label` is its column's head. */
void growth_at(struct growth *growth, double size, const char *label);
/* What one round reached. */
void growth_add(struct growth *growth, size_t row, double value);
/* Medians with their ranges.  What is made of them is made of the least of each size's rounds: what else the
 * machine does only adds to a figure. */
void growth_print(const struct growth *growth);

#endif
