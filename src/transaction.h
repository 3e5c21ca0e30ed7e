/*
 * transaction.h - every public call is one transaction, or part of the caller's.
 *
 *     vdb_write w;
 *     int rc = vdb_write_begin(db, &w);
 *     if (rc == VARSDB_OK)
 *         rc = vdb_write_end(db, &w, change_things(db));
 *
 * vdb_write_end commits when it was given VARSDB_OK and the transaction is ours,
 * rolls back otherwise, and returns what the call is to return.
 */
#ifndef VDB_TRANSACTION_H
#define VDB_TRANSACTION_H

#include "internal.h"

typedef struct vdb_write {
    bool own;
    int64_t changes;
} vdb_write;

int vdb_write_begin(varsdb *db, vdb_write *w);
int vdb_write_end(varsdb *db, vdb_write *w, int rc);

/* One of many short transactions of a save (VDB_BEGIN_BULK), outside any other; it changes nothing that
 * a cache could hold. */
int vdb_bulk_begin(varsdb *db);
int vdb_bulk_end(varsdb *db, int rc);

/* The same for several reads that must see one picture. */
typedef struct vdb_read {
    bool own;
} vdb_read;

int vdb_read_begin(varsdb *db, vdb_read *r);
int vdb_read_end(varsdb *db, vdb_read *r, int rc);

/* A public call that reads and calls back: begins the call, and one picture, in which the
 * callback may read but not write.  vdb_list_end returns what the call is to return. */
int vdb_list_begin(varsdb *db, bool has_callback, vdb_read *r);
int vdb_list_end(varsdb *db, vdb_read *r, int rc);

/* Whether what a call does becomes part of a transaction of the caller's: of this handle's, or of the host's
 * whose connection it is on. */
bool vdb_transaction_is_callers(const varsdb *db);

/* Before anything cached is believed: did another process rename or delete? */
int vdb_transaction_refresh(varsdb *db);
/* Something cached elsewhere is about to become wrong: make others notice. */
int vdb_transaction_bump_names(varsdb *db);

#endif
