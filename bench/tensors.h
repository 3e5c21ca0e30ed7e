/*
 * tensors.h - tensors of random float32 in memory, as a program that trains has them.
 */
#ifndef BENCH_TENSORS_H
#define BENCH_TENSORS_H

#include <stddef.h>
#include <stdint.h>

struct tensors {
    size_t count, bytes; /* of each */
    unsigned char **data;
    float changes;
};

/* A new set; with filled 0 it is room to load into, whose pages are there. */
struct tensors *tensors_new(size_t count, size_t bytes, int filled);
void tensors_free(struct tensors *tensors);

/* Tensors [first, first + count) get values that they never had, in every page of 4 KiB;
 * cheap, so that no workload waits for it. */
void tensors_change(struct tensors *tensors, size_t first, size_t count);
/* Whether both hold the same bytes. */
int tensors_equal(const struct tensors *a, const struct tensors *b);
size_t tensors_total(const struct tensors *tensors);

/* Random float32 in [-0.5, 0.5), from the seed on. */
void tensors_fill(void *data, size_t bytes, uint64_t seed);
/* Makes data differ from all other series and pieces, in every page of 4 KiB. */
void tensors_stamp(void *data, size_t bytes, float series, float piece);

#endif
