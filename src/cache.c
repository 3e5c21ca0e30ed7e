/* cache.c - see cache.h. */
#include "cache.h"

#include <string.h>
#include <xxhash.h>

#include "internal.h"

typedef struct name_key {
    int64_t namespace_id;
    const char *name;
    size_t bytes;
} name_key;

uint64_t vdb_cache_hash(int64_t namespace_id, const char *name, size_t bytes)
{
    return XXH3_64bits_withSeed(name, bytes, (XXH64_hash_t)namespace_id);
}

static bool variable_has_name(const void *item, const void *key)
{
    const varsdb_variable *v = item;
    const name_key *k = key;
    return v->namespace_id == k->namespace_id && v->name_bytes == k->bytes &&
           memcmp(v->name, k->name, k->bytes) == 0;
}

static bool variable_has_uid(const void *item, const void *key)
{
    return ((const varsdb_variable *)item)->uid == *(const int64_t *)key;
}

varsdb_variable *vdb_cache_find(const vdb_cache *c, int64_t namespace_id, const char *name, size_t bytes)
{
    name_key key = {namespace_id, name, bytes};
    return vdb_table_find(&c->by_name, vdb_cache_hash(namespace_id, name, bytes), variable_has_name, &key);
}

varsdb_variable *vdb_cache_find_uid(const vdb_cache *c, int64_t uid)
{
    return vdb_table_find(&c->by_uid, (uint64_t)uid, variable_has_uid, &uid);
}

/* ---- objects */

static void touch(varsdb *db, varsdb_variable *v)
{
    if (v->touched)
        return;
    v->touched = true;
    v->next_touched = db->cache.touched;
    db->cache.touched = v;
}

static varsdb_variable *new_object(varsdb *db, const vdb_variable_facts *facts)
{
    size_t rank = (size_t)facts->shape.rank;
    varsdb_variable *v = vdb_calloc(1, sizeof *v + rank * sizeof(int64_t));
    if (!v)
        return NULL;
    v->db = db;
    v->id = facts->id;
    v->uid = facts->uid;
    v->namespace_id = facts->namespace_id;
    v->dtype = facts->dtype;
    v->elements = facts->elements;
    if (rank)
        memcpy(v->dims, facts->shape.dims, rank * sizeof(int64_t));
    v->shape = (varsdb_shape){facts->shape.rank, v->dims};
    return v;
}

/* Gives the object a name, which it owns from then on, and drops whatever object had it:
 * that one was renamed or deleted meanwhile, and will be found by its uid. */
static int take_name(varsdb *db, varsdb_variable *v, char *name, size_t bytes)
{
    vdb_cache *c = &db->cache;
    uint64_t hash = vdb_cache_hash(v->namespace_id, name, bytes);
    name_key key = {v->namespace_id, name, bytes};
    varsdb_variable *other = vdb_table_find(&c->by_name, hash, variable_has_name, &key);
    if (other)
        vdb_table_remove(&c->by_name, hash, other);
    if (v->name)
        vdb_table_remove(&c->by_name, v->name_hash, v);
    /* If this fails, the removals have only made later look-ups slower. */
    if (vdb_table_add(&c->by_name, hash, v) != VARSDB_OK)
        return VARSDB_NOMEM;
    v->name = name;
    v->name_bytes = bytes;
    v->name_hash = hash;
    return VARSDB_OK;
}

static int set_name(varsdb *db, varsdb_variable *v, const char *name, size_t bytes)
{
    char *old = v->name, *copy = vdb_strndup(name, bytes);
    if (!copy || take_name(db, v, copy, bytes) != VARSDB_OK) {
        vdb_free(copy);
        return VARSDB_NOMEM;
    }
    if (old && !v->name_before && db->engine->methods->state(db->engine) == VDB_TRANSACTION_WRITE) {
        v->name_before = old;
        touch(db, v);
    } else {
        vdb_free(old);
    }
    return VARSDB_OK;
}

