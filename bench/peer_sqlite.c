/*
 * peer_sqlite.c - the same job by hand, on SQLite itself.
 *
 * The tables and indexes are those that a create and a snapshot touch in schema/schema.sql.
 */
#include "peer_sqlite.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct peer {
    sqlite3 *db;
    sqlite3_stmt *begin_read, *begin_write, *commit;
    sqlite3_stmt *scope, *tensor, *variable, *member, *find, *snapshot, *item;
    uint64_t random;
};

enum {
    GLOBAL_ID = 1,
    TRAINABLE_ID = 2,
    VALUE_BYTES = 16,
    HASH_BYTES = 16,
    WAIT_MS = 60000
};

static const char settings[] = "PRAGMA page_size = 16384;"
                               "PRAGMA journal_mode = WAL;"
                               "PRAGMA synchronous = FULL;"
                               "PRAGMA cache_size = -65536;"
                               "PRAGMA mmap_size = 1073741824;"
                               "PRAGMA secure_delete = OFF;"
                               "PRAGMA wal_autocheckpoint = 4000;";

static const char tables[] =
    "CREATE TABLE scopes (id INTEGER PRIMARY KEY, namespace_id INTEGER NOT NULL, parent_id INTEGER,"
    " name TEXT NOT NULL, path TEXT NOT NULL, initializer TEXT, regularizer TEXT, partitioner TEXT,"
    " dtype TEXT, digest INTEGER NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX scopes_path ON scopes (namespace_id, path);"
    "CREATE TABLE variables (id INTEGER PRIMARY KEY, uid INTEGER NOT NULL, scope_id INTEGER NOT NULL,"
    " name TEXT NOT NULL, dtype TEXT NOT NULL, shape TEXT NOT NULL, elements INTEGER NOT NULL,"
    " bytes INTEGER NOT NULL, initializer TEXT NOT NULL, seed INTEGER, regularizer TEXT,"
    " constraint_text TEXT, partitioner TEXT, partition_axis INTEGER, partition_count INTEGER,"
    " tensor_id INTEGER, version INTEGER NOT NULL, created_at INTEGER NOT NULL,"
    " updated_at INTEGER NOT NULL, origin_id INTEGER NOT NULL, site TEXT,"
    " members_digest INTEGER NOT NULL, digest INTEGER NOT NULL) STRICT;"
    "CREATE INDEX variables_tensor ON variables (tensor_id) WHERE tensor_id IS NOT NULL;"
    "CREATE TABLE tensors (id INTEGER PRIMARY KEY, hash BLOB NOT NULL, bytes INTEGER NOT NULL,"
    " dtype TEXT NOT NULL, discriminator INTEGER NOT NULL, min ANY, max ANY, mean REAL, std REAL,"
    " l2_norm REAL, zeros INTEGER, nans INTEGER, pos_infs INTEGER, neg_infs INTEGER,"
    " chunk_count INTEGER NOT NULL, chunks_digest INTEGER NOT NULL, digest INTEGER NOT NULL,"
    " inline BLOB) STRICT;"
    "CREATE UNIQUE INDEX tensors_hash ON tensors (hash, bytes, dtype, discriminator);"
    "CREATE TABLE collection_members (collection_id INTEGER NOT NULL, position INTEGER NOT NULL,"
    " variable_id INTEGER NOT NULL, PRIMARY KEY (collection_id, position)) STRICT, WITHOUT ROWID;"
    "CREATE UNIQUE INDEX collection_members_variable ON collection_members (variable_id, collection_id);"
    "CREATE TABLE snapshots (id INTEGER PRIMARY KEY, uid INTEGER NOT NULL, namespace_id INTEGER NOT NULL,"
    " name TEXT, step INTEGER, metadata TEXT, pinned INTEGER NOT NULL, variables INTEGER NOT NULL,"
    " bytes INTEGER NOT NULL, new_bytes INTEGER NOT NULL, created_at INTEGER NOT NULL,"
    " items_digest INTEGER NOT NULL, digest INTEGER NOT NULL) STRICT;"
    "CREATE INDEX snapshots_step ON snapshots (namespace_id, step);"
    "CREATE TABLE snapshot_items (snapshot_id INTEGER NOT NULL, state_id INTEGER NOT NULL,"
    " PRIMARY KEY (snapshot_id, state_id)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX snapshot_items_state ON snapshot_items (state_id);";

static const char index_full[] = "CREATE UNIQUE INDEX variables_name ON variables (name)";
static const char index_scoped[] = "CREATE UNIQUE INDEX variables_name ON variables (scope_id, name)";

static const char insert_scope[] =
    "INSERT INTO scopes (namespace_id, parent_id, name, path, digest) VALUES (1, 1, ?1, ?1, ?2)";
static const char insert_tensor[] =
    "INSERT INTO tensors (hash, bytes, dtype, discriminator, min, max, mean, std, l2_norm, zeros, nans,"
    " pos_infs, neg_infs, chunk_count, chunks_digest, digest, inline)"
    " VALUES (?1, 16, 'float32', 0, -0.123456789, 0.123456789, 0.0123456789, 0.0987654321, 0.23456789,"
    " 0, 0, 0, 0, 0, 0, ?2, ?3)";
