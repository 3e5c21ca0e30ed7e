/* snapshot_list.c - lists of snapshots, and of what is in one. */
#include "name.h"
#include "namespace.h"
#include "partition.h"
#include "row.h"
#include "snapshot.h"
#include "transaction.h"
#include "variable_info.h"

/* ---- snapshots */

static int call_back_snapshot(varsdb *db, const vdb_value *at, varsdb_snapshot_cb callback, void *payload)
{
    varsdb_snapshot_info info = {
        .size = sizeof info,
        .id = at[SNAPSHOT_ID].integer,
        .name_space = at[SNAPSHOT_COLUMNS + 1].data,
        .name = at[SNAPSHOT_NAME].data,
        .has_step = at[SNAPSHOT_STEP].kind == VDB_INT,
        .pinned = at[SNAPSHOT_PINNED].integer != 0,
        .step = at[SNAPSHOT_STEP].integer,
        .created_at = at[SNAPSHOT_CREATED_AT].integer,
        .metadata = at[SNAPSHOT_METADATA].data,
        .variables = at[SNAPSHOT_VARIABLES].integer,
        .bytes = at[SNAPSHOT_BYTES].integer,
        .new_bytes = at[SNAPSHOT_NEW_BYTES].integer,
    };
    return callback(payload, &info) == 0
               ? VARSDB_OK
               : vdb_fail(&db->error, VARSDB_CANCELLED, "the callback stopped the list");
}

static int list_snapshots(varsdb *db, varsdb_snapshot_cb callback, void *payload)
{
    vdb_value at[SNAPSHOT_COLUMNS + 2];
    vdb_rows *rows = NULL;
    bool row = true;
    int rc = vdb_namespace_resolve(db);
    if (rc == VARSDB_OK)
        rc = vdb_start(db->engine, VDB_Q_SNAPSHOTS_LIST, VDB_ARGS(vdb_int(db->space.id)), &rows);
    while (rc == VARSDB_OK && (rc = vdb_next(db->engine, rows, &row)) == VARSDB_OK && row) {
        vdb_row_columns(db, rows, at, SNAPSHOT_COLUMNS + 2);
        rc = vdb_snapshot_check_row(db, at);
        if (rc == VARSDB_OK)
            rc = vdb_row_texts(db, "namespace", at + SNAPSHOT_COLUMNS + 1, 1);
        if (rc == VARSDB_OK)
            rc = call_back_snapshot(db, at, callback, payload);
    }
    vdb_finish(db->engine, rows);
    return rc;
}

int varsdb_list_snapshots(varsdb *db, varsdb_snapshot_cb callback, void *payload)
{
    vdb_read r;
    int rc = vdb_list_begin(db, callback != NULL, &r);
    return rc == VARSDB_OK ? vdb_list_end(db, &r, list_snapshots(db, callback, payload)) : rc;
}

/* ---- variables of one */

typedef struct listing {
    varsdb *db;
    varsdb_variable_cb callback;
    void *payload;
    char *name_space;
    vdb_buf scope;
    vdb_info_texts texts;
} listing;

static void set_facts(const listing *l, const vdb_value *at, varsdb_variable_info *info)
{
    *info = (varsdb_variable_info){
        .size = sizeof *info,
        .id = at[STATE_VARIABLE_ID].integer,
        .name_space = l->name_space,
        .name = at[STATE_NAME].data,
        .scope = l->scope.data ? l->scope.data : "",
        .elements = at[STATE_ELEMENTS].integer,
        .bytes = at[STATE_BYTES].integer,
        .trainable =
            vdb_filter_names_hold(at[STATE_COLLECTIONS].data, at[STATE_COLLECTIONS].bytes, VARSDB_TRAINABLE),
        .initialized = at[STATE_TENSOR_ID].kind == VDB_INT,
        .has_seed = at[STATE_SEED].kind == VDB_INT,
        .initializer = at[STATE_INITIALIZER].data,
        .seed = at[STATE_SEED].integer,
        .regularizer = at[STATE_REGULARIZER].data,
        .constraint = at[STATE_CONSTRAINT].data,
        .collections_json = at[STATE_COLLECTIONS].data,
        .partitioner = at[STATE_PARTITIONER].data,
    };
}

/* Axis and parts follow from the partitioner's spec, as they did when it was created. */
static void set_partition(varsdb_variable_info *info)
{
    vdb_error ignored;
    vdb_partition p;
    if (info->partitioner &&
        vdb_partition_plan(&ignored, info->partitioner, info->dtype, &info->shape, &p) == VARSDB_OK) {
        info->partition_axis = p.axis;
        info->parts = p.parts;
    }
}

/* vdb_state_cb */
static int call_back_variable(void *payload, const vdb_value *at, const vdb_value *tensor)
{
    listing *l = payload;
    varsdb_variable_info info;
    vdb_buf_reset(&l->scope);
    if (vdb_buf_append(&l->scope, at[STATE_NAME].data,
                       vdb_name_scope_bytes(at[STATE_NAME].data, at[STATE_NAME].bytes)) != VARSDB_OK)
        return vdb_fail_nomem(&l->db->error);
    set_facts(l, at, &info);
    if (!vdb_info_set_type(&info, &at[STATE_DTYPE], &at[STATE_SHAPE], &l->texts))
        return vdb_fail(&l->db->error, VARSDB_CORRUPT, "%s: state %lld has an impossible dtype or shape",
                        l->db->path, (long long)at[STATE_ID].integer);
    set_partition(&info);
    if (tensor)
        vdb_info_set_statistics(&info, tensor, &l->texts);
    return l->callback(l->payload, &info) == 0
               ? VARSDB_OK
               : vdb_fail(&l->db->error, VARSDB_CANCELLED, "the callback stopped the list");
}

static int list_variables(listing *l, int64_t snapshot, const varsdb_filter *given)
{
    varsdb *db = l->db;
    vdb_snapshot s = {0};
    vdb_filter f;
    int rc = vdb_filter_init(db, given, &f);
    if (rc == VARSDB_OK)
        rc = vdb_snapshot_open(db, snapshot, &s);
    if (rc == VARSDB_OK)
        rc = vdb_namespace_name(db, s.namespace_id, &l->name_space);
    if (rc == VARSDB_OK)
        rc = vdb_states_of_snapshot(db, snapshot, &f, call_back_variable, l);
    vdb_snapshot_release(db, &s);
    vdb_filter_release(&f);
    return rc;
}

int varsdb_list_snapshot_variables(varsdb *db, int64_t snapshot, const varsdb_filter *filter,
                                   varsdb_variable_cb callback, void *payload)
{
    vdb_read r;
    listing l = {.db = db, .callback = callback, .payload = payload};
    int rc = vdb_list_begin(db, callback != NULL, &r);
    if (rc == VARSDB_OK)
        rc = vdb_list_end(db, &r, list_variables(&l, snapshot, filter));
    vdb_free(l.name_space);
    vdb_buf_release(&l.scope);
    return rc;
}
