/*
 * set.h - tensors under names, as every store is given them and gives them back.
 */
#ifndef BENCH_SET_H
#define BENCH_SET_H

#include "records.h"
#include "store.h"
#include "tensors.h"

/* `count` tensors of which fewer may be in memory; then each is made when it is saved, and loaded over an
 * earlier one. */
struct set {
    size_t count;
    struct tensors *tensors, *room;
    char (*names)[RECORD_NAME_ROOM];
};

/* With `held` of them in memory. */
struct set *set_new(size_t count, size_t bytes, size_t held);
void set_free(struct set *set);
/* Of all its tensors. */
size_t set_bytes(const struct set *set);

/* Seconds of making a store of it, until all is durable. */
double set_save(const struct set *set, const struct store_kind *kind, const char *folder);
/* The last of every `step` tensors, from a store that is open. */
void set_load(const struct set *set, const struct store_kind *kind, void *store, size_t step);
/* The same of all, of which each is compared with what was saved. */
void set_check(const struct set *set, const struct store_kind *kind, void *store);

#endif
