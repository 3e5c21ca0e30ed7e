/* forest.c - see forest.h. */
#include "forest.h"

#include <stdlib.h>
#include <string.h>

#include "pick.h"

static forest_node *add(forest *f, const char *name)
{
    if (f->count == f->room) {
        size_t room = f->room ? f->room * 2 : 256;
        forest_node *bigger = realloc(f->nodes, room * sizeof *bigger);
        if (!bigger)
            return NULL;
        f->nodes = bigger;
        f->room = room;
    }
    forest_node *node = &f->nodes[f->count];
    *node = (forest_node){.name = strdup(name)};
    if (!node->name)
        return NULL;
    f->count++;
    return node;
}

static int add_scope(void *payload, const varsdb_scope_info *info)
{
    forest *f = payload;
    forest_node *node = add(f, info->name);
    f->failed = !node;
    if (!node)
        return 1;
    node->is_scope = true;
    node->variables = info->variables;
    node->elements = info->elements;
    node->bytes = info->bytes;
    return 0;
}

static int add_variable(void *payload, const varsdb_variable_info *info)
{
    forest *f = payload;
    forest_node *node = add(f, info->name);
    f->failed = !node || !(node->shape = strdup(info->shape_json));
    if (f->failed)
        return 1;
    node->dtype = info->dtype;
    node->variables = 1;
    node->elements = info->elements;
    node->bytes = info->bytes;
    f->variables++;
    f->elements += info->elements;
    f->bytes += info->bytes;
    return 0;
}

/* A snapshot has variables only: each adds itself to every scope that it is in. */
static int add_variable_and_scopes(void *payload, const varsdb_variable_info *info)
{
    forest *f = payload;
    for (const char *p = strchr(info->name, '/'); p; p = strchr(p + 1, '/')) {
        char *name = strndup(info->name, (size_t)(p - info->name));
        forest_node *node = name ? add(f, name) : NULL;
        free(name);
        f->failed = !node;
        if (!node)
            return 1;
        node->is_scope = true;
        node->variables = 1;
        node->elements = info->elements;
        node->bytes = info->bytes;
    }
    return add_variable(f, info);
}

/* By component: "/" comes before every other character.  A variable comes before the scope of
 * its name. */
static int compare(const void *left, const void *right)
{
    const forest_node *a = left, *b = right;
    const unsigned char *p = (const unsigned char *)a->name, *q = (const unsigned char *)b->name;
    while (*p && *p == *q) {
        p++;
        q++;
    }
    if (*p == *q)
        return a->is_scope - b->is_scope;
    if (!*p || !*q)
        return *p ? 1 : -1;
    return *p == '/' ? -1 : *q == '/' ? 1 : *p < *q ? -1 : 1;
}

/* Scopes that several variables added become one. */
static void merge_scopes(forest *f)
{
    size_t kept = 0;
    for (size_t i = 0; i < f->count; i++) {
        forest_node *node = &f->nodes[i], *last = kept ? &f->nodes[kept - 1] : NULL;
        if (last && last->is_scope && compare(last, node) == 0) {
            last->variables += node->variables;
            last->elements += node->elements;
            last->bytes += node->bytes;
            free(node->name);
        } else {
            f->nodes[kept++] = *node;
        }
    }
    f->count = kept;
}

static int count_slashes(const char *text)
{
    int n = 0;
    for (; *text; text++)
        n += *text == '/';
    return n;
}

/* Backwards, a node is the last of its siblings if none was met since the parent. */
static void mark_last(forest *f)
{
    bool met[PICK_NAME_MAX] = {false};
    int deepest = 0;
    for (size_t i = f->count; i-- > 0;) {
        forest_node *node = &f->nodes[i];
        for (int depth = node->depth + 1; depth <= deepest; depth++)
            met[depth] = false;
        node->is_last = !met[node->depth];
        met[node->depth] = true;
        deepest = node->depth;
    }
}

/* The scope itself heads the tree, and is no node of it. */
static void arrange(forest *f, const char *scope)
{
    int above = *scope ? count_slashes(scope) + 1 : 0;
    size_t kept = 0;
    for (size_t i = 0; i < f->count; i++) {
        forest_node *node = &f->nodes[i];
        node->depth = count_slashes(node->name) - above;
        if (node->depth >= 0 && node->depth < PICK_NAME_MAX)
            f->nodes[kept++] = *node;
        else {
            free(node->name);
            free(node->shape);
        }
    }
    f->count = kept;
    if (f->count)
        qsort(f->nodes, f->count, sizeof *f->nodes, compare);
    merge_scopes(f);
    mark_last(f);
}

static int list_present(cli *c, const char *below, forest *f)
{
    int rc = varsdb_list_scopes(c->db, below, add_scope, f);
    return rc == VARSDB_OK ? varsdb_list_variables(c->db, VARSDB_FILTER(.scope = below), add_variable, f)
                           : rc;
}

int forest_read(cli *c, const char *scope, int64_t snapshot, forest *out)
{
    forest f = {0};
    const char *below = *scope ? scope : NULL;
    int rc = snapshot ? varsdb_list_snapshot_variables(c->db, snapshot, VARSDB_FILTER(.scope = below),
                                                       add_variable_and_scopes, &f)
                      : list_present(c, below, &f);
    int status = CLI_DONE;
    if (f.failed)
        status = cli_fail_memory(c);
    else if (rc != VARSDB_OK)
        status = pick_fail_scope(c, scope);
    else if (snapshot && below && !f.variables)
        status = cli_fail(c, CLI_NO, "snapshot #%lld has no scope %s/", (long long)snapshot, scope);
    if (status != CLI_DONE) {
        forest_release(&f);
        return status;
    }
    arrange(&f, scope);
    *out = f;
    return CLI_DONE;
}

void forest_release(forest *f)
{
    for (size_t i = 0; i < f->count; i++) {
        free(f->nodes[i].name);
        free(f->nodes[i].shape);
    }
    free(f->nodes);
    *f = (forest){0};
}
