/* chunk.c - see chunk.h. */
#include "chunk.h"

#include "digest.h"
#include "row.h"

enum {
    CHUNK_ID,
    CHUNK_HASH,
    CHUNK_BYTES,
    CHUNK_DISCRIMINATOR,
    CHUNK_COLUMNS /* the digest comes next: of the id too, so that no other row passes for this one */
};

static int insert(varsdb *db, const vdb_hash *hash, int64_t discriminator, const void *data, size_t bytes,
                  int64_t *id)
{
    int64_t new_id;
    int rc = vdb_row_take_id(db, VDB_Q_CHUNK_NEXT_ID, &db->next.chunk, &new_id);
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
    rc = vdb_run(db->engine, VDB_Q_CHUNK_INSERT, at, CHUNK_COLUMNS + 2);
    if (rc == VARSDB_OK)
        *id = new_id;
    return rc;
}

/* The stored chunk has our hash and other bytes (NULL: too few of them).  Either it rotted: then its
 * bytes do not have that hash any more, and ours mend it.  Or it is a true collision. */
static int mend_if_rotten(varsdb *db, int64_t id, const vdb_hash *hash, const void *data, const void *stored,
                          size_t bytes, bool *mended)
{
    *mended = true;
    if (stored) {
        vdb_hash now = vdb_hash_bytes(stored, bytes);
        *mended = memcmp(&now, hash, sizeof now) != 0;
    }
    if (!*mended)
        return VARSDB_OK;
    return vdb_run(db->engine, VDB_Q_CHUNK_MEND, VDB_ARGS(vdb_int(id), vdb_blob(data, bytes)));
}

int vdb_chunk_store(varsdb *db, const void *data, size_t bytes, void *scratch, int64_t *id)
{
    vdb_hash hash = vdb_hash_bytes(data, bytes);
    for (int64_t discriminator = 0;; discriminator++) {
        int64_t there;
        bool found = false, mended = false;
        int rc = vdb_get_int(
            db->engine, VDB_Q_CHUNK_FIND,
            VDB_ARGS(vdb_blob(&hash, sizeof hash), vdb_int((int64_t)bytes), vdb_int(discriminator)), &there,
            &found);
        if (rc != VARSDB_OK)
            return rc;
        if (!found)
            return insert(db, &hash, discriminator, data, bytes, id);
        rc = db->engine->methods->blob_read(db->engine, VDB_BLOB_CHUNK, there, 0, scratch, bytes);
        bool short_of_bytes = rc == VARSDB_CORRUPT;
        if (short_of_bytes)
            vdb_error_clear(&db->error);
        if (short_of_bytes || (rc == VARSDB_OK && memcmp(scratch, data, bytes) != 0))
            rc = mend_if_rotten(db, there, &hash, data, short_of_bytes ? NULL : scratch, bytes, &mended);
        if (rc != VARSDB_OK)
            return rc;
        if (mended || memcmp(scratch, data, bytes) == 0) {
            *id = there;
            return VARSDB_OK;
        }
    }
}

/* *good is false when there is no such chunk, or its row is damaged. */
static int stored_hash(varsdb *db, int64_t id, vdb_hash *out, bool *good)
{
    vdb_value at[CHUNK_COLUMNS];
    vdb_rows *rows = NULL;
    bool row = false;
    *good = false;
    int rc = vdb_start(db->engine, VDB_Q_CHUNK_BY_ID, VDB_ARGS(vdb_int(id)), &rows);
    if (rc == VARSDB_OK)
        rc = vdb_next(db->engine, rows, &row);
    if (rc == VARSDB_OK && row) {
        vdb_row_columns(db, rows, at, CHUNK_COLUMNS);
        *good = at[CHUNK_HASH].kind == VDB_BLOB && at[CHUNK_HASH].bytes == sizeof *out &&
                vdb_digest_row(at, CHUNK_COLUMNS) == vdb_column(db->engine, rows, CHUNK_COLUMNS).integer;
        if (*good)
            memcpy(out, at[CHUNK_HASH].data, sizeof *out);
    }
    vdb_finish(db->engine, rows);
    return rc;
}

int vdb_chunk_read(varsdb *db, int64_t id, const char *name, int64_t position, void *buffer, size_t bytes)
{
    vdb_hash stored, now;
    bool good = false;
    int rc = stored_hash(db, id, &stored, &good);
    if (rc == VARSDB_OK && good)
        rc = db->engine->methods->blob_read(db->engine, VDB_BLOB_CHUNK, id, 0, buffer, bytes);
    if (rc == VARSDB_CORRUPT)
        good = false;
    else if (rc != VARSDB_OK)
        return rc;
    if (good) {
        now = vdb_hash_bytes(buffer, bytes);
        good = memcmp(&now, &stored, sizeof now) == 0;
    }
    if (good)
        return VARSDB_OK;
    return vdb_fail(&db->error, VARSDB_CORRUPT, "%s: chunk %lld of variable %s is damaged or missing",
                    db->path, (long long)position, name);
}