/* The transaction that renamed it is over. */
static void settle_name(varsdb *db, varsdb_variable *v, bool committed)
{
    char *now = v->name, *before = v->name_before;
    v->name_before = NULL;
    if (committed || !before || v->state == VDB_OBJECT_DEAD ||
        take_name(db, v, before, strlen(before)) != VARSDB_OK)
        vdb_free(before);
    else
        vdb_free(now);
}

static int make_object(varsdb *db, const vdb_variable_facts *facts, varsdb_variable **out)
{
    varsdb_variable *v = new_object(db, facts);
    if (!v)
        return VARSDB_NOMEM;
    int rc = set_name(db, v, facts->name, facts->name_bytes);
    if (rc == VARSDB_OK) {
        rc = vdb_table_add(&db->cache.by_uid, (uint64_t)v->uid, v);
        if (rc != VARSDB_OK)
            vdb_table_remove(&db->cache.by_name, v->name_hash, v);
    }
    if (rc != VARSDB_OK) {
        vdb_free(v->name);
        vdb_free(v);
        return rc;
    }
    v->next = db->cache.all;
    db->cache.all = v;
    *out = v;
    return VARSDB_OK;
}

static bool is_indexed_by_name(const varsdb *db, const varsdb_variable *v)
{
    return vdb_cache_find(&db->cache, v->namespace_id, v->name, v->name_bytes) == v;
}

int vdb_cache_learn(varsdb *db, const vdb_variable_facts *facts, varsdb_variable **out)
{
    varsdb_variable *v = vdb_cache_find_uid(&db->cache, facts->uid);
    int rc = VARSDB_OK;
    if (!v)
        rc = make_object(db, facts, &v);
    else if (v->name_bytes != facts->name_bytes || memcmp(v->name, facts->name, v->name_bytes) != 0)
        rc = set_name(db, v, facts->name, facts->name_bytes);
    else if (!is_indexed_by_name(db, v))
        rc = take_name(db, v, v->name, v->name_bytes);
    if (rc != VARSDB_OK)
        return vdb_fail_nomem(&db->error);
    v->members = facts->members;
    v->epoch = db->epoch;
    *out = v;
    return VARSDB_OK;
}

void vdb_cache_kill(varsdb *db, varsdb_variable *v)
{
    vdb_table_remove(&db->cache.by_name, v->name_hash, v);
    vdb_table_remove(&db->cache.by_uid, (uint64_t)v->uid, v);
    v->state = VDB_OBJECT_DEAD;
}

void vdb_cache_deleted(varsdb *db, varsdb_variable *v)
{
    vdb_table_remove(&db->cache.by_name, v->name_hash, v);
    v->state = VDB_OBJECT_DELETED;
    touch(db, v);
}

void vdb_cache_missing(varsdb *db, varsdb_variable *v)
{
    const vdb_engine_methods *engine = db->engine->methods;
    bool hosted = engine->within != NULL;
    if (hosted && (engine->within(db->engine) || engine->state(db->engine) != VDB_TRANSACTION_NONE))
        vdb_cache_deleted(db, v); /* the host may roll back who deleted it */
    else
        vdb_cache_kill(db, v);
}

void vdb_cache_created(varsdb *db, varsdb_variable *v)
{
    v->created_here = true;
    touch(db, v);
}

static void end_transaction(varsdb *db, bool committed)
{
    varsdb_variable *next;
    for (varsdb_variable *v = db->cache.touched; v; v = next) {
        next = v->next_touched;
        settle_name(db, v, committed);
        if (v->state != VDB_OBJECT_DEAD && (committed ? v->state == VDB_OBJECT_DELETED : v->created_here))
            vdb_cache_kill(db, v);
        else if (v->state == VDB_OBJECT_DELETED)
            v->state = VDB_OBJECT_ALIVE;
        v->created_here = v->touched = false;
        v->next_touched = NULL;
    }
    db->cache.touched = NULL;
}

void vdb_cache_committed(varsdb *db)
{
    end_transaction(db, true);
}

