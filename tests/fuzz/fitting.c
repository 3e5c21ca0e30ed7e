/* fitting.c - see fitting.h. */
#include "fitting.h"

#include <stdlib.h>

#include "../support/column_value.h"
#include "digest.h"

#define ARGUMENTS_MAX 32

static void must(int good)
{
    if (!good)
        abort();
}

static void take_row(int count, sqlite3_value **arguments, vdb_value columns[ARGUMENTS_MAX])
{
    must(count <= ARGUMENTS_MAX);
    for (int i = 0; i < count; i++)
        columns[i] = column_value(arguments[i]);
}

static void digest(sqlite3_context *context, int count, sqlite3_value **arguments)
{
    vdb_value columns[ARGUMENTS_MAX];
    take_row(count, arguments, columns);
    sqlite3_result_int64(context, vdb_digest_row(columns, (size_t)count));
}

static void yield_hash(sqlite3_context *context, vdb_hash hash)
{
    sqlite3_result_blob(context, &hash, sizeof hash, SQLITE_TRANSIENT);
}

static void hash_row(sqlite3_context *context, int count, sqlite3_value **arguments)
{
    vdb_value columns[ARGUMENTS_MAX];
    take_row(count, arguments, columns);
    yield_hash(context, vdb_hash_row(columns, (size_t)count));
}

static void hash(sqlite3_context *context, int count, sqlite3_value **arguments)
{
    const void *data = sqlite3_value_blob(arguments[0]);
    (void)count;
    yield_hash(context, vdb_hash_bytes(data ? data : "", (size_t)sqlite3_value_bytes(arguments[0])));
}

static void join(sqlite3_context *context, int count, sqlite3_value **arguments)
{
    vdb_hasher **hasher = sqlite3_aggregate_context(context, sizeof(vdb_hasher *));
    const void *data = sqlite3_value_blob(arguments[0]);
    (void)count;
    must(hasher && (*hasher || (*hasher = vdb_hasher_new())));
    if (data)
        vdb_hasher_add(*hasher, data, (size_t)sqlite3_value_bytes(arguments[0]));
}

static void end_join(sqlite3_context *context)
{
    vdb_hasher **hasher = sqlite3_aggregate_context(context, 0);
    if (!hasher)
        return;
    yield_hash(context, vdb_hasher_end(*hasher));
    vdb_hasher_free(*hasher);
}

static void add(sqlite3_context *context, int count, sqlite3_value **arguments)
{
    uint64_t *sum = sqlite3_aggregate_context(context, sizeof *sum);
    (void)count;
    must(sum != NULL);
    *sum += (uint64_t)sqlite3_value_int64(arguments[0]);
}

static void end_sum(sqlite3_context *context)
{
    const uint64_t *sum = sqlite3_aggregate_context(context, 0);
    sqlite3_result_int64(context, sum ? (int64_t)*sum : 0);
}

void fitting_add(sqlite3 *db)
{
    static const struct {
        const char *name;
        int arguments;
        void (*call)(sqlite3_context *, int, sqlite3_value **),
            (*step)(sqlite3_context *, int, sqlite3_value **);
        void (*end)(sqlite3_context *);
    } functions[] = {
        {"digest_of", -1, digest, NULL, NULL},    {"sum_of", 1, NULL, add, end_sum},
        {"hash_of", 1, hash, NULL, NULL},         {"hash_of_row", -1, hash_row, NULL, NULL},
        {"hash_of_all", 1, NULL, join, end_join},
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        must(sqlite3_create_function(db, functions[i].name, functions[i].arguments, SQLITE_UTF8, NULL,
                                     functions[i].call, functions[i].step, functions[i].end) == SQLITE_OK);
}
