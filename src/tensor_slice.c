/*
 * tensor_slice.c - slices of stored tensors.  Long runs are read to where they go; short
 * ones are gathered from the chunks that they lie in, each of which is read and checked once.
 */
#include "tensor.h"

static int read_runs(varsdb *db, const vdb_tensor_row *t, const char *name, const vdb_slice *s,
                     unsigned char *out)
{
    vdb_slice_cursor c;
    uint64_t offset, bytes;
    int rc = VARSDB_OK;
    vdb_slice_seek(&c, s, 0);
    while (rc == VARSDB_OK && vdb_slice_next(&c, &offset, &bytes)) {
        rc = vdb_tensor_row_read(db, t, name, offset, out, (size_t)bytes);
        out += bytes;
    }
    return rc;
}

static int gather(varsdb *db, const vdb_tensor_row *t, const char *name, const vdb_slice *s, void *out)
{
    size_t room = t->chunk_bytes;
    unsigned char *window = vdb_malloc(room);
    int rc = window ? VARSDB_OK : vdb_fail_nomem(&db->error);
    for (uint64_t at = s->begin / room * room; rc == VARSDB_OK && at < s->end; at += room) {
        size_t here = t->bytes - at < room ? (size_t)(t->bytes - at) : room;
        if (!vdb_slice_touches(s, at, here))
            continue;
        rc = vdb_tensor_row_read(db, t, name, at, window, here);
        if (rc == VARSDB_OK)
            vdb_slice_gather(s, at, window, here, out);
    }
    vdb_free(window);
    return rc;
}

int vdb_tensor_read_slice(varsdb *db, int64_t id, const char *name, const vdb_slice *s, void *out)
{
    vdb_tensor_row t;
    int rc = vdb_tensor_row_load(db, id, name, &t);
    if (rc != VARSDB_OK || s->bytes == 0)
        return rc;
    if (s->end > t.bytes)
        return vdb_fail(&db->error, VARSDB_CORRUPT, "%s: the value of variable %s has %llu bytes, too few",
                        db->path, name, (unsigned long long)t.bytes);
    return s->run >= t.chunk_bytes ? read_runs(db, &t, name, s, out) : gather(db, &t, name, s, out);
}
