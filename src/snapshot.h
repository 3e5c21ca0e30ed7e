/*
 * snapshot.h - snapshots as the rest of the library uses them.
 *
 *   snapshot.c        taking one
 *   snapshot_row.c    the row, its items, finding
 *   snapshot_state.c  what is recorded of a variable; the present in the same form
 *   snapshot_base.c   the one before, from which most is taken over
 *   snapshot_bytes.c  what one added to the file
 *   snapshot_find.c   selectors, pinning
 *   snapshot_list.c   lists
 *   snapshot_read.c   values as they were
 *   snapshot_drop.c   dropping, and retention
 *   restore*.c        giving variables their values back
 */
#ifndef VDB_SNAPSHOT_H
#define VDB_SNAPSHOT_H

#include "internal.h"
#include "snapshot_row.h"
#include "snapshot_state.h"

/* Whether the text is a selector of another kind than a name: "latest", "#3", "step:100". */
bool vdb_snapshot_is_selector(const char *text);

/* What is recorded instead of the present: calls back for each state, whose id and hash are NULL, and passes
 * on what it is given back.  Inside a write transaction, in which tensors may be stored. */
typedef int (*vdb_states_source)(void *payload, vdb_state_cb callback, void *callback_payload);
/* Checks options before anything is stored: INVALID. */
int vdb_snapshot_check_options(varsdb *db, const varsdb_snapshot_options *options);
/* Inside a write transaction: as varsdb_take_snapshot, of these states; options' filter means nothing. */
int vdb_snapshot_take_states(varsdb *db, const varsdb_snapshot_options *options, vdb_states_source source,
                             void *payload, int64_t *id);

/* Inside a transaction: by a selector, as varsdb_find_snapshot. */
int vdb_snapshot_find(varsdb *db, const char *selector, int64_t *out);

/* Inside a write transaction, when all items are inserted and the snapshot's own row is not: bytes of
 * the tensors, int64_t ids in any order and more than once, and of their chunks that no other snapshot
 * needs. */
int vdb_snapshot_new_bytes(varsdb *db, int64_t snapshot, vdb_buf *tensors, int64_t *out);

/* Inside a write transaction: the snapshot; what only it needs goes with it, or is swept later. */
int vdb_snapshot_drop(varsdb *db, int64_t id);
/* Inside a write transaction: drops what the retention of the namespace in use does not keep. */
int vdb_snapshot_apply_retention(varsdb *db);

#endif
