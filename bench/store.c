/*
 * store.c - the kinds of stores.
 */
#include "store.h"

#include <string.h>

#include "varsdb.h"

extern const struct store_kind store_varsdb, store_sqlite, store_lmdb, store_rocksdb, store_hdf5, store_file;

const struct store_kind *const store_kinds[STORE_KINDS] = {&store_varsdb,  &store_sqlite, &store_lmdb,
                                                           &store_rocksdb, &store_hdf5,   &store_file};

/* splitmix64 */
static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void store_record(const struct item *item, struct record *record)
{
    const int64_t elements = (int64_t)(item->bytes / sizeof(float)), now = INT64_C(1700000000000);
    uint64_t random = (uint64_t)item->i << 8;

    *record = (struct record){.id = (int64_t)item->i + 1,
                              .version = 1,
                              .created_at = now,
                              .updated_at = now,
                              .seed = 20,
                              .elements = elements,
                              .bytes = (int64_t)item->bytes,
                              .dtype = VARSDB_FLOAT32,
                              .rank = 1,
                              .dims = {elements},
                              .uid = draw(&random),
                              .hash = {draw(&random), draw(&random)}};
    strcpy(record->initializer, "random_normal(0,0.1)");
    strcpy(record->site, "bench/bench_peers.c:100");
}
