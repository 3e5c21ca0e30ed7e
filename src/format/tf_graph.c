/*
 * tf_graph.c - the names that variables had in TensorFlow 1's manner, which the graph of
 * objects in a checkpoint tells for keys such as "layer/kernel/.ATTRIBUTES/VARIABLE_VALUE".
 */
#ifndef VARSDB_OMIT_TENSORFLOW

#include <string.h>

#include "../mem.h"
#include "../name.h"
#include "tf_bundle.h"

#define GRAPH_KEY       "_CHECKPOINTABLE_OBJECT_GRAPH"
#define GRAPH_BYTES_MAX ((uint64_t)256 << 20)
#define LENGTH_BYTES    8u

enum {
    GRAPH_NODES = 1,
    NODE_ATTRIBUTES = 2,
    ATTRIBUTE_FULL_NAME = 2,
    ATTRIBUTE_KEY = 3
};

typedef struct naming {
    vdb_error *e;
    vdb_tf_bundle *b;
    size_t *places; /* by item: where its name is, 1 for the first byte; 0: it has none */
} naming;

static int read_attribute(naming *n, vdb_tf_message m)
{
    vdb_tf_field f;
    bool there = true;
    vdb_tf_message full = {0}, key = {0};
    int rc;
    while ((rc = vdb_tf_next_field(n->e, &m, &f, &there)) == VARSDB_OK && there) {
        if (f.number == ATTRIBUTE_FULL_NAME && f.wire == VDB_TF_BYTES)
            full = f.body;
        else if (f.number == ATTRIBUTE_KEY && f.wire == VDB_TF_BYTES)
            key = f.body;
    }
    size_t bytes = (size_t)(full.end - full.at);
    if (rc != VARSDB_OK || !bytes || !vdb_utf8_valid((const char *)full.at, bytes) || key.at == key.end)
        return rc;
    const vdb_tf_item *item = vdb_tf_find_item(n->b, key.at, (size_t)(key.end - key.at));
    if (!item)
        return VARSDB_OK;
    n->places[item - n->b->items] = n->b->full_names.size + 1;
    if (vdb_buf_append(&n->b->full_names, full.at, bytes) != VARSDB_OK ||
        vdb_buf_append(&n->b->full_names, "", 1) != VARSDB_OK)
        return vdb_fail_nomem(n->e);
    return VARSDB_OK;
}

/* Calls back for the bodies of a repeated field. */
static int each_body(naming *n, vdb_tf_message m, uint64_t number,
                     int (*callback)(naming *n, vdb_tf_message m))
{
    vdb_tf_field f;
    bool there = true;
    int rc;
    while ((rc = vdb_tf_next_field(n->e, &m, &f, &there)) == VARSDB_OK && there)
        if (f.number == number && f.wire == VDB_TF_BYTES && (rc = callback(n, f.body)) != VARSDB_OK)
            return rc;
    return rc;
}

static int read_node(naming *n, vdb_tf_message m)
{
    return each_body(n, m, NODE_ATTRIBUTES, read_attribute);
}

static int read_graph(naming *n, const vdb_input *in, const vdb_tf_item *item)
{
    const vdb_tensor_entry entry = {.offset = (uint64_t)(item - n->b->items)};
    if (item->bytes > GRAPH_BYTES_MAX)
        return vdb_fail(n->e, VARSDB_UNSUPPORTED, "it has %llu bytes, too many for a graph of objects",
                        (unsigned long long)item->bytes);
    unsigned char *text = vdb_malloc((size_t)item->bytes);
    if (!text)
        return vdb_fail_nomem(n->e);
    int rc = vdb_tf_read(n->e, n->b, in, &entry, 0, text, (size_t)item->bytes);
    if (rc == VARSDB_OK &&
        each_body(n, vdb_tf_message_of(text + LENGTH_BYTES, (size_t)item->bytes - LENGTH_BYTES), GRAPH_NODES,
                  read_node) != VARSDB_OK)
        rc = n->e->code == VARSDB_NOMEM ? VARSDB_NOMEM
                                        : vdb_fail(n->e, VARSDB_FORMAT, "it is no graph of objects");
    vdb_free(text);
    return rc;
}

int vdb_tf_name_fully(vdb_error *e, void *state, const vdb_input *in, vdb_tensor_list *list)
{
    naming n = {.e = e, .b = state};
    const vdb_tf_item *graph = vdb_tf_find_item(n.b, GRAPH_KEY, strlen(GRAPH_KEY));
    if (!graph || graph->dtype != VARSDB_STRING || graph->rank || n.b->full_names.size)
        return VARSDB_OK;
    n.places = vdb_calloc(n.b->count, sizeof *n.places);
    if (!n.places)
        return vdb_fail_nomem(e);
    int rc = read_graph(&n, in, graph);
    if (rc != VARSDB_OK && rc != VARSDB_NOMEM)
        vdb_fail_in(e, "tensor '" GRAPH_KEY "'");
    for (size_t i = 0; i < list->count && rc == VARSDB_OK; i++) {
        size_t place = n.places[list->tensors[i].offset];
        list->tensors[i].full_name = place ? n.b->full_names.data + place - 1 : NULL;
    }
    vdb_free(n.places);
    return rc;
}

#endif
