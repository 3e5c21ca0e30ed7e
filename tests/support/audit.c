/* audit.c - see audit.h. */
#include "audit.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "clean.h"
#include "digest.h"

static sqlite3 *db;

static sqlite3_stmt *prepare(const char *sql)
{
    sqlite3_stmt *s = NULL;
    ck_assert_msg(sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK, "%s: %s", sql, sqlite3_errmsg(db));
    return s;
}

static int64_t number(const char *sql)
{
    sqlite3_stmt *s = prepare(sql);
    ck_assert_int_eq(sqlite3_step(s), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return n;
}

static vdb_value value(sqlite3_stmt *s, int i)
{
    switch (sqlite3_column_type(s, i)) {
    case SQLITE_INTEGER:
        return vdb_int(sqlite3_column_int64(s, i));
    case SQLITE_FLOAT:
        return vdb_real(sqlite3_column_double(s, i));
    case SQLITE_TEXT:
        return vdb_text_n((const char *)sqlite3_column_text(s, i), (size_t)sqlite3_column_bytes(s, i));
    case SQLITE_BLOB:
        return vdb_blob(sqlite3_column_blob(s, i), (size_t)sqlite3_column_bytes(s, i));
    default:
        return vdb_null();
    }
}

static int64_t digest_of(sqlite3_stmt *s, int columns)
{
    vdb_value at[32];
    ck_assert_int_le(columns, 32);
    for (int i = 0; i < columns; i++)
        at[i] = value(s, i);
    return vdb_digest_row(at, (size_t)columns);
}

/* The table's column "digest" is that of the columns before it. */
static void digests_are_right(const char *table)
{
    char sql[96];
    snprintf(sql, sizeof sql, "SELECT * FROM %s", table);
    sqlite3_stmt *s = prepare(sql);
    int columns = 0;
    while (strcmp(sqlite3_column_name(s, columns), "digest") != 0)
        columns++;
    while (sqlite3_step(s) == SQLITE_ROW)
        ck_assert_msg(digest_of(s, columns) == sqlite3_column_int64(s, columns), "%s %lld: wrong digest",
                      table, (long long)sqlite3_column_int64(s, 0));
    sqlite3_finalize(s);
}

/* Rows of (owner, the owner's sum, then the columns of a list's row), by owner. */
static void sums_are_right(const char *what, const char *owners, const char *list)
{
    sqlite3_stmt *s = prepare(owners), *l = prepare(list);
    while (sqlite3_step(s) == SQLITE_ROW) {
        uint64_t sum = 0;
        sqlite3_bind_int64(l, 1, sqlite3_column_int64(s, 0));
        while (sqlite3_step(l) == SQLITE_ROW)
            sum += (uint64_t)digest_of(l, sqlite3_column_count(l));
        sqlite3_reset(l);
        ck_assert_msg((int64_t)sum == sqlite3_column_int64(s, 1), "%s %lld: wrong sum of its list", what,
                      (long long)sqlite3_column_int64(s, 0));
    }
    sqlite3_finalize(l);
    sqlite3_finalize(s);
}

static void hashes_of_states_are_right(void)
{
    sqlite3_stmt *s =
        prepare("SELECT variable_id, variable_uid, name, dtype, shape, elements, bytes, initializer, "
                "seed, regularizer, constraint_text, partitioner, collections, tensor_id, hash, id "
                "FROM varsdb_states");
    while (sqlite3_step(s) == SQLITE_ROW) {
        vdb_value at[14];
        for (int i = 0; i < 14; i++)
            at[i] = value(s, i);
        vdb_hash hash = vdb_hash_row(at, 14);
        ck_assert_int_eq(sqlite3_column_bytes(s, 14), sizeof hash);
        ck_assert_msg(memcmp(sqlite3_column_blob(s, 14), &hash, sizeof hash) == 0, "state %lld: wrong hash",
                      (long long)sqlite3_column_int64(s, 15));
    }
    sqlite3_finalize(s);
}

static void none(const char *what, const char *sql)
{
    ck_assert_msg(number(sql) == 0, "%s", what);
}

static void references_lead_somewhere(void)
{
    none("an item without its snapshot", "SELECT count(*) FROM varsdb_snapshot_items WHERE snapshot_id NOT "
                                         "IN (SELECT id FROM varsdb_snapshots)");
    none("an item without its state",
         "SELECT count(*) FROM varsdb_snapshot_items WHERE state_id NOT IN (SELECT id FROM varsdb_states)");
    none("a state without its tensor", "SELECT count(*) FROM varsdb_states WHERE tensor_id IS NOT NULL AND "
                                       "tensor_id NOT IN (SELECT id FROM varsdb_tensors)");
    none("a variable without its tensor", "SELECT count(*) FROM varsdb_variables WHERE tensor_id IS NOT NULL "
                                          "AND tensor_id NOT IN (SELECT id FROM varsdb_tensors)");
    none("attributes of a snapshot that is gone",
         "SELECT count(*) FROM varsdb_attributes WHERE owner_kind = 'snapshot' "
         "AND owner_id NOT IN (SELECT id FROM varsdb_snapshots)");
    none("a state that is in no snapshot",
         "SELECT count(*) FROM varsdb_states WHERE id NOT IN (SELECT state_id FROM varsdb_snapshot_items)");
    none("a tensor that nothing refers to",
         "SELECT count(*) FROM varsdb_tensors t WHERE NOT EXISTS (SELECT 1 FROM varsdb_variables v WHERE "
         "v.tensor_id = t.id) AND NOT EXISTS (SELECT 1 FROM varsdb_states w WHERE w.tensor_id = t.id)");
    none("a list of chunks without its tensor",
         "SELECT count(*) FROM varsdb_tensor_chunks WHERE tensor_id NOT IN (SELECT id FROM varsdb_tensors)");
    none("a chunk that nothing refers to",
         "SELECT count(*) FROM varsdb_chunks WHERE id NOT IN (SELECT chunk_id FROM varsdb_tensor_chunks)"
         " AND id NOT IN (SELECT chunk_id FROM varsdb_free_chunks)");
}

static void counts_are_right(void)
{
    none("a snapshot's counts are wrong",
         "SELECT count(*) FROM varsdb_snapshots p WHERE (p.variables, p.bytes) <> "
         "(SELECT count(*), coalesce(sum(w.bytes), 0) FROM varsdb_snapshot_items i JOIN varsdb_states w "
         "ON w.id = i.state_id WHERE i.snapshot_id = p.id)");
}

/* The library's own opinion comes last. */
static void is_verified(const registry *r)
{
    varsdb *reader;
    ck_assert_int_eq(varsdb_open(r->path, VARSDB_OPEN(.flags = VARSDB_READ_ONLY), &reader), VARSDB_OK);
    check_clean(reader);
    varsdb_close(reader);
}

void audit(const registry *r)
{
    static const char *const tables[] = {
        "varsdb_registry",  "varsdb_namespaces", "varsdb_scopes",      "varsdb_origins",
        "varsdb_variables", "varsdb_tensors",    "varsdb_collections", "varsdb_snapshots",
        "varsdb_states",    "varsdb_attributes", "varsdb_chunks",      "varsdb_tensor_chunks",
    };
    ck_assert_int_eq(sqlite3_open_v2(r->path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        digests_are_right(tables[i]);
    sums_are_right("snapshot", "SELECT id, items_digest FROM varsdb_snapshots",
                   "SELECT snapshot_id, state_id FROM varsdb_snapshot_items WHERE snapshot_id = ?");
    sums_are_right("variable", "SELECT id, members_digest FROM varsdb_variables",
                   "SELECT collection_id, position, variable_id FROM varsdb_collection_members "
                   "WHERE variable_id = ?");
    sums_are_right("tensor", "SELECT id, chunks_digest FROM varsdb_tensors",
                   "SELECT tensor_id, position, chunk_id FROM varsdb_tensor_chunks WHERE tensor_id = ?");
    hashes_of_states_are_right();
    references_lead_somewhere();
    counts_are_right();
    sqlite3_close(db);
    is_verified(r);
}
