/*
 * restore_plan.h - what a restore would do to which name, decided before anything is written.
 */
#ifndef VDB_RESTORE_PLAN_H
#define VDB_RESTORE_PLAN_H

#include "snapshot.h"
#include "variable.h"

/* One name.  Of RESTORE_MISSING and RESTORE_UNTOUCHED only outcome and name count. */
typedef struct vdb_restore_item {
    varsdb_restore_outcome outcome;
    char *name;                /* in the registry */
    char *source;              /* in the snapshot; NULL: it has none */
    varsdb_variable *variable; /* NULL: to be made, or extra */
    bool renamed;              /* by an expression of the caller's */
    int64_t state_id, variable_id, variable_uid;
    varsdb_dtype dtype;
    char *shape; /* JSON */
    char *partitioner;
    int64_t elements, bytes, tensor_id; /* 0: it had no value */
} vdb_restore_item;

typedef struct vdb_restore_plan {
    varsdb *db;
    const varsdb_restore_options *options;
    char label[VDB_SNAPSHOT_LABEL_BYTES]; /* the snapshot's, for messages */
    vdb_restore_item *items;              /* what the snapshot has by name, then the registry's rest */
    size_t count, room;
    size_t chosen; /* so many of them come from the snapshot */
    size_t counts[VARSDB_RESTORE_UNTOUCHED + 1];
    vdb_buf names;      /* of the snapshot: char * in order, owned */
    vdb_buf identities; /* of the snapshot's variables, and their names in it, by uid */
} vdb_restore_plan;

/* Inside a transaction.  INVALID: an expression, a name that comes of one, two sources for one name.
 * EXISTS: a variable that is to be made again is in the way of another.  To be released after a failure
 * too. */
int vdb_restore_plan_make(varsdb *db, int64_t snapshot, const varsdb_restore_options *options,
                          vdb_restore_plan *out);
void vdb_restore_plan_release(vdb_restore_plan *plan);

/* restore_name.c: the names that a recorded one is restored to, and what may be made under them. */
typedef struct vdb_restore_names vdb_restore_names;
int vdb_restore_names_new(varsdb *db, const varsdb_restore_options *options, vdb_restore_names **out);
void vdb_restore_names_free(vdb_restore_names *names);
typedef int (*vdb_restore_name_cb)(void *payload, const char *name, size_t bytes, bool renamed);
int vdb_restore_names_each(vdb_restore_names *names, const char *source, vdb_restore_name_cb callback,
                           void *payload);
/* VARSDB_EXISTS: an item that is to be made again takes the name of a part, or a part of it takes its. */
int vdb_restore_check_parts(const vdb_restore_plan *plan);

/* restore_write.c, inside a write transaction: what the plan says of one item. */
int vdb_restore_write(varsdb *db, const vdb_restore_item *item, const char *site);

#endif