static const char insert_variable[] =
    "INSERT INTO variables (uid, scope_id, name, dtype, shape, elements, bytes, initializer, seed,"
    " tensor_id, version, created_at, updated_at, origin_id, site, members_digest, digest)"
    " VALUES (?1, ?2, ?3, 'float32', '[4]', 4, 16, 'random_normal(0,0.1)', 20, ?4, 1, ?5, ?5, 1,"
    " 'bench/bench_registry.c:100', ?6, ?7)";
/* The next position is asked for: another process may have written in between. */
static const char insert_member[] =
    "INSERT INTO collection_members (collection_id, position, variable_id)"
    " SELECT ?1, coalesce(max(position), -1) + 1, ?2 FROM collection_members WHERE collection_id = ?1";
static const char insert_snapshot[] =
    "INSERT INTO snapshots (uid, namespace_id, pinned, variables, bytes, new_bytes, created_at,"
    " items_digest, digest) VALUES (?1, 1, 0, 10000, 160000, 0, 1700000000000, ?1, ?1)";
static const char insert_item[] = "INSERT INTO snapshot_items (snapshot_id, state_id) VALUES (?1, ?2)";
static const char select_variable[] =
    "SELECT id, uid, dtype, shape, tensor_id, version FROM variables WHERE name = ?1";

static void die(const struct peer *peer, const char *what)
{
    fprintf(stderr, "bench: raw SQLite: %s: %s\n", what,
            peer->db != NULL ? sqlite3_errmsg(peer->db) : "out of memory");
    exit(1);
}

