/*
 * gc.h - a garbage collection at work: what gc_scan.c, which finds and deletes, and gc.c, which gives
 * space back and reports, share.
 */
#ifndef VDB_GC_H
#define VDB_GC_H

#include "session_alive.h"
#include "sweep.h"

/* A save in flight, and what nothing but pins holds. */
typedef struct vdb_gc_session {
    int64_t id, uid, bytes;
} vdb_gc_session;

typedef struct vdb_gc {
    varsdb *db;
    const varsdb_upkeep_options *options;
    vdb_session_identity self;
    vdb_swept swept;    /* or, in a dry run, to be */
    int64_t held_bytes; /* a chunk that several hold counts once here, and for each of them there: */
    vdb_buf sessions;   /* of vdb_gc_session, that live, by id */
} vdb_gc;

/* Finds all garbage and deletes it, or counts it in a dry run, then inside a read. */
int vdb_gc_scan(vdb_gc *gc);
/* CANCELLED when the callback says so. */
int vdb_gc_progress(vdb_gc *gc, const char *doing, int64_t done, int64_t total);

#endif
