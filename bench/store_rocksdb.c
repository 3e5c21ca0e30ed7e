/*
 * store_rocksdb.c - RocksDB: the record and the value, one after the other, under the name.
 *
 * A commit is one batch, and syncs the log (WriteOptions.sync).  A store that is built has
 * no log: its commit flushes the tables, which are synced, and then what names them.  As
 * RocksDB's manual advises: Bloom filters, 64 MiB of block cache, large values in blob files.
 */
#include "store.h"

#ifndef PEER_rocksdb

const struct store_kind store_rocksdb = {.name = "RocksDB", .absent = "not installed"};

#else

#include <rocksdb/c.h>
#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "file.h"

enum {
    CACHE_BYTES = 64 << 20,
    BLOB_BYTES = 64 << 10,
    BITS_PER_KEY = 10
};

struct tree {
    rocksdb_t *db;
    rocksdb_options_t *options;
    rocksdb_readoptions_t *read;
    rocksdb_writeoptions_t *write, *unlogged;
    rocksdb_flushoptions_t *flush;
    rocksdb_writebatch_t *batch;
    const rocksdb_snapshot_t *snapshot;
    int is_built;
};

static void check(char *error)
{
    if (error != NULL)
        fail("RocksDB", error);
}

static rocksdb_options_t *new_options(enum store_use use)
{
    rocksdb_options_t *options = rocksdb_options_create();
    rocksdb_block_based_table_options_t *tables = rocksdb_block_based_options_create();
    rocksdb_cache_t *cache = rocksdb_cache_create_lru(CACHE_BYTES);

    rocksdb_block_based_options_set_block_cache(tables, cache);
    rocksdb_block_based_options_set_filter_policy(tables,
                                                  rocksdb_filterpolicy_create_bloom_full(BITS_PER_KEY));
    rocksdb_options_set_block_based_table_factory(options, tables);
    rocksdb_options_set_enable_blob_files(options, 1);
    rocksdb_options_set_min_blob_size(options, BLOB_BYTES);
    rocksdb_options_set_create_if_missing(options, use != STORE_USE);
    rocksdb_options_set_error_if_exists(options, use != STORE_USE);
    rocksdb_block_based_options_destroy(tables);
    rocksdb_cache_destroy(cache);
    return options;
}

static void *open_tree(const char *directory, enum store_use use)
{
    struct tree *tree = must_allocate(1, sizeof *tree);
    char *error = NULL;

    tree->options = new_options(use);
    tree->read = rocksdb_readoptions_create();
    tree->write = rocksdb_writeoptions_create();
    tree->unlogged = rocksdb_writeoptions_create();
    tree->flush = rocksdb_flushoptions_create();
    tree->batch = rocksdb_writebatch_create();
    tree->is_built = use == STORE_BUILD;
    rocksdb_writeoptions_set_sync(tree->write, 1);
    rocksdb_writeoptions_disable_WAL(tree->unlogged, 1);
    tree->db = rocksdb_open(tree->options, directory, &error);
    check(error);
    return tree;
}

static void flush(struct tree *tree)
{
    char *error = NULL;

    rocksdb_flush(tree->db, tree->flush, &error);
    check(error);
}

/* What is only in the log would be read again by every open. */
static void close_tree(void *store)
{
    struct tree *tree = store;

    flush(tree);
    rocksdb_close(tree->db);
    rocksdb_writebatch_destroy(tree->batch);
    rocksdb_flushoptions_destroy(tree->flush);
    rocksdb_writeoptions_destroy(tree->unlogged);
    rocksdb_writeoptions_destroy(tree->write);
    rocksdb_readoptions_destroy(tree->read);
    rocksdb_options_destroy(tree->options);
    free(tree);
}

static void begin_read(void *store)
{
    struct tree *tree = store;

    tree->snapshot = rocksdb_create_snapshot(tree->db);
    rocksdb_readoptions_set_snapshot(tree->read, tree->snapshot);
}

static void end_read(void *store)
{
    struct tree *tree = store;

    rocksdb_readoptions_set_snapshot(tree->read, NULL);
    rocksdb_release_snapshot(tree->db, tree->snapshot);
}

static void commit(void *store)
{
    struct tree *tree = store;
    char *error = NULL;

    if (tree->is_built) {
        flush(tree);
    } else {
        rocksdb_write(tree->db, tree->write, tree->batch, &error);
        check(error);
        rocksdb_writebatch_clear(tree->batch);
    }
    tree->is_built = 0;
}

static void create(void *store, const struct item *item, const void *value)
{
    struct tree *tree = store;
    struct record record;
    const char *const names[] = {item->name}, *const values[] = {(const char *)&record, value};
    const size_t name_sizes[] = {strlen(item->name)}, value_sizes[] = {sizeof record, item->bytes};
    char *error = NULL;

    store_record(item, &record);
    rocksdb_writebatch_putv(tree->batch, 1, names, name_sizes, 2, values, value_sizes);
    if (!tree->is_built)
        return;
    rocksdb_write(tree->db, tree->unlogged, tree->batch, &error);
    check(error);
    rocksdb_writebatch_clear(tree->batch);
}

static void ask(struct tree *tree, const struct item *item, size_t offset, void *answer, size_t bytes)
{
    char *error = NULL;
    rocksdb_pinnableslice_t *slice =
        rocksdb_get_pinned(tree->db, tree->read, item->name, strlen(item->name), &error);
    size_t size = 0;
    const char *data = rocksdb_pinnableslice_value(slice, &size);

    check(error);
    if (size != sizeof(struct record) + item->bytes)
        fail(item->name, "has another size in RocksDB");
    memcpy(answer, data + offset, bytes);
    rocksdb_pinnableslice_destroy(slice);
}

static void find(void *store, const struct item *item, struct record *record)
{
    ask(store, item, 0, record, sizeof *record);
}

static void read_value(void *store, const struct item *item, void *value)
{
    ask(store, item, sizeof(struct record), value, item->bytes);
}

const struct store_kind store_rocksdb = {.name = "RocksDB",
                                         .version = PEER_rocksdb,
                                         .takes_records = 1,
                                         .is_atomic = 1,
                                         .open = open_tree,
                                         .close = close_tree,
                                         .begin_read = begin_read,
                                         .end_read = end_read,
                                         .commit = commit,
                                         .create = create,
                                         .find = find,
                                         .read = read_value};

#endif
