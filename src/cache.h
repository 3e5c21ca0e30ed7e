/*
 * cache.h - the variables, scopes and collections that a handle has met.
 *
 * A variable's object is made once and lives until the handle is closed; it is
 * found by (namespace, full name) and by uid.  What is known of it holds for one
 * epoch of the handle (internal.h); after that it is read again before use.  An
 * object whose variable is gone is dead and never comes alive again.
 *
 * A transaction that is rolled back ends the epoch; objects created in it die,
 * objects deleted in it live on, renamed ones have their old names.
 */
#ifndef VDB_CACHE_H
#define VDB_CACHE_H

#include "table.h"
#include "varsdb.h"

/* Membership in the collections that have rules. */
enum vdb_member_bits {
    VDB_IN_GLOBAL = 1,
    VDB_IN_MODEL = 2,
    VDB_IN_TRAINABLE = 4,
    VDB_IN_LOCAL = 8
};

typedef enum vdb_object_state {
    VDB_OBJECT_ALIVE,
    VDB_OBJECT_DELETED, /* in the open transaction */
    VDB_OBJECT_DEAD
} vdb_object_state;

struct varsdb_variable {
    varsdb *db;
    int64_t id, uid, namespace_id;
    char *name; /* full */
    size_t name_bytes;
    uint64_t name_hash;
    char *name_before; /* the open transaction; NULL unless it renamed */
    varsdb_dtype dtype;
    varsdb_shape shape; /* dims behind the struct */
    int64_t elements;
    uint64_t epoch;   /* for which name, state and members hold */
    unsigned members; /* of vdb_member_bits */
    vdb_object_state state;
    bool created_here;             /* in the open transaction */
    varsdb_variable *next;         /* of all */
    varsdb_variable *next_touched; /* by the open transaction */
    bool touched;
    int64_t dims[];
};

/* A persistent scope, with the defaults that hold in it: its own or an ancestor's. */
typedef struct vdb_scope_node {
    int64_t namespace_id, id; /* id 0: there is no such row */
    char *path;
    size_t path_bytes;
    uint64_t hash, epoch;
    char *initializer, *regularizer, *partitioner; /* NULL where nobody set one */
    varsdb_dtype dtype;
    struct vdb_scope_node *next;
} vdb_scope_node;

/* A collection, and the position of its next member within the transaction `serial`. */
typedef struct vdb_collection {
    int64_t namespace_id, id;
    char *name;
    uint64_t hash, epoch, serial;
    int64_t position;
    struct vdb_collection *next;
} vdb_collection;

typedef struct vdb_cache {
    vdb_table by_name, by_uid, scopes, collections;
    varsdb_variable *all, *touched;
    vdb_scope_node *all_scopes;
    vdb_collection *all_collections;
} vdb_cache;

/* ---- variables */
uint64_t vdb_cache_hash(int64_t namespace_id, const char *name, size_t bytes);
/* The object of that name as last known, dead ones excepted; NULL. */
varsdb_variable *vdb_cache_find(const vdb_cache *c, int64_t namespace_id, const char *name, size_t bytes);
varsdb_variable *vdb_cache_find_uid(const vdb_cache *c, int64_t uid);
/* What a row says of a variable. */
typedef struct vdb_variable_facts {
    int64_t id, uid, namespace_id, elements;
    const char *name;
    size_t name_bytes;
    varsdb_dtype dtype;
    varsdb_shape shape;
    unsigned members;
} vdb_variable_facts;
/* The object of these facts, made if need be, renamed if it was; right for this epoch. */
int vdb_cache_learn(varsdb *db, const vdb_variable_facts *facts, varsdb_variable **out);
/* The variable is not there any more: found by another process's doing, or deleted by ours. */
void vdb_cache_kill(varsdb *db, varsdb_variable *v);
/* Its row is not there; in a transaction of a host's only for now. */
void vdb_cache_missing(varsdb *db, varsdb_variable *v);
void vdb_cache_deleted(varsdb *db, varsdb_variable *v);
void vdb_cache_created(varsdb *db, varsdb_variable *v);
void vdb_cache_committed(varsdb *db);
void vdb_cache_rolled_back(varsdb *db);
/* Some of what transactions did was undone by others, nobody knows which: all is read again. */
void vdb_cache_unsettled(varsdb *db);
void vdb_cache_release(vdb_cache *c);

/* ---- scopes and collections: found, or made empty with epoch 0; NULL is out of memory */
vdb_scope_node *vdb_cache_scope(vdb_cache *c, int64_t namespace_id, const char *path, size_t bytes);
vdb_collection *vdb_cache_collection(vdb_cache *c, int64_t namespace_id, const char *name);

#endif