void vdb_cache_rolled_back(varsdb *db)
{
    end_transaction(db, false);
    db->epoch++;
}

void vdb_cache_unsettled(varsdb *db)
{
    varsdb_variable *next;
    for (varsdb_variable *v = db->cache.touched; v; v = next) {
        next = v->next_touched;
        vdb_free(v->name_before);
        v->name_before = NULL;
        if (v->state == VDB_OBJECT_DELETED)
            v->state = VDB_OBJECT_ALIVE;
        v->created_here = v->touched = false;
        v->next_touched = NULL;
    }
    db->cache.touched = NULL;
    db->epoch++;
}

/* ---- scopes and collections */

static bool scope_has_path(const void *item, const void *key)
{
    const vdb_scope_node *n = item;
    const name_key *k = key;
    return n->namespace_id == k->namespace_id && n->path_bytes == k->bytes &&
           memcmp(n->path, k->name, k->bytes) == 0;
}

vdb_scope_node *vdb_cache_scope(vdb_cache *c, int64_t namespace_id, const char *path, size_t bytes)
{
    uint64_t hash = vdb_cache_hash(namespace_id, path, bytes);
    name_key key = {namespace_id, path, bytes};
    vdb_scope_node *n = vdb_table_find(&c->scopes, hash, scope_has_path, &key);
    if (n)
        return n;
    n = vdb_calloc(1, sizeof *n);
    if (n)
        n->path = vdb_strndup(path, bytes);
    if (!n || !n->path || vdb_table_add(&c->scopes, hash, n) != VARSDB_OK) {
        if (n)
            vdb_free(n->path);
        vdb_free(n);
        return NULL;
    }
    n->namespace_id = namespace_id;
    n->path_bytes = bytes;
    n->hash = hash;
    n->next = c->all_scopes;
    c->all_scopes = n;
    return n;
}

static bool collection_has_name(const void *item, const void *key)
{
    const vdb_collection *n = item;
    const name_key *k = key;
    return n->namespace_id == k->namespace_id && strcmp(n->name, k->name) == 0;
}

vdb_collection *vdb_cache_collection(vdb_cache *c, int64_t namespace_id, const char *name)
{
    size_t bytes = strlen(name);
    uint64_t hash = vdb_cache_hash(namespace_id, name, bytes);
    name_key key = {namespace_id, name, bytes};
    vdb_collection *n = vdb_table_find(&c->collections, hash, collection_has_name, &key);
    if (n)
        return n;
    n = vdb_calloc(1, sizeof *n);
    if (n)
        n->name = vdb_strdup(name);
    if (!n || !n->name || vdb_table_add(&c->collections, hash, n) != VARSDB_OK) {
        if (n)
            vdb_free(n->name);
        vdb_free(n);
        return NULL;
    }
    n->namespace_id = namespace_id;
    n->hash = hash;
    n->next = c->all_collections;
    c->all_collections = n;
    return n;
}

/* ---- the end */

static void release_scopes(vdb_scope_node *node)
{
    for (vdb_scope_node *next; node; node = next) {
        next = node->next;
        vdb_free(node->path);
        vdb_free(node->initializer);
        vdb_free(node->regularizer);
        vdb_free(node->partitioner);
        vdb_free(node);
    }
}

void vdb_cache_release(vdb_cache *c)
{
    for (varsdb_variable *v = c->all, *next; v; v = next) {
        next = v->next;
        vdb_free(v->name);
        vdb_free(v->name_before);
        vdb_free(v);
    }
    release_scopes(c->all_scopes);
    for (vdb_collection *n = c->all_collections, *next; n; n = next) {
        next = n->next;
        vdb_free(n->name);
        vdb_free(n);
    }
    vdb_table_release(&c->by_name);
    vdb_table_release(&c->by_uid);
    vdb_table_release(&c->scopes);
    vdb_table_release(&c->collections);
    *c = (vdb_cache){0};
}
