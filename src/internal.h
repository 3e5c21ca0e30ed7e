/*
 * internal.h - the handle, as the library's own files share it.
 */
#ifndef VDB_INTERNAL_H
#define VDB_INTERNAL_H

#include <assert.h>
#include <stdbool.h>

#include "buf.h"
#include "cache.h"
#include "engine.h"
#include "error.h"
#include "mem.h"
#include "scope.h"

#define VDB_TIMEOUT_MS_DEFAULT 60000

/* Of new registries; see docs/measurements.md.  What a registry's own row says holds for it. */
#ifndef VDB_INLINE_BYTES
#define VDB_INLINE_BYTES (32 << 10)
#endif
#ifndef VDB_CHUNK_BYTES
#define VDB_CHUNK_BYTES (256 << 10)
#endif
#define VDB_INLINE_BYTES_MAX (1 << 20)
#define VDB_CHUNK_BYTES_MAX  (4 << 20)

/* What a transaction of this handle does not ask twice; `serial` says for which one. */
typedef struct vdb_next_ids {
    uint64_t serial;
    int64_t variable, tensor, chunk; /* 0: not asked for yet */
} vdb_next_ids;

/* The namespace in use.  id 0: it is not made yet, or not looked up in this epoch. */
typedef struct vdb_namespace {
    char *name;
    int64_t id, seed;
    uint64_t epoch;
} vdb_namespace;

/* The snapshot whose list of items was compared with its digest last (snapshot_row.c). */
typedef struct vdb_checked_snapshot {
    int64_t id, uid, items_digest;
    uint64_t epoch;
} vdb_checked_snapshot;

struct varsdb {
    vdb_error error;
    vdb_engine *engine; /* NULL: opening failed */
    unsigned generation;
    unsigned flags;
    varsdb_reuse reuse; /* of the root scope */
    int64_t timeout_ms;
    char *path;
    char *program;
    char uuid[37];
    int64_t inline_bytes, chunk_bytes;
    size_t save_bytes;       /* of one short transaction of a save: VDB_SAVE_BYTES; tests make it less */
    const int64_t *new_seed; /* &new_seed_value, or NULL: draw one */
    int64_t new_seed_value;

    bool in_transaction; /* the caller's begin ... commit */
    bool aborted;        /* and a write in it failed half-way */
    int listing;         /* list callbacks that are running */
    int calling;         /* and callbacks that may not use the handle at all */
    uint64_t serial;     /* counts write transactions */
    vdb_buf left;        /* what the open transaction left to be swept (sweep.h) */
    bool sweeping;
    bool collecting; /* garbage: nothing is kept to be written over */

    /* What is cached holds for one epoch; it ends when another process renames or deletes
     * something, and when a transaction of ours is rolled back. */
    uint64_t epoch;
    int64_t data_version, names_version;
    vdb_cache cache;
    vdb_namespace space;
    int64_t origin_id;
    uint64_t origin_epoch;
    vdb_next_ids next;
    struct vdb_save *saves; /* in flight */
    varsdb_writer *writers; /* open ones */
    vdb_checked_snapshot checked_snapshot;
    vdb_scope_stack scopes;
    vdb_buf full_name, row_name; /* scratch: the name asked for, the name a row has */
};

/* The handle's error, for files that know nothing else of the handle. */
vdb_error *vdb_handle_error(varsdb *db);

/* Begins a public call: the handle is usable, and the last error forgotten. */
int vdb_enter(varsdb *db);
/* What an argument must not be. */
int vdb_misuse(varsdb *db, const char *what);
int64_t vdb_random(void);
int64_t vdb_time_ms(void); /* since 1970, UTC */

#endif