static void execute(const struct peer *peer, const char *sql)
{
    if (sqlite3_exec(peer->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        die(peer, sql);
}

static sqlite3_stmt *prepare(const struct peer *peer, const char *sql)
{
    sqlite3_stmt *stmt = NULL;

    if (sqlite3_prepare_v3(peer->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) != SQLITE_OK)
        die(peer, sql);
    return stmt;
}

static void run(const struct peer *peer, sqlite3_stmt *stmt)
{
    if (sqlite3_step(stmt) != SQLITE_DONE)
        die(peer, sqlite3_sql(stmt));
    (void)sqlite3_reset(stmt);
}

/* splitmix64: hashes and digests are to be spread over their indexes as real ones are. */
static int64_t draw(struct peer *peer)
{
    uint64_t z = peer->random += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (int64_t)((z ^ (z >> 31)) >> 1);
}

static int64_t ask(struct peer *peer, const char *sql)
{
    sqlite3_stmt *stmt = prepare(peer, sql);
    int64_t answer;

    if (sqlite3_step(stmt) != SQLITE_ROW)
        die(peer, sql);
    answer = sqlite3_column_int64(stmt, 0);
    (void)sqlite3_finalize(stmt);
    return answer;
}

static struct peer *open_file(const char *path, int flags)
{
    struct peer *peer = calloc(1, sizeof *peer);

    if (peer == NULL) {
        fprintf(stderr, "bench: out of memory\n");
        exit(1);
    }
    if (sqlite3_open_v2(path, &peer->db, flags | SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK)
        die(peer, path);
    execute(peer, settings);
    return peer;
}

struct peer *peer_look_into(const char *path)
{
    return open_file(path, 0);
}

struct peer *peer_open(const char *path, enum peer_names names)
{
    struct peer *peer = open_file(path, SQLITE_OPEN_CREATE);

    if (ask(peer, "SELECT count(*) FROM sqlite_schema") == 0) {
        execute(peer, tables);
        execute(peer, names == PEER_FULL_NAMES ? index_full : index_scoped);
    }
    peer->random =
        (uint64_t)ask(peer, "SELECT coalesce(max(uid), 0) FROM variables"); /* others than are there */
    peer->begin_read = prepare(peer, "BEGIN");
    peer->begin_write = prepare(peer, "BEGIN IMMEDIATE");
    peer->commit = prepare(peer, "COMMIT");
    peer->scope = prepare(peer, insert_scope);
    peer->tensor = prepare(peer, insert_tensor);
    peer->variable = prepare(peer, insert_variable);
    peer->member = prepare(peer, insert_member);
    peer->find = prepare(peer, select_variable);
    peer->snapshot = prepare(peer, insert_snapshot);
    peer->item = prepare(peer, insert_item);
    return peer;
}

void peer_close(struct peer *peer)
{
    sqlite3_stmt *stmt;

    if (peer == NULL)
        return;
    while ((stmt = sqlite3_next_stmt(peer->db, NULL)) != NULL)
        (void)sqlite3_finalize(stmt);
    (void)sqlite3_close(peer->db);
    free(peer);
}

void peer_join(struct peer *peer, int number)
{
    (void)sqlite3_busy_timeout(peer->db, WAIT_MS);
    peer->random += (uint64_t)number << 48;
}

void peer_begin_read(struct peer *peer)
{
    run(peer, peer->begin_read);
}

void peer_begin_write(struct peer *peer)
{
    run(peer, peer->begin_write);
}

void peer_commit(struct peer *peer)
{
    run(peer, peer->commit);
}

int64_t peer_create_scope(struct peer *peer, const char *path)
{
    (void)sqlite3_bind_text(peer->scope, 1, path, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(peer->scope, 2, draw(peer));
    run(peer, peer->scope);
    return sqlite3_last_insert_rowid(peer->db);
}

static int64_t create_tensor(struct peer *peer, const void *value, size_t bytes)
{
    int64_t hash[HASH_BYTES / sizeof(int64_t)] = {draw(peer), draw(peer)};

    (void)sqlite3_bind_blob(peer->tensor, 1, hash, sizeof hash, SQLITE_STATIC);
    (void)sqlite3_bind_int64(peer->tensor, 2, draw(peer));
    (void)sqlite3_bind_blob64(peer->tensor, 3, value, bytes, SQLITE_STATIC);
    run(peer, peer->tensor);
    (void)sqlite3_clear_bindings(peer->tensor);
    return sqlite3_last_insert_rowid(peer->db);
}

static void add_member(struct peer *peer, int64_t collection_id, int64_t variable_id)
{
    (void)sqlite3_bind_int64(peer->member, 1, collection_id);
    (void)sqlite3_bind_int64(peer->member, 2, variable_id);
    run(peer, peer->member);
}

int64_t peer_create_with(struct peer *peer, int64_t scope_id, const char *name, const void *value,
                         size_t bytes)
{
    const int64_t now = INT64_C(1700000000000);
    int64_t id;

    (void)sqlite3_bind_int64(peer->variable, 1, draw(peer));
    (void)sqlite3_bind_int64(peer->variable, 2, scope_id);
    (void)sqlite3_bind_text(peer->variable, 3, name, -1, SQLITE_STATIC);
    (void)sqlite3_bind_int64(peer->variable, 4, create_tensor(peer, value, bytes));
    (void)sqlite3_bind_int64(peer->variable, 5, now);
    (void)sqlite3_bind_int64(peer->variable, 6, draw(peer));
    (void)sqlite3_bind_int64(peer->variable, 7, draw(peer));
    run(peer, peer->variable);
    id = sqlite3_last_insert_rowid(peer->db);
    add_member(peer, GLOBAL_ID, id);
    add_member(peer, TRAINABLE_ID, id);
    return id;
}

int64_t peer_create(struct peer *peer, int64_t scope_id, const char *name)
{
    int64_t value[VALUE_BYTES / sizeof(int64_t)] = {draw(peer), draw(peer)};

    return peer_create_with(peer, scope_id, name, value, sizeof value);
}

void peer_take_snapshot(struct peer *peer, int states)
{
    int64_t id;

    (void)sqlite3_bind_int64(peer->snapshot, 1, draw(peer));
    run(peer, peer->snapshot);
    id = sqlite3_last_insert_rowid(peer->db);
    for (int i = 1; i <= states; i++) {
        (void)sqlite3_bind_int64(peer->item, 1, id);
        (void)sqlite3_bind_int(peer->item, 2, i);
        run(peer, peer->item);
    }
}

int64_t peer_find(struct peer *peer, const char *name)
{
    int64_t id;

    (void)sqlite3_bind_text(peer->find, 1, name, -1, SQLITE_STATIC);
    if (sqlite3_step(peer->find) != SQLITE_ROW)
        die(peer, name);
    id = sqlite3_column_int64(peer->find, 0);
    /* A program that asks for a variable looks at its dtype and shape. */
    if (sqlite3_column_text(peer->find, 2) == NULL || sqlite3_column_text(peer->find, 3) == NULL)
        die(peer, name);
    (void)sqlite3_reset(peer->find);
    return id;
}

int64_t peer_rows(struct peer *peer, const char *sql)
{
    sqlite3_stmt *stmt = prepare(peer, sql);
    int64_t count = 0;
    int rc;

    for (; (rc = sqlite3_step(stmt)) == SQLITE_ROW; count++)
        for (int i = 0; i < sqlite3_column_count(stmt); i++)
            if (sqlite3_column_text(stmt, i) == NULL && sqlite3_column_type(stmt, i) != SQLITE_NULL)
                die(peer, sql);
    if (rc != SQLITE_DONE)
        die(peer, sql);
    (void)sqlite3_finalize(stmt);
    return count;
}

const char *peer_path(const struct peer *peer)
{
    return sqlite3_db_filename(peer->db, "main");
}

int64_t peer_ask(const char *path, const char *sql)
{
    struct peer peer = {0};
    sqlite3_stmt *stmt;
    int64_t answer;

    if (sqlite3_open_v2(path, &peer.db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        die(&peer, path);
    stmt = prepare(&peer, sql);
    if (sqlite3_step(stmt) != SQLITE_ROW)
        die(&peer, sql);
    answer = sqlite3_column_int64(stmt, 0);
    (void)sqlite3_finalize(stmt);
    (void)sqlite3_close(peer.db);
    return answer;
}

int peer_page_size(const char *path)
{
    return (int)peer_ask(path, "PRAGMA page_size");
}
