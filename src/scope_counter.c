/* scope_counter.c - see scope_counter.h. */
#include "scope_counter.h"

#include <string.h>
#include <xxhash.h>

#include "buf.h"
#include "mem.h"
#include "name.h"
#include "table.h"
#include "varsdb.h"

struct vdb_scope_counter {
    char *name;
    size_t name_bytes;
    int64_t count;
    int64_t suffix;    /* name_1 to name_(suffix - 1) are counted */
    vdb_table by_name; /* of the children */
    vdb_scope_counter *children, *next;
};

typedef struct text_key {
    const char *text;
    size_t bytes;
} text_key;

static bool has_name(const void *item, const void *key)
{
    const vdb_scope_counter *n = item;
    const text_key *k = key;
    return n->name_bytes == k->bytes && memcmp(n->name, k->text, k->bytes) == 0;
}

static vdb_scope_counter *new_node(const char *name, size_t bytes)
{
    vdb_scope_counter *n = vdb_calloc(1, sizeof *n);
    if (!n)
        return NULL;
    n->name = vdb_strndup(name, bytes);
    if (!n->name) {
        vdb_free(n);
        return NULL;
    }
    n->name_bytes = bytes;
    n->suffix = 1;
    return n;
}

vdb_scope_counter *vdb_scope_counter_new(void)
{
    return new_node("", 0);
}

/* Paths may be as deep as a name is long, so the tree is taken down without recursion:
 * children are moved in front of what is still to be freed. */
static void free_list(vdb_scope_counter *list)
{
    while (list) {
        vdb_scope_counter *n = list;
        list = n->next;
        while (n->children) {
            vdb_scope_counter *child = n->children;
            n->children = child->next;
            child->next = list;
            list = child;
        }
        vdb_table_release(&n->by_name);
        vdb_free(n->name);
        vdb_free(n);
    }
}

void vdb_scope_counter_free(vdb_scope_counter *root)
{
    free_list(root);
}

static vdb_scope_counter *child_of(const vdb_scope_counter *n, const char *name, size_t bytes)
{
    text_key key = {name, bytes};
    return vdb_table_find(&n->by_name, XXH3_64bits(name, bytes), has_name, &key);
}

/* The parent's child from here on; false, and freed, when memory is out. */
static bool adopt(vdb_scope_counter *parent, vdb_scope_counter *child)
{
    if (vdb_table_add(&parent->by_name, XXH3_64bits(child->name, child->name_bytes), child) != VARSDB_OK) {
        free_list(child);
        return false;
    }
    child->next = parent->children;
    parent->children = child;
    return true;
}

/* The node of path; missing ones are made when `make`, else the result is NULL. */
static vdb_scope_counter *node_at(vdb_scope_counter *n, const char *path, size_t bytes, bool make)
{
    while (bytes) {
        const char *slash = memchr(path, '/', bytes);
        size_t part = slash ? (size_t)(slash - path) : bytes;
        vdb_scope_counter *child = child_of(n, path, part);
        if (!child && make && (child = new_node(path, part)) != NULL && !adopt(n, child))
            child = NULL;
        if (!child)
            return NULL;
        n = child;
        size_t skip = part + (slash ? 1 : 0);
        path += skip;
        bytes -= skip;
    }
    return n;
}

int vdb_scope_counter_add(vdb_scope_counter *root, const char *path, size_t bytes)
{
    vdb_scope_counter *n = node_at(root, path, bytes, true);
    if (!n)
        return VARSDB_NOMEM;
    n->count++;
    return VARSDB_OK;
}

int64_t vdb_scope_counter_get(const vdb_scope_counter *root, const char *path, size_t bytes)
{
    const vdb_scope_counter *n = node_at((vdb_scope_counter *)root, path, bytes, false);
    return n ? n->count : 0;
}

int vdb_scope_counter_free_suffix(vdb_scope_counter *root, const char *path, size_t bytes, int64_t *out)
{
    vdb_scope_counter *base = node_at(root, path, bytes, false);
    if (!base || base->count == 0) {
        *out = 0;
        return VARSDB_OK;
    }
    const vdb_scope_counter *parent = node_at(root, path, vdb_name_scope_bytes(path, bytes), false);
    vdb_buf name = {0};
    int64_t k = base->suffix;
    int rc = VARSDB_OK;
    for (;; k++) {
        vdb_buf_reset(&name);
        rc = vdb_buf_printf(&name, "%s_%lld", base->name, (long long)k);
        const vdb_scope_counter *taken = rc == VARSDB_OK ? child_of(parent, name.data, name.size) : NULL;
        if (!taken || taken->count == 0)
            break;
    }
    vdb_buf_release(&name);
    if (rc != VARSDB_OK)
        return rc;
    base->suffix = k;
    *out = k;
    return VARSDB_OK;
}

void vdb_scope_counter_forget_below(vdb_scope_counter *root, const char *path, size_t bytes)
{
    vdb_scope_counter *n = node_at(root, path, bytes, false);
    if (!n)
        return;
    free_list(n->children);
    n->children = NULL;
    vdb_table_release(&n->by_name);
}

/* Depth is bounded by half of a name's bytes, a few words of stack each. */
vdb_scope_counter *vdb_scope_counter_copy(const vdb_scope_counter *n)
{
    vdb_scope_counter *copy = new_node(n->name, n->name_bytes);
    if (!copy)
        return NULL;
    copy->count = n->count;
    copy->suffix = n->suffix;
    for (const vdb_scope_counter *c = n->children; c; c = c->next) {
        vdb_scope_counter *child = vdb_scope_counter_copy(c);
        if (!child || !adopt(copy, child)) {
            free_list(copy);
            return NULL;
        }
    }
    return copy;
}
