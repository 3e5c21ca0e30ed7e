/* chunk.c - see chunk.h. */
#include "chunk.h"

#include "row.h"

enum {
    CHUNK_ID,
    CHUNK_HASH,
    CHUNK_BYTES,
    CHUNK_DISCRIMINATOR,
    CHUNK_COLUMNS /* the digest comes next: of the id too, so that no other row passes for this one */
};

/* Only one of the common size: an overwrite of another would free pages and take others. */
static int take_free(varsdb *db, size_t bytes, int64_t *id, bool *found)
{
    *found = false;
    if (bytes != (size_t)db->chunk_bytes)
        return VARSDB_OK;
    return vdb_get_int(db->engine, VDB_Q_CHUNK_TAKE_FREE, VDB_ARGS(vdb_int((int64_t)bytes)), id, found);
}

static int insert(varsdb *db, const vdb_hash *hash, int64_t discriminator, const void *data, size_t bytes,
                  int64_t *id)
{
    int64_t new_id;
    bool old = false;
    int rc = take_free(db, bytes, &new_id, &old);
    if (rc == VARSDB_OK && !old)
        rc = vdb_row_take_id(db, VDB_Q_CHUNK_NEXT_ID, &db->next.chunk, &new_id);
    if (rc != VARSDB_OK)
        return rc;
    vdb_value at[CHUNK_COLUMNS + 2] = {
        [CHUNK_ID] = vdb_int(new_id),
        [CHUNK_HASH] = vdb_blob(hash, sizeof *hash),
        [CHUNK_BYTES] = vdb_int((int64_t)bytes),
        [CHUNK_DISCRIMINATOR] = vdb_int(discriminator),
    };
    at[CHUNK_COLUMNS] = vdb_int(vdb_digest_row(at, CHUNK_COLUMNS));
    at[CHUNK_COLUMNS + 1] = vdb_blob(data, bytes);
    rc = vdb_run(db->engine, old ? VDB_Q_CHUNK_OVERWRITE : VDB_Q_CHUNK_INSERT, at, CHUNK_COLUMNS + 2);
    if (rc == VARSDB_OK)
        *id = new_id;
    return rc;
}

/* It may have been free. */
static int keep(varsdb *db, int64_t there, int64_t *id)
{
    int rc = vdb_run(db->engine, VDB_Q_CHUNK_KEEP, VDB_ARGS(vdb_int(there)));
    if (rc == VARSDB_OK)
        *id = there;
    return rc;
}

/* The one with the least discriminator from *discriminator on, which becomes its. */
static int find(varsdb *db, const vdb_hash *hash, size_t bytes, int64_t *discriminator, int64_t *id,
                bool *found)
{
    return vdb_row_find_alike(
        db, VDB_Q_CHUNK_FIND,
        VDB_ARGS(vdb_blob(hash, sizeof *hash), vdb_int((int64_t)bytes), vdb_int(*discriminator)), id,
        discriminator, found);
}

int vdb_chunk_exists(varsdb *db, const vdb_hash *hash, size_t bytes, bool *out)
{
    int64_t id, discriminator = 0;
    return find(db, hash, bytes, &discriminator, &id, out);
}

/* A stored chunk with our hash: *same when it has our bytes.  One that has others either rotted, and then
 * its bytes do not have that hash any more, or is a true collision. */
static int compare(varsdb *db, int64_t id, const vdb_hash *hash, const void *data, size_t bytes,
                   void *scratch, bool *same, bool *rotten)
{
    int rc = db->engine->methods->blob_read(db->engine, VDB_BLOB_CHUNK, id, 0, scratch, bytes);
    *same = rc == VARSDB_OK && memcmp(scratch, data, bytes) == 0;
    *rotten = rc == VARSDB_CORRUPT; /* too few bytes */
    if (*rotten) {
        vdb_error_clear(&db->error);
        return VARSDB_OK;
    }
    if (rc == VARSDB_OK && !*same) {
        vdb_hash now = vdb_hash_bytes(scratch, bytes);
        *rotten = memcmp(&now, hash, sizeof now) != 0;
    }
    return rc;
}

/* Our bytes mend a rotten one; but where several have this hash nobody knows whose bytes it had, and it is
 * left alone. */
