/*
 * rng.h - Philox4x32-10 (Salmon, Moraes, Dror, Shaw, SC 2011): a counter-based
 * generator, so that element i of a tensor depends on key and i alone, whatever
 * the order, the slice or the machine.  No state, no I/O.
 */
#ifndef VDB_RNG_H
#define VDB_RNG_H

#include <stddef.h>
#include <stdint.h>

typedef struct vdb_philox_key {
    uint32_t word[2];
} vdb_philox_key;

/* The key of an explicit seed, and of a name under a namespace's seed. */
vdb_philox_key vdb_philox_key_of_seed(int64_t seed);
vdb_philox_key vdb_philox_key_of_name(int64_t namespace_seed, const char *name, size_t bytes);
/* Block `counter` (of 128 bits: low, high) of the stream: four 32-bit words. */
void vdb_philox(vdb_philox_key key, uint64_t counter_low, uint64_t counter_high, uint32_t out[4]);
/* The same for `count` blocks in a row, four words each; faster than one at a time. */
void vdb_philox_blocks(vdb_philox_key key, uint64_t counter_low, uint64_t counter_high, size_t count,
                       uint32_t *out);

#endif
