/*
 * sweep.h - deleting, in short turns, what deleted owners left behind.
 *
 * Whoever deletes a tensor or a snapshot deletes its row, or only the last reference to it, in the
 * transaction at hand, and calls vdb_sweep_now there: a short list goes at once, and a long one is
 * remembered in the handle and swept in transactions of their own when the handle's own one has
 * committed (VDB_SWEEP_ROWS and VDB_SWEEP_BYTES each, so that nobody waits long for the lock).  What is
 * not swept then, because the process died or another had the lock for long, is left to
 * varsdb_collect_garbage.
 *
 * Why it is safe beside savers and other sweepers: whether a thing is garbage is asked by the statement
 * that deletes it, under the write lock.  A saver that finds a chunk by its hash pins it, or refers to
 * it, in the transaction that found it; so a sweep either sees that, or was first, and then the saver
 * does not find the chunk.  The same holds for tensors and states.
 */
#ifndef VDB_SWEEP_H
#define VDB_SWEEP_H

#include "internal.h"

/* Of one transaction. */
#define VDB_SWEEP_ROWS  2000
#define VDB_SWEEP_BYTES (INT64_C(64) << 20)
/* Of what goes at once, in the transaction at hand. */
#define VDB_SWEEP_NOW_ROWS  64
#define VDB_SWEEP_NOW_BYTES (INT64_C(16) << 20)

typedef enum vdb_left_kind {
    VDB_LEFT_TENSOR,   /* its row too, unless something refers to it */
    VDB_LEFT_SNAPSHOT, /* whose row is gone: its items, and what only they need */
    VDB_LEFT_STATE,    /* unless an item refers to it; and its tensor */
    VDB_LEFT_CHUNK,    /* unless a list refers to it or a session pins it */
    VDB_LEFT_SESSION   /* with its pins, and the chunks that only they held; with its uid */
} vdb_left_kind;

typedef struct vdb_left {
    vdb_left_kind kind;
    int64_t id;
    int64_t uid; /* of a session, whose id may be another one's by now; 0: its row is gone */
} vdb_left;

/* What was deleted; bytes are those of chunks and of inline tensors. */
typedef struct vdb_swept {
    int64_t chunks, tensors, states, sessions, bytes;
} vdb_swept;

/* Adds what a row claims to be its size; a stranger's may claim any. */
void vdb_sweep_count(int64_t *sum, int64_t bytes);

/* Inside a write transaction: deletes it if that is little, and remembers the rest. */
int vdb_sweep_now(varsdb *db, vdb_left_kind kind, int64_t id);
/* Remembers it; when memory is out it is left to varsdb_collect_garbage. */
void vdb_sweep_later(varsdb *db, vdb_left_kind kind, int64_t id);

/* Sweeps in transactions of its own, to the end. */
int vdb_sweep_tensor(varsdb *db, int64_t id);
int vdb_sweep_snapshot(varsdb *db, int64_t id);
/* One such transaction, over `left` in its order; *finished are done, and the one behind them may be in
 * part.  Adds to *swept. */
int vdb_sweep_slice(varsdb *db, const vdb_left *left, size_t count, vdb_swept *swept, size_t *finished);

/* After a commit, outside transactions: what is remembered.  The call that committed has succeeded, so
 * this cannot fail, leaves the handle's error alone, and does not wait long for the lock. */
void vdb_sweep_pending(varsdb *db);
/* After a rollback: nothing was deleted. */
void vdb_sweep_forget(varsdb *db);

#endif
