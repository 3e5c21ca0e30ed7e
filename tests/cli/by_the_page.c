/*
 * by_the_page.c - reads a registry by what varsdb(5) says, and by nothing else.
 *
 *     by_the_page FILE
 *
 * Every digest, every sum of digests and every hash is computed from the page's words, with SQLite
 * and xxHash alone.  Prints how many of each agree, and how many do not.
 */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

static sqlite3 *db;
static int differ;

static sqlite3_stmt *prepare(const char *sql)
{
    sqlite3_stmt *rows = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &rows, NULL) != SQLITE_OK) {
        printf("%s: %s\n", sql, sqlite3_errmsg(db));
        differ++;
    }
    return rows;
}

/* "Digests": for each column its kind, a word, and the bytes of text and blobs. */
static void put_column(XXH3_state_t *state, int bits, sqlite3_stmt *row, int column)
{
    unsigned char head[9] = {0};
    const void *bytes = NULL;
    uint64_t word = 0;
    double real;
    switch (sqlite3_column_type(row, column)) {
    case SQLITE_INTEGER:
        head[0] = 1;
        word = (uint64_t)sqlite3_column_int64(row, column);
        break;
    case SQLITE_FLOAT:
        head[0] = 2;
        real = sqlite3_column_double(row, column);
        memcpy(&word, &real, sizeof word);
        break;
    case SQLITE_TEXT:
    case SQLITE_BLOB:
        head[0] = sqlite3_column_type(row, column) == SQLITE_TEXT ? 3 : 4;
        bytes = sqlite3_column_blob(row, column);
        word = (uint64_t)sqlite3_column_bytes(row, column);
        break;
    default:
        break;
    }
    for (int i = 0; i < 8; i++)
        head[1 + i] = (unsigned char)(word >> (8 * i));
    (bits == 64 ? XXH3_64bits_update : XXH3_128bits_update)(state, head, sizeof head);
    if (bytes)
        (bits == 64 ? XXH3_64bits_update : XXH3_128bits_update)(state, bytes, (size_t)word);
}

/* Columns [from, to) but for one. */
static void put_row(XXH3_state_t *state, int bits, sqlite3_stmt *row, int from, int to, int without)
{
    if (bits == 64)
        XXH3_64bits_reset(state);
    else
        XXH3_128bits_reset(state);
    for (int i = from; i < to; i++)
        if (i != without)
            put_column(state, bits, row, i);
}

static uint64_t digest_of(XXH3_state_t *state, sqlite3_stmt *row, int from, int to, int without)
{
    put_row(state, 64, row, from, to, without);
    return XXH3_64bits_digest(state);
}

static int is_hash(XXH128_hash_t hash, const void *stored)
{
    XXH128_canonical_t bytes;
    XXH128_canonicalFromHash(&bytes, hash);
    return stored && memcmp(bytes.digest, stored, sizeof bytes.digest) == 0;
}

static void tell(const char *what, int agree, int wrong)
{
    printf("%s: %d agree, %d differ\n", what, agree, wrong);
    differ += wrong;
}

/* A table's column `digest` over its other columns, without inline and data. */
static void digests(XXH3_state_t *state, const char *table)
{
    char sql[128];
    int agree = 0, wrong = 0, digest = -1, end = 0;
    snprintf(sql, sizeof sql, "SELECT * FROM %s", table);
    sqlite3_stmt *row = prepare(sql);
    for (int i = 0; i < sqlite3_column_count(row); i++) {
        const char *name = sqlite3_column_name(row, i);
        if (strcmp(name, "digest") == 0)
            digest = i;
        if (strcmp(name, "inline") != 0 && strcmp(name, "data") != 0)
            end = i + 1;
    }
    while (digest >= 0 && sqlite3_step(row) == SQLITE_ROW) {
        if (digest_of(state, row, 0, end, digest) == (uint64_t)sqlite3_column_int64(row, digest))
            agree++;
        else
            wrong++;
    }
    sqlite3_finalize(row);
    if (digest >= 0)
        tell(table, agree, wrong);
}

static void all_digests(XXH3_state_t *state)
{
    sqlite3_stmt *tables = prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid");
    while (sqlite3_step(tables) == SQLITE_ROW)
        digests(state, (const char *)sqlite3_column_text(tables, 0));
    sqlite3_finalize(tables);
}

