/* scope_counter.c - see scope_counter.h. */
#include "scope_counter.h"

#include <string.h>

#include "mem.h"
#include "varsdb.h"

struct vdb_scope_counter {
    char *name;
    size_t name_bytes;
    int64_t count;
    vdb_scope_counter *children, *next;
};

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
    for (vdb_scope_counter *c = n->children; c; c = c->next)
        if (c->name_bytes == bytes && memcmp(c->name, name, bytes) == 0)
            return c;
    return NULL;
}

/* The node of path; missing ones are made when `make`, else the result is NULL. */
static vdb_scope_counter *node_at(vdb_scope_counter *n, const char *path, size_t bytes, int make)
{
    while (bytes) {
        const char *slash = memchr(path, '/', bytes);
        size_t part = slash ? (size_t)(slash - path) : bytes;
        vdb_scope_counter *child = child_of(n, path, part);
        if (!child && make && (child = new_node(path, part)) != NULL) {
            child->next = n->children;
            n->children = child;
        }
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
    vdb_scope_counter *n = node_at(root, path, bytes, 1);
    if (!n)
        return VARSDB_NOMEM;
    n->count++;
    return VARSDB_OK;
}

int64_t vdb_scope_counter_get(const vdb_scope_counter *root, const char *path, size_t bytes)
{
    const vdb_scope_counter *n = node_at((vdb_scope_counter *)root, path, bytes, 0);
    return n ? n->count : 0;
}

void vdb_scope_counter_forget_below(vdb_scope_counter *root, const char *path, size_t bytes)
{
    vdb_scope_counter *n = node_at(root, path, bytes, 0);
    if (!n)
        return;
    free_list(n->children);
    n->children = NULL;
}

/* Depth is bounded by VDB_NAME_BYTES_MAX / 2 components, a few frames of stack each. */
vdb_scope_counter *vdb_scope_counter_copy(const vdb_scope_counter *n)
{
    vdb_scope_counter *copy = new_node(n->name, n->name_bytes);
    if (!copy)
        return NULL;
    copy->count = n->count;
    vdb_scope_counter **at = &copy->children;
    for (const vdb_scope_counter *c = n->children; c; c = c->next) {
        *at = vdb_scope_counter_copy(c);
        if (!*at) {
            free_list(copy);
            return NULL;
        }
        at = &(*at)->next;
    }
    return copy;
}
