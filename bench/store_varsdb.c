/*
 * store_varsdb.c - a registry.
 *
 * A commit syncs the log (SQLite's WAL); a registry that is built is
 * synced and then gets its name.
 */
#include <stdlib.h>

#include "fail.h"
#include "file.h"
#include "store.h"
#include "varsdb.h"

struct registry {
    varsdb *db;
    int is_built; /* and not published yet */
};

static void *open_registry(const char *directory, enum store_use use)
{
    static const int64_t seed = 20;
    struct registry *registry = must_allocate(1, sizeof *registry);
    unsigned flags = use == STORE_BUILD ? VARSDB_BUILD : use == STORE_MAKE ? VARSDB_CREATE_FILE : 0;
    char path[FILE_PATH_ROOM];
    int rc;

    file_path(directory, "ours.db", path);
    registry->is_built = use == STORE_BUILD;
    rc = varsdb_open(path, VARSDB_OPEN(.flags = flags, .seed = &seed), &registry->db);
    must(registry->db, rc);
    return registry;
}

static void close_registry(void *store)
{
    struct registry *registry = store;

    varsdb_close(registry->db);
    free(registry);
}

static void begin_read(void *store)
{
    struct registry *registry = store;

    must(registry->db, varsdb_begin_read(registry->db));
}

static void end_read(void *store)
{
    struct registry *registry = store;

    must(registry->db, varsdb_commit(registry->db));
}

static void begin_write(void *store)
{
    struct registry *registry = store;

    must(registry->db, varsdb_begin(registry->db));
}

static void commit(void *store)
{
    struct registry *registry = store;

    must(registry->db, varsdb_commit(registry->db));
    if (registry->is_built)
        must(registry->db, varsdb_publish(registry->db));
    registry->is_built = 0;
}

static void create(void *store, const struct item *item, const void *value)
{
    const int64_t elements = (int64_t)(item->bytes / sizeof(float));
    struct registry *registry = store;
    const varsdb_variable *variable;

    must(registry->db,
         varsdb_get_variable(registry->db, item->name,
                             VARSDB_WITH(.shape = VARSDB_SHAPE(elements), .dtype = VARSDB_FLOAT32,
                                         .reuse = VARSDB_CREATE, .value = value, .value_bytes = item->bytes),
                             NULL, &variable));
}

static const varsdb_variable *variable_of(const struct registry *registry, const struct item *item)
{
    const varsdb_variable *variable;

    must(registry->db, varsdb_find_variable(registry->db, item->name, &variable));
    return variable;
}

static void find(void *store, const struct item *item, struct record *record)
{
    const varsdb_variable *variable = variable_of(store, item);
    const varsdb_shape *shape = varsdb_variable_shape(variable);

    record->dtype = (int32_t)varsdb_variable_dtype(variable);
    record->rank = shape->rank;
    record->dims[0] = shape->dims[0];
}

static void read_value(void *store, const struct item *item, void *value)
{
    struct registry *registry = store;

    must(registry->db, varsdb_read(registry->db, variable_of(registry, item), value, item->bytes));
}

const struct store_kind store_varsdb = {.name = "varsdb",
                                        .version = VARSDB_VERSION,
                                        .takes_records = 1,
                                        .is_atomic = 1,
                                        .open = open_registry,
                                        .close = close_registry,
                                        .begin_read = begin_read,
                                        .end_read = end_read,
                                        .begin_write = begin_write,
                                        .commit = commit,
                                        .create = create,
                                        .find = find,
                                        .read = read_value};
