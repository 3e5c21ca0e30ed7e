/*
 * forest.h - the scopes and variables of a namespace in the order of a tree, for
 * printing: a scope, what is in it, the next.
 */
#ifndef CLI_FOREST_H
#define CLI_FOREST_H

#include "cli.h"

typedef struct forest_node {
    char *name;             /* full */
    bool is_scope, is_last; /* last among its siblings */
    int depth;              /* below the place where the tree begins */
    varsdb_dtype dtype;     /* of a variable */
    char *shape;            /* of a variable, as JSON */
    int64_t variables, elements, bytes;
} forest_node;

typedef struct forest {
    size_t count, room;
    forest_node *nodes;
    int64_t variables, elements, bytes; /* of all that is shown */
    bool failed;
} forest;

/* Reads scope ("" is everything) and what is below it; the scope itself is no node.  snapshot 0 is
 * the present. */
int forest_read(cli *c, const char *scope, int64_t snapshot, forest *out);
void forest_release(forest *f);

#endif
