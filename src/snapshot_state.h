/*
 * snapshot_state.h - variables as they are, or were when a snapshot was taken, in one form: the
 * columns of varsdb_states.  Rows are interned: what did not change has one row for all snapshots.
 */
#ifndef VDB_SNAPSHOT_STATE_H
#define VDB_SNAPSHOT_STATE_H

#include "digest.h"
#include "filter.h"
#include "internal.h"

enum vdb_state_column {
    STATE_ID,
    STATE_HASH,
    STATE_VARIABLE_ID, /* from here on the hash covers it */
    STATE_VARIABLE_UID,
    STATE_NAME, /* full */
    STATE_DTYPE,
    STATE_SHAPE,
    STATE_ELEMENTS,
    STATE_BYTES,
    STATE_INITIALIZER,
    STATE_SEED,
    STATE_REGULARIZER,
    STATE_CONSTRAINT,
    STATE_PARTITIONER,
    STATE_COLLECTIONS,
    STATE_TENSOR_ID,
    STATE_COLUMNS /* the digest comes next */
};

/* Columns are borrowed for the call.  `tensor` is the tensor's row with its digest, checked; NULL when
 * the variable had no value, and of the present.  Not VARSDB_OK stops, and is returned. */
typedef int (*vdb_state_cb)(void *payload, const vdb_value *state, const vdb_value *tensor);

/* Inside a transaction: the variables of the namespace in use that pass, in the order of
 * varsdb_list_variables, as the states they would have; id and hash are NULL.  Rows are checked. */
int vdb_states_present(varsdb *db, vdb_filter *filter, vdb_state_cb callback, void *payload);
/* Inside a transaction: a snapshot's states that pass (its collection: as recorded), by name.  Rows
 * are checked; that they are the snapshot's is for vdb_snapshot_check_items. */
int vdb_states_of_snapshot(varsdb *db, int64_t snapshot, vdb_filter *filter, vdb_state_cb callback,
                           void *payload);
/* Whether it passes; its collection is looked for among those that the state has. */
int vdb_state_passes(varsdb *db, vdb_filter *filter, const vdb_value *state, bool *out);
/* Calls back for the one of that name; *found is false when there is none. */
int vdb_state_of_name(varsdb *db, int64_t snapshot, const char *name, vdb_state_cb callback, void *payload,
                      bool *found);

/* What a state is interned by: all columns behind the hash. */
vdb_hash vdb_state_hash(const vdb_value *state);
/* Inside a write transaction: id of the row with these columns and that hash, inserted as *next_id (which
 * goes up) when it is new and `write`; otherwise the id of a new one is 0.  *shared: a snapshot other
 * than `except` has it. */
typedef struct vdb_interned {
    int64_t id;
    bool shared;
} vdb_interned;
int vdb_state_intern(varsdb *db, const vdb_value *state, const vdb_hash *hash, int64_t except, bool write,
                     int64_t *next_id, vdb_interned *out);

#endif
