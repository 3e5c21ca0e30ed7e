/*
 * differences.h - what differs between two pictures, as rows: in the order in which it
 * comes, or held back and sorted by how far it moved.
 */
#ifndef CLI_DIFFERENCES_H
#define CLI_DIFFERENCES_H

#include "cli.h"

#define DIFFERENCES_KINDS (VARSDB_VALUE_CHANGED + 1)

typedef enum differences_order {
    DIFFERENCES_BY_NAME, /* as they come */
    DIFFERENCES_BY_MAX_ABS,
    DIFFERENCES_BY_REL_L2
} differences_order;

typedef struct differences {
    differences_order order;
    out_rows rows;
    int64_t counts[DIFFERENCES_KINDS];
    varsdb_difference *held; /* copies, in any other order than by name */
    size_t held_count, held_room;
    bool failed; /* out of memory */
} differences;

extern const char *const differences_words[DIFFERENCES_KINDS];

void differences_begin(differences *d, cli *c, differences_order order);
/* A varsdb_difference_cb; payload is the differences. */
int differences_add(void *payload, const varsdb_difference *difference);
/* Prints what was held back, the farthest first, ends the rows and frees all. */
int differences_end(differences *d, cli *c, int code);

#endif
