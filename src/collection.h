/*
 * collection.h - collections as rows: sets of variables with insertion order.
 */
#ifndef VDB_COLLECTION_H
#define VDB_COLLECTION_H

#include "internal.h"

/* A membership about to be written.  Its digest is part of the variable's row. */
typedef struct vdb_member {
    vdb_collection *collection;
    int64_t position, digest;
} vdb_member;

/* "GLOBAL" and its like as TensorFlow's names; other names as they are. */
const char *vdb_collection_name(const char *name);
int vdb_collection_check_name(vdb_error *e, const char *name);
/* The bit of a collection with rules, or 0. */
unsigned vdb_collection_bit(const char *name);

/* Who is in a collection of the namespace in use, in insertion order. */
typedef struct vdb_members {
    struct {
        int64_t id, uid;
    } * member;
    size_t count;
} vdb_members;
int vdb_members_load(varsdb *db, const char *name, vdb_members *out);
void vdb_members_release(vdb_members *members);

/* Inside a write transaction: the next place in the collection, which is made if need be. */
int vdb_collection_reserve(varsdb *db, const char *name, int64_t variable_id, vdb_member *out);
int vdb_collection_insert(varsdb *db, const vdb_member *member, int64_t variable_id);

/* Inside a write transaction: adds the variable where it is not yet, with GLOBAL beside
 * MODEL, and updates its row. */
int vdb_collection_add(varsdb *db, varsdb_variable *v, const char *name);
/* Whether it is a member; asks the registry unless the collection has a bit. */
int vdb_collection_has(varsdb *db, const varsdb_variable *v, const char *name, bool *out);

#endif
