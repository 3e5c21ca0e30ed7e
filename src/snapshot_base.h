/*
 * snapshot_base.h - the states of the snapshot before, in memory by their hashes.  Most variables did
 * not change since: they are found here at once, and their items are copied by one statement.
 */
#ifndef VDB_SNAPSHOT_BASE_H
#define VDB_SNAPSHOT_BASE_H

#include "digest.h"
#include "internal.h"
#include "table.h"

typedef struct vdb_snapshot_base {
    int64_t id;   /* 0: there is none */
    bool damaged; /* some of its states are not here */
    vdb_buf entries;
    vdb_table table;
} vdb_snapshot_base;

/* Inside a transaction; states that are not whole are left out.  id 0: there is none.  To be released after a
 * failure too. */
int vdb_snapshot_base_load(varsdb *db, int64_t id, vdb_snapshot_base *out);
/* The id of the state with that hash, which counts as taken; 0: it is not in the snapshot. */
int64_t vdb_snapshot_base_take(vdb_snapshot_base *base, const vdb_hash *hash);
/* Inside a write transaction: what was taken are items of snapshot `to` too. */
int vdb_snapshot_base_copy(varsdb *db, const vdb_snapshot_base *base, int64_t to);
void vdb_snapshot_base_release(vdb_snapshot_base *base);

#endif