int vdb_chunk_store(varsdb *db, const vdb_hash *hash, const void *data, size_t bytes, void *scratch,
                    int64_t *id)
{
    int64_t alike = 0, there = 0, discriminator = 0;
    bool found = true, same = false, rotten = false;
    int rc = find(db, hash, bytes, &discriminator, &there, &found);
    while (rc == VARSDB_OK && found) {
        alike++;
        rc = compare(db, there, hash, data, bytes, scratch, &same, &rotten);
        if (rc == VARSDB_OK && same)
            return keep(db, there, id);
        discriminator++;
        if (rc == VARSDB_OK)
            rc = find(db, hash, bytes, &discriminator, &there, &found);
    }
    if (rc != VARSDB_OK)
        return rc;
    if (alike != 1 || !rotten)
        return insert(db, hash, discriminator, data, bytes, id);
    rc = vdb_run(db->engine, VDB_Q_CHUNK_MEND, VDB_ARGS(vdb_int(there), vdb_blob(data, bytes)));
    return rc == VARSDB_OK ? keep(db, there, id) : rc;
}

/* ---- reading */

int vdb_chunk_fail(varsdb *db, const char *name, int64_t position)
{
    return vdb_fail(&db->error, VARSDB_CORRUPT, "%s: chunk %lld of variable %s is damaged or missing",
                    db->path, (long long)position, name);
}

enum {
    LINK_TENSOR_ID,
    LINK_POSITION,
    LINK_CHUNK_ID,
    LINK_DIGEST,
    LINK_CHUNK /* its columns, and its digest */
};

int vdb_chunk_link_read(varsdb *db, vdb_rows *rows, int64_t tensor_id, const char *name, int64_t position,
                        size_t bytes, vdb_chunk_link *out)
{
    vdb_value at[VDB_CHUNK_LINK_COLUMNS];
    vdb_row_columns(db, rows, at, VDB_CHUNK_LINK_COLUMNS);
    const vdb_value *chunk = at + LINK_CHUNK;
    if (at[LINK_TENSOR_ID].integer != tensor_id || at[LINK_POSITION].integer != position ||
        vdb_digest_row(at, LINK_DIGEST) != at[LINK_DIGEST].integer || chunk[CHUNK_HASH].kind != VDB_BLOB ||
        chunk[CHUNK_HASH].bytes != sizeof out->hash || chunk[CHUNK_BYTES].integer != (int64_t)bytes ||
        vdb_digest_row(chunk, CHUNK_COLUMNS) != chunk[CHUNK_COLUMNS].integer)
        return vdb_chunk_fail(db, name, position);
    *out = (vdb_chunk_link){.position = position, .id = at[LINK_CHUNK_ID].integer};
    memcpy(&out->hash, chunk[CHUNK_HASH].data, sizeof out->hash);
    return VARSDB_OK;
}

static int read_bytes(varsdb *db, const vdb_chunk_link *link, const char *name, size_t offset, void *buffer,
                      size_t bytes)
{
    int rc = db->engine->methods->blob_read(db->engine, VDB_BLOB_CHUNK, link->id, offset, buffer, bytes);
    return rc == VARSDB_CORRUPT ? vdb_chunk_fail(db, name, link->position) : rc;
}

static int read_checked(varsdb *db, const vdb_chunk_link *link, const char *name, void *buffer, size_t bytes)
{
    int rc = read_bytes(db, link, name, 0, buffer, bytes);
    if (rc != VARSDB_OK)
        return rc;
    vdb_hash now = vdb_hash_bytes(buffer, bytes);
    return memcmp(&now, &link->hash, sizeof now) == 0 ? rc : vdb_chunk_fail(db, name, link->position);
}

int vdb_chunk_read(varsdb *db, const vdb_chunk_link *link, const char *name, size_t chunk_bytes,
                   size_t offset, void *buffer, size_t bytes, void *scratch)
{
    if (db->flags & VARSDB_UNCHECKED)
        return read_bytes(db, link, name, offset, buffer, bytes);
    if (bytes == chunk_bytes)
        return read_checked(db, link, name, buffer, bytes);
    int rc = read_checked(db, link, name, scratch, chunk_bytes);
    if (rc == VARSDB_OK)
        memcpy(buffer, (const char *)scratch + offset, bytes);
    return rc;
}
