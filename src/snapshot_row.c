/* snapshot_row.c - see snapshot_row.h. */
#include "snapshot_row.h"

#include <stdio.h>

#include "namespace.h"
#include "row.h"

/* ---- one row */

void vdb_snapshot_print_label(const vdb_value *at, char out[VDB_SNAPSHOT_LABEL_BYTES])
{
    char step[32] = "";
    long long id = (long long)at[SNAPSHOT_ID].integer;
    if (at[SNAPSHOT_STEP].kind == VDB_INT)
        snprintf(step, sizeof step, ", step %lld", (long long)at[SNAPSHOT_STEP].integer);
    if (at[SNAPSHOT_NAME].kind == VDB_TEXT)
        snprintf(out, VDB_SNAPSHOT_LABEL_BYTES, "snapshot %.80s (#%lld%s)",
                 (const char *)at[SNAPSHOT_NAME].data, id, step);
    else
        snprintf(out, VDB_SNAPSHOT_LABEL_BYTES, "snapshot #%lld%s", id, step);
}

int vdb_snapshot_check_row(varsdb *db, const vdb_value *at)
{
    return vdb_row_check(db, "snapshot", at[SNAPSHOT_ID].integer, at, SNAPSHOT_COLUMNS,
                         at[SNAPSHOT_COLUMNS].integer);
}

void vdb_snapshot_release(varsdb *db, vdb_snapshot *snapshot)
{
    vdb_finish(db->engine, snapshot->rows);
    snapshot->rows = NULL;
}

/* Rows that a look-up yields; *there is false when there is none. */
static int load(varsdb *db, int64_t id, vdb_snapshot *out, bool *there)
{
    vdb_value at[SNAPSHOT_COLUMNS + 1];
    *out = (vdb_snapshot){0};
    *there = false;
    int rc = vdb_start(db->engine, VDB_Q_SNAPSHOT_BY_ID, VDB_ARGS(vdb_int(id)), &out->rows);
    if (rc == VARSDB_OK)
        rc = vdb_next(db->engine, out->rows, there);
    if (rc != VARSDB_OK || !*there)
        return rc;
    vdb_row_columns(db, out->rows, at, SNAPSHOT_COLUMNS + 1);
    rc = vdb_snapshot_check_row(db, at);
    if (rc != VARSDB_OK)
        return rc;
    memcpy(out->at, at, sizeof out->at);
    out->id = id;
    out->namespace_id = at[SNAPSHOT_NAMESPACE_ID].integer;
    vdb_snapshot_print_label(at, out->label);
    return VARSDB_OK;
}

int vdb_snapshot_load(varsdb *db, int64_t id, vdb_snapshot *out)
{
    char what[48];
    bool there;
    int rc = load(db, id, out, &there);
    if (rc != VARSDB_OK || there)
        return rc;
    vdb_snapshot_release(db, out);
    snprintf(what, sizeof what, "snapshot #%lld", (long long)id);
    return vdb_snapshot_fail_missing(db, what);
}

/* ---- items */

int64_t vdb_snapshot_item_digest(int64_t snapshot_id, int64_t state_id)
{
    vdb_value at[] = {vdb_int(snapshot_id), vdb_int(state_id)};
    return vdb_digest_row(at, 2);
}

static int sum_items(varsdb *db, int64_t id, int64_t *count, uint64_t *digest)
{
    vdb_rows *rows = NULL;
    bool row = true;
    *count = 0;
    *digest = 0;
    int rc = vdb_start(db->engine, VDB_Q_SNAPSHOT_ITEMS, VDB_ARGS(vdb_int(id)), &rows);
    while (rc == VARSDB_OK && (rc = vdb_next(db->engine, rows, &row)) == VARSDB_OK && row) {
        *digest += (uint64_t)vdb_snapshot_item_digest(id, vdb_column(db->engine, rows, 0).integer);
        ++*count;
    }
    vdb_finish(db->engine, rows);
    return rc;
}

int vdb_snapshot_check_items(varsdb *db, const vdb_snapshot *s)
{
    int64_t count, expected = s->at[SNAPSHOT_ITEMS_DIGEST].integer;
    uint64_t digest;
    vdb_checked_snapshot *checked = &db->checked_snapshot;
    /* Many reads of one snapshot, a name each, need not sum its items each time. */
    if (checked->epoch == db->epoch && checked->uid == s->at[SNAPSHOT_UID].integer && checked->id == s->id &&
        checked->items_digest == expected)
        return VARSDB_OK;
    int rc = sum_items(db, s->id, &count, &digest);
    if (rc == VARSDB_OK && (count != s->at[SNAPSHOT_VARIABLES].integer || (int64_t)digest != expected))
        rc = vdb_fail(&db->error, VARSDB_CORRUPT, "%s: the list of what is in %s is damaged", db->path,
                      s->label);
    if (rc == VARSDB_OK)
        *checked = (vdb_checked_snapshot){s->id, s->at[SNAPSHOT_UID].integer, expected, db->epoch};
    return rc;
}

int vdb_snapshot_open(varsdb *db, int64_t id, vdb_snapshot *out)
{
    int rc = vdb_snapshot_load(db, id, out);
    return rc == VARSDB_OK ? vdb_snapshot_check_items(db, out) : rc;
}

/* ---- finding */

static int find_id(varsdb *db, enum vdb_query query, const vdb_value *args, size_t count, int64_t *id)
{
    int64_t found_id = 0;
    bool found = false;
    int rc = vdb_get_int(db->engine, query, args, count, &found_id, &found);
    if (rc == VARSDB_OK)
        *id = found ? found_id : 0;
    return rc;
}

int vdb_snapshot_id_by_name(varsdb *db, const char *name, int64_t *id)
{
    return find_id(db, VDB_Q_SNAPSHOT_BY_NAME, VDB_ARGS(vdb_int(db->space.id), vdb_text(name)), id);
}

int vdb_snapshot_id_by_step(varsdb *db, int64_t step, bool unnamed, int64_t *id)
{
    return find_id(db, unnamed ? VDB_Q_SNAPSHOT_UNNAMED_BY_STEP : VDB_Q_SNAPSHOT_BY_STEP,
                   VDB_ARGS(vdb_int(db->space.id), vdb_int(step)), id);
}

int vdb_snapshot_latest_id(varsdb *db, int64_t *id)
{
    return find_id(db, VDB_Q_SNAPSHOT_LATEST, VDB_ARGS(vdb_int(db->space.id)), id);
}

int vdb_snapshot_fail_missing(varsdb *db, const char *what)
{
    vdb_snapshot latest = {0};
    int64_t id = 0;
    bool there = false;
    int rc = vdb_namespace_resolve(db);
    if (rc == VARSDB_OK)
        rc = vdb_snapshot_latest_id(db, &id);
    if (rc == VARSDB_OK && id)
        rc = load(db, id, &latest, &there);
    if (rc == VARSDB_OK && there)
        rc = vdb_fail(&db->error, VARSDB_NOTFOUND, "there is no %s in namespace %s; the latest is %s", what,
                      db->space.name, latest.label);
    else if (rc == VARSDB_OK)
        rc = vdb_fail(&db->error, VARSDB_NOTFOUND, "there is no %s in namespace %s; it has no snapshots",
                      what, db->space.name);
    vdb_snapshot_release(db, &latest);
    return rc;
}
