/*
 * store_lmdb.c - LMDB: the record and the value, one after the other, under the name.
 *
 * A commit writes its pages, syncs them, writes a page that names their root, and syncs that
 * (fdatasync both times; no flag of LMDB's weakens it here).
 */
#include "store.h"

#ifndef PEER_lmdb

const struct store_kind store_lmdb = {.name = "LMDB", .absent = "not installed"};

#else

#include <lmdb.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "file.h"

/* Room of addresses, not of the disk. */
static const size_t map_bytes = (size_t)64 << 30;

struct map {
    MDB_env *env;
    MDB_dbi dbi;
    MDB_txn *txn;    /* the one that is open */
    MDB_txn *reader; /* kept to be renewed, which is how LMDB's readers are cheap */
};

static void check(int rc)
{
    if (rc != MDB_SUCCESS)
        fail("LMDB", mdb_strerror(rc));
}

static void *open_map(const char *directory, enum store_use use)
{
    struct map *map = must_allocate(1, sizeof *map);
    char path[FILE_PATH_ROOM];
    MDB_txn *txn;

    (void)use; /* new or not, it is the same to LMDB */
    file_path(directory, "data.mdb", path);
    check(mdb_env_create(&map->env));
    check(mdb_env_set_mapsize(map->env, map_bytes));
    check(mdb_env_open(map->env, path, MDB_NOSUBDIR, 0644));
    check(mdb_txn_begin(map->env, NULL, 0, &txn));
    check(mdb_dbi_open(txn, NULL, 0, &map->dbi));
    check(mdb_txn_commit(txn));
    check(mdb_txn_begin(map->env, NULL, MDB_RDONLY, &map->reader));
    mdb_txn_reset(map->reader);
    return map;
}

static void close_map(void *store)
{
    struct map *map = store;

    mdb_txn_abort(map->reader);
    mdb_env_close(map->env);
    free(map);
}

static void begin_read(void *store)
{
    struct map *map = store;

    check(mdb_txn_renew(map->reader));
    map->txn = map->reader;
}

static void end_read(void *store)
{
    struct map *map = store;

    mdb_txn_reset(map->reader);
    map->txn = NULL;
}

static void begin_write(void *store)
{
    struct map *map = store;

    check(mdb_txn_begin(map->env, NULL, 0, &map->txn));
}

static void commit(void *store)
{
    struct map *map = store;

    check(mdb_txn_commit(map->txn));
    map->txn = NULL;
}

static MDB_val key_of(const struct item *item)
{
    return (MDB_val){strlen(item->name), (void *)item->name};
}

/* Into the room that LMDB gives, so that nothing is copied twice. */
static void create(void *store, const struct item *item, const void *value)
{
    struct map *map = store;
    MDB_val key = key_of(item), data = {sizeof(struct record) + item->bytes, NULL};
    struct record record;

    store_record(item, &record);
    check(mdb_put(map->txn, map->dbi, &key, &data, MDB_RESERVE | MDB_NOOVERWRITE));
    memcpy(data.mv_data, &record, sizeof record);
    memcpy((unsigned char *)data.mv_data + sizeof record, value, item->bytes);
}

static void ask(struct map *map, const struct item *item, size_t offset, void *answer, size_t bytes)
{
    MDB_val key = key_of(item), data;
    int is_lone = map->txn == NULL;

    if (is_lone)
        begin_read(map);
    check(mdb_get(map->txn, map->dbi, &key, &data));
    if (data.mv_size != sizeof(struct record) + item->bytes)
        fail(item->name, "has another size in LMDB");
    memcpy(answer, (unsigned char *)data.mv_data + offset, bytes);
    if (is_lone)
        end_read(map);
}

static void find(void *store, const struct item *item, struct record *record)
{
    ask(store, item, 0, record, sizeof *record);
}

static void read_value(void *store, const struct item *item, void *value)
{
    ask(store, item, sizeof(struct record), value, item->bytes);
}

const struct store_kind store_lmdb = {.name = "LMDB",
                                      .version = PEER_lmdb,
                                      .takes_records = 1,
                                      .is_atomic = 1,
                                      .open = open_map,
                                      .close = close_map,
                                      .begin_read = begin_read,
                                      .end_read = end_read,
                                      .begin_write = begin_write,
                                      .commit = commit,
                                      .create = create,
                                      .find = find,
                                      .read = read_value};

#endif
