/*
 * save.h - large values on their way in.  Their chunks are stored beforehand, in short
 * transactions, so that others can write meanwhile; each is pinned for this save, so that
 * nobody deletes it before the last transaction, which uses it, has been committed.
 *
 *     vdb_save *save;                         one for all values of a call
 *     vdb_save_open(db, &save);
 *     vdb_save_tensor(save, &tensor);         outside a transaction
 *     vdb_save_flush(save);
 *     ... begin; vdb_tensor_store(db, &tensor, &id); vdb_save_settle(save); commit ...
 *     vdb_save_close(save);                   unpins and deletes what was not used
 */
#ifndef VDB_SAVE_H
#define VDB_SAVE_H

#include "tensor_chunks.h"

/* Bytes of one short transaction, not less than a chunk's; with smaller ones the lock changes hands too
 * often, with larger ones others wait too long.  See docs/measurements.md. */
#ifndef VDB_SAVE_BYTES
#define VDB_SAVE_BYTES ((size_t)8 << 20)
#endif

typedef struct vdb_save {
    varsdb *db;
    int64_t session, uid;  /* 0: nothing is pinned */
    int64_t beat_at;       /* when the session last showed that it lives */
    bool open;             /* a short transaction is, */
    int64_t opened_at;     /* since then */
    bool closed;           /* by its owner: in a transaction, whose end decides what becomes of the pins, or
                              while others had the lock or the disk was full */
    size_t pending;        /* bytes in the open one */
    unsigned char *buffer; /* of db->save_bytes, made when needed */
    struct vdb_save *next; /* of the handle's */
} vdb_save;

int vdb_save_open(varsdb *db, vdb_save **out);
/* The buffer for bytes that are pulled or collected. */
int vdb_save_buffer(vdb_save *s, unsigned char **out);
/* Before a tensor of so many bytes is pulled or compared: ends the short transaction, unless what is to be
 * done is little. */
int vdb_save_yield(vdb_save *s, uint64_t bytes);
/* Whole chunks of w's tensor (the last may be shorter), stored and pinned. */
int vdb_save_span(vdb_save *s, vdb_chunk_writer *w, const unsigned char *data, size_t bytes);
/* The same inside a write transaction of the caller's.  They are pinned there too: what else the
 * transaction does may take the last reference to a chunk that was found. */
int vdb_save_span_within(vdb_save *s, vdb_chunk_writer *w, const unsigned char *data, size_t bytes);
/* All of a tensor; finds out first whether an equal one is there. */
int vdb_save_tensor(vdb_save *s, vdb_tensor *t);
int vdb_save_flush(vdb_save *s);
/* Inside the last transaction, after all: what was pinned is referred to by now.  (If some is not, as the
 * first of two values for one variable, vdb_save_close deletes it.)  RETRY: the garbage collection of another
 * machine took the save for dead. */
int vdb_save_settle(vdb_save *s);
void vdb_save_close(vdb_save *s);
/* A transaction of the caller's ended, or another save or a garbage collection begins: closed saves go, as
 * far as the lock and the room are to be had. */
void vdb_save_after_transaction(varsdb *db);
/* The handle is about to be closed; what cannot be deleted now is left to the garbage collection. */
void vdb_saves_end(varsdb *db);

#endif
