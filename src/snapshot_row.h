/*
 * snapshot_row.h - snapshots as rows.  A snapshot's row carries the sum of the digests of its items,
 * so that an item that is missing, added or another one is seen.
 */
#ifndef VDB_SNAPSHOT_ROW_H
#define VDB_SNAPSHOT_ROW_H

#include "internal.h"

enum vdb_snapshot_column {
    SNAPSHOT_ID,
    SNAPSHOT_UID,
    SNAPSHOT_NAMESPACE_ID,
    SNAPSHOT_NAME,
    SNAPSHOT_STEP,
    SNAPSHOT_METADATA,
    SNAPSHOT_PINNED,
    SNAPSHOT_VARIABLES,
    SNAPSHOT_BYTES,
    SNAPSHOT_NEW_BYTES,
    SNAPSHOT_CREATED_AT,
    SNAPSHOT_ITEMS_DIGEST,
    SNAPSHOT_COLUMNS /* the digest comes next */
};

#define VDB_SNAPSHOT_LABEL_BYTES 160

/* A loaded row; columns are borrowed until it is released. */
typedef struct vdb_snapshot {
    vdb_value at[SNAPSHOT_COLUMNS];
    int64_t id, namespace_id;
    char label[VDB_SNAPSHOT_LABEL_BYTES]; /* for messages: "snapshot best (#3, step 100)" */
    vdb_rows *rows;
} vdb_snapshot;

/* Inside a transaction: VARSDB_NOTFOUND, and says which one is the latest. */
int vdb_snapshot_load(varsdb *db, int64_t id, vdb_snapshot *out);
void vdb_snapshot_release(varsdb *db, vdb_snapshot *snapshot);
/* The columns of a row, which its digest follows, are whole.  VARSDB_CORRUPT. */
int vdb_snapshot_check_row(varsdb *db, const vdb_value *at);
/* Its items are those that it was taken with.  VARSDB_CORRUPT. */
int vdb_snapshot_check_items(varsdb *db, const vdb_snapshot *snapshot);
/* Load and both checks. */
int vdb_snapshot_open(varsdb *db, int64_t id, vdb_snapshot *out);
/* The digest of one item. */
int64_t vdb_snapshot_item_digest(int64_t snapshot_id, int64_t state_id);

/* Of the namespace in use; *id is 0 when there is none. */
int vdb_snapshot_id_by_name(varsdb *db, const char *name, int64_t *id);
int vdb_snapshot_id_by_step(varsdb *db, int64_t step, bool unnamed, int64_t *id);
int vdb_snapshot_latest_id(varsdb *db, int64_t *id);
/* Fails with NOTFOUND: "there is no `what` in namespace main; the latest is ...". */
int vdb_snapshot_fail_missing(varsdb *db, const char *what);
/* How a snapshot is called in messages. */
void vdb_snapshot_print_label(const vdb_value *at, char out[VDB_SNAPSHOT_LABEL_BYTES]);

#endif
