/* snapshot_drop.c - dropping snapshots, at once or by the namespace's retention. */
#include "namespace.h"
#include "snapshot.h"
#include "sweep.h"
#include "transaction.h"

/* int64_t ids that a statement yields. */
static int load_ids(varsdb *db, enum vdb_query query, const vdb_value *args, size_t count, vdb_buf *out)
{
    vdb_rows *rows = NULL;
    bool row = true;
    int rc = vdb_start(db->engine, query, args, count, &rows);
    while (rc == VARSDB_OK && (rc = vdb_next(db->engine, rows, &row)) == VARSDB_OK && row) {
        int64_t id = vdb_column(db->engine, rows, 0).integer;
        if (vdb_buf_append(out, &id, sizeof id) != VARSDB_OK)
            rc = vdb_fail_nomem(&db->error);
    }
    vdb_finish(db->engine, rows);
    return rc;
}

/* Runs it for each of the ids. */
static int for_each(varsdb *db, const vdb_buf *ids, int (*run)(varsdb *db, int64_t id))
{
    int rc = VARSDB_OK;
    for (size_t i = 0; rc == VARSDB_OK && i < ids->size / sizeof(int64_t); i++) {
        int64_t id;
        memcpy(&id, ids->data + i * sizeof id, sizeof id);
        rc = run(db, id);
    }
    return rc;
}

int vdb_snapshot_drop(varsdb *db, int64_t id)
{
    int rc = vdb_run(db->engine, VDB_Q_SNAPSHOT_DELETE, VDB_ARGS(vdb_int(id)));
    if (rc == VARSDB_OK)
        rc = vdb_run(db->engine, VDB_Q_SNAPSHOT_DELETE_ATTRIBUTES, VDB_ARGS(vdb_int(id)));
    return rc == VARSDB_OK ? vdb_sweep_now(db, VDB_LEFT_SNAPSHOT, id) : rc;
}

int vdb_snapshot_apply_retention(varsdb *db)
{
    vdb_buf surplus = {0};
    vdb_retention keep;
    int rc = vdb_namespace_retention(db, &keep);
    if (rc != VARSDB_OK || keep.last <= 0)
        return rc;
    rc = load_ids(db, VDB_Q_SNAPSHOTS_SURPLUS,
                  VDB_ARGS(vdb_int(db->space.id), vdb_int(keep.last),
                           keep.every > 0 ? vdb_int(keep.every) : vdb_null()),
                  &surplus);
    if (rc == VARSDB_OK)
        rc = for_each(db, &surplus, vdb_snapshot_drop);
    vdb_buf_release(&surplus);
    return rc;
}

static int drop(varsdb *db, int64_t id)
{
    vdb_snapshot there;
    int rc = vdb_snapshot_load(db, id, &there);
    vdb_snapshot_release(db, &there);
    return rc == VARSDB_OK ? vdb_snapshot_drop(db, id) : rc;
}

int varsdb_drop_snapshot(varsdb *db, int64_t snapshot)
{
    vdb_write w;
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK)
        rc = vdb_write_begin(db, &w);
    return rc == VARSDB_OK ? vdb_write_end(db, &w, drop(db, snapshot)) : rc;
}

int varsdb_set_retention(varsdb *db, int64_t keep_last, int64_t keep_every)
{
    vdb_write w;
    int rc = vdb_enter(db);
    if (rc == VARSDB_OK)
        rc = vdb_namespace_check_retention(db, keep_last, keep_every);
    if (rc == VARSDB_OK)
        rc = vdb_write_begin(db, &w);
    return rc == VARSDB_OK ? vdb_write_end(db, &w, vdb_namespace_set_retention(db, keep_last, keep_every))
                           : rc;
}
