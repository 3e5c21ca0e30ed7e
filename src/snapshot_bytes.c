/* snapshot_bytes.c - what a snapshot added to the file. */
#include <stdlib.h>

#include "snapshot.h"

static int by_id(const void *a, const void *b)
{
    int64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

/* What one tensor adds. */
static int add_tensor(varsdb *db, int64_t snapshot, int64_t tensor, uint64_t *sum)
{
    vdb_rows *rows = NULL;
    bool row = false, found;
    int64_t bytes = 0, chunks = 0;
    int rc =
        vdb_start(db->engine, VDB_Q_SNAPSHOT_NEW_TENSOR, VDB_ARGS(vdb_int(tensor), vdb_int(snapshot)), &rows);
    if (rc == VARSDB_OK)
        rc = vdb_next(db->engine, rows, &row);
    if (rc == VARSDB_OK && row) {
        bytes = vdb_column(db->engine, rows, 0).integer;
        chunks = vdb_column(db->engine, rows, 1).integer;
    }
    vdb_finish(db->engine, rows);
    if (rc == VARSDB_OK && chunks)
        rc = vdb_get_int(db->engine, VDB_Q_SNAPSHOT_NEW_CHUNK_BYTES,
                         VDB_ARGS(vdb_int(tensor), vdb_int(snapshot)), &bytes, &found);
    *sum += (uint64_t)bytes;
    return rc;
}

int vdb_snapshot_new_bytes(varsdb *db, int64_t snapshot, vdb_buf *tensors, int64_t *out)
{
    size_t count = tensors->size / sizeof(int64_t);
    int64_t last = 0;
    uint64_t sum = 0;
    int rc = VARSDB_OK;
    if (count)
        qsort(tensors->data, count, sizeof(int64_t), by_id);
    for (size_t i = 0; rc == VARSDB_OK && i < count; i++) {
        int64_t id;
        memcpy(&id, tensors->data + i * sizeof id, sizeof id);
        if (i == 0 || id != last)
            rc = add_tensor(db, snapshot, id, &sum);
        last = id;
    }
    if (rc == VARSDB_OK)
        *out = (int64_t)sum;
    return rc;
}
