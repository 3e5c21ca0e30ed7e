/*
 * ours.h - the set of tensors in a registry.
 */
#ifndef BENCH_OURS_H
#define BENCH_OURS_H

#include "tensors.h"
#include "varsdb.h"

/* A registry that is open, and its variables, one for each tensor. */
struct ours {
    varsdb *db;
    size_t count;
    const varsdb_variable **variables;
    varsdb_assignment *assignments; /* scratch */
};

/* The registry at path, with flags of varsdb_open. */
struct ours *ours_open(const char *path, unsigned flags);
void ours_close(struct ours *ours);

/* Creates a variable for each tensor, with its value or without one. */
void ours_create(struct ours *ours, const struct tensors *tensors, int with_values);
/* Finds them in a registry that was made earlier. */
void ours_find(struct ours *ours, size_t count);

/* A new registry at path with all tensors in it, built unseen and published. */
void ours_build(const char *path, const struct tensors *tensors);
/* Tensors [first, first + count) to their variables, in one durable commit. */
void ours_assign(struct ours *ours, const struct tensors *tensors, size_t first, size_t count);
/* All back, each by varsdb_read. */
void ours_read(struct ours *ours, struct tensors *tensors);

#endif