/* Rows are the owner's id, its sum, and then the columns that a digest is of; by owner. */
static void sums(XXH3_state_t *state, const char *what, const char *sql)
{
    int agree = 0, wrong = 0, more;
    sqlite3_stmt *row = prepare(sql);
    more = sqlite3_step(row) == SQLITE_ROW;
    while (more) {
        int64_t owner = sqlite3_column_int64(row, 0);
        uint64_t sum = 0, stored = (uint64_t)sqlite3_column_int64(row, 1);
        while (more && sqlite3_column_int64(row, 0) == owner) {
            sum += digest_of(state, row, 2, sqlite3_column_count(row), -1);
            more = sqlite3_step(row) == SQLITE_ROW;
        }
        if (sum == stored)
            agree++;
        else
            wrong++;
    }
    sqlite3_finalize(row);
    tell(what, agree, wrong);
}

/* Rows are a hash and bytes; a tensor's chunks follow each other, by its id. */
static void hashes(XXH3_state_t *state, const char *what, const char *sql)
{
    int agree = 0, wrong = 0, more;
    sqlite3_stmt *row = prepare(sql);
    more = sqlite3_step(row) == SQLITE_ROW;
    while (more) {
        int64_t id = sqlite3_column_int64(row, 0);
        unsigned char stored[16] = {0};
        if (sqlite3_column_bytes(row, 1) == sizeof stored)
            memcpy(stored, sqlite3_column_blob(row, 1), sizeof stored);
        XXH3_128bits_reset(state);
        while (more && sqlite3_column_int64(row, 0) == id) {
            if (sqlite3_column_bytes(row, 2))
                XXH3_128bits_update(state, sqlite3_column_blob(row, 2), (size_t)sqlite3_column_bytes(row, 2));
            more = sqlite3_step(row) == SQLITE_ROW;
        }
        if (is_hash(XXH3_128bits_digest(state), stored))
            agree++;
        else
            wrong++;
    }
    sqlite3_finalize(row);
    tell(what, agree, wrong);
}

static void state_hashes(XXH3_state_t *state)
{
    int agree = 0, wrong = 0;
    sqlite3_stmt *row = prepare("SELECT * FROM varsdb_states");
    while (sqlite3_step(row) == SQLITE_ROW) {
        put_row(state, 128, row, 2, sqlite3_column_count(row) - 1, -1);
        if (is_hash(XXH3_128bits_digest(state), sqlite3_column_blob(row, 1)))
            agree++;
        else
            wrong++;
    }
    sqlite3_finalize(row);
    tell("hashes of states", agree, wrong);
}

int main(int argc, char **argv)
{
    XXH3_state_t *state = XXH3_createState();
    if (argc != 2 || !state || sqlite3_open_v2(argv[1], &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        return 2;
    all_digests(state);
    sums(state, "members_digest",
         "SELECT v.id, v.members_digest, m.collection_id, m.position, m.variable_id FROM varsdb_variables v "
         "JOIN varsdb_collection_members m ON m.variable_id = v.id ORDER BY v.id");
    sums(state, "chunks_digest",
         "SELECT t.id, t.chunks_digest, c.tensor_id, c.position, c.chunk_id FROM varsdb_tensors t "
         "JOIN varsdb_tensor_chunks c ON c.tensor_id = t.id ORDER BY t.id");
    sums(state, "items_digest",
         "SELECT p.id, p.items_digest, i.snapshot_id, i.state_id FROM varsdb_snapshots p "
         "JOIN varsdb_snapshot_items i ON i.snapshot_id = p.id ORDER BY p.id");
    hashes(state, "hashes of small tensors",
           "SELECT id, hash, inline FROM varsdb_tensors WHERE chunk_count = 0 ORDER BY id");
    hashes(
        state, "hashes of large tensors",
        "SELECT t.id, t.hash, c.data FROM varsdb_tensors t JOIN varsdb_tensor_chunks l ON l.tensor_id = t.id "
        "JOIN varsdb_chunks c ON c.id = l.chunk_id ORDER BY t.id, l.position");
    hashes(state, "hashes of chunks", "SELECT id, hash, data FROM varsdb_chunks ORDER BY id");
    state_hashes(state);
    XXH3_freeState(state);
    sqlite3_close(db);
    return differ != 0;
}
